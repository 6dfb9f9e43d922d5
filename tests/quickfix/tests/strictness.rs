//! That the engine would notice: against a venue made of three messages, one of them with a flaw.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use penstock_tests::{
    clock,
    fix::{frame, frame_with},
};
use penstock_tests_quickfix::Trader;

/// An execution report without fault.
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

/// A message from the venue to MM1.
fn message(kind: &str, seq: &str, fields: &[(u32, &str)]) -> Vec<u8> {
    let time = clock::now();
    let header = [(35, kind), (49, "PENSTOCK"), (56, "MM1"), (34, seq), (52, time.as_str())];
    frame(&[&header[..], fields].concat())
}

/// Answers a logon, sends `bytes`, and closes the connection once the other side logs out.
fn venue(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut logon = [0; 4096];
        let _ = stream.read(&mut logon).unwrap();
        stream.write_all(&message("A", "1", &[(98, "0"), (108, "30")])).unwrap();
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
fn faults(bytes: &[u8], next_seq: &str) -> Vec<String> {
    let probe = message("1", next_seq, &[(112, "probe")]);
    let trader = Trader::logged_on(venue([bytes, &probe].concat()), "MM1");
    trader.wait_incoming("the probe", |m| m.field(112) == "probe");
    trader.wait_outgoing("its answer", |m| m.field(112) == "probe" || matches!(m.kind(), "2" | "5"));
    trader.complaints()
}

/// Insists on a complaint that holds `word`.
#[track_caller]
fn assert_noticed(faults: &[String], word: &str) {
    assert!(faults.iter().any(|f| f.contains(word)), "{word:?} is not in {faults:#?}");
}

fn report_with(more: &[(u32, &str)]) -> Vec<u8> {
    message("8", "2", &[&REPORT[..], more].concat())
}

#[test]
fn a_report_without_fault_is_taken() {
    assert_eq!(faults(&report_with(&[]), "3"), Vec::<String>::new());
}

#[test]
fn a_field_that_the_dictionary_does_not_have_is_noticed() {
    assert_noticed(&faults(&report_with(&[(1181, "1")]), "3"), "1181");
}

#[test]
fn a_user_defined_field_that_the_dictionary_does_not_have_is_noticed() {
    assert_noticed(&faults(&report_with(&[(5001, "1")]), "3"), "5001");
}

#[test]
fn a_field_that_belongs_to_other_messages_is_noticed() {
    assert_noticed(&faults(&report_with(&[(146, "1")]), "3"), "146");
}

#[test]
fn a_value_that_the_dictionary_does_not_list_is_noticed() {
    assert_noticed(&faults(&report_with(&[(59, "Z")]), "3"), "59");
}

#[test]
fn a_required_field_that_is_missing_is_noticed() {
    assert_noticed(&faults(&message("8", "2", &REPORT[1..]), "3"), "37");
}

#[test]
fn a_header_field_in_the_body_is_noticed() {
    assert_noticed(&faults(&report_with(&[(43, "Y")]), "3"), "43");
}

#[test]
fn a_field_that_comes_twice_is_noticed() {
    assert_noticed(&faults(&report_with(&[(44, "585.01")]), "3"), "44");
}

#[test]
fn a_wrong_sum_is_noticed() {
    let body = "35=0\u{1}49=PENSTOCK\u{1}56=MM1\u{1}34=2\u{1}52=20260102-03:04:05\u{1}";
    assert_noticed(&faults(&frame_with("FIX.4.4", body.len(), body, Some("999")), "2"), "CheckSum");
}

#[test]
fn a_message_for_somebody_else_is_noticed() {
    let time = clock::now();
    let header = [(35, "8"), (49, "PENSTOCK"), (56, "MM2"), (34, "2"), (52, time.as_str())];
    assert_noticed(&faults(&frame(&[&header[..], &REPORT].concat()), "3"), "CompID");
}
