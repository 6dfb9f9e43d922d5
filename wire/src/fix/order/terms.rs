//! What NewOrderSingle (D) and OrderCancelReplaceRequest (G) have in common.

use super::{Coded, number};
use crate::{
    decimal::Number,
    fix::{encode::Body, version::Version},
    types::{Nanos, OrderType, SelfTrade, TimeInForce},
};

/// What is to be bought or sold and how, as a client asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// OrdType (40). A pegged order (`P`) is here one with ExecInst `a`: a trailing stop.
    pub order_type: Coded<OrderType>,
    /// TimeInForce (59), Day where the message has none.
    pub time_in_force: Option<Coded<TimeInForce>>,
    /// OrderQty (38), in a replace the new total; zero with an amount, or where `not_offered` names another way
    /// to give a quantity.
    pub quantity: Number,
    /// CashOrderQty (152): what to spend instead of a quantity.
    pub amount: Option<Number>,
    /// Price (44); there is one in an order whose type has one. That of a market order is passed over.
    pub price: Option<Number>,
    /// StopPx (99), and of a trailing stop PegOffsetValue (211), its distance; there is one in every stop.
    pub stop: Option<Number>,
    /// MaxFloor (111).
    pub display: Option<Number>,
    /// MinQty (110).
    pub minimum: Option<Number>,
    /// ExpireTime (126), or the end of ExpireDate (432); there is one in a GTD order.
    pub expire: Option<Nanos>,
    /// SelfMatchPreventionInstruction (2964).
    pub self_trade: Option<SelfTrade>,
    /// ExecInst (18) holds 6, "participate don't initiate".
    pub post_only: bool,
    /// The first field that asks for something this venue does not offer.
    pub not_offered: Option<u32>,
}

impl Terms {
    /// `quantity` by an order of this type, and nothing else said.
    #[must_use]
    pub const fn new(order_type: Coded<OrderType>, quantity: Number) -> Terms {
        Terms {
            order_type,
            time_in_force: None,
            quantity,
            amount: None,
            price: None,
            stop: None,
            display: None,
            minimum: None,
            expire: None,
            self_trade: None,
            post_only: false,
            not_offered: None,
        }
    }

    /// Writes the terms' fields.
    pub fn encode(&self, body: &mut Body<'_>) {
        let trails = self.order_type.value == Some(OrderType::TrailingStop);
        if body.version() == Version::Fix42 {
            body.char(b"21=", b'1'); // HandlInst, required there: automated, no broker
        }
        exec_inst(self.post_only, trails, body);
        if self.amount.is_none() {
            number(body, b"38=", Some(self.quantity));
        }
        number(body, b"152=", self.amount);
        body.char(b"40=", self.order_type.code);
        number(body, b"44=", self.price);
        if trails {
            number(body, b"211=", self.stop);
        } else {
            number(body, b"99=", self.stop);
        }
        match body.version() {
            Version::Fix42 | Version::Fix44 => number(body, b"111=", self.display),
            Version::Fix50Sp2 => number(body, b"1138=", self.display),
        }
        number(body, b"110=", self.minimum);
        if let Some(time_in_force) = self.time_in_force {
            body.char(b"59=", time_in_force.code);
        }
        if let Some(expire) = self.expire {
            body.time(b"126=", expire);
        }
        if let Some(mode) = self.self_trade {
            body.char(b"2964=", self_trade_code(mode));
        }
    }
}

/// Writes ExecInst (18) of an order with these properties, if it has one.
pub(in crate::fix) fn exec_inst(post_only: bool, trails: bool, body: &mut Body<'_>) {
    match (post_only, trails) {
        (false, false) => {}
        (true, false) => body.char(b"18=", b'6'),
        (false, true) => body.char(b"18=", b'a'),
        (true, true) => body.field(b"18=", b"6 a"),
    }
}

/// The character that SelfMatchPreventionInstruction (2964) has for `mode`.
#[must_use]
pub(in crate::fix) const fn self_trade_code(mode: SelfTrade) -> u8 {
    match mode {
        SelfTrade::None => b'0',
        SelfTrade::CancelNewest => b'1',
        SelfTrade::CancelOldest => b'2',
        SelfTrade::CancelBoth => b'3',
        SelfTrade::Decrement => b'4',
    }
}

/// The mode of this character.
pub(super) const fn self_trade(code: u8) -> Option<SelfTrade> {
    Some(match code {
        b'0' => SelfTrade::None,
        b'1' => SelfTrade::CancelNewest,
        b'2' => SelfTrade::CancelOldest,
        b'3' => SelfTrade::CancelBoth,
        b'4' => SelfTrade::Decrement,
        _ => return None,
    })
}
