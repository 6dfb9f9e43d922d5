//! Market-maker protection, rule by rule: docs/matching.md, "Market-maker protection".

use matcher::engine::{Config, ConfigError, ProtectionTerms};
use wire::{
    command::{Kind as Asks, MassQuoteBody, ResetProtection, SetProtection},
    event::{Cause, Event, Kind},
    limits::PROTECTION_FILLS_MAX,
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, Nanos, OrderType, SeqNo, Side::*, Ticks, TradingState},
};

use crate::{common::*, quotes::*};

const SECOND: u64 = 1_000_000_000;

/// Two instruments of group 0 and one of group 5; commands come a second apart.
fn quoting() -> Config {
    let mut config = Config { quotes_max: 10, protections_max: 3, ..config() };
    config.instruments.extend([instrument(1, 100, 5_000), instrument(2, 100, 5_000)]);
    config.instruments[2].group = 5;
    config
}

fn set(account: u32, group: u32, fills: u32, quantity: u64, window_ns: u64) -> Owned {
    let mut head = head(Asks::SetProtection, 0);
    head.account = AccountId(account);
    Owned::message(&SetProtection { head, group, fills, quantity: Lots(quantity), window_ns })
}

fn reset(account: u32, group: u32) -> Owned {
    let mut head = head(Asks::ResetProtection, 0);
    head.account = AccountId(account);
    Owned::message(&ResetProtection { head, group, reserved: 0 })
}

/// Session 0 quotes 10 lots on both sides of every instrument; OrderIDs 1 to 6.
fn venue(fills: u32, quantity: u64, window_ns: u64) -> Venue {
    let mut venue = Venue::new(quoting());
    assert_eq!(only(&venue.apply(set(0, 0, fills, quantity, window_ns))).kind, Kind::Done);
    requote(&mut venue, 0);
    venue
}

fn requote(venue: &mut Venue, session: u32) -> Vec<Event> {
    venue.apply(quote(session, "q", &[0, 1, 2].map(|i| entry(i, (90, 10), (110, 10)))))
}

fn take(venue: &mut Venue, instrument: u32, text: &str, quantity: u64) -> Vec<Event> {
    let mut sell = limit(1, text, Sell, quantity, 90);
    sell.head = sell.head.with_instrument(InstrumentId(instrument));
    venue.apply(Owned::New(sell))
}

/// OrderIDs of those that were pulled, and what was told of it.
fn pulled(events: &[Event]) -> (Vec<u64>, Event) {
    let at = events.iter().position(|event| event.kind == Kind::Protected).expect("protection");
    let pulled = events[..at].iter().filter(|event| event.cause == Cause::Protected);
    let pulled: Vec<u64> = pulled.map(|event| event.order_id.0).collect();
    assert_eq!(events[at].quantity, Lots(pulled.len() as u64));
    (pulled, events[at])
}

fn is_protected(venue: &mut Venue) -> bool {
    let before = venue.engine.orders_hash();
    let events = venue.apply(quote(0, "again", &[entry(0, (0, 0), (120, 1))]));
    let refused = events[0].kind == Kind::QuoteRefused;
    if refused {
        assert_eq!((only(&events).reject, events[0].last_quantity), (Reject::Protected, Lots(1)));
        assert_eq!(venue.engine.orders_hash(), before);
    }
    refused
}

#[test]
fn as_many_fills_as_the_limit_pull_all_quotes_of_the_group() {
    let mut venue = venue(3, 0, 100 * SECOND);
    take(&mut venue, 0, "a", 1);
    take(&mut venue, 1, "b", 1);
    take(&mut venue, 2, "other group", 1);
    let events = take(&mut venue, 0, "c", 1);
    let (quotes, told) = pulled(&events);
    assert_eq!(quotes, [1, 2, 3, 4], "in order of OrderID");
    assert_eq!((told.session.0, told.account.0, told.instrument.0), (0, 0, 0));
    assert!(is_protected(&mut venue));
    assert_eq!(venue.engine.open_orders(), 2, "the other group's stay");
    let events = venue.apply(quote(0, "other", &[entry(2, (91, 1), (0, 0))]));
    assert_eq!(events[0].kind, Kind::Quoted, "and may be replaced");
}

#[test]
fn the_limits_are_looked_at_when_the_matching_of_an_order_is_done() {
    let mut venue = venue(1, 0, SECOND);
    let mut other = limit(1, "other", Buy, 1, 90);
    other.head.account = AccountId(1);
    venue.apply(Owned::New(other));
    // It takes the quote and the order behind it.
    let events = take(&mut venue, 0, "sweep", 11);
    assert_eq!(trades(&events), [(1, 90, 10), (7, 90, 1)]);
    assert_eq!(pulled(&events).0, [2, 3, 4]);
}

#[test]
fn as_many_lots_as_the_limit_pull_too() {
    let mut venue = venue(100, 12, 100 * SECOND);
    take(&mut venue, 0, "a", 6);
    let events = take(&mut venue, 1, "b", 5);
    assert!(events.iter().all(|event| event.cause != Cause::Protected), "eleven");
    assert_eq!(pulled(&take(&mut venue, 1, "c", 1)).0, [1, 2, 3, 4]);
}

#[test]
fn a_fill_counts_until_its_window_ends_exclusive() {
    // Fills come a second apart: the third is the first within two seconds of the one before the last.
    for (window, protected) in [(2 * SECOND, false), (2 * SECOND + 1, true)] {
        let mut venue = venue(3, 0, window);
        take(&mut venue, 0, "a", 1);
        take(&mut venue, 0, "b", 1);
        let events = take(&mut venue, 0, "c", 1);
        assert_eq!(events.iter().any(|event| event.kind == Kind::Protected), protected, "window {window}");
    }
}

/// Against counting all fills anew, with times that move on by chance and windows of any length.
#[test]
fn the_window_is_exact_over_any_number_of_fills() {
    let mut random = 0x5EED_u64;
    let mut below = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) % bound
    };
    for (fills, quantity, window) in
        [(PROTECTION_FILLS_MAX, 0, 3_000), (40, 70, 90), (7, 0, 12), (1_000, 50, 60)]
    {
        let mut venue = Venue::new(quoting());
        venue.apply(set(0, 0, fills, quantity, window));
        let mut past: Vec<(u64, u64)> = Vec::new();
        let (mut time, mut pulls) = (10 * SECOND, 0);
        let apply = |venue: &mut Venue, time, command: Owned| {
            venue.seq += 1;
            let mut events = Events::default();
            venue.engine.apply(SeqNo(venue.seq), Nanos(time), command.command(), &mut events);
            events.0
        };
        for i in 0..6_000 {
            if venue.engine.open_orders() == 0 {
                apply(&mut venue, time, quote(0, "q", &[entry(0, (90, 1_000_000), (0, 0))]));
            }
            time += below(5);
            let lots = below(4) + 1;
            let events = apply(&mut venue, time, Owned::New(limit(1, &format!("{i}"), Sell, lots, 90)));
            past.push((time, lots));
            let counted = past.iter().filter(|(at, _)| time < at + window);
            let (count, sum) = counted.fold((0, 0), |(count, sum), (_, lots)| (count + 1, sum + lots));
            let reached = count >= u64::from(fills) || (quantity > 0 && sum >= quantity);
            assert_eq!(events.iter().any(|event| event.kind == Kind::Protected), reached, "fill {i}");
            if reached {
                pulls += 1;
                past.clear();
                apply(&mut venue, time, reset(0, 0));
            }
        }
        assert!(pulls > 3, "{fills} {quantity} {window}: {pulls}");
        venue.engine.audit();
    }
}

#[test]
fn a_quote_that_takes_counts_too_and_stops_those_still_to_come() {
    let mut venue = Venue::new(quoting());
    venue.apply(set(0, 0, 2, 0, SECOND));
    venue.limit(1, "a", Sell, 1, 95);
    venue.limit(1, "b", Sell, 1, 95);
    let entries = [entry(0, (95, 3), (110, 1)), entry(2, (90, 1), (0, 0)), entry(1, (90, 1), (0, 0))];
    let events = venue.apply(quote(0, "q", &entries));
    let (a, f, c) = (Kind::Accepted, Kind::Fill, Kind::Canceled);
    let expected = [Kind::Quoted, a, f, f, f, f, c, Kind::Protected, a, c, a, a, c];
    assert_eq!(kinds(&events), expected);
    assert_eq!(events[0].quantity, Lots(4));
    assert!(events.iter().filter(|event| event.kind == c).all(|event| event.cause == Cause::Protected));
    assert_eq!((venue.engine.open_orders(), events[10].instrument), (1, InstrumentId(2)));
}

#[test]
fn a_reset_lets_the_account_quote_again_and_forgets_the_fills() {
    let mut venue = venue(2, 0, 100 * SECOND);
    take(&mut venue, 0, "a", 1);
    assert_eq!(only(&venue.apply(reset(0, 0))).kind, Kind::Done, "resetting what is not stopped is no error");
    take(&mut venue, 0, "b", 1);
    assert!(!is_protected(&mut venue));
    requote(&mut venue, 0);
    take(&mut venue, 0, "c", 1);
    assert!(is_protected(&mut venue));
    assert_eq!(only(&venue.apply(reset(0, 0))).kind, Kind::Done);
    assert!(!is_protected(&mut venue));
}

#[test]
fn a_mass_quote_may_reset() {
    let resets =
        |entries: &[_]| Owned::mass_quote(head(Asks::MassQuote, 0), name("r"), MassQuoteBody::RESET, entries);
    for (entries, free) in
        [(&[entry(1, (90, 1), (0, 0))][..], true), (&[], true), (&[entry(2, (0, 0), (0, 0))], false)]
    {
        let mut venue = venue(1, 0, SECOND);
        take(&mut venue, 0, "a", 1);
        assert!(is_protected(&mut venue));
        // Refused, it resets nothing.
        let wrong = [entry(0, (90, 1), (0, 0)), entry(1, (1, 1), (0, 0))];
        assert_eq!(only(&venue.apply(resets(&wrong))).reject, Reject::PriceOutsideBand);
        assert!(is_protected(&mut venue));
        assert_eq!(venue.apply(resets(entries))[0].kind, Kind::Quoted);
        assert_eq!(is_protected(&mut venue), !free);
    }
}

#[test]
fn new_limits_forget_the_fills_and_do_not_reset() {
    let mut venue = venue(2, 0, 100 * SECOND);
    take(&mut venue, 0, "a", 1);
    venue.apply(set(0, 0, 2, 0, 100 * SECOND));
    let events = take(&mut venue, 0, "b", 1);
    assert!(events.iter().all(|event| event.kind != Kind::Protected));
    take(&mut venue, 0, "c", 1);
    assert!(is_protected(&mut venue));
    venue.apply(set(0, 0, 9, 0, SECOND));
    assert!(is_protected(&mut venue));
    assert_eq!(only(&venue.apply(set(0, 0, 0, 0, 0))).kind, Kind::Done, "taken away");
    assert!(!is_protected(&mut venue));
    assert_eq!(only(&venue.apply(set(0, 0, 0, 0, 0))).kind, Kind::Done, "there is none");
}

#[test]
fn several_accounts_are_pulled_in_order_of_their_numbers() {
    let mut config = quoting();
    let third = config.sessions[0].clone();
    config.sessions.push(third);
    let mut venue = Venue::new(config);
    for account in [2, 0] {
        venue.apply(set(account, 0, 1, 0, SECOND));
        venue.apply(quote(account, "q", &[entry(0, (90, 1), (110, 1))]));
    }
    let events = take(&mut venue, 0, "sweep", 2);
    assert_eq!(trades(&events), [(1, 90, 1), (3, 90, 1)]);
    let after: Vec<_> =
        events[5..].iter().map(|event| (event.kind, event.session.0, event.order_id.0)).collect();
    let (c, p) = (Kind::Canceled, Kind::Protected);
    assert_eq!(after, [(c, 0, 4), (p, 0, 0), (c, 2, 2), (p, 2, 0)]);
}

#[test]
fn the_next_stop_does_not_find_what_was_pulled() {
    let mut venue = venue(1, 0, SECOND);
    let mut stop = limit(1, "stop", Sell, 1, 0);
    (stop.order_type, stop.stop) = (OrderType::Stop, Ticks(90));
    venue.apply(Owned::New(stop));
    let events = take(&mut venue, 0, "a", 1);
    let triggered = events.iter().position(|event| event.kind == Kind::Triggered).unwrap();
    assert_eq!(events[triggered - 1].kind, Kind::Protected);
    assert_eq!(events[triggered + 1].cause, Cause::Unfilled);
}

#[test]
fn quotes_are_pulled_before_an_interruption_takes_effect() {
    let mut config = quoting();
    (config.instruments[0].dynamic_band_basis_points, config.instruments[0].volatility_call_ns) =
        (500, SECOND);
    let mut venue = Venue::new(config);
    venue.apply(set(0, 0, 1, 0, SECOND));
    venue.apply(quote(0, "q", &[entry(0, (96, 1), (110, 1))]));
    let mut far = limit(1, "far", Buy, 1, 90);
    far.head.account = AccountId(1);
    venue.apply(Owned::New(far));
    // The second trade would leave the dynamic band.
    let events = take(&mut venue, 0, "a", 2);
    let (f, c) = (Kind::Fill, Kind::Canceled);
    assert_eq!(kinds(&events), [Kind::Accepted, f, f, c, Kind::Protected, Kind::State, Kind::Indicative]);
    assert_eq!((events[3].cause, events[5].state), (Cause::Protected, TradingState::VolatilityAuction));
}

#[test]
fn an_auctions_trades_do_not_count() {
    let mut venue = venue(1, 0, SECOND);
    venue.apply(set_state(0, TradingState::OpeningAuction));
    take(&mut venue, 0, "a", 1);
    let events = venue.apply(set_state(0, TradingState::Continuous));
    assert!(kinds(&events).contains(&Kind::Fill) && !kinds(&events).contains(&Kind::Protected));
    assert_eq!(pulled(&take(&mut venue, 0, "b", 1)).0, [1, 2, 3, 4]);
}

#[test]
fn limits_that_cannot_be_are_refused() {
    let mut venue = Venue::new(quoting());
    let before = venue.engine.orders_hash();
    for (command, reject) in [
        (set(0, 7, 1, 0, 1), Reject::BadProtection),
        (set(0, 7, 0, 0, 1), Reject::BadProtection),
        (set(0, 0, PROTECTION_FILLS_MAX + 1, 0, 1), Reject::BadProtection),
        (set(0, 0, 1, 0, 0), Reject::BadProtection),
        (set(1 << 20, 0, 1, 0, 1), Reject::UnknownAccount),
        (reset(0, 7), Reject::BadProtection),
        (reset(1 << 20, 0), Reject::UnknownAccount),
    ] {
        let events = venue.apply(command);
        assert_eq!((only(&events).kind, events[0].reject), (Kind::NotDone, reject));
    }
    assert_eq!(venue.engine.orders_hash(), before);
    for account in 0..4 {
        let reject = only(&venue.apply(set(account, 0, 1, 0, 1))).reject;
        assert_eq!(reject, if account < 3 { Reject::None } else { Reject::BadProtection }, "room for three");
    }
    venue.apply(set(1, 0, 0, 0, 0));
    assert_eq!(only(&venue.apply(set(3, 0, 1, 0, 1))).kind, Kind::Done);
}

#[test]
fn protections_of_the_configuration_are_there_from_the_start_and_checked() {
    let terms =
        ProtectionTerms { account: AccountId(0), group: 5, fills: 1, quantity: Lots(0), window_ns: 1 };
    let mut venue = Venue::new(Config { protections: vec![terms], ..quoting() });
    requote(&mut venue, 0);
    assert_eq!(pulled(&take(&mut venue, 2, "a", 1)).0, [5, 6]);
    for wrong in [
        ProtectionTerms { fills: 0, ..terms },
        ProtectionTerms { fills: PROTECTION_FILLS_MAX + 1, ..terms },
        ProtectionTerms { window_ns: 0, ..terms },
        ProtectionTerms { group: 4, ..terms },
        ProtectionTerms { account: AccountId(1 << 20), ..terms },
        terms,
    ] {
        let config = Config { protections: vec![terms, wrong], ..quoting() };
        assert_eq!(config.check(), Err(ConfigError::Protection(1)));
    }
    let many = Config { protections: vec![terms; 4], ..quoting() };
    assert_eq!(many.check(), Err(ConfigError::ProtectionsMax(3)));
}
