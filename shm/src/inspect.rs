//! What stands in a directory, for operators: read through mappings that cannot be written, whoever lives or is dead.

use crate::dir::Directory;
use crate::error::ShmError;
use crate::file::Mapped;
use crate::layout::{RING, RingHeader};
use crate::log::{LOG, LogHeader};
use crate::owner::{Owner, Peer};
use crate::side::Side;

/// A ring or a log as it was at one moment. Counters are read one after the other while others move them: each is
/// true, and they may be a message apart.
#[derive(Debug)]
pub enum Report {
    /// A ring.
    Ring(RingReport),
    /// A log.
    Log(LogReport),
    /// A file of ours that cannot be read.
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        error: ShmError,
    },
}

/// A ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingReport {
    /// Its name in the directory.
    pub name: String,
    /// Bytes of data it has room for.
    pub capacity: u64,
    /// When it was made, in nanoseconds since 1970.
    pub made: u64,
    /// Who puts messages in.
    pub producer: SideReport,
    /// Who takes them out.
    pub consumer: SideReport,
    /// Bytes that wait, as far as the consumer has told: up to an eighth of the ring more than there are.
    pub depth: u64,
    /// The most bytes that ever waited, as far as was looked: when the ring seemed full, and every sixteenth of a lap.
    pub high_water: u64,
    /// Messages put in since it was made.
    pub messages: u64,
    /// Bytes put in since it was made, headers and padding included.
    pub bytes: u64,
    /// Times a producer found it full; attempts in a row count as one.
    pub stalls: u64,
}

/// A log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReport {
    /// Its name in the directory.
    pub name: String,
    /// Bytes of data it has room for.
    pub capacity: u64,
    /// When it was made, in nanoseconds since 1970.
    pub made: u64,
    /// Who writes it.
    pub writer: SideReport,
    /// Records written since it was made: the number of the last one.
    pub records: u64,
    /// Bytes written since it was made, headers and padding included.
    pub bytes: u64,
    /// The readers registered with it, the dead too while nobody has taken their places.
    pub readers: Vec<LogReaderReport>,
}

/// A registered reader of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReaderReport {
    /// Who it is.
    pub side: SideReport,
    /// Bytes written that it is not done with.
    pub lag: u64,
    /// The number of the last record it is done with, 0 if it has not read any.
    pub done: u64,
    /// Times that it, or who had its place before, was overrun.
    pub overruns: u64,
}

/// Who stands at one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideReport {
    /// The process, if one holds this side.
    pub owner: Option<Owner>,
    /// Whether it lives.
    pub peer: Peer,
    /// Times this side was claimed.
    pub generation: u32,
    /// The bell of the thread, empty if it has none.
    pub bell: String,
}

impl Report {
    /// Its name in the directory.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ring(RingReport { name, .. })
            | Self::Log(LogReport { name, .. })
            | Self::Unreadable { name, .. } => name,
        }
    }

    /// Bytes that wait: in a ring; in a log, for the registered reader that is furthest behind.
    #[must_use]
    pub fn depth(&self) -> u64 {
        match self {
            Self::Ring(ring) => ring.depth,
            Self::Log(log) => log.readers.iter().map(|reader| reader.lag).max().unwrap_or(0),
            Self::Unreadable { .. } => 0,
        }
    }
}

impl Directory {
    /// What rings and logs there are, by name, and how they fare. Changes nothing, and holds nobody up.
    ///
    /// # Errors
    /// [`ShmError::Io`] or [`ShmError::Denied`] if the directory cannot be listed. A file that is not ours to judge
    /// is left out; a ring or a log that cannot be read is reported as such.
    pub fn inspect(&self) -> Result<Vec<Report>, ShmError> {
        let reports = self.entries()?.into_iter().filter_map(|name| match inspect(self, &name) {
            // Gone since it was listed, half made, a bell or a stranger's.
            Err(ShmError::Missing { .. } | ShmError::Kind { .. }) => None,
            Err(error) => Some(Report::Unreadable { name, error }),
            Ok(report) => Some(report),
        });
        Ok(reports.collect())
    }
}

fn inspect(directory: &Directory, name: &str) -> Result<Report, ShmError> {
    let file = match Mapped::look(directory, name, &RING) {
        Ok(file) => return Ok(Report::Ring(ring(name, file.view()))),
        Err(ShmError::Kind { .. }) => Mapped::look(directory, name, &LOG)?,
        Err(error) => return Err(error),
    };
    Ok(Report::Log(log(name, file.view())))
}

fn ring(name: &str, header: &RingHeader) -> RingReport {
    let (tail, head) = (header.tail.load().0, header.head.load().0.position);
    RingReport {
        name: name.to_owned(),
        capacity: header.capacity,
        made: header.made,
        producer: side(&header.producer),
        consumer: side(&header.consumer),
        depth: tail.position.saturating_sub(head),
        high_water: header.tail.gauges().high_water(),
        messages: tail.count,
        bytes: tail.position,
        stalls: header.tail.gauges().stalls(),
    }
}

fn log(name: &str, header: &LogHeader) -> LogReport {
    let tail = header.tail.load().0;
    let readers = header.readers.iter().filter(|reader| reader.side.owner().is_some());
    let readers = readers.map(|reader| {
        let mark = reader.cursor.load().0;
        LogReaderReport {
            side: side(&reader.side),
            lag: tail.position.saturating_sub(mark.position),
            done: mark.count,
            overruns: reader.cursor.gauges().stalls(),
        }
    });
    LogReport {
        name: name.to_owned(),
        capacity: header.capacity,
        made: header.made,
        writer: side(&header.writer),
        records: tail.count,
        bytes: tail.position,
        readers: readers.collect(),
    }
}

fn side(side: &Side) -> SideReport {
    let owner = side.owner();
    SideReport { owner, peer: Owner::peer(owner), generation: side.generation(), bell: side.bell() }
}
