//! From prices to levels, in order of price: a tree of 64-way steps, each a flat array and a bitmap.
//!
//! A leaf is 64 neighbouring ticks. The leaves around the touch are remembered, so that there a price is one
//! array access and the next best price one bit scan; a price anywhere else costs one step per six bits of the
//! largest price in use (four for prices up to 16 million ticks), however many levels there are. Nothing is
//! ever moved, so no pattern of prices has a costly moment.

use super::slab::{Item, NONE, Slab};

/// Steps from the root to a leaf for the highest price there is (2^56 needs 57 bits, six a step).
pub(super) const DEPTH_MAX: usize = 10;
const _: () = assert!(wire::limits::TICKS_MAX < 1 << (6 * DEPTH_MAX));

/// 64 children: levels in a leaf, steps elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// Which children there are.
    bits: u64,
    child: [u32; 64],
}

impl Item for Step {
    const EMPTY: Step = Step { bits: 0, child: [NONE; 64] };

    fn next_free(&self) -> u32 {
        self.child[0]
    }

    fn set_next_free(&mut self, next: u32) {
        self.child[0] = next;
    }
}

/// The leaf that holds the 64 prices with this `key` (price / 64).
#[derive(Clone, Copy)]
struct Known {
    key: u64,
    leaf: u32,
}

const UNKNOWN: Known = Known { key: u64::MAX, leaf: NONE };
/// Leaves remembered, by the low bits of their key: 512 ticks around the touch.
const KNOWN: usize = 8;

/// One instrument's prices, of both sides: since a book is never crossed, they cannot mix.
pub(super) struct Ladder {
    root: u32,
    /// Steps from the root to a leaf, both counted.
    depth: u32,
    known: [Known; KNOWN],
}

const fn digit(price: u64, height: u32) -> usize {
    ((price >> (6 * height)) & 63) as usize
}

const fn above(digit: usize) -> u64 {
    if digit == 63 { 0 } else { u64::MAX << (digit + 1) }
}

const fn below(digit: usize) -> u64 {
    (1 << digit) - 1
}

impl Ladder {
    pub(super) fn new(steps: &mut Slab<Step>) -> Ladder {
        Ladder { root: steps.insert(Step::EMPTY), depth: 1, known: [UNKNOWN; KNOWN] }
    }

    /// Steps from the root to a leaf, which never become fewer.
    pub(super) const fn depth(&self) -> u32 {
        let Ladder { root: _, depth, known: _ } = self; // what is known is a cache of what stands below the root
        *depth
    }

    /// Makes an empty ladder as deep as one was; `false` if none can be.
    pub(super) fn deepen(&mut self, depth: u32) -> bool {
        // An empty root is a leaf or its like: it may stand at any height.
        (self.depth, self.known) = (depth, [UNKNOWN; KNOWN]);
        depth > 0 && depth as usize <= DEPTH_MAX
    }

    /// Whether [`Ladder::insert`] finds the steps that it takes for `price`, in a ladder that is deep enough.
    pub(super) fn has_steps(&self, steps: &Slab<Step>, price: u64) -> bool {
        if price >> (6 * self.depth) != 0 {
            return false;
        }
        let mut step = self.root;
        for height in (1..self.depth).rev() {
            let digit = digit(price, height);
            if steps[step].bits & 1 << digit == 0 {
                return steps.free() >= height;
            }
            step = steps[step].child[digit];
        }
        true
    }

    /// The level at `price`.
    pub(super) fn get(&mut self, steps: &Slab<Step>, price: u64) -> Option<u32> {
        let leaf = self.leaf(steps, price)?;
        let digit = digit(price, 0);
        (steps[leaf].bits & 1 << digit != 0).then(|| steps[leaf].child[digit])
    }

    /// Puts `level` at `price`, where none was. Takes at most [`DEPTH_MAX`] steps from the slab.
    pub(super) fn insert(&mut self, steps: &mut Slab<Step>, price: u64, level: u32) {
        let leaf = match self.leaf(steps, price) {
            Some(leaf) => leaf,
            None => self.grow(steps, price),
        };
        let step = &mut steps[leaf];
        debug_assert_eq!(step.bits & 1 << digit(price, 0), 0, "one level per price");
        step.bits |= 1 << digit(price, 0);
        step.child[digit(price, 0)] = level;
    }

    /// Takes the level at `price` out.
    pub(super) fn remove(&mut self, steps: &mut Slab<Step>, price: u64) {
        let Some(leaf) = self.leaf(steps, price) else { return };
        let bits = steps[leaf].bits & !(1 << digit(price, 0));
        steps[leaf].bits = bits;
        if bits == 0 {
            self.prune(steps, price);
        }
    }

    /// The level with the lowest price above `price`.
    pub(super) fn next_above(&self, steps: &Slab<Step>, price: u64) -> Option<u32> {
        let known = self.known[(price >> 6) as usize % KNOWN];
        if known.key == price >> 6 {
            let bits = steps[known.leaf].bits & above(digit(price, 0));
            if bits != 0 {
                return Some(steps[known.leaf].child[bits.trailing_zeros() as usize]);
            }
        }
        self.neighbour(steps, price, above, |bits| bits.trailing_zeros())
    }

    /// The level with the highest price below `price`.
    pub(super) fn next_below(&self, steps: &Slab<Step>, price: u64) -> Option<u32> {
        let known = self.known[(price >> 6) as usize % KNOWN];
        if known.key == price >> 6 {
            let bits = steps[known.leaf].bits & below(digit(price, 0));
            if bits != 0 {
                return Some(steps[known.leaf].child[bits.ilog2() as usize]);
            }
        }
        self.neighbour(steps, price, below, u64::ilog2)
    }

    /// The leaf of `price`, if there is one.
    fn leaf(&mut self, steps: &Slab<Step>, price: u64) -> Option<u32> {
        let key = price >> 6;
        let known = &mut self.known[key as usize % KNOWN];
        if known.key == key {
            return Some(known.leaf);
        }
        if price >> (6 * self.depth) != 0 {
            return None;
        }
        let mut step = self.root;
        for height in (1..self.depth).rev() {
            let digit = digit(price, height);
            if steps[step].bits & 1 << digit == 0 {
                return None;
            }
            step = steps[step].child[digit];
        }
        *known = Known { key, leaf: step };
        Some(step)
    }

    /// Makes the way to `price`, and a higher root if it takes one.
    fn grow(&mut self, steps: &mut Slab<Step>, price: u64) -> u32 {
        while price >> (6 * self.depth) != 0 {
            let mut root = Step::EMPTY;
            root.bits = u64::from(steps[self.root].bits != 0);
            if root.bits == 0 {
                // An empty root is a leaf or its like: it may stand at any height.
                self.known = [UNKNOWN; KNOWN];
            } else {
                root.child[0] = self.root;
                self.root = steps.insert(root);
            }
            self.depth += 1;
        }
        let mut step = self.root;
        for height in (1..self.depth).rev() {
            let digit = digit(price, height);
            if steps[step].bits & 1 << digit == 0 {
                let made = steps.insert(Step::EMPTY);
                steps[step].bits |= 1 << digit;
                steps[step].child[digit] = made;
            }
            step = steps[step].child[digit];
        }
        self.known[(price >> 6) as usize % KNOWN] = Known { key: price >> 6, leaf: step };
        step
    }

    /// Frees the empty leaf of `price` and whatever above it became empty; the root stays.
    fn prune(&mut self, steps: &mut Slab<Step>, price: u64) {
        if self.depth == 1 {
            return;
        }
        let mut way = [NONE; DEPTH_MAX];
        let mut step = self.root;
        for height in (0..self.depth).rev() {
            way[height as usize] = step;
            step = steps[step].child[digit(price, height)];
        }
        let known = &mut self.known[(price >> 6) as usize % KNOWN];
        if known.key == price >> 6 {
            *known = UNKNOWN;
        }
        for height in 1..self.depth {
            steps.remove(way[height as usize - 1]);
            let parent = &mut steps[way[height as usize]];
            parent.bits &= !(1 << digit(price, height));
            if parent.bits != 0 {
                return;
            }
        }
    }

    /// The level nearest to `price` on the side that `beyond` selects and `nearest` picks from.
    fn neighbour(
        &self,
        steps: &Slab<Step>,
        price: u64,
        beyond: fn(usize) -> u64,
        nearest: fn(u64) -> u32,
    ) -> Option<u32> {
        debug_assert_eq!(price >> (6 * self.depth), 0, "asked only about prices that were in use");
        // Down towards the price as far as there is a way, remembering where it could have branched off.
        let mut branch = None;
        let mut step = self.root;
        for height in (0..self.depth).rev() {
            let digit = digit(price, height);
            let bits = steps[step].bits;
            if bits & beyond(digit) != 0 {
                branch = Some((step, height, nearest(bits & beyond(digit))));
            }
            if bits & 1 << digit == 0 {
                break;
            }
            step = steps[step].child[digit];
        }
        // From the lowest branching, the nearest child all the way.
        let (step, height, first) = branch?;
        let mut found = steps[step].child[first as usize];
        for _ in 0..height {
            found = steps[found].child[nearest(steps[found].bits) as usize];
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Small prices that collide, prices around powers of 64, and the ends of the range.
    fn price() -> impl Strategy<Value = u64> {
        prop_oneof![
            4 => 1..200u64,
            2 => (0..200u64).prop_map(|p| 5_000_000 + p * 7),
            1 => (1..10u32, -2..3i64).prop_map(|(h, d)| (1u64 << (6 * h.min(9))).saturating_add_signed(d)),
            1 => (0..5u64).prop_map(|d| wire::limits::TICKS_MAX.unsigned_abs() - d),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_ladder_is_a_sorted_map(ops in proptest::collection::vec((price(), any::<bool>()), 1..300)) {
            let mut steps = Slab::new(4_000);
            let mut ladder = Ladder::new(&mut steps);
            let mut map = BTreeMap::new();
            for (i, (price, put)) in (0u32..).zip(ops) {
                if !map.contains_key(&price) && put {
                    ladder.insert(&mut steps, price, i);
                    map.insert(price, i);
                } else if !put && map.remove(&price).is_some() {
                    ladder.remove(&mut steps, price);
                }
                prop_assert_eq!(ladder.get(&steps, price), map.get(&price).copied());
                if price >> (6 * ladder.depth) == 0 {
                    let above = map.range(price + 1..).next().map(|(_, &l)| l);
                    let below = map.range(..price).next_back().map(|(_, &l)| l);
                    prop_assert_eq!(ladder.next_above(&steps, price), above);
                    prop_assert_eq!(ladder.next_below(&steps, price), below);
                }
            }
            for &price in map.keys() {
                ladder.remove(&mut steps, price);
            }
            prop_assert_eq!(steps.used(), 1, "an empty ladder has its root and nothing else");
        }
    }
}
