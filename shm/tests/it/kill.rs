//! Either side is killed with SIGKILL at any moment, and the next goes on: every message once, in order, whole.
//!
//! The other process is this test program again, running the one ignored test below.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use shm::{Bed, Bell, Directory, Peer, Ring, ShmError};

use crate::{Random, numbered, place, receive, send};

const ROUNDS: u32 = 50;
/// For a test that would otherwise hang: nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

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
fn a_producer_killed_at_any_moment_leaves_only_whole_messages() {
    let seed = 0x5EED_0001;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 1 << 14).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let mut consumer = ring.consumer(&bell).unwrap();
    let start = Instant::now();

    let mut next = 1;
    let mut child = spawn("producer", &directory);
    for round in 0..ROUNDS {
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
}

#[test]
fn a_consumer_killed_at_any_moment_has_messages_come_again_and_none_lost() {
    let seed = 0x5EED_0002;
    let mut random = Random(seed);
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 1 << 14).unwrap();
    let mut producer = ring.producer().unwrap();
    std::fs::write(directory.path().join("ledger"), [0; 8]).unwrap();
    let start = Instant::now();

    let mut number = 0;
    let mut child = spawn("consumer", &directory);
    for round in 0..ROUNDS {
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
}
