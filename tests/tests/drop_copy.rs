//! Drop-copy sessions: copies of others' reports, and nothing else.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    path::Path,
};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock, clock,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};

/// Small stores: they are made and brought in with each gateway.
const STORE: &str = "fix.resend_bytes_max=1048576";

fn gateway(data: &Path) -> (Penstock, SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &[STORE]));
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// Insists that `copy` says what `report` does, in a stream of its own.
#[track_caller]
fn assert_copy(copy: &Message, report: &Message, appl_seq: u64) {
    copy.assert(&[(797, "Y"), (1180, "DROP1"), (1181, &appl_seq.to_string())]);
    report.assert_absent(&[797]);
    let said = |message: &Message| {
        let of_stream = [8, 9, 10, 34, 43, 49, 52, 56, 122, 369, 797, 1180, 1181];
        message.0.iter().filter(|(tag, _)| !of_stream.contains(tag)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(said(copy), said(report), "{copy} of {report}");
}

#[test]
fn every_report_of_a_watched_account_is_copied() {
    let venue = Venue::start(&["session.DROP1.watch=[\"MM1\"]"]);
    let (mut watched, mut other) = (venue.client("MM1"), venue.client("MM2"));
    let mut drop = venue.client("DROP1");
    let mut reports = Vec::new();
    watched.limit("a", SELL, "10", "585.00");
    reports.push(watched.execution(&[(150, "0")]));
    other.limit("b", BUY, "4", "585.00");
    other.execution(&[(150, "0")]);
    other.execution(&[(150, "F")]);
    reports.push(watched.execution(&[(150, "F")]));
    watched.replace("a2", "a", SELL, "10", "590.00");
    reports.push(watched.execution(&[(150, "5")]));
    watched.limit("off", SELL, "10", "5850.00");
    reports.push(watched.execution(&[(150, "8")]));
    watched.cancel("c", "never", SELL);
    reports.push(watched.report());
    // What is asked for is told to who asked.
    let time = clock::now();
    watched.send("H", &[(11, "a2"), (55, "AAPL"), (54, SELL), (790, "how")]);
    watched.execution(&[(150, "I")]);
    watched.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    reports.push(watched.execution(&[(150, "4"), (39, "4")]));
    watched.report().assert(&[(35, "r")]);
    let sets = [(117, "q"), (296, "1"), (302, "1"), (304, "1"), (295, "1"), (299, "1"), (55, "AAPL")];
    watched.send("i", &[&sets[..], &[(132, "500"), (134, "1")], &[(133, "700"), (135, "1")]].concat());
    for _ in 0..3 {
        reports.push(watched.report());
    }
    for (report, appl_seq) in reports.iter().zip(1..) {
        assert_copy(&drop.report(), report, appl_seq);
    }
    drop.quiet();
    // By a resend request as they were.
    drop.send("2", &[(7, "2"), (16, "0")]);
    for (report, appl_seq) in reports.iter().zip(1..) {
        let again = drop.receive();
        again.assert(&[(43, "Y")]);
        assert_copy(&again, report, appl_seq);
    }
    venue.stop().assert_no_panic();
}

#[test]
fn it_may_not_trade() {
    let venue = Venue::start(&[]);
    let mut drop = venue.client("DROP1");
    let time = clock::now();
    drop.limit("a", BUY, "1", "500.00");
    drop.cancel("b", "a", BUY);
    drop.replace("c", "a", BUY, "1", "500.00");
    drop.send("H", &[(11, "a"), (55, "AAPL"), (54, BUY)]);
    drop.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    drop.send("Z", &[(117, "z"), (298, "4")]);
    for kind in ["D", "F", "G", "H", "q", "Z"] {
        drop.report().assert(&[(35, "j"), (372, kind), (380, "6"), (58, "Not authorized")]);
    }
    drop.quiet();
    // Nor with an operator's leave.
    venue.admin("account entitle MM1 DROP1");
    drop.order("d", BUY, "1", &[(1, "MM1"), (40, "2"), (44, "500.00")]);
    drop.report().assert(&[(35, "j"), (380, "6")]);
    venue.stop().assert_no_panic();
}

#[test]
fn what_happened_while_it_was_away_is_waiting() {
    let venue = Venue::start(&[]);
    let mut trader = venue.client("MM3");
    trader.limit("a", SELL, "10", "600.00");
    let report = trader.execution(&[(150, "0")]);
    let mut drop = Client::connect(venue.fix, "DROP1");
    drop.next_in = 2; // the logon's: before it was the report
    drop.log_on(&[]).assert(&[(35, "A")]);
    drop.send("2", &[(7, "1"), (16, "1")]);
    assert_copy(&drop.receive(), &report, 1);
    venue.stop().assert_no_panic();
}

/// Logs on where the session stands, and takes all that it has sent from number `from` on: by ClOrdID, ApplSeqNum of each copy.
fn catch_up(address: SocketAddr, next_out: u64, from: u64) -> (Client, Vec<(String, u64)>) {
    let mut drop = Client::connect(address, "DROP1");
    drop.next_out = next_out;
    drop.send_logon("drop1-demo", &[]);
    drop.send("2", &[(7, &from.to_string()), (16, "0")]);
    let mut copies = Vec::new();
    let mut logon = None;
    loop {
        let message = drop.receive_ahead(PATIENCE).expect("the venue goes on");
        match message.kind() {
            "A" => logon = Some(message.seq()),
            "8" => copies.push((message.field(11).to_owned(), message.field(1181).parse().unwrap())),
            // The logon is not sent again: what is, is before it.
            "4" if logon.is_some_and(|seq| message.field(36).parse::<u64>().unwrap() > seq) => break,
            _ => {}
        }
    }
    (drop, copies)
}

/// Reports of all orders are copied once each, whatever moment the gateway dies at.
#[test]
fn copies_come_once_over_kills_of_the_gateway() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let mut told: HashMap<String, u64> = HashMap::new();
    let mut orders = 0;
    let rounds = 8;
    for round in 0..rounds {
        let (process, address) = gateway(data.path());
        let (mut drop, again) = catch_up(address, 1 + 2 * round, 1);
        for (id, appl_seq) in again {
            assert_eq!(*told.entry(id).or_insert(appl_seq), appl_seq, "as it was told before");
        }
        let mut trader = Client::logged_on(address, "MM1");
        for _ in 0..50 {
            orders += 1;
            trader.limit(&format!("o{orders}"), BUY, "1", "400.00");
        }
        // Others of the round's reports are on their way when it dies.
        for _ in 0..10 {
            trader.execution(&[(150, "0")]);
        }
        process.kill9();
        while let Ok(message) = drop.receive_ahead(PATIENCE) {
            if message.kind() == "8" {
                told.insert(message.field(11).to_owned(), message.field(1181).parse().unwrap());
            }
        }
    }
    let (process, address) = gateway(data.path());
    let (mut drop, all) = catch_up(address, 1 + 2 * rounds, 1);
    for (at, (id, appl_seq)) in (1..).zip(&all) {
        assert_eq!(*appl_seq, at, "without a gap, and in order");
        assert!(told.get(id).is_none_or(|told| told == appl_seq), "{id} as it was told before");
    }
    let different: HashSet<&String> = all.iter().map(|(id, _)| id).collect();
    assert_eq!(different.len(), all.len(), "once each");
    // As many as the venue has taken.
    let mut trader = Client::logged_on(address, "MM1");
    let time = clock::now();
    trader.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    let mut open = 0;
    while trader.report().kind() != "r" {
        open += 1;
        drop.next_in = drop.receive_ahead(PATIENCE).expect("a copy").seq() + 1;
    }
    assert_eq!(all.len(), open);
    drop.quiet();
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}
