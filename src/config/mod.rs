//! The configuration: one TOML file over the embedded default, and what the command line sets over that.
//!
//! [`Config::load`] gives typed, checked values or [`ConfigErrors`]: every fault with its line, a caret and a
//! remedy. The keys are described where their user reads them, in `default.toml`.

mod check;
mod problem;
mod read;
mod tree;

use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use gateway::{
    auth::{Credentials, Patience},
    dialect::Dialect,
    throttle::Limits,
};
use ipnet::IpNet;
use matcher::engine::{AccountKind, OrderLimits, Pair};
use tuning::plan::Threads;
use wire::{
    decimal::Decimal,
    fix::{session::Schedule, version::Version},
    instrument::Instrument,
    types::{AccountId, AssetId, Lots, SelfTrade, SessionId, TradingState},
};

pub(crate) use check::{hundred_millionths, hundredths};
pub use problem::ConfigErrors;
use problem::{Problem, Source, is_secret};
use tree::{At, Node, Table, Value};

/// The commented default file: what `penstock config` prints, and what every other file is laid over.
pub const DEFAULT: &str = include_str!("../default.toml");

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The venue itself.
    pub venue: Venue,
    /// How agents share threads.
    pub threads: Threads,
    /// The rings between gateways and matchers.
    pub rings: Rings,
    /// What makes commands durable.
    pub journal: Journal,
    /// The FIX acceptor.
    pub fix: Fix,
    /// The acceptor of binary order entry.
    pub binary: Binary,
    /// Gateways, the first of each protocol before all others; a gateway's number is its place in this list.
    pub gateways: Vec<Gateway>,
    /// The matcher's tables.
    pub matcher: Matcher,
    /// Where metrics are served.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Accounts; an [`AccountId`] is a place in this list.
    pub accounts: Vec<Account>,
    /// Sessions; a [`SessionId`] is a place in this list.
    pub sessions: Vec<Session>,
    /// Assets; an `AssetId` is a place in this list.
    pub assets: Vec<Asset>,
    /// Instruments; an `InstrumentId` is a place in this list.
    pub instruments: Vec<Instrument>,
    /// Of each instrument, by its place, what does not stand in [`Instrument`].
    pub listings: Vec<Listing>,
}

/// `[venue]`.
#[derive(Clone, Debug)]
pub struct Venue {
    /// The venue's FIX CompID.
    pub comp_id: String,
    /// What must have happened to a command before its report may leave.
    pub durability: Durability,
    /// Matchers, each of which serves some of the instruments.
    pub shards: u8,
}

/// What must have happened to a command before its report may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It is in the matcher's memory.
    Memory,
    /// It is on the disk, in the journal.
    Journal,
}

/// `[rings]`.
#[derive(Clone, Debug)]
pub struct Rings {
    /// The directory to make them in, if it exists.
    pub directory: PathBuf,
    /// Bytes of a ring of commands: a power of two.
    pub command_bytes: u32,
    /// Bytes of a ring of events: a power of two.
    pub event_bytes: u32,
    /// Bytes of the log of market data: a power of two.
    pub feed_bytes: u32,
    /// Bytes of the log of what a matcher takes, where that is to become durable: a power of two.
    pub sequenced_bytes: u32,
    /// What is asked of their pages.
    pub memory: shm::Memory,
}

/// `[journal]`.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Its directory, below the data directory if it is relative.
    pub directory: PathBuf,
    /// Bytes of each of its files: a power of two.
    pub segment_bytes: u32,
    /// Bytes of its disk that stay free.
    pub reserve_bytes: u32,
    /// Full files that are kept although nothing needs them.
    pub keep_segments: u32,
    /// The program that archives a full file, and its arguments; empty for none.
    pub archive: Vec<String>,
    /// A snapshot is made behind so many bytes of it; 0 is none.
    pub snapshot_bytes: u32,
    /// How many snapshots are kept.
    pub snapshots_kept: u32,
}

/// A gateway: a worker with listeners, rings and sessions of its own. What its protocol's table says holds for it too.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its name.
    pub name: String,
    /// The protocol of its sessions.
    pub speaks: Speaks,
    /// Where clients connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where those connect who speak TLS; `None`: nowhere.
    pub tls_listen: Option<SocketAddr>,
}

/// The protocol of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// FIX.
    Fix,
    /// SBE messages over SoupBinTCP.
    Binary,
}

/// What `[fix]` and `[binary]` have alike.
#[derive(Clone, Debug)]
pub struct Acceptor {
    /// Where clients connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many failed logons are borne with.
    pub patience: Patience,
    /// How bytes are received and sent; `None`: as suits how the gateway's thread idles.
    pub transport: Option<gateway::transport::Kind>,
    /// How long a connection may take to log on.
    pub logon_timeout: Duration,
    /// How long clients have to cancel what they have open when the venue drains.
    pub drain: Duration,
    /// Connections at one time.
    pub connections_max: u32,
    /// How many of them may be without a logon: with one more, the one that has waited longest goes.
    pub connections_unauthenticated_max: u32,
    /// Bytes that may wait for a session that does not read.
    pub output_bytes_max: u32,
    /// Messages kept for each session to send again.
    pub resend_window: u32,
    /// Bytes of them.
    pub resend_bytes_max: u32,
    /// The directory that outlives the gateway, below the data directory if it is relative.
    pub store: PathBuf,
}

/// `[fix]`.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What `[binary]` has too.
    pub acceptor: Acceptor,
    /// Where those connect who speak TLS; `None`: nowhere.
    pub tls_listen: Option<SocketAddr>,
    /// The certificate chain and its key, PEM files; `None`: the venue makes its own.
    pub tls_files: Option<(PathBuf, PathBuf)>,
    /// Certificates of the authorities whose clients' certificates are taken, a PEM file; `None`: none is asked for.
    pub tls_client_ca: Option<PathBuf>,
    /// Seconds: the smallest HeartBtInt that a client may ask for.
    pub heartbeat_s_min: u32,
    /// Seconds: the largest.
    pub heartbeat_s_max: u32,
}

/// `[binary]`.
#[derive(Clone, Debug)]
pub struct Binary {
    /// What `[fix]` has too.
    pub acceptor: Acceptor,
    /// Having sent nothing for so long, the venue sends a heartbeat.
    pub heartbeat: Duration,
    /// Having heard nothing for so long, it takes the client for gone.
    pub silence: Duration,
}

/// `[matcher]`.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// Orders that can be open at one time.
    pub open_orders_max: u32,
    /// ClOrdIDs of finished orders remembered.
    pub finished_orders_max: u32,
    /// Instruments there may be, those that operators add included.
    pub instruments_max: u32,
    /// Accounts, likewise.
    pub accounts_max: u32,
    /// Pairs of account and instrument that may be quoted at one time.
    pub quotes_max: u32,
    /// Pairs of account and group of instruments that may be protected.
    pub protections_max: u32,
    /// Whether the tables' memory is touched at start.
    pub prefault: bool,
}

/// `[metrics]`.
#[derive(Clone, Copy, Debug)]
pub struct Metrics {
    /// Where a process with a gateway serves them; `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Where a matcher does that is a process of its own, likewise.
    pub matcher_listen: Option<SocketAddr>,
}

/// `[log]`.
#[derive(Clone, Debug)]
pub struct Log {
    /// The least severe message that is logged.
    pub level: LogLevel,
    /// How a line is written.
    pub format: LogFormat,
}

/// The least severe message that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// What failed.
    Error,
    /// And what may become a failure.
    Warn,
    /// And what happens seldom and is meant to.
    Info,
    /// And what helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    const WORDS: &[(&str, LogLevel)] = &[
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];

    /// The level's word, as logging libraries read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, level)| *level == self).map_or("info", |(word, _)| word)
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// An entry of `[[account]]`.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its place in the list.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// What it may spend.
    pub kind: AccountKind,
    /// What is paid in for it at the first start, in the assets' smallest units, each at a shard.
    pub funds: Vec<Funds>,
    /// Its market-maker protection.
    pub protections: Vec<Protection>,
    /// What its orders may be.
    pub limits: OrderLimits,
}

/// What is paid in for an account at a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funds {
    /// Where.
    pub shard: u8,
    /// Of what.
    pub asset: AssetId,
    /// How much, in its smallest units.
    pub amount: u128,
}

/// Limits of an account's market-maker protection in a group of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The group.
    pub group: u32,
    /// Fills within the window that are one too many.
    pub fills: u32,
    /// Lots filled within the window that are too many; 0 is no limit.
    pub quantity: Lots,
    /// The window.
    pub window: Duration,
}

/// An entry of `[[asset]]`, or an asset that instruments name beside those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// Decimal places of its smallest unit.
    pub scale: u8,
}

/// How an instrument is listed.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// What is exchanged in it, and the fees.
    pub pair: Pair,
    /// Its trading state when the venue starts.
    pub state: TradingState,
}

/// An entry of `[[session]]`.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its place in the list.
    pub id: SessionId,
    /// The client's FIX CompID, or its user name in the binary protocol.
    pub comp_id: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// The gateway that serves it: its place among [`Config::gateways`].
    pub gateway: u32,
    /// Its password where it stands in the configuration as it is, which the venue's own clients log on with.
    pub password: Option<Password>,
    /// All that it must show, that password included; nothing where nothing is asked.
    pub credentials: Credentials,
    /// Where it may come from; nothing here: from anywhere.
    pub addresses: Vec<IpNet>,
    /// What it is for.
    pub kind: Kind,
    /// The accounts it may trade for, at least one. A drop-copy session has none.
    pub accounts: Vec<AccountId>,
    /// Whose reports it gets copies of, if it is a drop-copy session.
    pub watch: Option<Watch>,
    /// How long after its connection is lost its orders are cancelled; `None`: they stay.
    pub cancel_on_disconnect: Option<Duration>,
    /// What happens when an order that names no mode meets one of its own account.
    pub self_trade: SelfTrade,
    /// Whether reports of its orders say when who had them.
    pub stamps: bool,
    /// How much it may send.
    pub limits: Limits,
    /// How much it may send for each account, if it is a trunk.
    pub account_limits: Limits,
    /// What its orders may be.
    pub order_limits: OrderLimits,
    /// Whether it may ask for market data.
    pub market_data: bool,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Orders of a participant: the first of its accounts is taken where an order names none.
    Trading,
    /// Copies of others' reports.
    DropCopy,
    /// Orders of many participants by the binary protocol: each request names its account.
    Trunk,
}

/// What a session speaks.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// FIX.
    Fix(FixTerms),
    /// SBE messages over SoupBinTCP.
    Binary,
}

/// What only sessions of FIX have.
#[derive(Clone, Debug)]
pub struct FixTerms {
    /// The venue's CompID, for this session.
    pub venue_comp_id: String,
    /// The FIX that it speaks.
    pub version: Version,
    /// How its client speaks.
    pub dialect: Dialect,
    /// How its session layer departs from what is usual.
    pub layer: Layer,
}

/// The accounts that a drop-copy session watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// All there are, and those that operators add.
    All,
    /// These, at least one.
    Accounts(Vec<AccountId>),
}

/// The settings of a session's layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Both numbers begin at 1 with every logon.
    pub reset_on_logon: bool,
    /// And when one side has logged out.
    pub reset_on_logout: bool,
    /// And when the connection is lost.
    pub reset_on_disconnect: bool,
    /// When it may be up; `None`: around the clock.
    pub schedule: Option<Schedule>,
    /// Whether tags that the dictionary does not have are refused, users' own included.
    pub strict: bool,
    /// Seconds that SendingTime may be from the venue's clock; `None`: it is not looked at.
    pub latency_max_s: Option<u32>,
    /// Digits of a second in the SendingTime that the venue sends: 0, 3, 6 or 9.
    pub timestamp_places: u8,
}

/// A password, which no log and no error shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password itself, to compare or to hash.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

impl Asset {
    /// `amount` in smallest units; `None` if it is negative, between two of them, or 2^100 or more.
    #[must_use]
    pub fn units(&self, amount: Decimal) -> Option<u128> {
        let digits = u128::try_from(amount.mantissa).ok()?;
        let factor = 10_u128.checked_pow(self.scale.abs_diff(amount.scale).into())?;
        let units = if self.scale >= amount.scale {
            digits.checked_mul(factor)?
        } else if digits.is_multiple_of(factor) {
            digits / factor
        } else {
            return None;
        };
        Some(units).filter(|&units| units < 1 << 100)
    }
}

impl Asset {
    /// `digits` × 10^-`places` in smallest units, if it is 1 to 2^40 of them, which is what the ledger takes for a
    /// lot or one tick × lot.
    #[must_use]
    pub fn units_of(&self, digits: u128, places: u8) -> Option<u64> {
        let shift = 10_u128.checked_pow(self.scale.abs_diff(places).into())?;
        let units = if self.scale >= places {
            digits.checked_mul(shift)?
        } else if digits.is_multiple_of(shift) {
            digits / shift
        } else {
            return None;
        };
        u64::try_from(units).ok().filter(|units| (1..=1 << 40).contains(units))
    }
}

impl Session {
    /// What it has as a session of FIX, if it is one.
    #[must_use]
    pub const fn fix(&self) -> Option<&FixTerms> {
        match &self.protocol {
            Protocol::Fix(terms) => Some(terms),
            Protocol::Binary => None,
        }
    }

    /// Whether it speaks the binary protocol.
    #[must_use]
    pub const fn is_binary(&self) -> bool {
        matches!(self.protocol, Protocol::Binary)
    }
}

impl Config {
    /// The sessions that may trade by FIX.
    pub fn traders(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(|session| session.watch.is_none() && session.fix().is_some())
    }

    /// The embedded default with `set` over it.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn embedded(set: &[String]) -> Result<Config, ConfigErrors> {
        Config::load("embedded default", "", set)
    }

    /// The file at `path` over the embedded default, with `set` over both.
    ///
    /// # Errors
    /// As [`Config::load`]; and if the file cannot be read.
    pub fn read(path: &Path, set: &[String]) -> Result<Config, ConfigErrors> {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Config::load(&name, &text, set),
            Err(error) => {
                let problem = Problem::new(At::new(0, 0..0), "", format!("cannot read {name}: {error}"))
                    .help("`penstock config > FILE` makes a file to begin with");
                let nothing = Source { name: name.clone(), text: String::new(), covered: true };
                Err(ConfigErrors::new(&name, vec![nothing], &[], vec![problem]))
            }
        }
    }

    /// The configuration in `text`, a file by the name of `name`, over the embedded default, with `set`
    /// (each a `KEY=VALUE`) over both.
    ///
    /// # Errors
    /// [`ConfigErrors`]: all faults of syntax; where there are none, all faults of content.
    pub fn load(name: &str, text: &str, set: &[String]) -> Result<Config, ConfigErrors> {
        let source = |name: &str, text: &str| Source { name: name.into(), text: text.into(), covered: true };
        let mut sources = vec![source("embedded default", DEFAULT), source(name, text)];
        let mut secrets = Vec::new();

        let (mut root, mut problems) = tree::parse(tree::DEFAULT, DEFAULT);
        find_secrets(&root, &mut secrets);
        let (file, faults) = tree::parse(tree::FILE, text);
        find_secrets(&file, &mut secrets);
        sources[tree::FILE].covered = faults.is_empty();
        problems.extend(faults);
        tree::merge(&mut root, file);
        for (index, text) in set.iter().enumerate() {
            // Its tree does not cover a text of which the key is part.
            sources.push(Source { covered: false, ..source("--set", text) });
            problems.extend(tree::set(&mut root, tree::FILE + 1 + index, text, check::name_key).err());
        }

        // Without sound syntax what a key means is a guess, and its faults would be noise.
        let config = if problems.is_empty() { check::config(&root, &mut problems) } else { None };
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(ConfigErrors::new(name, sources, &secrets, problems)),
        }
    }
}

/// The places of all values of secrets' keys.
fn find_secrets(table: &Table, secrets: &mut Vec<At>) {
    fn visit(node: &Node, secrets: &mut Vec<At>) {
        match &node.value {
            Value::Table(table) => find_secrets(table, secrets),
            Value::Array(items) => items.iter().for_each(|item| visit(item, secrets)),
            _ => {}
        }
    }
    for (key, entry) in table {
        if is_secret(key) {
            secrets.push(entry.node.at.clone());
        } else {
            visit(&entry.node, secrets);
        }
    }
}

#[cfg(test)]
mod tests;
