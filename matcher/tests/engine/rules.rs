//! The rules one by one, as somebody who reads docs/matching.md would try them.

use wire::{
    command::{Kind as Asks, NewOrder},
    event::{Cause, Kind, Liquidity},
    reject::Reject,
    types::{Lots, OrderId, OrderStatus, OrderType, Side::*, Ticks, TimeInForce, TradeId},
};

use crate::common::*;

mod matching {
    use super::*;

    #[test]
    fn the_best_price_trades_first_and_the_oldest_at_a_price() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 5, 102);
        venue.limit(0, "b", Sell, 5, 101);
        venue.limit(0, "c", Sell, 5, 101);
        let events = venue.limit(1, "d", Buy, 12, 102);
        assert_eq!(trades(&events), [(2, 101, 5), (3, 101, 5), (1, 102, 2)]);
        let taker = events.last().unwrap();
        assert_eq!((taker.status, taker.cum, taker.leaves), (OrderStatus::Filled, Lots(12), Lots(0)));
        assert_eq!(taker.cum_notional(), 10 * 101 + 2 * 102);
        assert_eq!(venue.engine.best(taker.instrument, Sell), Some((Ticks(102), Lots(3))));
    }

    #[test]
    fn an_order_is_accepted_first_and_each_trade_is_two_fills_with_one_id() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 3, 100);
        let events = venue.limit(1, "b", Sell, 4, 90);
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Fill, Kind::Fill]);
        assert_eq!((events[0].status, events[0].leaves), (OrderStatus::New, Lots(4)));
        let [maker, taker] = [&events[1], &events[2]];
        assert_eq!((maker.trade_id, taker.trade_id), (TradeId(1), TradeId(1)));
        assert_eq!((maker.liquidity, taker.liquidity), (Liquidity::Maker, Liquidity::Taker));
        assert_eq!(
            (maker.last_price, taker.last_price),
            (Ticks(100), Ticks(100)),
            "the resting order's price"
        );
        assert_eq!((maker.session.0, taker.session.0), (0, 1));
        assert_eq!(taker.status, OrderStatus::PartiallyFilled);
        assert_eq!(venue.engine.best(taker.instrument, Sell), Some((Ticks(90), Lots(1))), "the rest rests");
    }

    #[test]
    fn an_ioc_remainder_is_cancelled_under_its_own_name() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 3, 100);
        let order = NewOrder { time_in_force: TimeInForce::Ioc, ..limit(1, "b", Sell, 5, 100) };
        let events = venue.apply(Owned::New(order));
        let end = events.last().unwrap();
        assert_eq!((end.kind, end.cause), (Kind::Canceled, Cause::Unfilled));
        assert_eq!((end.status, end.cum, end.leaves), (OrderStatus::Canceled, Lots(3), Lots(0)));
        assert_eq!(end.cl_ord_id, name("b"));
        assert!(end.orig_cl_ord_id.is_none());
        assert_eq!(venue.engine.open_orders(), 0);
    }

    #[test]
    fn a_fok_fills_wholly_or_not_at_all() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 3, 100);
        venue.limit(0, "b", Buy, 3, 99);
        let fok = |name, quantity, price| {
            Owned::New(NewOrder { time_in_force: TimeInForce::Fok, ..limit(1, name, Sell, quantity, price) })
        };
        let events = venue.apply(fok("c", 6, 100));
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled]);
        assert_eq!(events[1].cause, Cause::NotFillable);
        assert_eq!(trades(&venue.apply(fok("d", 6, 99))), [(1, 100, 3), (2, 99, 3)]);
    }

    #[test]
    fn a_market_order_walks_the_book_up_to_the_band_and_no_further() {
        let mut venue = Venue::new(config());
        venue.limit(0, "inside", Sell, 1, 150);
        // A trade at 104 would move the band; so the far order comes first, while it is inside.
        let market = NewOrder { order_type: OrderType::Market, price: Ticks(0), ..limit(1, "m", Buy, 5, 1) };
        let market = NewOrder { time_in_force: TimeInForce::Ioc, ..market };
        venue.limit(0, "near", Sell, 1, 60);
        let events = venue.apply(Owned::New(market));
        assert_eq!(trades(&events), [(2, 60, 1), (1, 150, 1)], "the band is that of the order's entry");
        venue.limit(0, "low", Sell, 1, 100);
        venue.limit(0, "high", Sell, 1, 200);
        venue.limit(1, "x", Buy, 1, 100);
        let events = venue.apply(Owned::New(NewOrder { cl_ord_id: name("m2"), ..market }));
        assert_eq!(kinds(&events), [Kind::Accepted, Kind::Canceled], "200 is beyond 100 + 50 %");
    }

    #[test]
    fn the_last_trade_moves_the_band() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 1, 150);
        assert_eq!(only(&venue.limit(1, "b", Buy, 1, 151)).reject, Reject::PriceOutsideBand);
        venue.limit(1, "c", Buy, 1, 150);
        assert_eq!(venue.engine.reference(wire::types::InstrumentId(0)), Some(Ticks(150)));
        assert_eq!(only(&venue.limit(1, "d", Buy, 1, 225)).kind, Kind::Accepted);
    }

    #[test]
    fn post_only_rests_or_is_refused() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 1, 101);
        let post = |name, price| {
            Owned::New(NewOrder { flags: NewOrder::POST_ONLY, ..limit(1, name, Buy, 1, price) })
        };
        assert_eq!(only(&venue.apply(post("b", 101))).reject, Reject::PostOnlyWouldTake);
        assert_eq!(only(&venue.apply(post("c", 100))).kind, Kind::Accepted);
        let events = venue.apply(replace(1, "d", by_name("c"), Buy, 1, 101));
        assert_eq!(only(&events).reject, Reject::PostOnlyWouldTake);
        assert_eq!(venue.engine.best(events[0].instrument, Buy), Some((Ticks(100), Lots(1))));
    }

    #[test]
    fn more_at_one_price_than_64_bits_hold_is_counted_and_filled_exactly() {
        let mut venue = Venue::new(config());
        let huge = wire::limits::LOTS_MAX;
        for i in 0..300 {
            venue.limit(0, &format!("s{i}"), Sell, huge, 100);
        }
        let depth: Vec<_> = venue.engine.depth(wire::types::InstrumentId(0), Sell).collect();
        assert_eq!(depth, [(Ticks(100), 300 * u128::from(huge))]);
        let best = venue.engine.best(wire::types::InstrumentId(0), Sell);
        assert_eq!(best, Some((Ticks(100), Lots(u64::MAX))));
        let events = venue.limit(1, "b", Buy, huge, 100);
        assert_eq!(events.last().unwrap().cum_notional(), 100 * u128::from(huge));
    }
}

mod replacing {
    use super::*;

    #[test]
    fn less_at_the_same_price_keeps_the_place() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 5, 100);
        venue.limit(0, "b", Buy, 5, 100);
        let events = venue.apply(replace(0, "a2", by_name("a"), Buy, 3, 100));
        let event = only(&events);
        assert_eq!((event.kind, event.quantity, event.leaves), (Kind::Replaced, Lots(3), Lots(3)));
        assert_eq!((event.cl_ord_id, event.orig_cl_ord_id), (name("a2"), name("a")));
        assert_eq!(trades(&venue.limit(1, "c", Sell, 4, 100)), [(1, 100, 3), (2, 100, 1)]);
    }

    #[test]
    fn more_or_another_price_goes_to_the_back() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 5, 100);
        venue.limit(0, "b", Buy, 5, 100);
        venue.apply(replace(0, "a2", by_id(1), Buy, 6, 100));
        assert_eq!(trades(&venue.limit(1, "c", Sell, 6, 100)), [(2, 100, 5), (1, 100, 1)]);
        venue.limit(0, "d", Buy, 5, 101);
        venue.apply(replace(0, "a3", by_id(1), Buy, 6, 101));
        assert_eq!(trades(&venue.limit(1, "e", Sell, 6, 101)), [(4, 101, 5), (1, 101, 1)]);
    }

    #[test]
    fn a_price_that_crosses_trades_after_the_replace() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Sell, 5, 105);
        venue.limit(1, "b", Buy, 5, 100);
        let events = venue.apply(replace(1, "b2", by_name("b"), Buy, 7, 105));
        assert_eq!(kinds(&events), [Kind::Replaced, Kind::Fill, Kind::Fill]);
        assert_eq!(venue.engine.best(events[0].instrument, Buy), Some((Ticks(105), Lots(2))));
    }

    #[test]
    fn a_total_that_is_filled_already_ends_the_order() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 10, 100);
        venue.limit(1, "b", Sell, 4, 100);
        let events = venue.apply(replace(0, "a2", by_name("a"), Buy, 4, 100));
        let event = only(&events);
        assert_eq!((event.kind, event.cause), (Kind::Canceled, Cause::ReplacedBelowFilled));
        assert_eq!((event.cum, event.leaves, event.status), (Lots(4), Lots(0), OrderStatus::Canceled));
        assert_eq!((event.cl_ord_id, event.orig_cl_ord_id), (name("a2"), name("a")));
        assert_eq!(venue.engine.open_orders(), 0);
    }

    #[test]
    fn a_refused_replace_leaves_the_order_as_it_was() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 10, 100);
        let before = venue.engine.orders_hash();
        for (quantity, price, side, reject) in [
            (10, 151, Buy, Reject::PriceOutsideBand),
            (0, 100, Buy, Reject::QuantityNotPositive),
            (10, 0, Buy, Reject::PriceNotPositive),
            (10, 100, Sell, Reject::OrderMismatch),
        ] {
            let events = venue.apply(replace(0, "a2", by_name("a"), side, quantity, price));
            let event = only(&events);
            assert_eq!((event.kind, event.reject), (Kind::ReplaceRejected, reject));
            assert_eq!((event.quantity, event.price, event.status), (Lots(10), Ticks(100), OrderStatus::New));
            assert_eq!(venue.engine.orders_hash(), before);
        }
        let events = venue.apply(replace(0, "a", by_name("a"), Buy, 5, 100));
        assert_eq!(only(&events).reject, Reject::DuplicateClOrdId);
    }
}

mod names {
    use super::*;

    #[test]
    fn a_name_is_used_while_its_order_is_open_and_while_it_is_remembered() {
        let mut venue = Venue::new(matcher::engine::Config { finished_orders_max: 2, ..config() });
        venue.limit(0, "a", Buy, 1, 100);
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 100)).reject, Reject::DuplicateClOrdId);
        assert_eq!(only(&venue.limit(1, "a", Buy, 1, 100)).kind, Kind::Accepted, "sessions have their own");
        venue.apply(cancel(0, "x", by_name("a")));
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 100)).reject, Reject::DuplicateClOrdId);
        for other in ["b", "c"] {
            venue.limit(0, other, Buy, 1, 100);
            venue.apply(cancel(0, "x", by_name(other)));
        }
        assert_eq!(venue.engine.forgotten(), 1);
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 100)).kind, Kind::Accepted);
    }

    #[test]
    fn a_refused_orders_name_is_free() {
        let mut venue = Venue::new(config());
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 0)).kind, Kind::Rejected);
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 100)).kind, Kind::Accepted);
    }

    #[test]
    fn a_replaced_order_goes_by_its_new_name_and_the_old_one_stays_used() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 2, 100);
        venue.apply(replace(0, "a2", by_name("a"), Buy, 1, 100));
        let events = venue.apply(cancel(0, "x", by_name("a")));
        assert_eq!((only(&events).reject, events[0].order_id), (Reject::UnknownOrder, OrderId(0)));
        assert_eq!(only(&venue.limit(0, "a", Buy, 1, 100)).reject, Reject::DuplicateClOrdId);
        let events = venue.apply(cancel(0, "x", by_name("a2")));
        assert_eq!((only(&events).cl_ord_id, events[0].orig_cl_ord_id), (name("x"), name("a2")));
    }

    #[test]
    fn another_sessions_order_is_unknown() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 1, 100);
        for order in [by_name("a"), by_id(1)] {
            assert_eq!(only(&venue.apply(cancel(1, "x", order))).reject, Reject::UnknownOrder);
            let events = venue.apply(status(1, order));
            assert_eq!((only(&events).order_id, events[0].reject), (OrderId(0), Reject::UnknownOrder));
        }
    }
}

mod status_requests {
    use super::*;

    #[test]
    fn open_and_remembered_orders_are_told_as_they_stand() {
        let mut venue = Venue::new(config());
        venue.limit(0, "a", Buy, 5, 100);
        venue.limit(1, "b", Sell, 2, 100);
        for order in [by_name("a"), by_id(1)] {
            let events = venue.apply(status(0, order));
            let event = only(&events);
            assert_eq!((event.kind, event.status), (Kind::Status, OrderStatus::PartiallyFilled));
            assert_eq!((event.cum, event.leaves, event.cum_notional()), (Lots(2), Lots(3), 200));
        }
        for order in [by_name("b"), by_id(2)] {
            let events = venue.apply(status(1, order));
            assert_eq!((only(&events).status, events[0].cum), (OrderStatus::Filled, Lots(2)));
        }
    }

    #[test]
    fn an_unknown_order_is_answered_as_rejected() {
        let mut venue = Venue::new(config());
        let events = venue.apply(status(0, by_name("nobody")));
        let event = only(&events);
        assert_eq!((event.status, event.reject), (OrderStatus::Rejected, Reject::UnknownOrder));
        assert_eq!((event.order_id, event.cl_ord_id), (OrderId(0), name("nobody")));
    }
}

mod bounds {
    use super::*;

    #[test]
    fn one_open_order_too_many_is_refused_and_room_made_is_room_again() {
        let mut venue = Venue::new(matcher::engine::Config { open_orders_max: 2, ..config() });
        venue.limit(0, "a", Buy, 1, 100);
        venue.limit(0, "b", Buy, 1, 100);
        assert_eq!(only(&venue.limit(0, "c", Buy, 1, 100)).reject, Reject::TooManyOpenOrders);
        venue.apply(cancel(0, "x", by_name("a")));
        assert_eq!(only(&venue.limit(0, "c", Buy, 1, 100)).kind, Kind::Accepted);
    }

    #[test]
    fn prices_too_scattered_for_the_ladder_are_refused_and_change_nothing() {
        let mut config = matcher::engine::Config { price_groups_max: 40, ..config() };
        config.instruments[0] = instrument(0, 1 << 40, 9_999);
        let mut venue = Venue::new(config);
        for i in 0..40 {
            let before = venue.engine.orders_hash();
            let events = venue.limit(0, &format!("n{i}"), Buy, 1, (1 << 40) - (i << 34) - 1);
            if only(&events).reject == Reject::TooManyOpenOrders {
                assert_eq!(venue.engine.orders_hash(), before);
                assert!(i >= 5);
                let moved = replace(0, "moved", by_id(1), Buy, 1, 1 << 39);
                assert_eq!(only(&venue.apply(moved)).reject, Reject::TooManyOpenOrders);
                return;
            }
        }
        panic!("the ladder never filled up");
    }
}

mod sessions {
    use super::*;

    #[test]
    fn cancelling_a_session_ends_its_orders_in_order_and_nobody_elses() {
        let mut venue = Venue::new(config());
        for i in 0..5 {
            venue.limit(i % 2, &format!("n{i}"), Buy, 1, 100 - i64::from(i));
        }
        let events = venue.apply(Owned::CancelSession(notice(Asks::CancelSession, 0)));
        assert_eq!(events.iter().map(|e| e.order_id.0).collect::<Vec<_>>(), [1, 3, 5]);
        assert!(events.iter().all(|e| e.cause == Cause::Disconnected && e.orig_cl_ord_id.is_none()));
        assert_eq!(venue.engine.open_orders(), 2);
    }

    #[test]
    fn the_grace_time_starts_when_the_client_goes_and_stops_when_it_returns() {
        let mut config = config();
        config.sessions[1].cancel_on_disconnect = Some(2_000_000_000);
        let mut venue = Venue::new(config);
        venue.apply(Owned::Down(notice(Asks::SessionDown, 0)));
        assert_eq!(venue.engine.next_cancel(), None, "it does not ask for it");
        venue.apply(Owned::Down(notice(Asks::SessionDown, 1)));
        let due = wire::types::Nanos(4_000_000_000);
        assert_eq!(venue.engine.next_cancel(), Some((due, wire::types::SessionId(1))));
        venue.apply(Owned::Up(notice(Asks::SessionUp, 1)));
        assert_eq!(venue.engine.next_cancel(), None);
    }

    #[test]
    fn an_order_that_comes_again_and_says_so_is_ignored_and_one_that_does_not_is_refused() {
        let mut venue = Venue::new(config());
        let order = limit(0, "a", Buy, 5, 100);
        venue.apply(Owned::New(order));
        let mut again = NewOrder { head: order.head.with_repeat(true), ..order };
        again.head.msg_seq = 9;
        assert_eq!(venue.apply(Owned::New(again)), [], "nor is it one that would be refused now");
        let elsewhere = NewOrder { head: again.head.with_instrument(wire::types::InstrumentId(77)), ..again };
        assert_eq!(venue.apply(Owned::New(elsewhere)), []);
        let events = venue.apply(Owned::New(order));
        assert_eq!((events.len(), events[0].reject), (1, wire::reject::Reject::DuplicateClOrdId));
        assert_eq!(events[0].msg_seq, 9, "the repeat counts as processed");
        let unseen = limit(0, "b", Buy, 5, 100);
        let unseen = NewOrder { head: unseen.head.with_repeat(true), ..unseen };
        assert_eq!(venue.apply(Owned::New(unseen)).len(), 1);
    }

    #[test]
    fn every_report_of_a_session_has_the_next_number_and_its_own_last_message() {
        let mut venue = Venue::new(config());
        let mut order = limit(0, "a", Buy, 5, 100);
        order.head.msg_seq = 17;
        venue.apply(Owned::New(order));
        let mut order = limit(1, "b", Sell, 5, 100);
        order.head.msg_seq = 4;
        let events = venue.apply(Owned::New(order));
        let numbers: Vec<_> =
            events.iter().map(|e| (e.session.0, e.appl_seq, e.msg_seq, e.event_id)).collect();
        assert_eq!(numbers, [(1, 1, 4, 2), (0, 2, 17, 3), (1, 2, 4, 4)]);
    }
}
