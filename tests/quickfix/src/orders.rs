//! Messages as a user of QuickFIX makes them, field by field.

use penstock_tests::clock;
use quickfix::{FieldMap, Group, Message};

/// A message of this type with these fields.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn message(kind: &str, fields: &[(u32, &str)]) -> Message {
    let mut message = Message::new();
    set_header(&mut message, 35, kind);
    set(&mut message, fields);
    message
}

/// Sets a field of the header.
///
/// # Panics
/// If QuickFIX does not take the value.
pub fn set_header(message: &mut Message, tag: u32, value: &str) {
    message.with_header_mut(|header| set(header, &[(tag, value)]));
}

/// A limit order (Day) for AAPL.
#[must_use]
pub fn limit(id: &str, side: &str, quantity: &str, price: &str) -> Message {
    order(id, side, "2", quantity, &[(44, price)])
}

/// An order for AAPL of OrdType `kind` with more fields; one of them may be another symbol.
#[must_use]
pub fn order(id: &str, side: &str, kind: &str, quantity: &str, more: &[(u32, &str)]) -> Message {
    // FIX 4.2 requires HandlInst (21) of every order, later versions have it.
    let usual = [(11, id), (21, "1"), (38, quantity), (40, kind), (54, side), (55, "AAPL")];
    message("D", &[&usual[..], &[(60, &clock::now())], more].concat())
}

/// A request to cancel an AAPL order.
#[must_use]
pub fn cancel(id: &str, of: &str, side: &str) -> Message {
    message("F", &[(11, id), (41, of), (54, side), (55, "AAPL"), (60, &clock::now())])
}

/// A request to change an AAPL limit order.
#[must_use]
pub fn replace(id: &str, of: &str, side: &str, quantity: &str, price: &str) -> Message {
    let names = [(11, id), (41, of), (54, side), (55, "AAPL"), (60, &*clock::now())];
    let terms = [(21, "1"), (38, quantity), (40, "2"), (44, price)];
    message("G", &[&names[..], &terms].concat())
}

/// A request to cancel all AAPL orders of the session.
#[must_use]
pub fn mass_cancel(id: &str) -> Message {
    message("q", &[(11, id), (530, "1"), (55, "AAPL"), (60, &clock::now())])
}

/// A question how an AAPL order stands.
#[must_use]
pub fn status(of: &str, side: &str, request_id: &str) -> Message {
    message("H", &[(11, of), (54, side), (55, "AAPL"), (790, request_id)])
}

/// A mass quote of both sides of instruments, 10 of each: symbol, bid, offer.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn mass_quote(id: &str, entries: &[[&str; 3]], more: &[(u32, &str)]) -> Message {
    let mut quote = message("i", &[&[(117, id)], more].concat());
    let mut of_set = group(296, &[302, 304, 295]);
    set(&mut of_set, &[(302, "1"), (304, &entries.len().to_string())]);
    for (number, [symbol, bid, offer]) in (1..).zip(entries) {
        let mut entry = group(295, &[299, 55, 132, 133, 134, 135]);
        let number: u32 = number;
        set(&mut entry, &[(299, &number.to_string()), (55, symbol)]);
        set(&mut entry, &[(132, bid), (133, offer), (134, "10"), (135, "10")]);
        of_set.add_group(&entry).expect("a group of entries");
    }
    quote.add_group(&of_set).expect("a group of sets");
    quote
}

/// A request to cancel the quotes for AAPL.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn quote_cancel(id: &str) -> Message {
    let mut cancel = message("Z", &[(117, id), (298, "1")]);
    let mut entry = group(295, &[55]);
    set(&mut entry, &[(55, "AAPL")]);
    cancel.add_group(&entry).expect("a group of entries");
    cancel
}

/// A request about the reports of a stream: its type, and of what is asked for again ApplID, first and last.
///
/// # Panics
/// If QuickFIX does not take a value.
#[must_use]
pub fn application_request(id: &str, kind: &str, asked: Option<(&str, &str, &str)>) -> Message {
    let mut request = message("BW", &[(1346, id), (1347, kind)]);
    if let Some((stream, first, last)) = asked {
        let mut entry = group(1351, &[1355, 1182, 1183]);
        set(&mut entry, &[(1355, stream), (1182, first), (1183, last)]);
        request.add_group(&entry).expect("a group of streams");
    }
    request
}

/// Puts entries of group `counter` into `message`, each with fields out of `order`, the group's.
///
/// # Panics
/// If QuickFIX does not take a value.
pub fn entries(message: &mut Message, counter: i32, order: &[i32], entries: &[&[(u32, &str)]]) {
    for fields in entries {
        let mut entry = group(counter, order);
        set(&mut entry, fields);
        message.add_group(&entry).expect("an entry of a group");
    }
}

/// A test request.
#[must_use]
pub fn test_request(id: &str) -> Message {
    message("1", &[(112, id)])
}

/// An entry of group `counter`, with these fields in their order.
fn group(counter: i32, fields: &[i32]) -> Group {
    Group::try_with_orders(counter, fields[0], fields).expect("an entry of a group")
}

fn set(of: &mut impl FieldMap, fields: &[(u32, &str)]) {
    for &(tag, value) in fields {
        let tag = tag.try_into().expect("a tag");
        of.set_field(tag, value).expect("a value without a zero byte");
    }
}
