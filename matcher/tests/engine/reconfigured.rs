//! A venue that goes on under another configuration: what is added, what is changed, what may not be.

use matcher::{
    configuration::Configuration,
    engine::{AccountKind, AccountTerms, Accounts, Change, Config, ImageError, OrderLimits, SessionTerms},
};
use wire::{
    event::Kind,
    instrument::Instrument,
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, Lots, Side, Ticks},
};

use crate::{
    common::{Venue, by_name, cancel, instrument, limit, only},
    flow,
    operators::{BASE, QUOTE, account, credit, deposit, entitle, order, set, terms, with_ledger},
};

/// A change of a configuration, and the sentence that refuses it.
type Refused = (fn(&mut Config), &'static str);

fn refusal(venue: &mut Venue, was: &Config, config: &Config) -> String {
    let hash = venue.engine.state_hash();
    let error = venue.engine.reconfigure(was, config).expect_err("refused");
    assert_eq!(venue.engine.state_hash(), hash, "a refused configuration changes nothing");
    error.to_string()
}

fn take(venue: &mut Venue, was: &Config, config: &Config) {
    venue.engine.reconfigure(was, config).unwrap_or_else(|error| panic!("{error}"));
    venue.engine.audit();
}

#[test]
fn what_is_added_at_the_ends_of_lists_is_there_beside_what_was() {
    let was = with_ledger();
    let mut venue = Venue::new(was.clone());
    deposit(&mut venue, 0, QUOTE, 10_000);
    assert_eq!(order(&mut venue, (0, 0), 0, "before", 10), Reject::None);

    let mut config = Config { instruments_max: 4, accounts_max: 5, ..was.clone() };
    config.instruments.push(Instrument { symbol: "ADDED".into(), ..instrument(1, 100, 5_000) });
    config.sessions.insert(1, SessionTerms::new(Accounts::Only(vec![AccountId(2)])));
    config.ledger.accounts.push(AccountTerms::new("added", AccountKind::Prefunded));
    config.ledger.pairs.push(was.ledger.pairs[0]);
    config.ledger.assets += 1;
    take(&mut venue, &was, &config);

    deposit(&mut venue, 2, QUOTE, 10_000);
    deposit(&mut venue, 2, AssetId(3), 5);
    assert_eq!(order(&mut venue, (1, 2), 1, "after", 10), Reject::None);
    assert_eq!(order(&mut venue, (1, 0), 1, "theirs", 10), Reject::NotEntitled);
    // The last session is the operator's still, and counts on.
    let done = venue.apply(entitle(2, 0, 1));
    assert_eq!(only(&done).kind, Kind::Done);
    assert_eq!(order(&mut venue, (2, 0), 1, "last", 1), Reject::None);
    assert_eq!(only(&venue.apply(cancel(0, "gone", by_name("before")))).kind, Kind::Canceled);
    let again = venue.apply(crate::common::Owned::New(limit(0, "before", Side::Buy, 1, 100)));
    assert_eq!(only(&again).reject, Reject::DuplicateClOrdId, "names that were used are remembered");
}

#[test]
fn limits_and_terms_are_those_of_the_new_configuration() {
    let was = with_ledger();
    let mut venue = Venue::new(was.clone());
    deposit(&mut venue, 0, QUOTE, 10_000);
    assert_eq!(order(&mut venue, (0, 0), 0, "one", 1), Reject::None);
    let mut config = was.clone();
    config.sessions[0].limits = OrderLimits { open_orders_max: 1, notional_max: 0 };
    config.instruments[0].quantity_max = Lots(5);
    take(&mut venue, &was, &config);
    assert_eq!(order(&mut venue, (0, 0), 0, "two", 1), Reject::TooManySessionOrders);
    assert_eq!(order(&mut venue, (1, 0), 0, "two", 6), Reject::QuantityTooLarge);
    assert_eq!(order(&mut venue, (1, 0), 0, "two", 5), Reject::None);
    // And back again.
    take(&mut venue, &config, &was);
    assert_eq!(order(&mut venue, (0, 0), 0, "three", 6), Reject::None);
}

#[test]
fn what_operators_have_changed_stays_where_the_configuration_says_what_it_said() {
    let was = with_ledger();
    let mut venue = Venue::new(was.clone());
    for command in
        [account(2, "later", 1), set(1, terms()), entitle(0, 2, 1), credit(1, QUOTE, 700), entitle(1, 0, 0)]
    {
        assert_eq!(only(&venue.apply(command)).kind, Kind::Done);
    }
    assert_eq!(order(&mut venue, (0, 1), 0, "owes", 6), Reject::None);
    let listed = venue.engine.listed(InstrumentId(1));

    // Something else changes.
    let config = Config { open_orders_max: was.open_orders_max + 1, ..was.clone() };
    take(&mut venue, &was, &config);
    assert_eq!(
        order(&mut venue, (0, 2), 1, "later", 1),
        Reject::None,
        "credit and entitlement are as operators made them"
    );
    assert_eq!(order(&mut venue, (1, 0), 0, "taken", 1), Reject::NotEntitled);
    assert_eq!(venue.engine.listed(InstrumentId(1)), listed);

    // The configuration names what operators have added, and says otherwise what they had changed.
    let mut named = config.clone();
    named.ledger.accounts.push(AccountTerms::new("later", AccountKind::Credit(vec![])));
    named.sessions[1].accounts = Accounts::Only(vec![AccountId(0), AccountId(2)]);
    take(&mut venue, &config, &named);
    assert_eq!(order(&mut venue, (1, 2), 1, "entitled", 1), Reject::None);
    assert_eq!(
        order(&mut venue, (1, 0), 0, "taken", 1),
        Reject::NotEntitled,
        "what the configuration did not change"
    );

    let mut less = named.clone();
    less.ledger.accounts[1].kind = AccountKind::Credit(vec![(QUOTE, 600)]);
    let sentence = refusal(&mut venue, &named, &less);
    assert!(
        sentence.starts_with("account b owes more than its terms allow now; put its credit back"),
        "{sentence}"
    );
    less.ledger.accounts[1].kind = AccountKind::Credit(vec![(QUOTE, 800)]);
    take(&mut venue, &named, &less);
    assert_eq!(order(&mut venue, (0, 1), 0, "more", 1), Reject::None, "its new limit is 800");
}

#[test]
fn what_orders_and_balances_are_counted_by_may_not_change() {
    let was = with_ledger();
    let mut venue = Venue::new(was.clone());
    deposit(&mut venue, 0, QUOTE, 100_000);
    deposit(&mut venue, 0, BASE, 100);
    assert_eq!(only(&venue.apply(account(2, "later", 0))).kind, Kind::Done);
    for name in ["a", "b", "c"] {
        assert_eq!(order(&mut venue, (0, 0), 0, name, 1), Reject::None);
    }
    let cases: [Refused; 14] = [
        (
            |c| drop(c.sessions.pop()),
            "sessions are 1, and were 2: their numbers are in the journal, so put the missing ones back",
        ),
        (|c| drop(c.ledger.accounts.pop()), "accounts are 1, and were 2"),
        (|c| c.ledger.assets = 2, "assets are 2, and were 3"),
        (|c| c.ledger.accounts[1].name = "other".into(), "account number 1 was b and is other now"),
        (|c| c.ledger.accounts.swap(0, 1), "account number 0 was a and is b now"),
        (
            |c| c.ledger.accounts.push(AccountTerms::new("new", AccountKind::Prefunded)),
            "account number 2 was later and is new now",
        ),
        (|c| c.instruments[0].tick = c.instruments[0].lot, "tick of instrument I0 was 0.01 and is 1 now"),
        (|c| c.instruments[0].symbol = "J".into(), "the symbol of instrument number 0 was I0 and is J now"),
        (|c| c.instruments[0].base = "other".into(), "base of instrument I0 was B and is other now"),
        (
            |c| c.ledger.pairs[0].quote_per_tick_lot = 2,
            "the quote units in a tick and lot of instrument I0 was 1 and is 2 now",
        ),
        (
            |c| c.sessions[1] = SessionTerms { is_trunk: true, ..c.sessions[1].clone() },
            "whether session number 1 is a trunk was false and is true",
        ),
        (
            |c| c.ledger.pairs[0].taker_fee = 0,
            "fees of instrument I0 has changed while orders are open in it; put it back and cancel them first",
        ),
        (
            |c| c.open_orders_max = 2,
            "open_orders_max has room for 2, and 3 are there; raise it to 3 at least",
        ),
        (|c| c.accounts_max = 2, "accounts_max has room for 2, and 3 are there; raise it to 3 at least"),
    ];
    for (change, sentence) in cases {
        let mut config = was.clone();
        change(&mut config);
        let found = refusal(&mut venue, &was, &config);
        assert!(found.starts_with(sentence), "{found}\n{sentence}");
    }
    let mut without = was.clone();
    without.ledger.pairs.clear();
    assert!(matches!(
        venue.engine.reconfigure(&was, &without),
        Err(ImageError::Change(Change::Fixed { .. }))
    ));
}

/// The market's own reference price outlives what the configuration says of it.
#[test]
fn a_reference_price_is_the_markets_once_trading_has_begun() {
    let was = with_ledger();
    let mut venue = Venue::new(was.clone());
    let mut config = was.clone();
    config.instruments[0].reference = Ticks(120);
    config.instruments[0].band_basis_points = 100;
    take(&mut venue, &was, &config);
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(100)));
    deposit(&mut venue, 0, QUOTE, 10_000);
    let events = venue.limit(0, "far", Side::Buy, 1, 102);
    assert_eq!(only(&events).reject, Reject::PriceOutsideBand, "the band is the new one");
}

#[test]
fn a_configuration_is_its_text() {
    for ledger in [false, true] {
        let sessions = ["A", "B", "C", "D", "E"].map(str::to_owned).into();
        let assets = vec!["BTC".to_owned(), "USD \"quoted\"".to_owned()];
        let configuration = Configuration { engine: flow::config(ledger), sessions, assets };
        let text = configuration.text();
        let read = Configuration::of_text(&text, 99).unwrap();
        assert_eq!(read.text(), text);
        assert_eq!(read.engine.hash_seed, 99);
        assert_eq!(read.engine.instruments, configuration.engine.instruments);
        assert_eq!(read.engine.sessions, configuration.engine.sessions);
        assert_eq!(read.engine.ledger.accounts, configuration.engine.ledger.accounts);
        assert!(!text.contains(&configuration.engine.hash_seed.to_string()), "the seed is nobody's business");
    }
    let error = Configuration::of_text("{\"colour\":1}", 0).unwrap_err().to_string();
    assert!(
        error.contains("unknown field `colour`") && error.ends_with("start the version that wrote it"),
        "{error}"
    );
}

#[test]
fn sessions_and_assets_keep_their_names() {
    let of = |sessions: &[&str], assets: &[&str]| Configuration {
        engine: with_ledger(),
        sessions: sessions.iter().map(|&name| name.to_owned()).collect(),
        assets: assets.iter().map(|&name| name.to_owned()).collect(),
    };
    let was = of(&["A", "operator"], &["x", "y", "z"]);
    let mut more = of(&["A", "B", "operator"], &["x", "y", "z"]);
    more.engine.sessions.push(SessionTerms::new(Accounts::Any));
    assert_eq!(more.check_after(&was), Ok(()));
    let sentence = |configuration: Configuration| configuration.check_after(&was).unwrap_err().to_string();
    let swapped = sentence(of(&["B", "operator"], &["x", "y", "z"]));
    assert!(swapped.starts_with("session number 0 was A and is B now"), "{swapped}");
    let renamed = sentence(of(&["A", "operator"], &["x", "Y", "z"]));
    assert!(renamed.starts_with("asset number 1 was y and is Y now"), "{renamed}");
    assert!(renamed.contains("put it back, add what is new at the list's end, or begin a new journal"));
}
