//! Every order that has a name: the open ones, with what matching does not touch, and the ended ones that are
//! remembered; found by OrderID and by the session's ClOrdID.

use std::hash::Hasher;

use foldhash::{SharedSeed, quality::FoldHasher};
use wire::{
    command::NewOrder,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, OrderId, OrderType, SessionId, Side, Ticks, TimeInForce,
    },
};

use super::{
    book::{Arena, NONE},
    index::{Index, Place},
};

/// Session, instrument and the coded fields of an order, in the four bytes that its book node has to spare:
/// 12 + 12 + 8 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms(pub(super) u32);

const _: () = assert!(wire::limits::SESSIONS_MAX <= 1 << 12 && wire::limits::INSTRUMENTS_MAX <= 1 << 12);

impl Terms {
    pub(super) fn of(new: &NewOrder) -> Terms {
        Terms(
            new.head.session.0 << 20
                | new.head.instrument.0 << 8
                | u32::from(new.flags & NewOrder::POST_ONLY) << 7
                | u32::from(new.side == Side::Sell) << 6
                | type_bits(new.order_type) << 3
                | u32::from(new.time_in_force.fix() & 7),
        )
    }

    pub(super) const fn session(self) -> SessionId {
        SessionId(self.0 >> 20)
    }

    pub(super) const fn instrument(self) -> InstrumentId {
        InstrumentId(self.0 >> 8 & 0xFFF)
    }

    pub(super) const fn side(self) -> Side {
        if self.0 & 1 << 6 == 0 { Side::Buy } else { Side::Sell }
    }

    pub(super) const fn order_type(self) -> OrderType {
        match self.0 >> 3 & 7 {
            0 => OrderType::Limit,
            1 => OrderType::Market,
            2 => OrderType::Stop,
            3 => OrderType::StopLimit,
            _ => OrderType::TrailingStop,
        }
    }

    /// The same with another type.
    pub(super) const fn with_type(self, order_type: OrderType) -> Terms {
        Terms(self.0 & !(7 << 3) | type_bits(order_type) << 3)
    }

    pub(super) const fn flags(self) -> u8 {
        if self.0 & 1 << 7 == 0 { 0 } else { NewOrder::POST_ONLY }
    }

    pub(super) const fn post_only(self) -> bool {
        self.flags() != 0
    }

    pub(super) const fn time_in_force(self) -> TimeInForce {
        // The low bits of the FIX characters '0' to '7' are their digits.
        match self.0 & 7 {
            0 => TimeInForce::Day,
            1 => TimeInForce::Gtc,
            2 => TimeInForce::AtTheOpening,
            3 => TimeInForce::Ioc,
            4 => TimeInForce::Fok,
            6 => TimeInForce::Gtd,
            _ => TimeInForce::AtTheClose,
        }
    }
}

const fn type_bits(order_type: OrderType) -> u32 {
    match order_type {
        OrderType::Limit => 0,
        OrderType::Market => 1,
        OrderType::Stop => 2,
        OrderType::StopLimit => 3,
        OrderType::TrailingStop => 4,
    }
}

/// What an open order has besides its book node. With it, 104 bytes.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) notional: u128,
    pub(super) id: OrderId,
    pub(super) quantity: Lots,
    pub(super) account: AccountId,
    pub(super) name: ClOrdId,
    /// Neighbours among the session's open orders, in order of OrderID.
    earlier: u32,
    later: u32,
}

const _: () = assert!(size_of::<Order>() == 80);

/// What is remembered of an ended order; of a name that a replace took from an order, the name alone.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) notional: [u64; 2],
    /// Zero if only the name is remembered.
    pub(super) id: OrderId,
    pub(super) price: Ticks,
    pub(super) quantity: Lots,
    pub(super) cum: Lots,
    pub(super) account: AccountId,
    pub(super) terms: Terms,
    pub(super) name: ClOrdId,
}

const _: () = assert!(size_of::<Ended>() == 96);

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

/// A session's open orders, by their slots.
#[derive(Clone, Copy)]
struct Own {
    first: u32,
    last: u32,
}

pub(super) struct Register {
    /// By the slot of the book node.
    orders: Vec<Order>,
    own: Box<[Own]>,
    /// A ring: once full, the oldest is at `ended_total % ended_max`.
    ended: Vec<Ended>,
    ended_max: u32,
    ended_total: u64,
    names: Index,
    ids: Index,
    seed: u64,
    shared: SharedSeed,
}

impl Register {
    pub(super) fn new(sessions: usize, open_max: u32, ended_max: u32, seed: u64) -> Register {
        let total = u64::from(open_max) + u64::from(ended_max);
        Register {
            orders: Vec::with_capacity(open_max as usize),
            own: vec![Own { first: NONE, last: NONE }; sessions].into_boxed_slice(),
            ended: Vec::with_capacity(ended_max as usize),
            ended_max,
            ended_total: 0,
            names: Index::new(total),
            ids: Index::new(total),
            seed,
            shared: SharedSeed::from_u64(seed),
        }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        if self.orders.is_empty() && self.ended.is_empty() {
            let ended = Ended {
                notional: [0; 2],
                id: OrderId(0),
                price: Ticks(0),
                quantity: Lots(0),
                cum: Lots(0),
                account: AccountId(0),
                terms: Terms(0),
                name: ClOrdId::NONE,
            };
            let order = Order {
                notional: 0,
                id: OrderId(0),
                quantity: Lots(0),
                account: AccountId(0),
                name: ClOrdId::NONE,
                earlier: NONE,
                later: NONE,
            };
            // Vectors are as long as their capacity is asked for, so this does not reallocate.
            self.ended.resize(self.ended.capacity(), ended);
            self.ended.clear();
            self.orders.resize(self.orders.capacity(), order);
            self.orders.clear();
        }
        self.names.prefault();
        self.ids.prefault();
    }

    /// Bytes of the two indexes.
    pub(super) fn index_bytes(open_max: u32, ended_max: u32) -> u64 {
        2 * 8 * Index::buckets(u64::from(open_max) + u64::from(ended_max)) as u64
    }

    /// Enters a new order that has its node in `slot`.
    pub(super) fn enter(&mut self, slot: u32, id: OrderId, new: &NewOrder) {
        let own = &mut self.own[new.head.session.0 as usize];
        let earlier = std::mem::replace(&mut own.last, slot);
        match earlier {
            NONE => own.first = slot,
            _ => self.orders[earlier as usize].later = slot,
        }
        let order = Order {
            notional: 0,
            id,
            quantity: new.quantity,
            account: new.head.account,
            name: new.cl_ord_id,
            earlier,
            later: NONE,
        };
        // Slots are dense and this is as long as the book's own slab: the push never reallocates.
        if slot as usize == self.orders.len() {
            self.orders.push(order);
        } else {
            self.orders[slot as usize] = order;
        }
        self.names.insert(self.name_hash(new.head.session, &new.cl_ord_id), slot);
        self.ids.insert(self.id_hash(id), slot);
    }

    pub(super) fn order(&self, slot: u32) -> &Order {
        &self.orders[slot as usize]
    }

    pub(super) fn order_mut(&mut self, slot: u32) -> &mut Order {
        &mut self.orders[slot as usize]
    }

    pub(super) fn ended(&self, place: u32) -> &Ended {
        &self.ended[place as usize]
    }

    /// The session's open order with the lowest OrderID.
    pub(super) fn first_of(&self, session: SessionId) -> Option<u32> {
        Some(self.own.get(session.0 as usize)?.first).filter(|&slot| slot != NONE)
    }

    /// The next one of the same session by OrderID.
    pub(super) fn next_of_session(&self, slot: u32) -> Option<u32> {
        Some(self.order(slot).later).filter(|&slot| slot != NONE)
    }

    /// Whether `session` has used `name`, as far as is remembered.
    pub(super) fn is_used(&self, arena: &Arena, session: SessionId, name: &ClOrdId) -> bool {
        self.place_of_name(arena, session, name).is_some()
    }

    /// The order that `session` called `name` last.
    pub(super) fn by_name(&self, arena: &Arena, session: SessionId, name: &ClOrdId) -> Option<Found> {
        let (_, code) = self.place_of_name(arena, session, name)?;
        let found = Found::from_code(code);
        match found {
            Found::Ended(place) if self.ended(place).id == OrderId(0) => None,
            _ => Some(found),
        }
    }

    /// The order with this OrderID.
    pub(super) fn by_id(&self, id: OrderId) -> Option<Found> {
        self.place_of_id(id).map(|(_, code)| Found::from_code(code))
    }

    /// Gives the open order in `slot` another name, not used before; the former one is remembered.
    pub(super) fn rename(&mut self, arena: &Arena, slot: u32, name: ClOrdId) {
        let terms = Terms(arena.tag(slot));
        let former = std::mem::replace(&mut self.orders[slot as usize].name, name);
        let Order { account, .. } = self.orders[slot as usize];
        let hash = self.name_hash(terms.session(), &former);
        if let Some((place, _)) = self.names.find(hash, |code| code == slot) {
            self.names.remove(place);
        }
        self.names.insert(self.name_hash(terms.session(), &name), slot);
        let only_the_name = Ended {
            notional: [0; 2],
            id: OrderId(0),
            price: Ticks(0),
            quantity: Lots(0),
            cum: Lots(0),
            account,
            terms,
            name: former,
        };
        if let Some(code) = self.remember(arena, only_the_name) {
            self.names.insert(hash, code);
        }
    }

    /// The open order in `slot` ends: it is remembered, and its slot may be given away.
    pub(super) fn end(&mut self, arena: &Arena, slot: u32, price: Ticks) {
        let terms = Terms(arena.tag(slot));
        let Order { notional, id, quantity, account, name, earlier, later } = self.orders[slot as usize];
        let own = &mut self.own[terms.session().0 as usize];
        match earlier {
            NONE => own.first = later,
            _ => self.orders[earlier as usize].later = later,
        }
        match later {
            NONE => own.last = earlier,
            _ => self.orders[later as usize].earlier = earlier,
        }
        let cum = Lots(quantity.0 - arena.leaves(slot).0);
        let notional = wire::event::Event::halves(notional);
        let ended = Ended { notional, id, price, quantity, cum, account, terms, name };
        let code = self.remember(arena, ended);
        let by_name = self.names.find(self.name_hash(terms.session(), &name), |code| code == slot);
        let by_id = self.ids.find(self.id_hash(id), |code| code == slot);
        let (Some((by_name, _)), Some((by_id, _))) = (by_name, by_id) else {
            unreachable!("an open order stands in both indexes")
        };
        match code {
            Some(code) => {
                self.names.set(by_name, code);
                self.ids.set(by_id, code);
            }
            None => {
                self.names.remove(by_name);
                self.ids.remove(by_id);
            }
        }
    }

    /// What is remembered, oldest first.
    pub(super) fn remembered(&self) -> impl Iterator<Item = &Ended> {
        let full = self.ended.len() == self.ended_max as usize;
        let oldest = if full { self.next_place() as usize } else { 0 };
        self.ended[oldest..].iter().chain(&self.ended[..oldest])
    }

    /// How many ended orders and names are no longer remembered.
    pub(super) fn forgotten(&self) -> u64 {
        self.ended_total - self.ended.len() as u64
    }

    /// Adds to the remembered ones, in place of the oldest if there is no more room; its code for the indexes,
    /// or none if nothing is to be remembered.
    fn remember(&mut self, arena: &Arena, ended: Ended) -> Option<u32> {
        let place = self.next_place();
        self.ended_total += 1;
        if self.ended_max == 0 {
            return None;
        }
        if self.ended.len() < self.ended_max as usize {
            self.ended.push(ended);
        } else {
            let oldest = self.ended[place as usize];
            let by_name = self.place_of_name(arena, oldest.terms.session(), &oldest.name);
            if let Some((by_name, _)) = by_name {
                self.names.remove(by_name);
            }
            if oldest.id != OrderId(0)
                && let Some((by_id, _)) = self.place_of_id(oldest.id)
            {
                self.ids.remove(by_id);
            }
            self.ended[place as usize] = ended;
        }
        Some(Found::Ended(place).code())
    }

    #[expect(clippy::cast_possible_truncation, reason = "less than ended_max")]
    fn next_place(&self) -> u32 {
        (self.ended_total % u64::from(self.ended_max.max(1))) as u32
    }

    fn place_of_name(&self, arena: &Arena, session: SessionId, name: &ClOrdId) -> Option<(Place, u32)> {
        self.names.find(self.name_hash(session, name), |code| match Found::from_code(code) {
            Found::Open(slot) => {
                self.order(slot).name == *name && Terms(arena.tag(slot)).session() == session
            }
            Found::Ended(place) => {
                self.ended(place).name == *name && self.ended(place).terms.session() == session
            }
        })
    }

    fn place_of_id(&self, id: OrderId) -> Option<(Place, u32)> {
        self.ids.find(self.id_hash(id), |code| match Found::from_code(code) {
            Found::Open(slot) => self.order(slot).id == id,
            Found::Ended(place) => self.ended(place).id == id,
        })
    }

    /// Keyed, because clients choose the names.
    #[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
    fn name_hash(&self, session: SessionId, name: &ClOrdId) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.seed ^ u64::from(session.0), &self.shared);
        hasher.write(name.padded());
        hasher.finish() as u32
    }

    /// Keyed too: clients do not choose OrderIDs, but they choose which orders stay. Eight ids in a row share a
    /// cache line of the index, since they come, and mostly go, in a row.
    #[expect(clippy::cast_possible_truncation, reason = "32 bits are enough to spread and to tell apart")]
    fn id_hash(&self, id: OrderId) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.seed, &self.shared);
        hasher.write_u64(id.0 >> 3);
        hasher.finish() as u32 & !7 | id.0 as u32 & 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 98,304 of 131,072 buckets are in use: as full as an index gets.
    #[test]
    fn names_and_ids_of_the_usual_patterns_spread_even_in_a_full_index() {
        const FULL: u32 = 98_304;
        let register = Register::new(4, 1, 1, 0x5EED);
        let displacement = |hash: &dyn Fn(u32) -> u32| {
            let mut index = Index::new(u64::from(FULL));
            (0..FULL).for_each(|i| index.insert(hash(i), i));
            index.displacement()
        };
        let named = |name: String, session| {
            register.name_hash(SessionId(session), &ClOrdId::new(name.as_bytes()).unwrap())
        };
        // Uniform hashes would give 1.5 (Knuth, TAOCP 3, 6.4).
        assert!(displacement(&|i| named(format!("{i}"), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("CL-{i:012}"), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("{:036x}", u128::from(i) << 96), 0)) < 2.0);
        assert!(displacement(&|i| named(format!("{}", i / 4), i % 4)) < 2.0);
        // Ids come in eights, which overflow their lines together.
        for stride in [1, 2, 3, 8, 1 << 17] {
            let displaced = displacement(&|i| register.id_hash(OrderId(u64::from(i) * stride)));
            assert!(displaced < 16.0, "{displaced} with every {stride}th id");
        }
    }
}
