//! What a matcher puts into the rings for a gateway: everything a report needs, so that a gateway keeps no
//! book of orders of its own and can be replaced at any moment.

use std::mem::offset_of;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::{
    command::{InstrumentTerms, Name},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo,
        SessionId, Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

/// What happened.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Kind {
    /// A new order was accepted.
    Accepted = 1,
    /// A new order was refused; `reject` says why, `order_id` is 0.
    Rejected = 2,
    /// The order traded; `last_price`, `last_quantity`, `trade_id` and `liquidity` say how.
    Fill = 3,
    /// The order ended unfilled; `cause` says why. `orig_cl_ord_id` is none unless a request asked for it.
    Canceled = 4,
    /// The order was changed; `cl_ord_id` is its new name, `orig_cl_ord_id` its former one.
    Replaced = 5,
    /// A cancel was refused; `reject` says why. `order_id` is 0 if no such order is known.
    CancelRejected = 6,
    /// A replace was refused; as [`Kind::CancelRejected`].
    ReplaceRejected = 7,
    /// The answer to a status request, or part of that to a mass status request ([`Event::MASS`]). For an unknown order
    /// `order_id` is 0 and `reject` says so.
    Status = 8,
    /// A stop was triggered; `order_type` is what it has become, `last_price` the price that did it.
    Triggered = 9,
    /// Self-trade prevention took from the order's quantity without a trade (FIX ExecType D, restated).
    Reduced = 10,
    /// A mass cancel or kill switch is done; `quantity` is the number of orders it ended. It names no order.
    MassCanceled = 11,
    /// An operator's command was carried out. It names no order.
    Done = 12,
    /// An operator's command or a mass cancel was refused; `reject` says why. It names no order.
    NotDone = 13,
    /// The instrument's trading state has changed to `state`. For everybody: see [`Kind::is_public`].
    State = 14,
    /// What an auction would do now: `last_price`, and `last_quantity` (0: nothing). For everybody.
    Indicative = 15,
    /// A mass quote was carried out; `cl_ord_id` is its QuoteID, `quantity` the number of quotes it will place.
    /// What becomes of each follows.
    Quoted = 16,
    /// A mass quote was refused whole; `reject` says why, `last_quantity` which entry, from 1 (0: no single one).
    QuoteRefused = 17,
    /// Market-maker protection has pulled the account's quotes in a group; `quantity` is how many it were.
    Protected = 18,
    /// A [`Definition`]: an instrument was added or changed. For everybody.
    Instrument = 19,
    /// A [`Definition`]: an account was added or changed, or who may trade for it. For everybody.
    Account = 20,
    /// How one order of a list stands, in answer to a command about the list: `last_quantity` is its number among the
    /// answer's, from 1, `orig_cl_ord_id` the list's name; see [`Event::by`]. With an `order_id` of 0 there is no such
    /// list, or it was refused; `reject` says why.
    List = 24,
    /// The answer to a request for balances, whose name is `cl_ord_id`: `quantity` is how many [`Kind::Balance`] follow. With
    /// a `reject` none does.
    Balances = 25,
    /// What an account has of an asset: [`Event::balance`]. `cl_ord_id` and `quantity` are those of the
    /// [`Kind::Balances`] before it.
    Balance = 26,
    /// The gateway took its events too slowly and was cut off: behind all that came before, `quantity` events of its sessions
    /// and copies for them are lost to it. Its sessions count as disconnected since. For that gateway alone.
    CutOff = 40,
    /// What comes behind it is of another history than what came before: [`Event::histories`]. For every gateway.
    Begun = 41,
}

impl Kind {
    /// Whether the event is about an instrument and for everybody, not about a session's order or request.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Kind::State | Kind::Indicative | Kind::Instrument | Kind::Account)
    }

    /// See [`Event::is_copied`].
    const fn is_copied(self) -> bool {
        match self {
            Kind::Accepted
            | Kind::Rejected
            | Kind::Fill
            | Kind::Canceled
            | Kind::Replaced
            | Kind::CancelRejected
            | Kind::ReplaceRejected
            | Kind::Triggered
            | Kind::Reduced
            | Kind::Quoted
            | Kind::QuoteRefused
            | Kind::Protected => true,
            Kind::Status
            | Kind::MassCanceled
            | Kind::Done
            | Kind::NotDone
            | Kind::State
            | Kind::Indicative
            | Kind::Instrument
            | Kind::Account
            | Kind::List
            | Kind::Balances
            | Kind::Balance
            | Kind::CutOff
            | Kind::Begun => false,
        }
    }
}

/// Why an order was cancelled.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Cause {
    /// It was not.
    None = 0,
    /// Its session asked for it.
    Requested = 1,
    /// The rest of an IOC or market order that found no more to trade with.
    Unfilled = 2,
    /// A FOK order that could not fill wholly.
    NotFillable = 3,
    /// Its session asks for cancellation when its client disconnects.
    Disconnected = 4,
    /// A replace asked for a total that was filled already.
    ReplacedBelowFilled = 5,
    /// It met an order of its own account.
    SelfTrade = 6,
    /// Its time was over: a day order's with the session, a GTD order's at its expire time, an auction order's
    /// with its auction.
    Expired = 7,
    /// An IOC order that could not fill its minimum quantity.
    BelowMinimum = 8,
    /// A mass cancel selected it.
    MassCanceled = 9,
    /// A kill switch stopped its session, its account or the venue.
    Killed = 10,
    /// A triggered stop that its account could not pay for.
    InsufficientFunds = 11,
    /// Market-maker protection pulled it.
    Protected = 12,
    /// A mass quote put another quote in its place, or none.
    QuoteReplaced = 13,
    /// The rest of an IOC or market order whose next trade would have left the dynamic band.
    Interrupted = 14,
    /// The other order of its list is about to trade, was triggered, or has ended.
    OneCancelsOther = 15,
}

/// Which side of a trade an order was.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Liquidity {
    /// No trade.
    None = 0,
    /// It stood in the book (FIX LastLiquidityInd 1, added liquidity).
    Maker = 1,
    /// It came to the book (FIX LastLiquidityInd 2, removed liquidity).
    Taker = 2,
    /// It traded in an auction (FIX LastLiquidityInd 4).
    Auction = 3,
}

/// One thing that happened to one order, or the answer to one request about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// The order's side.
    pub side: Side,
    /// The order's type.
    pub order_type: OrderType,
    /// The order's time in force.
    pub time_in_force: TimeInForce,
    /// How the order stands after this.
    pub status: OrderStatus,
    /// Why it was cancelled, for [`Kind::Canceled`].
    pub cause: Cause,
    /// Maker or taker, for [`Kind::Fill`].
    pub liquidity: Liquidity,
    /// [`crate::command::NewOrder::POST_ONLY`], `QUOTE_AMOUNT` and `QUOTE` if the order has them; in
    /// [`Kind::Rejected`] all of its flags.
    pub flags: u8,
    /// Whom to tell.
    pub session: SessionId,
    /// Whose order it is.
    pub account: AccountId,
    /// What it is for.
    pub instrument: InstrumentId,
    /// Why a request was refused; [`Reject::None`] otherwise.
    pub reject: Reject,
    /// The instrument's new trading state, for [`Kind::State`].
    pub state: TradingState,
    /// The bits of [`crate::command::MassCancel::by`] in the answers to one, [`Kind::MassCanceled`] and
    /// [`Kind::NotDone`]; [`Event::LISTED`] where an order's `orig_cl_ord_id` is the name of its list, and with it
    /// in [`Kind::List`] the other bits below; in answers to mass status requests those named there; zero otherwise.
    pub by: u8,
    /// The command that caused it.
    pub seq: SeqNo,
    /// Strictly increasing over all events of the shard, from 1 (FIX ExecID, 17).
    pub event_id: u64,
    /// Place of this event among its session's of the shard, from 1: a function of the log alone (FIX ApplSeqNum, 1181). 0 of one
    /// that has none: see [`Event::is_part`].
    pub appl_seq: u64,
    /// The session's last processed inbound message.
    pub msg_seq: u64,
    /// The venue's time of the command (FIX TransactTime, 60).
    pub time: Nanos,
    /// When the gateway read the message that caused it.
    pub rx: Nanos,
    /// When the matcher let it go: no part of what the engine says, and set on its way out.
    pub out: Nanos,
    /// The order, 0 if none.
    pub order_id: OrderId,
    /// The trade, for [`Kind::Fill`].
    pub trade_id: TradeId,
    /// Limit price; zero in an order without one.
    pub price: Ticks,
    /// Total quantity.
    pub quantity: Lots,
    /// What can still trade; zero once the order has ended.
    pub leaves: Lots,
    /// What has traded.
    pub cum: Lots,
    /// Sum over all fills of price times quantity, in ticks × lots, low half first. See [`Event::cum_notional`].
    pub cum_notional: [u64; 2],
    /// Price of this fill.
    pub last_price: Ticks,
    /// Quantity of this fill.
    pub last_quantity: Lots,
    /// Where the order's stop is now; zero in an order without one, and once it has ended.
    pub stop: Ticks,
    /// Display quantity; zero in an order without one, and once it has ended.
    pub display: Lots,
    /// When a GTD order ends; zero in other orders, and once it has ended.
    pub expire: Nanos,
    /// What this fill cost in fees, in the quote asset's smallest units, at most what 64 bits hold.
    pub fee: u64,
    /// The name of the order, or of the request that is answered.
    pub cl_ord_id: ClOrdId,
    /// The name that the request pointed at, or none. In [`Kind::Status`], the request's own name
    /// ([`crate::command::Status::request_id`]), or none. Of an order that came with a list, the list's name
    /// wherever no request points at the order, in [`Kind::List`] always; [`Event::by`] says so then.
    pub orig_cl_ord_id: ClOrdId,
}

impl Event {
    /// In `by`: `orig_cl_ord_id` is the name of the order's list.
    pub const LISTED: u8 = 1 << 7;
    /// In `by` of [`Kind::List`]: a status request asked for it.
    pub const ASKED: u8 = 1 << 6;
    /// In `by` of [`Kind::List`]: no order of the list is open.
    pub const DONE: u8 = 1 << 5;
    /// In `by` of [`Kind::Status`]: it is part of the answer to a mass status request, whose name is `orig_cl_ord_id`;
    /// `last_quantity` is how many orders were open when it came, 0 where only some of them were asked for.
    pub const MASS: u8 = 1 << 4;
    /// In `by` of [`Kind::Status`]: the answer's last. With an `order_id` of 0 it tells of no order.
    pub const LAST: u8 = 1 << 3;
    /// In `by` of what a trunk session is told: of [`Kind::Status`], that it answers a new order or a replace whose name the
    /// account has used, and which is `orig_cl_ord_id`; of [`Kind::Canceled`] and [`Kind::Replaced`], that the order came by another
    /// trunk, which is told the same without this.
    pub const ANSWER: u8 = 1 << 2;
    /// In `by` of [`Kind::List`]: how many events the answer has, 0 to 2.
    pub const PARTS: u8 = 3;

    /// An event that says nothing yet.
    #[must_use]
    pub const fn blank(kind: Kind, session: SessionId) -> Event {
        Event {
            kind,
            side: Side::Buy,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            status: OrderStatus::Rejected,
            cause: Cause::None,
            liquidity: Liquidity::None,
            flags: 0,
            session,
            account: AccountId(0),
            instrument: InstrumentId(0),
            reject: Reject::None,
            state: TradingState::Continuous,
            by: 0,
            seq: SeqNo(0),
            event_id: 0,
            appl_seq: 0,
            msg_seq: 0,
            time: Nanos(0),
            rx: Nanos(0),
            out: Nanos(0),
            order_id: OrderId(0),
            trade_id: TradeId(0),
            price: Ticks(0),
            quantity: Lots(0),
            leaves: Lots(0),
            cum: Lots(0),
            cum_notional: [0; 2],
            last_price: Ticks(0),
            last_quantity: Lots(0),
            stop: Ticks(0),
            display: Lots(0),
            expire: Nanos(0),
            fee: 0,
            cl_ord_id: ClOrdId::NONE,
            orig_cl_ord_id: ClOrdId::NONE,
        }
    }

    /// In `appl_seq` before events are numbered: it gets no number.
    pub const UNNUMBERED: u64 = u64::MAX;

    /// Whether it answers a request that has gone to several shards ([`crate::command::Head::PART`]): the session is told of all
    /// their answers as one.
    #[inline]
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.appl_seq == 0
    }

    /// Of an answer of several shards made into one: the shards that have not answered, a bit for each.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "as `with_missing` has put it there")]
    pub const fn missing(&self) -> u8 {
        match self.kind {
            Kind::MassCanceled
            | Kind::NotDone
            | Kind::QuoteRefused
            | Kind::Status
            | Kind::List
            | Kind::Balances => self.fee as u8,
            _ => 0,
        }
    }

    /// The event with [`Event::missing`] in a field that only fills and refused orders have otherwise: `fee`.
    #[must_use]
    pub const fn with_missing(self, shards: u8) -> Event {
        Event { fee: shards as u64, ..self }
    }

    /// Whether the event says what became of an account's order or quotes, so that those who watch the account get a copy of
    /// its report. Answers to questions, and to requests about many orders, are only for who asked: each order is told of by
    /// itself. So is what a trunk is told besides the order's session.
    #[inline]
    #[must_use]
    pub const fn is_copied(&self) -> bool {
        self.kind.is_copied() && self.by & Event::ANSWER == 0
    }

    /// Whether an order was cancelled because its session's connection was lost.
    #[must_use]
    pub fn is_cancelled_for_loss(&self) -> bool {
        self.kind == Kind::Canceled && self.cause == Cause::Disconnected
    }

    /// Sum over all fills of price times quantity, in ticks × lots.
    #[must_use]
    pub const fn cum_notional(&self) -> u128 {
        (self.cum_notional[1] as u128) << 64 | self.cum_notional[0] as u128
    }

    /// Of a [`Kind::Balance`] the asset, what of it can be spent (of an account with credit it may be negative), and what
    /// open orders hold, in its smallest units.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "as `with_balance` has put it there")]
    pub const fn balance(&self) -> (AssetId, i128, i128) {
        let held = (self.cum.0 as u128) << 64 | self.leaves.0 as u128;
        (AssetId(self.trade_id.0 as u32), self.cum_notional().cast_signed(), held.cast_signed())
    }

    /// The event with [`Event::balance`] in fields that only orders have otherwise: `trade_id`, `cum_notional`, and `leaves`
    /// and `cum`, both signed numbers low half first.
    #[must_use]
    pub const fn with_balance(self, asset: AssetId, available: i128, held: i128) -> Event {
        let [low, high] = Event::halves(held.cast_unsigned());
        Event {
            trade_id: TradeId(asset.0 as u64),
            cum_notional: Event::halves(available.cast_unsigned()),
            leaves: Lots(low),
            cum: Lots(high),
            ..self
        }
    }

    /// Of a request that was refused for a limit: what is used of it, or would be by one order alone, and the limit. Orders; for
    /// [`Reject::NotionalTooLarge`], 10^-8 of the instrument's quote asset.
    #[must_use]
    pub const fn limit(&self) -> Option<(u64, u64)> {
        match self.reject {
            Reject::NotionalTooLarge | Reject::TooManySessionOrders | Reject::TooManyAccountOrders
                if self.fee > 0 =>
            {
                Some((self.trade_id.0, self.fee))
            }
            _ => None,
        }
    }

    /// The event with [`Event::limit`] in fields that only fills have otherwise: `trade_id` and `fee`.
    #[must_use]
    pub const fn with_limit(self, used: u64, max: u64) -> Event {
        Event { trade_id: TradeId(used), fee: max, ..self }
    }

    /// Of a [`Kind::Begun`] the history that begins and the one that ends there, 0 if none does
    /// ([`crate::durable::Durable::history`]).
    #[must_use]
    pub const fn histories(&self) -> [u64; 2] {
        self.cum_notional
    }

    /// The event with [`Event::histories`] in a field that only orders have otherwise: `cum_notional`.
    #[must_use]
    pub const fn with_histories(self, begins: u64, ends: u64) -> Event {
        Event { cum_notional: [begins, ends], ..self }
    }

    /// Of a [`Kind::Done`] that answers a [`crate::command::SetLimits`]: how many orders are open, how many may be, and what one
    /// may be worth, in 10^-8 of its instrument's quote asset. Zero is no limit.
    #[must_use]
    pub const fn order_limits(&self) -> (u64, u64, u64) {
        (self.trade_id.0, self.fee, self.cum_notional[0])
    }

    /// The event with [`Event::order_limits`] in fields that only fills have otherwise.
    #[must_use]
    pub const fn with_order_limits(self, open: u64, open_max: u64, notional_max: u64) -> Event {
        Event { trade_id: TradeId(open), fee: open_max, cum_notional: [notional_max, 0], ..self }
    }

    /// The two halves of `notional` as [`Event::cum_notional`] stores them.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    pub const fn halves(notional: u128) -> [u64; 2] {
        [notional as u64, (notional >> 64) as u64]
    }

    /// The event in `bytes`, which must be aligned to 8 and of exactly its length.
    ///
    /// # Errors
    /// [`NotAnEvent`] if the length, the alignment or any coded field is wrong.
    pub fn read(bytes: &[u8]) -> Result<&Event, NotAnEvent> {
        Event::try_ref_from_bytes(bytes).map_err(|_| NotAnEvent)
    }
}

/// What everybody needs to know of an instrument or account; as long as an [`Event`], and told apart by its kind.
///
/// A matcher sends those of all instruments and accounts to a gateway that attaches to it, and each one again to
/// all gateways when it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Definition {
    /// [`Kind::Instrument`] or [`Kind::Account`].
    pub kind: Kind,
    /// The instrument's trading state.
    pub state: TradingState,
    /// 1 if the account has credit.
    pub credit: u8,
    /// For [`Kind::Account`] with a session: 1 if it may trade for the account from now on, 0 if no longer.
    pub entitled: u8,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The account.
    pub account: AccountId,
    /// The session whose entitlement has changed; `u32::MAX` is none.
    pub session: SessionId,
    /// The command that caused it; 0: it has stood so since before this gateway attached.
    pub seq: SeqNo,
    /// The last command of which it tells: that one, or for a gateway that has attached the last one before it was told.
    pub as_of: SeqNo,
    /// The account's name; zeros for an instrument, whose symbol is in its terms.
    pub name: Name,
    /// The instrument's terms; zeros for an account.
    pub terms: InstrumentTerms,
    /// 1: with this one a gateway that has attached has been told of everything there is.
    pub last: u64,
    /// Zero.
    pub reserved: [u64; 6],
}

impl Definition {
    /// The definition in `bytes`, which must be aligned to 8 and of exactly its length.
    ///
    /// # Errors
    /// [`NotAnEvent`] if the length, the alignment or any coded field is wrong.
    pub fn read(bytes: &[u8]) -> Result<&Definition, NotAnEvent> {
        Definition::try_ref_from_bytes(bytes).map_err(|_| NotAnEvent)
    }
}

/// What stands in a ring of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// See [`Event`].
    Event(&'a Event),
    /// See [`Definition`].
    Definition(&'a Definition),
}

impl<'a> Record<'a> {
    /// The record in `bytes`, which must be aligned to 8 and of exactly its length.
    ///
    /// # Errors
    /// [`NotAnEvent`] if the length, the alignment or any coded field is wrong.
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Result<Record<'a>, NotAnEvent> {
        if is_definition(bytes) {
            Definition::read(bytes).map(Record::Definition)
        } else {
            Event::read(bytes).map(Record::Event)
        }
    }
}

fn is_definition(bytes: &[u8]) -> bool {
    const FIRST: u8 = Kind::Instrument as u8;
    const LAST: u8 = Kind::Account as u8;
    matches!(bytes.first(), Some(&(FIRST..=LAST)))
}

/// What is to be known of a record before it may be read: when it may leave the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    /// It tells of this command, and of none after it: `seq` of an event, `as_of` of a definition. 0: it tells of none.
    pub seq: SeqNo,
    /// [`Event::event_id`]; 0 of what has none.
    pub event_id: u64,
    /// Whether it is a [`Kind::Begun`].
    pub begins: bool,
}

impl Outline {
    /// That of the record in `bytes`, without a look at all of it; of what is no record, that of one that tells of no command.
    #[inline]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Outline {
        let word = |at: usize| {
            let word = bytes.get(at..at + 8).and_then(|word| word.try_into().ok());
            u64::from_ne_bytes(word.unwrap_or_default())
        };
        let event_id = if is_definition(bytes) { 0 } else { word(offset_of!(Event, event_id)) };
        let begins = bytes.first() == Some(&(Kind::Begun as u8));
        Outline { seq: SeqNo(word(offset_of!(Event, seq))), event_id, begins }
    }
}

/// Bytes that are not an event of this version: the two sides of the ring are not the same build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event of this version; start gateway and matcher from the same build")]
pub struct NotAnEvent;

const _: () = {
    assert!(size_of::<Event>() == crate::limits::EVENT_BYTES);
    // One length for all that goes through a ring of events.
    assert!(size_of::<Definition>() == crate::limits::EVENT_BYTES);
    // And one place, where an outline looks.
    assert!(offset_of!(Definition, as_of) == offset_of!(Event, seq));
};
