//! What a gateway has to know, in its own terms; who reads configuration files translates.

use std::{fmt, net::SocketAddr, ops::RangeInclusive, path::PathBuf};

use ipnet::IpNet;
use subtle::ConstantTimeEq;
use wire::{
    fix::session,
    instrument::Instrument,
    soup::Times,
    types::{AccountId, SessionId},
};
use zeroize::Zeroizing;

use crate::{
    auth::{Credentials, Patience},
    dialect::Dialect,
    throttle::Limits,
    transport::{self, tls::Identity},
};

/// A gateway worker's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table of the configuration that `listen` stands in, for people.
    pub table: String,
    /// Where FIX clients connect.
    pub listen: SocketAddr,
    /// Where those connect who speak TLS, and what is shown to them; `None`: nowhere.
    pub tls: Option<(SocketAddr, Identity)>,
    /// How their bytes are received and sent.
    pub transport: transport::Kind,
    /// The venue's CompID: whoever names none of the sessions' own is refused by it.
    pub comp_id: String,
    /// How long a connection may take until its Logon is complete.
    pub logon_timeout_ns: u64,
    /// Connections at a time.
    pub connections_max: u32,
    /// Connections without a Logon at a time; one more ends the oldest of them.
    pub unauthenticated_max: u32,
    /// Bytes that may wait for a client before it is cut off as too slow.
    pub output_bytes_max: usize,
    /// How long clients have to cancel what they have open when the gateway drains, before they are logged out.
    pub drain_ns: u64,
    /// Seconds between heartbeats that a client may ask for (HeartBtInt, 108).
    pub heartbeat_s: RangeInclusive<u32>,
    /// Sent messages kept for resending, for each session.
    pub resend_window: u32,
    /// Bytes of them.
    pub resend_bytes_max: usize,
    /// The directory where numbers and sent messages are kept; its parent exists.
    pub store: PathBuf,
    /// What is asked of the pages of the files in it.
    pub store_memory: shm::Memory,
    /// Its number among the venue's gateways: that of its rings.
    pub number: u32,
    /// Matchers of the venue. Which of them serves an instrument says [`Instrument::shard`]; those that operators list later say
    /// it in their definitions.
    pub shards: u8,
    /// Who may log on.
    pub sessions: Vec<Session>,
    /// Who may log on elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// How many failed Logons are borne with.
    pub patience: Patience,
    /// Accounts by their number.
    pub accounts: Vec<String>,
    /// Instruments by their number.
    pub instruments: Vec<Instrument>,
    /// Assets by their number.
    pub assets: Vec<Asset>,
}

/// What instruments exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// Decimal places of its smallest unit.
    pub scale: u8,
}

/// Who may log on, and for whom it may trade.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// CompIDs, version, and the rules of its session layer.
    pub layer: session::Config,
    /// How its client speaks.
    pub dialect: Dialect,
    /// What the client must show.
    pub credentials: Credentials,
    /// Where it may come from; nothing here: from anywhere.
    pub addresses: Vec<IpNet>,
    /// Accounts it trades for; the first is meant where a message names none.
    pub accounts: Vec<AccountId>,
    /// Whether reports of its orders say when who had them.
    pub stamps: bool,
    /// How much it may send.
    pub limits: Limits,
    /// Whether it may ask for market data.
    pub market_data: bool,
    /// Whose reports it gets copies of; with it, a session may not trade.
    pub watch: Option<Watch>,
}

/// The configuration of a worker for the binary protocol.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Its number among the venue's gateways: that of its rings.
    pub number: u32,
    /// Matchers of the venue, as [`Config::shards`].
    pub shards: u8,
    /// The table of the configuration that `listen` stands in, for people.
    pub table: String,
    /// Where clients connect.
    pub listen: SocketAddr,
    /// How their bytes are received and sent.
    pub transport: transport::Kind,
    /// When heartbeats are due, and how long a login may take.
    pub times: Times,
    /// Connections at a time.
    pub connections_max: u32,
    /// Connections without a login at a time; one more ends the oldest of them.
    pub unauthenticated_max: u32,
    /// Bytes that may wait for a client before it is cut off as too slow.
    pub output_bytes_max: usize,
    /// How long clients have to cancel what they have open when the gateway drains, before their connections are ended.
    pub drain_ns: u64,
    /// Messages kept for each session.
    pub resend_window: u32,
    /// Bytes of them.
    pub resend_bytes_max: usize,
    /// The directory where they are kept; its parent exists.
    pub store: PathBuf,
    /// What is asked of the pages of the files in it.
    pub store_memory: shm::Memory,
    /// Who may log in.
    pub sessions: Vec<BinarySession>,
    /// Who may log in elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// How many failed logins are borne with.
    pub patience: Patience,
    /// How many accounts there are at the start.
    pub accounts: usize,
    /// How many there may be.
    pub accounts_max: u32,
    /// Instruments by their number.
    pub instruments: Vec<Instrument>,
    /// Assets by their number.
    pub assets: Vec<Asset>,
    /// All sessions of the venue by their number: whose copies a drop-copy session may get.
    pub names: Vec<String>,
}

/// Who may log in by the binary protocol, and for whom it may trade.
#[derive(Clone, Debug)]
pub struct BinarySession {
    /// Its number.
    pub id: SessionId,
    /// Its user.
    pub name: String,
    /// What the client must show: a password, or nothing.
    pub credentials: Credentials,
    /// Where it may come from; nothing here: from anywhere.
    pub addresses: Vec<IpNet>,
    /// Accounts it trades for.
    pub accounts: Vec<AccountId>,
    /// Whether it may ask for market data.
    pub market_data: bool,
    /// Whether each of its requests must name one; in others the first is meant where a request names none.
    pub trunk: bool,
    /// How much it may send.
    pub limits: Limits,
    /// Of a trunk, how much it may send for each account.
    pub account_limits: Limits,
    /// Whose reports it gets copies of; with it, a session may not trade.
    pub watch: Option<Watch>,
}

/// A session that another gateway of the venue serves: whoever proves to be its client is told so.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The client's CompID, or user name, and the venue's CompID, which is empty in the binary protocol.
    pub comp_ids: [String; 2],
    /// What the client must show.
    pub credentials: Credentials,
    /// Where it may come from; nothing here: from anywhere.
    pub addresses: Vec<IpNet>,
    /// The gateway by its name, and where it listens, for people.
    pub gateway: String,
}

/// The accounts that a drop-copy session watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// All.
    All,
    /// These.
    Accounts(Vec<AccountId>),
}

/// A password: never shown, compared in constant time, gone from memory when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// Keeps `text`.
    #[must_use]
    pub fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(text.as_bytes().into()))
    }

    /// Whether `attempt` is the secret, in a time that tells its length at most.
    #[must_use]
    pub fn is(&self, attempt: &[u8]) -> bool {
        self.0.ct_eq(attempt).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
