use super::*;

#[test]
fn a_logon_says_who_it_is_for_before_a_session_is_chosen() {
    let bytes = message("35=A|34=1|98=0|108=30|553=TW|554=secret", NOON);
    let LogonPeek::Logon(logon) = logon_of(&bytes) else { panic!("not a Logon") };
    assert_eq!((logon.sender, logon.target), (&b"TW"[..], &b"ISLD"[..]));
    assert_eq!((logon.username, logon.password), (Some(&b"TW"[..]), Some(&b"secret"[..])));
    assert_eq!((logon.begin_string, logon.len), (&b"FIX.4.4"[..], bytes.len()));
    for end in 0..bytes.len() {
        assert!(matches!(logon_of(&bytes[..end]), LogonPeek::NeedMore), "{end}");
    }
}

#[test]
fn other_first_messages_are_none() {
    let order = message("35=D|34=1|11=A", NOON);
    assert!(matches!(logon_of(&order), LogonPeek::NotLogon(CloseReason::NotLogon)));
    assert!(matches!(logon_of(b"GET /"), LogonPeek::NotLogon(CloseReason::NotLogon)));
    assert!(matches!(
        logon_of(b"8=FIX.4.4\x019=99999\x0135=A\x01"),
        LogonPeek::NotLogon(CloseReason::TooLong)
    ));
}
