//! What an engine is built for: its instruments, sessions and bounds.

use std::collections::HashSet;

use wire::{
    instrument::{Instrument, is_name},
    limits::{
        ACCOUNTS_MAX, INSTRUMENTS_MAX, LOTS_MAX, OPEN_ORDERS_MAX, PROTECTION_FILLS_MAX, PROTECTIONS_MAX,
        SESSIONS_MAX, SHARDS_MAX, TICKS_MAX,
    },
    types::{AccountId, InstrumentId, Lots, OrderId, SelfTrade},
};

use super::{
    attributes::Attributes,
    auction::Interest,
    book::Arena,
    ledger::{Ledger, LedgerError, LedgerTerms},
    limits::OrderLimits,
    lists::Lists,
    owners::Owners,
    protection::Protections,
    quotes::Quotes,
    register::{Ended, Register},
    sides::Sides,
    stops::Stops,
};

/// Ended orders and names an engine may be configured to remember.
pub const REMEMBERED_MAX: u32 = 1 << 30;

/// An engine's terms and bounds. Except for the seed, all of it is part of what determines its events.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its number among the venue's shards, which stands in the ids that it gives out.
    pub shard: u8,
    /// What is traded in the venue; each one's id is its place here. Only those of this shard are served: what comes for
    /// others is refused.
    pub instruments: Vec<Instrument>,
    /// Instruments for which room is reserved, those of the list included: operators may add up to so many. 0 is
    /// as many as the list has.
    pub instruments_max: u32,
    /// Who may trade; a session's id is its place here. New ones come before the last one, which is the operator's: see
    /// [`Config::moved`].
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
    /// Accounts for which room is reserved, as [`Config::instruments_max`].
    pub accounts_max: u32,
    /// Pairs of account and instrument that may be quoted at once; 0 is a venue without mass quotes.
    pub quotes_max: u32,
    /// Market-maker protection as it is at the start, at most once for each account and group.
    pub protections: Vec<ProtectionTerms>,
    /// Pairs of account and group for which room is reserved, as [`Config::instruments_max`].
    pub protections_max: u32,
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
    /// Whether what comes by it is its account's, whichever trunk it came by, and not the session's: names of orders and
    /// lists, and what requests find by them or by OrderID. Its open orders stay when its client goes.
    pub is_trunk: bool,
    /// What its orders may be.
    pub limits: OrderLimits,
}

impl SessionTerms {
    /// A session that trades for these accounts, and nothing besides.
    #[must_use]
    pub const fn new(accounts: Accounts) -> SessionTerms {
        SessionTerms {
            accounts,
            cancel_on_disconnect: None,
            self_trade: SelfTrade::None,
            is_trunk: false,
            limits: OrderLimits::NONE,
        }
    }
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

/// The limits of market-maker protection for an account in a group of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtectionTerms {
    /// Whose quotes.
    pub account: AccountId,
    /// In which instruments: those whose [`Instrument::group`] it is.
    pub group: u32,
    /// Fills within the window that are one too many: 1 to [`PROTECTION_FILLS_MAX`].
    pub fills: u32,
    /// Lots filled within the window that are too many; 0 is no limit.
    pub quantity: Lots,
    /// The window, in nanoseconds, above zero.
    pub window_ns: u64,
}

impl ProtectionTerms {
    /// Whether the limits can be.
    pub(super) const fn is_sound(&self) -> bool {
        1 <= self.fills && self.fills <= PROTECTION_FILLS_MAX && self.window_ns > 0
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
    /// A trunk whose orders would be cancelled when its client goes.
    #[error(
        "session number {0}: a trunk's orders are those of many accounts, which stay when its client goes"
    )]
    Trunk(usize),
    /// An instrument whose id is not its place.
    #[error("instrument number {0} has another id than its place in the list")]
    InstrumentId(usize),
    /// An instrument whose symbol is none, or that of one before it.
    #[error(
        "instrument number {0}: its symbol must be 1 to 32 printable characters and no other instrument's"
    )]
    Symbol(usize),
    /// An instrument whose terms allow no order or exceed the venue's range.
    #[error(
        "instrument number {0}: the reference price must lie in 1..=2^56 ticks and 1 <= quantity_min <= quantity_max <= 2^56 lots"
    )]
    InstrumentTerms(usize),
    /// A shard, the engine's or an instrument's, of which a venue has fewer.
    #[error("there is no shard {0}; a venue has at most {SHARDS_MAX}, counted from 0")]
    Shard(u8),
    /// A bound on open orders outside 1..=[`OPEN_ORDERS_MAX`].
    #[error("a bound of {0} open orders; it may be 1 to {OPEN_ORDERS_MAX}")]
    OpenOrders(u32),
    /// A bound on remembered orders above [`REMEMBERED_MAX`].
    #[error("{0} finished orders to remember; it may be at most {REMEMBERED_MAX}")]
    Remembered(u32),
    /// Too few price groups for even one price per instrument, or more than the numbers allow.
    #[error("{0} price groups; it takes at least 16 and eight per instrument, and at most 2^30")]
    PriceGroups(u32),
    /// A bound on instruments that those of the list exceed, or above [`INSTRUMENTS_MAX`].
    #[error(
        "room for {0} instruments; it may be 0, which is those of the list, or as many to {INSTRUMENTS_MAX}"
    )]
    InstrumentsMax(u32),
    /// A bound on accounts that those of the list exceed, or above [`ACCOUNTS_MAX`].
    #[error("room for {0} accounts; it may be 0, which is those of the list, or as many to {ACCOUNTS_MAX}")]
    AccountsMax(u32),
    /// A bound on pairs of account and instrument quoted above [`OPEN_ORDERS_MAX`].
    #[error("{0} pairs of account and instrument to quote; it may be at most {OPEN_ORDERS_MAX}")]
    QuotesMax(u32),
    /// A bound on protections that those of the list exceed, or above [`PROTECTIONS_MAX`].
    #[error(
        "room for {0} protections; it may be 0, which is those of the list, or as many to {PROTECTIONS_MAX}"
    )]
    ProtectionsMax(u32),
    /// A protection that cannot be.
    #[error(
        "protection number {0}: fills must be 1 to {PROTECTION_FILLS_MAX}, the window above zero, the account one of the venue and the group an instrument's; each pair of them may come once"
    )]
    Protection(usize),
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

    /// The number here of the session that `was` has as number `session`: the same, but for the last one, before which new ones
    /// stand. That one has no orders.
    #[must_use]
    pub fn moved(&self, was: &Config, session: usize) -> usize {
        if session + 1 == was.sessions.len() { self.sessions.len().max(1) - 1 } else { session }
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
        let cancels = |terms: &SessionTerms| terms.is_trunk && terms.cancel_on_disconnect.is_some();
        if let Some(place) = self.sessions.iter().position(cancels) {
            return Err(ConfigError::Trunk(place));
        }
        let shards = self.instruments.iter().map(|instrument| instrument.shard).chain([self.shard]);
        if let Some(beyond) = shards.max().filter(|&shard| shard >= SHARDS_MAX) {
            return Err(ConfigError::Shard(beyond));
        }
        let mut symbols = HashSet::new();
        for (i, (id, instrument)) in (0..).map(InstrumentId).zip(&self.instruments).enumerate() {
            if instrument.id != id {
                return Err(ConfigError::InstrumentId(i));
            }
            if !is_name(&instrument.symbol) || !symbols.insert(instrument.symbol.as_str()) {
                return Err(ConfigError::Symbol(i));
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
        self.ledger.check(instruments)?;
        self.check_room()?;
        if self.price_groups_max > 1 << 30
            || (self.price_groups_max as usize)
                < 16 + self.room_for_instruments() as usize * (3 * Sides::STEPS + Stops::STEPS) as usize
        {
            return Err(ConfigError::PriceGroups(self.price_groups_max));
        }
        Ok(())
    }

    fn check_room(&self) -> Result<(), ConfigError> {
        // The longest list has fewer than 2^32 entries, or was refused for that.
        let fits = |room: u32, list: usize, most: u32| room <= most && (room == 0 || list <= room as usize);
        if !fits(self.instruments_max, self.instruments.len(), INSTRUMENTS_MAX) {
            return Err(ConfigError::InstrumentsMax(self.instruments_max));
        }
        if !fits(self.accounts_max, self.ledger.accounts.len(), ACCOUNTS_MAX) {
            return Err(ConfigError::AccountsMax(self.accounts_max));
        }
        if self.quotes_max > OPEN_ORDERS_MAX {
            return Err(ConfigError::QuotesMax(self.quotes_max));
        }
        let protections = self.protections.len();
        if !fits(self.protections_max, protections, PROTECTIONS_MAX) || protections > PROTECTIONS_MAX as usize
        {
            return Err(ConfigError::ProtectionsMax(self.protections_max));
        }
        let accounts = self.ledger.accounts.len();
        let has_account = |account: AccountId| {
            let account = account.0 as usize;
            if self.ledger.pairs.is_empty() { account < ACCOUNTS_MAX as usize } else { account < accounts }
        };
        let mut seen = HashSet::new();
        let is_unsound = |terms: &ProtectionTerms| {
            !terms.is_sound()
                || !has_account(terms.account)
                || !self.instruments.iter().any(|instrument| instrument.group == terms.group)
                || !seen.insert((terms.account, terms.group))
        };
        match self.protections.iter().position(is_unsound) {
            Some(place) => Err(ConfigError::Protection(place)),
            None => Ok(()),
        }
    }

    /// Instruments there may ever be.
    pub(crate) fn room_for_instruments(&self) -> u32 {
        self.instruments_max.max(u32::try_from(self.instruments.len()).unwrap_or(u32::MAX))
    }

    /// Accounts there may ever be.
    pub(super) fn room_for_accounts(&self) -> u32 {
        self.accounts_max.max(u32::try_from(self.ledger.accounts.len()).unwrap_or(u32::MAX))
    }

    /// Pairs of account and group that may ever be protected.
    pub(super) fn room_for_protections(&self) -> u32 {
        self.protections_max.max(u32::try_from(self.protections.len()).unwrap_or(u32::MAX))
    }

    /// The tables that an engine reserves, each with its bytes of address space. They are touched, and so take
    /// memory, as they are first used.
    #[must_use]
    pub fn tables(&self) -> [(&'static str, u64); 9] {
        let order = Arena::ORDER_BYTES
            + Register::ORDER_BYTES
            + Attributes::ORDER_BYTES
            + Ledger::ORDER_BYTES
            + size_of::<(OrderId, u32)>()
            + size_of::<Interest>();
        let accounts = u64::from(self.accounts_max).max(self.ledger.accounts.len() as u64);
        let balances = accounts * u64::from(self.ledger.assets);
        [
            ("open orders", u64::from(self.open_orders_max) * order as u64),
            ("prices", u64::from(self.price_groups_max) * Arena::STEP_BYTES as u64),
            (
                "finished orders",
                u64::from(self.finished_orders_max) * (size_of::<Ended>() + size_of::<u64>()) as u64,
            ),
            ("names", Register::index_bytes(self.open_orders_max, self.finished_orders_max)),
            ("accounts", u64::from(ACCOUNTS_MAX) * Owners::ACCOUNT_BYTES as u64),
            ("balances", balances * Ledger::BALANCE_BYTES as u64),
            ("quotes", Quotes::bytes(self.quotes_max)),
            ("order lists", Lists::bytes(self.open_orders_max)),
            ("protection", u64::from(self.room_for_protections()) * Protections::BYTES as u64),
        ]
    }

    /// Bytes of all [`Config::tables`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.tables().iter().map(|&(_, bytes)| bytes).sum()
    }
}
