//! A venue in a crowd: a thousand sessions that are connected, thousands that come and go, and those that do harm while
//! others trade. What it costs is bounded, and nothing is left of who has gone. `cargo run --release -p penstock-tests --example
//! crowd` measures what is only held to its bounds here.

use std::{
    env,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use penstock_tests::{
    Client, PATIENCE, Venue,
    binary::{Binary, limit},
    crowd::{Harm, configuration, many_files},
    fix::password,
    http,
    metrics::Metrics,
    trade::Pair,
    venue::{data_dir, listener},
};
use tempfile::TempDir;
use wire::{sbe::messages::NewOrder, types::Side};

/// Sessions of a crowd.
const SESSIONS: usize = 1_000;
/// Of whom so many trade.
const TRADERS: usize = 200;
/// Connections that come and go.
fn cycles() -> usize {
    if env::var_os("PENSTOCK_LONG").is_some() { 100_000 } else { 10_000 }
}

/// A venue for so many FIX and binary sessions, with stores as small as they may be.
fn venue([fix, binary]: [usize; 2], traders: usize, more: &[&str]) -> (Venue, TempDir) {
    assert!(many_files() >= 3 * SESSIONS as u64, "a crowd needs files: raise the hard limit (ulimit -Hn)");
    let data = data_dir();
    let file = data.path().join("crowd.toml");
    configuration(&file, fix, binary, traders);
    let mut settings = vec![
        "fix.resend_bytes_max=65536",
        "fix.resend_window=256",
        "fix.connections_max=4096",
        "fix.heartbeat_s_max=3600",
        "binary.resend_bytes_max=65536",
        "binary.resend_window=256",
        "binary.connections_max=4096",
        "binary.silence_s=3600",
        "matcher.finished_orders_max=65536",
        "matcher.open_orders_max=65536",
    ];
    settings.extend(more);
    (Venue::start_with(data.path(), &file, &settings), data)
}

fn name(place: usize) -> String {
    format!("F{place:05}")
}

/// Logged on, with a heartbeat that nobody waits for; `None` if the venue does not let it in, as while it takes the session for up.
fn come(address: SocketAddr, place: usize) -> Option<Client> {
    let mut client = Client::connect(address, &name(place));
    let word = password(&name(place)).chars().take(10).collect::<String>();
    client.send("A", &[(98, "0"), (108, "3600"), (141, "Y"), (553, &name(place)), (554, &word)]);
    (client.receive().kind() == "A").then_some(client)
}

fn logged_on(address: SocketAddr, place: usize) -> Client {
    come(address, place).unwrap_or_else(|| panic!("{} is not let in", name(place)))
}

fn read(venue: &Venue) -> Metrics {
    let answer = http::get(venue.metrics(), "/metrics");
    Metrics::parse(&answer.body).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Reads until `right` says so; what was read last.
#[track_caller]
fn read_until(venue: &Venue, right: impl Fn(&Metrics) -> bool) -> Metrics {
    let until = Instant::now() + PATIENCE;
    loop {
        let metrics = read(venue);
        if right(&metrics) {
            return metrics;
        }
        assert!(Instant::now() < until, "{:#?}", metrics.0.get("penstock_gateway_connections"));
        thread::sleep(Duration::from_millis(50));
    }
}

fn one(metrics: &Metrics, name: &str) -> f64 {
    metrics.get(name, &[]).unwrap_or_else(|| panic!("no {name}"))
}

fn of(protocol: &str, metrics: &Metrics, name: &str) -> f64 {
    metrics.get(name, &[("protocol", protocol)]).unwrap_or_else(|| panic!("no {name}"))
}

fn of_fix(metrics: &Metrics, name: &str) -> f64 {
    of("fix", metrics, name)
}

fn logged_in(address: SocketAddr, place: usize) -> Binary {
    let user = format!("B{place:05}");
    let word: String = password(&user).chars().take(10).collect();
    Binary::log_in(address, (&user, &word), None, 1).unwrap_or_else(|refused| panic!("{user}: {refused:?}"))
}

#[test]
fn a_thousand_sessions_of_each_protocol_are_connected_and_two_hundred_of_them_trade() {
    let (venue, _data) = venue([SESSIONS, SESSIONS], TRADERS / 2 + 2, &[]);
    let before = one(&read(&venue), "process_resident_memory_bytes");
    let mut fix: Vec<Client> = (0..SESSIONS).map(|place| logged_on(venue.fix, place)).collect();
    let connected =
        read_until(&venue, |metrics| of("fix", metrics, "penstock_gateway_logons_total") == SESSIONS as f64);
    let with_fix = one(&connected, "process_resident_memory_bytes");
    let address = listener(&venue.process, "binary");
    let mut binary: Vec<Binary> = (0..SESSIONS).map(|place| logged_in(address, place)).collect();
    let connected = read_until(&venue, |metrics| {
        ["fix", "binary"].into_iter().all(|protocol| {
            of(protocol, metrics, "penstock_gateway_connections") == SESSIONS as f64
                && of(protocol, metrics, "penstock_gateway_connections_unauthenticated") == 0.0
        })
    });
    let all = one(&connected, "process_resident_memory_bytes");
    let each = [with_fix - before, all - with_fix].map(|bytes| bytes / SESSIONS as f64);
    println!("{:.0} bytes of memory for each FIX session, {:.0} for each binary one", each[0], each[1]);
    assert!(each.iter().all(|&each| each < 256.0 * 1024.0), "{each:?} bytes for each session");

    let idle = fix.split_off(TRADERS / 2);
    let mut pairs = Vec::new();
    while let (Some(maker), Some(taker)) = (fix.pop(), fix.pop()) {
        pairs.push(Pair::new(maker, taker));
    }
    for round in 0..3 {
        pairs.iter_mut().for_each(Pair::trade);
        for (place, pair) in binary[..TRADERS / 2].chunks_mut(2).enumerate() {
            let [maker, taker] = pair else { panic!("an even number") };
            let name = format!("r{round}p{place}");
            maker.send(&NewOrder { instrument_id: 0.into(), ..limit(&name, Side::Sell, 10, 585) });
            maker.report(); // accepted
            taker.send(&NewOrder { instrument_id: 0.into(), ..limit(&name, Side::Buy, 10, 585) });
            for _ in 0..2 {
                taker.report(); // accepted, filled
            }
            maker.report(); // filled
        }
    }
    let traded = read_until(&venue, |metrics| {
        one(metrics, "penstock_matcher_trades_total") == (3 * TRADERS / 2) as f64
            && one(metrics, "penstock_matcher_open_orders") == 0.0
    });
    let up = traded.0["penstock_session_connected"].samples.iter().filter(|(_, _, up)| *up > 0.0).count();
    assert_eq!(up, 2 * SESSIONS);
    // Those who did nothing have missed nothing, and can begin at once.
    let mut idle = idle.into_iter();
    let mut next = || idle.next().expect("there are hundreds");
    let mut pair = Pair::new(next(), next());
    pair.trade();
    pair.finish();
    drop((idle, pairs, binary));
    read_until(&venue, |metrics| {
        ["fix", "binary"]
            .into_iter()
            .all(|protocol| of(protocol, metrics, "penstock_gateway_connections") == 0.0)
    });
    venue.stop().assert_no_panic();
}

/// Sessions that come and go, each again and again.
const HANDS: usize = 8;

/// Has each hand do `turn` so often that there are [`cycles`] in all, and insists that nothing is left of it: no file, no memory,
/// no place in a ring of `gateway`, which speaks `protocol`.
fn come_and_go(venue: &Venue, (protocol, gateway): (&str, u32), turn: impl Fn(usize, usize) + Sync) {
    let round = |count: usize| {
        thread::scope(|scope| {
            for hand in 0..HANDS {
                let turn = &turn;
                scope.spawn(move || (0..count / HANDS).for_each(|number| turn(hand, number)));
            }
        });
        read_until(venue, |metrics| of(protocol, metrics, "penstock_gateway_connections") == 0.0)
    };
    // What is reserved once is there after the first of them.
    let before = round(10 * HANDS);
    let after = round(cycles());
    assert_eq!(one(&after, "process_open_fds"), one(&before, "process_open_fds"));
    let grown = one(&after, "process_resident_memory_bytes") - one(&before, "process_resident_memory_bytes");
    println!("{grown} bytes more memory after {} logons", cycles());
    assert!(grown < 8.0 * 1024.0 * 1024.0, "{grown} bytes more after {} logons", cycles());
    assert!(of(protocol, &after, "penstock_gateway_logons_total") >= (cycles() + 10 * HANDS) as f64);
    assert_eq!(of(protocol, &after, "penstock_gateway_connections_unauthenticated"), 0.0);
    // All that was in the rings was read: whatever else comes finds room.
    for ring in [format!("commands-{gateway}"), format!("events-{gateway}")] {
        let of = |name: &str| after.get(name, &[("ring", &ring)]).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(of("penstock_ring_stalls_total"), 0.0, "{ring}");
        assert!(of("penstock_ring_depth_bytes") <= of("penstock_ring_capacity_bytes") / 8.0, "{ring}");
    }
}

#[test]
fn thousands_that_come_and_go_leave_nothing() {
    let (venue, _data) = venue([HANDS, 0], 2, &[]);
    let address = venue.fix;
    come_and_go(&venue, ("fix", 0), |hand, turn| {
        let client = logged_on(address, hand);
        if turn % 2 == 0 {
            client.log_out();
        } else {
            // The venue hears of the end sooner or later: until then the session is up.
            let _numbers = client.cut();
            while come(address, hand).map(Client::log_out).is_none() {}
        }
    });
    let mut pair = Pair::new(logged_on(venue.fix, 0), logged_on(venue.fix, 1));
    pair.trade();
    pair.finish();
    venue.stop().assert_no_panic();
}

#[test]
fn thousands_of_the_binary_protocol_that_come_and_go_leave_nothing() {
    let (venue, _data) = venue([1, HANDS], 2, &[]);
    let address = listener(&venue.process, "binary");
    // A login takes the place of a connection that is still there.
    come_and_go(&venue, ("binary", 1), |hand, turn| {
        let mut client = logged_in(address, hand);
        if turn % 2 == 0 {
            client.log_out();
        }
    });
    let mut client = logged_in(address, 0);
    client.send(&NewOrder { instrument_id: 0.into(), ..limit("last", Side::Buy, 1, 585) });
    client.report();
    drop(client);
    venue.stop().assert_no_panic();
}

#[test]
fn a_session_trades_on_among_those_that_flood_never_read_drip_and_send_garbage() {
    // The one that floods has a limit, as whoever may flood should: the ring to the matcher is everybody's.
    let limits = ["session.F00002.throttle_messages=1000", "fix.output_bytes_max=65536"];
    let (venue, _data) = venue([8, 2], 8, &limits);
    let mut pair = Pair::new(logged_on(venue.fix, 0), logged_on(venue.fix, 1));
    pair.trade();
    let mut harm = Harm::default();
    let address = venue.fix;
    harm.flood(move || {
        let client = come(address, 2)?;
        client.stream().set_read_timeout(Some(Duration::from_millis(1))).ok()?;
        Some(client)
    });
    harm.deaf(logged_on(venue.fix, 3));
    harm.drip(venue.fix, Duration::from_millis(100));
    harm.garbage(venue.fix);
    harm.garbage(listener(&venue.process, "fix-tls"));
    harm.garbage(venue.metrics());
    harm.garbage(listener(&venue.process, "binary"));
    for _ in 0..200 {
        pair.trade();
    }
    // The one that never reads goes, and nobody else does; the flood is held to its limit.
    let cut = |metrics: &Metrics| {
        let ended = ("reason", "slow_consumer");
        metrics.get("penstock_gateway_sessions_ended_total", &[("protocol", "fix"), ended]) == Some(1.0)
    };
    let until = Instant::now() + PATIENCE;
    let held = |metrics: &Metrics| of_fix(metrics, "penstock_gateway_throttled_total") > 0.0;
    loop {
        let metrics = read_lossy(&venue);
        if cut(&metrics) && held(&metrics) {
            break;
        }
        assert!(Instant::now() < until, "one is still there that never reads, or the flood has no limit");
        pair.trade();
    }
    let sent = harm.end();
    assert!(sent > 1_000, "{sent} messages are no flood");
    let after = read(&venue);
    let refused =
        after.get("penstock_gateway_logons_refused_total", &[("protocol", "fix"), ("reason", "not_a_logon")]);
    assert!(refused.is_some_and(|count| count > 0.0), "{refused:?}");
    pair.trade();
    pair.finish();
    venue.stop().assert_no_panic();
}

/// As [`read`], while others fill the endpoint with garbage: asks again when there was no place.
fn read_lossy(venue: &Venue) -> Metrics {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = http::try_get(venue.metrics(), "/metrics") {
            return Metrics::parse(&answer.body).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
        assert!(Instant::now() < until, "the metrics have no place for who asks");
    }
}
