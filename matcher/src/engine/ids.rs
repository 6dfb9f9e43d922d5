//! From OrderIDs to numbers. OrderIDs are given out in a row, so that the last ones are places in a ring: entering
//! one is a write next to the last one's, and needs no search. Those that are still wanted when the ring comes
//! round to them again move to a hash table.

use super::index::{Index, touch, zeros};

/// Numbers found by OrderID.
pub(super) struct Ids {
    /// Of the last OrderIDs, by their low bits: number + 1; 0 is none.
    recent: Box<[u32]>,
    /// Of the others.
    older: Index,
    /// The highest OrderID yet.
    last: u64,
    /// Odd: spreads the ids in `older`. Clients do not choose ids, but they choose which orders stay.
    key: u64,
}

impl Ids {
    /// Room for `capacity` numbers, of ids above `last`.
    pub(super) fn new(capacity: u64, seed: u64, last: u64) -> Ids {
        let recent = zeros(Ids::ring(capacity));
        Ids { recent, older: Index::new(capacity), last, key: seed | 1 }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch(&mut self.recent);
        self.older.prefault();
    }

    /// Bytes that `capacity` numbers take.
    pub(super) fn bytes(capacity: u64) -> u64 {
        4 * Ids::ring(capacity) as u64 + Index::bytes(capacity)
    }

    fn ring(capacity: u64) -> usize {
        usize::try_from(capacity.max(8).next_power_of_two()).unwrap_or(usize::MAX)
    }

    /// Enters `number` under `id`, which is one more than the last one's.
    pub(super) fn insert(&mut self, id: u64, number: u32) {
        debug_assert_eq!(id, self.last + 1, "the ring has a place for each");
        self.last = id;
        let place = self.place(id);
        let former = std::mem::replace(&mut self.recent[place], number + 1);
        if former != 0 {
            self.older.insert(self.hash(id - self.recent.len() as u64), former - 1);
        }
    }

    /// Makes `last`, above which no id was given out, the highest one, before [`Ids::restore`] enters those of an image.
    pub(super) fn begin_after(&mut self, last: u64) {
        let Ids { recent: _, older: _, last: highest, key: _ } = self;
        *highest = last;
    }

    /// The highest OrderID yet.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// Enters `number` under an `id` that was given out before, in whatever order.
    pub(super) fn restore(&mut self, id: u64, number: u32) {
        if self.is_recent(id) {
            let place = self.place(id);
            self.recent[place] = number + 1;
        } else {
            self.older.insert(self.hash(id), number);
        }
    }

    /// The number of `id`, if it is the one that `is_it` recognises.
    pub(super) fn find(&self, id: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.is_recent(id) {
            return self.recent[self.place(id)].checked_sub(1).filter(|&number| is_it(number));
        }
        self.older.find(self.hash(id), is_it).map(|(_, number)| number)
    }

    /// Puts `new` in the place of `old`, the number of `id`.
    pub(super) fn set(&mut self, id: u64, old: u32, new: u32) {
        if self.is_recent(id) {
            let place = self.place(id);
            self.recent[place] = new + 1;
        } else if let Some((place, _)) = self.older.find(self.hash(id), |number| number == old) {
            self.older.set(place, new);
        }
    }

    /// Takes out `number`, that of `id`.
    pub(super) fn remove(&mut self, id: u64, number: u32) {
        if self.is_recent(id) {
            let place = self.place(id);
            self.recent[place] = 0;
        } else if let Some((place, _)) = self.older.find(self.hash(id), |found| found == number) {
            self.older.remove(place);
        }
    }

    /// Fetches what [`Ids::find`] looks at first.
    pub(super) fn prefetch(&self, id: u64) {
        if self.is_recent(id) {
            shm::prefetch(&self.recent[self.place(id)]);
        } else {
            self.older.prefetch(self.hash(id));
        }
    }

    const fn is_recent(&self, id: u64) -> bool {
        id <= self.last && self.last - id < self.recent.len() as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    const fn place(&self, id: u64) -> usize {
        id as usize & (self.recent.len() - 1)
    }

    #[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
    const fn hash(&self, id: u64) -> u32 {
        let product = (id ^ self.key) as u128 * (self.key ^ 0x9E37_79B9_7F4A_7C15) as u128;
        let folded = product as u64 ^ (product >> 64) as u64;
        (folded ^ folded >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// As of another shard than the first.
    const FIRST: u64 = 1 << 56 | 1;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A ring of eight, so that most of what stays is older than what it holds.
        #[test]
        fn ids_are_a_map_however_long_they_stay(
            ops in proptest::collection::vec((0..4u8, any::<prop::sample::Index>()), 1..400),
        ) {
            let mut ids = Ids::new(8, 0x5EED, FIRST - 1);
            let mut map: HashMap<u64, u32> = HashMap::new();
            let (mut last, mut number) = (FIRST - 1, 0);
            for (op, any) in ops {
                let known: Vec<u64> = { let mut known: Vec<_> = map.keys().copied().collect(); known.sort_unstable(); known };
                number += 1;
                match op {
                    0 | 1 if map.len() < 8 => {
                        last += 1;
                        ids.insert(last, number);
                        map.insert(last, number);
                    }
                    2 if !known.is_empty() => {
                        let id = *any.get(&known);
                        ids.set(id, map[&id], number);
                        map.insert(id, number);
                    }
                    3 if !known.is_empty() => {
                        let id = *any.get(&known);
                        ids.remove(id, map.remove(&id).unwrap());
                    }
                    _ => {}
                }
                for id in FIRST - 2..last + 3 {
                    let expected = map.get(&id).copied();
                    prop_assert_eq!(ids.find(id, |n| Some(n) == expected), expected);
                    prop_assert_eq!(ids.find(id, |_| true), expected);
                }
            }
        }
    }
}
