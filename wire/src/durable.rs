//! How far a matcher's commands are durable, as gateways read it from a log in shared memory: nothing that a later command
//! has caused may leave the venue.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::types::SeqNo;

/// Whether more will become durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(u64)]
pub enum State {
    /// It will, as it comes.
    Going = 0,
    /// Nothing will, until the matcher is started again: its disk has failed.
    Failed = 1,
    /// Nothing will, until there is room on the disk again.
    Full = 2,
}

/// A record of that log. The last one counts; those before it say less, or are of other histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Durable {
    /// The number that names the run of sequence numbers that `seq` is of, chosen at random when that began: with a journal, or where
    /// there is none with the matcher. Sequence numbers and events' identifiers mean something within one history only.
    pub history: u64,
    /// This command is durable, and all before it; [`Durable::EVERYTHING`] where nothing is waited for.
    pub seq: SeqNo,
    /// Whether more will be.
    pub state: State,
}

impl Durable {
    /// The sequence number up to which all is durable where the venue's policy asks for nothing.
    pub const EVERYTHING: SeqNo = SeqNo(u64::MAX);

    /// The record in `bytes`; `None` if they are none of this version.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Durable> {
        Durable::try_read_from_bytes(bytes).ok()
    }
}
