//! Stops, rule by rule: docs/matching.md, "Stops".

use wire::{
    command::{Kind as Asks, NewOrder},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        Lots, Nanos, OrderType,
        Side::{self, *},
        Ticks, TimeInForce,
    },
};

use crate::common::*;

fn stop(text: &str, side: Side, quantity: u64, at: i64) -> NewOrder {
    NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(at),
        price: Ticks(0),
        ..limit(0, text, side, quantity, 1)
    }
}

fn stop_limit(text: &str, side: Side, quantity: u64, at: i64, price: i64) -> NewOrder {
    NewOrder { order_type: OrderType::StopLimit, price: Ticks(price), ..stop(text, side, quantity, at) }
}

fn trailing(text: &str, side: Side, quantity: u64, distance: i64) -> NewOrder {
    NewOrder { order_type: OrderType::TrailingStop, ..stop(text, side, quantity, distance) }
}

/// A trade at `price`, all of which is gone afterwards.
fn trade_at(venue: &mut Venue, price: i64) -> Vec<Event> {
    let text = format!("{}", venue.seq);
    venue.limit(0, &format!("m{text}"), Sell, 1, price);
    venue.limit(1, &format!("t{text}"), Buy, 1, price)
}

fn triggered(events: &[Event]) -> Vec<u64> {
    events.iter().filter(|e| e.kind == Kind::Triggered).map(|e| e.order_id.0).collect()
}

#[test]
fn a_stop_waits_off_the_book_and_becomes_a_market_order() {
    let mut venue = Venue::new(config());
    let events = venue.apply(Owned::New(stop("s", Buy, 3, 105)));
    assert_eq!((only(&events).kind, events[0].stop), (Kind::Accepted, Ticks(105)));
    assert_eq!(venue.engine.best(events[0].instrument, Buy), None);
    venue.limit(1, "ask", Sell, 2, 106);
    assert_eq!(triggered(&trade_at(&mut venue, 104)), [0_u64; 0]);
    let events = trade_at(&mut venue, 105);
    let kinds = kinds(&events);
    assert_eq!(kinds[3..], [Kind::Triggered, Kind::Fill, Kind::Fill, Kind::Canceled]);
    assert_eq!((events[3].order_type, events[3].last_price), (OrderType::Market, Ticks(105)));
    assert_eq!((events[6].cause, events[6].cum), (Cause::Unfilled, Lots(2)));
}

#[test]
fn a_stop_limit_becomes_a_limit_order_that_rests() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(NewOrder { display: Lots(1), ..stop_limit("s", Sell, 3, 95, 96) }));
    let events = trade_at(&mut venue, 95);
    assert_eq!(triggered(&events), [1]);
    assert_eq!(venue.engine.best(events[0].instrument, Sell), Some((Ticks(96), Lots(1))));
    let events = venue.apply(status(0, by_id(1)));
    assert_eq!((events[0].order_type, events[0].stop), (OrderType::Limit, Ticks(0)));
}

#[test]
fn a_stop_that_is_satisfied_at_entry_triggers_at_once() {
    let mut venue = Venue::new(config());
    let events = venue.apply(Owned::New(stop_limit("s", Buy, 1, 100, 90)));
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Triggered], "the configured price is the last one");
    assert_eq!(venue.engine.open_orders(), 1);
}

#[test]
fn buys_come_before_sells_the_best_stop_first_and_the_oldest_at_one_stop() {
    let mut venue = Venue::new(config());
    for (text, side, at) in [("a", Buy, 106), ("b", Buy, 105), ("c", Buy, 105), ("d", Sell, 90)] {
        venue.apply(Owned::New(stop_limit(text, side, 1, at, if side == Buy { 80 } else { 140 })));
    }
    assert_eq!(triggered(&trade_at(&mut venue, 110)), [2, 3, 1]);
    for (text, at) in [("e", 95), ("f", 96), ("g", 95)] {
        venue.apply(Owned::New(stop_limit(text, Sell, 1, at, 140)));
    }
    let events = trade_at(&mut venue, 90);
    assert_eq!(triggered(&events).len(), 4);
    assert_eq!(
        events.iter().filter(|e| e.kind == Kind::Triggered).map(|e| e.cl_ord_id).collect::<Vec<_>>(),
        [name("f"), name("e"), name("g"), name("d")]
    );
}

#[test]
fn what_a_triggered_order_trades_triggers_more_in_the_same_pass() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(stop("first", Buy, 1, 102)));
    venue.apply(Owned::New(stop("second", Buy, 1, 110)));
    venue.limit(1, "far", Sell, 1, 110);
    venue.limit(1, "farther", Sell, 1, 111);
    let events = trade_at(&mut venue, 102);
    assert_eq!(triggered(&events), [1, 2]);
    assert_eq!(trades(&events)[1..], [(3, 110, 1), (4, 111, 1)]);
}

#[test]
fn a_trailing_stop_follows_the_best_price_and_never_goes_back() {
    let mut venue = Venue::new(config());
    let events = venue.apply(Owned::New(trailing("s", Sell, 1, 5)));
    assert_eq!(events[0].stop, Ticks(95));
    trade_at(&mut venue, 110);
    trade_at(&mut venue, 106);
    assert_eq!(venue.apply(status(0, by_id(1)))[0].stop, Ticks(105));
    assert_eq!(triggered(&trade_at(&mut venue, 105)), [1]);

    let mut venue = Venue::new(config());
    venue.apply(Owned::New(trailing("b", Buy, 1, 5)));
    trade_at(&mut venue, 90);
    assert_eq!(venue.apply(status(0, by_id(1)))[0].stop, Ticks(95));
    assert_eq!(triggered(&trade_at(&mut venue, 95)), [1]);
}

#[test]
fn a_trailing_stop_sees_every_trade_of_a_sweep_and_none_before_its_entry() {
    let mut venue = Venue::new(config());
    trade_at(&mut venue, 120);
    trade_at(&mut venue, 100);
    venue.apply(Owned::New(trailing("s", Buy, 1, 10)));
    assert_eq!(venue.apply(status(0, by_name("s")))[0].stop, Ticks(110));
    venue.limit(1, "a", Sell, 1, 95);
    venue.limit(1, "b", Sell, 1, 104);
    venue.limit(1, "c", Buy, 2, 104);
    assert_eq!(venue.apply(status(0, by_name("s")))[0].stop, Ticks(105), "95 was the lowest");
    let distance = wire::limits::TICKS_MAX;
    let events = venue.apply(Owned::New(trailing("far", Sell, 1, distance)));
    assert_eq!(events[0].stop, Ticks(1), "a stop is never below one tick");
}

#[test]
fn waiting_orders_are_cancelled_replaced_and_expire_like_others() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(stop("a", Buy, 3, 105)));
    venue.apply(Owned::New(trailing("b", Sell, 3, 7)));
    let gtd =
        NewOrder { time_in_force: TimeInForce::Gtd, expire: Nanos(9_000_000_000), ..stop("c", Buy, 3, 105) };
    venue.apply(Owned::New(gtd));
    let events = venue.apply(replace(0, "a2", by_name("a"), Buy, 5, 0));
    assert_eq!((events[0].kind, events[0].leaves, events[0].stop), (Kind::Replaced, Lots(5), Ticks(105)));
    assert_eq!(
        only(&venue.apply(replace(0, "a3", by_name("a2"), Buy, 5, 9))).reject,
        Reject::UnsupportedOrder
    );
    assert_eq!(only(&venue.apply(cancel(0, "x", by_name("b")))).kind, Kind::Canceled);
    venue.seq = 10;
    let events = venue.apply(Owned::Due(notice(Asks::Due, 0)));
    assert_eq!((only(&events).order_id.0, events[0].cause), (3, Cause::Expired));
    let events = venue.apply(Owned::CancelSession(notice(Asks::CancelSession, 0)));
    assert_eq!(only(&events).order_id.0, 1);
    assert_eq!(triggered(&trade_at(&mut venue, 110)), [0_u64; 0]);
}

#[test]
fn a_stop_that_makes_no_sense_is_refused() {
    for (order, reject) in [
        (stop("a", Buy, 1, 0), Reject::BadStop),
        (stop("a", Buy, 1, Ticks::OFF_TICK.0), Reject::BadStop),
        (trailing("a", Buy, 1, wire::limits::TICKS_MAX + 1), Reject::BadStop),
        (stop_limit("a", Buy, 1, 105, 0), Reject::PriceNotPositive),
        (stop_limit("a", Buy, 1, 105, 200), Reject::PriceOutsideBand),
        (NewOrder { price: Ticks(5), ..stop("a", Buy, 1, 105) }, Reject::UnsupportedOrder),
        (NewOrder { display: Lots(1), ..stop("a", Buy, 1, 105) }, Reject::UnsupportedOrder),
        (NewOrder { time_in_force: TimeInForce::Ioc, ..stop("a", Buy, 1, 105) }, Reject::UnsupportedOrder),
        (NewOrder { stop: Ticks(105), ..limit(0, "a", Buy, 1, 100) }, Reject::UnsupportedOrder),
    ] {
        let mut venue = Venue::new(config());
        let before = venue.engine.orders_hash();
        assert_eq!(only(&venue.apply(Owned::New(order))).reject, reject, "{order:?}");
        assert_eq!(venue.engine.orders_hash(), before);
    }
}

#[test]
fn waiting_orders_keep_room_for_the_prices_they_may_move_to() {
    let mut venue = Venue::new(matcher::engine::Config { price_groups_max: 60, ..config() });
    let mut taken = 0;
    for i in 0..20 {
        let far = 1 << (i * 2);
        let order = trailing(&format!("n{i}"), Buy, 1, far);
        taken += u32::from(only(&venue.apply(Owned::New(order))).kind == Kind::Accepted);
    }
    assert!((3..6).contains(&taken), "{taken}");
    for price in (51..100).rev() {
        trade_at(&mut venue, price);
    }
}

#[test]
fn a_triggered_stop_without_a_price_is_ioc_and_has_no_expire_time() {
    let mut venue = Venue::new(config());
    let gtd = NewOrder {
        time_in_force: TimeInForce::Gtd,
        expire: Nanos(1_000_000_000_000),
        ..stop("s", Buy, 2, 105)
    };
    let accepted = *only(&venue.apply(Owned::New(gtd)));
    assert_eq!((accepted.time_in_force, accepted.expire), (TimeInForce::Gtd, gtd.expire));
    venue.limit(1, "ask", Sell, 1, 106);
    let events = trade_at(&mut venue, 105);
    let [triggered, .., fill, end] = &events[3..] else { unreachable!("{events:?}") };
    assert_eq!((triggered.kind, triggered.stop), (Kind::Triggered, Ticks(105)));
    for event in [triggered, fill, end] {
        assert_eq!((event.time_in_force, event.expire), (TimeInForce::Ioc, Nanos(0)));
    }
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn a_triggered_stop_limit_keeps_its_time_in_force_and_expires() {
    let mut venue = Venue::new(config());
    let expire = Nanos(1_000_000_000_000);
    let gtd = NewOrder { time_in_force: TimeInForce::Gtd, expire, ..stop_limit("s", Buy, 2, 105, 103) };
    venue.apply(Owned::New(gtd));
    let events = trade_at(&mut venue, 105);
    let last = events.last().unwrap();
    assert_eq!((last.kind, last.time_in_force, last.expire), (Kind::Triggered, TimeInForce::Gtd, expire));
    assert_eq!(venue.engine.next_due(), Some(expire));
    let events = venue.apply_at(expire, Owned::Due(notice(Asks::Due, 0)));
    assert_eq!((only(&events).cause, events[0].expire), (Cause::Expired, Nanos(0)));
}

#[test]
fn a_waiting_stop_that_is_cancelled_is_told_without_its_stop() {
    let mut venue = Venue::new(config());
    let waits = NewOrder { display: Lots(1), ..stop_limit("s", Buy, 2, 105, 106) };
    assert_eq!(only(&venue.apply(Owned::New(waits))).stop, Ticks(105));
    let event = *only(&venue.apply(cancel(0, "c", by_name("s"))));
    assert_eq!((event.kind, event.stop, event.display), (Kind::Canceled, Ticks(0), Lots(0)));
}
