//! Call phases: how long that of an interruption lasts, and what is told of the price that an auction would find.

use serde::{Deserialize, Serialize};
use wire::{
    event::{Event, Kind},
    feed::{self, Record},
    limits::INDICATIVE_NS,
    types::{AccountId, InstrumentId, Lots, Nanos, SessionId, Ticks, TradingState},
};

use super::{Digest, Engine, Sink, timers::Timers};

/// For whom an event is that answers nobody.
const NOBODY: (SessionId, AccountId) = (SessionId(u32::MAX), AccountId(0));

/// What has been told of one market's call phase. Nothing of it outlasts the phase.
#[derive(Default)]
pub(super) struct Call {
    price: Ticks,
    quantity: Lots,
    /// When these were looked for.
    looked: Nanos,
    /// Whether the book has changed in this command.
    changed: bool,
}

/// What an image has of one market's call phase.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    price: i64,
    quantity: u64,
    looked: u64,
    ends: Option<u64>,
    looks: Option<u64>,
}

/// All markets' call phases.
pub(super) struct Calls {
    /// When the calls of interruptions end.
    ends: Timers,
    /// When to look for indicative prices.
    looks: Timers,
    /// Markets of which the book has changed in this command; each once, and once more if trading resumed and was
    /// interrupted again in between.
    changed: Vec<u32>,
}

impl Calls {
    pub(super) fn new(markets: usize) -> Calls {
        let [ends, looks] = [Timers::new(markets), Timers::new(markets)];
        Calls { ends, looks, changed: Vec::with_capacity(2 * markets) }
    }

    /// What an image has of the call phase of `market`, of which `call` is what has been told.
    pub(super) fn image(&self, market: usize, call: &Call) -> Image {
        // Between two commands nothing has changed that was not looked at.
        let Calls { ends, looks, changed: _ } = self;
        let Call { price, quantity, looked, changed: _ } = call;
        let at = |timers: &Timers| timers.get(market).map(|at| at.0);
        Image { price: price.0, quantity: quantity.0, looked: looked.0, ends: at(ends), looks: at(looks) }
    }

    /// Sets the timers of `market` as an image says. What has been told of its phase.
    pub(super) fn restore(&mut self, market: usize, image: &Image) -> Call {
        let Image { price, quantity, looked, ends, looks } = *image;
        self.ends.set(market, ends.map(Nanos));
        self.looks.set(market, looks.map(Nanos));
        Call { price: Ticks(price), quantity: Lots(quantity), looked: Nanos(looked), changed: false }
    }

    /// When something is due first.
    pub(super) fn first(&self) -> Option<Nanos> {
        self.ends.first().into_iter().chain(self.looks.first()).min()
    }
}

impl Engine {
    /// An order's next trade would leave the dynamic band: trading stops for an auction.
    #[cold]
    pub(super) fn interrupt<S: Sink>(&mut self, market: usize, sink: &mut S) {
        self.change_state(market, TradingState::VolatilityAuction, NOBODY, sink);
        let ends = self.reporter.time.after(self.markets[market].terms.volatility_call_ns);
        self.calls.ends.set(market, Some(ends));
    }

    /// What is due at `time` of call phases.
    pub(super) fn end_calls<S: Sink>(&mut self, time: Nanos, sink: &mut S) {
        let mut from = 0;
        while let Some(market) = self.calls.ends.next_due(from, time) {
            self.change_state(market, TradingState::Continuous, NOBODY, sink);
            self.run_stops(market, sink);
            from = market + 1;
        }
        from = 0;
        while let Some(market) = self.calls.looks.next_due(from, time) {
            self.book_changed(self.markets[market].terms.id);
            from = market + 1;
        }
    }

    /// The state of a market has changed: what was due in the former one is forgotten, and if the new one is a call
    /// phase, its first indicative price is told.
    pub(super) fn begin_call<S: Sink>(&mut self, market: usize, sink: &mut S) {
        self.calls.ends.set(market, None);
        self.calls.looks.set(market, None);
        self.markets[market].call = Call::default();
        if self.markets[market].state.is_auction() {
            let indicative = self.indicative(market);
            self.tell(market, indicative, sink);
        }
    }

    /// An order has come to or gone from a queue of `instrument`, or can trade another quantity there.
    #[inline]
    pub(super) fn book_changed(&mut self, instrument: InstrumentId) {
        let market = &mut self.markets[instrument.0 as usize];
        if market.state.is_auction() && !market.call.changed {
            market.call.changed = true;
            self.calls.changed.push(instrument.0);
        }
    }

    /// At the end of a command: what has become of the indicative prices of markets whose books it has changed.
    #[inline]
    pub(super) fn look_at_calls<S: Sink>(&mut self, sink: &mut S) {
        if !self.calls.changed.is_empty() {
            self.look_at_changed(sink);
        }
    }

    #[cold]
    fn look_at_changed<S: Sink>(&mut self, sink: &mut S) {
        let mut changed = std::mem::take(&mut self.calls.changed);
        changed.sort_unstable();
        for market in changed.drain(..).map(|market| market as usize) {
            let call = &mut self.markets[market].call;
            if !std::mem::take(&mut call.changed) {
                continue; // the phase in which it did is over
            }
            let next = call.looked.after(INDICATIVE_NS);
            if self.reporter.time < next {
                self.calls.looks.set(market, Some(next));
                continue;
            }
            let told = (call.price, call.quantity);
            call.looked = self.reporter.time;
            self.calls.looks.set(market, None);
            let indicative = self.indicative(market);
            if indicative != told {
                self.tell(market, indicative, sink);
            }
        }
        self.calls.changed = changed;
    }

    fn tell<S: Sink>(&mut self, market: usize, (price, quantity): (Ticks, Lots), sink: &mut S) {
        let market = &mut self.markets[market];
        market.call = Call { price, quantity, looked: self.reporter.time, ..market.call };
        let event = Event {
            instrument: market.terms.id,
            state: market.state,
            last_price: price,
            last_quantity: quantity,
            ..Event::blank(Kind::Indicative, NOBODY.0)
        };
        let record = Record {
            state: event.state,
            other_price: price,
            quantity,
            ..self.record(feed::Kind::Indicative, event.instrument)
        };
        sink.market_data(&record);
        self.reporter.send(event, sink);
    }

    /// Takes in what the next events of a market's call phase depend on.
    pub(super) fn digest_call(&self, market: usize, digest: &mut Digest) {
        let Call { price, quantity, looked, .. } = self.markets[market].call;
        let ends = self.calls.ends.get(market).map_or(0, |at| at.0);
        for word in [ends, price.0.unsigned_abs(), quantity.0, looked.0] {
            digest.word(word);
        }
    }
}
