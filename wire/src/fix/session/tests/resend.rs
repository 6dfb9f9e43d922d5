use super::*;
use crate::{fix::session::resend::RESEND_OUTPUT_MAX, limits::FIX_MESSAGE_BYTES_MAX};

/// Numbers 2 and 4 to 6 are kept messages, 3 is a heartbeat.
fn with_history() -> Peer {
    let mut peer = Peer::logged_on();
    peer.sends("two");
    peer.gives("35=1|34=2|112=X");
    for text in ["four", "five", "six"] {
        peer.sends(text);
    }
    assert_eq!(peer.said().len(), 5);
    peer
}

#[test]
fn kept_messages_come_again_and_gap_fills_stand_for_the_rest() {
    let mut peer = with_history();
    assert_eq!(peer.gives("35=2|34=3|7=1|16=0"), [Seen::Handled]);
    assert_eq!(
        peer.said(),
        [
            "35=4|34=1|43=Y|36=2|123=Y",
            "35=B|34=2|43=Y|148=two",
            "35=4|34=3|43=Y|36=4|123=Y",
            "35=B|34=4|43=Y|148=four",
            "35=B|34=5|43=Y|148=five",
            "35=B|34=6|43=Y|148=six",
        ]
    );
    assert_eq!(peer.session.next_out(), 7, "resending uses no new numbers");
    assert_eq!(peer.session.next_in(), 4);
}

#[test]
fn a_resent_message_tells_when_it_was_sent_first_and_when_now() {
    let mut peer = Peer::logged_on();
    peer.sends("two");
    peer.now = seconds(3);
    peer.said();
    peer.gives("35=2|34=2|7=2|16=2");
    let bytes = std::mem::take(&mut peer.out);
    let Frame::Complete { len } = frame::next(&bytes) else { panic!("not a message") };
    assert_eq!(len, bytes.len());
    let message = Message::parse(&bytes);
    assert_eq!((message.orig_sending_time, message.sending_time), (Some(NOON), Some(seconds(3))));
    assert!(message.poss_dup);
}

#[test]
fn a_range_ends_where_it_was_asked_to_and_infinity_has_two_names() {
    for (range, count, last) in [
        ("7=4|16=5", 2, "35=B|34=5|43=Y|148=five"),
        ("7=5|16=0", 2, "35=B|34=6|43=Y|148=six"),
        ("7=5|16=999999", 2, "35=B|34=6|43=Y|148=six"),
        ("7=6|16=100", 1, "35=B|34=6|43=Y|148=six"),
        ("7=3|16=3", 1, "35=4|34=3|43=Y|36=4|123=Y"),
    ] {
        let mut peer = with_history();
        peer.gives(&format!("35=2|34=3|{range}"));
        let said = peer.said();
        assert_eq!((said.len(), said.last().unwrap().as_str()), (count, last), "{range}");
    }
}

#[test]
fn a_range_that_makes_no_sense_is_rejected() {
    for (range, reject) in [
        ("7=0|16=0", "371=7|372=2|373=5|58=Value is incorrect (out of range) for this tag"),
        ("7=9|16=0", "371=7|372=2|373=5|58=Value is incorrect (out of range) for this tag"),
        ("7=5|16=4", "371=7|372=2|373=5|58=Value is incorrect (out of range) for this tag"),
        ("7=x|16=4", "371=7|372=2|373=6|58=Incorrect data format for value"),
        ("16=4", "371=7|372=2|373=1|58=Required tag missing"),
        ("7=4", "371=16|372=2|373=1|58=Required tag missing"),
    ] {
        let mut peer = with_history();
        peer.gives(&format!("35=2|34=3|{range}"));
        assert_eq!(peer.said(), [format!("35=3|34=7|45=3|{reject}")], "{range}");
        assert_eq!(peer.session.next_in(), 4);
    }
}

#[test]
fn a_long_range_comes_in_chunks_and_new_messages_may_come_between() {
    let mut peer = Peer::logged_on();
    let count = 3 * RESEND_CHUNK as u64;
    for i in 0..count {
        peer.sends(&i.to_string());
    }
    peer.said();
    peer.gives("35=2|34=2|7=2|16=0");
    assert_eq!(peer.said().len(), RESEND_CHUNK);
    assert!(peer.session.is_resending());
    peer.sends("new");
    assert!(peer.session.poll_resend(peer.now, &mut peer.out));
    let said = peer.said();
    assert_eq!(said[0], format!("35=B|34={}|148=new", count + 2));
    assert_eq!(said[1], format!("35=B|34={}|43=Y|148={RESEND_CHUNK}", RESEND_CHUNK + 2));
    assert!(!peer.session.poll_resend(peer.now, &mut peer.out));
    assert_eq!(peer.said().last().unwrap(), &format!("35=B|34={}|43=Y|148={}", count + 1, count - 1));
    assert!(!peer.session.poll_resend(peer.now, &mut peer.out));
    assert!(peer.said().is_empty());
}

#[test]
fn forgotten_messages_are_gap_filled_and_counted() {
    let config = Config { resend_messages_max: 2, ..Config::new(Role::Acceptor, "ISLD", "TW") };
    let mut peer = Peer::new(config);
    peer.session.connected(NOON, &mut peer.out);
    peer.gives("35=A|34=1|98=0|108=30");
    for text in ["two", "three", "four", "five"] {
        peer.sends(text);
    }
    peer.said();
    peer.gives("35=2|34=2|7=2|16=0");
    assert_eq!(
        peer.said(),
        ["35=4|34=2|43=Y|36=4|123=Y", "35=B|34=4|43=Y|148=four", "35=B|34=5|43=Y|148=five"]
    );
    assert_eq!(peer.session.forgotten(), 2);
}

#[test]
fn what_is_sent_while_nobody_is_connected_comes_with_the_peers_resend_request() {
    let mut peer = Peer::logged_on();
    peer.session.disconnected();
    assert_eq!(peer.sends("two"), 2);
    assert!(peer.said().is_empty());
    peer.session.connected(peer.now, &mut peer.out);
    peer.gives("35=A|34=2|98=0|108=30");
    assert_eq!(peer.said(), ["35=A|34=3|98=0|108=30"]);
    peer.gives("35=2|34=3|7=2|16=0");
    assert_eq!(peer.said(), ["35=B|34=2|43=Y|148=two", "35=4|34=3|43=Y|36=4|123=Y"]);
}

/// Both sides may see a gap at once: a ResendRequest is answered even when it comes before its turn.
#[test]
fn a_resend_request_beyond_a_gap_is_answered_at_once() {
    let mut peer = with_history();
    assert_eq!(peer.gives("35=2|34=5|7=4|16=4"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=B|34=4|43=Y|148=four", "35=2|34=7|7=3|16=0"]);
    peer.gives("35=4|34=3|43=Y|123=Y|36=5");
    assert!(peer.said().is_empty(), "and only once");
    assert_eq!(peer.session.next_in(), 6);
}

#[test]
fn a_gap_fill_moves_the_next_number() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=4|34=2|123=Y|36=20"), [Seen::Handled]);
    assert_eq!(peer.session.next_in(), 20);
    assert_eq!(peer.gives("35=4|34=19|43=Y|123=Y|36=30"), [Seen::Handled], "an old one means nothing");
    assert_eq!(peer.session.next_in(), 20);
    assert_eq!(peer.gives("35=4|34=30|123=Y|36=40"), [Seen::Handled], "an early one waits");
    assert_eq!(peer.said(), ["35=2|34=2|7=20|16=0"]);
    assert_eq!(peer.gives("35=4|34=19|123=Y|36=30"), [Seen::Close(CloseReason::SeqTooLow)]);
}

#[test]
fn a_gap_fill_backwards_is_rejected() {
    let mut peer = Peer::logged_on();
    peer.gives("35=4|34=2|123=Y|36=1");
    assert_eq!(peer.said(), ["35=3|34=2|45=2|372=4|373=5|58=Value is incorrect (out of range) for this tag"]);
    assert_eq!(peer.session.next_in(), 2);
}

#[test]
fn a_sequence_reset_goes_forwards_only_whatever_its_own_number() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=4|34=0|36=1"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=3|34=2|45=0|372=4|373=5|58=Value is incorrect (out of range) for this tag"]);
    assert_eq!(peer.gives("35=4|34=999|36=50|123=N"), [Seen::Handled]);
    assert_eq!(peer.session.next_in(), 50);
    assert_eq!(peer.gives("35=4|34=0|36=50"), [Seen::Handled], "standing still is allowed");
    assert_eq!(peer.gives("35=1|34=50|112=X"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=0|34=3|112=X"]);
    peer.gives("35=4|34=51");
    assert_eq!(peer.said(), ["35=3|34=4|45=51|371=36|372=4|373=1|58=Required tag missing"]);
}

/// A storm of requests costs its reading: one range is answered at a time, in chunks, as far as the peer reads.
#[test]
fn many_resend_requests_in_a_row_are_answered_as_one() {
    let mut peer = Peer::logged_on();
    let count = 3 * RESEND_CHUNK as u64;
    for i in 0..count {
        peer.sends(&i.to_string());
    }
    peer.said();
    for seq in 2..1_000 {
        peer.gives(&format!("35=2|34={seq}|7=1|16=0"));
    }
    // The first one's chunk, the gap fill for the Logon among it.
    assert_eq!(peer.said().len(), RESEND_CHUNK);
    let mut rest = 0;
    while peer.session.is_resending() {
        peer.session.poll_resend(peer.now, &mut peer.out);
        rest += peer.said().len() as u64;
    }
    assert_eq!(rest, count + 1, "all of it once, from the beginning");
}

#[test]
fn what_the_peer_does_not_read_is_not_added_to() {
    let mut peer = with_history();
    peer.out.resize(RESEND_OUTPUT_MAX, 0);
    peer.gives("35=2|34=3|7=1|16=0");
    assert_eq!(peer.out.len(), RESEND_OUTPUT_MAX);
    assert!(peer.session.poll_resend(peer.now, &mut peer.out));
    assert_eq!(peer.out.len(), RESEND_OUTPUT_MAX);
    peer.out.clear();
    assert!(!peer.session.poll_resend(peer.now, &mut peer.out));
    assert_eq!(peer.said().len(), 6);
}

/// However long its messages, a chunk leaves room in the least output that a session may have for one more message.
#[test]
fn a_chunk_ends_where_the_output_has_enough() {
    let mut peer = Peer::logged_on();
    let long = "x".repeat(FIX_MESSAGE_BYTES_MAX / 2);
    for _ in 0..RESEND_CHUNK {
        peer.sends(&long);
    }
    peer.out.clear();
    peer.gives("35=2|34=2|7=1|16=0");
    assert!(peer.session.is_resending());
    assert!(peer.out.len() < RESEND_OUTPUT_MAX + FIX_MESSAGE_BYTES_MAX, "{} bytes", peer.out.len());
}

#[test]
fn a_number_beyond_all_counting_is_refused() {
    let mut peer = Peer::logged_on();
    for (seq, message) in [(0, "35=4|34=0"), (2, "35=4|34=2|123=Y")] {
        peer.gives(&format!("{message}|36=9223372036854775807"));
        let text = "371=36|372=4|373=5|58=Value is incorrect (out of range) for this tag";
        let said = peer.said();
        assert!(said[0].ends_with(&format!("45={seq}|{text}")), "{said:?}");
    }
    assert_eq!(peer.gives("35=4|34=0|36=4611686018427387904"), [Seen::Handled]);
    assert_eq!(peer.gives("35=1|34=4611686018427387904|112=there"), [Seen::Handled]);
    assert_eq!(peer.gives("35=0|34=9223372036854775807"), [Seen::Handled]);
    assert_eq!(peer.said()[1..], ["35=2|34=5|7=4611686018427387905|16=0"]);
}
