//! What a venue tells of itself over HTTP: metrics as they are documented, whether it lives and is ready; and what the
//! listener does to those who ask for too much.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use rustix::process::Signal;

use penstock_tests::{
    Client, PATIENCE, Penstock, http,
    metrics::Metrics,
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
    workspace,
};

fn read(address: SocketAddr) -> Metrics {
    let answer = http::get(address, "/metrics");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.head.contains("application/openmetrics-text; version=1.0.0"), "{}", answer.head);
    Metrics::parse(&answer.body).unwrap_or_else(|wrong| panic!("{wrong}\n{}", answer.body))
}

/// Reads until `right` says so: what sessions are summed to is a second old at most.
#[track_caller]
fn read_until(address: SocketAddr, right: impl Fn(&Metrics) -> bool) -> Metrics {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let metrics = read(address);
        if right(&metrics) {
            return metrics;
        }
        assert!(std::time::Instant::now() < until, "{metrics:#?}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Asks for `path` until the status is `status`; what is said then.
#[track_caller]
fn until(address: SocketAddr, path: &str, status: u16) -> String {
    let end = std::time::Instant::now() + PATIENCE;
    loop {
        let answer = http::get(address, path);
        if answer.status == status {
            return answer.body;
        }
        assert!(std::time::Instant::now() < end, "{path}: {answer:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_is_served_is_what_is_documented() {
    // So that no family is empty for want of something to count.
    let venue = Venue::start(&["venue.durability=journal"]);
    let mut maker = venue.client("MM1");
    let mut taker = venue.client("MM2");
    maker.limit("a", SELL, "5", "585");
    maker.execution(&[(11, "a"), (150, "0")]);
    taker.limit("b", BUY, "2", "585");
    taker.execution(&[(11, "b"), (150, "0")]);
    taker.execution(&[(11, "b"), (150, "F")]);
    taker.limit("b", BUY, "2", "585");
    taker.execution(&[(11, "b"), (150, "8")]);
    let mut stranger = TcpStream::connect(venue.fix).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(stranger.read(&mut [0; 1]).unwrap_or(0), 0);
    drop(maker);
    venue.process.logged(&["disconnected by the client", "connection lost"]);
    let served = read_until(venue.metrics(), |metrics| {
        metrics.get("penstock_session_messages_received_total", &[("session", "MM2")]) == Some(3.0)
            && metrics
                .get("penstock_gateway_messages_received_total", &[("class", "order"), ("protocol", "fix")])
                == Some(3.0)
    });

    let documentation = fs::read_to_string(workspace::root().join("docs/metrics.md")).unwrap();
    let rows = documentation.lines().filter(|line| line.starts_with("| `p"));
    let mut documented = 0;
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, name, kind, labels, help, _] = cells[..] else { panic!("{row}") };
        let name = name.trim_matches('`');
        let family = served.0.get(name.strip_suffix("_total").unwrap_or(name));
        let family = family.unwrap_or_else(|| panic!("{name} is documented and not served"));
        assert_eq!((family.kind.as_str(), family.help.as_str()), (kind, help), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        let labels: Vec<_> =
            labels.split(", ").map(|l| l.trim_matches('`')).filter(|l| !l.is_empty()).collect();
        for (sample, of, _) in &family.samples {
            let own: Vec<_> = of.iter().map(|(label, _)| label.as_str()).filter(|l| *l != "le").collect();
            assert_eq!(own, labels, "{sample}");
        }
        // A price that there is none of is not told.
        assert!(!family.samples.is_empty() || name.ends_with("_price"), "{name} has no sample");
        documented += 1;
    }
    assert_eq!(documented, served.0.len(), "there are metrics that are not documented");
    taker.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn what_happens_is_counted() {
    let venue = Venue::start(&[
        "session.MM4.throttle_messages=2",
        "session.MM4.cancel_grace_ms=0",
        "session.MM4.throttle_s=3600",
    ]);
    let mut client = venue.client("MM4");
    for id in ["a", "b"] {
        client.limit(id, SELL, "1", "585");
        client.execution(&[(11, id), (150, "0")]);
    }
    client.limit("c", SELL, "1", "585");
    client.receive().assert(&[(35, "j")]);
    client.send("F", &[(11, "d"), (41, "x"), (55, "AAPL"), (54, SELL), (60, "20260101-00:00:00")]);
    client.receive().assert(&[(35, "9")]);
    let mut wrong = Client::connect(venue.fix, "MM3");
    wrong.send_logon("no", &[]);
    venue.process.logged(&["wrong password"]);
    drop(wrong);
    let mine: &[(&str, &str)] = &[("session", "MM4")];
    let metrics = venue.metrics();
    let before =
        read_until(metrics, |m| m.get("penstock_session_messages_received_total", mine) == Some(5.0));
    let worker = |name: &str, by: &[(&str, &str)]| {
        let labels: Vec<_> = by.iter().copied().chain([("protocol", "fix")]).collect();
        before.get(name, &labels)
    };
    assert_eq!(before.get("penstock_session_connected", mine), Some(1.0));
    assert_eq!(before.get("penstock_session_throttled_total", mine), Some(1.0));
    assert_eq!(worker("penstock_gateway_throttled_total", &[]), Some(1.0));
    assert_eq!(worker("penstock_gateway_logons_total", &[]), Some(1.0));
    assert_eq!(worker("penstock_gateway_logons_refused_total", &[("reason", "credentials")]), Some(1.0));
    assert_eq!(worker("penstock_gateway_rejects_total", &[("code", "UnknownOrder")]), Some(1.0));
    assert_eq!(worker("penstock_gateway_messages_received_total", &[("class", "order")]), Some(3.0));
    assert_eq!(worker("penstock_gateway_messages_received_total", &[("class", "cancel")]), Some(1.0));
    // Two, and a cancel's refusal, each with its copy for DROP1; the throttle's has none.
    assert_eq!(worker("penstock_gateway_messages_sent_total", &[("class", "report")]), Some(4.0));
    assert_eq!(worker("penstock_gateway_messages_sent_total", &[("class", "refusal")]), Some(3.0));
    assert_eq!(worker("penstock_gateway_report_latency_seconds_count", &[]), Some(3.0));
    assert_eq!(before.get("penstock_matcher_open_orders", &[]), Some(2.0));
    assert_eq!(before.get("penstock_instrument_ask_price", &[("symbol", "AAPL")]), Some(585.0));
    assert_eq!(before.get("penstock_instrument_last_price", &[("symbol", "AAPL")]), None);

    let _ = client.cut();
    let after =
        read_until(metrics, |m| m.get("penstock_session_disconnect_cancels_total", mine) == Some(2.0));
    assert!(
        after.get("penstock_session_disconnect_cancel_seconds", mine).is_some_and(|s| s > 0.0 && s < 60.0)
    );
    assert_eq!(after.get("penstock_session_connected", mine), Some(0.0));
    venue.stop().assert_no_panic();
}

#[test]
fn a_part_of_a_venue_is_ready_when_the_other_is_there_and_it_does_not_drain() {
    let data = data_dir();
    let mut gateway =
        Penstock::start(arguments("gateway", data.path(), &["fix.drain_ms=60000", "binary.drain_ms=60000"]));
    let _ = gateway.line("waiting for the matcher");
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let of_matcher = listener(&matcher, "metrics");
    let of_gateway = listener(&gateway, "metrics");
    assert_eq!(until(of_matcher, "/readyz", 200), "ready\n");
    assert_eq!(until(of_gateway, "/readyz", 200), "ready\n");
    for address in [of_matcher, of_gateway] {
        assert_eq!(http::get(address, "/livez").body, "alive\n");
    }
    assert!(read(of_matcher).get("penstock_matcher_links", &[]).is_some());
    assert!(read(of_gateway).get("penstock_matcher_links", &[]).is_none());

    matcher.kill9();
    assert!(until(of_gateway, "/readyz", 503).contains("no matcher is there"));
    assert_eq!(http::get(of_gateway, "/livez").status, 200);
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    assert_eq!(until(of_gateway, "/readyz", 200), "ready\n");

    // While somebody is logged on it drains for a while.
    let client = Client::logged_on(listener(&gateway, "fix"), "MM1");
    gateway.signal(Signal::TERM);
    assert!(until(of_gateway, "/readyz", 503).contains("drains"));
    drop(client);
    gateway.end().assert_no_panic();
    let of_matcher = listener(&matcher, "metrics");
    assert!(until(of_matcher, "/readyz", 503).contains("no gateway is there"));
    matcher.stop().assert_no_panic();
}

#[test]
fn who_asks_for_too_much_or_for_nothing_is_refused_and_harms_nobody() {
    let venue = Venue::start(&[]);
    let metrics = venue.metrics();
    assert_eq!(http::get(metrics, "/").status, 404);
    assert_eq!(
        http::ask(
            metrics,
            "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        .status,
        405
    );
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(16 * 1024));
    assert_eq!(http::ask(metrics, &long).status, 431);
    assert_eq!(http::ask(metrics, "\u{1}\u{2}\u{3}\r\n\r\n").status, 400);
    // Sixteen that say nothing; one more is closed at once, and there is room again as soon as they are gone.
    let silent: Vec<_> = (0..16).map(|_| TcpStream::connect(metrics).unwrap()).collect();
    let mut more = TcpStream::connect(metrics).unwrap();
    more.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(more.read(&mut [0; 1]).unwrap_or(0), 0, "it is closed");
    drop(silent);
    let turned_away = loop {
        let mut again = TcpStream::connect(metrics).unwrap();
        again.set_read_timeout(Some(PATIENCE)).unwrap();
        let asked = again.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut text = String::new();
        if asked.is_ok() && again.read_to_string(&mut text).is_ok() && !text.is_empty() {
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            break Metrics::parse(body).unwrap().get("penstock_metrics_turned_away_total", &[]);
        }
    };
    assert!(turned_away.is_some_and(|count| count >= 1.0), "{turned_away:?}");
    let client = venue.client("MM1");
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn a_port_that_is_taken_refuses_the_start_with_a_remedy_and_none_is_none() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let setting = format!("metrics.listen={}", taken.local_addr().unwrap());
    let data = data_dir();
    let refused = Penstock::start(arguments("run", data.path(), &[&setting])).end();
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("--set metrics.listen=ADDRESS:PORT"), "{}", refused.stderr);
    let venue = Venue::start(&["metrics.listen="]);
    let ended = venue.stop();
    ended.assert_no_panic();
    assert!(!ended.stdout.contains("listening metrics"), "{}", ended.stdout);
}
