//! The arithmetic of a ring, apart from the memory it is about, so that the model checker can run it.
//!
//! Positions are byte counts that never wrap (64 bits last 500 years at 1 GiB/s); a position modulo the capacity is
//! a place in the data. The producer's [`Cursor`] says up to where frames are whole, the consumer's up to where they
//! may be overwritten. Between them stand frames, each a header of 8 bytes and a payload padded to 8, none of them
//! across the end of the data: a padding frame fills what is left there.

use crate::sync::{AtomicU64, Ordering};

/// Bytes of a frame's header.
pub(crate) const HEADER_BYTES: usize = 8;
const HEADER: u64 = HEADER_BYTES as u64;

/// Two cache lines: processors fetch lines in pairs, so that one line apart is not apart enough.
#[cfg_attr(not(loom), derive(zerocopy::FromBytes))]
#[repr(C, align(128))]
pub(crate) struct Cursor {
    /// The position, and in bit 0 (positions are multiples of 8) which of `counts` belongs to it.
    word: AtomicU64,
    /// Messages up to the position. Published together with it, although only one word can be stored at once: the
    /// count that does not belong to the present word is written first, then the word says that it does.
    counts: [AtomicU64; 2],
    _line: [u64; 13],
}

/// What a cursor says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) position: u64,
    pub(crate) count: u64,
}

const FLIP: u64 = 1;

impl Cursor {
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { word: AtomicU64::new(0), counts: [AtomicU64::new(0), AtomicU64::new(0)], _line: [0; 13] }
    }

    /// For the one who moves this cursor, and for others where a count that is a moment old does no harm.
    pub(crate) fn load(&self) -> Mark {
        // Pairs with the Release store in `publish`: the count it names was stored before.
        let word = self.word.load(Ordering::Acquire);
        let count = self.counts[usize::from(word & FLIP != 0)].load(Ordering::Relaxed);
        Mark { position: word & !FLIP, count }
    }

    #[inline]
    fn position(&self) -> u64 {
        // Pairs with the Release store in `publish`. The consumer, reading the producer's cursor: all frames below
        // it are whole. The producer, reading the consumer's: nothing below it is read any more.
        self.word.load(Ordering::Acquire) & !FLIP
    }

    /// `flip` is the mover's own copy of bit 0, so that it need not read the shared word.
    #[inline]
    fn publish(&self, mark: Mark, flip: &mut u64) {
        *flip ^= FLIP;
        // Only its mover and, if that dies, its heir read the count that a cursor names, hence Relaxed: what orders
        // it is the store below.
        self.counts[usize::from(*flip != 0)].store(mark.count, Ordering::Relaxed);
        // Pairs with the Acquire loads in `position` and `load`.
        self.word.store(mark.position | *flip, Ordering::Release);
    }
}

/// A place for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Where the frame begins in the data.
    pub(crate) at: usize,
    /// The padding frame that must stand before it: where, and its header.
    pub(crate) padding: Option<(usize, u64)>,
    /// The frame's header.
    pub(crate) header: u64,
    end: u64,
}

/// Two cursors that cannot both be right, or a frame that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) &'static str);

const CURSORS: Damage = Damage("its indices are further apart than its size");

/// The producer's half.
pub(crate) struct Writer {
    capacity: u64,
    tail: Mark,
    flip: u64,
    /// The consumer's position when we last had to look: it can only have moved on.
    head_seen: u64,
    damaged: bool,
}

impl Writer {
    /// Goes on from where the cursors stand.
    pub(crate) fn resume(capacity: usize, tail: &Cursor, head: &Cursor) -> Result<Self, Damage> {
        let capacity = capacity as u64;
        let flip = tail.word.load(Ordering::Relaxed) & FLIP;
        let (tail, head_seen) = (tail.load(), head.position());
        check_cursors(capacity, tail.position, head_seen)?;
        Ok(Self { capacity, tail, flip, head_seen, damaged: false })
    }

    /// A place for `len` bytes, or `None` if the ring is full. Taking none of it, and claiming again, is fine.
    #[inline]
    pub(crate) fn claim(&mut self, head: &Cursor, len: usize) -> Option<Slot> {
        let frame = frame_bytes(len as u64);
        let offset = self.tail.position & (self.capacity - 1);
        let left = self.capacity - offset;
        let padding = if frame <= left { 0 } else { left };
        let end = self.tail.position + padding + frame;
        if end - self.head_seen > self.capacity {
            self.look(head);
            if end - self.head_seen > self.capacity {
                return None;
            }
        }
        let header = header(MESSAGE, len as u64);
        Some(if padding == 0 {
            Slot { at: place(offset), padding: None, header, end }
        } else {
            Slot { at: 0, padding: Some((place(offset), self::header(PADDING, left - HEADER))), header, end }
        })
    }

    /// Makes the message visible, whose frame must be written by now.
    #[inline]
    pub(crate) fn commit(&mut self, tail: &Cursor, slot: Slot) {
        self.tail = Mark { position: slot.end, count: self.tail.count + 1 };
        tail.publish(self.tail, &mut self.flip);
    }

    /// Whether `messages` of at most `len` bytes fit one after the other, wherever in the data they come to stand.
    pub(crate) fn has_room(&mut self, head: &Cursor, messages: usize, len: usize) -> bool {
        let frame = frame_bytes(len as u64);
        // The padding is less than a frame: it stands where one did not fit.
        let need = frame.saturating_mul(messages as u64).saturating_add(frame - HEADER);
        if self.capacity - self.depth_seen() < need {
            self.look(head);
        }
        self.capacity - self.depth_seen() >= need
    }

    #[cold]
    fn look(&mut self, head: &Cursor) {
        let seen = head.position();
        // Only what can be true is believed: the consumer's position moves on, and not past ours.
        if seen >= self.head_seen && seen <= self.tail.position {
            self.head_seen = seen;
        } else {
            self.damaged = true;
        }
    }

    fn depth_seen(&self) -> u64 {
        self.tail.position - self.head_seen
    }

    /// Bytes that wait to be consumed, headers and padding included.
    pub(crate) fn depth(&mut self, head: &Cursor) -> usize {
        self.look(head);
        place(self.depth_seen())
    }

    pub(crate) fn mark(&self) -> Mark {
        self.tail
    }

    pub(crate) fn damage(&self) -> Option<Damage> {
        self.damaged.then_some(CURSORS)
    }
}

/// The consumer's half.
pub(crate) struct Reader {
    capacity: u64,
    head: Mark,
    flip: u64,
    /// Where the frame at `head` ends, once it has been looked at; else `head.position`.
    next: u64,
    /// The producer's position when we last had to look.
    tail_seen: u64,
    /// What the shared cursor says of `head`.
    released: u64,
    damage: Option<Damage>,
}

impl Reader {
    pub(crate) fn resume(capacity: usize, tail: &Cursor, head: &Cursor) -> Result<Self, Damage> {
        let capacity = capacity as u64;
        let flip = head.word.load(Ordering::Relaxed) & FLIP;
        let head = head.load();
        let tail_seen = tail.position();
        check_cursors(capacity, tail_seen, head.position)?;
        let (next, released) = (head.position, head.position);
        Ok(Self { capacity, head, flip, next, tail_seen, released, damage: None })
    }

    /// Where the payload of the front message begins, and its length, given a way to read the header at a place.
    #[inline]
    pub(crate) fn front(
        &mut self,
        tail: &Cursor,
        head: &Cursor,
        header_at: impl Fn(usize) -> u64,
    ) -> Option<(usize, usize)> {
        loop {
            if self.head.position == self.tail_seen && !self.look(tail, head) {
                return None;
            }
            let offset = self.head.position & (self.capacity - 1);
            let left = self.capacity - offset;
            let whole = left.min(self.tail_seen - self.head.position);
            let header = header_at(place(offset));
            let (tag, len) = (header & TAG, header >> TAG_BITS);
            let frame = frame_bytes(len);
            // The length was written by somebody else: it is believed only within what is ours to read.
            if frame > whole {
                return self.damaged(Damage("a frame is longer than what was written"));
            }
            match tag {
                MESSAGE => {
                    self.next = self.head.position + frame;
                    return Some((place(offset) + HEADER_BYTES, place(len)));
                }
                PADDING if frame == left => {
                    self.head.position += frame;
                    self.next = self.head.position;
                }
                _ => return self.damaged(Damage("a frame is neither a message nor padding")),
            }
        }
    }

    /// Lets the front message go; without one, does nothing.
    #[inline]
    pub(crate) fn advance(&mut self, head: &Cursor) {
        if self.next == self.head.position {
            return;
        }
        self.head = Mark { position: self.next, count: self.head.count + 1 };
        // Each publication costs the producer a cache miss when it next looks, so it is done eight times a lap
        // here, and besides whenever nothing is left to read (`look`): a full ring is never left unannounced.
        if self.head.position - self.released >= self.capacity / 8 {
            self.release(head);
        }
    }

    /// Tells the producer how far we are.
    pub(crate) fn release(&mut self, head: &Cursor) {
        if self.released != self.head.position {
            self.released = self.head.position;
            head.publish(self.head, &mut self.flip);
        }
    }

    /// Whether there is more than was seen so far.
    #[inline]
    fn look(&mut self, tail: &Cursor, head: &Cursor) -> bool {
        let seen = tail.position();
        if seen == self.tail_seen || self.damage.is_some() {
            self.release(head);
            return false;
        }
        if seen < self.tail_seen || seen - self.released > self.capacity {
            self.damage = Some(CURSORS);
            return false;
        }
        self.tail_seen = seen;
        true
    }

    #[cold]
    fn damaged(&mut self, damage: Damage) -> Option<(usize, usize)> {
        self.damage = Some(damage);
        // Nothing more is read: from now on `front` ends in `look`.
        self.tail_seen = self.head.position;
        None
    }

    /// Bytes that wait to be consumed, headers and padding included.
    pub(crate) fn depth(&self, tail: &Cursor) -> usize {
        place(tail.position().saturating_sub(self.head.position).min(self.capacity))
    }

    pub(crate) fn mark(&self) -> Mark {
        self.head
    }

    pub(crate) fn damage(&self) -> Option<Damage> {
        self.damage
    }
}

const TAG_BITS: u32 = 32;
const TAG: u64 = (1 << TAG_BITS) - 1;
/// Neither is a value that zeroed, small or textual data would have by chance.
const MESSAGE: u64 = 0xC0DE_F00D;
const PADDING: u64 = 0xC0DE_FADE;

fn header(tag: u64, len: u64) -> u64 {
    len << TAG_BITS | tag
}

/// Bytes of a frame with `len` (below 2^32) bytes of payload.
pub(crate) const fn frame_bytes(len: u64) -> u64 {
    (HEADER + len + 7) & !7
}

fn check_cursors(capacity: u64, tail: u64, head: u64) -> Result<(), Damage> {
    let aligned = (tail | head).is_multiple_of(8);
    if aligned && head <= tail && tail - head <= capacity { Ok(()) } else { Err(CURSORS) }
}

/// An offset or length below the capacity, as what it indexes.
#[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a usize")]
fn place(offset: u64) -> usize {
    offset as usize
}
