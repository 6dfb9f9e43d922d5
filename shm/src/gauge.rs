//! Numbers that one thread counts and others read while it runs.
//!
//! Each has one writer, so that adding is a load and a store and no locked instruction; a reader takes the cache line from
//! it once a reading, and readings are seconds apart.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number. All accesses are relaxed: each stands for itself and says nothing of other memory.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds `more`; by its one writer only.
    #[inline]
    pub fn add(&self, more: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(more), Relaxed);
    }

    /// Sets it; by its one writer only.
    #[inline]
    pub fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// What it is.
    #[inline]
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The first bucket ends at 2^10 ns, about a microsecond.
const FIRST_POWER: u32 = 10;
/// The last one that has an end, at 2^34 ns, about 17 seconds.
const LAST_POWER: u32 = 34;
/// Buckets between two powers of two, as a power of two: a value is known to a quarter of the power below it.
const SPLIT: u32 = 2;
/// One below the first power, four for each power from there to the last, and one for what is beyond.
const BUCKETS: usize = 2 + ((LAST_POWER - FIRST_POWER) << SPLIT) as usize;

/// How long things took, in nanoseconds: a fixed table, filled without allocation.
#[derive(Debug)]
pub struct Histogram {
    buckets: [Count; BUCKETS],
    sum: Count,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: std::array::from_fn(|_| Count::default()), sum: Count::default() }
    }
}

impl Histogram {
    /// Counts `nanos`; by its one writer only.
    #[inline]
    pub fn record(&self, nanos: u64) {
        self.buckets[bucket(nanos)].add(1);
        self.sum.add(nanos);
    }

    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Distribution {
        Distribution { buckets: self.buckets.iter().map(Count::get).collect(), sum: self.sum.get() }
    }
}

/// The bucket of `nanos`: one whose end is not below it, so that an end belongs to its bucket as in Prometheus' `le`.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "of what is shifted three bits are left")]
fn bucket(nanos: u64) -> usize {
    let below = nanos.saturating_sub(1);
    let power = (below | 1).ilog2();
    if power < FIRST_POWER {
        return 0;
    }
    if power >= LAST_POWER {
        return BUCKETS - 1;
    }
    // The power's own bit counts as a whole power's worth of buckets.
    let quarters = (below >> (power - SPLIT)) as u32 - (1 << SPLIT);
    1 + (((power - FIRST_POWER) << SPLIT) + quarters) as usize
}

/// The end of a bucket, in nanoseconds: `None` for the last one, which has none.
fn end(bucket: usize) -> Option<u64> {
    let (power, quarter) = match bucket.checked_sub(1) {
        None => return Some(1 << FIRST_POWER),
        Some(place) => (place >> SPLIT, place as u64 & ((1 << SPLIT) - 1)),
    };
    let power = FIRST_POWER + u32::try_from(power).ok()?;
    (power < LAST_POWER).then(|| ((1 << SPLIT) + quarter + 1) << (power - SPLIT))
}

/// How often how long, as it was read from a [`Histogram`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// By bucket, in the histogram's order.
    pub buckets: Vec<u64>,
    /// Nanoseconds in all.
    pub sum: u64,
}

impl Distribution {
    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// What has come since `former`, read from the same histogram before.
    #[must_use]
    pub fn since(&self, former: &Distribution) -> Distribution {
        let before = former.buckets.iter().copied().chain(std::iter::repeat(0));
        let buckets = self.buckets.iter().zip(before).map(|(now, before)| now.saturating_sub(before));
        Distribution { buckets: buckets.collect(), sum: self.sum.saturating_sub(former.sum) }
    }

    /// Nanoseconds that `share` (0 to 1) of the values do not exceed: the end of the bucket where that is reached, a quarter
    /// too much at most. `None` without values, and where it lies beyond 17 seconds.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let count = self.count();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank, between 1 and the count; beyond 2^53 values it may be off by some"
        )]
        let rank = ((count as f64 * share).ceil() as u64).clamp(1, count.max(1));
        let mut seen = 0;
        for (place, &values) in self.buckets.iter().enumerate() {
            seen += values;
            if seen >= rank {
                return end(place);
            }
        }
        None
    }

    /// The ends at powers of two, in nanoseconds, each with how many values do not exceed it.
    pub fn powers(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut seen = 0;
        self.buckets.iter().enumerate().filter_map(move |(place, &values)| {
            seen += values;
            end(place).filter(|end| end.is_power_of_two()).map(|end| (end, seen))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_first_bucket_that_ends_at_or_above_it() {
        let ends: Vec<u64> = (0..BUCKETS).map_while(end).collect();
        assert_eq!(ends.len(), BUCKETS - 1);
        assert!(ends.is_sorted_by(|a, b| a < b));
        assert_eq!((ends[0], ends[BUCKETS - 2]), (1 << 10, 1 << 34));
        let values = ends.iter().flat_map(|&end| [end - 1, end, end + 1]).chain([0, 1, u64::MAX]);
        for value in values {
            let right = ends.iter().position(|&end| value <= end).unwrap_or(BUCKETS - 1);
            assert_eq!(bucket(value), right, "{value}");
        }
    }

    #[test]
    fn quantiles_are_at_most_a_quarter_above_the_value() {
        let histogram = Histogram::default();
        (1..=1000_u64).for_each(|k| histogram.record(k * 10_000));
        let read = histogram.read();
        assert_eq!((read.count(), read.sum), (1000, 10_000 * 1000 * 1001 / 2));
        for (share, exact) in [(0.5, 5_000_000), (0.99, 9_900_000), (1.0, 10_000_000), (0.0, 10_000)] {
            let told = read.quantile(share).unwrap();
            assert!((exact..=exact + exact / 4).contains(&told), "{share}: {told} for {exact}");
        }
        assert_eq!(Distribution::default().quantile(0.5), None);
    }

    #[test]
    fn what_has_come_since_a_reading_is_told_apart() {
        let histogram = Histogram::default();
        histogram.record(2_000);
        let former = histogram.read();
        histogram.record(1 << 20);
        let since = histogram.read().since(&former);
        assert_eq!((since.count(), since.sum, since.quantile(1.0)), (1, 1 << 20, Some(1 << 20)));
        assert_eq!(histogram.read().since(&Distribution::default()), histogram.read());
    }

    #[test]
    fn powers_of_two_count_what_does_not_exceed_them() {
        let histogram = Histogram::default();
        for nanos in [1, 1 << 10, (1 << 10) + 1, 3 << 20, 1 << 34, 1 << 40] {
            histogram.record(nanos);
        }
        let read = histogram.read();
        let powers: Vec<_> = read.powers().collect();
        assert_eq!(powers.len(), 25);
        assert_eq!((powers[0], powers[1], powers[24]), ((1 << 10, 2), (1 << 11, 3), (1 << 34, 5)));
        assert_eq!(read.count(), 6);
        assert_eq!(powers.iter().find(|(end, _)| *end == 1 << 22), Some(&(1 << 22, 4)));
    }
}
