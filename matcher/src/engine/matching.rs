//! Price-time matching.

use wire::{
    event::{Cause, Event, Kind, Liquidity},
    types::{AccountId, Lots, SelfTrade, Ticks, TradeId},
};

use super::{Engine, Sink, book::LevelView, feed::Print};

impl Engine {
    /// Matches the order in `slot`, which stands in no queue, while prices cross `limit`: best price first,
    /// oldest first at a price, always at the resting order's price. `price` is the order's own, for its
    /// reports. Whether what is left may live on: not so if self-trade prevention has stopped it.
    pub(super) fn match_order<S: Sink>(
        &mut self,
        slot: u32,
        price: Ticks,
        limit: Ticks,
        sink: &mut S,
    ) -> bool {
        let terms = self.terms(slot);
        let (side, instrument) = (terms.side(), terms.instrument().0 as usize);
        let before = self.last_trade;
        let (mode, account) = (self.register.order(slot).self_trade(), self.register.order(slot).account);
        let mut leaves = self.arena.leaves(slot);
        let mut lives = true;
        while leaves.0 > 0 && self.markets[instrument].book.crosses(side, limit) {
            let market = &self.markets[instrument];
            let Some(maker) = market.book.first(&self.arena, side.opposite()) else { break };
            if mode != SelfTrade::None && self.register.order(maker).account == account {
                lives = self.prevent(mode, slot, maker, price, sink);
                leaves = self.arena.leaves(slot);
                if lives {
                    continue;
                }
                break;
            }
            for order in [maker, slot] {
                self.cancel_other(order, sink);
            }
            let at = self.arena.price(maker);
            let quantity = leaves.min(self.arena.leaves(maker));
            let maker_ends = self.begin_trade(maker, at, quantity, sink);
            leaves.0 -= quantity.0;
            self.arena.set_leaves(slot, leaves);
            for order in [(maker, at, Liquidity::Maker), (slot, price, Liquidity::Taker)] {
                self.fill(order, at, quantity, sink);
            }
            if maker_ends {
                self.end(maker, at);
            }
        }
        if self.last_trade != before {
            let market = &mut self.markets[instrument];
            market.set_bands();
        }
        lives
    }

    /// The resting order `maker` trades `quantity` at its price. Whether nothing of it is left, as
    /// [`Engine::take_from`].
    #[inline(always)]
    pub(super) fn begin_trade<S: Sink>(
        &mut self,
        maker: u32,
        at: Ticks,
        quantity: Lots,
        sink: &mut S,
    ) -> bool {
        self.last_trade += 1;
        let maker_ends = self.take_from(maker, quantity, Print { price: at, in_auction: false }, sink);
        let instrument = self.terms(maker).instrument();
        let market = &mut self.markets[instrument.0 as usize];
        market.reference = at;
        market.stops.traded_at(at);
        maker_ends
    }

    /// One side of the last trade: of the order in a slot, which has this price of its own.
    #[inline(always)]
    pub(super) fn fill<S: Sink>(
        &mut self,
        order: (u32, Ticks, Liquidity),
        at: Ticks,
        quantity: Lots,
        sink: &mut S,
    ) {
        let (slot, price, liquidity) = order;
        // In auctions nobody comes to a book: both pay as makers.
        let fee = self.settle((slot, price), liquidity != Liquidity::Taker, at, quantity);
        self.register.trade(slot, quantity, notional(at, quantity));
        if liquidity != Liquidity::Auction && self.terms(slot).is_quote() {
            self.quote_filled(slot, quantity);
        }
        let event = Event {
            trade_id: TradeId(self.last_trade),
            liquidity,
            last_price: at,
            last_quantity: quantity,
            fee,
            ..self.event(Kind::Fill, slot, price)
        };
        self.reporter.send(event, sink);
    }

    /// Takes `quantity` from what the order in `slot`, which stands in a queue, shows, in the last trade: an iceberg's
    /// next slice goes to the back. Whether nothing is left, and it stands in no queue now.
    #[inline]
    pub(super) fn take_from<S: Sink>(
        &mut self,
        slot: u32,
        quantity: Lots,
        print: Print,
        sink: &mut S,
    ) -> bool {
        let terms = self.terms(slot);
        let side = terms.side();
        let market = &mut self.markets[terms.instrument().0 as usize];
        let queues = market.queues(terms);
        let at = self.arena.price(slot);
        if quantity < self.arena.leaves(slot) {
            let total = queues.reduce(&mut self.arena, slot, side, quantity);
            self.show_executed(slot, (at, total), quantity, print, sink);
            return false;
        }
        let total = queues.unlink(&mut self.arena, slot, side);
        self.show_executed(slot, (at, total), quantity, print, sink);
        let next = self
            .attributes
            .of_mut(self.register.order(slot), slot)
            .map_or(Lots(0), |extra| extra.next_slice());
        self.arena.set_leaves(slot, next);
        let market = &mut self.markets[terms.instrument().0 as usize];
        if next.0 > 0 {
            let total = market.queues(terms).link(&mut self.arena, slot, side, at);
            self.take_place(slot);
            self.show_joined(slot, at, total, sink);
            return false;
        }
        if self.attributes.of(self.register.order(slot), slot).is_some_and(|extra| extra.display.0 > 0) {
            market.icebergs -= 1;
        }
        true
    }

    /// The order in `slot` meets its own account's order `maker` and does not trade with it. Whether it goes
    /// on.
    #[cold]
    pub(super) fn prevent<S: Sink>(
        &mut self,
        mode: SelfTrade,
        slot: u32,
        maker: u32,
        price: Ticks,
        sink: &mut S,
    ) -> bool {
        match mode {
            SelfTrade::None => true,
            SelfTrade::CancelNewest => false,
            SelfTrade::CancelOldest | SelfTrade::CancelBoth => {
                self.cancel_linked(maker, Cause::SelfTrade, sink);
                mode == SelfTrade::CancelOldest
            }
            SelfTrade::Decrement => {
                let incoming = self.leaves(slot);
                let less = self.decrement_maker(maker, incoming, sink);
                if less == incoming {
                    return false;
                }
                let left = Lots(incoming.0 - less.0);
                self.refund(slot, (price, incoming), (price, left));
                self.register.change(slot);
                self.arena.set_leaves(slot, left);
                let event = Event { cause: Cause::SelfTrade, ..self.event(Kind::Reduced, slot, price) };
                self.reporter.send(event, sink);
                true
            }
        }
    }

    /// The resting order `maker` loses what it can still trade, or as much as `incoming`. How much that is.
    pub(super) fn decrement_maker<S: Sink>(&mut self, maker: u32, incoming: Lots, sink: &mut S) -> Lots {
        let resting = self.leaves(maker);
        if resting <= incoming {
            self.cancel_linked(maker, Cause::SelfTrade, sink);
            return resting;
        }
        let left = Lots(resting.0 - incoming.0);
        let price = self.price(maker);
        self.refund(maker, (price, resting), (price, left));
        self.register.change(maker);
        self.shrink(maker, left, sink);
        let event = Event { cause: Cause::SelfTrade, ..self.open_event(Kind::Reduced, maker) };
        self.reporter.send(event, sink);
        incoming
    }

    /// Sets what the order in `slot`, which keeps its place in a queue, can still trade: less than before, or
    /// as much.
    pub(super) fn shrink<S: Sink>(&mut self, slot: u32, leaves: Lots, sink: &mut S) {
        if leaves == self.leaves(slot) {
            return;
        }
        let slice = self.arena.leaves(slot);
        let kept = slice.min(leaves);
        self.book_changed(self.terms(slot).instrument());
        if let Some(extra) = self.attributes.of_mut(self.register.order(slot), slot) {
            extra.hidden.0 = leaves.0 - kept.0;
        }
        if kept < slice {
            let terms = self.terms(slot);
            let queues = self.markets[terms.instrument().0 as usize].queues(terms);
            let less = Lots(slice.0 - kept.0);
            let total = queues.reduce(&mut self.arena, slot, terms.side(), less);
            self.show_reduced(slot, less, total, sink);
        }
    }

    /// Whether at least `quantity` of the order in `slot` would fill at once within `limit`.
    pub(super) fn can_fill(&self, slot: u32, limit: Ticks, quantity: Lots) -> bool {
        let terms = self.terms(slot);
        let market = &self.markets[terms.instrument().0 as usize];
        let mode = self.register.order(slot).self_trade();
        let account = self.register.order(slot).account;
        if mode == SelfTrade::None && market.icebergs == 0 {
            return market.book.can_fill(&self.arena, terms.side(), limit, quantity);
        }
        let mut found = 0;
        for level in market.book.levels_within(&self.arena, terms.side(), limit) {
            let (fills, goes_on) = self.fillable_of(&level, mode, account);
            found += fills;
            if found >= u128::from(quantity.0) {
                return true;
            }
            if !goes_on {
                return false;
            }
        }
        false
    }

    /// How much of a level would trade with an order of `account`, and whether that would go on behind it.
    fn fillable_of(&self, level: &LevelView, mode: SelfTrade, account: AccountId) -> (u128, bool) {
        let (mut shown, mut hidden) = (0, 0);
        let mut next = Some(level.first);
        while let Some(slot) = next {
            next = self.arena.younger(slot);
            if mode != SelfTrade::None && self.register.order(slot).account == account {
                if mode == SelfTrade::CancelOldest {
                    continue;
                }
                return (shown, false);
            }
            shown += u128::from(self.arena.leaves(slot).0);
            hidden += self
                .attributes
                .of(self.register.order(slot), slot)
                .map_or(0, |extra| u128::from(extra.hidden.0));
        }
        (shown + hidden, true)
    }
}

/// Price times quantity, in ticks × lots.
pub(super) fn notional(price: Ticks, quantity: Lots) -> u128 {
    u128::from(price.0.unsigned_abs()) * u128::from(quantity.0)
}
