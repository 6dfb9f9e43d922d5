//! The checks of new orders and of replaces, in the order of docs/matching.md.

use wire::{
    command::{NewOrder, Replace},
    limits::{ICEBERG_SLICES_MAX, LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, OrderType, SelfTrade, SessionId, Side, Ticks, TimeInForce,
        TradingState,
    },
};

use super::{
    Owner, Twin,
    matching::notional,
    order::{Order, slices},
    stops::starts_at,
};

impl Twin {
    pub(super) fn check_new(&self, new: &NewOrder) -> Result<(), Reject> {
        let head = &new.head;
        let instrument = head.instrument();
        if !self.has_instrument(instrument) {
            return Err(Reject::UnknownInstrument);
        }
        self.check_state(instrument, new.order_type, new.time_in_force)?;
        check_combination(new)?;
        if new.order_type.has_price() {
            check_price(new.price)?;
        }
        if new.order_type.is_stop() {
            check_stop(new.stop)?;
        }
        let last = self.market(instrument).reference;
        let stop = starts_at(new.order_type, new.side, last, new.stop.0);
        let names_amount = new.flags & NewOrder::QUOTE_AMOUNT != 0;
        let price = if new.order_type.has_price() {
            new.price.0
        } else if new.order_type.is_stop() {
            stop
        } else if names_amount {
            1 // the amount is in ticks × lots
        } else {
            last
        };
        if names_amount {
            check_range(new.quantity)?;
        } else {
            self.check_quantity(instrument, new.quantity)?;
        }
        let bad = if minimum(new) { Reject::BadMinimum } else { Reject::BadDisplay };
        check_part(new.display, new.quantity, bad)?;
        if !minimum(new) && slices(new.display.0, new.quantity.0) > ICEBERG_SLICES_MAX {
            return Err(Reject::BadDisplay);
        }
        self.check_notional(instrument, price, new.quantity)?;
        if new.order_type.has_price() {
            self.check_band(instrument, new.price)?;
        }
        if new.time_in_force == TimeInForce::Gtd && new.expire <= self.time {
            return Err(Reject::BadExpireTime);
        }
        self.check_name(self.owner(head), new.cl_ord_id)?;
        self.check_account(head.session(), head.account)?;
        if self.stopped(head.session(), head.account) {
            return Err(Reject::Killed);
        }
        self.check_worth(head.session(), head.account, instrument, (price, new.quantity.0))?;
        self.check_own_room(head, 1, 1)?;
        self.check_room(if minimum(new) { 1 } else { slices(new.display.0, new.quantity.0) })?;
        if new.flags & NewOrder::POST_ONLY != 0 && self.would_trade(instrument, new.side, new.price.0) {
            return Err(Reject::PostOnlyWouldTake);
        }
        Ok(())
    }

    pub(super) fn check_replace(&self, order: &Order, replace: &Replace) -> Result<(), Reject> {
        if order.quote {
            return Err(Reject::IsQuote);
        }
        if replace.head.instrument() != order.instrument || replace.side != order.side {
            return Err(Reject::OrderMismatch);
        }
        match self.market(order.instrument).state {
            TradingState::Halted => return Err(Reject::Halted),
            TradingState::Closed => return Err(Reject::Closed),
            _ => {}
        }
        let display = replace.display.lots();
        let has_price = order.order_type.has_price();
        let may_hide = has_price && order.time_in_force.rests();
        if !has_price && replace.price != Ticks(0) || !may_hide && display != Lots(0) {
            return Err(Reject::UnsupportedOrder);
        }
        if has_price {
            check_price(replace.price)?;
        }
        self.check_quantity(order.instrument, replace.quantity)?;
        check_part(display, replace.quantity, Reject::BadDisplay)?;
        if slices(display.0, replace.quantity.0) > ICEBERG_SLICES_MAX {
            return Err(Reject::BadDisplay);
        }
        let price = if has_price {
            replace.price.0
        } else if order.waits() {
            order.stop
        } else {
            self.market(order.instrument).reference
        };
        self.check_notional(order.instrument, price, replace.quantity)?;
        if has_price {
            self.check_band(order.instrument, replace.price)?;
        }
        self.check_name(self.owner_of(order), replace.cl_ord_id)?;
        self.check_worth(order.session, order.account, order.instrument, (price, replace.quantity.0))?;
        if self.stopped(order.session, order.account) {
            return Err(Reject::Killed);
        }
        let stays_open = replace.quantity.0 > order.cum;
        if stays_open {
            self.check_room(slices(display.0, replace.quantity.0).saturating_sub(order.slices))?;
        }
        if order.post_only && stays_open && self.would_trade(order.instrument, order.side, replace.price.0) {
            return Err(Reject::PostOnlyWouldTake);
        }
        Ok(())
    }

    /// Whether so many more places are free among the open orders.
    pub(super) fn check_room(&self, places: u64) -> Result<(), Reject> {
        let taken: u64 = self.open.values().map(|order| order.slices).sum();
        let room = u64::from(self.config.open_orders_max);
        if places > 0 && taken + places > room { Err(Reject::TooManyOpenOrders) } else { Ok(()) }
    }

    pub(super) fn check_account(&self, session: SessionId, account: AccountId) -> Result<(), Reject> {
        if !self.is_entitled(session, account) {
            Err(Reject::NotEntitled)
        } else if !self.has_account(account.0) {
            Err(Reject::UnknownAccount)
        } else {
            Ok(())
        }
    }

    /// What a limit order says for itself.
    pub(super) fn check_limit_order(
        &self,
        instrument: InstrumentId,
        price: Ticks,
        quantity: Lots,
    ) -> Result<(), Reject> {
        check_price(price)?;
        self.check_quantity(instrument, quantity)?;
        self.check_notional(instrument, price.0, quantity)?;
        self.check_band(instrument, price)
    }

    fn check_state(
        &self,
        instrument: InstrumentId,
        order_type: OrderType,
        time_in_force: TimeInForce,
    ) -> Result<(), Reject> {
        use TradingState::{
            Closed, ClosingAuction, Continuous, Halted, OpeningAuction, PreOpen, VolatilityAuction,
        };
        // Orders that rest in the call phase of whatever auction.
        let rests = (order_type == OrderType::Limit || order_type.is_stop()) && time_in_force.rests();
        let taken = match self.market(instrument).state {
            Halted => return Err(Reject::Halted),
            Closed => return Err(Reject::Closed),
            PreOpen | OpeningAuction => rests || time_in_force == TimeInForce::AtTheOpening,
            Continuous => time_in_force != TimeInForce::AtTheOpening,
            VolatilityAuction | ClosingAuction => rests || time_in_force == TimeInForce::AtTheClose,
        };
        if taken { Ok(()) } else { Err(Reject::WrongState) }
    }

    fn check_quantity(&self, instrument: InstrumentId, quantity: Lots) -> Result<(), Reject> {
        let terms = &self.market(instrument).terms;
        check_range(quantity)?;
        if quantity < terms.quantity_min {
            Err(Reject::QuantityTooSmall)
        } else if quantity > terms.quantity_max {
            Err(Reject::QuantityTooLarge)
        } else {
            Ok(())
        }
    }

    fn check_notional(&self, instrument: InstrumentId, price: i64, quantity: Lots) -> Result<(), Reject> {
        let least = self.market(instrument).terms.notional_min;
        if notional(price, quantity.0) < least { Err(Reject::NotionalTooSmall) } else { Ok(()) }
    }

    fn check_band(&self, instrument: InstrumentId, price: Ticks) -> Result<(), Reject> {
        let (low, high) = self.market(instrument).band();
        if price.0 < low || price.0 > high { Err(Reject::PriceOutsideBand) } else { Ok(()) }
    }

    fn check_name(&self, owner: Owner, name: ClOrdId) -> Result<(), Reject> {
        if name == ClOrdId::NONE {
            return Err(Reject::BadClOrdId);
        }
        if self.used.contains(&(owner, name)) { Err(Reject::DuplicateClOrdId) } else { Ok(()) }
    }

    pub(super) fn mode(&self, new: &NewOrder) -> SelfTrade {
        let default = self.config.sessions[new.head.session().0 as usize].self_trade;
        new.self_trade(default).expect("a mode, or it is refused")
    }
}

pub(super) fn minimum(new: &NewOrder) -> bool {
    new.flags & NewOrder::MINIMUM != 0
}

/// The table of types, times in force and attributes.
fn check_combination(new: &NewOrder) -> Result<(), Reject> {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Fok, Gtc, Gtd, Ioc};
    let (mut may_post, mut may_hide, mut may_demand) = (false, false, false);
    let may_spend = matches!((new.order_type, new.side, new.time_in_force), (Market, Side::Buy, Day | Ioc));
    match (new.order_type, new.time_in_force) {
        (Limit, Day | Gtc | Gtd) => (may_post, may_hide) = (true, true),
        (Limit | Market, Ioc) => may_demand = true,
        (Limit, Fok | AtTheOpening | AtTheClose) => {}
        (Market, Day | Fok | AtTheOpening | AtTheClose) => {}
        (Stop | TrailingStop, Day | Gtc | Gtd) => {}
        (StopLimit, Day | Gtc | Gtd) => may_hide = true,
        _ => return Err(Reject::UnsupportedOrder),
    }
    let known = NewOrder::POST_ONLY | NewOrder::MINIMUM | NewOrder::QUOTE_AMOUNT | 7 << 3;
    let spends = new.flags & NewOrder::QUOTE_AMOUNT != 0;
    let hides = !minimum(new) && new.display != Lots(0);
    let legal = new.flags & !known == 0
        && new.self_trade(SelfTrade::None).is_some()
        && (may_post || new.flags & NewOrder::POST_ONLY == 0)
        && (may_demand && !spends || !minimum(new))
        && (may_spend || !spends)
        && (may_hide || !hides)
        && (new.order_type.has_price() || new.price == Ticks(0))
        && (new.order_type.is_stop() || new.stop == Ticks(0))
        && (new.time_in_force == Gtd || new.expire.0 == 0);
    if legal { Ok(()) } else { Err(Reject::UnsupportedOrder) }
}

fn check_price(price: Ticks) -> Result<(), Reject> {
    if price == Ticks::OFF_TICK {
        Err(Reject::PriceOffTick)
    } else if price == Ticks::OUT_OF_RANGE || price.0 > TICKS_MAX {
        Err(Reject::PriceOutOfRange)
    } else if price.0 <= 0 {
        Err(Reject::PriceNotPositive)
    } else {
        Ok(())
    }
}

/// A quantity or an amount.
fn check_range(quantity: Lots) -> Result<(), Reject> {
    if quantity == Lots::OFF_LOT {
        Err(Reject::QuantityOffLot)
    } else if quantity == Lots::OUT_OF_RANGE || quantity.0 > LOTS_MAX {
        Err(Reject::QuantityOutOfRange)
    } else if quantity.0 == 0 {
        Err(Reject::QuantityNotPositive)
    } else {
        Ok(())
    }
}

fn check_stop(stop: Ticks) -> Result<(), Reject> {
    if (1..=TICKS_MAX).contains(&stop.0) { Ok(()) } else { Err(Reject::BadStop) }
}

/// A display or minimum quantity; `OFF_LOT` and `OUT_OF_RANGE` are above every quantity.
fn check_part(part: Lots, quantity: Lots, reject: Reject) -> Result<(), Reject> {
    if part > quantity { Err(reject) } else { Ok(()) }
}
