//! The acceptor as the QuickFIX C++ engine sees it in FIX 4.4. Every message that the venue sends in these tests is checked
//! against the dictionary that we publish, by the engine; a test fails if it finds fault with one.

use penstock_tests::{
    Message, Proxy, Venue,
    trade::{BUY, SELL},
};
use penstock_tests_quickfix::{
    Options, Trader, finish,
    orders::{cancel, limit, mass_cancel, order, replace, status, test_request},
};

/// How often `messages` hold one with all of `fields`.
fn count(messages: &[Message], fields: &[(u32, &str)]) -> usize {
    messages.iter().filter(|m| fields.iter().all(|&(tag, value)| m.field(tag) == value)).count()
}

/// A maker (MM1) and a taker (MM2), both in QuickFIX.
fn two(venue: &Venue) -> (Trader, Trader) {
    (Trader::logged_on(venue.fix, "MM1"), Trader::logged_on(venue.fix, "MM2"))
}

mod session {
    use super::*;

    #[test]
    fn logon_is_answered_with_the_client_s_heartbeat_interval_and_number_1() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        let logon = trader.wait_incoming("logon", |m| m.kind() == "A");
        logon.assert(&[(34, "1"), (49, "PENSTOCK"), (56, "MM1"), (98, "0"), (108, "30")]);
        logon.assert_absent(&[554]);
        finish(venue, [trader]);
    }

    #[test]
    fn a_wrong_password_is_refused() {
        let venue = Venue::start(&[]);
        let wrong = Options { password: "mm2-demo", ..Options::default() };
        let trader = Trader::start(venue.fix, "MM1", wrong);
        trader.wait_ends(1);
        let incoming = trader.incoming();
        assert_eq!(count(&incoming, &[(35, "A")]), 0, "{incoming:?}");
        for message in incoming {
            assert_eq!(message.kind(), "5", "{message}");
            assert!(!message.field(58).is_empty(), "the logout says why: {message}");
        }
        trader.finish();
        let right = Trader::logged_on(venue.fix, "MM2");
        finish(venue, [right]);
    }

    #[test]
    fn heartbeats_come_in_the_agreed_interval_and_keep_the_session_alive() {
        let venue = Venue::start(&[]);
        let options = Options { password: "mm1-demo", heartbeat_s: 1, ..Options::default() };
        let trader = Trader::start(venue.fix, "MM1", options);
        trader.wait_incoming("logon", |m| m.kind() == "A").assert(&[(108, "1")]);
        // The fourth comes after four seconds, twice the time after which either side would have given up.
        trader.wait_incoming("fourth heartbeat", |m| m.kind() == "0" && m.seq() >= 5);
        assert_eq!(count(&trader.incoming(), &[(35, "1")]), 0, "QuickFIX's own heartbeats are heard");
        finish(venue, [trader]);
    }

    #[test]
    fn a_test_request_is_answered_with_its_id() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        trader.send(test_request("are you there?"));
        trader.wait_incoming("answer", |m| m.kind() == "0" && m.field(112) == "are you there?");
        finish(venue, [trader]);
    }

    #[test]
    fn logout_is_a_handshake_and_the_next_logon_goes_on_with_the_numbers() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        trader.send(limit("a", BUY, "1", "500"));
        trader.execution(&[(11, "a"), (150, "0")]);
        trader.log_out();
        let last = trader.incoming().last().expect("the venue's logout").clone();
        last.assert(&[(35, "5"), (34, "3")]);

        trader.log_on_again();
        trader.wait_logons(2);
        let logons: Vec<_> = trader.incoming().into_iter().filter(|m| m.kind() == "A").collect();
        logons[1].assert(&[(34, "4")]).assert_absent(&[141]);
        let sent: Vec<_> = trader.outgoing().into_iter().filter(|m| m.kind() == "A").collect();
        sent[1].assert(&[(34, "4")]);
        assert_eq!(count(&trader.incoming(), &[(35, "2")]), 0, "nothing was missed, nothing is asked for");
        trader.send(limit("b", BUY, "1", "500"));
        trader.execution(&[(11, "b"), (150, "0")]).assert(&[(34, "5")]);
        finish(venue, [trader]);
    }

    #[test]
    fn timestamps_of_every_precision_are_taken() {
        let venue = Venue::start(&[]);
        for (name, places) in [("MM1", 0), ("MM2", 6), ("MM3", 9)] {
            let password = penstock_tests::fix::password(name);
            let options = Options { password: &password, timestamp_places: places, ..Options::default() };
            let trader = Trader::start(venue.fix, name, options);
            trader.wait_logons(1);
            trader.send(limit("a", BUY, "1", "500"));
            trader.execution(&[(11, "a"), (150, "0")]);
            trader.quiet();
            trader.log_out();
            trader.finish();
        }
        venue.stop();
    }

    #[test]
    fn the_venue_s_end_is_a_logout_that_quickfix_answers() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        venue.stop();
        trader.wait_ends(1);
        assert_eq!(count(&trader.incoming(), &[(35, "5")]), 1);
        trader.finish();
    }
}

mod orders {
    use super::*;

    #[test]
    fn an_accepted_order_is_reported_with_all_its_terms() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        trader.send(limit("a", BUY, "10", "580.25"));
        let report = trader.execution(&[
            (11, "a"),
            (150, "0"),
            (39, "0"),
            (55, "AAPL"),
            (54, "1"),
            (40, "2"),
            (44, "580.25"),
            (38, "10"),
            (151, "10"),
            (14, "0"),
            (6, "0"),
        ]);
        report.assert_absent(&[41, 31, 32, 103]);
        assert_ne!(report.field(37), "0", "{report}");
        finish(venue, [trader]);
    }

    #[test]
    fn two_clients_trade_and_both_see_each_fill() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        maker.send(limit("offer-1", SELL, "10", "585.00"));
        let first = maker.execution(&[(11, "offer-1"), (150, "0")]);
        maker.send(limit("offer-2", SELL, "10", "585.10"));
        let second = maker.execution(&[(11, "offer-2"), (150, "0")]);

        taker.send(limit("take", BUY, "25", "585.10"));
        let taken = taker.execution(&[(11, "take"), (150, "0"), (39, "0"), (151, "25"), (14, "0")]);
        let fill_1 = [(150, "F"), (31, "585"), (32, "10")];
        let fill_2 = [(150, "F"), (31, "585.10"), (32, "10")];
        taker.execution(&fill_1).assert(&[(39, "1"), (151, "15"), (14, "10"), (6, "585")]);
        taker.execution(&fill_2).assert(&[(39, "1"), (151, "5"), (14, "20"), (6, "585.05")]);
        maker.execution(&fill_1).assert(&[(11, "offer-1"), (39, "2"), (151, "0"), (37, first.field(37))]);
        maker.execution(&fill_2).assert(&[(11, "offer-2"), (39, "2"), (151, "0"), (37, second.field(37))]);

        // The rest of the taker's order rests, and is taken in turn.
        maker.send(limit("sell", SELL, "5", "585.10"));
        maker.execution(&[(11, "sell"), (150, "0")]);
        maker.execution(&[(11, "sell"), (150, "F"), (39, "2"), (32, "5"), (31, "585.10")]);
        taker.execution(&[
            (11, "take"),
            (150, "F"),
            (39, "2"),
            (151, "0"),
            (14, "25"),
            (37, taken.field(37)),
        ]);

        let both = [maker.incoming(), taker.incoming()].concat();
        let mut ids: Vec<_> = both.iter().filter(|m| m.kind() == "8").map(|m| m.field(17)).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "each report has an ExecID of its own");
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_market_order_takes_the_best_prices_and_leaves_nothing() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        maker.send(limit("offer", SELL, "10", "585.00"));
        maker.execution(&[(150, "0")]);
        taker.send(order("all", BUY, "1", "15", &[]));
        taker.execution(&[(11, "all"), (150, "0"), (40, "1")]).assert_absent(&[44]);
        taker.execution(&[(11, "all"), (150, "F"), (39, "1"), (31, "585"), (32, "10"), (151, "5")]);
        taker.execution(&[(11, "all"), (150, "4"), (39, "4"), (151, "0"), (14, "10")]).assert_absent(&[41]);
        maker.execution(&[(11, "offer"), (150, "F"), (39, "2")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn the_time_in_force_says_what_becomes_of_the_rest() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        let in_force = |id: &str, code: &str| {
            let terms = [(44, "585.00"), (59, code)];
            order(id, BUY, "2", "15", &terms)
        };
        maker.send(limit("offer", SELL, "10", "585.00"));
        maker.execution(&[(150, "0")]);
        taker.send(in_force("fok", "4"));
        taker.execution(&[(11, "fok"), (150, "0"), (59, "4")]);
        taker.execution(&[(11, "fok"), (150, "4"), (39, "4"), (14, "0"), (151, "0")]);
        taker.send(in_force("ioc", "3"));
        taker.execution(&[(11, "ioc"), (150, "0"), (59, "3")]);
        taker.execution(&[(11, "ioc"), (150, "F"), (39, "1"), (32, "10")]);
        taker.execution(&[(11, "ioc"), (150, "4"), (39, "4"), (14, "10"), (151, "0")]);
        maker.execution(&[(11, "offer"), (150, "F"), (39, "2")]);
        taker.send(in_force("gtc", "1"));
        taker.execution(&[(11, "gtc"), (150, "0"), (39, "0"), (59, "1"), (151, "15")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_cancel_is_reported_under_its_own_name() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        trader.send(limit("a", BUY, "10", "580"));
        let order = trader.execution(&[(11, "a"), (150, "0")]);
        trader.send(cancel("x", "a", BUY));
        let report = trader.execution(&[(11, "x"), (41, "a"), (150, "4"), (39, "4"), (151, "0"), (14, "0")]);
        report.assert(&[(37, order.field(37))]);
        finish(venue, [trader]);
    }

    #[test]
    fn a_replace_is_reported_under_its_own_name_and_the_chain_goes_on() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        maker.send(limit("a", SELL, "10", "585"));
        let order = maker.execution(&[(11, "a"), (150, "0")]);
        maker.send(replace("b", "a", SELL, "8", "584.50"));
        let replaced = [(11, "b"), (41, "a"), (150, "5"), (39, "0"), (38, "8"), (44, "584.5"), (151, "8")];
        maker.execution(&replaced).assert(&[(37, order.field(37))]);
        taker.send(limit("t", BUY, "3", "584.50"));
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), (150, "F"), (39, "2"), (31, "584.5")]);
        maker.execution(&[(11, "b"), (150, "F"), (39, "1"), (14, "3"), (151, "5")]);
        // The filled part counts in the new total.
        maker.send(replace("c", "b", SELL, "4", "584.50"));
        maker.execution(&[(11, "c"), (41, "b"), (150, "5"), (39, "1"), (38, "4"), (14, "3"), (151, "1")]);
        maker.send(cancel("d", "c", SELL));
        maker.execution(&[(11, "d"), (41, "c"), (150, "4"), (39, "4"), (14, "3"), (151, "0")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_cancel_or_replace_that_cannot_be_is_refused_with_its_reason() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        maker.send(cancel("x1", "never-sent", BUY));
        let reject = maker.receive();
        reject.assert(&[(35, "9"), (11, "x1"), (41, "never-sent"), (434, "1"), (102, "1"), (39, "8")]);
        reject.assert(&[(37, "NONE")]); // FIX 4.4: OrderID is "NONE" if the order is unknown
        maker.send(replace("r1", "never-sent", BUY, "1", "580"));
        maker.receive().assert(&[
            (35, "9"),
            (11, "r1"),
            (41, "never-sent"),
            (434, "2"),
            (102, "1"),
            (39, "8"),
        ]);

        maker.send(limit("a", SELL, "10", "585"));
        let order = maker.execution(&[(11, "a"), (150, "0")]);
        maker.send(replace("r2", "a", SELL, "10", "585.005"));
        let reject = maker.receive();
        reject.assert(&[(35, "9"), (11, "r2"), (41, "a"), (434, "2"), (102, "99"), (39, "0")]);
        reject.assert(&[(37, order.field(37))]);
        assert!(reject.field(58).contains("0.01"), "the text names the tick: {reject}");

        // Another session's order is none of this one's business.
        taker.send(cancel("x2", "a", SELL));
        taker.receive().assert(&[(35, "9"), (11, "x2"), (41, "a"), (434, "1"), (102, "1"), (39, "8")]);

        taker.send(limit("t", BUY, "10", "585"));
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), (150, "F"), (39, "2")]);
        maker.execution(&[(11, "a"), (150, "F"), (39, "2")]);
        maker.send(cancel("x3", "a", SELL));
        maker.receive().assert(&[(35, "9"), (11, "x3"), (41, "a"), (434, "1")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn an_order_that_cannot_be_is_rejected_with_its_reason() {
        let venue = Venue::start(&[]);
        let trader = Trader::logged_on(venue.fix, "MM1");
        let rejected = |id: &str, reason: &str, text: &str| {
            let report =
                trader.execution(&[(11, id), (150, "8"), (39, "8"), (151, "0"), (14, "0"), (103, reason)]);
            assert!(report.field(58).contains(text), "the text says {text:?}: {report}");
        };
        trader.send(limit("off-tick", BUY, "10", "585.005"));
        rejected("off-tick", "99", "0.01");
        trader.send(limit("off-lot", BUY, "1.5", "585"));
        rejected("off-lot", "13", "lot");
        let terms = [(55, "MSFT"), (44, "585")];
        trader.send(order("unknown", BUY, "2", "10", &terms));
        rejected("unknown", "1", "symbol");
        trader.send(limit("far", BUY, "10", "2000"));
        rejected("far", "99", "band");
        let hidden = [(44, "580"), (111, "0")];
        trader.send(order("hidden", BUY, "2", "10", &hidden));
        rejected("hidden", "11", "");

        trader.send(limit("once", BUY, "10", "580"));
        trader.execution(&[(11, "once"), (150, "0")]);
        trader.send(limit("once", BUY, "10", "580"));
        rejected("once", "6", "ClOrdID");
        trader.send(cancel("x", "once", BUY));
        trader.execution(&[(11, "x"), (150, "4")]);
        trader.send(limit("once", BUY, "10", "580"));
        rejected("once", "6", "ClOrdID"); // a name that is used up stays used up
        finish(venue, [trader]);
    }

    #[test]
    fn orders_with_stops_displays_ends_and_amounts_pass_the_dictionary_both_ways() {
        let venue = Venue::start(&["instrument.AAPL.taker_fee=2"]);
        let (maker, taker) = two(&venue);
        let stop = [(99, "600"), (44, "605"), (59, "1")];
        maker.send(order("stop", BUY, "4", "1", &stop));
        maker.execution(&[(11, "stop"), (150, "0"), (99, "600")]);
        let trailing = [(18, "a"), (211, "50"), (59, "1")];
        maker.send(order("trail", SELL, "P", "1", &trailing));
        maker.execution(&[(11, "trail"), (150, "0"), (40, "P"), (99, "535")]);
        let iceberg = [(44, "590"), (111, "2"), (59, "1")];
        maker.send(order("ice", SELL, "2", "10", &iceberg));
        maker.execution(&[(11, "ice"), (150, "0"), (111, "2")]);
        let end = penstock_tests::clock::in_ms(3_000);
        let dated = [(44, "500"), (59, "6"), (126, end.as_str())];
        maker.send(order("dated", BUY, "2", "1", &dated));
        maker.execution(&[(11, "dated"), (150, "0"), (59, "6")]);
        let least = [(44, "590"), (59, "3"), (110, "3")];
        taker.send(order("least", BUY, "2", "3", &least));
        taker.execution(&[(11, "least"), (150, "0")]);
        taker.execution(&[(11, "least"), (150, "F"), (136, "1"), (138, "USD"), (139, "4")]);
        taker.execution(&[(11, "least"), (150, "F"), (39, "2")]);
        maker.execution(&[(11, "ice"), (150, "F"), (32, "2")]);
        maker.execution(&[(11, "ice"), (150, "F"), (32, "1")]);
        maker.execution(&[(11, "dated"), (150, "C"), (39, "C")]);
        let decrement = [(44, "590"), (2964, "4")];
        maker.send(order("less", BUY, "2", "2", &decrement));
        maker.execution(&[(11, "less"), (150, "0")]);
        maker.execution(&[(11, "ice"), (150, "D"), (378, "8")]);
        maker.execution(&[(11, "less"), (150, "4")]);
        maker.send(mass_cancel("all"));
        for id in ["stop", "trail", "ice"] {
            maker.execution(&[(11, id), (150, "4")]);
        }
        maker.receive().assert(&[(35, "r"), (11, "all"), (531, "1"), (533, "3")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_post_only_order_that_would_trade_is_rejected_and_one_that_would_not_rests() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        let post_only = |id: &str, price: &str| order(id, BUY, "2", "5", &[(44, price), (18, "6")]);
        maker.send(limit("offer", SELL, "5", "585"));
        maker.execution(&[(150, "0")]);
        taker.send(post_only("crosses", "585"));
        taker.execution(&[(11, "crosses"), (150, "8"), (39, "8"), (103, "99")]);
        taker.send(post_only("rests", "584.99"));
        taker.execution(&[(11, "rests"), (150, "0"), (39, "0"), (18, "6")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn the_status_of_an_order_is_told_and_changes_nothing() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        maker.send(limit("a", SELL, "10", "585"));
        let order = maker.execution(&[(11, "a"), (150, "0")]);
        taker.send(limit("t", BUY, "4", "585"));
        taker.execution(&[(150, "0")]);
        taker.execution(&[(150, "F"), (39, "2")]);
        maker.execution(&[(150, "F"), (39, "1")]);
        maker.send(status("a", SELL, "q1"));
        let told =
            [(11, "a"), (150, "I"), (39, "1"), (790, "q1"), (14, "4"), (151, "6"), (6, "585"), (38, "10")];
        maker.execution(&told).assert(&[(37, order.field(37))]);
        maker.send(status("never-sent", SELL, "q2"));
        let unknown = maker.receive();
        unknown.assert(&[(35, "8"), (11, "never-sent"), (150, "I"), (39, "8"), (790, "q2")]);
        assert!(!unknown.field(58).is_empty(), "{unknown}");
        finish(venue, [maker, taker]);
    }

    #[test]
    fn decimals_of_a_coin_are_exact() {
        let venue = Venue::start(&[]);
        let (maker, taker) = two(&venue);
        let coin = |id: &str, side: &str, quantity: &str, price: &str| {
            order(id, side, "2", quantity, &[(55, "BTCUSDT"), (44, price)])
        };
        maker.send(coin("offer", SELL, "0.30000", "50000.10"));
        maker.execution(&[(11, "offer"), (150, "0"), (55, "BTCUSDT"), (38, "0.3"), (44, "50000.1")]);
        taker.send(coin("take", BUY, "0.10001", "50000.10"));
        taker.execution(&[(11, "take"), (150, "0")]);
        taker.execution(&[
            (11, "take"),
            (150, "F"),
            (32, "0.10001"),
            (31, "50000.1"),
            (6, "50000.1"),
            (39, "2"),
        ]);
        maker.execution(&[(11, "offer"), (150, "F"), (14, "0.10001"), (151, "0.19999")]);
        finish(venue, [maker, taker]);
    }
}

mod dropped_connections {
    use super::*;

    #[test]
    fn a_fill_missed_while_the_connection_was_down_comes_by_resend_exactly_once() {
        let venue = Venue::start(&[]);
        let wire = Proxy::to(venue.fix);
        let maker = Trader::logged_on(wire.address, "MM1");
        let taker = Trader::logged_on(venue.fix, "MM2");
        maker.send(limit("offer", SELL, "10", "585"));
        maker.execution(&[(11, "offer"), (150, "0")]);

        maker.cut_off(&wire);
        taker.send(limit("take", BUY, "10", "585"));
        taker.execution(&[(11, "take"), (150, "0")]);
        taker.execution(&[(11, "take"), (150, "F"), (39, "2")]);
        wire.mend();

        maker.wait_logons(2);
        let fill = maker.execution(&[(11, "offer"), (150, "F"), (39, "2"), (14, "10"), (151, "0")]);
        maker.quiet();
        let delivered = maker.incoming();
        assert_eq!(
            count(&delivered, &[(17, fill.field(17))]),
            1,
            "the fill came exactly once: {delivered:?}"
        );
        assert_eq!(count(&maker.outgoing(), &[(35, "2")]), 1, "QuickFIX saw a gap and asked once");
        fill.assert(&[(43, "Y")]);
        assert!(!fill.field(122).is_empty(), "a duplicate has OrigSendingTime: {fill}");

        // The numbers go on from there: nothing is reset, and nothing is asked for again.
        let logons: Vec<_> = delivered.iter().filter(|m| m.kind() == "A").collect();
        assert_eq!(logons.len(), 2);
        assert!(logons[1].seq() > logons[0].seq() + 1, "{logons:?}");
        logons[1].assert_absent(&[141]);
        maker.send(limit("next", SELL, "1", "590"));
        maker.execution(&[(11, "next"), (150, "0")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn an_order_sent_while_the_connection_was_down_is_asked_for_and_taken_exactly_once() {
        let venue = Venue::start(&[]);
        let wire = Proxy::to(venue.fix);
        let trader = Trader::logged_on(wire.address, "MM1");
        trader.quiet();
        trader.cut_off(&wire);
        trader.send(limit("late-1", SELL, "10", "585"));
        trader.send(limit("late-2", SELL, "10", "586"));
        wire.mend();
        trader.wait_logons(2);
        trader.execution(&[(11, "late-1"), (150, "0"), (39, "0")]);
        trader.execution(&[(11, "late-2"), (150, "0"), (39, "0")]);
        trader.quiet();
        let incoming = trader.incoming();
        assert_eq!(count(&incoming, &[(35, "2")]), 1, "the venue asked once: {incoming:?}");
        assert_eq!(count(&incoming, &[(35, "8")]), 2, "one report each: {incoming:?}");
        finish(venue, [trader]);
    }

    #[test]
    fn a_wire_cut_again_and_again_loses_no_report_and_doubles_none() {
        let venue = Venue::start(&[]);
        let wire = Proxy::to(venue.fix);
        let maker = Trader::logged_on(wire.address, "MM1");
        let taker = Trader::logged_on(venue.fix, "MM2");
        for round in 1..=4 {
            let (offer, missed) = (format!("offer-{round}"), format!("missed-{round}"));
            maker.send(limit(&offer, SELL, "10", "585"));
            maker.execution(&[(11, &offer), (150, "0")]);
            maker.cut_off(&wire);
            maker.send(limit(&missed, BUY, "1", "500"));
            for part in 1..=10 {
                let take = format!("take-{round}-{part}");
                taker.send(limit(&take, BUY, "1", "585"));
                taker.execution(&[(11, &take), (150, "0")]);
                taker.execution(&[(11, &take), (150, "F"), (39, "2")]);
            }
            wire.mend();
            maker.wait_logons(round + 1);
            // The fills are older than the order that the venue asked for, whichever resend comes first on the wire.
            for part in 1..=10u32 {
                let (filled, left) = (part.to_string(), (10 - part).to_string());
                maker.execution(&[(11, &offer), (150, "F"), (14, &filled), (151, &left)]);
            }
            maker.execution(&[(11, &missed), (150, "0")]);
        }
        finish(venue, [maker, taker]);
    }

    #[test]
    fn the_next_expected_number_in_the_logon_brings_what_was_missed_without_a_request() {
        let venue = Venue::start(&[]);
        let wire = Proxy::to(venue.fix);
        let options = Options { password: "mm1-demo", tells_next_expected: true, ..Options::default() };
        let maker = Trader::start(wire.address, "MM1", options);
        maker.wait_logons(1);
        let taker = Trader::logged_on(venue.fix, "MM2");
        maker.send(limit("offer", SELL, "10", "585"));
        maker.execution(&[(11, "offer"), (150, "0")]);
        maker.cut_off(&wire);
        taker.send(limit("take", BUY, "10", "585"));
        taker.execution(&[(11, "take"), (150, "0")]);
        taker.execution(&[(11, "take"), (150, "F"), (39, "2")]);
        wire.mend();
        maker.wait_logons(2);
        maker.execution(&[(11, "offer"), (150, "F"), (39, "2")]);
        finish(venue, [maker, taker]);
    }
}
