//! Two questions asked of every byte: is it SOH, and what do all add up to.
//!
//! x86-64 always has SSE2, which answers both for sixteen bytes at a time; elsewhere, eight bytes in an integer do.

/// Bytes whose places one mask tells.
pub(super) const BLOCK: usize = 64;

/// The places of SOH in the block of `bytes` that begins at `from`: bit 0 is its first byte. Places behind the end
/// of `bytes` are none.
#[inline(always)]
pub(super) fn marks(bytes: &[u8], from: usize) -> u64 {
    match bytes.get(from..).and_then(|rest| rest.first_chunk()) {
        Some(block) => wide::marks(block),
        None => last_marks(bytes, from),
    }
}

/// As [`marks`], where less than a block is left.
#[inline]
fn last_marks(bytes: &[u8], from: usize) -> u64 {
    match bytes.last_chunk::<BLOCK>() {
        // The last block there is, without what of it lies before.
        Some(_) if from >= bytes.len() => 0,
        Some(block) => wide::marks(block) >> (BLOCK - (bytes.len() - from)),
        None => short_marks(bytes.get(from..).unwrap_or_default()),
    }
}

#[cold]
fn short_marks(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |marks, &byte| (marks << 1) | u64::from(byte == super::SOH))
}

/// The sum of `bytes` modulo 256.
#[inline]
pub(super) fn sum(bytes: &[u8]) -> u8 {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let whole = wide::sum(blocks);
    let part = match bytes.last_chunk::<16>() {
        // The last sixteen bytes, without those that are summed already.
        Some(last) if !rest.is_empty() => wide_sum(u128::from_le_bytes(*last) >> (8 * (16 - rest.len()))),
        Some(_) => 0,
        None => rest.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte)),
    };
    whole.wrapping_add(part)
}

/// The sum of sixteen bytes modulo 256: in pairs, which sixteen bits hold, and the eight pairs by one multiplication.
#[inline]
const fn wide_sum(bytes: u128) -> u8 {
    const EVEN: u128 = u128::MAX / 0x0101;
    let pairs = (bytes & EVEN) + ((bytes >> 8) & EVEN);
    (pairs.wrapping_mul(u128::MAX / 0xFFFF) >> 112).to_le_bytes()[0]
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as wide;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use words as wide;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use safe_arch::{
        add_i64_m128i, cmp_eq_mask_i8_m128i, m128i, move_mask_i8_m128i, set_splat_i8_m128i,
        sum_of_u8_abs_diff_m128i,
    };

    use super::BLOCK;
    use crate::fix::SOH;

    #[inline(always)]
    pub(super) fn marks(block: &[u8; BLOCK]) -> u64 {
        let soh = set_splat_i8_m128i(SOH.cast_signed());
        let (quarters, _) = block.as_chunks::<16>();
        let quarter = |i: usize| {
            let equal = cmp_eq_mask_i8_m128i(m128i::from(quarters[i]), soh);
            u64::from(move_mask_i8_m128i(equal).cast_unsigned()) << (16 * i)
        };
        quarter(0) | quarter(1) | quarter(2) | quarter(3)
    }

    #[inline(always)]
    pub(super) fn sum(blocks: &[[u8; 16]]) -> u8 {
        let zero = m128i::from([0_u64; 2]);
        let sums = blocks.iter().fold(zero, |sums, &block| {
            add_i64_m128i(sums, sum_of_u8_abs_diff_m128i(m128i::from(block), zero))
        });
        let [low, high]: [u64; 2] = sums.into();
        low.wrapping_add(high).to_le_bytes()[0]
    }
}

/// What [`sse2`] does, for other targets, and for tests to compare.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod words {
    use super::{BLOCK, wide_sum};
    use crate::fix::SOH;

    const LOW: u64 = u64::MAX / 255;
    const SEVEN_BITS: u64 = LOW * 0x7F;

    pub(super) fn marks(block: &[u8; BLOCK]) -> u64 {
        let (words, _) = block.as_chunks::<8>();
        words.iter().rev().fold(0, |marks, word| {
            // High bits where a byte is zero once SOH is taken from it, exact in every byte.
            let word = u64::from_le_bytes(*word) ^ (LOW * u64::from(SOH));
            let zero = !(((word & SEVEN_BITS) + SEVEN_BITS) | word | SEVEN_BITS);
            // The multiplication brings the eight of them together in the highest byte.
            (marks << 8) | ((zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56)
        })
    }

    pub(super) fn sum(blocks: &[[u8; 16]]) -> u8 {
        blocks.iter().fold(0, |sum: u8, block| sum.wrapping_add(wide_sum(u128::from_le_bytes(*block))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fix::SOH;

    /// Few values, so that SOH and its neighbours are many.
    fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![Just(SOH), Just(0), Just(2), Just(0x81), any::<u8>()], 0..most)
    }

    proptest! {
        #[test]
        fn every_soh_is_marked_and_nothing_else(bytes in bytes(200), from in 0_usize..220) {
            let marks = marks(&bytes, from);
            for i in 0..BLOCK {
                prop_assert_eq!(marks >> i & 1 == 1, bytes.get(from + i) == Some(&SOH), "{}", i);
            }
        }

        #[test]
        fn the_sum_is_that_of_all_bytes(bytes in bytes(200)) {
            let plain = bytes.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte));
            prop_assert_eq!(sum(&bytes), plain);
        }

        #[test]
        fn both_ways_of_asking_agree(bytes in bytes(200)) {
            if let Some(block) = bytes.first_chunk() {
                prop_assert_eq!(words::marks(block), wide::marks(block));
            }
            let (blocks, _) = bytes.as_chunks();
            prop_assert_eq!(words::sum(blocks), wide::sum(blocks));
        }
    }
}
