//! Sessions whose input waits because they have had their turn: nobody waits for more than a turn of each of the others,
//! however much one of them sends.

use std::collections::VecDeque;

/// Those who wait for their next turn, in order.
pub(crate) struct Turns {
    queue: VecDeque<usize>,
    waits: Box<[bool]>,
}

impl Turns {
    /// Room for so many sessions.
    pub(crate) fn new(sessions: usize) -> Turns {
        Turns { queue: VecDeque::with_capacity(sessions), waits: vec![false; sessions].into() }
    }

    /// Session `index` has had its turn and has more.
    pub(crate) fn wait(&mut self, index: usize) {
        if !std::mem::replace(&mut self.waits[index], true) {
            self.queue.push_back(index);
        }
    }

    /// Whether its next turn comes without its asking.
    #[inline]
    pub(crate) fn has(&self, index: usize) -> bool {
        self.waits[index]
    }

    /// How many wait.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whose turn it is now.
    pub(crate) fn next(&mut self) -> Option<usize> {
        let index = self.queue.pop_front()?;
        self.waits[index] = false;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_waits_once_and_they_come_in_order() {
        let mut turns = Turns::new(3);
        for index in [2, 0, 2, 2, 0] {
            turns.wait(index);
        }
        assert!(turns.has(2) && turns.has(0) && !turns.has(1));
        assert_eq!((turns.len(), turns.next()), (2, Some(2)));
        // One that has more again comes behind the others.
        turns.wait(2);
        assert_eq!([turns.next(), turns.next(), turns.next()], [Some(0), Some(2), None]);
        assert!(!turns.has(2));
    }
}
