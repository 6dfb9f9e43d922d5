//! What commands and events say, field by field: one table of names and values for every way of showing them.

use std::fmt::{self, Display, Write as _};

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use wire::{
    command::{
        Command, Display as Shown, Funds, Head, MassCancel, NewOrder, OrderRef, Scope, SetLimits, Target,
        text,
    },
    event::{Event, Kind as EventKind},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SessionId, Side, Ticks,
    },
};

use crate::{
    admin::{orders::in_full, registry::Registry},
    words::words,
};

/// A field's value.
pub(super) enum Value {
    Number(u64),
    Text(String),
    Map(Fields),
    List(Vec<Fields>),
}

/// Names and values, in the order in which people want them.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn text(&mut self, name: &'static str, value: impl Into<String>) -> &mut Fields {
        self.0.push((name, Value::Text(value.into())));
        self
    }

    pub(super) fn number(&mut self, name: &'static str, value: impl Into<u64>) -> &mut Fields {
        self.0.push((name, Value::Number(value.into())));
        self
    }

    pub(super) fn list(&mut self, name: &'static str, value: Vec<Fields>) -> &mut Fields {
        self.0.push((name, Value::List(value)));
        self
    }

    pub(super) fn map(&mut self, name: &'static str, value: Fields) -> &mut Fields {
        self.0.push((name, Value::Map(value)));
        self
    }

    /// Whether one of the fields that hold a client's name of something is `name`.
    pub(super) fn has_name(&self, name: &str) -> bool {
        const NAMES: [&str; 5] = ["cl_ord_id", "orig_cl_ord_id", "quote_id", "list_id", "request_id"];
        self.0.iter().any(|(field, value)| match value {
            Value::Text(text) => NAMES.contains(field) && text == name,
            Value::List(list) => list.iter().any(|fields| fields.has_name(name)),
            Value::Number(_) | Value::Map(_) => false,
        })
    }

    /// A word that stands alone, where `is` says so.
    fn flag(&mut self, name: &'static str, is: bool) -> &mut Fields {
        if is { self.number(name, 1_u64) } else { self }
    }

    fn name(&mut self, field: &'static str, name: &ClOrdId) -> &mut Fields {
        if name.is_none() { self } else { self.text(field, name.to_string()) }
    }

    pub(super) fn some(&mut self, field: &'static str, value: Option<String>) -> &mut Fields {
        match value {
            Some(value) => self.text(field, value),
            None => self,
        }
    }
}

impl Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            match value {
                Value::Number(number) => write!(f, "{name}={number}")?,
                Value::Text(text) if text.is_empty() || text.contains([' ', '"', '=']) => {
                    write!(f, "{name}={text:?}")?;
                }
                Value::Text(text) => write!(f, "{name}={text}")?,
                Value::Map(fields) => write!(f, "{name}=({fields})")?,
                Value::List(list) => {
                    write!(f, "{name}=[")?;
                    for (at, fields) in list.iter().enumerate() {
                        write!(f, "{}{fields}", if at > 0 { "; " } else { "" })?;
                    }
                    f.write_char(']')?;
                }
            }
        }
        Ok(())
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Map(fields) => fields.serialize(serializer),
            Value::List(list) => serializer.collect_seq(list),
        }
    }
}

/// An instant in UTC, to the nanosecond.
pub(super) fn utc(time: Nanos) -> String {
    match Timestamp::from_nanosecond(i128::from(time.0)) {
        Ok(time) => format!("{time:.9}"),
        Err(_) => format!("{time} ns"), // after the year 9999
    }
}

/// Whom and what a command or event is about, as columns.
pub(super) struct Parties {
    pub(super) session: Option<SessionId>,
    pub(super) account: Option<AccountId>,
    pub(super) instrument: Option<InstrumentId>,
}

impl Parties {
    /// What of a command's head means something.
    pub(super) fn of(command: &Command<'_>) -> Parties {
        let head = command.head();
        let (account, instrument) = match command {
            Command::New(_) | Command::NewOrderList(_) => (true, true),
            Command::Cancel(_)
            | Command::Replace(_)
            | Command::Status(_)
            | Command::SetState(_)
            | Command::SetInstrument(_)
            | Command::ShowBook(_) => (false, true),
            Command::Deposit(_)
            | Command::Withdraw(_)
            | Command::MassQuote(_)
            | Command::SetProtection(_)
            | Command::ResetProtection(_)
            | Command::SetAccount(_)
            | Command::SetCredit(_)
            | Command::Entitle(_)
            | Command::Balances(_) => (true, false),
            Command::MassCancel(MassCancel { by, .. })
            | Command::MassStatus(wire::command::MassStatus { by, .. })
            | Command::FindOrders(wire::command::FindOrders { by, .. }) => {
                (by & MassCancel::ACCOUNT != 0, by & MassCancel::INSTRUMENT != 0)
            }
            Command::SessionUp(_)
            | Command::SessionDown(_)
            | Command::CancelSession(_)
            | Command::Due(_)
            | Command::KillSwitch(_)
            | Command::SetLimits(_)
            | Command::CancelList(_)
            | Command::ListStatus(_) => (false, false),
        };
        Parties {
            session: (!matches!(command, Command::Due(_))).then(|| head.session()),
            account: account.then_some(head.account),
            instrument: instrument.then(|| head.instrument()),
        }
    }

    /// Whom and what an event is about.
    pub(super) fn of_event(event: &Event) -> Parties {
        let of_order = event.order_id != OrderId(0) || event.kind == EventKind::Rejected;
        let public = event.kind.is_public();
        Parties {
            session: (!public).then_some(event.session),
            account: (of_order || event.kind == EventKind::Balance).then_some(event.account),
            instrument: (of_order || public).then_some(event.instrument),
        }
    }
}

/// Turns numbers into names, and steps into decimals.
pub(super) struct Names<'a>(pub(super) &'a Registry);

impl Names<'_> {
    pub(super) fn session(&self, session: SessionId) -> String {
        match self.0.session_name(session) {
            _ if session == self.0.operator => "operator".to_owned(),
            "" => format!("#{session}"),
            name => name.to_owned(),
        }
    }

    pub(super) fn account(&self, account: AccountId) -> String {
        self.0.accounts.get(account.0 as usize).cloned().unwrap_or_else(|| format!("#{account}"))
    }

    pub(super) fn symbol(&self, instrument: InstrumentId) -> String {
        let known = self.0.instruments.get(instrument.0 as usize);
        known.map_or_else(|| format!("#{instrument}"), |known| known.symbol.clone())
    }

    fn asset(&self, asset: AssetId) -> String {
        let known = self.0.assets.get(asset.0 as usize);
        known.map_or_else(|| format!("#{asset}"), |known| known.name.clone())
    }

    fn amount(&self, asset: AssetId, units: u128) -> String {
        match self.0.assets.get(asset.0 as usize) {
            Some(known) => in_full(units, 1, known.scale),
            None => format!("{units} units"),
        }
    }

    fn signed(&self, asset: AssetId, units: i128) -> String {
        let sign = if units < 0 { "-" } else { "" };
        format!("{sign}{}", self.amount(asset, units.unsigned_abs()))
    }

    fn price(&self, instrument: InstrumentId, price: Ticks) -> String {
        let sign = if price.0 < 0 { "-" } else { "" };
        match (price, self.0.instruments.get(instrument.0 as usize)) {
            (Ticks::OFF_TICK, _) => "off tick".to_owned(),
            (Ticks::OUT_OF_RANGE, _) => "out of range".to_owned(),
            (_, None) => format!("{price} ticks"),
            (Ticks(ticks), Some(known)) => {
                sign.to_owned()
                    + &in_full(ticks.unsigned_abs(), known.terms.tick_mantissa, known.terms.tick_scale)
            }
        }
    }

    fn quantity(&self, instrument: InstrumentId, quantity: Lots) -> String {
        match (quantity, self.0.instruments.get(instrument.0 as usize)) {
            (Lots::OFF_LOT, _) => "off lot".to_owned(),
            (Lots::OUT_OF_RANGE, _) => "out of range".to_owned(),
            (_, None) => format!("{quantity} lots"),
            (Lots(lots), Some(known)) => in_full(lots, known.terms.lot_mantissa, known.terms.lot_scale),
        }
    }

    /// A price, unless it is zero, which is none.
    fn a_price(&self, instrument: InstrumentId, price: Ticks) -> Option<String> {
        (price.0 != 0).then(|| self.price(instrument, price))
    }

    fn a_quantity(&self, instrument: InstrumentId, quantity: Lots) -> Option<String> {
        (quantity.0 != 0).then(|| self.quantity(instrument, quantity))
    }

    /// What `command` says, its parties apart.
    pub(super) fn command(&self, command: &Command<'_>) -> Fields {
        let head = command.head();
        let instrument = head.instrument();
        let mut fields = Fields::default();
        let f = &mut fields;
        match *command {
            Command::New(new) => self.order(new, f),
            Command::Cancel(it) => {
                f.name("cl_ord_id", &it.cl_ord_id);
                target(&it.order, f);
            }
            Command::Replace(it) => {
                f.name("cl_ord_id", &it.cl_ord_id);
                target(&it.order, f);
                f.text("side", words(it.side));
                f.some("price", self.a_price(instrument, it.price));
                f.text("quantity", self.quantity(instrument, it.quantity));
                let display = (it.display != Shown::NONE).then(|| it.display.lots());
                f.some("display", display.map(|display| self.quantity(instrument, display)));
            }
            Command::Status(it) => {
                f.name("request_id", &it.request_id);
                target(&it.order, f);
                f.text("side", words(it.side));
            }
            Command::SessionUp(_)
            | Command::SessionDown(_)
            | Command::CancelSession(_)
            | Command::Due(_)
            | Command::ShowBook(_) => {}
            Command::MassCancel(it) => {
                f.name("cl_ord_id", &it.cl_ord_id);
                selected(it.by, it.side, f);
            }
            Command::MassStatus(it) => {
                f.name("request_id", &it.request_id);
                selected(it.by, it.side, f);
            }
            Command::KillSwitch(it) => {
                match it.scope {
                    Scope::Session => f.text("stop", self.session(SessionId(it.target))),
                    Scope::Account => f.text("stop", self.account(AccountId(it.target))),
                    Scope::Venue => f.text("stop", "venue"),
                };
                f.text("switch", if it.on != 0 { "on" } else { "off" });
            }
            Command::SetState(it) => {
                f.text("state", words(it.state));
            }
            Command::Deposit(it) | Command::Withdraw(it) => self.funds(it, f),
            Command::MassQuote(it) => {
                f.name("quote_id", &it.body.quote_id);
                f.flag("reset", it.body.flags & wire::command::MassQuoteBody::RESET != 0);
                let entries = it.body.entries.iter().map(|entry| {
                    let mut fields = Fields::default();
                    fields.text("symbol", self.symbol(entry.instrument));
                    let mut side = |price, quantity, [of_price, of_quantity]: [&'static str; 2]| {
                        fields.some(of_price, self.a_price(entry.instrument, price));
                        fields.some(of_quantity, self.a_quantity(entry.instrument, quantity));
                    };
                    side(entry.bid, entry.bid_quantity, ["bid", "bid_quantity"]);
                    side(entry.offer, entry.offer_quantity, ["offer", "offer_quantity"]);
                    fields
                });
                f.list("entries", entries.collect());
            }
            Command::SetProtection(it) => {
                f.number("group", it.group).number("fills", it.fills);
                f.number("lots", it.quantity.0).number("window_ns", it.window_ns);
            }
            Command::ResetProtection(it) => {
                f.number("group", it.group);
            }
            Command::SetInstrument(it) => {
                let terms = &it.terms;
                f.text("names", text(&terms.symbol).unwrap_or("?"));
                f.text("tick", in_full(1_u64, terms.tick_mantissa, terms.tick_scale));
                f.text("lot", in_full(1_u64, terms.lot_mantissa, terms.lot_scale));
                f.text("base", self.asset(terms.base)).text("quote", self.asset(terms.quote));
                f.number("lots_min", terms.quantity_min.0).number("lots_max", terms.quantity_max.0);
                f.number("maker_fee", terms.maker_fee).number("taker_fee", terms.taker_fee);
                f.number("reference_ticks", terms.reference.0.unsigned_abs());
                f.number("band_basis_points", terms.band_basis_points).number("group", terms.group);
            }
            Command::SetAccount(it) => {
                f.text("names", text(&it.name).unwrap_or("?")).flag("credit", it.credit != 0);
            }
            Command::SetCredit(it) => {
                f.text("asset", self.asset(it.asset));
                f.text("limit", self.amount(it.asset, whole(it.limit)));
            }
            Command::SetLimits(it) => {
                match it.scope {
                    Scope::Account => f.text("of_account", self.account(AccountId(it.target))),
                    _ => f.text("of_session", self.session(SessionId(it.target))),
                };
                if it.set & SetLimits::OPEN_ORDERS != 0 {
                    f.number("open_orders_max", it.open_orders_max);
                }
                if it.set & SetLimits::NOTIONAL != 0 {
                    f.number("order_notional_max_1e8", it.notional_max);
                }
            }
            Command::Entitle(it) => {
                f.text("entitled", self.session(it.session));
                f.text("switch", if it.on != 0 { "on" } else { "off" });
            }
            Command::NewOrderList(it) => {
                f.name("list_id", &it.list_id);
                let orders = it.orders.iter().map(|order| {
                    let mut fields = Fields::default();
                    self.order(order, &mut fields);
                    fields
                });
                f.list("orders", orders.collect());
            }
            Command::CancelList(it) | Command::ListStatus(it) => {
                f.name("list_id", &it.list_id);
            }
            Command::Balances(it) => {
                f.name("request_id", &it.request_id);
                let asset = (it.asset != wire::command::Balances::ALL).then(|| self.asset(it.asset));
                f.text("asset", asset.unwrap_or_else(|| "all".to_owned()));
            }
            Command::FindOrders(it) => {
                f.name("cl_ord_id", &it.cl_ord_id).number("order", it.order_id.0).number("from", it.from);
            }
        }
        receipt(head, f);
        fields
    }

    fn order(&self, new: &NewOrder, f: &mut Fields) {
        let instrument = new.head.instrument();
        f.name("cl_ord_id", &new.cl_ord_id).text("side", words(new.side));
        f.text("type", words(new.order_type)).text("time_in_force", words(new.time_in_force));
        f.some("price", self.a_price(instrument, new.price));
        if new.flags & NewOrder::QUOTE_AMOUNT != 0 {
            f.text("spend_ticks_lots", new.quantity.to_string());
        } else {
            f.text("quantity", self.quantity(instrument, new.quantity));
        }
        f.some(
            if new.order_type == OrderType::TrailingStop { "distance" } else { "stop" },
            self.a_price(instrument, new.stop),
        );
        let display = if new.flags & NewOrder::MINIMUM != 0 { "minimum" } else { "display" };
        f.some(display, self.a_quantity(instrument, new.display));
        f.some("expire", (new.expire.0 != 0).then(|| utc(new.expire)));
        f.flag("post_only", new.flags & NewOrder::POST_ONLY != 0);
        f.some("self_trade", NewOrder::named_self_trade(new.flags).map(words));
        f.flag("inexpressible", new.flags & NewOrder::INEXPRESSIBLE != 0);
    }

    fn funds(&self, funds: &Funds, f: &mut Fields) {
        f.text("asset", self.asset(funds.asset))
            .text("amount", self.amount(funds.asset, whole(funds.amount)));
    }

    /// What `event` says, its parties apart. `against` is the other side of a fill.
    pub(super) fn event(&self, event: &Event, against: Option<&Event>) -> Fields {
        let instrument = event.instrument;
        let mut fields = Fields::default();
        let f = &mut fields;
        let of_order = event.order_id != OrderId(0);
        if of_order {
            f.number("order", event.order_id.0);
        }
        f.name("cl_ord_id", &event.cl_ord_id);
        let other = if event.by & Event::LISTED != 0 { "list_id" } else { "orig_cl_ord_id" };
        f.name(other, &event.orig_cl_ord_id);
        match event.kind {
            EventKind::Fill => {
                f.number("trade", event.trade_id.0);
                f.text("last_quantity", self.quantity(instrument, event.last_quantity));
                f.text("last_price", self.price(instrument, event.last_price));
                f.text("liquidity", words(event.liquidity));
                let quote = self.0.instruments.get(instrument.0 as usize).map(|known| known.terms.quote);
                f.some("fee", quote.map(|quote| self.amount(quote, event.fee.into())));
                if let Some(other) = against {
                    let mut of = Fields::default();
                    of.number("order", other.order_id.0).name("cl_ord_id", &other.cl_ord_id);
                    of.text("session", self.session(other.session));
                    of.text("account", self.account(other.account));
                    f.map("against", of);
                }
            }
            EventKind::Canceled => {
                f.text("cause", words(event.cause));
            }
            EventKind::Triggered => {
                f.text("by_price", self.price(instrument, event.last_price));
            }
            EventKind::State => {
                f.text("state", words(event.state));
            }
            EventKind::Indicative => {
                f.some("price", self.a_price(instrument, event.last_price));
                f.text("quantity", self.quantity(instrument, event.last_quantity));
            }
            EventKind::Balance => {
                let (asset, available, held) = event.balance();
                f.text("asset", self.asset(asset));
                f.text("available", self.signed(asset, available)).text("held", self.signed(asset, held));
            }
            EventKind::MassCanceled | EventKind::Quoted | EventKind::Protected | EventKind::Balances => {
                f.number("count", event.quantity.0);
            }
            EventKind::QuoteRefused => {
                f.number("entry", event.last_quantity.0);
            }
            _ => {}
        }
        if event.reject != Reject::None {
            f.number("code", u64::from(event.reject as u16)).text("reject", event.reject.name());
        }
        if of_order {
            f.text("status", words(event.status)).text("side", words(event.side));
            f.text("type", words(event.order_type)).text("time_in_force", words(event.time_in_force));
            f.some("price", self.a_price(instrument, event.price));
            if event.flags & NewOrder::QUOTE_AMOUNT == 0 {
                f.text("quantity", self.quantity(instrument, event.quantity));
            } else {
                f.text("spend_ticks_lots", event.quantity.to_string());
            }
            f.text("leaves", self.quantity(instrument, event.leaves));
            f.text("cum", self.quantity(instrument, event.cum));
            f.some("stop", self.a_price(instrument, event.stop));
            f.some("display", self.a_quantity(instrument, event.display));
            f.some("expire", (event.expire.0 != 0).then(|| utc(event.expire)));
        }
        if !event.kind.is_public() {
            f.number("appl_seq", event.appl_seq);
        }
        fields
    }
}

fn whole([low, high]: [u64; 2]) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// How a gateway got the command.
fn receipt(head: &Head, f: &mut Fields) {
    if head.msg_seq != 0 {
        f.number("msg_seq", head.msg_seq);
    }
    if head.rx.0 != 0 {
        f.text("received", utc(head.rx));
    }
    f.some("deadline", head.deadline().map(utc))
        .flag("repeat", head.is_repeat())
        .flag("part", head.is_part());
}

fn target(order: &OrderRef, f: &mut Fields) {
    match order.target() {
        Target::Client(name) => f.name("orig_cl_ord_id", &name),
        Target::Venue(id) => f.number("order", id.0),
    };
}

/// Which orders a request about many is for, as far as that is no column.
fn selected(by: u8, side: Side, f: &mut Fields) {
    if by & MassCancel::SIDE != 0 {
        f.text("side", words(side));
    }
    f.flag("of_session", by & MassCancel::SESSION != 0).flag("quotes", by & MassCancel::QUOTES != 0);
}
