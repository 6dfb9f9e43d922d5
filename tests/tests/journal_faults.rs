//! What a venue that keeps a journal has after its processes were killed and its files were harmed: everything that anybody was
//! told of, exactly once, and nothing by half.
//!
//! The journal is read by `penstock journal`, and compared with what clients were told over their sockets and with what the
//! venue says of its own state. `PENSTOCK_ROUNDS` says how many kills there are, `PENSTOCK_SEED` which.

use std::{
    collections::{HashMap, HashSet},
    env,
    net::SocketAddr,
    path::Path,
    process::Output,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock, clock,
    fix::NoMessage,
    process::command,
    venue::{arguments, data_dir, listener},
};
use serde_json::Value;

/// Small tables and files, so that a start takes little.
const SETTINGS: &[&str] = &[
    "venue.durability=journal",
    "journal.segment_bytes=2097152",
    "journal.reserve_bytes=0",
    "matcher.open_orders_max=20000",
    "matcher.finished_orders_max=20000",
    "rings.prefault=false",
    "fix.resend_bytes_max=1048576",
    "binary.resend_bytes_max=1048576",
];
/// Orders of a client that wait for their answers.
const WINDOW: usize = 50;

/// Numbers that look random (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn from_env(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// `penstock journal` with these words on the data directory `data`.
fn journal(data: &Path, words: &str) -> Output {
    let settings = SETTINGS.iter().flat_map(|setting| ["--set", setting]);
    let data = ["journal", "--data", data.to_str().expect("a plain name")];
    let words = words.split_whitespace();
    command(data.into_iter().chain(settings).chain(words)).output().expect("penstock starts")
}

/// What it says, where all is well.
#[track_caller]
fn said(data: &Path, words: &str) -> String {
    let output = journal(data, words);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{words}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[track_caller]
fn replay(data: &Path, until: Option<u64>) -> Value {
    let until = until.map_or_else(String::new, |seq| format!("--until {seq}"));
    serde_json::from_str(&said(data, &format!("replay --json {until}"))).expect("JSON")
}

/// Starts part `role` of the venue, and waits until it is as ready as it is without the other part.
fn start(role: &str, data: &Path) -> Penstock {
    let process = Penstock::start(arguments(role, data, SETTINGS));
    let _ = process.line(if role == "matcher" { "listening admin" } else { "ready" });
    process
}

/// What is said in `line` of `name`: the text behind `name=`, without quotes.
fn told<'l>(line: &'l str, name: &str) -> &'l str {
    let behind = line.split(&format!(" {name}=")).nth(1).unwrap_or_else(|| panic!("no {name} in {line}"));
    behind.split_whitespace().next().unwrap_or_default().trim_matches('"')
}

/// What a client was told, and what it had sent that nobody answered.
struct Heard {
    reports: Vec<Message>,
    unanswered: HashSet<String>,
    /// Whether its connection was still there at the end.
    is_connected: bool,
}

/// Sends orders as `comp_id`, of both sides around one price, until `stop`, and takes what comes of them; `names` begins their names.
/// When it is in, it waits at `begin`.
fn trade(
    address: SocketAddr,
    comp_id: &str,
    names: &str,
    seed: u64,
    begin: &Barrier,
    stop: &AtomicBool,
) -> Heard {
    let mut heard = Heard { reports: Vec::new(), unanswered: HashSet::new(), is_connected: true };
    let mut random = Random(seed);
    let mut client = Client::logged_on(address, comp_id);
    begin.wait();
    let mut sent = 0;
    let mut until = None;
    loop {
        if until.is_none() && !stop.load(Ordering::Acquire) {
            while heard.unanswered.len() < WINDOW {
                sent += 1;
                let name = format!("{names}-{sent}");
                let (side, quantity) =
                    (["1", "2"][usize::try_from(random.below(2)).unwrap()], 1 + random.below(9));
                let price = format!("{}.00", 580 + random.below(10));
                let (time, quantity) = (clock::now(), quantity.to_string());
                let order = [
                    (11, name.as_str()),
                    (55, "AAPL"),
                    (54, side),
                    (60, &time),
                    (38, &quantity),
                    (40, "2"),
                    (44, &price),
                ];
                let bytes = client.message("D", client.next_out, &order);
                client.next_out += 1;
                heard.unanswered.insert(name);
                if client.send_bytes(&bytes).is_err() {
                    break;
                }
            }
        } else {
            // A connection that was kept is answered on, sooner or later.
            let until = *until.get_or_insert_with(|| Instant::now() + PATIENCE);
            if heard.unanswered.is_empty() || Instant::now() > until {
                return heard;
            }
        }
        match client.receive_ahead(Duration::from_millis(2)) {
            Err(NoMessage::Silence) => {}
            Err(NoMessage::Closed) => {
                heard.is_connected = false;
                return heard;
            }
            Ok(message) => {
                if message.kind() == "8" || message.kind() == "j" {
                    heard.unanswered.remove(message.field(11));
                    heard.unanswered.remove(message.field(379));
                    heard.reports.push(message);
                }
            }
        }
    }
}

/// What the journal says of one event: what a report of it has to say.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    kind: String,
    session: String,
    cl_ord_id: String,
    order: u64,
    leaves: i128,
    cum: i128,
}

/// Every event, by its identifier, that the journal's commands cause.
fn events(data: &Path) -> HashMap<u64, Said> {
    let mut events = HashMap::new();
    let mut accepted = HashSet::new();
    for line in said(data, "dump --events --json").lines() {
        let command: Value = serde_json::from_str(line).expect("JSON");
        for event in command["events"].as_array().into_iter().flatten() {
            let says = &event["says"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let decimal = |name: &str| units(says[name].as_str().unwrap_or("0"));
            let said = Said {
                kind: text(&event["kind"]),
                session: text(&event["session"]),
                cl_ord_id: text(&says["cl_ord_id"]),
                order: says["order"].as_u64().unwrap_or(0),
                leaves: decimal("leaves"),
                cum: decimal("cum"),
            };
            if said.kind == "accepted" {
                let name = (said.session.clone(), said.cl_ord_id.clone());
                assert!(accepted.insert(name), "accepted twice: {said:?}");
            }
            let id = event["event_id"].as_u64().expect("a number");
            assert!(events.insert(id, said).is_none(), "event {id} is there twice");
        }
    }
    events
}

/// A decimal in units of 10^-9.
fn units(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<9}").parse().unwrap_or_else(|_| panic!("{text} is no decimal"))
}

/// Insists that everything that `comp_id` was told is in the journal, just so.
fn check(reports: &[Message], comp_id: &str, events: &HashMap<u64, Said>) -> usize {
    let mut checked = 0;
    let mut seen = HashSet::new();
    for report in reports.iter().filter(|report| report.kind() == "8") {
        // The gateway's own refusals are of no event.
        let Ok(id) = report.field(17).parse::<u64>() else { continue };
        if report.get(43).is_none() && report.get(97).is_none() {
            assert!(seen.insert(id), "{comp_id} was told of event {id} twice: {report}");
        }
        let said = events.get(&id).unwrap_or_else(|| panic!("the journal has no event {id}: {report}"));
        let kind = match report.field(150) {
            "0" => "accepted",
            "F" => "fill",
            "4" => "canceled",
            "8" => "rejected",
            other => panic!("ExecType {other} in {report}"),
        };
        let expected = Said {
            kind: kind.to_owned(),
            session: comp_id.to_owned(),
            cl_ord_id: report.field(11).to_owned(),
            order: report.field(37).parse().unwrap_or(0),
            leaves: report.decimal(151),
            cum: report.decimal(14),
        };
        assert_eq!(*said, expected, "event {id}");
        checked += 1;
    }
    checked
}

/// What of the venue is killed.
const KILLED: [(&str, [bool; 2]); 3] =
    [("the matcher", [true, false]), ("the gateway", [false, true]), ("both", [true, true])];

#[test]
fn whatever_is_killed_all_that_was_told_is_there_once() {
    let rounds = from_env("PENSTOCK_ROUNDS", 50);
    let seed = from_env("PENSTOCK_SEED", clock::nanos());
    println!("PENSTOCK_ROUNDS={rounds} PENSTOCK_SEED={seed}");
    let mut random = Random(seed);
    let place = data_dir();
    let data = place.path();
    let (mut matcher, mut gateway) = (start("matcher", data), start("gateway", data));
    let funds = replay(data, None)["funds"].clone();
    let mut reports: HashMap<&str, Vec<Message>> = HashMap::new();
    let mut answered_on = 0;
    for round in 0..rounds {
        let (what, [kills_matcher, kills_gateway]) = KILLED[usize::try_from(random.below(3)).unwrap()];
        let address = listener(&gateway, "fix");
        let (begin, stop) = (Barrier::new(3), AtomicBool::new(false));
        let seeds = [random.below(1 << 30), random.below(1 << 30)];
        let names = format!("r{round}");
        let wait = Duration::from_micros(1_000 + random.below(40_000));
        let heard = thread::scope(|scope| {
            let traders = [("MM1", seeds[0]), ("MM2", seeds[1])].map(|(comp_id, seed)| {
                let (begin, stop, names) = (&begin, &stop, &names);
                scope.spawn(move || (comp_id, trade(address, comp_id, names, seed, begin, stop)))
            });
            begin.wait();
            // When is what this is about.
            thread::sleep(wait);
            if kills_gateway {
                let killed = std::mem::replace(&mut gateway, Penstock::start(["config"]));
                killed.kill9();
            }
            if kills_matcher {
                let killed = std::mem::replace(&mut matcher, Penstock::start(["config"]));
                killed.kill9();
                matcher = start("matcher", data);
            }
            if kills_gateway {
                gateway = start("gateway", data);
            }
            stop.store(true, Ordering::Release);
            traders.map(|trader| trader.join().expect("a trader that ends"))
        });
        for (comp_id, heard) in heard {
            assert_eq!(heard.is_connected, !kills_gateway, "round {round}: {comp_id} when {what} was killed");
            if heard.is_connected {
                answered_on += 1;
                let left = &heard.unanswered;
                assert!(
                    left.is_empty(),
                    "round {round}: when {what} was killed nobody answered {comp_id} on {left:?}"
                );
            }
            reports.entry(comp_id).or_default().extend(heard.reports);
        }
        if kills_matcher {
            let line = matcher.logged(&["the journal is read"]);
            let seq = told(&line, "seq").parse().expect("a number");
            let replayed = replay(data, Some(seq));
            assert_eq!(replayed["state_hash"], told(&line, "state"), "round {round}: {line}");
        }
    }
    gateway.stop().assert_no_panic();
    let ended = matcher.stop();
    let line = ended.stderr.lines().find(|line| line.contains("matcher stopped")).expect("it says so");
    let replayed = replay(data, None);
    assert_eq!(replayed["seq"].to_string(), told(line, "seq"));
    assert_eq!(replayed["state_hash"], told(line, "state"));
    assert_eq!(replayed["funds"], funds, "nothing was made, nothing was lost");
    assert!(said(data, "verify").ends_with("whole\n"));
    let events = events(data);
    let mut checked = 0;
    for (comp_id, reports) in &reports {
        checked += check(reports, comp_id, &events);
    }
    println!("{checked} reports of {} events, {answered_on} connections kept", events.len());
    assert!(checked > 10 * usize::try_from(rounds).unwrap(), "{checked} reports");
}
