//! What an operator can ask for. The command line and the lines on the socket are two spellings of these types.

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use wire::{reject::Reject, types::TradingState};

/// A request: `penstock admin deposit MM1 USDT 1000` is `{"deposit":{"account":"MM1","asset":"USDT","amount":"1000"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "a process holds one at a time")]
pub enum Request {
    /// Add an instrument, change its terms, or bring it into another trading state
    #[command(subcommand)]
    Instrument(Instrument),
    /// Halt an instrument, or all of them: only cancels are taken
    Halt(Which),
    /// Let an instrument that is halted, or all of them, trade again
    Resume(Which),
    /// Add an account, change it, or say who trades for it
    #[command(subcommand)]
    Account(Account),
    /// Pay into an account
    Deposit(Funds),
    /// Pay out of an account
    Withdraw(Funds),
    /// Cancel all orders of a session, an account or the venue and refuse new ones, or take them again
    #[command(subcommand)]
    Kill(Kill),
    /// Show what the orders of a session or an account may be and how many are open, or change it
    #[command(subcommand)]
    Limits(Limits),
    /// Set or reset an account's market-maker protection
    #[command(subcommand)]
    Protection(Protection),
    /// Cancel all open orders that are of an account, in an instrument and of a side
    Cancel(Cancel),
    /// Show orders of any session, open ones and those that have ended and are remembered
    Orders(Find),
    /// Move funds from one shard to another: withdraw them there and deposit them here
    Transfer(Transfer),
    /// Show what an account has at each shard, and in all
    Balances {
        /// The account
        account: String,
    },
    /// What the venue does
    Status,
}

/// Funds that move from one shard to another.
#[derive(Clone, Debug, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The account
    pub account: String,
    /// The asset
    pub asset: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub amount: String,
    /// The shard that it leaves
    #[arg(long, value_name = "SHARD")]
    pub from: u8,
    /// The shard that it comes to
    #[arg(long, value_name = "SHARD")]
    pub to: u8,
}

impl Transfer {
    /// What moves, as funds at `shard`.
    pub(crate) fn funds_at(&self, shard: u8) -> Funds {
        let Transfer { account, asset, amount, .. } = self.clone();
        Funds { account, asset, amount, shard }
    }
}

/// Which shards have to carry a request out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Each, for its part.
    All,
    /// The one that serves the instrument named.
    Home,
    /// This one.
    One(u8),
}

impl Request {
    /// Who carries it out.
    pub(crate) const fn whom(&self) -> Whom {
        match self {
            Request::Instrument(Instrument::State { .. })
            | Request::Halt(Which { symbol: Some(_), .. })
            | Request::Resume(Which { symbol: Some(_), .. })
            | Request::Cancel(Cancel { symbol: Some(_), .. }) => Whom::Home,
            Request::Deposit(funds) | Request::Withdraw(funds) => Whom::One(funds.shard),
            _ => Whom::All,
        }
    }

    /// Whether it adds something, which has to have the same number at each shard.
    pub(crate) const fn adds(&self) -> Option<Added<'_>> {
        match self {
            Request::Instrument(Instrument::Add { symbol, .. }) => Some(Added::Instrument(symbol.as_str())),
            Request::Account(Account::Add { name, .. }) => Some(Added::Account(name.as_str())),
            _ => None,
        }
    }
}

/// What a request adds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added<'a> {
    /// An instrument.
    Instrument(&'a str),
    /// An account.
    Account(&'a str),
}

/// About an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Instrument {
    /// Add one; it begins in the state pre-open
    Add {
        /// Its symbol
        symbol: String,
        /// What is bought and sold: an asset of the venue
        #[arg(long)]
        base: String,
        /// What is paid with: an asset of the venue
        #[arg(long)]
        quote: String,
        /// Smallest difference of two prices
        #[arg(long)]
        tick: String,
        /// Smallest difference of two quantities
        #[arg(long)]
        lot: String,
        /// The shard that serves it
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        shard: u8,
        /// What else is said of it; a reference price and a band must be
        #[command(flatten)]
        #[serde(default)]
        terms: Terms,
    },
    /// Change the terms that are named; the others stay
    Change {
        /// Its symbol
        symbol: String,
        /// What is changed
        #[command(flatten)]
        #[serde(default)]
        terms: Terms,
    },
    /// Bring it into a trading state
    State {
        /// Its symbol
        symbol: String,
        /// The state
        state: State,
    },
}

/// Terms of an instrument that can change, as in the configuration's [[instrument]].
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Smallest quantity of an order
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_min: Option<String>,
    /// Greatest quantity of an order
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_max: Option<String>,
    /// Smallest price times quantity of an order
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notional_min: Option<String>,
    /// Reference price until the next trade
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How far from it an order's price may lie, in percent
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band_percent: Option<String>,
    /// How far from it a trade's price may lie before an auction, in percent; 0 for no such band
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic_band_percent: Option<String>,
    /// How long that auction's call lasts, in milliseconds
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_call_ms: Option<u32>,
    /// Group that market-maker protection counts together
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// Maker's fee, in basis points
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maker_fee: Option<String>,
    /// Taker's fee, in basis points
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taker_fee: Option<String>,
}

/// One instrument or all.
#[derive(Clone, Debug, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Its symbol
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Every instrument
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
}

/// About an account.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Account {
    /// Add one, without funds; no session trades for it before it is entitled to
    Add {
        /// Its name
        name: String,
        /// It may spend more than it has, see `account credit`
        #[arg(long)]
        #[serde(default)]
        credit: bool,
    },
    /// Say whether it may spend more than it has
    Change {
        /// Its name
        name: String,
        /// true: it has credit; false: it spends what it has
        #[arg(long, action = clap::ArgAction::Set)]
        credit: bool,
    },
    /// How much more than it has an account with credit may spend of an asset
    Credit {
        /// Its name
        name: String,
        /// The asset
        asset: String,
        /// How much
        #[arg(allow_negative_numbers = true)]
        limit: String,
    },
    /// Let a session trade for it, or no longer
    Entitle {
        /// Its name
        name: String,
        /// The session's CompID
        session: String,
        /// No longer
        #[arg(long)]
        #[serde(default)]
        revoke: bool,
    },
}

/// Money that moves.
#[derive(Clone, Debug, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Funds {
    /// The account
    pub account: String,
    /// The asset
    pub asset: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    pub amount: String,
    /// The shard where this is
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub shard: u8,
}

/// Whom a kill switch stops.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kill {
    /// A session
    Session {
        /// Its CompID
        name: String,
        /// Take its orders again
        #[arg(long)]
        #[serde(default)]
        lift: bool,
    },
    /// An account
    Account {
        /// Its name
        name: String,
        /// Take its orders again
        #[arg(long)]
        #[serde(default)]
        lift: bool,
    },
    /// Everybody
    Venue {
        /// Take orders again
        #[arg(long)]
        #[serde(default)]
        lift: bool,
    },
}

/// Whose limits.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Limits {
    /// A session's
    Session {
        /// Its CompID
        name: String,
        /// What is changed
        #[command(flatten)]
        #[serde(default)]
        to: LimitsOfOrders,
    },
    /// An account's, over all sessions that trade for it
    Account {
        /// Its name
        name: String,
        /// What is changed
        #[command(flatten)]
        #[serde(default)]
        to: LimitsOfOrders,
    },
}

/// What orders may be; what is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsOfOrders {
    /// How many may be open at once, quotes included; 0 for any number
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_orders: Option<u32>,
    /// What one may be worth, price times quantity, in its instrument's quote asset; 0 for any amount
    #[arg(long, value_name = "AMOUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notional: Option<String>,
}

/// About market-maker protection.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Protection {
    /// Set an account's limits in a group of instruments
    Set {
        /// The account
        account: String,
        /// The group
        group: u32,
        /// Fills within the window that are one too many; 0 takes the protection away
        #[arg(long)]
        fills: u32,
        /// Lots filled within the window that are too many; 0 is no limit
        #[arg(long, default_value_t = 0)]
        #[serde(default)]
        quantity_lots: u64,
        /// The window, in milliseconds
        #[arg(long, default_value_t = 1_000)]
        window_ms: u32,
    },
    /// Let an account that its protection has stopped quote again
    Reset {
        /// The account
        account: String,
        /// The group
        group: u32,
    },
}

/// Which orders are shown: those that are of all that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct Find {
    /// Of this account
    #[arg(long)]
    pub account: Option<String>,
    /// Of this session, by its CompID
    #[arg(long)]
    pub session: Option<String>,
    /// Called so by its client (ClOrdID)
    #[arg(long, value_name = "ID")]
    pub cl_ord_id: Option<String>,
    /// With this OrderID
    #[arg(long, value_name = "ID")]
    pub order_id: Option<u64>,
    /// In this instrument
    #[arg(long)]
    pub symbol: Option<String>,
    /// Open ones only
    #[arg(long)]
    pub open: bool,
    /// So many at most: 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    #[serde(default = "hundred")]
    pub limit: u32,
    /// Where to go on, as the answer before has said
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub from: u64,
    /// Print the answer as JSON
    #[arg(long)]
    #[serde(skip)]
    pub json: bool,
}

fn hundred() -> u32 {
    100
}

/// Which open orders are cancelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cancel {
    /// Those of this account
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Those in this instrument
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Those of this side
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Quotes only
    #[arg(long)]
    pub quotes: bool,
    /// Every order there is: to be said where nothing else is
    #[arg(long)]
    pub all: bool,
}

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Orders that buy
    Buy,
    /// Orders that sell
    Sell,
}

/// A trading state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Orders match as they come
    Continuous,
    /// Orders rest and none match
    PreOpen,
    /// Orders are called for the opening auction
    OpeningAuction,
    /// Orders are called for an auction in between
    VolatilityAuction,
    /// Orders are called for the closing auction
    ClosingAuction,
    /// Cancels only; day orders have expired
    Closed,
    /// Cancels only
    Halted,
}

impl From<State> for TradingState {
    fn from(state: State) -> TradingState {
        match state {
            State::Continuous => TradingState::Continuous,
            State::PreOpen => TradingState::PreOpen,
            State::OpeningAuction => TradingState::OpeningAuction,
            State::VolatilityAuction => TradingState::VolatilityAuction,
            State::ClosingAuction => TradingState::ClosingAuction,
            State::Closed => TradingState::Closed,
            State::Halted => TradingState::Halted,
        }
    }
}

/// The word for `state` on the command line and in the configuration.
#[must_use]
pub const fn state_word(state: TradingState) -> &'static str {
    match state {
        TradingState::Continuous => "continuous",
        TradingState::PreOpen => "pre-open",
        TradingState::OpeningAuction => "opening-auction",
        TradingState::VolatilityAuction => "volatility-auction",
        TradingState::ClosingAuction => "closing-auction",
        TradingState::Closed => "closed",
        TradingState::Halted => "halted",
    }
}

/// What a request came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// What was not, and why.
    pub refused: Vec<Refusal>,
    /// Of a request for balances, what the account has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<Holding>,
    /// Where the venue has several shards, what this one knows of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// What an account has of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The asset.
    pub asset: String,
    /// What it can spend.
    pub available: String,
    /// What its open orders hold.
    pub held: String,
}

/// A shard of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number.
    pub number: u8,
    /// Shards of the venue.
    pub of: u8,
    /// Whether the request was about what another shard serves, so that nothing was done here.
    pub elsewhere: bool,
    /// Instruments that it knows, and the last of them.
    pub instruments: (usize, String),
    /// Accounts that it knows, and the last of them.
    pub accounts: (usize, String),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason's number in the catalogue of rejects; 0 for a request that was not understood.
    pub code: u16,
    /// The reason's name.
    pub name: String,
    /// What was wrong.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

impl Refusal {
    /// Of `what`, for a reason of the catalogue.
    #[must_use]
    pub fn of(what: &str, reject: Reject) -> Refusal {
        Refusal {
            code: reject as u16,
            name: reject.name().into(),
            text: format!("{what}: {}", reject.sentence()),
            remedy: reject.remedy().into(),
        }
    }

    /// Of a request that makes no sense.
    #[must_use]
    pub fn bad(text: impl Into<String>, remedy: impl Into<String>) -> Refusal {
        Refusal { code: 0, name: "BadRequest".into(), text: text.into(), remedy: remedy.into() }
    }
}
