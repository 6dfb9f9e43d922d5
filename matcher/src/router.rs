//! Events to the links of the sessions they are for, and copies to those that watch their accounts: in order, none lost, without
//! ever waiting long for a reader (`outlet.rs`).

use std::collections::VecDeque;

use shm::Producer;
use wire::{
    command::FindOrders,
    event::{Definition, Event, Kind, Liquidity},
    feed::Record,
    types::{InstrumentId, Nanos, SeqNo, Side},
};
use zerocopy::IntoBytes;

use crate::{
    board::Tally,
    engine::{Engine, Sink, Told},
    outlet::{self, Message, Outlet, Sent, Standing},
    publisher::Publisher,
    routes::{Links, Watchers},
    sequencer::Presence,
};

/// Events of one command that have the same time of leaving: to read the clock takes some 20 ns.
const STAMPED_AT_ONCE: u32 = 16;

/// The link that `event` is for, and the others that get copies of it. What is for no session of the venue is for `current`.
#[inline]
pub(crate) fn readers(event: &Event, presence: &Presence, watchers: &Watchers, current: u32) -> (u32, Links) {
    let link = presence.route(event.session).unwrap_or(current);
    (link, if event.is_copied() { watchers.of(event.account) & !(1 << link) } else { 0 })
}

/// The events' way out of the matcher.
pub(crate) struct Router {
    outlets: Vec<Outlet>,
    pub(crate) presence: Presence,
    pub(crate) watchers: Watchers,
    pub(crate) tally: Tally,
    /// The way of market data, if there is one.
    pub(crate) feed: Option<Publisher>,
    /// The link whose command is being applied: it hears what is for no session of the venue.
    pub(crate) current: u32,
    /// Whether events wait at an outlet.
    spilling: bool,
    /// Whether some of them wait for a reader that is about to take them.
    awaited: bool,
    /// Whether so many do that there may be no room for the next command's.
    blocked: bool,
    /// Links that were cut off, as the matcher has not dealt with yet.
    lost: Links,
    /// What tells when an event leaves; without it, the time at which its command was taken up serves.
    pub(crate) clock: Option<fn() -> u64>,
    /// The time of leaving, and for how many events yet.
    stamp: (u64, u32),
}

impl Router {
    /// `burst` is the most events that one command can cause.
    pub(crate) fn new(
        rings: impl IntoIterator<Item = Producer>,
        burst: usize,
        presence: Presence,
        tally: Tally,
    ) -> Router {
        let outlets = rings.into_iter().map(|events| Outlet::new(events, burst)).collect();
        Router {
            outlets,
            presence,
            watchers: Watchers::default(),
            tally,
            feed: None,
            current: 0,
            spilling: false,
            awaited: false,
            blocked: false,
            lost: 0,
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

    /// Whether events wait for room in a ring.
    #[inline]
    pub(crate) const fn is_spilling(&self) -> bool {
        self.spilling
    }

    /// Whether some of them wait for a reader that is about to take them.
    pub(crate) const fn is_awaited(&self) -> bool {
        self.awaited
    }

    /// Whether so many wait that no command may be applied until some are gone.
    #[inline]
    pub(crate) const fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Whether events wait for room in the ring of `link`, whose own commands have to wait for them: what its gateway does not
    /// read it must not go on asking for.
    #[inline]
    pub(crate) fn is_behind(&self, link: u32) -> bool {
        self.spilling && self.outlets[link as usize].is_behind()
    }

    /// Puts before everything else what the reader of `link` may not have read of a matcher before this one.
    pub(crate) fn send_again(&mut self, link: usize, events: VecDeque<Message>) {
        self.spilling |= !events.is_empty();
        self.outlets[link].send_again(events);
    }

    /// Moves on what waits, as far as there is room. How many events that was. Those of commands behind `durable` no reader takes yet.
    pub(crate) fn drain(&mut self, now: u64, durable: SeqNo) -> usize {
        let mut moved = 0;
        (self.spilling, self.awaited, self.blocked) = (false, false, false);
        for (link, outlet) in self.outlets.iter_mut().enumerate() {
            let (gone, standing) = outlet.drain(now, durable);
            moved += gone;
            self.spilling |= standing != Standing::Even;
            self.awaited |= matches!(standing, Standing::Behind | Standing::Full);
            self.blocked |= standing == Standing::Full;
            self.lost |= Links::from(standing == Standing::Lost) << link;
        }
        moved
    }

    /// Whether there is a link that was cut off and that this has not told of yet.
    #[inline]
    pub(crate) const fn has_lost(&self) -> bool {
        self.lost != 0
    }

    /// A link that was cut off and that this has not told of yet.
    pub(crate) fn lost(&mut self) -> Option<u32> {
        let link = (self.lost != 0).then(|| self.lost.trailing_zeros())?;
        self.lost &= self.lost - 1;
        Some(link)
    }

    /// Tells whoever has come to listen of all instruments and accounts. How many definitions that was.
    #[inline]
    pub(crate) fn inform(&mut self, engine: &Engine) -> usize {
        self.outlets.iter_mut().map(|outlet| outlet.inform(engine)).sum()
    }

    /// Whether somebody who has come is not told of everything yet.
    pub(crate) fn is_informing(&self) -> bool {
        self.outlets.iter().any(Outlet::is_informing)
    }

    /// Looks who is still there: a ring that nobody reads must not fill up with what is for everybody. It takes
    /// system calls.
    pub(crate) fn look(&mut self) {
        self.outlets.iter_mut().for_each(Outlet::look);
    }

    /// Sends to one link.
    #[inline]
    fn send(&mut self, link: u32, message: &[u8]) {
        let sent = self.outlets[link as usize].send(message);
        if sent != Sent::Gone {
            self.note(sent);
        }
    }

    /// Takes note of a message that is not in its ring.
    #[cold]
    fn note(&mut self, sent: Sent) {
        if sent == Sent::Dropped {
            self.tally.dropped += 1;
            return;
        }
        self.tally.spilled += 1;
        (self.spilling, self.awaited) = (true, true);
        self.blocked |= sent == Sent::WaitsLast;
    }

    /// Sends to every link whose listener it is news for.
    #[cold]
    fn broadcast(&mut self, message: &[u8], is_news: impl Fn(&Told) -> bool) {
        for link in 0..self.outlets.len() {
            if self.outlets[link].wants(&is_news) {
                let sent = self.outlets[link].send(message);
                if sent != Sent::Gone {
                    self.note(sent);
                }
            }
        }
    }

    /// Wakes readers that sleep and have something to read.
    pub(crate) fn flush(&mut self) {
        for outlet in &mut self.outlets {
            outlet.flush();
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

    /// Tells whoever's command it is of the orders that it looks for. Its link is not behind, so that they find room, in the ring
    /// or to wait.
    #[cold]
    pub(crate) fn find(&mut self, engine: &Engine, wish: &FindOrders) {
        let link = self.current;
        // What they say of orders is so since that command.
        let seq = engine.last_seq();
        engine.find_orders(wish, |event| self.send(link, Event { seq, ..event }.as_bytes()));
    }

    /// Tells every link that another history begins.
    pub(crate) fn begin_history(&mut self, history: u64, former: u64) {
        for link in (0u32..).take(self.outlets.len()) {
            self.send(link, outlet::begun(history, former).as_bytes());
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
        let (link, mut others) = readers(&event, &self.presence, &self.watchers, self.current);
        self.send(link, event.as_bytes());
        while others != 0 {
            self.send(others.trailing_zeros(), event.as_bytes());
            others &= others - 1;
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
