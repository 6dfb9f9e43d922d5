//! Market-maker protection.

use matcher::engine::ProtectionTerms;
use wire::{
    command::{Head, ResetProtection, SetProtection},
    event::{Cause, Event, Kind},
    limits::PROTECTION_FILLS_MAX,
    reject::Reject,
    types::{AccountId, ClOrdId, InstrumentId, Lots, OrderStatus, SessionId},
};

use super::{
    Twin,
    order::{Order, nothing},
};

pub(super) struct Protection {
    pub(super) terms: ProtectionTerms,
    pub(super) stopped: bool,
    /// Time and lots of the fills that counted when the last one came.
    pub(super) counted: Vec<(u64, u64)>,
    /// Session and instrument of the last fill.
    last: (SessionId, InstrumentId),
}

impl Protection {
    pub(super) fn new(terms: ProtectionTerms) -> Protection {
        Protection { terms, stopped: false, counted: Vec::new(), last: (SessionId(0), InstrumentId(0)) }
    }

    pub(super) fn reset(&mut self) {
        self.stopped = false;
        self.counted.clear();
    }

    fn is_reached(&self) -> bool {
        let lots: u128 = self.counted.iter().map(|&(_, lots)| u128::from(lots)).sum();
        let most = self.terms.quantity.0;
        self.counted.len() as u64 >= self.terms.fills.into() || most > 0 && lots >= most.into()
    }
}

impl Twin {
    pub(super) fn is_protected(&self, account: AccountId, instrument: InstrumentId) -> bool {
        let group = self.market(instrument).terms.group;
        self.protections.get(&(account.0, group)).is_some_and(|protection| protection.stopped)
    }

    /// A quote was filled in continuous trading.
    pub(super) fn count_fill(&mut self, order: &Order, quantity: u64) {
        let (now, group) = (self.time.0, self.market(order.instrument).terms.group);
        if let Some(protection) = self.protections.get_mut(&(order.account.0, group)) {
            let window = protection.terms.window_ns;
            protection.counted.retain(|&(time, _)| u128::from(time) + u128::from(window) > now.into());
            protection.counted.push((now, quantity));
            protection.last = (order.session, order.instrument);
        }
    }

    /// After the matching of an order: pulls the quotes of those who have reached their limits.
    pub(super) fn protect(&mut self) {
        let reached: Vec<(u32, u32)> =
            self.protections.iter().filter(|(_, p)| p.is_reached()).map(|(&of, _)| of).collect();
        for (account, group) in reached {
            let protection = self.protections.get_mut(&(account, group)).expect("it is there");
            protection.counted.clear();
            protection.stopped = true;
            let (session, instrument) = protection.last;
            let groups: Vec<u32> = self.markets.iter().map(|market| market.terms.group).collect();
            let count = self.cancel_all(Cause::Protected, |order| {
                order.quote && order.account.0 == account && groups[order.instrument.0 as usize] == group
            });
            self.tell(Event {
                kind: Kind::Protected,
                status: OrderStatus::Rejected,
                session,
                account: AccountId(account),
                instrument,
                quantity: Lots(count),
                ..nothing()
            });
        }
    }

    pub(super) fn set_protection(&mut self, set: &SetProtection) {
        let &SetProtection { head, group, fills, quantity, window_ns } = set;
        let of = (head.account.0, group);
        let sound = fills == 0 || fills <= PROTECTION_FILLS_MAX && window_ns > 0;
        let room =
            self.config.protections_max.max(u32::try_from(self.config.protections.len()).expect("few"));
        let full = self.protections.len() >= room as usize && !self.protections.contains_key(&of);
        let reject = if !self.has_account(head.account.0) {
            Reject::UnknownAccount
        } else if !self.has_group(group) || !sound || fills > 0 && full {
            Reject::BadProtection
        } else {
            Reject::None
        };
        if reject == Reject::None {
            let terms = ProtectionTerms { account: head.account, group, fills, quantity, window_ns };
            if fills == 0 {
                self.protections.remove(&of);
            } else {
                let protection = self.protections.entry(of).or_insert_with(|| Protection::new(terms));
                protection.terms = terms;
                protection.counted.clear();
            }
        }
        self.done(&head, reject);
    }

    pub(super) fn reset_protection(&mut self, reset: &ResetProtection) {
        let account = reset.head.account.0;
        let reject = if !self.has_account(account) {
            Reject::UnknownAccount
        } else if !self.has_group(reset.group) {
            Reject::BadProtection
        } else {
            if let Some(protection) = self.protections.get_mut(&(account, reset.group)) {
                protection.reset();
            }
            Reject::None
        };
        self.done(&reset.head, reject);
    }

    fn has_group(&self, group: u32) -> bool {
        self.markets.iter().any(|market| market.terms.group == group)
    }

    /// The answer to an operator's command.
    pub(super) fn done(&mut self, head: &Head, reject: Reject) {
        let kind = if reject == Reject::None { Kind::Done } else { Kind::NotDone };
        self.answer(head, kind, 0, reject, ClOrdId::NONE);
    }
}
