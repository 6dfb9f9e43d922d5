//! The time.

use std::sync::OnceLock;

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970-01-01T00:00:00Z, never going back.
///
/// The host's clock is read once, and from then on the time that has passed is added to it, at the rate to which
/// NTP or PTP slews the host (`CLOCK_MONOTONIC`). A clock that is *stepped* while we run would make timers fire
/// early or not at all; such a step is followed at the next start, and [`steps`] tells of it.
///
/// `clock_gettime` is in the vDSO: no system call, some 20 ns. Callers take the time once for each batch of work.
#[must_use]
pub fn now() -> u64 {
    read(ClockId::Monotonic).wrapping_add(*offset())
}

/// How far the host's clock has been stepped since we read it, in nanoseconds: positive if it was set ahead.
#[must_use]
pub fn steps() -> i64 {
    read(ClockId::Realtime).wrapping_sub(now()).cast_signed()
}

/// What has to be added to the monotonic clock, wrapping.
fn offset() -> &'static u64 {
    static OFFSET: OnceLock<u64> = OnceLock::new();
    OFFSET.get_or_init(|| read(ClockId::Realtime).wrapping_sub(read(ClockId::Monotonic)))
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    // A clock set before 1970 reads as 1970.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn it_is_the_time_that_the_standard_library_tells() {
        let ours = now();
        let theirs = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        // An hour: only a wrong epoch or unit is off by more.
        assert!(theirs.abs_diff(u128::from(ours)) < 3_600_000_000_000, "{ours} against {theirs}");
        assert!(steps().unsigned_abs() < 3_600_000_000_000);
    }

    #[test]
    fn it_never_goes_back() {
        let mut last = now();
        for _ in 0..100_000 {
            let next = now();
            assert!(next >= last);
            last = next;
        }
    }
}
