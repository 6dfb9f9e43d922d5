use super::*;

#[test]
fn a_wrong_comp_id_is_rejected_and_ends_the_session() {
    for ids in ["49=WT", "56=DLSI", "49=WT|56=DLSI"] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(&format!("35=D|34=2|{ids}|11=A")), [Seen::Handled], "{ids}");
        assert_eq!(peer.said(), ["35=3|34=2|45=2|372=D|373=9|58=CompID problem", "35=5|34=3"], "{ids}");
        assert_eq!(peer.gives("35=5|34=3"), [Seen::Close(CloseReason::LoggedOut)]);
        assert_eq!(peer.session.next_in(), 4);
    }
}

#[test]
fn a_clock_two_minutes_off_is_rejected_and_ends_the_session() {
    for time in ["20261120-11:57:59", "20261120-12:02:01"] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(&format!("35=0|34=2|52={time}")), [Seen::Handled], "{time}");
        assert_eq!(
            peer.said(),
            ["35=3|34=2|45=2|372=0|373=10|58=SendingTime accuracy problem", "35=5|34=3"],
            "{time}"
        );
    }
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=0|34=2|52=20261120-11:58:00.000"), [Seen::Handled]);
    assert_eq!(peer.gives("35=0|34=3|52=20261120-12:02:00.000000000"), [Seen::Handled]);
    assert!(peer.said().is_empty());
}

#[test]
fn another_begin_string_ends_the_session() {
    let mut peer = Peer::logged_on();
    let other = frame_of("FIX.4.1", "35=1|49=TW|56=ISLD|34=2|52=20261120-12:00:00|112=id|");
    assert_eq!(peer.gives_bytes(&other), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=5|34=2|58=Incorrect BeginString"]);
    assert_eq!(peer.gives("35=5|34=3"), [Seen::Close(CloseReason::LoggedOut)]);
}

#[test]
fn faults_of_administrative_messages_name_their_field_and_count() {
    for (fields, reject) in [
        ("35=1|34=2", "371=112|372=1|373=1|58=Required tag missing"),
        ("35=1|34=2|112=", "371=112|372=1|373=4|58=Tag specified without a value"),
        ("35=1|34=2|112=A|112=B", "371=112|372=1|373=13|58=Tag appears more than once"),
        ("35=0|34=2|999=HI", "371=999|372=0|373=0|58=Invalid tag number"),
        ("35=0|34=2|0=HI", "371=0|372=0|373=0|58=Invalid tag number"),
        ("35=0|34=2|-1=HI", "371=-1|372=0|373=0|58=Invalid tag number"),
        ("35=0|34=2|garbage", "372=0|373=0|58=Invalid tag number"),
        ("35=0|34=2|55=X", "371=55|372=0|373=2|58=Tag not defined for this message type"),
        ("35=0|34=2|112=A|57=X", "371=57|372=0|373=14|58=Tag specified out of required order"),
        ("35=0|34=2|34=2", "371=34|372=0|373=13|58=Tag appears more than once"),
        ("35=0|34=2|43=X", "371=43|372=0|373=6|58=Incorrect data format for value"),
        ("35=0|34=2|52=yesterday", "371=52|372=0|373=6|58=Incorrect data format for value"),
        ("35=0|34=2|49=", "371=49|372=0|373=4|58=Tag specified without a value"),
    ] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(fields), [Seen::Handled], "{fields}");
        assert_eq!(peer.said(), [format!("35=3|34=2|45=2|{reject}")], "{fields}");
        assert_eq!(peer.session.next_in(), 3, "{fields}");
    }
}

#[test]
fn a_message_type_that_fix_does_not_know_is_rejected() {
    for msg_type in ["*", "I", "BI", "AAA"] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(&format!("35={msg_type}|34=2|11=A")), [Seen::Handled]);
        let reject = format!("35=3|34=2|45=2|372={msg_type}|373=11|58=Invalid MsgType");
        assert_eq!(peer.said(), [reject]);
    }
}

#[test]
fn a_faulty_header_is_answered_without_troubling_the_application() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=D|34=2|97=maybe|11=A"), [Seen::Handled]);
    assert_eq!(peer.said(), ["35=3|34=2|45=2|371=97|372=D|373=6|58=Incorrect data format for value"]);
}

#[test]
fn the_applications_refusals_name_the_message_they_are_about() {
    use crate::fix::refusal::BusinessRejectReason;
    let mut peer = Peer::logged_on();
    let bytes = message("35=D|34=2|11=A", NOON);
    let message = Message::parse(&bytes);
    let mut out = Vec::new();
    let reject = SessionReject::about(Why::RequiredTagMissing, 55);
    peer.session.refuse(NOON, &message, reject.into(), &mut out);
    let reject =
        BusinessReject { reason: BusinessRejectReason::ConditionallyRequiredFieldMissing, tag: Some(44) };
    peer.session.refuse(NOON, &message, reject.into(), &mut out);
    let reject = BusinessReject { reason: BusinessRejectReason::UnsupportedMessageType, tag: None };
    peer.session.refuse(NOON, &message, reject.into(), &mut out);
    peer.out = out;
    assert_eq!(
        peer.said(),
        [
            "35=3|34=2|45=2|371=55|372=D|373=1|58=Required tag missing",
            "35=j|34=3|45=2|372=D|379=A|380=5|58=Conditionally Required Field Missing (44)",
            "35=j|34=4|45=2|372=D|379=A|380=3|58=Unsupported Message Type",
        ]
    );
}

#[test]
fn a_peers_reject_is_handed_on_and_never_answered() {
    let mut peer = Peer::logged_on();
    assert_eq!(peer.gives("35=3|34=2|45=1|58=no"), [Seen::Rejected]);
    assert_eq!(peer.gives("35=3|34=3|45=1|45=1"), [Seen::Handled]);
    assert!(peer.said().is_empty());
}

/// QuickFIX's tests "ReverseRoute": who a message was from is whom the reject is for.
#[test]
fn a_reject_goes_back_the_way_that_its_message_came() {
    for (route, back) in [
        ("115=JCD", "128=JCD"),
        ("128=JCD|129=CS|145=CHI", "115=JCD|116=CS|144=CHI"),
        ("115=JCD|116=CS|144=CHI", "128=JCD|129=CS|145=CHI"),
    ] {
        let mut peer = Peer::logged_on();
        assert_eq!(peer.gives(&format!("35=1|34=2|{route}|58=X")), [Seen::Handled]);
        let [reject] = &peer.said()[..] else { panic!("one answer") };
        assert!(reject.starts_with(&format!("35=3|34=2|{back}|45=2|")), "{reject}");
    }
    let mut peer = Peer::logged_on();
    peer.gives("35=1|34=2|115=JCD|116=|112=A");
    assert_eq!(
        peer.said(),
        ["35=3|34=2|128=JCD|45=2|371=116|372=1|373=4|58=Tag specified without a value"],
        "and not to nowhere"
    );
}

/// What is kept to be resent has the way back too.
#[test]
fn a_business_reject_goes_back_the_way_that_its_message_came_however_often() {
    use crate::fix::refusal::BusinessRejectReason;
    let mut peer = Peer::logged_on();
    let bytes = message("35=D|34=2|115=JCD|11=A", NOON);
    let message = Message::parse(&bytes);
    let reject = BusinessReject { reason: BusinessRejectReason::UnsupportedMessageType, tag: None };
    let mut out = Vec::new();
    peer.session.refuse(NOON, &message, reject.into(), &mut out);
    peer.out = out;
    let said = "128=JCD|45=2|372=D|379=A|380=3|58=Unsupported Message Type";
    assert_eq!(peer.said(), [format!("35=j|34=2|{said}")]);
    peer.gives("35=2|34=2|7=2|16=2");
    assert_eq!(peer.said(), [format!("35=j|34=2|43=Y|{said}")]);
}
