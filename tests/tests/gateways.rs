//! Several gateways at one matcher, each a process of its own: they trade with each other, and each may come, go, die or be
//! stopped while the others go on.

use std::{net::SocketAddr, path::Path};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock,
    binary::{self, Binary, decoded, id},
    fix::{NoMessage, password},
    process::Ended,
    trade::{BUY, Pair, SELL},
    venue::{Venue, admin, arguments, data_dir, listener, session},
};
use rustix::process::Signal;
use wire::{sbe, types::Side};

/// MM1 and MM2 are at the gateway `fix`, MM3, MM4 and DROP1 at `second`. Small stores, and rings that are soon full.
const SETTINGS: [&str; 7] = [
    "gateway=[{name=\"second\",listen=\"127.0.0.1:0\"}]",
    "session.MM3.gateway=second",
    "session.MM4.gateway=second",
    "session.DROP1.gateway=second",
    "session.MM4.cancel_grace_ms=0",
    "fix.resend_bytes_max=1048576",
    "rings.event_bytes=65536",
];

fn start(data: &Path, role: &[&str]) -> Penstock {
    let mut args = arguments(role[0], data, &SETTINGS);
    args.extend(role[1..].iter().map(|&word| word.to_owned()));
    Penstock::start(args)
}

fn gateway(data: &Path, name: &str) -> (Penstock, SocketAddr) {
    let process = start(data, &["gateway", name]);
    let _ = process.line("ready");
    let address = listener(&process, name);
    (process, address)
}

/// A client that comes back with the numbers that it had, and what it is sent again when it asks for all from `from` on.
#[track_caller]
fn come_back(address: SocketAddr, comp_id: &str, next_out: u64, from: u64) -> (Client, Vec<Message>) {
    let mut client = Client::connect(address, comp_id);
    client.next_out = next_out;
    client.send_logon(&password(comp_id), &[]);
    client.send("2", &[(7, &from.to_string()), (16, "0")]);
    let (mut again, mut logon) = (Vec::new(), None);
    loop {
        let message = client.receive_ahead(PATIENCE).expect("the venue goes on");
        match message.kind() {
            "A" => logon = Some(message.seq()),
            "4" => {
                let next: u64 = message.field(36).parse().expect("a number");
                if logon.is_some_and(|seq| next > seq) {
                    client.next_in = next;
                    return (client, again);
                }
            }
            "0" | "1" | "2" => {}
            _ => again.push(message),
        }
    }
}

#[test]
fn sessions_of_different_gateways_trade_and_copies_come_from_both() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (fix, first) = gateway(data.path(), "fix");
    let (second, other) = gateway(data.path(), "second");
    let mut copied = Client::logged_on(other, "DROP1");
    let mut pair = Pair::new(Client::logged_on(first, "MM1"), Client::logged_on(other, "MM3"));
    let mut back = Pair::new(Client::logged_on(other, "MM4"), Client::logged_on(first, "MM2"));
    for _ in 0..3 {
        pair.trade();
        back.trade();
    }
    // Five reports of each trade and its cancel, each copied once and in a stream of its own without a gap.
    let mut kinds = Vec::new();
    for appl_seq in 1..=30 {
        let copy = copied.report();
        copy.assert(&[(35, "8"), (797, "Y"), (1181, &appl_seq.to_string())]);
        kinds.push(format!("{}{}", copy.field(1), copy.field(150)));
    }
    for trades in kinds.chunks(10) {
        // In the order of the venue's sequence, whichever gateway they were told at.
        assert_eq!(trades.join(" "), "MM10 MM30 MM1F MM3F MM14 MM40 MM20 MM4F MM2F MM44");
    }
    copied.quiet();
    pair.finish();
    back.finish();
    for process in [fix, second, matcher] {
        process.stop().assert_no_panic();
    }
}

#[test]
fn a_client_at_the_wrong_gateway_is_told_where_to_go_once_it_has_proved_who_it_is() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (second, other) = gateway(data.path(), "second");
    let mut client = Client::connect(other, "MM1");
    client
        .log_on(&[])
        .assert(&[(35, "5"), (58, "this session is served by another gateway: connect to the gateway fix")]);
    assert_eq!(client.closed(), []);
    let mut guess = Client::connect(other, "MM1");
    guess.send_logon("guess", &[]);
    guess.receive().assert(&[(35, "5"), (58, "unknown CompID or wrong password")]);
    // A session of the binary protocol is nobody here.
    let mut binary = Client::connect(other, "BM1");
    binary.send_logon("bm1-demo", &[]);
    binary.receive().assert(&[(35, "5"), (58, "unknown CompID or wrong password")]);
    second.stop();
    matcher.stop();
}

#[test]
fn each_gateway_runs_once_and_operators_see_them_as_one() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (mut fix, first) = gateway(data.path(), "fix");
    let (second, other) = gateway(data.path(), "second");
    start(data.path(), &["gateway", "second"]).end().assert_refusal(&["gateway second", "already"]);
    start(data.path(), &["gateway"]).end().assert_refusal(&["gateway fix", "already"]);
    start(data.path(), &["gateway", "third"])
        .end()
        .assert_refusal(&["no gateway `third`", "fix, binary, second"]);
    start(data.path(), &["run"]).end().assert_refusal(&["matcher", "already"]);

    let asked = |request: &str| -> Ended { session(data.path(), request) };
    let mut here = Client::logged_on(first, "MM1");
    let mut there = Client::logged_on(other, "MM3");
    let listed = asked("list");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    for id in ["MM1", "MM2", "MM3", "MM4", "DROP1"] {
        assert_eq!(listed.stdout.lines().filter(|line| line.starts_with(id)).count(), 1, "{listed:?}");
    }
    assert_eq!(asked("disconnect MM3").code, Some(0));
    there.receive().assert(&[(35, "5")]);
    assert_eq!(asked("disconnect MM1").code, Some(0));
    here.receive().assert(&[(35, "5")]);
    let unknown = asked("disconnect MM9");
    assert_eq!(unknown.code, Some(1));
    assert_eq!(unknown.stderr.matches("UnknownSession").count(), 1, "{unknown:?}");
    // What a killed gateway leaves is passed over.
    second.kill9();
    assert!(asked("list").stdout.contains("MM1"));
    assert!(!asked("list").stdout.contains("MM3"));
    let (mut again, _) = gateway(data.path(), "second");
    assert!(asked("list").stdout.contains("MM3"));

    let mut drain = Penstock::start(["drain", "--data", data.path().to_str().expect("plain")]);
    assert_eq!(drain.end().code, Some(0));
    assert_eq!(fix.end().code, Some(0));
    assert_eq!(again.end().code, Some(0));
    matcher.stop().assert_no_panic();
}

/// What happens to a session's orders while its gateway is dead waits for it, and whoever is at another gateway notices nothing.
#[test]
fn each_gateway_may_be_killed_while_a_pair_at_the_other_trades_on() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let mut fix = gateway(data.path(), "fix");
    let mut second = gateway(data.path(), "second");
    // One that has an order which the other side's pair hits while its gateway is away, and the pair that does.
    for (victim, comp_id, pair) in [("second", "MM3", ["MM1", "MM2"]), ("fix", "MM1", ["MM3", "MM4"])] {
        let (dies, stays) = if victim == "fix" { (&mut fix, &mut second) } else { (&mut second, &mut fix) };
        let (mut next_out, mut next_in) = (1, 1);
        let mut pair = Pair::new(Client::logged_on(stays.1, pair[0]), Client::logged_on(stays.1, pair[1]));
        for round in 0..4 {
            let mut client = if round == 0 {
                let mut client = Client::connect(dies.1, comp_id);
                client.log_on(&[(141, "Y")]).assert(&[(35, "A")]);
                client
            } else {
                let (client, again) = come_back(dies.1, comp_id, next_out, next_in);
                assert!(again.is_empty(), "{again:?}");
                client
            };
            let offer = format!("{victim}-{round}");
            client.limit(&offer, SELL, "2", "590.00");
            client.execution(&[(11, &offer), (150, "0")]);
            pair.trade();
            let process = std::mem::replace(&mut dies.0, Penstock::start(["config"]));
            process.kill9();
            while !matches!(client.receive_ahead(PATIENCE), Err(NoMessage::Closed)) {}
            (next_out, next_in) = (client.next_out, client.next_in);
            // Its order is hit while it is away.
            let take = format!("hit-{victim}-{round}");
            pair.taker().limit(&take, BUY, "2", "590.00");
            pair.taker().execution(&[(11, &take), (150, "0")]);
            pair.taker().execution(&[(11, &take), (150, "F"), (31, "590.00")]);
            pair.trade();
            *dies = gateway(data.path(), victim);
            let (client, again) = come_back(dies.1, comp_id, next_out, next_in);
            let [fill] = &again[..] else { panic!("one report, once: {again:?}") };
            fill.assert(&[(35, "8"), (11, &offer), (150, "F"), (39, "2"), (43, "Y")]);
            pair.trade();
            (next_out, next_in) = (client.next_out, client.next_in);
            drop(client);
        }
        pair.finish();
    }
    for process in [fix.0, second.0, matcher] {
        process.stop().assert_no_panic();
    }
}

/// A gateway that is stopped reads nothing: its ring fills with copies, it is cut off, and when it goes on each of its sessions is
/// told so.
#[test]
fn a_stopped_gateway_holds_nobody_up_and_ends_its_sessions_when_it_goes_on() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (fix, first) = gateway(data.path(), "fix");
    let (second, other) = gateway(data.path(), "second");
    let mut copied = Client::logged_on(other, "DROP1");
    let mut gone = Client::logged_on(other, "MM4");
    (copied.hears_news, gone.hears_news) = (true, true);
    gone.limit("rests", BUY, "1", "400.00");
    gone.execution(&[(11, "rests"), (150, "0")]);
    copied.report().assert(&[(11, "rests"), (797, "Y")]);
    let mut pair = Pair::new(Client::logged_on(first, "MM1"), Client::logged_on(first, "MM2"));
    pair.trade();
    second.freeze();
    // Each trade has five reports, and so many copies: some 240 fill the ring, as many wait.
    for _ in 0..150 {
        pair.trade();
    }
    matcher.logged(&["is cut off"]);
    for _ in 0..50 {
        pair.trade();
    }
    second.signal(Signal::CONT);
    // All that came before is copied, in order; then both are told.
    let mut copies = 1;
    let news = loop {
        let message = copied.receive();
        if message.kind() == "B" {
            break message;
        }
        copies += 1;
        message.assert(&[(35, "8"), (1181, &copies.to_string())]);
    };
    assert!((200..1200).contains(&copies), "{copies}");
    news.assert(&[(148, "reports may be missing")]);
    copied.receive().assert(&[(35, "5")]);
    gone.receive().assert(&[(35, "B"), (148, "reports may be missing")]);
    gone.receive().assert(&[
        (35, "5"),
        (58, "reports may be missing: log on again and ask for the status of orders (AF)"),
    ]);
    let next = [gone.next_out, gone.next_in];
    drop(gone);
    // Its order went when its gateway was cut off, which it learns by asking.
    let (mut gone, again) = come_back(other, "MM4", next[0], next[1]);
    assert!(again.is_empty(), "{again:?}");
    gone.send("H", &[(11, "rests"), (55, "AAPL"), (54, BUY)]);
    gone.execution(&[(150, "I"), (39, "4"), (11, "rests")]);
    gone.limit("new", BUY, "1", "400.00");
    gone.execution(&[(11, "new"), (150, "0")]);
    // Who was not there is told when he comes.
    let (_away, again) = come_back(other, "MM3", 1, 1);
    let [news] = &again[..] else { panic!("one message: {again:?}") };
    news.assert(&[(35, "B"), (43, "Y"), (148, "reports may be missing")]);
    pair.trade();
    pair.finish();
    let status = admin(data.path(), "status");
    assert_eq!(status.code, Some(0), "{status:?}");
    for process in [fix, second, matcher] {
        process.stop().assert_no_panic();
    }
}

/// A gateway that is killed when it was cut off: the one after it finds what was left for it, and tells each session once.
#[test]
fn a_gateway_that_was_cut_off_and_killed_leaves_word_for_its_sessions() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (fix, first) = gateway(data.path(), "fix");
    let (second, other) = gateway(data.path(), "second");
    let mut copied = Client::logged_on(other, "DROP1");
    copied.hears_news = true;
    let mut pair = Pair::new(Client::logged_on(first, "MM1"), Client::logged_on(first, "MM2"));
    pair.trade();
    for _ in 0..5 {
        let _copy = copied.report();
    }
    second.freeze();
    for _ in 0..150 {
        pair.trade();
    }
    matcher.logged(&["is cut off"]);
    second.kill9();
    pair.trade();
    let (next_out, next_in) = (copied.next_out, copied.next_in);
    drop(copied);
    // Twice, so that the second one finds nothing to tell any more.
    for round in 0..2_u64 {
        let (second, other) = gateway(data.path(), "second");
        if round == 0 {
            second.logged(&["cut this gateway off"]);
        }
        let (copied, again) = come_back(other, "DROP1", next_out + 2 * round, next_in);
        let copies: Vec<_> = again.iter().filter(|message| message.kind() == "8").collect();
        for (appl_seq, copy) in (6..).zip(&copies) {
            copy.assert(&[(797, "Y"), (1181, &appl_seq.to_string())]);
        }
        assert!((200..750).contains(&copies.len()), "{}", copies.len());
        let news: Vec<_> = again.iter().filter(|message| message.kind() == "B").collect();
        assert_eq!(news.len(), 1, "{news:?}");
        drop(copied);
        second.kill9();
    }
    pair.trade();
    pair.finish();
    for process in [fix, matcher] {
        process.stop().assert_no_panic();
    }
}

#[test]
fn a_new_matcher_is_noticed_at_every_gateway() {
    let data = data_dir();
    let matcher = start(data.path(), &["matcher"]);
    let (fix, first) = gateway(data.path(), "fix");
    let mut early = Client::logged_on(first, "MM1");
    early.limit("a", BUY, "1", "400.00");
    early.execution(&[(11, "a"), (150, "0")]);
    // This one comes when others have traded.
    let (second, other) = gateway(data.path(), "second");
    let mut late = Client::logged_on(other, "MM3");
    late.limit("b", SELL, "1", "400.00");
    late.execution(&[(11, "b"), (150, "0")]);
    late.execution(&[(11, "b"), (150, "F")]);
    early.execution(&[(11, "a"), (150, "F")]);
    matcher.kill9();
    for (gateway, client) in [(&fix, &mut early), (&second, &mut late)] {
        gateway.logged(&["the matcher is gone"]);
        client.limit("c", BUY, "1", "400.00");
        client.execution(&[(11, "c"), (150, "8")]);
    }
    let matcher = start(data.path(), &["matcher"]);
    for client in [&mut early, &mut late] {
        client.report().assert(&[(35, "5")]);
    }
    let mut pair = Pair::new(Client::logged_on(first, "MM2"), Client::logged_on(other, "MM4"));
    pair.trade();
    pair.finish();
    for process in [fix, second, matcher] {
        process.stop().assert_no_panic();
    }
}

#[test]
fn one_process_runs_them_all() {
    let venue = Venue::start(&SETTINGS);
    let other = listener(&venue.process, "second");
    let mut copied = Client::logged_on(other, "DROP1");
    let mut pair = Pair::new(venue.client("MM1"), Client::logged_on(other, "MM3"));
    pair.trade();
    for appl_seq in 1..=5 {
        copied.report().assert(&[(797, "Y"), (1181, &appl_seq.to_string())]);
    }
    assert!(venue.session("list").contains("MM3"));
    assert_eq!(venue.shown("MM3")["state"], "logged on");
    pair.finish();
    venue.stop().assert_no_panic();
}

/// SBE sessions at gateways of their own: what a FIX client at another gateway does to their orders while theirs is dead waits for
/// them.
#[test]
fn binary_gateways_are_some_among_others() {
    const BINARY: [&str; 2] = [
        "gateway=[{name=\"second\",listen=\"127.0.0.1:0\"},{name=\"sbe-2\",protocol=\"binary\",listen=\"127.0.0.1:0\"}]",
        "session.BM2.gateway=sbe-2",
    ];
    let data = data_dir();
    let start = |role: &[&str]| {
        let settings: Vec<&str> = SETTINGS[1..].iter().chain(&BINARY).copied().collect();
        let mut args = arguments(role[0], data.path(), &settings);
        args.extend(role[1..].iter().map(|&word| word.to_owned()));
        Penstock::start(args)
    };
    let gateway = |name: &str| {
        let process = start(&["gateway", name]);
        let _ = process.line("ready");
        let address = listener(&process, name);
        (process, address)
    };
    let matcher = start(&["matcher"]);
    let (fix, first) = gateway("fix");
    let (second, other) = gateway("second");
    let (third, sbe_first) = gateway("binary");
    let (fourth, sbe_second) = gateway("sbe-2");
    let mut copied = Client::logged_on(other, "DROP1");
    let mut client = Binary::client(sbe_first, "BM1");
    let mut pair = Pair::new(Client::logged_on(first, "MM1"), Client::logged_on(other, "MM3"));
    client.send(&binary::limit("b", Side::Sell, 4, 590));
    let (number, bytes) = client.report();
    assert!(number == 1 && matches!(decoded(&bytes), sbe::messages::Message::OrderAccepted(_)));
    copied.report().assert(&[(11, "b"), (150, "0"), (797, "Y")]);
    // Who is at the wrong one is told, once he has shown his password.
    let Err((_, said)) = Binary::log_in(sbe_second, ("BM1", binary::password("BM1")), None, 1) else {
        panic!("it was let in");
    };
    assert_eq!(said, "this session is served by another gateway: connect to the gateway binary");
    let Err((_, said)) = Binary::log_in(sbe_second, ("BM1", "guess"), None, 1) else { panic!("let in") };
    assert_eq!(said, "");
    pair.trade();
    third.kill9();
    pair.taker().limit("hit", BUY, "4", "590.00");
    pair.taker().execution(&[(11, "hit"), (150, "0")]);
    pair.taker().execution(&[(11, "hit"), (150, "F"), (31, "590.00")]);
    // The other one of its protocol goes on too.
    let mut there = Binary::client(sbe_second, "BM2");
    there.send(&binary::limit("c", Side::Buy, 1, 400));
    assert!(matches!(decoded(&there.report().1), sbe::messages::Message::OrderAccepted(_)));
    pair.trade();
    let (third, sbe_first) = gateway("binary");
    let next = number + 1;
    let mut client =
        Binary::log_in(sbe_first, ("BM1", binary::password("BM1")), Some(client.session()), next)
            .expect("it goes on");
    let (number, bytes) = client.report();
    let sbe::messages::Message::OrderFilled(fill) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((number, fill.cl_ord_id, fill.last_qty), (next, id("b"), binary::quantity(4)));
    client.send(&binary::limit("d", Side::Buy, 1, 400));
    let (number, bytes) = client.report();
    assert_eq!(number, next + 1, "once");
    assert!(matches!(decoded(&bytes), sbe::messages::Message::OrderAccepted(_)));
    pair.trade();
    pair.finish();
    for process in [fix, second, third, fourth, matcher] {
        process.stop().assert_no_panic();
    }
}
