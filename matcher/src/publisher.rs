//! Public market data into the log that everybody reads, and books that were asked for into it as well, piece by piece.

use shm::LogWriter;
use wire::{
    feed::{Kind, Record},
    limits::INSTRUMENTS_MAX,
    types::{InstrumentId, Side, Ticks},
};
use zerocopy::IntoBytes;

use crate::engine::Engine;

/// Levels told in one round: so few that nobody's orders wait for them.
const LEVELS_AT_ONCE: usize = 64;

/// The writing side of the log of market data.
pub(crate) struct Publisher {
    log: LogWriter,
    /// A bit for each instrument whose book was asked for and is not begun yet.
    wanted: [u64; INSTRUMENTS_MAX as usize / 64],
    /// Whether any book is wanted or being told.
    asked: bool,
    telling: Option<Telling>,
}

/// A book that is being told.
#[derive(Clone, Copy)]
struct Telling {
    instrument: InstrumentId,
    side: Side,
    /// The price told last.
    told: Option<Ticks>,
}

impl Publisher {
    /// Goes on behind what stands in the log with `records`, which a matcher before this one has left untold.
    pub(crate) fn new(log: LogWriter, records: &[Record]) -> Publisher {
        let wanted = [0; INSTRUMENTS_MAX as usize / 64];
        let mut publisher = Publisher { log, wanted, asked: false, telling: None };
        records.iter().for_each(|record| publisher.put(record));
        publisher
    }

    #[inline]
    pub(crate) fn put(&mut self, record: &Record) {
        self.log.append(record.as_bytes());
    }

    /// The book of `instrument` is wanted. One that is being told is told again: who asks may have come too late to
    /// have seen where it begins.
    pub(crate) fn want(&mut self, instrument: InstrumentId) {
        let place = instrument.0 as usize;
        if let Some(word) = self.wanted.get_mut(place / 64) {
            *word |= 1 << (place % 64);
            self.asked = true;
        }
    }

    /// Tells more of the books that are wanted, between two commands. How many records that were.
    ///
    /// A book may change between two pieces of it. Since every change says what stands at its price then, and the
    /// pieces follow the prices, whoever applies both in the order of the log has the book at its end: a price was
    /// told as it stood, and each change after that was told too.
    #[inline]
    pub(crate) fn tell(&mut self, engine: &Engine) -> usize {
        if self.asked { self.tell_some(engine) } else { 0 }
    }

    #[cold]
    fn tell_some(&mut self, engine: &Engine) -> usize {
        let (seq, time) = engine.now();
        let mut records = 0;
        while records < LEVELS_AT_ONCE {
            let Some(telling) = self.telling.or_else(|| self.begin(engine)) else {
                self.asked = false;
                return records;
            };
            let Telling { instrument, side, told } = telling;
            let record = match (engine.level_beyond(instrument, side, told), side) {
                (Some((price, level)), _) => {
                    self.telling = Some(Telling { told: Some(price), ..telling });
                    Record { side, price, level, ..Record::new(Kind::Level, instrument, seq, time) }
                }
                (None, Side::Buy) => {
                    self.telling = Some(Telling { instrument, side: Side::Sell, told: None });
                    continue;
                }
                (None, Side::Sell) => {
                    self.telling = None;
                    Record::new(Kind::BookEnd, instrument, seq, time)
                }
            };
            self.put(&record);
            records += 1;
        }
        records
    }

    /// Begins with the first book that is wanted. One that is no instrument's has no end either.
    fn begin(&mut self, engine: &Engine) -> Option<Telling> {
        loop {
            let (word, bits) = self.wanted.iter_mut().enumerate().find(|(_, bits)| **bits != 0)?;
            let bit = bits.trailing_zeros();
            *bits &= *bits - 1;
            let instrument = InstrumentId(u32::try_from(word * 64).ok()? + bit);
            let Some(state) = engine.state(instrument) else { continue };
            let (seq, time) = engine.now();
            self.put(&Record { state, ..Record::new(Kind::BookBegin, instrument, seq, time) });
            let telling = Telling { instrument, side: Side::Buy, told: None };
            self.telling = Some(telling);
            return Some(telling);
        }
    }

    /// Wakes readers that sleep and have something to read.
    #[inline]
    pub(crate) fn flush(&mut self) {
        self.log.flush();
    }
}
