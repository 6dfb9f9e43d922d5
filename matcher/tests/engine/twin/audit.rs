//! What is always true, whatever the commands were.

use std::collections::BTreeSet;

use wire::types::{Side, TradingState};

use super::{Twin, market::Market};

impl Twin {
    pub(crate) fn audit(&self) {
        let mut placed = BTreeSet::new();
        for market in &self.markets {
            self.audit_market(market, &mut placed);
        }
        let waiting: BTreeSet<u64> = self.open.values().filter(|o| o.waits()).map(|o| o.id).collect();
        assert_eq!(waiting, self.stops);
        let mut places = BTreeSet::new();
        for order in self.open.values() {
            assert!(order.leaves() > 0 && order.waits() != placed.contains(&order.id), "{order:?}");
            assert!(0 < order.place && order.place <= self.places && places.insert(order.place));
            let remembered = self.remembered.iter().filter_map(|r| r.order.as_ref().ok());
            assert!(remembered.filter(|r| r.id == order.id).count() == 0, "open and ended: {order:?}");
        }
        let taken: u64 = self.open.values().map(|order| order.slices).sum();
        assert!(taken <= self.config.open_orders_max.into(), "more places are taken than there are");
        self.audit_quotes();
        self.audit_funds();
    }

    fn audit_quotes(&self) {
        let mut quoted = BTreeSet::new();
        for order in self.open.values().filter(|order| order.quote) {
            assert!(quoted.insert((order.account, order.instrument, order.side)), "two quotes on one side");
            assert!(!self.is_protected(order.account, order.instrument), "protection has pulled them all");
        }
        let pairs: BTreeSet<_> =
            quoted.iter().map(|&(account, instrument, _)| (account, instrument)).collect();
        assert!(pairs.len() <= self.config.quotes_max as usize);
    }

    fn audit_market(&self, market: &Market, placed: &mut BTreeSet<u64>) {
        let bests = [Side::Buy, Side::Sell].map(|side| market.book.first(side));
        if let (TradingState::Continuous, [Some((buy, _)), Some((sell, _))]) = (market.state, bests) {
            assert!(buy < sell, "the book is crossed");
        }
        assert!(market.call_ends.is_none() || market.state == TradingState::VolatilityAuction);
        if market.state == TradingState::Continuous {
            let satisfied = self.first_satisfied(market.terms.id, market.reference);
            assert!(satisfied.is_none(), "a stop should have been triggered: {satisfied:?}");
        }
        let books = [(&market.book, false), (&market.opening, true), (&market.closing, true)];
        for (book, for_auctions) in books {
            for &side in Side::ALL {
                for (&limit, queue) in book.side(side) {
                    assert!(!queue.is_empty(), "an empty level stays");
                    assert!(
                        queue.iter().map(|id| self.open[id].place).is_sorted(),
                        "places tell who is first"
                    );
                    for id in queue {
                        assert!(placed.insert(*id), "an order stands in two places");
                        let order = &self.open[id];
                        assert!(order.side == side && order.limit() == limit && !order.waits());
                        assert!(order.is_for_an_auction() == for_auctions);
                        assert!(0 < order.slice && order.slice <= order.leaves());
                        assert!(order.display > 0 || order.slice == order.leaves());
                    }
                }
            }
        }
    }
}
