//! What is traded: an instrument's terms, and the way between decimals outside and ticks and lots inside.

use crate::{
    decimal::{Decimal, DecimalError, Number, SCALE_MAX, pow10},
    limits::{LOTS_MAX, NAME_BYTES_MAX, TICKS_MAX},
    types::{InstrumentId, Lots, Ticks},
};

/// The size of a tick or of a lot: `mantissa` × 10^-`scale`, above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    mantissa: u64,
    scale: u8,
}

/// Why a decimal is no whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepError {
    /// It lies between two.
    Between,
    /// It is too large.
    OutOfRange,
}

impl Step {
    /// A step of `size`; `None` if that is zero or negative.
    #[must_use]
    pub fn new(size: Decimal) -> Option<Step> {
        let mantissa = u64::try_from(size.mantissa).ok().filter(|&m| m > 0)?;
        (size.scale <= SCALE_MAX).then_some(Step { mantissa, scale: size.scale })
    }

    /// Decimal places of the step: enough for every multiple of it.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The step's digits.
    #[must_use]
    pub const fn mantissa(self) -> u64 {
        self.mantissa
    }

    /// How many steps `value` is, exactly.
    ///
    /// # Errors
    /// [`StepError`] if it is no whole number of them, or not in 64 bits.
    pub fn count(self, value: Decimal) -> Result<i64, StepError> {
        // Both on the finer of the two scales: digits there = mantissa × 10^(finer − scale).
        let finer = self.scale.max(value.scale);
        // In 64 bits wherever that is enough: 128-bit divisions take several times as long.
        let factor = |scale| i64::try_from(pow10(finer - scale)).ok();
        let narrow = factor(value.scale).and_then(|f| value.mantissa.checked_mul(f)).zip(
            i64::try_from(self.mantissa).ok().zip(factor(self.scale)).and_then(|(m, f)| m.checked_mul(f)),
        );
        if let Some((digits, step)) = narrow {
            return if digits % step == 0 { Ok(digits / step) } else { Err(StepError::Between) };
        }
        let digits = i128::from(value.mantissa) * i128::from(pow10(finer - value.scale));
        let step = i128::from(self.mantissa) * i128::from(pow10(finer - self.scale));
        if digits % step != 0 {
            return Err(StepError::Between);
        }
        i64::try_from(digits / step).map_err(|_| StepError::OutOfRange)
    }

    /// `number` as a price where this is the tick; see [`Instrument::ticks`].
    #[must_use]
    pub fn ticks(self, number: Number) -> Ticks {
        let Number::Exact(value) = number else {
            return Ticks::OUT_OF_RANGE;
        };
        match self.count(value) {
            Ok(ticks) if ticks.unsigned_abs() <= TICKS_MAX.unsigned_abs() => Ticks(ticks),
            Ok(_) | Err(StepError::OutOfRange) => Ticks::OUT_OF_RANGE,
            Err(StepError::Between) => Ticks::OFF_TICK,
        }
    }

    /// `number` as a quantity where this is the lot; see [`Instrument::lots`].
    #[must_use]
    pub fn lots(self, number: Number) -> Lots {
        let Number::Exact(value) = number else {
            return Lots::OUT_OF_RANGE;
        };
        match self.count(value).map(u64::try_from) {
            Ok(Ok(lots)) if lots <= LOTS_MAX => Lots(lots),
            Ok(_) | Err(StepError::OutOfRange) => Lots::OUT_OF_RANGE,
            Err(StepError::Between) => Lots::OFF_LOT,
        }
    }

    /// The decimal that is `count` steps; `None` if it does not fit 64 bits.
    #[must_use]
    pub fn value(self, count: i64) -> Option<Decimal> {
        let mantissa = i64::try_from(i128::from(count) * i128::from(self.mantissa)).ok()?;
        Some(Decimal { mantissa, scale: self.scale })
    }
}

/// An instrument's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Its place in the configuration.
    pub id: InstrumentId,
    /// Its name, 1 to [`NAME_BYTES_MAX`] printable ASCII characters.
    pub symbol: String,
    /// What is bought and sold.
    pub base: String,
    /// What is paid with.
    pub quote: String,
    /// The smallest difference of two prices.
    pub tick: Step,
    /// The smallest difference of two quantities.
    pub lot: Step,
    /// The smallest quantity of an order.
    pub quantity_min: Lots,
    /// The greatest quantity of an order.
    pub quantity_max: Lots,
    /// The smallest price times quantity of an order, in ticks × lots.
    pub notional_min: u128,
    /// The reference price until the first trade.
    pub reference: Ticks,
    /// How far from the reference price an order's may lie, in hundredths of a percent of it.
    pub band_basis_points: u32,
    /// How far from the reference price a trade's may lie in continuous trading before that is interrupted for a
    /// volatility auction, likewise; zero is never.
    pub dynamic_band_basis_points: u32,
    /// How long the call of a volatility auction lasts, in nanoseconds.
    pub volatility_call_ns: u64,
    /// The group of instruments that market-maker protection counts together.
    pub group: u32,
    /// The shard that serves it: the venue's matcher of this number, below [`SHARDS_MAX`](crate::limits::SHARDS_MAX).
    pub shard: u8,
}

impl Instrument {
    /// `number` as a price of this instrument. One that cannot be expressed becomes one of the values that say
    /// so, for the matcher to refuse: [`Ticks::OFF_TICK`], [`Ticks::OUT_OF_RANGE`].
    #[must_use]
    pub fn ticks(&self, number: Number) -> Ticks {
        self.tick.ticks(number)
    }

    /// `number` as a quantity of this instrument; as [`Instrument::ticks`], a negative one being out of range.
    #[must_use]
    pub fn lots(&self, number: Number) -> Lots {
        self.lot.lots(number)
    }

    /// `number` as an amount of the quote asset, in ticks × lots; as [`Instrument::lots`].
    #[must_use]
    pub fn amount(&self, number: Number) -> Lots {
        let Number::Exact(value) = number else {
            return Lots::OUT_OF_RANGE;
        };
        // Digits of one tick × lot, at most 2^126, at 36 places of decimals at most.
        let unit = u128::from(self.tick.mantissa()) * u128::from(self.lot.mantissa());
        let places = self.tick.scale() + self.lot.scale();
        let (Ok(digits), more) = (u128::try_from(value.mantissa), places.abs_diff(value.scale)) else {
            return Lots::OUT_OF_RANGE;
        };
        let Some(factor) = 10_u128.checked_pow(more.into()) else { return Lots::OUT_OF_RANGE };
        let (digits, unit) = if places >= value.scale {
            (digits.checked_mul(factor), Some(unit))
        } else {
            (Some(digits), unit.checked_mul(factor))
        };
        match (digits, unit) {
            (Some(digits), Some(unit)) if digits % unit == 0 => match u64::try_from(digits / unit) {
                Ok(amount) if amount <= LOTS_MAX => Lots(amount),
                _ => Lots::OUT_OF_RANGE,
            },
            (Some(_), _) => Lots::OFF_LOT, // a unit beyond 128 bits divides nothing but zero
            (None, _) => Lots::OUT_OF_RANGE,
        }
    }

    /// `text` as a price of this instrument, as [`Instrument::ticks`].
    ///
    /// # Errors
    /// [`DecimalError::Malformed`] if `text` is no decimal at all.
    pub fn price(&self, text: &[u8]) -> Result<Ticks, DecimalError> {
        Number::parse(text).map(|number| self.ticks(number)).ok_or(DecimalError::Malformed)
    }

    /// `text` as a quantity of this instrument, as [`Instrument::lots`].
    ///
    /// # Errors
    /// [`DecimalError::Malformed`] if `text` is no decimal at all.
    pub fn quantity(&self, text: &[u8]) -> Result<Lots, DecimalError> {
        Number::parse(text).map(|number| self.lots(number)).ok_or(DecimalError::Malformed)
    }

    /// The band's lowest and highest price around `reference`, both inside it.
    #[must_use]
    pub fn band(&self, reference: Ticks) -> (Ticks, Ticks) {
        around(reference, self.band_basis_points)
    }

    /// Likewise of the dynamic band; all prices if there is none.
    #[must_use]
    pub fn dynamic_band(&self, reference: Ticks) -> (Ticks, Ticks) {
        match self.dynamic_band_basis_points {
            0 => (Ticks(1), Ticks(TICKS_MAX)),
            basis_points => around(reference, basis_points),
        }
    }
}

fn around(reference: Ticks, basis_points: u32) -> (Ticks, Ticks) {
    // 2^56 ticks × 2^32 fits i128 with ease, and the results stay below 2^63 because they are clamped.
    let width = i128::from(reference.0) * i128::from(basis_points) / 10_000;
    let clamp =
        |ticks: i128| Ticks(i64::try_from(ticks.clamp(1, i128::from(TICKS_MAX))).unwrap_or(TICKS_MAX));
    (clamp(i128::from(reference.0) - width), clamp(i128::from(reference.0) + width))
}

/// Whether `name` may name an instrument, account, asset or session: 1 to [`NAME_BYTES_MAX`] printable ASCII
/// characters without space.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instrument(tick: &str, lot: &str) -> Instrument {
        let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
        Instrument {
            id: InstrumentId(0),
            symbol: "X".into(),
            base: "B".into(),
            quote: "Q".into(),
            tick: step(tick),
            lot: step(lot),
            quantity_min: Lots(1),
            quantity_max: Lots(LOTS_MAX),
            notional_min: 0,
            reference: Ticks(100),
            band_basis_points: 5_000,
            dynamic_band_basis_points: 0,
            volatility_call_ns: 0,
            group: 0,
            shard: 0,
        }
    }

    #[test]
    fn prices_count_in_ticks_whatever_their_trailing_zeros() {
        let quarter = instrument("0.25", "0.00001");
        assert_eq!(quarter.price(b"100.50"), Ok(Ticks(402)));
        assert_eq!(quarter.price(b"100.5000000000000000000"), Ok(Ticks(402)));
        assert_eq!(quarter.price(b"100.51"), Ok(Ticks::OFF_TICK));
        assert_eq!(quarter.price(b"-0.25"), Ok(Ticks(-1)));
        assert_eq!(quarter.price(b"99999999999999999999999"), Ok(Ticks::OUT_OF_RANGE));
        assert_eq!(quarter.price(b"9000000000000000000"), Ok(Ticks::OUT_OF_RANGE));
        assert_eq!(quarter.price(b"1e3"), Err(DecimalError::Malformed));
        assert_eq!(quarter.tick.value(402).unwrap().to_string(), "100.50");
    }

    #[test]
    fn quantities_count_in_lots_and_are_never_negative() {
        let coin = instrument("0.01", "0.00001");
        assert_eq!(coin.quantity(b"1"), Ok(Lots(100_000)));
        assert_eq!(coin.quantity(b"0.000001"), Ok(Lots::OFF_LOT));
        assert_eq!(coin.quantity(b"-1"), Ok(Lots::OUT_OF_RANGE));
        assert_eq!(coin.quantity(b"0"), Ok(Lots(0)));
    }

    #[test]
    fn amounts_count_in_ticks_times_lots() {
        let coin = instrument("0.01", "0.00001");
        let amount =
            |instrument: &Instrument, text: &str| instrument.amount(Number::parse(text.as_bytes()).unwrap());
        assert_eq!(amount(&coin, "100.5"), Lots(1_005_000_000));
        assert_eq!(amount(&coin, "0.0000001"), Lots(1));
        assert_eq!(amount(&coin, "0.00000001"), Lots::OFF_LOT);
        assert_eq!(amount(&coin, "-1"), Lots::OUT_OF_RANGE);
        assert_eq!(amount(&coin, "9000000000000000000"), Lots::OUT_OF_RANGE);
        assert_eq!(amount(&coin, "99999999999999999999"), Lots::OUT_OF_RANGE);
        let fine = instrument("0.000000000000000001", "0.000000000000000001");
        assert_eq!(amount(&fine, "0.000000000000000001"), Lots::OUT_OF_RANGE);
        assert_eq!(amount(&fine, "0"), Lots(0));
        let share = instrument("0.25", "100");
        assert_eq!(amount(&share, "50"), Lots(2));
        assert_eq!(amount(&share, "60"), Lots::OFF_LOT);
    }

    #[test]
    fn a_band_lies_around_the_reference_and_above_zero() {
        let coin = instrument("0.01", "1");
        assert_eq!(coin.band(Ticks(100)), (Ticks(50), Ticks(150)));
        assert_eq!(coin.band(Ticks(1)), (Ticks(1), Ticks(1)));
        assert_eq!(coin.dynamic_band(Ticks(100)), (Ticks(1), Ticks(TICKS_MAX)), "there is none");
        let narrow = Instrument { dynamic_band_basis_points: 1_000, ..coin };
        assert_eq!(narrow.dynamic_band(Ticks(100)), (Ticks(90), Ticks(110)));
    }
}
