//! The recorder: what the sequenced log has becomes durable, and is called so only then.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use matcher::journal::{
    JournalError,
    commit::Commit,
    device::{Device, Disk},
    reader::Reader,
    recorder::Recorder,
    segment::{SEGMENT_BYTES_MIN, Segments, Terms},
    sequenced::{Entry, Origin},
    writer::Journal,
};
use shm::{Agent, Bell, Directory, Log, LogReader, LogWriter};
use tempfile::TempDir;
use wire::{
    durable::{Durable, State},
    types::{Nanos, SeqNo},
};
use zerocopy::IntoBytes;

const TERMS: Terms = Terms { history: 9, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };
const RECORD_MAX: usize = 2048;
const LOG_BYTES: usize = 1 << 20;
const EPOCH: u64 = 4;

/// What a disk that answers only when it is told to has been given.
#[derive(Default)]
struct Held {
    commits: Vec<(u64, Vec<u8>)>,
    /// How many may land, and how.
    landing: Vec<io::Result<()>>,
}

#[derive(Clone, Default)]
struct HeldDisk(Arc<Mutex<Held>>);

struct HeldFile {
    disk: HeldDisk,
    flight: Option<Commit>,
}

impl Disk for HeldDisk {
    fn open(&mut self, _: &Path) -> io::Result<Box<dyn Device>> {
        Ok(Box::new(HeldFile { disk: self.clone(), flight: None }))
    }
}

impl Device for HeldFile {
    fn begin(&mut self, commit: Commit, offset: u64) {
        self.disk.0.lock().unwrap().commits.push((offset, commit.bytes().to_vec()));
        self.flight = Some(commit);
    }

    fn done(&mut self, _: bool) -> Option<(Commit, io::Result<()>)> {
        let result = self.disk.0.lock().unwrap().landing.pop()?;
        Some((self.flight.take()?, result))
    }
}

struct Place {
    _directory: TempDir,
    disk: HeldDisk,
    log: LogWriter,
    recorder: Recorder,
    durable: LogReader,
    now: u64,
    seq: u64,
    _bell: Bell,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir_in("/dev/shm").unwrap();
        let rings = Directory::open(&directory.path().join("rings")).unwrap();
        let disk = HeldDisk::default();
        let (segments, numbers) = Segments::open(&directory.path().join("journal"), TERMS, 0).unwrap();
        let reader = Reader::of(segments, numbers).unwrap();
        let journal = Journal::after(reader, EPOCH, Box::new(disk.clone())).unwrap();
        let bell = Bell::create(&rings, "journal").unwrap();
        let log = Log::create(&rings, "sequenced", LOG_BYTES, RECORD_MAX).unwrap();
        let durable = Log::create(&rings, "durable", 1 << 16, size_of::<Durable>()).unwrap();
        let reader = log.registered_reader(&bell).unwrap();
        let recorder = Recorder::new("journal", reader, journal, EPOCH, durable.writer().unwrap());
        let log = log.writer().unwrap();
        let durable = durable.reader();
        Place { _directory: directory, disk, log, recorder, durable, now: 0, seq: 0, _bell: bell }
    }

    fn sequence(&mut self, count: u64) {
        for _ in 0..count {
            self.seq += 1;
            let entry = Entry {
                history: TERMS.history,
                seq: SeqNo(self.seq),
                time: Nanos(self.seq),
                origin: Origin::OWN,
            };
            let mut record = entry.as_bytes().to_vec();
            record.resize(48 + usize::try_from(self.seq % 1500).unwrap(), 7);
            self.log.append(&record);
        }
    }

    fn turn(&mut self) -> usize {
        self.now += 1_000_000;
        let work = self.recorder.poll(self.now);
        self.recorder.housekeep(self.now);
        work
    }

    fn land(&mut self, result: io::Result<()>) {
        self.disk.0.lock().unwrap().landing.push(result);
        self.turn();
    }

    fn commits(&self) -> usize {
        self.disk.0.lock().unwrap().commits.len()
    }

    /// What gateways take for durable.
    fn told(&mut self) -> Durable {
        let mut last = None;
        self.durable.seek(shm::Start::Oldest).unwrap();
        while let Some(record) = self.durable.read().unwrap() {
            let durable = Durable::read(record.bytes).unwrap();
            assert!(last.is_none_or(|last: Durable| last.seq <= durable.seq), "it never goes back");
            last = Some(durable);
        }
        last.unwrap()
    }
}

#[test]
fn nothing_is_durable_before_the_disk_says_so_and_what_comes_meanwhile_goes_together() {
    let mut place = Place::new();
    place.sequence(3);
    assert!(place.turn() > 0);
    assert_eq!((place.commits(), place.told().seq), (1, SeqNo(0)));
    place.sequence(100);
    for _ in 0..5 {
        place.turn();
    }
    assert_eq!((place.commits(), place.told().seq), (1, SeqNo(0)), "one commit at a time");
    place.land(Ok(()));
    assert_eq!((place.commits(), place.told().seq), (2, SeqNo(3)));
    place.land(Ok(()));
    assert_eq!(place.told(), Durable { history: TERMS.history, seq: SeqNo(103), state: State::Going });
    assert_eq!(place.recorder.progress().durable(), Some(SeqNo(103)));
}

#[test]
fn more_than_a_commit_holds_waits_and_none_of_it_is_lost() {
    let mut place = Place::new();
    for _ in 0..6 {
        place.sequence(500);
        while place.turn() > 0 {}
        place.land(Ok(()));
    }
    while place.told().seq < SeqNo(3000) {
        place.land(Ok(()));
    }
    let held = place.disk.0.lock().unwrap();
    assert!(held.commits.iter().all(|(_, bytes)| bytes.len() <= 1 << 20));
    // Every command once, in order: their numbers stand in the heads of the records.
    let mut seqs = Vec::new();
    for (_, bytes) in &held.commits {
        let mut at = 0;
        while bytes.get(at..at + 4).is_some_and(|length| length != [0xFF; 4]) {
            let word = |from: usize| u32::from_le_bytes(bytes[at + from..at + from + 4].try_into().unwrap());
            let (length, kind) = (word(0), word(12) & 0xFFFF);
            if kind == 2 {
                seqs.push(u64::from(word(24)));
            }
            at += usize::try_from(length).unwrap().next_multiple_of(8);
        }
    }
    assert!(seqs.iter().copied().eq(1..=3000), "{} commands", seqs.len());
}

#[test]
fn when_nothing_comes_the_last_commit_is_sealed_once() {
    let mut place = Place::new();
    place.sequence(1);
    place.turn();
    place.land(Ok(()));
    for _ in 0..30 {
        place.turn();
    }
    assert_eq!(place.commits(), 2);
    place.land(Ok(()));
    for _ in 0..30 {
        place.turn();
    }
    assert_eq!((place.commits(), place.told().seq), (2, SeqNo(1)));
}

#[test]
fn a_failed_disk_is_told_and_nothing_is_durable_from_then_on() {
    let mut place = Place::new();
    place.sequence(2);
    place.turn();
    place.land(Ok(()));
    place.sequence(2);
    place.turn();
    place.land(Err(io::Error::from_raw_os_error(28)));
    assert_eq!(place.told(), Durable { history: TERMS.history, seq: SeqNo(2), state: State::Failed });
    assert_eq!(place.recorder.progress().durable(), None);
    let commits = place.commits();
    place.sequence(5);
    for _ in 0..30 {
        assert_eq!(place.turn(), 0);
    }
    assert_eq!((place.commits(), place.told().state), (commits, State::Failed));
    assert!(JournalError::Failed.to_string().contains("start the venue again"));
}
