//! Values that a walk has found, read: what is wrong with one is noted as the walk's own findings are.

use super::{Spans, Walk, Why};
use crate::{
    decimal::Number,
    fix::{
        dictionary::{is_in, slot},
        value,
    },
    types::Nanos,
};

impl<'b, S: Spans> Walk<'b, S> {
    /// Whether `slot` has a value.
    #[inline(always)]
    pub(super) const fn has(&self, slot: usize) -> bool {
        slot < slot::COUNT && self.found >> slot & 1 != 0
    }

    /// The value of `slot`.
    #[inline(always)]
    pub(in crate::fix) fn text(&self, slot: usize) -> Option<&'b [u8]> {
        if self.has(slot) { self.bytes.get(self.spans.range(slot)) } else { None }
    }

    /// The value of `slot`, empty if it has none.
    #[inline(always)]
    pub(in crate::fix) fn text_or_empty(&self, slot: usize) -> &'b [u8] {
        self.bytes.get(self.spans.range(slot)).unwrap_or_default()
    }

    /// The value of `slot`, which every message must have; empty if it has none, which is a fault.
    #[inline(always)]
    pub(in crate::fix) fn required_text(&mut self, slot: usize) -> &'b [u8] {
        match self.text(slot) {
            Some(text) => text,
            None => {
                if self.empty >> slot & 1 == 0 {
                    self.missing(self.slots.tags[slot]);
                }
                &[]
            }
        }
    }

    /// The code in `slot`, likewise.
    #[inline(always)]
    pub(in crate::fix) fn required_code(&mut self, slot: usize) -> u8 {
        self.code(slot).unwrap_or_else(|| {
            self.required_text(slot);
            0
        })
    }

    /// The moment in `slot`, likewise.
    #[inline(always)]
    pub(in crate::fix) fn required_time(&mut self, slot: usize) -> Nanos {
        self.time(slot).unwrap_or_else(|| {
            self.required_text(slot);
            Nanos(0)
        })
    }

    /// Whether there is anything in the slots that have a bit in `slots`.
    #[inline(always)]
    pub(in crate::fix) const fn any(&self, slots: u64) -> bool {
        self.found & slots != 0
    }

    /// The decimal in `slot`.
    #[inline(always)]
    pub(in crate::fix) fn number(&mut self, slot: usize) -> Option<Number> {
        if !self.has(slot) {
            return None;
        }
        let number = Number::parse_in(self.bytes, self.spans.range(slot));
        if number.is_none() {
            self.misread(slot);
        }
        number
    }

    /// The number in `slot`, one without sign and point.
    #[inline(always)]
    pub(in crate::fix) fn unsigned(&mut self, slot: usize) -> Option<u64> {
        if !self.has(slot) {
            return None;
        }
        let number = value::unsigned_in(self.bytes, self.spans.range(slot));
        if number.is_none() {
            self.misread(slot);
        }
        number
    }

    /// The moment in `slot`.
    #[inline(always)]
    pub(in crate::fix) fn time(&mut self, slot: usize) -> Option<Nanos> {
        let text = self.text(slot)?;
        let time = self.day.timestamp(text);
        if time.is_none() {
            self.misread(slot);
        }
        time
    }

    /// What `read` makes of the value in `slot`, which it must be able to read.
    #[inline(always)]
    pub(in crate::fix) fn read<T>(
        &mut self,
        slot: usize,
        read: impl FnOnce(&'b [u8]) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.text(slot)?);
        if value.is_none() {
            self.misread(slot);
        }
        value
    }

    /// The code in a body's `slot`, one of its field's; 0 for a code of several characters.
    #[inline(always)]
    pub(in crate::fix) fn code(&mut self, slot: usize) -> Option<u8> {
        debug_assert!(std::ptr::eq(self.slots, &slot::BODY), "a body's slot");
        let value = self.text(slot)?;
        if let &[code] = value
            && is_in(&self.dictionary.chars[slot], code)
        {
            return Some(code);
        }
        self.judge_slot(slot)
    }

    /// Judges the value in `slot` as one that nobody reads. Gives its code if nothing is wrong with it.
    #[cold]
    pub(in crate::fix) fn judge_slot(&mut self, slot: usize) -> Option<u8> {
        let value = self.text(slot)?;
        let tag = self.slots.tags[slot].into();
        let fine = self.judge(self.dictionary.field(tag), tag, self.spans.range(slot).start, value);
        fine.then_some(if let [code] = *value { code } else { 0 })
    }

    #[cold]
    fn misread(&mut self, slot: usize) {
        self.wrong(self.slots.tags[slot].into(), self.spans.range(slot).start, Why::IncorrectDataFormat);
    }

    /// Where the value of `slot` begins: what was first in the message is less.
    pub(in crate::fix) fn begin(&self, slot: usize) -> usize {
        self.spans.range(slot).start
    }
}
