use super::*;

#[test]
fn a_heartbeat_goes_out_when_nothing_else_has_for_its_interval() {
    let mut peer = Peer::logged_on();
    peer.now = seconds(20);
    peer.sends("news");
    assert_eq!(peer.gives("35=0|34=2"), [Seen::Handled]);
    peer.said();
    assert_eq!(peer.session.deadline(), seconds(50));
    assert_eq!(peer.wait_until(seconds(49)), None);
    assert!(peer.said().is_empty());
    assert_eq!(peer.wait_until(seconds(50)), None);
    assert_eq!(peer.said(), ["35=0|34=3"]);
}

#[test]
fn a_silent_peer_is_asked_and_then_left() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.wait_until(seconds(30)), None);
    assert_eq!(peer.said(), ["35=0|34=2"]);
    assert_eq!(peer.session.deadline(), seconds(36), "a fifth more than the interval");
    assert_eq!(peer.wait_until(seconds(36)), None);
    assert_eq!(peer.said(), ["35=1|34=3|112=TEST"]);
    assert_eq!(peer.wait_until(seconds(66)), None);
    assert!(peer.said().is_empty(), "no heartbeats for one that may not be there");
    assert_eq!(peer.session.deadline(), seconds(72));
    assert_eq!(peer.wait_until(seconds(72)), Some(CloseReason::Silent));
    assert_eq!(peer.session.deadline(), Nanos(u64::MAX));
}

#[test]
fn any_message_answers_a_test_request() {
    let mut peer = Peer::logged_on();
    peer.wait_until(seconds(36));
    peer.now = seconds(40);
    peer.gives("35=0|34=2|112=TEST");
    peer.said();
    assert_eq!(peer.wait_until(seconds(75)), None);
    assert_eq!(peer.said(), ["35=0|34=3"]);
    assert_eq!(peer.wait_until(seconds(76)), None);
    assert_eq!(peer.said(), ["35=1|34=4|112=TEST"]);
}

#[test]
fn a_heartbeat_interval_of_zero_means_none() {
    let mut peer = Peer::acceptor();
    peer.gives("35=A|34=1|98=0|108=0");
    peer.said();
    assert_eq!(peer.session.deadline(), Nanos(u64::MAX));
    assert_eq!(peer.wait_until(seconds(1_000_000)), None);
    assert!(peer.said().is_empty());
}
