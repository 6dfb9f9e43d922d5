//! What gateways put into the rings for a matcher: one fixed layout per command, at most two cache lines.
//!
//! A gateway checks form (framing, types, entitlement, instrument known); whatever the matcher can judge is
//! left to it, so that every business reject is part of the sequence and the checks have one order.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::types::{
    AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SessionId, Side, Ticks, TimeInForce,
};

/// Which command follows a [`Head`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(u8)]
pub enum Kind {
    /// [`NewOrder`].
    New = 1,
    /// [`Cancel`].
    Cancel = 2,
    /// [`Replace`].
    Replace = 3,
    /// [`Status`].
    Status = 4,
    /// [`SessionNotice`]: the session's client has logged on.
    SessionUp = 5,
    /// [`SessionNotice`]: the session's client has gone.
    SessionDown = 6,
    /// [`SessionNotice`]: cancel every open order of the session.
    CancelSession = 7,
}

/// What every command begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Head {
    /// Which command this is.
    pub kind: Kind,
    /// Zero.
    pub reserved: [u8; 3],
    /// The session it came by, and which hears of what becomes of it.
    pub session: SessionId,
    /// The account it acts for.
    pub account: AccountId,
    /// The instrument it is about; meaningless in [`SessionNotice`].
    pub instrument: InstrumentId,
    /// The inbound sequence number of the session's message (FIX MsgSeqNum, 34).
    pub msg_seq: u64,
    /// When the gateway read the message.
    pub rx: Nanos,
}

impl Head {
    /// A head without reserved bits set.
    #[must_use]
    pub const fn new(
        kind: Kind,
        session: SessionId,
        account: AccountId,
        instrument: InstrumentId,
        msg_seq: u64,
        rx: Nanos,
    ) -> Head {
        Head { kind, reserved: [0; 3], session, account, instrument, msg_seq, rx }
    }
}

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
    /// Market or limit.
    pub order_type: OrderType,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// [`NewOrder::POST_ONLY`], or zero.
    pub flags: u8,
    /// Limit price; zero in a market order.
    pub price: Ticks,
    /// Order quantity.
    pub quantity: Lots,
}

impl NewOrder {
    /// Reject rather than trade on entry (FIX ExecInst 6, "participate don't initiate").
    pub const POST_ONLY: u8 = 1;
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

/// Change an order's price or quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Replace {
    /// [`Kind::Replace`].
    pub head: Head,
    /// The client's name of this request, and of the order once replaced.
    pub cl_ord_id: ClOrdId,
    /// The order.
    pub order: OrderRef,
    /// New limit price.
    pub price: Ticks,
    /// New total quantity, what is filled already included.
    pub quantity: Lots,
    /// Side the client names; it must be the order's.
    pub side: Side,
    /// Zero.
    pub reserved: [u8; 7],
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
    /// [`Kind::SessionUp`], [`Kind::SessionDown`] or [`Kind::CancelSession`].
    pub head: Head,
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
        fn view<T: TryFromBytes + KnownLayout + Immutable>(bytes: &[u8]) -> Result<&T, NotACommand> {
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
            Self::SessionUp(c) | Self::SessionDown(c) | Self::CancelSession(c) => &c.head,
        }
    }
}

const _: () = {
    assert!(size_of::<Head>() == 32);
    assert!(size_of::<NewOrder>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Cancel>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Replace>() <= crate::limits::COMMAND_BYTES_MAX);
    assert!(size_of::<Status>() <= crate::limits::COMMAND_BYTES_MAX);
};
