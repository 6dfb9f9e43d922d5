//! What the matcher says, for a session of the binary protocol.

use super::{
    NoRoom,
    codes::{
        Boolean, ListOrderStatus, ListStatusType, MassCancelScope, OrderFlags, Price, Quantity, ShardSet,
        SignedAssetUnits,
    },
    encode,
    field::Optional,
    messages::{
        BalanceAck, BalanceReport, CancelRejected, CommandDone, CommandRefused, IndicativeAuction,
        ListReport, MassCanceled, OrderAccepted, OrderCanceled, OrderFilled, OrderReduced, OrderRejected,
        OrderReplaced, OrderStatusReport, OrderTriggered, ProtectionTriggered, QuotesAccepted,
        QuotesRejected, ReplaceRejected, TradingStatus,
    },
    order::moment,
    units::{NotExpressible, cash, notional, price, quantity},
};
use crate::{
    command::{MassCancel, NewOrder},
    event::{Event, Kind},
    instrument::Instrument,
    reject::Reject,
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
    ($message:ident, $told:ident { $($rest:tt)* }) => {
        $message {
            appl_seq_num: $told.event.appl_seq.into(),
            seq_num: $told.event.seq.0.into(),
            last_msg_seq_num_processed: $told.event.msg_seq.into(),
            exec_id: $told.event.event_id.into(),
            transact_time: $told.event.time.0.into(),
            gateway_in_time: $told.event.rx.0.into(),
            matcher_out_time: $told.event.out.0.into(),
            session_id: $told.session(),
            $($rest)*
        }
    };
}

/// As [`report!`], of an order or an instrument.
macro_rules! of_order {
    ($message:ident, $told:ident { $($rest:tt)* }) => {
        report!($message, $told {
            instrument_id: $told.event.instrument.0.into(),
            account_id: $told.event.account.0.into(),
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
    Told { event, instrument, is_copy: false }.encode(buffer)
}

/// As [`encode_event`], for a drop-copy session: the report says whose it is.
///
/// # Errors
/// As [`encode_event`].
pub fn encode_copy(event: &Event, instrument: &Instrument, buffer: &mut [u8]) -> Result<usize, Untold> {
    Told { event, instrument, is_copy: true }.encode(buffer)
}

#[derive(Clone, Copy)]
struct Told<'a> {
    event: &'a Event,
    instrument: &'a Instrument,
    is_copy: bool,
}

impl Told<'_> {
    #[inline]
    fn encode(self, buffer: &mut [u8]) -> Result<usize, Untold> {
        Ok(match self.event.kind {
            Kind::Fill => encode(&self.filled()?, buffer),
            Kind::Accepted => encode(&self.accepted()?, buffer),
            Kind::Canceled => encode(&self.canceled()?, buffer),
            _ => return self.encode_rare(buffer),
        }?)
    }

    fn encode_rare(self, buffer: &mut [u8]) -> Result<usize, Untold> {
        let event = self.event;
        let told = match event.kind {
            Kind::Accepted | Kind::Fill | Kind::Canceled => {
                return self.encode(buffer);
            }
            Kind::Rejected => encode(
                &of_order!(
                    OrderRejected,
                    self {
                        reject_code: event.reject.into(),
                        side: event.side,
                        ord_type: event.order_type,
                        limit_count: self.limit_used(),
                        limit_max: self.limit_max(),
                        cl_ord_id: event.cl_ord_id.into(),
                        padding1: [0; 4],
                    }
                ),
                buffer,
            ),
            Kind::Replaced => encode(&self.replaced()?, buffer),
            Kind::CancelRejected => encode(
                &of_order!(
                    CancelRejected,
                    self {
                        order_id: self.order_id(),
                        reject_code: event.reject.into(),
                        ord_status: event.status,
                        cl_ord_id: event.cl_ord_id.into(),
                        orig_cl_ord_id: event.orig_cl_ord_id.into(),
                        padding1: [0; 1],
                    }
                ),
                buffer,
            ),
            Kind::ReplaceRejected => encode(
                &of_order!(
                    ReplaceRejected,
                    self {
                        order_id: self.order_id(),
                        reject_code: event.reject.into(),
                        ord_status: event.status,
                        limit_count: self.limit_used(),
                        limit_max: self.limit_max(),
                        cl_ord_id: event.cl_ord_id.into(),
                        orig_cl_ord_id: event.orig_cl_ord_id.into(),
                        padding1: [0; 1],
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
                    self {
                        instrument_id: self.if_by(MassCancel::INSTRUMENT, event.instrument.0),
                        account_id: self.if_by(MassCancel::ACCOUNT, event.account.0),
                        total_affected_orders: self.count().into(),
                        mass_cancel_scope: MassCancelScope(event.by),
                        missing_shards: ShardSet(event.missing()),
                        cl_ord_id: event.cl_ord_id.into(),
                        padding1: [0; 2],
                    }
                ),
                buffer,
            ),
            Kind::Done => encode(&report!(CommandDone, self { padding1: [0; 4] }), buffer),
            Kind::NotDone => encode(
                &report!(
                    CommandRefused,
                    self {
                        instrument_id: self.if_by(MassCancel::INSTRUMENT, event.instrument.0),
                        account_id: self.if_by(MassCancel::ACCOUNT, event.account.0),
                        reject_code: event.reject.into(),
                        mass_cancel_scope: MassCancelScope(event.by),
                        missing_shards: ShardSet(event.missing()),
                        cl_ord_id: event.cl_ord_id.into(),
                        padding1: [0; 4],
                    }
                ),
                buffer,
            ),
            Kind::Quoted => encode(
                &report!(
                    QuotesAccepted,
                    self {
                        account_id: event.account.0.into(),
                        quote_count: self.count().into(),
                        quote_id: event.cl_ord_id.into(),
                    }
                ),
                buffer,
            ),
            Kind::QuoteRefused => encode(
                &report!(
                    QuotesRejected,
                    self {
                        account_id: event.account.0.into(),
                        reject_code: event.reject.into(),
                        missing_shards: ShardSet(event.missing()),
                        quote_entry: count(event.last_quantity).into(),
                        limit_count: self.limit_used(),
                        limit_max: self.limit_max(),
                        quote_id: event.cl_ord_id.into(),
                        padding1: [0; 1],
                        padding2: [0; 4],
                    }
                ),
                buffer,
            ),
            Kind::Protected => {
                encode(&of_order!(ProtectionTriggered, self { quote_count: self.count().into() }), buffer)
            }
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
            Kind::List => encode(&self.listed()?, buffer),
            Kind::Balances => encode(
                &report!(
                    BalanceAck,
                    self {
                        account_id: event.account.0.into(),
                        total_num_pos_reports: self.count().into(),
                        reject_code: event.reject.into(),
                        missing_shards: ShardSet(event.missing()),
                        pos_req_id: event.cl_ord_id.into(),
                        padding1: [0; 5],
                    }
                ),
                buffer,
            ),
            Kind::Balance => encode(&self.balance(), buffer),
            // It is the gateway that is told, which ends its sessions.
            Kind::CutOff => return Err(NotExpressible("a gateway that was cut off").into()),
            Kind::Begun => return Err(NotExpressible("another history").into()),
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
            self {
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
                padding1: [0; 4],
            }
        ))
    }

    #[inline]
    fn filled(self) -> Result<OrderFilled, NotExpressible> {
        let event = self.event;
        Ok(of_order!(
            OrderFilled,
            self {
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
                padding1: [0; 4],
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
            self {
                order_id: event.order_id.0.into(),
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cum_notional: notional(tick, lot, event.cum_notional(), "CumNotional")?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                cause: event.cause,
                order_flags: self.flags(),
                orig_cl_ord_id: asked_for.into(),
                padding1: [0; 1],
            }
        ))
    }

    fn replaced(self) -> Result<OrderReplaced, NotExpressible> {
        let event = self.event;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderReplaced,
            self {
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
                padding1: [0; 7],
            }
        ))
    }

    fn status(self) -> Result<OrderStatusReport, NotExpressible> {
        let event = self.event;
        let Instrument { tick, lot, .. } = *self.instrument;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        let of_many = event.by & Event::MASS != 0;
        // An answer to a mass status request may tell of none.
        let of_order = |number: u32| (!of_many || event.order_id.0 > 0).then_some(number).into();
        let last = if event.by & Event::LAST == 0 { Boolean::No } else { Boolean::Yes };
        let listed = event.by & Event::LISTED != 0;
        let request_id = if listed { ClOrdId::NONE } else { event.orig_cl_ord_id };
        Ok(report!(
            OrderStatusReport,
            self {
                instrument_id: of_order(event.instrument.0),
                account_id: of_order(event.account.0),
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
                ord_status_req_id: request_id.into(),
                tot_num_reports: Some(count(event.last_quantity)).filter(|&of| of_many && of > 0).into(),
                last_rpt_requested: of_many.then_some(last).into(),
                order_flags: self.flags(),
                reject_code: event.reject.into(),
                missing_shards: ShardSet(event.missing()),
                padding1: [0; 7],
            }
        ))
    }

    fn triggered(self) -> Result<OrderTriggered, NotExpressible> {
        let event = self.event;
        Ok(of_order!(
            OrderTriggered,
            self {
                order_id: event.order_id.0.into(),
                last_px: price(self.instrument.tick, event.last_price, "LastPx")?,
                price: self.limit()?,
                leaves_qty: self.leaves()?,
                cl_ord_id: event.cl_ord_id.into(),
                side: event.side,
                ord_type: event.order_type,
                time_in_force: event.time_in_force,
                order_flags: self.flags(),
                padding1: [0; 4],
            }
        ))
    }

    fn reduced(self) -> Result<OrderReduced, NotExpressible> {
        let event = self.event;
        let (order_qty, cash_order_qty) = self.order_qty()?;
        Ok(of_order!(
            OrderReduced,
            self {
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
                padding1: [0; 4],
            }
        ))
    }

    fn listed(self) -> Result<ListReport, NotExpressible> {
        let event = self.event;
        let parts = event.by & Event::PARTS;
        let Instrument { tick, lot, .. } = *self.instrument;
        let of_order = |number: u32| (parts > 0).then_some(number).into();
        let is_done = event.by & Event::DONE != 0;
        let list_order_status = match event.reject {
            Reject::None if is_done => ListOrderStatus::AllDone,
            Reject::None => ListOrderStatus::Executing,
            _ => ListOrderStatus::Reject,
        };
        let asked = event.by & Event::ASKED != 0;
        Ok(report!(
            ListReport,
            self {
                instrument_id: of_order(event.instrument.0),
                account_id: of_order(event.account.0),
                reject_code: event.reject.into(),
                ord_status: (parts > 0).then_some(event.status).into(),
                side: (parts > 0).then_some(event.side).into(),
                order_id: self.order_id(),
                leaves_qty: self.quantity(event.leaves, "LeavesQty")?,
                cum_qty: self.quantity(event.cum, "CumQty")?,
                cum_notional: notional(tick, lot, event.cum_notional(), "CumNotional")?,
                cl_ord_id: event.cl_ord_id.into(),
                no_rpts: u32::from(parts).into(),
                rpt_seq: count(event.last_quantity).into(),
                list_status_type: if asked { ListStatusType::Response } else { ListStatusType::Ack },
                list_order_status,
                missing_shards: ShardSet(event.missing()),
                list_id: event.orig_cl_ord_id.into(),
                padding1: [0; 5],
            }
        ))
    }

    fn balance(self) -> BalanceReport {
        let (asset, available, held) = self.event.balance();
        report!(
            BalanceReport,
            self {
                account_id: self.event.account.0.into(),
                asset_id: asset.0.into(),
                total_num_pos_reports: self.count().into(),
                available: SignedAssetUnits::new(available),
                held: SignedAssetUnits::new(held),
                pos_req_id: self.event.cl_ord_id.into(),
                padding1: [0; 4],
            }
        )
    }

    /// Whose report a copy is of.
    #[inline]
    fn session(self) -> Optional<zerocopy::little_endian::U32> {
        self.is_copy.then_some(self.event.session.0).into()
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

    /// What is used of the limit for which the request is refused.
    fn limit_used(self) -> Optional<zerocopy::little_endian::U64> {
        self.event.limit().map(|(used, _)| used).into()
    }

    fn limit_max(self) -> Optional<zerocopy::little_endian::U64> {
        self.event.limit().map(|(_, max)| max).into()
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
