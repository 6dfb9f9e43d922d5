//! A journal's records from its beginning on, and the engine that they made.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use matcher::{
    configuration::{Configuration, Joined},
    engine::{Engine, Sink},
    journal::{
        JournalError,
        reader::{End, Reader, Whole},
        record::{Place, Record},
        segment::Segments,
        sequenced::Origin,
    },
};
use wire::{
    command::{Command, NotACommand},
    types::{Nanos, SeqNo},
};
use zerocopy::{FromBytes, IntoBytes};

use super::args::Which;
use crate::{config::Config, refused::refused, venue};

/// A journal that is read.
pub(super) struct Past {
    directory: PathBuf,
    segments: Segments,
    numbers: [u64; 2],
    is_excerpt: bool,
    reader: Reader,
    bar: ProgressBar,
}

impl Past {
    /// At the beginning of the journal that is meant.
    pub(super) fn open(which: &Which, config: &Config, data: &Path) -> anyhow::Result<Past> {
        let is_excerpt = which.directory.is_some();
        let directory =
            which.directory.clone().unwrap_or_else(|| venue::journal_directory(config, which.shard, data));
        let Some((segments, numbers)) = Segments::look(&directory)? else {
            return Err(refused(format!(
                "there is no journal in {}: no file there is named as a segment; name the venue's directory with --data, or a \
                 directory of segments",
                directory.display()
            )));
        };
        let reader = reader(&segments, numbers, is_excerpt)?;
        let [first, last] = numbers;
        let bytes = (last - first + 1) * segments.terms().segment_bytes;
        let style = "{elapsed_precise} [{wide_bar}] {binary_bytes}/{binary_total_bytes}, {eta} left";
        // It is drawn on a terminal only, and on stderr.
        let bar = ProgressBar::new(bytes);
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Ok(Past { directory, segments, numbers, is_excerpt, reader, bar })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn path(&self, segment: u64) -> PathBuf {
        self.segments.path(segment)
    }

    /// The first segment's number and the last one's.
    pub(super) const fn numbers(&self) -> [u64; 2] {
        self.numbers
    }

    pub(super) const fn segment_bytes(&self) -> u64 {
        self.segments.terms().segment_bytes
    }

    pub(super) const fn terms(&self) -> matcher::journal::segment::Terms {
        self.segments.terms()
    }

    /// Goes to the last segment whose first record is at or before both of these.
    pub(super) fn seek(&mut self, seq: Option<u64>, time: Option<Nanos>) -> Result<(), JournalError> {
        if seq.is_none() && time.is_none() {
            return Ok(());
        }
        let [first, last] = self.numbers;
        let mut begin = first;
        for segment in first + 1..=last {
            let mut reader = reader(&self.segments, [segment, last], self.is_excerpt)?;
            let Some(commit) = reader.commit()? else { break };
            // A commit's own record is stamped as its last one; the first that it has says where the segment begins.
            let Some(record) = commit.iter().next() else { continue };
            if seq.is_some_and(|seq| record.seq > SeqNo(seq)) || time.is_some_and(|time| record.time > time) {
                break;
            }
            begin = segment;
        }
        self.reader = reader(&self.segments, [begin, last], self.is_excerpt)?;
        Ok(())
    }

    /// The next commit; `None` at the end.
    pub(super) fn commit(&mut self) -> Result<Option<Whole<'_>>, JournalError> {
        let first = self.numbers[0];
        let bytes = self.segments.terms().segment_bytes;
        let commit = self.reader.commit();
        match &commit {
            Ok(Some(commit)) => {
                let Place { segment, offset } = commit.place();
                self.bar.set_position((segment - first) * bytes + offset);
            }
            Ok(None) | Err(_) => self.bar.finish_and_clear(),
        }
        commit
    }

    /// Where it ends; `None` before all of it was read.
    pub(super) const fn end(&self) -> Option<End> {
        self.reader.end()
    }

    /// Whether it ends where the files do, so that they do not tell whether it goes on: of an archive's.
    pub(super) fn is_open_ended(&self) -> bool {
        self.end().is_some_and(|end| end.place.segment >= self.numbers[1])
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn reader(segments: &Segments, numbers: [u64; 2], is_excerpt: bool) -> Result<Reader, JournalError> {
    let reader = Reader::of(segments.clone(), numbers)?;
    Ok(if is_excerpt { reader.of_excerpt() } else { reader })
}

/// A command's record taken apart. `room` is where the command is moved to for its alignment.
pub(super) fn command<'r>(
    record: &Record<'_>,
    room: &'r mut Vec<u64>,
) -> Result<(Origin, Command<'r>), NotACommand> {
    let (origin, bytes) = Origin::read_from_prefix(record.payload).map_err(|_| NotACommand)?;
    room.resize(bytes.len().div_ceil(size_of::<u64>()), 0);
    let room = &mut room.as_mut_slice().as_mut_bytes()[..bytes.len()];
    room.copy_from_slice(bytes);
    Ok((origin, Command::read(room)?))
}

/// The engine that a journal's commands made.
pub(super) struct Twin {
    pub(super) engine: Engine,
    configuration: Configuration,
    parts: Joined,
}

impl Twin {
    /// As it was before the first command, of the matcher `shard` of a venue of `config`.
    pub(super) fn new(config: &Config, shard: u8) -> anyhow::Result<Twin> {
        let configuration = venue::configuration(config, shard);
        configuration.engine.check()?;
        let engine = Engine::new(configuration.engine.clone());
        Ok(Twin { engine, configuration, parts: Joined::default() })
    }

    /// Takes note of a record of the configuration that commands behind it are applied under.
    pub(super) fn configure(&mut self, record: &Record<'_>) -> anyhow::Result<()> {
        let Some(text) = self.parts.take(record.payload)? else { return Ok(()) };
        let configuration = Configuration::of_text(&text, self.configuration.engine.hash_seed)?;
        if self.engine.last_seq() == SeqNo(0) {
            self.engine = Engine::new(configuration.engine.clone());
        } else {
            configuration.check_after(&self.configuration)?;
            self.engine.reconfigure(&self.configuration.engine, &configuration.engine)?;
        }
        self.configuration = configuration;
        Ok(())
    }

    /// Applies a record's `command`.
    pub(super) fn apply(
        &mut self,
        record: &Record<'_>,
        command: Command<'_>,
        sink: &mut impl Sink,
    ) -> anyhow::Result<()> {
        let expected = SeqNo(self.engine.last_seq().0 + 1);
        if record.seq != expected {
            return Err(refused(format!(
                "command {} is the next one here, and {expected} is wanted: what a command came to can be found out only \
                 from the journal's beginning on",
                record.seq
            )));
        }
        self.engine.apply(record.seq, record.time, command, sink);
        Ok(())
    }
}
