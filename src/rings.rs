//! `penstock rings`: what stands in the rings and logs of a venue, running or dead.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use shm::{Directory, LogReport, Peer, Report, RingReport, ShmError, SideReport};

use crate::{refused::refused, venue::meeting_name};

const HEAD: [&str; 10] =
    ["name", "kind", "producer", "consumer", "depth", "peak", "capacity", "messages", "bytes", "stalls"];
/// Columns of words, which stand to the left; the others are numbers.
const WORDS: usize = 4;

const LEGEND: &str = "\
producer, consumer   process, whether it lives, and how many have held that end so far (#)
depth, peak          bytes that wait now, and waited at most (a log: its slowest reader's delay)
messages, bytes      since it was made; a log's reader: the last record it is done with
stalls               times it was found full; a log's reader: times it was overrun
";

/// `penstock rings`: writes a table of what is in the place where the processes of data directory `data` meet, which is in
/// `preferred` or, where that was missing, in `data`.
///
/// # Errors
/// [`crate::refused::Refused`] if there is no such data directory or the place cannot be looked at; those of writing.
pub fn rings(preferred: &Path, data: &Path, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let name = meeting_name(data).map_err(|error| {
        refused(format!(
            "the data directory {} cannot be looked at: {error}; name another with --data",
            data.display()
        ))
    })?;
    for place in [preferred.join(&name), data.join(&name)] {
        match Directory::existing(&place) {
            Ok(directory) => {
                let reports = directory.inspect().map_err(|error| refused(error.to_string()))?;
                write(&place, &reports, out)?;
                return Ok(ExitCode::SUCCESS);
            }
            Err(ShmError::Missing { .. }) => {}
            Err(error) => return Err(refused(error.to_string())),
        }
    }
    writeln!(out, "no rings: no venue runs on {}, and none has left any", data.display())?;
    Ok(ExitCode::SUCCESS)
}

fn write(place: &Path, reports: &[Report], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n", place.display())?;
    let mut rows = vec![HEAD.map(str::to_owned)];
    for report in reports {
        match report {
            Report::Ring(report) => rows.push(ring(report)),
            Report::Log(report) => log(report, &mut rows),
            Report::Unreadable { .. } => {}
        }
    }
    write!(out, "{}", aligned(&rows))?;
    for report in reports {
        if let Report::Unreadable { name, error } = report {
            writeln!(out, "{name}: {error}")?;
        }
    }
    write!(out, "\n{LEGEND}")
}

fn ring(ring: &RingReport) -> [String; HEAD.len()] {
    let numbers = [ring.depth, ring.high_water, ring.capacity, ring.messages, ring.bytes, ring.stalls];
    let [depth, peak, capacity, messages, bytes, stalls] = numbers.map(|number| number.to_string());
    let (producer, consumer) = (side(&ring.producer), side(&ring.consumer));
    [ring.name.clone(), "ring".into(), producer, consumer, depth, peak, capacity, messages, bytes, stalls]
}

fn log(log: &LogReport, rows: &mut Vec<[String; HEAD.len()]>) {
    let slowest = log.readers.iter().map(|reader| reader.lag).max().unwrap_or(0);
    let none = || "-".to_owned();
    let [depth, capacity, messages, bytes] =
        [slowest, log.capacity, log.records, log.bytes].map(|number| number.to_string());
    let writer = side(&log.writer);
    rows.push([
        log.name.clone(),
        "log".into(),
        writer,
        none(),
        depth,
        none(),
        capacity,
        messages,
        bytes,
        none(),
    ]);
    for reader in &log.readers {
        let [depth, messages, stalls] =
            [reader.lag, reader.done, reader.overruns].map(|number| number.to_string());
        let (name, who) = (format!("  {}", reader.side.bell), side(&reader.side));
        rows.push([name, "reader".into(), none(), who, depth, none(), none(), messages, none(), stalls]);
    }
}

fn side(side: &SideReport) -> String {
    let state = match side.peer {
        Peer::Absent => return format!("nobody #{}", side.generation),
        Peer::Alive => "alive",
        Peer::Dead => "dead",
    };
    let pid = side.owner.map_or(0, |owner| owner.pid);
    format!("{pid} {state} #{}", side.generation)
}

/// Words to the left, numbers to the right, each column as wide as its widest cell.
fn aligned(rows: &[[String; HEAD.len()]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use shm::{Bell, Log, Ring};

    use super::*;

    fn shown(preferred: &Path, data: &Path) -> String {
        let mut out = Vec::new();
        rings(preferred, data, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_ring_a_log_and_its_readers_stand_in_one_table_whose_columns_line_up() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join(meeting_name(place.path()).unwrap())).unwrap();
        let bell = Bell::create(&directory, "journal").unwrap();
        let ring = Ring::create(&directory, "commands-0", 1 << 16).unwrap();
        let log = Log::create(&directory, "log", 1 << 16, 64).unwrap();
        let _producer = ring.producer().unwrap();
        let mut writer = log.writer().unwrap();
        let _reader = log.registered_reader(&bell).unwrap();
        writer.append(&[0; 48]);
        // Found in the data directory, since the preferred place has none.
        let text = shown(Path::new("/nonexistent"), place.path());
        let me = std::process::id();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        let row = |name: &str| {
            rows.iter().find(|row| row.first() == Some(&name)).unwrap_or_else(|| panic!("{text}"))
        };
        assert_eq!(row("commands-0")[1..6], ["ring", &me.to_string(), "alive", "#1", "nobody"]);
        assert_eq!(
            row("log")[1..],
            ["log", &me.to_string(), "alive", "#1", "-", "64", "-", "65536", "1", "64", "-"]
        );
        assert_eq!(
            row("journal")[1..],
            ["reader", "-", &me.to_string(), "alive", "#1", "64", "-", "-", "0", "-", "0"]
        );
        let ends: Vec<_> = text.lines().skip(2).take(4).map(str::len).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{text}");
    }

    #[test]
    fn a_venue_that_never_ran_has_no_rings_and_gets_none() {
        let place = tempfile::tempdir().unwrap();
        assert!(shown(place.path(), place.path()).starts_with("no rings: "));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        let mut out = Vec::new();
        let error = rings(place.path(), &place.path().join("none"), &mut out).unwrap_err();
        assert!(error.to_string().contains("--data"), "{error}");
    }
}
