//! Order lists: one order cancels the other.

use wire::{
    command::{Head, ListRequest, NewOrder, NewOrderList},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{ClOrdId, Lots, OrderStatus, OrderType, Side, TradingState},
};

use super::{
    Owner, Twin,
    order::{List, Order, ended, nothing, rejected, standing},
    stops::starts_at,
};

impl Twin {
    pub(super) fn new_order_list(&mut self, list: &NewOrderList) {
        let orders = orders_of(list);
        if let Err((reject, at_fault)) = self.check_list(list, &orders) {
            return self.refuse_list(list, reject, at_fault);
        }
        let mut accepted = Vec::new();
        for (new, other) in orders.iter().zip([self.orders + 2, self.orders + 1]) {
            self.orders += 1;
            let mut order = self.order_of(new, self.orders);
            order.list = Some(List { name: list.list_id, other });
            order.had_attributes = true;
            self.used.insert((self.owner_of(&order), order.name));
            self.reserve(&order);
            self.put(order);
            accepted.push(self.orders);
        }
        for id in &accepted {
            self.tell(Event { kind: Kind::Accepted, ..standing(&self.open[id]) });
        }
        self.tell_list(&list.head, list.list_id, 0);
    }

    pub(super) fn refuse_list(&mut self, list: &NewOrderList, reject: Reject, at_fault: Option<usize>) {
        let orders = orders_of(list);
        if self.tell_list_again(list, &orders) {
            return;
        }
        if list.head.is_repeat() && self.used.contains(&(self.owner(&list.head), orders[0].cl_ord_id)) {
            return;
        }
        let refusals = [0, 1].map(|number| {
            let is_other = at_fault.is_some_and(|at_fault| at_fault != number);
            let reject = if is_other { Reject::OtherOrderRefused } else { reject };
            let refusal = self.with_limit(rejected(&orders[number], reject), &orders[number]);
            Event { orig_cl_ord_id: list.list_id, by: Event::LISTED, ..refusal }
        });
        refusals.into_iter().for_each(|refusal| self.tell(refusal));
        let by = Event::LISTED + Event::DONE + 2;
        for (refusal, part) in refusals.into_iter().zip(1..) {
            self.tell(Event { kind: Kind::List, by, last_quantity: Lots(part), ..refusal });
        }
    }

    fn check_list(&self, list: &NewOrderList, orders: &[NewOrder; 2]) -> Result<(), (Reject, Option<usize>)> {
        let [a, b] = orders;
        let may_rest = |new: &NewOrder| {
            use OrderType::{Limit, Stop, StopLimit, TrailingStop};
            matches!(new.order_type, Limit | Stop | StopLimit | TrailingStop) && new.time_in_force.rests()
        };
        let together =
            (a.head.account, a.head.instrument(), a.side) == (b.head.account, b.head.instrument(), b.side);
        let limits = orders.iter().filter(|new| new.order_type == OrderType::Limit).count();
        if list.list_id == ClOrdId::NONE || !together || limits == 2 || !may_rest(a) || !may_rest(b) {
            return Err((Reject::BadList, None));
        }
        if self.open_of_list(self.owner(&list.head), list.list_id).is_some() {
            return Err((Reject::DuplicateListId, None));
        }
        for (number, new) in orders.iter().enumerate() {
            let at_fault = |reject| (reject, Some(number));
            self.check_new(new).map_err(at_fault)?;
            if self.would_act(new) {
                return Err(at_fault(Reject::OrderWouldAct));
            }
            if !self.covers(&self.order_of(new, self.orders + 1)) {
                return Err(at_fault(Reject::InsufficientFunds));
            }
        }
        if a.cl_ord_id == b.cl_ord_id {
            return Err((Reject::DuplicateClOrdId, Some(1)));
        }
        self.check_own_room(&a.head, 2, 2).map_err(|reject| (reject, None))?;
        let places = orders.iter().map(|new| super::slices(new.display.0, new.quantity.0)).sum();
        self.check_room(places).map_err(|reject| (reject, None))
    }

    fn would_act(&self, new: &NewOrder) -> bool {
        let market = self.market(new.head.instrument());
        if market.state != TradingState::Continuous {
            return false;
        }
        if new.order_type == OrderType::Limit {
            return self.would_trade(new.head.instrument(), new.side, new.price.0);
        }
        let stop = starts_at(new.order_type, new.side, market.reference, new.stop.0);
        if new.side == Side::Buy { stop <= market.reference } else { stop >= market.reference }
    }

    /// An open order of the owner's list of that name.
    fn open_of_list(&self, owner: Owner, name: ClOrdId) -> Option<&Order> {
        let is_of_it = |o: &&Order| self.owner_of(o) == owner && o.list.is_some_and(|list| list.name == name);
        self.open.values().find(is_of_it)
    }

    /// The OrderIDs of a list that has an open order.
    fn ids(&self, head: &Head, name: ClOrdId) -> Option<[u64; 2]> {
        let order = self.open_of_list(self.owner(head), name)?;
        let other = order.list.expect("it is of a list").other;
        Some([order.id.min(other), order.id.max(other)])
    }

    fn tell_list(&mut self, head: &Head, name: ClOrdId, asked: u8) {
        if let Some(ids) = self.ids(head, name) {
            self.tell_orders(head, name, ids, asked);
        }
    }

    fn tell_orders(&mut self, head: &Head, name: ClOrdId, ids: [u64; 2], asked: u8) {
        let mut known = Vec::new();
        for id in ids {
            if let Some(order) = self.open.get(&id) {
                known.push(standing(order));
            }
            let gone = self.remembered.iter().filter_map(|remembered| remembered.order.as_ref().ok());
            known.extend(gone.filter(|order| order.id == id).map(ended));
        }
        let done = if ids.iter().any(|id| self.open.contains_key(id)) { 0 } else { Event::DONE };
        let by = Event::LISTED + asked + done + u8::try_from(known.len()).expect("at most two");
        for (event, part) in known.into_iter().zip(1..) {
            let (session, last_quantity) = (head.session(), Lots(part));
            self.tell(Event { kind: Kind::List, session, by, orig_cl_ord_id: name, last_quantity, ..event });
        }
    }

    fn no_list(&mut self, request: &ListRequest, asked: u8) {
        let known = (request.head.session().0 as usize) < self.config.sessions.len();
        let reject = if known { Reject::UnknownList } else { Reject::NotEntitled };
        self.refuse_list_request(request, asked, reject);
    }

    pub(super) fn refuse_list_request(&mut self, request: &ListRequest, asked: u8, reject: Reject) {
        let ListRequest { head, list_id, .. } = *request;
        self.tell(Event {
            kind: Kind::List,
            status: OrderStatus::Rejected,
            session: head.session(),
            account: head.account,
            instrument: head.instrument(),
            reject,
            by: Event::LISTED + Event::DONE + asked,
            orig_cl_ord_id: list_id,
            ..nothing()
        });
    }

    pub(super) fn cancel_list(&mut self, request: &ListRequest) {
        let ListRequest { head, list_id, .. } = *request;
        let Some(ids) = self.ids(&head, list_id) else {
            return self.no_list(request, 0);
        };
        let open = ids.into_iter().find(|id| self.open.contains_key(id)).expect("one is open");
        self.cancel_open(self.open[&open].clone(), Cause::Requested);
        self.tell_orders(&head, list_id, ids, 0);
    }

    pub(super) fn list_status(&mut self, request: &ListRequest) {
        match self.ids(&request.head, request.list_id) {
            Some(ids) => self.tell_orders(&request.head, request.list_id, ids, Event::ASKED),
            None => self.no_list(request, Event::ASKED),
        }
    }

    /// The other order of the list of `order` is cancelled, if it is open.
    pub(super) fn cancel_other(&mut self, order: &Order) {
        let Some(other) = order.list.and_then(|list| self.open.get(&list.other)).cloned() else {
            return;
        };
        self.take_out(&other);
        self.tell(Event { kind: Kind::Canceled, cause: Cause::OneCancelsOther, ..ended(&other) });
        self.remember_order(other);
    }
}

/// The orders of a list, each with the list's head but for account and instrument.
fn orders_of(list: &NewOrderList) -> [NewOrder; 2] {
    list.orders.map(|new| {
        let head = list.head.with_account(new.head.account).with_instrument(new.head.instrument());
        NewOrder { head, ..new }
    })
}
