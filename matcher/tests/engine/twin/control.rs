//! Cancelling many orders at once: mass cancels, kill switches, sessions that go, times that come.

use wire::{
    command::{Head, KillSwitch, MassCancel, NewOrder, Scope},
    event::{Cause, Event, Kind},
    limits::ACCOUNTS_MAX,
    reject::Reject,
    types::{AccountId, ClOrdId, Lots, OrderStatus, SessionId},
};

use super::{
    Twin,
    order::{Order, nothing},
};

impl Twin {
    /// Cancels the open orders that `selected` picks, in order of OrderID, each with the other one of its list; how many.
    pub(super) fn cancel_all(&mut self, cause: Cause, selected: impl Fn(&Order) -> bool) -> u64 {
        let picked: Vec<Order> = self.open.values().filter(|order| selected(order)).cloned().collect();
        let before = self.open.len();
        for order in picked {
            // The other order of its list may have taken it along.
            if self.open.contains_key(&order.id) {
                self.cancel_open(order, cause);
            }
        }
        (before - self.open.len()) as u64
    }

    pub(super) fn mass_cancel(&mut self, mass: &MassCancel) {
        let head = mass.head;
        let by = |bit| mass.by & bit != 0;
        let (session, account, instrument, side) = (
            by(MassCancel::SESSION),
            by(MassCancel::ACCOUNT),
            by(MassCancel::INSTRUMENT),
            by(MassCancel::SIDE),
        );
        let quotes = by(MassCancel::QUOTES);
        let reject = if instrument && !self.has_instrument(head.instrument()) {
            Reject::UnknownInstrument
        } else if session && !self.has_session(head.session().0) {
            Reject::NotEntitled
        } else if account && !self.has_account(head.account.0) {
            Reject::UnknownAccount
        } else {
            let its_own = |order: &&Order| self.owner_of(order) == self.owner(&head);
            let own: Vec<u64> = self.open.values().filter(its_own).map(|order| order.id).collect();
            let count = self.cancel_all(Cause::MassCanceled, |order| {
                (!quotes || order.quote)
                    && (!session || own.contains(&order.id))
                    && (!account || order.account == head.account)
                    && (!instrument || order.instrument == head.instrument())
                    && (!side || order.side == mass.side)
            });
            return self.mass_canceled(mass, Kind::MassCanceled, count, Reject::None);
        };
        self.mass_canceled(mass, Kind::NotDone, 0, reject);
    }

    pub(super) fn mass_canceled(&mut self, mass: &MassCancel, kind: Kind, count: u64, reject: Reject) {
        self.answer(&mass.head, kind, count, reject, mass.cl_ord_id);
        let event = self.out.last_mut().expect("the answer");
        event.by = mass.by;
        event.flags = if mass.by & MassCancel::QUOTES != 0 { NewOrder::QUOTE } else { 0 };
    }

    pub(super) fn kill_switch(&mut self, kill: &KillSwitch) {
        let reject = match kill.scope {
            Scope::Session if !self.has_session(kill.target) => Reject::NotEntitled,
            Scope::Account if !self.has_account(kill.target) => Reject::UnknownAccount,
            _ => Reject::None,
        };
        if reject != Reject::None {
            return self.answer(&kill.head, Kind::NotDone, 0, reject, ClOrdId::NONE);
        }
        let switch = match kill.scope {
            Scope::Session => (1, kill.target),
            Scope::Account => (2, kill.target),
            Scope::Venue => (3, 0),
        };
        if kill.on == 0 {
            self.killed.remove(&switch);
            return self.answer(&kill.head, Kind::Done, 0, Reject::None, ClOrdId::NONE);
        }
        self.killed.insert(switch);
        let count = self.cancel_all(Cause::Killed, |order| match kill.scope {
            Scope::Session => order.session.0 == kill.target,
            Scope::Account => order.account.0 == kill.target,
            Scope::Venue => true,
        });
        self.answer(&kill.head, Kind::MassCanceled, count, Reject::None, ClOrdId::NONE);
    }

    pub(super) fn stopped(&self, session: SessionId, account: AccountId) -> bool {
        [(1, session.0), (2, account.0), (3, 0)].iter().any(|switch| self.killed.contains(switch))
    }

    pub(super) fn expire(&mut self) {
        let now = self.time.0;
        let mut due: Vec<Order> =
            self.open.values().filter(|o| o.expire > 0 && o.expire <= now).cloned().collect();
        due.sort_by_key(|order| (order.expire, order.id));
        for order in due {
            if self.open.contains_key(&order.id) {
                self.cancel_open(order, Cause::Expired);
            }
        }
    }

    fn has_session(&self, session: u32) -> bool {
        (session as usize) < self.config.sessions.len()
    }

    pub(super) fn has_account(&self, account: u32) -> bool {
        let accounts = if self.has_ledger() { self.accounts.len() } else { ACCOUNTS_MAX as usize };
        (account as usize) < accounts
    }

    pub(super) fn answer(&mut self, head: &Head, kind: Kind, count: u64, reject: Reject, name: ClOrdId) {
        self.tell(Event {
            kind,
            status: OrderStatus::Rejected,
            session: head.session(),
            account: head.account,
            instrument: head.instrument(),
            quantity: Lots(count),
            reject,
            cl_ord_id: name,
            ..nothing()
        });
    }
}
