//! The one door to atomics: everything that crosses a thread or a process takes them from here, so that
//! `--cfg loom` puts the model checker's in their place.

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
