//! A MoldUDP64 receiver of a session of 2,000 messages, and a network that does what a script says, a step to a line:
//!
//! * `A5,3` (or `B`) brings messages 5 to 7 on that line, `h8` a heartbeat whose next number is 8, `e8` an end of session;
//! * `?` has the re-request server answer the last request; `~20` lets so many milliseconds pass; `s5` is a snapshot as
//!   of the message before 5; `n` begins another session, of which `A` and so on tell from then on;
//! * `!` and bytes are received as they are.
//!
//! Whatever comes, what is handed on is numbered without a gap and is what was sent; when that cannot be, the receiver
//! says so.
#![no_main]

use harness::{Kept, NOON, later, lines, number};
use libfuzzer_sys::fuzz_target;
use wire::{
    limits::MOLD_PACKET_BYTES_MAX,
    mold::{
        Answer, Receiver, packet,
        receiver::{Action, Config, Delivery, Line, State},
    },
    sequenced::{Messages, SessionName},
    types::Nanos,
};

struct World {
    receiver: Receiver,
    kept: Kept,
    now: Nanos,
    /// The number that must be handed on next.
    next: u64,
    /// Bytes came that nobody made of the session's messages.
    forged: bool,
}

impl World {
    fn deliver(kept: &Kept, next: &mut u64, forged: bool, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Message { number, message } => {
                assert_eq!(number, *next);
                assert!(forged || kept.get(number) == Some(message));
                *next += 1;
            }
            Delivery::Session { .. } => *next = 1,
            Delivery::EndOfSession => {}
        }
    }

    fn hear(&mut self, line: Line, datagram: &[u8]) {
        let World { receiver, kept, next, .. } = self;
        let forged = self.forged;
        let state = receiver.state();
        let before = *next;
        let session = receiver.session();
        let heard = receiver.receive(self.now, line, datagram, |d| World::deliver(kept, next, forged, d));
        assert!(self.forged || heard.is_ok());
        let same = session == receiver.session();
        assert!(state == State::Following || !same || before == *next, "nothing comes unasked");
        assert!(receiver.state() != State::Following || receiver.next() == *next);
    }

    /// Makes a datagram of a publisher and lets it arrive.
    fn send(&mut self, line: Line, first: u64, count: u64) {
        let first = first.clamp(1, self.kept.next());
        let end = (first + count.min(500)).min(self.kept.next());
        let mut request = Vec::new();
        if end == first {
            return;
        }
        let wanted =
            packet::Request { session: self.kept.session, number: first, count: (end - first) as u16 };
        packet::write_request(&wanted, &mut request);
        self.answer(line, &request);
    }

    fn answer(&mut self, line: Line, request: &[u8]) {
        let mut datagram = Vec::new();
        let Ok(mut answer) = Answer::to(request, &self.kept) else { return };
        while answer.poll(&self.kept, MOLD_PACKET_BYTES_MAX, &mut datagram) {
            self.hear(line, &datagram);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let config = Config { early_packets_max: 4, gap_messages_max: 1_000, ..Config::default() };
    let mut world = World {
        receiver: Receiver::new(config),
        kept: Kept::new("S1", 2_000),
        now: NOON,
        next: 1,
        forged: false,
    };
    let (mut datagram, mut request, mut sessions) = (Vec::new(), Vec::new(), 1);
    for line in lines(data) {
        match line {
            [b'A' | b'B', rest @ ..] => {
                let side = if line[0] == b'A' { Line::A } else { Line::B };
                let (first, rest) = number(rest);
                let (count, _) = number(rest.get(1..).unwrap_or_default());
                world.send(side, first, count);
            }
            [kind @ (b'h' | b'e'), rest @ ..] => {
                let number = number(rest).0.clamp(1, world.kept.next());
                let write =
                    if *kind == b'h' { packet::write_heartbeat } else { packet::write_end_of_session };
                write(world.kept.session, number, &mut datagram);
                world.hear(Line::A, &datagram);
            }
            [b'?', ..] => {
                let asked = std::mem::take(&mut request);
                world.answer(Line::Answer, &asked);
            }
            [b'~', rest @ ..] => {
                world.now = later(world.now, rest);
                match world.receiver.handle_timeout(world.now, &mut request) {
                    Action::None => {}
                    Action::Request => {
                        let asked = packet::request(&request).expect("a sound one");
                        assert_eq!(asked.number, world.next, "nothing that has been handed on is asked for");
                    }
                    Action::SnapshotNeeded { first, last } => {
                        assert!(first == world.next && last >= first);
                        assert_eq!(world.receiver.state(), State::AwaitingSnapshot);
                    }
                }
                assert!(world.receiver.deadline() > world.now, "time asks for nothing twice");
            }
            [b's', rest @ ..] => {
                let World { receiver, kept, now, next, forged } = &mut world;
                let from = number(rest).0.max(1);
                let former = *next;
                *next = from;
                let forged = *forged;
                if !receiver.resume(*now, kept.session, from, |d| World::deliver(kept, next, forged, d)) {
                    *next = former;
                }
            }
            [b'n'] => {
                sessions += 1;
                world.kept.session = SessionName::new(&format!("S{sessions}")).expect("a name");
            }
            [b'!', rest @ ..] => {
                world.forged = true;
                world.hear(Line::B, rest);
            }
            _ => {}
        }
    }
});
