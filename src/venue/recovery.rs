//! A matcher's state as the one before it left it: from the journal, and from what the sequenced log in shared memory has beyond that.
//! When this is over, all of it is durable.

use std::{
    hash::{BuildHasher, RandomState},
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use gateway::link::{DURABLE, of_shard};
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use matcher::{
    Matcher, State, Unsound,
    configuration::parts,
    journal::{
        JournalError,
        commit::Stamp,
        device::HostDisk,
        keeper::{Keeper, Retention, Rules},
        reader::Reader,
        record::{Kind, Place},
        recorder::Recorder,
        segment::{Segments, Terms},
        sequenced::{Origin, RECORD_BYTES_MAX, Sequenced, tail},
        writer::Journal,
    },
    snapshot::{self, Maker, Snapshot},
};
use shm::{Bell, Directory, Log, LogReader, Start};
use wire::{
    command::{self, Command, Head, SessionNotice},
    durable::{self, Durable},
    limits::DURABLE_LOG_BYTES,
    types::{AccountId, InstrumentId, Nanos},
};
use zerocopy::IntoBytes;

use super::{
    Made,
    parts::{begin, configuration, operator, routes},
};
use crate::config::Config;

/// Name of the log in which the matcher writes what it takes before it applies it.
const SEQUENCED: &str = "sequenced";
/// Under whose reign a journal is written: there is one matcher, and nobody takes over from it yet.
const EPOCH: u64 = 1;
/// How often it is shown how far a recovery is, on a terminal and in a log.
const SHOW: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// The history that a matcher goes on with, or begins.
pub(super) struct History {
    /// Of which shard.
    shard: u8,
    number: u64,
    /// That of the matcher before this one, as far as anybody remembers; 0 if there was none.
    former: u64,
    /// In which gateways read how far commands are durable.
    durable: Log,
    /// Where commands are kept: the sequenced log, and the journal that is made of it; and what sees to its full segments.
    kept: Option<(Log, Journal, Keeper)>,
}

impl History {
    /// Another one, of a matcher that keeps its state in memory.
    pub(super) fn forget(
        config: &Config,
        shard: u8,
        data: &Path,
        rings: &Directory,
    ) -> anyhow::Result<History> {
        let directory = journal_directory(config, shard, data);
        if directory.exists() {
            tracing::warn!(
                journal = %directory.display(),
                "there is a journal, and it is not read: venue.durability is \"memory\", and books are empty"
            );
        }
        History::new_in(shard, durable_log(rings, shard)?)
    }

    /// Another one, of which nothing is kept.
    pub(super) fn new_in(shard: u8, durable: Log) -> anyhow::Result<History> {
        Ok(History { shard, number: new_history(), former: last_history(&durable)?, durable, kept: None })
    }

    /// Has the matcher of `state` tell those who have heard of another history before.
    pub(super) const fn announce(&self, state: &mut State) {
        if self.former != 0 && self.former != self.number {
            state.begin_history(self.number, self.former);
        }
    }

    /// Tells how far it is durable, behind what `matcher` has told. `bell` is that of the thread that the recorder will run on, if there is
    /// something to record.
    pub(super) fn begin(self, matcher: Matcher, bell: Option<&Bell>) -> anyhow::Result<Made> {
        let History { shard, number, durable, kept, .. } = self;
        let mut durable = durable.writer()?;
        let Some(((log, journal, keeper), bell)) = kept.zip(bell) else {
            let seq = Durable::EVERYTHING;
            durable.append(Durable { history: number, seq, state: durable::State::Going }.as_bytes());
            durable.flush();
            return Ok(Made { matcher, recorder: None, keeper: None, snapshots: None });
        };
        let recorder =
            Recorder::new(&of_shard("journal", shard), log.registered_reader(bell)?, journal, EPOCH, durable);
        let sequenced = Sequenced::new(log.writer()?, number, recorder.progress());
        let (recorder, keeper) = (Some(recorder), Some(keeper));
        Ok(Made { matcher: matcher.with_log(sequenced), recorder, keeper, snapshots: None })
    }
}

/// The log in which gateways read how far commands are durable.
fn durable_log(rings: &Directory, shard: u8) -> anyhow::Result<Log> {
    Ok(Log::create(rings, &of_shard(DURABLE, shard), DURABLE_LOG_BYTES, size_of::<Durable>())?)
}

/// Where the journal of `shard` is kept.
pub(crate) fn journal_directory(config: &Config, shard: u8, data: &Path) -> PathBuf {
    let directory = &config.journal.directory;
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    data.join(directory.with_file_name(of_shard(&name, shard)))
}

fn new_history() -> u64 {
    RandomState::new().hash_one(tuning::clock::now())
}

/// The history of the matcher that wrote into `durable` last; 0 if none did.
fn last_history(durable: &Log) -> anyhow::Result<u64> {
    let mut reader = durable.reader();
    reader.seek(Start::Oldest)?;
    let mut last = 0;
    while let Some(record) = reader.read()? {
        last = Durable::read(record.bytes).map_or(last, |durable| durable.history);
    }
    Ok(last)
}

/// Brings `state`, which is empty, to where the matcher before this one was, or begins with it. `feed` is the log of market data.
///
/// # Errors
/// A sentence with cause and remedy: what is wrong with the journal, and where.
pub(super) fn recover(
    config: &Config,
    shard: u8,
    data: &Path,
    rings: &Directory,
    feed: &Log,
    state: &mut State,
) -> anyhow::Result<History> {
    let directory = journal_directory(config, shard, data);
    let segment_bytes = u64::from(config.journal.segment_bytes);
    let terms = Terms { history: new_history(), shard: shard.into(), segment_bytes };
    let (segments, numbers) = Segments::open(&directory, terms, config.journal.reserve_bytes.into())?;
    let history = segments.terms().history;
    let log = Log::create(
        rings,
        &of_shard(SEQUENCED, shard),
        config.rings.sequenced_bytes as usize,
        RECORD_BYTES_MAX,
    )?;
    let durable = durable_log(rings, shard)?;
    // What stands in the log of market data of another matcher has nothing to do with this one.
    let former = last_history(&durable)?;
    if former == history {
        state.keep_feed(feed)?;
    }
    let begun = Instant::now();
    let snapshot = snapshot::load_newest(&directory, segments.terms(), numbers, state)?;
    let [first, last] = numbers;
    if let Some(Snapshot { seq, bytes, .. }) = snapshot {
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(seq = seq.0, bytes, milliseconds, "a snapshot is loaded");
    } else if first > 1 {
        bail!(
            "the journal in {} begins with segment {first}, and no good snapshot stands for what came before; put back a snapshot, or the              segments from the archive, or move the directory away to begin a new journal",
            directory.display()
        );
    }
    state.keep_events(rings_of_events(config));

    let numbers = [snapshot.map_or(first, |snapshot| snapshot.segment.max(first)), last];
    let mut reader = Reader::of(segments, numbers)?;
    read(&mut reader, numbers, state)?;
    let mut journal = Journal::after(reader, EPOCH, Box::new(HostDisk::default()))?;
    let from_memory = take_tail(&mut log.reader(), history, state, &mut journal)?;
    if from_memory > 0 {
        tracing::info!(
            commands = from_memory,
            "the sequenced log in memory has commands that were not in the journal yet; they are now"
        );
    }
    // What was taken before was taken under what it says there.
    state.reconfigure(configuration(config, shard)).map_err(|error| {
        anyhow!("the venue cannot go on from its journal under this configuration: {error}")
    })?;
    if !state.is_configuration_kept() {
        keep_configuration(state, &mut journal)?;
    }
    if !state.has_begun() {
        let mut keep = |(seq, time), command: &[u8]| {
            put(&mut journal, Stamp { epoch: EPOCH, seq, time }, &Origin::OWN, command)
        };
        begin(config, shard, state, |stamp, command| Ok(keep(stamp, command)?))?;
        // It does nothing, and says that all of those are there.
        let now = tuning::clock::now();
        let head =
            Head::new(command::Kind::Due, operator(config), AccountId(0), InstrumentId(0), 0, Nanos(now));
        let notice = SessionNotice { head };
        let stamp =
            state.begin(now, Command::Due(&notice)).map_err(|reject| anyhow!("{}", reject.sentence()))?;
        keep(stamp, notice.as_bytes())?;
    }
    keep_checkpoint(state, &mut journal)?;
    while journal.is_behind() {
        journal.press_on()?;
    }

    let rules = Rules { archive: config.journal.archive.clone(), keep: config.journal.keep_segments.into() };
    let keeper = Keeper::start(&directory, rules)?;
    Ok(History { shard, number: history, former, durable, kept: Some((log, journal, keeper)) })
}

/// Bytes of each gateway's ring of events; operators ask anew.
fn rings_of_events(config: &Config) -> impl Iterator<Item = usize> {
    config.gateways.iter().map(|_| config.rings.event_bytes as usize)
}

/// Has snapshots made of what `recorder` makes durable, and `retention` told which commands they stand for.
pub(super) fn snapshots(
    config: &Config,
    shard: u8,
    data: &Path,
    recorder: &Recorder,
    retention: Option<Arc<Retention>>,
) -> anyhow::Result<Maker> {
    let rules = snapshot::Rules {
        bytes: config.journal.snapshot_bytes.into(),
        keep: config.journal.snapshots_kept as usize,
        epoch: EPOCH,
        rings: rings_of_events(config).collect(),
    };
    let directory = journal_directory(config, shard, data);
    let configuration = configuration(config, shard);
    let cover = move |seq| {
        if let Some(retention) = &retention {
            retention.cover(seq);
        }
    };
    Ok(Maker::start(&directory, rules, configuration, routes(config), recorder.progress(), cover)?)
}

/// Applies what the journal has behind the snapshot.
fn read(reader: &mut Reader, [first, last]: [u64; 2], state: &mut State) -> anyhow::Result<()> {
    let begun = Instant::now();
    let segment_bytes = reader.segments().terms().segment_bytes;
    let mut progress = Progress::new((last - first) * segment_bytes);
    let mut commands = 0;
    while let Some(commit) = reader.commit()? {
        let place = commit.place();
        for record in commit.iter() {
            let applied = state.apply_record(&record).map_err(|error| unsound(record.place, &error))?;
            commands += u64::from(applied);
        }
        progress.show((place.segment - first) * segment_bytes + place.offset, commands);
    }
    progress.end();
    let end = reader.end().context("the journal has no end")?;
    if let Some(fault) = end.torn {
        let path = reader.segments().path(end.place.segment);
        tracing::warn!(
            path = %path.display(), offset = end.place.offset, found = %fault,
            "the journal's last write was cut short: nobody was told of what was in it, and it is cut off here"
        );
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (seq, orders) = (state.engine().last_seq().0, state.engine().open_orders());
    if seq > 0 {
        let hash = format!("{:016x}", state.state_hash());
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "to be looked at"
        )]
        let per_second = (commands as f64 / seconds.max(1e-9)) as u64;
        tracing::info!(seq, state = hash, orders, commands, per_second, "the journal is read");
    }
    Ok(())
}

fn unsound(place: Place, error: &Unsound) -> anyhow::Error {
    anyhow!("segment {} of the journal cannot be applied at byte {}: {error}", place.segment, place.offset)
}

/// Applies what the log in memory has beyond the journal, and puts it there. How many commands that were.
fn take_tail(
    log: &mut LogReader,
    history: u64,
    state: &mut State,
    journal: &mut Journal,
) -> anyhow::Result<u64> {
    let path = log.log().path().to_owned();
    let after = state.engine().last_seq();
    tail(log, history, after, |entry, command| {
        let stamp = Stamp { epoch: EPOCH, seq: entry.seq, time: entry.time };
        state.apply(entry.seq, entry.time, &entry.origin, command).map_err(|error| {
            anyhow!(
                "the journal ends with command {after}, and {} does not go on from there: {error}; put back the journal's last segments, or \
                 remove that file to start without what stands in it",
                path.display(),
                after = after.0,
            )
        })?;
        put(journal, stamp, &entry.origin, command).map_err(anyhow::Error::from)
    })
}

/// Puts into the journal what commands are applied under from now on.
fn keep_configuration(state: &State, journal: &mut Journal) -> Result<(), JournalError> {
    let (seq, time) = state.engine().now();
    let stamp = Stamp { epoch: EPOCH, seq, time };
    for (part, piece) in parts(&state.configuration().text()) {
        while !journal.append(Kind::Configuration, stamp, [part.as_bytes(), piece]) {
            journal.poll(true)?;
        }
    }
    Ok(())
}

/// Puts into the journal what the state that this start begins with hashes to: every later replay has to come by it.
fn keep_checkpoint(state: &mut State, journal: &mut Journal) -> Result<(), JournalError> {
    let (seq, time) = state.engine().now();
    let hash = state.state_hash().to_le_bytes();
    let stamp = Stamp { epoch: EPOCH, seq, time };
    while !journal.append(Kind::Checkpoint, stamp, [&hash, &[]]) {
        journal.poll(true)?;
    }
    Ok(())
}

/// Puts a command into the journal, and waits for the disk where there is no room.
fn put(journal: &mut Journal, stamp: Stamp, origin: &Origin, command: &[u8]) -> Result<(), JournalError> {
    while !journal.append(Kind::Command, stamp, [origin.as_bytes(), command]) {
        journal.press_on()?;
    }
    Ok(())
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    all: u64,
    begun: Instant,
    shown: Instant,
}

impl Progress {
    fn new(all: u64) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(
                "recovering {bar:40} {bytes} of at most {total_bytes}, {msg}, {eta} left",
            );
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        let now = Instant::now();
        Progress { bar, all, begun: now, shown: now }
    }

    /// Shows how many bytes were read, and commands applied.
    fn show(&mut self, bytes: u64, commands: u64) {
        if self.shown.elapsed() < SHOW[usize::from(self.bar.is_none())] {
            return;
        }
        self.shown = Instant::now();
        let milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let per_second = commands.saturating_mul(1000) / milliseconds;
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{} commands/s", HumanCount(per_second)));
                bar.set_position(bytes);
            }
            None => {
                tracing::info!(bytes, at_most = self.all, commands, per_second, "recovering from the journal")
            }
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
