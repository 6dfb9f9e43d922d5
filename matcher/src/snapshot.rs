//! Snapshots: a matcher's state behind a command, in a file beside the journal, so that a start has only what came later to
//! replay, and what came before can go.
//!
//! [`Maker`] makes them on a thread of its own: it loads the one before, replays what the journal has behind it, and
//! writes the next one. The matcher has no part in it and is never stopped. docs/snapshots.md has the format byte by byte.

mod file;
mod maker;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use file::{FORMAT, Snapshot};
pub use maker::{Maker, Progress, Rules};

use crate::{State, configuration::TextError, engine::ImageError, journal::segment::Terms};

/// Why a file is no snapshot to go on from.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
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
    /// It was written by another version of the program.
    #[error(
        "{path} has the snapshots' format {found}, of which this version of penstock knows {FORMAT} only; start the version that wrote it, or move the file away to have an older one taken and the journal replayed from there"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The format it says.
        found: u32,
    },
    /// It is not what was written there.
    #[error("{path} is damaged, or no snapshot of this journal: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// No configuration of this version stands in it.
    #[error("{path} holds a configuration, but {error}")]
    Text {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: TextError,
    },
    /// No state can be made of it.
    #[error("{path} holds the image of an engine, but {error}")]
    Image {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: ImageError,
    },
}

impl SnapshotError {
    /// For `map_err`: what was tried, with what.
    fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> SnapshotError {
        let path = path.into();
        move |error| SnapshotError::Io { what, path, error }
    }
}

/// Makes `state` that of the newest good snapshot in `directory` of the journal with these `terms` and segments; `None`
/// if there is none. Of the others that are newer it is logged why not.
///
/// # Errors
/// [`SnapshotError::Io`] if the directory cannot be listed.
pub fn load_newest(
    directory: &Path,
    terms: Terms,
    [first, last]: [u64; 2],
    state: &mut State,
) -> Result<Option<Snapshot>, SnapshotError> {
    for seq in file::listed(directory)?.into_iter().rev() {
        let path = file::path(directory, seq);
        let loaded = Snapshot::load(&path, terms, state, |snapshot| {
            // The segment behind it may be the first that is left.
            (first..=last + 1).contains(&(snapshot.segment + 1))
        });
        match loaded {
            Ok(snapshot) => return Ok(Some(snapshot)),
            Err(error) => {
                tracing::error!(%error, "a snapshot is passed over, and an older one is looked for")
            }
        }
    }
    Ok(None)
}
