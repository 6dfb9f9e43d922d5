//! Commands and configurations for the tests of the engine.

use matcher::engine::{Accounts, Config, Engine, LedgerTerms, SessionTerms, Sink};
use wire::{
    command::{
        Cancel, Command, Display, Funds, Head, KillSwitch, Kind, MassCancel, NewOrder, OrderRef, QuoteEntry,
        Replace, SessionNotice, SetState, Status, Target,
    },
    decimal::Decimal,
    event::{self, Definition, Event, Liquidity},
    feed::Record,
    instrument::{Instrument, Step},
    limits::LOTS_MAX,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SeqNo, SessionId, Side, Ticks,
        TimeInForce,
    },
};
use zerocopy::{Immutable, IntoBytes};

/// Events in the order in which they came, definitions, and what everybody is told.
#[derive(Default)]
pub(crate) struct Events(pub(crate) Vec<Event>, pub(crate) Vec<Definition>, pub(crate) Vec<Record>);

impl Sink for Events {
    fn event(&mut self, event: Event) {
        self.0.push(event);
    }

    fn definition(&mut self, definition: &Definition) {
        self.1.push(*definition);
    }

    fn market_data(&mut self, record: &Record) {
        self.2.push(*record);
    }
}

/// A command with its storage.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owned {
    New(NewOrder),
    Cancel(Cancel),
    Replace(Replace),
    Status(Status),
    Up(SessionNotice),
    Down(SessionNotice),
    CancelSession(SessionNotice),
    MassCancel(MassCancel),
    KillSwitch(KillSwitch),
    Due(SessionNotice),
    SetState(SetState),
    Deposit(Funds),
    Withdraw(Funds),
    /// Any other one, as it stands in a ring.
    Message(Message),
}

/// The bytes of a command of at most four quotes' length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    words: [u64; 37],
    len: usize,
}

impl Owned {
    pub(crate) fn message(command: &(impl IntoBytes + Immutable)) -> Owned {
        Owned::of_bytes(command.as_bytes())
    }

    pub(crate) fn mass_quote(head: Head, quote_id: ClOrdId, flags: u32, entries: &[QuoteEntry]) -> Owned {
        let parts = [head.as_bytes(), quote_id.as_bytes(), flags.as_bytes(), entries.as_bytes()];
        Owned::of_bytes(&parts.concat())
    }

    fn of_bytes(bytes: &[u8]) -> Owned {
        let mut words = [0; 37];
        words.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Owned::Message(Message { words, len: bytes.len() })
    }

    pub(crate) fn command(&self) -> Command<'_> {
        match self {
            Owned::New(c) => Command::New(c),
            Owned::Cancel(c) => Command::Cancel(c),
            Owned::Replace(c) => Command::Replace(c),
            Owned::Status(c) => Command::Status(c),
            Owned::Up(c) => Command::SessionUp(c),
            Owned::Down(c) => Command::SessionDown(c),
            Owned::CancelSession(c) => Command::CancelSession(c),
            Owned::MassCancel(c) => Command::MassCancel(c),
            Owned::KillSwitch(c) => Command::KillSwitch(c),
            Owned::Due(c) => Command::Due(c),
            Owned::SetState(c) => Command::SetState(c),
            Owned::Deposit(c) => Command::Deposit(c),
            Owned::Withdraw(c) => Command::Withdraw(c),
            Owned::Message(m) => Command::read(&m.words.as_bytes()[..m.len]).expect("a command"),
        }
    }
}

pub(crate) fn instrument(id: u32, reference: i64, band_basis_points: u32) -> Instrument {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    Instrument {
        id: InstrumentId(id),
        symbol: format!("I{id}"),
        base: "B".into(),
        quote: "Q".into(),
        tick: step("0.01"),
        lot: step("1"),
        quantity_min: Lots(1),
        quantity_max: Lots(LOTS_MAX),
        notional_min: 0,
        reference: Ticks(reference),
        band_basis_points,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

/// One instrument with reference 100 and a band of ±50 %, two sessions that trade for any account.
pub(crate) fn config() -> Config {
    let terms = SessionTerms::new(Accounts::Any);
    Config {
        instruments: vec![instrument(0, 100, 5_000)],
        sessions: vec![terms.clone(), terms],
        open_orders_max: 1_000,
        finished_orders_max: 1_000,
        price_groups_max: 1_000,
        ledger: LedgerTerms::default(),
        hash_seed: 7,
        shard: 0,
        instruments_max: 0,
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
    }
}

pub(crate) fn name(text: &str) -> ClOrdId {
    ClOrdId::new(text.as_bytes()).unwrap()
}

pub(crate) fn head(kind: Kind, session: u32) -> Head {
    Head::new(kind, SessionId(session), AccountId(session), InstrumentId(0), 0, Nanos(0))
}

pub(crate) fn limit(session: u32, text: &str, side: Side, quantity: u64, price: i64) -> NewOrder {
    NewOrder {
        head: head(Kind::New, session),
        cl_ord_id: name(text),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(price),
        quantity: Lots(quantity),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    }
}

pub(crate) fn by_name(text: &str) -> OrderRef {
    OrderRef::new(Target::Client(name(text)))
}

pub(crate) fn by_id(id: u64) -> OrderRef {
    OrderRef::new(Target::Venue(OrderId(id)))
}

pub(crate) fn cancel(session: u32, text: &str, order: OrderRef) -> Owned {
    Owned::Cancel(Cancel { head: head(Kind::Cancel, session), cl_ord_id: name(text), order })
}

pub(crate) fn replace(
    session: u32,
    text: &str,
    order: OrderRef,
    side: Side,
    quantity: u64,
    price: i64,
) -> Owned {
    Owned::Replace(Replace {
        head: head(Kind::Replace, session),
        cl_ord_id: name(text),
        order,
        price: Ticks(price),
        quantity: Lots(quantity),
        side,
        display: Display::NONE,
    })
}

pub(crate) fn status(session: u32, order: OrderRef) -> Owned {
    Owned::Status(Status {
        head: head(Kind::Status, session),
        request_id: ClOrdId::NONE,
        order,
        side: Side::Buy,
        reserved: [0; 7],
    })
}

pub(crate) fn notice(kind: Kind, session: u32) -> SessionNotice {
    SessionNotice { head: head(kind, session) }
}

/// An engine that numbers what it is given, a second apart.
pub(crate) struct Venue {
    pub(crate) engine: Engine,
    pub(crate) seq: u64,
}

impl Venue {
    pub(crate) fn new(config: Config) -> Venue {
        Venue { engine: Engine::new(config), seq: 0 }
    }

    pub(crate) fn apply(&mut self, command: Owned) -> Vec<Event> {
        self.apply_at(Nanos((self.seq + 1) * 1_000_000_000), command)
    }

    /// As [`Venue::apply`], but what everybody is told of it.
    pub(crate) fn shown(&mut self, command: Owned) -> Vec<Record> {
        self.seq += 1;
        let mut events = Events::default();
        let time = Nanos(self.seq * 1_000_000_000);
        self.engine.apply(SeqNo(self.seq), time, command.command(), &mut events);
        events.2
    }

    /// At a time that is not before the last command's.
    pub(crate) fn apply_at(&mut self, time: Nanos, command: Owned) -> Vec<Event> {
        self.seq += 1;
        let mut events = Events::default();
        self.engine.apply(SeqNo(self.seq), time, command.command(), &mut events);
        self.engine.audit();
        events.0
    }

    pub(crate) fn limit(
        &mut self,
        session: u32,
        text: &str,
        side: Side,
        quantity: u64,
        price: i64,
    ) -> Vec<Event> {
        self.apply(Owned::New(limit(session, text, side, quantity, price)))
    }
}

pub(crate) fn kinds(events: &[Event]) -> Vec<event::Kind> {
    events.iter().map(|e| e.kind).collect()
}

/// Maker's OrderID, price and quantity of every trade.
pub(crate) fn trades(events: &[Event]) -> Vec<(u64, i64, u64)> {
    let makers = events.iter().filter(|e| e.liquidity == Liquidity::Maker);
    makers.map(|e| (e.order_id.0, e.last_price.0, e.last_quantity.0)).collect()
}

pub(crate) fn only(events: &[Event]) -> &Event {
    assert_eq!(events.len(), 1, "{events:?}");
    &events[0]
}
