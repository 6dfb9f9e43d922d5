//! Mass quotes, rule by rule: docs/matching.md, "Mass quotes".

use matcher::engine::{AccountKind, AccountTerms, Config, LedgerTerms, Pair};
use wire::{
    command::{Funds, Kind as Asks, MassCancel, MassQuoteBody, NewOrder, QuoteEntry, SetState},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, SelfTrade, SessionId,
        Side::{self, *},
        Ticks, TradingState,
    },
};

use crate::common::*;

/// Three instruments, room for four pairs of account and instrument.
fn quoting() -> Config {
    let mut config = Config { quotes_max: 4, ..config() };
    config.instruments.extend([instrument(1, 100, 5_000), instrument(2, 100, 5_000)]);
    config
}

/// `bid` and `offer`, each a price and a quantity.
pub(crate) fn entry(instrument: u32, bid: (i64, u64), offer: (i64, u64)) -> QuoteEntry {
    QuoteEntry {
        instrument: InstrumentId(instrument),
        reserved: 0,
        bid: Ticks(bid.0),
        bid_quantity: Lots(bid.1),
        offer: Ticks(offer.0),
        offer_quantity: Lots(offer.1),
    }
}

pub(crate) fn quote(session: u32, text: &str, entries: &[QuoteEntry]) -> Owned {
    Owned::mass_quote(head(Asks::MassQuote, session), name(text), 0, entries)
}

pub(crate) fn set_state(instrument: u32, state: TradingState) -> Owned {
    let mut head = head(Asks::SetState, 0);
    head = head.with_instrument(InstrumentId(instrument));
    Owned::SetState(SetState { head, state, reserved: [0; 7] })
}

/// What was done, to which order, for whom.
fn told(events: &[Event]) -> Vec<(Kind, u64, u32)> {
    events.iter().map(|event| (event.kind, event.order_id.0, event.session.0)).collect()
}

fn refused(venue: &mut Venue, command: Owned) -> (Reject, u64) {
    let before = venue.engine.orders_hash();
    let events = venue.apply(command);
    let event = only(&events);
    assert_eq!(event.kind, Kind::QuoteRefused);
    assert_eq!(venue.engine.orders_hash(), before, "a refused message changes nothing");
    (event.reject, event.last_quantity.0)
}

#[test]
fn a_mass_quote_places_both_sides_of_every_entry_and_replaces_those_before() {
    let mut venue = Venue::new(quoting());
    let events = venue.apply(quote(0, "q1", &[entry(1, (90, 5), (110, 6)), entry(0, (91, 1), (0, 0))]));
    let accepted = |id| (Kind::Accepted, id, 0);
    assert_eq!(told(&events), [(Kind::Quoted, 0, 0), accepted(1), accepted(2), accepted(3)]);
    assert_eq!((events[0].quantity, events[0].cl_ord_id), (Lots(3), name("q1")));
    assert!(events[1..].iter().all(|e| e.flags == NewOrder::QUOTE && e.cl_ord_id == name("q1")));
    assert_eq!(venue.engine.best(InstrumentId(1), Sell), Some((Ticks(110), Lots(6))));

    let events = venue.apply(quote(0, "q1", &[entry(0, (0, 0), (120, 1)), entry(1, (92, 2), (0, 0))]));
    let canceled = |id| (Kind::Canceled, id, 0);
    assert_eq!(
        told(&events),
        [(Kind::Quoted, 0, 0), canceled(3), canceled(1), canceled(2), accepted(4), accepted(5)]
    );
    assert!(events[1..4].iter().all(|e| e.cause == Cause::QuoteReplaced));
    assert_eq!(venue.engine.best(InstrumentId(1), Sell), None);
    assert_eq!(venue.engine.open_orders(), 2);
}

#[test]
fn quotes_of_one_account_are_one_whichever_session_sends_them() {
    let mut venue = Venue::new(quoting());
    venue.apply(quote(0, "a", &[entry(0, (90, 5), (110, 5))]));
    let mut head = head(Asks::MassQuote, 1);
    head.account = AccountId(0);
    let events = venue.apply(Owned::mass_quote(head, name("b"), 0, &[entry(0, (91, 5), (0, 0))]));
    assert_eq!(
        told(&events),
        [(Kind::Quoted, 0, 1), (Kind::Canceled, 1, 0), (Kind::Canceled, 2, 0), (Kind::Accepted, 3, 1)]
    );
    assert_eq!(events[1].cl_ord_id, name("a"), "under its own QuoteID");
    // Another account's are its own.
    venue.apply(quote(1, "c", &[entry(0, (91, 5), (0, 0))]));
    assert_eq!(venue.engine.open_orders(), 2);
}

#[test]
fn a_quote_trades_as_a_limit_order_and_makes_room_when_it_has_filled() {
    let mut venue = Venue::new(quoting());
    venue.limit(1, "s", Sell, 3, 95);
    let events = venue.apply(quote(0, "q", &[entry(0, (95, 5), (110, 1))]));
    assert_eq!(trades(&events), [(1, 95, 3)]);
    assert_eq!(kinds(&events), [Kind::Quoted, Kind::Accepted, Kind::Fill, Kind::Fill, Kind::Accepted]);
    assert!(events[3].flags == NewOrder::QUOTE && events[3].leaves == Lots(2));
    venue.limit(1, "t", Sell, 2, 95);
    // Only the offer is left to replace.
    let events = venue.apply(quote(0, "q", &[entry(0, (0, 0), (0, 0))]));
    assert_eq!(told(&events), [(Kind::Quoted, 0, 0), (Kind::Canceled, 3, 0)]);
    assert_eq!(events[0].quantity, Lots(0));
    assert_eq!(venue.engine.open_orders(), 0);
}

#[test]
fn stops_come_last_by_instrument_in_order_of_entries() {
    let mut venue = Venue::new(quoting());
    for instrument in [0, 1] {
        let mut sell = limit(1, &format!("s{instrument}"), Sell, 1, 105);
        sell.head = sell.head.with_instrument(InstrumentId(instrument));
        venue.apply(Owned::New(sell));
        let mut stop = limit(1, &format!("stop{instrument}"), Buy, 1, 0);
        (stop.order_type, stop.stop) = (wire::types::OrderType::Stop, Ticks(105));
        stop.head = stop.head.with_instrument(InstrumentId(instrument));
        venue.apply(Owned::New(stop));
    }
    let events = venue.apply(quote(0, "q", &[entry(1, (105, 1), (0, 0)), entry(0, (105, 1), (0, 0))]));
    let (a, f, t, c) = (Kind::Accepted, Kind::Fill, Kind::Triggered, Kind::Canceled);
    assert_eq!(kinds(&events), [Kind::Quoted, a, f, f, a, f, f, t, c, t, c]);
    let triggered = events.iter().filter(|event| event.kind == t).map(|event| event.instrument.0);
    assert!(triggered.eq([1, 0]));
}

#[test]
fn a_message_is_refused_whole_with_the_number_of_the_entry_that_is_wrong() {
    let mut config = quoting();
    config.instruments[0].notional_min = 100;
    let mut venue = Venue::new(config);
    venue.apply(quote(0, "q", &[entry(0, (90, 5), (110, 5))]));
    let good = entry(1, (90, 5), (110, 5));
    for (wrong, reject) in [
        (entry(9, (90, 5), (110, 5)), Reject::UnknownInstrument),
        (entry(1, (90, 5), (110, 5)), Reject::BadQuote),
        (entry(0, (90, 5), (90, 5)), Reject::BadQuote),
        (entry(0, (91, 5), (90, 5)), Reject::BadQuote),
        (entry(0, (90, 0), (110, 5)), Reject::BadQuote),
        (entry(0, (90, 5), (110, 0)), Reject::BadQuote),
        (entry(0, (0, 5), (0, 0)), Reject::PriceNotPositive),
        (entry(0, (Ticks::OFF_TICK.0, 5), (110, 5)), Reject::PriceOffTick),
        (entry(0, (90, 5), (Ticks::OFF_TICK.0, 5)), Reject::BadQuote),
        (entry(0, (90, u64::MAX), (0, 0)), Reject::QuantityOffLot),
        (entry(0, (90, 5), (110, u64::MAX - 1)), Reject::QuantityOutOfRange),
        (entry(0, (99, 1), (110, 1)), Reject::NotionalTooSmall),
        (entry(0, (90, 5), (151, 5)), Reject::PriceOutsideBand),
        (entry(0, (49, 5), (151, 5)), Reject::PriceOutsideBand),
    ] {
        assert_eq!(refused(&mut venue, quote(0, "q", &[good, wrong])), (reject, 2), "{wrong:?}");
    }
    assert_eq!(refused(&mut venue, quote(0, "q", &[])), (Reject::BadQuote, 0));
    let nameless = Owned::mass_quote(head(Asks::MassQuote, 0), ClOrdId::NONE, 0, &[good]);
    assert_eq!(refused(&mut venue, nameless), (Reject::BadClOrdId, 0));
    assert_eq!(refused(&mut venue, quote(7, "q", &[good])), (Reject::NotEntitled, 0));
    for (state, reject) in [(TradingState::Halted, Reject::Halted), (TradingState::PreOpen, Reject::None)] {
        venue.apply(set_state(0, state));
        let command = quote(0, "q", &[good, entry(0, (90, 5), (110, 5))]);
        if reject == Reject::None {
            assert_eq!(venue.apply(command)[0].kind, Kind::Quoted, "orders may rest");
        } else {
            assert_eq!(refused(&mut venue, command), (reject, 2));
        }
    }
}

#[test]
fn quotes_find_room_where_those_that_they_replace_stood() {
    let mut config = quoting();
    (config.open_orders_max, config.price_groups_max) = (4, 400);
    let mut venue = Venue::new(config);
    let both = |instrument, price| entry(instrument, (price, 1), (price + 10, 1));
    venue.apply(quote(0, "q", &[both(0, 90), both(1, 90)]));
    assert_eq!(
        refused(&mut venue, quote(0, "q", &[both(0, 91), both(2, 91)])),
        (Reject::TooManyOpenOrders, 0)
    );
    let events = venue.apply(quote(0, "q", &[both(0, 91), both(1, 91)]));
    assert_eq!(events[0].quantity, Lots(4));
    let events = venue.apply(quote(0, "q", &[entry(0, (0, 0), (0, 0)), both(2, 91)]));
    assert_eq!(events[0].kind, Kind::Quoted);
    assert_eq!(venue.engine.open_orders(), 4);
}

#[test]
fn pairs_of_account_and_instrument_are_bounded_and_free_again_when_their_quotes_end() {
    let mut venue = Venue::new(Config { quotes_max: 2, ..quoting() });
    let bid = |instrument| entry(instrument, (90, 1), (0, 0));
    venue.apply(quote(0, "q", &[bid(0), bid(1)]));
    assert_eq!(refused(&mut venue, quote(0, "q", &[bid(2)])), (Reject::TooManyQuotes, 0));
    assert_eq!(refused(&mut venue, quote(1, "q", &[bid(0)])), (Reject::TooManyQuotes, 0));
    // One is taken back in the same message, one is filled, one is cancelled.
    assert_eq!(venue.apply(quote(0, "q", &[bid(2), entry(1, (0, 0), (0, 0))]))[0].kind, Kind::Quoted);
    venue.limit(1, "s", Sell, 1, 90);
    assert_eq!(venue.apply(quote(1, "q", &[bid(0)]))[0].kind, Kind::Quoted);
    assert_eq!(refused(&mut venue, quote(1, "q", &[bid(1)])), (Reject::TooManyQuotes, 0));
    let mine = only(&venue.apply(status(1, by_id(5)))).order_id.0;
    assert_eq!(only(&venue.apply(cancel(1, "x", by_id(mine)))).kind, Kind::Canceled);
    assert_eq!(venue.apply(quote(1, "q", &[bid(1)]))[0].kind, Kind::Quoted);
    assert_eq!(
        refused(&mut Venue::new(Config { quotes_max: 0, ..quoting() }), quote(0, "q", &[bid(0)])).0,
        Reject::TooManyQuotes
    );
}

#[test]
fn a_quote_is_found_by_its_order_id_alone_and_not_replaced() {
    let mut venue = Venue::new(quoting());
    venue.limit(0, "q", Buy, 1, 80);
    venue.apply(quote(0, "q", &[entry(0, (90, 5), (110, 5))]));
    assert_eq!(only(&venue.apply(status(0, by_name("q")))).order_id.0, 1, "the order that has the name");
    let found = *only(&venue.apply(status(0, by_id(2))));
    assert_eq!((found.order_id.0, found.flags, found.cl_ord_id), (2, NewOrder::QUOTE, name("q")));
    let events = venue.apply(replace(0, "r", by_id(2), Buy, 9, 90));
    assert_eq!((only(&events).kind, events[0].reject), (Kind::ReplaceRejected, Reject::IsQuote));
    assert_eq!(only(&venue.apply(cancel(1, "c", by_id(2)))).reject, Reject::UnknownOrder, "another session");
    let events = venue.apply(cancel(0, "c", by_id(2)));
    assert_eq!((only(&events).kind, events[0].cause), (Kind::Canceled, Cause::Requested));
    assert_eq!((events[0].cl_ord_id, events[0].orig_cl_ord_id), (name("c"), name("q")));
    // It is not remembered, and its name may be used.
    assert_eq!(only(&venue.apply(status(0, by_id(2)))).reject, Reject::UnknownOrder);
    venue.apply(quote(0, "again", &[entry(0, (0, 0), (0, 0))]));
    assert_eq!(only(&venue.limit(0, "again", Buy, 1, 80)).kind, Kind::Accepted);
    let order = NewOrder { flags: NewOrder::QUOTE, ..limit(0, "fake", Buy, 1, 80) };
    assert_eq!(only(&venue.apply(Owned::New(order))).reject, Reject::UnsupportedOrder);
}

#[test]
fn mass_cancels_take_quotes_and_may_take_nothing_else() {
    let mut venue = Venue::new(quoting());
    venue.limit(0, "o", Buy, 1, 80);
    venue.apply(quote(0, "q", &[entry(0, (90, 5), (110, 5)), entry(1, (90, 5), (0, 0))]));
    let mass = |by, side: Side| {
        let head = head(Asks::MassCancel, 0);
        Owned::MassCancel(MassCancel { head, cl_ord_id: name("m"), by, side, reserved: [0; 2] })
    };
    let by = MassCancel::QUOTES | MassCancel::SIDE | MassCancel::SESSION;
    let events = venue.apply(mass(by, Buy));
    assert_eq!(told(&events), [(Kind::Canceled, 2, 0), (Kind::Canceled, 4, 0), (Kind::MassCanceled, 0, 0)]);
    let summary = events.last().unwrap();
    assert_eq!((summary.by, summary.flags, summary.quantity), (by, NewOrder::QUOTE, Lots(2)));
    let events = venue.apply(mass(MassCancel::SESSION, Buy));
    assert_eq!(told(&events), [(Kind::Canceled, 1, 0), (Kind::Canceled, 3, 0), (Kind::MassCanceled, 0, 0)]);
    assert_eq!((events[2].by, events[2].flags), (MassCancel::SESSION, 0));
    venue.apply(quote(0, "q", &[entry(0, (90, 5), (110, 5))]));
    let events = venue.apply(Owned::CancelSession(notice(Asks::CancelSession, 0)));
    assert_eq!(kinds(&events), [Kind::Canceled, Kind::Canceled]);
    assert_eq!(venue.engine.open_orders(), 0);
}

#[test]
fn self_trade_prevention_goes_by_the_sessions_mode() {
    let mut config = quoting();
    config.sessions[0].self_trade = SelfTrade::CancelOldest;
    let mut venue = Venue::new(config);
    venue.limit(0, "s", Sell, 1, 95);
    let events = venue.apply(quote(0, "q", &[entry(0, (95, 5), (0, 0))]));
    assert_eq!(told(&events), [(Kind::Quoted, 0, 0), (Kind::Accepted, 2, 0), (Kind::Canceled, 1, 0)]);
    assert_eq!(events[2].cause, Cause::SelfTrade);
}

mod funds {
    use super::*;

    /// Instruments 0 and 1 trade asset 0 and 1 for asset 2; account 0 has 1,000 of each.
    fn venue() -> Venue {
        let pair = |base| Pair {
            base: AssetId(base),
            quote: AssetId(2),
            base_per_lot: 1,
            quote_per_tick_lot: 1,
            maker_fee: 0,
            taker_fee: 10_000,
        };
        let account = |name: &str| AccountTerms::new(name, AccountKind::Prefunded);
        let mut config = quoting();
        config.instruments.truncate(2);
        config.ledger = LedgerTerms {
            assets: 3,
            accounts: vec![account("a"), account("b")],
            pairs: vec![pair(0), pair(1)],
        };
        let mut venue = Venue::new(config);
        for (account, asset) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2)] {
            let mut head = head(Asks::Deposit, 0);
            head.account = AccountId(account);
            let amount = Event::halves(1_000);
            venue.apply(Owned::Deposit(Funds { head, asset: AssetId(asset), reserved: 0, amount }));
        }
        venue
    }

    fn available(venue: &Venue, asset: u32) -> i128 {
        venue.engine.balance(AccountId(0), AssetId(asset)).unwrap().available
    }

    #[test]
    fn quotes_hold_funds_and_those_that_are_replaced_release_theirs_first() {
        let mut venue = venue();
        venue.apply(quote(0, "q", &[entry(0, (100, 9), (110, 1_000))]));
        assert_eq!((available(&venue, 0), available(&venue, 2)), (0, 1_000 - 909));
        // Not beside the first, but in its place.
        assert_eq!(
            refused(&mut venue, quote(0, "q", &[entry(1, (100, 9), (0, 0))])).0,
            Reject::InsufficientFunds
        );
        let events =
            venue.apply(quote(0, "q", &[entry(1, (100, 9), (0, 0)), entry(0, (0, 0), (110, 1_000))]));
        assert_eq!(events[0].kind, Kind::Quoted);
        assert_eq!((available(&venue, 0), available(&venue, 2)), (0, 1_000 - 909));
        venue.apply(quote(0, "q", &[entry(1, (0, 0), (0, 0)), entry(0, (0, 0), (0, 0))]));
        assert_eq!([0, 1, 2].map(|asset| available(&venue, asset)), [1_000; 3]);
    }

    #[test]
    fn a_message_that_cannot_be_paid_for_as_a_whole_changes_nothing() {
        let mut venue = venue();
        venue.apply(quote(0, "q", &[entry(0, (100, 5), (0, 0))]));
        // Each alone could be paid for.
        let both = [entry(0, (100, 5), (0, 0)), entry(1, (100, 5), (0, 0))];
        assert_eq!(refused(&mut venue, quote(0, "q", &both)), (Reject::InsufficientFunds, 0));
        assert_eq!(
            refused(&mut venue, quote(0, "q", &[entry(0, (100, 5), (110, 1_001))])).0,
            Reject::InsufficientFunds
        );
        let huge = entry(0, (150, wire::limits::LOTS_MAX), (0, 0));
        assert_eq!(refused(&mut venue, quote(0, "q", &[huge])).0, Reject::InsufficientFunds);
        assert_eq!(available(&venue, 2), 1_000 - 505);
    }

    #[test]
    fn fills_settle_from_what_the_quote_holds() {
        let mut venue = venue();
        let mut sell = limit(1, "s", Sell, 4, 100);
        sell.head.account = AccountId(1);
        venue.apply(Owned::New(sell));
        venue.apply(quote(0, "q", &[entry(0, (100, 5), (0, 0))]));
        // 400 and a fee of 4 are spent, 100 and at most 1 are held.
        assert_eq!((available(&venue, 2), available(&venue, 0)), (1_000 - 404 - 101, 1_004));
    }
}

#[test]
fn sessions_without_the_account_may_not_quote_for_it() {
    let mut config = quoting();
    config.sessions[1].accounts = matcher::engine::Accounts::Only(vec![AccountId(1)]);
    let mut venue = Venue::new(config);
    let mut head = head(Asks::MassQuote, 1);
    head = head.with_account(AccountId(0)).with_session(SessionId(1));
    let command = Owned::mass_quote(head, name("q"), MassQuoteBody::RESET, &[entry(0, (90, 1), (0, 0))]);
    assert_eq!(refused(&mut venue, command), (Reject::NotEntitled, 0));
}
