use super::*;

#[test]
fn a_peers_logout_is_answered() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=5|34=2|58=good night"), [Seen::Close(CloseReason::PeerLogout)]);
    assert_eq!(peer.said(), ["35=5|34=2"]);
    assert_eq!(peer.session.peer_text(), b"good night");
    assert_eq!((peer.session.next_in(), peer.session.next_out()), (3, 3));
}

#[test]
fn a_logout_before_its_turn_is_answered_and_the_gap_left_for_the_next_connection() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=5|34=9"), [Seen::Close(CloseReason::PeerLogout)]);
    assert_eq!(peer.said(), ["35=5|34=2"]);
    assert_eq!(peer.session.next_in(), 2);
}

#[test]
fn our_logout_waits_for_the_answer_and_serves_what_comes_before_it() {
    let mut peer = Peer::logged_on();
    peer.session.logout(peer.now, b"closing", &mut peer.out);
    assert_eq!(peer.said(), ["35=5|34=2|58=closing"]);
    assert_eq!(peer.gives("35=D|34=2|11=A"), [Seen::App("35=D|34=2|11=A".into())]);
    peer.sends("its report");
    assert_eq!(peer.said(), ["35=B|34=3|148=its report"]);
    assert_eq!(peer.gives("35=5|34=3"), [Seen::Close(CloseReason::LoggedOut)]);
    assert!(peer.said().is_empty());
}

#[test]
fn a_logout_without_answer_times_out() {
    let mut peer = Peer::logged_on();
    peer.session.logout(peer.now, b"", &mut peer.out);
    assert_eq!(peer.session.deadline(), seconds(2));
    assert_eq!(peer.wait_until(seconds(2)), Some(CloseReason::LogoutTimeout));
}

#[test]
fn a_session_that_is_not_up_is_closed_at_once() {
    let mut peer = Peer::acceptor();
    peer.session.logout(peer.now, b"", &mut peer.out);
    assert_eq!(peer.session.state(), State::Closed(CloseReason::LoggedOut));
    assert!(peer.said().is_empty());
}

/// Whoever says goodbye first, both numbers begin anew; a connection that is merely lost changes nothing.
#[test]
fn a_session_that_resets_on_logout_does_so_whoever_says_it_first() {
    let session = || {
        let config = Config { reset_on_logout: true, ..Config::new(Role::Acceptor, "ISLD", "TW") };
        let mut peer = Peer::new(config);
        peer.session.connected(NOON, &mut peer.out);
        assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::LoggedOn]);
        peer
    };
    let numbers = |peer: &Peer| (peer.session.next_in(), peer.session.next_out());
    let mut peer = session();
    assert_eq!(peer.gives("35=5|34=2"), [Seen::Close(CloseReason::PeerLogout)]);
    assert_eq!(numbers(&peer), (1, 1));
    let mut peer = session();
    peer.session.logout(peer.now, b"", &mut peer.out);
    assert_eq!(peer.gives("35=5|34=2"), [Seen::Close(CloseReason::LoggedOut)]);
    assert_eq!(numbers(&peer), (1, 1));
    let mut peer = session();
    peer.session.disconnected();
    assert_eq!(numbers(&peer), (2, 2));
}

#[test]
fn a_session_that_resets_on_disconnect_does_so_once() {
    let config = Config { reset_on_disconnect: true, ..Config::new(Role::Acceptor, "ISLD", "TW") };
    let mut peer = Peer::new(config);
    peer.session.connected(NOON, &mut peer.out);
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::LoggedOn]);
    peer.sends("one");
    peer.session.disconnected();
    assert_eq!((peer.session.next_in(), peer.session.next_out()), (1, 1));
    // What is sent while nobody is there waits for who comes.
    peer.sends("two");
    peer.session.connected(NOON, &mut peer.out);
    assert_eq!((peer.session.next_in(), peer.session.next_out()), (1, 2));
}
