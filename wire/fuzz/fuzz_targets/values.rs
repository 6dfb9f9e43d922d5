//! Text as a number, a decimal, a timestamp. What is read is what a slow and obvious reader makes of it, and is written
//! so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{
    decimal::{Decimal, DecimalError, SCALE_MAX},
    fix::{
        encode::Scratch,
        value::{self, Clock},
        version::Version,
    },
    instrument::Step,
    types::Nanos,
};

/// `-?digits(.digits)?` without needless zeros: whether there is a minus, the digits, and how many of them stand
/// behind the point; `None` for any other text.
fn obvious(text: &str) -> Option<(bool, String, usize)> {
    let (minus, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, part].concat();
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = part.trim_end_matches('0');
    Some((minus, [whole, part].concat().trim_start_matches('0').to_owned(), part.len()))
}

fn decimal(text: &str) {
    let read = Decimal::parse(text.as_bytes());
    let Some((minus, digits, scale)) = obvious(text) else {
        return assert_eq!(read, Err(DecimalError::Malformed), "{text}");
    };
    let mantissa = if digits.is_empty() { Ok(0) } else { digits.parse::<i64>() };
    let expected = match mantissa {
        Ok(mantissa) if scale <= usize::from(SCALE_MAX) => {
            Ok(Decimal { mantissa: if minus { -mantissa } else { mantissa }, scale: scale as u8 })
        }
        _ => Err(DecimalError::TooLong),
    };
    assert_eq!(read, expected, "{text}");
    let Ok(number) = expected else { return };
    let mut scratch = Scratch::new(Version::Fix44);
    let mut body = scratch.body();
    let begin = body.end();
    body.decimal(b"44=", number);
    let end = body.end();
    let field = scratch.written(&(begin..end));
    let written = &field[3..field.len() - 1];
    assert_eq!(Decimal::parse(written), Ok(number), "{}", written.escape_ascii());
    for scale in [0, 2, 5, 8] {
        let step = Step::new(Decimal { mantissa: 25, scale }).expect("above zero");
        // Many steps may be more digits than a decimal has.
        if let Ok(count) = step.count(number)
            && let Some(value) = step.value(count)
        {
            assert_eq!(step.count(value), Ok(count));
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let number = value::unsigned(data);
    let _ = value::end_of_date(data);
    if let Some(time) = value::timestamp(data) {
        let written = Clock::default().text(time);
        assert_eq!(value::timestamp(&written), Some(time));
        if data.len() == written.len() && !data.ends_with(b"60") && &data[15..17] != b"60" {
            assert_eq!(data, written);
        }
    }
    if let Some((bytes, _)) = data.split_first_chunk::<8>() {
        // Up to the year 2500, as far as timestamps go.
        let time = Nanos(u64::from_le_bytes(*bytes) % 16_725_225_600_000_000_000);
        assert_eq!(value::timestamp(&Clock::default().text(time)), Some(time));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let plain = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    assert_eq!(number, text.parse().ok().filter(|_| plain));
    decimal(text);
});
