//! A SoupBinTCP client, and a server that does what a script says, a step to a line:
//!
//! * `~1500` lets so many milliseconds pass; `>` sends; `#` makes a new connection; `x` logs out;
//! * `!` and bytes are received as they are;
//! * anything else is a packet, from its type on: its length is put before it.
//!
//! Whatever comes, the machine goes on or closes; what it says are packets, and what it hands up is numbered without a
//! gap, over all its connections.
#![no_main]

use harness::{NOON, later, lines};
use libfuzzer_sys::fuzz_target;
use wire::soup::{
    Client,
    client::{Config, Input},
    packet::{self, kind},
};

fuzz_target!(|data: &[u8]| {
    let config = Config::new("BM1", "bm1-demo").expect("they fit");
    let mut client = Client::new(config, None, u64::from(!data.starts_with(b"0")));
    let (mut out, mut now, mut last) = (Vec::new(), NOON, None);
    client.connected(now, &mut out);
    for line in lines(data) {
        let bytes = match line {
            [b'~', rest @ ..] => {
                now = later(now, rest);
                client.handle_timeout(now, &mut out);
                assert!(client.deadline() > now, "time asks for nothing twice");
                Vec::new()
            }
            [b'>', rest @ ..] => {
                client.send(now, rest, &mut out);
                Vec::new()
            }
            [b'#'] => {
                client.disconnected();
                client.connected(now, &mut out);
                Vec::new()
            }
            [b'x'] => {
                client.logout(now, &mut out);
                Vec::new()
            }
            [b'!', rest @ ..] => rest.to_vec(),
            packet => [&(packet.len() as u16).to_be_bytes(), packet].concat(),
        };
        let (mut at, session) = (0, client.session());
        loop {
            let (used, input) = client.receive(now, &bytes[at..]);
            at += used;
            assert!(at <= bytes.len());
            match input {
                Input::Message { number, .. } => {
                    assert!(last.is_none_or(|last: u64| last + 1 == number), "{number} after {last:?}");
                    assert!(client.next() == number + 1 && client.session().is_some());
                    last = Some(number);
                }
                Input::LoggedIn => assert!(session.is_none() || session == client.session()),
                Input::NeedMore | Input::Close(_) => break,
                Input::Handled | Input::Unsequenced(_) | Input::Debug(_) => assert!(used > 0),
            }
        }
        let mut said = &out[..];
        while let Some(packet) = packet::next(said).expect("it says packets") {
            if packet.kind == kind::LOGIN_REQUEST {
                let login = packet::login(packet.payload).expect("a sound one");
                assert!(last.is_none_or(|last| login.number == last + 1 && login.session.is_some()));
            }
            said = &said[packet.bytes()..];
        }
        assert!(said.is_empty(), "it says whole packets");
        out.clear();
    }
});
