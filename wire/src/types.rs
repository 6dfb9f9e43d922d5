//! Units and identifiers. Each is a type of its own, so that a price cannot be handed in for a quantity.
//!
//! All of them have a fixed layout: they stand in ring messages as they are.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

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

    /// The name without its padding.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let len = self.0.iter().position(|&b| b == 0).unwrap_or(Self::MAX);
        &self.0[..len]
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
    }
);

coded!(
    /// FIX TimeInForce (59).
    TimeInForce {
        /// Until the session's close.
        Day = b'0',
        /// Until cancelled.
        Gtc = b'1',
        /// Fills what it can at once, the rest is cancelled.
        Ioc = b'3',
        /// Fills wholly at once or not at all.
        Fok = b'4',
    }
);

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
