//! What stands in place of the kernel's calls under Miri, as they are in `kernel.rs`. The files, their names, owners and
//! locks are the host's; what is mapped of them is memory of the interpreter, of which it watches every access.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::dir::Directory;
use crate::sync::AtomicU32;

/// All who map one file at a time share one memory, which begins as the file and is written back in the end.
pub(crate) struct Pages {
    memory: Arc<Memory>,
}

struct Memory {
    base: *mut u8,
    layout: Layout,
    /// A handle on the file that may write it, if there was one.
    file: Mutex<Option<File>>,
}

// SAFETY: the pointer is to memory of no thread's own, as a mapping is.
unsafe impl Send for Memory {}
// SAFETY: likewise; who reads and writes it, and in which order, is what is being checked.
unsafe impl Sync for Memory {}

/// By device and inode: what is mapped.
static MAPPED: Mutex<BTreeMap<(u64, u64), Weak<Memory>>> = Mutex::new(BTreeMap::new());

impl Memory {
    fn of(file: &File, bytes: usize) -> io::Result<Arc<Self>> {
        let stat = file.metadata()?;
        let mut mapped = MAPPED.lock().unwrap_or_else(PoisonError::into_inner);
        let place = mapped.entry((stat.dev(), stat.ino())).or_default();
        if let Some(memory) = place.upgrade() {
            // A file that was made longer or shorter while it is mapped is no case of ours.
            return if memory.layout.size() == bytes {
                Ok(memory)
            } else {
                Err(ErrorKind::Unsupported.into())
            };
        }
        let layout = Layout::from_size_align(bytes, 4096).map_err(io::Error::other)?;
        // SAFETY: a file of ours has a length.
        let base = unsafe { alloc_zeroed(layout) };
        if base.is_null() {
            handle_alloc_error(layout);
        }
        let memory = Arc::new(Self { base, layout, file: Mutex::new(None) });
        // SAFETY: allocated just now, zeroed, and known to nobody else.
        file.read_exact_at(unsafe { core::slice::from_raw_parts_mut(base, bytes) }, 0)?;
        *place = Arc::downgrade(&memory);
        Ok(memory)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(file) = self.file.get_mut().unwrap_or_else(PoisonError::into_inner) {
            // SAFETY: nobody has it mapped any more.
            let bytes = unsafe { core::slice::from_raw_parts(self.base, self.layout.size()) };
            file.write_all_at(bytes, 0).expect("the file is open for writing, and so long");
        }
        // SAFETY: allocated with this layout, in `of`.
        unsafe { dealloc(self.base, self.layout) };
    }
}

impl Pages {
    pub(crate) fn of(file: &File, bytes: usize) -> io::Result<Self> {
        let memory = Memory::of(file, bytes)?;
        *memory.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file.try_clone()?);
        Ok(Self { memory })
    }

    pub(crate) fn read_only(file: &File, bytes: usize) -> io::Result<Self> {
        Ok(Self { memory: Memory::of(file, bytes)? })
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.memory.base
    }

    pub(crate) fn len(&self) -> usize {
        self.memory.layout.size()
    }

    pub(crate) fn populate(&self) -> io::Result<()> {
        Ok(()) // it is all there
    }

    pub(crate) fn ask_for_huge(&self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn lock(&self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

pub(crate) fn user() -> u32 {
    std::fs::metadata("/proc/self").map_or(0, |stat| stat.uid())
}

pub(crate) fn futex_wait(word: &AtomicU32, value: u32, timeout: Duration) {
    let timeout = libc::timespec {
        tv_sec: timeout.as_secs().cast_signed(),
        tv_nsec: i64::from(timeout.subsec_nanos()),
    };
    // Of the types that Miri wants, which those of `rustix` are not.
    // SAFETY: futex(2): a word of 32 bits that stays where it is, and a time that does.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, value, &raw const timeout) };
}

pub(crate) fn futex_wake(word: &AtomicU32) {
    // SAFETY: futex(2): a word of 32 bits.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1_i32) };
}

pub(crate) const NONBLOCK: OFlags = OFlags::empty();

/// What is written into it can be read, and nothing else is asked of a FIFO here.
pub(crate) const FIFO: FileType = FileType::RegularFile;

pub(crate) fn make_fifo(directory: &Directory, name: &str) -> Result<(), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    rustix::fs::openat(directory.fd(), name, flags, Mode::RUSR | Mode::WUSR).map(drop)
}

pub(crate) fn rename(directory: &Directory, from: &str, to: &str) -> Result<(), Errno> {
    errno(std::fs::rename(directory.file(from), directory.file(to)))
}

pub(crate) fn remove(directory: &Directory, name: &str) -> Result<(), Errno> {
    errno(std::fs::remove_file(directory.file(name)))
}

pub(crate) fn names(directory: &Directory) -> Result<Vec<String>, Errno> {
    let entries = errno(std::fs::read_dir(directory.path()))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
}

fn errno<T>(result: io::Result<T>) -> Result<T, Errno> {
    result.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

/// One lock for all directories: Miri locks files only.
static LOCKED: AtomicBool = AtomicBool::new(false);

pub(crate) fn lock(_directory: &Directory) -> Result<(), Errno> {
    // Relaxed: the kernel's lock, too, promises nothing about memory.
    while LOCKED.swap(true, Ordering::Relaxed) {
        std::thread::yield_now();
    }
    Ok(())
}

pub(crate) fn unlock(_directory: &Directory) {
    LOCKED.store(false, Ordering::Relaxed);
}

/// There is no process but this one.
pub(crate) fn process(pid: u32) -> Option<String> {
    (pid == std::process::id())
        .then(|| format!("{pid} (miri) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 777 20"))
}
