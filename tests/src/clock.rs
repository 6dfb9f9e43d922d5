//! UTC timestamps as FIX writes them, from nothing but the system clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970.
///
/// # Panics
/// If the system clock stands before 1970, or after 2554.
#[must_use]
pub fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock stands before 1970");
    u64::try_from(since.as_nanos()).expect("a time before 2554")
}

/// Now, as a FIX UTCTimestamp with milliseconds: `20260131-23:59:59.123`.
///
/// # Panics
/// If the system clock stands before 1970.
#[must_use]
pub fn now() -> String {
    in_ms(0)
}

/// `ms` milliseconds from now, likewise.
///
/// # Panics
/// If the system clock stands before 1970.
#[must_use]
pub fn in_ms(ms: u64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock stands before 1970");
    let then = since + Duration::from_millis(ms);
    timestamp(then.as_secs(), then.subsec_millis())
}

/// `seconds` from now, before it if they are negative, in whole seconds: `20260131-23:59:59`.
///
/// # Panics
/// If that is before 1970.
#[must_use]
pub fn in_seconds(seconds: i64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock stands before 1970");
    let then = since.as_secs().checked_add_signed(seconds).expect("a time from 1970 on");
    timestamp(then, 0).split('.').next().unwrap_or_default().to_owned()
}

/// A moment, in seconds and milliseconds since 1970, as a FIX UTCTimestamp.
#[must_use]
pub fn timestamp(seconds: u64, millis: u32) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}-{hour:02}:{minute:02}:{second:02}.{millis:03}")
}

/// The Gregorian date that lies `days` after 1970-01-01 (H. Hinnant, "chrono-compatible low-level date
/// algorithms": a year begins in March, so that the leap day is its last).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_those_of_the_gregorian_calendar() {
        assert_eq!(timestamp(0, 0), "19700101-00:00:00.000");
        assert_eq!(timestamp(951_782_399, 999), "20000228-23:59:59.999");
        assert_eq!(timestamp(951_782_400, 0), "20000229-00:00:00.000");
        assert_eq!(timestamp(1_709_251_200, 1), "20240301-00:00:00.001");
        assert_eq!(timestamp(4_102_444_799, 0), "20991231-23:59:59.000");
    }
}
