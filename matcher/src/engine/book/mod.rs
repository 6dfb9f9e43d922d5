//! The book core: who stands in which queue at which price. It knows prices, quantities and slots, and nothing
//! of who owns an order or what its owner calls it.
//!
//! Read [`Book`] first, then [`ladder`] (from price to level). An order in the book is a 24-byte [`Node`] in
//! its level's queue, linked both ways, so that taking it out needs no search.

mod ladder;
mod slab;

use wire::{
    limits::{LOTS_MAX, OPEN_ORDERS_MAX},
    types::{Lots, Side, Ticks},
};

use ladder::{DEPTH_MAX, Ladder, Step};
pub use slab::NONE;
pub(crate) use slab::{Item, Slab};

/// What matching touches of an order.
#[derive(Clone, Copy)]
pub struct Node {
    leaves: u64,
    /// Neighbours in the level's queue, older and younger.
    older: u32,
    younger: u32,
    level: u32,
    /// The owner's, not read here: it fills what alignment would waste.
    tag: u32,
}

const _: () = assert!(size_of::<Node>() == 24);

impl Item for Node {
    const EMPTY: Node = Node { leaves: 0, older: NONE, younger: NONE, level: NONE, tag: 0 };

    fn next_free(&self) -> u32 {
        self.younger
    }

    fn set_next_free(&mut self, next: u32) {
        self.younger = next;
    }
}

/// All orders at one price.
#[derive(Clone, Copy)]
struct Level {
    total: Total,
    price: u64,
    oldest: u32,
    youngest: u32,
}

const _: () = assert!(size_of::<Level>() == 32);

impl Item for Level {
    const EMPTY: Level = Level { total: Total::NOTHING, price: 0, oldest: NONE, youngest: NONE };

    fn next_free(&self) -> u32 {
        self.oldest
    }

    fn set_next_free(&mut self, next: u32) {
        self.oldest = next;
    }
}

/// What stands at one price: how much is displayed there, and in how many orders.
///
/// The quantities of one price may add up beyond 64 bits, but not beyond 96; above them stands the count, so that one
/// addition keeps both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total(u128);

const _: () = {
    assert!((LOTS_MAX as u128 * OPEN_ORDERS_MAX as u128) < Total::ORDER);
    assert!(OPEN_ORDERS_MAX as u128 <= u128::MAX / Total::ORDER);
};

impl Total {
    /// Nothing stands there.
    pub const NOTHING: Total = Total(0);
    /// One order, of no quantity.
    const ORDER: u128 = 1 << 96;

    const fn of(leaves: u64) -> Total {
        Total(Self::ORDER + leaves as u128)
    }

    /// The sum of the orders' leaves.
    #[must_use]
    pub const fn quantity(self) -> u128 {
        self.0 & (Self::ORDER - 1)
    }

    /// How many orders.
    #[must_use]
    pub const fn orders(self) -> u32 {
        (self.0 >> 96) as u32
    }
}

/// The memory of all books of a matcher.
pub struct Arena {
    nodes: Slab<Node>,
    levels: Slab<Level>,
    steps: Slab<Step>,
    /// How often an order has joined a queue, whichever it was.
    joined: u64,
}

impl Arena {
    /// Bytes reserved for each order: its node, and a level should it be alone at its price.
    pub(crate) const ORDER_BYTES: usize = size_of::<Node>() + size_of::<Level>();
    /// Bytes reserved for each ladder step.
    pub(crate) const STEP_BYTES: usize = size_of::<Step>();

    /// Room for `orders` orders, at most as many levels, and `steps` ladder steps of 264 bytes, of which each
    /// book needs one and each group of 64 neighbouring prices in use at least one.
    #[must_use]
    pub fn new(orders: u32, steps: u32) -> Arena {
        Arena { nodes: Slab::new(orders), levels: Slab::new(orders), steps: Slab::new(steps), joined: 0 }
    }

    /// Touches all of it, so that no page fault comes later.
    pub fn prefault(&mut self) {
        self.nodes.prefault();
        self.levels.prefault();
        self.steps.prefault();
    }

    /// What an image has of a queue of these books besides its orders; the rest follows from them.
    pub(crate) const fn counted(&self) -> u64 {
        let Arena { nodes: _, levels: _, steps: _, joined } = self;
        *joined
    }

    /// What an image has of the order in `slot`, which stands in a queue: its price there, its leaves and its tag. Its
    /// neighbours follow from the numbers that orders took as they joined.
    pub(crate) fn standing(&self, slot: u32) -> (u64, Lots, u32) {
        let Node { leaves, older: _, younger: _, level, tag } = self.nodes[slot];
        (self.levels[level].price, Lots(leaves), tag)
    }

    /// So often have orders joined queues before the ones that an image has are put back, which does not count.
    pub(crate) const fn count_from(&mut self, joined: u64) {
        self.joined = joined;
    }

    /// Whether one more order finds room, whatever its price, and leaves `spare` slots free.
    #[must_use]
    pub const fn has_room(&self, spare: u32, movable: u32) -> bool {
        self.nodes.free() > spare && self.has_steps(movable)
    }

    /// Whether `spare` slots are free.
    #[must_use]
    pub const fn spares(&self, spare: u32) -> bool {
        self.nodes.free() >= spare
    }

    /// Whether an order that has its slot finds room at another price, and after it `movable` others which may
    /// change theirs without being asked whether there is room.
    #[must_use]
    pub const fn has_steps(&self, movable: u32) -> bool {
        self.steps.free() as usize >= DEPTH_MAX * (1 + movable as usize)
    }

    /// Orders that may have a slot.
    pub(crate) const fn room(&self) -> u32 {
        self.nodes.free() + self.nodes.used()
    }

    /// Ladder steps that there may be.
    pub(crate) const fn steps(&self) -> u32 {
        self.steps.free() + self.steps.used()
    }

    /// Orders that have a slot.
    #[must_use]
    pub const fn orders(&self) -> u32 {
        self.nodes.used()
    }

    /// Prices in use, over all books.
    #[must_use]
    pub const fn levels(&self) -> usize {
        self.levels.used() as usize
    }

    /// The number of the order that has joined a queue last, among all that ever did: it stands behind all with
    /// lower ones.
    #[must_use]
    pub const fn joined(&self) -> u64 {
        self.joined
    }

    /// A slot for an order of `leaves` that stands in no queue yet.
    ///
    /// # Panics
    /// If there is none: see [`Arena::has_room`].
    pub fn insert(&mut self, leaves: Lots, tag: u32) -> u32 {
        self.nodes.insert(Node { leaves: leaves.0, tag, ..Node::EMPTY })
    }

    /// Gives back the slot of an order that stands in no queue.
    pub fn remove(&mut self, slot: u32) {
        debug_assert_eq!(self.nodes[slot].level, NONE, "unlinked first");
        self.nodes.remove(slot);
    }

    /// Begins to fetch the order in `slot`.
    #[inline]
    pub fn prefetch(&self, slot: u32) {
        shm::prefetch(&self.nodes[slot]);
    }

    /// What the order can still trade.
    #[must_use]
    pub fn leaves(&self, slot: u32) -> Lots {
        Lots(self.nodes[slot].leaves)
    }

    /// Sets what an order that stands in no queue can still trade.
    pub fn set_leaves(&mut self, slot: u32, leaves: Lots) {
        debug_assert_eq!(self.nodes[slot].level, NONE, "unlinked first");
        self.nodes[slot].leaves = leaves.0;
    }

    /// The tag given with the order.
    #[must_use]
    pub fn tag(&self, slot: u32) -> u32 {
        self.nodes[slot].tag
    }

    /// Gives the order another tag.
    pub fn set_tag(&mut self, slot: u32, tag: u32) {
        self.nodes[slot].tag = tag;
    }

    /// The price of the queue the order stands in.
    #[must_use]
    pub fn price(&self, slot: u32) -> Ticks {
        ticks(self.levels[self.nodes[slot].level].price)
    }

    /// The order behind this one at the same price.
    #[must_use]
    pub fn younger(&self, slot: u32) -> Option<u32> {
        some(self.nodes[slot].younger)
    }
}

/// One price of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelView {
    /// The price.
    pub price: Ticks,
    /// What is displayed there.
    pub total: Total,
    /// The slot of the order that trades first; [`Arena::younger`] leads on.
    pub first: u32,
}

/// The best level of a side. Without one its price is such that nothing crosses it.
#[derive(Clone, Copy)]
struct Touch {
    price: u64,
    level: u32,
}

const NO_BID: Touch = Touch { price: 0, level: NONE };
const NO_ASK: Touch = Touch { price: u64::MAX, level: NONE };

/// One instrument's resting orders.
pub struct Book {
    ladder: Ladder,
    bid: Touch,
    ask: Touch,
}

impl Book {
    /// An empty book.
    ///
    /// # Panics
    /// If the arena has no step left for it.
    #[must_use]
    pub fn new(arena: &mut Arena) -> Book {
        Book { ladder: Ladder::new(&mut arena.steps), bid: NO_BID, ask: NO_ASK }
    }

    /// How deep the ladder has become, which is all that an image has of a book besides its orders.
    pub(crate) const fn depth(&self) -> u32 {
        let Book { ladder, bid: _, ask: _ } = self;
        ladder.depth()
    }

    /// Makes the ladder of an empty book as deep as one was; `false` if none can be.
    pub(crate) fn deepen(&mut self, depth: u32) -> bool {
        self.ladder.deepen(depth)
    }

    /// Whether an order of an image finds room at `price`.
    pub(crate) fn takes(&self, arena: &Arena, price: Ticks) -> bool {
        self.ladder.has_steps(&arena.steps, price.0.unsigned_abs())
    }

    /// Whether an order of `side` with limit `price` would trade at once.
    #[must_use]
    pub const fn crosses(&self, side: Side, price: Ticks) -> bool {
        match side {
            Side::Buy => price.0.unsigned_abs() >= self.ask.price,
            Side::Sell => price.0.unsigned_abs() <= self.bid.price,
        }
    }

    /// Best price of `side` and what is displayed there, at most what 64 bits hold.
    #[must_use]
    pub fn best(&self, arena: &Arena, side: Side) -> Option<(Ticks, Lots)> {
        let level = some(self.touch(side).level)?;
        let level = &arena.levels[level];
        Some((ticks(level.price), Lots(u64::try_from(level.total.quantity()).unwrap_or(u64::MAX))))
    }

    /// The order of `side` that trades first.
    #[must_use]
    pub fn first(&self, arena: &Arena, side: Side) -> Option<u32> {
        some(self.touch(side).level).map(|level| arena.levels[level].oldest)
    }

    /// The levels of `side`, best first.
    pub fn levels(&self, arena: &Arena, side: Side) -> impl Iterator<Item = LevelView> {
        let first = some(self.touch(side).level);
        let next = move |&level: &u32| self.beyond(arena, side, arena.levels[level].price);
        std::iter::successors(first, next).map(|level| {
            let Level { total, price, oldest, .. } = arena.levels[level];
            LevelView { price: ticks(price), total, first: oldest }
        })
    }

    /// The levels that an order of `side` with limit `price` would trade with, best first.
    pub fn levels_within(&self, arena: &Arena, side: Side, price: Ticks) -> impl Iterator<Item = LevelView> {
        self.levels(arena, side.opposite()).take_while(move |level| match side {
            Side::Buy => level.price <= price,
            Side::Sell => level.price >= price,
        })
    }

    /// Whether `quantity` would fill wholly against an order of `side` with limit `price`.
    #[must_use]
    pub fn can_fill(&self, arena: &Arena, side: Side, price: Ticks, quantity: Lots) -> bool {
        let against = side.opposite();
        let price = price.0.unsigned_abs();
        let mut wanted = u128::from(quantity.0);
        let mut next = some(self.touch(against).level);
        while let Some(level) = next {
            let level = &arena.levels[level];
            let reached = match side {
                Side::Buy => level.price <= price,
                Side::Sell => level.price >= price,
            };
            if !reached {
                return false;
            }
            let quantity = level.total.quantity();
            if quantity >= wanted {
                return true;
            }
            wanted -= quantity;
            next = self.beyond(arena, against, level.price);
        }
        false
    }

    /// Puts the order in `slot` at the back of the queue of `price`, which must not cross the book. What stands at that
    /// price then.
    pub fn link(&mut self, arena: &mut Arena, slot: u32, side: Side, price: Ticks) -> Total {
        debug_assert!(!self.crosses(side, price), "matched first");
        let price = price.0.unsigned_abs();
        arena.joined += 1;
        let node = &mut arena.nodes[slot];
        if let Some(number) = self.ladder.get(&arena.steps, price) {
            let level = &mut arena.levels[number];
            level.total.0 += Total::of(node.leaves).0;
            let total = level.total;
            (node.level, node.older, node.younger) = (number, level.youngest, NONE);
            let older = std::mem::replace(&mut level.youngest, slot);
            arena.nodes[older].younger = slot;
            return total;
        }
        let total = Total::of(node.leaves);
        let number = arena.levels.insert(Level { total, price, oldest: slot, youngest: slot });
        (node.level, node.older, node.younger) = (number, NONE, NONE);
        self.ladder.insert(&mut arena.steps, price, number);
        match side {
            Side::Buy if price > self.bid.price => self.bid = Touch { price, level: number },
            Side::Sell if price < self.ask.price => self.ask = Touch { price, level: number },
            _ => {}
        }
        total
    }

    /// Takes the order in `slot` out of its queue; it keeps its slot. What stands at its price then.
    pub fn unlink(&mut self, arena: &mut Arena, slot: u32) -> Total {
        let node = &mut arena.nodes[slot];
        let Node { leaves, older, younger, level: number, .. } = *node;
        node.level = NONE;
        let level = &mut arena.levels[number];
        level.total.0 -= Total::of(leaves).0;
        let total = level.total;
        if older == younger {
            debug_assert!(older == NONE && total == Total::NOTHING, "alone, so nothing is left");
            let price = level.price;
            self.remove_level(arena, number, price);
            return total;
        }
        match older {
            NONE => level.oldest = younger,
            _ => arena.nodes[older].younger = younger,
        }
        match younger {
            NONE => level.youngest = older,
            _ => arena.nodes[younger].older = older,
        }
        total
    }

    /// Takes `quantity`, less than its leaves, from the order in `slot`; it keeps its place. What stands at its price
    /// then.
    pub fn reduce(&mut self, arena: &mut Arena, slot: u32, quantity: Lots) -> Total {
        let node = &mut arena.nodes[slot];
        debug_assert!(quantity.0 < node.leaves, "nothing stands in a queue with nothing to trade");
        node.leaves -= quantity.0;
        let level = &mut arena.levels[node.level];
        level.total.0 -= u128::from(quantity.0);
        level.total
    }

    /// Sets the leaves, above zero, of the order in `slot`; it keeps its place.
    pub fn resize(&mut self, arena: &mut Arena, slot: u32, leaves: Lots) {
        let node = &mut arena.nodes[slot];
        let level = &mut arena.levels[node.level];
        level.total.0 = level.total.0 - u128::from(node.leaves) + u128::from(leaves.0);
        node.leaves = leaves.0;
    }

    fn remove_level(&mut self, arena: &mut Arena, number: u32, price: u64) {
        self.ladder.remove(&mut arena.steps, price);
        // Everything below a bid is a bid, everything above an ask an ask.
        if number == self.bid.level {
            let next = self.ladder.next_below(&arena.steps, price);
            self.bid = next.map_or(NO_BID, |level| Touch { price: arena.levels[level].price, level });
        } else if number == self.ask.level {
            let next = self.ladder.next_above(&arena.steps, price);
            self.ask = next.map_or(NO_ASK, |level| Touch { price: arena.levels[level].price, level });
        }
        arena.levels.remove(number);
    }

    /// The best level of `side` that is worse than `price`, whether or not anything stands there.
    #[must_use]
    pub fn level_beyond(&self, arena: &Arena, side: Side, price: Ticks) -> Option<LevelView> {
        let level = self.beyond(arena, side, price.0.unsigned_abs())?;
        let Level { total, price, oldest, .. } = arena.levels[level];
        Some(LevelView { price: ticks(price), total, first: oldest })
    }

    fn beyond(&self, arena: &Arena, side: Side, price: u64) -> Option<u32> {
        match side {
            Side::Buy => self.ladder.next_below(&arena.steps, price),
            Side::Sell => self.ladder.next_above(&arena.steps, price),
        }
    }

    const fn touch(&self, side: Side) -> Touch {
        match side {
            Side::Buy => self.bid,
            Side::Sell => self.ask,
        }
    }
}

const fn some(slot: u32) -> Option<u32> {
    if slot == NONE { None } else { Some(slot) }
}

fn ticks(price: u64) -> Ticks {
    Ticks(i64::try_from(price).unwrap_or(i64::MAX))
}
