//! Why a journal cannot be gone on with.

use std::{io, path::PathBuf};

use super::record::Fault;

/// Why a journal cannot be read, or not be written any more. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused something.
    #[error("{what} {path}: {error}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// What the kernel said.
        error: io::Error,
    },
    /// Something that was durable has changed: what is behind it must not be taken for the journal's end.
    #[error(
        "{path} is corrupt at byte {offset}: {fault}, and what was written after it is there; put back a copy of this file \
         from the standby or the archive, or move the journal away to start without its commands from this one on"
    )]
    Corrupt {
        /// The segment's file.
        path: PathBuf,
        /// Where, in bytes from its beginning.
        offset: u64,
        /// What is wrong there.
        fault: Fault,
    },
    /// A file that is named as a segment is none of this journal.
    #[error(
        "{path} is no segment of this journal: {what}; move it away, and put back the right one if it is missing then"
    )]
    Stranger {
        /// The file.
        path: PathBuf,
        /// Why not.
        what: String,
    },
    /// The file of a segment is not there.
    #[error(
        "the journal's segment {path} is missing, while others around it are there; put it back from the standby or the archive"
    )]
    Missing {
        /// The file that should be there.
        path: PathBuf,
    },
    /// It was written by another version of the program.
    #[error(
        "{path} has the journal's format {found}, of which this version of penstock knows {known} only; start the version that wrote it, take a snapshot, and upgrade then"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The format it says.
        found: u32,
        /// The one known.
        known: u32,
    },
    /// There would be less space left than is to be kept free.
    #[error(
        "no room for the journal's next segment {path}: {free} bytes are free, of which {reserve} are to be kept (journal.reserve_bytes); free some, or add a disk"
    )]
    NoSpace {
        /// The segment's file.
        path: PathBuf,
        /// Bytes free now.
        free: u64,
        /// Bytes to be kept free.
        reserve: u64,
    },
    /// An earlier write failed: nothing is written behind it.
    #[error(
        "the journal has failed before and takes nothing more; start the venue again, which finds out what is there"
    )]
    Failed,
}

impl JournalError {
    /// Whether there is only no room on the disk, and nothing wrong with what is there.
    #[must_use]
    pub fn is_no_room(&self) -> bool {
        match self {
            JournalError::NoSpace { .. } => true,
            JournalError::Io { error, .. } => {
                matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            _ => false,
        }
    }

    /// For `map_err`: what was tried, with what.
    pub(super) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> JournalError {
        let path = path.into();
        move |error| JournalError::Io { what, path, error }
    }
}
