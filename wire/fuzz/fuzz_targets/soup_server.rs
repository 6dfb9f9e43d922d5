//! A SoupBinTCP server, and a client that does what a script says, a step to a line:
//!
//! * `~1500` lets so many milliseconds pass; `+20` adds a message of so many bytes to the session; `z` ends it;
//!   `f5` forgets the messages before 5; `j` has the owner refuse the next login;
//! * `!` and bytes are received as they are;
//! * anything else is a packet, from its type on: its length is put before it.
//!
//! Whatever comes, the machine goes on or closes; what it says are packets, and messages come in their order.
#![no_main]

use harness::{Kept, NOON, later, lines, number};
use libfuzzer_sys::fuzz_target;
use wire::{
    sequenced::Messages,
    soup::{
        RejectReason, Server, Times,
        packet::{self, kind},
        server::{CHUNK_BYTES_MAX, Input},
    },
};

fuzz_target!(|data: &[u8]| {
    let mut kept = Kept::new("S1", 6);
    let mut server = Server::new(Times::default(), NOON);
    let (mut out, mut now, mut refuse, mut next) = (Vec::new(), NOON, false, None);
    for line in lines(data) {
        let bytes = match line {
            [b'~', rest @ ..] => {
                now = later(now, rest);
                server.handle_timeout(now, &mut out);
                assert!(server.deadline() > now, "time asks for nothing twice");
                Vec::new()
            }
            [b'+', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => {
                kept.add(number(rest).0 as usize % 5_000);
                Vec::new()
            }
            [b'z'] => {
                kept.ended = true;
                Vec::new()
            }
            [b'f', rest @ ..] => {
                kept.first = number(rest).0.clamp(kept.first, kept.next());
                Vec::new()
            }
            [b'j'] => {
                refuse = true;
                Vec::new()
            }
            [b'!', rest @ ..] => rest.to_vec(),
            packet => [&(packet.len() as u16).to_be_bytes(), packet].concat(),
        };
        let mut at = 0;
        loop {
            let (used, input) = server.receive(now, &bytes[at..]);
            at += used;
            assert!(at <= bytes.len());
            match input {
                Input::Login(login) => {
                    assert!(login.username.len() <= 6 && login.password.len() <= 10);
                    if refuse {
                        server.reject(now, RejectReason::NotAuthorized, &mut out);
                    } else if let Ok(number) = server.accept(now, &kept, &mut out) {
                        assert!(next.replace(number).is_none(), "one login to a connection");
                        assert!(kept.first() <= number && number <= kept.next());
                    }
                }
                Input::Message(message) => {
                    server.send_unsequenced(now, message, &mut out);
                }
                Input::NeedMore | Input::Close(_) => break,
                Input::Handled | Input::Debug(_) => assert!(used > 0),
            }
        }
        let before = out.len();
        server.serve(now, &kept, &mut out);
        assert!(out.len() - before <= CHUNK_BYTES_MAX + 3);
        let mut said = &out[..];
        while let Some(packet) = packet::next(said).expect("it says packets") {
            if packet.kind == kind::SEQUENCED {
                let number = next.expect("after the login");
                assert_eq!(Some(packet.payload), kept.get(number));
                next = Some(number + 1);
            }
            said = &said[packet.bytes()..];
        }
        assert!(said.is_empty(), "it says whole packets");
        out.clear();
    }
});
