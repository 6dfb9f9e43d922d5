//! Who owns what: balances, what open orders hold of them, and fees.
//!
//! What an order holds is a function of its price, of what it can still trade and of the fees it has been
//! charged; so it is kept nowhere, and every change is the difference of two values of that function.

mod budget;
mod image;
mod terms;

use wire::{
    limits::MASS_QUOTE_ENTRIES_MAX,
    types::{AccountId, AssetId, Lots, Side, Ticks},
};
use zerocopy::FromZeros;

pub(super) use budget::Budget;
pub(super) use image::{Image, PairImage};
pub use terms::{AccountKind, AccountTerms, LedgerError, LedgerTerms, Pair};

use super::{
    Digest,
    index::{touch, touch_room},
};
use terms::FEE_UNIT;

/// No amount is greater: products with fees, and sums over all orders, fit 128 bits.
const AMOUNT_MAX: u128 = 1 << 100;

/// An account's funds in one asset, in its smallest units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What can be spent; of a credit account it may be negative.
    pub available: i128,
    /// What open orders hold.
    pub held: i128,
}

/// An account's funds in one asset, and what is kept besides: one cache line.
#[derive(Clone, Copy)]
struct Funds {
    balance: Balance,
    /// How far below zero the available funds may go.
    limit: i128,
    /// What the sum of all balances' digests has of it.
    digest: u64,
    /// Whether it is among the changed ones.
    changed: bool,
}

const _: () = assert!(size_of::<Funds>() == 64);

/// How an open order is covered. The ledger keeps of it what the order itself does not say: the price of one without
/// a limit, and what one that has traded has overpaid; zeroed memory that the system gives only when it is first
/// written.
#[derive(Clone, Copy, FromZeros)]
pub(super) struct Cover {
    /// The price at which a buy is covered.
    price: i64,
    /// Fees charged beyond what is due exactly, in units of 1 / [`FEE_UNIT`]: less than one unit.
    overpaid: u32,
}

/// An order as the ledger sees it.
#[derive(Clone, Copy)]
pub(super) struct Party {
    pub(super) slot: u32,
    pub(super) account: AccountId,
    pub(super) instrument: usize,
    pub(super) side: Side,
    pub(super) cover: Cover,
    /// Whether the price of `cover` is its limit.
    pub(super) has_limit: bool,
}

impl Cover {
    /// Of an order that has not traded.
    pub(super) const fn at(price: Ticks) -> Cover {
        Cover { price: price.0, overpaid: 0 }
    }

    pub(super) const fn digest(self, digest: &mut Digest) {
        digest.word(self.price.unsigned_abs());
        digest.word(self.overpaid as u64);
    }
}

pub(super) struct Ledger {
    pairs: Vec<Pair>,
    assets: usize,
    /// Which accounts have credit.
    credit: Vec<bool>,
    /// By account, then asset.
    funds: Vec<Funds>,
    /// Places of funds that have changed since their digests were computed, each once.
    changed: Vec<u32>,
    /// The sum of all balances' digests, as far as they are computed.
    sum: u64,
    /// The fee account, by asset.
    fees: Vec<i128>,
    /// Deposits less withdrawals, by asset.
    deposited: Vec<i128>,
    /// By the slot of the book node.
    covers: Vec<Cover>,
}

/// Not enough funds.
pub(super) struct Uncovered;

/// Asset and amount.
type Amount = (AssetId, i128);

fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

impl Ledger {
    /// Bytes of an account's balance of an asset.
    pub(super) const BALANCE_BYTES: usize = size_of::<Funds>() + size_of::<u32>();

    /// Bytes reserved for each open order.
    pub(super) const ORDER_BYTES: usize = size_of::<Cover>();

    /// With room for as many instruments and accounts.
    pub(super) fn new(terms: LedgerTerms, orders: u32, instruments: u32, accounts: u32) -> Ledger {
        let assets = terms.assets as usize;
        let limits = terms.accounts.iter().flat_map(|a| (0..terms.assets).map(|asset| a.kind.limit(asset)));
        let empty = |limit| Funds { balance: Balance::default(), limit, digest: 0, changed: false };
        let room = assets * accounts as usize;
        let mut funds = Vec::with_capacity(room);
        funds.extend(limits.map(empty));
        let covered = if terms.pairs.is_empty() { 0 } else { orders as usize };
        let mut pairs = Vec::with_capacity(instruments as usize);
        pairs.extend(terms.pairs);
        let mut credit = Vec::with_capacity(accounts as usize);
        credit.extend(terms.accounts.iter().map(|account| account.kind != AccountKind::Prefunded));
        Ledger {
            changed: Vec::with_capacity(room),
            funds,
            sum: 0,
            credit,
            fees: vec![0; assets],
            deposited: vec![0; assets],
            covers: Cover::new_vec_zeroed(covered).expect("memory for the bound on open orders"),
            pairs,
            assets,
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.funds);
        touch_room(&mut self.changed);
        touch(&mut self.covers);
    }

    /// Whether orders are covered at all.
    #[inline]
    pub(super) const fn is_active(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// Whether there is this account.
    pub(super) const fn knows(&self, account: AccountId) -> bool {
        (account.0 as usize) < self.credit.len()
    }

    /// What is exchanged in an instrument; `None` on a venue without a ledger.
    pub(super) fn pair(&self, instrument: usize) -> Option<&Pair> {
        self.pairs.get(instrument)
    }

    /// Sets what is exchanged in an instrument, the next one or one without open orders; there is room.
    pub(super) fn set_pair(&mut self, instrument: usize, pair: Pair) {
        match self.pairs.get_mut(instrument) {
            Some(known) => *known = pair,
            None => self.pairs.push(pair),
        }
    }

    /// Whether a pair can be.
    pub(super) fn is_sound(&self, pair: &Pair) -> bool {
        pair.is_sound(u32::try_from(self.assets).unwrap_or(u32::MAX))
    }

    /// Adds a prefunded account without funds; there is room.
    pub(super) fn add_account(&mut self) {
        self.credit.push(false);
        let empty = Funds { balance: Balance::default(), limit: 0, digest: 0, changed: false };
        self.funds.resize(self.funds.len() + self.assets, empty);
    }

    pub(super) fn has_credit(&self, account: AccountId) -> bool {
        self.credit.get(account.0 as usize).copied().unwrap_or(false)
    }

    /// Gives an account credit without limits, or takes its credit away; `Err` if it has spent some of that.
    pub(super) fn set_credit(&mut self, account: AccountId, credit: bool) -> Result<(), Uncovered> {
        let place = self.place(account, AssetId(0));
        let funds = &mut self.funds[place..place + self.assets];
        if self.credit[account.0 as usize] == credit {
            return Ok(());
        }
        if !credit && funds.iter().any(|funds| funds.balance.available < 0) {
            return Err(Uncovered);
        }
        self.credit[account.0 as usize] = credit;
        funds.iter_mut().for_each(|funds| funds.limit = if credit { signed(AMOUNT_MAX) } else { 0 });
        Ok(())
    }

    /// Sets how much more than it has an account with credit may spend; `Err` if it owes more already. `None` if
    /// there is no such asset.
    pub(super) fn set_limit(
        &mut self,
        account: AccountId,
        asset: AssetId,
        limit: u128,
    ) -> Option<Result<(), Uncovered>> {
        if asset.0 as usize >= self.assets {
            return None;
        }
        let place = self.place(account, asset);
        let funds = &mut self.funds[place];
        let limit = signed(limit.min(AMOUNT_MAX));
        if !self.credit[account.0 as usize] || funds.balance.available < -limit {
            return Some(Err(Uncovered));
        }
        funds.limit = limit;
        Some(Ok(()))
    }

    pub(super) fn balance(&self, account: AccountId, asset: AssetId) -> Option<Balance> {
        let known = self.knows(account) && (asset.0 as usize) < self.assets;
        known.then(|| self.funds[self.place(account, asset)].balance)
    }

    /// How many assets there are.
    pub(super) const fn assets(&self) -> usize {
        self.assets
    }

    /// What an account has, by asset; nothing of an account that is not known.
    pub(super) fn balances(&self, account: AccountId) -> impl Iterator<Item = (AssetId, Balance)> + Clone {
        let place = self.place(account, AssetId(0));
        let funds = self.funds.get(place..place + self.assets).unwrap_or_default();
        let all = (0..).map(AssetId).zip(funds).map(|(asset, funds)| (asset, funds.balance));
        all.filter(|(_, balance)| *balance != Balance::default())
    }

    pub(super) fn fees(&self, asset: AssetId) -> Option<i128> {
        self.fees.get(asset.0 as usize).copied()
    }

    pub(super) fn deposited(&self, asset: AssetId) -> Option<i128> {
        self.deposited.get(asset.0 as usize).copied()
    }

    /// Pays in, or out if `amount` is negative; it is not zero. `None` if there is no such asset, or if the
    /// amount is beyond what the ledger counts.
    pub(super) fn pay(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: i128,
    ) -> Option<Result<(), Uncovered>> {
        let deposited = self.deposited.get(asset.0 as usize)?.checked_add(amount)?;
        if amount.unsigned_abs() > AMOUNT_MAX || deposited.unsigned_abs() > AMOUNT_MAX {
            return None;
        }
        let Funds { balance, limit, .. } = self.funds[self.place(account, asset)];
        if amount < 0 && balance.available + amount < -limit {
            return Some(Err(Uncovered));
        }
        self.balance_mut(account, asset).available += amount;
        self.deposited[asset.0 as usize] = deposited;
        Some(Ok(()))
    }

    /// How the order in `slot` is covered, given its limit if it has one, and whether it has traded.
    #[inline]
    pub(super) fn cover(&self, slot: u32, limit: Option<Ticks>, has_traded: bool) -> Cover {
        let kept = || self.covers.get(slot as usize).copied().unwrap_or(Cover { price: 0, overpaid: 0 });
        Cover {
            price: limit.map_or_else(|| kept().price, |limit| limit.0),
            overpaid: if has_traded { kept().overpaid } else { 0 },
        }
    }

    /// Whether a new order can be paid for.
    pub(super) fn covers(&self, party: &Party, leaves: Lots) -> Result<(), Uncovered> {
        let (asset, amount) = self.hold(party, party.cover, leaves).ok_or(Uncovered)?;
        self.is_there(party.account, asset, amount)
    }

    /// Covers a new order, after [`Ledger::covers`].
    pub(super) fn enter(&mut self, party: Party, price: Ticks, leaves: Lots) {
        if !party.has_limit {
            self.covers[party.slot as usize].price = price.0;
        }
        let amount = self.held(&Party { cover: Cover::at(price), ..party }, leaves);
        self.shift(party.account, amount);
    }

    /// Whether an open order can be covered at another price and quantity; `other` is what an order of which
    /// this one is the alternative holds anyway.
    pub(super) fn covers_change(
        &self,
        party: &Party,
        leaves: Lots,
        (price, new_leaves): (Ticks, Lots),
        other: i128,
    ) -> Result<(), Uncovered> {
        let cover = Cover { price: price.0, ..party.cover };
        let (asset, new) = self.hold(party, cover, new_leaves).ok_or(Uncovered)?;
        let (_, old) = self.held(party, leaves);
        let [old, new] = [old, new].map(|amount| amount.max(other));
        if new <= old { Ok(()) } else { self.is_there(party.account, asset, new - old) }
    }

    /// Whether `new` orders of `account` can be paid for once `old` ones of it have gone: those of one mass quote,
    /// the new ones each with its price.
    pub(super) fn covers_instead(
        &self,
        account: AccountId,
        old: impl Iterator<Item = (Party, Lots)>,
        new: impl Iterator<Item = (Party, Lots)>,
    ) -> Result<(), Uncovered> {
        // Two for each instrument, at most.
        let mut sums = [(AssetId(0), 0); 2 * MASS_QUOTE_ENTRIES_MAX];
        let mut assets = 0;
        let mut add = |(asset, amount): Amount| {
            if let Some((_, sum)) = sums[..assets].iter_mut().find(|(of, _)| *of == asset) {
                *sum += amount;
            } else {
                sums[assets] = (asset, amount);
                assets += 1;
            }
        };
        for (party, leaves) in old {
            let (asset, amount) = self.held(&party, leaves);
            add((asset, -amount));
        }
        for (party, leaves) in new {
            add(self.hold(&party, party.cover, leaves).ok_or(Uncovered)?);
        }
        let mut more = sums[..assets].iter().filter(|(_, sum)| *sum > 0);
        more.try_for_each(|&(asset, sum)| self.is_there(account, asset, sum))
    }

    /// Covers an open order anew, after [`Ledger::covers_change`], or with less to trade. What it needs by itself.
    pub(super) fn change(
        &mut self,
        party: &Party,
        leaves: Lots,
        (price, new_leaves): (Ticks, Lots),
        other: i128,
    ) -> i128 {
        let (asset, old) = self.held(party, leaves);
        if !party.has_limit {
            self.covers[party.slot as usize].price = price.0;
        }
        let cover = Cover { price: price.0, ..party.cover };
        let (_, new) = self.held(&Party { cover, ..*party }, new_leaves);
        self.shift(party.account, (asset, new.max(other) - old.max(other)));
        new
    }

    /// The price at which the open order in `slot` is covered.
    pub(super) fn covered_at(&self, slot: u32) -> Ticks {
        Ticks(self.covers[slot as usize].price)
    }

    /// What is left of an order's hold is released, but for what it shares with another one.
    pub(super) fn release(&mut self, party: &Party, leaves: Lots, shared: i128) {
        let (asset, old) = self.held(party, leaves);
        self.shift(party.account, (asset, shared - old));
    }

    /// Releases so much of what the order of `party` holds.
    pub(super) fn give_back(&mut self, party: &Party, amount: i128) {
        let pair = &self.pairs[party.instrument];
        let asset = if party.side == Side::Buy { pair.quote } else { pair.base };
        self.shift(party.account, (asset, -amount));
    }

    /// Settles one side of a fill, after which the order can still trade `leaves`. The fee.
    pub(super) fn fill(
        &mut self,
        party: &Party,
        is_maker: bool,
        at: Ticks,
        (quantity, leaves): (Lots, Lots),
    ) -> u64 {
        let pair = self.pairs[party.instrument];
        let (_, before) = self.held(party, Lots(leaves.0 + quantity.0));
        let notional = pair.notional(at.0.unsigned_abs(), quantity.0);
        let rate = if is_maker { pair.maker_fee } else { pair.taker_fee };
        let mut cover = party.cover;
        let fee = charge(product(notional, rate.into()), &mut cover.overpaid);
        self.covers[party.slot as usize].overpaid = cover.overpaid;
        let (_, after) = self.held(&Party { cover, ..*party }, leaves);
        let released = before - after;
        let lots = signed(product(quantity.0.into(), pair.base_per_lot));
        let (base, quote) = match party.side {
            Side::Buy => (lots, released - signed(notional + fee)),
            Side::Sell => (released - lots, signed(notional) - signed(fee)),
        };
        let (from_base, from_quote) = if party.side == Side::Buy { (0, released) } else { (released, 0) };
        let balance = self.balance_mut(party.account, pair.base);
        balance.available += base;
        balance.held -= from_base;
        let balance = self.balance_mut(party.account, pair.quote);
        balance.available += quote;
        balance.held -= from_quote;
        self.fees[pair.quote.0 as usize] += signed(fee);
        u64::try_from(fee).unwrap_or(u64::MAX)
    }

    /// Moves from available to held.
    fn shift(&mut self, account: AccountId, (asset, amount): Amount) {
        let balance = self.balance_mut(account, asset);
        balance.available -= amount;
        balance.held += amount;
    }

    /// A balance that is about to change.
    #[inline]
    fn balance_mut(&mut self, account: AccountId, asset: AssetId) -> &mut Balance {
        let place = self.place(account, asset);
        let funds = &mut self.funds[place];
        if !funds.changed {
            funds.changed = true;
            // As long as there are balances: this never reallocates.
            #[expect(clippy::cast_possible_truncation, reason = "at most 2^20 accounts with 2^10 assets")]
            self.changed.push(place as u32);
        }
        &mut funds.balance
    }

    fn is_there(&self, account: AccountId, asset: AssetId, amount: i128) -> Result<(), Uncovered> {
        let Funds { balance, limit, .. } = self.funds[self.place(account, asset)];
        if balance.available - amount >= -limit { Ok(()) } else { Err(Uncovered) }
    }

    /// What the open order of `party` holds if it can still trade `leaves`.
    pub(super) fn held(&self, party: &Party, leaves: Lots) -> Amount {
        self.hold(party, party.cover, leaves).expect("covered when it was entered, and never for more since")
    }

    /// What an order holds; `None` if that is beyond what the ledger counts.
    fn hold(&self, party: &Party, cover: Cover, leaves: Lots) -> Option<Amount> {
        let pair = &self.pairs[party.instrument];
        let (asset, amount) = match party.side {
            Side::Sell => (pair.base, product(leaves.0.into(), pair.base_per_lot)),
            Side::Buy => {
                let notional = pair.notional(cover.price.unsigned_abs(), leaves.0);
                if notional > AMOUNT_MAX {
                    return None;
                }
                let due = product(notional, pair.maker_fee.max(pair.taker_fee).into());
                (pair.quote, notional + charge(due, &mut { cover.overpaid }))
            }
        };
        (amount <= AMOUNT_MAX).then(|| (asset, signed(amount)))
    }

    fn place(&self, account: AccountId, asset: AssetId) -> usize {
        account.0 as usize * self.assets + asset.0 as usize
    }

    /// Takes in what the venue has.
    pub(super) fn digest(&self, digest: &mut Digest) {
        for amount in self.fees.iter().chain(&self.deposited) {
            digest.bytes(&amount.to_le_bytes());
        }
    }

    /// Balances that have changed since their digests were computed.
    pub(super) const fn stale(&self) -> usize {
        self.changed.len()
    }

    /// Computes the digests of at most `most` balances that have changed. How many it were.
    pub(super) fn refresh(&mut self, most: usize) -> usize {
        for done in 0..most {
            let Some(place) = self.changed.pop().map(|place| place as usize) else { return done };
            let digest = self.digest_of(place);
            let funds = &mut self.funds[place];
            funds.changed = false;
            let former = std::mem::replace(&mut funds.digest, digest);
            self.sum = self.sum.wrapping_add(digest).wrapping_sub(former);
        }
        most
    }

    /// The sum of the balances' digests, as far as they are computed.
    pub(super) const fn sum(&self) -> u64 {
        self.sum
    }

    /// The digest of a balance; of an empty one 0.
    fn digest_of(&self, place: usize) -> u64 {
        let Balance { available, held } = self.funds[place].balance;
        if available == 0 && held == 0 {
            return 0;
        }
        let mut digest = Digest::default();
        digest.word((place / self.assets) as u64);
        digest.word((place % self.assets) as u64);
        digest.bytes(&available.to_le_bytes());
        digest.bytes(&held.to_le_bytes());
        digest.value()
    }

    /// Checks that changes are noted, and that the sum is that of the digests.
    pub(super) fn audit_sum(&self) {
        let mut sum = 0u64;
        for (place, funds) in self.funds.iter().enumerate() {
            assert!(funds.changed || funds.digest == self.digest_of(place), "a change was missed");
            sum = sum.wrapping_add(funds.digest);
        }
        assert_eq!(sum, self.sum);
    }

    /// Checks that funds are conserved and that balances hold what `orders` do, each with its leaves and with what it
    /// shares with one that comes by itself.
    pub(super) fn audit(&self, orders: impl Iterator<Item = (Party, Lots, i128)>) {
        if !self.is_active() {
            return;
        }
        let mut held = vec![0; self.funds.len()];
        for (party, leaves, shared) in orders {
            let (asset, amount) = self.held(&party, leaves);
            held[self.place(party.account, asset)] += amount - shared;
        }
        let mut sums = self.fees.clone();
        for (place, &Funds { balance, limit, .. }) in self.funds.iter().enumerate() {
            assert_eq!(balance.held, held[place], "held funds are what open orders can still spend");
            assert!(limit > 0 || balance.available >= 0, "prefunded and below zero");
            sums[place % self.assets] += balance.available + balance.held;
        }
        assert_eq!(sums, self.deposited, "funds are conserved");
    }
}

impl AccountKind {
    /// How far below zero the available funds of an asset may go.
    fn limit(&self, asset: u32) -> i128 {
        match self {
            AccountKind::Prefunded => 0,
            AccountKind::Credit(limits) => {
                let limit = limits.iter().find(|(of, _)| of.0 == asset);
                signed(limit.map_or(AMOUNT_MAX, |&(_, limit)| limit.min(AMOUNT_MAX)))
            }
        }
    }
}

impl Pair {
    /// What so many lots cost at a price, without a fee; more than [`AMOUNT_MAX`] is u128::MAX.
    #[inline]
    fn notional(&self, price: u64, lots: u64) -> u128 {
        let narrow = price.checked_mul(lots).and_then(|n| n.checked_mul(self.quote_per_tick_lot));
        match narrow {
            Some(notional) => notional.into(),
            None => self.wide_notional(price, lots),
        }
    }

    #[cold]
    fn wide_notional(&self, price: u64, lots: u64) -> u128 {
        let notional = (u128::from(price) * u128::from(lots)).checked_mul(self.quote_per_tick_lot.into());
        notional.filter(|&notional| notional <= AMOUNT_MAX).unwrap_or(u128::MAX)
    }
}

/// A product that fits 128 bits, and mostly 64: then it takes one multiplication.
#[inline]
fn product(a: u128, b: u64) -> u128 {
    match u64::try_from(a) {
        Ok(a) => u128::from(a) * u128::from(b),
        Err(_) => a * u128::from(b),
    }
}

/// The fee for `due`, in units of 1 / [`FEE_UNIT`], rounded up; what is overpaid counts for the next one.
#[inline]
fn charge(due: u128, overpaid: &mut u32) -> u128 {
    let Some(owed) = due.checked_sub((*overpaid).into()) else {
        *overpaid -= u32::try_from(due).unwrap_or(0); // less than `overpaid`, so it fits
        return 0;
    };
    // Division by a constant is a multiplication in 64 bits, and a call in 128.
    let fee = match u64::try_from(owed) {
        Ok(owed) => owed.div_ceil(FEE_UNIT.into()).into(),
        Err(_) => wide_fee(owed),
    };
    let rest = fee * u128::from(FEE_UNIT) - owed;
    *overpaid = u32::try_from(rest).unwrap_or(0); // less than FEE_UNIT, so it fits
    fee
}

#[cold]
fn wide_fee(owed: u128) -> u128 {
    owed.div_ceil(FEE_UNIT.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_are_rounded_up_once_however_often_they_are_charged() {
        let mut overpaid = 0;
        let fees: Vec<_> = [1, 999_998, 1, 1, 2_500_000].map(|due| charge(due, &mut overpaid)).into();
        assert_eq!(fees, [1, 0, 0, 1, 2]);
        assert_eq!(overpaid, 499_999);
        assert_eq!(charge(0, &mut 0), 0);
    }

    #[test]
    fn amounts_beyond_64_bits_are_as_exact() {
        let (due, mut overpaid) = ((1 << 90) + 1, 3);
        let fee = charge(due, &mut overpaid);
        assert_eq!(fee, (due - 3).div_ceil(1_000_000));
        assert_eq!(u128::from(overpaid), fee * 1_000_000 - (due - 3));
        let pair = Pair {
            base: AssetId(0),
            quote: AssetId(1),
            base_per_lot: 1,
            quote_per_tick_lot: 1 << 40,
            maker_fee: 0,
            taker_fee: 0,
        };
        assert_eq!(pair.notional(3, 1 << 30), 3 << 70);
        assert_eq!(pair.notional(1 << 30, 1 << 30), AMOUNT_MAX);
        assert_eq!(pair.notional(1 << 56, 1 << 56), u128::MAX);
        assert_eq!(product(1 << 90, 1 << 30), 1 << 120);
    }
}
