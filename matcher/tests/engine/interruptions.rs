//! The dynamic band, volatility auctions, indicative prices: docs/matching.md, "Dynamic band", "Indicative prices".

use wire::{
    command::{Kind as Asks, NewOrder, SetState},
    event::{Cause, Event, Kind},
    instrument::Instrument,
    limits::INDICATIVE_NS,
    types::{
        AccountId, InstrumentId, Lots, Nanos, OrderType, SelfTrade, SessionId,
        Side::{self, *},
        Ticks, TimeInForce,
        TradingState::{self, *},
    },
};

use crate::common::*;

const SECOND: u64 = 1_000_000_000;
/// How long the calls here last: commands come a second apart.
const CALL: u64 = 10 * SECOND;

/// Reference 100, band 50 to 150, dynamic band 90 to 110.
fn venue() -> Venue {
    let mut config = config();
    config.instruments[0] = Instrument {
        dynamic_band_basis_points: 1_000,
        volatility_call_ns: CALL,
        ..instrument(0, 100, 5_000)
    };
    Venue::new(config)
}

fn state(venue: &Venue) -> TradingState {
    venue.engine.state(InstrumentId(0)).unwrap()
}

fn set(venue: &mut Venue, state: TradingState) -> Vec<Event> {
    let head = head(Asks::SetState, 0);
    venue.apply(Owned::SetState(SetState { head, state, reserved: [0; 7] }))
}

fn due(venue: &mut Venue, time: Nanos) -> Vec<Event> {
    venue.apply_at(time, Owned::Due(notice(Asks::Due, 0)))
}

fn market(text: &str, side: Side, quantity: u64) -> NewOrder {
    let time_in_force = TimeInForce::Ioc;
    NewOrder {
        order_type: OrderType::Market,
        price: Ticks(0),
        time_in_force,
        ..limit(1, text, side, quantity, 1)
    }
}

/// Price and quantity of each indicative.
fn indicated(events: &[Event]) -> Vec<(i64, u64)> {
    let events = events.iter().filter(|e| e.kind == Kind::Indicative);
    events.map(|e| (e.last_price.0, e.last_quantity.0)).collect()
}

#[test]
fn a_limit_order_stops_before_the_first_trade_outside_and_rests_across_the_book() {
    let mut venue = venue();
    venue.limit(0, "in", Sell, 2, 110);
    venue.limit(0, "out", Sell, 2, 111);
    let events = venue.limit(1, "b", Buy, 5, 120);
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Fill, Kind::Fill, Kind::State, Kind::Indicative]);
    assert_eq!(trades(&events), [(1, 110, 2)]);
    let at = InstrumentId(0);
    assert_eq!(venue.engine.best(at, Buy), Some((Ticks(120), Lots(3))));
    assert_eq!(venue.engine.best(at, Sell), Some((Ticks(111), Lots(2))));
    let state = &events[3];
    assert_eq!(
        (state.state, state.session, state.account),
        (VolatilityAuction, SessionId(u32::MAX), AccountId(0))
    );
    assert_eq!(indicated(&events), [(120, 2)], "buys are left over: the highest price");
    assert_eq!(
        kinds(&venue.limit(1, "more", Buy, 1, 120)),
        [Kind::Accepted],
        "at the same price and quantity"
    );
}

#[test]
fn both_ends_of_the_dynamic_band_are_inside_it() {
    for (side, edge, beyond) in [(Buy, 110, 111), (Sell, 90, 89)] {
        let mut first = venue();
        first.limit(0, "m", side.opposite(), 1, edge);
        assert_eq!(trades(&first.limit(1, "t", side, 1, beyond)), [(1, edge, 1)]);
        assert_eq!(state(&first), Continuous);
        let mut second = venue();
        second.limit(0, "m", side.opposite(), 1, beyond);
        assert_eq!(trades(&second.limit(1, "t", side, 1, beyond)), []);
        assert_eq!(state(&second), VolatilityAuction);
    }
}

/// Nobody was there to buy it, and then the reference moved away.
#[test]
fn an_offer_left_below_the_band_interrupts_whoever_would_take_it() {
    let mut venue = venue();
    venue.limit(0, "low", Sell, 5, 85);
    let events =
        venue.apply(Owned::New(NewOrder { time_in_force: TimeInForce::Fok, ..limit(1, "fok", Buy, 5, 100) }));
    assert_eq!(events[1].cause, Cause::NotFillable);
    let events = venue.apply(Owned::New(market("m", Buy, 5)));
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled, Kind::State, Kind::Indicative]);
    assert_eq!((events[1].cause, state(&venue)), (Cause::Interrupted, VolatilityAuction));
}

#[test]
fn the_band_is_the_one_that_the_order_found_when_its_matching_began() {
    let mut venue = venue();
    venue.limit(0, "a", Sell, 1, 109);
    venue.limit(0, "b", Sell, 1, 115);
    let events = venue.limit(1, "b", Buy, 2, 115);
    assert_eq!(trades(&events), [(1, 109, 1)], "115 is inside 109 ± 10 %, but not inside 100 ± 10 %");
    assert_eq!(state(&venue), VolatilityAuction);
}

#[test]
fn the_rest_of_an_ioc_or_market_order_is_cancelled_as_interrupted() {
    let ioc = NewOrder { time_in_force: TimeInForce::Ioc, ..limit(1, "t", Buy, 3, 130) };
    for order in [ioc, market("t", Buy, 3)] {
        let mut venue = venue();
        venue.limit(0, "in", Sell, 1, 105);
        venue.limit(0, "out", Sell, 1, 125);
        let events = venue.apply(Owned::New(order));
        let kinds = kinds(&events);
        assert_eq!(kinds[1..], [Kind::Fill, Kind::Fill, Kind::Canceled, Kind::State, Kind::Indicative]);
        assert_eq!((events[3].cause, events[3].cum), (Cause::Interrupted, Lots(1)));
    }
    let mut venue = venue();
    venue.limit(0, "in", Sell, 1, 105);
    assert_eq!(venue.apply(Owned::New(market("t", Buy, 3))).last().unwrap().cause, Cause::Unfilled);
    assert_eq!(state(&venue), Continuous, "nothing stood outside");
}

#[test]
fn fok_and_minimum_count_what_is_inside_and_interrupt_nothing() {
    let mut venue = venue();
    venue.limit(0, "in", Sell, 2, 105);
    venue.limit(0, "out", Sell, 2, 115);
    let fok = NewOrder { time_in_force: TimeInForce::Fok, ..limit(1, "f", Buy, 3, 120) };
    assert_eq!(venue.apply(Owned::New(fok))[1].cause, Cause::NotFillable);
    let least = NewOrder {
        time_in_force: TimeInForce::Ioc,
        flags: NewOrder::MINIMUM,
        display: Lots(3),
        ..limit(1, "m", Buy, 4, 120)
    };
    assert_eq!(venue.apply(Owned::New(least))[1].cause, Cause::BelowMinimum);
    assert_eq!(state(&venue), Continuous);
    let fok = NewOrder { cl_ord_id: name("f2"), quantity: Lots(2), ..fok };
    assert_eq!(trades(&venue.apply(Owned::New(fok))), [(1, 105, 2)]);
    assert_eq!(state(&venue), Continuous);
}

#[test]
fn self_trade_prevention_does_not_look_at_prices_outside() {
    let mut venue = venue();
    venue.limit(1, "own", Sell, 1, 115);
    let flags = NewOrder::self_trade_flags(SelfTrade::CancelOldest);
    let events = venue.apply(Owned::New(NewOrder { flags, ..limit(1, "t", Buy, 1, 120) }));
    assert_eq!(kinds(&events), [Kind::Accepted, Kind::State, Kind::Indicative]);
    assert_eq!(venue.engine.open_orders(), 2);
}

#[test]
fn a_replaced_order_interrupts_as_a_new_one() {
    let mut venue = venue();
    venue.limit(0, "out", Sell, 1, 115);
    venue.limit(1, "b", Buy, 1, 100);
    let events = venue.apply(replace(1, "b2", by_name("b"), Buy, 1, 115));
    assert_eq!(kinds(&events), [Kind::Replaced, Kind::State, Kind::Indicative]);
}

#[test]
fn an_interruption_ends_the_triggering_of_stops_until_trading_resumes() {
    let mut venue = venue();
    let stop = |text, at| NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(at),
        price: Ticks(0),
        ..limit(0, text, Buy, 1, 1)
    };
    venue.apply(Owned::New(stop("first", 104)));
    venue.apply(Owned::New(stop("second", 105)));
    venue.limit(0, "near", Sell, 1, 105);
    venue.limit(0, "far", Sell, 2, 130);
    let events = venue.limit(1, "t", Buy, 1, 105);
    assert_eq!(
        kinds(&events)[3..],
        [Kind::Triggered, Kind::Canceled, Kind::State, Kind::Indicative],
        "only the first one"
    );
    assert_eq!(events[4].cause, Cause::Interrupted);
    // 105 ± 10 % does not reach 130 either.
    let end = venue.engine.next_due().unwrap();
    let events = due(&mut venue, end);
    assert_eq!(kinds(&events), [Kind::State, Kind::Triggered, Kind::Canceled, Kind::State, Kind::Indicative]);
    assert_eq!(venue.engine.next_due(), Some(end.after(CALL)), "a call of its own");
}

#[test]
fn a_call_ends_at_its_time_with_an_uncross() {
    let mut venue = venue();
    venue.limit(0, "out", Sell, 2, 115);
    venue.limit(1, "b", Buy, 2, 120);
    let end = Nanos(venue.seq * SECOND + CALL);
    assert_eq!(venue.engine.next_due(), Some(end));
    assert_eq!(due(&mut venue, Nanos(end.0 - 1)), []);
    let events = due(&mut venue, end);
    assert_eq!(kinds(&events), [Kind::Fill, Kind::Fill, Kind::State]);
    assert_eq!((events[0].last_price, events[2].state), (Ticks(115), Continuous));
    assert_eq!(events[2].session, SessionId(u32::MAX));
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(115)));
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn a_change_of_state_by_hand_ends_the_waiting_and_what_is_begun_by_hand_has_no_end() {
    let mut venue = venue();
    venue.limit(0, "out", Sell, 2, 115);
    venue.limit(1, "b", Buy, 2, 120);
    set(&mut venue, Halted);
    assert_eq!(venue.engine.next_due(), None);
    set(&mut venue, VolatilityAuction);
    assert_eq!(venue.engine.next_due(), None);
    assert_eq!(kinds(&set(&mut venue, Continuous)), [Kind::Fill, Kind::Fill, Kind::State]);
}

#[test]
fn a_changed_book_is_indicated_at_once_if_the_last_look_is_long_enough_ago() {
    let mut venue = venue();
    assert_eq!(indicated(&set(&mut venue, OpeningAuction)), [(100, 0)], "always on entering");
    assert_eq!(indicated(&venue.limit(0, "b", Buy, 3, 104)), [], "nothing crosses yet");
    assert_eq!(indicated(&venue.limit(1, "s", Sell, 2, 102)), [(104, 2)]);
    assert_eq!(indicated(&venue.limit(1, "deep", Sell, 2, 140)), [], "the same price and quantity");
    assert_eq!(indicated(&venue.apply(cancel(1, "x", by_name("s")))), [(100, 0)]);
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn within_the_time_of_a_look_a_change_is_told_when_it_is_over_and_only_if_it_is_one() {
    let mut venue = venue();
    let start = venue.seq * SECOND;
    set(&mut venue, OpeningAuction);
    let entered = start + SECOND;
    let next = Nanos(entered + INDICATIVE_NS);
    let order = |text, side, price| Owned::New(limit(u32::from(side == Sell), text, side, 2, price));
    assert_eq!(kinds(&venue.apply_at(Nanos(entered + 1), order("b", Buy, 104))), [Kind::Accepted]);
    assert_eq!(kinds(&venue.apply_at(Nanos(entered + 2), order("s", Sell, 102))), [Kind::Accepted]);
    assert_eq!(venue.engine.next_due(), Some(next));
    assert_eq!(due(&mut venue, Nanos(next.0 - 1)), []);
    assert_eq!(indicated(&due(&mut venue, next)), [(102, 2)]);
    assert_eq!(venue.engine.next_due(), None);
    // There and back again: looked at, and nothing to tell.
    let later = Nanos(next.0 + 1);
    venue.apply_at(later, order("b2", Buy, 104));
    venue.apply_at(later, cancel(0, "x", by_name("b2")));
    assert_eq!(venue.engine.next_due(), Some(next.after(INDICATIVE_NS)));
    assert_eq!(due(&mut venue, next.after(INDICATIVE_NS)), []);
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn the_end_of_a_phase_forgets_what_was_to_be_told() {
    let mut venue = venue();
    let entered = Nanos(SECOND);
    venue.apply_at(entered, {
        let head = head(Asks::SetState, 0);
        Owned::SetState(SetState { head, state: OpeningAuction, reserved: [0; 7] })
    });
    venue.apply_at(entered, Owned::New(limit(0, "b", Buy, 1, 100)));
    assert!(venue.engine.next_due().is_some());
    set(&mut venue, Halted);
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn what_waits_off_the_book_and_refusals_change_no_indicative_price() {
    let mut venue = venue();
    set(&mut venue, OpeningAuction);
    let stop = NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(104),
        price: Ticks(0),
        ..limit(0, "s", Buy, 1, 1)
    };
    let entered = Nanos(venue.seq * SECOND);
    venue.apply_at(entered, Owned::New(stop));
    venue.apply_at(entered, Owned::New(limit(0, "off", Buy, 1, -1)));
    venue.apply_at(entered, cancel(0, "x", by_name("s")));
    assert_eq!(venue.engine.next_due(), None);
}

#[test]
fn a_due_expires_orders_then_ends_calls_then_tells_prices_by_instrument() {
    let mut config = config();
    let terms = |id| Instrument {
        dynamic_band_basis_points: 1_000,
        volatility_call_ns: 2 * SECOND,
        ..instrument(id, 100, 5_000)
    };
    config.instruments = (0..3).map(terms).collect();
    let mut venue = Venue::new(config);
    let of = |instrument, mut order: NewOrder| {
        order.head = order.head.with_instrument(InstrumentId(instrument));
        Owned::New(order)
    };
    let time = Nanos(SECOND);
    // Instrument 2 is interrupted, 0 and 1 are in their openings with a change to be told; in 0 an order expires.
    venue.apply_at(time, of(2, limit(0, "out", Sell, 1, 115)));
    venue.apply_at(time, of(2, limit(1, "in", Buy, 1, 115)));
    for instrument in [0, 1] {
        let mut head = head(Asks::SetState, 0);
        head = head.with_instrument(InstrumentId(instrument));
        venue.apply_at(time, Owned::SetState(SetState { head, state: OpeningAuction, reserved: [0; 7] }));
        venue.apply_at(time, of(instrument, limit(0, &format!("b{instrument}"), Buy, 1, 101)));
        venue.apply_at(time, of(instrument, limit(1, &format!("s{instrument}"), Sell, 1, 101)));
    }
    let gtd =
        NewOrder { time_in_force: TimeInForce::Gtd, expire: Nanos(2 * SECOND), ..limit(0, "g", Buy, 1, 99) };
    venue.apply_at(time, of(0, gtd));
    assert_eq!(venue.engine.next_due(), Some(time.after(INDICATIVE_NS)));
    let events = due(&mut venue, time.after(2 * SECOND));
    let seen: Vec<_> = events.iter().map(|e| (e.kind, e.instrument.0)).collect();
    assert_eq!(
        seen,
        [
            (Kind::Canceled, 0),
            (Kind::Fill, 2),
            (Kind::Fill, 2),
            (Kind::State, 2),
            (Kind::Indicative, 0),
            (Kind::Indicative, 1)
        ]
    );
    assert_eq!(venue.engine.next_due(), None);
}
