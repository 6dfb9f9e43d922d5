//! One client's subscription to one book, and what has changed for it.

use wire::{
    feed::Level,
    fix::market::{Action, Change, MarketDataRequest, Subscribe, What},
    limits::MARKET_DATA_LEVELS_MAX,
    types::Ticks,
};

use super::RequestId;
use crate::feed::Book;

/// What a member has asked for of one instrument.
pub(super) struct Subscription {
    pub(super) serial: u64,
    pub(super) member: usize,
    pub(super) id: RequestId,
    /// Prices of a side; 0 is all.
    depth: usize,
    /// Whether bids and offers are wanted.
    sides: [bool; 2],
    trades: bool,
    /// Told by what has changed, not each time anew.
    pub(super) incremental: bool,
    /// It ends with the first snapshot.
    pub(super) once: bool,
    /// Whether it was told of the book as it was before the news of this round.
    pub(super) is_live: bool,
    /// Of each side, the worst price of those told; none: it was told of all there are.
    edges: [Option<Ticks>; 2],
    pub(super) rpt_seq: u64,
    /// The round in which it was told last.
    pub(super) round: u64,
}

impl Subscription {
    pub(super) fn new(
        request: &MarketDataRequest<'_>,
        (serial, member, id): (u64, usize, RequestId),
        depth: usize,
    ) -> Subscription {
        Subscription {
            serial,
            member,
            id,
            depth,
            sides: [request.bids, request.offers],
            trades: request.trades,
            incremental: request.incremental == Some(true),
            once: request.subscribe == Subscribe::Once,
            is_live: false,
            edges: [None; 2],
            rpt_seq: 0,
            round: 0,
        }
    }

    pub(super) const fn wants_trades(&self) -> bool {
        self.trades
    }

    /// How many prices of a side a snapshot has.
    fn shown(&self, side: usize) -> usize {
        match (self.sides[side], self.depth) {
            (false, _) => 0,
            (true, 0) => MARKET_DATA_LEVELS_MAX,
            (true, depth) => depth,
        }
    }

    /// The prices of a side that a snapshot of `book` has, put into `room`; from then on they are told.
    pub(super) fn snapshot<'r>(
        &mut self,
        book: &Book,
        side: usize,
        room: &'r mut [(Ticks, Level); MARKET_DATA_LEVELS_MAX],
    ) -> &'r [(Ticks, Level)] {
        let mut count = 0;
        for (place, level) in room.iter_mut().zip(book.levels(side).take(self.shown(side))) {
            *place = level;
            count += 1;
        }
        self.edges[side] = self.edge(book, side);
        &room[..count]
    }

    /// Where what is shown of `book` ends, when as many prices are told as a snapshot has.
    fn edge(&self, book: &Book, side: usize) -> Option<Ticks> {
        let edge = book.nth(side, self.shown(side))?;
        // All prices are wanted, and there are no more.
        let is_all = self.depth == 0 && book.levels_beyond(side, edge).next().is_none();
        (!is_all).then_some(edge)
    }

    /// Whether there are prices that it wants and was not told of, since no one message has room for all.
    pub(super) fn wants_more(&self) -> bool {
        self.incremental
            && self.depth == 0
            && (0..2).any(|side| self.sides[side] && self.edges[side].is_some())
    }

    /// At most `most` of these, put into `changes`; from then on they are told.
    pub(super) fn more(&mut self, book: &Book, most: usize, changes: &mut Vec<Change>) {
        for side in (0..2).filter(|&side| self.sides[side]) {
            let Some(edge) = self.edges[side] else { continue };
            let mut beyond = book.levels_beyond(side, edge).peekable();
            let mut last = edge;
            while changes.len() < most
                && let Some((price, level)) = beyond.next()
            {
                last = price;
                changes.push(change(side, Action::New, price, level, 0));
            }
            self.edges[side] = beyond.peek().is_some().then_some(last);
        }
    }

    /// Calls `see` for each thing that the news of `book` change for it; from then on they are told.
    pub(super) fn news(&mut self, book: &Book, mut see: impl FnMut(Change)) {
        if self.trades {
            for print in book.prints() {
                let what = What::Trade { id: print.id, quantity: print.quantity, time: print.time };
                see(Change { price: print.price, what });
            }
        }
        let wanted = self.sides;
        for side in (0..2).filter(|&side| wanted[side]) {
            self.news_of(book, side, &mut see);
        }
    }

    fn news_of(&mut self, book: &Book, side: usize, see: &mut impl FnMut(Change)) {
        let changed = book.changed(side);
        if changed.is_empty() {
            return;
        }
        let before = self.edges[side];
        // While not all were told of all prices, those that were keep their worst one.
        let after = if self.depth == 0 { before } else { self.edge(book, side) };
        self.edges[side] = after;
        let shows = |price, edge: Option<Ticks>| edge.is_none_or(|edge| book.is_within(side, price, edge));
        let mut tell = |action, price, level| {
            let position = match (self.depth, action) {
                (0, _) | (_, Action::Delete) => 0,
                _ => book.position(side, price) as u64,
            };
            see(change(side, action, price, level, position));
        };
        for change in changed {
            let (price, level) = (change.price, book.level(side, change.price));
            let had = change.former.orders > 0 && shows(price, before);
            let has = level.orders > 0 && shows(price, after);
            match (had, has) {
                (true, false) => tell(Action::Delete, price, Level::NOTHING),
                (false, true) => tell(Action::New, price, level),
                (true, true) if level != change.former => tell(Action::Change, price, level),
                _ => {}
            }
        }
        // Prices that have not changed, and come into what is shown or go out of it.
        let is_same = |price: Ticks| changed.binary_search_by_key(&price, |change| change.price).is_err();
        if let Some(edge) = before {
            let coming = book.levels_beyond(side, edge).take_while(|level| shows(level.0, after));
            for (price, level) in coming.filter(|level| is_same(level.0)) {
                tell(Action::New, price, level);
            }
        }
        if let Some(edge) = after {
            let going = book.levels_beyond(side, edge).take_while(|level| shows(level.0, before));
            for (price, _) in going.filter(|level| is_same(level.0)) {
                tell(Action::Delete, price, Level::NOTHING);
            }
        }
    }
}

fn change(side: usize, action: Action, price: Ticks, level: Level, position: u64) -> Change {
    Change { price, what: What::Price { offer: side == 1, action, level, position } }
}
