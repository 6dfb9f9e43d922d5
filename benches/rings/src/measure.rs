//! How long messages take. A round is many short stretches, each timed, and its result the median stretch: one in
//! which the host took a core away does not count for more than one stretch.

use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::thread::futex;

use crate::queue::{Message, Receiver, Sender};

/// The cores of the one side and the other.
#[derive(Clone, Copy)]
pub(crate) struct Cores(pub(crate) usize, pub(crate) usize);

/// Stretches of a round.
const STRETCHES: usize = 200;
/// Round trips of a stretch: some 10 µs.
const TRIPS: u64 = 64;
/// Messages of a stretch, about as long.
const MESSAGES: u64 = 512;
/// Stretches at the beginning that do not count: caches are cold.
const WARM: usize = 20;

/// What stands for the end of a run in a message's first word.
const OVER: u64 = u64::MAX;

/// Pins the calling thread. Where that is refused, the result says so by its spread.
pub(crate) fn pin(core: usize) {
    if let Err(error) = tuning::cpu::pin(core) {
        eprintln!("core {core}: {error}");
    }
}

/// The median stretch, in nanoseconds for each of its `count`.
fn median(mut stretches: Vec<Duration>, count: u64) -> f64 {
    stretches.drain(..WARM);
    stretches.sort_unstable();
    stretches[stretches.len() / 2].as_secs_f64() * 1e9 / count as f64
}

fn stretches(count: u64, mut once: impl FnMut(u64)) -> f64 {
    let mut took = Vec::with_capacity(WARM + STRETCHES);
    let mut number = 0;
    for _ in 0..WARM + STRETCHES {
        let start = Instant::now();
        for _ in 0..count {
            number += 1;
            once(number);
        }
        took.push(start.elapsed());
    }
    median(took, count)
}

/// Two words on cache lines of their own.
#[repr(align(128))]
struct Line(AtomicU64);

/// The floor: a word goes there and another comes back. Nanoseconds a round trip.
pub(crate) fn raw_round_trip(cores: Cores) -> f64 {
    let lines = [Line(AtomicU64::new(0)), Line(AtomicU64::new(0))];
    let [there, back] = &lines;
    thread::scope(|scope| {
        scope.spawn(|| {
            pin(cores.1);
            let mut seen = 0;
            while seen != OVER {
                let now = there.0.load(Ordering::Acquire); // pairs with the Release store of the other side
                if now == seen {
                    spin_loop();
                    continue;
                }
                seen = now;
                back.0.store(now, Ordering::Release); // likewise
            }
        });
        pin(cores.0);
        let result = stretches(TRIPS, |number| {
            there.0.store(number, Ordering::Release);
            while back.0.load(Ordering::Acquire) != number {
                spin_loop();
            }
        });
        there.0.store(OVER, Ordering::Release);
        result
    })
}

/// A flag and a message of 64 bytes behind it: 72 bytes, which are two cache lines whatever one does.
#[repr(align(128))]
struct Lines([AtomicU64; 9]);

impl Lines {
    fn new() -> Lines {
        Lines(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    fn send(&self, number: u64) {
        let [flag, message @ ..] = &self.0;
        message.iter().for_each(|word| word.store(number, Ordering::Relaxed));
        flag.store(number, Ordering::Release); // pairs with the Acquire load in `receive`
    }

    /// The message that comes after `seen`.
    fn receive(&self, seen: u64) -> u64 {
        let [flag, message @ ..] = &self.0;
        while flag.load(Ordering::Acquire) == seen {
            spin_loop();
        }
        let words = message.each_ref().map(|word| word.load(Ordering::Relaxed));
        assert_eq!(words, [words[0]; 8], "a message is whole");
        words[0]
    }
}

/// The floor of a message of 64 bytes with anything that says that it is there. Nanoseconds a round trip.
pub(crate) fn raw_message_round_trip(cores: Cores) -> f64 {
    let lines = [Lines::new(), Lines::new()];
    let [there, back] = &lines;
    thread::scope(|scope| {
        scope.spawn(|| {
            pin(cores.1);
            let mut seen = 0;
            while seen != OVER {
                seen = there.receive(seen);
                back.send(seen);
            }
        });
        pin(cores.0);
        let mut seen = 0;
        let result = stretches(TRIPS, |number| {
            there.send(number);
            seen = back.receive(seen);
            assert_eq!(seen, number, "the echo is another");
        });
        there.send(OVER);
        result
    })
}

/// Sends back what comes, until the run is over.
pub(crate) fn echo<const W: usize>(mut receiver: impl Receiver<W>, mut sender: impl Sender<W>) {
    loop {
        let Some(message) = receiver.receive() else {
            spin_loop();
            continue;
        };
        if message[0] == OVER {
            return;
        }
        while !sender.send(&message) {
            spin_loop();
        }
    }
}

/// Round trips with somebody who echoes. Nanoseconds each.
pub(crate) fn round_trips<const W: usize>(
    mut sender: impl Sender<W>,
    mut receiver: impl Receiver<W>,
    core: usize,
) -> f64 {
    pin(core);
    let result = stretches(TRIPS, |number| {
        while !sender.send(&[number; W]) {
            spin_loop();
        }
        let message = loop {
            match receiver.receive() {
                Some(message) => break message,
                None => spin_loop(),
            }
        };
        assert_eq!(message, [number; W], "the echo is another");
    });
    while !sender.send(&[OVER; W]) {
        spin_loop();
    }
    result
}

/// Round trips between two threads, over a queue each way.
pub(crate) fn round_trip<const W: usize>(
    (sender, echo_receiver): (impl Sender<W>, impl Receiver<W>),
    (echo_sender, receiver): (impl Sender<W>, impl Receiver<W>),
    cores: Cores,
) -> f64 {
    thread::scope(|scope| {
        scope.spawn(move || {
            pin(cores.1);
            echo(echo_receiver, echo_sender);
        });
        round_trips(sender, receiver, cores.0)
    })
}

/// One thread sends as fast as it can, the other receives. Nanoseconds a message.
pub(crate) fn throughput<const W: usize>(
    (mut sender, mut receiver): (impl Sender<W>, impl Receiver<W>),
    cores: Cores,
) -> f64 {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            pin(cores.1);
            let mut message: Message<W> = [1; W];
            while !over.load(Ordering::Relaxed) {
                if sender.send(&message) {
                    message = message.map(|word| word + 1);
                } else {
                    spin_loop();
                }
            }
        });
        pin(cores.0);
        let result = stretches(MESSAGES, |number| {
            let message = loop {
                match receiver.receive() {
                    Some(message) => break message,
                    None => spin_loop(),
                }
            };
            assert_eq!(message, [number; W], "messages are in order");
        });
        over.store(true, Ordering::Relaxed); // publishes nothing
        result
    })
}

/// Round trips of a stretch in which both sides sleep.
const SLEEPS: u64 = 8;
/// For a wake-up that is lost: the run goes on, and its spread shows it.
const SLEEP_MAX: Duration = Duration::from_millis(100);

/// The floor of a wake-up: two threads that sleep on a futex each. Nanoseconds a round trip.
pub(crate) fn raw_wake_up(cores: Cores) -> f64 {
    const END: u32 = u32::MAX;
    let words = [AtomicU32::new(0), AtomicU32::new(0)];
    let sleep_while = |word: &AtomicU32, value: u32| {
        let timeout = futex::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while word.load(Ordering::Acquire) == value {
            let _woken = futex::wait(word, futex::Flags::empty(), value, Some(&timeout));
        }
    };
    let wake = |word: &AtomicU32, value: u32| {
        word.store(value, Ordering::Release);
        let _count = futex::wake(word, futex::Flags::empty(), 1);
    };
    let [there, back] = &words;
    thread::scope(|scope| {
        scope.spawn(move || {
            pin(cores.1);
            let mut seen = 0;
            while seen != END {
                sleep_while(there, seen);
                seen = there.load(Ordering::Acquire);
                wake(back, seen);
            }
        });
        pin(cores.0);
        let mut seen = 0;
        let result = stretches(SLEEPS, |_| {
            wake(there, seen + 1);
            sleep_while(back, seen);
            seen += 1;
        });
        wake(there, END);
        result
    })
}

/// Ours: two threads over two rings that sleep by their bells. Nanoseconds a round trip.
pub(crate) fn wake_up(
    (mut sender, mut echo_receiver, echo_bell): (shm::Producer, shm::Consumer, shm::Bell),
    (mut echo_sender, mut receiver, bell): (shm::Producer, shm::Consumer, shm::Bell),
    cores: Cores,
) -> f64 {
    fn next(receiver: &mut shm::Consumer, bell: &shm::Bell) -> u64 {
        loop {
            bell.arm(shm::Bed::Futex);
            if receiver.front().is_none() {
                bell.sleep(SLEEP_MAX);
            }
            bell.disarm();
            if let Some([number, ..]) = Receiver::<8>::receive(receiver) {
                return number;
            }
        }
    }
    fn send(sender: &mut shm::Producer, number: u64) {
        let mut ours = sender.claim(64).expect("a ring with one message in it has room");
        ours.fill(0);
        ours[..8].copy_from_slice(&number.to_ne_bytes());
        ours.commit();
        sender.flush();
    }
    thread::scope(|scope| {
        scope.spawn(move || {
            pin(cores.1);
            loop {
                let number = next(&mut echo_receiver, &echo_bell);
                if number == OVER {
                    return;
                }
                send(&mut echo_sender, number);
            }
        });
        pin(cores.0);
        let result = stretches(SLEEPS, |number| {
            send(&mut sender, number);
            assert_eq!(next(&mut receiver, &bell), number, "the echo is another");
        });
        send(&mut sender, OVER);
        result
    })
}
