//! A region: words and bytes in a file, which one process at a time has for itself and which outlives it.

use core::mem::offset_of;

use zerocopy::FromBytes;

use crate::dir::{Directory, check_name};
use crate::error::ShmError;
use crate::file::{Kind, Mapped, Preamble};
use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};

/// Words of a region.
pub const REGION_WORDS: usize = 128;
/// Where the bytes begin: on a page of their own.
const BYTES: usize = 4096;

/// What a region is for, and which layout of it this build speaks.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Its name, as errors have it: "session store".
    pub name: &'static str,
    /// What its files begin with.
    pub magic: [u8; 8],
    /// The layout of its words and bytes.
    pub version: u32,
}

impl Form {
    const fn kind(self) -> Kind {
        let Form { name, magic, version } = self;
        Kind { name, magic: u64::from_le_bytes(magic), version, bytes_min: BYTES }
    }
}

#[derive(FromBytes)]
#[repr(C, align(128))]
struct RegionHeader {
    preamble: Preamble,
    /// Who has it, or had it last: for the one who is refused. What refuses him is the kernel's lock.
    pid: AtomicU32,
    _reserved: u32,
    _line: [u64; 12],
    words: [AtomicU64; REGION_WORDS],
}

const _: () = {
    assert!(offset_of!(RegionHeader, pid) == 24);
    assert!(offset_of!(RegionHeader, words) == 128);
    assert!(size_of::<RegionHeader>() == 1152);
    assert!(size_of::<RegionHeader>() <= BYTES);
};

/// A file of [`REGION_WORDS`] words and any number of bytes, mapped. One process at a time has it; the kernel gives it
/// back when that process ends, however it ends.
///
/// Whatever was stored when a process was killed is there for the next one: the memory is the file's. It is as if
/// all stores had been made that came before some moment of the program, in their order, as far as [`Region::set`] and
/// [`Region::settle`] keep them in it. A host that fails loses what its file system had not written yet.
pub struct Region {
    file: Mapped,
}

impl Region {
    /// Makes a region of zeros with room for `bytes`, or takes up the one of that name.
    ///
    /// # Errors
    /// [`ShmError::Held`] while a process, this one included, has it; [`ShmError::Name`]; [`ShmError::Kind`],
    /// [`ShmError::Version`], [`ShmError::Size`], [`ShmError::Owner`], [`ShmError::Permissions`] if what is there
    /// is not such a region; [`ShmError::NoSpace`], [`ShmError::Denied`], [`ShmError::Io`].
    pub fn open(directory: &Directory, name: &str, form: Form, bytes: usize) -> Result<Self, ShmError> {
        check_name(name)?;
        let kind = form.kind();
        let len = BYTES + bytes;
        let _changes = directory.exclusively()?;
        let file = match Mapped::open(directory, name, &kind) {
            Err(ShmError::Missing { .. }) => Mapped::create(directory, name, &kind, len, |_| {})?,
            opened => opened?,
        };
        let region = Self { file };
        if !region.file.hold()? {
            // Relaxed: it may be that of the holder before.
            let pid = region.header().pid.load(Ordering::Relaxed);
            return Err(ShmError::Held { path: region.file.path().into(), what: form.name, pid });
        }
        if region.file.len() != len {
            let (found, expected) = (region.file.len() as u64, len as u64);
            return Err(ShmError::Size { path: region.file.path().into(), found, expected });
        }
        region.header().pid.store(std::process::id(), Ordering::Relaxed);
        Ok(region)
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.file.path()
    }

    /// The word `at`, 0 if it was never set.
    ///
    /// # Panics
    /// If there is none: there are [`REGION_WORDS`].
    #[inline]
    #[must_use]
    pub fn word(&self, at: usize) -> u64 {
        // Pairs with the Release store in `set`, by the process before this one: what it stored before is there.
        self.header().words[at].load(Ordering::Acquire)
    }

    /// Sets the word `at`. A process that finds the new value finds all that was stored before, words and bytes.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub fn set(&mut self, at: usize, value: u64) {
        // Pairs with the Acquire load in `word`.
        self.header().words[at].store(value, Ordering::Release);
    }

    /// What was set before is there before anything that is stored in the bytes from here on: a process that finds
    /// some of that finds the words as they are now, or later.
    #[inline]
    pub fn settle(&mut self) {
        // Pairs with the Acquire load in `word`. A Release store lets what comes behind it move before it, this does
        // not. Between two lives of a process the kernel orders all that was stored; it is the compiler and a processor
        // that reorders stores which are kept from it here. On x86-64 it is no instruction.
        fence(Ordering::Release);
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let len = self.file.len() - BYTES;
        // JUSTIFICATION: only a pointer reaches into a mapping; one read in place saves a copy.
        // SAFETY: the file is longer than `BYTES`, as `open` checked; its memory is initialised bytes; the lock keeps
        // other processes out, and within this one it is borrowed as `self` is.
        unsafe { core::slice::from_raw_parts(self.file.base().wrapping_add(BYTES), len) }
    }

    /// The bytes, to write to.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.file.len() - BYTES;
        // JUSTIFICATION: as in `bytes`.
        // SAFETY: as in `bytes`; `self` is borrowed mutably, and the words are not among them.
        unsafe { core::slice::from_raw_parts_mut(self.file.base().wrapping_add(BYTES), len) }
    }

    #[inline]
    fn header(&self) -> &RegionHeader {
        self.file.view()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const FORM: Form = Form { name: "notebook", magic: *b"NOTEBOOK", version: 3 };

    fn directory() -> (tempfile::TempDir, Directory) {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join("regions")).unwrap();
        (place, directory)
    }

    #[test]
    fn a_region_begins_with_zeros_and_keeps_what_is_stored_in_it() {
        let (_place, directory) = directory();
        let mut region = Region::open(&directory, "a", FORM, 10_000).unwrap();
        assert!((0..REGION_WORDS).all(|at| region.word(at) == 0));
        assert!(region.bytes().iter().all(|&byte| byte == 0));
        assert_eq!(region.bytes().len(), 10_000);
        region.set(REGION_WORDS - 1, 7);
        region.bytes_mut()[9_999] = 8;
        drop(region);
        let region = Region::open(&directory, "a", FORM, 10_000).unwrap();
        assert_eq!((region.word(REGION_WORDS - 1), region.bytes()[9_999]), (7, 8));
        assert_eq!(region.word(0), 0);
        let mode = std::fs::metadata(region.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    #[test]
    fn a_region_that_is_held_is_refused_and_the_holder_is_named() {
        let (_place, directory) = directory();
        let held = Region::open(&directory, "a", FORM, 100).unwrap();
        let refused = Region::open(&directory, "a", FORM, 100).err().unwrap();
        let me = std::process::id();
        assert!(matches!(refused, ShmError::Held { pid, .. } if pid == me), "{refused}");
        drop(held);
        assert!(Region::open(&directory, "a", FORM, 100).is_ok());
    }

    #[test]
    fn what_is_no_such_region_is_refused() {
        let (_place, directory) = directory();
        drop(Region::open(&directory, "a", FORM, 100).unwrap());
        let open = |form, bytes| Region::open(&directory, "a", form, bytes).err().unwrap();
        assert!(matches!(open(FORM, 101), ShmError::Size { found: 4196, expected: 4197, .. }));
        let newer = Form { version: 4, ..FORM };
        assert!(matches!(open(newer, 100), ShmError::Version { found: 3, expected: 4, .. }));
        let other = Form { magic: *b"NOTEB00K", ..FORM };
        assert!(matches!(open(other, 100), ShmError::Kind { wanted: "notebook", .. }));
        assert!(matches!(Region::open(&directory, "../a", FORM, 100), Err(ShmError::Name { .. })));
        std::fs::set_permissions(directory.file("a"), std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(FORM, 100), ShmError::Permissions { found: 0o640, .. }));
    }
}
