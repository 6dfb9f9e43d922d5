//! io_uring over O_DIRECT: a commit's write and its flush go to the kernel in one system call, and the thread need not
//! wait for either.

// The kernel is given a pointer to the commit, which stays here until it is given back.
#![allow(unsafe_code)]

use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, RawFd},
    path::Path,
};

use io_uring::{
    IoUring, opcode, squeue,
    types::{Fd, FsyncFlags},
};
use rustix::fs::OFlags;

use super::{Commit, Device, open};

const WRITE: u64 = 1;
const FLUSH: u64 = 2;

/// A file that commits are written to directly.
pub(super) struct Uring {
    ring: IoUring,
    file: File,
    flight: Option<Flight>,
}

/// A commit that the kernel reads.
struct Flight {
    commit: Commit,
    /// Requests that are not answered yet.
    left: u8,
    result: io::Result<()>,
}

impl Uring {
    pub(super) fn open(path: &Path) -> io::Result<Uring> {
        let file = open(path, OFlags::DIRECT)?;
        Ok(Uring { ring: IoUring::new(4)?, file, flight: None })
    }

    fn fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    fn submit(&mut self, offset: u64) -> io::Result<()> {
        let Some(flight) = &mut self.flight else { return Ok(()) };
        let bytes = flight.commit.bytes();
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let fd = Fd(self.file.as_raw_fd());
        let write = opcode::Write::new(fd, bytes.as_ptr(), len).offset(offset).build();
        let flush = opcode::Fsync::new(fd).flags(FsyncFlags::DATASYNC).build();
        let requests = [write.flags(squeue::Flags::IO_LINK).user_data(WRITE), flush.user_data(FLUSH)];
        // JUSTIFICATION: a write without a copy and without a sleep is what io_uring is for.
        // SAFETY: the bytes lie in a box that `flight` owns, and `flight` is given away only when both requests are
        // answered (`done`), or never (`drop` waits, and leaks it if the kernel does not answer); nobody writes to it meanwhile, for
        // nothing of it is lent out. The descriptor is open as long as `self`.
        unsafe { self.ring.submission().push_multiple(&requests) }.map_err(io::Error::other)?;
        flight.left = 2;
        self.ring.submit()?;
        Ok(())
    }

    /// Takes the answers that are there.
    fn collect(&mut self) {
        let Some(flight) = &mut self.flight else { return };
        for answer in self.ring.completion() {
            flight.left = flight.left.saturating_sub(1);
            let result = match (answer.result(), answer.user_data()) {
                (error, _) if error < 0 => Err(io::Error::from_raw_os_error(-error)),
                (written, WRITE) if usize::try_from(written) != Ok(flight.commit.len()) => Err(
                    io::Error::new(io::ErrorKind::WriteZero, format!("only {written} bytes were written")),
                ),
                _ => Ok(()),
            };
            // The write's error is the cause; that its flush was then not carried out is not.
            if flight.result.is_ok() {
                flight.result = result;
            }
        }
    }

    fn wait(&mut self) -> io::Result<()> {
        while self.flight.as_ref().is_some_and(|flight| flight.left > 0) {
            match self.ring.submit_and_wait(1) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                waited => drop(waited?),
            }
            self.collect();
        }
        Ok(())
    }
}

impl Device for Uring {
    fn begin(&mut self, commit: Commit, offset: u64) {
        assert!(self.flight.is_none(), "one commit at a time");
        self.flight = Some(Flight { commit, left: 0, result: Ok(()) });
        if let Err(error) = self.submit(offset)
            && let Some(flight) = &mut self.flight
        {
            // What was pushed may have been taken all the same: it is waited for.
            flight.result = Err(error);
        }
    }

    fn done(&mut self, wait: bool) -> Option<(Commit, io::Result<()>)> {
        self.collect();
        if wait
            && let Err(error) = self.wait()
            && let Some(flight) = &mut self.flight
        {
            flight.result = Err(error);
        }
        let Flight { commit, result, .. } = self.flight.take_if(|flight| flight.left == 0)?;
        Some((commit, result))
    }
}

impl Drop for Uring {
    fn drop(&mut self) {
        if self.wait().is_err() {
            tracing::error!(
                fd = self.fd(),
                "the kernel keeps a commit of the journal: its memory is left to it"
            );
            std::mem::forget(self.flight.take());
        }
    }
}
