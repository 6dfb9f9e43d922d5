//! TLS over every transport, against rustls clients and against those who speak something else, over real sockets on
//! loopback. What every transport guarantees (`transports.rs`) holds for those who come by the secured door too.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use gateway::transport::{
    Bounds, Chosen, Closed, ConnId, Kind, Notice, Secured, Transport,
    tls::{Fingerprint, Identity},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::ring as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};

/// Far beyond anything loopback needs: only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
const BOUNDS: Bounds = Bounds { connections_max: 64, output_bytes_max: 256 * 1024 };
const INPUT_BYTES: usize = 2 * wire::limits::FIX_MESSAGE_BYTES_MAX;

macro_rules! over_every_transport {
    ($($test:ident)*) => {
        over_every_transport! { @ epoll Kind::Epoll; $($test)* }
        over_every_transport! { @ spin Kind::Spin; $($test)* }
        over_every_transport! { @ io_uring Kind::IoUring; $($test)* }
    };
    (@ $module:ident $kind:expr; $($test:ident)*) => {
        mod $module {
            use gateway::transport::Kind;
            $(
                #[test]
                fn $test() {
                    if super::is_here($kind) {
                        super::$test($kind);
                    }
                }
            )*
        }
    };
}

over_every_transport! {
    what_is_sent_arrives_both_ways_whole_and_in_order
    a_peer_that_never_reads_is_cut_off_at_the_bound
    a_peer_that_reads_slowly_gets_every_byte_with_nobody_flushing
    a_peer_whose_bytes_nobody_consumes_is_held_back_and_loses_none
    a_peer_that_leaves_with_its_last_words_is_seen_to_be_gone
    last_words_reach_a_peer_and_its_tls_is_ended_in_order
    versions_1_2_and_1_3_are_spoken_and_no_older_ones
    a_certificate_is_known_by_its_fingerprint_and_a_strangers_is_refused
    what_is_no_tls_ends_with_its_connection_and_nobody_else_feels_it
    a_handshake_that_stops_anywhere_is_a_silent_stranger
    records_that_are_too_long_end_the_connection
    a_renegotiation_is_not_had
    handshakes_by_the_dozen_leave_others_their_turns
    the_other_door_stays_plain
}

fn is_here(kind: Kind) -> bool {
    let is = Chosen::listen(kind, "127.0.0.1:0".parse().unwrap(), BOUNDS).unwrap().kind();
    if is != kind {
        assert_eq!((kind, is), (Kind::IoUring, Kind::Epoll), "the only one that a host may lack");
        let _unseen = writeln!(std::io::stderr(), "\n*** NOT TESTED: this host has no io_uring ***\n");
    }
    is == kind
}

/// An authority, the venue's certificate and a client's, made for this run.
struct Papers {
    authority: CertifiedIssuer<'static, KeyPair>,
}

struct Paper {
    chain: String,
    key: String,
}

impl Papers {
    fn new() -> Papers {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Papers { authority: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    fn paper(&self, name: &str) -> Paper {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        Paper { chain: certificate.pem(), key: key.serialize_pem() }
    }

    fn identity(&self) -> Identity {
        let paper = self.paper("localhost");
        let authority = self.authority.pem();
        Identity::new(paper.chain.as_bytes(), paper.key.as_bytes(), Some(authority.as_bytes())).unwrap()
    }

    fn client_config(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        paper: Option<&Paper>,
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        match paper {
            None => builder.with_no_client_auth(),
            Some(paper) => builder
                .with_client_auth_cert(
                    CertificateDer::pem_slice_iter(paper.chain.as_bytes()).map(Result::unwrap).collect(),
                    PrivateKeyDer::from_pem_slice(paper.key.as_bytes()).unwrap(),
                )
                .unwrap(),
        }
    }
}

type Client = StreamOwned<ClientConnection, TcpStream>;

struct Server {
    papers: Papers,
    transport: Secured<Chosen>,
    notices: Vec<Notice>,
    bell: UnixStream,
    _ringer: UnixStream,
}

impl Server {
    fn new(kind: Kind) -> Server {
        Self::bounded(kind, BOUNDS)
    }

    fn bounded(kind: Kind, bounds: Bounds) -> Server {
        let papers = Papers::new();
        let any = "127.0.0.1:0".parse().unwrap();
        let mut inner = Chosen::listen(kind, any, bounds).unwrap();
        inner.also_listen(any).unwrap();
        let transport = Secured::new(inner, 1, papers.identity(), bounds.output_bytes_max);
        let (bell, ringer) = UnixStream::pair().unwrap();
        bell.set_nonblocking(true).unwrap();
        Server { papers, transport, notices: Vec::new(), bell, _ringer: ringer }
    }

    fn address(&self) -> SocketAddr {
        self.transport.local_addr(1).unwrap()
    }

    fn stranger(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn connection(&self, config: ClientConfig) -> Client {
        let tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        StreamOwned::new(tls, self.stranger())
    }

    /// A client that has finished its handshake, and its connection.
    fn client(&mut self) -> (Client, ConnId) {
        let config = self.papers.client_config(&[&TLS13, &TLS12], None);
        self.shaken(config)
    }

    fn shaken(&mut self, config: ClientConfig) -> (Client, ConnId) {
        let mut client = self.connection(config);
        let id = self.opened();
        let handshake = thread::spawn(move || {
            while client.conn.is_handshaking() {
                client.conn.complete_io(&mut client.sock).unwrap();
            }
            client.write_all(b"hello").unwrap();
            client
        });
        self.until(|transport, notice| match notice {
            Notice::Received(from) if from == id => {
                (transport.split(id).unwrap().0 == b"hello").then_some(())
            }
            other => panic!("{other:?}"),
        });
        self.transport.consume(id, 5);
        (handshake.join().unwrap(), id)
    }

    fn round(&mut self) {
        self.transport.poll(0, &mut self.notices);
        self.transport.flush(&mut self.notices);
    }

    fn wait(&mut self, timeout: Duration) {
        self.transport.wait(self.bell.as_fd(), timeout);
    }

    fn until<T>(&mut self, mut wanted: impl FnMut(&mut Secured<Chosen>, Notice) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "nothing came of it");
            while !self.notices.is_empty() {
                let notice = self.notices.remove(0);
                if let Some(found) = wanted(&mut self.transport, notice) {
                    return found;
                }
            }
            self.wait(Duration::from_millis(50));
            self.round();
        }
    }

    fn until_done(&mut self, mut done: impl FnMut(&mut Secured<Chosen>) -> bool) {
        let start = Instant::now();
        while !done(&mut self.transport) {
            assert!(start.elapsed() < PATIENCE, "nothing came of it");
            self.wait(Duration::from_millis(10));
            self.round();
        }
    }

    fn opened(&mut self) -> ConnId {
        self.until(|_, notice| match notice {
            Notice::Opened(id, _) => Some(id),
            other => panic!("{other:?} instead of a connection"),
        })
    }

    fn closed(&mut self, conn: ConnId) -> Closed {
        self.until(|_, notice| match notice {
            Notice::Closed(id, why) if id == conn => Some(why),
            other => panic!("{other:?} instead of an end"),
        })
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) {
        self.transport.split(conn).expect("it is there").1.extend_from_slice(bytes);
        self.transport.flush(&mut self.notices);
    }

    fn echoes(&mut self, client: &mut Client, id: ConnId) {
        client.write_all(b"ping").unwrap();
        self.until(|transport, notice| match notice {
            Notice::Received(from) if from == id => (echo(transport, id) == 4).then_some(()),
            _ => None,
        });
        self.transport.flush(&mut self.notices);
        client.read_exact(&mut [0; 4]).unwrap();
    }
}

fn noise(count: u32) -> Vec<u8> {
    (0..count).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect()
}

fn echo(transport: &mut Secured<Chosen>, conn: ConnId) -> usize {
    let (input, output) = transport.split(conn).expect("it is there");
    let count = input.len();
    output.extend_from_slice(input);
    transport.consume(conn, count);
    count
}

fn what_is_sent_arrives_both_ways_whole_and_in_order(kind: Kind) {
    let mut server = Server::bounded(kind, Bounds { output_bytes_max: 16 << 20, ..BOUNDS });
    let (mut client, id) = server.client();
    let sent = noise(3_000_000);
    let talker = {
        let sent = sent.clone();
        thread::spawn(move || {
            // One side of a rustls client at a time: a piece out, the same piece back.
            for piece in sent.chunks(100_003) {
                client.write_all(piece).unwrap();
                let mut back = vec![0; piece.len()];
                client.read_exact(&mut back).unwrap();
                assert!(back == piece, "the echo differs");
            }
            client
        })
    };
    let mut total = 0;
    server.until(|transport, notice| {
        let Notice::Received(from) = notice else { panic!("{notice:?}") };
        assert_eq!(from, id);
        total += echo(transport, id);
        (total == sent.len()).then_some(())
    });
    server.transport.flush(&mut server.notices);
    server.until_done(|_| talker.is_finished());
    drop(talker.join().unwrap());
    assert!(matches!(server.closed(id), Closed::ByPeer));
    server.until_done(|transport| transport.connections() == 0);
}

fn a_peer_that_never_reads_is_cut_off_at_the_bound(kind: Kind) {
    let mut server = Server::new(kind);
    let (_never_reads, id) = server.client();
    let pending = loop {
        let Some((_, output)) = server.transport.split(id) else { panic!("gone without a notice") };
        output.extend_from_slice(&[b'x'; 64 * 1024]);
        server.transport.flush(&mut server.notices);
        if let Some(Notice::Closed(closed, Closed::SlowConsumer { pending })) = server.notices.pop() {
            assert_eq!(closed, id);
            break pending;
        }
    };
    assert!(pending > BOUNDS.output_bytes_max && pending <= BOUNDS.output_bytes_max + 64 * 1024);
    assert!(server.transport.split(id).is_none());
    server.transport.housekeep(u64::MAX);
    server.until_done(|transport| transport.connections() == 0);
}

fn a_peer_that_reads_slowly_gets_every_byte_with_nobody_flushing(kind: Kind) {
    let mut server = Server::bounded(kind, Bounds { output_bytes_max: 16 << 20, ..BOUNDS });
    let (mut client, id) = server.client();
    let sent = noise(12 << 20);
    for piece in sent.chunks(777_777) {
        server.send(id, piece);
    }
    let reader = thread::spawn(move || {
        let (mut got, mut piece) = (Vec::new(), [0; 10_007]);
        while got.len() < 12 << 20 {
            match client.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => got.extend_from_slice(&piece[..count]),
                Err(error) => panic!("after {} bytes: {error}", got.len()),
            }
        }
        (client, got)
    });
    let start = Instant::now();
    while !reader.is_finished() {
        assert!(start.elapsed() < PATIENCE, "nothing came of it");
        server.wait(Duration::from_millis(10));
        server.transport.poll(0, &mut server.notices);
    }
    assert!(reader.join().unwrap().1 == sent, "what arrived differs");
}

fn a_peer_whose_bytes_nobody_consumes_is_held_back_and_loses_none(kind: Kind) {
    let mut server = Server::new(kind);
    let (mut flood, id) = server.client();
    let (mut other, other_id) = server.client();
    let sent = noise(24 << 20); // more than all buffers on the way
    let writer = {
        let sent = sent.clone();
        thread::spawn(move || {
            flood.write_all(&sent).unwrap();
            flood
        })
    };
    server.until_done(|transport| transport.split(id).unwrap().0.len() == INPUT_BYTES);
    server.notices.clear();
    for _ in 0..100 {
        server.echoes(&mut other, other_id);
        assert!(!writer.is_finished(), "somebody holds all it has sent");
        assert!(server.transport.split(id).unwrap().0.len() == INPUT_BYTES);
    }
    let mut got = Vec::new();
    server.until_done(|transport| {
        let input = transport.split(id).unwrap().0;
        let count = input.len();
        assert!(count <= INPUT_BYTES);
        got.extend_from_slice(input);
        transport.consume(id, count);
        got.len() == sent.len()
    });
    assert!(got == sent, "what arrived differs");
    drop(writer.join().unwrap());
}

fn a_peer_that_leaves_with_its_last_words_is_seen_to_be_gone(kind: Kind) {
    for says_goodbye in [true, false] {
        let mut server = Server::new(kind);
        let (mut client, id) = server.client();
        client.write_all(b"farewell").unwrap();
        if says_goodbye {
            client.conn.send_close_notify();
            client.flush().unwrap();
        }
        drop(client);
        let mut words = Vec::new();
        let why = server.until(|transport, notice| match notice {
            Notice::Received(from) => {
                assert_eq!(from, id);
                words = transport.split(id).expect("the end comes later").0.to_vec();
                None
            }
            Notice::Closed(from, why) if from == id => Some(why),
            other => panic!("{other:?}"),
        });
        assert!(matches!(why, Closed::ByPeer), "{why:?}");
        assert_eq!(words, b"farewell");
        server.until_done(|transport| transport.connections() == 0);
    }
}

fn last_words_reach_a_peer_and_its_tls_is_ended_in_order(kind: Kind) {
    let mut server = Server::new(kind);
    let (mut client, id) = server.client();
    server.transport.split(id).unwrap().1.extend_from_slice(b"last words");
    server.transport.close(id, 0);
    assert!(server.transport.split(id).is_none(), "a closing connection takes no more output");
    let reader = thread::spawn(move || {
        let mut words = String::new();
        // Without a close_notify this would be an error: somebody may have cut the words short.
        client.read_to_string(&mut words).unwrap();
        words
    });
    server.until_done(|_| reader.is_finished());
    assert_eq!(reader.join().unwrap(), "last words");
    server.until_done(|transport| transport.connections() == 0);
    assert!(server.notices.iter().all(|notice| !matches!(notice, Notice::Closed(..))));
}

fn versions_1_2_and_1_3_are_spoken_and_no_older_ones(kind: Kind) {
    let mut server = Server::new(kind);
    for version in [&TLS12, &TLS13] {
        let config = server.papers.client_config(&[version], None);
        let (mut client, id) = server.shaken(config);
        assert_eq!(client.conn.protocol_version(), Some(version.version));
        server.echoes(&mut client, id);
        server.transport.close(id, 0);
    }
    // A ClientHello of TLS 1.1 (0x0302) with one cipher suite, and nothing of what later versions add.
    let mut hello = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x13, 1, 0]);
    let mut client = server.stranger();
    let id = server.opened();
    client.write_all(&hello).unwrap();
    assert!(matches!(server.closed(id), Closed::NotTls { .. }));
}

fn a_certificate_is_known_by_its_fingerprint_and_a_strangers_is_refused(kind: Kind) {
    let mut server = Server::new(kind);
    let paper = server.papers.paper("client");
    let config = server.papers.client_config(&[&TLS13], Some(&paper));
    let (_client, id) = server.shaken(config);
    let der = CertificateDer::from_pem_slice(paper.chain.as_bytes()).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &der);
    let text: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(server.transport.certificate(id), Fingerprint::parse(&text));
    assert!(server.transport.certificate(id).is_some());
    let (_client, without) = server.client();
    assert_eq!(server.transport.certificate(without), None);
    // One that another authority has signed.
    let forged = Papers::new().paper("client");
    let config = server.papers.client_config(&[&TLS13], Some(&forged));
    let mut client = server.connection(config);
    let id = server.opened();
    let refused = thread::spawn(move || {
        let _ = client.write_all(b"hello");
        client.read(&mut [0; 1]).is_err()
    });
    assert!(matches!(server.closed(id), Closed::NotTls { error: rustls::Error::InvalidCertificate(_), .. }));
    server.until_done(|_| refused.is_finished());
    assert!(refused.join().unwrap());
}

fn what_is_no_tls_ends_with_its_connection_and_nobody_else_feels_it(kind: Kind) {
    let mut server = Server::new(kind);
    let (mut client, id) = server.client();
    let fix = b"8=FIX.4.4\x019=5\x0135=A\x0110=000\x01".as_slice();
    let mut seed = 7_u32;
    let garbage: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_le_bytes()[3] | 0x80 // no record begins like this
    })
    .take(20_000)
    .collect();
    for bytes in [fix, &garbage, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", &[0; 5_000]] {
        let mut stranger = server.stranger();
        let stranger_id = server.opened();
        stranger.write_all(bytes).unwrap();
        match server.closed(stranger_id) {
            Closed::NotTls { peer, .. } => assert_eq!(peer, stranger.local_addr().unwrap()),
            other => panic!("{other:?}"),
        }
        server.echoes(&mut client, id);
        // It is told so in TLS's way: an alert record, and an end.
        let mut answer = Vec::new();
        let reader = thread::spawn(move || {
            let end = stranger.read_to_end(&mut answer);
            (end, answer)
        });
        server.until_done(|_| reader.is_finished());
        let (end, answer) = reader.join().unwrap();
        assert!(end.is_ok() || end.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
        assert!(answer.is_empty() || answer[0] == 0x15, "{answer:?}");
    }
    // And garbage behind a good handshake.
    let (broken, broken_id) = server.client();
    let mut sock = broken.sock;
    sock.write_all(&garbage[..200]).unwrap();
    assert!(matches!(server.closed(broken_id), Closed::NotTls { .. }));
    server.echoes(&mut client, id);
}

/// A client's first flight.
fn hello(server: &Server) -> Vec<u8> {
    let config = server.papers.client_config(&[&TLS13, &TLS12], None);
    let mut tls = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut bytes = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn a_handshake_that_stops_anywhere_is_a_silent_stranger(kind: Kind) {
    let mut server = Server::new(kind);
    let (mut client, id) = server.client();
    let whole = hello(&server);
    let mut strangers = Vec::new();
    for end in [1, 5, 6, whole.len() / 2, whole.len() - 1, whole.len()] {
        let mut stranger = server.stranger();
        let stranger_id = server.opened();
        // As slowly as it gets: a byte at a time.
        for byte in &whole[..end] {
            stranger.write_all(&[*byte]).unwrap();
            server.round();
        }
        strangers.push((stranger, stranger_id));
    }
    for _ in 0..20 {
        server.echoes(&mut client, id);
    }
    for (_, stranger_id) in &strangers {
        assert!(server.transport.split(*stranger_id).unwrap().0.is_empty());
        assert!(server.transport.certificate(*stranger_id).is_none());
        server.transport.close(*stranger_id, 0);
    }
    for (mut stranger, _) in strangers {
        let reader = thread::spawn(move || stranger.read_to_end(&mut Vec::new()).is_ok());
        server.until_done(|_| reader.is_finished());
        assert!(reader.join().unwrap(), "closed, not reset");
    }
    server.until_done(|transport| transport.connections() == 1);
}

fn records_that_are_too_long_end_the_connection(kind: Kind) {
    let mut server = Server::new(kind);
    // RFC 8446, 5.2: at most 2^14 + 256 bytes.
    for (kind_of_record, length) in [(0x16, 0xffff_u16), (0x17, 0x4101 + 0x1000)] {
        let mut stranger = server.stranger();
        let id = server.opened();
        let mut record = vec![kind_of_record, 3, 3];
        record.extend(length.to_be_bytes());
        record.extend(vec![0; 18_000]);
        let _cut = stranger.write_all(&record);
        assert!(matches!(server.closed(id), Closed::NotTls { .. }));
    }
    // A handshake message that never ends, in records that are short enough: 16 MiB are announced.
    let mut stranger = server.stranger();
    let id = server.opened();
    let flood = thread::spawn(move || {
        let mut record = vec![0x16, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff];
        record.resize(5 + 0x4000, 0);
        while stranger.write_all(&record).is_ok() {}
    });
    assert!(matches!(server.closed(id), Closed::NotTls { .. }));
    server.transport.housekeep(u64::MAX);
    server.until_done(|_| flood.is_finished());
    flood.join().unwrap();
}

/// rustls has none to offer, as a client either: a TLS 1.2 client that sends another ClientHello has to make the record
/// itself, which it cannot encrypt, and an unencrypted one is an attack.
fn a_renegotiation_is_not_had(kind: Kind) {
    let mut server = Server::new(kind);
    let config = server.papers.client_config(&[&TLS12], None);
    let (mut client, id) = server.shaken(config);
    server.echoes(&mut client, id);
    let again = hello(&server);
    client.sock.write_all(&again).unwrap();
    assert!(matches!(server.closed(id), Closed::NotTls { .. }));
}

fn handshakes_by_the_dozen_leave_others_their_turns(kind: Kind) {
    let mut server = Server::new(kind);
    let (mut client, id) = server.client();
    let whole = hello(&server);
    let mut strangers = Vec::new();
    for _ in 0..40 {
        let mut stranger = server.stranger();
        server.until(|_, notice| matches!(notice, Notice::Opened(..)).then_some(()));
        stranger.write_all(&whole).unwrap();
        strangers.push(stranger);
    }
    // All of them wait for the venue's answer; one more handshake is made in a round.
    client.write_all(b"ping").unwrap();
    let mut served = None;
    for round in 0.. {
        server.round();
        for notice in std::mem::take(&mut server.notices) {
            if matches!(notice, Notice::Received(from) if from == id) {
                served = Some(round);
            }
        }
        if served.is_some() {
            break;
        }
        server.wait(Duration::from_millis(1));
    }
    assert_eq!(echo(&mut server.transport, id), 4);
    server.transport.flush(&mut server.notices);
    client.read_exact(&mut [0; 4]).unwrap();
    // And each of them gets its answer.
    let readers: Vec<_> = strangers
        .into_iter()
        .map(|mut stranger| thread::spawn(move || stranger.read_exact(&mut [0; 100]).is_ok()))
        .collect();
    server.until_done(|_| readers.iter().all(thread::JoinHandle::is_finished));
    assert!(readers.into_iter().all(|reader| reader.join().unwrap()));
}

fn the_other_door_stays_plain(kind: Kind) {
    let mut server = Server::new(kind);
    let mut plain = TcpStream::connect(server.transport.local_addr(0).unwrap()).unwrap();
    let id = server.opened();
    assert_eq!(server.transport.door(id), Some(0));
    plain.write_all(b"as it is").unwrap();
    server.until(|transport, notice| match notice {
        Notice::Received(from) if from == id => (transport.split(id).unwrap().0 == b"as it is").then_some(()),
        other => panic!("{other:?}"),
    });
    server.send(id, b"and back");
    let mut back = [0; 8];
    plain.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"and back");
    let (_client, secured) = server.client();
    assert_eq!(server.transport.door(secured), Some(1));
}

#[test]
fn a_fingerprint_is_read_as_openssl_writes_it() {
    let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 7).unwrap());
    let fingerprint = Fingerprint(bytes);
    assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
    assert!(fingerprint.to_string().starts_with("00:07:0E:15:"));
    assert_eq!(
        Fingerprint::parse(&fingerprint.to_string().replace(':', "").to_lowercase()),
        Some(fingerprint)
    );
    for text in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66), &format!("é{}", "0".repeat(62))] {
        assert_eq!(Fingerprint::parse(text), None, "{text}");
    }
}

#[test]
fn an_identity_says_what_is_wrong_with_it() {
    let papers = Papers::new();
    let (one, other) = (papers.paper("localhost"), papers.paper("localhost"));
    let made = |chain: &str, key: &str, authority: Option<&[u8]>| {
        Identity::new(chain.as_bytes(), key.as_bytes(), authority)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(made(&one.chain, &one.key, None), Ok(()));
    assert!(made(&one.chain, &other.key, None).is_err());
    assert_eq!(made("", &one.key, None).unwrap_err(), "there is no certificate in PEM");
    assert_eq!(made(&one.chain, &one.chain, None).unwrap_err(), "there is no private key in PEM");
    assert_eq!(
        made(&one.chain, &one.key, Some(b"nothing")).unwrap_err(),
        "there is no certificate of an authority in PEM"
    );
}
