//! Mass status, told in pieces.

use std::collections::VecDeque;

use matcher::engine::Digest;
use wire::{
    command::{MassCancel, MassStatus},
    event::{Event, Kind},
    limits::{MASS_STATUS_PAUSE_NS, MASS_STATUS_PIECE},
    reject::Reject,
    types::{Lots, Nanos, OrderStatus},
};

use super::{
    Twin,
    order::{nothing, standing},
};

/// A request that is being answered.
pub(super) struct Asked {
    of: MassStatus,
    /// OrderIDs of the owner's orders that were open, those that were looked at left out.
    left: VecDeque<u64>,
    held: Option<u64>,
    /// The number of the order that comes next after those.
    until: u64,
    total: u64,
    pub(super) due: Nanos,
}

impl Twin {
    pub(super) fn mass_status(&mut self, of: &MassStatus) {
        let head = &of.head;
        let by = |bit| of.by & bit != 0;
        let reject = if head.session().0 as usize >= self.config.sessions.len() {
            Reject::NotEntitled
        } else if by(MassCancel::INSTRUMENT) && !self.has_instrument(head.instrument()) {
            Reject::UnknownInstrument
        } else if by(MassCancel::ACCOUNT) && !self.has_account(head.account.0) {
            Reject::UnknownAccount
        } else if self.asked.iter().any(|asked| asked.of.head.session() == head.session()) {
            Reject::StillAnswering
        } else {
            Reject::None
        };
        if reject != Reject::None {
            return self.tell_no_order(of, reject);
        }
        let own = self.open.values().filter(|order| self.owner_of(order) == self.owner(head));
        let left: VecDeque<u64> = own.map(|order| order.id).collect();
        let total = if of.by & !MassCancel::SESSION == 0 { left.len() as u64 } else { 0 };
        let asked = Asked { of: *of, left, held: None, until: self.orders + 1, total, due: self.time };
        self.tell_piece(asked);
    }

    /// The piece that is due first.
    pub(super) fn tell_due(&mut self) {
        if self.asked.first().is_some_and(|asked| asked.due <= self.time) {
            let asked = self.asked.remove(0);
            self.tell_piece(asked);
        }
    }

    fn tell_piece(&mut self, mut asked: Asked) {
        asked.left.retain(|id| self.open.contains_key(id));
        asked.held = asked.held.filter(|id| self.open.contains_key(id));
        let piece = (self.config.open_orders_max / 8).clamp(1, MASS_STATUS_PIECE);
        for _ in 0..piece {
            let Some(id) = asked.left.pop_front() else { break };
            let (order, of) = (&self.open[&id], &asked.of);
            let by = |bit| of.by & bit != 0;
            if (!by(MassCancel::QUOTES) || order.quote)
                && (!by(MassCancel::ACCOUNT) || order.account == of.head.account)
                && (!by(MassCancel::INSTRUMENT) || order.instrument == of.head.instrument())
                && (!by(MassCancel::SIDE) || order.side == of.side)
                && let Some(former) = asked.held.replace(id)
            {
                self.tell_of(&asked, former, 0);
            }
        }
        if !asked.left.is_empty() {
            asked.due = Nanos(self.time.0 + MASS_STATUS_PAUSE_NS);
            return self.asked.push(asked);
        }
        match asked.held {
            Some(id) => self.tell_of(&asked, id, Event::LAST),
            None => self.tell_no_order(&asked.of, Reject::NoOpenOrders),
        }
    }

    fn tell_of(&mut self, asked: &Asked, id: u64, last: u8) {
        self.tell(Event {
            kind: Kind::Status,
            session: asked.of.head.session(),
            by: Event::MASS + last,
            orig_cl_ord_id: asked.of.request_id,
            last_quantity: Lots(asked.total),
            ..standing(&self.open[&id])
        });
    }

    pub(super) fn tell_no_order(&mut self, of: &MassStatus, reject: Reject) {
        self.tell(Event {
            kind: Kind::Status,
            status: OrderStatus::Rejected,
            session: of.head.session(),
            account: of.head.account,
            instrument: of.head.instrument(),
            reject,
            by: Event::MASS + Event::LAST,
            orig_cl_ord_id: of.request_id,
            ..nothing()
        });
    }

    pub(super) fn digest_asked(&self, digest: &mut Digest) {
        for asked in &self.asked {
            let next = asked.left.iter().find(|id| self.open.contains_key(id)).copied().unwrap_or(0);
            let held = asked.held.filter(|id| self.open.contains_key(id)).unwrap_or(0);
            let head = &asked.of.head;
            let flags = u64::from(head.flags) << 16;
            let by = flags | u64::from(asked.of.by) << 8 | u64::from(asked.of.side.fix());
            let about = u64::from(head.account.0) << 32 | u64::from(head.instrument().0);
            let words =
                [head.session().0.into(), next, held, asked.until, asked.total, asked.due.0, by, about];
            words.into_iter().for_each(|word| digest.word(word));
            digest.bytes(asked.of.request_id.padded());
        }
    }
}
