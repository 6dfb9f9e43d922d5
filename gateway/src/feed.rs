//! Books of levels, made from the matchers' logs of market data ([`wire::feed`]), for those instruments that somebody
//! follows.
//!
//! While nobody follows any of a shard, its log is not read. A book is asked for with the first who follows it, and again after the
//! reader was overrun or another history has begun: until it was told whole it is not to be had, and from then on it is the
//! matcher's at every record.

mod levels;

use std::collections::VecDeque;

use shm::{Bell, Log, LogReader, ReadError, ShmError, Start};
use tracing::{error, warn};
use wire::{
    command::{Head, Kind as CommandKind, SessionNotice},
    feed::{Kind, Level, NotARecord, Record},
    limits::FEED_LEVELS_MAX,
    types::{AccountId, InstrumentId, Lots, Nanos, SeqNo, SessionId, Side, Ticks, TradeId},
};

use self::levels::{Full, Levels, Pool};
use crate::{gate::Gate, link::Link};

/// A trade as everybody sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Its name.
    pub id: TradeId,
    /// At what price.
    pub price: Ticks,
    /// How much.
    pub quantity: Lots,
    /// When.
    pub time: Nanos,
    /// That of the order that came to the book; of none, in an auction.
    pub side: Option<Side>,
}

/// A price at which something else stands than when changes were last taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The price.
    pub price: Ticks,
    /// What stood there then.
    pub former: Level,
}

/// How far a book is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It is to be asked for.
    Wanted,
    /// It was asked for.
    Asked,
    /// Its levels are coming.
    Begun,
    /// It is the matcher's.
    Whole,
    /// There was no room for it.
    TooDeep,
}

/// One instrument's book.
#[derive(Debug)]
pub struct Book {
    instrument: InstrumentId,
    /// Who serves it.
    shard: usize,
    /// Bids, offers.
    sides: [Levels; 2],
    progress: Progress,
    followers: u32,
    time: Nanos,
    seq: SeqNo,
    last: Option<Print>,
    /// Since they were last taken; a price may be there more than once, the first time with what stood there at first.
    changed: [Vec<Changed>; 2],
    prints: Vec<Print>,
    /// Whether it stands among those with news.
    is_news: bool,
    /// Whether it has become whole, or ceased to be, since news were last taken.
    is_fresh: bool,
}

impl Book {
    fn new(instrument: InstrumentId, shard: usize) -> Book {
        Book {
            instrument,
            shard,
            sides: [Levels::new(Side::Buy), Levels::new(Side::Sell)],
            progress: Progress::Wanted,
            followers: 0,
            time: Nanos(0),
            seq: SeqNo(0),
            last: None,
            changed: Default::default(),
            prints: Vec::new(),
            is_news: false,
            is_fresh: false,
        }
    }

    /// Whether it is the matcher's.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.progress == Progress::Whole
    }

    /// Whether it has more prices than there is room for, so that there is none.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        self.progress == Progress::TooDeep
    }

    /// Whether what was known of it before does not hold any more.
    #[must_use]
    pub const fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// The venue's time of the last record.
    #[must_use]
    pub const fn time(&self) -> Nanos {
        self.time
    }

    /// The last command that it contains.
    #[must_use]
    pub const fn seq(&self) -> SeqNo {
        self.seq
    }

    /// The last trade seen.
    #[must_use]
    pub const fn last_trade(&self) -> Option<Print> {
        self.last
    }

    /// Trades since news were last taken.
    #[must_use]
    pub fn prints(&self) -> &[Print] {
        &self.prints
    }

    /// Prices of a side (0 bids, 1 offers) that have changed since news were last taken, in order, each once.
    #[must_use]
    pub fn changed(&self, side: usize) -> &[Changed] {
        &self.changed[side]
    }

    /// The prices of a side, best first.
    pub fn levels(&self, side: usize) -> impl Iterator<Item = (Ticks, Level)> {
        self.sides[side].iter()
    }

    /// Those worse than `price`.
    pub fn levels_beyond(&self, side: usize, price: Ticks) -> impl Iterator<Item = (Ticks, Level)> {
        self.sides[side].beyond(price)
    }

    /// How many prices it has, of both sides.
    #[must_use]
    pub fn prices(&self) -> usize {
        self.sides.iter().map(Levels::len).sum()
    }

    /// What stands at a price.
    #[must_use]
    pub fn level(&self, side: usize, price: Ticks) -> Level {
        self.sides[side].at(price)
    }

    /// The price of a side's `number`th level, from 1.
    #[must_use]
    pub fn nth(&self, side: usize, number: usize) -> Option<Ticks> {
        self.sides[side].nth(number)
    }

    /// A price's place among those of its side, from 1.
    #[must_use]
    pub fn position(&self, side: usize, price: Ticks) -> usize {
        self.sides[side].better_than(price) + 1
    }

    /// Whether `price` is at least as good as `edge`.
    #[must_use]
    pub fn is_within(&self, side: usize, price: Ticks, edge: Ticks) -> bool {
        self.sides[side].is_within(price, edge)
    }

    fn set(&mut self, pool: &mut Pool, side: usize, price: Ticks, level: Level) -> Result<bool, Full> {
        let former = self.sides[side].set(pool, price, level)?;
        let is_news = former != level && self.progress == Progress::Whole;
        if is_news {
            self.changed[side].push(Changed { price, former });
        }
        Ok(is_news)
    }

    /// What is known of it holds no more.
    fn forget(&mut self, pool: &mut Pool, progress: Progress) {
        self.sides.iter_mut().for_each(|side| side.clear(pool));
        self.changed.iter_mut().for_each(Vec::clear);
        self.prints.clear();
        self.is_fresh = true;
        self.progress = progress;
    }
}

/// The ways to the matchers.
pub trait Matchers {
    /// Puts `notice` into the ring of its instrument's matcher; `false` if there is no room, or no matcher.
    fn ask(&mut self, notice: &SessionNotice) -> bool;

    /// What may leave of what the matcher of `shard` says; `None` before its rings were joined.
    fn gate(&mut self, shard: usize) -> Option<&mut Gate>;
}

impl Matchers for Link {
    fn ask(&mut self, notice: &SessionNotice) -> bool {
        self.send(notice)
    }

    fn gate(&mut self, _shard: usize) -> Option<&mut Gate> {
        Some(Link::gate(self))
    }
}

/// What one shard's matcher publishes.
struct Source {
    log: Log,
    /// The history of what is read.
    history: u64,
    /// What was read and may not leave yet.
    held: Option<Record>,
    /// While a book of it is followed.
    reader: Option<LogReader>,
    followed: u32,
    /// Books that are to be asked for.
    wanted: VecDeque<InstrumentId>,
}

/// The books that are followed.
pub struct Feed {
    /// By shard.
    sources: Vec<Option<Source>>,
    /// By instrument.
    books: Vec<Option<Box<Book>>>,
    /// Books that have changed, in the order in which they did.
    news: Vec<InstrumentId>,
    pool: Pool,
    pub(crate) losses: Losses,
}

/// What did not become of what the matcher has published, as often as it happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Losses {
    /// It came faster than it was read: all books were asked for again.
    pub(crate) overruns: u64,
    /// Records that were none of this version.
    pub(crate) not_records: u64,
    /// Books that had more prices than there was room for.
    pub(crate) too_deep: u64,
}

impl Default for Feed {
    fn default() -> Self {
        Feed::with_room(FEED_LEVELS_MAX)
    }
}

impl Feed {
    /// One that has room for `levels` prices of all books together.
    #[must_use]
    pub fn with_room(levels: usize) -> Feed {
        Feed {
            sources: Vec::new(),
            books: Vec::new(),
            news: Vec::new(),
            pool: Pool::new(levels),
            losses: Losses::default(),
        }
    }

    /// The log of `shard`, to read.
    pub fn attach(&mut self, shard: usize, log: Log) {
        if self.sources.len() <= shard {
            self.sources.resize_with(shard + 1, || None);
        }
        self.sources[shard] =
            Some(Source { log, history: 0, held: None, reader: None, followed: 0, wanted: VecDeque::new() });
    }

    /// Whether there is a log of `shard` to read.
    #[must_use]
    pub fn is_attached(&self, shard: usize) -> bool {
        self.sources.get(shard).is_some_and(Option::is_some)
    }

    /// Follows the book of `instrument`, which `shard` serves and has a log, for one more. The thread that polls, which
    /// `bell` belongs to, is woken when there is something to read.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn follow(&mut self, instrument: InstrumentId, shard: usize, bell: &Bell) -> Result<(), ShmError> {
        let Some(Some(source)) = self.sources.get_mut(shard) else { return Ok(()) };
        if source.reader.is_none() {
            source.reader = Some(source.log.registered_reader(bell)?);
        }
        let place = instrument.0 as usize;
        if self.books.len() <= place {
            self.books.resize_with(place + 1, || None);
        }
        let book = self.books[place].get_or_insert_with(|| Box::new(Book::new(instrument, shard)));
        book.followers += 1;
        if book.followers == 1 {
            source.followed += 1;
            source.wanted.push_back(instrument);
        }
        Ok(())
    }

    /// One fewer follows the book of `instrument`. With the last one it is forgotten.
    pub fn leave(&mut self, instrument: InstrumentId) {
        let Some(place) = self.books.get_mut(instrument.0 as usize) else { return };
        let Some(book) = place else { return };
        book.followers -= 1;
        if book.followers > 0 {
            return;
        }
        book.forget(&mut self.pool, Progress::Wanted);
        let source = self.sources[book.shard].as_mut();
        *place = None;
        self.news.retain(|&news| news != instrument);
        let Some(source) = source else { return };
        source.followed -= 1;
        source.wanted.retain(|&wanted| wanted != instrument);
        if source.followed == 0 {
            (source.reader, source.held) = (None, None);
        }
    }

    /// The book of `instrument`, if it is followed.
    #[must_use]
    pub fn book(&self, instrument: InstrumentId) -> Option<&Book> {
        self.books.get(instrument.0 as usize)?.as_deref()
    }

    /// Books with news.
    #[must_use]
    pub fn news(&self) -> &[InstrumentId] {
        &self.news
    }

    /// All news were taken.
    pub fn clear_news(&mut self) {
        for instrument in self.news.drain(..) {
            if let Some(Some(book)) = self.books.get_mut(instrument.0 as usize) {
                book.changed.iter_mut().for_each(Vec::clear);
                book.prints.clear();
                (book.is_news, book.is_fresh) = (false, false);
            }
        }
    }

    /// Asks for the books that are wanted, as far as there is room in the rings to `matchers`, and reads up to `most` records that may
    /// leave the venue. How many those were. News must have been taken before.
    pub fn poll(&mut self, matchers: &mut impl Matchers, most: usize) -> usize {
        let readers = self.sources.iter().flatten().filter(|source| source.reader.is_some()).count();
        if readers == 0 {
            return 0;
        }
        let mut taken = 0;
        for shard in 0..self.sources.len() {
            self.ask(shard, matchers);
            if let Some(gate) = matchers.gate(shard) {
                taken += self.read(shard, gate, most.div_ceil(readers));
            }
        }
        for &instrument in &self.news {
            if let Some(Some(book)) = self.books.get_mut(instrument.0 as usize) {
                for changed in &mut book.changed {
                    // Stable, so that what stood there at first is kept.
                    changed.sort_by_key(|change| change.price);
                    changed.dedup_by_key(|change| change.price);
                }
            }
        }
        taken
    }

    fn read(&mut self, shard: usize, gate: &mut Gate, most: usize) -> usize {
        let mut taken = 0;
        while taken < most {
            let Some(Some(Source { reader: Some(reader), held, history, .. })) = self.sources.get_mut(shard)
            else {
                break;
            };
            if *history != gate.history() {
                // Whatever was read is of books that are no more.
                (*history, *held) = (gate.history(), None);
                self.go_to_end(shard);
                continue;
            }
            let record = match held.take() {
                Some(record) => Ok(record),
                None => match reader.read() {
                    Ok(Some(record)) => Record::read(record.bytes).copied(),
                    Ok(None) => break,
                    Err(fault) => {
                        self.overrun(shard, fault);
                        break;
                    }
                },
            };
            if let Ok(record) = record
                && !may_leave(&record, *history, gate)
            {
                *held = Some(record);
                if *history == gate.history() {
                    break;
                }
                continue;
            }
            taken += 1;
            match record {
                Ok(record) => self.apply(shard, &record),
                Err(NotARecord) => {
                    if self.losses.not_records == 0 {
                        error!("{NotARecord}; such records are skipped");
                    }
                    self.losses.not_records += 1;
                }
            }
        }
        taken
    }

    fn ask(&mut self, shard: usize, matchers: &mut impl Matchers) {
        let Some(Some(Source { wanted, .. })) = self.sources.get_mut(shard) else { return };
        while let Some(&instrument) = wanted.front() {
            if let Some(Some(book)) = self.books.get_mut(instrument.0 as usize)
                && book.progress == Progress::Wanted
            {
                let nobody = SessionId(u32::MAX);
                let head = Head::new(CommandKind::ShowBook, nobody, AccountId(0), instrument, 0, Nanos(0));
                if !matchers.ask(&SessionNotice { head }) {
                    return;
                }
                book.progress = Progress::Asked;
            }
            wanted.pop_front();
        }
    }

    /// What is known of the shard's books holds no more: every one of them is asked for again.
    fn overrun(&mut self, shard: usize, fault: ReadError) {
        self.losses.overruns += 1;
        match fault {
            ReadError::Overrun { .. } => warn!(shard, "{fault}; the books are asked for again"),
            ReadError::Ahead { .. } | ReadError::Damaged { .. } => error!(shard, "{fault}"),
        }
        self.go_to_end(shard);
    }

    /// Passes over what is there to be read, and asks for every book again.
    fn go_to_end(&mut self, shard: usize) {
        if let Some(Some(Source { reader: Some(reader), .. })) = self.sources.get_mut(shard)
            && let Err(fault) = reader.seek(Start::End)
        {
            error!(shard, "{fault}");
        }
        self.ask_again(shard);
    }

    fn ask_again(&mut self, shard: usize) {
        let Feed { sources, books, pool, news, .. } = self;
        let Some(Some(Source { wanted, .. })) = sources.get_mut(shard) else { return };
        for book in books.iter_mut().flatten().filter(|book| book.shard == shard) {
            book.forget(pool, Progress::Wanted);
            wanted.push_back(book.instrument);
            note(news, book);
        }
    }

    fn apply(&mut self, shard: usize, record: &Record) {
        if record.kind == Kind::Begun {
            return self.ask_again(shard);
        }
        let Feed { books, pool, news, losses, .. } = self;
        let Some(Some(book)) = books.get_mut(record.instrument.0 as usize) else { return };
        match (record.kind, book.progress) {
            // Others have asked for it.
            (_, Progress::Wanted | Progress::TooDeep)
            | (Kind::BookBegin, Progress::Whole)
            | (Kind::BookEnd, Progress::Asked | Progress::Whole) => return,
            (Kind::BookBegin, _) => {
                book.forget(pool, Progress::Begun);
                (book.time, book.seq) = (record.time, record.seq);
                return;
            }
            (Kind::BookEnd, Progress::Begun) => {
                book.progress = Progress::Whole;
                book.is_fresh = true;
                return note(news, book);
            }
            (_, Progress::Asked) => return,
            (_, Progress::Begun | Progress::Whole) => {}
        }
        let is_whole = book.is_whole();
        let is_trade = record.kind == Kind::Trade || (record.kind == Kind::Executed && record.auction == 0);
        if is_trade {
            let (id, time) = (record.trade_id, record.time);
            let came = if record.side == Side::Buy { Side::Sell } else { Side::Buy };
            let (price, quantity) = (record.other_price, record.quantity);
            let side = (record.auction == 0).then_some(came);
            let print = Print { id, price, quantity, time, side };
            book.last = Some(print);
            if is_whole {
                book.prints.push(print);
                note(news, book);
            }
        }
        let side = usize::from(record.side == Side::Sell);
        let mut set = |price, level| book.set(pool, side, price, level);
        let mut is_news = Ok(false);
        if record.kind.has_level() {
            is_news = set(record.price, record.level);
        }
        if record.kind == Kind::Replaced && is_news.is_ok() {
            let was_news = is_news == Ok(true);
            is_news = set(record.other_price, record.other_level).map(|news| news || was_news);
        }
        (book.time, book.seq) = (record.time, record.seq);
        match is_news {
            Ok(false) => {}
            Ok(true) => note(news, book),
            Err(Full) => {
                losses.too_deep += 1;
                error!(
                    instrument = book.instrument.0,
                    "no room for a book: {FEED_LEVELS_MAX} prices in all are kept"
                );
                book.forget(pool, Progress::TooDeep);
                note(news, book);
            }
        }
    }
}

/// Whether `record` of what is read of `history` may leave the venue.
#[inline]
fn may_leave(record: &Record, history: u64, gate: &mut Gate) -> bool {
    if record.kind == Kind::Begun && record.history() != history {
        // From where it stands on everything is of another history, of which it is soon told how far that is durable.
        gate.look();
        return false;
    }
    gate.lets(history, record.seq)
}

/// The book has news.
fn note(news: &mut Vec<InstrumentId>, book: &mut Book) {
    if !std::mem::replace(&mut book.is_news, true) {
        news.push(book.instrument);
    }
}
