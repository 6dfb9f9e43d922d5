//! What clients recover by: numbers of reports that are apart from those of the session, and reports asked for by them.

use std::path::Path;

use penstock_tests::{
    Client, Message, Penstock,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};

/// Small stores: they are made and brought in with each gateway.
const STORE: &str = "fix.resend_bytes_max=1048576";

fn gateway(data: &Path) -> (Penstock, std::net::SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &[STORE]));
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// A resting order and its cancel, which the venue reports under the stream's numbers from `from` on.
fn two_reports(client: &mut Client, id: &str, from: u64) {
    client.limit(id, SELL, "10", "600.00");
    client.execution(&[(11, id), (150, "0"), (1180, "MM1"), (1181, &from.to_string())]);
    let cancel = format!("c{id}");
    client.cancel(&cancel, id, SELL);
    client.execution(&[(11, &cancel), (150, "4"), (1180, "MM1"), (1181, &(from + 1).to_string())]);
}

#[test]
fn reports_are_numbered_apart_from_the_session() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    two_reports(&mut client, "a", 1);
    client.order("refused here", BUY, "1", &[(55, "NOPE"), (40, "2"), (44, "1")]);
    client.execution(&[(150, "8"), (103, "1")]).assert_absent(&[1180, 1181]);
    client.cancel("unknown", "never", SELL);
    client.report().assert(&[(35, "9"), (11, "unknown"), (1180, "MM1"), (1181, "3")]);
    let time = penstock_tests::clock::now();
    client.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    client.report().assert(&[(35, "r"), (11, "all"), (1180, "MM1"), (1181, "4")]);
    let (bid, offer) = ([(132, "500"), (134, "1")], [(133, "700"), (135, "1")]);
    let sets = [(117, "q"), (296, "1"), (302, "1"), (304, "1"), (295, "1"), (299, "1"), (55, "AAPL")];
    client.send("i", &[&sets[..], &bid, &offer].concat());
    client.report().assert(&[(35, "b"), (117, "q"), (297, "0"), (1180, "MM1"), (1181, "5")]);
    client.execution(&[(11, "q"), (1181, "6")]);
    client.execution(&[(11, "q"), (1181, "7")]);
    client.send("Z", &[(117, "z"), (298, "4")]);
    client.execution(&[(150, "4"), (1181, "8")]);
    client.execution(&[(150, "4"), (1181, "9")]);
    client.report().assert(&[(35, "b"), (117, "z"), (1181, "10")]);
    client.log_out();
    // Begins both sequence numbers anew, and not these.
    let mut client = venue.client("MM1");
    two_reports(&mut client, "b", 11);
    client.log_out();
    let mut other = venue.client("MM2");
    other.limit("x", BUY, "1", "500.00");
    other.execution(&[(1180, "MM2"), (1181, "1")]);
    venue.stop().assert_no_panic();
}

#[test]
fn numbers_of_reports_go_on_with_another_gateway() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    two_reports(&mut Client::logged_on(address, "MM1"), "a", 1);
    process.kill9();
    let (process, address) = gateway(data.path());
    two_reports(&mut Client::logged_on(address, "MM1"), "b", 3);
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}

/// Asks for the client's reports `first` to `last` by a request named `id`.
fn ask(client: &mut Client, id: &str, stream: &str, first: &str, last: &str) {
    let asked = [(1346, id), (1347, "0"), (1351, "1"), (1355, stream), (1182, first), (1183, last)];
    client.send("BW", &asked);
}

/// Insists that `again` is `report`, sent again.
#[track_caller]
fn assert_again(again: &Message, report: &Message) {
    again.assert(&[(97, "Y"), (1352, "Y")]).assert_absent(&[43, 122]);
    let said = |message: &Message| {
        let of_sending = [8, 9, 10, 34, 43, 49, 52, 56, 97, 122, 1352];
        message.0.iter().filter(|(tag, _)| !of_sending.contains(tag)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(said(again), said(report), "{again} of {report}");
}

/// Five reports, of three kinds.
fn five_reports(client: &mut Client) -> Vec<Message> {
    client.limit("a", SELL, "10", "600.00");
    client.replace("b", "a", SELL, "10", "601.00");
    client.cancel("c", "never", SELL);
    client.send("q", &[(11, "all"), (530, "7"), (60, &penstock_tests::clock::now())]);
    (0..5).map(|_| client.report()).collect()
}

#[test]
fn reports_come_again_as_new_messages_after_a_reset() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    let reports = five_reports(&mut client);
    client.log_out();
    let mut client = venue.client("MM1"); // resets both numbers
    ask(&mut client, "R1", "MM1", "2", "4");
    let answer = [(1346, "R1"), (1347, "0"), (1348, "0"), (1349, "3"), (1355, "MM1")];
    let range = [(1182, "2"), (1183, "4"), (1357, "5")];
    client.report().assert(&[(35, "BX")]).assert(&answer).assert(&range).assert_absent(&[1354, 58]);
    for report in &reports[1..4] {
        assert_again(&client.report(), report);
    }
    client.report().assert(&[(35, "BY"), (1346, "R1"), (1426, "3"), (1355, "MM1"), (1357, "4")]);
    // All there are, by the session's own numbers too: possible duplicates of possible resends.
    ask(&mut client, "R2", "MM1", "1", "0");
    client.report().assert(&[(35, "BX"), (1348, "0"), (1349, "5"), (1182, "1"), (1183, "5")]);
    let again: Vec<_> = (0..5).map(|_| client.report()).collect();
    client.report().assert(&[(35, "BY"), (1346, "R2"), (1357, "5")]);
    client.send("2", &[(7, &again[0].seq().to_string()), (16, &again[4].seq().to_string())]);
    for (message, report) in again.iter().zip(&reports) {
        assert_again(message, report);
        let duplicate = client.report();
        duplicate.assert(&[(43, "Y"), (97, "Y"), (34, &message.seq().to_string()), (1352, "Y")]);
        duplicate.assert(&[(1181, report.field(1181))]);
    }
    // New reports go on counting, and those sent again do not.
    client.limit("d", SELL, "10", "600.00");
    client.execution(&[(150, "0"), (1181, "6")]).assert_absent(&[97, 1352]);
    venue.stop().assert_no_panic();
}

#[test]
fn requests_that_cannot_be_served_are_told_so() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    ask(&mut client, "R0", "MM1", "1", "0");
    client.report().assert(&[(35, "BX"), (1348, "2"), (1354, "1"), (1357, "0")]);
    five_reports(&mut client);
    ask(&mut client, "R1", "MM2", "1", "0");
    client.report().assert(&[(35, "BX"), (1346, "R1"), (1348, "1"), (1355, "MM2"), (1354, "0")]);
    for (id, first, last) in [("R2", "6", "0"), ("R3", "4", "2"), ("R4", "900", "1000")] {
        ask(&mut client, id, "MM1", first, last);
        let answer = client.report();
        answer.assert(&[(35, "BX"), (1346, id), (1348, "2"), (1355, "MM1"), (1354, "1"), (1357, "5")]);
        assert!(answer.field(58).contains("status of orders"), "{answer}");
    }
    for kind in ["2", "3", "5"] {
        client.send("BW", &[(1346, "R5"), (1347, kind)]);
        client.report().assert(&[(35, "BX"), (1347, kind), (1348, "0"), (1355, "MM1"), (1357, "5")]);
    }
    for kind in ["1", "4", "6"] {
        client.send("BW", &[(1346, "R6"), (1347, kind), (1351, "1"), (1355, "MM1")]);
        client.report().assert(&[(35, "BX"), (1347, kind), (1348, "2"), (1354, "1")]);
    }
    let two = [(1351, "2"), (1355, "MM1"), (1182, "1"), (1355, "MM1"), (1182, "2")];
    client.send("BW", &[&[(1346, "R7"), (1347, "0")][..], &two].concat());
    client.report().assert(&[
        (35, "BX"),
        (1346, "R7"),
        (1348, "2"),
        (58, "one stream at a time; ask for the next when its ApplicationMessageReport has come"),
    ]);
    client.send("BW", &[(1346, "R8"), (1347, "0")]);
    client.report().assert(&[(35, "j"), (372, "BW"), (380, "5")]);
    client.send("BW", &[(1346, "R9")]);
    client.report().assert(&[(35, "3"), (372, "BW"), (373, "1"), (371, "1347")]);
    client.send("BW", &[(1346, "R9"), (1347, "9")]);
    client.report().assert(&[(35, "3"), (372, "BW"), (373, "5"), (371, "1347")]);
    client.quiet();
    venue.stop().assert_no_panic();
}

#[test]
fn what_is_older_than_kept_is_said_to_be_missing() {
    let venue = Venue::start(&["fix.resend_window=16"]);
    let mut client = venue.client("MM1");
    for id in 0..20 {
        client.limit(&id.to_string(), SELL, "1", "600.00");
        client.execution(&[(150, "0")]);
    }
    ask(&mut client, "R1", "MM1", "1", "0");
    let answer = client.report();
    answer.assert(&[(35, "BX"), (1348, "0"), (1349, "16"), (1182, "5"), (1183, "20"), (1354, "1")]);
    assert!(answer.field(58).contains("not kept any more"), "{answer}");
    for appl_seq in 5..=20 {
        client.execution(&[(97, "Y"), (1181, &appl_seq.to_string())]);
    }
    client.report().assert(&[(35, "BY"), (1426, "3"), (1357, "20")]);
    ask(&mut client, "R2", "MM1", "1", "4");
    client.report().assert(&[(35, "BX"), (1348, "2"), (1354, "1")]);
    venue.stop().assert_no_panic();
}

/// A long replay leaves others, and the session's own new orders, their turns.
#[test]
fn new_reports_come_between_those_that_are_sent_again() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    for id in 0..3_000 {
        client.limit(&id.to_string(), SELL, "1", "600.00");
    }
    for _ in 0..3_000 {
        client.execution(&[(150, "0")]);
    }
    // All in one piece, so that the venue has the order before it has sent the first of the reports again.
    let all = |id| [(1346, id), (1347, "0"), (1351, "1"), (1355, "MM1"), (1182, "1"), (1183, "0")];
    let time = penstock_tests::clock::now();
    let order =
        [(11, "between"), (55, "AAPL"), (54, SELL), (60, &*time), (38, "1"), (40, "2"), (44, "600.00")];
    let seq = client.next_out;
    let first = client.message("BW", seq, &all("R1"));
    let second = client.message("D", seq + 1, &order);
    let third = client.message("BW", seq + 2, &all("R2"));
    client.send_bytes(&[first, second, third].concat()).expect("the venue keeps the connection");
    client.next_out += 3;
    client.report().assert(&[(35, "BX"), (1346, "R1"), (1349, "3000")]);
    let mut again = 0;
    let mut between = None;
    let mut refused = None;
    loop {
        let message = client.report();
        match message.kind() {
            "BY" => break,
            "BX" => refused = Some(message),
            _ if message.get(97).is_none() => between = Some((again, message)),
            _ => {
                again += 1;
                message.assert(&[(1181, &again.to_string())]);
            }
        }
    }
    assert_eq!(again, 3_000);
    let (before, report) = between.expect("the new order's report comes before the end");
    assert!(before < 3_000, "{before}");
    report.assert(&[(11, "between"), (150, "0"), (1181, "3001")]);
    refused.expect("an answer").assert(&[(1346, "R2"), (1348, "2"), (1354, "1")]);
    client.quiet();
    venue.stop().assert_no_panic();
}

#[test]
fn copies_are_sent_again_too() {
    let venue = Venue::start(&[]);
    let (mut trader, mut drop) = (venue.client("MM1"), venue.client("DROP1"));
    trader.limit("a", SELL, "10", "600.00");
    trader.execution(&[(150, "0")]);
    let copy = drop.report();
    ask(&mut drop, "R1", "DROP1", "1", "0");
    drop.report().assert(&[(35, "BX"), (1348, "0"), (1349, "1"), (1355, "DROP1")]);
    let again = drop.report();
    again.assert(&[(797, "Y"), (1180, "DROP1"), (1181, "1")]);
    assert_again(&again, &copy);
    drop.report().assert(&[(35, "BY"), (1355, "DROP1")]);
    ask(&mut drop, "R2", "MM1", "1", "0");
    drop.report().assert(&[(35, "BX"), (1348, "1"), (1354, "0")]);
    venue.stop().assert_no_panic();
}

/// The gateway is killed; the next one sends what the former one did. The matcher's numbers begin anew with another matcher.
#[test]
fn reports_outlive_gateways_and_numbers_begin_anew_with_a_matcher() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    let mut client = Client::logged_on(address, "MM1");
    let reports = five_reports(&mut client);
    process.kill9();
    let (process, address) = gateway(data.path());
    let mut client = Client::logged_on(address, "MM1");
    ask(&mut client, "R1", "MM1", "1", "0");
    client.report().assert(&[(35, "BX"), (1349, "5")]);
    for report in &reports {
        assert_again(&client.report(), report);
    }
    client.report().assert(&[(35, "BY"), (1426, "3")]);
    client.log_out();
    process.stop().assert_no_panic();
    matcher.kill9();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    let mut client = Client::logged_on(address, "MM1");
    client.limit("a", SELL, "10", "600.00");
    client
        .receive()
        .assert(&[(35, "BY"), (1426, "0"), (1355, "MM1"), (1399, "1")])
        .assert_absent(&[1346, 1357]);
    let report = client.execution(&[(11, "a"), (150, "0"), (1181, "1")]);
    ask(&mut client, "R2", "MM1", "1", "0");
    client.report().assert(&[(35, "BX"), (1348, "0"), (1349, "1"), (1357, "1")]);
    assert_again(&client.report(), &report);
    client.report().assert(&[(35, "BY"), (1426, "3"), (1357, "1")]);
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}
