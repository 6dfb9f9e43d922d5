//! What the matcher says, for a session of the binary protocol.

use super::{
    NoRoom,
    codes::{MassCancelScope, OrderFlags, Price, Quantity},
    encode,
    field::Optional,
    messages::{
        CancelRejected, CommandDone, CommandRefused, IndicativeAuction, MassCanceled, OrderAccepted,
        OrderCanceled, OrderFilled, OrderReduced, OrderRejected, OrderReplaced, OrderStatusReport,
        OrderTriggered, ProtectionTriggered, QuotesAccepted, QuotesRejected, ReplaceRejected, TradingStatus,
    },
    order::moment,
    units::{NotExpressible, cash, notional, price, quantity},
};
use crate::{
    command::{MassCancel, NewOrder},
    event::{Event, Kind},
    instrument::Instrument,
    types::{ClOrdId, Lots, Ticks},
};

/// Why an event is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// It does not fit its place.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// It has a value that the binary protocol cannot say.
    #[error(transparent)]
    NotExpressible(#[from] NotExpressible),
}

/// A message with what all reports begin with, and the rest.
macro_rules! report {
    ($message:ident, $event:ident { $($rest:tt)* }) => {
        $message {
            appl_seq_num: $event.appl_seq.into(),
            seq_num: $event.seq.0.into(),
            last_msg_seq_num_processed: $event.msg_seq.into(),
            exec_id: $event.event_id.into(),
            transact_time: $event.time.0.into(),
            receive_time: $event.rx.0.into(),
            $($rest)*
        }
    };
}

/// As [`report!`], of an order or an instrument.
macro_rules! of_order {
    ($message:ident, $event:ident { $($rest:tt)* }) => {
        report!($message, $event {
            instrument_id: $event.instrument.0.into(),
            account_id: $event.account.0.into(),
            $($rest)*
        })
    };
}

/// Writes what `event` says of `instrument`, which is the event's, to the beginning of `buffer`. Gives its length.
///
/// # Errors
/// If it does not fit, or if a price or quantity of it cannot be said.
#[inline]
pub fn encode_event(event: &Event, instrument: &Instrument, buffer: &mut [u8]) -> Result<usize, Untold> {
    let told = Told { event, instrument };
    let told = match event.kind {
        Kind::Fill => encode(&told.filled()?, buffer),
        Kind::Accepted => encode(&told.accepted()?, buffer),
        Kind::Canceled => encode(&told.canceled()?, buffer),
        _ => return told.encode_rare(buffer),
    };
    Ok(told?)
}

#[derive(Clone, Copy)]
struct Told<'a> {
    event: &'a Event,
    instrument: &'a Instrument,
}

impl Told<'_> {
    fn encode_rare(self, buffer: &mut [u8]) -> Result<usize, Untold> {
        let event = self.event;
        let padding1 = [0; 5];
        let told = match event.kind {
            Kind::Accepted | Kind::Fill | Kind::Canceled => {
                return encode_event(event, self.instrument, buffer);
            }
            Kind::Rejected => encode(
                &of_order!(
                    OrderRejected,
                    event {
                        reject_code: event.reject.into(),
                        side: event.side,
                        ord_type: event.order_type,
                        cl_ord_id: event.cl_ord_id.into(),
                    }
                ),
                buffer,
            ),
            Kind::Replaced => encode(&self.replaced()?, buffer),
            Kind::CancelRejected => encode(
                &of_order!(
                    CancelRejected,
                    event {
                        order_id: self.order_id(),
                        reject_code: event.reject.into(),
                        ord_status: event.status,
                        cl_ord_id: event.cl_ord_id.into(),
                        orig_cl_ord_id: event.orig_cl_ord_id.into(),
                        padding1,
                    }
                ),
                buffer,
            ),
            Kind::ReplaceRejected => encode(
                &of_order!(
                    ReplaceRejected,
                    event {
                        order_id: self.order_id(),
                        reject_code: event.reject.into(),
                        ord_status: event.status,
                        cl_ord_id: event.cl_ord_id.into(),
                        orig_cl_ord_id: event.orig_cl_ord_id.into(),
                        padding1,
                    }
                ),
                buffer,
            ),
            Kind::Status => encode(&self.status()?, buffer),
            Kind::Triggered => encode(&self.triggered()?, buffer),
            Kind::Reduced => encode(&self.reduced()?, buffer),
            Kind::MassCanceled => encode(
                &report!(
                    MassCanceled,
                    event {
                        instrument_id: self.if_by(MassCancel::INSTRUMENT, event.instrument.0),
                        account_id: self.if_by(MassCancel::ACCOUNT, event.account.0),
                        total_affected_orders: self.count().into(),
                        mass_cancel_scope: MassCancelScope(event.by),
                        cl_ord_id: event.cl_ord_id.into(),
                        padding1: [0; 7],
                    }
                ),
                buffer,
            ),
            Kind::Done => encode(&report!(CommandDone, event {}), buffer),
            Kind::NotDone => encode(
                &report!(
                    CommandRefused,
                    event {
                        instrument_id: self.if_by(MassCancel::INSTRUMENT, event.instrument.0),
                        account_id: self.if_by(MassCancel::ACCOUNT, event.account.0),
                        reject_code: event.reject.into(),
                        mass_cancel_scope: MassCancelScope(event.by),
                        cl_ord_id: event.cl_ord_id.into(),
                        padding1: [0; 1],
                    }
                ),
                buffer,
            ),
            Kind::Quoted => encode(
                &report!(
                    QuotesAccepted,
                    event {
                        account_id: event.account.0.into(),
                        quote_count: self.count().into(),
                        quote_id: event.cl_ord_id.into(),
                        padding1: [0; 4],
                    }
                ),
                buffer,
            ),
            Kind::QuoteRefused => encode(
                &report!(
                    QuotesRejected,
                    event {
                        account_id: event.account.0.into(),
                        reject_code: event.reject.into(),
                        padding1: [0; 2],
                        quote_entry: count(event.last_quantity).into(),
                        quote_id: event.cl_ord_id.into(),
                    }
                ),
                buffer,
            ),
            Kind::Protected => encode(
                &of_order!(ProtectionTriggered, event { quote_count: self.count().into(), padding1: [0; 4] }),
                buffer,
            ),
            Kind::State => encode(
                &TradingStatus {
                    transact_time: event.time.0.into(),
                    seq_num: event.seq.0.into(),
                    instrument_id: event.instrument.0.into(),
                    trading_state: event.state,
                    padding1: [0; 3],
                },
                buffer,
            ),
            Kind::Indicative => {
                let last_px = if event.last_quantity == Lots::ZERO {
                    None
                } else {
                    Some(price(self.instrument.tick, event.last_price, "LastPx")?)
                };
                let indicative = IndicativeAuction {
                    transact_time: event.time.0.into(),
                    seq_num: event.seq.0.into(),
                    last_px: last_px.into(),
                    last_qty: self.quantity(event.last_quantity, "LastQty")?,
                    instrument_id: event.instrument.0.into(),
                    trading_state: event.state,
                    padding1: [0; 3],
                };
                encode(&indicative, buffer)
            }
            // The binary protocol has no order lists.
            Kind::List => return Err(NotExpressible("an order list").into()),
            Kind::Balances | Kind::Balance => return Err(NotExpressible("a balance").into()),
            // It is the gateway that is told, which ends its sessions.
            Kind::CutOff => return Err(NotExpressible("a gateway that was cut off").into()),
            // These are definitions, which are no events: see `definition`.
            Kind::Instrument | Kind::Account => {
                return Err(NotExpressible("an event of a definition's kind").into());
            }
        };
        Ok(told?)
    }

    #[inline]
    fn accepted(self) -> Result<OrderAccepted, NotExpressible> {
        let event = self.event;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderAccepted,
            event {
                order_id: event.order_id.0.into(),
                order_qty,
                cash_order_qty,
                price: self.limit()?,
                stop_px: self.stop()?,
                display_qty: self.display()?,
                expire_time: moment(event.expire).into(),
                leaves_qty: self.leaves()?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_type: event.order_type,
                time_in_force: event.time_in_force,
                order_flags: self.flags(),
            }
        ))
    }

    #[inline]
    fn filled(self) -> Result<OrderFilled, NotExpressible> {
        let event = self.event;
        Ok(of_order!(
            OrderFilled,
            event {
                order_id: event.order_id.0.into(),
                trade_id: event.trade_id.0.into(),
                last_px: price(self.instrument.tick, event.last_price, "LastPx")?,
                last_qty: self.quantity(event.last_quantity, "LastQty")?,
                leaves_qty: self.leaves()?,
                cum_qty: self.quantity(event.cum, "CumQty")?,
                fee: event.fee.into(),
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_status: event.status,
                last_liquidity_ind: event.liquidity,
                order_flags: self.flags(),
            }
        ))
    }

    #[inline]
    fn canceled(self) -> Result<OrderCanceled, NotExpressible> {
        let event = self.event;
        let listed = event.by & Event::LISTED != 0;
        let asked_for = if listed { ClOrdId::NONE } else { event.orig_cl_ord_id };
        let Instrument { tick, lot, .. } = *self.instrument;
        Ok(of_order!(
            OrderCanceled,
            event {
                order_id: event.order_id.0.into(),
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cum_notional: notional(tick, lot, event.cum_notional(), "CumNotional")?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                cause: event.cause,
                order_flags: self.flags(),
                orig_cl_ord_id: asked_for.into(),
                padding1: [0; 5],
            }
        ))
    }

    fn replaced(self) -> Result<OrderReplaced, NotExpressible> {
        let event = self.event;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderReplaced,
            event {
                order_id: event.order_id.0.into(),
                order_qty,
                cash_order_qty,
                price: self.limit()?,
                stop_px: self.stop()?,
                display_qty: self.display()?,
                expire_time: moment(event.expire).into(),
                leaves_qty: self.leaves()?,
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_type: event.order_type,
                time_in_force: event.time_in_force,
                ord_status: event.status,
                orig_cl_ord_id: event.orig_cl_ord_id.into(),
                order_flags: self.flags(),
                padding1: [0; 3],
            }
        ))
    }

    fn status(self) -> Result<OrderStatusReport, NotExpressible> {
        let event = self.event;
        let Instrument { tick, lot, .. } = *self.instrument;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderStatusReport,
            event {
                order_id: self.order_id(),
                order_qty,
                cash_order_qty,
                price: self.limit()?,
                stop_px: self.stop()?,
                display_qty: self.display()?,
                expire_time: moment(event.expire).into(),
                leaves_qty: self.leaves()?,
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cum_notional: notional(tick, lot, event.cum_notional(), "CumNotional")?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_type: event.order_type,
                time_in_force: event.time_in_force,
                ord_status: event.status,
                ord_status_req_id: event.orig_cl_ord_id.into(),
                order_flags: self.flags(),
                padding1: [0; 1],
                reject_code: event.reject.into(),
            }
        ))
    }

    fn triggered(self) -> Result<OrderTriggered, NotExpressible> {
        let event = self.event;
        Ok(of_order!(
            OrderTriggered,
            event {
                order_id: event.order_id.0.into(),
                last_px: price(self.instrument.tick, event.last_price, "LastPx")?,
                price: self.limit()?,
                leaves_qty: self.leaves()?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_type: event.order_type,
                time_in_force: event.time_in_force,
                order_flags: self.flags(),
            }
        ))
    }

    fn reduced(self) -> Result<OrderReduced, NotExpressible> {
        let event = self.event;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderReduced,
            event {
                order_id: event.order_id.0.into(),
                order_qty,
                cash_order_qty,
                leaves_qty: self.leaves()?,
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_status: event.status,
                cause: event.cause,
                order_flags: self.flags(),
            }
        ))
    }

    const fn by_amount(self) -> bool {
        self.event.flags & NewOrder::QUOTE_AMOUNT != 0
    }

    /// Its quantity or, of an order that names what to spend, that.
    #[inline]
    fn order_qty(self) -> Result<(Optional<Quantity>, Optional<super::codes::Amount>), NotExpressible> {
        let quantity = self.event.quantity;
        Ok(if self.by_amount() {
            (None.into(), Some(cash(self.instrument, quantity, "CashOrderQty")?).into())
        } else {
            (Some(self.quantity(quantity, "OrderQty")?).into(), None.into())
        })
    }

    /// What is left of an amount is no quantity.
    #[inline]
    fn leaves(self) -> Result<Quantity, NotExpressible> {
        self.quantity(if self.by_amount() { Lots::ZERO } else { self.event.leaves }, "LeavesQty")
    }

    #[inline]
    fn limit(self) -> Result<Optional<Price>, NotExpressible> {
        let price = self.event.order_type.has_price().then_some(self.event.price);
        self.of_ticks(price, "Price")
    }

    #[inline]
    fn stop(self) -> Result<Optional<Price>, NotExpressible> {
        self.of_ticks(Some(self.event.stop).filter(|&stop| stop != Ticks(0)), "StopPx")
    }

    #[inline]
    fn of_ticks(self, ticks: Option<Ticks>, what: &'static str) -> Result<Optional<Price>, NotExpressible> {
        Ok(ticks.map(|ticks| price(self.instrument.tick, ticks, what)).transpose()?.into())
    }

    #[inline]
    fn display(self) -> Result<Optional<Quantity>, NotExpressible> {
        let display = Some(self.event.display).filter(|&display| display != Lots::ZERO);
        Ok(display.map(|display| self.quantity(display, "DisplayQty")).transpose()?.into())
    }

    #[inline]
    fn quantity(self, lots: Lots, what: &'static str) -> Result<Quantity, NotExpressible> {
        quantity(self.instrument.lot, lots, what)
    }

    fn order_id(self) -> Optional<zerocopy::little_endian::U64> {
        Some(self.event.order_id.0).filter(|&id| id > 0).into()
    }

    #[inline]
    const fn flags(self) -> OrderFlags {
        let flags = self.event.flags;
        let post_only = if flags & NewOrder::POST_ONLY == 0 { 0 } else { OrderFlags::POST_ONLY };
        OrderFlags(post_only | if flags & NewOrder::QUOTE == 0 { 0 } else { OrderFlags::QUOTE })
    }

    /// What the answer to a mass cancel says of what that named.
    fn if_by(self, bit: u8, number: u32) -> Optional<zerocopy::little_endian::U32> {
        (self.event.by & bit != 0).then_some(number).into()
    }

    fn count(self) -> u32 {
        count(self.event.quantity)
    }
}

/// A number of orders or entries, of which there are never more than 32 bits hold.
fn count(lots: Lots) -> u32 {
    u32::try_from(lots.0).unwrap_or(u32::MAX)
}

const _: () = {
    assert!(MassCancelScope::SESSION == MassCancel::SESSION);
    assert!(MassCancelScope::ACCOUNT == MassCancel::ACCOUNT);
    assert!(MassCancelScope::INSTRUMENT == MassCancel::INSTRUMENT);
    assert!(MassCancelScope::SIDE == MassCancel::SIDE);
    assert!(MassCancelScope::QUOTES == MassCancel::QUOTES);
};
