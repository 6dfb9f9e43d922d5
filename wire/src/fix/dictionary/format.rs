//! The forms of values, by FIX's types (FIX 4.4 volume 1, "Data types"; later ones from FIX 5.0 SP2 volume 1).

use crate::{decimal::Number, fix::value};

/// What a field's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fix) enum Format {
    /// Anything: String, Currency, Exchange, Country and the like. QuickFIX looks into none of them either, and trading
    /// venues name assets and places that ISO does not.
    Text,
    /// Any bytes, SOH included, as many as the length before them says.
    Data,
    /// One character.
    Char,
    /// A whole number with or without a minus, within 32 bits as QuickFIX has it.
    Int,
    /// A whole number without a minus: Length, SeqNum, NumInGroup, TagNum.
    Unsigned,
    /// A decimal: Price, Qty, Amt and the like.
    Number,
    /// `Y` or `N`.
    Boolean,
    /// UTCTimestamp.
    Timestamp,
    /// A time of a day: UTCTimeOnly, LocalMktTime.
    Time,
    /// A date: UTCDateOnly, LocalMktDate.
    Date,
    /// `YYYYMM`, a date, or `YYYYMMwN`.
    MonthYear,
    /// 1 to 31.
    Day,
    /// Texts with single spaces between them.
    Words,
}

impl Format {
    /// Whether `value`, which is not empty, is of this form.
    pub(in crate::fix) fn fits(self, value: &[u8]) -> bool {
        match self {
            Format::Text | Format::Data => true,
            Format::Char => value.len() == 1,
            Format::Int => is_int(value),
            Format::Unsigned => value::unsigned(value).is_some(),
            Format::Number => Number::parse(value).is_some(),
            Format::Boolean => value::boolean(value).is_some(),
            Format::Timestamp => value::timestamp(value).is_some(),
            Format::Time => value::is_time(value),
            Format::Date => value::end_of_date(value).is_some(),
            Format::MonthYear => is_month_year(value),
            Format::Day => matches!(
                value,
                [b'1'..=b'9'] | [b'0', b'1'..=b'9'] | [b'1' | b'2', b'0'..=b'9'] | [b'3', b'0' | b'1']
            ),
            Format::Words => value.split(|&b| b == b' ').all(|word| !word.is_empty()),
        }
    }
}

fn is_int(value: &[u8]) -> bool {
    let (most, digits) = match value {
        [b'-', digits @ ..] => (1 << 31, digits),
        _ => ((1 << 31) - 1, value),
    };
    value::unsigned(digits).is_some_and(|number| number <= most)
}

fn is_month_year(value: &[u8]) -> bool {
    let Some((&month, rest)) = value.split_first_chunk::<6>() else { return false };
    let mut day = *b"00000001";
    day[..6].copy_from_slice(&month);
    match *rest {
        [] | [b'w', b'1'..=b'5'] => {}
        [a, b] => (day[6], day[7]) = (a, b),
        _ => return false,
    }
    value::end_of_date(&day).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_takes_its_values_and_no_others() {
        let long = "9".repeat(19);
        for (format, good, bad) in [
            (Format::Text, &["a b", "=", "\u{e9}"][..], &[][..]),
            (Format::Char, &["a"], &["ab"]),
            (
                Format::Int,
                &["0", "-1", "007", "2147483647", "-2147483648"],
                &["", "-", "+1", "1.0", "2147483648", "-2147483649", &long],
            ),
            (Format::Unsigned, &["0", "18", &long], &["-1", "1.0", "x"]),
            (Format::Number, &["1", "-1.5", ".5", "5.", "00"], &["1e5", "+1", "-", ".", "1,5"]),
            (Format::Boolean, &["Y", "N"], &["y", "1", "YES"]),
            (
                Format::Timestamp,
                &["20261120-12:00:00", "20261120-12:00:60.123456789"],
                &["20261120", "20261120-12:00:00.1"],
            ),
            (
                Format::Time,
                &["12:00:00", "23:59:60.123"],
                &["12:00", "24:00:00", "12:60:00", "12:00:00.1", "12-00-00"],
            ),
            (Format::Date, &["20240229"], &["20230229", "202402", "20241301", "2024022x"]),
            (
                Format::MonthYear,
                &["202402", "20240229", "202402w5"],
                &["202413", "20240230", "202402w6", "2024", "202402w"],
            ),
            (Format::Day, &["1", "01", "9", "31"], &["0", "00", "32", "-1", "001"]),
            (Format::Words, &["a", "a b", "aa b c"], &["a  b", " a", "a ", " "]),
        ] {
            for value in good {
                assert!(format.fits(value.as_bytes()), "{format:?} takes {value:?}");
            }
            for value in bad {
                assert!(!format.fits(value.as_bytes()), "{format:?} does not take {value:?}");
            }
        }
    }
}
