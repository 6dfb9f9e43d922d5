//! What a matcher writes into the log of public market data: what happens to every book, order by order, for whoever
//! reads along. Nothing of it says who an order belongs to.
//!
//! The log numbers the records from 1 without a gap. Each record of a change also says what then stands at the order's
//! price, so that a reader of levels keeps no orders, and so that reading a record twice changes nothing.
//!
//! A book is had from the middle of the log on by asking for it with [`crate::command::Kind::ShowBook`]: its levels come
//! between two records that say where they begin and end, other records among them. Whoever takes the book for empty at
//! the first of the two and then applies every record has it at the second one, and from there on.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::types::{InstrumentId, Lots, Nanos, OrderId, SeqNo, Side, Ticks, TradeId, TradingState};

/// What happened.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Kind {
    /// A matcher begins another history: all books are empty. See [`Record::history`].
    Begun = 0,
    /// An order stands in the book, behind all others of its side and price; `quantity` of it shows.
    Added = 1,
    /// `quantity` of an order traded at `other_price`; one of which nothing shows any more has left the book. Where
    /// orders match as they come this is the trade's only record; an auction's trade has one of its own as well.
    Executed = 2,
    /// `quantity` less of an order shows, and it keeps its place.
    Reduced = 3,
    /// An order has left the book.
    Deleted = 4,
    /// An order has left `other_price` for `price`, where `quantity` of it shows behind all others.
    Replaced = 5,
    /// A trade of an auction: `quantity` at `other_price`. It changes no book: see [`Kind::Executed`].
    Trade = 6,
    /// The instrument's trading state is `state` from here on.
    Status = 7,
    /// What an auction would do now: `quantity` (0: nothing) at `other_price`.
    Indicative = 8,
    /// The levels of a book follow, and nobody is to remember others; `state` is its trading state.
    BookBegin = 9,
    /// This stands at a price of a book that somebody has asked for.
    Level = 10,
    /// All levels of the book were told.
    BookEnd = 11,
}

impl Kind {
    /// Whether the record says what stands at `side` and `price`.
    #[must_use]
    pub const fn has_level(self) -> bool {
        use Kind::{Added, Deleted, Executed, Level, Reduced, Replaced};
        matches!(self, Added | Executed | Reduced | Deleted | Replaced | Level)
    }
}

/// What stands at one price of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Level {
    /// What is displayed there, at most what 64 bits hold.
    pub quantity: Lots,
    /// In how many orders; 0: nothing stands there.
    pub orders: u64,
}

impl Level {
    /// Nothing stands there.
    pub const NOTHING: Level = Level { quantity: Lots(0), orders: 0 };
}

/// One record. Fields that its kind does not need are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Record {
    /// What happened.
    pub kind: Kind,
    /// The order's or the level's side. Of a trade in an auction it says nothing.
    pub side: Side,
    /// The instrument's trading state, for [`Kind::Status`], [`Kind::Indicative`] and [`Kind::BookBegin`].
    pub state: TradingState,
    /// 1: an auction's, for [`Kind::Executed`] and [`Kind::Trade`].
    pub auction: u8,
    /// What it is about; of no meaning for [`Kind::Begun`].
    pub instrument: InstrumentId,
    /// The command that caused it; of a book's levels, the last one they contain.
    pub seq: SeqNo,
    /// The venue's time of that command.
    pub time: Nanos,
    /// The venue's name of the order.
    pub order_id: OrderId,
    /// The trade.
    pub trade_id: TradeId,
    /// The order's limit, at which it stands or stood.
    pub price: Ticks,
    /// How much: see [`Kind`].
    pub quantity: Lots,
    /// What stands at `price` now, where [`Kind::has_level`].
    pub level: Level,
    /// Another price: see [`Kind`].
    pub other_price: Ticks,
    /// What stands at `other_price` now, for [`Kind::Replaced`].
    pub other_level: Level,
}

impl Record {
    /// A record of `kind` that says nothing else yet.
    #[must_use]
    pub const fn new(kind: Kind, instrument: InstrumentId, seq: SeqNo, time: Nanos) -> Record {
        Record {
            kind,
            side: Side::Buy,
            state: TradingState::Continuous,
            auction: 0,
            instrument,
            seq,
            time,
            order_id: OrderId(0),
            trade_id: TradeId(0),
            price: Ticks(0),
            quantity: Lots(0),
            level: Level::NOTHING,
            other_price: Ticks(0),
            other_level: Level::NOTHING,
        }
    }

    /// That `history` begins ([`crate::durable::Durable::history`]).
    #[must_use]
    pub const fn begun(history: u64) -> Record {
        Record { order_id: OrderId(history), ..Record::new(Kind::Begun, InstrumentId(0), SeqNo(0), Nanos(0)) }
    }

    /// Of a [`Kind::Begun`] the history that begins, in a field that only orders have otherwise: `order_id`.
    #[must_use]
    pub const fn history(&self) -> u64 {
        self.order_id.0
    }

    /// The record in `bytes`, which must be aligned to 8 and of exactly its length.
    ///
    /// # Errors
    /// [`NotARecord`] if the length, the alignment or any coded field is wrong.
    pub fn read(bytes: &[u8]) -> Result<&Record, NotARecord> {
        Record::try_ref_from_bytes(bytes).map_err(|_| NotARecord)
    }
}

/// Bytes that are not a record of this version: the two sides of the log are not the same build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a record of market data of this version; start gateway and matcher from the same build")]
pub struct NotARecord;

const _: () = assert!(size_of::<Record>() == crate::limits::FEED_RECORD_BYTES);
