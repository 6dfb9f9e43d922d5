//! Replays and drop copies, held by QuickFIX against the dictionaries that we publish, in each version of FIX.

use penstock_tests::{
    Venue,
    trade::{BUY, SELL},
};
use penstock_tests_quickfix::{
    Trader, Version, finish, in_every_version,
    orders::{application_request, cancel, limit, mass_cancel, mass_quote, message, replace},
};

/// A venue in which MM1 and DROP1 speak `version`.
fn venue(version: Version) -> Venue {
    let versions = ["MM1", "DROP1"].map(|name| format!("session.{name}.version={}", version.name()));
    Venue::start(&[&versions[0], &versions[1], "instrument.AAPL.taker_fee=2"])
}

#[test]
fn reports_of_every_kind_are_sent_again_and_copied() {
    in_every_version(|version| {
        let venue = venue(version);
        let trader = Trader::logged_on_in(version, venue.fix, "MM1");
        let drop = Trader::logged_on_in(version, venue.fix, "DROP1");
        let other = Trader::logged_on(venue.fix, "MM2");
        other.send(limit("offer", SELL, "2", "585"));
        other.execution(&[(150, "0")]);
        let mut reports = 0;
        let mut take = |count: usize| {
            reports += count;
            (0..count).map(|_| trader.receive()).collect::<Vec<_>>()
        };
        trader.send(limit("a", BUY, "5", "585"));
        take(2); // new, and filled in part
        trader.send(replace("b", "a", BUY, "5", "584"));
        trader.send(cancel("c", "b", BUY));
        trader.send(cancel("d", "never", BUY));
        trader.send(limit("off", BUY, "5", "5850"));
        let kinds: Vec<_> = take(4).iter().map(|report| report.kind().to_owned()).collect();
        assert_eq!(kinds, ["8", "8", "9", "8"]);
        trader.send(mass_quote("q", &[["AAPL", "500", "600"]], &[]));
        trader.send(mass_cancel("m"));
        take(6); // the quotes taken, both orders, both gone, how many they were
        trader.send(application_request("all", "0", Some(("MM1", "1", "0"))));
        trader.receive().assert(&[(35, "BX"), (1346, "all"), (1348, "0"), (1349, &reports.to_string())]);
        for appl_seq in 1..=reports {
            trader.receive().assert(&[(97, "Y"), (1352, "Y"), (1181, &appl_seq.to_string())]);
        }
        trader.receive().assert(&[(35, "BY"), (1346, "all"), (1426, "3")]);
        trader.send(application_request("none", "0", Some(("MM1", "900", "0"))));
        trader.receive().assert(&[(35, "BX"), (1348, "2"), (1354, "1")]);
        trader.send(application_request("whose", "0", Some(("MM2", "1", "0"))));
        trader.receive().assert(&[(35, "BX"), (1348, "1"), (1354, "0")]);
        trader.send(application_request("last", "2", None));
        trader.receive().assert(&[(35, "BX"), (1348, "0")]);
        // All but how many were cancelled is copied, and the other's order and trade.
        for appl_seq in 1..=reports - 1 + 2 {
            drop.receive().assert(&[(797, "Y"), (1180, "DROP1"), (1181, &appl_seq.to_string())]);
        }
        other.execution(&[(150, "F")]);
        drop.send(message(
            "F",
            &[(11, "x"), (41, "y"), (54, BUY), (55, "AAPL"), (60, &penstock_tests::clock::now())],
        ));
        drop.rejected(&[(35, "j"), (372, "F"), (380, version.old_or_new("0", "6"))]);
        finish(venue, [trader, drop, other]);
    });
}
