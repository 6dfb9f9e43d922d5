//! Requests about many orders: mass cancels, mass quotes, and taking quotes off.

use wire::{
    command::{Head, Kind, MassCancel, QuoteEntry},
    fix::{
        mass::{self, MassQuote, OrderMassCancelRequest, QuoteCancel},
        order::{self, Coded},
    },
    limits::{COMMAND_MESSAGE_BYTES_MAX, MASS_QUOTE_ENTRIES_MAX},
    reject::Reject,
    types::{AccountId, ClOrdId, InstrumentId, Lots, Side, Ticks},
};
use zerocopy::IntoBytes;

use super::{Entry, Origin};
use crate::gathering::What;

/// Which orders of a session are meant.
pub(super) struct Selection {
    /// Bits of [`MassCancel::by`]: which of the others count.
    pub(super) by: u8,
    pub(super) instrument: InstrumentId,
    pub(super) side: Side,
    pub(super) account: AccountId,
}

impl Entry {
    /// A mass cancel, within the session.
    pub(super) fn mass_cancel(&self, request: &OrderMassCancelRequest<'_>, from: &mut Origin<'_>) {
        let command = self.mass_cancel_command(request, from);
        let sent = command.and_then(|command| match command.by & MassCancel::INSTRUMENT {
            0 => from.send_all((What::Cancel, command.cl_ord_id), &command.head, &command),
            _ => from.send(command.head.instrument(), &command),
        });
        if let Err(reject) = sent {
            let refused = self.refused(reject, request.symbol.unwrap_or_default(), from);
            from.session.send(from.head.rx, b"r", from.output, |body| refused.mass_cancel(request, body));
        }
    }

    fn mass_cancel_command(
        &self,
        request: &OrderMassCancelRequest<'_>,
        from: &Origin<'_>,
    ) -> Result<MassCancel, Reject> {
        let cl_ord_id = order::cl_ord_id(request.cl_ord_id).ok_or(Reject::BadClOrdId)?;
        let Selection { by, instrument, side, account } =
            self.selection((request.kind, request.symbol), request.side, request.account, from)?;
        let head = from.head.with_kind(Kind::MassCancel).with_account(account).with_instrument(instrument);
        let head = from.for_selected(by, head);
        Ok(MassCancel { head, cl_ord_id, by, side, reserved: [0; 2] })
    }

    /// The orders of the session that a request about many of them means: `what` is its type and Symbol (55).
    pub(super) fn selection(
        &self,
        what: (u8, Option<&[u8]>),
        side: Option<Coded<Side>>,
        account: Option<&[u8]>,
        from: &Origin<'_>,
    ) -> Result<Selection, Reject> {
        let mut by = MassCancel::SESSION;
        let instrument = match what {
            (b'1', Some(symbol)) => {
                by |= MassCancel::INSTRUMENT;
                self.instrument(symbol).ok_or(Reject::UnknownInstrument)?.id
            }
            (b'7', _) => InstrumentId(0),
            _ => return Err(Reject::UnsupportedOrder),
        };
        let side = match side {
            None => Side::Buy,
            Some(side) => {
                by |= MassCancel::SIDE;
                // No order here has another side than those that are offered.
                side.value.ok_or(Reject::UnsupportedOrder)?
            }
        };
        let account = self.account_of(account, &mut by, from)?;
        Ok(Selection { by, instrument, side, account })
    }

    /// Takes quotes of the session off: one command, and one answer, for each instrument named.
    pub(super) fn quote_cancel(&self, request: &QuoteCancel<'_>, from: &mut Origin<'_>) {
        if let Err(reject) = self.quote_cancel_commands(request, from) {
            let refused = self.refused(reject, b"", from);
            from.session.send(from.head.rx, b"b", from.output, |body| refused.quote_cancel(request, body));
        }
    }

    fn quote_cancel_commands(&self, request: &QuoteCancel<'_>, from: &mut Origin<'_>) -> Result<(), Reject> {
        let cl_ord_id = order::cl_ord_id(request.quote_id).ok_or(Reject::BadClOrdId)?;
        let mut by = MassCancel::SESSION | MassCancel::QUOTES;
        let account = self.account_of(request.account, &mut by, from)?;
        let mut instruments = [InstrumentId(0); MASS_QUOTE_ENTRIES_MAX];
        let count = match request.kind {
            b'1' => {
                by |= MassCancel::INSTRUMENT;
                for (instrument, symbol) in instruments.iter_mut().zip(request.symbols()) {
                    *instrument = self.instrument(symbol).ok_or(Reject::UnknownInstrument)?.id;
                }
                request.symbols().len()
            }
            b'4' => {
                let head = from.head.with_kind(Kind::MassCancel).with_account(account);
                let head = from.for_selected(by, head);
                let command = MassCancel { head, cl_ord_id, by, side: Side::Buy, reserved: [0; 2] };
                return from.send_all((What::Cancel, cl_ord_id), &head, &command);
            }
            _ => return Err(Reject::UnsupportedOrder),
        };
        for (&instrument, left) in instruments[..count].iter().zip((1..=count as u64).rev()) {
            let head =
                from.head.with_kind(Kind::MassCancel).with_account(account).with_instrument(instrument);
            let command = MassCancel { head, cl_ord_id, by, side: Side::Buy, reserved: [0; 2] };
            from.send_first(from.links.serving().of(instrument), &command, left)?;
        }
        Ok(())
    }

    /// The account that a request about many orders names; of none, those of all accounts are meant.
    pub(super) fn account_of(
        &self,
        name: Option<&[u8]>,
        by: &mut u8,
        from: &Origin<'_>,
    ) -> Result<AccountId, Reject> {
        if name.is_some() {
            *by |= MassCancel::ACCOUNT;
        }
        self.entitled(name, from)
    }

    /// A mass quote.
    pub(super) fn mass_quote(&self, request: &MassQuote<'_>, from: &mut Origin<'_>) {
        if let Err((reject, entry)) = self.mass_quote_command(request, from) {
            let refused = self.refused(reject, b"", from);
            from.session
                .send(from.head.rx, b"b", from.output, |body| refused.mass_quote(request, entry, body));
        }
    }

    /// Sends it, or says why not and which entry is to blame, from 1; 0 for none.
    fn mass_quote_command(
        &self,
        request: &MassQuote<'_>,
        from: &mut Origin<'_>,
    ) -> Result<(), (Reject, usize)> {
        let whole = |reject| (reject, 0);
        if self.draining {
            return Err(whole(Reject::Draining));
        }
        let quote_id = order::cl_ord_id(request.quote_id).ok_or(whole(Reject::BadClOrdId))?;
        let account = self.entitled(request.account, from).map_err(whole)?;
        let head =
            from.head.with_kind(Kind::MassQuote).with_account(account).with_instrument(InstrumentId(0));
        let head = if request.entries().is_empty() { from.links.head_for_all(head) } else { head };
        let mut command = Command::default();
        command.put(&head);
        command.put::<ClOrdId>(&quote_id);
        command.put(&if request.reset { wire::command::MassQuoteBody::RESET } else { 0 });
        let mut shard = None;
        for (number, entry) in (1..).zip(request.entries()) {
            let of_entry = |reject| (reject, number);
            let entry = self.quote_entry(entry).map_err(of_entry)?;
            let own = from.links.serving().of(entry.instrument);
            if *shard.get_or_insert(own) != own {
                return Err(of_entry(Reject::AcrossShards));
            }
            command.put(&entry);
        }
        let sent = match shard {
            Some(shard) => from.send_first(shard, command.bytes(), 1),
            None => from.send_all((What::ResetAll, quote_id), &head, command.bytes()),
        };
        sent.map_err(whole)
    }

    fn quote_entry(&self, entry: &mass::Entry<'_>) -> Result<QuoteEntry, Reject> {
        let instrument = self.instrument(entry.symbol).ok_or(Reject::UnknownInstrument)?;
        let ticks = |price: Option<_>| price.map_or(Ticks(0), |price| instrument.ticks(price));
        let lots = |size: Option<_>| size.map_or(Lots(0), |size| instrument.lots(size));
        Ok(QuoteEntry {
            instrument: instrument.id,
            reserved: 0,
            bid: ticks(entry.bid),
            bid_quantity: lots(entry.bid_size),
            offer: ticks(entry.offer),
            offer_quantity: lots(entry.offer_size),
        })
    }
}

impl Origin<'_> {
    /// `head` of a command about the orders that the bits of `by` select: of one instrument, or of any.
    pub(super) const fn for_selected(&self, by: u8, head: Head) -> Head {
        if by & MassCancel::INSTRUMENT == 0 { self.links.head_for_all(head) } else { head }
    }
}

/// A command of a length of its own, put together part by part.
struct Command {
    bytes: [u8; COMMAND_MESSAGE_BYTES_MAX],
    len: usize,
}

impl Default for Command {
    fn default() -> Self {
        Command { bytes: [0; COMMAND_MESSAGE_BYTES_MAX], len: 0 }
    }
}

impl Command {
    /// Adds a part; there is room for a mass quote with all the entries that one can have.
    fn put<T: IntoBytes + zerocopy::Immutable>(&mut self, part: &T) {
        let bytes = part.as_bytes();
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
