//! Peers that know FIX well enough to do harm with it: what one of them costs the venue is bounded, it gets what FIX
//! says, and other sessions trade on.

use std::{fs, time::Instant};

use penstock_tests::{
    Client, PATIENCE, Venue, clock,
    trade::{BUY, Pair, SELL},
};

/// The two sessions of `venue` that behave well. The hostile one is MM3 or MM4.
fn pair(venue: &Venue) -> Pair {
    Pair::new(venue.client("MM1"), venue.client("MM2"))
}

/// Ends a test: the pair has missed nothing and the venue ends as it should.
fn finish(venue: Venue, mut pair: Pair) {
    pair.trade();
    pair.finish();
    venue.stop();
}

/// Bytes of memory that the process of `venue` has.
fn resident(venue: &Venue) -> u64 {
    let path = format!("/proc/{}/status", venue.process.pid().as_raw_nonzero());
    let status = fs::read_to_string(path).expect("the venue runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells of memory");
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1024
}

mod resend_storm {
    use rustix::net::{AddressFamily, SocketType, connect, socket, sockopt::set_socket_recv_buffer_size};

    use super::*;

    /// Requests of a storm.
    const STORM: usize = 500;
    /// Orders of its history, two reports each: more than the kernel takes in for a client that does not read.
    const ORDERS: u64 = 12_000;

    /// MM3 on a connection whose kernel takes in little.
    fn narrow(venue: &Venue) -> Client {
        let narrow = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        set_socket_recv_buffer_size(&narrow, 16 * 1024).unwrap();
        connect(&narrow, &venue.fix).unwrap();
        let mut client = Client::over(narrow.into(), "MM3");
        client.log_on(&[(141, "Y")]).assert(&[(35, "A"), (141, "Y")]);
        client
    }

    /// `count` orders that find nothing, and their reports: the numbers of these with their ExecIDs.
    fn history(client: &mut Client, count: u64) -> Vec<(u64, String)> {
        let mut reports = Vec::new();
        let mut sent = 0;
        while sent < count {
            let batch = (count - sent).min(100);
            for at in sent..sent + batch {
                client.order(&format!("h{at}"), BUY, "1", &[(40, "2"), (44, "500"), (59, "3")]);
            }
            sent += batch;
            for _ in 0..2 * batch {
                let report = client.execution(&[]);
                reports.push((report.seq(), report.field(17).to_owned()));
            }
        }
        reports
    }

    #[test]
    fn each_request_of_a_client_that_reads_is_answered() {
        let venue = Venue::start(&["fix.output_bytes_max=65536"]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        let reports = history(&mut client, 10);
        for round in 0..STORM {
            client.send("2", &[(7, "1"), (16, "0")]);
            client.receive().assert(&[(35, "4"), (34, "1"), (123, "Y"), (36, "2"), (43, "Y")]);
            for (seq, exec_id) in &reports {
                client.receive().assert(&[(35, "8"), (34, &seq.to_string()), (43, "Y"), (17, exec_id)]);
            }
            if round % 50 == 0 {
                pair.trade();
            }
        }
        client.quiet();
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn requests_that_nobody_reads_the_answer_of_are_answered_once_together() {
        let venue = Venue::start(&[
            "fix.output_bytes_max=65536",
            "fix.resend_window=32768",
            "fix.resend_bytes_max=16777216",
        ]);
        let mut pair = pair(&venue);
        let mut client = narrow(&venue);
        let reports = history(&mut client, ORDERS);
        let newest = reports.last().unwrap().0;
        let mut copies = venue.client("DROP1");
        let before = resident(&venue);
        for round in 0..STORM {
            client.send("2", &[(7, "1"), (16, "0")]);
            if round % 100 == 0 {
                pair.trade();
            }
        }
        // What is asked for now waits behind them: it is answered, and reported, all the same.
        client.limit("live", BUY, "1", "500");
        while copies.report().field(11) != "live" {}
        pair.trade();
        let grown = resident(&venue).saturating_sub(before);
        assert!(grown < 16 << 20, "{grown} bytes more for {STORM} requests that nobody reads the answers of");

        let (mut again, mut count, mut live_at) = (vec![false; reports.len()], 0, None);
        loop {
            let message = client.receive();
            count += 1;
            match (message.kind(), message.is_possible_duplicate()) {
                ("4", true) => {
                    message.assert(&[(123, "Y")]);
                }
                ("8", true) => {
                    let at =
                        reports.binary_search_by_key(&message.seq(), |r| r.0).expect("it was sent before");
                    message.assert(&[(17, &reports[at].1)]);
                    again[at] = true;
                }
                _ => {
                    message.assert(&[(35, "8"), (11, "live"), (150, "0")]);
                    live_at = Some(count);
                }
            }
            if count % 5_000 == 0 {
                pair.trade();
            }
            if message.is_possible_duplicate() && message.seq() == newest {
                break;
            }
        }
        let missing = again.iter().filter(|came| !**came).count();
        assert_eq!(missing, 0, "reports that were asked for and did not come, of {}", again.len());
        // What had left before they were all in, and one range of everything.
        assert!(count < 3 * again.len(), "{count} messages for a history of {}", again.len());
        assert!(live_at.is_some_and(|at| at < count), "a live report does not wait for what is sent again");
        client.cancel("x", "live", BUY);
        client.execution(&[(11, "x"), (41, "live"), (150, "4")]);
        client.quiet();
        client.log_out();
        drop(copies);
        finish(venue, pair);
    }
}

mod numbers {
    use super::*;

    /// A gap fill from `seq` up to but not including `next`, as FIX has it: a possible duplicate.
    fn fill(client: &mut Client, seq: u64, next: u64) {
        let bytes =
            client.message("4", seq, &[(43, "Y"), (122, &clock::now()), (123, "Y"), (36, &next.to_string())]);
        client.send_bytes(&bytes).unwrap();
        client.next_out = next;
    }

    #[test]
    fn far_too_high_is_asked_about_once_and_kept_until_its_turn_comes() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        for at in 0..100u64 {
            let bytes = client.message("1", 999_999_999 + at, &[(112, &format!("far-{at}"))]);
            client.send_bytes(&bytes).unwrap();
        }
        client.receive().assert(&[(35, "2"), (7, "2"), (16, "0")]);
        pair.trade();
        // Millions forward, twice; between them the session is one as any other.
        fill(&mut client, 2, 5_000_000);
        client.limit("between", BUY, "1", "500");
        // That the far ones are still to come is another gap, of which it asks once.
        client.execution(&[(11, "between"), (150, "0")]);
        fill(&mut client, 5_000_001, 999_999_999);
        for at in 0..100 {
            client.receive().assert(&[(35, "0"), (112, &format!("far-{at}"))]);
        }
        client.next_out = 1_000_000_099;
        client.cancel("x", "between", BUY);
        client.execution(&[(11, "x"), (41, "between"), (150, "4")]);
        client.quiet();
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn backwards_or_beyond_all_counting_is_rejected_however_often() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        for round in 0..100 {
            let seq = client.next_out.to_string();
            // A reset's own number means nothing and is not counted; a gap fill's is not if it is refused.
            for (fill, new) in [("N", "1"), ("N", "9223372036854775807"), ("Y", "1"), ("Y", seq.as_str())] {
                let bytes = client.message("4", client.next_out, &[(123, fill), (36, new)]);
                client.send_bytes(&bytes).unwrap();
                client.receive().assert(&[(35, "3"), (45, &seq), (372, "4"), (373, "5")]);
            }
            client.quiet();
            if round % 25 == 0 {
                pair.trade();
            }
        }
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn too_low_without_a_word_is_logged_out_and_comes_back_by_its_own_numbers() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        client.quiet();
        let (mut next_out, mut next_in) = (client.next_out, client.next_in);
        for round in 0..20 {
            let bytes = client.message("1", next_out - 1, &[(112, "again")]);
            client.send_bytes(&bytes).unwrap();
            let logout = client.receive();
            let text = format!("MsgSeqNum too low, expecting {next_out} but received {}", next_out - 1);
            logout.assert(&[(35, "5"), (58, &text)]);
            assert_eq!(client.closed(), []);
            next_in = next_in.max(client.next_in);
            client = Client::connect(venue.fix, "MM3");
            (client.next_out, client.next_in) = (next_out, next_in);
            client.log_on(&[]).assert(&[(35, "A")]);
            client.quiet();
            (next_out, next_in) = (client.next_out, client.next_in);
            if round % 5 == 0 {
                pair.trade();
            }
        }
        client.log_out();
        finish(venue, pair);
    }

    /// A client that answers each request with another gap gets one request for each, and no more than it has sent.
    #[test]
    fn a_gap_in_answer_to_every_request_costs_one_request_each() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        let mut next = client.next_out;
        for round in 0..200u64 {
            // Ahead by ten, and asked about; the answer is one ahead by twenty, which nothing is said of.
            let first = client.message("1", next + 10, &[(112, &format!("near-{round}"))]);
            client.send_bytes(&first).unwrap();
            client.receive().assert(&[(35, "2"), (7, &next.to_string()), (16, "0")]);
            let second = client.message("1", next + 20, &[(112, &format!("far-{round}"))]);
            client.send_bytes(&second).unwrap();
            fill(&mut client, next, next + 10);
            client.receive().assert(&[(35, "0"), (112, &format!("near-{round}"))]);
            fill(&mut client, next + 11, next + 20);
            client.receive().assert(&[(35, "0"), (112, &format!("far-{round}"))]);
            next += 21;
            if round % 50 == 0 {
                pair.trade();
            }
        }
        client.next_out = next;
        client.quiet();
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn what_was_not_kept_over_a_gap_is_asked_for_again_and_nothing_is_lost() {
        const LAST: u64 = 402;
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        // 300 bytes each, so that 64 KiB have room for half of them.
        let note = "x".repeat(100);
        let order = |client: &Client, seq: u64, again: bool| {
            let (id, time) = (format!("n{seq}"), clock::now());
            let head: &[_] = if again { &[(43, "Y"), (122, &time)] } else { &[] };
            let terms =
                [(11, id.as_str()), (55, "AAPL"), (54, BUY), (60, &time), (38, "1"), (40, "2"), (44, "500")];
            client.message("D", seq, &[head, &terms, &[(58, &note)]].concat())
        };
        for seq in 3..=LAST {
            let bytes = order(&client, seq, false);
            client.send_bytes(&bytes).unwrap();
        }
        client.receive().assert(&[(35, "2"), (7, "2"), (16, "0")]);
        pair.trade();
        fill(&mut client, 2, 3);
        client.next_out = LAST + 1;
        client.send("1", &[(112, "behind them")]);

        let mut taken = Vec::new();
        let next = |client: &mut Client, taken: &mut Vec<String>| {
            let message = client.receive();
            if message.kind() == "8" {
                message.assert(&[(150, "0")]);
                taken.push(message.field(11).to_owned());
                None
            } else {
                Some(message)
            }
        };
        let request = loop {
            if let Some(message) = next(&mut client, &mut taken) {
                break message;
            }
        };
        request.assert(&[(35, "2"), (16, "0")]);
        let dropped: u64 = request.field(7).parse().unwrap();
        assert!((4..LAST).contains(&dropped), "some were kept and some were not: {request}");
        for seq in dropped..=LAST {
            let bytes = order(&client, seq, true);
            client.send_bytes(&bytes).unwrap();
        }
        // It was kept, and its turn has come.
        while next(&mut client, &mut taken).is_none_or(|message| message.field(112) != "behind them") {}
        client.limit("last", BUY, "1", "500");
        loop {
            assert_eq!(next(&mut client, &mut taken), None, "nothing but reports");
            if taken.last().is_some_and(|id| id == "last") {
                break;
            }
        }
        let wanted: Vec<_> = (3..=LAST).map(|seq| format!("n{seq}")).chain(["last".to_owned()]).collect();
        assert_eq!(taken, wanted, "each order once, and in order");
        client.quiet();
        client.log_out();
        finish(venue, pair);
    }
}

mod possible_duplicates {
    use super::*;

    #[test]
    fn ten_thousand_of_old_numbers_are_ignored_or_rejected_and_none_is_an_order() {
        const USED: u64 = 50;
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        for at in 0..USED {
            client.limit(&format!("used-{at}"), BUY, "1", "500");
            client.execution(&[(150, "0")]);
        }
        let time = clock::now();
        for batch in 0..100u64 {
            for at in 0..100 {
                let number = batch * 100 + at;
                let id = format!("flood-{number}");
                // Every other one does not say when it was sent first, which it must.
                let head: &[_] = if at % 2 == 0 { &[(43, "Y"), (122, &time)] } else { &[(43, "Y")] };
                let order = [(11, id.as_str()), (55, "AAPL"), (54, BUY), (60, &time), (38, "1")];
                let terms = [(40, "2"), (44, "500")];
                let bytes = client.message("D", 2 + number % USED, &[head, &order[..], &terms[..]].concat());
                client.send_bytes(&bytes).unwrap();
            }
            for at in (0..100).filter(|at| at % 2 == 1) {
                let seq = (2 + (batch * 100 + at) % USED).to_string();
                client.receive().assert(&[(35, "3"), (45, &seq), (372, "D"), (371, "122"), (373, "1")]);
            }
            if batch % 20 == 0 {
                pair.trade();
            }
        }
        // Had one of them become an order, its report would come before this one's.
        client.limit("after", BUY, "1", "500");
        client.execution(&[(11, "after"), (150, "0")]);
        client.quiet();
        // One that was sent again before it was sent is no duplicate but a broken clock.
        let late = clock::in_ms(60_000);
        let bytes = client.message("1", 2, &[(43, "Y"), (122, &late), (112, "before")]);
        client.send_bytes(&bytes).unwrap();
        client.receive().assert(&[(35, "3"), (45, "2"), (372, "1"), (373, "10")]);
        client.receive().assert(&[(35, "5")]);
        client.send("5", &[]);
        assert_eq!(client.closed(), []);
        finish(venue, pair);
    }
}

mod crowds {
    use std::{collections::VecDeque, net::TcpStream, thread, time::Duration};

    use rustix::{net::sockopt::set_socket_linger, process::Signal};

    use super::*;

    /// Sockets that the process of `venue` has open. Its other descriptors come and go with its own threads: who first has
    /// something to tell another one opens what wakes that one up.
    fn sockets(venue: &Venue) -> usize {
        let path = format!("/proc/{}/fd", venue.process.pid().as_raw_nonzero());
        let targets = fs::read_dir(path)
            .expect("the venue runs")
            .filter_map(|entry| entry.ok()?.path().read_link().ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// One of a crowd: connects to `venue`, `count` times, behaves badly in one way or another, and keeps `kept` of its
    /// connections open until it goes.
    fn vandal(venue: &Venue, count: usize, kept: usize) {
        let mut held = VecDeque::new();
        for at in 0..count {
            let mut client = Client::connect(venue.fix, "MM3");
            let logon = client.message("A", 1, &[(98, "0"), (108, "30"), (554, "mm3-demo")]);
            match at % 5 {
                0 => drop(reset(venue)),
                // Some may be turned out before they have said anything.
                1 => drop(client.send_bytes(&logon[..logon.len() / 2])),
                2 => drop(client.send_bytes(b"\x16\x03\x01")),
                3 => held.push_back(client),
                _ => {}
            }
            if held.len() > kept {
                held.pop_front();
            }
        }
    }

    /// A connection that is reset, rather than ended, when it is dropped.
    fn reset(venue: &Venue) -> TcpStream {
        let stream = TcpStream::connect(venue.fix).expect("the venue accepts connections");
        set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        stream
    }

    /// A crowd of four, while a pair trades, at a venue that takes `connections_max`, of them `strangers_max` without a
    /// logon. The venue and the pair, once nothing is left of the crowd.
    fn storm(connections_max: usize, strangers_max: usize) -> (Venue, Pair) {
        const VANDALS: usize = 4;
        let venue = Venue::start(&[
            &format!("fix.connections_max={connections_max}"),
            &format!("fix.connections_unauthenticated_max={strangers_max}"),
        ]);
        let mut pair = pair(&venue);
        pair.trade();
        // Those of the pair among them.
        let before = sockets(&venue);
        let mut most = before;
        thread::scope(|scope| {
            let crowd: Vec<_> =
                (0..VANDALS).map(|_| scope.spawn(|| vandal(&venue, 500, strangers_max / 2))).collect();
            while crowd.iter().any(|vandal| !vandal.is_finished()) {
                pair.trade();
                most = most.max(sockets(&venue));
            }
        });
        // One above the bound is accepted in order to be closed.
        let bound = before - 2 + connections_max + 1;
        assert!(most <= bound, "{most} sockets, {before} before, with room for {connections_max}");
        assert!(most > before, "a crowd that is never seen is none");
        // That they are gone the venue finds out in its own time; each trade gives it some.
        let deadline = Instant::now() + PATIENCE;
        while sockets(&venue) > before {
            assert!(Instant::now() < deadline, "{} sockets, {before} before", sockets(&venue));
            pair.trade();
        }
        (venue, pair)
    }

    /// Whom the kernel has no room for it drops, and who is dropped tries again a second later: a crowd that comes faster
    /// than it is looked at would keep everybody else out.
    #[test]
    fn a_crowd_that_comes_at_once_finds_room() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        venue.process.freeze();
        let crowd: Vec<_> = (0..500).map(|_| Client::connect(venue.fix, "MM3")).collect();
        venue.process.signal(Signal::CONT);
        pair.trade();
        drop(crowd);
        venue.client("MM3").log_out();
        finish(venue, pair);
    }

    #[test]
    fn a_storm_of_strangers_is_held_to_their_bound_and_leaves_nothing() {
        let (venue, mut pair) = storm(64, 16);
        // The bound holds exactly, still: of forty the last sixteen stay, and each of these may log on.
        let mut idle: Vec<_> = (0..40).map(|_| Client::connect(venue.fix, "MM3")).collect();
        let mut stay = idle.split_off(24);
        idle.iter_mut().for_each(Client::ends);
        pair.trade();
        for client in [stay.swap_remove(0), stay.swap_remove(14)] {
            let mut client = client;
            client.log_on(&[(141, "Y")]).assert(&[(35, "A")]);
            client.log_out();
        }
        drop(stay);
        finish(venue, pair);
    }

    #[test]
    fn a_storm_of_connections_is_held_to_the_bound_of_all_and_leaves_nothing() {
        let (venue, pair) = storm(12, 12);
        venue.client("MM3").log_out();
        finish(venue, pair);
    }
}

mod half_open {
    use super::*;

    /// A client whose machine has gone: nothing comes of it any more, not even the end of its connection.
    #[test]
    fn a_peer_that_vanishes_is_asked_and_cut_off_its_orders_cancelled_and_it_can_come_back() {
        let venue = Venue::start(&["session.MM4.cancel_grace_ms=0"]);
        let mut pair = pair(&venue);
        let mut copies = venue.client("DROP1");
        let mut vanished = Client::connect(venue.fix, "MM4");
        vanished.log_on(&[(141, "Y"), (108, "1")]).assert(&[(35, "A"), (108, "1")]);
        vanished.limit("left", SELL, "5", "590");
        vanished.execution(&[(11, "left"), (150, "0")]);
        let (next_out, next_in) = (vanished.next_out, vanished.next_in);
        copies.execution(&[(11, "left"), (150, "0")]);

        // It stays connected, and does nothing. That its order goes is seen by the one who watches.
        copies.execution(&[(11, "left"), (150, "4"), (39, "4"), (151, "0")]);
        venue.process.logged(&["the peer is silent"]);
        pair.trade();

        let mut client = Client::connect(venue.fix, "MM4");
        (client.next_out, client.next_in) = (next_out, next_in);
        client.send_logon("mm4-demo", &[]);
        let logon = client.receive_ahead(PATIENCE).expect("an answer to the logon");
        logon.assert(&[(35, "A")]);
        client.send("2", &[(7, &next_in.to_string()), (16, "0")]);
        client.receive().assert(&[(35, "4"), (123, "Y"), (43, "Y")]);
        let cancelled = client.execution(&[(11, "left"), (150, "4"), (43, "Y")]);
        assert!(!cancelled.field(58).is_empty(), "it says why: {cancelled}");
        client.receive().assert(&[(35, "4"), (36, &(logon.seq() + 1).to_string())]);
        client.limit("back", BUY, "1", "500");
        client.execution(&[(11, "back"), (150, "0")]);
        client.quiet();

        // What was said to it while it was away: whether it is there, and then no more.
        let said = vanished.closed();
        assert_eq!(said.last().expect("a word before the end").kind(), "1", "{said:?}");
        assert!(said.iter().all(|message| matches!(message.kind(), "0" | "1")), "{said:?}");
        assert_eq!(cancelled.seq(), vanished.next_in, "the report has the number after");
        client.log_out();
        drop(copies);
        finish(venue, pair);
    }
}

mod wrong_port {
    use std::{
        io::{Read, Write},
        net::{Shutdown, TcpStream},
    };

    use penstock_tests::venue::listener;
    use rustls::pki_types::ServerName;

    use super::*;

    /// The first words of a client that speaks TLS.
    fn client_hello() -> Vec<u8> {
        let provider = rustls::crypto::ring::default_provider();
        let config = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = rustls::ClientConnection::new(config.into(), name).unwrap();
        let mut hello = Vec::new();
        tls.write_tls(&mut hello).unwrap();
        hello
    }

    #[test]
    fn what_is_no_tls_where_it_is_spoken_and_tls_where_it_is_not_is_cut_off() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let secured = listener(&venue.process, "fix-tls");
        let hello = client_hello();
        let noise: Vec<u8> = (0..20_000u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let stranger = Client::connect(secured, "MM3");
        let logon =
            stranger.message("A", 1, &[(98, "0"), (108, "30"), (141, "Y"), (553, "MM3"), (554, "mm3-demo")]);
        let mut broken = hello.clone();
        broken[5] = 0xff; // no handshake message
        let cases = [(secured, &noise), (secured, &logon), (secured, &broken), (venue.fix, &hello)];
        for round in 0..20 {
            for &(address, bytes) in &cases {
                let mut client = Client::connect(address, "MM3");
                let name = client.address().to_string();
                // It may be cut off before the last byte is out.
                let _ = client.send_bytes(bytes);
                client.ends();
                if round == 0 {
                    venue.process.logged(&[&name]);
                }
            }
            pair.trade();
        }
        // Half a handshake, and then nothing, keeps nobody from anything.
        let mut half = TcpStream::connect(secured).unwrap();
        half.write_all(&hello[..hello.len() / 2]).unwrap();
        pair.trade();
        half.shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        let _ = half.read_to_end(&mut rest);
        venue.client("MM3").log_out();
        finish(venue, pair);
    }
}
