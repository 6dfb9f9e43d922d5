//! How bytes reach a worker and leave it: [`Transport`], and the ways there are. A transport is polled and owns no
//! thread; it knows connections and bytes, never a protocol.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use crate::board::Ended;

mod buffer;
mod chosen;
mod epoll;
mod slots;
mod sockets;
mod spin;
pub mod tls;
mod uring;

pub use chosen::{Chosen, Kind};
pub use epoll::Epoll;
pub use spin::Spin;
pub use tls::Secured;
pub use uring::Uring;

/// Connections that [`Spin`] reads in turn. With more of them it asks epoll, as [`Epoll`] does, until they are half as
/// many: reading each costs a system call whether something has come or not.
pub const SPIN_CONNECTIONS_MAX: usize = 16;

/// Addresses that a transport listens on at most.
pub const DOORS_MAX: usize = 2;

/// How long a connection that we have closed may take to close its side.
const LINGER_NS: u64 = 1_000_000_000;

/// Connections that may wait at a door to be accepted; the kernel's own bound (net.core.somaxconn, 4096 by default) goes
/// before it.
const WAITING_MAX: i32 = 4096;

/// `listener`, with room for a crowd. The standard library asks for 128 connections that wait; the kernel drops what
/// comes beyond them, and its peer tries again only a second later.
fn with_room<L: AsFd>(listener: L) -> io::Result<L> {
    rustix::net::listen(&listener, WAITING_MAX)?;
    Ok(listener)
}

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

    /// Some name, for tests of what is kept under one.
    #[cfg(test)]
    pub(crate) const fn nth(slot: u32) -> ConnId {
        ConnId { slot, generation: 1 }
    }
}

/// What a transport has to tell after a poll.
#[derive(Debug)]
pub enum Notice {
    /// Somebody connected.
    Opened(ConnId, SocketAddr),
    /// There are more bytes to be had from [`Transport::split`].
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
    /// The peer came by a door that wants TLS, and did not speak it as it should.
    NotTls {
        /// The peer.
        peer: SocketAddr,
        /// What was wrong.
        error: rustls::Error,
    },
}

impl Closed {
    /// What it counts as, and for people.
    pub(crate) fn told(&self) -> (Ended, String) {
        match self {
            Closed::ByPeer => (Ended::Closed, "disconnected by the client".to_owned()),
            Closed::Broken(error) => (Ended::Broken, format!("connection lost: {error}")),
            Closed::SlowConsumer { pending } => {
                (Ended::SlowConsumer, format!("it took its reports too slowly: {pending} bytes waited"))
            }
            Closed::NotTls { error, .. } => (Ended::Broken, format!("broken TLS: {error}")),
        }
    }
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
///
/// What every transport guarantees, and what those who use one may build on:
///
/// - **Thread.** It does nothing but within its methods. It may be made on one thread; from the first
///   [`poll`](Transport::poll) on, all calls come from one.
/// - **Order.** Bytes of a connection come and go in order, whole, and once. Of a connection the notices are one
///   [`Opened`](Notice::Opened), any number of [`Received`](Notice::Received), and at most one
///   [`Closed`](Notice::Closed), after which its name leads nowhere for ever: every method takes such a name, and does
///   nothing. What was received and not consumed is lost with the connection.
/// - **Input is bounded.** A connection has room for twice the longest message. While it is full nothing more is taken
///   from the kernel, whose window then holds the peer back. Whoever consumes every whole message always has room for the
///   rest of the one that is incomplete. `Received` is told again when more bytes have come, never for bytes that were
///   told of and left.
/// - **Output is bounded.** What the kernel does not take waits, and is sent on by later polls without anybody's doing.
///   A connection of which more than [`Bounds::output_bytes_max`] wait after a flush ends as a
///   [`SlowConsumer`](Closed::SlowConsumer). One flush's output may be larger than the bound if the kernel takes it.
/// - **Turns.** One poll takes a bounded number of bytes and of connections, however many there are, so that neither a
///   flood of bytes on one connection nor one of connections keeps others waiting for longer than a few reads.
/// - **Ends.** A peer that closes its side has left, whether it would still read or not. No poll and no flush tells both of
///   bytes and of the end behind them, so that who looks at notices after each sees a peer's last words. A reset may
///   destroy bytes that came before it, as TCP has it.
/// - **Nothing leaks.** A connection that is gone, however it ended, has no descriptor and no memory of its own left a few
///   polls later.
pub trait Transport {
    /// Does what there is to do without waiting, and appends what happened to `notices`.
    fn poll(&mut self, now: u64, notices: &mut Vec<Notice>);

    /// Listens on `address` too, as its next door: at most [`DOORS_MAX`] in all, and before the first
    /// [`poll`](Transport::poll).
    ///
    /// # Errors
    /// Whatever the kernel says.
    fn also_listen(&mut self, address: SocketAddr) -> io::Result<()>;

    /// The address that `door` listens on, the port being the kernel's choice if it was 0. The first door is 0.
    ///
    /// # Errors
    /// If it listens no more, there is no such door, or the kernel does not tell.
    fn local_addr(&self, door: usize) -> io::Result<SocketAddr>;

    /// The door that `conn` came by; `None` if there is no such connection.
    fn door(&self, conn: ConnId) -> Option<usize>;

    /// Connections that are open, those being closed included.
    fn connections(&self) -> usize;

    /// Bytes that were received from everybody so far, and bytes that the kernel has taken for everybody.
    fn bytes(&self) -> [u64; 2];

    /// The other end's address; `None` if there is no such connection.
    fn peer(&self, conn: ConnId) -> Option<SocketAddr>;

    /// Bytes received on `conn` and not consumed, and where to append bytes to be sent on it by the next
    /// [`Transport::flush`]; what stands there already is not to be touched. `None` if there is no such connection.
    fn split(&mut self, conn: ConnId) -> Option<(&[u8], &mut Vec<u8>)>;

    /// Forgets the first `count` of the bytes received.
    fn consume(&mut self, conn: ConnId, count: usize);

    /// Sends what was put into the outputs, as far as the kernel takes it.
    fn flush(&mut self, notices: &mut Vec<Notice>);

    /// Closes `conn` once its output has left: half at first, so that the peer can read our last words, and
    /// wholly when it closes too or does not within a second. Nothing is received any more, and no notice follows.
    fn close(&mut self, conn: ConnId, now: u64);

    /// Timers, and whatever need not be done at once.
    fn housekeep(&mut self, now: u64);

    /// Waits until something happens, `timeout` is over or `bell` becomes readable; what happened is told by
    /// the next [`Transport::poll`]. It may return early, for nothing.
    fn wait(&mut self, bell: BorrowedFd<'_>, timeout: Duration);

    /// Takes no more connections.
    fn stop_listening(&mut self);
}
