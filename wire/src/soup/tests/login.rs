//! The server: who gets in, and what may come before.

use super::{server::Input, *};

#[test]
fn the_credentials_are_the_owners_business() {
    let mut server = Server::new(Times::default(), NOON);
    let bytes = login(None, 0);
    let (used, input) = server.receive(NOON, &bytes);
    let expected = Login { username: b"BM1", password: b"bm1-demo", session: None, number: 0 };
    assert_eq!((used, input), (bytes.len(), Input::Login(expected)));
    assert!(!format!("{input:?}").contains("demo"), "passwords do not stand in logs");
}

#[test]
fn what_comes_while_the_owner_thinks_waits() {
    let mut server = asked(None, 0);
    assert_eq!(server.receive(NOON, b"\0\x02Ux"), (0, Input::NeedMore));
    assert!(!server.send_unsequenced(NOON, b"too early", &mut Vec::new()));
    let mut out = Vec::new();
    assert_eq!(server.serve(NOON, &Kept::counting(3), &mut out), server::Served::All);
    assert_eq!(out, b"");
    server.accept(NOON, &Kept::new("S1"), &mut out).unwrap();
    assert_eq!(server.receive(NOON, b"\0\x02Ux"), (4, Input::Message(b"x")));
}

#[test]
fn a_login_is_answered_with_session_and_number() {
    let kept = Kept::counting(5);
    for (asked_for, given) in [(0, 5), (1, 1), (5, 5), (6, 6)] {
        let mut out = Vec::new();
        assert_eq!(asked(Some("S1"), asked_for).accept(NOON, &kept, &mut out), Ok(given));
        assert_eq!(out, format!("\0\x1fA        S1{given:>20}").as_bytes());
    }
}

#[test]
fn the_most_recent_message_of_an_empty_session_is_the_first_to_come() {
    assert_eq!(asked(None, 0).accept(NOON, &Kept::new("S1"), &mut Vec::new()), Ok(1));
    let forgotten = Kept { first: 6, ..Kept::counting(5) };
    assert_eq!(asked(None, 0).accept(NOON, &forgotten, &mut Vec::new()), Ok(6));
}

#[test]
fn what_is_not_available_is_refused_as_such() {
    let kept = Kept { first: 3, ..Kept::counting(5) };
    for (session, number) in [(Some("S2"), 3), (None, 2), (None, 7), (None, u64::MAX)] {
        let (mut server, mut out) = (asked(session, number), Vec::new());
        let reason = CloseReason::Refused(RejectReason::SessionNotAvailable);
        assert_eq!(server.accept(NOON, &kept, &mut out), Err(reason));
        assert_eq!(out, b"\0\x02JS");
        assert_eq!(server.receive(NOON, b"\0\x01R"), (0, Input::Close(reason)));
    }
}

#[test]
fn the_owner_can_refuse() {
    let (mut server, mut out) = (asked(None, 0), Vec::new());
    server.reject(NOON, RejectReason::NotAuthorized, &mut out);
    assert_eq!(out, b"\0\x02JA");
    let reason = CloseReason::Refused(RejectReason::NotAuthorized);
    assert_eq!(server.receive(NOON, b""), (0, Input::Close(reason)));
    server.reject(NOON, RejectReason::NotAuthorized, &mut out);
    assert_eq!(out, b"\0\x02JA", "once is enough");
}

#[test]
fn an_answer_that_comes_after_the_connection_was_closed_changes_nothing() {
    let mut server = asked(None, 0);
    let late = NOON.after(30 * SECOND);
    assert_eq!(server.handle_timeout(late, &mut Vec::new()), Some(CloseReason::LoginTimeout));
    let mut out = Vec::new();
    assert_eq!(server.accept(late, &Kept::new("S1"), &mut out), Err(CloseReason::LoginTimeout));
    assert_eq!(out, b"");
}

#[test]
fn nothing_but_a_login_comes_first() {
    let first = |bytes: &'static [u8]| Server::new(Times::default(), NOON).receive(NOON, bytes).1;
    assert_eq!(first(b"\0\x02Ux"), Input::Close(CloseReason::BeforeLogin(b'U')));
    assert_eq!(first(b"\0\x01R"), Input::Close(CloseReason::BeforeLogin(b'R')));
    assert_eq!(first(b"\0\x01O"), Input::Close(CloseReason::Logout));
    assert_eq!(first(b"\0\x01H"), Input::Close(CloseReason::WrongSide(b'H')));
    assert_eq!(first(b"\0\x02+x"), Input::Debug(b"x"), "debug packets may come at any time");
    assert_eq!(
        first(b"GET / HTTP/1.1\r\n"),
        Input::Close(Malformed::TooLong(u16::from_be_bytes(*b"GE")).into())
    );
}

#[test]
fn who_is_in_does_not_log_in_again() {
    let mut server = logged_in(&Kept::new("S1"), 0);
    assert_eq!(server.receive(NOON, &login(None, 0)).1, Input::Close(CloseReason::SecondLogin));
}

#[test]
fn a_malformed_login_is_named() {
    let mut server = Server::new(Times::default(), NOON);
    let mut bytes = login(None, 0);
    *bytes.last_mut().unwrap() = b'x';
    assert_eq!(server.receive(NOON, &bytes).1, Input::Close(Malformed::Number.into()));
    let mut out = Vec::new();
    server.send_debug(NOON, Malformed::Number.to_string().as_bytes(), &mut out);
    assert_eq!(out, b"\0\x21+the sequence number is no number", "last words are for people");
}

#[test]
fn a_logout_closes() {
    let mut server = logged_in(&Kept::new("S1"), 0);
    assert_eq!(server.receive(NOON, b"\0\x01R"), (3, Input::Handled));
    assert_eq!(server.receive(NOON, b"\0\x01O"), (3, Input::Close(CloseReason::Logout)));
    assert_eq!(server.next(), None);
}
