//! Non-blocking sockets of the kernel: what is done with them, whoever finds out which of them has something to do.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr},
};

use mio::net::{TcpListener, TcpStream};

use super::{
    Bounds, Closed, ConnId, DOORS_MAX, LINGER_NS, Notice,
    buffer::{Input, Output},
    slots::Slots,
    with_room,
};

/// Connections taken at a door in one poll, so that a flood of them does not starve those that are there.
const ACCEPTS_PER_POLL: u32 = 16;

/// Polls that a full table gets before whoever waits is turned away: who connects and leaves at once takes a place from the
/// queue of those who wait, and is only then seen to be gone. Of the longest such way the first poll reads its last words,
/// which the worker answers by closing, the second its end, and the third finds the place free.
const POLLS_WHILE_FULL: u32 = 3;

/// How far taking connections has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    /// Nobody waits any more.
    All,
    /// As many as one poll takes, or as there is room for now: others may wait.
    Enough,
    /// The kernel gave none, for want of descriptors most likely: to be tried again by housekeeping.
    Failed,
}

/// Listeners and their connections.
#[derive(Debug)]
pub(super) struct Sockets {
    /// By their doors; none when nobody is to come any more.
    pub(super) listeners: Vec<TcpListener>,
    pub(super) slots: Slots<Conn>,
    /// Places with output that was put in since the last flush.
    dirty: Vec<u32>,
    lingering: u32,
    output_bytes_max: usize,
    /// Received, and sent.
    pub(super) bytes: [u64; 2],
    /// How often in succession there was no room when connections were to be taken.
    full: u32,
}

#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: TcpStream,
    peer: SocketAddr,
    door: usize,
    input: Input,
    output: Output,
    /// The peer has closed its side, or something broke: there is an end to read behind the last bytes.
    pub(super) ending: bool,
    dirty: bool,
    /// Set by [`Sockets::close`]: when the rest of it goes.
    linger_until: Option<u64>,
}

impl Conn {
    /// Whether bytes can be received; what comes after we have closed our side needs no room.
    pub(super) const fn has_room(&self) -> bool {
        !self.input.is_full() || self.linger_until.is_some()
    }

    /// Whether bytes wait for the kernel to take them.
    pub(super) fn has_output(&self) -> bool {
        !self.output.pending().is_empty()
    }
}

impl Sockets {
    pub(super) fn listen(address: SocketAddr, bounds: Bounds) -> io::Result<Sockets> {
        Ok(Sockets {
            listeners: vec![with_room(TcpListener::bind(address)?)?],
            slots: Slots::new(bounds.connections_max),
            dirty: Vec::new(),
            lingering: 0,
            output_bytes_max: bounds.output_bytes_max,
            bytes: [0; 2],
            full: 0,
        })
    }

    pub(super) fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        self.listeners.get(door).ok_or(io::ErrorKind::NotConnected)?.local_addr()
    }

    /// Listens on one more address.
    pub(super) fn also_listen(&mut self, address: SocketAddr) -> io::Result<&mut TcpListener> {
        assert!(self.listeners.len() < DOORS_MAX);
        self.listeners.push(with_room(TcpListener::bind(address)?)?);
        Ok(self.listeners.last_mut().expect("it has just been put there"))
    }

    pub(super) fn door(&self, id: ConnId) -> Option<usize> {
        self.open(id).map(|conn| conn.door)
    }

    /// A connection that was not closed by us.
    fn open(&self, id: ConnId) -> Option<&Conn> {
        self.slots.get(id).filter(|conn| conn.linger_until.is_none())
    }

    fn open_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        self.slots.get_mut(id).filter(|conn| conn.linger_until.is_none())
    }

    /// Takes connections until there are none, or enough for one poll; `prepare` is given the stream and its place before
    /// anything else.
    pub(super) fn accept(
        &mut self,
        notices: &mut Vec<Notice>,
        mut prepare: impl FnMut(&mut TcpStream, u32) -> io::Result<()>,
    ) -> Accepted {
        self.full = if self.slots.vacancy().is_some() { 0 } else { self.full.saturating_add(1) };
        let mut outcome = Accepted::All;
        for door in 0..self.listeners.len() {
            match self.accept_at(door, notices, &mut prepare) {
                Accepted::Failed => return Accepted::Failed,
                Accepted::Enough => outcome = Accepted::Enough,
                Accepted::All => {}
            }
        }
        outcome
    }

    fn accept_at(
        &mut self,
        door: usize,
        notices: &mut Vec<Notice>,
        prepare: &mut impl FnMut(&mut TcpStream, u32) -> io::Result<()>,
    ) -> Accepted {
        for _ in 0..ACCEPTS_PER_POLL {
            if self.full < POLLS_WHILE_FULL && self.slots.vacancy().is_none() {
                return Accepted::Enough;
            }
            let (mut stream, peer) = match self.listeners[door].accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Accepted::All,
                // The peer was quicker at leaving.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => {
                    notices.push(Notice::AcceptFailed(error));
                    return Accepted::Failed;
                }
            };
            let Some(slot) = self.slots.vacancy() else {
                notices.push(Notice::TurnedAway(peer));
                continue;
            };
            if let Err(error) = stream.set_nodelay(true).and_then(|()| prepare(&mut stream, slot)) {
                notices.push(Notice::AcceptFailed(error));
                continue;
            }
            let id = self.slots.fill(
                slot,
                Conn {
                    stream,
                    peer,
                    door,
                    input: Input::default(),
                    output: Output::default(),
                    ending: false,
                    dirty: false,
                    linger_until: None,
                },
            );
            notices.push(Notice::Opened(id, peer));
        }
        Accepted::Enough
    }

    /// Reads once; `false` if there is nothing more to be read until something else comes.
    pub(super) fn read(&mut self, slot: u32, notices: &mut Vec<Notice>) -> bool {
        let Some(conn) = self.slots.at(slot) else { return false };
        if conn.linger_until.is_some() {
            return self.discard(slot);
        }
        let room = conn.input.room();
        if room.is_empty() {
            return true; // left to the kernel, and so to the peer, until something is consumed
        }
        let asked = room.len();
        match conn.stream.read(room) {
            Ok(0) => {
                self.remove(slot, Some(Closed::ByPeer), notices);
                false
            }
            Ok(count) => {
                conn.input.add(count);
                self.bytes[0] += count as u64;
                // A short read has emptied the socket: whatever comes later is a new edge (epoll(7)), but for an
                // end that came with what was just read.
                let again = count == asked || conn.ending;
                notices.push(Notice::Received(self.slots.id(slot)));
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
        let Some(conn) = self.slots.at(slot) else { return false };
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

    /// Sends what waits, as far as the kernel takes it.
    pub(super) fn write(&mut self, slot: u32, notices: &mut Vec<Notice>) {
        let output_bytes_max = self.output_bytes_max;
        let Some(conn) = self.slots.at(slot) else { return };
        while conn.has_output() {
            match conn.stream.write(conn.output.pending()) {
                Ok(count) => {
                    conn.output.advance(count);
                    self.bytes[1] += count as u64;
                }
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

    /// Ends what is in place `slot`. Closing its descriptor takes it out of every epoll set.
    pub(super) fn remove(&mut self, slot: u32, why: Option<Closed>, notices: &mut Vec<Notice>) {
        let id = self.slots.id(slot);
        let Some(conn) = self.slots.remove(slot) else { return };
        if conn.linger_until.is_some() {
            self.lingering -= 1;
        } else if let Some(why) = why {
            notices.push(Notice::Closed(id, why));
        }
    }

    pub(super) fn peer(&self, id: ConnId) -> Option<SocketAddr> {
        self.open(id).map(|conn| conn.peer)
    }

    pub(super) fn consume(&mut self, id: ConnId, count: usize) {
        if let Some(conn) = self.open_mut(id) {
            conn.input.consume(count);
        }
    }

    pub(super) fn split(&mut self, id: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        let conn = self.slots.get_mut(id).filter(|conn| conn.linger_until.is_none())?;
        if !conn.dirty {
            conn.dirty = true;
            self.dirty.push(id.slot);
        }
        Some((conn.input.filled(), conn.output.end()))
    }

    pub(super) fn flush(&mut self, notices: &mut Vec<Notice>) {
        while let Some(slot) = self.dirty.pop() {
            if let Some(conn) = self.slots.at(slot) {
                conn.dirty = false;
                self.write(slot, notices);
            }
        }
    }

    /// As [`Transport::close`](super::Transport::close); its place, if there is such a connection.
    pub(super) fn close(&mut self, id: ConnId, now: u64) -> Option<u32> {
        self.open_mut(id)?.linger_until = Some(now.saturating_add(LINGER_NS));
        self.lingering += 1;
        self.write(id.slot, &mut Vec::new());
        Some(id.slot)
    }

    pub(super) fn end_lingering(&mut self, now: u64) {
        if self.lingering == 0 {
            return;
        }
        for slot in self.slots.places() {
            let due = self.slots.at(slot).and_then(|conn| conn.linger_until);
            if due.is_some_and(|due| now >= due) {
                self.remove(slot, None, &mut Vec::new());
            }
        }
    }
}
