//! What is always true, whatever the commands were.

use std::collections::BTreeSet;

use wire::types::{Side, TradingState};

use super::Twin;

impl Twin {
    pub(crate) fn audit(&self) {
        let mut placed = BTreeSet::new();
        for (book, state) in self.books.iter().zip(&self.states) {
            if let (TradingState::Continuous, Some(buy), Some(sell)) =
                (*state, book.buys.keys().next_back(), book.sells.keys().next())
            {
                assert!(buy < sell, "the book is crossed");
            }
            for &side in Side::ALL {
                for (&price, queue) in book.side(side) {
                    assert!(!queue.is_empty(), "an empty level stays");
                    for id in queue {
                        assert!(placed.insert(*id), "an order stands in two places");
                        let order = &self.open[id];
                        assert!(order.side == side && order.price == price && !order.waits());
                        assert!(0 < order.slice && order.slice <= order.leaves());
                        assert!(order.display > 0 || order.slice == order.leaves());
                    }
                }
            }
        }
        for order in self.open.values() {
            assert!(order.leaves() > 0 && order.waits() != placed.contains(&order.id), "{order:?}");
            let remembered = self.remembered.iter().filter_map(|r| r.order.as_ref());
            assert!(remembered.filter(|r| r.id == order.id).count() == 0, "open and ended: {order:?}");
        }
        self.audit_funds();
    }
}
