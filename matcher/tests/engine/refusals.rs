//! Whatever is refused changes nothing, and is refused for the first reason in the order of docs/matching.md.

use matcher::engine::Accounts;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use wire::{
    command::{Display, KillSwitch, Kind as Asks, NewOrder, Replace, Scope, SetState},
    event::Kind,
    limits::{ACCOUNTS_MAX, LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SessionId,
        Side::{self, *},
        Ticks, TimeInForce,
        TradingState::{self, *},
    },
};

use crate::common::*;

/// When the orders here come.
const NOW: Nanos = Nanos(100_000_000_000);

/// Instrument 0 in continuous trading with an ask at 110, 1 in each other state in turn; session 0 trades for accounts 0 and 5, of
/// which 5 is killed; it has used the name "used", and there is room for one more order.
fn venue(state: TradingState) -> Venue {
    let mut config = config();
    config.instruments = vec![instrument(0, 100, 5_000), instrument(1, 100, 5_000)];
    for terms in &mut config.instruments {
        (terms.quantity_min, terms.quantity_max, terms.notional_min) = (Lots(2), Lots(2_000), 200);
    }
    config.sessions[0].accounts = Accounts::Only(vec![AccountId(0), AccountId(5)]);
    config.open_orders_max = 3;
    let mut venue = Venue::new(config);
    if state != Continuous {
        let mut head = head(Asks::SetState, 0);
        head = head.with_instrument(InstrumentId(1));
        venue.apply(Owned::SetState(SetState { head, state, reserved: [0; 7] }));
    }
    venue.limit(0, "used", Sell, 4, 110);
    venue.limit(1, "bid", Buy, 4, 90);
    let switch = KillSwitch {
        head: head(Asks::KillSwitch, 1),
        target: 5,
        scope: Scope::Account,
        on: 1,
        reserved: [0; 2],
    };
    venue.apply(Owned::KillSwitch(switch));
    venue
}

const FLAGS: u8 = NewOrder::POST_ONLY | NewOrder::QUOTE_AMOUNT | NewOrder::MINIMUM;

/// Whether the table of combinations has it: a row each, as in the document.
fn is_offered(order: &NewOrder) -> bool {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Fok, Gtc, Gtd, Ioc};
    const DISPLAY: u8 = 1 << 5;
    let rows: &[(&[OrderType], &[TimeInForce], &[u8])] = &[
        (&[Limit], &[Day, Gtc, Gtd], &[0, NewOrder::POST_ONLY, DISPLAY, NewOrder::POST_ONLY | DISPLAY]),
        (&[Limit], &[Ioc], &[0, NewOrder::MINIMUM]),
        (&[Limit], &[Fok, AtTheOpening, AtTheClose], &[0]),
        (&[Market], &[Day, Fok, AtTheOpening, AtTheClose], &[0]),
        (&[Market], &[Ioc], &[0, NewOrder::MINIMUM]),
        (&[Stop, TrailingStop], &[Day, Gtc, Gtd], &[0]),
        (&[StopLimit], &[Day, Gtc, Gtd], &[0, DISPLAY]),
    ];
    let hides = order.display.0 != 0 && order.flags & NewOrder::MINIMUM == 0;
    let attributes = order.flags & FLAGS | if hides { DISPLAY } else { 0 };
    let in_a_row = rows.iter().any(|(types, times, allowed)| {
        types.contains(&order.order_type)
            && times.contains(&order.time_in_force)
            && allowed.contains(&attributes)
    });
    let by_amount = order.order_type == Market
        && order.side == Buy
        && [Day, Ioc].contains(&order.time_in_force)
        && attributes == NewOrder::QUOTE_AMOUNT;
    let has_price = [Limit, StopLimit].contains(&order.order_type);
    let has_stop = [Stop, StopLimit, TrailingStop].contains(&order.order_type);
    (in_a_row || by_amount)
        && order.flags >> 3 & 7 <= 5
        && order.flags >> 6 == 0
        && (has_price || order.price == Ticks(0))
        && (has_stop || order.stop == Ticks(0))
        && (order.time_in_force == Gtd || order.expire == Nanos(0))
}

/// All that is wrong with a new order, first things first: every check looks at the order alone, so none relies on one
/// before it.
fn reasons(order: &NewOrder, state: TradingState) -> Vec<Reject> {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    let mut reasons = Vec::new();
    let mut check = |is_wrong: bool, reject: Reject| {
        if is_wrong {
            reasons.push(reject);
        }
    };
    let state = if order.head.instrument().0 == 1 { state } else { Continuous };
    check(order.head.instrument().0 > 1, Reject::UnknownInstrument);
    check(state == Halted, Reject::Halted);
    check(state == Closed, Reject::Closed);
    let time_in_force = order.time_in_force;
    let rests = [TimeInForce::Day, TimeInForce::Gtc, TimeInForce::Gtd].contains(&time_in_force)
        && order.order_type != Market;
    let takes = match state {
        Continuous => time_in_force != TimeInForce::AtTheOpening,
        PreOpen | OpeningAuction => rests || time_in_force == TimeInForce::AtTheOpening,
        _ => rests || time_in_force == TimeInForce::AtTheClose,
    };
    check(!takes, Reject::WrongState);
    check(!is_offered(order), Reject::UnsupportedOrder);

    let price = i128::from(order.price.0);
    let has_price = [Limit, StopLimit].contains(&order.order_type);
    check(has_price && order.price == Ticks::OFF_TICK, Reject::PriceOffTick);
    let out = order.price == Ticks::OUT_OF_RANGE || price > i128::from(TICKS_MAX);
    check(has_price && out, Reject::PriceOutOfRange);
    check(has_price && price <= 0, Reject::PriceNotPositive);
    let has_stop = [Stop, StopLimit, TrailingStop].contains(&order.order_type);
    check(has_stop && (order.stop.0 <= 0 || order.stop.0 > TICKS_MAX), Reject::BadStop);

    let names_amount = order.flags & NewOrder::QUOTE_AMOUNT != 0;
    let quantity = u128::from(order.quantity.0);
    check(order.quantity == Lots::OFF_LOT, Reject::QuantityOffLot);
    check(quantity == 0, Reject::QuantityNotPositive);
    check(quantity > u128::from(LOTS_MAX), Reject::QuantityOutOfRange);
    check(!names_amount && quantity < 2, Reject::QuantityTooSmall);
    check(!names_amount && quantity > 2_000, Reject::QuantityTooLarge);
    let part = u128::from(order.display.0);
    let is_minimum = order.flags & NewOrder::MINIMUM != 0;
    let slices = if part == 0 { 1 } else { quantity.div_ceil(part) };
    check(is_minimum && part > quantity, Reject::BadMinimum);
    check(!is_minimum && (part > quantity || slices > 1_024), Reject::BadDisplay);
    let at = match order.order_type {
        Limit | StopLimit => price,
        Market if names_amount => 1,
        Market => 100,
        Stop => i128::from(order.stop.0),
        TrailingStop => {
            let distance = i128::from(order.stop.0);
            (if order.side == Buy { 100 + distance } else { 100 - distance }).clamp(1, TICKS_MAX.into())
        }
    };
    check(quantity.saturating_mul(at.unsigned_abs()) < 200, Reject::NotionalTooSmall);
    check(has_price && !(50..=150).contains(&price), Reject::PriceOutsideBand);
    check(time_in_force == TimeInForce::Gtd && order.expire <= NOW, Reject::BadExpireTime);
    check(order.cl_ord_id.is_none(), Reject::BadClOrdId);
    check(order.cl_ord_id == name("used") && order.head.session().0 == 0, Reject::DuplicateClOrdId);
    let is_entitled = match order.head.session().0 {
        0 => [0, 5].contains(&order.head.account.0),
        1 => true,
        _ => false,
    };
    check(!is_entitled, Reject::NotEntitled);
    check(order.head.account.0 >= ACCOUNTS_MAX, Reject::UnknownAccount);
    check(order.head.account.0 == 5, Reject::Killed);
    check(!is_minimum && slices > 1, Reject::TooManyOpenOrders);
    let crosses = if order.side == Buy { price >= 110 } else { price <= 90 };
    let in_it = order.head.instrument().0 == 0;
    check(in_it && order.flags & NewOrder::POST_ONLY != 0 && crosses, Reject::PostOnlyWouldTake);
    reasons
}

/// Mostly `usual`, seldom one of the others.
fn mostly<T: Clone + std::fmt::Debug + 'static>(usual: Vec<T>, others: Vec<T>) -> impl Strategy<Value = T> {
    prop_oneof![6 => select(usual), 1 => select(others)]
}

fn a_price(usual: Vec<i64>) -> impl Strategy<Value = Ticks> {
    let others = vec![
        0,
        -1,
        1,
        49,
        151,
        i64::MIN,
        i64::MAX,
        TICKS_MAX,
        TICKS_MAX + 1,
        -TICKS_MAX,
        Ticks::OFF_TICK.0,
        Ticks::OUT_OF_RANGE.0,
    ];
    mostly(usual, others).prop_map(Ticks)
}

fn a_quantity(usual: Vec<u64>) -> impl Strategy<Value = Lots> {
    let others = vec![
        0,
        1,
        2,
        2_001,
        LOTS_MAX,
        LOTS_MAX + 1,
        u64::MAX,
        u64::MAX - 1,
        1 << 63,
        Lots::OFF_LOT.0,
        Lots::OUT_OF_RANGE.0,
    ];
    mostly(usual, others).prop_map(Lots)
}

fn an_order() -> impl Strategy<Value = NewOrder> {
    let head = (
        mostly(vec![0, 1], vec![2, u32::MAX]),
        mostly(vec![0], vec![1, 5, u32::MAX]),
        mostly(vec![0, 1], vec![2, u32::MAX]),
        select(Side::ALL),
    );
    let codes = (
        select(OrderType::ALL),
        select(TimeInForce::ALL),
        prop_oneof![2 => Just(0), 2 => select(vec![1u8, 2, 4, 1 << 3, 5 << 3]), 1 => any::<u8>()],
        prop_oneof![6 => Just(name("new")), 1 => Just(name("used")), 1 => Just(ClOrdId::NONE)],
    );
    let numbers = (
        a_price(vec![100, 100, 80, 120]),
        prop_oneof![2 => a_quantity(vec![4, 10, 2_000]), 1 => Just(Lots(500))],
        prop_oneof![2 => Just(Ticks(0)), 2 => a_price(vec![90, 120, 7])],
        prop_oneof![4 => Just(Lots(0)), 2 => a_quantity(vec![3, 4, 5])],
        prop_oneof![3 => Just(0), 1 => select(vec![1, NOW.0 - 1, NOW.0, NOW.0 + 1, u64::MAX])],
    );
    // Fields that a type does not have are left out three times of four, so that more gets beyond that.
    (head, codes, numbers, 0..4u8).prop_map(|((session, account, instrument, side), codes, numbers, keep)| {
        let (order_type, time_in_force, flags, cl_ord_id) = codes;
        let (price, quantity, stop, display, expire) = numbers;
        let mut order = NewOrder { side, order_type, time_in_force, ..limit(0, "new", side, 1, 1) };
        order.head = order.head.with_session(SessionId(session)).with_account(AccountId(account));
        order.head = order.head.with_instrument(InstrumentId(instrument));
        (order.flags, order.cl_ord_id, order.quantity) = (flags, cl_ord_id, quantity);
        (order.price, order.stop, order.display, order.expire) = (price, stop, display, Nanos(expire));
        if keep > 0 {
            if !order_type.has_price() {
                order.price = Ticks(0);
            }
            if !order_type.is_stop() {
                order.stop = Ticks(0);
            }
            if time_in_force != TimeInForce::Gtd {
                order.expire = Nanos(0);
            }
        }
        order
    })
}

/// Applies it to both venues; the reason, if it was refused.
fn answer(venue: &mut Venue, order: NewOrder) -> Reject {
    let before = venue.engine.orders_hash();
    let events = venue.apply_at(NOW, Owned::New(order));
    let first = events[0];
    if first.reject == Reject::None {
        assert_eq!(first.kind, Kind::Accepted);
    } else {
        assert_eq!((first.kind, events.len()), (Kind::Rejected, 1));
        assert_eq!(venue.engine.orders_hash(), before, "{order:?}");
        assert_eq!((first.price, first.quantity, first.flags), (order.price, order.quantity, order.flags));
        assert_eq!((first.stop, first.display, first.expire), (order.stop, order.display, order.expire));
    }
    first.reject
}

#[test]
fn new_orders_are_refused_for_the_first_thing_that_is_wrong_and_change_nothing() {
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::<Reject, u32>::new());
    let config = ProptestConfig { cases: 40_000, failure_persistence: None, ..Default::default() };
    let flow = (an_order(), select(TradingState::ALL));
    // Refusals change nothing, so that one venue serves until an order is accepted.
    let venues: std::cell::RefCell<Vec<Option<Venue>>> =
        std::cell::RefCell::new(TradingState::ALL.iter().map(|_| None).collect());
    // Always the same cases: every reason must be among them.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&flow, |(order, state)| {
        let mut venues = venues.borrow_mut();
        let slot = &mut venues[state as usize];
        let reject = answer(slot.get_or_insert_with(|| venue(state)), order);
        if reject == Reject::None {
            *slot = None;
        }
        *seen.borrow_mut().entry(reject).or_default() += 1;
        let expected = reasons(&order, state).first().copied().unwrap_or(Reject::None);
        prop_assert_eq!(reject, expected);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    for reject in [
        Reject::None,
        Reject::UnknownInstrument,
        Reject::Halted,
        Reject::Closed,
        Reject::WrongState,
        Reject::UnsupportedOrder,
        Reject::PriceOffTick,
        Reject::PriceOutOfRange,
        Reject::PriceNotPositive,
        Reject::BadStop,
        Reject::QuantityOffLot,
        Reject::QuantityNotPositive,
        Reject::QuantityOutOfRange,
        Reject::QuantityTooSmall,
        Reject::QuantityTooLarge,
        Reject::BadDisplay,
        Reject::BadMinimum,
        Reject::NotionalTooSmall,
        Reject::PriceOutsideBand,
        Reject::BadExpireTime,
        Reject::BadClOrdId,
        Reject::DuplicateClOrdId,
        Reject::NotEntitled,
        Reject::Killed,
        Reject::TooManyOpenOrders,
        Reject::PostOnlyWouldTake,
    ] {
        assert!(seen.borrow().contains_key(&reject), "{reject:?} was never seen: {:?}", seen.borrow());
    }
}

/// Each type, time in force, side, value of the flags, and each field there or not: 286,720 orders, of which the table
/// of combinations has some.
#[test]
fn every_combination_that_the_table_does_not_have_is_unsupported() {
    let mut venue = venue(Continuous);
    let (mut offered, mut asked) = (0, 0);
    for (&order_type, &time_in_force) in
        OrderType::ALL.iter().flat_map(|of| TimeInForce::ALL.iter().map(move |time| (of, time)))
    {
        for (&side, flags) in Side::ALL.iter().flat_map(|side| (0..=u8::MAX).map(move |flags| (side, flags)))
        {
            for fields in 0..16 {
                let has = |bit: u32, value: u64| if fields >> bit & 1 == 0 { 0 } else { value };
                let mut order =
                    NewOrder { order_type, time_in_force, flags, ..limit(0, "used", side, 1_000, 0) };
                order.price = Ticks(has(0, 100).cast_signed());
                order.stop = Ticks(has(1, 100).cast_signed());
                (order.display, order.expire) = (Lots(has(2, 1_000)), Nanos(has(3, u64::MAX)));
                asked += 1;
                let reasons = reasons(&order, Continuous);
                assert!(reasons.contains(&Reject::DuplicateClOrdId), "so that none is accepted");
                assert_eq!(answer(&mut venue, order), reasons[0]);
                offered += u32::from(is_offered(&order));
            }
        }
    }
    assert_eq!(asked, 5 * 7 * 2 * 256 * 16);
    assert!(offered > 100);
}

#[test]
fn replaces_are_refused_for_the_first_thing_that_is_wrong_and_change_nothing() {
    let config = ProptestConfig { cases: 20_000, failure_persistence: None, ..Default::default() };
    let order = prop_oneof![8 => Just(by_name("used")), 1 => Just(by_name("bid")), 1 => (0..9u64).prop_map(by_id), 1 => Just(by_id(u64::MAX))];
    let request = (
        order,
        (0..3u32, select(vec![0u32, 0, 0, 1, 2, u32::MAX]), select(Side::ALL)),
        prop_oneof![6 => Just(name("new")), 1 => Just(name("used")), 1 => Just(ClOrdId::NONE)],
        (
            a_price(vec![100, 110, 120]),
            a_quantity(vec![2, 4, 10]),
            prop_oneof![2 => Just(Lots(0)), 1 => a_quantity(vec![1, 2, 4])],
        ),
    );
    let venue_of = std::cell::RefCell::new(Option::<Venue>::None);
    // Always the same cases: every reason must be among them.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&request, |(order, (session, instrument, side), cl_ord_id, numbers)| {
        let mut venue_of = venue_of.borrow_mut();
        let venue = venue_of.get_or_insert_with(|| venue(Continuous));
        let (price, quantity, display) = numbers;
        let mut head = head(Asks::Replace, session);
        head = head.with_instrument(InstrumentId(instrument));
        let display = Display::new(display);
        let replace = Replace { head, cl_ord_id, order, price, quantity, side, display };
        let before = venue.engine.orders_hash();
        let events = venue.apply_at(NOW, Owned::Replace(replace));
        let part = display.lots().0;
        let is_used = order == by_name("used") || order == by_id(1);
        let checks = [
            (session == 2, Reject::NotEntitled),
            (session == 1 && !(order == by_name("bid") || order == by_id(2)), Reject::UnknownOrder),
            (session == 0 && !is_used, Reject::UnknownOrder),
            (instrument != 0 || (session == 0) != (side == Sell), Reject::OrderMismatch),
            (price == Ticks::OFF_TICK, Reject::PriceOffTick),
            (price == Ticks::OUT_OF_RANGE || price.0 > TICKS_MAX, Reject::PriceOutOfRange),
            (price.0 <= 0, Reject::PriceNotPositive),
            (quantity == Lots::OFF_LOT, Reject::QuantityOffLot),
            (quantity.0 == 0, Reject::QuantityNotPositive),
            (quantity.0 > LOTS_MAX, Reject::QuantityOutOfRange),
            (quantity.0 < 2, Reject::QuantityTooSmall),
            (quantity.0 > 2_000, Reject::QuantityTooLarge),
            (part > quantity.0 || (part > 0 && quantity.0.div_ceil(part) > 1_024), Reject::BadDisplay),
            (u128::from(quantity.0) * u128::from(price.0.unsigned_abs()) < 200, Reject::NotionalTooSmall),
            (!(50..=150).contains(&price.0), Reject::PriceOutsideBand),
            (cl_ord_id.is_none(), Reject::BadClOrdId),
            (session == 0 && cl_ord_id == name("used"), Reject::DuplicateClOrdId),
            // One place is free besides the order's own.
            (part > 0 && quantity.0.div_ceil(part) > 2, Reject::TooManyOpenOrders),
        ];
        let expected = checks.iter().find(|(is_wrong, _)| *is_wrong).map_or(Reject::None, |check| check.1);
        prop_assert_eq!(events[0].reject, expected);
        if expected == Reject::None {
            *venue_of = None;
        } else {
            prop_assert_eq!((events[0].kind, events.len()), (Kind::ReplaceRejected, 1));
            prop_assert_eq!(venue.engine.orders_hash(), before);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
