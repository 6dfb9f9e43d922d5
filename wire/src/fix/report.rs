//! Answers: ExecutionReport (8) and OrderCancelReject (9), written from what the matcher says
//! ([`crate::event::Event`]) or from a request that never reached it ([`Refused`]), and read on the client's
//! side; BusinessMessageReject (j), read.

mod average;
mod read;
mod text;

pub use read::{BusinessMessageReject, ExecType, ExecutionReport, OrderCancelReject};

use super::{
    encode::Body,
    order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest},
};
use crate::{
    command::NewOrder,
    decimal::Number,
    event::{Cause, Event, Kind, Liquidity},
    instrument::Instrument,
    reject::Reject,
    types::{Lots, Nanos, OrderStatus, Ticks},
};

/// OrderID (37) and OrigClOrdID (41) must be there even where there is none; this is what FIX puts.
pub const NONE: &[u8] = b"NONE";
/// Bytes of a client's value that a report repeats: longer ones, which no valid request has, are cut.
pub const ECHO_BYTES_MAX: usize = 256;

/// The MsgType (35) of the report of `kind`.
#[must_use]
pub const fn msg_type(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::CancelRejected | Kind::ReplaceRejected => b"9",
        _ => b"8",
    }
}

/// Writes the report of `event`, which is about `instrument` and the account of this name.
pub fn encode(event: &Event, instrument: &Instrument, account: &str, body: &mut Body<'_>) {
    match event.kind {
        Kind::CancelRejected => order_cancel_reject(event, instrument, account, b'1', body),
        Kind::ReplaceRejected => order_cancel_reject(event, instrument, account, b'2', body),
        _ => execution_report(event, instrument, account, body),
    }
}

fn execution_report(event: &Event, instrument: &Instrument, account: &str, body: &mut Body<'_>) {
    let exec_type = match event.kind {
        Kind::Accepted => ExecType::New,
        Kind::Fill => ExecType::Trade,
        Kind::Canceled => ExecType::Canceled,
        Kind::Replaced => ExecType::Replaced,
        Kind::Rejected => ExecType::Rejected,
        // Triggered and reduced orders, until they have reports of their own, and what is for no order.
        _ => ExecType::OrderStatus,
    };
    order_id(event, body);
    if event.kind == Kind::Fill {
        body.int(b"527=", event.trade_id.0);
    }
    if !event.cl_ord_id.is_none() {
        body.field(b"11=", event.cl_ord_id.bytes());
    }
    if !event.orig_cl_ord_id.is_none() {
        if event.kind == Kind::Status {
            body.field(b"790=", event.orig_cl_ord_id.bytes());
        } else {
            body.field(b"41=", event.orig_cl_ord_id.bytes());
        }
    }
    body.int(b"17=", event.event_id);
    body.char(b"150=", exec_type.fix());
    body.char(b"39=", event.status.fix());
    if event.reject != Reject::None {
        body.int(b"103=", event.reject.ord_rej_reason().into());
    }
    body.field(b"1=", account.as_bytes());
    body.field(b"55=", instrument.symbol.as_bytes());
    body.char(b"54=", event.side.fix());
    if event.quantity.0 > 0 && event.quantity < Lots::OUT_OF_RANGE {
        lots(b"38=", event.quantity, instrument, body);
    }
    body.char(b"40=", event.order_type.fix());
    if event.order_type.has_price() && event.price > Ticks::OUT_OF_RANGE {
        body.steps(b"44=", event.price.0, instrument.tick);
    }
    body.char(b"59=", event.time_in_force.fix());
    if event.flags & NewOrder::POST_ONLY != 0 {
        body.char(b"18=", b'6');
    }
    if event.kind == Kind::Fill {
        lots(b"32=", event.last_quantity, instrument, body);
        body.steps(b"31=", event.last_price.0, instrument.tick);
    }
    lots(b"151=", event.leaves, instrument, body);
    lots(b"14=", event.cum, instrument, body);
    average::encode(event, instrument.tick, body);
    body.time(b"60=", event.time);
    if event.reject != Reject::None {
        body.field(b"58=", text::of_reject(event.reject, Some(instrument)).bytes());
    } else if let Some(text) = of_cause(event.cause) {
        body.field(b"58=", text);
    }
    match event.liquidity {
        Liquidity::Maker => body.char(b"851=", b'1'),
        Liquidity::Taker => body.char(b"851=", b'2'),
        Liquidity::Auction => body.char(b"851=", b'4'),
        Liquidity::None => {}
    }
}

fn order_cancel_reject(
    event: &Event,
    instrument: &Instrument,
    account: &str,
    response_to: u8,
    body: &mut Body<'_>,
) {
    order_id(event, body);
    body.field(b"11=", event.cl_ord_id.bytes());
    body.field(b"41=", if event.orig_cl_ord_id.is_none() { NONE } else { event.orig_cl_ord_id.bytes() });
    body.char(b"39=", event.status.fix());
    body.field(b"1=", account.as_bytes());
    body.time(b"60=", event.time);
    body.char(b"434=", response_to);
    body.int(b"102=", event.reject.cxl_rej_reason().into());
    body.field(b"58=", text::of_reject(event.reject, Some(instrument)).bytes());
}

fn order_id(event: &Event, body: &mut Body<'_>) {
    if event.order_id.0 == 0 {
        body.field(b"37=", NONE);
    } else {
        body.int(b"37=", event.order_id.0);
    }
}

fn lots<const N: usize>(tag: &[u8; N], lots: Lots, instrument: &Instrument, body: &mut Body<'_>) {
    let digits = u128::from(lots.0) * u128::from(instrument.lot.mantissa());
    body.scaled(tag, false, digits, instrument.lot.scale());
}

const fn of_cause(cause: Cause) -> Option<&'static [u8]> {
    match cause {
        Cause::None | Cause::Requested => None,
        Cause::Unfilled => Some(b"the rest found nothing more to trade with"),
        Cause::NotFillable => Some(b"a fill-or-kill order could not fill wholly"),
        Cause::Disconnected => Some(b"cancelled because the session's client disconnected"),
        Cause::ReplacedBelowFilled => Some(b"the new quantity was filled already"),
        Cause::SelfTrade => Some(b"it would have traded with an order of its own account"),
        Cause::Expired => Some(b"its time in force is over"),
        Cause::BelowMinimum => Some(b"its minimum quantity could not fill at once"),
        Cause::MassCanceled => Some(b"a mass cancel selected it"),
        Cause::Killed => Some(b"a kill switch stops its session, account or venue"),
        Cause::InsufficientFunds => Some(b"the account's funds do not cover the triggered order"),
        Cause::Protected => Some(b"market-maker protection pulled it"),
        Cause::QuoteReplaced => Some(b"a mass quote replaced it"),
        Cause::Interrupted => Some(b"its next trade would have left the dynamic band"),
    }
}

/// The answer to a request that goes no further than the gateway.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Why.
    pub reject: Reject,
    /// The instrument, where the request names one of the venue's.
    pub instrument: Option<&'a Instrument>,
    /// What makes the report's ExecID (17), `R` and this number, unlike all others of the session; the time
    /// of receipt serves.
    pub id: u64,
    /// TransactTime (60).
    pub time: Nanos,
}

impl Refused<'_> {
    /// Writes the ExecutionReport (8) that refuses `order`.
    pub fn order(&self, order: &NewOrderSingle<'_>, body: &mut Body<'_>) {
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(order.cl_ord_id));
        self.exec_id(body);
        body.char(b"150=", ExecType::Rejected.fix());
        body.char(b"39=", OrderStatus::Rejected.fix());
        body.int(b"103=", self.reject.ord_rej_reason().into());
        echo(body, b"1=", order.account);
        echo(body, b"55=", Some(order.symbol));
        body.char(b"54=", order.side.code);
        if let Number::Exact(quantity) = order.quantity {
            body.decimal(b"38=", quantity);
        }
        body.char(b"40=", order.order_type.code);
        if let Some(Number::Exact(price)) = order.price {
            body.decimal(b"44=", price);
        }
        body.char(b"59=", order.time_in_force.code);
        if order.post_only {
            body.char(b"18=", b'6');
        }
        self.nothing_done(body);
    }

    /// Writes the OrderCancelReject (9) that refuses `request`.
    pub fn cancel(&self, request: &OrderCancelRequest<'_>, body: &mut Body<'_>) {
        self.cancel_reject(request.cl_ord_id, request.orig_cl_ord_id, request.account, b'1', body);
    }

    /// Writes the OrderCancelReject (9) that refuses `request`.
    pub fn replace(&self, request: &OrderCancelReplaceRequest<'_>, body: &mut Body<'_>) {
        self.cancel_reject(request.cl_ord_id, request.orig_cl_ord_id, request.account, b'2', body);
    }

    /// Writes the ExecutionReport (8) that answers `request` without knowing the order.
    pub fn status(&self, request: &OrderStatusRequest<'_>, body: &mut Body<'_>) {
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(request.cl_ord_id));
        echo(body, b"790=", request.request_id);
        self.exec_id(body);
        body.char(b"150=", ExecType::OrderStatus.fix());
        body.char(b"39=", OrderStatus::Rejected.fix());
        body.int(b"103=", self.reject.ord_rej_reason().into());
        echo(body, b"1=", request.account);
        echo(body, b"55=", Some(request.symbol));
        body.char(b"54=", request.side.code);
        self.nothing_done(body);
    }

    fn cancel_reject(
        &self,
        cl_ord_id: &[u8],
        orig_cl_ord_id: Option<&[u8]>,
        account: Option<&[u8]>,
        response_to: u8,
        body: &mut Body<'_>,
    ) {
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(cl_ord_id));
        echo(body, b"41=", Some(orig_cl_ord_id.unwrap_or(NONE)));
        body.char(b"39=", OrderStatus::Rejected.fix());
        echo(body, b"1=", account);
        body.time(b"60=", self.time);
        body.char(b"434=", response_to);
        body.int(b"102=", self.reject.cxl_rej_reason().into());
        body.field(b"58=", text::of_reject(self.reject, self.instrument).bytes());
    }

    fn exec_id(&self, body: &mut Body<'_>) {
        let mut digits = [0; 20];
        let at = super::encode::decimal_digits(&mut digits, self.id);
        let mut id = [b'R'; 21];
        id[1..=digits.len() - at].copy_from_slice(&digits[at..]);
        body.field(b"17=", &id[..=digits.len() - at]);
    }

    fn nothing_done(&self, body: &mut Body<'_>) {
        body.char(b"151=", b'0');
        body.char(b"14=", b'0');
        body.char(b"6=", b'0');
        body.time(b"60=", self.time);
        body.field(b"58=", text::of_reject(self.reject, self.instrument).bytes());
    }
}

fn echo<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<&[u8]>) {
    if let Some(value) = value {
        body.field(tag, &value[..value.len().min(ECHO_BYTES_MAX)]);
    }
}

#[cfg(test)]
mod tests;
