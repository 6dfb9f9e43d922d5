//! Messages that came before their turn, kept until a gap is filled: bounded, what does not fit is dropped and
//! asked for again.

/// Messages by number.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    bytes_max: usize,
    entries: Vec<(u64, usize, usize)>,
    entries_max: usize,
}

impl Held {
    pub(super) fn new(entries_max: usize, bytes_max: usize) -> Held {
        Held {
            bytes: Vec::with_capacity(bytes_max),
            bytes_max,
            entries: Vec::with_capacity(entries_max),
            entries_max,
        }
    }

    /// Keeps `message` if there is room, and if its number is not here yet. Whether the number is here now.
    pub(super) fn hold(&mut self, seq: u64, message: &[u8]) -> bool {
        if self.entries.is_empty() {
            self.bytes.clear();
        }
        let room =
            self.entries.len() < self.entries_max && message.len() <= self.bytes_max - self.bytes.len();
        let is_here = self.entries.iter().any(|&(held, ..)| held == seq);
        if room && !is_here {
            self.entries.push((seq, self.bytes.len(), message.len()));
            self.bytes.extend_from_slice(message);
        }
        room || is_here
    }

    /// The message numbered `seq`, which is no longer held afterwards. Those below are dropped.
    pub(super) fn take(&mut self, seq: u64) -> Option<&[u8]> {
        if self.entries.is_empty() {
            return None;
        }
        let found = self.entries.iter().find(|&&(held, ..)| held == seq).copied();
        self.entries.retain(|&(held, ..)| held > seq);
        found.map(|(_, start, len)| &self.bytes[start..start + len])
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
    }
}
