//! Operators' search for orders: a look at a bounded number of places, which changes nothing.
//!
//! First come the slots of open orders, then the ended ones that are remembered, oldest first. Between two pieces orders come,
//! end and are forgotten: one that ends meanwhile may be told twice, and one that takes a slot that was passed is not told.

use wire::{
    command::{FindOrders, MassCancel},
    event::{Event, Kind},
    limits::{FIND_ORDERS_PIECE, FIND_ORDERS_TOLD},
    types::{AccountId, ClOrdId, Lots, OrderId},
};

use super::{Engine, codes::Terms, names::same, report};

/// From here on a place is the number of an ended order. There are fewer slots.
const ENDED: u64 = 1 << 32;

impl Engine {
    /// Tells `tell` of orders that `wish` is about, from the place `wish.from` on, and then where to go on.
    pub fn find_orders(&self, wish: &FindOrders, mut tell: impl FnMut(Event)) {
        let mut told = 0;
        let mut at = wish.from;
        let mut next = FindOrders::END;
        for _ in 0..FIND_ORDERS_PIECE {
            if at < ENDED && at >= self.register.slots() {
                at = ENDED;
            }
            if at >= ENDED {
                at = at.max(ENDED + self.register.forgotten());
            }
            let found = if at < ENDED {
                u32::try_from(at).ok().and_then(|slot| self.open_if_wanted(wish, slot))
            } else if wish.by & FindOrders::OPEN != 0 || at - ENDED >= self.register.ended_so_far() {
                next = FindOrders::END;
                break;
            } else {
                self.ended_if_wanted(wish, at - ENDED)
            };
            at += 1;
            next = at;
            if let Some(event) = found {
                told += 1;
                tell(Event { by: Event::MASS, ..event });
                if told >= wish.most.clamp(1, FIND_ORDERS_TOLD) {
                    break;
                }
            }
        }
        let end = report::of_unknown(Kind::Status, &wish.head);
        tell(Event { by: Event::MASS | Event::LAST, quantity: Lots(next), ..end });
    }

    fn open_if_wanted(&self, wish: &FindOrders, slot: u32) -> Option<Event> {
        let order = self.register.order(slot);
        let is_there = order.id != OrderId(0);
        let wanted = is_there && is_wanted(wish, self.terms(slot), order.account, order.id, &order.name);
        wanted.then(|| self.open_event(Kind::Status, slot))
    }

    fn ended_if_wanted(&self, wish: &FindOrders, number: u64) -> Option<Event> {
        let ended = self.register.ended_at(number);
        // Of some the name alone is remembered.
        let is_order = ended.id != OrderId(0);
        let wanted = is_order && is_wanted(wish, ended.terms, ended.account, ended.id, &ended.name);
        wanted.then(|| report::of_ended(Kind::Status, ended))
    }
}

fn is_wanted(wish: &FindOrders, terms: Terms, account: AccountId, id: OrderId, name: &ClOrdId) -> bool {
    let asks = |bit| wish.by & bit != 0;
    (!asks(MassCancel::SESSION) || terms.session() == wish.head.session())
        && (!asks(MassCancel::ACCOUNT) || account == wish.head.account)
        && (!asks(MassCancel::INSTRUMENT) || terms.instrument() == wish.head.instrument())
        && (wish.order_id == OrderId(0) || id == wish.order_id)
        && (wish.cl_ord_id == ClOrdId::NONE || same(name, &wish.cl_ord_id))
}
