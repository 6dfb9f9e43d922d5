//! The matcher between its rings, driven by hand: each poll is one call, time is a number.

use matcher::{
    Link, Matcher, Routes, State,
    engine::{Accounts, Config, LedgerTerms, SessionTerms},
};
use shm::{Agent, Bell, Consumer, Directory, Producer, Ring};
use wire::{
    command::{Head, InstrumentTerms, Kind, NewOrder, SessionNotice, SetInstrument, SetState},
    decimal::Decimal,
    event::{self, Cause, Definition, Event, Record},
    instrument::{Instrument, Step},
    limits::EVENT_BYTES,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SeqNo, SessionId, Side, Ticks, TimeInForce,
        TradingState,
    },
};
use zerocopy::{FromZeros, Immutable, IntoBytes};

#[path = "matcher/gateways.rs"]
mod gateways;

const SECOND: u64 = 1_000_000_000;

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
        reference: Ticks(100),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

/// Three sessions; the last one's orders go two seconds after its client.
fn config() -> Config {
    let terms =
        |cancel_on_disconnect| SessionTerms { cancel_on_disconnect, ..SessionTerms::new(Accounts::Any) };
    Config {
        instruments: vec![instrument(0)],
        sessions: vec![terms(None), terms(None), terms(Some(2 * SECOND))],
        open_orders_max: 2_000,
        finished_orders_max: 100,
        price_groups_max: 100,
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

/// A gateway worker's ends of its two rings.
struct Worker {
    commands: Producer,
    events: Consumer,
}

impl Worker {
    fn send(&mut self, bytes: &(impl IntoBytes + Immutable + ?Sized)) {
        let mut claim = self.commands.claim(bytes.as_bytes().len()).expect("room");
        claim.copy_from_slice(bytes.as_bytes());
        claim.commit();
    }

    fn order(&mut self, session: u32, name: &str, side: Side, quantity: u64, price: i64) {
        self.send(&NewOrder {
            head: head(Kind::New, session),
            cl_ord_id: ClOrdId::new(name.as_bytes()).unwrap(),
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            flags: 0,
            price: Ticks(price),
            quantity: Lots(quantity),
            stop: Ticks(0),
            display: Lots(0),
            expire: Nanos(0),
        });
    }

    fn notice(&mut self, kind: Kind, session: u32) {
        self.send(&SessionNotice { head: head(kind, session) });
    }

    fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(bytes) = self.events.front() {
            events.push(*Event::read(bytes).expect("an event"));
            self.events.advance();
        }
        events
    }

    /// At most so many events; definitions among them are passed over.
    fn some_events(&mut self, most: u64) -> Vec<Event> {
        let mut events = Vec::new();
        while (events.len() as u64) < most
            && let Some(bytes) = self.events.front()
        {
            if let Record::Event(event) = Record::read(bytes).expect("a record") {
                events.push(*event);
            }
            self.events.advance();
        }
        events
    }

    /// Definitions, of which there is nothing else to be read.
    fn definitions(&mut self) -> Vec<Definition> {
        let mut definitions = Vec::new();
        while let Some(bytes) = self.events.front() {
            definitions.push(*Definition::read(bytes).expect("a definition"));
            self.events.advance();
        }
        definitions
    }
}

/// An order to sell ten at the bid.
fn sell(name: &str) -> NewOrder {
    NewOrder {
        head: head(Kind::New, 0),
        cl_ord_id: ClOrdId::new(name.as_bytes()).unwrap(),
        side: Side::Sell,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(100),
        quantity: Lots(10),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    }
}

fn head(kind: Kind, session: u32) -> Head {
    Head::new(kind, SessionId(session), AccountId(0), InstrumentId(0), 1, Nanos(0))
}

/// A matcher and two workers. The directory goes last.
struct Venue {
    matcher: Matcher,
    workers: [Worker; 2],
    directory: Directory,
    _bells: [Bell; 2],
    _place: tempfile::TempDir,
}

impl Venue {
    fn new(ring_bytes: usize) -> Venue {
        Venue::routed(ring_bytes, &Routes::default())
    }

    /// With gateways as `routes` says.
    fn routed(ring_bytes: usize, routes: &Routes) -> Venue {
        let mut venue = Venue::of(ring_bytes, State::new(config(), routes));
        assert_eq!(venue.matcher.poll(0), 2, "each gateway is told of the instrument");
        for worker in &mut venue.workers {
            assert_eq!(worker.definitions().len(), 1);
        }
        venue
    }

    /// Gateways that have not been told of anything yet.
    fn with(ring_bytes: usize, config: Config) -> Venue {
        Venue::of(ring_bytes, State::new(config, &Routes::default()))
    }

    fn of(ring_bytes: usize, state: State) -> Venue {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::open(&place.path().join("rings")).unwrap();
        let bells = ["matcher", "gateway"].map(|name| Bell::create(&directory, name).unwrap());
        let mut links = Vec::new();
        let workers = [0, 1].map(|number| {
            let commands = Ring::create(&directory, &format!("commands-{number}"), 1 << 16).unwrap();
            let events = Ring::create(&directory, &format!("events-{number}"), ring_bytes).unwrap();
            links.push(Link {
                commands: commands.consumer(&bells[0]).unwrap(),
                events: events.producer().unwrap(),
            });
            Worker { commands: commands.producer().unwrap(), events: events.consumer(&bells[1]).unwrap() }
        });
        Venue { matcher: Matcher::resume(state, links), workers, directory, _bells: bells, _place: place }
    }
}

fn kinds(events: &[Event]) -> Vec<(event::Kind, u32)> {
    events.iter().map(|event| (event.kind, event.session.0)).collect()
}

#[test]
fn events_go_to_the_link_by_which_their_session_speaks() {
    let mut venue = Venue::new(1 << 16);
    venue.workers[0].order(0, "a", Side::Buy, 5, 100);
    assert_eq!(venue.matcher.poll(7), 1);
    venue.workers[1].order(1, "b", Side::Sell, 5, 100);
    assert_eq!(venue.matcher.poll(5), 1);
    let maker = venue.workers[0].events();
    let taker = venue.workers[1].events();
    assert_eq!(kinds(&maker), [(event::Kind::Accepted, 0), (event::Kind::Fill, 0)]);
    assert_eq!(kinds(&taker), [(event::Kind::Accepted, 1), (event::Kind::Fill, 1)]);
    assert_eq!((maker[0].seq, taker[0].seq), (SeqNo(1), SeqNo(2)));
    assert_eq!(taker[0].time, Nanos(7), "the venue's time never goes back");
    // The session comes by another worker now: its events follow.
    venue.workers[1].notice(Kind::SessionUp, 0);
    venue.workers[1].order(0, "c", Side::Buy, 5, 90);
    venue.matcher.poll(8);
    assert_eq!(kinds(&venue.workers[1].events()), [(event::Kind::Accepted, 0)]);
    // The old worker's notice comes late: the session is still up.
    venue.workers[0].notice(Kind::SessionDown, 0);
    venue.matcher.poll(9);
    assert_eq!(venue.matcher.engine().last_seq(), SeqNo(4));
}

#[test]
fn a_ring_that_is_full_twice_over_loses_nothing_and_stops_all_commands_until_it_is_read() {
    let mut venue = Venue::new(4096); // room for some 17 events
    for i in 0..200 {
        venue.workers[0].order(0, &format!("m{i}"), Side::Sell, 1, 100);
        venue.matcher.poll(1);
        assert_eq!(venue.workers[0].events().len(), 1);
    }
    // 200 trades: 201 events to one link, 200 to the other.
    venue.workers[1].order(1, "sweep", Side::Buy, 200, 100);
    assert_eq!(venue.matcher.poll(2), 1);
    assert_eq!(venue.matcher.engine().open_orders(), 0, "the command itself was finished");
    venue.workers[1].order(1, "later", Side::Buy, 1, 90);
    venue.workers[0].order(0, "later", Side::Buy, 1, 90);
    assert_eq!(venue.matcher.poll(3), 0, "nothing is taken");
    assert!(venue.matcher.deadline() < u64::MAX, "it looks again although nobody rings");

    let (mut maker, mut taker) = (Vec::new(), Vec::new());
    while taker.len() < 201 {
        let fresh = venue.workers[1].events();
        assert!(!fresh.is_empty(), "each poll moves on what there is room for");
        taker.extend(fresh);
        assert!(venue.matcher.engine().open_orders() == 0, "still nothing is taken");
        venue.matcher.poll(4);
    }
    while maker.len() < 200 {
        maker.extend(venue.workers[0].events());
        venue.matcher.poll(5);
    }
    venue.matcher.poll(6);
    assert_eq!(venue.matcher.engine().open_orders(), 2);
    taker.extend(venue.workers[1].events());
    maker.extend(venue.workers[0].events());
    for (events, first) in [(&taker, 1), (&maker, 201)] {
        let numbers = events.iter().map(|event| event.appl_seq);
        assert!(numbers.eq((first..).take(events.len())), "in order, none lost, none twice");
    }
    assert_eq!((taker.len(), maker.len()), (202, 201));
    venue.matcher.housekeep(6);
    assert!(venue.matcher.board().read().spilled > 300);
    assert_eq!(venue.matcher.deadline(), u64::MAX);
}

#[test]
fn what_is_no_command_is_skipped_and_counted() {
    let mut venue = Venue::new(1 << 16);
    venue.workers[0].send(b"not a command...");
    let mut almost = head(Kind::New, 0).as_bytes().to_vec();
    almost[0] = 0xFF;
    venue.workers[0].send(&almost[..]);
    venue.workers[0].order(0, "a", Side::Buy, 5, 100);
    assert_eq!(venue.matcher.poll(1), 3);
    venue.matcher.housekeep(1);
    let figures = venue.matcher.board().read();
    assert_eq!((figures.not_commands, figures.commands, figures.open_orders), (2, 1, 1));
}

/// Stops that trigger one another, as in `engine/bound.rs`, while nobody reads.
#[test]
fn the_events_of_one_command_that_sets_off_all_others_find_room_without_asking_for_memory() {
    const N: u32 = 300;
    let config = Config { open_orders_max: 2 * N + 3, price_groups_max: 16_000, ..config() };
    let most = config.events_max();
    let mut venue = Venue::with(1 << 16, config);
    venue.matcher.poll(0);
    venue.workers.iter_mut().for_each(|worker| assert_eq!(worker.definitions().len(), 1));
    let order = |name: &str, side, quantity, stop, price| NewOrder {
        head: head(Kind::New, 0),
        cl_ord_id: ClOrdId::new(name.as_bytes()).unwrap(),
        side,
        order_type: if stop == 0 { OrderType::Limit } else { OrderType::StopLimit },
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(price),
        quantity: Lots(quantity),
        stop: Ticks(stop),
        display: Lots(0),
        expire: Nanos(0),
    };
    let mut enter = |order: NewOrder| {
        venue.workers[0].send(&order);
        venue.matcher.poll(1);
        assert_eq!(kinds(&venue.workers[0].events()), [(event::Kind::Accepted, 0)]);
    };
    (0..N).for_each(|n| enter(order(&format!("b{n}"), Side::Buy, 2, 101, 95)));
    enter(order("low", Side::Buy, 1, 101, 98));
    (0..N).for_each(|n| enter(order(&format!("s{n}"), Side::Sell, if n == 0 { 1 } else { 2 }, 98, 95)));
    enter(order("bid", Side::Buy, 1, 0, 101));
    venue.workers[0].send(&order("first", Side::Sell, 2, 0, 98));
    let memory = allocation_counter::measure(|| {
        venue.matcher.poll(2);
    });
    assert_eq!(memory.count_total, 0);

    let mut events = venue.workers[0].events();
    while venue.matcher.poll(3) > 0 {
        events.extend(venue.workers[0].events());
    }
    events.extend(venue.workers[0].events());
    let triggered = 2 * N as usize + 1;
    assert_eq!(events.len(), 1 + triggered + 2 * triggered);
    assert!(events.is_sorted_by_key(|event| event.event_id) && events.len() <= most);
    assert!(events.len() > 5 * (1 << 16) / EVENT_BYTES, "most of them did not fit the ring");
}

#[test]
fn an_order_with_an_expire_time_ends_then() {
    let mut venue = Venue::new(1 << 16);
    venue.workers[0].send(&NewOrder {
        head: head(Kind::New, 0),
        cl_ord_id: ClOrdId::new(b"gtd").unwrap(),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtd,
        flags: 0,
        price: Ticks(100),
        quantity: Lots(5),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(3 * SECOND),
    });
    venue.matcher.poll(SECOND);
    venue.workers[0].events();
    assert_eq!(venue.matcher.deadline(), 3 * SECOND);
    assert_eq!(venue.matcher.poll(3 * SECOND - 1), 0);
    assert_eq!(venue.matcher.poll(3 * SECOND), 1);
    let events = venue.workers[0].events();
    assert_eq!(kinds(&events), [(event::Kind::Canceled, 0)]);
    assert_eq!((events[0].cause, venue.matcher.deadline()), (Cause::Expired, u64::MAX));
}

mod definitions {
    use super::*;

    /// Instruments of which one cannot be told of all at once.
    const MANY: u32 = 150;

    fn many() -> Config {
        let instruments = (0..MANY).map(instrument).collect();
        Config { instruments, instruments_max: MANY + 10, price_groups_max: 2_000, ..config() }
    }

    /// The terms of an instrument of [`many`], or of one that is added, but for the greatest quantity.
    fn set(number: u32, quantity_max: u64) -> SetInstrument {
        let mut terms = InstrumentTerms::new_zeroed();
        let symbol = format!("X{number}");
        terms.symbol[..symbol.len()].copy_from_slice(symbol.as_bytes());
        (terms.tick_mantissa, terms.tick_scale, terms.lot_mantissa) = (1, 2, 1);
        (terms.quantity_min, terms.quantity_max) = (Lots(1), Lots(quantity_max));
        (terms.reference, terms.band_basis_points) = (Ticks(100), 5_000);
        let mut head = head(Kind::SetInstrument, 0);
        head = head.with_instrument(InstrumentId(number));
        SetInstrument { head, terms }
    }

    fn set_state(number: u32, state: TradingState) -> SetState {
        let mut head = head(Kind::SetState, 0);
        head = head.with_instrument(InstrumentId(number));
        SetState { head, state, reserved: [0; 7] }
    }

    /// What a gateway knows: each instrument's greatest quantity and state.
    #[derive(Default)]
    struct Gateway(Vec<(Lots, TradingState)>);

    impl Gateway {
        /// Reads at most `most` records. What was no definition and no state.
        fn read(&mut self, worker: &mut Worker, most: usize) -> Vec<Event> {
            let mut events = Vec::new();
            for _ in 0..most {
                let Some(bytes) = worker.events.front() else { break };
                match Record::read(bytes).expect("a record") {
                    Record::Definition(of) => {
                        let number = of.instrument.0 as usize;
                        let known = (of.terms.quantity_max, of.state);
                        match self.0.get_mut(number) {
                            Some(former) => *former = known,
                            None => {
                                assert_eq!(number, self.0.len(), "in order of their numbers");
                                self.0.push(known);
                            }
                        }
                    }
                    Record::Event(event) if event.kind == event::Kind::State => {
                        self.0[event.instrument.0 as usize].1 = event.state;
                    }
                    Record::Event(event) => events.push(*event),
                }
                worker.events.advance();
            }
            events
        }
    }

    #[test]
    fn whoever_attaches_is_told_of_everything_piece_by_piece_while_it_changes() {
        let mut venue = Venue::with(4096, many()); // room for some fifteen
        let mut gateways = [Gateway::default(), Gateway::default()];
        let (mut rounds, mut answers) = (0, 0);
        // Each round changes one that is told already or is still to be told, and halts another one.
        while gateways.iter().any(|gateway| gateway.0.len() < MANY as usize) {
            let number = rounds * 37 % MANY;
            venue.workers[0].send(&set(number, 1_000 + u64::from(rounds)));
            let halted = rounds * 53 % MANY;
            venue.workers[0]
                .send(&set_state(halted, [TradingState::Halted, TradingState::PreOpen][rounds as usize % 2]));
            venue.matcher.poll(u64::from(rounds));
            for (gateway, worker) in gateways.iter_mut().zip(&mut venue.workers) {
                answers += gateway.read(worker, 9).len();
            }
            rounds += 1;
            assert!(rounds < 1_000, "it comes to an end");
        }
        assert!(rounds > 10, "not all at once: {rounds}");
        assert_eq!(
            venue.matcher.engine().last_seq(),
            SeqNo(2 * u64::from(rounds)),
            "and nobody waits for it"
        );
        for _ in 0..10 {
            venue.matcher.poll(1_000_000);
            for (gateway, worker) in gateways.iter_mut().zip(&mut venue.workers) {
                answers += gateway.read(worker, 100).len();
            }
        }
        // States are answered by themselves, or refused; instruments with `Done`.
        assert!(answers >= rounds as usize);
        assert_eq!(gateways[0].0, gateways[1].0);
        for (number, (quantity_max, state)) in gateways[0].0.iter().enumerate() {
            let last = (0..rounds).rev().find(|round| (round * 37 % MANY) as usize == number);
            assert_eq!(quantity_max.0, last.map_or(1_000_000, |round| 1_000 + u64::from(round)));
            let id = InstrumentId(u32::try_from(number).unwrap());
            assert_eq!(Some(*state), venue.matcher.engine().state(id));
        }
        assert_eq!(venue.matcher.deadline(), u64::MAX, "there is nothing left to tell");
    }

    #[test]
    fn a_change_is_told_to_every_gateway_and_answered_to_one() {
        let mut venue = Venue::with(1 << 16, many());
        let mut gateways = [Gateway::default(), Gateway::default()];
        for _ in 0..10 {
            venue.matcher.poll(1);
            for (gateway, worker) in gateways.iter_mut().zip(&mut venue.workers) {
                gateway.read(worker, 1_000);
            }
        }
        venue.workers[1].notice(Kind::SessionUp, 0);
        venue.workers[1].send(&set(MANY, 7));
        venue.matcher.poll(2);
        for (i, answer) in [(0, &[][..]), (1, &[(event::Kind::Done, 0)])] {
            let events = gateways[i].read(&mut venue.workers[i], 10);
            assert_eq!(kinds(&events), answer);
            assert_eq!(gateways[i].0.last(), Some(&(Lots(7), TradingState::PreOpen)));
        }
        venue.matcher.housekeep(3);
        assert_eq!(venue.matcher.board().read().instruments.len(), MANY as usize + 1);
    }

    #[test]
    fn a_gateway_that_comes_after_another_is_told_anew() {
        let mut venue = Venue::new(1 << 16);
        venue.workers[0].send(&set(0, 77));
        venue.matcher.poll(1);
        let Venue { mut matcher, workers: [gone, mut stays], directory, _bells, _place } = venue;
        assert_eq!(Gateway(vec![(Lots(0), TradingState::Halted)]).read(&mut stays, 10).len(), 0);
        drop(gone);
        let commands = Ring::join(&directory, "commands-0").unwrap().producer().unwrap();
        let events = Ring::join(&directory, "events-0").unwrap().consumer(&_bells[1]).unwrap();
        let mut successor = Worker { commands, events };
        assert_eq!(matcher.poll(2), 1);
        // What its predecessor left comes first: the answer to the change.
        let mut gateway = Gateway::default();
        gateway.0.push((Lots(0), TradingState::Halted));
        assert_eq!(gateway.read(&mut successor, 10).len(), 1);
        assert_eq!(gateway.0, [(Lots(77), TradingState::Continuous)]);
        assert_eq!(stays.events().len(), 0);
    }

    #[test]
    fn what_is_for_everybody_does_not_fill_a_ring_that_nobody_reads() {
        let mut venue = Venue::new(4096);
        let Venue { matcher, workers: [ours, gone], directory, _bells, _place } = &mut venue;
        let commands = Ring::create(directory, "other", 1 << 16).unwrap();
        let other = Ring::create(directory, "nobody", 1 << 16).unwrap();
        let nobody =
            Worker { commands: commands.producer().unwrap(), events: other.consumer(&_bells[1]).unwrap() };
        drop(std::mem::replace(gone, nobody));
        matcher.housekeep(1);
        for i in 0..100 {
            let state = if i % 2 == 0 { TradingState::Halted } else { TradingState::Continuous };
            ours.send(&set_state(0, state));
            assert_eq!(matcher.poll(i), 1, "nothing holds it up");
            assert_eq!(ours.events().len(), 1);
        }
        // One that is there and does not read for a moment holds everybody up when its ring could be full twice, and loses
        // nothing.
        let mut venue = Venue::new(4096);
        let [ours, idle] = &mut venue.workers;
        let mut taken = 0;
        for i in 0..100 {
            let state = if i % 2 == 0 { TradingState::Halted } else { TradingState::Continuous };
            ours.send(&set_state(0, state));
            taken += venue.matcher.poll(i);
            ours.events();
        }
        assert!((20..40).contains(&taken), "{taken}");
        let mut told = 0;
        while told < 100 {
            let events = idle.events();
            assert!(events.iter().all(|event| event.kind == event::Kind::State));
            told += events.len();
            venue.matcher.poll(1_000);
            ours.events();
        }
    }
}

mod cancel_on_disconnect {
    use super::*;

    #[test]
    fn a_sessions_orders_go_when_its_grace_time_is_over() {
        let mut venue = Venue::new(1 << 16);
        venue.workers[0].notice(Kind::SessionUp, 2);
        venue.workers[0].order(2, "a", Side::Buy, 5, 100);
        venue.workers[0].order(0, "other", Side::Buy, 5, 100);
        venue.workers[0].notice(Kind::SessionDown, 2);
        venue.matcher.poll(SECOND);
        assert_eq!(venue.matcher.deadline(), 3 * SECOND);
        venue.workers[0].events();
        assert_eq!(venue.matcher.poll(3 * SECOND - 1), 0);
        assert_eq!(venue.matcher.poll(3 * SECOND), 1);
        let events = venue.workers[0].events();
        assert_eq!(kinds(&events), [(event::Kind::Canceled, 2)]);
        assert_eq!((events[0].cause, events[0].time), (Cause::Disconnected, Nanos(3 * SECOND)));
        assert_eq!((venue.matcher.deadline(), venue.matcher.engine().open_orders()), (u64::MAX, 1));
    }

    #[test]
    fn a_client_that_returns_in_time_keeps_its_orders() {
        let mut venue = Venue::new(1 << 16);
        venue.workers[0].order(2, "a", Side::Buy, 5, 100);
        venue.workers[0].notice(Kind::SessionDown, 2);
        venue.matcher.poll(SECOND);
        venue.workers[1].notice(Kind::SessionUp, 2);
        venue.matcher.poll(2 * SECOND);
        assert_eq!(venue.matcher.poll(9 * SECOND), 0);
        assert_eq!(venue.matcher.engine().open_orders(), 1);
    }

    #[test]
    fn a_gateway_that_is_gone_counts_as_gone_clients() {
        let mut venue = Venue::new(1 << 16);
        venue.workers[0].notice(Kind::SessionUp, 2);
        venue.workers[0].order(2, "a", Side::Buy, 5, 100);
        venue.workers[1].notice(Kind::SessionUp, 1);
        venue.matcher.poll(SECOND);
        venue.matcher.housekeep(SECOND);
        assert_eq!(venue.matcher.deadline(), u64::MAX, "it is alive");
        let Venue { mut matcher, workers: [gone, _stays], directory: _directory, _bells, _place } = venue;
        drop(gone);
        matcher.housekeep(2 * SECOND);
        assert_eq!(matcher.deadline(), 4 * SECOND);
        matcher.housekeep(3 * SECOND);
        assert_eq!(matcher.deadline(), 4 * SECOND, "it is told once");
        matcher.poll(4 * SECOND);
        assert_eq!(matcher.engine().open_orders(), 0);
    }

    #[test]
    fn a_gateway_that_was_replaced_at_once_has_lost_its_clients_all_the_same() {
        let mut venue = Venue::new(1 << 16);
        venue.workers[0].notice(Kind::SessionUp, 2);
        venue.workers[0].order(2, "a", Side::Buy, 5, 100);
        venue.matcher.poll(SECOND);
        let Venue { mut matcher, workers: [gone, _stays], directory, _bells, _place } = venue;
        drop(gone);
        let ring = Ring::join(&directory, "commands-0").unwrap();
        let _successor = ring.producer().unwrap();
        matcher.housekeep(2 * SECOND);
        assert_eq!(matcher.deadline(), 4 * SECOND);
    }
}

#[test]
fn the_board_shows_each_instruments_top_and_trades() {
    let mut venue = Venue::new(1 << 16);
    let board = venue.matcher.board();
    venue.workers[0].order(0, "a", Side::Sell, 5, 101);
    venue.workers[0].order(0, "b", Side::Buy, 7, 99);
    venue.workers[0].order(1, "c", Side::Buy, 2, 101);
    venue.matcher.poll(1);
    assert_eq!(board.read().commands, 0, "published in housekeeping only");
    venue.matcher.housekeep(1);
    let figures = board.read();
    assert_eq!((figures.commands, figures.events, figures.trades, figures.open_orders), (3, 5, 1, 2));
    let ticker = figures.instruments[0];
    assert_eq!((ticker.bid, ticker.ask), (Some((Ticks(99), Lots(7))), Some((Ticks(101), Lots(3)))));
    assert_eq!((ticker.last, ticker.trades, ticker.volume), (Some(Ticks(101)), 1, Lots(2)));
    assert_eq!(ticker.terms, venue.matcher.engine().listed(InstrumentId(0)));
    assert_eq!(figures.latency.count(), 0, "no clock, no latency");
}

#[test]
fn commands_and_events_are_stamped_by_a_clock_that_is_read_within_a_round() {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    static TIME: AtomicU64 = AtomicU64::new(1_000);
    let clock = || TIME.fetch_add(1, Relaxed) + 1;
    let mut venue = Venue::new(1 << 16);
    // Without one, a round has one time.
    venue.workers[0].order(0, "a", Side::Buy, 5, 100);
    venue.matcher.poll(7);
    let [event] = venue.workers[0].events()[..] else { panic!("one event") };
    assert_eq!((event.time, event.out), (Nanos(7), Nanos(7)));

    venue.matcher = venue.matcher.with_clock(clock);
    // The first is of before the round, the second was read by its gateway when the round had begun.
    venue.workers[0].order(0, "b", Side::Buy, 5, 100);
    let mut late = head(Kind::SessionUp, 0);
    late.rx = Nanos(500);
    venue.workers[0].send(&SessionNotice { head: late });
    let mut order = NewOrder { head: head(Kind::New, 0), ..sell("c") };
    order.head.rx = Nanos(500);
    venue.workers[0].send(&order);
    venue.matcher.poll(500);
    let events = venue.workers[0].events();
    let stamps: Vec<_> = events.iter().map(|event| (event.time.0, event.out.0)).collect();
    // Accepted; then at a time read anew: accepted, and two fills of 5, each told to maker and taker, at one reading.
    assert_eq!(stamps[0], (500, 1_001));
    assert_eq!(stamps[1..], [(1_002, 1_003); 5]);
    venue.matcher.housekeep(501);
    let latency = venue.matcher.board().read().latency;
    assert_eq!((latency.count(), latency.sum), (6, 501 + 5));
}
