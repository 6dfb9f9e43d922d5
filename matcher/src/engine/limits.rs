//! What a session and an account may have open, and how much one order may be worth.

use wire::{
    command::{Head, NewOrder, Scope, SetLimits},
    event::{Event, Kind},
    reject::Reject,
    types::{AccountId, Lots, SessionId, Ticks},
};

use serde::{Deserialize, Serialize};
use zerocopy::IntoBytes;

use super::{Config, Engine, Market, Sink, report};

/// Limits of a session's or an account's orders; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Those of all sessions and of all accounts, which may get some at any time: what is open is counted for each.
pub(super) struct Limits {
    sessions: Box<[Own]>,
    accounts: Box<[Own]>,
}

impl Limits {
    pub(super) fn new(config: &Config) -> Limits {
        let own = |limits| Own { limits, open: 0 };
        let room = config.room_for_accounts() as usize;
        let accounts = config.ledger.accounts.iter().map(|terms| own(terms.limits));
        Limits {
            sessions: config.sessions.iter().map(|terms| own(terms.limits)).collect(),
            accounts: accounts.chain(std::iter::repeat(own(OrderLimits::NONE))).take(room).collect(),
        }
    }

    /// What they are now, of all sessions and of so many accounts. What is open follows from the orders.
    pub(super) fn image(&self, accounts: usize) -> Image {
        let Limits { sessions, accounts: all } = self;
        let each = |all: &[Own]| all.iter().map(|Own { limits, open: _ }| *limits).collect();
        Image { sessions: each(sessions), accounts: each(&all[..accounts]) }
    }

    /// Makes them what they were under the configuration `was`, but where `config` says otherwise; `false` if it is no
    /// image of that.
    pub(super) fn restore(&mut self, image: &Image, was: &Config, config: &Config) -> bool {
        let Image { sessions, accounts } = image;
        let session = |of: &Config, place: usize| of.sessions.get(place).map(|terms| terms.limits);
        let account = |of: &Config, place: usize| of.ledger.accounts.get(place).map(|terms| terms.limits);
        restore(&mut self.sessions, sessions, |place| session(was, place) == session(config, place))
            && restore(&mut self.accounts, accounts, |place| account(was, place) == account(config, place))
    }

    fn find(&mut self, scope: Scope, target: u32) -> Result<&mut Own, Reject> {
        match scope {
            Scope::Session => self.sessions.get_mut(target as usize).ok_or(Reject::UnknownSession),
            Scope::Account => self.accounts.get_mut(target as usize).ok_or(Reject::UnknownAccount),
            Scope::Venue => Err(Reject::BadTerms),
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

/// What limits are, by session and by account.
#[derive(Serialize, Deserialize)]
pub(super) struct Image {
    sessions: Vec<OrderLimits>,
    accounts: Vec<OrderLimits>,
}

/// Of those of an image the ones that stay; `false` if there are more than there can be.
fn restore(all: &mut [Own], saved: &[OrderLimits], stays: impl Fn(usize) -> bool) -> bool {
    for (place, (own, &limits)) in all.iter_mut().zip(saved).enumerate() {
        if stays(place) {
            own.limits = limits;
        }
    }
    saved.len() <= all.len()
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

    /// Sets limits, and tells what they are then.
    #[cold]
    pub(super) fn set_limits<S: Sink>(&mut self, set: &SetLimits, sink: &mut S) {
        match self.change_limits(set) {
            Ok(Own { limits, open }) => {
                let done = report::of_unknown(Kind::Done, &set.head);
                let open_max = limits.open_orders_max.into();
                self.reporter.send(done.with_order_limits(open.into(), open_max, limits.notional_max), sink);
            }
            Err(reject) => self.answer(&set.head, reject, sink),
        }
    }

    fn change_limits(&mut self, set: &SetLimits) -> Result<Own, Reject> {
        if set.scope == Scope::Account && !self.roster.knows(AccountId(set.target)) {
            return Err(Reject::UnknownAccount);
        }
        let own = self.limits.find(set.scope, set.target)?;
        if set.set & SetLimits::OPEN_ORDERS != 0 {
            own.limits.open_orders_max = set.open_orders_max;
        }
        if set.set & SetLimits::NOTIONAL != 0 {
            own.limits.notional_max = set.notional_max;
        }
        if set.set != 0 {
            self.roster.note(set.target, &set.as_bytes()[size_of::<Head>()..]);
        }
        Ok(*own)
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
