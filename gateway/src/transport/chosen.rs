//! The transport that a configuration names.

use std::{io, net::SocketAddr, os::fd::BorrowedFd, time::Duration};

use super::{Bounds, ConnId, Epoll, Notice, Spin, Transport, Uring};

/// The ways there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Epoll`].
    Epoll,
    /// [`Spin`].
    Spin,
    /// [`Uring`].
    IoUring,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Epoll, Kind::Spin, Kind::IoUring];

    /// As configurations name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Epoll => "epoll",
            Kind::Spin => "spin",
            Kind::IoUring => "io_uring",
        }
    }
}

/// One of them. A worker calls its transport some ten times a round and a few times a message, never for a byte: a
/// branch that always goes the same way is nothing beside the system calls behind it, and the worker is built once.
pub enum Chosen {
    /// TCP over epoll.
    Epoll(Epoll),
    /// TCP, each connection read in turn.
    Spin(Spin),
    /// TCP over io_uring.
    Uring(Box<Uring>),
}

impl Chosen {
    /// Listens on `address` in the way of `kind`; where the kernel has no io_uring that does, epoll serves, and the log
    /// says why.
    ///
    /// # Errors
    /// Whatever the kernel says, a port in use foremost.
    pub fn listen(kind: Kind, address: SocketAddr, bounds: Bounds) -> io::Result<Chosen> {
        Ok(match kind {
            Kind::Epoll => Chosen::Epoll(Epoll::listen(address, bounds)?),
            Kind::Spin => Chosen::Spin(Spin::listen(address, bounds)?),
            Kind::IoUring => match Uring::listen(address, bounds)? {
                Ok(uring) => Chosen::Uring(Box::new(uring)),
                Err(why) => {
                    tracing::warn!(%why, "io_uring cannot be used; fix.transport is epoll instead");
                    Chosen::Epoll(Epoll::listen(address, bounds)?)
                }
            },
        })
    }

    /// Which it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Chosen::Epoll(_) => Kind::Epoll,
            Chosen::Spin(_) => Kind::Spin,
            Chosen::Uring(_) => Kind::IoUring,
        }
    }
}

/// `$call` of whichever it is.
macro_rules! each {
    ($self:ident, $transport:ident => $call:expr) => {
        match $self {
            Chosen::Epoll($transport) => $call,
            Chosen::Spin($transport) => $call,
            Chosen::Uring($transport) => $call,
        }
    };
}

impl Transport for Chosen {
    fn poll(&mut self, now: u64, notices: &mut Vec<Notice>) {
        each!(self, transport => transport.poll(now, notices));
    }

    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()> {
        each!(self, transport => transport.also_listen(address))
    }

    fn local_addr(&self, door: usize) -> io::Result<SocketAddr> {
        each!(self, transport => transport.local_addr(door))
    }

    fn door(&self, conn: ConnId) -> Option<usize> {
        each!(self, transport => transport.door(conn))
    }

    fn connections(&self) -> usize {
        each!(self, transport => transport.connections())
    }

    fn bytes(&self) -> [u64; 2] {
        each!(self, transport => transport.bytes())
    }

    fn peer(&self, conn: ConnId) -> Option<SocketAddr> {
        each!(self, transport => transport.peer(conn))
    }

    fn split(&mut self, conn: ConnId) -> Option<(&[u8], &mut Vec<u8>)> {
        each!(self, transport => transport.split(conn))
    }

    fn consume(&mut self, conn: ConnId, count: usize) {
        each!(self, transport => transport.consume(conn, count));
    }

    fn flush(&mut self, notices: &mut Vec<Notice>) {
        each!(self, transport => transport.flush(notices));
    }

    fn close(&mut self, conn: ConnId, now: u64) {
        each!(self, transport => transport.close(conn, now));
    }

    fn housekeep(&mut self, now: u64) {
        each!(self, transport => transport.housekeep(now));
    }

    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration) {
        each!(self, transport => transport.wait(bell, timeout));
    }

    fn stop_listening(&mut self) {
        each!(self, transport => transport.stop_listening());
    }
}
