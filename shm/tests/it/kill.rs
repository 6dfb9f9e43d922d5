//! Either side is killed with SIGKILL at any moment, and the next goes on: every message once, in order, whole.
//!
//! The other process is this test program again, running the one ignored test below. With PENSTOCK_LONG in the
//! environment there are thousands of kills.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use shm::{Bed, Bell, Directory, Log, LogReader, Peer, ReadError, Ring, ShmError, Start};

use crate::{Random, numbered, place, receive, send};

/// For a test that would otherwise hang, a kill: nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

fn rounds() -> u32 {
    if std::env::var_os("PENSTOCK_LONG").is_some() { 2_000 } else { 50 }
}

fn spawn(role: &str, directory: &Directory) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::the_other_process", "--ignored", "--nocapture"])
        .env("SHM_ROLE", role)
        .env("SHM_DIRECTORY", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the other process of the tests in this module, which start it"]
fn the_other_process() {
    let directory = Directory::open(Path::new(&std::env::var("SHM_DIRECTORY").unwrap())).unwrap();
    match std::env::var("SHM_ROLE").unwrap().as_str() {
        "producer" => produce(&directory),
        "consumer" => consume(&directory),
        "writer" => write(&directory),
        "reader" => read(&directory),
        role => panic!("no such role: {role}"),
    }
}

/// The one before may still be on its way out.
fn once_free<T>(mut claim: impl FnMut() -> Result<T, ShmError>) -> T {
    let start = Instant::now();
    loop {
        match claim() {
            Err(ShmError::Held { .. }) if start.elapsed() < PATIENCE => thread::yield_now(),
            claimed => return claimed.unwrap(),
        }
    }
}

fn produce(directory: &Directory) {
    let ring = Ring::join(directory, "ring").unwrap();
    let mut producer = once_free(|| ring.producer());
    loop {
        let number = producer.committed() + 1;
        while !send(&mut producer, &numbered(number)) {
            thread::yield_now();
        }
    }
}

fn consume(directory: &Directory) {
    let ring = Ring::join(directory, "ring").unwrap();
    let bell = once_free(|| Bell::create(directory, "bell"));
    let mut consumer = once_free(|| ring.consumer(&bell));
    // What was done with messages is remembered apart from the ring, as a journal would, so that those that come
    // again can be told.
    let ledger = File::options().read(true).write(true).open(directory.path().join("ledger")).unwrap();
    let mut done = read_ledger(&ledger);
    loop {
        let number = consumer.consumed() + 1;
        if let Some(message) = consumer.front() {
            assert_eq!(message, numbered(number));
            assert!(number <= done + 1, "message {} is missing", done + 1);
            if number == done + 1 {
                ledger.write_all_at(&number.to_le_bytes(), 0).unwrap();
                done = number;
            }
            consumer.advance();
            continue;
        }
        bell.arm(Bed::Futex);
        if consumer.front().is_none() {
            if consumer.peer() == Peer::Absent {
                assert_eq!(consumer.front(), None);
                return; // the producer has left, and everything is consumed
            }
            bell.sleep(PATIENCE); // a wake-up that is lost fails the test
        }
        bell.disarm();
    }
}

fn read_ledger(ledger: &File) -> u64 {
    let mut number = [0; 8];
    ledger.read_exact_at(&mut number, 0).unwrap();
    u64::from_le_bytes(number)
}

#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn a_producer_killed_at_any_moment_leaves_only_whole_messages() {
    let seed = 0x5EED_0001;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 1 << 14).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let mut consumer = ring.consumer(&bell).unwrap();
    let mut next = 1;
    let mut child = spawn("producer", &directory);
    for round in 0..rounds() {
        let start = Instant::now();
        let enough = next + random.below(4000);
        while next < enough {
            assert!(start.elapsed() < PATIENCE, "stuck in round {round}, seed {seed:#x}");
            match receive(&mut consumer) {
                Some(message) => {
                    assert_eq!(message, numbered(next), "round {round}, seed {seed:#x}");
                    next += 1;
                }
                None => thread::yield_now(),
            }
        }
        child.kill().unwrap();
        let heir = spawn("producer", &directory); // claims while the other may still be dying, or is a zombie
        child.wait().unwrap();
        child = heir;
    }
    child.kill().unwrap();
    child.wait().unwrap();

    while let Some(message) = receive(&mut consumer) {
        assert_eq!(message, numbered(next));
        next += 1;
    }
    assert!(consumer.damage().is_none());
    assert_eq!(ring.producer().unwrap().committed(), next - 1);
    assert_eq!(consumer.consumed(), next - 1);
    println!("{} kills of a producer, {} messages checked", rounds(), next - 1);
}

#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn a_consumer_killed_at_any_moment_has_messages_come_again_and_none_lost() {
    let seed = 0x5EED_0002;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 1 << 14).unwrap();
    let mut producer = ring.producer().unwrap();
    std::fs::write(directory.path().join("ledger"), [0; 8]).unwrap();
    let mut number = 0;
    let mut child = spawn("consumer", &directory);
    for round in 0..rounds() {
        let start = Instant::now();
        let enough = number + random.below(4000);
        while number < enough {
            assert!(start.elapsed() < PATIENCE, "stuck in round {round}, seed {seed:#x}");
            assert_eq!(
                child.try_wait().unwrap(),
                None,
                "the consumer failed in round {round}, seed {seed:#x}"
            );
            if send(&mut producer, &numbered(number + 1)) {
                number += 1;
            } else {
                thread::yield_now();
            }
        }
        child.kill().unwrap();
        let heir = spawn("consumer", &directory);
        child.wait().unwrap();
        child = heir;
    }
    drop(producer);
    assert!(child.wait().unwrap().success(), "seed {seed:#x}");
    let ledger = File::open(directory.path().join("ledger")).unwrap();
    assert_eq!(read_ledger(&ledger), number);
    println!("{} kills of a consumer, {number} messages checked", rounds());
}

const RECORD_MAX: usize = 256;

fn write(directory: &Directory) {
    let log = Log::join(directory, "log").unwrap();
    let mut writer = once_free(|| log.writer());
    loop {
        // In bursts, after which a reader has a chance: the writer itself waits for nobody.
        for _ in 0..16 {
            let record = numbered(writer.last() + 1);
            writer.append(&record);
        }
        writer.flush();
        thread::yield_now();
    }
}

/// Follows to the end of the log, checks every record, and says which it saw last and how many.
fn follow(reader: &mut LogReader, last: &mut u64) -> u64 {
    let mut count = 0;
    loop {
        match reader.read() {
            Ok(Some(record)) => {
                assert!(record.number > *last, "{} came after {last}", record.number);
                assert_eq!(record.bytes, numbered(record.number));
                (*last, count) = (record.number, count + 1);
            }
            Ok(None) => return count,
            Err(ReadError::Overrun { .. }) => reader.seek(Start::Oldest).unwrap(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn read(directory: &Directory) {
    let log = Log::join(directory, "log").unwrap();
    let bell = once_free(|| Bell::create(directory, "bell"));
    let mut reader = once_free(|| log.registered_reader(&bell));
    let mut last = 0;
    loop {
        follow(&mut reader, &mut last);
        bell.arm(Bed::Futex);
        if follow(&mut reader, &mut last) == 0 {
            if reader.peer() == Peer::Absent {
                return; // the writer has left, and nothing came after the last look
            }
            bell.sleep(PATIENCE); // a wake-up that is lost fails the test
        }
        bell.disarm();
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn a_writer_killed_at_any_moment_leaves_a_log_of_whole_records_that_goes_on() {
    let seed = 0x5EED_0003;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let log = Log::create(&directory, "log", 1 << 16, RECORD_MAX).unwrap();
    let mut reader = log.reader();

    let (mut last, mut checked) = (0, 0);
    let mut child = spawn("writer", &directory);
    for round in 0..rounds() {
        let start = Instant::now();
        let enough = last + random.below(4000);
        while last < enough {
            assert!(start.elapsed() < PATIENCE, "stuck in round {round}, seed {seed:#x}");
            checked += follow(&mut reader, &mut last);
            thread::yield_now();
        }
        child.kill().unwrap();
        let heir = spawn("writer", &directory);
        child.wait().unwrap();
        child = heir;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    checked += follow(&mut reader, &mut last);
    let mut writer = log.writer().unwrap();
    assert_eq!(writer.last(), last);
    writer.append(&numbered(last + 1));
    assert_eq!(follow(&mut reader, &mut last), 1);
    println!("{} kills of a writer, {checked} of {last} records checked", rounds());
}

#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn readers_killed_at_any_moment_hold_up_nobody_and_leave_their_places() {
    let seed = 0x5EED_0004;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let log = Log::create(&directory, "log", 1 << 16, RECORD_MAX).unwrap();
    let mut writer = log.writer().unwrap();
    let mut beside = log.reader();
    let (mut last, mut checked) = (0, 0);

    let mut child = spawn("reader", &directory);
    for round in 0..rounds() {
        let enough = writer.last() + random.below(4000);
        while writer.last() < enough {
            assert_eq!(child.try_wait().unwrap(), None, "the reader failed in round {round}, seed {seed:#x}");
            for _ in 0..16 {
                let record = numbered(writer.last() + 1);
                writer.append(&record);
            }
            writer.flush();
            checked += follow(&mut beside, &mut last);
        }
        child.kill().unwrap();
        let heir = spawn("reader", &directory);
        child.wait().unwrap();
        child = heir;
    }
    assert_eq!(checked, writer.last(), "who reads after each burst misses nothing");
    drop(writer);
    assert!(child.wait().unwrap().success(), "seed {seed:#x}");
    println!("{} kills of a reader, {checked} records written beside them", rounds());
}
