//! TCP over io_uring: what is received comes into buffers that the kernel has been given, what is sent by everybody in a
//! round leaves in one system call, and a round in which nothing happens makes none.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
    time::Duration,
};

use rustix::io::Errno;

use super::{
    Bounds, Closed, ConnId, DOORS_MAX, LINGER_NS, Notice, Transport, buffer::Input, slots::Slots, with_room,
};
pub(super) use ring::Unsupported;
use ring::{Chunk, Done, Ring};

mod ring;

/// TCP over io_uring.
pub struct Uring {
    ring: Ring,
    enabled: bool,
    /// By their doors, and whether a connection is being accepted there.
    listeners: Vec<(TcpListener, bool)>,
    /// Whether taking connections has failed since housekeeping.
    accept_failed: bool,
    /// The descriptor that is listened to beside the sockets.
    bell: Option<RawFd>,
    slots: Slots<Conn>,
    /// Places with output that was put in since the last flush.
    dirty: Vec<u32>,
    /// Places with a backlog, or with an end behind bytes that have just been told of; each once.
    stalled: Vec<u32>,
    lingering: u32,
    output_bytes_max: usize,
    /// Bytes received, and sent.
    counted: [u64; 2],
}

struct Conn {
    stream: TcpStream,
    peer: SocketAddr,
    door: usize,
    input: Input,
    /// What the kernel had received before it heard that the input is full: at most all its buffers hold.
    backlog: Vec<u8>,
    /// Why it ends, behind bytes that somebody has yet to look at.
    end: Option<Closed>,
    /// What the next send takes; the kernel has lent the other half while it sends.
    output: Vec<u8>,
    /// Where the output of the send that is done was: empty.
    spare: Vec<u8>,
    /// Bytes that are being sent, and how many of the vector's that are sent stand before them.
    sending: Option<(usize, usize)>,
    receiving: bool,
    /// The receiving is to end, or everything is.
    cancelled: bool,
    dirty: bool,
    /// Set by [`Transport::close`]: when the rest of it goes.
    linger_until: Option<u64>,
    /// It is over, and told of; what the kernel still has of it is on its way back.
    gone: bool,
}

impl Conn {
    fn new(stream: TcpStream, peer: SocketAddr, door: usize) -> Conn {
        Conn {
            stream,
            peer,
            door,
            input: Input::default(),
            backlog: Vec::new(),
            end: None,
            output: Vec::new(),
            spare: Vec::new(),
            sending: None,
            receiving: false,
            cancelled: false,
            dirty: false,
            linger_until: None,
            gone: false,
        }
    }

    const fn is_open(&self) -> bool {
        !self.gone && self.linger_until.is_none()
    }

    /// Bytes that the kernel has not taken.
    fn pending(&self) -> usize {
        self.output.len() + self.sending.map_or(0, |(_, rest)| rest)
    }

    /// Moves as much of `bytes` into the input as it has room for, the rest behind the backlog; whether anything was moved
    /// into the input.
    fn take_in(&mut self, bytes: &[u8]) -> bool {
        let count = if self.backlog.is_empty() { self.input.fill(bytes) } else { 0 };
        self.backlog.extend_from_slice(&bytes[count..]);
        count > 0
    }

    /// Moves of the backlog into the input what there is room for; whether anything was.
    fn take_backlog(&mut self) -> bool {
        let count = self.input.fill(&self.backlog);
        self.backlog.drain(..count);
        count > 0
    }
}

impl Uring {
    /// Listens on `address`.
    ///
    /// # Errors
    /// Whatever the kernel says, a port in use foremost; `Ok(Err)` if this host's kernel does not do, and why.
    pub(super) fn listen(address: SocketAddr, bounds: Bounds) -> io::Result<Result<Uring, Unsupported>> {
        let ring = match Ring::new() {
            Ok(ring) => ring,
            Err(unsupported) => return Ok(Err(unsupported)),
        };
        Ok(Ok(Uring {
            ring,
            enabled: false,
            listeners: vec![(with_room(TcpListener::bind(address)?)?, false)],
            accept_failed: false,
            bell: None,
            slots: Slots::new(bounds.connections_max),
            dirty: Vec::new(),
            stalled: Vec::new(),
            lingering: 0,
            output_bytes_max: bounds.output_bytes_max,
            counted: [0; 2],
        }))
    }

    fn open_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        self.slots.get_mut(id).filter(|conn| conn.is_open())
    }

    /// What the kernel has done.
    fn reap(&mut self, notices: &mut Vec<Notice>) {
        while let Some(done) = self.ring.next() {
            match done {
                Done::Accepted { door, result } => self.accepted(door as usize, result, notices),
                Done::Received { slot, result, more } => self.received(slot, result, more, notices),
                Done::Sent { slot, bytes, result } => self.sent(slot, bytes, result, notices),
                Done::Rang => self.bell = None,
                Done::Cancelled => {}
            }
        }
        self.accept();
    }

    fn accept(&mut self) {
        for (door, (listener, accepting)) in (0..).zip(&mut self.listeners) {
            if !*accepting && !self.accept_failed {
                self.ring.accept(listener.as_fd(), door);
                *accepting = true;
            }
        }
    }

    fn accepted(&mut self, door: usize, result: io::Result<OwnedFd>, notices: &mut Vec<Notice>) {
        let Some((_, accepting)) = self.listeners.get_mut(door) else {
            return; // nobody is to come any more
        };
        *accepting = false;
        let taken = result.map(TcpStream::from).and_then(|stream| {
            stream.set_nodelay(true)?;
            let peer = stream.peer_addr()?;
            Ok((stream, peer))
        });
        let (stream, peer) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                match error.raw_os_error().map(Errno::from_raw_os_error) {
                    // The peer was quicker at leaving.
                    Some(Errno::CONNABORTED | Errno::NOTCONN | Errno::INTR) => {}
                    _ => {
                        // Out of descriptors, most likely: housekeeping tries again.
                        self.accept_failed = true;
                        notices.push(Notice::AcceptFailed(error));
                    }
                }
                return;
            }
        };
        let Some(slot) = self.slots.vacancy() else {
            notices.push(Notice::TurnedAway(peer));
            return;
        };
        let id = self.slots.fill(slot, Conn::new(stream, peer, door));
        notices.push(Notice::Opened(id, peer));
        self.go_on(slot);
    }

    fn received(&mut self, slot: u32, result: io::Result<Chunk>, more: bool, notices: &mut Vec<Notice>) {
        let id = self.slots.id(slot);
        let Some(conn) = self.slots.at(slot) else { return };
        conn.receiving = more;
        match result {
            Ok(chunk) if chunk.is_empty() => {
                self.ring.give_back(chunk);
                self.end(slot, Closed::ByPeer, notices);
            }
            Ok(chunk) => {
                // What comes after we have closed our side is thrown away, so that the kernel has no reason for a reset
                // that would destroy our last words on their way.
                if conn.is_open() {
                    self.counted[0] += self.ring.bytes(&chunk).len() as u64;
                    let had_backlog = !conn.backlog.is_empty();
                    if conn.take_in(self.ring.bytes(&chunk)) {
                        notices.push(Notice::Received(id));
                    }
                    if !had_backlog && !conn.backlog.is_empty() {
                        self.stalled.push(slot);
                    }
                }
                self.ring.give_back(chunk);
            }
            Err(error) => match error.raw_os_error().map(Errno::from_raw_os_error) {
                // All buffers were filled; or we have ended the receiving, for a while or for good.
                Some(Errno::NOBUFS | Errno::CANCELED | Errno::INTR | Errno::AGAIN) => {}
                _ => self.end(slot, Closed::Broken(error), notices),
            },
        }
        self.go_on(slot);
    }

    fn sent(&mut self, slot: u32, mut bytes: Vec<u8>, result: io::Result<usize>, notices: &mut Vec<Notice>) {
        let Some(conn) = self.slots.at(slot) else { return };
        let (sent, rest) = conn.sending.take().unwrap_or_default();
        let count = match result {
            Ok(count) => {
                self.counted[1] += count as u64;
                count
            }
            Err(error) => match error.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::INTR | Errno::AGAIN | Errno::CANCELED) => 0,
                _ => {
                    self.end(slot, Closed::Broken(error), notices);
                    0
                }
            },
        };
        if let Some(conn) = self.slots.at(slot) {
            if count < rest && !conn.gone && conn.end.is_none() {
                conn.sending = Some((sent + count, rest - count));
                self.ring.send(conn.stream.as_fd(), slot, bytes, sent + count);
            } else {
                bytes.clear();
                conn.spare = bytes;
                if conn.end.is_none() {
                    self.send(slot);
                }
            }
        }
        self.go_on(slot);
    }

    /// Sends what waits, if nothing is being sent; closes our side behind the last words.
    fn send(&mut self, slot: u32) {
        let Some(conn) = self.slots.at(slot) else { return };
        if conn.sending.is_some() || conn.gone {
            return;
        }
        if !conn.output.is_empty() {
            let spare = std::mem::take(&mut conn.spare);
            let bytes = std::mem::replace(&mut conn.output, spare);
            conn.sending = Some((0, bytes.len()));
            self.ring.send(conn.stream.as_fd(), slot, bytes, 0);
        } else if conn.linger_until.is_some() {
            // An error means that the connection is gone already, which receiving will find out.
            let _gone = conn.stream.shutdown(Shutdown::Write);
        }
    }

    /// What is next for the connection in `slot`: to receive, to receive no more for now, or to go.
    fn go_on(&mut self, slot: u32) {
        let Some(conn) = self.slots.at(slot) else { return };
        if conn.gone {
            if !conn.receiving && conn.sending.is_none() {
                self.slots.remove(slot);
            } else if !conn.cancelled {
                conn.cancelled = true;
                if conn.receiving {
                    self.ring.receive_no_more(slot);
                }
                if conn.sending.is_some() {
                    self.ring.send_no_more(slot);
                }
            }
            return;
        }
        if conn.backlog.is_empty() {
            if !conn.receiving && conn.end.is_none() {
                conn.receiving = true;
                conn.cancelled = false;
                self.ring.receive(conn.stream.as_fd(), slot);
            }
        } else if conn.receiving && !conn.cancelled {
            conn.cancelled = true;
            self.ring.receive_no_more(slot);
        }
    }

    /// The peer's end, or a break: told of at once if whatever it has sent before is consumed, else by a later poll.
    fn end(&mut self, slot: u32, why: Closed, notices: &mut Vec<Notice>) {
        let Some(conn) = self.slots.at(slot) else { return };
        if conn.is_open() && !conn.input.filled().is_empty() {
            // With a backlog, or an end already, it is among the stalled ones.
            if conn.backlog.is_empty() && conn.end.is_none() {
                self.stalled.push(slot);
            }
            conn.end = Some(why);
        } else {
            self.end_now(slot, Some(why), notices);
        }
    }

    fn end_now(&mut self, slot: u32, why: Option<Closed>, notices: &mut Vec<Notice>) {
        let id = self.slots.id(slot);
        let Some(conn) = self.slots.at(slot).filter(|conn| !conn.gone) else { return };
        conn.gone = true;
        // A cancellation that is under way is of the receiving alone.
        conn.cancelled = false;
        if conn.linger_until.is_some() {
            self.lingering -= 1;
        } else if let Some(why) = why {
            notices.push(Notice::Closed(id, why));
        }
        self.go_on(slot);
    }

    /// Connections that had more bytes than room.
    fn look_at_stalled(&mut self, notices: &mut Vec<Notice>) {
        let mut at = 0;
        while let Some(&slot) = self.stalled.get(at) {
            let id = self.slots.id(slot);
            let Some(conn) = self.slots.at(slot).filter(|conn| conn.is_open()) else {
                self.stalled.swap_remove(at);
                continue;
            };
            let moved = conn.take_backlog();
            if moved {
                notices.push(Notice::Received(id));
            }
            if !conn.backlog.is_empty() || (moved && conn.end.is_some()) {
                at += 1;
                continue;
            }
            self.stalled.swap_remove(at);
            match conn.end.take() {
                Some(why) => self.end_now(slot, Some(why), notices),
                None => self.go_on(slot),
            }
        }
    }
}

impl Transport for Uring {
    fn poll(&mut self, _now: u64, notices: &mut Vec<Notice>) {
        if !self.enabled {
            // Here, and not where it was made: this is the thread that it is going to be used on.
            if let Err(error) = self.ring.enable() {
                return notices.push(Notice::AcceptFailed(error));
            }
            self.enabled = true;
            self.accept();
        }
        self.look_at_stalled(notices);
        if self.ring.has_work() {
            self.ring.enter();
        }
        self.reap(notices);
    }

    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()> {
        assert!(self.listeners.len() < DOORS_MAX);
        self.listeners.push((with_room(TcpListener::bind(address)?)?, false));
        Ok(())
    }

    fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        let (listener, _) = self.listeners.get(door).ok_or(io::ErrorKind::NotConnected)?;
        listener.local_addr()
    }

    fn door(&self, conn: ConnId) -> Option<usize> {
        self.slots.get(conn).filter(|conn| conn.is_open()).map(|conn| conn.door)
    }

    fn connections(&self) -> usize {
        self.slots.taken()
    }

    fn bytes(&self) -> [u64; 2] {
        self.counted
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        self.slots.get(conn).filter(|conn| conn.is_open()).map(|conn| conn.peer)
    }

    fn split(&mut self, id: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        let conn = self.slots.get_mut(id).filter(|conn| conn.is_open())?;
        if !conn.dirty {
            conn.dirty = true;
            self.dirty.push(id.slot);
        }
        Some((conn.input.filled(), &mut conn.output))
    }

    fn consume(&mut self, conn: ConnId, count: usize) {
        if let Some(conn) = self.open_mut(conn) {
            conn.input.consume(count);
        }
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        for at in 0..self.dirty.len() {
            self.send(self.dirty[at]);
        }
        if self.ring.has_requests() {
            self.ring.enter();
            self.reap(notices);
        }
        while let Some(slot) = self.dirty.pop() {
            let Some(conn) = self.slots.at(slot) else { continue };
            conn.dirty = false;
            let pending = conn.pending();
            if conn.is_open() && pending > self.output_bytes_max {
                self.end_now(slot, Some(Closed::SlowConsumer { pending }), notices);
            }
        }
    }

    fn close(&mut self, id: ConnId, now: u64) {
        let Some(conn) = self.open_mut(id) else { return };
        conn.linger_until = Some(now.saturating_add(LINGER_NS));
        conn.backlog.clear();
        conn.end = None; // receiving will find it again
        self.lingering += 1;
        self.send(id.slot);
        self.go_on(id.slot);
    }

    fn housekeep(&mut self, now: u64) {
        self.accept_failed = false;
        if self.enabled {
            self.accept();
        }
        if self.lingering == 0 {
            return;
        }
        for slot in self.slots.places() {
            let due = self.slots.at(slot).and_then(|conn| conn.linger_until);
            if due.is_some_and(|due| now >= due) {
                self.end_now(slot, None, &mut Vec::new());
            }
        }
    }

    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration) {
        let fd = bell.as_raw_fd();
        if self.bell != Some(fd) {
            if let Some(former) = self.bell.replace(fd) {
                self.ring.listen_no_more(former);
            }
            self.ring.listen_to(bell);
        }
        let slots = &self.slots;
        let left = self.stalled.iter().any(|&slot| slots.peek(slot).is_none_or(|conn| !conn.input.is_full()));
        self.ring.enter_and_wait(if left { Duration::ZERO } else { timeout });
    }

    fn stop_listening(&mut self) {
        for (door, (listener, accepting)) in (0..).zip(self.listeners.drain(..)) {
            if accepting {
                self.ring.accept_no_more(door);
            }
            drop(listener);
        }
    }
}
