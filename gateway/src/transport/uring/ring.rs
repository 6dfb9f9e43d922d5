//! The kernel's ring, with every pointer that the kernel is given: what is lent to it is owned here until it comes back,
//! so that nothing outside this file can be unsafe.

// The kernel is given pointers, and gives them back.
#![allow(unsafe_code)]

use std::{
    fmt, io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use io_uring::{
    IoUring, Probe, cqueue, opcode, squeue,
    types::{BufRingEntry, CancelBuilder, Fd, SubmitArgs, Timespec},
};
use memmap2::MmapMut;
use rustix::net::{SendFlags, SocketFlags};

/// Requests that are put together before they must be submitted.
const SUBMISSIONS: u32 = 256;
/// Completions that the kernel keeps before it puts them aside: more than all buffers and a send of everybody at once.
const COMPLETIONS: u32 = 2048;
/// Buffers for what is received, of all connections together.
const BUFFERS: u16 = 512;
/// Bytes of each: an order many times over.
const BUFFER_LEN: u32 = 2048;
const BUFFER_BYTES: usize = BUFFER_LEN as usize;
/// The only group of buffers.
const GROUP: u16 = 0;
/// How long the end of a ring waits for the kernel to give back what was lent to it.
const QUIESCE_TURNS: u32 = 20;
const QUIESCE_TURN: Duration = Duration::from_millis(50);

const _: () = assert!(BUFFERS.is_power_of_two());

/// Why this host's kernel does not do.
#[derive(Debug)]
pub(in super::super) struct Unsupported {
    what: &'static str,
    error: Option<io::Error>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl Unsupported {
    fn by(error: io::Error) -> Unsupported {
        let what = match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
            Some(rustix::io::Errno::NOSYS) => {
                "this kernel, or the container's filter of system calls, has no io_uring"
            }
            Some(rustix::io::Errno::PERM | rustix::io::Errno::ACCESS) => {
                "io_uring is not allowed here (sysctl kernel.io_uring_disabled, or the container's filter of system calls)"
            }
            Some(rustix::io::Errno::INVAL) => {
                "this kernel is older than 6.1 and does not defer its work to who asks for it"
            }
            Some(rustix::io::Errno::NOMEM) => {
                "the limit of locked memory (ulimit -l) leaves no room for a ring"
            }
            _ => "the kernel refuses a ring",
        };
        Unsupported { what, error: Some(error) }
    }
}

/// What a request is about; the slot is its connection's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// The door.
    Accept(u32),
    Receive(u32),
    Send(u32),
    /// The descriptor of the bell.
    Bell(u32),
    Cancel,
}

impl Token {
    fn to_bits(self) -> u64 {
        let (kind, of) = match self {
            Token::Accept(door) => (0, door),
            Token::Receive(slot) => (1, slot),
            Token::Send(slot) => (2, slot),
            Token::Bell(fd) => (3, fd),
            Token::Cancel => (4, 0),
        };
        (kind << 32) | u64::from(of)
    }

    fn from_bits(bits: u64) -> Token {
        let of = u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
        match bits >> 32 {
            0 => Token::Accept(of),
            1 => Token::Receive(of),
            2 => Token::Send(of),
            3 => Token::Bell(of),
            _ => Token::Cancel,
        }
    }
}

/// A request of ours that is done, or a part of one.
#[derive(Debug)]
pub(super) enum Done {
    Accepted {
        door: u32,
        result: io::Result<OwnedFd>,
    },
    /// Something was received on the connection in `slot`; with `more`, the request goes on.
    Received {
        slot: u32,
        result: io::Result<Chunk>,
        more: bool,
    },
    /// So many of the bytes that were lent have been sent.
    Sent {
        slot: u32,
        bytes: Vec<u8>,
        result: io::Result<usize>,
    },
    /// A descriptor that was listened to is readable, or is listened to no more.
    Rang,
    /// A cancellation, of which the request that was cancelled tells.
    Cancelled,
}

/// Bytes received, in a buffer of the kernel's: to be given back by [`Ring::give_back`].
#[derive(Debug)]
pub(super) struct Chunk {
    buffer: Option<u16>,
    len: usize,
}

impl Chunk {
    /// Whether this is the end of what is received.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// A ring, its buffers, and all that is lent to the kernel.
pub(super) struct Ring {
    ring: IoUring,
    buffers: Buffers,
    /// What is being sent, by slot: the kernel reads it until the request is done.
    sending: Vec<Option<Vec<u8>>>,
    /// Requests without their last completion.
    under_way: usize,
}

impl Ring {
    /// A ring that is not in use yet: the thread that calls [`Ring::enable`] is the one it then belongs to.
    pub(super) fn new() -> Result<Ring, Unsupported> {
        let ring = IoUring::builder()
            .setup_cqsize(COMPLETIONS)
            // One thread has the ring to itself, and the kernel does its part of the work when this thread enters it, and
            // never in between; the flag in shared memory says whether there is any, so that an idle poll enters not at all.
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_r_disabled()
            .setup_submit_all()
            .build(SUBMISSIONS)
            .map_err(Unsupported::by)?;
        let params = ring.params();
        if !params.is_feature_nodrop() || !params.is_feature_ext_arg() {
            return Err(Unsupported { what: "this kernel's io_uring may lose completions", error: None });
        }
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe).map_err(Unsupported::by)?;
        for (code, name) in [
            (opcode::Accept::CODE, "this kernel's io_uring cannot accept"),
            (opcode::RecvMulti::CODE, "this kernel's io_uring cannot receive"),
            (opcode::Send::CODE, "this kernel's io_uring cannot send"),
            (opcode::PollAdd::CODE, "this kernel's io_uring cannot poll"),
            (opcode::AsyncCancel::CODE, "this kernel's io_uring cannot cancel"),
        ] {
            if !probe.is_supported(code) {
                return Err(Unsupported { what: name, error: None });
            }
        }
        let buffers = Buffers::register(&ring).map_err(Unsupported::by)?;
        Ok(Ring { ring, buffers, sending: Vec::new(), under_way: 0 })
    }

    /// Makes this thread the ring's own.
    pub(super) fn enable(&self) -> io::Result<()> {
        self.ring.submitter().register_enable_rings()
    }

    /// Accepts one connection. Not many by one request: the kernel would take all that wait at once, however many, while
    /// everybody else's bytes wait.
    pub(super) fn accept(&mut self, listener: BorrowedFd<'_>, door: u32) {
        let flags = i32::try_from(SocketFlags::CLOEXEC.bits()).unwrap_or_default();
        let null = std::ptr::null_mut();
        let accept = opcode::Accept::new(Fd(listener.as_raw_fd()), null, null.cast()).flags(flags);
        self.push(accept.build(), Token::Accept(door));
    }

    /// Receives whatever comes on `socket`, again and again, into the ring's buffers.
    pub(super) fn receive(&mut self, socket: BorrowedFd<'_>, slot: u32) {
        self.push(opcode::RecvMulti::new(Fd(socket.as_raw_fd()), GROUP).build(), Token::Receive(slot));
    }

    /// Sends `bytes` but for the first `from` on `socket`; they come back with [`Done::Sent`]. One at a time for a slot.
    pub(super) fn send(&mut self, socket: BorrowedFd<'_>, slot: u32, bytes: Vec<u8>, from: usize) {
        let rest = &bytes[from..];
        let len = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let flags = i32::try_from(SendFlags::NOSIGNAL.bits()).unwrap_or_default();
        let send = opcode::Send::new(Fd(socket.as_raw_fd()), rest.as_ptr(), len).flags(flags);
        if self.sending.len() <= slot as usize {
            self.sending.resize(slot as usize + 1, None);
        }
        let former = self.sending[slot as usize].replace(bytes);
        assert!(former.is_none(), "one send at a time");
        self.push(send.build(), Token::Send(slot));
    }

    /// Tells once when `bell` is readable.
    pub(super) fn listen_to(&mut self, bell: BorrowedFd<'_>) {
        let fd = bell.as_raw_fd();
        let flags = u32::from(rustix::event::PollFlags::IN.bits());
        self.push(opcode::PollAdd::new(Fd(fd), flags).build(), Token::Bell(fd.unsigned_abs()));
    }

    /// Ends the listening to a former bell.
    pub(super) fn listen_no_more(&mut self, bell: i32) {
        self.cancel(Token::Bell(bell.unsigned_abs()));
    }

    /// Ends the accepting at `door`.
    pub(super) fn accept_no_more(&mut self, door: u32) {
        self.cancel(Token::Accept(door));
    }

    /// Ends the receiving on the connection in `slot`.
    pub(super) fn receive_no_more(&mut self, slot: u32) {
        self.cancel(Token::Receive(slot));
    }

    /// Ends the sending on the connection in `slot`.
    pub(super) fn send_no_more(&mut self, slot: u32) {
        self.cancel(Token::Send(slot));
    }

    fn cancel(&mut self, token: Token) {
        let cancel = opcode::AsyncCancel::new(token.to_bits()).build();
        self.push(cancel, Token::Cancel);
    }

    fn push(&mut self, entry: squeue::Entry, token: Token) {
        let entry = entry.user_data(token.to_bits());
        self.under_way += 1;
        // JUSTIFICATION: the queue of requests is filled in no other way.
        // SAFETY: what an entry points to must live until its last completion: an accept and a cancellation point to
        // nothing; a receive names the group of `buffers`, and a send points into the vector that `send` has put into
        // `sending`, whose heap memory does not move with it; both are dropped by `drop` alone, once nothing is under way
        // any more, and the vector leaves `sending` with its completion. Descriptors need not live: the kernel holds what
        // they lead to.
        while unsafe { self.ring.submission().push(&entry) }.is_err() {
            // Full: the kernel takes them all. It cannot refuse for long, since completions that find no room are kept.
            self.enter();
        }
    }

    /// Whether the kernel has something to do for us, or we for it.
    pub(super) fn has_work(&mut self) -> bool {
        let submission = self.ring.submission();
        !submission.is_empty() || submission.taskrun() || submission.cq_overflow()
    }

    /// Whether there are requests to submit.
    pub(super) fn has_requests(&mut self) -> bool {
        !self.ring.submission().is_empty()
    }

    /// Submits what there is, and lets the kernel do its part.
    pub(super) fn enter(&mut self) {
        // Interrupted, or short of memory for the moment: what was not submitted stays, and the next poll comes soon.
        let _next_time = self.ring.submit();
    }

    /// As [`Ring::enter`], and waits until something is done or `timeout` is over.
    pub(super) fn enter_and_wait(&mut self, timeout: Duration) {
        let timeout = Timespec::new().sec(timeout.as_secs()).nsec(timeout.subsec_nanos());
        // In vain, interrupted, or short of memory: the next poll looks at what there is.
        let _woken = self.ring.submitter().submit_with_args(1, &SubmitArgs::new().timespec(&timeout));
    }

    /// What is done next.
    pub(super) fn next(&mut self) -> Option<Done> {
        let entry = self.ring.completion().next()?;
        let more = cqueue::more(entry.flags());
        self.under_way -= usize::from(!more);
        let result = usize::try_from(entry.result())
            .map_err(|_| io::Error::from_raw_os_error(entry.result().saturating_neg()));
        Some(match Token::from_bits(entry.user_data()) {
            Token::Accept(door) => {
                let result = result.map(|_| {
                    // JUSTIFICATION: a number is all that the kernel gives.
                    // SAFETY: the kernel has just opened this descriptor for us, and told nobody else of it.
                    unsafe { OwnedFd::from_raw_fd(entry.result()) }
                });
                Done::Accepted { door, result }
            }
            Token::Receive(slot) => {
                let buffer = cqueue::buffer_select(entry.flags());
                let result = match result {
                    Ok(len) => Ok(Chunk { buffer, len: len.min(BUFFER_BYTES) }),
                    Err(error) => {
                        self.give_back(Chunk { buffer, len: 0 });
                        Err(error)
                    }
                };
                Done::Received { slot, result, more }
            }
            Token::Send(slot) => {
                let bytes = self.sending.get_mut(slot as usize).and_then(Option::take);
                Done::Sent { slot, bytes: bytes.unwrap_or_default(), result }
            }
            Token::Bell(_) => Done::Rang,
            Token::Cancel => Done::Cancelled,
        })
    }

    /// The bytes of `chunk`.
    pub(super) fn bytes(&self, chunk: &Chunk) -> &[u8] {
        chunk.buffer.map_or(&[], |buffer| self.buffers.filled(buffer, chunk.len))
    }

    /// Lets the kernel fill the buffer of `chunk` again.
    pub(super) fn give_back(&mut self, chunk: Chunk) {
        if let Some(buffer) = chunk.buffer {
            self.buffers.offer(buffer);
        }
    }

    /// Ends everything; whether nothing is lent to the kernel any more.
    fn quiesce(&mut self) -> bool {
        if self.under_way > 0 {
            self.push(opcode::AsyncCancel2::new(CancelBuilder::any()).build(), Token::Cancel);
        }
        for _ in 0..QUIESCE_TURNS {
            while let Some(done) = self.next() {
                drop(done); // descriptors are closed
            }
            if self.under_way == 0 {
                return true;
            }
            self.enter_and_wait(QUIESCE_TURN);
        }
        false
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if !self.quiesce() {
            // Dropped by another thread than its own, or the kernel takes its time: what is lent stays lent. Memory that
            // is never used again is the lesser evil beside memory that is written to by surprise.
            std::mem::forget(std::mem::take(&mut self.sending));
            std::mem::forget(self.buffers.memory.take());
        }
    }
}

/// Buffers that the kernel fills, and the ring by which it is told which of them it may.
struct Buffers {
    /// The entries of the ring, and behind them the buffers. Only `drop` of the ring takes it out.
    memory: Option<MmapMut>,
    base: *mut u8,
    tail: u16,
}

// JUSTIFICATION: a worker is made on one thread and moved to its own.
// SAFETY: `base` points into `memory`, which belongs to this value alone and to no thread.
unsafe impl Send for Buffers {}

const ENTRIES_BYTES: usize = BUFFERS as usize * size_of::<BufRingEntry>();

impl Buffers {
    fn register(ring: &IoUring) -> io::Result<Buffers> {
        let mut memory = MmapMut::map_anon(ENTRIES_BYTES + BUFFERS as usize * BUFFER_BYTES)?;
        let base = memory.as_mut_ptr();
        // JUSTIFICATION: the kernel is told of its buffers in no other way.
        // SAFETY: the address begins a page, as the kernel wants it, and leads to so many entries; they and the buffers
        // they will name live until nothing is under way any more, see `Ring::drop`.
        unsafe {
            ring.submitter().register_buf_ring_with_flags(
                base.expose_provenance() as u64,
                BUFFERS,
                GROUP,
                0,
            )?
        };
        let mut buffers = Buffers { memory: Some(memory), base, tail: 0 };
        for buffer in 0..BUFFERS {
            buffers.offer(buffer);
        }
        Ok(buffers)
    }

    /// Where buffer `buffer` begins.
    fn place(&self, buffer: u16) -> *mut u8 {
        assert!(buffer < BUFFERS);
        self.base.wrapping_add(ENTRIES_BYTES + usize::from(buffer) * BUFFER_BYTES)
    }

    fn filled(&self, buffer: u16, len: usize) -> &[u8] {
        assert!(len <= BUFFER_BYTES);
        // JUSTIFICATION: the kernel's bytes are reached by pointer only.
        // SAFETY: `place` is within the mapping, and so are BUFFER_BYTES behind it. The buffer is ours from the completion
        // that named it until `offer`, which wants `&mut self`, tells the kernel that it may write there again.
        unsafe { std::slice::from_raw_parts(self.place(buffer), len) }
    }

    /// Gives `buffer` to the kernel.
    fn offer(&mut self, buffer: u16) {
        let entry = self.base.cast::<BufRingEntry>().wrapping_add(usize::from(self.tail & (BUFFERS - 1)));
        let place = self.place(buffer);
        // JUSTIFICATION: the ring of buffers is memory shared with the kernel.
        // SAFETY: the entry is within the mapping, which is zeroed, aligned to a page, and as all entries are. At most
        // BUFFERS of them are on offer at a time, each buffer once, so that the kernel has done with this one. The word
        // behind the first entry's fields, its tail, is written by us alone, and not by these setters.
        unsafe {
            (*entry).set_addr(place.expose_provenance() as u64);
            (*entry).set_len(BUFFER_LEN);
            (*entry).set_bid(buffer);
        }
        self.tail = self.tail.wrapping_add(1);
        // JUSTIFICATION: as above.
        // SAFETY: the tail is in the first entry, aligned for 16 bits, and lives as long as the mapping; the kernel only
        // reads it.
        let tail = unsafe { AtomicU16::from_ptr(BufRingEntry::tail(self.base.cast()).cast_mut()) };
        // Pairs with the kernel's acquiring load of the tail: once it is visible, so is the entry.
        tail.store(self.tail, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::os::{fd::AsFd, unix::net::UnixStream};

    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_kernel_that_does_not_do_is_told_of_with_what_it_lacks() {
        for (errno, word) in [
            (Errno::NOSYS, "has no io_uring"),
            (Errno::PERM, "io_uring_disabled"),
            (Errno::INVAL, "older than 6.1"),
            (Errno::NOMEM, "ulimit -l"),
            (Errno::IO, "refuses"),
        ] {
            let said = Unsupported::by(errno.into()).to_string();
            assert!(said.contains(word) && said.contains("os error"), "{said}");
        }
    }

    #[test]
    fn a_token_is_itself_again() {
        for token in
            [Token::Accept(1), Token::Receive(7), Token::Send(u32::MAX), Token::Bell(3), Token::Cancel]
        {
            assert_eq!(Token::from_bits(token.to_bits()), token);
        }
    }

    #[test]
    fn what_is_lent_comes_back_when_a_ring_ends_in_the_midst_of_sending() {
        let Ok(mut ring) = Ring::new() else { return }; // tests/transports.rs tells of hosts without one
        ring.enable().unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        ring.send(ours.as_fd(), 0, vec![7; 8 << 20], 0); // more than a socket holds, and nobody reads
        ring.receive(ours.as_fd(), 0);
        ring.enter();
        ring.send(ours.as_fd(), 1, vec![8; 8 << 20], 0);
        assert!(ring.under_way > 0);
        assert!(ring.quiesce());
        assert_eq!((ring.under_way, ring.sending.iter().flatten().count()), (0, 0));
        drop(theirs);
    }
}
