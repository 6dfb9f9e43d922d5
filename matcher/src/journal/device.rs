//! How a commit gets to the disk, and stays there.

mod plain;
mod uring;

use std::{fs::File, io, os::unix::fs::OpenOptionsExt, path::Path};

use rustix::fs::OFlags;

use super::commit::Commit;

/// A segment's file that commits are written to, one at a time.
pub trait Device: Send {
    /// Begins to write `commit` at `offset`, and to make it durable.
    ///
    /// # Panics
    /// If the one begun before was not given back yet by [`Device::done`].
    fn begin(&mut self, commit: Commit, offset: u64);

    /// The commit that was begun, and how it went, once that is known; with `wait` the thread sleeps until it is. After an
    /// error it is not known what stands on the disk: neither may be tried again, since a kernel forgets what it could not
    /// write.
    fn done(&mut self, wait: bool) -> Option<(Commit, io::Result<()>)>;
}

/// What opens segments for writing.
pub trait Disk: Send {
    /// The file at `path`, to be written.
    ///
    /// # Errors
    /// What the kernel says.
    fn open(&mut self, path: &Path) -> io::Result<Box<dyn Device>>;
}

/// The ways there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Past the kernel's cache (O_DIRECT), write and flush submitted together (io_uring).
    Direct,
    /// Through the kernel's cache, with `pwrite` and `fdatasync`.
    Plain,
}

/// The host's disk, written in the best way that it offers.
#[derive(Debug, Default)]
pub struct HostDisk {
    method: Option<Method>,
}

impl HostDisk {
    /// Written by `method`, which fails where the host does not offer it.
    #[must_use]
    pub const fn by(method: Method) -> HostDisk {
        HostDisk { method: Some(method) }
    }
}

impl Disk for HostDisk {
    fn open(&mut self, path: &Path) -> io::Result<Box<dyn Device>> {
        match self.method {
            Some(Method::Direct) => Ok(Box::new(uring::Uring::open(path)?)),
            Some(Method::Plain) => Ok(Box::new(plain::Plain::open(path)?)),
            None => match uring::Uring::open(path) {
                Ok(device) => {
                    tracing::info!(
                        path = %path.display(),
                        "the journal is written past the kernel's cache: write and flush in one call (O_DIRECT, io_uring)"
                    );
                    self.method = Some(Method::Direct);
                    Ok(Box::new(device))
                }
                Err(error) => {
                    tracing::warn!(
                        path = %path.display(), %error,
                        "the journal is written with pwrite and fdatasync: no io_uring, or no O_DIRECT, is to be had here"
                    );
                    self.method = Some(Method::Plain);
                    Ok(Box::new(plain::Plain::open(path)?))
                }
            },
        }
    }
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    File::options().write(true).custom_flags(flags).open(path)
}
