//! `penstock rings`: what an operator sees of a venue's rings, on a running venue and on a killed one.

use std::{collections::HashMap, path::Path, process::Output};

use penstock_tests::{
    process::command,
    trade::BUY,
    venue::{Venue, data_dir},
};
use rustix::process::Pid;

/// What the table says of one ring.
#[derive(Debug)]
struct Row {
    producer: (i32, String),
    consumer: (i32, String),
    depth: u64,
    peak: u64,
    capacity: u64,
    messages: u64,
    bytes: u64,
    stalls: u64,
}

fn output(data: &Path, rings: &Path) -> Output {
    let directory = format!("rings.directory={}", rings.display());
    let mut command = command(["rings", "--data", data.to_str().expect("plain names"), "--set", &directory]);
    command.output().expect("penstock starts")
}

/// The rows of the table for the first gateway's rings, by the ring's name. Those of others, and the operator's, are there too.
fn rings(data: &Path, rings: &Path) -> HashMap<String, Row> {
    let output = output(data, rings);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [name, "ring", producer, alive, _, consumer, lives, _, numbers @ ..] = &cells[..] else {
            return None;
        };
        let number = |place: usize| numbers[place].parse().unwrap_or_else(|_| panic!("{text}"));
        let side =
            |pid: &str, state: &str| (pid.parse().unwrap_or_else(|_| panic!("{text}")), state.to_owned());
        let row = Row {
            producer: side(producer, alive),
            consumer: side(consumer, lives),
            depth: number(0),
            peak: number(1),
            capacity: number(2),
            messages: number(3),
            bytes: number(4),
            stalls: number(5),
        };
        Some(((*name).to_owned(), row))
    };
    let of_first = |line: &&str| line.starts_with("commands-0 ") || line.starts_with("events-0 ");
    let rings: HashMap<String, Row> = text.lines().filter(of_first).filter_map(row).collect();
    assert_eq!(rings.len(), 2, "one each way: {text}");
    rings
}

fn pid(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

/// Has the venue answer `orders` orders that stay open.
fn trade(venue: &Venue, session: &str, orders: u64) {
    let mut client = venue.client(session);
    for order in 0..orders {
        client.limit(&format!("o{order}"), BUY, "1", "500");
        client.execution(&[(150, "0")]);
    }
}

#[test]
fn a_running_venue_shows_its_rings_and_goes_on() {
    let (data, place) = (data_dir(), data_dir());
    let venue = Venue::start_in(data.path(), &[&format!("rings.directory={}", place.path().display())]);
    trade(&venue, "MM1", 10);
    let before = rings(data.path(), place.path());
    assert_eq!(before.len(), 2, "one each way: {before:?}");
    let me = (pid(venue.process.pid()), "alive".to_owned());
    for row in before.values() {
        assert_eq!((&row.producer, &row.consumer), (&me, &me));
        assert!(row.messages >= 10 && row.bytes >= 10 * 8, "{row:?}");
        assert!(row.peak > 0 && row.peak <= row.capacity && row.depth <= row.capacity, "{row:?}");
        assert_eq!(row.stalls, 0, "{row:?}");
    }
    trade(&venue, "MM2", 10);
    for (name, row) in rings(data.path(), place.path()) {
        assert!(row.messages >= before[&name].messages + 10, "{name}: {row:?} after {:?}", before[&name]);
    }
    venue.stop();
    let left = output(data.path(), place.path());
    assert!(left.status.success());
    assert!(String::from_utf8_lossy(&left.stdout).starts_with("no rings: "), "it took its rings with it");
}

#[test]
fn a_killed_venue_shows_what_it_left_and_looking_changes_nothing() {
    let (data, place) = (data_dir(), data_dir());
    let venue = Venue::start_in(data.path(), &[&format!("rings.directory={}", place.path().display())]);
    trade(&venue, "MM1", 10);
    let dead = (pid(venue.process.pid()), "dead".to_owned());
    venue.kill9();
    let first = output(data.path(), place.path()).stdout;
    let left = rings(data.path(), place.path());
    assert_eq!(left.len(), 2, "{left:?}");
    for row in left.values() {
        assert_eq!((&row.producer, &row.consumer), (&dead, &dead));
        assert!(row.messages >= 10, "{row:?}");
    }
    assert_eq!(output(data.path(), place.path()).stdout, first);
}

#[test]
fn a_data_directory_that_is_not_there_is_refused_with_a_remedy() {
    let data = data_dir();
    let missing = data.path().join("none");
    let output = output(&missing, data.path());
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains(missing.to_str().expect("plain names")) && error.contains("--data"), "{error}");
}

#[test]
fn a_venue_with_every_option_of_memory_runs_and_says_what_it_was_not_given() {
    let settings = ["rings.prefault=false", "rings.lock=true", "rings.huge_pages=true"];
    let venue = Venue::start(&settings);
    trade(&venue, "MM1", 1);
    let allowed = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/shmem_enabled");
    if allowed.is_ok_and(|mode| mode.contains("[never]") || mode.contains("[deny]")) {
        venue.process.logged(&["no huge pages here"]);
    }
    venue.stop();
}
