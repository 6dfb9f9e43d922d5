//! `cargo run --release -p penstock-benches -- fix`: what the venue takes, beside what the machine takes.

use benches::{
    binary,
    environment::Environment,
    fix,
    load::{self, Entry, Host, Load},
    table::Table,
    timetable::Timetable,
};
use clap::{Args, Parser, Subcommand};
use gateway::transport::Kind;

/// Measures the venue in this process, and prints Markdown.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,

    /// Set a key of the venue's configuration; repeatable. As it is: one thread for gateway and matcher, spinning
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Rounds that count; one more comes first, which does not
    #[arg(long, global = true, default_value_t = 10, value_parser = positive)]
    rounds: usize,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Latency, order to report, through the FIX gateway, beside a bare TCP echo of messages of the same size
    Fix(LatencyOf),
    /// The same through the gateway of binary order entry, and how long each hop of it took
    Binary(LatencyOf),
    /// Orders and cancels a second through one and through several FIX sessions that never wait
    FixRate(RateOf),
    /// The same through sessions of binary order entry
    BinaryRate(RateOf),
}

#[derive(Clone, Debug, Args)]
struct LatencyOf {
    /// Orders of a round
    #[arg(long, default_value_t = 5_000, value_parser = positive)]
    orders: usize,
    /// Orders a second, of the timetable that does not wait for answers
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rate: u64,
    /// Transports (fix.transport and binary.transport), one after the other in each round
    #[arg(long, value_delimiter = ',', default_value = "epoll,spin,io_uring", value_parser = transport)]
    transports: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, Args)]
struct RateOf {
    /// Orders of a round, all sessions together
    #[arg(long, default_value_t = 100_000, value_parser = positive)]
    orders: usize,
    /// Sessions at most: 1, 2, 4
    #[arg(long, default_value_t = 4, value_parser = positive)]
    sessions: usize,
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "not a whole number above zero".into())
}

fn transport(name: &str) -> Result<Kind, String> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| format!("one of {}", Kind::ALL.map(Kind::name).join(", ")))
}

fn main() -> anyhow::Result<()> {
    let Cli { what, set, rounds } = Cli::parse();
    let host = Host::new(&set)?;
    println!("{}\n{}\n", Environment::here(), host.arrangement()?);
    match what {
        What::Fix(of) => latency::<fix::Orders>(&host, rounds, &of),
        What::Binary(of) => latency::<binary::Orders>(&host, rounds, &of),
        What::FixRate(of) => rate::<fix::Orders>(&host, rounds, of),
        What::BinaryRate(of) => rate::<binary::Orders>(&host, rounds, of),
    }
}

fn latency<E: Entry>(
    host: &Host,
    rounds: usize,
    LatencyOf { orders, rate, transports }: &LatencyOf,
) -> anyhow::Result<()> {
    let sizes = load::sizes::<E>(host)?;
    println!(
        "{rounds} rounds of {orders} orders, in turn with the echo; bytes out/back: order {}/{}, cancel {}/{} (not measured)",
        sizes.order[0], sizes.order[1], sizes.cancel[0], sizes.cancel[1]
    );
    for (title, timetable) in [
        ("Back to back: the next order when the one before is cancelled".to_owned(), Timetable::BackToBack),
        (
            format!("{rate} orders/s whatever happens, measured from when each was due"),
            Timetable::Every(1_000_000_000 / rate),
        ),
    ] {
        let measured = load::latency::<E>(host, transports, Load { rounds, orders: *orders, timetable })?;
        println!("\n{title}\n\n{}", Table(&measured.series));
        for hops in &measured.hops {
            println!("{hops}");
        }
    }
    Ok(())
}

fn rate<E: Entry>(host: &Host, rounds: usize, RateOf { orders, sessions }: RateOf) -> anyhow::Result<()> {
    println!("{rounds} rounds of {orders} orders and as many cancels\n");
    println!("| sessions | requests/s, median of rounds (min–max) |\n|---|---|");
    let sessions = sessions.min(host.sessions::<E>());
    for sessions in (0..).map(|power| 1 << power).take_while(|&count| count <= sessions) {
        let load = Load { rounds, orders, timetable: Timetable::BackToBack };
        let rates = load::rates::<E>(host, sessions, load)?;
        println!("| {sessions} | {} ({}–{}) |", rates[rates.len() / 2], rates[0], rates[rates.len() - 1]);
    }
    Ok(())
}
