//! A session of the configuration, and what the worker remembers of it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use wire::{
    command::{Head, Kind},
    event::Definition,
    fix::throttle::Throttled,
    limits::SOUP_MESSAGE_BYTES_MAX,
    sbe::{self, NoRoom},
    sequenced::Messages,
    soup::Server,
    traffic::{Class, Traffic},
    types::{AccountId, InstrumentId, Nanos},
};

use super::{definitions::Telling, sequence::Sequence};
use crate::{
    config::{BinarySession, Watch},
    figures::Figures,
    links::Tell,
    parties::is_among,
    session_store::{EventMark, StoreError, Stores},
    throttle::{AccountThrottle, Limits, Throttle},
    transport::ConnId,
};

/// A session of the configuration.
pub(super) struct Member {
    pub(super) name: String,
    /// Where it may come from; nothing here: from anywhere.
    addresses: Vec<IpNet>,
    /// Session and first account.
    pub(super) head: Head,
    /// The accounts it may trade for; of a drop-copy session those it watches.
    accounts: AccountSet,
    pub(super) role: Role,
    /// Whether it may have market data.
    pub(super) market_data: bool,
    pub(super) throttle: Throttle,
    /// Of a trunk, what it has sent for each account lately.
    accounts_throttle: Option<AccountThrottle>,
    pub(super) sequence: Sequence,
    /// The connection's state, while there is one.
    pub(super) soup: Option<Server>,
    pub(super) conn: Option<ConnId>,
    /// Where its connection, or its last one, came from.
    pub(super) peer: SocketAddr,
    /// Messages that have come by this connection: the number of the last one.
    pub(super) received: u64,
    /// Those that came by former ones.
    received_before: u64,
    /// What it has asked to be told of and has not been told yet.
    pub(super) telling: Telling,
    /// What the matcher does not know yet of the session's coming and going.
    pub(super) tell: Tell,
    pub(super) unfinished: bool,
    /// An operator lets it in no more.
    pub(super) disabled: bool,
    pub(super) figures: Figures,
    pub(super) traffic: Traffic,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Orders of a participant: a request that names no account means its first.
    Trading,
    /// Orders of many: a request names its account.
    Trunk,
    /// Copies of the reports of the accounts in its set, or of all.
    Copies {
        /// Of all.
        all: bool,
    },
}

/// A set of accounts: a bit for each.
#[derive(Debug, Default)]
struct AccountSet(Vec<u64>);

impl AccountSet {
    fn set(&mut self, account: AccountId, is: bool) {
        let (word, bit) = (account.0 as usize / 64, 1 << (account.0 % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] = if is { self.0[word] | bit } else { self.0[word] & !bit };
    }

    #[inline]
    fn has(&self, account: AccountId) -> bool {
        self.0.get(account.0 as usize / 64).is_some_and(|word| word >> (account.0 % 64) & 1 == 1)
    }

    fn first(&self) -> Option<AccountId> {
        let (at, word) = self.0.iter().enumerate().find(|(_, word)| **word != 0)?;
        u32::try_from(at).ok().map(|at| AccountId(64 * at + word.trailing_zeros()))
    }
}

impl Member {
    /// A session of a venue that has at most `accounts_max` accounts.
    pub(super) fn new(
        session: &BinarySession,
        accounts_max: u32,
        stores: &Stores,
        now: Nanos,
    ) -> Result<Member, StoreError> {
        let account = session.accounts.first().copied().unwrap_or_default();
        let role = match &session.watch {
            Some(watch) => Role::Copies { all: *watch == Watch::All },
            None if session.trunk => Role::Trunk,
            None => Role::Trading,
        };
        let mut accounts = AccountSet::default();
        let watched = match &session.watch {
            Some(Watch::Accounts(watched)) => &watched[..],
            _ => &[],
        };
        for &account in session.accounts.iter().chain(watched) {
            accounts.set(account, true);
        }
        let Limits { messages, cancels, .. } = session.account_limits;
        let limited = role == Role::Trunk && messages.max(cancels) > 0;
        let sequence = Sequence::new(stores.session("binary", "", &session.name)?, now);
        Ok(Member {
            name: session.name.clone(),
            addresses: session.addresses.clone(),
            head: Head::new(Kind::New, session.id, account, InstrumentId(0), 0, Nanos(0)),
            accounts,
            role,
            market_data: session.market_data,
            throttle: Throttle::new(session.limits),
            accounts_throttle: limited.then(|| AccountThrottle::new(session.account_limits, accounts_max)),
            figures: Figures::new(1, sequence.next()),
            sequence,
            soup: None,
            conn: None,
            peer: SocketAddr::from(([0; 4], 0)),
            received: 0,
            received_before: 0,
            telling: Telling::default(),
            tell: Tell::default(),
            unfinished: false,
            disabled: false,
            traffic: Traffic::default(),
        })
    }

    /// Whether its client may be at `address`.
    pub(super) fn may_be_at(&self, address: IpAddr) -> bool {
        is_among(&self.addresses, address)
    }

    /// Whether it may trade for `account`, or is told of its reports.
    #[inline]
    pub(super) fn sees(&self, account: AccountId) -> bool {
        self.role == Role::Copies { all: true } || self.accounts.has(account)
    }

    /// Counts a request for `account`, which is a cancel or not.
    ///
    /// # Errors
    /// What is used of the account's limit, if it is one too many.
    #[inline]
    pub(super) fn count_for(
        &mut self,
        account: AccountId,
        is_cancel: bool,
        now: Nanos,
    ) -> Result<(), Throttled> {
        match &mut self.accounts_throttle {
            None => Ok(()),
            Some(throttle) => throttle.count(account, is_cancel, now.0),
        }
    }

    /// Requests refused so far because the session, or an account of it, had sent too many.
    pub(super) fn throttled(&self) -> u64 {
        self.throttle.refused + self.accounts_throttle.as_ref().map_or(0, |throttle| throttle.refused)
    }

    pub(super) const fn trades(&self) -> bool {
        !matches!(self.role, Role::Copies { .. })
    }

    /// Takes in who may trade for an account.
    pub(super) fn entitle(&mut self, definition: &Definition) {
        if !self.trades() {
            return; // what it watches stands in the configuration
        }
        let account = definition.account;
        self.accounts.set(account, definition.entitled != 0);
        // The first one is meant where a message names none. Without any the matcher refuses what comes.
        if !self.accounts.has(self.head.account)
            && let Some(first) = self.accounts.first()
        {
            self.head.account = first;
        }
    }

    /// Keeps the report of `event`, or one that is of none, and sends it to a client that has had all before it.
    #[inline]
    pub(super) fn report(
        &mut self,
        now: Nanos,
        event: Option<EventMark>,
        report: &[u8],
        output: &mut Vec<u8>,
    ) {
        let number = self.sequence.add(now, event, report);
        self.traffic.sent[Class::Report as usize] += 1;
        if let Some(soup) = &mut self.soup {
            soup.send(now, number, report, output);
        }
    }

    /// Sends what only this connection cares about: it has no number and is not kept.
    pub(super) fn say<B: sbe::Single>(&mut self, now: Nanos, class: Class, block: &B, output: &mut Vec<u8>) {
        self.say_with(now, class, output, |buffer| sbe::encode(block, buffer));
    }

    /// As [`Member::say`], of what `write` writes.
    pub(super) fn say_with(
        &mut self,
        now: Nanos,
        class: Class,
        output: &mut Vec<u8>,
        write: impl FnOnce(&mut [u8]) -> Result<usize, NoRoom>,
    ) {
        let mut buffer = [0; ANSWER_BYTES];
        // The longest of them is asserted to fit.
        let Ok(length) = write(&mut buffer) else { return };
        if let Some(soup) = &mut self.soup
            && soup.send_unsequenced(now, &buffer[..length], output)
        {
            self.traffic.sent[class as usize] += 1;
        }
    }

    /// Text for the people at the other end: why the connection is about to be closed.
    pub(super) fn explain(&mut self, now: Nanos, text: &str, output: &mut Vec<u8>) {
        if let Some(soup) = &mut self.soup {
            soup.send_debug(now, text.as_bytes(), output);
        }
    }

    /// A connection has logged in.
    pub(super) fn came(&mut self, now: u64, conn: ConnId, peer: SocketAddr, soup: Server) {
        (self.conn, self.peer, self.soup) = (Some(conn), peer, Some(soup));
        self.received_before += std::mem::take(&mut self.received);
        self.telling = Telling::default();
        self.figures.came(now);
    }

    /// The connection is gone.
    pub(super) fn went(&mut self, now: u64, why: String) {
        self.figures.went(now, why);
        (self.conn, self.soup) = (None, None);
        self.telling = Telling::default();
    }

    /// Whether its client has yet to be sent messages that are kept.
    pub(super) fn is_behind(&self) -> bool {
        let sent = self.soup.as_ref().and_then(Server::next);
        sent.is_some_and(|sent| sent < self.sequence.next())
    }

    /// Counts what has been sent and received by now.
    pub(super) fn count(&mut self) {
        self.figures.count([1 + self.received_before + self.received, self.sequence.next()]);
    }
}

/// Bytes that an answer of the gateway's own has at most.
const ANSWER_BYTES: usize = 512;
const _: () = assert!(ANSWER_BYTES <= SOUP_MESSAGE_BYTES_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_accounts_has_what_was_put_in_and_not_taken_out() {
        let mut accounts = AccountSet::default();
        assert_eq!((accounts.first(), accounts.has(AccountId(0))), (None, false));
        for account in [3, 64, 1000] {
            accounts.set(AccountId(account), true);
        }
        let has =
            |accounts: &AccountSet| (0..1100).filter(|&id| accounts.has(AccountId(id))).collect::<Vec<_>>();
        assert_eq!(has(&accounts), [3, 64, 1000]);
        accounts.set(AccountId(3), false);
        assert_eq!((has(&accounts), accounts.first()), (vec![64, 1000], Some(AccountId(64))));
    }
}
