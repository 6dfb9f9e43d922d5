//! Ordinary system calls: where there is nothing better.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

use rustix::fs::OFlags;

use super::{Commit, Device, open};

/// A file written with `pwrite` and `fdatasync`: the thread sleeps in both.
pub(super) struct Plain {
    file: File,
    written: Option<(Commit, io::Result<()>)>,
}

impl Plain {
    pub(super) fn open(path: &Path) -> io::Result<Plain> {
        Ok(Plain { file: open(path, OFlags::empty())?, written: None })
    }
}

impl Device for Plain {
    fn begin(&mut self, commit: Commit, offset: u64) {
        assert!(self.written.is_none(), "one commit at a time");
        let result = self.file.write_all_at(commit.bytes(), offset).and_then(|()| self.file.sync_data());
        self.written = Some((commit, result));
    }

    fn done(&mut self, _: bool) -> Option<(Commit, io::Result<()>)> {
        self.written.take()
    }
}
