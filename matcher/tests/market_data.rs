//! The log of market data, read by somebody who comes late, sleeps, and is overrun: as soon as a book was told to the
//! reader it is the engine's, and stays it.

use std::collections::BTreeMap;

use matcher::{
    Link, Matcher, Routes, State,
    engine::{Accounts, Config, Engine, LedgerTerms, SessionTerms},
};
use proptest::prelude::*;
use shm::{Agent, Bell, Directory, Log, LogReader, Producer, ReadError, Ring, Start};
use wire::{
    command::{Cancel, Display, Head, Kind, NewOrder, OrderRef, Replace, SessionNotice, SetState, Target},
    decimal::Decimal,
    feed::{self, Level, Record},
    instrument::{Instrument, Step},
    limits::FEED_RECORD_BYTES,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SessionId, Side, Ticks,
        TimeInForce, TradingState,
    },
};
use zerocopy::{Immutable, IntoBytes};

const INSTRUMENTS: u32 = 2;
/// Room for twice as many records as one round tells of a book, and for fewer than a flow has.
const LOG_BYTES: usize = 1 << 14;

fn instrument(id: u32) -> Instrument {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    Instrument {
        id: InstrumentId(id),
        symbol: format!("X{id}"),
        base: "B".into(),
        quote: "Q".into(),
        tick: step("0.01"),
        lot: step("1"),
        quantity_min: Lots(1),
        quantity_max: Lots(1_000_000),
        notional_min: 0,
        reference: Ticks(500),
        band_basis_points: 9_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

fn config() -> Config {
    let terms = SessionTerms { self_trade: SelfTrade::Decrement, ..SessionTerms::new(Accounts::Any) };
    Config {
        instruments: (0..INSTRUMENTS).map(instrument).collect(),
        sessions: vec![terms],
        open_orders_max: 2_000,
        finished_orders_max: 100,
        price_groups_max: 1_000,
        ledger: LedgerTerms::default(),
        hash_seed: 1,
        shard: 0,
        instruments_max: 0,
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
    }
}

/// A matcher that can be replaced by another one, with the log that both write. The directory goes last.
struct Venue {
    matcher: Option<Matcher>,
    commands: Producer,
    events: shm::Consumer,
    names: u64,
    now: u64,
    log: Log,
    directory: Directory,
    bell: Bell,
    _place: tempfile::TempDir,
}

impl Venue {
    fn new() -> Venue {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join("rings")).unwrap();
        let bell = Bell::create(&directory, "matcher").unwrap();
        let log = Log::create(&directory, "feed", LOG_BYTES, FEED_RECORD_BYTES).unwrap();
        let commands = Ring::create(&directory, "commands-0", 1 << 16).unwrap().producer().unwrap();
        let events = Ring::create(&directory, "events-0", 1 << 20).unwrap().consumer(&bell).unwrap();
        let mut venue =
            Venue { matcher: None, commands, events, names: 0, now: 0, log, directory, bell, _place: place };
        venue.restart();
        venue
    }

    fn restart(&mut self) {
        self.matcher = None; // its sides become free
        let ring = |name, bytes| Ring::create(&self.directory, name, bytes).unwrap();
        let commands = ring("commands-0", 1 << 16).consumer(&self.bell).unwrap();
        let events = ring("events-0", 1 << 20).producer().unwrap();
        let mut state = State::new(config(), &Routes::default());
        state.begin_history(self.now + 1, self.now);
        let mut matcher = Matcher::resume(state, vec![Link { commands, events }]);
        matcher.publish_to(self.log.writer().unwrap());
        self.matcher = Some(matcher);
    }

    fn engine(&self) -> &Engine {
        self.matcher.as_ref().unwrap().engine()
    }

    fn poll(&mut self) -> usize {
        self.now += 1_000_000;
        let work = self.matcher.as_mut().unwrap().poll(self.now);
        while self.events.front().is_some() {
            self.events.advance();
        }
        work
    }

    fn send(&mut self, bytes: &(impl IntoBytes + Immutable)) {
        let mut claim = self.commands.claim(bytes.as_bytes().len()).expect("room");
        claim.copy_from_slice(bytes.as_bytes());
        claim.commit();
    }

    fn name(&mut self) -> ClOrdId {
        self.names += 1;
        ClOrdId::new(self.names.to_string().as_bytes()).unwrap()
    }

    fn head(kind: Kind, instrument: u32) -> Head {
        Head::new(kind, SessionId(0), AccountId(0), InstrumentId(instrument), 1, Nanos(0))
    }

    fn show(&mut self, instrument: u32) {
        self.send(&SessionNotice { head: Self::head(Kind::ShowBook, instrument) });
    }
}

/// A reader of levels that knows only what `wire::feed` says.
struct Reader {
    log: LogReader,
    books: BTreeMap<InstrumentId, Book>,
}

#[derive(Default)]
struct Book {
    sides: [BTreeMap<Ticks, Level>; 2],
    begun: bool,
    whole: bool,
}

impl Reader {
    fn new(log: &Log) -> Reader {
        let books = (0..INSTRUMENTS).map(|id| (InstrumentId(id), Book::default())).collect();
        Reader { log: log.reader(), books }
    }

    /// Takes up to `most` records; whether it was overrun.
    fn read(&mut self, most: usize) -> bool {
        for _ in 0..most {
            match self.log.read() {
                Ok(Some(record)) => {
                    let record = *Record::read(record.bytes).expect("a record");
                    Self::apply(&mut self.books, &record);
                }
                Ok(None) => return false,
                Err(ReadError::Overrun { .. }) => {
                    self.log.seek(Start::End).unwrap();
                    self.books.values_mut().for_each(|book| *book = Book::default());
                    return true;
                }
                Err(error) => panic!("{error}"),
            }
        }
        false
    }

    fn apply(books: &mut BTreeMap<InstrumentId, Book>, record: &Record) {
        if record.kind == feed::Kind::Begun {
            return books.values_mut().for_each(|book| *book = Book { whole: true, ..Book::default() });
        }
        let book = books.get_mut(&record.instrument).expect("an instrument that there is");
        match record.kind {
            feed::Kind::BookBegin if !book.whole => *book = Book { begun: true, ..Book::default() },
            feed::Kind::BookEnd if book.begun => book.whole = true,
            _ => {}
        }
        let side = &mut book.sides[usize::from(record.side == Side::Sell)];
        let mut set = |price, level: Level| match level.orders {
            0 => drop(side.remove(&price)),
            _ => drop(side.insert(price, level)),
        };
        if record.kind.has_level() {
            set(record.price, record.level);
        }
        if record.kind == feed::Kind::Replaced {
            set(record.other_price, record.other_level);
        }
    }

    /// How many whole books were found to be the engine's.
    fn check(&self, engine: &Engine) -> usize {
        let whole = self.books.iter().filter(|(_, book)| book.whole);
        for (&instrument, book) in whole.clone() {
            for (side, levels) in [Side::Buy, Side::Sell].into_iter().zip(&book.sides) {
                let next = |last: &(Ticks, Level)| engine.level_beyond(instrument, side, Some(last.0));
                let first = engine.level_beyond(instrument, side, None);
                let expected: BTreeMap<_, _> = std::iter::successors(first, next).collect();
                assert_eq!(*levels, expected, "{instrument} {side:?}");
            }
        }
        whole.count()
    }
}

#[derive(Clone, Debug)]
enum Act {
    Order { instrument: u32, sell: bool, price: i64, quantity: u64, display: u64, ioc: bool },
    Cancel { instrument: u32, order: u64 },
    Replace { instrument: u32, order: u64, sell: bool, price: i64, quantity: u64 },
    State { instrument: u32, state: TradingState },
    Show { instrument: u32 },
    Poll,
    Read(usize),
    Restart,
    NewReader,
}

fn act() -> impl Strategy<Value = Act> {
    let instrument = 0..INSTRUMENTS;
    let price = 450_i64..550;
    prop_oneof![
        20 => (instrument.clone(), any::<bool>(), price.clone(), 1_u64..50, 0_u64..8, prop::bool::weighted(0.1))
            .prop_map(|(instrument, sell, price, quantity, display, ioc)| {
                Act::Order { instrument, sell, price, quantity, display, ioc }
            }),
        6 => (instrument.clone(), 1_u64..60).prop_map(|(instrument, order)| Act::Cancel { instrument, order }),
        6 => (instrument.clone(), 1_u64..60, any::<bool>(), price, 1_u64..50).prop_map(
            |(instrument, order, sell, price, quantity)| {
                Act::Replace { instrument, order, sell, price, quantity }
            }
        ),
        1 => (instrument.clone(), prop::sample::select(TradingState::ALL))
            .prop_map(|(instrument, state)| Act::State { instrument, state }),
        4 => instrument.prop_map(|instrument| Act::Show { instrument }),
        12 => Just(Act::Poll),
        12 => (0_usize..40).prop_map(Act::Read),
        1 => prop::bool::weighted(0.1).prop_map(|new| if new { Act::Restart } else { Act::NewReader }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever comes between the pieces of a book, and however the reader falls behind.
    #[test]
    fn a_book_that_was_told_is_the_engines_at_every_record(acts in prop::collection::vec(act(), 1..400)) {
        let mut venue = Venue::new();
        let mut reader = Reader::new(&venue.log);
        let mut orders = 0;
        for act in acts {
            match act {
                Act::Order { instrument, sell, price, quantity, display, ioc } => {
                    orders += 1;
                    let order = NewOrder {
                        head: Venue::head(Kind::New, instrument),
                        cl_ord_id: venue.name(),
                        side: if sell { Side::Sell } else { Side::Buy },
                        order_type: OrderType::Limit,
                        time_in_force: if ioc { TimeInForce::Ioc } else { TimeInForce::Gtc },
                        flags: 0,
                        price: Ticks(price),
                        quantity: Lots(quantity),
                        stop: Ticks(0),
                        display: Lots(if ioc || display >= quantity { 0 } else { display }),
                        expire: Nanos(0),
                    };
                    venue.send(&order);
                }
                Act::Cancel { instrument, order } => {
                    let order = OrderRef::new(Target::Venue(OrderId(1 + order % orders.max(1))));
                    let head = Venue::head(Kind::Cancel, instrument);
                    let cancel = Cancel { head, cl_ord_id: venue.name(), order };
                    venue.send(&cancel);
                }
                Act::Replace { instrument, order, sell, price, quantity } => {
                    let order = OrderRef::new(Target::Venue(OrderId(1 + order % orders.max(1))));
                    let replace = Replace {
                        head: Venue::head(Kind::Replace, instrument),
                        cl_ord_id: venue.name(),
                        order,
                        price: Ticks(price),
                        quantity: Lots(quantity),
                        side: if sell { Side::Sell } else { Side::Buy },
                        display: Display::NONE,
                    };
                    venue.send(&replace);
                }
                Act::State { instrument, state } => {
                    let head = Venue::head(Kind::SetState, instrument);
                    venue.send(&SetState { head, state, reserved: [0; 7] });
                }
                Act::Show { instrument } => venue.show(instrument),
                Act::Poll => {
                    venue.poll();
                }
                Act::Read(most) => {
                    if reader.read(most) {
                        (0..INSTRUMENTS).for_each(|instrument| venue.show(instrument));
                    }
                    // It stands at the matcher's end only if there is nothing more to read.
                    if reader.log.lag() == 0 {
                        reader.check(venue.engine());
                    }
                }
                Act::Restart => {
                    venue.restart();
                    orders = 0;
                }
                Act::NewReader => reader = Reader::new(&venue.log),
            }
        }
        // In the end the reader follows piece by piece, and has every book.
        while venue.poll() > 0 {}
        reader.read(usize::MAX);
        (0..INSTRUMENTS).for_each(|instrument| venue.show(instrument));
        while venue.poll() > 0 {
            prop_assert!(!reader.read(usize::MAX), "it keeps up");
        }
        prop_assert_eq!(reader.check(venue.engine()), INSTRUMENTS as usize);
    }
}

/// A reader that keeps up has every book; two of them that ask at once both do.
#[test]
fn a_book_of_many_pieces_is_told_between_commands() {
    let place = tempfile::tempdir().unwrap();
    let directory = Directory::open(&place.path().join("rings")).unwrap();
    let bell = Bell::create(&directory, "matcher").unwrap();
    let log = Log::create(&directory, "feed", 1 << 18, FEED_RECORD_BYTES).unwrap();
    let commands = Ring::create(&directory, "commands-0", 1 << 18).unwrap();
    let events = Ring::create(&directory, "events-0", 1 << 20).unwrap();
    let mut sender = commands.producer().unwrap();
    let link = Link { commands: commands.consumer(&bell).unwrap(), events: events.producer().unwrap() };
    let mut state = State::new(config(), &Routes::default());
    state.begin_history(1, 0);
    let mut matcher = Matcher::resume(state, vec![link]);
    matcher.publish_to(log.writer().unwrap());
    let mut send = |bytes: &[u8]| {
        let mut claim = sender.claim(bytes.len()).expect("room");
        claim.copy_from_slice(bytes);
        claim.commit();
    };
    let order = |number: i64| NewOrder {
        head: Venue::head(Kind::New, 0),
        cl_ord_id: ClOrdId::new(number.to_string().as_bytes()).unwrap(),
        side: if number % 2 == 0 { Side::Sell } else { Side::Buy },
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(if number % 2 == 0 { 500 + number } else { 499 - number }),
        quantity: Lots(5),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    };
    for number in 1..=300 {
        send(order(number).as_bytes());
    }
    while matcher.poll(1) > 0 {}
    let mut readers = [Reader::new(&log), Reader::new(&log)];
    let show = SessionNotice { head: Venue::head(Kind::ShowBook, 0) };
    send(show.as_bytes());
    matcher.poll(2);
    assert!(readers.iter_mut().all(|reader| !reader.read(usize::MAX)));
    assert_eq!(readers[0].check(matcher.engine()), 0, "only the first piece was told");
    // The book changes on both sides of the piece, and a third reader comes while it is told.
    for number in [301, 302, 3_001, 3_002] {
        let near = NewOrder { price: Ticks(if number % 2 == 0 { 500 } else { 499 }), ..order(number) };
        send(near.as_bytes());
    }
    matcher.poll(3);
    let mut late = Reader::new(&log);
    send(show.as_bytes());
    while matcher.poll(4) > 0 {
        assert!(readers.iter_mut().chain([&mut late]).all(|reader| !reader.read(usize::MAX)));
    }
    for reader in readers.iter().chain([&late]) {
        assert_eq!(reader.check(matcher.engine()), 1);
        assert_eq!(reader.books[&InstrumentId(0)].sides.iter().map(BTreeMap::len).sum::<usize>(), 302);
    }
}
