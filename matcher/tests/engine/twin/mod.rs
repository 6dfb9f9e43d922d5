//! The slow twin: the rules of docs/matching.md written as plainly as they can be, with ordinary maps and
//! queues, searching where the engine links. It shares with the engine its configuration, the messages and
//! the digest's arithmetic, and no other code.

mod asked;
mod auction;
mod audit;
mod balances;
mod checks;
mod control;
mod deadline;
mod hash;
mod ledger;
mod limits;
mod lists;
mod market;
mod matching;
mod operators;
mod order;
mod protection;
mod quotes;
mod stops;
mod trunks;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger::Purse;
use market::Market;
use matcher::engine::{Config, Digest, OrderLimits, Pair};
use operators::Account;
use order::{Amount, Order, ended, nothing, rejected, slices, standing};
use protection::Protection;
use wire::{
    command::{Command, Head, NewOrder, OrderRef, Replace, Target},
    event::{Cause, Definition, Event, Kind},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Nanos, OrderId, OrderStatus, OrderType, SeqNo, SessionId, Side,
        Ticks,
    },
};

/// Whose names and orders: a session's or, the first being true, an account's of all trunks.
type Owner = (bool, u32);

/// A name that was used; with it the order, or the OrderID of one that has gone on under another name.
struct Remembered {
    owner: Owner,
    session: SessionId,
    name: ClOrdId,
    order: Result<Order, u64>,
}

pub(crate) struct Twin {
    config: Config,
    markets: Vec<Market>,
    open: BTreeMap<u64, Order>,
    remembered: VecDeque<Remembered>,
    /// Names of open orders, but for quotes, and those that are remembered.
    used: BTreeSet<(Owner, ClOrdId)>,
    /// The open orders that wait for a stop price.
    stops: BTreeSet<u64>,
    forgotten: u64,
    /// The one that is due first in front.
    asked: Vec<asked::Asked>,
    cancel_at: Vec<Option<Nanos>>,
    /// Kill switches that are on: scope and target.
    killed: BTreeSet<(u8, u32)>,
    /// Of each account and asset.
    purses: BTreeMap<(u32, u32), Purse>,
    accounts: Vec<Account>,
    /// What each instrument exchanges; none on a venue without a ledger.
    pairs: Vec<Pair>,
    /// Those that are not as they were at the start.
    entitlements: BTreeMap<(SessionId, AccountId), bool>,
    /// By account and group.
    protections: BTreeMap<(u32, u32), Protection>,
    /// By scope and target, where they are not as they were at the start.
    limits: BTreeMap<(u8, u32), OrderLimits>,
    /// What has been changed of terms.
    changes: Option<Digest>,
    definitions: Vec<Definition>,
    fees: Vec<i128>,
    deposited: Vec<i128>,
    /// What each open order holds.
    holds: BTreeMap<u64, i128>,
    /// How often an order has joined a queue.
    places: u64,
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
        let before = u64::from(config.shard) << 56;
        let assets = config.ledger.assets;
        let accounts = (0u32..).take(config.ledger.accounts.len());
        Twin {
            killed: BTreeSet::new(),
            purses: accounts.flat_map(|a| (0..assets).map(move |b| ((a, b), Purse::default()))).collect(),
            accounts: Account::all(&config),
            pairs: config.ledger.pairs.clone(),
            entitlements: BTreeMap::new(),
            protections: config
                .protections
                .iter()
                .map(|&terms| ((terms.account.0, terms.group), Protection::new(terms)))
                .collect(),
            limits: BTreeMap::new(),
            changes: None,
            definitions: Vec::new(),
            fees: vec![0; assets as usize],
            deposited: vec![0; assets as usize],
            holds: BTreeMap::new(),
            places: 0,
            markets: config.instruments.iter().cloned().map(Market::new).collect(),
            open: BTreeMap::new(),
            remembered: VecDeque::new(),
            used: BTreeSet::new(),
            stops: BTreeSet::new(),
            forgotten: 0,
            asked: Vec::new(),
            cancel_at: vec![None; sessions],
            appl_seq: vec![0; sessions],
            msg_seq: vec![0; sessions],
            events: before,
            orders: before,
            trades: before,
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
        let session = head.session().0 as usize;
        (self.seq, self.time, self.rx) = (seq, time, head.rx);
        if session < self.msg_seq.len() && head.msg_seq > 0 {
            self.msg_seq[session] = head.msg_seq;
        }
        if !self.refuse_late(command) {
            self.carry_out(command);
        }
        if self.has_instrument(head.instrument()) {
            self.trigger_stops(head.instrument());
        }
        self.look_at_calls(matches!(command, Command::Due(_)));
        std::mem::take(&mut self.out)
    }

    fn carry_out(&mut self, command: Command<'_>) {
        let (head, time) = (*command.head(), self.time);
        let session = head.session().0 as usize;
        match command {
            Command::New(new) => self.new_order(new),
            Command::Cancel(cancel) => {
                match self.find_open(&head, &cancel.order) {
                    Ok(order) if order.instrument == head.instrument() => {
                        self.take_out(&order);
                        let canceled = Event {
                            kind: Kind::Canceled,
                            cause: Cause::Requested,
                            cl_ord_id: cancel.cl_ord_id,
                            orig_cl_ord_id: order.name,
                            by: 0,
                            ..ended(&order)
                        };
                        self.tell_both(canceled, &head);
                        self.cancel_other(&order);
                        self.remember_order(order);
                    }
                    Ok(order) => {
                        let about = standing(&order);
                        let about = Event { session: head.session(), ..about };
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
                let (session, orig_cl_ord_id) = (head.session(), status.request_id);
                self.tell(Event { kind: Kind::Status, session, orig_cl_ord_id, by: 0, ..answer });
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
            Command::MassCancel(mass) => self.mass_cancel(mass),
            Command::KillSwitch(kill) => self.kill_switch(kill),
            Command::Due(_) => {
                self.expire();
                self.end_calls();
                self.tell_due();
            }
            Command::MassQuote(quote) => self.mass_quote(quote),
            Command::SetProtection(set) => self.set_protection(set),
            Command::ResetProtection(reset) => self.reset_protection(reset),
            Command::SetInstrument(set) => self.set_instrument(set),
            Command::SetAccount(set) => self.set_account(set),
            Command::SetCredit(set) => self.set_credit(set),
            Command::Entitle(entitle) => self.entitle(entitle),
            Command::SetLimits(set) => self.set_limits(set),
            Command::NewOrderList(list) => self.new_order_list(list),
            Command::CancelList(list) => self.cancel_list(list),
            Command::ListStatus(list) => self.list_status(list),
            Command::MassStatus(of) => self.mass_status(of),
            Command::Balances(of) => self.balances(of),
            Command::ShowBook(_) | Command::FindOrders(_) => {}
            Command::SetState(set) => self.set_state(set),
            Command::Deposit(funds) => self.move_funds(funds, true),
            Command::Withdraw(funds) => self.move_funds(funds, false),
            Command::CancelSession(_) => {
                if !self.is_trunk(head.session()) {
                    self.cancel_all(Cause::Disconnected, |order| order.session == head.session());
                }
                if session < self.cancel_at.len() {
                    self.cancel_at[session] = None;
                }
            }
        }
    }

    /// The definitions that went out since they were last asked for.
    pub(crate) fn definitions(&mut self) -> Vec<Definition> {
        std::mem::take(&mut self.definitions)
    }

    pub(crate) fn open_orders(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn depth(&self, instrument: InstrumentId, side: Side) -> Vec<(Ticks, u128)> {
        if !self.has_instrument(instrument) {
            return Vec::new();
        }
        let book = &self.market(instrument).book;
        let sum = |queue: &VecDeque<u64>| queue.iter().map(|id| u128::from(self.open[id].slice)).sum();
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
            return self.refuse_new(new, reject);
        }
        let order = self.order_of(new, self.orders + 1);
        if !self.covers(&order) {
            return self.refuse_new(new, Reject::InsufficientFunds);
        }
        self.orders += 1;
        self.used.insert((self.owner_of(&order), order.name));
        self.reserve(&order);
        self.tell(Event { kind: Kind::Accepted, ..standing(&order) });
        if order.waits() {
            self.put(order);
        } else {
            self.enter(order);
        }
    }

    /// The order that `new`, which was checked, becomes.
    fn order_of(&self, new: &NewOrder, id: u64) -> Order {
        let last = self.market(new.head.instrument()).reference;
        let demands = checks::minimum(new);
        let trailing = new.order_type == OrderType::TrailingStop;
        let mut order = Order {
            id,
            name: new.cl_ord_id,
            session: new.head.session(),
            account: new.head.account,
            instrument: new.head.instrument(),
            side: new.side,
            order_type: new.order_type,
            time_in_force: new.time_in_force,
            post_only: new.flags & NewOrder::POST_ONLY != 0,
            self_trade: self.mode(new),
            price: new.price.0,
            quantity: new.quantity.0,
            display: if demands { 0 } else { new.display.0 },
            minimum: if demands { new.display.0 } else { 0 },
            slices: if demands { 1 } else { slices(new.display.0, new.quantity.0) },
            expire: new.expire.0,
            stop: stops::starts_at(new.order_type, new.side, last, new.stop.0),
            distance: if trailing { new.stop.0 } else { 0 },
            best: if trailing { last } else { 0 },
            seen: if trailing { last } else { 0 },
            had_attributes: new.order_type.is_stop() || new.expire.0 > 0 || !demands && new.display.0 > 0,
            edge: self.market(new.head.instrument()).edge(new.side),
            ..Order::EMPTY
        };
        let high = self.market(order.instrument).band().1;
        order.hold_price = if order.order_type.has_price() { order.price } else { high };
        if new.flags & NewOrder::QUOTE_AMOUNT != 0 {
            let pair = self.pair(&order);
            let per = pair.map_or(1, |pair| pair.quote_per_tick_lot.into());
            let rate = pair.map_or(0, |pair| pair.taker_fee.into());
            order.amount = Some(Amount { per, rate });
        }
        order
    }

    fn refuse_new(&mut self, new: &NewOrder, reject: Reject) {
        if self.tell_again(&new.head, new.cl_ord_id) {
            return;
        }
        if !new.head.is_repeat() || !self.used.contains(&(self.owner(&new.head), new.cl_ord_id)) {
            self.tell(self.with_limit(rejected(new, reject), new));
        }
    }

    fn refuse_replace(&mut self, replace: &Replace, about: Event, reject: Reject) {
        if self.tell_replaced_again(replace) {
            return;
        }
        let head = &replace.head;
        if !head.is_repeat() || !self.used.contains(&(self.owner(head), replace.cl_ord_id)) {
            let open = self.open.get(&about.order_id.0).filter(|_| reject == Reject::NotionalTooLarge);
            let about = match open {
                Some(order) => self.with_worth(about, order, replace),
                None => about,
            };
            let about = Event { session: head.session(), ..about };
            self.refuse(Kind::ReplaceRejected, about, reject, replace.cl_ord_id);
        }
    }

    fn replace(&mut self, replace: &Replace) {
        let mut order = match self.find_open(&replace.head, &replace.order) {
            Ok(order) => order,
            Err((about, reject)) => return self.refuse_replace(replace, about, reject),
        };
        if let Err(reject) = self.check_replace(&order, replace) {
            return self.refuse_replace(replace, standing(&order), reject);
        }
        let before = order.clone();
        let below = replace.quantity.0 <= order.cum;
        if !below {
            order.price = replace.price.0;
            order.quantity = replace.quantity.0;
            order.display = replace.display.lots().0;
            order.slices = slices(order.display, order.quantity);
            order.had_attributes |= order.display > 0;
            if order.order_type.has_price() {
                order.hold_price = order.price;
            }
            if !self.covers(&order) {
                return self.refuse_replace(replace, standing(&before), Reject::InsufficientFunds);
            }
        }
        let owner = self.owner_of(&order);
        self.remember(Remembered { owner, session: order.session, name: order.name, order: Err(order.id) });
        order.name = replace.cl_ord_id;
        self.used.insert((owner, order.name));
        if below {
            self.take_out(&before);
            let canceled = Event {
                kind: Kind::Canceled,
                cause: Cause::ReplacedBelowFilled,
                orig_cl_ord_id: before.name,
                by: 0,
                ..ended(&order)
            };
            self.tell_both(canceled, &replace.head);
            return self.remember_order(order);
        }
        self.reserve(&order);
        let event = Event { kind: Kind::Replaced, orig_cl_ord_id: before.name, by: 0, ..standing(&order) };
        self.tell_both(event, &replace.head);
        let same = order.price == before.price && order.display == before.display;
        if order.waits() || same && order.quantity <= before.quantity {
            order.cut_slice();
            self.market_mut(order.instrument).changed |= !order.waits() && order.quantity != before.quantity;
            self.open.insert(order.id, order); // its place in the queue stays
            return;
        }
        self.take_out(&before);
        self.enter(order);
    }

    /// Ends an order that stands in no queue.
    fn end(&mut self, order: Order, cause: Cause) {
        self.tell(Event { kind: Kind::Canceled, cause, ..ended(&order) });
        self.cancel_other(&order);
        self.remember_order(order);
    }

    fn cancel_open(&mut self, order: Order, cause: Cause) {
        self.take_out(&order);
        self.end(order, cause);
    }

    fn remember_order(&mut self, order: Order) {
        self.release(&order);
        if order.quote {
            return;
        }
        let owner = self.owner_of(&order);
        self.remember(Remembered { owner, session: order.session, name: order.name, order: Ok(order) });
    }

    fn remember(&mut self, remembered: Remembered) {
        self.remembered.push_back(remembered);
        if self.remembered.len() > self.config.finished_orders_max as usize {
            let forgotten = self.remembered.pop_front().expect("there are too many");
            self.used.remove(&(forgotten.owner, forgotten.name));
            self.forgotten += 1;
        }
    }

    /// The open order; else what there is to say about it, and why it is no open order of the session.
    #[expect(clippy::result_large_err, reason = "plainness matters here, speed does not")]
    fn find_open(&self, head: &Head, reference: &OrderRef) -> Result<Order, (Event, Reject)> {
        let target = reference.target();
        let owner = self.owner(head);
        let is_it = |order: &Order| {
            self.owner_of(order) == owner
                && match target {
                    Target::Client(name) => order.name == name && !order.quote,
                    Target::Venue(OrderId(id)) => order.id == id,
                }
        };
        let open = match target {
            Target::Venue(OrderId(id)) => self.open.get(&id).filter(|order| is_it(order)),
            Target::Client(_) => self.open.values().find(|order| is_it(order)),
        };
        if let Some(order) = open {
            return Ok(order.clone());
        }
        let mut gone = self.remembered.iter().filter_map(|r| r.order.as_ref().ok());
        if let Some(order) = gone.find(|order| is_it(order)) {
            return Err((Event { session: head.session(), ..ended(order) }, Reject::UnknownOrder));
        }
        let about = Event {
            status: OrderStatus::Rejected,
            session: head.session(),
            account: head.account,
            instrument: head.instrument(),
            cl_ord_id: name_of(reference),
            ..nothing()
        };
        let known = (head.session().0 as usize) < self.config.sessions.len();
        Err((about, if known { Reject::UnknownOrder } else { Reject::NotEntitled }))
    }

    fn refuse(&mut self, kind: Kind, about: Event, reject: Reject, request: ClOrdId) {
        self.tell(Event {
            kind,
            reject,
            orig_cl_ord_id: about.cl_ord_id,
            cl_ord_id: request,
            by: 0,
            ..about
        });
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
}

/// The client's name in `reference`, or none.
fn name_of(reference: &OrderRef) -> ClOrdId {
    match reference.target() {
        Target::Client(name) => name,
        Target::Venue(_) => ClOrdId::NONE,
    }
}
