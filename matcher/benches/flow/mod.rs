//! Flows, and what runs them: shared by the benchmarks here and by those beside the peers (`benches/peers`).

use std::{collections::HashMap, hint::black_box, path::Path};

use matcher::engine::{
    AccountKind, AccountTerms, Accounts, Config, Engine, LedgerTerms, Pair, SessionTerms, Sink,
    book::{Arena, Book, NONE},
};
use wire::{
    command::{Cancel, Command, Display, Head, Kind, NewOrder, OrderRef, Replace, Target},
    decimal::Decimal,
    event::{Definition, Event},
    instrument::{Instrument, Step},
    limits::LOTS_MAX,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SeqNo, SessionId, Side, Ticks,
        TimeInForce,
    },
};

/// A command on the book, orders numbered from 0 in order of arrival.
#[derive(Clone, Copy)]
pub(crate) enum Op {
    Add { id: u32, side: Side, price: i64, quantity: u64 },
    Cancel { id: u32 },
    Reduce { id: u32, by: u64 },
    Reprice { id: u32, price: i64 },
    Take { side: Side, price: i64, quantity: u64 },
}

pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// Applied before the clock starts.
    pub(crate) before: usize,
    pub(crate) ops: Vec<Op>,
    pub(crate) orders: usize,
}

/// Marsaglia's xorshift: the same flow in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// 46 % adds, 35 % cancels, 15 % amends (half of quantity, half of price), the rest IOC, around 10,000 live orders.
/// Distances from the middle are up to `width` ticks, the nearer the likelier.
pub(crate) fn mixed(name: &'static str, width: u64, commands: usize) -> Flow {
    let mut random = Random(0x5EED);
    let (mut ops, mut live, mut orders) = (Vec::new(), Vec::new(), 0u32);
    let passive = |random: &mut Random, side| {
        let away = 1 + random.below(width) * random.below(width) / width;
        let away = i64::try_from(away).unwrap();
        if side == Side::Buy { 5_000_000 - away } else { 5_000_000 + away }
    };
    let before = 10_000;
    while ops.len() < commands + before {
        let side = Side::ALL[usize::try_from(random.below(2)).unwrap()];
        let pick = if ops.len() < before { 0 } else { random.below(100) };
        let any = usize::try_from(random.below(live.len().max(1) as u64)).unwrap();
        match pick {
            0..46 => {
                let price = passive(&mut random, side);
                ops.push(Op::Add { id: orders, side, price, quantity: 1 + random.below(100) });
                live.push((orders, side));
                orders += 1;
            }
            46..81 => ops.push(Op::Cancel { id: live.swap_remove(any).0 }),
            81..88 => ops.push(Op::Reduce { id: live[any].0, by: 1 }),
            88..95 => {
                let (id, side) = live[any];
                ops.push(Op::Reprice { id, price: passive(&mut random, side) });
            }
            _ => {
                let price = if side == Side::Buy { 5_000_010 } else { 4_999_990 };
                ops.push(Op::Take { side, price, quantity: 1 + random.below(300) });
            }
        }
    }
    Flow { name, before, ops, orders: orders as usize }
}

/// The LOBSTER sample, if `PENSTOCK_FLOW_DIR` or the folder beside the workspace has it.
pub(crate) fn aapl() -> Option<Flow> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("shared/data");
    let folder = std::env::var_os("PENSTOCK_FLOW_DIR").map_or(beside, Into::into);
    let file =
        std::fs::File::open(folder.join("lobster_AAPL_2012-06-21_0930-1030_message_50.csv.zst")).ok()?;
    let text = String::from_utf8(zstd::decode_all(file).ok()?).ok()?;
    let lines: Vec<[i64; 5]> = text
        .lines()
        .map(|line| {
            let mut fields = line.split(',').skip(1).map(|field| field.parse().unwrap());
            std::array::from_fn(|_| fields.next().unwrap())
        })
        .collect();
    let mut ids = HashMap::new();
    let mut stood: Vec<(i64, i64, i64, i64)> = Vec::new();
    for &[kind, id, size, price, side] in &lines {
        if kind == 1 {
            ids.insert(id, None);
        } else if kind < 5 {
            let place = ids.entry(id).or_insert_with(|| {
                stood.push((id, side, price, 0));
                Some(stood.len() - 1)
            });
            if let Some(place) = *place {
                stood[place].3 += size;
            }
        }
    }
    let side = |direction| if direction == 1 { Side::Buy } else { Side::Sell };
    let mut numbers = HashMap::new();
    let mut ops = Vec::new();
    let add = |ops: &mut Vec<Op>, numbers: &mut HashMap<i64, u32>, id, direction, price, size: i64| {
        let number = u32::try_from(numbers.len()).unwrap();
        numbers.insert(id, number);
        ops.push(Op::Add {
            id: number,
            side: side(direction),
            price: price / 100,
            quantity: size.unsigned_abs(),
        });
    };
    for (id, direction, price, size) in stood {
        add(&mut ops, &mut numbers, id, direction, price, size);
    }
    for [kind, id, size, price, direction] in lines {
        match kind {
            1 => add(&mut ops, &mut numbers, id, direction, price, size),
            2 => ops.push(Op::Reduce { id: numbers[&id], by: size.unsigned_abs() }),
            3 => ops.push(Op::Cancel { id: numbers[&id] }),
            4 => ops.push(Op::Take {
                side: side(-direction),
                price: price / 100,
                quantity: size.unsigned_abs(),
            }),
            _ => {}
        }
    }
    Some(Flow { name: "AAPL", before: 0, orders: numbers.len(), ops })
}

/// Books driven directly.
pub(crate) struct Core {
    arena: Arena,
    book: Book,
    /// Slots and sides by order number.
    slots: Vec<(u32, Side)>,
    pub(crate) trades: u64,
}

impl Core {
    pub(crate) fn new(flow: &Flow) -> Core {
        let mut arena = Arena::new(1 << 20, 1 << 16);
        arena.prefault();
        let book = Book::new(&mut arena);
        Core { arena, book, slots: vec![(NONE, Side::Buy); flow.orders], trades: 0 }
    }

    pub(crate) fn apply(&mut self, op: Op) {
        match op {
            Op::Add { id, side, price, quantity } => {
                let left = self.take(side, price, quantity);
                if left > 0 {
                    let slot = self.arena.insert(Lots(left), id);
                    self.book.link(&mut self.arena, slot, side, Ticks(price));
                    self.slots[id as usize] = (slot, side);
                }
            }
            Op::Cancel { id } => {
                if let (slot, _) = self.slots[id as usize]
                    && slot != NONE
                {
                    self.end(slot);
                }
            }
            Op::Reduce { id, by } => {
                let (slot, _) = self.slots[id as usize];
                if slot == NONE {
                } else if self.arena.leaves(slot).0 <= by {
                    self.end(slot);
                } else {
                    self.book.reduce(&mut self.arena, slot, Lots(by));
                }
            }
            Op::Reprice { id, price } => {
                let (slot, side) = self.slots[id as usize];
                if slot != NONE {
                    let quantity = self.arena.leaves(slot).0;
                    self.book.unlink(&mut self.arena, slot);
                    let left = self.take(side, price, quantity);
                    self.arena.set_leaves(slot, Lots(left));
                    if left > 0 {
                        self.book.link(&mut self.arena, slot, side, Ticks(price));
                    } else {
                        self.slots[id as usize].0 = NONE;
                        self.arena.remove(slot);
                    }
                }
            }
            Op::Take { side, price, quantity } => {
                self.take(side, price, quantity);
            }
        }
    }

    /// What stands of the order, with its side and price.
    pub(crate) fn standing(&self, id: u32) -> Option<(u64, Side, i64)> {
        let (slot, side) = self.slots[id as usize];
        (slot != NONE).then(|| (self.arena.leaves(slot).0, side, self.arena.price(slot).0))
    }

    fn take(&mut self, side: Side, price: i64, mut quantity: u64) -> u64 {
        while quantity > 0 && self.book.crosses(side, Ticks(price)) {
            let Some(maker) = self.book.first(&self.arena, side.opposite()) else { break };
            let standing = self.arena.leaves(maker).0;
            let traded = quantity.min(standing);
            if traded == standing {
                self.end(maker);
            } else {
                self.book.reduce(&mut self.arena, maker, Lots(traded));
            }
            quantity -= traded;
            self.trades += 1;
        }
        quantity
    }

    fn end(&mut self, slot: u32) {
        self.slots[self.arena.tag(slot) as usize].0 = NONE;
        self.book.unlink(&mut self.arena, slot);
        self.arena.remove(slot);
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Owned {
    New(NewOrder),
    Cancel(Cancel),
    Replace(Replace),
}

impl Owned {
    pub(crate) fn command(&self) -> Command<'_> {
        match self {
            Owned::New(c) => Command::New(c),
            Owned::Cancel(c) => Command::Cancel(c),
            Owned::Replace(c) => Command::Replace(c),
        }
    }
}

/// The flow as a session would send it: each order by the name that it was given last.
pub(crate) fn commands(flow: &Flow) -> Vec<Owned> {
    let mut orders = vec![(ClOrdId::NONE, Side::Buy, 0, 0); flow.orders];
    let mut convert = |(i, &op): (usize, &Op)| {
        let head = |kind| {
            let (session, account) = (SessionId(0), AccountId(0));
            Head::new(kind, session, account, InstrumentId(0), i as u64 + 1, Nanos(0))
        };
        let cl_ord_id = ClOrdId::new(format!("CL-{i:012}").as_bytes()).unwrap();
        let new = |side, price, quantity, time_in_force| {
            Owned::New(NewOrder {
                head: head(Kind::New),
                cl_ord_id,
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
        let mut replace = |id: u32, price: Option<i64>, by: u64| {
            let (name, side, old_price, quantity) = orders[id as usize];
            let price = price.unwrap_or(old_price);
            let quantity = if quantity > by { quantity - by } else { quantity };
            orders[id as usize] = (cl_ord_id, side, price, quantity);
            Owned::Replace(Replace {
                head: head(Kind::Replace),
                cl_ord_id,
                order: OrderRef::new(Target::Client(name)),
                price: Ticks(price),
                quantity: Lots(quantity),
                side,
                display: Display::NONE,
            })
        };
        match op {
            Op::Reduce { id, by } => replace(id, None, by),
            Op::Reprice { id, price } => replace(id, Some(price), 0),
            Op::Add { id, side, price, quantity } => {
                orders[id as usize] = (cl_ord_id, side, price, quantity);
                new(side, price, quantity, TimeInForce::Gtc)
            }
            Op::Cancel { id } => {
                let order = OrderRef::new(Target::Client(orders[id as usize].0));
                Owned::Cancel(Cancel { head: head(Kind::Cancel), cl_ord_id, order })
            }
            Op::Take { side, price, quantity } => new(side, price, quantity, TimeInForce::Ioc),
        }
    };
    flow.ops.iter().enumerate().map(&mut convert).collect()
}

/// Keeps the last events as a ring of 128 KiB would keep them.
pub(crate) struct Count {
    pub(crate) events: usize,
    pub(crate) ring: Vec<Option<Event>>,
}

impl Default for Count {
    fn default() -> Count {
        Count { events: 0, ring: vec![None; 512] }
    }
}

impl Sink for Count {
    #[inline(always)]
    fn event(&mut self, event: Event) {
        self.events += 1;
        self.ring[self.events % 512] = Some(event);
    }

    fn definition(&mut self, _definition: &Definition) {}
}

/// An engine with `instruments` alike, and room for `orders` open ones and as many remembered.
pub(crate) fn engine(instruments: u32, orders: u32) -> Engine {
    Engine::new(config(instruments, orders))
}

pub(crate) fn config(instruments: u32, orders: u32) -> Config {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    Config {
        instruments: (0..instruments)
            .map(|id| Instrument {
                id: InstrumentId(id),
                symbol: format!("X{id}"),
                base: "B".into(),
                quote: "Q".into(),
                tick: step("0.01"),
                lot: step("1"),
                quantity_min: Lots(1),
                quantity_max: Lots(LOTS_MAX),
                notional_min: 0,
                reference: Ticks(5_000_000),
                band_basis_points: u32::MAX,
                dynamic_band_basis_points: 0,
                volatility_call_ns: 0,
                group: 0,
                shard: 0,
            })
            .collect(),
        sessions: vec![SessionTerms::new(Accounts::Any)],
        open_orders_max: orders,
        finished_orders_max: orders,
        price_groups_max: Config::price_groups_for(2 * orders, instruments),
        // One account on credit: every order is covered, held for, charged and settled.
        ledger: LedgerTerms {
            assets: 2,
            accounts: vec![AccountTerms::new("a", AccountKind::Credit(Vec::new()))],
            pairs: vec![
                Pair {
                    base: AssetId(0),
                    quote: AssetId(1),
                    base_per_lot: 1,
                    quote_per_tick_lot: 1,
                    maker_fee: 100,
                    taker_fee: 200
                };
                instruments as usize
            ],
        },
        hash_seed: 1,
        shard: 0,
        instruments_max: 0,
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
    }
}

/// The flow as an engine's commands, and the engine that has applied what comes before the clock starts.
pub(crate) fn warmed<'a>(flow: &Flow, commands: &'a [Owned]) -> (Engine, Count, &'a [Owned], u64) {
    let mut engine = engine(1, 100_000);
    engine.prefault();
    let mut sink = Count::default();
    let (before, timed) = commands.split_at(flow.before);
    let mut seq = 0;
    for command in before {
        seq += 1;
        engine.apply(SeqNo(seq), Nanos(seq), command.command(), &mut sink);
    }
    (engine, sink, timed, seq)
}

/// Applies `timed`; if `ahead`, as the matcher does while commands are waiting: each is prepared for while the two
/// before it are applied.
pub(crate) fn run(engine: &mut Engine, sink: &mut Count, timed: &[Owned], mut seq: u64, ahead: bool) {
    let mut coming = timed.iter().skip(2);
    for command in timed {
        if let (true, Some(next)) = (ahead, coming.next()) {
            engine.prefetch(next.command());
        }
        seq += 1;
        engine.apply(SeqNo(seq), Nanos(seq), command.command(), sink);
    }
    black_box(&sink.ring);
}
