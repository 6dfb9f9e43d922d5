//! Mass status: how all open orders of a session stand, told in pieces so that nobody waits for it.
//!
//! The answer is about the orders that are open when it is asked for and still are when their turn comes. A piece looks at
//! a bounded number of them; the next one is due a while later, so that a client can read as fast as it is told.

use serde::{Deserialize, Serialize};
use wire::{
    command::{MassCancel, MassStatus},
    event::{Event, Kind},
    limits::{MASS_STATUS_PAUSE_NS, MASS_STATUS_PIECE},
    reject::Reject,
    types::{Lots, Nanos, OrderId, SessionId},
};
use zerocopy::{IntoBytes, TryFromBytes};

use super::{Digest, Engine, Found, Sink, book::NONE, report};

/// A request whose answer is not complete.
struct Asked {
    of: MassStatus,
    /// The slot of the order to look at next, or [`NONE`].
    next: u32,
    /// One that was selected, and is told once it is known whether it is the last.
    held: u32,
    /// Orders from here on came later.
    until: OrderId,
    /// The owner's open orders when it was asked.
    total: Lots,
    /// When the next piece is due.
    due: Nanos,
}

/// What an image has of such a request: orders by their OrderIDs, 0 where there is none.
#[derive(Serialize, Deserialize)]
pub(super) struct Image<'a> {
    /// The request as it came.
    #[serde(with = "serde_bytes")]
    of: &'a [u8],
    next: u64,
    held: u64,
    until: u64,
    total: u64,
    due: u64,
}

/// Requests whose answers are not complete, at most one of a session, the one that is due first in front.
pub(super) struct AskedFor {
    all: Vec<Asked>,
    /// Orders that a piece looks at.
    piece: usize,
}

impl AskedFor {
    /// A piece is no more than an eighth of the `orders` that may be open.
    pub(super) fn new(sessions: usize, orders: u32) -> AskedFor {
        let piece = (orders / 8).clamp(1, MASS_STATUS_PIECE) as usize;
        AskedFor { all: Vec::with_capacity(sessions), piece }
    }

    /// When the next piece is due.
    pub(super) fn first(&self) -> Option<Nanos> {
        self.all.first().map(|asked| asked.due)
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Engine {
    pub(super) fn mass_status<S: Sink>(&mut self, of: &MassStatus, sink: &mut S) {
        let head = &of.head;
        let asks = |bit| of.by & bit != 0;
        let reject = if head.session().0 as usize >= self.sessions.len() {
            Reject::NotEntitled
        } else if asks(MassCancel::INSTRUMENT) && self.served(head.instrument()).is_none() {
            Reject::UnknownInstrument
        } else if asks(MassCancel::ACCOUNT) && !self.may_be_account(head.account) {
            Reject::UnknownAccount
        } else if self.asked.all.iter().any(|asked| asked.of.head.session() == head.session()) {
            Reject::StillAnswering
        } else {
            Reject::None
        };
        if reject != Reject::None {
            return self.tell_none(of, reject, sink);
        }
        let owner = self.owner(head);
        let next = self.register.owners.first_of(owner).unwrap_or(NONE);
        let all = of.by & !MassCancel::SESSION == 0;
        let total = if all { Lots(self.register.owners.count_of(owner).into()) } else { Lots(0) };
        let until = OrderId(self.last_order + 1);
        let due = self.reporter.time;
        // At most one of each session, for which there is room.
        self.asked.all.push(Asked { of: *of, next, held: NONE, until, total, due });
        self.tell_piece(self.asked.all.len() - 1, sink);
    }

    /// Tells the piece that is due first, if one is.
    pub(super) fn tell_due<S: Sink>(&mut self, time: Nanos, sink: &mut S) {
        if self.asked.first().is_some_and(|due| due <= time) {
            self.tell_piece(0, sink);
        }
    }

    fn tell_piece<S: Sink>(&mut self, at: usize, sink: &mut S) {
        let mut asked = self.asked.all.remove(at);
        let mut looked = 0;
        while self.is_asked_for(&asked) && looked < self.asked.piece {
            let slot = asked.next;
            let order = self.register.order(slot);
            looked += 1;
            asked.next = self.register.owners.next(slot).unwrap_or(NONE);
            let (of, terms) = (&asked.of, self.terms(slot));
            let asks = |bit| of.by & bit != 0;
            let selected = (!asks(MassCancel::ACCOUNT) || order.account == of.head.account)
                && (!asks(MassCancel::INSTRUMENT) || terms.instrument() == of.head.instrument())
                && (!asks(MassCancel::SIDE) || terms.side() == of.side)
                && (!asks(MassCancel::QUOTES) || terms.is_quote());
            if selected {
                let former = std::mem::replace(&mut asked.held, slot);
                if former != NONE {
                    self.tell_of(&asked, former, Event::MASS, sink);
                }
            }
        }
        if self.is_asked_for(&asked) {
            asked.due = self.reporter.time.after(MASS_STATUS_PAUSE_NS);
            // Times only grow, so that the one due last is the one put last.
            return self.asked.all.push(asked);
        }
        match asked.held {
            NONE => self.tell_none(&asked.of, Reject::NoOpenOrders, sink),
            slot => self.tell_of(&asked, slot, Event::MASS | Event::LAST, sink),
        }
    }

    /// Whether the order that comes next was open when it was asked.
    fn is_asked_for(&self, asked: &Asked) -> bool {
        asked.next != NONE && self.register.order(asked.next).id < asked.until
    }

    fn tell_of<S: Sink>(&mut self, asked: &Asked, slot: u32, by: u8, sink: &mut S) {
        let event = report::answering(&asked.of.head, self.open_event(Kind::Status, slot));
        let (orig_cl_ord_id, last_quantity) = (asked.of.request_id, asked.total);
        let session = asked.of.head.session();
        self.reporter.send(Event { session, by, orig_cl_ord_id, last_quantity, ..event }, sink);
    }

    /// Ends an answer without an order.
    pub(super) fn tell_none<S: Sink>(&mut self, of: &MassStatus, reject: Reject, sink: &mut S) {
        let none = report::of_unknown(Kind::Status, &of.head);
        let by = Event::MASS | Event::LAST;
        self.reporter.send(Event { reject, by, orig_cl_ord_id: of.request_id, ..none }, sink);
    }

    /// The order in `slot`, which is its owner's still, is about to end.
    #[cold]
    pub(super) fn pass_over(&mut self, slot: u32) {
        let next = self.register.owners.next(slot).unwrap_or(NONE);
        for asked in &mut self.asked.all {
            if asked.next == slot {
                asked.next = next;
            }
            if asked.held == slot {
                asked.held = NONE;
            }
        }
    }

    /// What an image has of requests whose answers are not complete, in order.
    pub(super) fn asked_images(&self) -> impl ExactSizeIterator<Item = Image<'_>> {
        let AskedFor { all, piece: _ } = &self.asked;
        let id = |slot: u32| if slot == NONE { 0 } else { self.register.order(slot).id.0 };
        all.iter().map(move |Asked { of, next, held, until, total, due }| {
            let (of, next, held) = (of.as_bytes(), id(*next), id(*held));
            Image { of, next, held, until: until.0, total: total.0, due: due.0 }
        })
    }

    /// Puts a request of an image back, behind the ones before it; `false` if it cannot be.
    pub(super) fn restore_asked(&mut self, image: &Image<'_>) -> bool {
        let Image { of, next, held, until, total, due } = *image;
        let slot = |id: u64| match self.register.by_id(OrderId(id)) {
            _ if id == 0 => Some(NONE),
            Some(Found::Open(slot)) => Some(slot),
            _ => None,
        };
        let (Some(next), Some(held)) = (slot(next), slot(held)) else { return false };
        let Ok(of) = MassStatus::try_read_from_bytes(of) else { return false };
        let AskedFor { all, .. } = &mut self.asked;
        let has_room = all.len() < all.capacity() && (of.head.session().0 as usize) < self.sessions.len();
        if has_room {
            all.push(Asked { of, next, held, until: OrderId(until), total: Lots(total), due: Nanos(due) });
        }
        has_room
    }

    /// Takes in what answers are still to tell.
    pub(super) fn digest_asked(&self, digest: &mut Digest) {
        let id = |slot: u32| if slot == NONE { 0 } else { self.register.order(slot).id.0 };
        // What came later is not told, and so it does not matter which order that is.
        let told = |slot: u32, until: OrderId| if id(slot) < until.0 { id(slot) } else { 0 };
        for Asked { of, next, held, until, total, due } in &self.asked.all {
            let SessionId(session) = of.head.session();
            for word in [session.into(), told(*next, *until), id(*held), until.0, total.0, due.0] {
                digest.word(word);
            }
            let flags = u64::from(of.head.flags);
            digest.word(flags << 16 | u64::from(of.by) << 8 | u64::from(of.side.fix()));
            digest.word(u64::from(of.head.account.0) << 32 | u64::from(of.head.instrument().0));
            digest.bytes(of.request_id.padded());
        }
    }
}
