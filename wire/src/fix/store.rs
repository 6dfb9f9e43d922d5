//! What of a session outlives its connections: its sequence numbers, and what it has sent, for the peer's resend
//! requests. Bounded, the oldest messages forgotten first.

use std::collections::VecDeque;

use crate::types::Nanos;

/// Sequence numbers of both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The MsgSeqNum (34) that the peer's next message must have.
    pub next_in: u64,
    /// That of our next message.
    pub next_out: u64,
}

impl Default for Numbers {
    /// Those of a session that begins.
    fn default() -> Self {
        Numbers { next_in: 1, next_out: 1 }
    }
}

/// Where a session keeps what outlives its connections. Each call is done wholly or not at all, at whatever moment
/// the process dies, in a store that outlives the process too.
pub trait Store {
    /// The numbers that were kept last.
    fn numbers(&self) -> Numbers;

    /// Keeps numbers alone: of administrative messages, which are never resent, or of nothing sent at all.
    fn set_numbers(&mut self, numbers: Numbers);

    /// Keeps a message, and the numbers as they are with it. Its number must be above all others kept.
    fn push(&mut self, message: Stored<'_>, numbers: Numbers);

    /// The first message kept whose number is `seq` or above.
    fn from(&self, seq: u64) -> Option<Stored<'_>>;

    /// The first report kept whose number in the session's stream `stream`, ApplSeqNum (1181), is `appl_seq` or above, with this
    /// number. Reports outlive a reset of the session's numbers. A store that does not tell reports from other messages has none.
    fn report(&self, _stream: usize, _appl_seq: u64) -> Option<(u64, Stored<'_>)> {
        None
    }

    /// Keeps, as [`Store::push`], that the report `appl_seq` of `stream` was sent again under the number `seq`.
    fn push_again(&mut self, _seq: u64, _time: Nanos, _stream: usize, _appl_seq: u64, numbers: Numbers) {
        self.set_numbers(numbers);
    }

    /// Drops all messages: numbering begins anew at `numbers`.
    fn reset(&mut self, numbers: Numbers);

    /// When the window began that the numbers are of, of a session that has hours; [`Nanos`] 0 if it has never had any.
    fn begun(&self) -> Nanos;

    /// Keeps that. To be called once the numbers are reset: killed in between, they are reset once more.
    fn set_begun(&mut self, begun: Nanos);

    /// How many messages were forgotten for want of room, by this process.
    fn forgotten(&self) -> u64;
}

/// The store in memory: it outlives connections and ends with its process. A client needs no other, and it is the
/// plain twin of those that outlive a process.
///
/// Sent application messages are kept in order of their numbers: type, time, and the fields behind the header, from
/// which a resend is built.
#[derive(Debug)]
pub struct Sent {
    numbers: Numbers,
    begun: Nanos,
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
    /// It is a report that was sent before under another number, and went out as a possible resend.
    pub again: bool,
}

impl Sent {
    /// Keeps at most `messages_max` messages in at most `bytes_max` bytes, which are set aside here and now.
    #[must_use]
    pub fn new(messages_max: usize, bytes_max: usize) -> Sent {
        Sent {
            numbers: Numbers::default(),
            begun: Nanos(0),
            bytes: vec![0; bytes_max].into(),
            head: 0,
            index: VecDeque::with_capacity(messages_max),
            messages_max,
            forgotten: 0,
        }
    }

    fn keep(&mut self, message: Stored<'_>) {
        let Stored { seq, msg_type, time, fields, .. } = message;
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

impl Store for Sent {
    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn set_numbers(&mut self, numbers: Numbers) {
        self.numbers = numbers;
    }

    fn push(&mut self, message: Stored<'_>, numbers: Numbers) {
        self.keep(message);
        self.numbers = numbers;
    }

    fn from(&self, seq: u64) -> Option<Stored<'_>> {
        let at = self.index.partition_point(|entry| entry.seq < seq);
        let entry = self.index.get(at)?;
        let (msg_type, fields) = self.bytes[entry.start..entry.start + entry.len].split_at(entry.type_len);
        Some(Stored { seq: entry.seq, msg_type, time: entry.time, fields, again: false })
    }

    fn reset(&mut self, numbers: Numbers) {
        self.index.clear();
        self.head = 0;
        self.numbers = numbers;
    }

    fn begun(&self) -> Nanos {
        self.begun
    }

    fn set_begun(&mut self, begun: Nanos) {
        self.begun = begun;
    }

    fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a list of everything ever sent: what is kept is the newest of it, unharmed.
        #[test]
        fn the_newest_messages_are_kept_whole(
            lens in prop::collection::vec((0_usize..60, 1_u64..3), 0..100),
            messages_max in 0_usize..20,
            bytes_max in 0_usize..300,
        ) {
            let mut sent = Sent::new(messages_max, bytes_max);
            let mut all: Vec<(u64, Vec<u8>)> = Vec::new();
            let mut seq = 0;
            for (len, step) in lens {
                seq += step;
                let fields: Vec<u8> = (seq..).map(|n| n.to_le_bytes()[0]).take(len).collect();
                sent.keep(Stored { seq, msg_type: b"8", time: Nanos(seq), fields: &fields, again: false });
                all.push((seq, fields));
                let mut next = 0;
                let mut kept = Vec::new();
                while let Some(stored) = sent.from(next) {
                    prop_assert_eq!((stored.msg_type, stored.time), (&b"8"[..], Nanos(stored.seq)));
                    kept.push((stored.seq, stored.fields.to_vec()));
                    next = stored.seq + 1;
                }
                prop_assert_eq!(kept.len(), sent.len());
                prop_assert!(kept.len() <= messages_max);
                prop_assert_eq!(sent.forgotten(), (all.len() - kept.len()) as u64);
                // Messages too large to be kept at all apart, it is the newest that are.
                let small: Vec<_> = all.iter().filter(|(_, fields)| fields.len() < bytes_max).collect();
                prop_assert!(kept.iter().rev().eq(small.into_iter().rev().take(kept.len())));
            }
        }
    }

    #[test]
    fn room_is_used_well() {
        let mut sent = Sent::new(100, 100);
        for seq in 1..=1000 {
            sent.keep(Stored { seq, msg_type: b"8", time: Nanos(0), fields: &[0; 9], again: false });
            assert_eq!(sent.len() as u64, seq.min(10));
        }
    }
}
