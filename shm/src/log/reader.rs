//! A reading side of a log.

use zerocopy::IntoBytes;

use super::{Log, View};
use crate::index::{Cursor, Damage};
use crate::owner::{Owner, Peer};
use crate::track::{Follower, Stop};

/// Reads a log at its own pace. What it reads it copies, so that the writer never waits for it.
pub struct LogReader {
    view: View,
    follower: Follower,
    /// A record as it was copied, words because that is what is copied.
    buffer: Vec<u64>,
    /// Its place among those registered.
    place: Option<usize>,
    flip: u64,
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number: one more than the record's before it.
    pub number: u64,
    /// What was put in, aligned to 8.
    pub bytes: &'a [u8],
}

/// Where to begin reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the oldest record that is certain to be there still: about five eighths of the log before its end.
    Oldest,
    /// Behind the last record.
    End,
    /// At the record of this number, which may be the next one to be written.
    Record(u64),
}

/// Why nothing can be read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The writer has overwritten what was to be read next. The records from `number` on, 0 if that is not known,
    /// have to be had elsewhere; [`LogReader::seek`] goes on with what is there.
    #[error("the writer of the log has overtaken this reader, which wanted record {number}")]
    Overrun {
        /// The first record missed.
        number: u64,
    },
    /// The record asked for is further ahead than the next one to be written.
    #[error("record {number} is not written yet")]
    Ahead {
        /// The record asked for.
        number: u64,
    },
    /// The memory contradicts itself: something else has written into it.
    #[error("the log is damaged ({what}); stop every process of the venue, delete its file, start again")]
    Damaged {
        /// What contradicts what.
        what: &'static str,
    },
}

impl LogReader {
    pub(super) fn new(view: View, follower: Follower, place: Option<usize>) -> Self {
        let buffer = vec![0; view.log.inner.record_max.div_ceil(8)];
        let mut reader = Self { view, follower, buffer, place, flip: 0 };
        if let Some(cursor) = reader.cursor() {
            reader.flip = cursor.load().1;
            reader.tell();
        }
        reader
    }

    /// The next record, or `None` if it is not written yet. Asking for it says that the one before is done with.
    ///
    /// # Errors
    /// [`ReadError::Overrun`] and [`ReadError::Damaged`], which last until the next [`LogReader::seek`].
    #[inline]
    pub fn read(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        if self.place.is_some() {
            self.tell();
        }
        let Self { view, follower, buffer, .. } = self;
        match follower.next(view, &view.header().track, buffer) {
            Ok(None) => Ok(None),
            Ok(Some((number, len))) => Ok(Some(Record { number, bytes: &self.buffer.as_bytes()[..len] })),
            Err(stop) => Err(self.error(stop)),
        }
    }

    #[cold]
    fn error(&self, stop: Stop) -> ReadError {
        match stop {
            Stop::Overrun => {
                let number = self.follower.number_before().map_or(0, |before| before + 1);
                ReadError::Overrun { number }
            }
            Stop::Damage(Damage(what)) => ReadError::Damaged { what },
        }
    }

    /// Tells others what was done with.
    #[inline]
    fn tell(&mut self) {
        let mark = self.follower.mark();
        let mut flip = self.flip;
        if let Some(cursor) = self.cursor() {
            cursor.publish(mark, &mut flip);
        }
        self.flip = flip;
    }

    fn cursor(&self) -> Option<&Cursor> {
        self.place.map(|place| &self.view.header().readers[place].cursor)
    }

    /// Goes elsewhere in the log. To find a record takes a walk of up to an eighth of the log.
    ///
    /// # Errors
    /// [`ReadError::Overrun`] if the record is not there any more, [`ReadError::Ahead`] if it is not there yet and is
    /// not the next one; [`ReadError::Damaged`]. The reader then stands where it stood.
    pub fn seek(&mut self, start: Start) -> Result<(), ReadError> {
        let capacity = self.view.log.inner.capacity;
        let track = &self.view.header().track;
        let at_end = Follower::enter_at_end(capacity, &self.view.header().tail);
        let follower = match start {
            Start::End => at_end,
            Start::Oldest => Follower::enter(capacity, track).next().unwrap_or(at_end),
            Start::Record(number) => self.find(number)?,
        };
        if self.follower.was_overrun()
            && let Some(cursor) = self.cursor()
        {
            cursor.gauges().stall();
        }
        self.follower = follower;
        Ok(())
    }

    fn find(&mut self, number: u64) -> Result<Follower, ReadError> {
        let capacity = self.view.log.inner.capacity;
        let Self { view, buffer, .. } = self;
        let track = &view.header().track;
        let overrun = Err(ReadError::Overrun { number });
        // From the last place that is before it, or at it.
        for mut from in Follower::enter(capacity, track).rev() {
            let begin = from.clone();
            let first = match from.next(view, track, buffer) {
                Ok(Some((first, _))) => first,
                Ok(None) if from.number_before() == Some(0) => 1, // nothing was ever written
                Ok(None) => continue,
                Err(Stop::Overrun) => break,
                Err(Stop::Damage(Damage(what))) => return Err(ReadError::Damaged { what }),
            };
            if first > number {
                continue;
            }
            let mut at = begin;
            let mut next = first;
            while next < number {
                match at.next(view, track, buffer) {
                    Ok(Some(_)) => next += 1,
                    Ok(None) => return Err(ReadError::Ahead { number }),
                    Err(Stop::Overrun) => return overrun,
                    Err(Stop::Damage(Damage(what))) => return Err(ReadError::Damaged { what }),
                }
            }
            return Ok(at);
        }
        overrun
    }

    /// The number of the record read last; `None` if that is not known, because none was read since a seek.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.follower.number_before()
    }

    /// Bytes written that were not read yet, headers and padding included.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.view.header().tail.position().saturating_sub(self.follower.mark().position)
    }

    /// Whether somebody writes. Reads `/proc`: for housekeeping.
    #[must_use]
    pub fn peer(&self) -> Peer {
        Owner::peer(self.view.header().writer.owner())
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.view.log
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.tell();
            self.view.header().readers[place].side.leave();
            self.view.log.announce_change();
        }
    }
}
