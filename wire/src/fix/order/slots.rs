//! What requests about orders have in common: how their fields are read, and what those make of each other.

use super::{
    Coded,
    terms::{Terms, self_trade},
};
use crate::{
    decimal::Number,
    fix::{
        dictionary::slot,
        refusal::{BusinessReject, Refusal, SessionReject},
        value,
        walk::{Spans, Walk, bits},
    },
    types::{Nanos, OrderType, SelfTrade, Side, TimeInForce},
};

/// What says which order a request is about.
pub(super) const ORDER: u64 = bits(&[
    slot::ACCOUNT,
    slot::CL_ORD_ID,
    slot::SYMBOL,
    slot::SIDE,
    slot::TRANSACT_TIME,
    slot::ORIG_CL_ORD_ID,
    slot::ORDER_ID,
    slot::ORD_STATUS_REQ_ID,
]);

/// That, and what is to be bought or sold.
pub(super) const TERMS: u64 = ORDER
    | bits(&[
        slot::ORDER_QTY,
        slot::ORD_TYPE,
        slot::PRICE,
        slot::TIME_IN_FORCE,
        slot::EXEC_INST,
        slot::HANDL_INST,
        slot::STOP_PX,
        slot::MIN_QTY,
        slot::MAX_FLOOR,
        slot::DISPLAY_QTY,
        slot::EXPIRE_TIME,
        slot::EXPIRE_DATE,
        slot::CASH_ORDER_QTY,
        slot::PEG_OFFSET_VALUE,
        slot::SELF_MATCH_PREVENTION,
    ]);

/// A request's fields, and which of them ask for what the venue does not offer.
pub(super) struct Slots<'w, 'b, S> {
    walk: &'w mut Walk<'b, S>,
    /// The first of those: where it begins, and its tag.
    not_offered: Option<(usize, u32)>,
}

impl<'w, 'b, S: Spans> Slots<'w, 'b, S> {
    /// Those that `walk` has.
    #[inline(always)]
    pub(super) const fn over(walk: &'w mut Walk<'b, S>) -> Self {
        Slots { walk, not_offered: None }
    }

    #[inline(always)]
    pub(super) fn text(&self, slot: usize) -> Option<&'b [u8]> {
        self.walk.text(slot)
    }

    #[inline(always)]
    pub(super) fn required(&mut self, slot: usize) -> &'b [u8] {
        self.walk.required_text(slot)
    }

    #[inline(always)]
    pub(super) fn transact_time(&mut self) -> Nanos {
        self.walk.required_time(slot::TRANSACT_TIME)
    }

    #[inline(always)]
    pub(super) fn side(&mut self) -> Coded<Side> {
        let side = Coded::<Side>::read(self.walk.required_code(slot::SIDE));
        self.offers(slot::SIDE, side.value.is_some());
        side
    }

    /// OrigClOrdID (41), which may be missing where OrderID (37) is there.
    pub(super) fn orig_cl_ord_id(&mut self) -> Option<&'b [u8]> {
        match self.text(slot::ORDER_ID) {
            None => Some(self.required(slot::ORIG_CL_ORD_ID)),
            Some(_) => self.text(slot::ORIG_CL_ORD_ID),
        }
    }

    /// Whether all that was read, and all that was not, is as FIX wants it.
    #[inline(always)]
    pub(super) fn verdict(&self) -> Result<(), SessionReject> {
        self.walk.verdict()
    }

    #[inline(always)]
    fn offers(&mut self, slot: usize, offered: bool) {
        if !offered {
            self.refuse(slot);
        }
    }

    #[cold]
    fn refuse(&mut self, slot: usize) {
        let this = (self.walk.begin(slot), slot::BODY.tags[slot].into());
        self.not_offered = Some(self.not_offered.map_or(this, |first| first.min(this)));
    }

    /// What a new order asks for.
    #[inline(always)]
    pub(super) fn new_order(&mut self) -> Result<Terms, Refusal> {
        let usual = self.usual();
        let rare = self.rare();
        self.verdict()?;
        let price = usual.limit_price()?;
        let stop = self.stop(&usual, &rare)?;
        let quantity = match (usual.quantity, rare.cash_order_qty) {
            (Some(quantity), amount) => {
                self.offers(slot::CASH_ORDER_QTY, amount.is_none());
                quantity
            }
            (None, None) if !rare.other_quantity => return Err(BusinessReject::conditional(38).into()),
            (None, _) => Number::ZERO,
        };
        let expire = rare.expire_time.or(rare.expire_date);
        if expire.is_none() && usual.time_in_force.is_some_and(|t| t.value == Some(TimeInForce::Gtd)) {
            return Err(BusinessReject::conditional(126).into());
        }
        self.offers(slot::MIN_QTY, rare.display.is_none() || rare.min_qty.is_none());
        Ok(Terms {
            order_type: usual.order_type,
            time_in_force: usual.time_in_force,
            quantity,
            amount: rare.cash_order_qty.filter(|_| usual.quantity.is_none()),
            price,
            stop,
            display: rare.display,
            minimum: rare.min_qty,
            expire,
            self_trade: rare.self_trade,
            post_only: usual.post_only,
            not_offered: self.not_offered.map(|(_, tag)| tag),
        })
    }

    /// What a replace asks for: price, quantity and display quantity. To change anything else is not offered, and
    /// a change that went unheard would be worse than a refusal.
    pub(super) fn replace(&mut self) -> Result<Terms, Refusal> {
        let usual = self.usual();
        let rare = self.rare();
        self.verdict()?;
        let price = usual.limit_price()?;
        for slot in [
            slot::STOP_PX,
            slot::PEG_OFFSET_VALUE,
            slot::MIN_QTY,
            slot::CASH_ORDER_QTY,
            slot::EXPIRE_TIME,
            slot::EXPIRE_DATE,
            slot::SELF_MATCH_PREVENTION,
        ] {
            self.offers(slot, self.text(slot).is_none());
        }
        self.offers(
            slot::EXEC_INST,
            !usual.trails || usual.order_type.value == Some(OrderType::TrailingStop),
        );
        let other = rare.other_quantity || rare.cash_order_qty.is_some();
        Ok(Terms {
            time_in_force: usual.time_in_force,
            price,
            display: rare.display,
            post_only: usual.post_only,
            not_offered: self.not_offered.map(|(_, tag)| tag),
            ..Terms::new(
                usual.order_type,
                usual
                    .quantity
                    .or(other.then_some(Number::ZERO))
                    .ok_or_else(|| BusinessReject::conditional(38))?,
            )
        })
    }

    #[inline(always)]
    fn usual(&mut self) -> Usual {
        let order_type = Coded::<OrderType>::read(self.walk.required_code(slot::ORD_TYPE));
        self.offers(slot::ORD_TYPE, order_type.value.is_some());
        let time_in_force = self.walk.code(slot::TIME_IN_FORCE).map(Coded::<TimeInForce>::read);
        self.offers(slot::TIME_IN_FORCE, time_in_force.is_none_or(|t| t.value.is_some()));
        self.walk.code(slot::HANDL_INST);
        let (post_only, trails) = match self.text(slot::EXEC_INST) {
            None => (false, false),
            Some(words) => self.exec_inst(words),
        };
        Usual {
            order_type,
            time_in_force,
            quantity: self.walk.number(slot::ORDER_QTY),
            price: self.walk.number(slot::PRICE),
            post_only,
            trails,
        }
    }

    /// ExecInst (18) is a list of characters, set apart by spaces. Gives whether the order is post-only, and whether it
    /// trails.
    #[inline(never)]
    fn exec_inst(&mut self, words: &[u8]) -> (bool, bool) {
        self.walk.judge_slot(slot::EXEC_INST);
        let (mut post_only, mut trails) = (false, false);
        for word in words.split(|&b| b == b' ') {
            match word {
                b"6" => post_only = true,
                b"a" => trails = true,
                _ => self.refuse(slot::EXEC_INST),
            }
        }
        (post_only, trails)
    }

    #[inline(always)]
    fn rare(&mut self) -> Rare {
        if self.walk.any(slot::RARE) { self.read_rare() } else { Rare::default() }
    }

    /// Fields that would make another order of it must not be ignored; all others may be.
    #[inline(never)]
    fn read_rare(&mut self) -> Rare {
        for slot in [
            slot::ORDER_QTY_2,
            slot::MAX_SHOW,
            slot::DISCRETION_OFFSET_VALUE,
            slot::ORDER_PERCENT,
            slot::PRICE_2,
            slot::EFFECTIVE_TIME,
            slot::DISCRETION_INST,
            slot::TARGET_STRATEGY,
        ] {
            self.offers(slot, self.text(slot).is_none());
        }
        // Of pegs, a distance that moves and is a price is what we mean; of prices, those per unit.
        for (slot, meant) in
            [(slot::PEG_MOVE_TYPE, b"0"), (slot::PEG_OFFSET_TYPE, b"0"), (slot::PRICE_TYPE, b"2")]
        {
            self.offers(slot, self.text(slot).is_none_or(|value| value == meant));
        }
        let walk = &mut *self.walk;
        let mut rare = Rare {
            stop_px: walk.number(slot::STOP_PX),
            peg_offset: walk.number(slot::PEG_OFFSET_VALUE),
            display: walk.number(slot::MAX_FLOOR),
            min_qty: walk.number(slot::MIN_QTY),
            cash_order_qty: walk.number(slot::CASH_ORDER_QTY),
            expire_time: walk.time(slot::EXPIRE_TIME),
            expire_date: walk.read(slot::EXPIRE_DATE, value::end_of_date),
            self_trade: walk.code(slot::SELF_MATCH_PREVENTION).and_then(self_trade),
            other_quantity: walk.text(slot::ORDER_PERCENT).is_some(),
        };
        let display_qty = walk.number(slot::DISPLAY_QTY);
        if rare.self_trade.is_none() {
            self.offers(slot::SELF_MATCH_PREVENTION, self.text(slot::SELF_MATCH_PREVENTION).is_none());
        }
        // Zero would hide the order, where leaving the field out shows all of it.
        self.offers(slot::MAX_FLOOR, rare.display != Some(Number::ZERO));
        self.offers(slot::DISPLAY_QTY, display_qty != Some(Number::ZERO));
        // DisplayQty took MaxFloor's place in FIX 5.0; a message with both may say one thing twice, and not two.
        if let (Some(one), Some(other)) = (rare.display, display_qty) {
            self.offers(slot::DISPLAY_QTY, one == other);
        }
        rare.display = rare.display.or(display_qty);
        rare
    }

    /// The stop price or distance. One that the order's type does not have is kept: it makes an order that is not
    /// offered.
    #[inline(always)]
    fn stop(&mut self, usual: &Usual, rare: &Rare) -> Result<Option<Number>, BusinessReject> {
        let (stop_px, peg_offset) = (rare.stop_px, rare.peg_offset);
        if usual.order_type.value == Some(OrderType::TrailingStop) {
            self.offers(slot::ORD_TYPE, usual.trails);
            self.offers(slot::STOP_PX, stop_px.is_none());
            // Pegs of other kinds do not need an offset.
            return if usual.trails {
                Ok(Some(peg_offset.ok_or_else(|| BusinessReject::conditional(211))?))
            } else {
                Ok(peg_offset)
            };
        }
        self.offers(slot::EXEC_INST, !usual.trails);
        self.offers(slot::PEG_OFFSET_VALUE, peg_offset.is_none());
        match usual.order_type.value {
            Some(OrderType::Stop | OrderType::StopLimit) => {
                Ok(Some(stop_px.ok_or_else(|| BusinessReject::conditional(99))?))
            }
            _ => Ok(stop_px),
        }
    }
}

/// What nearly every order says.
struct Usual {
    order_type: Coded<OrderType>,
    time_in_force: Option<Coded<TimeInForce>>,
    quantity: Option<Number>,
    price: Option<Number>,
    post_only: bool,
    trails: bool,
}

impl Usual {
    #[inline(always)]
    fn limit_price(&self) -> Result<Option<Number>, BusinessReject> {
        match self.order_type.value {
            Some(OrderType::Limit | OrderType::StopLimit) => {
                Ok(Some(self.price.ok_or_else(|| BusinessReject::conditional(44))?))
            }
            Some(OrderType::Market) => Ok(None),
            Some(OrderType::Stop | OrderType::TrailingStop) | None => Ok(self.price),
        }
    }
}

/// What few orders say.
#[derive(Default)]
struct Rare {
    stop_px: Option<Number>,
    peg_offset: Option<Number>,
    display: Option<Number>,
    min_qty: Option<Number>,
    cash_order_qty: Option<Number>,
    expire_time: Option<Nanos>,
    expire_date: Option<Nanos>,
    self_trade: Option<SelfTrade>,
    /// The quantity is given in another way than by OrderQty or CashOrderQty.
    other_quantity: bool,
}
