//! The fields of requests about orders, taken in one walk, and what they make of each other.

use super::{
    Coded,
    terms::{Terms, self_trade},
};
use crate::{
    decimal::Number,
    fix::{
        dictionary::{self, Tags},
        message::{Field, Message},
        refusal::{BusinessReject, BusinessRejectReason, Refusal, SessionReject, SessionRejectReason as Why},
        value,
    },
    types::{Nanos, OrderType, SelfTrade, Side, TimeInForce},
};

/// What the four messages are made of.
#[derive(Default)]
pub(super) struct Slots<'b> {
    pub(super) account: Option<&'b [u8]>,
    pub(super) cl_ord_id: Option<&'b [u8]>,
    pub(super) orig_cl_ord_id: Option<&'b [u8]>,
    pub(super) order_id: Option<&'b [u8]>,
    pub(super) status_req_id: Option<&'b [u8]>,
    pub(super) symbol: Option<&'b [u8]>,
    pub(super) side: Option<&'b [u8]>,
    pub(super) transact_time: Option<Nanos>,
    ord_type: Option<&'b [u8]>,
    time_in_force: Option<&'b [u8]>,
    exec_inst: Option<&'b [u8]>,
    handl_inst: Option<&'b [u8]>,
    price: Option<Number>,
    order_qty: Option<Number>,
    post_only: bool,
    trails: bool,
    rare: Rare,
    /// The quantity is given in another way than by OrderQty or CashOrderQty.
    other_quantity: bool,
    not_offered: Option<u32>,
}

/// Fields that few orders have.
#[derive(Default)]
struct Rare {
    stop_px: Option<Number>,
    peg_offset: Option<Number>,
    max_floor: Option<Number>,
    min_qty: Option<Number>,
    cash_order_qty: Option<Number>,
    expire_time: Option<Nanos>,
    expire_date: Option<Nanos>,
    self_trade: Option<SelfTrade>,
}

impl<'b> Slots<'b> {
    #[inline]
    pub(super) fn read(message: &Message<'b>, allowed: &Tags) -> Result<Self, SessionReject> {
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
                    let code = side_code(&field)?;
                    slots.offers(54, Side::from_fix(code).is_some());
                }
                40 => {
                    field.once(&mut slots.ord_type)?;
                    let known =
                        |c| matches!(c, b'1'..=b'4' | b'6'..=b'9' | b'D' | b'E' | b'G' | b'I'..=b'M' | b'P');
                    let code = code(&field, known)?;
                    slots.offers(40, OrderType::from_fix(code).is_some());
                }
                59 => {
                    field.once(&mut slots.time_in_force)?;
                    let code = code(&field, |c| matches!(c, b'0'..=b'7'))?;
                    slots.offers(59, TimeInForce::from_fix(code).is_some());
                }
                44 => decimal_once(&field, &mut slots.price)?,
                38 => decimal_once(&field, &mut slots.order_qty)?,
                60 => time_once(&field, &mut slots.transact_time)?,
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
                b"a" => self.trails = true,
                // FIX 4.4 knows 0 to 9, A to S, U to Z and a to e.
                [b'0'..=b'9' | b'A'..=b'S' | b'U'..=b'Z' | b'b'..=b'e'] => self.offers(18, false),
                [_] => return Err(field.wrong(Why::ValueIncorrect)),
                _ => return Err(field.wrong(Why::IncorrectDataFormat)),
            }
        }
        Ok(())
    }

    /// Fields that would make another order of it must not be ignored; all others may be.
    #[cold]
    fn other(&mut self, field: &Field<'b>) -> Result<(), SessionReject> {
        let rare = &mut self.rare;
        match field.tag {
            99 => decimal_once(field, &mut rare.stop_px)?,
            110 => decimal_once(field, &mut rare.min_qty)?,
            111 => decimal_once(field, &mut rare.max_floor)?,
            152 => decimal_once(field, &mut rare.cash_order_qty)?,
            211 => decimal_once(field, &mut rare.peg_offset)?,
            126 => time_once(field, &mut rare.expire_time)?,
            432 => {
                let end = value::end_of_date(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                once(field, &mut rare.expire_date, end)?;
            }
            2964 => {
                let mode = self_trade(code(field, |c| self_trade(c).is_some())?);
                once(field, &mut rare.self_trade, mode.unwrap_or(SelfTrade::None))?;
            }
            // OrderQty2, MaxShow, DiscretionOffsetValue, OrderPercent, Price2
            192 | 210 | 389 | 516 | 640 => {
                Number::parse(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                self.other_quantity |= field.tag == 516;
                self.offers(field.tag, false);
            }
            // EffectiveTime
            168 => {
                value::timestamp(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?;
                self.offers(field.tag, false);
            }
            // DiscretionInst, TargetStrategy
            388 | 847 => self.offers(field.tag, false),
            // PegMoveType and PegOffsetType, of which a distance that moves and is a price is what we mean
            835 | 836 => self.offers(field.tag, field.value == b"0"),
            // PriceType, of which only "per unit" is what we mean by a price
            423 => self.offers(423, field.value == b"2"),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn orig_cl_ord_id(&self) -> Result<Option<&'b [u8]>, SessionReject> {
        match (self.orig_cl_ord_id, self.order_id) {
            (None, None) => Err(SessionReject::about(Why::RequiredTagMissing, 41)),
            (name, _) => Ok(name),
        }
    }

    /// What a new order asks for.
    pub(super) fn new_order(mut self) -> Result<Terms, Refusal> {
        let order_type = Coded::<OrderType>::read(required_code(self.ord_type, 40)?);
        let time_in_force = self.time_in_force.map(|v| Coded::<TimeInForce>::read(v[0]));
        let price = self.limit_price(order_type)?;
        let stop = self.stop(order_type)?;
        let quantity = match (self.order_qty, self.rare.cash_order_qty) {
            (Some(quantity), None) => quantity,
            (Some(quantity), Some(_)) => {
                self.offers(152, false);
                quantity
            }
            (None, None) if !self.other_quantity => return Err(conditional(38).into()),
            (None, _) => Number::ZERO,
        };
        let expire = self.rare.expire_time.or(self.rare.expire_date);
        if expire.is_none() && time_in_force.is_some_and(|t| t.value == Some(TimeInForce::Gtd)) {
            return Err(conditional(126).into());
        }
        self.display();
        if self.rare.max_floor.is_some() {
            self.offers(110, self.rare.min_qty.is_none());
        }
        Ok(Terms {
            order_type,
            time_in_force,
            quantity,
            amount: self.rare.cash_order_qty.filter(|_| self.order_qty.is_none()),
            price,
            stop,
            display: self.rare.max_floor,
            minimum: self.rare.min_qty,
            expire,
            self_trade: self.rare.self_trade,
            post_only: self.post_only,
            not_offered: self.not_offered,
        })
    }

    /// What a replace asks for: price, quantity and display quantity. To change anything else is not offered, and
    /// a change that went unheard would be worse than a refusal.
    pub(super) fn replace(mut self) -> Result<Terms, Refusal> {
        let order_type = Coded::<OrderType>::read(required_code(self.ord_type, 40)?);
        let price = self.limit_price(order_type)?;
        let Rare {
            stop_px, peg_offset, min_qty, cash_order_qty, expire_time, expire_date, self_trade, ..
        } = self.rare;
        for (tag, there) in [
            (99, stop_px.is_some()),
            (211, peg_offset.is_some()),
            (110, min_qty.is_some()),
            (152, cash_order_qty.is_some()),
            (126, expire_time.is_some()),
            (432, expire_date.is_some()),
            (2964, self_trade.is_some()),
        ] {
            self.offers(tag, !there);
        }
        self.offers(18, !self.trails || order_type.value == Some(OrderType::TrailingStop));
        self.display();
        let other = self.other_quantity || cash_order_qty.is_some();
        Ok(Terms {
            time_in_force: self.time_in_force.map(|v| Coded::<TimeInForce>::read(v[0])),
            price,
            display: self.rare.max_floor,
            post_only: self.post_only,
            not_offered: self.not_offered,
            ..Terms::new(
                order_type,
                self.order_qty.or(other.then_some(Number::ZERO)).ok_or_else(|| conditional(38))?,
            )
        })
    }

    /// MaxFloor 0 would hide the order, where leaving it out shows all of it.
    fn display(&mut self) {
        self.offers(111, self.rare.max_floor != Some(Number::ZERO));
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

    /// The stop price or distance. One that the order's type does not have is kept: it makes an order that is not
    /// offered.
    fn stop(&mut self, order_type: Coded<OrderType>) -> Result<Option<Number>, BusinessReject> {
        let (stop_px, peg_offset) = (self.rare.stop_px, self.rare.peg_offset);
        if order_type.value == Some(OrderType::TrailingStop) {
            self.offers(40, self.trails);
            self.offers(99, stop_px.is_none());
            // Pegs of other kinds do not need an offset.
            return if self.trails {
                Ok(Some(peg_offset.ok_or_else(|| conditional(211))?))
            } else {
                Ok(peg_offset)
            };
        }
        self.offers(18, !self.trails);
        self.offers(211, peg_offset.is_none());
        match order_type.value {
            Some(OrderType::Stop | OrderType::StopLimit) => Ok(Some(stop_px.ok_or_else(|| conditional(99))?)),
            _ => Ok(stop_px),
        }
    }
}

/// Side (54), as FIX has it.
fn side_code(field: &Field<'_>) -> Result<u8, SessionReject> {
    code(field, |c| matches!(c, b'1'..=b'9' | b'A'..=b'G'))
}

fn code(field: &Field<'_>, known: impl Fn(u8) -> bool) -> Result<u8, SessionReject> {
    match *field.value {
        [code] if known(code) => Ok(code),
        [_] => Err(field.wrong(Why::ValueIncorrect)),
        _ => Err(field.wrong(Why::IncorrectDataFormat)),
    }
}

fn once<T>(field: &Field<'_>, slot: &mut Option<T>, value: T) -> Result<(), SessionReject> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(field.wrong(Why::TagAppearsMoreThanOnce)),
    }
}

fn decimal_once(field: &Field<'_>, slot: &mut Option<Number>) -> Result<(), SessionReject> {
    once(field, slot, Number::parse(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?)
}

fn time_once(field: &Field<'_>, slot: &mut Option<Nanos>) -> Result<(), SessionReject> {
    once(field, slot, value::timestamp(field.value).ok_or(field.wrong(Why::IncorrectDataFormat))?)
}

pub(super) fn required(value: Option<&[u8]>, tag: u32) -> Result<&[u8], SessionReject> {
    value.ok_or_else(|| SessionReject::about(Why::RequiredTagMissing, tag))
}

/// As [`required`], for a value that has been seen to be one character.
pub(super) fn required_code(value: Option<&[u8]>, tag: u32) -> Result<u8, SessionReject> {
    required(value, tag).map(|v| v[0])
}

fn conditional(tag: u32) -> BusinessReject {
    BusinessReject { reason: BusinessRejectReason::ConditionallyRequiredFieldMissing, tag: Some(tag) }
}
