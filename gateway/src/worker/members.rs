//! A session of the configuration, and what the worker remembers of it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use wire::{
    command::{Head, Kind},
    event::Definition,
    types::{AccountId, InstrumentId, Nanos},
};

use crate::{
    config,
    dialect::Dialect,
    entry::{Replay, Session, Streams},
    figures::Figures,
    links::Tell,
    parties::is_among,
    session_store::{StoreError, Stores},
    throttle::Throttle,
    transport::ConnId,
};

/// A session of the configuration.
pub(super) struct Member {
    /// The client's CompID.
    pub(super) comp_id: String,
    /// Where it may come from; nothing here: from anywhere.
    addresses: Vec<IpNet>,
    pub(super) dialect: Dialect,
    pub(super) head: Head,
    pub(super) accounts: Vec<AccountId>,
    pub(super) stamps: bool,
    pub(super) throttle: Throttle,
    pub(super) market_data: bool,
    pub(super) session: Session,
    /// The streams of its reports.
    pub(super) streams: Streams,
    /// Those of them that are sent again.
    pub(super) replay: Replay,
    pub(super) conn: Option<ConnId>,
    /// Where its connection, or its last one, came from.
    pub(super) peer: SocketAddr,
    /// What the matcher does not know yet of the session's coming and going.
    pub(super) tell: Tell,
    pub(super) unfinished: bool,
    /// It was told that reports of the shard are missing that cut us off, and none has come since.
    pub(super) is_cut_off: bool,
    /// An operator lets it in no more.
    pub(super) disabled: bool,
    pub(super) figures: Figures,
}

impl Member {
    /// Whether its client may be at `address`.
    pub(super) fn may_be_at(&self, address: IpAddr) -> bool {
        is_among(&self.addresses, address)
    }

    /// Takes in who may trade for an account.
    pub(super) fn entitle(&mut self, definition: &Definition) {
        let account = definition.account;
        if definition.entitled == 0 {
            self.accounts.retain(|&other| other != account);
        } else if !self.accounts.contains(&account) {
            self.accounts.push(account);
        }
        // The first one is meant where a message names none. Without any the matcher refuses what comes.
        if let Some(&first) = self.accounts.first() {
            self.head.account = first;
        }
    }

    pub(super) fn new(session: &config::Session, stores: &Stores, shards: u8) -> Result<Member, StoreError> {
        let account = session.accounts.first().copied().unwrap_or_default();
        let layer = session.layer.clone();
        let store = stores.session("fix", &layer.sender_comp_id, &layer.target_comp_id)?;
        let comp_id = layer.target_comp_id.clone();
        let streams = Streams::new(&comp_id, session.watch.is_some(), shards);
        let over = Session::over(layer, store);
        Ok(Member {
            comp_id,
            addresses: session.addresses.clone(),
            dialect: session.dialect,
            head: Head::new(Kind::New, session.id, account, InstrumentId(0), 0, Nanos(0)),
            accounts: session.accounts.clone(),
            stamps: session.stamps,
            throttle: Throttle::new(session.limits),
            streams,
            figures: Figures::new(over.next_in(), over.next_out()),
            session: over,
            market_data: session.market_data,
            replay: Replay::default(),
            conn: None,
            peer: SocketAddr::from(([0; 4], 0)),
            tell: Tell::default(),
            unfinished: false,
            is_cut_off: false,
            disabled: false,
        })
    }
}
