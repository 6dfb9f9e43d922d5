//! Mass status, piece by piece: docs/matching.md, "Mass status".

use matcher::engine::Config;
use wire::{
    command::{Kind as Asks, MassCancel, MassStatus},
    event::{Event, Kind},
    limits::MASS_STATUS_PAUSE_NS,
    reject::Reject,
    types::{Lots, Nanos, Side::*},
};

use crate::common::*;

fn ask(session: u32, request: &str, by: u8) -> Owned {
    let head = head(Asks::MassStatus, session);
    Owned::message(&MassStatus { head, request_id: name(request), by, side: Buy, reserved: [0; 2] })
}

fn go_on(venue: &mut Venue) -> Vec<Event> {
    let due = venue.engine.next_due().expect("a piece is due");
    venue.apply_at(due, Owned::Due(notice(Asks::Due, 0)))
}

/// OrderIDs, and whether the last of them was said to be.
fn told(events: &[Event]) -> (Vec<u64>, bool) {
    assert!(events.iter().all(|e| e.kind == Kind::Status && e.by & Event::MASS != 0), "{events:?}");
    let last = events.iter().map(|e| e.by & Event::LAST != 0).collect::<Vec<_>>();
    assert!(last.iter().rev().skip(1).all(|last| !last));
    (events.iter().map(|e| e.order_id.0).collect(), last.last().copied().unwrap_or(false))
}

/// Pieces of four orders, since 32 may be open: ten are open, of session 0.
fn ten() -> Venue {
    let mut venue = Venue::new(Config { open_orders_max: 32, ..config() });
    for i in 1..=10 {
        let side = if i % 2 == 0 { Buy } else { Sell };
        venue.limit(0, &format!("o{i}"), side, i, if side == Buy { 90 } else { 110 });
    }
    venue
}

#[test]
fn all_orders_are_told_in_pieces_and_the_last_one_says_so() {
    let mut venue = ten();
    venue.limit(1, "other", Buy, 1, 80);
    let asked = venue.apply(ask(0, "all", 0));
    assert_eq!(
        told(&asked),
        (vec![1, 2, 3], false),
        "one is held back until it is known whether it is the last"
    );
    assert!(asked.iter().all(|e| e.orig_cl_ord_id == name("all") && e.last_quantity == Lots(10)));
    let first = venue.engine.next_due();
    assert_eq!(told(&go_on(&mut venue)), (vec![4, 5, 6, 7], false));
    assert_eq!(venue.engine.next_due(), first.map(|at| at.after(MASS_STATUS_PAUSE_NS)));
    assert_eq!(told(&go_on(&mut venue)), (vec![8, 9, 10], true));
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn what_ends_meanwhile_is_left_out_and_what_comes_is_not_told() {
    let mut venue = ten();
    assert_eq!(told(&venue.apply(ask(0, "all", 0))).0, [1, 2, 3]);
    // The one held back, the one that comes next, and the last.
    for ends in ["o4", "o5", "o10"] {
        let time = venue.engine.next_due().expect("a piece is due");
        venue.apply_at(Nanos(time.0 - 1), cancel(0, &format!("c-{ends}"), by_name(ends)));
    }
    let time = venue.engine.next_due().expect("a piece is due");
    venue.apply_at(Nanos(time.0 - 1), Owned::New(limit(0, "late", Buy, 1, 90)));
    assert_eq!(told(&go_on(&mut venue)), (vec![6, 7, 8, 9], true));
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn an_answer_of_which_the_last_order_has_ended_ends_without_one() {
    let mut venue = ten();
    venue.apply(ask(0, "all", 0));
    let time = venue.engine.next_due().expect("a piece is due");
    venue.apply_at(Nanos(time.0 - 1), Owned::CancelSession(notice(Asks::CancelSession, 0)));
    let events = go_on(&mut venue);
    assert_eq!((told(&events), only(&events).reject), ((vec![0], true), Reject::NoOpenOrders));
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn a_side_is_selected_and_nothing_is_told_so() {
    let mut venue = ten();
    let events = venue.apply(ask(0, "buys", MassCancel::SIDE));
    assert_eq!(told(&events), (vec![2], false));
    assert_eq!(events[0].last_quantity, Lots(0), "only some were asked for");
    assert_eq!(told(&go_on(&mut venue)).0, [4, 6]);
    assert_eq!(told(&go_on(&mut venue)), (vec![8, 10], true));
    let events = venue.apply(ask(1, "none", 0));
    assert_eq!((told(&events), events[0].reject), ((vec![0], true), Reject::NoOpenOrders));
}

#[test]
fn a_session_has_one_request_at_a_time_and_sessions_take_turns() {
    let mut venue = ten();
    for i in 1..=6 {
        venue.limit(1, &format!("p{i}"), Buy, 1, 80);
    }
    venue.apply(ask(0, "a", 0));
    let events = venue.apply_at(Nanos(venue.seq * 1_000_000_000), ask(0, "b", 0));
    assert_eq!(only(&events).reject, Reject::StillAnswering);
    let events = venue.apply_at(Nanos(venue.seq * 1_000_000_000), ask(1, "c", 0));
    assert_eq!(told(&events).0, [11, 12, 13]);
    assert_eq!(told(&go_on(&mut venue)).0, [4, 5, 6, 7]);
    assert_eq!(told(&go_on(&mut venue)), (vec![14, 15, 16], true));
    assert_eq!(told(&go_on(&mut venue)), (vec![8, 9, 10], true));
}
