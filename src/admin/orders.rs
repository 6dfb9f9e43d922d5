//! `penstock admin orders`: orders of whatever session and protocol, open ones and those that have ended and are remembered. The
//! matcher is asked piece by piece, and no piece holds anybody up.

use std::{io::Write, process::ExitCode};

use gateway::link::Link;
use serde::{Deserialize, Serialize};
use wire::{
    command::{FindOrders, Head, Kind, MassCancel},
    event::Event,
    limits::FIND_ORDERS_TOLD,
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Nanos, OrderId, OrderStatus, OrderType, SessionId, Side,
        TimeInForce,
    },
};

use super::{
    client,
    registry::Registry,
    request::{Answer, Find, Refusal},
};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was refused, if it was.
    #[serde(flatten)]
    pub answer: Answer,
    /// The orders.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// Where to go on, if there may be more.
    #[serde(default)]
    pub next: Option<u64>,
}

/// An order as operators are shown it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The venue's number of it.
    pub order_id: u64,
    /// Its client's name of it.
    pub cl_ord_id: String,
    /// The session's CompID.
    pub session: String,
    /// The account.
    pub account: String,
    /// The instrument.
    pub symbol: String,
    /// `buy` or `sell`.
    pub side: String,
    /// Its type.
    pub order_type: String,
    /// Its time in force.
    pub time_in_force: String,
    /// How it stands.
    pub status: String,
    /// Its limit price; "0" without one.
    pub price: String,
    /// Its whole quantity.
    pub quantity: String,
    /// What of it can still trade.
    pub leaves: String,
    /// What of it has traded.
    pub cum: String,
}

impl Found {
    pub(super) fn refusing(refusal: Refusal) -> Found {
        Found { answer: Answer { refused: vec![refusal], ..Answer::default() }, ..Found::default() }
    }
}

/// A search under way.
pub(super) struct Search {
    pub(super) connection: u64,
    pub(super) found: Found,
    wish: FindOrders,
    limit: usize,
    /// The wish has gone to the matcher.
    sent: bool,
    done: bool,
}

impl Search {
    /// What `find` asks for.
    pub(super) fn new(
        registry: &Registry,
        find: &Find,
        connection: u64,
        now: u64,
    ) -> Result<Search, Refusal> {
        let mut by = if find.open { FindOrders::OPEN } else { 0 };
        let mut bit = |bit, is: bool| by |= if is { bit } else { 0 };
        bit(MassCancel::ACCOUNT, find.account.is_some());
        bit(MassCancel::SESSION, find.session.is_some());
        bit(MassCancel::INSTRUMENT, find.symbol.is_some());
        let account = find.account.as_deref().map(|name| registry.account(name)).transpose()?;
        let session = find.session.as_deref().map(|name| registry.session(name)).transpose()?;
        let symbol = find.symbol.as_deref();
        let instrument = symbol.map(|symbol| registry.instrument(symbol).map(|(id, _)| id)).transpose()?;
        let bad = |name: &str| Refusal::of(name, Reject::BadClOrdId);
        let cl_ord_id = find.cl_ord_id.as_deref();
        let cl_ord_id = cl_ord_id.map(|id| ClOrdId::new(id.as_bytes()).ok_or_else(|| bad(id))).transpose()?;
        let head = Head::new(
            Kind::FindOrders,
            session.unwrap_or(SessionId(0)),
            account.unwrap_or(AccountId(0)),
            instrument.unwrap_or(InstrumentId(0)),
            0,
            Nanos(now),
        );
        let wish = FindOrders {
            head,
            from: find.from,
            order_id: OrderId(find.order_id.unwrap_or(0)),
            cl_ord_id: cl_ord_id.unwrap_or(ClOrdId::NONE),
            by,
            most: 1,
            reserved: [0; 2],
        };
        let limit = find.limit.clamp(1, 1_000) as usize;
        Ok(Search { connection, found: Found::default(), wish, limit, sent: false, done: false })
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Asks for the next piece, unless that was done or the ring is full; whether it was done now.
    pub(super) fn ask(&mut self, link: &mut Link) -> bool {
        if self.sent {
            return false;
        }
        let left = self.limit - self.found.orders.len();
        self.wish.most = u8::try_from(left).unwrap_or(FIND_ORDERS_TOLD).min(FIND_ORDERS_TOLD);
        self.sent = link.send(&self.wish);
        self.sent
    }

    /// What the matcher says.
    pub(super) fn hear(&mut self, registry: &Registry, event: &Event) {
        if event.by & Event::LAST == 0 {
            self.found.orders.push(order(registry, event));
            return;
        }
        let next = event.quantity.0;
        (self.wish.from, self.sent) = (next, false);
        if next == FindOrders::END || self.found.orders.len() >= self.limit {
            self.done = true;
            self.found.next = (next != FindOrders::END).then_some(next);
        }
    }

    /// What the matcher has said is lost.
    pub(super) fn lost(&mut self) {
        let text = "the matcher's answer is lost: the operator's agent did not keep up with it";
        self.found = Found::refusing(Refusal::bad(text, "ask again"));
        self.done = true;
    }
}

fn order(registry: &Registry, event: &Event) -> Order {
    let instrument = registry.instruments.get(event.instrument.0 as usize);
    let (tick, lot) = instrument.map_or(((0, 0), (0, 0)), |known| {
        let terms = &known.terms;
        ((terms.tick_mantissa, terms.tick_scale), (terms.lot_mantissa, terms.lot_scale))
    });
    let decimal = |count: u64, (mantissa, scale): (u64, u8)| in_full(count, mantissa, scale);
    let lots = |count: wire::types::Lots| decimal(count.0, lot);
    Order {
        order_id: event.order_id.0,
        cl_ord_id: String::from_utf8_lossy(event.cl_ord_id.bytes()).into_owned(),
        session: registry.session_name(event.session).to_owned(),
        account: registry.accounts.get(event.account.0 as usize).cloned().unwrap_or_default(),
        symbol: instrument.map(|known| known.symbol.clone()).unwrap_or_default(),
        side: match event.side {
            Side::Buy => "buy",
            Side::Sell => "sell",
        }
        .to_owned(),
        order_type: match event.order_type {
            OrderType::Limit => "limit",
            OrderType::Market => "market",
            OrderType::Stop => "stop",
            OrderType::StopLimit => "stop limit",
            OrderType::TrailingStop => "trailing stop",
        }
        .to_owned(),
        time_in_force: match event.time_in_force {
            TimeInForce::Day => "day",
            TimeInForce::Gtc => "GTC",
            TimeInForce::Ioc => "IOC",
            TimeInForce::Fok => "FOK",
            TimeInForce::Gtd => "GTD",
            TimeInForce::AtTheOpening => "opening",
            TimeInForce::AtTheClose => "closing",
        }
        .to_owned(),
        status: match event.status {
            OrderStatus::New => "new",
            OrderStatus::PartiallyFilled => "partially filled",
            OrderStatus::Filled => "filled",
            OrderStatus::Canceled => "canceled",
            OrderStatus::Rejected => "rejected",
        }
        .to_owned(),
        price: decimal(event.price.0.unsigned_abs(), tick),
        quantity: lots(event.quantity),
        leaves: lots(event.leaves),
        cum: lots(event.cum),
    }
}

/// `count` steps of `mantissa` × 10^-`scale`, in full.
pub(crate) fn in_full(count: impl Into<u128>, mantissa: u64, scale: u8) -> String {
    let digits = count.into().saturating_mul(mantissa.into());
    let places = usize::from(scale);
    let text = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = text.split_at(text.len() - places);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// Writes to `out` what was found, as `json` or a line for each order.
///
/// # Errors
/// If it cannot be written.
pub(super) fn print(found: &Found, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    if json {
        serde_json::to_writer_pretty(&mut *out, found)?;
        writeln!(out)?;
        return Ok(client::exit_code(&found.answer));
    }
    if found.answer.refused.is_empty() {
        writeln!(
            out,
            "order\tClOrdID\tsession\taccount\tsymbol\tside\ttype\ttime\tstatus\tprice\tquantity\tleaves\ttraded"
        )?;
    }
    for order in &found.orders {
        let Order { order_id, cl_ord_id, session, account, symbol, side, .. } = order;
        let Order { order_type, time_in_force, status, price, quantity, leaves, cum, .. } = order;
        writeln!(
            out,
            "{order_id}\t{cl_ord_id}\t{session}\t{account}\t{symbol}\t{side}\t{order_type}\t{time_in_force}\t{status}\t{price}\t{quantity}\t{leaves}\t{cum}"
        )?;
    }
    if let Some(next) = found.next {
        writeln!(out, "there may be more: --from {next}")?;
    }
    Ok(client::exit_code(&found.answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_as_decimals_without_zeros_behind() {
        assert_eq!(in_full(58_525_u64, 1, 2), "585.25");
        assert_eq!(in_full(5_u64, 1, 5), "0.00005");
        assert_eq!(in_full(3_u64, 50, 2), "1.5");
        assert_eq!(in_full(7_u64, 1, 0), "7");
        assert_eq!(in_full(0_u64, 1, 2), "0");
        assert_eq!(in_full(u64::MAX, 10_000, 2), "1844674407370955161500");
    }
}
