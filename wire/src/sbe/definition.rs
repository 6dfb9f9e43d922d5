//! Definitions of instruments and accounts.

use super::{
    codes::{Boolean, Price, Quantity},
    encode,
    messages::{AccountDefinition, InstrumentDefinition, SetInstrument},
    report::Untold,
    units::{NotExpressible, PLACES, lots, notional, price, quantity, tick_lots, ticks},
};
use crate::{
    command::InstrumentTerms,
    decimal::Decimal,
    event::{Definition, Event, Kind},
    instrument::Step,
    limits::LOTS_MAX,
    types::{AssetId, InstrumentId, Lots, SeqNo, SessionId, Ticks, TradingState},
};

/// Writes `definition` to the beginning of `buffer`. Gives its length.
///
/// # Errors
/// If it does not fit, or if a tick, a lot or what they measure cannot be said: no session of the binary protocol can
/// trade such an instrument.
pub fn encode_definition(definition: &Definition, buffer: &mut [u8]) -> Result<usize, Untold> {
    if definition.kind == Kind::Instrument {
        let terms = SetInstrument::with(definition.instrument, &definition.terms)?;
        return Ok(encode(&terms.defined(definition.seq, definition.state), buffer)?);
    }
    let session = Some(definition.session).filter(|&session| session != SessionId(u32::MAX));
    let account = AccountDefinition {
        seq_num: definition.seq.0.into(),
        account_name: definition.name.into(),
        account_id: definition.account.0.into(),
        session_id: session.map(|session| session.0).into(),
        credit: Boolean::from(definition.credit),
        entitled: Boolean::from(definition.entitled),
        padding1: [0; 6],
    };
    Ok(encode(&account, buffer)?)
}

impl InstrumentDefinition {
    /// The terms it tells; `None` if they cannot be an instrument's.
    #[must_use]
    pub fn terms(&self) -> Option<InstrumentTerms> {
        self.told().terms()
    }
}

/// Both messages about an instrument say the same of it.
macro_rules! told {
    ($message:ident from $source:expr, $($more:tt)*) => {
        $message {
            instrument_id: $source.instrument_id,
            group_id: $source.group_id,
            instrument_symbol: $source.instrument_symbol,
            tick: $source.tick,
            lot: $source.lot,
            base_id: $source.base_id,
            quote_asset_id: $source.quote_asset_id,
            base_per_lot: $source.base_per_lot,
            quote_per_tick_lot: $source.quote_per_tick_lot,
            maker_fee: $source.maker_fee,
            taker_fee: $source.taker_fee,
            quantity_min: $source.quantity_min,
            quantity_max: $source.quantity_max,
            notional_min: $source.notional_min,
            reference_price: $source.reference_price,
            band: $source.band,
            dynamic_band: $source.dynamic_band,
            volatility_call: $source.volatility_call,
            $($more)*
        }
    };
}

impl InstrumentDefinition {
    fn told(&self) -> SetInstrument {
        told!(SetInstrument from self,)
    }
}

impl SetInstrument {
    fn defined(&self, seq: SeqNo, state: TradingState) -> InstrumentDefinition {
        told!(InstrumentDefinition from self, seq_num: seq.0.into(), trading_state: state, padding1: [0; 7],)
    }

    /// What says `terms`.
    pub(super) fn with(id: InstrumentId, terms: &InstrumentTerms) -> Result<SetInstrument, NotExpressible> {
        let (tick, lot) = terms.steps();
        let (tick, lot) = (tick.ok_or(NotExpressible("Tick"))?, lot.ok_or(NotExpressible("Lot"))?);
        let minimum = u128::from(terms.notional_min[1]) << 64 | u128::from(terms.notional_min[0]);
        Ok(SetInstrument {
            instrument_id: id.0.into(),
            group_id: terms.group.into(),
            instrument_symbol: terms.symbol.into(),
            tick: price(tick, Ticks(1), "Tick")?,
            lot: quantity(lot, Lots(1), "Lot")?,
            base_id: terms.base.0.into(),
            quote_asset_id: terms.quote.0.into(),
            base_per_lot: terms.base_per_lot.into(),
            quote_per_tick_lot: terms.quote_per_tick_lot.into(),
            maker_fee: terms.maker_fee.into(),
            taker_fee: terms.taker_fee.into(),
            quantity_min: quantity(lot, terms.quantity_min, "QuantityMin")?,
            quantity_max: quantity(lot, terms.quantity_max, "QuantityMax").ok().into(),
            notional_min: notional(tick, lot, minimum, "NotionalMin")?,
            reference_price: price(tick, terms.reference, "ReferencePrice")?,
            band: terms.band_basis_points.into(),
            dynamic_band: terms.dynamic_band_basis_points.into(),
            volatility_call: terms.volatility_call_ns.into(),
        })
    }

    /// The terms it says; `None` if they cannot be an instrument's.
    pub(super) fn terms(&self) -> Option<InstrumentTerms> {
        let (tick, lot) = (step(self.tick)?, step_of(self.lot)?);
        let whole = |lots: Lots| Some(lots).filter(|&lots| lots < Lots::OUT_OF_RANGE);
        let reference = Some(ticks(tick, self.reference_price)).filter(|&at| at > Ticks::OUT_OF_RANGE)?;
        let quantity_max = self.quantity_max.get().map_or(Lots(LOTS_MAX), |most| lots(lot, most));
        Some(InstrumentTerms {
            symbol: *self.instrument_symbol.padded(),
            tick_mantissa: tick.mantissa(),
            lot_mantissa: lot.mantissa(),
            tick_scale: tick.scale(),
            lot_scale: lot.scale(),
            shard: 0,
            reserved: 0,
            group: self.group_id.get(),
            base: AssetId(self.base_id.get()),
            quote: AssetId(self.quote_asset_id.get()),
            base_per_lot: self.base_per_lot.get(),
            quote_per_tick_lot: self.quote_per_tick_lot.get(),
            maker_fee: self.maker_fee.get(),
            taker_fee: self.taker_fee.get(),
            quantity_min: whole(lots(lot, self.quantity_min))?,
            quantity_max: whole(quantity_max)?,
            notional_min: Event::halves(tick_lots(tick, lot, self.notional_min)?),
            reference,
            band_basis_points: self.band.get(),
            dynamic_band_basis_points: self.dynamic_band.get(),
            volatility_call_ns: self.volatility_call.get(),
        })
    }
}

fn step(tick: Price) -> Option<Step> {
    shortest(tick.mantissa())
}

fn step_of(lot: Quantity) -> Option<Step> {
    shortest(i64::try_from(lot.mantissa()).ok()?)
}

/// A step as the configuration writes it: without zeros at the end of its decimals.
fn shortest(mantissa: i64) -> Option<Step> {
    let mut size = Decimal { mantissa, scale: PLACES };
    while size.scale > 0 && size.mantissa % 10 == 0 {
        size = Decimal { mantissa: size.mantissa / 10, scale: size.scale - 1 };
    }
    Step::new(size)
}
