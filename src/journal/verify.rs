//! `penstock journal verify`: whether a journal is whole, and leads where the venue was.

use std::{io::Write, path::Path, process::ExitCode};

use matcher::{
    engine::Sink,
    journal::{
        JournalError,
        reader::Whole,
        record::{Kind, Place, Record},
        segment::FIRST_OFFSET,
    },
};
use wire::{
    event::{Definition, Event},
    types::{Nanos, SeqNo},
};

use super::{
    args::Which,
    fields::utc,
    past::{Past, Twin, command},
};
use crate::{cli::EXIT_FAILED, config::Config};

/// Nobody listens.
pub(super) struct Deaf;

impl Sink for Deaf {
    fn event(&mut self, _: Event) {}
    fn definition(&mut self, _: &Definition) {}
}

/// What is known of a segment once it was read.
struct Segment {
    number: u64,
    commits: u64,
    records: u64,
    commands: Option<[SeqNo; 2]>,
    end: u64,
}

/// What a replay found.
struct Replayed {
    twin: Twin,
    /// Checkpoints that agreed.
    agreed: u64,
    room: Vec<u64>,
}

/// What has been found so far.
struct Check {
    segments: Vec<Segment>,
    last: Option<(SeqNo, Nanos, u64)>,
    replayed: Option<Replayed>,
    /// Why there is no replay.
    why_not: Option<String>,
}

/// Checks the journal of `data`, of a venue of `config`, and with `replay` where it leads.
pub(super) fn verify(
    which: &Which,
    replay: bool,
    config: &Config,
    data: &Path,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut past = Past::open(which, config, data)?;
    let terms = past.terms();
    writeln!(
        out,
        "journal   {}, history {:016x}, shard {}, segments of {} bytes",
        past.directory().display(),
        terms.history,
        terms.shard,
        terms.segment_bytes
    )?;
    let mut check = Check { segments: Vec::new(), last: None, replayed: None, why_not: None };
    if replay {
        check.replayed =
            Some(Replayed { twin: Twin::new(config, which.shard)?, agreed: 0, room: Vec::new() });
    } else {
        check.why_not = Some("it was not asked for".to_owned());
    }
    let damage = loop {
        match past.commit() {
            Ok(None) => break None,
            Ok(Some(commit)) => {
                if let Err(damage) = check.commit(&commit) {
                    break Some(damage);
                }
            }
            Err(error @ (JournalError::Io { .. } | JournalError::Failed)) => return Err(error.into()),
            Err(error) => break Some(error.to_string()),
        }
    };
    for segment in &check.segments {
        let Segment { number, commits, records, commands, end } = segment;
        let commands = match commands {
            Some([first, last]) => format!("commands {first} to {last}"),
            None => "no command".to_owned(),
        };
        writeln!(
            out,
            "segment   {number}: {commits} commits, {records} records, {commands}, {:.1} % full",
            percent(*end, terms.segment_bytes)
        )?;
    }
    let behind = check.last.map_or_else(
        || "at its beginning".to_owned(),
        |(seq, time, _)| format!("behind command {seq} of {}", utc(time)),
    );
    if let Some(damage) = damage {
        writeln!(out, "damaged   {behind}: {damage}")?;
        return Ok(ExitCode::from(EXIT_FAILED));
    }
    if let Some(end) = past.end() {
        let Place { segment, offset } = end.place;
        writeln!(
            out,
            "ends      {behind}; the next commit goes to byte {offset} of {}",
            past.path(segment).display()
        )?;
        if let Some(fault) = end.torn {
            writeln!(
                out,
                "torn      an unfinished write stands there ({fault}): one that is on its way, or that a crash cut short; nobody \
                 was told of what is in it, and the next start overwrites it"
            )?;
        }
    }
    if past.is_open_ended() {
        writeln!(
            out,
            "excerpt   whether it goes on behind segment {}, these files do not tell",
            past.numbers()[1]
        )?;
    }
    match (check.replayed, check.why_not) {
        (Some(Replayed { mut twin, agreed, .. }), _) => {
            let hash = twin.engine.state_hash();
            writeln!(out, "replayed  state hash {hash:016x}; {agreed} checkpoints agree")?;
        }
        (None, why) => writeln!(out, "replayed  no: {}", why.unwrap_or_default())?,
    }
    writeln!(out, "whole")?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole as f64
}

impl Check {
    /// # Errors
    /// What is wrong in it, as a sentence with a remedy.
    fn commit(&mut self, commit: &Whole<'_>) -> Result<(), String> {
        let Place { segment, offset } = commit.place();
        if self.segments.last().is_none_or(|last| last.number != segment) {
            let new = Segment { number: segment, commits: 0, records: 0, commands: None, end: FIRST_OFFSET };
            self.segments.push(new);
        }
        for record in commit.iter() {
            self.order(&record)?;
            self.last = Some((record.seq, record.time, record.epoch));
            self.replay(&record)?;
        }
        let Some(now) = self.segments.last_mut() else { unreachable!() };
        now.commits += 1;
        now.records += u64::from(commit.records());
        now.end = offset + commit.len() as u64;
        for record in commit.iter().filter(|record| record.kind == Kind::Command) {
            now.commands = Some([now.commands.map_or(record.seq, |[first, _]| first), record.seq]);
        }
        Ok(())
    }

    /// Whether `record` may follow the one before it.
    fn order(&self, record: &Record<'_>) -> Result<(), String> {
        const REMEDY: &str = "what wrote this did wrong; keep the files and report it";
        let Some((seq, time, epoch)) = self.last else { return Ok(()) };
        let next = if record.kind == Kind::Command { seq.0 + 1 } else { seq.0 };
        let place = record.place;
        if record.seq.0 != next {
            return Err(format!(
                "a record of number {} at byte {} of segment {} stands where {next} belongs; {REMEDY}",
                record.seq, place.offset, place.segment
            ));
        }
        if record.time < time || record.epoch < epoch {
            return Err(format!(
                "the record of command {} is from before the one that it follows ({}, epoch {}); {REMEDY}",
                record.seq,
                utc(record.time),
                record.epoch
            ));
        }
        Ok(())
    }

    fn replay(&mut self, record: &Record<'_>) -> Result<(), String> {
        let Some(Replayed { twin, agreed, room }) = &mut self.replayed else { return Ok(()) };
        match record.kind {
            Kind::Command => {
                let (_, command) =
                    command(record, room).map_err(|error| format!("command {} is {error}", record.seq))?;
                if let Err(error) = twin.apply(record, command, &mut Deaf) {
                    (self.replayed, self.why_not) = (None, Some(error.to_string()));
                }
            }
            Kind::Checkpoint => {
                let Some(said) = record.payload.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)) else {
                    return Err(format!("the checkpoint behind command {} says no hash", record.seq));
                };
                let found = twin.engine.state_hash();
                if said != found {
                    return Err(format!(
                        "behind command {} the venue's state hashed to {said:016x}, and a replay's does to {found:016x}: this \
                         version of penstock or its configuration is not the venue's, or the two have come apart; replay with \
                         the version and the configuration that wrote it",
                        record.seq
                    ));
                }
                *agreed += 1;
            }
            Kind::Configuration => {
                if let Err(error) = twin.configure(record) {
                    (self.replayed, self.why_not) = (None, Some(error.to_string()));
                }
            }
            Kind::Commit => {}
        }
        Ok(())
    }
}
