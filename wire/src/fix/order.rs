//! Requests about orders: NewOrderSingle (D), OrderCancelRequest (F), OrderCancelReplaceRequest (G) and
//! OrderStatusRequest (H), read and checked in one walk, and written.
//!
//! A message that breaks FIX gets the session-level Reject that the standard wants, with the field concerned.
//! What FIX allows but this venue does not offer (a stop order, a sell short, a hidden quantity) is a
//! well-formed order all the same: `not_offered` names the field, and the venue answers with a report.
//!
//! Other fields of the message are checked for their place and then ignored, and so are users' own (5000 and
//! above).

use super::{
    dictionary::{self, Tags},
    encode::Body,
    message::{Field, Message},
    refusal::{BusinessReject, BusinessRejectReason, Refusal, SessionReject, SessionRejectReason as Why},
    value,
};
use crate::{
    command::Target,
    decimal::Number,
    types::{ClOrdId, Nanos, OrderId, OrderType, Side, TimeInForce},
};

/// A coded field: its character, and what it means if the venue offers that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coded<T> {
    /// The character as it stood in the message.
    pub code: u8,
    /// Its meaning; `None` for a value of FIX that is not offered here.
    pub value: Option<T>,
}

macro_rules! coded {
    ($($type:ident),+) => { $(
        impl Coded<$type> {
            const fn read(code: u8) -> Self {
                Coded { code, value: $type::from_fix(code) }
            }
        }

        impl From<$type> for Coded<$type> {
            fn from(value: $type) -> Self {
                Coded { code: value.fix(), value: Some(value) }
            }
        }
    )+ };
}
coded!(Side, OrderType, TimeInForce);

/// NewOrderSingle (D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrderSingle<'b> {
    /// ClOrdID (11), of any length.
    pub cl_ord_id: &'b [u8],
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// OrdType (40).
    pub order_type: Coded<OrderType>,
    /// TimeInForce (59), Day where the message has none.
    pub time_in_force: Coded<TimeInForce>,
    /// Price (44); there is one in a limit order.
    pub price: Option<Number>,
    /// OrderQty (38); zero where `not_offered` names another way to give a quantity.
    pub quantity: Number,
    /// ExecInst (18) holds 6, "participate don't initiate".
    pub post_only: bool,
    /// TransactTime (60).
    pub transact_time: Nanos,
    /// The first field that asks for something this venue does not offer.
    pub not_offered: Option<u32>,
}

/// OrderCancelRequest (F).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCancelRequest<'b> {
    /// ClOrdID (11) of the request, of any length.
    pub cl_ord_id: &'b [u8],
    /// OrigClOrdID (41). FIX 4.4 requires it; here OrderID may stand for it, as in later versions.
    pub orig_cl_ord_id: Option<&'b [u8]>,
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// TransactTime (60).
    pub transact_time: Nanos,
}

/// OrderCancelReplaceRequest (G).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCancelReplaceRequest<'b> {
    /// ClOrdID (11) of the request, and of the order once replaced; of any length.
    pub cl_ord_id: &'b [u8],
    /// OrigClOrdID (41), as in [`OrderCancelRequest`].
    pub orig_cl_ord_id: Option<&'b [u8]>,
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
    /// OrdType (40).
    pub order_type: Coded<OrderType>,
    /// TimeInForce (59), if given.
    pub time_in_force: Option<Coded<TimeInForce>>,
    /// Price (44); there is one for a limit order.
    pub price: Option<Number>,
    /// OrderQty (38), the new total; zero as in [`NewOrderSingle`].
    pub quantity: Number,
    /// ExecInst (18) holds 6.
    pub post_only: bool,
    /// TransactTime (60).
    pub transact_time: Nanos,
    /// The first field that asks for something this venue does not offer.
    pub not_offered: Option<u32>,
}

/// OrderStatusRequest (H).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderStatusRequest<'b> {
    /// ClOrdID (11) of the order.
    pub cl_ord_id: &'b [u8],
    /// OrderID (37).
    pub order_id: Option<&'b [u8]>,
    /// OrdStatusReqID (790), the request's own name.
    pub request_id: Option<&'b [u8]>,
    /// Account (1).
    pub account: Option<&'b [u8]>,
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// Side (54).
    pub side: Coded<Side>,
}

impl<'b> NewOrderSingle<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"D";

    /// The order in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let slots = Slots::read(message, &dictionary::NEW_ORDER_SINGLE)?;
        let order_type = Coded::<OrderType>::read(required_code(slots.ord_type, 40)?);
        Ok(NewOrderSingle {
            cl_ord_id: required(slots.cl_ord_id, 11)?,
            account: slots.account,
            symbol: required(slots.symbol, 55)?,
            side: Coded::<Side>::read(required_code(slots.side, 54)?),
            order_type,
            time_in_force: Coded::<TimeInForce>::read(slots.time_in_force.map_or(b'0', |v| v[0])),
            transact_time: slots.transact_time.ok_or(SessionReject::about(Why::RequiredTagMissing, 60))?,
            price: slots.limit_price(order_type)?,
            quantity: slots.quantity()?,
            post_only: slots.post_only,
            not_offered: slots.not_offered,
        })
    }

    /// Writes the order's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        if self.post_only {
            body.char(b"18=", b'6');
        }
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
        number(body, b"38=", Some(self.quantity));
        body.char(b"40=", self.order_type.code);
        number(body, b"44=", self.price);
        body.char(b"59=", self.time_in_force.code);
    }
}

impl<'b> OrderCancelRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"F";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let slots = Slots::read(message, &dictionary::ORDER_CANCEL_REQUEST)?;
        Ok(OrderCancelRequest {
            orig_cl_ord_id: slots.orig_cl_ord_id()?,
            order_id: slots.order_id,
            cl_ord_id: required(slots.cl_ord_id, 11)?,
            account: slots.account,
            symbol: required(slots.symbol, 55)?,
            side: Coded::<Side>::read(required_code(slots.side, 54)?),
            transact_time: slots.transact_time.ok_or(SessionReject::about(Why::RequiredTagMissing, 60))?,
        })
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(self.orig_cl_ord_id, self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"41=", self.orig_cl_ord_id);
        optional(body, b"37=", self.order_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
    }
}

impl<'b> OrderCancelReplaceRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"G";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let slots = Slots::read(message, &dictionary::ORDER_CANCEL_REPLACE_REQUEST)?;
        let order_type = Coded::<OrderType>::read(required_code(slots.ord_type, 40)?);
        Ok(OrderCancelReplaceRequest {
            orig_cl_ord_id: slots.orig_cl_ord_id()?,
            order_id: slots.order_id,
            cl_ord_id: required(slots.cl_ord_id, 11)?,
            account: slots.account,
            symbol: required(slots.symbol, 55)?,
            side: Coded::<Side>::read(required_code(slots.side, 54)?),
            order_type,
            time_in_force: slots.time_in_force.map(|v| Coded::<TimeInForce>::read(v[0])),
            transact_time: slots.transact_time.ok_or(SessionReject::about(Why::RequiredTagMissing, 60))?,
            price: slots.limit_price(order_type)?,
            quantity: slots.quantity()?,
            post_only: slots.post_only,
            not_offered: slots.not_offered,
        })
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(self.orig_cl_ord_id, self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"37=", self.order_id);
        optional(body, b"41=", self.orig_cl_ord_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"1=", self.account);
        if self.post_only {
            body.char(b"18=", b'6');
        }
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
        body.time(b"60=", self.transact_time);
        number(body, b"38=", Some(self.quantity));
        body.char(b"40=", self.order_type.code);
        number(body, b"44=", self.price);
        if let Some(time_in_force) = self.time_in_force {
            body.char(b"59=", time_in_force.code);
        }
    }
}

impl<'b> OrderStatusRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"H";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let slots = Slots::read(message, &dictionary::ORDER_STATUS_REQUEST)?;
        Ok(OrderStatusRequest {
            order_id: slots.order_id,
            cl_ord_id: required(slots.cl_ord_id, 11)?,
            request_id: slots.status_req_id,
            account: slots.account,
            symbol: required(slots.symbol, 55)?,
            side: Coded::<Side>::read(required_code(slots.side, 54)?),
        })
    }

    /// The order it is about; `None` if it cannot be one of ours.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        target(Some(self.cl_ord_id), self.order_id)
    }

    /// Writes the request's fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        optional(body, b"37=", self.order_id);
        body.field(b"11=", self.cl_ord_id);
        optional(body, b"790=", self.request_id);
        optional(body, b"1=", self.account);
        body.field(b"55=", self.symbol);
        body.char(b"54=", self.side.code);
    }
}

/// Whether `bytes` may name an order or request: [`ClOrdId`]'s length, and printable ASCII. The name, or `None`
/// for [`crate::reject::Reject::BadClOrdId`].
#[must_use]
pub fn cl_ord_id(bytes: &[u8]) -> Option<ClOrdId> {
    let printable = bytes.iter().all(|b| (b' '..=b'~').contains(b));
    ClOrdId::new(bytes).filter(|_| printable)
}

fn target(orig_cl_ord_id: Option<&[u8]>, order_id: Option<&[u8]>) -> Option<Target> {
    match (orig_cl_ord_id, order_id) {
        (Some(name), _) => ClOrdId::new(name).map(Target::Client),
        (None, Some(id)) => value::unsigned(id).map(|id| Target::Venue(OrderId(id))),
        (None, None) => None,
    }
}

/// What the four messages are made of.
#[derive(Default)]
struct Slots<'b> {
    account: Option<&'b [u8]>,
    cl_ord_id: Option<&'b [u8]>,
    orig_cl_ord_id: Option<&'b [u8]>,
    order_id: Option<&'b [u8]>,
    status_req_id: Option<&'b [u8]>,
    symbol: Option<&'b [u8]>,
    side: Option<&'b [u8]>,
    ord_type: Option<&'b [u8]>,
    time_in_force: Option<&'b [u8]>,
    exec_inst: Option<&'b [u8]>,
    handl_inst: Option<&'b [u8]>,
    price: Option<Number>,
    order_qty: Option<Number>,
    transact_time: Option<Nanos>,
    post_only: bool,
    /// The quantity is given in another way than by OrderQty.
    other_quantity: bool,
    not_offered: Option<u32>,
}

impl<'b> Slots<'b> {
    #[inline]
    fn read(message: &Message<'b>, allowed: &Tags) -> Result<Self, SessionReject> {
        let mut slots = Slots::default();
        let mut fields = message.body();
        let mut trailer = false;
        while let Some(field) = fields.next_field()? {
            if !allowed.has(field.tag) || trailer {
                trailer |= dictionary::stranger(field.tag, trailer)?;
                if dictionary::is_length(field.tag) {
                    fields.data_follows(&field)?;
                }
                continue;
            }
            match field.tag {
                1 => field.once(&mut slots.account)?,
                11 => field.once(&mut slots.cl_ord_id)?,
                37 => field.once(&mut slots.order_id)?,
                41 => field.once(&mut slots.orig_cl_ord_id)?,
                55 => field.once(&mut slots.symbol)?,
                790 => field.once(&mut slots.status_req_id)?,
                18 => {
                    field.once(&mut slots.exec_inst)?;
                    slots.exec_inst(&field)?;
                }
                21 => {
                    field.once(&mut slots.handl_inst)?;
                    code(&field, |c| matches!(c, b'1'..=b'3'))?;
                }
                54 => {
                    field.once(&mut slots.side)?;
                    let code = code(&field, |c| matches!(c, b'1'..=b'9' | b'A'..=b'G'))?;
                    slots.offers(54, Side::from_fix(code).is_some());
                }
                40 => {
                    field.once(&mut slots.ord_type)?;
                    let known =
                        |c| matches!(c, b'1'..=b'4' | b'6'..=b'9' | b'D' | b'E' | b'G' | b'I'..=b'M' | b'P');
                    let code = code(&field, known)?;
                    slots.offers(
                        40,
                        matches!(OrderType::from_fix(code), Some(OrderType::Market | OrderType::Limit)),
                    );
                }
                59 => {
                    field.once(&mut slots.time_in_force)?;
                    let code = code(&field, |c| matches!(c, b'0'..=b'7'))?;
                    use TimeInForce::{Day, Fok, Gtc, Ioc};
                    slots.offers(59, matches!(TimeInForce::from_fix(code), Some(Day | Gtc | Ioc | Fok)));
                }
                44 => decimal_once(&field, &mut slots.price)?,
                38 => decimal_once(&field, &mut slots.order_qty)?,
                60 => {
                    let time = value::timestamp(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                    if slots.transact_time.replace(time).is_some() {
                        return Err(field.wrong(Why::TagAppearsMoreThanOnce));
                    }
                }
                _ => {
                    slots.other(&field)?;
                    if dictionary::is_length(field.tag) {
                        fields.data_follows(&field)?;
                    }
                }
            }
        }
        Ok(slots)
    }

    fn offers(&mut self, tag: u32, offered: bool) {
        if !offered {
            self.not_offered.get_or_insert(tag);
        }
    }

    /// ExecInst is a list of characters, set apart by spaces.
    fn exec_inst(&mut self, field: &Field<'b>) -> Result<(), SessionReject> {
        for word in field.value.split(|&b| b == b' ') {
            match word {
                b"6" => self.post_only = true,
                // FIX 4.4 knows 0 to 9, A to S, U to Z and a to e.
                [b'0'..=b'9' | b'A'..=b'S' | b'U'..=b'Z' | b'a'..=b'e'] => self.offers(18, false),
                [_] => return Err(field.wrong(Why::ValueIncorrect)),
                _ => return Err(field.wrong(Why::IncorrectDataFormat)),
            }
        }
        Ok(())
    }

    /// Fields that would make another order of it must not be ignored; all others may be.
    #[cold]
    fn other(&mut self, field: &Field<'b>) -> Result<(), SessionReject> {
        match field.tag {
            // MinQty, StopPx, MaxFloor, CashOrderQty, OrderQty2, MaxShow, PegOffsetValue, DiscretionOffsetValue,
            // OrderPercent, Price2
            99 | 110 | 111 | 152 | 192 | 210 | 211 | 389 | 516 | 640 => {
                Number::parse(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                self.other_quantity |= matches!(field.tag, 152 | 516);
                self.offers(field.tag, false);
            }
            // ExpireTime, EffectiveTime
            126 | 168 => {
                value::timestamp(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                self.offers(field.tag, false);
            }
            // DiscretionInst, ExpireDate, TargetStrategy
            388 | 432 | 847 => self.offers(field.tag, false),
            // PriceType, of which only "per unit" is what we mean by a price
            423 => self.offers(423, field.value == b"2"),
            _ => {}
        }
        Ok(())
    }

    fn orig_cl_ord_id(&self) -> Result<Option<&'b [u8]>, SessionReject> {
        match (self.orig_cl_ord_id, self.order_id) {
            (None, None) => Err(SessionReject::about(Why::RequiredTagMissing, 41)),
            (name, _) => Ok(name),
        }
    }

    fn limit_price(&self, order_type: Coded<OrderType>) -> Result<Option<Number>, BusinessReject> {
        match order_type.value {
            Some(OrderType::Limit | OrderType::StopLimit) => {
                Ok(Some(self.price.ok_or_else(|| conditional(44))?))
            }
            Some(OrderType::Market) => Ok(None),
            Some(OrderType::Stop | OrderType::TrailingStop) | None => Ok(self.price),
        }
    }

    fn quantity(&self) -> Result<Number, BusinessReject> {
        match self.order_qty {
            Some(quantity) => Ok(quantity),
            None if self.other_quantity => Ok(Number::ZERO),
            None => Err(conditional(38)),
        }
    }
}

fn code(field: &Field<'_>, known: impl Fn(u8) -> bool) -> Result<u8, SessionReject> {
    match *field.value {
        [code] if known(code) => Ok(code),
        [_] => Err(field.wrong(Why::ValueIncorrect)),
        _ => Err(field.wrong(Why::IncorrectDataFormat)),
    }
}

fn decimal_once(field: &Field<'_>, slot: &mut Option<Number>) -> Result<(), SessionReject> {
    let number = Number::parse(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
    match slot.replace(number) {
        None => Ok(()),
        Some(_) => Err(field.wrong(Why::TagAppearsMoreThanOnce)),
    }
}

fn required(value: Option<&[u8]>, tag: u32) -> Result<&[u8], SessionReject> {
    value.ok_or_else(|| SessionReject::about(Why::RequiredTagMissing, tag))
}

/// As [`required`], for a value that has been seen to be one character.
fn required_code(value: Option<&[u8]>, tag: u32) -> Result<u8, SessionReject> {
    required(value, tag).map(|v| v[0])
}

fn conditional(tag: u32) -> BusinessReject {
    BusinessReject { reason: BusinessRejectReason::ConditionallyRequiredFieldMissing, tag: Some(tag) }
}

fn optional<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<&[u8]>) {
    if let Some(value) = value {
        body.field(tag, value);
    }
}

fn number<const N: usize>(body: &mut Body<'_>, tag: &[u8; N], value: Option<Number>) {
    if let Some(Number::Exact(value)) = value {
        body.decimal(tag, value);
    }
}

#[cfg(test)]
mod tests;
