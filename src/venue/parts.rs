//! What each part of a venue is told of the configuration, and what the venue itself does first.

use std::path::Path;

use anyhow::bail;
use gateway::{session_store, transport};
use matcher::{
    Routes, State, Watched,
    configuration::Configuration,
    engine::{self, AccountTerms, Accounts, LedgerTerms, ProtectionTerms, SessionTerms},
};
use tuning::plan::Idle;
use wire::{
    command::{Command, Funds, Head, Kind, SetState},
    fix::session::{self, Role},
    soup::Times,
    types::{AccountId, InstrumentId, Nanos, SeqNo, SessionId, TradingState},
};
use zerocopy::IntoBytes;

use super::identity::identity;
use crate::{
    check::Reserved,
    config::{self, Asset, Config, FixTerms, Gateway, Session, Watch},
};

/// Any number serves: it only has to be the same wherever a state is compared or taken up again.
const NAMES_HASH_SEED: u64 = 0x50_45_4e_53_54_4f_43_4b;

/// Memory that the venue sets aside for `config`, the gateway's rings apart.
#[must_use]
pub fn reserved(config: &Config) -> Vec<Reserved> {
    let tables = engine_config(config, 0).tables();
    // Each shard has them all.
    let shards = u64::from(config.venue.shards);
    let tables = tables.into_iter().map(|(what, bytes)| Reserved { what, bytes: bytes * shards });
    let store = session_store::bytes_of(config.fix.acceptor.resend_bytes_max.into());
    let stores = Reserved { what: "sessions' stores", bytes: store * config.sessions.len() as u64 };
    [Reserved { what: "the operator's rings", bytes: super::OPERATOR_RING_BYTES * shards }, stores]
        .into_iter()
        .chain(tables)
        .collect()
}

/// The session of the venue's operator: behind those of the configuration, and entitled to everything.
pub(super) fn operator(config: &Config) -> SessionId {
    SessionId(u32::try_from(config.sessions.len()).unwrap_or(u32::MAX))
}

pub(super) fn engine_config(config: &Config, shard: u8) -> engine::Config {
    let tables = &config.matcher;
    let nanos = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let clients = config.sessions.iter().map(|session| SessionTerms {
        // Who trades for all there are at the start needs no list of them.
        accounts: if session.accounts.len() == config.accounts.len() {
            Accounts::Any
        } else {
            Accounts::Only(session.accounts.clone())
        },
        cancel_on_disconnect: session.cancel_on_disconnect.map(nanos),
        self_trade: session.self_trade,
        is_trunk: session.kind == crate::config::Kind::Trunk,
        limits: session.order_limits,
    });
    let operator = SessionTerms::new(Accounts::Any);
    let protections = config.accounts.iter().flat_map(|account| {
        account.protections.iter().map(|limits| ProtectionTerms {
            account: account.id,
            group: limits.group,
            fills: limits.fills,
            quantity: limits.quantity,
            window_ns: nanos(limits.window),
        })
    });
    engine::Config {
        shard,
        instruments: config.instruments.clone(),
        instruments_max: tables.instruments_max,
        sessions: clients.chain([operator]).collect(),
        open_orders_max: tables.open_orders_max,
        finished_orders_max: tables.finished_orders_max,
        price_groups_max: engine::Config::price_groups_for(tables.open_orders_max, tables.instruments_max),
        ledger: LedgerTerms {
            assets: u32::try_from(config.assets.len()).unwrap_or(u32::MAX),
            accounts: config
                .accounts
                .iter()
                .map(|account| AccountTerms {
                    limits: account.limits,
                    ..AccountTerms::new(account.name.as_str(), account.kind.clone())
                })
                .collect(),
            pairs: config.listings.iter().map(|listing| listing.pair).collect(),
        },
        accounts_max: tables.accounts_max,
        quotes_max: tables.quotes_max,
        protections: protections.collect(),
        protections_max: tables.protections_max,
        hash_seed: NAMES_HASH_SEED,
    }
}

/// What the journal and snapshots keep of the configuration.
pub(crate) fn configuration(config: &Config, shard: u8) -> Configuration {
    let sessions = config.sessions.iter().map(|session| session.comp_id.clone());
    Configuration {
        engine: engine_config(config, shard),
        sessions: sessions.chain(["the operator".to_owned()]).collect(),
        assets: config.assets.iter().map(|asset| asset.name.clone()).collect(),
    }
}

/// What a shard without a past does before it serves: it pays in what the configuration gives its accounts, and
/// brings instruments into their first states. Each of these commands is given to `keep`. With a past that ended among them it goes on
/// from there.
///
/// # Errors
/// If the engine refuses one of these commands; what `keep` says.
pub(super) fn begin(
    config: &Config,
    shard: u8,
    state: &mut State,
    mut keep: impl FnMut((SeqNo, Nanos), &[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let now = tuning::clock::now();
    let mut there = state.engine().last_seq().0;
    let mut sequence = |command: Command<'_>, bytes: &[u8]| {
        if there > 0 {
            there -= 1;
            return Ok(Ok(()));
        }
        match state.begin(now, command) {
            Ok(stamp) => keep(stamp, bytes).map(Ok),
            Err(reject) => Ok(Err(reject)),
        }
    };
    let head =
        |kind, account, instrument| Head::new(kind, operator(config), account, instrument, 0, Nanos(now));
    for account in &config.accounts {
        for &config::Funds { asset, amount, .. } in account.funds.iter().filter(|funds| funds.shard == shard)
        {
            let head = head(Kind::Deposit, account.id, InstrumentId(0));
            let deposit = Funds { head, asset, reserved: 0, amount: wire::event::Event::halves(amount) };
            if let Err(reject) = sequence(Command::Deposit(&deposit), deposit.as_bytes())? {
                let asset = &config.assets[asset.0 as usize].name;
                bail!(
                    "the funds of {} in {asset} are refused: {}; {}",
                    account.name,
                    reject.sentence(),
                    reject.remedy()
                );
            }
        }
    }
    for (instrument, listing) in config.instruments.iter().zip(&config.listings) {
        if instrument.shard != shard || listing.state == TradingState::Continuous {
            continue; // another's; or as every instrument of an engine begins
        }
        let head = head(Kind::SetState, AccountId(0), instrument.id);
        let change = SetState { head, state: listing.state, reserved: [0; 7] };
        if let Err(reject) = sequence(Command::SetState(&change), change.as_bytes())? {
            bail!(
                "the state of {} is refused: {}; {}",
                instrument.symbol,
                reject.sentence(),
                reject.remedy()
            );
        }
    }
    Ok(())
}

/// The FIX gateway `number`: what is kept stands in `data`; `idle` is how its thread does.
///
/// # Errors
/// If there is no certificate to show to those who speak TLS.
pub(super) fn gateway_config(
    config: &Config,
    number: u32,
    data: &Path,
    idle: Idle,
) -> anyhow::Result<gateway::config::Config> {
    let gateway = &config.gateways[number as usize];
    let of_fix = config.sessions.iter().filter_map(|session| Some((session, session.fix()?)));
    let (ours, others): (Vec<_>, Vec<_>) = of_fix.partition(|(session, _)| session.gateway == number);
    let tls = match gateway.tls_listen {
        Some(address) => Some((address, identity(&config.fix, data)?)),
        None => None,
    };
    Ok(gateway::config::Config {
        number,
        shards: config.venue.shards,
        table: table(gateway),
        listen: gateway.listen,
        tls,
        patience: config.fix.acceptor.patience,
        transport: config.fix.acceptor.transport.unwrap_or(suitable(idle)),
        comp_id: config.venue.comp_id.clone(),
        logon_timeout_ns: u64::try_from(config.fix.acceptor.logon_timeout.as_nanos()).unwrap_or(u64::MAX),
        drain_ns: u64::try_from(config.fix.acceptor.drain.as_nanos()).unwrap_or(u64::MAX),
        connections_max: config.fix.acceptor.connections_max,
        unauthenticated_max: config.fix.acceptor.connections_unauthenticated_max,
        output_bytes_max: config.fix.acceptor.output_bytes_max as usize,
        resend_window: config.fix.acceptor.resend_window,
        resend_bytes_max: config.fix.acceptor.resend_bytes_max as usize,
        store: data.join(&config.fix.acceptor.store),
        store_memory: of_stores(config),
        heartbeat_s: config.fix.heartbeat_s_min..=config.fix.heartbeat_s_max,
        elsewhere: others
            .into_iter()
            .map(|(session, terms)| gateway::config::Elsewhere {
                comp_ids: [session.comp_id.clone(), terms.venue_comp_id.clone()],
                credentials: session.credentials.clone(),
                addresses: session.addresses.clone(),
                gateway: whereabouts(&config.gateways[session.gateway as usize]),
            })
            .collect(),
        sessions: ours
            .into_iter()
            .map(|(session, terms)| gateway::config::Session {
                id: session.id,
                layer: session_layer(session, terms),
                dialect: terms.dialect,
                credentials: session.credentials.clone(),
                addresses: session.addresses.clone(),
                accounts: session.accounts.clone(),
                stamps: session.stamps,
                limits: session.limits,
                market_data: session.market_data,
                watch: watch(session),
            })
            .collect(),
        accounts: config.accounts.iter().map(|account| account.name.clone()).collect(),
        instruments: config.instruments.clone(),
        assets: assets(config),
    })
}

/// The binary gateway `number`, as [`gateway_config`].
pub(super) fn binary_config(
    config: &Config,
    number: u32,
    data: &Path,
    idle: Idle,
) -> gateway::config::Binary {
    let binary = &config.binary;
    let acceptor = &binary.acceptor;
    let nanos = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let ours = config.sessions.iter().filter(|session| session.gateway == number);
    let others = config.sessions.iter().filter(|session| session.is_binary() && session.gateway != number);
    gateway::config::Binary {
        number,
        shards: config.venue.shards,
        table: table(&config.gateways[number as usize]),
        listen: config.gateways[number as usize].listen,
        transport: acceptor.transport.unwrap_or(suitable(idle)),
        times: Times {
            heartbeat_ns: nanos(binary.heartbeat),
            silence_ns: nanos(binary.silence),
            login_ns: nanos(acceptor.logon_timeout),
        },
        connections_max: acceptor.connections_max,
        unauthenticated_max: acceptor.connections_unauthenticated_max,
        output_bytes_max: acceptor.output_bytes_max as usize,
        drain_ns: nanos(acceptor.drain),
        resend_window: acceptor.resend_window,
        resend_bytes_max: acceptor.resend_bytes_max as usize,
        store: data.join(&acceptor.store),
        store_memory: of_stores(config),
        sessions: ours
            .map(|session| gateway::config::BinarySession {
                id: session.id,
                name: session.comp_id.clone(),
                credentials: session.credentials.clone(),
                addresses: session.addresses.clone(),
                accounts: session.accounts.clone(),
                market_data: session.market_data,
                trunk: session.kind == crate::config::Kind::Trunk,
                limits: session.limits,
                account_limits: session.account_limits,
                watch: watch(session),
            })
            .collect(),
        elsewhere: others
            .map(|session| gateway::config::Elsewhere {
                comp_ids: [session.comp_id.clone(), String::new()],
                credentials: session.credentials.clone(),
                addresses: session.addresses.clone(),
                gateway: whereabouts(&config.gateways[session.gateway as usize]),
            })
            .collect(),
        patience: acceptor.patience,
        accounts: config.accounts.len(),
        accounts_max: config.matcher.accounts_max,
        instruments: config.instruments.clone(),
        assets: assets(config),
        names: config.sessions.iter().map(|session| session.comp_id.clone()).collect(),
    }
}

/// How a gateway whose thread idles like this receives and sends, if nothing else is said.
fn suitable(idle: Idle) -> transport::Kind {
    if idle == Idle::Spin { transport::Kind::Spin } else { transport::Kind::Epoll }
}

/// Locked pages and huge ones are for what both processes touch with every message.
const fn of_stores(config: &Config) -> shm::Memory {
    shm::Memory { lock: false, huge_pages: false, ..config.rings.memory }
}

fn watch(session: &Session) -> Option<gateway::config::Watch> {
    session.watch.as_ref().map(|watch| match watch {
        Watch::All => gateway::config::Watch::All,
        Watch::Accounts(accounts) => gateway::config::Watch::Accounts(accounts.clone()),
    })
}

fn assets(config: &Config) -> Vec<gateway::config::Asset> {
    let asset = |asset: &Asset| gateway::config::Asset { name: asset.name.clone(), scale: asset.scale };
    config.assets.iter().map(asset).collect()
}

/// The table that the addresses of `gateway` stand in.
fn table(gateway: &Gateway) -> String {
    match gateway.name.as_str() {
        first @ ("fix" | "binary") => first.to_owned(),
        other => format!("gateway.{other}"),
    }
}

/// Where clients find `gateway`, for people.
fn whereabouts(gateway: &Gateway) -> String {
    match gateway.listen {
        address if address.port() == 0 => format!("the gateway {}", gateway.name),
        address => format!("the gateway {}, {address}", gateway.name),
    }
}

/// Whose events go to which of the venue's links, which are its gateways in order.
pub(super) fn routes(config: &Config) -> Routes {
    let watched = (0u32..).zip(&config.gateways).map(|(number, _)| {
        let watches = config.sessions.iter().filter(|session| session.gateway == number);
        let mut accounts = Vec::new();
        for watch in watches.filter_map(|session| session.watch.as_ref()) {
            match watch {
                Watch::All => return Watched::All,
                Watch::Accounts(named) => accounts.extend(named),
            }
        }
        Watched::Accounts(accounts)
    });
    Routes {
        homes: config.sessions.iter().map(|session| session.gateway).collect(),
        watched: watched.collect(),
    }
}

/// How `session` is set up on the venue's side.
fn session_layer(session: &Session, terms: &FixTerms) -> session::Config {
    let layer = &terms.layer;
    session::Config {
        version: terms.version,
        reset_on_logon: layer.reset_on_logon,
        reset_on_logout: layer.reset_on_logout,
        reset_on_disconnect: layer.reset_on_disconnect,
        schedule: layer.schedule,
        strict: layer.strict,
        latency_max_s: layer.latency_max_s,
        time_places: layer.timestamp_places,
        ..session::Config::new(Role::Acceptor, &terms.venue_comp_id, &session.comp_id)
    }
}
