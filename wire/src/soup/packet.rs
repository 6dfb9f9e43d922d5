//! Packets: two bytes of length, one of type, and what the type says.
//!
//! | type | from | payload |
//! | --- | --- | --- |
//! | `+` debug | both | text |
//! | `A` login accepted | server | session 10, number of the next message 20 |
//! | `J` login rejected | server | reason 1: `A` not authorised, `S` session not available |
//! | `S` sequenced data | server | a message; its number is one more than that of the one before |
//! | `U` unsequenced data | both | a message |
//! | `H` heartbeat | server | |
//! | `Z` end of session | server | |
//! | `L` login request | client | user 6, password 10, session 10, number 20 |
//! | `R` heartbeat | client | |
//! | `O` logout request | client | |
//!
//! The length is big-endian and counts the type. Users and passwords have spaces behind them, sessions and numbers
//! before them.

use crate::{limits::SOUP_MESSAGE_BYTES_MAX, sequenced::SessionName};

/// Types of packets.
pub mod kind {
    /// Debug: text for people.
    pub const DEBUG: u8 = b'+';
    /// Login Accepted.
    pub const LOGIN_ACCEPTED: u8 = b'A';
    /// Login Rejected.
    pub const LOGIN_REJECTED: u8 = b'J';
    /// Sequenced Data.
    pub const SEQUENCED: u8 = b'S';
    /// Unsequenced Data.
    pub const UNSEQUENCED: u8 = b'U';
    /// Server Heartbeat.
    pub const SERVER_HEARTBEAT: u8 = b'H';
    /// End of Session.
    pub const END_OF_SESSION: u8 = b'Z';
    /// Login Request.
    pub const LOGIN_REQUEST: u8 = b'L';
    /// Client Heartbeat.
    pub const CLIENT_HEARTBEAT: u8 = b'R';
    /// Logout Request.
    pub const LOGOUT_REQUEST: u8 = b'O';
}

/// Bytes before a packet's payload.
pub const HEADER_BYTES: usize = 3;
/// Bytes a user's name may have.
pub const USERNAME_BYTES: usize = 6;
/// Bytes a password may have.
pub const PASSWORD_BYTES: usize = 10;
/// Bytes of a number as text.
const NUMBER_BYTES: usize = 20;
const LOGIN_ACCEPTED_BYTES: usize = SessionName::BYTES + NUMBER_BYTES;
const LOGIN_REQUEST_BYTES: usize = USERNAME_BYTES + PASSWORD_BYTES + SessionName::BYTES + NUMBER_BYTES;

/// What bytes do wrong that are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The length leaves no room for the type.
    #[error("a packet of length 0 has no type")]
    Empty,
    /// Longer than [`SOUP_MESSAGE_BYTES_MAX`] and the header.
    #[error("a packet of length {0}, longer than one may be")]
    TooLong(u16),
    /// A type that is none.
    #[error("'{}' is no type of a packet", .0.escape_ascii())]
    UnknownType(u8),
    /// A type of fixed length with another one.
    #[error("a packet of type '{}' has {expected} bytes behind the type, not {found}", char::from(*.kind))]
    Length {
        /// The type.
        kind: u8,
        /// The payload's bytes.
        found: usize,
        /// What the type has.
        expected: usize,
    },
    /// A sequence number that is no number, above 2^64, or 0 where there must be one.
    #[error("the sequence number is no number")]
    Number,
    /// A session that is no name.
    #[error("the session is no name of one")]
    Session,
    /// A reason to reject that there is not.
    #[error("'{}' is no reason for a rejected login", .0.escape_ascii())]
    Reason(u8),
}

/// Why a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectReason {
    /// User and password are not those of anybody who may log in.
    #[error("not authorised: user or password are wrong")]
    NotAuthorized,
    /// There is no such session, or it does not have the message asked for.
    #[error("the session or the message asked for is not available")]
    SessionNotAvailable,
}

impl RejectReason {
    const fn code(self) -> u8 {
        match self {
            RejectReason::NotAuthorized => b'A',
            RejectReason::SessionNotAvailable => b'S',
        }
    }
}

/// A packet of any type, its length right for that. It borrows the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'b> {
    /// One of [`kind`].
    pub kind: u8,
    /// What is behind the type.
    pub payload: &'b [u8],
}

impl Packet<'_> {
    /// Bytes of the whole packet.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        HEADER_BYTES + self.payload.len()
    }
}

/// A Login Request. It borrows the packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Login<'b> {
    /// The user's name without the spaces behind it; may be empty.
    pub username: &'b [u8],
    /// The password without the spaces behind it; may be empty.
    pub password: &'b [u8],
    /// The session asked for; `None` for the current one.
    pub session: Option<SessionName>,
    /// The number of the first message wanted; 0 for the most recent one.
    pub number: u64,
}

/// Without the password: logs are read by many.
impl std::fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("username", &format_args!("{}", self.username.escape_ascii()))
            .field("session", &self.session)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// The packet at the beginning of `bytes`; `None` if not all of it is there. What is wrong with it is said as soon as
/// it shows.
///
/// # Errors
/// What is wrong with it.
pub fn next(bytes: &[u8]) -> Result<Option<Packet<'_>>, Malformed> {
    let Some(&[high, low]) = bytes.first_chunk() else { return Ok(None) };
    let length = u16::from_be_bytes([high, low]);
    let payload_len = usize::from(length).checked_sub(1).ok_or(Malformed::Empty)?;
    if payload_len > SOUP_MESSAGE_BYTES_MAX {
        return Err(Malformed::TooLong(length));
    }
    let Some(&kind) = bytes.get(2) else { return Ok(None) };
    let expected = match kind {
        kind::DEBUG | kind::SEQUENCED | kind::UNSEQUENCED => payload_len,
        kind::SERVER_HEARTBEAT | kind::END_OF_SESSION | kind::CLIENT_HEARTBEAT | kind::LOGOUT_REQUEST => 0,
        kind::LOGIN_ACCEPTED => LOGIN_ACCEPTED_BYTES,
        kind::LOGIN_REJECTED => 1,
        kind::LOGIN_REQUEST => LOGIN_REQUEST_BYTES,
        other => return Err(Malformed::UnknownType(other)),
    };
    if payload_len != expected {
        return Err(Malformed::Length { kind, found: payload_len, expected });
    }
    Ok(bytes[HEADER_BYTES..].get(..payload_len).map(|payload| Packet { kind, payload }))
}

/// What a Login Request's payload says.
///
/// # Errors
/// [`Malformed::Session`], [`Malformed::Number`], [`Malformed::Length`].
pub fn login(payload: &[u8]) -> Result<Login<'_>, Malformed> {
    let kind = kind::LOGIN_REQUEST;
    let wrong_length = Malformed::Length { kind, found: payload.len(), expected: LOGIN_REQUEST_BYTES };
    let (username, rest) = payload.split_at_checked(USERNAME_BYTES).ok_or(wrong_length)?;
    let (password, rest) = rest.split_at_checked(PASSWORD_BYTES).ok_or(wrong_length)?;
    let (&session, number) = rest.split_first_chunk().ok_or(wrong_length)?;
    if number.len() != NUMBER_BYTES {
        return Err(wrong_length);
    }
    let session = match session {
        [b' ', b' ', b' ', b' ', b' ', b' ', b' ', b' ', b' ', b' '] => None,
        bytes => Some(SessionName::from_bytes(bytes).ok_or(Malformed::Session)?),
    };
    let number = number_of(number).ok_or(Malformed::Number)?;
    Ok(Login { username: without_padding(username), password: without_padding(password), session, number })
}

/// What a Login Accepted's payload says: the session, and the number of the next message.
///
/// # Errors
/// [`Malformed::Session`], [`Malformed::Number`], [`Malformed::Length`].
pub fn login_accepted(payload: &[u8]) -> Result<(SessionName, u64), Malformed> {
    let kind = kind::LOGIN_ACCEPTED;
    let wrong_length = Malformed::Length { kind, found: payload.len(), expected: LOGIN_ACCEPTED_BYTES };
    let (&session, number) = payload.split_first_chunk().ok_or(wrong_length)?;
    if number.len() != NUMBER_BYTES {
        return Err(wrong_length);
    }
    let session = SessionName::from_bytes(session).ok_or(Malformed::Session)?;
    let number = number_of(number).filter(|&number| number > 0).ok_or(Malformed::Number)?;
    Ok((session, number))
}

/// What a Login Rejected's payload says.
///
/// # Errors
/// [`Malformed::Reason`], [`Malformed::Length`].
pub const fn login_rejected(payload: &[u8]) -> Result<RejectReason, Malformed> {
    match payload {
        b"A" => Ok(RejectReason::NotAuthorized),
        b"S" => Ok(RejectReason::SessionNotAvailable),
        &[other] => Err(Malformed::Reason(other)),
        _ => Err(Malformed::Length { kind: kind::LOGIN_REJECTED, found: payload.len(), expected: 1 }),
    }
}

/// Appends a packet to `out`.
///
/// # Panics
/// If `payload` is longer than [`SOUP_MESSAGE_BYTES_MAX`].
pub fn write(kind: u8, payload: &[u8], out: &mut Vec<u8>) {
    assert!(payload.len() <= SOUP_MESSAGE_BYTES_MAX, "{} bytes do not fit a packet", payload.len());
    let [.., high, low] = (payload.len() + 1).to_be_bytes();
    out.extend_from_slice(&[high, low, kind]);
    out.extend_from_slice(payload);
}

/// Appends a Login Request to `out`. What is longer than its field is cut; [`client::Config`](super::client::Config)
/// takes nothing that is.
pub fn write_login(login: &Login<'_>, out: &mut Vec<u8>) {
    let mut payload = [b' '; LOGIN_REQUEST_BYTES];
    let (username, rest) = payload.split_at_mut(USERNAME_BYTES);
    let (password, rest) = rest.split_at_mut(PASSWORD_BYTES);
    let (session, number) = rest.split_at_mut(SessionName::BYTES);
    pad(login.username, username);
    pad(login.password, password);
    if let Some(name) = login.session {
        session.copy_from_slice(name.bytes());
    }
    write_number(login.number, number);
    write(kind::LOGIN_REQUEST, &payload, out);
}

/// Appends a Login Accepted to `out`.
pub fn write_login_accepted(session: SessionName, number: u64, out: &mut Vec<u8>) {
    let mut payload = [b' '; LOGIN_ACCEPTED_BYTES];
    let (name, digits) = payload.split_at_mut(SessionName::BYTES);
    name.copy_from_slice(session.bytes());
    write_number(number, digits);
    write(kind::LOGIN_ACCEPTED, &payload, out);
}

/// Appends a Login Rejected to `out`.
pub fn write_login_rejected(reason: RejectReason, out: &mut Vec<u8>) {
    write(kind::LOGIN_REJECTED, &[reason.code()], out);
}

fn pad(text: &[u8], field: &mut [u8]) {
    let len = text.len().min(field.len());
    field[..len].copy_from_slice(&text[..len]);
}

/// `field` without the spaces behind its text.
fn without_padding(field: &[u8]) -> &[u8] {
    let end = field.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    &field[..end]
}

/// Digits with spaces before them; clients that put the spaces behind are understood.
fn number_of(field: &[u8]) -> Option<u64> {
    let field = without_padding(field);
    let digits = &field[field.iter().position(|&byte| byte != b' ')?..];
    digits.iter().try_fold(0_u64, |number, &byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Digits at the end of `field`, which has room for those of any number.
fn write_number(mut number: u64, field: &mut [u8]) {
    for place in field.iter_mut().rev() {
        let [digit, ..] = (number % 10).to_le_bytes();
        *place = b'0' + digit;
        number /= 10;
        if number == 0 {
            return;
        }
    }
}
