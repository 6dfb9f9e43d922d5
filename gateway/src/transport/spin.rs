//! TCP without asking who is ready: every connection is read in turn. For few of them, and a thread that never sleeps.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{
    Bounds, ConnId, DOORS_MAX, Notice, SPIN_CONNECTIONS_MAX, Transport, epoll::Epoll, sockets::Accepted,
};

/// Polls between two looks at the listener, unless somebody waits there: nobody's order waits for somebody else's
/// connection.
const POLLS_PER_ACCEPT: u32 = 64;
/// What a wait listens to: the bell, the listeners and the connections.
const FDS_MAX: usize = 1 + DOORS_MAX + SPIN_CONNECTIONS_MAX;

/// TCP by reading each connection in turn, while they are few; while they are more, epoll tells which to read.
#[derive(Debug)]
pub struct Spin {
    epoll: Epoll,
    /// Places of all connections, while they are few; of some of them the connection may have gone.
    open: Option<Vec<u32>>,
    polls: u32,
    /// Somebody may wait whom the last look at the listener has left waiting.
    crowded: bool,
    /// Whether taking connections has failed since housekeeping.
    accept_failed: bool,
}

impl Spin {
    /// Listens on `address`.
    ///
    /// # Errors
    /// As [`Epoll::listen`].
    pub fn listen(address: SocketAddr, bounds: Bounds) -> io::Result<Spin> {
        let epoll = Epoll::listen(address, bounds)?;
        Ok(Spin {
            epoll,
            open: Some(Vec::with_capacity(SPIN_CONNECTIONS_MAX)),
            polls: 0,
            crowded: false,
            accept_failed: false,
        })
    }

    /// Reads each of `open` once, forgets those that have gone, and looks at the listener now and then.
    fn read_all(&mut self, notices: &mut Vec<Notice>) {
        let sockets = &mut self.epoll.sockets;
        let Some(open) = &mut self.open else { return };
        open.retain(|&slot| {
            if sockets.slots.at(slot).is_some_and(|conn| conn.has_output()) {
                sockets.write(slot, notices);
            }
            sockets.read(slot, notices);
            sockets.slots.at(slot).is_some()
        });
        self.polls = self.polls.wrapping_add(1);
        let turn = self.crowded || self.polls.is_multiple_of(POLLS_PER_ACCEPT);
        if turn && !self.accept_failed {
            let accepted = sockets.accept(notices, |_, slot| {
                open.push(slot);
                Ok(())
            });
            self.accept_failed = accepted == Accepted::Failed;
            self.crowded = accepted == Accepted::Enough;
        }
    }

    /// Goes over to epoll where connections have become too many, and back where they are half as many: coming and
    /// going around the bound costs nothing.
    fn choose(&mut self, notices: &mut Vec<Notice>) {
        let taken = self.epoll.connections();
        if self.open.is_some() && taken > SPIN_CONNECTIONS_MAX {
            self.open = None;
            self.epoll.watch_all(notices);
        } else if self.open.is_none() && taken <= SPIN_CONNECTIONS_MAX / 2 {
            self.epoll.unwatch_all();
            let slots = &mut self.epoll.sockets.slots;
            self.open = Some(slots.places().filter(|&slot| slots.at(slot).is_some()).collect());
        }
    }
}

impl Transport for Spin {
    fn poll(&mut self, now: u64, notices: &mut Vec<Notice>) {
        self.choose(notices);
        if self.open.is_some() {
            self.read_all(notices);
        } else {
            self.epoll.poll(now, notices);
        }
    }

    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()> {
        self.epoll.also_listen(address)
    }

    fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        self.epoll.local_addr(door)
    }

    fn door(&self, conn: ConnId) -> Option<usize> {
        self.epoll.door(conn)
    }

    fn connections(&self) -> usize {
        self.epoll.connections()
    }

    fn bytes(&self) -> [u64; 2] {
        self.epoll.bytes()
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        self.epoll.peer(conn)
    }

    fn consume(&mut self, conn: ConnId, count: usize) {
        self.epoll.consume(conn, count);
    }

    fn split(&mut self, conn: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        self.epoll.split(conn)
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        self.epoll.flush(notices);
    }

    fn close(&mut self, conn: ConnId, now: u64) {
        self.epoll.close(conn, now);
    }

    fn housekeep(&mut self, now: u64) {
        self.accept_failed = false;
        self.epoll.housekeep(now);
    }

    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration) {
        let (Some(open), sockets) = (&self.open, &self.epoll.sockets) else {
            return self.epoll.wait(bell, timeout);
        };
        if self.crowded || open.len() > SPIN_CONNECTIONS_MAX {
            return; // the next poll takes more of them, or goes over to epoll
        }
        // Places without a descriptor listen to the bell once more.
        let mut fds: [PollFd<'_>; FDS_MAX] =
            std::array::from_fn(|_| PollFd::from_borrowed_fd(bell, PollFlags::IN));
        if !self.accept_failed {
            for (fd, listener) in fds[1..].iter_mut().zip(&sockets.listeners) {
                *fd = PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN);
            }
        }
        for (fd, &slot) in fds[1 + DOORS_MAX..].iter_mut().zip(open) {
            if let Some(conn) = sockets.slots.peek(slot) {
                let mut flags = PollFlags::empty();
                flags.set(PollFlags::IN, conn.has_room());
                flags.set(PollFlags::OUT, conn.has_output());
                *fd = PollFd::from_borrowed_fd(conn.stream.as_fd(), flags);
            }
        }
        let timeout = Timespec::try_from(timeout).unwrap_or_default();
        // An error is a signal, or a want of memory: the poll that follows looks at everything all the same.
        let _woken = poll(&mut fds, Some(&timeout));
        self.polls = POLLS_PER_ACCEPT - 1;
    }

    fn stop_listening(&mut self) {
        self.epoll.stop_listening();
    }
}
