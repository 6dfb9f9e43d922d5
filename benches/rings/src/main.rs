//! Rings beside their peers (rtrb, ringbuf, crossbeam-queue) and the bare hardware, interleaved in one run.
//!
//! `cargo run --release -p penstock-benches-rings [ROUNDS]`

mod measure;
mod queue;

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use benches::environment::Environment;
use shm::{Bell, Consumer, Directory, Peer, Producer, Ring};

use self::{
    measure::{Cores, pin},
    queue::Ours,
};

const ROUNDS: usize = 15;
/// Room for as many messages as the peers have, headers included.
const RING_BYTES: usize = 1 << 17;
/// Tells the other process of the round trip between processes what it is.
const ECHO: &str = "PENSTOCK_BENCH_ECHO";

/// What is measured in one place: nanoseconds of each round.
struct Row {
    name: &'static str,
    rounds: Vec<f64>,
}

fn main() -> anyhow::Result<()> {
    if let Some(path) = env::var_os(ECHO) {
        return echo(Path::new(&path));
    }
    let available = tuning::cpu::Host::survey()?.cores;
    let [first, second, ..] = available[..] else { anyhow::bail!("this takes two cores") };
    let cores = Cores(first, second);
    let rounds =
        env::args().nth(1).map_or(Ok(ROUNDS), |count| count.parse()).context("ROUNDS is a number")?;
    ensure!(rounds > 0, "at least one round");
    println!(
        "{}; threads and processes on cores {first} and {second}, {rounds} rounds\n",
        Environment::here()
    );

    let place = tempfile::tempdir_in("/dev/shm")?;
    let rings = Rings { directory: Directory::open(&place.path().join("rings"))? };
    table(
        "round trip, 64 bytes",
        rounds,
        [
            ("raw cache lines (floor)", &mut || Ok(measure::raw_round_trip(cores))),
            ("raw, 64 bytes and a flag (floor)", &mut || Ok(measure::raw_message_round_trip(cores))),
            ("ours", &mut || {
                Ok(measure::round_trip::<8>(rings.pair("a", false)?, rings.pair("b", false)?, cores))
            }),
            ("ours, ready to wake", &mut || {
                Ok(measure::round_trip::<8>(rings.pair("a", true)?, rings.pair("b", true)?, cores))
            }),
            ("ours, two processes", &mut || rings.between_processes(cores)),
            ("rtrb", &mut || Ok(measure::round_trip(queue::rtrb::<8>(), queue::rtrb(), cores))),
            ("ringbuf", &mut || Ok(measure::round_trip(queue::ringbuf::<8>(), queue::ringbuf(), cores))),
            ("crossbeam", &mut || {
                Ok(measure::round_trip(queue::crossbeam::<8>(), queue::crossbeam(), cores))
            }),
        ],
    )?;
    rings.throughput::<8>("throughput, 64 bytes", rounds, cores)?;
    rings.throughput::<16>("throughput, 128 bytes", rounds, cores)?;
    table(
        "park and wake, round trip, 64 bytes",
        rounds,
        [
            ("bare futex (floor)", &mut || Ok(measure::raw_wake_up(cores))),
            ("ours", &mut || Ok(measure::wake_up(rings.with_bell("a")?, rings.with_bell("b")?, cores))),
        ],
    )
}

/// Runs all in turn, round by round, and prints what came of it.
fn table<const N: usize>(
    title: &str,
    rounds: usize,
    mut contestants: [(&'static str, &mut dyn FnMut() -> anyhow::Result<f64>); N],
) -> anyhow::Result<()> {
    let mut rows: Vec<Row> = contestants.iter().map(|(name, _)| Row { name, rounds: Vec::new() }).collect();
    for _ in 0..rounds {
        for (row, (_, measure)) in rows.iter_mut().zip(&mut contestants) {
            row.rounds.push(measure()?);
        }
    }
    let peers: Vec<usize> = (1..N)
        .filter(|&row| !rows[row].name.starts_with("ours") && !rows[row].name.contains("floor"))
        .collect();
    let peer = peers.into_iter().min_by(|&a, &b| median(&rows[a].rounds).total_cmp(&median(&rows[b].rounds)));
    let against = |row: &Row, other: &Row| {
        // Round by round, since both then had the same neighbours; and the median of that.
        median(&row.rounds.iter().zip(&other.rounds).map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>())
    };
    let first = if rows[0].name.contains("floor") { "floor" } else { rows[0].name };
    println!("| {title} | ns, median (min–max) | ÷ {first} | ÷ best peer |\n|---|---|---|---|");
    for row in &rows {
        let least = row.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = row.rounds.iter().copied().fold(0.0, f64::max);
        let peer = peer.map_or("–".into(), |peer| format!("{:.2}", against(row, &rows[peer])));
        println!(
            "| {} | {:.1} ({least:.1}–{most:.1}) | {:.2} | {peer} |",
            row.name,
            median(&row.rounds),
            against(row, &rows[0])
        );
    }
    println!();
    Ok(())
}

fn median(rounds: &[f64]) -> f64 {
    let mut rounds = rounds.to_vec();
    rounds.sort_unstable_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// Where our rings are, made anew for each round as the peers' are.
struct Rings {
    directory: Directory,
}

impl Rings {
    fn with_bell(&self, name: &str) -> anyhow::Result<(Producer, Consumer, Bell)> {
        self.directory.sweep(|ring| ring == name)?;
        let ring = Ring::create(&self.directory, name, RING_BYTES)?;
        let bell = Bell::create(&self.directory, &format!("{name}.bell"))?;
        Ok((ring.producer()?, ring.consumer(&bell)?, bell))
    }

    fn pair(&self, name: &str, wakes: bool) -> anyhow::Result<(Ours, Consumer)> {
        let (producer, consumer, _unused) = self.with_bell(name)?;
        Ok((Ours { wakes, producer }, consumer))
    }

    fn throughput<const W: usize>(&self, title: &str, rounds: usize, cores: Cores) -> anyhow::Result<()> {
        table(
            title,
            rounds,
            [
                ("ours", &mut || Ok(measure::throughput::<W>(self.pair("a", false)?, cores))),
                ("ours, ready to wake", &mut || Ok(measure::throughput::<W>(self.pair("a", true)?, cores))),
                ("rtrb", &mut || Ok(measure::throughput(queue::rtrb::<W>(), cores))),
                ("ringbuf", &mut || Ok(measure::throughput(queue::ringbuf::<W>(), cores))),
                ("crossbeam", &mut || Ok(measure::throughput(queue::crossbeam::<W>(), cores))),
            ],
        )
    }

    /// The echo is this program again.
    fn between_processes(&self, cores: Cores) -> anyhow::Result<f64> {
        self.directory.sweep(|_| true)?;
        let [there, back] =
            ["a", "b"].map(|name| Ring::create(&self.directory, name, RING_BYTES).context("no ring"));
        let (there, back) = (there?, back?);
        let bell = Bell::create(&self.directory, "b.bell")?;
        let (producer, consumer) = (there.producer()?, back.consumer(&bell)?);
        let mut child = Command::new(env::current_exe()?)
            .arg(cores.1.to_string())
            .env(ECHO, self.directory.path())
            .stdin(Stdio::null())
            .spawn()
            .context("the other process does not start")?;
        while producer.peer() != Peer::Alive || consumer.peer() != Peer::Alive {
            ensure!(child.try_wait()?.is_none(), "the other process failed");
            std::thread::yield_now();
        }
        let result = measure::round_trips::<8>(Ours { wakes: false, producer }, consumer, cores.0);
        ensure!(child.wait()?.success(), "the other process failed");
        Ok(result)
    }
}

fn echo(path: &Path) -> anyhow::Result<()> {
    let core = env::args().nth(1).context("the core is the first argument")?.parse()?;
    let directory = Directory::existing(path)?;
    let bell = Bell::create(&directory, "a.bell")?;
    let consumer = Ring::join(&directory, "a")?.consumer(&bell)?;
    let producer = Ring::join(&directory, "b")?.producer()?;
    pin(core);
    measure::echo::<8>(consumer, Ours { wakes: false, producer });
    Ok(())
}
