//! The state hash: everything that determines what comes next, in an order that memory does not matter to.
//!
//! Of the three tables that grow with the venue (open orders, what is remembered, balances) it takes in sums of
//! digests, one of each record. A record that changes is noted; its digest is computed anew later
//! ([`Engine::refresh`]), and once however often it has changed: so that a hash is there at once when it is wanted.

use wire::types::{ClOrdId, OrderId, SelfTrade};

use super::{
    Digest, Engine,
    register::{Ended, Traded},
};

impl Engine {
    /// Changed orders, and changed balances, that may wait; beyond that, each command refreshes some. Many, since
    /// what changes often is computed once; few enough for a hash to take less than a millisecond.
    const CHANGED_MAX: usize = 12 * 1024;
    /// Remembered orders that may wait: few, since none of them changes again, and these are in cache still.
    const REMEMBERED_MAX: u64 = 512;
    /// So many that a command of ordinary size, which changes fewer, leaves less than it found.
    const PIECE: usize = 3;

    /// Brings the digests of at most `most` open orders, balances and remembered orders each up to date, for the
    /// next state hash: for when there is time. How many it were.
    pub fn refresh(&mut self, most: usize) -> usize {
        self.refresh_open(most) + self.refresh_ended(most) + self.ledger.refresh(most)
    }

    fn refresh_open(&mut self, most: usize) -> usize {
        for done in 0..most {
            if let Some(soon) = self.register.changed_soon() {
                self.register.prefetch_order(soon);
                self.arena.prefetch(soon);
            }
            let Some((slot, is_open)) = self.register.next_changed() else { return done };
            if is_open {
                let digest = self.digest_of_open(slot);
                self.register.refresh(slot, digest);
            }
        }
        most
    }

    fn refresh_ended(&mut self, most: usize) -> usize {
        (0..most).take_while(|_| self.register.refresh_ended(digest_of_ended)).count()
    }

    /// Refreshes some if too many wait.
    #[inline]
    pub(super) fn refresh_backlog(&mut self) {
        let (changed, remembered) = self.register.stale();
        if changed > Self::CHANGED_MAX {
            self.refresh_open(Self::PIECE);
        }
        if remembered > Self::REMEMBERED_MAX {
            self.refresh_ended(Self::PIECE);
        }
        if self.ledger.stale() > Self::CHANGED_MAX {
            self.ledger.refresh(Self::PIECE);
        }
    }

    /// A hash of the whole state: the same after the same commands on every host. It brings up to date first what
    /// is not.
    pub fn state_hash(&mut self) -> u64 {
        let mut digest = Digest::default();
        digest.word(self.orders_hash());
        for word in [
            self.reporter.seq.0,
            self.reporter.time.0,
            self.reporter.event_id,
            self.last_order,
            self.last_trade,
            self.arena.joined(),
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
    pub fn orders_hash(&mut self) -> u64 {
        self.refresh(usize::MAX);
        let mut digest = Digest::default();
        let [orders, remembered] = self.register.sums();
        for sum in [orders, remembered, self.ledger.sum()] {
            digest.word(sum);
        }
        for market in &self.markets {
            digest.word(market.reference.0.unsigned_abs());
            digest.word(market.state as u64);
            self.digest_call(market.terms.id.0 as usize, &mut digest);
        }
        for session in &self.sessions {
            digest.word(session.cancel_at.map_or(0, |at| at.0));
        }
        self.roster.digest_entitlements(&mut digest);
        self.killed.digest(&mut digest);
        self.protections.digest(&mut digest);
        self.digest_asked(&mut digest);
        self.roster.digest_terms(&mut digest);
        self.ledger.digest(&mut digest);
        digest.value()
    }

    fn digest_of_open(&self, slot: u32) -> u64 {
        let (order, terms) = (self.register.order(slot), self.terms(slot));
        let mut digest = Digest::default();
        let Traded { notional, cum } = self.register.traded(slot);
        let (price, leaves) = (self.price(slot), self.leaves(slot));
        digest.word(order.place());
        digest.word(order.id.0);
        digest.word(terms.session().0.into());
        name(&order.name, &mut digest);
        digest.word(codes(terms));
        digest.word(order.account.0.into());
        digest.word(price.0.unsigned_abs());
        digest.word(leaves.0 + cum.0);
        digest.word(cum.0);
        wire::event::Event::halves(notional).iter().for_each(|&half| digest.word(half));
        if self.ledger.is_active() {
            self.party(slot, price).cover.digest(&mut digest);
        }
        let mode = self.register.order(slot).self_trade();
        if mode != SelfTrade::None {
            digest.word(mode as u64);
        }
        if let Some(extra) = self.attributes.of(self.register.order(slot), slot) {
            for word in [extra.display.0, extra.hidden.0, extra.spare.into(), extra.expire.0] {
                digest.word(word);
            }
            for price in [extra.stop, extra.distance, extra.best] {
                digest.word(price.0.unsigned_abs());
            }
            if extra.list != 0 {
                name(self.lists.name(extra.list), &mut digest);
                let other = self.other(slot).map_or(OrderId(0), |other| self.register.order(other).id);
                digest.word(other.0);
            }
        }
        digest.value()
    }

    /// Checks that whatever has changed since its digest was computed is noted, and that the sums are those of
    /// the digests.
    pub(super) fn audit_sums(&self) {
        let [mut orders, mut remembered] = [0u64; 2];
        for slot in self.register.owners.open() {
            let digest = self.register.order(slot).digest;
            assert!(
                self.register.is_changed(slot) || digest == self.digest_of_open(slot),
                "a change was missed"
            );
            orders = orders.wrapping_add(digest);
        }
        for (number, ended) in self.register.remembered() {
            if let Some(digest) = self.register.digest_of(number) {
                assert_eq!(digest, digest_of_ended(number, ended));
                remembered = remembered.wrapping_add(digest);
            }
        }
        assert_eq!([orders, remembered], self.register.sums());
        self.ledger.audit_sum();
    }
}

/// The digest of a remembered order or name, the `number`th that ever was.
fn digest_of_ended(number: u64, ended: &Ended) -> u64 {
    let mut digest = Digest::default();
    digest.word(number);
    digest.word(ended.id.0);
    digest.word(ended.terms.session().0.into());
    name(&ended.name, &mut digest);
    if ended.id.0 == 0 {
        digest.word(ended.named().0);
    } else {
        digest.word(codes(ended.terms));
        digest.word(ended.account.0.into());
        digest.word(ended.price.0.unsigned_abs());
        digest.word(ended.quantity.0);
        digest.word(ended.cum.0);
        ended.notional.iter().for_each(|&half| digest.word(half));
    }
    digest.value()
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
