//! What is traded: instruments.

use wire::{
    decimal::Decimal,
    instrument::{Instrument, Step, StepError},
    limits::{BAND_BASIS_POINTS_MAX, LOTS_MAX, SHARDS_MAX, TICKS_MAX, VOLATILITY_CALL_NS_MAX},
    types::{InstrumentId, Lots, Ticks, TradingState},
};

use super::{
    super::{
        read::{Fault, Read, Section, choice, decimal, fault, name, whole},
        tree::{At, Node},
    },
    Names, shard,
};

/// The highest fee: all of the notional, in hundredths of a basis point.
const FEE_MAX: u32 = 1_000_000;
/// How long a volatility auction's call lasts where nothing is said, in milliseconds.
const VOLATILITY_CALL_MS: u32 = 120_000;
#[expect(clippy::cast_possible_truncation, reason = "an hour")]
const VOLATILITY_CALL_MS_MAX: u32 = (VOLATILITY_CALL_NS_MAX / 1_000_000) as u32;

/// Trading states by their words.
pub(in crate::config) const STATES: &[(&str, TradingState)] = &[
    ("continuous", TradingState::Continuous),
    ("pre-open", TradingState::PreOpen),
    ("opening-auction", TradingState::OpeningAuction),
    ("closing-auction", TradingState::ClosingAuction),
    ("closed", TradingState::Closed),
    ("halted", TradingState::Halted),
];

/// An instrument and what else its entry says.
pub(super) struct Listed {
    pub(super) instrument: Instrument,
    pub(super) maker_fee: u32,
    pub(super) taker_fee: u32,
    pub(super) state: TradingState,
    /// Where its lot stands.
    pub(super) lot_at: At,
}

impl Listed {
    /// Its assets, each with what one lot, and one tick × lot, are of them: digits and decimal places.
    pub(super) fn units(&self) -> [(&str, (u128, u8)); 2] {
        let Instrument { base, quote, tick, lot, .. } = &self.instrument;
        let unit = u128::from(tick.mantissa()) * u128::from(lot.mantissa());
        [(base, (lot.mantissa().into(), lot.scale())), (quote, (unit, tick.scale() + lot.scale()))]
    }
}

pub(super) fn instrument(
    entry: &mut Section<'_>,
    place: u32,
    symbols: &mut Names,
    shards: u8,
) -> Option<Listed> {
    let symbol =
        entry.required("symbol", "\"BTCUSDT\"", name).and_then(|read| symbols.take(entry, read, place));
    let base = entry.required("base", "\"BTC\"", name);
    let quote = entry.required("quote", "\"USDT\"", name);
    if let (Some(base), Some(quote)) = (&base, &quote)
        && base.value == quote.value
    {
        let message = format!("instrument.quote: base and quote are both `{}`", quote.value);
        entry.fault(&quote.at, "the base too", message, "name what is paid with");
    }
    let tick = entry.required("tick", "\"0.01\"", step);
    let lot = entry.required("lot", "\"0.00001\"", step);
    let quantity_min = entry.optional("quantity_min", decimal);
    let quantity_max = entry.optional("quantity_max", decimal);
    let notional_min = entry.optional("notional_min", decimal);
    let reference = entry.required("reference", "\"50000\"", decimal);
    let band = entry.required("band_percent", "\"50\"", percent(1));
    let dynamic_band = entry.optional("dynamic_band_percent", percent(0));
    let call = entry.optional("volatility_call_ms", whole(1..=VOLATILITY_CALL_MS_MAX));
    let group = entry.optional("group", whole(0..=u32::MAX));
    let home = entry.optional("shard", one_of(shards));
    let [maker_fee, taker_fee] = ["maker_fee", "taker_fee"].map(|key| entry.optional(key, fee));
    let state = entry.optional("state", choice(STATES));
    let lot_at = lot.as_ref().map(|read| read.at.clone());

    let terms = Terms { entry, tick: tick?.value, lot: lot?.value };
    let reference = terms.reference(&reference?);
    let quantity_min = match quantity_min? {
        Some(read) => terms.lots("quantity_min", &read),
        None => Some(1),
    };
    // The most lots whose decimal still fits a wire decimal's 64 bits.
    let most = LOTS_MAX.min(i64::MAX.unsigned_abs() / terms.lot.mantissa());
    let quantity_max = match quantity_max? {
        Some(read) => {
            let lots = terms.lots("quantity_max", &read)?;
            if lots > most || quantity_min.is_some_and(|min| lots < min) {
                let message = format!("instrument.quantity_max: {lots} lots");
                let help = format!("choose at least quantity_min, and at most {most} lots");
                terms.entry.fault(&read.at, "out of range", message, help);
                return None;
            }
            lots
        }
        None => most,
    };
    let mut instrument = Instrument {
        id: InstrumentId(place),
        symbol: symbol?,
        base: base?.value,
        quote: quote?.value,
        tick: terms.tick,
        lot: terms.lot,
        quantity_min: Lots(quantity_min?),
        quantity_max: Lots(quantity_max),
        notional_min: 0,
        reference: reference?,
        band_basis_points: band?.value,
        dynamic_band_basis_points: dynamic_band?.map_or(0, |read| read.value),
        volatility_call_ns: u64::from(call?.map_or(VOLATILITY_CALL_MS, |read| read.value)) * 1_000_000,
        group: group?.map_or(0, |read| read.value),
        shard: home?.map_or(0, |read| read.value),
    };
    if let Some(read) = notional_min? {
        instrument.notional_min = terms.notional(&read, &instrument)?;
    }
    Some(Listed {
        instrument,
        maker_fee: maker_fee?.map_or(0, |read| read.value),
        taker_fee: taker_fee?.map_or(0, |read| read.value),
        state: state?.map_or(TradingState::Continuous, |read| read.value),
        lot_at: lot_at?,
    })
}

/// One of the venue's shards.
fn one_of(shards: u8) -> impl Fn(&Node) -> Result<u8, Fault> {
    move |node| {
        let number = shard(0..=SHARDS_MAX - 1)(node)?;
        if number < shards {
            return Ok(number);
        }
        let message = format!("names shard {number}, and the venue has {shards}, counted from 0");
        fault("no such shard", message, "choose one below venue.shards, or raise that")
    }
}

fn step(node: &Node) -> Result<Step, Fault> {
    let size = decimal(node)?;
    Step::new(size).map_or_else(
        || {
            fault(
                "not above zero",
                format!("is above zero, and {size} is not"),
                "write the smallest step: \"0.01\"",
            )
        },
        Ok,
    )
}

/// Counts `number` in hundredths.
pub(crate) fn hundredths(number: Decimal) -> Option<u32> {
    const HUNDREDTH: Decimal = Decimal { mantissa: 1, scale: 2 };
    Step::new(HUNDREDTH)?.count(number).ok().and_then(|count| u32::try_from(count).ok())
}

/// Percent with two decimal places, as hundredths of a percent; `least` is 1, or 0 where none will do.
fn percent(least: u32) -> impl Fn(&Node) -> Result<u32, Fault> {
    move |node| {
        let range = least..=BAND_BASIS_POINTS_MAX;
        hundredths(decimal(node)?).filter(|count| range.contains(count)).map_or_else(
            || {
                let most = BAND_BASIS_POINTS_MAX / 100;
                let from = if least == 0 { "from 0" } else { "above 0" };
                fault(
                    "not a band",
                    format!("is {from} and up to {most}, with at most 2 decimal places"),
                    "write percent of the reference price: \"50\"",
                )
            },
            Ok,
        )
    }
}

/// Basis points with two decimal places, as hundredths of a basis point.
fn fee(node: &Node) -> Result<u32, Fault> {
    hundredths(decimal(node)?).filter(|&fee| fee <= FEE_MAX).map_or_else(
        || {
            fault(
                "not a fee",
                format!("is from 0 to {}, with at most 2 decimal places", FEE_MAX / 100),
                "write basis points of the notional: \"2.5\" is 0.025 %",
            )
        },
        Ok,
    )
}

/// An instrument's steps, by which its other numbers are counted.
struct Terms<'a, 'b> {
    entry: &'a Section<'b>,
    tick: Step,
    lot: Step,
}

impl Terms<'_, '_> {
    /// The reference price in ticks.
    fn reference(&self, read: &Read<Decimal>) -> Option<Ticks> {
        let size = Decimal { mantissa: i64::try_from(self.tick.mantissa()).ok()?, scale: self.tick.scale() };
        match self.tick.count(read.value) {
            Ok(ticks) if (1..=TICKS_MAX).contains(&ticks) => return Some(Ticks(ticks)),
            Err(StepError::Between) => self.off("reference", read, "tick", size),
            Ok(_) | Err(StepError::OutOfRange) => {
                let message =
                    format!("instrument.reference: {} is not from one tick to 2^56 ticks", read.value);
                self.entry.fault(&read.at, "out of range", message, format!("the tick is {size}"));
            }
        }
        None
    }

    /// A quantity in lots.
    fn lots(&self, key: &str, read: &Read<Decimal>) -> Option<u64> {
        let size = Decimal { mantissa: i64::try_from(self.lot.mantissa()).ok()?, scale: self.lot.scale() };
        match self.lot.count(read.value).map(u64::try_from) {
            Ok(Ok(lots)) if (1..=LOTS_MAX).contains(&lots) => return Some(lots),
            Err(StepError::Between) => self.off(key, read, "lot", size),
            Ok(_) | Err(StepError::OutOfRange) => {
                let message = format!("instrument.{key}: {} is not from one lot to 2^56 lots", read.value);
                self.entry.fault(&read.at, "out of range", message, format!("the lot is {size}"));
            }
        }
        None
    }

    fn off(&self, key: &str, read: &Read<Decimal>, step: &str, size: Decimal) {
        let message = format!("instrument.{key}: {} is not a multiple of the {step}", read.value);
        let help = format!("round it to the {step}, {size}, or choose a finer {step}");
        self.entry.fault(&read.at, format!("off {step}"), message, help);
    }

    /// The minimum notional in ticks × lots: rounded up, which lets the same orders through, because an
    /// order's is a whole number.
    fn notional(&self, read: &Read<Decimal>, instrument: &Instrument) -> Option<u128> {
        let Decimal { mantissa, scale } = read.value;
        let unit = self.tick.mantissa() as u128 * self.lot.mantissa() as u128; // of 10^-places
        let places = u32::from(self.tick.scale() + self.lot.scale());
        let (up, down) = (places.saturating_sub(scale.into()), u32::from(scale).saturating_sub(places));
        let notional = u128::try_from(mantissa)
            .ok()
            .and_then(|digits| digits.checked_mul(10u128.checked_pow(up)?))
            .and_then(|digits| Some(digits.div_ceil(unit.checked_mul(10u128.checked_pow(down)?)?)));
        let (_, highest) = instrument.band(instrument.reference);
        let most = u128::from(highest.0.unsigned_abs()) * u128::from(instrument.quantity_max.0);
        if notional.is_some_and(|notional| notional <= most) {
            return notional;
        }
        let message =
            format!("instrument.notional_min: no order of {} could reach {}", instrument.symbol, read.value);
        let help = "choose one from \"0\" to quantity_max at the band's upper price, in the quote asset";
        self.entry.fault(&read.at, "out of range", message, help);
        None
    }
}
