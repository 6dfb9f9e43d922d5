//! Decimals of 8 places outside, ticks and lots inside.

use super::codes::{Amount, Notional, Price, Quantity};
use crate::{
    decimal::{Decimal, Number, pow10},
    instrument::{Instrument, Step},
    types::{Lots, Ticks},
};

/// Decimal places of prices and quantities.
pub(super) const PLACES: u8 = 8;

const _: () = {
    assert!(Price::EXPONENT == -8 && Quantity::EXPONENT == -8 && Amount::EXPONENT == -8);
    assert!(PLACES == 8);
};

/// A value of the venue that the binary protocol has no way to say: with more than 8 decimal places, beyond 64 bits, or
/// one that no message has a field for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not a value of the binary protocol: it has more than 8 decimal places or 64 bits, or no field"
)]
pub struct NotExpressible(pub &'static str);

/// A price in ticks, or one of the values that say why it is none.
#[inline]
pub(super) fn ticks(tick: Step, price: Price) -> Ticks {
    tick.ticks(Number::Exact(Decimal { mantissa: price.mantissa(), scale: PLACES }))
}

/// A quantity in lots, or one of the values that say why it is none.
#[inline]
pub(super) fn lots(lot: Step, quantity: Quantity) -> Lots {
    lot.lots(number(quantity.mantissa()))
}

/// An amount in ticks × lots, or one of the values that say why it is none.
#[inline]
pub(super) fn amount(instrument: &Instrument, amount: Amount) -> Lots {
    instrument.amount(number(amount.mantissa()))
}

/// What decimals of the venue have no digits for is beyond its range whatever the instrument.
fn number(mantissa: u64) -> Number {
    i64::try_from(mantissa).map_or(Number::TooLong, |mantissa| Decimal { mantissa, scale: PLACES }.into())
}

/// The price that is so many ticks.
#[inline]
pub(super) fn price(tick: Step, ticks: Ticks, what: &'static str) -> Result<Price, NotExpressible> {
    let mantissa = scaled(tick, ticks.0.unsigned_abs()).and_then(|mantissa| i64::try_from(mantissa).ok());
    let mantissa = mantissa.filter(|_| ticks > Ticks::OUT_OF_RANGE).ok_or(NotExpressible(what))?;
    Ok(Price::new(if ticks.0 < 0 { -mantissa } else { mantissa }))
}

/// The quantity that is so many lots.
#[inline]
pub(super) fn quantity(lot: Step, lots: Lots, what: &'static str) -> Result<Quantity, NotExpressible> {
    let mantissa = scaled(lot, lots.0).filter(|&mantissa| mantissa != u64::MAX && lots < Lots::OUT_OF_RANGE);
    mantissa.map(Quantity::new).ok_or(NotExpressible(what))
}

/// The amount that is so many ticks × lots.
pub(super) fn cash(
    instrument: &Instrument,
    amount: Lots,
    what: &'static str,
) -> Result<Amount, NotExpressible> {
    let number = notional(instrument.tick, instrument.lot, amount.0.into(), what)?.get();
    let unit = u128::from(pow10(PLACES));
    let mantissa = u64::try_from(number / unit).ok().filter(|&mantissa| mantissa != u64::MAX);
    let mantissa = mantissa.filter(|_| number.is_multiple_of(unit) && amount < Lots::OUT_OF_RANGE);
    mantissa.map(Amount::new).ok_or(NotExpressible(what))
}

/// The sum of products that is so many ticks × lots.
#[inline]
pub(super) fn notional(
    tick: Step,
    lot: Step,
    tick_lots: u128,
    what: &'static str,
) -> Result<Notional, NotExpressible> {
    let units = scaled(tick, 1).zip(scaled(lot, 1)).map(|(tick, lot)| u128::from(tick) * u128::from(lot));
    let number = units.and_then(|unit| unit.checked_mul(tick_lots));
    number.map(Notional::new).ok_or(NotExpressible(what))
}

/// How many ticks × lots a sum of products is; `None` if it is no whole number of them.
pub(super) fn tick_lots(tick: Step, lot: Step, notional: Notional) -> Option<u128> {
    let unit = u128::from(scaled(tick, 1)?) * u128::from(scaled(lot, 1)?);
    let number = notional.get();
    number.is_multiple_of(unit).then(|| number / unit)
}

/// The mantissa, at 8 decimal places, of `count` steps; `None` if it has more places or does not fit 64 bits.
#[inline]
fn scaled(step: Step, count: u64) -> Option<u64> {
    if step.scale() <= PLACES {
        return step.mantissa().checked_mul(pow10(PLACES - step.scale()))?.checked_mul(count);
    }
    let (digits, unit) =
        (u128::from(step.mantissa()) * u128::from(count), u128::from(pow10(step.scale() - PLACES)));
    if digits.is_multiple_of(unit) { u64::try_from(digits / unit).ok() } else { None }
}
