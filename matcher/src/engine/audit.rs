//! Everything that must hold between two commands, checked the slow way.

use wire::types::{OrderId, Side, Ticks, TradingState};

use super::{Engine, Found};

impl Engine {
    /// Checks every invariant of the state, for tests and drills: it walks all of it.
    ///
    /// # Panics
    /// If one does not hold.
    pub fn audit(&self) {
        let mut orders = 0;
        let mut levels = 0;
        let mut quotes = 0;
        for (market, instrument) in self.markets.iter().zip(0u32..) {
            let best = [Side::Buy, Side::Sell].map(|side| market.book.best(&self.arena, side));
            if let [Some((bid, _)), Some((ask, _))] = best {
                assert!(bid < ask || market.state != TradingState::Continuous, "the book is crossed");
            }
            let mut icebergs = 0;
            for side in [Side::Buy, Side::Sell] {
                let mut last_price = None;
                for sides in [&market.opening, &market.closing] {
                    for level in sides.levels(&self.arena, side) {
                        levels += 1;
                        let first = Some(level.first);
                        orders += std::iter::successors(first, |&slot| self.arena.younger(slot)).count();
                    }
                }
                for level in market.book.levels(&self.arena, side) {
                    let in_order = last_price.is_none_or(|last: Ticks| match side {
                        Side::Buy => level.price < last,
                        Side::Sell => level.price > last,
                    });
                    assert!(in_order, "levels stand in order of price");
                    last_price = Some(level.price);
                    let mut sum = 0;
                    let mut next = Some(level.first);
                    while let Some(slot) = next {
                        sum += u128::from(self.arena.leaves(slot).0);
                        assert!(self.arena.leaves(slot).0 > 0, "what rests can trade");
                        let display = self
                            .attributes
                            .of(self.register.order(slot), slot)
                            .map_or(0, |extra| extra.display.0);
                        assert!(display == 0 || self.arena.leaves(slot).0 <= display);
                        icebergs += u32::from(display > 0);
                        assert_eq!(self.arena.price(slot), level.price);
                        assert_eq!(self.terms(slot).side(), side);
                        assert_eq!(self.terms(slot).instrument().0, instrument);
                        let order = self.register.order(slot);
                        let owner = self.register.owner_of(&self.arena, Found::Open(slot));
                        assert!(self.register.by_id(order.id) == Some(Found::Open(slot)));
                        if self.terms(slot).is_quote() {
                            quotes += 1;
                        } else {
                            let by_name = self.register.by_name(&self.arena, owner, &order.name);
                            assert!(by_name == Some(Found::Open(slot)));
                        }
                        orders += 1;
                        next = self.arena.younger(slot);
                    }
                    assert_eq!(sum, level.total.quantity(), "a level displays what stands at it");
                    levels += 1;
                }
            }
            assert_eq!(icebergs, market.icebergs);
            let mut waiting = 0;
            for side in [Side::Buy, Side::Sell] {
                let (queue, queued) = market.stops.queue(side);
                for level in queue.levels(&self.arena, queued) {
                    let mut next = Some(level.first);
                    while let Some(slot) = next {
                        let extra = self
                            .attributes
                            .of(self.register.order(slot), slot)
                            .expect("a stop has attributes");
                        assert!(extra.waits && extra.stop == level.price && extra.hidden.0 == 0);
                        assert_eq!(self.terms(slot).side(), side);
                        assert_eq!(self.terms(slot).instrument().0, instrument);
                        let satisfied = match side {
                            Side::Buy => market.reference >= extra.stop,
                            Side::Sell => market.reference <= extra.stop,
                        };
                        assert!(!satisfied || market.state != TradingState::Continuous);
                        orders += 1;
                        waiting += 1;
                        next = self.arena.younger(slot);
                    }
                    levels += 1;
                }
            }
            assert_eq!(waiting, market.stops.waiting());
        }
        assert_eq!(orders, self.open_orders(), "every open order stands in one queue");
        assert_eq!(levels, self.arena.levels(), "every level is in one book");
        self.audit_owners(orders);
        self.limits.audit(
            self.register
                .owners
                .open()
                .map(|slot| (self.terms(slot).session(), self.register.order(slot).account)),
        );
        self.attributes.audit_due();
        self.audit_funds();
        self.audit_quotes(quotes);
        self.audit_lists();
        self.protections.audit();
        self.audit_sums();
        for (_, ended) in self.register.remembered() {
            let owner = self.register.owners.of(ended.terms.session(), ended.account);
            assert!(self.register.is_used(&self.arena, owner, &ended.name));
            if ended.id == OrderId(0) {
                assert!(self.register.by_id(ended.named()).is_some(), "an order outlives its former names");
            } else {
                assert!(matches!(self.register.by_id(ended.id), Some(Found::Ended(_))));
            }
        }
    }

    fn audit_owners(&self, orders: usize) {
        let mut own = 0;
        let owners = &self.register.owners;
        for owner in owners.all() {
            let mut last = OrderId(0);
            let mut count = 0;
            for slot in std::iter::successors(owners.first_of(owner), |&slot| owners.next(slot)) {
                assert!(self.register.owner_of(&self.arena, Found::Open(slot)) == owner);
                assert!(self.register.order(slot).id > last, "an owner's orders are in order of OrderID");
                last = self.register.order(slot).id;
                count += 1;
            }
            assert_eq!(count, owners.count_of(owner));
            own += count as usize;
        }
        assert_eq!(own, orders, "every open order is its owner's");
    }
}
