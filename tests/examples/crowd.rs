//! How long a well-behaved session's orders take to their reports, alone and while others flood, never read, drip and send
//! garbage; and the memory of connected sessions. On a venue of its own, over loopback:
//!
//! ```text
//! cargo build --release && PENSTOCK_BIN=target/release/penstock cargo run --release -p penstock-tests --example crowd
//! ```

use std::{
    fs,
    net::SocketAddr,
    time::{Duration, Instant},
};

use penstock_tests::{
    Client, Venue,
    crowd::{Harm, configuration, many_files},
    fix::password,
    trade::BUY,
    venue::{data_dir, listener},
};

const ORDERS: usize = 5_000;
const SESSIONS: usize = 1_000;

fn come(address: SocketAddr, place: usize) -> Option<Client> {
    let name = format!("F{place:05}");
    let word: String = password(&name).chars().take(10).collect();
    let mut client = Client::connect(address, &name);
    client.send("A", &[(98, "0"), (108, "3600"), (141, "Y"), (553, &name), (554, &word)]);
    (client.receive().kind() == "A").then_some(client)
}

/// Orders that find nothing, one after the other: how long each took to its first report.
fn measure(client: &mut Client, round: &str) -> Vec<Duration> {
    let mut took: Vec<_> = (0..ORDERS)
        .map(|n| {
            let begin = Instant::now();
            assert!(client.try_order(&format!("{round}{n}"), BUY), "it is connected");
            let _accepted = client.receive();
            let took = begin.elapsed();
            let _cancelled = client.receive();
            took
        })
        .collect();
    took.sort_unstable();
    took
}

fn tell(what: &str, took: &[Duration]) {
    let at = |share: usize| took[took.len() * share / 1000];
    println!("{what:<28} p50 {:>9.1?}  p99 {:>9.1?}  p99.9 {:>9.1?}", at(500), at(990), at(999));
}

fn resident(venue: &Venue) -> usize {
    let statm = fs::read_to_string(format!("/proc/{}/statm", venue.process.pid().as_raw_nonzero()));
    let pages = statm.ok().and_then(|text| text.split(' ').nth(1)?.parse::<usize>().ok());
    pages.expect("the venue runs") * 4096
}

fn main() {
    many_files();
    let data = data_dir();
    let file = data.path().join("crowd.toml");
    configuration(&file, SESSIONS, 0, 8);
    let settings = [
        "fix.resend_bytes_max=65536",
        "fix.connections_max=4096",
        "fix.heartbeat_s_max=3600",
        "fix.output_bytes_max=65536",
        "session.F00001.throttle_messages=1000",
    ];
    let venue = Venue::start_with(data.path(), &file, &settings);
    let address = venue.fix;
    let mut client = come(address, 0).expect("the venue lets it in");
    let _warm = measure(&mut client, "w");
    tell("alone", &measure(&mut client, "a"));

    let mut harm = Harm::default();
    harm.flood(move || {
        let client = come(address, 1)?;
        client.stream().set_read_timeout(Some(Duration::from_millis(1))).ok()?;
        Some(client)
    });
    harm.drip(address, Duration::from_secs(1));
    harm.garbage(address);
    harm.garbage(listener(&venue.process, "fix-tls"));
    harm.garbage(venue.metrics());
    harm.deaf(come(address, 2).expect("the venue lets it in"));
    tell("among those that do harm", &measure(&mut client, "h"));
    println!("sent by those that do harm: {}", harm.end());

    let before = resident(&venue);
    let crowd: Vec<Client> = (8..SESSIONS).filter_map(|place| come(address, place)).collect();
    let idle = resident(&venue);
    println!("{} sessions more connected: {} bytes each", crowd.len(), (idle - before) / crowd.len());
    let mut crowd = crowd;
    for (n, client) in crowd.iter_mut().enumerate() {
        assert!(client.try_order(&format!("c{n}"), BUY));
        let (_accepted, _cancelled) = (client.receive(), client.receive());
    }
    println!("each having sent an order: {} bytes each", (resident(&venue) - before) / crowd.len());
    tell("with them connected", &measure(&mut client, "i"));
    drop(crowd);
    venue.stop().assert_no_panic();
}
