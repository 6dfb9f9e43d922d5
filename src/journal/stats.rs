//! `penstock journal stats`: what a journal holds, in numbers.

use std::{collections::BTreeMap, io::Write, path::Path, process::ExitCode};

use hdrhistogram::Histogram;
use matcher::journal::{
    reader::Whole,
    record::{Kind, Place},
    segment::FIRST_OFFSET,
};
use serde_json::{Value, json};
use wire::types::Nanos;

use super::{
    args::{Which, kind_name},
    fields::utc,
    past::{Past, command},
    verify::percent,
};
use crate::{config::Config, words::words};

const SECOND_NS: u64 = 1_000_000_000;
/// Lengths that the rate is shown over, in seconds, and how many rows that may take at most.
const SPANS: [u64; 8] = [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800];
const ROWS_MAX: u64 = 24;

/// What is counted of a segment, or of all.
struct Tally {
    commits: u64,
    empty: u64,
    records: BTreeMap<String, u64>,
    bytes: u64,
    first: Option<Nanos>,
    last: Option<Nanos>,
    /// Records of commits that have any.
    sizes: Histogram<u64>,
}

impl Tally {
    fn new() -> anyhow::Result<Tally> {
        let (commits, empty, bytes) = (0, 0, 0);
        let (records, sizes) = (BTreeMap::new(), Histogram::new(3)?);
        Ok(Tally { commits, empty, records, bytes, first: None, last: None, sizes })
    }

    /// Counts a commit, and of which kinds its records are.
    fn add(&mut self, commit: &Whole<'_>, kinds: &[String]) {
        self.commits += 1;
        self.bytes += commit.len() as u64;
        self.empty += u64::from(commit.is_empty());
        if !commit.is_empty() {
            self.sizes.saturating_record(commit.records().into());
        }
        for (record, kind) in commit.iter().zip(kinds) {
            match self.records.get_mut(kind) {
                Some(count) => *count += 1,
                None => drop(self.records.insert(kind.clone(), 1)),
            }
            self.first = self.first.or(Some(record.time));
            self.last = Some(record.time);
        }
    }

    fn all(&self) -> u64 {
        self.records.values().sum()
    }

    fn json(&self) -> Value {
        let quantile = |quantile| self.sizes.value_at_quantile(quantile);
        json!({
            "commits": self.commits,
            "commits_without_records": self.empty,
            "records": self.all(),
            "records_by_kind": self.records,
            "bytes": self.bytes,
            "first": self.first.map(utc),
            "last": self.last.map(utc),
            "records_per_commit": {
                "p50": quantile(0.5),
                "p90": quantile(0.9),
                "p99": quantile(0.99),
                "max": self.sizes.max(),
            },
        })
    }

    fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let quantile = |quantile| self.sizes.value_at_quantile(quantile);
        writeln!(out, "  commits    {}, of which {} without records", self.commits, self.empty)?;
        writeln!(out, "  bytes      {}", self.bytes)?;
        if let [Some(first), Some(last)] = [self.first, self.last] {
            writeln!(out, "  from, to   {}, {}", utc(first), utc(last))?;
            let [p50, p90, p99] = [0.5, 0.9, 0.99].map(quantile);
            let max = self.sizes.max();
            writeln!(out, "  a commit   records: p50 {p50}, p90 {p90}, p99 {p99}, at most {max}")?;
        }
        writeln!(out, "  records    {}", self.all())?;
        for (kind, count) in &self.records {
            writeln!(out, "    {kind:<18} {count:>12}")?;
        }
        Ok(())
    }
}

/// Counts what is in the journal of `data`.
pub(super) fn stats(
    which: &Which,
    is_json: bool,
    config: &Config,
    data: &Path,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut past = Past::open(which, config, data)?;
    let mut total = Tally::new()?;
    let mut segments: Vec<(u64, u64, Tally)> = Vec::new();
    let mut seconds: BTreeMap<u64, u64> = BTreeMap::new();
    let mut room = Vec::new();
    let damage = loop {
        let commit = match past.commit() {
            Ok(Some(commit)) => commit,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        let Place { segment, offset } = commit.place();
        let kinds: Vec<String> = commit
            .iter()
            .map(|record| match record.kind {
                Kind::Command => match command(&record, &mut room) {
                    Ok((_, command)) => kind_name(command.head().kind),
                    Err(_) => "of another version".to_owned(),
                },
                other => words(other),
            })
            .collect();
        for record in commit.iter().filter(|record| record.kind == Kind::Command) {
            *seconds.entry(record.time.0 / SECOND_NS).or_default() += 1;
        }
        if segments.last().is_none_or(|(number, ..)| *number != segment) {
            segments.push((segment, FIRST_OFFSET, Tally::new()?));
        }
        if let Some((_, end, tally)) = segments.last_mut() {
            *end = offset + commit.len() as u64;
            tally.add(&commit, &kinds);
        }
        total.add(&commit, &kinds);
    };
    let bytes = past.segment_bytes();
    let (span, rates) = rates(&seconds);
    if is_json {
        let of = |(number, end, tally): &(u64, u64, Tally)| {
            let mut value = tally.json();
            value["segment"] = json!(number);
            value["full"] = json!(percent(*end, bytes) / 100.0);
            value
        };
        let rates = rates.iter().map(|&(begin, count)| json!({ "from": utc(begin), "commands": count }));
        let told = json!({
            "segments": segments.iter().map(of).collect::<Vec<_>>(),
            "total": total.json(),
            "rate": { "seconds": span, "spans": rates.collect::<Vec<_>>() },
        });
        writeln!(out, "{told}")?;
    } else {
        for (number, end, tally) in &segments {
            writeln!(out, "segment {number}, {:.1} % full", percent(*end, bytes))?;
            tally.write(out)?;
        }
        let [first, last] = past.numbers();
        writeln!(out, "total, {} segments of {bytes} bytes", last - first + 1)?;
        total.write(out)?;
        if !rates.is_empty() {
            writeln!(out, "  commands in each {span} s that has any, and a second of it")?;
        }
        for (begin, count) in rates {
            #[expect(clippy::cast_precision_loss, reason = "a rate, shown with one decimal")]
            let rate = count as f64 / span as f64;
            writeln!(out, "    {} {count:>12} {rate:>14.1}", utc(begin))?;
        }
    }
    match damage {
        Some(error) => Err(error.into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Commands by spans of time, as long as makes few rows of them: how many seconds that is, and when each begins.
fn rates(seconds: &BTreeMap<u64, u64>) -> (u64, Vec<(Nanos, u64)>) {
    let [first, last] =
        [seconds.first_key_value(), seconds.last_key_value()].map(|at| at.map_or(0, |at| *at.0));
    let fits = |span: &u64| last / span - first / span < ROWS_MAX;
    let span = SPANS.into_iter().find(fits).unwrap_or(SPANS[SPANS.len() - 1]);
    let mut rates: Vec<(Nanos, u64)> = Vec::new();
    for (second, count) in seconds {
        let begin = Nanos(second / span * span * SECOND_NS);
        match rates.last_mut() {
            Some((last, sum)) if *last == begin => *sum += count,
            _ => rates.push((begin, *count)),
        }
    }
    (span, rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_told_over_spans_that_make_few_rows() {
        let day = 86_400 * 20_000;
        let seconds = |all: &[(u64, u64)]| all.iter().map(|&(at, count)| (day + at, count)).collect();
        let (span, told) = rates(&seconds(&[(0, 5), (3, 1)]));
        assert_eq!((span, told.len()), (1, 2));
        let (span, told) = rates(&seconds(&[(0, 5), (3, 1), (59, 2), (61, 7)]));
        assert_eq!(span, 10);
        let told: Vec<_> = told.iter().map(|(begin, count)| (begin.0 / SECOND_NS - day, *count)).collect();
        assert_eq!(told, [(0, 6), (50, 2), (60, 7)]);
        let (span, told) = rates(&seconds(&[(0, 1), (40 * 604_800, 1)]));
        assert_eq!((span, told.len()), (604_800, 2));
        assert_eq!(rates(&seconds(&[])).1.len(), 0);
    }
}
