//! The producing side of a ring.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::bell::Remote;
use crate::error::ShmError;
use crate::index::{Damage, HEADER_BYTES, Slot, Writer, place};
use crate::owner::{Owner, Peer};
use crate::ring::{Ring, View};
use crate::sync::{Ordering, fence};

/// Puts messages into a ring. There is one of each ring at a time; dropping it leaves the ring cleanly.
pub struct Producer {
    view: View,
    writer: Writer,
    /// Committed since the last flush.
    unannounced: bool,
    bell: Option<Remote>,
    /// The consumer's generation whose bell that is.
    bell_generation: u32,
    damage_told: bool,
}

impl Producer {
    pub(crate) fn new(view: View, writer: Writer) -> Self {
        // Generation 0 is no claim's: the first flush looks for the bell.
        Self { view, writer, unannounced: true, bell: None, bell_generation: 0, damage_told: false }
    }

    /// A place in the ring for a message of `len` bytes, aligned to 8, holding whatever was there before; `None`
    /// while the ring is full. Nobody sees it before [`Claim::commit`]; dropping the claim leaves no trace.
    ///
    /// # Panics
    /// If `len` is more than [`Producer::len_max`]: such a message would never fit.
    #[inline]
    pub fn claim(&mut self, len: usize) -> Option<Claim<'_>> {
        assert!(len <= self.len_max(), "a message longer than half a ring never fits");
        let header = self.view.header();
        let Some(slot) = self.writer.claim(&self.view, &header.tail, &header.head, len) else {
            self.tell_damage();
            return None;
        };
        let payload = self.view.data(slot.at + HEADER_BYTES, len);
        Some(Claim { producer: self, slot, payload, len, _place: PhantomData })
    }

    #[cold]
    fn tell_damage(&mut self) {
        if let (Some(Damage(what)), false) = (self.writer.damage(), self.damage_told) {
            self.damage_told = true;
            let error = ShmError::Damaged { path: self.view.ring().path().into(), what };
            tracing::error!(%error, "nothing more is put into this ring");
        }
    }

    /// The longest message: half a ring, less its header. Any longer, and where it has to begin might never be free.
    #[inline]
    #[must_use]
    pub fn len_max(&self) -> usize {
        self.view.ring().capacity() / 2 - HEADER_BYTES
    }

    /// Whether `messages` of up to `len` bytes can be claimed and committed one after the other for certain.
    #[inline]
    pub fn has_room(&mut self, messages: usize, len: usize) -> bool {
        let header = self.view.header();
        self.writer.has_room(&header.tail, &header.head, messages, len)
    }

    /// Wakes the consumer if its thread sleeps. Once after a batch of commits is enough; without it they are seen
    /// when the consumer next looks by itself. No system call unless it does sleep.
    #[inline]
    pub fn flush(&mut self) {
        if !self.unannounced {
            return;
        }
        self.unannounced = false;
        // Pairs with the fence in `Word::arm`: either the consumer, looking once more after it armed its bell, sees
        // what was committed, or we see here that it is armed, and claimed the ring if it just did.
        fence(Ordering::SeqCst);
        if self.view.header().consumer.generation() != self.bell_generation {
            self.find_bell();
        }
        if let Some(bell) = &self.bell {
            bell.ring();
        }
    }

    /// Once for each consumer that comes, so that its system calls cost a few messages in its life.
    #[cold]
    fn find_bell(&mut self) {
        let consumer = &self.view.header().consumer;
        let generation = consumer.generation();
        let name = consumer.bell();
        self.bell = match Remote::open(self.view.ring().directory(), &name) {
            Ok(bell) => Some(bell),
            Err(error) => {
                tracing::warn!(ring = %self.view.ring().path().display(), %error, "cannot wake the consumer: it will find messages late");
                None
            }
        };
        self.bell_generation = generation;
    }

    /// Whether somebody consumes. Reads `/proc`: for housekeeping.
    #[must_use]
    pub fn peer(&self) -> Peer {
        Owner::peer(self.view.header().consumer.owner())
    }

    /// Times the consumer's side was claimed; a change says that another consumer came.
    #[inline]
    #[must_use]
    pub fn peer_generation(&self) -> u32 {
        self.view.header().consumer.generation()
    }

    /// Times the producer's side was claimed, this time included.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.view.header().producer.generation()
    }

    /// Messages committed since the ring was made, by this producer and those before it.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.writer.mark().count
    }

    /// As [`Producer::depth`], but without a look at the consumer: not less than that, and at most what was put in since the
    /// last look more, which is some 4 KiB while there is room.
    #[inline]
    #[must_use]
    pub fn depth_bound(&self) -> usize {
        place(self.writer.depth_seen())
    }

    /// Bytes that wait to be consumed, headers and padding included.
    pub fn depth(&mut self) -> usize {
        self.writer.depth(&self.view.header().head)
    }

    /// Bytes of data the ring has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.view.ring().capacity()
    }

    /// The ring.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        self.view.ring()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.view.header().producer.leave();
        // A consumer that sleeps is told that nobody produces any more, besides what it has not been told yet.
        self.unannounced = true;
        self.flush();
    }
}

/// A place in the ring for one message, of the length asked for.
#[must_use = "a claim that is not committed publishes nothing"]
pub struct Claim<'a> {
    producer: &'a mut Producer,
    slot: Slot,
    payload: *mut u8,
    len: usize,
    _place: PhantomData<&'a mut [u8]>,
}

impl Claim<'_> {
    /// Publishes the message, whole. [`Producer::flush`] then wakes a consumer that sleeps.
    #[inline]
    pub fn commit(self) {
        let Self { producer, slot, .. } = self;
        producer.writer.commit(&producer.view, &producer.view.header().tail, slot);
        producer.unannounced = true;
    }
}

impl Deref for Claim<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // JUSTIFICATION: messages are built in place, which saves a copy of each.
        // SAFETY: the writer's slots lie within the data; until the commit, which ends this borrow, no other side
        // touches them. What another process left there is initialised bytes.
        unsafe { core::slice::from_raw_parts(self.payload, self.len) }
    }
}

impl DerefMut for Claim<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // JUSTIFICATION: as in `deref`.
        // SAFETY: as in `deref`; the claim borrows the producer mutably, so that there is no other.
        unsafe { core::slice::from_raw_parts_mut(self.payload, self.len) }
    }
}
