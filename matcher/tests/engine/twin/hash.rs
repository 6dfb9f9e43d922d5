//! The state hash, over the plain state.

use std::collections::BTreeMap;

use matcher::engine::{Digest, ProtectionTerms};
use wire::types::{ClOrdId, SelfTrade, SessionId};

use super::{Twin, order::Order};

impl Twin {
    pub(crate) fn state_hash(&self) -> u64 {
        let mut words =
            vec![self.seq.0, self.time.0, self.events, self.orders, self.trades, self.places, self.forgotten];
        words.extend(self.appl_seq.iter().zip(&self.msg_seq).flat_map(|(&a, &m)| [a, m]));
        let mut digest = Digest::default();
        digest.word(self.orders_hash());
        words.into_iter().for_each(|word| digest.word(word));
        digest.value()
    }

    fn orders_hash(&self) -> u64 {
        let mut digest = Digest::default();
        digest.word(sum(self.open.values().map(|order| self.open_order(order))));
        let remembered = (self.forgotten + 1..).zip(&self.remembered).map(|(number, remembered)| {
            let mut digest = Digest::default();
            digest.word(number);
            match &remembered.order {
                Ok(order) => ended_order(order, &mut digest),
                Err(id) => {
                    named(0, remembered.session, &remembered.name, &mut digest);
                    digest.word(*id);
                }
            }
            digest.value()
        });
        digest.word(sum(remembered));
        let purses = self.purses.iter().filter(|(_, purse)| purse.available != 0 || purse.held != 0);
        digest.word(sum(purses.map(|(&(account, asset), purse)| {
            let mut digest = Digest::default();
            digest.word(account.into());
            digest.word(asset.into());
            digest.bytes(&purse.available.to_le_bytes());
            digest.bytes(&purse.held.to_le_bytes());
            digest.value()
        })));
        for market in &self.markets {
            digest.word(market.reference.unsigned_abs());
            digest.word(market.state as u64);
            let (price, quantity) = market.told;
            let ends = market.call_ends.map_or(0, |at| at.0);
            let call = [ends, price.unsigned_abs(), quantity, market.looked.0];
            let call = if market.state.is_auction() { call } else { [0; 4] };
            call.into_iter().for_each(|word| digest.word(word));
        }
        self.cancel_at.iter().for_each(|at| digest.word(at.map_or(0, |at| at.0)));
        for (session, account) in self.entitlements.keys() {
            digest.word(u64::from(session.0) << 32 | u64::from(account.0));
        }
        if self.killed.contains(&(3, 0)) {
            digest.word(u64::MAX);
        }
        for (_, session) in self.killed.iter().filter(|(scope, _)| *scope == 1) {
            digest.word(1 << 32 | u64::from(*session));
        }
        let mut accounts: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, account) in self.killed.iter().filter(|(scope, _)| *scope == 2) {
            *accounts.entry(u64::from(account / 64)).or_default() |= 1 << (account % 64);
        }
        for (word, bits) in accounts {
            digest.word(2 << 32 | word);
            digest.word(bits);
        }
        for protection in self.protections.values() {
            let ProtectionTerms { account, group, fills, quantity, window_ns } = protection.terms;
            let stopped = protection.stopped.into();
            let counted = protection.counted.len() as u64;
            for word in
                [account.0.into(), group.into(), fills.into(), quantity.0, window_ns, stopped, counted]
            {
                digest.word(word);
            }
            protection.counted.iter().flat_map(|&(at, lots)| [at, lots]).for_each(|word| digest.word(word));
        }
        self.digest_asked(&mut digest);
        if let Some(changes) = self.changes {
            digest.word(changes.value());
        }
        for amount in self.fees.iter().chain(&self.deposited) {
            digest.bytes(&amount.to_le_bytes());
        }
        digest.value()
    }

    fn open_order(&self, order: &Order) -> u64 {
        let mut digest = Digest::default();
        digest.word(order.place);
        ended_order(order, &mut digest);
        if self.has_ledger() {
            digest.word(order.hold_price.unsigned_abs());
            let overpaid = order.fee_charged * 1_000_000 - order.fee_exact;
            digest.word(u64::try_from(overpaid).expect("less than one unit"));
        }
        if order.self_trade != SelfTrade::None {
            digest.word(order.self_trade as u64);
        }
        if order.had_attributes {
            let hidden = if order.display > 0 && !order.waits() { order.leaves() - order.slice } else { 0 };
            for word in [order.display, hidden, order.slices - 1, order.expire] {
                digest.word(word);
            }
            for price in [order.stop, order.distance, order.best] {
                digest.word(price.unsigned_abs());
            }
            if let Some(list) = order.list {
                digest.bytes(list.name.padded());
                digest.word(if self.open.contains_key(&list.other) { list.other } else { 0 });
            }
        }
        digest.value()
    }
}

fn sum(digests: impl Iterator<Item = u64>) -> u64 {
    digests.fold(0, u64::wrapping_add)
}

fn named(id: u64, session: SessionId, name: &ClOrdId, digest: &mut Digest) {
    digest.word(id);
    digest.word(session.0.into());
    digest.bytes(name.padded());
}

fn ended_order(order: &Order, digest: &mut Digest) {
    named(order.id, order.session, &order.name, digest);
    digest.bytes(&[
        order.flags(),
        order.time_in_force.fix(),
        order.order_type.fix(),
        order.side.fix(),
        order.instrument.0.to_le_bytes()[0],
        order.instrument.0.to_le_bytes()[1],
        0,
        0,
    ]);
    digest.word(order.account.0.into());
    digest.word(order.price.unsigned_abs());
    digest.word(order.quantity);
    digest.word(order.cum);
    digest.bytes(&order.notional.to_le_bytes());
}
