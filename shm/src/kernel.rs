//! The calls to the kernel of which Miri, the interpreter this crate is checked with, has no model. They are kept together
//! so that something else can stand in their place there (`kernel_miri.rs`); all others it passes on to its host.

use std::fs::File;
use std::io;
use std::time::Duration;

use memmap2::{Advice, MmapOptions, MmapRaw};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::thread::futex;

use crate::dir::Directory;
use crate::sync::AtomicU32;

/// The pages of a file, shared with all who map it.
pub(crate) struct Pages {
    map: MmapRaw,
}

impl Pages {
    /// The first `bytes` of a file, which must be so long.
    pub(crate) fn of(file: &File, bytes: usize) -> io::Result<Self> {
        Ok(Self { map: MmapOptions::new().len(bytes).map_raw(file)? })
    }

    /// The same, not to be written.
    pub(crate) fn read_only(file: &File, bytes: usize) -> io::Result<Self> {
        Ok(Self { map: MmapOptions::new().len(bytes).map_raw_read_only(file)? })
    }

    /// Where they begin, aligned to a page.
    pub(crate) fn base(&self) -> *mut u8 {
        self.map.as_mut_ptr()
    }

    /// How many bytes they are.
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// Brings them in, to be written (Linux 5.14).
    pub(crate) fn populate(&self) -> io::Result<()> {
        self.map.advise(Advice::PopulateWrite)
    }

    /// Asks for huge ones.
    pub(crate) fn ask_for_huge(&self) -> io::Result<()> {
        self.map.advise(Advice::HugePage)
    }

    /// Keeps them in memory.
    pub(crate) fn lock(&self) -> io::Result<()> {
        self.map.lock()
    }
}

/// Who we are, as far as files go.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Sleeps until woken by [`futex_wake`], unless `word` is not `value`, and not longer than `timeout`; a signal may end it.
pub(crate) fn futex_wait(word: &AtomicU32, value: u32, timeout: Duration) {
    let timeout = futex::Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(timeout.subsec_nanos()),
    };
    // Not FUTEX_PRIVATE: wakers are in other processes. Whatever the error, the caller looks again.
    let _ = futex::wait(word, futex::Flags::empty(), value, Some(&timeout));
}

/// Wakes one who sleeps on `word`.
pub(crate) fn futex_wake(word: &AtomicU32) {
    // Nothing to be done about an error: the sleeper looks again by itself before long.
    let _ = futex::wake(word, futex::Flags::empty(), 1);
}

/// To open whatever stands there without waiting.
pub(crate) const NONBLOCK: OFlags = OFlags::NONBLOCK;

/// What [`make_fifo`] makes.
pub(crate) const FIFO: FileType = FileType::Fifo;

/// Makes one.
pub(crate) fn make_fifo(directory: &Directory, name: &str) -> Result<(), Errno> {
    rustix::fs::mkfifoat(directory.fd(), name, Mode::RUSR | Mode::WUSR)
}

/// Gives a file another name, and replaces the one that had it.
pub(crate) fn rename(directory: &Directory, from: &str, to: &str) -> Result<(), Errno> {
    rustix::fs::renameat(directory.fd(), from, directory.fd(), to)
}

/// Removes a file.
pub(crate) fn remove(directory: &Directory, name: &str) -> Result<(), Errno> {
    rustix::fs::unlinkat(directory.fd(), name, AtFlags::empty())
}

/// The names in a directory, but for those that are no text.
pub(crate) fn names(directory: &Directory) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(directory.fd())? {
        if let Ok(name) = entry?.file_name().to_str()
            && name != "."
            && name != ".."
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Waits for the lock of a directory, which the kernel releases if we die.
pub(crate) fn lock(directory: &Directory) -> Result<(), Errno> {
    rustix::fs::flock(directory.fd(), FlockOperation::LockExclusive)
}

/// Releases it.
pub(crate) fn unlock(directory: &Directory) {
    let _ = rustix::fs::flock(directory.fd(), FlockOperation::Unlock); // cannot fail on a lock we hold
}

/// What the kernel says of a process: `/proc/<pid>/stat`.
pub(crate) fn process(pid: u32) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()
}
