//! Choices that look random and are the same for the same seed.

use wire::{
    instrument::Instrument,
    types::{Lots, Ticks},
};

/// A sequence of numbers: splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014), which has one word of state and serves any seed.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub(super) const fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is above zero. Its bias, `bound` ÷ 2^64, is of no matter here.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.word() % bound
    }

    /// Whether the `percent` cases have come.
    pub(super) const fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What an instrument is worth, moving at random, and the steps in which it is traded.
#[derive(Clone, Debug)]
pub(super) struct Fair {
    pub(super) price: Ticks,
    /// From the fair price to the best quote.
    pub(super) half_spread: i64,
    /// From one quoted price to the next.
    pub(super) gap: i64,
    /// What one unit of quantity is.
    pub(super) unit: u64,
    low: i64,
    high: i64,
}

impl Fair {
    /// Around the instrument's reference price, by a quarter of its band at most, so that every quote is inside
    /// the band wherever the last trade was.
    pub(super) fn of(instrument: &Instrument) -> Fair {
        let reference = instrument.reference.0;
        let (low, high) = instrument.band(instrument.reference);
        // Half a basis point, and a quarter of one.
        let (half_spread, gap) = ((reference / 20_000).max(1), (reference / 40_000).max(1));
        Fair {
            price: instrument.reference,
            half_spread,
            gap,
            unit: unit(instrument),
            low: reference - (reference - low.0) / 4,
            high: reference + (high.0 - reference) / 4,
        }
    }

    /// Moves by at most the half spread.
    pub(super) fn step(&mut self, random: &mut Random) {
        let width = self.half_spread.unsigned_abs();
        let step = random.below(2 * width + 1).cast_signed() - self.half_spread;
        self.price = Ticks((self.price.0 + step).clamp(self.low, self.high));
    }

    /// The price `away` from the fair one on the side of those who buy (`-1`) or sell (`1`), above zero.
    pub(super) fn price_at(&self, away: i64) -> Ticks {
        Ticks((self.price.0 + away).max(1))
    }

    /// `units` of quantity.
    pub(super) const fn lots(&self, units: u64) -> Lots {
        Lots(self.unit.saturating_mul(units))
    }
}

/// Ten times the smallest order that the instrument allows at half its reference price.
fn unit(instrument: &Instrument) -> u64 {
    let price = u128::from((instrument.reference.0 / 2).max(1).unsigned_abs());
    let by_notional = u64::try_from((10 * instrument.notional_min).div_ceil(price)).unwrap_or(u64::MAX);
    // Nobody here asks for more than 32 units at once.
    by_notional.max(instrument.quantity_min.0).clamp(1, (instrument.quantity_max.0 / 32).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn walk(seed: u64, steps: usize) -> Vec<Ticks> {
        let instrument = &Config::embedded(&[]).unwrap().instruments[0];
        let (mut random, mut fair) = (Random::new(seed), Fair::of(instrument));
        std::iter::repeat_with(|| {
            fair.step(&mut random);
            fair.price
        })
        .take(steps)
        .collect()
    }

    #[test]
    fn the_sequence_is_that_of_its_inventors() {
        // Test vector of the reference implementation, seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.word(), 6_457_827_717_110_365_317);
        assert_eq!(random.word(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_seed_walks_the_same_way_again_and_another_seed_another_way() {
        assert_eq!(walk(7, 1_000), walk(7, 1_000));
        assert_ne!(walk(7, 1_000), walk(8, 1_000));
    }

    #[test]
    fn a_walk_moves_and_stays_well_inside_the_band() {
        for instrument in &Config::embedded(&[]).unwrap().instruments {
            let (low, high) = instrument.band(instrument.reference);
            let (mut random, mut fair) = (Random::new(1), Fair::of(instrument));
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..20_000 {
                fair.step(&mut random);
                seen.insert(fair.price);
            }
            assert!(seen.len() > 10, "{} hardly moves", instrument.symbol);
            let (first, last) = (seen.first().unwrap(), seen.last().unwrap());
            assert!(
                first.0 - low.0 > instrument.reference.0 / 4 && high.0 - last.0 > instrument.reference.0 / 4
            );
        }
    }

    #[test]
    fn a_unit_is_an_order_that_the_instrument_allows() {
        for instrument in &Config::embedded(&[]).unwrap().instruments {
            let fair = Fair::of(instrument);
            let lots = fair.lots(1);
            assert!(lots >= instrument.quantity_min && fair.lots(32) <= instrument.quantity_max);
            let lowest = u128::from(instrument.band(instrument.reference).0.0.unsigned_abs());
            assert!(lowest * u128::from(lots.0) >= instrument.notional_min, "{}", instrument.symbol);
        }
    }
}
