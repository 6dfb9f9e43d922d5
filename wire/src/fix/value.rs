//! Numbers and timestamps as FIX writes them, read without a detour over text.

use crate::types::Nanos;

pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// The number in `text`: one to 19 digits.
#[must_use]
pub fn unsigned(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut number: u64 = 0;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit); // 19 digits fit 64 bits
    }
    Some(number)
}

/// FIX Boolean: `Y` or `N`.
#[must_use]
pub const fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"Y" => Some(true),
        b"N" => Some(false),
        _ => None,
    }
}

/// FIX UTCTimestamp, `YYYYMMDD-HH:MM:SS` with no, three, six or nine more digits of a second; a leap second
/// (`:60`) counts as the next minute's first. Years before 1970 and after 2500 are refused.
#[must_use]
pub fn timestamp(text: &[u8]) -> Option<Nanos> {
    let (whole, fraction) = text.split_at_checked(17)?;
    let two = |at: usize| -> Option<u64> {
        let (tens, ones) = (whole[at].wrapping_sub(b'0'), whole[at + 1].wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then_some(u64::from(tens) * 10 + u64::from(ones))
    };
    if [whole[8], whole[11], whole[14]] != *b"-::" {
        return None;
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(4)?, two(6)?);
    let (hour, minute, second) = (two(9)?, two(12)?, two(15)?);
    let form = (1970..=2500).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !form {
        return None;
    }
    let nanos = match fraction {
        [] => 0,
        [b'.', digits @ ..] => match digits.len() {
            3 => unsigned(digits)? * 1_000_000,
            6 => unsigned(digits)? * 1_000,
            9 => unsigned(digits)?,
            _ => return None,
        },
        _ => return None,
    };
    let seconds = days_since_epoch(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Some(Nanos(seconds * NANOS_PER_SECOND + nanos))
}

const fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, by years that begin in March so that the leap day is the last (Howard Hinnant,
/// "chrono-compatible low-level date algorithms", days_from_civil).
const fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// Year, month and day of a count of days since 1970-01-01 (civil_from_days, as above).
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Writes UTCTimestamps. Remembers the last whole second's text: timestamps of one session rarely leave it.
#[derive(Clone, Debug)]
pub struct Clock {
    second: u64,
    text: [u8; 17],
}

impl Default for Clock {
    fn default() -> Self {
        Clock { second: 0, text: *b"19700101-00:00:00" }
    }
}

impl Clock {
    /// `time` as `YYYYMMDD-HH:MM:SS.nnnnnnnnn`; callers cut what precision they do not want.
    pub fn text(&mut self, time: Nanos) -> [u8; 27] {
        let second = time.0 / NANOS_PER_SECOND;
        if second != self.second {
            self.set(second);
        }
        let mut text = [b'.'; 27];
        text[..17].copy_from_slice(&self.text);
        let mut rest = time.0 % NANOS_PER_SECOND;
        for place in text[18..].iter_mut().rev() {
            *place = digit(rest % 10);
            rest /= 10;
        }
        text
    }

    #[cold]
    fn set(&mut self, second: u64) {
        let (year, month, day) = date(second / SECONDS_PER_DAY);
        let time = second % SECONDS_PER_DAY;
        let pairs = [
            (0, year / 100 % 100),
            (2, year % 100),
            (4, month),
            (6, day),
            (9, time / 3600),
            (12, time / 60 % 60),
            (15, time % 60),
        ];
        for (at, number) in pairs {
            self.text[at] = digit(number / 10);
            self.text[at + 1] = digit(number % 10);
        }
        self.second = second;
    }
}

/// The character of the last digit of `number`.
pub(crate) const fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn timestamps_are_read_to_the_nanosecond() {
        let noon = 1_795_176_000 * NANOS_PER_SECOND;
        assert_eq!(timestamp(b"20261120-12:00:00"), Some(Nanos(noon)));
        assert_eq!(timestamp(b"20261120-12:00:00.123"), Some(Nanos(noon + 123_000_000)));
        assert_eq!(timestamp(b"20261120-12:00:00.123456"), Some(Nanos(noon + 123_456_000)));
        assert_eq!(timestamp(b"20261120-12:00:00.123456789"), Some(Nanos(noon + 123_456_789)));
        assert_eq!(timestamp(b"19700101-00:00:00"), Some(Nanos(0)));
        assert_eq!(timestamp(b"20240229-23:59:60"), timestamp(b"20240301-00:00:00"), "a leap second");
        assert_eq!(timestamp(b"21000228-00:00:00").is_some(), timestamp(b"21000229-00:00:00").is_none());
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "20261120",
            "20261120-12:00",
            "2026112012:00:00",
            "20261120-12:00:00.",
            "20261120-12:00:00.1",
            "20261120-12:00:00.1234567890",
            "20261120-12:00:00,123",
            "20261320-12:00:00",
            "20261100-12:00:00",
            "20261131-12:00:00",
            "20230229-12:00:00",
            "20261120-24:00:00",
            "20261120-12:60:00",
            "20261120-12:00:61",
            "19691231-23:59:59",
            "29990101-00:00:00",
            "2026112x-12:00:00",
            "20261120-12:00:00Z",
        ] {
            assert_eq!(timestamp(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_digits_and_no_more_than_fit() {
        assert_eq!(unsigned(b"0009"), Some(9));
        assert_eq!(unsigned(b"9999999999999999999"), Some(9_999_999_999_999_999_999));
        for text in ["", "-1", "+1", "1.0", " 1", "99999999999999999999"] {
            assert_eq!(unsigned(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_written_timestamp_is_read_back(times in prop::collection::vec(0_u64..16_725_225_600_000_000_000, 1..5)) {
            let mut clock = Clock::default();
            for time in times {
                prop_assert_eq!(timestamp(&clock.text(Nanos(time))), Some(Nanos(time)));
            }
        }

        #[test]
        fn no_bytes_make_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (timestamp(&bytes), unsigned(&bytes), boolean(&bytes));
        }
    }
}
