//! Reports as people and programs read them.

use std::{fmt::Display, io::Write};

use penstock_client::{
    Cause, Liquidity, OrderEvent, OrderReport, OrderStatus, OrderType, Side, TimeInForce, Update,
};
use serde_json::{Map, Value, json};

use crate::words::words;

/// Where reports go, and how they look.
pub(super) struct Show<W> {
    out: W,
    json: bool,
    begun: bool,
}

impl<W: Write> Show<W> {
    pub(super) const fn new(out: W, json: bool) -> Show<W> {
        Show { out, json, begun: false }
    }

    /// Shows a report about an order.
    pub(super) fn order(&mut self, report: &OrderReport) -> anyhow::Result<()> {
        if self.json {
            writeln!(self.out, "{}", as_json(report))?;
        } else {
            if !std::mem::replace(&mut self.begun, true) {
                writeln!(self.out, "{}", row(&HEAD.map(str::to_owned)))?;
            }
            writeln!(self.out, "{}", row(&cells(report)))?;
            if let Some(reject) = report.reject {
                writeln!(
                    self.out,
                    "  {} {}: {} {}",
                    reject as u16,
                    reject.name(),
                    reject.sentence(),
                    reject.remedy()
                )?;
            }
        }
        Ok(self.out.flush()?)
    }

    /// Shows whatever has happened.
    pub(super) fn update(&mut self, update: &Update) -> anyhow::Result<()> {
        if let Update::Order(report) = update {
            return self.order(report);
        }
        let (kind, text) = told(update);
        if self.json {
            writeln!(self.out, "{}", json!({ "event": kind, "text": text }))?;
        } else {
            writeln!(self.out, "{kind}: {text}")?;
        }
        Ok(self.out.flush()?)
    }

    /// Shows a line of JSON.
    pub(super) fn line(&mut self, value: &Value) -> anyhow::Result<()> {
        writeln!(self.out, "{value}")?;
        Ok(self.out.flush()?)
    }

    /// Says in words what there is no report of.
    pub(super) fn say(&mut self, kind: &str, text: &str) -> anyhow::Result<()> {
        if self.json {
            writeln!(self.out, "{}", json!({ "event": kind, "text": text }))?;
        } else {
            writeln!(self.out, "{text}")?;
        }
        Ok(self.out.flush()?)
    }
}

const HEAD: [&str; 10] =
    ["event", "symbol", "side", "quantity", "price", "filled", "left", "status", "order", "name"];
/// Characters of each column at least; numbers stand at its right side.
const WIDTHS: [(usize, bool); 10] = [
    (9, false),
    (8, false),
    (4, false),
    (10, true),
    (10, true),
    (10, true),
    (10, true),
    (16, false),
    (7, true),
    (0, false),
];

fn row(cells: &[String; 10]) -> String {
    let mut row = String::new();
    for (cell, (width, right)) in cells.iter().zip(WIDTHS) {
        let padded = if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
        row.push_str(&padded);
        row.push_str("  ");
    }
    row.trim_end().to_owned()
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn cells(report: &OrderReport) -> [String; 10] {
    let fill = report.fill.as_ref();
    // Of a fill its own price and quantity, which are what has happened.
    let quantity = fill.map(|fill| fill.quantity).or(report.quantity).or(report.cash);
    let price = fill.map(|fill| fill.price).or(report.price).or(report.stop);
    let why = report.cause.filter(|&cause| cause != Cause::Requested && cause != Cause::None).map(words);
    let status = match why {
        Some(why) => format!("{} ({why})", report.status.map_or("-", status_name)),
        None => report.status.map_or("-", status_name).to_owned(),
    };
    let name = match &report.orig_cl_ord_id {
        Some(former) if report.event == OrderEvent::Replaced => {
            format!("{} (was {former})", report.cl_ord_id)
        }
        Some(former) => format!("{former} (by {})", report.cl_ord_id),
        None => report.cl_ord_id.clone(),
    };
    [
        report.event.name().to_owned(),
        report.symbol.clone(),
        or_dash(report.side.map(side_name)),
        or_dash(quantity),
        or_dash(price),
        or_dash(report.filled),
        or_dash(report.leaves),
        status,
        or_dash(report.order_id),
        name,
    ]
}

fn as_json(report: &OrderReport) -> Value {
    let mut told = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(key.to_owned(), value);
        }
    };
    let number = |value: Option<penstock_client::Decimal>| value.map(|value| json!(value.to_string()));
    put("event", Some(json!(report.event.name())));
    put("number", Some(json!(report.number)));
    put("name", Some(json!(report.cl_ord_id)).filter(|_| !report.cl_ord_id.is_empty()));
    put("former_name", report.orig_cl_ord_id.as_ref().map(|name| json!(name)));
    put("order", report.order_id.map(|id| json!(id)));
    put("symbol", Some(json!(report.symbol)).filter(|_| !report.symbol.is_empty()));
    put("account", Some(json!(report.account)).filter(|_| !report.account.is_empty()));
    put("side", report.side.map(|side| json!(side_name(side))));
    put("type", report.order_type.map(|kind| json!(type_name(kind))));
    put("time_in_force", report.time_in_force.map(|time| json!(time_name(time))));
    put("status", report.status.map(|status| json!(status_name(status))));
    // Decimals as text: a number of JSON is a float to most who read it.
    put("quantity", number(report.quantity));
    put("spend", number(report.cash));
    put("price", number(report.price));
    put("stop", number(report.stop));
    put("display", number(report.display));
    put("filled", number(report.filled));
    put("left", number(report.leaves));
    put("average", number(report.average));
    put("cause", report.cause.map(|cause| json!(words(cause))));
    if let Some(fill) = &report.fill {
        put(
            "fill",
            Some(json!({
                "trade": fill.trade_id,
                "price": fill.price.to_string(),
                "quantity": fill.quantity.to_string(),
                "fee": fill.fee.map(|fee| fee.to_string()),
                "liquidity": liquidity_name(fill.liquidity),
            })),
        );
    }
    put(
        "reject",
        report.reject.map(|reject| {
            json!({
                "code": reject as u16,
                "name": reject.name(),
                "text": reject.sentence(),
                "remedy": reject.remedy(),
            })
        }),
    );
    let stamps = report.stamps;
    put(
        "stamps_ns",
        Some(json!({
            "gateway_in": stamps.gateway_in,
            "matcher_in": stamps.matcher_in,
            "matcher_out": stamps.matcher_out,
        })),
    );
    Value::Object(told)
}

/// What has happened but to an order: its kind and a sentence.
fn told(update: &Update) -> (&'static str, String) {
    match update {
        Update::Order(report) => ("order", report.event.name().to_owned()),
        Update::Quoted(it) => ("quoted", format!("{} quotes placed", it.quotes)),
        Update::Withdrawn(it) => ("mass cancel", format!("{} orders cancelled", it.orders)),
        Update::Protected { account, symbol, quotes } => {
            ("protection", format!("{quotes} quotes of {account} pulled after a fill in {symbol}"))
        }
        Update::List { list, status, reject, .. } => {
            let list = list.map_or_else(|| "-".to_owned(), |name| name.to_string());
            let why = reject.map_or_else(String::new, |reject| format!(": {}", reject.sentence()));
            ("list", format!("{list} {status:?}{why}"))
        }
        Update::BalancesFollow(count, _) => ("balances", format!("{count} follow")),
        Update::Balance(it) => (
            "balance",
            format!("{} has {} {} available, {} held", it.account, it.available, it.asset, it.held),
        ),
        Update::Refused(refusal) => ("refused", refusal.to_string()),
        Update::Lost(name) => ("lost", format!("{name} never reached the venue")),
        Update::Venue(state) => ("venue", format!("{state:?}")),
        Update::Instrument(symbol) => ("instrument", format!("{symbol} has changed")),
        Update::Disconnected(why) => ("disconnected", why.clone()),
        Update::Ready => ("connected", "logged in".to_owned()),
        Update::Other(template) => {
            ("other", format!("message {template}, of which this version tells nothing"))
        }
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

const fn status_name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::New => "open",
        OrderStatus::PartiallyFilled => "partially filled",
        OrderStatus::Filled => "filled",
        OrderStatus::Canceled => "canceled",
        OrderStatus::Rejected => "rejected",
    }
}

const fn type_name(kind: OrderType) -> &'static str {
    match kind {
        OrderType::Market => "market",
        OrderType::Limit => "limit",
        OrderType::Stop => "stop",
        OrderType::StopLimit => "stop limit",
        OrderType::TrailingStop => "trailing stop",
    }
}

const fn time_name(time: TimeInForce) -> &'static str {
    match time {
        TimeInForce::Day => "day",
        TimeInForce::Gtc => "gtc",
        TimeInForce::AtTheOpening => "opening",
        TimeInForce::Ioc => "ioc",
        TimeInForce::Fok => "fok",
        TimeInForce::Gtd => "gtd",
        TimeInForce::AtTheClose => "closing",
    }
}

const fn liquidity_name(liquidity: Liquidity) -> &'static str {
    match liquidity {
        Liquidity::None => "none",
        Liquidity::Maker => "maker",
        Liquidity::Taker => "taker",
        Liquidity::Auction => "auction",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_wide_as_its_head_wherever_cells_fit() {
        let cells = ["accepted", "BTCUSDT", "buy", "0.01", "50000", "0", "0.01", "open", "1", "first"];
        let (head, row) = (row(&HEAD.map(str::to_owned)), row(&cells.map(str::to_owned)));
        for (title, cell) in [("symbol", "BTCUSDT"), ("status", "open"), ("name", "first")] {
            assert_eq!(head.find(title), row.find(cell), "{head}\n{row}");
        }
    }
}
