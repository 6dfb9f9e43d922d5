//! Matching in continuous trading.

use wire::{
    event::{Cause, Event, Kind, Liquidity},
    types::{InstrumentId, Lots, OrderType, SelfTrade, Side, Ticks, TradeId, TradingState},
};

use super::{
    Twin,
    order::{Order, standing},
};

impl Twin {
    /// An accepted, replaced or triggered order goes through matching.
    pub(super) fn enter(&mut self, mut order: Order) {
        if self.market(order.instrument).state != TradingState::Continuous || order.is_for_an_auction() {
            return self.put(order);
        }
        let limit = if order.order_type == OrderType::Limit {
            order.price
        } else {
            self.market(order.instrument).edge(order.side)
        };
        let (least, cause) = order.least();
        if self.fillable(&order, limit) < u128::from(least) {
            return self.end(order, cause);
        }
        if self.trade(&mut order, limit) {
            self.end(order, Cause::SelfTrade);
        } else if order.leaves() == 0 {
            self.remember_order(order);
        } else if order.order_type == OrderType::Limit && order.time_in_force.rests() {
            self.put(order);
        } else {
            self.end(order, Cause::Unfilled);
        }
    }

    /// The prices of the other side that an order of `side` reaches with `limit`, best first.
    fn reached(&self, instrument: InstrumentId, side: Side, limit: i64) -> impl Iterator<Item = i64> {
        let other = self.market(instrument).book.side(side.opposite());
        let (buys, sells) = match side {
            Side::Buy => (Some(other.keys().take_while(move |&&price| price <= limit)), None),
            Side::Sell => (None, Some(other.keys().rev().take_while(move |&&price| price >= limit))),
        };
        buys.into_iter().flatten().chain(sells.into_iter().flatten()).copied()
    }

    pub(super) fn would_trade(&self, instrument: InstrumentId, side: Side, limit: i64) -> bool {
        self.market(instrument).state == TradingState::Continuous
            && self.reached(instrument, side, limit).next().is_some()
    }

    /// What would fill at once of an order, were it large enough.
    fn fillable(&self, taker: &Order, limit: i64) -> u128 {
        let queues = self.market(taker.instrument).book.side(taker.side.opposite());
        let mut sum = 0;
        for price in self.reached(taker.instrument, taker.side, limit) {
            let makers: Vec<&Order> = queues[&price].iter().map(|id| &self.open[id]).collect();
            let own = makers.iter().position(|maker| maker.account == taker.account);
            match (taker.self_trade, own) {
                (SelfTrade::None, _) | (_, None) => sum += total(makers.iter().map(|m| m.leaves())),
                (SelfTrade::CancelOldest, _) => {
                    sum += total(makers.iter().filter(|m| m.account != taker.account).map(|m| m.leaves()));
                }
                (_, Some(own)) => return sum + total(makers[..own].iter().map(|m| m.slice)),
            }
        }
        sum
    }

    /// Trades within `limit`; true if self-trade prevention ends the taker.
    fn trade(&mut self, taker: &mut Order, limit: i64) -> bool {
        while taker.leaves() > 0 {
            let Some(price) = self.reached(taker.instrument, taker.side, limit).next() else {
                return false;
            };
            let id = self.market(taker.instrument).book.side(taker.side.opposite())[&price][0];
            let mut maker = self.open[&id].clone();
            let own = maker.account == taker.account;
            match taker.self_trade {
                SelfTrade::CancelNewest if own => return true,
                SelfTrade::CancelOldest if own => self.cancel_open(maker, Cause::SelfTrade),
                SelfTrade::CancelBoth if own => {
                    self.cancel_open(maker, Cause::SelfTrade);
                    return true;
                }
                SelfTrade::Decrement if own => {
                    let smaller = taker.leaves().min(maker.leaves());
                    if smaller == maker.leaves() {
                        self.cancel_open(maker, Cause::SelfTrade);
                    } else {
                        self.reduce(&mut maker, smaller);
                        self.open.insert(id, maker);
                    }
                    if smaller == taker.leaves() {
                        return true;
                    }
                    self.reduce(taker, smaller);
                }
                _ => {
                    let quantity = taker.leaves().min(maker.slice);
                    let how = [Liquidity::Maker, Liquidity::Taker];
                    self.exchange([&mut maker, taker], how, price, quantity);
                    self.has_traded(maker, quantity);
                }
            }
        }
        false
    }

    fn reduce(&mut self, order: &mut Order, quantity: u64) {
        order.quantity -= quantity;
        order.cut_slice();
        self.reserve(order);
        self.tell(Event { kind: Kind::Reduced, cause: Cause::SelfTrade, ..standing(order) });
    }

    /// One trade.
    pub(super) fn exchange(
        &mut self,
        mut orders: [&mut Order; 2],
        how: [Liquidity; 2],
        price: i64,
        quantity: u64,
    ) {
        let instrument = orders[0].instrument;
        self.trades += 1;
        self.market_mut(instrument).reference = price;
        self.see_trade(instrument, price);
        for (order, liquidity) in orders.iter_mut().zip(how) {
            order.cum += quantity;
            order.notional += notional(price, quantity);
            let fee = self.settle(order, liquidity, price, quantity);
            self.tell(Event {
                kind: Kind::Fill,
                liquidity,
                trade_id: TradeId(self.trades),
                last_price: Ticks(price),
                last_quantity: Lots(quantity),
                fee,
                ..standing(order)
            });
        }
    }
}

fn total(quantities: impl Iterator<Item = u64>) -> u128 {
    quantities.map(u128::from).sum()
}

pub(super) fn notional(price: i64, quantity: u64) -> u128 {
    u128::from(price.unsigned_abs()) * u128::from(quantity)
}
