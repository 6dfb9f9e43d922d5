//! Stops: orders that wait off the book for a price.
//!
//! Each market has a queue of buy stops and one of sell stops, which are books of one side each: the stop that
//! triggers first is their best price. A trailing stop moves between their prices.

use serde::{Deserialize, Serialize};
use wire::{
    command::NewOrder,
    event::{Cause, Event, Kind},
    limits::TICKS_MAX,
    types::{Lots, OrderId, OrderType, Side, Ticks, TradingState},
};

use super::{
    Engine, Sink,
    attributes::{Attributes, Extra, spare},
    book::{Arena, Book, NONE},
};

/// One market's waiting orders.
pub(super) struct Stops {
    /// Of buys, then of sells.
    queues: [Book; 2],
    trails: [Trail; 2],
    waiting: u32,
    /// The lowest and the highest price traded since trailing stops followed last; crossed if none.
    traded: (Ticks, Ticks),
}

/// What an image has of a market's waiting orders besides the orders.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    depths: [u32; 2],
    worst: [i64; 2],
    traded: (i64, i64),
}

/// A side's trailing stops, in order of OrderID.
#[derive(Clone, Copy)]
struct Trail {
    first: u32,
    last: u32,
    /// No best price of them is worse: a trade that is not better than this moves none of them.
    worst: Ticks,
}

const NO_TRADE: (Ticks, Ticks) = (Ticks(i64::MAX), Ticks(0));

const fn index(side: Side) -> usize {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

/// The side on which a stop of `side` stands in its queue, so that the first to trigger is the best.
const fn queued(side: Side) -> Side {
    side.opposite()
}

/// Whether `price` is better than `best` for a trailing stop of `side`.
const fn is_better(side: Side, price: Ticks, best: Ticks) -> bool {
    match side {
        Side::Buy => price.0 < best.0,
        Side::Sell => price.0 > best.0,
    }
}

/// Where a trailing stop lies.
pub(super) fn trailing(side: Side, best: Ticks, distance: Ticks) -> Ticks {
    let stop = match side {
        Side::Buy => best.0.saturating_add(distance.0),
        Side::Sell => best.0 - distance.0,
    };
    Ticks(stop.clamp(1, TICKS_MAX))
}

impl Stops {
    /// Ladder steps that its two queues take when they are empty.
    pub(super) const STEPS: u32 = 2;

    pub(super) fn new(arena: &mut Arena) -> Stops {
        let none = |worst| Trail { first: NONE, last: NONE, worst };
        Stops {
            queues: [Book::new(arena), Book::new(arena)],
            trails: [none(Ticks(0)), none(Ticks(i64::MAX))],
            waiting: 0,
            traded: NO_TRADE,
        }
    }

    /// What an image has of it besides its orders.
    pub(super) fn image(&self) -> Image {
        let Stops { queues, trails, waiting: _, traded } = self; // what waits is counted as it comes back
        let worst = trails.map(|Trail { first: _, last: _, worst }| worst.0);
        Image { depths: queues.each_ref().map(Book::depth), worst, traded: (traded.0.0, traded.1.0) }
    }

    /// Makes it, without orders yet, what `image` says; `false` if that cannot be.
    pub(super) fn restore(&mut self, image: &Image) -> bool {
        let Image { depths, worst, traded } = *image;
        for (trail, worst) in self.trails.iter_mut().zip(worst) {
            trail.worst = Ticks(worst);
        }
        self.traded = (Ticks(traded.0), Ticks(traded.1));
        let [buys, sells] = &mut self.queues;
        buys.deepen(depths[0]) && sells.deepen(depths[1])
    }

    /// Puts the trailing stop in `slot`, the newest, among those of its side.
    fn follow_from(&mut self, attributes: &mut Attributes, slot: u32, side: Side) {
        let trail = &mut self.trails[index(side)];
        let earlier = std::mem::replace(&mut trail.last, slot);
        match earlier {
            NONE => trail.first = slot,
            _ => attributes.at(earlier).later = slot,
        }
        attributes.at(slot).earlier = earlier;
    }

    /// Takes note of a trade.
    #[inline]
    pub(super) fn traded_at(&mut self, price: Ticks) {
        self.traded = (self.traded.0.min(price), self.traded.1.max(price));
    }

    /// Orders that wait.
    pub(super) const fn waiting(&self) -> u32 {
        self.waiting
    }

    /// The queue of a side, the first to trigger first, and the side on which its levels are.
    pub(super) const fn queue(&self, side: Side) -> (&Book, Side) {
        (&self.queues[index(side)], queued(side))
    }

    /// The order of `side` that triggers first and does so at `last`.
    fn satisfied(&self, arena: &Arena, side: Side, last: Ticks) -> Option<u32> {
        let queue = &self.queues[index(side)];
        if queue.crosses(side, last) { queue.first(arena, queued(side)) } else { None }
    }
}

impl Engine {
    /// Puts the new order in `slot`, a stop, among those that wait.
    pub(super) fn wait(&mut self, slot: u32, new: &NewOrder) {
        let market = &mut self.markets[new.head.instrument().0 as usize];
        let trails = new.order_type == OrderType::TrailingStop;
        let (stop, distance, best) = if trails {
            (trailing(new.side, market.reference, new.stop), new.stop, market.reference)
        } else {
            (new.stop, Ticks(0), Ticks(0))
        };
        let extra = Extra {
            price: new.price,
            display: new.display,
            expire: new.expire,
            spare: spare(new.display, new.quantity),
            stop,
            distance,
            best,
            waits: true,
            ..Extra::NOTHING
        };
        self.attributes.set(slot, OrderId(self.last_order), extra);
        self.register.set_has_extra(slot);
        let stops = &mut market.stops;
        stops.waiting += 1;
        self.waiting += 1;
        stops.queues[index(new.side)].link(&mut self.arena, slot, queued(new.side), stop);
        self.register.take_place(slot, self.arena.joined());
        if !trails {
            return;
        }
        let trail = &mut stops.trails[index(new.side)];
        if is_better(new.side, trail.worst, best) {
            trail.worst = best;
        }
        stops.follow_from(&mut self.attributes, slot, new.side);
    }

    /// An order of an image, which waits in `slot`, is counted among those that do, and follows the market if it trails:
    /// in order of OrderID.
    pub(super) fn wait_again(&mut self, slot: u32) {
        let (terms, extra) = (self.terms(slot), self.attributes.at(slot));
        let trails = extra.distance.0 != 0;
        let stops = &mut self.markets[terms.instrument().0 as usize].stops;
        stops.waiting += 1;
        self.waiting += 1;
        if trails {
            stops.follow_from(&mut self.attributes, slot, terms.side());
        }
    }

    /// Puts the waiting order of an image in `slot` back at the end of the queue of `stop`; `false` if there is no room.
    pub(super) fn queue_again(&mut self, slot: u32, stop: Ticks) -> bool {
        let terms = self.terms(slot);
        let side = terms.side();
        let queue = &mut self.markets[terms.instrument().0 as usize].stops.queues[index(side)];
        let fits = queue.takes(&self.arena, stop);
        if fits {
            queue.link(&mut self.arena, slot, queued(side), stop);
        }
        fits
    }

    /// Takes the order in `slot` from those that wait; it stands in no queue then.
    pub(super) fn stop_waiting(&mut self, slot: u32) {
        let terms = self.terms(slot);
        let side = terms.side();
        let stops = &mut self.markets[terms.instrument().0 as usize].stops;
        stops.waiting -= 1;
        self.waiting -= 1;
        stops.queues[index(side)].unlink(&mut self.arena, slot);
        let extra = self.attributes.at(slot);
        extra.waits = false;
        if extra.distance.0 == 0 {
            return;
        }
        let (earlier, later) = (extra.earlier, extra.later);
        let trail = &mut stops.trails[index(side)];
        match earlier {
            NONE => trail.first = later,
            _ => self.attributes.at(earlier).later = later,
        }
        match later {
            NONE => trail.last = earlier,
            _ => self.attributes.at(later).earlier = earlier,
        }
    }

    /// Sets what the waiting order in `slot` can trade; it keeps its place.
    pub(super) fn resize_waiting(&mut self, slot: u32, leaves: Lots) {
        let terms = self.terms(slot);
        let stops = &mut self.markets[terms.instrument().0 as usize].stops;
        stops.queues[index(terms.side())].resize(&mut self.arena, slot, leaves);
    }

    /// After a command's own matching: trailing stops follow the market, and in continuous trading stops
    /// trigger, one at a time, until none is satisfied.
    pub(super) fn run_stops<S: Sink>(&mut self, instrument: usize, sink: &mut S) {
        loop {
            let Some(market) = self.markets.get_mut(instrument) else { return };
            let traded = std::mem::replace(&mut market.stops.traded, NO_TRADE);
            if market.stops.waiting == 0 {
                return;
            }
            if traded != NO_TRADE {
                self.follow(instrument, Side::Buy, traded.0);
                self.follow(instrument, Side::Sell, traded.1);
            }
            let market = &self.markets[instrument];
            if market.state != TradingState::Continuous {
                return;
            }
            let satisfied = |side| market.stops.satisfied(&self.arena, side, market.reference);
            let Some(slot) = satisfied(Side::Buy).or_else(|| satisfied(Side::Sell)) else { return };
            self.trigger(slot, sink);
        }
    }

    /// Moves the trailing stops of `side` whose best price `price` betters.
    fn follow(&mut self, instrument: usize, side: Side, price: Ticks) {
        let stops = &mut self.markets[instrument].stops;
        let trail = &mut stops.trails[index(side)];
        if trail.first == NONE || !is_better(side, price, trail.worst) {
            return;
        }
        trail.worst = price;
        let mut next = trail.first;
        while next != NONE {
            let slot = next;
            let extra = self.attributes.at(slot);
            next = extra.later;
            if !is_better(side, price, extra.best) {
                continue;
            }
            extra.best = price;
            self.register.change(slot);
            let stop = trailing(side, price, extra.distance);
            if std::mem::replace(&mut extra.stop, stop) != stop {
                let queue = &mut stops.queues[index(side)];
                queue.unlink(&mut self.arena, slot);
                queue.link(&mut self.arena, slot, queued(side), stop);
                self.register.take_place(slot, self.arena.joined());
            }
        }
    }

    /// The waiting order in `slot` becomes a market or limit order and goes through matching.
    fn trigger<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let (terms, price) = (self.terms(slot), self.price(slot));
        self.cancel_other(slot, sink);
        self.stop_waiting(slot);
        let terms = terms.triggered();
        self.arena.set_tag(slot, terms.0);
        if terms.order_type() == OrderType::Market {
            self.attributes.never_expires(slot);
        }
        let last_price = self.markets[terms.instrument().0 as usize].reference;
        let event = Event { last_price, ..self.event(Kind::Triggered, slot, price) };
        self.reporter.send(event, sink);
        let extra = self.attributes.at(slot);
        (extra.stop, extra.distance, extra.best) = (Ticks(0), Ticks(0), Ticks(0));

        if terms.order_type() == OrderType::Market && self.fund_triggered(slot).is_err() {
            return self.cancel_unlinked(slot, price, Cause::InsufficientFunds, sink);
        }
        let limit =
            self.markets[terms.instrument().0 as usize].limit(terms.order_type(), terms.side(), price);
        self.trade(slot, price, limit, terms.order_type() == OrderType::Limit, sink);
    }
}
