//! The server's side of one connection: takes the login, then sends the session's messages from the number asked for,
//! old ones and new ones alike, and hands up what the client sends.
//!
//! A [`Server`] keeps no messages and no credentials: the first are read from [`Messages`] as they are sent, the second
//! are handed to the owner, who answers with [`Server::accept`] or [`Server::reject`].

use super::{
    CloseReason, Times,
    packet::{self, HEADER_BYTES, Login, RejectReason, kind},
    timing::Pulse,
};
use crate::{
    limits::SOUP_MESSAGE_BYTES_MAX,
    sequenced::{Messages, SessionName},
    types::Nanos,
};

/// Bytes of messages that one call of [`Server::serve`] sends at most: a client that asks for a whole day keeps
/// nobody waiting longer than it takes to copy these.
pub const CHUNK_BYTES_MAX: usize = 32 * 1024;
const _: () = assert!(CHUNK_BYTES_MAX >= SOUP_MESSAGE_BYTES_MAX + 2 * HEADER_BYTES);

/// What [`Server::receive`] made of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'b> {
    /// No whole packet is there, or the login before it has yet to be answered.
    NeedMore,
    /// A packet, dealt with.
    Handled,
    /// Somebody wants in: answer with [`Server::accept`] or [`Server::reject`].
    Login(Login<'b>),
    /// A message of the client.
    Message(&'b [u8]),
    /// Text of the client's debug packet, which means nothing.
    Debug(&'b [u8]),
    /// The connection is to be closed.
    Close(CloseReason),
}

/// What [`Server::serve`] has left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// Nothing: the client has been sent all there is.
    All,
    /// More than one call may send: call again when `out` has room.
    More,
    /// The connection is to be closed.
    Close(CloseReason),
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    AwaitingLogin,
    /// The owner has yet to accept or reject a login to this session, from this number on.
    AwaitingVerdict(Option<SessionName>, u64),
    /// In this session; the number is that of the next message to be sent.
    LoggedIn(SessionName, u64),
    Closed(CloseReason),
}

/// One connection, seen from the server.
#[derive(Debug)]
pub struct Server {
    state: State,
    pulse: Pulse,
}

impl Server {
    /// A connection that has just been made.
    #[must_use]
    pub const fn new(times: Times, now: Nanos) -> Server {
        Server { state: State::AwaitingLogin, pulse: Pulse::new(times, now) }
    }

    /// Takes at most one packet from the beginning of `bytes`, and says how many bytes that used up and what came of
    /// it. Call again, with what is left, until it says [`Input::NeedMore`] or [`Input::Close`].
    pub fn receive<'b>(&mut self, now: Nanos, bytes: &'b [u8]) -> (usize, Input<'b>) {
        match self.state {
            State::Closed(reason) => return (0, Input::Close(reason)),
            // Its packets wait in the buffer for the answer.
            State::AwaitingVerdict(..) => return (0, Input::NeedMore),
            State::AwaitingLogin | State::LoggedIn(..) => {}
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

    /// Lets the client in that [`Input::Login`] was about, and gives the number of the message it will be sent first.
    ///
    /// Who asks for another session than that of `messages`, for a message that has been forgotten, or for one beyond
    /// the next, is told that it is not available: it would miss messages otherwise, or have had some that this
    /// session never had.
    ///
    /// # Errors
    /// [`CloseReason::Refused`] in those cases; if the connection was closed meanwhile, the reason for that.
    ///
    /// # Panics
    /// If no login waits for an answer.
    pub fn accept(
        &mut self,
        now: Nanos,
        messages: &impl Messages,
        out: &mut Vec<u8>,
    ) -> Result<u64, CloseReason> {
        let (session, asked) = match self.state {
            State::AwaitingVerdict(session, asked) => (session, asked),
            State::Closed(reason) => return Err(reason),
            State::AwaitingLogin | State::LoggedIn(..) => panic!("no login waits for an answer"),
        };
        let (first, next) = (messages.first(), messages.next());
        let number = match asked {
            0 => next.saturating_sub(1).max(first), // the most recent one, or the first there will be
            asked => asked,
        };
        if session.is_some_and(|asked| asked != messages.session()) || !(first..=next).contains(&number) {
            let reason = RejectReason::SessionNotAvailable;
            self.reject(now, reason, out);
            return Err(CloseReason::Refused(reason));
        }
        self.state = State::LoggedIn(messages.session(), number);
        packet::write_login_accepted(messages.session(), number, out);
        self.pulse.has_sent(now);
        Ok(number)
    }

    /// Sends the client away that [`Input::Login`] was about. The connection is to be closed.
    pub fn reject(&mut self, now: Nanos, reason: RejectReason, out: &mut Vec<u8>) {
        if matches!(self.state, State::AwaitingVerdict(..)) {
            packet::write_login_rejected(reason, out);
            self.pulse.has_sent(now);
            self.close(CloseReason::Refused(reason));
        }
    }

    /// Sends message `number`, which has just been added to the session, if the client has been sent all before it: what one
    /// call of [`Server::serve`] would do, without looking for the message. Gives whether it was sent.
    #[inline]
    pub fn send(&mut self, now: Nanos, number: u64, message: &[u8], out: &mut Vec<u8>) -> bool {
        let State::LoggedIn(session, next) = self.state else { return false };
        let sendable = next == number && message.len() <= SOUP_MESSAGE_BYTES_MAX;
        if sendable {
            packet::write(kind::SEQUENCED, message, out);
            self.pulse.has_sent(now);
            self.state = State::LoggedIn(session, number + 1);
        }
        sendable
    }

    /// Sends what the client has not been sent yet, at most [`CHUNK_BYTES_MAX`] bytes. To be called whenever a message
    /// has been added, and again while it says [`Served::More`] and `out` has room.
    ///
    /// After the last message of a session that has ended, or that `messages` have left for another, End of Session is
    /// sent.
    pub fn serve(&mut self, now: Nanos, messages: &impl Messages, out: &mut Vec<u8>) -> Served {
        let (session, mut number) = match self.state {
            State::LoggedIn(session, number) => (session, number),
            State::AwaitingLogin | State::AwaitingVerdict(..) => return Served::All,
            State::Closed(reason) => return Served::Close(reason),
        };
        if session != messages.session() {
            return self.end(now, out);
        }
        let (next, end) = (messages.next(), out.len() + CHUNK_BYTES_MAX);
        while number < next {
            let Some(message) = messages.get(number) else {
                return self.give_up(CloseReason::Forgotten(number));
            };
            if message.len() > SOUP_MESSAGE_BYTES_MAX {
                return self.give_up(CloseReason::TooLong(number));
            }
            if out.len() + HEADER_BYTES + message.len() > end {
                break;
            }
            packet::write(kind::SEQUENCED, message, out);
            self.pulse.has_sent(now);
            number += 1;
            self.state = State::LoggedIn(session, number);
        }
        match number < next {
            true => Served::More,
            false if messages.ended() => self.end(now, out),
            false => Served::All,
        }
    }

    /// Sends a message that is not numbered and will not be had again, such as an answer that only this connection
    /// cares about. Gives whether it was sent: the client must be logged in, and the message no longer than
    /// [`SOUP_MESSAGE_BYTES_MAX`].
    pub fn send_unsequenced(&mut self, now: Nanos, message: &[u8], out: &mut Vec<u8>) -> bool {
        let sendable = self.is_logged_in() && message.len() <= SOUP_MESSAGE_BYTES_MAX;
        if sendable {
            packet::write(kind::UNSEQUENCED, message, out);
            self.pulse.has_sent(now);
        }
        sendable
    }

    /// Sends text for the people at the other end, cut to what a packet holds; machines ignore it. Last words are in
    /// place too: why the connection is about to be closed.
    pub fn send_debug(&mut self, now: Nanos, text: &[u8], out: &mut Vec<u8>) {
        packet::write(kind::DEBUG, &text[..text.len().min(SOUP_MESSAGE_BYTES_MAX)], out);
        self.pulse.has_sent(now);
    }

    /// When [`Server::handle_timeout`] wants to be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> Nanos {
        match self.state {
            State::AwaitingLogin | State::AwaitingVerdict(..) => self.pulse.login_deadline(),
            State::LoggedIn(..) => self.pulse.deadline(),
            State::Closed(_) => Nanos(u64::MAX),
        }
    }

    /// Does what time asks for: a heartbeat, or giving up. A reason means that the connection is to be closed.
    pub fn handle_timeout(&mut self, now: Nanos, out: &mut Vec<u8>) -> Option<CloseReason> {
        let reason = match self.state {
            State::AwaitingLogin | State::AwaitingVerdict(..) if now >= self.pulse.login_deadline() => {
                CloseReason::LoginTimeout
            }
            State::LoggedIn(..) if self.pulse.beat(now, kind::SERVER_HEARTBEAT, out) => CloseReason::Silent,
            _ => return None,
        };
        self.state = State::Closed(reason);
        Some(reason)
    }

    /// Whether messages can flow.
    #[must_use]
    pub const fn is_logged_in(&self) -> bool {
        matches!(self.state, State::LoggedIn(..))
    }

    /// The number of the message that will be sent next; `None` before the login and after the end.
    #[must_use]
    pub const fn next(&self) -> Option<u64> {
        match self.state {
            State::LoggedIn(_, number) => Some(number),
            _ => None,
        }
    }

    fn handle<'b>(&mut self, kind: u8, payload: &'b [u8]) -> Result<Input<'b>, CloseReason> {
        match kind {
            kind::DEBUG => return Ok(Input::Debug(payload)),
            kind::LOGIN_REQUEST | kind::UNSEQUENCED | kind::CLIENT_HEARTBEAT | kind::LOGOUT_REQUEST => {}
            other => return Err(CloseReason::WrongSide(other)),
        }
        match (kind, self.is_logged_in()) {
            (kind::LOGIN_REQUEST, true) => Err(CloseReason::SecondLogin),
            (kind::LOGIN_REQUEST, false) => {
                let login = packet::login(payload)?;
                self.state = State::AwaitingVerdict(login.session, login.number);
                Ok(Input::Login(login))
            }
            (kind::LOGOUT_REQUEST, _) => Err(CloseReason::Logout),
            (other, false) => Err(CloseReason::BeforeLogin(other)),
            (kind::UNSEQUENCED, true) => Ok(Input::Message(payload)),
            (_, true) => Ok(Input::Handled),
        }
    }

    fn end(&mut self, now: Nanos, out: &mut Vec<u8>) -> Served {
        packet::write(kind::END_OF_SESSION, &[], out);
        self.pulse.has_sent(now);
        self.give_up(CloseReason::EndOfSession)
    }

    fn give_up(&mut self, reason: CloseReason) -> Served {
        self.state = State::Closed(reason);
        Served::Close(reason)
    }

    fn close<'b>(&mut self, reason: CloseReason) -> Input<'b> {
        self.state = State::Closed(reason);
        Input::Close(reason)
    }
}
