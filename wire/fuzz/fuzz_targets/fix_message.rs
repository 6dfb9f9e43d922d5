//! One message, given as its fields from MsgType on, `|` for SOH, in a frame that is put around it; a first line may
//! name the version. Every reader takes it: none panics, and a request that is read is written and read again as the same.
#![no_main]

use harness::{fields, framed, version};
use libfuzzer_sys::fuzz_target;
use wire::{
    decimal::Number,
    fix::{
        encode::{Body, Scratch},
        frame::{self, Frame},
        mass::{MassQuote, OrderMassCancelRequest, QuoteCancel},
        message::Message,
        order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest, Terms},
        report::{BusinessMessageReject, ExecutionReport, OrderCancelReject},
        session::logon_of,
        version::Version,
    },
};

/// What the writer is given back by the reader.
fn again(version: Version, msg_type: &[u8], write: impl FnOnce(&mut Body<'_>)) -> Vec<u8> {
    let mut scratch = Scratch::new(version);
    let mut body = scratch.body();
    body.field(b"35=", msg_type);
    body.raw(b"49=A\x0156=B\x0134=1\x0152=20261120-12:00:00\x01");
    write(&mut body);
    let end = body.end();
    scratch.seal(end).to_vec()
}

/// Whether a writer has all that a reader made of the terms.
fn writable(terms: &Terms) -> bool {
    let numbers = [Some(terms.quantity), terms.amount, terms.price, terms.stop, terms.display, terms.minimum];
    terms.not_offered.is_none() && !numbers.contains(&Some(Number::TooLong))
}

fuzz_target!(|data: &[u8]| {
    let (first, text) = match data.iter().position(|&byte| byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (&data[..0], data),
    };
    let version = version(first);
    let bytes = framed(version, &fields(text));
    let Frame::Complete { len } = frame::next(&bytes) else { return };
    assert_eq!(len, bytes.len());
    let _ = logon_of(&bytes);
    let message = Message::parse(&bytes);
    let mut body = message.body();
    let mut walked = 0;
    while let Ok(Some(field)) = body.next_field() {
        assert!(!field.value.is_empty());
        walked += field.value.len();
        assert!(walked < bytes.len(), "a walk that goes on");
    }
    let _ = (message.find(58), message.find(11));
    // Short of the bound, so that no field is left out for want of room.
    let short = bytes.len() < 2048;
    if let Ok(order) = NewOrderSingle::parse(&message)
        && writable(&order.terms)
        && short
    {
        let bytes = again(version, NewOrderSingle::MSG_TYPE, |body| order.encode(body));
        assert_eq!(NewOrderSingle::parse(&Message::parse(&bytes)), Ok(order));
    }
    if let Ok(request) = OrderCancelReplaceRequest::parse(&message)
        && writable(&request.terms)
        && short
    {
        let bytes = again(version, OrderCancelReplaceRequest::MSG_TYPE, |body| request.encode(body));
        assert_eq!(OrderCancelReplaceRequest::parse(&Message::parse(&bytes)), Ok(request));
    }
    if let Ok(request) = OrderCancelRequest::parse(&message)
        && short
    {
        let _ = request.target();
        let bytes = again(version, OrderCancelRequest::MSG_TYPE, |body| request.encode(body));
        assert_eq!(OrderCancelRequest::parse(&Message::parse(&bytes)), Ok(request));
    }
    if let Ok(request) = OrderStatusRequest::parse(&message)
        && short
    {
        let bytes = again(version, OrderStatusRequest::MSG_TYPE, |body| request.encode(body));
        assert_eq!(OrderStatusRequest::parse(&Message::parse(&bytes)), Ok(request));
    }
    let _ = OrderMassCancelRequest::parse(&message);
    let _ = QuoteCancel::parse(&message);
    if let Ok(quote) = MassQuote::parse(&message) {
        assert!(quote.entries().len() <= wire::limits::MASS_QUOTE_ENTRIES_MAX);
    }
    let _ = ExecutionReport::parse(&message);
    let _ = OrderCancelReject::parse(&message);
    let _ = BusinessMessageReject::parse(&message);
});
