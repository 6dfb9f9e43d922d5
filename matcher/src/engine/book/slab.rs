//! Fixed-capacity storage with dense u32 slots: all memory is reserved at start, none is touched before use.

/// No slot.
pub const NONE: u32 = u32::MAX;

/// What can stand in a [`Slab`]: a free item keeps the number of the next free one.
pub(crate) trait Item: Copy {
    const EMPTY: Self;
    fn next_free(&self) -> u32;
    fn set_next_free(&mut self, next: u32);
}

/// Items by slot. The slot freed last is given out first, so that a quiet book stays in cache.
pub(crate) struct Slab<T> {
    items: Vec<T>,
    first_free: u32,
    used: u32,
    capacity: u32,
}

impl<T: Item> Slab<T> {
    pub(crate) fn new(capacity: u32) -> Slab<T> {
        assert!(capacity < NONE);
        let mut items = Vec::with_capacity(capacity as usize);
        shm::huge_pages(items.spare_capacity_mut());
        Slab { items, first_free: NONE, used: 0, capacity }
    }

    /// Touches the memory of slots never used.
    pub(crate) fn prefault(&mut self) {
        let touched = self.items.len();
        self.items.resize(self.capacity as usize, T::EMPTY);
        self.items.truncate(touched);
    }

    /// Slots not in use.
    pub(crate) const fn free(&self) -> u32 {
        self.capacity - self.used
    }

    /// Slots in use.
    pub(crate) const fn used(&self) -> u32 {
        self.used
    }

    /// A slot for `item`; the caller has made sure that there is one.
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        assert!(self.used < self.capacity, "a slab's bound is checked before a command changes anything");
        self.used += 1;
        let slot = self.first_free;
        if slot == NONE {
            // Never more than `capacity` items, so this neither reallocates nor exceeds u32.
            self.items.push(item);
            return self.used - 1;
        }
        self.first_free = self[slot].next_free();
        self[slot] = item;
        slot
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        let next = self.first_free;
        self[slot].set_next_free(next);
        self.first_free = slot;
        self.used -= 1;
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        &self.items[slot as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.items[slot as usize]
    }
}
