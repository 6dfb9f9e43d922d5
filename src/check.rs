//! `penstock check` and `penstock config`: what a configuration says, without starting anything.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use gateway::session_store;
use tuning::{
    cpu::Host,
    plan::{Agent, Agents, Process, plan},
};
use wire::{decimal::Decimal, instrument::Instrument};

use crate::{
    cli::EXIT_REFUSED,
    config::{Config, ConfigErrors, DEFAULT, Durability, Session, Speaks, Watch},
    venue,
};

/// Rows of a table that are shown: what has more is counted.
const ROWS_SHOWN: usize = 20;

/// Memory that a part of the venue reserves at start, and takes as it is first used.
#[derive(Clone, Copy, Debug)]
pub struct Reserved {
    /// What for.
    pub what: &'static str,
    /// How many bytes.
    pub bytes: u64,
}

/// `penstock check`: writes "FILE: ok" and a summary of what would run here, or every fault, to `out`.
/// `reserved` says what the parts reserve for a configuration, the rings apart.
///
/// # Errors
/// Those of writing to `out`.
pub fn check(
    file: Option<&Path>,
    set: &[String],
    reserved: impl Fn(&Config) -> Vec<Reserved>,
    out: &mut impl Write,
    colour: bool,
) -> io::Result<ExitCode> {
    match load(file, set) {
        Err(errors) => {
            write!(out, "{}", errors.render(colour, WIDTH))?;
            Ok(ExitCode::from(EXIT_REFUSED))
        }
        Ok(config) => {
            let name = file.map_or("embedded default".into(), |file| file.display().to_string());
            match threads(&config) {
                Err(refusal) => {
                    writeln!(out, "{name}: refused on this host: {refusal}")?;
                    Ok(ExitCode::from(EXIT_REFUSED))
                }
                Ok(threads) => {
                    let memory = memory(&config, &reserved(&config));
                    write!(out, "{name}: ok\n\n{}{threads}{memory}", venue(&config))?;
                    Ok(ExitCode::SUCCESS)
                }
            }
        }
    }
}

/// Characters of a line that faults are shown in.
pub const WIDTH: usize = 110;

/// The configuration of `file`, or the embedded default, with `set` over it.
///
/// # Errors
/// [`ConfigErrors`]: everything that is wrong with it.
pub fn load(file: Option<&Path>, set: &[String]) -> Result<Config, ConfigErrors> {
    file.map_or_else(|| Config::embedded(set), |file| Config::read(file, set))
}

/// `penstock config`: writes the commented default file, as it is.
///
/// # Errors
/// Those of writing to `out`, but for a reader that has seen enough (`penstock config | head`).
pub fn print_default(out: &mut impl Write) -> io::Result<()> {
    match out.write_all(DEFAULT.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn venue(config: &Config) -> String {
    let fix = &config.fix.acceptor;
    let mut text = format!(
        "venue        {}, state in memory\nstore        {}, {} on its disk, mapped\n",
        config.venue.comp_id,
        fix.store.display(),
        mebibytes(
            session_store::bytes_of(fix.resend_bytes_max.into()).saturating_mul(config.sessions.len() as u64)
        ),
    );
    let gateways = venue::numbers(config);
    text += &format!("gateways     {}\n", gateways.len());
    text += &table(
        ["name", "speaks", "address", "connections", "sessions", "agent"],
        gateways.iter().map(|&number| {
            let gateway = &config.gateways[number as usize];
            let (speaks, acceptor) = match gateway.speaks {
                Speaks::Fix => ("FIX", &config.fix.acceptor),
                Speaks::Binary => ("binary", &config.binary.acceptor),
            };
            let sessions = config.sessions.iter().filter(|session| session.gateway == number).count();
            [
                gateway.name.clone(),
                speaks.to_owned(),
                gateway.listen.to_string(),
                acceptor.connections_max.to_string(),
                sessions.to_string(),
                format!("gateway-{number}"),
            ]
        }),
    );
    if config.venue.shards > 1 {
        text += &format!("shards       {}\n", config.venue.shards);
        text += &table(
            ["shard", "instruments", "agent"],
            (0..config.venue.shards).map(|shard| {
                let served = config.instruments.iter().filter(|instrument| instrument.shard == shard);
                [shard.to_string(), served.count().to_string(), Agent::Matcher(shard).to_string()]
            }),
        );
    }
    text += &format!("sessions     {}\n", config.sessions.len());
    let accounts = |session: &Session| {
        let names: Vec<_> =
            session.accounts.iter().map(|id| config.accounts[id.0 as usize].name.as_str()).collect();
        match &session.watch {
            None => names.join(", "),
            Some(Watch::All) => "watches all".to_owned(),
            Some(Watch::Accounts(watched)) => {
                let names = watched.iter().map(|id| config.accounts[id.0 as usize].name.as_str());
                format!("watches {}", names.collect::<Vec<_>>().join(", "))
            }
        }
    };
    text += &table(
        ["CompID", "gateway", "accounts", "open orders on disconnect"],
        config.sessions.iter().map(|session| {
            let orders = match session.cancel_on_disconnect {
                _ if session.watch.is_some() => "has none".into(),
                None => "stay".into(),
                Some(grace) => format!("cancelled after {grace:?}"),
            };
            [
                session.comp_id.clone(),
                config.gateways[session.gateway as usize].name.clone(),
                accounts(session),
                orders,
            ]
        }),
    );
    text += &format!("instruments  {}\n", config.instruments.len());
    text += &table(
        ["symbol", "base/quote", "tick", "lot", "quantity", "prices at first"],
        config.instruments.iter().map(|instrument| {
            let Instrument { symbol, base, quote, tick, lot, quantity_min, quantity_max, reference, .. } =
                instrument;
            let number =
                |value: Option<Decimal>| value.map_or("beyond 64 bits".into(), |value| value.to_string());
            let lots = |count: u64| number(i64::try_from(count).ok().and_then(|count| lot.value(count)));
            let ticks = |count| number(tick.value(count));
            let (low, high) = instrument.band(*reference);
            [
                symbol.clone(),
                format!("{base}/{quote}"),
                ticks(1),
                lots(1),
                format!("{} to {}", lots(quantity_min.0), lots(quantity_max.0)),
                format!("{} to {}", ticks(low.0), ticks(high.0)),
            ]
        }),
    );
    text
}

fn memory(config: &Config, reserved: &[Reserved]) -> String {
    let workers = config.gateways.len() as u64;
    let rings = workers * (u64::from(config.rings.command_bytes) + u64::from(config.rings.event_bytes));
    let sequenced = match config.venue.durability {
        Durability::Memory => 0,
        Durability::Journal => u64::from(config.rings.sequenced_bytes),
    };
    let of_shard = rings + u64::from(config.rings.feed_bytes) + sequenced;
    let rings = Reserved { what: "rings", bytes: of_shard * u64::from(config.venue.shards) };
    let all: Vec<_> = std::iter::once(&rings).chain(reserved).collect();
    let sum = all.iter().map(|part| part.bytes).fold(0, u64::saturating_add);
    let rows = all.iter().map(|part| [part.what.to_owned(), mebibytes(part.bytes)]);
    format!("memory       {} reserved at start\n{}", mebibytes(sum), table(["for", "bytes"], rows))
}

fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// The thread plan for this host, or why it cannot be had.
fn threads(config: &Config) -> Result<String, String> {
    let host = Host::survey().map_err(|error| error.to_string())?;
    let (workers, journals) = (venue::numbers(config), venue::journals(config));
    let agents = Agents { shards: config.venue.shards, journals: &journals, workers: &workers };
    let threads = plan(&host, &config.threads, agents, &Process::Venue)
        .map_err(|error| format!("{error}; those it may use: {:?}", host.cores))?;
    let isolated = match host.isolated.as_slice() {
        [] => "none isolated".into(),
        cores => format!("isolated {cores:?}"),
    };
    let mut text = format!("threads      {} on cores {:?}, {isolated}\n", threads.len(), host.cores);
    for thread in threads {
        text += &format!("  {thread}\n");
    }
    Ok(text)
}

/// Rows under a header, their columns aligned.
fn table<const N: usize>(header: [&str; N], rows: impl ExactSizeIterator<Item = [String; N]>) -> String {
    let count = rows.len();
    let rows: Vec<_> = std::iter::once(header.map(str::to_owned)).chain(rows.take(ROWS_SHOWN)).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += &format!("  {}\n", cells.join("  ").trim_end());
    }
    if count > ROWS_SHOWN {
        text += &format!("  and {} more\n", count - ROWS_SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(file: Option<&Path>, set: &[&str]) -> (String, ExitCode) {
        let set: Vec<String> = set.iter().map(|&set| set.to_owned()).collect();
        let mut out = Vec::new();
        let reserved = |_: &Config| vec![Reserved { what: "matcher", bytes: (3 << 20) + 1 }];
        let code = check(file, &set, reserved, &mut out, false).unwrap();
        (String::from_utf8(out).unwrap(), code)
    }

    #[test]
    fn a_sound_file_is_ok_and_says_what_would_run() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("venue.toml");
        std::fs::write(&file, DEFAULT).unwrap();
        let (text, code) = checked(Some(&file), &["fix.listen=127.0.0.1:7001"]);
        assert_eq!(code, ExitCode::SUCCESS);
        assert!(text.starts_with(&format!("{}: ok\n", file.display())), "{text}");
        for line in [
            "  fix     FIX     127.0.0.1:7001  1024         5         gateway-0",
            "  MM1     fix      MM1          stay",
            "  MM4     fix      MM4          cancelled after 2s",
            "  AAPL     AAPL/USD    0.01   1        1 to 72057594037927936        292.50 to 877.50",
            "memory       59.1 MiB reserved at start",
            "  rings    56.0 MiB",
            "  matcher  3.1 MiB",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line:?} is missing in\n{text}");
        }
        assert!(text.contains("matcher: "), "the threads are missing in\n{text}");
    }

    #[test]
    fn faults_and_a_host_that_cannot_serve_are_refused() {
        let refused = ExitCode::from(EXIT_REFUSED);
        let (text, code) = checked(None, &["log.level=loud"]);
        assert_eq!(code, refused);
        assert!(text.contains("log.level") && !text.contains("ok"), "{text}");
        let (text, code) = checked(None, &["threads.cores=[1023]"]);
        assert_eq!(code, refused);
        assert!(text.starts_with("embedded default: refused on this host: "), "{text}");
    }

    #[test]
    fn long_tables_are_cut_and_counted() {
        let text = table(["a", "b"], (0..25).map(|n| [n.to_string(), "x".into()]));
        assert_eq!(text.lines().count(), 1 + ROWS_SHOWN + 1);
        assert!(text.ends_with("  and 5 more\n"), "{text}");
    }

    #[test]
    fn the_default_file_is_printed_as_it_is_and_a_reader_may_stop_early() {
        struct Closed(io::ErrorKind);
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Vec::new();
        print_default(&mut out).unwrap();
        assert_eq!(out, DEFAULT.as_bytes());
        assert!(print_default(&mut Closed(io::ErrorKind::BrokenPipe)).is_ok());
        assert!(print_default(&mut Closed(io::ErrorKind::StorageFull)).is_err());
    }
}
