//! Trading states, and the auctions that end them.

use wire::{
    command::{Head, SetState},
    event::{Cause, Event, Kind, Liquidity},
    reject::Reject,
    types::{InstrumentId, Lots, OrderStatus, SessionId, Side, Ticks, TimeInForce, TradingState},
};

use super::{
    Twin,
    order::{Order, nothing},
};

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
        let reject = if !self.has_instrument(head.instrument) {
            Reject::UnknownInstrument
        } else if !may_follow(self.market(head.instrument).state, set.state) {
            Reject::BadTransition
        } else {
            return self.go_to(head, head.instrument, set.state);
        };
        self.answer(head, Kind::NotDone, 0, reject, wire::types::ClOrdId::NONE);
    }

    /// From one state to another, with what that brings about.
    pub(super) fn go_to(&mut self, head: &Head, instrument: InstrumentId, to: TradingState) {
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
        self.market_mut(instrument).state = to;
        self.tell(Event {
            kind: Kind::State,
            status: OrderStatus::Rejected,
            session: head.session,
            account: head.account,
            instrument,
            state: to,
            ..nothing()
        });
        if to.is_auction() {
            self.indicate(instrument);
        }
        self.trigger_stops(instrument);
    }

    fn indicate(&mut self, instrument: InstrumentId) {
        let market = self.market(instrument);
        let (state, reference) = (market.state, market.reference);
        let (price, volume) = self.would_uncross(instrument, state).unwrap_or((reference, 0));
        self.tell(Event {
            kind: Kind::Indicative,
            status: OrderStatus::Rejected,
            session: SessionId(u32::MAX),
            instrument,
            state,
            last_price: Ticks(price),
            last_quantity: Lots(u64::try_from(volume).unwrap_or(u64::MAX)),
            ..nothing()
        });
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
