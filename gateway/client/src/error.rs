//! What can go wrong, each with what to do about it.

use std::{io, net::SocketAddr, time::Duration};

use wire::soup;

use crate::{Name, Refusal};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody listens there, or the way there is closed.
    #[error(
        "cannot connect to {address}: {error}; is the venue running, with binary.listen on that address?"
    )]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the kernel said.
        error: io::Error,
    },
    /// The connection broke.
    #[error("the connection broke: {0}; it is made again, and reports go on where they ended")]
    Broken(io::Error),
    /// The venue closed the connection.
    #[error("the venue closed the connection{}; it is made again, and reports go on where they ended", words(.0))]
    ClosedByVenue(String),
    /// The session layer ended the connection.
    #[error("{reason}{}; {}", words(.said), remedy(.reason))]
    Session {
        /// Why.
        reason: soup::CloseReason,
        /// What the venue said about it, if anything.
        said: String,
    },
    /// A user or a password that cannot be one.
    #[error("{0}; take those of a session with protocol = \"binary\" in the venue's configuration")]
    Credential(#[from] soup::client::BadCredential),
    /// The connection could not be made again in time.
    #[error(
        "no login for {waited:?}, the last time because: {why}; look whether the venue runs, then connect anew from the last position"
    )]
    GaveUp {
        /// How long it was tried.
        waited: Duration,
        /// What the last attempt ended with.
        why: Box<Error>,
    },
    /// There is no login at present.
    #[error("not logged in; wait for the event Ready")]
    NotReady,
    /// The connection is over for good.
    #[error("the connection is closed; connect anew")]
    Closed,
    /// As many requests are without an answer as may be.
    #[error("{max} requests are without an answer; wait for reports, or raise in_flight_max")]
    InFlight {
        /// The bound.
        max: usize,
    },
    /// The venue does not take what was sent.
    #[error("{bytes} bytes wait to be sent; wait until the venue takes them")]
    Congested {
        /// How many.
        bytes: usize,
    },
    /// The name is that of a request without an answer.
    #[error(
        "a request called {0} is without an answer; name each request anew, or leave names to the library"
    )]
    NameInUse(Name),
    /// No name.
    #[error("{0:?} is no name: 1 to 36 printable ASCII characters; leave it out, and the library finds one")]
    Name(String),
    /// No instrument has this symbol.
    #[error("the venue has no instrument {0:?}; Definitions::instruments lists those there are")]
    UnknownInstrument(String),
    /// The session may not act for an account of this name.
    #[error("the session has no account {0:?}; leave it out for the session's own")]
    UnknownAccount(String),
    /// No asset has this name.
    #[error("the venue has no asset {0:?}; Definitions::assets lists those there are")]
    UnknownAsset(String),
    /// A number that the protocol cannot say.
    #[error(
        "{what} {value} cannot be said with 8 decimal places in 64 bits; round it to the instrument's step"
    )]
    NotExpressible {
        /// Which of the request's.
        what: &'static str,
        /// The number.
        value: rust_decimal::Decimal,
    },
    /// More entries than a message may have, or none.
    #[error("{count} entries of {what}; one message has 1 to {max}")]
    Entries {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// No answer came in time.
    #[error(
        "no answer to {name} in {waited:?}; it may still come: ask for the order's status before sending it again"
    )]
    Timeout {
        /// The request.
        name: Name,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The connection broke under a request, and it has not reached the venue.
    #[error("{0} never reached the venue, since the connection broke; send it again if it is still wanted")]
    Lost(Name),
    /// The venue refused the request.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Nobody takes the updates that have come.
    #[error("{max} updates wait; take them with Client::next")]
    UpdatesUnread {
        /// The bound.
        max: usize,
    },
    /// Not a position.
    #[error("{0:?} is no position; it is SESSION:NUMBER, as Position was written")]
    Position(String),
    /// The kernel gave no way of waiting.
    #[error("waiting failed: {0}")]
    Wait(io::Error),
}

impl Error {
    /// Whether the connection comes back by itself.
    #[must_use]
    pub const fn heals(&self) -> bool {
        use soup::CloseReason::{LoginTimeout, NotConnected, Silent};
        match self {
            Error::Connect { .. } | Error::Broken(_) | Error::ClosedByVenue(_) => true,
            Error::Session { reason, .. } => matches!(reason, LoginTimeout | NotConnected | Silent),
            _ => false,
        }
    }
}

fn words(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" (it said: {said})") }
}

const fn remedy(reason: &soup::CloseReason) -> &'static str {
    use soup::{CloseReason, RejectReason};
    match reason {
        CloseReason::Refused(RejectReason::NotAuthorized) => {
            "check user and password, and that nobody else is logged in to the session"
        }
        CloseReason::Refused(RejectReason::SessionNotAvailable)
        | CloseReason::WrongSession
        | CloseReason::WrongNumber { .. }
        | CloseReason::EndOfSession => {
            "the session's numbers have begun anew, or the report asked for is not kept any more: connect from \
             Position::FIRST, and ask for the status of open orders"
        }
        CloseReason::LoginTimeout | CloseReason::NotConnected | CloseReason::Silent => {
            "the connection is made again"
        }
        CloseReason::Logout => "connect anew",
        _ => "the peer does not speak SoupBinTCP as the venue does: check the address",
    }
}
