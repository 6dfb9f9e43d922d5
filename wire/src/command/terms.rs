//! What operators change while the venue runs: instruments, accounts, entitlements.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::{Head, Scope};
use crate::{
    decimal::Decimal,
    event::Event,
    instrument::{Instrument, Step, is_name},
    limits::NAME_BYTES_MAX,
    types::{AssetId, Lots, SessionId, Ticks},
};

/// A name of 1 to [`NAME_BYTES_MAX`] bytes, padded with zeros.
pub type Name = [u8; NAME_BYTES_MAX];

/// `text`, padded; `None` if it may not name anything: see [`is_name`].
#[must_use]
pub fn padded(text: &str) -> Option<Name> {
    let mut name = [0; NAME_BYTES_MAX];
    name.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    is_name(text).then_some(name)
}

/// The text of a name, if it is one.
#[must_use]
pub fn text(name: &Name) -> Option<&str> {
    let len = name.iter().position(|&byte| byte == 0).unwrap_or(NAME_BYTES_MAX);
    let (text, padding) = name.split_at(len);
    let text = std::str::from_utf8(text).ok().filter(|text| is_name(text))?;
    padding.iter().all(|&byte| byte == 0).then_some(text)
}

/// Everything about an instrument but its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InstrumentTerms {
    /// Its symbol.
    pub symbol: Name,
    /// Digits of the tick.
    pub tick_mantissa: u64,
    /// Digits of the lot.
    pub lot_mantissa: u64,
    /// Decimal places of the tick.
    pub tick_scale: u8,
    /// Decimal places of the lot.
    pub lot_scale: u8,
    /// The shard that serves it.
    pub shard: u8,
    /// Zero.
    pub reserved: u8,
    /// The group of instruments that market-maker protection counts together.
    pub group: u32,
    /// What is bought and sold.
    pub base: AssetId,
    /// What is paid with.
    pub quote: AssetId,
    /// Smallest units of the base asset in a lot.
    pub base_per_lot: u64,
    /// Smallest units of the quote asset in one tick × lot.
    pub quote_per_tick_lot: u64,
    /// The maker's fee, in hundredths of a basis point (1e-6) of the notional.
    pub maker_fee: u32,
    /// The taker's fee, likewise.
    pub taker_fee: u32,
    /// The smallest quantity of an order.
    pub quantity_min: Lots,
    /// The greatest quantity of an order.
    pub quantity_max: Lots,
    /// The smallest price times quantity of an order, in ticks × lots, low half first.
    pub notional_min: [u64; 2],
    /// The reference price until the first trade.
    pub reference: Ticks,
    /// How far from the reference price an order's may lie, in hundredths of a percent of it.
    pub band_basis_points: u32,
    /// How far from the reference price a trade's may lie before trading is interrupted for an auction,
    /// likewise; zero is never.
    pub dynamic_band_basis_points: u32,
    /// How long the call phase of such an auction lasts, in nanoseconds.
    pub volatility_call_ns: u64,
}

impl InstrumentTerms {
    /// The terms of `instrument`; those that it does not have, its assets' numbers, units and fees, are zero.
    #[must_use]
    pub fn of(instrument: &Instrument) -> InstrumentTerms {
        InstrumentTerms {
            symbol: padded(&instrument.symbol).unwrap_or_default(),
            tick_mantissa: instrument.tick.mantissa(),
            lot_mantissa: instrument.lot.mantissa(),
            tick_scale: instrument.tick.scale(),
            lot_scale: instrument.lot.scale(),
            shard: instrument.shard,
            reserved: 0,
            group: instrument.group,
            base: AssetId(0),
            quote: AssetId(0),
            base_per_lot: 0,
            quote_per_tick_lot: 0,
            maker_fee: 0,
            taker_fee: 0,
            quantity_min: instrument.quantity_min,
            quantity_max: instrument.quantity_max,
            notional_min: Event::halves(instrument.notional_min),
            reference: instrument.reference,
            band_basis_points: instrument.band_basis_points,
            dynamic_band_basis_points: instrument.dynamic_band_basis_points,
            volatility_call_ns: instrument.volatility_call_ns,
        }
    }

    /// Tick and lot, each `None` if it cannot be one.
    #[must_use]
    pub fn steps(&self) -> (Option<Step>, Option<Step>) {
        let step =
            |mantissa: u64, scale| Step::new(Decimal { mantissa: i64::try_from(mantissa).ok()?, scale });
        (step(self.tick_mantissa, self.tick_scale), step(self.lot_mantissa, self.lot_scale))
    }
}

/// Add an instrument, if the head's is the next number, or change the one there is: all but its symbol, assets,
/// tick, lot and units; its fees only while it has no open orders. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetInstrument {
    /// [`super::Kind::SetInstrument`].
    pub head: Head,
    /// Its terms.
    pub terms: InstrumentTerms,
}

/// Add an account, if the head's is the next number, or change the one there is: all but its name. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetAccount {
    /// [`super::Kind::SetAccount`].
    pub head: Head,
    /// Its name.
    pub name: Name,
    /// 1: it may spend more than it has, see [`SetCredit`]; 0: it may not.
    pub credit: u8,
    /// Zero.
    pub reserved: [u8; 7],
}

/// How much more than it has the head's account, one with credit, may spend of an asset. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetCredit {
    /// [`super::Kind::SetCredit`].
    pub head: Head,
    /// The asset.
    pub asset: AssetId,
    /// Zero.
    pub reserved: u32,
    /// In the asset's smallest units, low half first.
    pub limit: [u64; 2],
}

/// Change what the orders of a session or an account may be, as far as the bits of `set` say so; none of them only asks. For
/// operators. The answer tells what they may be then, and how many are open: [`crate::event::Event::order_limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetLimits {
    /// [`super::Kind::SetLimits`].
    pub head: Head,
    /// The session or account.
    pub target: u32,
    /// [`Scope::Session`] or [`Scope::Account`].
    pub scope: Scope,
    /// [`SetLimits::OPEN_ORDERS`] and [`SetLimits::NOTIONAL`].
    pub set: u8,
    /// Zero.
    pub reserved: [u8; 2],
    /// Orders that may be open at once; 0 is no limit.
    pub open_orders_max: u32,
    /// Zero.
    pub padding: u32,
    /// What one order may be worth, in 10^-8 of its instrument's quote asset; 0 is no limit.
    pub notional_max: u64,
}

impl SetLimits {
    /// In `set`: [`SetLimits::open_orders_max`].
    pub const OPEN_ORDERS: u8 = 1;
    /// In `set`: [`SetLimits::notional_max`].
    pub const NOTIONAL: u8 = 2;
}

/// Let a session trade for the head's account, or no longer. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Entitle {
    /// [`super::Kind::Entitle`].
    pub head: Head,
    /// The session.
    pub session: SessionId,
    /// 1: it may; 0: it may not.
    pub on: u8,
    /// Zero.
    pub reserved: [u8; 3],
}
