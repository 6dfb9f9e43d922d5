//! Order lists: from the binary protocol into the ring, and for clients the other way.

use super::{
    Entries,
    field::Optional,
    messages::{ListCancelRequest, ListStatusRequest, NewOrder, NewOrderList, NewOrderListEntry},
    order::{Name, deadline, name, until},
    units::NotExpressible,
};
use crate::{
    command::{self, Head, Kind},
    instrument::Instrument,
    reject::Reject,
};

impl NewOrderList {
    /// The list for the ring.
    ///
    /// # Errors
    /// [`Reject::BadList`] if it has other than two orders or its name is none, [`Reject::BadClOrdId`].
    pub fn command(
        &self,
        entries: Entries<'_, NewOrderListEntry>,
        instrument: &Instrument,
        head: Head,
    ) -> Result<command::NewOrderList, Reject> {
        let list_id = name(&self.list_id).map_err(|_| Reject::BadList)?;
        let mut entries = entries.iter();
        let (Some(first), Some(second), None) = (entries.next(), entries.next(), entries.next()) else {
            return Err(Reject::BadList);
        };
        let order = |entry: &NewOrderListEntry| self.order(entry).command(instrument, head);
        let orders = [order(first)?, order(second)?];
        Ok(command::NewOrderList {
            head: orders[0].head.with_kind(Kind::NewOrderList),
            list_id,
            reserved: 0,
            orders,
        })
    }

    /// The request for `command`, and its orders.
    ///
    /// # Errors
    /// If a price or quantity cannot be said, or stands for one that could not be, or the orders differ in what a list
    /// says of both.
    pub fn of(
        command: &command::NewOrderList,
        instrument: &Instrument,
    ) -> Result<(NewOrderList, [NewOrderListEntry; 2]), NotExpressible> {
        let [first, second] = &command.orders;
        let of_both = |order: &command::NewOrder| (order.head, order.side);
        if of_both(first) != of_both(second) {
            return Err(NotExpressible("two orders with different instruments, accounts or sides"));
        }
        let entry = |order| NewOrderListEntry::of(&NewOrder::of(order, instrument)?);
        let entries = [entry(first)?, entry(second)?];
        let order = NewOrder::of(first, instrument)?;
        let list = NewOrderList {
            list_id: command.list_id.into(),
            instrument_id: order.instrument_id,
            deadline: order.deadline,
            account_id: order.account_id,
            side: order.side,
            padding1: [0; 7],
        };
        Ok((list, entries))
    }

    /// One of its orders as if it had come alone.
    fn order(&self, entry: &NewOrderListEntry) -> NewOrder {
        NewOrder {
            cl_ord_id: entry.cl_ord_id,
            instrument_id: self.instrument_id,
            account_id: self.account_id,
            side: self.side,
            ord_type: entry.ord_type,
            time_in_force: entry.time_in_force,
            order_flags: entry.order_flags,
            order_qty: Some(entry.order_qty).into(),
            price: entry.price,
            stop_px: entry.stop_px,
            display_qty: entry.display_qty,
            min_qty: Optional::NULL,
            cash_order_qty: Optional::NULL,
            expire_time: entry.expire_time,
            deadline: self.deadline,
            self_match_prevention_instruction: entry.self_match_prevention_instruction,
            padding1: [0; 7],
        }
    }
}

impl NewOrderListEntry {
    fn of(order: &NewOrder) -> Result<NewOrderListEntry, NotExpressible> {
        let only = |there: bool, what| if there { Err(NotExpressible(what)) } else { Ok(()) };
        only(order.min_qty != Optional::NULL, "MinQty")?;
        Ok(NewOrderListEntry {
            cl_ord_id: order.cl_ord_id,
            ord_type: order.ord_type,
            time_in_force: order.time_in_force,
            order_flags: order.order_flags,
            self_match_prevention_instruction: order.self_match_prevention_instruction,
            order_qty: order.order_qty.get().ok_or(NotExpressible("CashOrderQty"))?,
            price: order.price,
            stop_px: order.stop_px,
            expire_time: order.expire_time,
            display_qty: order.display_qty,
        })
    }
}

impl ListCancelRequest {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::UnknownList`] if no list can have that name.
    pub fn command(&self, head: Head) -> Result<command::ListRequest, Reject> {
        about(Kind::CancelList, &self.list_id, until(self.deadline, head))
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::ListRequest) -> ListCancelRequest {
        ListCancelRequest {
            list_id: command.list_id.into(),
            padding1: [0; 4],
            deadline: deadline(&command.head),
        }
    }
}

impl ListStatusRequest {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::UnknownList`] if no list can have that name.
    pub fn command(&self, head: Head) -> Result<command::ListRequest, Reject> {
        about(Kind::ListStatus, &self.list_id, head)
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::ListRequest) -> ListStatusRequest {
        ListStatusRequest { list_id: command.list_id.into(), padding1: [0; 4] }
    }
}

fn about(kind: Kind, list_id: &Name, head: Head) -> Result<command::ListRequest, Reject> {
    let list_id = name(list_id).map_err(|_| Reject::UnknownList)?;
    Ok(command::ListRequest { head: head.with_kind(kind), list_id, reserved: 0 })
}
