//! Instructions and cache lines that a flow takes, counted by callgrind: the same on every machine, busy or not.
//! 20,000 commands of the mixed flow each, after 10,000 orders were entered.
//!
//! `cargo install gungraun-runner --version 0.20.0`, then
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench instructions`. It needs valgrind.

#![allow(missing_docs, reason = "made by macros")]

#[path = "../../../matcher/benches/flow/mod.rs"]
#[allow(dead_code, reason = "shared with other benchmarks")]
mod flow;

use std::hint::black_box;

use flow::{Core, Count, Flow, Owned, commands, mixed, run, warmed};
use gungraun::prelude::*;
use matcher::engine::Engine;

fn short() -> Flow {
    mixed("mixed, 200 ticks", 200, 20_000)
}

fn core() -> (Core, Flow) {
    let flow = short();
    let mut core = Core::new(&flow);
    flow.ops[..flow.before].iter().for_each(|&op| core.apply(op));
    (core, flow)
}

fn engine() -> (Engine, Count, Vec<Owned>, u64) {
    let flow = short();
    let commands = commands(&flow);
    let (engine, sink, rest, seq) = warmed(&flow, &commands);
    (engine, sink, rest.to_vec(), seq)
}

#[library_benchmark]
#[bench::mixed(core())]
fn book_core((mut core, flow): (Core, Flow)) -> (Core, Flow) {
    flow.ops[flow.before..].iter().for_each(|&op| core.apply(op));
    black_box((core, flow))
}

#[library_benchmark]
#[bench::mixed(engine())]
fn whole_engine(
    (mut engine, mut sink, commands, seq): (Engine, Count, Vec<Owned>, u64),
) -> (Engine, Count, Vec<Owned>) {
    run(&mut engine, &mut sink, &commands, seq, false);
    black_box((engine, sink, commands))
}

library_benchmark_group!(name = matching, benchmarks = [book_core, whole_engine]);
main!(library_benchmark_groups = matching);
