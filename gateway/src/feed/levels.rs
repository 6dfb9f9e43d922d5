//! One side of a book by price, best first: sorted blocks of levels, so that the best ones stand together and a change
//! moves no more than a block.

use std::cmp::Ordering;

use wire::{
    feed::Level,
    types::{Side, Ticks},
};

/// Levels in a block at most.
const BLOCK: usize = 64;
/// Two neighbours become one block when they have no more than this together: so that blocks are a third full on average
/// at least, and a block that was just split is not joined again at once.
const JOINED: usize = 48;

type Priced = (Ticks, Level);

#[derive(Debug)]
struct Block {
    len: usize,
    levels: [Priced; BLOCK],
}

impl Block {
    fn levels(&self) -> &[Priced] {
        &self.levels[..self.len]
    }

    fn insert(&mut self, at: usize, level: Priced) {
        self.levels.copy_within(at..self.len, at + 1);
        self.levels[at] = level;
        self.len += 1;
    }

    fn remove(&mut self, at: usize) {
        self.levels.copy_within(at + 1..self.len, at);
        self.len -= 1;
    }
}

/// Blocks for all books of a gateway, of which there is a greatest number. One that is not used any more is kept for the
/// next book that grows: memory is asked for only when the books are deeper than they ever were.
#[derive(Debug)]
#[expect(
    clippy::vec_box,
    reason = "a block is 1.5 KiB, and what moves when one comes or goes is its address"
)]
pub(super) struct Pool {
    free: Vec<Box<Block>>,
    /// Blocks that may still be made.
    left: usize,
}

impl Pool {
    /// Room for `levels` at least, whatever their prices, with so many sides of books.
    pub(super) fn new(levels: usize) -> Pool {
        Pool { free: Vec::new(), left: (levels / (JOINED / 2)).max(4) }
    }

    fn take(&mut self) -> Option<Box<Block>> {
        if let Some(block) = self.free.pop() {
            return Some(block);
        }
        self.left = self.left.checked_sub(1)?;
        Some(Box::new(Block { len: 0, levels: [(Ticks(0), Level::NOTHING); BLOCK] }))
    }

    fn give(&mut self, mut block: Box<Block>) {
        block.len = 0;
        self.free.push(block);
    }
}

/// There are more levels than a gateway has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The levels of one side.
#[derive(Debug)]
#[expect(clippy::vec_box, reason = "as in the pool")]
pub(super) struct Levels {
    side: Side,
    /// None of them empty; all before the last one hold more than half of [`JOINED`] with their neighbour.
    blocks: Vec<Box<Block>>,
}

impl Levels {
    pub(super) const fn new(side: Side) -> Levels {
        Levels { side, blocks: Vec::new() }
    }

    /// Whether `a` is better than `b`, as good, or worse.
    fn order(&self, a: Ticks, b: Ticks) -> Ordering {
        match self.side {
            Side::Buy => b.cmp(&a),
            Side::Sell => a.cmp(&b),
        }
    }

    /// Whether `a` is at least as good as `b`.
    pub(super) fn is_within(&self, a: Ticks, b: Ticks) -> bool {
        self.order(a, b).is_le()
    }

    /// Where `price` is, or would be: block and place.
    fn find(&self, price: Ticks) -> (usize, Result<usize, usize>) {
        let ends_before = |block: &Block| self.order(block.levels[block.len - 1].0, price) == Ordering::Less;
        let at = self.blocks.partition_point(|block| ends_before(block));
        let Some(block) = self.blocks.get(at) else { return (at, Err(0)) };
        (at, block.levels().binary_search_by(|level| self.order(level.0, price)))
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.len).sum()
    }

    /// What stands at `price`.
    pub(super) fn at(&self, price: Ticks) -> Level {
        match self.find(price) {
            (block, Ok(place)) => self.blocks[block].levels[place].1,
            _ => Level::NOTHING,
        }
    }

    /// Puts `level` at `price`. Gives what stood there before.
    pub(super) fn set(&mut self, pool: &mut Pool, price: Ticks, level: Level) -> Result<Level, Full> {
        let (at, place) = self.find(price);
        match place {
            Ok(place) => {
                let former = self.blocks[at].levels[place].1;
                if level.orders == 0 {
                    self.remove(pool, at, place);
                } else {
                    self.blocks[at].levels[place].1 = level;
                }
                Ok(former)
            }
            Err(_) if level.orders == 0 => Ok(Level::NOTHING),
            Err(place) => {
                self.insert(pool, at, place, (price, level))?;
                Ok(Level::NOTHING)
            }
        }
    }

    fn insert(&mut self, pool: &mut Pool, at: usize, place: usize, level: Priced) -> Result<(), Full> {
        // Behind all others: into the last block, if there is one.
        let (at, place) = match self.blocks.len() {
            0 => {
                self.blocks.push(pool.take().ok_or(Full)?);
                (0, 0)
            }
            blocks if at == blocks => (at - 1, self.blocks[at - 1].len),
            _ => (at, place),
        };
        let block = &mut self.blocks[at];
        if block.len < BLOCK {
            block.insert(place, level);
            return Ok(());
        }
        let mut second = pool.take().ok_or(Full)?;
        let half = BLOCK / 2;
        second.levels[..half].copy_from_slice(&block.levels[half..]);
        (block.len, second.len) = (half, half);
        if place <= half {
            block.insert(place, level);
        } else {
            second.insert(place - half, level);
        }
        self.blocks.insert(at + 1, second);
        Ok(())
    }

    fn remove(&mut self, pool: &mut Pool, at: usize, place: usize) {
        self.blocks[at].remove(place);
        if self.blocks[at].len == 0 {
            let block = self.blocks.remove(at);
            return pool.give(block);
        }
        for first in [at, at.wrapping_sub(1)] {
            let [Some(a), Some(b)] = [first, first.wrapping_add(1)].map(|at| self.blocks.get(at)) else {
                continue;
            };
            if a.len + b.len <= JOINED {
                let second = self.blocks.remove(first + 1);
                let block = &mut self.blocks[first];
                block.levels[block.len..][..second.len].copy_from_slice(second.levels());
                block.len += second.len;
                return pool.give(second);
            }
        }
    }

    pub(super) fn clear(&mut self, pool: &mut Pool) {
        self.blocks.drain(..).for_each(|block| pool.give(block));
    }

    /// The levels, best first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Priced> {
        self.blocks.iter().flat_map(|block| block.levels().iter().copied())
    }

    /// Those that are worse than `price`, best first.
    pub(super) fn beyond(&self, price: Ticks) -> impl Iterator<Item = Priced> {
        let (at, place) = self.find(price);
        let place = place.map_or_else(|place| place, |place| place + 1);
        let first = self.blocks.get(at).into_iter().flat_map(move |block| &block.levels()[place..]);
        let others = self.blocks.get(at + 1..).unwrap_or_default();
        first.chain(others.iter().flat_map(|block| block.levels())).copied()
    }

    /// The price of the `number`th level, from 1, if there are so many.
    pub(super) fn nth(&self, number: usize) -> Option<Ticks> {
        let mut left = number.checked_sub(1)?;
        for block in &self.blocks {
            if left < block.len {
                return Some(block.levels[left].0);
            }
            left -= block.len;
        }
        None
    }

    /// How many levels are better than `price`.
    pub(super) fn better_than(&self, price: Ticks) -> usize {
        let (at, place) = self.find(price);
        let before: usize = self.blocks[..at].iter().map(|block| block.len).sum();
        before + place.unwrap_or_else(|place| place)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use wire::types::Lots;

    use super::*;

    fn level(orders: u64) -> Level {
        Level { quantity: Lots(orders * 10), orders }
    }

    proptest! {
        /// Against a map, step by step, over few prices and many.
        #[test]
        fn a_side_is_a_map_by_price(
            sell in any::<bool>(),
            steps in prop::collection::vec((0_i64..400, 0_u64..4), 1..1500),
        ) {
            let side = if sell { Side::Sell } else { Side::Buy };
            let mut pool = Pool::new(2_000);
            let mut levels = Levels::new(side);
            let mut map = BTreeMap::new();
            for (price, orders) in steps {
                let price = Ticks(price);
                let former = levels.set(&mut pool, price, level(orders)).expect("room");
                let expected = match orders {
                    0 => map.remove(&price),
                    _ => map.insert(price, level(orders)),
                };
                prop_assert_eq!(former, expected.unwrap_or(Level::NOTHING));
                prop_assert_eq!(levels.at(price), map.get(&price).copied().unwrap_or(Level::NOTHING));
                prop_assert!(levels.blocks.iter().all(|block| block.len > 0));
            }
            let mut all: Vec<Priced> = map.into_iter().collect();
            if side == Side::Buy {
                all.reverse();
            }
            prop_assert!(levels.iter().eq(all.iter().copied()));
            prop_assert!(levels.blocks.len() <= 1 + all.len() / (JOINED / 2));
            for price in (-1..402).map(Ticks) {
                let worse = all.iter().copied().filter(|&(other, _)| !levels.is_within(other, price));
                prop_assert!(levels.beyond(price).eq(worse.clone()));
                let here = all.iter().filter(|&&(other, _)| other == price).count();
                prop_assert_eq!(levels.better_than(price), all.len() - worse.count() - here);
            }
            for number in 0..all.len() + 2 {
                let nth = number.checked_sub(1).and_then(|at| all.get(at)).map(|level| level.0);
                prop_assert_eq!(levels.nth(number), nth);
            }
            levels.clear(&mut pool);
            prop_assert_eq!(levels.iter().count(), 0);
        }
    }

    #[test]
    fn a_pool_has_a_bound_and_blocks_come_back_to_it() {
        let mut pool = Pool::new(1);
        let mut levels = Levels::new(Side::Sell);
        let mut put = |levels: &mut Levels, price| levels.set(&mut pool, Ticks(price), level(1));
        let room = (0..10_000).position(|price| put(&mut levels, price).is_err()).expect("a bound");
        assert!(room >= 2 * BLOCK, "{room}");
        assert_eq!(put(&mut levels, 10_001), Err(Full));
        assert_eq!(levels.iter().count(), room, "nothing was lost");
        levels.clear(&mut pool);
        let again = (0..).take(room).all(|price| levels.set(&mut pool, Ticks(price), level(1)).is_ok());
        assert!(again);
    }
}
