//! Hashing and comparing names.

use wire::types::ClOrdId;

use super::owners::Owner;

/// The hash of names: keyed, because clients choose them. Names have one length, so that this is foldhash (and
/// wyhash) without their loops and branches: products of keyed words, folded.
pub(super) struct NameKeys([u64; 8]);

impl NameKeys {
    /// Keys by SplitMix64 (Steele, Lea, Flood 2014).
    pub(super) fn new(seed: u64) -> NameKeys {
        let mut state = seed;
        NameKeys(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ mixed >> 31
        }))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
    pub(super) fn hash(&self, owner: Owner, name: &ClOrdId) -> u32 {
        let (words, rest) = name.padded().as_chunks::<8>();
        let word = |i: usize| u64::from_le_bytes(words[i]) ^ self.0[i];
        let last = u64::from(u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]));
        let last = last | u64::from(owner.number()) << 32;
        let sum = folded(word(0), word(1)) ^ folded(word(2), word(3)).rotate_left(32) ^ (last ^ self.0[4]);
        (folded(sum ^ self.0[5], last ^ self.0[6]) ^ self.0[7]) as u32
    }
}

/// Whether two names are one, without the call that comparing 36 bytes becomes.
pub(super) fn same(a: &ClOrdId, b: &ClOrdId) -> bool {
    let ((a, a_rest), (b, b_rest)) = (a.padded().as_chunks::<8>(), b.padded().as_chunks::<8>());
    let words = a.iter().zip(b).map(|(a, b)| u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b));
    words.fold(0, |differences, word| differences | word) == 0 && a_rest == b_rest
}

/// Both halves of the product, one upon the other.
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn folded(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use wire::types::SessionId;

    use super::{super::index::Index, *};

    /// Three quarters of the buckets are in use: as full as an index gets.
    #[test]
    fn names_of_the_usual_patterns_spread_even_in_a_full_index() {
        const FULL: u32 = 98_304;
        let keys = NameKeys::new(0x5EED);
        let displacement = |hash: &dyn Fn(u32) -> u32| {
            let mut index = Index::new(u64::from(FULL));
            (0..FULL).for_each(|i| index.insert(hash(i), i));
            index.displacement()
        };
        let named = |name: String, session| {
            keys.hash(Owner::of_session(SessionId(session)), &ClOrdId::new(name.as_bytes()).unwrap())
        };
        // Uniform hashes would give 1.5 (Knuth, TAOCP 3, 6.4).
        assert!(displacement(&|i| named(format!("{i}"), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("CL-{i:012}"), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("{:036x}", u128::from(i) << 96), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("{}", i / 4), i % 4)) < 2.0);
    }
}
