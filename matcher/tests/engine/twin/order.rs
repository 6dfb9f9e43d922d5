//! An order, and what an event says about it.

use wire::{
    command::NewOrder,
    event::{Cause, Event, Kind, Liquidity},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SelfTrade, SeqNo,
        SessionId, Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

use super::ledger::whole;

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) name: ClOrdId,
    pub(super) session: SessionId,
    pub(super) account: AccountId,
    pub(super) instrument: InstrumentId,
    pub(super) side: Side,
    pub(super) order_type: OrderType,
    pub(super) time_in_force: TimeInForce,
    pub(super) post_only: bool,
    /// Whether it came with a mass quote.
    pub(super) quote: bool,
    pub(super) self_trade: SelfTrade,
    pub(super) price: i64,
    /// What is to trade, in lots; of an order that names an amount that, in ticks × lots.
    pub(super) quantity: u64,
    pub(super) amount: Option<Amount>,
    /// Of an order that names an amount: no more lot can be bought with what is left of it.
    pub(super) is_spent: bool,
    pub(super) cum: u64,
    pub(super) notional: u128,
    /// Zero: all of it shows.
    pub(super) display: u64,
    /// What shows in the queue.
    pub(super) slice: u64,
    pub(super) minimum: u64,
    /// How many slices it had to show when it was accepted or replaced last: so many places it takes.
    pub(super) slices: u64,
    pub(super) expire: u64,
    /// Zero, unless it waits for this price.
    pub(super) stop: i64,
    /// Of a trailing stop, to the best price that its stop has followed.
    pub(super) distance: i64,
    pub(super) best: i64,
    /// The best trade price since its entry.
    pub(super) seen: i64,
    /// Who is first where orders stand in a queue.
    pub(super) place: u64,
    /// Whether it has, or had, a display quantity, an expire time or a stop: the state hash knows.
    pub(super) had_attributes: bool,
    /// The price at which a buy holds funds.
    pub(super) hold_price: i64,
    /// How far the band let it go at its entry: the limit of an order for an auction that has none of its own.
    pub(super) edge: i64,
    /// The list that it came with.
    pub(super) list: Option<List>,
    /// Its fees so far, in millionths of a unit, and what it was charged.
    pub(super) fee_exact: i128,
    pub(super) fee_charged: i128,
}

/// The list of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) name: ClOrdId,
    /// The OrderID of the list's other order.
    pub(super) other: u64,
}

/// What counts when an amount is spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    /// Units in one tick × lot.
    pub(super) per: i128,
    /// The taker's fee, in millionths.
    pub(super) rate: i128,
}

impl Order {
    /// What can still trade; of an amount what is left of it, in whole ticks × lots.
    pub(super) fn leaves(&self) -> u64 {
        match self.amount {
            None => self.quantity - self.cum,
            Some(_) if self.is_spent => 0,
            Some(Amount { per, .. }) => u64::try_from(self.left() / per).expect("no more than the amount"),
        }
    }

    /// What is left of its amount, in units of the quote asset.
    pub(super) fn left(&self) -> i128 {
        let amount = self.amount.expect("it names one");
        let spent = i128::try_from(self.notional).expect("no more than the amount");
        (i128::from(self.quantity) - spent) * amount.per - self.fee_charged
    }

    /// How many lots it can trade with an order at `price`.
    pub(super) fn can_trade(&self, price: i64) -> u64 {
        let Some(Amount { per, rate }) = self.amount else {
            return self.leaves();
        };
        let left = self.left();
        let pays_for = |lots: u64| {
            let notional = i128::from(price) * i128::from(lots) * per;
            notional + whole(self.fee_exact + notional * rate) - self.fee_charged <= left
        };
        // The most that it can pay for lies in low..=high.
        let mut low = 0;
        let mut high = u64::try_from(left / (i128::from(price) * per)).expect("no more than the amount");
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if pays_for(middle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    pub(super) fn waits(&self) -> bool {
        self.order_type.is_stop()
    }

    /// The flags that its events have.
    pub(super) fn flags(&self) -> u8 {
        let flags = [
            (self.post_only, NewOrder::POST_ONLY),
            (self.amount.is_some(), NewOrder::QUOTE_AMOUNT),
            (self.quote, NewOrder::QUOTE),
        ];
        flags.into_iter().filter(|(has, _)| *has).map(|(_, flag)| flag).sum()
    }

    /// The price at whose queue it stands.
    pub(super) fn limit(&self) -> i64 {
        if self.order_type.has_price() { self.price } else { self.edge }
    }

    pub(super) fn is_for_an_auction(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::AtTheOpening | TimeInForce::AtTheClose)
    }

    /// What must fill at once, and why the order ends if that cannot be.
    pub(super) fn least(&self) -> (u64, Cause) {
        if self.time_in_force == TimeInForce::Fok {
            (self.leaves(), Cause::NotFillable)
        } else {
            (self.minimum, Cause::BelowMinimum)
        }
    }

    pub(super) fn fresh_slice(&mut self) {
        self.slice = if self.display == 0 { self.leaves() } else { self.display.min(self.leaves()) };
    }

    /// What it shows once less can trade than before.
    pub(super) fn cut_slice(&mut self) {
        self.slice = if self.display == 0 { self.leaves() } else { self.slice.min(self.leaves()) };
    }
}

/// How many slices an order makes.
pub(super) fn slices(display: u64, quantity: u64) -> u64 {
    if display == 0 { 1 } else { quantity.div_ceil(display) }
}

/// How an order stands, as an event of no kind in particular.
pub(super) fn standing(order: &Order) -> Event {
    let status = match (order.leaves(), order.cum) {
        (0, _) => OrderStatus::Filled,
        (_, 0) => OrderStatus::New,
        _ => OrderStatus::PartiallyFilled,
    };
    let open = order.leaves() > 0;
    Event {
        side: order.side,
        order_type: order.order_type,
        time_in_force: order.time_in_force,
        status,
        flags: order.flags(),
        session: order.session,
        account: order.account,
        instrument: order.instrument,
        order_id: OrderId(order.id),
        price: Ticks(order.price),
        quantity: Lots(order.quantity),
        leaves: Lots(order.leaves()),
        cum: Lots(order.cum),
        cum_notional: Event::halves(order.notional),
        stop: Ticks(if open { order.stop } else { 0 }),
        display: Lots(if open { order.display } else { 0 }),
        expire: Nanos(if open { order.expire } else { 0 }),
        cl_ord_id: order.name,
        orig_cl_ord_id: order.list.map_or(ClOrdId::NONE, |list| list.name),
        by: if order.list.is_some() { Event::LISTED } else { 0 },
        ..nothing()
    }
}

/// How an order stands that has ended.
pub(super) fn ended(order: &Order) -> Event {
    let status = if order.leaves() == 0 { OrderStatus::Filled } else { OrderStatus::Canceled };
    Event { status, leaves: Lots(0), stop: Ticks(0), display: Lots(0), expire: Nanos(0), ..standing(order) }
}

/// The refusal of a new order.
pub(super) fn rejected(new: &NewOrder, reject: Reject) -> Event {
    Event {
        kind: Kind::Rejected,
        status: OrderStatus::Rejected,
        side: new.side,
        order_type: new.order_type,
        time_in_force: new.time_in_force,
        flags: new.flags,
        session: new.head.session(),
        account: new.head.account,
        instrument: new.head.instrument(),
        reject,
        price: new.price,
        quantity: new.quantity,
        stop: new.stop,
        display: new.display,
        expire: new.expire,
        cl_ord_id: new.cl_ord_id,
        ..nothing()
    }
}

pub(super) fn nothing() -> Event {
    Event {
        kind: Kind::Accepted,
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        status: OrderStatus::New,
        cause: Cause::None,
        liquidity: Liquidity::None,
        flags: 0,
        session: SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(0),
        event_id: 0,
        appl_seq: 0,
        msg_seq: 0,
        time: Nanos(0),
        rx: Nanos(0),
        out: Nanos(0),
        order_id: OrderId(0),
        trade_id: TradeId(0),
        price: Ticks(0),
        quantity: Lots(0),
        leaves: Lots(0),
        cum: Lots(0),
        cum_notional: [0; 2],
        last_price: Ticks(0),
        last_quantity: Lots(0),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 0,
        cl_ord_id: ClOrdId::NONE,
        orig_cl_ord_id: ClOrdId::NONE,
    }
}
