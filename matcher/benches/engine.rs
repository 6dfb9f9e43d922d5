//! Nanoseconds a command: the book core alone and the whole engine, on mixed flows and on real AAPL flow; then one
//! command at a time, then the shapes of flow that engines are known to stumble over, then the state hash.
//!
//! Rounds are interleaved, so that the machine's drift falls on all alike; the median, least and greatest of the
//! rounds are shown. Time is the thread's own, so that a busy machine shows in its caches only. Run with
//! `cargo bench -p penstock-matcher`, the state hash alone with `-- checkpoints`; beside peers, see `benches/peers`.

#[allow(dead_code, reason = "shared with other benchmarks")]
mod flow;
mod shapes;

use std::{hint::black_box, time::Instant};

use flow::{Core, Flow, Owned, aapl, commands, mixed, run, warmed};
use wire::types::{Nanos, SeqNo};

const ROUNDS: usize = 7;

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

fn core_round(flow: &Flow) -> f64 {
    let mut core = Core::new(flow);
    let (before, rest) = flow.ops.split_at(flow.before);
    before.iter().for_each(|&op| core.apply(op));
    let took = timed(rest.len(), || rest.iter().for_each(|&op| core.apply(op)));
    black_box(core.trades);
    took
}

fn engine_round(flow: &Flow, commands: &[Owned], ahead: bool) -> f64 {
    let (mut engine, mut sink, rest, seq) = warmed(flow, commands);
    timed(rest.len(), || run(&mut engine, &mut sink, rest, seq, ahead))
}

/// Each command by itself, less what the clock takes: p50, p99, p99.9 and the maximum, in nanoseconds.
fn one_by_one(flow: &Flow, commands: &[Owned]) -> [u64; 4] {
    let (mut engine, mut sink, rest, mut seq) = warmed(flow, commands);
    let mut clock: Vec<u64> = (0..100_000).map(|_| nanos(Instant::now())).collect();
    clock.sort_unstable();
    let clock = clock[clock.len() / 2];
    let mut took = Vec::with_capacity(rest.len());
    for command in rest {
        seq += 1;
        let start = Instant::now();
        engine.apply(SeqNo(seq), Nanos(seq), command.command(), &mut sink);
        took.push(nanos(start).saturating_sub(clock));
    }
    black_box(&sink.ring);
    took.sort_unstable();
    [500, 990, 999, 1000].map(|thousandths| took[(took.len() - 1) * thousandths / 1000])
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn spread(rounds: &mut [f64]) -> String {
    rounds.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1} to {:.1})", rounds[rounds.len() / 2], rounds[0], rounds[rounds.len() - 1])
}

fn main() {
    if std::env::args().any(|argument| argument == "checkpoints") {
        return shapes::checkpoints();
    }
    let mut flows = vec![
        mixed("mixed, 200 ticks", 200, 1_000_000),
        mixed("mixed, 20,000 ticks", 20_000, 1_000_000),
        mixed("mixed, 1 tick", 1, 1_000_000),
        mixed("mixed, 2,000,000 ticks", 2_000_000, 1_000_000),
    ];
    match aapl() {
        Some(flow) => flows.push(flow),
        None => eprintln!("no AAPL sample; set PENSTOCK_FLOW_DIR"),
    }
    let commands: Vec<_> = flows.iter().map(commands).collect();
    let mut results = vec![[Vec::new(), Vec::new(), Vec::new()]; flows.len()];
    let mut single = vec![[Vec::new(), Vec::new(), Vec::new(), Vec::new()]; flows.len()];
    for _ in 0..ROUNDS {
        for (i, (flow, commands)) in flows.iter().zip(&commands).enumerate() {
            results[i][0].push(core_round(flow));
            results[i][1].push(engine_round(flow, commands, false));
            results[i][2].push(engine_round(flow, commands, true));
            for (all, one) in single[i].iter_mut().zip(one_by_one(flow, commands)) {
                all.push(one as f64);
            }
        }
    }
    println!("| ns a command | book core | whole engine | with the next command prepared for |");
    println!("|---|---|---|---|");
    for (flow, results) in flows.iter().zip(&mut results) {
        let shown = results.each_mut().map(|rounds| spread(rounds));
        println!("| {} | {} |", flow.name, shown.join(" | "));
    }
    println!("\n| whole engine, one by one, ns | p50 | p99 | p99.9 | max |");
    println!("|---|---|---|---|---|");
    for (flow, single) in flows.iter().zip(&mut single) {
        let shown = single.each_mut().map(|rounds| spread(rounds));
        println!("| {} | {} |", flow.name, shown.join(" | "));
    }
    shapes::show();
}
