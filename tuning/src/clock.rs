//! The time.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970-01-01T00:00:00Z by the host's clock, which NTP or PTP may slew or step.
///
/// This is `clock_gettime(CLOCK_REALTIME)` in the vDSO: no system call, some 20 ns. A calibrated time-stamp
/// counter would take 9 ns and may follow; callers take the time once for each batch of work, so that it is no
/// cost per message.
#[must_use]
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Realtime);
    // A clock set before 1970 reads as 1970.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::now;

    #[test]
    fn it_is_the_time_that_the_standard_library_tells() {
        let before = SystemTime::now();
        let ours = UNIX_EPOCH + Duration::from_nanos(now());
        let after = SystemTime::now();
        assert!(before <= ours && ours <= after, "{before:?} {ours:?} {after:?}");
    }
}
