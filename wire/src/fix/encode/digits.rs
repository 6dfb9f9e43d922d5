//! Numbers in decimal, eight or sixteen digits at a time in registers: no loop, and no division but by constants, which compilers
//! turn into multiplications.

use crate::fix::value::pair;

/// Numbers below this have sixteen digits at most.
pub(super) const SIXTEEN_MAX: u64 = 10_u64.pow(16);
/// Numbers below this have eight digits at most.
pub(super) const EIGHT_MAX: u64 = 10_u64.pow(8);
/// Eight zeros in characters.
pub(super) const ZEROS: u64 = u64::MAX / 255 * b'0' as u64;

/// The digits of a number in a register, leading zeros included: the first in the lowest byte, each from 0 to 9.
pub(super) trait Digits: Copy {
    /// How many digits there are.
    const ALL: usize;
    /// The digits of `number`, which has no more of them.
    fn of(number: u64) -> Self;
    /// Writes at `at` the number with its last `places` digits, of which there are more, behind a point; gives where it
    /// ends. Up to [`Digits::ALL`] bytes behind that may be written too.
    fn write(self, places: usize, room: &mut [u8], at: usize) -> usize;
}

/// Digits of a number below [`EIGHT_MAX`].
#[derive(Clone, Copy)]
pub(super) struct Eight(u64);

/// Digits of a number below [`SIXTEEN_MAX`].
#[derive(Clone, Copy)]
pub(super) struct Sixteen(u128);

macro_rules! digits {
    ($type:ident, $word:ident, $of:expr) => {
        impl Digits for $type {
            const ALL: usize = size_of::<$word>();

            #[inline(always)]
            fn of(number: u64) -> Self {
                $type($of(number))
            }

            #[inline(always)]
            fn write(self, places: usize, room: &mut [u8], at: usize) -> usize {
                const ZEROS: $word = $word::MAX / 255 * b'0' as $word;
                let text = self.0 | ZEROS;
                // Bits before the last digit of the whole part: zeros are left out up to there.
                let last = $word::BITS as usize - 8 - 8 * places;
                let zeros = (self.0 | 1 << last).trailing_zeros() as usize & !7;
                room[at..at + Self::ALL].copy_from_slice(&(text >> zeros).to_le_bytes());
                let end = at + 1 + (last - zeros) / 8 % Self::ALL;
                if places == 0 {
                    return end;
                }
                // The digits behind the point, and the point where the one before them is.
                let part = (text >> last) & !0xFF | $word::from(b'.');
                room[end..end + Self::ALL].copy_from_slice(&part.to_le_bytes());
                end + 1 + places
            }
        }
    };
}
digits!(Eight, u64, eight);
digits!(Sixteen, u128, |number| {
    (u128::from(eight(number % EIGHT_MAX)) << 64) | u128::from(eight(number / EIGHT_MAX))
});

/// Eight digits of a number below [`EIGHT_MAX`] at once, as in [`Digits`].
#[inline(always)]
const fn eight(number: u64) -> u64 {
    // n / 10,000 = n × 109,951,163 >> 40 for n below 10^8.
    let high = (number * 109_951_163) >> 40;
    fours((number << 32) - high * ((10_000 << 32) - 1))
}

/// The digits of two numbers below 10,000, the first in the low half of `numbers`: to pairs, then to digits, each step a
/// multiplication by an inverse (Daniel Lemire's "eight digits" backwards; exact for as many bits as there are). The
/// quotient goes where it is and the remainder above it: (n - q × 100) << 16 | q is (n << 16) - q × ((100 << 16) - 1).
#[inline(always)]
pub(super) const fn fours(numbers: u64) -> u64 {
    // n / 100 = n × 10486 >> 20 for n below 10,000.
    let hundreds = ((numbers * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = (numbers << 16) - hundreds * ((100 << 16) - 1);
    // n / 10 = n × 103 >> 10 for n below 100.
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    (pairs << 8) - tens * ((10 << 8) - 1)
}

/// The characters of eight digits, leading zeros included.
#[inline(always)]
pub(crate) fn eight_characters(number: u64) -> [u8; 8] {
    (eight(number) | ZEROS).to_le_bytes()
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

    /// Each way to write `number` against its twin that formats.
    fn all_of<D: Digits>(number: u64) -> Result<(), TestCaseError> {
        for places in 0..D::ALL {
            let mut room = [0; 40];
            let end = D::of(number).write(places, &mut room, 1);
            let mut text = format!("{number:0>least$}", least = places + 1);
            if places > 0 {
                text.insert(text.len() - places, '.');
            }
            prop_assert_eq!(String::from_utf8_lossy(&room[1..end]), text);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn a_number_has_its_digits(number in 0..SIXTEEN_MAX, cut in 0_u32..=16) {
            let number = number / 10_u64.pow(cut);
            all_of::<Sixteen>(number)?;
            if number < EIGHT_MAX {
                all_of::<Eight>(number)?;
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
