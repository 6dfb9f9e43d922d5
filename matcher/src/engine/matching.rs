//! Price-time matching.

use wire::{
    event::{Event, Kind, Liquidity},
    types::{Lots, Ticks, TradeId},
};

use super::{Engine, Sink};

impl Engine {
    /// Matches the order in `slot`, which stands in no queue, while prices cross `limit`: best price first,
    /// oldest first at a price, always at the resting order's price. `price` is the order's own, for its
    /// reports.
    pub(super) fn match_order<S: Sink>(&mut self, slot: u32, price: Ticks, limit: Ticks, sink: &mut S) {
        let terms = self.terms(slot);
        let (side, instrument) = (terms.side(), terms.instrument().0 as usize);
        let before = self.last_trade;
        let mut leaves = self.arena.leaves(slot);
        while leaves.0 > 0 && self.markets[instrument].book.crosses(side, limit) {
            let market = &mut self.markets[instrument];
            let Some(maker) = market.book.first(&self.arena, side.opposite()) else { break };
            let (at, standing) = (self.arena.price(maker), self.arena.leaves(maker));
            let quantity = leaves.min(standing);
            let maker_ends = quantity == standing;
            if maker_ends {
                market.book.unlink(&mut self.arena, maker);
                self.arena.set_leaves(maker, Lots(0));
            } else {
                market.book.reduce(&mut self.arena, maker, quantity);
            }
            market.reference = at;
            leaves.0 -= quantity.0;
            self.arena.set_leaves(slot, leaves);
            self.last_trade += 1;

            let notional = u128::from(at.0.unsigned_abs()) * u128::from(quantity.0);
            for (order, price, liquidity) in [(maker, at, Liquidity::Maker), (slot, price, Liquidity::Taker)]
            {
                self.register.order_mut(order).notional += notional;
                let event = Event {
                    trade_id: TradeId(self.last_trade),
                    liquidity,
                    last_price: at,
                    last_quantity: quantity,
                    ..self.event(Kind::Fill, order, price)
                };
                self.reporter.send(event, sink);
            }
            if maker_ends {
                self.end(maker, at);
            }
        }
        if self.last_trade != before {
            let market = &mut self.markets[instrument];
            market.band = market.terms.band(market.reference);
        }
    }
}
