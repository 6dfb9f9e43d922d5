//! The numbered messages of a binary session: its store, as SoupBinTCP's server reads it.

use wire::{
    fix::store::{Numbers, Store, Stored},
    sequenced::{Messages, SessionName},
    types::Nanos,
};

use crate::session_store::{EventMark, RingMark, SessionStore};

/// What a store has for the type of a message: those of the binary protocol say their own.
const TYPE: &[u8] = b"S";

/// A session's messages, numbered from 1 under a name that is theirs alone: a reset begins others under another name.
pub(super) struct Sequence {
    store: SessionStore,
    name: SessionName,
}

impl Sequence {
    /// What `store` holds; where that is nothing yet, a sequence that begins at `now`.
    pub(super) fn new(store: SessionStore, now: Nanos) -> Sequence {
        let mut sequence = Sequence { name: name_of(store.begun()), store };
        if sequence.store.begun() == Nanos(0) {
            sequence.reset(now);
        }
        sequence
    }

    /// Begins with number 1 again, under another name.
    pub(super) fn reset(&mut self, now: Nanos) {
        let begun = now.max(Nanos(self.store.begun().0 + MICROSECOND));
        // Killed in between: the name is new and the messages are the old ones, which a client has from their beginning. The
        // other way round it could miss messages under a name that it knows.
        self.store.set_begun(begun);
        self.store.reset(Numbers { next_in: 1, next_out: 1 });
        self.name = name_of(begun);
    }

    /// Takes up where the gateway before this one ended, in the rings of commands of these shards with these marks.
    pub(super) fn resolve(&mut self, commands: impl Iterator<Item = (usize, RingMark)>) {
        self.store.resolve(commands);
    }

    /// Whether the report of an event is kept already.
    #[inline]
    pub(super) const fn has_taken(&self, event: EventMark) -> bool {
        self.store.has_taken(event)
    }

    /// Keeps the report of `event`, or one that is of none, and gives its number.
    #[inline]
    pub(super) fn add(&mut self, now: Nanos, event: Option<EventMark>, report: &[u8]) -> u64 {
        let Numbers { next_in, next_out: seq } = self.store.numbers();
        let message = Stored { seq, msg_type: TYPE, time: now, fields: report, again: false };
        if let Some(event) = event {
            self.store.take(event);
        }
        self.store.push(message, Numbers { next_in, next_out: seq + 1 });
        seq
    }

    /// Whether reports are missing before `event`, which is the report `appl_seq` of the session's in its shard.
    #[inline]
    pub(super) const fn jumps(&self, event: EventMark, appl_seq: u64) -> bool {
        self.store.jumps(event, appl_seq)
    }

    /// The last of those reports was `appl_seq`; 0: it is not known.
    #[inline]
    pub(super) const fn set_last_report(&mut self, shard: usize, appl_seq: u64) {
        self.store.set_last_report(shard, appl_seq);
    }

    /// Takes note of an event that there is nothing to keep of.
    pub(super) fn pass_over(&mut self, event: EventMark) {
        self.store.take(event);
    }

    /// Messages that had to make room for others.
    pub(super) fn forgotten(&self) -> u64 {
        self.store.forgotten()
    }
}

impl Messages for Sequence {
    fn session(&self) -> SessionName {
        self.name
    }

    fn first(&self) -> u64 {
        self.store.oldest()
    }

    fn next(&self) -> u64 {
        self.store.numbers().next_out
    }

    fn get(&self, number: u64) -> Option<&[u8]> {
        self.store.from(number).filter(|message| message.seq == number).map(|message| message.fields)
    }

    fn ended(&self) -> bool {
        false
    }
}

const MICROSECOND: u64 = 1_000;

/// Ten digits to base 36 of the microsecond in which a sequence began: they last until the year 2085.
fn name_of(begun: Nanos) -> SessionName {
    let mut micros = begun.0 / MICROSECOND;
    let mut digits = [b'0'; SessionName::BYTES];
    for place in digits.iter_mut().rev() {
        *place = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(micros % 36).unwrap_or_default()];
        micros /= 36;
    }
    SessionName::from_bytes(digits).unwrap_or_else(|| unreachable!("digits and letters are printable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_moment_and_never_the_same_twice() {
        let noon = Nanos(1_795_176_000_000_000_000);
        assert_eq!(name_of(noon).bytes().len(), 10);
        assert_ne!(name_of(noon), name_of(Nanos(noon.0 + MICROSECOND)));
        assert_eq!(name_of(noon), name_of(Nanos(noon.0 + 999)));
        assert_eq!(name_of(Nanos(35 * MICROSECOND)).bytes(), b"000000000Z");
    }
}
