//! The state hash's arithmetic: our own, because it must be the same on every host and in every release.

/// A hash over a sequence of 64-bit words.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0x243F_6A88_85A3_08D3) // the fraction of π
    }
}

impl Digest {
    /// Takes in one word: the two halves of a 128-bit product, folded.
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn word(&mut self, word: u64) {
        let mixed = self.0.rotate_left(29) ^ word;
        let product = (mixed ^ 0x1319_8A2E_0370_7344) as u128 * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(self.0);
    }

    /// Takes in bytes, as words with the lowest byte first, the last one filled up with zeros.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// The hash of everything taken in.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_known_words_never_changes() {
        let mut digest = Digest::default();
        digest.word(0);
        digest.word(u64::MAX);
        digest.bytes(b"a name of 36 bytes");
        assert_eq!(digest.value(), 0x2370_11D2_A0B5_ED7F);
    }

    #[test]
    fn order_and_zeros_count() {
        let hash = |words: &[u64]| {
            let mut digest = Digest::default();
            words.iter().for_each(|&w| digest.word(w));
            digest.value()
        };
        let hashes = [hash(&[]), hash(&[0]), hash(&[0, 0]), hash(&[1, 0]), hash(&[0, 1])];
        for (i, a) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|b| a != b));
        }
    }
}
