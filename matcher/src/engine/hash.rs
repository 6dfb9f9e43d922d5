//! The state hash: everything that determines what comes next, in an order that memory does not matter to.

use wire::types::{ClOrdId, SelfTrade, Side, TradingState};

use super::{Digest, Engine, book::LevelView};

impl Engine {
    /// A hash of the whole state: the same after the same commands on every host.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let mut digest = Digest::default();
        digest.word(self.orders_hash());
        for word in [
            self.reporter.seq.0,
            self.reporter.time.0,
            self.reporter.event_id,
            self.last_order,
            self.last_trade,
            self.register.forgotten(),
        ] {
            digest.word(word);
        }
        for voice in &self.reporter.voices {
            digest.word(voice.appl_seq);
            digest.word(voice.msg_seq);
        }
        digest.value()
    }

    /// A hash of the state without its counters: what a refused command leaves as it was.
    #[must_use]
    pub fn orders_hash(&self) -> u64 {
        let mut digest = Digest::default();
        for market in &self.markets {
            digest.word(market.reference.0.unsigned_abs());
            for side in [Side::Buy, Side::Sell] {
                market.book.levels(&self.arena, side).for_each(|level| self.level(&level, &mut digest));
                digest.word(0); // no OrderID: the side ends
            }
            for side in [Side::Buy, Side::Sell] {
                let (queue, queued) = market.stops.queue(side);
                queue.levels(&self.arena, queued).for_each(|level| self.level(&level, &mut digest));
                for sides in [&market.opening, &market.closing] {
                    sides.levels(&self.arena, side).for_each(|level| self.level(&level, &mut digest));
                }
            }
            if market.state != TradingState::Continuous {
                digest.word(market.state as u64);
            }
            if market.state.is_auction() {
                self.digest_call(market.terms.id.0 as usize, &mut digest);
            }
        }
        for ended in self.register.remembered() {
            digest.word(ended.id.0);
            digest.word(ended.terms.session().0.into());
            name(&ended.name, &mut digest);
            if ended.id.0 != 0 {
                digest.word(codes(ended.terms));
                digest.word(ended.account.0.into());
                digest.word(ended.price.0.unsigned_abs());
                digest.word(ended.quantity.0);
                digest.word(ended.cum.0);
                ended.notional.iter().for_each(|&half| digest.word(half));
            }
        }
        self.ledger.digest(&mut digest);
        self.killed.digest(&mut digest);
        for session in &self.sessions {
            digest.word(session.cancel_at.map_or(0, |at| at.0));
        }
        digest.value()
    }

    fn level(&self, level: &LevelView, digest: &mut Digest) {
        let mut next = Some(level.first);
        while let Some(slot) = next {
            self.open_order(slot, digest);
            next = self.arena.younger(slot);
        }
    }

    fn open_order(&self, slot: u32, digest: &mut Digest) {
        let (order, terms) = (self.register.order(slot), self.terms(slot));
        digest.word(order.id.0);
        digest.word(terms.session().0.into());
        name(&order.name, digest);
        digest.word(codes(terms));
        digest.word(order.account.0.into());
        digest.word(self.price(slot).0.unsigned_abs());
        digest.word(order.quantity.0);
        digest.word(order.quantity.0 - self.leaves(slot).0);
        wire::event::Event::halves(order.notional).iter().for_each(|&half| digest.word(half));
        self.ledger.digest_order(slot, digest);
        let mode = self.attributes.self_trade(slot);
        if mode != SelfTrade::None {
            digest.word(mode as u64);
        }
        if let Some(extra) = self.attributes.get(slot) {
            for word in [extra.display.0, extra.hidden.0, extra.expire.0] {
                digest.word(word);
            }
            for price in [extra.stop, extra.distance, extra.best] {
                digest.word(price.0.unsigned_abs());
            }
        }
    }
}

fn name(name: &ClOrdId, digest: &mut Digest) {
    digest.bytes(name.padded());
}

/// Instrument, side, type, time in force and flags in one word.
fn codes(terms: super::Terms) -> u64 {
    u64::from(terms.instrument().0) << 32
        | u64::from(terms.side().fix()) << 24
        | u64::from(terms.order_type().fix()) << 16
        | u64::from(terms.time_in_force().fix()) << 8
        | u64::from(terms.flags())
}
