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

/// The report, with more.
fn report_with(version: Version, more: &[(u32, &str)]) -> Vec<u8> {
    message(version, "8", "2", &[version.old_or_new(&[(20, "0")][..], &[]), &REPORT, more].concat())
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

/// Insists on a complaint that holds `word`, in every version, about what `flawed` makes and the number behind it.
#[track_caller]
fn assert_noticed(word: &str, flawed: impl Fn(Version) -> (Vec<u8>, &'static str) + Sync) {
    in_every_version(|version| {
        let (bytes, next_seq) = flawed(version);
        let faults = faults(version, &bytes, next_seq);
        assert!(faults.iter().any(|f| f.contains(word)), "{word:?} is not in {faults:#?}");
    });
}

/// Likewise, about the report with more.
#[track_caller]
fn assert_noticed_in_report(word: &str, more: &[(u32, &str)]) {
    assert_noticed(word, |version| (report_with(version, more), "3"));
}

#[test]
fn a_report_without_fault_is_taken() {
    in_every_version(|version| {
        assert_eq!(faults(version, &report_with(version, &[]), "3"), Vec::<String>::new());
    });
}

#[test]
fn a_field_that_the_dictionary_does_not_have_is_noticed() {
    assert_noticed_in_report("4999", &[(4999, "1")]);
}

#[test]
fn a_user_defined_field_that_the_dictionary_does_not_have_is_noticed() {
    assert_noticed_in_report("5001", &[(5001, "1")]);
}

#[test]
fn a_field_that_belongs_to_other_messages_is_noticed() {
    assert_noticed_in_report("146", &[(146, "1")]);
}

#[test]
fn a_value_that_the_dictionary_does_not_list_is_noticed() {
    assert_noticed_in_report("59", &[(59, "Z")]);
}

#[test]
fn a_required_field_that_is_missing_is_noticed() {
    assert_noticed("37", |version| (message(version, "8", "2", &REPORT[1..]), "3"));
}

#[test]
fn a_field_that_only_our_dictionary_requires_and_that_is_missing_is_noticed() {
    assert_noticed("371=60|", |version| {
        let fields = [version.old_or_new(&[(20, "0")][..], &[]), &REPORT[..13]].concat();
        (message(version, "8", "2", &fields), "3")
    });
}

#[test]
fn a_header_field_in_the_body_is_noticed() {
    assert_noticed_in_report("43", &[(43, "Y")]);
}

#[test]
fn a_field_that_comes_twice_is_noticed() {
    assert_noticed_in_report("44", &[(44, "585.01")]);
}

#[test]
fn a_wrong_sum_is_noticed() {
    assert_noticed("CheckSum", |version| {
        let body = "35=0\u{1}49=PENSTOCK\u{1}56=MM1\u{1}34=2\u{1}52=20260102-03:04:05\u{1}";
        (frame_with(version.begin_string(), body.len(), body, Some("999")), "2")
    });
}

#[test]
fn a_message_for_somebody_else_is_noticed() {
    assert_noticed("CompID", |version| {
        let fields = [version.old_or_new(&[(20, "0")][..], &[]), &REPORT[..]].concat();
        (message_to("MM2", version, "8", "2", &fields), "3")
    });
}
