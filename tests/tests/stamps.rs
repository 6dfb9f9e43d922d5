//! Each report of an order says when who had it, and which message its session had processed by then.

use penstock_tests::{
    Client, Message, Venue,
    trade::{BUY, SELL},
};

/// Nanoseconds since midnight of a UTCTimestamp with nine places.
#[track_caller]
fn nanos(message: &Message, tag: u32) -> u64 {
    let (_, time) = message.field(tag).split_once('-').expect("a date and a time");
    let (whole, part) = time.split_once('.').expect("a part of a second");
    assert_eq!(part.len(), 9, "{tag} in {message}");
    let seconds = whole.split(':').fold(0, |sum, two| sum * 60 + two.parse::<u64>().expect("two digits"));
    seconds * 1_000_000_000 + part.parse::<u64>().expect("digits")
}

/// Insists that `report` was with the gateway, the matcher and the gateway again, in this order, and on which message it is.
#[track_caller]
fn assert_stamped(report: &Message, processed: &str) {
    report.assert(&[(369, processed)]);
    let header = report.0.iter().position(|(tag, _)| *tag == 369).expect("is there");
    assert!(header < report.0.iter().position(|(tag, _)| *tag == 37).expect("is there"), "{report}");
    let hops = [9801, 9802, 9803, 52].map(|tag| nanos(report, tag));
    assert!(hops.is_sorted(), "{hops:?} in {report}");
    // The parts of the way sum up to the whole of it: none is left out and none counted twice.
    let parts: u64 = hops.windows(2).map(|pair| pair[1] - pair[0]).sum();
    assert_eq!(parts, hops[3] - hops[0], "{report}");
    assert_eq!(report.field(60), report.field(9802), "{report}");
}

/// A client of session MM1 in `version`, and one of MM2.
fn clients(venue: &Venue, begin_string: &'static str) -> [Client; 2] {
    let mut first = Client::connect(venue.fix, "MM1");
    first.begin_string = begin_string;
    let more: &[_] = if begin_string == "FIXT.1.1" { &[(141, "Y"), (1137, "9")] } else { &[(141, "Y")] };
    first.log_on(more).assert(&[(35, "A")]);
    [first, venue.client("MM2")]
}

#[test]
fn every_report_of_an_order_is_stamped_in_every_version() {
    for (version, begin_string) in
        [("FIX.4.2", "FIX.4.2"), ("FIX.4.4", "FIX.4.4"), ("FIX.5.0SP2", "FIXT.1.1")]
    {
        for threads in ["shared", "dedicated"] {
            let settings = [format!("session.MM1.version={version}"), format!("threads.mode={threads}")];
            let venue = Venue::start(&[&settings[0], &settings[1]]);
            let [mut first, mut second] = clients(&venue, begin_string);
            first.limit("a", SELL, "5", "585");
            assert_stamped(&first.execution(&[(11, "a"), (150, "0")]), "2");
            first.limit("b", SELL, "1", "590");
            assert_stamped(&first.execution(&[(11, "b"), (150, "0")]), "3");
            // A maker's fill is by the taker's message, and its session has processed what it had.
            second.limit("t", BUY, "2", "585");
            assert_stamped(&second.execution(&[(11, "t"), (150, "0")]), "2");
            let taken = second.report();
            assert_stamped(taken.assert(&[(11, "t"), (32, "2")]), "2");
            let made = first.report();
            assert_stamped(made.assert(&[(11, "a"), (32, "2")]), "3");
            assert_eq!(made.field(9801), taken.field(9801));
            first.cancel("x", "b", SELL);
            assert_stamped(&first.execution(&[(11, "x"), (150, "4")]), "4");
            // What the matcher refuses, and what never gets there.
            first.cancel("y", "b", SELL);
            let refused = first.report();
            assert_stamped(refused.assert(&[(35, "9"), (11, "y")]), "5");
            first.order("z", BUY, "1", &[(55, "MSFT"), (40, "2"), (44, "1")]);
            let refused = first.report();
            refused.assert(&[(35, "8"), (11, "z"), (150, "8"), (369, "6")]).assert_absent(&[9802, 9803]);
            assert_eq!(refused.field(9801), refused.field(60));
            for mut client in [first, second] {
                client.quiet();
                client.log_out();
            }
            venue.stop().assert_no_panic();
        }
    }
}

#[test]
fn a_session_without_stamps_gets_none() {
    let venue = Venue::start(&["session.MM1.stamps=false"]);
    let mut client = venue.client("MM1");
    client.limit("a", SELL, "5", "585");
    client.execution(&[(11, "a"), (150, "0")]).assert_absent(&[369, 9801, 9802, 9803]);
    client.cancel("y", "unknown", SELL);
    client.report().assert(&[(35, "9")]).assert_absent(&[369, 9801, 9802, 9803]);
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn numbers_begun_anew_are_not_reported_as_processed() {
    let venue = Venue::start(&[]);
    let [mut first, mut second] = clients(&venue, "FIX.4.4");
    for id in ["a", "b", "c"] {
        first.limit(id, SELL, "1", "585");
        first.execution(&[(11, id), (150, "0")]);
    }
    first.log_out();
    let mut first = venue.client("MM1"); // with ResetSeqNumFlag
    second.limit("t", BUY, "1", "585");
    assert_stamped(&first.execution(&[(11, "a"), (32, "1")]), "1");
    venue.stop().assert_no_panic();
}
