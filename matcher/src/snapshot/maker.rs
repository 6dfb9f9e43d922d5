//! The thread that makes snapshots: from the one before and the journal behind it, in its own time.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use wire::types::SeqNo;

use super::{Snapshot, SnapshotError, file, load_newest};
use crate::{
    Routes, State,
    configuration::Configuration,
    journal::{JournalError, reader::Reader, recorder, segment::Segments},
    recovery::Unsound,
};

/// How often it is looked whether it is time for the next one.
const LOOK: Duration = Duration::from_secs(1);
/// The thread gives way to every other one.
const NICE: i32 = 19;

/// When snapshots are made, and what of them stays.
#[derive(Clone, Debug)]
pub struct Rules {
    /// One is made behind so many bytes of journal; 0 is none.
    pub bytes: u64,
    /// So many are kept.
    pub keep: usize,
    /// Under which primary's reign.
    pub epoch: u64,
    /// The bytes of each link's ring of events: see [`State::keep_events`].
    pub rings: Vec<usize>,
}

/// What is known of snapshots, for whoever asks.
#[derive(Debug, Default)]
pub struct Progress {
    /// The last command of the newest one.
    seq: AtomicU64,
    made: AtomicU64,
    failures: AtomicU64,
}

impl Progress {
    /// The last command of the newest one; 0 if there is none.
    #[must_use]
    pub fn seq(&self) -> SeqNo {
        SeqNo(self.seq.load(Relaxed))
    }

    /// Made since the start, and attempts that failed.
    #[must_use]
    pub fn counts(&self) -> [u64; 2] {
        [self.made.load(Relaxed), self.failures.load(Relaxed)]
    }
}

/// Why one cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("segment {segment} of the journal cannot be applied at byte {offset}: {error}")]
    Unsound { segment: u64, offset: u64, error: Unsound },
    #[error("the journal ends with command {found}, and command {durable} is said to be durable")]
    Short { found: SeqNo, durable: SeqNo },
}

/// The thread at work.
pub struct Maker {
    progress: Arc<Progress>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Maker {
    /// Begins with the journal in `directory`, which a matcher writes that began under `configuration`: up to what `durable` says.
    /// `cover` is told up to which command as many snapshots as are kept stand for the journal.
    ///
    /// # Errors
    /// If there can be no thread.
    pub fn start(
        directory: &Path,
        rules: Rules,
        configuration: Configuration,
        routes: Routes,
        durable: Arc<recorder::Progress>,
        cover: impl Fn(SeqNo) + Send + 'static,
    ) -> Result<Maker, SnapshotError> {
        let progress = Arc::<Progress>::default();
        let (stop, stopped) = mpsc::channel();
        let mut work = Work {
            directory: directory.to_owned(),
            rules,
            configuration,
            routes,
            durable,
            cover: Box::new(cover),
            progress: Arc::clone(&progress),
            written: 0,
        };
        let body = move || {
            if let Err(error) = rustix::process::nice(NICE) {
                tracing::warn!(%error, "snapshots are made with the same priority as everything else");
            }
            work.begin();
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                work.turn();
            }
        };
        let thread = thread::Builder::new().name("snapshots".to_owned()).spawn(body);
        let thread = thread.map_err(SnapshotError::io("no thread for snapshots of", directory))?;
        Ok(Maker { progress, stop: Some(stop), thread: Some(thread) })
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

struct Work {
    directory: PathBuf,
    rules: Rules,
    configuration: Configuration,
    routes: Routes,
    durable: Arc<recorder::Progress>,
    cover: Box<dyn Fn(SeqNo) + Send>,
    progress: Arc<Progress>,
    /// Bytes that the journal had been given when the last one was made.
    written: u64,
}

impl Work {
    /// Takes note of what is there.
    fn begin(&mut self) {
        match self.keep() {
            Ok(newest) => self.progress.seq.store(newest.0, Relaxed),
            Err(error) => tracing::error!(%error, "snapshots cannot be looked through"),
        }
    }

    /// Removes those that are too many, and says what the journal need not keep for the others. The last command of the newest.
    fn keep(&self) -> Result<SeqNo, SnapshotError> {
        if let Some(covered) = file::prune(&self.directory, self.rules.keep.max(1))? {
            (self.cover)(covered);
        }
        Ok(file::listed(&self.directory)?.last().copied().unwrap_or(SeqNo(0)))
    }

    fn turn(&mut self) {
        let written = self.durable.figures().bytes;
        let Some(durable) = self.durable.durable() else { return };
        if self.rules.bytes == 0
            || written - self.written < self.rules.bytes
            || durable == self.progress.seq()
        {
            return;
        }
        self.written = written;
        let begun = Instant::now();
        match make(&self.directory, &self.rules, &self.configuration, &self.routes, durable) {
            Ok((snapshot, commands)) => {
                let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                let Snapshot { seq, bytes, state_hash, .. } = snapshot;
                let state = format!("{state_hash:016x}");
                tracing::info!(seq = seq.0, state, bytes, commands, milliseconds, "a snapshot is made");
                self.progress.made.fetch_add(1, Relaxed);
                self.begin();
            }
            Err(error) => {
                self.progress.failures.fetch_add(1, Relaxed);
                tracing::error!(%error, "no snapshot is made: the journal is not trimmed, and the next start takes longer");
            }
        }
    }
}

/// Makes one of what there is up to the command `durable`: of the one before, and of the journal behind it. How many commands that took.
pub(super) fn make(
    directory: &Path,
    rules: &Rules,
    configuration: &Configuration,
    routes: &Routes,
    durable: SeqNo,
) -> Result<(Snapshot, u64), Failed> {
    let Some((segments, [first, last])) = Segments::look(directory)? else {
        return Err(JournalError::Missing { path: directory.to_owned() }.into());
    };
    let terms = segments.terms();
    let mut state = State::new(configuration.clone(), routes);
    let before = load_newest(directory, terms, [first, last], &mut state)?;
    state.keep_events(rules.rings.iter().copied());
    let mut segment = before.map_or(first, |before| before.segment.max(first));
    let mut reader = Reader::of(segments, [segment, last])?;
    let mut commands = 0;
    // Nothing is read behind what is durable, where a commit may be on its way.
    while state.engine().last_seq() < durable {
        let Some(commit) = reader.commit()? else { break };
        segment = commit.place().segment;
        for record in commit.iter() {
            let unsound = |error| {
                let place = record.place;
                Failed::Unsound { segment: place.segment, offset: place.offset, error }
            };
            commands += u64::from(state.apply_record(&record).map_err(unsound)?);
        }
    }
    let found = state.engine().last_seq();
    if found < durable {
        return Err(Failed::Short { found, durable });
    }
    let snapshot = Snapshot::write(directory, terms, rules.epoch, segment, &mut state)?;
    Ok((snapshot, commands))
}
