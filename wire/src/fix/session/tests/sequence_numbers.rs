use super::*;

#[test]
fn messages_in_sequence_come_through_and_a_test_request_is_echoed() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=D|34=2|11=A"), [Seen::App("35=D|34=2|11=A".into())]);
    assert_eq!(peer.gives("35=1|34=3|112=HELLO"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=0|34=2|112=HELLO"]);
}

#[test]
fn a_gap_is_asked_for_once_and_what_came_early_follows_it_in_order() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=D|34=4|11=C"), [Seen::Handled]);
    assert_eq!(peer.gives("35=D|34=5|11=D"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=2|34=2|7=2|16=0"]);
    assert_eq!(peer.gives("35=D|34=2|43=Y|122=20261120-12:00:00|11=A").len(), 1);
    let seen = peer.gives("35=D|34=3|43=Y|122=20261120-12:00:00|11=B");
    assert_eq!(
        seen[1..],
        [Seen::App("35=D|34=4|11=C".into()), Seen::App("35=D|34=5|11=D".into())],
        "held messages follow without further input"
    );
    assert_eq!(peer.gives("35=D|34=5|43=Y|122=20261120-12:00:00|11=D"), [Seen::Handled], "not twice");
    assert!(peer.said().is_empty());
    assert_eq!(peer.session.next_in(), 6);
}

#[test]
fn a_second_gap_is_asked_for_again() {
    let mut peer = Peer::logged_on();
    peer.gives("35=0|34=3");
    peer.gives("35=0|34=2|43=Y|122=20261120-12:00:00");
    peer.gives("35=0|34=6");
    assert_eq!(peer.said(), ["35=2|34=2|7=2|16=0", "35=2|34=3|7=4|16=0"]);
}

#[test]
fn a_gap_that_nobody_fills_is_asked_for_again_after_a_while() {
    let mut peer = Peer::logged_on();
    peer.gives("35=0|34=3");
    peer.now = seconds(29);
    peer.gives("35=0|34=4");
    assert_eq!(peer.said().len(), 1);
    peer.now = seconds(30);
    peer.gives("35=0|34=5");
    assert_eq!(peer.said(), ["35=2|34=3|7=2|16=0"]);
}

#[test]
fn what_does_not_fit_while_a_gap_is_open_is_asked_for_again_later() {
    let mut peer = Peer::logged_on();
    let last = 2 + HELD_MESSAGES_MAX as u64 + 10;
    for seq in 3..=last {
        assert_eq!(peer.gives(&format!("35=0|34={seq}")), [Seen::Handled]);
    }
    assert_eq!(peer.said(), ["35=2|34=2|7=2|16=0"]);
    let held = peer.gives("35=0|34=2|43=Y|122=20261120-12:00:00").len() - 1;
    assert_eq!(held, HELD_MESSAGES_MAX);
    peer.gives(&format!("35=0|34={}", last + 1));
    assert_eq!(peer.said(), [format!("35=2|34=3|7={}|16=0", 3 + HELD_MESSAGES_MAX)]);
}

#[test]
fn a_number_too_low_ends_the_session_unless_it_is_a_possible_duplicate() {
    let mut peer = Peer::logged_on();
    peer.gives("35=0|34=2");
    assert_eq!(peer.gives("35=0|34=2|43=Y|122=20261120-11:00:00"), [Seen::Handled]);
    assert!(peer.said().is_empty());
    assert_eq!(peer.gives("35=0|34=2"), [Seen::Close(CloseReason::SeqTooLow)]);
    assert_eq!(peer.said(), ["35=5|34=2|58=MsgSeqNum too low, expecting 3 but received 2"]);
    assert_eq!(peer.session.next_in(), 3);
}

#[test]
fn a_possible_duplicate_without_its_first_time_is_rejected_and_not_counted() {
    let mut peer = Peer::logged_on();
    peer.gives("35=0|34=2");
    assert_eq!(peer.gives("35=D|34=2|43=Y|11=A"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=3|34=2|45=2|371=122|372=D|373=1|58=Required tag missing"]);
    assert_eq!(peer.session.next_in(), 3);
}

#[test]
fn a_possible_duplicate_sent_first_after_it_was_sent_again_ends_the_session() {
    let mut peer = Peer::logged_on();
    peer.gives("35=0|34=2");
    peer.gives("35=D|34=2|43=Y|122=20261120-12:00:10|11=A");
    assert_eq!(peer.said(), ["35=3|34=2|45=2|372=D|373=10|58=SendingTime accuracy problem", "35=5|34=3"]);
    assert_eq!(peer.session.state(), State::AwaitingLogout);
    assert_eq!(peer.gives("35=5|34=3"), [Seen::Close(CloseReason::LoggedOut)]);
}

#[test]
fn a_message_without_a_number_ends_the_session() {
    for fields in ["35=0", "35=0|34=x", "35=0|34=-1"] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(fields), [Seen::Close(CloseReason::NoSeq)]);
        assert_eq!(peer.said(), ["35=5|34=2|58=Received message without MsgSeqNum"]);
    }
}

#[test]
fn garbled_messages_are_neither_answered_nor_counted() {
    let mut peer = Peer::logged_on();
    let mut wrong_sum = message("35=D|34=2|11=A", NOON);
    let at = wrong_sum.len() - 2;
    wrong_sum[at] = if wrong_sum[at] == b'9' { b'0' } else { b'9' };
    assert_eq!(peer.gives_bytes(&wrong_sum), [Seen::Handled]);
    assert!(peer.said().is_empty());
    assert_eq!(peer.session.traffic().garbled, 1);
    assert_eq!(peer.gives("35=1|34=2|112=HELLO"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=0|34=2|112=HELLO"]);
}

#[test]
fn a_message_too_long_ends_the_session() {
    let mut peer = Peer::logged_on();
    let bytes = format!("8=FIX.4.4\x019={FIX_MESSAGE_BYTES_MAX}\x0135=D\x01");
    assert_eq!(peer.gives_bytes(bytes.as_bytes()), [Seen::Close(CloseReason::TooLong)]);
    assert_eq!(peer.said(), ["35=5|34=2|58=message too long"]);
}

#[test]
fn a_logon_while_logged_on_ends_the_session_unless_it_asks_for_a_reset() {
    let mut peer = Peer::logged_on();
    for seq in 2..=9 {
        peer.gives(&format!("35=0|34={seq}"));
    }
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30|141=Y"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=A|34=1|98=0|108=30|141=Y"]);
    assert_eq!(peer.gives("35=1|34=2|112=1"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=0|34=2|112=1"]);
    assert_eq!(peer.gives("35=A|34=3|98=0|108=30"), [Seen::Close(CloseReason::SecondLogon)]);
}

/// FIX session layer test case 14g: fields of the header behind those of the body.
#[test]
fn a_number_behind_the_header_is_told_and_counts() {
    for fields in ["35=D|11=A|34=2|55=X", "35=0|112=A|34=2"] {
        let mut peer = Peer::logged_on();
        let bytes = frame_of("FIX.4.4", &format!("{fields}|49=TW|52=20261120-12:00:00|56=ISLD|"));
        assert_eq!(peer.gives_bytes(&bytes), [Seen::Handled]);
        let kind = &fields[3..4];
        let text = "58=Tag specified out of required order";
        assert_eq!(peer.said(), [format!("35=3|34=2|45=2|371=34|372={kind}|373=14|{text}")]);
        assert_eq!(peer.session.next_in(), 3);
    }
}

/// Serving it changes nothing that FIX protects by its numbers.
#[test]
fn a_resend_request_numbered_too_low_is_served_and_does_not_count() {
    let mut peer = Peer::logged_on();
    peer.gives("35=1|34=2|112=A");
    peer.said();
    assert_eq!(peer.gives("35=2|34=1|7=1|16=0"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=4|34=1|43=Y|36=3|123=Y"]);
    assert_eq!(peer.session.next_in(), 3);
}
