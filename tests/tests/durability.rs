//! `venue.durability = "journal"`: whatever dies, the next one goes on where the former was.

use std::{
    collections::BTreeSet,
    env, fs,
    net::SocketAddr,
    os::unix::fs::FileExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock, clock, http,
    metrics::Metrics,
    trade::{BUY, SELL},
    venue::{Venue, admin, arguments, data_dir, listener},
};

/// Small files and stores: they are made and brought in with each start.
const SETTINGS: [&str; 3] =
    ["venue.durability=journal", "journal.segment_bytes=2097152", "fix.resend_bytes_max=1048576"];

fn matcher(data: &Path) -> Penstock {
    let process = Penstock::start(arguments("matcher", data, &SETTINGS));
    let _ = process.line("listening admin");
    process
}

fn gateway(data: &Path) -> (Penstock, SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &SETTINGS));
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// What a line of the log says of `key`.
#[track_caller]
fn said(line: &str, key: &str) -> String {
    let value = line.split_once(&format!("{key}=")).map(|(_, rest)| rest);
    let value = value.and_then(|rest| rest.split_whitespace().next());
    value.unwrap_or_else(|| panic!("no {key} in {line:?}")).trim_matches('"').to_owned()
}

#[track_caller]
fn line<'a>(log: &'a str, words: &str) -> &'a str {
    log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("no {words:?} in\n{log}"))
}

/// Waits until all that the matcher has taken is on the disk.
fn wait_for_the_disk(metrics: SocketAddr) {
    let until = Instant::now() + PATIENCE;
    loop {
        let told = Metrics::parse(&http::get(metrics, "/metrics").body).expect("metrics");
        let shard = [("shard", "0")];
        let [taken, durable] = ["penstock_matcher_commands_total", "penstock_journal_durable"]
            .map(|name| told.get(name, &shard).unwrap_or_default());
        if durable >= taken && taken > 0.0 {
            return;
        }
        assert!(Instant::now() < until, "{durable} of {taken} commands are on the disk");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A client whose orders stay, and what it was told of them.
struct Trader {
    client: Client,
    /// ClOrdIDs of orders that were acknowledged.
    accepted: BTreeSet<String>,
    asked: usize,
}

impl Trader {
    /// The next message that is not of the session's own: an acknowledgement, of which each order has one, is noted.
    #[track_caller]
    fn next(&mut self) -> Message {
        let message = self.client.receive_within(PATIENCE).expect("the venue keeps the connection");
        if message.field(150) == "0" {
            let id = message.field(11).to_owned();
            assert!(self.accepted.insert(id), "acknowledged again: {message}");
        }
        message
    }

    /// All orders that it has open, once there is a matcher that tells; each was told once.
    fn open_orders(&mut self) -> BTreeSet<String> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            self.asked += 1;
            let id = format!("all-{}", self.asked);
            self.client.send("AF", &[(584, &id), (585, "7")]);
            let mut open = BTreeSet::new();
            loop {
                let message = self.next();
                if message.kind() == "j" {
                    break; // there is none yet
                }
                if message.field(584) != id {
                    continue;
                }
                if message.field(37) == "NONE" {
                    if message.field(58).starts_with("there is no open order") {
                        return open;
                    }
                    break;
                }
                assert!(open.insert(message.field(11).to_owned()), "twice: {message}");
                if message.get(912) == Some("Y") {
                    return open;
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the venue does not tell which orders are open");
    }
}

fn order(client: &Client, seq: u64, id: &str) -> Vec<u8> {
    let time = clock::now();
    let fields = [(11, id), (55, "AAPL"), (54, SELL), (60, &time), (38, "1"), (40, "2"), (44, "600")];
    client.message("D", seq, &fields)
}

/// Orders go in as fast as they can, and the matcher is killed in the middle of them, while the client stays connected: the orders that
/// stand in the book are those that were acknowledged, each once, whichever matcher did it.
#[test]
fn a_matcher_that_is_killed_under_load_loses_nothing_that_was_acknowledged() {
    let rounds = if env::var_os("PENSTOCK_LONG").is_some() { 2_000 } else { 50 };
    let data = data_dir();
    let mut process = matcher(data.path());
    let (gateway, address) = gateway(data.path());
    let client = Client::logged_on(address, "MM1");
    let mut trader = Trader { client, accepted: BTreeSet::new(), asked: 0 };
    for round in 0..rounds {
        let client = &mut trader.client;
        let bytes: Vec<u8> = (0..60)
            .flat_map(|number| order(client, client.next_out + number, &format!("{round}-{number}")))
            .collect();
        client.next_out += 60;
        client.send_bytes(&bytes).expect("the venue keeps the connection");
        for _ in 0..(round * 37) % 50 {
            trader.next();
        }
        process.kill9();
        process = matcher(data.path());
        let open = trader.open_orders();
        assert!(
            open == trader.accepted,
            "open and not acknowledged, or the other way round: {:?}",
            open.symmetric_difference(&trader.accepted)
        );
    }
    assert!(trader.accepted.len() > 60);
    gateway.stop().assert_no_panic();
    // All of it, once more: stopped and started.
    let stopped = process.stop();
    let stopped = line(&stopped.stderr, "matcher stopped");
    let process = matcher(data.path());
    let read = process.logged(&["the journal is read"]);
    for key in ["seq", "state", "orders"] {
        assert_eq!(said(stopped, key), said(&read, key), "{stopped}\n{read}");
    }
    process.stop().assert_no_panic();
}

/// A trade, and orders that stay.
fn trade(venue: &Venue) -> (Message, Vec<String>) {
    let (mut maker, mut taker) = (venue.client("MM1"), venue.client("MM2"));
    maker.limit("offer", SELL, "10", "585.00");
    maker.execution(&[(11, "offer"), (150, "0")]);
    taker.limit("take", BUY, "4", "585.00");
    taker.execution(&[(11, "take"), (150, "0")]);
    let fill = taker.execution(&[(11, "take"), (150, "F"), (32, "4")]);
    maker.execution(&[(11, "offer"), (150, "F"), (151, "6")]);
    taker.limit("bid", BUY, "3", "580.00");
    taker.execution(&[(11, "bid"), (150, "0")]);
    let open = venue.admin("orders --open").lines().map(str::to_owned).collect();
    (fill, open)
}

#[test]
fn a_venue_that_is_killed_whole_goes_on_where_it_was() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    let (fill, open) = trade(&venue);
    assert_eq!(open.len(), 3, "a heading and two orders: {open:?}");
    let id = fill.field(37).to_owned();
    wait_for_the_disk(venue.metrics());
    venue.kill9();

    let venue = Venue::start_in(data.path(), &SETTINGS);
    assert_eq!(venue.admin("orders --open").lines().collect::<Vec<_>>(), open);
    let ended = venue.admin(&format!("orders --order-id {id}"));
    assert!(ended.contains("\ttake\t") && ended.contains("\tfilled\t"), "{ended}");
    // Sequence and identifiers go on, and what stood in the book trades.
    let mut taker = venue.client("MM2");
    taker.limit("more", BUY, "6", "585.00");
    taker.execution(&[(11, "more"), (150, "0")]);
    let more = taker.execution(&[(11, "more"), (150, "F"), (39, "2"), (32, "6"), (31, "585")]);
    assert_ne!(more.field(17), fill.field(17));
    assert!(more.field(37).parse::<u64>().unwrap() > id.parse().unwrap(), "{more}");
    venue.stop().assert_no_panic();
}

#[test]
fn a_venue_that_is_stopped_goes_on_where_it_was() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    venue
        .process
        .logged(&["the journal is written past the kernel's cache", "written with pwrite and fdatasync"]);
    let (_, open) = trade(&venue);
    let stopped = venue.stop();
    stopped.assert_no_panic();
    let (matcher, journal) =
        (line(&stopped.stderr, "matcher stopped"), line(&stopped.stderr, "journal stopped"));
    assert_eq!(said(matcher, "seq"), said(journal, "durable"), "all of it is on the disk");
    let venue = Venue::start_in(data.path(), &SETTINGS);
    let read = venue.process.logged(&["the journal is read"]);
    for key in ["seq", "state", "orders"] {
        assert_eq!(said(matcher, key), said(&read, key), "{matcher}\n{read}");
    }
    assert_eq!(venue.admin("orders --open").lines().collect::<Vec<_>>(), open);
    // Without the journal books are empty, which is said.
    venue.stop().assert_no_panic();
    let venue = Venue::start_in(data.path(), &SETTINGS[2..]);
    venue.process.logged(&["there is a journal, and it is not read"]);
    assert_eq!(venue.admin("orders --open").lines().count(), 1);
    venue.stop().assert_no_panic();
}

/// The first segment of the journal.
fn segment(data: &Path) -> std::path::PathBuf {
    data.join("journal").join(format!("{:016}.journal", 1))
}

#[test]
fn a_journal_that_has_changed_or_misses_something_refuses_the_start_with_a_remedy() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    let _ = trade(&venue);
    venue.stop().assert_no_panic();
    let refused = |words: &[&str]| {
        let mut process = Penstock::start(arguments("run", data.path(), &SETTINGS));
        process.end().assert_refusal(words);
    };
    let path = segment(data.path());
    let file = fs::File::options().read(true).write(true).open(&path).expect("a segment");
    let mut byte = [0];
    file.read_exact_at(&mut byte, 4096 + 100).expect("a commit");
    file.write_all_at(&[byte[0] ^ 1], 4096 + 100).expect("it can be changed");
    refused(&["0000000000000001.journal is corrupt at byte 4096", "put back a copy of this file"]);
    file.write_all_at(&byte, 4096 + 100).expect("it can be changed back");

    let second = path.with_file_name(format!("{:016}.journal", 2));
    let aside = data.path().join("aside");
    fs::rename(&second, &aside).expect("it is there");
    refused(&["0000000000000002.journal", "missing", "put it back"]);
    fs::rename(&aside, &second).expect("it is there");
    let venue = Venue::start_in(data.path(), &SETTINGS);
    venue.stop().assert_no_panic();
}

/// What the operator has asked for is kept too.
#[test]
fn what_operators_have_changed_outlives_the_venue() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    venue.admin("account add carol");
    venue.admin("instrument state AAPL halted");
    wait_for_the_disk(venue.metrics());
    venue.kill9();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    let again = admin(&venue.data, "account add carol");
    assert_eq!(again.code, Some(1), "it is there: {again:?}");
    let mut client = venue.client("MM1");
    client.limit("a", SELL, "1", "600");
    let report = client.report();
    report.assert(&[(35, "8"), (150, "8")]);
    venue.stop().assert_no_panic();
}
