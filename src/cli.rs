//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    admin::{request::Request, session::Session},
    journal::args::Journal,
    order::args::Order,
};

/// Exit code: something failed while running.
pub const EXIT_FAILED: u8 = 1;
/// Exit code: refused to start, because of the configuration, the command line or the environment.
pub const EXIT_REFUSED: u8 = 2;

const ABOUT: &str = "A trading venue's fast path: order gateway and matching engine";

const LONG_ABOUT: &str = "\
Penstock is a trading venue's fast path. Clients send orders over FIX 4.4 to a gateway; it checks the session \
and passes each order, as a fixed binary command, through a ring in shared memory to the matcher; the matcher \
gives every command its place in one sequence, keeps the order books (price, then time) and answers through a \
second ring; the gateway turns that into execution reports.

Without a subcommand it runs the whole venue in one process until Ctrl-C or SIGTERM, then drains and ends.";

const AFTER_LONG_HELP: &str = "\
First start, on the embedded default configuration:
  penstock                         the venue; its last start-up line begins with `ready`
  penstock demo                    the venue, live traders, and a screen of their prices

A FIX client's settings for it:
  FIX.4.4, host 127.0.0.1, port 9878, TargetCompID PENSTOCK,
  SenderCompID and Username MM1 (to MM4), Password mm1-demo (to mm4-demo), HeartBtInt 30,
  symbols BTCUSDT, ETHUSDT, SOLUSDT, AAPL

A configuration of your own:
  penstock config > penstock.toml  every key, with its meaning, unit and range
  penstock check penstock.toml     every fault with line and remedy, or what would run
  penstock --config penstock.toml
  penstock --set fix.listen=127.0.0.1:7001 --set session.MM1.cancel_on_disconnect=true

Two processes over the same rings, in either order; each waits for the other:
  penstock matcher &
  penstock gateway

Where things are:
  ./penstock-data    what the venue keeps, and its lock: one venue a directory (--data)
  /dev/shm           the rings, mode 0600 (rings.directory)
  stderr             the log (log.level, log.format)

Exit codes:
  0  ran and ended as asked
  1  failed while running
  2  refused to start: command line, configuration or environment; the message says what to do";

/// `penstock`.
#[derive(Debug, Parser)]
#[command(name = "penstock", version, about = ABOUT, long_about = LONG_ABOUT, after_long_help = AFTER_LONG_HELP)]
#[command(max_term_width = 110)]
pub struct Cli {
    /// What every subcommand takes.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do; [`Command::Run`] if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every subcommand takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Configuration file, laid over the embedded default.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Set one key over the file; repeatable. KEY is TABLE.KEY, or LIST.NAME.KEY for an entry of a list, such as
    /// session.MM1.password; VALUE is TOML, or text that needs no quotes.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Directory for what the venue keeps; made if missing, and locked while the venue runs.
    #[arg(long, global = true, value_name = "DIR", default_value = "./penstock-data")]
    pub data: PathBuf,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the whole venue in this process (what happens without a subcommand)
    ///
    /// Runs the gateway and the matcher in this process, over the same rings and the same code as two processes
    /// would. One line is printed for each listener, then one that begins with `ready`. Ctrl-C or SIGTERM drains
    /// it: new orders are refused, what was taken is answered, sessions are logged out; then it exits with 0.
    Run,

    /// Run only the gateways, or some of them; the matcher is a process of its own
    ///
    /// Listens for clients and passes their orders to `penstock matcher`, through the rings that the two find
    /// by the same --data directory. Either can be started first: the gateway waits for a matcher and says so;
    /// until there is one, orders are rejected (MatcherAway). Each gateway runs in one process at a time.
    Gateway {
        /// The gateways, by their names in the configuration; all of them if none is named
        names: Vec<String>,
    },

    /// Run only the matchers, or some of them; the gateway is a process of its own
    ///
    /// Keeps the order books and answers what `penstock gateway` puts into the rings that the two find by the same
    /// --data directory. Either can be started first: the matcher waits for a gateway and says so.
    /// When the gateway goes away, orders of sessions with cancel_on_disconnect are cancelled after their grace.
    /// Each shard's matcher runs in one process at a time.
    Matcher {
        /// The shards whose matchers it runs, counted from 0; all of venue.shards if none is named
        #[arg(value_name = "SHARD")]
        shards: Vec<u8>,
    },

    /// Check a configuration and say what would run
    ///
    /// Shows every fault with line, column and remedy (exit code 2); or that there is none, and then what would run
    /// on this host: instruments, sessions, threads, memory. Nothing is started and nothing is written.
    Check {
        /// The file; without it --config's, or else the embedded default.
        file: Option<PathBuf>,
    },

    /// Print the default configuration, which is also its manual
    Config,

    /// Hash a password for the configuration (session.NAME.password_hash)
    ///
    /// Asks for the password on the terminal, twice and without showing it, or takes the first line of stdin, and prints
    /// its Argon2id hash with a new salt. A password never stands on the command line, where every user of the host
    /// could read it.
    Password,

    /// List the rings and logs of a venue, running or dead
    ///
    /// Shows for each who stands at its ends (process, alive or dead, times that end was claimed), the bytes that
    /// wait in it now and waited at most, what went through it, and how often it was found full. It only looks: a
    /// running venue notices nothing, and what a dead one left is still there afterwards. The venue is found by its
    /// --data directory.
    Rings,

    /// Ask a running venue to do something, as its operator
    ///
    /// Speaks to the venue of the --data directory through the socket admin.sock in it, which only its user may open,
    /// and says what was done. Exit code 1: it was refused, and why; 2: no venue runs there. docs/operating.md
    /// explains each request.
    Admin {
        /// What to do.
        #[command(subcommand)]
        request: Request,
    },

    /// Look at a running gateway's FIX sessions, disconnect, reset or disable one
    ///
    /// Speaks to the gateway of the --data directory through the sockets gateway*.sock in it, which only its user may open.
    /// Exit code 1: it was refused, and why; 2: no gateway runs there. docs/operating.md explains each request.
    Session {
        /// Show what the gateway answers as JSON
        #[arg(long, global = true)]
        json: bool,
        /// What to do
        #[command(subcommand)]
        request: Session,
    },

    /// Place, cancel, change and watch orders over binary order entry
    ///
    /// Logs in to the venue's binary acceptor as any client does. Reports are shown as a table, or as lines of JSON with
    /// --json. Against the demo venue on this host nothing has to be set; elsewhere the password comes from
    /// --password-file, --password-fd, the variable PENSTOCK_PASSWORD or the terminal, never from the command line.
    /// Exit codes: 0 done; 1 the venue refused it, and why, or it never arrived; 2 no venue, session or password; 3 no
    /// answer came in time, so ask for the order's status before doing it again.
    Order(Order),

    /// Have a running gateway, or the whole venue, take no new orders, log its clients out and end
    ///
    /// Does what SIGTERM does: every client is told (News), new orders are refused and cancels taken for fix.drain_ms or
    /// until all clients have gone, then they are logged out and the process ends with exit code 0. This command only
    /// asks for it and does not wait.
    Drain,

    /// Watch a running venue: sessions, rates, rings, latency and instruments, in the terminal
    ///
    /// Asks the processes of the venue of the --data directory once a second through their sockets, which hold nobody up.
    /// Where the output is no terminal, or with --once, everything is printed once as text. Exit code 2: no venue runs there.
    ///
    /// Keys: 1 to 5 or Tab choose a page; s the column to sort by, r the direction; / a text that shown rows have, Esc all
    /// rows; arrows and PgUp, PgDn scroll; p pauses; q ends.
    Top(Top),

    /// Look into a venue's journal: show it, check it, count it, replay it
    ///
    /// Reads the journal of the --data directory, of a venue that runs or of one that is dead, or segments that were archived,
    /// in the directory that is named. It only reads. docs/journal.md explains what is found.
    Journal {
        /// What to do with it
        #[command(subcommand)]
        request: Journal,
    },

    /// Run the venue with live participants, or replay recorded order flow through it
    ///
    /// Market makers quote around a moving price and takers hit them, on every instrument, over real FIX
    /// connections; the terminal shows books, rates and order-to-report latency. With --flow, a LOBSTER message
    /// file is replayed through FIX sessions instead, and a summary ends it.
    Demo(Demo),
}

/// `penstock top`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Top {
    /// Print everything once as text, rates being those of one interval
    #[arg(long)]
    pub once: bool,

    /// Milliseconds between two looks
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub interval_ms: u64,
}

/// `penstock demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// LOBSTER message file to replay, plain or .zst
    #[arg(long, value_name = "FILE")]
    pub flow: Option<PathBuf>,

    /// Replay at X times the recorded speed; without it as fast as it goes
    #[arg(long, value_name = "X", requires = "flow", value_parser = speed)]
    pub speed: Option<f64>,

    /// End after N seconds; without it at Ctrl-C
    #[arg(long, value_name = "N", conflicts_with = "flow", value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: Option<u64>,

    /// Seed of the participants' choices: the same one makes the same choices; without it, one is drawn and shown
    #[arg(long, value_name = "N", conflicts_with = "flow")]
    pub seed: Option<u64>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("not a number above zero, such as 1 or 0.5".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(args: &[&str]) -> Cli {
        Cli::try_parse_from([&["penstock"], args].concat()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(args: &[&str]) -> clap::Error {
        Cli::try_parse_from([&["penstock"], args].concat()).expect_err("was taken")
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_said_is_a_run_on_the_default_data_directory() {
        let cli = parsed(&[]);
        assert!(cli.command.is_none());
        assert_eq!(cli.settings.data, PathBuf::from("./penstock-data"));
        assert!(cli.settings.config.is_none() && cli.settings.set.is_empty());
    }

    #[test]
    fn settings_stand_before_or_behind_the_subcommand() {
        for args in [
            ["--set", "a=1", "--set", "b=2", "--data", "d", "gateway"],
            ["gateway", "--set", "a=1", "--set", "b=2", "--data", "d"],
        ] {
            let cli = parsed(&args);
            assert!(matches!(cli.command, Some(Command::Gateway { .. })));
            assert_eq!(cli.settings.set, ["a=1", "b=2"]);
            assert_eq!(cli.settings.data, PathBuf::from("d"));
        }
    }

    #[test]
    fn gateways_are_named_or_all_are_meant() {
        for (args, expected) in
            [(&["gateway"][..], &[][..]), (&["gateway", "fix", "--data", "d", "fix-2"], &["fix", "fix-2"])]
        {
            let Some(Command::Gateway { names }) = parsed(args).command else { panic!("{args:?}") };
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn a_demo_takes_speed_with_a_flow_only_and_only_above_zero() {
        assert!(matches!(
            parsed(&["demo", "--flow", "f.csv", "--speed", "2.5"]).command,
            Some(Command::Demo(Demo { speed: Some(2.5), .. }))
        ));
        for args in [
            &["demo", "--speed", "2"][..],
            &["demo", "--flow", "f", "--speed", "0"],
            &["demo", "--seconds", "0"],
        ] {
            assert_eq!(refused(args).exit_code(), i32::from(EXIT_REFUSED), "{args:?}");
        }
    }

    #[test]
    fn the_help_names_every_setting_and_subcommand_and_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        for word in [
            "--config",
            "--set",
            "--data",
            "run",
            "gateway",
            "matcher",
            "check",
            "config",
            "password",
            "rings",
            "admin",
            "session",
            "drain",
            "journal",
            "order",
            "demo",
            "top",
            "Exit codes",
            "mm1-demo",
            "9878",
            "PENSTOCK",
        ] {
            assert!(help.contains(word), "{word} is missing in\n{help}");
        }
    }
}
