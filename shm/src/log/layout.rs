//! A log's file, byte by byte. Drawn in docs/shared-memory.md; a change of it is a new [`LOG`] version.

use core::mem::offset_of;

use zerocopy::FromBytes;

use crate::file::{Kind, Preamble};
use crate::index::Cursor;
use crate::side::Side;
use crate::sync::AtomicU32;
use crate::track::Track;

/// The least capacity of a log, in bytes.
pub const LOG_BYTES_MIN: usize = 1 << 12;
/// The greatest capacity of a log, in bytes: a record's length has 32 bits.
pub const LOG_BYTES_MAX: usize = 1 << 30;
/// Readers that can be registered with a log at one time.
pub const LOG_READERS_MAX: usize = 28;
/// Where the data begins: on a page of its own.
pub(super) const DATA: usize = 8192;

pub(crate) const LOG: Kind = Kind {
    name: "log",
    magic: u64::from_le_bytes(*b"PENSTLOG"),
    version: 2,
    bytes_min: DATA + LOG_BYTES_MIN,
};

#[derive(FromBytes)]
#[repr(C, align(128))]
pub(crate) struct LogHeader {
    pub(crate) preamble: Preamble,
    /// Bytes of data, a power of two.
    pub(crate) capacity: u64,
    /// When the log was made, in nanoseconds since 1970.
    pub(crate) made: u64,
    /// Bytes of the longest record.
    pub(crate) record_max: u64,
    _line: [u64; 10],
    pub(crate) writer: Side,
    /// Moved by the writer.
    pub(crate) tail: Cursor,
    pub(crate) track: Track,
    /// Times that a reader was registered or left.
    pub(crate) changes: AtomicU32,
    _pad: [u32; 127],
    pub(crate) readers: [Registered; LOG_READERS_MAX],
}

/// A reader that others see.
#[derive(FromBytes)]
#[repr(C)]
pub(crate) struct Registered {
    /// Who it is, and the bell that wakes it.
    pub(crate) side: Side,
    /// Moved by the reader: what it has done with.
    pub(crate) cursor: Cursor,
}

const _: () = {
    assert!(offset_of!(LogHeader, capacity) == 24);
    assert!(offset_of!(LogHeader, made) == 32);
    assert!(offset_of!(LogHeader, record_max) == 40);
    assert!(offset_of!(LogHeader, writer) == 128);
    assert!(offset_of!(LogHeader, tail) == 256);
    assert!(offset_of!(LogHeader, track) == 384);
    assert!(offset_of!(LogHeader, changes) == 512);
    assert!(offset_of!(LogHeader, readers) == 1024);
    assert!(size_of::<Registered>() == 256);
    assert!(size_of::<LogHeader>() == DATA);
    assert!(LOG_BYTES_MIN.is_power_of_two());
    assert!(LOG_BYTES_MAX.is_power_of_two());
};
