//! The client: what it asks for, and what it takes for an answer.

use super::{
    client::{BadCredential, Config, Input},
    *,
};

fn bm1() -> Config {
    Config::new("BM1", "bm1-demo").unwrap()
}

#[test]
fn credentials_must_fit_their_fields() {
    for username in ["", "SEVEN77", "BM1 ", "Ü"] {
        assert_eq!(Config::new(username, "x").unwrap_err(), BadCredential::Username, "{username:?}");
    }
    for password in ["", "eleven char", "x ", "\n"] {
        assert_eq!(Config::new("BM1", password).unwrap_err(), BadCredential::Password, "{password:?}");
    }
    assert!(Config::new("TRUNK1", "ten bytes.").is_ok());
    assert!(!format!("{:?}", bm1()).contains("demo"), "passwords do not stand in logs");
}

#[test]
fn messages_are_numbered_from_the_answer_on() {
    let (mut client, input) = answered(0, 7);
    assert_eq!(input, Input::LoggedIn);
    assert_eq!((client.session(), client.next()), (Some(name("S1")), 7));
    assert_eq!(client.receive(NOON, b"\0\x02Sx"), (4, Input::Message { number: 7, message: b"x" }));
    assert_eq!(client.receive(NOON, b"\0\x02Uy"), (4, Input::Unsequenced(b"y")));
    assert_eq!(client.receive(NOON, b"\0\x02+z"), (4, Input::Debug(b"z")));
    assert_eq!(client.receive(NOON, b"\0\x01H"), (3, Input::Handled));
    assert_eq!(client.receive(NOON, b"\0\x01S"), (3, Input::Message { number: 8, message: b"" }));
    assert_eq!(client.next(), 9);
}

#[test]
fn a_new_connection_asks_for_what_is_next() {
    let (mut client, _) = answered(0, 7);
    client.receive(NOON, b"\0\x02Sx");
    client.disconnected();
    assert_eq!(client.receive(NOON, b"\0\x02Sx"), (0, Input::Close(CloseReason::NotConnected)));
    assert!(!client.send(NOON, b"lost", &mut Vec::new()));
    let mut out = Vec::new();
    client.connected(NOON, &mut out);
    assert_eq!(out, login(Some("S1"), 8));
    assert!(!client.send(NOON, b"too early", &mut out));
}

#[test]
fn an_answer_to_another_question_is_refused() {
    assert_eq!(answered(7, 7).1, Input::LoggedIn);
    assert_eq!(answered(7, 8).1, Input::Close(CloseReason::WrongNumber { asked: 7, given: 8 }));
    assert_eq!(answered(7, 6).1, Input::Close(CloseReason::WrongNumber { asked: 7, given: 6 }));
    let mut client = Client::new(bm1(), Some(name("S2")), 0);
    client.connected(NOON, &mut Vec::new());
    let input = client.receive(NOON, b"\0\x1fA        S1                   7").1;
    assert_eq!(input, Input::Close(CloseReason::WrongSession));
    assert_eq!((client.session(), client.next()), (Some(name("S2")), 0), "nothing was learnt from it");
}

#[test]
fn a_refusal_says_why() {
    for (bytes, reason) in
        [(b"\0\x02JA", RejectReason::NotAuthorized), (b"\0\x02JS", RejectReason::SessionNotAvailable)]
    {
        let mut client = Client::new(bm1(), None, 1);
        client.connected(NOON, &mut Vec::new());
        assert_eq!(client.receive(NOON, bytes).1, Input::Close(CloseReason::Refused(reason)));
    }
}

#[test]
fn what_only_clients_send_is_refused_and_so_is_what_comes_before_the_answer() {
    let mut client = Client::new(bm1(), None, 1);
    client.connected(NOON, &mut Vec::new());
    assert_eq!(client.receive(NOON, b"\0\x02Sx").1, Input::Close(CloseReason::BeforeLogin(b'S')));
    for bytes in [b"\0\x01R", b"\0\x01O"] {
        let (mut client, _) = answered(1, 1);
        assert_eq!(client.receive(NOON, bytes).1, Input::Close(CloseReason::WrongSide(bytes[2])));
    }
    let (mut client, _) = answered(1, 1);
    assert_eq!(client.receive(NOON, b"\0\x02JA").1, Input::Close(CloseReason::SecondLogin));
}

#[test]
fn the_end_of_the_session_closes() {
    let (mut client, _) = answered(1, 1);
    assert_eq!(client.receive(NOON, b"\0\x01Z"), (3, Input::Close(CloseReason::EndOfSession)));
}

#[test]
fn numbers_do_not_wrap_around() {
    let (mut client, input) = answered(0, u64::MAX);
    assert_eq!(input, Input::LoggedIn);
    assert_eq!(client.receive(NOON, b"\0\x02Sx").1, Input::Close(Malformed::Number.into()));
}

#[test]
fn a_logout_is_the_last_word() {
    let (mut client, _) = answered(1, 1);
    let mut out = Vec::new();
    client.logout(NOON, &mut out);
    client.logout(NOON, &mut out);
    assert_eq!(out, b"\0\x01O");
    assert_eq!(client.receive(NOON, b"\0\x02Sx"), (0, Input::Close(CloseReason::Logout)));
}
