//! Numbers as people read them.

use hdrhistogram::Histogram;
use wire::instrument::Step;

/// `number` with a comma after every three digits.
pub(super) fn grouped(number: u64) -> String {
    group(&number.to_string())
}

/// `count` steps of a tick or lot as a decimal, its whole part grouped.
pub(super) fn steps(count: u64, step: Step) -> String {
    let digits = u128::from(count) * u128::from(step.mantissa());
    let unit = 10_u128.pow(step.scale().into());
    let whole = group(&(digits / unit).to_string());
    match usize::from(step.scale()) {
        0 => whole,
        places => format!("{whole}.{:0places$}", digits % unit),
    }
}

fn group(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Nanoseconds as microseconds with one decimal place.
pub(super) fn micros(nanos: u64) -> String {
    format!("{}.{}", grouped(nanos / 1_000), nanos % 1_000 / 100)
}

/// How many `events` a second in `nanos` nanoseconds.
pub(super) fn rate(events: u64, nanos: u64) -> u64 {
    let per_second = u128::from(events) * 1_000_000_000 / u128::from(nanos.max(1));
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

/// A histogram of nanoseconds: three digits, and whatever takes more than a hundred seconds takes a hundred.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 100_000_000_000, 3)
        .expect("the bounds are in order and three digits allowed")
}

/// What is shown of a distribution of nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Latency {
    p50: u64,
    p99: u64,
    p999: u64,
    max: u64,
}

impl Latency {
    pub(super) fn of(histogram: &Histogram<u64>) -> Latency {
        let at = |percentile| histogram.value_at_percentile(percentile);
        Latency { p50: at(50.0), p99: at(99.0), p999: at(99.9), max: histogram.max() }
    }
}

impl std::fmt::Display for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Latency { p50, p99, p999, max } = self;
        write!(
            f,
            "p50 {}  p99 {}  p99.9 {}  max {} µs",
            micros(*p50),
            micros(*p99),
            micros(*p999),
            micros(*max)
        )
    }
}

#[cfg(test)]
mod tests {
    use wire::decimal::Decimal;

    use super::*;

    #[test]
    fn thousands_are_separated_from_the_right() {
        let texts = [0, 999, 1_000, 351_218, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "351,218", "1,234,567"]);
    }

    #[test]
    fn steps_are_written_in_all_places_of_the_step() {
        let step = |text: &[u8]| Step::new(Decimal::parse(text).unwrap()).unwrap();
        assert_eq!(steps(5_000_001, step(b"0.01")), "50,000.01");
        assert_eq!(steps(3, step(b"0.25")), "0.75");
        assert_eq!(steps(351_218, step(b"1")), "351,218");
        assert_eq!(steps(7, step(b"0.00001")), "0.00007");
    }

    #[test]
    fn a_distribution_is_told_to_the_greatest_value() {
        let mut histogram = histogram();
        assert_eq!(Latency::of(&histogram), Latency::default());
        (1..=1_000).for_each(|micros| histogram.saturating_record(micros * 1_000));
        histogram.saturating_record(u64::MAX);
        let Latency { p50, p99, max, .. } = Latency::of(&histogram);
        assert!((499_000..=502_000).contains(&p50) && (989_000..=992_000).contains(&p99), "{p50} {p99}");
        assert!((100_000_000_000..101_000_000_000).contains(&max), "{max}");
    }

    #[test]
    fn a_rate_is_per_second_and_never_divides_by_zero() {
        assert_eq!(rate(500, 250_000_000), 2_000);
        assert_eq!(rate(1, 0), 1_000_000_000);
        assert_eq!(micros(1_234_567), "1,234.5");
    }
}
