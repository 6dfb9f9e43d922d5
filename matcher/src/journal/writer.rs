//! The journal at work: records are put into the next commit while the one before is on its way to the disk, so that each
//! commit holds what came meanwhile, and nobody waits but for the disk.

use std::{
    collections::VecDeque,
    fs::File,
    os::unix::fs::FileExt,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use wire::types::SeqNo;

use super::{
    JournalError,
    commit::{BLOCK_BYTES, Blank, Chain, Commit, Stamp},
    device::{Device, Disk},
    reader::{End, Reader},
    record::{Kind, Place},
    segment::{FIRST_OFFSET, Segments},
};

/// Segments that are made ahead of the one that is written, so that none is waited for.
const AHEAD: u64 = 2;
/// How soon it is tried again to make a segment that there was no room for.
const RETRY: Duration = Duration::from_millis(200);

/// Whether there is room for what is to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// Segments are made ahead.
    #[default]
    Enough,
    /// There is none for a segment to be made ahead; those that are there take more still.
    Low,
    /// There is none for what is to be written next: it waits.
    None,
}

/// What a journal has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Commits that are durable.
    pub commits: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records that are durable.
    pub records: u64,
    /// Times that the next segment was not made yet when it was wanted.
    pub stalls: u64,
}

/// A journal that is written.
pub struct Journal {
    segments: Segments,
    disk: Box<dyn Disk>,
    device: Box<dyn Device>,
    /// Where the next commit goes.
    at: Place,
    chain: Chain,
    filling: Commit,
    /// The other commit, while it is not on its way.
    spare: Option<Commit>,
    /// Of the commit that is on its way, its last stamp and records.
    flight: Option<(Stamp, u64)>,
    last: Stamp,
    durable: SeqNo,
    /// Whether a commit has followed the last one with records in it.
    sealed: bool,
    /// The last segment there is.
    ready: u64,
    workshop: Workshop,
    /// Why the next segment could not be made yet.
    no_room: Option<JournalError>,
    /// Whether what is to be written waits for it.
    stalled: bool,
    figures: Figures,
    failed: bool,
}

impl Journal {
    /// Goes on at `end` of a journal with segments up to `last_segment`; what is torn there is overwritten with zeros first. `epoch` is under whose
    /// reign an empty journal begins.
    ///
    /// # Errors
    /// [`JournalError::Io`], [`JournalError::NoSpace`].
    fn resume(
        segments: Segments,
        last_segment: u64,
        end: End,
        epoch: u64,
        mut disk: Box<dyn Disk>,
    ) -> Result<Journal, JournalError> {
        let End { place, chain, last, torn } = end;
        if torn.is_some() {
            for segment in place.segment..=last_segment {
                let from = if segment == place.segment { place.offset } else { FIRST_OFFSET };
                erase(&segments, segment, from)?;
            }
        }
        let mut ready = last_segment;
        while ready <= place.segment {
            ready += 1;
            segments.prepare(ready)?;
        }
        let path = segments.path(place.segment);
        let device = disk.open(&path).map_err(JournalError::io("cannot write the segment", path))?;
        let workshop = Workshop::start(&segments)?;
        let none = Stamp { epoch, seq: SeqNo(0), time: wire::types::Nanos(0) };
        let last = last.unwrap_or(none);
        let mut journal = Journal {
            segments,
            disk,
            device,
            at: place,
            chain,
            filling: Commit::default(),
            spare: Some(Commit::default()),
            flight: None,
            last,
            durable: last.seq,
            sealed: false,
            ready,
            workshop,
            no_room: None,
            stalled: false,
            figures: Figures::default(),
            failed: false,
        };
        journal.workshop.want(journal.at.segment + AHEAD);
        Ok(journal)
    }

    /// The journal that `reader` reads, from its end on, which is looked for from where the reader stands.
    ///
    /// # Errors
    /// As [`Reader::commit`] and [`Journal::resume`].
    pub fn after(mut reader: Reader, epoch: u64, disk: Box<dyn Disk>) -> Result<Journal, JournalError> {
        loop {
            if let Some(end) = reader.end() {
                let (segments, last) = reader.into_segments();
                return Journal::resume(segments, last, end, epoch, disk);
            }
            let _read = reader.commit()?.is_some();
        }
    }

    /// Puts a record in; `false` while there is no room for it.
    #[must_use]
    pub fn append(&mut self, kind: Kind, stamp: Stamp, parts: [&[u8]; 2]) -> bool {
        self.filling.push(kind, stamp, parts)
    }

    /// Whether anything put in is not durable yet.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.flight.is_some() || !self.filling.is_empty()
    }

    /// Whether a commit is on its way.
    #[must_use]
    pub const fn is_in_flight(&self) -> bool {
        self.flight.is_some()
    }

    /// The sequence number up to which everything is durable.
    #[must_use]
    pub const fn durable(&self) -> SeqNo {
        self.durable
    }

    /// The number that names its run of sequence numbers.
    #[must_use]
    pub const fn history(&self) -> u64 {
        self.segments.terms().history
    }

    /// What it has done.
    #[must_use]
    pub const fn figures(&self) -> Figures {
        self.figures
    }

    /// Takes note of what has become durable, and sends the next commit on its way. Gives whether there was anything to do. With
    /// `wait` it sleeps until the commit on its way is durable, if there is one.
    ///
    /// # Errors
    /// After one the journal takes nothing more: what is on the disk is not known until it is read again.
    pub fn poll(&mut self, wait: bool) -> Result<bool, JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        let turned = self.turn(wait);
        self.failed = turned.is_err();
        turned
    }

    fn turn(&mut self, wait: bool) -> Result<bool, JournalError> {
        let landed = self.land(wait)?;
        if self.flight.is_some() || self.filling.is_empty() {
            return Ok(landed);
        }
        Ok(self.launch()? || landed)
    }

    /// As [`Journal::poll`], waiting, for who has nothing else to do and cannot wait until there is room on the disk.
    ///
    /// # Errors
    /// As [`Journal::poll`]; and that there is no room, where there is none.
    pub fn press_on(&mut self) -> Result<(), JournalError> {
        if self.poll(true)? || !self.stalled {
            return Ok(());
        }
        match self.no_room.take() {
            Some(error) => {
                self.failed = true;
                Err(error)
            }
            None => Ok(()),
        }
    }

    /// Says on disk that the last commit is durable, if nothing was written behind it yet: a change in it is then known for one,
    /// and not taken for a write cut short. To be called when there is nothing else to do.
    ///
    /// # Errors
    /// As [`Journal::poll`].
    pub fn seal(&mut self) -> Result<bool, JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        if self.sealed || self.is_behind() || self.figures.commits == 0 {
            return Ok(false);
        }
        let launched = self.launch();
        self.failed = launched.is_err();
        launched
    }

    /// Takes note of segments that were made since, and of those that there is no room for.
    ///
    /// # Errors
    /// As [`Journal::poll`].
    pub fn look(&mut self) -> Result<(), JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        let taken = self.take_made();
        self.failed = taken.is_err();
        taken
    }

    /// Whether there is room for what is to come, and where there is not, why.
    #[must_use]
    pub const fn room(&self) -> (Room, Option<&JournalError>) {
        match &self.no_room {
            None => (Room::Enough, None),
            Some(error) => (if self.stalled { Room::None } else { Room::Low }, Some(error)),
        }
    }

    fn take_made(&mut self) -> Result<(), JournalError> {
        while let Some(made) = self.workshop.made() {
            match made {
                Ok(number) => (self.ready, self.no_room) = (self.ready.max(number), None),
                Err(error) if error.is_no_room() => self.no_room = Some(error),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn land(&mut self, wait: bool) -> Result<bool, JournalError> {
        let Some((stamp, records)) = self.flight else { return Ok(false) };
        let Some((mut commit, result)) = self.device.done(wait) else { return Ok(false) };
        let path = self.segments.path(self.at.segment);
        result.map_err(JournalError::io("cannot write the segment", path))?;
        self.flight = None;
        self.durable = stamp.seq;
        self.sealed = records == 0;
        self.at.offset += commit.len() as u64;
        self.figures.commits += 1;
        self.figures.bytes += commit.len() as u64;
        self.figures.records += records;
        commit.clear();
        self.spare = Some(commit);
        Ok(true)
    }

    /// Sends what has been put in on its way.
    fn launch(&mut self) -> Result<bool, JournalError> {
        let room = self.segments.terms().segment_bytes - self.at.offset;
        if (self.filling.len() as u64) > room && !self.rotate()? {
            return Ok(false);
        }
        let Some(spare) = self.spare.take() else { return Ok(false) };
        let mut commit = std::mem::replace(&mut self.filling, spare);
        if !commit.is_empty() {
            self.last = commit.last();
        }
        commit.finish(self.at, self.last, &mut self.chain);
        self.flight = Some((self.last, u64::from(commit.records())));
        self.device.begin(commit, self.at.offset);
        Ok(true)
    }

    /// Goes on in the next segment, if the one behind that is made.
    fn rotate(&mut self) -> Result<bool, JournalError> {
        let next = self.at.segment + 1;
        if self.ready <= next {
            self.take_made()?;
            if self.ready <= next {
                self.figures.stalls += u64::from(!self.stalled);
                self.stalled = true;
                return Ok(false);
            }
        }
        self.stalled = false;
        let path = self.segments.path(next);
        self.device = self.disk.open(&path).map_err(JournalError::io("cannot write the segment", path))?;
        self.at = Place { segment: next, offset: FIRST_OFFSET };
        self.workshop.want(next + AHEAD);
        Ok(true)
    }
}

/// Overwrites with zeros, durably, what stands in a segment from `offset` on.
fn erase(segments: &Segments, segment: u64, offset: u64) -> Result<(), JournalError> {
    let path = segments.path(segment);
    let cannot = |what| JournalError::io(what, &path);
    let file =
        File::options().read(true).write(true).open(&path).map_err(cannot("cannot open the segment"))?;
    let blank = Blank::default();
    let end = segments.terms().segment_bytes;
    let mut found = vec![0; blank.bytes(end).len()];
    let mut at = offset;
    while at < end {
        let zeros = blank.bytes(end - at);
        let found = &mut found[..zeros.len()];
        file.read_exact_at(found, at).map_err(cannot("cannot read the segment"))?;
        for (place, block) in (at..).step_by(BLOCK_BYTES).zip(found.chunks(BLOCK_BYTES)) {
            if block.iter().any(|&byte| byte != 0) {
                let written = file.write_all_at(&zeros[..block.len()], place);
                written.map_err(cannot("cannot erase what is torn in"))?;
            }
        }
        at += zeros.len() as u64;
    }
    file.sync_data().map_err(cannot("cannot make the segment durable"))
}

/// Where segments are made, on a thread of its own: it takes as long as the disk takes to be filled with them.
struct Workshop {
    orders: Option<mpsc::Sender<u64>>,
    made: mpsc::Receiver<Result<u64, JournalError>>,
    thread: Option<JoinHandle<()>>,
}

impl Workshop {
    fn start(segments: &Segments) -> Result<Workshop, JournalError> {
        let (orders, ordered) = mpsc::channel();
        let (sender, made) = mpsc::channel();
        let path = segments.path(1);
        let segments = segments.clone();
        let thread = thread::Builder::new()
            .name("journal-files".to_owned())
            .spawn(move || work(&segments, &ordered, &sender))
            .map_err(JournalError::io("no thread to make files in", path))?;
        Ok(Workshop { orders: Some(orders), made, thread: Some(thread) })
    }

    fn want(&mut self, number: u64) {
        if let Some(orders) = &self.orders {
            // Without the thread, which only a panic ends, the next segment is never there, which is noticed then.
            let _unheard = orders.send(number);
        }
    }

    /// What has become of an order since it was asked last. One that there was no room for is tried until there is.
    fn made(&self) -> Option<Result<u64, JournalError>> {
        self.made.try_recv().ok()
    }
}

/// Makes the segments that are ordered, one after the other.
fn work(segments: &Segments, ordered: &mpsc::Receiver<u64>, made: &mpsc::Sender<Result<u64, JournalError>>) {
    let mut orders = VecDeque::new();
    let mut is_told = false;
    loop {
        let Some(&number) = orders.front() else {
            match ordered.recv() {
                Ok(number) => orders.push_back(number),
                Err(_) => return,
            }
            continue;
        };
        let result = segments.prepare(number).map(|()| number);
        let is_to_wait = result.as_ref().is_err_and(JournalError::is_no_room);
        if !(is_to_wait && std::mem::replace(&mut is_told, true)) && made.send(result).is_err() {
            return;
        }
        if !is_to_wait {
            orders.pop_front();
            is_told = false;
            continue;
        }
        match ordered.recv_timeout(RETRY) {
            Ok(number) => orders.push_back(number),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
