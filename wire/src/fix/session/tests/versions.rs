//! What each version of FIX has otherwise. The rules that all share are tested in FIX 4.4.

use super::*;
use crate::fix::{
    refusal::{BusinessReject, BusinessRejectReason},
    version::Version::{Fix42, Fix44, Fix50Sp2},
};

/// An acceptor that has received a sound Logon, and what it answered.
fn logged_on(version: Version) -> (Peer, Vec<u8>) {
    let mut peer = Peer::acceptor_of(version);
    let more = version.default_appl_ver_id().map(|id| format!("|1137={id}")).unwrap_or_default();
    assert_eq!(peer.gives(&format!("35=A|34=1|98=0|108=30{more}")), [Seen::LoggedOn]);
    let said = std::mem::take(&mut peer.out);
    (peer, said)
}

#[test]
fn a_logon_is_answered_in_the_sessions_version() {
    let time = "52=20261120-12:00:00.000000000";
    for (version, length, more, sum) in
        [(Fix42, 67, "", "217"), (Fix44, 67, "", "219"), (Fix50Sp2, 74, "1137=9|", "106")]
    {
        let (_, said) = logged_on(version);
        let expected = format!(
            "8={}|9={length}|35=A|49=ISLD|56=TW|34=1|{time}|98=0|108=30|{more}10={sum}|",
            version.begin_string()
        );
        assert_eq!(String::from_utf8_lossy(&said).replace('\x01', "|"), expected);
    }
}

#[test]
fn a_logon_of_fixt_must_say_that_fix_5_0_sp2_is_spoken() {
    for (field, text) in [
        ("|554=secret", "DefaultApplVerID (1137) is missing: it must be 9, FIX 5.0 SP2"),
        ("|1137=8", "DefaultApplVerID (1137) must be 9, FIX 5.0 SP2"),
        ("|1137=FIX.5.0SP2", "DefaultApplVerID (1137) must be 9, FIX 5.0 SP2"),
    ] {
        let mut peer = Peer::acceptor_of(Fix50Sp2);
        let seen = peer.gives(&format!("35=A|34=1|98=0|108=30{field}"));
        assert_eq!(seen, [Seen::Close(CloseReason::BadLogon)], "{field}");
        assert_eq!(peer.said(), [format!("35=5|34=1|58={text}")]);
        assert_eq!(peer.session.next_in(), 2, "the Logon was counted");
    }
    let mut peer = Peer::acceptor_of(Fix50Sp2);
    assert_eq!(peer.gives("35=A|34=1|98=0|108=30"), [Seen::Close(CloseReason::BadLogon)]);
    assert!(peer.said().is_empty(), "QuickFIX's test 1d_InvalidLogonNoDefaultApplVerID");
}

#[test]
fn a_single_message_in_another_application_version_is_rejected() {
    let (mut peer, _) = logged_on(Fix50Sp2);
    assert_eq!(peer.gives("35=B|34=2|1128=9|148=news"), [Seen::App("35=B|34=2|1128=9|148=news".into())]);
    for (seq, id, reason) in [
        (3, "7", "373=18|58=Invalid/Unsupported Application Version"),
        (4, "4", "373=18|58=Invalid/Unsupported Application Version"),
        (5, "X", "373=5|58=Value is incorrect (out of range) for this tag"),
        (6, "FIX.5.0SP2", "373=5|58=Value is incorrect (out of range) for this tag"),
    ] {
        assert_eq!(peer.gives(&format!("35=B|34={seq}|1128={id}|148=news")), [Seen::Handled], "{id}");
        assert_eq!(peer.said(), [format!("35=3|34={}|45={seq}|371=1128|372=B|{reason}", seq - 1)]);
    }
    // FIXT's own messages have no version of their own, whatever they say.
    assert_eq!(peer.gives("35=0|34=7|1128=7"), [Seen::Handled]);
    assert!(peer.said().is_empty());
    assert_eq!(peer.session.next_in(), 8);
}

#[test]
fn a_logon_in_another_version_gets_no_answer() {
    for version in Version::ALL {
        for other in Version::ALL.into_iter().filter(|&other| other != version) {
            let mut peer = Peer::acceptor_of(version);
            let logon = message_in(other, "35=A|34=1|98=0|108=30", NOON);
            assert_eq!(peer.gives_bytes(&logon), [Seen::Close(CloseReason::BadLogon)]);
            assert!(peer.said().is_empty());
        }
    }
}

#[test]
fn two_machines_log_on_send_and_log_out_in_every_version() {
    for version in Version::ALL {
        let config = |role, us: &str, peer: &str| Config {
            version,
            username: Some("TW".into()),
            password: Some("secret".into()),
            ..Config::new(role, us, peer)
        };
        let mut client = Peer::new(config(Role::Initiator, "TW", "ISLD"));
        let mut venue = Peer::new(config(Role::Acceptor, "ISLD", "TW"));
        client.session.connected(NOON, &mut client.out);
        venue.session.connected(NOON, &mut venue.out);
        let to_venue = std::mem::take(&mut client.out);
        assert!(to_venue.starts_with(format!("8={}\x019=", version.begin_string()).as_bytes()));
        assert_eq!(venue.gives_bytes(&to_venue), [Seen::LoggedOn], "{version:?}");
        assert_eq!(client.gives_bytes(&std::mem::take(&mut venue.out)), [Seen::LoggedOn], "{version:?}");
        client.sends("news");
        let seen = venue.gives_bytes(&std::mem::take(&mut client.out));
        assert_eq!(seen, [Seen::App("35=B|34=2|148=news".into())]);
        client.session.logout(NOON, b"", &mut client.out);
        let seen = venue.gives_bytes(&std::mem::take(&mut client.out));
        assert_eq!(seen, [Seen::Close(CloseReason::PeerLogout)]);
        let seen = client.gives_bytes(&std::mem::take(&mut venue.out));
        assert_eq!(seen, [Seen::Close(CloseReason::LoggedOut)]);
    }
}

#[test]
fn reasons_of_a_reject_that_fix_4_2_does_not_have_are_told_by_text_alone() {
    for version in Version::ALL {
        let (mut peer, _) = logged_on(version);
        assert_eq!(peer.gives("35=1|34=2|112=A|112=B"), [Seen::Handled]);
        let reason = if version == Fix42 { "" } else { "373=13|" };
        assert_eq!(
            peer.said(),
            [format!("35=3|34=2|45=2|371=112|372=1|{reason}58=Tag appears more than once")]
        );
        assert_eq!(peer.gives("35=1|34=3"), [Seen::Handled]);
        assert_eq!(peer.said(), ["35=3|34=3|45=3|371=112|372=1|373=1|58=Required tag missing"]);
    }
}

#[test]
fn a_business_reject_has_a_reason_that_its_version_knows() {
    for version in Version::ALL {
        let (mut peer, _) = logged_on(version);
        let bytes = message_in(version, "35=D|34=2|11=ID", NOON);
        let message = Message::parse(&bytes);
        let mut refuse = |reason| {
            let reject = BusinessReject { reason, tag: None };
            peer.session.business_reject(NOON, &message, reject, &mut peer.out);
            peer.said()
        };
        let reason = if version == Fix42 { 0 } else { 6 };
        assert_eq!(
            refuse(BusinessRejectReason::NotAuthorized),
            [format!("35=j|34=2|45=2|372=D|379=ID|380={reason}|58=Not authorized")]
        );
        assert_eq!(
            refuse(BusinessRejectReason::UnsupportedMessageType),
            ["35=j|34=3|45=2|372=D|379=ID|380=3|58=Unsupported Message Type"]
        );
    }
}

#[test]
fn a_message_is_resent_in_the_sessions_version() {
    for version in Version::ALL {
        let (mut peer, _) = logged_on(version);
        peer.sends("news");
        let first = std::mem::take(&mut peer.out);
        assert_eq!(peer.gives("35=2|34=2|7=2|16=0"), [Seen::Handled]);
        let begin = format!("8={}\x019=", version.begin_string());
        assert!(first.starts_with(begin.as_bytes()) && peer.out.starts_with(begin.as_bytes()));
        assert_eq!(peer.said(), ["35=B|34=2|43=Y|148=news"]);
    }
}
