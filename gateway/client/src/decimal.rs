//! Between decimals and the protocol's mantissas of 8 places.

use rust_decimal::Decimal;
use wire::sbe::codes::{Amount, Notional, Price, Quantity};

use crate::Error;

const PLACES: u32 = 8;

const _: () = assert!(Price::EXPONENT == -8 && Quantity::EXPONENT == -8 && Amount::EXPONENT == -8);

/// The mantissa of `value` at 8 places, if it has no more.
fn mantissa(value: Decimal, what: &'static str) -> Result<i128, Error> {
    let exact = value.normalize();
    let missing = PLACES.checked_sub(exact.scale());
    let scaled = missing.and_then(|places| exact.mantissa().checked_mul(10_i128.pow(places)));
    scaled.ok_or(Error::NotExpressible { what, value })
}

pub(crate) fn price(value: Decimal, what: &'static str) -> Result<Price, Error> {
    let mantissa = i64::try_from(mantissa(value, what)?).ok().filter(|&it| it != i64::MIN);
    mantissa.map(Price::new).ok_or(Error::NotExpressible { what, value })
}

pub(crate) fn quantity(value: Decimal, what: &'static str) -> Result<Quantity, Error> {
    unsigned(value, what).map(Quantity::new)
}

pub(crate) fn amount(value: Decimal, what: &'static str) -> Result<Amount, Error> {
    unsigned(value, what).map(Amount::new)
}

fn unsigned(value: Decimal, what: &'static str) -> Result<u64, Error> {
    let mantissa = u64::try_from(mantissa(value, what)?).ok().filter(|&it| it != u64::MAX);
    mantissa.ok_or(Error::NotExpressible { what, value })
}

pub(crate) fn of_price(price: Price) -> Decimal {
    Decimal::new(price.mantissa(), PLACES).normalize()
}

pub(crate) fn of_quantity(quantity: Quantity) -> Decimal {
    units(quantity.mantissa().into(), PLACES)
}

pub(crate) fn of_amount(amount: Amount) -> Decimal {
    units(amount.mantissa().into(), PLACES)
}

/// `number` × 10^-`scale`; beyond 96 bits with the last places rounded.
pub(crate) fn units(number: i128, scale: u32) -> Decimal {
    let (mut number, mut scale) = (number, scale);
    loop {
        match Decimal::try_from_i128_with_scale(number, scale) {
            Ok(decimal) => return decimal.normalize(),
            Err(_) if scale > 0 => (number, scale) = (number / 10, scale - 1),
            Err(_) => return if number < 0 { Decimal::MIN } else { Decimal::MAX },
        }
    }
}

/// The average price of `quantity` that cost `notional` in all; `None` of nothing.
pub(crate) fn average(notional: Notional, quantity: Quantity) -> Option<Decimal> {
    // Of places the notional has 16 and the quantity 8: 8 are left.
    let mantissa = notional.get().checked_div(quantity.mantissa().into())?;
    i128::try_from(mantissa).ok().map(|mantissa| units(mantissa, PLACES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn what_has_8_places_goes_there_and_back_and_what_has_more_is_refused() {
        for text in ["0", "1", "-1", "50000.01", "0.00000001", "-0.5", "92233720368.54775807"] {
            assert_eq!(of_price(price(decimal(text), "price").unwrap()), decimal(text));
        }
        assert_eq!(quantity(decimal("0.10"), "quantity").unwrap().mantissa(), 10_000_000);
        assert_eq!(of_quantity(Quantity::new(u64::MAX - 1)), decimal("184467440737.09551614"));
        assert_eq!(of_amount(amount(decimal("12.5"), "amount").unwrap()), decimal("12.5"));
        for text in ["0.000000001", "92233720368.54775808", "79228162514264337593543950335"] {
            assert!(matches!(price(decimal(text), "price"), Err(Error::NotExpressible { .. })), "{text}");
        }
        for text in ["-1", "184467440737.09551615"] {
            assert!(quantity(decimal(text), "quantity").is_err(), "{text}");
        }
    }

    #[test]
    fn an_average_is_what_was_paid_for_each() {
        let notional = Notional::new(3 * 5_000_000_000_000 * 100_000_000 / 2);
        assert_eq!(average(notional, Quantity::new(150_000_000)), Some(decimal("50000")));
        assert_eq!(average(Notional::new(0), Quantity::new(0)), None);
    }

    #[test]
    fn a_number_of_more_than_96_bits_loses_places_and_never_its_size() {
        assert_eq!(units(i128::from(i64::MAX), 0), decimal("9223372036854775807"));
        assert_eq!(units(123_456_789 * 10_i128.pow(28), 30), decimal("1234567.89"));
    }
}
