//! What runs on a thread, and how it idles.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bell::Bell;

/// One role of the venue (a matcher, a gateway worker), driven by a [`Duty`](crate::Duty).
pub trait Agent {
    /// For logs and metrics.
    fn name(&self) -> &str;

    /// Does what there is to do without waiting, and says how much that was; 0 lets the thread idle. `now` is the
    /// duty's clock in nanoseconds.
    fn poll(&mut self, now: u64) -> usize;

    /// What is due now and then: counters, peers, what may make system calls. About every 10 ms, and after a sleep.
    fn housekeep(&mut self, now: u64) {
        let _ = now;
    }

    /// When `poll` is due next even if nothing comes in, in the duty's clock; [`u64::MAX`] for never.
    fn deadline(&self) -> u64 {
        u64::MAX
    }

    /// For an agent that waits for more than its rings, such as sockets: how to. At most one agent of a thread may
    /// have one, and always or never.
    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        None
    }
}

/// Sleeps for a whole thread.
pub trait Sleeper {
    /// Blocks until one of its own inputs is ready, the [`fd`](Bell::fd) of `bell` is readable, or `timeout` is over.
    /// The duty arms, disarms and drains the bell.
    fn sleep(&mut self, bell: &Bell, timeout: Duration);
}

/// What a thread does when there is nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Looks again at once: the fastest, for a thread with a core of its own.
    Spin,
    /// Looks a few times more, then lets other threads of the core run before it looks again.
    Yield,
    /// Looks for as long as being woken would take, then sleeps until its bell is rung.
    Park,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Spin => "spin",
            Self::Yield => "yield",
            Self::Park => "park",
        })
    }
}

/// Not the name of an [`Idle`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no idle strategy; use spin, yield or park")]
pub struct UnknownIdle(String);

impl FromStr for Idle {
    type Err = UnknownIdle;

    fn from_str(name: &str) -> Result<Self, UnknownIdle> {
        match name {
            "spin" => Ok(Self::Spin),
            "yield" => Ok(Self::Yield),
            "park" => Ok(Self::Park),
            _ => Err(UnknownIdle(name.to_owned())),
        }
    }
}

/// Tells all threads of a process to end. Cloning gives another handle on the same flag.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
}

impl Stop {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it; a signal handler may. Threads that sleep see it within 100 ms, or at once if their bells are rung.
    pub fn set(&self) {
        // Pairs with the Acquire load in `is_set`: who sees it also sees why.
        self.flag.store(true, Ordering::Release);
    }

    /// Whether it is set.
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        // Pairs with the Release store in `set`.
        self.flag.load(Ordering::Acquire)
    }

    /// The flag itself, for what registers signal handlers.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }
}
