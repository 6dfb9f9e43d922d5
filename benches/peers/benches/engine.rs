//! The book core and the whole engine beside the bare floor, lobster and orderbook-rs, on the same flows: rounds
//! interleaved, medians with least and greatest, and the ratio to the floor of the same round. Time is the
//! thread's own.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench engine`

#[path = "../../../matcher/benches/flow/mod.rs"]
#[allow(dead_code, reason = "shared with other benchmarks")]
mod flow;

use std::hint::black_box;

use flow::{Core, Flow, Op, aapl, commands, mixed, run, warmed};
use penstock_benches_peers::{Bare, Lobster, Order, OrderbookRs, Peer};

const ROUNDS: usize = 7;
const NAMES: [&str; 6] = [
    "bare floor",
    "book core",
    "lobster",
    "orderbook-rs",
    "whole engine",
    "whole engine, next command prepared for",
];

/// Nanoseconds that this thread has had.
fn cpu_time() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

fn timed(commands: usize, work: impl FnOnce()) -> f64 {
    let start = cpu_time();
    work();
    (cpu_time() - start) as f64 / commands as f64
}

/// The flow with what peers have to be told, and the trades it makes. What names an order that is gone is left out.
fn orders(flow: &Flow) -> (Vec<Order>, usize, u64) {
    let mut core = Core::new(flow);
    let (mut orders, mut before) = (Vec::new(), 0);
    let mut taker = u32::MAX;
    for (i, &op) in flow.ops.iter().enumerate() {
        let ticks = |price: i64| price.unsigned_abs();
        let order = match op {
            Op::Add { id, side, price, quantity } => {
                Some(Order::Add { id, side, price: ticks(price), quantity })
            }
            Op::Take { side, price, quantity } => {
                taker -= 1;
                Some(Order::Take { id: taker, side, price: ticks(price), quantity })
            }
            Op::Cancel { id } => core.standing(id).map(|_| Order::Cancel { id }),
            Op::Reduce { id, by } => core.standing(id).map(|(stands, side, price)| match stands {
                _ if stands <= by => Order::Cancel { id },
                _ => Order::Reduce { id, by, left: stands - by, side, price: ticks(price) },
            }),
            Op::Reprice { id, price } => core.standing(id).map(|(left, side, _)| Order::Reprice {
                id,
                left,
                side,
                price: ticks(price),
            }),
        };
        core.apply(op);
        orders.extend(order);
        if i + 1 == flow.before {
            before = orders.len();
        }
    }
    (orders, before, core.trades)
}

fn peer(mut peer: impl Peer, orders: &[Order], before: usize, trades: Option<u64>) -> f64 {
    let (before, rest) = orders.split_at(before);
    let mut made: u64 = before.iter().map(|&order| peer.apply(order)).sum();
    let took = timed(rest.len(), || made += rest.iter().map(|&order| peer.apply(order)).sum::<u64>());
    if let Some(trades) = trades {
        assert_eq!(made, trades, "the same trades");
    }
    black_box(&peer);
    took
}

fn core_round(flow: &Flow) -> f64 {
    let mut core = Core::new(flow);
    let (before, rest) = flow.ops.split_at(flow.before);
    before.iter().for_each(|&op| core.apply(op));
    let took = timed(rest.len(), || rest.iter().for_each(|&op| core.apply(op)));
    black_box(core.trades);
    took
}

fn spread(rounds: &[f64]) -> String {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1} to {:.1})", rounds[rounds.len() / 2], rounds[0], rounds[rounds.len() - 1])
}

fn main() {
    // Prices of the mixed flow lie around 5,000,000; those of AAPL below 2^20.
    let mut flows = vec![(mixed("mixed, 200 ticks", 200, 1_000_000), 4_900_000)];
    match aapl() {
        Some(flow) => flows.push((flow, 1)),
        None => eprintln!("no AAPL sample; set PENSTOCK_FLOW_DIR"),
    }
    for (flow, lowest) in &flows {
        let (orders, before, trades) = orders(flow);
        let commands = commands(flow);
        let mut results: [Vec<f64>; NAMES.len()] = Default::default();
        for _ in 0..ROUNDS {
            results[0].push(peer(Bare::new(flow.orders, *lowest, 20), &orders, before, Some(trades)));
            results[1].push(core_round(flow));
            results[2].push(peer(Lobster::default(), &orders, before, None));
            results[3].push(peer(OrderbookRs::default(), &orders, before, None));
            for (result, ahead) in results[4..].iter_mut().zip([false, true]) {
                let (mut engine, mut sink, rest, seq) = warmed(flow, &commands);
                result.push(timed(rest.len(), || run(&mut engine, &mut sink, rest, seq, ahead)));
            }
        }
        println!("\n| {}, {} commands | ns a command | ÷ bare floor |", flow.name, orders.len() - before);
        println!("|---|---|---|");
        for (name, result) in NAMES.iter().zip(&results) {
            let ratios: Vec<f64> = result.iter().zip(&results[0]).map(|(ns, floor)| ns / floor).collect();
            println!("| {name} | {} | {} |", spread(result), spread(&ratios));
        }
    }
}
