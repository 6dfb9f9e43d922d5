use proptest::prelude::*;

use super::*;
use crate::{
    decimal::Decimal,
    fix::{
        encode::Scratch,
        refusal::{BusinessReject, BusinessRejectReason, SessionReject, SessionRejectReason as Why},
        version::Version,
    },
    types::SelfTrade,
};

const HEAD: &str = "8=FIX.4.4|9=1|35=D|49=TW|56=ISLD|34=2|52=20261120-12:00:00|";
const ORDER: &str =
    "11=ID|1=MM1|55=BTCUSDT|54=1|60=20261120-12:00:00.123456789|38=0.5|40=2|44=50000.10|59=1|18=6|";

fn bytes(body: &str) -> Vec<u8> {
    format!("{HEAD}{body}10=000|").replace('|', "\x01").into_bytes()
}

fn decimal(text: &str) -> Number {
    Number::parse(text.as_bytes()).unwrap()
}

/// What comes of a NewOrderSingle of these fields.
fn refused(body: &str) -> Refusal {
    let bytes = bytes(body);
    NewOrderSingle::parse(&Message::parse(&bytes)).expect_err(body)
}

fn session(reason: Why, tag: u32) -> Refusal {
    Refusal::Session(SessionReject::about(reason, tag))
}

fn without(tag: u32) -> String {
    let mut body = String::new();
    for field in ORDER.split_terminator('|').filter(|field| !field.starts_with(&format!("{tag}="))) {
        body += field;
        body += "|";
    }
    body
}

fn with(field: &str) -> String {
    let tag: u32 = field.split('=').next().unwrap().parse().unwrap();
    format!("{}{field}|", without(tag))
}

#[test]
fn an_order_is_read_field_by_field() {
    let bytes = bytes(ORDER);
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!(
        order,
        NewOrderSingle {
            cl_ord_id: b"ID",
            account: Some(b"MM1"),
            symbol: b"BTCUSDT",
            side: Side::Buy.into(),
            transact_time: value::timestamp(b"20261120-12:00:00.123456789").unwrap(),
            terms: Terms {
                time_in_force: Some(TimeInForce::Gtc.into()),
                price: Some(decimal("50000.1")),
                post_only: true,
                ..Terms::new(OrderType::Limit.into(), decimal("0.5"))
            },
        }
    );
}

#[test]
fn what_an_order_may_leave_out_has_its_standard_meaning() {
    let bytes = bytes("11=ID|55=X|54=2|60=20261120-12:00:00|38=1|40=1|");
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((order.account, order.terms), (None, Terms::new(OrderType::Market.into(), decimal("1"))));
}

#[test]
fn a_market_orders_price_is_ignored() {
    let bytes = bytes(&with("40=1"));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().terms.price, None);
}

#[test]
fn each_required_field_is_missed_by_its_tag() {
    for tag in [11, 55, 54, 60, 40] {
        assert_eq!(refused(&without(tag)), session(Why::RequiredTagMissing, tag), "{tag}");
    }
}

#[test]
fn a_limit_order_needs_a_price_and_every_order_a_quantity() {
    for tag in [44, 38] {
        let reason = BusinessRejectReason::ConditionallyRequiredFieldMissing;
        assert_eq!(refused(&without(tag)), Refusal::Business(BusinessReject { reason, tag: Some(tag) }));
    }
}

#[test]
fn values_outside_their_range_and_of_the_wrong_form_are_told_apart() {
    for (field, reason) in [
        ("54=0", Why::ValueIncorrect),
        ("54=H", Why::ValueIncorrect),
        ("54=12", Why::IncorrectDataFormat),
        ("40=5", Why::ValueIncorrect),
        ("40=22", Why::IncorrectDataFormat),
        ("59=8", Why::ValueIncorrect),
        ("21=4", Why::ValueIncorrect),
        ("18=T", Why::ValueIncorrect),
        ("18=66", Why::IncorrectDataFormat),
        ("38=1e3", Why::IncorrectDataFormat),
        ("38=one", Why::IncorrectDataFormat),
        ("44=--5", Why::IncorrectDataFormat),
        ("60=20261120", Why::IncorrectDataFormat),
        ("60=20261120-12:00:00.1", Why::IncorrectDataFormat),
        ("126=20040415", Why::IncorrectDataFormat),
        ("432=20040415-12:00:00", Why::IncorrectDataFormat),
        ("432=20041315", Why::IncorrectDataFormat),
        ("2964=5", Why::ValueIncorrect),
        ("2964=no", Why::IncorrectDataFormat),
        ("152=some", Why::IncorrectDataFormat),
        ("211=some", Why::IncorrectDataFormat),
        ("111=some", Why::IncorrectDataFormat),
        ("99=", Why::TagWithoutValue),
        ("11=", Why::TagWithoutValue),
    ] {
        let tag = field.split('=').next().unwrap().parse().unwrap();
        assert_eq!(refused(&with(field)), session(reason, tag), "{field}");
    }
}

#[test]
fn every_field_we_know_may_come_once() {
    for field in ORDER.split_terminator('|').chain([
        "21=1",
        "99=1",
        "110=1",
        "111=1",
        "126=20261121-00:00:00",
        "432=20261121",
        "152=1",
        "211=1",
        "2964=1",
    ]) {
        let tag = field.split('=').next().unwrap().parse().unwrap();
        let twice = format!("{}{field}|{field}|", without(tag));
        assert_eq!(refused(&twice), session(Why::TagAppearsMoreThanOnce, tag), "{field}");
    }
}

#[test]
fn a_tag_out_of_place_is_named_with_the_reason() {
    for (field, reason, tag) in [
        ("41=X", Why::TagNotDefinedForMessage, 41),
        ("150=0", Why::TagNotDefinedForMessage, 150),
        ("2963=0", Why::InvalidTagNumber, 2963),
        ("957=0", Why::InvalidTagNumber, 957),
        ("4999=0", Why::InvalidTagNumber, 4999),
        ("52=20261120-12:00:00", Why::TagOutOfOrder, 52),
        ("9=1", Why::TagOutOfOrder, 9),
        ("93=1|89=x|58=text", Why::TagOutOfOrder, 58),
    ] {
        assert_eq!(refused(&format!("{ORDER}{field}|")), session(reason, tag), "{field}");
    }
}

#[test]
fn other_fields_of_fix_and_users_own_are_passed_over() {
    let more = "21=3|58=text|354=3|355=a|b|453=1|448=X|447=D|452=1|5000=mine|93=3|89=a|b|";
    let bytes = bytes(&format!("{ORDER}{more}"));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().terms.not_offered, None);
}

#[test]
fn what_fix_allows_and_the_venue_does_not_offer_is_an_order_all_the_same() {
    for (fields, tag) in [
        ("54=5", 54),
        ("40=J", 40),
        ("40=P", 40),
        ("40=P|18=a|211=5|99=49000", 99),
        ("40=P|18=a|211=5|836=1", 836),
        ("18=a", 18),
        ("18=6 1", 18),
        ("211=5", 211),
        ("111=0", 111),
        ("111=1|110=1", 110),
        ("152=1000", 152),
        ("210=1", 210),
        ("59=5", 59),
        ("168=20261121-00:00:00", 168),
        ("423=1", 423),
    ] {
        let order = offered(fields);
        assert_eq!(order.unwrap().1, Some(tag), "{fields}");
    }
    let bytes = bytes(&with("54=5"));
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!(order.side, Coded { code: b'5', value: None }, "the report repeats it");
}

/// The order with `fields` in place of those it would have: its terms, and what of it is not offered.
fn offered(fields: &str) -> Result<(Terms, Option<u32>), Refusal> {
    let mut body = ORDER.to_owned();
    for field in fields.split('|') {
        let tag = field.split('=').next().unwrap();
        let kept = body.split_terminator('|').filter(|f| !f.starts_with(&format!("{tag}=")));
        body = kept.map(|f| format!("{f}|")).collect::<String>() + field + "|";
    }
    let bytes = bytes(&body);
    let terms = NewOrderSingle::parse(&Message::parse(&bytes))?.terms;
    Ok((terms, terms.not_offered))
}

#[test]
fn stops_and_what_else_an_order_can_have_are_read() {
    let terms = |fields: &str| match offered(fields) {
        Ok((terms, None)) => terms,
        other => panic!("{fields}: {other:?}"),
    };
    assert_eq!(terms("40=3|99=49000").stop, Some(decimal("49000")));
    assert_eq!(terms("40=4|99=49000").price, Some(decimal("50000.1")));
    assert_eq!(terms("40=P|18=a|211=12.5").stop, Some(decimal("12.5")));
    assert_eq!(terms("40=P|18=a|211=12.5|835=0|836=0").order_type, OrderType::TrailingStop.into());
    assert_eq!(terms("111=0.1").display, Some(decimal("0.1")));
    assert_eq!(terms("59=3|110=0.1").minimum, Some(decimal("0.1")));
    let expire = value::timestamp(b"20261121-18:00:00.5").unwrap_or_default();
    assert_eq!(expire, Nanos(0), "a fraction has three, six or nine digits");
    let expire = value::timestamp(b"20261121-18:00:00.500");
    assert_eq!(terms("59=6|126=20261121-18:00:00.500").expire, expire);
    let midnight = value::timestamp(b"20261122-00:00:00");
    assert_eq!(terms("59=6|432=20261121").expire, midnight, "until the end of the day, in UTC");
    assert_eq!(terms("59=6|126=20261121-18:00:00.500|432=20261121").expire, expire);
    for (code, mode) in (b'0'..).zip([
        SelfTrade::None,
        SelfTrade::CancelNewest,
        SelfTrade::CancelOldest,
        SelfTrade::CancelBoth,
        SelfTrade::Decrement,
    ]) {
        assert_eq!(terms(&format!("2964={}", char::from(code))).self_trade, Some(mode));
    }
    let (terms, _) = offered("40=3|99=49000").unwrap();
    assert_eq!(terms.price, Some(decimal("50000.1")), "the venue, and not its reader, refuses the price");
}

#[test]
fn an_amount_stands_for_a_quantity() {
    let cash = bytes(&with("152=1000").replace("38=0.5|", ""));
    let terms = NewOrderSingle::parse(&Message::parse(&cash)).unwrap().terms;
    assert_eq!((terms.quantity, terms.amount), (Number::ZERO, Some(decimal("1000"))));
    assert_eq!(terms.not_offered, None);
    let percent = bytes(&with("516=10").replace("38=0.5|", ""));
    let terms = NewOrderSingle::parse(&Message::parse(&percent)).unwrap().terms;
    assert_eq!((terms.quantity, terms.not_offered), (Number::ZERO, Some(516)));
}

#[test]
fn a_stop_needs_its_stop_a_trailing_one_its_distance_and_a_gtd_order_its_end() {
    for (fields, tag) in [("40=3", 99), ("40=4", 99), ("40=P|18=a", 211), ("59=6", 126)] {
        let reason = BusinessRejectReason::ConditionallyRequiredFieldMissing;
        let refusal = Refusal::Business(BusinessReject { reason, tag: Some(tag) });
        assert_eq!(offered(fields), Err(refusal), "{fields}");
    }
}

#[test]
fn a_replace_changes_price_quantity_and_display_and_refuses_to_change_more() {
    let request = |fields: &str| {
        let bytes = bytes(&format!("41=A|11=B|55=X|54=1|60=20261120-12:00:00|38=1|40=2|44=5|{fields}"));
        OrderCancelReplaceRequest::parse(&Message::parse(&bytes)).expect(fields).terms
    };
    assert_eq!(request("111=0.5|59=1|18=6|").display, Some(decimal("0.5")));
    assert_eq!(request("111=0.5|59=1|18=6|").not_offered, None);
    for (field, tag) in [
        ("99=5", 99),
        ("211=5", 211),
        ("110=1", 110),
        ("126=20261121-00:00:00", 126),
        ("432=20261121", 432),
        ("152=9", 152),
        ("111=0", 111),
        ("18=a", 18),
    ] {
        assert_eq!(request(&format!("{field}|")).not_offered, Some(tag), "{field}");
    }
}

#[test]
fn names_longer_than_the_venue_takes_are_read_and_refused_by_it() {
    let long = "x".repeat(37);
    let bytes = bytes(&with(&format!("11={long}")));
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!(order.cl_ord_id, long.as_bytes());
    assert_eq!(cl_ord_id(order.cl_ord_id), None);
    assert_eq!(cl_ord_id(&long.as_bytes()[1..]), ClOrdId::new(&long.as_bytes()[1..]));
    assert_eq!(cl_ord_id(b"tab\t"), None);
    assert_eq!(cl_ord_id("é".as_bytes()), None);
}

#[test]
fn numbers_too_long_for_the_venue_are_numbers() {
    let bytes = bytes(&with("44=99999999999999999999999"));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().terms.price, Some(Number::TooLong));
}

#[test]
fn a_cancel_names_its_order_by_either_name() {
    let request = |order: &str| {
        let bytes = bytes(&format!("{order}11=C|55=X|54=1|60=20261120-12:00:00|"));
        OrderCancelRequest::parse(&Message::parse(&bytes)).map(|request| request.target())
    };
    let name = ClOrdId::new(b"ID").unwrap();
    assert_eq!(request("41=ID|"), Ok(Some(Target::Client(name))));
    assert_eq!(request("37=17|"), Ok(Some(Target::Venue(OrderId(17)))));
    assert_eq!(request("41=ID|37=17|"), Ok(Some(Target::Client(name))), "OrigClOrdID is FIX 4.4's own");
    assert_eq!(request("37=NONE|"), Ok(None));
    assert_eq!(request(&format!("41={}|", "x".repeat(37))), Ok(None));
    assert_eq!(request(""), Err(session(Why::RequiredTagMissing, 41)));
    assert_eq!(request("41=ID|44=5|"), Err(session(Why::TagNotDefinedForMessage, 44)));
    assert_eq!(request("41=ID|2964=0|"), Err(session(Why::TagNotDefinedForMessage, 2964)));
}

/// A message of `fields`, put together as a session would.
fn encoded(fields: impl FnOnce(&mut Body<'_>)) -> Vec<u8> {
    let mut scratch = Scratch::new(Version::Fix44);
    let mut body = scratch.body();
    for (tag, value) in [(b"35=", "D"), (b"49=", "TW"), (b"56=", "ISLD"), (b"34=", "2")] {
        body.field(tag, value.as_bytes());
    }
    body.time(b"52=", Nanos(1));
    fields(&mut body);
    let end = body.end();
    scratch.seal(end).to_vec()
}

prop_compose! {
    fn number()(mantissa in any::<i64>(), scale in 0_u8..=18) -> Number {
        // In lowest terms, as reading gives it.
        let text = Decimal { mantissa, scale }.to_string();
        Number::parse(text.as_bytes()).unwrap()
    }
}

fn name() -> impl Strategy<Value = String> {
    "[ -~]{1,36}"
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(values)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        (cl_ord_id, orig, symbol, account) in (name(), name(), name(), prop::option::of(name())),
        (side, order_type, time_in_force) in
            (any_of(Side::ALL), any_of(OrderType::ALL), any_of(TimeInForce::ALL)),
        (price, quantity, post_only) in (number(), number(), any::<bool>()),
        (stop, part, is_minimum) in (number(), prop::option::of(number()), any::<bool>()),
        (by_amount, self_trade) in (any::<bool>(), prop::option::of(any_of(SelfTrade::ALL))),
        (time, order_id) in (0..16_000_000_000_000_000_000_u64, prop::option::of(1_u64..).prop_map(|id| id.map(|id| id.to_string())))
    ) {
        let account = account.as_deref().map(str::as_bytes);
        let part = part.filter(|&part| part != Number::ZERO);
        let terms = Terms {
            time_in_force: Some(time_in_force.into()),
            price: order_type.has_price().then_some(price),
            stop: order_type.is_stop().then_some(stop),
            display: part.filter(|_| !is_minimum),
            post_only,
            ..Terms::new(order_type.into(), quantity)
        };
        let order = NewOrderSingle {
            cl_ord_id: cl_ord_id.as_bytes(), account, symbol: symbol.as_bytes(), side: side.into(),
            transact_time: Nanos(time),
            terms: Terms {
                quantity: if by_amount { Number::ZERO } else { quantity },
                amount: by_amount.then_some(quantity),
                minimum: part.filter(|_| is_minimum),
                expire: (time_in_force == TimeInForce::Gtd).then_some(Nanos(time)),
                self_trade,
                ..terms
            },
        };
        let bytes = encoded(|body| order.encode(body));
        prop_assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)), Ok(order));

        let request = OrderCancelReplaceRequest {
            cl_ord_id: cl_ord_id.as_bytes(), orig_cl_ord_id: Some(orig.as_bytes()),
            order_id: order_id.as_deref().map(str::as_bytes), account, symbol: symbol.as_bytes(),
            side: side.into(), transact_time: Nanos(time), terms: Terms { stop: None, ..terms },
        };
        let bytes = encoded(|body| request.encode(body));
        prop_assert_eq!(OrderCancelReplaceRequest::parse(&Message::parse(&bytes)), Ok(request));

        let request = OrderCancelRequest {
            cl_ord_id: cl_ord_id.as_bytes(), orig_cl_ord_id: Some(orig.as_bytes()),
            order_id: order_id.as_deref().map(str::as_bytes), account, symbol: symbol.as_bytes(),
            side: side.into(), transact_time: Nanos(time),
        };
        let bytes = encoded(|body| request.encode(body));
        prop_assert_eq!(OrderCancelRequest::parse(&Message::parse(&bytes)), Ok(request));

        let request = OrderStatusRequest {
            cl_ord_id: cl_ord_id.as_bytes(), order_id: order_id.as_deref().map(str::as_bytes),
            request_id: Some(orig.as_bytes()), account, symbol: symbol.as_bytes(), side: side.into(),
        };
        let bytes = encoded(|body| request.encode(body));
        prop_assert_eq!(OrderStatusRequest::parse(&Message::parse(&bytes)), Ok(request));
    }

    #[test]
    fn no_bytes_make_reading_panic(
        tail in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "((1|11|18|21|37|38|40|41|44|54|55|59|60|89|93|95|96|99|111|126|152|211|354|355|432|790|2964)=[0-9A-Z. ]{0,4}\x01){0,20}"
                .prop_map(String::into_bytes),
        ]
    ) {
        let head = HEAD.replace('|', "\x01").into_bytes();
        let bytes = [&head[..], &tail, b"10=000\x01"].concat();
        let message = Message::parse(&bytes);
        let _ = NewOrderSingle::parse(&message);
        let _ = OrderCancelRequest::parse(&message);
        let _ = OrderCancelReplaceRequest::parse(&message);
        let _ = OrderStatusRequest::parse(&message);
    }
}
