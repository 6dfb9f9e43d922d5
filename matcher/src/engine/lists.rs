//! Order lists: two orders of which one cancels the other (OCO).
//!
//! At most one order of a list stands in a book, since the other waits for a stop price or did when it was triggered and
//! had the first one cancelled. So nothing that comes to a book meets both, and what they hold of funds can be shared.
//!
//! What this keeps is the list's name and where its open orders are; an order knows the number of its list. That a list
//! has one open order left is no reason to forget it: its reports bear the list's name to the end.

use serde::{Deserialize, Serialize};
use wire::{
    command::{Head, ListRequest, NewOrder, NewOrderList},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{ClOrdId, Lots, OrderId, OrderType, Side, TradingState},
};

use super::{
    Engine, Found, Owner, Sink,
    attributes::Extra,
    book::NONE,
    index::{Index, touch_room},
    names::same,
    report,
    stops::trailing,
};

/// One list.
#[derive(Clone, Copy)]
struct List {
    name: ClOrdId,
    owner: Owner,
    /// The slots of its orders; [`NONE`] once one has ended.
    slots: [u32; 2],
    /// The OrderID of the first; the second's is the next.
    first: OrderId,
    /// What both hold of funds, and is held once, as long as both are open.
    shared: i128,
}

const _: () = assert!(size_of::<List>() == 80);

/// What an image has of a list: its orders are those with its first OrderID and the next, as far as they are open.
#[derive(Serialize, Deserialize)]
pub(super) struct Image<'a> {
    #[serde(with = "serde_bytes")]
    name: &'a [u8],
    owner: u32,
    first: u64,
    open: [bool; 2],
    shared: i128,
}

/// The lists that have an open order, by the owner's name.
pub(super) struct Lists {
    all: Vec<List>,
    free: Vec<u32>,
    index: Index,
}

impl Lists {
    /// Bytes reserved for as many open orders, since each may be the last one of a list.
    pub(super) fn bytes(orders: u32) -> u64 {
        u64::from(orders) * (size_of::<List>() + size_of::<u32>()) as u64 + Index::bytes(orders.into())
    }

    pub(super) fn new(orders: u32) -> Lists {
        let room = orders as usize;
        Lists {
            all: Vec::with_capacity(room),
            free: Vec::with_capacity(room),
            index: Index::new(orders.into()),
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.all);
        touch_room(&mut self.free);
        self.index.prefault();
    }

    /// The name of a list, by its number.
    pub(super) fn name(&self, number: u32) -> &ClOrdId {
        &self.at(number).name
    }

    /// Numbers begin at 1.
    fn at(&self, number: u32) -> &List {
        &self.all[number as usize - 1]
    }

    fn find(&self, hash: u32, owner: Owner, name: &ClOrdId) -> Option<u32> {
        let is_it = |number: u32| {
            let list = self.at(number);
            list.owner == owner && same(&list.name, name)
        };
        self.index.find(hash, is_it).map(|(_, number)| number)
    }

    fn enter(&mut self, hash: u32, list: List) -> u32 {
        let number = match self.free.pop() {
            Some(number) => {
                self.all[number as usize - 1] = list;
                number
            }
            None => {
                // No more than open orders, so this neither reallocates nor exceeds u32.
                self.all.push(list);
                u32::try_from(self.all.len()).unwrap_or(NONE)
            }
        };
        self.index.insert(hash, number);
        number
    }

    /// The order in `slot` has left the list of that number, which has the hash.
    fn leave(&mut self, hash: impl FnOnce(&List) -> u32, number: u32, slot: u32) {
        let list = &mut self.all[number as usize - 1];
        list.slots = list.slots.map(|own| if own == slot { NONE } else { own });
        if list.slots == [NONE; 2] {
            if let Some((place, _)) = self.index.find(hash(list), |found| found == number) {
                self.index.remove(place);
            }
            self.free.push(number);
        }
    }
}

/// Why a list is refused, and the number of the order at fault, from 0; `None` is the list.
pub(super) type Refused = (Reject, Option<usize>);

impl Engine {
    #[inline(never)]
    pub(super) fn new_order_list<S: Sink>(&mut self, list: &NewOrderList, sink: &mut S) {
        let orders = Self::orders_of(list);
        if let Err(refused) = self.check_list(list, &orders) {
            return self.refuse_list(list, &orders, refused, sink);
        }
        let first = OrderId(self.last_order + 1);
        let slots = orders.each_ref().map(|new| {
            let slot = self.enter(new);
            if new.order_type.is_stop() {
                self.wait(slot, new);
            } else {
                self.rest(slot, new.price, sink);
            }
            slot
        });
        let shared = self.share_funds(slots);
        let (owner, name) = (self.owner(&list.head), list.list_id);
        let hash = self.register.name_hash(owner, &name);
        let number = self.lists.enter(hash, List { name, owner, slots, first, shared });
        for slot in slots {
            self.join(slot, number);
        }
        for slot in slots {
            self.reporter.send(self.open_event(Kind::Accepted, slot), sink);
        }
        self.tell_list(number, (&list.head, 0), sink);
    }

    /// The orders of a list, whose heads say account and instrument; whatever else a head says is the command's: nobody
    /// trades by another's session.
    pub(super) fn orders_of(list: &NewOrderList) -> [NewOrder; 2] {
        list.orders.map(|new| {
            let head = list.head.with_account(new.head.account).with_instrument(new.head.instrument());
            NewOrder { head, ..new }
        })
    }

    fn check_list(&self, list: &NewOrderList, orders: &[NewOrder; 2]) -> Result<(), Refused> {
        let of_list = |reject| (reject, None);
        let [first, second] = orders;
        let fits = first.head.account == second.head.account
            && first.head.instrument() == second.head.instrument()
            && first.side == second.side
            && orders.iter().any(|new| new.order_type.is_stop())
            && orders.iter().all(|new| {
                new.time_in_force.rests() && (new.order_type == OrderType::Limit || new.order_type.is_stop())
            });
        if list.list_id.is_none() || !fits {
            return Err(of_list(Reject::BadList));
        }
        let owner = self.owner(&list.head);
        let hash = self.register.name_hash(owner, &list.list_id);
        if self.lists.find(hash, owner, &list.list_id).is_some() {
            return Err(of_list(Reject::DuplicateListId));
        }
        for (number, new) in orders.iter().enumerate() {
            let check = || {
                self.check_new(new)?;
                self.check_post_only(new)?;
                if self.would_act(new) { Err(Reject::OrderWouldAct) } else { self.check_funds(new) }
            };
            check().map_err(|reject| (reject, Some(number)))?;
        }
        if first.cl_ord_id == second.cl_ord_id {
            return Err((Reject::DuplicateClOrdId, Some(1)));
        }
        self.check_room_of_both(orders).map_err(of_list)
    }

    /// Whether a new order, one that was checked, would trade or be triggered as it comes.
    fn would_act(&self, new: &NewOrder) -> bool {
        let market = &self.markets[new.head.instrument().0 as usize];
        let last = market.reference;
        let stop = match new.order_type {
            OrderType::TrailingStop => trailing(new.side, last, new.stop),
            _ => new.stop,
        };
        let acts = match new.side {
            _ if !new.order_type.is_stop() => market.book.crosses(new.side, new.price),
            Side::Buy => last >= stop,
            Side::Sell => last <= stop,
        };
        acts && market.state == TradingState::Continuous
    }

    /// Both orders are refused: the one at fault with the reason, or both with that of the list.
    #[cold]
    pub(super) fn refuse_list<S: Sink>(
        &mut self,
        list: &NewOrderList,
        orders: &[NewOrder; 2],
        (reject, at_fault): Refused,
        sink: &mut S,
    ) {
        if self.tell_list_again(list, orders, sink) || self.is_repeated(&list.head, &orders[0].cl_ord_id) {
            return;
        }
        let of = |number| match at_fault {
            Some(at_fault) if at_fault != number => Reject::OtherOrderRefused,
            _ => reject,
        };
        let events = [0, 1].map(|number| Event {
            by: Event::LISTED,
            orig_cl_ord_id: list.list_id,
            ..self.rejected(&orders[number], of(number))
        });
        for event in events {
            self.reporter.send(event, sink);
        }
        for (event, part) in events.into_iter().zip(1..) {
            let by = Event::LISTED | Event::DONE | 2;
            let event = Event { kind: Kind::List, by, last_quantity: Lots(part), ..event };
            self.reporter.send(event, sink);
        }
    }

    pub(super) fn cancel_list<S: Sink>(&mut self, request: &ListRequest, sink: &mut S) {
        let Some(number) = self.find_list(request, 0, sink) else { return };
        let List { slots, first, .. } = *self.lists.at(number);
        if let Some(slot) = slots.into_iter().find(|&slot| slot != NONE) {
            self.cancel_linked(slot, Cause::Requested, sink);
        }
        self.tell_orders(request.list_id, first, (&request.head, 0), sink);
    }

    pub(super) fn list_status<S: Sink>(&mut self, request: &ListRequest, sink: &mut S) {
        if let Some(number) = self.find_list(request, Event::ASKED, sink) {
            self.tell_list(number, (&request.head, Event::ASKED), sink);
        }
    }

    /// The number of the list that a request is about; of none, that is told.
    fn find_list<S: Sink>(&mut self, request: &ListRequest, asked: u8, sink: &mut S) -> Option<u32> {
        let ListRequest { head, list_id, .. } = request;
        let owner = self.owner(head);
        let hash = self.register.name_hash(owner, list_id);
        let number = self.lists.find(hash, owner, list_id);
        if number.is_none() {
            let reject = match self.unknown(head.session()) {
                Reject::UnknownOrder => Reject::UnknownList,
                reject => reject,
            };
            self.refuse_list_request(request, asked, reject, sink);
        }
        number
    }

    pub(super) fn refuse_list_request<S: Sink>(
        &mut self,
        request: &ListRequest,
        asked: u8,
        reject: Reject,
        sink: &mut S,
    ) {
        let by = Event::LISTED | Event::DONE | asked;
        let none = report::of_unknown(Kind::List, &request.head);
        self.reporter.send(Event { reject, by, orig_cl_ord_id: request.list_id, ..none }, sink);
    }

    fn tell_list<S: Sink>(&mut self, number: u32, asked: (&Head, u8), sink: &mut S) {
        let List { name, first, .. } = *self.lists.at(number);
        self.tell_orders(name, first, asked, sink);
    }

    /// Tells how the orders of the list `name` stand, of which `first` was the first; one that was forgotten is left out.
    fn tell_orders<S: Sink>(
        &mut self,
        name: ClOrdId,
        first: OrderId,
        (head, asked): (&Head, u8),
        sink: &mut S,
    ) {
        let orders = [first.0, first.0 + 1].map(|id| self.register.by_id(OrderId(id)));
        let is_open = orders.iter().any(|found| matches!(found, Some(Found::Open(_))));
        let parts: u8 = orders.iter().map(|found| u8::from(found.is_some())).sum();
        let by = Event::LISTED | asked | parts | if is_open { 0 } else { Event::DONE };
        for (found, part) in orders.into_iter().flatten().zip(1..) {
            let event = match found {
                Found::Open(slot) => self.open_event(Kind::List, slot),
                Found::Ended(place) => report::of_ended(Kind::List, self.register.ended(place)),
            };
            let (event, session) = (report::answering(head, event), head.session());
            let last_quantity = Lots(part);
            self.reporter.send(Event { session, by, orig_cl_ord_id: name, last_quantity, ..event }, sink);
        }
    }

    /// The new order in `slot` is of the list of that number.
    fn join(&mut self, slot: u32, number: u32) {
        let order = self.register.order(slot);
        if !order.has_extra() {
            self.attributes.set(slot, order.id, Extra::NOTHING);
            self.register.set_has_extra(slot);
        }
        self.attributes.at(slot).list = number;
    }

    /// The order that is open besides the one in `slot` in its list.
    #[inline]
    pub(super) fn other(&self, slot: u32) -> Option<u32> {
        let extra = self.attributes.of(self.register.order(slot), slot)?;
        if extra.list == 0 { None } else { self.other_in(extra.list, slot) }
    }

    #[cold]
    fn other_in(&self, number: u32, slot: u32) -> Option<u32> {
        self.lists.at(number).slots.into_iter().find(|&other| other != slot && other != NONE)
    }

    /// What the order in `slot` holds together with the other one of its list.
    pub(super) fn shared(&self, slot: u32) -> i128 {
        match self.attributes.of(self.register.order(slot), slot) {
            Some(extra) if extra.list != 0 && self.other_in(extra.list, slot).is_some() => {
                self.lists.at(extra.list).shared
            }
            _ => 0,
        }
    }

    pub(super) fn set_shared(&mut self, slot: u32, shared: i128) {
        if let Some(extra) = self.attributes.of(self.register.order(slot), slot)
            && extra.list != 0
        {
            self.lists.all[extra.list as usize - 1].shared = shared;
        }
    }

    /// Cancels the order that is open besides the one in `slot` in its list.
    #[inline]
    pub(super) fn cancel_other<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        if let Some(other) = self.other(slot) {
            self.cancel_as_other(other, sink);
        }
    }

    #[cold]
    fn cancel_as_other<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let event = self.canceled_event(slot, self.price(slot), Cause::OneCancelsOther);
        self.reporter.send(event, sink);
        self.take_out(slot, sink);
    }

    /// The order in `slot`, which has attributes, ends.
    pub(super) fn leave_list(&mut self, slot: u32) {
        let number = self.attributes.at(slot).list;
        if number == 0 {
            return;
        }
        if let Some(other) = self.other_in(number, slot) {
            self.register.change(other);
        }
        let hash = |list: &List| self.register.name_hash(list.owner, &list.name);
        self.lists.leave(hash, number, slot);
    }

    /// What an image has of the lists, by their first OrderIDs.
    pub(super) fn list_images(&self) -> Vec<Image<'_>> {
        // Numbers are given anew, and the index follows from names.
        let Lists { all, free: _, index: _ } = &self.lists;
        let in_use = all.iter().filter(|list| list.slots != [NONE; 2]);
        let mut images: Vec<Image<'_>> = in_use
            .map(|List { name, owner, slots, first, shared }| {
                let is_open = |number| {
                    let id = OrderId(first.0 + number);
                    slots.iter().any(|&slot| slot != NONE && self.register.order(slot).id == id)
                };
                let (name, first) = (name.bytes(), first.0);
                Image { name, owner: owner.number(), first, open: [is_open(0), is_open(1)], shared: *shared }
            })
            .collect();
        images.sort_unstable_by_key(|image| image.first);
        images
    }

    /// Puts a list of an image back, whose orders are there; `false` if it cannot be.
    pub(super) fn restore_list(&mut self, image: &Image<'_>) -> bool {
        let Image { name, owner, first, open, shared } = *image;
        let (Some(name), Some(next)) = (ClOrdId::new(name), first.checked_add(1)) else { return false };
        let mut slots = [NONE; 2];
        for ((slot, is_open), id) in slots.iter_mut().zip(open).zip([first, next]) {
            let found = if is_open { self.register.by_id(OrderId(id)) } else { None };
            *slot = match found {
                Some(Found::Open(slot)) if self.register.order(slot).has_extra() => slot,
                None if !is_open => NONE,
                _ => return false,
            };
        }
        let of_another = |slot: &u32| *slot != NONE && self.attributes.at(*slot).list != 0;
        if slots == [NONE; 2] || slots.iter().any(of_another) {
            return false;
        }
        let owner = Owner::of_number(owner);
        let hash = self.register.name_hash(owner, &name);
        let number = self.lists.enter(hash, List { name, owner, slots, first: OrderId(first), shared });
        for slot in slots.into_iter().filter(|&slot| slot != NONE) {
            self.attributes.at(slot).list = number;
        }
        true
    }

    /// Every order of a list knows it, and the other way round.
    pub(super) fn audit_lists(&self) {
        for (list, number) in self.lists.all.iter().zip(1u32..) {
            if self.lists.free.contains(&number) {
                continue;
            }
            let hash = self.register.name_hash(list.owner, &list.name);
            assert!(self.lists.find(hash, list.owner, &list.name) == Some(number));
            assert!(list.slots != [NONE; 2], "a list without orders is given back");
            for slot in list.slots.into_iter().filter(|&slot| slot != NONE) {
                let order = self.register.order(slot);
                assert!(self.attributes.of(order, slot).is_some_and(|extra| extra.list == number));
                assert!(order.id == list.first || order.id.0 == list.first.0 + 1);
            }
            if let [a, b] = list.slots
                && a != NONE
                && b != NONE
            {
                let waits =
                    |slot| self.attributes.of(self.register.order(slot), slot).is_some_and(|e| e.waits);
                self.audit_shared([a, b], list.shared);
                assert!(waits(a) || waits(b), "two orders of a list stand in books");
                assert!(!self.register.order(a).has_traded() && !self.register.order(b).has_traded());
            }
        }
    }
}
