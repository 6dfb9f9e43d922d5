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
    match bytes.last_chunk() {
        Some(last) => wide::sum(blocks, last, rest.len()),
        None => rest.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte)),
    }
}

/// Sixteen bytes of a message, what they are held against, and where.
type Likeness<'a> = ((&'a [u8; 16], &'a [u8; 16]), &'a [u8; 16]);

/// The sum of `bytes` modulo 256 if they are `text` wherever `mask` is all ones, and have SOH so many times. All three
/// are of one length.
#[inline(always)]
pub(super) fn sum_like(bytes: &[u8], text: &[u8], mask: &[u8], marks: u8) -> Option<u8> {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let (texts, masks) = (text.as_chunks::<16>().0, mask.as_chunks::<16>().0);
    match (bytes.last_chunk(), text.last_chunk(), mask.last_chunk()) {
        (Some(last), Some(text), Some(mask)) => {
            let blocks = blocks.iter().zip(texts).zip(masks);
            wide::sum_like(blocks, ((last, text), mask), rest.len(), marks)
        }
        _ => None, // no message is as short as that
    }
}

/// Sixteen bytes of any of these leave the last ones of sixteen others, as many as where they begin.
const LAST: [u8; 32] = {
    let mut last = [0; 32];
    let mut i = 16;
    while i < last.len() {
        last[i] = 0xFF;
        i += 1;
    }
    last
};

/// Leaves the last `count` of sixteen bytes, up to fifteen.
#[inline(always)]
fn only_last(count: usize) -> [u8; 16] {
    *LAST[count % 16..].first_chunk().expect("sixteen and more are left")
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as wide;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use words as wide;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use safe_arch::{
        add_i8_m128i, cmp_eq_mask_i8_m128i, m128i, move_mask_i8_m128i, set_splat_i8_m128i,
        sum_of_u8_abs_diff_m128i,
    };

    use super::{BLOCK, Likeness, only_last};
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
    pub(super) fn sum_like<'a>(
        blocks: impl Iterator<Item = Likeness<'a>>,
        ((last, text), mask): Likeness<'_>,
        rest: usize,
        marks: u8,
    ) -> Option<u8> {
        let soh = set_splat_i8_m128i(SOH.cast_signed());
        let last = m128i::from(*last);
        let mut other = (last ^ m128i::from(*text)) & m128i::from(*mask);
        let mut sums = last & m128i::from(only_last(rest));
        // Each SOH takes one from a byte's count.
        let mut counts = cmp_eq_mask_i8_m128i(sums, soh);
        for ((block, text), mask) in blocks {
            let block = m128i::from(*block);
            other |= (block ^ m128i::from(*text)) & m128i::from(*mask);
            counts = add_i8_m128i(counts, cmp_eq_mask_i8_m128i(block, soh));
            sums = add_i8_m128i(sums, block);
        }
        let same = cmp_eq_mask_i8_m128i(other, m128i::from([0_u64; 2]));
        let count = 0_u8.wrapping_sub(total(counts));
        (move_mask_i8_m128i(same) == 0xFFFF && count == marks).then(|| total(sums))
    }

    /// The sum of sixteen bytes modulo 256.
    #[inline(always)]
    fn total(bytes: m128i) -> u8 {
        let [low, high]: [u64; 2] = sum_of_u8_abs_diff_m128i(bytes, m128i::from([0_u64; 2])).into();
        low.wrapping_add(high).to_le_bytes()[0]
    }

    #[inline(always)]
    pub(super) fn sum(blocks: &[[u8; 16]], last: &[u8; 16], rest: usize) -> u8 {
        // Sixteen sums, each modulo 256 as theirs is to be.
        let part = m128i::from(*last) & m128i::from(only_last(rest));
        let sums = blocks.iter().fold(part, |sums, &block| add_i8_m128i(sums, m128i::from(block)));
        total(sums)
    }
}

/// What [`sse2`] does, for other targets, and for tests to compare.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod words {
    use super::{BLOCK, Likeness, only_last};
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

    pub(super) fn sum_like<'a>(
        blocks: impl Iterator<Item = Likeness<'a>>,
        ((last, text), mask): Likeness<'_>,
        rest: usize,
        marks: u8,
    ) -> Option<u8> {
        let wide = |bytes: &[u8; 16]| u128::from_le_bytes(*bytes);
        let sohs = |bytes: u128| bytes.to_le_bytes().iter().filter(|&&byte| byte == SOH).count();
        let mut other = (wide(last) ^ wide(text)) & wide(mask);
        let part = wide(last) & wide(&only_last(rest));
        let (mut count, mut sum) = (sohs(part), wide_sum(part));
        for ((block, text), mask) in blocks {
            other |= (wide(block) ^ wide(text)) & wide(mask);
            count += sohs(wide(block));
            sum = sum.wrapping_add(wide_sum(wide(block)));
        }
        (other == 0 && count == marks.into()).then_some(sum)
    }

    pub(super) fn sum(blocks: &[[u8; 16]], last: &[u8; 16], rest: usize) -> u8 {
        let part = wide_sum(u128::from_le_bytes(*last) & u128::from_le_bytes(only_last(rest)));
        blocks.iter().fold(part, |sum: u8, block| sum.wrapping_add(wide_sum(u128::from_le_bytes(*block))))
    }

    /// The sum of sixteen bytes modulo 256: in pairs, which sixteen bits hold, and the eight pairs by one multiplication.
    const fn wide_sum(bytes: u128) -> u8 {
        const EVEN: u128 = u128::MAX / 0x0101;
        let pairs = (bytes & EVEN) + ((bytes >> 8) & EVEN);
        (pairs.wrapping_mul(u128::MAX / 0xFFFF) >> 112).to_le_bytes()[0]
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
        fn likeness_is_that_of_each_byte(bytes in bytes(100), mask in prop::collection::vec(any::<bool>(), 100), other in 0_usize..200, marks in 0_u8..9) {
            let (bytes, len) = (&bytes[..], bytes.len());
            let mask: Vec<u8> = mask[..len].iter().map(|&decides| if decides { 0xFF } else { 0 }).collect();
            let mask = &mask[..];
            let mut text: Vec<u8> = bytes.iter().zip(mask).map(|(byte, mask)| byte & mask).collect();
            let count = bytes.iter().fold(0, |count: u8, &byte| count + u8::from(byte == SOH));
            let sum = |like: bool| (like && len >= 16).then(|| sum(bytes));
            prop_assert_eq!(sum_like(bytes, &text, mask, count), sum(true));
            prop_assert_eq!(sum_like(bytes, &text, mask, marks), sum(count == marks));
            if let Some(byte) = text.get_mut(other) {
                *byte ^= 4;
                prop_assert_eq!(sum_like(bytes, &text, mask, count), sum(mask[other] == 0));
            }
            if let (Some(last), Some(text_last), Some(mask_last)) = (bytes.last_chunk(), text.last_chunk(), mask.last_chunk()) {
                let blocks = || bytes.as_chunks().0.iter().zip(text.as_chunks().0).zip(mask.as_chunks().0);
                let last = ((last, text_last), mask_last);
                let ours = words::sum_like(blocks(), last, len % 16, marks);
                prop_assert_eq!(ours, wide::sum_like(blocks(), last, len % 16, marks));
            }
        }

        #[test]
        fn both_ways_of_asking_agree(bytes in bytes(200)) {
            if let Some(block) = bytes.first_chunk() {
                prop_assert_eq!(words::marks(block), wide::marks(block));
            }
            let (blocks, rest) = bytes.as_chunks();
            if let Some(last) = bytes.last_chunk() {
                prop_assert_eq!(words::sum(blocks, last, rest.len()), wide::sum(blocks, last, rest.len()));
            }
        }
    }
}
