//! Where the values of a message's slots are.

use std::ops::Range;

use crate::fix::dictionary::slot;

/// Slots that have a value, and where it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::fix) struct Found {
    /// A bit for each slot that has one.
    pub(super) slots: u64,
    pub(super) spans: Own,
}

impl Found {
    pub(in crate::fix) const NOTHING: Found = Found { slots: 0, spans: [Span::NONE; slot::COUNT] };

    /// Where the values of those of `slots` are that have one.
    pub(in crate::fix) fn values(&self, slots: u64) -> impl Iterator<Item = Range<usize>> {
        let found = self.slots & slots;
        let spans = self.spans.iter().enumerate();
        spans.filter(move |(slot, _)| found >> slot & 1 != 0).map(|(_, span)| span.range())
    }
}

/// Where the values of slots are, found by a walk or known before.
pub(in crate::fix) trait Spans {
    /// Where that of `slot` is.
    fn range(&self, slot: usize) -> Range<usize>;
}

/// Those that a walk has found.
pub(in crate::fix) type Own = [Span; slot::COUNT];

impl Spans for Own {
    #[inline(always)]
    fn range(&self, slot: usize) -> Range<usize> {
        self[slot].range()
    }
}

impl Spans for &Own {
    #[inline(always)]
    fn range(&self, slot: usize) -> Range<usize> {
        self[slot].range()
    }
}

/// Where a value is, in one word: its beginning in the low half, its length in the high one.
#[derive(Clone, Copy, Debug)]
pub(in crate::fix) struct Span(u32);

impl Span {
    pub(super) const NONE: Span = Span(0);

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "framing lets no message through that has more than 8 KiB"
    )]
    pub(super) const fn new(start: usize, end: usize) -> Span {
        Span((start | (end - start) << 16) as u32)
    }

    #[inline(always)]
    pub(super) const fn range(self) -> Range<usize> {
        let (start, len) = ((self.0 & 0xFFFF) as usize, (self.0 >> 16) as usize);
        start..start + len
    }
}
