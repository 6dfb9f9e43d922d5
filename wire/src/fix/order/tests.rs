use proptest::prelude::*;

use super::*;
use crate::{decimal::Decimal, fix::encode::Scratch};

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
            order_type: OrderType::Limit.into(),
            time_in_force: TimeInForce::Gtc.into(),
            price: Some(decimal("50000.1")),
            quantity: decimal("0.5"),
            post_only: true,
            transact_time: value::timestamp(b"20261120-12:00:00.123456789").unwrap(),
            not_offered: None,
        }
    );
}

#[test]
fn what_an_order_may_leave_out_has_its_standard_meaning() {
    let bytes = bytes("11=ID|55=X|54=2|60=20261120-12:00:00|38=1|40=1|");
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((order.account, order.price, order.post_only), (None, None, false));
    assert_eq!(order.time_in_force, TimeInForce::Day.into());
}

#[test]
fn a_market_orders_price_is_ignored() {
    let bytes = bytes(&with("40=1"));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().price, None);
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
    for field in ORDER.split_terminator('|').chain(["21=1"]) {
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
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().not_offered, None);
}

#[test]
fn what_fix_allows_and_the_venue_does_not_offer_is_an_order_all_the_same() {
    for (field, tag) in [
        ("54=5", 54),
        ("40=3", 40),
        ("40=P", 40),
        ("59=6", 59),
        ("18=1", 18),
        ("18=6 1", 18),
        ("111=10", 111),
        ("110=1", 110),
        ("99=49000", 99),
        ("126=20261121-00:00:00", 126),
        ("152=1000", 152),
        ("423=1", 423),
    ] {
        let bytes = bytes(&with(field));
        let order = NewOrderSingle::parse(&Message::parse(&bytes)).expect(field);
        assert_eq!(order.not_offered, Some(tag), "{field}");
    }
    let bytes = bytes(&with("54=5"));
    let order = NewOrderSingle::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!(order.side, Coded { code: b'5', value: None }, "the report repeats it");
    let cash = self::bytes(&with("152=1000").replace("38=0.5|", ""));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&cash)).unwrap().quantity, Number::ZERO);
}

#[test]
fn a_stop_order_needs_no_price() {
    let bytes = bytes(&with("40=3").replace("44=50000.10|", ""));
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().not_offered, Some(40));
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
    assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)).unwrap().price, Some(Number::TooLong));
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
}

/// A message of `fields`, put together as a session would.
fn encoded(fields: impl FnOnce(&mut Body<'_>)) -> Vec<u8> {
    let mut scratch = Scratch::default();
    let mut body = scratch.body();
    for (tag, value) in [(b"35=", "D"), (b"49=", "TW"), (b"56=", "ISLD"), (b"34=", "2")] {
        body.field(tag, value.as_bytes());
    }
    body.time(b"52=", Nanos(1));
    fields(&mut body);
    let end = body.end();
    scratch.seal(b"FIX.4.4", end).to_vec()
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
        (side, order_type) in (any_of(Side::ALL), any_of(&[OrderType::Market, OrderType::Limit])),
        time_in_force in any_of(&[TimeInForce::Day, TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok]),
        (price, quantity, post_only) in (number(), number(), any::<bool>()),
        (time, order_id) in (0..16_000_000_000_000_000_000_u64, prop::option::of(1_u64..).prop_map(|id| id.map(|id| id.to_string())))
    ) {
        let account = account.as_deref().map(str::as_bytes);
        let price = (order_type == OrderType::Limit).then_some(price);
        let order = NewOrderSingle {
            cl_ord_id: cl_ord_id.as_bytes(), account, symbol: symbol.as_bytes(), side: side.into(),
            order_type: order_type.into(), time_in_force: time_in_force.into(), price, quantity, post_only,
            transact_time: Nanos(time), not_offered: None,
        };
        let bytes = encoded(|body| order.encode(body));
        prop_assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)), Ok(order));

        let request = OrderCancelReplaceRequest {
            cl_ord_id: cl_ord_id.as_bytes(), orig_cl_ord_id: Some(orig.as_bytes()),
            order_id: order_id.as_deref().map(str::as_bytes), account, symbol: symbol.as_bytes(),
            side: side.into(), order_type: order_type.into(), time_in_force: Some(time_in_force.into()), price,
            quantity, post_only, transact_time: Nanos(time), not_offered: None,
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
            "((1|11|18|21|37|38|40|41|44|54|55|59|60|89|93|95|96|126|152|354|355|790)=[0-9A-Z. ]{0,4}\x01){0,20}"
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
