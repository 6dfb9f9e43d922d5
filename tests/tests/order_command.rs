//! `penstock order` against a venue: what it shows, what it returns, and where it takes passwords from.

use std::{fs, io::Write, net::SocketAddr, os::unix::fs::PermissionsExt, process::Stdio};

use penstock_tests::{
    Penstock, Venue,
    process::{Ended, command, program},
    venue::listener,
};
use serde_json::Value;

/// A venue, and where its binary acceptor listens.
fn start(settings: &[&str]) -> (Venue, SocketAddr) {
    let venue = Venue::start(settings);
    let address = listener(&venue.process, "binary");
    (venue, address)
}

/// What `penstock order` says to `request` at `address`.
fn order(address: SocketAddr, request: &str) -> Ended {
    let place = ["order".to_owned(), "--address".to_owned(), address.to_string()];
    Penstock::start(place.into_iter().chain(request.split_whitespace().map(str::to_owned))).end()
}

/// The same, which must be done: its reports, read from their lines of JSON.
#[track_caller]
fn done(address: SocketAddr, request: &str) -> Vec<Value> {
    let ended = order(address, &format!("{request} --json"));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{request}: {ended:#?}");
    lines(&ended)
}

#[track_caller]
fn lines(ended: &Ended) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    ended.stdout.lines().map(read).collect()
}

fn events(reports: &[Value]) -> Vec<&str> {
    reports.iter().map(|report| report["event"].as_str().unwrap()).collect()
}

#[test]
fn the_tutorials_order_is_placed_without_a_word_of_setting_up() {
    let (venue, address) = start(&[]);
    let ended = order(address, "place BTCUSDT buy 0.01 --limit 50000");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:#?}");
    let rows: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(rows.len(), 3, "{ended:#?}");
    assert!(rows[0].starts_with("event") && rows[0].ends_with("name"), "{}", rows[0]);
    assert!(rows[1].starts_with("accepted") && rows[1].contains("50000"), "{}", rows[1]);
    assert!(rows[2].starts_with("status") && rows[2].contains("open"), "{}", rows[2]);
    venue.stop();
}

#[test]
fn an_order_is_placed_changed_looked_at_traded_and_cancelled() {
    let (venue, address) = start(&[]);
    let placed = done(address, "place AAPL sell 10 --limit 590 --name first --time-in-force gtc");
    assert_eq!(events(&placed), ["accepted", "status"]);
    assert_eq!((&placed[0]["name"], &placed[0]["price"]), (&"first".into(), &"590".into()));
    let stamps = &placed[0]["stamps_ns"];
    let stamp = |key: &str| stamps[key].as_u64().unwrap();
    assert!(stamp("gateway_in") > 0 && stamp("gateway_in") <= stamp("matcher_out"), "{stamps}");

    let replaced = done(address, "replace AAPL first --limit 588 --name second");
    assert_eq!(events(&replaced), ["replaced"]);
    assert_eq!((&replaced[0]["quantity"], &replaced[0]["price"]), (&"10".into(), &"588".into()));
    assert_eq!(replaced[0]["former_name"], "first");

    let bought = done(address, "--session BM2 place AAPL buy 4 --limit 589");
    assert_eq!(events(&bought), ["accepted", "filled", "status"]);
    assert_eq!((&bought[1]["fill"]["price"], &bought[1]["fill"]["quantity"]), (&"588".into(), &"4".into()));
    assert_eq!((&bought[2]["status"], &bought[2]["left"]), (&"filled".into(), &"0".into()));

    let open = done(address, "status");
    assert_eq!(open.len(), 1);
    assert_eq!((&open[0]["name"], &open[0]["left"]), (&"second".into(), &"6".into()));
    let number = open[0]["order"].as_u64().unwrap();
    assert_eq!(done(address, "status AAPL second")[0]["filled"], "4");

    let cancelled = done(address, &format!("cancel AAPL #{number}"));
    assert_eq!((events(&cancelled), &cancelled[0]["cause"]), (vec!["canceled"], &"requested".into()));
    assert!(done(address, "status").is_empty());
    venue.stop();
}

#[test]
fn a_refusal_is_exit_code_1_with_the_reason_and_its_remedy() {
    let (venue, address) = start(&[]);
    let ended = order(address, "place BTCUSDT buy 0.01 --limit 50000.001");
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("PriceOffTick") && ended.stdout.is_empty(), "{ended:#?}");
    let ended = order(address, "place BTCUSDT buy 0.01 --limit 50000.001 --json");
    let refused = &lines(&ended)[0];
    assert_eq!((&refused["event"], &refused["reject"]["name"]), (&"refused".into(), &"PriceOffTick".into()));
    assert!(!refused["reject"]["remedy"].as_str().unwrap().is_empty());
    let ended = order(address, "cancel BTCUSDT nobodys");
    assert!(ended.code == Some(1) && ended.stderr.contains("UnknownOrder"), "{ended:#?}");
    let ended = order(address, "status BTCUSDT nobodys --json");
    assert_eq!(ended.code, Some(1));
    assert_eq!(lines(&ended)[0]["reject"]["name"], "UnknownOrder");
    let ended = order(address, "place BTCEUR buy 1 --limit 1");
    assert!(ended.code == Some(1) && ended.stderr.contains("no instrument \"BTCEUR\""), "{ended:#?}");
    venue.stop();
}

#[test]
fn what_there_is_no_way_to_begin_with_is_exit_code_2_and_says_what_to_do() {
    let (venue, address) = start(&[]);
    for (request, why) in [
        ("--session NOBODY place AAPL buy 1 --limit 500", "--password-file"),
        ("--session TOOLONG place AAPL buy 1 --limit 500", "--password-file"),
        ("place AAPL buy --limit 500", "quantity"),
        ("place AAPL sell --spend 500", "--spend is for buying"),
        ("cancel AAPL #first", "no number of an order"),
        ("--password-fd 77 status", "--password-fd 77"),
    ] {
        let ended = order(address, request);
        assert!(
            ended.code == Some(2) && ended.stderr.to_lowercase().contains(&why.to_lowercase()),
            "{request}: {ended:#?}"
        );
    }
    venue.stop();
    let ended = order(address, "status");
    assert!(ended.code == Some(2) && ended.stderr.contains("is the venue running"), "{ended:#?}");
}

#[test]
fn passwords_come_from_a_file_a_descriptor_or_the_environment_and_never_from_the_command_line() {
    let (venue, address) = start(&["session.BM1.password=hush-hush"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "hush-hush\n").unwrap();
    let path = file.to_str().unwrap();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let ended = order(address, &format!("--password-file {path} status"));
    assert!(ended.code == Some(2) && ended.stderr.contains("chmod 600"), "{ended:#?}");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    done(address, &format!("--password-file {path} status"));

    let place = address.to_string();
    let args = ["order", "--address", &place, "status"];
    let mut by_environment = command(args);
    by_environment.env("PENSTOCK_PASSWORD", "hush-hush");
    assert_eq!(Penstock::spawn(by_environment).end().code, Some(0));
    // The demo's is not this venue's, which says so and not what was sent.
    let ended = Penstock::start(args).end();
    assert!(ended.code == Some(2) && ended.stderr.contains("check user and password"), "{ended:#?}");
    assert!(!ended.stderr.contains("bm1-demo"));

    let mut by_descriptor = command(["order", "--address", &place, "--password-fd", "0", "status"]);
    let mut child = by_descriptor.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hush-hush\n").unwrap();
    assert!(child.wait().unwrap().success(), "{} --password-fd 0", program().display());
    venue.stop();
}

#[test]
fn a_watch_shows_each_report_once_from_where_it_is_told_to_begin() {
    let (venue, address) = start(&[]);
    for name in ["a", "b"] {
        done(address, &format!("place AAPL buy 1 --limit 500 --name {name}"));
    }
    let all = order(address, "watch --from :1 --count 4 --json");
    assert_eq!(all.code, Some(0), "{all:#?}");
    let reports: Vec<_> = lines(&all).into_iter().filter(|report| report["event"] == "accepted").collect();
    assert_eq!(reports.iter().map(|it| it["name"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    let place =
        all.stderr.trim().rsplit_once("--from ").expect("where to go on").1.trim_matches('\'').to_owned();

    let place_again =
        ["order", "--address", &address.to_string(), "watch", "--json", "--count", "1", "--from", &place]
            .map(str::to_owned);
    done(address, "place AAPL buy 1 --limit 500 --name c");
    let ended = Penstock::start(place_again).end();
    let reports = lines(&ended);
    assert_eq!((events(&reports), &reports[0]["name"]), (vec!["accepted"], &"c".into()), "{ended:#?}");
    venue.stop();
}
