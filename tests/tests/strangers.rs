//! Programs of others read our streams: Debian's tshark, with the dissectors it came with.

use penstock_tests::{
    pcap::{Capture, From},
    tshark::{self, Packet},
};

/// Insists that tshark has nothing to say against any of `packets`.
#[track_caller]
fn assert_sound(packets: &[Packet]) {
    for (i, packet) in packets.iter().enumerate() {
        let complaints = packet.complaints();
        assert!(complaints.is_empty(), "frame {}: {complaints:?}", i + 1);
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
