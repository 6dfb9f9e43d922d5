//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! What the venue tells a session.
use super::super::codes::{
    Amount, Cause, Fault, LimitType, Liquidity, ListOrderStatus, ListStatusType, MassCancelScope, Notional,
    OptionalBoolean, OptionalOrderStatus, OptionalSide, OrderFlags, OrderStatus, OrderType, Price, Quantity,
    RejectCode, ShardSet, Side, SignedAssetUnits, TimeInForce, VenueState,
};
use super::super::field::{Coded, Field, Optional, Text, Value, is_code};
use super::super::{Block, Grouped, Root, Single};
use std::mem::offset_of;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// A new order was accepted; what it trades at once follows as fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderAccepted {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The order's quantity, what is filled already included; null unless the order has no CashOrderQty.
    pub order_qty: Optional<Quantity>,
    /// What to spend, instead of a quantity; null unless the order names what to spend.
    pub cash_order_qty: Optional<Amount>,
    /// Limit price; null unless a limit or stop limit order.
    pub price: Optional<Price>,
    /// Stop price; where the stop is now; null unless it waits for its stop price.
    pub stop_px: Optional<Price>,
    /// How much of an iceberg order shows at a time; null unless it has one.
    pub display_qty: Optional<Quantity>,
    /// When a GTD order ends; null unless TimeInForce is Gtd.
    pub expire_time: Optional<U64>,
    /// What can still trade; 0 of an order that names what to spend.
    pub leaves_qty: Quantity,
    /// The client's own name of the order or request, never used before by the session.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl OrderAccepted {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderID", self.order_id.value());
        see("OrderQty", self.order_qty.value());
        see("CashOrderQty", self.cash_order_qty.value());
        see("Price", self.price.value());
        see("StopPx", self.stop_px.value());
        see("DisplayQty", self.display_qty.value());
        see("ExpireTime", self.expire_time.value());
        see("LeavesQty", self.leaves_qty.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for OrderAccepted {
    const NAME: &'static str = "OrderAccepted";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 69, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 70, is_known: is_code::<TimeInForce> },
        Coded { field: "OrderFlags", id: 40006, offset: 71, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderAccepted>() == 176);
    assert!(offset_of!(OrderAccepted, appl_seq_num) == 0);
    assert!(offset_of!(OrderAccepted, seq_num) == 8);
    assert!(offset_of!(OrderAccepted, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderAccepted, exec_id) == 24);
    assert!(offset_of!(OrderAccepted, transact_time) == 32);
    assert!(offset_of!(OrderAccepted, gateway_in_time) == 40);
    assert!(offset_of!(OrderAccepted, matcher_out_time) == 48);
    assert!(offset_of!(OrderAccepted, session_id) == 56);
    assert!(offset_of!(OrderAccepted, instrument_id) == 60);
    assert!(offset_of!(OrderAccepted, account_id) == 64);
    assert!(offset_of!(OrderAccepted, side) == 68);
    assert!(offset_of!(OrderAccepted, ord_type) == 69);
    assert!(offset_of!(OrderAccepted, time_in_force) == 70);
    assert!(offset_of!(OrderAccepted, order_flags) == 71);
    assert!(offset_of!(OrderAccepted, order_id) == 72);
    assert!(offset_of!(OrderAccepted, order_qty) == 80);
    assert!(offset_of!(OrderAccepted, cash_order_qty) == 88);
    assert!(offset_of!(OrderAccepted, price) == 96);
    assert!(offset_of!(OrderAccepted, stop_px) == 104);
    assert!(offset_of!(OrderAccepted, display_qty) == 112);
    assert!(offset_of!(OrderAccepted, expire_time) == 120);
    assert!(offset_of!(OrderAccepted, leaves_qty) == 128);
    assert!(offset_of!(OrderAccepted, cl_ord_id) == 136);
    assert!(offset_of!(OrderAccepted, padding1) == 172);
};
impl Root for OrderAccepted {
    const TEMPLATE: u16 = 40;
}
impl Single for OrderAccepted {}

/// A new order was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderRejected {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How much of it is used; how many orders are open, or what the order would be worth in 10^-8 of the
    /// quote asset; null unless a limit is the reason.
    pub limit_count: Optional<U64>,
    /// How much there is; the limit; null unless a limit is the reason.
    pub limit_max: Optional<U64>,
    /// The client's own name of the order or request, never used before by the session; the refused
    /// order's.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl OrderRejected {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("LimitCount", self.limit_count.value());
        see("LimitMax", self.limit_max.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for OrderRejected {
    const NAME: &'static str = "OrderRejected";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 70, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 71, is_known: is_code::<OrderType> },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<OrderRejected>() == 128);
    assert!(offset_of!(OrderRejected, appl_seq_num) == 0);
    assert!(offset_of!(OrderRejected, seq_num) == 8);
    assert!(offset_of!(OrderRejected, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderRejected, exec_id) == 24);
    assert!(offset_of!(OrderRejected, transact_time) == 32);
    assert!(offset_of!(OrderRejected, gateway_in_time) == 40);
    assert!(offset_of!(OrderRejected, matcher_out_time) == 48);
    assert!(offset_of!(OrderRejected, session_id) == 56);
    assert!(offset_of!(OrderRejected, instrument_id) == 60);
    assert!(offset_of!(OrderRejected, account_id) == 64);
    assert!(offset_of!(OrderRejected, reject_code) == 68);
    assert!(offset_of!(OrderRejected, side) == 70);
    assert!(offset_of!(OrderRejected, ord_type) == 71);
    assert!(offset_of!(OrderRejected, limit_count) == 72);
    assert!(offset_of!(OrderRejected, limit_max) == 80);
    assert!(offset_of!(OrderRejected, cl_ord_id) == 88);
    assert!(offset_of!(OrderRejected, padding1) == 124);
};
impl Root for OrderRejected {
    const TEMPLATE: u16 = 41;
}
impl Single for OrderRejected {}

/// An order traded: one report for each fill, to both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderFilled {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// Maker or taker.
    pub last_liquidity_ind: Liquidity,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The trade.
    pub trade_id: U64,
    /// Price of the trade.
    pub last_px: Price,
    /// Quantity of the trade.
    pub last_qty: Quantity,
    /// What can still trade; 0 of an order that names what to spend.
    pub leaves_qty: Quantity,
    /// What has traded.
    pub cum_qty: Quantity,
    /// What the fill cost in fees, in the quote asset's smallest units.
    pub fee: U64,
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has; null unless it has one.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl OrderFilled {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdStatus", self.ord_status.value());
        see("LastLiquidityInd", self.last_liquidity_ind.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderID", self.order_id.value());
        see("TradeID", self.trade_id.value());
        see("LastPx", self.last_px.value());
        see("LastQty", self.last_qty.value());
        see("LeavesQty", self.leaves_qty.value());
        see("CumQty", self.cum_qty.value());
        see("Fee", self.fee.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for OrderFilled {
    const NAME: &'static str = "OrderFilled";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdStatus", id: 39, offset: 69, is_known: is_code::<OrderStatus> },
        Coded { field: "LastLiquidityInd", id: 851, offset: 70, is_known: is_code::<Liquidity> },
        Coded { field: "OrderFlags", id: 40006, offset: 71, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderFilled>() == 168);
    assert!(offset_of!(OrderFilled, appl_seq_num) == 0);
    assert!(offset_of!(OrderFilled, seq_num) == 8);
    assert!(offset_of!(OrderFilled, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderFilled, exec_id) == 24);
    assert!(offset_of!(OrderFilled, transact_time) == 32);
    assert!(offset_of!(OrderFilled, gateway_in_time) == 40);
    assert!(offset_of!(OrderFilled, matcher_out_time) == 48);
    assert!(offset_of!(OrderFilled, session_id) == 56);
    assert!(offset_of!(OrderFilled, instrument_id) == 60);
    assert!(offset_of!(OrderFilled, account_id) == 64);
    assert!(offset_of!(OrderFilled, side) == 68);
    assert!(offset_of!(OrderFilled, ord_status) == 69);
    assert!(offset_of!(OrderFilled, last_liquidity_ind) == 70);
    assert!(offset_of!(OrderFilled, order_flags) == 71);
    assert!(offset_of!(OrderFilled, order_id) == 72);
    assert!(offset_of!(OrderFilled, trade_id) == 80);
    assert!(offset_of!(OrderFilled, last_px) == 88);
    assert!(offset_of!(OrderFilled, last_qty) == 96);
    assert!(offset_of!(OrderFilled, leaves_qty) == 104);
    assert!(offset_of!(OrderFilled, cum_qty) == 112);
    assert!(offset_of!(OrderFilled, fee) == 120);
    assert!(offset_of!(OrderFilled, cl_ord_id) == 128);
    assert!(offset_of!(OrderFilled, padding1) == 164);
};
impl Root for OrderFilled {
    const TEMPLATE: u16 = 42;
}
impl Single for OrderFilled {}

/// An order ended with something unfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderCanceled {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// Why.
    pub cause: Cause,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// Zeros.
    pub padding1: [u8; 1],
    /// The venue's name of the order.
    pub order_id: U64,
    /// What has traded.
    pub cum_qty: Quantity,
    /// Sum over all fills of price times quantity; divided by CumQty the average price.
    pub cum_notional: Notional,
    /// The client's own name of the order or request, never used before by the session; the request's where
    /// one asked for it, else the order's; null unless it has one.
    pub cl_ord_id: Text<36>,
    /// The ClOrdID that the order had before; the ClOrdID that the order had; null unless a request asked
    /// for it.
    pub orig_cl_ord_id: Text<36>,
}

impl OrderCanceled {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("Cause", self.cause.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderID", self.order_id.value());
        see("CumQty", self.cum_qty.value());
        see("CumNotional", self.cum_notional.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
    }
}
impl Block for OrderCanceled {
    const NAME: &'static str = "OrderCanceled";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "Cause", id: 40015, offset: 69, is_known: is_code::<Cause> },
        Coded { field: "OrderFlags", id: 40006, offset: 70, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderCanceled>() == 176);
    assert!(offset_of!(OrderCanceled, appl_seq_num) == 0);
    assert!(offset_of!(OrderCanceled, seq_num) == 8);
    assert!(offset_of!(OrderCanceled, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderCanceled, exec_id) == 24);
    assert!(offset_of!(OrderCanceled, transact_time) == 32);
    assert!(offset_of!(OrderCanceled, gateway_in_time) == 40);
    assert!(offset_of!(OrderCanceled, matcher_out_time) == 48);
    assert!(offset_of!(OrderCanceled, session_id) == 56);
    assert!(offset_of!(OrderCanceled, instrument_id) == 60);
    assert!(offset_of!(OrderCanceled, account_id) == 64);
    assert!(offset_of!(OrderCanceled, side) == 68);
    assert!(offset_of!(OrderCanceled, cause) == 69);
    assert!(offset_of!(OrderCanceled, order_flags) == 70);
    assert!(offset_of!(OrderCanceled, padding1) == 71);
    assert!(offset_of!(OrderCanceled, order_id) == 72);
    assert!(offset_of!(OrderCanceled, cum_qty) == 80);
    assert!(offset_of!(OrderCanceled, cum_notional) == 88);
    assert!(offset_of!(OrderCanceled, cl_ord_id) == 104);
    assert!(offset_of!(OrderCanceled, orig_cl_ord_id) == 140);
};
impl Root for OrderCanceled {
    const TEMPLATE: u16 = 43;
}
impl Single for OrderCanceled {}

/// An order was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderReplaced {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The order's quantity, what is filled already included; null unless the order has no CashOrderQty.
    pub order_qty: Optional<Quantity>,
    /// What to spend, instead of a quantity; null unless the order names what to spend.
    pub cash_order_qty: Optional<Amount>,
    /// Limit price; null unless a limit or stop limit order.
    pub price: Optional<Price>,
    /// Stop price; where the stop is now; null unless it waits for its stop price.
    pub stop_px: Optional<Price>,
    /// How much of an iceberg order shows at a time; null unless it has one.
    pub display_qty: Optional<Quantity>,
    /// When a GTD order ends; null unless TimeInForce is Gtd.
    pub expire_time: Optional<U64>,
    /// What can still trade.
    pub leaves_qty: Quantity,
    /// What has traded.
    pub cum_qty: Quantity,
    /// The client's own name of the order or request, never used before by the session; its new one.
    pub cl_ord_id: Text<36>,
    /// The ClOrdID that the order had before; its former one.
    pub orig_cl_ord_id: Text<36>,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl OrderReplaced {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrdStatus", self.ord_status.value());
        see("OrderID", self.order_id.value());
        see("OrderQty", self.order_qty.value());
        see("CashOrderQty", self.cash_order_qty.value());
        see("Price", self.price.value());
        see("StopPx", self.stop_px.value());
        see("DisplayQty", self.display_qty.value());
        see("ExpireTime", self.expire_time.value());
        see("LeavesQty", self.leaves_qty.value());
        see("CumQty", self.cum_qty.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
        see("OrderFlags", self.order_flags.value());
    }
}
impl Block for OrderReplaced {
    const NAME: &'static str = "OrderReplaced";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 69, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 70, is_known: is_code::<TimeInForce> },
        Coded { field: "OrdStatus", id: 39, offset: 71, is_known: is_code::<OrderStatus> },
        Coded {
            field: "OrderFlags",
            id: 40006,
            offset: 216,
            is_known: |bits| bits & !OrderFlags::KNOWN == 0,
        },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderReplaced>() == 224);
    assert!(offset_of!(OrderReplaced, appl_seq_num) == 0);
    assert!(offset_of!(OrderReplaced, seq_num) == 8);
    assert!(offset_of!(OrderReplaced, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderReplaced, exec_id) == 24);
    assert!(offset_of!(OrderReplaced, transact_time) == 32);
    assert!(offset_of!(OrderReplaced, gateway_in_time) == 40);
    assert!(offset_of!(OrderReplaced, matcher_out_time) == 48);
    assert!(offset_of!(OrderReplaced, session_id) == 56);
    assert!(offset_of!(OrderReplaced, instrument_id) == 60);
    assert!(offset_of!(OrderReplaced, account_id) == 64);
    assert!(offset_of!(OrderReplaced, side) == 68);
    assert!(offset_of!(OrderReplaced, ord_type) == 69);
    assert!(offset_of!(OrderReplaced, time_in_force) == 70);
    assert!(offset_of!(OrderReplaced, ord_status) == 71);
    assert!(offset_of!(OrderReplaced, order_id) == 72);
    assert!(offset_of!(OrderReplaced, order_qty) == 80);
    assert!(offset_of!(OrderReplaced, cash_order_qty) == 88);
    assert!(offset_of!(OrderReplaced, price) == 96);
    assert!(offset_of!(OrderReplaced, stop_px) == 104);
    assert!(offset_of!(OrderReplaced, display_qty) == 112);
    assert!(offset_of!(OrderReplaced, expire_time) == 120);
    assert!(offset_of!(OrderReplaced, leaves_qty) == 128);
    assert!(offset_of!(OrderReplaced, cum_qty) == 136);
    assert!(offset_of!(OrderReplaced, cl_ord_id) == 144);
    assert!(offset_of!(OrderReplaced, orig_cl_ord_id) == 180);
    assert!(offset_of!(OrderReplaced, order_flags) == 216);
    assert!(offset_of!(OrderReplaced, padding1) == 217);
};
impl Root for OrderReplaced {
    const TEMPLATE: u16 = 44;
}
impl Single for OrderReplaced {}

/// A cancel was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct CancelRejected {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// Zeros.
    pub padding1: [u8; 1],
    /// The venue's name of the order; null unless the order is known.
    pub order_id: Optional<U64>,
    /// The client's own name of the order or request, never used before by the session; the request's.
    pub cl_ord_id: Text<36>,
    /// The ClOrdID that the order had before; null unless the request named one.
    pub orig_cl_ord_id: Text<36>,
}

impl CancelRejected {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("OrdStatus", self.ord_status.value());
        see("OrderID", self.order_id.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
    }
}
impl Block for CancelRejected {
    const NAME: &'static str = "CancelRejected";
    const CODED: &'static [Coded] =
        &[Coded { field: "OrdStatus", id: 39, offset: 70, is_known: is_code::<OrderStatus> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<CancelRejected>() == 152);
    assert!(offset_of!(CancelRejected, appl_seq_num) == 0);
    assert!(offset_of!(CancelRejected, seq_num) == 8);
    assert!(offset_of!(CancelRejected, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(CancelRejected, exec_id) == 24);
    assert!(offset_of!(CancelRejected, transact_time) == 32);
    assert!(offset_of!(CancelRejected, gateway_in_time) == 40);
    assert!(offset_of!(CancelRejected, matcher_out_time) == 48);
    assert!(offset_of!(CancelRejected, session_id) == 56);
    assert!(offset_of!(CancelRejected, instrument_id) == 60);
    assert!(offset_of!(CancelRejected, account_id) == 64);
    assert!(offset_of!(CancelRejected, reject_code) == 68);
    assert!(offset_of!(CancelRejected, ord_status) == 70);
    assert!(offset_of!(CancelRejected, padding1) == 71);
    assert!(offset_of!(CancelRejected, order_id) == 72);
    assert!(offset_of!(CancelRejected, cl_ord_id) == 80);
    assert!(offset_of!(CancelRejected, orig_cl_ord_id) == 116);
};
impl Root for CancelRejected {
    const TEMPLATE: u16 = 45;
}
impl Single for CancelRejected {}

/// A replace was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct ReplaceRejected {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// Zeros.
    pub padding1: [u8; 1],
    /// How much of it is used; how many orders are open, or what the order would be worth in 10^-8 of the
    /// quote asset; null unless a limit is the reason.
    pub limit_count: Optional<U64>,
    /// How much there is; the limit; null unless a limit is the reason.
    pub limit_max: Optional<U64>,
    /// The venue's name of the order; null unless the order is known.
    pub order_id: Optional<U64>,
    /// The client's own name of the order or request, never used before by the session; the request's.
    pub cl_ord_id: Text<36>,
    /// The ClOrdID that the order had before; null unless the request named one.
    pub orig_cl_ord_id: Text<36>,
}

impl ReplaceRejected {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("OrdStatus", self.ord_status.value());
        see("LimitCount", self.limit_count.value());
        see("LimitMax", self.limit_max.value());
        see("OrderID", self.order_id.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
    }
}
impl Block for ReplaceRejected {
    const NAME: &'static str = "ReplaceRejected";
    const CODED: &'static [Coded] =
        &[Coded { field: "OrdStatus", id: 39, offset: 70, is_known: is_code::<OrderStatus> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ReplaceRejected>() == 168);
    assert!(offset_of!(ReplaceRejected, appl_seq_num) == 0);
    assert!(offset_of!(ReplaceRejected, seq_num) == 8);
    assert!(offset_of!(ReplaceRejected, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(ReplaceRejected, exec_id) == 24);
    assert!(offset_of!(ReplaceRejected, transact_time) == 32);
    assert!(offset_of!(ReplaceRejected, gateway_in_time) == 40);
    assert!(offset_of!(ReplaceRejected, matcher_out_time) == 48);
    assert!(offset_of!(ReplaceRejected, session_id) == 56);
    assert!(offset_of!(ReplaceRejected, instrument_id) == 60);
    assert!(offset_of!(ReplaceRejected, account_id) == 64);
    assert!(offset_of!(ReplaceRejected, reject_code) == 68);
    assert!(offset_of!(ReplaceRejected, ord_status) == 70);
    assert!(offset_of!(ReplaceRejected, padding1) == 71);
    assert!(offset_of!(ReplaceRejected, limit_count) == 72);
    assert!(offset_of!(ReplaceRejected, limit_max) == 80);
    assert!(offset_of!(ReplaceRejected, order_id) == 88);
    assert!(offset_of!(ReplaceRejected, cl_ord_id) == 96);
    assert!(offset_of!(ReplaceRejected, orig_cl_ord_id) == 132);
};
impl Root for ReplaceRejected {
    const TEMPLATE: u16 = 46;
}
impl Single for ReplaceRejected {}

/// The answer to a status request, or a part of that to a mass status request: a report for each open
/// order or, if there is none, one without OrderID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderStatusReport {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument; null unless it tells of an order.
    pub instrument_id: Optional<U32>,
    /// The account; null unless it tells of an order.
    pub account_id: Optional<U32>,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// The venue's name of the order; null unless the order is known.
    pub order_id: Optional<U64>,
    /// The order's quantity, what is filled already included; null unless the order has no CashOrderQty.
    pub order_qty: Optional<Quantity>,
    /// What to spend, instead of a quantity; null unless the order names what to spend.
    pub cash_order_qty: Optional<Amount>,
    /// Limit price; null unless a limit or stop limit order.
    pub price: Optional<Price>,
    /// Stop price; where the stop is now; null unless it waits for its stop price.
    pub stop_px: Optional<Price>,
    /// How much of an iceberg order shows at a time; null unless it has one.
    pub display_qty: Optional<Quantity>,
    /// When a GTD order ends; null unless TimeInForce is Gtd.
    pub expire_time: Optional<U64>,
    /// What can still trade.
    pub leaves_qty: Quantity,
    /// What has traded.
    pub cum_qty: Quantity,
    /// Sum over all fills of price times quantity; divided by CumQty the average price.
    pub cum_notional: Notional,
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has; null unless it has one.
    pub cl_ord_id: Text<36>,
    /// The client's name of a status request; the request's own name: of a mass status request too, and of
    /// a trunk's new order or replace whose name the account has used; null unless the request had one.
    pub ord_status_req_id: Text<36>,
    /// How many orders were open when it was asked; null unless it answers a mass status request about all
    /// orders and there was one.
    pub tot_num_reports: Optional<U32>,
    /// Whether the answer ends here; null unless it answers a mass status request.
    pub last_rpt_requested: OptionalBoolean,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// Why it was refused, from the catalogue of rejects; None where the order is known.
    pub reject_code: RejectCode,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl OrderStatusReport {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrdStatus", self.ord_status.value());
        see("OrderID", self.order_id.value());
        see("OrderQty", self.order_qty.value());
        see("CashOrderQty", self.cash_order_qty.value());
        see("Price", self.price.value());
        see("StopPx", self.stop_px.value());
        see("DisplayQty", self.display_qty.value());
        see("ExpireTime", self.expire_time.value());
        see("LeavesQty", self.leaves_qty.value());
        see("CumQty", self.cum_qty.value());
        see("CumNotional", self.cum_notional.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("OrdStatusReqID", self.ord_status_req_id.value());
        see("TotNumReports", self.tot_num_reports.value());
        see("LastRptRequested", self.last_rpt_requested.value());
        see("OrderFlags", self.order_flags.value());
        see("RejectCode", self.reject_code.value());
        see("MissingShards", self.missing_shards.value());
    }
}
impl Block for OrderStatusReport {
    const NAME: &'static str = "OrderStatusReport";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 69, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 70, is_known: is_code::<TimeInForce> },
        Coded { field: "OrdStatus", id: 39, offset: 71, is_known: is_code::<OrderStatus> },
        Coded { field: "LastRptRequested", id: 912, offset: 236, is_known: is_code::<OptionalBoolean> },
        Coded {
            field: "OrderFlags",
            id: 40006,
            offset: 237,
            is_known: |bits| bits & !OrderFlags::KNOWN == 0,
        },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderStatusReport>() == 248);
    assert!(offset_of!(OrderStatusReport, appl_seq_num) == 0);
    assert!(offset_of!(OrderStatusReport, seq_num) == 8);
    assert!(offset_of!(OrderStatusReport, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderStatusReport, exec_id) == 24);
    assert!(offset_of!(OrderStatusReport, transact_time) == 32);
    assert!(offset_of!(OrderStatusReport, gateway_in_time) == 40);
    assert!(offset_of!(OrderStatusReport, matcher_out_time) == 48);
    assert!(offset_of!(OrderStatusReport, session_id) == 56);
    assert!(offset_of!(OrderStatusReport, instrument_id) == 60);
    assert!(offset_of!(OrderStatusReport, account_id) == 64);
    assert!(offset_of!(OrderStatusReport, side) == 68);
    assert!(offset_of!(OrderStatusReport, ord_type) == 69);
    assert!(offset_of!(OrderStatusReport, time_in_force) == 70);
    assert!(offset_of!(OrderStatusReport, ord_status) == 71);
    assert!(offset_of!(OrderStatusReport, order_id) == 72);
    assert!(offset_of!(OrderStatusReport, order_qty) == 80);
    assert!(offset_of!(OrderStatusReport, cash_order_qty) == 88);
    assert!(offset_of!(OrderStatusReport, price) == 96);
    assert!(offset_of!(OrderStatusReport, stop_px) == 104);
    assert!(offset_of!(OrderStatusReport, display_qty) == 112);
    assert!(offset_of!(OrderStatusReport, expire_time) == 120);
    assert!(offset_of!(OrderStatusReport, leaves_qty) == 128);
    assert!(offset_of!(OrderStatusReport, cum_qty) == 136);
    assert!(offset_of!(OrderStatusReport, cum_notional) == 144);
    assert!(offset_of!(OrderStatusReport, cl_ord_id) == 160);
    assert!(offset_of!(OrderStatusReport, ord_status_req_id) == 196);
    assert!(offset_of!(OrderStatusReport, tot_num_reports) == 232);
    assert!(offset_of!(OrderStatusReport, last_rpt_requested) == 236);
    assert!(offset_of!(OrderStatusReport, order_flags) == 237);
    assert!(offset_of!(OrderStatusReport, reject_code) == 238);
    assert!(offset_of!(OrderStatusReport, missing_shards) == 240);
    assert!(offset_of!(OrderStatusReport, padding1) == 241);
};
impl Root for OrderStatusReport {
    const TEMPLATE: u16 = 47;
}
impl Single for OrderStatusReport {}

/// A stop was triggered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderTriggered {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order; what it has become.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// The venue's name of the order.
    pub order_id: U64,
    /// Price of the trade; the price that did it.
    pub last_px: Price,
    /// Limit price; null unless it has become a limit order.
    pub price: Optional<Price>,
    /// What can still trade; 0 of an order that names what to spend.
    pub leaves_qty: Quantity,
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has; null unless it has one.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl OrderTriggered {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderID", self.order_id.value());
        see("LastPx", self.last_px.value());
        see("Price", self.price.value());
        see("LeavesQty", self.leaves_qty.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for OrderTriggered {
    const NAME: &'static str = "OrderTriggered";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 69, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 70, is_known: is_code::<TimeInForce> },
        Coded { field: "OrderFlags", id: 40006, offset: 71, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderTriggered>() == 144);
    assert!(offset_of!(OrderTriggered, appl_seq_num) == 0);
    assert!(offset_of!(OrderTriggered, seq_num) == 8);
    assert!(offset_of!(OrderTriggered, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderTriggered, exec_id) == 24);
    assert!(offset_of!(OrderTriggered, transact_time) == 32);
    assert!(offset_of!(OrderTriggered, gateway_in_time) == 40);
    assert!(offset_of!(OrderTriggered, matcher_out_time) == 48);
    assert!(offset_of!(OrderTriggered, session_id) == 56);
    assert!(offset_of!(OrderTriggered, instrument_id) == 60);
    assert!(offset_of!(OrderTriggered, account_id) == 64);
    assert!(offset_of!(OrderTriggered, side) == 68);
    assert!(offset_of!(OrderTriggered, ord_type) == 69);
    assert!(offset_of!(OrderTriggered, time_in_force) == 70);
    assert!(offset_of!(OrderTriggered, order_flags) == 71);
    assert!(offset_of!(OrderTriggered, order_id) == 72);
    assert!(offset_of!(OrderTriggered, last_px) == 80);
    assert!(offset_of!(OrderTriggered, price) == 88);
    assert!(offset_of!(OrderTriggered, leaves_qty) == 96);
    assert!(offset_of!(OrderTriggered, cl_ord_id) == 104);
    assert!(offset_of!(OrderTriggered, padding1) == 140);
};
impl Root for OrderTriggered {
    const TEMPLATE: u16 = 48;
}
impl Single for OrderTriggered {}

/// Self-trade prevention took from an order's quantity without a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderReduced {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// How the order stands after this.
    pub ord_status: OrderStatus,
    /// Why.
    pub cause: Cause,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The order's quantity, what is filled already included; null unless the order has no CashOrderQty.
    pub order_qty: Optional<Quantity>,
    /// What to spend, instead of a quantity; null unless the order names what to spend.
    pub cash_order_qty: Optional<Amount>,
    /// What can still trade; 0 of an order that names what to spend.
    pub leaves_qty: Quantity,
    /// What has traded.
    pub cum_qty: Quantity,
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has; null unless it has one.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl OrderReduced {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdStatus", self.ord_status.value());
        see("Cause", self.cause.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderID", self.order_id.value());
        see("OrderQty", self.order_qty.value());
        see("CashOrderQty", self.cash_order_qty.value());
        see("LeavesQty", self.leaves_qty.value());
        see("CumQty", self.cum_qty.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for OrderReduced {
    const NAME: &'static str = "OrderReduced";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 68, is_known: is_code::<Side> },
        Coded { field: "OrdStatus", id: 39, offset: 69, is_known: is_code::<OrderStatus> },
        Coded { field: "Cause", id: 40015, offset: 70, is_known: is_code::<Cause> },
        Coded { field: "OrderFlags", id: 40006, offset: 71, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<OrderReduced>() == 152);
    assert!(offset_of!(OrderReduced, appl_seq_num) == 0);
    assert!(offset_of!(OrderReduced, seq_num) == 8);
    assert!(offset_of!(OrderReduced, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(OrderReduced, exec_id) == 24);
    assert!(offset_of!(OrderReduced, transact_time) == 32);
    assert!(offset_of!(OrderReduced, gateway_in_time) == 40);
    assert!(offset_of!(OrderReduced, matcher_out_time) == 48);
    assert!(offset_of!(OrderReduced, session_id) == 56);
    assert!(offset_of!(OrderReduced, instrument_id) == 60);
    assert!(offset_of!(OrderReduced, account_id) == 64);
    assert!(offset_of!(OrderReduced, side) == 68);
    assert!(offset_of!(OrderReduced, ord_status) == 69);
    assert!(offset_of!(OrderReduced, cause) == 70);
    assert!(offset_of!(OrderReduced, order_flags) == 71);
    assert!(offset_of!(OrderReduced, order_id) == 72);
    assert!(offset_of!(OrderReduced, order_qty) == 80);
    assert!(offset_of!(OrderReduced, cash_order_qty) == 88);
    assert!(offset_of!(OrderReduced, leaves_qty) == 96);
    assert!(offset_of!(OrderReduced, cum_qty) == 104);
    assert!(offset_of!(OrderReduced, cl_ord_id) == 112);
    assert!(offset_of!(OrderReduced, padding1) == 148);
};
impl Root for OrderReduced {
    const TEMPLATE: u16 = 49;
}
impl Single for OrderReduced {}

/// A mass cancel or kill switch is done; what became of each order went before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct MassCanceled {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument; null unless of a mass cancel that named one.
    pub instrument_id: Optional<U32>,
    /// The account; null unless of a mass cancel that named one.
    pub account_id: Optional<U32>,
    /// How many orders it ended.
    pub total_affected_orders: U32,
    /// By what it selected orders.
    pub mass_cancel_scope: MassCancelScope,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// The client's own name of the order or request, never used before by the session; the request's; null
    /// unless the request had one.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 2],
}

impl MassCanceled {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("TotalAffectedOrders", self.total_affected_orders.value());
        see("MassCancelScope", self.mass_cancel_scope.value());
        see("MissingShards", self.missing_shards.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for MassCanceled {
    const NAME: &'static str = "MassCanceled";
    const CODED: &'static [Coded] = &[Coded {
        field: "MassCancelScope",
        id: 40009,
        offset: 72,
        is_known: |bits| bits & !MassCancelScope::KNOWN == 0,
    }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.mass_cancel_scope.0 & !MassCancelScope::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<MassCanceled>() == 112);
    assert!(offset_of!(MassCanceled, appl_seq_num) == 0);
    assert!(offset_of!(MassCanceled, seq_num) == 8);
    assert!(offset_of!(MassCanceled, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(MassCanceled, exec_id) == 24);
    assert!(offset_of!(MassCanceled, transact_time) == 32);
    assert!(offset_of!(MassCanceled, gateway_in_time) == 40);
    assert!(offset_of!(MassCanceled, matcher_out_time) == 48);
    assert!(offset_of!(MassCanceled, session_id) == 56);
    assert!(offset_of!(MassCanceled, instrument_id) == 60);
    assert!(offset_of!(MassCanceled, account_id) == 64);
    assert!(offset_of!(MassCanceled, total_affected_orders) == 68);
    assert!(offset_of!(MassCanceled, mass_cancel_scope) == 72);
    assert!(offset_of!(MassCanceled, missing_shards) == 73);
    assert!(offset_of!(MassCanceled, cl_ord_id) == 74);
    assert!(offset_of!(MassCanceled, padding1) == 110);
};
impl Root for MassCanceled {
    const TEMPLATE: u16 = 50;
}
impl Single for MassCanceled {}

/// An operator's command, or the reset of a protection, was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct CommandDone {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl CommandDone {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
    }
}
impl Block for CommandDone {
    const NAME: &'static str = "CommandDone";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<CommandDone>() == 64);
    assert!(offset_of!(CommandDone, appl_seq_num) == 0);
    assert!(offset_of!(CommandDone, seq_num) == 8);
    assert!(offset_of!(CommandDone, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(CommandDone, exec_id) == 24);
    assert!(offset_of!(CommandDone, transact_time) == 32);
    assert!(offset_of!(CommandDone, gateway_in_time) == 40);
    assert!(offset_of!(CommandDone, matcher_out_time) == 48);
    assert!(offset_of!(CommandDone, session_id) == 56);
    assert!(offset_of!(CommandDone, padding1) == 60);
};
impl Root for CommandDone {
    const TEMPLATE: u16 = 51;
}
impl Single for CommandDone {}

/// An operator's command, the reset of a protection or a mass cancel was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct CommandRefused {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument; null unless of a mass cancel that named one.
    pub instrument_id: Optional<U32>,
    /// The account; null unless of a mass cancel that named one.
    pub account_id: Optional<U32>,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// By what it selected orders; of a mass cancel, by what it was to select orders.
    pub mass_cancel_scope: MassCancelScope,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// The client's own name of the order or request, never used before by the session; the request's; null
    /// unless it is about a mass cancel that had one.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl CommandRefused {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("MassCancelScope", self.mass_cancel_scope.value());
        see("MissingShards", self.missing_shards.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for CommandRefused {
    const NAME: &'static str = "CommandRefused";
    const CODED: &'static [Coded] = &[Coded {
        field: "MassCancelScope",
        id: 40009,
        offset: 70,
        is_known: |bits| bits & !MassCancelScope::KNOWN == 0,
    }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.mass_cancel_scope.0 & !MassCancelScope::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<CommandRefused>() == 112);
    assert!(offset_of!(CommandRefused, appl_seq_num) == 0);
    assert!(offset_of!(CommandRefused, seq_num) == 8);
    assert!(offset_of!(CommandRefused, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(CommandRefused, exec_id) == 24);
    assert!(offset_of!(CommandRefused, transact_time) == 32);
    assert!(offset_of!(CommandRefused, gateway_in_time) == 40);
    assert!(offset_of!(CommandRefused, matcher_out_time) == 48);
    assert!(offset_of!(CommandRefused, session_id) == 56);
    assert!(offset_of!(CommandRefused, instrument_id) == 60);
    assert!(offset_of!(CommandRefused, account_id) == 64);
    assert!(offset_of!(CommandRefused, reject_code) == 68);
    assert!(offset_of!(CommandRefused, mass_cancel_scope) == 70);
    assert!(offset_of!(CommandRefused, missing_shards) == 71);
    assert!(offset_of!(CommandRefused, cl_ord_id) == 72);
    assert!(offset_of!(CommandRefused, padding1) == 108);
};
impl Root for CommandRefused {
    const TEMPLATE: u16 = 52;
}
impl Single for CommandRefused {}

/// A mass quote was carried out; what becomes of each quote follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct QuotesAccepted {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The account.
    pub account_id: U32,
    /// How many quotes; how many quotes it places.
    pub quote_count: U32,
    /// The client's name of a mass quote, which its quotes bear as their ClOrdID.
    pub quote_id: Text<36>,
}

impl QuotesAccepted {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("AccountID", self.account_id.value());
        see("QuoteCount", self.quote_count.value());
        see("QuoteID", self.quote_id.value());
    }
}
impl Block for QuotesAccepted {
    const NAME: &'static str = "QuotesAccepted";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<QuotesAccepted>() == 104);
    assert!(offset_of!(QuotesAccepted, appl_seq_num) == 0);
    assert!(offset_of!(QuotesAccepted, seq_num) == 8);
    assert!(offset_of!(QuotesAccepted, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(QuotesAccepted, exec_id) == 24);
    assert!(offset_of!(QuotesAccepted, transact_time) == 32);
    assert!(offset_of!(QuotesAccepted, gateway_in_time) == 40);
    assert!(offset_of!(QuotesAccepted, matcher_out_time) == 48);
    assert!(offset_of!(QuotesAccepted, session_id) == 56);
    assert!(offset_of!(QuotesAccepted, account_id) == 60);
    assert!(offset_of!(QuotesAccepted, quote_count) == 64);
    assert!(offset_of!(QuotesAccepted, quote_id) == 68);
};
impl Root for QuotesAccepted {
    const TEMPLATE: u16 = 53;
}
impl Single for QuotesAccepted {}

/// A mass quote was refused whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct QuotesRejected {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The account.
    pub account_id: U32,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// Zeros.
    pub padding1: [u8; 1],
    /// Which entry of the mass quote is to blame, from 1; 0 is no single one.
    pub quote_entry: U32,
    /// How much of it is used; how many orders are open, or what the order would be worth in 10^-8 of the
    /// quote asset; null unless a limit is the reason.
    pub limit_count: Optional<U64>,
    /// How much there is; the limit; null unless a limit is the reason.
    pub limit_max: Optional<U64>,
    /// The client's name of a mass quote, which its quotes bear as their ClOrdID.
    pub quote_id: Text<36>,
    /// Zeros.
    pub padding2: [u8; 4],
}

impl QuotesRejected {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("MissingShards", self.missing_shards.value());
        see("QuoteEntry", self.quote_entry.value());
        see("LimitCount", self.limit_count.value());
        see("LimitMax", self.limit_max.value());
        see("QuoteID", self.quote_id.value());
    }
}
impl Block for QuotesRejected {
    const NAME: &'static str = "QuotesRejected";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<QuotesRejected>() == 128);
    assert!(offset_of!(QuotesRejected, appl_seq_num) == 0);
    assert!(offset_of!(QuotesRejected, seq_num) == 8);
    assert!(offset_of!(QuotesRejected, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(QuotesRejected, exec_id) == 24);
    assert!(offset_of!(QuotesRejected, transact_time) == 32);
    assert!(offset_of!(QuotesRejected, gateway_in_time) == 40);
    assert!(offset_of!(QuotesRejected, matcher_out_time) == 48);
    assert!(offset_of!(QuotesRejected, session_id) == 56);
    assert!(offset_of!(QuotesRejected, account_id) == 60);
    assert!(offset_of!(QuotesRejected, reject_code) == 64);
    assert!(offset_of!(QuotesRejected, missing_shards) == 66);
    assert!(offset_of!(QuotesRejected, padding1) == 67);
    assert!(offset_of!(QuotesRejected, quote_entry) == 68);
    assert!(offset_of!(QuotesRejected, limit_count) == 72);
    assert!(offset_of!(QuotesRejected, limit_max) == 80);
    assert!(offset_of!(QuotesRejected, quote_id) == 88);
    assert!(offset_of!(QuotesRejected, padding2) == 124);
};
impl Root for QuotesRejected {
    const TEMPLATE: u16 = 54;
}
impl Single for QuotesRejected {}

/// Market-maker protection has pulled the account's quotes in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct ProtectionTriggered {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument; the instrument whose fill reached the limit.
    pub instrument_id: U32,
    /// The account.
    pub account_id: U32,
    /// How many quotes; how many quotes it pulled.
    pub quote_count: U32,
}

impl ProtectionTriggered {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("QuoteCount", self.quote_count.value());
    }
}
impl Block for ProtectionTriggered {
    const NAME: &'static str = "ProtectionTriggered";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ProtectionTriggered>() == 72);
    assert!(offset_of!(ProtectionTriggered, appl_seq_num) == 0);
    assert!(offset_of!(ProtectionTriggered, seq_num) == 8);
    assert!(offset_of!(ProtectionTriggered, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(ProtectionTriggered, exec_id) == 24);
    assert!(offset_of!(ProtectionTriggered, transact_time) == 32);
    assert!(offset_of!(ProtectionTriggered, gateway_in_time) == 40);
    assert!(offset_of!(ProtectionTriggered, matcher_out_time) == 48);
    assert!(offset_of!(ProtectionTriggered, session_id) == 56);
    assert!(offset_of!(ProtectionTriggered, instrument_id) == 60);
    assert!(offset_of!(ProtectionTriggered, account_id) == 64);
    assert!(offset_of!(ProtectionTriggered, quote_count) == 68);
};
impl Root for ProtectionTriggered {
    const TEMPLATE: u16 = 55;
}
impl Single for ProtectionTriggered {}

/// A message that is not as this schema has it, so that nothing was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct MessageRefused {
    /// The place of the message that was refused among its session's.
    pub msg_seq_num: U64,
    /// The template id of the message that was refused; its template id; 0 if it has none.
    pub template_id: U16,
    /// The id of the field that is to blame; 0 is no single one.
    pub field_id: U16,
    /// What is wrong with the message.
    pub fault: Fault,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl MessageRefused {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("MsgSeqNum", self.msg_seq_num.value());
        see("TemplateID", self.template_id.value());
        see("FieldID", self.field_id.value());
        see("Fault", self.fault.value());
    }
}
impl Block for MessageRefused {
    const NAME: &'static str = "MessageRefused";
    const CODED: &'static [Coded] =
        &[Coded { field: "Fault", id: 40050, offset: 12, is_known: is_code::<Fault> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<MessageRefused>() == 16);
    assert!(offset_of!(MessageRefused, msg_seq_num) == 0);
    assert!(offset_of!(MessageRefused, template_id) == 8);
    assert!(offset_of!(MessageRefused, field_id) == 10);
    assert!(offset_of!(MessageRefused, fault) == 12);
    assert!(offset_of!(MessageRefused, padding1) == 13);
};
impl Root for MessageRefused {
    const TEMPLATE: u16 = 56;
}
impl Single for MessageRefused {}

/// How an order of a list stands: the answer to a NewOrderList, ListCancelRequest or ListStatusRequest,
/// one report for each order behind the orders' own reports; or the list is refused or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct ListReport {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The instrument; null unless it tells of an order.
    pub instrument_id: Optional<U32>,
    /// The account; null unless it tells of an order.
    pub account_id: Optional<U32>,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// How the order stands after this; null unless it tells of an order.
    pub ord_status: OptionalOrderStatus,
    /// Buy or sell; null unless it tells of an order.
    pub side: OptionalSide,
    /// The venue's name of the order; null unless the order was accepted.
    pub order_id: Optional<U64>,
    /// What can still trade.
    pub leaves_qty: Quantity,
    /// What has traded.
    pub cum_qty: Quantity,
    /// Sum over all fills of price times quantity; divided by CumQty the average price.
    pub cum_notional: Notional,
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has; null unless it tells of an order.
    pub cl_ord_id: Text<36>,
    /// How many reports answer the request; 0: it tells of no order.
    pub no_rpts: U32,
    /// Which of them this is, from 1.
    pub rpt_seq: U32,
    /// What it answers.
    pub list_status_type: ListStatusType,
    /// How the list stands.
    pub list_order_status: ListOrderStatus,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// The list's name.
    pub list_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 5],
}

impl ListReport {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("RejectCode", self.reject_code.value());
        see("OrdStatus", self.ord_status.value());
        see("Side", self.side.value());
        see("OrderID", self.order_id.value());
        see("LeavesQty", self.leaves_qty.value());
        see("CumQty", self.cum_qty.value());
        see("CumNotional", self.cum_notional.value());
        see("ClOrdID", self.cl_ord_id.value());
        see("NoRpts", self.no_rpts.value());
        see("RptSeq", self.rpt_seq.value());
        see("ListStatusType", self.list_status_type.value());
        see("ListOrderStatus", self.list_order_status.value());
        see("MissingShards", self.missing_shards.value());
        see("ListID", self.list_id.value());
    }
}
impl Block for ListReport {
    const NAME: &'static str = "ListReport";
    const CODED: &'static [Coded] = &[
        Coded { field: "OrdStatus", id: 39, offset: 70, is_known: is_code::<OptionalOrderStatus> },
        Coded { field: "Side", id: 54, offset: 71, is_known: is_code::<OptionalSide> },
        Coded { field: "ListStatusType", id: 429, offset: 156, is_known: is_code::<ListStatusType> },
        Coded { field: "ListOrderStatus", id: 431, offset: 157, is_known: is_code::<ListOrderStatus> },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ListReport>() == 200);
    assert!(offset_of!(ListReport, appl_seq_num) == 0);
    assert!(offset_of!(ListReport, seq_num) == 8);
    assert!(offset_of!(ListReport, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(ListReport, exec_id) == 24);
    assert!(offset_of!(ListReport, transact_time) == 32);
    assert!(offset_of!(ListReport, gateway_in_time) == 40);
    assert!(offset_of!(ListReport, matcher_out_time) == 48);
    assert!(offset_of!(ListReport, session_id) == 56);
    assert!(offset_of!(ListReport, instrument_id) == 60);
    assert!(offset_of!(ListReport, account_id) == 64);
    assert!(offset_of!(ListReport, reject_code) == 68);
    assert!(offset_of!(ListReport, ord_status) == 70);
    assert!(offset_of!(ListReport, side) == 71);
    assert!(offset_of!(ListReport, order_id) == 72);
    assert!(offset_of!(ListReport, leaves_qty) == 80);
    assert!(offset_of!(ListReport, cum_qty) == 88);
    assert!(offset_of!(ListReport, cum_notional) == 96);
    assert!(offset_of!(ListReport, cl_ord_id) == 112);
    assert!(offset_of!(ListReport, no_rpts) == 148);
    assert!(offset_of!(ListReport, rpt_seq) == 152);
    assert!(offset_of!(ListReport, list_status_type) == 156);
    assert!(offset_of!(ListReport, list_order_status) == 157);
    assert!(offset_of!(ListReport, missing_shards) == 158);
    assert!(offset_of!(ListReport, list_id) == 159);
    assert!(offset_of!(ListReport, padding1) == 195);
};
impl Root for ListReport {
    const TEMPLATE: u16 = 57;
}
impl Single for ListReport {}

/// The answer to a RequestForPositions: so many BalanceReports follow, or why none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct BalanceAck {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The account.
    pub account_id: U32,
    /// How many PositionReports the answer has.
    pub total_num_pos_reports: U32,
    /// Why it was refused, from the catalogue of rejects; None where the request is carried out.
    pub reject_code: RejectCode,
    /// Shards that have not answered, so that the answer is of the others.
    pub missing_shards: ShardSet,
    /// The request's name, 1 to 36 printable characters; the request's name; null unless the request had
    /// one.
    pub pos_req_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 5],
}

impl BalanceAck {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("AccountID", self.account_id.value());
        see("TotalNumPosReports", self.total_num_pos_reports.value());
        see("RejectCode", self.reject_code.value());
        see("MissingShards", self.missing_shards.value());
        see("PosReqID", self.pos_req_id.value());
    }
}
impl Block for BalanceAck {
    const NAME: &'static str = "BalanceAck";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BalanceAck>() == 112);
    assert!(offset_of!(BalanceAck, appl_seq_num) == 0);
    assert!(offset_of!(BalanceAck, seq_num) == 8);
    assert!(offset_of!(BalanceAck, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(BalanceAck, exec_id) == 24);
    assert!(offset_of!(BalanceAck, transact_time) == 32);
    assert!(offset_of!(BalanceAck, gateway_in_time) == 40);
    assert!(offset_of!(BalanceAck, matcher_out_time) == 48);
    assert!(offset_of!(BalanceAck, session_id) == 56);
    assert!(offset_of!(BalanceAck, account_id) == 60);
    assert!(offset_of!(BalanceAck, total_num_pos_reports) == 64);
    assert!(offset_of!(BalanceAck, reject_code) == 68);
    assert!(offset_of!(BalanceAck, missing_shards) == 70);
    assert!(offset_of!(BalanceAck, pos_req_id) == 71);
    assert!(offset_of!(BalanceAck, padding1) == 107);
};
impl Root for BalanceAck {
    const TEMPLATE: u16 = 58;
}
impl Single for BalanceAck {}

/// What an account has of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct BalanceReport {
    /// The report's place among its session's, from 1.
    pub appl_seq_num: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The session's last processed message.
    pub last_msg_seq_num_processed: U64,
    /// The report's number, strictly increasing over all reports of the matcher.
    pub exec_id: U64,
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// When the gateway read the message that caused it, nanoseconds.
    pub gateway_in_time: U64,
    /// When the matcher let the report go, nanoseconds; from then on the gateway had it.
    pub matcher_out_time: U64,
    /// The session; whose report it is; null unless a copy for a drop-copy session.
    pub session_id: Optional<U32>,
    /// The account.
    pub account_id: U32,
    /// The asset.
    pub asset_id: U32,
    /// How many PositionReports the answer has.
    pub total_num_pos_reports: U32,
    /// What new orders and withdrawals can take; of an account with credit it may be below zero.
    pub available: SignedAssetUnits,
    /// What open orders hold.
    pub held: SignedAssetUnits,
    /// The request's name, 1 to 36 printable characters; the request's name; null unless the request had
    /// one.
    pub pos_req_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl BalanceReport {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ApplSeqNum", self.appl_seq_num.value());
        see("SeqNum", self.seq_num.value());
        see("LastMsgSeqNumProcessed", self.last_msg_seq_num_processed.value());
        see("ExecID", self.exec_id.value());
        see("TransactTime", self.transact_time.value());
        see("GatewayInTime", self.gateway_in_time.value());
        see("MatcherOutTime", self.matcher_out_time.value());
        see("SessionID", self.session_id.value());
        see("AccountID", self.account_id.value());
        see("AssetID", self.asset_id.value());
        see("TotalNumPosReports", self.total_num_pos_reports.value());
        see("Available", self.available.value());
        see("Held", self.held.value());
        see("PosReqID", self.pos_req_id.value());
    }
}
impl Block for BalanceReport {
    const NAME: &'static str = "BalanceReport";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BalanceReport>() == 144);
    assert!(offset_of!(BalanceReport, appl_seq_num) == 0);
    assert!(offset_of!(BalanceReport, seq_num) == 8);
    assert!(offset_of!(BalanceReport, last_msg_seq_num_processed) == 16);
    assert!(offset_of!(BalanceReport, exec_id) == 24);
    assert!(offset_of!(BalanceReport, transact_time) == 32);
    assert!(offset_of!(BalanceReport, gateway_in_time) == 40);
    assert!(offset_of!(BalanceReport, matcher_out_time) == 48);
    assert!(offset_of!(BalanceReport, session_id) == 56);
    assert!(offset_of!(BalanceReport, account_id) == 60);
    assert!(offset_of!(BalanceReport, asset_id) == 64);
    assert!(offset_of!(BalanceReport, total_num_pos_reports) == 68);
    assert!(offset_of!(BalanceReport, available) == 72);
    assert!(offset_of!(BalanceReport, held) == 88);
    assert!(offset_of!(BalanceReport, pos_req_id) == 104);
    assert!(offset_of!(BalanceReport, padding1) == 140);
};
impl Root for BalanceReport {
    const TEMPLATE: u16 = 59;
}
impl Single for BalanceReport {}

/// A request that went no further than the gateway, and why; it has no place among the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct RequestRefused {
    /// The venue's time of the command that caused it; the gateway's time.
    pub transact_time: U64,
    /// The place of the message that was refused among its session's; the request's.
    pub msg_seq_num: U64,
    /// How much of it is used; null unless a limit was reached.
    pub limit_count: Optional<U64>,
    /// How much there is; null unless a limit was reached.
    pub limit_max: Optional<U64>,
    /// How long to wait until there is room for it, nanoseconds; null unless waiting helps.
    pub retry_after: Optional<U64>,
    /// The template id of the message that was refused; the request's template id.
    pub template_id: U16,
    /// Why it was refused, from the catalogue of rejects.
    pub reject_code: RejectCode,
    /// Which entry of the mass quote is to blame, from 1; 0 is no single one; of a mass quote; 0 in others.
    pub quote_entry: U32,
    /// The client's own name of the order or request, never used before by the session; what the request is
    /// called: its ClOrdID, QuoteID, ListID or request id; null unless the request had a name.
    pub cl_ord_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl RequestRefused {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("MsgSeqNum", self.msg_seq_num.value());
        see("LimitCount", self.limit_count.value());
        see("LimitMax", self.limit_max.value());
        see("RetryAfter", self.retry_after.value());
        see("TemplateID", self.template_id.value());
        see("RejectCode", self.reject_code.value());
        see("QuoteEntry", self.quote_entry.value());
        see("ClOrdID", self.cl_ord_id.value());
    }
}
impl Block for RequestRefused {
    const NAME: &'static str = "RequestRefused";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<RequestRefused>() == 88);
    assert!(offset_of!(RequestRefused, transact_time) == 0);
    assert!(offset_of!(RequestRefused, msg_seq_num) == 8);
    assert!(offset_of!(RequestRefused, limit_count) == 16);
    assert!(offset_of!(RequestRefused, limit_max) == 24);
    assert!(offset_of!(RequestRefused, retry_after) == 32);
    assert!(offset_of!(RequestRefused, template_id) == 40);
    assert!(offset_of!(RequestRefused, reject_code) == 42);
    assert!(offset_of!(RequestRefused, quote_entry) == 44);
    assert!(offset_of!(RequestRefused, cl_ord_id) == 48);
    assert!(offset_of!(RequestRefused, padding1) == 84);
};
impl Root for RequestRefused {
    const TEMPLATE: u16 = 60;
}
impl Single for RequestRefused {}

/// What the venue does with requests from now on; told when it changes, and at login unless it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct VenueStatus {
    /// The venue's time of the command that caused it; the gateway's time.
    pub transact_time: U64,
    /// What the venue does with requests.
    pub venue_state: VenueState,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl VenueStatus {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("VenueState", self.venue_state.value());
    }
}
impl Block for VenueStatus {
    const NAME: &'static str = "VenueStatus";
    const CODED: &'static [Coded] =
        &[Coded { field: "VenueState", id: 40054, offset: 8, is_known: is_code::<VenueState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<VenueStatus>() == 16);
    assert!(offset_of!(VenueStatus, transact_time) == 0);
    assert!(offset_of!(VenueStatus, venue_state) == 8);
    assert!(offset_of!(VenueStatus, padding1) == 9);
};
impl Root for VenueStatus {
    const TEMPLATE: u16 = 61;
}
impl Single for VenueStatus {}

/// How much of its limits the session has used; a session without limits has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct LimitResponse {
    /// The request's name; the request's.
    pub req_id: Text<36>,
}

impl LimitResponse {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ReqID", self.req_id.value());
    }
}
impl Block for LimitResponse {
    const NAME: &'static str = "LimitResponse";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<LimitResponse>() == 36);
    assert!(offset_of!(LimitResponse, req_id) == 0);
};
impl Root for LimitResponse {
    const TEMPLATE: u16 = 62;
}

/// The limits, or `0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct LimitResponseEntry {
    /// What is counted.
    pub limit_type: LimitType,
    /// Zeros.
    pub padding1: [u8; 7],
    /// How much of it is used.
    pub limit_count: U64,
    /// How much there is.
    pub limit_max: U64,
    /// How long a message counts, in the unit of 25008; how long a message counts, in seconds.
    pub limit_reset_interval: U32,
    /// Zeros.
    pub padding2: [u8; 4],
}

impl LimitResponseEntry {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("LimitType", self.limit_type.value());
        see("LimitCount", self.limit_count.value());
        see("LimitMax", self.limit_max.value());
        see("LimitResetInterval", self.limit_reset_interval.value());
    }
}
impl Block for LimitResponseEntry {
    const NAME: &'static str = "LimitResponse.NoLimitIndicators";
    const CODED: &'static [Coded] =
        &[Coded { field: "LimitType", id: 25004, offset: 0, is_known: is_code::<LimitType> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<LimitResponseEntry>() == 32);
    assert!(offset_of!(LimitResponseEntry, limit_type) == 0);
    assert!(offset_of!(LimitResponseEntry, padding1) == 1);
    assert!(offset_of!(LimitResponseEntry, limit_count) == 8);
    assert!(offset_of!(LimitResponseEntry, limit_max) == 16);
    assert!(offset_of!(LimitResponseEntry, limit_reset_interval) == 24);
    assert!(offset_of!(LimitResponseEntry, padding2) == 28);
};
impl Grouped for LimitResponse {
    type Entry = LimitResponseEntry;
    const ENTRIES_MAX: usize = 2;
}
