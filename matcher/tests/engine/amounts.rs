//! Market buys that name what to spend: docs/matching.md, "Quote amount".

use matcher::engine::{AccountKind, AccountTerms, LedgerTerms, Pair};
use wire::{
    command::{Funds, Kind as Asks, NewOrder},
    event::{Cause, Event, Kind},
    instrument::Instrument,
    limits::LOTS_MAX,
    reject::Reject,
    types::{
        AccountId, AssetId, InstrumentId, Lots, OrderStatus, OrderType, SelfTrade,
        Side::{self, *},
        Ticks, TimeInForce,
        TradingState::*,
    },
};

use crate::common::*;

fn spends(text: &str, amount: u64) -> NewOrder {
    NewOrder {
        order_type: OrderType::Market,
        time_in_force: TimeInForce::Ioc,
        flags: NewOrder::QUOTE_AMOUNT,
        price: Ticks(0),
        ..limit(1, text, Buy, amount, 1)
    }
}

fn spend(venue: &mut Venue, text: &str, amount: u64) -> Vec<Event> {
    venue.apply(Owned::New(spends(text, amount)))
}

/// What an event says of how the order stands: status, amount, what is left of it, lots.
fn stands(event: &Event) -> (OrderStatus, u64, u64, u64) {
    (event.status, event.quantity.0, event.leaves.0, event.cum.0)
}

/// A tick × lot is 10 units of the quote asset, the taker's fee 1 %; account 1 has 10,000 of them, account 0 lots.
fn with_ledger() -> Venue {
    let pair = Pair {
        base: AssetId(0),
        quote: AssetId(1),
        base_per_lot: 3,
        quote_per_tick_lot: 10,
        maker_fee: 0,
        taker_fee: 10_000,
    };
    let mut config = config();
    config.ledger = LedgerTerms {
        assets: 2,
        accounts: ["A0", "A1"].map(|name| AccountTerms::new(name, AccountKind::Prefunded)).into(),
        pairs: vec![pair],
    };
    config.sessions[1].self_trade = SelfTrade::None;
    let mut venue = Venue::new(config);
    for (account, asset, amount) in [(0, 0, 300), (1, 1, 10_000), (1, 0, 300)] {
        let mut head = head(Asks::Deposit, 0);
        head.account = AccountId(account);
        let funds = Funds { head, asset: AssetId(asset), reserved: 0, amount: [amount, 0] };
        assert_eq!(only(&venue.apply(Owned::Deposit(funds))).kind, Kind::Done);
    }
    venue
}

fn funds(venue: &Venue, asset: u32) -> (i128, i128) {
    let balance = venue.engine.balance(AccountId(1), AssetId(asset)).unwrap();
    (balance.available, balance.held)
}

#[test]
fn it_buys_what_the_amount_pays_for_at_each_price_and_is_filled_when_a_lot_is_too_much() {
    let mut venue = Venue::new(config());
    venue.limit(0, "a", Sell, 2, 100);
    venue.limit(0, "b", Sell, 5, 110);
    let events = spend(&mut venue, "m", 500);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Fill, Kind::Fill, Kind::Fill, Kind::Fill]);
    assert_eq!(stands(&events[0]), (OrderStatus::New, 500, 500, 0));
    assert_eq!(events[0].flags, NewOrder::QUOTE_AMOUNT);
    assert_eq!(stands(&events[2]), (OrderStatus::PartiallyFilled, 500, 300, 2));
    assert_eq!(stands(&events[4]), (OrderStatus::Filled, 500, 0, 4), "80 do not pay for a lot at 110");
    assert_eq!((events[4].last_price, events[4].last_quantity), (Ticks(110), Lots(2)));
    assert_eq!(events[4].cum_notional(), 420);
    let told = venue.apply(status(1, by_name("m")));
    assert_eq!(stands(only(&told)), (OrderStatus::Filled, 500, 0, 4));
    assert_eq!(venue.engine.open_orders(), 1);
}

#[test]
fn it_is_cancelled_where_nothing_is_left_to_buy_or_a_price_is_too_high_for_one_lot() {
    let mut venue = Venue::new(config());
    venue.limit(0, "a", Sell, 1, 100);
    let events = spend(&mut venue, "m", 350);
    let end = events.last().unwrap();
    assert_eq!((end.kind, end.cause), (Kind::Canceled, Cause::Unfilled));
    assert_eq!(stands(end), (OrderStatus::Canceled, 350, 0, 1));
    assert_eq!(stands(only(&venue.apply(status(1, by_name("m"))))), (OrderStatus::Canceled, 350, 0, 1));

    venue.limit(0, "b", Sell, 1, 50);
    venue.limit(0, "c", Sell, 1, 75);
    let events = spend(&mut venue, "n", 120);
    assert_eq!(trades(&events), [(3, 50, 1)], "70 pay for no lot at 75");
    assert_eq!(events.last().unwrap().cause, Cause::Unfilled, "another one at 50 they would have paid for");
    venue.limit(0, "far", Sell, 1, 76);
    let events = spend(&mut venue, "low", 74);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled]);
}

#[test]
fn it_walks_no_further_than_the_band_and_interrupts_trading_only_for_what_it_could_pay() {
    let mut venue = Venue::new(config());
    venue.limit(0, "in", Sell, 1, 150);
    venue.limit(0, "x", Sell, 1, 60);
    venue.limit(1, "y", Buy, 1, 60);
    let events = spend(&mut venue, "m", 10_000);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled], "150 is beyond 60 + 50 %");

    for (amount, cause, state) in
        [(239, Cause::Unfilled, Continuous), (240, Cause::Interrupted, VolatilityAuction)]
    {
        let mut config = config();
        let terms = instrument(0, 100, 5_000);
        config.instruments[0] = Instrument { dynamic_band_basis_points: 1_000, ..terms };
        let mut venue = Venue::new(config);
        venue.limit(0, "in", Sell, 1, 100);
        venue.limit(0, "out", Sell, 1, 140);
        let events = spend(&mut venue, "m", amount);
        let end = events.iter().find(|e| e.kind == Kind::Canceled).unwrap();
        assert_eq!((end.cause, end.cum), (cause, Lots(1)));
        assert_eq!(venue.engine.state(InstrumentId(0)), Some(state));
    }
}

#[test]
fn it_holds_the_amount_pays_fees_out_of_it_and_releases_the_rest() {
    let mut venue = with_ledger();
    venue.limit(0, "a", Sell, 3, 100);
    venue.limit(0, "b", Sell, 9, 110);
    // 500 ticks × lots are 5,000 units: three lots cost 3,000 and 30; one at 110 1,100 and 11, which leaves 859.
    let events = spend(&mut venue, "m", 500);
    let fills: Vec<_> = events.iter().filter(|e| e.session.0 == 1 && e.kind == Kind::Fill).collect();
    assert_eq!([fills[0].fee, fills[1].fee], [30, 11]);
    assert_eq!(stands(fills[0]), (OrderStatus::PartiallyFilled, 500, 197, 3), "1,970 units");
    assert_eq!(stands(fills[1]), (OrderStatus::Filled, 500, 0, 4));
    assert_eq!(funds(&venue, 1), (10_000 - 4_141, 0));
    assert_eq!(funds(&venue, 0), (300 + 4 * 3, 0));
}

#[test]
fn a_fee_can_cost_the_last_lot() {
    for (amount, lots) in [(303, 3), (302, 2)] {
        let mut venue = with_ledger();
        venue.limit(0, "a", Sell, 9, 100);
        assert_eq!(spend(&mut venue, "m", amount).last().unwrap().cum, Lots(lots));
    }
}

#[test]
fn all_of_the_amount_must_be_there() {
    let mut venue = with_ledger();
    let before = venue.engine.orders_hash();
    let events = spend(&mut venue, "m", 1_001);
    assert_eq!((only(&events).reject, events[0].quantity), (Reject::InsufficientFunds, Lots(1_001)));
    assert_eq!(venue.engine.orders_hash(), before);
    assert_eq!(spend(&mut venue, "m", 1_000).len(), 2, "accepted, and nothing to buy");
    assert_eq!(funds(&venue, 1), (10_000, 0));
}

#[test]
fn self_trade_prevention_looks_at_what_it_could_buy() {
    let own = |mode, amount| {
        let mut venue = with_ledger();
        venue.apply(Owned::New(limit(1, "own", Sell, 4, 100)));
        venue.limit(0, "other", Sell, 9, 110);
        let flags = NewOrder::QUOTE_AMOUNT | NewOrder::self_trade_flags(mode);
        let events = venue.apply(Owned::New(NewOrder { flags, ..spends("m", amount) }));
        assert_eq!(funds(&venue, 1).1, 0, "nothing stays held");
        (venue, events)
    };
    assert_eq!(own(SelfTrade::CancelNewest, 500).1[1].cause, Cause::SelfTrade);
    let (_, events) = own(SelfTrade::CancelOldest, 500);
    assert_eq!((events[1].cl_ord_id, events[1].kind), (name("own"), Kind::Canceled));
    assert_eq!(trades(&events), [(2, 110, 4)]);
    let (venue, events) = own(SelfTrade::CancelBoth, 500);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled, Kind::Canceled]);
    assert_eq!(venue.engine.open_orders(), 1);
    // It could buy four: both have nothing left.
    let (_, events) = own(SelfTrade::Decrement, 404);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled, Kind::Canceled]);
    assert_eq!(stands(&events[2]), (OrderStatus::Canceled, 404, 0, 0));
    // It could buy two: the resting one keeps two.
    let (_, events) = own(SelfTrade::Decrement, 202);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Reduced, Kind::Canceled]);
    assert_eq!((events[1].quantity, events[1].leaves), (Lots(2), Lots(2)));
    // It could buy nine: 400 less, and it goes on.
    let (_, events) = own(SelfTrade::Decrement, 909);
    assert_eq!(kinds(&events)[..3], [Kind::Accepted, Kind::Canceled, Kind::Reduced]);
    assert_eq!(stands(&events[2]), (OrderStatus::New, 509, 509, 0));
    assert_eq!(trades(&events), [(2, 110, 4)]);
    assert_eq!(stands(events.last().unwrap()), (OrderStatus::Filled, 509, 0, 4));
}

#[test]
fn only_market_buys_name_an_amount_and_its_checks_are_its_own() {
    let mut config = config();
    let terms = Instrument { notional_min: 50, quantity_min: Lots(60), ..instrument(0, 100, 5_000) };
    config.instruments[0] = Instrument { quantity_max: Lots(70), ..terms };
    let mut venue = Venue::new(config);
    let mut refused = |order: NewOrder, reject: Reject| {
        let before = venue.engine.orders_hash();
        assert_eq!(only(&venue.apply(Owned::New(order))).reject, reject, "{order:?}");
        assert_eq!(venue.engine.orders_hash(), before);
    };
    let order = spends("m", 100);
    let unsupported = [
        NewOrder { side: Side::Sell, ..order },
        NewOrder { order_type: OrderType::Limit, price: Ticks(100), ..order },
        NewOrder { order_type: OrderType::Stop, stop: Ticks(100), ..order },
        NewOrder { time_in_force: TimeInForce::Fok, ..order },
        NewOrder { time_in_force: TimeInForce::AtTheClose, ..order },
        NewOrder { flags: order.flags | NewOrder::POST_ONLY, ..order },
        NewOrder { flags: order.flags | NewOrder::MINIMUM, display: Lots(1), ..order },
        NewOrder { display: Lots(1), ..order },
        NewOrder { flags: order.flags | NewOrder::QUOTE, ..order },
    ];
    unsupported.into_iter().for_each(|order| refused(order, Reject::UnsupportedOrder));
    for (amount, reject) in [
        (Lots::OFF_LOT, Reject::QuantityOffLot),
        (Lots(0), Reject::QuantityNotPositive),
        (Lots::OUT_OF_RANGE, Reject::QuantityOutOfRange),
        (Lots(LOTS_MAX + 1), Reject::QuantityOutOfRange),
        (Lots(49), Reject::NotionalTooSmall),
    ] {
        refused(NewOrder { quantity: amount, ..order }, reject);
    }
    for (amount, time_in_force) in [(50, TimeInForce::Ioc), (LOTS_MAX, TimeInForce::Day)] {
        let order = NewOrder { time_in_force, ..spends(&format!("a{amount}"), amount) };
        assert_eq!(kinds(&venue.apply(Owned::New(order))), [Kind::Accepted, Kind::Canceled]);
    }
}
