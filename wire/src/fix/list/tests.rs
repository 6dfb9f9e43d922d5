use super::*;
use crate::{
    decimal::Number,
    fix::refusal::{BusinessReject, BusinessRejectReason},
    types::{OrderType, Side, TimeInForce},
};

/// A message of `msg_type` with this header and body, `|` for SOH.
fn bytes(version: &str, msg_type: &str, body: &str) -> Vec<u8> {
    let header = format!("35={msg_type}|49=C|56=V|34=2|52=20261120-12:00:00|");
    let length = header.len() + body.len();
    format!("8={version}|9={length}|{header}{body}10=000|").replace('|', "\x01").into_bytes()
}

const HEAD: &str = "66=L|394=3|1385=1|68=2|73=2|";
const LIMIT: &str = "11=A|67=1|1=MM1|55=AAPL|54=2|38=5|40=2|44=110|59=1|";
const STOP: &str = "11=B|67=2|55=AAPL|54=2|38=7|40=3|99=90|";

fn refused(body: &str) -> Refusal {
    let bytes = bytes("FIX.4.4", "E", body);
    NewOrderList::parse(&Message::parse(&bytes)).expect_err(body)
}

fn session(reason: Why, tag: u32) -> Refusal {
    SessionReject::about(reason, tag).into()
}

#[test]
fn both_orders_are_read_as_new_orders_are() {
    for version in ["FIX.4.2", "FIX.4.4", "FIXT.1.1"] {
        let hand = if version == "FIX.4.2" { "21=1|" } else { "" };
        let bytes = bytes(version, "E", &format!("{HEAD}{LIMIT}{hand}{STOP}{hand}"));
        let list = NewOrderList::parse(&Message::parse(&bytes)).expect(version);
        assert!(list.is_offered && list.list_id == b"L");
        let [limit, stop] = list.orders;
        assert_eq!(
            (limit.cl_ord_id, limit.account, limit.symbol),
            (&b"A"[..], Some(&b"MM1"[..]), &b"AAPL"[..])
        );
        assert_eq!(
            (limit.side.value, limit.terms.order_type.value),
            (Some(Side::Sell), Some(OrderType::Limit))
        );
        assert_eq!(limit.terms.price, Number::parse(b"110"));
        assert_eq!(limit.terms.time_in_force.unwrap().value, Some(TimeInForce::Gtc));
        assert_eq!((stop.cl_ord_id, stop.account, stop.terms.price), (&b"B"[..], None, None));
        assert_eq!((stop.terms.stop, Some(stop.terms.quantity)), (Number::parse(b"90"), Number::parse(b"7")));
        assert!(stop.terms.not_offered.is_none() && stop.terms.time_in_force.is_none());
    }
}

#[test]
fn what_is_not_as_fix_wants_it_is_told_as_in_a_new_order() {
    let list = |limit: &str, stop: &str| format!("{HEAD}{limit}{stop}");
    let cases = [
        (list(LIMIT, ""), session(Why::IncorrectNumInGroup, 73)),
        (list(LIMIT, STOP).replace("66=L|", ""), session(Why::RequiredTagMissing, 66)),
        (list(LIMIT, STOP).replace("1385=1|", ""), session(Why::RequiredTagMissing, 1385)),
        (list(LIMIT, STOP).replace("68=2", "68=3"), session(Why::ValueIncorrect, 68)),
        (list(LIMIT, STOP).replace("73=2", "73=3"), session(Why::IncorrectNumInGroup, 73)),
        (list(LIMIT, &STOP.replace("54=2|", "")), session(Why::RequiredTagMissing, 54)),
        (list(LIMIT, &STOP.replace("54=2", "54=x")), session(Why::ValueIncorrect, 54)),
        (list(LIMIT, &STOP.replace("99=90", "99=9a")), session(Why::IncorrectDataFormat, 99)),
        (list(LIMIT, &STOP.replace("99=90", "99=90|99=90")), session(Why::TagAppearsMoreThanOnce, 99)),
    ];
    for (body, expected) in cases {
        assert_eq!(refused(&body), expected, "{body}");
    }
    for (stop, tag) in [(STOP.replace("99=90|", ""), 99), (STOP.replace("40=3|", ""), 40)] {
        let reason = BusinessRejectReason::ConditionallyRequiredFieldMissing;
        assert_eq!(refused(&list(LIMIT, &stop)), BusinessReject { reason, tag: Some(tag) }.into());
    }
}

#[test]
fn other_contingencies_and_bids_are_not_offered() {
    for (one, other) in [("1385=1", "1385=2"), ("394=3", "394=1")] {
        let bytes = bytes("FIX.4.4", "E", &format!("{HEAD}{LIMIT}{STOP}").replace(one, other));
        assert!(!NewOrderList::parse(&Message::parse(&bytes)).unwrap().is_offered);
    }
}

#[test]
fn requests_about_a_list_name_it() {
    let cancel = bytes("FIX.4.4", "K", "66=L|60=20261120-12:00:00|");
    assert_eq!(
        ListRequest::parse(&Message::parse(&cancel)).unwrap(),
        ListRequest { list_id: b"L", asks: false }
    );
    let status = bytes("FIX.4.2", "M", "66=L|");
    assert_eq!(
        ListRequest::parse(&Message::parse(&status)).unwrap(),
        ListRequest { list_id: b"L", asks: true }
    );
    let nameless = bytes("FIX.4.4", "M", "58=text|");
    let refusal = ListRequest::parse(&Message::parse(&nameless)).expect_err("no ListID");
    assert_eq!(refusal, session(Why::RequiredTagMissing, 66));
}
