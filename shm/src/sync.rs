//! The one door to atomics: everything that crosses a thread or a process takes them from here, so that
//! `--cfg loom` puts the model checker's in their place.

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

/// Nanoseconds since some moment in the past, to tell fast from slow: no program's outcome depends on it. Time stands
/// still in a model, whose runs have to be alike.
#[cfg(not(loom))]
pub(crate) fn nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec.cast_unsigned())
}
#[cfg(loom)]
pub(crate) fn nanos() -> u64 {
    0
}
