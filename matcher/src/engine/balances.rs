//! What an account has, told to a session that may trade for it.

use wire::{
    command::Balances,
    event::{Event, Kind},
    reject::Reject,
    types::Lots,
};

use super::{Engine, Sink, ledger::Balance, report};

impl Engine {
    pub(super) fn balances<S: Sink>(&mut self, of: &Balances, sink: &mut S) {
        let head = &of.head;
        let all = of.asset == Balances::ALL;
        let reject = if head.session().0 as usize >= self.sessions.len() {
            Reject::NotEntitled
        } else if !self.may_be_account(head.account) {
            Reject::UnknownAccount
        } else if !all && of.asset.0 as usize >= self.ledger.assets() {
            Reject::UnknownAsset
        } else {
            Reject::None
        };
        if reject != Reject::None {
            return self.refuse_balances(of, reject, sink);
        }
        let told = self.ledger.balances(head.account);
        let told = told.filter(|&(asset, _)| all || asset == of.asset);
        let quantity = Lots(told.clone().count() as u64);
        let event = Event { cl_ord_id: of.request_id, quantity, ..report::of_unknown(Kind::Balances, head) };
        self.reporter.send(event, sink);
        let event = Event { kind: Kind::Balance, ..event };
        for (asset, Balance { available, held }) in told {
            self.reporter.send(event.with_balance(asset, available, held), sink);
        }
    }

    pub(super) fn refuse_balances<S: Sink>(&mut self, of: &Balances, reject: Reject, sink: &mut S) {
        let none = report::of_unknown(Kind::Balances, &of.head);
        self.reporter.send(Event { cl_ord_id: of.request_id, reject, ..none }, sink);
    }
}
