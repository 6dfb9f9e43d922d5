//! Sessions in FIX 4.2 and in FIX 5.0 SP2 over FIXT 1.1, against the venue as it is shipped: each trades with one in
//! FIX 4.4. Whatever it is told is held against the dictionary that the venue publishes for its version.

use std::sync::LazyLock;

use penstock_tests::{
    Client, Message, Venue, clock,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};

static FIX_4_2: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::published(&["FIX42"]));
static FIX_5_0: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::published(&["FIXT11", "FIX50SP2"]));

/// A venue in which session MM1 speaks `version`, a client of it that is not logged on, and MM2's, which is.
fn venue(version: &str, begin_string: &'static str) -> (Venue, Client, Client) {
    let venue = Venue::start(&[&format!("session.MM1.version={version}")]);
    let mut client = Client::connect(venue.fix, "MM1");
    client.begin_string = begin_string;
    let other = venue.client("MM2");
    (venue, client, other)
}

/// The end of a test, at which nobody has been told more than was looked at.
fn finish(venue: Venue, clients: [Client; 2]) {
    for mut client in clients {
        client.quiet();
        client.log_out();
    }
    venue.stop().assert_no_panic();
}

/// The next report, in its session's version.
#[track_caller]
fn told(client: &mut Client, kind: &str, fields: &[(u32, &str)]) -> Message {
    let report = client.report();
    report.assert(&[(35, kind)]).assert(fields);
    let dictionary = if client.begin_string == "FIX.4.2" { &FIX_4_2 } else { &FIX_5_0 };
    dictionary.assert(&report);
    report
}

/// An order for AAPL of 5 at 585, with `more`.
fn order(client: &mut Client, id: &str, side: &str, more: &[(u32, &str)]) {
    client.order(id, side, "5", &[&[(40, "2"), (44, "585")], more].concat());
}

/// A stop of `client` is triggered by a trade of two others, finds nothing to trade with, and says so.
fn a_stop_is_triggered(venue: &Venue, client: &mut Client, other: &mut Client) {
    client.order("S", BUY, "1", &[(21, "1"), (40, "3"), (99, "586")]);
    told(client, "8", &[(11, "S"), (150, "0"), (39, "0"), (40, "3"), (99, "586")]);
    let mut third = venue.client("MM3");
    other.limit("m", SELL, "1", "586");
    other.execution(&[(11, "m"), (150, "0")]);
    third.limit("t", BUY, "1", "586");
    third.execution(&[(11, "t"), (150, "0")]);
    third.execution(&[(11, "t"), (150, "F")]);
    other.execution(&[(11, "m"), (150, "F")]);
    third.log_out();
    told(client, "8", &[(11, "S"), (150, "L"), (39, "0"), (40, "1"), (151, "1")]);
    told(client, "8", &[(11, "S"), (150, "4"), (39, "4"), (151, "0")]);
}

/// A mass quote of `client` is acknowledged, and its two sides stand.
fn a_quote_is_acknowledged(client: &mut Client) {
    let entry = [(302, "A"), (304, "1"), (295, "1"), (299, "1"), (55, "AAPL")];
    let sides = [(132, "584"), (133, "586"), (134, "1"), (135, "1")];
    client.send("i", &[&[(117, "Q"), (296, "1")], &entry[..], &sides].concat());
    told(client, "b", &[(117, "Q"), (297, "0")]);
    told(client, "8", &[(11, "Q"), (150, "0"), (54, BUY), (44, "584")]);
    told(client, "8", &[(11, "Q"), (150, "0"), (54, SELL), (44, "586")]);
    client.send("Z", &[(117, "Z"), (298, "4")]);
    told(client, "8", &[(150, "4")]);
    told(client, "8", &[(150, "4")]);
    told(client, "b", &[(297, "4")]);
}

mod fix_4_2 {
    use super::*;

    fn logged_on() -> (Venue, Client, Client) {
        let (venue, mut old, new) = venue("FIX.4.2", "FIX.4.2");
        old.log_on(&[(141, "Y")]).assert(&[(35, "A"), (98, "0"), (108, "30")]).assert_absent(&[1137]);
        (venue, old, new)
    }

    #[test]
    fn an_order_trades_and_its_reports_are_those_of_fix_4_2() {
        let (venue, mut old, mut new) = logged_on();
        order(&mut old, "A", SELL, &[(21, "1")]);
        told(&mut old, "8", &[(11, "A"), (20, "0"), (150, "0"), (39, "0"), (151, "5"), (14, "0")]);
        new.limit("B", BUY, "2", "585");
        new.execution(&[(11, "B"), (150, "0")]);
        new.execution(&[(11, "B"), (150, "F"), (39, "2"), (32, "2"), (851, "2")]).assert_absent(&[20]);
        let later = [527, 851, 136, 137, 138, 139];
        told(
            &mut old,
            "8",
            &[(11, "A"), (20, "0"), (150, "1"), (39, "1"), (32, "2"), (31, "585"), (151, "3")],
        )
        .assert_absent(&later);
        old.send("H", &[(11, "A"), (55, "AAPL"), (54, SELL)]);
        told(&mut old, "8", &[(11, "A"), (20, "3"), (150, "1"), (39, "1"), (151, "3")]);
        new.limit("C", BUY, "3", "585");
        new.execution(&[(11, "C"), (150, "0")]);
        new.execution(&[(11, "C"), (150, "F"), (39, "2")]);
        told(&mut old, "8", &[(11, "A"), (20, "0"), (150, "2"), (39, "2"), (32, "3"), (151, "0"), (14, "5")])
            .assert_absent(&later);
        finish(venue, [old, new]);
    }

    #[test]
    fn cancels_replaces_and_refusals_have_the_reasons_of_fix_4_2() {
        let (venue, mut old, new) = logged_on();
        order(&mut old, "A", BUY, &[(21, "1")]);
        told(&mut old, "8", &[(11, "A"), (150, "0")]);
        let time = clock::now();
        let names = [(11, "B"), (41, "A"), (55, "AAPL"), (54, BUY), (60, time.as_str()), (21, "1")];
        old.send("G", &[&names[..], &[(38, "4"), (40, "2"), (44, "584")]].concat());
        told(&mut old, "8", &[(11, "B"), (41, "A"), (20, "0"), (150, "5"), (38, "4"), (44, "584")]);
        old.cancel("C", "A", BUY);
        told(&mut old, "9", &[(11, "C"), (41, "A"), (434, "1"), (102, "1")]);
        old.cancel("D", "B", BUY);
        told(&mut old, "8", &[(11, "D"), (41, "B"), (20, "0"), (150, "4"), (39, "4"), (151, "0")]);
        old.order("E", BUY, "5", &[(40, "2"), (44, "584.001"), (21, "1")]);
        told(&mut old, "8", &[(11, "E"), (20, "0"), (150, "8"), (39, "8"), (103, "0")]);
        finish(venue, [old, new]);
    }

    #[test]
    fn stops_and_quotes_are_told() {
        let (venue, mut old, mut new) = logged_on();
        a_stop_is_triggered(&venue, &mut old, &mut new);
        a_quote_is_acknowledged(&mut old);
        finish(venue, [old, new]);
    }

    #[test]
    fn a_client_that_begins_in_another_version_is_told_so() {
        for begin_string in ["FIX.4.4", "FIXT.1.1"] {
            let (venue, mut client, other) = venue("FIX.4.2", begin_string);
            client
                .log_on(&[(141, "Y")])
                .assert(&[(35, "5"), (58, "BeginString (8) is not that of the session's version of FIX")]);
            assert_eq!(client.closed(), []);
            let mut right = Client::connect(venue.fix, "MM1");
            right.begin_string = "FIX.4.2";
            right.log_on(&[(141, "Y")]).assert(&[(35, "A")]);
            finish(venue, [right, other]);
        }
    }
}

mod fix_5_0_sp2 {
    use super::*;

    fn logged_on() -> (Venue, Client, Client) {
        let (venue, mut new, old) = venue("FIX.5.0SP2", "FIXT.1.1");
        new.log_on(&[(141, "Y"), (1137, "9")]).assert(&[(35, "A"), (98, "0"), (108, "30"), (1137, "9")]);
        (venue, new, old)
    }

    #[test]
    fn an_iceberg_trades_and_its_displayed_part_is_a_display_quantity() {
        let (venue, mut new, mut old) = logged_on();
        order(&mut new, "A", SELL, &[(1138, "2")]);
        told(&mut new, "8", &[(11, "A"), (150, "0"), (39, "0"), (1138, "2"), (151, "5")])
            .assert_absent(&[111, 20]);
        old.limit("B", BUY, "5", "585");
        old.execution(&[(11, "B"), (150, "0")]);
        for (quantity, left) in [("2", "3"), ("2", "1"), ("1", "0")] {
            old.execution(&[(11, "B"), (150, "F"), (32, quantity)]);
            told(&mut new, "8", &[(11, "A"), (150, "F"), (32, quantity), (151, left), (851, "1")]);
        }
        finish(venue, [new, old]);
    }

    #[test]
    fn stops_and_quotes_are_told() {
        let (venue, mut new, mut old) = logged_on();
        a_stop_is_triggered(&venue, &mut new, &mut old);
        a_quote_is_acknowledged(&mut new);
        finish(venue, [new, old]);
    }

    #[test]
    fn a_mass_cancel_is_reported_under_a_number() {
        let (venue, mut new, old) = logged_on();
        order(&mut new, "A", BUY, &[]);
        told(&mut new, "8", &[(11, "A"), (150, "0")]);
        new.send("q", &[(11, "M"), (530, "7"), (60, &clock::now())]);
        told(&mut new, "8", &[(11, "A"), (150, "4"), (39, "4")]);
        let report = told(&mut new, "r", &[(11, "M"), (530, "7"), (531, "7"), (533, "1")]);
        assert!(report.get(1369).is_some(), "{report}");
        finish(venue, [new, old]);
    }

    #[test]
    fn a_logon_that_speaks_of_another_application_version_is_told_which_one_is_spoken() {
        for (more, text) in [
            (&[][..], "DefaultApplVerID (1137) is missing: it must be 9, FIX 5.0 SP2"),
            (&[(1137, "7")][..], "DefaultApplVerID (1137) must be 9, FIX 5.0 SP2"),
        ] {
            let (venue, mut client, other) = venue("FIX.5.0SP2", "FIXT.1.1");
            client.log_on(more).assert(&[(35, "5"), (58, text)]);
            assert_eq!(client.closed(), []);
            drop(client);
            other.log_out();
            venue.stop().assert_no_panic();
        }
    }
}
