//! A mapped file: made whole before anybody can see it, checked before anything in it is believed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FallocateFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use zerocopy::FromBytes;

use crate::dir::{Directory, check_ours};
use crate::error::ShmError;
use crate::kernel::{self, NONBLOCK, Pages};
use crate::memory::Memory;
use crate::owner::Owner;

/// What every file of ours begins with.
#[derive(FromBytes)]
#[repr(C)]
pub(crate) struct Preamble {
    pub(crate) magic: u64,
    pub(crate) version: u32,
    _reserved: u32,
    /// Bytes of the whole file.
    pub(crate) bytes: u64,
}

/// Which kind of file this is, and which layout of it this build speaks.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) magic: u64,
    pub(crate) version: u32,
    pub(crate) bytes_min: usize,
}

/// Begins the name of a file that is still being made; no ring or bell may be called so.
const HALF_MADE: &str = ".new-";

pub(crate) struct Mapped {
    path: PathBuf,
    file: File,
    pages: Pages,
}

impl Mapped {
    /// Makes the file in full under another name and then puts it in place, so that nobody ever sees half of it.
    /// It replaces one of that name: the caller holds the directory's lock and knows that nobody needs the old one.
    pub(crate) fn create(
        directory: &Directory,
        name: &str,
        kind: &Kind,
        bytes: usize,
        lay_out: impl FnOnce(&Self),
    ) -> Result<Self, ShmError> {
        // Different for every attempt of every process, since each removes only its own.
        static ATTEMPT: AtomicU32 = AtomicU32::new(0);
        let attempt = ATTEMPT.fetch_add(1, Ordering::Relaxed);
        let me = Owner::me();
        let temporary = format!("{HALF_MADE}{}-{}-{attempt}", me.pid, me.started);

        let made = Self::make(directory, name, &temporary, bytes).and_then(|mapped| {
            lay_out(&mapped);
            let preamble = mapped.base().cast::<Preamble>();
            let written =
                Preamble { magic: kind.magic, version: kind.version, _reserved: 0, bytes: bytes as u64 };
            // JUSTIFICATION: only a pointer reaches into a mapping.
            // SAFETY: the mapping is at least as long as its kind's least, which holds a preamble; it is aligned to
            // a page; and nobody else knows the file yet.
            unsafe { preamble.write(written) };
            match kernel::rename(directory, &temporary, name) {
                Ok(()) => Ok(mapped),
                Err(error) => Err(ShmError::os(directory.file(name), "create", error)),
            }
        });
        if made.is_err() {
            directory.remove(&temporary)?;
        }
        made
    }

    fn make(directory: &Directory, name: &str, temporary: &str, bytes: usize) -> Result<Self, ShmError> {
        let path = directory.file(name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(directory.fd(), temporary, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| ShmError::os(path.clone(), "create", error))?;
        let len = bytes as u64;
        // Reserved now, so that a full file system is an error here and not a SIGBUS in the middle of a message.
        let reserved = match rustix::fs::fallocate(&fd, FallocateFlags::empty(), 0, len) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => rustix::fs::ftruncate(&fd, len),
            result => result,
        };
        match reserved {
            Ok(()) => {}
            Err(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => {
                return Err(ShmError::NoSpace { path, bytes: len });
            }
            Err(error) => return Err(ShmError::os(path, "reserve room for", error)),
        }
        Self::map(path, fd.into(), bytes, directory.memory())
    }

    /// Opens a file made by [`Mapped::create`], here or in another process.
    pub(crate) fn open(directory: &Directory, name: &str, kind: &Kind) -> Result<Self, ShmError> {
        Self::checked(directory, name, kind, OFlags::RDWR, |path, file, bytes| {
            Self::map(path, file, bytes, directory.memory())
        })
    }

    /// Opens a file only to look at it: the mapping cannot be written, and nothing is asked of its pages.
    pub(crate) fn look(directory: &Directory, name: &str, kind: &Kind) -> Result<Self, ShmError> {
        Self::checked(directory, name, kind, OFlags::RDONLY, |path, file, bytes| {
            match Pages::read_only(&file, bytes) {
                Ok(pages) => Ok(Self { path, file, pages }),
                Err(source) => Err(ShmError::Io { path, doing: "map", source }),
            }
        })
    }

    fn checked(
        directory: &Directory,
        name: &str,
        kind: &Kind,
        access: OFlags,
        map: impl FnOnce(PathBuf, File, usize) -> Result<Self, ShmError>,
    ) -> Result<Self, ShmError> {
        let path = directory.file(name);
        let flags = access | OFlags::NOFOLLOW | NONBLOCK | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(directory.fd(), name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => {
                return Err(ShmError::Kind { path, wanted: kind.name });
            }
            Err(error) => return Err(ShmError::os(path, "open", error)),
        };
        let stat = rustix::fs::fstat(&fd).map_err(|error| ShmError::os(path.clone(), "examine", error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ShmError::Kind { path, wanted: kind.name });
        }
        check_ours(&path, &stat, 0o600)?;
        // A length that is no usize cannot be mapped, and a negative one is no length.
        let bytes = usize::try_from(stat.st_size).unwrap_or(0);
        if bytes < size_of::<Preamble>() {
            return Err(ShmError::Kind { path, wanted: kind.name });
        }
        let mapped = map(path, fd.into(), bytes)?;
        let preamble = mapped.view::<Preamble>();
        let (path, found) = (mapped.path.clone(), preamble.bytes);
        if preamble.magic != kind.magic {
            return Err(ShmError::Kind { path, wanted: kind.name });
        }
        if preamble.version != kind.version {
            return Err(ShmError::Version { path, found: preamble.version, expected: kind.version });
        }
        let expected = found.max(kind.bytes_min as u64);
        if bytes as u64 != expected {
            return Err(ShmError::Size { path, found: bytes as u64, expected });
        }
        Ok(mapped)
    }

    fn map(path: PathBuf, file: File, bytes: usize, memory: Memory) -> Result<Self, ShmError> {
        match Pages::of(&file, bytes) {
            Ok(pages) => {
                memory.apply(&path, &pages);
                Ok(Self { path, file, pages })
            }
            Err(source) => Err(ShmError::Io { path, doing: "map", source }),
        }
    }

    /// The beginning of the mapping as a `T`, which any bytes are a valid value of.
    pub(crate) fn view<T: FromBytes>(&self) -> &T {
        assert!(size_of::<T>() <= self.len());
        assert!(align_of::<T>() <= 4096);
        // JUSTIFICATION: a header is shared by processes; only a reference into the mapping reaches it.
        // SAFETY: long enough and aligned (a mapping begins on a page), as asserted; any bytes are a `T` by its
        // bound; it lives as long as the mapping. Fields that change while others look are atomics in every `T` we
        // have, the rest are written before the file gets its name.
        unsafe { &*self.base().cast::<T>() }
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.pages.base()
    }

    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the file for this handle until it is dropped, or we die; `false` if another has it.
    pub(crate) fn hold(&self) -> Result<bool, ShmError> {
        match rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(ShmError::os(self.path.clone(), "lock", error)),
        }
    }

    /// Whether the file still has a name: one that was removed meanwhile will be found by nobody else.
    pub(crate) fn is_linked(&self) -> bool {
        rustix::fs::fstat(&self.file).is_ok_and(|stat| stat.st_nlink > 0)
    }
}

/// The process that is making this file, or was when it died, if that is what the name says.
pub(crate) fn half_made_by(name: &str) -> Option<Owner> {
    let mut parts = name.strip_prefix(HALF_MADE)?.split('-');
    Some(Owner { pid: parts.next()?.parse().ok()?, started: parts.next()?.parse().ok()? })
}
