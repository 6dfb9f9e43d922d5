//! Clients' books beside the venue's: readers fast and slow, which come, go and ask again, over a log that is overrun.

use std::collections::BTreeMap;

use shm::{Consumer, Directory, LogWriter, Producer, Ring};
use wire::{
    command::Command,
    decimal::Decimal,
    event::Kind,
    feed::{self, Level, Record},
    instrument::Step,
    limits::FEED_RECORD_BYTES,
    sbe::messages::{Message, TradingStatus},
    sequenced::{Messages, SessionName},
    soup::{Login, Times, packet, server::Input},
    types::{Lots, SeqNo, TradeId},
};
use zerocopy::IntoBytes;

use super::*;
use crate::{link, links::Shards};

const INSTRUMENTS: u32 = 3;
const MEMBERS: usize = 4;
/// Bytes that may wait for a client. Less than the deepest book takes, so that it is told in pieces.
const OUTPUT_BYTES: usize = 2 * MARKET_DATA_OUTPUT_BYTES_MAX;

/// Room for all books and what happens while they are told.
const LOG_BYTES: usize = 1 << 22;
/// More changes than the log has room for.
const BURST: u64 = (LOG_BYTES / FEED_RECORD_BYTES) as u64;

/// Numbers that look random (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn instruments() -> Vec<Instrument> {
    let step = |mantissa, scale| Step::new(Decimal { mantissa, scale }).expect("above zero");
    let instrument = |id| Instrument {
        id: InstrumentId(id),
        symbol: format!("X{id}"),
        base: "B".into(),
        quote: "Q".into(),
        tick: step(1, 2),
        lot: step(1, 5),
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
    (0..INSTRUMENTS).map(instrument).collect()
}

type Prices = BTreeMap<(bool, i64), (u64, u32)>;

/// The matcher's end of rings and log.
struct Venue {
    _rings: (Ring, Ring),
    commands: Consumer,
    _events: Producer,
    log: LogWriter,
    books: Vec<[BTreeMap<Ticks, Level>; 2]>,
    trades: u64,
    seq: u64,
}

impl Venue {
    fn record(&self, kind: feed::Kind, instrument: u32) -> Record {
        Record::new(kind, InstrumentId(instrument), SeqNo(self.seq), Nanos(self.seq * 1_000))
    }

    /// Something happens at a price; one in a few is a trade.
    fn act(&mut self, random: &mut Random) {
        self.seq += 1;
        let instrument = u32::try_from(random.below(INSTRUMENTS.into())).expect("few");
        let offer = random.below(2) == 1;
        let distance = i64::try_from(random.below(1_500)).expect("little");
        let price = Ticks(if offer { 20_001 + distance } else { 20_000 - distance });
        let orders = random.below(4);
        let level = Level { quantity: Lots(orders * (1 + random.below(50))), orders };
        let side = &mut self.books[instrument as usize][usize::from(offer)];
        let is_trade = random.below(5) == 0;
        if level == Level::NOTHING {
            side.remove(&price)
        } else {
            side.insert(price, level)
        };
        let kind = if is_trade { feed::Kind::Executed } else { feed::Kind::Added };
        self.trades += u64::from(is_trade);
        let trade_id = TradeId(self.trades);
        let side = if offer { Side::Sell } else { Side::Buy };
        let (quantity, other_price) = (Lots(3), price);
        let record =
            Record { side, price, level, trade_id, quantity, other_price, ..self.record(kind, instrument) };
        self.log.append(record.as_bytes());
    }

    /// Tells the books that were asked for.
    fn answer(&mut self) {
        self.commands.release();
        let mut asked = Vec::new();
        while let Some(message) = self.commands.front() {
            let Ok(Command::ShowBook(notice)) = Command::read(message) else { panic!("not asked for") };
            asked.push(notice.head.instrument().0);
            self.commands.advance();
        }
        for instrument in asked {
            self.log.append(self.record(feed::Kind::BookBegin, instrument).as_bytes());
            for (side, levels) in [Side::Buy, Side::Sell].into_iter().zip(&self.books[instrument as usize]) {
                for (&price, &level) in levels {
                    let record = Record { side, price, level, ..self.record(feed::Kind::Level, instrument) };
                    self.log.append(record.as_bytes());
                }
            }
            self.log.append(self.record(feed::Kind::BookEnd, instrument).as_bytes());
        }
        self.log.flush();
    }

    /// The book as a client has it.
    fn book(&self, instrument: u32) -> Prices {
        let sides = self.books[instrument as usize].iter().enumerate();
        let levels =
            sides.flat_map(|(side, levels)| levels.iter().map(move |(at, of)| ((side == 1, *at), *of)));
        levels
            .map(|((offer, at), of)| ((offer, at.0), (of.quantity.0, u32::try_from(of.orders).unwrap())))
            .collect()
    }
}

/// A client: what it knows of a book, and how it is told.
#[derive(Default)]
struct Heard {
    prices: Prices,
    is_whole: bool,
    snapshots: usize,
    last_trade: u64,
    state: TradingState,
    indicative: Option<u64>,
}

struct Client {
    server: Server,
    output: Vec<u8>,
    books: Vec<Heard>,
    follows: Vec<bool>,
    most_waiting: usize,
    sent: u64,
}

struct NoMessages;

impl Messages for NoMessages {
    fn session(&self) -> SessionName {
        SessionName::new("S").expect("a name")
    }
    fn first(&self) -> u64 {
        1
    }
    fn next(&self) -> u64 {
        1
    }
    fn get(&self, _: u64) -> Option<&[u8]> {
        None
    }
    fn ended(&self) -> bool {
        false
    }
}

impl Client {
    fn new() -> Client {
        let mut server = Server::new(Times::default(), Nanos(0));
        let (mut login, mut output) = (Vec::new(), Vec::new());
        packet::write_login(&Login { username: b"a", password: b"b", session: None, number: 1 }, &mut login);
        let (_, input) = server.receive(Nanos(0), &login);
        assert!(matches!(input, Input::Login(_)));
        server.accept(Nanos(0), &NoMessages, &mut output).expect("the session is there");
        output.clear();
        let books = (0..INSTRUMENTS).map(|_| Heard::default()).collect();
        Client { server, output, books, follows: vec![false; INSTRUMENTS as usize], most_waiting: 0, sent: 0 }
    }

    /// Takes at most so many bytes of what waits, in whole packets.
    fn drain(&mut self, most: usize) {
        self.most_waiting = self.most_waiting.max(self.output.len());
        let mut used = 0;
        while let Ok(Some(packet)) = packet::next(&self.output[used..]) {
            if used + packet.bytes() > most {
                break;
            }
            used += packet.bytes();
            assert_eq!(packet.kind, packet::kind::UNSEQUENCED);
            let message = sbe::decode(packet.payload).expect("it is a message");
            hear(&mut self.books, &message);
        }
        self.output.drain(..used);
    }
}

fn hear(books: &mut [Heard], message: &Message<'_>) {
    match message {
        Message::SnapshotBegin(begin) => {
            let book = &mut books[begin.instrument_id.get() as usize];
            let snapshots = book.snapshots + 1;
            *book = Heard { snapshots, state: begin.trading_state, ..Heard::default() };
        }
        Message::BookLevel(level) => {
            let book = &mut books[level.instrument_id.get() as usize];
            let price = level.price.mantissa() / 1_000_000;
            let key = (level.side == Side::Sell, price);
            let stands = (level.level_qty.mantissa() / 1_000, level.order_count.get());
            let former =
                if stands.1 == 0 { book.prices.remove(&key) } else { book.prices.insert(key, stands) };
            assert_ne!(former.unwrap_or_default().1 + stands.1, 0, "nothing stood there before either");
        }
        Message::SnapshotEnd(end) => {
            let book = &mut books[end.instrument_id.get() as usize];
            book.is_whole = true;
            assert_eq!(book.prices.len(), end.level_count.get() as usize, "as many prices as are said");
        }
        Message::Trade(trade) => {
            let book = &mut books[trade.instrument_id.get() as usize];
            assert!(trade.trade_id.get() > book.last_trade, "no trade is told twice");
            assert!(trade.side.get().is_some(), "it was no auction");
            book.last_trade = trade.trade_id.get();
        }
        Message::TradingStatus(status) => {
            let book = &mut books[status.instrument_id.get() as usize];
            (book.state, book.indicative) = (status.trading_state, None);
        }
        Message::IndicativeAuction(auction) => {
            let book = &mut books[auction.instrument_id.get() as usize];
            book.indicative = Some(auction.last_qty.mantissa() / 1_000);
        }
        other => panic!("{other:?} is no market data"),
    }
}

struct Clients(Vec<Client>);

impl Outlets for Clients {
    fn of(&mut self, member: usize) -> Option<Outlet<'_>> {
        let client = &mut self.0[member];
        Some((&mut client.server, &mut client.output, &mut client.sent))
    }
}

/// What an auction would do.
fn indicative(instrument: InstrumentId, last_quantity: Lots) -> Event {
    // Zeros but for codes, of which not all have a zero.
    let mut words = [0_u64; size_of::<Event>() / 8];
    let bytes = words.as_mut_bytes();
    let none = [Kind::Indicative as u8, b'1', b'2', b'0', b'0'];
    bytes[..none.len()].copy_from_slice(&none);
    let event = Event::read(words.as_bytes()).expect("its codes are known");
    Event { instrument, last_price: Ticks(20_000), last_quantity, ..*event }
}

/// A flow of changes to readers of which the last one hardly reads; now and then so many at once that the log is overrun.
fn flow(seed: u64, bursts: bool) -> (Clients, Losses) {
    let place = tempfile::tempdir().unwrap();
    let directory = Directory::open(&place.path().join("rings")).unwrap();
    let bell = Bell::create(&directory, "all").unwrap();
    let log = Log::create(&directory, link::FEED, LOG_BYTES, FEED_RECORD_BYTES).unwrap();
    let (commands, events) = link::ring_names(0, 0);
    let rings = (
        Ring::create(&directory, &commands, 1 << 16).unwrap(),
        Ring::create(&directory, &events, 1 << 16).unwrap(),
    );
    let mut venue = Venue {
        commands: rings.0.clone().consumer(&bell).unwrap(),
        _events: rings.1.clone().producer().unwrap(),
        _rings: rings,
        log: log.writer().unwrap(),
        books: (0..INSTRUMENTS).map(|_| Default::default()).collect(),
        trades: 0,
        seq: 0,
    };
    link::made::all_is_durable(&directory);
    let mut links = Links::new(0, 1, &instruments());
    assert_eq!(links.join(&directory, &bell).unwrap(), Shards::NONE.with(0), "a matcher");
    let instruments = instruments();
    let mut books = Books::new(MEMBERS, OUTPUT_BYTES);
    books.attach(0, log);
    let mut random = Random(seed);
    let mut clients = Clients((0..MEMBERS).map(|_| Client::new()).collect());
    let mut states: Vec<(TradingState, Option<u64>)> = vec![Default::default(); INSTRUMENTS as usize];
    for step in 1..3_000_u64 {
        let changes = if bursts && step % 700 == 350 { BURST } else { random.below(30) };
        for _ in 0..changes {
            venue.act(&mut random);
        }
        venue.answer();
        if step % 20 == 0 {
            let member = usize::try_from(random.below(MEMBERS as u64)).unwrap();
            let wanted = match random.below(6) {
                0 => Wanted::Disable,
                1 => Wanted::Snapshot,
                _ => Wanted::SnapshotAndUpdates,
            };
            let one = (random.below(4) > 0).then(|| u32::try_from(random.below(INSTRUMENTS.into())).unwrap());
            let request = BookRequest {
                instrument_id: one.into(),
                subscription_request_type: wanted,
                padding1: [0; 3],
            };
            books.take(&request, (member, step), &instruments, &mut links, &bell).expect("it is offered");
            for (id, follows) in (0..).zip(&mut clients.0[member].follows) {
                if one.is_none_or(|one| one == id) {
                    *follows = match wanted {
                        Wanted::Disable => false,
                        Wanted::Snapshot => *follows,
                        Wanted::SnapshotAndUpdates => true,
                    };
                }
            }
        }
        if step % 30 == 0 {
            let id = u32::try_from(random.below(INSTRUMENTS.into())).unwrap();
            let (state, lots) = &mut states[id as usize];
            if random.below(2) == 0 {
                *lots = Some(step);
                let event = indicative(InstrumentId(id), Lots(step));
                books.tell_indicative(Nanos(step), &event, &instruments[id as usize], &mut clients);
            } else {
                // Everybody hears of it from the worker.
                let all = TradingState::ALL;
                (*state, *lots) = (all[usize::try_from(random.below(all.len() as u64)).unwrap()], None);
                books.learn(InstrumentId(id), *state);
                let status = TradingStatus {
                    transact_time: step.into(),
                    seq_num: 0.into(),
                    instrument_id: id.into(),
                    trading_state: *state,
                    padding1: [0; 3],
                };
                let mut bytes = [0; 64];
                let len = sbe::encode(&status, &mut bytes).expect("there is room");
                for client in &mut clients.0 {
                    client.server.send_unsequenced(Nanos(step), &bytes[..len], &mut client.output);
                }
            }
        }
        if step % 700 == 0 {
            // A client goes, and another comes for the same session, which asks for nothing at first.
            books.left(0);
            clients.0[0] = Client::new();
        }
        books.turn(Nanos(step), &instruments, &mut links, &mut clients);
        links.turn(0);
        for (member, client) in clients.0.iter_mut().enumerate() {
            let slow = member == MEMBERS - 1;
            client.drain(if slow { 800 } else { 40_000 });
        }
    }
    // What was asked for is told whole in the end.
    for member in 0..MEMBERS {
        for (id, follows) in (0..).zip(&clients.0[member].follows) {
            let wanted = if *follows { Wanted::SnapshotAndUpdates } else { Wanted::Disable };
            let request = BookRequest {
                instrument_id: Some(id).into(),
                subscription_request_type: wanted,
                padding1: [0; 3],
            };
            if !*follows {
                books.take(&request, (member, 0), &instruments, &mut links, &bell).expect("it is offered");
            }
        }
    }
    loop {
        venue.answer();
        let work = books.turn(Nanos(0), &instruments, &mut links, &mut clients);
        links.turn(0);
        clients.0.iter_mut().for_each(|client| client.drain(usize::MAX));
        if work == 0 && venue.commands.front().is_none() {
            break;
        }
    }
    for (member, client) in clients.0.iter().enumerate() {
        for (id, (book, follows)) in (0..).zip(client.books.iter().zip(&client.follows)) {
            if *follows {
                assert!(book.is_whole, "client {member}, instrument {id}");
                assert_eq!(book.prices, venue.book(id), "client {member}, instrument {id}");
                assert_eq!((book.state, book.indicative), states[id as usize]);
            }
        }
        let not_ours = 3_000 / 30 * 64;
        assert!(
            client.most_waiting <= MARKET_DATA_OUTPUT_BYTES_MAX + not_ours,
            "nobody has too much waiting"
        );
    }
    (clients, books.losses())
}

#[test]
fn every_book_that_is_followed_is_the_venues() {
    for seed in 0..6 {
        let (clients, losses) = flow(seed, false);
        assert_eq!(losses.overruns, 0);
        let told: usize = clients.0.iter().flat_map(|client| &client.books).map(|book| book.snapshots).sum();
        assert!(told > 50, "books were told whole {told} times");
    }
}

#[test]
fn an_overrun_is_followed_by_the_whole_books() {
    let (_, losses) = flow(7, true);
    assert!(losses.overruns > 0, "the log was not overrun");
}
