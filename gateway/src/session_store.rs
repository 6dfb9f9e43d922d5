//! Sequence numbers and sent messages in a file that outlives the gateway's process: a session's [`Store`].
//!
//! ```text
//! words   0 commits made      1 where the oldest message begins      8.. record A    16.. record B    24.. CompIDs
//! bytes   a ring of messages:  | number | sent at | length of type | length | type, fields, padding to 8 |
//! ```
//!
//! A commit writes the record that does not count, then the number of commits, whose lowest bit says which one
//! does: one store, before which nothing and after which all of the commit is there, at whatever instruction the
//! process is killed. What a message needs is written before the commit that takes its number; what a message
//! overwrites is given up, in a word of its own, before it is written.
//!
//! Besides what a session keeps, the record says how far the session is with the rings to its matcher:
//!
//! - **Events** are numbered by their ring ([`shm::Consumer::consumed`]), and keep their number when they come again to a
//!   gateway that takes over. A report is committed with the number of its event: an event that is not above it has
//!   its report already. The ring is told of an event taken after the commit, so that none is lost either.
//! - **Commands** are counted by theirs ([`shm::Producer::committed`]). Before a message's command goes into the ring, the
//!   message is counted on the condition that the ring reaches that count; a gateway that takes over looks whether it has.

mod memory;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, path::Path};

use shm::{Directory, Form, REGION_WORDS, Region, ShmError};
use wire::{
    fix::store::{Numbers, Store, Stored},
    limits::NAME_BYTES_MAX,
    types::Nanos,
};

use self::memory::Memory;

/// A change of what is drawn above is a new version.
const FORM: Form = Form { name: "session store", magic: *b"PENSFIXS", version: 1 };

const COMMITS: usize = 0;
const OLDEST: usize = 1;
const RECORDS: [usize; 2] = [8, 16];
const NAMES: usize = 24;
/// Words of a CompID.
const NAME_WORDS: usize = NAME_BYTES_MAX / 8;
const _: () = assert!(NAMES + 2 * NAME_WORDS <= REGION_WORDS);
const _: () = assert!(NAME_BYTES_MAX.is_multiple_of(8));

/// Bytes before a message's type and fields.
const HEADER: usize = 24;

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
}

impl Record {
    const BLANK: Record = Record {
        numbers: Numbers { next_in: 1, next_out: 1 },
        head: 0,
        base: 0,
        event: RingMark { made: 0, count: 0 },
        command: RingMark { made: 0, count: 0 },
    };

    const fn words(self) -> [u64; 8] {
        let Record { numbers, head, base, event, command } = self;
        let Numbers { next_in, next_out } = numbers;
        [next_in, next_out, head, base, event.made, event.count, command.made, command.count]
    }

    const fn of(words: [u64; 8]) -> Record {
        let [next_in, next_out, head, base, event_made, event, command_made, command] = words;
        Record {
            numbers: Numbers { next_in, next_out },
            head,
            base,
            event: RingMark { made: event_made, count: event },
            command: RingMark { made: command_made, count: command },
        }
    }
}

/// Why a session's store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its directory.
    #[error(
        "{0} (it holds a session's sequence numbers: deleted, they begin at 1, and the client has to reset its own, \
         see docs/operating.md)"
    )]
    File(#[from] ShmError),
    /// The file is of another session.
    #[error(
        "{path} is the store of the session of {found}, not of {expected}: choose another directory with fix.store, \
         or move the file away"
    )]
    OtherSession {
        /// Where.
        path: String,
        /// Venue and client in it.
        found: String,
        /// Venue and client wanted.
        expected: String,
    },
    /// What the file says cannot be.
    #[error(
        "{path} is damaged ({what}): move it away and start again; the session's numbers then begin at 1, and the \
         client has to reset its own (ResetSeqNumFlag)"
    )]
    Damaged {
        /// Where.
        path: String,
        /// What contradicts what.
        what: &'static str,
    },
}

/// The stores of a gateway's sessions: a directory, mode 0700, with a file for each.
#[derive(Debug)]
pub(crate) struct Stores {
    directory: Directory,
    messages_max: usize,
    bytes: usize,
}

impl Stores {
    /// Opens the directory `path`, which is made if its parent exists. Each session keeps at most `messages_max` messages in
    /// at most `bytes_max` bytes, a multiple of 8.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub(crate) fn open(
        path: &Path,
        memory: shm::Memory,
        messages_max: usize,
        bytes_max: usize,
    ) -> Result<Stores, StoreError> {
        let directory = Directory::open(path)?.mapped(memory);
        // Files that a gateway was killed in the middle of making; what stands there under its name is never swept.
        directory.sweep(|_| false)?;
        Ok(Stores { directory, messages_max, bytes: bytes_max.next_multiple_of(8) })
    }

    /// The store of the session of `client` with `venue`, as it was left.
    ///
    /// # Errors
    /// Why it cannot be used: held by another gateway, of another size or version, damaged.
    pub(crate) fn session(&self, venue: &str, client: &str) -> Result<SessionStore, StoreError> {
        let region = Region::open(&self.directory, &file_name(client), FORM, self.bytes)?;
        let path = region.path().display().to_string();
        SessionStore::recover(region, self.messages_max, &Names::new(venue, client), &path)
    }
}

/// Bytes of disk, and of memory, that a session's store of `bytes_max` bytes of messages takes.
#[must_use]
pub const fn bytes_of(bytes_max: u64) -> u64 {
    4096 + bytes_max.next_multiple_of(8)
}

/// The file of the session of `client`: named so that an operator finds it, whatever characters the name has.
fn file_name(client: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if client.bytes().all(plain) {
        return format!("fix-{client}");
    }
    let seen: String =
        client.bytes().map(|byte| if plain(byte) { char::from(byte) } else { '_' }).take(27).collect();
    // FNV-1a, 64 bits: tells apart the names that look alike. Two that still do not differ are refused by what is in
    // the file.
    let hash = client.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("fix-{seen}-{hash:016x}")
}

/// Whose session a file is of, as it stands there.
#[derive(PartialEq, Eq)]
struct Names([u64; 2 * NAME_WORDS]);

impl Names {
    fn new(venue: &str, client: &str) -> Names {
        let mut bytes = [0; 2 * NAME_BYTES_MAX];
        for (place, name) in bytes.chunks_exact_mut(NAME_BYTES_MAX).zip([venue, client]) {
            let len = name.len().min(NAME_BYTES_MAX);
            place[..len].copy_from_slice(&name.as_bytes()[..len]);
        }
        let mut words = [0; 2 * NAME_WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Names(words)
    }

    fn text(&self) -> String {
        let name = |words: &[u64]| {
            let bytes = words.iter().flat_map(|word| word.to_le_bytes()).take_while(|&byte| byte != 0);
            bytes.flat_map(std::ascii::escape_default).map(char::from).collect::<String>()
        };
        let (venue, client) = self.0.split_at(NAME_WORDS);
        format!("{} with {}", name(client), name(venue))
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
    /// Where each message kept is, oldest first.
    index: VecDeque<Entry>,
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
            index: VecDeque::with_capacity(messages_max),
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
        let mut position = self.oldest.max(self.record.base);
        if self.record.head - position > capacity as u64 {
            return Err("its messages are longer than their place");
        }
        let mut last = 0;
        while position < self.record.head {
            let left = capacity - self.place(position);
            // What is left before the end is too little for the message behind it, or says so.
            let seq = if left < HEADER { 0 } else { self.header(position).0 };
            if seq == 0 {
                position += left as u64;
                continue;
            }
            let (_, _, type_len, len) = self.header(position);
            let bytes = HEADER + len;
            if type_len > len || bytes > left || seq <= last || seq >= self.record.numbers.next_out {
                return Err("a message");
            }
            if self.index.len() == self.messages_max {
                self.index.pop_front();
            }
            self.index.push_back(Entry { seq, position });
            (last, position) = (seq, position + bytes.next_multiple_of(8) as u64);
        }
        if position == self.record.head { Ok(()) } else { Err("its last message") }
    }

    /// How far the session is with the rings: whatever the gateway before this one left undone is known from here on.
    /// `commands` is what has been put into the ring of commands by now.
    pub(crate) fn resolve(&mut self, commands: RingMark) {
        let promised = self.record.command;
        // The message was counted before its command was in the ring, and never got there, or to a matcher that is
        // gone with the ring: the client is asked for it again. If it did get there, it must not come twice.
        let kept = promised.made == commands.made && commands.count >= promised.count;
        if promised.count > 0 && !kept {
            self.record.numbers.next_in = self.record.numbers.next_in.saturating_sub(1).max(1);
        }
        self.commit(self.record.numbers, self.record.head);
    }

    /// Whether the report of an event is kept already. The next message is that event's report if not.
    #[inline]
    pub(crate) fn has_taken(&mut self, event: RingMark) -> bool {
        // A gateway was killed between committing the report and telling the ring that the event was taken.
        if event.made == self.record.event.made && event.count <= self.record.event.count {
            return true;
        }
        self.event = event;
        false
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
        let oldest = self.index.front().map_or(position, |entry| entry.position);
        self.set_oldest(oldest);
        // Killed from here on, in the middle of a message that overwrites older ones: nobody looks at those any more.
        self.memory.settle();
    }

    fn forget(&mut self) {
        self.forgotten += u64::from(self.index.pop_front().is_some());
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

    /// Number, time, length of the type, length of type and fields of the message at `position`.
    #[inline]
    fn header(&self, position: u64) -> (u64, u64, usize, usize) {
        let at = self.place(position);
        let (words, _) = self.memory.bytes()[at..at + HEADER].as_chunks::<8>();
        let [seq, time, lens] = [0, 1, 2].map(|word| u64::from_le_bytes(words[word]));
        let [type_len, len] =
            [lens & 0xffff_ffff, lens >> 32].map(|len| usize::try_from(len).unwrap_or(usize::MAX));
        (seq, time, type_len, len)
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

    fn push(&mut self, message: Stored<'_>, numbers: Numbers) {
        let Stored { seq, msg_type, time, fields } = message;
        let capacity = self.capacity();
        let len = msg_type.len() + fields.len();
        let bytes = (HEADER + len).next_multiple_of(8);
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
        let lens = (len as u64) << 32 | msg_type.len() as u64;
        for (word, value) in [seq, time.0, lens].into_iter().enumerate() {
            self.memory.write(at + 8 * word, &value.to_le_bytes());
        }
        self.memory.write(at + HEADER, msg_type);
        self.memory.write(at + HEADER + msg_type.len(), fields);
        self.index.push_back(Entry { seq, position });
        // Killed before: the number is free, and what was written is overwritten. After: both are taken.
        self.commit(numbers, end);
    }

    fn from(&self, seq: u64) -> Option<Stored<'_>> {
        let entry = self.index.get(self.index.partition_point(|entry| entry.seq < seq))?;
        let (seq, time, type_len, len) = self.header(entry.position);
        let at = self.place(entry.position) + HEADER;
        let (msg_type, fields) = self.memory.bytes()[at..at + len].split_at(type_len);
        Some(Stored { seq, msg_type, time: Nanos(time), fields })
    }

    fn reset(&mut self, numbers: Numbers) {
        self.index.clear();
        self.record.base = self.record.head;
        self.commit(numbers, self.record.head);
    }

    fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// The record that counts after so many commits.
const fn copy(commits: u64) -> usize {
    RECORDS[(commits % 2 == 1) as usize]
}
