//! The word a bell turns on, apart from what wakes and sleeps, so that the model checker can run it.

use crate::sync::{AtomicU32, Ordering, fence};

/// Says whether a thread sleeps, or is about to, and where.
#[cfg_attr(not(loom), derive(zerocopy::FromBytes))]
#[repr(transparent)]
pub(crate) struct Word {
    value: AtomicU32,
}

/// Where a thread sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bed {
    /// On the bell's futex: nothing but the bell wakes it.
    Futex,
    /// Wherever it waits for its own inputs and the bell's [`fd`](crate::Bell::fd), such as epoll.
    Fd,
}

const AWAKE: u32 = 0;
const ON_FUTEX: u32 = 1;
const ON_FD: u32 = 2;

impl Word {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self { value: AtomicU32::new(AWAKE) }
    }

    /// Announces the sleep. The sleeper then looks at its inputs once more, and sleeps only if there are none.
    pub(crate) fn arm(&self, bed: Bed) {
        let value = match bed {
            Bed::Futex => ON_FUTEX,
            Bed::Fd => ON_FD,
        };
        self.value.store(value, Ordering::Relaxed);
        // Pairs with the fence before `disarm_if_armed` (`Producer::flush`, `Ringer::ring`). Of the two orders, one
        // holds: the waker's look at this word comes after the store above, and it wakes us; or the sleeper's look
        // at its inputs comes after the waker's commit, and it finds them.
        fence(Ordering::SeqCst);
    }

    /// The sleeper is up, for whatever reason.
    pub(crate) fn disarm(&self) {
        // Nothing is said by it: a waker that still sees the old value wakes in vain.
        self.value.store(AWAKE, Ordering::Relaxed);
    }

    /// For wakers, after a SeqCst fence: where the sleeper must be woken, which this waker alone then does.
    #[inline]
    pub(crate) fn disarm_if_armed(&self) -> Option<Bed> {
        // A plain look first: a word that all producers swapped for every batch would travel between their cores.
        if self.value.load(Ordering::Relaxed) == AWAKE {
            return None;
        }
        // What the sleeper is to find is ordered by the fences; the swap only chooses one among many wakers.
        match self.value.swap(AWAKE, Ordering::Relaxed) {
            ON_FUTEX => Some(Bed::Futex),
            ON_FD => Some(Bed::Fd),
            _ => None,
        }
    }

    /// What the futex system call compares with: while the word has this value, the sleeper sleeps.
    pub(crate) const ASLEEP: u32 = ON_FUTEX;

    #[cfg(not(loom))]
    pub(crate) fn futex(&self) -> &AtomicU32 {
        &self.value
    }

    #[cfg(test)]
    pub(crate) fn is_asleep(&self) -> bool {
        self.value.load(Ordering::Relaxed) == Self::ASLEEP
    }
}
