//! Lists of two orders of which one cancels the other.

use std::time::SystemTime;

use wire::sbe::{codes::OrderFlags, encode, encode_group, messages};

use super::{NewOrder, Request, Size, nanos, number, price, quantity, written};
use crate::{Definitions, Error, Name, decimal};

/// An order of a list.
#[derive(Clone, Debug)]
pub struct ListLeg {
    order: NewOrder,
}

impl From<NewOrder> for ListLeg {
    fn from(order: NewOrder) -> ListLeg {
        ListLeg { order }
    }
}

/// Two orders of one instrument and side of which one cancels the other (OCO), taken both or none. The list's symbol, side,
/// account and deadline are those of the first; each order has a name of its own.
#[derive(Clone, Debug)]
pub struct OneCancelsOther {
    legs: [ListLeg; 2],
    name: Option<Name>,
}

impl OneCancelsOther {
    /// The two.
    #[must_use]
    pub fn new(first: NewOrder, second: NewOrder) -> OneCancelsOther {
        OneCancelsOther { legs: [first.into(), second.into()], name: None }
    }

    /// The list's name.
    #[must_use]
    pub fn named(mut self, name: Name) -> OneCancelsOther {
        self.name = Some(name);
        self
    }
}

impl Request for OneCancelsOther {
    fn name(&self) -> Option<Name> {
        self.name
    }

    fn instrument(&self, definitions: &Definitions) -> Option<u32> {
        self.legs[0].order.instrument(definitions)
    }

    fn encode(&self, definitions: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let leg = |(at, ListLeg { order }): (usize, &ListLeg)| {
            let own = order.name.map_or_else(|| Name::new(&suffixed(name, at)), Ok)?;
            let Size::Base(size) = order.size else {
                return Err(Error::Entries { what: "orders by amount in a list", count: 1, max: 0 });
            };
            Ok(messages::NewOrderListEntry {
                cl_ord_id: own.text(),
                ord_type: order.order_type,
                time_in_force: order.time_in_force,
                order_flags: OrderFlags(if order.post_only { OrderFlags::POST_ONLY } else { 0 }),
                self_match_prevention_instruction: order.self_trade.into(),
                order_qty: decimal::quantity(size, "quantity")?,
                price: price(order.price, "price")?,
                stop_px: price(order.stop, "stop price")?,
                expire_time: order.expires.map(nanos).into(),
                display_qty: quantity(order.display, "display quantity")?,
            })
        };
        let entries = self.legs.iter().enumerate().map(leg).collect::<Result<Vec<_>, Error>>()?;
        let first = &self.legs[0].order;
        let block = messages::NewOrderList {
            list_id: name.text(),
            instrument_id: definitions.instrument_id(&first.symbol)?.into(),
            deadline: first.deadline.map(nanos).into(),
            account_id: number(first.account.as_ref(), definitions)?.into(),
            side: first.side,
            padding1: [0; 7],
        };
        Ok(written(encode_group(&block, entries.iter(), buffer)))
    }
}

/// The name of an order of the list `name` that has none of its own.
fn suffixed(name: Name, at: usize) -> String {
    let text = name.as_str();
    format!("{}.{}", &text[..text.len().min(34)], at + 1)
}

/// Cancels the orders of a list that are open.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use penstock_client::CancelList;
///
/// let within_a_second = CancelList::of("exit".parse().unwrap()).deadline(SystemTime::now() + Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CancelList {
    list: Name,
    deadline: Option<SystemTime>,
}

impl CancelList {
    /// The list of that name.
    #[must_use]
    pub const fn of(list: Name) -> CancelList {
        CancelList { list, deadline: None }
    }

    /// When the venue is to refuse the request rather than carry it out.
    #[must_use]
    pub const fn deadline(mut self, time: SystemTime) -> CancelList {
        self.deadline = Some(time);
        self
    }
}

impl Request for CancelList {
    fn name(&self) -> Option<Name> {
        Some(self.list)
    }

    fn instrument(&self, _: &Definitions) -> Option<u32> {
        None
    }

    fn encode(&self, _: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        let deadline = self.deadline.map(nanos).into();
        let block = messages::ListCancelRequest { list_id: name.text(), deadline, padding1: [0; 4] };
        Ok(written(encode(&block, buffer)))
    }
}

/// Asks how the orders of a list stand.
#[derive(Clone, Copy, Debug)]
pub struct ListStatus {
    list: Name,
}

impl ListStatus {
    /// The list of that name.
    #[must_use]
    pub const fn of(list: Name) -> ListStatus {
        ListStatus { list }
    }
}

impl Request for ListStatus {
    fn name(&self) -> Option<Name> {
        Some(self.list)
    }

    fn instrument(&self, _: &Definitions) -> Option<u32> {
        None
    }

    fn encode(&self, _: &Definitions, name: Name, buffer: &mut [u8]) -> Result<usize, Error> {
        Ok(written(encode(&messages::ListStatusRequest { list_id: name.text(), padding1: [0; 4] }, buffer)))
    }
}
