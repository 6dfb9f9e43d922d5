//! A book of two sides that may cross, as they do while orders are called for an auction.

use wire::types::{Lots, Side, Ticks};

use super::book::{Arena, Book, LevelView, Total};

/// Buys and sells, each with prices of its own.
pub(super) struct Sides {
    buys: Book,
    sells: Book,
}

impl Sides {
    /// Ladder steps that it takes when it is empty.
    pub(super) const STEPS: u32 = 2;

    pub(super) fn new(arena: &mut Arena) -> Sides {
        Sides { buys: Book::new(arena), sells: Book::new(arena) }
    }

    /// What an image has of it besides its orders: how deep its ladders have become.
    pub(super) const fn depths(&self) -> [u32; 2] {
        let Sides { buys, sells } = self;
        [buys.depth(), sells.depth()]
    }

    /// Makes the ladders of empty sides as deep as they were; `false` if none can be.
    pub(super) fn deepen(&mut self, [buys, sells]: [u32; 2]) -> bool {
        self.buys.deepen(buys) && self.sells.deepen(sells)
    }

    /// See [`Book::takes`].
    pub(super) fn takes(&self, arena: &Arena, side: Side, price: Ticks) -> bool {
        self.of(side).takes(arena, price)
    }

    #[inline]
    const fn of(&self, side: Side) -> &Book {
        match side {
            Side::Buy => &self.buys,
            Side::Sell => &self.sells,
        }
    }

    #[inline]
    const fn of_mut(&mut self, side: Side) -> &mut Book {
        match side {
            Side::Buy => &mut self.buys,
            Side::Sell => &mut self.sells,
        }
    }

    /// See [`Book::crosses`].
    #[inline]
    pub(super) const fn crosses(&self, side: Side, price: Ticks) -> bool {
        self.of(side.opposite()).crosses(side, price)
    }

    /// See [`Book::best`].
    pub(super) fn best(&self, arena: &Arena, side: Side) -> Option<(Ticks, Lots)> {
        self.of(side).best(arena, side)
    }

    /// See [`Book::first`].
    #[inline]
    pub(super) fn first(&self, arena: &Arena, side: Side) -> Option<u32> {
        self.of(side).first(arena, side)
    }

    /// See [`Book::levels`].
    pub(super) fn levels(&self, arena: &Arena, side: Side) -> impl Iterator<Item = LevelView> {
        self.of(side).levels(arena, side)
    }

    /// See [`Book::level_beyond`].
    pub(super) fn level_beyond(&self, arena: &Arena, side: Side, price: Ticks) -> Option<LevelView> {
        self.of(side).level_beyond(arena, side, price)
    }

    /// See [`Book::levels_within`].
    pub(super) fn levels_within(
        &self,
        arena: &Arena,
        side: Side,
        price: Ticks,
    ) -> impl Iterator<Item = LevelView> {
        self.of(side.opposite()).levels_within(arena, side, price)
    }

    /// See [`Book::can_fill`].
    pub(super) fn can_fill(&self, arena: &Arena, side: Side, price: Ticks, quantity: Lots) -> bool {
        self.of(side.opposite()).can_fill(arena, side, price, quantity)
    }

    /// See [`Book::link`]; it may cross the other side.
    #[inline]
    pub(super) fn link(&mut self, arena: &mut Arena, slot: u32, side: Side, price: Ticks) -> Total {
        self.of_mut(side).link(arena, slot, side, price)
    }

    /// See [`Book::unlink`].
    #[inline]
    pub(super) fn unlink(&mut self, arena: &mut Arena, slot: u32, side: Side) -> Total {
        self.of_mut(side).unlink(arena, slot)
    }

    /// See [`Book::reduce`].
    #[inline]
    pub(super) fn reduce(&mut self, arena: &mut Arena, slot: u32, side: Side, quantity: Lots) -> Total {
        self.of_mut(side).reduce(arena, slot, quantity)
    }
}
