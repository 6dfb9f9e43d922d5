//! Packets, one to a datagram. All numbers are big-endian.
//!
//! | packet | session | sequence number | message count | then |
//! | --- | --- | --- | --- | --- |
//! | downstream | 10 | 8: of the first message | 2: 1 to 65534 | for each message its length (2) and its bytes |
//! | heartbeat | 10 | 8: of the next message | 2: 0 | |
//! | end of session | 10 | 8: one more than the last | 2: 65535 | |
//! | request | 10 | 8: of the first message wanted | 2: how many | |

use crate::{
    limits::MOLD_PACKET_BYTES_MAX,
    sequenced::{Messages, SessionName},
};

/// Bytes before the messages.
pub const HEADER_BYTES: usize = 20;
/// Bytes before each message.
pub const BLOCK_BYTES: usize = 2;
/// The message count that means the end of the session.
const END_OF_SESSION: u16 = 0xffff;

/// What a datagram does wrong that is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No room for a header.
    #[error("{0} bytes, which a packet's header does not fit")]
    Short(usize),
    /// Longer than [`MOLD_PACKET_BYTES_MAX`].
    #[error("{0} bytes, longer than a packet may be")]
    TooLong(usize),
    /// A session that is no name.
    #[error("the session is no name of one")]
    Session,
    /// Numbers begin with 1 and end before 2^64.
    #[error("the sequence number is 0, or leads beyond 2^64")]
    Number,
    /// Fewer messages than the count says.
    #[error("message {0} of the packet does not end within it")]
    Cut(u16),
    /// More bytes than the messages have.
    #[error("{0} bytes behind the last message")]
    Trailing(usize),
    /// A request for nothing.
    #[error("a request for no message")]
    NoCount,
}

/// A packet from a publisher or a re-request server. It borrows the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Downstream<'d> {
    /// Which session it is about.
    pub session: SessionName,
    /// The number of its first message; of the next one, or the one that will never be, if it has none.
    pub number: u64,
    /// What it says.
    pub body: Body<'d>,
}

/// What a downstream packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'d> {
    /// Nothing new: the publisher is alive.
    Heartbeat,
    /// There will be no more messages.
    EndOfSession,
    /// Messages.
    Messages(Blocks<'d>),
}

/// Messages of a packet, each behind its length; all of them are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks<'d> {
    bytes: &'d [u8],
    count: u16,
}

impl<'d> Blocks<'d> {
    /// `count` messages in `bytes`, and nothing else.
    fn new(bytes: &'d [u8], count: u16) -> Result<Blocks<'d>, Malformed> {
        let mut rest = bytes;
        for i in 0..count {
            (_, rest) = split(rest).ok_or(Malformed::Cut(i))?;
        }
        if rest.is_empty() { Ok(Blocks { bytes, count }) } else { Err(Malformed::Trailing(rest.len())) }
    }

    /// How many there are, at least one.
    #[must_use]
    pub const fn number_of_messages(&self) -> u16 {
        self.count
    }

    /// The messages.
    pub fn messages(&self) -> impl Iterator<Item = &'d [u8]> + use<'d> {
        messages_of(self.bytes)
    }

    /// The bytes that [`messages_of`] makes them of.
    pub(super) const fn bytes(&self) -> &'d [u8] {
        self.bytes
    }
}

/// Each message of `bytes`, as far as they are whole.
pub(super) fn messages_of(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (message, rest) = split(bytes)?;
        bytes = rest;
        Some(message)
    })
}

/// The first message and what is behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(len).into())
}

/// Reads a packet that comes from a publisher or a re-request server.
///
/// # Errors
/// What is wrong with it.
pub fn downstream(datagram: &[u8]) -> Result<Downstream<'_>, Malformed> {
    if datagram.len() > MOLD_PACKET_BYTES_MAX {
        return Err(Malformed::TooLong(datagram.len()));
    }
    let (session, number, count, rest) = header(datagram)?;
    let (messages, body) = match count {
        0 | END_OF_SESSION => (0, if count == 0 { Body::Heartbeat } else { Body::EndOfSession }),
        count => (count, Body::Messages(Blocks::new(rest, count)?)),
    };
    if messages == 0 && !rest.is_empty() {
        return Err(Malformed::Trailing(rest.len()));
    }
    number.checked_add(messages.into()).ok_or(Malformed::Number)?;
    Ok(Downstream { session, number, body })
}

/// A receiver's request for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Of which session.
    pub session: SessionName,
    /// The number of the first one.
    pub number: u64,
    /// How many, at least 1.
    pub count: u16,
}

/// Reads a request packet.
///
/// # Errors
/// What is wrong with it.
pub fn request(datagram: &[u8]) -> Result<Request, Malformed> {
    let (session, number, count, rest) = header(datagram)?;
    if !rest.is_empty() {
        return Err(Malformed::Trailing(rest.len()));
    }
    if count == 0 {
        return Err(Malformed::NoCount);
    }
    number.checked_add(count.into()).ok_or(Malformed::Number)?;
    Ok(Request { session, number, count })
}

fn header(datagram: &[u8]) -> Result<(SessionName, u64, u16, &[u8]), Malformed> {
    let short = Malformed::Short(datagram.len());
    let (&session, rest) = datagram.split_first_chunk().ok_or(short)?;
    let (&number, rest) = rest.split_first_chunk().ok_or(short)?;
    let (&count, rest) = rest.split_first_chunk().ok_or(short)?;
    let session = SessionName::from_bytes(session).ok_or(Malformed::Session)?;
    let number = Some(u64::from_be_bytes(number)).filter(|&number| number > 0).ok_or(Malformed::Number)?;
    Ok((session, number, u16::from_be_bytes(count), rest))
}

/// Makes `packet` a request packet.
pub fn write_request(request: &Request, packet: &mut Vec<u8>) {
    write_header(request.session, request.number, request.count, packet);
}

/// Makes `packet` a heartbeat: `number` is that of the next message.
pub fn write_heartbeat(session: SessionName, number: u64, packet: &mut Vec<u8>) {
    write_header(session, number, 0, packet);
}

/// Makes `packet` an end of session: `number` is one more than the last message's.
pub fn write_end_of_session(session: SessionName, number: u64, packet: &mut Vec<u8>) {
    write_header(session, number, END_OF_SESSION, packet);
}

/// Makes `packet` a downstream packet of as many messages as fit `bytes_max`, from `number` on and before `end`. Gives
/// how many those are: none if the first does not fit, or is not there.
pub(super) fn pack(
    messages: &impl Messages,
    number: u64,
    end: u64,
    bytes_max: usize,
    packet: &mut Vec<u8>,
) -> u16 {
    write_header(messages.session(), number, 0, packet);
    let mut count = 0;
    for number in number..end {
        let Some(message) = messages.get(number) else { break };
        let Ok(len) = u16::try_from(message.len()) else { break };
        if packet.len() + BLOCK_BYTES + message.len() > bytes_max || count == END_OF_SESSION - 1 {
            break;
        }
        packet.extend_from_slice(&len.to_be_bytes());
        packet.extend_from_slice(message);
        count += 1;
    }
    packet[HEADER_BYTES - 2..HEADER_BYTES].copy_from_slice(&count.to_be_bytes());
    count
}

fn write_header(session: SessionName, number: u64, count: u16, packet: &mut Vec<u8>) {
    packet.clear();
    packet.extend_from_slice(session.bytes());
    packet.extend_from_slice(&number.to_be_bytes());
    packet.extend_from_slice(&count.to_be_bytes());
}
