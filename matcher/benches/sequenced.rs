//! Nanoseconds a command of the whole matcher between its rings: alone, and with each command put into the sequenced log before it is
//! applied. Nobody reads the log: that is another thread's work.
//!
//! Rounds are interleaved; the median, least and greatest are shown. Time is the thread's own. Run with
//! `cargo bench -p penstock-matcher --bench sequenced`.

#[allow(dead_code, reason = "shared with other benchmarks")]
mod flow;

use std::sync::Arc;

use flow::{Flow, Owned, commands, config, mixed};
use matcher::{
    Link, Matcher, Routes, State,
    journal::sequenced::{RECORD_BYTES_MAX, Sequenced},
};
use shm::{Agent, Bell, Consumer, Directory, Log, Producer, Ring};
use zerocopy::IntoBytes;

const ROUNDS: usize = 15;
/// Commands put into the ring at once.
const BATCH: usize = 1_000;
const LOG_BYTES: usize = 1 << 29;

/// Nanoseconds that this thread has had.
fn cpu_time() -> i128 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

fn send(ring: &mut Producer, command: &Owned) {
    let bytes = match command {
        Owned::New(command) => command.as_bytes(),
        Owned::Cancel(command) => command.as_bytes(),
        Owned::Replace(command) => command.as_bytes(),
    };
    let mut claim = ring.claim(bytes.len()).expect("room");
    claim.copy_from_slice(bytes);
    claim.commit();
}

fn read(events: &mut Consumer) {
    while events.front().is_some() {
        events.advance();
    }
}

fn round(flow: &Flow, commands: &[Owned], is_logged: bool) -> f64 {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let rings = Directory::open(&place.path().join("rings")).unwrap();
    let bells = ["matcher", "gateway"].map(|name| Bell::create(&rings, name).unwrap());
    let ring = |name, bytes| Ring::create(&rings, name, bytes).unwrap();
    let (there, back) = (ring("commands-0", 1 << 20), ring("events-0", 1 << 22));
    let link = Link { commands: there.consumer(&bells[0]).unwrap(), events: back.producer().unwrap() };
    let (mut there, mut back) = (there.producer().unwrap(), back.consumer(&bells[1]).unwrap());
    let mut state = State::new(config(1, 100_000), &Routes::default());
    state.prefault();
    let mut matcher = Matcher::resume(state, vec![link]);
    if is_logged {
        let log = Log::create(&rings, "sequenced", LOG_BYTES, RECORD_BYTES_MAX).unwrap();
        let mut writer = log.writer().unwrap();
        // Its pages are there before the clock starts.
        for _ in 0..LOG_BYTES / (RECORD_BYTES_MAX + 16) {
            writer.append(&[0; RECORD_BYTES_MAX]);
        }
        matcher = matcher.with_log(Sequenced::new(writer, 1, Arc::default()));
    }
    let (mut took, mut timed) = (0, 0);
    for (number, batch) in commands.chunks(BATCH).enumerate() {
        batch.iter().for_each(|command| send(&mut there, command));
        let start = cpu_time();
        while matcher.poll(1) > 0 {}
        if number * BATCH >= flow.before {
            took += cpu_time() - start;
            timed += batch.len();
        }
        read(&mut back);
    }
    assert_eq!(matcher.engine().last_seq().0, commands.len() as u64);
    took as f64 / timed as f64
}

fn main() {
    let flow = mixed("mixed, 200 ticks", 200, 1_000_000);
    let commands = commands(&flow);
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (is_logged, rounds) in [false, true].into_iter().zip(&mut rounds) {
            rounds.push(round(&flow, &commands, is_logged));
        }
    }
    println!("| ns a command, {} | median | least | greatest |\n|---|---|---|---|", flow.name);
    for (what, rounds) in ["without the log", "with it"].into_iter().zip(&mut rounds) {
        rounds.sort_by(f64::total_cmp);
        let [median, least, greatest] = [ROUNDS / 2, 0, ROUNDS - 1].map(|place| rounds[place]);
        println!("| {what} | {median:.1} | {least:.1} | {greatest:.1} |");
    }
}
