//! Order lists, of which one order cancels the other: NewOrderList (E), ListCancelRequest (K) and ListStatusRequest (M),
//! read, and ListStatus (N), written.

use super::{
    dictionary::slot,
    encode::Body,
    message::Message,
    order::NewOrderSingle,
    refusal::{Refusal, SessionReject, SessionRejectReason as Why},
    report::{About, Refused, average, echo, lots, ord_rej_reason, text},
    value,
};
use crate::{
    event::Event,
    reject::Reject,
    types::{Lots, OrderStatus},
};

/// ListStatusType (429): the answer to E or K, and to M.
const ACK: u8 = b'1';
const RESPONSE: u8 = b'2';
/// ListOrderStatus (431).
const EXECUTING: u8 = b'3';
const ALL_DONE: u8 = b'6';
const REJECT: u8 = b'7';

/// NewOrderList (E).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrderList<'b> {
    /// ListID (66), of any length.
    pub list_id: &'b [u8],
    /// Whether it asks for what is offered: no bidding, and one order that cancels the other.
    pub is_offered: bool,
    /// The orders.
    pub orders: [NewOrderSingle<'b>; 2],
}

/// ListCancelRequest (K) or ListStatusRequest (M).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListRequest<'b> {
    /// ListID (66), of any length.
    pub list_id: &'b [u8],
    /// Whether it is a status request.
    pub asks: bool,
}

impl<'b> NewOrderList<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"E";

    /// The list in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it, or has other than two orders, all of them in this message.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let mut entries = [Entry::default(); 2];
        let mut count = 0_usize;
        let mut walk = message.walk();
        message.walk_by(&mut walk, Self::MSG_TYPE, 0, &mut |field| {
            match field.tag {
                73 if value::unsigned(field.value) != Some(2) => {
                    return Err(field.wrong(Why::IncorrectNumInGroup));
                }
                // Names begin an entry; what comes before the first is of other groups.
                11 => count += 1,
                _ if count == 0 => return Ok(()),
                _ => {}
            }
            if let Some(entry) = entries.get_mut(count.wrapping_sub(1)) {
                entry.put(field.tag, field.value);
            }
            Ok(())
        })?;
        walk.verdict()?;
        let required = |tag| message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag));
        if value::unsigned(required(68)?) != Some(2) {
            return Err(SessionReject::about(Why::ValueIncorrect, 68).into());
        }
        let [first, second] = entries;
        Ok(NewOrderList {
            list_id: required(66)?,
            is_offered: required(394)? == b"3" && required(1385)? == b"1",
            orders: [
                NewOrderSingle::of_entry(message, &first.0)?,
                NewOrderSingle::of_entry(message, &second.0)?,
            ],
        })
    }
}

/// The fields of one order that have slots, by these.
#[derive(Clone, Copy)]
struct Entry<'b>([&'b [u8]; slot::COUNT]);

impl Default for Entry<'_> {
    fn default() -> Self {
        Entry([&[]; slot::COUNT])
    }
}

impl<'b> Entry<'b> {
    fn put(&mut self, tag: u32, value: &'b [u8]) {
        if let Some(slot) = slot::BODY.tags.iter().position(|&known| u32::from(known) == tag) {
            self.0[slot] = value;
        }
    }
}

impl<'b> ListRequest<'b> {
    /// MsgType (35) of a request to cancel a list.
    pub const CANCEL: &'static [u8] = b"K";
    /// MsgType (35) of a request to tell how it stands.
    pub const STATUS: &'static [u8] = b"M";

    /// The request in `message`, which is of one of the two types.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let missing = SessionReject::about(Why::RequiredTagMissing, 66);
        let list_id = message.find(66).ok_or(missing)?;
        Ok(ListRequest { list_id, asks: message.msg_type == Self::STATUS })
    }
}

/// Writes the report (N) of `event`.
pub(super) fn list_status(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    let parts = event.by & Event::PARTS;
    let state = match event.reject {
        Reject::None if event.by & Event::DONE != 0 => ALL_DONE,
        Reject::None => EXECUTING,
        _ => REJECT,
    };
    let asked = event.by & Event::ASKED != 0;
    let list = List {
        id: event.orig_cl_ord_id.bytes(),
        kind: if asked { RESPONSE } else { ACK },
        state,
        reject: event.reject,
        missing: event.missing(),
    };
    list.begin((parts.max(1).into(), event.last_quantity.0.max(1)), body);
    body.time(b"60=", event.time);
    body.int(b"68=", parts.into());
    if parts == 0 {
        return body.char(b"73=", b'0');
    }
    body.char(b"73=", b'1');
    body.field(b"11=", event.cl_ord_id.bytes());
    lots(b"14=", event.cum, about.instrument, body);
    body.char(b"39=", event.status.fix());
    lots(b"151=", event.leaves, about.instrument, body);
    let canceled = match event.status {
        OrderStatus::Canceled => Lots(event.quantity.0 - event.cum.0),
        _ => Lots(0),
    };
    lots(b"84=", canceled, about.instrument, body);
    if event.cum.0 == 0 {
        body.char(b"6=", b'0');
    } else {
        average::encode(event, about.instrument.tick, body);
    }
    if event.reject != Reject::None {
        body.int(b"103=", ord_rej_reason(event.reject, body.version()));
        body.field(b"58=", text::of_reject(event.reject, Some(about.instrument)).bytes());
    }
}

/// What a report says of the list itself.
struct List<'a> {
    id: &'a [u8],
    kind: u8,
    state: u8,
    reject: Reject,
    /// Shards that have not answered.
    missing: u8,
}

impl List<'_> {
    /// `number` of `of` reports.
    fn begin(&self, (of, number): (u64, u64), body: &mut Body<'_>) {
        echo(body, b"66=", Some(self.id));
        body.char(b"429=", self.kind);
        body.int(b"82=", of);
        body.char(b"431=", self.state);
        if self.missing != 0 {
            let mut text = text::Text::default();
            text.put_missing(self.missing);
            body.field(b"444=", text.bytes());
        } else if self.reject != Reject::None {
            body.field(b"444=", text::of_reject(self.reject, None).bytes());
        }
        body.int(b"83=", number);
    }
}

impl Refused<'_> {
    /// Writes the report (N) that refuses a list, for its order of this number, from 0, or without one to blame.
    pub fn list(&self, list: &NewOrderList<'_>, at_fault: Option<usize>, body: &mut Body<'_>) {
        let Refused { reject, .. } = *self;
        List { id: list.list_id, kind: ACK, state: REJECT, reject, missing: 0 }.begin((1, 1), body);
        body.time(b"60=", self.time);
        body.char(b"68=", b'2');
        body.char(b"73=", b'2');
        for (number, order) in list.orders.iter().enumerate() {
            let is_other = at_fault.is_some_and(|at_fault| at_fault != number);
            let reject = if is_other { Reject::OtherOrderRefused } else { reject };
            echo(body, b"11=", Some(order.cl_ord_id));
            body.char(b"14=", b'0');
            body.char(b"39=", OrderStatus::Rejected.fix());
            body.char(b"151=", b'0');
            body.char(b"84=", b'0');
            body.char(b"6=", b'0');
            body.int(b"103=", ord_rej_reason(reject, body.version()));
            body.field(b"58=", text::of_reject(reject, self.instrument).bytes());
        }
    }

    /// Writes the report (N) that refuses a request about a list.
    pub fn of_list(&self, request: &ListRequest<'_>, body: &mut Body<'_>) {
        let kind = if request.asks { RESPONSE } else { ACK };
        List { id: request.list_id, kind, state: REJECT, reject: self.reject, missing: 0 }
            .begin((1, 1), body);
        body.time(b"60=", self.time);
        body.char(b"68=", b'0');
        body.char(b"73=", b'0');
    }
}

#[cfg(test)]
mod tests;
