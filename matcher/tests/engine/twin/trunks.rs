//! Trunk sessions: what comes by any of them is its account's.

use wire::{
    command::{Head, NewOrder, NewOrderList, Replace, Target},
    event::{Event, Kind},
    reject::Reject,
    types::{ClOrdId, OrderId, SessionId},
};

use super::{
    Owner, Twin,
    order::{Order, ended, rejected, standing},
};

impl Twin {
    pub(super) fn is_trunk(&self, session: SessionId) -> bool {
        self.config.sessions.get(session.0 as usize).is_some_and(|terms| terms.is_trunk)
    }

    pub(super) fn owner(&self, head: &Head) -> Owner {
        if self.is_trunk(head.session()) { (true, head.account.0) } else { (false, head.session().0) }
    }

    pub(super) fn owner_of(&self, order: &Order) -> Owner {
        if self.is_trunk(order.session) { (true, order.account.0) } else { (false, order.session.0) }
    }

    /// The OrderID of the order that the owner calls so, or did before replaces.
    fn once_named(&self, head: &Head, name: ClOrdId) -> Option<u64> {
        let owner = self.owner(head);
        let open = self.open.values().find(|o| self.owner_of(o) == owner && o.name == name && !o.quote);
        let gone = || self.remembered.iter().find(|r| r.owner == owner && r.name == name);
        let id = match open {
            Some(order) => Some(order.id),
            None => {
                gone().map(|remembered| remembered.order.as_ref().map_or_else(|&id| id, |order| order.id))
            }
        };
        id.filter(|_| self.is_trunk(head.session()))
    }

    /// How the order of that OrderID, open or remembered, stands.
    fn state_of(&self, id: u64) -> Event {
        let mut gone = self.remembered.iter().filter_map(|remembered| remembered.order.as_ref().ok());
        match self.open.get(&id) {
            Some(order) => standing(order),
            None => ended(gone.find(|order| order.id == id).expect("a name is forgotten before its order")),
        }
    }

    /// Whether a trunk's request bears a name that its account has used: then how that order stands is told.
    pub(super) fn tell_again(&mut self, head: &Head, name: ClOrdId) -> bool {
        let Some(id) = self.once_named(head, name) else { return false };
        self.tell(Event {
            kind: Kind::Status,
            session: head.session(),
            by: Event::ANSWER,
            orig_cl_ord_id: name,
            ..self.state_of(id)
        });
        true
    }

    pub(super) fn tell_replaced_again(&mut self, replace: &Replace) -> bool {
        let head = &replace.head;
        let pointed_at = match replace.order.target() {
            Target::Client(name) => self.once_named(head, name),
            Target::Venue(OrderId(id)) => match self.find_open(head, &replace.order) {
                Ok(_) => Some(id),
                Err((about, _)) => Some(about.order_id.0).filter(|&id| id > 0),
            },
        };
        let named = self.once_named(head, replace.cl_ord_id);
        let differ = pointed_at.is_some() && pointed_at != named;
        !differ && self.tell_again(head, replace.cl_ord_id)
    }

    /// Whether an order of a trunk's list has come before: then both are told of.
    pub(super) fn tell_list_again(&mut self, list: &NewOrderList, orders: &[NewOrder; 2]) -> bool {
        let known = orders.map(|new| self.once_named(&new.head, new.cl_ord_id).is_some());
        if known == [false; 2] {
            return false;
        }
        for new in orders {
            if !self.tell_again(&new.head, new.cl_ord_id) {
                let refusal = rejected(new, Reject::OtherOrderRefused);
                self.tell(Event { orig_cl_ord_id: list.list_id, by: Event::LISTED, ..refusal });
            }
        }
        true
    }

    /// Tells the order's session, and who asked if that is another one.
    pub(super) fn tell_both(&mut self, event: Event, head: &Head) {
        self.tell(event);
        if event.session != head.session() {
            self.tell(Event { session: head.session(), by: Event::ANSWER, ..event });
        }
    }
}
