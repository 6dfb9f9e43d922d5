//! orderbook-rs, in its default set-up, called from one thread.

use orderbook_rs::{Id, OrderBook, Side as TheirSide, TimeInForce};
use pricelevel::{OrderUpdate, Price, Quantity};

use crate::{Order, Peer, Side};

/// Its book.
pub struct OrderbookRs(OrderBook<()>);

impl Default for OrderbookRs {
    fn default() -> Self {
        OrderbookRs(OrderBook::new("X"))
    }
}

impl OrderbookRs {
    fn limit(&self, id: u32, side: Side, price: u64, quantity: u64, time_in_force: TimeInForce) {
        let side = if side == Side::Buy { TheirSide::Buy } else { TheirSide::Sell };
        let id = Id::sequential(id.into());
        // That an IOC order's rest was not filled is an error to it.
        let _result = self.0.add_limit_order(id, price.into(), quantity, side, time_in_force, None);
    }
}

impl Peer for OrderbookRs {
    fn apply(&mut self, order: Order) -> u64 {
        match order {
            Order::Add { id, side, price, quantity } => {
                self.limit(id, side, price, quantity, TimeInForce::Gtc)
            }
            Order::Take { id, side, price, quantity } => {
                self.limit(id, side, price, quantity, TimeInForce::Ioc);
            }
            Order::Cancel { id } => {
                let _result = self.0.cancel_order(Id::sequential(id.into()));
            }
            Order::Reduce { id, left, .. } => {
                let order_id = Id::sequential(id.into());
                let _result = self.0.update_order(OrderUpdate::UpdateQuantity {
                    order_id,
                    new_quantity: Quantity::new(left),
                });
            }
            Order::Reprice { id, price, .. } => {
                let order_id = Id::sequential(id.into());
                let _result = self
                    .0
                    .update_order(OrderUpdate::UpdatePrice { order_id, new_price: Price::new(price.into()) });
            }
        }
        0
    }
}
