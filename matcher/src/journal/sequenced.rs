//! The sequenced log: what a matcher has taken, in order, for whoever makes it durable or sends it on.

use std::{collections::VecDeque, sync::Arc};

use shm::{LogReader, LogWriter, ReadError, Start};
use wire::{
    limits::COMMAND_MESSAGE_BYTES_MAX,
    types::{Nanos, SeqNo},
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::recorder::Progress;

/// Bytes of the longest record.
pub const RECORD_BYTES_MAX: usize = size_of::<Entry>() + COMMAND_MESSAGE_BYTES_MAX;

/// Where a command came from, so that after a crash it is taken from there once: neither twice nor never. In the journal
/// it stands before the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Origin {
    /// When the ring was made that it came by ([`shm::Ring::made`]); 0 for a command of the matcher's own.
    pub made: u64,
    /// Its place among all messages of that ring, from 1.
    pub count: u64,
    /// The number of the ring's link.
    pub link: u32,
    /// Which of those that have ever produced into that ring put it in ([`shm::Consumer::peer_generation`]); 0 for the matcher's own.
    pub generation: u32,
}

impl Origin {
    /// Of what the matcher itself has sequenced.
    pub const OWN: Origin = Origin { made: 0, count: 0, link: u32::MAX, generation: 0 };

    /// Of no command: what follows is the hash of the engine's state behind the last one. It is the journal's alone.
    pub const CHECKPOINT: Origin = Origin { link: u32::MAX - 1, ..Origin::OWN };

    /// The origin at the beginning of a journal's record of a command, and the command behind it; `None` if it is too short.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<(Origin, &[u8])> {
        Origin::read_from_prefix(payload).ok()
    }
}

/// What stands at the beginning of a record of the sequenced log; the command follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Entry {
    /// The number that names the run of sequence numbers that the command is of ([`wire::durable::Durable::history`]): what stands in
    /// shared memory may be of a matcher with another past.
    pub history: u64,
    /// The command's number.
    pub seq: SeqNo,
    /// The venue's time of it.
    pub time: Nanos,
    /// Where it came from.
    pub origin: Origin,
}

impl Entry {
    /// The entry at the beginning of `record`, and the command behind it; `None` if it is too short.
    #[must_use]
    pub fn read(record: &[u8]) -> Option<(Entry, &[u8])> {
        let (entry, command) = record.split_at_checked(size_of::<Entry>())?;
        Some((Entry::try_read_from_bytes(entry).ok()?, command))
    }
}

/// Of how many parts of the log it is known where they end: so much less than it might does a matcher take at worst.
const PARTS: usize = 64;

/// The writing side of the sequenced log, which never overwrites what is not durable: what the journal does not have is made up for from
/// here when the matcher's process has died.
pub struct Sequenced {
    log: LogWriter,
    history: u64,
    progress: Arc<Progress>,
    /// Bytes written since this began, and those of them that are durable, as far as was looked.
    written: u64,
    durable: u64,
    /// Bytes that may be written and not durable: half of the log, since somewhat more of it can be read for certain.
    most: u64,
    /// Where parts end that are not durable yet: their last command, and [`Sequenced::written`] behind it.
    parts: VecDeque<(SeqNo, u64)>,
    /// Where the next part ends.
    part_ends: u64,
    last: SeqNo,
    is_closed: bool,
    /// Times that it was closed.
    closed: u64,
}

impl Sequenced {
    /// Writes into `log`, all of which is durable that is of this `history`, as the recorder with this `progress` makes it durable.
    #[must_use]
    pub fn new(log: LogWriter, history: u64, progress: Arc<Progress>) -> Sequenced {
        let most = log.log().capacity() as u64 / 2;
        let parts = VecDeque::with_capacity(PARTS + 1);
        let last = progress.durable().unwrap_or_default();
        Sequenced {
            log,
            history,
            progress,
            written: 0,
            durable: 0,
            most,
            parts,
            part_ends: most / PARTS as u64,
            last,
            is_closed: false,
            closed: 0,
        }
    }

    /// Puts in a command before it is applied.
    #[inline]
    pub(crate) fn append(&mut self, seq: SeqNo, time: Nanos, origin: Origin, command: &[u8]) {
        let len = size_of::<Entry>() + command.len();
        let mut record = self.log.claim(len);
        record.put(Entry { history: self.history, seq, time, origin }.as_bytes());
        record.put(command);
        record.commit();
        // With what the log itself puts before a record.
        self.written += len.next_multiple_of(8) as u64 + 16;
        self.last = seq;
        if self.written >= self.part_ends {
            self.end_part();
        }
    }

    #[cold]
    fn end_part(&mut self) {
        self.look();
        self.part_ends = self.written + self.most / PARTS as u64;
        // There is room: each part but those that are durable is a part of `most` at least, and little more than that is written.
        if self.parts.len() < self.parts.capacity() {
            self.parts.push_back((self.last, self.written));
        }
    }

    /// Whether more may be taken; not so while too much is not durable, nor once the journal has failed.
    #[inline]
    pub(crate) fn is_open(&mut self) -> bool {
        let was_closed = self.is_closed;
        self.is_closed = self.has_failed() || self.written - self.durable >= self.most && !self.look();
        self.closed += u64::from(self.is_closed && !was_closed);
        !self.is_closed
    }

    /// Whether nothing more will become durable.
    pub(crate) fn has_failed(&self) -> bool {
        self.progress.durable().is_none()
    }

    /// Whether nothing was to be taken when that was asked last.
    pub(crate) const fn was_closed(&self) -> bool {
        self.is_closed
    }

    /// Looks how far the journal is; whether there is room.
    #[cold]
    fn look(&mut self) -> bool {
        let durable = self.durable();
        while let Some(&(seq, written)) = self.parts.front()
            && seq <= durable
        {
            self.durable = written;
            self.parts.pop_front();
        }
        if durable == self.last {
            self.durable = self.written;
        }
        self.written - self.durable < self.most
    }

    /// This command is durable, and all before it; of a journal that has failed none.
    pub(crate) fn durable(&self) -> SeqNo {
        self.progress.durable().unwrap_or_default()
    }

    /// Tells others how much waits for the disk.
    pub(crate) fn publish(&mut self) {
        self.look();
        self.progress.publish(self.written - self.durable, self.closed);
    }

    /// Wakes the recorder if it sleeps and has something to do.
    #[inline]
    pub(crate) fn flush(&mut self) {
        self.log.flush();
    }
}

/// Gives `take` what `log` has of `history` behind the command `after`, in order: what had been sequenced and was not in the journal
/// yet when the matcher's process died. How many commands that were.
///
/// # Errors
/// What is wrong with the log, and what `take` says.
pub fn tail<E: From<ReadError>>(
    log: &mut LogReader,
    history: u64,
    after: SeqNo,
    mut take: impl FnMut(Entry, &[u8]) -> Result<(), E>,
) -> Result<u64, E> {
    log.seek(Start::Oldest)?;
    let mut count = 0;
    while let Some(record) = log.read()? {
        if let Some((entry, command)) = Entry::read(record.bytes)
            && entry.history == history
            && entry.seq > after
            && entry.origin != Origin::CHECKPOINT
        {
            take(entry, command)?;
            count += 1;
        }
    }
    Ok(count)
}
