//! The client's side: logs in, asks for the messages from the first that it has not had, and hands them up in their
//! order. It outlives its connections: each asks for what is next.

use zeroize::Zeroizing;

use super::{
    CloseReason, Times,
    packet::{self, Login, PASSWORD_BYTES, USERNAME_BYTES, kind},
    timing::Pulse,
};
use crate::{limits::SOUP_MESSAGE_BYTES_MAX, sequenced::SessionName, types::Nanos};

/// Who logs in, and to what.
#[derive(Clone)]
pub struct Config {
    username: Box<str>,
    /// Wiped from memory with it.
    password: Zeroizing<String>,
    /// How long things may take.
    pub times: Times,
}

/// A user or password that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredential {
    /// The user's name is none.
    #[error("a SoupBinTCP user has 1 to {USERNAME_BYTES} printable ASCII characters, the last one no space")]
    Username,
    /// The password is none.
    #[error(
        "a SoupBinTCP password has 1 to {PASSWORD_BYTES} printable ASCII characters, the last one no space"
    )]
    Password,
}

impl Config {
    /// A client of this name, with the usual times.
    ///
    /// # Errors
    /// If one of the two is empty, does not fit its field, or would be another behind the field's padding.
    pub fn new(username: &str, password: &str) -> Result<Config, BadCredential> {
        let fits = |text: &str, bytes_max: usize| {
            let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            printable && !text.is_empty() && text.len() <= bytes_max && !text.ends_with(' ')
        };
        if !fits(username, USERNAME_BYTES) {
            return Err(BadCredential::Username);
        }
        if !fits(password, PASSWORD_BYTES) {
            return Err(BadCredential::Password);
        }
        let password = Zeroizing::new(password.to_owned());
        Ok(Config { username: username.into(), password, times: Times::default() })
    }
}

/// Without the password: logs are read by many.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("username", &self.username)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

/// What [`Client::receive`] made of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'b> {
    /// No whole packet is there.
    NeedMore,
    /// A packet, dealt with.
    Handled,
    /// The server has let us in, to [`Client::session`]; [`Client::next`] comes next.
    LoggedIn,
    /// A message of the session.
    Message {
        /// Its number.
        number: u64,
        /// What it says.
        message: &'b [u8],
    },
    /// A message outside the sequence.
    Unsequenced(&'b [u8]),
    /// Text of the server's debug packet, which means nothing.
    Debug(&'b [u8]),
    /// The connection is to be closed.
    Close(CloseReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Disconnected,
    AwaitingAnswer,
    LoggedIn,
    Closed(CloseReason),
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    config: Config,
    /// `None` until a server has said it, if it was left to the server.
    session: Option<SessionName>,
    /// The number of the next message; 0 for whatever the server has last.
    next: u64,
    state: State,
    pulse: Pulse,
}

impl Client {
    /// A client that has never been connected. It will log in to `session`, or to the server's current one if that is
    /// `None`, and ask for the messages from `next` on, or from the most recent one if that is 0.
    #[must_use]
    pub const fn new(config: Config, session: Option<SessionName>, next: u64) -> Client {
        let pulse = Pulse::new(config.times, Nanos(0));
        Client { config, session, next, state: State::Disconnected, pulse }
    }

    /// There is a connection: sends the login, for the session that the last one was about.
    pub fn connected(&mut self, now: Nanos, out: &mut Vec<u8>) {
        self.pulse = Pulse::new(self.config.times, now);
        self.state = State::AwaitingAnswer;
        let (username, password) = (self.config.username.as_bytes(), self.config.password.as_bytes());
        packet::write_login(&Login { username, password, session: self.session, number: self.next }, out);
    }

    /// The connection is gone. The session and the next number stay.
    pub const fn disconnected(&mut self) {
        self.state = State::Disconnected;
    }

    /// Takes at most one packet from the beginning of `bytes`, and says how many bytes that used up and what came of
    /// it. Call again, with what is left, until it says [`Input::NeedMore`] or [`Input::Close`].
    pub fn receive<'b>(&mut self, now: Nanos, bytes: &'b [u8]) -> (usize, Input<'b>) {
        match self.state {
            State::Disconnected => return (0, Input::Close(CloseReason::NotConnected)),
            State::Closed(reason) => return (0, Input::Close(reason)),
            State::AwaitingAnswer | State::LoggedIn => {}
        }
        match packet::next(bytes) {
            Ok(None) => (0, Input::NeedMore),
            Ok(Some(packet)) => {
                self.pulse.has_heard(now);
                let input =
                    self.handle(packet.kind, packet.payload).unwrap_or_else(|reason| self.close(reason));
                (packet.bytes(), input)
            }
            Err(malformed) => (0, self.close(malformed.into())),
        }
    }

    /// Sends a message. It is not numbered: whether it arrived is for the server's messages to tell. Gives whether it
    /// was sent: the client must be logged in, and the message no longer than [`SOUP_MESSAGE_BYTES_MAX`].
    pub fn send(&mut self, now: Nanos, message: &[u8], out: &mut Vec<u8>) -> bool {
        let sendable = self.state == State::LoggedIn && message.len() <= SOUP_MESSAGE_BYTES_MAX;
        if sendable {
            packet::write(kind::UNSEQUENCED, message, out);
            self.pulse.has_sent(now);
        }
        sendable
    }

    /// Asks the server to end the connection, which is to be closed.
    pub fn logout(&mut self, now: Nanos, out: &mut Vec<u8>) {
        if matches!(self.state, State::AwaitingAnswer | State::LoggedIn) {
            packet::write(kind::LOGOUT_REQUEST, &[], out);
            self.pulse.has_sent(now);
            self.state = State::Closed(CloseReason::Logout);
        }
    }

    /// When [`Client::handle_timeout`] wants to be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> Nanos {
        match self.state {
            State::AwaitingAnswer => self.pulse.login_deadline(),
            State::LoggedIn => self.pulse.deadline(),
            State::Disconnected | State::Closed(_) => Nanos(u64::MAX),
        }
    }

    /// Does what time asks for: a heartbeat, or giving up. A reason means that the connection is to be closed.
    pub fn handle_timeout(&mut self, now: Nanos, out: &mut Vec<u8>) -> Option<CloseReason> {
        let reason = match self.state {
            State::AwaitingAnswer if now >= self.pulse.login_deadline() => CloseReason::LoginTimeout,
            State::LoggedIn if self.pulse.beat(now, kind::CLIENT_HEARTBEAT, out) => CloseReason::Silent,
            _ => return None,
        };
        self.state = State::Closed(reason);
        Some(reason)
    }

    /// Whether messages can flow.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.state == State::LoggedIn
    }

    /// The session whose messages these are; `None` as long as that is left to the server.
    #[must_use]
    pub const fn session(&self) -> Option<SessionName> {
        self.session
    }

    /// The number of the next message; 0 as long as that is left to the server.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    fn handle<'b>(&mut self, kind: u8, payload: &'b [u8]) -> Result<Input<'b>, CloseReason> {
        match kind {
            kind::DEBUG => return Ok(Input::Debug(payload)),
            kind::LOGIN_REQUEST | kind::CLIENT_HEARTBEAT | kind::LOGOUT_REQUEST => {
                return Err(CloseReason::WrongSide(kind));
            }
            _ => {}
        }
        match (kind, self.is_logged_in()) {
            (kind::LOGIN_ACCEPTED, false) => self.accepted(payload),
            (kind::LOGIN_REJECTED, false) => Err(CloseReason::Refused(packet::login_rejected(payload)?)),
            (kind::LOGIN_ACCEPTED | kind::LOGIN_REJECTED, true) => Err(CloseReason::SecondLogin),
            (other, false) => Err(CloseReason::BeforeLogin(other)),
            (kind::SEQUENCED, true) => {
                let number = self.next;
                self.next = number.checked_add(1).ok_or(packet::Malformed::Number)?;
                Ok(Input::Message { number, message: payload })
            }
            (kind::UNSEQUENCED, true) => Ok(Input::Unsequenced(payload)),
            (kind::END_OF_SESSION, true) => Err(CloseReason::EndOfSession),
            (_, true) => Ok(Input::Handled), // a heartbeat
        }
    }

    fn accepted<'b>(&mut self, payload: &[u8]) -> Result<Input<'b>, CloseReason> {
        let (session, given) = packet::login_accepted(payload)?;
        if self.session.is_some_and(|asked| asked != session) {
            return Err(CloseReason::WrongSession);
        }
        if self.next != 0 && self.next != given {
            return Err(CloseReason::WrongNumber { asked: self.next, given });
        }
        (self.session, self.next, self.state) = (Some(session), given, State::LoggedIn);
        Ok(Input::LoggedIn)
    }

    const fn close<'b>(&mut self, reason: CloseReason) -> Input<'b> {
        self.state = State::Closed(reason);
        Input::Close(reason)
    }
}
