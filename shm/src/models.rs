//! What the atomics are for, tried out. By loom: every interleaving and every reordering of memory that the language
//! allows, up to three preemptions (`RUSTFLAGS="--cfg loom" cargo test -p penstock-shm --release --lib models`). In an
//! ordinary test, and under Miri: the same models again and again on real threads, over plain memory.

use self::platform::{Arc, Condvar, Mutex, UnsafeCell, explore, thread};
use crate::index::{Cursor, HEADER_BYTES, Reader, Slot, Words, Writer};
use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};
use crate::track::{Appender, Follower, NUMBER_BYTES, Stop, Track};
use crate::word::{Bed, Word};

#[cfg(loom)]
mod platform {
    pub(super) use loom::{
        cell::UnsafeCell,
        sync::{Arc, Condvar, Mutex},
        thread,
    };

    pub(super) fn explore(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }
}

#[cfg(not(loom))]
mod platform {
    pub(super) use std::{
        sync::{Arc, Condvar, Mutex},
        thread,
    };

    pub(super) fn explore(model: impl Fn() + Send + Sync + 'static) {
        (0..if cfg!(miri) { 20 } else { 500 }).for_each(|_| model());
    }

    /// As loom's, which tells it of every access.
    pub(super) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(super) fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        pub(super) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        pub(super) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
            write(self.0.get())
        }
    }
}

/// Room for three of the shortest messages and the word behind them.
const CAPACITY: usize = 64;

/// A ring's memory. Payload stands in cells, in which loom sees an access that nothing orders after the last one;
/// a header's place is either, at different times, and so is in both.
struct Memory {
    headers: Vec<AtomicU64>,
    payload: Vec<UnsafeCell<u64>>,
    tail: Cursor,
    head: Cursor,
}

// SAFETY: the cells are what the model is about: loom fails if their use is not ordered.
unsafe impl Sync for Memory {}

impl Memory {
    fn new() -> Self {
        Self {
            headers: (0..CAPACITY / 8).map(|_| AtomicU64::new(0)).collect(),
            payload: (0..CAPACITY / 8).map(|_| UnsafeCell::new(0)).collect(),
            tail: Cursor::new(),
            head: Cursor::new(),
        }
    }

    fn write(&self, at: usize, words: usize, value: u64) {
        for cell in &self.payload[(at + HEADER_BYTES) / 8..][..words] {
            // SAFETY: the place is claimed; loom checks.
            cell.with_mut(|place| unsafe { *place = value });
        }
    }

    fn read(&self, at: usize, len: usize) -> Vec<u64> {
        // SAFETY: the message is in front; loom checks.
        self.payload[at / 8..][..len / 8].iter().map(|cell| cell.with(|place| unsafe { *place })).collect()
    }
}

impl Words for Memory {
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.headers[at / 8]
    }
}

/// Message `number` has one or three words, each of them its number: laps end in padding now and then.
fn words_of(number: u64) -> usize {
    if number.is_multiple_of(2) { 3 } else { 1 }
}

fn produce(memory: &Memory, writer: &mut Writer, number: u64) {
    let slot = loop {
        match writer.claim(memory, &memory.tail, &memory.head, words_of(number) * 8) {
            Some(slot) => break slot,
            None => thread::yield_now(),
        }
    };
    memory.write(slot.at, words_of(number), number);
    writer.commit(memory, &memory.tail, slot);
}

fn consume(memory: &Memory, reader: &mut Reader, number: u64) {
    let (at, len) = loop {
        match reader.front(memory, &memory.head) {
            Some(front) => break front,
            None => thread::yield_now(),
        }
    };
    assert_eq!(memory.read(at, len), vec![number; words_of(number)], "message {number}");
    reader.advance(&memory.head);
    assert_eq!(reader.mark().count, number);
}

#[test]
fn every_message_arrives_once_in_order_and_whole_over_more_than_a_lap() {
    explore(|| {
        let memory = Arc::new(Memory::new());
        let theirs = Arc::clone(&memory);
        let producer = thread::spawn(move || {
            let mut writer = Writer::resume(CAPACITY, &*theirs, &theirs.tail, &theirs.head).unwrap();
            (1..=4).for_each(|number| produce(&theirs, &mut writer, number));
        });
        let mut reader = Reader::resume(CAPACITY, &memory.tail, &memory.head).unwrap();
        (1..=4).for_each(|number| consume(&memory, &mut reader, number));
        producer.join().unwrap();
        assert_eq!(reader.front(&*memory, &memory.head), None);
    });
}

#[test]
fn a_consumer_that_takes_over_goes_on_where_the_last_one_released() {
    explore(|| {
        let memory = Arc::new(Memory::new());
        let theirs = Arc::clone(&memory);
        let producer = thread::spawn(move || {
            let mut writer = Writer::resume(CAPACITY, &*theirs, &theirs.tail, &theirs.head).unwrap();
            (1..=4).for_each(|number| produce(&theirs, &mut writer, number));
        });
        for numbers in [1..=2, 3..=4] {
            let mut reader = Reader::resume(CAPACITY, &memory.tail, &memory.head).unwrap();
            numbers.for_each(|number| consume(&memory, &mut reader, number));
            reader.release(&memory.head);
        }
        producer.join().unwrap();
    });
}

/// A log's memory: four of the records below, and a section is half of one.
struct Records {
    words: Vec<AtomicU64>,
    tail: Cursor,
    track: Track,
}

const RECORDS: usize = 128;
/// Words of a record's payload, each of them its number.
const PAYLOAD: usize = 2;

impl Records {
    fn new() -> Self {
        let words = (0..RECORDS / 8).map(|_| AtomicU64::new(0)).collect();
        Self { words, tail: Cursor::new(), track: Track::new() }
    }

    fn appender(&self) -> Appender {
        Appender::resume(RECORDS, self, &self.tail, &self.track).unwrap()
    }

    fn append(&self, appender: &mut Appender) {
        let number = appender.mark().count + 1;
        let slot: Slot = appender.claim(self, &self.track, PAYLOAD * 8);
        for index in 0..PAYLOAD {
            let at = slot.at + HEADER_BYTES + NUMBER_BYTES + index * 8;
            self.word(at).store(number, Ordering::Relaxed);
        }
        assert_eq!(appender.commit(self, &self.tail, &self.track, slot), number);
    }

    /// The next record's number, its payload checked.
    fn follow(&self, follower: &mut Follower) -> Result<Option<u64>, Stop> {
        let mut payload = [0; PAYLOAD];
        let Some((number, len)) = follower.next(self, &self.track, &mut payload)? else { return Ok(None) };
        assert_eq!(len, PAYLOAD * 8);
        assert_eq!(payload, [number; PAYLOAD], "a torn record was taken for a good one");
        Ok(Some(number))
    }
}

impl Words for Records {
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.words[at / 8]
    }
}

#[test]
fn a_reader_that_is_overrun_while_it_reads_learns_it_and_takes_nothing_torn() {
    explore(|| {
        let records = Arc::new(Records::new());
        let mut follower = Follower::enter_at_end(RECORDS, &records.tail);
        let mut appender = records.appender();
        (1..=3).for_each(|_| records.append(&mut appender));
        let theirs = Arc::clone(&records);
        let writer = thread::spawn(move || (4..=5).for_each(|_| theirs.append(&mut appender)));

        let first = records.follow(&mut follower);
        assert!(matches!(first, Ok(Some(1)) | Err(Stop::Overrun)), "{first:?}");
        writer.join().unwrap();
        // Record 5 stands where 1 was. Whoever had 1 before wants 2, whose place is given up by now.
        assert_eq!(records.follow(&mut follower), Err(Stop::Overrun));
    });
}

#[test]
fn a_reader_that_keeps_up_reads_every_record_once_and_in_order() {
    explore(|| {
        let records = Arc::new(Records::new());
        let theirs = Arc::clone(&records);
        let writer = thread::spawn(move || {
            let mut appender = theirs.appender();
            (1..=3).for_each(|_| theirs.append(&mut appender));
        });
        let mut follower = Follower::enter(RECORDS, &records.track).next().unwrap();
        for number in 1..=3 {
            loop {
                match records.follow(&mut follower) {
                    Ok(Some(read)) => break assert_eq!(read, number),
                    Ok(None) => thread::yield_now(),
                    Err(stop) => panic!("{stop:?}"),
                }
            }
        }
        writer.join().unwrap();
        assert_eq!(records.follow(&mut follower), Ok(None));
    });
}

#[test]
fn a_reader_may_come_at_any_moment_at_any_place() {
    explore(|| {
        let records = Arc::new(Records::new());
        let mut appender = records.appender();
        (1..=4).for_each(|_| records.append(&mut appender));
        let theirs = Arc::clone(&records);
        let writer = thread::spawn(move || (5..=6).for_each(|_| theirs.append(&mut appender)));

        let mut places: Vec<_> = Follower::enter(RECORDS, &records.track).collect();
        places.push(Follower::enter_at_end(RECORDS, &records.tail));
        let newest = places.len() - 2;
        for follower in &mut places[newest..] {
            let number_there = follower.mark().position / (RECORDS as u64 / 4) + 1;
            match records.follow(follower) {
                Ok(Some(number)) => assert_eq!(number, number_there, "a record of another lap"),
                Ok(None) | Err(Stop::Overrun) => {}
                Err(stop) => panic!("{stop:?}"),
            }
        }
        writer.join().unwrap();
    });
}

/// The kernel's part of a futex: compares and goes to sleep in one step, as seen from those who wake.
struct Futex {
    queue: Mutex<()>,
    woken: Condvar,
}

impl Futex {
    fn wait(&self, word: &Word) {
        let queue = self.queue.lock().unwrap();
        if word.is_asleep() {
            drop(self.woken.wait(queue).unwrap());
        }
    }

    fn wake(&self) {
        let _queue = self.queue.lock().unwrap();
        self.woken.notify_one();
    }
}

/// Without a timeout: a wake-up that is lost is a deadlock, which loom reports.
#[test]
fn no_wake_up_is_lost_whoever_of_two_producers_rings() {
    explore(|| {
        let shared = Arc::new((
            Word::new(),
            Futex { queue: Mutex::new(()), woken: Condvar::new() },
            [AtomicU32::new(0), AtomicU32::new(0)],
        ));
        let producers: Vec<_> = (0..2)
            .map(|input| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (word, futex, inputs) = &*shared;
                    inputs[input].store(1, Ordering::Relaxed); // orders nothing itself: the fences must
                    fence(Ordering::SeqCst);
                    if word.disarm_if_armed() == Some(Bed::Futex) {
                        futex.wake();
                    }
                })
            })
            .collect();

        let (word, futex, inputs) = &*shared;
        let all_came = || inputs.iter().all(|input| input.load(Ordering::Relaxed) == 1);
        while !all_came() {
            word.arm(Bed::Futex);
            if !all_came() {
                futex.wait(word);
            }
            word.disarm();
        }
        producers.into_iter().for_each(|producer| producer.join().unwrap());
    });
}
