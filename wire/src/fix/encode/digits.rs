//! Numbers in decimal, eight or sixteen digits at a time in registers: no loop, and no division but by constants, which compilers
//! turn into multiplications.

use crate::fix::value::pair;

/// Numbers below this have sixteen digits at most.
pub(super) const SIXTEEN_MAX: u64 = 10_u64.pow(16);
/// Numbers below this have eight digits at most.
pub(super) const EIGHT_MAX: u64 = 10_u64.pow(8);
/// Eight zeros in characters.
const ZEROS: u64 = u64::MAX / 255 * b'0' as u64;

/// The digits of a number in a register, leading zeros included: the first in the lowest byte, each from 0 to 9.
pub(super) trait Digits: Copy {
    /// How many digits there are.
    const ALL: usize;
    /// The digits of `number`, which has no more of them.
    fn of(number: u64) -> Self;
    /// How many digits there are without leading zeros, but at least `least`, which is 1 to all of them.
    fn count(self, least: usize) -> usize;
    /// Puts the characters of the last `count` digits, which is 1 to all of them, at `at`; anything behind them, until
    /// there are [`Digits::ALL`].
    fn put(self, count: usize, room: &mut [u8], at: usize);
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
            fn count(self, least: usize) -> usize {
                Self::ALL - (self.0.trailing_zeros() as usize / 8).min(Self::ALL - least)
            }

            #[inline(always)]
            fn put(self, count: usize, room: &mut [u8], at: usize) {
                const ZEROS: $word = $word::MAX / 255 * b'0' as $word;
                let last = (self.0 | ZEROS) >> (8 * (Self::ALL - count) % (8 * Self::ALL));
                room[at..at + Self::ALL].copy_from_slice(&last.to_le_bytes());
            }
        }
    };
}
digits!(Eight, u64, eight);
digits!(Sixteen, u128, |number| {
    (u128::from(eight(number % EIGHT_MAX)) << 64) | u128::from(eight(number / EIGHT_MAX))
});

/// Eight digits of a number below [`EIGHT_MAX`] at once, as in [`Digits`]: halves of four, then pairs, then digits, each
/// step a multiplication by an inverse (Daniel Lemire's "eight digits" backwards; exact for as many bits as there are).
#[inline(always)]
fn eight(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    // n / 100 = n × 10486 >> 20 for n below 10,000.
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | ((fours - hundreds * 100) << 16);
    // n / 10 = n × 103 >> 10 for n below 100.
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((pairs - tens * 10) << 8)
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

    fn all_of<D: Digits>(number: u64, least: usize) -> Result<(), TestCaseError> {
        let (digits, text) = (D::of(number), format!("{number:0>all$}", all = D::ALL));
        prop_assert_eq!(digits.count(least), number.to_string().len().max(least));
        for count in 1..=D::ALL {
            let mut room = [0; 17];
            digits.put(count, &mut room, 1);
            prop_assert_eq!(&room[1..=count], &text.as_bytes()[D::ALL - count..]);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn a_number_has_its_digits(number in 0..SIXTEEN_MAX, cut in 0_u32..16, least in 1_usize..=8) {
            let number = number / 10_u64.pow(cut);
            all_of::<Sixteen>(number, least)?;
            if number < EIGHT_MAX {
                all_of::<Eight>(number, least)?;
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
