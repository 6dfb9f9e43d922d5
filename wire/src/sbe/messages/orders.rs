//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! What clients send.
use super::super::codes::{
    Amount, Boolean, DefinitionKinds, MassCancelFlags, OptionalSelfTrade, OptionalSide, OrderFlags,
    OrderType, Price, Quantity, Side, Subscription, TimeInForce,
};
use super::super::field::{Coded, Field, Optional, Text, Value, is_code};
use super::super::{Block, Grouped, Root, Single};
use std::mem::offset_of;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// A new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct NewOrder {
    /// The client's own name of the order or request, never used before by the session.
    pub cl_ord_id: Text<36>,
    /// The instrument.
    pub instrument_id: U32,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// The order's quantity, what is filled already included; null unless there is no CashOrderQty.
    pub order_qty: Optional<Quantity>,
    /// Limit price; null unless a limit or stop limit order.
    pub price: Optional<Price>,
    /// Stop price; of a trailing stop its distance to the best price; null unless a stop, stop limit or
    /// trailing stop order.
    pub stop_px: Optional<Price>,
    /// How much of an iceberg order shows at a time; none: all of it shows.
    pub display_qty: Optional<Quantity>,
    /// The least that must fill at once.
    pub min_qty: Optional<Quantity>,
    /// What to spend, instead of a quantity; null unless there is no OrderQty.
    pub cash_order_qty: Optional<Amount>,
    /// When a GTD order ends; null unless TimeInForce is Gtd.
    pub expire_time: Optional<U64>,
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
    /// What happens when it meets an order of its own account; none is the session's own mode.
    pub self_match_prevention_instruction: OptionalSelfTrade,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl NewOrder {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrderFlags", self.order_flags.value());
        see("OrderQty", self.order_qty.value());
        see("Price", self.price.value());
        see("StopPx", self.stop_px.value());
        see("DisplayQty", self.display_qty.value());
        see("MinQty", self.min_qty.value());
        see("CashOrderQty", self.cash_order_qty.value());
        see("ExpireTime", self.expire_time.value());
        see("Deadline", self.deadline.value());
        see("SelfMatchPreventionInstruction", self.self_match_prevention_instruction.value());
    }
}
impl Block for NewOrder {
    const NAME: &'static str = "NewOrder";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 44, is_known: is_code::<Side> },
        Coded { field: "OrdType", id: 40, offset: 45, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 46, is_known: is_code::<TimeInForce> },
        Coded { field: "OrderFlags", id: 40006, offset: 47, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
        Coded {
            field: "SelfMatchPreventionInstruction",
            id: 2964,
            offset: 112,
            is_known: is_code::<OptionalSelfTrade>,
        },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<NewOrder>() == 120);
    assert!(offset_of!(NewOrder, cl_ord_id) == 0);
    assert!(offset_of!(NewOrder, instrument_id) == 36);
    assert!(offset_of!(NewOrder, account_id) == 40);
    assert!(offset_of!(NewOrder, side) == 44);
    assert!(offset_of!(NewOrder, ord_type) == 45);
    assert!(offset_of!(NewOrder, time_in_force) == 46);
    assert!(offset_of!(NewOrder, order_flags) == 47);
    assert!(offset_of!(NewOrder, order_qty) == 48);
    assert!(offset_of!(NewOrder, price) == 56);
    assert!(offset_of!(NewOrder, stop_px) == 64);
    assert!(offset_of!(NewOrder, display_qty) == 72);
    assert!(offset_of!(NewOrder, min_qty) == 80);
    assert!(offset_of!(NewOrder, cash_order_qty) == 88);
    assert!(offset_of!(NewOrder, expire_time) == 96);
    assert!(offset_of!(NewOrder, deadline) == 104);
    assert!(offset_of!(NewOrder, self_match_prevention_instruction) == 112);
    assert!(offset_of!(NewOrder, padding1) == 113);
};
impl Root for NewOrder {
    const TEMPLATE: u16 = 1;
}
impl Single for NewOrder {}

/// Takes an order off the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct CancelOrder {
    /// The client's own name of the order or request, never used before by the session; the client's name
    /// of this request.
    pub cl_ord_id: Text<36>,
    /// The instrument.
    pub instrument_id: U32,
    /// The ClOrdID that the order had before; the ClOrdID that the order has now; null unless there is no
    /// OrderID.
    pub orig_cl_ord_id: Text<36>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The venue's name of the order; null unless there is no OrigClOrdID, which goes before it.
    pub order_id: Optional<U64>,
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
}

impl CancelOrder {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
        see("AccountID", self.account_id.value());
        see("OrderID", self.order_id.value());
        see("Deadline", self.deadline.value());
    }
}
impl Block for CancelOrder {
    const NAME: &'static str = "CancelOrder";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<CancelOrder>() == 96);
    assert!(offset_of!(CancelOrder, cl_ord_id) == 0);
    assert!(offset_of!(CancelOrder, instrument_id) == 36);
    assert!(offset_of!(CancelOrder, orig_cl_ord_id) == 40);
    assert!(offset_of!(CancelOrder, account_id) == 76);
    assert!(offset_of!(CancelOrder, order_id) == 80);
    assert!(offset_of!(CancelOrder, deadline) == 88);
};
impl Root for CancelOrder {
    const TEMPLATE: u16 = 2;
}
impl Single for CancelOrder {}

/// Changes an order's price, quantity or display quantity; all three are taken anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct ReplaceOrder {
    /// The client's own name of the order or request, never used before by the session; the client's name
    /// of this request, and of the order once replaced.
    pub cl_ord_id: Text<36>,
    /// The instrument.
    pub instrument_id: U32,
    /// The ClOrdID that the order had before; the ClOrdID that the order has now; null unless there is no
    /// OrderID.
    pub orig_cl_ord_id: Text<36>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The venue's name of the order; null unless there is no OrigClOrdID, which goes before it.
    pub order_id: Optional<U64>,
    /// The order's quantity, what is filled already included.
    pub order_qty: Quantity,
    /// Limit price; null unless the order has a price.
    pub price: Optional<Price>,
    /// How much of an iceberg order shows at a time; none: all of it shows.
    pub display_qty: Optional<Quantity>,
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
    /// Buy or sell; it must be the order's.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl ReplaceOrder {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("OrigClOrdID", self.orig_cl_ord_id.value());
        see("AccountID", self.account_id.value());
        see("OrderID", self.order_id.value());
        see("OrderQty", self.order_qty.value());
        see("Price", self.price.value());
        see("DisplayQty", self.display_qty.value());
        see("Deadline", self.deadline.value());
        see("Side", self.side.value());
    }
}
impl Block for ReplaceOrder {
    const NAME: &'static str = "ReplaceOrder";
    const CODED: &'static [Coded] =
        &[Coded { field: "Side", id: 54, offset: 120, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ReplaceOrder>() == 128);
    assert!(offset_of!(ReplaceOrder, cl_ord_id) == 0);
    assert!(offset_of!(ReplaceOrder, instrument_id) == 36);
    assert!(offset_of!(ReplaceOrder, orig_cl_ord_id) == 40);
    assert!(offset_of!(ReplaceOrder, account_id) == 76);
    assert!(offset_of!(ReplaceOrder, order_id) == 80);
    assert!(offset_of!(ReplaceOrder, order_qty) == 88);
    assert!(offset_of!(ReplaceOrder, price) == 96);
    assert!(offset_of!(ReplaceOrder, display_qty) == 104);
    assert!(offset_of!(ReplaceOrder, deadline) == 112);
    assert!(offset_of!(ReplaceOrder, side) == 120);
    assert!(offset_of!(ReplaceOrder, padding1) == 121);
};
impl Root for ReplaceOrder {
    const TEMPLATE: u16 = 3;
}
impl Single for ReplaceOrder {}

/// Asks how an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct StatusRequest {
    /// The client's own name of the order or request, never used before by the session; the ClOrdID that
    /// the order has now; null unless there is no OrderID.
    pub cl_ord_id: Text<36>,
    /// The instrument.
    pub instrument_id: U32,
    /// The client's name of a status request; the client's name of this request.
    pub ord_status_req_id: Text<36>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The venue's name of the order; null unless there is no ClOrdID, which goes before it.
    pub order_id: Optional<U64>,
    /// Buy or sell; repeated by the answer about an unknown order.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl StatusRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("OrdStatusReqID", self.ord_status_req_id.value());
        see("AccountID", self.account_id.value());
        see("OrderID", self.order_id.value());
        see("Side", self.side.value());
    }
}
impl Block for StatusRequest {
    const NAME: &'static str = "StatusRequest";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 88, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<StatusRequest>() == 96);
    assert!(offset_of!(StatusRequest, cl_ord_id) == 0);
    assert!(offset_of!(StatusRequest, instrument_id) == 36);
    assert!(offset_of!(StatusRequest, ord_status_req_id) == 40);
    assert!(offset_of!(StatusRequest, account_id) == 76);
    assert!(offset_of!(StatusRequest, order_id) == 80);
    assert!(offset_of!(StatusRequest, side) == 88);
    assert!(offset_of!(StatusRequest, padding1) == 89);
};
impl Root for StatusRequest {
    const TEMPLATE: u16 = 4;
}
impl Single for StatusRequest {}

/// Cancels the session's open orders: all of them, or those that its fields select.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct MassCancel {
    /// The client's own name of the order or request, never used before by the session; the client's name
    /// of this request.
    pub cl_ord_id: Text<36>,
    /// The instrument; orders of this instrument only.
    pub instrument_id: Optional<U32>,
    /// The account; orders for this account only.
    pub account_id: Optional<U32>,
    /// Buy or sell; orders of this side only.
    pub side: OptionalSide,
    /// Which orders it selects, beyond its fields.
    pub mass_cancel_flags: MassCancelFlags,
    /// Zeros.
    pub padding1: [u8; 2],
}

impl MassCancel {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
        see("MassCancelFlags", self.mass_cancel_flags.value());
    }
}
impl Block for MassCancel {
    const NAME: &'static str = "MassCancel";
    const CODED: &'static [Coded] = &[
        Coded { field: "Side", id: 54, offset: 44, is_known: is_code::<OptionalSide> },
        Coded {
            field: "MassCancelFlags",
            id: 40008,
            offset: 45,
            is_known: |bits| bits & !MassCancelFlags::KNOWN == 0,
        },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.mass_cancel_flags.0 & !MassCancelFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<MassCancel>() == 48);
    assert!(offset_of!(MassCancel, cl_ord_id) == 0);
    assert!(offset_of!(MassCancel, instrument_id) == 36);
    assert!(offset_of!(MassCancel, account_id) == 40);
    assert!(offset_of!(MassCancel, side) == 44);
    assert!(offset_of!(MassCancel, mass_cancel_flags) == 45);
    assert!(offset_of!(MassCancel, padding1) == 46);
};
impl Root for MassCancel {
    const TEMPLATE: u16 = 5;
}
impl Single for MassCancel {}

/// Puts new quotes in the place of the account's quotes in the instruments named, all of them or, if
/// anything is wrong, none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct MassQuote {
    /// The client's name of a mass quote, which its quotes bear as their ClOrdID.
    pub quote_id: Text<36>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
    /// First reset the market-maker protection of every group of which an entry names an instrument;
    /// without entries, of every group of the account.
    pub mm_protection_reset: Boolean,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl MassQuote {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("QuoteID", self.quote_id.value());
        see("AccountID", self.account_id.value());
        see("Deadline", self.deadline.value());
        see("MMProtectionReset", self.mm_protection_reset.value());
    }
}
impl Block for MassQuote {
    const NAME: &'static str = "MassQuote";
    const CODED: &'static [Coded] =
        &[Coded { field: "MMProtectionReset", id: 9773, offset: 48, is_known: is_code::<Boolean> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<MassQuote>() == 52);
    assert!(offset_of!(MassQuote, quote_id) == 0);
    assert!(offset_of!(MassQuote, account_id) == 36);
    assert!(offset_of!(MassQuote, deadline) == 40);
    assert!(offset_of!(MassQuote, mm_protection_reset) == 48);
    assert!(offset_of!(MassQuote, padding1) == 49);
};
impl Root for MassQuote {
    const TEMPLATE: u16 = 6;
}

/// The two sides of one instrument; each instrument at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct MassQuoteEntry {
    /// The instrument.
    pub instrument_id: U32,
    /// Zeros.
    pub padding1: [u8; 4],
    /// Price of the bid; null unless there is a bid.
    pub bid_px: Optional<Price>,
    /// Quantity of the bid; none or zero is no bid.
    pub bid_size: Optional<Quantity>,
    /// Price of the offer; null unless there is an offer.
    pub offer_px: Optional<Price>,
    /// Quantity of the offer; none or zero is no offer.
    pub offer_size: Optional<Quantity>,
}

impl MassQuoteEntry {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("InstrumentID", self.instrument_id.value());
        see("BidPx", self.bid_px.value());
        see("BidSize", self.bid_size.value());
        see("OfferPx", self.offer_px.value());
        see("OfferSize", self.offer_size.value());
    }
}
impl Block for MassQuoteEntry {
    const NAME: &'static str = "MassQuote.NoQuoteEntries";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<MassQuoteEntry>() == 40);
    assert!(offset_of!(MassQuoteEntry, instrument_id) == 0);
    assert!(offset_of!(MassQuoteEntry, padding1) == 4);
    assert!(offset_of!(MassQuoteEntry, bid_px) == 8);
    assert!(offset_of!(MassQuoteEntry, bid_size) == 16);
    assert!(offset_of!(MassQuoteEntry, offer_px) == 24);
    assert!(offset_of!(MassQuoteEntry, offer_size) == 32);
};
impl Grouped for MassQuote {
    type Entry = MassQuoteEntry;
    const ENTRIES_MAX: usize = 32;
}

/// Lets the account quote again in a group that its protection has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct ResetProtection {
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The group of instruments.
    pub group_id: U32,
}

impl ResetProtection {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("GroupID", self.group_id.value());
    }
}
impl Block for ResetProtection {
    const NAME: &'static str = "ResetProtection";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ResetProtection>() == 8);
    assert!(offset_of!(ResetProtection, account_id) == 0);
    assert!(offset_of!(ResetProtection, group_id) == 4);
};
impl Root for ResetProtection {
    const TEMPLATE: u16 = 7;
}
impl Single for ResetProtection {}

/// Two new orders of which one cancels the other, taken both or none: of one account, symbol and side,
/// Day, GTC or GTD, at least one of them a stop; neither may trade or be triggered at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct NewOrderList {
    /// The list's name; not that of another list with an open order.
    pub list_id: Text<36>,
    /// The instrument; of both orders.
    pub instrument_id: U32,
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// Buy or sell; of both orders.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl NewOrderList {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ListID", self.list_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("Deadline", self.deadline.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
    }
}
impl Block for NewOrderList {
    const NAME: &'static str = "NewOrderList";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 52, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<NewOrderList>() == 60);
    assert!(offset_of!(NewOrderList, list_id) == 0);
    assert!(offset_of!(NewOrderList, instrument_id) == 36);
    assert!(offset_of!(NewOrderList, deadline) == 40);
    assert!(offset_of!(NewOrderList, account_id) == 48);
    assert!(offset_of!(NewOrderList, side) == 52);
    assert!(offset_of!(NewOrderList, padding1) == 53);
};
impl Root for NewOrderList {
    const TEMPLATE: u16 = 8;
}

/// Two orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct NewOrderListEntry {
    /// The client's own name of the order or request, never used before by the session.
    pub cl_ord_id: Text<36>,
    /// What kind of order.
    pub ord_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// What the order has beyond its terms.
    pub order_flags: OrderFlags,
    /// What happens when it meets an order of its own account; none is the session's own mode.
    pub self_match_prevention_instruction: OptionalSelfTrade,
    /// The order's quantity, what is filled already included.
    pub order_qty: Quantity,
    /// Limit price; null unless a limit or stop limit order.
    pub price: Optional<Price>,
    /// Stop price; of a trailing stop its distance to the best price; null unless a stop, stop limit or
    /// trailing stop order.
    pub stop_px: Optional<Price>,
    /// When a GTD order ends; null unless TimeInForce is Gtd.
    pub expire_time: Optional<U64>,
    /// How much of an iceberg order shows at a time; none: all of it shows.
    pub display_qty: Optional<Quantity>,
}

impl NewOrderListEntry {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ClOrdID", self.cl_ord_id.value());
        see("OrdType", self.ord_type.value());
        see("TimeInForce", self.time_in_force.value());
        see("OrderFlags", self.order_flags.value());
        see("SelfMatchPreventionInstruction", self.self_match_prevention_instruction.value());
        see("OrderQty", self.order_qty.value());
        see("Price", self.price.value());
        see("StopPx", self.stop_px.value());
        see("ExpireTime", self.expire_time.value());
        see("DisplayQty", self.display_qty.value());
    }
}
impl Block for NewOrderListEntry {
    const NAME: &'static str = "NewOrderList.NoOrders";
    const CODED: &'static [Coded] = &[
        Coded { field: "OrdType", id: 40, offset: 36, is_known: is_code::<OrderType> },
        Coded { field: "TimeInForce", id: 59, offset: 37, is_known: is_code::<TimeInForce> },
        Coded { field: "OrderFlags", id: 40006, offset: 38, is_known: |bits| bits & !OrderFlags::KNOWN == 0 },
        Coded {
            field: "SelfMatchPreventionInstruction",
            id: 2964,
            offset: 39,
            is_known: is_code::<OptionalSelfTrade>,
        },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.order_flags.0 & !OrderFlags::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<NewOrderListEntry>() == 80);
    assert!(offset_of!(NewOrderListEntry, cl_ord_id) == 0);
    assert!(offset_of!(NewOrderListEntry, ord_type) == 36);
    assert!(offset_of!(NewOrderListEntry, time_in_force) == 37);
    assert!(offset_of!(NewOrderListEntry, order_flags) == 38);
    assert!(offset_of!(NewOrderListEntry, self_match_prevention_instruction) == 39);
    assert!(offset_of!(NewOrderListEntry, order_qty) == 40);
    assert!(offset_of!(NewOrderListEntry, price) == 48);
    assert!(offset_of!(NewOrderListEntry, stop_px) == 56);
    assert!(offset_of!(NewOrderListEntry, expire_time) == 64);
    assert!(offset_of!(NewOrderListEntry, display_qty) == 72);
};
impl Grouped for NewOrderList {
    type Entry = NewOrderListEntry;
    const ENTRIES_MAX: usize = 2;
}

/// Cancels the orders of a list that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct ListCancelRequest {
    /// The list's name.
    pub list_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
    /// The instant from which on the command is not to be carried out any more.
    pub deadline: Optional<U64>,
}

impl ListCancelRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ListID", self.list_id.value());
        see("Deadline", self.deadline.value());
    }
}
impl Block for ListCancelRequest {
    const NAME: &'static str = "ListCancelRequest";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ListCancelRequest>() == 48);
    assert!(offset_of!(ListCancelRequest, list_id) == 0);
    assert!(offset_of!(ListCancelRequest, padding1) == 36);
    assert!(offset_of!(ListCancelRequest, deadline) == 40);
};
impl Root for ListCancelRequest {
    const TEMPLATE: u16 = 9;
}
impl Single for ListCancelRequest {}

/// Asks how the orders of a list stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct ListStatusRequest {
    /// The list's name.
    pub list_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl ListStatusRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ListID", self.list_id.value());
    }
}
impl Block for ListStatusRequest {
    const NAME: &'static str = "ListStatusRequest";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<ListStatusRequest>() == 40);
    assert!(offset_of!(ListStatusRequest, list_id) == 0);
    assert!(offset_of!(ListStatusRequest, padding1) == 36);
};
impl Root for ListStatusRequest {
    const TEMPLATE: u16 = 10;
}
impl Single for ListStatusRequest {}

/// Asks how much of its limits the session has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct LimitQuery {
    /// The request's name.
    pub req_id: Text<36>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl LimitQuery {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("ReqID", self.req_id.value());
    }
}
impl Block for LimitQuery {
    const NAME: &'static str = "LimitQuery";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<LimitQuery>() == 40);
    assert!(offset_of!(LimitQuery, req_id) == 0);
    assert!(offset_of!(LimitQuery, padding1) == 36);
};
impl Root for LimitQuery {
    const TEMPLATE: u16 = 11;
}
impl Single for LimitQuery {}

/// Asks what an account has of each asset, or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct RequestForPositions {
    /// The request's name, 1 to 36 printable characters.
    pub pos_req_id: Text<36>,
    /// The account; none is the session's own.
    pub account_id: Optional<U32>,
    /// The asset; none is every asset that the account has something of.
    pub asset_id: Optional<U32>,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl RequestForPositions {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("PosReqID", self.pos_req_id.value());
        see("AccountID", self.account_id.value());
        see("AssetID", self.asset_id.value());
    }
}
impl Block for RequestForPositions {
    const NAME: &'static str = "RequestForPositions";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<RequestForPositions>() == 48);
    assert!(offset_of!(RequestForPositions, pos_req_id) == 0);
    assert!(offset_of!(RequestForPositions, account_id) == 36);
    assert!(offset_of!(RequestForPositions, asset_id) == 40);
    assert!(offset_of!(RequestForPositions, padding1) == 44);
};
impl Root for RequestForPositions {
    const TEMPLATE: u16 = 12;
}
impl Single for RequestForPositions {}

/// Asks how all open orders of the session stand, or those that its fields select.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct OrderMassStatusRequest {
    /// The request's name, 1 to 36 printable characters.
    pub mass_status_req_id: Text<36>,
    /// The instrument; orders of this instrument only.
    pub instrument_id: Optional<U32>,
    /// The account; orders for this account only.
    pub account_id: Optional<U32>,
    /// Buy or sell; orders of this side only.
    pub side: OptionalSide,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl OrderMassStatusRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("MassStatusReqID", self.mass_status_req_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("AccountID", self.account_id.value());
        see("Side", self.side.value());
    }
}
impl Block for OrderMassStatusRequest {
    const NAME: &'static str = "OrderMassStatusRequest";
    const CODED: &'static [Coded] =
        &[Coded { field: "Side", id: 54, offset: 44, is_known: is_code::<OptionalSide> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<OrderMassStatusRequest>() == 48);
    assert!(offset_of!(OrderMassStatusRequest, mass_status_req_id) == 0);
    assert!(offset_of!(OrderMassStatusRequest, instrument_id) == 36);
    assert!(offset_of!(OrderMassStatusRequest, account_id) == 40);
    assert!(offset_of!(OrderMassStatusRequest, side) == 44);
    assert!(offset_of!(OrderMassStatusRequest, padding1) == 45);
};
impl Root for OrderMassStatusRequest {
    const TEMPLATE: u16 = 13;
}
impl Single for OrderMassStatusRequest {}

/// Asks for the book of an instrument, its trades and its trading state: answered by SnapshotBegin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookRequest {
    /// The instrument; none is every instrument.
    pub instrument_id: Optional<U32>,
    /// What is wanted.
    pub subscription_request_type: Subscription,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("InstrumentID", self.instrument_id.value());
        see("SubscriptionRequestType", self.subscription_request_type.value());
    }
}
impl Block for BookRequest {
    const NAME: &'static str = "BookRequest";
    const CODED: &'static [Coded] =
        &[Coded { field: "SubscriptionRequestType", id: 263, offset: 4, is_known: is_code::<Subscription> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookRequest>() == 8);
    assert!(offset_of!(BookRequest, instrument_id) == 0);
    assert!(offset_of!(BookRequest, subscription_request_type) == 4);
    assert!(offset_of!(BookRequest, padding1) == 5);
};
impl Root for BookRequest {
    const TEMPLATE: u16 = 14;
}
impl Single for BookRequest {}

/// Asks what numbers stand for: answered by definitions and then DefinitionsEnd; what changes later is
/// told unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct DefinitionRequest {
    /// What is to be defined.
    pub definition_kinds: DefinitionKinds,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl DefinitionRequest {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("DefinitionKinds", self.definition_kinds.value());
    }
}
impl Block for DefinitionRequest {
    const NAME: &'static str = "DefinitionRequest";
    const CODED: &'static [Coded] = &[Coded {
        field: "DefinitionKinds",
        id: 40060,
        offset: 0,
        is_known: |bits| bits & !DefinitionKinds::KNOWN == 0,
    }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        self.definition_kinds.0 & !DefinitionKinds::KNOWN != 0
    }
}
const _: () = {
    assert!(size_of::<DefinitionRequest>() == 8);
    assert!(offset_of!(DefinitionRequest, definition_kinds) == 0);
    assert!(offset_of!(DefinitionRequest, padding1) == 1);
};
impl Root for DefinitionRequest {
    const TEMPLATE: u16 = 15;
}
impl Single for DefinitionRequest {}
