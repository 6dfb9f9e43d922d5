//! The engine: commands in, events out, by the rules of docs/matching.md.
//!
//! It is a pure state machine. Sequence numbers and time come with the commands; it has no clock, does no I/O,
//! and allocates nothing after it was built. What it does after n commands depends on those commands alone.
//!
//! Read in this order: [`Engine::apply`], `order.rs` (new orders and replaces), `matching.rs`, then [`book`].

mod amount;
mod asked;
mod attributes;
mod auction;
mod audit;
mod balances;
pub mod book;
mod bound;
mod call;
mod checks;
mod codes;
mod config;
mod deadline;
mod digest;
mod feed;
mod funding;
mod hash;
mod ids;
mod image;
mod index;
mod ledger;
mod limits;
mod lists;
mod market;
mod mass;
mod matching;
mod names;
mod operator;
mod order;
mod owners;
mod protection;
mod quotes;
mod register;
mod report;
mod search;
mod sides;
mod stops;
mod timers;
mod trunks;

use wire::{
    command::{Cancel, Command, Head, OrderRef, SessionNotice, Status, Target},
    event::{Cause, Definition, Event, Kind},
    feed::Record,
    reject::Reject,
    types::{
        ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SeqNo, SessionId, Side, Ticks, before_ids_of,
    },
};

pub use config::{Accounts, Config, ConfigError, ProtectionTerms, REMEMBERED_MAX, SessionTerms};
pub use digest::Digest;
pub use image::{Change, ImageError, VERSION as IMAGE_VERSION};
pub use ledger::{AccountKind, AccountTerms, Balance, LedgerError, LedgerTerms, Pair};
pub use limits::OrderLimits;
pub use operator::Told;

use asked::AskedFor;
use attributes::{Attributes, Extra};
use auction::Interest;
use book::{Arena, Total};
use call::Calls;
use index::touch_room;
use ledger::Ledger;
use limits::Limits;
use lists::Lists;
use market::Market;
use mass::Killed;
use operator::Roster;
use owners::{Owner, Owners};
use protection::Protections;
use quotes::Quotes;
use register::{Found, Register, Terms};
use report::Reporter;

/// Where events go, in the order in which they happen.
pub trait Sink {
    /// Takes one event: by value and best inlined, so that it is built where it is to stand.
    fn event(&mut self, event: Event);

    /// Takes the definition of an instrument or account, which is for everybody.
    fn definition(&mut self, definition: &Definition);

    /// Takes what everybody is told of the books. Who does not want it says nothing here, and nothing is made of it.
    #[inline]
    fn market_data(&mut self, _record: &Record) {}
}

struct Session {
    terms: SessionTerms,
    /// When its open orders are to be cancelled, should its client not return.
    cancel_at: Option<Nanos>,
}

/// A matcher's whole state.
pub struct Engine {
    /// Its number among the venue's.
    shard: u8,
    markets: Vec<Market>,
    sessions: Vec<Session>,
    arena: Arena,
    register: Register,
    attributes: Attributes,
    ledger: Ledger,
    limits: Limits,
    killed: Killed,
    calls: Calls,
    quotes: Quotes,
    lists: Lists,
    asked: AskedFor,
    protections: Protections,
    roster: Roster,
    /// Empty markets, for instruments that are added.
    unused: Vec<Market>,
    /// Room for whatever is about many orders to collect them in; empty between commands.
    selected: Vec<(OrderId, u32)>,
    interests: Vec<Interest>,
    reporter: Reporter,
    /// The price that an order has left to join another queue, and what was left there: for a moment within a replace.
    moved: Option<(Ticks, Total)>,
    /// Orders that wait for a stop price, over all markets.
    waiting: u32,
    last_order: u64,
    last_trade: u64,
    /// The earliest [`Session::cancel_at`].
    next_cancel: Option<(Nanos, SessionId)>,
}

impl Engine {
    /// An engine with empty books. It reserves all its memory here.
    ///
    /// # Panics
    /// If `config` does not pass [`Config::check`].
    #[must_use]
    pub fn new(config: Config) -> Engine {
        if let Err(error) = config.check() {
            panic!("{error}");
        }
        let limits = Limits::new(&config);
        let instruments_max = config.room_for_instruments();
        let (accounts_max, protections_max) = (config.room_for_accounts(), config.room_for_protections());
        let Config {
            shard,
            instruments,
            sessions,
            open_orders_max,
            finished_orders_max,
            price_groups_max,
            ledger,
            quotes_max,
            protections,
            hash_seed,
            ..
        } = config;
        let mut arena = Arena::new(open_orders_max, price_groups_max);
        let mut markets = Vec::with_capacity(instruments_max as usize);
        markets.extend(instruments.into_iter().map(|terms| Market::new(terms, &mut arena)));
        let owners = Owners::new(sessions.iter().map(|terms| terms.is_trunk), open_orders_max);
        let unused = (0..instruments_max).skip(markets.len()).rev();
        let unused = unused.map(|id| Market::unused(id, &mut arena)).collect();
        let before = before_ids_of(shard);
        Engine {
            shard,
            calls: Calls::new(instruments_max as usize),
            markets,
            unused,
            quotes: Quotes::new(quotes_max),
            lists: Lists::new(open_orders_max),
            asked: AskedFor::new(sessions.len(), open_orders_max),
            protections: Protections::new(&protections, protections_max),
            roster: Roster::new(&ledger.accounts, accounts_max, sessions.len()),
            register: Register::new(owners, open_orders_max, finished_orders_max, hash_seed, before),
            attributes: Attributes::new(open_orders_max),
            killed: Killed::new(sessions.len()),
            limits,
            selected: Vec::with_capacity(open_orders_max as usize),
            interests: Vec::with_capacity(open_orders_max as usize),
            ledger: Ledger::new(ledger, open_orders_max, instruments_max, accounts_max),
            reporter: Reporter::new(sessions.len(), before),
            sessions: sessions.into_iter().map(|terms| Session { terms, cancel_at: None }).collect(),
            arena,
            moved: None,
            waiting: 0,
            last_order: before,
            last_trade: before,
            next_cancel: None,
        }
    }

    /// Touches all the memory that was reserved, so that no command meets a page fault: for venues that would
    /// rather pay at start. Before the first command.
    pub fn prefault(&mut self) {
        self.arena.prefault();
        self.register.prefault();
        self.attributes.prefault();
        self.ledger.prefault();
        self.killed.prefault();
        self.quotes.prefault();
        self.lists.prefault();
        self.protections.prefault();
        self.roster.prefault();
        touch_room(&mut self.selected);
        touch_room(&mut self.interests);
    }

    /// Begins to fetch the memory that `command` will need: for one that is applied soon, best the next but one or
    /// two, in the order in which they come. It takes two steps, from names to orders and to what stands there; the
    /// second of a command is done at the first of the next one. Does nothing that shows.
    #[inline]
    pub fn prefetch(&mut self, command: Command<'_>) {
        self.register.prefetch_coming(&self.arena);
        let owner = self.owner(command.head());
        match command {
            Command::New(new) => {
                self.register.prefetch_name(owner, &new.cl_ord_id);
            }
            Command::Cancel(cancel) => self.register.prefetch(owner, &cancel.order),
            Command::Replace(replace) => {
                self.register.prefetch(owner, &replace.order);
                self.register.prefetch_name(owner, &replace.cl_ord_id);
            }
            _ => {} // too rare, or about more than one order
        }
    }

    /// Applies one command. `seq` is one more than the last one's, `time` not before the last one's.
    pub fn apply<S: Sink>(&mut self, seq: SeqNo, time: Nanos, command: Command<'_>, sink: &mut S) {
        self.reporter.begin(seq, time, command.head());
        if !Self::is_late(command.head(), time) || !self.refuse_late(command, sink) {
            self.carry_out(time, command, sink);
        }
        self.look_at_calls(sink);
        self.refresh_backlog();
    }

    #[inline]
    fn carry_out<S: Sink>(&mut self, time: Nanos, command: Command<'_>, sink: &mut S) {
        match command {
            Command::New(new) => {
                self.new_order(new, sink);
                self.run_stops(new.head.instrument().0 as usize, sink);
            }
            Command::Cancel(cancel) => self.cancel(cancel, sink),
            Command::Replace(replace) => {
                self.replace(replace, sink);
                self.run_stops(replace.head.instrument().0 as usize, sink);
            }
            Command::Status(status) => self.status(status, sink),
            Command::SessionUp(notice) => self.set_cancel_at(notice.head.session(), None),
            Command::SessionDown(notice) => self.session_down(notice, time),
            Command::CancelSession(notice) => self.cancel_session(notice, sink),
            Command::MassCancel(cancel) => self.mass_cancel(cancel, sink),
            Command::KillSwitch(switch) => self.kill_switch(switch, sink),
            Command::SetState(set) => self.set_state(set, sink),
            Command::Deposit(funds) => self.move_funds(funds, true, sink),
            Command::Withdraw(funds) => self.move_funds(funds, false, sink),
            Command::Due(_) => self.due(time, sink),
            Command::MassQuote(quote) => self.mass_quote(quote, sink),
            Command::SetProtection(set) => self.set_protection(set, sink),
            Command::ResetProtection(reset) => self.reset_protection(reset, sink),
            Command::SetInstrument(set) => self.set_instrument(set, sink),
            Command::SetAccount(set) => self.set_account(set, sink),
            Command::SetCredit(set) => self.set_credit(set, sink),
            Command::SetLimits(set) => self.set_limits(set, sink),
            Command::Entitle(entitle) => self.entitle(entitle, sink),
            Command::NewOrderList(list) => self.new_order_list(list, sink),
            Command::CancelList(list) => self.cancel_list(list, sink),
            Command::ListStatus(list) => self.list_status(list, sink),
            Command::MassStatus(of) => self.mass_status(of, sink),
            Command::Balances(of) => self.balances(of, sink),
            // A wish for market data and an operator's search are no part of the sequence.
            Command::ShowBook(_) | Command::FindOrders(_) => {}
        }
    }

    /// The market of an instrument that this shard serves.
    #[inline]
    fn served(&self, instrument: InstrumentId) -> Option<&Market> {
        self.markets.get(instrument.0 as usize).filter(|market| market.terms.shard == self.shard)
    }

    /// Instruments there are.
    #[must_use]
    pub const fn instruments(&self) -> usize {
        self.markets.len()
    }

    /// Orders that are open.
    #[must_use]
    pub const fn open_orders(&self) -> usize {
        self.arena.orders() as usize
    }

    /// Best price of a side and the quantity displayed there, at most what 64 bits hold.
    #[must_use]
    pub fn best(&self, instrument: InstrumentId, side: Side) -> Option<(Ticks, Lots)> {
        self.markets.get(instrument.0 as usize)?.book.best(&self.arena, side)
    }

    /// A side's prices, best first, each with what is displayed there.
    pub fn depth(&self, instrument: InstrumentId, side: Side) -> impl Iterator<Item = (Ticks, u128)> {
        let market = self.markets.get(instrument.0 as usize);
        let levels = market.into_iter().flat_map(move |market| market.book.levels(&self.arena, side));
        levels.map(|level| (level.price, level.total.quantity()))
    }

    /// The price that the instrument's band lies around: the last trade's, before it the configured one.
    #[must_use]
    pub fn reference(&self, instrument: InstrumentId) -> Option<Ticks> {
        self.markets.get(instrument.0 as usize).map(|market| market.reference)
    }

    /// Ended orders and used names that are no longer remembered.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.register.forgotten()
    }

    /// The last command applied.
    #[must_use]
    pub const fn last_seq(&self) -> SeqNo {
        self.reporter.seq
    }

    /// Number and time of the last command applied.
    #[must_use]
    pub const fn now(&self) -> (SeqNo, Nanos) {
        (self.reporter.seq, self.reporter.time)
    }

    /// The session whose orders are to be cancelled next because its client has gone, and when: whoever
    /// sequences commands is to sequence its [`wire::command::Kind::CancelSession`] then.
    #[must_use]
    pub const fn next_cancel(&self) -> Option<(Nanos, SessionId)> {
        self.next_cancel
    }

    /// The earliest time at which an order expires, a volatility auction's call is over, an indicative price is
    /// to be looked at or a mass status request's answer goes on: whoever sequences commands is to sequence a [`wire::command::Kind::Due`] then.
    #[must_use]
    pub fn next_due(&self) -> Option<Nanos> {
        let expiry = self.attributes.first_due().map(|(at, _)| at);
        expiry.into_iter().chain(self.calls.first()).chain(self.asked.first()).min()
    }

    fn due<S: Sink>(&mut self, time: Nanos, sink: &mut S) {
        while let Some((at, slot)) = self.attributes.first_due()
            && at <= time
        {
            self.cancel_linked(slot, Cause::Expired, sink);
        }
        self.end_calls(time, sink);
        self.tell_due(time, sink);
    }

    fn cancel<S: Sink>(&mut self, cancel: &Cancel, sink: &mut S) {
        let head = &cancel.head;
        let slot = self.find_open(head, &cancel.order).and_then(|slot| {
            if self.terms(slot).instrument() == head.instrument() {
                return Ok(slot);
            }
            Err(Refusal { reject: Reject::OrderMismatch, order: Some(Found::Open(slot)) })
        });
        let slot = match slot {
            Ok(slot) => slot,
            Err(refusal) => {
                let about = (head, &cancel.cl_ord_id, &cancel.order);
                return self.refuse(Kind::CancelRejected, about, refusal, sink);
            }
        };
        let mut event = self.canceled_event(slot, self.price(slot), Cause::Requested);
        event.orig_cl_ord_id = self.register.order(slot).name;
        event.cl_ord_id = cancel.cl_ord_id;
        event.by = 0;
        self.send_to_both(event, head, sink);
        self.cancel_other(slot, sink);
        self.take_out(slot, sink);
    }

    fn status<S: Sink>(&mut self, status: &Status, sink: &mut S) {
        let head = &status.head;
        let event = match self.find(head, &status.order) {
            Some(Found::Open(slot)) => self.open_event(Kind::Status, slot),
            Some(Found::Ended(place)) => report::of_ended(Kind::Status, self.register.ended(place)),
            None => return self.tell_unknown(status, self.unknown(head.session()), sink),
        };
        let event = Event { orig_cl_ord_id: status.request_id, by: 0, session: head.session(), ..event };
        self.reporter.send(event, sink);
    }

    /// Answers a status request without an order to name: what was asked about stands in for its name.
    fn tell_unknown<S: Sink>(&mut self, status: &Status, reject: Reject, sink: &mut S) {
        let event = Event {
            reject,
            cl_ord_id: name_in(&status.order),
            orig_cl_ord_id: status.request_id,
            side: status.side,
            ..report::of_unknown(Kind::Status, &status.head)
        };
        self.reporter.send(event, sink);
    }

    fn session_down(&mut self, notice: &SessionNotice, time: Nanos) {
        let Some(session) = self.sessions.get(notice.head.session().0 as usize) else { return };
        let at = session.terms.cancel_on_disconnect.map(|grace| time.after(grace));
        self.set_cancel_at(notice.head.session(), at);
    }

    fn cancel_session<S: Sink>(&mut self, notice: &SessionNotice, sink: &mut S) {
        let session = notice.head.session();
        // What came by a trunk is its account's, and stays.
        let is_trunk = self.register.owners.is_trunk(session);
        let owner = self.owner(&notice.head);
        while let Some(slot) = self.register.owners.first_of(owner).filter(|_| !is_trunk) {
            self.cancel_linked(slot, Cause::Disconnected, sink);
        }
        self.set_cancel_at(session, None);
    }

    fn set_cancel_at(&mut self, session: SessionId, at: Option<Nanos>) {
        let Some(known) = self.sessions.get_mut(session.0 as usize) else { return };
        if known.cancel_at == at {
            return;
        }
        known.cancel_at = at;
        self.next_cancel = self.first_cancel();
    }

    /// The earliest [`Session::cancel_at`].
    fn first_cancel(&self) -> Option<(Nanos, SessionId)> {
        let waiting = (0u32..)
            .zip(&self.sessions)
            .filter_map(|(id, session)| Some((session.cancel_at?, SessionId(id))));
        waiting.min()
    }

    /// Among whose orders a command's are.
    #[inline]
    fn owner(&self, head: &Head) -> Owner {
        self.register.owners.of(head.session(), head.account)
    }

    /// The command's owner's order that `reference` points at, as long as it is open or remembered.
    fn find(&self, head: &Head, reference: &OrderRef) -> Option<Found> {
        let owner = self.owner(head);
        match reference.target() {
            Target::Client(name) => self.register.by_name(&self.arena, owner, &name),
            Target::Venue(id) => {
                let found = self.register.by_id(id)?;
                (self.register.owner_of(&self.arena, found) == owner).then_some(found)
            }
        }
    }

    /// The slot of the command's owner's open order that `reference` points at.
    fn find_open(&self, head: &Head, reference: &OrderRef) -> Result<u32, Refusal> {
        match self.find(head, reference) {
            Some(Found::Open(slot)) => Ok(slot),
            order => Err(Refusal { reject: self.unknown(head.session()), order }),
        }
    }

    /// Why an order of `session` is not found.
    fn unknown(&self, session: SessionId) -> Reject {
        let known = (session.0 as usize) < self.sessions.len();
        if known { Reject::UnknownOrder } else { Reject::NotEntitled }
    }

    /// Answers a cancel or replace of that head, name and target: the order, if known, is as it was.
    fn refuse<S: Sink>(
        &mut self,
        kind: Kind,
        about: (&Head, &ClOrdId, &OrderRef),
        refusal: Refusal,
        sink: &mut S,
    ) {
        self.reporter.send(self.refusal(kind, about, refusal), sink);
    }

    fn refusal(
        &self,
        kind: Kind,
        (head, name, reference): (&Head, &ClOrdId, &OrderRef),
        Refusal { reject, order }: Refusal,
    ) -> Event {
        let event = match order {
            Some(Found::Open(slot)) => self.open_event(kind, slot),
            Some(Found::Ended(place)) => report::of_ended(kind, self.register.ended(place)),
            None => Event { cl_ord_id: name_in(reference), ..report::of_unknown(kind, head) },
        };
        let (session, orig_cl_ord_id) = (head.session(), event.cl_ord_id);
        Event { reject, cl_ord_id: *name, orig_cl_ord_id, by: 0, session, ..event }
    }

    /// The order in `slot` has just joined a queue.
    fn take_place(&mut self, slot: u32) {
        self.register.take_place(slot, self.arena.joined());
    }

    fn terms(&self, slot: u32) -> Terms {
        Terms(self.arena.tag(slot))
    }

    /// How the resting order in `slot` stands.
    fn open_event(&self, kind: Kind, slot: u32) -> Event {
        self.event(kind, slot, self.price(slot))
    }

    /// The limit price of the order in `slot`, which stands in a queue.
    fn price(&self, slot: u32) -> Ticks {
        match self.attributes.of(self.register.order(slot), slot) {
            Some(extra) if extra.waits => extra.price,
            _ if self.terms(slot).order_type() == OrderType::Market => Ticks(0),
            _ => self.arena.price(slot),
        }
    }

    /// What the order in `slot` can still trade, shown or not.
    fn leaves(&self, slot: u32) -> Lots {
        let hidden = self.attributes.of(self.register.order(slot), slot).map_or(0, |extra| extra.hidden.0);
        Lots(self.arena.leaves(slot).0 + hidden)
    }

    #[inline(always)]
    fn event(&self, kind: Kind, slot: u32, price: Ticks) -> Event {
        let leaves = self.leaves(slot);
        let event = report::of_open(
            kind,
            self.terms(slot),
            (self.register.order(slot), self.register.traded(slot)),
            price,
            leaves,
        );
        match self.attributes.of(self.register.order(slot), slot) {
            Some(extra) => self.with_extra(event, extra),
            None => event,
        }
    }

    fn with_extra(&self, mut event: Event, extra: &Extra) -> Event {
        if event.leaves.0 > 0 {
            (event.stop, event.display, event.expire) = (extra.stop, extra.display, extra.expire);
        }
        if extra.list != 0 {
            (event.by, event.orig_cl_ord_id) = (Event::LISTED, *self.lists.name(extra.list));
        }
        event
    }

    /// How the order in `slot` stands once it is cancelled: without any attributes.
    fn canceled_event(&self, slot: u32, price: Ticks, cause: Cause) -> Event {
        report::canceled(self.event(Kind::Canceled, slot, price), cause)
    }

    /// Cancels the order in `slot`, which stands in a queue.
    fn cancel_linked<S: Sink>(&mut self, slot: u32, cause: Cause, sink: &mut S) {
        let event = self.canceled_event(slot, self.price(slot), cause);
        self.reporter.send(event, sink);
        self.cancel_other(slot, sink);
        self.take_out(slot, sink);
    }

    /// Ends the resting order in `slot`.
    fn take_out<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let price = self.price(slot);
        self.unlink(slot, false, sink);
        self.end(slot, price);
    }

    /// Takes the order in `slot` out of its queue, all of it shown. If it `moves`, it rests elsewhere next.
    fn unlink<S: Sink>(&mut self, slot: u32, moves: bool, sink: &mut S) {
        if self.attributes.of(self.register.order(slot), slot).is_some_and(|extra| extra.waits) {
            return self.stop_waiting(slot);
        }
        let terms = self.terms(slot);
        let at = self.arena.price(slot);
        let market = &mut self.markets[terms.instrument().0 as usize];
        let total = market.queues(terms).unlink(&mut self.arena, slot, terms.side());
        if let Some(extra) = self.attributes.of_mut(self.register.order(slot), slot) {
            market.icebergs -= u32::from(extra.display.0 > 0);
            let hidden = std::mem::take(&mut extra.hidden);
            let leaves = self.arena.leaves(slot).0 + hidden.0;
            self.arena.set_leaves(slot, Lots(leaves));
        }
        self.show_left(slot, (at, total), moves, sink);
        self.book_changed(terms.instrument());
    }

    /// Ends the order in `slot`, which stands in no queue.
    fn end(&mut self, slot: u32, price: Ticks) {
        if self.terms(slot).is_quote() {
            self.quote_ends(slot);
        }
        self.release(slot, price);
        self.forget(slot, price);
    }

    /// Ends the order in `slot`, which stands in no queue and holds nothing.
    fn forget(&mut self, slot: u32, price: Ticks) {
        if self.register.order(slot).has_extra() {
            self.leave_list(slot);
            self.attributes.end(slot);
        }
        if !self.asked.is_empty() {
            self.pass_over(slot);
        }
        self.limits.leave(self.terms(slot).session(), self.register.order(slot).account);
        self.register.end(&self.arena, slot, price);
        self.arena.remove(slot);
    }
}

/// Why a cancel or replace is refused, and what is known of the order it is about.
struct Refusal {
    reject: Reject,
    order: Option<Found>,
}

/// The client's name in `reference`, or none.
fn name_in(reference: &OrderRef) -> ClOrdId {
    match reference.target() {
        Target::Client(name) => name,
        Target::Venue(_) => ClOrdId::NONE,
    }
}
