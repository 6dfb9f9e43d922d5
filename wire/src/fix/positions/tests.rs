use super::*;

/// PosReqID, whether it is offered, Account and Currency.
type Parsed = (String, bool, Option<String>, Option<String>);

fn parsed(version: &str, body: &str) -> Result<Parsed, Refusal> {
    let head = format!("8={version}|9=1|35=AN|49=TW|56=ISLD|34=2|52=20261120-12:00:00|");
    let bytes = format!("{head}{body}10=000|").replace('|', "\x01").into_bytes();
    let request = RequestForPositions::parse(&Message::parse(&bytes))?;
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    Ok((text(request.request_id), request.offered, request.account.map(text), request.asset.map(text)))
}

#[test]
fn every_version_has_the_request() {
    for version in ["FIX.4.2", "FIX.4.4", "FIXT.1.1"] {
        assert_eq!(parsed(version, "710=P|724=0|"), Ok(("P".into(), true, None, None)), "{version}");
        let all = "710=P|724=0|263=0|1=MM1|581=1|15=USD|715=20261120|60=20261120-12:00:00|";
        let expected = ("P".into(), true, Some("MM1".into()), Some("USD".into()));
        assert_eq!(parsed(version, all), Ok(expected), "{version}");
        for other in ["710=P|724=1|", "710=P|724=0|263=1|"] {
            assert_eq!(parsed(version, other), Ok(("P".into(), false, None, None)), "{version}, {other}");
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let session = |reason, tag| Err(SessionReject::about(reason, tag).into());
    assert_eq!(parsed("FIX.4.4", "724=0|"), session(Why::RequiredTagMissing, 710));
    assert_eq!(parsed("FIX.4.4", "710=P|"), session(Why::RequiredTagMissing, 724));
    assert_eq!(parsed("FIX.4.4", "710=P|724=0|263=7|"), session(Why::ValueIncorrect, 263));
}
