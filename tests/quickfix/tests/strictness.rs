//! That the engine would notice, with the dictionaries that we publish: against a venue made of three messages, one of them
//! with a flaw.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use penstock_tests::{
    clock,
    fix::{frame_in, frame_with},
};
use penstock_tests_quickfix::{Trader, Version, in_every_version};

/// An execution report without fault, but for what FIX 4.2 has besides.
const REPORT: [(u32, &str); 14] = [
    (37, "1"),
    (11, "a"),
    (17, "1"),
    (150, "0"),
    (39, "0"),
    (55, "AAPL"),
    (54, "1"),
    (38, "10"),
    (40, "2"),
    (44, "585.00"),
    (151, "10"),
    (14, "0"),
    (6, "0"),
    (60, "20260102-03:04:05.678901234"),
];

/// A message from the venue to `target`.
fn message_to(target: &str, version: Version, kind: &str, seq: &str, fields: &[(u32, &str)]) -> Vec<u8> {
    let time = clock::now();
    let header = [(35, kind), (49, "PENSTOCK"), (56, target), (34, seq), (52, time.as_str())];
    frame_in(version.begin_string(), &[&header[..], fields].concat())
}

/// A message from the venue to MM1.
fn message(version: Version, kind: &str, seq: &str, fields: &[(u32, &str)]) -> Vec<u8> {
    message_to("MM1", version, kind, seq, fields)
}

/// What a report of FIX 4.2 must have besides.
fn of_version(version: Version) -> &'static [(u32, &'static str)] {
    version.old_or_new(&[(20, "0")], &[])
}

/// A report of these fields.
fn report(version: Version, fields: &[(u32, &str)]) -> Vec<u8> {
    message(version, "8", "2", &[of_version(version), fields].concat())
}

/// The report, with more.
fn report_with(version: Version, more: &[(u32, &str)]) -> Vec<u8> {
    report(version, &[&REPORT[..], more].concat())
}

/// Answers a logon, sends `bytes`, and closes the connection once the other side logs out.
fn venue(version: Version, bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut logon = [0; 4096];
        let _ = stream.read(&mut logon).unwrap();
        let applications = if version == Version::Fix50Sp2 { &[(1137, "9")][..] } else { &[] };
        let fields = [&[(98, "0"), (108, "30")], applications].concat();
        stream.write_all(&message(version, "A", "1", &fields)).unwrap();
        stream.write_all(&bytes).unwrap();
        let (mut heard, mut part) = (Vec::<u8>::new(), [0; 4096]);
        while let Ok(count @ 1..) = stream.read(&mut part) {
            heard.extend(&part[..count]);
            if heard.windows(6).any(|w| w == b"\x0135=5\x01") {
                break;
            }
        }
    });
    address
}

/// What the engine finds wrong with `bytes`, sent after a logon. A test request behind them shows when it has
/// read them.
fn faults(version: Version, bytes: &[u8], next_seq: &str) -> Vec<String> {
    let probe = message(version, "1", next_seq, &[(112, "probe")]);
    let trader = Trader::logged_on_in(version, venue(version, [bytes, &probe].concat()), "MM1");
    trader.wait_incoming("the probe", |m| m.field(112) == "probe");
    trader.wait_outgoing("its answer", |m| m.field(112) == "probe" || matches!(m.kind(), "2" | "5"));
    trader.complaints()
}

#[test]
fn a_report_without_fault_is_taken() {
    in_every_version(|version| {
        assert_eq!(faults(version, &report_with(version, &[]), "3"), Vec::<String>::new());
    });
}

/// What a flawed venue sends in a version, and the number of its next message.
type Flawed = fn(Version) -> (Vec<u8>, &'static str);

/// Flaws, what a complaint about each must hold, and how each is made.
const FLAWS: [(&str, &str, Flawed); 10] = [
    ("a field that FIX does not have", "4999", |v| (report_with(v, &[(4999, "1")]), "3")),
    ("a user-defined field that the dictionary does not have", "5001", |v| {
        (report_with(v, &[(5001, "1")]), "3")
    }),
    ("a field that belongs to other messages", "146", |v| (report_with(v, &[(146, "1")]), "3")),
    ("a value that the dictionary does not list", "59", |v| (report_with(v, &[(59, "Z")]), "3")),
    ("a required field that is missing", "371=37|", |v| (report(v, &REPORT[1..]), "3")),
    ("a missing field that only our dictionaries require", "371=11|", |v| {
        (report(v, &[&REPORT[..1], &REPORT[2..]].concat()), "3")
    }),
    ("a header field in the body", "43", |v| (report_with(v, &[(43, "Y")]), "3")),
    ("a field that comes twice", "44", |v| (report_with(v, &[(44, "585.01")]), "3")),
    ("a wrong sum", "CheckSum", |v| {
        let body = "35=0\u{1}49=PENSTOCK\u{1}56=MM1\u{1}34=2\u{1}52=20260102-03:04:05\u{1}";
        (frame_with(v.begin_string(), body.len(), body, Some("999")), "2")
    }),
    ("a message for somebody else", "CompID", |v| {
        (message_to("MM2", v, "8", "2", &[of_version(v), &REPORT[..]].concat()), "3")
    }),
];

#[test]
fn every_flaw_is_noticed_in_every_version() {
    // The engine's clock ticks in seconds; side by side they tick together.
    thread::scope(|scope| {
        for (what, word, flawed) in FLAWS {
            scope.spawn(move || {
                in_every_version(|version| {
                    let (bytes, next_seq) = flawed(version);
                    let faults = faults(version, &bytes, next_seq);
                    let noticed = faults.iter().any(|fault| fault.contains(word));
                    assert!(noticed, "{what}, {version:?}: {word:?} is not in {faults:#?}");
                });
            });
        }
    });
}
