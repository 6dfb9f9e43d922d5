//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.
//!
//! Decimals, sets and coded values.

use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes,
    little_endian::{I64, U16, U64},
};

use super::field::{Field, Nullable, Value};
pub use crate::command::Scope;
pub use crate::event::Cause;
pub use crate::event::Liquidity;
use crate::reject::Reject;
pub use crate::types::OrderStatus;
pub use crate::types::OrderType;
pub use crate::types::Side;
pub use crate::types::TimeInForce;
pub use crate::types::TradingState;

/// A price, in the quote asset for one unit of the base asset: its mantissa, × 10^-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct Price(I64);
impl Price {
    /// The power of ten that the mantissa counts.
    pub const EXPONENT: i8 = -8;
    /// `mantissa` × 10^-8.
    #[must_use]
    pub const fn new(mantissa: i64) -> Self {
        Self(I64::new(mantissa))
    }
    /// What it counts in units of 10^-8.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.0.get()
    }
}
impl Field for Price {
    fn value(&self) -> Value<'_> {
        Value::Number(self.mantissa().into())
    }
}
impl Nullable for Price {
    const NULL: Self = Self::new(i64::MIN);
    type Read = Self;
    #[inline]
    fn read(self) -> Self {
        self
    }
    #[inline]
    fn write(value: Self) -> Self {
        value
    }
}

/// A quantity of the base asset: its mantissa, × 10^-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct Quantity(U64);
impl Quantity {
    /// The power of ten that the mantissa counts.
    pub const EXPONENT: i8 = -8;
    /// `mantissa` × 10^-8.
    #[must_use]
    pub const fn new(mantissa: u64) -> Self {
        Self(U64::new(mantissa))
    }
    /// What it counts in units of 10^-8.
    #[must_use]
    pub const fn mantissa(self) -> u64 {
        self.0.get()
    }
}
impl Field for Quantity {
    fn value(&self) -> Value<'_> {
        Value::Number(self.mantissa().into())
    }
}
impl Nullable for Quantity {
    const NULL: Self = Self::new(u64::MAX);
    type Read = Self;
    #[inline]
    fn read(self) -> Self {
        self
    }
    #[inline]
    fn write(value: Self) -> Self {
        value
    }
}

/// An amount of the quote asset: its mantissa, × 10^-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct Amount(U64);
impl Amount {
    /// The power of ten that the mantissa counts.
    pub const EXPONENT: i8 = -8;
    /// `mantissa` × 10^-8.
    #[must_use]
    pub const fn new(mantissa: u64) -> Self {
        Self(U64::new(mantissa))
    }
    /// What it counts in units of 10^-8.
    #[must_use]
    pub const fn mantissa(self) -> u64 {
        self.0.get()
    }
}
impl Field for Amount {
    fn value(&self) -> Value<'_> {
        Value::Number(self.mantissa().into())
    }
}
impl Nullable for Amount {
    const NULL: Self = Self::new(u64::MAX);
    type Read = Self;
    #[inline]
    fn read(self) -> Self {
        self
    }
    #[inline]
    fn write(value: Self) -> Self {
        value
    }
}

/// Price times quantity, exactly: the product of a Price's and a Quantity's mantissas, or a sum of such products, × 10^-16: the low half first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct Notional([U64; 2]);
impl Notional {
    /// The number in two halves.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn new(number: u128) -> Self {
        Self([U64::new(number as u64), U64::new((number >> 64) as u64)])
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> u128 {
        (self.0[1].get() as u128) << 64 | self.0[0].get() as u128
    }
}
impl Field for Notional {
    fn value(&self) -> Value<'_> {
        Value::Wide(self.get())
    }
}

/// An amount of an asset in its smallest units: the low half first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct AssetUnits([U64; 2]);
impl AssetUnits {
    /// The number in two halves.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn new(number: u128) -> Self {
        Self([U64::new(number as u64), U64::new((number >> 64) as u64)])
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> u128 {
        (self.0[1].get() as u128) << 64 | self.0[0].get() as u128
    }
}
impl Field for AssetUnits {
    fn value(&self) -> Value<'_> {
        Value::Wide(self.get())
    }
}

/// An amount of an asset in its smallest units, below zero too: the low half first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct SignedAssetUnits([U64; 2]);
impl SignedAssetUnits {
    /// The number in two halves.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn new(number: i128) -> Self {
        let number = number.cast_unsigned();
        Self([U64::new(number as u64), U64::new((number >> 64) as u64)])
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> i128 {
        ((self.0[1].get() as u128) << 64 | self.0[0].get() as u128).cast_signed()
    }
}
impl Field for SignedAssetUnits {
    fn value(&self) -> Value<'_> {
        Value::Signed(self.get())
    }
}

/// What an order has beyond its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct OrderFlags(pub u8);
impl OrderFlags {
    /// Rejected rather than trade on entry.
    pub const POST_ONLY: u8 = 1;
    /// One side of a mass quote: seen in reports only, an order sent with it is refused.
    pub const QUOTE: u8 = 2;
    /// All bits that have a meaning.
    pub const KNOWN: u8 = 3;
}
impl Field for OrderFlags {
    fn value(&self) -> Value<'_> {
        Value::Bits(self.0, &["PostOnly", "Quote"])
    }
}

/// Which orders a mass cancel selects, beyond its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct MassCancelFlags(pub u8);
impl MassCancelFlags {
    /// Quotes only.
    pub const QUOTES_ONLY: u8 = 1;
    /// Orders of every session, not only of the one it came by; for operators.
    pub const ALL_SESSIONS: u8 = 2;
    /// All bits that have a meaning.
    pub const KNOWN: u8 = 3;
}
impl Field for MassCancelFlags {
    fn value(&self) -> Value<'_> {
        Value::Bits(self.0, &["QuotesOnly", "AllSessions"])
    }
}

/// By what a mass cancel selected orders; no bit: all orders there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct MassCancelScope(pub u8);
impl MassCancelScope {
    /// Orders of the session.
    pub const SESSION: u8 = 1;
    /// Orders for the account.
    pub const ACCOUNT: u8 = 2;
    /// Orders of the instrument.
    pub const INSTRUMENT: u8 = 4;
    /// Orders of one side.
    pub const SIDE: u8 = 8;
    /// Quotes only.
    pub const QUOTES: u8 = 16;
    /// All bits that have a meaning.
    pub const KNOWN: u8 = 31;
}
impl Field for MassCancelScope {
    fn value(&self) -> Value<'_> {
        Value::Bits(self.0, &["Session", "Account", "Instrument", "Side", "Quotes"])
    }
}

/// Shards of the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct ShardSet(pub u8);
impl ShardSet {
    /// Shard 0.
    pub const SHARD0: u8 = 1;
    /// Shard 1.
    pub const SHARD1: u8 = 2;
    /// Shard 2.
    pub const SHARD2: u8 = 4;
    /// Shard 3.
    pub const SHARD3: u8 = 8;
    /// Shard 4.
    pub const SHARD4: u8 = 16;
    /// Shard 5.
    pub const SHARD5: u8 = 32;
    /// Shard 6.
    pub const SHARD6: u8 = 64;
    /// Shard 7.
    pub const SHARD7: u8 = 128;
    /// All bits that have a meaning.
    pub const KNOWN: u8 = 255;
}
impl Field for ShardSet {
    fn value(&self) -> Value<'_> {
        Value::Bits(self.0, &["Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7"])
    }
}

/// What is to be defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes, Default)]
#[repr(transparent)]
pub struct DefinitionKinds(pub u8);
impl DefinitionKinds {
    /// Instruments.
    pub const INSTRUMENTS: u8 = 1;
    /// Assets.
    pub const ASSETS: u8 = 2;
    /// The accounts that the session may trade for, or whose copies it gets.
    pub const ACCOUNTS: u8 = 4;
    /// The sessions whose copies it may get; none to others than drop-copy sessions.
    pub const SESSIONS: u8 = 8;
    /// All bits that have a meaning.
    pub const KNOWN: u8 = 15;
}
impl Field for DefinitionKinds {
    fn value(&self) -> Value<'_> {
        Value::Bits(self.0, &["Instruments", "Assets", "Accounts", "Sessions"])
    }
}

const _: () = {
    assert!(Side::Buy as u8 == b'1');
    assert!(Side::Sell as u8 == b'2');
};
impl Field for Side {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Buy => "Buy",
            Self::Sell => "Sell",
        })
    }
}

/// Which way an order goes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum OptionalSide {
    /// There is none.
    Null = 0,
    /// Buys the base asset.
    Buy = b'1',
    /// Sells the base asset.
    Sell = b'2',
}
impl OptionalSide {
    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub const fn get(self) -> Option<Side> {
        Some(match self {
            Self::Null => return None,
            Self::Buy => Side::Buy,
            Self::Sell => Side::Sell,
        })
    }
}
impl From<Option<Side>> for OptionalSide {
    #[inline]
    fn from(value: Option<Side>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
        }
    }
}
impl Field for OptionalSide {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Buy => Value::Code("Buy"),
            Self::Sell => Value::Code("Sell"),
        }
    }
}

const _: () = {
    assert!(OrderType::Market as u8 == b'1');
    assert!(OrderType::Limit as u8 == b'2');
    assert!(OrderType::Stop as u8 == b'3');
    assert!(OrderType::StopLimit as u8 == b'4');
    assert!(OrderType::TrailingStop as u8 == b'P');
};
impl Field for OrderType {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Market => "Market",
            Self::Limit => "Limit",
            Self::Stop => "Stop",
            Self::StopLimit => "StopLimit",
            Self::TrailingStop => "TrailingStop",
        })
    }
}

const _: () = {
    assert!(TimeInForce::Day as u8 == b'0');
    assert!(TimeInForce::Gtc as u8 == b'1');
    assert!(TimeInForce::AtTheOpening as u8 == b'2');
    assert!(TimeInForce::Ioc as u8 == b'3');
    assert!(TimeInForce::Fok as u8 == b'4');
    assert!(TimeInForce::Gtd as u8 == b'6');
    assert!(TimeInForce::AtTheClose as u8 == b'7');
};
impl Field for TimeInForce {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Day => "Day",
            Self::Gtc => "Gtc",
            Self::AtTheOpening => "AtTheOpening",
            Self::Ioc => "Ioc",
            Self::Fok => "Fok",
            Self::Gtd => "Gtd",
            Self::AtTheClose => "AtTheClose",
        })
    }
}

const _: () = {
    assert!(OrderStatus::New as u8 == b'0');
    assert!(OrderStatus::PartiallyFilled as u8 == b'1');
    assert!(OrderStatus::Filled as u8 == b'2');
    assert!(OrderStatus::Canceled as u8 == b'4');
    assert!(OrderStatus::Rejected as u8 == b'8');
};
impl Field for OrderStatus {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::New => "New",
            Self::PartiallyFilled => "PartiallyFilled",
            Self::Filled => "Filled",
            Self::Canceled => "Canceled",
            Self::Rejected => "Rejected",
        })
    }
}

/// How an order stands, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum OptionalOrderStatus {
    /// There is none.
    Null = 0,
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
impl OptionalOrderStatus {
    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub const fn get(self) -> Option<OrderStatus> {
        Some(match self {
            Self::Null => return None,
            Self::New => OrderStatus::New,
            Self::PartiallyFilled => OrderStatus::PartiallyFilled,
            Self::Filled => OrderStatus::Filled,
            Self::Canceled => OrderStatus::Canceled,
            Self::Rejected => OrderStatus::Rejected,
        })
    }
}
impl From<Option<OrderStatus>> for OptionalOrderStatus {
    #[inline]
    fn from(value: Option<OrderStatus>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value {
            OrderStatus::New => Self::New,
            OrderStatus::PartiallyFilled => Self::PartiallyFilled,
            OrderStatus::Filled => Self::Filled,
            OrderStatus::Canceled => Self::Canceled,
            OrderStatus::Rejected => Self::Rejected,
        }
    }
}
impl Field for OptionalOrderStatus {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::New => Value::Code("New"),
            Self::PartiallyFilled => Value::Code("PartiallyFilled"),
            Self::Filled => Value::Code("Filled"),
            Self::Canceled => Value::Code("Canceled"),
            Self::Rejected => Value::Code("Rejected"),
        }
    }
}

/// What happens when an order meets another one of its own account; the incoming order's mode decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum SelfTrade {
    /// They trade.
    None = b'0',
    /// What is left of the incoming order is cancelled.
    CancelNewest = b'1',
    /// The resting order is cancelled and matching goes on.
    CancelOldest = b'2',
    /// Both are cancelled.
    CancelBoth = b'3',
    /// Both are reduced by the smaller remaining quantity, and the one at zero is cancelled.
    Decrement = b'4',
}
impl Field for SelfTrade {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::None => "None",
            Self::CancelNewest => "CancelNewest",
            Self::CancelOldest => "CancelOldest",
            Self::CancelBoth => "CancelBoth",
            Self::Decrement => "Decrement",
        })
    }
}

/// What happens when an order meets another one of its own account; the incoming order's mode decides, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum OptionalSelfTrade {
    /// There is none.
    Null = 0,
    /// They trade.
    None = b'0',
    /// What is left of the incoming order is cancelled.
    CancelNewest = b'1',
    /// The resting order is cancelled and matching goes on.
    CancelOldest = b'2',
    /// Both are cancelled.
    CancelBoth = b'3',
    /// Both are reduced by the smaller remaining quantity, and the one at zero is cancelled.
    Decrement = b'4',
}
impl OptionalSelfTrade {
    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub const fn get(self) -> Option<SelfTrade> {
        Some(match self {
            Self::Null => return None,
            Self::None => SelfTrade::None,
            Self::CancelNewest => SelfTrade::CancelNewest,
            Self::CancelOldest => SelfTrade::CancelOldest,
            Self::CancelBoth => SelfTrade::CancelBoth,
            Self::Decrement => SelfTrade::Decrement,
        })
    }
}
impl From<Option<SelfTrade>> for OptionalSelfTrade {
    #[inline]
    fn from(value: Option<SelfTrade>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value {
            SelfTrade::None => Self::None,
            SelfTrade::CancelNewest => Self::CancelNewest,
            SelfTrade::CancelOldest => Self::CancelOldest,
            SelfTrade::CancelBoth => Self::CancelBoth,
            SelfTrade::Decrement => Self::Decrement,
        }
    }
}
impl Field for OptionalSelfTrade {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::None => Value::Code("None"),
            Self::CancelNewest => Value::Code("CancelNewest"),
            Self::CancelOldest => Value::Code("CancelOldest"),
            Self::CancelBoth => Value::Code("CancelBoth"),
            Self::Decrement => Value::Code("Decrement"),
        }
    }
}

const _: () = {
    assert!(Cause::None as u8 == 0);
    assert!(Cause::Requested as u8 == 1);
    assert!(Cause::Unfilled as u8 == 2);
    assert!(Cause::NotFillable as u8 == 3);
    assert!(Cause::Disconnected as u8 == 4);
    assert!(Cause::ReplacedBelowFilled as u8 == 5);
    assert!(Cause::SelfTrade as u8 == 6);
    assert!(Cause::Expired as u8 == 7);
    assert!(Cause::BelowMinimum as u8 == 8);
    assert!(Cause::MassCanceled as u8 == 9);
    assert!(Cause::Killed as u8 == 10);
    assert!(Cause::InsufficientFunds as u8 == 11);
    assert!(Cause::Protected as u8 == 12);
    assert!(Cause::QuoteReplaced as u8 == 13);
    assert!(Cause::Interrupted as u8 == 14);
    assert!(Cause::OneCancelsOther as u8 == 15);
};
impl Field for Cause {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::None => "None",
            Self::Requested => "Requested",
            Self::Unfilled => "Unfilled",
            Self::NotFillable => "NotFillable",
            Self::Disconnected => "Disconnected",
            Self::ReplacedBelowFilled => "ReplacedBelowFilled",
            Self::SelfTrade => "SelfTrade",
            Self::Expired => "Expired",
            Self::BelowMinimum => "BelowMinimum",
            Self::MassCanceled => "MassCanceled",
            Self::Killed => "Killed",
            Self::InsufficientFunds => "InsufficientFunds",
            Self::Protected => "Protected",
            Self::QuoteReplaced => "QuoteReplaced",
            Self::Interrupted => "Interrupted",
            Self::OneCancelsOther => "OneCancelsOther",
        })
    }
}

const _: () = {
    assert!(Liquidity::None as u8 == 0);
    assert!(Liquidity::Maker as u8 == 1);
    assert!(Liquidity::Taker as u8 == 2);
    assert!(Liquidity::Auction as u8 == 3);
};
impl Field for Liquidity {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::None => "None",
            Self::Maker => "Maker",
            Self::Taker => "Taker",
            Self::Auction => "Auction",
        })
    }
}

const _: () = {
    assert!(TradingState::Continuous as u8 == 0);
    assert!(TradingState::PreOpen as u8 == 1);
    assert!(TradingState::OpeningAuction as u8 == 2);
    assert!(TradingState::VolatilityAuction as u8 == 3);
    assert!(TradingState::ClosingAuction as u8 == 4);
    assert!(TradingState::Closed as u8 == 5);
    assert!(TradingState::Halted as u8 == 6);
};
impl Field for TradingState {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Continuous => "Continuous",
            Self::PreOpen => "PreOpen",
            Self::OpeningAuction => "OpeningAuction",
            Self::VolatilityAuction => "VolatilityAuction",
            Self::ClosingAuction => "ClosingAuction",
            Self::Closed => "Closed",
            Self::Halted => "Halted",
        })
    }
}

/// What the venue does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum VenueState {
    /// It takes them.
    Open = 0,
    /// Its queues are filling; requests may be refused as Busy.
    Busy = 1,
    /// It is about to stop: cancels only.
    Draining = 2,
    /// There is no matcher; requests are refused.
    MatcherAway = 3,
    /// The venue cannot keep what it takes; requests are refused.
    JournalFailed = 4,
}
impl Field for VenueState {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Open => "Open",
            Self::Busy => "Busy",
            Self::Draining => "Draining",
            Self::MatcherAway => "MatcherAway",
            Self::JournalFailed => "JournalFailed",
        })
    }
}

/// What is wanted of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum Subscription {
    /// How it stands, once.
    Snapshot = b'0',
    /// How it stands and from then on what changes.
    SnapshotAndUpdates = b'1',
    /// No more of it.
    Disable = b'2',
}
impl Field for Subscription {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Snapshot => "Snapshot",
            Self::SnapshotAndUpdates => "SnapshotAndUpdates",
            Self::Disable => "Disable",
        })
    }
}

/// What is wrong with a message that says nothing to its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum Fault {
    /// It is shorter than a header.
    Header = 1,
    /// It is of another schema.
    Schema = 2,
    /// It is of a version older than any that is served.
    Version = 3,
    /// No message has its template id.
    Template = 4,
    /// Its block is not as long as its version's.
    BlockLength = 5,
    /// It ends too early, or goes on after its end.
    Length = 6,
    /// A field's value is none of its codes.
    Code = 7,
    /// A group has too many entries, or ones that are too short.
    Group = 8,
    /// Its sender may not send such a message.
    Unexpected = 9,
}
impl Field for Fault {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Header => "Header",
            Self::Schema => "Schema",
            Self::Version => "Version",
            Self::Template => "Template",
            Self::BlockLength => "BlockLength",
            Self::Length => "Length",
            Self::Code => "Code",
            Self::Group => "Group",
            Self::Unexpected => "Unexpected",
        })
    }
}

const _: () = {
    assert!(Scope::Session as u8 == 1);
    assert!(Scope::Account as u8 == 2);
    assert!(Scope::Venue as u8 == 3);
};
impl Field for Scope {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Session => "Session",
            Self::Account => "Account",
            Self::Venue => "Venue",
        })
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum Boolean {
    /// No.
    No = 0,
    /// Yes.
    Yes = 1,
}
impl Field for Boolean {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::No => "No",
            Self::Yes => "Yes",
        })
    }
}

/// Yes or no, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum OptionalBoolean {
    /// There is none.
    Null = 255,
    /// No.
    No = 0,
    /// Yes.
    Yes = 1,
}
impl OptionalBoolean {
    /// The value, if there is one.
    #[inline]
    #[must_use]
    pub const fn get(self) -> Option<Boolean> {
        Some(match self {
            Self::Null => return None,
            Self::No => Boolean::No,
            Self::Yes => Boolean::Yes,
        })
    }
}
impl From<Option<Boolean>> for OptionalBoolean {
    #[inline]
    fn from(value: Option<Boolean>) -> Self {
        let Some(value) = value else { return Self::Null };
        match value {
            Boolean::No => Self::No,
            Boolean::Yes => Self::Yes,
        }
    }
}
impl Field for OptionalBoolean {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::No => Value::Code("No"),
            Self::Yes => Value::Code("Yes"),
        }
    }
}

/// What a ListReport answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum ListStatusType {
    /// E or K: a new list, a cancel.
    Ack = b'1',
    /// M: a status request.
    Response = b'2',
}
impl Field for ListStatusType {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Ack => "Ack",
            Self::Response => "Response",
        })
    }
}

/// How a list of orders stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum ListOrderStatus {
    /// An order of it is open.
    Executing = b'3',
    /// None is open any more.
    AllDone = b'6',
    /// Refused, or there is no list of this name with an open order.
    Reject = b'7',
}
impl Field for ListOrderStatus {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::Executing => "Executing",
            Self::AllDone => "AllDone",
            Self::Reject => "Reject",
        })
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, TryFromBytes)]
#[repr(u8)]
pub enum LimitType {
    /// Messages with a place in the sequence but those that CancelLimit counts.
    MessageLimit = b'2',
    /// Cancels, mass cancels and cancels of lists.
    CancelLimit = b'9',
}
impl Field for LimitType {
    fn value(&self) -> Value<'_> {
        Value::Code(match self {
            Self::MessageLimit => "MessageLimit",
            Self::CancelLimit => "CancelLimit",
        })
    }
}

/// Why a request was refused: the catalogue of rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout, FromBytes)]
#[repr(transparent)]
pub struct RejectCode(U16);
impl RejectCode {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0.get()
    }
    /// The reason; `None` for one that a later version has added.
    #[must_use]
    pub fn reject(self) -> Option<Reject> {
        Reject::ALL.iter().copied().find(|reject| *reject as u16 == self.code())
    }
}
impl From<Reject> for RejectCode {
    #[inline]
    fn from(reject: Reject) -> Self {
        Self(U16::new(reject as u16))
    }
}
impl Field for RejectCode {
    fn value(&self) -> Value<'_> {
        self.reject().map_or(Value::Number(self.code().into()), |reject| Value::Code(reject.name()))
    }
}
