//! What an engine is built for: its instruments, sessions and bounds.

use wire::{
    instrument::Instrument,
    limits::{INSTRUMENTS_MAX, LOTS_MAX, OPEN_ORDERS_MAX, SESSIONS_MAX, TICKS_MAX},
    types::{AccountId, InstrumentId, OrderId, SelfTrade},
};

use super::{
    attributes::Attributes,
    book::Arena,
    ledger::{Ledger, LedgerError, LedgerTerms},
    register::{Ended, Order, Register},
    stops::Stops,
};

/// Ended orders and names an engine may be configured to remember.
pub const REMEMBERED_MAX: u32 = 1 << 30;

/// An engine's terms and bounds. Except for the seed, all of it is part of what determines its events.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is traded; each one's id is its place here.
    pub instruments: Vec<Instrument>,
    /// Who may trade; a session's id is its place here.
    pub sessions: Vec<SessionTerms>,
    /// Orders that may be open at once, over all instruments.
    pub open_orders_max: u32,
    /// Ended orders, and names that replaces took from orders, that are remembered over all sessions.
    pub finished_orders_max: u32,
    /// Groups of 64 neighbouring prices that may be in use at once, and the ladder's steps towards them:
    /// see [`Config::price_groups_for`].
    pub price_groups_max: u32,
    /// Assets, accounts and fees; empty, nothing is held and nothing costs.
    pub ledger: LedgerTerms,
    /// Keys the hash tables of names, so that no client can choose names that collide. Reaches no event and
    /// no state hash; best a random number that stays secret.
    pub hash_seed: u64,
}

/// What a session may do, and what happens when its client goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// The accounts it trades for.
    pub accounts: Accounts,
    /// How long after its client has gone, in nanoseconds, its open orders are cancelled; `None` is never.
    pub cancel_on_disconnect: Option<u64>,
    /// What happens when an order that names no mode meets one of its own account.
    pub self_trade: SelfTrade,
}

/// A set of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// Every account.
    Any,
    /// These.
    Only(Vec<AccountId>),
}

impl Accounts {
    pub(super) fn contains(&self, account: AccountId) -> bool {
        match self {
            Accounts::Any => true,
            Accounts::Only(list) => list.contains(&account),
        }
    }
}

/// What is wrong with a [`Config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// More instruments than [`INSTRUMENTS_MAX`].
    #[error("{0} instruments; a matcher takes at most {INSTRUMENTS_MAX}, start another shard")]
    Instruments(usize),
    /// More sessions than [`SESSIONS_MAX`].
    #[error("{0} sessions; a matcher takes at most {SESSIONS_MAX}")]
    Sessions(usize),
    /// An instrument whose id is not its place.
    #[error("instrument number {0} has another id than its place in the list")]
    InstrumentId(usize),
    /// An instrument whose terms allow no order or exceed the venue's range.
    #[error(
        "instrument number {0}: the reference price must lie in 1..=2^56 ticks and 1 <= quantity_min <= quantity_max <= 2^56 lots"
    )]
    InstrumentTerms(usize),
    /// A bound on open orders outside 1..=[`OPEN_ORDERS_MAX`].
    #[error("a bound of {0} open orders; it may be 1 to {OPEN_ORDERS_MAX}")]
    OpenOrders(u32),
    /// A bound on remembered orders above [`REMEMBERED_MAX`].
    #[error("{0} finished orders to remember; it may be at most {REMEMBERED_MAX}")]
    Remembered(u32),
    /// Too few price groups for even one price per instrument, or more than the numbers allow.
    #[error("{0} price groups; it takes at least 16 and three per instrument, and at most 2^30")]
    PriceGroups(u32),
    /// See [`LedgerError`].
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Config {
    /// A bound on price groups that serves `open_orders` orders in any ordinary distribution: every second
    /// order may open 64 ticks of its own.
    #[must_use]
    pub const fn price_groups_for(open_orders: u32, instruments: u32) -> u32 {
        open_orders / 2 + 32 * instruments + 1024
    }

    /// Whether an engine can be built for this.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        let instruments = self.instruments.len();
        if instruments > INSTRUMENTS_MAX as usize {
            return Err(ConfigError::Instruments(instruments));
        }
        if self.sessions.len() > SESSIONS_MAX as usize {
            return Err(ConfigError::Sessions(self.sessions.len()));
        }
        for (i, (id, instrument)) in (0..).map(InstrumentId).zip(&self.instruments).enumerate() {
            if instrument.id != id {
                return Err(ConfigError::InstrumentId(i));
            }
            let quantities = 1..=LOTS_MAX;
            if !(1..=TICKS_MAX).contains(&instrument.reference.0)
                || !quantities.contains(&instrument.quantity_min.0)
                || !quantities.contains(&instrument.quantity_max.0)
                || instrument.quantity_min > instrument.quantity_max
            {
                return Err(ConfigError::InstrumentTerms(i));
            }
        }
        if !(1..=OPEN_ORDERS_MAX).contains(&self.open_orders_max) {
            return Err(ConfigError::OpenOrders(self.open_orders_max));
        }
        if self.finished_orders_max > REMEMBERED_MAX {
            return Err(ConfigError::Remembered(self.finished_orders_max));
        }
        if self.price_groups_max > 1 << 30
            || (self.price_groups_max as usize) < 16 + instruments * (1 + Stops::STEPS as usize)
        {
            return Err(ConfigError::PriceGroups(self.price_groups_max));
        }
        Ok(self.ledger.check(instruments)?)
    }

    /// Bytes of address space that an engine reserves for its orders, levels and names. They are touched, and
    /// so take memory, as they are first used.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::from(self.open_orders_max)
            * (Arena::ORDER_BYTES
                + size_of::<Order>()
                + Attributes::ORDER_BYTES
                + Ledger::ORDER_BYTES
                + size_of::<(OrderId, u32)>()) as u64
            + u64::from(self.price_groups_max) * Arena::STEP_BYTES as u64
            + u64::from(self.finished_orders_max) * size_of::<Ended>() as u64
            + Register::index_bytes(self.open_orders_max, self.finished_orders_max)
    }
}
