//! What outlives a gateway of the binary protocol: numbers, messages, and that every report comes once.

use std::{collections::HashMap, net::SocketAddr, path::Path};

use penstock_tests::{
    Penstock,
    binary::{Binary, End, cancel, decoded, id, limit},
    venue::{Venue, arguments, data_dir, listener},
};
use wire::{
    sbe::codes::MassCancelFlags,
    sbe::messages::{MassCancel, Message},
    sequenced::SessionName,
    soup::{CloseReason, RejectReason},
    types::Side,
};

/// Small stores: they are made and brought in with each gateway.
const STORES: [&str; 2] = ["fix.resend_bytes_max=1048576", "binary.resend_bytes_max=1048576"];
const USER: (&str, &str) = ("BM1", "bm1-demo");

fn gateway(data: &Path) -> (Penstock, SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &STORES));
    let _ = process.line("ready");
    let address = listener(&process, "binary");
    (process, address)
}

fn again(address: SocketAddr, session: SessionName, next: u64) -> Binary {
    Binary::log_in(address, USER, Some(session), next).unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// The ClOrdID that a report of a new order tells.
#[track_caller]
fn accepted(bytes: &[u8]) -> String {
    let Message::OrderAccepted(it) = decoded(bytes) else { panic!("{:?}", decoded(bytes)) };
    String::from_utf8(it.cl_ord_id.bytes().to_vec()).unwrap()
}

#[test]
fn messages_are_replayed_from_the_first_from_the_middle_and_from_the_last() {
    let venue = Venue::start(&STORES);
    let address = venue.binary();
    let mut client = Binary::client(address, "BM1");
    let mut reports = Vec::new();
    for number in 1..=50 {
        client.send(&limit(&format!("o{number}"), Side::Buy, 1, 400));
        reports.push(client.report());
    }
    let session = client.session();
    for (asked, first) in [(1, 1), (25, 25), (51, 51), (0, 50)] {
        client.log_out();
        assert_eq!(client.ended(), End::Closed);
        client = again(address, session, asked);
        for (number, bytes) in reports.iter().filter(|(number, _)| *number >= first) {
            assert_eq!(client.report(), (*number, bytes.clone()), "as they were sent first");
        }
    }
    // And what is new goes on behind them.
    client.send(&cancel("c", "o50"));
    assert_eq!(client.report().0, 51);
    venue.stop().assert_no_panic();
}

#[test]
fn what_is_kept_no_more_is_not_available() {
    let venue = Venue::start(&["binary.resend_window=16"]);
    let address = venue.binary();
    let mut client = Binary::client(address, "BM1");
    for number in 1..=20 {
        client.send(&limit(&format!("o{number}"), Side::Buy, 1, 400));
        client.report();
    }
    let session = client.session();
    client.log_out();
    assert_eq!(client.ended(), End::Closed);
    let refused = Binary::log_in(address, USER, Some(session), 4).err().map(|(end, _)| end);
    assert_eq!(refused, Some(End::Soup(CloseReason::Refused(RejectReason::SessionNotAvailable))));
    assert_eq!(again(address, session, 5).report().0, 5);
    venue.stop().assert_no_panic();
}

#[test]
fn a_gateway_that_is_started_again_goes_on_with_the_same_session() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    let mut client = Binary::client(address, "BM1");
    client.send(&limit("a", Side::Buy, 1, 400));
    let first = client.report();
    let session = client.session();
    process.stop().assert_no_panic();
    let (process, address) = gateway(data.path());
    let mut client = again(address, session, 1);
    assert_eq!(client.report(), first);
    client.send(&cancel("b", "a"));
    let (number, bytes) = client.report();
    let Message::OrderCanceled(canceled) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((number, canceled.orig_cl_ord_id), (2, id("a")));
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}

/// Whatever moment the gateway dies at: each order's report comes once, under one number, and no order is taken twice.
#[test]
fn every_report_comes_once_over_kills_of_the_gateway() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let mut session = None;
    let mut told: HashMap<String, u64> = HashMap::new();
    let (mut orders, mut next) = (0, 1);
    let mut take = |number: u64, bytes: &[u8]| {
        let name = accepted(bytes);
        assert_eq!(*told.entry(name.clone()).or_insert(number), number, "{name} under one number");
    };
    for round in 0..8 {
        let (process, address) = gateway(data.path());
        let mut client = match session {
            None => Binary::client(address, "BM1"),
            Some(session) => again(address, session, next),
        };
        session = Some(client.session());
        for _ in 0..200 {
            orders += 1;
            client.send(&limit(&format!("o{orders}"), Side::Buy, 1, 400));
        }
        // Others of the round's reports are on their way when it dies.
        for _ in 0..25 * round {
            let (number, bytes) = client.report();
            take(number, &bytes);
        }
        process.kill9();
        for (number, bytes) in client.drain().0 {
            take(number, &bytes);
        }
        next = client.next();
    }
    // From the beginning: without a gap, in order, and as it was told before.
    let (process, address) = gateway(data.path());
    let mut client = again(address, session.expect("logged in"), 1);
    let all = MassCancel {
        cl_ord_id: id("all"),
        instrument_id: None.into(),
        account_id: None.into(),
        side: None.into(),
        mass_cancel_flags: MassCancelFlags(0),
        padding1: [0; 2],
    };
    client.send(&all);
    let (mut accepted_orders, mut canceled_orders) = (0, 0);
    for expected in 1.. {
        let (number, bytes) = client.report();
        assert_eq!(number, expected);
        match decoded(&bytes) {
            Message::OrderAccepted(_) => {
                take(number, &bytes);
                accepted_orders += 1;
            }
            Message::OrderCanceled(_) => canceled_orders += 1,
            Message::MassCanceled(done) => {
                assert_eq!(done.total_affected_orders.get(), canceled_orders);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(accepted_orders, canceled_orders, "each order that was taken was told of once");
    assert_eq!(told.len(), accepted_orders as usize);
    assert!(told.len() > 25 * 28, "{} of {orders} orders were taken", told.len());
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}

#[test]
fn a_matcher_that_goes_is_told_of_and_requests_are_refused_meanwhile() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (process, address) = gateway(data.path());
    let mut client = Binary::client(address, "BM1");
    client.send(&limit("a", Side::Buy, 1, 400));
    client.report();
    matcher.kill9();
    let answer = client.answer();
    let Message::VenueStatus(status) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    assert_eq!(status.venue_state, wire::sbe::codes::VenueState::MatcherAway);
    client.send(&limit("b", Side::Buy, 1, 400));
    let answer = client.answer();
    let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    assert_eq!(refused.reject_code, wire::reject::Reject::MatcherAway.into());
    // Another one begins with empty books: everybody has to come anew.
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    assert_eq!(client.ended(), End::Closed);
    assert!(client.said.contains("empty books"), "{}", client.said);
    process.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}
