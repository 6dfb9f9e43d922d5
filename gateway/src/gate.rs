//! What may leave the venue: nothing that a command has caused which is not durable yet.
//!
//! A matcher does not wait for its journal. It is the gateways that do, each with the first event or record of market data that may
//! not leave, and in its place, so that what stands behind it waits too. How far commands are durable they read in a log
//! ([`wire::durable`]), whose writer wakes their threads; where the venue's policy asks for nothing, it says so once.

use std::collections::VecDeque;

use shm::{Bell, Directory, Log, LogReader, ReadError, ShmError, Start};
use wire::{
    durable::{Durable, State},
    types::SeqNo,
};

use crate::link::{DURABLE, of_shard};

/// How far commands are durable, as far as it was looked.
pub struct Gate {
    log: LogReader,
    durable: Durable,
    /// How far the histories before that one were when they ended, the last one first.
    ended: VecDeque<Durable>,
    is_damaged: bool,
}

/// What waits at a gate, or came to it to no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Events that wait.
    pub(crate) events: u64,
    /// For how long the first of them has, in nanoseconds.
    pub(crate) since_ns: u64,
    /// Events that had come before, and were passed over.
    pub(crate) repeated: u64,
    /// Events that could leave no more when their history had ended.
    pub(crate) lost: u64,
    /// Whether nothing more becomes durable.
    pub(crate) failed: bool,
}

/// Histories whose ends are remembered: more than stand in a ring that nobody has read.
const ENDED: usize = 16;
/// Attempts to catch up with a log whose writer is faster, in one look: a commit takes longer than to read all of it.
const ATTEMPTS: usize = 3;

impl Gate {
    /// Joins the log of `shard` in `directory`; `bell` is that of the thread that looks. `None` while nothing stands in it.
    pub(crate) fn join(directory: &Directory, shard: u8, bell: &Bell) -> Result<Option<Gate>, ShmError> {
        let mut log = match Log::join(directory, &of_shard(DURABLE, shard)) {
            Ok(log) => log.registered_reader(bell)?,
            Err(ShmError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        for _ in 0..ATTEMPTS {
            // Of the oldest there is: what it says of the former history.
            if log.seek(Start::Oldest).is_err() {
                continue;
            }
            if let Ok(Some(record)) = log.read()
                && let Some(durable) = Durable::read(record.bytes)
            {
                let ended = VecDeque::with_capacity(ENDED + 1);
                let mut gate = Gate { log, durable, ended, is_damaged: false };
                gate.look();
                return Ok(Some(gate));
            }
        }
        Ok(None)
    }

    /// The history that commands are of now.
    #[inline]
    #[must_use]
    pub const fn history(&self) -> u64 {
        self.durable.history
    }

    /// Whether nothing more will become durable.
    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.durable.state == State::Failed
    }

    /// Whether what the command `seq` of `history` has caused may leave.
    #[inline]
    pub fn lets(&mut self, history: u64, seq: SeqNo) -> bool {
        self.durable.history == history && seq <= self.durable.seq || self.lets_by_now(history, seq)
    }

    fn lets_by_now(&mut self, history: u64, seq: SeqNo) -> bool {
        self.look();
        if self.durable.history == history {
            return seq <= self.durable.seq;
        }
        self.end(history).is_some_and(|end| seq <= end)
    }

    /// How far `history` was durable when it ended.
    fn end(&self, history: u64) -> Option<SeqNo> {
        self.ended.iter().find(|ended| ended.history == history).map(|ended| ended.seq)
    }

    /// `history` has ended. If it is not known any more how far it was durable, nothing of it was.
    pub(crate) fn has_ended(&mut self, history: u64) {
        if history != self.durable.history && self.end(history).is_none() {
            self.ended.push_back(Durable { history, seq: SeqNo(0), state: State::Going });
            self.ended.truncate(ENDED);
        }
    }

    /// Whether `history` has ended, and what `seq` of it has caused can leave no more: whatever began it has forgotten the command.
    pub(crate) fn is_lost(&self, history: u64, seq: SeqNo) -> bool {
        self.durable.history != history && self.end(history).is_some_and(|end| seq > end)
    }

    /// Reads what was written since.
    pub fn look(&mut self) {
        let mut attempts = 0;
        loop {
            match self.log.read() {
                Ok(Some(record)) => {
                    let Some(durable) = Durable::read(record.bytes) else { continue };
                    if durable.history != self.durable.history {
                        self.ended.push_front(self.durable);
                        self.ended.truncate(ENDED);
                    }
                    self.durable = durable;
                }
                Ok(None) => return,
                Err(ReadError::Overrun { .. }) if attempts < ATTEMPTS => {
                    attempts += 1;
                    // What fails here is tried again with the next look.
                    let _overrun = self.log.seek(Start::Oldest);
                }
                Err(ReadError::Overrun { .. } | ReadError::Ahead { .. }) => return,
                Err(error @ ReadError::Damaged { .. }) => return self.damaged(&error),
            }
        }
    }

    #[cold]
    fn damaged(&mut self, error: &ReadError) {
        if !std::mem::replace(&mut self.is_damaged, true) {
            tracing::error!(%error, "it cannot be told any more what is durable, and nothing leaves");
        }
    }
}
