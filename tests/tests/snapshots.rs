//! Snapshots: a start takes the newest good one and replays what came later; and a venue goes on under another configuration.

use std::{
    fs,
    path::{Path, PathBuf},
};

use penstock_tests::{
    Penstock,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir},
};

/// Small files and stores, and a snapshot behind every few commands.
const SETTINGS: [&str; 4] = [
    "venue.durability=journal",
    "journal.segment_bytes=2097152",
    "journal.snapshot_bytes=4096",
    "fix.resend_bytes_max=1048576",
];

/// The files of snapshots, oldest first.
fn snapshots(data: &Path) -> Vec<PathBuf> {
    let files =
        fs::read_dir(data.join("journal")).expect("a journal").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|end| end == "snapshot")).collect();
    files.sort();
    files
}

fn open_orders(venue: &Venue) -> Vec<String> {
    venue.admin("orders --open").lines().map(str::to_owned).collect()
}

/// An order that stays, and is acknowledged, so that it is on the disk.
fn rests(venue: &Venue, id: &str, side: &str, price: &str) {
    let mut client = venue.client("MM1");
    client.limit(id, side, "10", price);
    client.execution(&[(11, id), (150, "0")]);
}

#[test]
fn a_start_takes_the_newest_good_snapshot_and_what_the_journal_has_behind_it() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    rests(&venue, "first", SELL, "585");
    venue.process.logged(&["a snapshot is made"]);
    venue.kill9();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    venue.process.logged(&["a snapshot is loaded"]);
    rests(&venue, "second", BUY, "580");
    venue.process.logged(&["a snapshot is made"]);
    rests(&venue, "third", BUY, "579");
    let open = open_orders(&venue);
    assert_eq!(open.len(), 4, "a heading and three orders: {open:?}");
    venue.kill9();

    let venue = Venue::start_in(data.path(), &SETTINGS);
    venue.process.logged(&["a snapshot is loaded"]);
    assert_eq!(open_orders(&venue), open);
    venue.stop().assert_no_panic();

    let files = snapshots(data.path());
    let newest = files.last().expect("one was made");
    let mut bytes = fs::read(newest).expect("it can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(newest, bytes).expect("it can be changed");
    let venue = Venue::start_in(data.path(), &SETTINGS);
    let passed = venue.process.logged(&["a snapshot is passed over"]);
    assert!(passed.contains("its checksum is wrong"), "{passed}");
    assert_eq!(open_orders(&venue), open, "the older one, or the journal alone, leads there too");
    // What stands in the book trades.
    let mut taker = venue.client("MM2");
    taker.limit("take", BUY, "10", "585");
    taker.execution(&[(11, "take"), (150, "0")]);
    taker.execution(&[(11, "take"), (150, "F"), (39, "2"), (32, "10")]);
    venue.stop().assert_no_panic();
}

#[test]
fn a_venue_goes_on_under_another_configuration_unless_what_is_there_does_not_fit() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &SETTINGS);
    rests(&venue, "first", SELL, "585");
    rests(&venue, "second", BUY, "580");
    let open = open_orders(&venue);
    venue.stop().assert_no_panic();

    let with = |setting| [&SETTINGS[..], &[setting]].concat();
    let mut refused = Penstock::start(arguments("run", data.path(), &with("matcher.open_orders_max=1")));
    refused.end().assert_refusal(&[
        "the venue cannot go on from its journal under this configuration",
        "open_orders_max has room for 1, and 2 are there; raise it to 2 at least",
    ]);
    // The same from the journal alone, twice: under the former configuration, and then under this one.
    for _ in 0..2 {
        let venue = Venue::start_in(data.path(), &with("matcher.open_orders_max=2"));
        assert_eq!(open_orders(&venue), open);
        let mut client = venue.client("MM1");
        client.limit("third", BUY, "1", "579");
        client.execution(&[(11, "third"), (150, "8")]);
        venue.kill9();
    }
    let venue = Venue::start_in(data.path(), &SETTINGS);
    rests(&venue, "fourth", BUY, "578");
    venue.stop().assert_no_panic();
}
