//! Events to the links of the sessions they are for, in order, none lost, without ever waiting for a reader.

use shm::Producer;
use wire::{
    event::{Event, Kind, Liquidity},
    limits::EVENT_BYTES,
    types::Side,
};
use zerocopy::IntoBytes;

use crate::{board::Tally, engine::Sink, sequencer::Presence};

/// The events' way out of the matcher.
pub(crate) struct Router {
    outlets: Vec<Outlet>,
    pub(crate) presence: Presence,
    pub(crate) tally: Tally,
    /// The link whose command is being applied: it hears what is for no session of the venue.
    pub(crate) current: u32,
    /// Whether an outlet holds events back.
    spilling: bool,
}

/// One link's ring of events, and the events that found it full.
struct Outlet {
    events: Producer,
    /// Reserved for the most that one command can cause, since none is taken while anything waits here.
    waiting: Vec<Event>,
    /// How many of them have gone.
    gone: usize,
}

impl Router {
    /// `burst` is the most events that one command can cause.
    pub(crate) fn new(
        rings: impl IntoIterator<Item = Producer>,
        burst: usize,
        presence: Presence,
        tally: Tally,
    ) -> Router {
        let outlet = |events| Outlet { events, waiting: Vec::with_capacity(burst), gone: 0 };
        let outlets = rings.into_iter().map(outlet).collect();
        Router { outlets, presence, tally, current: 0, spilling: false }
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
            while outlet.gone < outlet.waiting.len() && put(&mut outlet.events, &outlet.waiting[outlet.gone])
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

    /// Wakes readers that sleep and have something to read.
    pub(crate) fn flush(&mut self) {
        for outlet in &mut self.outlets {
            outlet.events.flush();
        }
    }
}

impl Sink for Router {
    #[inline]
    fn event(&mut self, event: Event) {
        self.tally.events += 1;
        if event.kind == Kind::Fill
            && (event.liquidity == Liquidity::Taker
                || (event.liquidity == Liquidity::Auction && event.side == Side::Buy))
        {
            self.tally.trade(&event);
        }
        if event.kind.is_public() {
            return; // for the market data publisher, not for a session
        }
        let link = self.presence.route(event.session).unwrap_or(self.current);
        let outlet = &mut self.outlets[link as usize];
        if !outlet.waiting.is_empty() || !put(&mut outlet.events, &event) {
            self.tally.spilled += 1;
            self.spilling = true;
            outlet.waiting.push(event);
        }
    }
}

/// Whether there was room for `event`.
fn put(ring: &mut Producer, event: &Event) -> bool {
    let Some(mut claim) = ring.claim(EVENT_BYTES) else { return false };
    claim.copy_from_slice(event.as_bytes());
    claim.commit();
    true
}
