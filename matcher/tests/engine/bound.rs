//! No command causes more events than the engine says, and some cause nearly as many.

use matcher::engine::Config;
use wire::{
    command::{Display, NewOrder, Replace},
    event::Kind,
    limits::ICEBERG_SLICES_MAX,
    reject::Reject,
    types::{
        Lots, OrderType,
        Side::{self, *},
        Ticks,
    },
};

use crate::common::*;

fn stop_limit(text: &str, side: Side, quantity: u64, at: i64, price: i64) -> NewOrder {
    NewOrder { order_type: OrderType::StopLimit, stop: Ticks(at), ..limit(0, text, side, quantity, price) }
}

fn iceberg(text: &str, quantity: u64, display: u64) -> Owned {
    Owned::New(NewOrder { display: Lots(display), ..limit(0, text, Sell, quantity, 100) })
}

fn with_room(open_orders_max: u32) -> Config {
    Config { open_orders_max, price_groups_max: 16_000, ..config() }
}

/// n buys are triggered and rest, one more is triggered and trades so low that n sells are triggered, each of which
/// trades with two of the buys.
#[test]
fn stops_that_trigger_and_trade_with_one_another_come_close_to_the_bound() {
    const N: usize = 300;
    let config = with_room(603);
    let most = config.events_max();
    let mut venue = Venue::new(config);
    for n in 0..N {
        venue.apply(Owned::New(stop_limit(&format!("b{n}"), Buy, 2, 101, 95)));
    }
    venue.apply(Owned::New(stop_limit("low", Buy, 1, 101, 98)));
    for n in 0..N {
        venue.apply(Owned::New(stop_limit(&format!("s{n}"), Sell, if n == 0 { 1 } else { 2 }, 98, 95)));
    }
    venue.limit(1, "bid", Buy, 1, 101);
    let events = venue.limit(0, "first", Sell, 2, 98);
    assert_eq!(events.iter().filter(|e| e.kind == Kind::Triggered).count(), 2 * N + 1);
    let trades = 2 + 1 + 2 * (N - 1);
    assert_eq!(events.iter().filter(|e| e.kind == Kind::Fill).count(), 2 * trades);
    assert_eq!(events.len(), 1 + 2 * N + 1 + 2 * trades);
    assert!(events.len() <= most && events.len() + 150 > most, "{} of {most}", events.len());
}

#[test]
fn an_iceberg_takes_a_place_for_each_of_its_slices() {
    let config = with_room(10);
    let most = config.events_max();
    let mut venue = Venue::new(config);
    assert_eq!(only(&venue.apply(iceberg("a", 10, 1))).kind, Kind::Accepted);
    let before = venue.engine.orders_hash();
    assert_eq!(only(&venue.limit(1, "x", Buy, 1, 99)).reject, Reject::TooManyOpenOrders);
    assert_eq!(venue.engine.orders_hash(), before);
    venue.apply(cancel(0, "c", by_name("a")));
    assert_eq!(only(&venue.apply(iceberg("b", 17, 2))).kind, Kind::Accepted, "nine of them");
    assert_eq!(only(&venue.apply(iceberg("c", 2, 1))).reject, Reject::TooManyOpenOrders);
    let events = venue.limit(1, "t", Buy, 17, 100);
    assert_eq!(trades(&events).len(), 9);
    assert!(events.len() <= most);
    assert_eq!(only(&venue.apply(iceberg("d", 10, 1))).kind, Kind::Accepted, "its places are free again");
}

#[test]
fn a_replace_takes_and_gives_back_places() {
    let mut venue = Venue::new(with_room(10));
    let change = |text: &str, quantity: u64, display: u64| {
        let Owned::Replace(change) = replace(0, text, by_id(1), Sell, quantity, 100) else { unreachable!() };
        Owned::Replace(Replace { display: Display::new(Lots(display)), ..change })
    };
    venue.apply(iceberg("a", 8, 2));
    for n in 0..6 {
        assert_eq!(only(&venue.limit(0, &format!("p{n}"), Sell, 1, 110)).kind, Kind::Accepted);
    }
    assert_eq!(only(&venue.limit(0, "full", Sell, 1, 110)).reject, Reject::TooManyOpenOrders);
    assert_eq!(only(&venue.apply(change("a2", 9, 2))).reject, Reject::TooManyOpenOrders);
    assert_eq!(only(&venue.apply(change("a3", 8, 1))).reject, Reject::TooManyOpenOrders);
    assert_eq!(only(&venue.apply(change("a4", 12, 3))).kind, Kind::Replaced, "as many slices as before");
    assert_eq!(only(&venue.apply(change("a5", 12, 0))).kind, Kind::Replaced);
    for n in 0..3 {
        assert_eq!(only(&venue.limit(0, &format!("q{n}"), Sell, 1, 110)).kind, Kind::Accepted);
    }
    assert_eq!(only(&venue.limit(0, "full2", Sell, 1, 110)).reject, Reject::TooManyOpenOrders);
    assert_eq!(only(&venue.apply(change("a6", 12, 11))).reject, Reject::TooManyOpenOrders);
}

#[test]
fn an_iceberg_has_a_bound_on_its_slices() {
    let mut venue = Venue::new(with_room(4_000));
    let most = ICEBERG_SLICES_MAX;
    assert_eq!(only(&venue.apply(iceberg("a", most + 1, 1))).reject, Reject::BadDisplay);
    assert_eq!(only(&venue.apply(iceberg("b", 2 * most + 1, 2))).reject, Reject::BadDisplay);
    assert_eq!(only(&venue.apply(iceberg("c", 2 * most, 2))).kind, Kind::Accepted);
    let wider = replace(0, "d", by_name("c"), Sell, 2 * most + 1, 100);
    let Owned::Replace(wider) = wider else { unreachable!() };
    let wider = Replace { display: Display::new(Lots(2)), ..wider };
    assert_eq!(only(&venue.apply(Owned::Replace(wider))).reject, Reject::BadDisplay);
    let stop = NewOrder { display: Lots(1), ..stop_limit("s", Buy, most + 1, 120, 120) };
    assert_eq!(only(&venue.apply(Owned::New(stop))).reject, Reject::BadDisplay);
}
