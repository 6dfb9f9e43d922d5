//! One instrument's market: its books, its prices, its state.

use wire::{
    instrument::Instrument,
    types::{OrderType, Side, Ticks, TimeInForce, TradingState},
};

use super::{book::Arena, call::Call, register::Terms, sides::Sides, stops::Stops};

/// Prices that no order of a side crosses with: a buy's, then a sell's.
const NO_PRICE: (Ticks, Ticks) = (Ticks(0), Ticks(i64::MAX));

/// One instrument as it stands.
pub(super) struct Market {
    pub(super) terms: Instrument,
    pub(super) book: Sides,
    /// Orders for the opening auction alone, and for the closing one.
    pub(super) opening: Sides,
    pub(super) closing: Sides,
    /// Of the last trade; none yet: the configured one.
    pub(super) reference: Ticks,
    /// The band around the reference, both ends inside.
    pub(super) band: (Ticks, Ticks),
    /// No trade in continuous trading leaves these prices, likewise.
    pub(super) dynamic: (Ticks, Ticks),
    /// Resting orders that show only a part of themselves.
    pub(super) icebergs: u32,
    pub(super) state: TradingState,
    pub(super) call: Call,
    pub(super) stops: Stops,
}

impl Market {
    pub(super) fn new(terms: Instrument, arena: &mut Arena) -> Market {
        Market {
            book: Sides::new(arena),
            opening: Sides::new(arena),
            closing: Sides::new(arena),
            reference: terms.reference,
            band: terms.band(terms.reference),
            dynamic: terms.dynamic_band(terms.reference),
            icebergs: 0,
            state: TradingState::Continuous,
            call: Call::default(),
            stops: Stops::new(arena),
            terms,
        }
    }

    /// The bands move to where the reference is now.
    pub(super) fn set_bands(&mut self) {
        self.band = self.terms.band(self.reference);
        self.dynamic = self.terms.dynamic_band(self.reference);
    }

    /// Where orders like this stand.
    pub(super) const fn queues(&mut self, terms: Terms) -> &mut Sides {
        match terms.time_in_force() {
            TimeInForce::AtTheOpening => &mut self.opening,
            TimeInForce::AtTheClose => &mut self.closing,
            _ => &mut self.book,
        }
    }

    /// How far an order of this type, side and price may trade now.
    pub(super) const fn limit(&self, order_type: OrderType, side: Side, price: Ticks) -> Ticks {
        match (order_type, side) {
            (OrderType::Limit, _) => price,
            (_, Side::Buy) => self.band.1,
            (_, Side::Sell) => self.band.0,
        }
    }

    /// How far towards `limit` an order of `side` may trade without interrupting trading. If the best price that
    /// it would trade at is on the near side of the dynamic band, not at all: further ones do not come before it.
    #[inline]
    pub(super) const fn reach(&self, side: Side, limit: Ticks) -> Ticks {
        let (low, high) = self.dynamic;
        match side {
            Side::Buy if self.book.crosses(side, Ticks(low.0 - 1)) => NO_PRICE.0,
            Side::Buy if limit.0 > high.0 => high,
            Side::Sell if self.book.crosses(side, Ticks(high.0 + 1)) => NO_PRICE.1,
            Side::Sell if limit.0 < low.0 => low,
            _ => limit,
        }
    }
}
