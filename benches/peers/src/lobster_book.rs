//! lobster: it knows limit and market orders and cancels. What it does not know is made of these: a limit order
//! that does not rest is cancelled after it, an amended order is cancelled and entered again.

use lobster::{OrderBook, OrderEvent, OrderType};

use crate::{Order, Peer, Side};

/// Its book.
#[derive(Debug, Default)]
pub struct Lobster(OrderBook);

impl Lobster {
    fn limit(&mut self, id: u32, side: Side, price: u64, qty: u64) -> OrderEvent {
        let side = if side == Side::Buy { lobster::Side::Bid } else { lobster::Side::Ask };
        self.0.execute(OrderType::Limit { id: id.into(), side, qty, price })
    }

    fn cancel(&mut self, id: u32) {
        self.0.execute(OrderType::Cancel { id: id.into() });
    }
}

impl Peer for Lobster {
    fn apply(&mut self, order: Order) -> u64 {
        let event = match order {
            Order::Add { id, side, price, quantity } => self.limit(id, side, price, quantity),
            Order::Take { id, side, price, quantity } => {
                let event = self.limit(id, side, price, quantity);
                if !matches!(event, OrderEvent::Filled { .. }) {
                    self.cancel(id);
                }
                event
            }
            Order::Cancel { id } => {
                self.cancel(id);
                return 0;
            }
            Order::Reduce { id, left, side, price, .. } | Order::Reprice { id, left, side, price } => {
                self.cancel(id);
                self.limit(id, side, price, left)
            }
        };
        match event {
            OrderEvent::PartiallyFilled { fills, .. } | OrderEvent::Filled { fills, .. } => {
                fills.len() as u64
            }
            _ => 0,
        }
    }
}
