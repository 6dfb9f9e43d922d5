//! Trading states, and the auction that uncrosses a book.

use wire::{
    command::{NewOrder, SetState},
    event::{Cause, Event, Kind, Liquidity},
    feed::{self, Record},
    instrument::Instrument,
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, OrderType, SessionId, Side, Ticks, TimeInForce, TradingState},
};

use super::{Engine, Market, Sink, feed::Print, report};

/// One order's interest in an auction.
#[derive(Clone, Copy)]
pub(super) struct Interest {
    limit: i64,
    quantity: u64,
    side: Side,
}

/// Where a book uncrosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Uncross {
    pub(super) price: Ticks,
    pub(super) volume: u128,
}

/// Whether one state may follow another.
const fn may_follow(from: TradingState, to: TradingState) -> bool {
    use TradingState::{Closed, Continuous, Halted, OpeningAuction, PreOpen, VolatilityAuction};
    match (from, to) {
        (Closed, _) => matches!(to, PreOpen | OpeningAuction),
        (_, VolatilityAuction) => matches!(from, Continuous | Halted),
        _ => from as u8 != to as u8,
    }
}

impl Market {
    /// Whether the market takes a new order in its state.
    pub(super) const fn check_state(&self, new: &NewOrder) -> Result<(), Reject> {
        let rests = new.time_in_force.rests() && !matches!(new.order_type, OrderType::Market);
        let takes = match self.state {
            TradingState::Halted => return Err(Reject::Halted),
            TradingState::Closed => return Err(Reject::Closed),
            TradingState::Continuous => !matches!(new.time_in_force, TimeInForce::AtTheOpening),
            TradingState::PreOpen | TradingState::OpeningAuction => {
                rests || matches!(new.time_in_force, TimeInForce::AtTheOpening)
            }
            TradingState::VolatilityAuction | TradingState::ClosingAuction => {
                rests || matches!(new.time_in_force, TimeInForce::AtTheClose)
            }
        };
        if takes { Ok(()) } else { Err(Reject::WrongState) }
    }

    /// Whether open orders may be changed.
    pub(super) const fn check_open(&self) -> Result<(), Reject> {
        match self.state {
            TradingState::Halted => Err(Reject::Halted),
            TradingState::Closed => Err(Reject::Closed),
            _ => Ok(()),
        }
    }

    /// The orders for auctions alone that take part in this one.
    const fn extra(&self, of: TradingState) -> Option<&super::sides::Sides> {
        match of {
            TradingState::OpeningAuction => Some(&self.opening),
            TradingState::ClosingAuction => Some(&self.closing),
            _ => None,
        }
    }
}

/// The price with the most executable volume; of those the ones with the least imbalance; of those the highest
/// if buys are left over at all of them, the lowest if sells are, else the nearest to `reference`. `None` if
/// nothing crosses. `interests` are in order of their limits.
pub(super) fn uncross(interests: &[Interest], reference: Ticks) -> Option<Uncross> {
    let of = |side| interests.iter().filter(move |interest| interest.side == side);
    let mut demand: u128 = of(Side::Buy).map(|interest| u128::from(interest.quantity)).sum();
    let mut supply = 0;
    let mut best: Option<(u128, u128)> = None;
    let (mut low, mut high) = (0, 0);
    let (mut all_buy, mut all_sell) = (true, true);
    let mut consider = |from: i64, to: i64, demand: u128, supply: u128| {
        let (volume, imbalance) = (demand.min(supply), demand.abs_diff(supply));
        if volume == 0 || from > to {
            return;
        }
        let order = best.map_or(std::cmp::Ordering::Greater, |(most, least)| {
            volume.cmp(&most).then(least.cmp(&imbalance))
        });
        if order.is_gt() {
            best = Some((volume, imbalance));
            (low, all_buy, all_sell) = (from, true, true);
        }
        if order.is_ge() {
            high = to;
            all_buy &= demand > supply;
            all_sell &= demand < supply;
        }
    };
    let mut at = 0;
    while let Some(&Interest { limit, .. }) = interests.get(at) {
        let here = interests[at..].iter().take_while(|interest| interest.limit == limit);
        let (mut buys, mut sells, mut count) = (0, 0, 0);
        for interest in here {
            count += 1;
            match interest.side {
                Side::Buy => buys += u128::from(interest.quantity),
                Side::Sell => sells += u128::from(interest.quantity),
            }
        }
        at += count;
        supply += sells;
        consider(limit, limit, demand, supply);
        demand -= buys;
        // Between two limits nothing changes.
        if let Some(next) = interests.get(at) {
            consider(limit + 1, next.limit - 1, demand, supply);
        }
    }
    let (volume, _) = best?;
    let price = match (all_buy, all_sell) {
        (true, _) => high,
        (_, true) => low,
        _ => reference.0.clamp(low, high),
    };
    Some(Uncross { price: Ticks(price), volume })
}

impl Engine {
    pub(super) fn set_state<S: Sink>(&mut self, set: &SetState, sink: &mut S) {
        let head = &set.head;
        let number = head.instrument().0 as usize;
        let from = self.served(head.instrument()).map(|market| market.state);
        let reject = match from {
            None => Reject::UnknownInstrument,
            Some(from) if !may_follow(from, set.state) => Reject::BadTransition,
            Some(_) => Reject::None,
        };
        if reject != Reject::None {
            let event = Event { reject, ..report::of_unknown(Kind::NotDone, head) };
            return self.reporter.send(event, sink);
        }
        self.change_state(number, set.state, (head.session(), head.account), sink);
        self.run_stops(number, sink);
    }

    /// From one state to another, with what that brings about but for stops; told to whoever asked for it.
    pub(super) fn change_state<S: Sink>(
        &mut self,
        number: usize,
        to: TradingState,
        (session, account): (SessionId, AccountId),
        sink: &mut S,
    ) {
        let Market { state: from, terms: Instrument { id: instrument, .. }, .. } = self.markets[number];
        // A book must not be crossed where orders match as they come, and an auction that ends the day ends
        // with its trades.
        if to == TradingState::Continuous || (to == TradingState::Closed && from.is_auction()) {
            self.run_auction(number, from, sink);
        }
        match to {
            TradingState::Continuous => {
                self.cancel_where(Cause::Expired, sink, |_, _, terms| {
                    terms.instrument() == instrument && terms.time_in_force() == TimeInForce::AtTheOpening
                });
            }
            TradingState::Closed => {
                self.cancel_where(Cause::Expired, sink, |_, _, terms| {
                    use TimeInForce::{AtTheClose, AtTheOpening, Day};
                    terms.instrument() == instrument
                        && matches!(terms.time_in_force(), Day | AtTheClose | AtTheOpening)
                });
            }
            _ => {}
        }
        self.markets[number].state = to;
        let record = Record { state: to, ..self.record(feed::Kind::Status, instrument) };
        sink.market_data(&record);
        let event = Event { account, instrument, state: to, ..Event::blank(Kind::State, session) };
        self.reporter.send(event, sink);
        self.begin_call(number, sink);
    }

    /// The state of an instrument's market.
    #[must_use]
    pub fn state(&self, instrument: InstrumentId) -> Option<TradingState> {
        self.markets.get(instrument.0 as usize).map(|market| market.state)
    }

    /// What an auction would do now: its price, and the quantity, at most what 64 bits hold; if nothing crosses, the
    /// reference and zero.
    pub(super) fn indicative(&mut self, instrument: usize) -> (Ticks, Lots) {
        let Market { state, reference, .. } = self.markets[instrument];
        match self.find_uncross(instrument, state) {
            Some(Uncross { price, volume }) => (price, Lots(u64::try_from(volume).unwrap_or(u64::MAX))),
            None => (reference, Lots(0)),
        }
    }

    /// Where the book would uncross, with the orders for this auction alone.
    fn find_uncross(&mut self, instrument: usize, of: TradingState) -> Option<Uncross> {
        let mut interests = std::mem::take(&mut self.interests);
        interests.clear();
        let market = &self.markets[instrument];
        for side in [Side::Buy, Side::Sell] {
            for sides in std::iter::once(&market.book).chain(market.extra(of)) {
                for level in sides.levels(&self.arena, side) {
                    let mut next = Some(level.first);
                    while let Some(slot) = next {
                        next = self.arena.younger(slot);
                        let quantity = self.leaves(slot).0;
                        interests.push(Interest { limit: level.price.0, quantity, side });
                    }
                }
            }
        }
        interests.sort_unstable_by_key(|interest| interest.limit);
        let found = uncross(&interests, market.reference);
        self.interests = interests;
        found
    }

    /// Trades at one price all that crosses: best limit first, at one limit orders for this auction alone first,
    /// then time.
    fn run_auction<S: Sink>(&mut self, instrument: usize, of: TradingState, sink: &mut S) {
        let Some(Uncross { price, mut volume }) = self.find_uncross(instrument, of) else { return };
        let market = &mut self.markets[instrument];
        market.reference = price;
        market.set_bands();
        market.stops.traded_at(price);
        while volume > 0 {
            let [Some(buy), Some(sell)] =
                [Side::Buy, Side::Sell].map(|side| self.next_in_auction(instrument, of, side, price))
            else {
                unreachable!("what is executable stands on both sides")
            };
            let most = Lots(u64::try_from(volume).unwrap_or(u64::MAX));
            let quantity = self.arena.leaves(buy).min(self.arena.leaves(sell)).min(most);
            volume -= u128::from(quantity.0);
            self.last_trade += 1;
            self.show_trade(self.markets[instrument].terms.id, price, quantity, sink);
            for slot in [buy, sell] {
                self.cancel_other(slot, sink);
            }
            for slot in [buy, sell] {
                let own_price = self.price(slot);
                let print = Print { price, in_auction: true };
                let ends = self.take_from(slot, quantity, print, sink);
                self.fill((slot, own_price, Liquidity::Auction), price, quantity, sink);
                if ends {
                    self.end(slot, own_price);
                }
            }
        }
    }

    /// The order of `side` that trades first in an auction at `price`.
    fn next_in_auction(&self, instrument: usize, of: TradingState, side: Side, price: Ticks) -> Option<u32> {
        let market = &self.markets[instrument];
        let books = market.extra(of).into_iter().chain(std::iter::once(&market.book));
        let firsts = books.filter_map(|sides| sides.first(&self.arena, side));
        let limit = |slot: u32| self.arena.price(slot).0;
        // Of equals the first. Were orders for the auction served before better limits of the book, those could be
        // left over, and the book stay crossed.
        match side {
            Side::Buy => firsts.min_by_key(|&slot| -limit(slot)).filter(|&slot| limit(slot) >= price.0),
            Side::Sell => firsts.min_by_key(|&slot| limit(slot)).filter(|&slot| limit(slot) <= price.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price_of(buys: &[(i64, u64)], sells: &[(i64, u64)], reference: i64) -> Option<(i64, u128)> {
        let interest = |side| move |&(limit, quantity): &(i64, u64)| Interest { limit, quantity, side };
        let buys = buys.iter().map(interest(Side::Buy));
        let mut all: Vec<_> = buys.chain(sells.iter().map(interest(Side::Sell))).collect();
        all.sort_by_key(|interest| interest.limit);
        uncross(&all, Ticks(reference)).map(|found| (found.price.0, found.volume))
    }

    #[test]
    fn the_price_has_the_most_volume_then_the_least_imbalance() {
        assert_eq!(price_of(&[(99, 5)], &[(100, 5)], 100), None);
        assert_eq!(price_of(&[(102, 5), (101, 5)], &[(100, 5), (101, 5)], 90), Some((101, 10)));
        // 100 and 101 both trade 5; at 101 five buys less are left over.
        assert_eq!(price_of(&[(101, 5), (100, 5)], &[(100, 5)], 90), Some((101, 5)));
    }

    #[test]
    fn ties_go_to_the_side_with_more_and_else_to_the_reference() {
        assert_eq!(price_of(&[(110, 7)], &[(100, 5)], 90), Some((110, 5)), "buys are left over");
        assert_eq!(price_of(&[(110, 5)], &[(100, 7)], 120), Some((100, 5)), "sells are left over");
        for (reference, price) in [(90, 100), (104, 104), (120, 110)] {
            assert_eq!(price_of(&[(110, 5)], &[(100, 5)], reference), Some((price, 5)));
        }
        // Two buys left over up to 105, two sells from 106 on.
        let (buys, sells) = (&[(105, 2), (110, 5)], &[(100, 5), (106, 2)]);
        for (reference, price) in [(90, 100), (104, 104), (120, 110)] {
            assert_eq!(price_of(buys, sells, reference), Some((price, 5)));
        }
    }

    /// Against trying every price.
    #[test]
    fn random_books_uncross_where_trying_every_price_says() {
        let mut random = 0x5EED_u64;
        let mut below = |bound: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % bound
        };
        for _ in 0..2_000 {
            let mut draw = || -> Vec<(i64, u64)> {
                (0..below(6)).map(|_| (i64::try_from(below(12)).unwrap() + 1, below(4) + 1)).collect()
            };
            let (buys, sells) = (draw(), draw());
            let reference = i64::try_from(below(14)).unwrap() + 1;
            let sum = |orders: &[(i64, u64)], takes: &dyn Fn(i64) -> bool| -> u128 {
                orders.iter().filter(|order| takes(order.0)).map(|order| u128::from(order.1)).sum()
            };
            let at = |p: i64| (sum(&buys, &|limit| limit >= p), sum(&sells, &|limit| limit <= p));
            let key = |p: i64| {
                let (demand, supply) = at(p);
                (demand.min(supply), std::cmp::Reverse(demand.abs_diff(supply)))
            };
            let best = (1..=14).map(key).max().unwrap();
            let prices: Vec<i64> = (1..=14).filter(|&p| key(p) == best).collect();
            let expected = if prices.iter().all(|&p| at(p).0 > at(p).1) {
                prices.last()
            } else if prices.iter().all(|&p| at(p).0 < at(p).1) {
                prices.first()
            } else {
                prices.iter().min_by_key(|p| p.abs_diff(reference))
            };
            let expected = expected.filter(|_| best.0 > 0).map(|&p| (p, best.0));
            assert_eq!(price_of(&buys, &sells, reference), expected, "{buys:?} {sells:?} {reference}");
        }
    }
}
