//! Every type of order, time in force and attribute over FIX, on a venue as it comes.

use penstock_tests::{
    Client, Message, Venue, clock,
    trade::{BUY, SELL},
};

/// A venue with two sessions logged on.
fn venue(settings: &[&str]) -> (Venue, Client, Client) {
    let venue = Venue::start(settings);
    let (a, b) = (venue.client("MM1"), venue.client("MM2"));
    (venue, a, b)
}

/// Insists that neither has got more than it was told, and ends the venue.
fn finish(venue: Venue, clients: impl IntoIterator<Item = Client>) {
    for mut client in clients {
        client.quiet();
        client.log_out();
    }
    venue.stop().assert_no_panic();
}

/// Puts a limit order for AAPL into the book.
#[track_caller]
fn rest(client: &mut Client, id: &str, side: &str, quantity: &str, price: &str) {
    client.limit(id, side, quantity, price);
    client.execution(&[(11, id), (150, "0"), (39, "0"), (151, quantity)]);
}

/// The next report must refuse an order, for this reason of the catalogue.
#[track_caller]
fn refused(client: &mut Client, id: &str, sentence: &str) -> Message {
    let report = client.execution(&[(11, id), (150, "8"), (39, "8")]);
    assert!(report.field(58).starts_with(sentence), "{report}");
    report
}

mod limit_and_market {
    use super::*;

    #[test]
    fn an_ioc_order_fills_what_it_can_and_the_rest_is_cancelled() {
        let (venue, mut maker, mut taker) = venue(&[]);
        rest(&mut maker, "m", SELL, "3", "585");
        taker.order("t", BUY, "5", &[(40, "2"), (44, "585"), (59, "3")]);
        taker.execution(&[(11, "t"), (150, "0"), (59, "3")]);
        taker.execution(&[(11, "t"), (150, "F"), (32, "3"), (31, "585")]);
        taker.execution(&[(11, "t"), (150, "4"), (39, "4"), (14, "3"), (151, "0")]);
        maker.execution(&[(11, "m"), (150, "F"), (39, "2")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_fok_order_fills_wholly_or_not_at_all() {
        let (venue, mut maker, mut taker) = venue(&[]);
        rest(&mut maker, "m", SELL, "3", "585");
        taker.order("t", BUY, "5", &[(40, "2"), (44, "585"), (59, "4")]);
        taker.execution(&[(11, "t"), (150, "0"), (59, "4")]);
        taker
            .execution(&[(11, "t"), (150, "4"), (14, "0")])
            .assert(&[(58, "a fill-or-kill order could not fill wholly")]);
        taker.order("u", BUY, "3", &[(40, "2"), (44, "585"), (59, "4")]);
        taker.execution(&[(11, "u"), (150, "0")]);
        taker.execution(&[(11, "u"), (150, "F"), (39, "2"), (32, "3")]);
        maker.execution(&[(11, "m"), (150, "F"), (39, "2")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_minimum_quantity_fills_at_once_or_nothing_does() {
        let (venue, mut maker, mut taker) = venue(&[]);
        rest(&mut maker, "m", SELL, "3", "585");
        taker.order("t", BUY, "5", &[(40, "2"), (44, "585"), (59, "3"), (110, "4")]);
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(150, "4"), (14, "0"), (58, "its minimum quantity could not fill at once")]);
        taker.order("u", BUY, "5", &[(40, "2"), (44, "585"), (59, "3"), (110, "3")]);
        taker.execution(&[(11, "u"), (150, "0")]);
        taker.execution(&[(11, "u"), (150, "F"), (32, "3")]);
        taker.execution(&[(11, "u"), (150, "4"), (14, "3")]);
        maker.execution(&[(11, "m"), (150, "F"), (39, "2")]);
        taker.order("v", BUY, "5", &[(40, "2"), (44, "585"), (59, "1"), (110, "3")]);
        refused(&mut taker, "v", "this combination").assert(&[(103, "11"), (110, "3"), (59, "1")]);
        taker.order("w", BUY, "5", &[(40, "2"), (44, "585"), (59, "3"), (110, "6")]);
        refused(&mut taker, "w", "the minimum quantity").assert(&[(103, "13"), (110, "6")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_post_only_order_is_refused_rather_than_trade() {
        let (venue, mut maker, mut taker) = venue(&[]);
        rest(&mut maker, "m", SELL, "3", "585");
        taker.order("t", BUY, "5", &[(40, "2"), (44, "585"), (18, "6")]);
        refused(&mut taker, "t", "a post-only order").assert(&[(18, "6")]);
        taker.order("u", BUY, "5", &[(40, "2"), (44, "584.99"), (18, "6")]);
        taker.execution(&[(11, "u"), (150, "0"), (18, "6")]);
        finish(venue, [maker, taker]);
    }
}

mod amounts {
    use super::*;

    #[test]
    fn a_market_buy_spends_an_amount() {
        let (venue, mut maker, mut taker) = venue(&["instrument.AAPL.taker_fee=100"]);
        rest(&mut maker, "m", SELL, "10", "500");
        let amount = |more: &[(u32, &'static str)]| {
            [&[(11, "t"), (55, "AAPL"), (54, BUY), (152, "1600")], more].concat()
        };
        let time = clock::now();
        let mut fields = amount(&[(40, "1")]);
        fields.push((60, &time));
        taker.send("D", &fields);
        let accepted = taker.report();
        accepted.assert(&[(35, "8"), (11, "t"), (150, "0"), (38, "0"), (152, "1600"), (151, "0"), (14, "0")]);
        // Three at 500 and one percent of that are 1515.
        let fill = taker.report();
        fill.assert(&[
            (150, "F"),
            (39, "2"),
            (32, "3"),
            (38, "3"),
            (14, "3"),
            (151, "0"),
            (152, "1600"),
            (137, "15"),
        ]);
        maker.execution(&[(11, "m"), (150, "F"), (32, "3")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn an_amount_is_for_market_buys_and_instead_of_a_quantity() {
        let (venue, mut a, b) = venue(&[]);
        a.order("limit", BUY, "1", &[(40, "2"), (44, "500"), (152, "500")]);
        refused(&mut a, "limit", "this combination");
        let time = clock::now();
        let sell = [(11, "sell"), (55, "AAPL"), (54, SELL), (60, time.as_str()), (40, "1"), (152, "500")];
        a.send("D", &sell);
        let report = a.report();
        report.assert(&[(35, "8"), (11, "sell"), (150, "8"), (152, "500")]);
        let none = [(11, "none"), (55, "AAPL"), (54, BUY), (60, time.as_str()), (40, "1")];
        a.send("D", &none);
        a.report().assert(&[(35, "j"), (380, "5")]);
        finish(venue, [a, b]);
    }
}

mod volatility {
    use super::*;

    #[test]
    fn a_trade_beyond_the_dynamic_band_interrupts_trading_for_an_auction() {
        let settings = ["instrument.AAPL.dynamic_band_percent=1", "instrument.AAPL.volatility_call_ms=1000"];
        let (venue, mut maker, mut taker) = venue(&settings);
        rest(&mut maker, "near", SELL, "1", "586");
        rest(&mut maker, "far", SELL, "1", "600");
        taker.limit("t", BUY, "2", "600");
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), (150, "F"), (31, "586"), (39, "1")]);
        maker.execution(&[(11, "near"), (150, "F"), (39, "2")]);
        // The call is over after a second, and its auction trades what was left.
        taker.execution(&[(11, "t"), (150, "F"), (39, "2"), (31, "600"), (851, "4")]);
        maker.execution(&[(11, "far"), (150, "F"), (39, "2"), (851, "4")]);
        taker.order("m", BUY, "1", &[(40, "1")]);
        taker.execution(&[(11, "m"), (150, "0")]);
        taker.execution(&[(11, "m"), (150, "4")]);
        finish(venue, [maker, taker]);
    }
}

mod icebergs {
    use super::*;

    #[test]
    fn an_iceberg_shows_slices_and_goes_behind_others_with_each() {
        let (venue, mut maker, mut taker) = venue(&[]);
        maker.order("ice", SELL, "10", &[(40, "2"), (44, "585"), (59, "1"), (111, "4")]);
        maker.execution(&[(11, "ice"), (150, "0"), (151, "10"), (111, "4")]);
        rest(&mut maker, "plain", SELL, "5", "585");
        taker.limit("t", BUY, "9", "585");
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(150, "F"), (32, "4")]);
        taker.execution(&[(150, "F"), (32, "5"), (39, "2")]);
        maker.execution(&[(11, "ice"), (150, "F"), (32, "4"), (151, "6"), (111, "4")]);
        maker.execution(&[(11, "plain"), (150, "F"), (39, "2")]);
        finish(venue, [maker, taker]);
    }

    #[test]
    fn a_replace_takes_the_display_quantity_anew() {
        let (venue, mut maker, taker) = venue(&[]);
        maker.order("ice", SELL, "10", &[(40, "2"), (44, "585"), (59, "1"), (111, "4")]);
        maker.execution(&[(11, "ice"), (111, "4")]);
        let time = clock::now();
        let request =
            [(41, "ice"), (11, "r1"), (55, "AAPL"), (54, SELL), (60, time.as_str()), (38, "10"), (40, "2")];
        maker.send("G", &[&request[..], &[(44, "585"), (111, "2")]].concat());
        maker.execution(&[(11, "r1"), (41, "ice"), (150, "5"), (111, "2")]);
        maker.replace("r2", "r1", SELL, "10", "585");
        maker.execution(&[(11, "r2"), (41, "r1"), (150, "5")]).assert_absent(&[111]);
        maker.order("bad", SELL, "10", &[(40, "2"), (44, "585"), (111, "11")]);
        refused(&mut maker, "bad", "the display quantity").assert(&[(111, "11")]);
        maker.order("none", SELL, "10", &[(40, "2"), (44, "585"), (111, "0")]);
        refused(&mut maker, "none", "this combination");
        finish(venue, [maker, taker]);
    }
}

mod stops {
    use super::*;

    /// A trade at `price` between the two.
    #[track_caller]
    fn trade(a: &mut Client, b: &mut Client, name: &str, price: &str) {
        let (sell, buy) = (format!("{name}s"), format!("{name}b"));
        a.limit(&sell, SELL, "1", price);
        a.execution(&[(11, &sell), (150, "0")]);
        b.limit(&buy, BUY, "1", price);
        b.execution(&[(11, &buy), (150, "0")]);
        b.execution(&[(11, &buy), (150, "F"), (31, price)]);
        a.execution(&[(11, &sell), (150, "F"), (31, price)]);
    }

    #[test]
    fn a_stop_waits_is_triggered_by_a_trade_and_goes_to_market() {
        let (venue, mut a, mut b) = venue(&[]);
        let mut c = venue.client("MM3");
        c.order("stop", BUY, "2", &[(40, "3"), (99, "590"), (59, "1")]);
        c.execution(&[(11, "stop"), (150, "0"), (40, "3"), (99, "590"), (151, "2")]);
        rest(&mut a, "offer", SELL, "2", "591");
        trade(&mut a, &mut b, "t", "590");
        c.execution(&[(11, "stop"), (150, "L"), (39, "0"), (40, "1"), (151, "2")]);
        c.execution(&[(11, "stop"), (150, "F"), (31, "591"), (32, "2"), (39, "2")]);
        a.execution(&[(11, "offer"), (150, "F"), (39, "2")]);
        finish(venue, [a, b, c]);
    }

    #[test]
    fn a_stop_limit_becomes_a_limit_order_that_rests() {
        let (venue, mut a, mut b) = venue(&[]);
        let mut c = venue.client("MM3");
        c.order("stop", SELL, "2", &[(40, "4"), (99, "580"), (44, "579"), (59, "1")]);
        c.execution(&[(11, "stop"), (150, "0"), (40, "4"), (99, "580"), (44, "579")]);
        trade(&mut a, &mut b, "t", "580");
        c.execution(&[(11, "stop"), (150, "L"), (40, "2"), (44, "579")]);
        b.limit("hit", BUY, "2", "579");
        b.execution(&[(11, "hit"), (150, "0")]);
        b.execution(&[(11, "hit"), (150, "F"), (31, "579"), (39, "2")]);
        c.execution(&[(11, "stop"), (150, "F"), (39, "2")]);
        finish(venue, [a, b, c]);
    }

    #[test]
    fn a_trailing_stop_follows_the_best_price_at_its_distance() {
        let (venue, mut a, mut b) = venue(&[]);
        let mut c = venue.client("MM3");
        c.order("trail", SELL, "1", &[(40, "P"), (18, "a"), (211, "5"), (59, "1")]);
        c.execution(&[(11, "trail"), (150, "0"), (40, "P"), (18, "a"), (99, "580")]);
        trade(&mut a, &mut b, "t", "600");
        c.send("H", &[(11, "trail"), (55, "AAPL"), (54, SELL)]);
        c.execution(&[(11, "trail"), (150, "I"), (39, "0"), (99, "595")]);
        rest(&mut b, "bid", BUY, "1", "594");
        trade(&mut a, &mut b, "u", "595");
        c.execution(&[(11, "trail"), (150, "L"), (40, "1")]);
        c.execution(&[(11, "trail"), (150, "F"), (31, "594"), (39, "2")]);
        b.execution(&[(11, "bid"), (150, "F"), (39, "2")]);
        finish(venue, [a, b, c]);
    }

    #[test]
    fn a_stops_own_fields_are_required_and_its_stop_is_checked() {
        let (venue, mut a, b) = venue(&[]);
        for (id, fields, missing) in [
            ("s", &[(40, "3")][..], "99"),
            ("sl", &[(40, "4"), (44, "580")], "99"),
            ("p", &[(40, "P"), (18, "a")], "211"),
        ] {
            a.order(id, SELL, "1", fields);
            let reject = a.report();
            reject.assert(&[(35, "j"), (372, "D"), (380, "5")]);
            assert!(reject.field(58).contains(missing), "{reject}");
        }
        a.order("off", SELL, "1", &[(40, "3"), (99, "580.001")]);
        refused(&mut a, "off", "the stop price or trailing distance");
        a.order("negative", SELL, "1", &[(40, "P"), (18, "a"), (211, "-5")]);
        refused(&mut a, "negative", "the stop price or trailing distance").assert(&[(211, "-5")]);
        a.order("both", SELL, "1", &[(40, "3"), (99, "580"), (44, "579")]);
        refused(&mut a, "both", "this combination").assert(&[(99, "580")]);
        a.order("pegged", SELL, "1", &[(40, "P"), (18, "R"), (211, "5")]);
        refused(&mut a, "pegged", "this combination");
        finish(venue, [a, b]);
    }

    #[test]
    fn a_waiting_stop_is_cancelled_and_its_quantity_replaced_but_not_its_stop() {
        let (venue, mut a, b) = venue(&[]);
        a.order("s", SELL, "2", &[(40, "3"), (99, "500"), (59, "1")]);
        a.execution(&[(11, "s"), (150, "0")]);
        let time = clock::now();
        let request =
            |id| [(41, "s"), (11, id), (55, "AAPL"), (54, SELL), (60, time.as_str()), (38, "3"), (40, "3")];
        a.send("G", &[&request("r")[..], &[(99, "510")]].concat());
        a.report().assert(&[(35, "9"), (11, "r"), (434, "2")]);
        a.send("G", &request("q"));
        a.execution(&[(11, "q"), (41, "s"), (150, "5"), (38, "3"), (99, "500"), (40, "3")]);
        a.cancel("c", "q", SELL);
        a.execution(&[(11, "c"), (41, "q"), (150, "4"), (39, "4")]);
        finish(venue, [a, b]);
    }
}

mod times_in_force {
    use super::*;

    #[test]
    fn a_gtd_order_ends_at_its_expire_time() {
        let (venue, mut a, b) = venue(&[]);
        let soon = clock::in_ms(2_000);
        a.order("g", BUY, "1", &[(40, "2"), (44, "500"), (59, "6"), (126, &soon)]);
        let accepted = a.execution(&[(11, "g"), (150, "0"), (59, "6")]);
        assert!(accepted.field(126).starts_with(&soon), "{accepted}");
        a.execution(&[(11, "g"), (150, "C"), (39, "C"), (58, "its time in force is over")]);
        a.order("late", BUY, "1", &[(40, "2"), (44, "500"), (59, "6"), (126, "20200101-00:00:00")]);
        refused(&mut a, "late", "the expire time");
        a.order("day", BUY, "1", &[(40, "2"), (44, "500"), (59, "6"), (432, "20991231")]);
        a.execution(&[(11, "day"), (150, "0"), (126, "21000101-00:00:00.000000000")]);
        a.order("none", BUY, "1", &[(40, "2"), (44, "500"), (59, "6")]);
        a.report().assert(&[(35, "j"), (380, "5")]);
        a.order("other", BUY, "1", &[(40, "2"), (44, "500"), (59, "1"), (126, &clock::in_ms(60_000))]);
        refused(&mut a, "other", "this combination");
        finish(venue, [a, b]);
    }

    #[test]
    fn orders_for_an_auction_are_refused_or_kept_by_the_trading_state() {
        let (venue, mut a, b) = venue(&[]);
        a.order("open", BUY, "1", &[(40, "2"), (44, "500"), (59, "2")]);
        refused(&mut a, "open", "the instrument does not take this order");
        a.order("close", BUY, "1", &[(40, "2"), (44, "500"), (59, "7")]);
        a.execution(&[(11, "close"), (150, "0"), (59, "7")]);
        finish(venue, [a, b]);
    }
}

mod self_trade_prevention {
    use super::*;

    /// The maker's order of 5 rests, then an order of 3 of the same account comes with `mode`.
    fn meet(mode: Option<&str>, settings: &[&str], more: impl FnOnce(&mut Client)) {
        let (venue, mut a, b) = venue(settings);
        rest(&mut a, "old", SELL, "5", "585");
        let mut fields = vec![(40, "2"), (44, "585")];
        fields.extend(mode.map(|mode| (2964, mode)));
        a.order("new", BUY, "3", &fields);
        a.execution(&[(11, "new"), (150, "0")]);
        more(&mut a);
        finish(venue, [a, b]);
    }

    const TEXT: (u32, &str) = (58, "it would have traded with an order of its own account");

    #[test]
    fn without_a_word_the_newest_is_cancelled() {
        meet(None, &[], |a| drop(a.execution(&[(11, "new"), (150, "4"), (14, "0"), TEXT])));
    }

    #[test]
    fn a_session_can_have_another_mode() {
        meet(None, &["session.MM1.self_trade=cancel-oldest"], |a| {
            a.execution(&[(11, "old"), (150, "4"), (14, "0"), TEXT]);
        });
    }

    #[test]
    fn the_newest_is_cancelled() {
        meet(Some("1"), &["session.MM1.self_trade=none"], |a| {
            a.execution(&[(11, "new"), (150, "4"), (14, "0"), TEXT]);
        });
    }

    #[test]
    fn the_oldest_is_cancelled() {
        meet(Some("2"), &[], |a| drop(a.execution(&[(11, "old"), (150, "4"), (14, "0"), TEXT])));
    }

    #[test]
    fn both_are_cancelled() {
        meet(Some("3"), &[], |a| {
            a.execution(&[(11, "old"), (150, "4"), (14, "0"), TEXT]);
            a.execution(&[(11, "new"), (150, "4"), (14, "0"), TEXT]);
        });
    }

    #[test]
    fn both_are_reduced() {
        meet(Some("4"), &[], |a| {
            a.execution(&[(11, "old"), (150, "D"), (378, "8"), (38, "2"), (151, "2"), (14, "0")]);
            a.execution(&[(11, "new"), (150, "4"), (14, "0"), TEXT]);
        });
    }

    #[test]
    fn they_trade_if_that_is_wanted() {
        meet(Some("0"), &[], |a| {
            a.execution(&[(11, "old"), (150, "F"), (32, "3"), (151, "2")]);
            a.execution(&[(11, "new"), (150, "F"), (32, "3"), (39, "2")]);
        });
    }

    #[test]
    fn another_mode_does_not_exist() {
        let (venue, mut a, b) = venue(&[]);
        a.order("x", BUY, "1", &[(40, "2"), (44, "500"), (2964, "5")]);
        a.report().assert(&[(35, "3"), (371, "2964"), (373, "5")]);
        finish(venue, [a, b]);
    }
}

/// FIX session layer test case 19: a PossResend of what was seen is ignored, of what was not it is processed.
mod possible_resends {
    use super::*;

    fn again(client: &mut Client, id: &str) {
        let time = clock::now();
        let order =
            [(11, id), (55, "AAPL"), (54, BUY), (60, time.as_str()), (38, "1"), (40, "2"), (44, "500")];
        client.send("D", &[&[(97, "Y")][..], &order[..]].concat());
    }

    #[test]
    fn an_order_that_was_taken_is_not_taken_again_nor_refused() {
        let (venue, mut a, b) = venue(&[]);
        rest(&mut a, "x", BUY, "1", "500");
        again(&mut a, "x");
        again(&mut a, "y");
        a.execution(&[(11, "y"), (150, "0")]);
        a.limit("x", BUY, "1", "500");
        a.execution(&[(11, "x"), (150, "8"), (103, "6")]);
        finish(venue, [a, b]);
    }
}
