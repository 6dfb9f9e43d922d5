//! OrderMassCancelReport (r) and MassQuoteAcknowledgement (b).

use super::{MassQuote, OrderMassCancelRequest, QuoteCancel};
use crate::{
    command::MassCancel,
    event::{Event, Kind},
    fix::{
        encode::Body,
        report::{About, NONE, Refused, echo, limit, text},
        version::Version,
    },
    reject::Reject,
};

/// MassCancelResponse (531) of a request that was refused.
const REJECTED: u8 = b'0';

/// Writes the report (r) of `event`, the answer to a mass cancel.
pub(in crate::fix) fn mass_cancel_report(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    let by_symbol = event.by & MassCancel::INSTRUMENT != 0;
    let kind = if by_symbol { b'1' } else { b'7' };
    body.field(b"11=", if event.cl_ord_id.is_none() { NONE } else { event.cl_ord_id.bytes() });
    body.field(b"37=", NONE);
    if body.version() == Version::Fix50Sp2 {
        body.int(b"1369=", event.event_id); // MassActionReportID
    }
    body.char(b"530=", kind);
    if event.kind == Kind::MassCanceled {
        body.char(b"531=", kind);
        body.int(b"533=", event.quantity.0);
    } else {
        body.char(b"531=", REJECTED);
        body.int(b"532=", mass_cancel_reason(event.reject));
    }
    if by_symbol {
        body.ready(about.symbol);
    }
    body.time(b"60=", event.time);
    if let Some(text) = text::of_answer(event) {
        body.field(b"58=", text.bytes());
    }
}

/// MassCancelRejectReason (532).
const fn mass_cancel_reason(reject: Reject) -> u64 {
    match reject {
        Reject::UnknownInstrument => 1,
        Reject::UnsupportedOrder => 0, // "mass cancel not supported"
        _ => 99,
    }
}

/// Writes the acknowledgement (b) of `event`, about mass quotes.
pub(in crate::fix) fn quote_acknowledgement(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    if !event.cl_ord_id.is_none() {
        body.field(b"117=", event.cl_ord_id.bytes());
    }
    let status = match event.kind {
        Kind::Quoted => b'0',
        Kind::MassCanceled if event.by & MassCancel::INSTRUMENT != 0 => b'1',
        Kind::MassCanceled => b'4',
        Kind::Protected => b'6', // removed from market
        _ => b'5',
    };
    body.char(b"297=", status);
    if event.reject != Reject::None {
        body.int(b"300=", quote_reason(event.reject));
    }
    body.ready(about.account);
    let entry = event.last_quantity.0;
    match event.kind {
        Kind::QuoteRefused if event.missing() != 0 => {
            let mut text = text::Text::default();
            text.put_missing(event.missing());
            body.field(b"58=", text.bytes());
        }
        Kind::QuoteRefused => {
            body.field(b"58=", text::of_entry(entry, event.reject, event.limit()).bytes());
            limit(event, body);
            if entry > 0 {
                refused_entry(entry, None, event.reject, body);
            }
        }
        Kind::Protected => {
            let text = text::counted(
                event.quantity.0,
                " quotes pulled by market-maker protection; reset it with \
                                                        MMProtectionReset (9773) in a mass quote",
            );
            body.field(b"58=", text.bytes());
        }
        Kind::MassCanceled => {
            let mut text = text::counted(event.quantity.0, " quotes cancelled");
            if event.missing() != 0 {
                text.put("; ");
                text.put_missing(event.missing());
            }
            body.field(b"58=", text.bytes());
        }
        _ if event.reject != Reject::None => {
            body.field(b"58=", text::of_reject(event.reject, None).bytes());
        }
        _ => {}
    }
}

/// The one entry that is at fault, by its number; its set, if it is known.
fn refused_entry(number: u64, symbol: Option<&[u8]>, reject: Reject, body: &mut Body<'_>) {
    body.char(b"296=", b'1');
    body.field(b"302=", NONE);
    body.char(b"304=", b'1');
    body.char(b"295=", b'1');
    body.int(b"299=", number);
    echo(body, b"55=", symbol);
    body.int(b"368=", quote_reason(reject));
}

/// QuoteRejectReason (300) and QuoteEntryRejectReason (368).
const fn quote_reason(reject: Reject) -> u64 {
    match reject {
        Reject::UnknownInstrument => 1,
        Reject::Halted | Reject::Closed | Reject::WrongState | Reject::Draining => 2,
        Reject::QuantityTooLarge
        | Reject::TooManyOpenOrders
        | Reject::TooManyQuotes
        | Reject::InsufficientFunds => 3,
        Reject::BadQuote => 7,
        Reject::PriceNotPositive
        | Reject::PriceOffTick
        | Reject::PriceOutOfRange
        | Reject::PriceOutsideBand => 8,
        Reject::NotEntitled | Reject::UnknownAccount | Reject::Killed | Reject::Protected => 9,
        _ => 99,
    }
}

impl Refused<'_> {
    /// Writes the report (r) that refuses `request`.
    pub fn mass_cancel(&self, request: &OrderMassCancelRequest<'_>, body: &mut Body<'_>) {
        echo(body, b"11=", Some(request.cl_ord_id));
        body.field(b"37=", NONE);
        if body.version() == Version::Fix50Sp2 {
            self.id(b"1369=", body); // MassActionReportID
        }
        body.char(b"530=", request.kind);
        body.char(b"531=", REJECTED);
        body.int(b"532=", mass_cancel_reason(self.reject));
        echo(body, b"55=", request.symbol);
        if let Some(side) = request.side {
            body.char(b"54=", side.code);
        }
        body.time(b"60=", self.time);
        body.field(b"58=", text::of_reject(self.reject, None).bytes());
    }

    /// Writes the acknowledgement (b) that refuses `request`, for its entry of number `entry` (0: for no single one).
    pub fn mass_quote(&self, request: &MassQuote<'_>, entry: usize, body: &mut Body<'_>) {
        self.quotes(request.quote_id, request.account, body);
        let number = entry as u64;
        body.field(b"58=", text::of_entry(number, self.reject, None).bytes());
        if let Some(at) = entry.checked_sub(1) {
            let symbol = request.entries().get(at).map(|entry| entry.symbol);
            refused_entry(number, symbol, self.reject, body);
        }
    }

    /// Writes the acknowledgement (b) that refuses `request`.
    pub fn quote_cancel(&self, request: &QuoteCancel<'_>, body: &mut Body<'_>) {
        self.quotes(request.quote_id, request.account, body);
        body.field(b"58=", text::of_reject(self.reject, None).bytes());
    }

    fn quotes(&self, quote_id: &[u8], account: Option<&[u8]>, body: &mut Body<'_>) {
        echo(body, b"117=", Some(quote_id));
        body.char(b"297=", b'5');
        body.int(b"300=", quote_reason(self.reject));
        echo(body, b"1=", account);
    }
}
