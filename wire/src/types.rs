//! Units and identifiers. Each is a type of its own, so that a price cannot be handed in for a quantity.
//!
//! All of them have a fixed layout: they stand in ring messages as they are.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// The shard whose engine has given out `id`, of an order, a trade or an event: it stands in the top eight bits, so that each id
/// is one of its own in the whole venue.
#[must_use]
pub const fn shard_of(id: u64) -> u8 {
    id.to_be_bytes()[0]
}

/// The number that comes before the first id which the engine of `shard` gives out.
#[must_use]
pub const fn before_ids_of(shard: u8) -> u64 {
    (shard as u64) << 56
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            FromBytes, IntoBytes, Immutable, KnownLayout,
        )]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A price in ticks of the instrument; the tick size lives in [`crate::instrument::Instrument`].
    ///
    /// Two values stand for prices that could not be expressed, so that the matcher, which alone knows the
    /// order of the checks, can give the reason: [`Ticks::OFF_TICK`] and [`Ticks::OUT_OF_RANGE`].
    Ticks(i64)
);
number!(
    /// A quantity in lots of the instrument, with [`Lots::OFF_LOT`] and [`Lots::OUT_OF_RANGE`] as for prices.
    Lots(u64)
);
number!(
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    Nanos(u64)
);
number!(
    /// An instrument's place in the configuration.
    InstrumentId(u32)
);
number!(
    /// An account's place in the configuration.
    AccountId(u32)
);
number!(
    /// An asset's place in the configuration.
    AssetId(u32)
);
number!(
    /// A session's place in the configuration.
    SessionId(u32)
);
number!(
    /// The venue's name of an order: strictly increasing in order of acceptance, from 1; 0 is no order.
    OrderId(u64)
);
number!(
    /// The venue's name of a trade: strictly increasing, from 1; 0 is no trade. Maker's and taker's fills share it.
    TradeId(u64)
);
number!(
    /// A command's place in the venue's one sequence, from 1.
    SeqNo(u64)
);

impl Ticks {
    /// The price given was not a multiple of the tick.
    pub const OFF_TICK: Ticks = Ticks(i64::MIN);
    /// The price given does not fit the venue's range.
    pub const OUT_OF_RANGE: Ticks = Ticks(i64::MIN + 1);
}

impl Lots {
    /// The quantity given was not a multiple of the lot.
    pub const OFF_LOT: Lots = Lots(u64::MAX);
    /// The quantity given was negative, or does not fit the venue's range.
    pub const OUT_OF_RANGE: Lots = Lots(u64::MAX - 1);
    /// Nothing.
    pub const ZERO: Lots = Lots(0);
}

impl Nanos {
    /// This instant and `nanos` more, at most the end of time.
    #[must_use]
    pub const fn after(self, nanos: u64) -> Nanos {
        Nanos(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this instant; 0 if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Nanos) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A client's own name of an order (FIX ClOrdID, tag 11): 1 to 36 bytes, none of them zero, padded with zeros.
/// All zeros is no name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct ClOrdId([u8; ClOrdId::MAX]);

impl ClOrdId {
    /// Bytes a ClOrdID may have.
    pub const MAX: usize = 36;
    /// No name.
    pub const NONE: ClOrdId = ClOrdId([0; Self::MAX]);

    /// The name in `bytes`; `None` if it is empty, longer than [`ClOrdId::MAX`], or holds a zero byte.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<ClOrdId> {
        if bytes.is_empty() || bytes.len() > Self::MAX || bytes.contains(&0) {
            return None;
        }
        let mut name = [0; Self::MAX];
        name[..bytes.len()].copy_from_slice(bytes);
        Some(ClOrdId(name))
    }

    /// The name in `padded`; `None` if that is not printable ASCII and then zeros, or zeros alone.
    ///
    /// Without branches on bytes, so that it is done for many at a time.
    #[inline]
    #[must_use]
    pub fn from_padded(padded: [u8; Self::MAX]) -> Option<ClOrdId> {
        let is_text = |byte: u8| byte == 0 || byte.wrapping_sub(b' ') <= b'~' - b' ';
        let text = padded.iter().fold(true, |all, &byte| all & is_text(byte));
        let (before, after) = (&padded[..Self::MAX - 1], &padded[1..]);
        let gap =
            before.iter().zip(after).fold(false, |any, (&byte, &next)| any | ((byte == 0) & (next != 0)));
        (text & !gap & (padded[0] != 0)).then_some(ClOrdId(padded))
    }

    /// The name without its padding.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0[..self.length()]
    }

    /// Bytes of the name without its padding.
    #[inline]
    #[must_use]
    pub const fn length(&self) -> usize {
        // Zeros stand at the end only: of a word, they are its high bytes.
        let (words, _) = self.0.as_chunks::<4>();
        let mut at = 0;
        while at < words.len() {
            let zeros = u32::from_le_bytes(words[at]).leading_zeros() as usize / 8;
            if zeros > 0 {
                return 4 * at + 4 - zeros;
            }
            at += 1;
        }
        Self::MAX
    }

    /// The name with its padding: what to hash and compare.
    #[must_use]
    pub const fn padded(&self) -> &[u8; Self::MAX] {
        &self.0
    }

    /// Whether this is no name.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0[0] == 0
    }
}

impl Default for ClOrdId {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for ClOrdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bytes().escape_ascii())
    }
}

impl fmt::Display for ClOrdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bytes().escape_ascii())
    }
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $value:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            TryFromBytes, IntoBytes, Immutable, KnownLayout,
        )]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $value),+ }

        impl $name {
            /// Every value, in order of its code.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The value that the FIX character `code` stands for.
            #[must_use]
            pub const fn from_fix(code: u8) -> Option<Self> {
                match code { $($value => Some(Self::$variant),)+ _ => None }
            }

            /// The FIX character of this value.
            #[must_use]
            pub const fn fix(self) -> u8 {
                self as u8
            }
        }
    };
}

coded!(
    /// FIX Side (54).
    Side {
        /// Buys the base asset.
        Buy = b'1',
        /// Sells the base asset.
        Sell = b'2',
    }
);

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

coded!(
    /// FIX OrdType (40).
    OrderType {
        /// Walks the book up to the band; what is left is cancelled.
        Market = b'1',
        /// Never trades beyond its price.
        Limit = b'2',
        /// Waits off the book for its stop price, then becomes a market order.
        Stop = b'3',
        /// Waits off the book for its stop price, then becomes a limit order.
        StopLimit = b'4',
        /// A stop whose price follows the market at a distance (FIX: pegged, with ExecInst `a`).
        TrailingStop = b'P',
    }
);

impl OrderType {
    /// Whether it waits off the book for a stop price.
    #[must_use]
    pub const fn is_stop(self) -> bool {
        matches!(self, OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop)
    }

    /// Whether it has a limit price.
    #[must_use]
    pub const fn has_price(self) -> bool {
        matches!(self, OrderType::Limit | OrderType::StopLimit)
    }

    /// What a stop becomes once it is triggered; other types stay what they are.
    #[must_use]
    pub const fn triggered(self) -> OrderType {
        if self.has_price() { OrderType::Limit } else { OrderType::Market }
    }
}

coded!(
    /// FIX TimeInForce (59).
    TimeInForce {
        /// Until the session's close.
        Day = b'0',
        /// Until cancelled.
        Gtc = b'1',
        /// In the opening auction only.
        AtTheOpening = b'2',
        /// Fills what it can at once, the rest is cancelled.
        Ioc = b'3',
        /// Fills wholly at once or not at all.
        Fok = b'4',
        /// Until its expire time.
        Gtd = b'6',
        /// In the closing auction only.
        AtTheClose = b'7',
    }
);

impl TimeInForce {
    /// Whether an order with it may stand in the book while trading is continuous.
    #[must_use]
    pub const fn rests(self) -> bool {
        matches!(self, TimeInForce::Day | TimeInForce::Gtc | TimeInForce::Gtd)
    }
}

coded!(
    /// FIX OrdStatus (39).
    OrderStatus {
        /// Open, nothing filled.
        New = b'0',
        /// Open, something filled.
        PartiallyFilled = b'1',
        /// Ended: all of it filled.
        Filled = b'2',
        /// Ended: cancelled, on request or by its own terms.
        Canceled = b'4',
        /// Never accepted, or not known.
        Rejected = b'8',
    }
);

/// What happens when an order meets another one of its own account; the incoming order's mode decides.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum SelfTrade {
    /// What is left of the incoming order is cancelled.
    CancelNewest = 1,
    /// The resting order is cancelled and matching goes on.
    CancelOldest = 2,
    /// Both are cancelled.
    CancelBoth = 3,
    /// Both are reduced by the smaller remaining quantity, and the one at zero is cancelled.
    Decrement = 4,
    /// They trade.
    None = 5,
}

impl SelfTrade {
    /// Every mode, in order of its code.
    pub const ALL: &'static [SelfTrade] =
        &[Self::CancelNewest, Self::CancelOldest, Self::CancelBoth, Self::Decrement, Self::None];
}

/// What an instrument's market does with orders.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    TryFromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(u8)]
pub enum TradingState {
    /// Orders match as they come.
    #[default]
    Continuous = 0,
    /// Orders rest and none match; market orders are refused.
    PreOpen = 1,
    /// Orders are called for the opening auction; leaving the state uncrosses the book.
    OpeningAuction = 2,
    /// As the opening auction, because a trade would have left the dynamic band.
    VolatilityAuction = 3,
    /// As the opening auction, for the close.
    ClosingAuction = 4,
    /// Cancels only; day orders have expired.
    Closed = 5,
    /// Cancels only.
    Halted = 6,
}

impl TradingState {
    /// Every state, in order of its code.
    pub const ALL: &'static [TradingState] = &[
        Self::Continuous,
        Self::PreOpen,
        Self::OpeningAuction,
        Self::VolatilityAuction,
        Self::ClosingAuction,
        Self::Closed,
        Self::Halted,
    ];

    /// Whether orders are collected for an auction.
    #[must_use]
    pub const fn is_auction(self) -> bool {
        matches!(self, Self::OpeningAuction | Self::VolatilityAuction | Self::ClosingAuction)
    }
}
