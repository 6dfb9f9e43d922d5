//! Mass quotes.

use std::collections::{BTreeMap, BTreeSet};

use wire::{
    command::{Head, MassQuote, MassQuoteBody, QuoteEntry},
    event::{Cause, Event, Kind},
    reject::Reject,
    types::{
        AccountId, AssetId, InstrumentId, Lots, OrderStatus, OrderType, SelfTrade, Side, Ticks, TimeInForce,
        TradingState,
    },
};

use super::{
    Twin,
    order::{Order, nothing, standing},
};

/// Side, price and quantity of the quotes of an entry, bid before offer.
fn quotes(entry: &QuoteEntry) -> Vec<(Side, Ticks, Lots)> {
    let sides = [(Side::Buy, entry.bid, entry.bid_quantity), (Side::Sell, entry.offer, entry.offer_quantity)];
    sides.into_iter().filter(|(_, _, quantity)| quantity.0 > 0).collect()
}

impl Twin {
    pub(super) fn mass_quote(&mut self, MassQuote { head, body }: MassQuote<'_>) {
        let answer = Event {
            kind: Kind::Quoted,
            status: OrderStatus::Rejected,
            session: head.session(),
            account: head.account,
            instrument: head.instrument(),
            cl_ord_id: body.quote_id,
            ..nothing()
        };
        if let Err((reject, entry)) = self.check_mass_quote(head, body) {
            let refusal = Event { kind: Kind::QuoteRefused, reject, last_quantity: Lots(entry), ..answer };
            return self.tell(self.with_limit_of_quotes(refusal, head, body));
        }
        if body.flags & MassQuoteBody::RESET != 0 {
            for protection in self.protections.iter_mut().filter(|(of, _)| of.0 == head.account.0) {
                let named = |entry: &QuoteEntry| {
                    self.markets[entry.instrument.0 as usize].terms.group == protection.0.1
                };
                if body.entries.is_empty() || body.entries.iter().any(named) {
                    protection.1.reset();
                }
            }
        }
        let count = body.entries.iter().flat_map(quotes).count() as u64;
        self.tell(Event { quantity: Lots(count), ..answer });
        for entry in &body.entries {
            for side in [Side::Buy, Side::Sell] {
                if let Some(old) = self.quote_of(head.account, entry.instrument, side) {
                    self.cancel_open(old, Cause::QuoteReplaced);
                }
            }
        }
        for entry in &body.entries {
            for (side, price, quantity) in quotes(entry) {
                let order = self.quote(head, body, entry.instrument, (side, price, quantity));
                self.place_quote(order);
            }
        }
        body.entries.iter().for_each(|entry| self.trigger_stops(entry.instrument));
    }

    /// The refusal, with what is used of the limit and the limit if that is its reason.
    fn with_limit_of_quotes(&self, refusal: Event, head: &Head, body: &MassQuoteBody) -> Event {
        if refusal.reject != Reject::NotionalTooLarge {
            return self.with_limit_of_orders(refusal, head);
        }
        let number = usize::try_from(refusal.last_quantity.0).expect("one of its entries");
        let entry = &body.entries[number - 1];
        let orders = quotes(entry).into_iter().map(|(_, price, quantity)| (price.0, quantity.0));
        let (session, account, instrument) = (head.session(), head.account, entry.instrument);
        let too_large = |&order: &_| self.check_worth(session, account, instrument, order).is_err();
        let order = orders.into_iter().find(too_large).expect("one of them is to blame");
        self.with_worth_of(refusal, (session, account), instrument, order)
    }

    fn quote_of(&self, account: AccountId, instrument: InstrumentId, side: Side) -> Option<Order> {
        let is_it =
            |o: &&Order| o.quote && o.account == account && o.instrument == instrument && o.side == side;
        self.open.values().find(is_it).cloned()
    }

    fn place_quote(&mut self, order: Order) {
        self.orders += 1;
        self.reserve(&order);
        self.tell(Event { kind: Kind::Accepted, ..standing(&order) });
        if self.is_protected(order.account, order.instrument) {
            return self.end(order, Cause::Protected);
        }
        self.enter(order);
    }

    /// Why a mass quote is refused, and for which entry; 0 is the message.
    fn check_mass_quote(&self, head: &Head, body: &MassQuoteBody) -> Result<(), (Reject, u64)> {
        let of_message = |reject| (reject, 0);
        if self.is_trunk(head.session()) {
            return Err(of_message(Reject::NotByTrunk));
        }
        self.check_account(head.session(), head.account).map_err(of_message)?;
        if body.quote_id.is_none() {
            return Err(of_message(Reject::BadClOrdId));
        }
        if self.stopped(head.session(), head.account) {
            return Err(of_message(Reject::Killed));
        }
        let resets = body.flags & MassQuoteBody::RESET != 0;
        if body.entries.is_empty() && !resets {
            return Err(of_message(Reject::BadQuote));
        }
        let mut named = BTreeSet::new();
        for (number, entry) in (1..).zip(&body.entries) {
            self.check_entry(head, entry, resets, &mut named).map_err(|reject| (reject, number))?;
        }
        self.check_quotes_room(head, &body.entries).map_err(of_message)?;
        self.check_quotes_funds(head, body).map_err(of_message)
    }

    fn check_entry(
        &self,
        head: &Head,
        entry: &QuoteEntry,
        resets: bool,
        named: &mut BTreeSet<InstrumentId>,
    ) -> Result<(), Reject> {
        let instrument = entry.instrument;
        if !self.has_instrument(instrument) {
            return Err(Reject::UnknownInstrument);
        }
        match self.market(instrument).state {
            TradingState::Halted => return Err(Reject::Halted),
            TradingState::Closed => return Err(Reject::Closed),
            _ => {}
        }
        let crossed = quotes(entry).len() == 2 && entry.bid >= entry.offer;
        let half = entry.bid_quantity.0 == 0 && entry.bid.0 != 0
            || entry.offer_quantity.0 == 0 && entry.offer.0 != 0;
        if !named.insert(instrument) || crossed || half {
            return Err(Reject::BadQuote);
        }
        if !resets && self.is_protected(head.account, instrument) {
            return Err(Reject::Protected);
        }
        quotes(entry).into_iter().try_for_each(|(_, price, quantity)| {
            self.check_limit_order(instrument, price, quantity)?;
            self.check_worth(head.session(), head.account, instrument, (price.0, quantity.0))
        })
    }

    fn check_quotes_room(&self, head: &Head, entries: &[QuoteEntry]) -> Result<(), Reject> {
        let account = head.account;
        let new = entries.iter().flat_map(quotes).count() as u64;
        let instruments: Vec<InstrumentId> = entries.iter().map(|entry| entry.instrument).collect();
        let is_replaced = |o: &&Order| o.quote && o.account == account && instruments.contains(&o.instrument);
        let old = self.open.values().filter(is_replaced).count() as u64;
        if new > 0 {
            let own = self.open.values().filter(|o| is_replaced(o) && o.session == head.session()).count();
            self.check_own_room(head, new.saturating_sub(own as u64), new.saturating_sub(old))?;
            self.check_room(new.saturating_sub(old))?;
        }
        let stays = self.open.values().filter(|o| o.quote && !is_replaced(o));
        let mut pairs: BTreeSet<(AccountId, InstrumentId)> =
            stays.map(|o| (o.account, o.instrument)).collect();
        pairs.extend(entries.iter().filter(|e| !quotes(e).is_empty()).map(|e| (account, e.instrument)));
        if new > 0 && pairs.len() > self.config.quotes_max as usize {
            return Err(Reject::TooManyQuotes);
        }
        Ok(())
    }

    fn check_quotes_funds(&self, head: &Head, body: &MassQuoteBody) -> Result<(), Reject> {
        let mut more: BTreeMap<AssetId, i128> = BTreeMap::new();
        for entry in &body.entries {
            for quote in quotes(entry) {
                let order = self.quote(head, body, entry.instrument, quote);
                if let Some((asset, amount)) = self.can_spend(&order) {
                    if amount > super::ledger::AMOUNT_MAX {
                        return Err(Reject::InsufficientFunds);
                    }
                    *more.entry(asset).or_default() += amount;
                }
            }
            for side in [Side::Buy, Side::Sell] {
                let old = self.quote_of(head.account, entry.instrument, side);
                if let Some((asset, amount)) = old.and_then(|old| self.can_spend(&old)) {
                    *more.entry(asset).or_default() -= amount;
                }
            }
        }
        let covered =
            |(&asset, &more): (&AssetId, &i128)| more <= 0 || more <= self.can_withdraw(head.account, asset);
        if more.iter().all(covered) { Ok(()) } else { Err(Reject::InsufficientFunds) }
    }

    /// The order that a quote is.
    fn quote(
        &self,
        head: &Head,
        body: &MassQuoteBody,
        instrument: InstrumentId,
        (side, price, quantity): (Side, Ticks, Lots),
    ) -> Order {
        Order {
            id: self.orders + 1,
            name: body.quote_id,
            session: head.session(),
            account: head.account,
            instrument,
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            quote: true,
            self_trade: self.config.sessions[head.session().0 as usize].self_trade,
            price: price.0,
            quantity: quantity.0,
            slices: 1,
            hold_price: price.0,
            ..Order::EMPTY
        }
    }
}

impl Order {
    /// A limit order that says nothing yet.
    pub(super) const EMPTY: Order = Order {
        id: 0,
        name: wire::types::ClOrdId::NONE,
        session: wire::types::SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        quote: false,
        self_trade: SelfTrade::None,
        price: 0,
        quantity: 0,
        amount: None,
        is_spent: false,
        cum: 0,
        notional: 0,
        display: 0,
        slice: 0,
        minimum: 0,
        slices: 1,
        expire: 0,
        stop: 0,
        distance: 0,
        best: 0,
        seen: 0,
        place: 0,
        had_attributes: false,
        hold_price: 0,
        edge: 0,
        list: None,
        fee_exact: 0,
        fee_charged: 0,
    };
}
