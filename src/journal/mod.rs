//! `penstock journal`: what is in a venue's journal, whether it is whole, and where it leads. It only reads, and a venue may be
//! writing meanwhile.
//!
//! * [`args`]: what can be asked for;
//! * [`past`]: the journal's records one by one, and the engine that they made;
//! * [`dump`], [`verify`], [`stats`], [`replay`]: the answers;
//! * [`fields`]: what commands and events say, field by field.

pub mod args;
mod dump;
mod fields;
mod past;
mod replay;
mod stats;
#[cfg(test)]
mod tests;
mod verify;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use args::Journal;
use matcher::journal::JournalError;

use crate::{cli::EXIT_FAILED, config::Config};

/// Does what is asked with the journal of the data directory `data`, or the one that is named, of a venue of `config`.
///
/// # Errors
/// [`crate::refused::Refused`] if there is no such journal; those of reading and writing.
pub fn journal(
    request: &Journal,
    config: &Config,
    data: &Path,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let done = match request {
        Journal::Dump(dump) => dump::dump(dump, config, data, out),
        Journal::Verify { which, no_replay } => verify::verify(which, !no_replay, config, data, out),
        Journal::Stats { which, json } => stats::stats(which, *json, config, data, out),
        Journal::Replay { which, until, json } => replay::replay(which, *until, *json, config, data, out),
    };
    match done {
        // What is damaged says so itself, and what to do; a reader that has seen enough (`| head`) is no failure.
        Err(error) if error.downcast_ref::<JournalError>().is_some() => {
            out.flush()?;
            eprintln!("penstock: {error}");
            Ok(ExitCode::from(EXIT_FAILED))
        }
        Err(error) => match error.downcast_ref::<io::Error>() {
            Some(broken) if broken.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            _ => Err(error),
        },
        done => done,
    }
}
