//! The arithmetic of a ring, apart from the memory it is about, so that the model checker can run it.
//!
//! Positions are byte counts that never wrap (64 bits last 500 years at 1 GiB/s); a position modulo the capacity is
//! a place in the data. From the consumer's position on stand frames, each a header word of 8 bytes and a payload
//! padded to 8, none of them across the end of the data: a padding frame fills what is left there. Behind the last
//! one stands a header word of 0, and more of them for a stretch (`ahead.rs`). To publish, the producer stores the
//! header of the new frame over the 0 there: one store, before which nothing and after which everything of the message is there,
//! however the producer ends. Flag and message travel in one cache line, so that the
//! consumer misses once where it would miss twice with an index to look at first.
//!
//! The [`Cursor`]s are for those who come later: to the producer, the consumer's says what may be overwritten; to an
//! heir, its predecessor's says where to go on.

use crate::ahead::Ahead;
use crate::sync::{AtomicU64, Ordering, nanos};

/// Bytes of a frame's header.
pub(crate) const HEADER_BYTES: usize = 8;
pub(crate) const HEADER: u64 = HEADER_BYTES as u64;

/// Nothing is published here yet.
pub(crate) const NOTHING: u64 = 0;

/// The data of a ring, as far as its headers go.
pub(crate) trait Words {
    /// The word at `at`, a multiple of 8 below the capacity.
    fn word(&self, at: usize) -> &AtomicU64;

    /// The word at `at` is wanted soon.
    fn prefetch(&self, _at: usize) {}

    /// Sets the words of `bytes`, a multiple of 8, from `at` on to [`NOTHING`], in no order.
    fn clear(&self, at: usize, bytes: usize) {
        for word in (at..at + bytes).step_by(HEADER_BYTES) {
            self.word(word).store(NOTHING, Ordering::Relaxed);
        }
    }
}

/// Two cache lines: processors fetch lines in pairs, so that one line apart is not apart enough.
#[cfg_attr(not(loom), derive(zerocopy::FromBytes))]
#[repr(C, align(128))]
pub(crate) struct Cursor {
    /// The position, and in bit 0 (positions are multiples of 8) which of `counts` belongs to it.
    word: AtomicU64,
    /// Messages up to the position. Published together with it, although only one word can be stored at once: the
    /// count that does not belong to the present word is written first, then the word says that it does.
    counts: [AtomicU64; 2],
    gauges: Gauges,
    _line: [u64; 11],
}

/// What operators want to know of one side, written by it alone and for them alone: all Relaxed, since no number says
/// anything about other memory.
#[cfg_attr(not(loom), derive(zerocopy::FromBytes))]
#[repr(C)]
pub(crate) struct Gauges {
    /// The most bytes that waited, as far as was looked.
    high_water: AtomicU64,
    /// Times this side was held up: a producer that found the ring full, a log's reader that was overrun.
    stalls: AtomicU64,
}

impl Gauges {
    #[cfg(test)]
    fn new() -> Self {
        Self { high_water: AtomicU64::new(0), stalls: AtomicU64::new(0) }
    }

    pub(crate) fn high_water(&self) -> u64 {
        self.high_water.load(Ordering::Relaxed)
    }

    pub(crate) fn stalls(&self) -> u64 {
        self.stalls.load(Ordering::Relaxed)
    }

    fn raise(&self, bytes: u64) {
        if bytes > self.high_water() {
            self.high_water.store(bytes, Ordering::Relaxed);
        }
    }

    pub(crate) fn stall(&self) {
        // One writer: no read-modify-write in one step is needed.
        self.stalls.store(self.stalls().wrapping_add(1), Ordering::Relaxed);
    }
}

/// What a cursor says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) position: u64,
    pub(crate) count: u64,
}

const FLIP: u64 = 1;

impl Cursor {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        let counts = [AtomicU64::new(0), AtomicU64::new(0)];
        Self { word: AtomicU64::new(0), counts, gauges: Gauges::new(), _line: [0; 11] }
    }

    /// For the heir of the one who moves this cursor, and for others where a count a moment old does no harm. Also
    /// gives the word's bit 0, to go on with.
    pub(crate) fn load(&self) -> (Mark, u64) {
        // Pairs with the Release store in `publish`: the count it names was stored before.
        let word = self.word.load(Ordering::Acquire);
        let count = self.counts[usize::from(word & FLIP != 0)].load(Ordering::Relaxed);
        (Mark { position: word & !FLIP, count }, word & FLIP)
    }

    pub(crate) fn position(&self) -> u64 {
        // Pairs with the Release store in `publish`. The producer, reading the consumer's cursor: whatever is below
        // has been read, and may be overwritten.
        self.word.load(Ordering::Acquire) & !FLIP
    }

    /// `flip` is the mover's own copy of bit 0, so that it need not read the shared word.
    #[inline]
    pub(crate) fn publish(&self, mark: Mark, flip: &mut u64) {
        *flip ^= FLIP;
        // Only the mover's heir needs the count of a cursor, hence Relaxed: what orders it is the store below.
        self.counts[usize::from(*flip != 0)].store(mark.count, Ordering::Relaxed);
        // Pairs with the Acquire loads in `position` and `load`.
        self.word.store(mark.position | *flip, Ordering::Release);
    }

    pub(crate) fn gauges(&self) -> &Gauges {
        &self.gauges
    }
}

/// A place for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Where the frame begins in the data.
    pub(crate) at: usize,
    /// The padding that must stand before it, if any: where, and its header.
    padding: Option<(usize, u64)>,
    header: u64,
    /// The position behind it.
    pub(crate) end: u64,
}

impl Slot {
    /// The place of a message of `len` bytes in the frames that go on at `position`.
    #[inline]
    pub(crate) fn behind(position: u64, len: u64, capacity: u64) -> Self {
        let frame = frame_bytes(len);
        let offset = position & (capacity - 1);
        let left = capacity - offset;
        let header = header(MESSAGE, len);
        if frame <= left {
            Self { at: place(offset), padding: None, header, end: position + frame }
        } else {
            let padding = self::header(PADDING, left - HEADER);
            Self { at: 0, padding: Some((place(offset), padding)), header, end: position + left + frame }
        }
    }

    /// Makes it visible, by one store, to who looks there; its payload is written, and the word behind it is
    /// [`NOTHING`].
    #[inline]
    pub(crate) fn publish(self, words: &impl Words) {
        let (first, header) = match self.padding {
            None => (self.at, self.header),
            Some(padding) => {
                // Relaxed: seen, if at all, by those who have seen the Release store below.
                words.word(self.at).store(self.header, Ordering::Relaxed);
                padding
            }
        };
        // Pairs with the Acquire loads in `Reader::front`, `Follower::next` and `end`: the payload and what is behind
        // it are there.
        words.word(first).store(header, Ordering::Release);
    }
}

/// Where the frames that go on at `mark` end: what was published last may be missing in a cursor, which is stored
/// after it.
pub(crate) fn end(capacity: u64, words: &impl Words, mut mark: Mark) -> Result<Mark, Damage> {
    check_mark(mark)?;
    let from = mark.position;
    loop {
        let offset = mark.position & (capacity - 1);
        // Pairs with the Release store in `Slot::publish`, by the producer before us.
        let header = words.word(place(offset)).load(Ordering::Acquire);
        if header == NOTHING {
            return Ok(mark);
        }
        let (frame, bytes) = parse(header, offset, capacity)?;
        mark.position += bytes;
        mark.count += u64::from(matches!(frame, Frame::Message { .. }));
        if mark.position - from > capacity {
            return Err(FRAME);
        }
    }
}

/// Two cursors that cannot both be right, or a frame that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) &'static str);

pub(crate) const CURSORS: Damage = Damage("its positions are further apart than its size");
pub(crate) const FRAME: Damage = Damage("a frame is neither a message nor padding that can stand there");

/// A published frame.
pub(crate) enum Frame {
    Message { len: u64 },
    Padding,
}

/// What a header that is not [`NOTHING`] announces, and the bytes of the frame. It was written by somebody else: it
/// is believed only as far as the frame stays within the data.
#[inline]
pub(crate) fn parse(header: u64, offset: u64, capacity: u64) -> Result<(Frame, u64), Damage> {
    let left = capacity - offset;
    let (tag, len) = (header & TAG, header >> TAG_BITS);
    let bytes = frame_bytes(len);
    match tag {
        MESSAGE if bytes <= left => Ok((Frame::Message { len }, bytes)),
        // At the beginning there is room for every message: padding there, and nothing but padding, would have us
        // go round for ever.
        PADDING if bytes == left && offset != 0 => Ok((Frame::Padding, bytes)),
        _ => Err(FRAME),
    }
}

/// The producer's half.
pub(crate) struct Writer {
    capacity: u64,
    tail: Mark,
    flip: u64,
    /// The consumer's position when we last looked: it can only have moved on.
    head_seen: u64,
    ahead: Ahead,
    /// The depth is sampled when a frame reaches so far.
    sample: u64,
    /// When that was last done, in nanoseconds.
    sampled: u64,
    /// A frame and the header behind it may reach so far without further ado: as far as is clear, and not further
    /// than the next sample.
    limit: u64,
    damaged: bool,
}

/// The depth is sampled each time so many bytes were put in (in small rings: a sixteenth of the ring), and whenever the
/// ring seems full. A look at the consumer's cursor is a cache miss, here one for some sixty messages.
const SAMPLE_BYTES: u64 = 4096;
/// What is put in faster than that, from one sample to the next, is a stream: a gigabyte a second.
const STREAM_NS: u64 = 4096;

/// A limit that says that there was no room when we last looked.
const HELD_UP: u64 = 0;

impl Writer {
    /// Goes on from where the last producer stopped.
    pub(crate) fn resume(
        capacity: usize,
        words: &impl Words,
        tail: &Cursor,
        head: &Cursor,
    ) -> Result<Self, Damage> {
        let capacity = capacity as u64;
        let (mark, flip) = tail.load();
        let mark = end(capacity, words, mark)?;
        let head_seen = head.position();
        if head_seen > mark.position || mark.position - head_seen > capacity {
            return Err(CURSORS);
        }
        let mut writer = Self {
            capacity,
            tail: mark,
            flip,
            head_seen,
            ahead: Ahead::of(capacity, mark.position),
            sample: mark.position,
            sampled: 0,
            limit: mark.position.max(1),
            damaged: false,
        };
        tail.publish(mark, &mut writer.flip);
        Ok(writer)
    }

    /// A place for `len` bytes, or `None` if the ring is full. Taking none of it, and claiming again, is fine.
    #[inline]
    pub(crate) fn claim(
        &mut self,
        words: &impl Words,
        tail: &Cursor,
        head: &Cursor,
        len: usize,
    ) -> Option<Slot> {
        let slot = Slot::behind(self.tail.position, len as u64, self.capacity);
        // One header more: the 0 behind it.
        if slot.end + HEADER > self.limit && !self.reach(words, tail, head, slot.end + HEADER) {
            return None;
        }
        self.ahead.claim(&slot);
        Some(slot)
    }

    #[cold]
    fn reach(&mut self, words: &impl Words, tail: &Cursor, head: &Cursor, end: u64) -> bool {
        let looks = end > self.sample || end > self.room();
        if looks {
            self.look(head);
        }
        if end > self.room() {
            self.hold_up(tail);
            return false;
        }
        if looks {
            tail.gauges().raise(end - HEADER - self.head_seen);
            self.sample = end + SAMPLE_BYTES.min(self.capacity / 16);
            let now = nanos();
            self.ahead.set_streaming(now.wrapping_sub(self.sampled) < STREAM_NS);
            self.sampled = now;
        }
        if end > self.ahead.cleared() {
            self.ahead.reach(words, end, self.room());
        }
        self.limit = self.ahead.cleared().min(self.sample);
        true
    }

    /// What is written may reach so far, for all we know.
    #[inline]
    fn room(&self) -> u64 {
        self.head_seen + self.capacity
    }

    /// Counts a stretch of attempts that found no room as one stall, however often they are made.
    fn hold_up(&mut self, tail: &Cursor) {
        if self.limit != HELD_UP {
            self.limit = HELD_UP;
            tail.gauges().raise(self.depth_seen());
            tail.gauges().stall();
        }
    }

    /// Makes the message visible, whose payload must be written by now.
    #[inline]
    pub(crate) fn commit(&mut self, words: &impl Words, tail: &Cursor, slot: Slot) {
        self.ahead.close(words, &slot);
        let end = slot.end;
        slot.publish(words);
        self.tail = Mark { position: end, count: self.tail.count + 1 };
        // Nobody looks at it meanwhile, so that it stays in this core's cache.
        tail.publish(self.tail, &mut self.flip);
        if self.ahead.go_on(words, end, self.room()) {
            self.limit = self.ahead.cleared().min(self.sample);
        }
    }

    /// Whether `messages` of at most `len` bytes fit one after the other, wherever in the data they come to stand.
    pub(crate) fn has_room(&mut self, tail: &Cursor, head: &Cursor, messages: usize, len: usize) -> bool {
        let frame = frame_bytes(len as u64);
        // Padding is less than a frame (it stands where one did not fit), and with the header behind it at most one.
        let need = frame.saturating_mul(messages as u64).saturating_add(frame);
        if self.capacity - self.depth_seen() < need {
            self.look(head);
        }
        let fits = self.capacity - self.depth_seen() >= need;
        if !fits {
            self.hold_up(tail);
        }
        fits
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

    /// Bytes that waited to be consumed when we last looked, and what was put in since: not less than there are now.
    #[inline]
    pub(crate) fn depth_seen(&self) -> u64 {
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
    /// The position behind the front message once that has been looked at; else the head's.
    next: u64,
    /// The position behind the last message that was given ahead of its turn, if that is ahead of the head.
    seen: u64,
    /// What the shared cursor says of the head.
    released: u64,
    damage: Option<Damage>,
}

impl Reader {
    /// Goes on from what the last consumer released.
    pub(crate) fn resume(capacity: usize, tail: &Cursor, head: &Cursor) -> Result<Self, Damage> {
        let capacity = capacity as u64;
        let (head, flip) = head.load();
        check_mark(head)?;
        // Either may be ahead: the producer's cursor is stored after the message was published.
        if tail.position().abs_diff(head.position) > capacity {
            return Err(CURSORS);
        }
        Ok(Self {
            capacity,
            head,
            flip,
            next: head.position,
            seen: head.position,
            released: head.position,
            damage: None,
        })
    }

    /// Where the payload of the front message begins, and its length.
    #[inline]
    pub(crate) fn front(&mut self, words: &impl Words, head: &Cursor) -> Option<(usize, usize)> {
        loop {
            let offset = self.head.position & (self.capacity - 1);
            // Pairs with the Release store in `Writer::commit`: a header that is seen has its payload, and what
            // stands behind the frame is NOTHING or published in its turn.
            let header = words.word(place(offset)).load(Ordering::Acquire);
            if header == NOTHING || self.damage.is_some() {
                self.release(head);
                return None;
            }
            match parse(header, offset, self.capacity) {
                Ok((Frame::Message { len }, bytes)) => {
                    self.next = self.head.position + bytes;
                    // Where the next header stands is known only now: its line comes while this message is read.
                    words.prefetch(place(self.next & (self.capacity - 1)));
                    return Some((place(offset) + HEADER_BYTES, place(len)));
                }
                Ok((Frame::Padding, bytes)) => {
                    self.head.position += bytes;
                    self.next = self.head.position;
                }
                Err(damage) => {
                    self.damage = Some(damage);
                    return None;
                }
            }
        }
    }

    /// Where the payload of the next message begins that was not answered here before, and its length: each message
    /// once, in order, as far ahead of `front` as the caller asks. None if it is not there yet, and for once where
    /// the ring begins again.
    #[inline]
    pub(crate) fn coming(&mut self, words: &impl Words) -> Option<(usize, usize)> {
        self.seen = self.seen.max(self.head.position);
        let offset = self.seen & (self.capacity - 1);
        // Pairs with the Release store in `Writer::commit`, as in `front`: the frames before this one were
        // published, so that this is a header. What lies between head and here the producer leaves alone.
        let header = words.word(place(offset)).load(Ordering::Acquire);
        if header == NOTHING || self.damage.is_some() {
            return None;
        }
        let (frame, bytes) = parse(header, offset, self.capacity).ok()?;
        self.seen += bytes;
        match frame {
            Frame::Message { len } => Some((place(offset) + HEADER_BYTES, place(len))),
            Frame::Padding => None,
        }
    }

    /// Has `coming` begin at the front message again.
    pub(crate) fn look_again(&mut self) {
        self.seen = self.head.position;
    }

    /// Lets the front message go; without one, does nothing.
    #[inline]
    pub(crate) fn advance(&mut self, head: &Cursor) {
        if self.next == self.head.position {
            return;
        }
        self.head = Mark { position: self.next, count: self.head.count + 1 };
        // Each publication costs the producer a cache miss when it next looks, so it is done eight times a lap
        // here, and besides whenever nothing is left to read (`front`): a full ring never goes unannounced.
        if self.head.position - self.released >= self.capacity / 8 {
            self.release(head);
        }
    }

    /// Tells the producer how far we are.
    #[inline]
    pub(crate) fn release(&mut self, head: &Cursor) {
        if self.released != self.head.position {
            self.released = self.head.position;
            head.publish(self.head, &mut self.flip);
        }
    }

    /// Bytes that wait to be consumed, headers and padding included.
    pub(crate) fn depth(&self, tail: &Cursor) -> usize {
        place(tail.position().saturating_sub(self.head.position).min(self.capacity))
    }

    pub(crate) fn mark(&self) -> Mark {
        self.head
    }

    #[inline]
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

/// Positions are multiples of 8, and far from where adding to them would overflow.
fn check_mark(mark: Mark) -> Result<(), Damage> {
    if mark.position.is_multiple_of(8) && mark.position < 1 << 62 { Ok(()) } else { Err(CURSORS) }
}

/// An offset or length below the capacity, as what it indexes.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a usize")]
pub(crate) fn place(offset: u64) -> usize {
    offset as usize
}
