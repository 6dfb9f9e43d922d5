//! How a venue ends: clients hear of it, get out, and are logged out. And what else all clients hear of.

use penstock_tests::{
    Client, Message, Penstock, Venue,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};
use rustix::process::Signal;

/// A client of session MM1 in a venue whose clients have an hour to leave; both hear the news.
fn venue(settings: &[&str]) -> (Venue, Client) {
    let venue = Venue::start(&[&["fix.drain_ms=600000"], settings].concat());
    let mut client = venue.client("MM1");
    client.hears_news = true;
    (venue, client)
}

#[track_caller]
fn assert_news(client: &mut Client, words: &[&str]) -> Message {
    let news = client.receive();
    news.assert(&[(35, "B"), (33, "1")]);
    let told = format!("{} {}", news.field(148), news.field(58));
    assert!(words.iter().all(|word| told.contains(word)), "{words:?} in {news}");
    news
}

/// News, no new orders, cancels; it ends when the last client has gone.
fn drains(venue: Venue, mut client: Client, ask: impl FnOnce(&Venue)) {
    client.limit("a", SELL, "1", "585");
    client.execution(&[(11, "a"), (150, "0")]);
    ask(&venue);
    let news = assert_news(&mut client, &["draining", "cancels"]);
    Dictionary::published(&["FIX44"]).assert(&news);
    client.limit("b", BUY, "1", "580");
    let refused = client.report();
    refused.assert(&[(35, "8"), (11, "b"), (150, "8")]);
    client.cancel("c", "a", SELL);
    client.execution(&[(11, "c"), (41, "a"), (150, "4")]);
    client.log_out();
    let mut process: Penstock = venue.process;
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.assert_no_panic();
}

#[test]
fn on_a_signal_clients_get_out_before_it_ends() {
    let (venue, client) = venue(&[]);
    drains(venue, client, |venue| venue.process.signal(Signal::TERM));
}

#[test]
fn an_operator_asks_for_it_too() {
    let (venue, client) = venue(&[]);
    drains(venue, client, |venue| {
        let data = venue.data.to_str().expect("plain names");
        let ended = Penstock::start(["drain", "--data", data]).end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    });
}

#[test]
fn who_does_not_leave_is_logged_out_when_the_time_is_over() {
    let (venue, mut client) = venue(&["fix.drain_ms=1"]);
    venue.process.signal(Signal::TERM);
    assert_news(&mut client, &["draining"]);
    let logout = client.receive();
    logout.assert(&[(35, "5")]);
    assert!(logout.field(58).contains("shutting down"), "{logout}");
    client.send("5", &[]);
    assert_eq!(client.closed(), []);
    let mut process = venue.process;
    assert_eq!(process.end().code, Some(0));
}

#[test]
fn halts_are_news_in_every_version() {
    for (version, begin_string, dictionaries) in [
        ("FIX.4.2", "FIX.4.2", &["FIX42"][..]),
        ("FIX.4.4", "FIX.4.4", &["FIX44"]),
        ("FIX.5.0SP2", "FIXT.1.1", &["FIXT11", "FIX50SP2"]),
    ] {
        let venue = Venue::start(&[&format!("session.MM1.version={version}")]);
        let mut client = Client::connect(venue.fix, "MM1");
        (client.begin_string, client.hears_news) = (begin_string, true);
        let more: &[_] = if begin_string == "FIXT.1.1" { &[(141, "Y"), (1137, "9")] } else { &[(141, "Y")] };
        client.log_on(more).assert(&[(35, "A")]);
        venue.admin("halt AAPL");
        let news = assert_news(&mut client, &["halted", "AAPL"]);
        Dictionary::published(dictionaries).assert(&news);
        venue.admin("resume AAPL");
        assert_news(&mut client, &["resumed", "AAPL"]);
        client.quiet();
        client.log_out();
        venue.stop().assert_no_panic();
    }
}
