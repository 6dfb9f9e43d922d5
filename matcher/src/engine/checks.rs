//! The static checks: what can be said against an order without changing anything, in the order that
//! docs/matching.md gives. The first failure is the reason.

use wire::{
    command::{Head, NewOrder, Replace},
    limits::{ICEBERG_SLICES_MAX, LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{AccountId, ClOrdId, Lots, OrderType, SelfTrade, SessionId, Side, Ticks, TimeInForce},
};

use super::{Engine, Market, Owner, amount::check_amount, attributes::spare};

impl Engine {
    /// All checks of a new order up to the bound on open orders.
    pub(super) fn check_new(&self, new: &NewOrder) -> Result<(), Reject> {
        let market = self.served(new.head.instrument()).ok_or(Reject::UnknownInstrument)?;
        market.check_state(new)?;
        check_combination(new)?;
        if new.order_type.has_price() {
            check_price(new.price)?;
        }
        if new.order_type.is_stop() && !(1..=TICKS_MAX).contains(&new.stop.0) {
            return Err(Reject::BadStop);
        }
        let names_amount = new.flags & NewOrder::QUOTE_AMOUNT != 0;
        let price = Self::price_of_worth(market, new);
        if names_amount { check_amount(new.quantity) } else { market.check_quantity(new.quantity) }?;
        if new.flags & NewOrder::MINIMUM != 0 {
            check_part(new.display, new.quantity, Reject::BadMinimum)?;
        } else {
            check_display(new.display, new.quantity)?;
        }
        market.check_notional(new.quantity, price)?;
        if new.order_type.has_price() {
            market.check_band(new.price)?;
        }
        if new.time_in_force == TimeInForce::Gtd && new.expire <= self.reporter.time {
            return Err(Reject::BadExpireTime);
        }
        self.check_name(self.owner(&new.head), &new.cl_ord_id)?;
        self.check_account(new.head.session(), new.head.account)?;
        if self.killed.stops(new.head.session(), new.head.account) {
            return Err(Reject::Killed);
        }
        self.limits.check_notional(&new.head, market, (price, new.quantity))?;
        self.limits.check_open(&new.head, 1, 1)?;
        // A minimum quantity is no display, and makes no slices.
        let spare = if new.flags & NewOrder::MINIMUM != 0 { 0 } else { spare(new.display, new.quantity) };
        let has_room = self.arena.has_room(self.attributes.spare() + u32::from(spare), self.waiting);
        if has_room { Ok(()) } else { Err(Reject::TooManyOpenOrders) }
    }

    /// Whether two new orders that each find room do so together.
    pub(super) fn check_room_of_both(&self, orders: &[NewOrder; 2]) -> Result<(), Reject> {
        self.limits.check_open(&orders[0].head, 2, 2)?;
        let [first, second] = orders.each_ref().map(|new| 1 + u32::from(spare(new.display, new.quantity)));
        let has_room = self.arena.spares(self.attributes.spare() + first + second)
            && self.arena.has_steps(self.waiting + 1);
        if has_room { Ok(()) } else { Err(Reject::TooManyOpenOrders) }
    }

    /// The same checks of an open order's new price, quantity, display quantity and name.
    pub(super) fn check_replace(&self, market: &Market, slot: u32, replace: &Replace) -> Result<(), Reject> {
        let (terms, account) = (self.terms(slot), self.register.order(slot).account);
        let display = replace.display.lots();
        let has_price = terms.order_type().has_price();
        let may_hide = has_price && terms.time_in_force().rests();
        if (!has_price && replace.price.0 != 0) || (!may_hide && display.0 != 0) {
            return Err(Reject::UnsupportedOrder);
        }
        let price = if has_price {
            check_price(replace.price)?;
            replace.price
        } else {
            self.price_without_limit(slot)
        };
        market.check_quantity(replace.quantity)?;
        check_display(display, replace.quantity)?;
        market.check_notional(replace.quantity, price)?;
        if has_price {
            market.check_band(price)?;
        }
        self.check_name(self.owner(&replace.head), &replace.cl_ord_id)?;
        let head = replace.head.with_session(terms.session());
        self.limits.check_notional(&head.with_account(account), market, (price, replace.quantity))
    }

    /// The price at which the worth of the order in `slot` is taken, which has no limit.
    fn price_without_limit(&self, slot: u32) -> Ticks {
        let reference = self.markets[self.terms(slot).instrument().0 as usize].reference;
        self.attributes.of(self.register.order(slot), slot).map_or(reference, |extra| extra.stop)
    }

    /// What the order in `slot` would be worth after `replace`, which was refused for that: whose it is, price and quantity.
    #[cold]
    pub(super) fn replaced_worth(&self, slot: u32, replace: &Replace) -> (Head, (Ticks, Lots)) {
        let terms = self.terms(slot);
        let price =
            if terms.order_type().has_price() { replace.price } else { self.price_without_limit(slot) };
        let head = replace.head.with_session(terms.session()).with_account(self.register.order(slot).account);
        (head, (price, replace.quantity))
    }

    /// Whether the open order in `slot` finds room at another price and with other slices.
    pub(super) fn check_room(&self, slot: u32, display: Lots, quantity: Lots) -> Result<(), Reject> {
        let own = self.attributes.of(self.register.order(slot), slot).map_or(0, |extra| extra.spare);
        let others = self.attributes.spare() - u32::from(own);
        let has_room = self.arena.spares(others + u32::from(spare(display, quantity)));
        if has_room && self.arena.has_steps(self.waiting) { Ok(()) } else { Err(Reject::TooManyOpenOrders) }
    }

    fn check_name(&self, owner: Owner, name: &ClOrdId) -> Result<(), Reject> {
        if name.is_none() {
            Err(Reject::BadClOrdId)
        } else if self.register.is_used(&self.arena, owner, name) {
            Err(Reject::DuplicateClOrdId)
        } else {
            Ok(())
        }
    }

    /// Whether a refused request says itself that it may have come before, and has: what is to be said of it was said
    /// then (FIX session test cases, 19a).
    #[cold]
    pub(super) fn is_repeated(&self, head: &Head, name: &ClOrdId) -> bool {
        head.is_repeat() && !name.is_none() && self.register.is_used(&self.arena, self.owner(head), name)
    }

    pub(super) fn check_account(&self, session: SessionId, account: AccountId) -> Result<(), Reject> {
        if !self.is_entitled(session, account) {
            return Err(Reject::NotEntitled);
        }
        if self.may_be_account(account) { Ok(()) } else { Err(Reject::UnknownAccount) }
    }
}

impl Market {
    /// What a limit order says for itself.
    pub(super) fn check_limit(&self, price: Ticks, quantity: Lots) -> Result<(), Reject> {
        check_price(price)?;
        self.check_quantity(quantity)?;
        self.check_notional(quantity, price)?;
        self.check_band(price)
    }

    fn check_quantity(&self, quantity: Lots) -> Result<(), Reject> {
        let terms = &self.terms;
        match quantity {
            Lots::OFF_LOT => Err(Reject::QuantityOffLot),
            Lots(0) => Err(Reject::QuantityNotPositive),
            Lots(lots) if lots > LOTS_MAX => Err(Reject::QuantityOutOfRange),
            _ if quantity < terms.quantity_min => Err(Reject::QuantityTooSmall),
            _ if quantity > terms.quantity_max => Err(Reject::QuantityTooLarge),
            _ => Ok(()),
        }
    }

    fn check_notional(&self, quantity: Lots, price: Ticks) -> Result<(), Reject> {
        let notional = u128::from(price.0.unsigned_abs()) * u128::from(quantity.0);
        if notional < self.terms.notional_min { Err(Reject::NotionalTooSmall) } else { Ok(()) }
    }

    fn check_band(&self, price: Ticks) -> Result<(), Reject> {
        let (low, high) = self.band;
        if (low..=high).contains(&price) { Ok(()) } else { Err(Reject::PriceOutsideBand) }
    }
}

/// The table of combinations in docs/matching.md.
const fn check_combination(new: &NewOrder) -> Result<(), Reject> {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Fok, Gtc, Gtd, Ioc};
    let post_only = new.flags & NewOrder::POST_ONLY != 0;
    let minimum = new.flags & NewOrder::MINIMUM != 0;
    let display = new.display.0 != 0 && !minimum;
    let amount = new.flags & NewOrder::QUOTE_AMOUNT != 0;
    let legal = match (new.order_type, new.time_in_force) {
        (Market, Day | Ioc) if amount => matches!(new.side, Side::Buy) && !post_only && !display && !minimum,
        _ if amount => false,
        (Limit, Day | Gtc | Gtd) => !minimum,
        (Limit | Market, Ioc) => !post_only && !display,
        (Limit, Fok) | (Market, Day | Fok) | (Limit | Market, AtTheOpening | AtTheClose) => {
            !post_only && !display && !minimum
        }
        (Stop | TrailingStop, Day | Gtc | Gtd) => !post_only && !display && !minimum,
        (StopLimit, Day | Gtc | Gtd) => !post_only && !minimum,
        _ => false,
    };
    let flags = NewOrder::POST_ONLY | NewOrder::QUOTE_AMOUNT | NewOrder::MINIMUM | 7 << 3;
    if legal
        && new.flags & !flags == 0
        && new.self_trade(SelfTrade::None).is_some()
        && (new.order_type.has_price() || new.price.0 == 0)
        && (new.order_type.is_stop() || new.stop.0 == 0)
        && (new.expire.0 == 0 || matches!(new.time_in_force, Gtd))
    {
        Ok(())
    } else {
        Err(Reject::UnsupportedOrder)
    }
}

/// A display or minimum quantity of an order of `quantity`.
const fn check_part(part: Lots, quantity: Lots, reject: Reject) -> Result<(), Reject> {
    // The quantities that could not be expressed are greater than any order's.
    if part.0 <= quantity.0 { Ok(()) } else { Err(reject) }
}

/// The display quantity of an order of `quantity`; zero is none.
const fn check_display(display: Lots, quantity: Lots) -> Result<(), Reject> {
    if display.0 > 0 && display.0 <= quantity.0 && quantity.0.div_ceil(display.0) > ICEBERG_SLICES_MAX {
        return Err(Reject::BadDisplay);
    }
    check_part(display, quantity, Reject::BadDisplay)
}

const fn check_price(price: Ticks) -> Result<(), Reject> {
    match price {
        Ticks::OFF_TICK => Err(Reject::PriceOffTick),
        Ticks::OUT_OF_RANGE => Err(Reject::PriceOutOfRange),
        Ticks(..=0) => Err(Reject::PriceNotPositive),
        Ticks(ticks) if ticks > TICKS_MAX => Err(Reject::PriceOutOfRange),
        _ => Ok(()),
    }
}
