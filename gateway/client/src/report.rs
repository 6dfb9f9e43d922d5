//! What the venue tells: views of the bytes that came, and the same with symbols and decimals to keep.

use std::fmt;

use rust_decimal::Decimal;
use wire::{
    event::{Cause, Liquidity},
    reject::Reject,
    sbe::{
        codes::{Fault, LimitType, ListOrderStatus, OrderFlags, RejectCode, VenueState},
        messages::{self, Message},
    },
    sequenced::SessionName,
    types::{OrderStatus, OrderType, Side, TimeInForce},
};

use crate::{Definitions, Name, Position, decimal};

/// A numbered message of the session. Each number is handed out once.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Its number in the session.
    pub number: u64,
    /// What it says, where it lies.
    pub message: Message<'a>,
    pub(crate) session: Option<SessionName>,
    pub(crate) definitions: &'a Definitions,
}

/// When a report and what caused it passed the venue's parts: nanoseconds since 1970-01-01T00:00:00Z by the venue's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// The gateway had read the request.
    pub gateway_in: u64,
    /// The matcher had taken it up.
    pub matcher_in: u64,
    /// The matcher let the report go.
    pub matcher_out: u64,
}

/// What has happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// It was accepted.
    Accepted,
    /// It was refused.
    Rejected,
    /// It traded.
    Filled,
    /// It ended with something unfilled.
    Canceled,
    /// It was changed.
    Replaced,
    /// A stop was triggered.
    Triggered,
    /// Self-trade prevention took from it.
    Reduced,
    /// A cancel of it was refused.
    CancelRejected,
    /// A change of it was refused.
    ReplaceRejected,
    /// How it stands, as was asked for.
    Status,
}

impl OrderEvent {
    /// Its name as it is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OrderEvent::Accepted => "accepted",
            OrderEvent::Rejected => "rejected",
            OrderEvent::Filled => "filled",
            OrderEvent::Canceled => "canceled",
            OrderEvent::Replaced => "replaced",
            OrderEvent::Triggered => "triggered",
            OrderEvent::Reduced => "reduced",
            OrderEvent::CancelRejected => "cancel rejected",
            OrderEvent::ReplaceRejected => "replace rejected",
            OrderEvent::Status => "status",
        }
    }
}

/// A fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The trade's number.
    pub trade_id: u64,
    /// Its price.
    pub price: Decimal,
    /// Its quantity.
    pub quantity: Decimal,
    /// What it cost in fees, in the quote asset, if that asset's decimal places are known.
    pub fee: Option<Decimal>,
    /// Maker or taker.
    pub liquidity: Liquidity,
}

/// What was told of an order. What a report does not say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReport {
    /// The report's number in the session.
    pub number: u64,
    /// What has happened.
    pub event: OrderEvent,
    /// The name of the order, or of the request that is answered; empty if there is none.
    pub cl_ord_id: String,
    /// The order's name before it.
    pub orig_cl_ord_id: Option<String>,
    /// The name of the status request that is answered.
    pub request: Option<String>,
    /// The venue's number of the order.
    pub order_id: Option<u64>,
    /// The instrument; empty if the report names none.
    pub symbol: String,
    /// The account; empty if the report names none.
    pub account: String,
    /// Buy or sell.
    pub side: Option<Side>,
    /// What kind of order.
    pub order_type: Option<OrderType>,
    /// How long it stands.
    pub time_in_force: Option<TimeInForce>,
    /// How it stands.
    pub status: Option<OrderStatus>,
    /// Its quantity.
    pub quantity: Option<Decimal>,
    /// What it is to spend.
    pub cash: Option<Decimal>,
    /// Its limit.
    pub price: Option<Decimal>,
    /// Where its stop is.
    pub stop: Option<Decimal>,
    /// How much of it shows.
    pub display: Option<Decimal>,
    /// What can still trade.
    pub leaves: Option<Decimal>,
    /// What has traded.
    pub filled: Option<Decimal>,
    /// At what price on average.
    pub average: Option<Decimal>,
    /// The fill that is told of.
    pub fill: Option<Fill>,
    /// Why it ended or was reduced.
    pub cause: Option<Cause>,
    /// Why something was refused.
    pub reject: Option<Reject>,
    /// It is one side of a mass quote.
    pub is_quote: bool,
    /// It is the last of the answers to a mass status request.
    pub is_last: bool,
    /// When it passed the venue's parts.
    pub stamps: Stamps,
}

impl OrderReport {
    /// A report that says nothing yet.
    const fn new(number: u64, event: OrderEvent, stamps: Stamps) -> OrderReport {
        OrderReport {
            number,
            event,
            cl_ord_id: String::new(),
            orig_cl_ord_id: None,
            request: None,
            order_id: None,
            symbol: String::new(),
            account: String::new(),
            side: None,
            order_type: None,
            time_in_force: None,
            status: None,
            quantity: None,
            cash: None,
            price: None,
            stop: None,
            display: None,
            leaves: None,
            filled: None,
            average: None,
            fill: None,
            cause: None,
            reject: None,
            is_quote: false,
            is_last: false,
            stamps,
        }
    }

    /// Whether it tells that a request was refused.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self.event, OrderEvent::Rejected | OrderEvent::CancelRejected | OrderEvent::ReplaceRejected)
    }
}

/// A request that the venue has refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The request; `None` if it had no name.
    pub name: Option<Name>,
    /// Why, as the catalogue of rejects has it; `None` for a reason of a later version, or a message that is none.
    pub reject: Option<Reject>,
    /// The reason's number; 0 for a message that is none.
    pub code: u16,
    /// What is wrong with a message that is none.
    pub fault: Option<Fault>,
    /// How much of a limit is used.
    pub used: Option<u64>,
    /// The limit.
    pub max: Option<u64>,
    /// After how many nanoseconds there is room again.
    pub retry_after_ns: Option<u64>,
    /// Which entry of a mass quote is to blame, from 1.
    pub entry: Option<u32>,
}

impl Refusal {
    pub(crate) fn of(name: Option<Name>, code: RejectCode) -> Refusal {
        let reject = code.reject();
        let code = code.code();
        Refusal { name, reject, code, fault: None, used: None, max: None, retry_after_ns: None, entry: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.reject, self.fault) {
            (Some(reject), _) => {
                let (sentence, remedy) = (reject.sentence().trim_end_matches('.'), reject.remedy());
                write!(f, "refused ({} {}): {sentence}; {remedy}", self.code, reject.name())?;
            }
            (None, Some(fault)) => {
                write!(f, "not a message of this schema ({fault:?}); update the client or the venue")?;
            }
            (None, None) => {
                write!(f, "refused ({}): a reason of a later version; update the client", self.code)?
            }
        }
        if let (Some(used), Some(max)) = (self.used, self.max) {
            write!(f, " ({used} of {max} used)")?;
        }
        if let Some(nanos) = self.retry_after_ns {
            write!(f, " (again in {} ms)", nanos.div_ceil(1_000_000))?;
        }
        if let Some(entry) = self.entry {
            write!(f, " (entry {entry})")?;
        }
        Ok(())
    }
}

/// The answer to a mass quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The mass quote.
    pub name: Option<Name>,
    /// How many quotes it has placed.
    pub quotes: u32,
}

/// The answer to a mass cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The mass cancel; `None` of a kill switch.
    pub name: Option<Name>,
    /// How many orders it has cancelled.
    pub orders: u32,
}

/// What an account has of an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: String,
    /// The asset.
    pub asset: String,
    /// What new orders and withdrawals can take.
    pub available: Decimal,
    /// What open orders hold.
    pub held: Decimal,
}

/// How much of a rate is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is counted.
    pub of: LimitType,
    /// How many there were.
    pub used: u64,
    /// How many there may be.
    pub max: u64,
    /// Within how many seconds.
    pub seconds: u32,
}

/// How an order of a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOrder {
    /// Its name; `None` if it has none any more.
    pub name: Option<Name>,
    /// The venue's number of it; `None` if it was not accepted.
    pub order_id: Option<u64>,
    /// How it stands.
    pub status: Option<OrderStatus>,
    /// What of it can still trade.
    pub leaves: Decimal,
    /// What of it has traded.
    pub filled: Decimal,
}

impl ListOrder {
    pub(crate) fn of(it: &messages::ListReport) -> ListOrder {
        ListOrder {
            name: Name::of(it.cl_ord_id),
            order_id: it.order_id.get(),
            status: it.ord_status.get(),
            leaves: decimal::of_quantity(it.leaves_qty),
            filled: decimal::of_quantity(it.cum_qty),
        }
    }
}

/// What has happened, to keep.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// To an order.
    Order(Box<OrderReport>),
    /// A mass quote was carried out.
    Quoted(Quoted),
    /// A mass cancel or kill switch was.
    Withdrawn(Withdrawn),
    /// Market-maker protection has pulled so many of the account's quotes.
    Protected {
        /// The account.
        account: String,
        /// The instrument whose fill reached the limit.
        symbol: String,
        /// How many quotes.
        quotes: u32,
    },
    /// How an order of a list stands; or the list is refused.
    List {
        /// The list.
        list: Option<Name>,
        /// The order.
        order: Option<Name>,
        /// How the list stands.
        status: ListOrderStatus,
        /// Why it was refused.
        reject: Option<Reject>,
    },
    /// So many balances follow, or why none does.
    BalancesFollow(u32, Option<Reject>),
    /// What an account has.
    Balance(Balance),
    /// A request was refused.
    Refused(Refusal),
    /// A request never reached the venue.
    Lost(Name),
    /// The venue does this with requests from now on.
    Venue(VenueState),
    /// An instrument's market has changed, or its terms.
    Instrument(String),
    /// The connection is gone, and why; it is made again.
    Disconnected(String),
    /// It is there again.
    Ready,
    /// A message of a later version, or one that is not for traders: its template id.
    Other(u16),
}

/// Does something with whatever block of a report, all of which begin alike.
macro_rules! stamps {
    ($block:expr) => {
        Stamps {
            gateway_in: $block.gateway_in_time.get(),
            matcher_in: $block.transact_time.get(),
            matcher_out: $block.matcher_out_time.get(),
        }
    };
}

/// The names of requests that `message` answers.
pub(crate) fn answers(message: &Message<'_>) -> [Option<Name>; 2] {
    let one = |text| [Name::of(text), None];
    match message {
        Message::OrderAccepted(it) => one(it.cl_ord_id),
        Message::OrderRejected(it) => one(it.cl_ord_id),
        Message::OrderCanceled(it) => one(it.cl_ord_id),
        Message::OrderReplaced(it) => one(it.cl_ord_id),
        Message::CancelRejected(it) => one(it.cl_ord_id),
        Message::ReplaceRejected(it) => one(it.cl_ord_id),
        Message::OrderStatusReport(it) => {
            // Of several, the last one ends the answer.
            let whole = it.last_rpt_requested.get() != Some(wire::sbe::codes::Boolean::No);
            let request = Name::of(it.ord_status_req_id).filter(|_| whole);
            // A repeated order is answered with how the first one stands; an order that is asked about and unknown is none.
            let order = Name::of(it.cl_ord_id).filter(|_| it.order_id.get().is_some());
            [request, order]
        }
        Message::MassCanceled(it) => one(it.cl_ord_id),
        Message::CommandRefused(it) => one(it.cl_ord_id),
        Message::QuotesAccepted(it) => one(it.quote_id),
        Message::QuotesRejected(it) => one(it.quote_id),
        Message::ListReport(it) => one(it.list_id),
        Message::BalanceAck(it) => one(it.pos_req_id),
        Message::RequestRefused(it) => one(it.cl_ord_id),
        Message::LimitResponse(it, _) => one(it.req_id),
        _ => [None; 2],
    }
}

/// That `message` refuses `name`, which is about an order.
pub(crate) fn of_order(name: Name, message: &Message<'_>) -> Refusal {
    let (code, used, max) = match message {
        Message::OrderRejected(it) => (it.reject_code, it.limit_count.get(), it.limit_max.get()),
        Message::ReplaceRejected(it) => (it.reject_code, it.limit_count.get(), it.limit_max.get()),
        Message::CancelRejected(it) => (it.reject_code, None, None),
        _ => (RejectCode::from(Reject::None), None, None),
    };
    Refusal { used, max, ..Refusal::of(Some(name), code) }
}

pub(crate) fn limit(entry: &messages::LimitResponseEntry) -> Limit {
    Limit {
        of: entry.limit_type,
        used: entry.limit_count.get(),
        max: entry.limit_max.get(),
        seconds: entry.limit_reset_interval.get(),
    }
}

/// The refusal that `message` is, if it has no place among an order's reports.
pub(crate) fn refusal(message: &Message<'_>) -> Option<Refusal> {
    match message {
        Message::RequestRefused(it) => Some(Refusal {
            used: it.limit_count.get(),
            max: it.limit_max.get(),
            retry_after_ns: it.retry_after.get(),
            entry: Some(it.quote_entry.get()).filter(|&entry| entry != 0),
            ..Refusal::of(Name::of(it.cl_ord_id), it.reject_code)
        }),
        Message::QuotesRejected(it) => Some(Refusal {
            used: it.limit_count.get(),
            max: it.limit_max.get(),
            entry: Some(it.quote_entry.get()).filter(|&entry| entry != 0),
            ..Refusal::of(Name::of(it.quote_id), it.reject_code)
        }),
        Message::CommandRefused(it) => Some(Refusal::of(Name::of(it.cl_ord_id), it.reject_code)),
        Message::MessageRefused(it) => Some(Refusal {
            name: None,
            reject: None,
            code: 0,
            fault: Some(it.fault),
            used: None,
            max: None,
            retry_after_ns: None,
            entry: None,
        }),
        _ => None,
    }
}

impl Report<'_> {
    /// Its place in the session, to begin there again.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { session: self.session, next: self.number }
    }

    /// When it passed the venue's parts; `None` if it was made by the gateway.
    #[must_use]
    pub fn stamps(&self) -> Option<Stamps> {
        Some(match self.message {
            Message::OrderAccepted(it) => stamps!(it),
            Message::OrderRejected(it) => stamps!(it),
            Message::OrderFilled(it) => stamps!(it),
            Message::OrderCanceled(it) => stamps!(it),
            Message::OrderReplaced(it) => stamps!(it),
            Message::OrderTriggered(it) => stamps!(it),
            Message::OrderReduced(it) => stamps!(it),
            Message::CancelRejected(it) => stamps!(it),
            Message::ReplaceRejected(it) => stamps!(it),
            Message::OrderStatusReport(it) => stamps!(it),
            _ => return None,
        })
    }

    /// The request that it answers, if it does; of a fill and whatever else happens by itself there is none.
    #[must_use]
    pub fn answers(&self) -> Option<Name> {
        answers(&self.message)[0]
    }

    /// What it tells of an order, with symbols and decimals; `None` if it is about none.
    #[must_use]
    pub fn order(&self) -> Option<OrderReport> {
        let text = |text| Name::of(text).map(|name| name.as_str().to_owned());
        let begin = |event, stamps| OrderReport::new(self.number, event, stamps);
        let (symbol, account) = (|id| self.definitions.symbol(id), |id| self.definitions.account(id));
        let quantity = decimal::of_quantity;
        let is_quote = |flags: OrderFlags| flags.0 & OrderFlags::QUOTE != 0;
        Some(match self.message {
            Message::OrderAccepted(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                order_type: Some(it.ord_type),
                time_in_force: Some(it.time_in_force),
                status: Some(OrderStatus::New),
                quantity: it.order_qty.get().map(quantity),
                cash: it.cash_order_qty.get().map(decimal::of_amount),
                price: it.price.get().map(decimal::of_price),
                stop: it.stop_px.get().map(decimal::of_price),
                display: it.display_qty.get().map(quantity),
                leaves: Some(quantity(it.leaves_qty)),
                filled: Some(Decimal::ZERO),
                is_quote: is_quote(it.order_flags),
                ..begin(OrderEvent::Accepted, stamps!(it))
            },
            Message::OrderRejected(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                order_type: Some(it.ord_type),
                status: Some(OrderStatus::Rejected),
                reject: it.reject_code.reject(),
                ..begin(OrderEvent::Rejected, stamps!(it))
            },
            Message::OrderFilled(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                status: Some(it.ord_status),
                leaves: Some(quantity(it.leaves_qty)),
                filled: Some(quantity(it.cum_qty)),
                fill: Some(Fill {
                    trade_id: it.trade_id.get(),
                    price: decimal::of_price(it.last_px),
                    quantity: quantity(it.last_qty),
                    fee: self.definitions.fee(it.instrument_id.get(), it.fee.get()),
                    liquidity: it.last_liquidity_ind,
                }),
                is_quote: is_quote(it.order_flags),
                ..begin(OrderEvent::Filled, stamps!(it))
            },
            Message::OrderCanceled(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                orig_cl_ord_id: text(it.orig_cl_ord_id),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                status: Some(OrderStatus::Canceled),
                leaves: Some(Decimal::ZERO),
                filled: Some(quantity(it.cum_qty)),
                average: decimal::average(it.cum_notional, it.cum_qty),
                cause: Some(it.cause),
                is_quote: is_quote(it.order_flags),
                ..begin(OrderEvent::Canceled, stamps!(it))
            },
            Message::OrderReplaced(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                orig_cl_ord_id: text(it.orig_cl_ord_id),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                order_type: Some(it.ord_type),
                time_in_force: Some(it.time_in_force),
                status: Some(it.ord_status),
                quantity: it.order_qty.get().map(quantity),
                cash: it.cash_order_qty.get().map(decimal::of_amount),
                price: it.price.get().map(decimal::of_price),
                stop: it.stop_px.get().map(decimal::of_price),
                display: it.display_qty.get().map(quantity),
                leaves: Some(quantity(it.leaves_qty)),
                filled: Some(quantity(it.cum_qty)),
                is_quote: is_quote(it.order_flags),
                ..begin(OrderEvent::Replaced, stamps!(it))
            },
            Message::OrderTriggered(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                order_type: Some(it.ord_type),
                time_in_force: Some(it.time_in_force),
                status: Some(OrderStatus::New),
                price: it.price.get().map(decimal::of_price),
                leaves: Some(quantity(it.leaves_qty)),
                ..begin(OrderEvent::Triggered, stamps!(it))
            },
            Message::OrderReduced(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                order_id: Some(it.order_id.get()),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                side: Some(it.side),
                status: Some(it.ord_status),
                quantity: it.order_qty.get().map(quantity),
                cash: it.cash_order_qty.get().map(decimal::of_amount),
                leaves: Some(quantity(it.leaves_qty)),
                filled: Some(quantity(it.cum_qty)),
                cause: Some(it.cause),
                is_quote: is_quote(it.order_flags),
                ..begin(OrderEvent::Reduced, stamps!(it))
            },
            Message::CancelRejected(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                orig_cl_ord_id: text(it.orig_cl_ord_id),
                order_id: it.order_id.get(),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                status: Some(it.ord_status),
                reject: it.reject_code.reject(),
                ..begin(OrderEvent::CancelRejected, stamps!(it))
            },
            Message::ReplaceRejected(it) => OrderReport {
                cl_ord_id: text(it.cl_ord_id).unwrap_or_default(),
                orig_cl_ord_id: text(it.orig_cl_ord_id),
                order_id: it.order_id.get(),
                symbol: symbol(it.instrument_id.get()),
                account: account(it.account_id.get()),
                status: Some(it.ord_status),
                reject: it.reject_code.reject(),
                ..begin(OrderEvent::ReplaceRejected, stamps!(it))
            },
            Message::OrderStatusReport(it) => self.status(it),
            _ => return None,
        })
    }

    fn status(&self, it: &messages::OrderStatusReport) -> OrderReport {
        let known = it.order_id.get().is_some();
        let quantity = decimal::of_quantity;
        OrderReport {
            cl_ord_id: Name::of(it.cl_ord_id).map(|name| name.as_str().to_owned()).unwrap_or_default(),
            request: Name::of(it.ord_status_req_id).map(|name| name.as_str().to_owned()),
            order_id: it.order_id.get(),
            symbol: it.instrument_id.get().map(|id| self.definitions.symbol(id)).unwrap_or_default(),
            account: it.account_id.get().map(|id| self.definitions.account(id)).unwrap_or_default(),
            side: Some(it.side),
            order_type: known.then_some(it.ord_type),
            time_in_force: known.then_some(it.time_in_force),
            status: Some(it.ord_status),
            quantity: it.order_qty.get().map(quantity),
            cash: it.cash_order_qty.get().map(decimal::of_amount),
            price: it.price.get().map(decimal::of_price),
            stop: it.stop_px.get().map(decimal::of_price),
            display: it.display_qty.get().map(quantity),
            leaves: known.then(|| quantity(it.leaves_qty)),
            filled: known.then(|| quantity(it.cum_qty)),
            average: decimal::average(it.cum_notional, it.cum_qty),
            reject: it.reject_code.reject().filter(|&reject| reject != Reject::None),
            is_quote: it.order_flags.0 & OrderFlags::QUOTE != 0,
            is_last: it.last_rpt_requested.get() == Some(wire::sbe::codes::Boolean::Yes),
            ..OrderReport::new(self.number, OrderEvent::Status, stamps!(it))
        }
    }

    /// The same to keep.
    #[must_use]
    pub fn to_update(&self) -> Update {
        if let Some(order) = self.order() {
            return Update::Order(Box::new(order));
        }
        if let Some(refusal) = refusal(&self.message) {
            return Update::Refused(refusal);
        }
        let symbol = |id| self.definitions.symbol(id);
        match self.message {
            Message::QuotesAccepted(it) => {
                Update::Quoted(Quoted { name: Name::of(it.quote_id), quotes: it.quote_count.get() })
            }
            Message::MassCanceled(it) => Update::Withdrawn(Withdrawn {
                name: Name::of(it.cl_ord_id),
                orders: it.total_affected_orders.get(),
            }),
            Message::ProtectionTriggered(it) => Update::Protected {
                account: self.definitions.account(it.account_id.get()),
                symbol: symbol(it.instrument_id.get()),
                quotes: it.quote_count.get(),
            },
            Message::ListReport(it) => Update::List {
                list: Name::of(it.list_id),
                order: Name::of(it.cl_ord_id),
                status: it.list_order_status,
                reject: it.reject_code.reject().filter(|&reject| reject != Reject::None),
            },
            Message::BalanceAck(it) => {
                let reject = it.reject_code.reject().filter(|&reject| reject != Reject::None);
                Update::BalancesFollow(it.total_num_pos_reports.get(), reject)
            }
            Message::BalanceReport(it) => {
                let units = [it.available.get(), it.held.get()];
                let (asset, amounts) = self.definitions.asset(it.asset_id.get(), units);
                Update::Balance(Balance {
                    account: self.definitions.account(it.account_id.get()),
                    asset,
                    available: amounts[0],
                    held: amounts[1],
                })
            }
            Message::TradingStatus(it) => Update::Instrument(symbol(it.instrument_id.get())),
            Message::InstrumentDefinition(it) => Update::Instrument(symbol(it.instrument_id.get())),
            Message::VenueStatus(it) => Update::Venue(it.venue_state),
            message => Update::Other(message.template()),
        }
    }
}
