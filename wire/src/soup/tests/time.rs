//! Heartbeats, silence, and how long a login may take; on both sides.

use super::*;

fn after(milliseconds: u64) -> Nanos {
    NOON.after(milliseconds * 1_000_000)
}

#[test]
fn a_server_that_says_nothing_for_a_second_sends_a_heartbeat() {
    let kept = Kept::counting(1);
    let (mut server, mut out) = (logged_in(&kept, 1), Vec::new());
    assert_eq!(server.deadline(), after(1_000));
    assert_eq!(server.handle_timeout(after(999), &mut out), None);
    server.serve(after(999), &kept, &mut out);
    assert_eq!(server.deadline(), after(1_999));
    assert_eq!(server.handle_timeout(after(1_998), &mut out), None);
    assert_eq!(kinds(&out), "S");
    assert_eq!(server.handle_timeout(after(1_999), &mut out), None);
    assert_eq!(kinds(&out), "SH");
    assert_eq!(server.deadline(), after(2_999));
}

#[test]
fn a_client_that_says_nothing_for_a_second_sends_a_heartbeat() {
    let (mut client, _) = answered(1, 1);
    let mut out = Vec::new();
    assert!(client.send(after(500), b"x", &mut out));
    assert_eq!(client.deadline(), after(1_500));
    assert_eq!(client.handle_timeout(after(1_499), &mut out), None);
    assert_eq!(client.handle_timeout(after(1_500), &mut out), None);
    assert_eq!(kinds(&out), "UR");
}

#[test]
fn a_client_that_has_been_silent_for_15_seconds_is_gone() {
    let (mut server, mut out) = (logged_in(&Kept::new("S1"), 0), Vec::new());
    server.receive(after(400), b"\0\x01R");
    for ms in (0..15_400).step_by(100) {
        assert_eq!(server.handle_timeout(after(ms), &mut out), None);
    }
    assert_eq!(kinds(&out), "H".repeat(15));
    assert_eq!(server.handle_timeout(after(15_400), &mut out), Some(CloseReason::Silent));
    assert_eq!(server.deadline(), Nanos(u64::MAX));
    assert_eq!(server.handle_timeout(after(99_999), &mut out), None, "it has been said");
}

#[test]
fn a_server_that_has_been_silent_for_15_seconds_is_gone() {
    let (mut client, _) = answered(1, 1);
    client.receive(after(400), b"\0\x01H");
    assert_eq!(client.handle_timeout(after(15_399), &mut Vec::new()), None);
    assert_eq!(client.handle_timeout(after(15_400), &mut Vec::new()), Some(CloseReason::Silent));
}

#[test]
fn half_a_packet_is_not_a_sign_of_life() {
    let mut server = logged_in(&Kept::new("S1"), 0);
    server.receive(after(14_000), b"\0\x05Ux");
    assert_eq!(server.handle_timeout(after(15_000), &mut Vec::new()), Some(CloseReason::Silent));
}

#[test]
fn a_login_that_does_not_come_is_not_waited_for() {
    let mut server = Server::new(Times::default(), NOON);
    server.receive(after(29_000), b"\0\x01+");
    assert_eq!(server.deadline(), after(30_000), "debug packets do not help");
    assert_eq!(server.handle_timeout(after(29_999), &mut Vec::new()), None);
    assert_eq!(server.handle_timeout(after(30_000), &mut Vec::new()), Some(CloseReason::LoginTimeout));
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    let mut client = Client::new(Config::new("BM1", "bm1-demo").unwrap(), None, 1);
    client.connected(NOON, &mut Vec::new());
    assert_eq!(client.handle_timeout(after(29_999), &mut Vec::new()), None);
    assert_eq!(client.handle_timeout(after(30_000), &mut Vec::new()), Some(CloseReason::LoginTimeout));
}
