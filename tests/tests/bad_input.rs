//! Peers that are broken, hostile or asleep: they are answered or cut off by the rules of FIX, the log has a line
//! about it, and sessions that behave well notice nothing.

use std::{
    io::ErrorKind,
    net::TcpStream,
    time::{Duration, Instant},
};

use penstock_tests::{
    Client, Message, PATIENCE, Venue, clock,
    fix::{NoMessage, SOH, frame_with},
    trade::{BUY, Pair},
};

/// The two sessions of `venue` that behave well. The bad one is always MM3.
fn pair(venue: &Venue) -> Pair {
    Pair::new(venue.client("MM1"), venue.client("MM2"))
}

/// Ends a test: the pair has missed nothing and the venue ends as it should.
fn finish(venue: Venue, mut pair: Pair) {
    pair.trade();
    pair.finish();
    venue.stop();
}

/// Insists that `client` is refused: nothing but perhaps a logout, then the end of the connection; and that the
/// log names its address, or the session it claims to be.
fn assert_refused(venue: &Venue, mut client: Client, session: &str) {
    let address = client.address().to_string();
    for message in client.closed() {
        assert_eq!(message.kind(), "5", "before the end: {message}");
        assert!(!message.field(58).is_empty(), "a logout that refuses says why: {message}");
    }
    venue.process.logged(&[&address, session]);
}

mod before_logon {
    use super::*;

    #[test]
    fn garbage_is_cut_off() {
        let venue = Venue::start(&["fix.logon_timeout_ms=500"]);
        let mut pair = pair(&venue);
        let noise: Vec<u8> = (0..20_000u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let cases: [&[u8]; 7] = [
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"8=FIX.4.4\x019=99999999999999999999\x0135=A\x01",
            b"8=FIX.4.4\x019=-5\x0135=A\x0110=000\x01",
            b"8=\x019=\x0135=\x01",
            &[SOH; 4096],
            &noise,
        ];
        for bytes in cases {
            let mut client = Client::connect(venue.fix, "MM3");
            let address = client.address().to_string();
            // It may be cut off before the last byte is out.
            let _ = client.send_bytes(bytes);
            assert_eq!(client.closed(), [], "garbage gets no answer");
            venue.process.logged(&[&address]);
            pair.trade();
        }
        finish(venue, pair);
    }

    #[test]
    fn a_wrong_password_is_refused() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        for password in ["mm3-dem", "mm3-demo ", "MM3-DEMO", "x", "mm1-demo"] {
            let mut client = Client::connect(venue.fix, "MM3");
            client.send_logon(password, &[(141, "Y")]);
            assert_refused(&venue, client, "MM3");
        }
        // A password that was wrong is never shown, lest it was nearly right or somebody else's.
        assert!(!venue.process.log().contains("mm3-dem"), "the log shows a password");
        venue.client("MM3").log_out();
        finish(venue, pair);
    }

    #[test]
    fn a_logon_without_a_password_is_refused() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        client.send("A", &[(98, "0"), (108, "30"), (141, "Y")]);
        assert_refused(&venue, client, "MM3");
        finish(venue, pair);
    }

    #[test]
    fn an_unknown_comp_id_is_refused() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        for name in ["NOBODY", "mm3", "MM33", "MM1 ", "PENSTOCK"] {
            let mut client = Client::connect(venue.fix, name);
            client.send_logon("mm3-demo", &[(141, "Y")]);
            let address = client.address().to_string();
            let before = client.closed();
            assert!(before.iter().all(|m| m.kind() == "5"), "{name}: {before:?}");
            venue.process.logged(&[&address]);
        }
        finish(venue, pair);
    }

    #[test]
    fn a_username_of_another_session_is_refused() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        client.send_logon("mm3-demo", &[(141, "Y"), (553, "MM1")]);
        assert_refused(&venue, client, "MM3");
        finish(venue, pair);
    }

    #[test]
    fn a_message_to_another_venue_is_refused() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        let time = clock::now();
        let body = format!(
            "35=A\u{1}49=MM3\u{1}56=ELSEWHERE\u{1}34=1\u{1}52={time}\u{1}98=0\u{1}108=30\u{1}553=MM3\u{1}554=mm3-demo\u{1}"
        );
        client.send_bytes(&frame_with("FIX.4.4", body.len(), &body, None)).unwrap();
        assert_refused(&venue, client, "MM3");
        finish(venue, pair);
    }

    /// FIX 4.4, volume 2: the first message must be a logon, anything else ends the connection.
    #[test]
    fn an_order_before_the_logon_ends_the_connection_and_does_nothing() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        client.limit("early", BUY, "1", "585");
        let address = client.address().to_string();
        let before = client.closed();
        assert!(before.iter().all(|m| m.kind() == "5"), "{before:?}");
        venue.process.logged(&[&address, "MM3"]);
        finish(venue, pair);
    }

    #[test]
    fn a_peer_that_sends_a_byte_at_a_time_is_cut_off_however_long_its_message() {
        let venue = Venue::start(&["fix.logon_timeout_ms=500"]);
        let mut pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        let address = client.address().to_string();
        // A message of the length it promises would take minutes.
        let begin = b"8=FIX.4.4\x019=5000\x0135=A\x0158=".iter().copied().chain(std::iter::repeat(b'x'));
        let deadline = Instant::now() + PATIENCE;
        for byte in begin {
            assert!(Instant::now() < deadline, "a logon that never ends is waited for");
            let gone = client.send_bytes(&[byte]).is_err();
            match client.receive_within(Duration::from_millis(20)) {
                Err(NoMessage::Silence) if !gone => {}
                Err(_) => break,
                Ok(message) => assert_eq!(message.kind(), "5", "{message}"),
            }
        }
        venue.process.logged(&[&address]);
        pair.trade();
        finish(venue, pair);
    }

    #[test]
    fn a_peer_that_says_nothing_is_cut_off() {
        let venue = Venue::start(&["fix.logon_timeout_ms=500"]);
        let pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        let address = client.address().to_string();
        assert_eq!(client.closed(), []);
        venue.process.logged(&[&address]);
        finish(venue, pair);
    }

    #[test]
    fn a_peer_that_connects_and_goes_is_no_event() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        for _ in 0..200 {
            drop(TcpStream::connect(venue.fix).unwrap());
        }
        pair.trade();
        finish(venue, pair);
    }
}

mod logged_on {
    use super::*;

    #[test]
    fn a_second_logon_is_refused_and_the_live_session_goes_on() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut live = venue.client("MM3");
        for more in [&[(141, "Y")][..], &[]] {
            let mut second = Client::connect(venue.fix, "MM3");
            second.send_logon("mm3-demo", more);
            assert_refused(&venue, second, "MM3");
            live.quiet();
            pair.trade();
        }
        live.limit("alive", BUY, "1", "500");
        live.execution(&[(11, "alive"), (150, "0")]);
        live.log_out();
        finish(venue, pair);
    }

    /// FIX 4.4, volume 2: a garbled message is ignored, its number not used up.
    #[test]
    fn a_garbled_message_is_passed_over() {
        let venue = Venue::start(&[]);
        let pair = pair(&venue);
        let mut client = venue.client("MM3");
        let good = String::from_utf8(client.message("1", client.next_out, &[(112, "lost")])).unwrap();
        let end = good.rfind("10=").unwrap();
        let begin = good.find("35=").unwrap();
        let body = &good[begin..end];
        let garbled = [
            frame_with("FIX.4.4", body.len(), body, Some("000")),
            frame_with("FIX.4.4", body.len() - 1, body, None),
            frame_with("FIX.4.4", body.len() + 1, body, None),
            format!("{}35=1\u{1}9={}\u{1}{}", "8=FIX.4.4\u{1}", body.len(), &good[begin..]).into_bytes(),
        ];
        // The sum of the first may happen to be right.
        for bytes in garbled.iter().filter(|b| Message::parse(b).is_err()) {
            client.send_bytes(bytes).unwrap();
            client.quiet();
        }
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn garbage_is_passed_over_or_cut_off_and_the_session_can_come_back() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        let noise: Vec<u8> =
            (0..100_000u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let _ = client.send_bytes(&noise);
        pair.trade();
        venue.process.logged(&["MM3", &client.address().to_string()]);
        let (next_out, next_in) = client.cut();
        let mut client = returning(&venue, next_out, next_in);
        client.quiet();
        client.log_out();
        finish(venue, pair);
    }

    #[test]
    fn a_message_beyond_the_limit_ends_the_connection_and_the_session_can_come_back() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        let address = client.address().to_string();
        let long = "x".repeat(9_000);
        let bytes = client.message("1", client.next_out, &[(112, &long)]);
        // It may be cut off before the last byte is out.
        let _ = client.send_bytes(&bytes);
        let before = client.closed();
        assert!(before.iter().all(|m| m.kind() == "5"), "{before:?}");
        venue.process.logged(&["MM3", &address]);
        pair.trade();
        let (next_out, next_in) = client.cut();
        returning(&venue, next_out, next_in).log_out();
        finish(venue, pair);
    }

    /// A message that never becomes whole is no sign of life: the heartbeat runs out over it.
    #[test]
    fn a_peer_that_sends_a_byte_at_a_time_is_tested_and_logged_out() {
        let venue = Venue::start(&[]);
        let mut pair = pair(&venue);
        let mut client = Client::connect(venue.fix, "MM3");
        client.log_on(&[(141, "Y"), (108, "1")]).assert(&[(35, "A"), (108, "1")]);
        let mut bytes = b"8=FIX.4.4\x019=5000\x0135=1\x01112=".iter().copied().chain(std::iter::repeat(b'x'));
        let mut kinds = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "a peer that sends no message is kept: {kinds:?}");
            let gone = client.send_bytes(&[bytes.next().unwrap()]).is_err();
            match client.receive_within(Duration::from_millis(50)) {
                Ok(message) => kinds.push(message.kind().to_owned()),
                Err(NoMessage::Silence) if !gone => {}
                Err(_) => break,
            }
        }
        assert!(kinds.contains(&"1".to_owned()), "a test request comes before the end: {kinds:?}");
        venue.process.logged(&["MM3"]);
        pair.trade();
        finish(venue, pair);
    }

    #[test]
    fn a_peer_that_never_reads_is_cut_off_and_can_come_back() {
        let venue = Venue::start(&["fix.output_bytes_max=65536"]);
        let mut pair = pair(&venue);
        let mut client = venue.client("MM3");
        let address = client.address().to_string();
        // Each of these is answered by two reports, and rests nowhere. What the kernel takes in for a peer that
        // does not read are some megabytes, so that a million orders must be far too many.
        let mut sent = 0u32;
        let gone = loop {
            assert!(sent < 1_000_000, "reports that nobody reads are kept without bound");
            let time = clock::now();
            let mut batch = Vec::new();
            for _ in 0..1_000 {
                sent += 1;
                let (id, seq) = (format!("n{sent}"), client.next_out);
                client.next_out += 1;
                let order = [(11, id.as_str()), (55, "AAPL"), (54, "1"), (60, &time), (38, "1")];
                let terms = [(40, "2"), (44, "500"), (59, "3")];
                batch.extend(client.message("D", seq, &[&order[..], &terms[..]].concat()));
            }
            if let Err(error) = client.send_bytes(&batch) {
                break error;
            }
            if sent.is_multiple_of(10_000) {
                pair.trade();
            }
        };
        assert!(
            matches!(gone.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
            "the venue stopped reading instead of cutting off: {gone}"
        );
        venue.process.logged(&["MM3", &address]);
        pair.trade();
        drop(client);
        venue.client("MM3").log_out();
        finish(venue, pair);
    }

    /// Session MM3 back after a break, numbers going on. What it missed comes by its resend request.
    fn returning(venue: &Venue, next_out: u64, next_in: u64) -> Client {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut client = Client::connect(venue.fix, "MM3");
            (client.next_out, client.next_in) = (next_out, next_in);
            client.send_logon("mm3-demo", &[]);
            // The venue may not have noticed yet that the former connection is gone, and then refuses this one;
            // and numbers it used for heartbeats and the like are asked for again.
            match first_logon(&mut client) {
                Some(()) => return client,
                None => assert!(Instant::now() < deadline, "MM3 cannot come back"),
            }
        }
    }

    /// Reads the answer to a logon whose number may be ahead of what was received.
    fn first_logon(client: &mut Client) -> Option<()> {
        match client.receive_ahead(PATIENCE) {
            Ok(message) if message.kind() == "A" => {
                let (expected, got) = (client.next_in, message.seq());
                if got > expected {
                    client.send("2", &[(7, &expected.to_string()), (16, "0")]);
                    while client.next_in <= got {
                        let _ = client.receive();
                    }
                } else {
                    client.next_in += 1;
                }
                Some(())
            }
            _ => None,
        }
    }
}

mod crowds {
    use super::*;

    /// Connections in these tests: both ends are in this machine, and the venue inherits this limit.
    fn allow_files() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let wanted = limit.maximum.unwrap_or(8_192).min(8_192);
        if limit.current.is_some_and(|current| current < wanted) {
            setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).unwrap();
        }
        assert!(wanted >= 4_096, "this test needs 4,096 open files, of which the system allows {wanted}");
    }

    #[test]
    fn a_thousand_idle_connections_are_held_and_trading_goes_on() {
        allow_files();
        let venue = Venue::start(&[
            "fix.connections_max=2048",
            "fix.connections_unauthenticated_max=2000",
            "fix.logon_timeout_ms=60000",
        ]);
        let mut pair = pair(&venue);
        let mut idle: Vec<_> = (0..1_000).map(|_| Client::connect(venue.fix, "MM3")).collect();
        for _ in 0..20 {
            pair.trade();
        }
        // They are held, indeed: the last, the first and one between can still log on, one after the other.
        for at in [999, 0, 500] {
            let mut client = idle.swap_remove(at.min(idle.len() - 1));
            client.log_on(&[(141, "Y")]).assert(&[(35, "A")]);
            client.log_out();
        }
        pair.trade();
        drop(idle);
        finish(venue, pair);
    }

    #[test]
    fn a_thousand_idle_connections_do_not_keep_a_client_out() {
        allow_files();
        let venue = Venue::start(&[]); // at most 256 without a logon, of 1,024
        let mut pair = pair(&venue);
        let idle: Vec<_> = (0..1_000).map(|_| Client::connect(venue.fix, "MM3")).collect();
        venue.client("MM3").log_out();
        for _ in 0..20 {
            pair.trade();
        }
        venue.process.logged(&[&idle[0].address().to_string()]);
        drop(idle);
        finish(venue, pair);
    }

    #[test]
    fn more_connections_than_the_venue_takes_are_closed_and_sessions_go_on() {
        let venue = Venue::start(&["fix.connections_max=8", "fix.connections_unauthenticated_max=8"]);
        let mut pair = pair(&venue);
        let mut crowd: Vec<_> = (0..30).map(|_| Client::connect(venue.fix, "MM3")).collect();
        let mut turned_away = 0;
        for client in &mut crowd {
            turned_away +=
                u32::from(client.receive_within(Duration::from_millis(100)) == Err(NoMessage::Closed));
        }
        assert!(turned_away >= 24, "eight are taken, of which the pair has two; {turned_away} were closed");
        pair.trade();
        drop(crowd);
        finish(venue, pair);
    }
}
