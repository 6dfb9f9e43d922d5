//! `penstock session` and `penstock drain`: what can be asked of a gateway, its answers, and how they are shown.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use wire::reject::Reject;

use super::{
    GATEWAY_SOCKETS, client,
    request::{Answer, Refusal},
};

/// What can be asked of a gateway: `penstock session list` is `{"session":"list"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Of its sessions.
    Session(Session),
    /// To drain and end.
    Drain,
}

/// Of a gateway's sessions. ID is the client's CompID.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Session {
    /// All sessions, a line each
    List,
    /// All that is known of one session
    Show {
        /// Its client's CompID
        id: String,
    },
    /// Log a session out
    Disconnect {
        /// Its client's CompID
        id: String,
        /// What its client is told
        #[arg(long, default_value = "disconnected by an operator")]
        #[serde(default = "by_operator")]
        text: String,
    },
    /// Begin both sequence numbers of a session at 1; refused while it is connected
    Reset {
        /// Its client's CompID
        id: String,
    },
    /// Log a session out and let it in no more, until `enable` or the gateway's restart
    Disable {
        /// Its client's CompID
        id: String,
    },
    /// Limit what a session may send, until the gateway's restart; what is not named stays as it is
    Throttle {
        /// Its client's CompID
        id: String,
        /// Messages but cancels, up to 100000; 0 for any number
        #[arg(long, value_name = "N")]
        #[serde(default)]
        messages: Option<u32>,
        /// Cancels, up to 100000; 0 for any number
        #[arg(long, value_name = "N")]
        #[serde(default)]
        cancels: Option<u32>,
        /// For how many seconds a message counts: 1 to 3600
        #[arg(long, value_name = "N")]
        #[serde(default)]
        seconds: Option<u32>,
    },
    /// Let a disabled session in again
    Enable {
        /// Its client's CompID
        id: String,
    },
}

fn by_operator() -> String {
    "disconnected by an operator".to_owned()
}

/// What a gateway answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// What was done, a sentence each, and what was not.
    #[serde(flatten)]
    pub answer: Answer,
    /// The sessions asked for.
    pub sessions: Vec<View>,
}

/// A session as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The client's CompID.
    pub comp_id: String,
    /// The venue's.
    pub venue_comp_id: String,
    /// The version of FIX, by its BeginString.
    pub version: String,
    /// `away`, `logging on`, `logged on`, `logging out`.
    pub state: String,
    /// An operator has disabled it.
    pub disabled: bool,
    /// Where its connection comes from, or its last one came from.
    pub peer: Option<String>,
    /// When it came or went last, nanoseconds since 1970; 0: not since the gateway has started.
    pub since_ns: u64,
    /// The number expected next.
    pub next_in: u64,
    /// The number sent next.
    pub next_out: u64,
    /// Messages received since the gateway has started, by their numbers.
    pub messages_in: u64,
    /// Messages sent, likewise.
    pub messages_out: u64,
    /// Messages received in the last whole second.
    pub rate_in: u64,
    /// Messages sent in it.
    pub rate_out: u64,
    /// Bytes that wait to be sent.
    pub queue_bytes: usize,
    /// Messages are being sent again.
    pub resending: bool,
    /// How much of its limits is used.
    pub limits: Vec<Limit>,
    /// Messages refused for being too many.
    pub throttled: u64,
    /// Why its last connection ended.
    pub ended: Option<String>,
    /// Orders cancelled after the last loss of its connection.
    pub cancelled_orders: u64,
    /// From that loss to the last of these cancels, the grace time included, in nanoseconds.
    pub cancelled_ns: u64,
}

/// A limit of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// `messages` or `cancels`.
    pub what: String,
    /// How much is used.
    pub used: u32,
    /// How much there is.
    pub max: u32,
    /// For how many seconds a message counts.
    pub seconds: u32,
}

/// How long a gateway may take to answer: it looks every few milliseconds, and one that is stopped must not keep what others say
/// from being shown for long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks all gateways of the data directory `data`, and makes one answer of theirs.
pub(crate) fn ask(data: &Path, request: &Request) -> anyhow::Result<Response> {
    let mut names: Vec<String> = fs::read_dir(data)
        .map_err(|error| client::nobody(data, "penstock gateway", &error))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(GATEWAY_SOCKETS) && name.ends_with(".sock"))
        .collect();
    names.sort_unstable();
    let mut responses = Vec::new();
    for name in names {
        match client::connect(data, &name) {
            Ok(stream) => {
                responses.push(client::exchange(stream, request, PATIENCE).unwrap_or_else(|error| {
                    let text = format!("{name} does not answer: {error:#}");
                    Response::refusing(Refusal::bad(
                        text,
                        "look whether the gateway of this name is stopped or hangs",
                    ))
                }))
            }
            // What a gateway that was killed left.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(client::nobody(data, "penstock gateway", &error)),
        }
    }
    if responses.is_empty() {
        return Err(client::nobody(data, "penstock gateway", &"there is no gateway"));
    }
    Ok(merged(responses))
}

/// What several gateways say, as one. That a session is unknown to some of them is nothing to tell where another knows it.
fn merged(responses: Vec<Response>) -> Response {
    let mut all = Response::default();
    let mut unknown = Vec::new();
    for Response { answer: Answer { done, refused, .. }, sessions } in responses {
        all.answer.done.extend(done);
        all.sessions.extend(sessions);
        for refusal in refused {
            let is_unknown = refusal.code == Reject::UnknownSession as u16;
            if is_unknown { unknown.push(refusal) } else { all.answer.refused.push(refusal) }
        }
    }
    if all.answer.done.is_empty() && all.answer.refused.is_empty() && all.sessions.is_empty() {
        all.answer.refused.extend(unknown.into_iter().next());
    }
    all
}

/// Asks the gateways of the data directory `data`, and writes to `out` what they say, as `json` or for people.
///
/// # Errors
/// [`crate::refused::Refused`] if there is no gateway; anything else if it does not answer.
pub fn session(data: &Path, request: &Request, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let response = ask(data, request)?;
    if json {
        serde_json::to_writer_pretty(&mut *out, &response)?;
        writeln!(out)?;
    } else {
        match request {
            Request::Session(Session::Show { .. }) => {
                for view in &response.sessions {
                    out.write_all(card(view).as_bytes())?;
                }
            }
            Request::Session(Session::List) => out.write_all(table(&response.sessions).as_bytes())?,
            _ => {}
        }
        for done in &response.answer.done {
            writeln!(out, "{done}")?;
        }
    }
    Ok(client::exit_code(&response.answer))
}

const HEAD: [&str; 14] = [
    "session",
    "version",
    "state",
    "peer",
    "since",
    "next in",
    "next out",
    "in",
    "out",
    "in/s",
    "out/s",
    "queue",
    "limit",
    "throttled",
];
/// Columns of words, which stand to the left; the others are numbers.
const WORDS: usize = 5;

fn table(sessions: &[View]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(sessions.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

fn row(view: &View) -> [String; HEAD.len()] {
    let limit = view.limits.first().map_or("-".to_owned(), |limit| format!("{}/{}", limit.used, limit.max));
    [
        view.comp_id.clone(),
        view.version.clone(),
        state(view),
        view.peer.clone().unwrap_or("-".into()),
        since(view.since_ns),
        view.next_in.to_string(),
        view.next_out.to_string(),
        view.messages_in.to_string(),
        view.messages_out.to_string(),
        view.rate_in.to_string(),
        view.rate_out.to_string(),
        view.queue_bytes.to_string(),
        limit,
        view.throttled.to_string(),
    ]
}

fn state(view: &View) -> String {
    let mut state = view.state.clone();
    if view.resending {
        state += ", resending";
    }
    if view.disabled {
        state += ", disabled";
    }
    state
}

/// Date and time in UTC, to the second.
fn since(nanos: u64) -> String {
    if nanos == 0 {
        return "-".into();
    }
    let text = wire::fix::value::Clock::default().text(wire::types::Nanos(nanos));
    String::from_utf8_lossy(&text[.."20261120-12:00:00".len()]).into_owned()
}

fn card(view: &View) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _written = writeln!(text, "{name:<22}{value}");
    };
    line("session", view.comp_id.clone());
    line("venue's CompID", view.venue_comp_id.clone());
    line("version", view.version.clone());
    line("state", state(view));
    line("peer", view.peer.clone().unwrap_or("-".into()));
    line("since", since(view.since_ns));
    line("next number in, out", format!("{}, {}", view.next_in, view.next_out));
    line("messages in, out", format!("{}, {}", view.messages_in, view.messages_out));
    line("in the last second", format!("{}, {}", view.rate_in, view.rate_out));
    line("bytes to be sent", view.queue_bytes.to_string());
    for limit in &view.limits {
        let name = format!("limit of {}", limit.what);
        line(&name, format!("{} of {} in {} s used", limit.used, limit.max, limit.seconds));
    }
    line("refused as too many", view.throttled.to_string());
    line("last connection ended", view.ended.clone().unwrap_or("-".into()));
    if view.cancelled_orders > 0 {
        let (orders, nanos) = (view.cancelled_orders, view.cancelled_ns);
        line("cancelled on loss", format!("{orders} orders, the last one {nanos} ns after it"));
    }
    text
}

impl Response {
    /// That something cannot be done.
    #[must_use]
    pub fn refusing(refusal: Refusal) -> Response {
        Response { answer: Answer { refused: vec![refusal], ..Answer::default() }, sessions: Vec::new() }
    }

    /// That it is done.
    #[must_use]
    pub fn done(what: impl Into<String>) -> Response {
        Response { answer: Answer { done: vec![what.into()], ..Answer::default() }, sessions: Vec::new() }
    }
}
