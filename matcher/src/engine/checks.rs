//! The static checks: what can be said against an order without changing anything, in the order that
//! docs/matching.md gives. The first failure is the reason.

use wire::{
    command::NewOrder,
    limits::{LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{AccountId, ClOrdId, Lots, OrderType, SessionId, Ticks, TimeInForce},
};

use super::{Engine, Market};

impl Engine {
    /// All checks of a new order up to the bound on open orders.
    pub(super) fn check_new(&self, new: &NewOrder) -> Result<(), Reject> {
        let market = self.markets.get(new.head.instrument.0 as usize).ok_or(Reject::UnknownInstrument)?;
        check_combination(new)?;
        match new.order_type {
            OrderType::Limit => {
                check_price(new.price)?;
                market.check_quantity(new.quantity, new.price)?;
                market.check_band(new.price)?;
            }
            _ => market.check_quantity(new.quantity, market.reference)?,
        }
        self.check_name(new.head.session, &new.cl_ord_id)?;
        self.check_account(new.head.session, new.head.account)?;
        if self.arena.has_room() { Ok(()) } else { Err(Reject::TooManyOpenOrders) }
    }

    /// The same checks of a limit order's new price, quantity and name.
    pub(super) fn check_replace(
        &self,
        market: &Market,
        session: SessionId,
        price: Ticks,
        quantity: Lots,
        name: &ClOrdId,
    ) -> Result<(), Reject> {
        check_price(price)?;
        market.check_quantity(quantity, price)?;
        market.check_band(price)?;
        self.check_name(session, name)?;
        if self.arena.has_steps() { Ok(()) } else { Err(Reject::TooManyOpenOrders) }
    }

    fn check_name(&self, session: SessionId, name: &ClOrdId) -> Result<(), Reject> {
        if name.is_none() {
            Err(Reject::BadClOrdId)
        } else if self.register.is_used(&self.arena, session, name) {
            Err(Reject::DuplicateClOrdId)
        } else {
            Ok(())
        }
    }

    fn check_account(&self, session: SessionId, account: AccountId) -> Result<(), Reject> {
        match self.sessions.get(session.0 as usize) {
            Some(session) if session.terms.accounts.contains(account) => Ok(()),
            _ => Err(Reject::NotEntitled),
        }
    }
}

impl Market {
    fn check_quantity(&self, quantity: Lots, price: Ticks) -> Result<(), Reject> {
        let terms = &self.terms;
        match quantity {
            Lots::OFF_LOT => Err(Reject::QuantityOffLot),
            Lots(0) => Err(Reject::QuantityNotPositive),
            Lots(lots) if lots > LOTS_MAX => Err(Reject::QuantityOutOfRange),
            _ if quantity < terms.quantity_min => Err(Reject::QuantityTooSmall),
            _ if quantity > terms.quantity_max => Err(Reject::QuantityTooLarge),
            Lots(lots) if u128::from(price.0.unsigned_abs()) * u128::from(lots) < terms.notional_min => {
                Err(Reject::NotionalTooSmall)
            }
            _ => Ok(()),
        }
    }

    fn check_band(&self, price: Ticks) -> Result<(), Reject> {
        let (low, high) = self.band;
        if (low..=high).contains(&price) { Ok(()) } else { Err(Reject::PriceOutsideBand) }
    }
}

/// Limit orders Day, GTC, IOC or FOK; market orders Day (which is IOC for them), IOC or FOK and without a
/// price; post-only for orders that may rest.
const fn check_combination(new: &NewOrder) -> Result<(), Reject> {
    let post_only = new.flags & NewOrder::POST_ONLY != 0;
    let legal = match (new.order_type, new.time_in_force) {
        (OrderType::Limit, TimeInForce::Day | TimeInForce::Gtc) => true,
        (OrderType::Limit, _) => !post_only,
        (OrderType::Market, TimeInForce::Gtc) => false,
        (OrderType::Market, _) => !post_only && new.price.0 == 0,
        _ => false,
    };
    let plain = new.stop.0 == 0
        && new.display.0 == 0
        && new.expire.0 == 0
        && !matches!(
            new.time_in_force,
            TimeInForce::Gtd | TimeInForce::AtTheOpening | TimeInForce::AtTheClose
        );
    if legal && plain && new.flags & !NewOrder::POST_ONLY == 0 {
        Ok(())
    } else {
        Err(Reject::UnsupportedOrder)
    }
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
