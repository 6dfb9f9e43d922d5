//! Bytes, as the specification draws them.

use proptest::prelude::*;

use super::{packet::kind, *};

#[test]
fn a_login_request_has_spaces_behind_names_and_before_numbers() {
    let bytes = login(Some("S1"), 17);
    assert_eq!(bytes, b"\0\x2fLBM1   bm1-demo          S1                  17");
    let payload = packet::next(&bytes).unwrap().unwrap().payload;
    let expected = Login { username: b"BM1", password: b"bm1-demo", session: Some(name("S1")), number: 17 };
    assert_eq!(packet::login(payload), Ok(expected));
    assert_eq!(login(None, 0), b"\0\x2fLBM1   bm1-demo                               0");
}

#[test]
fn an_answer_has_spaces_before_session_and_number() {
    let mut bytes = Vec::new();
    packet::write_login_accepted(name("S1"), u64::MAX, &mut bytes);
    packet::write_login_rejected(RejectReason::NotAuthorized, &mut bytes);
    packet::write_login_rejected(RejectReason::SessionNotAvailable, &mut bytes);
    assert_eq!(bytes, b"\0\x1fA        S118446744073709551615\0\x02JA\0\x02JS");
}

#[test]
fn numbers_with_the_spaces_behind_them_are_understood() {
    let payload = b"BM1   bm1-demo  S1        17                  ";
    let login = packet::login(payload).unwrap();
    assert_eq!((login.session, login.number), (Some(name("S1")), 17));
}

#[test]
fn what_is_wrong_with_a_packet_is_named_as_soon_as_it_shows() {
    let wrong = |bytes: &[u8]| packet::next(bytes).expect_err("it is wrong");
    assert_eq!(wrong(b"\0\0"), Malformed::Empty);
    assert_eq!(wrong(b"\x10\x02"), Malformed::TooLong(4098));
    assert!(packet::next(b"\x10\x01S").unwrap().is_none());
    assert_eq!(wrong(b"\0\x01s"), Malformed::UnknownType(b's'));
    assert_eq!(wrong(b"\0\x02H"), Malformed::Length { kind: b'H', found: 1, expected: 0 });
    assert_eq!(wrong(b"\0\x2eL"), Malformed::Length { kind: b'L', found: 45, expected: 46 });
    assert_eq!(wrong(b"\0\x01J"), Malformed::Length { kind: b'J', found: 0, expected: 1 });
    let text = Malformed::Length { kind: b'L', found: 45, expected: 46 }.to_string();
    assert_eq!(text, "a packet of type 'L' has 46 bytes behind the type, not 45");
}

#[test]
fn what_is_wrong_with_a_login_is_named() {
    let wrong = |session: &str, number: &str| {
        packet::login(format!("BM1   bm1-demo  {session:>10}{number:>20}").as_bytes())
            .expect_err("it is wrong")
    };
    assert_eq!(wrong("S1", "-1"), Malformed::Number);
    assert_eq!(wrong("S1", "1 2"), Malformed::Number);
    assert_eq!(wrong("S1", ""), Malformed::Number);
    assert_eq!(wrong("S1", "\t1"), Malformed::Number);
    assert_eq!(wrong("S1", "18446744073709551616"), Malformed::Number);
    assert_eq!(wrong("S\0", "1"), Malformed::Session);
    assert_eq!(packet::login_accepted(b"        S1                   0"), Err(Malformed::Number));
    assert_eq!(packet::login_accepted(b"                             1"), Err(Malformed::Session));
    assert_eq!(packet::login_rejected(b"X"), Err(Malformed::Reason(b'X')));
}

/// Any packet that there is, as bytes.
fn any_packet() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let fixed = prop::sample::select(vec![(kind::SERVER_HEARTBEAT, 0), (kind::LOGIN_REJECTED, 1)]);
    let free = prop::sample::select(vec![kind::DEBUG, kind::SEQUENCED, kind::UNSEQUENCED]);
    prop_oneof![
        fixed.prop_map(|(kind, len)| (kind, vec![b'A'; len])),
        (free, prop::collection::vec(any::<u8>(), 0..80)),
    ]
}

proptest! {
    #[test]
    fn packets_are_found_however_they_are_cut(
        packets in prop::collection::vec(any_packet(), 0..20), piece in 1_usize..60
    ) {
        let mut bytes = Vec::new();
        for (kind, payload) in &packets {
            packet::write(*kind, payload, &mut bytes);
        }
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        for chunk in bytes.chunks(piece) {
            buffer.extend_from_slice(chunk);
            while let Some(packet) = packet::next(&buffer).unwrap() {
                found.push((packet.kind, packet.payload.to_vec()));
                let len = packet.bytes();
                buffer.drain(..len);
            }
        }
        prop_assert_eq!(found, packets);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn logins_and_answers_say_what_was_written(
        username in "[!-~]{1,6}", password in "[!-~]{1,10}", session in "([!-~]{1,10})?", number: u64
    ) {
        let session = SessionName::new(&session);
        let login = Login { username: username.as_bytes(), password: password.as_bytes(), session, number };
        let mut bytes = Vec::new();
        packet::write_login(&login, &mut bytes);
        prop_assert_eq!(packet::login(&bytes[3..]), Ok(login));
        if let (Some(session), 1..) = (session, number) {
            let mut bytes = Vec::new();
            packet::write_login_accepted(session, number, &mut bytes);
            prop_assert_eq!(packet::login_accepted(&bytes[3..]), Ok((session, number)));
        }
    }
}
