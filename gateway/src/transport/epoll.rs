//! TCP over epoll, edge-triggered: the transport that runs everywhere.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr},
    os::fd::{AsRawFd, BorrowedFd, RawFd},
    time::Duration,
};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
    unix::SourceFd,
};

use super::{
    Bounds, Closed, ConnId, Notice, Transport,
    buffer::{Input, Output},
};

const LISTENER: Token = Token(usize::MAX - 1); // usize::MAX is mio's own
const BELL: Token = Token(usize::MAX - 2);

/// Connections taken in one poll, so that a flood of them does not starve those that are there.
const ACCEPTS_PER_POLL: u32 = 16;
/// How long a connection that we have closed may take to close its side.
const LINGER_NS: u64 = 1_000_000_000;

/// TCP over epoll.
#[derive(Debug)]
pub struct Epoll {
    poll: Poll,
    events: Events,
    /// Events that [`Transport::wait`] has fetched and `poll` has not looked at.
    fetched: bool,
    listener: Option<TcpListener>,
    acceptable: bool,
    bell: Option<RawFd>,
    bounds: Bounds,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Slots that may have something to read, or room to write again.
    ready: Vec<u32>,
    /// Slots with output that was put in since the last flush.
    dirty: Vec<u32>,
    lingering: u32,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    conn: Option<Conn>,
}

#[derive(Debug)]
struct Conn {
    stream: TcpStream,
    peer: SocketAddr,
    input: Input,
    output: Output,
    readable: bool,
    /// The peer has closed its side, or something broke: there is an end to read, and no edge will tell of it again.
    ending: bool,
    queued: bool,
    dirty: bool,
    /// Set by [`Transport::close`]: when the rest of it goes.
    linger_until: Option<u64>,
}

impl Epoll {
    /// Listens on `address`.
    ///
    /// # Errors
    /// Whatever the kernel says, a port in use foremost.
    pub fn listen(address: SocketAddr, bounds: Bounds) -> io::Result<Epoll> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind(address)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Epoll {
            poll,
            events: Events::with_capacity(1024),
            fetched: false,
            listener: Some(listener),
            acceptable: true,
            bell: None,
            bounds,
            slots: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            dirty: Vec::new(),
            lingering: 0,
        })
    }

    /// The address it listens on, the port being the kernel's choice if it was 0.
    ///
    /// # Errors
    /// If it listens no more, or the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.as_ref().ok_or(io::ErrorKind::NotConnected)?.local_addr()
    }

    /// Connections that are open, those being closed included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn conn(&self, id: ConnId) -> Option<&Conn> {
        let slot = self.slots.get(id.slot())?;
        let conn = slot.conn.as_ref()?;
        (slot.generation == id.generation && conn.linger_until.is_none()).then_some(conn)
    }

    fn conn_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        let slot = self.slots.get_mut(id.slot())?;
        let conn = slot.conn.as_mut()?;
        (slot.generation == id.generation && conn.linger_until.is_none()).then_some(conn)
    }

    fn id(&self, slot: u32) -> ConnId {
        ConnId { slot, generation: self.slots[slot as usize].generation }
    }

    fn look_at_events(&mut self) {
        for event in &self.events {
            match event.token() {
                LISTENER => self.acceptable = true,
                BELL => {} // drained by whoever owns the bell
                Token(token) => {
                    let Some(conn) = self.slots.get_mut(token).and_then(|s| s.conn.as_mut()) else {
                        continue;
                    };
                    conn.ending |= event.is_read_closed() || event.is_error();
                    conn.readable |= event.is_readable() || conn.ending;
                    if !conn.queued {
                        conn.queued = true;
                        self.ready.push(u32::try_from(token).unwrap_or(u32::MAX));
                    }
                }
            }
        }
        self.events.clear();
        self.fetched = false;
    }

    fn accept(&mut self, notices: &mut Vec<Notice>) {
        let Some(listener) = &self.listener else { return };
        for _ in 0..ACCEPTS_PER_POLL {
            let (mut stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.acceptable = false;
                    return;
                }
                // The peer was quicker at leaving.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => {
                    // Out of descriptors, most likely: housekeeping tries again.
                    self.acceptable = false;
                    notices.push(Notice::AcceptFailed(error));
                    return;
                }
            };
            let slot = match self.free.pop() {
                Some(slot) => slot,
                None if self.slots.len() < self.bounds.connections_max as usize => {
                    self.slots.push(Slot::default());
                    u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
                }
                None => {
                    notices.push(Notice::TurnedAway(peer));
                    continue;
                }
            };
            let registered = stream.set_nodelay(true).and_then(|()| {
                let interest = Interest::READABLE | Interest::WRITABLE;
                self.poll.registry().register(&mut stream, Token(slot as usize), interest)
            });
            if let Err(error) = registered {
                self.free.push(slot);
                notices.push(Notice::AcceptFailed(error));
                continue;
            }
            let place = &mut self.slots[slot as usize];
            place.generation = place.generation.wrapping_add(1);
            place.conn = Some(Conn {
                stream,
                peer,
                input: Input::default(),
                output: Output::default(),
                readable: false,
                ending: false,
                queued: false,
                dirty: false,
                linger_until: None,
            });
            notices.push(Notice::Opened(self.id(slot), peer));
        }
    }

    /// Reads once; `false` if there is nothing more to be read for now.
    fn read(&mut self, slot: u32, notices: &mut Vec<Notice>) -> bool {
        let Some(conn) = self.slots[slot as usize].conn.as_mut() else { return false };
        if conn.linger_until.is_some() {
            return self.discard(slot);
        }
        let room = conn.input.room();
        let asked = room.len();
        match conn.stream.read(room) {
            Ok(0) => {
                self.remove(slot, Some(Closed::ByPeer), notices);
                false
            }
            Ok(count) => {
                conn.input.add(count);
                // A short read has emptied the socket: whatever comes later is a new edge (epoll(7)), but for an
                // end that came with what was just read.
                let again = count == asked || conn.ending;
                notices.push(Notice::Received(self.id(slot)));
                again
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => {
                self.remove(slot, Some(Closed::Broken(error)), notices);
                false
            }
        }
    }

    /// Reads what a peer sends after we have closed our side, so that the kernel has no reason for a reset
    /// that would destroy our last words on their way.
    fn discard(&mut self, slot: u32) -> bool {
        let Some(conn) = self.slots[slot as usize].conn.as_mut() else { return false };
        let mut sink = [0; 4096];
        match conn.stream.read(&mut sink) {
            Ok(count) if count > 0 => true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            Ok(_) | Err(_) => {
                self.remove(slot, None, &mut Vec::new());
                false
            }
        }
    }

    fn write(&mut self, slot: u32, notices: &mut Vec<Notice>) {
        let output_bytes_max = self.bounds.output_bytes_max;
        let Some(conn) = self.slots[slot as usize].conn.as_mut() else { return };
        while !conn.output.pending().is_empty() {
            match conn.stream.write(conn.output.pending()) {
                Ok(count) => conn.output.advance(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let pending = conn.output.pending().len();
                    if pending > output_bytes_max {
                        self.remove(slot, Some(Closed::SlowConsumer { pending }), notices);
                    }
                    return;
                }
                Err(error) => return self.remove(slot, Some(Closed::Broken(error)), notices),
            }
        }
        if conn.linger_until.is_some() {
            // An error means that the connection is gone already, which reading will find out.
            let _gone = conn.stream.shutdown(Shutdown::Write);
        }
    }

    fn remove(&mut self, slot: u32, why: Option<Closed>, notices: &mut Vec<Notice>) {
        let id = self.id(slot);
        let Some(mut conn) = self.slots[slot as usize].conn.take() else { return };
        // Closing the descriptor deregisters it too, whatever this says.
        let _closed_anyway = self.poll.registry().deregister(&mut conn.stream);
        self.free.push(slot);
        if conn.linger_until.is_some() {
            self.lingering -= 1;
        } else if let Some(why) = why {
            notices.push(Notice::Closed(id, why));
        }
    }
}

impl Transport for Epoll {
    fn poll(&mut self, _now: u64, notices: &mut Vec<Notice>) {
        if !self.fetched && self.poll.poll(&mut self.events, Some(Duration::ZERO)).is_err() {
            return; // interrupted by a signal: nothing was fetched
        }
        self.look_at_events();
        if self.acceptable {
            self.accept(notices);
        }
        let mut index = 0;
        while index < self.ready.len() {
            let slot = self.ready[index];
            self.write(slot, notices);
            let again = match &self.slots[slot as usize].conn {
                Some(conn) if conn.readable => self.read(slot, notices),
                _ => false,
            };
            if let Some(conn) = self.slots[slot as usize].conn.as_mut() {
                conn.readable = again;
                conn.queued = again;
            }
            if again {
                index += 1;
            } else {
                self.ready.swap_remove(index);
            }
        }
    }

    fn received(&self, conn: ConnId) -> &[u8] {
        self.conn(conn).map_or(&[], |conn| conn.input.filled())
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        self.conn(conn).map(|conn| conn.peer)
    }

    fn consume(&mut self, conn: ConnId, count: usize) {
        if let Some(conn) = self.conn_mut(conn) {
            conn.input.consume(count);
        }
    }

    fn split(&mut self, id: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        let slot = self.slots.get_mut(id.slot())?;
        let conn = slot.conn.as_mut()?;
        if slot.generation != id.generation || conn.linger_until.is_some() {
            return None;
        }
        if !conn.dirty {
            conn.dirty = true;
            self.dirty.push(id.slot);
        }
        Some((conn.input.filled(), conn.output.end()))
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        while let Some(slot) = self.dirty.pop() {
            if let Some(conn) = self.slots[slot as usize].conn.as_mut() {
                conn.dirty = false;
                self.write(slot, notices);
            }
        }
    }

    fn close(&mut self, id: ConnId, now: u64) {
        let Some(conn) = self.conn_mut(id) else { return };
        conn.linger_until = Some(now.saturating_add(LINGER_NS));
        conn.readable = true;
        let queued = std::mem::replace(&mut conn.queued, true);
        self.lingering += 1;
        if !queued {
            self.ready.push(id.slot);
        }
        self.write(id.slot, &mut Vec::new());
    }

    fn housekeep(&mut self, now: u64) {
        self.acceptable = true;
        if self.lingering == 0 {
            return;
        }
        for slot in 0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX) {
            let due = self.slots[slot as usize].conn.as_ref().and_then(|conn| conn.linger_until);
            if due.is_some_and(|due| now >= due) {
                self.remove(slot, None, &mut Vec::new());
            }
        }
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
        if !self.fetched && self.poll.poll(&mut self.events, Some(timeout)).is_ok() {
            self.fetched = true;
        }
    }

    fn stop_listening(&mut self) {
        if let Some(mut listener) = self.listener.take() {
            // Closing the descriptor deregisters it too, whatever this says.
            let _closed_anyway = self.poll.registry().deregister(&mut listener);
        }
    }
}
