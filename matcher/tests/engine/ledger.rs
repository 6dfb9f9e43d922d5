//! Funds, rule by rule: docs/matching.md, "Ledger". The audit after each command checks that they are conserved
//! and that what is held is what open orders can still spend.

use matcher::engine::{AccountKind, AccountTerms, Balance, Config, LedgerTerms, Pair};
use wire::{
    command::{Funds, Kind as Asks, NewOrder},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{AccountId, AssetId, Lots, OrderType, SelfTrade, Side::*, Ticks, TimeInForce},
};

use crate::common::*;

const BASE: u32 = 0;
const QUOTE: u32 = 1;

/// Account 0 and 1 prefunded, 2 with credit of 500 quote; a lot is 10 units, a tick × lot 2; fees of 0.1 and
/// 0.25 %.
fn ledger() -> LedgerTerms {
    let account = |name: &str, kind| AccountTerms::new(name, kind);
    let credit = AccountKind::Credit(vec![(AssetId(QUOTE), 500), (AssetId(BASE), 0)]);
    LedgerTerms {
        assets: 2,
        accounts: vec![
            account("a", AccountKind::Prefunded),
            account("b", AccountKind::Prefunded),
            account("c", credit),
        ],
        pairs: vec![Pair {
            base: AssetId(BASE),
            quote: AssetId(QUOTE),
            base_per_lot: 10,
            quote_per_tick_lot: 2,
            maker_fee: 1_000,
            taker_fee: 2_500,
        }],
    }
}

fn venue() -> Venue {
    let mut config = Config { ledger: ledger(), ..config() };
    config.sessions.push(config.sessions[0].clone());
    let mut venue = Venue::new(config);
    for account in [0, 1] {
        deposit(&mut venue, account, BASE, 1_000);
        deposit(&mut venue, account, QUOTE, 10_000);
    }
    venue
}

fn funds(kind: Asks, account: u32, asset: u32, amount: u128) -> Funds {
    let mut head = head(kind, 0);
    head.account = AccountId(account);
    Funds { head, asset: AssetId(asset), reserved: 0, amount: Event::halves(amount) }
}

fn deposit(venue: &mut Venue, account: u32, asset: u32, amount: u128) -> Event {
    *only(&venue.apply(Owned::Deposit(funds(Asks::Deposit, account, asset, amount))))
}

fn withdraw(venue: &mut Venue, account: u32, asset: u32, amount: u128) -> Event {
    *only(&venue.apply(Owned::Withdraw(funds(Asks::Withdraw, account, asset, amount))))
}

fn balance(venue: &Venue, account: u32, asset: u32) -> (i128, i128) {
    let Balance { available, held } = venue.engine.balance(AccountId(account), AssetId(asset)).unwrap();
    (available, held)
}

#[test]
fn an_order_holds_what_it_could_spend_and_a_cancel_releases_it() {
    let mut venue = venue();
    venue.limit(0, "b", Buy, 3, 100);
    assert_eq!(balance(&venue, 0, QUOTE), (10_000 - 602, 602), "600, and 1.5 rounded up");
    venue.limit(0, "s", Sell, 3, 120);
    assert_eq!(balance(&venue, 0, BASE), (970, 30));
    venue.apply(cancel(0, "x", by_name("b")));
    venue.apply(cancel(0, "x", by_name("s")));
    assert_eq!((balance(&venue, 0, QUOTE), balance(&venue, 0, BASE)), ((10_000, 0), (1_000, 0)));
}

#[test]
fn a_fill_moves_funds_and_both_fees_and_releases_what_is_not_needed() {
    let mut venue = venue();
    venue.limit(0, "s", Sell, 3, 90);
    let events = venue.limit(1, "b", Buy, 5, 100);
    assert_eq!((events[1].fee, events[2].fee), (1, 2), "0.54 and 1.35 rounded up");
    assert_eq!(balance(&venue, 0, QUOTE), (10_000 + 540 - 1, 0));
    assert_eq!(balance(&venue, 0, BASE), (970, 0));
    // Two lots at 100 are left: 400 and a fee of 1, of which 0.65 was paid already.
    assert_eq!(balance(&venue, 1, QUOTE), (10_000 - 542 - 401, 401));
    assert_eq!(balance(&venue, 1, BASE), (1_030, 0));
    assert_eq!(venue.engine.fees(AssetId(QUOTE)), Some(3));
}

#[test]
fn many_small_fills_cost_no_more_than_one_and_stay_inside_the_hold() {
    let mut venue = venue();
    venue.limit(1, "b", Buy, 10, 7);
    assert_eq!(only(&venue.limit(1, "c", Buy, 10, 100)).kind, Kind::Accepted);
    let before = balance(&venue, 1, QUOTE);
    let fees: u64 = (0..10)
        .map(|i| {
            venue.limit(0, &format!("s{i}"), Sell, 1, 100).iter().find(|e| e.session.0 == 1).unwrap().fee
        })
        .sum();
    assert_eq!(fees, 2, "0.1 % of 2,000");
    assert_eq!(balance(&venue, 1, QUOTE), (before.0 + 3, before.1 - 2_005), "the taker's fee was held");
}

#[test]
fn an_order_that_is_not_covered_is_refused_and_changes_nothing() {
    let mut venue = venue();
    let before = venue.engine.orders_hash();
    assert_eq!(
        only(&venue.limit(0, "b", Buy, 50, 100)).reject,
        Reject::InsufficientFunds,
        "the fee is short"
    );
    assert_eq!(only(&venue.limit(0, "b", Sell, 101, 100)).reject, Reject::InsufficientFunds);
    let huge = limit(0, "b", Buy, wire::limits::LOTS_MAX, 150);
    assert_eq!(only(&venue.apply(Owned::New(huge))).reject, Reject::InsufficientFunds);
    assert_eq!(venue.engine.orders_hash(), before);
    assert_eq!(only(&venue.limit(0, "b", Buy, 49, 100)).kind, Kind::Accepted);
    let before = venue.engine.orders_hash();
    let events = venue.apply(replace(0, "b2", by_name("b"), Buy, 49, 102));
    assert_eq!(only(&events).reject, Reject::InsufficientFunds);
    assert_eq!(venue.engine.orders_hash(), before);
    assert_eq!(only(&venue.apply(replace(0, "b2", by_name("b"), Buy, 48, 102))).kind, Kind::Replaced);
    assert_eq!(balance(&venue, 0, QUOTE).1, 48 * 204 + 25);
}

#[test]
fn a_market_buy_is_covered_at_the_edge_of_the_band() {
    let mut venue = venue();
    venue.limit(0, "s", Sell, 40, 100);
    let market = |text, quantity| {
        let order = limit(1, text, Buy, quantity, 0);
        Owned::New(NewOrder { order_type: OrderType::Market, time_in_force: TimeInForce::Ioc, ..order })
    };
    assert_eq!(only(&venue.apply(market("m", 34))).reject, Reject::InsufficientFunds, "34 at 150 is 10,200");
    let events = venue.apply(market("n", 33));
    assert_eq!(trades(&events), [(1, 100, 33)]);
    assert_eq!(balance(&venue, 1, QUOTE), (10_000 - 6_600 - 17, 0));
}

#[test]
fn a_stop_is_covered_anew_when_it_triggers() {
    let mut venue = venue();
    deposit(&mut venue, 2, QUOTE, 10_000);
    deposit(&mut venue, 2, BASE, 1_000);
    let stop = NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(120),
        price: Ticks(0),
        ..limit(0, "s", Buy, 33, 1)
    };
    venue.apply(Owned::New(stop));
    assert_eq!(balance(&venue, 0, QUOTE).1, 33 * 300 + 25);
    venue.limit(2, "a", Sell, 1, 120);
    let events = venue.limit(1, "b", Buy, 1, 120);
    let [.., triggered, end] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (triggered.kind, end.cause),
        (Kind::Triggered, Cause::InsufficientFunds),
        "33 at 180 is too much"
    );
    assert_eq!(balance(&venue, 0, QUOTE), (10_000, 0));
}

#[test]
fn credit_reaches_down_to_its_limit() {
    let mut venue = venue();
    assert_eq!(only(&venue.limit(2, "b", Buy, 3, 100)).reject, Reject::InsufficientFunds);
    assert_eq!(only(&venue.limit(2, "b", Buy, 2, 100)).kind, Kind::Accepted);
    assert_eq!(balance(&venue, 2, QUOTE), (-401, 401));
    assert_eq!(withdraw(&mut venue, 2, QUOTE, 100).reject, Reject::InsufficientFunds);
    assert_eq!(withdraw(&mut venue, 2, QUOTE, 99).kind, Kind::Done);
    assert_eq!(only(&venue.limit(2, "s", Sell, 1, 110)).reject, Reject::InsufficientFunds, "no base credit");
}

#[test]
fn deposits_and_withdrawals_are_answered_and_counted() {
    let mut venue = venue();
    assert_eq!(venue.engine.deposited(AssetId(BASE)), Some(2_000));
    assert_eq!(withdraw(&mut venue, 0, BASE, 400).kind, Kind::Done);
    assert_eq!(venue.engine.deposited(AssetId(BASE)), Some(1_600));
    let before = venue.engine.orders_hash();
    assert_eq!(withdraw(&mut venue, 0, BASE, 601).reject, Reject::InsufficientFunds);
    for amount in [0, 1 << 101, u128::MAX] {
        assert_eq!(deposit(&mut venue, 0, BASE, amount).reject, Reject::BadFunds);
    }
    assert_eq!(deposit(&mut venue, 0, 2, 1).reject, Reject::BadFunds);
    assert_eq!(deposit(&mut venue, 3, BASE, 1).reject, Reject::UnknownAccount);
    assert_eq!(venue.engine.orders_hash(), before);
    let mut order = limit(0, "b", Buy, 1, 100);
    order.head.account = AccountId(3);
    assert_eq!(only(&venue.apply(Owned::New(order))).reject, Reject::UnknownAccount);
}

#[test]
fn self_trade_prevention_and_icebergs_release_what_they_take() {
    let mut venue = venue();
    let order = NewOrder { display: Lots(2), ..limit(0, "s", Sell, 9, 100) };
    venue.apply(Owned::New(order));
    venue.limit(1, "t", Buy, 3, 100);
    assert_eq!(balance(&venue, 0, BASE), (910, 60));
    let flags = NewOrder::self_trade_flags(SelfTrade::Decrement);
    venue.apply(Owned::New(NewOrder { flags, ..limit(0, "b", Buy, 4, 100) }));
    assert_eq!(balance(&venue, 0, BASE), (950, 20));
    assert_eq!(balance(&venue, 0, QUOTE).1, 0);
}
