//! Attributes of orders, rule by rule: docs/matching.md, "Attributes".

use wire::{
    command::{Display, Kind as Asks, NewOrder, Replace},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        InstrumentId, Lots, Nanos, OrderStatus, OrderType, SelfTrade,
        Side::{self, *},
        Ticks, TimeInForce,
    },
};

use crate::common::*;

fn iceberg(session: u32, text: &str, side: Side, quantity: u64, price: i64, display: u64) -> Owned {
    Owned::New(NewOrder { display: Lots(display), ..limit(session, text, side, quantity, price) })
}

fn shown(venue: &Venue, side: Side) -> Vec<(i64, u128)> {
    venue.engine.depth(InstrumentId(0), side).map(|(price, quantity)| (price.0, quantity)).collect()
}

fn refused(order: NewOrder, reject: Reject) {
    let mut venue = Venue::new(config());
    let before = venue.engine.orders_hash();
    assert_eq!(only(&venue.apply(Owned::New(order))).reject, reject, "{order:?}");
    assert_eq!(venue.engine.orders_hash(), before);
}

mod icebergs {
    use super::*;

    #[test]
    fn only_the_slice_shows_and_the_next_one_goes_to_the_back() {
        let mut venue = Venue::new(config());
        let events = venue.apply(iceberg(0, "ice", Sell, 10, 100, 3));
        assert_eq!((only(&events).leaves, events[0].display), (Lots(10), Lots(3)));
        venue.limit(0, "plain", Sell, 2, 100);
        assert_eq!(shown(&venue, Sell), [(100, 5)]);
        let events = venue.limit(1, "t", Buy, 6, 100);
        assert_eq!(trades(&events), [(1, 100, 3), (2, 100, 2), (1, 100, 1)]);
        assert_eq!(shown(&venue, Sell), [(100, 2)]);
        let events = venue.apply(status(0, by_id(1)));
        assert_eq!((only(&events).leaves, events[0].cum), (Lots(6), Lots(4)));
    }

    #[test]
    fn an_ended_order_is_told_without_its_attributes() {
        let mut venue = Venue::new(config());
        let gtd = NewOrder {
            time_in_force: TimeInForce::Gtd,
            expire: Nanos(1_000_000_000_000),
            display: Lots(2),
            ..limit(0, "a", Sell, 3, 100)
        };
        venue.apply(Owned::New(gtd));
        let events = venue.limit(1, "b", Buy, 3, 100);
        let makers: Vec<_> = events.iter().filter(|e| e.session.0 == 0).collect();
        assert_eq!((makers[0].display, makers[0].expire), (Lots(2), gtd.expire), "it is open still");
        assert_eq!((makers[1].display, makers[1].expire), (Lots(0), Nanos(0)));
    }

    #[test]
    fn hidden_quantity_trades_before_the_next_price_and_the_last_slice_is_the_rest() {
        let mut venue = Venue::new(config());
        venue.apply(iceberg(0, "ice", Sell, 7, 100, 3));
        venue.limit(0, "worse", Sell, 5, 101);
        let events = venue.limit(1, "t", Buy, 8, 101);
        assert_eq!(trades(&events), [(1, 100, 3), (1, 100, 3), (1, 100, 1), (2, 101, 1)]);
        assert_eq!(venue.engine.open_orders(), 1);
    }

    #[test]
    fn an_iceberg_takes_with_all_of_it_and_rests_with_a_slice() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 4, 100);
        venue.apply(iceberg(1, "ice", Buy, 10, 100, 2));
        assert_eq!(shown(&venue, Buy), [(100, 2)]);
        let events = venue.apply(cancel(1, "x", by_name("ice")));
        assert_eq!((only(&events).cum, events[0].quantity), (Lots(4), Lots(10)));
        assert_eq!(only(&venue.apply(status(1, by_name("ice")))).cum, Lots(4));
    }

    #[test]
    fn hidden_quantity_counts_for_fill_or_kill() {
        let mut venue = Venue::new(config());
        venue.apply(iceberg(0, "ice", Sell, 10, 100, 1));
        let fok = |text, quantity| {
            Owned::New(NewOrder { time_in_force: TimeInForce::Fok, ..limit(1, text, Buy, quantity, 100) })
        };
        assert_eq!(venue.apply(fok("t", 11))[1].cause, Cause::NotFillable);
        assert_eq!(venue.apply(fok("u", 10)).last().unwrap().status, OrderStatus::Filled);
    }

    #[test]
    fn a_replace_keeps_the_place_only_if_price_and_display_stay() {
        let mut venue = Venue::new(config());
        venue.apply(iceberg(0, "ice", Sell, 10, 100, 3));
        venue.limit(0, "b", Sell, 3, 100);
        let change = |text, from, quantity, display| {
            let Owned::Replace(r) = replace(0, text, by_name(from), Sell, quantity, 100) else {
                unreachable!()
            };
            Owned::Replace(Replace { display: Display::new(Lots(display)), ..r })
        };
        venue.apply(change("i2", "ice", 3, 3));
        assert_eq!(shown(&venue, Sell), [(100, 6)]);
        assert_eq!(trades(&venue.limit(1, "t", Buy, 1, 100)), [(1, 100, 1)]);
        venue.apply(change("i3", "i2", 3, 1));
        assert_eq!(
            trades(&venue.limit(1, "u", Buy, 1, 100)),
            [(2, 100, 1)],
            "another display is a new place"
        );
        venue.apply(change("b2", "b", 3, 1));
        assert_eq!(shown(&venue, Sell), [(100, 2)], "a plain order may become an iceberg");
    }

    #[test]
    fn a_display_quantity_that_makes_no_sense_is_refused() {
        let order = limit(0, "a", Buy, 5, 100);
        for display in [Lots(6), Lots::OFF_LOT, Lots::OUT_OF_RANGE] {
            refused(NewOrder { display, ..order }, Reject::BadDisplay);
        }
        refused(
            NewOrder { display: Lots(2), time_in_force: TimeInForce::Ioc, ..order },
            Reject::UnsupportedOrder,
        );
        assert_eq!(Display::new(Lots::OFF_LOT).lots(), Lots::OFF_LOT);
        assert_eq!(Display::new(Lots(wire::limits::LOTS_MAX)).lots(), Lots::OUT_OF_RANGE);
    }
}

mod minimum_quantity {
    use super::*;

    fn order(text: &str, quantity: u64, minimum: u64) -> NewOrder {
        NewOrder {
            time_in_force: TimeInForce::Ioc,
            flags: NewOrder::MINIMUM,
            display: Lots(minimum),
            ..limit(1, text, Buy, quantity, 100)
        }
    }

    #[test]
    fn less_than_the_minimum_is_no_trade_at_all() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 4, 100);
        let events = venue.apply(Owned::New(order("t", 10, 5)));
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled]);
        assert_eq!(events[1].cause, Cause::BelowMinimum);
        let events = venue.apply(Owned::New(order("u", 10, 4)));
        assert_eq!(trades(&events), [(1, 100, 4)]);
        assert_eq!(events.last().unwrap().cause, Cause::Unfilled);
    }

    #[test]
    fn it_is_for_ioc_orders_and_at_most_their_quantity() {
        refused(order("t", 4, 5), Reject::BadMinimum);
        refused(NewOrder { time_in_force: TimeInForce::Day, ..order("t", 4, 2) }, Reject::UnsupportedOrder);
        refused(NewOrder { time_in_force: TimeInForce::Fok, ..order("t", 4, 2) }, Reject::UnsupportedOrder);
    }
}

mod good_till_date {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn order(text: &str, at: u64) -> NewOrder {
        let expire = Nanos(at * SECOND);
        NewOrder { time_in_force: TimeInForce::Gtd, expire, ..limit(0, text, Buy, 1, 100) }
    }

    fn expire(venue: &mut Venue) -> Vec<Event> {
        venue.apply(Owned::Due(notice(Asks::Due, 0)))
    }

    #[test]
    fn orders_expire_at_their_time_the_earliest_first_then_by_order_id() {
        let mut venue = Venue::new(config());
        for (text, at) in [("a", 9), ("b", 8), ("c", 8), ("d", 100), ("e", 7)] {
            assert_eq!(only(&venue.apply(Owned::New(order(text, at)))).expire, Nanos(at * SECOND));
        }
        venue.apply(cancel(0, "x", by_name("e")));
        assert_eq!(venue.engine.next_due(), Some(Nanos(8 * SECOND)));
        venue.seq = 8;
        let events = expire(&mut venue);
        let ids: Vec<_> = events.iter().map(|event| (event.order_id.0, event.cause)).collect();
        assert_eq!(ids, [(2, Cause::Expired), (3, Cause::Expired), (1, Cause::Expired)]);
        assert_eq!(venue.engine.next_due(), Some(Nanos(100 * SECOND)));
        assert_eq!(expire(&mut venue), []);
    }

    #[test]
    fn the_time_must_be_to_come_and_belongs_to_gtd_alone() {
        let past = NewOrder { expire: Nanos(SECOND), ..order("a", 1) };
        refused(past, Reject::BadExpireTime);
        refused(NewOrder { expire: Nanos(0), ..past }, Reject::BadExpireTime);
        refused(
            NewOrder { time_in_force: TimeInForce::Gtc, expire: Nanos(9 * SECOND), ..past },
            Reject::UnsupportedOrder,
        );
    }
}

mod self_trade_prevention {
    use super::*;

    /// Of the account that all orders here but those of session 0 are for.
    fn own(text: &str, side: Side, quantity: u64, price: i64, mode: SelfTrade) -> NewOrder {
        NewOrder { flags: NewOrder::self_trade_flags(mode), ..limit(1, text, side, quantity, price) }
    }

    fn venue() -> Venue {
        let mut venue = Venue::new(config());
        venue.limit(0, "other", Sell, 2, 100);
        venue.limit(1, "own", Sell, 3, 100);
        venue.limit(0, "behind", Sell, 5, 101);
        venue
    }

    #[test]
    fn cancel_newest_ends_the_incoming_order_where_it_meets_its_own() {
        let mut venue = venue();
        let events = venue.apply(Owned::New(own("t", Buy, 10, 101, SelfTrade::CancelNewest)));
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Fill, Kind::Fill, Kind::Canceled]);
        let end = events.last().unwrap();
        assert_eq!((end.cause, end.cum, end.order_id.0), (Cause::SelfTrade, Lots(2), 4));
        assert_eq!(shown(&venue, Sell), [(100, 3), (101, 5)]);
        assert_eq!(shown(&venue, Buy), []);
    }

    #[test]
    fn cancel_oldest_ends_the_resting_order_and_goes_on() {
        let mut venue = venue();
        let events = venue.apply(Owned::New(own("t", Buy, 10, 101, SelfTrade::CancelOldest)));
        assert_eq!(trades(&events), [(1, 100, 2), (3, 101, 5)]);
        assert_eq!((events[3].order_id.0, events[3].cause), (2, Cause::SelfTrade));
        assert_eq!(shown(&venue, Buy), [(101, 3)]);
    }

    #[test]
    fn cancel_both_ends_both() {
        let mut venue = venue();
        let events = venue.apply(Owned::New(own("t", Buy, 10, 101, SelfTrade::CancelBoth)));
        assert_eq!(trades(&events), [(1, 100, 2)]);
        let ends: Vec<_> = events[3..].iter().map(|e| (e.kind, e.order_id.0, e.cause)).collect();
        assert_eq!(ends, [(Kind::Canceled, 2, Cause::SelfTrade), (Kind::Canceled, 4, Cause::SelfTrade)]);
    }

    #[test]
    fn decrement_takes_the_smaller_from_both_without_a_trade() {
        let mut venue = venue();
        let events = venue.apply(Owned::New(own("t", Buy, 10, 101, SelfTrade::Decrement)));
        assert_eq!(trades(&events), [(1, 100, 2), (3, 101, 5)]);
        assert_eq!((events[3].kind, events[3].order_id.0, events[3].quantity), (Kind::Canceled, 2, Lots(3)));
        assert_eq!((events[4].kind, events[4].quantity, events[4].leaves), (Kind::Reduced, Lots(7), Lots(5)));
        assert_eq!(shown(&venue, Buy), [], "ten less three is filled");

        let mut venue = Venue::new(config());
        venue.apply(iceberg(1, "own", Sell, 9, 100, 3));
        let events = venue.apply(Owned::New(own("t", Buy, 7, 100, SelfTrade::Decrement)));
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Reduced, Kind::Canceled]);
        assert_eq!((events[1].quantity, events[1].leaves), (Lots(2), Lots(2)));
        assert_eq!((events[2].quantity, events[2].leaves), (Lots(7), Lots(0)));
        assert_eq!(shown(&venue, Sell), [(100, 2)]);
    }

    #[test]
    fn the_sessions_mode_is_that_of_orders_which_name_none() {
        let mut config = config();
        config.sessions[1].self_trade = SelfTrade::CancelNewest;
        let mut venue = Venue::new(config);
        venue.limit(1, "own", Sell, 3, 100);
        let events = venue.limit(1, "t", Buy, 3, 100);
        assert_eq!(events[1].cause, Cause::SelfTrade);
        let events = venue.apply(Owned::New(own("u", Buy, 3, 100, SelfTrade::None)));
        assert_eq!(trades(&events), [(1, 100, 3)]);
    }

    #[test]
    fn a_replaced_order_keeps_its_mode() {
        let mut venue = Venue::new(config());
        venue.limit(1, "own", Sell, 3, 105);
        venue.apply(Owned::New(own("t", Buy, 3, 100, SelfTrade::CancelNewest)));
        let events = venue.apply(replace(1, "t2", by_name("t"), Buy, 3, 105));
        assert_eq!((events[1].kind, events[1].cause), (Kind::Canceled, Cause::SelfTrade));
    }

    #[test]
    fn what_would_be_prevented_does_not_count_for_fill_or_kill() {
        for (mode, quantity, fills) in [
            (SelfTrade::None, 10, true),
            (SelfTrade::CancelOldest, 7, true),
            (SelfTrade::CancelOldest, 8, false),
            (SelfTrade::CancelNewest, 2, true),
            (SelfTrade::CancelNewest, 3, false),
            (SelfTrade::CancelBoth, 3, false),
            (SelfTrade::Decrement, 3, false),
        ] {
            let order = own("t", Buy, quantity, 101, mode);
            let events = venue().apply(Owned::New(NewOrder { time_in_force: TimeInForce::Fok, ..order }));
            let end = events.last().unwrap();
            assert_eq!(end.status == OrderStatus::Filled, fills, "{mode:?} {quantity}");
            assert!(fills || events.len() == 2);
        }
    }

    #[test]
    fn bits_that_are_no_mode_are_refused() {
        for flags in [6 << 3, 7 << 3, 1 << 6, NewOrder::INEXPRESSIBLE, NewOrder::QUOTE_AMOUNT] {
            refused(NewOrder { flags, ..limit(0, "a", Buy, 1, 100) }, Reject::UnsupportedOrder);
        }
        let market = NewOrder { order_type: OrderType::Market, price: Ticks(0), ..limit(0, "a", Buy, 1, 1) };
        refused(
            NewOrder { stop: Ticks(5), time_in_force: TimeInForce::Ioc, ..market },
            Reject::UnsupportedOrder,
        );
    }
}
