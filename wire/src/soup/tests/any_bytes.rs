//! Hostile peers: whatever the bytes, the machines go on or close, and their output is packets.

use proptest::prelude::*;

use super::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let packet = ("[+AJSUHZLROx]", prop::collection::vec(any::<u8>(), 0..50)).prop_map(|(kind, payload)| {
        let [.., len] = (payload.len() + 1).to_be_bytes();
        [&[0, len], kind.as_bytes(), &payload].concat()
    });
    let good = prop::sample::select(vec![
        login(None, 0),
        login(Some("S1"), 3),
        login(Some("S2"), 3),
        b"\0\x1fA        S1                   1".to_vec(),
        b"\0\x01R".to_vec(),
        b"\0\x01H".to_vec(),
        b"\0\x02Ux".to_vec(),
        b"\0\x02Sx".to_vec(),
    ]);
    prop_oneof![6 => good, 1 => packet, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_client_makes_a_server_panic_or_say_what_is_no_packet(
        pieces in prop::collection::vec((bytes(), 0_u64..3_000), 0..30), verdicts: u64
    ) {
        let kept = Kept::counting(6);
        let (mut server, mut out, mut now) = (Server::new(Times::default(), NOON), Vec::new(), NOON);
        for (i, (bytes, wait)) in pieces.iter().enumerate() {
            now = now.after(wait * 1_000_000);
            let mut at = 0;
            for _ in 0..=bytes.len() {
                let (used, input) = server.receive(now, &bytes[at..]);
                at += used;
                prop_assert!(at <= bytes.len());
                match input {
                    server::Input::Login(_) if verdicts >> i & 1 == 0 => {
                        let _ = server.accept(now, &kept, &mut out);
                    }
                    server::Input::Login(_) => server.reject(now, RejectReason::NotAuthorized, &mut out),
                    server::Input::NeedMore | server::Input::Close(_) => break,
                    _ => prop_assert!(used > 0),
                }
            }
            server.serve(now, &kept, &mut out);
            server.handle_timeout(now, &mut out);
            kinds(&out);
        }
    }

    #[test]
    fn no_server_makes_a_client_panic_or_say_what_is_no_packet(
        pieces in prop::collection::vec((bytes(), 0_u64..3_000), 0..30), next in 0_u64..3
    ) {
        let mut client = Client::new(Config::new("BM1", "bm1-demo").unwrap(), None, next);
        let (mut out, mut now) = (Vec::new(), NOON);
        client.connected(now, &mut out);
        for (bytes, wait) in pieces {
            now = now.after(wait * 1_000_000);
            let mut at = 0;
            for _ in 0..=bytes.len() {
                let before = client.next();
                let (used, input) = client.receive(now, &bytes[at..]);
                at += used;
                match input {
                    client::Input::Message { number, .. } => {
                        prop_assert_eq!((number, number + 1), (before, client.next()));
                    }
                    client::Input::NeedMore | client::Input::Close(_) => break,
                    _ => prop_assert!(used > 0),
                }
            }
            client.send(now, b"x", &mut out);
            if client.handle_timeout(now, &mut out).is_some() {
                client.disconnected();
                client.connected(now, &mut out);
            }
            kinds(&out);
        }
    }
}
