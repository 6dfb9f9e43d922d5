//! The epoll transport against real sockets on loopback.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use gateway::transport::{Bounds, Closed, ConnId, Epoll, Notice, Transport};

const BOUNDS: Bounds = Bounds { connections_max: 3, output_bytes_max: 256 * 1024 };
/// Far beyond anything loopback needs: only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    epoll: Epoll,
    now: u64,
    notices: Vec<Notice>,
    // Nothing ever rings here: `wait` wants a descriptor to listen to beside the sockets.
    bell: std::os::unix::net::UnixStream,
    _ringer: std::os::unix::net::UnixStream,
}

impl Server {
    fn new() -> Server {
        let epoll = Epoll::listen("127.0.0.1:0".parse().unwrap(), BOUNDS).unwrap();
        let (bell, ringer) = std::os::unix::net::UnixStream::pair().unwrap();
        Server { epoll, now: 0, notices: Vec::new(), bell, _ringer: ringer }
    }

    fn client(&self) -> TcpStream {
        let client = TcpStream::connect(self.epoll.local_addr().unwrap()).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client
    }

    /// Polls until a notice is one that `wanted` knows what to do with.
    fn until<T>(&mut self, mut wanted: impl FnMut(&mut Epoll, Notice) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "nothing came of it");
            while !self.notices.is_empty() {
                let notice = self.notices.remove(0);
                if let Some(found) = wanted(&mut self.epoll, notice) {
                    return found;
                }
            }
            self.epoll.wait(self.bell.as_fd(), Duration::from_millis(50));
            self.epoll.poll(self.now, &mut self.notices);
            self.epoll.flush(&mut self.notices);
        }
    }

    fn opened(&mut self) -> ConnId {
        self.until(|_, notice| match notice {
            Notice::Opened(id, _) => Some(id),
            other => panic!("{other:?} instead of a connection"),
        })
    }
}

#[test]
fn what_is_sent_arrives_both_ways_whole_and_in_order() {
    let mut server = Server::new();
    let mut client = server.client();
    let id = server.opened();
    let sent: Vec<u8> = (0..3_000_000_u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let writer = {
        let (mut half, sent) = (client.try_clone().unwrap(), sent.clone());
        std::thread::spawn(move || half.write_all(&sent).unwrap())
    };
    let reader = {
        let expected = sent.clone();
        std::thread::spawn(move || {
            let mut echoed = vec![0; expected.len()];
            client.read_exact(&mut echoed).unwrap();
            assert!(echoed == expected, "the echo differs");
            client
        })
    };
    let mut total = 0;
    server.until(|epoll, notice| {
        let Notice::Received(from) = notice else { panic!("{notice:?}") };
        assert_eq!(from, id);
        let (input, output) = epoll.split(id).unwrap();
        let count = input.len();
        output.extend_from_slice(input);
        total += count;
        epoll.consume(id, count);
        (total == sent.len()).then_some(())
    });
    writer.join().unwrap();
    server.epoll.flush(&mut server.notices);
    while !reader.is_finished() {
        server.epoll.wait(server.bell.as_fd(), Duration::from_millis(10));
        server.epoll.poll(0, &mut server.notices);
    }
    drop(reader.join().unwrap());
    server.until(|_, notice| {
        matches!(notice, Notice::Closed(from, Closed::ByPeer) if from == id).then_some(())
    });
    assert_eq!(server.epoll.connections(), 0);
}

#[test]
fn one_connection_too_many_is_turned_away_and_the_others_go_on() {
    let mut server = Server::new();
    let mut clients: Vec<TcpStream> = Vec::new();
    for _ in 0..3 {
        clients.push(server.client());
        server.opened();
    }
    let mut fourth = server.client();
    server.until(|_, notice| matches!(notice, Notice::TurnedAway(_)).then_some(()));
    assert_eq!(fourth.read(&mut [0; 1]).unwrap_or(0), 0, "the one too many was kept");
    clients[1].write_all(b"still here").unwrap();
    server.until(|epoll, notice| match notice {
        Notice::Received(id) => (epoll.received(id) == b"still here").then_some(()),
        _ => None,
    });
}

#[test]
fn a_peer_that_never_reads_is_cut_off_at_the_bound() {
    let mut server = Server::new();
    let _never_reads = server.client();
    let id = server.opened();
    let pending = loop {
        let Some((_, output)) = server.epoll.split(id) else { panic!("gone without a notice") };
        output.extend_from_slice(&[b'x'; 64 * 1024]);
        server.epoll.flush(&mut server.notices);
        if let Some(Notice::Closed(closed, Closed::SlowConsumer { pending })) = server.notices.pop() {
            assert_eq!(closed, id);
            break pending;
        }
    };
    assert!(pending > BOUNDS.output_bytes_max && pending <= BOUNDS.output_bytes_max + 64 * 1024);
    assert!(server.epoll.split(id).is_none());
    assert_eq!(server.epoll.connections(), 0);
}

/// A reset would tell the peer nothing: the kernel sends one, and destroys what is on its way, when a socket
/// with unread input is closed.
/// A read that empties the socket is not the last one where the peer had closed its side before: both came as one edge,
/// and no other follows. Such a session once stayed, and refused its client's return, until its heartbeat ran out.
#[test]
fn a_peer_that_leaves_with_its_last_words_is_seen_to_be_gone() {
    let mut server = Server::new();
    let mut client = server.client();
    client.write_all(b"farewell").unwrap();
    drop(client);
    let id = server.opened();
    server.until(|epoll, notice| {
        assert_eq!(
            epoll.received(id),
            if matches!(notice, Notice::Received(_)) { &b"farewell"[..] } else { b"" }
        );
        matches!(notice, Notice::Closed(closed, Closed::ByPeer) if closed == id).then_some(())
    });
}

#[test]
fn last_words_reach_a_peer_that_is_still_sending() {
    let mut server = Server::new();
    let mut client = server.client();
    let id = server.opened();
    client.write_all(&[b'?'; 100_000]).unwrap();
    server.until(|_, notice| matches!(notice, Notice::Received(_)).then_some(()));
    let (_, output) = server.epoll.split(id).unwrap();
    output.extend_from_slice(b"last words");
    server.epoll.close(id, server.now);
    assert!(server.epoll.split(id).is_none(), "a closing connection takes no more output");
    let reader = std::thread::spawn(move || {
        let mut words = String::new();
        client.read_to_string(&mut words).unwrap();
        words
    });
    while !reader.is_finished() {
        server.epoll.wait(server.bell.as_fd(), Duration::from_millis(10));
        server.epoll.poll(server.now, &mut server.notices);
    }
    assert_eq!(reader.join().unwrap(), "last words");
}

#[test]
fn a_closed_connection_whose_peer_stays_is_dropped_after_the_linger_time() {
    let mut server = Server::new();
    let _stays = server.client();
    let id = server.opened();
    server.epoll.close(id, 5);
    server.epoll.housekeep(1_000_000_004);
    assert_eq!(server.epoll.connections(), 1);
    server.epoll.housekeep(1_000_000_005);
    assert_eq!(server.epoll.connections(), 0);
}

#[test]
fn a_name_of_a_former_connection_is_not_the_one_in_its_place() {
    let mut server = Server::new();
    drop(server.client());
    let former = server.opened();
    server.until(|_, notice| matches!(notice, Notice::Closed(..)).then_some(()));
    let _next = server.client();
    let next = server.opened();
    assert_eq!(former.slot(), next.slot());
    assert_ne!(former, next);
    assert!(server.epoll.split(former).is_none() && server.epoll.split(next).is_some());
}
