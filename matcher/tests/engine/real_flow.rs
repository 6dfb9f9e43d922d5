//! Real order flow with a known answer, and against the twin.
//!
//! The samples are not part of the repository, for their licences. `PENSTOCK_FLOW_DIR` says where they are; without it
//! they are looked for beside the workspace.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use matcher::engine::{Config, Engine};
use wire::{
    command::{Cancel, Display, Head, Kind, NewOrder, OrderRef, Replace, Target},
    event,
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SeqNo, SessionId, Side, Ticks,
        TimeInForce,
    },
};

use crate::{
    common::{Events, Owned, config, instrument},
    twin::Twin,
};

const LOBSTER: &str = "lobster_AAPL_2012-06-21_0930-1030_message_50.csv.zst";
const BITSTAMP: &str = "bitstamp_BTCUSD_2015-05-01_L3.log.zst";
const BINANCE: &str = "binance_spot_BTCUSDT_20240809_raw_l2_trades.txt.zst";

/// The sample's text; says so if it is not there.
fn sample(name: &str) -> Option<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("shared/data");
    let folder = std::env::var_os("PENSTOCK_FLOW_DIR").map_or(beside, PathBuf::from);
    let path = folder.join(name);
    let Ok(packed) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no {}; set PENSTOCK_FLOW_DIR to the folder of the flow samples", path.display());
        return None;
    };
    let bytes = zstd::decode_all(packed).expect("a zstd file");
    Some(String::from_utf8(bytes).expect("text"))
}

/// One step of a flow, by the flow's own order numbers.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add {
        id: u64,
        side: Side,
        price: i64,
        quantity: u64,
    },
    Reduce {
        id: u64,
        by: u64,
    },
    Cancel {
        id: u64,
    },
    Take {
        side: Side,
        price: i64,
        quantity: u64,
    },
    /// What stands at a price is to be so much.
    Level {
        side: Side,
        price: i64,
        quantity: u64,
    },
}

fn lobster(text: &str) -> Vec<Step> {
    struct Line {
        kind: u8,
        id: u64,
        size: u64,
        price: i64,
        side: Side,
    }
    let lines: Vec<Line> = text
        .lines()
        .map(|line| {
            let mut fields = line.split(',').skip(1).map(|field| field.parse::<i64>().expect("a number"));
            let mut next = || fields.next().expect("six fields");
            let (kind, id, size, price, direction) = (next(), next(), next(), next(), next());
            // Executions of hidden orders, which are not replayed, may lie at half a cent.
            assert!(kind == 5 || price % 100 == 0, "a price between two cents");
            Line {
                kind: u8::try_from(kind).expect("a type"),
                id: id.unsigned_abs(),
                size: size.unsigned_abs(),
                price: price / 100,
                side: if direction == 1 { Side::Buy } else { Side::Sell },
            }
        })
        .collect();

    // Orders that stood before the sample begins: as large as what is taken from them later.
    let mut added = std::collections::HashSet::new();
    let mut before: Vec<(u64, Side, i64, u64)> = Vec::new();
    let mut place: HashMap<u64, usize> = HashMap::new();
    for line in &lines {
        match line.kind {
            1 => {
                added.insert(line.id);
            }
            2..=4 if !added.contains(&line.id) => {
                let at = *place.entry(line.id).or_insert_with(|| {
                    before.push((line.id, line.side, line.price, 0));
                    before.len() - 1
                });
                before[at].3 += line.size;
            }
            _ => {}
        }
    }
    assert_eq!(before.len(), 80);
    let mut steps: Vec<Step> = before
        .into_iter()
        .map(|(id, side, price, quantity)| Step::Add { id, side, price, quantity })
        .collect();
    steps.extend(lines.iter().filter_map(|line| {
        let (id, price, quantity) = (line.id, line.price, line.size);
        match line.kind {
            1 => Some(Step::Add { id, side: line.side, price, quantity }),
            2 => Some(Step::Reduce { id, by: quantity }),
            3 => Some(Step::Cancel { id }),
            4 => Some(Step::Take { side: line.side.opposite(), price, quantity }),
            _ => None,
        }
    }));
    steps
}

/// A decimal in units of its `places`th decimal place; further places are zeros.
fn scaled(text: &str, places: usize) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (part, zeros) = part.split_at(part.len().min(places));
    assert!(zeros.bytes().all(|digit| digit == b'0'), "{text} has more than {places} decimal places");
    format!("{whole}{part:0<places$}").parse().expect("a decimal")
}

/// Limit orders in their order of arrival, and the cancels; fills are left to the engine.
fn bitstamp(text: &str) -> Vec<Step> {
    fn field<'a>(line: &'a str, name: &str) -> &'a str {
        let (_, rest) = line.split_once(&format!("\"{name}\": ")).expect("the field");
        rest.split([',', '}']).next().expect("a value").trim_matches('"')
    }
    let steps = text.lines().filter_map(|line| {
        let id = || field(line, "id").parse().expect("an id");
        let amount = || scaled(field(line, "amount"), 8);
        if line.contains(" order_created ") {
            let side = if field(line, "order_type") == "0" { Side::Buy } else { Side::Sell };
            let price = i64::try_from(scaled(field(line, "price"), 2)).expect("a price");
            Some(Step::Add { id: id(), side, price, quantity: amount() })
        } else if line.contains(" order_deleted ") && amount() > 0 {
            Some(Step::Cancel { id: id() })
        } else {
            None
        }
    });
    steps.collect()
}

/// Price levels as they change, and trades. An order flow is derived from them like this: where more is told to stand
/// at a price than does, an order of the difference is added; where less, orders there are cancelled, the youngest
/// first, and the last of them is reduced by what is left of the difference. Each trade is an IOC order of its price
/// and quantity, on the side of whoever took. What stands is what the engine's own events say: trades and levels
/// come at different times, and levels of before the sample's beginning are never told.
fn binance(text: &str) -> Vec<Step> {
    fn text_of<'a>(line: &'a str, name: &str) -> &'a str {
        let (_, rest) = line.split_once(&format!("\"{name}\":\"")).expect("the field");
        rest.split('"').next().expect("a value")
    }
    fn levels<'a>(line: &'a str, name: &str) -> impl Iterator<Item = (i64, u64)> + use<'a> {
        let (_, rest) = line.split_once(&format!("\"{name}\":[")).expect("the list");
        let list = rest.split("]]").next().expect("its end");
        // An empty list has no texts before its bracket.
        let list = if list.starts_with(']') { "" } else { list };
        list.split("],").filter(|level| !level.is_empty()).map(|level| {
            let mut texts = level.split('"').skip(1).step_by(2);
            let mut next = || texts.next().expect("price and quantity");
            (price(next()), scaled(next(), 8))
        })
    }
    fn price(text: &str) -> i64 {
        i64::try_from(scaled(text, 2)).expect("a price")
    }
    let mut steps = Vec::new();
    for line in text.lines() {
        if line.contains("@depth@") {
            for (name, side) in [("b", Side::Buy), ("a", Side::Sell)] {
                steps.extend(levels(line, name).map(|(price, quantity)| Step::Level {
                    side,
                    price,
                    quantity,
                }));
            }
        } else if line.contains("@trade\"") {
            let side = if line.contains("\"m\":true") { Side::Sell } else { Side::Buy };
            let (price, quantity) = (price(text_of(line, "p")), scaled(text_of(line, "q"), 8));
            steps.push(Step::Take { side, price, quantity });
        }
    }
    steps
}

/// Turns steps into commands, and remembers which venue order is which of the flow.
#[derive(Default)]
struct Replay {
    commands: u64,
    /// OrderID, side, price and total quantity by the flow's number.
    orders: BTreeMap<u64, (OrderId, Side, i64, u64)>,
    adding: Option<u64>,
    /// What stands at a price, the oldest first.
    levels: HashMap<(Side, i64), Vec<Standing>>,
}

/// OrderID, leaves and total quantity.
type Standing = (OrderId, u64, u64);

impl Replay {
    fn command(&mut self, step: Step) -> Option<Owned> {
        self.commands += 1;
        let head =
            |kind| Head::new(kind, SessionId(0), AccountId(0), InstrumentId(0), self.commands, Nanos(0));
        let name = ClOrdId::new(self.commands.to_string().as_bytes()).expect("a name");
        let new = |side, price, quantity, time_in_force| {
            Owned::New(NewOrder {
                head: head(Kind::New),
                cl_ord_id: name,
                side,
                order_type: OrderType::Limit,
                time_in_force,
                flags: 0,
                price: Ticks(price),
                quantity: Lots(quantity),
                stop: Ticks(0),
                display: Lots(0),
                expire: Nanos(0),
            })
        };
        match step {
            Step::Add { id, side, price, quantity } => {
                self.adding = Some(id);
                self.orders.insert(id, (OrderId(0), side, price, quantity));
                Some(new(side, price, quantity, TimeInForce::Gtc))
            }
            Step::Take { side, price, quantity } => {
                self.adding = None;
                Some(new(side, price, quantity, TimeInForce::Ioc))
            }
            Step::Reduce { id, by } => {
                let (order, side, price, quantity) = self.orders.get_mut(&id)?;
                *quantity = quantity.saturating_sub(by);
                Some(Owned::Replace(Replace {
                    head: head(Kind::Replace),
                    cl_ord_id: name,
                    order: OrderRef::new(Target::Venue(*order)),
                    price: Ticks(*price),
                    quantity: Lots(*quantity),
                    side: *side,
                    display: Display::NONE,
                }))
            }
            Step::Level { .. } => unreachable!("it is more than one command"),
            Step::Cancel { id } => {
                let order = OrderRef::new(Target::Venue(self.orders.get(&id)?.0));
                Some(Owned::Cancel(Cancel { head: head(Kind::Cancel), cl_ord_id: name, order }))
            }
        }
    }

    /// The next command on the way to where a step leads; `None` where it has arrived.
    fn next(&mut self, step: Step, sent: u32) -> Option<Owned> {
        let Step::Level { side, price, quantity } = step else {
            return if sent == 0 { self.command(step) } else { None };
        };
        let level = self.levels.get(&(side, price)).map_or(&[][..], Vec::as_slice);
        let stands: u64 = level.iter().map(|&(_, leaves, _)| leaves).sum();
        if stands < quantity {
            if sent > 0 {
                return None; // it has traded at once
            }
            let id = self.commands;
            return self.command(Step::Add { id, side, price, quantity: quantity - stands });
        }
        let &(order, leaves, total) = level.last().filter(|_| stands > quantity)?;
        let id = self.commands;
        self.orders.insert(id, (order, side, price, total));
        let by = stands - quantity;
        self.command(if leaves <= by { Step::Cancel { id } } else { Step::Reduce { id, by } })
    }

    fn see(&mut self, event: &event::Event) {
        if event.order_id.0 > 0 && event.time_in_force == TimeInForce::Gtc {
            let level = self.levels.entry((event.side, event.price.0)).or_default();
            level.retain(|&(id, ..)| id != event.order_id || event.leaves.0 > 0);
            match level.iter_mut().find(|(id, ..)| *id == event.order_id) {
                Some(order) => (order.1, order.2) = (event.leaves.0, event.quantity.0),
                None if event.leaves.0 > 0 => {
                    level.push((event.order_id, event.leaves.0, event.quantity.0));
                }
                None => {}
            }
        }
        if event.kind == event::Kind::Accepted
            && let Some(order) = self.adding.take().and_then(|id| self.orders.get_mut(&id))
        {
            order.0 = event.order_id;
        }
    }
}

fn venue(reference: i64, open_orders_max: u32) -> Config {
    Config {
        instruments: vec![instrument(0, reference, 1_000_000)],
        open_orders_max,
        finished_orders_max: 200,
        price_groups_max: Config::price_groups_for(open_orders_max, 1),
        ..config()
    }
}

/// Trades, quantity traded and orders left.
fn run(steps: &[Step], config: Config) -> (u64, u64, usize, u64) {
    let mut engine = Engine::new(config);
    let mut replay = Replay::default();
    let (mut trades, mut traded) = (0, 0);
    for &step in steps {
        let Some(command) = replay.command(step) else { continue };
        let mut events = Events::default();
        let seq = replay.commands;
        engine.apply(SeqNo(seq), Nanos(seq), command.command(), &mut events);
        for event in &events.0 {
            replay.see(event);
            assert_ne!(event.kind, event::Kind::Rejected, "{event:?}");
            if event.liquidity == event::Liquidity::Taker {
                trades += 1;
                traded += event.last_quantity.0;
            }
        }
        if seq.is_multiple_of(1_000) {
            engine.audit();
        }
    }
    engine.audit();
    (trades, traded, engine.open_orders(), engine.state_hash())
}

#[test]
fn an_hour_of_aapl_gives_the_known_trades_and_the_same_state_every_time() {
    let Some(text) = sample(LOBSTER) else { return };
    let steps = lobster(&text);
    assert_eq!(steps.len(), 89_876);
    let (trades, traded, left, hash) = run(&steps, venue(58_500, 10_000));
    assert_eq!((trades, traded, left), (4_180, 351_218, 394));
    let other_seed = Config { hash_seed: 99, ..venue(58_500, 20_000) };
    assert_eq!(run(&steps, other_seed).3, hash, "neither bounds nor the seed of a table show in the state");
}

fn against_twin(steps: &[Step], config: &Config) -> (u64, usize) {
    let mut engine = Engine::new(config.clone());
    let mut twin = Twin::new(config.clone());
    let mut replay = Replay::default();
    let mut trades = 0;
    for &step in steps {
        let mut sent = 0;
        while let Some(command) = replay.next(step, sent) {
            sent += 1;
            let mut events = Events::default();
            let (seq, time) = (SeqNo(replay.commands), Nanos(replay.commands));
            engine.apply(seq, time, command.command(), &mut events);
            let expected = twin.apply(seq, time, command.command());
            assert_eq!(events.0, expected, "first difference at command {seq}: {step:?}");
            if seq.0.is_multiple_of(500) {
                assert_eq!(engine.state_hash(), twin.state_hash(), "states differ after command {seq}");
                engine.audit();
            }
            for event in &events.0 {
                assert_ne!(event.reject, Reject::TooManyOpenOrders);
                replay.see(event);
                trades += u64::from(event.liquidity == event::Liquidity::Taker);
            }
        }
    }
    engine.audit();
    twin.audit();
    assert_eq!(engine.state_hash(), twin.state_hash());
    println!("{} commands, {trades} trades, {} orders left", replay.commands, engine.open_orders());
    (trades, engine.open_orders())
}

#[test]
fn five_hours_of_bitstamp_are_the_same_in_engine_and_twin() {
    let Some(text) = sample(BITSTAMP) else { return };
    let steps = bitstamp(&text);
    let (trades, _) = against_twin(&steps, &venue(23_600, 10_000));
    assert!(trades > 500, "fills are derived: {trades}");
}

#[test]
fn an_hour_of_aapl_is_the_same_in_engine_and_twin() {
    let Some(text) = sample(LOBSTER) else { return };
    assert_eq!(against_twin(&lobster(&text), &venue(58_500, 10_000)), (4_180, 394));
}

/// 2,814 levels stand after five minutes of the sample, by its own account.
#[test]
fn five_minutes_of_binance_are_the_same_in_engine_and_twin() {
    let Some(text) = sample(BINANCE) else { return };
    let steps = binance(&text);
    let levels = steps.iter().filter(|step| matches!(step, Step::Level { .. })).count();
    assert_eq!((levels, steps.len() - levels), (174_021, 10_147));
    let (trades, left) = against_twin(&steps, &venue(6_168_600, 20_000));
    assert!(trades > 5_000, "most trades find somebody: {trades}");
    assert!((2_000..6_000).contains(&left), "about an order for each level: {left}");
}
