//! A capture file as a network card's tap would have written it: Ethernet, IPv4, TCP and UDP frames around bytes that
//! never were on a network. Programs of others then read the bytes with what they know of our protocols.
//!
//! The format is libpcap's with nanoseconds (draft-ietf-opsawg-pcap); addresses are those of RFC 5737's example network.

use std::{fs, io, path::Path};

/// What stands before the bytes of a TCP segment or UDP datagram: Ethernet, IPv4.
const ETHERNET: usize = 14;
const IPV4: usize = 20;
const TCP: usize = 20;
const UDP: usize = 8;
/// Bytes of a segment, as Ethernet's MTU of 1500 leaves them.
const SEGMENT_BYTES_MAX: usize = 1500 - IPV4 - TCP;

const FIN: u8 = 1;
const SYN: u8 = 2;
const PUSH: u8 = 8;
const ACK: u8 = 16;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The side that connected.
    Client,
    /// The side whose port is known.
    Server,
}

/// A capture in the making. Its clock starts in November 2026 and goes on by a microsecond with each frame.
#[derive(Debug)]
pub struct Capture {
    file: Vec<u8>,
    now_ns: u64,
    connections: u16,
}

/// A TCP connection within a capture.
#[derive(Debug)]
pub struct Connection {
    client_port: u16,
    server_port: u16,
    /// The next sequence numbers, the client's and the server's.
    next: [u32; 2],
}

impl Default for Capture {
    fn default() -> Capture {
        let mut file = Vec::new();
        file.extend_from_slice(&0xa1b2_3c4d_u32.to_le_bytes()); // nanoseconds, in our byte order
        file.extend_from_slice(&2_u16.to_le_bytes());
        file.extend_from_slice(&4_u16.to_le_bytes());
        file.extend_from_slice(&[0; 8]); // UTC, and an accuracy nobody fills in
        file.extend_from_slice(&65_535_u32.to_le_bytes());
        file.extend_from_slice(&1_u32.to_le_bytes()); // Ethernet
        Capture { file, now_ns: 1_795_176_000_000_000_000, connections: 0 }
    }
}

impl Capture {
    /// An empty capture.
    #[must_use]
    pub fn new() -> Capture {
        Capture::default()
    }

    /// A connection to the server's `port`, with its three-way handshake.
    pub fn connect(&mut self, port: u16) -> Connection {
        self.connections += 1;
        let mut connection =
            Connection { client_port: 40_000 + self.connections, server_port: port, next: [1_000, 2_000] };
        self.segment(&mut connection, From::Client, SYN, b"");
        self.segment(&mut connection, From::Server, SYN | ACK, b"");
        self.segment(&mut connection, From::Client, ACK, b"");
        connection
    }

    /// `bytes` on a connection, in as many segments as they take.
    pub fn tcp(&mut self, connection: &mut Connection, from: From, bytes: &[u8]) {
        for piece in bytes.chunks(SEGMENT_BYTES_MAX) {
            self.segment(connection, from, PUSH | ACK, piece);
        }
    }

    /// The end of a connection, both ways.
    pub fn close(&mut self, mut connection: Connection) {
        self.segment(&mut connection, From::Server, FIN | ACK, b"");
        self.segment(&mut connection, From::Client, FIN | ACK, b"");
        self.segment(&mut connection, From::Server, ACK, b"");
    }

    /// A datagram between the server's `port` and a client's.
    ///
    /// # Panics
    /// If it is longer than a datagram can be.
    pub fn udp(&mut self, port: u16, from: From, bytes: &[u8]) {
        let (source, destination) = ports(from, 40_000, port);
        let len = u16::try_from(UDP + bytes.len()).expect("a datagram has 16 bits for its length");
        let mut datagram = Vec::with_capacity(UDP + bytes.len());
        for number in [source, destination, len, 0] {
            datagram.extend_from_slice(&number.to_be_bytes());
        }
        datagram.extend_from_slice(bytes);
        let sum = match transport_sum(from, 17, &datagram) {
            0 => 0xffff, // zero would mean that there is none (RFC 768)
            sum => sum,
        };
        datagram[6..8].copy_from_slice(&sum.to_be_bytes());
        self.frame(from, 17, &datagram);
    }

    /// Writes the capture to a file.
    ///
    /// # Errors
    /// Those of writing files.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, &self.file)
    }

    fn segment(&mut self, connection: &mut Connection, from: From, flags: u8, bytes: &[u8]) {
        let (source, destination) = ports(from, connection.client_port, connection.server_port);
        let [client, server] = connection.next;
        let (ours, theirs) = if from == From::Client { (client, server) } else { (server, client) };
        let mut segment = Vec::with_capacity(TCP + bytes.len());
        segment.extend_from_slice(&source.to_be_bytes());
        segment.extend_from_slice(&destination.to_be_bytes());
        segment.extend_from_slice(&ours.to_be_bytes());
        let acknowledged = if flags & ACK != 0 { theirs } else { 0 };
        segment.extend_from_slice(&acknowledged.to_be_bytes());
        segment.extend_from_slice(&[5 << 4, flags]); // a header of five words
        segment.extend_from_slice(&65_535_u16.to_be_bytes()); // window
        segment.extend_from_slice(&[0; 4]); // checksum, urgent pointer
        segment.extend_from_slice(bytes);
        let sum = transport_sum(from, 6, &segment);
        segment[16..18].copy_from_slice(&sum.to_be_bytes());
        self.frame(from, 6, &segment);
        let used =
            u32::try_from(bytes.len()).expect("a segment is short") + u32::from(flags & (SYN | FIN) != 0);
        connection.next[usize::from(from == From::Server)] = ours.wrapping_add(used);
    }

    fn frame(&mut self, from: From, protocol: u8, payload: &[u8]) {
        let len = u32::try_from(ETHERNET + IPV4 + payload.len()).expect("a frame is short");
        for number in
            [self.now_ns / 1_000_000_000, self.now_ns % 1_000_000_000, u64::from(len), u64::from(len)]
        {
            self.file.extend_from_slice(&number.to_le_bytes()[..4]);
        }
        self.now_ns += 1_000;
        let (source, destination) = addresses(from);
        // Locally administered addresses, with the IPv4 address as their end.
        for address in [destination, source] {
            self.file.extend_from_slice(&[2, 0]);
            self.file.extend_from_slice(&address);
        }
        self.file.extend_from_slice(&0x0800_u16.to_be_bytes());
        let total = u16::try_from(IPV4 + payload.len()).expect("a packet has 16 bits for its length");
        let mut header = [0; IPV4];
        header[0] = 0x45; // version 4, a header of five words
        header[2..4].copy_from_slice(&total.to_be_bytes());
        header[6] = 0x40; // not to be fragmented
        (header[8], header[9]) = (64, protocol);
        header[12..16].copy_from_slice(&source);
        header[16..20].copy_from_slice(&destination);
        let sum = checksum(&[&header]);
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        self.file.extend_from_slice(&header);
        self.file.extend_from_slice(payload);
    }
}

const fn ports(from: From, client: u16, server: u16) -> (u16, u16) {
    match from {
        From::Client => (client, server),
        From::Server => (server, client),
    }
}

const fn addresses(from: From) -> ([u8; 4], [u8; 4]) {
    match from {
        From::Client => (CLIENT, SERVER),
        From::Server => (SERVER, CLIENT),
    }
}

/// The checksum of a segment or datagram, with the pseudo-header of RFC 793 and RFC 768 before it.
fn transport_sum(from: From, protocol: u8, bytes: &[u8]) -> u16 {
    let (source, destination) = addresses(from);
    let len = u16::try_from(bytes.len()).expect("it fits a packet").to_be_bytes();
    checksum(&[&source, &destination, &[0, protocol], &len, bytes])
}

/// The Internet checksum (RFC 1071) of parts, all but the last of an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u64 =
        words.map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).expect("a sum of few words folds into one")
}
