//! The configuration that a matcher's commands are applied under, as the journal and snapshots keep it: without it neither can
//! be read, and a start with another one has to say what becomes of what is there.
//!
//! Its text is JSON with every field, always in the same order: two configurations are the same if their texts are. The seed
//! of the tables of names is not in it, which no event depends on and nobody is to know.

mod parts;

use serde::{Deserialize, Serialize};
use wire::{
    decimal::Decimal,
    instrument::{Instrument, Step},
    types::{AccountId, AssetId, InstrumentId, Lots, SelfTrade, Ticks},
};

use crate::engine::{
    AccountKind, AccountTerms, Accounts, Change, Config, ConfigError, LedgerTerms, OrderLimits, Pair,
    ProtectionTerms, SessionTerms,
};

pub use parts::{Joined, Misplaced, Part, parts};

/// An engine's configuration, and whom and what its numbers stand for where it knows these by their numbers alone.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What the engine is built for.
    pub engine: Config,
    /// The sessions' names, by their numbers.
    pub sessions: Vec<String>,
    /// The assets' names, by their numbers.
    pub assets: Vec<String>,
}

/// Why a text is no configuration of this version.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// It is not what [`Configuration::text`] writes.
    #[error("it is none that this version of penstock knows ({0}); start the version that wrote it")]
    Text(#[from] serde_json::Error),
    /// No engine can be built for it.
    #[error("it is none that an engine can be built for: {0}")]
    Config(#[from] ConfigError),
}

impl From<Config> for Configuration {
    /// Of an engine whose sessions and assets have no names.
    fn from(engine: Config) -> Configuration {
        Configuration { engine, sessions: Vec::new(), assets: Vec::new() }
    }
}

impl Configuration {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let text = serde_json::to_string(&Text::of(self));
        text.unwrap_or_else(|_| unreachable!("text and numbers, with names for keys"))
    }

    /// The configuration of a text, with a seed of its own.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn of_text(text: &str, hash_seed: u64) -> Result<Configuration, TextError> {
        let configuration = serde_json::from_str::<Text>(text)?.configuration(hash_seed);
        configuration.engine.check()?;
        Ok(configuration)
    }

    /// Whether a venue may go on under this one that ran under `was`, as far as that does not depend on orders and balances:
    /// what it adds must stand at the ends of lists.
    ///
    /// # Errors
    /// What may not be, and what to do.
    pub fn check_after(&self, was: &Configuration) -> Result<(), Change> {
        self.engine.check_after(&was.engine)?;
        let sessions = (0..).zip(&was.sessions);
        let sessions = sessions.map(|(number, was_named)| {
            ("session", number, was_named, self.sessions.get(self.engine.moved(&was.engine, number)))
        });
        let assets = (0..).zip(&was.assets);
        let assets = assets.map(|(number, was_named)| ("asset", number, was_named, self.assets.get(number)));
        match sessions.chain(assets).find(|(_, _, was, is)| is.is_some_and(|is| is != *was)) {
            Some((what, number, was, Some(is))) => {
                let what = format!("{what} number {number}");
                Err(Change::Fixed { what, was: was.clone(), is: is.clone() })
            }
            _ => Ok(()),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    shard: u8,
    instruments: Vec<InstrumentText>,
    instruments_max: u32,
    sessions: Vec<SessionText>,
    open_orders_max: u32,
    finished_orders_max: u32,
    price_groups_max: u32,
    assets: u32,
    asset_names: Vec<String>,
    accounts: Vec<AccountText>,
    accounts_max: u32,
    pairs: Vec<PairText>,
    quotes_max: u32,
    protections: Vec<ProtectionText>,
    protections_max: u32,
    session_names: Vec<String>,
}

impl Text {
    fn of(Configuration { engine, sessions: session_names, assets: asset_names }: &Configuration) -> Text {
        let Config {
            shard,
            instruments,
            instruments_max,
            sessions,
            open_orders_max,
            finished_orders_max,
            price_groups_max,
            ledger: LedgerTerms { assets, accounts, pairs },
            accounts_max,
            quotes_max,
            protections,
            protections_max,
            hash_seed: _,
        } = engine;
        Text {
            shard: *shard,
            instruments: instruments.iter().map(InstrumentText::of).collect(),
            instruments_max: *instruments_max,
            sessions: sessions.iter().map(SessionText::of).collect(),
            open_orders_max: *open_orders_max,
            finished_orders_max: *finished_orders_max,
            price_groups_max: *price_groups_max,
            assets: *assets,
            asset_names: asset_names.clone(),
            accounts: accounts.iter().map(AccountText::of).collect(),
            accounts_max: *accounts_max,
            pairs: pairs.iter().map(PairText::of).collect(),
            quotes_max: *quotes_max,
            protections: protections.iter().map(ProtectionText::of).collect(),
            protections_max: *protections_max,
            session_names: session_names.clone(),
        }
    }

    fn configuration(self, hash_seed: u64) -> Configuration {
        let instruments = (0..).zip(self.instruments).map(|(id, text)| text.instrument(id)).collect();
        let ledger = LedgerTerms {
            assets: self.assets,
            accounts: self.accounts.into_iter().map(AccountText::account).collect(),
            pairs: self.pairs.into_iter().map(PairText::pair).collect(),
        };
        let engine = Config {
            shard: self.shard,
            instruments,
            instruments_max: self.instruments_max,
            sessions: self.sessions.into_iter().map(SessionText::session).collect(),
            open_orders_max: self.open_orders_max,
            finished_orders_max: self.finished_orders_max,
            price_groups_max: self.price_groups_max,
            ledger,
            accounts_max: self.accounts_max,
            quotes_max: self.quotes_max,
            protections: self.protections.into_iter().map(ProtectionText::protection).collect(),
            protections_max: self.protections_max,
            hash_seed,
        };
        Configuration { engine, sessions: self.session_names, assets: self.asset_names }
    }
}

/// A step in JSON: its decimal, as text.
mod step {
    use super::{Decimal, Deserialize, Step};
    use serde::{Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(step: &Step, to: S) -> Result<S::Ok, S::Error> {
        let text = step.value(1).map(|value| value.to_string());
        to.serialize_str(text.as_deref().unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Step, D::Error> {
        let text = String::deserialize(from)?;
        let size = Decimal::parse(text.as_bytes()).ok().and_then(Step::new);
        size.ok_or_else(|| D::Error::custom(format!("{text:?} is no tick or lot")))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InstrumentText {
    symbol: String,
    base: String,
    quote: String,
    #[serde(with = "step")]
    tick: Step,
    #[serde(with = "step")]
    lot: Step,
    quantity_min: u64,
    quantity_max: u64,
    notional_min: u128,
    reference: i64,
    band_basis_points: u32,
    dynamic_band_basis_points: u32,
    volatility_call_ns: u64,
    group: u32,
    shard: u8,
}

impl InstrumentText {
    fn of(instrument: &Instrument) -> InstrumentText {
        let Instrument {
            id: _, // its place
            symbol,
            base,
            quote,
            tick,
            lot,
            quantity_min,
            quantity_max,
            notional_min,
            reference,
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns,
            group,
            shard,
        } = instrument.clone();
        InstrumentText {
            symbol,
            base,
            quote,
            tick,
            lot,
            quantity_min: quantity_min.0,
            quantity_max: quantity_max.0,
            notional_min,
            reference: reference.0,
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns,
            group,
            shard,
        }
    }

    fn instrument(self, id: u32) -> Instrument {
        Instrument {
            id: InstrumentId(id),
            symbol: self.symbol,
            base: self.base,
            quote: self.quote,
            tick: self.tick,
            lot: self.lot,
            quantity_min: Lots(self.quantity_min),
            quantity_max: Lots(self.quantity_max),
            notional_min: self.notional_min,
            reference: Ticks(self.reference),
            band_basis_points: self.band_basis_points,
            dynamic_band_basis_points: self.dynamic_band_basis_points,
            volatility_call_ns: self.volatility_call_ns,
            group: self.group,
            shard: self.shard,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsText {
    open_orders_max: u32,
    notional_max: u64,
}

impl LimitsText {
    const fn of(&OrderLimits { open_orders_max, notional_max }: &OrderLimits) -> LimitsText {
        LimitsText { open_orders_max, notional_max }
    }

    const fn limits(&self) -> OrderLimits {
        OrderLimits { open_orders_max: self.open_orders_max, notional_max: self.notional_max }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionText {
    /// Their numbers; null is all of them.
    accounts: Option<Vec<u32>>,
    cancel_on_disconnect_ns: Option<u64>,
    self_trade: SelfTradeText,
    is_trunk: bool,
    limits: LimitsText,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SelfTradeText {
    CancelNewest,
    CancelOldest,
    CancelBoth,
    Decrement,
    None,
}

impl SessionText {
    fn of(session: &SessionTerms) -> SessionText {
        let SessionTerms { accounts, cancel_on_disconnect, self_trade, is_trunk, limits } = session;
        SessionText {
            accounts: match accounts {
                Accounts::Any => None,
                Accounts::Only(accounts) => Some(accounts.iter().map(|account| account.0).collect()),
            },
            cancel_on_disconnect_ns: *cancel_on_disconnect,
            self_trade: match self_trade {
                SelfTrade::CancelNewest => SelfTradeText::CancelNewest,
                SelfTrade::CancelOldest => SelfTradeText::CancelOldest,
                SelfTrade::CancelBoth => SelfTradeText::CancelBoth,
                SelfTrade::Decrement => SelfTradeText::Decrement,
                SelfTrade::None => SelfTradeText::None,
            },
            is_trunk: *is_trunk,
            limits: LimitsText::of(limits),
        }
    }

    fn session(self) -> SessionTerms {
        SessionTerms {
            accounts: self.accounts.map_or(Accounts::Any, |accounts| {
                Accounts::Only(accounts.into_iter().map(AccountId).collect())
            }),
            cancel_on_disconnect: self.cancel_on_disconnect_ns,
            self_trade: match self.self_trade {
                SelfTradeText::CancelNewest => SelfTrade::CancelNewest,
                SelfTradeText::CancelOldest => SelfTrade::CancelOldest,
                SelfTradeText::CancelBoth => SelfTrade::CancelBoth,
                SelfTradeText::Decrement => SelfTrade::Decrement,
                SelfTradeText::None => SelfTrade::None,
            },
            is_trunk: self.is_trunk,
            limits: self.limits.limits(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountText {
    name: String,
    /// By the assets' numbers, what it may owe; null is a prefunded account.
    credit: Option<Vec<(u32, u128)>>,
    limits: LimitsText,
}

impl AccountText {
    fn of(AccountTerms { name, kind, limits }: &AccountTerms) -> AccountText {
        let credit = match kind {
            AccountKind::Prefunded => None,
            AccountKind::Credit(limits) => {
                Some(limits.iter().map(|&(asset, limit)| (asset.0, limit)).collect())
            }
        };
        AccountText { name: name.clone(), credit, limits: LimitsText::of(limits) }
    }

    fn account(self) -> AccountTerms {
        let kind = self.credit.map_or(AccountKind::Prefunded, |limits| {
            AccountKind::Credit(limits.into_iter().map(|(asset, limit)| (AssetId(asset), limit)).collect())
        });
        AccountTerms { name: self.name, kind, limits: self.limits.limits() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PairText {
    base: u32,
    quote: u32,
    base_per_lot: u64,
    quote_per_tick_lot: u64,
    maker_fee: u32,
    taker_fee: u32,
}

impl PairText {
    const fn of(pair: &Pair) -> PairText {
        let &Pair { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee } = pair;
        PairText { base: base.0, quote: quote.0, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee }
    }

    const fn pair(self) -> Pair {
        let PairText { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee } = self;
        let (base, quote) = (AssetId(base), AssetId(quote));
        Pair { base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectionText {
    account: u32,
    group: u32,
    fills: u32,
    quantity: u64,
    window_ns: u64,
}

impl ProtectionText {
    const fn of(terms: &ProtectionTerms) -> ProtectionText {
        let &ProtectionTerms { account, group, fills, quantity, window_ns } = terms;
        ProtectionText { account: account.0, group, fills, quantity: quantity.0, window_ns }
    }

    const fn protection(self) -> ProtectionTerms {
        let ProtectionText { account, group, fills, quantity, window_ns } = self;
        ProtectionTerms { account: AccountId(account), group, fills, quantity: Lots(quantity), window_ns }
    }
}
