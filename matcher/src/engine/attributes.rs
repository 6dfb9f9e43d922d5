//! What few orders have: a display quantity, a stop, an expire time, a list that they came with.
//!
//! By the slot of the book node. An order without any of it has one byte here; the rest is zeroed memory that
//! the system gives only when it is first written, so plain orders do not pay for it.

use wire::{
    limits::ICEBERG_SLICES_MAX,
    types::{Lots, Nanos, OrderId, Ticks},
};
use zerocopy::FromZeros;

use super::{
    book::NONE,
    index::{touch, touch_room},
    register::Order,
};

/// The attributes of one order; zero is none.
#[derive(Clone, Copy, FromZeros)]
pub(super) struct Extra {
    /// Limit price, while a stop waits: its queue is that of the stop price.
    pub(super) price: Ticks,
    /// Display quantity.
    pub(super) display: Lots,
    /// What can still trade and does not show.
    pub(super) hidden: Lots,
    /// Stop price; of a trailing stop, where it is now.
    pub(super) stop: Ticks,
    /// A trailing stop's distance.
    pub(super) distance: Ticks,
    /// The best price since its entry, for a trailing stop.
    pub(super) best: Ticks,
    /// When it expires.
    pub(super) expire: Nanos,
    /// Neighbours among the market's trailing stops of its side, in order of OrderID.
    pub(super) earlier: u32,
    pub(super) later: u32,
    /// Its place in the queue of expire times.
    pub(super) place: u32,
    /// The list that it came with, as [`super::lists::Lists`] numbers it; 0 is none.
    pub(super) list: u32,
    /// Whether it waits off the book.
    pub(super) waits: bool,
    /// Places it takes among the open orders besides its own: one for each of its slices but the first.
    pub(super) spare: u16,
}

/// How many places besides its own an order of `quantity` takes that shows `display` of it: see
/// [`super::Config::events_max`]. No more than the bound on slices: that is checked before.
pub(super) fn spare(display: Lots, quantity: Lots) -> u16 {
    let slices = quantity.0.checked_div(display.0).map_or(1, |_| quantity.0.div_ceil(display.0));
    u16::try_from(slices - 1).unwrap_or(u16::MAX)
}

const _: () = assert!(ICEBERG_SLICES_MAX <= 1 << 16 && size_of::<Extra>() == 80);

/// One order in the queue of expire times.
type Due = (Nanos, OrderId, u32);

pub(super) struct Attributes {
    extras: Vec<Extra>,
    /// A binary heap, the earliest first.
    due: Vec<Due>,
    /// The sum of [`Extra::spare`] over all orders.
    spare: u32,
}

impl Attributes {
    /// Bytes reserved for each order.
    pub(super) const ORDER_BYTES: usize = size_of::<Extra>() + size_of::<Due>();

    pub(super) fn new(orders: u32) -> Attributes {
        let extras = Extra::new_vec_zeroed(orders as usize).expect("memory for the bound on open orders");
        Attributes { extras, due: Vec::with_capacity(orders as usize), spare: 0 }
    }

    /// Touches all of its memory.
    pub(super) fn prefault(&mut self) {
        touch(&mut self.extras);
        touch_room(&mut self.due);
    }

    /// Gives the order in `slot` attributes; that it has them, the order itself has to say.
    pub(super) fn set(&mut self, slot: u32, id: OrderId, extra: Extra) {
        self.extras[slot as usize] = extra;
        self.spare += u32::from(extra.spare);
        if extra.expire.0 != 0 {
            self.due.push((extra.expire, id, slot));
            self.rise(self.due.len() - 1);
        }
    }

    /// The order in `slot`, which has attributes, ends.
    pub(super) fn end(&mut self, slot: u32) {
        self.spare -= u32::from(self.at(slot).spare);
        self.never_expires(slot);
    }

    /// The order in `slot`, which has attributes, has no expire time any more.
    pub(super) fn never_expires(&mut self, slot: u32) {
        let extra = self.at(slot);
        if std::mem::take(&mut extra.expire) == Nanos(0) {
            return;
        }
        let place = extra.place as usize;
        self.due.swap_remove(place);
        if place < self.due.len() {
            self.sink(place);
            self.rise(place);
        }
    }

    /// The order in `slot`, which has attributes, shows `display` of its `quantity` from now on.
    pub(super) fn show(&mut self, slot: u32, display: Lots, quantity: Lots) {
        let spare = spare(display, quantity);
        let extra = self.at(slot);
        extra.display = display;
        let former = std::mem::replace(&mut extra.spare, spare);
        self.spare = self.spare + u32::from(spare) - u32::from(former);
    }

    /// Places that all orders take besides their own.
    #[inline]
    pub(super) const fn spare(&self) -> u32 {
        self.spare
    }

    /// Those of `order`, in `slot`, if it has any.
    #[inline]
    pub(super) fn of(&self, order: &Order, slot: u32) -> Option<&Extra> {
        order.has_extra().then(|| &self.extras[slot as usize])
    }

    /// As [`Attributes::of`].
    #[inline]
    pub(super) fn of_mut(&mut self, order: &Order, slot: u32) -> Option<&mut Extra> {
        order.has_extra().then(|| self.at(slot))
    }

    /// Of an order that has attributes.
    #[inline]
    pub(super) fn at(&mut self, slot: u32) -> &mut Extra {
        &mut self.extras[slot as usize]
    }

    /// The order that expires first, and when; at one time the lowest OrderID.
    pub(super) fn first_due(&self) -> Option<(Nanos, u32)> {
        self.due.first().map(|&(at, _, slot)| (at, slot))
    }

    /// Orders in the queue of expire times, each where it says it is.
    pub(super) fn audit_due(&self) -> usize {
        for (place, &(at, _, slot)) in self.due.iter().enumerate() {
            let extra = &self.extras[slot as usize];
            assert!(extra.place as usize == place && extra.expire == at);
            assert!(place == 0 || self.due[(place - 1) / 2] < self.due[place], "a heap");
        }
        self.due.len()
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.due[place] < self.due[(place - 1) / 2] {
            self.due.swap(place, (place - 1) / 2);
            self.seat(place);
            place = (place - 1) / 2;
        }
        self.seat(place);
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = 2 * place + 1..(2 * place + 3).min(self.due.len());
            let Some(least) = children.min_by_key(|&child| self.due[child]) else { break };
            if self.due[place] < self.due[least] {
                break;
            }
            self.due.swap(place, least);
            self.seat(place);
            place = least;
        }
        self.seat(place);
    }

    #[expect(clippy::cast_possible_truncation, reason = "no more than open orders")]
    fn seat(&mut self, place: usize) {
        let slot = self.due[place].2;
        self.extras[slot as usize].place = place as u32;
    }
}

impl Extra {
    /// None of it.
    pub(super) const NOTHING: Extra = Extra {
        price: Ticks(0),
        display: Lots(0),
        hidden: Lots(0),
        stop: Ticks(0),
        distance: Ticks(0),
        best: Ticks(0),
        expire: Nanos(0),
        earlier: NONE,
        later: NONE,
        place: 0,
        list: 0,
        waits: false,
        spare: 0,
    };

    /// Takes the next slice out of what is hidden.
    pub(super) fn next_slice(&mut self) -> Lots {
        let slice = self.hidden.min(self.display);
        self.hidden.0 -= slice.0;
        slice
    }
}
