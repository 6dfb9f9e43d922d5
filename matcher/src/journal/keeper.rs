//! What becomes of full segments: each is handed to a program of the operator's, which copies it elsewhere, and removed once
//! snapshots stand for what is in it.
//!
//! It works on a thread of its own, which nobody waits for but the disk's room. A segment that was not archived, where one is to be, is
//! never removed: an archive that does not work fills the disk, is told of, and stops the venue in the end rather than leave a gap.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use wire::types::SeqNo;

use super::{JournalError, reader::Reader, record::Kind, segment::Segments};

/// What stands for the segment's file in the program's arguments.
pub const PATH: &str = "{path}";
/// How often it is looked whether there is anything to do.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked whether the program has ended.
const LOOK_AT_PROGRAM: Duration = Duration::from_millis(20);
/// How long a segment that could not be archived waits for the next try: at first, and at most.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];
/// Of what a program says when it fails, so much is logged.
const SAID_BYTES_MAX: u64 = 2000;

/// What is to become of full segments.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Program and arguments that archive the segment whose file stands where [`PATH`] does; empty for none. Whatever it says by
    /// its exit code but 0 is a failure, after which it is called again for the same one.
    pub archive: Vec<String>,
    /// Full segments that are kept although nothing needs them.
    pub keep: u64,
}

/// What is known of full segments, for whoever asks; and up to where they may go.
#[derive(Debug, Default)]
pub struct Retention {
    covered: AtomicU64,
    full: AtomicU64,
    unarchived: AtomicU64,
    archived: AtomicU64,
    failures: AtomicU64,
    failing: AtomicU64,
    removed: AtomicU64,
}

/// What a [`Retention`] says. Each number stands for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Full segments there are.
    pub full: u64,
    /// Those of them that are still to be archived.
    pub unarchived: u64,
    /// Segments archived since the start.
    pub archived: u64,
    /// Times that the program has failed.
    pub failures: u64,
    /// Whether it failed when it was called last.
    pub failing: bool,
    /// Segments removed since the start.
    pub removed: u64,
}

impl Retention {
    /// Says that as many snapshots as are to be kept stand for every command up to `seq`: segments that hold no later ones are not
    /// needed for a start any more.
    pub fn cover(&self, seq: SeqNo) {
        self.covered.fetch_max(seq.0, Relaxed);
    }

    /// What there is.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let load = |number: &AtomicU64| number.load(Relaxed);
        Kept {
            full: load(&self.full),
            unarchived: load(&self.unarchived),
            archived: load(&self.archived),
            failures: load(&self.failures),
            failing: load(&self.failing) != 0,
            removed: load(&self.removed),
        }
    }
}

/// The thread at work.
pub struct Keeper {
    retention: Arc<Retention>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Begins with the journal in `directory`, which there is.
    ///
    /// # Errors
    /// What is wrong with the journal's files; if there can be no thread.
    pub fn start(directory: &Path, rules: Rules) -> Result<Keeper, JournalError> {
        let retention = Arc::<Retention>::default();
        let mut work = Work::new(directory, rules, Arc::clone(&retention))?;
        let (stop, stopped) = mpsc::channel();
        let body = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                work.turn(&mut || stopped.recv_timeout(LOOK_AT_PROGRAM) == Err(RecvTimeoutError::Timeout));
            }
        };
        let thread = thread::Builder::new().name("journal-keeper".to_owned()).spawn(body);
        let thread = thread.map_err(JournalError::io("no thread to keep", directory))?;
        Ok(Keeper { retention, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it is told up to where segments may go, and tells what there is.
    #[must_use]
    pub fn retention(&self) -> Arc<Retention> {
        Arc::clone(&self.retention)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// What the thread does, turn by turn.
struct Work {
    directory: PathBuf,
    segments: Segments,
    rules: Rules,
    retention: Arc<Retention>,
    /// The oldest segment there is; the first one that is not archived, and the first one that is not full.
    oldest: u64,
    unarchived: u64,
    not_full: u64,
    /// How long to wait after the next failure, and until when after the last one.
    patience: Duration,
    until: Option<Instant>,
}

impl Work {
    fn new(directory: &Path, rules: Rules, retention: Arc<Retention>) -> Result<Work, JournalError> {
        let Some((segments, [oldest, _])) = Segments::look(directory)? else {
            return Err(JournalError::Missing { path: directory.to_owned() });
        };
        let directory = directory.to_owned();
        let (unarchived, not_full) = (oldest, oldest);
        let [patience, _] = RETRY;
        Ok(Work {
            directory,
            segments,
            rules,
            retention,
            oldest,
            unarchived,
            not_full,
            patience,
            until: None,
        })
    }

    /// Archives what is full, as long as `goes_on`, and removes what is not needed.
    fn turn(&mut self, goes_on: &mut dyn FnMut() -> bool) {
        if let Err(error) = self.try_turn(goes_on) {
            tracing::error!(%error, "full segments of the journal stay where they are");
        }
        let Work { oldest, unarchived, not_full, .. } = *self;
        self.retention.full.store(not_full - oldest, Relaxed);
        let waiting = if self.rules.archive.is_empty() { 0 } else { not_full - unarchived };
        self.retention.unarchived.store(waiting, Relaxed);
    }

    fn try_turn(&mut self, goes_on: &mut dyn FnMut() -> bool) -> Result<(), JournalError> {
        while begins_with(&self.segments, self.not_full + 1)?.is_some() {
            self.not_full += 1;
        }
        while self.unarchived < self.not_full && self.archive(self.unarchived, goes_on)? {
            self.unarchived += 1;
        }
        while self.oldest < self.unarchived && self.not_full - self.oldest > self.rules.keep {
            let needed = begins_with(&self.segments, self.oldest + 1)?;
            if needed.is_none_or(|first| first.0 > self.retention.covered.load(Relaxed) + 1) {
                break;
            }
            self.remove(self.oldest)?;
            self.oldest += 1;
        }
        Ok(())
    }

    /// Archives segment `number`, unless that was done before or is not to be; whether it is done now.
    fn archive(&mut self, number: u64, goes_on: &mut dyn FnMut() -> bool) -> Result<bool, JournalError> {
        let [program, args @ ..] = &*self.rules.archive else { return Ok(true) };
        let mark = self.mark(number);
        if mark.exists() {
            return Ok(true);
        }
        if self.until.is_some_and(|until| Instant::now() < until) {
            return Ok(false);
        }
        let path = self.segments.path(number);
        let file = path.display().to_string();
        let begun = Instant::now();
        let args = args.iter().map(|arg| arg.replace(PATH, &file));
        let ended = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .and_then(|child| wait(child, goes_on));
        let why = match ended {
            Ok(None) => return Ok(false),
            Ok(Some(Ended { said, success: true })) => {
                if !said.is_empty() {
                    tracing::warn!(file, said, "the archive's program took the segment, and said");
                }
                let marked = File::create(&mark).and_then(|file| file.sync_all());
                marked.map_err(JournalError::io("cannot note that it is archived", &mark))?;
                self.sync()?;
                let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::info!(file, milliseconds, "a full segment of the journal is archived");
                self.retention.archived.fetch_add(1, Relaxed);
                self.retention.failing.store(0, Relaxed);
                ([self.patience, _], self.until) = (RETRY, None);
                return Ok(true);
            }
            Ok(Some(Ended { said, success: false })) => said,
            Err(error) => error.to_string(),
        };
        tracing::error!(
            file,
            program,
            why,
            again_in_s = self.patience.as_secs(),
            "the archive's program (journal.archive) has failed: the segment stays, and fills the disk until it is archived"
        );
        self.retention.failures.fetch_add(1, Relaxed);
        self.retention.failing.store(1, Relaxed);
        self.until = Some(Instant::now() + self.patience);
        self.patience = (self.patience * 2).min(RETRY[1]);
        Ok(false)
    }

    /// The file that says that segment `number` is archived.
    fn mark(&self, number: u64) -> PathBuf {
        self.segments.path(number).with_extension("archived")
    }

    /// The segment goes first, so that no start finds one that has lost its mark.
    fn remove(&self, number: u64) -> Result<(), JournalError> {
        let path = self.segments.path(number);
        fs::remove_file(&path).map_err(JournalError::io("cannot remove the segment", &path))?;
        self.sync()?;
        // Without an archive there is no mark.
        let _unmarked = fs::remove_file(self.mark(number));
        tracing::info!(
            file = %path.display(),
            "a segment of the journal is removed: snapshots stand for what was in it"
        );
        self.retention.removed.fetch_add(1, Relaxed);
        Ok(())
    }

    fn sync(&self) -> Result<(), JournalError> {
        let synced = File::open(&self.directory).and_then(|directory| directory.sync_all());
        synced.map_err(JournalError::io("cannot make the names durable in", &self.directory))
    }
}

/// How a program ended.
struct Ended {
    success: bool,
    said: String,
}

/// Waits for `child`, and ends it if it is not to go on.
fn wait(mut child: Child, goes_on: &mut dyn FnMut() -> bool) -> io::Result<Option<Ended>> {
    let stderr = child.stderr.take();
    // Read beside the wait: who writes more than a pipe holds would never end.
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            let _cut = (&mut stderr).take(SAID_BYTES_MAX).read_to_end(&mut said);
            let _rest = io::copy(&mut stderr, &mut io::sink());
        }
        said
    });
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if !goes_on() {
            child.kill()?;
            let _killed = child.wait()?;
            break None;
        }
    };
    let Some(status) = status else { return Ok(None) };
    let said = said.join().unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let said = if status.success() { said } else { format!("{status}: {said}") };
    Ok(Some(Ended { success: status.success(), said }))
}

/// The number of the first command in segment `number`; `None` if there is none yet.
fn begins_with(segments: &Segments, number: u64) -> Result<Option<SeqNo>, JournalError> {
    if !segments.path(number).exists() {
        return Ok(None);
    }
    let mut reader = Reader::of(segments.clone(), [number, number])?.of_excerpt();
    loop {
        match reader.commit() {
            Ok(Some(commit)) => {
                if let Some(record) = commit.iter().find(|record| record.kind == Kind::Command) {
                    return Ok(Some(record.seq));
                }
            }
            // It is being written.
            Ok(None) | Err(JournalError::Corrupt { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
