//! The sequenced log's records: what a matcher has taken, in order, for whoever makes it durable or sends it on.

use wire::types::{Nanos, SeqNo};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

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
}

/// What stands at the beginning of a record of the sequenced log; the command follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Entry {
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
