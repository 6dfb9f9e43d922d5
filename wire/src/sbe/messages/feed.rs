//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! Market data, and what is public besides.
use super::super::codes::{
    Boolean, DefinitionKinds, Notional, OptionalSide, Price, Quantity, Side, TradingState,
};
use super::super::field::{Coded, Field, Optional, Text, Value, is_code};
use super::super::{Block, Root, Single};
use std::mem::offset_of;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// An order stands in the book, behind all others of its side and price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookAdded {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The venue's name of the order.
    pub order_id: U64,
    /// Limit price.
    pub price: Price,
    /// What can still trade; how much of it shows.
    pub leaves_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookAdded {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("OrderID", self.order_id.value());
        see("Price", self.price.value());
        see("LeavesQty", self.leaves_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for BookAdded {
    const NAME: &'static str = "BookAdded";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 36, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookAdded>() == 40);
    assert!(offset_of!(BookAdded, transact_time) == 0);
    assert!(offset_of!(BookAdded, order_id) == 8);
    assert!(offset_of!(BookAdded, price) == 16);
    assert!(offset_of!(BookAdded, leaves_qty) == 24);
    assert!(offset_of!(BookAdded, instrument_id) == 32);
    assert!(offset_of!(BookAdded, side) == 36);
    assert!(offset_of!(BookAdded, padding1) == 37);
};
impl Root for BookAdded {
    const TEMPLATE: u16 = 70;
}
impl Single for BookAdded {}

/// An order of the book traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookExecuted {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The trade.
    pub trade_id: U64,
    /// Price of the trade.
    pub last_px: Price,
    /// How much of the order traded.
    pub executed_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell; of the order in the book.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookExecuted {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("OrderID", self.order_id.value());
        see("TradeID", self.trade_id.value());
        see("LastPx", self.last_px.value());
        see("ExecutedQty", self.executed_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for BookExecuted {
    const NAME: &'static str = "BookExecuted";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 44, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookExecuted>() == 48);
    assert!(offset_of!(BookExecuted, transact_time) == 0);
    assert!(offset_of!(BookExecuted, order_id) == 8);
    assert!(offset_of!(BookExecuted, trade_id) == 16);
    assert!(offset_of!(BookExecuted, last_px) == 24);
    assert!(offset_of!(BookExecuted, executed_qty) == 32);
    assert!(offset_of!(BookExecuted, instrument_id) == 40);
    assert!(offset_of!(BookExecuted, side) == 44);
    assert!(offset_of!(BookExecuted, padding1) == 45);
};
impl Root for BookExecuted {
    const TEMPLATE: u16 = 71;
}
impl Single for BookExecuted {}

/// Less of an order stands; it keeps its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookReduced {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The venue's name of the order.
    pub order_id: U64,
    /// How much less of the order stands.
    pub canceled_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookReduced {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("OrderID", self.order_id.value());
        see("CanceledQty", self.canceled_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for BookReduced {
    const NAME: &'static str = "BookReduced";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 28, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookReduced>() == 32);
    assert!(offset_of!(BookReduced, transact_time) == 0);
    assert!(offset_of!(BookReduced, order_id) == 8);
    assert!(offset_of!(BookReduced, canceled_qty) == 16);
    assert!(offset_of!(BookReduced, instrument_id) == 24);
    assert!(offset_of!(BookReduced, side) == 28);
    assert!(offset_of!(BookReduced, padding1) == 29);
};
impl Root for BookReduced {
    const TEMPLATE: u16 = 72;
}
impl Single for BookReduced {}

/// An order has left the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookDeleted {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The venue's name of the order.
    pub order_id: U64,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookDeleted {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("OrderID", self.order_id.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for BookDeleted {
    const NAME: &'static str = "BookDeleted";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 20, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookDeleted>() == 24);
    assert!(offset_of!(BookDeleted, transact_time) == 0);
    assert!(offset_of!(BookDeleted, order_id) == 8);
    assert!(offset_of!(BookDeleted, instrument_id) == 16);
    assert!(offset_of!(BookDeleted, side) == 20);
    assert!(offset_of!(BookDeleted, padding1) == 21);
};
impl Root for BookDeleted {
    const TEMPLATE: u16 = 73;
}
impl Single for BookDeleted {}

/// An order stands elsewhere: at this price, with this quantity, behind all others there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookReplaced {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The venue's name of the order.
    pub order_id: U64,
    /// Limit price.
    pub price: Price,
    /// What can still trade; how much of it shows.
    pub leaves_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl BookReplaced {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("OrderID", self.order_id.value());
        see("Price", self.price.value());
        see("LeavesQty", self.leaves_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for BookReplaced {
    const NAME: &'static str = "BookReplaced";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 36, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookReplaced>() == 40);
    assert!(offset_of!(BookReplaced, transact_time) == 0);
    assert!(offset_of!(BookReplaced, order_id) == 8);
    assert!(offset_of!(BookReplaced, price) == 16);
    assert!(offset_of!(BookReplaced, leaves_qty) == 24);
    assert!(offset_of!(BookReplaced, instrument_id) == 32);
    assert!(offset_of!(BookReplaced, side) == 36);
    assert!(offset_of!(BookReplaced, padding1) == 37);
};
impl Root for BookReplaced {
    const TEMPLATE: u16 = 74;
}
impl Single for BookReplaced {}

/// A trade, whatever orders of the book took part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct Trade {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The trade.
    pub trade_id: U64,
    /// Price of the trade.
    pub last_px: Price,
    /// Quantity of the trade.
    pub last_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// Buy or sell; of the order that came to the book; null unless not in an auction.
    pub side: OptionalSide,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl Trade {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("TradeID", self.trade_id.value());
        see("LastPx", self.last_px.value());
        see("LastQty", self.last_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("Side", self.side.value());
    }
}
impl Block for Trade {
    const NAME: &'static str = "Trade";
    const CODED: &'static [Coded] =
        &[Coded { field: "Side", id: 54, offset: 36, is_known: is_code::<OptionalSide> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<Trade>() == 40);
    assert!(offset_of!(Trade, transact_time) == 0);
    assert!(offset_of!(Trade, trade_id) == 8);
    assert!(offset_of!(Trade, last_px) == 16);
    assert!(offset_of!(Trade, last_qty) == 24);
    assert!(offset_of!(Trade, instrument_id) == 32);
    assert!(offset_of!(Trade, side) == 36);
    assert!(offset_of!(Trade, padding1) == 37);
};
impl Root for Trade {
    const TEMPLATE: u16 = 75;
}
impl Single for Trade {}

/// An instrument's trading state is, or has changed to, this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct TradingStatus {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// The instrument.
    pub instrument_id: U32,
    /// The instrument's trading state.
    pub trading_state: TradingState,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl TradingStatus {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("SeqNum", self.seq_num.value());
        see("InstrumentID", self.instrument_id.value());
        see("TradingState", self.trading_state.value());
    }
}
impl Block for TradingStatus {
    const NAME: &'static str = "TradingStatus";
    const CODED: &'static [Coded] =
        &[Coded { field: "TradingState", id: 40018, offset: 20, is_known: is_code::<TradingState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<TradingStatus>() == 24);
    assert!(offset_of!(TradingStatus, transact_time) == 0);
    assert!(offset_of!(TradingStatus, seq_num) == 8);
    assert!(offset_of!(TradingStatus, instrument_id) == 16);
    assert!(offset_of!(TradingStatus, trading_state) == 20);
    assert!(offset_of!(TradingStatus, padding1) == 21);
};
impl Root for TradingStatus {
    const TEMPLATE: u16 = 76;
}
impl Single for TradingStatus {}

/// What an auction would do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct IndicativeAuction {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The place of the command that caused it in the venue's one sequence, from 1.
    pub seq_num: U64,
    /// Price of the trade; the price; null unless anything would trade.
    pub last_px: Optional<Price>,
    /// Quantity of the trade; how much would trade; 0 is nothing.
    pub last_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// The instrument's trading state.
    pub trading_state: TradingState,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl IndicativeAuction {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("SeqNum", self.seq_num.value());
        see("LastPx", self.last_px.value());
        see("LastQty", self.last_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("TradingState", self.trading_state.value());
    }
}
impl Block for IndicativeAuction {
    const NAME: &'static str = "IndicativeAuction";
    const CODED: &'static [Coded] =
        &[Coded { field: "TradingState", id: 40018, offset: 36, is_known: is_code::<TradingState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<IndicativeAuction>() == 40);
    assert!(offset_of!(IndicativeAuction, transact_time) == 0);
    assert!(offset_of!(IndicativeAuction, seq_num) == 8);
    assert!(offset_of!(IndicativeAuction, last_px) == 16);
    assert!(offset_of!(IndicativeAuction, last_qty) == 24);
    assert!(offset_of!(IndicativeAuction, instrument_id) == 32);
    assert!(offset_of!(IndicativeAuction, trading_state) == 36);
    assert!(offset_of!(IndicativeAuction, padding1) == 37);
};
impl Root for IndicativeAuction {
    const TEMPLATE: u16 = 77;
}
impl Single for IndicativeAuction {}

/// An instrument's terms, when they are asked for and whenever they change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct InstrumentDefinition {
    /// The place of the command that caused it in the venue's one sequence, from 1; 0: they have stood so
    /// since before the session began.
    pub seq_num: U64,
    /// The instrument.
    pub instrument_id: U32,
    /// The group of instruments.
    pub group_id: U32,
    /// The instrument's name.
    pub instrument_symbol: Text<32>,
    /// The smallest difference of two prices.
    pub tick: Price,
    /// The smallest difference of two quantities.
    pub lot: Quantity,
    /// What is bought and sold.
    pub base_id: U32,
    /// What is paid with.
    pub quote_asset_id: U32,
    /// Smallest units of the base asset in a lot.
    pub base_per_lot: U64,
    /// Smallest units of the quote asset in one tick of price for one lot.
    pub quote_per_tick_lot: U64,
    /// The maker's fee.
    pub maker_fee: U32,
    /// The taker's fee.
    pub taker_fee: U32,
    /// The smallest quantity of an order.
    pub quantity_min: Quantity,
    /// The greatest quantity of an order; none: more than a Quantity can say.
    pub quantity_max: Optional<Quantity>,
    /// The smallest price times quantity of an order.
    pub notional_min: Notional,
    /// The reference price until the first trade.
    pub reference_price: Price,
    /// How far from the reference price an order's may lie.
    pub band: U32,
    /// How far from the reference price a trade's may lie before trading is interrupted for an auction; 0
    /// is never.
    pub dynamic_band: U32,
    /// How long the call phase of such an auction lasts.
    pub volatility_call: U64,
    /// The instrument's trading state.
    pub trading_state: TradingState,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl InstrumentDefinition {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("SeqNum", self.seq_num.value());
        see("InstrumentID", self.instrument_id.value());
        see("GroupID", self.group_id.value());
        see("InstrumentSymbol", self.instrument_symbol.value());
        see("Tick", self.tick.value());
        see("Lot", self.lot.value());
        see("BaseID", self.base_id.value());
        see("QuoteAssetID", self.quote_asset_id.value());
        see("BasePerLot", self.base_per_lot.value());
        see("QuotePerTickLot", self.quote_per_tick_lot.value());
        see("MakerFee", self.maker_fee.value());
        see("TakerFee", self.taker_fee.value());
        see("QuantityMin", self.quantity_min.value());
        see("QuantityMax", self.quantity_max.value());
        see("NotionalMin", self.notional_min.value());
        see("ReferencePrice", self.reference_price.value());
        see("Band", self.band.value());
        see("DynamicBand", self.dynamic_band.value());
        see("VolatilityCall", self.volatility_call.value());
        see("TradingState", self.trading_state.value());
    }
}
impl Block for InstrumentDefinition {
    const NAME: &'static str = "InstrumentDefinition";
    const CODED: &'static [Coded] =
        &[Coded { field: "TradingState", id: 40018, offset: 152, is_known: is_code::<TradingState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<InstrumentDefinition>() == 160);
    assert!(offset_of!(InstrumentDefinition, seq_num) == 0);
    assert!(offset_of!(InstrumentDefinition, instrument_id) == 8);
    assert!(offset_of!(InstrumentDefinition, group_id) == 12);
    assert!(offset_of!(InstrumentDefinition, instrument_symbol) == 16);
    assert!(offset_of!(InstrumentDefinition, tick) == 48);
    assert!(offset_of!(InstrumentDefinition, lot) == 56);
    assert!(offset_of!(InstrumentDefinition, base_id) == 64);
    assert!(offset_of!(InstrumentDefinition, quote_asset_id) == 68);
    assert!(offset_of!(InstrumentDefinition, base_per_lot) == 72);
    assert!(offset_of!(InstrumentDefinition, quote_per_tick_lot) == 80);
    assert!(offset_of!(InstrumentDefinition, maker_fee) == 88);
    assert!(offset_of!(InstrumentDefinition, taker_fee) == 92);
    assert!(offset_of!(InstrumentDefinition, quantity_min) == 96);
    assert!(offset_of!(InstrumentDefinition, quantity_max) == 104);
    assert!(offset_of!(InstrumentDefinition, notional_min) == 112);
    assert!(offset_of!(InstrumentDefinition, reference_price) == 128);
    assert!(offset_of!(InstrumentDefinition, band) == 136);
    assert!(offset_of!(InstrumentDefinition, dynamic_band) == 140);
    assert!(offset_of!(InstrumentDefinition, volatility_call) == 144);
    assert!(offset_of!(InstrumentDefinition, trading_state) == 152);
    assert!(offset_of!(InstrumentDefinition, padding1) == 153);
};
impl Root for InstrumentDefinition {
    const TEMPLATE: u16 = 78;
}
impl Single for InstrumentDefinition {}

/// An account's terms, when they are asked for and whenever they or a session's entitlement to trade
/// for it change; to sessions of order entry alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct AccountDefinition {
    /// The place of the command that caused it in the venue's one sequence, from 1; 0: it has stood so
    /// since before the session began.
    pub seq_num: U64,
    /// The account's name.
    pub account_name: Text<32>,
    /// The account.
    pub account_id: U32,
    /// The session; whose; null unless an entitlement has changed.
    pub session_id: Optional<U32>,
    /// Whether it may spend more than it has, up to its credit in each asset.
    pub credit: Boolean,
    /// Whether the session may trade for the account from now on; Yes or No with SessionID, else No.
    pub entitled: Boolean,
    /// Zeros.
    pub padding1: [u8; 6],
}

impl AccountDefinition {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("SeqNum", self.seq_num.value());
        see("AccountName", self.account_name.value());
        see("AccountID", self.account_id.value());
        see("SessionID", self.session_id.value());
        see("Credit", self.credit.value());
        see("Entitled", self.entitled.value());
    }
}
impl Block for AccountDefinition {
    const NAME: &'static str = "AccountDefinition";
    const CODED: &'static [Coded] = &[
        Coded { field: "Credit", id: 40042, offset: 48, is_known: is_code::<Boolean> },
        Coded { field: "Entitled", id: 40043, offset: 49, is_known: is_code::<Boolean> },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<AccountDefinition>() == 56);
    assert!(offset_of!(AccountDefinition, seq_num) == 0);
    assert!(offset_of!(AccountDefinition, account_name) == 8);
    assert!(offset_of!(AccountDefinition, account_id) == 40);
    assert!(offset_of!(AccountDefinition, session_id) == 44);
    assert!(offset_of!(AccountDefinition, credit) == 48);
    assert!(offset_of!(AccountDefinition, entitled) == 49);
    assert!(offset_of!(AccountDefinition, padding1) == 50);
};
impl Root for AccountDefinition {
    const TEMPLATE: u16 = 79;
}
impl Single for AccountDefinition {}

/// The book of an instrument follows: BookLevel for each price, bids and then offers, the best first,
/// among them what changes meanwhile, and SnapshotEnd; what was known of the book before does not hold
/// any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct SnapshotBegin {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The instrument.
    pub instrument_id: U32,
    /// The instrument's trading state.
    pub trading_state: TradingState,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl SnapshotBegin {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("InstrumentID", self.instrument_id.value());
        see("TradingState", self.trading_state.value());
    }
}
impl Block for SnapshotBegin {
    const NAME: &'static str = "SnapshotBegin";
    const CODED: &'static [Coded] =
        &[Coded { field: "TradingState", id: 40018, offset: 12, is_known: is_code::<TradingState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SnapshotBegin>() == 16);
    assert!(offset_of!(SnapshotBegin, transact_time) == 0);
    assert!(offset_of!(SnapshotBegin, instrument_id) == 8);
    assert!(offset_of!(SnapshotBegin, trading_state) == 12);
    assert!(offset_of!(SnapshotBegin, padding1) == 13);
};
impl Root for SnapshotBegin {
    const TEMPLATE: u16 = 80;
}
impl Single for SnapshotBegin {}

/// The book is whole; what changes follows with BookLevel and Trade, if it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct SnapshotEnd {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// The place in the venue's one sequence of the last command that the book contains.
    pub snapshot_seq_num: U64,
    /// The instrument.
    pub instrument_id: U32,
    /// How many prices the book has now, bids and offers.
    pub level_count: U32,
}

impl SnapshotEnd {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("SnapshotSeqNum", self.snapshot_seq_num.value());
        see("InstrumentID", self.instrument_id.value());
        see("LevelCount", self.level_count.value());
    }
}
impl Block for SnapshotEnd {
    const NAME: &'static str = "SnapshotEnd";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SnapshotEnd>() == 24);
    assert!(offset_of!(SnapshotEnd, transact_time) == 0);
    assert!(offset_of!(SnapshotEnd, snapshot_seq_num) == 8);
    assert!(offset_of!(SnapshotEnd, instrument_id) == 16);
    assert!(offset_of!(SnapshotEnd, level_count) == 20);
};
impl Root for SnapshotEnd {
    const TEMPLATE: u16 = 81;
}
impl Single for SnapshotEnd {}

/// What stands at a price of a book now; nothing any more, if OrderCount is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct BookLevel {
    /// The venue's time of the command that caused it.
    pub transact_time: U64,
    /// Limit price.
    pub price: Price,
    /// What stands at the price, at most what a Quantity can say.
    pub level_qty: Quantity,
    /// The instrument.
    pub instrument_id: U32,
    /// How many orders follow; in how many orders.
    pub order_count: U32,
    /// Buy or sell.
    pub side: Side,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl BookLevel {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TransactTime", self.transact_time.value());
        see("Price", self.price.value());
        see("LevelQty", self.level_qty.value());
        see("InstrumentID", self.instrument_id.value());
        see("OrderCount", self.order_count.value());
        see("Side", self.side.value());
    }
}
impl Block for BookLevel {
    const NAME: &'static str = "BookLevel";
    const CODED: &'static [Coded] = &[Coded { field: "Side", id: 54, offset: 32, is_known: is_code::<Side> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<BookLevel>() == 40);
    assert!(offset_of!(BookLevel, transact_time) == 0);
    assert!(offset_of!(BookLevel, price) == 8);
    assert!(offset_of!(BookLevel, level_qty) == 16);
    assert!(offset_of!(BookLevel, instrument_id) == 24);
    assert!(offset_of!(BookLevel, order_count) == 28);
    assert!(offset_of!(BookLevel, side) == 32);
    assert!(offset_of!(BookLevel, padding1) == 33);
};
impl Root for BookLevel {
    const TEMPLATE: u16 = 82;
}
impl Single for BookLevel {}

/// What an asset's number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct AssetDefinition {
    /// The asset's name.
    pub asset_name: Text<32>,
    /// The asset.
    pub asset_id: U32,
    /// Decimal places of the asset's smallest unit.
    pub asset_scale: U16,
    /// Zeros.
    pub padding1: [u8; 2],
}

impl AssetDefinition {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AssetName", self.asset_name.value());
        see("AssetID", self.asset_id.value());
        see("AssetScale", self.asset_scale.value());
    }
}
impl Block for AssetDefinition {
    const NAME: &'static str = "AssetDefinition";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<AssetDefinition>() == 40);
    assert!(offset_of!(AssetDefinition, asset_name) == 0);
    assert!(offset_of!(AssetDefinition, asset_id) == 32);
    assert!(offset_of!(AssetDefinition, asset_scale) == 36);
    assert!(offset_of!(AssetDefinition, padding1) == 38);
};
impl Root for AssetDefinition {
    const TEMPLATE: u16 = 83;
}
impl Single for AssetDefinition {}

/// What a session's number stands for; to drop-copy sessions alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct SessionDefinition {
    /// The session's name.
    pub session_name: Text<32>,
    /// The session.
    pub session_id: U32,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl SessionDefinition {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("SessionName", self.session_name.value());
        see("SessionID", self.session_id.value());
    }
}
impl Block for SessionDefinition {
    const NAME: &'static str = "SessionDefinition";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SessionDefinition>() == 40);
    assert!(offset_of!(SessionDefinition, session_name) == 0);
    assert!(offset_of!(SessionDefinition, session_id) == 32);
    assert!(offset_of!(SessionDefinition, padding1) == 36);
};
impl Root for SessionDefinition {
    const TEMPLATE: u16 = 84;
}
impl Single for SessionDefinition {}

/// Everything that a DefinitionRequest asked for was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct DefinitionsEnd {
    /// What is to be defined; the request's.
    pub definition_kinds: DefinitionKinds,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl DefinitionsEnd {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("DefinitionKinds", self.definition_kinds.value());
    }
}
impl Block for DefinitionsEnd {
    const NAME: &'static str = "DefinitionsEnd";
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
    assert!(size_of::<DefinitionsEnd>() == 8);
    assert!(offset_of!(DefinitionsEnd, definition_kinds) == 0);
    assert!(offset_of!(DefinitionsEnd, padding1) == 1);
};
impl Root for DefinitionsEnd {
    const TEMPLATE: u16 = 85;
}
impl Single for DefinitionsEnd {}
