//! A hash table of fixed capacity that holds numbers only: what they stand for, and whether it is the one that
//! is looked for, its user knows. Linear probing, at most three quarters full, no tombstones.

use std::mem::MaybeUninit;

/// Numbers found by a hash.
pub(super) struct Index {
    /// Hash in the high half, number + 1 in the low half; 0 is an empty bucket.
    buckets: Box<[u64]>,
}

/// A bucket in use. Good until the next insertion or removal.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Index {
    /// Room for `capacity` numbers.
    pub(super) fn new(capacity: u64) -> Index {
        Index { buckets: zeros(Index::buckets(capacity)) }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch(&mut self.buckets);
    }

    /// Fetches what [`Index::find`] looks at first.
    pub(super) fn prefetch(&self, hash: u32) {
        shm::prefetch(&self.buckets[self.home(hash)]);
    }

    /// Bytes that `capacity` numbers take.
    pub(super) fn bytes(capacity: u64) -> u64 {
        8 * Index::buckets(capacity) as u64
    }

    /// How many buckets of eight bytes `capacity` numbers take.
    fn buckets(capacity: u64) -> usize {
        let wanted = capacity.saturating_mul(4) / 3 + 8;
        usize::try_from(wanted).unwrap_or(usize::MAX)
    }

    /// The first number with this `hash`.
    #[inline]
    pub(super) fn first(&self, hash: u32) -> Option<u32> {
        let mut place = self.home(hash);
        loop {
            let bucket = self.buckets[place];
            if bucket == 0 || high(bucket) == hash {
                return low(bucket).checked_sub(1);
            }
            place = self.after(place);
        }
    }

    /// The number with this `hash` that `is_it` recognises.
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<(Place, u32)> {
        let mut place = self.home(hash);
        loop {
            let bucket = self.buckets[place];
            if bucket == 0 {
                return None;
            }
            if high(bucket) == hash && is_it(low(bucket) - 1) {
                return Some((Place(place), low(bucket) - 1));
            }
            place = self.after(place);
        }
    }

    /// Adds `number`, which is not there yet, under `hash`.
    pub(super) fn insert(&mut self, hash: u32, number: u32) {
        let mut place = self.home(hash);
        while self.buckets[place] != 0 {
            place = self.after(place);
        }
        self.buckets[place] = bucket(hash, number);
    }

    /// Puts `number` in the place of another with the same hash.
    pub(super) fn set(&mut self, place: Place, number: u32) {
        self.buckets[place.0] = bucket(high(self.buckets[place.0]), number);
    }

    /// Takes out what stands at `place`, and moves up what was pushed beyond it.
    pub(super) fn remove(&mut self, Place(mut hole): Place) {
        let mut place = hole;
        loop {
            place = self.after(place);
            let bucket = self.buckets[place];
            if bucket == 0 {
                break;
            }
            // It may move to the hole unless its home lies behind the hole.
            if self.distance(self.home(high(bucket)), place) >= self.distance(hole, place) {
                self.buckets[hole] = bucket;
                hole = place;
            }
        }
        self.buckets[hole] = 0;
    }

    /// How far numbers stand from their homes, on average.
    #[cfg(test)]
    pub(super) fn displacement(&self) -> f64 {
        let used = self.buckets.iter().enumerate().filter(|&(_, &bucket)| bucket != 0);
        let far = used.map(|(place, &bucket)| self.distance(self.home(high(bucket)), place));
        let (count, sum) = far.fold((0u32, 0.0), |(count, sum), far| (count + 1, sum + far as f64));
        sum / f64::from(count.max(1))
    }

    /// In proportion: so that a table is no larger than it has to be, and more of it is in cache.
    #[inline]
    const fn home(&self, hash: u32) -> usize {
        ((hash as u64 * self.buckets.len() as u64) >> 32) as usize
    }

    #[inline]
    const fn after(&self, place: usize) -> usize {
        if place + 1 == self.buckets.len() { 0 } else { place + 1 }
    }

    /// From one bucket on to another, round the end.
    const fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.buckets.len() - from }
    }
}

/// Zeros that take no memory before they are touched.
pub(super) fn zeros<T: Copy + Default>(count: usize) -> Box<[T]> {
    let mut table = vec![T::default(); count].into_boxed_slice();
    shm::huge_pages(&mut table);
    table
}

/// Writes to every page of `table`, and changes nothing.
pub(super) fn touch<T: Copy>(table: &mut [T]) {
    for page in table.chunks_mut((4096 / size_of::<T>()).max(1)) {
        page[0] = std::hint::black_box(page[0]);
    }
}

/// Writes to every page of what `vec` has reserved and not used yet.
pub(super) fn touch_room<T>(vec: &mut Vec<T>) {
    for page in vec.spare_capacity_mut().chunks_mut((4096 / size_of::<T>()).max(1)) {
        page[0] = std::hint::black_box(MaybeUninit::zeroed());
    }
}

const fn bucket(hash: u32, number: u32) -> u64 {
    (hash as u64) << 32 | (number as u64 + 1)
}

const fn high(bucket: u64) -> u32 {
    (bucket >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low(bucket: u64) -> u32 {
    bucket as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Few hashes, so that runs of buckets grow together, wrap around the end and are taken apart again.
        #[test]
        fn an_index_is_a_map_however_its_hashes_collide(
            ops in proptest::collection::vec((0..40u32, any::<bool>()), 1..400),
        ) {
            let hash = |key: u32| [0, 1 << 26, 14 << 26, 15 << 26, 16 << 26, 1 << 31, u32::MAX][key as usize % 7];
            let mut index = Index::new(48);
            let mut map = HashMap::new();
            for (i, (key, put)) in (0u32..).zip(ops) {
                let number = key + 100 * (i % 3);
                match (index.find(hash(key), |n| n % 100 == key), put) {
                    (Some((place, old)), true) => {
                        index.set(place, number);
                        prop_assert_eq!(map.insert(key, number), Some(old));
                    }
                    (None, true) => {
                        index.insert(hash(key), number);
                        prop_assert_eq!(map.insert(key, number), None);
                    }
                    (Some((place, old)), false) => {
                        index.remove(place);
                        prop_assert_eq!(map.remove(&key), Some(old));
                    }
                    (None, false) => prop_assert_eq!(map.get(&key), None),
                }
                for key in 0..40 {
                    let found = index.find(hash(key), |n| n % 100 == key).map(|(_, n)| n);
                    prop_assert_eq!(found, map.get(&key).copied());
                }
            }
        }
    }
}
