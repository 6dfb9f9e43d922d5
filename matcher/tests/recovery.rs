//! A matcher that is killed at any point and started again does what one does that was never killed.
//!
//! The matcher is another process: this test program again, running the one ignored test below. It kills itself at a call of its
//! clock, which is looked at before a command is sequenced and before its first event leaves, behind that it was put into the
//! sequenced log. With PENSTOCK_LONG in the environment there are thousands of kills.

#[path = "recovery/kept.rs"]
mod kept;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use kept::{Flow, Kept, TIME, config, routes};
use matcher::{
    Link, Matcher, State,
    journal::{
        device::{HostDisk, Method},
        reader::Reader,
        sequenced::Origin,
    },
};
use rustix::process::{Signal, getpid, kill_process};
use shm::{Agent, Bell, Consumer, Directory, Log, Producer, Ring, ShmError, Start};
use wire::{
    durable::Durable,
    event::{Event, Kind, Record},
    feed,
    types::{Nanos, SeqNo},
};

/// For a test that would otherwise hang: nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);
const COMMANDS: usize = 3_000;
/// Small, so that events wait in the matcher's memory too.
const EVENT_BYTES: usize = 1 << 16;
const FEED_BYTES: usize = 1 << 22;

fn rounds() -> u32 {
    if std::env::var_os("PENSTOCK_LONG").is_some() { 100 } else { 2 }
}

/// Calls of the clock until this process dies; 0: it does not.
static CALLS: AtomicU64 = AtomicU64::new(0);

fn clock() -> u64 {
    if CALLS.load(Ordering::Relaxed) > 0 && CALLS.fetch_sub(1, Ordering::Relaxed) == 1 {
        kill_process(getpid(), Signal::KILL).unwrap();
        thread::sleep(PATIENCE);
    }
    TIME
}

#[test]
#[ignore = "the matcher's process of the tests in this program, which start it"]
fn the_matchers_process() {
    let variable = |name| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let place = PathBuf::from(std::env::var_os("MATCHER_PLACE").unwrap());
    let rings = Directory::open(&place.join("rings")).unwrap();
    let bell = once_free(|| Bell::create(&rings, "matcher"));
    let feed = Log::create(&rings, "feed", FEED_BYTES, size_of::<feed::Record>()).unwrap();
    let mut state = State::new(config(), &routes());
    state.keep_events([EVENT_BYTES; 2]);
    state.keep_feed(&feed).unwrap();
    let (kept, seq) = Kept::recover(&place, &bell, &mut state, Box::new(HostDisk::by(Method::Plain)));
    let links = [0, 1].map(|number| {
        let commands = Ring::create(&rings, &format!("commands-{number}"), 1 << 16).unwrap();
        let events = Ring::create(&rings, &format!("events-{number}"), EVENT_BYTES).unwrap();
        Link { commands: once_free(|| commands.consumer(&bell)), events: once_free(|| events.producer()) }
    });
    let mut recorder = kept.recorder;
    let mut matcher = Matcher::resume(state, links.into()).with_clock(clock).with_log(kept.sequenced);
    matcher.publish_to(once_free(|| feed.writer()));
    println!("\nrecovered {seq}");
    CALLS.store(variable("MATCHER_CALLS"), Ordering::Relaxed);
    let lag = variable("MATCHER_LAG");
    for round in 0_u64.. {
        matcher.poll(TIME);
        matcher.housekeep(TIME);
        // The journal is behind by some rounds.
        if round.is_multiple_of(lag) {
            recorder.poll(round);
            recorder.housekeep(round);
        }
        thread::yield_now();
    }
}

/// Who held it before may still be on its way out.
fn once_free<T>(mut claim: impl FnMut() -> Result<T, ShmError>) -> T {
    let start = Instant::now();
    loop {
        match claim() {
            Err(ShmError::Held { .. }) if start.elapsed() < PATIENCE => thread::yield_now(),
            claimed => return claimed.unwrap(),
        }
    }
}

/// A gateway's ends of its rings, and the events that it has taken, without those that were sent again.
struct Gateway {
    commands: Producer,
    events: Consumer,
    taken: Vec<Event>,
    again: usize,
}

impl Gateway {
    fn join(rings: &Directory, number: u32, bell: &Bell) -> Gateway {
        let commands = Ring::create(rings, &format!("commands-{number}"), 1 << 16).unwrap();
        let events = Ring::create(rings, &format!("events-{number}"), EVENT_BYTES).unwrap();
        let (commands, events) = (commands.producer().unwrap(), events.consumer(bell).unwrap());
        Gateway { commands, events, taken: Vec::new(), again: 0 }
    }

    fn send(&mut self, command: &[u8]) -> bool {
        let Some(mut claim) = self.commands.claim(command.len()) else { return false };
        claim.copy_from_slice(command);
        claim.commit();
        true
    }

    /// Takes at most so many events, each of which is the next one or one that was taken before.
    fn take(&mut self, most: usize) {
        for _ in 0..most {
            let Some(bytes) = self.events.front() else { return };
            if let Record::Event(event) = Record::read(bytes).unwrap() {
                let event = Event { out: Nanos(0), ..*event };
                assert_ne!(event.kind, Kind::CutOff);
                if self.taken.last().is_none_or(|last| last.event_id < event.event_id) {
                    self.taken.push(event);
                } else {
                    let place = self.taken.binary_search_by_key(&event.event_id, |taken| taken.event_id);
                    assert_eq!(self.taken[place.expect("it was taken before")], event);
                    self.again += 1;
                }
            }
            self.events.advance();
        }
    }
}

impl Flow {
    /// Applies the first `count` of them to `state`, which is empty, as if they had come by one ring.
    fn apply_to(&self, state: &mut State, count: usize) {
        for (command, number) in self.commands[..count].iter().zip(1..) {
            let origin = Origin { made: 5, count: number, link: 0, generation: 1 };
            state.apply(SeqNo(number), Nanos(TIME), &origin, command).unwrap();
        }
    }
}

/// What a matcher did that was never killed.
struct Twin {
    events: [Vec<Event>; 2],
    feed: Vec<feed::Record>,
    state: u64,
}

impl Twin {
    fn of(flow: &Flow) -> Twin {
        let place = tempfile::tempdir().unwrap();
        let rings = Directory::open(&place.path().join("rings")).unwrap();
        let bells = ["matcher", "gateway"].map(|name| Bell::create(&rings, name).unwrap());
        let feed = Log::create(&rings, "feed", FEED_BYTES, size_of::<feed::Record>()).unwrap();
        let mut gateways = [0, 1].map(|number| Gateway::join(&rings, number, &bells[1]));
        let links = [0, 1].map(|number| {
            let join = |name: &str| Ring::join(&rings, &format!("{name}-{number}")).unwrap();
            Link {
                commands: join("commands").consumer(&bells[0]).unwrap(),
                events: join("events").producer().unwrap(),
            }
        });
        let mut matcher = Matcher::resume(State::new(config(), &routes()), links.into()).with_clock(clock);
        matcher.publish_to(feed.writer().unwrap());
        for command in &flow.commands {
            assert!(gateways[0].send(command));
            matcher.poll(TIME);
            gateways.iter_mut().for_each(|gateway| gateway.take(usize::MAX));
        }
        let mut state = State::new(config(), &routes());
        flow.apply_to(&mut state, flow.commands.len());
        assert_eq!(state.engine().last_seq(), matcher.engine().last_seq());
        let state = state.state_hash();
        Twin { events: gateways.map(|gateway| gateway.taken), feed: records(&feed), state }
    }
}

/// All that stands in a log of market data.
fn records(feed: &Log) -> Vec<feed::Record> {
    let mut reader = feed.reader();
    reader.seek(Start::Record(1)).unwrap();
    let mut records = Vec::new();
    while let Some(record) = reader.read().unwrap() {
        records.push(*feed::Record::read(record.bytes).unwrap());
    }
    records
}

/// The matcher's process.
struct Process(Child);

impl Process {
    /// Starts it, to die after so many calls of its clock; and the last command that it found kept.
    fn start(place: &Path, calls: u64, lag: u64) -> (Process, u64) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_matchers_process", "--ignored", "--nocapture"])
            .env("MATCHER_PLACE", place)
            .env("MATCHER_CALLS", calls.to_string())
            .env("MATCHER_LAG", lag.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let recovered = lines.find_map(|line| line.unwrap().strip_prefix("recovered ")?.parse().ok());
        (Process(child), recovered.expect("the matcher recovers; what it says stands above"))
    }

    fn has_died(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _dead = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// Cuts the last sector off the journal's last commit, as if the host had died before that was written; `false` if there is no commit.
fn tear(journal: &Path) -> bool {
    let Some(mut reader) = Reader::open(journal).unwrap() else { return false };
    let mut last = None;
    while let Some(commit) = reader.commit().unwrap() {
        last = Some((commit.place(), commit.len() as u64));
    }
    let Some((place, len)) = last else { return false };
    let path = reader.segments().path(place.segment);
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(&[0; 512], place.offset + len - 512).unwrap();
    true
}

/// The journal as a start reads it.
fn read_again(journal: &Path) -> State {
    let mut state = State::new(config(), &routes());
    let mut reader = Reader::open(journal).unwrap().unwrap();
    while let Some(commit) = reader.commit().unwrap() {
        for record in commit.iter() {
            state.apply_record(&record).unwrap();
        }
    }
    state
}

fn seed() -> u64 {
    let seed = std::env::var("PENSTOCK_SEED").ok().and_then(|seed| seed.parse().ok());
    seed.unwrap_or_else(|| {
        u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() & 0xFFFF_FFFF).unwrap()
    })
}

#[test]
fn killed_at_any_point_it_goes_on_as_if_it_never_was() {
    let (mut kills, mut again, mut torn, mut from_memory) = (0, 0, 0, 0);
    for _ in 0..rounds() {
        let seed = seed();
        eprintln!("PENSTOCK_SEED={seed}");
        let flow = Flow::new(seed, COMMANDS);
        let mut random = kept::Random(seed | 1);
        let twin = Twin::of(&flow);

        let place = tempfile::tempdir_in("/dev/shm").unwrap();
        let rings = Directory::open(&place.path().join("rings")).unwrap();
        let bell = Bell::create(&rings, "gateway").unwrap();
        let mut gateways = [0, 1].map(|number| Gateway::join(&rings, number, &bell));
        let start = |random: &mut kept::Random| {
            let (calls, lag) = (1 + random.below(600), 1 + random.below(40));
            Process::start(place.path(), calls, lag)
        };
        let (mut process, _) = start(&mut random);
        let mut sent = 0;
        let begun = Instant::now();
        while sent < COMMANDS || gateways.iter().zip(&twin.events).any(|(g, all)| g.taken.len() < all.len()) {
            assert!(begun.elapsed() < PATIENCE, "{sent} sent, {:?}", gateways.map(|g| g.taken.len()));
            for _ in 0..random.below(20) {
                sent += usize::from(sent < COMMANDS && gateways[0].send(&flow.commands[sent]));
            }
            gateways.iter_mut().for_each(|gateway| gateway.take(usize::try_from(random.below(20)).unwrap()));
            if process.has_died() {
                kills += 1;
                let journal = place.path().join("journal");
                let kept = read_again(&journal).engine().last_seq().0;
                torn += usize::from(random.below(3) == 0 && tear(&journal));
                let (next, recovered) = start(&mut random);
                process = next;
                assert!(recovered >= kept);
                from_memory += usize::from(recovered > kept);
            }
        }
        drop(process);
        for (gateway, expected) in gateways.iter().zip(&twin.events) {
            assert!(gateway.taken == *expected, "a difference in what was told");
            again += gateway.again;
        }
        let feed = Log::join(&rings, "feed").unwrap();
        assert!(records(&feed) == twin.feed, "a difference in market data");
        // Once more, from what is there now.
        let (process, recovered) = Process::start(place.path(), 0, 1);
        assert_eq!(recovered, COMMANDS as u64);
        drop(process);
        let mut state = read_again(&place.path().join("journal"));
        assert_eq!(state.state_hash(), twin.state);
    }
    assert!(kills > 5 && again > 0 && torn > 0 && from_memory > 0, "{kills} {again} {torn} {from_memory}");
}

/// The host dies: shared memory is gone, and what was not durable with it. What was is there.
#[test]
fn without_shared_memory_all_that_was_durable_is_there() {
    for _ in 0..5 * rounds() {
        let seed = seed();
        eprintln!("PENSTOCK_SEED={seed}");
        let flow = Flow::new(seed, COMMANDS);
        let mut random = kept::Random(seed | 1);
        let place = tempfile::tempdir_in("/dev/shm").unwrap();
        let rings = Directory::open(&place.path().join("rings")).unwrap();
        let bell = Bell::create(&rings, "gateway").unwrap();
        let mut gateways = [0, 1].map(|number| Gateway::join(&rings, number, &bell));
        let (mut process, _) = Process::start(place.path(), 1 + random.below(3_000), 1 + random.below(40));
        let mut sent = 0;
        while !process.has_died() {
            sent += usize::from(sent < COMMANDS && gateways[0].send(&flow.commands[sent]));
            gateways.iter_mut().for_each(|gateway| gateway.take(usize::MAX));
            if sent == COMMANDS {
                break;
            }
        }
        drop(process);
        let mut reader = Log::join(&rings, "durable").unwrap().reader();
        reader.seek(Start::Oldest).unwrap();
        let mut durable = SeqNo(0);
        while let Some(record) = reader.read().unwrap() {
            durable = Durable::read(record.bytes).unwrap().seq;
        }
        drop((gateways, bell, reader));
        fs::remove_dir_all(place.path().join("rings")).unwrap();

        let (process, recovered) = Process::start(place.path(), 0, 1);
        drop(process);
        assert!(recovered >= durable.0, "{recovered} of {}", durable.0);
        let mut state = read_again(&place.path().join("journal"));
        assert!(state.engine().last_seq().0 >= recovered);
        // Its gateway has gone with the rings, so that the matcher has taken the session down since: in a journal behind those commands.
        let mut expected = State::new(config(), &routes());
        flow.apply_to(&mut expected, usize::try_from(recovered).unwrap());
        let mut only = State::new(config(), &routes());
        let mut reader = Reader::open(&place.path().join("journal")).unwrap().unwrap();
        while let Some(commit) = reader.commit().unwrap() {
            for record in commit.iter().filter(|record| record.seq.0 <= recovered) {
                only.apply_record(&record).unwrap();
            }
        }
        assert_eq!(only.state_hash(), expected.state_hash());
        if state.engine().last_seq().0 > recovered {
            assert!(state.state_hash() != only.state_hash());
        }
    }
}

/// A session whose gateway is gone with its ring is taken down once the matcher is back, though the new ring's first producer has the
/// same generation as the old one's; and what a command of the journal said is not taken for the venue's first commands.
#[test]
fn a_ring_made_anew_is_not_taken_for_the_one_before() {
    let flow = Flow::new(7, 50);
    let mut state = State::new(config(), &routes());
    assert!(!state.has_begun());
    flow.apply_to(&mut state, 50);
    assert!(state.has_begun());
    let place = tempfile::tempdir().unwrap();
    let rings = Directory::open(&place.path().join("rings")).unwrap();
    let bells = ["matcher", "gateway"].map(|name| Bell::create(&rings, name).unwrap());
    let _gateways = [0, 1].map(|number| Gateway::join(&rings, number, &bells[1]));
    let links = [0, 1].map(|number| {
        let join = |name: &str| Ring::join(&rings, &format!("{name}-{number}")).unwrap();
        Link {
            commands: join("commands").consumer(&bells[0]).unwrap(),
            events: join("events").producer().unwrap(),
        }
    });
    assert!(state.engine().open_orders() > 0);
    let mut matcher = Matcher::resume(state, links.into());
    matcher.poll(TIME);
    matcher.housekeep(TIME);
    assert_eq!(matcher.engine().last_seq(), SeqNo(52), "its sessions are down");
    matcher.poll(TIME + 1);
    assert_eq!(matcher.engine().open_orders(), 0, "its orders go with it");
}

#[test]
fn what_does_not_follow_or_is_no_command_is_refused_and_changes_nothing() {
    let flow = Flow::new(7, 10);
    let mut state = State::new(config(), &routes());
    flow.apply_to(&mut state, 10);
    let before = state.state_hash();
    let origin = Origin { made: 1, count: 11, link: 0, generation: 1 };
    let mut refused =
        |seq, command: &[u8]| state.apply(SeqNo(seq), Nanos(TIME), &origin, command).unwrap_err().to_string();
    assert_eq!(refused(12, &flow.commands[9]), "command 12 stands where command 11 belongs");
    assert_eq!(refused(10, &flow.commands[9]), "command 10 stands where command 11 belongs");
    assert!(refused(11, &[99; 40]).contains("command 11 is none of this version"));
    assert!(refused(11, &flow.commands[9][..17]).contains("start the version that wrote it"));
    assert_eq!(state.state_hash(), before);
}
