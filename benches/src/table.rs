//! Latency distributions side by side.

use std::fmt;

use hdrhistogram::Histogram;

/// Percentiles shown, as they are headed.
const COLUMNS: [(&str, f64); 5] =
    [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("p99.9", 99.9), ("p99.99", 99.99)];

/// Rounds of one thing measured: a histogram of nanoseconds each.
#[derive(Debug)]
pub struct Series {
    name: String,
    rounds: Vec<Histogram<u64>>,
}

impl Series {
    /// Nothing measured yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Series {
        Series { name: name.into(), rounds: Vec::new() }
    }

    /// One more round, to be filled.
    ///
    /// # Panics
    /// Never: the bounds are in order, and three significant digits are within what a histogram can have.
    pub fn round(&mut self) -> &mut Histogram<u64> {
        // Bounds set here and now: a histogram that grows while it records would be measured too.
        let round = Histogram::new_with_bounds(1, 100_000_000_000, 3);
        self.rounds.push(round.expect("the bounds are in order and three digits allowed"));
        self.rounds.last_mut().expect("just pushed")
    }

    /// How many values each round has.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        self.rounds.iter().map(Histogram::len).collect()
    }

    /// The median over the rounds of one percentile, with the least and the greatest, in nanoseconds.
    fn spread(&self, percentile: f64) -> [u64; 3] {
        let mut values: Vec<u64> = self.rounds.iter().map(|r| r.value_at_percentile(percentile)).collect();
        values.sort_unstable();
        match values[..] {
            [] => [0; 3],
            [least, ..] => [least, values[values.len() / 2], values[values.len() - 1]],
        }
    }

    fn max(&self) -> u64 {
        self.rounds.iter().map(Histogram::max).max().unwrap_or(0)
    }
}

/// Series in rows; the first is the floor that the others are compared with.
#[derive(Debug)]
pub struct Table<'a>(pub &'a [Series]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |ns: u64| format!("{}.{:02}", ns / 1000, ns % 1000 / 10);
        write!(f, "| µs, median of rounds (min–max) |")?;
        COLUMNS.iter().try_for_each(|(head, _)| write!(f, " {head} |"))?;
        writeln!(f, " max |\n|---|---|---|---|---|---|---|")?;
        for series in self.0 {
            write!(f, "| {} |", series.name)?;
            for (_, percentile) in COLUMNS {
                let [least, median, most] = series.spread(percentile);
                write!(f, " {} ({}–{}) |", us(median), us(least), us(most))?;
            }
            writeln!(f, " {} |", us(series.max()))?;
        }
        let Some((floor, others)) = self.0.split_first() else { return Ok(()) };
        for series in others {
            write!(f, "| {} ÷ {} |", series.name, floor.name)?;
            for (_, percentile) in COLUMNS {
                let (ours, floor) = (series.spread(percentile)[1], floor.spread(percentile)[1].max(1));
                write!(f, " {}.{:02} |", ours / floor, ours * 100 / floor % 100)?;
            }
            writeln!(f, " |")?;
        }
        Ok(())
    }
}
