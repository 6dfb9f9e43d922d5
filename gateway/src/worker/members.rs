//! A session of the configuration, and what the worker remembers of it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use wire::{
    command::{Head, Kind},
    event::Definition,
    fix::report::Stream,
    types::{AccountId, InstrumentId, Nanos},
};

use crate::{
    config,
    dialect::Dialect,
    entry::Session,
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
    /// The stream of its reports.
    pub(super) stream: Stream,
    pub(super) conn: Option<ConnId>,
    /// Where its connection, or its last one, came from.
    pub(super) peer: SocketAddr,
    /// What the matcher does not know yet of the session's coming and going.
    pub(super) tell: Option<Kind>,
    pub(super) unfinished: bool,
}

impl Member {
    /// Whether its client may be at `address`.
    pub(super) fn may_be_at(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&address))
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

    pub(super) fn new(session: &config::Session, stores: &Stores) -> Result<Member, StoreError> {
        let account = session.accounts.first().copied().unwrap_or_default();
        let layer = session.layer.clone();
        let store = stores.session(&layer.sender_comp_id, &layer.target_comp_id)?;
        Ok(Member {
            comp_id: layer.target_comp_id.clone(),
            addresses: session.addresses.clone(),
            dialect: session.dialect,
            head: Head::new(Kind::New, session.id, account, InstrumentId(0), 0, Nanos(0)),
            accounts: session.accounts.clone(),
            stamps: session.stamps,
            throttle: Throttle::new(session.limits),
            market_data: session.market_data,
            stream: match session.watch {
                None => Stream::new(&layer.target_comp_id),
                Some(_) => Stream::of_copies(&layer.target_comp_id),
            },
            session: Session::over(layer, store),
            conn: None,
            peer: SocketAddr::from(([0; 4], 0)),
            tell: None,
            unfinished: false,
        })
    }
}
