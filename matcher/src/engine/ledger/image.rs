//! What an image has of the ledger: who has credit, balances, fees. What orders hold is in the balances already.

use serde::{Deserialize, Serialize};

use super::*;

/// What an image has of it besides what it has of orders.
#[derive(Serialize, Deserialize)]
pub(in crate::engine) struct Image {
    /// By account.
    credit: Vec<bool>,
    /// Of the balances and limits that are not those of an account without funds.
    funds: Vec<FundsImage>,
    /// By asset.
    fees: Vec<i128>,
    deposited: Vec<i128>,
}

#[derive(Serialize, Deserialize)]
struct FundsImage {
    account: u32,
    asset: u32,
    available: i128,
    held: i128,
    limit: i128,
}

/// What an image has of what is exchanged in an instrument.
#[derive(Serialize, Deserialize)]
pub(in crate::engine) struct PairImage {
    base: u32,
    quote: u32,
    base_per_lot: u64,
    quote_per_tick_lot: u64,
    maker_fee: u32,
    taker_fee: u32,
}

impl PairImage {
    pub(in crate::engine) const fn of(pair: &Pair) -> PairImage {
        let &Pair { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee } = pair;
        PairImage { base: base.0, quote: quote.0, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee }
    }

    pub(in crate::engine) const fn pair(&self) -> Pair {
        let &PairImage { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee } = self;
        let (base, quote) = (AssetId(base), AssetId(quote));
        Pair { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee }
    }
}

impl Ledger {
    pub(in crate::engine) fn image(&self) -> Image {
        // Pairs are in the images of instruments, covers in those of orders; the sum follows from the balances.
        let Ledger { pairs: _, assets, credit, funds, changed: _, sum: _, fees, deposited, covers: _ } = self;
        let mut images = Vec::new();
        for (place, &Funds { balance, limit, digest: _, changed: _ }) in funds.iter().enumerate() {
            let (account, asset) = (place / assets, place % assets);
            if balance != Balance::default() || limit != default_limit(credit[account]) {
                let Balance { available, held } = balance;
                #[expect(clippy::cast_possible_truncation, reason = "at most 2^20 accounts with 2^10 assets")]
                let (account, asset) = (account as u32, asset as u32);
                images.push(FundsImage { account, asset, available, held, limit });
            }
        }
        Image { credit: credit.clone(), funds: images, fees: fees.clone(), deposited: deposited.clone() }
    }

    /// Makes it what `image` says; `false` if there are no such accounts or assets.
    pub(in crate::engine) fn restore(&mut self, image: &Image) -> bool {
        let Image { credit, funds, fees, deposited } = image;
        let assets = self.assets;
        let fits = credit.len() <= self.credit.len() && fees.len() <= assets && deposited.len() <= assets;
        if !fits {
            return false;
        }
        self.fees[..fees.len()].copy_from_slice(fees);
        self.deposited[..deposited.len()].copy_from_slice(deposited);
        for (account, &credit) in credit.iter().enumerate() {
            self.credit[account] = credit;
            for funds in &mut self.funds[account * assets..][..assets] {
                funds.limit = default_limit(credit);
            }
        }
        for &FundsImage { account, asset, available, held, limit } in funds {
            if account as usize >= credit.len() || asset as usize >= assets {
                return false;
            }
            let place = self.place(AccountId(account), AssetId(asset));
            self.funds[place].limit = limit;
            *self.balance_mut(AccountId(account), AssetId(asset)) = Balance { available, held };
        }
        true
    }

    /// Gives an account the credit of `kind`; `false` if it owes more already.
    pub(in crate::engine) fn reset_credit(&mut self, account: AccountId, kind: &AccountKind) -> bool {
        let place = self.place(account, AssetId(0));
        let funds = &mut self.funds[place..place + self.assets];
        for (funds, asset) in funds.iter_mut().zip(0..) {
            funds.limit = kind.limit(asset);
        }
        self.credit[account.0 as usize] = *kind != AccountKind::Prefunded;
        funds.iter().all(|funds| funds.balance.available >= -funds.limit)
    }

    /// What an image has of the cover of the order in `slot`: its price where it has no limit, and what it has overpaid
    /// where it has traded.
    pub(in crate::engine) fn cover_image(&self, slot: u32, has_limit: bool, has_traded: bool) -> (i64, u32) {
        let Cover { price, overpaid } = self.cover(slot, has_limit.then_some(Ticks(0)), has_traded);
        (price, overpaid)
    }

    /// Covers the order of an image in `slot` as it was.
    pub(in crate::engine) fn restore_cover(&mut self, slot: u32, (price, overpaid): (i64, u32)) -> bool {
        if let Some(cover) = self.covers.get_mut(slot as usize) {
            *cover = Cover { price, overpaid };
        }
        overpaid < FEE_UNIT
    }
}

/// How far below zero the funds of an account may go of which nothing else is said.
fn default_limit(credit: bool) -> i128 {
    if credit { signed(AMOUNT_MAX) } else { 0 }
}
