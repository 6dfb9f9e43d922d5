//! A MoldUDP64 publisher, and an owner that does what a script says, a step to a line: `+20` adds a message of so many
//! bytes, `~500` lets so many milliseconds pass, `z` ends the session, `f5` forgets the messages before 5, `n` begins
//! another session.
//!
//! What is published can be read, has every message once and in its order, and stops at one that is too long.
#![no_main]

use harness::{Kept, NOON, later, lines, number};
use libfuzzer_sys::fuzz_target;
use wire::{
    limits::MOLD_MESSAGE_BYTES_MAX,
    mold::{
        Publisher,
        packet::{self, Body},
        publisher::Config,
    },
    sequenced::{Messages, SessionName},
};

fuzz_target!(|data: &[u8]| {
    let mut kept = Kept::new("S1", 0);
    let mut publisher = Publisher::new(Config::default(), kept.session, 1, NOON);
    let (mut now, mut next, mut sessions, mut skipped, mut datagram) = (NOON, 1, 1, 0, Vec::new());
    for line in lines(data) {
        match line {
            [b'+', rest @ ..] => kept.add(number(rest).0 as usize % 1_600),
            [b'~', rest @ ..] => now = later(now, rest),
            [b'z'] => kept.ended = true,
            [b'f', rest @ ..] => kept.first = number(rest).0.clamp(kept.first, kept.next()),
            [b'n'] => {
                sessions += 1;
                kept = Kept::new(&format!("S{sessions}"), 0);
                next = 1;
                skipped = publisher.skipped();
            }
            _ => {}
        }
        let mut polls = 0;
        loop {
            match publisher.poll(now, &kept, &mut datagram) {
                Ok(true) => {}
                Ok(false) => break,
                Err(too_long) => {
                    let message = kept.get(too_long.number).expect("it is there");
                    assert!(message.len() > MOLD_MESSAGE_BYTES_MAX);
                    break;
                }
            }
            polls += 1;
            assert!(polls <= kept.messages.len() + 2, "it says so much at once and no more");
            let read = packet::downstream(&datagram).expect("it is sound");
            assert_eq!(read.session, SessionName::new(&format!("S{sessions}")).expect("a name"));
            if read.number != next {
                assert!(
                    publisher.skipped() > skipped && read.number == kept.first,
                    "what it skips it counts"
                );
                next = read.number;
            }
            match read.body {
                Body::Heartbeat => assert!(!kept.ended && next == kept.next()),
                Body::EndOfSession => assert!(kept.ended && next == kept.next()),
                Body::Messages(blocks) => {
                    for message in blocks.messages() {
                        assert_eq!(Some(message), kept.get(next));
                        next += 1;
                    }
                }
            }
        }
    }
});
