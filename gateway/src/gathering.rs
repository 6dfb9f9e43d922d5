//! Requests that go to all shards, and one answer made of theirs.
//!
//! Each shard is sent the same command, which says that it is a part ([`Head::PART`]), so that what answers it has no
//! ApplSeqNum. Counts are summed, reports of orders are passed on as they come but for the one that may be the last, and the answer
//! is complete when every shard has said all, or is known not to: then it says which are missing. What comes from those later,
//! and what a gateway finds that was killed in between, is told by itself. So nobody waits for a shard that is away, and
//! nothing that a matcher has said is dropped.
//!
//! All of it is of requests under way and dies with the process. With one shard nothing comes here.

use wire::{
    command::Head,
    event::{Event, Kind},
    limits::{GATHERED_BALANCES_MAX, GATHERED_MAX},
    reject::Reject,
    types::{AssetId, ClOrdId, Lots, Nanos, SessionId},
};

use zerocopy::{Immutable, IntoBytes};

use crate::{
    links::{Links, SHARDS, Shards},
    session_store::RingMark,
};

/// What was asked of all shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// To cancel many orders, or quotes.
    Cancel,
    /// How all open orders stand.
    Status,
    /// To cancel a list, or how it stands: one shard has it.
    List,
    /// What an account has.
    Balances,
    /// To let an account quote again in a group.
    Reset,
    /// The same, of all groups.
    ResetAll,
}

impl What {
    /// The kind of an answer that says that it was not done.
    const fn refused(self) -> Kind {
        match self {
            What::Cancel | What::Reset => Kind::NotDone,
            What::Status => Kind::Status,
            What::List => Kind::List,
            What::Balances => Kind::Balances,
            What::ResetAll => Kind::QuoteRefused,
        }
    }

    /// Whether `event` may be of an answer to it.
    const fn is_answered_by(self, event: &Event) -> bool {
        match self {
            What::Cancel => matches!(event.kind, Kind::MassCanceled | Kind::NotDone),
            What::Status => matches!(event.kind, Kind::Status),
            What::List => matches!(event.kind, Kind::List),
            What::Balances => matches!(event.kind, Kind::Balances | Kind::Balance),
            What::Reset => matches!(event.kind, Kind::Done | Kind::NotDone),
            What::ResetAll => matches!(event.kind, Kind::Quoted | Kind::QuoteRefused),
        }
    }
}

/// A request whose answer is not complete.
#[derive(Debug)]
struct Asked {
    serial: u64,
    what: What,
    session: SessionId,
    name: ClOrdId,
    msg_seq: u64,
    rx: Nanos,
    /// Shards that have not said all.
    waiting: Shards,
    missing: Shards,
    /// What is to be summed, or reports told.
    count: u64,
    /// Of each shard, balances that are still to come.
    left: [u64; SHARDS],
    /// The answer so far: at first that it is refused since all are missing.
    answer: Event,
    /// Whether a shard has carried it out.
    is_done: bool,
    /// An order that is told once it is known whether it is the last.
    held: Option<Event>,
}

/// What an account has of an asset in a shard.
#[derive(Clone, Copy, Debug)]
struct Holding {
    /// Of the request.
    serial: u64,
    shard: usize,
    event_id: u64,
    asset: AssetId,
    available: i128,
    held: i128,
}

/// All requests under way.
#[derive(Debug)]
pub(crate) struct Gathering {
    asked: Vec<Asked>,
    serial: u64,
    /// Of all requests for balances.
    holdings: Vec<Holding>,
    /// What is to be told now.
    told: Vec<Event>,
}

impl Gathering {
    /// For a venue of so many shards and assets; for one shard it takes no memory.
    pub(crate) fn new(shards: u8, assets: usize) -> Gathering {
        if shards < 2 {
            return Gathering { asked: Vec::new(), serial: 0, holdings: Vec::new(), told: Vec::new() };
        }
        let of_one = usize::from(shards) * assets;
        Gathering {
            asked: Vec::with_capacity(GATHERED_MAX),
            serial: 0,
            holdings: Vec::with_capacity(GATHERED_BALANCES_MAX * of_one),
            told: Vec::with_capacity(2 * GATHERED_MAX + GATHERED_BALANCES_MAX * of_one),
        }
    }

    /// Sends every shard `command`, whose head is `head` and came from [`Links::head_for_all`]. `promise` hears of the last ring
    /// that it goes into, before it goes into any, and how far that will be.
    ///
    /// # Errors
    /// [`Reject::MatcherAway`] if all are away, [`Reject::Busy`] if it was not sent for want of room, [`Reject::StillAnswering`] as
    /// [`Gathering::room_for`].
    pub(crate) fn ask<C: IntoBytes + Immutable + ?Sized>(
        &mut self,
        (what, name): (What, ClOrdId),
        (head, command): (&Head, &C),
        links: &mut Links,
        promise: impl FnOnce(usize, RingMark),
    ) -> Result<(), Reject> {
        let there = links.there();
        let last = there.each().last().ok_or(Reject::MatcherAway)?;
        if links.len() > 1 {
            self.room_for(what, head.session())?;
        }
        promise(last, links.at(last)?.commands(1));
        let send = |shard: &usize| links.at(*shard).is_ok_and(|link| link.send(command));
        let sent = there.each().filter(send).fold(Shards::NONE, Shards::with);
        if sent.is_empty() {
            return Err(Reject::Busy);
        }
        if links.len() > 1 {
            self.begin(what, head, name, sent, Shards::first(links.len()).but(sent));
        }
        Ok(())
    }

    /// Whether there is room for one more request.
    ///
    /// # Errors
    /// [`Reject::StillAnswering`] to a second request for a session's orders, [`Reject::Busy`] if there are too many requests.
    fn room_for(&self, what: What, session: SessionId) -> Result<(), Reject> {
        let count = |is: &dyn Fn(&Asked) -> bool| self.asked.iter().filter(|asked| is(asked)).count();
        if what == What::Status && count(&|asked| asked.what == what && asked.session == session) > 0 {
            return Err(Reject::StillAnswering);
        }
        let is_full = self.asked.len() >= GATHERED_MAX
            || what == What::Balances && count(&|asked| asked.what == what) >= GATHERED_BALANCES_MAX;
        if is_full { Err(Reject::Busy) } else { Ok(()) }
    }

    /// The request of `head`, named `name`, was sent to some shards, of which there is at least one, and not to others. There is
    /// room.
    fn begin(&mut self, what: What, head: &Head, name: ClOrdId, sent: Shards, missing: Shards) {
        let (session, rx) = (head.session(), head.rx);
        let answer = Event {
            account: head.account,
            // As with what the gateway refuses: unlike all others.
            event_id: rx.0.saturating_add(head.msg_seq),
            msg_seq: head.msg_seq,
            time: rx,
            rx,
            out: rx,
            cl_ord_id: name,
            orig_cl_ord_id: name,
            reject: Reject::PartMissing,
            by: match what {
                What::Status => Event::MASS | Event::LAST,
                What::List if head.kind == wire::command::Kind::ListStatus => {
                    Event::LISTED | Event::DONE | Event::ASKED
                }
                What::List => Event::LISTED | Event::DONE,
                _ => 0,
            },
            ..Event::blank(what.refused(), session)
        };
        // A list's and a status' own name is the one that a request points at.
        let answer = match what {
            What::Status | What::List => Event { cl_ord_id: ClOrdId::NONE, ..answer },
            _ => Event { orig_cl_ord_id: ClOrdId::NONE, ..answer },
        };
        self.serial += 1;
        self.asked.push(Asked {
            serial: self.serial,
            what,
            session,
            name,
            msg_seq: head.msg_seq,
            rx,
            waiting: sent,
            missing,
            count: 0,
            left: [0; SHARDS],
            answer,
            is_done: false,
            held: None,
        });
    }

    /// Takes in `event` of `shard`, a part of an answer; what is to be told for it now is in [`Gathering::told`].
    pub(crate) fn take(&mut self, shard: usize, event: &Event) -> &[Event] {
        self.told.clear();
        let is_it = |asked: &&mut Asked| asked.is_of(event) && asked.waiting.has(shard);
        let Some(asked) = self.asked.iter_mut().find(is_it) else {
            // Its request is forgotten.
            self.told.push(*event);
            return &self.told;
        };
        let has_said_all = match asked.what {
            What::Status => asked.status(event, &mut self.told),
            What::List => asked.list(event, &mut self.told),
            What::Balances => asked.balances(shard, event, &mut self.holdings),
            What::Cancel | What::Reset | What::ResetAll => asked.sum(event),
        };
        if has_said_all {
            asked.waiting = asked.waiting.without(shard);
            self.conclude();
        }
        &self.told
    }

    /// `shard` says nothing more of what it was asked: what is to be told for that.
    pub(crate) fn miss(&mut self, shard: usize) -> &[Event] {
        self.told.clear();
        for asked in self.asked.iter_mut().filter(|asked| asked.waiting.has(shard)) {
            asked.waiting = asked.waiting.without(shard);
            asked.missing = asked.missing.with(shard);
        }
        self.conclude();
        &self.told
    }

    /// Tells the answers that are complete.
    fn conclude(&mut self) {
        let Gathering { asked: all, holdings, told, .. } = self;
        all.retain(|asked| {
            if asked.waiting.is_empty() {
                asked.conclude(holdings, told);
                holdings.retain(|holding| holding.serial != asked.serial);
            }
            !asked.waiting.is_empty()
        });
    }
}

impl Asked {
    /// Whether `event` is of an answer to this. That of a request for orders comes in pieces, of which the later ones do not know
    /// of its message any more; of those there is one of a session.
    fn is_of(&self, event: &Event) -> bool {
        let names_it = match self.what {
            What::Status => event.orig_cl_ord_id == self.name,
            _ => event.msg_seq == self.msg_seq && event.rx == self.rx,
        };
        event.session == self.session && self.what.is_answered_by(event) && names_it
    }

    /// An answer that is one event. Whether that was all: it was.
    fn sum(&mut self, event: &Event) -> bool {
        let is_done = matches!(event.kind, Kind::MassCanceled | Kind::Done | Kind::Quoted);
        if is_done {
            self.count += event.quantity.0;
        }
        self.settle(event, is_done);
        true
    }

    /// Of answers the first that says that it was carried out counts, or else the first refusal.
    fn settle(&mut self, event: &Event, is_done: bool) {
        if is_done && !self.is_done || !is_done && self.answer.reject == Reject::PartMissing {
            self.answer = *event;
        }
        self.is_done |= is_done;
    }

    fn status(&mut self, event: &Event, told: &mut Vec<Event>) -> bool {
        if event.order_id.0 == 0 {
            self.settle(event, event.reject == Reject::NoOpenOrders);
            return true;
        }
        self.count += 1;
        let last = event.by & Event::LAST != 0;
        told.extend(self.held.replace(Event { by: Event::MASS, last_quantity: Lots(0), ..*event }));
        last
    }

    fn list(&mut self, event: &Event, told: &mut Vec<Event>) -> bool {
        if event.order_id.0 == 0 && event.by & Event::PARTS == 0 {
            self.settle(event, false);
            return true;
        }
        self.is_done = true;
        told.push(*event);
        event.last_quantity.0 >= u64::from(event.by & Event::PARTS)
    }

    fn balances(&mut self, shard: usize, event: &Event, holdings: &mut Vec<Holding>) -> bool {
        if event.kind == Kind::Balances {
            self.settle(event, event.reject == Reject::None);
            self.left[shard] = event.quantity.0;
        } else {
            let (asset, available, held) = event.balance();
            let Asked { serial, .. } = *self;
            // Bounded by the requests for which there is room, shards and assets.
            holdings.push(Holding { serial, shard, event_id: event.event_id, asset, available, held });
            self.left[shard] = self.left[shard].saturating_sub(1);
        }
        self.left[shard] == 0
    }

    /// Tells the answer, or the rest of it.
    fn conclude(&self, holdings: &[Holding], told: &mut Vec<Event>) {
        let missing = self.missing.0;
        let answer = self.answer;
        let incomplete = |kind| {
            let (reject, quantity) = (Reject::PartMissing, Lots(0));
            Event { kind, reject, quantity, ..answer }.with_missing(missing)
        };
        match self.what {
            What::Cancel if self.is_done => {
                told.push(Event { quantity: Lots(self.count), ..answer }.with_missing(missing));
            }
            What::Status => {
                let by = Event::MASS | Event::LAST;
                let last_quantity = Lots(self.count);
                match self.held {
                    Some(order) if missing == 0 => told.push(Event { by, last_quantity, ..order }),
                    held => {
                        told.extend(held);
                        let end = if missing == 0 { answer } else { incomplete(Kind::Status) };
                        told.push(Event { by, last_quantity, ..end });
                    }
                }
            }
            What::List if self.is_done => {}
            What::Balances if self.is_done => self.tell_balances(holdings, told),
            What::ResetAll if self.is_done && missing == 0 => {
                told.push(Event { quantity: Lots(self.count), ..answer });
            }
            _ if missing == 0 => told.push(answer),
            what => told.push(incomplete(what.refused())),
        }
    }

    /// Tells how many balances there are in the shards that have told of all of theirs, and these.
    fn tell_balances(&self, holdings: &[Holding], told: &mut Vec<Event>) {
        let of = holdings.iter().filter(|h| h.serial == self.serial && !self.missing.has(h.shard));
        let quantity = Lots(of.clone().count() as u64);
        let reject = if self.missing.is_empty() { Reject::None } else { Reject::PartMissing };
        let whole = Event { quantity, reject, ..self.answer }.with_missing(self.missing.0);
        told.push(whole);
        for &Holding { event_id, asset, available, held, .. } in of {
            let one = Event { kind: Kind::Balance, event_id, reject: Reject::None, fee: 0, ..whole };
            told.push(one.with_balance(asset, available, held));
        }
    }
}

#[cfg(test)]
mod tests;
