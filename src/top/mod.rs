//! `penstock top`: how a running venue fares, live in a terminal or once as text.
//!
//! * [`gather`]: what the venue's processes say, by their sockets;
//! * [`pages`]: what of it is shown, as tables; [`table`]: rows that are sorted, filtered and laid out;
//! * [`screen`]: the terminal.

mod gather;
mod pages;
mod screen;
mod table;

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
    thread,
    time::Duration,
};

use crate::cli;
use gather::Look;

/// Watches the venue on the data directory `data`.
///
/// # Errors
/// [`crate::refused::Refused`] if no venue runs there; anything else if the terminal fails.
pub fn top(data: &Path, args: &cli::Top) -> anyhow::Result<ExitCode> {
    let interval = Duration::from_millis(args.interval_ms);
    let first = Look::at(data)?;
    let mut out = io::stdout();
    if args.once || !out.is_terminal() {
        thread::sleep(interval);
        let second = Look::at(data)?;
        out.write_all(text(&first, &second).as_bytes())?;
    } else {
        screen::watch(data, first, interval)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// All pages, one below the other.
fn text(former: &Look, look: &Look) -> String {
    let mut text = pages::summary(former, look).join("\n") + "\n";
    for page in pages::ALL {
        text += &format!("\n{}\n", page.title);
        for line in (page.table)(former, look).lines() {
            text += &line;
            text.push('\n');
        }
    }
    text
}
