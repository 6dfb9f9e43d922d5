use std::time::{Duration, Instant};

use shm::Directory;

use super::*;
use crate::{auth::hash_password, config::Secret};

/// 2026-11-20T12:00:00Z.
const NOON: Nanos = Nanos(1_795_176_000_000_000_000);
const PATIENCE: Patience = Patience { failures_max: 100, lockout_s_max: 300 };
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn logon(fields: &str) -> Vec<u8> {
    let body = format!("35=A|{fields}|98=0|108=30|").replace('|', "\u{1}");
    let head = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
    let sum = head.bytes().fold(0_u8, u8::wrapping_add);
    format!("{head}10={sum:03}\u{1}").into_bytes()
}

fn password_of(name: &str, password: &str) -> Vec<u8> {
    logon(&format!("34=1|49={name}|52=20261120-12:00:00|56=V|554={password}"))
}

fn plain(password: &str) -> Credentials {
    Credentials { password: Some(Password::Plain(Secret::new(password))), ..Credentials::default() }
}

fn hashed(password: &str) -> Credentials {
    let hash = PasswordHash::parse(&hash_password(password.as_bytes()).unwrap()).unwrap();
    Credentials { password: Some(Password::Hash(hash)), ..Credentials::default() }
}

fn judge(sessions: &[(&str, Credentials)]) -> Judge {
    Judge::new(
        Protocol::Fix,
        sessions.iter().map(|(name, c)| ((*name).to_owned(), c.clone())).collect(),
        NOON,
    )
}

fn asked(judge: &mut Judge, member: Option<usize>, frame: Vec<u8>) -> bool {
    let waiting =
        Waiting { conn: ConnId::nth(0), now: NOON, member, frame: Zeroizing::new(frame), certificate: None };
    judge.verdict(&waiting).member.is_some()
}

#[test]
fn each_session_is_judged_by_its_own_credentials() {
    let mut judge = judge(&[("A", plain("one")), ("B", hashed("two")), ("C", Credentials::default())]);
    assert!(asked(&mut judge, Some(0), password_of("A", "one")));
    assert!(!asked(&mut judge, Some(0), password_of("A", "two")));
    assert!(asked(&mut judge, Some(1), password_of("B", "two")));
    assert!(!asked(&mut judge, Some(1), password_of("B", "one")));
    assert!(asked(&mut judge, Some(2), password_of("C", "")));
    assert!(!asked(&mut judge, None, password_of("D", "two")));
}

#[test]
fn a_username_is_the_comp_id_or_the_one_that_is_configured() {
    let api_key = Credentials { username: Some("key-1".to_owned()), ..plain("p") };
    let mut judge = judge(&[("A", plain("p")), ("B", api_key)]);
    let with = |name: &str, username: &str| {
        logon(&format!("34=1|49={name}|52=20261120-12:00:00|56=V|554=p{username}"))
    };
    for (place, name, username, passes) in [
        (0, "A", "", true),
        (0, "A", "|553=A", true),
        (0, "A", "|553=B", false),
        (1, "B", "", false),
        (1, "B", "|553=B", false),
        (1, "B", "|553=key-1", true),
    ] {
        assert_eq!(asked(&mut judge, Some(place), with(name, username)), passes, "{name} {username}");
    }
}

mod signed {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::auth::Ed25519Key;

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn credentials() -> Credentials {
        let key = Ed25519Key::parse(&STANDARD.encode(pair().public_key())).unwrap();
        Credentials { ed25519: Some(key), ..Credentials::default() }
    }

    fn signed(seq: &str, time: &str, more: &str) -> Vec<u8> {
        let signature = pair().sign(["A", "A", "V", seq, time].join("\u{1}").as_bytes());
        let signature = STANDARD.encode(signature);
        logon(&format!("34={seq}|49=A|52={time}|56=V|95={}|96={signature}{more}", signature.len()))
    }

    #[test]
    fn the_same_logon_is_not_taken_twice_nor_an_earlier_one() {
        let mut judge = judge(&[("A", credentials())]);
        let first = signed("1", "20261120-12:00:01.000", "|141=Y");
        assert!(asked(&mut judge, Some(0), first.clone()));
        assert!(!asked(&mut judge, Some(0), first));
        assert!(!asked(&mut judge, Some(0), signed("1", "20261120-12:00:00.999", "")));
        assert!(asked(&mut judge, Some(0), signed("1", "20261120-12:00:01.001", "")));
    }

    #[test]
    fn a_logon_from_before_the_gateway_started_is_not_taken() {
        let mut judge = judge(&[("A", credentials())]);
        assert!(!asked(&mut judge, Some(0), signed("1", "20261120-11:59:59.999999", "")));
        assert!(!asked(&mut judge, Some(0), signed("1", "20261120-12:00:00", "")));
        assert!(asked(&mut judge, Some(0), signed("1", "20261120-12:00:00.000001", "")));
    }

    #[test]
    fn a_clock_that_is_far_off_does_not_shut_its_client_out() {
        let mut judge = judge(&[("A", credentials())]);
        assert!(!asked(&mut judge, Some(0), signed("1", "20261120-12:02:00.001", "")));
        assert!(asked(&mut judge, Some(0), signed("1", "20261120-12:00:00.500", "")));
    }

    /// What the session reads must be what was signed, whichever of two fields that is.
    #[test]
    fn a_number_or_a_time_that_stands_there_twice_is_the_signed_one_or_none() {
        for (seq, time) in [("34=2", "52=20261120-12:00:01"), ("34=1", "52=20261120-12:00:09")] {
            let signature = STANDARD.encode(pair().sign(b"A\x01A\x01V\x011\x0120261120-12:00:01"));
            let tail = format!("95={}|96={signature}", signature.len());
            let frame = logon(&format!("34=1|{seq}|49=A|52=20261120-12:00:01|{time}|56=V|{tail}"));
            let LogonPeek::Logon(logon) = logon_of(&frame) else { panic!("a Logon") };
            let message = wire::fix::message::Message::parse(&frame);
            let read = |text: &[u8]| wire::fix::value::unsigned(text);
            assert!(logon.seq.is_empty() || read(logon.seq) == message.seq, "{seq}");
            assert_eq!(logon.sent, message.sending_time);
            assert!(
                logon.sending_time.is_empty()
                    || wire::fix::value::timestamp(logon.sending_time) == message.sending_time,
                "{time}"
            );
        }
    }

    #[test]
    fn a_signature_and_a_password_are_both_asked_for_where_both_are_configured() {
        let both = Credentials { password: plain("p").password, ..credentials() };
        let mut judge = judge(&[("A", both)]);
        assert!(!asked(&mut judge, Some(0), signed("1", "20261120-12:00:01", "")));
        assert!(!asked(&mut judge, Some(0), password_of("A", "p")));
        assert!(asked(&mut judge, Some(0), signed("1", "20261120-12:00:01", "|554=p")));
    }
}

#[test]
fn a_certificate_is_asked_for_where_one_is_configured() {
    let [own, others] = [1, 2].map(|n| Fingerprint([n; 32]));
    let mut judge = judge(&[("A", Credentials { certificate: Some(own), ..Credentials::default() })]);
    for (shown, passes) in [(None, false), (Some(others), false), (Some(own), true)] {
        let frame = Zeroizing::new(password_of("A", ""));
        let waiting = Waiting { conn: ConnId::nth(0), now: NOON, member: Some(0), frame, certificate: shown };
        assert_eq!(judge.verdict(&waiting).member.is_some(), passes, "{shown:?}");
    }
}

/// Not by the clock: by what is computed.
#[test]
fn a_refusal_computes_a_hash_whether_there_is_such_a_name_or_not() {
    let with = judge(&[("A", plain("one")), ("B", hashed("two"))]);
    assert!(with.dummy.is_some());
    let without = judge(&[("A", plain("one"))]);
    assert!(without.dummy.is_none(), "nothing to hide: no name's check is slow");
}

fn bell() -> (tempfile::TempDir, Bell) {
    let dir = tempfile::tempdir().unwrap();
    let rings = Directory::at(dir.path(), dir.path(), "auth").unwrap();
    let bell = Bell::create(&rings, "gateway").unwrap();
    (dir, bell)
}

fn answers(authenticator: &mut Authenticator, count: usize) -> Vec<Verdict> {
    let start = Instant::now();
    let mut verdicts = Vec::new();
    while verdicts.len() < count {
        assert!(start.elapsed() < Duration::from_secs(60), "no answer");
        match authenticator.answer() {
            Some(verdict) => verdicts.push(verdict),
            None => thread::yield_now(),
        }
    }
    verdicts
}

fn question(conn: u32, address: IpAddr, frame: &[u8]) -> Question<'_> {
    Question { conn: ConnId::nth(conn), address, member: Some(0), frame, name: b"A", certificate: None }
}

#[test]
fn questions_are_answered_in_order_by_a_thread_of_its_own() {
    let (_dir, bell) = bell();
    let sessions = vec![("A".to_owned(), plain("one"))];
    let mut authenticator = Authenticator::start(Protocol::Fix, sessions, PATIENCE, &bell).unwrap();
    let (good, bad) = (password_of("A", "one"), password_of("A", "two"));
    for (conn, frame) in [(1, &good), (2, &bad), (3, &good)] {
        authenticator.ask(NOON, &question(conn, HERE, frame)).unwrap();
    }
    assert!(authenticator.is_asked(ConnId::nth(2)));
    let verdicts = answers(&mut authenticator, 3);
    assert_eq!(verdicts.iter().map(|v| v.member.is_some()).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(verdicts.iter().map(|v| v.conn).collect::<Vec<_>>(), [1, 2, 3].map(ConnId::nth));
    assert!(!authenticator.is_asked(ConnId::nth(2)));
}

#[test]
fn no_source_takes_all_places_and_no_more_than_there_are_are_taken() {
    let (_dir, bell) = bell();
    let sessions = vec![("A".to_owned(), plain("one"))];
    let mut authenticator = Authenticator::start(Protocol::Fix, sessions, PATIENCE, &bell).unwrap();
    let frame = password_of("A", "one");
    let from = |n: u8| IpAddr::from([10, 0, 0, n]);
    // Nobody takes the answers, so that all of them wait however quick the thread is.
    for conn in 0..8 {
        authenticator.ask(NOON, &question(conn, from(1), &frame)).unwrap();
    }
    assert_eq!(authenticator.ask(NOON, &question(8, from(1), &frame)), Err(Busy::Full));
    for conn in 8..64 {
        let source = 2 + u8::try_from(conn / 8).unwrap();
        authenticator.ask(NOON, &question(conn, from(source), &frame)).unwrap();
    }
    assert_eq!(authenticator.ask(NOON, &question(64, from(99), &frame)), Err(Busy::Full));
    answers(&mut authenticator, 64);
    authenticator.ask(NOON, &question(65, from(1), &frame)).unwrap();
}

#[test]
fn failures_lock_out_and_a_success_forgives() {
    let (_dir, bell) = bell();
    let patience = Patience { failures_max: 2, lockout_s_max: 300 };
    let sessions = vec![("A".to_owned(), plain("one"))];
    let mut authenticator = Authenticator::start(Protocol::Fix, sessions, patience, &bell).unwrap();
    let (good, bad) = (password_of("A", "one"), password_of("A", "two"));
    let mut attempt = |frame: &[u8]| {
        authenticator.ask(NOON, &question(1, HERE, frame)).map(|()| answers(&mut authenticator, 1)[0].member)
    };
    assert_eq!(attempt(&bad), Ok(None));
    assert_eq!(attempt(&good), Ok(Some(0)));
    assert_eq!(attempt(&bad), Ok(None));
    assert_eq!(attempt(&bad), Ok(None));
    assert_eq!(attempt(&good), Err(Busy::Locked(1_000_000_000)), "the right password too");
}
