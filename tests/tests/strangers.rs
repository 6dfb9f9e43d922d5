//! Programs of others read our streams: Debian's tshark, with the dissectors it came with, gets what our machines make
//! and must see in it what they meant, byte for byte, and nothing to complain of.

#[path = "strangers/fix.rs"]
mod fix;
#[path = "strangers/mold.rs"]
mod mold;
#[path = "strangers/payload.rs"]
mod payload;
#[path = "strangers/sbe.rs"]
mod sbe;
#[path = "strangers/soup.rs"]
mod soup;

use penstock_tests::{
    pcap::{Capture, From},
    tshark::{self, Packet},
};
use wire::{
    sequenced::{Messages, SessionName},
    types::Nanos,
};

/// 2026-11-20T12:00:00Z.
const NOON: Nanos = Nanos(1_795_176_000 * SECOND);
const SECOND: u64 = 1_000_000_000;

/// Insists that tshark has nothing to say against any of `packets`.
#[track_caller]
fn assert_sound(packets: &[Packet]) {
    for (i, packet) in packets.iter().enumerate() {
        let complaints = packet.complaints();
        assert!(complaints.is_empty(), "frame {}: {complaints:?}", i + 1);
    }
}

/// A session's messages, in memory.
struct Kept {
    messages: Vec<Vec<u8>>,
    ended: bool,
}

impl Kept {
    fn new() -> Kept {
        Kept { messages: Vec::new(), ended: false }
    }

    /// Adds a message of bytes of every kind; each is another one, and of another length.
    fn add(&mut self) {
        let n = self.messages.len();
        self.messages.push((0..=n * 7 % 300).map(|i| (i * 31 + n).to_le_bytes()[0]).collect());
    }
}

impl Messages for Kept {
    fn session(&self) -> SessionName {
        SessionName::new("20261120A").expect("a name")
    }

    fn first(&self) -> u64 {
        1
    }

    fn next(&self) -> u64 {
        self.messages.len() as u64 + 1
    }

    fn get(&self, number: u64) -> Option<&[u8]> {
        self.messages.get(usize::try_from(number).ok()?.checked_sub(1)?).map(Vec::as_slice)
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

mod captures {
    use super::*;

    /// What the other tests rest on: frames whose sums are right, streams without gaps, every byte there.
    #[test]
    fn a_capture_is_a_sound_one() {
        let long: Vec<u8> = (0..4_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let mut capture = Capture::new();
        let mut connection = capture.connect(7);
        capture.tcp(&mut connection, From::Client, b"question");
        capture.tcp(&mut connection, From::Server, &long);
        capture.close(connection);
        capture.udp(7, From::Server, b"odd");
        let packets = tshark::packets(&capture, &[]);
        assert_sound(&packets);
        let payloads = |port: &str| {
            let from = packets.iter().filter(|packet| packet.shows("tcp.srcport") == [port]);
            from.flat_map(|packet| packet.all("tcp.payload"))
                .flat_map(|field| field.bytes.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(payloads("40001"), b"question");
        assert_eq!(payloads("7"), long);
        assert_eq!(
            packets.last().expect("a datagram").all("udp.payload").next().expect("bytes").bytes,
            b"odd"
        );
    }

    /// That [`Packet::complaints`] sees what it is there to see: a message block that claims more than there is.
    #[test]
    fn what_tshark_finds_wrong_is_told() {
        let mut capture = Capture::new();
        capture.udp(9890, From::Server, b"SESSION001\0\0\0\0\0\0\0\x05\0\x01\0\x05four");
        let packets = tshark::packets(&capture, &["-d", "udp.port==9890,moldudp64"]);
        let complaints = packets[0].complaints();
        assert!(
            complaints.contains(&"Invalid Message Length (claimed 5, found 4)".to_owned()),
            "{complaints:?}"
        );
    }
}
