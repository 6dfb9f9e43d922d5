//! The agent that makes a matcher's commands durable: reads the sequenced log, writes the journal, and says how far it is.
//!
//! sequenced log -> [`Journal`] -> log of [`Durable`]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    time::Timespec,
};
use shm::{Agent, Bell, LogReader, LogWriter, Sleeper};
use wire::{
    durable::{Durable, State},
    types::SeqNo,
};
use zerocopy::IntoBytes;

use super::{
    commit::Stamp,
    record::Kind,
    sequenced::{Entry, Origin},
    writer::{Figures, Journal, Room},
};

/// Commands put into a commit in one turn, so that other agents of the thread have theirs.
const ENTRIES_PER_POLL: usize = 1024;
/// How long nothing has to come before the last commit is sealed, in nanoseconds.
const SEAL_AFTER_NS: u64 = 10_000_000;

/// What others see of a recorder, in its own process.
#[derive(Debug, Default)]
pub struct Progress {
    /// The last durable command; [`Progress::FAILED`] once nothing more will be.
    durable: AtomicU64,
    commits: AtomicU64,
    bytes: AtomicU64,
    stalls: AtomicU64,
    /// [`Room`].
    room: AtomicU64,
    backlog: AtomicU64,
    closed: AtomicU64,
}

impl Progress {
    const FAILED: u64 = u64::MAX;

    /// The last command that is durable; `None` if the journal has failed, and nothing more will be.
    #[inline]
    #[must_use]
    pub fn durable(&self) -> Option<SeqNo> {
        // Pairs with the Release stores of `Recorder::tell` and `Recorder::fail`: who sees a command durable may let go of
        // what it was read from.
        let seq = self.durable.load(Ordering::Acquire);
        (seq != Progress::FAILED).then_some(SeqNo(seq))
    }

    /// Whether the disk has room for what is to come.
    #[must_use]
    pub fn room(&self) -> Room {
        let room = self.room.load(Ordering::Relaxed);
        [Room::Enough, Room::Low].into_iter().find(|&of| of as u64 == room).unwrap_or(Room::None)
    }

    /// Bytes of commands that were not durable when the matcher looked last.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    /// Times that the matcher took nothing because that were too many.
    #[must_use]
    pub fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }

    /// The matcher says so, in housekeeping.
    pub(super) fn publish(&self, backlog: u64, closed: u64) {
        self.backlog.store(backlog, Ordering::Relaxed);
        self.closed.store(closed, Ordering::Relaxed);
    }

    /// What the journal has done. Each number stands for itself.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let (commits, bytes, stalls) = (load(&self.commits), load(&self.bytes), load(&self.stalls));
        Figures { commits, bytes, stalls, ..Figures::default() }
    }
}

/// Keeps a matcher's journal.
pub struct Recorder {
    name: String,
    log: LogReader,
    journal: Journal,
    epoch: u64,
    durable: LogWriter,
    progress: Arc<Progress>,
    /// A command that did not fit into the commit that is being filled.
    waiting: Vec<u8>,
    told: SeqNo,
    room: Room,
    /// When something became durable last.
    busy_at: u64,
    failed: bool,
}

impl Recorder {
    /// Writes what `log` gives from where it stands to `journal`, under the reign `epoch`, and tells in `durable` how far that is.
    #[must_use]
    pub fn new(name: &str, log: LogReader, journal: Journal, epoch: u64, durable: LogWriter) -> Recorder {
        let waiting = Vec::with_capacity(log.log().record_max());
        let told = journal.durable();
        let mut recorder = Recorder {
            name: name.to_owned(),
            log,
            journal,
            epoch,
            durable,
            progress: Arc::default(),
            waiting,
            told,
            room: Room::default(),
            busy_at: 0,
            failed: false,
        };
        recorder.tell(told);
        recorder
    }

    /// Where its progress can be read.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Moves commands from the log into the commit that is being filled. How many that were.
    fn fill(&mut self) -> usize {
        let mut moved = 0;
        if !self.waiting.is_empty() {
            if !put(&mut self.journal, self.epoch, &self.waiting) {
                return 0;
            }
            self.waiting.clear();
            moved += 1;
        }
        while moved < ENTRIES_PER_POLL {
            match self.log.read() {
                Ok(Some(record)) if put(&mut self.journal, self.epoch, record.bytes) => moved += 1,
                Ok(Some(record)) => {
                    self.waiting.extend_from_slice(record.bytes);
                    break;
                }
                Ok(None) => break,
                Err(error) => {
                    // The matcher waits for the journal long before it could overtake it.
                    self.fail(&error);
                    break;
                }
            }
        }
        moved
    }

    fn tell(&mut self, seq: SeqNo) {
        self.told = seq;
        // Pairs with the Acquire load of `Progress::durable`.
        self.progress.durable.store(seq.0, Ordering::Release);
        self.say(if self.room == Room::None { State::Full } else { State::Going });
    }

    /// Tells gateways how far it is.
    fn say(&mut self, state: State) {
        self.durable.append(Durable { history: self.journal.history(), seq: self.told, state }.as_bytes());
        self.durable.flush();
    }

    /// Tells whether the disk has room for what is to come, when that has changed.
    fn look_for_room(&mut self) {
        if self.failed {
            return;
        }
        if let Err(error) = self.journal.look() {
            return self.fail(&error);
        }
        let (room, why) = self.journal.room();
        let before = std::mem::replace(&mut self.room, room);
        if room == before {
            return;
        }
        let why = why.map(ToString::to_string);
        match room {
            Room::Enough => tracing::info!("the disk has room for the journal again"),
            Room::Low => tracing::warn!(
                why,
                "the disk has no room for the journal's next segment: when those that are made are full, the venue takes nothing more"
            ),
            Room::None => tracing::error!(
                why,
                "the disk is full: nothing is taken and nothing becomes durable until there is room for the journal's next segment"
            ),
        }
        self.progress.room.store(room as u64, Ordering::Relaxed);
        if room == Room::None {
            self.say(State::Full);
        } else if before == Room::None {
            self.say(State::Going);
        }
    }

    #[cold]
    fn fail(&mut self, error: &dyn std::error::Error) {
        if std::mem::replace(&mut self.failed, true) {
            return;
        }
        tracing::error!(
            %error, durable = self.told.0,
            "the journal has failed: nothing more is acknowledged, and nothing is taken; mend the cause and start the venue again"
        );
        // Pairs with the Acquire load of `Progress::durable`.
        self.progress.durable.store(Progress::FAILED, Ordering::Release);
        self.say(State::Failed);
    }

    /// Drives the journal; whether there was anything to do.
    fn drive(&mut self, wait: bool) -> bool {
        match self.journal.poll(wait) {
            Ok(moved) => {
                let durable = self.journal.durable();
                if durable > self.told {
                    self.tell(durable);
                }
                moved
            }
            Err(error) => {
                self.fail(&error);
                false
            }
        }
    }
}

/// Puts a record of the sequenced log into the commit that is being filled; `false` if there is no room.
fn put(journal: &mut Journal, epoch: u64, record: &[u8]) -> bool {
    let Some((Entry { seq, time, origin, .. }, command)) = Entry::read(record) else {
        tracing::error!(
            bytes = record.len(),
            "a record of the sequenced log is too short to be one; it is passed over"
        );
        return true;
    };
    let stamp = Stamp { epoch, seq, time };
    match origin {
        Origin::CHECKPOINT => journal.append(Kind::Checkpoint, stamp, [command, &[]]),
        _ => journal.append(Kind::Command, stamp, [origin.as_bytes(), command]),
    }
}

impl Agent for Recorder {
    fn name(&self) -> &str {
        &self.name
    }

    fn poll(&mut self, now: u64) -> usize {
        if self.failed {
            return 0;
        }
        let moved = self.fill();
        let driven = !self.failed && self.drive(false);
        let work = moved + usize::from(driven);
        if work > 0 {
            self.busy_at = now;
        }
        work
    }

    fn housekeep(&mut self, now: u64) {
        let Figures { commits, bytes, stalls, .. } = self.journal.figures();
        self.progress.commits.store(commits, Ordering::Relaxed);
        self.progress.bytes.store(bytes, Ordering::Relaxed);
        self.progress.stalls.store(stalls, Ordering::Relaxed);
        self.look_for_room();
        if self.failed || now.saturating_sub(self.busy_at) < SEAL_AFTER_NS {
            return;
        }
        if let Err(error) = self.journal.seal() {
            self.fail(&error);
        }
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Drop for Recorder {
    /// What the matcher has written becomes durable before its process ends.
    fn drop(&mut self) {
        while !self.failed && (self.fill() > 0 || self.journal.is_behind()) {
            // A disk that neither takes nor refuses it is not waited for any longer.
            if !self.drive(true) {
                break;
            }
        }
        let Figures { commits, bytes, .. } = self.journal.figures();
        tracing::info!(durable = self.told.0, commits, bytes, "journal stopped");
    }
}

impl Sleeper for Recorder {
    /// While a commit is on its way, what comes can only be put into the next one: so the disk is waited for.
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        if !self.failed && self.journal.is_in_flight() {
            self.drive(true);
        } else {
            let mut fds = [PollFd::from_borrowed_fd(bell.fd(), PollFlags::IN)];
            let timeout = Timespec::try_from(timeout).unwrap_or_default();
            // An error is a signal: the poll of the log that follows looks all the same.
            let _woken = poll(&mut fds, Some(&timeout));
        }
    }
}
