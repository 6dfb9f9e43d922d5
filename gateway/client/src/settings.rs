//! What a connection needs to know.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use wire::{sequenced::SessionName, soup};
use zeroize::Zeroizing;

use crate::Error;

/// A place among a session's reports: which session, and the number of the report that comes next.
///
/// As text it is `SESSION:NUMBER`, to be kept in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub(crate) session: Option<SessionName>,
    pub(crate) next: u64,
}

impl Position {
    /// The first report there is of whatever session the venue has.
    pub const FIRST: Position = Position { session: None, next: 1 };
    /// What comes from now on, beginning with the most recent report there is.
    pub const NEWEST: Position = Position { session: None, next: 0 };

    /// The number of the report that comes next; 0 as long as that is left to the venue.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.session {
            Some(session) => write!(f, "{session}:{}", self.next),
            None => write!(f, ":{}", self.next),
        }
    }
}

impl FromStr for Position {
    type Err = Error;

    /// What [`Display`](fmt::Display) has written.
    fn from_str(text: &str) -> Result<Position, Error> {
        let parts = text.rsplit_once(':').and_then(|(session, next)| {
            let session = if session.is_empty() { None } else { Some(SessionName::new(session)?) };
            Some(Position { session, next: next.parse().ok()? })
        });
        parts.ok_or_else(|| Error::Position(text.to_owned()))
    }
}

/// How long to wait before a broken connection is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// After the first failure; each further one doubles it, and a quarter of it is chance, so that clients that a gateway
    /// has lost together do not come back together.
    pub first: Duration,
    /// The longest wait.
    pub max: Duration,
    /// After so long without a login it is given up; the first login, of which nothing is known yet, is tried once.
    pub give_up_after: Duration,
}

impl Default for BackOff {
    /// From 50 ms to 5 s, for five minutes.
    fn default() -> BackOff {
        BackOff {
            first: Duration::from_millis(50),
            max: Duration::from_secs(5),
            give_up_after: Duration::from_secs(300),
        }
    }
}

/// Whom to connect to and how. The password is wiped from memory with it, and shown by nothing.
#[derive(Clone)]
pub struct Settings {
    /// The venue's binary acceptor.
    pub address: SocketAddr,
    /// The session's name.
    pub username: String,
    /// Its password.
    pub(crate) password: Zeroizing<String>,
    /// The first report wanted.
    pub from: Position,
    /// Heartbeats, and how long silence and a login may take.
    pub times: soup::Times,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long [`Client`](crate::Client) waits for the answer to a request.
    pub call_timeout: Duration,
    /// When a broken connection is made again.
    pub back_off: BackOff,
    /// Requests that may be without an answer at a time; a further one is refused with
    /// [`Error::InFlight`](crate::Error::InFlight).
    pub in_flight_max: usize,
    /// Bytes that may wait for the kernel to take them.
    pub output_bytes_max: usize,
    /// Events that wait for [`Client::next`](crate::Client::next) at most.
    pub updates_max: usize,
}

impl Settings {
    /// The usual settings, from the most recent report on.
    #[must_use]
    pub fn new(address: SocketAddr, username: &str, password: &str) -> Settings {
        Settings {
            address,
            username: username.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            from: Position::NEWEST,
            times: soup::Times::default(),
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(10),
            back_off: BackOff::default(),
            in_flight_max: 1024,
            output_bytes_max: 4 << 20,
            updates_max: 1 << 16,
        }
    }

    /// The same from `position` on.
    #[must_use]
    pub fn from(mut self, position: Position) -> Settings {
        self.from = position;
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("username", &self.username)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let named = Position { session: SessionName::new("BM1-7"), next: 42 };
        for position in [Position::FIRST, Position::NEWEST, named] {
            assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
        }
        for text in ["", "7", "BM1:", "BM1:x", "longer than ten:1"] {
            assert!(matches!(text.parse::<Position>(), Err(Error::Position(_))), "{text}");
        }
    }

    #[test]
    fn the_password_is_shown_by_nothing() {
        let settings = Settings::new("127.0.0.1:1".parse().unwrap(), "BM1", "hush-hush");
        assert!(!format!("{settings:?}").contains("hush"));
        assert!(format!("{settings:?}").contains("BM1"));
    }
}
