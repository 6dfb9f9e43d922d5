//! `penstock run`, `gateway`, `matcher`: a venue, or a part of one, until a signal ends it.

use std::{io::IsTerminal, path::Path, process::ExitCode, thread, time::Duration};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use tracing_subscriber::filter::LevelFilter;
use tuning::plan::Process;

use crate::{
    config::{Config, LogFormat},
    refused::refused,
    venue::{Listener, Venue},
};

/// How often a process looks for the other one it waits for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Sends log lines to stderr, as `[log]` says.
pub fn start_log(config: &Config) {
    let level: LevelFilter = config.log.level.word().parse().unwrap_or(LevelFilter::INFO);
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Text => log.with_target(false).init(),
        // No spans are entered anywhere; fields stand beside the message, so that a line is one flat object.
        LogFormat::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
        }
    }
}

/// Runs `process` of the venue until SIGTERM or Ctrl-C; a second one ends the process at once.
///
/// # Errors
/// [`crate::refused::Refused`] if it does not start; anything else is a failure while running.
pub fn serve(config: &Config, data: &Path, process: &Process) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    println!(
        "penstock {}, venue {}, data {}",
        env!("CARGO_PKG_VERSION"),
        config.venue.comp_id,
        data.display()
    );

    let mut told = false;
    let venue = Venue::start(config, data, process, |rings| {
        if !std::mem::replace(&mut told, true) {
            println!(
                "waiting for the matcher: start `penstock matcher` on the same --data (rings: {})",
                rings.display()
            );
        }
        thread::sleep(LOOK_AGAIN);
        signals.pending().next().is_none()
    });
    let Some(venue) = venue.map_err(|error| refused(format!("{error:#}")))? else {
        println!("stopped while waiting");
        return Ok(ExitCode::SUCCESS);
    };
    for thread in venue.threads() {
        println!("thread {thread}");
    }
    for Listener { name, address, .. } in venue.listeners() {
        println!("listening {name} {address}");
    }
    if let Some(address) = venue.metrics() {
        println!("listening metrics {address}");
    }
    for socket in venue.admin() {
        println!("listening admin {}", socket.display());
    }
    if let Some(socket) = venue.sessions() {
        println!("listening sessions {}", socket.display());
    }
    if matches!(process, Process::Matchers(_)) && !wait_for_gateway(&venue, &mut signals) {
        venue.stop()?;
        println!("stopped while waiting");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "ready: {} instruments, {} sessions; Ctrl-C or SIGTERM ends it",
        config.instruments.len(),
        config.sessions.len()
    );
    loop {
        if let Some(thread) = venue.failed(LOOK_AGAIN) {
            anyhow::bail!(
                "thread {thread} panicked; its message stands above, and the venue cannot go on without it"
            );
        }
        if signals.pending().next().is_some() || venue.is_to_drain() {
            break;
        }
    }
    println!("draining; once more ends it at once");
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            std::process::exit(1);
        }
    });
    venue.stop()?;
    println!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn wait_for_gateway(venue: &Venue, signals: &mut Signals) -> bool {
    let mut told = false;
    // The operator's agent, in this process, is one of those that a matcher sees.
    while venue.boards().iter().any(|(_, board)| board.read().gateways < 2) {
        if !std::mem::replace(&mut told, true) {
            println!("waiting for the gateway: start `penstock gateway` on the same --data");
        }
        if signals.pending().next().is_some() || venue.failed(LOOK_AGAIN).is_some() {
            return false;
        }
    }
    true
}
