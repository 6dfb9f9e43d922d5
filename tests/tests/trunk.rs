//! Trunk sessions: orders of many accounts by one session, where what comes again is answered with how it stands.

use penstock_tests::{
    Penstock,
    binary::{ALICE, BM1, Binary, cancel, decoded, id, limit, password},
    clock,
    venue::{Venue, arguments, data_dir, listener},
};
use wire::{
    reject::Reject,
    sbe::messages::{Message, NewOrder, OrderStatusReport, RequestRefused},
    types::{OrderStatus, Side},
};

const TRUNK: &str = "TRUNK1";
const BOB: u32 = ALICE + 1;
const SECOND_NS: u64 = 1_000_000_000;

fn order(account: u32, name: &str, side: Side, units: u64, at: i64) -> NewOrder {
    NewOrder { account_id: Some(account).into(), ..limit(name, side, units, at) }
}

/// The OrderID of the order that was accepted.
#[track_caller]
fn accepted(client: &mut Binary) -> u64 {
    let (_, bytes) = client.report();
    let Message::OrderAccepted(it) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    it.order_id.get()
}

/// How the order stands, in answer to a request that came again under `name`.
#[track_caller]
fn stands(client: &mut Binary, name: &str) -> OrderStatusReport {
    let (_, bytes) = client.report();
    let Message::OrderStatusReport(it) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!(it.ord_status_req_id, id(name));
    *it
}

#[track_caller]
fn refused(client: &mut Binary) -> RequestRefused {
    let bytes = client.answer();
    let Message::RequestRefused(it) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    *it
}

#[test]
fn a_repeat_is_answered_with_the_order_s_state_whatever_else_it_says() {
    let venue = Venue::start(&[]);
    let mut trunk = Binary::client(venue.binary(), TRUNK);
    trunk.send(&order(ALICE, "a", Side::Buy, 10, 400));
    let first = accepted(&mut trunk);
    // At once, and with another price and quantity.
    for repeat in [order(ALICE, "a", Side::Buy, 10, 400), order(ALICE, "a", Side::Sell, 3, 700)] {
        trunk.send(&repeat);
        let state = stands(&mut trunk, "a");
        assert_eq!((state.order_id.get(), state.ord_status), (Some(first), OrderStatus::New));
    }
    // Another account's order of that name is another order.
    trunk.send(&order(BOB, "a", Side::Buy, 10, 400));
    assert_ne!(accepted(&mut trunk), first);
    // After a reconnect.
    let (session, next) = (trunk.session(), trunk.next());
    trunk.log_out();
    trunk.ended();
    let mut trunk = Binary::log_in(venue.binary(), (TRUNK, password(TRUNK)), Some(session), next)
        .expect("it is let in again");
    trunk.send(&order(ALICE, "a", Side::Buy, 10, 400));
    assert_eq!(stands(&mut trunk, "a").order_id.get(), Some(first));
    // Of an order that has ended.
    trunk.send(&wire::sbe::messages::CancelOrder { account_id: Some(ALICE).into(), ..cancel("c", "a") });
    let (_, bytes) = trunk.report();
    assert!(matches!(decoded(&bytes), Message::OrderCanceled(_)), "{:?}", decoded(&bytes));
    trunk.send(&order(ALICE, "a", Side::Buy, 10, 400));
    let state = stands(&mut trunk, "a");
    assert_eq!((state.order_id.get(), state.ord_status), (Some(first), OrderStatus::Canceled));
    assert!(venue.admin("status").contains("open orders"), "{}", venue.admin("status"));
    assert_eq!(venue.admin("orders --account alice").lines().filter(|line| line.contains("new")).count(), 0);
    venue.stop().assert_no_panic();
}

#[test]
fn a_repeat_makes_no_second_order_when_the_gateway_was_killed_in_between() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let _ = matcher.line("listening admin");
    let gateway = || {
        let process = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = process.line("ready");
        let address = listener(&process, "binary");
        (process, address)
    };
    let (process, address) = gateway();
    let mut trunk = Binary::client(address, TRUNK);
    let mut ids = Vec::new();
    for number in 0..20 {
        trunk.send(&order(ALICE, &format!("o{number}"), Side::Buy, 1, 400));
        ids.push(accepted(&mut trunk));
    }
    let (session, next) = (trunk.session(), trunk.next());
    process.kill9();
    let (process, address) = gateway();
    let mut trunk =
        Binary::log_in(address, (TRUNK, password(TRUNK)), Some(session), next).expect("it is let in again");
    // A web tier that does not know what became of its last requests sends them all again.
    for number in 0..25 {
        trunk.send(&order(ALICE, &format!("o{number}"), Side::Buy, 1, 400));
    }
    for (number, order) in ids.iter().enumerate() {
        assert_eq!(stands(&mut trunk, &format!("o{number}")).order_id.get(), Some(*order));
    }
    for _ in 20..25 {
        let new = accepted(&mut trunk);
        assert!(!ids.contains(&new));
    }
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}

#[test]
fn a_request_names_its_account_and_one_that_the_trunk_may_trade_for() {
    let venue = Venue::start(&[]);
    let mut trunk = Binary::client(venue.binary(), TRUNK);
    trunk.send(&limit("a", Side::Buy, 1, 400));
    assert_eq!(refused(&mut trunk).reject_code, Reject::NotEntitled.into());
    trunk.send(&order(BM1, "a", Side::Buy, 1, 400));
    assert_eq!(refused(&mut trunk).reject_code, Reject::NotEntitled.into());
    trunk.send(&order(BOB, "a", Side::Buy, 1, 400));
    accepted(&mut trunk);
    venue.stop().assert_no_panic();
}

#[test]
fn an_account_s_flood_is_refused_and_its_neighbours_go_on() {
    let venue = Venue::start(&[
        "session.TRUNK1.account_throttle_messages=5",
        "session.TRUNK1.account_throttle_cancels=2",
        "session.TRUNK1.throttle_s=3600",
    ]);
    let mut trunk = Binary::client(venue.binary(), TRUNK);
    for number in 0..5 {
        trunk.send(&order(ALICE, &format!("a{number}"), Side::Buy, 1, 400));
        accepted(&mut trunk);
    }
    // However many: the trunk itself is not logged out for them.
    for number in 5..50 {
        trunk.send(&order(ALICE, &format!("a{number}"), Side::Buy, 1, 400));
        let it = refused(&mut trunk);
        assert_eq!((it.reject_code, it.cl_ord_id), (Reject::Throttled.into(), id(&format!("a{number}"))));
        assert_eq!((it.limit_count.get(), it.limit_max.get()), (Some(5), Some(5)));
        let wait = it.retry_after.get().expect("it says when there is room again");
        assert!((3_000 * SECOND_NS..=3_600 * SECOND_NS).contains(&wait), "{wait}");
        trunk.send(&order(BOB, &format!("b{number}"), Side::Buy, 1, 400));
        if number < 10 {
            accepted(&mut trunk);
        } else {
            assert_eq!(refused(&mut trunk).cl_ord_id, id(&format!("b{number}")));
        }
    }
    // Cancels are counted apart.
    for name in ["a0", "a1"] {
        trunk.send(&wire::sbe::messages::CancelOrder { account_id: Some(ALICE).into(), ..cancel("c", name) });
        trunk.report();
    }
    trunk.send(&wire::sbe::messages::CancelOrder { account_id: Some(ALICE).into(), ..cancel("c", "a2") });
    let it = refused(&mut trunk);
    assert_eq!((it.reject_code, it.limit_max.get()), (Reject::Throttled.into(), Some(2)));
    venue.stop().assert_no_panic();
}

#[test]
fn what_comes_after_its_deadline_is_refused_by_the_matcher() {
    let venue = Venue::start(&[]);
    let mut trunk = Binary::client(venue.binary(), TRUNK);
    let now = clock::nanos();
    let late = NewOrder { deadline: Some(now - 1).into(), ..order(ALICE, "late", Side::Buy, 1, 400) };
    trunk.send(&late);
    let (_, bytes) = trunk.report();
    let Message::OrderRejected(it) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((it.reject_code, it.cl_ord_id), (Reject::DeadlinePassed.into(), id("late")));
    // It has left no name behind: with time enough it is a new order.
    let in_time = NewOrder { deadline: Some(now + 3_600 * SECOND_NS).into(), ..late };
    trunk.send(&in_time);
    accepted(&mut trunk);
    venue.stop().assert_no_panic();
}

#[test]
fn a_trunk_that_is_gone_leaves_its_orders_where_they_are() {
    let venue = Venue::start(&[]);
    let mut trunk = Binary::client(venue.binary(), TRUNK);
    trunk.send(&order(ALICE, "a", Side::Sell, 1, 600));
    let first = accepted(&mut trunk);
    let (session, next) = (trunk.session(), trunk.next());
    drop(trunk);
    // Who buys of it meanwhile finds it there.
    let mut other = Binary::client(venue.binary(), "BM1");
    other.send(&limit("b", Side::Buy, 1, 600));
    accepted(&mut other);
    let (_, bytes) = other.report();
    assert!(matches!(decoded(&bytes), Message::OrderFilled(_)), "{:?}", decoded(&bytes));
    let mut trunk = Binary::log_in(venue.binary(), (TRUNK, password(TRUNK)), Some(session), next)
        .expect("it is let in again");
    let (_, bytes) = trunk.report();
    let Message::OrderFilled(it) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((it.order_id.get(), it.account_id.get()), (first, ALICE));
    venue.stop().assert_no_panic();
}
