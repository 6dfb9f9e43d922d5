//! What can be asked of `penstock journal`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use wire::{command::Kind, types::Nanos};
use zerocopy::TryFromBytes;

use crate::words::words;

/// `penstock journal`.
#[derive(Clone, Debug, Subcommand)]
pub enum Journal {
    /// Show commands, and with --events what came of each
    ///
    /// One line for each command: its sequence number, the venue's time of it, whose it is, and what it says; with --json one
    /// object. All filters that are given must fit. To follow one order from receipt to its last fill:
    ///
    ///   penstock journal dump --order 4711
    ///   penstock journal dump --session MM1 --cl-ord-id A17 --events
    ///
    /// Exit codes: 0 shown; 1 the journal is damaged, and shown as far as it is whole; 2 there is none.
    Dump(Dump),

    /// Check every record, the chain they make, and that a replay leads where the venue was
    ///
    /// Says where the journal ends, where a write was cut short and what that means, and where it is damaged and what to do.
    ///
    /// Exit codes: 0 whole, but perhaps for a write that was cut short, of which nobody was told; 1 damaged, or a replay
    /// leads elsewhere; 2 there is none.
    Verify {
        /// Which journal.
        #[command(flatten)]
        which: Which,
        /// Check what is on the disk only, and replay nothing
        #[arg(long)]
        no_replay: bool,
    },

    /// Count: records by kind, bytes, commits and their sizes, rates, by segment and in all
    ///
    /// Exit codes: 0 counted; 1 the journal is damaged, and counted as far as it is whole; 2 there is none.
    Stats {
        /// Which journal.
        #[command(flatten)]
        which: Which,
        /// Show one object of JSON
        #[arg(long)]
        json: bool,
    },

    /// Apply every command again, and print what the venue's state is then
    ///
    /// Prints the state's hash, which is the same on every host after the same commands, what there is in it, and how fast it
    /// went.
    ///
    /// Exit codes: 0 replayed; 1 the journal is damaged; 2 there is none.
    Replay {
        /// Which journal.
        #[command(flatten)]
        which: Which,
        /// The last command to apply, by its sequence number; without it all of them
        #[arg(long, value_name = "SEQ")]
        until: Option<u64>,
        /// Show one object of JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which journal is meant.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// A directory of segments, such as an archive's, which may begin and end anywhere; without it the journal of the --data
    /// directory
    pub directory: Option<PathBuf>,

    /// The matcher whose journal it is, of a venue with more than one (venue.shards)
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub shard: u8,
}

/// `penstock journal dump`.
#[derive(Clone, Debug, Args)]
pub struct Dump {
    /// Which journal.
    #[command(flatten)]
    pub which: Which,

    /// Show lines of JSON
    #[arg(long)]
    pub json: bool,

    /// Apply the commands again, from the journal's beginning, and show what came of each: every event, and of fills the
    /// other side
    #[arg(long)]
    pub events: bool,

    /// Commands by this session, or with --events those that came to something for it; its CompID, or #NUMBER
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub session: Option<String>,

    /// Likewise for this account, by its name or #NUMBER
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub account: Option<String>,

    /// Likewise in this instrument, by its symbol or #NUMBER
    #[arg(long, value_name = "SYMBOL", help_heading = "Filters")]
    pub symbol: Option<String>,

    /// Likewise of this name: ClOrdID, OrigClOrdID, QuoteID or ListID. With --events the orders that had it are followed
    /// wherever they go, under other names too
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    pub cl_ord_id: Option<String>,

    /// All about the order with this OrderID; with --events, which this implies
    #[arg(long, value_name = "ID", help_heading = "Filters", conflicts_with = "cl_ord_id")]
    pub order: Option<u64>,

    /// Commands of this kind, such as new, cancel or mass-quote (a wrong one names all that there are); repeatable
    #[arg(long, value_name = "KIND", value_parser = kind, help_heading = "Filters")]
    pub kind: Vec<Kind>,

    /// At or after this time of the venue: 2026-11-22T09:30:00Z, with as many decimals of a second as you like
    #[arg(long, value_name = "TIME", value_parser = instant, help_heading = "Filters")]
    pub from: Option<Nanos>,

    /// Before this time of the venue
    #[arg(long, value_name = "TIME", value_parser = instant, help_heading = "Filters")]
    pub to: Option<Nanos>,

    /// From this sequence number on
    #[arg(long, value_name = "SEQ", help_heading = "Filters")]
    pub from_seq: Option<u64>,

    /// Up to this sequence number
    #[arg(long, value_name = "SEQ", help_heading = "Filters")]
    pub to_seq: Option<u64>,
}

/// The name of a kind of command, as `--kind` takes it and lines show it.
pub(super) fn kind_name(kind: Kind) -> String {
    words(kind).replace(' ', "-")
}

fn kind(text: &str) -> Result<Kind, String> {
    let all = (0..=u8::MAX).filter_map(|code| Kind::try_read_from_bytes(&[code]).ok());
    // A wish for a book and a search are no part of the sequence.
    let all: Vec<Kind> = all.filter(|kind| !matches!(kind, Kind::ShowBook | Kind::FindOrders)).collect();
    let found = all.iter().find(|&&kind| kind_name(kind) == text);
    let names = || all.iter().map(|&kind| kind_name(kind)).collect::<Vec<_>>().join(", ");
    found.copied().ok_or_else(|| format!("there are {}", names()))
}

fn instant(text: &str) -> Result<Nanos, String> {
    let time: Timestamp = text.parse().map_err(|error| format!("{error}; such as 2026-11-22T09:30:00Z"))?;
    u64::try_from(time.as_nanosecond()).map(Nanos).map_err(|_| "before 1970".to_owned())
}
