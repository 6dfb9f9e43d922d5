//! What operators change while the venue runs, rule by rule: docs/matching.md, "Operators' commands".

use matcher::engine::{
    AccountKind, AccountTerms, Accounts, Config, ConfigError, LedgerError, LedgerTerms, Pair, Told,
};
use wire::{
    command::{Entitle, Funds, InstrumentTerms, Kind as Asks, Name, SetAccount, SetCredit, SetInstrument},
    event::{Definition, Event, Kind},
    limits::{BAND_BASIS_POINTS_MAX, LOTS_MAX, TICKS_MAX, VOLATILITY_CALL_NS_MAX},
    reject::Reject,
    types::{
        AccountId, AssetId, InstrumentId, Lots, Nanos, OrderType, SeqNo, SessionId, Side::*, Ticks,
        TradingState,
    },
};

use crate::{common::*, quotes::set_state};

pub(crate) const BASE: AssetId = AssetId(0);
pub(crate) const QUOTE: AssetId = AssetId(1);

fn padded(text: &str) -> Name {
    let mut name = Name::default();
    name[..text.len()].copy_from_slice(text.as_bytes());
    name
}

/// One instrument, accounts "a" with funds and "b" with credit of 500 quote; session 1 trades for "a" alone. Room
/// for two more instruments and accounts.
pub(crate) fn with_ledger() -> Config {
    let pair = Pair {
        base: BASE,
        quote: QUOTE,
        base_per_lot: 1,
        quote_per_tick_lot: 1,
        maker_fee: 0,
        taker_fee: 10_000,
    };
    let account = |name: &str, kind| AccountTerms::new(name, kind);
    let ledger = LedgerTerms {
        assets: 3,
        accounts: vec![
            account("a", AccountKind::Prefunded),
            account("b", AccountKind::Credit(vec![(QUOTE, 500)])),
        ],
        pairs: vec![pair],
    };
    let mut config = Config { ledger, instruments_max: 3, accounts_max: 4, ..config() };
    config.sessions[1].accounts = Accounts::Only(vec![AccountId(0)]);
    config
}

/// Terms of a second instrument; those of the first one but for its name.
pub(crate) fn terms() -> InstrumentTerms {
    InstrumentTerms {
        symbol: padded("NEW"),
        tick_mantissa: 1,
        lot_mantissa: 1,
        tick_scale: 2,
        lot_scale: 0,
        shard: 0,
        reserved: 0,
        group: 0,
        base: BASE,
        quote: QUOTE,
        base_per_lot: 1,
        quote_per_tick_lot: 1,
        maker_fee: 0,
        taker_fee: 10_000,
        quantity_min: Lots(1),
        quantity_max: Lots(LOTS_MAX),
        notional_min: [0, 0],
        reference: Ticks(100),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
    }
}

fn first() -> InstrumentTerms {
    InstrumentTerms { symbol: padded("I0"), ..terms() }
}

pub(crate) fn set(instrument: u32, terms: InstrumentTerms) -> Owned {
    let mut head = head(Asks::SetInstrument, 0);
    head = head.with_instrument(InstrumentId(instrument));
    Owned::message(&SetInstrument { head, terms })
}

pub(crate) fn account(account: u32, text: &str, credit: u8) -> Owned {
    let mut head = head(Asks::SetAccount, 0);
    head.account = AccountId(account);
    Owned::message(&SetAccount { head, name: padded(text), credit, reserved: [0; 7] })
}

pub(crate) fn credit(account: u32, asset: AssetId, limit: u128) -> Owned {
    let mut head = head(Asks::SetCredit, 0);
    head.account = AccountId(account);
    Owned::message(&SetCredit { head, asset, reserved: 0, limit: Event::halves(limit) })
}

pub(crate) fn entitle(session: u32, account: u32, on: u8) -> Owned {
    let mut head = head(Asks::Entitle, 0);
    head.account = AccountId(account);
    Owned::message(&Entitle { head, session: SessionId(session), on, reserved: [0; 3] })
}

pub(crate) fn deposit(venue: &mut Venue, account: u32, asset: AssetId, amount: u128) {
    let mut head = head(Asks::Deposit, 0);
    head.account = AccountId(account);
    let funds = Funds { head, asset, reserved: 0, amount: Event::halves(amount) };
    assert_eq!(only(&venue.apply(Owned::Deposit(funds))).kind, Kind::Done);
}

/// What is defined and what is told by one command.
fn apply(venue: &mut Venue, command: Owned) -> (Vec<Definition>, Vec<Event>) {
    venue.seq += 1;
    let mut events = Events::default();
    venue.engine.apply(SeqNo(venue.seq), Nanos(venue.seq), command.command(), &mut events);
    venue.engine.audit();
    (events.1, events.0)
}

#[track_caller]
fn refused(venue: &mut Venue, command: Owned, reject: Reject) {
    let before = venue.engine.orders_hash();
    let (definitions, events) = apply(venue, command);
    assert_eq!((only(&events).kind, events[0].reject), (Kind::NotDone, reject));
    assert_eq!(definitions, []);
    assert_eq!(venue.engine.orders_hash(), before, "a refused command changes nothing");
}

pub(crate) fn order(
    venue: &mut Venue,
    (session, account): (u32, u32),
    instrument: u32,
    text: &str,
    quantity: u64,
) -> Reject {
    let mut new = limit(session, text, Buy, quantity, 100);
    new.head = new.head.with_account(AccountId(account)).with_instrument(InstrumentId(instrument));
    only(&venue.apply(Owned::New(new))).reject
}

#[test]
fn an_instrument_is_added_in_pre_open_and_told_to_everybody() {
    let mut venue = Venue::new(with_ledger());
    deposit(&mut venue, 0, QUOTE, 1_000);
    let before = venue.engine.orders_hash();
    assert_eq!(order(&mut venue, (0, 0), 1, "x", 1), Reject::UnknownInstrument);
    let (definitions, events) = apply(&mut venue, set(1, terms()));
    assert_eq!((only(&events).kind, events[0].instrument), (Kind::Done, InstrumentId(1)));
    let [definition] = definitions[..] else { panic!("{definitions:?}") };
    assert_eq!((definition.kind, definition.instrument), (Kind::Instrument, InstrumentId(1)));
    assert_eq!((definition.terms, definition.state), (terms(), TradingState::PreOpen));
    assert_eq!((definition.seq, definition.session), (events[0].seq, SessionId(u32::MAX)));
    assert_ne!(venue.engine.orders_hash(), before);
    assert_eq!(venue.engine.state(InstrumentId(1)), Some(TradingState::PreOpen));

    assert_eq!(order(&mut venue, (0, 0), 1, "y", 9), Reject::None);
    let balance = venue.engine.balance(AccountId(0), QUOTE).unwrap();
    assert_eq!((balance.available, balance.held), (91, 909), "by the pair of its terms");
    deposit(&mut venue, 0, BASE, 5);
    venue.apply(set_state(1, TradingState::Continuous));
    let mut sell = limit(1, "s", Sell, 5, 100);
    sell.head = sell.head.with_instrument(InstrumentId(1)).with_account(AccountId(0));
    assert_eq!(trades(&venue.apply(Owned::New(sell))), [(1, 100, 5)]);
    refused(&mut venue, set(3, terms()), Reject::UnknownInstrument);
    assert_eq!(apply(&mut venue, set(2, InstrumentTerms { symbol: padded("LAST"), ..terms() })).1.len(), 1);
    refused(
        &mut venue,
        set(3, InstrumentTerms { symbol: padded("NONE"), ..terms() }),
        Reject::UnknownInstrument,
    );
}

#[test]
fn terms_that_cannot_be_or_that_cannot_change_are_refused() {
    let mut venue = Venue::new(with_ledger());
    let good = terms();
    let unpadded = {
        let mut symbol = padded("A");
        symbol[5] = b'B';
        symbol
    };
    for wrong in [
        InstrumentTerms { symbol: [0; 32], ..good },
        InstrumentTerms { symbol: padded("A B"), ..good },
        InstrumentTerms { symbol: unpadded, ..good },
        InstrumentTerms { symbol: padded("I0"), ..good },
        InstrumentTerms { tick_mantissa: 0, ..good },
        InstrumentTerms { lot_mantissa: u64::MAX, ..good },
        InstrumentTerms { tick_scale: 19, ..good },
        InstrumentTerms { base: AssetId(3), ..good },
        InstrumentTerms { base: QUOTE, ..good },
        InstrumentTerms { base_per_lot: 0, ..good },
        InstrumentTerms { quote_per_tick_lot: (1 << 40) + 1, ..good },
        InstrumentTerms { maker_fee: 1_000_001, ..good },
        InstrumentTerms { quantity_min: Lots(0), ..good },
        InstrumentTerms { quantity_min: Lots(9), quantity_max: Lots(8), ..good },
        InstrumentTerms { quantity_max: Lots(LOTS_MAX + 1), ..good },
        InstrumentTerms { reference: Ticks(0), ..good },
        InstrumentTerms { reference: Ticks(TICKS_MAX + 1), ..good },
        InstrumentTerms { band_basis_points: 0, ..good },
        InstrumentTerms { band_basis_points: BAND_BASIS_POINTS_MAX + 1, ..good },
        InstrumentTerms { dynamic_band_basis_points: 1, ..good },
        InstrumentTerms { volatility_call_ns: VOLATILITY_CALL_NS_MAX + 1, ..good },
    ] {
        refused(&mut venue, set(1, wrong), Reject::BadTerms);
    }
    for wrong in [
        good,
        InstrumentTerms { tick_scale: 1, ..first() },
        InstrumentTerms { lot_mantissa: 2, ..first() },
        InstrumentTerms { base: AssetId(2), ..first() },
        InstrumentTerms { base_per_lot: 2, ..first() },
        InstrumentTerms { quote_per_tick_lot: 2, ..first() },
    ] {
        refused(&mut venue, set(0, wrong), Reject::BadTerms);
    }
}

#[test]
fn fees_and_group_change_only_while_there_are_no_orders() {
    for other in [InstrumentTerms { taker_fee: 5, ..first() }, InstrumentTerms { group: 7, ..first() }] {
        let mut venue = Venue::new(with_ledger());
        deposit(&mut venue, 0, QUOTE, 1_000);
        for stop in [false, true] {
            let mut new = limit(0, &format!("{stop}"), Buy, 1, 100);
            if stop {
                (new.order_type, new.price, new.stop) = (OrderType::Stop, Ticks(0), Ticks(120));
            }
            venue.apply(Owned::New(new));
            refused(&mut venue, set(0, other), Reject::OrdersOpen);
            let (_, events) =
                apply(&mut venue, set(0, InstrumentTerms { quantity_max: Lots(50), ..first() }));
            assert_eq!(only(&events).kind, Kind::Done);
            venue.apply(cancel(0, "c", by_name(&format!("{stop}"))));
        }
        let (definitions, _) = apply(&mut venue, set(0, other));
        assert_eq!(definitions[0].terms, other);
    }
}

#[test]
fn another_reference_moves_the_bands_at_once_and_triggers_what_it_satisfies() {
    let mut venue = Venue::new(config());
    let ours = InstrumentTerms { base_per_lot: 0, base: AssetId(9), ..first() };
    let mut stop = limit(0, "stop", Buy, 1, 0);
    (stop.order_type, stop.stop) = (OrderType::Stop, Ticks(200));
    venue.apply(Owned::New(stop));
    venue.limit(1, "far", Buy, 1, 60);
    venue.limit(1, "s", Sell, 1, 130);
    venue.limit(0, "b", Buy, 1, 130);
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(130)));
    // Without another reference the last trade's stays; the band follows its own width.
    apply(&mut venue, set(0, InstrumentTerms { band_basis_points: 1_000, ..ours }));
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(130)));
    assert_eq!(only(&venue.limit(0, "out", Buy, 1, 144)).reject, Reject::PriceOutsideBand);
    let (_, events) = apply(&mut venue, set(0, InstrumentTerms { reference: Ticks(250), ..ours }));
    assert_eq!(kinds(&events), [Kind::Done, Kind::Triggered, Kind::Canceled]);
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(250)));
    assert_eq!(only(&venue.limit(0, "in", Buy, 1, 375)).reject, Reject::None);
    assert_eq!(venue.engine.open_orders(), 2, "orders stay where they are, also outside the band");
}

#[test]
fn an_account_is_added_without_funds_and_nobody_trades_for_it_until_entitled() {
    let mut venue = Venue::new(with_ledger());
    assert_eq!(
        order(&mut venue, (0, 2), 0, "x", 1),
        Reject::UnknownAccount,
        "session 0 trades for any account"
    );
    refused(&mut venue, entitle(0, 2, 1), Reject::UnknownAccount);
    let (definitions, events) = apply(&mut venue, account(2, "c", 0));
    assert_eq!(only(&events).kind, Kind::Done);
    let [definition] = definitions[..] else { panic!("{definitions:?}") };
    assert_eq!(
        (definition.kind, definition.account, definition.name),
        (Kind::Account, AccountId(2), padded("c"))
    );
    assert_eq!((definition.credit, definition.session), (0, SessionId(u32::MAX)));
    deposit(&mut venue, 2, QUOTE, 1_000);
    assert_eq!(order(&mut venue, (0, 2), 0, "x", 1), Reject::NotEntitled);
    assert_eq!(order(&mut venue, (1, 2), 0, "x", 1), Reject::NotEntitled);
    let (definitions, events) = apply(&mut venue, entitle(1, 2, 1));
    assert_eq!(only(&events).kind, Kind::Done);
    assert_eq!(
        (definitions[0].session, definitions[0].entitled, definitions[0].account),
        (SessionId(1), 1, AccountId(2))
    );
    assert_eq!(order(&mut venue, (1, 2), 0, "y", 9), Reject::None);
    assert_eq!(order(&mut venue, (1, 2), 0, "z", 1), Reject::InsufficientFunds);
    assert_eq!(order(&mut venue, (0, 2), 0, "x", 1), Reject::NotEntitled);

    for (number, text, reject) in [
        (4, "d", Reject::UnknownAccount),
        (3, "c", Reject::BadTerms),
        (3, "", Reject::BadTerms),
        (3, "a b", Reject::BadTerms),
        (2, "d", Reject::BadTerms),
        (0, "b", Reject::BadTerms),
    ] {
        refused(&mut venue, account(number, text, 0), reject);
    }
    assert_eq!(apply(&mut venue, account(3, "d", 1)).0[0].credit, 1);
    refused(&mut venue, account(4, "e", 0), Reject::UnknownAccount);
}

#[test]
fn entitlements_are_given_and_taken_away_and_orders_stay() {
    let mut venue = Venue::new(with_ledger());
    deposit(&mut venue, 0, QUOTE, 1_000);
    let start = venue.engine.orders_hash();
    for session in [0, 1] {
        let (definitions, _) = apply(&mut venue, entitle(session, 0, 0));
        assert_eq!(definitions[0].entitled, 0);
        assert_eq!(order(&mut venue, (session, 0), 0, "x", 1), Reject::NotEntitled);
        assert_ne!(venue.engine.orders_hash(), start);
        apply(&mut venue, entitle(session, 0, 0));
        apply(&mut venue, entitle(session, 0, 1));
        assert_eq!(venue.engine.orders_hash(), start, "as at the start");
    }
    assert_eq!(order(&mut venue, (1, 0), 0, "x", 1), Reject::None);
    apply(&mut venue, entitle(1, 0, 0));
    assert_eq!(venue.engine.open_orders(), 1);
    assert_eq!(only(&venue.apply(cancel(1, "c", by_name("x")))).kind, Kind::Canceled);
    refused(&mut venue, entitle(2, 0, 1), Reject::UnknownSession);
    refused(&mut venue, entitle(0, 9, 1), Reject::UnknownAccount);
}

#[test]
fn credit_is_given_limited_and_taken_back_unless_it_is_used() {
    let mut venue = Venue::new(with_ledger());
    refused(&mut venue, credit(0, QUOTE, 100), Reject::BadTerms);
    refused(&mut venue, credit(9, QUOTE, 100), Reject::UnknownAccount);
    refused(&mut venue, credit(1, AssetId(3), 100), Reject::BadFunds);
    assert_eq!(order(&mut venue, (0, 1), 0, "a", 5), Reject::InsufficientFunds, "505 of 500");
    assert_eq!(only(&venue.apply(credit(1, QUOTE, 505))).kind, Kind::Done);
    assert_eq!(order(&mut venue, (0, 1), 0, "a", 5), Reject::None);
    refused(&mut venue, credit(1, QUOTE, 504), Reject::BadTerms);
    refused(&mut venue, account(1, "b", 0), Reject::BadTerms);
    assert_eq!(only(&venue.apply(account(1, "b", 1))).kind, Kind::Done, "as it is");
    assert_eq!(order(&mut venue, (0, 1), 0, "b", 1), Reject::InsufficientFunds, "its limits stay");
    venue.apply(cancel(0, "c", by_name("a")));
    assert_eq!(only(&venue.apply(account(1, "b", 0))).kind, Kind::Done);
    assert_eq!(order(&mut venue, (0, 1), 0, "d", 1), Reject::InsufficientFunds);
    // Credit anew is without limits.
    assert_eq!(only(&venue.apply(account(1, "b", 1))).kind, Kind::Done);
    assert_eq!(order(&mut venue, (0, 1), 0, "e", 1_000_000), Reject::None);
}

#[test]
fn a_listener_is_told_of_everything_and_of_each_change_once() {
    let mut venue = Venue::new(with_ledger());
    apply(&mut venue, entitle(1, 1, 1));
    apply(&mut venue, entitle(0, 0, 0));
    apply(&mut venue, account(2, "c", 1));
    let mut told = Told::default();
    let mut next = |venue: &Venue| venue.engine.next_definition(&mut told);
    let definition = next(&venue).unwrap();
    assert_eq!((definition.kind, definition.terms, definition.seq), (Kind::Instrument, first(), SeqNo(0)));
    let (fresh, _) = apply(&mut venue, set(1, terms()));
    let mut rest: Vec<_> = std::iter::from_fn(|| next(&venue)).collect();
    assert_eq!(rest.remove(0), Definition { seq: SeqNo(0), ..fresh[0] }, "in its turn");
    let told: Vec<_> = rest.iter().map(|d| (d.account.0, d.session.0, d.credit, d.entitled)).collect();
    let nobody = u32::MAX;
    assert_eq!(told, [(0, nobody, 0, 0), (1, nobody, 1, 0), (2, nobody, 1, 0), (0, 0, 0, 0), (1, 1, 1, 1)]);
}

#[test]
fn changed_entitlements_are_told_in_order_wherever_their_accounts_are() {
    let mut config = with_ledger();
    (config.accounts_max, config.ledger.accounts) = (300, Vec::new());
    let account = |i| AccountTerms::new(format!("a{i}"), AccountKind::Prefunded);
    config.ledger.accounts.extend((0..300).map(account));
    let mut venue = Venue::new(config);
    let changed = [(0, 64), (0, 299), (1, 1), (1, 63), (1, 65), (1, 192)];
    for (session, account) in changed {
        assert_eq!(apply(&mut venue, entitle(session, account, u8::from(session == 1))).1.len(), 1);
    }
    let mut told = Told::default();
    let definitions = std::iter::from_fn(|| venue.engine.next_definition(&mut told));
    let entitlements = definitions.skip(301).map(|d| (d.session.0, d.account.0));
    assert!(entitlements.eq(changed));
}

#[test]
fn names_and_room_of_the_configuration_are_checked() {
    let mut config = with_ledger();
    config.instruments.push(instrument(1, 100, 5_000));
    config.ledger.pairs.push(config.ledger.pairs[0]);
    assert_eq!(config.check(), Ok(()));
    let room = |instruments_max, accounts_max| Config { instruments_max, accounts_max, ..config.clone() };
    assert_eq!(room(1, 0).check(), Err(ConfigError::InstrumentsMax(1)));
    assert_eq!(room(4_097, 0).check(), Err(ConfigError::InstrumentsMax(4_097)));
    assert_eq!(room(0, 1).check(), Err(ConfigError::AccountsMax(1)));
    assert_eq!(room(0, (1 << 20) + 1).check(), Err(ConfigError::AccountsMax((1 << 20) + 1)));
    assert_eq!(room(200, 0).check(), Err(ConfigError::PriceGroups(1_000)), "each takes eight steps");
    let quotes = Config { quotes_max: u32::MAX, ..config.clone() };
    assert_eq!(quotes.check(), Err(ConfigError::QuotesMax(u32::MAX)));
    let mut twice = config.clone();
    twice.instruments[1].symbol = "I0".into();
    assert_eq!(twice.check(), Err(ConfigError::Symbol(1)));
    let mut twice = config;
    twice.ledger.accounts[1].name = "a".into();
    assert_eq!(twice.check(), Err(ConfigError::Ledger(LedgerError::Name(1))));
}
