//! `penstock session`: what an operator sees of sessions and does with them, against the venue as it is shipped.

use std::{fs, os::unix::fs::PermissionsExt};

use penstock_tests::{Client, PATIENCE, Venue, trade::SELL, venue};
use serde_json::json;

#[test]
fn a_list_has_a_line_for_each_session_and_its_figures_are_told() {
    let venue = Venue::start(&["session.MM4.throttle_messages=2", "session.MM4.throttle_s=3600"]);
    let mode = fs::metadata(venue.data.join("gateway.sock")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut client = venue.client("MM4");
    for id in ["a", "b"] {
        client.limit(id, SELL, "1", "585");
        client.execution(&[(11, id), (150, "0")]);
    }
    client.limit("c", SELL, "1", "585");
    client.receive().assert(&[(35, "j")]);
    let list = venue.session("list");
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..3], ["session", "version", "state"], "{list}");
    let names: Vec<_> = lines[1..].iter().map(|line| line[0]).collect();
    assert!(["MM1", "MM2", "MM3", "MM4"].iter().all(|name| names.contains(name)), "{list}");
    let away = lines.iter().find(|line| line[0] == "MM1").expect("is there");
    assert_eq!(away[1..4], ["FIX.4.4", "away", "-"], "{list}");
    let shown = venue.shown("MM4");
    assert_eq!(shown["state"], "logged on");
    assert_eq!(shown["peer"], client.address().to_string());
    assert_eq!((&shown["next_in"], &shown["next_out"]), (&json!(5), &json!(5)));
    assert_eq!(shown["throttled"], 1);
    let limits = json!([
        { "what": "messages", "used": 2, "max": 2, "seconds": 3600 },
        { "what": "cancels", "used": 0, "max": 2, "seconds": 3600 },
    ]);
    assert_eq!(shown["limits"], limits);
    let card = venue.session("show MM4");
    assert!(card.contains("2 of 2 in 3600 s used"), "{card}");
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn a_session_is_disconnected_disabled_and_enabled() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    assert!(venue.session("disconnect MM1 --text maintenance").contains("MM1 is logged out"));
    let logout = client.receive();
    logout.assert(&[(35, "5"), (58, "maintenance")]);
    client.send("5", &[]);
    assert_eq!(client.closed(), []);
    let mut client = venue.client("MM1");
    venue.session("disable MM1");
    client.receive().assert(&[(35, "5")]);
    client.send("5", &[]);
    assert_eq!(client.closed(), []);
    let mut client = Client::connect(venue.fix, "MM1");
    let refused = client.log_on(&[(141, "Y")]);
    refused.assert(&[(35, "5")]);
    assert!(refused.field(58).contains("disabled"), "{refused}");
    assert_eq!(venue.shown("MM1")["disabled"], true);
    venue.session("enable MM1");
    let client = venue.client("MM1");
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn what_a_session_may_send_is_changed_while_it_is_connected() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    assert_eq!(venue.shown("MM1")["limits"], json!([]));
    let told = venue.session("throttle MM1 --messages 2 --seconds 3600");
    assert!(told.contains("MM1 may send 2 messages and any number of cancels in 3600 s"), "{told}");
    for id in ["a", "b"] {
        client.limit(id, SELL, "1", "585");
        client.execution(&[(11, id), (150, "0")]);
    }
    client.limit("c", SELL, "1", "585");
    client.receive().assert(&[(35, "j"), (25005, "2"), (25006, "2")]);
    let limits = json!([{ "what": "messages", "used": 2, "max": 2, "seconds": 3600 }]);
    assert_eq!(venue.shown("MM1")["limits"], limits);
    venue.session("throttle MM1 --messages 0");
    client.limit("d", SELL, "1", "585");
    client.execution(&[(11, "d"), (150, "0")]);
    // A binary session likewise.
    let told = venue.session("throttle BM1 --cancels 3");
    assert!(told.contains("BM1 may send any number of messages and 3 cancels in 1 s"), "{told}");
    for (request, words) in [
        ("throttle MM1 --messages 100001", "0 to 100000 messages"),
        ("throttle MM1 --seconds 0", "1 to 3600 seconds"),
        ("throttle MM1", "nothing is to be changed"),
        ("throttle XX --messages 1", "UnknownSession"),
    ] {
        let refused = venue::session(&venue.data, request);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn numbers_are_reset_only_while_nobody_is_connected() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    client.quiet();
    let refused = venue::session(&venue.data, "reset MM1");
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is connected"), "{refused:?}");
    client.log_out();
    venue.process.logged(&["MM1", "disconnected"]);
    let before = venue.shown("MM1");
    assert_ne!((&before["next_in"], &before["next_out"]), (&json!(1), &json!(1)));
    venue.session("reset MM1");
    let after = venue.shown("MM1");
    assert_eq!((&after["next_in"], &after["next_out"]), (&json!(1), &json!(1)));
    // Without ResetSeqNumFlag.
    let mut client = Client::connect(venue.fix, "MM1");
    client.log_on(&[]).assert(&[(35, "A"), (34, "1")]);
    client.quiet();
    client.log_out();
    for (request, words) in [("show XX", "UnknownSession"), ("enable XX", "UnknownSession")] {
        let refused = venue::session(&venue.data, request);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    venue.stop().assert_no_panic();
}

#[test]
fn a_loss_is_told_with_its_reason_and_the_time_its_cancels_took() {
    let venue = Venue::start(&["session.MM4.cancel_grace_ms=0"]);
    let mut client = venue.client("MM4");
    for id in ["a", "b"] {
        client.limit(id, SELL, "1", "585");
        client.execution(&[(11, id), (150, "0")]);
    }
    let (next_out, next_in) = client.cut();
    let told = venue.process.logged(&["cancelled on disconnect"]);
    assert!(told.contains("MM4") && told.contains("orders=2"), "{told}");
    let shown = venue.shown("MM4");
    assert_eq!((&shown["state"], &shown["cancelled_orders"]), (&json!("away"), &json!(2)));
    assert!(shown["cancelled_ns"].as_u64().is_some_and(|nanos| nanos > 0), "{shown}");
    assert!(shown["ended"].as_str().is_some_and(|why| !why.is_empty()), "{shown}");
    // Each cancel names its reason.
    let mut client = Client::connect(venue.fix, "MM4");
    (client.next_out, client.next_in) = (next_out, next_in + 2);
    client.log_on(&[]).assert(&[(35, "A")]);
    client.send("2", &[(7, &next_in.to_string()), (16, "0")]);
    for _ in 0..2 {
        let cancelled = client.receive_ahead(PATIENCE).expect("what was kept");
        cancelled.assert(&[(35, "8"), (150, "4"), (43, "Y")]);
        assert!(cancelled.field(58).contains("disconnected"), "{cancelled}");
    }
    drop(client);
    venue.stop().assert_no_panic();
}

#[test]
fn without_a_gateway_there_is_nobody_to_ask() {
    let data = venue::data_dir();
    let refused = venue::session(data.path(), "list");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("penstock gateway"), "{refused:?}");
}
