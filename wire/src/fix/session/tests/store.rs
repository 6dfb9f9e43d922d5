//! What is in a session's store, and when: a process may die after any of these steps.

use super::*;

fn numbers(peer: &Peer) -> (u64, u64) {
    let Numbers { next_in, next_out } = peer.session.store().numbers();
    (next_in, next_out)
}

/// Gives the session one message, and does not call it again.
fn gives_once(peer: &mut Peer, fields: &str) {
    let bytes = message(fields, peer.now);
    let (used, input) = peer.session.receive(peer.now, &bytes, &mut peer.inbox, &mut peer.out);
    assert_eq!(used, bytes.len());
    assert!(matches!(input, Input::App(_)), "{input:?}");
}

#[test]
fn an_application_message_counts_once_it_has_been_dealt_with_and_not_before() {
    let mut peer = Peer::logged_on();
    gives_once(&mut peer, "35=D|34=2|11=A");
    assert_eq!((peer.session.next_in(), numbers(&peer)), (3, (2, 2)));
    gives_once(&mut peer, "35=D|34=3|11=B");
    assert_eq!(numbers(&peer), (3, 2), "the next call says that the last message has been dealt with");
    peer.session.disconnected();
    assert_eq!(numbers(&peer), (4, 2), "and so does the end of the connection");
}

#[test]
fn an_answer_is_kept_together_with_the_number_of_what_it_answers() {
    let mut peer = Peer::logged_on();
    gives_once(&mut peer, "35=D|34=2|11=A");
    peer.sends("no");
    assert_eq!(numbers(&peer), (3, 3));
}

#[test]
fn every_number_that_is_used_is_kept_before_its_message_can_leave() {
    let mut peer = Peer::logged_on();
    assert_eq!(numbers(&peer), (2, 2));
    assert_eq!(peer.gives("35=1|34=2|112=HELLO"), [Seen::Handled]);
    assert_eq!(numbers(&peer), (3, 3));
    peer.wait_until(seconds(30));
    assert_eq!(numbers(&peer), (3, 4), "a heartbeat");
    peer.session.logout(peer.now, b"", &mut peer.out);
    assert_eq!(numbers(&peer), (3, 5), "a logout");
}

#[test]
fn a_session_over_the_store_of_one_that_is_gone_goes_on_and_resends_what_that_one_sent() {
    let mut peer = Peer::logged_on();
    peer.sends("one");
    peer.wait_until(seconds(40)); // a heartbeat
    peer.sends("two");
    let Peer { session: Session { config, store, .. }, .. } = peer;

    let session = Session::over(config, store);
    let mut heir = Peer { session, now: seconds(100), inbox: Inbox::default(), out: Vec::new() };
    heir.session.connected(heir.now, &mut heir.out);
    assert_eq!(heir.gives("35=A|34=2|98=0|108=30"), [Seen::LoggedOn]);
    assert_eq!(heir.said(), ["35=A|34=5|98=0|108=30"]);
    assert_eq!(heir.gives("35=2|34=3|7=2|16=0"), [Seen::Handled]);
    let bytes = heir.out.clone();
    let first = Message::parse(&bytes);
    assert_eq!((first.orig_sending_time, first.sending_time), (Some(NOON), Some(seconds(100))));
    assert_eq!(
        heir.said(),
        [
            "35=B|34=2|43=Y|148=one",
            "35=4|34=3|43=Y|36=4|123=Y",
            "35=B|34=4|43=Y|148=two",
            "35=4|34=5|43=Y|36=6|123=Y"
        ]
    );
}

#[test]
fn a_reset_drops_what_was_sent_from_the_store_too() {
    let mut peer = Peer::logged_on();
    peer.sends("one");
    peer.gives("35=A|34=1|98=0|108=30|141=Y");
    assert_eq!(numbers(&peer), (2, 2));
    assert_eq!(peer.session.store().from(0), None);
}
