//! Where the fields of earlier messages stood. A session's messages are much alike, and one whose fields stand where those of
//! an earlier one did needs no walk.
//!
//! Of a message that was walked without a surprise its tags are remembered, and what decides by which rules it was walked:
//! BeginString (8) and MsgType (35). One of the same length that has the same bytes there, and SOH nowhere else, has
//! the same fields in the same places. What the walk has said of their order, of fields missing or there twice, and of
//! values without a byte then holds of it too. What a value may be is for its reader to judge, as after a walk: only
//! messages are remembered of whose fields each has a reader.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use super::{
    SOH,
    dictionary::{Rules, slot},
    frame::{self, TRAILER},
    message::Message,
    scan,
    value::Day,
    version::Version,
    walk::{Found, Walk, bits},
};

/// Bytes that a remembered message may have.
const BYTES_MAX: usize = 256;
/// Sessions whose messages are remembered apart; more of them share.
const LANES: usize = 16;
/// Messages that are remembered of each, told apart by their length.
const ENTRIES: usize = 16;

/// What is remembered for all sessions that one thread serves. Nothing but speed depends on it.
#[derive(Debug, Default)]
pub struct Memory {
    lanes: Box<[Lane; LANES]>,
}

/// What is remembered of one session's messages.
#[derive(Default)]
pub struct Lane {
    day: Cell<Day>,
    entries: [Entry; ENTRIES],
    /// Which of them the last message was like.
    last: Cell<usize>,
    /// What is to be remembered once the message it came from is no longer looked at.
    learnt: RefCell<Option<Entry>>,
}

/// The structure of a message.
pub(super) struct Entry {
    /// Bytes of the message, 0 if there is none.
    len: usize,
    /// Whether it was met since another message wanted its place.
    met: Cell<bool>,
    /// The bytes that must be as they are, and zeros.
    text: [u8; BYTES_MAX],
    /// All ones where they are.
    mask: [u8; BYTES_MAX],
    /// How often SOH stands before CheckSum (10).
    marks: u8,
    pub(super) version: Version,
    pub(super) header: Found,
    /// Where the body begins.
    pub(super) at: usize,
    /// The rules by which the body was walked, and the slots that were to be read.
    walked: Option<(&'static Rules, u64)>,
    body: Found,
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.entries).finish()
    }
}

/// How long the message is: where its fields are is more than anybody wants to see of each message.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.len.fmt(f)
    }
}

impl Default for Entry {
    fn default() -> Self {
        Entry {
            len: 0,
            met: Cell::new(false),
            text: [0; BYTES_MAX],
            mask: [0; BYTES_MAX],
            marks: 0,
            version: Version::default(),
            header: Found::NOTHING,
            at: 0,
            walked: None,
            body: Found::NOTHING,
        }
    }
}

impl Memory {
    /// What is remembered of the session of this number, the message before this one included.
    #[must_use]
    #[inline(always)]
    pub fn of(&mut self, session: usize) -> &Lane {
        let lane = &mut self.lanes[session % LANES];
        if lane.learnt.get_mut().is_some() {
            lane.settle();
        }
        lane
    }
}

impl Lane {
    /// The day of the last time that was read.
    #[inline(always)]
    pub(super) fn day(&self) -> Day {
        self.day.get()
    }

    #[inline(always)]
    pub(super) fn set_day(&self, day: Day) {
        self.day.set(day);
    }

    /// The message that `buf` begins with, and the one it is like, if that is the one that the last was like. Its sums are
    /// right.
    #[inline(always)]
    pub(super) fn like_last<'b>(&self, buf: &'b [u8]) -> Option<(&'b [u8], &Entry)> {
        let entry = &self.entries[self.last.get() % ENTRIES];
        let frame = buf.get(..entry.len)?;
        frame::ends(frame, entry.sum(frame)?).then_some((frame, entry.meet()))
    }

    /// The message that `frame` is like, whose sums are known to be right.
    pub(super) fn like(&self, frame: &[u8]) -> Option<&Entry> {
        let at = frame.len() % ENTRIES;
        let entry = &self.entries[at];
        if entry.len != frame.len() {
            return None;
        }
        entry.sum(frame)?;
        self.last.set(at);
        Some(entry.meet())
    }

    /// Remembers `message`, whose body was walked to its end without a surprise. Of two that take turns one keeps its
    /// place.
    #[cold]
    pub(super) fn learn(&self, message: &Message<'_>, rules: &'static Rules, read: u64, walk: &Walk<'_>) {
        let frame = message.bytes();
        if frame.len() > BYTES_MAX || self.entries[frame.len() % ENTRIES].met.take() {
            return;
        }
        let Some((header, at)) = message.usual_header() else { return };
        let body = walk.found();
        let mut mask = [0xFF; BYTES_MAX];
        // CheckSum (10) is judged apart.
        mask[frame.len() - TRAILER..].fill(0);
        // With its length a message's BodyLength (9) is as it was.
        let decisive = bits(&[slot::BEGIN_STRING, slot::BODY_LENGTH, slot::MSG_TYPE]);
        let values = header.values(!decisive).chain(body.values(u64::MAX));
        values.for_each(|value| mask[value].fill(0));
        let mut text = [0; BYTES_MAX];
        for ((text, mask), byte) in text.iter_mut().zip(mask).zip(frame) {
            *text = byte & mask;
        }
        let marks = frame[..frame.len() - TRAILER].iter().filter(|&&byte| byte == SOH).count();
        *self.learnt.borrow_mut() = Some(Entry {
            len: frame.len(),
            met: Cell::new(false),
            text,
            mask,
            marks: u8::try_from(marks).unwrap_or_default(), // of 249 bytes at most
            version: message.version(),
            header,
            at,
            walked: Some((rules, read)),
            body,
        });
    }

    #[cold]
    fn settle(&mut self) {
        if let Some(entry) = self.learnt.get_mut().take() {
            let at = entry.len % ENTRIES;
            self.entries[at] = entry;
        }
    }
}

impl Entry {
    /// The sum of `frame`, which is as long as this one, up to CheckSum (10), if it is like this one.
    #[inline(always)]
    fn sum(&self, frame: &[u8]) -> Option<u8> {
        let (summed, _) = frame.split_last_chunk::<TRAILER>()?;
        let (text, mask) = (self.text.get(..summed.len())?, self.mask.get(..summed.len())?);
        scan::sum_like(summed, text, mask, self.marks)
    }

    #[inline(always)]
    fn meet(&self) -> &Entry {
        self.met.set(true);
        self
    }

    /// Its body, if it was walked by these rules for these slots.
    #[inline(always)]
    pub(super) fn body(&self, rules: &'static Rules, read: u64) -> Option<&Found> {
        let same = self.walked.is_some_and(|(by, of)| std::ptr::eq(by, rules) && of == read);
        same.then_some(&self.body)
    }
}
