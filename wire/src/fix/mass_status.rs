//! OrderMassStatusRequest (AF), read, and the report (8) that ends its answer without an order, written.

use super::{
    encode::Body,
    message::Message,
    order::Coded,
    refusal::{BusinessReject, Refusal, SessionReject, SessionRejectReason as Why},
    report::{
        self, ExecType, NONE, Refused, echo, ord_rej_reason,
        text::{self, Text},
    },
};
use crate::{
    event::Event,
    reject::Reject,
    types::{Nanos, OrderStatus, Side},
};

/// Symbol (55) where there is no instrument to name: what FIX 4.4 puts (volume 1, "Symbol").
const NO_SYMBOL: &[u8] = b"[N/A]";
/// Side (54): undisclosed.
const NO_SIDE: u8 = b'7';

/// OrderMassStatusRequest (AF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderMassStatusRequest<'b> {
    /// MassStatusReqID (584), of any length.
    pub request_id: &'b [u8],
    /// MassStatusReqType (585): `1` of a symbol and `7` all are offered; of several characters 0.
    pub kind: u8,
    /// Symbol (55); there is one where `kind` is `1`.
    pub symbol: Option<&'b [u8]>,
    /// Side (54).
    pub side: Option<Coded<Side>>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
}

impl<'b> OrderMassStatusRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"AF";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let required = |tag| message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag));
        let code = |value: &[u8]| if let [code] = *value { code } else { 0 };
        let request = OrderMassStatusRequest {
            request_id: required(584)?,
            kind: code(required(585)?),
            symbol: message.find(55),
            side: message.find(54).map(code).map(|code| Coded { code, value: Side::from_fix(code) }),
            account: message.find(1),
        };
        if request.kind == b'1' && request.symbol.is_none() {
            return Err(BusinessReject::conditional(55).into());
        }
        Ok(request)
    }
}

/// Writes what of `event`, part of an answer, is that answer's.
pub(super) fn part(event: &Event, body: &mut Body<'_>) {
    body.name(b"584=", &event.orig_cl_ord_id);
    if event.last_quantity.0 > 0 {
        body.int(b"911=", event.last_quantity.0);
    }
    if event.by & Event::LAST != 0 {
        body.char(b"912=", b'Y');
    }
}

/// Writes the report of `event`, which tells of no order.
pub(super) fn no_order(event: &Event, body: &mut Body<'_>) {
    body.field(b"37=", NONE);
    body.name(b"11=", &event.orig_cl_ord_id);
    part(event, body);
    body.int(b"17=", event.event_id);
    end(event.reject, event.time, text::of_answer(event), body);
}

fn end(reject: Reject, time: Nanos, why: Option<Text>, body: &mut Body<'_>) {
    report::what_happened(ExecType::OrderStatus, OrderStatus::Rejected.fix(), body);
    body.int(b"103=", ord_rej_reason(reject, body.version()));
    body.field(b"55=", NO_SYMBOL);
    body.char(b"54=", NO_SIDE);
    body.char(b"151=", b'0');
    body.char(b"14=", b'0');
    body.char(b"6=", b'0');
    body.time(b"60=", time);
    if let Some(why) = why {
        body.field(b"58=", why.bytes());
    }
}

impl Refused<'_> {
    /// Writes the report (8) that refuses `request`.
    pub fn mass_status(&self, request: &OrderMassStatusRequest<'_>, body: &mut Body<'_>) {
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(request.request_id));
        echo(body, b"584=", Some(request.request_id));
        body.char(b"912=", b'Y');
        self.id(b"17=", body);
        end(self.reject, self.time, Some(text::of_reject(self.reject, None)), body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::refusal::BusinessRejectReason;

    fn parsed(version: &str, body: &str) -> Result<(Vec<u8>, u8, bool, Option<Side>), Refusal> {
        let head = format!("8={version}|9=1|35=AF|49=TW|56=ISLD|34=2|52=20261120-12:00:00|");
        let bytes = format!("{head}{body}10=000|").replace('|', "\x01").into_bytes();
        let request = OrderMassStatusRequest::parse(&Message::parse(&bytes))?;
        let side = request.side.and_then(|side| side.value);
        Ok((request.request_id.to_vec(), request.kind, request.account.is_some(), side))
    }

    #[test]
    fn every_version_has_the_request() {
        for version in ["FIX.4.2", "FIX.4.4", "FIXT.1.1"] {
            assert_eq!(parsed(version, "584=S|585=7|"), Ok((b"S".to_vec(), b'7', false, None)), "{version}");
            let of_symbol = parsed(version, "584=S|585=1|1=MM1|55=AAPL|54=2|");
            assert_eq!(of_symbol, Ok((b"S".to_vec(), b'1', true, Some(Side::Sell))), "{version}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let session = |reason, tag| Err(SessionReject::about(reason, tag).into());
        assert_eq!(parsed("FIX.4.4", "585=7|"), session(Why::RequiredTagMissing, 584));
        assert_eq!(parsed("FIX.4.4", "584=S|"), session(Why::RequiredTagMissing, 585));
        assert_eq!(parsed("FIX.4.4", "584=S|585=x|"), session(Why::IncorrectDataFormat, 585));
        let reason = BusinessRejectReason::ConditionallyRequiredFieldMissing;
        assert_eq!(parsed("FIX.4.4", "584=S|585=1|"), Err(BusinessReject { reason, tag: Some(55) }.into()));
    }
}
