//! A ring's file, byte by byte. Drawn in docs/shared-memory.md; a change of it is a new [`RING`] version.

use core::mem::offset_of;

use zerocopy::FromBytes;

use crate::dir::NAME_BYTES_MAX;
use crate::file::{Kind, Preamble};
use crate::index::Cursor;
use crate::owner::Owner;
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// The least capacity of a ring, in bytes.
pub const RING_BYTES_MIN: usize = 1 << 10;
/// The greatest capacity of a ring, in bytes: a message's length has 32 bits.
pub const RING_BYTES_MAX: usize = 1 << 30;

pub(crate) const RING: Kind = Kind {
    name: "ring",
    magic: u64::from_le_bytes(*b"PENSRING"),
    version: 1,
    bytes_min: DATA + RING_BYTES_MIN,
};

/// Where the data begins: on a page of its own.
pub(crate) const DATA: usize = 4096;

#[derive(FromBytes)]
#[repr(C, align(128))]
pub(crate) struct RingHeader {
    pub(crate) preamble: Preamble,
    /// Bytes of data, a power of two.
    pub(crate) capacity: u64,
    /// When the ring was made, in nanoseconds since 1970: tells positions in it from those in another of its name.
    pub(crate) made: u64,
    _line: [u64; 11],
    pub(crate) producer: Side,
    pub(crate) consumer: Side,
    /// Moved by the producer.
    pub(crate) tail: Cursor,
    /// Moved by the consumer.
    pub(crate) head: Cursor,
}

/// Who stands at one end. Written when a side is claimed or left, under the lock of the file; read by the other side
/// at any time.
#[derive(FromBytes)]
#[repr(C, align(128))]
pub(crate) struct Side {
    started: AtomicU64,
    /// 0: nobody.
    pid: AtomicU32,
    /// Times this side was claimed.
    generation: AtomicU32,
    /// The name of the bell that wakes this side, padded with zeros; eight bytes an atomic, the first lowest.
    bell: [AtomicU64; NAME_BYTES_MAX / 8],
    _line: [u64; 8],
}

impl Side {
    pub(crate) fn owner(&self) -> Option<Owner> {
        // Pairs with the Release store in `take`: a pid that is seen has its start time. Two claims racing past this
        // load could show the pid of one and the start of the other, which is nobody alive: looked at again later.
        let pid = self.pid.load(Ordering::Acquire);
        let started = self.started.load(Ordering::Relaxed);
        (pid != 0).then_some(Owner { pid, started })
    }

    pub(crate) fn generation(&self) -> u32 {
        // Pairs with the Release store in `take`: the bell's name is that generation's or a later one's.
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) fn bell(&self) -> String {
        let bytes = self.bell.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes());
        bytes.take_while(|&byte| byte != 0).map(char::from).collect()
    }

    /// Records `owner`; the caller has made sure that nobody else can. Dying half-way leaves nobody, or a process
    /// that does not live, in place.
    pub(crate) fn take(&self, owner: Owner, bell: &str) {
        self.pid.store(0, Ordering::Release); // pairs with `owner`
        let mut name = [0; NAME_BYTES_MAX];
        name[..bell.len()].copy_from_slice(bell.as_bytes());
        for (word, bytes) in self.bell.iter().zip(name.as_chunks::<8>().0) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        self.started.store(owner.started, Ordering::Relaxed);
        // Pairs with the Acquire load in `generation`.
        self.generation.store(self.generation.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        // Pairs with the Acquire load in `owner`.
        self.pid.store(owner.pid, Ordering::Release);
    }

    pub(crate) fn leave(&self) {
        // Pairs with the Acquire load in `owner`: what was done on this side before is done.
        self.pid.store(0, Ordering::Release);
    }
}

const _: () = {
    assert!(size_of::<Preamble>() == 24);
    assert!(offset_of!(RingHeader, capacity) == 24);
    assert!(offset_of!(RingHeader, made) == 32);
    assert!(offset_of!(RingHeader, producer) == 128);
    assert!(offset_of!(RingHeader, consumer) == 256);
    assert!(offset_of!(RingHeader, tail) == 384);
    assert!(offset_of!(RingHeader, head) == 512);
    assert!(size_of::<RingHeader>() == 640);
    assert!(size_of::<RingHeader>() <= DATA);
    assert!(offset_of!(Side, started) == 0);
    assert!(offset_of!(Side, pid) == 8);
    assert!(offset_of!(Side, generation) == 12);
    assert!(offset_of!(Side, bell) == 16);
    assert!(RING_BYTES_MIN.is_power_of_two());
    assert!(RING_BYTES_MAX.is_power_of_two());
};
