//! Where orders meet the ledger: what is held for them, and when it changes.

use wire::{
    command::{Funds, NewOrder},
    reject::Reject,
    types::{AccountId, AssetId, Lots, OrderType, Ticks},
};

use super::{
    Engine, Market, Sink,
    ledger::{Balance, Cover, Party},
};

impl Market {
    /// The price at which a buy of this type and price is covered.
    const fn covered_at(&self, order_type: OrderType, price: Ticks) -> Ticks {
        if order_type.has_price() { price } else { self.band.1 }
    }
}

impl Engine {
    /// An account's funds in an asset; `None` if there is no such account or asset.
    #[must_use]
    pub fn balance(&self, account: AccountId, asset: AssetId) -> Option<Balance> {
        self.ledger.balance(account, asset)
    }

    /// What the venue has taken in fees, in an asset.
    #[must_use]
    pub fn fees(&self, asset: AssetId) -> Option<i128> {
        self.ledger.fees(asset)
    }

    /// Deposits less withdrawals of an asset.
    #[must_use]
    pub fn deposited(&self, asset: AssetId) -> Option<i128> {
        self.ledger.deposited(asset)
    }

    /// A deposit, or a withdrawal.
    pub(super) fn move_funds<S: Sink>(&mut self, funds: &Funds, into: bool, sink: &mut S) {
        let account = funds.head.account;
        let amount = u128::from(funds.amount[1]) << 64 | u128::from(funds.amount[0]);
        let amount = i128::try_from(amount).ok().filter(|&amount| amount > 0);
        let reject = if !self.ledger.knows(account) {
            Reject::UnknownAccount
        } else {
            let signed = amount.map(|amount| if into { amount } else { -amount });
            match signed.and_then(|amount| self.ledger.pay(account, funds.asset, amount)) {
                None => Reject::BadFunds,
                Some(Err(_)) => Reject::InsufficientFunds,
                Some(Ok(())) => Reject::None,
            }
        };
        self.answer(&funds.head, reject, sink);
    }

    /// The last check of a new order.
    pub(super) fn check_funds(&self, new: &NewOrder) -> Result<(), Reject> {
        if !self.ledger.is_active() {
            return Ok(());
        }
        let instrument = new.head.instrument().0 as usize;
        let cover = Cover::at(self.markets[instrument].covered_at(new.order_type, new.price));
        let has_limit = new.order_type.has_price();
        let party =
            Party { slot: 0, account: new.head.account, instrument, side: new.side, cover, has_limit };
        self.ledger.covers(&party, new.quantity).map_err(|_| Reject::InsufficientFunds)
    }

    /// Holds what the new order in `slot` could spend.
    pub(super) fn fund(&mut self, slot: u32, new: &NewOrder) {
        if self.ledger.is_active() {
            let price = self.markets[new.head.instrument().0 as usize].covered_at(new.order_type, new.price);
            self.ledger.enter(self.party(slot, new.price), price, new.quantity);
        }
    }

    /// Whether the order in `slot`, which stands in a queue, can be paid for at another price, with other leaves.
    pub(super) fn check_refund(&self, slot: u32, price: Ticks, leaves: Lots) -> Result<(), Reject> {
        if !self.ledger.is_active() {
            return Ok(());
        }
        let cover = (self.covered_at(slot, price), leaves);
        let covered = self.ledger.covers_change(
            &self.party(slot, self.price(slot)),
            self.leaves(slot),
            cover,
            self.held_for_other(slot),
        );
        covered.map_err(|_| Reject::InsufficientFunds)
    }

    /// Holds what the open order in `slot`, which has this price and leaves, could spend with others.
    pub(super) fn refund(
        &mut self,
        slot: u32,
        (old_price, leaves): (Ticks, Lots),
        (price, new_leaves): (Ticks, Lots),
    ) {
        if self.ledger.is_active() {
            let price = self.covered_at(slot, price);
            let other = self.held_for_other(slot);
            let own = self.ledger.change(&self.party(slot, old_price), leaves, (price, new_leaves), other);
            self.set_shared(slot, own.min(other));
        }
    }

    /// Holds what the triggered order in `slot`, which has no limit, could spend within the band as it is now.
    pub(super) fn fund_triggered(&mut self, slot: u32) -> Result<(), Reject> {
        if !self.ledger.is_active() {
            return Ok(());
        }
        let (party, leaves) = (self.party(slot, Ticks(0)), self.leaves(slot));
        let cover = (self.markets[party.instrument].band.1, leaves);
        self.ledger.covers_change(&party, leaves, cover, 0).map_err(|_| Reject::InsufficientFunds)?;
        self.ledger.change(&party, leaves, cover, 0);
        Ok(())
    }

    /// Releases what the ending order in `slot`, whose limit `price` is, holds still.
    pub(super) fn release(&mut self, slot: u32, price: Ticks) {
        if self.ledger.is_active() {
            let shared = self.shared(slot);
            self.ledger.release(&self.party(slot, price), self.arena.leaves(slot), shared);
        }
    }

    /// Settles the fill of the order in `slot`, whose limit `price` is, and whose leaves are what they are after it.
    /// The fee.
    #[inline]
    pub(super) fn settle(
        &mut self,
        (slot, price): (u32, Ticks),
        is_maker: bool,
        at: Ticks,
        quantity: Lots,
    ) -> u64 {
        if !self.ledger.is_active() {
            return 0;
        }
        let leaves = self.leaves(slot);
        self.ledger.fill(&self.party(slot, price), is_maker, at, (quantity, leaves))
    }

    /// Every open order with its leaves, checked against the ledger.
    pub(super) fn audit_funds(&self) {
        self.ledger.audit(self.register.owners.open().map(|slot| {
            // What two orders share is held for the first of them.
            let first = self
                .other(slot)
                .filter(|&other| self.register.order(other).id < self.register.order(slot).id);
            let shared = if first.is_some() { self.shared(slot) } else { 0 };
            (self.party(slot, self.price(slot)), self.leaves(slot), shared)
        }));
    }

    /// What the other order of the list of the order in `slot` holds by itself: two orders of which only one can trade
    /// hold what the one that needs more does. On a venue with a ledger.
    #[inline]
    fn held_for_other(&self, slot: u32) -> i128 {
        self.other(slot).map_or(0, |other| self.held(other))
    }

    /// What the order in `slot`, which stands in a queue, would hold by itself.
    fn held(&self, slot: u32) -> i128 {
        self.ledger.held(&self.party(slot, self.price(slot)), self.leaves(slot)).1
    }

    /// The two orders in `slots`, which have been covered each by itself, share funds from now on. How much.
    pub(super) fn share_funds(&mut self, slots: [u32; 2]) -> i128 {
        if !self.ledger.is_active() {
            return 0;
        }
        let [a, b] = slots.map(|slot| self.held(slot));
        self.ledger.give_back(&self.party(slots[0], self.price(slots[0])), a.min(b));
        a.min(b)
    }

    /// Checks that what the orders in `slots` share is `shared`.
    pub(super) fn audit_shared(&self, slots: [u32; 2], shared: i128) {
        if self.ledger.is_active() {
            let [a, b] = slots.map(|slot| self.held(slot));
            assert_eq!(a.min(b), shared, "a list shares what both of its orders need");
        }
    }

    /// What the open order in `slot` is covered at if `price` is its limit. One without a limit stays covered as
    /// it is, whatever becomes of the band: in a queue for an auction that is where it stands.
    fn covered_at(&self, slot: u32, price: Ticks) -> Ticks {
        if self.terms(slot).order_type().has_price() { price } else { self.ledger.covered_at(slot) }
    }

    /// The order in `slot`, whose limit `price` is if it has one, as the ledger sees it.
    #[inline]
    pub(super) fn party(&self, slot: u32, price: Ticks) -> Party {
        let (terms, order) = (self.terms(slot), self.register.order(slot));
        let has_limit = terms.order_type().has_price();
        let cover = self.ledger.cover(slot, has_limit.then_some(price), order.has_traded());
        let (instrument, side) = (terms.instrument().0 as usize, terms.side());
        Party { slot, account: order.account, instrument, side, cover, has_limit }
    }
}
