//! The state hash, over the plain state.

use std::collections::BTreeMap;

use matcher::engine::Digest;
use wire::types::{SelfTrade, Side, TradingState};

use super::{Twin, market::Queues, order::Order};

impl Twin {
    pub(crate) fn state_hash(&self) -> u64 {
        let mut words = vec![self.seq.0, self.time.0, self.events, self.orders, self.trades, self.forgotten];
        words.extend(self.appl_seq.iter().zip(&self.msg_seq).flat_map(|(&a, &m)| [a, m]));
        let mut digest = Digest::default();
        digest.word(self.orders_hash());
        words.into_iter().for_each(|word| digest.word(word));
        digest.value()
    }

    fn orders_hash(&self) -> u64 {
        let mut digest = Digest::default();
        for market in &self.markets {
            digest.word(market.reference.unsigned_abs());
            for &side in Side::ALL {
                self.queue(market.book.side(side), side, &mut digest);
                digest.word(0);
            }
            for &side in Side::ALL {
                for order in self.waiting(market.terms.id).iter().filter(|o| o.side == side) {
                    self.open_order(order, &mut digest);
                }
                self.queue(market.opening.side(side), side, &mut digest);
                self.queue(market.closing.side(side), side, &mut digest);
            }
            if market.state != TradingState::Continuous {
                digest.word(market.state as u64);
            }
        }
        for remembered in &self.remembered {
            match &remembered.order {
                Some(order) => ended_order(order, &mut digest),
                None => {
                    digest.word(0);
                    digest.word(remembered.session.0.into());
                    digest.bytes(remembered.name.padded());
                }
            }
        }
        let purses = self.purses.values().flat_map(|purse| [purse.available, purse.held]);
        for amount in purses.chain(self.fees.iter().copied()).chain(self.deposited.iter().copied()) {
            digest.bytes(&amount.to_le_bytes());
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
        self.cancel_at.iter().for_each(|at| digest.word(at.map_or(0, |at| at.0)));
        digest.value()
    }

    fn queue(&self, queues: &Queues, side: Side, digest: &mut Digest) {
        let levels: Vec<_> = queues.values().collect();
        let levels = if side == Side::Buy { levels.into_iter().rev().collect() } else { levels };
        levels.into_iter().flatten().for_each(|id| self.open_order(&self.open[id], digest));
    }

    fn open_order(&self, order: &Order, digest: &mut Digest) {
        ended_order(order, digest);
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
            for word in [order.display, hidden, order.expire] {
                digest.word(word);
            }
            for price in [order.stop, order.distance, order.best] {
                digest.word(price.unsigned_abs());
            }
        }
    }
}

fn ended_order(order: &Order, digest: &mut Digest) {
    digest.word(order.id);
    digest.word(order.session.0.into());
    digest.bytes(order.name.padded());
    digest.bytes(&[
        u8::from(order.post_only),
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
