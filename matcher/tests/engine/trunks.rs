//! Trunk sessions: names and orders are the account's, and what comes again is answered with how it stands.

use matcher::engine::{Accounts, Config, ConfigError, SessionTerms};
use wire::{
    command::{Head, KillSwitch, Kind as Asks, MassCancel, MassStatus, NewOrder, NewOrderList, Scope},
    event::{Event, Kind},
    reject::Reject,
    types::{AccountId, ClOrdId, Nanos, OrderStatus, OrderType, SessionId, Side, Ticks},
};

use crate::common::{
    Owned, Venue, by_id, by_name, cancel, kinds, limit, name, notice, only, replace, status,
};

/// Sessions 0 and 1 are trunks, 2 is none.
fn config() -> Config {
    let trunk = || SessionTerms { is_trunk: true, ..SessionTerms::new(Accounts::Any) };
    Config { sessions: vec![trunk(), trunk(), SessionTerms::new(Accounts::Any)], ..crate::common::config() }
}

/// A bid of 5 for account 7 at 90.
fn bid(session: u32, text: &str) -> NewOrder {
    let mut new = limit(session, text, Side::Buy, 5, 90);
    new.head.account = AccountId(7);
    new
}

fn of_account(mut command: Owned, account: u32) -> Owned {
    let head: &mut Head = match &mut command {
        Owned::Cancel(c) => &mut c.head,
        Owned::Replace(c) => &mut c.head,
        Owned::Status(c) => &mut c.head,
        _ => unreachable!("not used here"),
    };
    head.account = AccountId(account);
    command
}

fn state(events: &[Event]) -> (Kind, u64, OrderStatus, u8, u32, ClOrdId) {
    let event = only(events);
    assert_eq!(event.reject, Reject::None);
    (event.kind, event.order_id.0, event.status, event.by, event.session.0, event.orig_cl_ord_id)
}

#[test]
fn an_order_that_comes_again_is_answered_with_how_it_stands_and_never_a_second_one() {
    let mut venue = Venue::new(config());
    let accepted = venue.apply(Owned::New(bid(0, "a")));
    assert_eq!((only(&accepted).kind, only(&accepted).order_id.0), (Kind::Accepted, 1));
    let open = (Kind::Status, 1, OrderStatus::New, Event::ANSWER, 0, name("a"));
    assert_eq!(state(&venue.apply(Owned::New(bid(0, "a")))), open);
    // By the other trunk, at another price, and if it would be refused for something else: too late, or halted.
    let mut other = NewOrder { price: Ticks(-3), ..bid(1, "a") };
    assert_eq!(
        state(&venue.apply(Owned::New(other))),
        (Kind::Status, 1, OrderStatus::New, Event::ANSWER, 1, name("a"))
    );
    other.head = other.head.with_deadline(Nanos(1));
    assert_eq!(state(&venue.apply(Owned::New(other))).1, 1);
    assert_eq!(venue.engine.open_orders(), 1);
    // Filled.
    venue.limit(2, "s", Side::Sell, 5, 90);
    let filled = (Kind::Status, 1, OrderStatus::Filled, Event::ANSWER, 1, name("a"));
    assert_eq!(state(&venue.apply(Owned::New(bid(1, "a")))), filled);
    assert_eq!(venue.engine.open_orders(), 0);
    // A refused one was never an order.
    let refused = NewOrder { price: Ticks(-3), ..bid(0, "b") };
    assert_eq!(only(&venue.apply(Owned::New(refused))).kind, Kind::Rejected);
    assert_eq!(only(&venue.apply(Owned::New(bid(1, "b")))).kind, Kind::Accepted);
}

#[test]
fn names_are_those_of_the_account_over_all_trunks_and_no_other_session() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(bid(0, "a")));
    let mut of_other = bid(1, "a");
    of_other.head.account = AccountId(8);
    assert_eq!(only(&venue.apply(Owned::New(of_other))).kind, Kind::Accepted);
    assert_eq!(only(&venue.apply(Owned::New(bid(2, "a")))).kind, Kind::Accepted);
    assert_eq!(only(&venue.apply(Owned::New(bid(2, "a")))).reject, Reject::DuplicateClOrdId);
    for (session, account, order, id) in
        [(1, 7, by_name("a"), 1), (1, 8, by_name("a"), 2), (2, 7, by_name("a"), 3), (0, 7, by_id(1), 1)]
    {
        let answer = venue.apply(of_account(status(session, order), account));
        assert_eq!((only(&answer).order_id.0, only(&answer).session.0), (id, session));
    }
    for (session, account, order) in
        [(0, 9, by_name("a")), (0, 8, by_id(1)), (0, 7, by_id(3)), (2, 7, by_id(1))]
    {
        let answer = venue.apply(of_account(status(session, order), account));
        assert_eq!(only(&answer).reject, Reject::UnknownOrder);
    }
}

#[test]
fn what_one_trunk_does_to_an_order_of_another_is_told_to_both() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(bid(0, "a")));
    let replaced = venue.apply(of_account(replace(1, "b", by_name("a"), Side::Buy, 4, 91), 7));
    assert_eq!(kinds(&replaced), [Kind::Replaced, Kind::Replaced]);
    let told: Vec<_> = replaced.iter().map(|event| (event.session.0, event.by, event.cl_ord_id)).collect();
    assert_eq!(told, [(0, 0, name("b")), (1, Event::ANSWER, name("b"))]);
    let canceled = venue.apply(of_account(cancel(1, "c", by_name("b")), 7));
    assert_eq!(kinds(&canceled), [Kind::Canceled, Kind::Canceled]);
    assert_eq!(canceled.iter().map(|event| event.session.0).collect::<Vec<_>>(), [0, 1]);
    // Again: it has ended, and whoever asks is told.
    let again = venue.apply(of_account(cancel(1, "c", by_name("b")), 7));
    assert_eq!((only(&again).kind, only(&again).session.0), (Kind::CancelRejected, 1));
    assert_eq!((only(&again).status, only(&again).order_id.0), (OrderStatus::Canceled, 1));
}

#[test]
fn a_replace_that_comes_again_changes_nothing_and_former_names_find_their_order() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(bid(0, "a")));
    venue.apply(of_account(replace(0, "b", by_name("a"), Side::Buy, 4, 91), 7));
    let before = venue.engine.orders_hash();
    let again = (Kind::Status, 1, OrderStatus::New, Event::ANSWER, 1, name("b"));
    for order in [by_name("a"), by_name("b"), by_id(1), by_name("unknown")] {
        let answer = venue.apply(of_account(replace(1, "b", order, Side::Buy, 4, 91), 7));
        assert_eq!(state(&answer), again);
        assert_eq!(only(&answer).quantity.0, 4);
    }
    // The order's first name.
    let answer = venue.apply(Owned::New(bid(1, "a")));
    assert_eq!(state(&answer), (Kind::Status, 1, OrderStatus::New, Event::ANSWER, 1, name("a")));
    assert_eq!(only(&answer).cl_ord_id, name("b"));
    // A name that another order has is no repeat.
    venue.apply(Owned::New(bid(0, "x")));
    let taken = venue.apply(of_account(replace(0, "x", by_name("b"), Side::Buy, 3, 91), 7));
    assert_eq!((only(&taken).kind, only(&taken).reject), (Kind::ReplaceRejected, Reject::DuplicateClOrdId));
    venue.apply(of_account(cancel(0, "c", by_name("x")), 7));
    let answer = venue.apply(Owned::New(bid(0, "x")));
    assert_eq!(state(&answer).2, OrderStatus::Canceled);
    assert_ne!(venue.engine.orders_hash(), before);
}

#[test]
fn a_forgotten_name_is_new_and_counted() {
    let mut venue = Venue::new(Config { finished_orders_max: 1, ..config() });
    for text in ["a", "b"] {
        venue.apply(Owned::New(bid(0, text)));
        venue.apply(of_account(cancel(0, "c", by_name(text)), 7));
    }
    assert_eq!(venue.engine.forgotten(), 1);
    assert_eq!(only(&venue.apply(Owned::New(bid(0, "b")))).kind, Kind::Status);
    assert_eq!(only(&venue.apply(Owned::New(bid(0, "a")))).kind, Kind::Accepted);
}

#[test]
fn a_list_that_comes_again_is_answered_with_how_its_orders_stand() {
    let mut venue = Venue::new(config());
    let stop = NewOrder { order_type: OrderType::Stop, price: Ticks(0), stop: Ticks(120), ..bid(0, "stop") };
    let list = |session, orders| {
        let head = bid(session, "l").head.with_kind(Asks::NewOrderList);
        Owned::message(&NewOrderList { head, list_id: name("list"), reserved: 0, orders })
    };
    assert_eq!(venue.apply(list(0, [bid(0, "limit"), stop])).len(), 4);
    let again = venue.apply(list(1, [bid(0, "limit"), stop]));
    assert_eq!(kinds(&again), [Kind::Status, Kind::Status]);
    assert!(again.iter().all(|event| event.by == Event::ANSWER && event.session.0 == 1));
    assert_eq!(again.iter().map(|event| event.order_id.0).collect::<Vec<_>>(), [1, 2]);
    let half = venue.apply(list(1, [bid(0, "limit"), NewOrder { cl_ord_id: name("other"), ..stop }]));
    assert_eq!(kinds(&half), [Kind::Status, Kind::Rejected]);
    assert_eq!(venue.engine.open_orders(), 2);
}

#[test]
fn an_account_s_orders_of_all_trunks_are_asked_for_and_cancelled_together() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(bid(0, "a")));
    venue.apply(Owned::New(bid(1, "b")));
    venue.apply(Owned::New(bid(2, "c")));
    let mut of_other = bid(0, "d");
    of_other.head.account = AccountId(8);
    venue.apply(Owned::New(of_other));
    let head = bid(1, "m").head;
    let (by, side) = (MassCancel::SESSION, Side::Buy);
    let asked = MassStatus {
        head: head.with_kind(Asks::MassStatus),
        request_id: name("q"),
        by,
        side,
        reserved: [0; 2],
    };
    let told = venue.apply(Owned::message(&asked));
    assert_eq!(
        told.iter().map(|event| (event.order_id.0, event.session.0)).collect::<Vec<_>>(),
        [(1, 1), (2, 1)]
    );
    assert_eq!(told[1].last_quantity.0, 2);
    let all = MassCancel {
        head: head.with_kind(Asks::MassCancel),
        cl_ord_id: name("m"),
        by,
        side,
        reserved: [0; 2],
    };
    let ended = venue.apply(Owned::MassCancel(all));
    assert_eq!(kinds(&ended), [Kind::Canceled, Kind::Canceled, Kind::MassCanceled]);
    assert_eq!(
        ended.iter().map(|event| (event.order_id.0, event.session.0)).collect::<Vec<_>>(),
        [(1, 0), (2, 1), (0, 1)]
    );
    // A kill switch on the session ends what came by it, whosever.
    let kill = KillSwitch {
        head: head.with_kind(Asks::KillSwitch).with_session(SessionId(2)),
        target: 0,
        scope: Scope::Session,
        on: 1,
        reserved: [0; 2],
    };
    assert_eq!(kinds(&venue.apply(Owned::KillSwitch(kill))), [Kind::Canceled, Kind::MassCanceled]);
    assert_eq!(venue.engine.open_orders(), 1);
}

#[test]
fn its_orders_stay_when_its_client_goes_and_it_takes_no_quotes() {
    let mut venue = Venue::new(config());
    venue.apply(Owned::New(bid(0, "a")));
    venue.apply(Owned::Down(notice(Asks::SessionDown, 0)));
    assert_eq!(venue.engine.next_cancel(), None);
    assert!(venue.apply(Owned::CancelSession(notice(Asks::CancelSession, 0))).is_empty());
    assert_eq!(venue.engine.open_orders(), 1);
    let quote = Owned::mass_quote(bid(0, "q").head.with_kind(Asks::MassQuote), name("q"), 0, &[]);
    assert_eq!(only(&venue.apply(quote)).reject, Reject::NotByTrunk);

    let mut wrong = config();
    wrong.sessions[1].cancel_on_disconnect = Some(5);
    assert_eq!(wrong.check(), Err(ConfigError::Trunk(1)));
}
