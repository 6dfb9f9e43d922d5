//! Trading states, and the auctions that end them.

use wire::{
    command::SetState,
    event::{Cause, Event, Kind, Liquidity},
    limits::INDICATIVE_NS,
    reject::Reject,
    types::{
        AccountId, InstrumentId, Lots, Nanos, OrderStatus, SessionId, Side, Ticks, TimeInForce, TradingState,
    },
};

use super::{
    Twin,
    order::{Order, nothing},
};

/// Whom what nobody asked for is told.
const NOBODY: (SessionId, AccountId) = (SessionId(u32::MAX), AccountId(0));

/// What an auction would do: a price, and how much trades there.
type Uncross = (i64, u128);

fn may_follow(from: TradingState, to: TradingState) -> bool {
    use TradingState::{Closed, Continuous, Halted, OpeningAuction, PreOpen, VolatilityAuction};
    from != to
        && (from != Closed || [PreOpen, OpeningAuction].contains(&to))
        && (to != VolatilityAuction || [Continuous, Halted].contains(&from))
}

impl Twin {
    pub(super) fn set_state(&mut self, set: &SetState) {
        let head = &set.head;
        let reject = if !self.has_instrument(head.instrument()) {
            Reject::UnknownInstrument
        } else if !may_follow(self.market(head.instrument()).state, set.state) {
            Reject::BadTransition
        } else {
            return self.go_to((head.session(), head.account), head.instrument(), set.state);
        };
        self.answer(head, Kind::NotDone, 0, reject, wire::types::ClOrdId::NONE);
    }

    /// From one state to another, with what that brings about; `who` is told.
    fn go_to(&mut self, who: (SessionId, AccountId), instrument: InstrumentId, to: TradingState) {
        use TimeInForce::{AtTheClose, AtTheOpening, Day};
        let from = self.market(instrument).state;
        if to == TradingState::Continuous || to == TradingState::Closed && from.is_auction() {
            self.uncross(instrument, from);
        }
        let end: &[TimeInForce] = match to {
            TradingState::Continuous => &[AtTheOpening],
            TradingState::Closed => &[Day, AtTheOpening, AtTheClose],
            _ => &[],
        };
        self.cancel_all(Cause::Expired, |o| o.instrument == instrument && end.contains(&o.time_in_force));
        self.begin(who, instrument, to);
        self.trigger_stops(instrument);
    }

    /// A trade would have left the dynamic band.
    pub(super) fn interrupt(&mut self, instrument: InstrumentId) {
        self.begin(NOBODY, instrument, TradingState::VolatilityAuction);
        let ends = self.time.0.saturating_add(self.market(instrument).terms.volatility_call_ns);
        self.market_mut(instrument).call_ends = Some(Nanos(ends));
    }

    fn begin(
        &mut self,
        (session, account): (SessionId, AccountId),
        instrument: InstrumentId,
        state: TradingState,
    ) {
        let market = self.market_mut(instrument);
        market.state = state;
        market.call_ends = None;
        let status = OrderStatus::Rejected;
        self.tell(Event { kind: Kind::State, status, session, account, instrument, state, ..nothing() });
        if state.is_auction() {
            self.indicate(instrument, true);
        }
    }

    /// Looks at what the auction would do now, and tells it if that is new.
    fn indicate(&mut self, instrument: InstrumentId, always: bool) {
        let time = self.time;
        let market = self.market(instrument);
        let (state, reference) = (market.state, market.reference);
        let (price, volume) = self.would_uncross(instrument, state).unwrap_or((reference, 0));
        let quantity = u64::try_from(volume).unwrap_or(u64::MAX);
        let market = self.market_mut(instrument);
        (market.changed, market.changed_before, market.looked) = (false, false, time);
        if always || market.told != (price, quantity) {
            market.told = (price, quantity);
            self.tell(Event {
                kind: Kind::Indicative,
                status: OrderStatus::Rejected,
                session: NOBODY.0,
                instrument,
                state,
                last_price: Ticks(price),
                last_quantity: Lots(quantity),
                ..nothing()
            });
        }
    }

    /// When the instrument's auction is to be looked at again, if its book has changed.
    fn look_at(&self, instrument: InstrumentId) -> Nanos {
        Nanos(self.market(instrument).looked.0.saturating_add(INDICATIVE_NS))
    }

    /// Ends the calls whose time is over.
    pub(super) fn end_calls(&mut self) {
        for instrument in self.instruments() {
            if self.market(instrument).call_ends.is_some_and(|at| at <= self.time) {
                self.go_to(NOBODY, instrument, TradingState::Continuous);
            }
        }
    }

    /// What comes last in every command.
    pub(super) fn look_at_calls(&mut self, is_due: bool) {
        for instrument in self.instruments() {
            let may = self.time >= self.look_at(instrument);
            let market = self.market_mut(instrument);
            let wanted = market.changed || is_due && market.changed_before;
            if market.state.is_auction() && wanted && may {
                self.indicate(instrument, false);
                continue;
            }
            market.changed_before = market.state.is_auction() && (market.changed_before || market.changed);
            market.changed = false;
        }
    }

    pub(crate) fn next_due(&self) -> Option<Nanos> {
        let expiries = self.open.values().map(|order| Nanos(order.expire)).filter(|&at| at.0 > 0);
        let calls = self.markets.iter().filter_map(|market| market.call_ends);
        let looks = self.instruments().into_iter().filter(|&i| self.market(i).changed_before);
        let pieces = self.asked.first().map(|asked| asked.due);
        expiries.chain(calls).chain(looks.map(|i| self.look_at(i))).chain(pieces).min()
    }

    pub(super) fn instruments(&self) -> Vec<InstrumentId> {
        (0u32..).map(InstrumentId).take(self.markets.len()).collect()
    }

    /// All orders that would take part in the auction that ends `state`.
    fn takes_part(&self, instrument: InstrumentId, state: TradingState) -> Vec<&Order> {
        let books = self.market(instrument).books_of(state);
        let queues = books.into_iter().flat_map(|book| book.buys.values().chain(book.sells.values()));
        queues.flatten().map(|id| &self.open[id]).collect()
    }

    /// Where the auction that ends `state` would trade, if anything crosses.
    fn would_uncross(&self, instrument: InstrumentId, state: TradingState) -> Option<Uncross> {
        let orders = self.takes_part(instrument, state);
        let sum = |side: Side, price: i64| -> i128 {
            let trades = |o: &&&Order| {
                o.side == side && if side == Side::Buy { o.limit() >= price } else { o.limit() <= price }
            };
            orders.iter().filter(trades).map(|o| i128::from(o.leaves())).sum()
        };
        // Between two limits that are neighbours the sums are the same at every price: its two ends and the price
        // nearest to the reference stand for all of them.
        let reference = self.market(instrument).reference;
        let mut limits: Vec<i64> = orders.iter().map(|o| o.limit()).collect();
        limits.sort_unstable();
        let between = limits.windows(2).filter(|pair| pair[1] - pair[0] > 1);
        let between = between.map(|pair| (pair[0] + 1, pair[1] - 1));
        let stretches = limits.iter().map(|&limit| (limit, limit)).chain(between);
        let prices = stretches.flat_map(|(low, high)| [low, high, reference.clamp(low, high)]);

        let seen: Vec<(i64, i128, i128)> =
            prices.map(|price| (price, sum(Side::Buy, price), sum(Side::Sell, price))).collect();
        let most = seen.iter().map(|&(_, buys, sells)| buys.min(sells)).max().filter(|&most| most > 0)?;
        let seen: Vec<_> = seen.into_iter().filter(|&(_, buys, sells)| buys.min(sells) == most).collect();
        let least = seen.iter().map(|&(_, buys, sells)| (buys - sells).abs()).min()?;
        let seen: Vec<_> =
            seen.into_iter().filter(|&(_, buys, sells)| (buys - sells).abs() == least).collect();
        let prices = seen.iter().map(|&(price, ..)| price);
        let price = if seen.iter().all(|&(_, buys, sells)| buys > sells) {
            prices.max()
        } else if seen.iter().all(|&(_, buys, sells)| buys < sells) {
            prices.min()
        } else {
            prices.min_by_key(|price| price.abs_diff(reference))
        };
        Some((price?, most.unsigned_abs()))
    }

    /// All that crosses trades at one price.
    fn uncross(&mut self, instrument: InstrumentId, state: TradingState) {
        let Some((price, mut volume)) = self.would_uncross(instrument, state) else {
            return;
        };
        while volume > 0 {
            let mut buy = self.first_in_auction(instrument, state, Side::Buy, price);
            let mut sell = self.first_in_auction(instrument, state, Side::Sell, price);
            let quantity = buy.slice.min(sell.slice).min(u64::try_from(volume).unwrap_or(u64::MAX));
            volume -= u128::from(quantity);
            self.exchange([&mut buy, &mut sell], [Liquidity::Auction; 2], price, quantity);
            self.has_traded(buy, quantity);
            self.has_traded(sell, quantity);
        }
    }

    fn first_in_auction(
        &self,
        instrument: InstrumentId,
        state: TradingState,
        side: Side,
        price: i64,
    ) -> Order {
        let books = self.market(instrument).books_of(state);
        let firsts = books.into_iter().filter_map(|book| book.first(side));
        // Of equals the first.
        let (limit, id) = firsts
            .min_by_key(|&(limit, _)| if side == Side::Buy { -limit } else { limit })
            .expect("there is one");
        assert!(if side == Side::Buy { limit >= price } else { limit <= price }, "it is executable");
        self.open[&id].clone()
    }
}
