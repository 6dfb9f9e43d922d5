//! Commands that come at their deadline or after it.

use wire::{
    command::{Balances, Head, Kind as Asks, ListRequest, MassCancel, MassStatus, NewOrderList},
    event::{Event, Kind},
    reject::Reject,
    types::{ClOrdId, Nanos, OrderStatus, Side},
};

use crate::common::{
    Owned, Venue, by_name, cancel, config, kinds, limit, name, notice, only, replace, status,
};

/// `command`, to be carried out before `at`.
fn until(command: Owned, at: u64) -> Owned {
    fn set(head: &mut Head, at: u64) {
        *head = head.with_deadline(Nanos(at));
    }
    let mut command = command;
    match &mut command {
        Owned::New(c) => set(&mut c.head, at),
        Owned::Cancel(c) => set(&mut c.head, at),
        Owned::Replace(c) => set(&mut c.head, at),
        Owned::Status(c) => set(&mut c.head, at),
        Owned::Down(c) => set(&mut c.head, at),
        Owned::MassCancel(c) => set(&mut c.head, at),
        _ => unreachable!("not used here"),
    }
    command
}

fn order(text: &str) -> Owned {
    Owned::New(limit(0, text, Side::Buy, 5, 90))
}

#[test]
fn a_command_is_late_from_its_deadline_on() {
    let mut venue = Venue::new(config());
    let accepted = venue.apply_at(Nanos(99), until(order("a"), 100));
    assert_eq!(only(&accepted).kind, Kind::Accepted);
    let refused = venue.apply_at(Nanos(100), until(order("b"), 100));
    let refused = only(&refused);
    assert_eq!((refused.kind, refused.reject), (Kind::Rejected, Reject::DeadlinePassed));
    // Its name was not used: it may come again.
    assert_eq!(only(&venue.apply_at(Nanos(101), order("b"))).kind, Kind::Accepted);
}

#[test]
fn nothing_else_of_a_late_request_is_looked_at() {
    let mut venue = Venue::new(config());
    venue.apply_at(Nanos(10), order("a"));
    let before = venue.engine.orders_hash();
    let mut late = |command| {
        let events = venue.apply_at(Nanos(20), until(command, 20));
        let event = *only(&events);
        assert_eq!((event.reject, event.order_id.0), (Reject::DeadlinePassed, 0));
        assert_eq!(event.status, OrderStatus::Rejected);
        (event.kind, event.cl_ord_id, event.orig_cl_ord_id)
    };
    // All of these would be refused for something else, or be about the open order.
    assert_eq!(late(Owned::New(limit(0, "a", Side::Buy, 0, -1))), (Kind::Rejected, name("a"), ClOrdId::NONE));
    assert_eq!(late(cancel(0, "c", by_name("a"))), (Kind::CancelRejected, name("c"), name("a")));
    let changed = replace(0, "r", by_name("a"), Side::Buy, 1, 90);
    assert_eq!(late(changed), (Kind::ReplaceRejected, name("r"), name("a")));
    assert_eq!(late(status(0, by_name("a"))), (Kind::Status, name("a"), ClOrdId::NONE));
    let mut head = crate::common::head(Asks::MassCancel, 0);
    let all = MassCancel { head, cl_ord_id: name("m"), by: 0, side: Side::Buy, reserved: [0; 2] };
    assert_eq!(late(Owned::MassCancel(all)).0, Kind::NotDone);
    assert_eq!(venue.engine.orders_hash(), before);

    head = head.with_deadline(Nanos(5));
    let mut late = |command: Owned| venue.apply_at(Nanos(20), command);
    let request_id = name("q");
    let balances = Balances { head: head.with_kind(Asks::Balances), request_id, asset: Balances::ALL };
    assert_eq!(only(&late(Owned::message(&balances))).reject, Reject::DeadlinePassed);
    let of = MassStatus {
        head: head.with_kind(Asks::MassStatus),
        request_id,
        by: 0,
        side: Side::Buy,
        reserved: [0; 2],
    };
    let answer = late(Owned::message(&of));
    assert_eq!((only(&answer).reject, only(&answer).by), (Reject::DeadlinePassed, Event::MASS | Event::LAST));
    let quote = Owned::mass_quote(head.with_kind(Asks::MassQuote), request_id, 0, &[]);
    assert_eq!(only(&late(quote)).kind, Kind::QuoteRefused);
    let both = [limit(0, "x", Side::Buy, 5, 90), limit(0, "y", Side::Buy, 5, 91)];
    let list = NewOrderList {
        head: head.with_kind(Asks::NewOrderList),
        list_id: name("l"),
        reserved: 0,
        orders: both,
    };
    let answer = late(Owned::message(&list));
    assert_eq!(kinds(&answer), [Kind::Rejected, Kind::Rejected, Kind::List, Kind::List]);
    assert!(answer.iter().all(|event| event.reject == Reject::DeadlinePassed));
    let of = ListRequest { head: head.with_kind(Asks::CancelList), list_id: name("l"), reserved: 0 };
    assert_eq!(only(&late(Owned::message(&of))).kind, Kind::List);
    assert_eq!(venue.engine.orders_hash(), before);
}

#[test]
fn what_a_gateway_tells_of_itself_is_never_late() {
    let mut terms = config();
    terms.sessions[0].cancel_on_disconnect = Some(0);
    let mut venue = Venue::new(terms);
    venue.apply_at(Nanos(1), until(Owned::Down(notice(Asks::SessionDown, 0)), 1));
    assert!(venue.engine.next_cancel().is_some());
}
