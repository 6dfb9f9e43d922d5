//! Mass cancel and kill switch, rule by rule.

use wire::{
    command::{KillSwitch, Kind as Asks, MassCancel, NewOrder, Scope},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        AccountId, InstrumentId, Lots, OrderType,
        Side::{self, *},
        Ticks,
    },
};

use crate::common::*;

fn mass(by: u8, session: u32, account: u32, instrument: u32, side: Side) -> Owned {
    let mut head = head(Asks::MassCancel, session);
    head = head.with_account(AccountId(account)).with_instrument(InstrumentId(instrument));
    Owned::MassCancel(MassCancel { head, cl_ord_id: name("mass"), by, side, reserved: [0; 2] })
}

fn kill(scope: Scope, target: u32, on: bool) -> Owned {
    let head = head(Asks::KillSwitch, 0);
    Owned::KillSwitch(KillSwitch { head, target, scope, on: u8::from(on), reserved: [0; 2] })
}

/// Orders 1 to 6: of both sessions in turn, on two instruments, the last one a waiting stop.
fn venue() -> Venue {
    let mut config = config();
    config.instruments.push(instrument(1, 100, 5_000));
    let mut venue = Venue::new(config);
    for (i, side) in (0..5).zip([Buy, Buy, Sell, Sell, Buy]) {
        let price = if side == Buy { 90 } else { 110 };
        let mut order = limit(i % 2, &format!("n{i}"), side, 1, price);
        order.head = order.head.with_instrument(InstrumentId(i / 3));
        venue.apply(Owned::New(order));
    }
    let stop = NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(120),
        price: Ticks(0),
        ..limit(1, "stop", Buy, 1, 1)
    };
    venue.apply(Owned::New(stop));
    venue
}

fn ended(events: &[Event], cause: Cause) -> Vec<u64> {
    let [orders @ .., summary] = events else { panic!("no summary") };
    assert_eq!((summary.kind, summary.quantity), (Kind::MassCanceled, Lots(orders.len() as u64)));
    assert!(orders.iter().all(|e| e.kind == Kind::Canceled && e.cause == cause));
    orders.iter().map(|e| e.order_id.0).collect()
}

#[test]
fn a_mass_cancel_ends_what_it_selects_in_order_of_order_id() {
    for (by, session, account, instrument, side, expected) in [
        (0, 0, 0, 0, Buy, &[1, 2, 3, 4, 5, 6][..]),
        (MassCancel::SESSION, 1, 0, 0, Buy, &[2, 4, 6]),
        (MassCancel::ACCOUNT, 1, 0, 0, Buy, &[1, 3, 5]),
        (MassCancel::INSTRUMENT, 0, 0, 1, Buy, &[4, 5]),
        (MassCancel::SIDE, 0, 0, 0, Sell, &[3, 4]),
        (MassCancel::SESSION | MassCancel::INSTRUMENT | MassCancel::SIDE, 1, 0, 0, Buy, &[2, 6]),
        (MassCancel::SESSION | MassCancel::ACCOUNT, 1, 0, 0, Buy, &[]),
    ] {
        let mut venue = venue();
        let events = venue.apply(mass(by, session, account, instrument, side));
        assert_eq!(ended(&events, Cause::MassCanceled), expected, "by {by}");
        assert_eq!(venue.engine.open_orders(), 6 - expected.len());
        assert_eq!(events.last().unwrap().cl_ord_id, name("mass"));
    }
}

#[test]
fn a_mass_cancel_by_what_the_venue_does_not_have_is_not_done() {
    for (by, reject) in [
        (MassCancel::SESSION, Reject::NotEntitled),
        (MassCancel::INSTRUMENT, Reject::UnknownInstrument),
        (MassCancel::ACCOUNT, Reject::UnknownAccount),
    ] {
        let mut venue = venue();
        let before = venue.engine.orders_hash();
        let events = venue.apply(mass(by, 9, 1 << 20, 9, Buy));
        assert_eq!((only(&events).kind, events[0].reject), (Kind::NotDone, reject));
        assert_eq!(venue.engine.orders_hash(), before);
    }
}

#[test]
fn a_kill_switch_cancels_everything_and_stops_new_orders_until_it_is_lifted() {
    for (scope, target, expected, other) in [
        (Scope::Venue, 0, &[1, 2, 3, 4, 5, 6][..], Reject::Killed),
        (Scope::Session, 1, &[2, 4, 6], Reject::None),
        (Scope::Account, 1, &[2, 4, 6], Reject::None),
    ] {
        let mut venue = venue();
        assert_eq!(ended(&venue.apply(kill(scope, target, true)), Cause::Killed), expected);
        assert_eq!(ended(&venue.apply(kill(scope, target, true)), Cause::Killed), [0_u64; 0]);
        let before = venue.engine.orders_hash();
        assert_eq!(only(&venue.limit(1, "new", Buy, 1, 90)).reject, Reject::Killed);
        assert_eq!(venue.engine.orders_hash(), before);
        assert_eq!(only(&venue.limit(0, "new", Buy, 1, 90)).reject, other);
        assert_eq!(only(&venue.apply(kill(scope, target, false))).kind, Kind::Done);
        assert_eq!(only(&venue.limit(1, "new", Buy, 1, 90)).kind, Kind::Accepted);
    }
}

#[test]
fn a_kill_switch_for_whom_the_venue_does_not_have_is_not_done() {
    let mut venue = venue();
    let before = venue.engine.orders_hash();
    for (scope, target, reject) in
        [(Scope::Session, 2, Reject::NotEntitled), (Scope::Account, 1 << 20, Reject::UnknownAccount)]
    {
        let events = venue.apply(kill(scope, target, true));
        assert_eq!((only(&events).kind, events[0].reject), (Kind::NotDone, reject));
    }
    assert_eq!(venue.engine.orders_hash(), before);
}

#[test]
fn who_is_stopped_is_part_of_the_state() {
    let mut hashes: Vec<_> = [(Scope::Venue, 0), (Scope::Session, 1), (Scope::Account, 1)]
        .into_iter()
        .map(|(scope, target)| {
            let mut venue = Venue::new(config());
            let before = venue.engine.orders_hash();
            venue.apply(kill(scope, target, true));
            let stopped = venue.engine.orders_hash();
            venue.apply(kill(scope, target, false));
            assert_eq!(venue.engine.orders_hash(), before);
            assert_ne!(stopped, before);
            stopped
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 3);
}
