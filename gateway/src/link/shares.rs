//! Whose commands wait in a ring, so that a session that floods takes no room from the others.
//!
//! A session may have [`OF_FREE`] times as much waiting as there is room left: dynamic thresholds, as switches share a buffer
//! among their ports (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). One
//! that floods comes to eight ninths of a ring, and N that do so at the same pace leave one part in 8 N + 1 to the others.

use wire::{command::Head, limits::SESSIONS_MAX};
use zerocopy::{FromBytes, FromZeros, Immutable, KnownLayout};

/// How many times the room that is left a session's commands may take.
const OF_FREE: usize = 8;
/// Parts whose consumption is told apart: what a session has waiting is known to one of these. All that a ring holds lies in so
/// many of them, the first and the last only begun.
const PARTS: usize = 16;

/// The sessions' shares of one ring.
pub(super) struct Shares {
    /// Bytes of a part of the ring.
    part: u64,
    /// Bytes put in since we joined the ring, without padding.
    sent: u64,
    sessions: Box<[Share]>,
}

/// What a session has put in lately.
#[derive(FromBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Share {
    /// The last part, counted from 0, that something was put into.
    last: u64,
    /// Bytes in each of the last [`PARTS`].
    bytes: [u32; PARTS],
}

impl Shares {
    /// Nothing waits in a ring of `capacity` bytes yet that we know of.
    pub(super) fn new(capacity: usize) -> Shares {
        // One session more than a venue has: the operator's own. Pages nobody's session needs stay untouched.
        let sessions = <[Share]>::new_box_zeroed_with_elems(SESSIONS_MAX as usize + 1);
        Shares {
            part: capacity.div_ceil(PARTS - 1) as u64,
            sent: 0,
            sessions: sessions.expect("memory for a few hundred kilobytes"),
        }
    }

    /// Whether the session of `head` may put in another command while `waiting` bytes of `capacity` are taken.
    #[cold]
    pub(super) fn has_room(&self, head: &Head, waiting: usize, capacity: usize) -> bool {
        let Some(share) = self.sessions.get(head.session().0 as usize) else { return true };
        let first = self.sent.saturating_sub(waiting as u64) / self.part;
        share.since(first) <= (OF_FREE * capacity.saturating_sub(waiting)) as u64
    }

    /// The session of `head` has put in so many bytes.
    #[inline]
    pub(super) fn put(&mut self, head: &Head, bytes: usize) {
        let part = self.sent / self.part;
        self.sent += bytes as u64;
        if let Some(share) = self.sessions.get_mut(head.session().0 as usize) {
            share.put(part, bytes);
        }
    }
}

/// Whether nobody can have more than a share allows while `waiting` bytes of `capacity` are taken.
#[inline]
pub(super) const fn suffices(waiting: usize, capacity: usize) -> bool {
    waiting <= OF_FREE * (capacity - waiting)
}

impl Share {
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below PARTS, and a command's length")]
    fn put(&mut self, part: u64, bytes: usize) {
        if part != self.last {
            let passed = (part - self.last).min(PARTS as u64);
            (0..passed).for_each(|back| self.bytes[((part - back) % PARTS as u64) as usize] = 0);
            self.last = part;
        }
        self.bytes[(part % PARTS as u64) as usize] += bytes as u32;
    }

    /// Bytes put in since part `first` began: what is left of it was put in before all that waits.
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below PARTS")]
    fn since(&self, first: u64) -> u64 {
        let oldest = first.max((self.last + 1).saturating_sub(PARTS as u64));
        (oldest..=self.last).map(|part| u64::from(self.bytes[(part % PARTS as u64) as usize])).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;
    use wire::{
        command::Kind,
        types::{AccountId, InstrumentId, Nanos, SessionId},
    };

    use super::*;

    const CAPACITY: usize = 1 << 16;

    fn head(session: u32) -> Head {
        Head::new(Kind::New, SessionId(session), AccountId(0), InstrumentId(0), 1, Nanos(1))
    }

    /// A ring as it is seen from outside: whose commands wait, and how long each is.
    #[derive(Default)]
    struct Waiting {
        commands: VecDeque<(u32, usize)>,
        bytes: usize,
    }

    impl Waiting {
        fn put(&mut self, shares: &mut Shares, session: u32, bytes: usize) -> bool {
            let has_room = self.bytes + bytes <= CAPACITY
                && (suffices(self.bytes, CAPACITY) || shares.has_room(&head(session), self.bytes, CAPACITY));
            if has_room {
                shares.put(&head(session), bytes);
                self.commands.push_back((session, bytes));
                self.bytes += bytes;
            }
            has_room
        }

        fn take(&mut self) {
            self.bytes -= self.commands.pop_front().map_or(0, |(_, bytes)| bytes);
        }

        fn of(&self, session: u32) -> usize {
            self.commands.iter().filter(|(of, _)| *of == session).map(|(_, bytes)| bytes).sum()
        }
    }

    #[test]
    fn whoever_floods_leaves_room_for_those_who_do_not() {
        for flooders in 1..5 {
            let (mut ring, mut shares) = (Waiting::default(), Shares::new(CAPACITY));
            // As long as one of them finds room, in turns.
            let mut turn = || (0..flooders).filter(|&of| ring.put(&mut shares, of, 136)).count();
            while turn() > 0 {}
            let left = CAPACITY - ring.bytes;
            let parts = 8 * flooders as usize + 1;
            assert!(left.abs_diff(CAPACITY / parts) <= 2 * 136 * flooders as usize, "{flooders}: {left}");
            assert!(ring.put(&mut shares, 9, 136), "a session that has nothing waiting");
            // Once some of theirs has been taken they go on.
            (0..200).for_each(|_| ring.take());
            assert!((0..flooders).all(|session| ring.put(&mut shares, session, 136)));
        }
    }

    proptest! {
        /// Against counting what really waits: nobody is refused who has less than a share and a part of the ring, and
        /// nobody is let in who has more than a share.
        #[test]
        fn what_waits_is_known_to_a_part_of_the_ring(
            steps in prop::collection::vec((0..4_u32, 1..60_usize, prop::sample::select(vec![32, 136, 1360]), 0..40_usize), 1..400),
        ) {
            let (mut ring, mut shares) = (Waiting::default(), Shares::new(CAPACITY));
            for (session, puts, bytes, takes) in steps {
                for _ in 0..puts {
                    let (own, free) = (ring.of(session), CAPACITY - ring.bytes);
                    let was_let_in = ring.put(&mut shares, session, bytes);
                    if was_let_in {
                        prop_assert!(own <= OF_FREE * free);
                    } else {
                        prop_assert!(free < bytes || own + CAPACITY / (PARTS - 1) + 1360 > OF_FREE * free);
                    }
                }
                (0..takes).for_each(|_| ring.take());
            }
        }
    }
}
