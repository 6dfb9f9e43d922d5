//! Instructions and cache lines, counted by callgrind: the same on every machine, busy or not. Of the engine 20,000
//! commands of the mixed flow, after 10,000 orders were entered; of the FIX codec 256 messages.
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
use penstock_benches_peers::{
    fix::{OurBuild, OurSession, floor_build, floor_read, orders, our_first_read, our_read, reports},
    rounds::MESSAGES,
};
use wire::fix::places::Memory;

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

#[library_benchmark]
#[bench::orders(orders())]
fn read_floor(orders: Vec<Vec<u8>>) {
    orders.iter().for_each(|order| floor_read(order));
}

/// Orders, and what is remembered of the first.
fn remembered() -> (Vec<Vec<u8>>, Memory) {
    let (orders, mut memory) = (orders(), Memory::default());
    our_read(&orders[0], &mut memory);
    (orders, memory)
}

#[library_benchmark]
#[bench::orders(remembered())]
fn read_typed((orders, mut memory): (Vec<Vec<u8>>, Memory)) {
    orders.iter().for_each(|order| our_read(order, &mut memory));
}

#[library_benchmark]
#[bench::orders(orders())]
fn read_like_none_before(orders: Vec<Vec<u8>>) {
    orders.iter().for_each(|order| our_first_read(order));
}

#[library_benchmark]
#[bench::reports(reports())]
fn build_floor(reports: Vec<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    reports.iter().for_each(|report| floor_build(&mut out, report));
    out
}

#[library_benchmark]
#[bench::reports(OurBuild::default())]
fn build(mut build: OurBuild) -> OurBuild {
    (0..MESSAGES).for_each(|i| _ = black_box(build.write(i)));
    build
}

#[library_benchmark]
#[bench::reports(OurSession::default())]
fn build_kept_and_appended(mut session: OurSession) -> OurSession {
    (0..MESSAGES).for_each(|i| _ = black_box(session.write(i)));
    session
}

library_benchmark_group!(name = matching, benchmarks = [book_core, whole_engine]);
library_benchmark_group!(
    name = fix,
    benchmarks = [read_floor, read_typed, read_like_none_before, build_floor, build, build_kept_and_appended]
);
main!(library_benchmark_groups = matching, fix);
