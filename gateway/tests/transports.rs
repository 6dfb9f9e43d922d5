//! What every transport guarantees, against real sockets on loopback: one suite, run over each of them.

use std::{
    collections::HashMap,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    os::{fd::AsFd, unix::net::UnixStream},
    thread,
    time::{Duration, Instant},
};

use gateway::transport::{Bounds, Chosen, Closed, ConnId, Kind, Notice, SPIN_CONNECTIONS_MAX, Transport};

const BOUNDS: Bounds = Bounds { connections_max: 3, output_bytes_max: 256 * 1024 };
/// Far beyond anything loopback needs: only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes that a connection receives at most before something is consumed: twice the longest message.
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
    one_connection_too_many_is_turned_away_and_the_others_go_on
    a_crowd_that_has_left_keeps_nobody_out
    a_peer_that_never_reads_is_cut_off_at_the_bound
    a_peer_that_reads_slowly_gets_every_byte_with_nobody_flushing
    a_peer_whose_bytes_nobody_consumes_is_held_back_and_loses_none
    a_peer_that_leaves_with_its_last_words_is_seen_to_be_gone
    a_peer_that_closes_its_side_only_is_seen_to_be_gone
    a_reset_breaks_the_connection
    a_peer_that_says_nothing_stays_and_costs_nobody_anything
    last_words_reach_a_peer_that_is_still_sending
    a_closed_connection_whose_peer_stays_is_dropped_after_the_linger_time
    a_closed_connection_whose_output_cannot_leave_is_dropped_after_the_linger_time
    a_name_of_a_former_connection_is_not_the_one_in_its_place
    many_connections_are_served_and_then_few_again
    ten_thousand_connections_come_and_go_and_leave_nothing_behind
    a_wait_ends_by_the_bell_again_and_again
    a_wait_ends_by_connections_bytes_ends_and_room
    nobody_connects_any_more_once_it_stops_listening_and_who_is_there_stays
    it_can_be_made_on_one_thread_and_polled_on_another
    what_is_still_open_is_closed_with_it
}

/// Whether this host has `kind`; epoll serves where it has no io_uring, and is tested already.
fn is_here(kind: Kind) -> bool {
    let is = Chosen::listen(kind, "127.0.0.1:0".parse().unwrap(), BOUNDS).unwrap().kind();
    if is != kind {
        assert_eq!((kind, is), (Kind::IoUring, Kind::Epoll), "the only one that a host may lack");
        let _unseen = writeln!(std::io::stderr(), "\n*** NOT TESTED: this host has no io_uring ***\n");
    }
    is == kind
}

struct Server {
    transport: Chosen,
    notices: Vec<Notice>,
    /// When this end is written to, the other wakes a wait.
    ringer: UnixStream,
    bell: UnixStream,
}

impl Server {
    fn new(kind: Kind) -> Server {
        Self::bounded(kind, BOUNDS)
    }

    fn bounded(kind: Kind, bounds: Bounds) -> Server {
        let transport = Chosen::listen(kind, "127.0.0.1:0".parse().unwrap(), bounds).unwrap();
        assert_eq!(transport.kind(), kind, "another transport came instead");
        let (bell, ringer) = UnixStream::pair().unwrap();
        bell.set_nonblocking(true).unwrap();
        Server { transport, notices: Vec::new(), ringer, bell }
    }

    fn address(&self) -> SocketAddr {
        self.transport.local_addr(0).unwrap()
    }

    fn client(&self) -> TcpStream {
        let client = TcpStream::connect(self.address()).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client
    }

    /// One round as a worker makes it.
    fn round(&mut self) {
        self.transport.poll(0, &mut self.notices);
        self.transport.flush(&mut self.notices);
    }

    fn wait(&mut self, timeout: Duration) {
        self.transport.wait(self.bell.as_fd(), timeout);
    }

    /// Polls until a notice is one that `wanted` knows what to do with.
    fn until<T>(&mut self, mut wanted: impl FnMut(&mut Chosen, Notice) -> Option<T>) -> T {
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

    /// Polls until `done`, whatever happens meanwhile.
    fn until_done(&mut self, mut done: impl FnMut(&mut Chosen) -> bool) {
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

    /// The next notice is that `conn` is gone.
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

    fn assert_all_gone(&mut self) {
        self.until_done(|transport| transport.connections() == 0);
    }
}

/// Bytes that look like nothing else.
fn noise(count: u32) -> Vec<u8> {
    (0..count).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect()
}

/// Sends back what has come on `conn`; how much that was.
fn echo(transport: &mut Chosen, conn: ConnId) -> usize {
    let (input, output) = transport.split(conn).expect("it is there");
    let count = input.len();
    output.extend_from_slice(input);
    transport.consume(conn, count);
    count
}

fn what_is_sent_arrives_both_ways_whole_and_in_order(kind: Kind) {
    let mut server = Server::new(kind);
    let mut client = server.client();
    let id = server.opened();
    let sent = noise(3_000_000);
    let writer = {
        let (mut half, sent) = (client.try_clone().unwrap(), sent.clone());
        thread::spawn(move || half.write_all(&sent).unwrap())
    };
    let reader = {
        let expected = sent.clone();
        thread::spawn(move || {
            let mut echoed = vec![0; expected.len()];
            client.read_exact(&mut echoed).unwrap();
            assert!(echoed == expected, "the echo differs");
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
    writer.join().unwrap();
    server.transport.flush(&mut server.notices);
    server.until_done(|_| reader.is_finished());
    drop(reader.join().unwrap());
    assert!(matches!(server.closed(id), Closed::ByPeer));
    server.assert_all_gone();
}

fn one_connection_too_many_is_turned_away_and_the_others_go_on(kind: Kind) {
    let mut server = Server::new(kind);
    let mut clients: Vec<TcpStream> = Vec::new();
    for _ in 0..3 {
        clients.push(server.client());
        server.opened();
    }
    let mut fourth = server.client();
    let peer = server.until(|_, notice| match notice {
        Notice::TurnedAway(peer) => Some(peer),
        other => panic!("{other:?}"),
    });
    assert_eq!(peer, fourth.local_addr().unwrap());
    assert_eq!(fourth.read(&mut [0; 1]).unwrap_or(0), 0, "the one too many was kept");
    clients[1].write_all(b"still here").unwrap();
    server.until(|transport, notice| match notice {
        Notice::Received(id) => (transport.split(id)?.0 == b"still here").then_some(()),
        _ => None,
    });
    // A place that somebody leaves is the next one's.
    clients.remove(0);
    server.until(|_, notice| matches!(notice, Notice::Closed(_, Closed::ByPeer)).then_some(()));
    server.until_done(|transport| transport.connections() == 2);
    clients.push(server.client());
    server.opened();
}

/// Those who have left before they were taken from the queue leave their places to whoever waits behind them, and that is
/// not turned away meanwhile.
fn a_crowd_that_has_left_keeps_nobody_out(kind: Kind) {
    let mut server = Server::new(kind);
    let mut crowd: Vec<_> = (0..50).map(|_| server.client()).collect();
    for (at, client) in crowd.iter_mut().enumerate() {
        if at % 2 == 0 {
            client.write_all(b"farewell").unwrap();
        }
    }
    drop(crowd);
    let mut client = server.client();
    client.write_all(b"here").unwrap();
    server.until(|transport, notice| match notice {
        Notice::Received(id) if transport.split(id)?.0 == b"here" => Some(()),
        // As a worker does with who has no business there.
        Notice::Received(id) => {
            transport.close(id, 0);
            None
        }
        Notice::TurnedAway(peer) => panic!("{peer} was turned away for the sake of those who have left"),
        _ => None,
    });
    server.until_done(|transport| transport.connections() == 1);
}

fn a_peer_that_never_reads_is_cut_off_at_the_bound(kind: Kind) {
    let mut server = Server::new(kind);
    let _never_reads = server.client();
    let id = server.opened();
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
    server.assert_all_gone();
}

fn a_peer_that_reads_slowly_gets_every_byte_with_nobody_flushing(kind: Kind) {
    let bounds = Bounds { output_bytes_max: 16 << 20, ..BOUNDS };
    let mut server = Server::bounded(kind, bounds);
    let mut client = server.client();
    let id = server.opened();
    // More than the kernel takes at once, so that most of it waits for room, in pieces that end anywhere.
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
        got
    });
    let start = Instant::now();
    while !reader.is_finished() {
        assert!(start.elapsed() < PATIENCE, "nothing came of it");
        server.wait(Duration::from_millis(10));
        server.transport.poll(0, &mut server.notices);
    }
    assert!(reader.join().unwrap() == sent, "what arrived differs");
}

fn a_peer_whose_bytes_nobody_consumes_is_held_back_and_loses_none(kind: Kind) {
    let mut server = Server::new(kind);
    let mut flood = server.client();
    let id = server.opened();
    let sent = noise(24 << 20); // more than the kernel's buffers at both ends
    let writer = {
        let sent = sent.clone();
        thread::spawn(move || {
            flood.write_all(&sent).unwrap();
            flood
        })
    };
    server.until_done(|transport| transport.split(id).unwrap().0.len() == INPUT_BYTES);
    // Others are served meanwhile, and nothing is told of what was told of before.
    let mut other = server.client();
    let other_id = server.until(|_, notice| match notice {
        Notice::Opened(id, _) => Some(id),
        _ => None,
    });
    for _ in 0..100 {
        other.write_all(b"ping").unwrap();
        server.until(|transport, notice| match notice {
            Notice::Received(from) if from == other_id => (echo(transport, other_id) == 4).then_some(()),
            other => panic!("{other:?}"),
        });
        server.transport.flush(&mut server.notices);
        other.read_exact(&mut [0; 4]).unwrap();
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

/// A read that empties the socket is not the last one where the peer had closed its side before: both came as one edge,
/// and no other follows. Such a session once stayed, and refused its client's return, until its heartbeat ran out.
fn a_peer_that_leaves_with_its_last_words_is_seen_to_be_gone(kind: Kind) {
    let mut server = Server::new(kind);
    let mut client = server.client();
    client.write_all(b"farewell").unwrap();
    drop(client);
    let id = server.opened();
    let mut words = Vec::new();
    let why = server.until(|transport, notice| match notice {
        Notice::Received(from) => {
            assert_eq!(from, id);
            words.extend_from_slice(transport.split(id).expect("the end comes later").0);
            None
        }
        Notice::Closed(from, why) if from == id => Some(why),
        other => panic!("{other:?}"),
    });
    assert!(matches!(why, Closed::ByPeer));
    assert_eq!(words, b"farewell");
    server.assert_all_gone();
}

fn a_peer_that_closes_its_side_only_is_seen_to_be_gone(kind: Kind) {
    let mut server = Server::new(kind);
    let mut client = server.client();
    let id = server.opened();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(matches!(server.closed(id), Closed::ByPeer));
    server.assert_all_gone();
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
}

fn a_reset_breaks_the_connection(kind: Kind) {
    let mut server = Server::new(kind);
    let client = server.client();
    let id = server.opened();
    // Who closes a socket with something unread in it resets the connection.
    server.send(id, b"unread");
    while client.peek(&mut [0; 1]).unwrap() == 0 {}
    drop(client);
    match server.closed(id) {
        Closed::Broken(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        other => panic!("{other:?}"),
    }
    server.assert_all_gone();
}

fn a_peer_that_says_nothing_stays_and_costs_nobody_anything(kind: Kind) {
    let mut server = Server::new(kind);
    let _silent = server.client();
    let silent = server.opened();
    let mut client = server.client();
    let id = server.opened();
    for _ in 0..1_000 {
        client.write_all(b"ping").unwrap();
        server.until(|transport, notice| match notice {
            Notice::Received(from) if from == id => (echo(transport, id) == 4).then_some(()),
            other => panic!("{other:?}"),
        });
        server.transport.flush(&mut server.notices);
        client.read_exact(&mut [0; 4]).unwrap();
        server.transport.housekeep(u64::MAX); // no timer is its end
    }
    assert!(server.transport.split(silent).is_some_and(|(input, _)| input.is_empty()));
    assert_eq!(server.transport.connections(), 2);
}

/// A reset would tell the peer nothing: the kernel sends one, and destroys what is on its way, when a socket
/// with unread input is closed.
fn last_words_reach_a_peer_that_is_still_sending(kind: Kind) {
    let mut server = Server::new(kind);
    let mut client = server.client();
    let id = server.opened();
    client.write_all(&[b'?'; 100_000]).unwrap();
    server.until(|_, notice| matches!(notice, Notice::Received(_)).then_some(()));
    let (_, output) = server.transport.split(id).unwrap();
    output.extend_from_slice(b"last words");
    server.transport.close(id, 0);
    assert!(server.transport.split(id).is_none(), "a closing connection takes no more output");
    let reader = thread::spawn(move || {
        let mut words = String::new();
        client.read_to_string(&mut words).unwrap();
        words
    });
    server.until_done(|_| reader.is_finished());
    assert_eq!(reader.join().unwrap(), "last words");
    server.assert_all_gone();
    assert!(
        server.notices.iter().all(|notice| !matches!(notice, Notice::Closed(..))),
        "no notice follows a close: {:?}",
        server.notices
    );
}

fn a_closed_connection_whose_peer_stays_is_dropped_after_the_linger_time(kind: Kind) {
    let mut server = Server::new(kind);
    let _stays = server.client();
    let id = server.opened();
    server.transport.close(id, 5);
    server.transport.housekeep(1_000_000_004);
    server.round();
    assert_eq!(server.transport.connections(), 1);
    server.transport.housekeep(1_000_000_005);
    server.assert_all_gone();
}

fn a_closed_connection_whose_output_cannot_leave_is_dropped_after_the_linger_time(kind: Kind) {
    let mut server = Server::bounded(kind, Bounds { output_bytes_max: 64 << 20, ..BOUNDS });
    let mut client = server.client();
    let id = server.opened();
    server.send(id, &noise(32 << 20));
    server.transport.close(id, 0);
    server.round();
    assert_eq!(server.transport.connections(), 1);
    server.transport.housekeep(1_000_000_000);
    server.assert_all_gone();
    // What the kernel had taken may still come, and then an end.
    let mut rest = Vec::new();
    let _reset_or_end = client.read_to_end(&mut rest);
    assert!(rest.len() < 32 << 20 && noise(32 << 20).starts_with(&rest));
}

fn a_name_of_a_former_connection_is_not_the_one_in_its_place(kind: Kind) {
    let mut server = Server::new(kind);
    drop(server.client());
    let former = server.opened();
    server.closed(former);
    server.assert_all_gone();
    let mut client = server.client();
    let next = server.opened();
    assert_eq!(former.slot(), next.slot());
    assert_ne!(former, next);
    assert!(server.transport.split(former).is_none() && server.transport.peer(former).is_none());
    server.transport.consume(former, 1);
    server.transport.close(former, 0);
    assert_eq!(server.transport.peer(next), Some(client.local_addr().unwrap()));
    server.send(next, b"hello");
    client.read_exact(&mut [0; 5]).unwrap();
}

fn many_connections_are_served_and_then_few_again(kind: Kind) {
    const MANY: usize = 200;
    let mut server = Server::bounded(kind, Bounds { connections_max: 1_000, ..BOUNDS });
    let mut clients: HashMap<ConnId, TcpStream> = HashMap::new();
    // Up beyond what is read in turn, down to one, and up again.
    for goal in [SPIN_CONNECTIONS_MAX, MANY, SPIN_CONNECTIONS_MAX, 1, MANY] {
        while clients.len() < goal {
            let client = server.client();
            clients.insert(server.opened(), client);
        }
        while clients.len() > goal {
            let id = *clients.keys().next().unwrap();
            drop(clients.remove(&id));
            assert!(matches!(server.closed(id), Closed::ByPeer));
        }
        server.until_done(|transport| transport.connections() == goal);
        for round in 0..3 {
            for (id, client) in &mut clients {
                client.write_all(format!("{} {round}", id.slot()).as_bytes()).unwrap();
            }
            let mut left: HashMap<_, _> =
                clients.keys().map(|&id| (id, format!("{} {round}", id.slot()))).collect();
            server.until(|transport, notice| {
                let Notice::Received(id) = notice else { panic!("{notice:?}") };
                if transport.split(id).unwrap().0.len() == left[&id].len() {
                    echo(transport, id);
                    left.remove(&id);
                }
                left.is_empty().then_some(())
            });
            server.transport.flush(&mut server.notices);
            for (id, client) in &mut clients {
                let expected = format!("{} {round}", id.slot());
                let mut echoed = vec![0; expected.len()];
                client.read_exact(&mut echoed).unwrap();
                assert_eq!(echoed, expected.as_bytes());
            }
        }
    }
}

/// Sockets of this process that are bound to `port` here, those that only wait for late packets (which no descriptor
/// leads to) apart.
fn sockets_at(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let ours = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[1].ends_with(&format!(":{port:04X}")) && fields[9] != "0"
    };
    table.lines().skip(1).filter(ours).count()
}

fn ten_thousand_connections_come_and_go_and_leave_nothing_behind(kind: Kind) {
    let mut server = Server::new(kind);
    let port = server.address().port();
    assert_eq!(sockets_at(port), 1, "the listener is counted");
    for cycle in 0..10_000 {
        let mut client = server.client();
        // The ways to go: at once; with last words; with ours; with something unread.
        match cycle % 4 {
            0 => {
                drop(client);
                let id = server.opened();
                server.closed(id);
            }
            1 => {
                client.write_all(b"words").unwrap();
                drop(client);
                server.until(|_, notice| matches!(notice, Notice::Closed(..)).then_some(()));
            }
            2 => {
                let id = server.opened();
                server.transport.split(id).unwrap().1.extend_from_slice(b"words");
                server.transport.close(id, 0);
                server.round();
                let mut words = Vec::new();
                client.read_to_end(&mut words).unwrap();
                assert_eq!(words, b"words");
            }
            _ => {
                let id = server.opened();
                server.send(id, b"unread");
                drop(client);
                server.closed(id);
            }
        }
    }
    server.assert_all_gone();
    assert_eq!(sockets_at(port), 1, "sockets are left");
}

/// Long enough that a wait which is not ended by what should end it is a test that hangs.
const NEVER: Duration = Duration::from_secs(3_600);

fn a_wait_ends_by_the_bell_again_and_again(kind: Kind) {
    let mut server = Server::new(kind);
    let _client = server.client();
    server.opened();
    for round in 0..100_u8 {
        let ringer = server.ringer.try_clone().unwrap();
        let ring = move || (&ringer).write_all(&[round]).unwrap();
        // Before the wait, or most likely in the midst of it.
        let thread = if round.is_multiple_of(2) {
            ring();
            None
        } else {
            Some(thread::spawn(ring))
        };
        loop {
            server.wait(NEVER);
            let mut byte = [0];
            match server.bell.read(&mut byte) {
                Ok(count) => {
                    assert_eq!((count, byte), (1, [round]));
                    break;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            server.round();
        }
        if let Some(thread) = thread {
            thread.join().unwrap();
        }
    }
    assert!(server.notices.is_empty(), "{:?}", server.notices);
}

fn a_wait_ends_by_connections_bytes_ends_and_room(kind: Kind) {
    let mut server = Server::bounded(kind, Bounds { output_bytes_max: 64 << 20, ..BOUNDS });
    server.round();
    let address = server.address();
    let (next, go) = std::sync::mpsc::channel();
    let client = thread::spawn(move || {
        let mut client = TcpStream::connect(address).unwrap();
        go.recv().unwrap();
        client.write_all(b"bytes").unwrap();
        go.recv().unwrap();
        let mut rest = vec![0; 32 << 20];
        client.read_exact(&mut rest).unwrap();
        go.recv().unwrap();
    });
    let wait_for = |server: &mut Server, wanted: fn(&Notice) -> bool| {
        while !server.notices.iter().any(wanted) {
            server.wait(NEVER);
            server.round();
        }
        server.notices.drain(..).find(wanted).unwrap()
    };
    let Notice::Opened(id, _) = wait_for(&mut server, |notice| matches!(notice, Notice::Opened(..))) else {
        unreachable!()
    };
    next.send(()).unwrap();
    wait_for(&mut server, |notice| matches!(notice, Notice::Received(_)));
    server.send(id, &noise(32 << 20));
    next.send(()).unwrap(); // room comes as the client reads, and the client ends only when it has read all
    next.send(()).unwrap();
    wait_for(&mut server, |notice| matches!(notice, Notice::Closed(_, Closed::ByPeer)));
    client.join().unwrap();
}

fn nobody_connects_any_more_once_it_stops_listening_and_who_is_there_stays(kind: Kind) {
    let mut server = Server::new(kind);
    let address = server.address();
    let mut client = server.client();
    let id = server.opened();
    server.transport.stop_listening();
    server.until_done(|_| sockets_at(address.port()) == 1);
    assert!(server.transport.local_addr(0).is_err());
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    client.write_all(b"still here").unwrap();
    server.until(|transport, notice| match notice {
        Notice::Received(from) if from == id => (echo(transport, id) == 10).then_some(()),
        other => panic!("{other:?}"),
    });
    server.transport.flush(&mut server.notices);
    client.read_exact(&mut [0; 10]).unwrap();
}

fn it_can_be_made_on_one_thread_and_polled_on_another(kind: Kind) {
    let mut server = Server::new(kind);
    let mut client = server.client();
    thread::spawn(move || {
        let id = server.opened();
        client.write_all(b"ping").unwrap();
        server.until(|transport, notice| match notice {
            Notice::Received(from) if from == id => (echo(transport, id) == 4).then_some(()),
            other => panic!("{other:?}"),
        });
        server.transport.flush(&mut server.notices);
        client.read_exact(&mut [0; 4]).unwrap();
    })
    .join()
    .unwrap();
}

fn what_is_still_open_is_closed_with_it(kind: Kind) {
    let mut server = Server::bounded(kind, Bounds { output_bytes_max: 64 << 20, ..BOUNDS });
    let port = server.address().port();
    let mut idle = server.client();
    server.opened();
    let unread = server.client();
    let id = server.opened();
    server.send(id, &noise(32 << 20));
    let listening = server.client(); // not taken
    drop(server);
    assert_eq!(sockets_at(port), 0, "sockets are left");
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    drop((unread, listening));
}
