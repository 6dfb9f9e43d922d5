//! Requests about orders: NewOrderSingle (D), OrderCancelRequest (F), OrderCancelReplaceRequest (G) and
//! OrderStatusRequest (H), read and checked in one walk, and written.
//!
//! A message that breaks FIX gets the session-level Reject that the standard wants, with the field concerned.
//! What FIX allows but this venue does not offer (a sell short, a hidden quantity) is a well-formed order all the
//! same: [`Terms::not_offered`] names the field, and the venue answers with a report.
//!
//! Other fields of the message are checked for their place and then ignored, and so are users' own (5000 and
//! above).

mod slots;
pub(super) mod terms;

pub use terms::Terms;

use super::{
    dictionary::slot,
    encode::Body,
    message::{Message, Typed},
    refusal::{BusinessReject, Refusal},
    value,
    walk::{Spans, Walk},
};
use crate::{
    command::Target,
    decimal::Number,
    types::{ClOrdId, Nanos, OrderId, OrderType, Side, TimeInForce},
};
use slots::{ORDER, Slots, TERMS};

/// A coded field: its character, and what it means if the venue offers that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coded<T> {
    /// The character as it stood in the message.
    pub code: u8,
    /// Its meaning; `None` for a value of FIX that is not offered here.
    pub value: Option<T>,
}

macro_rules! coded {
    ($($type:ident),+) => { $(
        impl Coded<$type> {
            const fn read(code: u8) -> Self {
                Coded { code, value: $type::from_fix(code) }
            }
        }

        impl From<$type> for Coded<$type> {
            fn from(value: $type) -> Self {
                Coded { code: value.fix(), value: Some(value) }
            }
        }
    )+ };
}
coded!(Side, OrderType, TimeInForce);

/// NewOrderSingle (D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrderSingle<'b> {
    /// ClOrdID (11), of any length.
    pub cl_ord_id: &'b [u8],
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// TransactTime (60).
    pub transact_time: Nanos,
    /// What is to be bought or sold, and how.
    pub terms: Terms,
}

/// OrderCancelRequest (F).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCancelRequest<'b> {
    /// ClOrdID (11) of the request, of any length.
    pub cl_ord_id: &'b [u8],
    /// OrigClOrdID (41). FIX 4.4 requires it; here OrderID may stand for it, as in later versions.
    pub orig_cl_ord_id: Option<&'b [u8]>,
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// TransactTime (60).
    pub transact_time: Nanos,
}

/// OrderCancelReplaceRequest (G).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCancelReplaceRequest<'b> {
    /// ClOrdID (11) of the request, and of the order once replaced; of any length.
    pub cl_ord_id: &'b [u8],
    /// OrigClOrdID (41), as in [`OrderCancelRequest`].
    pub orig_cl_ord_id: Option<&'b [u8]>,
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// TransactTime (60).
    pub transact_time: Nanos,
    /// What the order is to be from then on: price, total quantity and display quantity are taken anew.
    pub terms: Terms,
}

/// OrderStatusRequest (H).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderStatusRequest<'b> {
    /// ClOrdID (11) of the order.
    pub cl_ord_id: &'b [u8],
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// OrdStatusReqID (790), the request's own name.
    pub request_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
}

impl<'b> NewOrderSingle<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"D";

    /// The order in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.typed()
    }

    /// The order that an entry of a list in `message` is, of which `values` are the fields that have slots, empty where it
    /// has none.
    pub(super) fn of_entry(message: &Message<'b>, values: &[&'b [u8]; slot::COUNT]) -> Result<Self, Refusal> {
        if values[slot::ORD_TYPE].is_empty() {
            return Err(BusinessReject::conditional(40).into());
        }
        let mut walk = message.walk();
        let from = message.bytes().as_ptr().addr();
        for (slot, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            // Where in the message the value is.
            let start = value.as_ptr().addr() - from;
            walk.put(slot, start, start + value.len());
        }
        let mut slots = Slots::over(&mut walk);
        Ok(NewOrderSingle {
            cl_ord_id: slots.required(slot::CL_ORD_ID),
            account: slots.text(slot::ACCOUNT),
            symbol: slots.required(slot::SYMBOL),
            side: slots.side(),
            transact_time: Nanos(0),
            terms: slots.new_order()?,
        })
    }

    /// Writes the order's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
        self.terms.encode(body);
    }
}

impl<'b> Typed<'b> for NewOrderSingle<'b> {
    const MSG_TYPE: &'static [u8] = NewOrderSingle::MSG_TYPE;
    const READ: u64 = TERMS;

    #[inline(always)]
    fn read<S: Spans>(walk: &mut Walk<'b, S>) -> Result<Self, Refusal> {
        let mut slots = Slots::over(walk);
        Ok(NewOrderSingle {
            cl_ord_id: slots.required(slot::CL_ORD_ID),
            account: slots.text(slot::ACCOUNT),
            symbol: slots.required(slot::SYMBOL),
            side: slots.side(),
            transact_time: slots.transact_time(),
            terms: slots.new_order()?,
        })
    }
}

impl<'b> OrderCancelRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"F";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.typed()
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(self.orig_cl_ord_id, self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"41=", self.orig_cl_ord_id);
        optional(body, b"37=", self.order_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
    }
}

impl<'b> Typed<'b> for OrderCancelRequest<'b> {
    const MSG_TYPE: &'static [u8] = OrderCancelRequest::MSG_TYPE;
    const READ: u64 = ORDER;

    #[inline(always)]
    fn read<S: Spans>(walk: &mut Walk<'b, S>) -> Result<Self, Refusal> {
        let mut slots = Slots::over(walk);
        let request = OrderCancelRequest {
            orig_cl_ord_id: slots.orig_cl_ord_id(),
            order_id: slots.text(slot::ORDER_ID),
            cl_ord_id: slots.required(slot::CL_ORD_ID),
            account: slots.text(slot::ACCOUNT),
            symbol: slots.required(slot::SYMBOL),
            side: slots.side(),
            transact_time: slots.transact_time(),
        };
        slots.verdict()?;
        Ok(request)
    }
}

impl<'b> OrderCancelReplaceRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"G";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.typed()
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(self.orig_cl_ord_id, self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"37=", self.order_id);
        optional(body, b"41=", self.orig_cl_ord_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
        self.terms.encode(body);
    }
}

impl<'b> Typed<'b> for OrderCancelReplaceRequest<'b> {
    const MSG_TYPE: &'static [u8] = OrderCancelReplaceRequest::MSG_TYPE;
    const READ: u64 = TERMS;

    #[inline(always)]
    fn read<S: Spans>(walk: &mut Walk<'b, S>) -> Result<Self, Refusal> {
        let mut slots = Slots::over(walk);
        Ok(OrderCancelReplaceRequest {
            orig_cl_ord_id: slots.orig_cl_ord_id(),
            order_id: slots.text(slot::ORDER_ID),
            cl_ord_id: slots.required(slot::CL_ORD_ID),
            account: slots.text(slot::ACCOUNT),
            symbol: slots.required(slot::SYMBOL),
            side: slots.side(),
            transact_time: slots.transact_time(),
            terms: slots.replace()?,
        })
    }
}

impl<'b> OrderStatusRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"H";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.typed()
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(Some(self.cl_ord_id), self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"37=", self.order_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"790=", self.request_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
    }
}

impl<'b> Typed<'b> for OrderStatusRequest<'b> {
    const MSG_TYPE: &'static [u8] = OrderStatusRequest::MSG_TYPE;
    const READ: u64 = ORDER;

    #[inline(always)]
    fn read<S: Spans>(walk: &mut Walk<'b, S>) -> Result<Self, Refusal> {
        let mut slots = Slots::over(walk);
        let request = OrderStatusRequest {
            order_id: slots.text(slot::ORDER_ID),
            cl_ord_id: slots.required(slot::CL_ORD_ID),
            request_id: slots.text(slot::ORD_STATUS_REQ_ID),
            account: slots.text(slot::ACCOUNT),
            symbol: slots.required(slot::SYMBOL),
            side: slots.side(),
        };
        slots.verdict()?;
        Ok(request)
    }
}

/// Whether `bytes` may name an order or request: [`ClOrdId`]'s length, and printable ASCII. The name, or `None`
/// for [`crate::reject::Reject::BadClOrdId`].
#[must_use]
pub fn cl_ord_id(bytes: &[u8]) -> Option<ClOrdId> {
    let printable = bytes.iter().all(|b| (b' '..=b'~').contains(b));
    ClOrdId::new(bytes).filter(|_| printable)
}

fn target(orig_cl_ord_id: Option<&[u8]>, order_id: Option<&[u8]>) -> Option<Target> {
    match (orig_cl_ord_id, order_id) {
        (Some(name), _) => ClOrdId::new(name).map(Target::Client),
        (None, Some(id)) => value::unsigned(id).map(|id| Target::Venue(OrderId(id))),
        (None, None) => None,
    }
}

fn optional<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<&[u8]>) {
    if let Some(value) = value {
        body.field(tag, value);
    }
}

fn number<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<Number>) {
    if let Some(Number::Exact(value)) = value {
        body.decimal(tag, value);
    }
}

#[cfg(test)]
mod tests;
