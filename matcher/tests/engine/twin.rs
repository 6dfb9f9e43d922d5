//! The slow twin: the rules of docs/matching.md written as plainly as they can be, with ordinary maps and
//! queues, searching where the engine links. It shares with the engine its configuration, the messages and
//! the digest's arithmetic, and no other code.

use std::collections::{BTreeMap, VecDeque};

use matcher::engine::{Accounts, Config, Digest};
use wire::{
    command::{Command, Head, NewOrder, OrderRef, Replace, Target},
    event::{Cause, Event, Kind, Liquidity},
    limits::{LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo, SessionId,
        Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

#[derive(Clone, Debug)]
struct Order {
    id: u64,
    name: ClOrdId,
    session: SessionId,
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    order_type: OrderType,
    time_in_force: TimeInForce,
    flags: u8,
    price: i64,
    quantity: u64,
    cum: u64,
    notional: u128,
}

impl Order {
    fn leaves(&self) -> u64 {
        self.quantity - self.cum
    }
}

/// A name that was used; with it the order, unless the order has gone on under another name.
struct Remembered {
    session: SessionId,
    name: ClOrdId,
    order: Option<Order>,
}

type Queues = BTreeMap<i64, VecDeque<u64>>;

#[derive(Default)]
struct Book {
    buys: Queues,
    sells: Queues,
}

pub(crate) struct Twin {
    config: Config,
    references: Vec<i64>,
    books: Vec<Book>,
    open: BTreeMap<u64, Order>,
    remembered: VecDeque<Remembered>,
    forgotten: u64,
    cancel_at: Vec<Option<Nanos>>,
    appl_seq: Vec<u64>,
    msg_seq: Vec<u64>,
    events: u64,
    orders: u64,
    trades: u64,
    seq: SeqNo,
    time: Nanos,
    rx: Nanos,
    out: Vec<Event>,
}

impl Twin {
    pub(crate) fn new(config: Config) -> Twin {
        let sessions = config.sessions.len();
        Twin {
            references: config.instruments.iter().map(|i| i.reference.0).collect(),
            books: config.instruments.iter().map(|_| Book::default()).collect(),
            open: BTreeMap::new(),
            remembered: VecDeque::new(),
            forgotten: 0,
            cancel_at: vec![None; sessions],
            appl_seq: vec![0; sessions],
            msg_seq: vec![0; sessions],
            events: 0,
            orders: 0,
            trades: 0,
            seq: SeqNo(0),
            time: Nanos(0),
            rx: Nanos(0),
            out: Vec::new(),
            config,
        }
    }

    /// Applies one command and returns what happened.
    pub(crate) fn apply(&mut self, seq: SeqNo, time: Nanos, command: Command<'_>) -> Vec<Event> {
        let head = *command.head();
        let session = head.session.0 as usize;
        (self.seq, self.time, self.rx) = (seq, time, head.rx);
        if session < self.msg_seq.len() && head.msg_seq > 0 {
            self.msg_seq[session] = head.msg_seq;
        }
        match command {
            Command::New(new) => self.new_order(new),
            Command::Cancel(cancel) => {
                match self.find_open(&head, &cancel.order) {
                    Ok(order) if order.instrument == head.instrument => {
                        self.take_out(&order);
                        self.tell(Event {
                            kind: Kind::Canceled,
                            status: OrderStatus::Canceled,
                            cause: Cause::Requested,
                            leaves: Lots(0),
                            cl_ord_id: cancel.cl_ord_id,
                            orig_cl_ord_id: order.name,
                            ..standing(&order)
                        });
                        self.remember_order(order);
                    }
                    Ok(order) => {
                        let about = standing(&order);
                        self.refuse(Kind::CancelRejected, about, Reject::OrderMismatch, cancel.cl_ord_id);
                    }
                    Err((about, reject)) => {
                        self.refuse(Kind::CancelRejected, about, reject, cancel.cl_ord_id);
                    }
                };
            }
            Command::Replace(replace) => self.replace(replace),
            Command::Status(status) => {
                let answer = match self.find_open(&head, &status.order) {
                    Ok(order) => standing(&order),
                    Err((about, _)) if about.order_id.0 > 0 => about,
                    Err((about, reject)) => Event { reject, side: status.side, ..about },
                };
                self.tell(Event { kind: Kind::Status, orig_cl_ord_id: status.request_id, ..answer });
            }
            Command::SessionUp(_) => {
                if session < self.cancel_at.len() {
                    self.cancel_at[session] = None;
                }
            }
            Command::SessionDown(_) => {
                if session < self.cancel_at.len() {
                    let grace = self.config.sessions[session].cancel_on_disconnect;
                    self.cancel_at[session] = grace.map(|grace| Nanos(time.0.saturating_add(grace)));
                }
            }
            Command::MassCancel(_)
            | Command::KillSwitch(_)
            | Command::Expire(_)
            | Command::SetState(_)
            | Command::Deposit(_)
            | Command::Withdraw(_) => unreachable!("the flows have none of these yet"),
            Command::CancelSession(_) => {
                let own: Vec<Order> =
                    self.open.values().filter(|o| o.session == head.session).cloned().collect();
                for order in own {
                    self.take_out(&order);
                    self.tell(Event {
                        kind: Kind::Canceled,
                        status: OrderStatus::Canceled,
                        cause: Cause::Disconnected,
                        leaves: Lots(0),
                        ..standing(&order)
                    });
                    self.remember_order(order);
                }
                if session < self.cancel_at.len() {
                    self.cancel_at[session] = None;
                }
            }
        }
        std::mem::take(&mut self.out)
    }

    pub(crate) fn open_orders(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn depth(&self, instrument: InstrumentId, side: Side) -> Vec<(Ticks, u128)> {
        let book = &self.books[instrument.0 as usize];
        let sum = |queue: &VecDeque<u64>| queue.iter().map(|id| u128::from(self.open[id].leaves())).sum();
        match side {
            Side::Buy => book.buys.iter().rev().map(|(&p, queue)| (Ticks(p), sum(queue))).collect(),
            Side::Sell => book.sells.iter().map(|(&p, queue)| (Ticks(p), sum(queue))).collect(),
        }
    }

    pub(crate) fn next_cancel(&self) -> Option<(Nanos, SessionId)> {
        (0u32..).zip(&self.cancel_at).filter_map(|(id, at)| Some(((*at)?, SessionId(id)))).min()
    }

    fn new_order(&mut self, new: &NewOrder) {
        if let Err(reject) = self.check_new(new) {
            return self.tell(Event {
                kind: Kind::Rejected,
                status: OrderStatus::Rejected,
                side: new.side,
                order_type: new.order_type,
                time_in_force: new.time_in_force,
                flags: new.flags,
                session: new.head.session,
                account: new.head.account,
                instrument: new.head.instrument,
                reject,
                price: new.price,
                quantity: new.quantity,
                cl_ord_id: new.cl_ord_id,
                ..nothing()
            });
        }
        self.orders += 1;
        let mut order = Order {
            id: self.orders,
            name: new.cl_ord_id,
            session: new.head.session,
            account: new.head.account,
            instrument: new.head.instrument,
            side: new.side,
            order_type: new.order_type,
            time_in_force: new.time_in_force,
            flags: new.flags,
            price: new.price.0,
            quantity: new.quantity.0,
            cum: 0,
            notional: 0,
        };
        self.tell(Event { kind: Kind::Accepted, ..standing(&order) });
        let limit = match (new.order_type, new.side) {
            (OrderType::Limit, _) => new.price.0,
            (_, Side::Buy) => self.band(new.head.instrument).1,
            (_, Side::Sell) => self.band(new.head.instrument).0,
        };
        let mut cause = Cause::Unfilled;
        if new.time_in_force == TimeInForce::Fok && self.available(&order, limit) < u128::from(order.quantity)
        {
            cause = Cause::NotFillable;
        } else {
            self.trade(&mut order, limit);
        }
        let may_rest = order.order_type == OrderType::Limit
            && [TimeInForce::Day, TimeInForce::Gtc].contains(&order.time_in_force);
        if order.leaves() == 0 {
            self.remember_order(order);
        } else if may_rest {
            self.put(order);
        } else {
            let status = OrderStatus::Canceled;
            self.tell(Event { kind: Kind::Canceled, status, cause, leaves: Lots(0), ..standing(&order) });
            self.remember_order(order);
        }
    }

    fn replace(&mut self, replace: &Replace) {
        let mut order = match self.find_open(&replace.head, &replace.order) {
            Ok(order) => order,
            Err((about, reject)) => {
                return self.refuse(Kind::ReplaceRejected, about, reject, replace.cl_ord_id);
            }
        };
        if let Err(reject) = self.check_replace(&order, replace) {
            return self.refuse(Kind::ReplaceRejected, standing(&order), reject, replace.cl_ord_id);
        }
        let before = order.clone();
        self.remember(Remembered { session: order.session, name: order.name, order: None });
        order.name = replace.cl_ord_id;
        if replace.quantity.0 <= order.cum {
            self.take_out(&before);
            self.tell(Event {
                kind: Kind::Canceled,
                status: OrderStatus::Canceled,
                cause: Cause::ReplacedBelowFilled,
                leaves: Lots(0),
                orig_cl_ord_id: before.name,
                ..standing(&order)
            });
            return self.remember_order(order);
        }
        order.price = replace.price.0;
        order.quantity = replace.quantity.0;
        self.tell(Event { kind: Kind::Replaced, orig_cl_ord_id: before.name, ..standing(&order) });
        if order.price == before.price && order.quantity <= before.quantity {
            self.open.insert(order.id, order); // its place in the queue stays
            return;
        }
        self.take_out(&before);
        let limit = order.price;
        self.trade(&mut order, limit);
        if order.leaves() == 0 {
            self.remember_order(order);
        } else {
            self.put(order);
        }
    }

    fn check_new(&self, new: &NewOrder) -> Result<(), Reject> {
        use OrderType::{Limit, Market};
        use TimeInForce::{Day, Fok, Gtc, Ioc};
        let Some(terms) = self.config.instruments.get(new.head.instrument.0 as usize) else {
            return Err(Reject::UnknownInstrument);
        };
        let post_only = new.flags == NewOrder::POST_ONLY;
        let combinations: &[(OrderType, TimeInForce)] = if post_only {
            &[(Limit, Day), (Limit, Gtc)]
        } else {
            &[
                (Limit, Day),
                (Limit, Gtc),
                (Limit, Ioc),
                (Limit, Fok),
                (Market, Day),
                (Market, Ioc),
                (Market, Fok),
            ]
        };
        if new.flags > NewOrder::POST_ONLY
            || !combinations.contains(&(new.order_type, new.time_in_force))
            || (new.order_type == Market && new.price != Ticks(0))
        {
            return Err(Reject::UnsupportedOrder);
        }
        if new.order_type == Limit {
            self.check_price(new.price)?;
        }
        let notional_price =
            if new.order_type == Limit { new.price.0 } else { self.references[terms.id.0 as usize] };
        self.check_quantity(terms.id, new.quantity, notional_price)?;
        if new.order_type == Limit {
            self.check_band(terms.id, new.price)?;
        }
        self.check_name(new.head.session, new.cl_ord_id)?;
        let may_trade = self.config.sessions.get(new.head.session.0 as usize).is_some_and(|session| {
            match &session.accounts {
                Accounts::Any => true,
                Accounts::Only(accounts) => accounts.contains(&new.head.account),
            }
        });
        if !may_trade {
            return Err(Reject::NotEntitled);
        }
        if self.open.len() >= self.config.open_orders_max as usize {
            return Err(Reject::TooManyOpenOrders);
        }
        if post_only && self.would_trade(terms.id, new.side, new.price.0) {
            return Err(Reject::PostOnlyWouldTake);
        }
        Ok(())
    }

    fn check_replace(&self, order: &Order, replace: &Replace) -> Result<(), Reject> {
        if replace.head.instrument != order.instrument || replace.side != order.side {
            return Err(Reject::OrderMismatch);
        }
        self.check_price(replace.price)?;
        self.check_quantity(order.instrument, replace.quantity, replace.price.0)?;
        self.check_band(order.instrument, replace.price)?;
        self.check_name(order.session, replace.cl_ord_id)?;
        let stays_open = replace.quantity.0 > order.cum;
        if order.flags == NewOrder::POST_ONLY
            && stays_open
            && self.would_trade(order.instrument, order.side, replace.price.0)
        {
            return Err(Reject::PostOnlyWouldTake);
        }
        Ok(())
    }

    fn check_price(&self, price: Ticks) -> Result<(), Reject> {
        if price == Ticks::OFF_TICK {
            Err(Reject::PriceOffTick)
        } else if price == Ticks::OUT_OF_RANGE || price.0 > TICKS_MAX {
            Err(Reject::PriceOutOfRange)
        } else if price.0 <= 0 {
            Err(Reject::PriceNotPositive)
        } else {
            Ok(())
        }
    }

    fn check_quantity(&self, instrument: InstrumentId, quantity: Lots, price: i64) -> Result<(), Reject> {
        let terms = &self.config.instruments[instrument.0 as usize];
        if quantity == Lots::OFF_LOT {
            Err(Reject::QuantityOffLot)
        } else if quantity == Lots::OUT_OF_RANGE || quantity.0 > LOTS_MAX {
            Err(Reject::QuantityOutOfRange)
        } else if quantity.0 == 0 {
            Err(Reject::QuantityNotPositive)
        } else if quantity < terms.quantity_min {
            Err(Reject::QuantityTooSmall)
        } else if quantity > terms.quantity_max {
            Err(Reject::QuantityTooLarge)
        } else if notional(price, quantity.0) < terms.notional_min {
            Err(Reject::NotionalTooSmall)
        } else {
            Ok(())
        }
    }

    fn check_band(&self, instrument: InstrumentId, price: Ticks) -> Result<(), Reject> {
        let (low, high) = self.band(instrument);
        if price.0 < low || price.0 > high { Err(Reject::PriceOutsideBand) } else { Ok(()) }
    }

    fn check_name(&self, session: SessionId, name: ClOrdId) -> Result<(), Reject> {
        if name == ClOrdId::NONE {
            return Err(Reject::BadClOrdId);
        }
        let open = self.open.values().any(|o| o.session == session && o.name == name);
        let remembered = self.remembered.iter().any(|r| r.session == session && r.name == name);
        if open || remembered { Err(Reject::DuplicateClOrdId) } else { Ok(()) }
    }

    fn band(&self, instrument: InstrumentId) -> (i64, i64) {
        let terms = &self.config.instruments[instrument.0 as usize];
        let (low, high) = terms.band(Ticks(self.references[instrument.0 as usize]));
        (low.0, high.0)
    }

    /// The prices of the other side that an order of `side` reaches with `limit`, best first.
    fn reached(&self, instrument: InstrumentId, side: Side, limit: i64) -> Vec<i64> {
        let book = &self.books[instrument.0 as usize];
        match side {
            Side::Buy => book.sells.keys().copied().take_while(|&price| price <= limit).collect(),
            Side::Sell => book.buys.keys().rev().copied().take_while(|&price| price >= limit).collect(),
        }
    }

    fn would_trade(&self, instrument: InstrumentId, side: Side, limit: i64) -> bool {
        !self.reached(instrument, side, limit).is_empty()
    }

    fn available(&self, order: &Order, limit: i64) -> u128 {
        let reached = self.reached(order.instrument, order.side, limit);
        let book = &self.books[order.instrument.0 as usize];
        let queues = if order.side == Side::Buy { &book.sells } else { &book.buys };
        reached.iter().flat_map(|price| &queues[price]).map(|id| u128::from(self.open[id].leaves())).sum()
    }

    fn trade(&mut self, taker: &mut Order, limit: i64) {
        for price in self.reached(taker.instrument, taker.side, limit) {
            let book = &self.books[taker.instrument.0 as usize];
            let queues = if taker.side == Side::Buy { &book.sells } else { &book.buys };
            for id in queues[&price].clone() {
                if taker.leaves() == 0 {
                    return;
                }
                let mut maker = self.open[&id].clone();
                let quantity = taker.leaves().min(maker.leaves());
                self.trades += 1;
                self.references[taker.instrument.0 as usize] = price;
                maker.cum += quantity;
                maker.notional += notional(price, quantity);
                taker.cum += quantity;
                taker.notional += notional(price, quantity);
                for (order, liquidity) in [(&maker, Liquidity::Maker), (&*taker, Liquidity::Taker)] {
                    self.tell(Event {
                        kind: Kind::Fill,
                        liquidity,
                        trade_id: TradeId(self.trades),
                        last_price: Ticks(price),
                        last_quantity: Lots(quantity),
                        ..standing(order)
                    });
                }
                if maker.leaves() == 0 {
                    self.take_out(&maker);
                    self.remember_order(maker);
                } else {
                    self.open.insert(id, maker);
                }
            }
        }
    }

    fn queues(&mut self, instrument: InstrumentId, side: Side) -> &mut Queues {
        let book = &mut self.books[instrument.0 as usize];
        if side == Side::Buy { &mut book.buys } else { &mut book.sells }
    }

    fn put(&mut self, order: Order) {
        self.queues(order.instrument, order.side).entry(order.price).or_default().push_back(order.id);
        self.open.insert(order.id, order);
    }

    fn take_out(&mut self, order: &Order) {
        let queues = self.queues(order.instrument, order.side);
        let queue = queues.get_mut(&order.price).expect("it stands there");
        queue.retain(|&id| id != order.id);
        if queue.is_empty() {
            queues.remove(&order.price);
        }
        self.open.remove(&order.id).expect("it is open");
    }

    fn remember_order(&mut self, order: Order) {
        self.remember(Remembered { session: order.session, name: order.name, order: Some(order) });
    }

    fn remember(&mut self, remembered: Remembered) {
        self.remembered.push_back(remembered);
        if self.remembered.len() > self.config.finished_orders_max as usize {
            self.remembered.pop_front();
            self.forgotten += 1;
        }
    }

    /// The open order; else what there is to say about it, and why it is no open order of the session.
    #[expect(clippy::result_large_err, reason = "plainness matters here, speed does not")]
    fn find_open(&self, head: &Head, reference: &OrderRef) -> Result<Order, (Event, Reject)> {
        let target = reference.target();
        let is_it = |order: &Order| {
            order.session == head.session
                && match target {
                    Target::Client(name) => order.name == name,
                    Target::Venue(OrderId(id)) => order.id == id,
                }
        };
        if let Some(order) = self.open.values().find(|order| is_it(order)) {
            return Ok(order.clone());
        }
        let mut ended = self.remembered.iter().filter_map(|r| r.order.as_ref());
        if let Some(order) = ended.find(|order| is_it(order)) {
            let status = if order.leaves() == 0 { OrderStatus::Filled } else { OrderStatus::Canceled };
            return Err((Event { status, leaves: Lots(0), ..standing(order) }, Reject::UnknownOrder));
        }
        let about = Event {
            status: OrderStatus::Rejected,
            session: head.session,
            account: head.account,
            instrument: head.instrument,
            cl_ord_id: match target {
                Target::Client(name) => name,
                Target::Venue(_) => ClOrdId::NONE,
            },
            ..nothing()
        };
        let known = (head.session.0 as usize) < self.config.sessions.len();
        Err((about, if known { Reject::UnknownOrder } else { Reject::NotEntitled }))
    }

    fn refuse(&mut self, kind: Kind, about: Event, reject: Reject, request: ClOrdId) {
        self.tell(Event { kind, reject, orig_cl_ord_id: about.cl_ord_id, cl_ord_id: request, ..about });
    }

    fn tell(&mut self, mut event: Event) {
        self.events += 1;
        event.event_id = self.events;
        event.seq = self.seq;
        event.time = self.time;
        event.rx = self.rx;
        let session = event.session.0 as usize;
        if session < self.appl_seq.len() {
            self.appl_seq[session] += 1;
            event.appl_seq = self.appl_seq[session];
            event.msg_seq = self.msg_seq[session];
        }
        self.out.push(event);
    }

    /// As docs/matching.md defines it.
    pub(crate) fn state_hash(&self) -> u64 {
        let mut words = vec![self.seq.0, self.time.0, self.events, self.orders, self.trades, self.forgotten];
        words.extend(self.appl_seq.iter().zip(&self.msg_seq).flat_map(|(&a, &m)| [a, m]));
        let mut digest = Digest::default();
        digest.word(self.orders_hash());
        words.into_iter().for_each(|word| digest.word(word));
        digest.value()
    }

    fn orders_hash(&self) -> u64 {
        let mut digest = Digest::default();
        for (book, reference) in self.books.iter().zip(&self.references) {
            digest.word(reference.unsigned_abs());
            let buys: Vec<u64> = book.buys.values().rev().flatten().copied().collect();
            let sells: Vec<u64> = book.sells.values().flatten().copied().collect();
            for side in [buys, sells] {
                side.iter().for_each(|id| digest_order(&self.open[id], &mut digest));
                digest.word(0);
            }
        }
        for remembered in &self.remembered {
            match &remembered.order {
                Some(order) => digest_order(order, &mut digest),
                None => {
                    digest.word(0);
                    digest.word(remembered.session.0.into());
                    digest.bytes(remembered.name.padded());
                }
            }
        }
        self.cancel_at.iter().for_each(|at| digest.word(at.map_or(0, |at| at.0)));
        digest.value()
    }
}

fn digest_order(order: &Order, digest: &mut Digest) {
    digest.word(order.id);
    digest.word(order.session.0.into());
    digest.bytes(order.name.padded());
    digest.bytes(&[
        order.flags,
        order.time_in_force.fix(),
        order.order_type.fix(),
        order.side.fix(),
        order.instrument.0.to_le_bytes()[0],
        order.instrument.0.to_le_bytes()[1],
        0,
        0,
    ]);
    digest.word(order.account.0.into());
    digest.word(order.price.unsigned_abs());
    digest.word(order.quantity);
    digest.word(order.cum);
    digest.bytes(&order.notional.to_le_bytes());
}

fn notional(price: i64, quantity: u64) -> u128 {
    u128::from(price.unsigned_abs()) * u128::from(quantity)
}

/// How an order stands, as an event of no kind in particular.
fn standing(order: &Order) -> Event {
    let status = match (order.leaves(), order.cum) {
        (0, _) => OrderStatus::Filled,
        (_, 0) => OrderStatus::New,
        _ => OrderStatus::PartiallyFilled,
    };
    Event {
        side: order.side,
        order_type: order.order_type,
        time_in_force: order.time_in_force,
        status,
        flags: order.flags,
        session: order.session,
        account: order.account,
        instrument: order.instrument,
        order_id: OrderId(order.id),
        price: Ticks(order.price),
        quantity: Lots(order.quantity),
        leaves: Lots(order.leaves()),
        cum: Lots(order.cum),
        cum_notional: Event::halves(order.notional),
        cl_ord_id: order.name,
        ..nothing()
    }
}

fn nothing() -> Event {
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
        reserved: 0,
        seq: SeqNo(0),
        event_id: 0,
        appl_seq: 0,
        msg_seq: 0,
        time: Nanos(0),
        rx: Nanos(0),
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
