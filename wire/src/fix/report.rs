//! Answers: ExecutionReport (8) and OrderCancelReject (9), written from what the matcher says
//! ([`crate::event::Event`]) or from a request that never reached it ([`Refused`]), and read on the client's
//! side; BusinessMessageReject (j), read.
//!
//! They are written in the session's version of FIX. What orders and their reports have in FIX 4.2 is of that standard,
//! so that clients with no other dictionary can trade: what it cannot say is left out, but for ExecType `L`, a trigger.

pub(super) mod average;
mod read;
mod stream;
pub(super) mod text;

pub use read::{BusinessMessageReject, ExecType, ExecutionReport, OrderCancelReject};
pub use stream::Stream;

use super::{
    encode::{Body, Ready},
    list, mass, mass_status,
    order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest, terms},
    positions,
    version::Version,
};
use crate::{
    command::{MassCancel, NewOrder},
    event::{Cause, Event, Kind, Liquidity},
    instrument::Instrument,
    limits::NAME_BYTES_MAX,
    reject::Reject,
    types::{Lots, Nanos, OrderStatus, OrderType, Ticks},
};

/// OrderID (37) and OrigClOrdID (41) must be there even where there is none; this is what FIX puts.
pub const NONE: &[u8] = b"NONE";
/// Bytes of a client's value that a report repeats: longer ones, which no valid request has, are cut.
pub const ECHO_BYTES_MAX: usize = 256;
/// OrdStatus (39) of an order whose time was over, which is otherwise a cancelled one.
const EXPIRED: u8 = b'C';

/// The MsgType (35) of the report of `event`; `None` if no client is told of it.
#[must_use]
pub const fn msg_type(event: &Event) -> Option<&'static [u8]> {
    let of_quotes = event.by & MassCancel::QUOTES != 0;
    Some(match event.kind {
        Kind::CancelRejected | Kind::ReplaceRejected => b"9",
        Kind::Quoted | Kind::QuoteRefused | Kind::Protected => b"b",
        Kind::MassCanceled | Kind::NotDone if of_quotes => b"b",
        Kind::MassCanceled | Kind::NotDone => b"r",
        Kind::List => b"N",
        Kind::Balances => b"AO",
        Kind::Balance => b"AP",
        Kind::Done
        | Kind::State
        | Kind::Indicative
        | Kind::Instrument
        | Kind::Account
        | Kind::CutOff
        | Kind::Begun => return None,
        _ => b"8",
    })
}

/// A field with a name of ours.
pub type NameField = Ready<{ 3 + NAME_BYTES_MAX + 1 }>;

/// What an event's numbers stand for.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The order's instrument.
    pub instrument: &'a Instrument,
    /// Its Symbol (55).
    pub symbol: &'a NameField,
    /// Account (1) of the order.
    pub account: &'a NameField,
    /// Decimal places of the smallest unit of the instrument's quote asset.
    pub quote_scale: u8,
    /// Whether reports of orders say when who had them.
    pub stamps: bool,
}

/// Writes the report of `event`, behind its number in a [`Stream`] if it has one; of a [`Kind::Balance`] it is
/// [`positions::position_report`] that does.
pub fn encode(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    match event.kind {
        Kind::CancelRejected => order_cancel_reject(event, about, b'1', body),
        Kind::ReplaceRejected => order_cancel_reject(event, about, b'2', body),
        Kind::Quoted | Kind::QuoteRefused | Kind::Protected => {
            mass::quote_acknowledgement(event, about, body)
        }
        Kind::MassCanceled | Kind::NotDone if event.by & MassCancel::QUOTES != 0 => {
            mass::quote_acknowledgement(event, about, body);
        }
        Kind::MassCanceled | Kind::NotDone => mass::mass_cancel_report(event, about, body),
        Kind::List => list::list_status(event, about, body),
        Kind::Balances => positions::acknowledgement(event, about, body),
        Kind::Status if event.by & Event::MASS != 0 && event.order_id.0 == 0 => {
            mass_status::no_order(event, body);
        }
        _ => body.aside(|body| execution_report(event, about, body)),
    }
}

#[inline(always)]
fn execution_report(event: &Event, about: &About<'_>, body: &mut Body<'_>) {
    let About { instrument, symbol, account, quote_scale, stamps } = *about;
    let exec_type = match (event.kind, event.cause) {
        (Kind::Accepted, _) => ExecType::New,
        (Kind::Fill, _) => ExecType::Trade,
        (Kind::Canceled, Cause::Expired) => ExecType::Expired,
        (Kind::Canceled, _) => ExecType::Canceled,
        (Kind::Replaced, _) => ExecType::Replaced,
        (Kind::Rejected, _) => ExecType::Rejected,
        (Kind::Triggered, _) => ExecType::Triggered,
        (Kind::Reduced, _) => ExecType::Restated,
        _ => ExecType::OrderStatus,
    };
    let old = body.version() == Version::Fix42;
    order_id(event, body);
    if event.kind == Kind::Fill && !old {
        body.int(b"527=", event.trade_id.0);
    }
    if !event.cl_ord_id.is_none() {
        body.name(b"11=", &event.cl_ord_id);
    }
    if event.flags & NewOrder::QUOTE != 0 && !old {
        body.name(b"117=", &event.cl_ord_id);
    }
    if !event.orig_cl_ord_id.is_none() {
        if event.by & Event::LISTED != 0 {
            body.name(b"66=", &event.orig_cl_ord_id);
        } else if event.by & Event::MASS != 0 {
            mass_status::part(event, body);
        } else if event.kind == Kind::Status {
            body.name(b"790=", &event.orig_cl_ord_id);
        } else {
            body.name(b"41=", &event.orig_cl_ord_id);
        }
    }
    body.int(b"17=", event.event_id);
    let status = if exec_type == ExecType::Expired { EXPIRED } else { event.status.fix() };
    what_happened(exec_type, status, body);
    if event.reject != Reject::None {
        body.int(b"103=", ord_rej_reason(event.reject, body.version()));
    }
    if exec_type == ExecType::Restated {
        // ExecRestatementReason: market (exchange) option, and before FIX 4.4 broker option.
        body.char(b"378=", if old { b'4' } else { b'8' });
    }
    body.ready(account);
    body.ready(symbol);
    body.char(b"54=", event.side.fix());
    let by_amount = event.flags & NewOrder::QUOTE_AMOUNT != 0;
    if by_amount {
        body.aside(|body| quote_amount(event, instrument, body));
    } else {
        any_lots(b"38=", event.quantity, instrument, body);
    }
    body.char(b"40=", event.order_type.fix());
    if event.order_type.has_price() && event.price > Ticks::OUT_OF_RANGE {
        price(b"44=", event.price, instrument, body);
    }
    body.char(b"59=", event.time_in_force.fix());
    let plain = event.order_type == OrderType::Limit && event.display.0 | event.expire.0 == 0;
    if plain && event.flags & !NewOrder::POST_ONLY == 0 {
        terms::exec_inst(event.flags != 0, false, body);
    } else {
        body.aside(|body| rare_terms(event, instrument, body));
    }
    if event.kind == Kind::Fill {
        lots(b"32=", event.last_quantity, instrument, body);
        price(b"31=", event.last_price, instrument, body);
    }
    // What is left of an amount is no quantity, and OrderQty is then what was bought.
    lots(b"151=", if by_amount { Lots::ZERO } else { event.leaves }, instrument, body);
    if event.cum.0 == 0 {
        body.no_steps(b"14=", instrument.lot);
        body.char(b"6=", b'0');
    } else {
        lots(b"14=", event.cum, instrument, body);
        body.aside(|body| average::encode(event, instrument.tick, body));
    }
    body.time(b"60=", event.time);
    if event.reject != Reject::None {
        body.aside(|body| {
            body.field(b"58=", text::of_refusal(event, instrument).bytes());
            limit(event, body);
        });
    } else if let Some(text) = of_cause(event.cause) {
        body.aside(|body| body.field(b"58=", text));
    }
    if stamps {
        body.aside(|body| hops(event, body));
    }
    if old {
        return;
    }
    match event.liquidity {
        Liquidity::Maker => body.char(b"851=", b'1'),
        Liquidity::Taker => body.char(b"851=", b'2'),
        Liquidity::Auction => body.char(b"851=", b'4'),
        Liquidity::None => {}
    }
    // In a refusal it is a limit: `Event::limit`.
    if event.fee > 0 && event.reject == Reject::None {
        body.aside(|body| fee(event, instrument, quote_scale, body));
    }
}

/// ExecType (150), OrdStatus (39), and what FIX 4.2 has with them: ExecTransType (20), by which it tells an answer to a
/// status request, whose ExecType is then the status. There a trade is a fill or a partial fill, as the status says.
#[inline(always)]
pub(super) fn what_happened(exec_type: ExecType, status: u8, body: &mut Body<'_>) {
    let mut code = exec_type.fix();
    if body.version() == Version::Fix42 {
        body.char(b"20=", if exec_type == ExecType::OrderStatus { b'3' } else { b'0' });
        code = match exec_type {
            ExecType::OrderStatus => status,
            ExecType::Trade if status == OrderStatus::Filled.fix() => b'2',
            ExecType::Trade => b'1',
            _ => code,
        };
    }
    body.chars(b"\x01150= \x0139= ", [(5, code), (10, status)]);
}

/// OrdRejReason (103). FIX 4.2 has the first nine; others are broker's or exchange's option there, and Text (58) tells.
pub(super) const fn ord_rej_reason(reject: Reject, version: Version) -> u64 {
    let reason = reject.ord_rej_reason() as u64;
    if matches!(version, Version::Fix42) && reason > 8 { 0 } else { reason }
}

/// CxlRejReason (102), likewise: FIX 4.2 has the first four.
const fn cxl_rej_reason(reject: Reject, version: Version) -> u64 {
    let reason = reject.cxl_rej_reason() as u64;
    if matches!(version, Version::Fix42) && reason > 3 { 2 } else { reason }
}

#[inline(never)]
fn fee(event: &Event, instrument: &Instrument, quote_scale: u8, body: &mut Body<'_>) {
    body.char(b"136=", b'1');
    body.scaled(b"137=", event.fee.into(), quote_scale);
    body.field(b"138=", instrument.quote.as_bytes());
    body.char(b"139=", b'4'); // MiscFeeType: exchange fees
}

/// OrderQty (38) and CashOrderQty (152) of an order that names what to spend: its quantity is what it has bought.
fn quote_amount(event: &Event, instrument: &Instrument, body: &mut Body<'_>) {
    lots(b"38=", event.cum, instrument, body);
    if event.quantity < Lots::OUT_OF_RANGE {
        let (tick, lot) = (instrument.tick, instrument.lot);
        let unit = u128::from(tick.mantissa()) * u128::from(lot.mantissa());
        if let Some(digits) = unit.checked_mul(event.quantity.0.into()) {
            body.scaled(b"152=", digits, tick.scale() + lot.scale());
        }
    }
}

/// What a plain limit order does not have. A new order's refusal repeats what was asked for; later a trailing
/// stop's place is told instead of its distance, and a minimum quantity is forgotten once it was met.
fn rare_terms(event: &Event, instrument: &Instrument, body: &mut Body<'_>) {
    let trails = event.order_type == OrderType::TrailingStop;
    terms::exec_inst(event.flags & NewOrder::POST_ONLY != 0, trails, body);
    if event.stop > Ticks::OUT_OF_RANGE && event.stop.0 != 0 {
        if trails && event.kind == Kind::Rejected {
            price(b"211=", event.stop, instrument, body);
        } else {
            price(b"99=", event.stop, instrument, body);
        }
    }
    if event.display.0 > 0 {
        if event.flags & NewOrder::MINIMUM != 0 {
            any_lots(b"110=", event.display, instrument, body);
        } else if body.version() == Version::Fix50Sp2 {
            any_lots(b"1138=", event.display, instrument, body); // DisplayQty
        } else {
            any_lots(b"111=", event.display, instrument, body); // MaxFloor
        }
    }
    if event.expire.0 > 0 {
        body.time(b"126=", event.expire);
    }
    if let Some(mode) = NewOrder::named_self_trade(event.flags) {
        body.char(b"2964=", terms::self_trade_code(mode));
    }
}

fn order_cancel_reject(event: &Event, about: &About<'_>, response_to: u8, body: &mut Body<'_>) {
    let About { instrument, account, stamps, .. } = *about;
    order_id(event, body);
    body.name(b"11=", &event.cl_ord_id);
    body.field(b"41=", if event.orig_cl_ord_id.is_none() { NONE } else { event.orig_cl_ord_id.bytes() });
    body.char(b"39=", event.status.fix());
    body.ready(account);
    body.time(b"60=", event.time);
    body.char(b"434=", response_to);
    body.int(b"102=", cxl_rej_reason(event.reject, body.version()));
    body.field(b"58=", text::of_refusal(event, instrument).bytes());
    limit(event, body);
    if stamps {
        hops(event, body);
    }
}

/// Writes LastMsgSeqNumProcessed (369), a field of the header, which is why it comes before all else; left out where there
/// is none.
#[inline(always)]
pub fn last_processed(msg_seq: u64, body: &mut Body<'_>) {
    if msg_seq != 0 {
        body.int(b"369=", msg_seq);
    }
}

/// When who had it: GatewayInTime (9801), MatcherInTime (9802), MatcherOutTime (9803). SendingTime (52) says when the gateway
/// wrote it, so that what lies between these four sums up to the whole.
#[inline(never)]
fn hops(event: &Event, body: &mut Body<'_>) {
    body.time(b"9801=", event.rx);
    body.time(b"9802=", event.time);
    body.time(b"9803=", event.out);
}

/// LimitCount (25005) and LimitMax (25006) of a request that is refused for a limit.
pub(super) fn limit(event: &Event, body: &mut Body<'_>) {
    if let Some((used, max)) = event.limit() {
        body.int(b"25005=", used);
        body.int(b"25006=", max);
    }
}

#[inline]
fn order_id(event: &Event, body: &mut Body<'_>) {
    if event.order_id.0 == 0 {
        body.field(b"37=", NONE);
    } else {
        body.int(b"37=", event.order_id.0);
    }
}

/// Writes a quantity, unless there is none or it stands for one that could not be expressed.
fn any_lots<const N: usize>(tag: &[u8; N], quantity: Lots, instrument: &Instrument, body: &mut Body<'_>) {
    if quantity.0 > 0 && quantity < Lots::OUT_OF_RANGE {
        lots(tag, quantity, instrument, body);
    }
}

#[inline(always)]
pub(super) fn lots<const N: usize>(tag: &[u8; N], lots: Lots, instrument: &Instrument, body: &mut Body<'_>) {
    body.steps(tag, false, lots.0, instrument.lot);
}

#[inline(always)]
fn price<const N: usize>(tag: &[u8; N], ticks: Ticks, instrument: &Instrument, body: &mut Body<'_>) {
    body.steps(tag, ticks.0 < 0, ticks.0.unsigned_abs(), instrument.tick);
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
        Cause::OneCancelsOther => Some(b"the other order of its list traded, was triggered or ended"),
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
    /// TransactTime (60), and GatewayInTime (9801).
    pub time: Nanos,
    /// MsgSeqNum (34) of the request.
    pub msg_seq: u64,
    /// Whether it says when the gateway had it, and LastMsgSeqNumProcessed (369).
    pub stamps: bool,
}

impl Refused<'_> {
    /// Writes the ExecutionReport (8) that refuses `order`.
    pub fn order(&self, order: &NewOrderSingle<'_>, body: &mut Body<'_>) {
        self.begin(body);
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(order.cl_ord_id));
        self.id(b"17=", body);
        what_happened(ExecType::Rejected, OrderStatus::Rejected.fix(), body);
        body.int(b"103=", ord_rej_reason(self.reject, body.version()));
        echo(body, b"1=", order.account);
        echo(body, b"55=", Some(order.symbol));
        body.char(b"54=", order.side.code);
        order.terms.encode(body);
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
        self.begin(body);
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(request.cl_ord_id));
        echo(body, b"790=", request.request_id);
        self.id(b"17=", body);
        what_happened(ExecType::OrderStatus, OrderStatus::Rejected.fix(), body);
        body.int(b"103=", ord_rej_reason(self.reject, body.version()));
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
        self.begin(body);
        body.field(b"37=", NONE);
        echo(body, b"11=", Some(cl_ord_id));
        echo(body, b"41=", Some(orig_cl_ord_id.unwrap_or(NONE)));
        body.char(b"39=", OrderStatus::Rejected.fix());
        echo(body, b"1=", account);
        body.time(b"60=", self.time);
        body.char(b"434=", response_to);
        body.int(b"102=", cxl_rej_reason(self.reject, body.version()));
        body.field(b"58=", text::of_reject(self.reject, self.instrument).bytes());
        self.end(body);
    }

    fn begin(&self, body: &mut Body<'_>) {
        if self.stamps {
            last_processed(self.msg_seq, body);
        }
    }

    /// No matcher has had it.
    fn end(&self, body: &mut Body<'_>) {
        if self.stamps {
            body.time(b"9801=", self.time);
        }
    }

    /// Writes [`Refused::id`].
    pub(super) fn id<const N: usize>(&self, tag: &[u8; N], body: &mut Body<'_>) {
        let mut digits = [0; 20];
        let at = super::encode::decimal_digits(&mut digits, self.id);
        let mut id = [b'R'; 21];
        id[1..=digits.len() - at].copy_from_slice(&digits[at..]);
        body.field(tag, &id[..=digits.len() - at]);
    }

    fn nothing_done(&self, body: &mut Body<'_>) {
        body.char(b"151=", b'0');
        body.char(b"14=", b'0');
        body.char(b"6=", b'0');
        body.time(b"60=", self.time);
        body.field(b"58=", text::of_reject(self.reject, self.instrument).bytes());
        self.end(body);
    }
}

pub(super) fn echo<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<&[u8]>) {
    if let Some(value) = value {
        body.field(tag, &value[..value.len().min(ECHO_BYTES_MAX)]);
    }
}

#[cfg(test)]
mod tests;
