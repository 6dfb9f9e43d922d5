//! What `penstock order` takes.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};
use penstock_client::{Decimal, Name, Side, TimeInForce};

/// `penstock order`.
#[derive(Clone, Debug, Args)]
pub struct Order {
    /// The session that acts: one with protocol = "binary" and nobody else logged in to it
    #[arg(long, global = true, value_name = "NAME", default_value = "BM1", help_heading = "Session")]
    pub session: String,

    /// Where the venue listens for it; without it the configuration's binary.listen
    #[arg(long, global = true, value_name = "ADDRESS:PORT", help_heading = "Session")]
    pub address: Option<SocketAddr>,

    /// Take the password from the first line of FILE, which nobody but its owner may read (chmod 600)
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        conflicts_with = "password_fd",
        help_heading = "Session"
    )]
    pub password_file: Option<PathBuf>,

    /// Take it from the first line of what file descriptor N gives
    #[arg(long, global = true, value_name = "N", help_heading = "Session")]
    pub password_fd: Option<u32>,

    /// Print each report as a line of JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// Seconds to wait for an answer
    #[arg(long, global = true, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,

    /// What to do
    #[command(subcommand)]
    pub what: What,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Send a new order, and show what becomes of it at once
    ///
    /// Without --limit it is a market order. Shown are its acceptance, what it trades at once, and how it then stands.
    #[command(after_help = "Examples:
  penstock order place BTCUSDT buy 0.01 --limit 50000
  penstock order place BTCUSDT buy 0.01 --limit 49000 --post-only --time-in-force gtc --name first
  penstock order place ETHUSDT sell 2 --stop 2900
  penstock order place BTCUSDT buy --spend 1000")]
    Place(Place),

    /// Take an order off the book
    ///
    /// ORDER is the name that it has now, or #N for the venue's number of it.
    #[command(after_help = "Examples:
  penstock order cancel BTCUSDT first
  penstock order cancel BTCUSDT '#42'")]
    Cancel(Which),

    /// Change an order's quantity, price or display quantity
    ///
    /// What is not said stays as it is. The quantity is the whole one, what is filled included.
    #[command(after_help = "Example:
  penstock order replace BTCUSDT first --limit 49500")]
    Replace(Replace),

    /// Show how an order stands, or all open ones
    ///
    /// Exit code 1 if the venue does not know the order.
    #[command(after_help = "Examples:
  penstock order status
  penstock order status BTCUSDT
  penstock order status BTCUSDT first")]
    Status(Status),

    /// Show every report of the session as it comes, until Ctrl-C
    ///
    /// It comes back when the connection or the gateway breaks, and goes on with the first report that it has not shown. Its
    /// last line on stderr says where to go on the next time.
    #[command(after_help = "Examples:
  penstock order watch
  penstock order watch --from :1 --json
  penstock order watch --from 'SESSION:42'")]
    Watch(Watch),
}

/// `penstock order place`.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The instrument
    pub symbol: String,
    /// Which way
    #[arg(value_enum)]
    pub side: Way,
    /// How much of the base asset
    #[arg(required_unless_present = "spend", conflicts_with = "spend")]
    pub quantity: Option<Decimal>,
    /// Buy at once for this much of the quote asset, fees included
    #[arg(long, value_name = "AMOUNT", conflicts_with_all = ["limit", "stop", "trail", "display"])]
    pub spend: Option<Decimal>,
    /// Trade at this price or better
    #[arg(long, value_name = "PRICE")]
    pub limit: Option<Decimal>,
    /// Wait for a trade at this price first
    #[arg(long, value_name = "PRICE", conflicts_with = "trail")]
    pub stop: Option<Decimal>,
    /// Wait until the market has turned by this much, then trade at once
    #[arg(long, value_name = "DISTANCE", conflicts_with = "limit")]
    pub trail: Option<Decimal>,
    /// How long it stands
    #[arg(long, value_enum, default_value = "day", value_name = "TIME")]
    pub time_in_force: Lasting,
    /// Refuse it rather than trade on entry
    #[arg(long)]
    pub post_only: bool,
    /// Show only so much of it at a time
    #[arg(long, value_name = "QUANTITY")]
    pub display: Option<Decimal>,
    /// The account, if it is not the session's own
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The order's name, never used before by the session; without it one is found
    #[arg(long, value_name = "NAME")]
    pub name: Option<Name>,
}

/// Which order.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// The instrument
    pub symbol: String,
    /// The order's name, or #N
    pub order: String,
    /// The account, if it is not the session's own
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
}

/// `penstock order replace`.
#[derive(Clone, Debug, Args)]
pub struct Replace {
    /// Which order
    #[command(flatten)]
    pub which: Which,
    /// The new quantity
    #[arg(long)]
    pub quantity: Option<Decimal>,
    /// The new price
    #[arg(long, value_name = "PRICE")]
    pub limit: Option<Decimal>,
    /// Show only so much of it at a time
    #[arg(long, value_name = "QUANTITY")]
    pub display: Option<Decimal>,
    /// The order's new name; without it one is found
    #[arg(long, value_name = "NAME")]
    pub name: Option<Name>,
}

/// `penstock order status`.
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// The instrument; without it, of all
    pub symbol: Option<String>,
    /// The order's name, or #N; without it, all that are open
    pub order: Option<String>,
    /// The account, if it is not the session's own
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
}

/// `penstock order watch`.
#[derive(Clone, Debug, Args)]
pub struct Watch {
    /// Begin with this report, SESSION:NUMBER or :NUMBER; without it with the most recent one
    #[arg(long, value_name = "POSITION")]
    pub from: Option<penstock_client::Position>,
    /// End after so many reports
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
}

/// Which way an order goes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Way {
    /// Buys the base asset
    Buy,
    /// Sells it
    Sell,
}

impl From<Way> for Side {
    fn from(way: Way) -> Side {
        match way {
            Way::Buy => Side::Buy,
            Way::Sell => Side::Sell,
        }
    }
}

/// How long an order stands.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lasting {
    /// Until the session's close
    Day,
    /// Until it is cancelled
    Gtc,
    /// It fills what it can at once
    Ioc,
    /// It fills wholly at once or not at all
    Fok,
    /// In the opening auction only
    Opening,
    /// In the closing auction only
    Closing,
}

impl From<Lasting> for TimeInForce {
    fn from(lasting: Lasting) -> TimeInForce {
        match lasting {
            Lasting::Day => TimeInForce::Day,
            Lasting::Gtc => TimeInForce::Gtc,
            Lasting::Ioc => TimeInForce::Ioc,
            Lasting::Fok => TimeInForce::Fok,
            Lasting::Opening => TimeInForce::AtTheOpening,
            Lasting::Closing => TimeInForce::AtTheClose,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let span = text.parse().ok().filter(|&seconds: &f64| seconds > 0.0);
    let span = span.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.ok_or_else(|| "not a number of seconds above zero, such as 10 or 0.5".into())
}
