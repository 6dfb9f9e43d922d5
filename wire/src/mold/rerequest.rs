//! The re-request server: gives again, to the one who asks, what was published to all.
//!
//! The protocol has no way to say no. Who asks for what is not there gets no answer, and its owner a [`Refused`] to
//! count.

use super::packet::{self, Malformed, Request};
use crate::{
    limits::{MOLD_PACKET_BYTES_MAX, MOLD_REQUEST_MESSAGES_MAX},
    sequenced::{Messages, SessionName},
};

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no request.
    #[error("no request: {0}")]
    Malformed(#[from] Malformed),
    /// It is about another session.
    #[error("a request for session {0}, which is not this one")]
    OtherSession(SessionName),
    /// It begins with a message that there is not yet.
    #[error("a request for message {number}, but the next one is {next}")]
    NotYet {
        /// The first one wanted.
        number: u64,
        /// The next that there will be.
        next: u64,
    },
    /// It begins with a message that has been forgotten.
    #[error("a request for message {number}, but {first} is the oldest that is kept")]
    Forgotten {
        /// The first one wanted.
        number: u64,
        /// The oldest one kept.
        first: u64,
    },
}

/// What is still to be sent to one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    session: SessionName,
    next: u64,
    end: u64,
}

impl Answer {
    /// The answer to a datagram: at most [`MOLD_REQUEST_MESSAGES_MAX`] messages of those it asks for. Who wants more
    /// asks again.
    ///
    /// # Errors
    /// Why there is none.
    pub fn to(datagram: &[u8], messages: &impl Messages) -> Result<Answer, Refused> {
        let Request { session, number, count } = packet::request(datagram)?;
        if session != messages.session() {
            return Err(Refused::OtherSession(session));
        }
        let (first, next) = (messages.first(), messages.next());
        if number >= next {
            return Err(Refused::NotYet { number, next });
        }
        if number < first {
            return Err(Refused::Forgotten { number, first });
        }
        let end = next.min(number + u64::from(count.min(MOLD_REQUEST_MESSAGES_MAX)));
        Ok(Answer { session, next: number, end })
    }

    /// Makes `packet` the next packet of the answer, of at most `bytes_max` bytes. Gives whether there is one: there is
    /// not when all has been sent, or cannot be any more.
    pub fn poll(&mut self, messages: &impl Messages, bytes_max: usize, packet: &mut Vec<u8>) -> bool {
        if self.next >= self.end || messages.session() != self.session {
            return false;
        }
        let bytes_max = bytes_max.min(MOLD_PACKET_BYTES_MAX);
        let count = packet::pack(messages, self.next, self.end, bytes_max, packet);
        self.next += u64::from(count);
        count > 0
    }
}
