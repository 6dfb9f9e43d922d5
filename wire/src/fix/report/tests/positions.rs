use super::*;
use crate::{
    fix::positions::{RequestForPositions, position_report},
    types::AssetId,
};

/// A balance of `available` and `held`.
fn balance(available: i128, held: i128) -> Event {
    let event = Event { kind: Kind::Balance, quantity: Lots(2), ..fill() };
    let event = event.with_balance(AssetId(7), available, held);
    assert_eq!(event.balance(), (AssetId(7), available, held));
    event
}

fn amounts(available: i128, held: i128, scale: u8) -> String {
    let account = NameField::field("1=", "MM1");
    let all = text(|body| position_report(&balance(available, held), &account, "USD", scale, body));
    all[all.find("753=3|").unwrap() + 6..].to_owned()
}

#[test]
fn a_report_has_what_each_version_wants() {
    let account = NameField::field("1=", "MM1");
    let begin = "721=4711|710=ID|727=2|728=0|715=20261120|1=MM1|581=1|15=USD|";
    let end = "753=3|707=CASH|708=10.00|707=AVAIL|708=7.50|707=HELD|708=2.50|";
    for version in [Version::Fix42, Version::Fix44, Version::Fix50Sp2] {
        let bytes = bytes_in(version, |body| position_report(&balance(750, 250), &account, "USD", 2, body));
        let text = String::from_utf8(bytes).unwrap().replace('\x01', "|");
        let price = if version == Version::Fix44 { "730=1|731=2|734=1|" } else { "" };
        assert!(text.contains(&format!("|{begin}{price}{end}10=")), "{text}");
    }
}

#[test]
fn amounts_are_exact() {
    assert_eq!(amounts(5, 0, 0), "707=CASH|708=5|707=AVAIL|708=5|707=HELD|708=0|");
    assert_eq!(amounts(-5, 2, 3), "707=CASH|708=-0.003|707=AVAIL|708=-0.005|707=HELD|708=0.002|");
    let most = 1 << 100;
    assert_eq!(
        amounts(-most, most, 18),
        "707=CASH|708=0.000000000000000000|707=AVAIL|708=-1267650600228.229401496703205376|\
         707=HELD|708=1267650600228.229401496703205376|"
    );
}

#[test]
fn an_acknowledgement_says_what_follows_or_why_nothing_does() {
    let answer =
        |count, reject| report(&Event { kind: Kind::Balances, quantity: Lots(count), reject, ..fill() });
    assert_eq!(answer(2, Reject::None), "721=4711|710=ID|727=2|728=0|729=0|1=MM1|581=1|");
    assert_eq!(answer(0, Reject::None), "721=4711|710=ID|727=0|728=2|729=0|1=MM1|581=1|");
    for (reject, result) in
        [(Reject::UnknownAsset, 1), (Reject::NotEntitled, 3), (Reject::UnknownAccount, 99)]
    {
        let (why, remedy) = (reject.sentence(), reject.remedy());
        let expected = format!("721=4711|710=ID|727=0|728={result}|729=2|1=MM1|581=1|58={why}; {remedy}|");
        assert_eq!(answer(0, reject), expected);
    }
}

#[test]
fn a_refusal_repeats_what_the_request_says() {
    let request =
        RequestForPositions { request_id: b"P", offered: false, account: Some(b"X"), asset: Some(b"USD") };
    let reject = Reject::UnsupportedRequest;
    let refused = Refused { reject, instrument: None, id: 5, time: Nanos(0), msg_seq: 1, stamps: false };
    let (why, remedy) = (reject.sentence(), reject.remedy());
    let expected = format!("721=R5|710=P|727=0|728=4|729=2|1=X|581=1|58={why}; {remedy}|");
    assert_eq!(text(|body| refused.positions(&request, body)), expected);
}
