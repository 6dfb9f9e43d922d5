//! What the venue can say, said to QuickFIX in each version of FIX: the engine loads the dictionaries that we publish and
//! checks every message by them, as strictly as it can. A test fails if it finds fault with one.

use std::net::SocketAddr;

use penstock_tests::{
    Proxy, Venue, clock,
    trade::{BUY, SELL},
};
use penstock_tests_quickfix::{
    Trader, Version, finish, in_every_version,
    orders::{
        cancel, limit, mass_cancel, mass_quote, message, order, quote_cancel, replace, set_header, status,
    },
};
use quickfix::FieldMap;

/// A venue in which MM1 speaks `version` and MM2 the next one, with more settings.
fn venue(version: Version, more: &[&str]) -> Venue {
    let mine = format!("session.MM1.version={}", version.name());
    let others = format!("session.MM2.version={}", other(version).name());
    Venue::start(&[&[mine.as_str(), others.as_str()], more].concat())
}

/// The version that MM2 speaks if MM1 speaks this one.
fn other(version: Version) -> Version {
    match version {
        Version::Fix42 => Version::Fix44,
        Version::Fix44 => Version::Fix50Sp2,
        Version::Fix50Sp2 => Version::Fix42,
    }
}

/// MM1 in `version`, connected by `address`, and MM2 in its own.
fn two(version: Version, venue: &Venue, address: SocketAddr) -> (Trader, Trader) {
    let maker = Trader::logged_on_in(version, address, "MM1");
    (maker, Trader::logged_on_in(other(version), venue.fix, "MM2"))
}

/// ExecType (150) of a fill that leaves something of the order.
fn partial_fill(version: Version) -> (u32, &'static str) {
    (150, version.old_or_new("1", "F"))
}

/// ExecType (150) of a fill that ends the order.
fn fill(version: Version) -> (u32, &'static str) {
    (150, version.old_or_new("2", "F"))
}

#[test]
fn orders_trade_are_replaced_cancelled_and_asked_after() {
    in_every_version(|version| {
        let venue = venue(version, &["instrument.AAPL.taker_fee=2", "instrument.AAPL.maker_fee=1"]);
        let (maker, taker) = two(version, &venue, venue.fix);
        maker.send(limit("a", SELL, "10", "585"));
        maker.execution(&[(11, "a"), (150, "0"), (39, "0"), (151, "10")]);
        maker.send(replace("b", "a", SELL, "8", "584.50"));
        maker.execution(&[(11, "b"), (41, "a"), (150, "5"), (39, "0"), (38, "8"), (44, "584.5")]);
        taker.send(limit("t", BUY, "3", "585"));
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), fill(other(version)), (39, "2"), (31, "584.5"), (32, "3")]);
        maker.execution(&[(11, "b"), partial_fill(version), (39, "1"), (32, "3"), (14, "3"), (151, "5")]);
        maker.send(status("b", SELL, "q"));
        let told = [(11, "b"), (39, "1"), (790, "q"), (14, "3"), (151, "5")];
        maker.execution(&told).assert(&[version.old_or_new((20, "3"), (150, "I"))]);
        taker.send(order("u", BUY, "1", "2", &[]));
        taker.execution(&[(11, "u"), (150, "0"), (40, "1")]);
        taker.execution(&[(11, "u"), fill(other(version)), (39, "2"), (32, "2")]);
        maker.execution(&[(11, "b"), partial_fill(version), (14, "5"), (151, "3")]);
        maker.send(cancel("c", "b", SELL));
        maker.execution(&[(11, "c"), (41, "b"), (150, "4"), (39, "4"), (14, "5"), (151, "0")]);
        finish(venue, [maker, taker]);
    });
}

#[test]
fn a_stop_is_triggered_and_trades() {
    in_every_version(|version| {
        let venue = venue(version, &[]);
        let (maker, taker) = two(version, &venue, venue.fix);
        maker.send(order("stop", BUY, "4", "4", &[(99, "586"), (44, "586.50")]));
        maker.execution(&[(11, "stop"), (150, "0"), (40, "4"), (99, "586"), (44, "586.5")]);
        let third = Trader::logged_on(venue.fix, "MM3");
        taker.send(limit("offer", SELL, "1", "586"));
        taker.execution(&[(11, "offer"), (150, "0")]);
        third.send(limit("take", BUY, "1", "586"));
        third.execution(&[(11, "take"), (150, "0")]);
        third.execution(&[(11, "take"), (150, "F"), (39, "2")]);
        taker.execution(&[(11, "offer"), fill(other(version)), (39, "2")]);
        maker.execution(&[(11, "stop"), (150, "L"), (39, "0"), (40, "2"), (44, "586.5"), (151, "4")]);
        taker.send(limit("hit", SELL, "4", "586.50"));
        taker.execution(&[(11, "hit"), (150, "0")]);
        taker.execution(&[(11, "hit"), fill(other(version)), (39, "2"), (31, "586.5")]);
        maker.execution(&[(11, "stop"), fill(version), (39, "2"), (31, "586.5"), (32, "4")]);
        finish(venue, [maker, taker, third]);
    });
}

#[test]
fn displays_pegs_ends_and_decrements_are_told() {
    in_every_version(|version| {
        let venue = venue(version, &[]);
        let (maker, taker) = two(version, &venue, venue.fix);
        let display = if version == Version::Fix50Sp2 { 1138 } else { 111 };
        maker.send(order("ice", SELL, "2", "10", &[(44, "590"), (display, "2"), (59, "1")]));
        maker.execution(&[(11, "ice"), (150, "0"), (display, "2"), (59, "1")]);
        taker.send(order("least", BUY, "2", "3", &[(44, "590"), (59, "3"), (110, "3")]));
        taker.execution(&[(11, "least"), (150, "0")]);
        taker.execution(&[(11, "least"), partial_fill(other(version)), (32, "2")]);
        taker.execution(&[(11, "least"), fill(other(version)), (32, "1"), (39, "2")]);
        maker.execution(&[(11, "ice"), partial_fill(version), (32, "2")]);
        maker.execution(&[(11, "ice"), partial_fill(version), (32, "1")]);
        maker.send(order("trail", SELL, "P", "1", &[(18, "a"), (211, "50"), (59, "1")]));
        maker.execution(&[(11, "trail"), (150, "0"), (40, "P"), (18, "a")]);
        maker.send(order("post", SELL, "2", "1", &[(44, "595"), (18, "6")]));
        maker.execution(&[(11, "post"), (150, "0"), (18, "6")]);
        maker.send(order("close", BUY, "2", "1", &[(44, "500"), (59, "7")]));
        maker.receive().assert(&[(35, "8"), (11, "close"), (59, "7")]);
        maker.send(order("less", BUY, "2", "2", &[(44, "590"), (2964, "4")]));
        maker.execution(&[(11, "less"), (150, "0")]);
        maker.execution(&[(11, "ice"), (150, "D"), (378, version.old_or_new("4", "8"))]);
        maker.execution(&[(11, "less"), (150, "4")]);
        let end = clock::in_ms(1_000);
        maker.send(order("dated", BUY, "2", "1", &[(44, "500"), (59, "6"), (126, &end)]));
        maker.execution(&[(11, "dated"), (150, "0"), (59, "6")]);
        maker.execution(&[(11, "dated"), (150, "C"), (39, "C")]);
        finish(venue, [maker, taker]);
    });
}

#[test]
fn auctions_halts_and_amounts_are_told() {
    in_every_version(|version| {
        let venue = venue(version, &["instrument.AAPL.state=opening-auction"]);
        let (maker, taker) = two(version, &venue, venue.fix);
        maker.send(limit("sell", SELL, "5", "584"));
        maker.execution(&[(11, "sell"), (150, "0")]);
        maker.send(order("opening", BUY, "2", "1", &[(44, "500"), (59, "2")]));
        maker.execution(&[(11, "opening"), (150, "0"), (59, "2")]);
        taker.send(limit("buy", BUY, "3", "584"));
        taker.execution(&[(11, "buy"), (150, "0")]);
        venue.admin("instrument state AAPL continuous");
        taker.execution(&[(11, "buy"), fill(other(version)), (39, "2"), (31, "584")]);
        let sold = maker.execution(&[(11, "sell"), partial_fill(version), (39, "1"), (32, "3")]);
        // FIX 4.2 has no field for it.
        assert_eq!(sold.get(851), version.old_or_new(None, Some("4")), "{sold}");
        maker.execution(&[(11, "opening"), (150, "C"), (39, "C"), (59, "2")]);
        let time = clock::now();
        let terms = [(11, "spend"), (40, "1"), (54, BUY), (55, "AAPL"), (60, time.as_str()), (152, "1168")];
        taker.send(message("D", &[&terms[..], &[(21, "1")]].concat()));
        taker.receive().assert(&[(35, "8"), (11, "spend"), (150, "0"), (152, "1168"), (38, "0"), (151, "0")]);
        taker.receive().assert(&[(35, "8"), fill(other(version)), (152, "1168"), (38, "2"), (32, "2")]);
        maker.execution(&[(11, "sell"), fill(version), (39, "2"), (32, "2")]);
        venue.admin("halt AAPL");
        for trader in [&maker, &taker] {
            trader.receive().assert(&[(35, "B"), (148, "trading halted")]);
        }
        maker.send(limit("halted", BUY, "1", "584"));
        maker.execution(&[(11, "halted"), (150, "8"), (103, "2")]);
        maker.send(mass_quote("q", &[["AAPL", "584", "586"]], &[]));
        maker.receive().assert(&[(35, "b"), (117, "q"), (297, "5"), (300, "2")]);
        finish(venue, [maker, taker]);
    });
}

#[test]
fn orders_and_quotes_are_taken_off_by_the_mass() {
    in_every_version(|version| {
        let limits = "account.MM1.protection=[{ group = 0, fills = 1, window_ms = 3600000 }]";
        let venue = venue(version, &[limits]);
        let (maker, taker) = two(version, &venue, venue.fix);
        maker.send(limit("a", BUY, "1", "500"));
        maker.execution(&[(11, "a"), (150, "0")]);
        maker.send(limit("b", SELL, "1", "600"));
        maker.execution(&[(11, "b"), (150, "0")]);
        maker.send(mass_cancel("all"));
        maker.execution(&[(11, "a"), (150, "4"), (39, "4")]);
        maker.execution(&[(11, "b"), (150, "4"), (39, "4")]);
        maker.receive().assert(&[(35, "r"), (11, "all"), (530, "1"), (531, "1"), (533, "2")]);

        let quoted = |id: &str| {
            maker.receive().assert(&[(35, "b"), (117, id), (297, "0")]);
            for side in [BUY, SELL] {
                maker.execution(&[(11, id), (150, "0"), (54, side)]);
            }
        };
        let gone = || {
            for side in [BUY, SELL] {
                maker.execution(&[(150, "4"), (39, "4"), (54, side)]);
            }
        };
        let sides = [["AAPL", "584", "586"]];
        maker.send(mass_quote("q1", &sides, &[]));
        quoted("q1");
        maker.send(quote_cancel("z"));
        gone();
        maker.receive().assert(&[(35, "b"), (117, "z"), (297, "1")]);
        maker.send(mass_quote("q2", &sides, &[(1, "MM1")]));
        quoted("q2");
        taker.send(limit("t", BUY, "1", "586"));
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), fill(other(version)), (39, "2")]);
        maker.execution(&[(11, "q2"), partial_fill(version), (32, "1"), (151, "9")]);
        gone();
        maker.receive().assert(&[(35, "b"), (297, "6"), (1, "MM1")]);
        maker.send(mass_quote("q3", &sides, &[]));
        maker.receive().assert(&[(35, "b"), (117, "q3"), (297, "5"), (300, "9")]);
        maker.send(mass_quote("q4", &sides, &[(9773, "Y")]));
        quoted("q4");
        maker.send(message("Z", &[(117, "y"), (298, "4")]));
        gone();
        maker.receive().assert(&[(35, "b"), (117, "y"), (297, "4")]);
        finish(venue, [maker, taker]);
    });
}

#[test]
fn refusals_of_every_kind_are_told() {
    in_every_version(|version| {
        let venue = venue(version, &[]);
        let trader = Trader::logged_on_in(version, venue.fix, "MM1");
        // Of orders, with whatever of the order can be said.
        let refused = |reason: (&str, &str)| {
            let reason = version.old_or_new(reason.0, reason.1);
            let report = trader.execution(&[(150, "8"), (39, "8"), (151, "0"), (103, reason)]);
            assert!(!report.field(58).is_empty(), "{report}");
        };
        trader.send(limit("tick", BUY, "10", "585.005"));
        refused(("0", "99"));
        trader.send(limit("lot", BUY, "1.5", "585"));
        refused(("0", "13"));
        trader.send(order("symbol", BUY, "2", "10", &[(55, "MSFT"), (44, "585")]));
        refused(("1", "1"));
        trader.send(limit("band", BUY, "10", "2000"));
        refused(("0", "99"));
        trader.send(limit("nothing", BUY, "0", "585"));
        refused(("0", "13"));
        trader.send(order("open", BUY, "2", "1", &[(44, "500"), (59, "2")]));
        trader.execution(&[(11, "open"), (150, "8"), (59, "2")]);
        trader.send(order("least", BUY, "2", "9", &[(44, "500"), (110, "3"), (2964, "1")]));
        trader.execution(&[(11, "least"), (150, "8"), (110, "3"), (2964, "1")]);
        trader.send(order("short", "5", "2", "9", &[(44, "500")]));
        trader.execution(&[(11, "short"), (150, "8"), (54, "5")]);
        trader.send(limit("once", BUY, "10", "580"));
        trader.execution(&[(11, "once"), (150, "0")]);
        trader.send(limit("once", BUY, "10", "580"));
        refused(("6", "6"));
        trader.send(order("once", BUY, "P", "9", &[(18, "a"), (211, "1")]));
        trader.execution(&[(11, "once"), (150, "8"), (18, "a"), (211, "1")]);
        trader.send(status("never", BUY, "q"));
        trader.receive().assert(&[(35, "8"), (11, "never"), (39, "8"), (790, "q")]);

        // Of requests about orders.
        trader.send(cancel("c1", "never", BUY));
        trader.receive().assert(&[
            (35, "9"),
            (11, "c1"),
            (41, "never"),
            (434, "1"),
            (102, "1"),
            (37, "NONE"),
        ]);
        trader.send(replace("r1", "never", BUY, "1", "580"));
        trader.receive().assert(&[(35, "9"), (11, "r1"), (434, "2"), (102, "1"), (39, "8")]);
        trader.send(replace("r2", "once", BUY, "10", "580.005"));
        trader.receive().assert(&[(35, "9"), (11, "r2"), (434, "2"), (39, "0")]);
        trader.send(cancel("c2", "once", BUY));
        trader.execution(&[(11, "c2"), (150, "4")]);

        // Of many at once.
        let now = clock::now();
        trader.send(message("q", &[(11, "m1"), (530, "1"), (55, "NOPE"), (60, &now)]));
        trader.receive().assert(&[(35, "r"), (11, "m1"), (531, "0"), (532, "1"), (55, "NOPE")]);
        trader.send(message("q", &[(11, "m2"), (530, "7"), (1, "MM2"), (60, &now)]));
        trader.receive().assert(&[(35, "r"), (11, "m2"), (531, "0"), (532, "99")]);
        trader.send(message("q", &[(11, "m3"), (530, "3"), (60, &now)]));
        trader.receive().assert(&[(35, "r"), (11, "m3"), (531, "0"), (532, "0")]);
        let entries = [["BTCUSDT", "49000", "51000"], ["AAPL", "586", "584"]];
        trader.send(mass_quote("q1", &entries, &[]));
        trader.receive().assert(&[(35, "b"), (117, "q1"), (297, "5"), (300, "7"), (299, "2"), (368, "7")]);
        trader.send(mass_quote("q2", &[["NOPE", "1", "2"]], &[]));
        trader.receive().assert(&[(35, "b"), (117, "q2"), (297, "5"), (300, "1"), (55, "NOPE")]);
        trader.send(mass_quote("q3", &[["AAPL", "584.001", "585"]], &[]));
        trader.receive().assert(&[(35, "b"), (117, "q3"), (297, "5"), (300, "8"), (299, "1")]);
        trader.send(mass_quote("q4", &[["AAPL", "584", "586"]], &[(1, "MM2")]));
        trader.receive().assert(&[(35, "b"), (117, "q4"), (297, "5"), (300, "9")]);

        // Of messages that FIX does not allow, that the venue does not serve, and that lack what another field asks for.
        for (more, reason, tag) in [
            (&[(44, "500"), (54, "Z")][..], "5", "54"),
            (&[(44, "five hundred")], "6", "44"),
            (&[(44, "500"), (112, "x")], "2", "112"),
            (&[(44, "500"), (4999, "x")], "0", "4999"),
        ] {
            trader.send(order("bad", BUY, "2", "1", more));
            trader.rejected(&[(35, "3"), (372, "D"), (373, reason), (371, tag)]);
        }
        trader.send(message("D", &[(11, "no side"), (38, "1"), (40, "1"), (55, "AAPL"), (60, &now)]));
        trader.rejected(&[(35, "3"), (372, "D"), (373, "1"), (371, "54")]);
        // FIX 4.2 has no code for this one; its words are told.
        let mut quote = mass_quote("q5", &[["AAPL", "584", "586"]], &[]);
        quote.set_field(296, "2").expect("a count");
        trader.send(quote);
        let reject = trader.rejected(&[(35, "3"), (372, "i"), (371, "296")]);
        assert_eq!(reject.get(373), version.old_or_new(None, Some("16")), "{reject}");
        trader.send(message("##", &[(11, "type")]));
        trader.rejected(&[(35, "3"), (372, "##"), (373, "11")]);
        trader.send(message("R", &[(131, "quote?")]));
        trader.rejected(&[(35, "j"), (372, "R"), (380, "3")]);
        trader.send(order("no price", BUY, "2", "1", &[]));
        trader.rejected(&[(35, "j"), (372, "D"), (380, "5"), (379, "no price")]);
        finish(venue, [trader]);
    });
}

#[test]
fn what_was_missed_comes_again_marked_as_possible_duplicates() {
    in_every_version(|version| {
        let venue = venue(version, &[]);
        let wire = Proxy::to(venue.fix);
        let (maker, taker) = two(version, &venue, wire.address);
        let sides = [["AAPL", "584", "585"]];
        maker.send(mass_quote("q", &sides, &[]));
        maker.receive().assert(&[(35, "b"), (297, "0")]);
        for side in [BUY, SELL] {
            maker.execution(&[(11, "q"), (150, "0"), (54, side)]);
        }
        maker.cut_off(&wire);
        taker.send(limit("take", BUY, "4", "585"));
        taker.execution(&[(11, "take"), (150, "0")]);
        taker.execution(&[(11, "take"), fill(other(version)), (39, "2")]);
        maker.send(limit("late", SELL, "1", "590"));
        wire.mend();
        maker.wait_logons(2);
        let missed = maker.execution(&[(11, "q"), partial_fill(version), (32, "4"), (151, "6")]);
        missed.assert(&[(43, "Y"), (8, version.begin_string())]);
        assert!(!missed.field(122).is_empty(), "a duplicate has OrigSendingTime: {missed}");
        maker.execution(&[(11, "late"), (150, "0"), (39, "0")]).assert_absent(&[43]);
        finish(venue, [maker, taker]);
    });
}

#[test]
fn a_single_message_in_another_application_version_is_refused() {
    let version = Version::Fix50Sp2;
    let venue = venue(version, &[]);
    let trader = Trader::logged_on_in(version, venue.fix, "MM1");
    let order_in = |id: &str, version: &str| {
        let mut order = limit(id, BUY, "1", "500");
        set_header(&mut order, 1128, version);
        order
    };
    trader.send(order_in("sp1", "8"));
    trader.rejected(&[(35, "3"), (371, "1128"), (372, "D"), (373, "18")]);
    trader.send(order_in("sp2", "9"));
    trader.execution(&[(11, "sp2"), (150, "0")]);
    finish(venue, [trader]);
}
