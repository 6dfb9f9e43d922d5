//! The directory a venue's processes meet in, and the lock that keeps a second venue out of it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::error::ShmError;
use crate::kernel;
use crate::memory::Memory;

/// The most characters a ring's or a bell's name may have: a ring's header records its consumer's bell.
pub const NAME_BYTES_MAX: usize = 48;

/// A directory of rings and bells: mode 0700, this user's own. Cloning gives another handle on it.
#[derive(Clone, Debug)]
pub struct Directory {
    inner: Arc<Inner>,
    memory: Memory,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    // Every file is opened relative to it: what was checked is what is used, whatever becomes of the path.
    fd: OwnedFd,
    changes: Mutex<()>,
}

impl Directory {
    /// Opens the directory, and creates it (its parents must exist) if there is none.
    ///
    /// # Errors
    /// [`ShmError::Kind`] if something else stands there, [`ShmError::Owner`] if it is another user's,
    /// [`ShmError::Permissions`] if others may enter it, [`ShmError::Denied`], [`ShmError::Missing`] if the parent
    /// does not exist.
    pub fn open(path: &Path) -> Result<Self, ShmError> {
        match rustix::fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(ShmError::os(path.into(), "create", error)),
        }
        Self::existing(path)
    }

    /// Opens a directory that is there.
    ///
    /// # Errors
    /// As [`Directory::open`]; [`ShmError::Missing`] if there is none.
    pub fn existing(path: &Path) -> Result<Self, ShmError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOTDIR | Errno::LOOP) => {
                return Err(ShmError::Kind { path: path.into(), wanted: "directory" });
            }
            Err(error) => return Err(ShmError::os(path.into(), "open", error)),
        };
        let stat = rustix::fs::fstat(&fd).map_err(|error| ShmError::os(path.into(), "examine", error))?;
        check_ours(path, &stat, 0o700)?;
        let inner = Inner { path: path.into(), fd, changes: Mutex::new(()) };
        Ok(Self { inner: Arc::new(inner), memory: Memory::default() })
    }

    /// This directory, its files from now on mapped as `memory` says. Other handles are not touched.
    #[must_use]
    pub fn mapped(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    /// Opens `name` under `preferred` (shared memory proper, such as `/dev/shm`) or, where that is missing, under
    /// `fallback`, and logs why.
    ///
    /// # Errors
    /// As [`Directory::open`]. A place that is there but closed to this user, or not fit for use, is refused rather
    /// than passed over: two processes of one venue must not end up in two places.
    pub fn at(preferred: &Path, fallback: &Path, name: &str) -> Result<Self, ShmError> {
        let why = match Self::open(&preferred.join(name)) {
            Ok(directory) => return Ok(directory),
            Err(error @ ShmError::Missing { .. }) => error,
            // The parent itself is no directory.
            Err(error @ ShmError::Io { .. }) if !preferred.is_dir() => error,
            Err(error) => return Err(error),
        };
        let directory = Self::open(&fallback.join(name))?;
        tracing::warn!(
            preferred = %preferred.display(), using = %directory.path().display(), %why,
            "rings are not in shared memory proper: the file system may delay them while it writes back",
        );
        Ok(directory)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The names of the files in it, sorted: rings, bells, what bells need.
    ///
    /// # Errors
    /// [`ShmError::Io`] if it cannot be read.
    pub fn entries(&self) -> Result<Vec<String>, ShmError> {
        let mut names =
            kernel::names(self).map_err(|error| ShmError::os(self.inner.path.clone(), "list", error))?;
        names.sort_unstable();
        Ok(names)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.inner.path.join(name)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.inner.fd.as_fd()
    }

    /// Keeps everybody else from making, claiming and removing files here until the guard is dropped, or we die.
    pub(crate) fn exclusively(&self) -> Result<Changes<'_>, ShmError> {
        // The kernel's lock tells open files apart, not the threads that share one: those the mutex does.
        let threads = self.inner.changes.lock().unwrap_or_else(PoisonError::into_inner);
        kernel::lock(self).map_err(|error| ShmError::os(self.inner.path.clone(), "lock", error))?;
        Ok(Changes { directory: self, _threads: threads })
    }

    /// Removes a file; one that is not there is as good as removed.
    pub(crate) fn remove(&self, name: &str) -> Result<(), ShmError> {
        match kernel::remove(self, name) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(ShmError::os(self.file(name), "remove", error)),
        }
    }
}

pub(crate) struct Changes<'a> {
    directory: &'a Directory,
    _threads: MutexGuard<'a, ()>,
}

impl Drop for Changes<'_> {
    fn drop(&mut self) {
        kernel::unlock(self.directory);
    }
}

/// Refuses what another user owns or may use. `wanted` holds the widest permission bits that are accepted.
pub(crate) fn check_ours(path: &Path, stat: &Stat, wanted: u32) -> Result<(), ShmError> {
    let me = kernel::user();
    if stat.st_uid != me {
        return Err(ShmError::Owner { path: path.into(), found: stat.st_uid, me });
    }
    let found = Mode::from_raw_mode(stat.st_mode).bits() & 0o7777;
    if found & !wanted != 0 {
        return Err(ShmError::Permissions { path: path.into(), found, wanted });
    }
    Ok(())
}

pub(crate) fn check_name(name: &str) -> Result<(), ShmError> {
    let fits = name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fits { Ok(()) } else { Err(ShmError::Name { name: name.into(), max: NAME_BYTES_MAX }) }
}

/// A lock that one process at a time holds. The kernel releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    // The lock lives as long as this open file. The file itself stays: removing it would let a third process lock
    // a new one while a second still holds the old.
    _file: File,
}

impl Lock {
    /// Takes the lock, in a file made if there is none, and records this process's pid in it.
    ///
    /// # Errors
    /// [`ShmError::Held`] if a process (this one included) holds it, and the errors of opening a file.
    pub fn take(path: &Path) -> Result<Self, ShmError> {
        let os = |doing| move |error| ShmError::os(path.into(), doing, error);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR).map_err(os("open"))?;
        let stat = rustix::fs::fstat(&fd).map_err(os("examine"))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ShmError::Kind { path: path.into(), wanted: "lock file" });
        }
        check_ours(path, &stat, 0o600)?;
        let mut file = File::from(fd);
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                let _ = (&mut file).take(16).read_to_string(&mut pid); // unreadable is as good as not recorded
                let pid = pid.trim().parse().unwrap_or(0);
                return Err(ShmError::Held { path: path.into(), what: "the lock", pid });
            }
            Err(error) => return Err(os("lock")(error)),
        }
        // Longer than any pid, so that one write replaces whatever an earlier holder left.
        let record = format!("{:<15}\n", std::process::id());
        let io = |source| ShmError::Io { path: path.into(), doing: "write", source };
        file.write_all_at(record.as_bytes(), 0).map_err(io)?;
        file.flush().map_err(io)?;
        Ok(Self { _file: file })
    }
}
