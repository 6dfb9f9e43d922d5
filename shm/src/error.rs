//! What can go wrong when processes meet, each with its cause and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a directory, a lock, a ring or a bell could not be had. The message names the file, the cause and the
/// remedy, in one sentence for an operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShmError {
    /// Something other than what was wanted stands at this path.
    #[error("{path} is not a {wanted}; move it away or choose another path")]
    Kind {
        /// Where.
        path: PathBuf,
        /// What should be there: "directory", "ring", "bell".
        wanted: &'static str,
    },
    /// The file is another user's.
    #[error(
        "{path} belongs to user {found}, and this process runs as user {me}; run both as one user, or choose another path"
    )]
    Owner {
        /// Where.
        path: PathBuf,
        /// The user it belongs to.
        found: u32,
        /// The user this process runs as.
        me: u32,
    },
    /// Users other than the owner may use the file.
    #[error(
        "{path} has mode {found:04o}, which lets other users in; run `chmod {wanted:04o} {path}` once you know who has used it"
    )]
    Permissions {
        /// Where.
        path: PathBuf,
        /// The permission bits found.
        found: u32,
        /// The widest permission bits that are accepted.
        wanted: u32,
    },
    /// The operating system denies access.
    #[error("no permission to use {path}; give this user access, or choose another path")]
    Denied {
        /// Where.
        path: PathBuf,
    },
    /// Nothing is there (yet): whoever waits for a peer to create it tries again.
    #[error("{path} does not exist yet; start the process that creates it, or wait for it")]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// The file was laid out by a build that speaks another version.
    #[error(
        "{path} has layout version {found}, and this build speaks {expected}; stop every process of the venue, delete the file, start again"
    )]
    Version {
        /// Where.
        path: PathBuf,
        /// The file's version.
        found: u32,
        /// This build's version.
        expected: u32,
    },
    /// The ring has another size than the one asked for, or the file another than its header says.
    #[error(
        "{path} is laid out for {found} bytes, and {expected} are expected; stop every process of the venue, delete the file, start again, or configure the old size"
    )]
    Size {
        /// Where.
        path: PathBuf,
        /// The file's size.
        found: u64,
        /// The size that was expected.
        expected: u64,
    },
    /// The indices or a frame contradict each other: memory was overwritten by something else.
    #[error("{path} is damaged ({what}); stop every process of the venue, delete the file, start again")]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What contradicts what.
        what: &'static str,
    },
    /// A ring of this size cannot be made.
    #[error("a ring cannot have {bytes} bytes; choose between {min} and {max}")]
    Capacity {
        /// The size asked for.
        bytes: usize,
        /// The least.
        min: usize,
        /// The most.
        max: usize,
    },
    /// The name cannot be a file's here.
    #[error(
        "`{name}` cannot name a ring or a bell; use 1 to {max} of the characters A-Z a-z 0-9 . _ - and begin with a letter or digit"
    )]
    Name {
        /// The name asked for.
        name: String,
        /// The most characters a name may have.
        max: usize,
    },
    /// A live process has it.
    #[error("{path}: {what} is held by process {pid}, which is alive; stop it first, or choose another path")]
    Held {
        /// Where.
        path: PathBuf,
        /// What is held: "the lock", "the producer's side" and so on.
        what: &'static str,
        /// Who holds it, 0 if it has not said so.
        pid: u32,
    },
    /// The file system has no room for the file.
    #[error(
        "no room for the {bytes} bytes of {path}; free some, make the file system larger, or configure smaller rings"
    )]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// How many bytes were wanted.
        bytes: u64,
    },
    /// The operating system refused something else.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What was tried: a verb.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

impl ShmError {
    /// Whether trying again later can help: the file may yet appear.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// Sorts an error of the operating system into what an operator can do about it.
    pub(crate) fn os(path: PathBuf, doing: &'static str, error: rustix::io::Errno) -> Self {
        use rustix::io::Errno;
        match error {
            Errno::ACCESS | Errno::PERM | Errno::ROFS => Self::Denied { path },
            Errno::NOENT => Self::Missing { path },
            error => Self::Io { path, doing, source: error.into() },
        }
    }
}
