//! What an order is, in four bytes.

use wire::{
    command::NewOrder,
    types::{InstrumentId, OrderType, SessionId, Side, TimeInForce},
};

/// Session, instrument and the coded fields of an order, in the four bytes that its book node has to spare:
/// 12 + 12 + 8 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms(pub(super) u32);

const _: () = assert!(wire::limits::SESSIONS_MAX <= 1 << 12 && wire::limits::INSTRUMENTS_MAX <= 1 << 12);

impl Terms {
    pub(super) fn of(new: &NewOrder) -> Terms {
        Terms(
            new.head.session().0 << 20
                | new.head.instrument().0 << 8
                | u32::from(new.flags & NewOrder::POST_ONLY) << 7
                | u32::from(new.side == Side::Sell) << 6
                | type_code(new) << 3
                | if new.flags & NewOrder::QUOTE == 0 {
                    u32::from(new.time_in_force.fix() & 7)
                } else {
                    QUOTE
                },
        )
    }

    pub(super) const fn session(self) -> SessionId {
        SessionId(self.0 >> 20)
    }

    pub(super) const fn instrument(self) -> InstrumentId {
        InstrumentId(self.0 >> 8 & 0xFFF)
    }

    pub(super) const fn side(self) -> Side {
        if self.0 & 1 << 6 == 0 { Side::Buy } else { Side::Sell }
    }

    pub(super) const fn order_type(self) -> OrderType {
        match self.0 >> 3 & 7 {
            0 => OrderType::Limit,
            1 | AMOUNT | SPENT => OrderType::Market,
            2 => OrderType::Stop,
            3 => OrderType::StopLimit,
            _ => OrderType::TrailingStop,
        }
    }

    /// Of a stop that waits with these: what it has become once it is triggered.
    pub(super) const fn triggered(self) -> Terms {
        let order_type = self.order_type().triggered();
        let terms = Terms(self.0 & !(7 << 3) | type_bits(order_type) << 3);
        match order_type {
            OrderType::Market => Terms(terms.0 & !7 | TimeInForce::Ioc.fix() as u32 & 7),
            _ => terms,
        }
    }

    pub(super) const fn flags(self) -> u8 {
        let post_only = if self.0 & 1 << 7 == 0 { 0 } else { NewOrder::POST_ONLY };
        let amount = if matches!(self.0 >> 3 & 7, AMOUNT | SPENT) { NewOrder::QUOTE_AMOUNT } else { 0 };
        post_only | amount | if self.is_quote() { NewOrder::QUOTE } else { 0 }
    }

    #[inline]
    pub(super) const fn is_quote(self) -> bool {
        self.0 & 7 == QUOTE
    }

    /// Of an order that names an amount: that it is filled, which its quantities do not tell.
    pub(super) const fn spent(self) -> Terms {
        Terms(self.0 & !(7 << 3) | SPENT << 3)
    }

    pub(super) const fn is_spent(self) -> bool {
        self.0 >> 3 & 7 == SPENT
    }

    pub(super) const fn post_only(self) -> bool {
        self.flags() & NewOrder::POST_ONLY != 0
    }

    pub(super) const fn time_in_force(self) -> TimeInForce {
        // The low bits of the FIX characters '0' to '7' are their digits.
        match self.0 & 7 {
            0 => TimeInForce::Day,
            1 | QUOTE => TimeInForce::Gtc,
            2 => TimeInForce::AtTheOpening,
            3 => TimeInForce::Ioc,
            4 => TimeInForce::Fok,
            6 => TimeInForce::Gtd,
            _ => TimeInForce::AtTheClose,
        }
    }
}

/// In place of a time in force: a quote, which is good till cancelled. No FIX character has these low bits.
const QUOTE: u32 = 5;

/// In place of a type: a market order that names an amount, and one that has spent it.
const AMOUNT: u32 = 5;
const SPENT: u32 = 6;

const fn type_code(new: &NewOrder) -> u32 {
    if new.flags & NewOrder::QUOTE_AMOUNT == 0 { type_bits(new.order_type) } else { AMOUNT }
}

const fn type_bits(order_type: OrderType) -> u32 {
    match order_type {
        OrderType::Limit => 0,
        OrderType::Market => 1,
        OrderType::Stop => 2,
        OrderType::StopLimit => 3,
        OrderType::TrailingStop => 4,
    }
}
