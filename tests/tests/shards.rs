//! A venue of two shards: AAPL has a matcher of its own, in the same process or in one apart, and sessions trade at both.

use std::{net::SocketAddr, path::Path};

use penstock_tests::{
    Client, Penstock, Venue,
    binary::{self, Binary, decoded, id},
    clock, http,
    trade::{BUY, SELL},
    venue::{admin, arguments, data_dir, listener},
};
use wire::{
    sbe,
    types::{Side, shard_of},
};

/// Small tables, and for MM1 and MM2 at each shard what they need there.
const SETTINGS: [&str; 7] = [
    "venue.shards=2",
    "instrument.AAPL.shard=1",
    "account.MM1.funds=[{ USDT = \"1000000\" }, { AAPL = \"1000\", USD = \"1000\" }]",
    "account.MM2.funds=[{ BTC = \"10\", USDT = \"5\" }, { USD = \"1000000\" }]",
    "matcher.open_orders_max=1000",
    "matcher.finished_orders_max=1000",
    "fix.resend_bytes_max=1048576",
];

fn start(data: &Path, role: &[&str]) -> Penstock {
    let mut args = arguments(role[0], data, &SETTINGS);
    args.extend(role[1..].iter().map(|&word| word.to_owned()));
    Penstock::start(args)
}

/// A process with this matcher alone, and one with the FIX gateway.
fn matcher(data: &Path, shard: &str) -> Penstock {
    start(data, &["matcher", shard])
}

fn gateway(data: &Path) -> (Penstock, SocketAddr) {
    let process = start(data, &["gateway", "fix"]);
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// A limit order for BTCUSDT, which shard 0 serves.
fn bitcoin(client: &mut Client, order: &str, side: &str, quantity: &str, price: &str) {
    client.order(order, side, quantity, &[(55, "BTCUSDT"), (40, "2"), (44, price)]);
}

/// Trades in an instrument of each shard; the shards that the ids of orders, fills and reports name.
#[track_caller]
fn trade_at_both(a: &mut Client, b: &mut Client, round: u32) -> Vec<u8> {
    let (sell, buy) = (format!("as{round}"), format!("bb{round}"));
    a.limit(&sell, SELL, "1", "500");
    let stock = a.execution(&[(11, &sell), (150, "0"), (55, "AAPL")]);
    b.limit(&buy, BUY, "1", "500");
    b.execution(&[(11, &buy), (150, "0")]);
    b.execution(&[(11, &buy), (150, "F"), (55, "AAPL")]);
    a.execution(&[(11, &sell), (150, "F"), (39, "2")]);
    let (buy, sell) = (format!("ab{round}"), format!("bs{round}"));
    bitcoin(a, &buy, BUY, "0.001", "50000");
    let coin = a.execution(&[(11, &buy), (150, "0"), (55, "BTCUSDT")]);
    bitcoin(b, &sell, SELL, "0.001", "50000");
    b.execution(&[(11, &sell), (150, "0")]);
    b.execution(&[(11, &sell), (150, "F")]);
    a.execution(&[(11, &buy), (150, "F"), (39, "2")]);
    [stock, coin].iter().map(|report| shard_of(report.field(37).parse().expect("a number"))).collect()
}

#[test]
fn one_session_trades_at_both_shards_of_one_process_and_operators_reach_both() {
    let venue = Venue::start(&SETTINGS);
    let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
    assert_eq!(trade_at_both(&mut a, &mut b, 1), [1, 0]);
    // A shard knows nothing of what is elsewhere: all the dollars are at the other one.
    let has = venue.admin("balances MM2");
    for line in [
        "shard 0: BTC 9.999 available, 0 held by open orders",
        "shard 0: USDT 55 available, 0 held by open orders",
        "shard 1: USD 999500 available, 0 held by open orders",
        "shard 1: AAPL 1 available, 0 held by open orders",
        "in all: USDT 55 available, 0 held by open orders",
    ] {
        assert!(has.lines().any(|told| told == line), "{line:?} is missing in {has}");
    }
    bitcoin(&mut b, "dear", BUY, "0.01", "50000");
    b.execution(&[(11, "dear"), (150, "8"), (39, "8")]);
    assert_eq!(venue.admin("deposit MM2 USDT 1000 --shard 0"), "1000 USDT paid into account MM2");
    bitcoin(&mut b, "paid", BUY, "0.01", "50000");
    b.execution(&[(11, "paid"), (150, "0"), (39, "0")]);

    assert_eq!(venue.admin("halt AAPL"), "AAPL is in the state halted");
    b.limit("halted", BUY, "1", "500");
    b.execution(&[(11, "halted"), (150, "8")]);
    assert_eq!(
        venue.admin("resume --all"),
        "shard 0: there was nothing to do\nshard 1: AAPL is in the state continuous"
    );
    b.limit("open", BUY, "1", "500");
    b.execution(&[(11, "open"), (150, "0")]);
    let orders = venue.admin("orders --account MM2 --open");
    assert_eq!(orders.lines().filter(|line| line.contains("\tMM2\t")).count(), 2, "{orders}");
    // Page by page over both.
    let page = venue.admin("orders --account MM2 --open --limit 1");
    let next = page.lines().find_map(|line| line.strip_prefix("there may be more: ")).expect("another page");
    let rest = venue.admin(&format!("orders --account MM2 --open --limit 1 {next}"));
    assert!(page.contains("\tpaid\t") && rest.contains("\topen\t"), "{page}{rest}");

    // One request, both shards.
    let time = clock::now();
    b.send("q", &[(11, "all"), (530, "7"), (60, &time)]);
    let mut answers: Vec<_> = std::iter::repeat_with(|| b.report()).take(3).collect();
    answers.sort_by_key(|answer| answer.kind() == "r");
    for cancelled in &answers[..2] {
        cancelled.assert(&[(35, "8"), (150, "4")]);
    }
    answers[2].assert(&[(35, "r"), (531, "7"), (533, "2")]);
    a.quiet();
    b.quiet();
    let metrics = http::get(venue.metrics(), "/metrics").body;
    for shard in ["0", "1"] {
        let wanted = format!("penstock_matcher_commands_total{{shard=\"{shard}\"}}");
        assert!(metrics.contains(&wanted), "{wanted} is missing");
    }
    assert_eq!(metrics.matches("penstock_instrument_trades_total{symbol=\"AAPL\"}").count(), 1);
    let ended = venue.stop();
    ended.assert_no_panic();
}

#[test]
fn what_an_operator_adds_is_there_at_every_shard_and_traded_at_one() {
    let venue = Venue::start(&SETTINGS);
    let mut a = venue.client("MM1");
    let added = venue.admin(
        "instrument add NEWUSD --base BTC --quote USD --tick 0.01 --lot 0.1 --shard 1 --reference 100 --band-percent 50",
    );
    assert_eq!(added.lines().count(), 2, "{added}");
    assert_eq!(venue.admin("instrument state NEWUSD continuous"), "NEWUSD is in the state continuous");
    a.order("n", BUY, "0.1", &[(55, "NEWUSD"), (40, "2"), (44, "100")]);
    let report = a.execution(&[(11, "n"), (150, "0"), (55, "NEWUSD")]);
    assert_eq!(shard_of(report.field(37).parse().expect("a number")), 1);
    assert_eq!(venue.admin("account add NEW").lines().count(), 2);
    let again = venue.admin_refuses("account add NEW");
    assert_eq!(again.matches("BadTerms").count(), 2, "{again}");
    let none = venue.admin_refuses("deposit NEW USD 1 --shard 2");
    assert!(none.contains("there is no shard 2"), "{none}");
    venue.stop();
}

#[test]
fn a_binary_session_trades_at_both_too() {
    let venue = Venue::start(&["venue.shards=2", "instrument.AAPL.shard=1"]);
    // The default's accounts have their funds at the first shard.
    venue.admin("deposit BM1 USD 1000 --shard 1");
    let mut client = Binary::client(venue.binary(), "BM1");
    client.send(&binary::limit("stock", Side::Buy, 1, 500));
    let coin = sbe::messages::NewOrder {
        instrument_id: 0.into(),
        price: Some(binary::price(50_000)).into(),
        ..binary::limit("coin", Side::Buy, 1, 500)
    };
    client.send(&coin);
    let mut shards = Vec::new();
    for _ in 0..2 {
        let (_, bytes) = client.report();
        let sbe::messages::Message::OrderAccepted(report) = decoded(&bytes) else { panic!("a report") };
        let name = if report.cl_ord_id == id("stock") { "stock" } else { "coin" };
        shards.push((name, shard_of(report.order_id.get())));
    }
    shards.sort_unstable();
    assert_eq!(shards, [("coin", 0), ("stock", 1)]);
    venue.stop();
}

#[test]
fn each_matcher_may_die_and_come_back_while_the_other_goes_on() {
    let data = data_dir();
    let (first, second) = (matcher(data.path(), "0"), matcher(data.path(), "1"));
    let (gate, address) = gateway(data.path());
    let _ = (first.line("ready"), second.line("ready"));
    let (mut a, mut b) = (Client::logged_on(address, "MM1"), Client::logged_on(address, "MM2"));
    assert_eq!(trade_at_both(&mut a, &mut b, 1), [1, 0]);

    // The same one does not run twice.
    let mut twice = matcher(data.path(), "1");
    twice.end().assert_refusal(&["runs the matcher shard 1"]);

    second.kill9();
    gate.logged(&["the matcher is gone"]);
    a.limit("away", SELL, "1", "500");
    a.execution(&[(11, "away"), (150, "8"), (39, "8")]);
    bitcoin(&mut a, "on", BUY, "0.001", "49000");
    a.execution(&[(11, "on"), (150, "0")]);
    let told = admin(data.path(), "status");
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("shard 0: ") && told.stderr.contains("penstock matcher 1"), "{told:?}");
    let told = admin(data.path(), "account add NEW");
    assert!(told.stderr.contains("shard 1 does not answer"), "{told:?}");
    assert_eq!(told.stdout, "");
    let told = admin(data.path(), "halt BTCUSDT");
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), "BTCUSDT is in the state halted"), "{told:?}");
    assert_eq!(admin(data.path(), "resume BTCUSDT").code, Some(0));
    let told = admin(data.path(), "halt AAPL");
    assert!(told.code == Some(1) && told.stderr.contains("shard 1 does not answer"), "{told:?}");

    // Without a journal it comes back with empty books, which sessions are not to mistake for theirs.
    let second = matcher(data.path(), "1");
    let _ = second.line("ready");
    gate.logged(&["another matcher is there"]);
    let _logged_out = (a.closed(), b.closed());
    let back = |comp_id| {
        let mut client = Client::connect(address, comp_id);
        client.log_on(&[(141, "Y")]).assert(&[(35, "A")]);
        client
    };
    let (mut a, mut b) = (back("MM1"), back("MM2"));
    assert_eq!(trade_at_both(&mut a, &mut b, 2), [1, 0]);
    // What stood at the one that went on still stands.
    let orders = admin(data.path(), "orders --open").stdout;
    assert!(orders.contains("\ton\t"), "{orders}");
    second.stop().assert_no_panic();
    first.stop().assert_no_panic();
    gate.stop().assert_no_panic();
}

#[test]
fn shards_that_there_are_not_are_refused() {
    let data = data_dir();
    let mut process = matcher(data.path(), "2");
    process.end().assert_refusal(&["there is no shard 2; the venue has 2"]);
}

#[test]
fn funds_move_from_one_shard_to_another_and_never_get_lost() {
    let data = data_dir();
    let (first, second) = (matcher(data.path(), "0"), matcher(data.path(), "1"));
    let (gate, _) = gateway(data.path());
    let _ = (first.line("ready"), second.line("ready"));
    let ask = |request: &str| admin(data.path(), request);
    let has = |line: &str| {
        let told = ask("balances MM2").stdout;
        assert!(told.lines().any(|told| told == line), "{line:?} is missing in {told}");
    };
    let moved = ask("transfer MM2 USD 250.5 --from 1 --to 0");
    assert_eq!(moved.stdout, "250.5 USD of account MM2 moved from shard 1 to shard 0", "{moved:?}");
    has("shard 0: USD 250.5 available, 0 held by open orders");
    has("shard 1: USD 999749.5 available, 0 held by open orders");
    has("in all: USD 1000000 available, 0 held by open orders");
    for (request, why) in [
        ("transfer MM2 USD 251 --from 0 --to 1", "InsufficientFunds"),
        ("transfer MM2 USD 1 --from 1 --to 1", "both shards are the same"),
        ("transfer MM2 USD 1 --from 1 --to 2", "there is no shard 2"),
        ("transfer NOBODY USD 1 --from 1 --to 0", "UnknownAccount"),
    ] {
        let told = ask(request);
        assert!(told.code == Some(1) && told.stderr.contains(why), "{request}: {told:?}");
    }
    // What one that was cut short has withdrawn is paid in before anything else moves.
    let record = data.path().join("transfer.json");
    let half = "{\"stage\":\"withdrawn\",\"transfer\":{\"account\":\"MM2\",\"asset\":\"USD\",\"amount\":\"7\",\"from\":1,\"to\":0}}";
    std::fs::write(&record, half).expect("a file");
    assert_eq!(ask("transfer MM2 USD 0.5 --from 0 --to 1").stdout.lines().count(), 2);
    assert!(!record.exists());
    has("shard 0: USD 257 available, 0 held by open orders");
    has("shard 1: USD 999750 available, 0 held by open orders");
    // Of a step that nobody has heard the outcome of, people find out.
    std::fs::write(&record, half.replace("withdrawn", "depositing")).expect("a file");
    let told = ask("transfer MM2 USD 1 --from 0 --to 1");
    assert!(told.code == Some(1) && told.stderr.contains("it is not known whether 7 USD"), "{told:?}");
    assert!(record.exists());
    has("shard 0: USD 257 available, 0 held by open orders");
    std::fs::remove_file(&record).expect("it was there");
    // Nothing is withdrawn for a shard that is away.
    first.kill9();
    let told = ask("transfer MM2 USD 1 --from 1 --to 0");
    assert!(told.code == Some(1) && told.stderr.contains("shard 0 does not answer"), "{told:?}");
    assert!(!record.exists());
    let told = ask("balances MM2");
    assert!(told.stdout.contains("shard 1: USD 999750 available"), "{told:?}");
    second.stop().assert_no_panic();
    gate.stop().assert_no_panic();
}
