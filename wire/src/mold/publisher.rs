//! Makes downstream packets of a session's messages. Nothing waits for company: a packet holds the messages that are
//! there when it is made, as many as fit.

use super::packet;
use crate::{
    limits::MOLD_PACKET_BYTES_MAX,
    sequenced::{Messages, SessionName},
    types::Nanos,
};

/// How to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Bytes of a packet, at most [`MOLD_PACKET_BYTES_MAX`].
    pub packet_bytes_max: usize,
    /// Having sent nothing for so long, a publisher sends a heartbeat; nanoseconds, above zero.
    pub heartbeat_ns: u64,
    /// How many times the end of the session is told, one heartbeat apart: while it lasts, receivers can still ask for
    /// what they miss.
    pub ends: u32,
}

impl Default for Config {
    /// A heartbeat every second, as the specification has it, and half a minute of goodbyes.
    fn default() -> Config {
        Config { packet_bytes_max: MOLD_PACKET_BYTES_MAX, heartbeat_ns: 1_000_000_000, ends: 30 }
    }
}

/// A message that no packet can carry. The publisher stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("message {number} does not fit a packet of {packet_bytes_max} bytes")]
pub struct TooLong {
    /// Which one.
    pub number: u64,
    /// What it would have to fit, with its header.
    pub packet_bytes_max: usize,
}

/// One stream of packets. Both lines carry the same ones.
#[derive(Clone, Debug)]
pub struct Publisher {
    config: Config,
    session: SessionName,
    next: u64,
    sent: Nanos,
    ends_left: u32,
    skipped: u64,
}

impl Publisher {
    /// A publisher that goes on with message `next` of `session`: 1 if nothing has been published yet.
    #[must_use]
    pub fn new(config: Config, session: SessionName, next: u64, now: Nanos) -> Publisher {
        let packet_bytes_max = config.packet_bytes_max.min(MOLD_PACKET_BYTES_MAX);
        let config = Config { packet_bytes_max, ..config };
        Publisher { config, session, next, sent: now, ends_left: config.ends, skipped: 0 }
    }

    /// Makes `packet` the next one to be sent, if there is one, and says whether there is. To be called until there is
    /// none: when messages have been added, and when [`Publisher::deadline`] has come.
    ///
    /// When `messages` have gone on to another session, so does the publisher, from its first message.
    ///
    /// # Errors
    /// [`TooLong`] if the next message can never be sent.
    pub fn poll(
        &mut self,
        now: Nanos,
        messages: &impl Messages,
        packet: &mut Vec<u8>,
    ) -> Result<bool, TooLong> {
        if messages.session() != self.session {
            let (session, next) = (messages.session(), messages.first());
            *self = Publisher { session, next, ends_left: self.config.ends, ..self.clone() };
        }
        // What has been forgotten cannot be sent: receivers see the gap.
        let first = messages.first().max(self.next);
        self.skipped += first - self.next;
        self.next = first;
        if self.next < messages.next() {
            self.ends_left = self.config.ends;
            let packet_bytes_max = self.config.packet_bytes_max;
            let count = packet::pack(messages, self.next, messages.next(), packet_bytes_max, packet);
            if count == 0 {
                return Err(TooLong { number: self.next, packet_bytes_max });
            }
            self.next += u64::from(count);
        } else if messages.ended() {
            let first_end = self.ends_left == self.config.ends;
            if self.ends_left == 0 || !first_end && now < self.deadline() {
                return Ok(false);
            }
            self.ends_left -= 1;
            packet::write_end_of_session(self.session, self.next, packet);
        } else if now >= self.deadline() {
            packet::write_heartbeat(self.session, self.next, packet);
        } else {
            return Ok(false);
        }
        self.sent = now;
        Ok(true)
    }

    /// When [`Publisher::poll`] wants to be called at the latest, even if no message has been added.
    #[must_use]
    pub const fn deadline(&self) -> Nanos {
        if self.ends_left == 0 { Nanos(u64::MAX) } else { self.sent.after(self.config.heartbeat_ns) }
    }

    /// The number of the next message to be published.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Messages that were forgotten before they were published.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}
