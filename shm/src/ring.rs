//! A ring: messages of any length from one producer to one consumer, across threads and processes.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::advice::prefetch;
use crate::bell::Bell;
use crate::consumer::Consumer;
use crate::dir::{Directory, check_name};
use crate::error::ShmError;
use crate::file::Mapped;
use crate::index::{HEADER_BYTES, Reader, Words, Writer};
use crate::layout::{DATA, RING, RING_BYTES_MAX, RING_BYTES_MIN, RingHeader};
use crate::owner::{Owner, Peer};
use crate::producer::Producer;
use crate::sync::AtomicU64;

/// A mapped ring, of which each side can be claimed once.
#[derive(Clone)]
pub struct Ring {
    inner: Arc<Inner>,
}

struct Inner {
    file: Mapped,
    directory: Directory,
    capacity: usize,
}

impl Ring {
    /// Makes a ring with room for at least `bytes` (rounded up to a power of two; each message takes its length
    /// rounded up to 8, and 8 more), or adopts the one that is there, with what it holds.
    ///
    /// # Errors
    /// [`ShmError::Capacity`] and [`ShmError::Name`] for what cannot be; [`ShmError::Size`] if the one that is there
    /// has another size; [`ShmError::NoSpace`]; and those of [`Ring::join`] except [`ShmError::Missing`].
    pub fn create(directory: &Directory, name: &str, bytes: usize) -> Result<Self, ShmError> {
        check_name(name)?;
        if !(RING_BYTES_MIN..=RING_BYTES_MAX).contains(&bytes) {
            return Err(ShmError::Capacity { bytes, min: RING_BYTES_MIN, max: RING_BYTES_MAX });
        }
        let capacity = bytes.next_power_of_two();
        let _changes = directory.exclusively()?;
        match Self::join(directory, name) {
            Err(ShmError::Missing { .. }) => {}
            joined => return joined?.of_capacity(capacity),
        }
        let file = Mapped::create(directory, name, &RING, DATA + capacity, |file| {
            // The file is zeros, which is what a ring begins with: no owners, both cursors at 0.
            let header = file.base().cast::<RingHeader>();
            // JUSTIFICATION: only a pointer reaches into a mapping.
            // SAFETY: the file is longer than the header, begins on a page, and nobody else knows it yet.
            unsafe {
                (&raw mut (*header).capacity).write(capacity as u64);
                (&raw mut (*header).made).write(wall_clock());
            }
        })?;
        Ok(Self::over(file, directory, capacity))
    }

    /// Maps a ring that another process has made.
    ///
    /// # Errors
    /// [`ShmError::Missing`] if there is none yet; [`ShmError::Kind`], [`ShmError::Version`], [`ShmError::Size`],
    /// [`ShmError::Owner`], [`ShmError::Permissions`], [`ShmError::Denied`] if it is not one that we can use.
    pub fn join(directory: &Directory, name: &str) -> Result<Self, ShmError> {
        check_name(name)?;
        let file = Mapped::open(directory, name, &RING)?;
        let said = file.view::<RingHeader>().capacity;
        let found = (file.len() - DATA) as u64; // no underflow: `open` checked the least size
        if said != found || !said.is_power_of_two() || found > RING_BYTES_MAX as u64 {
            return Err(ShmError::Size { path: file.path().into(), found, expected: said });
        }
        let capacity = file.len() - DATA;
        Ok(Self::over(file, directory, capacity))
    }

    fn over(file: Mapped, directory: &Directory, capacity: usize) -> Self {
        Self { inner: Arc::new(Inner { file, directory: directory.clone(), capacity }) }
    }

    fn of_capacity(self, capacity: usize) -> Result<Self, ShmError> {
        if self.inner.capacity == capacity {
            return Ok(self);
        }
        let (found, expected) = (self.inner.capacity as u64, capacity as u64);
        Err(ShmError::Size { path: self.path().into(), found, expected })
    }

    /// Claims the producer's side. A side whose owner died is taken over, and what it had committed stays.
    ///
    /// # Errors
    /// [`ShmError::Held`] while a live process (this one included) has it; [`ShmError::Damaged`];
    /// [`ShmError::Missing`] if the ring was removed since it was mapped.
    pub fn producer(&self) -> Result<Producer, ShmError> {
        let header = self.header();
        header.producer.claim(&self.inner.directory, &self.inner.file, "the producer's side", "", || {
            let view = View::of(self.clone());
            let writer = Writer::resume(self.inner.capacity, &view, &header.tail, &header.head)?;
            Ok(Producer::new(view, writer))
        })
    }

    /// Claims the consumer's side. `bell` is the one of the thread that will consume: producers ring it when they
    /// find that thread asleep. A side whose owner died is taken over, and what it had not released comes again.
    ///
    /// # Errors
    /// As [`Ring::producer`].
    pub fn consumer(&self, bell: &Bell) -> Result<Consumer, ShmError> {
        let header = self.header();
        header.consumer.claim(
            &self.inner.directory,
            &self.inner.file,
            "the consumer's side",
            bell.name(),
            || {
                let reader = Reader::resume(self.inner.capacity, &header.tail, &header.head)?;
                Ok(Consumer::new(View::of(self.clone()), reader))
            },
        )
    }

    /// Bytes of data it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inner.capacity
    }

    /// When it was made, in nanoseconds since 1970: positions and counts of a ring made anew begin again at 0.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.header().made
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.file.path()
    }

    /// Whether a live process holds either side.
    #[must_use]
    pub fn in_use(&self) -> bool {
        let header = self.header();
        [&header.producer, &header.consumer].iter().any(|side| Owner::peer(side.owner()) == Peer::Alive)
    }

    fn header(&self) -> &RingHeader {
        self.inner.file.view()
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.inner.directory
    }
}

/// A ring as its handles use it: where things are, resolved once.
pub(crate) struct View {
    ring: Ring,
    header: *const RingHeader,
    data: *mut u8,
}

// SAFETY: the pointers are into the mapping, which the ring keeps and which is no thread's own; the ring is Send.
unsafe impl Send for View {}

impl View {
    fn of(ring: Ring) -> Self {
        let header = &raw const *ring.header();
        let data = ring.inner.file.base().wrapping_add(DATA);
        Self { ring, header, data }
    }

    pub(crate) fn ring(&self) -> &Ring {
        &self.ring
    }

    #[inline]
    pub(crate) fn header(&self) -> &RingHeader {
        // JUSTIFICATION: through the ring it is two dependent loads more for every message.
        // SAFETY: `of` got it from the mapping, which `self.ring` keeps.
        unsafe { &*self.header }
    }

    /// The byte at `at` of the data, which goes on for `len` more.
    #[inline]
    pub(crate) fn data(&self, at: usize, len: usize) -> *mut u8 {
        debug_assert!(at.is_multiple_of(8));
        debug_assert!(at + len <= self.ring.capacity());
        self.data.wrapping_add(at)
    }
}

impl Words for View {
    #[inline]
    fn word(&self, at: usize) -> &AtomicU64 {
        // JUSTIFICATION: only a pointer reaches into a mapping.
        // SAFETY: `at` is a multiple of 8 below the capacity, so that the word is within the data and aligned, and
        // the mapping outlives self. All that is a header is used as an atomic by everybody; it turns into payload
        // and back only where the cursors have ordered one use after the other.
        unsafe { AtomicU64::from_ptr(self.data(at, HEADER_BYTES).cast()) }
    }

    #[inline]
    fn prefetch(&self, at: usize) {
        prefetch(self.word(at));
    }

    fn clear(&self, at: usize, bytes: usize) {
        // JUSTIFICATION: word by word it takes four times the instructions.
        // SAFETY: the words are within the data, as in `word`. They are the producer's alone until it has published
        // what is before them: the consumer reads no word behind the first that is NOTHING.
        unsafe { self.data(at, bytes).write_bytes(0, bytes) };
    }
}

pub(crate) fn wall_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
