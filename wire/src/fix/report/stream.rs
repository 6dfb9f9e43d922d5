//! The place of a report among its stream's (ApplicationSequenceControl): a number that the session's own, MsgSeqNum,
//! says nothing about, so that a report can be named, and asked for, whatever has become of the session meanwhile.

use crate::{
    fix::encode::{Body, Ready},
    limits::NAME_BYTES_MAX,
};

/// What sets the names of a session's streams apart: `-shard-7`.
const SHARD_BYTES: usize = 8;

/// A stream of reports.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    /// ApplID (1180), and CopyMsgIndicator (797) if it is one of copies.
    fields: Ready<{ 6 + NAME_BYTES_MAX + SHARD_BYTES + 6 }>,
    copies: bool,
}

impl Stream {
    /// The stream of this name (ApplID).
    #[must_use]
    pub fn new(name: &str) -> Stream {
        Stream { fields: Ready::field("1180=", name), copies: false }
    }

    /// The stream of this name, of copies of reports that went to others (CopyMsgIndicator).
    #[must_use]
    pub fn of_copies(name: &str) -> Stream {
        Stream { fields: Ready::field("797=", "Y").and("1180=", name), copies: true }
    }

    /// Whether its reports are copies of others.
    #[must_use]
    pub const fn is_of_copies(&self) -> bool {
        self.copies
    }

    /// Writes its name, where what is said has no number in it.
    pub fn name(&self, body: &mut Body<'_>) {
        body.ready(&self.fields);
    }

    /// Writes what its report of number `appl_seq` (ApplSeqNum, 1181) begins with.
    #[inline(always)]
    pub fn number(&self, appl_seq: u64, body: &mut Body<'_>) {
        body.ready(&self.fields);
        body.int(b"1181=", appl_seq);
    }
}
