//! Who owns what: the terms of assets, accounts and fees.

use std::collections::HashSet;

use wire::{
    instrument::is_name,
    limits::{ACCOUNTS_MAX, ASSETS_MAX},
    types::AssetId,
};

use super::super::limits::OrderLimits;

/// Assets, accounts and fees. Empty, orders are neither covered nor charged.
#[derive(Clone, Debug, Default)]
pub struct LedgerTerms {
    /// How many assets there are; each one's id is its place among them.
    pub assets: u32,
    /// Who owns funds; each one's id is its place here. An order for an account beyond them is refused.
    pub accounts: Vec<AccountTerms>,
    /// Of each instrument, what is exchanged in it. As many as there are instruments, or none at all.
    pub pairs: Vec<Pair>,
}

/// An account's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Its name, one that no other account has: see [`wire::instrument::is_name`].
    pub name: String,
    /// What it may spend.
    pub kind: AccountKind,
    /// What its orders may be.
    pub limits: OrderLimits,
}

impl AccountTerms {
    /// An account of that name that may spend so much, without limits.
    pub fn new(name: impl Into<String>, kind: AccountKind) -> AccountTerms {
        AccountTerms { name: name.into(), kind, limits: OrderLimits::NONE }
    }
}

/// What an account may spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// What was paid in.
    Prefunded,
    /// Of each asset this much more, in its smallest units; assets that are missing here have no limit.
    Credit(Vec<(AssetId, u128)>),
}

/// What an instrument exchanges, and what that costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// What is bought and sold.
    pub base: AssetId,
    /// What is paid with.
    pub quote: AssetId,
    /// Smallest units of the base asset in a lot.
    pub base_per_lot: u64,
    /// Smallest units of the quote asset in one tick × lot.
    pub quote_per_tick_lot: u64,
    /// The maker's fee, in hundredths of a basis point (1e-6) of the notional: at most all of it.
    pub maker_fee: u32,
    /// The taker's fee, as the maker's.
    pub taker_fee: u32,
}

impl Pair {
    /// Whether it can be, among so many assets.
    pub(super) fn is_sound(&self, assets: u32) -> bool {
        let units = 1..=1 << 40;
        self.base != self.quote
            && self.base.0 < assets
            && self.quote.0 < assets
            && units.contains(&self.base_per_lot)
            && units.contains(&self.quote_per_tick_lot)
            && self.maker_fee <= FEE_UNIT
            && self.taker_fee <= FEE_UNIT
    }
}

/// One whole, in the unit of fees.
pub(super) const FEE_UNIT: u32 = 1_000_000;

/// What is wrong with a [`LedgerTerms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// More assets than [`ASSETS_MAX`].
    #[error("{0} assets; a matcher takes at most {ASSETS_MAX}")]
    Assets(u32),
    /// More accounts than [`ACCOUNTS_MAX`].
    #[error("{0} accounts; a matcher takes at most {ACCOUNTS_MAX}")]
    Accounts(usize),
    /// An account whose name is none, or that of one before it.
    #[error("account number {0}: its name must be 1 to 32 printable characters and no other account's")]
    Name(usize),
    /// Neither none nor one for each instrument.
    #[error("{0} pairs for {1} instruments; give one for each, or none for a venue without a ledger")]
    Pairs(usize, usize),
    /// A pair that cannot be.
    #[error(
        "pair number {0}: base and quote must be two of the assets, lots and tick × lots whole units of at most 2^40, fees at most 1000000"
    )]
    Pair(usize),
}

impl LedgerTerms {
    /// Whether this is a ledger for so many instruments.
    pub(in crate::engine) fn check(&self, instruments: usize) -> Result<(), LedgerError> {
        if self.assets > ASSETS_MAX {
            return Err(LedgerError::Assets(self.assets));
        }
        if self.accounts.len() > ACCOUNTS_MAX as usize {
            return Err(LedgerError::Accounts(self.accounts.len()));
        }
        let mut seen = HashSet::new();
        let mut names = self.accounts.iter().map(|account| account.name.as_str());
        if let Some(place) = names.position(|name| !is_name(name) || !seen.insert(name)) {
            return Err(LedgerError::Name(place));
        }
        if !self.pairs.is_empty() && self.pairs.len() != instruments {
            return Err(LedgerError::Pairs(self.pairs.len(), instruments));
        }
        match self.pairs.iter().position(|pair| !pair.is_sound(self.assets)) {
            Some(place) => Err(LedgerError::Pair(place)),
            None => Ok(()),
        }
    }
}
