//! The writing side of a log.

use super::{LOG_READERS_MAX, Log, View};
use crate::bell::Remote;
use crate::index::{HEADER_BYTES, Slot, Words};
use crate::sync::{Ordering, fence};
use crate::track::{Appender, NUMBER_BYTES};

/// Puts records into a log, numbered from 1, one by one. There is one at a time; dropping it leaves the log cleanly.
pub struct LogWriter {
    view: View,
    appender: Appender,
    /// Committed since the last flush.
    unannounced: bool,
    bells: Vec<Remote>,
    /// The changes of readers since when these are all bells.
    changes: Option<u32>,
}

impl LogWriter {
    pub(super) fn new(view: View, appender: Appender) -> Self {
        Self { view, appender, unannounced: true, bells: Vec::with_capacity(LOG_READERS_MAX), changes: None }
    }

    /// A place for a record of `len` bytes, there at once whatever readers do. Nobody sees it before
    /// [`Entry::commit`]; dropping it leaves no trace.
    ///
    /// # Panics
    /// If `len` is more than [`Log::record_max`].
    #[inline]
    pub fn claim(&mut self, len: usize) -> Entry<'_> {
        assert!(len <= self.view.log.inner.record_max, "a record longer than the log was made for");
        let slot = self.appender.claim(&self.view, &self.view.header().track, len);
        let at = slot.at + HEADER_BYTES + NUMBER_BYTES;
        Entry { writer: self, slot, at, rest: len, word: [0; 8], filled: 0 }
    }

    /// Puts in one record, and gives its number.
    #[inline]
    pub fn append(&mut self, record: &[u8]) -> u64 {
        let mut entry = self.claim(record.len());
        entry.put(record);
        entry.commit()
    }

    /// Wakes the registered readers whose threads sleep. Once after a batch of commits is enough. No system call
    /// unless one does sleep.
    #[inline]
    pub fn flush(&mut self) {
        if !self.unannounced {
            return;
        }
        self.unannounced = false;
        // Pairs with the fence in `Word::arm`: either a reader, looking once more after it armed its bell, sees what
        // was committed, or we see here that it is armed, and registered if it just was.
        fence(Ordering::SeqCst);
        // Pairs with the Release in `Log::announce_change`.
        let changes = self.view.header().changes.load(Ordering::Acquire);
        if self.changes != Some(changes) {
            self.find_bells();
            self.changes = Some(changes);
        }
        for bell in &self.bells {
            bell.ring();
        }
    }

    /// Once for each reader that comes or goes, so that its system calls cost a few records in its life.
    #[cold]
    fn find_bells(&mut self) {
        self.bells.clear();
        for registered in &self.view.header().readers {
            if registered.side.owner().is_none() {
                continue;
            }
            match Remote::open(&self.view.log.inner.directory, &registered.side.bell()) {
                Ok(bell) => self.bells.push(bell),
                // A dead one's, most likely: nobody waits there.
                Err(error) => {
                    tracing::debug!(log = %self.view.log.path().display(), %error, "cannot wake a reader");
                }
            }
        }
    }

    /// The number of the last record, 0 if there is none yet.
    #[inline]
    #[must_use]
    pub fn last(&self) -> u64 {
        self.appender.mark().count
    }

    /// Times the writer's side was claimed, this time included.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.view.header().writer.generation()
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.view.log
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.unannounced = true;
        self.flush();
        self.view.header().writer.leave();
    }
}

/// A place in the log for one record, of the length asked for.
#[must_use = "an entry that is not committed publishes nothing"]
pub struct Entry<'a> {
    writer: &'a mut LogWriter,
    slot: Slot,
    /// Where the word of `filled` bytes goes that is not full yet.
    at: usize,
    /// Bytes still to come.
    rest: usize,
    word: [u8; 8],
    filled: usize,
}

impl Entry<'_> {
    /// Puts in what comes next of the record. It goes in as words, since readers may be looking: a slice of it cannot
    /// be had.
    ///
    /// # Panics
    /// If that is more than was claimed.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.rest, "more than was claimed");
        self.rest -= bytes.len();
        let mut bytes = bytes;
        if self.filled > 0 {
            let (now, later) = bytes.split_at(bytes.len().min(8 - self.filled));
            self.word[self.filled..][..now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            if self.filled < 8 {
                return;
            }
            self.store(self.word);
        }
        let (words, later) = bytes.as_chunks::<8>();
        for word in words {
            self.store(*word);
        }
        self.filled = later.len();
        self.word[..later.len()].copy_from_slice(later);
    }

    #[inline]
    fn store(&mut self, word: [u8; 8]) {
        // Relaxed: published with the frame.
        self.writer.view.word(self.at).store(u64::from_ne_bytes(word), Ordering::Relaxed);
        self.at += 8;
    }

    /// Publishes the record, whole, and gives its number. [`LogWriter::flush`] then wakes readers that sleep.
    ///
    /// # Panics
    /// If less was put in than was claimed.
    #[inline]
    pub fn commit(mut self) -> u64 {
        assert!(self.rest == 0, "less than was claimed");
        if self.filled > 0 {
            self.word[self.filled..].fill(0);
            self.store(self.word);
        }
        let Self { writer, slot, .. } = self;
        let LogWriter { view, appender, unannounced, .. } = writer;
        *unannounced = true;
        let header = view.header();
        appender.commit(view, &header.tail, &header.track, slot)
    }
}
