//! The queues of an instrument, and matching.

use std::collections::{BTreeMap, VecDeque};

use wire::{
    event::{Cause, Event, Kind, Liquidity},
    types::{InstrumentId, Lots, OrderType, SelfTrade, Side, Ticks, TimeInForce, TradeId, TradingState},
};

use super::{
    Twin,
    order::{Order, standing},
};

type Queues = BTreeMap<i64, VecDeque<u64>>;

#[derive(Default)]
pub(super) struct Book {
    pub(super) buys: Queues,
    pub(super) sells: Queues,
}

impl Book {
    pub(super) fn side(&self, side: Side) -> &Queues {
        if side == Side::Buy { &self.buys } else { &self.sells }
    }
}

impl Twin {
    /// An accepted or triggered order goes through matching.
    pub(super) fn enter(&mut self, mut order: Order) {
        let continuous = self.states[order.instrument.0 as usize] == TradingState::Continuous;
        if !continuous || matches!(order.time_in_force, TimeInForce::AtTheOpening | TimeInForce::AtTheClose) {
            return self.put(order);
        }
        let limit = if order.order_type == OrderType::Limit {
            order.price
        } else {
            self.edge(order.instrument, order.side)
        };
        let (least, cause) = match order.time_in_force {
            TimeInForce::Fok => (order.leaves(), Cause::NotFillable),
            _ => (order.minimum, Cause::BelowMinimum),
        };
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
    fn reached(&self, instrument: InstrumentId, side: Side, limit: i64) -> Vec<i64> {
        let other = self.books[instrument.0 as usize].side(side.opposite());
        match side {
            Side::Buy => other.keys().copied().take_while(|&price| price <= limit).collect(),
            Side::Sell => other.keys().rev().copied().take_while(|&price| price >= limit).collect(),
        }
    }

    pub(super) fn would_trade(&self, instrument: InstrumentId, side: Side, limit: i64) -> bool {
        self.states[instrument.0 as usize] == TradingState::Continuous
            && !self.reached(instrument, side, limit).is_empty()
    }

    /// What would fill at once of an order, were it large enough.
    fn fillable(&self, taker: &Order, limit: i64) -> u128 {
        let queues = self.books[taker.instrument.0 as usize].side(taker.side.opposite());
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
    pub(super) fn trade(&mut self, taker: &mut Order, limit: i64) -> bool {
        while taker.leaves() > 0 {
            let Some(&price) = self.reached(taker.instrument, taker.side, limit).first() else {
                return false;
            };
            let id = self.books[taker.instrument.0 as usize].side(taker.side.opposite())[&price][0];
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
                    self.exchange(maker, taker, price, quantity);
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

    /// One trade between the first order of a queue and an order that stands in none.
    fn exchange(&mut self, mut maker: Order, taker: &mut Order, price: i64, quantity: u64) {
        self.trades += 1;
        self.references[taker.instrument.0 as usize] = price;
        self.see_trade(taker.instrument, price);
        for order in [&mut maker, &mut *taker] {
            order.cum += quantity;
            order.notional += notional(price, quantity);
        }
        maker.slice -= quantity;
        let fees = self.settle(&mut maker, taker, price, quantity);
        let sides = [(&maker, Liquidity::Maker, fees[0]), (&*taker, Liquidity::Taker, fees[1])];
        for (order, liquidity, fee) in sides {
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
        if maker.leaves() == 0 {
            self.take_out(&maker);
            return self.remember_order(maker);
        }
        if maker.slice == 0 {
            maker.fresh_slice();
            maker.place = self.next_place();
            let queue = self.queues(maker.instrument, maker.side).get_mut(&price).expect("it stands there");
            queue.rotate_left(1);
        }
        self.open.insert(maker.id, maker);
    }

    fn queues(&mut self, instrument: InstrumentId, side: Side) -> &mut Queues {
        let book = &mut self.books[instrument.0 as usize];
        if side == Side::Buy { &mut book.buys } else { &mut book.sells }
    }

    /// Into the queue of its price, at the back, or off the book if it waits.
    pub(super) fn put(&mut self, mut order: Order) {
        order.fresh_slice();
        order.place = self.next_place();
        if !order.waits() {
            self.queues(order.instrument, order.side).entry(order.price).or_default().push_back(order.id);
        }
        self.open.insert(order.id, order);
    }

    fn next_place(&mut self) -> u64 {
        self.joined += 1;
        self.joined
    }

    pub(super) fn take_out(&mut self, order: &Order) {
        let order = self.open.remove(&order.id).expect("it is open");
        if order.waits() {
            return;
        }
        let queues = self.queues(order.instrument, order.side);
        let queue = queues.get_mut(&order.price).expect("it stands there");
        queue.retain(|&id| id != order.id);
        if queue.is_empty() {
            queues.remove(&order.price);
        }
    }
}

fn total(quantities: impl Iterator<Item = u64>) -> u128 {
    quantities.map(u128::from).sum()
}

pub(super) fn notional(price: i64, quantity: u64) -> u128 {
    u128::from(price.unsigned_abs()) * u128::from(quantity)
}
