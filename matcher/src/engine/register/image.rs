//! What an image has of orders that have a name: the open ones, besides what the book and others know of them, and the
//! ended ones that are remembered.

use serde::{Deserialize, Serialize};
use wire::limits::LOTS_MAX;

use super::*;

/// What an image has of a remembered order or name.
#[derive(Serialize, Deserialize)]
pub(in crate::engine) struct EndedImage<'a> {
    notional: [u64; 2],
    id: u64,
    price: i64,
    quantity: u64,
    cum: u64,
    account: u32,
    terms: u32,
    #[serde(with = "serde_bytes")]
    name: &'a [u8],
}

/// What an image has of an open order that is kept here.
#[derive(Serialize, Deserialize)]
pub(in crate::engine) struct OpenImage<'a> {
    pub(in crate::engine) id: u64,
    /// See [`Order::place`].
    pub(in crate::engine) place: u64,
    account: u32,
    #[serde(with = "serde_bytes")]
    name: &'a [u8],
    self_trade: u8,
    /// Notional and quantity, of one that has traded.
    traded: Option<(u128, u64)>,
}

// Besides the place there are the flags and the mode, which `open_image` names one by one.
const _: () = assert!(CHANGED | TRADED | HAS_EXTRA == 7 && SELF_TRADE == 3 && PLACE == 6);

impl Register {
    /// How many have ended so far, and those that are remembered, oldest first.
    pub(in crate::engine) fn ended_images(&self) -> (u64, impl ExactSizeIterator<Item = EndedImage<'_>>) {
        // Of the rest, an order has its own image, and what finds orders and sums them up follows from them.
        let Register {
            orders: _,
            traded: _,
            changed: _,
            sum: _,
            owners: _,
            ended,
            digests: _,
            ended_max,
            ended_total,
            ended_origin: _,
            ended_digested: _,
            ended_sum: _,
            names: _,
            ids: _,
            keys: _,
            last: _,
            coming: _,
            due: _,
        } = self;
        let full = ended.len() == *ended_max as usize;
        let oldest = if full { self.next_place() as usize } else { 0 };
        let (newer, older) = ended.split_at(oldest);
        let images = (0..ended.len()).map(move |place| {
            let of = older.get(place).unwrap_or_else(|| &newer[place - older.len()]);
            let &Ended { notional, id, price, quantity, cum, account, terms, ref name } = of;
            EndedImage {
                notional,
                id: id.0,
                price: price.0,
                quantity: quantity.0,
                cum: cum.0,
                account: account.0,
                terms: terms.0,
                name: name.bytes(),
            }
        });
        (*ended_total, images)
    }

    /// What an image has of the open order in `slot`.
    pub(in crate::engine) fn open_image(&self, slot: u32) -> OpenImage<'_> {
        let order = self.order(slot);
        let Order { id, place: _, digest: _, account, name } = order;
        let traded = order.has_traded().then(|| {
            let Traded { notional, cum } = self.traded[slot as usize];
            (notional, cum.0)
        });
        let (place, self_trade) = (order.place(), order.self_trade() as u8);
        OpenImage { id: id.0, place, account: account.0, name: name.bytes(), self_trade, traded }
    }

    /// Before orders are put back: `last` is the highest OrderID there was, and `ended` of them had ended, of which
    /// `remembered` are put back.
    pub(in crate::engine) fn begin_again(&mut self, last: OrderId, ended: u64, remembered: u64) {
        self.ids.begin_after(last.0);
        (self.ended_total, self.ended_origin) = (ended - remembered, ended - remembered);
        self.ended_digested = self.ended_total;
    }

    /// Puts back a remembered one, behind those that were before it; `false` if it cannot be.
    pub(in crate::engine) fn restore_ended(&mut self, image: &EndedImage<'_>) -> bool {
        let EndedImage { notional, id, price, quantity, cum, account, terms, name } = *image;
        let Some(name) = ClOrdId::new(name) else { return false };
        let (terms, account) = (Terms(terms), AccountId(account));
        let owner = self.owners.of(terms.session(), account);
        let ended = Ended {
            notional,
            id: OrderId(id),
            price: Ticks(price),
            quantity: Lots(quantity),
            cum: Lots(cum),
            account,
            terms,
            name,
        };
        if !self.owners.knows(owner) || id > self.ids.last() || self.ended.len() == self.ended_max as usize {
            return false;
        }
        let Some(code) = self.remember(ended) else { return false };
        self.names.insert(self.name_hash(owner, &name), code);
        if id != 0 {
            self.ids.restore(id, code);
        }
        true
    }

    /// Puts back an open order that has its node in `slot` and these `terms`: in order of OrderID. `false` if it cannot be.
    pub(in crate::engine) fn restore_open(&mut self, slot: u32, terms: Terms, image: &OpenImage<'_>) -> bool {
        let OpenImage { id, place, account, name, self_trade, traded } = *image;
        let (name, account) = (ClOrdId::new(name), AccountId(account));
        // A quote may have no name.
        let name = if terms.is_quote() { Some(name.unwrap_or(ClOrdId::NONE)) } else { name };
        let owner = self.owners.of(terms.session(), account);
        let is_next =
            slot as usize == self.orders.len() && self.orders.last().is_none_or(|order| order.id.0 < id);
        let (Some(name), true) = (name, is_next) else { return false };
        let can_be = 0 < id
            && id <= self.ids.last()
            && self.owners.knows(owner)
            && place >> (64 - PLACE) == 0
            && self_trade <= SelfTrade::None as u8
            && traded.is_none_or(|(_, cum)| cum <= LOTS_MAX);
        if !can_be {
            return false;
        }
        self.owners.enter(slot, owner);
        let place = place << PLACE | u64::from(self_trade) << SELF_TRADE;
        self.orders.push(Order { id: OrderId(id), place, digest: 0, account, name });
        self.change(slot);
        if let Some((notional, cum)) = traded {
            self.orders[slot as usize].place |= TRADED;
            self.traded[slot as usize] = Traded { notional, cum: Lots(cum) };
        }
        self.ids.restore(id, slot);
        if !terms.is_quote() {
            self.names.insert(self.name_hash(owner, &name), slot);
        }
        true
    }
}
