use super::*;

/// A session of 08:00 to 17:00, and no connection yet. It is noon.
fn daily() -> Peer {
    let schedule = Some(Schedule::daily(8 * 3600, 17 * 3600));
    Peer::new(Config { schedule, ..Config::new(Role::Acceptor, "ISLD", "TW") })
}

/// Connects and logs on with number `seq`; what was said.
fn log_on(peer: &mut Peer, seq: u64) -> Vec<String> {
    peer.session.connected(peer.now, &mut peer.out);
    peer.gives(&format!("35=A|34={seq}|98=0|108=60"));
    peer.said()
}

const HOUR: u64 = 3600;

#[test]
fn a_logon_outside_of_the_hours_is_told_so() {
    let mut peer = daily();
    peer.now = seconds(5 * HOUR);
    assert_eq!(log_on(&mut peer, 1), ["35=5|34=1|58=the Logon is outside of the session's hours"]);
    assert_eq!(peer.session.state(), State::Closed(CloseReason::BadLogon));
    peer.now = seconds(20 * HOUR);
    assert_eq!(log_on(&mut peer, 1), ["35=A|34=1|98=0|108=60"]);
}

#[test]
fn at_the_end_of_the_hours_the_session_is_logged_out() {
    let mut peer = daily();
    assert_eq!(log_on(&mut peer, 1), ["35=A|34=1|98=0|108=60"]);
    let end = seconds(5 * HOUR);
    for minute in 1..300 {
        assert!(peer.session.deadline() <= end);
        assert_eq!(peer.wait_until(seconds(60 * minute)), None);
        peer.gives(&format!("35=0|34={}", minute + 1));
        assert_eq!(peer.said(), [format!("35=0|34={}", minute + 1)]);
    }
    assert_eq!(peer.session.deadline(), end);
    assert_eq!(peer.wait_until(end), None);
    assert_eq!(peer.said(), ["35=5|34=301|58=the session's hours are over"]);
    assert_eq!(peer.gives("35=5|34=301"), [Seen::Close(CloseReason::LoggedOut)]);
}

/// One without heartbeats has no other reason to be woken.
#[test]
fn a_session_without_heartbeats_ends_with_its_hours_too() {
    let mut peer = daily();
    peer.session.connected(peer.now, &mut peer.out);
    peer.gives("35=A|34=1|98=0|108=0");
    peer.said();
    assert_eq!(peer.session.deadline(), seconds(5 * HOUR));
    assert_eq!(peer.wait_until(seconds(5 * HOUR)), None);
    assert_eq!(peer.said(), ["35=5|34=2|58=the session's hours are over"]);
    assert_eq!(peer.wait_until(seconds(5 * HOUR + 2)), Some(CloseReason::LogoutTimeout));
}

#[test]
fn numbers_last_as_long_as_the_hours_and_begin_anew_with_the_next() {
    let mut peer = daily();
    log_on(&mut peer, 1);
    peer.sends("two");
    peer.said();
    peer.session.disconnected();
    // The same day: they go on.
    assert_eq!(log_on(&mut peer, 2), ["35=A|34=3|98=0|108=60"]);
    peer.session.disconnected();
    // The next day: they do not, and what was sent is nobody's any more.
    peer.now = seconds(24 * HOUR);
    assert_eq!(log_on(&mut peer, 1), ["35=A|34=1|98=0|108=60"]);
    peer.gives("35=2|34=2|7=1|16=0");
    assert_eq!(peer.said(), ["35=4|34=1|43=Y|36=2|123=Y"]);
}

/// Whoever takes over asks the store, and not its own memory.
#[test]
fn a_restart_within_the_hours_resets_nothing() {
    let mut peer = daily();
    log_on(&mut peer, 1);
    peer.session.disconnected();
    let Session { config, store, .. } = peer.session;
    let mut peer = Peer { session: Session::over(config, store), ..daily() };
    assert_eq!(log_on(&mut peer, 2), ["35=A|34=2|98=0|108=60"]);
}
