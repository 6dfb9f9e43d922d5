//! What everybody is told of the books, record by record: see [`wire::feed`].
//!
//! Only what stands in a market's book shows: neither stops that wait, nor orders for one auction alone, nor what an
//! iceberg hides.

use wire::{
    feed::{Kind, Level, Record},
    types::{InstrumentId, Lots, OrderId, Side, Ticks, TimeInForce, TradeId},
};

use super::{Engine, Sink, book::Total, register::Terms};

impl From<Total> for Level {
    #[inline]
    fn from(total: Total) -> Level {
        let quantity = Lots(u64::try_from(total.quantity()).unwrap_or(u64::MAX));
        Level { quantity, orders: u64::from(total.orders()) }
    }
}

/// A trade as those see it that were not part of it.
#[derive(Clone, Copy)]
pub(super) struct Print {
    pub(super) price: Ticks,
    pub(super) in_auction: bool,
}

impl Terms {
    /// Whether an order like this, once it stands in a queue, is seen by everybody.
    #[inline]
    pub(super) const fn shows(self) -> bool {
        !matches!(self.time_in_force(), TimeInForce::AtTheOpening | TimeInForce::AtTheClose)
    }
}

impl Engine {
    /// A record of what has happened to the order in `slot`, at whose price `total` stands now.
    #[inline]
    fn change(&self, kind: Kind, slot: u32, price: Ticks, quantity: Lots, total: Total) -> Record {
        let terms = self.terms(slot);
        Record {
            side: terms.side(),
            order_id: self.register.order(slot).id,
            price,
            quantity,
            level: total.into(),
            ..self.record(kind, terms.instrument())
        }
    }

    #[inline]
    pub(super) const fn record(&self, kind: Kind, instrument: InstrumentId) -> Record {
        Record::new(kind, instrument, self.reporter.seq, self.reporter.time)
    }

    /// The order in `slot` has joined the queue of `price`, from another one if it was moved.
    #[inline]
    pub(super) fn show_joined<S: Sink>(&mut self, slot: u32, price: Ticks, total: Total, sink: &mut S) {
        if !self.terms(slot).shows() {
            return;
        }
        let shown = self.arena.leaves(slot);
        let record = match self.moved.take() {
            None => self.change(Kind::Added, slot, price, shown, total),
            Some((from, left)) => Record {
                other_price: from,
                // It may have left the very price that it has joined again.
                other_level: if from == price { total } else { left }.into(),
                ..self.change(Kind::Replaced, slot, price, shown, total)
            },
        };
        sink.market_data(&record);
    }

    /// The order in `slot` has left the queue of `price`; if it `moves`, it joins another one next, and nothing trades
    /// before.
    #[inline]
    pub(super) fn show_left<S: Sink>(
        &mut self,
        slot: u32,
        (price, total): (Ticks, Total),
        moves: bool,
        sink: &mut S,
    ) {
        if !self.terms(slot).shows() {
            return;
        }
        if moves {
            self.moved = Some((price, total));
        } else {
            sink.market_data(&self.change(Kind::Deleted, slot, price, Lots(0), total));
        }
    }

    /// `quantity` less of the order in `slot` shows.
    #[inline]
    pub(super) fn show_reduced<S: Sink>(&self, slot: u32, quantity: Lots, total: Total, sink: &mut S) {
        if self.terms(slot).shows() {
            let price = self.arena.price(slot);
            sink.market_data(&self.change(Kind::Reduced, slot, price, quantity, total));
        }
    }

    /// `quantity` of the order in `slot`, which stands or stood at `price`, has made the last trade.
    #[inline]
    pub(super) fn show_executed<S: Sink>(
        &self,
        slot: u32,
        (price, total): (Ticks, Total),
        quantity: Lots,
        print: Print,
        sink: &mut S,
    ) {
        if self.terms(slot).shows() {
            let record = Record {
                trade_id: TradeId(self.last_trade),
                other_price: print.price,
                auction: u8::from(print.in_auction),
                ..self.change(Kind::Executed, slot, price, quantity, total)
            };
            sink.market_data(&record);
        }
    }

    /// The last trade was one of an auction.
    pub(super) fn show_trade<S: Sink>(
        &self,
        instrument: InstrumentId,
        at: Ticks,
        quantity: Lots,
        sink: &mut S,
    ) {
        let record = Record {
            trade_id: TradeId(self.last_trade),
            other_price: at,
            quantity,
            auction: 1,
            ..self.record(Kind::Trade, instrument)
        };
        sink.market_data(&record);
    }

    /// The best level of `side` that is worse than `price`, of all if that is `None`: how a book is told piece by piece.
    #[must_use]
    pub fn level_beyond(
        &self,
        instrument: InstrumentId,
        side: Side,
        price: Option<Ticks>,
    ) -> Option<(Ticks, Level)> {
        let book = &self.markets.get(instrument.0 as usize)?.book;
        let level = match price {
            Some(price) => book.level_beyond(&self.arena, side, price),
            None => book.levels(&self.arena, side).next(),
        };
        level.map(|level| (level.price, level.total.into()))
    }

    /// A side's orders in the order in which they would trade: OrderID, price, and how much of it shows.
    pub fn orders_shown(
        &self,
        instrument: InstrumentId,
        side: Side,
    ) -> impl Iterator<Item = (OrderId, Ticks, Lots)> {
        let market = self.markets.get(instrument.0 as usize);
        let levels = market.into_iter().flat_map(move |market| market.book.levels(&self.arena, side));
        levels.flat_map(move |level| {
            let slots = std::iter::successors(Some(level.first), move |&slot| self.arena.younger(slot));
            slots.map(move |slot| (self.register.order(slot).id, level.price, self.arena.leaves(slot)))
        })
    }
}
