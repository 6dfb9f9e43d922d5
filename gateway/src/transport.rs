//! How bytes reach a worker and leave it. A transport is polled and owns no thread; it knows connections and
//! bytes, never a protocol.

use std::{io, net::SocketAddr, os::fd::BorrowedFd, time::Duration};

mod buffer;
mod epoll;

pub use epoll::Epoll;

/// A connection, never reused: a stale one names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnId {
    slot: u32,
    generation: u32,
}

impl ConnId {
    /// Its place among the transport's connections, for tables beside it.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.slot as usize
    }
}

/// What a transport has to tell after a poll.
#[derive(Debug)]
pub enum Notice {
    /// Somebody connected.
    Opened(ConnId, SocketAddr),
    /// There are bytes to be had from [`Transport::received`].
    Received(ConnId),
    /// The connection is gone, and its buffers with it.
    Closed(ConnId, Closed),
    /// Somebody connected while the table of connections was full, and was turned away.
    TurnedAway(SocketAddr),
    /// The kernel gave no connection; the transport tries again.
    AcceptFailed(io::Error),
}

/// Why a connection is gone.
#[derive(Debug)]
pub enum Closed {
    /// The peer closed it.
    ByPeer,
    /// It broke.
    Broken(io::Error),
    /// The peer took so little of its output that the bound was reached.
    SlowConsumer {
        /// Bytes that were waiting.
        pending: usize,
    },
}

/// What a transport must not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at a time, those being closed included.
    pub connections_max: u32,
    /// Bytes waiting to be sent on one connection.
    pub output_bytes_max: usize,
}

/// Connections and their bytes.
pub trait Transport {
    /// Does what there is to do without waiting, and appends what happened to `notices`.
    fn poll(&mut self, now: u64, notices: &mut Vec<Notice>);

    /// The bytes received on `conn` and not consumed; empty if there is no such connection.
    fn received(&self, conn: ConnId) -> &[u8];

    /// The other end's address; `None` if there is no such connection.
    fn peer(&self, conn: ConnId) -> Option<SocketAddr>;

    /// Forgets the first `count` of the bytes received.
    fn consume(&mut self, conn: ConnId, count: usize);

    /// Bytes received on `conn` and where to put bytes to be sent on it by the next [`Transport::flush`].
    /// `None` if there is no such connection.
    fn split(&mut self, conn: ConnId) -> Option<(&[u8], &mut Vec<u8>)>;

    /// Sends what was put into the outputs, as far as the kernel takes it.
    fn flush(&mut self, notices: &mut Vec<Notice>);

    /// Closes `conn` once its output has left: half at first, so that the peer can read our last words, and
    /// wholly when it closes too or does not within a second. No notice follows.
    fn close(&mut self, conn: ConnId, now: u64);

    /// Timers, and whatever need not be done at once.
    fn housekeep(&mut self, now: u64);

    /// Waits until something happens, `timeout` is over or `bell` becomes readable; what happened is told by
    /// the next [`Transport::poll`].
    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration);

    /// Takes no more connections.
    fn stop_listening(&mut self);
}
