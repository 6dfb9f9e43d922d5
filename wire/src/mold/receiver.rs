//! The receiver: two lines that carry the same packets, and a re-request server's answers, become one sequence in
//! which every message is handed on once and in its turn.
//!
//! The first copy of a message wins. What comes before its turn is kept, as far as there is room, and what is missing
//! is asked for: not at once, since the other line may bring it; then with longer and longer pauses. If nothing helps,
//! the receiver says that it needs a snapshot, keeps the newest packets meanwhile, and goes on behind the snapshot
//! ([`Receiver::resume`]).

use super::{
    early::{Early, Keep},
    packet::{self, Blocks, Body, Malformed, Request},
};
use crate::{limits::MOLD_REQUEST_MESSAGES_MAX, sequenced::SessionName, types::Nanos};

/// How to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Packets kept that came before their turn.
    pub early_packets_max: usize,
    /// How long a gap waits for the other line, nanoseconds.
    pub patience_ns: u64,
    /// How long the first request waits for an answer, nanoseconds; each further one waits twice as long.
    pub retry_ns: u64,
    /// How long a request waits at most, nanoseconds.
    pub retry_ns_max: u64,
    /// Requests that bring nothing, one after the other, before a gap is given up.
    pub attempts_max: u32,
    /// Messages beyond which a gap is not worth asking for.
    pub gap_messages_max: u64,
}

impl Default for Config {
    /// For a network without losses to speak of: a millisecond for the other line, then eight requests within a second
    /// and a half.
    fn default() -> Config {
        Config {
            early_packets_max: 256,
            patience_ns: 1_000_000,
            retry_ns: 10_000_000,
            retry_ns_max: 500_000_000,
            attempts_max: 8,
            gap_messages_max: 1 << 16,
        }
    }
}

/// Where a datagram came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first of the two lines.
    A,
    /// The other one.
    B,
    /// The re-request server.
    Answer,
}

/// What is handed on, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery<'d> {
    /// What follows belongs to this session, from its first message.
    Session {
        /// Its name.
        session: SessionName,
        /// How many messages of the session before are known to be missing.
        missed: u64,
    },
    /// A message.
    Message {
        /// Its number.
        number: u64,
        /// What it says.
        message: &'d [u8],
    },
    /// The session has ended, and every message of it has been handed on.
    EndOfSession,
}

/// What [`Receiver::handle_timeout`] wants to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// The request it has written is to be sent to the re-request server.
    Request,
    /// Messages are missing that cannot be had: only a snapshot helps. Nothing is handed on until
    /// [`Receiver::resume`].
    SnapshotNeeded {
        /// The first one missing.
        first: u64,
        /// The last one of those that are missing in a row.
        last: u64,
    },
}

/// Whether messages are handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not before [`Receiver::resume`].
    AwaitingSnapshot,
    /// In their turn.
    Following,
    /// All of them have been.
    Ended,
}

/// Something is missing.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// The first message missing.
    from: u64,
    /// When to ask for it, again if it has been asked for.
    due: Nanos,
    /// Requests since something came of one.
    attempts: u32,
    /// One more than the last message asked for.
    asked: u64,
    /// One more than the highest message known of when it was asked for.
    known: u64,
}

/// A receiver of one stream.
#[derive(Debug)]
pub struct Receiver {
    config: Config,
    state: State,
    session: Option<SessionName>,
    /// The session before: its last packets may still be on their way.
    former: Option<SessionName>,
    /// The number of the message whose turn it is.
    next: u64,
    /// One more than the highest message known of.
    known: u64,
    /// One more than the last message of the session, once its end has been told.
    end: Option<u64>,
    early: Early,
    gap: Option<Gap>,
    heard: [Option<Nanos>; 3],
    duplicates: u64,
}

impl Receiver {
    /// A receiver that knows nothing yet: it keeps what comes, and hands on nothing before [`Receiver::resume`].
    #[must_use]
    pub fn new(config: Config) -> Receiver {
        Receiver {
            config,
            state: State::AwaitingSnapshot,
            session: None,
            former: None,
            next: 1,
            known: 1,
            end: None,
            early: Early::new(config.early_packets_max),
            gap: None,
            heard: [None; 3],
            duplicates: 0,
        }
    }

    /// Goes on with message `next` of `session`: 1 to have everything from the beginning, or one more than the message
    /// that a snapshot is as of. Gives whether that is possible: it is not if the session has been left for another one
    /// meanwhile.
    pub fn resume(
        &mut self,
        now: Nanos,
        session: SessionName,
        next: u64,
        mut deliver: impl FnMut(Delivery<'_>),
    ) -> bool {
        if self.former == Some(session) {
            return false;
        }
        if self.session != Some(session) {
            self.enter(session);
        }
        (self.state, self.next, self.gap) = (State::Following, next.max(1), None);
        // What was known from headers alone is forgotten: the next one will say it again.
        self.known = self.early.end().unwrap_or(0).max(self.next);
        self.advance(now, &mut deliver);
        true
    }

    /// Takes a datagram, and hands on what has its turn now.
    ///
    /// # Errors
    /// What is wrong with it; it is as if it had not come.
    pub fn receive(
        &mut self,
        now: Nanos,
        line: Line,
        datagram: &[u8],
        mut deliver: impl FnMut(Delivery<'_>),
    ) -> Result<(), Malformed> {
        let packet = packet::downstream(datagram)?;
        self.heard[line as usize] = Some(now);
        match self.session {
            Some(session) if session == packet.session => {}
            None => self.enter(packet.session),
            Some(_) if self.former == Some(packet.session) => return Ok(()),
            Some(_) => {
                let missed = self.known - self.next.min(self.known);
                self.enter(packet.session);
                self.state = State::Following;
                deliver(Delivery::Session { session: packet.session, missed });
            }
        }
        match packet.body {
            Body::Heartbeat => self.known = self.known.max(packet.number),
            Body::EndOfSession => {
                self.known = self.known.max(packet.number);
                self.end = Some(packet.number);
            }
            Body::Messages(blocks) => self.messages(packet.number, blocks, &mut deliver),
        }
        self.advance(now, &mut deliver);
        Ok(())
    }

    /// When [`Receiver::handle_timeout`] wants to be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> Nanos {
        self.gap.map_or(Nanos(u64::MAX), |gap| gap.due)
    }

    /// Does what time asks for: makes `request` a request packet, or gives up.
    pub fn handle_timeout(&mut self, now: Nanos, request: &mut Vec<u8>) -> Action {
        let (Some(gap), Some(session)) = (self.gap.filter(|gap| now >= gap.due), self.session) else {
            return Action::None;
        };
        let hopeless = self.known - self.next > self.config.gap_messages_max;
        if hopeless || gap.attempts >= self.config.attempts_max {
            (self.state, self.gap) = (State::AwaitingSnapshot, None);
            let last = self.early.first_above(self.next).unwrap_or(self.known) - 1;
            return Action::SnapshotNeeded { first: self.next, last };
        }
        let count = self.missing();
        packet::write_request(&Request { session, number: self.next, count }, request);
        let pause = self.config.retry_ns.saturating_mul(1_u64.checked_shl(gap.attempts).unwrap_or(u64::MAX));
        self.gap = Some(Gap {
            due: now.after(pause.min(self.config.retry_ns_max)),
            attempts: gap.attempts + 1,
            asked: self.next + u64::from(count),
            known: self.known,
            ..gap
        });
        Action::Request
    }

    /// Whether messages are handed on.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The session whose messages these are, once it is known.
    #[must_use]
    pub const fn session(&self) -> Option<SessionName> {
        self.session
    }

    /// The number of the message whose turn it is.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Whether messages are missing that are known to exist.
    #[must_use]
    pub const fn has_gap(&self) -> bool {
        self.next < self.known
    }

    /// When something was last heard on a line.
    #[must_use]
    pub const fn last_heard(&self, line: Line) -> Option<Nanos> {
        self.heard[line as usize]
    }

    /// Packets of which every message had been handed on before: on two good lines, half of all.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Packets that came before their turn and were dropped for want of room.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.early.dropped()
    }

    fn enter(&mut self, session: SessionName) {
        self.former = self.session;
        self.session = Some(session);
        (self.next, self.known, self.end, self.gap) = (1, 1, None, None);
        self.early.clear();
    }

    fn messages(&mut self, first: u64, blocks: Blocks<'_>, deliver: &mut impl FnMut(Delivery<'_>)) {
        let end = first + u64::from(blocks.number_of_messages());
        self.known = self.known.max(end);
        match self.state {
            State::AwaitingSnapshot => self.early.keep(first, blocks, Keep::Newest),
            State::Ended => self.duplicates += 1,
            State::Following if end <= self.next => self.duplicates += 1,
            State::Following if first > self.next => self.early.keep(first, blocks, Keep::Nearest),
            State::Following => {
                for (number, message) in (first..end).zip(blocks.messages()) {
                    if number == self.next {
                        deliver(Delivery::Message { number, message });
                        self.next += 1;
                    }
                }
            }
        }
    }

    /// Hands on what waited for its turn, then sees what is missing.
    fn advance(&mut self, now: Nanos, deliver: &mut impl FnMut(Delivery<'_>)) {
        if self.state != State::Following {
            return;
        }
        self.next = self.early.take(self.next, |number, message| {
            deliver(Delivery::Message { number, message });
        });
        self.gap = (self.next < self.known).then(|| self.gap_now(now));
        if self.end.is_some_and(|end| end <= self.next) {
            self.state = State::Ended;
            deliver(Delivery::EndOfSession);
        }
    }
    /// What is missing, and when to ask for it.
    fn gap_now(&self, now: Nanos) -> Gap {
        let from = self.next;
        match self.gap {
            Some(gap) if gap.from == from => gap,
            // The answer has begun to come; the rest of it is on its way.
            Some(gap) if from < gap.asked => {
                Gap { from, due: now.after(self.config.retry_ns), attempts: 1, ..gap }
            }
            // It has come, and this was missing already when it was asked for: too long for one answer.
            Some(gap) if from < gap.known => Gap { from, due: now, attempts: 0, ..gap },
            _ => Gap { from, due: now.after(self.config.patience_ns), attempts: 0, asked: 0, known: 0 },
        }
    }

    /// How much to ask for, from [`Receiver::next`] on: up to the last message missing of those that one answer may
    /// have, whatever of them is here already. One answer for many gaps comes sooner than one for each.
    fn missing(&self) -> u16 {
        let end = self.known.min(self.next + u64::from(MOLD_REQUEST_MESSAGES_MAX));
        let (mut at, mut missing) = (self.next, self.next);
        while at < end {
            at = self.early.first_above(at).map_or(end, |first| first.min(end));
            missing = at;
            at = self.early.run_end(at);
        }
        u16::try_from(missing - self.next).expect("it is bounded by what an answer may have")
    }
}
