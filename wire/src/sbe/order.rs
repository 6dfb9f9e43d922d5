//! Requests about orders: from the binary protocol into the ring, and for clients the other way.
//!
//! What FIX allows and this venue does not offer is treated alike in both protocols: it becomes a command that the
//! matcher refuses in the order of its checks ([`command::NewOrder::INEXPRESSIBLE`]).
//!
//! Into the ring, the head says who asks: its account is the one that the request names, or the session's own, and its
//! instrument is the request's; that both exist and the session may trade for the account is the gateway's to check.

use zerocopy::little_endian::U64;

use super::{
    codes::{MassCancelFlags, OrderFlags, SelfTrade},
    field::{Optional, Text},
    messages::{CancelOrder, MassCancel, NewOrder, ReplaceOrder, StatusRequest},
    units::{NotExpressible, amount, cash, lots, price, quantity, ticks},
};
use crate::{
    command::{self, Display, Head, Kind, OrderRef, Target},
    instrument::Instrument,
    reject::Reject,
    types::{self, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, Side, Ticks},
};

pub(super) type Name = Text<{ ClOrdId::MAX }>;

impl NewOrder {
    /// The order for the ring.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`].
    #[inline]
    pub fn command(&self, instrument: &Instrument, head: Head) -> Result<command::NewOrder, Reject> {
        use command::NewOrder as Flags;
        let (kind, quantity) = match (self.order_qty.get(), self.cash_order_qty.get()) {
            (Some(quantity), None) => (0, lots(instrument.lot, quantity)),
            (None, Some(cash)) => (Flags::QUOTE_AMOUNT, amount(instrument, cash)),
            (Some(quantity), Some(_)) => (Flags::INEXPRESSIBLE, lots(instrument.lot, quantity)),
            (None, None) => (0, Lots::ZERO),
        };
        let (part, display) = match (self.display_qty.get(), self.min_qty.get()) {
            (None, None) => (0, Lots::ZERO),
            (None, Some(minimum)) => (Flags::MINIMUM, lots(instrument.lot, minimum)),
            // A display quantity of zero would hide the order, where leaving it out shows all of it.
            (Some(display), None) if display.mantissa() == 0 => (Flags::INEXPRESSIBLE, Lots::ZERO),
            (Some(display), None) => (0, lots(instrument.lot, display)),
            (Some(_), Some(minimum)) => {
                (Flags::INEXPRESSIBLE | Flags::MINIMUM, lots(instrument.lot, minimum))
            }
        };
        let asks = |bit, flag| if self.order_flags.0 & bit == 0 { 0 } else { flag };
        let mode = self.self_match_prevention_instruction.get();
        // A market order's price is passed over.
        let price = self.price.get().filter(|_| self.ord_type != OrderType::Market);
        Ok(command::NewOrder {
            head: until(self.deadline, head).with_kind(Kind::New),
            cl_ord_id: name(&self.cl_ord_id)?,
            side: self.side,
            order_type: self.ord_type,
            time_in_force: self.time_in_force,
            flags: kind
                | part
                | asks(OrderFlags::POST_ONLY, Flags::POST_ONLY)
                | asks(OrderFlags::QUOTE, Flags::INEXPRESSIBLE)
                | mode.map_or(0, |mode| Flags::self_trade_flags(mode_of(mode))),
            price: price.map_or(Ticks(0), |price| ticks(instrument.tick, price)),
            quantity,
            stop: self.stop_px.get().map_or(Ticks(0), |stop| ticks(instrument.tick, stop)),
            display,
            expire: Nanos(self.expire_time.get().unwrap_or_default()),
        })
    }

    /// The request for `command`.
    ///
    /// # Errors
    /// If a price or quantity cannot be said, or stands for one that could not be.
    pub fn of(command: &command::NewOrder, instrument: &Instrument) -> Result<NewOrder, NotExpressible> {
        use command::NewOrder as Flags;
        if command.flags & (Flags::INEXPRESSIBLE | Flags::QUOTE) != 0 {
            return Err(NotExpressible("what the order asks for"));
        }
        let has = |flag| command.flags & flag != 0;
        let of_lots = |lots, what| quantity(instrument.lot, lots, what).map(Some);
        let of_ticks = |ticks: Ticks, what| match ticks {
            Ticks(0) => Ok(None),
            ticks => price(instrument.tick, ticks, what).map(Some),
        };
        let (order_qty, cash_order_qty) = if has(Flags::QUOTE_AMOUNT) {
            (None, Some(cash(instrument, command.quantity, "CashOrderQty")?))
        } else {
            (of_lots(command.quantity, "OrderQty")?, None)
        };
        let (display_qty, min_qty) = match (has(Flags::MINIMUM), command.display) {
            (true, minimum) => (None, of_lots(minimum, "MinQty")?),
            (false, Lots::ZERO) => (None, None),
            (false, display) => (of_lots(display, "DisplayQty")?, None),
        };
        Ok(NewOrder {
            cl_ord_id: command.cl_ord_id.into(),
            instrument_id: command.head.instrument().0.into(),
            account_id: Some(command.head.account.0).into(),
            side: command.side,
            ord_type: command.order_type,
            time_in_force: command.time_in_force,
            order_flags: OrderFlags(if has(Flags::POST_ONLY) { OrderFlags::POST_ONLY } else { 0 }),
            order_qty: order_qty.into(),
            price: of_ticks(command.price, "Price")?.into(),
            stop_px: of_ticks(command.stop, "StopPx")?.into(),
            display_qty: display_qty.into(),
            min_qty: min_qty.into(),
            cash_order_qty: cash_order_qty.into(),
            expire_time: moment(command.expire).into(),
            deadline: deadline(&command.head),
            self_match_prevention_instruction: Flags::named_self_trade(command.flags).map(code_of).into(),
            padding1: [0; 7],
        })
    }
}

impl CancelOrder {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`], and [`Reject::UnknownOrder`] if it names none that could be one of ours.
    #[inline]
    pub fn command(&self, head: Head) -> Result<command::Cancel, Reject> {
        Ok(command::Cancel {
            head: until(self.deadline, head).with_kind(Kind::Cancel),
            cl_ord_id: name(&self.cl_ord_id)?,
            order: target(&self.orig_cl_ord_id, self.order_id.get())?,
        })
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::Cancel) -> CancelOrder {
        let (orig_cl_ord_id, order_id) = named(command.order);
        CancelOrder {
            cl_ord_id: command.cl_ord_id.into(),
            instrument_id: command.head.instrument().0.into(),
            orig_cl_ord_id,
            account_id: Some(command.head.account.0).into(),
            order_id: order_id.into(),
            deadline: deadline(&command.head),
        }
    }
}

impl ReplaceOrder {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`], [`Reject::UnknownOrder`] if it names none that could be one of ours,
    /// [`Reject::UnsupportedOrder`] if it is to hide the order.
    #[inline]
    pub fn command(&self, instrument: &Instrument, head: Head) -> Result<command::Replace, Reject> {
        let display = match self.display_qty.get() {
            None => Display::NONE,
            Some(display) if display.mantissa() == 0 => return Err(Reject::UnsupportedOrder),
            Some(display) => Display::new(lots(instrument.lot, display)),
        };
        Ok(command::Replace {
            head: until(self.deadline, head).with_kind(Kind::Replace),
            cl_ord_id: name(&self.cl_ord_id)?,
            order: target(&self.orig_cl_ord_id, self.order_id.get())?,
            price: self.price.get().map_or(Ticks(0), |price| ticks(instrument.tick, price)),
            quantity: lots(instrument.lot, self.order_qty),
            side: self.side,
            display,
        })
    }

    /// The request for `command`.
    ///
    /// # Errors
    /// If a price or quantity cannot be said, or stands for one that could not be.
    pub fn of(command: &command::Replace, instrument: &Instrument) -> Result<ReplaceOrder, NotExpressible> {
        let (orig_cl_ord_id, order_id) = named(command.order);
        let of_ticks = |ticks| price(instrument.tick, ticks, "Price");
        let display = Some(command.display.lots()).filter(|&display| display != Lots::ZERO);
        let display = display.map(|display| quantity(instrument.lot, display, "DisplayQty")).transpose()?;
        Ok(ReplaceOrder {
            cl_ord_id: command.cl_ord_id.into(),
            instrument_id: command.head.instrument().0.into(),
            orig_cl_ord_id,
            account_id: Some(command.head.account.0).into(),
            order_id: order_id.into(),
            order_qty: quantity(instrument.lot, command.quantity, "OrderQty")?,
            price: if command.price.0 == 0 { None } else { Some(of_ticks(command.price)?) }.into(),
            display_qty: display.into(),
            deadline: deadline(&command.head),
            side: command.side,
            padding1: [0; 7],
        })
    }
}

impl StatusRequest {
    /// The request for the ring.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`], and [`Reject::UnknownOrder`] if it names none that could be one of ours.
    pub fn command(&self, head: Head) -> Result<command::Status, Reject> {
        Ok(command::Status {
            head: head.with_kind(Kind::Status),
            request_id: name_or_none(&self.ord_status_req_id)?,
            order: target(&self.cl_ord_id, self.order_id.get())?,
            side: self.side,
            reserved: [0; 7],
        })
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::Status) -> StatusRequest {
        let (cl_ord_id, order_id) = named(command.order);
        StatusRequest {
            cl_ord_id,
            instrument_id: command.head.instrument().0.into(),
            ord_status_req_id: command.request_id.into(),
            account_id: Some(command.head.account.0).into(),
            order_id: order_id.into(),
            side: command.side,
            padding1: [0; 7],
        }
    }
}

impl MassCancel {
    /// The request for the ring, by a session that `may_all` mean other sessions' orders too. Account and instrument of
    /// `head` count only where the request names them.
    ///
    /// # Errors
    /// [`Reject::BadClOrdId`], and [`Reject::NotEntitled`] where it means others' orders and may not.
    pub fn command(&self, head: Head, may_all: bool) -> Result<command::MassCancel, Reject> {
        use command::MassCancel as By;
        let asks = |bit| self.mass_cancel_flags.0 & bit != 0;
        if asks(MassCancelFlags::ALL_SESSIONS) && !may_all {
            return Err(Reject::NotEntitled);
        }
        let bit = |bit, set: bool| if set { bit } else { 0 };
        let by = bit(By::SESSION, !asks(MassCancelFlags::ALL_SESSIONS))
            | bit(By::ACCOUNT, self.account_id.get().is_some())
            | bit(By::INSTRUMENT, self.instrument_id.get().is_some())
            | bit(By::SIDE, self.side.get().is_some())
            | bit(By::QUOTES, asks(MassCancelFlags::QUOTES_ONLY));
        let instrument = self.instrument_id.get().map_or(InstrumentId(0), |_| head.instrument());
        Ok(command::MassCancel {
            head: head.with_kind(Kind::MassCancel).with_instrument(instrument),
            cl_ord_id: name_or_none(&self.cl_ord_id)?,
            by,
            side: self.side.get().unwrap_or(Side::Buy),
            reserved: [0; 2],
        })
    }

    /// The request for `command`.
    #[must_use]
    pub fn of(command: &command::MassCancel) -> MassCancel {
        use command::MassCancel as By;
        let by = |bit| command.by & bit != 0;
        let all = if by(By::SESSION) { 0 } else { MassCancelFlags::ALL_SESSIONS };
        let quotes = if by(By::QUOTES) { MassCancelFlags::QUOTES_ONLY } else { 0 };
        MassCancel {
            cl_ord_id: command.cl_ord_id.into(),
            instrument_id: by(By::INSTRUMENT).then_some(command.head.instrument().0).into(),
            account_id: by(By::ACCOUNT).then_some(command.head.account.0).into(),
            side: by(By::SIDE).then_some(command.side).into(),
            mass_cancel_flags: MassCancelFlags(all | quotes),
            padding1: [0; 2],
        }
    }
}

/// `head` of a command that is not to be carried out from `deadline` on, if there is one.
#[inline]
pub(super) fn until(deadline: Optional<U64>, head: Head) -> Head {
    deadline.get().map_or(head, |at| head.with_deadline(Nanos(at)))
}

/// What [`until`] has made of a deadline.
pub(super) fn deadline(head: &Head) -> Optional<U64> {
    head.deadline().map(|at| at.0).into()
}

/// The name in `text`: printable ASCII and then zeros.
#[inline]
pub(super) fn name(text: &Name) -> Result<ClOrdId, Reject> {
    ClOrdId::from_padded(*text.padded()).ok_or(Reject::BadClOrdId)
}

pub(super) fn name_or_none(text: &Name) -> Result<ClOrdId, Reject> {
    if *text == Name::NONE { Ok(ClOrdId::NONE) } else { name(text) }
}

/// The order that a request points at, by its ClOrdID or else by its OrderID.
#[inline]
fn target(text: &Name, order_id: Option<u64>) -> Result<OrderRef, Reject> {
    let target = match (*text == Name::NONE, order_id) {
        (true, None) => return Err(Reject::UnknownOrder),
        (true, Some(order_id)) => Target::Venue(OrderId(order_id)),
        // No order has a name that cannot be one.
        (false, _) => Target::Client(name(text).map_err(|_| Reject::UnknownOrder)?),
    };
    Ok(OrderRef::new(target))
}

fn named(order: OrderRef) -> (Name, Option<u64>) {
    match order.target() {
        Target::Client(name) => (name.into(), None),
        Target::Venue(OrderId(id)) => (Name::NONE, Some(id)),
    }
}

/// Zero is no moment.
pub(super) fn moment(at: Nanos) -> Option<u64> {
    Some(at.0).filter(|&at| at > 0)
}

const fn mode_of(code: SelfTrade) -> types::SelfTrade {
    match code {
        SelfTrade::None => types::SelfTrade::None,
        SelfTrade::CancelNewest => types::SelfTrade::CancelNewest,
        SelfTrade::CancelOldest => types::SelfTrade::CancelOldest,
        SelfTrade::CancelBoth => types::SelfTrade::CancelBoth,
        SelfTrade::Decrement => types::SelfTrade::Decrement,
    }
}

const fn code_of(mode: types::SelfTrade) -> SelfTrade {
    match mode {
        types::SelfTrade::None => SelfTrade::None,
        types::SelfTrade::CancelNewest => SelfTrade::CancelNewest,
        types::SelfTrade::CancelOldest => SelfTrade::CancelOldest,
        types::SelfTrade::CancelBoth => SelfTrade::CancelBoth,
        types::SelfTrade::Decrement => SelfTrade::Decrement,
    }
}
