//! The arithmetic of a log, apart from the memory it is about, so that the model checker can run it.
//!
//! Records stand in frames as messages do in a ring (see `index.rs`), and become visible by the same one store. The
//! payload's first word is the record's number. The writer waits for nobody: before it overwrites anything it raises
//! [`Track::reserved`], and a reader that has copied a record looks there afterwards. If the record's place was given
//! up meanwhile, the reader knows that it was overrun, and that what it copied may be torn. All of the data is
//! read and written as atomic words, because both happen at once.
//!
//! The reservation is raised by eighths of the log, so that its cache line rests in every reader's cache for most of
//! the time; a reader has at least five eighths of the log for its delay.

use crate::ahead::Ahead;
use crate::index::{
    CURSORS, Cursor, Damage, FRAME, Frame, HEADER, HEADER_BYTES, Mark, NOTHING, Slot, Words, end, parse,
    place,
};
use crate::sync::{AtomicU64, Ordering, fence};

/// Parts of a log by which room is reserved, and of which each has a place where reading can begin.
pub(crate) const SECTIONS: usize = 8;

/// Bytes of a record's number, which stands before its payload.
pub(crate) const NUMBER_BYTES: usize = 8;

/// The line that the writer writes eight times a lap, and every reader looks at for every record.
#[cfg_attr(not(loom), derive(zerocopy::FromBytes))]
#[repr(C, align(128))]
pub(crate) struct Track {
    /// What is more than the capacity below this position may be overwritten at any moment.
    reserved: AtomicU64,
    /// The last position in each section at which a frame began, the first of its lap.
    begins: [AtomicU64; SECTIONS],
    _line: [u64; 7],
}

impl Track {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self {
            reserved: AtomicU64::new(0),
            begins: core::array::from_fn(|_| AtomicU64::new(0)),
            _line: [0; 7],
        }
    }

    /// Whether what stands at `position`, and has been read by now, may have been overwritten meanwhile.
    #[inline]
    fn is_given_up(&self, position: u64, capacity: u64) -> bool {
        // Pairs with the Release fence in `Appender::reserve`: if any word that we read was written after it, we see
        // that reservation or a later one.
        fence(Ordering::Acquire);
        self.reserved.load(Ordering::Relaxed) > position.saturating_add(capacity)
    }
}

/// The writer's half.
pub(crate) struct Appender {
    capacity: u64,
    tail: Mark,
    flip: u64,
    reserved: u64,
    ahead: Ahead,
}

impl Appender {
    /// Goes on behind the last whole record.
    pub(crate) fn resume(
        capacity: usize,
        words: &impl Words,
        tail: &Cursor,
        track: &Track,
    ) -> Result<Self, Damage> {
        let capacity = capacity as u64;
        let (mark, flip) = tail.load();
        let mark = end(capacity, words, mark)?;
        let reserved = track.reserved.load(Ordering::Relaxed); // ours alone, as is the log
        if reserved > mark.position.saturating_add(capacity) {
            return Err(CURSORS);
        }
        let ahead = Ahead::of(capacity, mark.position);
        let mut appender = Self { capacity, tail: mark, flip, reserved, ahead };
        tail.publish(mark, &mut appender.flip);
        Ok(appender)
    }

    /// The place of a record of `len` bytes, whose writing may begin.
    #[inline]
    pub(crate) fn claim(&mut self, words: &impl Words, track: &Track, len: usize) -> Slot {
        let slot = Slot::behind(self.tail.position, (NUMBER_BYTES + len) as u64, self.capacity);
        // One header more: the 0 behind it.
        if slot.end + HEADER > self.ahead.cleared() {
            self.reach(words, track, slot.end + HEADER);
        }
        self.ahead.claim(&slot);
        slot
    }

    #[cold]
    fn reach(&mut self, words: &impl Words, track: &Track, end: u64) {
        if end > self.reserved {
            self.reserve(track, end);
        }
        self.ahead.reach(words, end, self.reserved);
    }

    fn reserve(&mut self, track: &Track, end: u64) {
        self.reserved = end.next_multiple_of(self.capacity / SECTIONS as u64);
        track.reserved.store(self.reserved, Ordering::Relaxed);
        // Pairs with the Acquire fence in `Track::is_given_up`: whoever reads a word stored after this has to see the
        // reservation too.
        fence(Ordering::Release);
    }

    /// Makes the record visible, whose payload must be written by now, and gives its number.
    #[inline]
    pub(crate) fn commit(&mut self, words: &impl Words, tail: &Cursor, track: &Track, slot: Slot) -> u64 {
        let number = self.tail.count + 1;
        words.word(slot.at + HEADER_BYTES).store(number, Ordering::Relaxed); // published with the frame
        self.ahead.close(words, &slot);
        let end = slot.end;
        slot.publish(words);
        let section = self.section(end);
        if section != self.section(self.tail.position) {
            // Pairs with the Acquire load in `Follower::enter`: nothing of the last lap is seen at that place.
            track.begins[section].store(end, Ordering::Release);
        }
        self.tail = Mark { position: end, count: number };
        tail.publish(self.tail, &mut self.flip);
        number
    }

    fn section(&self, position: u64) -> usize {
        place((position & (self.capacity - 1)) / (self.capacity / SECTIONS as u64))
    }

    pub(crate) fn mark(&self) -> Mark {
        self.tail
    }
}

/// Why a reader cannot go on from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The writer has overtaken it.
    Overrun,
    Damage(Damage),
}

/// What stands at a reader's place.
enum Next {
    Nothing,
    Record { number: u64, bytes: u64, len: usize },
    Padding { bytes: u64 },
}

/// A reader's half.
#[derive(Clone)]
pub(crate) struct Follower {
    capacity: u64,
    /// Where the next record stands or will stand, and the number of the one before it, as far as that is known.
    position: u64,
    before: Option<u64>,
    stopped: Option<Stop>,
}

impl Follower {
    /// Begins with the first record that is published after this.
    pub(crate) fn enter_at_end(capacity: usize, tail: &Cursor) -> Self {
        Self::at(capacity, tail.position())
    }

    /// Begins where a section begins: the places still there, in the order of their records.
    pub(crate) fn enter(capacity: usize, track: &Track) -> impl DoubleEndedIterator<Item = Self> {
        // Pairs with the Release store in `Appender::commit`.
        let mut begins = track.begins.each_ref().map(|begin| begin.load(Ordering::Acquire));
        begins.sort_unstable();
        let there = begins.map(|begin| {
            let sound = begin.is_multiple_of(8) && begin < 1 << 62;
            (sound && !track.is_given_up(begin, capacity as u64)).then(|| Self::at(capacity, begin))
        });
        there.into_iter().flatten()
    }

    fn at(capacity: usize, position: u64) -> Self {
        // A log's first record has number 1.
        let before = (position == 0).then_some(0);
        Self { capacity: capacity as u64, position, before, stopped: None }
    }

    /// Copies the next record's payload into `buffer` and gives its number and length; `None` if there is none yet.
    #[inline]
    pub(crate) fn next(
        &mut self,
        words: &impl Words,
        track: &Track,
        buffer: &mut [u64],
    ) -> Result<Option<(u64, usize)>, Stop> {
        loop {
            if let Some(stopped) = self.stopped {
                return Err(stopped);
            }
            // What was read is believed only after this look, whatever it was.
            let read = self.read(words, buffer);
            if track.is_given_up(self.position, self.capacity) {
                self.stopped = Some(Stop::Overrun);
                continue;
            }
            match read {
                Ok(Next::Nothing) => return Ok(None),
                Ok(Next::Padding { bytes }) => self.position += bytes,
                Ok(Next::Record { number, bytes, len })
                    if self.before.is_none_or(|before| before.checked_add(1) == Some(number)) =>
                {
                    self.position += bytes;
                    self.before = Some(number);
                    return Ok(Some((number, len)));
                }
                Ok(Next::Record { .. }) => self.stopped = Some(Stop::Damage(ORDER)),
                Err(damage) => self.stopped = Some(Stop::Damage(damage)),
            }
        }
    }

    #[inline]
    fn read(&self, words: &impl Words, buffer: &mut [u64]) -> Result<Next, Damage> {
        let offset = self.position & (self.capacity - 1);
        let at = place(offset);
        // Pairs with the Release store in `Slot::publish`: a header that is seen has its payload, and what stands
        // behind the frame is NOTHING or published in its turn.
        let header = words.word(at).load(Ordering::Acquire);
        if header == NOTHING {
            return Ok(Next::Nothing);
        }
        let (frame, bytes) = parse(header, offset, self.capacity)?;
        let Frame::Message { len } = frame else { return Ok(Next::Padding { bytes }) };
        let len = place(len).checked_sub(NUMBER_BYTES).ok_or(FRAME)?;
        let payload = buffer.get_mut(..len.div_ceil(8)).ok_or(FRAME)?;
        let number = words.word(at + HEADER_BYTES).load(Ordering::Relaxed); // as all that follows: see `is_given_up`
        for (index, word) in payload.iter_mut().enumerate() {
            *word = words.word(at + HEADER_BYTES + NUMBER_BYTES + index * 8).load(Ordering::Relaxed);
        }
        Ok(Next::Record { number, bytes, len })
    }

    /// What was read last.
    pub(crate) fn mark(&self) -> Mark {
        Mark { position: self.position, count: self.before.unwrap_or(0) }
    }

    pub(crate) fn was_overrun(&self) -> bool {
        self.stopped == Some(Stop::Overrun)
    }

    pub(crate) fn number_before(&self) -> Option<u64> {
        self.before
    }
}

const ORDER: Damage = Damage("the records are not numbered one by one");
