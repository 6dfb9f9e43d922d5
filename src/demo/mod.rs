//! `penstock demo`: the venue in this process, with live participants or a recorded flow, over real FIX
//! connections.

mod desk;
mod figures;
mod flow;
mod live;
mod maker;
mod random;
mod replay;
mod screen;
mod taker;
mod traffic;

use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use matcher::Board;
use signal_hook::consts::{SIGINT, SIGTERM};
use tuning::plan::Process;

use crate::{
    cli,
    config::Config,
    refused::refused,
    venue::{Listener, Venue},
};

/// Whether the user has asked for the end.
#[derive(Clone, Debug, Default)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asked for by Ctrl-C and SIGTERM; a second one ends the process at once.
    fn by_signals() -> std::io::Result<Stop> {
        let stop = Stop::default();
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register_conditional_shutdown(signal, 1, stop.0.clone())?;
            signal_hook::flag::register(signal, stop.0.clone())?;
        }
        Ok(stop)
    }

    fn ask(&self) {
        // Relaxed, as below: the flag publishes nothing.
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs the venue of `config` on the data directory `data` and what `args` ask for, until that is over or the user
/// ends it.
///
/// # Errors
/// [`crate::refused::Refused`] if the file to replay, the configuration or the environment is at fault; anything
/// else is a failure while running.
pub fn demo(config: &Config, data: &Path, args: &cli::Demo) -> anyhow::Result<ExitCode> {
    let stop = Stop::by_signals()?;
    if config.traders().count() < 2 {
        return Err(refused(format!(
            "the demo needs two sessions that trade, one that quotes and one that hits the quotes, and the configuration has {}; \
             add a [[session]]",
            config.traders().count()
        )));
    }
    // Before the venue, so that a bad file costs nothing.
    let flow = match &args.flow {
        None => None,
        Some(file) => Some((file, flow::read(file, &config.instruments)?)),
    };
    // The demo's clients begin anew each time: the numbers that a venue on this data directory keeps are not theirs.
    let sessions =
        tempfile::tempdir().context("no directory for the sessions of the demo; set TMPDIR to one")?;
    let mut config = config.clone();
    config.fix.acceptor.store = sessions.path().join("sessions");
    let config = &config;
    let venue = Venue::start(config, data, &Process::Venue, |_| false);
    let venue =
        venue.map_err(|error| refused(format!("{error:#}")))?.context("a whole venue waits for nobody")?;
    let (_, board) = venue.boards().first().context("a whole venue has a matcher")?.clone();
    for Listener { name, address, .. } in venue.listeners() {
        println!("listening {name} {address}");
    }

    let result = match &flow {
        None => live::live(config, &board, args, &stop, &venue),
        Some((file, flow)) => replay_flow(flow, file, config, &venue, &board, args, &stop),
    };
    // The venue is drained whatever became of the participants; what became of them comes first in the telling.
    let stopped = venue.stop();
    result?;
    stopped?;
    Ok(ExitCode::SUCCESS)
}

fn replay_flow(
    flow: &flow::Flow,
    file: &Path,
    config: &Config,
    venue: &Venue,
    board: &Board,
    args: &cli::Demo,
    stop: &Stop,
) -> anyhow::Result<()> {
    let outcome = replay::replay(flow, args.speed, config, venue, board, stop)?;
    outcome.print(flow, file, &config.instruments[flow.instrument]);
    Ok(())
}
