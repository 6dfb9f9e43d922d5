//! One link's ring of events, and what becomes of a reader that does not keep up.
//!
//! What finds the ring full waits here, up to as much as the ring itself holds: meanwhile commands of the link's own gateway are
//! not taken up (it then answers `Busy`), and those of all others are. Beyond that the next command's events might find no room, so that everybody
//! waits, but not for long: a reader that takes nothing for [`STALLED_NS`], or does not catch up within
//! [`BEHIND_NS`], is cut off. Its further events are dropped and counted, until it has taken all that came before; then it is
//! told so, in its turn, and is new.

use std::collections::VecDeque;

use shm::{Peer, Producer};
use wire::{
    event::{Event, Kind, Outline},
    limits::EVENT_BYTES,
    types::{Lots, SeqNo, SessionId},
};
use zerocopy::IntoBytes;

use crate::engine::{Engine, Told};

/// Definitions told to a new listener in one round: so few that nobody's orders wait for it.
const TOLD_AT_ONCE: usize = 64;
/// How long a reader may take nothing while everybody waits for it: some 50 turns of a thread on a busy core.
pub(crate) const STALLED_NS: u64 = 250_000_000;
/// How long everybody may wait for a reader that does take something: what one command can cause is read in less.
pub(crate) const BEHIND_NS: u64 = 5_000_000_000;
/// The most that one look at a reader counts for: of a pause of the whole host, or of the thread that both share, the reader
/// is not guilty.
const LOOK_NS: u64 = 10_000_000;

/// An event or a definition.
pub(crate) type Message = [u64; EVENT_BYTES / 8];

/// One link's ring of events, and the messages that found it full.
pub(crate) struct Outlet {
    events: Producer,
    /// Reserved for `spare` and the most that one command can cause, since none is taken while more than `spare` waits.
    waiting: VecDeque<Message>,
    spare: usize,
    /// So many of those that wait, the first ones, are of a matcher before this one: they had their room there.
    again: usize,
    pace: Pace,
    /// Which of those that have ever read the ring reads it now; 0 is none yet.
    generation: u32,
    listener: Listener,
}

/// How a reader that is behind has done lately.
#[derive(Clone, Copy, Default)]
struct Pace {
    /// When it was looked at last.
    looked: u64,
    /// For how long it has taken nothing.
    stalled: u64,
    /// For how long everybody has waited.
    behind: u64,
}

/// What is known of whoever reads a ring.
#[derive(Clone, Copy)]
enum Listener {
    /// There is nobody, so what is for everybody is not for this link: whoever comes is told how things stand then.
    Gone,
    /// It came lately, and has been told so much of what there is.
    New(Told),
    /// It has been told of everything.
    Informed,
    /// It was cut off, and has lost so many events since. The last message that waits says so.
    CutOff(u64),
}

/// What has become of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It is in the ring.
    Gone,
    /// It waits.
    Waits,
    /// It waits, and after it the next command's events might find no room.
    WaitsLast,
    /// It was dropped.
    Dropped,
}

/// How an outlet stands after some of what waits has gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing waits.
    Even,
    /// Something does, and nobody is there to take it, or who is was cut off.
    Left,
    /// Something does.
    Behind,
    /// And there may be no room for the next command's events.
    Full,
    /// It was cut off just now.
    Lost,
}

impl Outlet {
    /// `burst` is the most events that one command can cause.
    pub(crate) fn new(events: Producer, burst: usize) -> Outlet {
        let spare = events.capacity() / EVENT_BYTES;
        let waiting = VecDeque::with_capacity(spare + burst + 1);
        Outlet {
            events,
            waiting,
            spare,
            again: 0,
            pace: Pace::default(),
            generation: 0,
            listener: Listener::Gone,
        }
    }

    /// Puts events before everything else that its reader may not have read of a matcher before this one.
    pub(crate) fn send_again(&mut self, events: VecDeque<Message>) {
        self.again = events.len();
        self.waiting.extend(events);
    }

    /// Puts a message into the ring, or behind those that wait.
    #[inline]
    pub(crate) fn send(&mut self, message: &[u8]) -> Sent {
        if self.waiting.is_empty() && put(&mut self.events, message) {
            return Sent::Gone;
        }
        self.hold(message)
    }

    #[cold]
    fn hold(&mut self, message: &[u8]) -> Sent {
        if let Listener::CutOff(lost) = &mut self.listener {
            *lost += 1;
            return Sent::Dropped;
        }
        let mut words = [0; EVENT_BYTES / 8];
        words.as_mut_bytes().copy_from_slice(message);
        self.waiting.push_back(words);
        if self.is_full() { Sent::WaitsLast } else { Sent::Waits }
    }

    /// Whether the next command's events might find no room.
    fn is_full(&self) -> bool {
        self.waiting.len() - self.again > self.spare
    }

    /// Whether its gateway is there and has to read before it may ask for more. What one that has gone had asked for is
    /// done as if it were there: its sessions are taken down behind that.
    pub(crate) fn is_behind(&self) -> bool {
        !self.waiting.is_empty() && !matches!(self.listener, Listener::Gone)
    }

    /// Moves on what waits, as far as there is room. How many messages that was, and how things stand then. What a command behind
    /// `durable` has caused is not to be read yet: a reader that leaves it is not slow.
    pub(crate) fn drain(&mut self, now: u64, durable: SeqNo) -> (usize, Standing) {
        let mut moved = 0;
        while let Some(message) = self.waiting.front() {
            let is_marker = self.waiting.len() == 1;
            let gone = match self.listener {
                Listener::CutOff(lost) if is_marker => put(&mut self.events, cut_off(lost).as_bytes()),
                _ => put(&mut self.events, message.as_bytes()),
            };
            if !gone {
                break;
            }
            self.waiting.pop_front();
            self.again = self.again.saturating_sub(1);
            moved += 1;
        }
        if self.waiting.is_empty() {
            self.waiting.clear(); // begins at the same memory again
            self.pace = Pace::default();
            if matches!(self.listener, Listener::CutOff(_)) {
                self.listener = Listener::New(Told::default());
            }
            return (moved, Standing::Even);
        }
        // It counts once all that is in the ring may be read, which came before.
        let may_read = self.waiting.front().is_none_or(|first| cause(first) <= durable);
        let step = if may_read { now.saturating_sub(self.pace.looked).min(LOOK_NS) } else { 0 };
        let is_full = self.is_full() && !matches!(self.listener, Listener::CutOff(_));
        self.pace = Pace {
            looked: now,
            stalled: if moved > 0 { 0 } else { self.pace.stalled + step },
            behind: if is_full { self.pace.behind + step } else { 0 },
        };
        let is_nobody = matches!(self.listener, Listener::Gone);
        if !is_full {
            let is_left = is_nobody || matches!(self.listener, Listener::CutOff(_));
            return (moved, if is_left { Standing::Left } else { Standing::Behind });
        }
        if !is_nobody && self.pace.stalled < STALLED_NS && self.pace.behind < BEHIND_NS {
            return (moved, Standing::Full);
        }
        self.listener = Listener::CutOff(0);
        self.waiting.push_back([0; EVENT_BYTES / 8]); // the place of what says so
        (moved, Standing::Lost)
    }

    /// Tells a listener that is new of what there is, as far as there is room. How many definitions that was.
    #[inline]
    pub(crate) fn inform(&mut self, engine: &Engine) -> usize {
        let generation = self.events.peer_generation();
        if generation != self.generation {
            self.generation = generation;
            if !matches!(self.listener, Listener::CutOff(_)) {
                self.listener = Listener::New(Told::default());
            }
        }
        if let Listener::New(told) = self.listener { self.tell(told, engine) } else { 0 }
    }

    #[cold]
    fn tell(&mut self, mut told: Told, engine: &Engine) -> usize {
        let mut sent = 0;
        while sent < TOLD_AT_ONCE && self.waiting.is_empty() && self.events.has_room(1, EVENT_BYTES) {
            let Some(mut definition) = engine.next_definition(&mut told) else {
                self.listener = Listener::Informed;
                return sent;
            };
            definition.last = u64::from(engine.next_definition(&mut told.clone()).is_none());
            self.send(definition.as_bytes());
            sent += 1;
        }
        self.listener = Listener::New(told);
        sent
    }

    /// Whether its listener has come lately and has not been told of everything yet.
    pub(crate) const fn is_informing(&self) -> bool {
        matches!(self.listener, Listener::New(_))
    }

    /// Looks whether anybody reads, which takes a system call.
    pub(crate) fn look(&mut self) {
        let is_there = self.events.peer() == Peer::Alive;
        match self.listener {
            Listener::Gone if is_there => self.listener = Listener::New(Told::default()),
            Listener::New(_) | Listener::Informed if !is_there => self.listener = Listener::Gone,
            _ => {}
        }
    }

    /// Whether what is for everybody, and news for those that `is_news` says, is for this link.
    pub(crate) fn wants(&self, is_news: impl Fn(&Told) -> bool) -> bool {
        match &self.listener {
            Listener::Gone | Listener::CutOff(_) => false,
            Listener::New(told) => is_news(told),
            Listener::Informed => true,
        }
    }

    /// Wakes its reader if it sleeps and has something to read.
    pub(crate) fn flush(&mut self) {
        self.events.flush();
    }
}

/// The command that a message tells of; of what tells of none, 0.
fn cause(message: &Message) -> SeqNo {
    Outline::of(message.as_bytes()).seq
}

/// What a link is told where another history begins.
pub(crate) fn begun(history: u64, former: u64) -> Event {
    Event::blank(Kind::Begun, SessionId(u32::MAX)).with_histories(history, former)
}

/// What a link is told that has lost so many events.
fn cut_off(lost: u64) -> Event {
    Event { quantity: Lots(lost), ..Event::blank(Kind::CutOff, SessionId(u32::MAX)) }
}

/// Whether there was room for `message`.
#[inline]
fn put(ring: &mut Producer, message: &[u8]) -> bool {
    let Some(mut claim) = ring.claim(EVENT_BYTES) else { return false };
    claim.copy_from_slice(message);
    claim.commit();
    true
}
