//! Messages as a user of QuickFIX makes them: required fields by the typed constructors, the rest by tag.

use penstock_tests::clock;
use quickfix::{FieldMap, Message};
use quickfix_msg44::{
    NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderMassCancelRequest,
    OrderStatusRequest, TestRequest, field_id,
    field_types::{MassCancelRequestType, OrdType, Side},
};

/// A limit order (Day) for AAPL.
#[must_use]
pub fn limit(id: &str, side: Side, quantity: &str, price: &str) -> Message {
    order(id, side, OrdType::Limit, quantity, &[(field_id::PRICE, price)])
}

/// An order for AAPL with more fields; one of them may be another symbol.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn order(id: &str, side: Side, kind: OrdType, quantity: &str, more: &[(i32, &str)]) -> Message {
    let order = NewOrderSingle::try_new(id.to_owned(), side, clock::now(), kind).expect("an order");
    with(order.into(), &[(field_id::SYMBOL, "AAPL"), (field_id::ORDER_QTY, quantity)], more)
}

/// A request to cancel an AAPL order.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn cancel(id: &str, of: &str, side: Side) -> Message {
    let request =
        OrderCancelRequest::try_new(of.to_owned(), id.to_owned(), side, clock::now()).expect("a cancel");
    with(request.into(), &[(field_id::SYMBOL, "AAPL")], &[])
}

/// A request to change an AAPL limit order.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn replace(id: &str, of: &str, side: Side, quantity: &str, price: &str) -> Message {
    let (id, of) = (id.to_owned(), of.to_owned());
    let request =
        OrderCancelReplaceRequest::try_new(of, id, side, clock::now(), OrdType::Limit).expect("a replace");
    let terms = [(field_id::ORDER_QTY, quantity), (field_id::PRICE, price)];
    with(request.into(), &[(field_id::SYMBOL, "AAPL")], &terms)
}

/// A request to cancel all AAPL orders of the session.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn mass_cancel(id: &str) -> Message {
    let of_symbol = MassCancelRequestType::CancelOrdersForASecurity;
    let request = OrderMassCancelRequest::try_new(id.to_owned(), of_symbol, clock::now()).expect("a request");
    with(request.into(), &[(field_id::SYMBOL, "AAPL")], &[])
}

/// A question how an AAPL order stands.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn status(of: &str, side: Side, request_id: &str) -> Message {
    let request = OrderStatusRequest::try_new(of.to_owned(), side).expect("a status request");
    with(request.into(), &[(field_id::SYMBOL, "AAPL"), (field_id::ORD_STATUS_REQ_ID, request_id)], &[])
}

/// A test request.
///
/// # Panics
/// If QuickFIX does not take the id.
#[must_use]
pub fn test_request(id: &str) -> Message {
    TestRequest::try_new(id.to_owned()).expect("a test request").into()
}

fn with(mut message: Message, usual: &[(i32, &str)], more: &[(i32, &str)]) -> Message {
    for &(tag, value) in usual.iter().chain(more) {
        message.set_field(tag, value).expect("a value without a zero byte");
    }
    message
}
