//! Connections by their place, and the names that lead to them.

use super::ConnId;

/// A table of connections. A place is taken again when its connection is gone, under another generation.
#[derive(Debug)]
pub(super) struct Slots<C> {
    slots: Vec<Slot<C>>,
    free: Vec<u32>,
    max: u32,
}

#[derive(Debug)]
struct Slot<C> {
    generation: u32,
    conn: Option<C>,
}

impl<C> Slots<C> {
    /// A table of at most `max` connections; memory comes with the connections.
    pub(super) const fn new(max: u32) -> Slots<C> {
        Slots { slots: Vec::new(), free: Vec::new(), max }
    }

    /// Connections in the table.
    pub(super) const fn taken(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// A place for one more, to be given to [`Slots::fill`]; `None` if the table is full.
    pub(super) fn vacancy(&mut self) -> Option<u32> {
        if let Some(&slot) = self.free.last() {
            return Some(slot);
        }
        let slot = u32::try_from(self.slots.len()).ok().filter(|&slot| slot < self.max)?;
        self.slots.push(Slot { generation: 0, conn: None });
        self.free.push(slot);
        Some(slot)
    }

    /// Puts `conn` into the place that [`Slots::vacancy`] has just given.
    pub(super) fn fill(&mut self, slot: u32, conn: C) -> ConnId {
        assert_eq!(self.free.pop(), Some(slot), "only the vacancy may be filled");
        let place = &mut self.slots[slot as usize];
        place.generation = place.generation.wrapping_add(1);
        place.conn = Some(conn);
        ConnId { slot, generation: place.generation }
    }

    /// The name of whatever is in place `slot`.
    pub(super) fn id(&self, slot: u32) -> ConnId {
        ConnId { slot, generation: self.slots[slot as usize].generation }
    }

    pub(super) fn get(&self, id: ConnId) -> Option<&C> {
        self.slots.get(id.slot()).filter(|slot| slot.generation == id.generation)?.conn.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: ConnId) -> Option<&mut C> {
        self.slots.get_mut(id.slot()).filter(|slot| slot.generation == id.generation)?.conn.as_mut()
    }

    /// What is in place `slot`, whatever its name.
    pub(super) fn at(&mut self, slot: u32) -> Option<&mut C> {
        self.slots.get_mut(slot as usize)?.conn.as_mut()
    }

    pub(super) fn peek(&self, slot: u32) -> Option<&C> {
        self.slots.get(slot as usize)?.conn.as_ref()
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<C> {
        let conn = self.slots.get_mut(slot as usize)?.conn.take();
        self.free.extend(conn.is_some().then_some(slot));
        conn
    }

    /// All places there have ever been, taken or not.
    pub(super) fn places(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_connection_and_never_to_the_next_one_in_its_place() {
        let mut slots = Slots::new(2);
        let open = |slots: &mut Slots<u8>, conn| slots.vacancy().map(|slot| slots.fill(slot, conn));
        let first = open(&mut slots, 1).unwrap();
        let second = open(&mut slots, 2).unwrap();
        assert!(open(&mut slots, 3).is_none(), "the table is full");
        assert_eq!(slots.remove(first.slot), Some(1));
        assert_eq!(slots.remove(first.slot), None);
        assert_eq!((slots.taken(), slots.get(first)), (1, None));
        let third = open(&mut slots, 3).unwrap();
        assert_eq!((third.slot, slots.get(first)), (first.slot, None));
        assert_eq!(slots.get_mut(third), Some(&mut 3));
        assert_eq!((slots.get(second), slots.taken(), slots.places()), (Some(&2), 2, 0..2));
    }

    #[test]
    fn a_vacancy_that_was_not_filled_is_given_again() {
        let mut slots = Slots::<u8>::new(1);
        assert_eq!((slots.vacancy(), slots.vacancy(), slots.taken()), (Some(0), Some(0), 0));
    }
}
