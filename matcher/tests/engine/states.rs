//! Trading states and auctions, rule by rule: docs/matching.md, "Trading states".

use wire::{
    command::{Display, Kind as Asks, NewOrder, SetState},
    event::{Cause, Event, Kind, Liquidity},
    reject::Reject,
    types::{
        InstrumentId, Lots, OrderType,
        Side::{self, *},
        Ticks, TimeInForce,
        TradingState::{self, *},
    },
};

use crate::common::*;

fn set(venue: &mut Venue, state: TradingState) -> Vec<Event> {
    let head = head(Asks::SetState, 0);
    venue.apply(Owned::SetState(SetState { head, state, reserved: [0; 7] }))
}

fn venue(state: TradingState) -> Venue {
    let mut venue = Venue::new(config());
    assert_eq!(set(&mut venue, state)[0].state, state);
    venue
}

fn order(text: &str, side: Side, quantity: u64, price: i64, time_in_force: TimeInForce) -> NewOrder {
    NewOrder { time_in_force, ..limit(u32::from(side == Sell), text, side, quantity, price) }
}

fn market(text: &str, side: Side, quantity: u64, time_in_force: TimeInForce) -> NewOrder {
    NewOrder {
        order_type: OrderType::Market,
        price: Ticks(0),
        ..order(text, side, quantity, 1, time_in_force)
    }
}

/// OrderID, price and quantity of every fill.
fn fills(events: &[Event]) -> Vec<(u64, i64, u64)> {
    let fills = events.iter().filter(|e| e.kind == Kind::Fill);
    fills.map(|e| (e.order_id.0, e.last_price.0, e.last_quantity.0)).collect()
}

#[test]
fn before_the_opening_orders_rest_crossed_and_opening_uncrosses_at_one_price() {
    let mut venue = venue(PreOpen);
    venue.limit(0, "b1", Buy, 5, 105);
    venue.limit(0, "b2", Buy, 5, 103);
    assert_eq!(venue.limit(1, "s1", Sell, 4, 101).len(), 1);
    venue.limit(1, "s2", Sell, 4, 104);
    let events = set(&mut venue, OpeningAuction);
    assert_eq!(
        (events[1].kind, events[1].last_price, events[1].last_quantity),
        (Kind::Indicative, Ticks(104), Lots(5))
    );
    let events = set(&mut venue, Continuous);
    assert_eq!(fills(&events), [(1, 104, 4), (3, 104, 4), (1, 104, 1), (4, 104, 1)]);
    assert!(events.iter().filter(|e| e.kind == Kind::Fill).all(|e| e.liquidity == Liquidity::Auction));
    assert_eq!(events.last().unwrap().kind, Kind::State);
    assert_eq!(venue.engine.reference(InstrumentId(0)), Some(Ticks(104)));
    assert_eq!(venue.engine.best(InstrumentId(0), Buy), Some((Ticks(103), Lots(5))));
    assert_eq!(venue.engine.best(InstrumentId(0), Sell), Some((Ticks(104), Lots(3))));
}

#[test]
fn market_orders_trade_first_and_orders_for_an_auction_end_with_it() {
    let mut venue = venue(OpeningAuction);
    venue.limit(0, "plain", Buy, 5, 110);
    venue.apply(Owned::New(market("market", Buy, 3, TimeInForce::AtTheOpening)));
    venue.apply(Owned::New(order("limit", Buy, 3, 101, TimeInForce::AtTheOpening)));
    venue.apply(Owned::New(order("low", Buy, 3, 99, TimeInForce::AtTheOpening)));
    venue.limit(1, "s", Sell, 10, 100);
    let events = set(&mut venue, Continuous);
    let buys: Vec<_> = fills(&events).into_iter().filter(|fill| fill.0 != 5).collect();
    assert_eq!(buys, [(2, 101, 3), (1, 101, 5), (3, 101, 2)]);
    let ends: Vec<_> = events.iter().filter(|e| e.kind == Kind::Canceled).collect();
    assert_eq!(
        ends.iter().map(|e| (e.order_id.0, e.cause)).collect::<Vec<_>>(),
        [(3, Cause::Expired), (4, Cause::Expired)]
    );
}

/// At 106 the most trades, 20. Were the order for the closing auction served before the book's at 102, three lots
/// of that would be left over, below the buy at 105.
#[test]
fn an_order_for_an_auction_goes_before_the_books_at_its_own_limit_only() {
    let mut venue = venue(ClosingAuction);
    venue.limit(0, "b1", Buy, 20, 115);
    venue.limit(0, "b2", Buy, 14, 105);
    venue.limit(1, "s1", Sell, 19, 102);
    venue.limit(1, "s2", Sell, 21, 106);
    venue.apply(Owned::New(order("close", Sell, 4, 106, TimeInForce::AtTheClose)));
    let events = set(&mut venue, Continuous);
    let sells: Vec<_> = fills(&events).into_iter().filter(|fill| fill.0 != 1).collect();
    assert_eq!(sells, [(3, 106, 19), (5, 106, 1)]);
    assert_eq!(venue.engine.best(InstrumentId(0), Buy), Some((Ticks(105), Lots(14))));
    assert_eq!(venue.engine.best(InstrumentId(0), Sell), Some((Ticks(106), Lots(21))));
}

/// The band moves between the order's entry and its replace, which keeps its place: it stays where it stands and
/// is covered there.
#[test]
fn a_replaced_market_order_for_an_auction_keeps_the_limit_of_its_entry() {
    let mut config = config();
    config.instruments[0].band_basis_points = 1_000;
    let mut venue = Venue::new(config);
    venue.apply(Owned::New(market("close", Buy, 5, TimeInForce::AtTheClose)));
    for (i, price) in [95, 90].into_iter().enumerate() {
        venue.limit(0, &format!("b{i}"), Buy, 1, price);
        venue.limit(1, &format!("s{i}"), Sell, 1, price);
    }
    venue.apply(replace(0, "close2", by_name("close"), Buy, 7, 0));
    venue.limit(1, "far", Sell, 7, 99);
    set(&mut venue, ClosingAuction);
    let events = set(&mut venue, Closed);
    assert_eq!(fills(&events).first(), Some(&(1, 99, 7)), "99 is the band's edge now, 110 was");
}

#[test]
fn a_replace_gives_no_order_for_an_auction_a_display_quantity() {
    let mut venue = venue(OpeningAuction);
    venue.apply(Owned::New(order("o", Buy, 5, 100, TimeInForce::AtTheOpening)));
    let Owned::Replace(mut asks) = replace(0, "r", by_name("o"), Buy, 5, 100) else { unreachable!() };
    asks.display = Display::new(Lots(2));
    let events = venue.apply(Owned::Replace(asks));
    assert_eq!((only(&events).kind, only(&events).reject), (Kind::ReplaceRejected, Reject::UnsupportedOrder));
}

#[test]
fn closing_orders_wait_for_the_closing_auction() {
    let mut venue = venue(ClosingAuction);
    set(&mut venue, Continuous);
    venue.limit(0, "b", Buy, 2, 100);
    venue.apply(Owned::New(order("close", Sell, 5, 100, TimeInForce::AtTheClose)));
    assert_eq!(venue.engine.best(InstrumentId(0), Sell), None);
    assert_eq!(only(&venue.apply(cancel(1, "x", by_name("close")))).kind, Kind::Canceled);
    venue.apply(Owned::New(order("close2", Sell, 5, 100, TimeInForce::AtTheClose)));
    venue.apply(Owned::New(order("day", Sell, 5, 120, TimeInForce::Day)));
    venue.apply(Owned::New(order("gtc", Sell, 5, 130, TimeInForce::Gtc)));
    set(&mut venue, ClosingAuction);
    let events = set(&mut venue, Closed);
    assert_eq!(fills(&events), [(1, 100, 2), (3, 100, 2)]);
    let ends: Vec<_> = events.iter().filter(|e| e.kind == Kind::Canceled).map(|e| e.order_id.0).collect();
    assert_eq!(ends, [3, 4], "what was for the day");
    assert_eq!(venue.engine.open_orders(), 1);
}

#[test]
fn each_state_takes_its_own_orders() {
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Ioc};
    for (state, time_in_force, reject) in [
        (PreOpen, Ioc, Reject::WrongState),
        (PreOpen, AtTheOpening, Reject::None),
        (PreOpen, AtTheClose, Reject::WrongState),
        (OpeningAuction, AtTheOpening, Reject::None),
        (OpeningAuction, Ioc, Reject::WrongState),
        (VolatilityAuction, AtTheOpening, Reject::WrongState),
        (VolatilityAuction, AtTheClose, Reject::None),
        (ClosingAuction, AtTheClose, Reject::None),
        (ClosingAuction, Day, Reject::None),
        (Closed, Day, Reject::Closed),
        (Halted, Day, Reject::Halted),
    ] {
        let mut venue = venue(state);
        let before = venue.engine.orders_hash();
        let event = *only(&venue.apply(Owned::New(order("a", Buy, 1, 100, time_in_force))));
        assert_eq!(event.reject, reject, "{state:?} {time_in_force:?}");
        assert_eq!(venue.engine.orders_hash() == before, reject != Reject::None);
    }
    let mut venue = venue(PreOpen);
    assert_eq!(only(&venue.apply(Owned::New(market("m", Buy, 1, Day)))).reject, Reject::WrongState);
    set(&mut venue, Continuous);
    let opening = order("o", Buy, 1, 100, AtTheOpening);
    assert_eq!(only(&venue.apply(Owned::New(opening))).reject, Reject::WrongState);
}

#[test]
fn a_halt_takes_cancels_only_and_resuming_goes_on() {
    let mut venue = Venue::new(config());
    venue.limit(0, "a", Buy, 1, 100);
    venue.limit(0, "b", Buy, 1, 99);
    set(&mut venue, Halted);
    assert_eq!(only(&venue.apply(replace(0, "a2", by_name("a"), Buy, 1, 99))).reject, Reject::Halted);
    assert_eq!(only(&venue.apply(cancel(0, "x", by_name("a")))).kind, Kind::Canceled);
    set(&mut venue, Continuous);
    assert_eq!(trades(&venue.limit(1, "s", Sell, 1, 99)), [(2, 99, 1)]);
}

#[test]
fn stops_wait_for_continuous_trading_and_see_the_auctions_price() {
    let mut venue = venue(OpeningAuction);
    let stop = NewOrder {
        order_type: OrderType::Stop,
        stop: Ticks(104),
        price: Ticks(0),
        ..limit(0, "s", Buy, 1, 1)
    };
    venue.apply(Owned::New(stop));
    venue.limit(0, "b", Buy, 1, 105);
    venue.limit(1, "a", Sell, 2, 105);
    let events = set(&mut venue, Continuous);
    let kinds = kinds(&events);
    assert_eq!(kinds, [Kind::Fill, Kind::Fill, Kind::State, Kind::Triggered, Kind::Fill, Kind::Fill]);
}

#[test]
fn an_iceberg_trades_all_of_itself_in_an_auction() {
    let mut venue = venue(PreOpen);
    venue.apply(Owned::New(NewOrder { display: Lots(2), ..limit(0, "ice", Buy, 5, 101) }));
    venue.limit(1, "s", Sell, 4, 100);
    let events = set(&mut venue, Continuous);
    assert_eq!(fills(&events).iter().filter(|f| f.0 == 1).map(|f| f.2).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(venue.engine.best(InstrumentId(0), Buy), Some((Ticks(101), Lots(1))));
}

#[test]
fn a_change_of_state_that_makes_no_sense_is_not_done() {
    for (from, to) in
        [(Continuous, Continuous), (Closed, Continuous), (PreOpen, VolatilityAuction), (Halted, Halted)]
    {
        let mut venue = Venue::new(config());
        if from != Continuous {
            set(&mut venue, from);
        }
        let before = venue.engine.orders_hash();
        let events = set(&mut venue, to);
        assert_eq!((only(&events).kind, events[0].reject), (Kind::NotDone, Reject::BadTransition));
        assert_eq!(venue.engine.orders_hash(), before);
    }
    let mut head = head(Asks::SetState, 0);
    head = head.with_instrument(InstrumentId(9));
    let events =
        Venue::new(config()).apply(Owned::SetState(SetState { head, state: Closed, reserved: [0; 7] }));
    assert_eq!(only(&events).reject, Reject::UnknownInstrument);
}
