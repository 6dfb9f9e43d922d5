//! A session's messages, over SoupBinTCP and MoldUDP64, allocate nothing once buffers have their size.

use wire::{
    limits::MOLD_PACKET_BYTES_MAX,
    mold::{
        Answer, Publisher, Receiver, publisher,
        receiver::{self, Action, Delivery, Line},
    },
    sequenced::{Messages, SessionName},
    soup::{Client, Server, Times, client, server},
    types::Nanos,
};

const NOW: Nanos = Nanos(1_795_176_000_000_000_000);
const COUNT: u64 = 10_000;

/// A session that has `next - 1` messages already, all of them the same.
struct Same {
    next: u64,
    message: [u8; 48],
}

impl Messages for Same {
    fn session(&self) -> SessionName {
        SessionName::new("S1").expect("a name")
    }

    fn first(&self) -> u64 {
        1
    }

    fn next(&self) -> u64 {
        self.next
    }

    fn get(&self, number: u64) -> Option<&[u8]> {
        (1..self.next).contains(&number).then_some(&self.message[..])
    }

    fn ended(&self) -> bool {
        false
    }
}

#[test]
fn soupbintcp_replay_and_live_messages_allocate_nothing() {
    let mut messages = Same { next: COUNT / 2, message: [7; 48] };
    let (mut to_client, mut to_server) = (Vec::with_capacity(1 << 17), Vec::with_capacity(1 << 14));
    let config = client::Config::new("BM1", "bm1-demo").expect("they fit");
    let mut client = Client::new(config, None, 1);
    let mut server = Server::new(Times::default(), NOW);
    let mut got = 0;
    let counted = allocation_counter::measure(|| {
        client.connected(NOW, &mut to_server);
        while got < COUNT - 1 {
            let mut at = 0;
            loop {
                let (used, input) = server.receive(NOW, &to_server[at..]);
                at += used;
                match input {
                    server::Input::NeedMore => break,
                    server::Input::Login(_) => {
                        server.accept(NOW, &messages, &mut to_client).expect("there is such a message");
                    }
                    server::Input::Message(message) => assert_eq!(message, b"order"),
                    other => panic!("{other:?}"),
                }
            }
            to_server.clear();
            messages.next = COUNT.min(messages.next + 100);
            server.serve(NOW, &messages, &mut to_client);
            let mut at = 0;
            loop {
                let (used, input) = client.receive(NOW, &to_client[at..]);
                at += used;
                match input {
                    client::Input::NeedMore => break,
                    client::Input::Message { number, .. } => {
                        got += 1;
                        assert_eq!(number, got);
                        client.send(NOW, b"order", &mut to_server);
                    }
                    client::Input::LoggedIn => {}
                    other => panic!("{other:?}"),
                }
            }
            to_client.clear();
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn moldudp64_with_losses_allocates_nothing() {
    let mut messages = Same { next: 1, message: [7; 48] };
    let mut publisher = Publisher::new(publisher::Config::default(), messages.session(), 1, NOW);
    let mut receiver = Receiver::new(receiver::Config::default());
    assert!(receiver.resume(NOW, messages.session(), 1, |_| {}));
    let mut packet = Vec::with_capacity(MOLD_PACKET_BYTES_MAX);
    let (mut got, mut requests, mut packets, mut now) = (0, 0, 0, NOW);
    let counted = allocation_counter::measure(|| {
        while got < COUNT {
            messages.next += 10;
            let mut deliver =
                |delivery: Delivery<'_>| got += u64::from(matches!(delivery, Delivery::Message { .. }));
            while publisher.poll(now, &messages, &mut packet).expect("it fits") {
                packets += 1;
                if packets % 7 != 0 {
                    receiver.receive(now, Line::A, &packet, &mut deliver).expect("it is sound");
                    receiver.receive(now, Line::B, &packet, &mut deliver).expect("it is sound");
                }
            }
            now = now.after(1_000_000);
            if receiver.handle_timeout(now, &mut packet) == Action::Request {
                requests += 1;
                let mut answer = Answer::to(&packet, &messages).expect("it is there");
                while answer.poll(&messages, MOLD_PACKET_BYTES_MAX, &mut packet) {
                    receiver.receive(now, Line::Answer, &packet, &mut deliver).expect("it is sound");
                }
            }
        }
    });
    assert_eq!(counted.count_total, 0);
    assert!(requests > 100, "{requests} requests");
}
