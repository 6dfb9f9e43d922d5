//! `penstock top` without a terminal: everything once, as text, of a venue in one process and of one in several.

use penstock_tests::{
    Client, PATIENCE, Penstock,
    process::Ended,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};
use std::{path::Path, time::Instant};

fn top(data: &Path) -> Ended {
    let data = data.to_str().expect("a plain name");
    Penstock::start(["top", "--once", "--interval-ms", "1000", "--data", data]).end_within(PATIENCE)
}

/// The words of the line below `page` that begins with `first`.
#[track_caller]
fn row<'t>(text: &'t str, page: &str, first: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| *line != page).skip(1);
    let mut lines = lines.take_while(|line| !line.is_empty());
    let line = lines.find(|line| line.starts_with(first));
    line.unwrap_or_else(|| panic!("no {first} in {page}:\n{text}")).split_whitespace().collect()
}

#[test]
fn a_venue_is_shown_with_its_sessions_rings_latency_and_instruments() {
    let venue = Venue::start(&[]);
    let mut maker = venue.client("MM1");
    let mut taker = venue.client("MM2");
    maker.limit("a", SELL, "5", "585.25");
    maker.execution(&[(11, "a"), (150, "0")]);
    taker.limit("b", BUY, "2", "585.25");
    taker.execution(&[(11, "b"), (150, "0")]);
    taker.execution(&[(11, "b"), (150, "F")]);
    maker.execution(&[(11, "a"), (150, "F")]);
    // What sessions are summed to is a second old at most: it is looked at until it is there.
    let counted = |text: &str| text.lines().any(|line| line.contains("received") && line.contains(" order "));
    let until = Instant::now() + PATIENCE;
    let shown = loop {
        let shown = top(&venue.data);
        if counted(&shown.stdout) || Instant::now() >= until {
            break shown;
        }
    };
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{shown:#?}");
    let text = &shown.stdout;
    assert!(text.contains("1 open orders") && text.contains(" sessions logged on"), "{text}");
    assert_eq!(row(text, "Sessions", "MM1")[..4], ["MM1", "FIX.4.4", "logged", "on"], "{text}");
    assert_eq!(row(text, "Sessions", "MM3")[2], "away", "{text}");
    let ring = row(text, "Rings", "commands-0");
    assert_eq!(ring[1], "yes", "{text}");
    assert_eq!(row(text, "Instruments", "AAPL")[..5], ["AAPL", "-", "585.25", "585.25", "1"], "{text}");
    let report = row(text, "Latency", "message in to report");
    assert_eq!(report[4], "gateway-0", "{text}");
    // Something took some time, ever.
    assert_ne!(report[report.len() - 1], "-", "{text}");
    assert!(counted(text), "{text}");
    assert!(!text.lines().any(|line| line.starts_with('!')), "nothing is wrong:\n{text}");
    maker.log_out();
    taker.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn a_venue_in_two_processes_is_shown_as_one_and_what_is_missing_is_said() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let _ = matcher.line("waiting for the gateway");
    let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
    let _ = gateway.line("ready");
    let client = Client::logged_on(listener(&gateway, "fix"), "MM1");
    let text = top(data.path()).stdout;
    assert_eq!(row(&text, "Sessions", "MM1")[2..4], ["logged", "on"], "{text}");
    row(&text, "Instruments", "AAPL");
    row(&text, "Latency", "matcher in to out");
    matcher.kill9();
    gateway.logged(&["the matcher is gone"]);
    let shown = top(data.path());
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(shown.stdout.contains("! gateway-0 sees no matcher"), "{}", shown.stdout);
    drop(client);
    gateway.stop().assert_no_panic();
    let nobody = top(data.path());
    assert_eq!(nobody.code, Some(2), "{nobody:#?}");
    assert!(nobody.stderr.contains("no venue answers"), "{nobody:#?}");
}
