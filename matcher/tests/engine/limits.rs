//! Limits of sessions and accounts.

use matcher::engine::{AccountKind, AccountTerms, Accounts, Config, LedgerTerms, OrderLimits, SessionTerms};
use wire::{
    command::{Kind as Asks, Scope, SetLimits},
    event::{Event, Kind},
    reject::Reject,
    types::{AccountId, Side},
};

use crate::common::{Owned, Venue, by_name, cancel, head, limit, only, replace};

/// Session 0 may have two open orders, each worth 10; account 1 three, each worth 8. A tick times a lot is worth 0.01.
fn config() -> Config {
    let worth = |units: u64| units * 100_000_000;
    let limits = |open_orders_max, notional| OrderLimits { open_orders_max, notional_max: worth(notional) };
    let account = |name: &str| AccountTerms::new(name, AccountKind::Prefunded);
    Config {
        sessions: vec![
            SessionTerms { limits: limits(2, 10), ..SessionTerms::new(Accounts::Any) },
            SessionTerms::new(Accounts::Any),
        ],
        ledger: LedgerTerms {
            accounts: vec![account("a"), AccountTerms { limits: limits(3, 8), ..account("b") }],
            ..LedgerTerms::default()
        },
        ..crate::common::config()
    }
}

fn bid(venue: &mut Venue, session: u32, account: u32, text: &str, quantity: u64) -> Event {
    let mut new = limit(session, text, Side::Buy, quantity, 90);
    new.head.account = AccountId(account);
    *only(&venue.apply(Owned::New(new)))
}

fn refused(event: Event) -> (Kind, Reject, Option<(u64, u64)>) {
    (event.kind, event.reject, event.limit())
}

#[test]
fn one_open_order_too_many_is_refused_with_what_is_used_and_the_limit() {
    let mut venue = Venue::new(config());
    for text in ["a", "b"] {
        assert_eq!(bid(&mut venue, 0, 0, text, 1).kind, Kind::Accepted);
    }
    let full = (Kind::Rejected, Reject::TooManySessionOrders, Some((2, 2)));
    assert_eq!(refused(bid(&mut venue, 0, 0, "c", 1)), full);
    // The account's, over all sessions.
    venue.apply(cancel(0, "x", by_name("b")));
    assert_eq!(bid(&mut venue, 0, 1, "c", 1).kind, Kind::Accepted);
    for text in ["d", "e"] {
        assert_eq!(bid(&mut venue, 1, 1, text, 1).kind, Kind::Accepted);
    }
    let full = (Kind::Rejected, Reject::TooManyAccountOrders, Some((3, 3)));
    assert_eq!(refused(bid(&mut venue, 1, 1, "f", 1)), full);
    assert_eq!(bid(&mut venue, 1, 0, "f", 1).kind, Kind::Accepted);
    // What has ended makes room.
    venue.apply(cancel(1, "x", by_name("d")));
    assert_eq!(bid(&mut venue, 1, 1, "g", 1).kind, Kind::Accepted);
}

#[test]
fn an_order_worth_more_than_it_may_be_is_refused_with_its_worth_and_the_lower_limit() {
    let mut venue = Venue::new(config());
    // 11 lots at 90 ticks are worth 9.90, 12 are worth 10.80.
    assert_eq!(bid(&mut venue, 0, 0, "a", 11).kind, Kind::Accepted);
    let large = |used, max| (Kind::Rejected, Reject::NotionalTooLarge, Some((used, max)));
    assert_eq!(refused(bid(&mut venue, 0, 0, "b", 12)), large(1_080_000_000, 1_000_000_000));
    assert_eq!(refused(bid(&mut venue, 0, 1, "b", 9)), large(810_000_000, 800_000_000));
    assert_eq!(bid(&mut venue, 1, 0, "b", 1_000).kind, Kind::Accepted);
    let more = replace(0, "c", by_name("a"), Side::Buy, 11, 91);
    let more = *only(&venue.apply(more));
    assert_eq!(
        refused(more),
        (Kind::ReplaceRejected, Reject::NotionalTooLarge, Some((1_001_000_000, 1_000_000_000)))
    );
    assert_eq!(more.leaves.0, 11);
    let less = replace(0, "c", by_name("a"), Side::Buy, 10, 91);
    assert_eq!(only(&venue.apply(less)).kind, Kind::Replaced);
}

#[test]
fn operators_change_limits_and_ask_for_them_while_orders_are_open() {
    let mut venue = Venue::new(config());
    let set = |scope, target, (set, open_orders_max, notional_max)| {
        let (head, reserved, padding) = (head(Asks::SetLimits, 1), [0; 2], 0);
        Owned::message(&SetLimits {
            head,
            target,
            scope,
            set,
            reserved,
            open_orders_max,
            padding,
            notional_max,
        })
    };
    let told = |event: &Event| (event.kind, event.reject, event.order_limits());
    let done = |open, max, notional| (Kind::Done, Reject::None, (open, max, notional));
    bid(&mut venue, 0, 0, "a", 1);
    // What is not named stays; nothing named is a question.
    let ask = set(Scope::Session, 0, (0, 9, 9));
    assert_eq!(told(only(&venue.apply(ask))), done(1, 2, 1_000_000_000));
    let lower = set(Scope::Session, 0, (SetLimits::OPEN_ORDERS, 1, 9));
    assert_eq!(told(only(&venue.apply(lower))), done(1, 1, 1_000_000_000));
    assert_eq!(refused(bid(&mut venue, 0, 0, "b", 1)).2, Some((1, 1)));
    let lift = set(Scope::Session, 0, (SetLimits::OPEN_ORDERS | SetLimits::NOTIONAL, 0, 0));
    assert_eq!(told(only(&venue.apply(lift))), done(1, 0, 0));
    assert_eq!(bid(&mut venue, 0, 0, "b", 1_000).kind, Kind::Accepted);
    // An account that had none: what it has open was counted all along, and below that it stays open.
    let tight = set(Scope::Account, 0, (SetLimits::OPEN_ORDERS, 1, 0));
    assert_eq!(told(only(&venue.apply(tight))), done(2, 1, 0));
    assert_eq!(
        refused(bid(&mut venue, 1, 0, "c", 1)),
        (Kind::Rejected, Reject::TooManyAccountOrders, Some((2, 1)))
    );
    for (scope, target, reject) in [
        (Scope::Session, 2, Reject::UnknownSession),
        (Scope::Account, 2, Reject::UnknownAccount),
        (Scope::Venue, 0, Reject::BadTerms),
    ] {
        let refusal = venue.apply(set(scope, target, (1, 1, 1)));
        assert_eq!((only(&refusal).kind, only(&refusal).reject), (Kind::NotDone, reject));
    }
}

#[test]
fn quotes_count_and_those_that_are_replaced_make_room() {
    let mut terms = config();
    terms.quotes_max = 4;
    let mut venue = Venue::new(terms);
    let mut quote = |bid_quantity, offer_quantity| {
        let entry = wire::command::QuoteEntry {
            bid: wire::types::Ticks(if bid_quantity > 0 { 90 } else { 0 }),
            bid_quantity: wire::types::Lots(bid_quantity),
            offer: wire::types::Ticks(110),
            offer_quantity: wire::types::Lots(offer_quantity),
            ..wire::command::QuoteEntry::default()
        };
        let command = Owned::mass_quote(head(Asks::MassQuote, 0), crate::common::name("q"), 0, &[entry]);
        refused(venue.apply(command)[0])
    };
    assert_eq!(quote(1, 1), (Kind::Quoted, Reject::None, None));
    assert_eq!(quote(2, 2), (Kind::Quoted, Reject::None, None));
    // The offer: 10 lots at 110 ticks.
    let large = Some((1_100_000_000, 1_000_000_000));
    assert_eq!(quote(2, 10), (Kind::QuoteRefused, Reject::NotionalTooLarge, large));
    assert_eq!(refused(bid(&mut venue, 0, 0, "a", 1)).1, Reject::TooManySessionOrders);
}
