//! Market data for sessions of the binary protocol: who follows which books, and what is still to be told to whom.
//!
//! A book is told price by price: first all of it, best prices first, between SnapshotBegin and SnapshotEnd, then what changes.
//! Each BookLevel says what stands at its price, not by how much that has changed. So the walk over a deep book may take many
//! turns, with changes of what it has passed among its messages, and still ends with the book as it is.
//!
//! Nothing of it is numbered or kept for replay: who comes back asks again. The log is read on only when everybody was told of
//! what was read before, so a round's books stand still while they are told. Who has too much waiting is told of the whole
//! book later instead.

use std::collections::VecDeque;

use shm::{Bell, Log};
use wire::{
    event::Event,
    instrument::Instrument,
    limits::MARKET_DATA_OUTPUT_BYTES_MAX,
    reject::Reject,
    sbe::{
        self, HEADER_BYTES, Root, Single,
        codes::Subscription as Wanted,
        messages::{
            BookLevel, BookRequest, IndicativeAuction, RequestRefused, SnapshotBegin, SnapshotEnd, Trade,
        },
    },
    soup::Server,
    types::{ClOrdId, InstrumentId, Nanos, Side, Ticks, TradingState},
};

use crate::{
    feed::{Book, Feed, Losses},
    links::Links,
};

/// Records read in one turn.
const RECORDS_AT_ONCE: usize = 128;
/// Messages sent in one turn, but for those about one book that a subscription needs together.
const MESSAGES_AT_ONCE: usize = 512;
/// The longest message here but for refusals.
const MESSAGE_BYTES: usize = HEADER_BYTES + size_of::<BookLevel>();
const REFUSAL_BYTES: usize = HEADER_BYTES + size_of::<RequestRefused>();
const INDICATIVE_BYTES: usize = HEADER_BYTES + size_of::<IndicativeAuction>();

/// A client's connection, its output, and the number of messages sent.
pub(crate) type Outlet<'a> = (&'a mut Server, &'a mut Vec<u8>, &'a mut u64);

/// The way to members' clients.
pub(crate) trait Outlets {
    /// Its connection, where its output goes, and where messages are counted; `None` while it is not logged in.
    fn of(&mut self, member: usize) -> Option<Outlet<'_>>;
}

/// How far a subscription's client was told of the book.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It is to be told of all of it.
    Due,
    /// Of the sides before this one it was told all prices, and of this one those up to a price, if of any.
    Walking(usize, Option<Ticks>),
    /// It knows the book as it was before the news of this round.
    Live,
}

/// That a member follows a book.
struct Subscription {
    serial: u64,
    member: usize,
    /// Its client's number of the request that began it.
    msg_seq: u64,
    /// It ends with the snapshot.
    once: bool,
    /// If it is not [`Progress::Live`], it stands among those due.
    progress: Progress,
    /// The round in which it was told last.
    round: u64,
}

/// What is known of an instrument apart from its book.
#[derive(Clone, Copy, Default)]
struct Known {
    state: TradingState,
    /// The last message of what its auction would do.
    indicative: Option<[u8; INDICATIVE_BYTES]>,
}

/// All of it.
pub(crate) struct Books {
    feed: Feed,
    /// Of each instrument.
    subscriptions: Vec<Vec<Subscription>>,
    known: Vec<Known>,
    /// Of each member, how many subscriptions it has.
    counts: Vec<u32>,
    serial: u64,
    /// Subscriptions by instrument and serial whose clients are to be told of the whole book, or of more of it.
    due: VecDeque<(InstrumentId, u64)>,
    /// Books whose changes are being told.
    telling: VecDeque<InstrumentId>,
    round: u64,
    output_max: usize,
}

/// A client and what may go to it now.
struct Way<'a> {
    now: Nanos,
    output_max: usize,
    server: &'a mut Server,
    output: &'a mut Vec<u8>,
    sent: &'a mut u64,
}

impl<'a> Way<'a> {
    fn new(now: Nanos, output_max: usize, (server, output, sent): Outlet<'a>) -> Way<'a> {
        Way { now, output_max, server, output, sent }
    }

    /// Whether there is room for so many messages.
    fn has_room(&self, messages: usize) -> bool {
        // A packet has a length and a type before its message.
        self.output.len() + messages * (MESSAGE_BYTES + 3) <= self.output_max
    }

    /// Half of the room is for what changes while a book is told.
    fn is_free(&self) -> bool {
        self.output.len() <= self.output_max / 2
    }

    fn send<B: Single>(&mut self, message: &B) {
        let mut bytes = [0; REFUSAL_BYTES];
        if let Ok(len) = sbe::encode(message, &mut bytes) {
            self.send_bytes(&bytes[..len]);
        }
    }

    fn send_bytes(&mut self, message: &[u8]) {
        *self.sent += u64::from(self.server.send_unsequenced(self.now, message, self.output));
    }
}

impl Books {
    /// For so many members, of whom none may have more than `output_bytes_max` waiting.
    pub(crate) fn new(members: usize, output_bytes_max: usize) -> Books {
        Books {
            feed: Feed::default(),
            subscriptions: Vec::new(),
            known: Vec::new(),
            counts: vec![0; members],
            serial: 0,
            due: VecDeque::new(),
            telling: VecDeque::new(),
            round: 0,
            output_max: MARKET_DATA_OUTPUT_BYTES_MAX.min(output_bytes_max / 2),
        }
    }

    /// The log of the matcher of `shard`.
    pub(crate) fn attach(&mut self, shard: usize, log: Log) {
        self.feed.attach(shard, log);
    }

    /// What was lost on the way from the matcher.
    pub(crate) const fn losses(&self) -> Losses {
        self.feed.losses
    }

    /// A request of `member`, by its number, answered in the next turns. `bell` is that of the worker's thread.
    ///
    /// # Errors
    /// Why it is refused.
    pub(crate) fn take(
        &mut self,
        request: &BookRequest,
        (member, msg_seq): (usize, u64),
        instruments: &[Instrument],
        links: &mut Links,
        bell: &Bell,
    ) -> Result<(), Reject> {
        let all = request.instrument_id.get().is_none();
        let asked = |of: &&Instrument| request.instrument_id.get().is_none_or(|id| of.id == InstrumentId(id));
        let mut asked = instruments.iter().filter(asked).filter(|of| sbe::is_expressible(of)).peekable();
        if asked.peek().is_none() && !all {
            return Err(Reject::UnknownInstrument);
        }
        if request.subscription_request_type == Wanted::Disable {
            asked.for_each(|of| self.leave(of.id, member));
            return Ok(());
        }
        // All or none of what is asked for.
        for instrument in asked.clone() {
            let shard = links.serving().of(instrument.id);
            links.at(shard)?;
            if !self.feed.is_attached(shard) {
                return Err(Reject::MatcherAway);
            }
        }
        let once = request.subscription_request_type == Wanted::Snapshot;
        for instrument in asked {
            let shard = links.serving().of(instrument.id);
            self.follow((instrument.id, shard), (member, msg_seq), once, bell)?;
        }
        Ok(())
    }

    /// Begins a subscription, or tells one's client of the whole book again.
    fn follow(
        &mut self,
        (instrument, shard): (InstrumentId, usize),
        (member, msg_seq): (usize, u64),
        once: bool,
        bell: &Bell,
    ) -> Result<(), Reject> {
        let place = instrument.0 as usize;
        if self.subscriptions.len() <= place {
            self.subscriptions.resize_with(place + 1, Vec::new);
        }
        let of = &mut self.subscriptions[place];
        if let Some(subscription) = of.iter_mut().find(|of| of.member == member) {
            subscription.once &= once;
            subscription.restart(instrument, &mut self.due);
            return Ok(());
        }
        if let Err(error) = self.feed.follow(instrument, shard, bell) {
            tracing::error!(%error, "market data cannot be read");
            return Err(Reject::Busy);
        }
        self.serial += 1;
        let serial = self.serial;
        of.push(Subscription { serial, member, msg_seq, once, progress: Progress::Due, round: 0 });
        self.counts[member] += 1;
        self.due.push_back((instrument, serial));
        Ok(())
    }

    /// Ends a member's subscription, if there is one.
    fn leave(&mut self, instrument: InstrumentId, member: usize) {
        let Some(of) = self.subscriptions.get_mut(instrument.0 as usize) else { return };
        let Some(at) = of.iter().position(|of| of.member == member) else { return };
        of.swap_remove(at);
        if of.is_empty() {
            self.telling.retain(|&telling| telling != instrument);
        }
        self.counts[member] -= 1;
        self.feed.leave(instrument);
    }

    /// The member's client has gone, and with it all that it follows.
    pub(crate) fn left(&mut self, member: usize) {
        for place in (0u32..).take(self.subscriptions.len()) {
            if self.counts[member] == 0 {
                return;
            }
            self.leave(InstrumentId(place), member);
        }
    }

    /// An instrument's trading state is this, of which everybody hears by another way.
    pub(crate) fn learn(&mut self, instrument: InstrumentId, state: TradingState) {
        *self.known(instrument) = Known { state, indicative: None };
    }

    fn known(&mut self, instrument: InstrumentId) -> &mut Known {
        let place = instrument.0 as usize;
        if self.known.len() <= place {
            self.known.resize(place + 1, Known::default());
        }
        &mut self.known[place]
    }

    /// Tells those who follow the instrument what its auction would do.
    pub(crate) fn tell_indicative(
        &mut self,
        now: Nanos,
        event: &Event,
        instrument: &Instrument,
        outlets: &mut impl Outlets,
    ) {
        let mut bytes = [0; INDICATIVE_BYTES];
        // Who may follow it, can be told of it.
        let Ok(len) = sbe::encode_event(event, instrument, &mut bytes) else { return };
        self.known(event.instrument).indicative = Some(bytes);
        let output_max = self.output_max;
        let Some(of) = self.subscriptions.get_mut(event.instrument.0 as usize) else { return };
        for subscription in of.iter_mut().filter(|of| of.progress != Progress::Due) {
            let Some(outlet) = outlets.of(subscription.member) else { continue };
            let mut way = Way::new(now, output_max, outlet);
            if way.has_room(1) {
                way.send_bytes(&bytes[..len]);
            } else {
                subscription.restart(event.instrument, &mut self.due);
            }
        }
    }

    /// One turn. How much was done.
    pub(crate) fn turn(
        &mut self,
        now: Nanos,
        instruments: &[Instrument],
        links: &mut Links,
        outlets: &mut impl Outlets,
    ) -> usize {
        let mut work = 0;
        if self.telling.is_empty() {
            work += self.feed.poll(links, RECORDS_AT_ONCE);
            if !self.feed.news().is_empty() {
                self.round += 1;
                self.telling.extend(self.feed.news());
            }
        }
        let mut left = MESSAGES_AT_ONCE;
        self.tell_news(now, instruments, outlets, &mut left);
        self.tell_books(now, instruments, outlets, &mut left);
        work + MESSAGES_AT_ONCE - left
    }

    /// Changes of books to those who know of the books, or are being told of them.
    fn tell_news(
        &mut self,
        now: Nanos,
        instruments: &[Instrument],
        outlets: &mut impl Outlets,
        left: &mut usize,
    ) {
        while let Some(&id) = self.telling.front() {
            let (round, output_max) = (self.round, self.output_max);
            let Books { feed, subscriptions, due, .. } = self;
            let of = subscriptions.get_mut(id.0 as usize).map_or(&mut [][..], Vec::as_mut_slice);
            if let (Some(book), Some(instrument)) = (feed.book(id), instruments.get(id.0 as usize)) {
                let to_tell = |of: &&mut Subscription| of.progress != Progress::Due && of.round != round;
                for subscription in of.iter_mut().filter(to_tell) {
                    if *left == 0 {
                        return;
                    }
                    subscription.round = round;
                    let told = outlets.of(subscription.member).is_some_and(|outlet| {
                        let mut way = Way::new(now, output_max, outlet);
                        !book.is_fresh() && subscription.tell_news(book, instrument, &mut way, left)
                    });
                    if !told {
                        subscription.restart(id, due);
                    }
                }
            }
            self.telling.pop_front();
        }
        self.feed.clear_news();
    }

    /// Whole books to those who are to be told of them.
    fn tell_books(
        &mut self,
        now: Nanos,
        instruments: &[Instrument],
        outlets: &mut impl Outlets,
        left: &mut usize,
    ) {
        for _ in 0..self.due.len().min(MESSAGES_AT_ONCE) {
            if *left == 0 {
                return;
            }
            let Some(due) = self.due.pop_front() else { return };
            if self.tell_book(now, instruments, due, outlets, left) {
                self.due.push_back(due);
            }
        }
    }

    /// Whether it is still due.
    fn tell_book(
        &mut self,
        now: Nanos,
        instruments: &[Instrument],
        (id, serial): (InstrumentId, u64),
        outlets: &mut impl Outlets,
        left: &mut usize,
    ) -> bool {
        let (round, output_max) = (self.round, self.output_max);
        let known = *self.known(id);
        let Books { feed, subscriptions, .. } = self;
        let of = subscriptions.get_mut(id.0 as usize);
        let subscription = of.and_then(|of| of.iter_mut().find(|of| of.serial == serial));
        let book = feed.book(id).zip(instruments.get(id.0 as usize));
        let (Some(subscription), Some((book, instrument))) = (subscription, book) else { return false };
        if !(book.is_whole() || book.is_too_deep()) {
            subscription.progress = Progress::Due;
            return true;
        }
        let Some(outlet) = outlets.of(subscription.member) else { return true };
        let mut way = Way::new(now, output_max, outlet);
        if !way.is_free() {
            return true;
        }
        let member = subscription.member;
        if book.is_too_deep() {
            way.send(&no_room(now, subscription.msg_seq));
            self.leave(id, member);
            return false;
        }
        if subscription.progress == Progress::Due {
            way.send(&SnapshotBegin {
                transact_time: book.time().0.into(),
                instrument_id: id.0.into(),
                trading_state: known.state,
                padding1: [0; 3],
            });
            known.indicative.iter().for_each(|indicative| way.send_bytes(indicative));
            (subscription.progress, subscription.round) = (Progress::Walking(0, None), round);
        }
        if !subscription.walk(book, instrument, &mut way, left) {
            return true;
        }
        way.send(&SnapshotEnd {
            transact_time: book.time().0.into(),
            snapshot_seq_num: book.seq().0.into(),
            instrument_id: id.0.into(),
            level_count: u32::try_from(book.prices()).unwrap_or(u32::MAX).into(),
        });
        subscription.progress = Progress::Live;
        if subscription.once {
            self.leave(id, member);
        }
        false
    }
}

impl Subscription {
    /// Its client is to be told of the whole book.
    fn restart(&mut self, instrument: InstrumentId, due: &mut VecDeque<(InstrumentId, u64)>) {
        if self.progress == Progress::Live {
            due.push_back((instrument, self.serial));
        }
        self.progress = Progress::Due;
    }

    /// Whether its client was told of what stands at a price, at some time.
    fn has_told(&self, book: &Book, side: usize, price: Ticks) -> bool {
        match self.progress {
            Progress::Due => false,
            Progress::Walking(at, edge) => {
                side < at || side == at && edge.is_some_and(|edge| book.is_within(side, price, edge))
            }
            Progress::Live => true,
        }
    }

    /// Whether its client was told of all the news; if not, it does not know the book.
    fn tell_news(&self, book: &Book, instrument: &Instrument, way: &mut Way<'_>, left: &mut usize) -> bool {
        let most = book.prints().len() + book.changed(0).len() + book.changed(1).len();
        if !way.has_room(most) {
            return false;
        }
        *left = left.saturating_sub(most);
        for print in book.prints() {
            let what = (print.price, print.quantity);
            let trade = Trade::of(instrument, print.id, what, print.side, print.time);
            trade.iter().for_each(|trade| way.send(trade));
        }
        for (side, of) in SIDES {
            for changed in book.changed(side).iter().filter(|c| self.has_told(book, side, c.price)) {
                let level = book.level(side, changed.price);
                if level == changed.former {
                    continue; // it came and went
                }
                let level = BookLevel::of(instrument, (of, changed.price), level, book.time());
                level.iter().for_each(|level| way.send(level));
            }
        }
        true
    }

    /// Tells of the prices that come next in the walk. Whether those were the last.
    fn walk(&mut self, book: &Book, instrument: &Instrument, way: &mut Way<'_>, left: &mut usize) -> bool {
        for (side, of) in SIDES {
            let Progress::Walking(at, edge) = self.progress else { return true };
            if side < at {
                continue;
            }
            let from = |edge| book.levels_beyond(side, edge);
            let (beyond, all) = (edge.map(from), edge.is_none().then(|| book.levels(side)));
            for (price, level) in beyond.into_iter().flatten().chain(all.into_iter().flatten()) {
                if *left == 0 || !way.is_free() {
                    return false;
                }
                *left -= 1;
                let level = BookLevel::of(instrument, (of, price), level, book.time());
                level.iter().for_each(|level| way.send(level));
                self.progress = Progress::Walking(side, Some(price));
            }
            self.progress = Progress::Walking(side + 1, None);
        }
        true
    }
}

/// What a request is told of a book that has more prices than a gateway keeps.
fn no_room(now: Nanos, msg_seq: u64) -> RequestRefused {
    RequestRefused {
        transact_time: now.0.into(),
        msg_seq_num: msg_seq.into(),
        limit_count: None.into(),
        limit_max: None.into(),
        retry_after: None.into(),
        template_id: BookRequest::TEMPLATE.into(),
        reject_code: Reject::Busy.into(),
        quote_entry: 0.into(),
        cl_ord_id: ClOrdId::NONE.into(),
        padding1: [0; 4],
    }
}

/// Sides by their number in a [`Book`].
const SIDES: [(usize, Side); 2] = [(0, Side::Buy), (1, Side::Sell)];

const _: () = {
    assert!(MESSAGE_BYTES >= HEADER_BYTES + size_of::<SnapshotBegin>());
    assert!(MESSAGE_BYTES >= HEADER_BYTES + size_of::<SnapshotEnd>());
    assert!(MESSAGE_BYTES >= HEADER_BYTES + size_of::<Trade>());
    // Everything that one turn's records can change fits beside a book that is being told.
    assert!(3 * RECORDS_AT_ONCE * (MESSAGE_BYTES + 3) <= MARKET_DATA_OUTPUT_BYTES_MAX / 2);
};

#[cfg(test)]
mod tests;
