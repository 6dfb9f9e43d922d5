//! The place of a report among its stream's (ApplicationSequenceControl): a number that the session's own, MsgSeqNum,
//! says nothing about, so that a report can be named, and asked for, whatever has become of the session meanwhile.

use crate::{
    fix::encode::{Body, Ready},
    limits::NAME_BYTES_MAX,
};

/// A stream of reports, by its ApplID (1180).
#[derive(Clone, Copy, Debug)]
pub struct Stream(Ready<{ 6 + NAME_BYTES_MAX }>);

impl Stream {
    /// The stream of this name.
    #[must_use]
    pub fn new(name: &str) -> Stream {
        Stream(Ready::field("1180=", name))
    }

    /// Writes ApplID (1180) and ApplSeqNum (1181) of its report `appl_seq`.
    #[inline(always)]
    pub fn number(&self, appl_seq: u64, body: &mut Body<'_>) {
        body.ready(&self.0);
        body.int(b"1181=", appl_seq);
    }
}
