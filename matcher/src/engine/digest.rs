//! The state hash's arithmetic: our own, because it must be the same on every host and in every release.

/// A hash over a sequence of 64-bit words.
#[derive(Clone, Copy, Debug)]
pub struct Digest {
    state: u64,
    /// A word that waits for the next one: two go into one product.
    word: u64,
    waits: bool,
}

impl Default for Digest {
    fn default() -> Self {
        Digest { state: 0x243F_6A88_85A3_08D3, word: 0, waits: false } // the fraction of π
    }
}

impl Digest {
    /// What it has taken in so far, for an image: state, waiting word, and whether one waits.
    pub(super) const fn parts(self) -> (u64, u64, bool) {
        let Digest { state, word, waits } = self;
        (state, word, waits)
    }

    /// The digest of which these are the [`Digest::parts`].
    pub(super) const fn of_parts((state, word, waits): (u64, u64, bool)) -> Digest {
        Digest { state, word, waits }
    }

    /// Takes in one word.
    #[inline(always)]
    pub const fn word(&mut self, word: u64) {
        if self.waits {
            self.state = self.mixed(self.word ^ 0x1319_8A2E_0370_7344, word);
        } else {
            self.word = word;
        }
        self.waits = !self.waits;
    }

    /// The two halves of a 128-bit product, folded; the state besides, so that a factor of zero does not end it.
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    const fn mixed(&self, a: u64, b: u64) -> u64 {
        let product = a as u128 * (b ^ self.state) as u128;
        (product as u64 ^ (product >> 64) as u64).wrapping_add(self.state.rotate_left(29))
    }

    /// Takes in bytes, as words with the lowest byte first, the last one filled up with zeros.
    #[inline(always)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|&word| self.word(u64::from_le_bytes(word)));
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// The hash of everything taken in.
    #[must_use]
    pub const fn value(self) -> u64 {
        let last = if self.waits { self.word ^ 0xA409_3822_299F_31D0 } else { 0x082E_FA98_EC4E_6C89 };
        self.mixed(last, 0x9E37_79B9_7F4A_7C15)
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
        assert_eq!(digest.value(), 0x3AE8_4799_C68E_FE31);
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
