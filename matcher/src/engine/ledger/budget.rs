//! Orders that name what to spend: each lives for one command, and holds exactly what it may spend still.

use wire::types::{Lots, Ticks};

use super::{Ledger, Pair, Party, Uncovered, charge, signed, terms::FEE_UNIT};

/// What such an order may spend still, in the quote asset's smallest units; on a venue without a ledger in ticks × lots.
pub(in crate::engine) struct Budget {
    left: u128,
    /// What one tick × lot costs, and the taker's fee on it.
    unit: u128,
    rate: u32,
    /// See [`super::Cover::overpaid`].
    overpaid: u32,
}

impl Budget {
    fn new(pair: Option<&Pair>, amount: Lots) -> Budget {
        let (unit, rate) = pair.map_or((1, 0), |pair| (pair.quote_per_tick_lot.into(), pair.taker_fee));
        Budget { left: u128::from(amount.0) * unit, unit, rate, overpaid: 0 }
    }

    /// What `lots` cost at `price` without a fee.
    fn cost(&self, price: Ticks, lots: u64) -> u128 {
        u128::from(price.0.unsigned_abs()) * u128::from(lots) * self.unit
    }

    /// The most lots that it pays for at `price`, with the fee on them.
    pub(in crate::engine) fn lots(&self, price: Ticks) -> u64 {
        // n lots cost c n, and a fee of c n rate − overpaid, rounded up to units: that is at most `left` where
        // c n (1 + rate) ≤ left + overpaid, in parts of a unit as fees are. 2^56 × 2^40 × 2^21 is in 128 bits.
        let unit = u128::from(FEE_UNIT);
        let each = self.cost(price, 1) * (unit + u128::from(self.rate));
        u64::try_from((self.left * unit + u128::from(self.overpaid)) / each).unwrap_or(u64::MAX)
    }

    /// What is left, in whole ticks × lots.
    pub(in crate::engine) fn left(&self) -> Lots {
        Lots(u64::try_from(self.left / self.unit).unwrap_or(u64::MAX))
    }
}

impl Ledger {
    /// What an order for `amount` ticks × lots of an instrument may spend.
    pub(in crate::engine) fn budget(&self, instrument: usize, amount: Lots) -> Budget {
        Budget::new(self.pairs.get(instrument), amount)
    }

    /// Whether all of it is there.
    pub(in crate::engine) fn covers_budget(&self, party: &Party, budget: &Budget) -> Result<(), Uncovered> {
        match self.pairs.get(party.instrument) {
            Some(pair) => self.is_there(party.account, pair.quote, signed(budget.left)),
            None => Ok(()),
        }
    }

    /// Holds all of it, after [`Ledger::covers_budget`].
    pub(in crate::engine) fn hold_budget(&mut self, party: &Party, budget: &Budget) {
        if let Some(pair) = self.pairs.get(party.instrument) {
            self.shift(party.account, (pair.quote, signed(budget.left)));
        }
    }

    /// Takes from it what `lots` at `price` cost without a fee, or all that is left, and releases that.
    pub(in crate::engine) fn cut_budget(
        &mut self,
        party: &Party,
        budget: &mut Budget,
        (price, lots): (Ticks, Lots),
    ) {
        let less = budget.cost(price, lots.0).min(budget.left);
        budget.left -= less;
        if let Some(pair) = self.pairs.get(party.instrument) {
            self.shift(party.account, (pair.quote, -signed(less)));
        }
    }

    /// Releases what is left of it.
    pub(in crate::engine) fn release_budget(&mut self, party: &Party, budget: Budget) {
        if let Some(pair) = self.pairs.get(party.instrument) {
            self.shift(party.account, (pair.quote, -signed(budget.left)));
        }
    }

    /// Settles the buyer's side of a fill that it pays for. The fee.
    pub(in crate::engine) fn spend(
        &mut self,
        party: &Party,
        budget: &mut Budget,
        (price, lots): (Ticks, Lots),
    ) -> u64 {
        let notional = budget.cost(price, lots.0);
        let fee = charge(notional * u128::from(budget.rate), &mut budget.overpaid);
        budget.left -= notional + fee;
        let Some(&Pair { base, quote, base_per_lot, .. }) = self.pairs.get(party.instrument) else {
            return 0;
        };
        // Out of what is held.
        self.shift(party.account, (quote, -signed(notional + fee)));
        self.balance_mut(party.account, quote).available -= signed(notional + fee);
        let bought = signed(u128::from(lots.0) * u128::from(base_per_lot));
        self.balance_mut(party.account, base).available += bought;
        self.fees[quote.0 as usize] += signed(fee);
        u64::try_from(fee).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against buying one lot more as long as it can be paid for.
    #[test]
    fn a_budget_pays_for_as_many_lots_as_their_cost_and_fee_leave_it() {
        let mut random = 0x5EED_u64;
        let mut below = |bound: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % bound
        };
        for _ in 0..2_000 {
            let rate = [0, 1, 333_333, 999_999, 1_000_000][usize::try_from(below(5)).unwrap()];
            let overpaid = u32::try_from(below(if rate == 0 { 1 } else { 1_000_000 })).unwrap();
            let unit = u128::from(below(3) + 1);
            let budget = Budget { left: u128::from(below(500)), unit, rate, overpaid };
            let price = Ticks(i64::try_from(below(9) + 1).unwrap());
            let pays = |lots: u64| {
                let cost = budget.cost(price, lots);
                cost + charge(cost * u128::from(rate), &mut { overpaid }) <= budget.left
            };
            let most = (1..).take_while(|&lots| pays(lots)).last().unwrap_or(0);
            assert_eq!(budget.lots(price), most);
        }
        let all = Budget { left: 1 << 96, unit: 1 << 40, rate: FEE_UNIT, overpaid: FEE_UNIT - 1 };
        assert_eq!(all.lots(Ticks(1 << 56)), 0);
        assert_eq!(all.lots(Ticks(1)), 1 << 55);
        assert_eq!(all.left(), Lots(1 << 56));
    }
}
