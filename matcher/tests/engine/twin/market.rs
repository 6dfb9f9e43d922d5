//! An instrument as it stands: its queues, its bands, its state.

use std::collections::{BTreeMap, VecDeque};

use wire::{
    instrument::Instrument,
    limits::TICKS_MAX,
    types::{InstrumentId, Nanos, Side, TimeInForce, TradingState},
};

use super::{Twin, order::Order};

/// By price, OrderIDs with the oldest first.
pub(super) type Queues = BTreeMap<i64, VecDeque<u64>>;

#[derive(Default)]
pub(super) struct Book {
    pub(super) buys: Queues,
    pub(super) sells: Queues,
}

impl Book {
    pub(super) fn side(&self, side: Side) -> &Queues {
        if side == Side::Buy { &self.buys } else { &self.sells }
    }

    pub(super) fn side_mut(&mut self, side: Side) -> &mut Queues {
        if side == Side::Buy { &mut self.buys } else { &mut self.sells }
    }

    /// The order that is first at the best price.
    pub(super) fn first(&self, side: Side) -> Option<(i64, u64)> {
        let best = match side {
            Side::Buy => self.buys.iter().next_back(),
            Side::Sell => self.sells.iter().next(),
        };
        best.map(|(&price, queue)| (price, queue[0]))
    }
}

pub(super) struct Market {
    pub(super) terms: Instrument,
    /// The last price, before the first trade the configured one.
    pub(super) reference: i64,
    pub(super) state: TradingState,
    pub(super) book: Book,
    /// Orders for the opening auction alone, and for the closing one.
    pub(super) opening: Book,
    pub(super) closing: Book,
    /// When its volatility auction's call is over, unless that is ended by hand.
    pub(super) call_ends: Option<Nanos>,
    /// Price and quantity that the call's auction told last, and when it was looked at last.
    pub(super) told: (i64, u64),
    pub(super) looked: Nanos,
    /// Whether the book has changed in this command, or since it was looked at last.
    pub(super) changed: bool,
    pub(super) changed_before: bool,
}

impl Market {
    pub(super) fn new(terms: Instrument) -> Market {
        Market {
            reference: terms.reference.0,
            state: TradingState::Continuous,
            book: Book::default(),
            opening: Book::default(),
            closing: Book::default(),
            call_ends: None,
            told: (0, 0),
            looked: Nanos(0),
            changed: false,
            changed_before: false,
            terms,
        }
    }

    /// Where orders with this time in force stand.
    pub(super) fn book_of(&mut self, time_in_force: TimeInForce) -> &mut Book {
        match time_in_force {
            TimeInForce::AtTheOpening => &mut self.opening,
            TimeInForce::AtTheClose => &mut self.closing,
            _ => &mut self.book,
        }
    }

    /// The books that take part in the auction that ends `state`, the one which trades first in front.
    pub(super) fn books_of(&self, state: TradingState) -> Vec<&Book> {
        match state {
            TradingState::OpeningAuction => vec![&self.opening, &self.book],
            TradingState::ClosingAuction => vec![&self.closing, &self.book],
            _ => vec![&self.book],
        }
    }

    /// The lowest and the highest price of an order.
    pub(super) fn band(&self) -> (i64, i64) {
        self.around(self.terms.band_basis_points)
    }

    /// The lowest and the highest price of a trade in continuous trading.
    pub(super) fn dynamic_band(&self) -> (i64, i64) {
        match self.terms.dynamic_band_basis_points {
            0 => (1, TICKS_MAX),
            basis_points => self.around(basis_points),
        }
    }

    /// How far an order without a limit may go.
    pub(super) fn edge(&self, side: Side) -> i64 {
        let (low, high) = self.band();
        if side == Side::Buy { high } else { low }
    }

    fn around(&self, basis_points: u32) -> (i64, i64) {
        let reference = i128::from(self.reference);
        let width = reference * i128::from(basis_points) / 10_000;
        let tick = |price: i128| i64::try_from(price.clamp(1, TICKS_MAX.into())).expect("it is a price");
        (tick(reference - width), tick(reference + width))
    }
}

impl Twin {
    pub(super) fn market(&self, instrument: InstrumentId) -> &Market {
        &self.markets[instrument.0 as usize]
    }

    pub(super) fn market_mut(&mut self, instrument: InstrumentId) -> &mut Market {
        &mut self.markets[instrument.0 as usize]
    }

    pub(super) fn has_instrument(&self, instrument: InstrumentId) -> bool {
        // Those of other shards are known and not served.
        self.markets.get(instrument.0 as usize).is_some_and(|market| market.terms.shard == self.config.shard)
    }

    /// The place of whoever joins a queue now.
    pub(super) fn next_place(&mut self) -> u64 {
        self.places += 1;
        self.places
    }

    /// Into the queue of its limit, at the back, or among the stops if it waits.
    pub(super) fn put(&mut self, mut order: Order) {
        order.fresh_slice();
        order.place = self.next_place();
        if order.waits() {
            self.stops.insert(order.id);
        } else {
            self.market_mut(order.instrument).changed = true;
            let queues = self.market_mut(order.instrument).book_of(order.time_in_force).side_mut(order.side);
            queues.entry(order.limit()).or_default().push_back(order.id);
        }
        self.open.insert(order.id, order);
    }

    pub(super) fn take_out(&mut self, order: &Order) {
        let order = self.open.remove(&order.id).expect("it is open");
        if order.waits() {
            self.stops.remove(&order.id);
            return;
        }
        self.market_mut(order.instrument).changed = true;
        let queues = self.market_mut(order.instrument).book_of(order.time_in_force).side_mut(order.side);
        let queue = queues.get_mut(&order.limit()).expect("it stands there");
        queue.retain(|&id| id != order.id);
        if queue.is_empty() {
            queues.remove(&order.limit());
        }
    }

    /// An order that stands in a queue has traded `quantity` of what it shows.
    pub(super) fn has_traded(&mut self, mut order: Order, quantity: u64) {
        order.slice -= quantity;
        self.market_mut(order.instrument).changed = true;
        if order.leaves() == 0 {
            self.take_out(&order);
            return self.remember_order(order);
        }
        if order.slice == 0 {
            order.fresh_slice();
            order.place = self.next_place();
            let queues = self.market_mut(order.instrument).book_of(order.time_in_force).side_mut(order.side);
            let queue = queues.get_mut(&order.limit()).expect("it stands there");
            queue.retain(|&id| id != order.id);
            queue.push_back(order.id);
        }
        self.open.insert(order.id, order);
    }
}
