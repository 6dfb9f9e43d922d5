//! Numbers and timestamps as FIX writes them, read without a detour over text.

use std::ops::Range;

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

/// As [`unsigned`], of what stands at `range` in `bytes`: quicker for up to eight digits that are not at their beginning.
#[inline(always)]
pub(super) fn unsigned_in(bytes: &[u8], range: Range<usize>) -> Option<u64> {
    let len = range.len();
    match bytes.get(..range.end)?.last_chunk::<8>() {
        Some(&window) if matches!(len, 1..=8) => {
            let unused = 64 - 8 * len;
            let zeros = (LOW * u64::from(b'0')) & !(u64::MAX << unused);
            eight_digits((u64::from_le_bytes(window) >> unused << unused | zeros).to_le_bytes())
        }
        _ => unsigned(bytes.get(range)?),
    }
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
    Day::default().timestamp(text)
}

/// Reads UTCTimestamps. Remembers the last one's day: those of one message hardly ever differ in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    text: [u8; 8],
    /// Its beginning, in nanoseconds since 1970.
    begin: u64,
}

impl Default for Day {
    fn default() -> Self {
        Day { text: *b"19700101", begin: 0 }
    }
}

impl Day {
    /// As [`timestamp`].
    #[inline(always)]
    pub(super) fn timestamp(&mut self, text: &[u8]) -> Option<Nanos> {
        let (&day, rest) = text.split_first_chunk::<8>()?;
        let (b'-', rest) = rest.split_first()? else { return None };
        if day != self.text {
            *self = Day { text: day, begin: midnight(day)? };
        }
        Some(Nanos(self.begin + time_of_day(rest)?))
    }
}

/// Whether `text` is a time of a day, in the form that [`timestamp`] has behind the date.
pub(super) fn is_time(text: &[u8]) -> bool {
    time_of_day(text).is_some()
}

/// The beginning of the day `YYYYMMDD`, in nanoseconds since 1970.
#[inline(never)]
fn midnight(text: [u8; 8]) -> Option<u64> {
    let digits = digits_of(text, *b"00000000")?;
    // Each byte and the next one make a number; every other one is wanted.
    let [century, _, year, _, month, _, day, _] = (digits * 10 + (digits >> 8)).to_le_bytes().map(u64::from);
    let year = century * 100 + year;
    let form = (1970..=2500).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || day <= days_of(year, month));
    form.then(|| days_since_epoch(year, month, day) * SECONDS_PER_DAY * NANOS_PER_SECOND)
}

/// The time `HH:MM:SS` and a fraction, in nanoseconds since midnight.
#[inline(always)]
fn time_of_day(text: &[u8]) -> Option<u64> {
    let (&time, fraction) = text.split_first_chunk::<8>()?;
    let digits = digits_of(time, *b"00:00:00")?;
    let [hour, _, _, minute, _, _, second, _] = (digits * 10 + (digits >> 8)).to_le_bytes().map(u64::from);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let nanos = match *fraction {
        [] => 0,
        [b'.', ref digits @ ..] => {
            let count = digits.len();
            // Eight bytes that end with the fraction, whatever stands before it.
            let &last = text.last_chunk::<8>()?;
            let zeros = |unused: u32| {
                u64::from_le_bytes(last) >> unused << unused | (LOW * 0x30) & ((1 << unused) - 1)
            };
            match count {
                6 => eight_digits(zeros(16).to_le_bytes())? * 1_000,
                3 => eight_digits(zeros(40).to_le_bytes())? * 1_000_000,
                9 => {
                    let first = digits[0].wrapping_sub(b'0');
                    if first > 9 {
                        return None;
                    }
                    eight_digits(last)? + u64::from(first) * 100_000_000
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((hour * 3600 + minute * 60 + second) * NANOS_PER_SECOND + nanos)
}

/// The end of a FIX LocalMktDate, `YYYYMMDD`; the venue's days are those of UTC.
#[must_use]
pub fn end_of_date(text: &[u8]) -> Option<Nanos> {
    midnight(text.try_into().ok()?).map(|begin| Nanos(begin + SECONDS_PER_DAY * NANOS_PER_SECOND))
}

const LOW: u64 = u64::MAX / 255;

/// The values of eight characters: digits where `form` has a zero, and what `form` has where it has something else,
/// whose value is 0.
#[inline(always)]
fn digits_of(text: [u8; 8], form: [u8; 8]) -> Option<u64> {
    // What is added makes the high bit appear in values above 9, and in those that must be 0 above that. Nothing is
    // carried from byte to byte unless a high bit is there already.
    let most = u64::from_le_bytes(form.map(|c| if c == b'0' { 0x76 } else { 0x7F }));
    let values = u64::from_le_bytes(text) ^ u64::from_le_bytes(form);
    ((values | values.wrapping_add(most)) & (LOW << 7) == 0).then_some(values)
}

/// The number that eight digits are.
#[inline(always)]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    digits_of(text, *b"00000000").map(joined)
}

/// The number whose digits' values are these bytes, all at once: pairs, then fours, then eight (Daniel Lemire,
/// "Quickly parsing eight digits").
#[inline(always)]
pub(crate) const fn joined(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF
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
    /// Days from March's first to that of each month.
    const BEFORE: [u16; 13] = [0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
    let day_of_year = BEFORE[(month % 13) as usize] as u64 + day - 1;
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
    /// When that second began.
    begin: Nanos,
    /// `YYYYMMDD-HH:MM:SS.` and room.
    text: [u8; 32],
}

impl Default for Clock {
    fn default() -> Self {
        let mut text = [0; 32];
        text[..18].copy_from_slice(b"19700101-00:00:00.");
        Clock { begin: Nanos(0), text }
    }
}

impl Clock {
    /// `time` as `YYYYMMDD-HH:MM:SS.nnnnnnnnn`; callers cut what precision they do not want.
    #[inline(always)]
    pub fn text(&mut self, time: Nanos) -> [u8; 27] {
        let mut text = [0; 32];
        self.put(time, &mut text);
        let mut cut = [0; 27];
        cut.copy_from_slice(&text[..27]);
        cut
    }

    /// Puts that at the beginning of `room`, whose rest it may use.
    #[inline(always)]
    pub(crate) fn put(&mut self, time: Nanos, room: &mut [u8; 32]) {
        let mut nanos = time.0.wrapping_sub(self.begin.0);
        if nanos >= NANOS_PER_SECOND {
            nanos = time.0 % NANOS_PER_SECOND;
            self.set(Nanos(time.0 - nanos));
        }
        // In 32 bits, which a second's nanoseconds fit, division is a single multiplication.
        let nanos = u32::try_from(nanos).unwrap_or_default();
        *room = self.text;
        room[18] = b'0' + (nanos / 100_000_000) as u8;
        room[19..27].copy_from_slice(&eight_characters((nanos % 100_000_000).into()));
    }

    #[cold]
    fn set(&mut self, begin: Nanos) {
        let second = begin.0 / NANOS_PER_SECOND;
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
        self.begin = begin;
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
