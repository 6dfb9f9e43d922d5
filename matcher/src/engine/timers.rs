//! Times that are to come, one or none for each of a number of things, the earliest known at once.

use wire::types::Nanos;

const NEVER: Nanos = Nanos(u64::MAX);

/// A tree of minima (a tournament): the times are its leaves, each node above is the earlier of its two.
pub(super) struct Timers {
    /// The root at 1, the two below node n at 2n and 2n + 1.
    tree: Box<[Nanos]>,
}

impl Timers {
    /// None of `count` is set.
    pub(super) fn new(count: usize) -> Timers {
        Timers { tree: vec![NEVER; 2 * count.next_power_of_two()].into() }
    }

    /// The earliest.
    #[inline]
    pub(super) fn first(&self) -> Option<Nanos> {
        Some(self.tree[1]).filter(|&at| at != NEVER)
    }

    /// Sets or takes away the time of the `number`th.
    pub(super) fn set(&mut self, number: usize, at: Option<Nanos>) {
        let mut node = self.tree.len() / 2 + number;
        self.tree[node] = at.unwrap_or(NEVER);
        while node > 1 {
            node /= 2;
            self.tree[node] = self.tree[2 * node].min(self.tree[2 * node + 1]);
        }
    }

    /// The time of the `number`th.
    pub(super) fn get(&self, number: usize) -> Option<Nanos> {
        Some(self.tree[self.tree.len() / 2 + number]).filter(|&at| at != NEVER)
    }

    /// The first of those from the `number`th on whose time has come at `now`.
    pub(super) fn next_due(&self, number: usize, now: Nanos) -> Option<usize> {
        let leaves = self.tree.len() / 2;
        let is_due = |node: usize| self.tree[node] <= now && self.tree[node] != NEVER;
        let mut node = leaves + number;
        if number >= leaves {
            return None;
        }
        while !is_due(node) {
            // On to what lies right of this node: from a right one, right of the node above.
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < leaves {
            node = if is_due(2 * node) { 2 * node } else { 2 * node + 1 };
        }
        Some(node - leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a plain list.
    #[test]
    fn what_is_due_is_found_in_order_of_its_number_and_the_earliest_is_known() {
        for count in [0, 1, 2, 5, 8, 13] {
            let mut timers = Timers::new(count);
            let mut list = vec![None; count];
            let mut random = 0x5EED_u64;
            let mut below = |bound: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 33) % bound
            };
            for _ in 0..500 * count {
                let number = usize::try_from(below(count as u64)).unwrap();
                list[number] = Some(Nanos(below(20))).filter(|at| at.0 > 3);
                timers.set(number, list[number]);
                assert_eq!(timers.get(number), list[number]);
                assert_eq!(timers.first(), list.iter().flatten().min().copied());
                let now = Nanos(below(20));
                let mut found = Vec::new();
                while let Some(number) = timers.next_due(found.last().map_or(0, |last| last + 1), now) {
                    found.push(number);
                }
                let due = (0..count).filter(|&number| list[number].is_some_and(|at| at <= now));
                assert_eq!(found, due.collect::<Vec<_>>());
            }
            assert_eq!(timers.next_due(count, Nanos(u64::MAX)), None);
        }
    }
}
