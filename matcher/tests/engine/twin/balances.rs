//! What an account has, told.

use wire::{
    command::Balances,
    event::{Event, Kind},
    reject::Reject,
    types::{AssetId, Lots, OrderStatus},
};

use super::{Twin, order::nothing};

impl Twin {
    pub(super) fn balances(&mut self, of: &Balances) {
        let head = &of.head;
        let one = (of.asset != Balances::ALL).then_some(of.asset.0);
        let reject = if head.session().0 as usize >= self.config.sessions.len() {
            Reject::NotEntitled
        } else if !self.has_account(head.account.0) {
            Reject::UnknownAccount
        } else if one.is_some_and(|asset| asset >= self.config.ledger.assets) {
            Reject::UnknownAsset
        } else {
            Reject::None
        };
        let mut told = Vec::new();
        for (&(account, asset), purse) in &self.purses {
            let wanted = account == head.account.0 && one.is_none_or(|one| one == asset);
            if reject == Reject::None && wanted && (purse.available != 0 || purse.held != 0) {
                told.push((asset, *purse));
            }
        }
        let answer = Event {
            kind: Kind::Balances,
            status: OrderStatus::Rejected,
            session: head.session(),
            account: head.account,
            instrument: head.instrument(),
            quantity: Lots(told.len() as u64),
            cl_ord_id: of.request_id,
            reject,
            ..nothing()
        };
        self.tell(answer);
        for (asset, purse) in told {
            let balance = Event { kind: Kind::Balance, ..answer };
            self.tell(balance.with_balance(AssetId(asset), purse.available, purse.held));
        }
    }
}
