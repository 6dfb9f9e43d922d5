//! What goes out: books that are due, changes of books, trading states, lists of instruments; a bounded piece of it in each
//! turn of the worker, so that orders do not wait for it.
//!
//! The log is read on only when everybody was told of what was read before, or has so much waiting that the whole
//! book is due instead: so a round's books stand still while they are told.

use wire::{
    feed::Level,
    fix::market::{self, Snapshot, Stock},
    limits::{FIX_MESSAGE_BYTES_MAX, MARKET_DATA_CHANGES_MAX, MARKET_DATA_LEVELS_MAX},
    types::{InstrumentId, Nanos, Ticks},
};

use super::{List, Market, Outlets, Subscription, TOO_DEEP};
use crate::{
    entry::{Entry, Session},
    feed::Book,
    links::Links,
};

/// Records read in one turn.
const RECORDS_AT_ONCE: usize = 128;
/// Messages sent in one turn, but for those about one book that a subscription needs together.
const MESSAGES_AT_ONCE: usize = 32;
/// Instruments in one part of a list.
const STOCKS_AT_ONCE: usize = 32;

/// What is needed to tell somebody something.
struct Way<'a> {
    now: Nanos,
    output_max: usize,
    session: &'a mut Session,
    output: &'a mut Vec<u8>,
}

impl Way<'_> {
    fn is_free(&self) -> bool {
        self.output.len() + FIX_MESSAGE_BYTES_MAX <= self.output_max
    }
}

impl Market {
    /// One turn. How much was done.
    pub(crate) fn turn(
        &mut self,
        now: Nanos,
        entry: &Entry,
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
        self.tell_news(now, entry, outlets, &mut left);
        self.tell_books(now, entry, outlets, &mut left);
        self.tell_lists(now, entry, outlets, &mut left);
        let (statuses, output_max) = (&mut self.statuses, self.output_max);
        statuses.tell(now, entry, output_max, outlets, &mut left);
        work + MESSAGES_AT_ONCE - left
    }

    /// Changes of books to those who were told of the books.
    fn tell_news(&mut self, now: Nanos, entry: &Entry, outlets: &mut impl Outlets, left: &mut usize) {
        while let Some(&instrument) = self.telling.front() {
            let (round, output_max) = (self.round, self.output_max);
            let Market { feed, subscriptions, due, changes, .. } = self;
            let of = subscriptions.get_mut(instrument.0 as usize).map_or(&mut [][..], Vec::as_mut_slice);
            if let (Some(book), Some(stock)) = (feed.book(instrument), entry.stock(instrument)) {
                for subscription in of.iter_mut().filter(|of| of.is_live && of.round != round) {
                    if *left == 0 {
                        return;
                    }
                    subscription.round = round;
                    let told = outlets.of(subscription.member).is_some_and(|(session, output)| {
                        let mut way = Way { now, output_max, session, output };
                        !book.is_fresh() && subscription.tell_news(book, stock, &mut way, changes, left)
                    });
                    if !told {
                        subscription.is_live = false;
                        due.push_back((instrument, subscription.serial));
                    }
                }
            }
            self.telling.pop_front();
        }
        self.feed.clear_news();
    }

    /// Whole books to those who have not been told of them, and the rest of deep ones.
    fn tell_books(&mut self, now: Nanos, entry: &Entry, outlets: &mut impl Outlets, left: &mut usize) {
        for _ in 0..self.due.len().min(4 * MESSAGES_AT_ONCE) {
            if *left == 0 {
                return;
            }
            let Some((instrument, serial)) = self.due.pop_front() else { return };
            if self.tell_book(now, entry, (instrument, serial), outlets, left) {
                self.due.push_back((instrument, serial));
            }
        }
    }

    /// Whether it is still due.
    fn tell_book(
        &mut self,
        now: Nanos,
        entry: &Entry,
        (instrument, serial): (InstrumentId, u64),
        outlets: &mut impl Outlets,
        left: &mut usize,
    ) -> bool {
        let (round, output_max) = (self.round, self.output_max);
        let Market { feed, subscriptions, changes, .. } = self;
        let of = subscriptions.get_mut(instrument.0 as usize);
        let subscription = of.and_then(|of| of.iter_mut().find(|of| of.serial == serial));
        let book = feed.book(instrument).zip(entry.stock(instrument));
        let (Some(subscription), Some((book, stock))) = (subscription, book) else { return false };
        let Some((session, output)) = outlets.of(subscription.member) else { return true };
        let mut way = Way { now, output_max, session, output };
        if !way.is_free() || !(book.is_whole() || book.is_too_deep()) {
            return true;
        }
        let (member, id) = (subscription.member, subscription.id);
        *left -= 1;
        if book.is_too_deep() {
            let (reason, text) = TOO_DEEP;
            way.session.send(now, b"Y", way.output, |body| {
                market::request_reject(id.bytes(), reason, text, body);
            });
            self.end(member, instrument, serial);
            return false;
        }
        if subscription.is_live {
            changes.clear();
            subscription.more(book, MARKET_DATA_CHANGES_MAX, changes);
            subscription.send(stock, &mut way, changes);
            return subscription.wants_more();
        }
        subscription.send_book(book, stock, &mut way);
        (subscription.is_live, subscription.round) = (true, round);
        if subscription.once {
            self.end(member, instrument, serial);
            return false;
        }
        subscription.wants_more()
    }

    /// Ends one subscription.
    fn end(&mut self, member: usize, instrument: InstrumentId, serial: u64) {
        let Some(of) = self.subscriptions.get_mut(instrument.0 as usize) else { return };
        of.retain(|subscription| subscription.serial != serial);
        self.counts[member] -= 1;
        self.feed.leave(instrument);
    }

    fn tell_lists(&mut self, now: Nanos, entry: &Entry, outlets: &mut impl Outlets, left: &mut usize) {
        for _ in 0..self.lists.len() {
            let Some(list) = self.lists.pop_front() else { return };
            let Some((session, output)) = outlets.of(list.member) else { continue };
            let way = Way { now, output_max: self.output_max, session, output };
            if *left == 0 || !way.is_free() {
                self.lists.push_back(list);
                continue;
            }
            *left -= 1;
            let total = entry.stocks();
            let next = total.min(list.next + STOCKS_AT_ONCE);
            let stocks = entry.stocks_from(list.next..next);
            way.session.send(now, b"y", way.output, |body| {
                let (part, last) = (list.part, next == total);
                market::security_list(list.id.bytes(), (part, last), total as u64, stocks, body);
            });
            if next < total {
                self.lists.push_back(List { next, part: list.part + 1, ..list });
            }
        }
    }
}

impl Subscription {
    /// Whether it was told of all the news, in as many messages as they take; if not, it has not been told of the book.
    fn tell_news(
        &mut self,
        book: &Book,
        stock: Stock<'_>,
        way: &mut Way<'_>,
        changes: &mut Vec<market::Change>,
        left: &mut usize,
    ) -> bool {
        changes.clear();
        self.news(book, |change| changes.push(change));
        if changes.is_empty() {
            return true;
        }
        if !self.incremental {
            if !way.is_free() {
                return false;
            }
            *left = left.saturating_sub(1);
            self.send_book(book, stock, way);
            return true;
        }
        for some in changes.chunks(MARKET_DATA_CHANGES_MAX) {
            if !way.is_free() {
                return false;
            }
            *left = left.saturating_sub(1);
            self.send(stock, way, some);
        }
        true
    }

    fn send(&mut self, stock: Stock<'_>, way: &mut Way<'_>, changes: &[market::Change]) {
        if changes.is_empty() {
            return;
        }
        let (id, first) = (self.id, self.rpt_seq + 1);
        self.rpt_seq += changes.len() as u64;
        way.session.send_unkept(way.now, b"X", way.output, |body| {
            market::incremental(id.bytes(), stock, first, changes, body);
        });
    }

    fn send_book(&mut self, book: &Book, stock: Stock<'_>, way: &mut Way<'_>) {
        let mut room = [[(Ticks(0), Level::NOTHING); MARKET_DATA_LEVELS_MAX]; 2];
        let [bids, offers] = &mut room;
        let sides = [self.snapshot(book, 0, bids), self.snapshot(book, 1, offers)];
        let trade = book.last_trade().filter(|_| self.wants_trades());
        let id = self.id;
        let snapshot = Snapshot {
            id: id.bytes(),
            stock,
            rpt_seq: self.rpt_seq,
            time: book.time(),
            sides,
            trade: trade.map(|print| (print.price, print.quantity)),
        };
        way.session.send_unkept(way.now, b"W", way.output, |body| snapshot.encode(body));
    }
}
