//! A matcher that writes what it takes into the sequenced log, by a disk that answers only when it is told to.

#[path = "recovery/kept.rs"]
mod kept;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use kept::{Flow, Kept, SEQUENCED_BYTES, config, routes};
use matcher::{
    Link, Matcher, State,
    journal::{
        commit::Commit,
        device::{Device, Disk},
        recorder::Recorder,
        sequenced::Entry,
    },
};
use shm::{Agent, Bell, Consumer, Directory, Log, Producer, Ring, Start};
use wire::{
    event::{Kind, Record},
    types::SeqNo,
};

/// How commits land: `None` while they are on their way.
#[derive(Clone, Default)]
struct Tap(Arc<Mutex<Option<Result<(), i32>>>>);

impl Tap {
    fn set(&self, result: Option<Result<(), i32>>) {
        *self.0.lock().unwrap() = result;
    }
}

struct TapFile(Tap, Option<Commit>);

impl Disk for Tap {
    fn open(&mut self, _: &Path) -> io::Result<Box<dyn Device>> {
        Ok(Box::new(TapFile(self.clone(), None)))
    }
}

impl Device for TapFile {
    fn begin(&mut self, commit: Commit, _: u64) {
        self.1 = Some(commit);
    }

    fn done(&mut self, _: bool) -> Option<(Commit, io::Result<()>)> {
        let result = (*self.0.0.lock().unwrap())?;
        Some((self.1.take()?, result.map_err(io::Error::from_raw_os_error)))
    }
}

/// A matcher, its recorder, and the one gateway that sends. The directory goes last.
struct Venue {
    matcher: Matcher,
    recorder: Recorder,
    disk: Tap,
    commands: Producer,
    events: [Consumer; 2],
    flow: Flow,
    sent: usize,
    now: u64,
    rings: Directory,
    _bells: [Bell; 2],
    _place: tempfile::TempDir,
}

impl Venue {
    fn new(commands: usize, event_bytes: usize) -> Venue {
        let place = tempfile::tempdir_in("/dev/shm").unwrap();
        let rings = Directory::open(&place.path().join("rings")).unwrap();
        let bells = ["matcher", "gateway"].map(|name| Bell::create(&rings, name).unwrap());
        let disk = Tap::default();
        let mut state = State::new(config(), &routes());
        state.prefault();
        let (kept, _) = Kept::recover(place.path(), &bells[0], &mut state, Box::new(disk.clone()));
        let ring = |name: &str, number: u32, bytes| {
            Ring::create(&rings, &format!("{name}-{number}"), bytes).unwrap()
        };
        let links = [0, 1].map(|number| Link {
            commands: ring("commands", number, 1 << 22).consumer(&bells[0]).unwrap(),
            events: ring("events", number, event_bytes).producer().unwrap(),
        });
        let matcher = Matcher::resume(state, links.into()).with_log(kept.sequenced);
        let events = [0, 1].map(|n| ring("events", n, event_bytes).consumer(&bells[1]).unwrap());
        Venue {
            matcher,
            recorder: kept.recorder,
            disk,
            commands: ring("commands", 0, 1 << 22).producer().unwrap(),
            events,
            flow: Flow::new(11, commands),
            sent: 0,
            now: kept::TIME,
            rings,
            _bells: bells,
            _place: place,
        }
    }

    fn send(&mut self, count: usize) {
        for command in &self.flow.commands[self.sent..self.sent + count] {
            let mut claim = self.commands.claim(command.len()).expect("room");
            claim.copy_from_slice(command);
            claim.commit();
        }
        self.sent += count;
    }

    /// Lets the matcher work until it does nothing more, its events read by both gateways.
    fn settle(&mut self) -> u64 {
        self.matcher.housekeep(self.now);
        while self.matcher.poll(self.now) > 0 {
            self.read();
        }
        self.matcher.housekeep(self.now);
        self.taken()
    }

    fn taken(&self) -> u64 {
        self.matcher.engine().last_seq().0
    }

    /// Reads all events; whether a gateway was cut off.
    fn read(&mut self) -> bool {
        self.read_of(0..2)
    }

    fn read_of(&mut self, links: std::ops::Range<usize>) -> bool {
        let mut cut_off = false;
        for events in &mut self.events[links] {
            while let Some(bytes) = events.front() {
                if let Record::Event(event) = Record::read(bytes).unwrap() {
                    cut_off |= event.kind == Kind::CutOff;
                }
                events.advance();
            }
        }
        cut_off
    }

    fn record(&mut self) {
        while self.recorder.poll(self.now) > 0 {}
        self.recorder.housekeep(self.now);
    }

    /// The numbers of the commands in the sequenced log.
    fn sequenced(&self) -> Vec<u64> {
        let mut reader = Log::join(&self.rings, "sequenced").unwrap().reader();
        reader.seek(Start::Oldest).unwrap();
        let mut seqs = Vec::new();
        while let Some(record) = reader.read().unwrap() {
            seqs.push(Entry::read(record.bytes).unwrap().0.seq.0);
        }
        seqs
    }
}

#[test]
fn what_is_not_durable_is_never_overwritten_and_nothing_is_taken_that_would_do_so() {
    let mut venue = Venue::new(20_000, 1 << 22);
    let mut durable = 0;
    let mut closed = 0;
    while durable < 20_000 {
        let more = (20_000 - venue.sent).min(15_000);
        venue.send(more);
        venue.disk.set(None);
        let mut taken = venue.settle();
        venue.record(); // one commit is on its way, and stays there
        taken = taken.max(venue.settle());
        if taken < venue.sent as u64 {
            closed += 1;
            let bytes = venue.recorder.progress().backlog();
            assert!(bytes >= SEQUENCED_BYTES as u64 / 2, "{bytes}");
            assert!(bytes < SEQUENCED_BYTES as u64 * 5 / 8, "{bytes}");
            assert_eq!(venue.recorder.progress().closed(), closed);
        }
        // All that the disk does not have can be read.
        let there = venue.sequenced();
        assert!(there.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        assert!(there[0] <= durable + 1 && there.last() == Some(&taken), "{durable}");
        venue.disk.set(Some(Ok(())));
        venue.record();
        durable = venue.recorder.progress().durable().unwrap().0;
        assert_eq!(durable, taken);
    }
    assert!(closed > 2, "{closed}");
}

#[test]
fn a_journal_that_has_failed_takes_nothing_more() {
    let mut venue = Venue::new(100, 1 << 20);
    venue.disk.set(Some(Ok(())));
    venue.send(10);
    assert_eq!(venue.settle(), 10);
    venue.record();
    venue.send(10);
    assert_eq!(venue.settle(), 20);
    venue.disk.set(Some(Err(5)));
    venue.record();
    assert_eq!(venue.recorder.progress().durable(), None);
    venue.send(10);
    assert_eq!(venue.settle(), 20, "what comes stays in its ring");
    assert_eq!(venue.matcher.deadline(), u64::MAX, "and nothing is waited for");
    // Nor does the matcher do anything by itself: a gateway that goes is not noticed any more.
    let Venue { matcher, commands, mut now, .. } = venue;
    drop(commands);
    let mut matcher = matcher;
    for _ in 0..10 {
        now += 1_000_000_000;
        matcher.poll(now);
        matcher.housekeep(now);
    }
    assert_eq!(matcher.engine().last_seq(), SeqNo(20));
}

/// A gateway leaves in its ring what is not durable: that is no reason to cut it off, however long it takes.
#[test]
fn a_reader_that_waits_for_the_disk_is_not_cut_off_and_one_that_does_not_read_is() {
    const SECOND: u64 = 1_000_000_000;
    for is_durable in [false, true] {
        // Room for 240 events in the ring, and as many wait.
        let mut venue = Venue::new(2_000, 1 << 16);
        venue.disk.set(is_durable.then_some(Ok(())));
        venue.matcher.housekeep(venue.now);
        venue.matcher.poll(venue.now);
        venue.read();
        venue.send(2_000);
        for _ in 0..2_000 {
            venue.now += SECOND / 100;
            venue.matcher.poll(venue.now);
            venue.record();
            venue.matcher.housekeep(venue.now);
            // What is not read is the copies, at link 1.
            venue.read_of(0..1);
        }
        assert_eq!(venue.taken() < 2_000, !is_durable, "everybody waits, or nobody any more");
        venue.disk.set(Some(Ok(())));
        let mut cut_off = false;
        for _ in 0..2_000 {
            venue.record();
            cut_off |= venue.read();
            venue.matcher.poll(venue.now);
        }
        assert_eq!(cut_off, is_durable);
        assert!(venue.taken() >= 2_000);
    }
}

/// Neither the matcher's loop nor the sequenced log asks for memory once they have begun.
#[test]
fn no_command_that_is_to_become_durable_allocates() {
    let mut venue = Venue::new(20_000, 1 << 22);
    venue.disk.set(Some(Ok(())));
    venue.send(100);
    venue.settle();
    venue.record();
    let mut requests = 0;
    while venue.sent < 20_000 {
        venue.send(100);
        let now = venue.now;
        let matcher = &mut venue.matcher;
        let memory = allocation_counter::measure(|| {
            while matcher.poll(now) > 0 {}
            matcher.housekeep(now);
        });
        requests += memory.count_total;
        venue.read();
        venue.record();
    }
    assert_eq!((venue.taken(), requests), (20_000, 0));
}
