//! Orders that wait for the last price to reach their stop.

use wire::{
    event::{Event, Kind},
    limits::TICKS_MAX,
    types::{InstrumentId, OrderType, Side, Ticks, TimeInForce, TradingState},
};

use super::{
    Twin,
    order::{Order, standing},
};

/// A trailing stop's price, `distance` behind the best one.
pub(super) fn trails_at(side: Side, best: i64, distance: i64) -> i64 {
    let stop = if side == Side::Buy { best + distance } else { best - distance };
    stop.clamp(1, TICKS_MAX)
}

/// Where the stop of a new order is: `stop` is a price, or a trailing stop's distance to the last one.
pub(super) fn starts_at(order_type: OrderType, side: Side, last: i64, stop: i64) -> i64 {
    if order_type == OrderType::TrailingStop { trails_at(side, last, stop) } else { stop }
}

impl Twin {
    /// What an instrument's stops do once a command's own matching is done.
    pub(super) fn trigger_stops(&mut self, instrument: InstrumentId) {
        loop {
            self.trail(instrument);
            if self.market(instrument).state != TradingState::Continuous {
                return;
            }
            let last = self.market(instrument).reference;
            let Some(mut order) = self.first_satisfied(instrument, last) else {
                return;
            };
            self.cancel_other(&order);
            self.take_out(&order);
            order.order_type = order.order_type.triggered();
            if order.order_type == OrderType::Market {
                (order.time_in_force, order.expire) = (TimeInForce::Ioc, 0);
            }
            let stop = Ticks(order.stop);
            (order.stop, order.distance, order.best, order.seen) = (0, 0, 0, 0);
            self.tell(Event { kind: Kind::Triggered, last_price: Ticks(last), stop, ..standing(&order) });
            if self.hold_anew(&mut order) {
                self.enter(order);
            }
        }
    }

    fn trail(&mut self, instrument: InstrumentId) {
        for side in [Side::Buy, Side::Sell] {
            for id in &self.stops {
                let order = self.open.get_mut(id).expect("it waits");
                if order.distance == 0 || order.instrument != instrument || order.side != side {
                    continue;
                }
                order.best = order.seen;
                let stop = trails_at(side, order.best, order.distance);
                if stop != order.stop {
                    order.stop = stop;
                    self.places += 1;
                    order.place = self.places;
                }
            }
        }
    }

    pub(super) fn first_satisfied(&self, instrument: InstrumentId, last: i64) -> Option<Order> {
        let satisfied = |o: &&&Order| if o.side == Side::Buy { o.stop <= last } else { o.stop >= last };
        self.waiting(instrument).iter().find(satisfied).map(|&order| order.clone())
    }

    /// An instrument's waiting orders: those of buys, then of sells, each in the order in which they trigger.
    pub(super) fn waiting(&self, instrument: InstrumentId) -> Vec<&Order> {
        let mut orders: Vec<&Order> =
            self.stops.iter().map(|id| &self.open[id]).filter(|o| o.instrument == instrument).collect();
        orders.sort_by_key(|o| (o.side, if o.side == Side::Buy { o.stop } else { -o.stop }, o.place));
        orders
    }

    /// Trailing stops see a trade.
    pub(super) fn see_trade(&mut self, instrument: InstrumentId, price: i64) {
        for id in &self.stops {
            let order = self.open.get_mut(id).expect("it waits");
            if order.distance == 0 || order.instrument != instrument {
                continue;
            }
            order.seen = if order.side == Side::Buy { order.seen.min(price) } else { order.seen.max(price) };
        }
    }
}
