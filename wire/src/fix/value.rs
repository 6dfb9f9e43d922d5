//! Numbers and timestamps as FIX writes them, read without a detour over text.

use super::encode::eight_characters;
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
    let (&day, rest) = text.split_first_chunk::<8>()?;
    let (b'-', rest) = rest.split_first()? else { return None };
    let (&time, fraction) = rest.split_first_chunk::<8>()?;
    let [h0, h1, b':', m0, m1, b':', s0, s1] = time else { return None };
    let [y0, y1, y2, y3, mo0, mo1, d0, d1] = eight(day)?.map(u64::from);
    let [h0, h1, _, m0, m1, _, s0, s1] = eight([h0, h1, b'0', m0, m1, b'0', s0, s1])?.map(u64::from);
    let (year, month, day) = (y0 * 1000 + y1 * 100 + y2 * 10 + y3, mo0 * 10 + mo1, d0 * 10 + d1);
    let (hour, minute, second) = (h0 * 10 + h1, m0 * 10 + m1, s0 * 10 + s1);
    let form = (1970..=2500).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !form {
        return None;
    }
    let nanos = match *fraction {
        [] => 0,
        [b'.', a, b, c] => eight_digits([b'0', b'0', b'0', b'0', b'0', a, b, c])? * 1_000_000,
        [b'.', a, b, c, d, e, f] => eight_digits([b'0', b'0', a, b, c, d, e, f])? * 1_000,
        [b'.', a, b, c, d, e, f, g, h, i @ b'0'..=b'9'] => {
            eight_digits([a, b, c, d, e, f, g, h])? * 10 + u64::from(i - b'0')
        }
        _ => return None,
    };
    let seconds = days_since_epoch(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Some(Nanos(seconds * NANOS_PER_SECOND + nanos))
}

/// The end of a FIX LocalMktDate, `YYYYMMDD`; the venue's days are those of UTC.
#[must_use]
pub fn end_of_date(text: &[u8]) -> Option<Nanos> {
    let day: [u8; 8] = text.try_into().ok()?;
    let mut midnight = *b"00000000-00:00:00";
    midnight[..8].copy_from_slice(&day);
    timestamp(&midnight).map(|begin| begin.after(SECONDS_PER_DAY * NANOS_PER_SECOND))
}

/// The values of eight digits.
#[inline]
fn eight(text: [u8; 8]) -> Option<[u8; 8]> {
    const LOW: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(text);
    // Digits are 0x30 to 0x39: their high halves are 3, also after adding 6.
    let high = |word: u64| word & (LOW * 0xF0) == LOW * 0x30;
    (high(word) && high(word.wrapping_add(LOW * 6))).then(|| (word & (LOW * 0x0F)).to_le_bytes())
}

/// The number that eight digits are, all at once: pairs, then fours, then eight (Daniel Lemire, "Quickly parsing
/// eight digits").
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(eight(text)?);
    let word = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00FF_00FF_00FF_00FF;
    let word = word.wrapping_mul(100).wrapping_add(word >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(word.wrapping_mul(10_000).wrapping_add(word >> 32) & 0xFFFF_FFFF)
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
        let nanos = time.0 % NANOS_PER_SECOND;
        text[18..26].copy_from_slice(&eight_characters(nanos / 10));
        text[26] = digit(nanos);
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

/// The characters of the last two digits of `number`.
#[inline]
pub(crate) fn pair(number: u64) -> [u8; 2] {
    PAIRS[(number % 100) as usize]
}

static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < pairs.len() {
        pairs[i] = [digit(i as u64 / 10), digit(i as u64)];
        i += 1;
    }
    pairs
};

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
