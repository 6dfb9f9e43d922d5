//! A group commit: records that become durable with one write, put together in memory as they will lie on disk.
//!
//! ```text
//! | Commit record | record | record | ... | FF FF ... to a whole number of blocks |
//! ```
//!
//! It begins at a block and is a whole number of blocks, so that no block is ever written twice and what is durable cannot
//! be torn by what comes later. It does not end in a zero, while nothing but zeros stood there before: so what was torn can
//! be told from what has changed since it was written.

use wire::types::{Nanos, SeqNo};
use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout,
    little_endian::{U32, U64},
};

use super::record::{self, HEAD_BYTES, Head, Kind, Place, VERSION};

/// Bytes of a block: what O_DIRECT asks of lengths, offsets and addresses on every disk there is.
pub const BLOCK_BYTES: usize = 4096;
/// Bytes that disks write wholly or not at all.
pub const SECTOR_BYTES: usize = 512;
/// Bytes of the longest commit.
pub const COMMIT_BYTES_MAX: usize = 1 << 20;
/// What stands behind the last record. There is always some of it.
pub const PADDING: u8 = 0xFF;

/// A block of memory where O_DIRECT takes it from.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable)]
#[repr(C, align(4096))]
struct Block([u8; BLOCK_BYTES]);

const _: () = assert!(size_of::<Block>() == BLOCK_BYTES && COMMIT_BYTES_MAX.is_multiple_of(BLOCK_BYTES));

/// What the first record of a commit says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Contents {
    /// Its place among all commits of the journal, from 1.
    pub number: U64,
    /// Its blocks.
    pub blocks: U32,
    /// Its records besides this one.
    pub records: U32,
}

/// Bytes of a commit's first record.
pub const FIRST_BYTES: usize = HEAD_BYTES + size_of::<Contents>();
const _: () = assert!(FIRST_BYTES.is_multiple_of(8) && FIRST_BYTES <= SECTOR_BYTES);

/// What a journal goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Of the journal ([`super::segment::Terms::history`]).
    pub history: u64,
    /// The number of the next commit.
    pub commit: u64,
    /// The checksum of the last record; 0 if there is none.
    pub previous: u32,
}

/// What records are written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Under which primary's reign.
    pub epoch: u64,
    /// The command's sequence number.
    pub seq: SeqNo,
    /// The venue's time.
    pub time: Nanos,
}

/// Records on their way to the disk. All its memory is had at the start.
pub struct Commit {
    blocks: Box<[Block]>,
    /// Bytes of records, the commit's own first.
    used: usize,
    records: u32,
    last: Stamp,
}

impl Default for Commit {
    fn default() -> Commit {
        let blocks = vec![Block([0; BLOCK_BYTES]); COMMIT_BYTES_MAX / BLOCK_BYTES].into();
        let last = Stamp { epoch: 0, seq: SeqNo(0), time: Nanos(0) };
        Commit { blocks, used: FIRST_BYTES, records: 0, last }
    }
}

impl Commit {
    /// Forgets what was put in.
    pub const fn clear(&mut self) {
        (self.used, self.records) = (FIRST_BYTES, 0);
    }

    /// Whether nothing was put in.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// How many records were put in.
    #[must_use]
    pub const fn records(&self) -> u32 {
        self.records
    }

    /// What the record put in last was stamped with.
    #[must_use]
    pub const fn last(&self) -> Stamp {
        self.last
    }

    /// Puts a record of `kind` in whose payload is `parts`, one behind the other; `false` if there is no room.
    #[must_use]
    pub fn push(&mut self, kind: Kind, stamp: Stamp, parts: [&[u8]; 2]) -> bool {
        let length = HEAD_BYTES + parts[0].len() + parts[1].len();
        let end = self.used + record::padded(length);
        // Some padding comes behind every commit.
        if end >= COMMIT_BYTES_MAX {
            return false;
        }
        let Ok(said) = u32::try_from(length) else { return false };
        let place = &mut self.blocks.as_mut_bytes()[self.used..end];
        let (front, rest) = place.split_at_mut(HEAD_BYTES);
        front.copy_from_slice(head(kind, stamp, said).as_bytes());
        let (one, rest) = rest.split_at_mut(parts[0].len());
        one.copy_from_slice(parts[0]);
        let (two, rest) = rest.split_at_mut(parts[1].len());
        two.copy_from_slice(parts[1]);
        rest.fill(0);
        (self.used, self.last) = (end, stamp);
        self.records += 1;
        true
    }

    /// Bytes it will be.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.used + 1).next_multiple_of(BLOCK_BYTES)
    }

    /// Makes it what is to be written at `place`, stamped as a whole with `stamp`; `chain` goes on behind it.
    pub fn finish(&mut self, place: Place, stamp: Stamp, chain: &mut Chain) {
        let len = self.len();
        let Chain { history, commit, previous } = chain;
        #[expect(clippy::cast_possible_truncation, reason = "at most COMMIT_BYTES_MAX")]
        let contents = Contents {
            number: (*commit).into(),
            blocks: ((len / BLOCK_BYTES) as u32).into(),
            records: self.records.into(),
        };
        let used = self.used;
        let bytes = &mut self.blocks.as_mut_bytes()[..len];
        bytes[used..].fill(PADDING);
        #[expect(clippy::cast_possible_truncation, reason = "a sector at most")]
        let first = head(Kind::Commit, stamp, FIRST_BYTES as u32);
        bytes[..HEAD_BYTES].copy_from_slice(first.as_bytes());
        bytes[HEAD_BYTES..FIRST_BYTES].copy_from_slice(contents.as_bytes());
        let mut at = 0;
        while at < used {
            let Ok((head, _)) = Head::mut_from_prefix(&mut bytes[at..]) else { unreachable!() };
            let length = head.length.get() as usize;
            head.previous = (*previous).into();
            let here = Place { offset: place.offset + at as u64, ..place };
            *previous = record::checksum(*history, here, &bytes[at..at + length]);
            let Ok((head, _)) = Head::mut_from_prefix(&mut bytes[at..]) else { unreachable!() };
            head.crc = (*previous).into();
            at += record::padded(length);
        }
        *commit += 1;
    }

    /// What is to be written, once it is finished.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.blocks.as_bytes()[..self.len()]
    }
}

fn head(kind: Kind, stamp: Stamp, length: u32) -> Head {
    Head {
        length: length.into(),
        crc: 0.into(),
        previous: 0.into(),
        kind: (kind as u16).into(),
        version: VERSION.into(),
        epoch: stamp.epoch.into(),
        seq: stamp.seq.0.into(),
        time: stamp.time.0.into(),
    }
}

/// Zeros, for what is written before and over what is torn.
pub struct Blank(Box<[Block]>);

impl Default for Blank {
    fn default() -> Blank {
        Blank(vec![Block([0; BLOCK_BYTES]); COMMIT_BYTES_MAX / BLOCK_BYTES].into())
    }
}

impl Blank {
    /// At most `len` bytes of it, a whole number of blocks, and all of them if it has so many.
    #[must_use]
    pub fn bytes(&self, len: u64) -> &[u8] {
        let len = usize::try_from(len).map_or(COMMIT_BYTES_MAX, |len| len.min(COMMIT_BYTES_MAX));
        &self.0.as_bytes()[..len]
    }

    /// A block of it with `bytes` at its beginning.
    #[must_use]
    pub fn begun_with(mut self, bytes: &[u8]) -> Blank {
        self.0.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        self
    }
}
