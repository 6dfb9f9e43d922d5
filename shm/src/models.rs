//! Every interleaving and every reordering of memory that the language allows, up to three preemptions, tried out by
//! loom: `RUSTFLAGS="--cfg loom" cargo test -p penstock-shm --release loom`.

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use crate::index::{Cursor, HEADER_BYTES, Reader, Words, Writer};
use crate::sync::{AtomicU32, AtomicU64, Ordering, fence};
use crate::word::{Bed, Word};

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
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
        match writer.claim(&memory.head, words_of(number) * 8) {
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
fn loom_every_message_arrives_once_in_order_and_whole_over_more_than_a_lap() {
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
fn loom_a_consumer_that_takes_over_goes_on_where_the_last_one_released() {
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
fn loom_no_wake_up_is_lost_whoever_of_two_producers_rings() {
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
