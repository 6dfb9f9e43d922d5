//! Order lists, rule by rule: docs/matching.md, "Order lists".

use matcher::engine::{AccountKind, AccountTerms, Config, LedgerTerms, Pair};
use wire::{
    command::{Kind as Asks, ListRequest, MassCancel, NewOrder, NewOrderList, SetState},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, OrderType, SelfTrade,
        Side::{self, *},
        Ticks, TimeInForce, TradingState,
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

fn list_of(text: &str, orders: [NewOrder; 2]) -> Owned {
    let list_id = if text.is_empty() { ClOrdId::NONE } else { name(text) };
    Owned::message(&NewOrderList { head: head(Asks::NewOrderList, 0), list_id, reserved: 0, orders })
}

fn about(kind: Asks, text: &str) -> Owned {
    Owned::message(&ListRequest { head: head(kind, 0), list_id: name(text), reserved: 0 })
}

/// Sell 5 at 110, or if the price falls to 90.
fn exit(text: &str) -> [NewOrder; 2] {
    [limit(0, &format!("{text}-limit"), Sell, 5, 110), stop(&format!("{text}-stop"), Sell, 5, 90)]
}

/// OrderID and cause of every cancelled order.
fn canceled(events: &[Event]) -> Vec<(u64, Cause)> {
    events.iter().filter(|e| e.kind == Kind::Canceled).map(|e| (e.order_id.0, e.cause)).collect()
}

fn rejects(events: &[Event]) -> Vec<Reject> {
    events.iter().map(|e| e.reject).collect()
}

#[test]
fn both_orders_are_accepted_and_bear_the_name_of_the_list() {
    let mut venue = Venue::new(config());
    let events = venue.apply(list_of("L", exit("a")));
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Accepted, Kind::List, Kind::List]);
    let ids: Vec<u64> = events.iter().map(|e| e.order_id.0).collect();
    assert_eq!(ids, [1, 2, 1, 2]);
    assert!(events.iter().all(|e| e.orig_cl_ord_id == name("L") && e.by & Event::LISTED != 0));
    assert_eq!((events[3].by, events[3].last_quantity), (Event::LISTED | 2, Lots(2)));
    assert_eq!(venue.engine.best(InstrumentId(0), Sell), Some((Ticks(110), Lots(5))));
}

#[test]
fn an_order_that_trades_at_all_cancels_the_other_one_first() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", exit("a")));
    let events = venue.limit(1, "taker", Buy, 2, 110);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled, Kind::Fill, Kind::Fill]);
    assert_eq!((events[1].order_id.0, events[1].cause), (2, Cause::OneCancelsOther));
    assert_eq!((events[2].order_id.0, events[2].leaves, events[2].orig_cl_ord_id), (1, Lots(3), name("L")));
    // What is left of it goes on by itself, under the name of the list.
    let events = venue.apply(about(Asks::ListStatus, "L"));
    let stand: Vec<_> = events.iter().map(|e| (e.order_id.0, e.leaves.0, e.by)).collect();
    let by = Event::LISTED | Event::ASKED | 2;
    assert_eq!(stand, [(1, 3, by), (2, 0, by)]);
    assert_eq!(canceled(&venue.limit(1, "rest", Buy, 3, 110)), []);
    let events = venue.apply(about(Asks::ListStatus, "L"));
    assert_eq!(only(&events).reject, Reject::UnknownList, "no order of it is open");
}

#[test]
fn an_order_that_is_triggered_cancels_the_other_one_first() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", exit("a")));
    venue.limit(1, "bid", Buy, 9, 90);
    let events = venue.limit(0, "hit", Sell, 1, 90);
    let after = &events[3..];
    assert_eq!(kinds(after), [Kind::Canceled, Kind::Triggered, Kind::Fill, Kind::Fill]);
    assert_eq!(canceled(&events), [(1, Cause::OneCancelsOther)]);
}

#[test]
fn of_two_stops_that_are_satisfied_at_once_one_is_triggered() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", [stop("a", Sell, 5, 95), stop("b", Sell, 7, 90)]));
    venue.limit(1, "bid", Buy, 20, 90);
    let events = venue.limit(0, "hit", Sell, 1, 90);
    let triggered: Vec<u64> =
        events.iter().filter(|e| e.kind == Kind::Triggered).map(|e| e.order_id.0).collect();
    assert_eq!((triggered, canceled(&events)), (vec![1], vec![(2, Cause::OneCancelsOther)]));
}

#[test]
fn whatever_ends_one_order_ends_the_other() {
    let by = |by| MassCancel {
        head: head(Asks::MassCancel, 0),
        cl_ord_id: name("mass"),
        by,
        side: Sell,
        reserved: [0; 2],
    };
    let other = Cause::OneCancelsOther;
    let ends: [(Owned, &[(u64, Cause)]); 6] = [
        (cancel(0, "c", by_name("a-limit")), &[(1, Cause::Requested), (2, other)]),
        (cancel(0, "c", by_name("a-stop")), &[(2, Cause::Requested), (1, other)]),
        (about(Asks::CancelList, "L"), &[(1, Cause::Requested), (2, other)]),
        (Owned::CancelSession(notice(Asks::CancelSession, 0)), &[(1, Cause::Disconnected), (2, other)]),
        (Owned::MassCancel(by(MassCancel::SESSION)), &[(1, Cause::MassCanceled), (2, other)]),
        (Owned::MassCancel(by(0)), &[(1, Cause::MassCanceled), (2, other)]),
    ];
    for (command, expected) in ends {
        let mut venue = Venue::new(config());
        venue.apply(list_of("L", exit("a")));
        let events = venue.apply(command);
        assert_eq!(canceled(&events), expected, "{command:?}");
        let summary = events.iter().find(|e| e.kind == Kind::MassCanceled);
        assert!(summary.is_none_or(|e| e.quantity == Lots(2)));
        let parts: Vec<u8> = events.iter().filter(|e| e.kind == Kind::List).map(|e| e.by).collect();
        assert!(parts.iter().all(|&by| by == Event::LISTED | Event::DONE | 2));
        assert_eq!(venue.engine.open_orders(), 0);
        // The name is free again.
        let events = venue.apply(list_of("L", exit("b")));
        assert_eq!(events[0].kind, Kind::Accepted);
    }
}

#[test]
fn a_day_order_takes_the_other_one_along_at_the_close() {
    let mut venue = Venue::new(config());
    let [limit, stop] = exit("a");
    let day = NewOrder { time_in_force: TimeInForce::Day, ..stop };
    venue.apply(list_of("L", [limit, day]));
    let close = SetState { head: head(Asks::SetState, 0), state: TradingState::Closed, reserved: [0; 7] };
    let events = venue.apply(Owned::SetState(close));
    assert_eq!(canceled(&events), [(2, Cause::Expired), (1, Cause::OneCancelsOther)]);
}

#[test]
fn self_trade_prevention_takes_both() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", exit("a")));
    let own = NewOrder {
        flags: NewOrder::self_trade_flags(SelfTrade::CancelOldest),
        ..limit(0, "own", Buy, 1, 110)
    };
    let events = venue.apply(Owned::New(own));
    assert_eq!(canceled(&events), [(1, Cause::SelfTrade), (2, Cause::OneCancelsOther)]);
}

#[test]
fn an_order_may_be_replaced_and_stays_in_its_list() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", exit("a")));
    let events = venue.apply(replace(0, "r", by_name("a-limit"), Sell, 4, 112));
    let replaced = only(&events);
    assert_eq!((replaced.kind, replaced.orig_cl_ord_id, replaced.by), (Kind::Replaced, name("a-limit"), 0));
    venue.limit(1, "bid", Buy, 1, 105);
    let events = venue.apply(replace(0, "s", by_name("r"), Sell, 4, 105));
    assert_eq!(kinds(&events), [Kind::Replaced, Kind::Canceled, Kind::Fill, Kind::Fill]);
    assert_eq!(canceled(&events), [(2, Cause::OneCancelsOther)]);
}

#[test]
fn in_a_call_phase_orders_rest_and_the_auction_counts_as_trading() {
    let mut venue = Venue::new(config());
    let to = |state| Owned::SetState(SetState { head: head(Asks::SetState, 0), state, reserved: [0; 7] });
    venue.apply(to(TradingState::OpeningAuction));
    venue.limit(1, "bid", Buy, 3, 120);
    let events = venue.apply(list_of("L", exit("a")));
    assert_eq!(events[0].kind, Kind::Accepted, "a crossing order only rests there");
    let events = venue.apply(to(TradingState::Continuous));
    assert_eq!(canceled(&events), [(3, Cause::OneCancelsOther)]);
    assert_eq!(events.iter().filter(|e| e.kind == Kind::Fill).count(), 2);
}

#[test]
fn refusals_name_the_order_at_fault_and_change_nothing() {
    let [limit_leg, stop_leg] = exit("a");
    let leg = |change: &dyn Fn(&mut NewOrder)| {
        let mut changed = limit_leg;
        change(&mut changed);
        [changed, stop_leg]
    };
    let second = |change: &dyn Fn(&mut NewOrder)| {
        let mut changed = stop_leg;
        change(&mut changed);
        [limit_leg, changed]
    };
    let whole = |reject| [reject, reject];
    let first_at_fault = |reject| [reject, Reject::OtherOrderRefused];
    let second_at_fault = |reject| [Reject::OtherOrderRefused, reject];
    let cases = [
        ("", exit("a"), whole(Reject::BadList)),
        ("L", leg(&|o| o.head = o.head.with_instrument(InstrumentId(1))), whole(Reject::BadList)),
        ("L", leg(&|o| o.head.account = AccountId(1)), whole(Reject::BadList)),
        ("L", leg(&|o| o.side = Buy), whole(Reject::BadList)),
        ("L", leg(&|o| o.time_in_force = TimeInForce::Ioc), whole(Reject::BadList)),
        ("L", leg(&|o| (o.order_type, o.price) = (OrderType::Market, Ticks(0))), whole(Reject::BadList)),
        ("L", leg(&|o| o.time_in_force = TimeInForce::AtTheClose), whole(Reject::BadList)),
        ("L", [limit_leg, limit(0, "b", Sell, 5, 120)], whole(Reject::BadList)),
        ("used", exit("a"), whole(Reject::DuplicateListId)),
        ("L", leg(&|o| o.quantity = Lots(0)), first_at_fault(Reject::QuantityNotPositive)),
        ("L", leg(&|o| o.cl_ord_id = name("u-stop")), first_at_fault(Reject::DuplicateClOrdId)),
        ("L", leg(&|o| o.cl_ord_id = ClOrdId::NONE), first_at_fault(Reject::BadClOrdId)),
        ("L", leg(&|o| o.price = Ticks(99)), first_at_fault(Reject::OrderWouldAct)),
        (
            "L",
            leg(&|o| (o.price, o.flags) = (Ticks(99), NewOrder::POST_ONLY)),
            first_at_fault(Reject::PostOnlyWouldTake),
        ),
        ("L", second(&|o| o.stop = Ticks(0)), second_at_fault(Reject::BadStop)),
        ("L", second(&|o| o.stop = Ticks(100)), second_at_fault(Reject::OrderWouldAct)),
        ("L", second(&|o| o.cl_ord_id = name("a-limit")), second_at_fault(Reject::DuplicateClOrdId)),
    ];
    for (list_id, orders, expected) in cases {
        let mut venue = Venue::new(Config {
            instruments: vec![instrument(0, 100, 5_000), instrument(1, 100, 5_000)],
            ..config()
        });
        venue.limit(1, "bid", Buy, 1, 99);
        venue.apply(list_of("used", exit("u")));
        let before = venue.engine.orders_hash();
        let events = venue.apply(list_of(list_id, orders));
        assert_eq!(kinds(&events), [Kind::Rejected, Kind::Rejected, Kind::List, Kind::List], "{orders:?}");
        let twice = [expected, expected].concat();
        assert_eq!(rejects(&events), twice, "{list_id} {orders:?}");
        assert_eq!(venue.engine.orders_hash(), before);
    }
}

#[test]
fn a_list_needs_room_for_both_orders() {
    let mut venue = Venue::new(Config { open_orders_max: 2, ..config() });
    venue.limit(1, "bid", Buy, 1, 99);
    let events = venue.apply(list_of("L", exit("a")));
    assert_eq!(rejects(&events), [Reject::TooManyOpenOrders; 4]);
    venue.apply(cancel(1, "c", by_name("bid")));
    assert_eq!(venue.apply(list_of("L", exit("a")))[0].kind, Kind::Accepted);
}

#[test]
fn a_list_that_has_come_before_is_ignored_if_it_says_so() {
    let mut venue = Venue::new(config());
    venue.apply(list_of("L", exit("a")));
    let head = head(Asks::NewOrderList, 0).with_repeat(true);
    let again = NewOrderList { head, list_id: name("L"), reserved: 0, orders: exit("a") };
    assert_eq!(venue.apply(Owned::message(&again)), []);
}

/// The orders of a list hold what the one that needs more does, and what it needs once the other is gone.
#[test]
fn two_orders_share_their_funds() {
    let pair = Pair {
        base: AssetId(0),
        quote: AssetId(1),
        base_per_lot: 1,
        quote_per_tick_lot: 1,
        maker_fee: 0,
        taker_fee: 0,
    };
    let accounts = ["a", "b"].map(|of| AccountTerms::new(of, AccountKind::Prefunded));
    let ledger = LedgerTerms { assets: 2, accounts: accounts.into(), pairs: vec![pair] };
    let mut venue = Venue::new(Config { ledger, ..config() });
    let deposit = |account: u32, asset, amount| {
        let head = head(Asks::Deposit, 0).with_account(AccountId(account));
        let funds = wire::command::Funds { head, asset: AssetId(asset), reserved: 0, amount: [amount, 0] };
        Owned::Deposit(funds)
    };
    venue.apply(deposit(0, 1, 1_000));
    venue.apply(deposit(1, 0, 100));
    let held = |venue: &Venue| venue.engine.balance(AccountId(0), AssetId(1)).unwrap().held;
    // Buy 5 at 90, which is 450, or if the price rises to 110, at 120 at most, which is 600.
    let entry = |text: &str, quantity| {
        let stop = NewOrder {
            order_type: OrderType::StopLimit,
            stop: Ticks(110),
            ..limit(0, &format!("{text}-stop"), Buy, 5, 120)
        };
        [limit(0, &format!("{text}-limit"), Buy, quantity, 90), stop]
    };
    assert_eq!(venue.apply(list_of("L", entry("a", 5)))[0].kind, Kind::Accepted);
    assert_eq!(held(&venue), 600, "the greater of the two");
    venue.apply(replace(0, "r", by_name("a-limit"), Buy, 8, 90));
    assert_eq!(held(&venue), 720, "now the other one needs more");
    let events = venue.apply(replace(0, "s", by_name("r"), Buy, 12, 90));
    assert_eq!(only(&events).reject, Reject::InsufficientFunds);
    venue.limit(1, "hit", Sell, 2, 90);
    assert_eq!(held(&venue), 540, "six lots at 90 are left, and no other order");
    venue.apply(cancel(0, "c", by_name("r")));
    assert_eq!(held(&venue), 0);
    // Each alone can be paid for; both together need not be.
    venue.apply(list_of("M", entry("b", 9)));
    assert_eq!(held(&venue), 810);
    venue.apply(about(Asks::CancelList, "M"));
    assert_eq!(held(&venue), 0);
    let events = venue.apply(list_of("N", entry("c", 10)));
    assert_eq!(rejects(&events)[..2], [Reject::InsufficientFunds, Reject::OtherOrderRefused]);
}
