//! Bytes on their way in and out of one connection.

/// Bytes received and not consumed, contiguous, in a fixed buffer that is made when the first byte comes: a
/// connection that never speaks costs nothing.
#[derive(Debug, Default)]
pub(super) struct Input {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Input {
    /// Twice the longest message, so that a read always has room behind an incomplete one.
    const BYTES: usize = 2 * wire::limits::FIX_MESSAGE_BYTES_MAX;

    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Whether nothing more can be received until something is consumed.
    pub(super) const fn is_full(&self) -> bool {
        self.end - self.start == Self::BYTES
    }

    /// Where the next read goes; empty if it is full.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes = vec![0; Self::BYTES].into_boxed_slice();
        }
        if self.end > Self::BYTES / 2 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        &mut self.bytes[self.end..]
    }

    /// Copies as much of `bytes` as there is room for; how much that is.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        let room = self.room();
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.add(count);
        count
    }

    pub(super) fn add(&mut self, count: usize) {
        self.end += count;
        assert!(self.end <= self.bytes.len());
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        assert!(self.start <= self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }
}

/// Bytes to be sent.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    sent: usize,
}

impl Output {
    /// Reserved when the first byte is written; grows only for a peer that reads more slowly than it is sent to.
    const RESERVE: usize = 64 * 1024;

    pub(super) fn pending(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(Self::RESERVE);
        }
        &mut self.bytes
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.sent += count;
        assert!(self.sent <= self.bytes.len());
        if self.sent == self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
        } else if self.sent >= Self::RESERVE {
            // What was sent is dropped in large pieces, so that the copying stays linear.
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_keeps_an_incomplete_message_contiguous_across_any_pattern_of_reads() {
        let mut input = Input::default();
        let (mut next_in, mut next_out) = (0_u8, 0_u8);
        for step in 0..10_000_usize {
            let room = input.room();
            let count = (step * 7919 % 5000).min(room.len());
            for byte in &mut room[..count] {
                *byte = next_in;
                next_in = next_in.wrapping_add(1);
            }
            input.add(count);
            // At most one longest message stays behind, as framing guarantees.
            let keep = (step * 31) % wire::limits::FIX_MESSAGE_BYTES_MAX;
            let take = input.filled().len().saturating_sub(keep);
            for &byte in &input.filled()[..take] {
                assert_eq!(byte, next_out);
                next_out = next_out.wrapping_add(1);
            }
            input.consume(take);
            assert!(!input.room().is_empty());
        }
    }

    #[test]
    fn output_sends_every_byte_once_however_little_is_taken_at_a_time() {
        let mut output = Output::default();
        let (mut next_in, mut next_out) = (0_u8, 0_u8);
        for step in 0..3_000_usize {
            for _ in 0..step % 400 {
                output.end().push(next_in);
                next_in = next_in.wrapping_add(1);
            }
            let take = output.pending().len().min(step % 397);
            for &byte in &output.pending()[..take] {
                assert_eq!(byte, next_out);
                next_out = next_out.wrapping_add(1);
            }
            output.advance(take);
        }
    }
}
