//! What gateways put into the rings for a matcher: one fixed layout per command, of those about one order at
//! most two cache lines.
//!
//! A gateway checks form (framing, types, entitlement, instrument known); whatever the matcher can judge is
//! left to it, so that every business reject is part of the sequence and the checks have one order.

mod head;
mod list;
mod quote;
mod terms;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::{
    limits::MASS_QUOTE_ENTRIES_MAX,
    types::{
        AssetId, ClOrdId, Lots, Nanos, OrderId, OrderType, SelfTrade, Side, Ticks, TimeInForce, TradingState,
    },
};

pub use head::{Head, Kind};
pub use list::{ListRequest, NewOrderList};
pub use quote::{MassQuote, MassQuoteBody, QuoteEntry, ResetProtection, SetProtection};
pub use terms::{
    Entitle, InstrumentTerms, Name, SetAccount, SetCredit, SetInstrument, SetLimits, padded, text,
};

/// Which of a session's or venue's names points at an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The ClOrdID that the session gave the order last.
    Client(ClOrdId),
    /// The venue's own.
    Venue(OrderId),
}

/// A [`Target`] in 36 bytes: a ClOrdID as it is, or a zero byte and, from byte 8 on, the OrderID.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct OrderRef([u8; ClOrdId::MAX]);

impl OrderRef {
    /// Points at `target`.
    #[must_use]
    pub fn new(target: Target) -> OrderRef {
        match target {
            Target::Client(name) => OrderRef(*name.padded()),
            Target::Venue(OrderId(id)) => {
                let mut bytes = [0; ClOrdId::MAX];
                bytes[8..16].copy_from_slice(&id.to_le_bytes());
                OrderRef(bytes)
            }
        }
    }

    /// What it points at.
    #[must_use]
    pub fn target(&self) -> Target {
        match self.0 {
            [0, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h, ..] => {
                Target::Venue(OrderId(u64::from_le_bytes([a, b, c, d, e, f, g, h])))
            }
            _ => Target::Client(zerocopy::transmute!(self.0)),
        }
    }
}

impl std::fmt::Debug for OrderRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.target().fmt(f)
    }
}

/// A new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct NewOrder {
    /// [`Kind::New`].
    pub head: Head,
    /// The client's name of the order.
    pub cl_ord_id: ClOrdId,
    /// Buy or sell.
    pub side: Side,
    /// What kind of order.
    pub order_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// [`NewOrder::POST_ONLY`] and the other bits below; see also [`NewOrder::self_trade`].
    pub flags: u8,
    /// Limit price; zero in an order without one.
    pub price: Ticks,
    /// Order quantity; with [`NewOrder::QUOTE_AMOUNT`] the amount to spend, in ticks × lots.
    pub quantity: Lots,
    /// Stop price; in a trailing stop its distance to the best price; zero in other orders.
    pub stop: Ticks,
    /// Display quantity of an iceberg; with [`NewOrder::MINIMUM`] the least that must fill at once; zero is none.
    pub display: Lots,
    /// When a [`TimeInForce::Gtd`] order ends; zero in other orders.
    pub expire: Nanos,
}

impl NewOrder {
    /// Reject rather than trade on entry (FIX ExecInst 6, "participate don't initiate").
    pub const POST_ONLY: u8 = 1;
    /// `quantity` is an amount of the quote asset (FIX CashOrderQty, 152).
    pub const QUOTE_AMOUNT: u8 = 1 << 1;
    /// `display` is a minimum quantity (FIX MinQty, 110).
    pub const MINIMUM: u8 = 1 << 2;
    /// It came with a mass quote: seen in events only, an order that has it is refused as unsupported.
    pub const QUOTE: u8 = 1 << 6;
    /// The client asked for more than these fields can say, such as a display and a minimum quantity: such an
    /// order is always refused as unsupported, but by the matcher, in the order of its checks.
    pub const INEXPRESSIBLE: u8 = 1 << 7;

    /// The bits of `flags` that say `mode`.
    #[must_use]
    pub const fn self_trade_flags(mode: SelfTrade) -> u8 {
        (mode as u8) << 3
    }

    /// The mode of self-trade prevention, where the order names none `default`; `None` if the bits are no mode.
    #[must_use]
    pub const fn self_trade(&self, default: SelfTrade) -> Option<SelfTrade> {
        match self.flags >> 3 & 7 {
            0 => Some(default),
            _ => Self::named_self_trade(self.flags),
        }
    }

    /// The mode of self-trade prevention that `flags` name; `None` if it is none, or no mode.
    #[must_use]
    pub const fn named_self_trade(flags: u8) -> Option<SelfTrade> {
        Some(match flags >> 3 & 7 {
            1 => SelfTrade::CancelNewest,
            2 => SelfTrade::CancelOldest,
            3 => SelfTrade::CancelBoth,
            4 => SelfTrade::Decrement,
            5 => SelfTrade::None,
            _ => return None,
        })
    }
}

/// A display quantity in the seven bytes that a [`Replace`] has left. Values that do not fit are out of range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct Display([u8; 7]);

impl Display {
    /// No display quantity: all of the order shows.
    pub const NONE: Display = Display([0; 7]);
    const OFF_LOT: u64 = (1 << 56) - 1;
    const OUT_OF_RANGE: u64 = (1 << 56) - 2;

    /// `lots`, with [`Lots::OFF_LOT`] and [`Lots::OUT_OF_RANGE`].
    #[must_use]
    pub const fn new(lots: Lots) -> Display {
        let code = match lots {
            Lots::OFF_LOT => Self::OFF_LOT,
            Lots(lots) if lots >= Self::OUT_OF_RANGE => Self::OUT_OF_RANGE,
            Lots(lots) => lots,
        };
        let [bytes @ .., _] = code.to_le_bytes();
        Display(bytes)
    }

    /// The quantity; zero is none.
    #[must_use]
    pub const fn lots(self) -> Lots {
        let [a, b, c, d, e, f, g] = self.0;
        match u64::from_le_bytes([a, b, c, d, e, f, g, 0]) {
            Self::OFF_LOT => Lots::OFF_LOT,
            Self::OUT_OF_RANGE => Lots::OUT_OF_RANGE,
            lots => Lots(lots),
        }
    }
}

/// Take an order off the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Cancel {
    /// [`Kind::Cancel`].
    pub head: Head,
    /// The client's name of this request.
    pub cl_ord_id: ClOrdId,
    /// The order.
    pub order: OrderRef,
}

/// Change an order's price, quantity or display quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Replace {
    /// [`Kind::Replace`].
    pub head: Head,
    /// The client's name of this request, and of the order once replaced.
    pub cl_ord_id: ClOrdId,
    /// The order.
    pub order: OrderRef,
    /// New limit price; zero in an order without one.
    pub price: Ticks,
    /// New total quantity, what is filled already included.
    pub quantity: Lots,
    /// Side the client names; it must be the order's.
    pub side: Side,
    /// New display quantity.
    pub display: Display,
}

/// Ask how an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Status {
    /// [`Kind::Status`].
    pub head: Head,
    /// The client's name of this request (FIX OrdStatusReqID, 790), or none.
    pub request_id: ClOrdId,
    /// The order.
    pub order: OrderRef,
    /// Side the client names, which the answer about an unknown order repeats.
    pub side: Side,
    /// Zero.
    pub reserved: [u8; 7],
}

/// Something about the session itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SessionNotice {
    /// [`Kind::SessionUp`], [`Kind::SessionDown`], [`Kind::CancelSession`], [`Kind::Due`] or [`Kind::ShowBook`].
    pub head: Head,
}

/// Cancel every open order that the bits of `by` select.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct MassCancel {
    /// [`Kind::MassCancel`].
    pub head: Head,
    /// The client's name of this request, or none.
    pub cl_ord_id: ClOrdId,
    /// Which fields must be the order's: [`MassCancel::SESSION`] and the others; none selects all orders.
    pub by: u8,
    /// The side, for [`MassCancel::SIDE`].
    pub side: Side,
    /// Zero.
    pub reserved: [u8; 2],
}

impl MassCancel {
    /// Orders of the head's session. A gateway sets this for every client that is no operator.
    pub const SESSION: u8 = 1;
    /// Orders for the head's account.
    pub const ACCOUNT: u8 = 2;
    /// Orders of the head's instrument.
    pub const INSTRUMENT: u8 = 4;
    /// Orders of `side`.
    pub const SIDE: u8 = 8;
    /// Quotes only.
    pub const QUOTES: u8 = 16;
}

/// Ask how every open order of the head's session stands that the bits of `by` select. It is answered in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct MassStatus {
    /// [`Kind::MassStatus`].
    pub head: Head,
    /// The client's name of this request (FIX MassStatusReqID, 584), or none.
    pub request_id: ClOrdId,
    /// Which fields must be the order's, as in [`MassCancel::by`]; its session must be the head's whatever these say.
    pub by: u8,
    /// The side, for [`MassCancel::SIDE`].
    pub side: Side,
    /// Zero.
    pub reserved: [u8; 2],
}

/// Ask, as the venue's operator, for orders of whatever session that are of all that is named: open ones, and ended ones that
/// are remembered. What is found comes as [`crate::event::Kind::Status`] with [`crate::event::Event::MASS`] by the link that
/// asked, whoever's the orders are; [`crate::event::Event::LAST`] ends the answer, which names no order and has in `quantity`
/// where to go on, `u64::MAX` for nowhere. It looks at so few places at once that nobody waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FindOrders {
    /// [`Kind::FindOrders`], with session, account and instrument for the bits of `by`.
    pub head: Head,
    /// Where to begin: 0, or what the answer before has said.
    pub from: u64,
    /// The order's OrderID; 0 for any.
    pub order_id: OrderId,
    /// The order's name; none for any.
    pub cl_ord_id: ClOrdId,
    /// [`MassCancel::SESSION`], `ACCOUNT` and `INSTRUMENT`: which of the head's must be the order's. [`FindOrders::OPEN`].
    pub by: u8,
    /// Orders to tell of at most: 1 to [`crate::limits::FIND_ORDERS_TOLD`].
    pub most: u8,
    /// Zero.
    pub reserved: [u8; 2],
}

impl FindOrders {
    /// In `by`: open orders only.
    pub const OPEN: u8 = 1 << 7;
    /// In the answer: there is no more.
    pub const END: u64 = u64::MAX;
}

/// Whom a [`KillSwitch`] stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(u8)]
pub enum Scope {
    /// The session that `target` numbers.
    Session = 1,
    /// The account that `target` numbers.
    Account = 2,
    /// Everybody.
    Venue = 3,
}

/// Ask what the head's account has of each asset, or of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Balances {
    /// [`Kind::Balances`].
    pub head: Head,
    /// The client's name of this request (FIX PosReqID, 710), or none.
    pub request_id: ClOrdId,
    /// The asset, or [`Balances::ALL`].
    pub asset: AssetId,
}

impl Balances {
    /// Of every asset that the account has something of.
    pub const ALL: AssetId = AssetId(u32::MAX);
}

/// Cancel everything and refuse new orders, or take them again. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct KillSwitch {
    /// [`Kind::KillSwitch`].
    pub head: Head,
    /// The session or account.
    pub target: u32,
    /// Whom it stops.
    pub scope: Scope,
    /// 1 stops, 0 lets go on.
    pub on: u8,
    /// Zero.
    pub reserved: [u8; 2],
}

/// Change the trading state of the head's instrument. For operators and the venue's own schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SetState {
    /// [`Kind::SetState`].
    pub head: Head,
    /// The new state.
    pub state: TradingState,
    /// Zero.
    pub reserved: [u8; 7],
}

/// Move funds of the head's account into or out of the venue. For operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Funds {
    /// [`Kind::Deposit`] or [`Kind::Withdraw`].
    pub head: Head,
    /// What is moved.
    pub asset: AssetId,
    /// Zero.
    pub reserved: u32,
    /// How much, in the asset's smallest units, low half first.
    pub amount: [u64; 2],
}

/// A command read in place from a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// See [`NewOrder`].
    New(&'a NewOrder),
    /// See [`Cancel`].
    Cancel(&'a Cancel),
    /// See [`Replace`].
    Replace(&'a Replace),
    /// See [`Status`].
    Status(&'a Status),
    /// See [`Kind::SessionUp`].
    SessionUp(&'a SessionNotice),
    /// See [`Kind::SessionDown`].
    SessionDown(&'a SessionNotice),
    /// See [`Kind::CancelSession`].
    CancelSession(&'a SessionNotice),
    /// See [`MassCancel`].
    MassCancel(&'a MassCancel),
    /// See [`KillSwitch`].
    KillSwitch(&'a KillSwitch),
    /// See [`Kind::Due`].
    Due(&'a SessionNotice),
    /// See [`SetState`].
    SetState(&'a SetState),
    /// See [`Kind::Deposit`].
    Deposit(&'a Funds),
    /// See [`Kind::Withdraw`].
    Withdraw(&'a Funds),
    /// See [`MassQuote`].
    MassQuote(MassQuote<'a>),
    /// See [`SetProtection`].
    SetProtection(&'a SetProtection),
    /// See [`ResetProtection`].
    ResetProtection(&'a ResetProtection),
    /// See [`SetInstrument`].
    SetInstrument(&'a SetInstrument),
    /// See [`SetAccount`].
    SetAccount(&'a SetAccount),
    /// See [`SetCredit`].
    SetCredit(&'a SetCredit),
    /// See [`Entitle`].
    Entitle(&'a Entitle),
    /// See [`SetLimits`].
    SetLimits(&'a SetLimits),
    /// See [`NewOrderList`].
    NewOrderList(&'a NewOrderList),
    /// See [`Kind::CancelList`].
    CancelList(&'a ListRequest),
    /// See [`Kind::ListStatus`].
    ListStatus(&'a ListRequest),
    /// See [`MassStatus`].
    MassStatus(&'a MassStatus),
    /// See [`Balances`].
    Balances(&'a Balances),
    /// See [`Kind::ShowBook`].
    ShowBook(&'a SessionNotice),
    /// See [`FindOrders`].
    FindOrders(&'a FindOrders),
}

/// Bytes that are not a command of this version: the two sides of the ring are not the same build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a command of this version; start gateway and matcher from the same build")]
pub struct NotACommand;

impl<'a> Command<'a> {
    /// The command in `bytes`, which must be aligned to 8 and of exactly its length.
    ///
    /// # Errors
    /// [`NotACommand`] if the length, the alignment or any coded field is wrong.
    pub fn read(bytes: &'a [u8]) -> Result<Self, NotACommand> {
        fn view<T: TryFromBytes + KnownLayout + Immutable + ?Sized>(bytes: &[u8]) -> Result<&T, NotACommand> {
            T::try_ref_from_bytes(bytes).map_err(|_| NotACommand)
        }
        let kind = bytes.get(..1).ok_or(NotACommand)?;
        Ok(match Kind::try_read_from_bytes(kind).map_err(|_| NotACommand)? {
            Kind::New => Self::New(view(bytes)?),
            Kind::Cancel => Self::Cancel(view(bytes)?),
            Kind::Replace => Self::Replace(view(bytes)?),
            Kind::Status => Self::Status(view(bytes)?),
            Kind::SessionUp => Self::SessionUp(view(bytes)?),
            Kind::SessionDown => Self::SessionDown(view(bytes)?),
            Kind::CancelSession => Self::CancelSession(view(bytes)?),
            Kind::MassCancel => Self::MassCancel(view(bytes)?),
            Kind::KillSwitch => Self::KillSwitch(view(bytes)?),
            Kind::Due => Self::Due(view(bytes)?),
            Kind::SetState => Self::SetState(view(bytes)?),
            Kind::Deposit => Self::Deposit(view(bytes)?),
            Kind::Withdraw => Self::Withdraw(view(bytes)?),
            Kind::MassQuote => {
                let (head, body) = bytes.split_at_checked(size_of::<Head>()).ok_or(NotACommand)?;
                let body: &MassQuoteBody = view(body)?;
                if body.entries.len() > MASS_QUOTE_ENTRIES_MAX {
                    return Err(NotACommand);
                }
                Self::MassQuote(MassQuote { head: view(head)?, body })
            }
            Kind::SetProtection => Self::SetProtection(view(bytes)?),
            Kind::ResetProtection => Self::ResetProtection(view(bytes)?),
            Kind::SetInstrument => Self::SetInstrument(view(bytes)?),
            Kind::SetAccount => Self::SetAccount(view(bytes)?),
            Kind::SetCredit => Self::SetCredit(view(bytes)?),
            Kind::Entitle => Self::Entitle(view(bytes)?),
            Kind::SetLimits => Self::SetLimits(view(bytes)?),
            Kind::NewOrderList => Self::NewOrderList(view(bytes)?),
            Kind::CancelList => Self::CancelList(view(bytes)?),
            Kind::ListStatus => Self::ListStatus(view(bytes)?),
            Kind::MassStatus => Self::MassStatus(view(bytes)?),
            Kind::Balances => Self::Balances(view(bytes)?),
            Kind::ShowBook => Self::ShowBook(view(bytes)?),
            Kind::FindOrders => Self::FindOrders(view(bytes)?),
        })
    }

    /// The command's head.
    #[must_use]
    pub const fn head(&self) -> &'a Head {
        match self {
            Self::New(c) => &c.head,
            Self::Cancel(c) => &c.head,
            Self::Replace(c) => &c.head,
            Self::Status(c) => &c.head,
            Self::SessionUp(c)
            | Self::SessionDown(c)
            | Self::CancelSession(c)
            | Self::Due(c)
            | Self::ShowBook(c) => &c.head,
            Self::MassCancel(c) => &c.head,
            Self::KillSwitch(c) => &c.head,
            Self::SetState(c) => &c.head,
            Self::Deposit(c) | Self::Withdraw(c) => &c.head,
            Self::MassQuote(c) => c.head,
            Self::SetProtection(c) => &c.head,
            Self::ResetProtection(c) => &c.head,
            Self::SetInstrument(c) => &c.head,
            Self::SetAccount(c) => &c.head,
            Self::SetCredit(c) => &c.head,
            Self::Entitle(c) => &c.head,
            Self::SetLimits(c) => &c.head,
            Self::NewOrderList(c) => &c.head,
            Self::CancelList(c) | Self::ListStatus(c) => &c.head,
            Self::MassStatus(c) => &c.head,
            Self::Balances(c) => &c.head,
            Self::FindOrders(c) => &c.head,
        }
    }
}

const _: () = {
    assert!(size_of::<NewOrder>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Cancel>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Replace>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Status>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<FindOrders>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<QuoteEntry>() == 40);
    assert!(size_of::<InstrumentTerms>() == 144);
    assert!(
        size_of::<Head>() + ClOrdId::MAX + 4 + MASS_QUOTE_ENTRIES_MAX * size_of::<QuoteEntry>()
            <= crate::limits::COMMAND_MESSAGE_BYTES_MAX
    );
    assert!(size_of::<SetInstrument>() <= crate::limits::COMMAND_MESSAGE_BYTES_MAX);
    assert!(size_of::<NewOrderList>() <= crate::limits::COMMAND_MESSAGE_BYTES_MAX);
};
