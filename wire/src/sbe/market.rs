//! Market data by levels.

use super::{
    codes::Quantity,
    messages::{BookLevel, Trade},
    units::{NotExpressible, price, quantity},
};
use crate::{
    feed::Level,
    instrument::Instrument,
    types::{Lots, Nanos, Side, Ticks, TradeId},
};

impl BookLevel {
    /// What stands at a price of `instrument`'s book since `time`. A quantity that is more than can be said is the most that
    /// can.
    ///
    /// # Errors
    /// If the price cannot be said.
    #[inline]
    pub fn of(
        instrument: &Instrument,
        (side, at): (Side, Ticks),
        level: Level,
        time: Nanos,
    ) -> Result<BookLevel, NotExpressible> {
        const MOST: Quantity = Quantity::new(u64::MAX - 1);
        Ok(BookLevel {
            transact_time: time.0.into(),
            price: price(instrument.tick, at, "Price")?,
            level_qty: quantity(instrument.lot, level.quantity, "LevelQty").unwrap_or(MOST),
            instrument_id: instrument.id.0.into(),
            order_count: u32::try_from(level.orders).unwrap_or(u32::MAX - 1).into(),
            side,
            padding1: [0; 7],
        })
    }
}

impl Trade {
    /// A trade of `instrument`, and the side of the order that came to the book.
    ///
    /// # Errors
    /// If price or quantity cannot be said.
    #[inline]
    pub fn of(
        instrument: &Instrument,
        id: TradeId,
        (at, traded): (Ticks, Lots),
        side: Option<Side>,
        time: Nanos,
    ) -> Result<Trade, NotExpressible> {
        Ok(Trade {
            transact_time: time.0.into(),
            trade_id: id.0.into(),
            last_px: price(instrument.tick, at, "LastPx")?,
            last_qty: quantity(instrument.lot, traded, "LastQty")?,
            instrument_id: instrument.id.0.into(),
            side: side.into(),
            padding1: [0; 3],
        })
    }
}

/// Whether all prices and quantities of `instrument` can be said, as far as their decimal places go: no session of the binary
/// protocol can trade or follow one of which they cannot.
#[must_use]
pub fn is_expressible(instrument: &Instrument) -> bool {
    price(instrument.tick, Ticks(1), "Tick").is_ok() && quantity(instrument.lot, Lots(1), "Lot").is_ok()
}
