//! What sessions see of a venue of two shards: AAPL is matched by the first, BTCUSDT by the second. Both protocols.

use std::path::Path;

use penstock_tests::{
    Client, Message, Penstock,
    binary::{Binary, decoded, id, limit},
    clock,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};
use wire::{
    reject::Reject,
    sbe::{
        codes::{Boolean, MassCancelFlags, ShardSet},
        messages::{self, MassCancel, NewOrder, OrderMassStatusRequest, RequestForPositions},
    },
    types::Side,
};

const SETTINGS: [&str; 7] = [
    "venue.shards=2",
    "instrument.BTCUSDT.shard=1",
    "account.MM1.funds=[{USD=\"100000\",AAPL=\"100\"},{USDT=\"1000000\"}]",
    "account.MM4.funds=[{USD=\"100000\"},{USDT=\"1000000\"}]",
    "account.BM2.funds=[{USD=\"100000\"},{USDT=\"1000000\",BTC=\"7\"}]",
    "session.MM4.cancel_grace_ms=0",
    "session.BM2.cancel_grace_ms=0",
];

/// As an execution report of a new order says.
const NEW: (u32, &str) = (150, "0");

/// Sends an order for BTCUSDT that will not trade.
fn bitcoin(client: &mut Client, name: &str) {
    client.order(name, BUY, "1", &[(55, "BTCUSDT"), (40, "2"), (44, "49000.00")]);
}

/// One order at the first shard and two at the second; reports have their places in the stream of their shard.
fn three_orders(client: &mut Client, stream: &str) {
    client.limit("a1", BUY, "1", "400");
    client.execution(&[(11, "a1"), NEW, (1180, stream), (1181, "1")]);
    for (name, number) in [("b1", "1"), ("b2", "2")] {
        bitcoin(client, name);
        client.execution(&[(11, name), NEW, (1180, &format!("{stream}-shard-1")), (1181, number)]);
    }
}

fn start(data: &Path, role: &[&str]) -> Penstock {
    let mut args = arguments(role[0], data, &SETTINGS);
    args.extend(role[1..].iter().map(|&word| word.to_owned()));
    Penstock::start(args)
}

/// ClOrdIDs of the reports that answer an AF, sorted, and the last one.
fn told(client: &mut Client, count: usize) -> (Vec<String>, Message) {
    let mut names = Vec::new();
    loop {
        let report = client.report();
        // They are no part of a stream, and which is the last is known with that one.
        report.assert(&[(35, "8"), (150, "I"), (584, "all")]).assert_absent(&[1180, 1181]);
        if report.get(37) != Some("NONE") {
            names.push(report.field(11).to_owned());
        }
        if report.get(912) == Some("Y") {
            assert_eq!(names.len(), count);
            names.sort();
            return (names, report);
        }
        report.assert_absent(&[911, 912]);
    }
}

fn mass_cancel(client: &mut Client, name: &str) {
    let time = clock::now();
    client.send("q", &[(11, name), (530, "7"), (60, &time)]);
}

/// Cancels of so many orders, in any order, and the one answer behind them.
fn cancelled(client: &mut Client, count: usize) -> Message {
    for _ in 0..count {
        client.execution(&[(150, "4"), (58, "a mass cancel selected it")]);
    }
    let answer = client.report();
    answer.assert(&[(35, "r"), (530, "7")]).assert_absent(&[1180, 1181]);
    answer
}

#[test]
fn a_fix_session_trades_on_both_and_has_one_answer_of_both() {
    let venue = Venue::start(&SETTINGS);
    let mut client = venue.client("MM1");
    let mut copies = venue.client("DROP1");
    three_orders(&mut client, "MM1");
    for (name, stream, number) in
        [("a1", "DROP1", "1"), ("b1", "DROP1-shard-1", "1"), ("b2", "DROP1-shard-1", "2")]
    {
        copies.execution(&[(797, "Y"), (11, name), NEW, (1180, stream), (1181, number)]);
    }

    client.send("AF", &[(584, "all"), (585, "7")]);
    let (names, last) = told(&mut client, 3);
    assert_eq!(names, ["a1", "b1", "b2"]);
    last.assert(&[(911, "3")]);
    // Of one instrument one shard is asked, and answers as ever.
    client.send("AF", &[(584, "one"), (585, "1"), (55, "BTCUSDT")]);
    client.execution(&[(11, "b1"), (584, "one"), (1180, "MM1-shard-1"), (1181, "3")]);
    client.execution(&[(11, "b2"), (584, "one"), (912, "Y"), (1181, "4")]);

    // What the account has is told of each shard, under the stream's name.
    client.send("AN", &[(710, "p"), (724, "0")]);
    client
        .report()
        .assert(&[(35, "AO"), (710, "p"), (727, "3"), (728, "0"), (729, "0")])
        .assert_absent(&[1180, 58]);
    let mut have: Vec<[String; 2]> = (0..3)
        .map(|_| {
            let report = client.report();
            report.assert(&[(35, "AP"), (710, "p"), (727, "3")]).assert_absent(&[1181]);
            [report.field(1180).to_owned(), report.field(15).to_owned()]
        })
        .collect();
    have.sort();
    assert_eq!(have, [["MM1", "AAPL"], ["MM1", "USD"], ["MM1-shard-1", "USDT"]]);

    // Nobody can take these all or none.
    let legs = |symbol| {
        [
            (299, "1"),
            (55, "AAPL"),
            (132, "399"),
            (134, "1"),
            (299, "2"),
            (55, symbol),
            (132, "398"),
            (134, "1"),
        ]
    };
    let quote =
        |symbol| [&[(117, "Q"), (296, "1"), (302, "S"), (304, "2"), (295, "2")][..], &legs(symbol)].concat();
    client.send("i", &quote("BTCUSDT"));
    let refused = client.report();
    refused.assert(&[(35, "b"), (117, "Q"), (297, "5"), (299, "2")]);
    assert!(refused.field(58).contains("not all of one shard"), "{refused}");

    // Reports again, of one stream or the other.
    client.send("BW", &[(1346, "which"), (1347, "3")]);
    let which = client.report();
    which.assert(&[(35, "BX"), (1348, "0"), (1351, "2"), (1355, "MM1"), (1357, "1")]);
    client.send(
        "BW",
        &[(1346, "again"), (1347, "0"), (1351, "1"), (1355, "MM1-shard-1"), (1182, "2"), (1183, "3")],
    );
    client.report().assert(&[(35, "BX"), (1348, "0"), (1355, "MM1-shard-1"), (1349, "2"), (1357, "4")]);
    client.report().assert(&[(11, "b2"), (1180, "MM1-shard-1"), (1181, "2"), (1352, "Y")]);
    client.report().assert(&[(11, "b1"), (1181, "3"), (1352, "Y")]);
    client.report().assert(&[(35, "BY"), (1355, "MM1-shard-1"), (1357, "3")]);

    mass_cancel(&mut client, "all");
    cancelled(&mut client, 3).assert(&[(11, "all"), (531, "7"), (533, "3")]).assert_absent(&[58]);
    // With nothing left there is one answer still.
    client.send("AF", &[(584, "all"), (585, "7")]);
    let (_, none) = told(&mut client, 0);
    none.assert(&[(37, "NONE"), (39, "8")]).assert_absent(&[911]);
    assert!(none.field(58).starts_with("there is no open order"), "{none}");
    client.send("K", &[(66, "nowhere"), (60, &clock::now())]);
    client.report().assert(&[(35, "N"), (66, "nowhere"), (431, "7")]);
    client.quiet();
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn a_lost_connection_cancels_at_both() {
    let venue = Venue::start(&SETTINGS);
    let mut client = venue.client("MM4");
    let mut watcher = venue.client("DROP1");
    three_orders(&mut client, "MM4");
    for _ in 0..3 {
        watcher.execution(&[NEW]);
    }
    let _ = client.cut();
    let mut gone: Vec<String> =
        (0..3).map(|_| watcher.execution(&[(150, "4"), (39, "4")]).field(11).to_owned()).collect();
    gone.sort();
    assert_eq!(gone, ["a1", "b1", "b2"]);
    venue.stop().assert_no_panic();
}

#[test]
fn of_a_shard_that_is_killed_requests_are_answered_and_the_other_goes_on() {
    let data = data_dir();
    let first = start(data.path(), &["matcher", "0"]);
    let second = start(data.path(), &["matcher", "1"]);
    // Whoever is let in before a shard is there is refused what is for that.
    for matcher in [&first, &second] {
        let _ = matcher.line("waiting for the gateway");
    }
    let gateway = start(data.path(), &["gateway", "fix"]);
    let _ = gateway.line("ready");
    let mut client = Client::logged_on(listener(&gateway, "fix"), "MM1");
    three_orders(&mut client, "MM1");
    second.kill9();
    let _ = gateway.logged(&["the matcher is gone", "shard=1"]);

    bitcoin(&mut client, "b3");
    let refused = client.report();
    refused.assert(&[(35, "8"), (11, "b3"), (150, "8"), (39, "8")]);
    assert!(refused.field(58).starts_with("the matching engine is not running"), "{refused}");
    client.limit("a2", SELL, "1", "500");
    client.execution(&[(11, "a2"), NEW, (1180, "MM1"), (1181, "2")]);

    client.send("AF", &[(584, "all"), (585, "7")]);
    let (names, end) = told(&mut client, 2);
    assert_eq!(names, ["a1", "a2"]);
    end.assert(&[(37, "NONE"), (911, "2"), (912, "Y")]);
    assert!(end.field(58).starts_with("a part of the venue has not answered: shard 1; "), "{end}");
    client.send("AN", &[(710, "p"), (724, "0")]);
    let positions = client.report();
    positions.assert(&[(35, "AO"), (727, "2"), (729, "0")]);
    assert!(positions.field(58).contains("shard 1"), "{positions}");
    for _ in 0..2 {
        client.report().assert(&[(35, "AP"), (1180, "MM1")]);
    }
    mass_cancel(&mut client, "all");
    let answer = cancelled(&mut client, 2);
    answer.assert(&[(531, "7"), (533, "2")]);
    assert!(answer.field(58).contains("shard 1"), "{answer}");

    // It comes back, and is served again.
    let second = start(data.path(), &["matcher", "1"]);
    let _ = second.line("ready");
    drop(client);
    gateway.stop().assert_no_panic();
    first.stop().assert_no_panic();
    second.stop().assert_no_panic();
}

/// An order for BTCUSDT that will not trade.
fn bitcoin_order(name: &str) -> NewOrder {
    NewOrder { instrument_id: 0.into(), ..limit(name, Side::Buy, 1, 49_000) }
}

/// ExecIDs begin with the shard.
fn shard_of(exec_id: u64) -> u64 {
    exec_id >> 56
}

fn off() -> MassCancel {
    MassCancel {
        cl_ord_id: id("off"),
        instrument_id: None.into(),
        account_id: None.into(),
        side: None.into(),
        mass_cancel_flags: MassCancelFlags(0),
        padding1: [0; 2],
    }
}

#[test]
fn a_binary_session_trades_on_both_and_has_one_answer_of_both() {
    let venue = Venue::start(&SETTINGS);
    let mut client = Binary::client(venue.binary(), "BM2");
    for (order, shard, number) in
        [(limit("a1", Side::Buy, 1, 400), 0, 1), (bitcoin_order("b1"), 1, 1), (bitcoin_order("b2"), 1, 2)]
    {
        client.send(&order);
        let (_, bytes) = client.report();
        let messages::Message::OrderAccepted(accepted) = decoded(&bytes) else {
            panic!("{:?}", decoded(&bytes))
        };
        assert_eq!((shard_of(accepted.exec_id.get()), accepted.appl_seq_num.get()), (shard, number));
    }
    client.send(&OrderMassStatusRequest {
        mass_status_req_id: id("all"),
        instrument_id: None.into(),
        account_id: None.into(),
        side: None.into(),
        padding1: [0; 3],
    });
    let mut shards = Vec::new();
    for number in 1..=3 {
        let (_, bytes) = client.report();
        let messages::Message::OrderStatusReport(status) = decoded(&bytes) else {
            panic!("{:?}", decoded(&bytes))
        };
        shards.push(shard_of(status.exec_id.get()));
        let last = (status.last_rpt_requested.get(), status.tot_num_reports.get());
        let expected = if number == 3 { (Some(Boolean::Yes), Some(3)) } else { (Some(Boolean::No), None) };
        assert_eq!((last, status.appl_seq_num.get(), status.missing_shards), (expected, 0, ShardSet(0)));
    }
    shards.sort_unstable();
    assert_eq!(shards, [0, 1, 1]);

    client.send(&RequestForPositions {
        pos_req_id: id("p"),
        account_id: None.into(),
        asset_id: None.into(),
        padding1: [0; 4],
    });
    let (_, bytes) = client.report();
    let messages::Message::BalanceAck(all) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((all.total_num_pos_reports.get(), all.reject_code), (3, Reject::None.into()));
    for _ in 0..3 {
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), messages::Message::BalanceReport(_)), "{:?}", decoded(&bytes));
    }

    client.send(&off());
    for _ in 0..3 {
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), messages::Message::OrderCanceled(_)), "{:?}", decoded(&bytes));
    }
    let (_, bytes) = client.report();
    let messages::Message::MassCanceled(done) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((done.total_affected_orders.get(), done.missing_shards), (3, ShardSet(0)));

    // A connection that is lost cancels at both; what came of it is read by the next one.
    client.send(&limit("a3", Side::Buy, 1, 400));
    client.send(&bitcoin_order("b3"));
    let next = client.report().0.max(client.report().0) + 1;
    let mut watcher = venue.client("DROP1");
    drop(client);
    // Who is back at once was not away: the next login waits until the orders are gone.
    for _ in 0..2 {
        while watcher.report().get(150) != Some("4") {}
    }
    let mut client =
        Binary::log_in(venue.binary(), ("BM2", "bm2-demo"), None, next).expect("it may come back");
    let mut shards: Vec<u64> = (0..2)
        .map(|_| {
            let (_, bytes) = client.report();
            let messages::Message::OrderCanceled(gone) = decoded(&bytes) else {
                panic!("{:?}", decoded(&bytes))
            };
            shard_of(gone.exec_id.get())
        })
        .collect();
    shards.sort_unstable();
    assert_eq!(shards, [0, 1]);
    venue.stop().assert_no_panic();
}
