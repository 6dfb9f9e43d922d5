//! A configuration's text in records of the journal: a record is no longer than a commit, and a text with many accounts is.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, little_endian::U32};

/// Bytes of text in one record, at most: some fit into a commit beside it.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// What a record of a configuration begins with; a piece of the text follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Part {
    /// Its place among the records of the text, from 0.
    pub number: U32,
    /// How many these are.
    pub of: U32,
}

/// The records of `text`: how each begins, and its piece.
pub fn parts(text: &str) -> impl ExactSizeIterator<Item = (Part, &[u8])> {
    let pieces = text.as_bytes().chunks(TEXT_BYTES_MAX);
    let of = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    pieces.enumerate().map(move |(number, piece)| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        (Part { number: number.into(), of: of.into() }, piece)
    })
}

/// Puts a text together from its records.
#[derive(Debug, Default)]
pub struct Joined {
    text: Vec<u8>,
    next: u32,
}

/// A record of a configuration that does not follow the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of a configuration stands where it does not belong")]
pub struct Misplaced;

impl Joined {
    /// Takes the payload of the next record. The text, once it is whole.
    ///
    /// A first part begins anew: the process that wrote the ones before it was killed then, and nothing was applied under
    /// what it had not finished.
    ///
    /// # Errors
    /// [`Misplaced`].
    pub fn take(&mut self, payload: &[u8]) -> Result<Option<String>, Misplaced> {
        let (part, piece) = Part::read_from_prefix(payload).map_err(|_| Misplaced)?;
        let (number, of) = (part.number.get(), part.of.get());
        if number == 0 {
            self.text.clear();
        } else if number != self.next {
            return Err(Misplaced);
        }
        self.text.extend_from_slice(piece);
        self.next = number + 1;
        if self.next < of {
            return Ok(None);
        }
        self.next = 0;
        String::from_utf8(std::mem::take(&mut self.text)).map(Some).map_err(|_| Misplaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload((part, piece): (Part, &[u8])) -> Vec<u8> {
        [part.as_bytes(), piece].concat()
    }

    #[test]
    fn a_text_of_any_length_comes_together_again() {
        for len in [1, TEXT_BYTES_MAX - 1, TEXT_BYTES_MAX, TEXT_BYTES_MAX + 1, 3 * TEXT_BYTES_MAX + 7] {
            let text: String = ('a'..='z').cycle().take(len).collect();
            let mut joined = Joined::default();
            // One that was cut off by a kill comes before it.
            joined.take(&payload(parts(&text).next().unwrap())).unwrap();
            let mut found = None;
            for part in parts(&text) {
                assert_eq!(found, None);
                found = joined.take(&payload(part)).unwrap();
            }
            assert_eq!(found.as_deref(), Some(&*text));
        }
    }

    #[test]
    fn a_part_that_is_missing_is_noticed() {
        let text = "x".repeat(3 * TEXT_BYTES_MAX);
        let parts: Vec<_> = parts(&text).map(payload).collect();
        let mut joined = Joined::default();
        assert_eq!(joined.take(&parts[0]), Ok(None));
        assert_eq!(joined.take(&parts[2]), Err(Misplaced));
        assert_eq!(joined.take(&[0; 7]), Err(Misplaced));
    }
}
