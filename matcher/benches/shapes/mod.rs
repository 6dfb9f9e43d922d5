//! The shapes of flow that engines are known to stumble over, and the state hash of a full book.

use std::time::Instant;

use wire::{
    command::{Cancel, Head, Kind, NewOrder, OrderRef, SessionNotice, Target},
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SeqNo, SessionId, Side, Ticks, TimeInForce,
    },
};

use crate::{
    flow::{Count, Owned, Random, engine},
    spread, timed,
};

const ORDERS: u32 = 1_000_000;
const ROUNDS: usize = 3;

fn head(kind: Kind, instrument: u32, number: u32) -> Head {
    let (session, account) = (SessionId(0), AccountId(0));
    Head::new(kind, session, account, InstrumentId(instrument), u64::from(number) + 1, Nanos(0))
}

fn name(number: u32) -> ClOrdId {
    ClOrdId::new(format!("CL-{number:012}").as_bytes()).unwrap()
}

fn add(number: u32, instrument: u32, side: Side, price: i64) -> Owned {
    Owned::New(NewOrder {
        head: head(Kind::New, instrument, number),
        cl_ord_id: name(number),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(price),
        quantity: Lots(10),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    })
}

fn cancel(number: u32, instrument: u32, order: u32) -> Owned {
    Owned::Cancel(Cancel {
        head: head(Kind::Cancel, instrument, number),
        cl_ord_id: name(number),
        order: OrderRef::new(Target::Client(name(order))),
    })
}

/// A million adds, at prices that `price` says, then their cancels, in random order.
fn fill_and_empty(instruments: u32, price: impl Fn(&mut Random, u32) -> (Side, i64)) -> [Vec<Owned>; 2] {
    let mut random = Random(0x5EED);
    let adds = (0..ORDERS)
        .map(|i| {
            let (side, price) = price(&mut random, i);
            add(i, i % instruments, side, price)
        })
        .collect();
    let mut order: Vec<u32> = (0..ORDERS).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, usize::try_from(random.below(i as u64 + 1)).unwrap());
    }
    let cancels = (ORDERS..).zip(order).map(|(i, order)| cancel(i, order % instruments, order)).collect();
    [adds, cancels]
}

fn sided(random: &mut Random, away: impl FnOnce(&mut Random) -> u64) -> (Side, i64) {
    let side = Side::ALL[usize::try_from(random.below(2)).unwrap()];
    let away = i64::try_from(away(random)).unwrap();
    (side, if side == Side::Buy { 5_000_000 - 1 - away } else { 5_000_000 + 1 + away })
}

/// A shape's name, its instruments, and where its orders stand.
type Shape = (&'static str, u32, fn(&mut Random, u32) -> (Side, i64));

pub(crate) fn show() {
    let shapes: [Shape; 6] = [
        ("around the touch, 200 ticks", 1, |random, _| sided(random, |r| r.below(200))),
        ("one price each side", 1, |random, _| sided(random, |_| 0)),
        ("a million orders at one price", 1, |_, _| (Side::Buy, 5_000_000)),
        ("a million levels", 1, |_, i| (Side::Buy, 1 + i64::from(i) * 4)),
        ("4,096 places 2^28 ticks apart", 1, |random, _| {
            (Side::Sell, i64::try_from((random.below(4096) << 28) + random.below(64) + 5_000_001).unwrap())
        }),
        ("100 instruments", 100, |random, _| sided(random, |r| r.below(200))),
    ];
    println!(
        "\n| a million orders, ns a command | entered | cancelled in random order | cancelled by the session's end |"
    );
    println!("|---|---|---|---|");
    for (what, instruments, price) in shapes {
        let [adds, cancels] = fill_and_empty(instruments, price);
        let mut results = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            let mut engine = engine(instruments, ORDERS);
            engine.prefault();
            let (mut sink, mut seq) = (Count::default(), 0);
            let mut apply = |engine: &mut matcher::engine::Engine, commands: &[Owned]| {
                for command in commands {
                    seq += 1;
                    engine.apply(SeqNo(seq), Nanos(seq), command.command(), &mut sink);
                }
            };
            results[0].push(timed(adds.len(), || apply(&mut engine, &adds)));
            assert_eq!(engine.open_orders(), adds.len(), "{what}: all of them stand");
            results[1].push(timed(cancels.len(), || apply(&mut engine, &cancels)));
            assert_eq!(engine.open_orders(), 0, "{what}: all of them are gone");
            let again: Vec<Owned> = (3 * ORDERS..).zip(&adds).map(|(i, order)| renamed(*order, i)).collect();
            apply(&mut engine, &again);
            let notice = SessionNotice { head: head(Kind::CancelSession, 0, 1) };
            let mut sink = Count::default();
            let last = SeqNo(engine.last_seq().0 + 1);
            let command = wire::command::Command::CancelSession(&notice);
            results[2].push(timed(again.len(), || engine.apply(last, Nanos(last.0), command, &mut sink)));
            assert_eq!(engine.open_orders(), 0, "{what}: all of them are gone again");
        }
        let shown = results.each_mut().map(|rounds| spread(rounds));
        println!("| {what} | {} |", shown.join(" | "));
    }
    checkpoints();
}

/// What a state hash takes while a million orders are open: 200 times, with 10,000 commands between two of them and
/// no idle moment, so that as much waits for it as ever may.
pub(crate) fn checkpoints() {
    let [adds, _] = fill_and_empty(1, |random, _| sided(random, |r| r.below(200)));
    let mut engine = engine(1, ORDERS);
    engine.prefault();
    let (mut sink, mut seq) = (Count::default(), 0);
    let mut apply = |engine: &mut matcher::engine::Engine, command: Owned| {
        seq += 1;
        engine.apply(SeqNo(seq), Nanos(seq), command.command(), &mut sink);
    };
    adds.iter().for_each(|&add| apply(&mut engine, add));
    let mut took: [Vec<f64>; 2] = Default::default();
    let (mut random, mut number) = (Random(0x5EED), 2 * ORDERS);
    let mut names: Vec<u32> = (0..ORDERS).collect();
    for _ in 0..200 {
        for _ in 0..5_000 {
            let any = usize::try_from(random.below(ORDERS.into())).unwrap();
            apply(&mut engine, cancel(number, 0, names[any]));
            let (side, price) = sided(&mut random, |r| r.below(200));
            apply(&mut engine, add(number + 1, 0, side, price));
            names[any] = number + 1;
            number += 2;
        }
        assert_eq!(engine.open_orders(), ORDERS as usize);
        let start = Instant::now();
        took[1].push(timed(1_000, || {
            std::hint::black_box(engine.state_hash());
        }));
        took[0].push(start.elapsed().as_nanos() as f64 / 1e3);
    }
    println!("\n| state hash with a million open orders, µs | p50 | p99 | max |\n|---|---|---|---|");
    for (clock, took) in ["by the wall clock", "of the thread's own time"].iter().zip(&mut took) {
        took.sort_by(f64::total_cmp);
        let at = |percent| took[(took.len() - 1) * percent / 100];
        println!("| {clock} | {:.1} | {:.1} | {:.1} |", at(50), at(99), at(100));
    }
}

fn renamed(order: Owned, number: u32) -> Owned {
    match order {
        Owned::New(new) => Owned::New(NewOrder { cl_ord_id: name(number), ..new }),
        other => other,
    }
}
