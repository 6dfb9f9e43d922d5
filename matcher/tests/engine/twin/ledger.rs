//! Who owns what, in signed 128-bit numbers that no test comes near the end of.

use matcher::engine::Pair;
use wire::{
    command::Funds,
    event::{Cause, Event, Kind, Liquidity},
    reject::Reject,
    types::{AccountId, AssetId, OrderStatus, OrderType, Side},
};

use super::{
    Twin,
    order::{Order, nothing},
};

/// More than this is never there.
pub(super) const AMOUNT_MAX: i128 = 1 << 100;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purse {
    pub(crate) available: i128,
    pub(crate) held: i128,
}

/// A number of the ledger's.
pub(super) fn signed(amount: impl TryInto<i128>) -> i128 {
    amount.try_into().ok().expect("far from the end of 128 bits")
}

impl Twin {
    pub(super) fn has_ledger(&self) -> bool {
        !self.pairs.is_empty()
    }

    pub(super) fn pair(&self, order: &Order) -> Option<Pair> {
        self.pairs.get(order.instrument.0 as usize).copied()
    }

    fn purse(&mut self, account: AccountId, asset: AssetId) -> &mut Purse {
        self.purses.get_mut(&(account.0, asset.0)).expect("an account and an asset of the venue")
    }

    pub(crate) fn balance(&self, account: u32, asset: u32) -> Option<Purse> {
        self.purses.get(&(account, asset)).copied()
    }

    /// All that an account could take out now.
    pub(crate) fn can_withdraw(&self, account: AccountId, asset: AssetId) -> i128 {
        self.balance(account.0, asset.0).map_or(0, |purse| purse.available + self.credit(account, asset))
    }

    pub(crate) fn fees(&self, asset: u32) -> i128 {
        self.fees[asset as usize]
    }

    /// How far below zero an account's available funds may go.
    fn credit(&self, account: AccountId, asset: AssetId) -> i128 {
        self.accounts[account.0 as usize].limits[asset.0 as usize]
    }

    /// What an order can still spend: an asset and how much of it.
    pub(super) fn can_spend(&self, order: &Order) -> Option<(AssetId, i128)> {
        let pair = self.pair(order)?;
        if order.amount.is_some() {
            return Some((pair.quote, order.left()));
        }
        let leaves = signed(order.leaves());
        Some(match order.side {
            Side::Sell => (pair.base, leaves * signed(pair.base_per_lot)),
            Side::Buy => {
                let tick_lots = leaves * signed(order.hold_price);
                let notional = tick_lots.saturating_mul(signed(pair.quote_per_tick_lot));
                if notional > AMOUNT_MAX {
                    return Some((pair.quote, notional)); // with its fee it might not fit 128 bits
                }
                let rate = signed(pair.maker_fee.max(pair.taker_fee));
                let fee = whole(order.fee_exact + notional * rate) - order.fee_charged;
                (pair.quote, notional + fee)
            }
        })
    }

    /// Whether the account can pay for what `order` holds beyond what it has held so far.
    pub(super) fn covers(&self, order: &Order) -> bool {
        let Some((asset, amount)) = self.can_spend(order) else {
            return true;
        };
        let purse = self.purses[&(order.account.0, asset.0)];
        let more = amount.max(self.held_for_other(order)) - self.held(order);
        amount <= AMOUNT_MAX && (more <= 0 || more <= purse.available + self.credit(order.account, asset))
    }

    /// Holds what the order can spend now, and releases what it held beyond that.
    pub(super) fn reserve(&mut self, order: &Order) {
        let Some((asset, amount)) = self.can_spend(order) else {
            return;
        };
        let before = self.held(order);
        self.holds.insert(order.id, amount);
        let more = self.held(order) - before;
        let purse = self.purse(order.account, asset);
        purse.available -= more;
        purse.held += more;
    }

    pub(super) fn release(&mut self, order: &Order) {
        if let Some(pair) = self.pair(order) {
            let before = self.held(order);
            self.holds.remove(&order.id);
            let released = before - self.held(order);
            let asset = if order.side == Side::Buy { pair.quote } else { pair.base };
            let purse = self.purse(order.account, asset);
            purse.available += released;
            purse.held -= released;
        }
    }

    fn held_for_other(&self, order: &Order) -> i128 {
        order.list.and_then(|list| self.holds.get(&list.other)).copied().unwrap_or(0)
    }

    /// What an order holds together with the other one of its list: only one of the two can trade.
    fn held(&self, order: &Order) -> i128 {
        let own = self.holds.get(&order.id).copied().unwrap_or(0);
        own.max(self.held_for_other(order))
    }

    /// A triggered order without a price holds at the band's edge of now; false if that ended it.
    pub(super) fn hold_anew(&mut self, order: &mut Order) -> bool {
        if order.order_type == OrderType::Market {
            order.hold_price = self.market(order.instrument).band().1;
        }
        if !self.covers(order) {
            self.end(order.clone(), Cause::InsufficientFunds);
            return false;
        }
        self.reserve(order);
        true
    }

    /// Moves what a trade moves for one of its orders; its fee.
    pub(super) fn settle(&mut self, order: &mut Order, how: Liquidity, price: i64, quantity: u64) -> u64 {
        let Some(pair) = self.pair(order) else {
            return 0;
        };
        let rate = if how == Liquidity::Taker { pair.taker_fee } else { pair.maker_fee };
        let notional = signed(price) * signed(quantity) * signed(pair.quote_per_tick_lot);
        let lots = signed(quantity) * signed(pair.base_per_lot);
        order.fee_exact += notional * signed(rate);
        let fee = whole(order.fee_exact) - order.fee_charged;
        order.fee_charged += fee;
        self.fees[pair.quote.0 as usize] += fee;
        let (gives, given, gets, got) = match order.side {
            Side::Buy => (pair.quote, notional + fee, pair.base, lots),
            Side::Sell => (pair.base, lots, pair.quote, notional - fee),
        };
        *self.holds.get_mut(&order.id).expect("an open order holds") -= given;
        self.purse(order.account, gives).held -= given;
        self.purse(order.account, gets).available += got;
        self.reserve(order);
        u64::try_from(fee).unwrap_or(u64::MAX)
    }

    pub(super) fn move_funds(&mut self, funds: &Funds, into: bool) {
        let account = funds.head.account;
        let amount = u128::from(funds.amount[1]) << 64 | u128::from(funds.amount[0]);
        let reject = self.try_move(account, funds.asset, amount, into).err();
        self.tell(Event {
            kind: if reject.is_none() { Kind::Done } else { Kind::NotDone },
            status: OrderStatus::Rejected,
            session: funds.head.session(),
            account,
            instrument: funds.head.instrument(),
            reject: reject.unwrap_or(Reject::None),
            ..nothing()
        });
    }

    fn try_move(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: u128,
        into: bool,
    ) -> Result<(), Reject> {
        if account.0 as usize >= self.accounts.len() {
            return Err(Reject::UnknownAccount);
        }
        if asset.0 >= self.config.ledger.assets || amount == 0 {
            return Err(Reject::BadFunds);
        }
        let moved =
            i128::try_from(amount).ok().filter(|&amount| amount <= AMOUNT_MAX).ok_or(Reject::BadFunds)?;
        let moved = if into { moved } else { -moved };
        let deposited = self.deposited[asset.0 as usize] + moved;
        if deposited.abs() > AMOUNT_MAX {
            return Err(Reject::BadFunds);
        }
        let available = self.purse(account, asset).available + moved;
        if !into && available < -self.credit(account, asset) {
            return Err(Reject::InsufficientFunds);
        }
        self.deposited[asset.0 as usize] = deposited;
        self.purse(account, asset).available = available;
        Ok(())
    }

    /// Funds are conserved, no prefunded account is below zero, and what is held is what open orders can spend.
    pub(super) fn audit_funds(&self) {
        if !self.has_ledger() {
            return;
        }
        for asset in 0..self.config.ledger.assets {
            let mut sum = self.fees(asset);
            for account in (0u32..).take(self.accounts.len()) {
                let Purse { available, held } = self.purses[&(account, asset)];
                sum += available + held;
                let mut spends = 0;
                for order in self.open.values().filter(|o| o.account.0 == account) {
                    let other = order.list.and_then(|list| self.open.get(&list.other));
                    let first = other.filter(|other| other.id < order.id).and_then(|o| self.can_spend(o));
                    if let Some((of, amount)) = self.can_spend(order)
                        && of.0 == asset
                    {
                        spends += (amount - first.map_or(0, |(_, amount)| amount)).max(0);
                    }
                }
                assert_eq!(held, spends, "held is what can be spent");
                assert!(held >= 0 && available >= -self.credit(AccountId(account), AssetId(asset)));
            }
            assert_eq!(sum, self.deposited[asset as usize], "funds are conserved");
        }
    }
}

/// A fee in millionths, rounded up.
pub(super) fn whole(millionths: i128) -> i128 {
    (millionths + 999_999).div_euclid(1_000_000)
}
