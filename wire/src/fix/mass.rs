//! Requests about many orders at once: OrderMassCancelRequest (q), MassQuote (i) and QuoteCancel (Z), read; and their
//! answers, OrderMassCancelReport (r) and MassQuoteAcknowledgement (b), written.

mod answers;

pub(super) use answers::{mass_cancel_report, quote_acknowledgement};

use super::{
    dictionary::slot,
    message::{Field, Message},
    order::Coded,
    refusal::{BusinessReject, Refusal, SessionReject, SessionRejectReason as Why},
    value,
    walk::bits,
};
use crate::{decimal::Number, limits::MASS_QUOTE_ENTRIES_MAX, types::Side};

/// OrderMassCancelRequest (q).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderMassCancelRequest<'b> {
    /// ClOrdID (11) of the request.
    pub cl_ord_id: &'b [u8],
    /// MassCancelRequestType (530): `1` of a symbol and `7` all are offered.
    pub kind: u8,
    /// Symbol (55); there is one where `kind` is `1`.
    pub symbol: Option<&'b [u8]>,
    /// Side (54).
    pub side: Option<Coded<Side>>,
    /// Account (1), which FIX 4.4 does not have here.
    pub account: Option<&'b [u8]>,
}

/// MassQuote (i).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MassQuote<'b> {
    /// QuoteID (117).
    pub quote_id: &'b [u8],
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// MMProtectionReset (9773) is Y.
    pub reset: bool,
    entries: [Entry<'b>; MASS_QUOTE_ENTRIES_MAX],
    count: usize,
}

/// What a mass quote says of one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry<'b> {
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// BidPx (132).
    pub bid: Option<Number>,
    /// BidSize (134).
    pub bid_size: Option<Number>,
    /// OfferPx (133).
    pub offer: Option<Number>,
    /// OfferSize (135).
    pub offer_size: Option<Number>,
}

/// QuoteCancel (Z).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteCancel<'b> {
    /// QuoteID (117).
    pub quote_id: &'b [u8],
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// QuoteCancelType (298): `1` of symbols and `4` all are offered.
    pub kind: u8,
    symbols: [&'b [u8]; MASS_QUOTE_ENTRIES_MAX],
    count: usize,
}

impl<'b> OrderMassCancelRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"q";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        const READ: u64 = bits(&[
            slot::CL_ORD_ID,
            slot::ACCOUNT,
            slot::SYMBOL,
            slot::SIDE,
            slot::TRANSACT_TIME,
            slot::MASS_CANCEL_REQUEST_TYPE,
        ]);
        let mut walk = message.walk();
        message.walk_by(&mut walk, Self::MSG_TYPE, READ, &mut |_| Ok(()))?;
        let request = OrderMassCancelRequest {
            cl_ord_id: walk.required_text(slot::CL_ORD_ID),
            kind: walk.required_code(slot::MASS_CANCEL_REQUEST_TYPE),
            symbol: walk.text(slot::SYMBOL),
            side: walk.code(slot::SIDE).map(|code| Coded { code, value: Side::from_fix(code) }),
            account: walk.text(slot::ACCOUNT),
        };
        walk.required_time(slot::TRANSACT_TIME);
        walk.verdict()?;
        if request.kind == b'1' && request.symbol.is_none() {
            return Err(BusinessReject::conditional(55).into());
        }
        Ok(request)
    }
}

impl<'b> MassQuote<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"i";
    /// The tag of MMProtectionReset, which is not one of FIX.
    pub const RESET_TAG: u32 = 9773;

    /// What is said of each instrument.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'b>] {
        &self.entries[..self.count]
    }

    /// The mass quote in `message`. Its entries are numbered from 1 on in QuoteEntryID (299), whatever their sets,
    /// so that an answer can point at one of them.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it, or has more entries than [`MASS_QUOTE_ENTRIES_MAX`].
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        const READ: u64 = bits(&[slot::QUOTE_ID, slot::ACCOUNT, slot::MM_PROTECTION_RESET]);
        let mut entries = [Entry::default(); MASS_QUOTE_ENTRIES_MAX];
        let mut count = 0_usize;
        let mut walk = message.walk();
        message.walk_by(&mut walk, Self::MSG_TYPE, READ, &mut |field| {
            match field.tag {
                296 | 295 => number_in_group(field)?,
                299 => {
                    count += 1;
                    if count > MASS_QUOTE_ENTRIES_MAX {
                        return Err(field.wrong(Why::IncorrectNumInGroup));
                    }
                    if value::unsigned(field.value) != Some(count as u64) {
                        return Err(field.wrong(Why::ValueIncorrect));
                    }
                }
                tag => {
                    let Some(entry) = count.checked_sub(1).and_then(|at| entries.get_mut(at)) else {
                        return Ok(());
                    };
                    // What is twice in an entry, or no number, is a fault that the walk notes.
                    match tag {
                        55 => entry.symbol = field.value,
                        132 => entry.bid = Number::parse(field.value),
                        133 => entry.offer = Number::parse(field.value),
                        134 => entry.bid_size = Number::parse(field.value),
                        135 => entry.offer_size = Number::parse(field.value),
                        _ => {}
                    }
                }
            }
            Ok(())
        })?;
        let quote_id = walk.required_text(slot::QUOTE_ID);
        let account = walk.text(slot::ACCOUNT);
        let reset = walk.read(slot::MM_PROTECTION_RESET, value::boolean).unwrap_or_default();
        walk.verdict()?;
        for entry in &entries[..count] {
            if entry.symbol.is_empty() {
                return Err(SessionReject::about(Why::RequiredTagMissing, 55).into());
            }
            for (price, size, tag) in [(entry.bid, entry.bid_size, 134), (entry.offer, entry.offer_size, 135)]
            {
                if price.is_some() && size.is_none() {
                    return Err(BusinessReject::conditional(tag).into());
                }
            }
        }
        Ok(MassQuote { quote_id, account, reset, entries, count })
    }
}

impl<'b> QuoteCancel<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"Z";

    /// The instruments named.
    #[must_use]
    pub fn symbols(&self) -> &[&'b [u8]] {
        &self.symbols[..self.count]
    }

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it, or names more instruments than [`MASS_QUOTE_ENTRIES_MAX`].
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        const READ: u64 = bits(&[slot::QUOTE_ID, slot::ACCOUNT, slot::QUOTE_CANCEL_TYPE]);
        let mut symbols: [&[u8]; MASS_QUOTE_ENTRIES_MAX] = [&[]; MASS_QUOTE_ENTRIES_MAX];
        let mut count = 0_usize;
        let mut walk = message.walk();
        message.walk_by(&mut walk, Self::MSG_TYPE, READ, &mut |field| {
            match field.tag {
                295 => number_in_group(field)?,
                55 => {
                    *symbols.get_mut(count).ok_or(field.wrong(Why::IncorrectNumInGroup))? = field.value;
                    count += 1;
                }
                _ => {}
            }
            Ok(())
        })?;
        let quote_id = walk.required_text(slot::QUOTE_ID);
        let account = walk.text(slot::ACCOUNT);
        let kind = walk.required_code(slot::QUOTE_CANCEL_TYPE);
        walk.verdict()?;
        if kind == b'1' && count == 0 {
            return Err(BusinessReject::conditional(295).into());
        }
        Ok(QuoteCancel { quote_id, account, kind, symbols, count })
    }
}

/// A counter of more entries than are taken is refused before they are counted.
fn number_in_group(field: &Field<'_>) -> Result<(), SessionReject> {
    match value::unsigned(field.value) {
        Some(number) if number > MASS_QUOTE_ENTRIES_MAX as u64 => Err(field.wrong(Why::IncorrectNumInGroup)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
