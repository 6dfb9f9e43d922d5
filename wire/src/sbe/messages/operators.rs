//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! What operators send.
use super::super::codes::{AssetUnits, Boolean, Notional, Price, Quantity, Scope, TradingState};
use super::super::field::{Coded, Field, Optional, Text, Value, is_code};
use super::super::{Block, Root, Single};
use std::mem::offset_of;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// Cancels everything and refuses new orders of a session, an account or the venue, or takes them
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct KillSwitch {
    /// The number of the session or account that it stops; 0 for the venue.
    pub target_id: U32,
    /// Whom it stops.
    pub scope: Scope,
    /// Whether it is so from now on; Yes stops, No lets go on.
    pub on: Boolean,
    /// Zeros.
    pub padding1: [u8; 2],
}

impl KillSwitch {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("TargetID", self.target_id.value());
        see("Scope", self.scope.value());
        see("On", self.on.value());
    }
}
impl Block for KillSwitch {
    const NAME: &'static str = "KillSwitch";
    const CODED: &'static [Coded] = &[
        Coded { field: "Scope", id: 40019, offset: 4, is_known: is_code::<Scope> },
        Coded { field: "On", id: 40021, offset: 5, is_known: is_code::<Boolean> },
    ];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<KillSwitch>() == 8);
    assert!(offset_of!(KillSwitch, target_id) == 0);
    assert!(offset_of!(KillSwitch, scope) == 4);
    assert!(offset_of!(KillSwitch, on) == 5);
    assert!(offset_of!(KillSwitch, padding1) == 6);
};
impl Root for KillSwitch {
    const TEMPLATE: u16 = 20;
}
impl Single for KillSwitch {}

/// Changes an instrument's trading state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct SetState {
    /// The instrument.
    pub instrument_id: U32,
    /// The instrument's trading state.
    pub trading_state: TradingState,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl SetState {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("InstrumentID", self.instrument_id.value());
        see("TradingState", self.trading_state.value());
    }
}
impl Block for SetState {
    const NAME: &'static str = "SetState";
    const CODED: &'static [Coded] =
        &[Coded { field: "TradingState", id: 40018, offset: 4, is_known: is_code::<TradingState> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SetState>() == 8);
    assert!(offset_of!(SetState, instrument_id) == 0);
    assert!(offset_of!(SetState, trading_state) == 4);
    assert!(offset_of!(SetState, padding1) == 5);
};
impl Root for SetState {
    const TEMPLATE: u16 = 21;
}
impl Single for SetState {}

/// Moves funds into the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct Deposit {
    /// The account.
    pub account_id: U32,
    /// The asset.
    pub asset_id: U32,
    /// How much of the asset.
    pub funds: AssetUnits,
}

impl Deposit {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("AssetID", self.asset_id.value());
        see("Funds", self.funds.value());
    }
}
impl Block for Deposit {
    const NAME: &'static str = "Deposit";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<Deposit>() == 24);
    assert!(offset_of!(Deposit, account_id) == 0);
    assert!(offset_of!(Deposit, asset_id) == 4);
    assert!(offset_of!(Deposit, funds) == 8);
};
impl Root for Deposit {
    const TEMPLATE: u16 = 22;
}
impl Single for Deposit {}

/// Moves funds out of the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct Withdraw {
    /// The account.
    pub account_id: U32,
    /// The asset.
    pub asset_id: U32,
    /// How much of the asset.
    pub funds: AssetUnits,
}

impl Withdraw {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("AssetID", self.asset_id.value());
        see("Funds", self.funds.value());
    }
}
impl Block for Withdraw {
    const NAME: &'static str = "Withdraw";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<Withdraw>() == 24);
    assert!(offset_of!(Withdraw, account_id) == 0);
    assert!(offset_of!(Withdraw, asset_id) == 4);
    assert!(offset_of!(Withdraw, funds) == 8);
};
impl Root for Withdraw {
    const TEMPLATE: u16 = 23;
}
impl Single for Withdraw {}

/// Sets the limits of market-maker protection for an account in a group of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct SetProtection {
    /// The account.
    pub account_id: U32,
    /// The group of instruments.
    pub group_id: U32,
    /// Lots filled within the window that are too many; 0 is no limit.
    pub lots_max: U64,
    /// The window, above zero.
    pub window: U64,
    /// Fills within the window that are one too many, 1 to 1024; 0 takes the protection away.
    pub fills_max: U32,
    /// Zeros.
    pub padding1: [u8; 4],
}

impl SetProtection {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("GroupID", self.group_id.value());
        see("LotsMax", self.lots_max.value());
        see("Window", self.window.value());
        see("FillsMax", self.fills_max.value());
    }
}
impl Block for SetProtection {
    const NAME: &'static str = "SetProtection";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SetProtection>() == 32);
    assert!(offset_of!(SetProtection, account_id) == 0);
    assert!(offset_of!(SetProtection, group_id) == 4);
    assert!(offset_of!(SetProtection, lots_max) == 8);
    assert!(offset_of!(SetProtection, window) == 16);
    assert!(offset_of!(SetProtection, fills_max) == 24);
    assert!(offset_of!(SetProtection, padding1) == 28);
};
impl Root for SetProtection {
    const TEMPLATE: u16 = 24;
}
impl Single for SetProtection {}

/// Adds an instrument, if its number is the next one, or changes the one there is: all but its symbol,
/// assets, tick, lot and units; its fees only while it has no open orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct SetInstrument {
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
}

impl SetInstrument {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
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
    }
}
impl Block for SetInstrument {
    const NAME: &'static str = "SetInstrument";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SetInstrument>() == 144);
    assert!(offset_of!(SetInstrument, instrument_id) == 0);
    assert!(offset_of!(SetInstrument, group_id) == 4);
    assert!(offset_of!(SetInstrument, instrument_symbol) == 8);
    assert!(offset_of!(SetInstrument, tick) == 40);
    assert!(offset_of!(SetInstrument, lot) == 48);
    assert!(offset_of!(SetInstrument, base_id) == 56);
    assert!(offset_of!(SetInstrument, quote_asset_id) == 60);
    assert!(offset_of!(SetInstrument, base_per_lot) == 64);
    assert!(offset_of!(SetInstrument, quote_per_tick_lot) == 72);
    assert!(offset_of!(SetInstrument, maker_fee) == 80);
    assert!(offset_of!(SetInstrument, taker_fee) == 84);
    assert!(offset_of!(SetInstrument, quantity_min) == 88);
    assert!(offset_of!(SetInstrument, quantity_max) == 96);
    assert!(offset_of!(SetInstrument, notional_min) == 104);
    assert!(offset_of!(SetInstrument, reference_price) == 120);
    assert!(offset_of!(SetInstrument, band) == 128);
    assert!(offset_of!(SetInstrument, dynamic_band) == 132);
    assert!(offset_of!(SetInstrument, volatility_call) == 136);
};
impl Root for SetInstrument {
    const TEMPLATE: u16 = 25;
}
impl Single for SetInstrument {}

/// Adds an account, if its number is the next one, or changes the one there is: all but its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct SetAccount {
    /// The account.
    pub account_id: U32,
    /// The account's name.
    pub account_name: Text<32>,
    /// Whether it may spend more than it has, up to its credit in each asset.
    pub credit: Boolean,
    /// Zeros.
    pub padding1: [u8; 3],
}

impl SetAccount {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("AccountName", self.account_name.value());
        see("Credit", self.credit.value());
    }
}
impl Block for SetAccount {
    const NAME: &'static str = "SetAccount";
    const CODED: &'static [Coded] =
        &[Coded { field: "Credit", id: 40042, offset: 36, is_known: is_code::<Boolean> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SetAccount>() == 40);
    assert!(offset_of!(SetAccount, account_id) == 0);
    assert!(offset_of!(SetAccount, account_name) == 4);
    assert!(offset_of!(SetAccount, credit) == 36);
    assert!(offset_of!(SetAccount, padding1) == 37);
};
impl Root for SetAccount {
    const TEMPLATE: u16 = 26;
}
impl Single for SetAccount {}

/// Says how much more than it has an account with credit may spend of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(C)]
pub struct SetCredit {
    /// The account.
    pub account_id: U32,
    /// The asset.
    pub asset_id: U32,
    /// How much of the asset.
    pub funds: AssetUnits,
}

impl SetCredit {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("AssetID", self.asset_id.value());
        see("Funds", self.funds.value());
    }
}
impl Block for SetCredit {
    const NAME: &'static str = "SetCredit";
    const CODED: &'static [Coded] = &[];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<SetCredit>() == 24);
    assert!(offset_of!(SetCredit, account_id) == 0);
    assert!(offset_of!(SetCredit, asset_id) == 4);
    assert!(offset_of!(SetCredit, funds) == 8);
};
impl Root for SetCredit {
    const TEMPLATE: u16 = 27;
}
impl Single for SetCredit {}

/// Lets a session trade for an account, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(C)]
pub struct Entitle {
    /// The account.
    pub account_id: U32,
    /// The session.
    pub session_id: U32,
    /// Whether it is so from now on; Yes: it may; No: it may not.
    pub on: Boolean,
    /// Zeros.
    pub padding1: [u8; 7],
}

impl Entitle {
    /// Hands each field's name and value to `see`, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {
        see("AccountID", self.account_id.value());
        see("SessionID", self.session_id.value());
        see("On", self.on.value());
    }
}
impl Block for Entitle {
    const NAME: &'static str = "Entitle";
    const CODED: &'static [Coded] =
        &[Coded { field: "On", id: 40021, offset: 8, is_known: is_code::<Boolean> }];
    #[inline]
    fn has_unknown_bits(&self) -> bool {
        false
    }
}
const _: () = {
    assert!(size_of::<Entitle>() == 16);
    assert!(offset_of!(Entitle, account_id) == 0);
    assert!(offset_of!(Entitle, session_id) == 4);
    assert!(offset_of!(Entitle, on) == 8);
    assert!(offset_of!(Entitle, padding1) == 9);
};
impl Root for Entitle {
    const TEMPLATE: u16 = 28;
}
impl Single for Entitle {}
