//! Trunk sessions: what comes by any of them is its account's, and what has come before is answered with how it stands.

use wire::{
    command::{Head, NewOrder, NewOrderList, OrderRef, Replace, Target},
    event::{Event, Kind},
    reject::Reject,
    types::ClOrdId,
};

use super::{Engine, Found, Sink, report};

impl Engine {
    /// The order of a name that the account has used by trunks; `None` for other sessions.
    fn once_named(&self, head: &Head, name: &ClOrdId) -> Option<Found> {
        if name.is_none() || !self.register.owners.is_trunk(head.session()) {
            return None;
        }
        self.register.once_named(&self.arena, self.owner(head), name)
    }

    /// Whether a refused order came by a trunk before: then how it stands is told instead.
    pub(super) fn tell_again<S: Sink>(&mut self, new: &NewOrder, sink: &mut S) -> bool {
        let found = self.once_named(&new.head, &new.cl_ord_id);
        if let Some(found) = found {
            self.tell_found(&new.head, &new.cl_ord_id, found, sink);
        }
        found.is_some()
    }

    /// The same of a list of which any order did. Of one that did not it is told that it is refused.
    pub(super) fn tell_list_again<S: Sink>(
        &mut self,
        list: &NewOrderList,
        orders: &[NewOrder; 2],
        sink: &mut S,
    ) -> bool {
        let known = orders.each_ref().map(|new| self.once_named(&new.head, &new.cl_ord_id));
        if known == [None; 2] {
            return false;
        }
        for (new, found) in orders.iter().zip(known) {
            match found {
                Some(found) => self.tell_found(&new.head, &new.cl_ord_id, found, sink),
                None => {
                    let (by, orig_cl_ord_id) = (Event::LISTED, list.list_id);
                    let event = self.rejected(new, Reject::OtherOrderRefused);
                    self.reporter.send(Event { by, orig_cl_ord_id, ..event }, sink);
                }
            }
        }
        true
    }

    /// The same of a refused replace: it came before if the name that it gives was used, unless it points at another order.
    pub(super) fn tell_replaced_again<S: Sink>(&mut self, replace: &Replace, sink: &mut S) -> bool {
        let Replace { head, cl_ord_id, order, .. } = replace;
        let Some(found) = self.once_named(head, cl_ord_id) else { return false };
        if self.once_pointed_at(head, order).is_some_and(|other| other != found) {
            return false;
        }
        self.tell_found(head, cl_ord_id, found, sink);
        true
    }

    fn once_pointed_at(&self, head: &Head, reference: &OrderRef) -> Option<Found> {
        match reference.target() {
            Target::Client(name) => self.once_named(head, &name),
            Target::Venue(_) => self.find(head, reference),
        }
    }

    /// Tells how an order stands whose request has come before.
    fn tell_found<S: Sink>(&mut self, head: &Head, name: &ClOrdId, found: Found, sink: &mut S) {
        let event = match found {
            Found::Open(slot) => self.open_event(Kind::Status, slot),
            Found::Ended(place) => report::of_ended(Kind::Status, self.register.ended(place)),
        };
        let (session, by, orig_cl_ord_id) = (head.session(), Event::ANSWER, *name);
        self.reporter.send(Event { session, by, orig_cl_ord_id, ..event }, sink);
    }

    /// Tells what a request has done to an order: the order's session, and who asked if that is another trunk.
    #[inline]
    pub(super) fn send_to_both<S: Sink>(&mut self, event: Event, head: &Head, sink: &mut S) {
        self.reporter.send(event, sink);
        if event.session != head.session() {
            self.reporter.send(Event { session: head.session(), by: Event::ANSWER, ..event }, sink);
        }
    }
}
