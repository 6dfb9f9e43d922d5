//! A participant's FIX connection: requests out, each under a name that is a number, and what is said to them.

use std::{collections::BTreeMap, fmt, io::Write};

use anyhow::Context;
use wire::{
    decimal::Number,
    fix::{
        message::Message,
        order::{self, NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest},
        report::{ExecType, ExecutionReport, OrderCancelReject},
    },
    instrument::{Instrument, Step},
    reject::Reject,
    types::{Lots, Nanos, OrderStatus, OrderType, SelfTrade, Side, Ticks, TimeInForce},
};

use super::figures::grouped;
use crate::{
    client::{Answer, Client},
    config::Session,
    venue::Venue,
};

/// A request's name: what its ClOrdID counts.
pub(super) type Name = u64;

/// What a participant can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    New { instrument: usize, side: Side, lots: Lots, terms: Terms },
    Replace { order: Name, instrument: usize, side: Side, price: Ticks, total: Lots },
    Cancel { order: Name, instrument: usize, side: Side },
}

/// Type and time in force of a new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    /// A limit order that rests.
    Rest { price: Ticks, time_in_force: TimeInForce, post_only: bool },
    /// A limit order that does not: IOC or FOK.
    Take { price: Ticks, time_in_force: TimeInForce },
    /// A market order.
    Market,
}

/// What the venue says about one request or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A new order is accepted.
    Opened(Name),
    /// A new order is refused.
    Refused(Name, Option<Reject>),
    /// An order, `order` until then, is changed and has the request's name now.
    Replaced { request: Name, order: Name },
    /// An order has ended unfilled; `order` is its name if a request asked for it.
    Canceled { request: Name, order: Option<Name> },
    /// A cancel or replace is refused.
    ChangeRefused { request: Name, order: Option<Name>, why: Option<Reject> },
    /// An order has traded.
    Traded { order: Name, lots: Lots, filled: bool, taker: bool },
}

impl Told {
    /// The request or order it is about.
    pub(super) const fn name(&self) -> Name {
        match *self {
            Told::Opened(name) | Told::Refused(name, _) => name,
            Told::Replaced { request, .. }
            | Told::Canceled { request, .. }
            | Told::ChangeRefused { request, .. } => request,
            Told::Traded { order, .. } => order,
        }
    }

    /// Why it is a refusal, if it is one; the inner `None` is a reason that the catalogue does not have.
    pub(super) const fn refusal(&self) -> Option<Option<Reject>> {
        match *self {
            Told::Refused(_, why) | Told::ChangeRefused { why, .. } => Some(why),
            _ => None,
        }
    }
}

/// A session at work.
pub(super) struct Desk {
    pub(super) comp_id: String,
    pub(super) client: Client,
    /// Name 0 as a ClOrdID: the time of logon in nanoseconds, so that no later run repeats a name.
    base: u64,
    /// What its orders say of meeting others of their account; `None` leaves it to the session's mode.
    self_trade: Option<SelfTrade>,
}

impl Desk {
    /// Logs `session` on to its gateway of `venue`.
    pub(super) fn log_on(session: &Session, venue: &Venue) -> anyhow::Result<Desk> {
        let address = venue.address(session.gateway).context("a whole venue has all gateways")?;
        let client = Client::log_on(address, session)?;
        Ok(Desk { comp_id: session.comp_id.clone(), client, base: tuning::clock::now(), self_trade: None })
    }

    /// The desk, whose orders trade with each other too.
    pub(super) fn trading_with_itself(self) -> Desk {
        Desk { self_trade: Some(SelfTrade::None), ..self }
    }

    /// Puts `request`, by the name of `name`, into the output.
    pub(super) fn send(&mut self, instruments: &[Instrument], name: Name, request: &Request) {
        let now = Nanos(tuning::clock::now());
        let id = ClOrdIdText::new(self.base + name);
        match *request {
            Request::New { instrument, side, lots, terms } => {
                let instrument = &instruments[instrument];
                let (price, time_in_force, post_only) = match terms {
                    Terms::Rest { price, time_in_force, post_only } => {
                        (Some(price), time_in_force, post_only)
                    }
                    Terms::Take { price, time_in_force } => (Some(price), time_in_force, false),
                    Terms::Market => (None, TimeInForce::Ioc, false),
                };
                let order_type = if price.is_some() { OrderType::Limit } else { OrderType::Market };
                self.client.order(&NewOrderSingle {
                    cl_ord_id: id.bytes(),
                    account: None,
                    symbol: instrument.symbol.as_bytes(),
                    side: side.into(),
                    transact_time: now,
                    terms: order::Terms {
                        time_in_force: Some(time_in_force.into()),
                        price: price.map(|price| decimal(instrument.tick, price.0)),
                        self_trade: self.self_trade,
                        post_only,
                        ..order::Terms::new(order_type.into(), quantity(instrument, lots))
                    },
                });
            }
            Request::Replace { order, instrument, side, price, total } => {
                let instrument = &instruments[instrument];
                self.client.replace(&OrderCancelReplaceRequest {
                    cl_ord_id: id.bytes(),
                    orig_cl_ord_id: Some(ClOrdIdText::new(self.base + order).bytes()),
                    order_id: None,
                    account: None,
                    symbol: instrument.symbol.as_bytes(),
                    side: side.into(),
                    transact_time: now,
                    terms: order::Terms {
                        price: Some(decimal(instrument.tick, price.0)),
                        ..order::Terms::new(OrderType::Limit.into(), quantity(instrument, total))
                    },
                });
            }
            Request::Cancel { order, instrument, side } => {
                self.client.cancel(&OrderCancelRequest {
                    cl_ord_id: id.bytes(),
                    orig_cl_ord_id: Some(ClOrdIdText::new(self.base + order).bytes()),
                    order_id: None,
                    account: None,
                    symbol: instruments[instrument].symbol.as_bytes(),
                    side: side.into(),
                    transact_time: now,
                });
            }
        }
    }

    /// Sends what the kernel takes, takes what has come, and gives it to `on`; says how many messages came.
    ///
    /// # Errors
    /// If the connection is over, or the venue says something that a participant does not expect.
    pub(super) fn work(
        &mut self,
        instruments: &[Instrument],
        mut on: impl FnMut(Told),
    ) -> anyhow::Result<usize> {
        let Desk { comp_id, client, base, .. } = self;
        let mut strange = None;
        let answers = client.flush().map_err(anyhow::Error::from).and_then(|()| {
            client.poll(|answer| match told(&answer, *base, instruments) {
                Some(told) => on(told),
                None => strange = Some(words(&answer)),
            })
        });
        let answers = answers.with_context(|| comp_id.clone())?;
        match strange {
            None => Ok(answers),
            Some(words) => Err(anyhow::anyhow!("{comp_id}: the venue said {words}")),
        }
    }
}

/// A ClOrdID in decimal.
struct ClOrdIdText {
    bytes: [u8; 20],
    len: usize,
}

impl ClOrdIdText {
    fn new(number: u64) -> ClOrdIdText {
        let mut bytes = [0; 20];
        let mut room = &mut bytes[..];
        let result = write!(room, "{number}");
        debug_assert!(result.is_ok(), "64 bits have at most 20 digits");
        let left = room.len();
        ClOrdIdText { bytes, len: bytes.len() - left }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// `count` steps. Participants keep to counts that they have from 64-bit decimals.
fn decimal(step: Step, count: i64) -> Number {
    step.value(count).map_or(Number::TooLong, Number::from)
}

fn quantity(instrument: &Instrument, lots: Lots) -> Number {
    i64::try_from(lots.0).map_or(Number::TooLong, |count| decimal(instrument.lot, count))
}

fn told(answer: &Answer<'_>, base: u64, instruments: &[Instrument]) -> Option<Told> {
    let name = |bytes: &[u8]| -> Option<Name> {
        std::str::from_utf8(bytes).ok()?.parse::<u64>().ok()?.checked_sub(base)
    };
    match answer {
        Answer::Report(report) => told_by_report(report, name, instruments),
        Answer::CancelReject(OrderCancelReject { cl_ord_id, orig_cl_ord_id, text, .. }) => {
            Some(Told::ChangeRefused {
                request: name(cl_ord_id)?,
                order: name(orig_cl_ord_id),
                why: reason(*text),
            })
        }
        Answer::Other(_) => None,
    }
}

fn told_by_report(
    report: &ExecutionReport<'_>,
    name: impl Fn(&[u8]) -> Option<Name>,
    instruments: &[Instrument],
) -> Option<Told> {
    let request = name(report.cl_ord_id?)?;
    let order = report.orig_cl_ord_id.and_then(&name);
    match report.exec_type {
        ExecType::New => Some(Told::Opened(request)),
        ExecType::Rejected => Some(Told::Refused(request, reason(report.text))),
        ExecType::Replaced => Some(Told::Replaced { request, order: order? }),
        ExecType::Canceled | ExecType::Expired => Some(Told::Canceled { request, order }),
        ExecType::Trade => {
            let instrument = instruments.iter().find(|i| i.symbol.as_bytes() == report.symbol)?;
            let filled = report.status == OrderStatus::Filled;
            let taker = match report.liquidity? {
                1 => false,
                2 => true,
                _ => return None,
            };
            Some(Told::Traded { order: request, lots: instrument.lots(report.last_quantity?), filled, taker })
        }
        // Participants ask for no status, and have neither stops nor orders that meet their own.
        ExecType::OrderStatus | ExecType::Triggered | ExecType::Restated => None,
    }
}

/// The catalogue's reason that a Text (58) begins with.
fn reason(text: Option<&[u8]>) -> Option<Reject> {
    let text = text?;
    Reject::ALL
        .iter()
        .copied()
        .find(|&reject| reject != Reject::None && text.starts_with(reject.sentence().as_bytes()))
}

fn words(answer: &Answer<'_>) -> String {
    match answer {
        Answer::Report(report) => format!("{report:?}"),
        Answer::CancelReject(reject) => format!("{reject:?}"),
        Answer::Other(message) => of_message(message),
    }
}

fn of_message(message: &Message<'_>) -> String {
    let text = message.find(58).unwrap_or_default().escape_ascii();
    format!("35={}, 45={}: {text}", message.msg_type.escape_ascii(), {
        message.find(45).unwrap_or(b"none").escape_ascii()
    })
}

/// Refusals by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusals(BTreeMap<&'static str, u64>);

impl Refusals {
    pub(super) fn count(&mut self, why: Option<Reject>) {
        *self.0.entry(why.map_or("for another reason", Refusals::words)).or_default() += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// A request about an order that has ended is no fault: it had traded before the request came.
    const fn words(why: Reject) -> &'static str {
        match why {
            Reject::UnknownOrder => "too late",
            why => why.name(),
        }
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", grouped(self.total()))?;
        for (at, (words, count)) in self.0.iter().enumerate() {
            write!(f, "{}{} {words}", if at == 0 { " (" } else { ", " }, grouped(*count))?;
        }
        f.write_str(if self.0.is_empty() { "" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_known_by_its_sentence_whatever_follows() {
        for &reject in &Reject::ALL[1..] {
            let text = format!("{} (tick 0.01); {}", reject.sentence(), reject.remedy());
            assert_eq!(reason(Some(text.as_bytes())), Some(reject));
        }
        assert_eq!(reason(Some(b"a reason of tomorrow")), None);
        assert_eq!(reason(None), None);
    }

    #[test]
    fn refusals_are_told_by_reason() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.to_string(), "0");
        for why in [Some(Reject::UnknownOrder), Some(Reject::Busy), Some(Reject::UnknownOrder), None] {
            refusals.count(why);
        }
        assert_eq!(refusals.to_string(), "4 (1 Busy, 1 for another reason, 2 too late)");
    }

    #[test]
    fn names_are_decimals_of_any_length() {
        for number in [0, 7, 1_700_000_000_000_000_000, u64::MAX] {
            assert_eq!(ClOrdIdText::new(number).bytes(), number.to_string().as_bytes());
        }
    }
}
