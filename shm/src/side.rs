//! Who stands at one end of a ring or a log.

use core::mem::offset_of;

use zerocopy::FromBytes;

use crate::dir::{Directory, NAME_BYTES_MAX};
use crate::error::ShmError;
use crate::file::Mapped;
use crate::index::Damage;
use crate::owner::{Owner, Peer};
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// Who stands at one end. Written when a side is claimed or left, under the lock of the file; read by the other side
/// at any time.
#[derive(FromBytes)]
#[repr(C, align(128))]
pub(crate) struct Side {
    started: AtomicU64,
    /// 0: nobody.
    pid: AtomicU32,
    /// Times this side was claimed.
    generation: AtomicU32,
    /// The name of the bell that wakes this side, padded with zeros; eight bytes an atomic, the first lowest.
    bell: [AtomicU64; NAME_BYTES_MAX / 8],
    _line: [u64; 8],
}

impl Side {
    pub(crate) fn owner(&self) -> Option<Owner> {
        // Pairs with the Release store in `take`: a pid that is seen has its start time. Two claims racing past this
        // load could show the pid of one and the start of the other, which is nobody alive: looked at again later.
        let pid = self.pid.load(Ordering::Acquire);
        let started = self.started.load(Ordering::Relaxed);
        (pid != 0).then_some(Owner { pid, started })
    }

    pub(crate) fn generation(&self) -> u32 {
        // Pairs with the Release store in `take`: the bell's name is that generation's or a later one's.
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) fn bell(&self) -> String {
        let bytes = self.bell.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes());
        bytes.take_while(|&byte| byte != 0).map(char::from).collect()
    }

    /// Records `owner`; the caller has made sure that nobody else can. Dying half-way leaves nobody, or a process
    /// that does not live, in place.
    fn take(&self, owner: Owner, bell: &str) {
        self.pid.store(0, Ordering::Release); // pairs with `owner`
        let mut name = [0; NAME_BYTES_MAX];
        name[..bell.len()].copy_from_slice(bell.as_bytes());
        for (word, bytes) in self.bell.iter().zip(name.as_chunks::<8>().0) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        self.started.store(owner.started, Ordering::Relaxed);
        // Pairs with the Acquire load in `generation`.
        self.generation.store(self.generation.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        // Pairs with the Acquire load in `owner`.
        self.pid.store(owner.pid, Ordering::Release);
    }

    /// Gives the side, which is `what` of `file`, to this process, once `make` says that it can go on from there.
    pub(crate) fn claim<T>(
        &self,
        directory: &Directory,
        file: &Mapped,
        what: &'static str,
        bell: &str,
        make: impl FnOnce() -> Result<T, Damage>,
    ) -> Result<T, ShmError> {
        let _changes = directory.exclusively()?;
        self.claim_locked(file, what, bell, make)
    }

    /// As [`Side::claim`], by one who has the lock of the directory.
    pub(crate) fn claim_locked<T>(
        &self,
        file: &Mapped,
        what: &'static str,
        bell: &str,
        make: impl FnOnce() -> Result<T, Damage>,
    ) -> Result<T, ShmError> {
        if !file.is_linked() {
            return Err(ShmError::Missing { path: file.path().into() }); // swept away since we mapped it
        }
        match (self.owner(), Owner::peer(self.owner())) {
            (Some(owner), Peer::Alive) => {
                return Err(ShmError::Held { path: file.path().into(), what, pid: owner.pid });
            }
            (Some(owner), _) => {
                tracing::warn!(file = %file.path().display(), what, dead = owner.pid, "taken over from a dead process");
            }
            (None, _) => {}
        }
        let made = make().map_err(|Damage(what)| ShmError::Damaged { path: file.path().into(), what })?;
        self.take(Owner::me(), bell);
        Ok(made)
    }

    pub(crate) fn leave(&self) {
        // Pairs with the Acquire load in `owner`: what was done on this side before is done.
        self.pid.store(0, Ordering::Release);
    }
}

const _: () = {
    assert!(offset_of!(Side, started) == 0);
    assert!(offset_of!(Side, pid) == 8);
    assert!(offset_of!(Side, generation) == 12);
    assert!(offset_of!(Side, bell) == 16);
    assert!(size_of::<Side>() == 128);
};
