//! Many orders at once: mass cancel and the kill switch.

use wire::{
    command::{KillSwitch, MassCancel, NewOrder, Scope},
    event::{Cause, Event, Kind},
    limits::ACCOUNTS_MAX,
    reject::Reject,
    types::{AccountId, Lots, SessionId},
};

use super::{
    Digest, Engine, Sink,
    index::touch,
    owners::Owners,
    register::{Order, Terms},
    report,
};

/// Who is stopped by a kill switch.
pub(super) struct Killed {
    venue: bool,
    /// By session.
    sessions: Vec<bool>,
    /// A bit for each account.
    accounts: Vec<u64>,
    /// A bit for each word of `accounts` that is not zero: 2 KiB to walk for a state hash, not 128.
    words: Vec<u64>,
}

impl Killed {
    pub(super) fn new(sessions: usize) -> Killed {
        let accounts = vec![0; ACCOUNTS_MAX as usize / 64];
        let words = vec![0; accounts.len() / 64];
        Killed { venue: false, sessions: vec![false; sessions], accounts, words }
    }

    /// Stops the account, one that there may be, or lets it go on.
    fn set_account(&mut self, account: AccountId, on: bool) {
        let set = |bits: &mut u64, place: usize, on: bool| {
            let bit = 1 << (place % 64);
            *bits = if on { *bits | bit } else { *bits & !bit };
        };
        let account = account.0 as usize;
        let word = account / 64;
        set(&mut self.accounts[word], account, on);
        set(&mut self.words[word / 64], word, self.accounts[word] != 0);
    }

    /// What an image has of it: the venue, the sessions, the accounts that are stopped.
    pub(super) fn image(&self) -> (bool, &[bool], Vec<u32>) {
        let Killed { venue, sessions, accounts: _, words: _ } = self;
        (*venue, sessions, self.accounts().collect())
    }

    /// Makes it, which stops nobody yet, what an image says; `false` if there are no such sessions or accounts.
    pub(super) fn restore(&mut self, venue: bool, sessions: &[bool], accounts: &[u32]) -> bool {
        self.venue = venue;
        let Some(known) = self.sessions.get_mut(..sessions.len()) else { return false };
        known.copy_from_slice(sessions);
        let may_be = accounts.iter().all(|&account| account < ACCOUNTS_MAX);
        accounts.iter().filter(|_| may_be).for_each(|&account| self.set_account(AccountId(account), true));
        may_be
    }

    fn accounts(&self) -> impl Iterator<Item = u32> {
        let words = (0u32..).zip(&self.accounts).filter(|(_, bits)| **bits != 0);
        words.flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits & 1 << bit != 0).map(move |bit| 64 * word + bit)
        })
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch(&mut self.accounts);
    }

    /// Whether an order of this session and account is stopped.
    pub(super) fn stops(&self, session: SessionId, account: AccountId) -> bool {
        let bits = self.accounts.get(account.0 as usize / 64).copied().unwrap_or(0);
        let session = self.sessions.get(session.0 as usize).copied().unwrap_or(false);
        self.venue || session || bits & 1 << (account.0 % 64) != 0
    }

    pub(super) fn digest(&self, digest: &mut Digest) {
        if self.venue {
            digest.word(u64::MAX);
        }
        for (session, _) in (0u64..).zip(&self.sessions).filter(|(_, killed)| **killed) {
            digest.word(1 << 32 | session);
        }
        for (words, bits) in self.words.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            for word in (words * 64..).take(64).filter(|word| bits & 1 << (word % 64) != 0) {
                digest.word(2 << 32 | word as u64);
                digest.word(self.accounts[word]);
            }
        }
    }
}

impl Engine {
    pub(super) fn mass_cancel<S: Sink>(&mut self, of: &MassCancel, sink: &mut S) {
        let head = &of.head;
        let asks = |bit| of.by & bit != 0;
        let reject = if asks(MassCancel::INSTRUMENT) && self.served(head.instrument()).is_none() {
            Reject::UnknownInstrument
        } else if asks(MassCancel::SESSION) && head.session().0 as usize >= self.sessions.len() {
            Reject::NotEntitled
        } else if asks(MassCancel::ACCOUNT) && !self.may_be_account(head.account) {
            Reject::UnknownAccount
        } else {
            Reject::None
        };
        if reject != Reject::None {
            return self.refuse_mass_cancel(of, reject, sink);
        }
        let quantity = self.cancel_selected(of, sink);
        self.reporter.send(Event { quantity, ..summary(Kind::MassCanceled, of) }, sink);
    }

    pub(super) fn refuse_mass_cancel<S: Sink>(&mut self, of: &MassCancel, reject: Reject, sink: &mut S) {
        self.reporter.send(Event { reject, ..summary(Kind::NotDone, of) }, sink);
    }

    pub(super) fn kill_switch<S: Sink>(&mut self, switch: &KillSwitch, sink: &mut S) {
        let (target, on) = (switch.target, switch.on != 0);
        let reject = match switch.scope {
            Scope::Venue => {
                self.killed.venue = on;
                Reject::None
            }
            Scope::Session => match self.killed.sessions.get_mut(target as usize) {
                Some(killed) => {
                    *killed = on;
                    Reject::None
                }
                None => Reject::NotEntitled,
            },
            Scope::Account if !self.may_be_account(AccountId(target)) => Reject::UnknownAccount,
            Scope::Account => {
                self.killed.set_account(AccountId(target), on);
                Reject::None
            }
        };
        let answer = Event { reject, ..report::of_unknown(Kind::NotDone, &switch.head) };
        let answer = match (reject, on) {
            (Reject::None, true) => {
                let selects = |_: &Owners, order: &Order, terms: Terms| match switch.scope {
                    Scope::Venue => true,
                    Scope::Session => terms.session() == SessionId(target),
                    Scope::Account => order.account == AccountId(target),
                };
                let quantity = self.cancel_where(Cause::Killed, sink, selects);
                Event { kind: Kind::MassCanceled, quantity, ..answer }
            }
            (Reject::None, false) => Event { kind: Kind::Done, ..answer },
            _ => answer,
        };
        self.reporter.send(answer, sink);
    }

    /// Cancels every open order that `of` selects, in order of OrderID. How many they were.
    fn cancel_selected<S: Sink>(&mut self, of: &MassCancel, sink: &mut S) -> Lots {
        let asks = |bit| of.by & bit != 0;
        let owner = asks(MassCancel::SESSION).then(|| self.owner(&of.head));
        self.cancel_where(Cause::MassCanceled, sink, |owners, order, terms| {
            owner.is_none_or(|owner| owners.of(terms.session(), order.account) == owner)
                && (!asks(MassCancel::ACCOUNT) || order.account == of.head.account)
                && (!asks(MassCancel::INSTRUMENT) || terms.instrument() == of.head.instrument())
                && (!asks(MassCancel::SIDE) || terms.side() == of.side)
                && (!asks(MassCancel::QUOTES) || terms.is_quote())
        })
    }

    /// Cancels every open order that `selects` says, in order of OrderID, and with it the other one of its list. How
    /// many they were.
    pub(super) fn cancel_where<S: Sink>(
        &mut self,
        cause: Cause,
        sink: &mut S,
        selects: impl Fn(&Owners, &Order, Terms) -> bool,
    ) -> Lots {
        let mut selected = std::mem::take(&mut self.selected);
        selected.clear();
        for slot in self.register.owners.open() {
            let order = self.register.order(slot);
            if selects(&self.register.owners, order, self.terms(slot)) {
                selected.push((order.id, slot));
            }
        }
        // In place, and OrderIDs differ.
        selected.sort_unstable();
        let before = self.arena.orders();
        for &(id, slot) in &selected {
            // The other order of its list may have taken it along.
            if self.register.order(slot).id == id {
                self.cancel_linked(slot, cause, sink);
            }
        }
        self.selected = selected;
        Lots(u64::from(before - self.arena.orders()))
    }

    pub(super) fn may_be_account(&self, account: AccountId) -> bool {
        if self.ledger.is_active() { self.ledger.knows(account) } else { account.0 < ACCOUNTS_MAX }
    }
}

/// The answer to a mass cancel.
fn summary(kind: Kind, of: &MassCancel) -> Event {
    let flags = if of.by & MassCancel::QUOTES != 0 { NewOrder::QUOTE } else { 0 };
    Event { cl_ord_id: of.cl_ord_id, by: of.by, flags, ..report::of_unknown(kind, &of.head) }
}
