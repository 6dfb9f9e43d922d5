//! Limits of sessions and accounts.

use matcher::engine::OrderLimits;
use wire::{
    command::{Head, NewOrder, Replace, Scope, SetLimits},
    event::{Event, Kind},
    reject::Reject,
    types::{AccountId, InstrumentId, OrderStatus, OrderType, SessionId, TradeId},
};
use zerocopy::IntoBytes;

use super::{
    Twin,
    matching::notional,
    order::{Order, nothing},
    stops::starts_at,
};

impl Twin {
    fn session_limits(&self, session: SessionId) -> OrderLimits {
        let at_start = || self.config.sessions.get(session.0 as usize).map(|terms| terms.limits);
        self.limits.get(&(1, session.0)).copied().or_else(at_start).unwrap_or(OrderLimits::NONE)
    }

    fn account_limits(&self, account: AccountId) -> OrderLimits {
        let at_start = || self.config.ledger.accounts.get(account.0 as usize).map(|terms| terms.limits);
        self.limits.get(&(2, account.0)).copied().or_else(at_start).unwrap_or(OrderLimits::NONE)
    }

    pub(super) fn set_limits(&mut self, set: &SetLimits) {
        let target = set.target;
        let (known, now, unknown) = match set.scope {
            Scope::Session => {
                let known = (target as usize) < self.config.sessions.len();
                (known, self.session_limits(SessionId(target)), Reject::UnknownSession)
            }
            Scope::Account => {
                let known = (target as usize) < self.accounts.len();
                (known, self.account_limits(AccountId(target)), Reject::UnknownAccount)
            }
            Scope::Venue => (false, OrderLimits::NONE, Reject::BadTerms),
        };
        if !known {
            return self.done(&set.head, unknown);
        }
        let new = OrderLimits {
            open_orders_max: if set.set & 1 == 1 { set.open_orders_max } else { now.open_orders_max },
            notional_max: if set.set & 2 == 2 { set.notional_max } else { now.notional_max },
        };
        if set.set != 0 {
            self.limits.insert((set.scope as u8, target), new);
            self.note(target, &set.as_bytes()[size_of_val(&set.head)..]);
        }
        let is_mine = |order: &&Order| match set.scope {
            Scope::Session => order.session.0 == target,
            _ => order.account.0 == target,
        };
        let open = self.open.values().filter(is_mine).count() as u64;
        self.tell(Event {
            kind: Kind::Done,
            status: OrderStatus::Rejected,
            session: set.head.session(),
            account: set.head.account,
            instrument: set.head.instrument(),
            trade_id: TradeId(open),
            fee: new.open_orders_max.into(),
            cum_notional: [new.notional_max, 0],
            ..nothing()
        });
    }

    fn open_of(&self, head: &Head) -> [u64; 2] {
        let session = self.open.values().filter(|order| order.session == head.session()).count();
        let account = self.open.values().filter(|order| order.account == head.account).count();
        [session as u64, account as u64]
    }

    /// What an order is worth, in 10^-8 of the quote asset, rounded up; at most what 64 bits hold.
    fn worth(&self, instrument: InstrumentId, (price, quantity): (i64, u64)) -> u64 {
        let terms = &self.market(instrument).terms;
        let scale = i32::from(terms.tick.scale()) + i32::from(terms.lot.scale());
        let steps = u128::from(terms.tick.mantissa()) * u128::from(terms.lot.mantissa());
        let exact = notional(price, quantity).checked_mul(steps);
        let shifted = match u32::try_from(8 - scale) {
            Ok(up) => exact.and_then(|worth| worth.checked_mul(10u128.pow(up))),
            Err(_) => exact.map(|worth| worth.div_ceil(10u128.pow(scale.unsigned_abs() - 8))),
        };
        shifted.and_then(|worth| u64::try_from(worth).ok()).unwrap_or(u64::MAX)
    }

    fn worth_max(&self, session: SessionId, account: AccountId) -> Option<u64> {
        let both = [self.session_limits(session).notional_max, self.account_limits(account).notional_max];
        both.into_iter().filter(|&max| max > 0).min()
    }

    pub(super) fn check_worth(
        &self,
        session: SessionId,
        account: AccountId,
        instrument: InstrumentId,
        order: (i64, u64),
    ) -> Result<(), Reject> {
        let max = self.worth_max(session, account);
        let is_more = max.is_some_and(|max| self.worth(instrument, order) > max);
        if is_more { Err(Reject::NotionalTooLarge) } else { Ok(()) }
    }

    pub(super) fn check_own_room(&self, head: &Head, of_session: u64, of_account: u64) -> Result<(), Reject> {
        let [session, account] = self.open_of(head);
        let full = |max: u32, open: u64, more: u64| max > 0 && more > 0 && open + more > max.into();
        if full(self.session_limits(head.session()).open_orders_max, session, of_session) {
            Err(Reject::TooManySessionOrders)
        } else if full(self.account_limits(head.account).open_orders_max, account, of_account) {
            Err(Reject::TooManyAccountOrders)
        } else {
            Ok(())
        }
    }

    /// The same of an order whose replace was refused for its worth.
    pub(super) fn with_worth(&self, event: Event, order: &Order, replace: &Replace) -> Event {
        let price = if order.order_type.has_price() {
            replace.price.0
        } else if order.waits() {
            order.stop
        } else {
            self.market(order.instrument).reference
        };
        let (whose, order_now) = ((order.session, order.account), (price, replace.quantity.0));
        self.with_worth_of(event, whose, order.instrument, order_now)
    }

    /// The event of what was refused for the worth of an order.
    pub(super) fn with_worth_of(
        &self,
        event: Event,
        (session, account): (SessionId, AccountId),
        instrument: InstrumentId,
        order: (i64, u64),
    ) -> Event {
        let used = self.worth(instrument, order);
        event.with_limit(used, self.worth_max(session, account).unwrap_or(0))
    }

    /// The event, with how many orders are open and how many may be if that is the reason of the refusal.
    pub(super) fn with_limit_of_orders(&self, event: Event, head: &Head) -> Event {
        let [session, account] = self.open_of(head);
        match event.reject {
            Reject::TooManySessionOrders => {
                event.with_limit(session, self.session_limits(head.session()).open_orders_max.into())
            }
            Reject::TooManyAccountOrders => {
                event.with_limit(account, self.account_limits(head.account).open_orders_max.into())
            }
            _ => event,
        }
    }

    /// A refused order's event, with what is used of the limit and the limit if it was refused for one.
    pub(super) fn with_limit(&self, event: Event, new: &NewOrder) -> Event {
        let head = &new.head;
        match event.reject {
            Reject::NotionalTooLarge => {
                let last = self.market(head.instrument()).reference;
                let price = match new.order_type {
                    OrderType::Limit | OrderType::StopLimit => new.price.0,
                    OrderType::Market if new.flags & NewOrder::QUOTE_AMOUNT != 0 => 1,
                    OrderType::Market => last,
                    _ => starts_at(new.order_type, new.side, last, new.stop.0),
                };
                let order = (price, new.quantity.0);
                self.with_worth_of(event, (head.session(), head.account), head.instrument(), order)
            }
            _ => self.with_limit_of_orders(event, head),
        }
    }
}
