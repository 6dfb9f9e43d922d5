//! Sequence numbers and sent messages in a file that outlives the gateway's process: a session's [`Store`].
//!
//! ```text
//! words   0 commits made      1 where the oldest message begins      2 when its hours began      8.. record A    24.. record B    40.. CompIDs
//! bytes   a ring of messages:  | number | sent at | length of type | length | ApplSeqNum | type, fields, padding to 8 |
//! ```
//!
//! A commit writes the record that does not count, then the number of commits, whose lowest bit says which one
//! does: one store, before which nothing and after which all of the commit is there, at whatever instruction the
//! process is killed. What a message needs is written before the commit that takes its number; what a message
//! overwrites is given up, in a word of its own, before it is written.
//!
//! Reports have a number besides the session's, ApplSeqNum, by which they can be found (0: it is no report's). When the
//! session's numbers are reset, its messages are dropped, and the reports among them are still found by this one. A
//! report that is sent again takes no more than a header: a length of 0, and the report's ApplSeqNum. When such numbers begin
//! anew, as those of a matcher without a past do, the reports with the former ones are dropped.
//!
//! Besides what a session keeps, the record says how far the session is with the rings to its matcher:
//!
//! - **Events** are numbered by their ring ([`shm::Consumer::consumed`]), and keep their number when they come again to a
//!   gateway that takes over. A report is committed with the number of its event: an event that is not above it has
//!   its report already. The ring is told of an event taken after the commit, so that none is lost either.
//! - **Commands** are counted by theirs ([`shm::Producer::committed`]). Before a message's command goes into the ring, the
//!   message is counted on the condition that the ring reaches that count; a gateway that takes over looks whether it has.

mod files;
mod memory;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, mem};

use shm::{REGION_WORDS, Region};
use wire::{
    fix::store::{Numbers, Store, Stored},
    limits::NAME_BYTES_MAX,
    types::Nanos,
};

pub(crate) use self::files::Stores;
pub use self::files::{StoreError, bytes_of};
use self::{files::Names, memory::Memory};

const COMMITS: usize = 0;
const OLDEST: usize = 1;
const BEGUN: usize = 2;
const RECORDS: [usize; 2] = [8, 24];
const NAMES: usize = 40;
/// Words of a CompID.
const NAME_WORDS: usize = NAME_BYTES_MAX / 8;
const _: () = assert!(NAMES + 2 * NAME_WORDS <= REGION_WORDS);
const _: () = assert!(NAME_BYTES_MAX.is_multiple_of(8));

/// Bytes before a message's type and fields.
const HEADER: usize = 32;

/// A ring between gateway and matcher: those made anew count from 0 again, and are told apart by when they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RingMark {
    /// [`shm::Ring::made`].
    pub(crate) made: u64,
    /// Messages.
    pub(crate) count: u64,
}

/// What counts at one moment. All of it changes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    numbers: Numbers,
    /// Position behind the newest message. Positions are byte counts that never wrap.
    head: u64,
    /// Messages before it were dropped by a reset.
    base: u64,
    /// The last event whose report is kept.
    event: RingMark,
    /// The last message that is counted is so on condition that the ring of commands is so far; 0: none is.
    command: RingMark,
    /// ApplSeqNum of the last report.
    appl_seq: u64,
}

impl Record {
    const BLANK: Record = Record {
        numbers: Numbers { next_in: 1, next_out: 1 },
        head: 0,
        base: 0,
        event: RingMark { made: 0, count: 0 },
        command: RingMark { made: 0, count: 0 },
        appl_seq: 0,
    };

    const fn words(self) -> [u64; 9] {
        let Record { numbers, head, base, event, command, appl_seq } = self;
        let Numbers { next_in, next_out } = numbers;
        [next_in, next_out, head, base, event.made, event.count, command.made, command.count, appl_seq]
    }

    const fn of(words: [u64; 9]) -> Record {
        let [next_in, next_out, head, base, event_made, event, command_made, command, appl_seq] = words;
        Record {
            numbers: Numbers { next_in, next_out },
            head,
            base,
            event: RingMark { made: event_made, count: event },
            command: RingMark { made: command_made, count: command },
            appl_seq,
        }
    }
}

/// A session's store.
#[derive(Debug)]
pub(crate) struct SessionStore<M = Region> {
    memory: M,
    commits: u64,
    record: Record,
    /// The event that the next message is the report of, or the last one that there was.
    event: RingMark,
    /// ApplSeqNum of the next message; 0 if it is no report.
    numbered: u64,
    /// Where each message kept is, oldest first, by the session's numbers.
    index: VecDeque<Entry>,
    /// And each report, by its ApplSeqNum.
    reports: VecDeque<Entry>,
    messages_max: usize,
    /// What stands in the word [`OLDEST`].
    oldest: u64,
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    seq: u64,
    position: u64,
}

/// What stands before a message.
#[derive(Clone, Copy, Debug)]
struct Header {
    seq: u64,
    time: u64,
    /// 0: a report that was sent again.
    type_len: usize,
    /// Of type and fields.
    len: usize,
    appl_seq: u64,
}

impl<M: Memory> SessionStore<M> {
    /// Takes up what `memory` holds, if anything.
    fn recover(
        mut memory: M,
        messages_max: usize,
        names: &Names,
        path: &str,
    ) -> Result<SessionStore<M>, StoreError> {
        let damaged = |what| StoreError::Damaged { path: path.to_owned(), what };
        let commits = memory.word(COMMITS);
        if commits == 0 {
            // Nothing was ever committed: half of the names may be there, if we were killed right here.
            for (at, word) in (NAMES..).zip(names.0) {
                memory.set(at, word);
            }
        }
        let mut there = Names([0; 2 * NAME_WORDS]);
        for (at, word) in (NAMES..).zip(&mut there.0) {
            *word = memory.word(at);
        }
        if there != *names {
            let (path, found, expected) = (path.to_owned(), there.text(), names.text());
            return Err(StoreError::OtherSession { path, found, expected });
        }
        let record = if commits == 0 {
            Record::BLANK
        } else {
            Record::of(std::array::from_fn(|word| memory.word(copy(commits) + word)))
        };
        let Numbers { next_in, next_out } = record.numbers;
        if next_in == 0 || next_out == 0 || record.base > record.head {
            return Err(damaged("its record"));
        }
        let mut store = SessionStore {
            commits,
            record,
            event: record.event,
            numbered: 0,
            index: VecDeque::with_capacity(messages_max),
            reports: VecDeque::with_capacity(messages_max),
            messages_max,
            oldest: memory.word(OLDEST),
            forgotten: 0,
            memory,
        };
        store.find_messages().map_err(damaged)?;
        Ok(store)
    }

    /// Finds the messages between the oldest one and the record's end.
    fn find_messages(&mut self) -> Result<(), &'static str> {
        let capacity = self.capacity();
        if self.oldest > self.record.head {
            // Killed between giving up all there was and committing what was to stand there instead.
            self.set_oldest(self.record.head);
        }
        let mut position = self.oldest;
        if self.record.head - position > capacity as u64 {
            return Err("its messages are longer than their place");
        }
        let mut last = 0;
        while position < self.record.head {
            let left = capacity - self.place(position);
            // What is left before the end is too little for the message behind it, or says so.
            let seq = if left < HEADER { 0 } else { self.header(position).seq };
            if seq == 0 {
                position += left as u64;
                continue;
            }
            let Header { type_len, len, appl_seq, .. } = self.header(position);
            let bytes = HEADER + len;
            // Those before the base are of former numbers.
            let in_turn = position < self.record.base || seq > last && seq < self.record.numbers.next_out;
            if type_len > len || bytes > left || !in_turn {
                return Err("a message");
            }
            if position >= self.record.base {
                push_bounded(&mut self.index, Entry { seq, position }, self.messages_max);
                last = seq;
            }
            if type_len > 0 {
                self.index_report(appl_seq, position);
            }
            position += bytes.next_multiple_of(8) as u64;
        }
        if position == self.record.head { Ok(()) } else { Err("its last message") }
    }

    /// How far the session is with the rings: whatever the gateway before this one left undone is known from here on.
    /// `commands` is what has been put into the rings of commands by now.
    pub(crate) fn resolve(&mut self, mut commands: impl Iterator<Item = RingMark>) {
        let promised = self.record.command;
        // The message was counted before its command was in the ring, and never got there, or to a matcher that is
        // gone with the ring: the client is asked for it again. If it did get there, it must not come twice.
        let kept = commands.any(|ring| promised.made == ring.made && ring.count >= promised.count);
        if promised.count > 0 && !kept {
            self.record.numbers.next_in = self.record.numbers.next_in.saturating_sub(1).max(1);
        }
        self.commit(self.record.numbers, self.record.head);
    }

    /// Whether the report of an event is kept already: a gateway was killed between committing the report and telling the
    /// ring that the event was taken.
    #[inline]
    pub(crate) const fn has_taken(&self, event: RingMark) -> bool {
        event.made == self.record.event.made && event.count <= self.record.event.count
    }

    /// The next message is the report of `event`.
    #[inline]
    pub(crate) const fn take(&mut self, event: RingMark) {
        self.event = event;
    }

    /// The next message is a report, of number `appl_seq` in its stream.
    #[inline]
    pub(crate) const fn number_next(&mut self, appl_seq: u64) {
        self.numbered = appl_seq;
    }

    /// ApplSeqNum of the last report; 0 if there was none.
    pub(crate) const fn last_report(&self) -> u64 {
        self.record.appl_seq
    }

    /// ApplSeqNum of the first report that is kept of those from `appl_seq` on.
    pub(crate) fn report_number(&self, appl_seq: u64) -> Option<u64> {
        self.report_from(appl_seq).map(|report| report.seq)
    }

    /// The command of the message before `next_in` is about to be put into the ring, which then has `commands`: counts
    /// the message on that condition. Killed before that, or after it and before the session says that the message was dealt with, the next
    /// gateway finds out by [`SessionStore::resolve`].
    #[inline]
    pub(crate) fn promise(&mut self, next_in: u64, commands: RingMark) {
        let numbers = Numbers { next_in, ..self.record.numbers };
        self.record.command = commands;
        self.commit_record(Record { numbers, ..self.record });
    }

    /// Commits these numbers, and the end of the messages, on no condition.
    #[inline]
    fn commit(&mut self, numbers: Numbers, head: u64) {
        let command = RingMark::default();
        self.commit_record(Record { numbers, head, event: self.event, command, ..self.record });
    }

    #[inline]
    fn commit_record(&mut self, record: Record) {
        self.record = record;
        self.commits += 1;
        let copy = copy(self.commits);
        // Killed among these: the other record counts, with all that it had.
        for (at, word) in (copy..).zip(record.words()) {
            self.memory.set(at, word);
        }
        self.memory.set(COMMITS, self.commits);
    }

    fn set_oldest(&mut self, position: u64) {
        self.oldest = position;
        self.memory.set(OLDEST, position);
    }

    /// Makes room up to position `end`, for a message that begins at `position`.
    #[inline]
    fn make_room(&mut self, position: u64, end: u64) {
        let oldest = end.saturating_sub(self.capacity() as u64);
        if self.oldest >= oldest {
            return;
        }
        while self.index.front().is_some_and(|entry| entry.position < oldest) {
            self.forget();
        }
        while self.reports.front().is_some_and(|entry| entry.position < oldest) {
            self.reports.pop_front();
        }
        let first = |index: &VecDeque<Entry>| index.front().map_or(position, |entry| entry.position);
        self.set_oldest(first(&self.index).min(first(&self.reports)));
        // Killed from here on, in the middle of a message that overwrites older ones: nobody looks at those any more.
        self.memory.settle();
    }

    fn forget(&mut self) {
        self.forgotten += u64::from(self.index.pop_front().is_some());
    }

    /// The number of the oldest message that is kept; of the next one if there is none.
    pub(crate) fn oldest(&self) -> u64 {
        self.index.front().map_or(self.record.numbers.next_out, |entry| entry.seq)
    }

    /// Finds the report `appl_seq` at `position` from now on.
    #[inline]
    fn index_report(&mut self, appl_seq: u64, position: u64) {
        if appl_seq == 0 {
            return;
        }
        if self.reports.back().is_some_and(|last| last.seq >= appl_seq) {
            self.reports.clear();
        }
        push_bounded(&mut self.reports, Entry { seq: appl_seq, position }, self.messages_max);
    }

    /// Puts a message behind the others, without a type if it is a report that was sent before, and commits it.
    fn append(&mut self, message: Stored<'_>, appl_seq: u64, numbers: Numbers) {
        let Stored { seq, msg_type, time, fields, again } = message;
        let capacity = self.capacity();
        let len = if again { 0 } else { msg_type.len() + fields.len() };
        let bytes = (HEADER + len).next_multiple_of(8);
        if !again && appl_seq > 0 {
            self.record.appl_seq = appl_seq;
        }
        if bytes > capacity || self.messages_max == 0 {
            self.forgotten += 1;
            return self.commit(numbers, self.record.head);
        }
        if self.index.len() == self.messages_max {
            self.forget();
        }
        let left = capacity - self.place(self.record.head);
        let position = if bytes > left { self.record.head + left as u64 } else { self.record.head };
        let end = position + bytes as u64;
        self.make_room(position, end);
        if position != self.record.head {
            self.memory.write(self.place(self.record.head), &[0; 8]); // what is left has at least 8 bytes
        }
        let at = self.place(position);
        let lens = if again { 0 } else { (len as u64) << 32 | msg_type.len() as u64 };
        for (word, value) in [seq, time.0, lens, appl_seq].into_iter().enumerate() {
            self.memory.write(at + 8 * word, &value.to_le_bytes());
        }
        if !again {
            self.memory.write(at + HEADER, msg_type);
            self.memory.write(at + HEADER + msg_type.len(), fields);
            self.index_report(appl_seq, position);
        }
        self.index.push_back(Entry { seq, position });
        // Killed before: the number is free, and what was written is overwritten. After: both are taken.
        self.commit(numbers, end);
    }

    /// Where the first report is that is kept of those from `appl_seq` on.
    fn report_from(&self, appl_seq: u64) -> Option<&Entry> {
        self.reports.get(self.reports.partition_point(|entry| entry.seq < appl_seq))
    }

    /// The message at `position`, as it was sent first.
    fn message(&self, position: u64) -> Stored<'_> {
        let Header { seq, time, type_len, len, .. } = self.header(position);
        let at = self.place(position) + HEADER;
        let (msg_type, fields) = self.memory.bytes()[at..at + len].split_at(type_len);
        Stored { seq, msg_type, time: Nanos(time), fields, again: false }
    }

    fn capacity(&self) -> usize {
        self.memory.bytes().len()
    }

    /// Where in the bytes `position` is.
    #[inline]
    fn place(&self, position: u64) -> usize {
        let place = position % self.capacity() as u64;
        usize::try_from(place).unwrap_or_default() // below the capacity, which is a usize
    }

    #[inline]
    fn header(&self, position: u64) -> Header {
        let at = self.place(position);
        let (words, _) = self.memory.bytes()[at..at + HEADER].as_chunks::<8>();
        let [seq, time, lens, appl_seq] = [0, 1, 2, 3].map(|word| u64::from_le_bytes(words[word]));
        let [type_len, len] =
            [lens & 0xffff_ffff, lens >> 32].map(|len| usize::try_from(len).unwrap_or(usize::MAX));
        Header { seq, time, type_len, len, appl_seq }
    }
}

impl<M: Memory> Store for SessionStore<M> {
    fn numbers(&self) -> Numbers {
        self.record.numbers
    }

    #[inline]
    fn set_numbers(&mut self, numbers: Numbers) {
        if numbers != self.record.numbers || self.record.command.count != 0 {
            self.commit(numbers, self.record.head);
        }
    }

    #[inline]
    fn push(&mut self, message: Stored<'_>, numbers: Numbers) {
        let appl_seq = mem::take(&mut self.numbered);
        self.append(message, appl_seq, numbers);
    }

    fn push_again(&mut self, seq: u64, time: Nanos, appl_seq: u64, numbers: Numbers) {
        let message = Stored { seq, msg_type: b"", time, fields: b"", again: true };
        self.append(message, appl_seq, numbers);
    }

    fn from(&self, seq: u64) -> Option<Stored<'_>> {
        let at = self.index.partition_point(|entry| entry.seq < seq);
        self.index.range(at..).find_map(|entry| {
            let Header { seq, time, type_len, appl_seq, .. } = self.header(entry.position);
            if type_len > 0 {
                return Some(self.message(entry.position));
            }
            // The report itself may be kept no longer, and another one have its number since.
            let report = self.report_from(appl_seq)?;
            if report.seq != appl_seq || report.position > entry.position {
                return None;
            }
            let report = self.message(report.position);
            Some(Stored { seq, time: Nanos(time), again: true, ..report })
        })
    }

    fn report(&self, appl_seq: u64) -> Option<(u64, Stored<'_>)> {
        self.report_from(appl_seq).map(|entry| (entry.seq, self.message(entry.position)))
    }

    fn reset(&mut self, numbers: Numbers) {
        self.index.clear();
        self.record.base = self.record.head;
        self.commit(numbers, self.record.head);
    }

    fn begun(&self) -> Nanos {
        Nanos(self.memory.word(BEGUN))
    }

    fn set_begun(&mut self, begun: Nanos) {
        self.memory.set(BEGUN, begun.0);
    }

    fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// The record that counts after so many commits.
const fn copy(commits: u64) -> usize {
    RECORDS[(commits % 2 == 1) as usize]
}

/// Puts `entry` behind the others, of which there are at most `max`; the oldest goes.
#[inline]
fn push_bounded(index: &mut VecDeque<Entry>, entry: Entry, max: usize) {
    if index.len() == max {
        index.pop_front();
    }
    index.push_back(entry);
}
