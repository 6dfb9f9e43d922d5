//! Decimals as they stand on a wire, exact: an integer and a count of decimal places.

use std::{fmt, ops::Range};

use crate::fix::value::joined;

/// Decimal places a wire decimal may have.
pub const SCALE_MAX: u8 = 18;

const POW10: [u64; SCALE_MAX as usize + 1] = {
    let mut table = [1; SCALE_MAX as usize + 1];
    let mut i = 1;
    while i < table.len() {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// Ten to the power `scale`, for `scale` up to [`SCALE_MAX`].
#[must_use]
pub(crate) const fn pow10(scale: u8) -> u64 {
    POW10[scale as usize]
}

/// `mantissa` × 10^-`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits.
    pub mantissa: i64,
    /// How many of them stand behind the point: at most [`SCALE_MAX`].
    pub scale: u8,
}

/// Why a text is not a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not of the form `-?digits(.digits)?`.
    #[error("not a decimal number")]
    Malformed,
    /// Of the right form, but with more digits than 64 bits and 18 places hold.
    #[error("a decimal number with too many digits")]
    TooLong,
}

impl Decimal {
    /// The number in `text`, as FIX's float data type has it: an optional minus, digits, and optionally a
    /// point and more digits; leading and trailing zeros are allowed, an exponent or a plus is not.
    ///
    /// # Errors
    /// [`DecimalError::Malformed`] if it is not of that form; [`DecimalError::TooLong`] if it does not fit
    /// after trailing zeros behind the point are dropped.
    pub fn parse(text: &[u8]) -> Result<Decimal, DecimalError> {
        if let 1..=WINDOW = text.len() {
            let mut window = [0; WINDOW];
            window[WINDOW - text.len()..].copy_from_slice(text);
            return Self::short(window, text.len());
        }
        Self::long(text)
    }

    /// The number in a text of any length.
    fn long(text: &[u8]) -> Result<Decimal, DecimalError> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let mut mantissa: u64 = 0;
        let mut scale: u8 = 0;
        let mut point = false;
        let mut seen = false;
        let mut zeros: u8 = 0; // behind the point, held back until a digit follows
        let mut fits = true;
        for &byte in digits {
            match byte {
                b'0' if point => {
                    seen = true;
                    zeros = zeros.saturating_add(1);
                }
                b'0'..=b'9' => {
                    seen = true;
                    let places = if point { zeros.saturating_add(1) } else { 0 };
                    let factor = POW10.get(if point { usize::from(places) } else { 1 });
                    scale = scale.saturating_add(places);
                    zeros = 0;
                    match factor
                        .and_then(|&f| mantissa.checked_mul(f))
                        .and_then(|m| m.checked_add(u64::from(byte - b'0')))
                    {
                        Some(m) if scale <= SCALE_MAX => mantissa = m,
                        _ => fits = false,
                    }
                }
                b'.' if !point => point = true,
                _ => return Err(DecimalError::Malformed),
            }
        }
        if !seen {
            return Err(DecimalError::Malformed);
        }
        let mantissa = i64::try_from(mantissa).ok().filter(|_| fits).ok_or(DecimalError::TooLong)?;
        Ok(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The number that the last `len` bytes of `window` are, one to eight: nearly every one there is. All of its digits
    /// are looked at at once.
    #[inline(always)]
    fn short(window: [u8; WINDOW], len: usize) -> Result<Decimal, DecimalError> {
        // Values of the digits, the last one in the highest byte; zeros before the first.
        let unused = 8 * (WINDOW - len);
        let mut digits = (u64::from_le_bytes(window) ^ (LOW * b'0' as u64)) >> unused << unused;
        // The lowest byte that is a point becomes the lowest with its high bit set (Mycroft's null-byte test).
        let others = digits ^ (LOW * POINT);
        let point = others.wrapping_sub(LOW) & !others & HIGH;
        let mut scale = 0;
        if point != 0 {
            // What stands before the point closes up.
            let below = point ^ point.wrapping_sub(1);
            digits = (digits & below ^ POINT << (point.trailing_zeros() - 7)) << 8 | digits & !below;
            scale = point.leading_zeros() / 8;
            if scale > 0 {
                // Without the zeros at the end.
                let zeros = (digits.leading_zeros() / 8).min(scale);
                digits <<= 8 * zeros;
                scale -= zeros;
            }
        }
        // What is added makes the high bit appear in values above 9.
        if (digits | digits.wrapping_add(LOW * 0x76)) & HIGH != 0 || len == usize::from(point != 0) {
            return Self::long(&window[WINDOW - len..]);
        }
        Ok(Decimal { mantissa: joined(digits).cast_signed(), scale: scale.to_le_bytes()[0] })
    }
}

/// Bytes that [`Decimal::short`] looks at at once.
const WINDOW: usize = 8;
const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;
/// A point among values of digits.
const POINT: u64 = (b'.' ^ b'0') as u64;

/// A decimal as a message gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// One that fits.
    Exact(Decimal),
    /// One of the right form with more digits than fit; see [`DecimalError::TooLong`].
    TooLong,
}

impl Number {
    /// Nothing.
    pub const ZERO: Number = Number::Exact(Decimal { mantissa: 0, scale: 0 });

    /// The number in `text`; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Number> {
        Self::read(Decimal::parse(text))
    }

    /// As [`Number::parse`], of what stands at `range` in `bytes`: quicker where that is not at their beginning.
    #[inline(always)]
    pub(crate) fn parse_in(bytes: &[u8], range: Range<usize>) -> Option<Number> {
        let len = range.len();
        match bytes.get(..range.end)?.last_chunk() {
            Some(&window) if matches!(len, 1..=WINDOW) => Self::read(Decimal::short(window, len)),
            _ => Self::parse(bytes.get(range)?),
        }
    }

    #[inline]
    const fn read(decimal: Result<Decimal, DecimalError>) -> Option<Number> {
        match decimal {
            Ok(value) => Some(Number::Exact(value)),
            Err(DecimalError::TooLong) => Some(Number::TooLong),
            Err(DecimalError::Malformed) => None,
        }
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Number::Exact(value)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let unit = pow10(self.scale);
        let (whole, part) = (self.mantissa.unsigned_abs() / unit, self.mantissa.unsigned_abs() % unit);
        if self.scale == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{part:0width$}", width = usize::from(self.scale))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(i64, u8), DecimalError> {
        Decimal::parse(text.as_bytes()).map(|d| (d.mantissa, d.scale))
    }

    #[test]
    fn every_form_fix_allows_is_read_exactly() {
        assert_eq!(parsed("50000"), Ok((50_000, 0)));
        assert_eq!(parsed("0050000.10"), Ok((500_001, 1)));
        assert_eq!(parsed("-0.00001"), Ok((-1, 5)));
        assert_eq!(parsed(".5"), Ok((5, 1)));
        assert_eq!(parsed("5."), Ok((5, 0)));
        assert_eq!(parsed("1.000000000000000000000000"), Ok((1, 0)));
        assert_eq!(parsed("9223372036854775807"), Ok((i64::MAX, 0)));
        assert_eq!(parsed("0.000000000000000001"), Ok((1, 18)));
        assert_eq!(parsed("1.01"), Ok((101, 2)));
    }

    #[test]
    fn short_and_long_texts_are_read_alike() {
        // Zeros in front change the length and not the number.
        for text in ["1", "-0.00001", "50000.10", ".5", "5.", "0", "-0.0", "123456789.12345678"] {
            let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
            let long = format!("{sign}{}{digits}", "0".repeat(20));
            assert_eq!(parsed(text), parsed(&long), "{text:?}");
        }
    }

    #[test]
    fn other_forms_are_malformed() {
        for text in ["", "-", ".", "+1", "1e5", "1.2.3", " 1", "1 ", "0x1", "--1", "1-", "NaN", "1,5"] {
            assert_eq!(parsed(text), Err(DecimalError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_says_so_and_is_never_rounded() {
        for text in
            ["9223372036854775808", "99999999999999999999", "0.0000000000000000001", "1.0000000000000000001"]
        {
            assert_eq!(parsed(text), Err(DecimalError::TooLong), "{text:?}");
        }
    }
}
