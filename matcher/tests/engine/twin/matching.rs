//! Matching in continuous trading.

use wire::{
    event::{Cause, Event, Kind, Liquidity},
    types::{InstrumentId, Lots, OrderType, SelfTrade, Side, Ticks, TradeId, TradingState},
};

use super::{
    Twin,
    order::{Order, standing},
};

/// Why an order's matching is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Filled,
    SelfTrade,
    /// The next trade would be outside the dynamic band.
    Interrupted,
    /// There is nothing more to trade with.
    Unfilled,
}

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
        let instrument = order.instrument;
        let (low, high) = self.market(instrument).dynamic_band();
        let (least, cause) = order.least();
        if self.fillable(&order, limit, (low, high)) < u128::from(least) {
            return self.end(order, cause);
        }
        let stop = self.trade(&mut order, limit, (low, high));
        let rests = order.order_type == OrderType::Limit && order.time_in_force.rests();
        match stop {
            Stop::Filled => self.remember_order(order),
            Stop::SelfTrade => self.end(order, Cause::SelfTrade),
            Stop::Interrupted | Stop::Unfilled if rests => self.put(order),
            Stop::Interrupted => self.end(order, Cause::Interrupted),
            Stop::Unfilled => self.end(order, Cause::Unfilled),
        }
        self.protect();
        if stop == Stop::Interrupted {
            self.interrupt(instrument);
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

    /// What would fill at once of an order, were it large enough, before it meets a price outside the dynamic band.
    fn fillable(&self, taker: &Order, limit: i64, (low, high): (i64, i64)) -> u128 {
        let queues = self.market(taker.instrument).book.side(taker.side.opposite());
        let mut sum = 0;
        let inside = |price: &i64| (low..=high).contains(price);
        for price in self.reached(taker.instrument, taker.side, limit).take_while(inside) {
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

    /// Trades within `limit` and the dynamic band.
    fn trade(&mut self, taker: &mut Order, limit: i64, (low, high): (i64, i64)) -> Stop {
        while taker.leaves() > 0 {
            let Some(price) = self.reached(taker.instrument, taker.side, limit).next() else {
                return Stop::Unfilled;
            };
            let can_trade = taker.can_trade(price);
            if can_trade == 0 {
                return Stop::Unfilled;
            }
            if price < low || price > high {
                return Stop::Interrupted;
            }
            let id = self.market(taker.instrument).book.side(taker.side.opposite())[&price][0];
            let mut maker = self.open[&id].clone();
            let own = maker.account == taker.account;
            match taker.self_trade {
                SelfTrade::CancelNewest if own => return Stop::SelfTrade,
                SelfTrade::CancelOldest if own => self.cancel_open(maker, Cause::SelfTrade),
                SelfTrade::CancelBoth if own => {
                    self.cancel_open(maker, Cause::SelfTrade);
                    return Stop::SelfTrade;
                }
                SelfTrade::Decrement if own => {
                    let smaller = can_trade.min(maker.leaves());
                    if smaller == maker.leaves() {
                        self.cancel_open(maker, Cause::SelfTrade);
                    } else {
                        self.reduce(&mut maker, smaller);
                        self.market_mut(taker.instrument).changed = true;
                        self.open.insert(id, maker);
                    }
                    if smaller == can_trade {
                        return Stop::SelfTrade;
                    }
                    let less = if taker.amount.is_some() { smaller * price.unsigned_abs() } else { smaller };
                    self.reduce(taker, less);
                }
                _ => {
                    let quantity = can_trade.min(maker.slice);
                    let how = [Liquidity::Maker, Liquidity::Taker];
                    self.exchange([&mut maker, taker], how, price, quantity);
                    self.has_traded(maker, quantity);
                }
            }
        }
        Stop::Filled
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
        orders.iter().for_each(|order| self.cancel_other(order));
        self.trades += 1;
        self.market_mut(instrument).reference = price;
        self.see_trade(instrument, price);
        for (order, liquidity) in orders.iter_mut().zip(how) {
            order.cum += quantity;
            if order.quote && liquidity != Liquidity::Auction {
                self.count_fill(order, quantity);
            }
            order.notional += notional(price, quantity);
            let fee = self.settle(order, liquidity, price, quantity);
            order.is_spent = order.amount.is_some() && order.can_trade(price) == 0;
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
