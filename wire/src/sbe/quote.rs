//! Mass quotes and the reset of a protection: from the binary protocol into the ring, and for clients the other way.

use zerocopy::IntoBytes;

use super::{
    Entries,
    codes::{Boolean, Price, Quantity},
    field::Optional,
    messages::{MassQuote, MassQuoteEntry, ResetProtection},
    order::{deadline, name, until},
    units::{NotExpressible, lots, price, quantity, ticks},
};
use crate::{
    command::{self, Head, Kind, MassQuoteBody, QuoteEntry},
    instrument::{Instrument, Step},
    limits::COMMAND_MESSAGE_BYTES_MAX,
    reject::Reject,
    types::{InstrumentId, Lots, Ticks},
};

impl MassQuote {
    /// Writes the command for the ring to the beginning of `buffer`; `find` knows the instruments. Gives its length.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`], and [`Reject::UnknownInstrument`] with the number of the entry, from 1; 0 is no single
    /// one.
    pub fn command<'i>(
        &self,
        entries: Entries<'_, MassQuoteEntry>,
        head: Head,
        find: impl Fn(InstrumentId) -> Option<&'i Instrument>,
        buffer: &mut [u8; COMMAND_MESSAGE_BYTES_MAX],
    ) -> Result<usize, (Reject, usize)> {
        let quote_id = name(&self.quote_id).map_err(|reject| (reject, 0))?;
        let flags = if self.mm_protection_reset == Boolean::Yes { MassQuoteBody::RESET } else { 0 };
        let head = until(self.deadline, head).with_kind(Kind::MassQuote).with_instrument(InstrumentId(0));
        let mut len = 0;
        let mut put = |part: &[u8]| {
            // There is room for as many entries as a message may have, see `limits`.
            buffer[len..len + part.len()].copy_from_slice(part);
            len += part.len();
        };
        put(head.as_bytes());
        put(quote_id.as_bytes());
        put(flags.as_bytes());
        for (number, entry) in (1..).zip(entries.iter()) {
            let id = InstrumentId(entry.instrument_id.get());
            let instrument = find(id).ok_or((Reject::UnknownInstrument, number))?;
            put(entry.command(instrument).as_bytes());
        }
        Ok(len)
    }

    /// The request for `command`, without its entries, each of which [`MassQuoteEntry::of`] gives.
    #[must_use]
    pub fn of(command: &command::MassQuote<'_>) -> MassQuote {
        let reset = command.body.flags & MassQuoteBody::RESET != 0;
        MassQuote {
            quote_id: command.body.quote_id.into(),
            account_id: Some(command.head.account.0).into(),
            deadline: deadline(command.head),
            mm_protection_reset: if reset { Boolean::Yes } else { Boolean::No },
            padding1: [0; 3],
        }
    }
}

impl MassQuoteEntry {
    /// The entry for the ring.
    #[must_use]
    pub fn command(&self, instrument: &Instrument) -> QuoteEntry {
        let of_price = |at: Optional<Price>| at.get().map_or(Ticks(0), |at| ticks(instrument.tick, at));
        let of_size = |of: Optional<Quantity>| of.get().map_or(Lots::ZERO, |of| lots(instrument.lot, of));
        QuoteEntry {
            instrument: instrument.id,
            reserved: 0,
            bid: of_price(self.bid_px),
            bid_quantity: of_size(self.bid_size),
            offer: of_price(self.offer_px),
            offer_quantity: of_size(self.offer_size),
        }
    }

    /// What the request for `entry` says of its instrument.
    ///
    /// # Errors
    /// If a price or quantity cannot be said, or stands for one that could not be.
    pub fn of(entry: &QuoteEntry, instrument: &Instrument) -> Result<MassQuoteEntry, NotExpressible> {
        let side = |(tick, lot): (Step, Step), (at, of): (Ticks, Lots), what| {
            let at = if at.0 == 0 { None } else { Some(price(tick, at, what)?) };
            let of = if of == Lots::ZERO { None } else { Some(quantity(lot, of, what)?) };
            Ok((at.into(), of.into()))
        };
        let steps = (instrument.tick, instrument.lot);
        let (bid_px, bid_size) = side(steps, (entry.bid, entry.bid_quantity), "a bid")?;
        let (offer_px, offer_size) = side(steps, (entry.offer, entry.offer_quantity), "an offer")?;
        let instrument_id = entry.instrument.0.into();
        Ok(MassQuoteEntry { instrument_id, padding1: [0; 4], bid_px, bid_size, offer_px, offer_size })
    }
}

impl ResetProtection {
    /// The request for the ring.
    #[must_use]
    pub fn command(&self, head: Head) -> command::ResetProtection {
        let head = head.with_kind(Kind::ResetProtection).with_instrument(InstrumentId(0));
        command::ResetProtection { head, group: self.group_id.get(), reserved: 0 }
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::ResetProtection) -> ResetProtection {
        ResetProtection { account_id: Some(command.head.account.0).into(), group_id: command.group.into() }
    }
}
