//! What a worker lets others see of it while it runs: connections, messages, refusals, drops and latency, and how its
//! sessions are.

use std::marker::PhantomData;

use shm::{Count, Histogram};
use wire::{
    reject::Reject,
    traffic::{Class, Traffic},
};

use crate::{feed::Losses, gate::Held};

/// A fixed set of things that are counted apart, such as reasons.
pub trait Label: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// Places that [`Label::place`] can give.
    const PLACES: usize;

    /// Its own place in a table.
    fn place(self) -> usize;

    /// Its word in metrics.
    fn word(self) -> &'static str;
}

impl Label for Class {
    const ALL: &'static [Class] = &Class::ALL;
    const PLACES: usize = Class::ALL.len();

    fn place(self) -> usize {
        self as usize
    }

    fn word(self) -> &'static str {
        self.word()
    }
}

impl Label for Reject {
    const ALL: &'static [Reject] = Reject::ALL;
    const PLACES: usize = {
        let (mut place, mut most) = (0, 0);
        while place < Reject::ALL.len() {
            let code = Reject::ALL[place] as usize;
            most = if code > most { code } else { most };
            place += 1;
        }
        most + 1
    };

    fn place(self) -> usize {
        self as usize
    }

    fn word(self) -> &'static str {
        self.name()
    }
}

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $label:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $label),+ }

        impl Label for $name {
            const ALL: &'static [$name] = &[$($name::$label),+];
            const PLACES: usize = Self::ALL.len();

            fn place(self) -> usize {
                self as usize
            }

            fn word(self) -> &'static str {
                match self { $($name::$label => $word),+ }
            }
        }
    };
}

labels! {
    /// Why a connection was not let in.
    Refused {
        /// What came first was no login.
        NotALogon = "not_a_logon",
        /// It came by a door that wants TLS and did not speak it.
        NotTls = "not_tls",
        /// It went before it had said who it is.
        Left = "left",
        /// No login came in time.
        Late = "late",
        /// Too many waited, and it had waited longest.
        Crowded = "crowded",
        /// An unknown name, or what was shown is wrong.
        Credentials = "credentials",
        /// Too many failures before.
        LockedOut = "locked_out",
        /// Another gateway serves the session.
        Elsewhere = "elsewhere",
        /// It is not what the session speaks.
        Version = "version",
        /// The session is up already.
        AlreadyUp = "already_up",
        /// An operator has disabled the session.
        Disabled = "disabled",
        /// The gateway drains.
        Draining = "draining",
        /// Something else that it asks for is not to be had.
        Unacceptable = "unacceptable",
    }
}

labels! {
    /// Why a session's connection has ended.
    Ended {
        /// One side has logged out.
        LoggedOut = "logged_out",
        /// The client has closed the connection.
        Closed = "closed",
        /// It broke.
        Broken = "broken",
        /// The client was silent for too long.
        Silent = "silent",
        /// The client has taken too little of what it was sent.
        SlowConsumer = "slow_consumer",
        /// The client has sent far more than it may.
        Throttled = "throttled",
        /// The client has broken the protocol.
        Protocol = "protocol",
    }
}

/// Counts, one for each of a set.
#[derive(Debug)]
pub struct Counts<L> {
    counts: Box<[Count]>,
    of: PhantomData<L>,
}

impl<L: Label> Default for Counts<L> {
    fn default() -> Self {
        let counts = std::iter::repeat_with(Count::default).take(L::PLACES).collect();
        Counts { counts, of: PhantomData }
    }
}

impl<L: Label> Counts<L> {
    /// One more of `label`; by its one writer only.
    #[inline]
    pub fn add(&self, label: L) {
        self.counts[label.place()].add(1);
    }

    fn set(&self, label: L, value: u64) {
        self.counts[label.place()].set(value);
    }

    /// Each label's count.
    pub fn read(&self) -> impl Iterator<Item = (L, u64)> {
        L::ALL.iter().map(|&label| (label, self.counts[label.place()].get()))
    }
}

macro_rules! board {
    ($($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        /// The figures of one worker. Each is true by itself; together they may be some microseconds apart, and those of
        /// sessions a second.
        #[derive(Debug)]
        pub struct Board {
            /// The worker's name.
            pub worker: String,
            /// What it speaks: `fix` or `binary`.
            pub protocol: &'static str,
            /// Its sessions, in the configuration's order.
            pub sessions: Box<[SessionBoard]>,
            $($(#[$doc])* pub $name: $type),+
        }

        impl Board {
            /// Of the worker `worker`, which speaks `protocol`, with sessions of these names.
            #[must_use]
            pub fn new<'n>(
                worker: &str,
                protocol: &'static str,
                sessions: impl Iterator<Item = &'n str>,
            ) -> Board {
                let session = |name: &str| SessionBoard { name: name.to_owned(), ..SessionBoard::default() };
                Board {
                    worker: worker.to_owned(),
                    protocol,
                    sessions: sessions.map(session).collect(),
                    $($name: Default::default()),+
                }
            }
        }
    };
}

board! {
    /// Whether it listens: 0 or 1.
    listening: Count,
    /// Whether there is a matcher: 0 or 1.
    matcher: Count,
    /// Whether the matcher has told it of all there is: 0 or 1.
    informed: Count,
    /// Whether it drains: 0 or 1.
    draining: Count,
    /// Whether its ring to the matcher fills up: 0 or 1.
    busy: Count,
    /// How often it has come to that.
    busy_times: Count,
    /// Events that wait for their commands to become durable.
    held: Count,
    /// For how long the first of them has, in nanoseconds.
    held_ns: Count,
    /// Whether a matcher's journal has failed, so that nothing more becomes durable: 0 or 1.
    journal_failed: Count,
    /// Events that came more than once, and were passed over.
    repeated: Count,
    /// Events that were not durable when their history ended, and were dropped.
    lost: Count,
    /// Connections taken.
    opened: Count,
    /// Connections that are open.
    open: Count,
    /// Those of them that have not logged on.
    unauthenticated: Count,
    /// Connections turned away because there were as many as there may be.
    turned_away: Count,
    /// Connections that the kernel did not give.
    accept_failed: Count,
    /// Sessions that came up.
    logons: Count,
    /// Connections that were not let in.
    refused: Counts<Refused>,
    /// Sessions' connections that have ended.
    ended: Counts<Ended>,
    /// Messages received.
    received: Counts<Class>,
    /// Messages sent under numbers of their own.
    sent: Counts<Class>,
    /// Messages sent again.
    sent_again: Count,
    /// Pieces that were no message.
    garbled: Count,
    /// Messages that came before their turn and found no room to wait.
    not_held: Count,
    /// Messages sent that can no longer be sent again: the store's oldest.
    forgotten: Count,
    /// Bytes received from sessions.
    bytes_received: Count,
    /// Bytes handed to the kernel for anybody.
    bytes_sent: Count,
    /// Bytes that wait to be sent to sessions.
    output_waiting: Count,
    /// The most that wait for one session.
    output_waiting_max: Count,
    /// Requests refused, by the gateway or the matcher.
    rejects: Counts<Reject>,
    /// Messages refused for being too many.
    throttled: Count,
    /// Events taken from the matcher.
    events: Count,
    /// Events that were none of this version.
    not_events: Count,
    /// Events that could not be reported.
    unreportable: Count,
    /// Times that market data came faster than it was read, and all books were asked for again.
    feed_overruns: Count,
    /// Records of market data that were none of this version.
    not_records: Count,
    /// Books that had more prices than are kept.
    books_too_deep: Count,
    /// Lines of the log left out because there were too many in a second.
    lines_left_out: Count,
    /// From the reading of a message that caused a report to the report's writing.
    report_latency: Histogram,
}

/// The figures of one session, a second old at most.
#[derive(Debug, Default)]
pub struct SessionBoard {
    /// Its name.
    pub name: String,
    /// Whether it has a connection: 0 or 1.
    pub connected: Count,
    /// Messages received since the gateway started, by their numbers.
    pub received: Count,
    /// Messages sent, likewise.
    pub sent: Count,
    /// Bytes that wait to be sent.
    pub output_waiting: Count,
    /// Messages refused for being too many.
    pub throttled: Count,
    /// Orders cancelled because connections were lost.
    pub cancelled: Count,
    /// Nanoseconds from the last loss for which orders were cancelled to the last such cancel.
    pub cancelled_ns: Count,
}

/// How things stand with a worker.
pub(crate) struct Standing {
    pub(crate) matcher: bool,
    pub(crate) informed: bool,
    pub(crate) draining: bool,
    pub(crate) busy: bool,
    pub(crate) busy_times: u64,
    pub(crate) held: Held,
    pub(crate) connections: usize,
    pub(crate) strangers: usize,
    /// Received, sent.
    pub(crate) bytes: [u64; 2],
    pub(crate) lines_left_out: u64,
    pub(crate) losses: Losses,
}

impl Standing {
    /// Puts it on the board.
    pub(crate) fn publish(self, board: &Board) {
        board.matcher.set(self.matcher.into());
        board.informed.set(self.informed.into());
        board.draining.set(self.draining.into());
        board.busy.set(self.busy.into());
        board.busy_times.set(self.busy_times);
        let Held { events, since_ns, repeated, lost, failed } = self.held;
        board.held.set(events);
        board.held_ns.set(since_ns);
        board.journal_failed.set(failed.into());
        board.repeated.set(repeated);
        board.lost.set(lost);
        board.listening.set((!self.draining).into());
        board.open.set(self.connections as u64);
        board.unauthenticated.set(self.strangers as u64);
        let [received, sent] = self.bytes;
        board.bytes_received.set(received);
        board.bytes_sent.set(sent);
        board.lines_left_out.set(self.lines_left_out);
        board.feed_overruns.set(self.losses.overruns);
        board.not_records.set(self.losses.not_records);
        board.books_too_deep.set(self.losses.too_deep);
    }
}

/// Sums over a worker's sessions, made once a second.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    traffic: Traffic,
    throttled: u64,
    forgotten: u64,
    output_waiting: u64,
    output_waiting_max: u64,
}

impl Sums {
    /// Adds a session's.
    pub(crate) fn add(&mut self, traffic: &Traffic, throttled: u64, forgotten: u64, waiting: u64) {
        let sum = &mut self.traffic;
        for (sums, of) in [(&mut sum.received, &traffic.received), (&mut sum.sent, &traffic.sent)] {
            sums.iter_mut().zip(of).for_each(|(sum, of)| *sum += of);
        }
        sum.sent_again += traffic.sent_again;
        sum.garbled += traffic.garbled;
        sum.not_held += traffic.not_held;
        self.throttled += throttled;
        self.forgotten += forgotten;
        self.output_waiting += waiting;
        self.output_waiting_max = self.output_waiting_max.max(waiting);
    }

    /// Puts them on the board.
    pub(crate) fn publish(&self, board: &Board) {
        for class in Class::ALL {
            board.received.set(class, self.traffic.received[class as usize]);
            board.sent.set(class, self.traffic.sent[class as usize]);
        }
        board.sent_again.set(self.traffic.sent_again);
        board.garbled.set(self.traffic.garbled);
        board.not_held.set(self.traffic.not_held);
        board.throttled.set(self.throttled);
        board.forgotten.set(self.forgotten);
        board.output_waiting.set(self.output_waiting);
        board.output_waiting_max.set(self.output_waiting_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sound<L: Label + PartialEq + std::fmt::Debug>() {
        for &label in L::ALL {
            assert!(label.place() < L::PLACES);
            assert_eq!(L::ALL.iter().filter(|other| other.place() == label.place()).count(), 1, "{label:?}");
            assert_eq!(L::ALL.iter().filter(|other| other.word() == label.word()).count(), 1, "{label:?}");
        }
    }

    #[test]
    fn labels_have_places_and_words_of_their_own() {
        is_sound::<Class>();
        is_sound::<Reject>();
        is_sound::<Refused>();
        is_sound::<Ended>();
    }

    #[test]
    fn sums_are_those_of_all_sessions() {
        let mut traffic = Traffic { sent_again: 3, ..Traffic::default() };
        traffic.received[Class::Order as usize] = 5;
        let mut sums = Sums::default();
        sums.add(&traffic, 1, 0, 10);
        sums.add(&traffic, 2, 4, 7);
        let board = Board::new("gateway-0", "fix", ["A", "B"].into_iter());
        sums.publish(&board);
        let orders = board.received.read().find(|(class, _)| *class == Class::Order);
        assert_eq!(orders, Some((Class::Order, 10)));
        assert_eq!((board.sent_again.get(), board.throttled.get(), board.forgotten.get()), (6, 3, 4));
        assert_eq!((board.output_waiting.get(), board.output_waiting_max.get()), (17, 10));
    }
}
