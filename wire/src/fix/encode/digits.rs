//! Numbers in decimal, sixteen digits at a time in registers: no loop, and no division but by constants, which compilers
//! turn into multiplications.

use crate::fix::value::pair;

/// Numbers below this have sixteen digits at most.
pub(super) const SIXTEEN_MAX: u64 = 10_u64.pow(16);
const EIGHT_MAX: u64 = 10_u64.pow(8);
const LOW: u64 = u64::MAX / 255;

/// The sixteen digits of a number below [`SIXTEEN_MAX`], leading zeros included: the first in the lowest byte, each from
/// 0 to 9.
#[derive(Clone, Copy)]
pub(super) struct Sixteen(u128);

impl Sixteen {
    #[inline(always)]
    pub(super) fn of(number: u64) -> Sixteen {
        debug_assert!(number < SIXTEEN_MAX);
        let (high, low) = (eight(number / EIGHT_MAX), eight(number % EIGHT_MAX));
        Sixteen(u128::from(low) << 64 | u128::from(high))
    }

    /// How many digits there are without leading zeros, but at least `least`, which is 1 to 16.
    #[inline(always)]
    pub(super) fn count(self, least: usize) -> usize {
        // The bit behind makes nothing of the sixteenth digit: it is at least one that is wanted.
        16 - (self.0.trailing_zeros() as usize / 8).min(16 - least)
    }

    /// The characters of the last `count` digits, which is 1 to 16, followed by anything.
    #[inline(always)]
    pub(super) fn last(self, count: usize) -> [u8; 16] {
        const ZEROS: u128 = ((LOW as u128 * b'0' as u128) << 64) | (LOW as u128 * b'0' as u128);
        ((self.0 | ZEROS) >> ((16 - count) * 8 % 128)).to_le_bytes()
    }
}

/// Eight digits of a number below [`EIGHT_MAX`] at once, as in [`Sixteen`]: halves of four, then pairs, then digits, each
/// step a multiplication by an inverse (Daniel Lemire's "eight digits" backwards; exact for as many bits as there are).
#[inline(always)]
fn eight(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    // n / 100 = n × 10486 >> 20 for n below 10,000.
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007F_0000_007F;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    // n / 10 = n × 103 >> 10 for n below 100.
    let tens = (pairs * 103) >> 10 & 0x000F_000F_000F_000F;
    tens | (pairs - tens * 10) << 8
}

/// The characters of eight digits, leading zeros included.
#[inline(always)]
pub(crate) fn eight_characters(number: u64) -> [u8; 8] {
    (eight(number) | (LOW * u64::from(b'0'))).to_le_bytes()
}

/// `number` in decimal at the end of `text`; gives where it begins.
pub(crate) fn decimal_digits(text: &mut [u8; 20], number: u64) -> usize {
    let mut rest = number;
    for to_pair in text.as_chunks_mut::<2>().0.iter_mut().rev() {
        *to_pair = pair(rest);
        rest /= 100;
    }
    text.len() - number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eight_digits_are_those_of_the_number() {
        for number in (0..EIGHT_MAX).step_by(9_973).chain((0..=9_999).map(|n| n * 10_000 + n)) {
            assert_eq!(&eight_characters(number), format!("{number:08}").as_bytes());
        }
    }

    proptest! {
        #[test]
        fn sixteen_digits_are_those_of_the_number(number in 0..SIXTEEN_MAX, least in 1_usize..=16) {
            let (digits, text) = (Sixteen::of(number), format!("{number:016}"));
            let count = number.to_string().len().max(least);
            prop_assert_eq!(digits.count(least), count);
            for count in 1..=16 {
                prop_assert_eq!(&digits.last(count)[..count], &text.as_bytes()[16 - count..]);
            }
        }

        #[test]
        fn twenty_digits_are_those_of_the_number(number: u64) {
            let mut text = [0; 20];
            let at = decimal_digits(&mut text, number);
            prop_assert_eq!(String::from_utf8_lossy(&text[at..]), number.to_string());
        }
    }
}
