use super::*;

#[test]
fn a_logon_is_answered_with_a_logon_of_the_same_heartbeat() {
    let mut peer = Peer::acceptor();
    assert_eq!(peer.gives("35=A|34=1|98=0|108=7"), [Seen::LoggedOn]);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=7"]);
    assert_eq!(peer.session.deadline(), seconds(7));
    assert_eq!((peer.session.next_in(), peer.session.next_out()), (2, 2));
}

/// FIX session layer: the first message must be a Logon, anything else ends the connection.
#[test]
fn an_order_before_logon_closes_the_session() {
    let mut peer = Peer::acceptor();
    assert_eq!(peer.gives("35=D|34=1|11=A"), [Seen::Close(CloseReason::NotLogon)]);
    assert!(peer.said().is_empty());
}

#[test]
fn garbage_before_logon_closes_the_session() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01",
        b"8=FIX.4.4\x019=5\x0135=A\x0110=000\x01",
    ] {
        let mut peer = Peer::acceptor();
        assert_eq!(peer.gives_bytes(bytes), [Seen::Close(CloseReason::NotLogon)]);
        assert!(peer.said().is_empty());
    }
}

#[test]
fn silence_closes_the_session_when_the_logon_timeout_has_passed() {
    let mut peer = Peer::acceptor();
    assert_eq!(peer.session.deadline(), seconds(10));
    assert_eq!(peer.wait_until(Nanos(seconds(10).0 - 1)), None);
    assert_eq!(peer.wait_until(seconds(10)), Some(CloseReason::LogonTimeout));
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::Close(CloseReason::LogonTimeout)]);
}

#[test]
fn a_stranger_gets_no_answer() {
    for logon in [
        "35=A|34=1|49=WT|98=0|108=30",
        "35=A|34=1|56=DLSI|98=0|108=30",
        "35=A|34=1|52=20261120-11:57:59|98=0|108=30",
        "35=A|34=1|52=20261120-12:02:01|98=0|108=30",
    ] {
        let mut peer = Peer::acceptor();
        assert_eq!(peer.gives(logon), [Seen::Close(CloseReason::BadLogon)], "{logon}");
        assert!(peer.said().is_empty());
        assert_eq!((peer.session.next_in(), peer.session.next_out()), (1, 1), "its numbers cost nothing");
    }
    let mut peer = Peer::acceptor();
    let other = frame_of("FIX.4.2", "35=A|49=TW|56=ISLD|34=1|52=20261120-12:00:00|98=0|108=30|");
    assert_eq!(peer.gives_bytes(&other), [Seen::Close(CloseReason::BadLogon)]);
}

#[test]
fn a_logon_whose_fields_are_wrong_is_told_why() {
    for (logon, text) in [
        ("35=A|34=1|98=1|108=30", "Value is incorrect (out of range) for this tag"),
        ("35=A|34=1|98=0", "Required tag missing"),
        ("35=A|34=1|98=0|108=-1", "HeartBtInt must not be negative"),
        ("35=A|34=1|98=0|108=30|141=X", "Incorrect data format for value"),
        ("35=A|34=1|98=0|108=30|11=A", "Tag not defined for this message type"),
        ("35=A|34=1|98=0|108=30|789=0", "Value is incorrect (out of range) for this tag"),
        ("35=A|34=1|98=0|108=30|789=x", "Incorrect data format for value"),
        (
            "35=A|34=1|98=0|108=30|789=2",
            "Tag 789 (NextExpectedMsgSeqNum) is higher than expected. Expected 1, Received 2",
        ),
        ("35=A|34=2|98=0|108=30|141=Y", "a Logon with ResetSeqNumFlag (141) must have MsgSeqNum (34) 1"),
    ] {
        let mut peer = Peer::acceptor();
        assert_eq!(peer.gives(logon), [Seen::Close(CloseReason::BadLogon)], "{logon}");
        assert_eq!(peer.said(), [format!("35=5|34=1|58={text}")], "{logon}");
    }
}

#[test]
fn a_logon_numbered_too_high_is_accepted_and_what_is_missing_asked_for() {
    let mut peer = Peer::acceptor();
    assert_eq!(peer.gives("35=A|34=5|98=0|108=30"), [Seen::LoggedOn]);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=0"]);
    assert_eq!(peer.session.next_in(), 1);
    // The Logon counts once the gap before it is filled.
    assert_eq!(peer.gives("35=4|34=1|43=Y|123=Y|36=5"), [Seen::Handled, Seen::Handled]);
    assert_eq!(peer.session.next_in(), 6);
}

#[test]
fn a_logon_numbered_too_low_is_told_which_number_is_next() {
    let mut peer = Peer::acceptor();
    peer.session.set_numbers(7, 3);
    assert_eq!(peer.gives("35=A|34=6|98=0|108=30"), [Seen::Close(CloseReason::SeqTooLow)]);
    assert_eq!(peer.said(), ["35=5|34=3|58=MsgSeqNum too low, expecting 7 but received 6"]);
}

/// The peer says which number it expects, so nobody has to ask.
#[test]
fn next_expected_msg_seq_num_brings_what_the_peer_missed_and_says_what_we_miss() {
    let mut peer = Peer::acceptor();
    peer.session.set_numbers(7, 1);
    for text in ["one", "two", "three"] {
        peer.sends(text);
    }
    assert_eq!(peer.gives("35=A|34=9|98=0|108=30|789=2"), [Seen::LoggedOn]);
    assert_eq!(
        peer.said(),
        ["35=A|34=4|98=0|108=30|789=7", "35=B|34=2|43=Y|148=two", "35=B|34=3|43=Y|148=three"]
    );
    assert_eq!(peer.gives("35=4|34=7|43=Y|123=Y|36=9"), [Seen::Handled, Seen::Handled]);
    assert_eq!(peer.session.next_in(), 10);
    assert!(peer.said().is_empty(), "nobody asks");
}

#[test]
fn next_expected_msg_seq_num_of_a_peer_that_misses_nothing_brings_nothing() {
    let mut peer = Peer::acceptor();
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30|789=1"), [Seen::LoggedOn]);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30|789=2"]);
}

#[test]
fn a_logon_with_reset_begins_both_numbers_anew() {
    let mut peer = Peer::acceptor();
    peer.session.set_numbers(700, 300);
    peer.sends("lost by the peer's own wish");
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30|141=Y"), [Seen::LoggedOn]);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30|141=Y"]);
    assert_eq!((peer.session.next_in(), peer.session.next_out()), (2, 2));
}

#[test]
fn a_session_set_up_so_begins_anew_with_every_logon() {
    let mut peer = Peer::new(Config { reset_on_logon: true, ..Config::new(Role::Acceptor, "ISLD", "TW") });
    for _ in 0..2 {
        peer.session.connected(peer.now, &mut peer.out);
        assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::LoggedOn]);
        assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30"]);
        assert_eq!(peer.gives("35=0|34=2"), [Seen::Handled]);
        peer.session.disconnected();
    }
}

#[test]
fn an_initiator_sends_its_credentials_and_hears_why_it_is_refused() {
    let mut peer = Peer::new(Config {
        username: Some("TW".into()),
        password: Some("secret".into()),
        reset_on_logon: true,
        ..Config::new(Role::Initiator, "ISLD", "TW")
    });
    peer.session.connected(NOON, &mut peer.out);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30|141=Y|553=TW|554=secret"]);
    assert_eq!(peer.gives("35=5|34=1|58=wrong password"), [Seen::Close(CloseReason::PeerLogout)]);
    assert_eq!(peer.session.peer_text(), b"wrong password");
}
