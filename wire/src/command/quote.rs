//! Mass quotes and market-maker protection.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::Head;
use crate::types::{ClOrdId, InstrumentId, Lots, Ticks};

/// Replace the head's account's quotes in the instruments named, all of them or, if anything is wrong, none.
///
/// The one command of no fixed length: as many entries follow as the message has room for, up to
/// [`crate::limits::MASS_QUOTE_ENTRIES_MAX`].
#[derive(Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct MassQuoteBody {
    /// The client's name of the message (FIX QuoteID, 117), which its orders bear as their ClOrdID.
    pub quote_id: ClOrdId,
    /// [`MassQuoteBody::RESET`], or zero.
    pub flags: u32,
    /// The instruments, each at most once.
    pub entries: [QuoteEntry],
}

impl MassQuoteBody {
    /// First reset the market-maker protection of every group of which an entry names an instrument; without
    /// entries, of every group of the account.
    pub const RESET: u32 = 1;
}

/// A mass quote as it stands in a ring: a [`Head`], then a [`MassQuoteBody`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MassQuote<'a> {
    /// [`super::Kind::MassQuote`].
    pub head: &'a Head,
    /// What is quoted.
    pub body: &'a MassQuoteBody,
}

/// The two sides of one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct QuoteEntry {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Zero.
    pub reserved: u32,
    /// Price of the bid; zero with a quantity of zero.
    pub bid: Ticks,
    /// Quantity of the bid; zero is no bid.
    pub bid_quantity: Lots,
    /// Price of the offer; zero with a quantity of zero.
    pub offer: Ticks,
    /// Quantity of the offer; zero is no offer.
    pub offer_quantity: Lots,
}

/// The limits of market-maker protection for the head's account in a group of instruments. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetProtection {
    /// [`super::Kind::SetProtection`].
    pub head: Head,
    /// The group ([`super::InstrumentTerms::group`]).
    pub group: u32,
    /// Fills within the window that are one too many: 1 to [`crate::limits::PROTECTION_FILLS_MAX`]; 0 takes
    /// the protection away.
    pub fills: u32,
    /// Lots filled within the window that are too many; 0 is no limit.
    pub quantity: Lots,
    /// The window, in nanoseconds, above zero.
    pub window_ns: u64,
}

/// Let the head's account quote again in a group that its protection has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ResetProtection {
    /// [`super::Kind::ResetProtection`].
    pub head: Head,
    /// The group.
    pub group: u32,
    /// Zero.
    pub reserved: u32,
}
