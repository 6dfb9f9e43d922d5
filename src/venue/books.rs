//! A gateway's books beside the matcher's, over a log that is overrun and a matcher that is replaced: once a gateway says
//! that it has a book, it is the engine's whenever all was read, and what it says of changes leads from one to the next.

use std::collections::BTreeMap;

use gateway::{
    feed::Feed,
    link::{self, Link, ring_names},
};
use matcher::{
    Matcher, Routes, State,
    engine::{Accounts, Config, Engine, LedgerTerms, SessionTerms},
};
use shm::{Agent, Bell, Directory, Log, Ring};
use wire::{
    command::{Cancel, Display, Head, Kind, NewOrder, OrderRef, QuoteEntry, Replace, SetState, Target},
    decimal::Decimal,
    durable::Durable,
    feed::Level,
    instrument::{Instrument, Step},
    limits::{DURABLE_LOG_BYTES, FEED_RECORD_BYTES},
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SessionId, Side, Ticks,
        TimeInForce, TradingState,
    },
};
use zerocopy::{Immutable, IntoBytes};

const INSTRUMENTS: u32 = 3;
/// Room for some 290 records, fewer than a flow has.
const LOG_BYTES: usize = 1 << 15;
const FLOWS: u64 = 60;
const STEPS: u64 = 600;

fn config() -> Config {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    let instrument = |id| Instrument {
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
    };
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
        quotes_max: 8,
        protections: Vec::new(),
        protections_max: 0,
    }
}

/// Numbers that look random (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }

    /// A price, most often near the middle, so that sides meet and books are deep all the same.
    fn price(&mut self) -> Ticks {
        let wide = if self.below(3) == 0 { 400 } else { 30 };
        Ticks(500 + i64::try_from(self.below(wide)).unwrap() - i64::try_from(wide / 2).unwrap())
    }
}

struct Venue {
    matcher: Option<Matcher>,
    link: Link,
    log: Log,
    bell: Bell,
    directory: Directory,
    random: Random,
    names: u64,
    orders: u64,
    now: u64,
    _place: tempfile::TempDir,
}

impl Venue {
    fn new(seed: u64) -> Venue {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join("rings")).unwrap();
        let bell = Bell::create(&directory, "all").unwrap();
        let log = Log::create(&directory, link::FEED, LOG_BYTES, FEED_RECORD_BYTES).unwrap();
        let matcher = Some(matcher(&directory, &bell, &log));
        let link = Link::join(&directory, 0, 0, &bell).unwrap().expect("a matcher");
        let random = Random(seed);
        Venue { matcher, link, log, bell, directory, random, names: 0, orders: 0, now: 0, _place: place }
    }

    fn engine(&self) -> &Engine {
        self.matcher.as_ref().unwrap().engine()
    }

    fn restart(&mut self) {
        self.matcher = None; // its sides become free
        self.matcher = Some(matcher(&self.directory, &self.bell, &self.log));
        self.orders = 0;
    }

    fn poll(&mut self) -> usize {
        self.now += 1_000_000;
        let work = self.matcher.as_mut().unwrap().poll(self.now);
        while self.link.event().is_some() {
            self.link.advance();
        }
        work
    }

    fn send(&mut self, command: &(impl IntoBytes + Immutable + ?Sized)) {
        assert!(self.link.send(command));
    }

    /// Something that may change a book.
    fn act(&mut self) {
        self.names += 1;
        let cl_ord_id = ClOrdId::new(self.names.to_string().as_bytes()).unwrap();
        let random = &mut self.random;
        let instrument = InstrumentId(u32::try_from(random.below(INSTRUMENTS.into())).unwrap());
        let head = |kind| Head::new(kind, SessionId(0), AccountId(0), instrument, 1, Nanos(0));
        let (side, price, quantity) = (random.side(), random.price(), 1 + random.below(40));
        let some = OrderId(1 + random.below(self.orders.max(1)));
        match random.below(20) {
            0..12 => {
                self.orders += 1;
                let is_iceberg = quantity > 8 && random.below(4) == 0;
                let order = NewOrder {
                    head: head(Kind::New),
                    cl_ord_id,
                    side,
                    order_type: OrderType::Limit,
                    time_in_force: TimeInForce::Gtc,
                    flags: 0,
                    price,
                    quantity: Lots(quantity),
                    stop: Ticks(0),
                    display: Lots(if is_iceberg { 5 } else { 0 }),
                    expire: Nanos(0),
                };
                self.send(&order);
            }
            12..15 => {
                let order = OrderRef::new(Target::Venue(some));
                self.send(&Cancel { head: head(Kind::Cancel), cl_ord_id, order });
            }
            15..18 => {
                let order = OrderRef::new(Target::Venue(some));
                let quantity = Lots(quantity);
                let head = head(Kind::Replace);
                let display = Display::NONE;
                self.send(&Replace { head, cl_ord_id, order, price, quantity, side, display });
            }
            18 => {
                let entry = QuoteEntry {
                    instrument,
                    reserved: 0,
                    bid: Ticks(price.0 - 1),
                    bid_quantity: Lots(quantity),
                    offer: price,
                    offer_quantity: Lots(quantity),
                };
                self.orders += 2;
                let flags = 0_u32;
                let (head, name) = (head(Kind::MassQuote), cl_ord_id);
                let parts = [head.as_bytes(), name.as_bytes(), flags.as_bytes(), entry.as_bytes()];
                self.send(&parts.concat()[..]);
            }
            _ => {
                let states = [TradingState::Continuous, TradingState::OpeningAuction, TradingState::Halted];
                let state = states[usize::try_from(random.below(3)).unwrap()];
                self.send(&SetState { head: head(Kind::SetState), state, reserved: [0; 7] });
            }
        }
    }
}

fn matcher(directory: &Directory, bell: &Bell, log: &Log) -> Matcher {
    let (commands, events) = ring_names(0, 0);
    let commands = Ring::create(directory, &commands, 1 << 18).unwrap().consumer(bell).unwrap();
    let events = Ring::create(directory, &events, 1 << 20).unwrap().producer().unwrap();
    let durable = Log::create(directory, link::DURABLE, DURABLE_LOG_BYTES, size_of::<Durable>()).unwrap();
    let history = super::History::new_in(0, durable).unwrap();
    let mut state = State::new(config(), &Routes::default());
    history.announce(&mut state);
    let mut matcher = Matcher::resume(state, vec![matcher::Link { commands, events }]);
    matcher.publish_to(log.writer().unwrap());
    history.begin(matcher, None).unwrap().matcher
}

/// What one who hears of changes alone knows of a book.
#[derive(Default)]
struct Listener {
    sides: [BTreeMap<Ticks, Level>; 2],
    knows: bool,
}

impl Listener {
    /// Takes the news of `instrument`.
    fn hear(&mut self, feed: &Feed, instrument: InstrumentId) {
        let book = feed.book(instrument).expect("it is followed");
        if book.is_fresh() {
            self.knows = book.is_whole();
            for (side, levels) in self.sides.iter_mut().enumerate() {
                *levels = book.levels(side).filter(|_| book.is_whole()).collect();
            }
            return;
        }
        for (side, levels) in self.sides.iter_mut().enumerate() {
            for change in book.changed(side) {
                let former = levels.remove(&change.price).unwrap_or(Level::NOTHING);
                assert_eq!(former, change.former, "{instrument}, {}", change.price);
                let level = book.level(side, change.price);
                if level.orders > 0 {
                    levels.insert(change.price, level);
                }
            }
        }
    }

    fn check(&self, engine: &Engine, instrument: InstrumentId) {
        for (side, levels) in [Side::Buy, Side::Sell].into_iter().zip(&self.sides) {
            let next = |last: &(Ticks, Level)| engine.level_beyond(instrument, side, Some(last.0));
            let first = engine.level_beyond(instrument, side, None);
            let expected: BTreeMap<_, _> = std::iter::successors(first, next).collect();
            assert_eq!(*levels, expected, "{instrument} {side:?}");
        }
    }
}

#[test]
fn a_gateways_books_are_the_engines_whatever_comes_between() {
    let (mut checked, mut lost) = (0, 0);
    for seed in 1..=FLOWS {
        let mut venue = Venue::new(seed);
        let mut feed = Feed::default();
        feed.attach(0, venue.log.clone());
        let mut listeners: [Listener; INSTRUMENTS as usize] = Default::default();
        let mut follows = [false; INSTRUMENTS as usize];
        for step in 0..STEPS {
            for _ in 0..venue.random.below(4) {
                venue.act();
            }
            if venue.random.below(3) > 0 {
                venue.poll();
            }
            if step % 97 == 96 && venue.random.below(8) == 0 {
                venue.restart();
            }
            // Somebody comes or goes.
            let place = usize::try_from(venue.random.below(INSTRUMENTS.into())).unwrap();
            let instrument = InstrumentId(u32::try_from(place).unwrap());
            match (follows[place], venue.random.below(40)) {
                (false, 0..8) => {
                    feed.follow(instrument, 0, &venue.bell).unwrap();
                    follows[place] = true;
                }
                (true, 0) => {
                    feed.leave(instrument);
                    (follows[place], listeners[place]) = (false, Listener::default());
                }
                _ => {}
            }
            // It sleeps at times, and is overrun.
            if step / 40 % 4 == 3 {
                continue;
            }
            let most = usize::try_from(venue.random.below(60)).unwrap();
            let taken = feed.poll(&mut venue.link, most);
            for &instrument in feed.news() {
                let listener = &mut listeners[instrument.0 as usize];
                let knew = listener.knows;
                listener.hear(&feed, instrument);
                lost += usize::from(knew && !listener.knows);
            }
            feed.clear_news();
            if taken < most {
                let followed = listeners.iter().zip(0..).filter(|(listener, _)| listener.knows);
                for (listener, id) in followed {
                    listener.check(venue.engine(), InstrumentId(id));
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 5_000 && lost > 50, "{checked} books compared, {lost} lost by an overrun or a restart");
}
