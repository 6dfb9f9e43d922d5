//! Requests about many orders at once: OrderMassCancelRequest (q), MassQuote (i) and QuoteCancel (Z), read; and their
//! answers, OrderMassCancelReport (r) and MassQuoteAcknowledgement (b), written.

mod answers;

pub(super) use answers::{mass_cancel_report, quote_acknowledgement};

use super::{
    dictionary::{self, Tags},
    message::{Field, Message},
    order::Coded,
    refusal::{BusinessReject, BusinessRejectReason, Refusal, SessionReject, SessionRejectReason as Why},
    value,
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
        let (mut cl_ord_id, mut kind, mut symbol, mut side, mut account, mut time) =
            (None, None, None, None, None, None);
        walk(message, &dictionary::ORDER_MASS_CANCEL_REQUEST, |field| {
            match field.tag {
                1 => field.once(&mut account)?,
                11 => field.once(&mut cl_ord_id)?,
                55 => field.once(&mut symbol)?,
                54 => {
                    field.once(&mut side)?;
                    one_of(field, |c| matches!(c, b'1'..=b'9' | b'A'..=b'G'))?;
                }
                530 => {
                    field.once(&mut kind)?;
                    one_of(field, |c| matches!(c, b'1'..=b'7'))?;
                }
                60 => {
                    field.once(&mut time)?;
                    value::timestamp(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                }
                _ => {}
            }
            Ok(())
        })?;
        let kind = required(kind, 530)?[0];
        required(time, 60)?;
        if kind == b'1' && symbol.is_none() {
            return Err(conditional(55).into());
        }
        Ok(OrderMassCancelRequest {
            cl_ord_id: required(cl_ord_id, 11)?,
            kind,
            symbol,
            side: side.map(|code: &[u8]| Coded { code: code[0], value: Side::from_fix(code[0]) }),
            account,
        })
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
        let (mut quote_id, mut account, mut reset, mut sets) = (None, None, None, None);
        let mut entries = [Entry::default(); MASS_QUOTE_ENTRIES_MAX];
        let (mut count, mut set_ids, mut wanted) = (0_usize, 0_u64, 0_u64);
        walk(message, &dictionary::MASS_QUOTE, |field| {
            match field.tag {
                117 => return field.once(&mut quote_id),
                1 => return field.once(&mut account),
                Self::RESET_TAG => {
                    field.once(&mut reset)?;
                    value::boolean(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                    return Ok(());
                }
                296 => {
                    field.once(&mut sets)?;
                    number_in_group(field)?;
                    return Ok(());
                }
                302 => set_ids += 1,
                295 => wanted += number_in_group(field)?,
                299 => {
                    count += 1;
                    if count > MASS_QUOTE_ENTRIES_MAX {
                        return Err(field.wrong(Why::IncorrectNumInGroup));
                    }
                    if value::unsigned(field.value) != Some(count as u64) {
                        return Err(field.wrong(Why::ValueIncorrect));
                    }
                }
                55 | 132..=135 => {
                    let entry = count.checked_sub(1).and_then(|at| entries.get_mut(at));
                    let entry = entry.ok_or(field.wrong(Why::GroupOutOfOrder))?;
                    let slot = match field.tag {
                        55 if entry.symbol.is_empty() => {
                            entry.symbol = field.value;
                            return Ok(());
                        }
                        132 => &mut entry.bid,
                        133 => &mut entry.offer,
                        134 => &mut entry.bid_size,
                        135 => &mut entry.offer_size,
                        _ => return Err(field.wrong(Why::TagAppearsMoreThanOnce)),
                    };
                    let number = Number::parse(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                    if slot.replace(number).is_some() {
                        return Err(field.wrong(Why::TagAppearsMoreThanOnce));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let quote_id = required(quote_id, 117)?;
        let sets = value::unsigned(required(sets, 296)?).unwrap_or_default();
        if set_ids != sets {
            return Err(SessionReject::about(Why::IncorrectNumInGroup, 296).into());
        }
        if wanted != count as u64 {
            return Err(SessionReject::about(Why::IncorrectNumInGroup, 295).into());
        }
        for entry in &entries[..count] {
            if entry.symbol.is_empty() {
                return Err(SessionReject::about(Why::RequiredTagMissing, 55).into());
            }
            for (price, size, tag) in [(entry.bid, entry.bid_size, 134), (entry.offer, entry.offer_size, 135)]
            {
                if price.is_some() && size.is_none() {
                    return Err(conditional(tag).into());
                }
            }
        }
        Ok(MassQuote { quote_id, account, reset: reset == Some(b"Y"), entries, count })
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
        let (mut quote_id, mut account, mut kind, mut entries) = (None, None, None, None);
        let mut symbols: [&[u8]; MASS_QUOTE_ENTRIES_MAX] = [&[]; MASS_QUOTE_ENTRIES_MAX];
        let mut count = 0_usize;
        walk(message, &dictionary::QUOTE_CANCEL, |field| {
            match field.tag {
                117 => field.once(&mut quote_id)?,
                1 => field.once(&mut account)?,
                298 => {
                    field.once(&mut kind)?;
                    one_of(field, |c| matches!(c, b'1'..=b'4'))?;
                }
                295 => {
                    field.once(&mut entries)?;
                    number_in_group(field)?;
                }
                55 => {
                    *symbols.get_mut(count).ok_or(field.wrong(Why::IncorrectNumInGroup))? = field.value;
                    count += 1;
                }
                _ => {}
            }
            Ok(())
        })?;
        let quote_id = required(quote_id, 117)?;
        let kind = required(kind, 298)?[0];
        let wanted = entries.and_then(value::unsigned).unwrap_or_default();
        if wanted != count as u64 {
            return Err(SessionReject::about(Why::IncorrectNumInGroup, 295).into());
        }
        if kind == b'1' && count == 0 {
            return Err(conditional(295).into());
        }
        Ok(QuoteCancel { quote_id, account, kind, symbols, count })
    }
}

/// Gives each field of the body that has a place there to `take`, and users' own.
fn walk<'b>(
    message: &Message<'b>,
    allowed: &Tags,
    mut take: impl FnMut(&Field<'b>) -> Result<(), SessionReject>,
) -> Result<(), SessionReject> {
    let mut fields = message.body();
    let mut trailer = false;
    while let Some(field) = fields.next_field()? {
        if !allowed.has(field.tag) || trailer {
            trailer |= dictionary::stranger(field.tag, trailer)?;
        }
        take(&field)?;
        if dictionary::is_length(field.tag) {
            fields.data_follows(&field)?;
        }
    }
    Ok(())
}

fn one_of(field: &Field<'_>, known: impl Fn(u8) -> bool) -> Result<(), SessionReject> {
    match *field.value {
        [code] if known(code) => Ok(()),
        [_] => Err(field.wrong(Why::ValueIncorrect)),
        _ => Err(field.wrong(Why::IncorrectDataFormat)),
    }
}

fn number_in_group(field: &Field<'_>) -> Result<u64, SessionReject> {
    value::unsigned(field.value)
        .filter(|&number| number <= MASS_QUOTE_ENTRIES_MAX as u64)
        .ok_or(field.wrong(Why::IncorrectNumInGroup))
}

fn required(value: Option<&[u8]>, tag: u32) -> Result<&[u8], SessionReject> {
    value.ok_or_else(|| SessionReject::about(Why::RequiredTagMissing, tag))
}

fn conditional(tag: u32) -> BusinessReject {
    BusinessReject { reason: BusinessRejectReason::ConditionallyRequiredFieldMissing, tag: Some(tag) }
}

#[cfg(test)]
mod tests;
