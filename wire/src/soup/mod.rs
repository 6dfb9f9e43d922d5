//! SoupBinTCP 3.00, both sides, sans-IO: a server's numbered messages on a connection, replayed from any number, and a
//! client's unnumbered ones the other way. The rules are those of Nasdaq's specification ("SoupBinTCP Version 3.00").
//!
//! Read in this order:
//!
//! * [`packet`]: where a packet begins and ends, its types and their fields;
//! * [`server`]: the machine of a connection's server; it reads the messages from what is handed to it
//!   ([`crate::sequenced::Messages`]) and keeps nothing but its place among them;
//! * [`client`]: the machine of a client, which outlives its connections and asks each for what is next.
//!
//! Both take bytes and time, append to `out` what goes to the peer, and say when they want to be called at the latest.
//! After a `Close` the caller sends what `out` holds and closes.

pub mod client;
pub mod packet;
pub mod server;
mod timing;

pub use client::Client;
pub use packet::{Login, Malformed, RejectReason};
pub use server::Server;
pub use timing::Times;

/// Why a connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// There is no connection to close.
    #[error("not connected")]
    NotConnected,
    /// No Login Request, or no answer to one, came in time.
    #[error("no login in time")]
    LoginTimeout,
    /// A packet that may only come after the login.
    #[error("a packet of type '{}' before the login", char::from(*.0))]
    BeforeLogin(u8),
    /// A Login Request, or an answer to one, on a connection that is logged in.
    #[error("a second login")]
    SecondLogin,
    /// A packet that only our side sends.
    #[error("a packet of type '{}', which the peer has no business to send", char::from(*.0))]
    WrongSide(u8),
    /// Bytes that are no packet.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The login was refused, by us or by the server.
    #[error("login refused: {0}")]
    Refused(RejectReason),
    /// The server logged us in to another session than we asked for.
    #[error("logged in to another session than asked for")]
    WrongSession,
    /// The server begins with another number than we asked for: messages would be missing, or come twice.
    #[error("the server begins with message {given}, not with {asked} as asked for")]
    WrongNumber {
        /// What we asked for.
        asked: u64,
        /// What Login Accepted says.
        given: u64,
    },
    /// The peer has been silent for too long.
    #[error("the peer is silent")]
    Silent,
    /// The client asked to be logged out.
    #[error("logged out")]
    Logout,
    /// The session is over, and all its messages have been sent.
    #[error("end of session")]
    EndOfSession,
    /// The peer would be sent a message that has been forgotten meanwhile.
    #[error("message {0} is not kept any more")]
    Forgotten(u64),
    /// A message does not fit a packet.
    #[error("message {0} is longer than a packet may be")]
    TooLong(u64),
}

#[cfg(test)]
mod tests;
