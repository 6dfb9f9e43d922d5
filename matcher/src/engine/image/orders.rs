//! Open orders in an image.

use serde::{Deserialize, Serialize};
use wire::{
    limits::{LOTS_MAX, TICKS_MAX},
    types::{Lots, Nanos, OrderId, Ticks},
};

use super::{
    super::{Engine, attributes::Extra, codes::Terms, register::OpenImage},
    Change, ImageError, known_or,
};

const NAME: &str = "open orders";

/// What an image has of an open order.
#[derive(Serialize, Deserialize)]
pub(super) struct Order<'a> {
    #[serde(borrow)]
    open: OpenImage<'a>,
    /// The price of the queue in which it stands.
    at: u64,
    leaves: u64,
    terms: u32,
    /// Of one that does without a limit the price at which it is covered, of one that has traded what it has overpaid.
    cover: (i64, u32),
    extra: Option<ExtraImage>,
}

#[derive(Serialize, Deserialize)]
struct ExtraImage {
    price: i64,
    display: u64,
    hidden: u64,
    stop: i64,
    distance: i64,
    best: i64,
    expire: u64,
    waits: bool,
    spare: u16,
}

impl Engine {
    /// What an image has of the open order in `slot`.
    pub(super) fn order_image(&self, slot: u32) -> Order<'_> {
        let (at, leaves, terms) = self.arena.standing(slot);
        let order = self.register.order(slot);
        let extra = self.attributes.of(order, slot).map(|extra| {
            // Neighbours and places follow from the orders, and the list from the lists.
            let &Extra {
                price,
                display,
                hidden,
                stop,
                distance,
                best,
                expire,
                earlier: _,
                later: _,
                place: _,
                list: _,
                waits,
                spare,
            } = extra;
            ExtraImage {
                price: price.0,
                display: display.0,
                hidden: hidden.0,
                stop: stop.0,
                distance: distance.0,
                best: best.0,
                expire: expire.0,
                waits,
                spare,
            }
        });
        let has_limit = Terms(terms).order_type().has_price();
        let cover = self.ledger.cover_image(slot, has_limit, order.has_traded());
        Order { open: self.register.open_image(slot), at, leaves: leaves.0, terms, cover, extra }
    }

    /// Puts an order of an image back, but not into its queue yet: the number of its place there, its slot, and the price.
    pub(super) fn restore_order(&mut self, order: &Order<'_>) -> Result<(u64, u32, Ticks), ImageError> {
        let Order { open, at, leaves, terms, cover, extra } = order;
        let terms = Terms(*terms);
        let prices = 1..=TICKS_MAX.unsigned_abs();
        let can_be = (1..=LOTS_MAX).contains(leaves)
            && prices.contains(at)
            && (terms.instrument().0 as usize) < self.markets.len()
            && (terms.session().0 as usize) < self.sessions.len();
        known_or(can_be, NAME)?;
        let slot = self.arena.insert(Lots(*leaves), terms.0);
        known_or(self.register.restore_open(slot, terms, open), NAME)?;
        known_or(self.ledger.restore_cover(slot, *cover), NAME)?;
        let account = self.register.order(slot).account;
        self.limits.enter(terms.session(), account);
        if terms.is_quote() && !self.quotes.restore(account, terms.instrument(), terms.side(), slot) {
            return Err(
                Change::room("quotes_max", self.quotes.room(), u64::from(self.quotes.room()) + 1).into()
            );
        }
        let price = Ticks(at.cast_signed());
        if let Some(image) = extra {
            let extra = image.extra();
            known_or(extra.hidden.0 <= LOTS_MAX && (!extra.waits || extra.stop == price), NAME)?;
            self.attributes.set(slot, OrderId(open.id), extra);
            self.register.set_has_extra(slot);
            if extra.waits {
                self.wait_again(slot);
            } else if extra.display.0 > 0 {
                self.markets[terms.instrument().0 as usize].icebergs += 1;
            }
        }
        Ok((open.place, slot, price))
    }

    /// Puts the order of an image in `slot` back at the end of the queue in which it stood.
    pub(super) fn restore_place(&mut self, slot: u32, price: Ticks) -> Result<(), ImageError> {
        let terms = self.terms(slot);
        let waits = self.attributes.of(self.register.order(slot), slot).is_some_and(|extra| extra.waits);
        let joined = self.arena.counted();
        let fits = if waits {
            self.queue_again(slot, price)
        } else {
            let queues = self.markets[terms.instrument().0 as usize].queues(terms);
            let fits = queues.takes(&self.arena, terms.side(), price);
            if fits {
                queues.link(&mut self.arena, slot, terms.side(), price);
            }
            fits
        };
        self.arena.count_from(joined);
        if fits { Ok(()) } else { Err(Change::Prices { room: self.arena.steps() }.into()) }
    }
}

impl ExtraImage {
    const fn extra(&self) -> Extra {
        let &ExtraImage { price, display, hidden, stop, distance, best, expire, waits, spare } = self;
        Extra {
            price: Ticks(price),
            display: Lots(display),
            hidden: Lots(hidden),
            stop: Ticks(stop),
            distance: Ticks(distance),
            best: Ticks(best),
            expire: Nanos(expire),
            waits,
            spare,
            ..Extra::NOTHING
        }
    }
}
