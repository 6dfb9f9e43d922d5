//! Where an order's time goes, by the stamps of its report.

use std::fmt;

use hdrhistogram::Histogram;

/// The hops, in the order that an order takes them.
const NAMES: [&str; 4] = [
    "client's send → gateway has read it",
    "gateway → matcher has taken it up",
    "matcher → lets the report go",
    "report → client has read it",
];

/// How long each hop took of each order. Of one order the hops sum to the whole, and so do the means of all.
///
/// A gateway reads the time once for all that it finds, before it looks: what comes meanwhile may seem to have been there
/// already. Such a hop counts as nothing, and the time as the next one's.
#[derive(Debug)]
pub struct Hops {
    name: String,
    hops: [Histogram<u64>; NAMES.len()],
    whole: Histogram<u64>,
    sums: [u64; NAMES.len()],
}

impl Hops {
    /// Nothing measured yet.
    ///
    /// # Panics
    /// Never: the bounds are in order, and three significant digits are within what a histogram can have.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Hops {
        // Bounds set here and now: a histogram that grows while it records would be measured too.
        let histogram =
            || Histogram::new_with_bounds(1, 100_000_000_000, 3).expect("the bounds are in order");
        Hops {
            name: name.into(),
            hops: std::array::from_fn(|_| histogram()),
            whole: histogram(),
            sums: [0; NAMES.len()],
        }
    }

    /// Takes in an order: when it was sent, the three stamps, and when its report was read.
    pub fn record(&mut self, [sent, gateway_in, matcher_in, matcher_out, read]: [u64; 5]) {
        let mut from = sent;
        for ((hop, sum), to) in
            self.hops.iter_mut().zip(&mut self.sums).zip([gateway_in, matcher_in, matcher_out, read])
        {
            let to = to.max(from);
            hop.saturating_record(to - from);
            *sum += to - from;
            from = to;
        }
        self.whole.saturating_record(from - sent);
    }

    /// Adds what another has measured of the same.
    ///
    /// # Panics
    /// Never: all have the same bounds.
    pub fn add(&mut self, other: &Hops) {
        let all = self.hops.iter_mut().chain([&mut self.whole]);
        for (ours, theirs) in all.zip(other.hops.iter().chain([&other.whole])) {
            ours.add(theirs).expect("the bounds are the same");
        }
        for (ours, theirs) in self.sums.iter_mut().zip(other.sums) {
            *ours += theirs;
        }
    }

    /// How many orders were measured.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.whole.len()
    }
}

impl fmt::Display for Hops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |ns: u64| format!("{}.{:02}", ns / 1000, ns % 1000 / 10);
        writeln!(f, "| {}: µs, all rounds | mean | p50 | p99 | p99.9 |\n|---|---|---|---|---|", self.name)?;
        let count = self.count().max(1);
        let mut row = |name: &str, sum: u64, hop: &Histogram<u64>| {
            let [p50, p99, p999] = [50.0, 99.0, 99.9].map(|p| us(hop.value_at_percentile(p)));
            writeln!(f, "| {name} | {} | {p50} | {p99} | {p999} |", us(sum / count))
        };
        for ((name, hop), &sum) in NAMES.iter().zip(&self.hops).zip(&self.sums) {
            row(name, sum, hop)?;
        }
        row("whole", self.sums.iter().sum(), &self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_sum_to_the_whole_and_one_that_seems_to_go_back_is_none() {
        let mut hops = Hops::new("orders");
        hops.record([1_000, 1_400, 1_500, 1_800, 3_000]);
        hops.record([1_000, 900, 1_500, 1_800, 2_000]);
        assert_eq!(hops.sums, [400, 600, 600, 1_400]);
        assert_eq!(hops.count(), 2);
        let mut all = Hops::new("all");
        all.add(&hops);
        all.add(&hops);
        assert_eq!((all.count(), all.sums), (4, [800, 1_200, 1_200, 2_800]));
        let shown = hops.to_string();
        assert!(shown.contains("| whole | 1.50 |"), "{shown}");
    }
}
