//! What a session and an account may have open, and how much one order may be worth.

use wire::{
    command::{Head, NewOrder},
    event::Event,
    reject::Reject,
    types::{AccountId, Lots, SessionId, Ticks},
};

use super::{Config, Engine, Market};

/// Limits of a session's or an account's orders; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderLimits {
    /// Orders that may be open at once, quotes included.
    pub open_orders_max: u32,
    /// What one order may be worth, price times quantity, in 10^-8 of its instrument's quote asset.
    pub notional_max: u64,
}

impl OrderLimits {
    /// No limits.
    pub const NONE: OrderLimits = OrderLimits { open_orders_max: 0, notional_max: 0 };
}

/// Limits, and how many orders are open.
#[derive(Clone, Copy)]
struct Own {
    limits: OrderLimits,
    open: u32,
}

/// Those of all sessions, and of the accounts there were at the start if any of them has limits: later ones have none.
pub(super) struct Limits {
    sessions: Box<[Own]>,
    accounts: Box<[Own]>,
}

impl Limits {
    pub(super) fn new(config: &Config) -> Limits {
        let own = |limits| Own { limits, open: 0 };
        let accounts: Box<[Own]> = config.ledger.accounts.iter().map(|terms| own(terms.limits)).collect();
        let any = accounts.iter().any(|account| account.limits != OrderLimits::NONE);
        Limits {
            sessions: config.sessions.iter().map(|terms| own(terms.limits)).collect(),
            accounts: if any { accounts } else { Box::default() },
        }
    }

    /// An order comes to be open, or comes back with an image, which has nothing else of this.
    #[inline]
    pub(super) fn enter(&mut self, session: SessionId, account: AccountId) {
        self.both(session, account).for_each(|own| own.open += 1);
    }

    /// An order has ended.
    #[inline]
    pub(super) fn leave(&mut self, session: SessionId, account: AccountId) {
        self.both(session, account).for_each(|own| own.open -= 1);
    }

    fn both(&mut self, session: SessionId, account: AccountId) -> impl Iterator<Item = &mut Own> {
        let session = self.sessions.get_mut(session.0 as usize);
        session.into_iter().chain(self.accounts.get_mut(account.0 as usize))
    }

    fn of_session(&self, session: SessionId) -> Option<&Own> {
        self.sessions.get(session.0 as usize)
    }

    fn of_account(&self, account: AccountId) -> Option<&Own> {
        self.accounts.get(account.0 as usize)
    }

    /// Whether so many more orders of the session and of the account may be open.
    #[inline]
    pub(super) fn check_open(&self, head: &Head, of_session: u32, of_account: u32) -> Result<(), Reject> {
        let has_room = |own: Option<&Own>, more: u32| {
            own.is_none_or(|own| {
                let max = own.limits.open_orders_max;
                max == 0 || more == 0 || own.open.saturating_add(more) <= max
            })
        };
        if !has_room(self.of_session(head.session()), of_session) {
            return Err(Reject::TooManySessionOrders);
        }
        if !has_room(self.of_account(head.account), of_account) {
            return Err(Reject::TooManyAccountOrders);
        }
        Ok(())
    }

    /// What an order may be worth by the session's and the account's limits; 0 is no limit.
    #[inline]
    fn notional_max(&self, head: &Head) -> u64 {
        let max = |own: Option<&Own>| own.map_or(0, |own| own.limits.notional_max);
        match (max(self.of_session(head.session())), max(self.of_account(head.account))) {
            (0, max) | (max, 0) => max,
            (session, account) => session.min(account),
        }
    }

    /// Whether an order of that quantity at that price is worth no more than it may be.
    #[inline]
    pub(super) fn check_notional(
        &self,
        head: &Head,
        market: &Market,
        (price, quantity): (Ticks, Lots),
    ) -> Result<(), Reject> {
        let max = self.notional_max(head);
        if max > 0 && is_worth_more(market, price, quantity, max) {
            return Err(Reject::NotionalTooLarge);
        }
        Ok(())
    }

    /// Every order is counted once.
    pub(super) fn audit(&self, orders: impl Iterator<Item = (SessionId, AccountId)>) {
        let mut sessions = vec![0; self.sessions.len()];
        let mut accounts = vec![0; self.accounts.len()];
        for (session, account) in orders {
            sessions[session.0 as usize] += 1;
            if let Some(open) = accounts.get_mut(account.0 as usize) {
                *open += 1;
            }
        }
        assert!(self.sessions.iter().map(|own| own.open).eq(sessions));
        assert!(self.accounts.iter().map(|own| own.open).eq(accounts));
    }
}

/// Decimal places of a limit.
const PLACES: u32 = 8;

/// What an order is worth and the powers of ten that lead from there to the places of a limit: `worth` × `up` ÷ `down`. Numbers
/// beyond 128 bits count as the greatest that these hold.
fn worth(market: &Market, price: Ticks, quantity: Lots) -> (u128, u128, u128) {
    let (tick, lot) = (market.terms.tick, market.terms.lot);
    let scale = u32::from(tick.scale()) + u32::from(lot.scale());
    let power = |places: u32| 10u128.saturating_pow(places);
    let worth = (u128::from(price.0.unsigned_abs()) * u128::from(quantity.0))
        .saturating_mul(tick.mantissa().into())
        .saturating_mul(lot.mantissa().into());
    (worth, power(PLACES.saturating_sub(scale)), power(scale.saturating_sub(PLACES)))
}

#[cold]
fn is_worth_more(market: &Market, price: Ticks, quantity: Lots, max: u64) -> bool {
    let (worth, up, down) = worth(market, price, quantity);
    worth.saturating_mul(up) > u128::from(max).saturating_mul(down)
}

impl Engine {
    /// `event` of a refused request, with what is used of a limit and the limit if it was refused for one: an order's worth
    /// is rounded up.
    #[cold]
    pub(super) fn with_limit(
        &self,
        event: Event,
        head: &Head,
        order: impl FnOnce(&Market) -> (Ticks, Lots),
    ) -> Event {
        let of = |own: Option<&Own>| {
            own.map_or((0, 0), |own| (own.open.into(), own.limits.open_orders_max.into()))
        };
        let (used, max) = match event.reject {
            Reject::TooManySessionOrders => of(self.limits.of_session(head.session())),
            Reject::TooManyAccountOrders => of(self.limits.of_account(head.account)),
            Reject::NotionalTooLarge => {
                let Some(market) = self.markets.get(head.instrument().0 as usize) else { return event };
                let (price, quantity) = order(market);
                let (worth, up, down) = worth(market, price, quantity);
                let used = worth.saturating_mul(up).div_ceil(down);
                (u64::try_from(used).unwrap_or(u64::MAX), self.limits.notional_max(head))
            }
            _ => return event,
        };
        event.with_limit(used, max)
    }

    /// The price at which a new order's worth is taken.
    #[inline]
    pub(super) fn price_of_worth(market: &Market, new: &NewOrder) -> Ticks {
        use wire::types::OrderType;
        match new.order_type {
            OrderType::Limit | OrderType::StopLimit => new.price,
            OrderType::Market if new.flags & NewOrder::QUOTE_AMOUNT != 0 => Ticks(1), // so that the amount is its notional
            OrderType::Market => market.reference,
            OrderType::Stop => new.stop,
            OrderType::TrailingStop => super::stops::trailing(new.side, market.reference, new.stop),
        }
    }
}
