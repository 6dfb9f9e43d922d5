//! The sequenced log: numbered records from one writer to any number of readers, across threads and processes.

mod layout;
mod reader;
mod writer;

use std::path::Path;
use std::sync::Arc;

use self::layout::DATA;
pub(crate) use self::layout::{LOG, LogHeader};
pub use self::{
    layout::{LOG_BYTES_MAX, LOG_BYTES_MIN, LOG_READERS_MAX},
    reader::{LogReader, ReadError, Record, Start},
    writer::{Entry, LogWriter},
};
use crate::bell::Bell;
use crate::dir::{Directory, check_name};
use crate::error::ShmError;
use crate::file::Mapped;
use crate::index::{HEADER_BYTES, Words};
use crate::owner::{Owner, Peer};
use crate::ring::wall_clock;
use crate::sync::{AtomicU64, Ordering};
use crate::track::{Appender, Follower, NUMBER_BYTES, SECTIONS};

/// A mapped log. One process at a time writes it, and it waits for no reader: each reads at its own pace, and learns
/// it for certain when it was too slow.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    file: Mapped,
    directory: Directory,
    capacity: usize,
    record_max: usize,
}

impl Log {
    /// Makes a log that keeps about the last `bytes` (rounded up to a power of two; each record takes its length
    /// rounded up to 8, and 16 more), with records of up to `record_max` bytes, or adopts the one that is there, with
    /// what it holds.
    ///
    /// # Errors
    /// [`ShmError::Capacity`] if a record could be longer than an eighth of the log, or the log has a size that
    /// cannot be; [`ShmError::Name`]; [`ShmError::Size`] if the one that is there has another size;
    /// [`ShmError::NoSpace`]; and those of [`Log::join`] except [`ShmError::Missing`].
    pub fn create(
        directory: &Directory,
        name: &str,
        bytes: usize,
        record_max: usize,
    ) -> Result<Self, ShmError> {
        check_name(name)?;
        let min = record_bytes_in(record_max).saturating_mul(SECTIONS).max(LOG_BYTES_MIN);
        if !(min..=LOG_BYTES_MAX).contains(&bytes) {
            return Err(ShmError::Capacity { bytes, min, max: LOG_BYTES_MAX });
        }
        let capacity = bytes.next_power_of_two();
        let _changes = directory.exclusively()?;
        match Self::join(directory, name) {
            Err(ShmError::Missing { .. }) => {}
            joined => return joined?.of(capacity, record_max),
        }
        let file = Mapped::create(directory, name, &LOG, DATA + capacity, |file| {
            // The file is zeros, which is what a log begins with: nobody, and nothing written.
            let header = file.base().cast::<LogHeader>();
            // JUSTIFICATION: only a pointer reaches into a mapping.
            // SAFETY: the file is longer than the header, begins on a page, and nobody else knows it yet.
            unsafe {
                (&raw mut (*header).capacity).write(capacity as u64);
                (&raw mut (*header).made).write(wall_clock());
                (&raw mut (*header).record_max).write(record_max as u64);
            }
        })?;
        Ok(Self { inner: Arc::new(Inner { file, directory: directory.clone(), capacity, record_max }) })
    }

    /// Maps a log that another process has made.
    ///
    /// # Errors
    /// As [`Ring::join`](crate::Ring::join).
    pub fn join(directory: &Directory, name: &str) -> Result<Self, ShmError> {
        check_name(name)?;
        let file = Mapped::open(directory, name, &LOG)?;
        let header = file.view::<LogHeader>();
        let (said, record_max) = (header.capacity, header.record_max);
        let found = (file.len() - DATA) as u64; // no underflow: `open` checked the least size
        if said != found || !said.is_power_of_two() || found > LOG_BYTES_MAX as u64 {
            return Err(ShmError::Size { path: file.path().into(), found, expected: said });
        }
        let capacity = file.len() - DATA;
        match usize::try_from(record_max) {
            Ok(record_max) if record_bytes_in(record_max) <= capacity / SECTIONS => Ok(Self {
                inner: Arc::new(Inner { file, directory: directory.clone(), capacity, record_max }),
            }),
            _ => Err(ShmError::Damaged {
                path: file.path().into(),
                what: "its longest record is longer than it allows",
            }),
        }
    }

    fn of(self, capacity: usize, record_max: usize) -> Result<Self, ShmError> {
        for (found, expected) in [(self.inner.capacity, capacity), (self.inner.record_max, record_max)] {
            if found != expected {
                let (found, expected) = (found as u64, expected as u64);
                return Err(ShmError::Size { path: self.path().into(), found, expected });
            }
        }
        Ok(self)
    }

    /// Claims the writer's side. One whose owner died is taken over: the log goes on behind the last whole record.
    ///
    /// # Errors
    /// [`ShmError::Held`] while a live process (this one included) has it; [`ShmError::Damaged`];
    /// [`ShmError::Missing`] if the log was removed since it was mapped.
    pub fn writer(&self) -> Result<LogWriter, ShmError> {
        let header = self.header();
        header.writer.claim(&self.inner.directory, &self.inner.file, "the writer's side", "", || {
            let view = View::of(self.clone());
            let appender = Appender::resume(self.inner.capacity, &view, &header.tail, &header.track)?;
            Ok(LogWriter::new(view, appender))
        })
    }

    /// A reader nobody knows of, which stands behind the last record; [`LogReader::seek`] moves it. Nobody wakes it.
    #[must_use]
    pub fn reader(&self) -> LogReader {
        let follower = Follower::enter_at_end(self.inner.capacity, &self.header().tail);
        LogReader::new(View::of(self.clone()), follower, None)
    }

    /// A reader whose position others can see, and whose thread, which `bell` belongs to, the writer wakes. It stands
    /// behind the last record.
    ///
    /// # Errors
    /// [`ShmError::Held`] if there are [`LOG_READERS_MAX`] live ones; [`ShmError::Missing`] if the log was removed
    /// since it was mapped.
    pub fn registered_reader(&self, bell: &Bell) -> Result<LogReader, ShmError> {
        let header = self.header();
        let _changes = self.inner.directory.exclusively()?;
        let mut refusal = None;
        for (place, registered) in header.readers.iter().enumerate() {
            let claimed =
                registered.side.claim_locked(&self.inner.file, "each reader's place", bell.name(), || Ok(()));
            match claimed {
                Ok(()) => {
                    let follower = Follower::enter_at_end(self.inner.capacity, &header.tail);
                    let reader = LogReader::new(View::of(self.clone()), follower, Some(place));
                    self.announce_change();
                    return Ok(reader);
                }
                Err(held @ ShmError::Held { .. }) => refusal = Some(held),
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or(ShmError::Missing { path: self.path().into() }))
    }

    /// Has the writer look for bells anew.
    fn announce_change(&self) {
        // Several readers may come at once. Pairs with the Acquire load in `LogWriter::flush`: the names of the
        // bells are there.
        self.header().changes.fetch_add(1, Ordering::Release);
    }

    /// Bytes of data it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inner.capacity
    }

    /// Bytes of the longest record.
    #[must_use]
    pub fn record_max(&self) -> usize {
        self.inner.record_max
    }

    /// When it was made, in nanoseconds since 1970: a log made anew begins with record 1 again.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.header().made
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.file.path()
    }

    /// Whether a live process writes it, or is registered as a reader.
    #[must_use]
    pub fn in_use(&self) -> bool {
        let header = self.header();
        let readers = header.readers.iter().map(|reader| &reader.side);
        readers.chain([&header.writer]).any(|side| Owner::peer(side.owner()) == Peer::Alive)
    }

    pub(crate) fn header(&self) -> &LogHeader {
        self.inner.file.view()
    }
}

/// Bytes that a record of `len` takes, saturating.
const fn record_bytes_in(len: usize) -> usize {
    match len.checked_next_multiple_of(8) {
        Some(len) => len.saturating_add(HEADER_BYTES + NUMBER_BYTES),
        None => usize::MAX,
    }
}

/// A log as its handles use it: where things are, resolved once.
struct View {
    log: Log,
    header: *const LogHeader,
    data: *mut u8,
}

// SAFETY: the pointers are into the mapping, which the log keeps and which is no thread's own; the log is Send.
unsafe impl Send for View {}

impl View {
    fn of(log: Log) -> Self {
        let header = &raw const *log.header();
        let data = log.inner.file.base().wrapping_add(DATA);
        Self { log, header, data }
    }

    #[inline]
    fn header(&self) -> &LogHeader {
        // JUSTIFICATION: through the log it is two dependent loads more for every record.
        // SAFETY: `of` got it from the mapping, which `self.log` keeps.
        unsafe { &*self.header }
    }
}

impl Words for View {
    #[inline]
    fn word(&self, at: usize) -> &AtomicU64 {
        debug_assert!(at.is_multiple_of(8));
        debug_assert!(at + 8 <= self.log.inner.capacity);
        // JUSTIFICATION: only a pointer reaches into a mapping.
        // SAFETY: `at` is a multiple of 8 below the capacity, so that the word is within the data and aligned, and
        // the mapping outlives self. All words of a log's data are used as atomics by everybody, always.
        unsafe { AtomicU64::from_ptr(self.data.wrapping_add(at).cast()) }
    }
}
