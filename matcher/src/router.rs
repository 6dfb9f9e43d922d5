//! Events to the links of the sessions they are for, in order, none lost, without ever waiting for a reader.

use shm::{Peer, Producer};
use wire::{
    event::{Definition, Event, Kind, Liquidity},
    feed::Record,
    limits::EVENT_BYTES,
    types::{InstrumentId, Nanos, Side},
};
use zerocopy::IntoBytes;

use crate::{
    board::Tally,
    engine::{Engine, Sink, Told},
    publisher::Publisher,
    sequencer::Presence,
};

/// Definitions told to a new listener in one round: so few that nobody's orders wait for it.
const TOLD_AT_ONCE: usize = 64;

/// Events of one command that have the same time of leaving: to read the clock takes some 20 ns.
const STAMPED_AT_ONCE: u32 = 16;

/// An event or a definition.
type Message = [u64; EVENT_BYTES / 8];

/// The events' way out of the matcher.
pub(crate) struct Router {
    outlets: Vec<Outlet>,
    pub(crate) presence: Presence,
    pub(crate) tally: Tally,
    /// The way of market data, if there is one.
    pub(crate) feed: Option<Publisher>,
    /// The link whose command is being applied: it hears what is for no session of the venue.
    pub(crate) current: u32,
    /// Whether an outlet holds events back.
    spilling: bool,
    /// What tells when an event leaves; without it, the time at which its command was taken up serves.
    pub(crate) clock: Option<fn() -> u64>,
    /// The time of leaving, and for how many events yet.
    stamp: (u64, u32),
}

/// One link's ring of events, and the messages that found it full.
struct Outlet {
    events: Producer,
    /// Reserved for the most that one command can cause, since none is taken while anything waits here.
    waiting: Vec<Message>,
    /// How many of them have gone.
    gone: usize,
    /// Which of those that have ever read the ring reads it now; 0 is none yet.
    generation: u32,
    listener: Listener,
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
}

impl Outlet {
    /// Puts a message into the ring, or behind those that wait; whether it waits.
    #[inline]
    fn send(&mut self, message: &[u8]) -> bool {
        if self.waiting.is_empty() && put(&mut self.events, message) {
            return false;
        }
        let mut words = [0; EVENT_BYTES / 8];
        words.as_mut_bytes().copy_from_slice(message);
        self.waiting.push(words);
        true
    }

    /// Tells a listener that is new of what there is, as far as there is room. How many definitions that was.
    #[cold]
    fn inform(&mut self, engine: &Engine) -> usize {
        let Listener::New(mut told) = self.listener else { return 0 };
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
}

impl Router {
    /// `burst` is the most events that one command can cause.
    pub(crate) fn new(
        rings: impl IntoIterator<Item = Producer>,
        burst: usize,
        presence: Presence,
        tally: Tally,
    ) -> Router {
        let outlet = |events| Outlet {
            events,
            waiting: Vec::with_capacity(burst),
            gone: 0,
            generation: 0,
            listener: Listener::Gone,
        };
        let outlets = rings.into_iter().map(outlet).collect();
        Router {
            outlets,
            presence,
            tally,
            feed: None,
            current: 0,
            spilling: false,
            clock: None,
            stamp: (0, 0),
        }
    }

    /// A command was taken up at `now`, whose events come.
    #[inline]
    pub(crate) const fn begin(&mut self, now: u64) {
        self.stamp = (now, 0);
    }

    /// When the event that comes next leaves.
    #[inline]
    fn stamp(&mut self) -> Nanos {
        let (time, left) = &mut self.stamp;
        if let Some(clock) = self.clock {
            if *left == 0 {
                (*time, *left) = (clock(), STAMPED_AT_ONCE);
            }
            *left -= 1;
        }
        Nanos(*time)
    }

    /// Whether events wait for room in a ring: until they are gone, no command may be applied.
    pub(crate) const fn is_spilling(&self) -> bool {
        self.spilling
    }

    /// Moves on what waits, as far as there is room. How many events that was.
    pub(crate) fn drain(&mut self) -> usize {
        let mut moved = 0;
        self.spilling = false;
        for outlet in &mut self.outlets {
            while outlet.gone < outlet.waiting.len()
                && put(&mut outlet.events, outlet.waiting[outlet.gone].as_bytes())
            {
                outlet.gone += 1;
                moved += 1;
            }
            if outlet.gone == outlet.waiting.len() {
                outlet.waiting.clear();
                outlet.gone = 0;
            } else {
                self.spilling = true;
            }
        }
        moved
    }

    /// Tells whoever has come to listen of all instruments and accounts. How many definitions that was.
    #[inline]
    pub(crate) fn inform(&mut self, engine: &Engine) -> usize {
        let mut sent = 0;
        for outlet in &mut self.outlets {
            let generation = outlet.events.peer_generation();
            if generation != outlet.generation {
                (outlet.generation, outlet.listener) = (generation, Listener::New(Told::default()));
            }
            if matches!(outlet.listener, Listener::New(_)) {
                sent += outlet.inform(engine);
            }
        }
        sent
    }

    /// Whether somebody who has come is not told of everything yet.
    pub(crate) fn is_informing(&self) -> bool {
        self.outlets.iter().any(|outlet| matches!(outlet.listener, Listener::New(_)))
    }

    /// Looks who is still there: a ring that nobody reads must not fill up with what is for everybody. It takes
    /// system calls.
    pub(crate) fn look(&mut self) {
        for outlet in &mut self.outlets {
            let is_there = outlet.events.peer() == Peer::Alive;
            match outlet.listener {
                Listener::Gone if is_there => outlet.listener = Listener::New(Told::default()),
                Listener::New(_) | Listener::Informed if !is_there => outlet.listener = Listener::Gone,
                _ => {}
            }
        }
    }

    /// Sends to every link whose listener it is news for.
    #[cold]
    fn broadcast(&mut self, message: &[u8], is_news: impl Fn(&Told) -> bool) {
        for outlet in &mut self.outlets {
            let wanted = match &outlet.listener {
                Listener::Gone => false,
                Listener::New(told) => is_news(told),
                Listener::Informed => true,
            };
            if wanted && outlet.send(message) {
                self.tally.spilled += 1;
                self.spilling = true;
            }
        }
    }

    /// Wakes readers that sleep and have something to read.
    pub(crate) fn flush(&mut self) {
        for outlet in &mut self.outlets {
            outlet.events.flush();
        }
        if let Some(feed) = &mut self.feed {
            feed.flush();
        }
    }

    /// A client's wish to have a book told to those who read market data.
    #[cold]
    pub(crate) fn want(&mut self, instrument: InstrumentId) {
        if let Some(feed) = &mut self.feed {
            feed.want(instrument);
        }
    }

    /// Tells more of the books that are wanted. How many records that were.
    #[inline]
    pub(crate) fn tell_books(&mut self, engine: &Engine) -> usize {
        self.feed.as_mut().map_or(0, |feed| feed.tell(engine))
    }
}

impl Sink for Router {
    #[inline]
    fn event(&mut self, mut event: Event) {
        event.out = self.stamp();
        if self.clock.is_some() {
            self.tally.latency.record(event.out.0.saturating_sub(event.time.0));
        }
        self.tally.events += 1;
        if event.kind == Kind::Fill
            && (event.liquidity == Liquidity::Taker
                || (event.liquidity == Liquidity::Auction && event.side == Side::Buy))
        {
            self.tally.trade(&event);
        }
        if event.kind.is_public() {
            return self.broadcast(event.as_bytes(), |told| told.knows(event.instrument));
        }
        let link = self.presence.route(event.session).unwrap_or(self.current);
        if self.outlets[link as usize].send(event.as_bytes()) {
            self.tally.spilled += 1;
            self.spilling = true;
        }
    }

    fn definition(&mut self, definition: &Definition) {
        self.broadcast(definition.as_bytes(), |told| told.has_passed(definition));
    }

    #[inline]
    fn market_data(&mut self, record: &Record) {
        if let Some(feed) = &mut self.feed {
            feed.put(record);
        }
    }
}

/// Whether there was room for `message`.
#[inline]
fn put(ring: &mut Producer, message: &[u8]) -> bool {
    let Some(mut claim) = ring.claim(EVENT_BYTES) else { return false };
    claim.copy_from_slice(message);
    claim.commit();
    true
}
