//! RequestForPositions (AN), read; RequestForPositionsAck (AO) and PositionReport (AP), its answers, written.

use super::{
    encode::Body,
    message::Message,
    refusal::{Refusal, SessionReject, SessionRejectReason as Why},
    report::{About, NameField, Refused, echo, text},
    version::Version,
};
use crate::{event::Event, reject::Reject};

/// RequestForPositions (AN).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestForPositions<'b> {
    /// PosReqID (710), of any length.
    pub request_id: &'b [u8],
    /// Whether it asks for what is offered: positions (PosReqType, 724, is `0`), and once (SubscriptionRequestType, 263, is
    /// `0` or not there).
    pub offered: bool,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Currency (15): the asset.
    pub asset: Option<&'b [u8]>,
}

impl<'b> RequestForPositions<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"AN";
    /// MsgType (35) of the answer, RequestForPositionsAck.
    pub const ANSWER: &'static [u8] = b"AO";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let required = |tag| message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag));
        Ok(RequestForPositions {
            request_id: required(710)?,
            offered: required(724)? == b"0" && message.find(263).is_none_or(|kind| kind == b"0"),
            account: message.find(1),
            asset: message.find(15),
        })
    }
}

/// PosReqResult (728) of a refusal.
const fn result(reject: Reject) -> u64 {
    match reject {
        Reject::UnknownAsset | Reject::BadClOrdId => 1, // invalid or unsupported request
        Reject::NotEntitled => 3,                       // not authorized to request positions
        Reject::UnsupportedRequest => 4,                // request for position not supported
        _ => 99,                                        // other
    }
}

/// What is the same in all answers to `event`'s request.
fn begin(event: &Event, body: &mut Body<'_>) {
    body.int(b"721=", event.event_id);
    body.name(b"710=", &event.cl_ord_id);
    body.int(b"727=", event.quantity.0);
}

/// Writes AccountType (581): accounts are of one type, carried on the customer's side of the books.
fn account_type(body: &mut Body<'_>) {
    body.char(b"581=", b'1');
}

/// PosReqResult (728) and PosReqStatus (729).
fn refused(reject: Reject, body: &mut Body<'_>) {
    body.int(b"728=", result(reject));
    body.char(b"729=", b'2'); // rejected
}

fn why(reject: Reject, body: &mut Body<'_>) {
    body.field(b"58=", text::of_reject(reject, None).bytes());
}

/// Writes the RequestForPositionsAck (AO) of `event`.
#[inline(never)]
pub(super) fn acknowledgement(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    begin(event, body);
    if matches!(event.reject, Reject::None | Reject::PartMissing) {
        // No positions found, or a valid request.
        body.char(b"728=", if event.quantity.0 == 0 { b'2' } else { b'0' });
        body.char(b"729=", b'0'); // completed
    } else {
        refused(event.reject, body);
    }
    body.ready(about.account);
    account_type(body);
    if let Some(text) = text::of_answer(event) {
        body.field(b"58=", text.bytes());
    }
}

/// Writes the PositionReport (AP) of `event`: of an asset of that name, the smallest unit of which has `scale` decimal places.
#[inline(never)]
pub fn position_report(event: &Event, account: &NameField, asset: &str, scale: u8, body: &mut Body<'_>) {
    begin(event, body);
    body.char(b"728=", b'0');
    body.date(b"715=", event.time);
    body.ready(account);
    account_type(body);
    body.field(b"15=", asset.as_bytes());
    if body.version() == Version::Fix44 {
        // Required there. An amount of an asset is worth itself: at a price of 1, which is theoretical.
        body.char(b"730=", b'1');
        body.char(b"731=", b'2');
        body.char(b"734=", b'1');
    }
    let (_, available, held) = event.balance();
    body.char(b"753=", b'3');
    for (kind, amount) in [(&b"CASH"[..], available + held), (b"AVAIL", available), (b"HELD", held)] {
        body.field(b"707=", kind);
        body.units(b"708=", amount, scale);
    }
}

impl Refused<'_> {
    /// Writes the RequestForPositionsAck (AO) that refuses `request`.
    pub fn positions(&self, request: &RequestForPositions<'_>, body: &mut Body<'_>) {
        self.id(b"721=", body);
        echo(body, b"710=", Some(request.request_id));
        body.char(b"727=", b'0');
        refused(self.reject, body);
        echo(body, b"1=", request.account);
        account_type(body);
        why(self.reject, body);
    }
}

#[cfg(test)]
mod tests;
