//! What a session has sent, kept for the peer's resend requests: bounded, the oldest forgotten first.

use std::collections::VecDeque;

use crate::types::Nanos;

/// Sent application messages, in order of their numbers: type, time, and the fields behind the header, from
/// which a resend is built.
#[derive(Debug)]
pub struct Sent {
    /// A ring; no message wraps around its end.
    bytes: Box<[u8]>,
    /// Where the next message goes.
    head: usize,
    index: VecDeque<Entry>,
    messages_max: usize,
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    seq: u64,
    time: Nanos,
    start: usize,
    type_len: usize,
    len: usize,
}

/// A message as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// MsgSeqNum (34).
    pub seq: u64,
    /// MsgType (35).
    pub msg_type: &'a [u8],
    /// SendingTime (52) at first.
    pub time: Nanos,
    /// The fields behind the header, up to the trailer.
    pub fields: &'a [u8],
}

impl Sent {
    /// Keeps at most `messages_max` messages in at most `bytes_max` bytes, which are set aside here and now.
    #[must_use]
    pub fn new(messages_max: usize, bytes_max: usize) -> Sent {
        Sent {
            bytes: vec![0; bytes_max].into(),
            head: 0,
            index: VecDeque::with_capacity(messages_max),
            messages_max,
            forgotten: 0,
        }
    }

    /// Keeps a message. Its number must be above all others kept.
    pub fn push(&mut self, message: Stored<'_>) {
        let Stored { seq, msg_type, time, fields } = message;
        debug_assert!(self.index.back().is_none_or(|last| last.seq < seq), "messages are numbered upwards");
        let len = msg_type.len() + fields.len();
        if len > self.bytes.len() || self.messages_max == 0 {
            self.forgotten += 1;
            return;
        }
        if self.index.len() == self.messages_max {
            self.forget();
        }
        if self.head + len > self.bytes.len() {
            // What lies between here and the end is the oldest there is, if anything does.
            while self.index.front().is_some_and(|oldest| oldest.start >= self.head) {
                self.forget();
            }
            self.head = 0;
        }
        let place = self.head..self.head + len;
        while self.index.front().is_some_and(|oldest| place.contains(&oldest.start)) {
            self.forget();
        }
        let (to_type, to_fields) = self.bytes[place.clone()].split_at_mut(msg_type.len());
        to_type.copy_from_slice(msg_type);
        to_fields.copy_from_slice(fields);
        self.index.push_back(Entry { seq, time, start: place.start, type_len: msg_type.len(), len });
        self.head = place.end;
    }

    /// The first message kept whose number is `seq` or above.
    #[must_use]
    pub fn from(&self, seq: u64) -> Option<Stored<'_>> {
        let at = self.index.partition_point(|entry| entry.seq < seq);
        let entry = self.index.get(at)?;
        let (msg_type, fields) = self.bytes[entry.start..entry.start + entry.len].split_at(entry.type_len);
        Some(Stored { seq: entry.seq, msg_type, time: entry.time, fields })
    }

    /// Drops everything: numbering begins anew.
    pub fn clear(&mut self) {
        self.index.clear();
        self.head = 0;
    }

    /// How many messages were forgotten for want of room.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many messages are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    fn forget(&mut self) {
        self.forgotten += u64::from(self.index.pop_front().is_some());
    }
}
