//! How a sleeping thread is woken, across processes: no wake-up is lost, and none costs a system call while the
//! thread is awake.
//!
//! The sleeper arms its bell, looks at all its inputs once more, sleeps, and disarms. A waker makes its message
//! visible, fences, and looks at the bell; only if it is armed does it disarm it and call the kernel. A bell is a file
//! with the word both look at, which is a futex, and a FIFO for threads that sleep in epoll.

use core::mem::offset_of;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use zerocopy::FromBytes;

use crate::dir::{Directory, check_name, check_ours};
use crate::error::ShmError;
use crate::file::{Kind, Mapped, Preamble};
use crate::kernel::{self, FIFO, NONBLOCK, futex_wait, futex_wake};
use crate::owner::Owner;
use crate::sync::{Ordering, fence};
use crate::word::{Bed, Word};

pub(crate) const BELL: Kind = Kind {
    name: "bell",
    magic: u64::from_le_bytes(*b"PENSBELL"),
    version: 1,
    bytes_min: size_of::<BellHeader>(),
};

/// A bell's file. The owner never changes, since each owner makes a file of its own.
#[derive(FromBytes)]
#[repr(C, align(128))]
pub(crate) struct BellHeader {
    preamble: Preamble,
    started: u64,
    pid: u32,
    _pad: [u8; 92],
    /// On a line of its own: every producer looks at it, its thread writes it twice a sleep.
    word: Word,
    _line: [u8; 124],
}

const _: () = {
    assert!(offset_of!(BellHeader, started) == 24);
    assert!(offset_of!(BellHeader, pid) == 32);
    assert!(offset_of!(BellHeader, word) == 128);
    assert!(size_of::<BellHeader>() == 256);
};

impl BellHeader {
    pub(crate) fn owner(&self) -> Owner {
        Owner { pid: self.pid, started: self.started }
    }
}

/// The bell of one thread, which sleeps by it. Its rings' headers name it to their producers.
pub struct Bell {
    ringer: Ringer,
    directory: Directory,
    name: String,
}

impl Bell {
    /// Makes a bell, in place of one whose owner is dead.
    ///
    /// # Errors
    /// [`ShmError::Held`] if a live process has a bell of this name; [`ShmError::Name`]; those of making files.
    pub fn create(directory: &Directory, name: &str) -> Result<Self, ShmError> {
        check_name(name)?;
        let _changes = directory.exclusively()?;
        match Mapped::open(directory, name, &BELL) {
            Ok(old) => {
                let owner = old.view::<BellHeader>().owner();
                if owner.alive() {
                    return Err(ShmError::Held { path: old.path().into(), what: "the bell", pid: owner.pid });
                }
            }
            // Whatever its version or size, a bell keeps nothing: a new one takes its place.
            Err(ShmError::Missing { .. } | ShmError::Version { .. } | ShmError::Size { .. }) => {}
            Err(error) => return Err(error),
        }
        let fifo = make_fifo(directory, &fifo_name(name))?;
        let file = Mapped::create(directory, name, &BELL, size_of::<BellHeader>(), |file| {
            let (me, header) = (Owner::me(), file.base().cast::<BellHeader>());
            // JUSTIFICATION: only a pointer reaches into a mapping.
            // SAFETY: the file is as long as the header, begins on a page, and nobody else knows it yet.
            unsafe {
                (&raw mut (*header).started).write(me.started);
                (&raw mut (*header).pid).write(me.pid);
            }
        })?;
        let ringer = Ringer { remote: Arc::new(Remote { file, fifo }) };
        Ok(Self { ringer, directory: directory.clone(), name: name.to_owned() })
    }

    /// Its name in the directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.ringer.remote.file.path()
    }

    /// Says that this thread is about to sleep, and where. It must then look at every input once more, and sleep only
    /// if it found nothing: what came before the arming rings no bell.
    pub fn arm(&self, bed: Bed) {
        self.word().arm(bed);
    }

    /// Says that this thread is awake.
    pub fn disarm(&self) {
        self.word().disarm();
    }

    /// Sleeps on the futex until the bell, armed for it, is rung, the time has passed, or a signal came: look again.
    pub fn sleep(&self, timeout: Duration) {
        // The kernel compares and sleeps in one step, so that a bell that was rung since it was armed lets us straight
        // through.
        futex_wait(self.word().futex(), Word::ASLEEP, timeout);
    }

    /// Becomes readable when the bell, armed for it, is rung. Register it once, level- or edge-triggered.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.ringer.remote.fifo.as_fd()
    }

    /// Empties [`Bell::fd`], so that it wakes again. To be called after a sleep in which it became readable.
    pub fn drain_fd(&self) {
        let mut fifo = &self.ringer.remote.fifo;
        let mut bytes = [0; 64];
        // At most a byte for each arming: one read takes them all, but for very old ones.
        while matches!(fifo.read(&mut bytes), Ok(read) if read == bytes.len()) {}
    }

    /// Wakes the thread whose bell this is, from another one.
    pub fn ring(&self) {
        self.ringer.ring();
    }

    /// A handle for other threads of this process to wake this one, for instance to stop it.
    #[must_use]
    pub fn ringer(&self) -> Ringer {
        self.ringer.clone()
    }

    fn word(&self) -> &Word {
        self.ringer.remote.word()
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Rings that still name it find nothing to open; a failure leaves what the next owner replaces.
        let _ = self.directory.remove(&self.name);
        let _ = self.directory.remove(&fifo_name(&self.name));
    }
}

/// Rings a bell from other threads.
#[derive(Clone)]
pub struct Ringer {
    remote: Arc<Remote>,
}

impl Ringer {
    /// Wakes the bell's thread if it sleeps; whatever the caller has written before, that thread then sees.
    pub fn ring(&self) {
        // Pairs with the fence in `Word::arm`.
        fence(Ordering::SeqCst);
        self.remote.ring();
    }
}

/// A bell as others see it.
pub(crate) struct Remote {
    file: Mapped,
    fifo: File,
}

impl Remote {
    pub(crate) fn open(directory: &Directory, name: &str) -> Result<Self, ShmError> {
        check_name(name)?;
        let file = Mapped::open(directory, name, &BELL)?;
        let fifo = open_fifo(directory, &fifo_name(name))?;
        Ok(Self { file, fifo })
    }

    /// Rings; the caller has fenced since what it has to announce.
    #[inline]
    pub(crate) fn ring(&self) {
        if let Some(bed) = self.word().disarm_if_armed() {
            self.wake(bed);
        }
    }

    #[cold]
    fn wake(&self, bed: Bed) {
        match bed {
            Bed::Futex => futex_wake(self.word().futex()),
            Bed::Fd => {
                // Nothing to be done about an error: the sleeper looks again by itself before long. If it is full it is readable, which is all that one byte more would say.
                let _ = (&self.fifo).write(&[1]);
            }
        }
    }

    fn word(&self) -> &Word {
        &self.file.view::<BellHeader>().word
    }
}

pub(crate) fn fifo_name(bell: &str) -> String {
    format!("{bell}.fifo")
}

fn make_fifo(directory: &Directory, name: &str) -> Result<File, ShmError> {
    match open_fifo(directory, name) {
        // A dead owner's; what is still in it was for that one.
        Ok(_) => directory.remove(name)?,
        Err(ShmError::Missing { .. }) => {}
        Err(error) => return Err(error),
    }
    kernel::make_fifo(directory, name)
        .map_err(|error| ShmError::os(directory.file(name), "create", error))?;
    open_fifo(directory, name)
}

fn open_fifo(directory: &Directory, name: &str) -> Result<File, ShmError> {
    let path = directory.file(name);
    // For reading and writing at both ends (fifo(7)): neither opening blocks, the reader sees no hang-up when a
    // writer goes, and the writer gets no SIGPIPE when the reader died.
    let flags = OFlags::RDWR | NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = match rustix::fs::openat(directory.fd(), name, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => return Err(ShmError::Kind { path, wanted: "FIFO" }),
        Err(error) => return Err(ShmError::os(path, "open", error)),
    };
    let stat = rustix::fs::fstat(&fd).map_err(|error| ShmError::os(path.clone(), "examine", error))?;
    if FileType::from_raw_mode(stat.st_mode) != FIFO {
        return Err(ShmError::Kind { path, wanted: "FIFO" });
    }
    check_ours(&path, &stat, 0o600)?;
    Ok(fd.into())
}
