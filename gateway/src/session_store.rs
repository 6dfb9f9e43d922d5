//! Sequence numbers and sent messages in a file that outlives the gateway's process: a session's [`Store`].
//!
//! ```text
//! words   0 commits made      1 where the oldest message begins      2 when its hours began      8.. record A    24.. record B    40.. CompIDs
//!         64.. of each shard how far the session is with it
//! bytes   a ring of messages:  | number | sent at | length of type | shard | length | ApplSeqNum | type, fields, padding to 8 |
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
//! Besides what a session keeps, the store says how far the session is with each of the venue's shards. The record has that of one
//! shard, that it was about last; before it is about another one, what it has is written into the table. So what the table says of
//! the record's own shard does not count, and nothing of the table is written that counts before the commit.
//!
//! - **Events** have identifiers that go up within a history ([`EventMark`]). A report is committed with that of its event: an
//!   event that is not above it, of the same history, has its report already, whether it comes again because a gateway was killed
//!   between the commit and telling the ring, or because a matcher that was started again does not know what had arrived.
//! - **Commands** are counted by their ring ([`shm::Producer::committed`]). Before a message's command goes into the ring, the
//!   message is counted on the condition that the ring reaches that count; a gateway that takes over looks whether it has
//!   ([`SessionStore::resolve`]).
//! - **Rings that are gone**, as those of a host that was switched off, had commands in them that no matcher has taken. What was sent
//!   last and what was answered last tell that there are some, and [`SessionStore::recall`] makes the messages that they were of
//!   expected once more.

mod files;
mod memory;
mod record;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, mem};

use shm::Region;
use wire::{
    fix::store::{Numbers, Store, Stored},
    limits::NAME_BYTES_MAX,
    types::Nanos,
};

pub(crate) use self::files::Stores;
pub use self::files::{StoreError, bytes_of};
pub(crate) use self::record::{EventMark, RingMark};
use self::{
    files::Names,
    memory::Memory,
    record::{Heard, Record, SHARDS},
};

const COMMITS: usize = 0;
const OLDEST: usize = 1;
const BEGUN: usize = 2;
const NAMES: usize = 40;
/// Words of a CompID.
const NAME_WORDS: usize = NAME_BYTES_MAX / 8;
const _: () = assert!(NAMES + 2 * NAME_WORDS <= 64);
const _: () = assert!(NAME_BYTES_MAX.is_multiple_of(8));

/// Bytes before a message's type and fields.
const HEADER: usize = 32;

/// A session's store.
#[derive(Debug)]
pub(crate) struct SessionStore<M = Region> {
    memory: M,
    commits: u64,
    record: Record,
    /// Of each shard, with what the next message is the report of. That of the record's own counts from the next commit on.
    heard: [Heard; SHARDS],
    /// ApplSeqNum of the next message, of the shard that the record is about; 0 if it is no report.
    numbered: u64,
    /// Where each message kept is, oldest first, by the session's numbers.
    index: VecDeque<Entry>,
    /// And each report of a shard, by its ApplSeqNum.
    reports: Vec<VecDeque<Entry>>,
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
    shard: usize,
    /// Of type and fields.
    len: usize,
    appl_seq: u64,
}

/// A shard in the word of a header.
const SHARD_SHIFT: u32 = 24;

impl<M: Memory> SessionStore<M> {
    /// Takes up what `memory` holds, if anything.
    fn recover(
        mut memory: M,
        messages_max: usize,
        shards: usize,
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
        let record = match commits {
            0 => Record::BLANK,
            _ => Record::after(commits, |at| memory.word(at)).ok_or_else(|| damaged("its record"))?,
        };
        let mut heard = std::array::from_fn(|shard| Heard::in_table(shard, |at| memory.word(at)));
        heard[record.shard] = record.heard;
        let mut store = SessionStore {
            commits,
            record,
            heard,
            numbered: 0,
            index: VecDeque::with_capacity(messages_max),
            reports: (0..shards).map(|_| VecDeque::with_capacity(messages_max)).collect(),
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
            let Header { type_len, shard, len, appl_seq, .. } = self.header(position);
            let bytes = HEADER + len;
            // Those before the base are of former numbers.
            let in_turn = position < self.record.base || seq > last && seq < self.record.numbers.next_out;
            if type_len > len || shard >= SHARDS || bytes > left || !in_turn {
                return Err("a message");
            }
            if position >= self.record.base {
                push_bounded(&mut self.index, Entry { seq, position }, self.messages_max);
                last = seq;
            }
            if type_len > 0 {
                self.index_report(shard, appl_seq, position);
            }
            position += bytes.next_multiple_of(8) as u64;
        }
        if position == self.record.head { Ok(()) } else { Err("its last message") }
    }

    /// Whatever the gateway before this one left undone is known from here on. `commands` is what has been put into the rings of
    /// commands by now, of those shards whose rings are there.
    pub(crate) fn resolve(&mut self, mut commands: impl Iterator<Item = (usize, RingMark)>) {
        let Record { count, shard, heard, mut numbers, head, .. } = self.record;
        if count == 0 {
            return;
        }
        // The message was counted before its command was in the ring, and never got there: the client is asked for it again.
        // If it did get there, it must not come twice. Of one whose ring is gone with it, `recall` knows more.
        let ring = commands.find_map(|(of, ring)| (of == shard).then_some(ring));
        let kept = ring.is_some_and(|ring| ring.made != heard.made || ring.count >= count);
        if !kept {
            numbers.next_in = numbers.next_in.saturating_sub(1).max(1);
        }
        self.commit(numbers, head);
    }

    /// To be called when all events were taken that a matcher had for the session when it came: `made` says of which ring of
    /// commands it takes. Messages whose commands stood in a ring before that one, and which no event has answered, have not been taken by any
    /// matcher that remembers, and are expected from the client once more. Gives the first of them.
    pub(crate) fn recall(&mut self, shard: usize, made: u64) -> Option<u64> {
        let Heard { answered, sent, made: former, .. } = self.heard[shard];
        if former == made || former == 0 {
            return None;
        }
        self.turn_to(shard);
        let heard = &mut self.heard[shard];
        (heard.made, heard.sent) = (made, 0);
        let mut numbers = self.record.numbers;
        let lost = (sent > answered && answered + 1 < numbers.next_in).then_some(answered + 1);
        numbers.next_in = lost.unwrap_or(numbers.next_in);
        self.commit(numbers, self.record.head);
        lost
    }

    /// Whether an event was taken already: a gateway was killed between committing its report and telling the ring, or a matcher
    /// that was started again has sent it again.
    #[inline]
    pub(crate) const fn has_taken(&self, event: EventMark) -> bool {
        let heard = &self.heard[event.shard];
        event.history == heard.history && event.event_id <= heard.event_id
    }

    /// Whether `event` is of another history than the last one of its shard that was taken, if one was.
    pub(crate) const fn is_of_another_history(&self, event: EventMark) -> bool {
        let heard = &self.heard[event.shard];
        heard.history != event.history && heard.event_id != 0
    }

    /// Whether reports are missing between the last one of the shard and `event`, which is the report `appl_seq` of the same history.
    #[inline]
    pub(crate) const fn jumps(&self, event: EventMark, appl_seq: u64) -> bool {
        let heard = &self.heard[event.shard];
        heard.history == event.history && heard.appl_seq != 0 && appl_seq > heard.appl_seq + 1
    }

    /// The last report of `shard` was `appl_seq`, in a store that does not find reports by that; 0: it is not known.
    #[inline]
    pub(crate) const fn set_last_report(&mut self, shard: usize, appl_seq: u64) {
        self.heard[shard].appl_seq = appl_seq;
    }

    /// The next message is the report of `event`.
    #[inline]
    pub(crate) fn take(&mut self, event: EventMark) {
        self.turn_to(event.shard);
        let heard = &mut self.heard[event.shard];
        (heard.history, heard.event_id) = (event.history, event.event_id);
    }

    /// And with it `shard` has answered the client's messages up to `msg_seq`.
    #[inline]
    pub(crate) const fn answered(&mut self, shard: usize, msg_seq: u64) {
        self.heard[shard].answered = msg_seq;
    }

    /// The record is about `shard` from the next commit on.
    #[inline]
    fn turn_to(&mut self, shard: usize) {
        if self.record.shard != shard {
            self.turn(shard);
        }
    }

    #[cold]
    fn turn(&mut self, shard: usize) {
        let former = self.record.shard;
        for (at, word) in self.heard[former].places(former) {
            self.memory.set(at, word);
        }
        self.record.shard = shard;
    }

    /// The next message is a report, of number `appl_seq` in its stream.
    #[inline]
    pub(crate) const fn number_next(&mut self, appl_seq: u64) {
        self.numbered = appl_seq;
    }

    /// ApplSeqNum of the last report of `shard`; 0 if there was none.
    pub(crate) const fn last_report(&self, shard: usize) -> u64 {
        self.heard[shard].appl_seq
    }

    /// ApplSeqNum of the first report of `shard` that is kept of those from `appl_seq` on.
    pub(crate) fn report_number(&self, shard: usize, appl_seq: u64) -> Option<u64> {
        self.report_from(shard, appl_seq).map(|report| report.seq)
    }

    /// The command of the message before `next_in` is about to be put into the ring to `shard`, which then has `commands`: counts
    /// the message on that condition. Killed before that, or after it and before the session says that the message was dealt with, the next
    /// gateway finds out by [`SessionStore::resolve`]. Of commands for several shards the last one is the condition: by then the
    /// others are there.
    #[inline]
    pub(crate) fn promise(&mut self, shard: usize, next_in: u64, commands: RingMark) {
        self.turn_to(shard);
        (self.heard[shard].sent, self.heard[shard].made) = (next_in - 1, commands.made);
        let numbers = Numbers { next_in, ..self.record.numbers };
        self.commit_record(Record { numbers, count: commands.count, ..self.record });
    }

    /// Commits these numbers, and the end of the messages, on no condition.
    #[inline]
    fn commit(&mut self, numbers: Numbers, head: u64) {
        self.commit_record(Record { numbers, head, count: 0, ..self.record });
    }

    #[inline]
    fn commit_record(&mut self, record: Record) {
        self.record = Record { heard: self.heard[record.shard], ..record };
        self.commits += 1;
        // Killed among these: the other record counts, with all that it had.
        for (at, word) in self.record.places(self.commits) {
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
        let mut first = self.index.front().map_or(position, |entry| entry.position);
        for reports in &mut self.reports {
            while reports.front().is_some_and(|entry| entry.position < oldest) {
                reports.pop_front();
            }
            first = first.min(reports.front().map_or(position, |entry| entry.position));
        }
        self.set_oldest(first);
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

    /// Finds the report `appl_seq` of `shard` at `position` from now on.
    #[inline]
    fn index_report(&mut self, shard: usize, appl_seq: u64, position: u64) {
        if appl_seq == 0 {
            return;
        }
        if self.reports.len() <= shard {
            // The venue had more shards once.
            self.reports.resize_with(shard + 1, VecDeque::new);
        }
        let reports = &mut self.reports[shard];
        if reports.back().is_some_and(|last| last.seq >= appl_seq) {
            reports.clear();
        }
        push_bounded(reports, Entry { seq: appl_seq, position }, self.messages_max);
    }

    /// Puts a message behind the others, without a type if it is a report that was sent before, and commits it. It is the report
    /// `appl_seq` of `shard`, or none if that is 0.
    fn append(&mut self, message: Stored<'_>, shard: usize, appl_seq: u64, numbers: Numbers) {
        let Stored { seq, msg_type, time, fields, again } = message;
        let capacity = self.capacity();
        let len = if again { 0 } else { msg_type.len() + fields.len() };
        let bytes = (HEADER + len).next_multiple_of(8);
        if !again && appl_seq > 0 {
            self.heard[shard].appl_seq = appl_seq;
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
        let lens = (len as u64) << 32 | if again { 0 } else { msg_type.len() as u64 };
        let lens = lens | (shard as u64) << SHARD_SHIFT;
        for (word, value) in [seq, time.0, lens, appl_seq].into_iter().enumerate() {
            self.memory.write(at + 8 * word, &value.to_le_bytes());
        }
        if !again {
            self.memory.write(at + HEADER, msg_type);
            self.memory.write(at + HEADER + msg_type.len(), fields);
            self.index_report(shard, appl_seq, position);
        }
        self.index.push_back(Entry { seq, position });
        // Killed before: the number is free, and what was written is overwritten. After: both are taken.
        self.commit(numbers, end);
    }

    /// Where the first report of `shard` is that is kept of those from `appl_seq` on.
    fn report_from(&self, shard: usize, appl_seq: u64) -> Option<&Entry> {
        let reports = self.reports.get(shard)?;
        reports.get(reports.partition_point(|entry| entry.seq < appl_seq))
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
        let [type_len, shard, len] = [lens & 0x00ff_ffff, lens >> SHARD_SHIFT & 0xff, lens >> 32]
            .map(|field| usize::try_from(field).unwrap_or(usize::MAX));
        Header { seq, time, type_len, shard, len, appl_seq }
    }
}

impl<M: Memory> Store for SessionStore<M> {
    fn numbers(&self) -> Numbers {
        self.record.numbers
    }

    #[inline]
    fn set_numbers(&mut self, numbers: Numbers) {
        if numbers != self.record.numbers || self.record.count != 0 {
            self.commit(numbers, self.record.head);
        }
    }

    #[inline]
    fn push(&mut self, message: Stored<'_>, numbers: Numbers) {
        let appl_seq = mem::take(&mut self.numbered);
        self.append(message, self.record.shard, appl_seq, numbers);
    }

    fn push_again(&mut self, seq: u64, time: Nanos, stream: usize, appl_seq: u64, numbers: Numbers) {
        let message = Stored { seq, msg_type: b"", time, fields: b"", again: true };
        self.append(message, stream, appl_seq, numbers);
    }

    fn from(&self, seq: u64) -> Option<Stored<'_>> {
        let at = self.index.partition_point(|entry| entry.seq < seq);
        self.index.range(at..).find_map(|entry| {
            let Header { seq, time, type_len, shard, appl_seq, .. } = self.header(entry.position);
            if type_len > 0 {
                return Some(self.message(entry.position));
            }
            // The report itself may be kept no longer, and another one have its number since.
            let report = self.report_from(shard, appl_seq)?;
            if report.seq != appl_seq || report.position > entry.position {
                return None;
            }
            let report = self.message(report.position);
            Some(Stored { seq, time: Nanos(time), again: true, ..report })
        })
    }

    fn report(&self, stream: usize, appl_seq: u64) -> Option<(u64, Stored<'_>)> {
        self.report_from(stream, appl_seq).map(|entry| (entry.seq, self.message(entry.position)))
    }

    fn reset(&mut self, numbers: Numbers) {
        self.index.clear();
        self.record.base = self.record.head;
        // What was sent and answered was so by other numbers. Killed among these, before the reset: of messages that were sent to
        // shards no answer is missed any more, and their numbers are about to mean others.
        for shard in 0..SHARDS {
            let heard = &mut self.heard[shard];
            if (heard.sent, heard.answered) == (0, 0) {
                continue;
            }
            (heard.sent, heard.answered) = (0, 0);
            if shard != self.record.shard {
                for (at, word) in heard.places(shard) {
                    self.memory.set(at, word);
                }
            }
        }
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

/// Puts `entry` behind the others, of which there are at most `max`; the oldest goes.
#[inline]
fn push_bounded(index: &mut VecDeque<Entry>, entry: Entry, max: usize) {
    if index.len() == max {
        index.pop_front();
    }
    index.push_back(entry);
}
