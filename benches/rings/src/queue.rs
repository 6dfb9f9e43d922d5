//! The queues that are compared, each with its own way of passing a message on.

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;
use ringbuf::{HeapRb, traits::Split};
use zerocopy::{FromBytes, IntoBytes};

/// Messages that a queue has room for.
pub(crate) const ROOM: usize = 1024;

/// A message of `W` words.
pub(crate) type Message<const W: usize> = [u64; W];

/// Puts messages in.
pub(crate) trait Sender<const W: usize>: Send {
    /// Puts `message` in, unless the queue is full.
    fn send(&mut self, message: &Message<W>) -> bool;
}

/// Takes messages out.
pub(crate) trait Receiver<const W: usize>: Send {
    /// Takes the next message out, if there is one.
    fn receive(&mut self) -> Option<Message<W>>;
}

/// Ours.
pub(crate) struct Ours {
    /// Whether a consumer that sleeps is to be woken.
    pub(crate) wakes: bool,
    pub(crate) producer: shm::Producer,
}

impl<const W: usize> Sender<W> for Ours {
    #[inline]
    fn send(&mut self, message: &Message<W>) -> bool {
        let Some(mut claim) = self.producer.claim(size_of::<Message<W>>()) else { return false };
        claim.copy_from_slice(message.as_bytes());
        claim.commit();
        if self.wakes {
            self.producer.flush();
        }
        true
    }
}

impl<const W: usize> Receiver<W> for shm::Consumer {
    #[inline]
    fn receive(&mut self) -> Option<Message<W>> {
        let message = FromBytes::read_from_bytes(self.front()?).ok()?;
        self.advance();
        Some(message)
    }
}

/// A pair of ends in this process.
pub(crate) fn rtrb<const W: usize>() -> (impl Sender<W>, impl Receiver<W>) {
    rtrb::RingBuffer::<Message<W>>::new(ROOM)
}

impl<const W: usize> Sender<W> for rtrb::Producer<Message<W>> {
    #[inline]
    fn send(&mut self, message: &Message<W>) -> bool {
        self.push(*message).is_ok()
    }
}

impl<const W: usize> Receiver<W> for rtrb::Consumer<Message<W>> {
    #[inline]
    fn receive(&mut self) -> Option<Message<W>> {
        self.pop().ok()
    }
}

/// A pair of ends in this process.
pub(crate) fn ringbuf<const W: usize>() -> (impl Sender<W>, impl Receiver<W>) {
    let (producer, consumer) = HeapRb::<Message<W>>::new(ROOM).split();
    (RingbufSender(producer), RingbufReceiver(consumer))
}

struct RingbufSender<P>(P);

impl<const W: usize, P: ringbuf::traits::Producer<Item = Message<W>> + Send> Sender<W> for RingbufSender<P> {
    #[inline]
    fn send(&mut self, message: &Message<W>) -> bool {
        self.0.try_push(*message).is_ok()
    }
}

struct RingbufReceiver<C>(C);

impl<const W: usize, C: ringbuf::traits::Consumer<Item = Message<W>> + Send> Receiver<W>
    for RingbufReceiver<C>
{
    #[inline]
    fn receive(&mut self) -> Option<Message<W>> {
        self.0.try_pop()
    }
}

/// A pair of ends in this process.
pub(crate) fn crossbeam<const W: usize>() -> (impl Sender<W>, impl Receiver<W>) {
    let queue = Arc::new(ArrayQueue::<Message<W>>::new(ROOM));
    (queue.clone(), queue)
}

impl<const W: usize> Sender<W> for Arc<ArrayQueue<Message<W>>> {
    #[inline]
    fn send(&mut self, message: &Message<W>) -> bool {
        self.push(*message).is_ok()
    }
}

impl<const W: usize> Receiver<W> for Arc<ArrayQueue<Message<W>>> {
    #[inline]
    fn receive(&mut self) -> Option<Message<W>> {
        self.pop()
    }
}
