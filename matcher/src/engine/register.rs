//! Every order that has a name: the open ones, with what matching does not touch, and the ended ones that are
//! remembered; found by OrderID and by the owner's ClOrdID.

mod image;

use std::cell::Cell;

use wire::{
    command::{NewOrder, OrderRef, Target},
    types::{AccountId, ClOrdId, Lots, OrderId, SelfTrade, Ticks},
};
use zerocopy::FromZeros;

use super::{
    book::{Arena, NONE},
    ids::Ids,
    index::{Index, Place, touch, touch_room},
    names::{NameKeys, same},
    owners::{Owner, Owners},
};

pub(super) use super::codes::Terms;
pub(super) use image::{EndedImage, OpenImage};

/// What an open order has besides its book node: one cache line. Its quantity is what it can still trade and what
/// it has traded, and the latter is kept of those alone that have.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Order {
    /// Zero in a slot that no order has.
    pub(super) id: OrderId,
    /// [`Order::place`], and below it [`CHANGED`] and what follows.
    place: u64,
    /// What the sum of all open orders' digests has of it; zero if nothing yet.
    pub(super) digest: u64,
    pub(super) account: AccountId,
    pub(super) name: ClOrdId,
}

const _: () = assert!(size_of::<Order>() == 64);

/// The slot is among the changed ones. Of the slot, and so it outlives the order.
const CHANGED: u64 = 1;
/// The order has a [`Traded`].
const TRADED: u64 = 2;
/// The order has attributes besides.
const HAS_EXTRA: u64 = 4;
/// Three bits: the order's [`SelfTrade`].
const SELF_TRADE: u32 = 3;
/// From here on, its place.
const PLACE: u32 = 6;

impl Order {
    const NONE: Order =
        Order { id: OrderId(0), place: 0, digest: 0, account: AccountId(0), name: ClOrdId::NONE };

    /// Who is first where orders stand in a queue: a number that each joining of a queue takes anew. It never comes
    /// near 2^58.
    pub(super) const fn place(&self) -> u64 {
        self.place >> PLACE
    }

    /// Whether it has attributes besides.
    #[inline]
    pub(super) const fn has_extra(&self) -> bool {
        self.place & HAS_EXTRA != 0
    }

    /// Its mode of self-trade prevention.
    #[inline]
    pub(super) const fn self_trade(&self) -> SelfTrade {
        match self.place >> SELF_TRADE & 7 {
            1 => SelfTrade::CancelNewest,
            2 => SelfTrade::CancelOldest,
            3 => SelfTrade::CancelBoth,
            4 => SelfTrade::Decrement,
            _ => SelfTrade::None,
        }
    }

    /// Whether it has traded.
    pub(super) const fn has_traded(&self) -> bool {
        self.place & TRADED != 0
    }
}

/// What an open order has traded. Zeroed memory that the system gives only when it is first written: most orders
/// that rest do without.
#[derive(Clone, Copy, FromZeros)]
#[repr(C, packed(8))]
pub(super) struct Traded {
    /// Sum over all fills of price times quantity, in ticks × lots.
    pub(super) notional: u128,
    pub(super) cum: Lots,
}

/// What is remembered of an ended order; of a name that a replace took from an order, the name and which order it was.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) notional: [u64; 2],
    /// Zero if only the name is remembered.
    pub(super) id: OrderId,
    /// The price; where only the name is remembered, the order's OrderID.
    pub(super) price: Ticks,
    pub(super) quantity: Lots,
    pub(super) cum: Lots,
    pub(super) account: AccountId,
    pub(super) terms: Terms,
    pub(super) name: ClOrdId,
}

const _: () = assert!(size_of::<Ended>() == 96);

impl Ended {
    /// Where only the name is remembered: of which order.
    pub(super) const fn named(&self) -> OrderId {
        OrderId(self.price.0.cast_unsigned())
    }
}

/// Where an order is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Open, in this slot.
    Open(u32),
    /// Ended, in this place of the remembered ones.
    Ended(u32),
}

/// In the indexes, the highest bit says that a number is a place among the ended orders.
const ENDED: u32 = 1 << 31;
const _: () = assert!(wire::limits::OPEN_ORDERS_MAX < ENDED);

impl Found {
    const fn code(self) -> u32 {
        match self {
            Found::Open(slot) => slot,
            Found::Ended(place) => place | ENDED,
        }
    }

    const fn from_code(code: u32) -> Found {
        if code & ENDED == 0 { Found::Open(code) } else { Found::Ended(code & !ENDED) }
    }
}

/// What points at an order that a coming command is about.
#[derive(Clone, Copy)]
enum Coming {
    Nothing,
    Name(u32),
    Id(u64),
}

pub(super) struct Register {
    /// By the slot of the book node.
    orders: Vec<Order>,
    /// Likewise, of those that have traded.
    traded: Vec<Traded>,
    /// Slots of orders that have changed since their digests were computed, each once.
    changed: Vec<u32>,
    /// The sum of all open orders' digests, as far as they are computed.
    sum: u64,
    pub(super) owners: Owners,
    /// A ring: once full, the oldest is where the next one comes.
    ended: Vec<Ended>,
    /// By place, what the sum of the remembered ones' digests has of each.
    digests: Vec<u64>,
    ended_max: u32,
    ended_total: u64,
    /// How many had ended before the one in the first place: some, after the ring has come back from an image.
    ended_origin: u64,
    /// How many of them have their digest, or were forgotten before it came to that.
    ended_digested: u64,
    ended_sum: u64,
    names: Index,
    ids: Ids,
    keys: NameKeys,
    /// The open order looked up or entered last, and the hash of its name: it is often the next one to end.
    last: Cell<(u32, u32)>,
    coming: Coming,
    /// Once the ring is full: the hash of the name that is forgotten next.
    due: u32,
}

impl Register {
    /// `before` is the number before the first OrderID.
    pub(super) fn new(owners: Owners, open_max: u32, ended_max: u32, seed: u64, before: u64) -> Register {
        let total = u64::from(open_max) + u64::from(ended_max);
        let mut orders = Vec::with_capacity(open_max as usize);
        let mut ended = Vec::with_capacity(ended_max as usize);
        shm::huge_pages(orders.spare_capacity_mut());
        shm::huge_pages(ended.spare_capacity_mut());
        let mut digests = Vec::with_capacity(ended_max as usize);
        shm::huge_pages(digests.spare_capacity_mut());
        Register {
            orders,
            owners,
            traded: Traded::new_vec_zeroed(open_max as usize).expect("memory for the bound on open orders"),
            changed: Vec::with_capacity(open_max as usize),
            sum: 0,
            ended,
            digests,
            ended_max,
            ended_total: 0,
            ended_origin: 0,
            ended_digested: 0,
            ended_sum: 0,
            names: Index::new(total),
            ids: Ids::new(total, seed, before),
            keys: NameKeys::new(seed),
            last: Cell::new((NONE, 0)),
            coming: Coming::Nothing,
            due: 0,
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch_room(&mut self.orders);
        self.owners.prefault();
        touch(&mut self.traded);
        touch_room(&mut self.changed);
        touch_room(&mut self.ended);
        touch_room(&mut self.digests);
        self.names.prefault();
        self.ids.prefault();
    }

    /// Bytes for each order that may be open.
    pub(super) const ORDER_BYTES: usize =
        size_of::<Order>() + Owners::ORDER_BYTES + size_of::<Traded>() + size_of::<u32>();

    /// Bytes of the two indexes.
    pub(super) fn index_bytes(open_max: u32, ended_max: u32) -> u64 {
        let total = u64::from(open_max) + u64::from(ended_max);
        Index::bytes(total) + Ids::bytes(total)
    }

    /// Enters a new order that has its node in `slot`.
    pub(super) fn enter(&mut self, slot: u32, id: OrderId, new: &NewOrder) {
        let owner = self.owners.of(new.head.session(), new.head.account);
        self.owners.enter(slot, owner);
        let order = Order { id, account: new.head.account, name: new.cl_ord_id, ..Order::NONE };
        // Slots are dense and this is as long as the book's own slab: the push never reallocates.
        if slot as usize == self.orders.len() {
            self.orders.push(order);
        } else {
            let place = self.orders[slot as usize].place & CHANGED;
            self.orders[slot as usize] = Order { place, ..order };
        }
        self.change(slot);
        self.ids.insert(id.0, slot);
        if new.flags & NewOrder::QUOTE != 0 {
            return; // it bears a name that finds nothing
        }
        let hash = self.name_hash(owner, &new.cl_ord_id);
        self.last.set((slot, hash));
        self.names.insert(hash, slot);
    }

    pub(super) fn order(&self, slot: u32) -> &Order {
        &self.orders[slot as usize]
    }

    /// Sets what an order that was just entered does when it meets one of its own account.
    pub(super) fn set_self_trade(&mut self, slot: u32, mode: SelfTrade) {
        self.orders[slot as usize].place |= (mode as u64) << SELF_TRADE;
    }

    /// The order in `slot` has attributes from now on.
    pub(super) fn set_has_extra(&mut self, slot: u32) {
        self.orders[slot as usize].place |= HAS_EXTRA;
    }

    /// The order in `slot` has joined a queue, and `place` is the number that it took.
    #[inline]
    pub(super) fn take_place(&mut self, slot: u32, place: u64) {
        self.change(slot);
        let order = &mut self.orders[slot as usize];
        order.place = place << PLACE | order.place & ((1 << PLACE) - 1);
    }

    /// What the order in `slot` has traded.
    #[inline]
    pub(super) fn traded(&self, slot: u32) -> Traded {
        if self.order(slot).has_traded() {
            self.traded[slot as usize]
        } else {
            Traded { notional: 0, cum: Lots(0) }
        }
    }

    /// The order in `slot` trades.
    #[inline]
    pub(super) fn trade(&mut self, slot: u32, quantity: Lots, notional: u128) {
        self.change(slot);
        let Traded { notional: before, cum } = self.traded(slot);
        self.orders[slot as usize].place |= TRADED;
        self.traded[slot as usize] = Traded { notional: before + notional, cum: Lots(cum.0 + quantity.0) };
    }

    /// Notes that the order in `slot`, or what else its digest is of, changes.
    #[inline]
    pub(super) fn change(&mut self, slot: u32) {
        let order = &mut self.orders[slot as usize];
        if order.place & CHANGED == 0 {
            order.place |= CHANGED;
            // As long as there are slots: this never reallocates.
            self.changed.push(slot);
        }
    }

    /// Orders that have changed, and remembered ones that came, since their digests were computed.
    #[inline]
    pub(super) const fn stale(&self) -> (usize, u64) {
        (self.changed.len(), self.ended_total - self.ended_digested)
    }

    /// The slot of a changed order, which counts as unchanged from now on, and whether it is open still.
    pub(super) fn next_changed(&mut self) -> Option<(u32, bool)> {
        let slot = self.changed.pop()?;
        let order = &mut self.orders[slot as usize];
        order.place &= !CHANGED;
        Some((slot, order.id != OrderId(0)))
    }

    /// The slot of the order that [`Register::next_changed`] gives a few times later.
    pub(super) fn changed_soon(&self) -> Option<u32> {
        const AHEAD: usize = 12;
        self.changed.len().checked_sub(AHEAD).map(|place| self.changed[place])
    }

    /// Begins to fetch the order in `slot`.
    #[inline]
    pub(super) fn prefetch_order(&self, slot: u32) {
        shm::prefetch(&self.orders[slot as usize]);
    }

    /// The digest of the order in `slot` is `digest` now.
    pub(super) fn refresh(&mut self, slot: u32, digest: u64) {
        let former = std::mem::replace(&mut self.orders[slot as usize].digest, digest);
        self.sum = self.sum.wrapping_add(digest).wrapping_sub(former);
    }

    /// Computes the digest of the remembered one that came first of those without one; whether there was one.
    pub(super) fn refresh_ended(&mut self, digest: impl FnOnce(u64, &Ended) -> u64) -> bool {
        let oldest = self.ended_total - self.ended.len() as u64;
        let number = self.ended_digested.max(oldest);
        if number == self.ended_total {
            self.ended_digested = number;
            return false;
        }
        let place = self.place_of(number) as usize;
        let digest = digest(number + 1, &self.ended[place]);
        self.digests[place] = digest;
        self.ended_sum = self.ended_sum.wrapping_add(digest);
        self.ended_digested = number + 1;
        true
    }

    /// The sums of the digests of open orders and of remembered ones, as far as they are computed.
    pub(super) const fn sums(&self) -> [u64; 2] {
        [self.sum, self.ended_sum]
    }

    /// Ended orders and names that may be remembered.
    pub(super) const fn ended_max(&self) -> u32 {
        self.ended_max
    }

    pub(super) fn ended(&self, place: u32) -> &Ended {
        &self.ended[place as usize]
    }

    /// Slots of open orders, free ones included.
    pub(super) const fn slots(&self) -> u64 {
        self.orders.len() as u64
    }

    /// How many have ended so far, those that are forgotten included: they are numbered from 0.
    pub(super) const fn ended_so_far(&self) -> u64 {
        if self.ended_max == 0 { 0 } else { self.ended_total }
    }

    /// The ended one of this number, which must not be forgotten.
    pub(super) fn ended_at(&self, number: u64) -> &Ended {
        self.ended(self.place_of(number))
    }

    /// Whose the order is that was found.
    pub(super) fn owner_of(&self, arena: &Arena, found: Found) -> Owner {
        let (terms, account) = match found {
            Found::Open(slot) => (Terms(arena.tag(slot)), self.order(slot).account),
            Found::Ended(place) => (self.ended(place).terms, self.ended(place).account),
        };
        self.owners.of(terms.session(), account)
    }

    /// Whether `owner` has used `name`, as far as is remembered.
    pub(super) fn is_used(&self, arena: &Arena, owner: Owner, name: &ClOrdId) -> bool {
        self.place_of_name(arena, owner, name).is_some()
    }

    /// The order that `owner` called `name` last.
    pub(super) fn by_name(&self, arena: &Arena, owner: Owner, name: &ClOrdId) -> Option<Found> {
        let (_, code) = self.place_of_name(arena, owner, name)?;
        let found = Found::from_code(code);
        match found {
            Found::Ended(place) if self.ended(place).id == OrderId(0) => None,
            _ => Some(found),
        }
    }

    /// The order that `owner` calls `name` or did before replaces: the name is not remembered longer than the order.
    pub(super) fn once_named(&self, arena: &Arena, owner: Owner, name: &ClOrdId) -> Option<Found> {
        let (_, code) = self.place_of_name(arena, owner, name)?;
        match Found::from_code(code) {
            Found::Ended(place) if self.ended(place).id == OrderId(0) => {
                self.by_id(self.ended(place).named())
            }
            found => Some(found),
        }
    }

    /// The order with this OrderID.
    pub(super) fn by_id(&self, id: OrderId) -> Option<Found> {
        let code = self.ids.find(id.0, |code| match Found::from_code(code) {
            Found::Open(slot) => self.order(slot).id == id,
            Found::Ended(place) => self.ended(place).id == id,
        });
        code.map(Found::from_code)
    }

    /// Gives the open order in `slot` another name, not used before; the former one is remembered.
    pub(super) fn rename(&mut self, arena: &Arena, slot: u32, name: ClOrdId) {
        self.change(slot);
        let terms = Terms(arena.tag(slot));
        let former = std::mem::replace(&mut self.orders[slot as usize].name, name);
        let Order { account, id, .. } = self.orders[slot as usize];
        let hash = self.hash_of(slot, terms, &former);
        if let Some((place, _)) = self.names.find(hash, |code| code == slot) {
            self.names.remove(place);
        }
        let renamed = self.name_hash(self.owners.of(terms.session(), account), &name);
        self.last.set((slot, renamed));
        self.names.insert(renamed, slot);
        let only_the_name = Ended {
            notional: [0; 2],
            id: OrderId(0),
            price: Ticks(id.0.cast_signed()),
            quantity: Lots(0),
            cum: Lots(0),
            account,
            terms,
            name: former,
        };
        if let Some(code) = self.remember(only_the_name) {
            self.names.insert(hash, code);
        }
    }

    /// The open order in `slot` ends: it is remembered, and its slot may be given away.
    pub(super) fn end(&mut self, arena: &Arena, slot: u32, price: Ticks) {
        let terms = Terms(arena.tag(slot));
        let Traded { notional, cum } = self.traded(slot);
        let order = &mut self.orders[slot as usize];
        let Order { id, digest, account, name, .. } = *order;
        order.id = OrderId(0);
        self.sum = self.sum.wrapping_sub(digest);
        self.owners.leave(slot, self.owners.of(terms.session(), account));
        if terms.is_quote() {
            return self.ids.remove(id.0, slot);
        }
        let quantity = Lots(arena.leaves(slot).0 + cum.0);
        let notional = wire::event::Event::halves(notional);
        let ended = Ended { notional, id, price, quantity, cum, account, terms, name };
        let code = self.remember(ended);
        let by_name = self.names.find(self.hash_of(slot, terms, &name), |code| code == slot);
        let Some((by_name, _)) = by_name else { unreachable!("an open order stands in the index") };
        match code {
            Some(code) => {
                self.names.set(by_name, code);
                self.ids.set(id.0, slot, code);
            }
            None => {
                self.names.remove(by_name);
                self.ids.remove(id.0, slot);
            }
        }
    }

    /// What is remembered, oldest first, each with its number.
    pub(super) fn remembered(&self) -> impl Iterator<Item = (u64, &Ended)> {
        let full = self.ended.len() == self.ended_max as usize;
        let oldest = if full { self.next_place() as usize } else { 0 };
        (self.forgotten() + 1..).zip(self.ended[oldest..].iter().chain(&self.ended[..oldest]))
    }

    /// The digest of the remembered one with this number, if it has one yet.
    pub(super) fn digest_of(&self, number: u64) -> Option<u64> {
        (number <= self.ended_digested).then(|| self.digests[self.place_of(number - 1) as usize])
    }

    /// Whether the order in `slot` has changed since its digest was computed.
    pub(super) fn is_changed(&self, slot: u32) -> bool {
        self.orders[slot as usize].place & CHANGED != 0
    }

    /// How many ended orders and names are no longer remembered.
    pub(super) fn forgotten(&self) -> u64 {
        self.ended_total - self.ended.len() as u64
    }

    /// Adds to the remembered ones, in place of the oldest if there is no more room; its code for the indexes,
    /// or none if nothing is to be remembered.
    fn remember(&mut self, ended: Ended) -> Option<u32> {
        let place = self.next_place();
        self.ended_total += 1;
        if self.ended_max == 0 {
            return None;
        }
        if self.ended.len() < self.ended_max as usize {
            self.ended.push(ended);
            self.digests.push(0);
        } else {
            let number = self.ended_total - 1 - u64::from(self.ended_max);
            if number < self.ended_digested {
                self.ended_sum = self.ended_sum.wrapping_sub(self.digests[place as usize]);
            }
            let oldest = self.ended[place as usize];
            let code = Found::Ended(place).code();
            if let Some((by_name, _)) = self.names.find(self.due, |found| found == code) {
                self.names.remove(by_name);
            }
            if oldest.id != OrderId(0) {
                self.ids.remove(oldest.id.0, code);
            }
            self.ended[place as usize] = ended;
        }
        if self.ended.len() == self.ended_max as usize {
            // Three ahead, so that it is there when its turn comes to be looked at.
            let later = &self.ended[self.place_of(self.ended_total + 3) as usize];
            shm::prefetch(later);
            shm::prefetch(&later.name);
            // Known one ahead, so that its bucket is on its way when it is needed.
            let next = &self.ended[self.next_place() as usize];
            self.due = self.keys.hash(self.owners.of(next.terms.session(), next.account), &next.name);
            self.names.prefetch(self.due);
        }
        Some(Found::Ended(place).code())
    }

    fn next_place(&self) -> u32 {
        self.place_of(self.ended_total)
    }

    /// Where the remembered one stands before which `number` came.
    #[expect(clippy::cast_possible_truncation, reason = "less than ended_max")]
    fn place_of(&self, number: u64) -> u32 {
        ((number - self.ended_origin) % u64::from(self.ended_max.max(1))) as u32
    }

    fn place_of_name(&self, arena: &Arena, owner: Owner, name: &ClOrdId) -> Option<(Place, u32)> {
        let hash = self.name_hash(owner, name);
        let found = self.names.find(hash, |code| {
            let found = Found::from_code(code);
            let its_own = match found {
                Found::Open(slot) => &self.order(slot).name,
                Found::Ended(place) => &self.ended(place).name,
            };
            same(its_own, name) && self.owner_of(arena, found) == owner
        });
        if let Some((_, code)) = found
            && code & ENDED == 0
        {
            self.last.set((code, hash));
        }
        found
    }

    /// The hash of `name`, by which the open order in `slot` goes.
    fn hash_of(&self, slot: u32, terms: Terms, name: &ClOrdId) -> u32 {
        let (last, hash) = self.last.get();
        let owner = || self.owners.of(terms.session(), self.order(slot).account);
        let hash = if last == slot { hash } else { self.name_hash(owner(), name) };
        debug_assert_eq!(hash, self.name_hash(owner(), name));
        hash
    }

    /// Fetches the place of a name. Its hash.
    #[inline]
    pub(super) fn prefetch_name(&self, owner: Owner, name: &ClOrdId) -> u32 {
        let hash = self.name_hash(owner, name);
        self.names.prefetch(hash);
        hash
    }

    /// Fetches where to find the order that `reference` points at, and next time the order itself.
    pub(super) fn prefetch(&mut self, owner: Owner, reference: &OrderRef) {
        self.coming = match reference.target() {
            Target::Client(name) => Coming::Name(self.prefetch_name(owner, &name)),
            Target::Venue(id) => {
                self.ids.prefetch(id.0);
                Coming::Id(id.0)
            }
        };
    }

    /// Fetches the order whose place was fetched last time.
    #[inline]
    pub(super) fn prefetch_coming(&mut self, arena: &Arena) {
        let code = match std::mem::replace(&mut self.coming, Coming::Nothing) {
            Coming::Nothing => None,
            Coming::Name(hash) => self.names.first(hash),
            Coming::Id(id) => self.ids.find(id, |_| true),
        };
        match code.map(Found::from_code) {
            Some(Found::Open(slot)) => {
                self.prefetch_order(slot);
                self.owners.prefetch(slot);
                arena.prefetch(slot);
            }
            Some(Found::Ended(place)) => {
                shm::prefetch(self.ended(place));
                shm::prefetch(&self.ended(place).name);
            }
            None => {}
        }
    }

    pub(super) fn name_hash(&self, owner: Owner, name: &ClOrdId) -> u32 {
        self.keys.hash(owner, name)
    }
}
