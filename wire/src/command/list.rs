//! Order lists: two orders of which one cancels the other.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::{Head, NewOrder};
use crate::types::ClOrdId;

/// Two new orders, both or none: as soon as one of them trades, is triggered or ends, the other is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct NewOrderList {
    /// [`super::Kind::NewOrderList`]; the account and instrument are those of the first order.
    pub head: Head,
    /// The client's name of the list (FIX ListID, 66).
    pub list_id: ClOrdId,
    /// Zero.
    pub reserved: u32,
    /// The orders. Their heads say account and instrument; whatever else a head says is that of `head`.
    pub orders: [NewOrder; 2],
}

/// Something about an order list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ListRequest {
    /// [`super::Kind::CancelList`] or [`super::Kind::ListStatus`].
    pub head: Head,
    /// The session's list of this name.
    pub list_id: ClOrdId,
    /// Zero.
    pub reserved: u32,
}
