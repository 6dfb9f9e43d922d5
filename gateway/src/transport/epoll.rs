//! TCP over epoll, edge-triggered: the transport that runs everywhere.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, BorrowedFd, RawFd},
    time::Duration,
};

use mio::{Events, Interest, Poll, Registry, Token, event::Source, net::TcpStream, unix::SourceFd};

use super::{
    Bounds, Closed, ConnId, Notice, Transport,
    sockets::{Accepted, Conn, Sockets},
};

const LISTENER: Token = Token(usize::MAX - 1); // usize::MAX is mio's own
const BELL: Token = Token(usize::MAX - 2);

/// TCP over epoll.
#[derive(Debug)]
pub struct Epoll {
    poll: Poll,
    events: Events,
    /// Events that [`Transport::wait`] has fetched and `poll` has not looked at.
    fetched: bool,
    acceptable: bool,
    /// Somebody may wait whom the last poll has left waiting, and no event tells of again.
    crowded: bool,
    bell: Option<RawFd>,
    pub(super) sockets: Sockets,
    ready: Ready,
}

/// Places whose connection may have something to read, or room to write again, each once.
#[derive(Debug, Default)]
struct Ready {
    list: Vec<u32>,
    marks: Vec<Mark>,
}

/// What is known of a place.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    readable: bool,
    /// It is in the list.
    queued: bool,
}

impl Ready {
    fn add(&mut self, slot: u32, readable: bool) {
        if self.marks.len() <= slot as usize {
            self.marks.resize(slot as usize + 1, Mark::default());
        }
        let mark = &mut self.marks[slot as usize];
        mark.readable |= readable;
        if !mark.queued {
            mark.queued = true;
            self.list.push(slot);
        }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.marks.clear();
    }
}

impl Epoll {
    /// Listens on `address`.
    ///
    /// # Errors
    /// Whatever the kernel says, a port in use foremost.
    pub fn listen(address: SocketAddr, bounds: Bounds) -> io::Result<Epoll> {
        let poll = Poll::new()?;
        let mut sockets = Sockets::listen(address, bounds)?;
        for listener in &mut sockets.listeners {
            poll.registry().register(listener, LISTENER, Interest::READABLE)?;
        }
        Ok(Epoll {
            poll,
            events: Events::with_capacity(1024),
            fetched: false,
            acceptable: true,
            crowded: false,
            bell: None,
            sockets,
            ready: Ready::default(),
        })
    }

    /// Asks the kernel to tell of every connection; each is then looked at once, whatever it has.
    pub(super) fn watch_all(&mut self, notices: &mut Vec<Notice>) {
        for slot in self.sockets.slots.places() {
            let Some(conn) = self.sockets.slots.at(slot) else { continue };
            if let Err(error) = watch(self.poll.registry(), &mut conn.stream, slot) {
                self.sockets.remove(slot, Some(Closed::Broken(error)), notices);
            } else {
                self.ready.add(slot, true);
            }
        }
        self.acceptable = true;
    }

    /// The contrary.
    pub(super) fn unwatch_all(&mut self) {
        for slot in self.sockets.slots.places() {
            let Some(conn) = self.sockets.slots.at(slot) else { continue };
            // It was registered, so that this cannot fail but for want of memory; then its events go unheeded.
            let _unheeded = conn.stream.deregister(self.poll.registry());
        }
        self.ready.clear();
        self.events.clear();
        self.fetched = false;
    }

    fn look_at_events(&mut self) {
        for event in &self.events {
            match event.token() {
                LISTENER => self.acceptable = true,
                BELL => {} // drained by whoever owns the bell
                Token(token) => {
                    let slot = u32::try_from(token).unwrap_or(u32::MAX);
                    let Some(conn) = self.sockets.slots.at(slot) else { continue };
                    // No edge will tell of an end again.
                    conn.ending |= event.is_read_closed() || event.is_error();
                    let readable = event.is_readable() || conn.ending;
                    self.ready.add(slot, readable);
                }
            }
        }
        self.events.clear();
        self.fetched = false;
    }
}

fn watch(registry: &Registry, stream: &mut TcpStream, slot: u32) -> io::Result<()> {
    registry.register(stream, Token(slot as usize), Interest::READABLE | Interest::WRITABLE)
}

impl Transport for Epoll {
    fn poll(&mut self, _now: u64, notices: &mut Vec<Notice>) {
        if !self.fetched && self.poll.poll(&mut self.events, Some(Duration::ZERO)).is_err() {
            return; // interrupted by a signal: nothing was fetched
        }
        self.look_at_events();
        if self.acceptable {
            let registry = self.poll.registry();
            let accepted = self.sockets.accept(notices, |stream, slot| watch(registry, stream, slot));
            self.crowded = accepted == Accepted::Enough;
            self.acceptable = self.crowded;
        }
        let mut index = 0;
        while let Some(&slot) = self.ready.list.get(index) {
            self.sockets.write(slot, notices);
            let mark = &mut self.ready.marks[slot as usize];
            let again = mark.readable && self.sockets.read(slot, notices);
            *mark = Mark { readable: again, queued: again };
            if again {
                index += 1;
            } else {
                self.ready.list.swap_remove(index);
            }
        }
    }

    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()> {
        let listener = self.sockets.also_listen(address)?;
        self.poll.registry().register(listener, LISTENER, Interest::READABLE)
    }

    fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        self.sockets.local_addr(door)
    }

    fn door(&self, conn: ConnId) -> Option<usize> {
        self.sockets.door(conn)
    }

    fn connections(&self) -> usize {
        self.sockets.slots.taken()
    }

    fn bytes(&self) -> [u64; 2] {
        self.sockets.bytes
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        self.sockets.peer(conn)
    }

    fn consume(&mut self, conn: ConnId, count: usize) {
        self.sockets.consume(conn, count);
    }

    fn split(&mut self, conn: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        self.sockets.split(conn)
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        self.sockets.flush(notices);
    }

    fn close(&mut self, conn: ConnId, now: u64) {
        if let Some(slot) = self.sockets.close(conn, now) {
            self.ready.add(slot, true);
        }
    }

    fn housekeep(&mut self, now: u64) {
        self.acceptable = true;
        self.sockets.end_lingering(now);
    }

    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration) {
        let fd = bell.as_raw_fd();
        if self.bell != Some(fd) {
            if let Some(former) = self.bell.take() {
                // It may be closed already, and then is not registered any more either.
                let _gone = self.poll.registry().deregister(&mut SourceFd(&former));
            }
            match self.poll.registry().register(&mut SourceFd(&fd), BELL, Interest::READABLE) {
                Ok(()) => self.bell = Some(fd),
                // Unheard, so look again soon.
                Err(_) => return std::thread::sleep(timeout.min(Duration::from_millis(1))),
            }
        }
        // What a poll has left for the next one no event tells of again.
        let slots = &self.sockets.slots;
        let left =
            self.crowded || self.ready.list.iter().any(|&slot| slots.peek(slot).is_some_and(Conn::has_room));
        let timeout = if left { Duration::ZERO } else { timeout };
        if !self.fetched && self.poll.poll(&mut self.events, Some(timeout)).is_ok() {
            self.fetched = true;
        }
    }

    fn stop_listening(&mut self) {
        // Closing a descriptor deregisters it too.
        self.sockets.listeners.clear();
    }
}
