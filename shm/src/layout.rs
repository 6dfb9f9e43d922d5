//! A ring's file, byte by byte. Drawn in docs/shared-memory.md; a change of it is a new [`RING`] version.

use core::mem::offset_of;

use zerocopy::FromBytes;

use crate::file::{Kind, Preamble};
use crate::index::Cursor;
use crate::side::Side;

/// The least capacity of a ring, in bytes.
pub const RING_BYTES_MIN: usize = 1 << 10;
/// The greatest capacity of a ring, in bytes: a message's length has 32 bits.
pub const RING_BYTES_MAX: usize = 1 << 30;

pub(crate) const RING: Kind = Kind {
    name: "ring",
    magic: u64::from_le_bytes(*b"PENSRING"),
    version: 2, // 2: high-water mark and stalls beside the tail
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
    assert!(RING_BYTES_MIN.is_power_of_two());
    assert!(RING_BYTES_MAX.is_power_of_two());
};
