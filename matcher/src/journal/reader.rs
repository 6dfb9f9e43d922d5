//! What a journal holds: commit after commit, each checked whole before any of it is given out; and where it ends.
//!
//! A write that the crash cut short must be told from bytes that have changed since, for the first was never
//! acknowledged and the second was:
//!
//! - There is never more than one commit on its way. If a later commit is there, the one before it was durable: a fault in it is
//!   corruption.
//! - Before a commit, zeros stood in its place, and none ends in a zero. If it is the last one and torn, its last
//!   byte is still zero (what was written is a beginning), or a whole sector is (sectors reach the disk in any order). With neither,
//!   all of it was written and has changed since.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use zerocopy::FromBytes;

use super::{
    JournalError,
    commit::{BLOCK_BYTES, COMMIT_BYTES_MAX, Chain, Contents, FIRST_BYTES, PADDING, SECTOR_BYTES, Stamp},
    record::{self, Fault, Head, Kind, Place, Record},
    segment::{FIRST_OFFSET, Segments},
};

/// Where a journal ends, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Where the next commit goes.
    pub place: Place,
    /// What the next commit goes on from.
    pub chain: Chain,
    /// The last record's stamp, if there is any.
    pub last: Option<Stamp>,
    /// What was found at `place` of a write that was cut short. It must be overwritten with zeros before anything is written
    /// there.
    pub torn: Option<Fault>,
}

/// A commit that was found whole.
#[derive(Clone, Copy)]
pub struct Whole<'a> {
    history: u64,
    place: Place,
    number: u64,
    records: u32,
    bytes: &'a [u8],
}

impl<'a> Whole<'a> {
    /// Its number among the journal's commits.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Where it stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Bytes it takes on disk.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many records it has; a commit without any says that those before it are durable.
    #[must_use]
    pub const fn records(&self) -> u32 {
        self.records
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Its records, the one about itself left out.
    pub fn iter(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let Whole { history, place, bytes, records, .. } = *self;
        let mut at = FIRST_BYTES;
        (0..records).map_while(move |_| {
            let here = Place { offset: place.offset + at as u64, ..place };
            // It was checked before, so that it reads again.
            let (record, _) = record::read(history, here, None, bytes.get(at..)?).ok()?;
            at += record::padded(record::HEAD_BYTES + record.payload.len());
            Some(record)
        })
    }
}

/// Reads a journal from its first segment on.
pub struct Reader {
    segments: Segments,
    last_segment: u64,
    file: File,
    at: Place,
    /// Until the first commit is read, what it goes on from is not known: segments may have been removed before it.
    begun: bool,
    chain: Chain,
    last: Option<Stamp>,
    buffer: Vec<u8>,
    end: Option<End>,
    /// Whether the journal may go on in a segment that is not here.
    is_excerpt: bool,
}

impl Reader {
    /// At the beginning of the journal in `directory`; `None` if there is none.
    ///
    /// # Errors
    /// What is wrong with its files.
    pub fn open(directory: &Path) -> Result<Option<Reader>, JournalError> {
        let Some((segments, numbers)) = Segments::look(directory)? else { return Ok(None) };
        Reader::of(segments, numbers).map(Some)
    }

    /// At the beginning of `segments`, numbered from the first to the last of `numbers`.
    ///
    /// # Errors
    /// If the first one's file cannot be opened.
    pub fn of(segments: Segments, [first, last]: [u64; 2]) -> Result<Reader, JournalError> {
        let file = segments.file(first)?;
        Ok(Reader {
            chain: Chain { history: segments.terms().history, commit: 1, previous: 0 },
            segments,
            last_segment: last,
            file,
            at: Place { segment: first, offset: FIRST_OFFSET },
            begun: false,
            last: None,
            buffer: Vec::new(),
            end: None,
            is_excerpt: false,
        })
    }

    /// This reader, of segments that were copied out of a journal, as an archive has them: the last one may be full.
    #[must_use]
    pub fn of_excerpt(self) -> Reader {
        Reader { is_excerpt: true, ..self }
    }

    /// The next commit; `None` at the journal's end. The journal may be written meanwhile: then the end is where it was found
    /// last, and a commit that is on its way there looks like one that was cut short.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`], [`JournalError::Missing`], [`JournalError::Io`].
    pub fn commit(&mut self) -> Result<Option<Whole<'_>>, JournalError> {
        if self.end.is_some() {
            return Ok(None);
        }
        loop {
            let place = self.at;
            match self.commit_at(place)? {
                Ok((contents, chain)) => {
                    // The segment behind one that is written is made before.
                    if !self.is_excerpt && self.is_last(place.segment) {
                        return Err(JournalError::Missing { path: self.path(place.segment + 1) });
                    }
                    (self.chain, self.begun) = (chain, true);
                    self.at.offset += self.buffer.len() as u64;
                    return Ok(Some(Whole {
                        history: self.chain.history,
                        place,
                        number: contents.number.get(),
                        records: contents.records.get(),
                        bytes: &self.buffer,
                    }));
                }
                Err(Fault::Blank) if self.follows_in_next(place)? => {}
                Err(fault) => {
                    let finished = self.finish(place, fault);
                    // What stood here by half while a venue wrote it is whole by now, if a later commit was found.
                    if self.commit_at(place)?.is_err() {
                        return finished.map(|()| None);
                    }
                    self.end = None;
                }
            }
        }
    }

    /// Where the journal ends; `None` before all of it was read.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// The segments that it reads.
    #[must_use]
    pub const fn segments(&self) -> &Segments {
        &self.segments
    }

    /// The segments it has read, and the last one's number.
    #[must_use]
    pub fn into_segments(self) -> (Segments, u64) {
        (self.segments, self.last_segment)
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.segments.path(segment)
    }

    /// Whether there is no segment behind `segment`: one may have been made since the last look.
    fn is_last(&mut self, segment: u64) -> bool {
        if segment == self.last_segment && self.path(segment + 1).exists() {
            self.last_segment += 1;
        }
        segment == self.last_segment
    }

    /// Reads the commit at `place` into the buffer and checks all of it: what it says of itself, and what the next one goes
    /// on from.
    fn commit_at(&mut self, place: Place) -> Result<Result<(Contents, Chain), Fault>, JournalError> {
        let room = self.segments.terms().segment_bytes - place.offset;
        if room == 0 {
            self.buffer.clear();
            return Ok(Err(Fault::Blank));
        }
        self.load(place.offset, BLOCK_BYTES)?;
        let Chain { history, commit, previous } = self.chain;
        let first = record::read(history, place, self.begun.then_some(previous), &self.buffer);
        let (contents, stamp) = match first.map(|(record, _)| (contents_of(&record), record)) {
            Ok((Some(contents), record)) => (contents, record),
            Ok((None, _)) => return Ok(Err(Fault::Commit)),
            Err(fault) => return Ok(Err(fault)),
        };
        let last = Stamp { epoch: stamp.epoch, seq: stamp.seq, time: stamp.time };
        let number = contents.number.get();
        if self.begun && number != commit {
            return Ok(Err(Fault::Number { expected: commit, found: number }));
        }
        let len = contents.blocks.get() as usize * BLOCK_BYTES;
        if !(BLOCK_BYTES..=COMMIT_BYTES_MAX).contains(&len) || len as u64 > room {
            return Ok(Err(Fault::Commit));
        }
        self.load(place.offset, len)?;
        let mut at = 0;
        let mut chain = Chain { history, commit: number + 1, previous };
        for turn in 0..=contents.records.get() {
            let here = Place { offset: place.offset + at as u64, ..place };
            let follows = (self.begun || turn > 0).then_some(chain.previous);
            match record::read(history, here, follows, self.buffer.get(at..).unwrap_or_default()) {
                Ok((record, crc)) if (record.kind == Kind::Commit) == (turn == 0) => {
                    chain.previous = crc;
                    let end = at + record::HEAD_BYTES + record.payload.len();
                    at = record::padded(end);
                    if self.buffer.get(end..at).is_none_or(|between| between.iter().any(|&byte| byte != 0)) {
                        return Ok(Err(Fault::Commit));
                    }
                }
                Ok(_) => return Ok(Err(Fault::Commit)),
                // Within a commit nothing is blank.
                Err(Fault::Blank) => return Ok(Err(Fault::Length(0))),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        let padding = self.buffer.get(at..).unwrap_or_default();
        if padding.is_empty() || padding.iter().any(|&byte| byte != PADDING) {
            return Ok(Err(Fault::Commit));
        }
        self.last = Some(last);
        Ok(Ok((contents, chain)))
    }

    fn load(&mut self, offset: u64, len: usize) -> Result<(), JournalError> {
        let have = self.buffer.len();
        self.buffer.resize(len, 0);
        // The first block is there already when the whole commit is asked for.
        let from = if have == BLOCK_BYTES && len > have { have } else { 0 };
        let place = Place { offset: offset + from as u64, ..self.at };
        self.segments.read(&self.file, place, &mut self.buffer[from..])
    }

    /// Goes to the next segment if the journal goes on there, as it does where a commit did not fit behind `place`.
    fn follows_in_next(&mut self, place: Place) -> Result<bool, JournalError> {
        if self.is_last(place.segment) {
            return Ok(false);
        }
        let next = Place { segment: place.segment + 1, offset: FIRST_OFFSET };
        let file = self.segments.file(next.segment)?;
        let mut first = [0; SECTOR_BYTES];
        self.segments.read(&file, next, &mut first)?;
        let goes_on = match record::read(self.chain.history, next, None, &first) {
            Ok((record, _)) => {
                contents_of(&record).is_some_and(|c| !self.begun || c.number == self.chain.commit)
            }
            Err(_) => false,
        };
        if goes_on {
            (self.file, self.at) = (file, next);
            self.buffer.clear();
        }
        Ok(goes_on)
    }

    /// Finds out what a fault at `place` means, where a commit was to begin.
    fn finish(&mut self, place: Place, fault: Fault) -> Result<(), JournalError> {
        let corrupt = |reader: &Reader, fault| {
            let (path, offset) = (reader.path(place.segment), place.offset);
            Err(JournalError::Corrupt { path, offset, fault })
        };
        if let Fault::Unknown { .. } = fault {
            return corrupt(self, fault);
        }
        if self.is_followed(place)? {
            return corrupt(self, fault);
        }
        // A commit that did not fit behind `place` was to stand at the next segment's beginning.
        let next = Place { segment: place.segment + 1, offset: FIRST_OFFSET };
        let torn = match self.torn_at(place)? {
            Torn::Nothing if place.segment < self.last_segment => self.torn_at(next)?,
            torn => torn,
        };
        let torn = match torn {
            Torn::Not => return corrupt(self, fault),
            Torn::Nothing => None,
            Torn::Something => Some(fault),
        };
        // Nothing fits into what is left of a segment without a block.
        let place = if self.segments.terms().segment_bytes == place.offset { next } else { place };
        self.end = Some(End { place, chain: self.chain, last: self.last, torn });
        Ok(())
    }

    /// Whether a commit stands anywhere behind `place` that was written after what is there.
    fn is_followed(&mut self, place: Place) -> Result<bool, JournalError> {
        let mut block = vec![0; COMMIT_BYTES_MAX];
        for segment in place.segment..=self.last_segment {
            let file = self.segments.file(segment)?;
            let mut offset =
                if segment == place.segment { place.offset + BLOCK_BYTES as u64 } else { FIRST_OFFSET };
            let end = self.segments.terms().segment_bytes;
            while offset + BLOCK_BYTES as u64 <= end {
                let len =
                    usize::try_from(end - offset).map_or(COMMIT_BYTES_MAX, |left| left.min(COMMIT_BYTES_MAX));
                self.segments.read(&file, Place { segment, offset }, &mut block[..len])?;
                for (at, bytes) in (offset..).step_by(BLOCK_BYTES).zip(block[..len].chunks_exact(BLOCK_BYTES))
                {
                    let here = Place { segment, offset: at };
                    if let Ok((record, _)) = record::read(self.chain.history, here, None, bytes)
                        && contents_of(&record)
                            .is_some_and(|later| later.number > self.chain.commit || !self.begun)
                    {
                        return Ok(true);
                    }
                }
                offset += (len / BLOCK_BYTES * BLOCK_BYTES) as u64;
            }
        }
        Ok(false)
    }

    /// Whether what stands at `place` is what is left of a write that was cut short.
    fn torn_at(&self, place: Place) -> Result<Torn, JournalError> {
        let left = self.segments.terms().segment_bytes - place.offset;
        let len = usize::try_from(left).map_or(COMMIT_BYTES_MAX, |left| left.min(COMMIT_BYTES_MAX));
        let mut bytes = vec![0; len];
        self.segments.read(&self.segments.file(place.segment)?, place, &mut bytes)?;
        let Some(last) = bytes.iter().rposition(|&byte| byte != 0) else { return Ok(Torn::Nothing) };
        let length = Head::ref_from_prefix(&bytes).map_or(0, |(head, _)| head.length.get());
        // Nothing was begun here, and a bit of what is not used has changed.
        if length == 0 && bytes[SECTOR_BYTES.min(len)..].iter().all(|&byte| byte == 0) {
            return Ok(Torn::Something);
        }
        let first = record::read(self.chain.history, place, None, &bytes).ok();
        let contents = first.and_then(|(record, _)| contents_of(&record));
        let is_torn = match contents {
            Some(contents) => {
                let commit = &bytes[..(contents.blocks.get() as usize * BLOCK_BYTES).min(len)];
                let sector_is_missing =
                    commit.chunks(SECTOR_BYTES).any(|sector| sector.iter().all(|&byte| byte == 0));
                sector_is_missing || commit.last() == Some(&0)
            }
            // Its first record is no longer than a sector, so that it is cut short only with all that follows.
            None => last < FIRST_BYTES || bytes[..SECTOR_BYTES.min(len)].iter().all(|&byte| byte == 0),
        };
        Ok(if is_torn { Torn::Something } else { Torn::Not })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Torn {
    /// All of it was written.
    Not,
    /// There is nothing.
    Nothing,
    Something,
}

fn contents_of(record: &Record<'_>) -> Option<Contents> {
    if record.kind != Kind::Commit {
        return None;
    }
    Contents::read_from_bytes(record.payload).ok()
}
