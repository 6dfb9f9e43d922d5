//! `penstock admin`: one request to the venue of a data directory, and its answer as sentences.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    orders,
    request::{Answer, Request},
    shards, transfer,
};
use crate::{cli::EXIT_FAILED, refused::refused};

/// How long the venue may take to answer: it answers at once unless it hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the venue on the data directory `data` and writes to `out` what it did, to stderr what it did not.
///
/// # Errors
/// [`crate::refused::Refused`] if there is no venue; anything else if it does not answer.
pub fn admin(data: &Path, request: &Request, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    if let Request::Orders(find) = request {
        return orders::print(&shards::orders(data, find)?, find.json, out);
    }
    let answer = match request {
        Request::Transfer(wanted) => transfer::transfer(data, wanted)?,
        _ => shards::ask_all(data, request)?,
    };
    for done in &answer.done {
        writeln!(out, "{done}")?;
    }
    Ok(exit_code(&answer))
}

/// Writes to stderr what was not done; how the process is to end.
pub(super) fn exit_code(answer: &Answer) -> ExitCode {
    for refusal in &answer.refused {
        eprintln!("refused ({} {}): {}; {}", refusal.code, refusal.name, refusal.text, refusal.remedy);
    }
    if answer.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) }
}

/// That nobody answers on the data directory, for which `command` is started.
pub(crate) fn nobody(data: &Path, command: &str, error: &dyn std::fmt::Display) -> anyhow::Error {
    refused(format!(
        "no venue answers on the data directory {} ({error}); start `penstock` or `{command}` on it, or name another one \
         with --data",
        data.display()
    ))
}

/// Sends `request`, and waits so long for its answer.
pub(crate) fn exchange<A: DeserializeOwned>(
    mut stream: UnixStream,
    request: &impl Serialize,
    patience: Duration,
) -> anyhow::Result<A> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).context("the venue does not take the request")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).context("the venue does not answer")?;
    if answer.is_empty() {
        bail!(
            "the venue has closed the connection without an answer: too many operators at once, or it is ending"
        );
    }
    serde_json::from_str(&answer).with_context(|| format!("not an answer of this version: {answer}"))
}

/// By a path that is short however long that of `data` is, as a socket's has to be.
pub(crate) fn connect(data: &Path, name: &str) -> std::io::Result<UnixStream> {
    let directory = fs::File::open(data)?;
    UnixStream::connect(format!("/proc/self/fd/{}/{name}", directory.as_raw_fd()))
}
