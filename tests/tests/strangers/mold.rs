//! MoldUDP64: what a publisher sends, a receiver's request, the answer to it, and the end of the session.

use wire::{
    limits::MOLD_PACKET_BYTES_MAX,
    mold::{
        Answer, Publisher, Receiver, publisher,
        receiver::{self, Action, Line},
    },
};

use super::*;

const PORT: u16 = 9890;

/// A packet as tshark sees it: session, sequence number, count, and the messages with their numbers.
#[derive(Debug, PartialEq)]
struct Seen {
    session: String,
    number: u64,
    count: u16,
    messages: Vec<(u64, Vec<u8>)>,
}

fn seen(packet: &Packet) -> Seen {
    let one = |name: &str| match packet.shows(name).as_slice() {
        [value] => (*value).to_owned(),
        other => panic!("{name}: {other:?}"),
    };
    // A message without a byte has no payload to be seen.
    let mut messages: Vec<(u64, Vec<u8>)> = Vec::new();
    for field in &packet.0 {
        match field.name.as_str() {
            "moldudp64.msgseq" => messages.push((field.show.parse().expect("a number"), Vec::new())),
            "moldudp64.msgdata" => {
                messages.last_mut().expect("its number is before it").1 = field.bytes.clone()
            }
            _ => {}
        }
    }
    Seen {
        session: one("moldudp64.session"),
        number: one("moldudp64.sequence").parse().expect("a number"),
        count: one("moldudp64.count").parse().expect("a number"),
        messages,
    }
}

#[test]
fn tshark_reads_moldudp64_packets() {
    let mut kept = Kept::new();
    let mut publisher = Publisher::new(publisher::Config::default(), kept.session(), 1, NOON);
    let mut receiver = Receiver::new(receiver::Config::default());
    assert!(receiver.resume(NOON, kept.session(), 1, |_| {}));
    let (mut capture, mut packet, mut now) = (Capture::new(), Vec::new(), NOON);
    let (mut expected, mut published, mut got) = (Vec::new(), 0, 0);
    let messages = |kept: &Kept, first: u64, end: u64| Seen {
        session: " 20261120A".to_owned(),
        number: first,
        count: u16::try_from(end - first).expect("few"),
        messages: (first..end).map(|n| (n, kept.get(n).expect("it is there").to_vec())).collect(),
    };
    let bare = |number: u64, count: u16| Seen {
        session: " 20261120A".to_owned(),
        number,
        count,
        messages: Vec::new(),
    };
    kept.messages.push(Vec::new());
    for step in 0..6 {
        (0..10 * step).for_each(|_| kept.add());
        kept.ended = step == 5;
        now = now.after(SECOND);
        loop {
            let first = publisher.next();
            if !publisher.poll(now, &kept, &mut packet).expect("it fits") {
                break;
            }
            capture.udp(PORT, From::Server, &packet);
            expected.push(match publisher.next() {
                end if end > first => messages(&kept, first, end),
                _ => bare(first, if kept.ended { 0xffff } else { 0 }),
            });
            published += 1;
            if published % 3 != 2 {
                receiver.receive(now, Line::A, &packet, |_| got += 1).expect("it is sound");
            }
        }
        now = now.after(SECOND / 2);
        if receiver.handle_timeout(now, &mut packet) == Action::Request {
            capture.udp(PORT, From::Client, &packet);
            let count = u16::from_be_bytes(packet[18..20].try_into().expect("two bytes"));
            expected.push(bare(receiver.next(), count));
            let mut answer = Answer::to(&packet, &kept).expect("it is there");
            let mut first = receiver.next();
            while answer.poll(&kept, MOLD_PACKET_BYTES_MAX, &mut packet) {
                capture.udp(PORT, From::Server, &packet);
                let end =
                    first + u64::from(u16::from_be_bytes(packet[18..20].try_into().expect("two bytes")));
                expected.push(messages(&kept, first, end));
                receiver.receive(now, Line::Answer, &packet, |_| got += 1).expect("it is sound");
                first = end;
            }
        }
    }
    assert_eq!(got, kept.messages.len() + 1, "each message, and the end");

    let packets = tshark::packets(&capture, &["-d", "udp.port==9890,moldudp64"]);
    for (packet, expected) in packets.iter().zip(&expected) {
        assert_eq!(&seen(packet), expected);
    }
    assert_eq!(packets.len(), expected.len());
    assert_sound(&packets);
}
