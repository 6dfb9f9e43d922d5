//! A record: what the journal says of one command, beginning with a head of 40 bytes.
//!
//! Its checksum is CRC-32C (RFC 3720, B.4) over all of it but the length and the checksum itself, begun with a value that
//! depends on the history, the segment and the offset: bytes that were written for another place never pass here. It names
//! the checksum of the record before it, so that none can be taken out or put in between.

use crc_fast::{CrcAlgorithm, Digest};
use wire::types::{Nanos, SeqNo};
use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout,
    little_endian::{U16, U32, U64},
};

/// Bytes of a [`Head`].
pub const HEAD_BYTES: usize = size_of::<Head>();
/// The version of records that is written.
pub const VERSION: u16 = 1;
/// What a record's checksum does not cover: its length and itself.
const UNCOVERED: usize = 8;

/// Where something stands in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The segment's number, from 1.
    pub segment: u64,
    /// Bytes from the beginning of its file.
    pub offset: u64,
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The commit whose first record it is.
    Commit = 1,
    /// A command: where it came from, and its bytes.
    Command = 2,
    /// What the engine's state hashed to after the command of the same sequence number.
    Checkpoint = 3,
    /// The configuration that commands from here on are applied under: [`Configuration::text`], in as many records as it takes,
    /// one behind the other, each beginning with its [`Part`].
    ///
    /// [`Configuration::text`]: crate::configuration::Configuration::text
    Configuration = 4,
}

impl Kind {
    /// The kind that `code` stands for in a record.
    #[must_use]
    pub const fn of(code: u16) -> Option<Kind> {
        match code {
            1 => Some(Kind::Commit),
            2 => Some(Kind::Command),
            3 => Some(Kind::Checkpoint),
            4 => Some(Kind::Configuration),
            _ => None,
        }
    }
}

/// What every record begins with; all numbers are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Head {
    /// Bytes of the record, this head included. The next one begins at the next multiple of 8.
    pub length: U32,
    /// See the module.
    pub crc: U32,
    /// The checksum of the record before it, whatever commit that was in.
    pub previous: U32,
    /// [`Kind`].
    pub kind: U16,
    /// [`VERSION`].
    pub version: U16,
    /// Under which primary's reign it was written.
    pub epoch: U64,
    /// The command's sequence number; of other records the last command's before it.
    pub seq: U64,
    /// The venue's time of the command, in nanoseconds since 1970.
    pub time: U64,
}

/// A record that has been read and found whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it is about.
    pub kind: Kind,
    /// Under which primary's reign it was written.
    pub epoch: u64,
    /// The command's sequence number; of other records the last command's before it.
    pub seq: SeqNo,
    /// The venue's time of the command.
    pub time: Nanos,
    /// What follows the head.
    pub payload: &'a [u8],
    /// Where it stands.
    pub place: Place,
}

/// The checksum of the record that is all of `bytes`, at `place` in the journal of `history`.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "halves are mixed; the checksum has 32 bits")]
pub fn checksum(history: u64, place: Place, bytes: &[u8]) -> u32 {
    let Place { segment, offset } = place;
    // For one segment no two offsets begin alike, nor for one offset any two of 2^32 segments.
    let seed =
        (offset >> 3) as u32 ^ (segment as u32).wrapping_mul(0x9E37_79B1) ^ (history ^ history >> 32) as u32;
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc32Iscsi, u64::from(!seed));
    digest.update(&bytes[UNCOVERED..]);
    digest.finalize() as u32
}

/// Where the record behind one of `length` bytes begins.
#[must_use]
pub const fn padded(length: usize) -> usize {
    length.next_multiple_of(8)
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing was written here.
    #[error("nothing was written here")]
    Blank,
    /// It says a length that no record here can have.
    #[error("a record says that it is {0} bytes long")]
    Length(u32),
    /// Its checksum is not that of its bytes at this place.
    #[error("a record's checksum is wrong")]
    Checksum,
    /// It does not follow the record before it.
    #[error("a record does not follow the one before it")]
    Chain,
    /// It is of a kind or version that this program does not know.
    #[error("a record is of kind {kind}, version {version}, which this version of penstock does not know")]
    Unknown {
        /// The kind's code.
        kind: u16,
        /// The version.
        version: u16,
    },
    /// A commit's numbers contradict what it holds.
    #[error("a commit does not hold what it says")]
    Commit,
    /// A commit's number is not the next one.
    #[error("commit {found} stands where commit {expected} belongs")]
    Number {
        /// The number that follows from the commit before it.
        expected: u64,
        /// The number it has.
        found: u64,
    },
}

/// The record at the beginning of `bytes`, which stand at `place` in the journal of `history`; and its checksum.
/// `previous` is that of the record before it, where it is known.
///
/// # Errors
/// The [`Fault`] found first.
pub fn read(
    history: u64,
    place: Place,
    previous: Option<u32>,
    bytes: &[u8],
) -> Result<(Record<'_>, u32), Fault> {
    let (head, _) = Head::ref_from_prefix(bytes).map_err(|_| Fault::Length(0))?;
    let length = head.length.get();
    if length == 0 {
        return Err(Fault::Blank);
    }
    let whole = usize::try_from(length).ok().filter(|&length| length >= HEAD_BYTES);
    let whole = whole.and_then(|length| bytes.get(..length)).ok_or(Fault::Length(length))?;
    let crc = head.crc.get();
    if checksum(history, place, whole) != crc {
        return Err(Fault::Checksum);
    }
    if previous.is_some_and(|previous| previous != head.previous.get()) {
        return Err(Fault::Chain);
    }
    let (kind, version) = (head.kind.get(), head.version.get());
    let known = Kind::of(kind).filter(|_| version == VERSION);
    let kind = known.ok_or(Fault::Unknown { kind, version })?;
    let payload = &whole[HEAD_BYTES..];
    let (epoch, seq, time) = (head.epoch.get(), SeqNo(head.seq.get()), Nanos(head.time.get()));
    Ok((Record { kind, epoch, seq, time, payload, place }, crc))
}
