//! Who sleeps is woken; who is awake is left alone.

use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use shm::{Bed, Bell, Ring, ShmError};

use crate::{numbered, place, receive, send, times};

/// Longer than any test: a wake-up that is lost shows.
const FOREVER: Duration = Duration::from_secs(100);

fn readable(bell: &Bell, timeout: Duration) -> bool {
    let fd = bell.fd();
    let timeout = Timespec { tv_sec: i64::try_from(timeout.as_secs()).unwrap(), tv_nsec: 0 };
    poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout)).unwrap() > 0
}

/// A producer and a consumer in turns, each asleep most of the time.
fn ping_pong(bed: Bed) {
    const TURNS: u64 = times(2_000, 40);
    let (_place, directory) = place();
    let there = Ring::create(&directory, "there", 4096).unwrap();
    let back = Ring::create(&directory, "back", 4096).unwrap();
    let start = Instant::now();
    let turn = |name: &'static str, first: bool| {
        let bell = Bell::create(&directory, name).unwrap();
        let (mut producer, mut consumer) = if first {
            (there.producer().unwrap(), back.consumer(&bell).unwrap())
        } else {
            (back.producer().unwrap(), there.consumer(&bell).unwrap())
        };
        move || {
            for number in 1..=TURNS {
                if first {
                    assert!(send(&mut producer, &numbered(number)));
                }
                let message = loop {
                    if let Some(message) = receive(&mut consumer) {
                        break message;
                    }
                    bell.arm(bed);
                    if consumer.front().is_none() {
                        match bed {
                            Bed::Futex => bell.sleep(FOREVER),
                            Bed::Fd => assert!(readable(&bell, FOREVER)),
                        }
                    }
                    bell.disarm();
                    bell.drain_fd();
                };
                assert_eq!(message, numbered(number));
                if !first {
                    assert!(send(&mut producer, &numbered(number)));
                }
            }
        }
    };
    let (ping, pong) = (turn("ping", true), turn("pong", false));
    thread::scope(|scope| {
        scope.spawn(ping);
        scope.spawn(pong);
    });
    assert!(start.elapsed() < FOREVER, "a wake-up was lost");
}

#[test]
fn no_wake_up_is_lost_on_the_futex() {
    ping_pong(Bed::Futex);
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn no_wake_up_is_lost_in_poll() {
    ping_pong(Bed::Fd);
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn a_bell_that_is_not_armed_stays_silent() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    bell.ring();
    assert!(!readable(&bell, Duration::ZERO));
    bell.arm(Bed::Fd);
    bell.disarm();
    bell.ring();
    assert!(!readable(&bell, Duration::ZERO));
}

#[test]
fn a_bell_that_was_rung_before_the_sleep_lets_it_through() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    let start = Instant::now();
    bell.arm(Bed::Futex);
    bell.ringer().ring();
    bell.sleep(FOREVER);
    assert!(start.elapsed() < FOREVER);
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn one_arming_is_answered_once_and_draining_makes_it_silent_again() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    bell.arm(Bed::Fd);
    bell.ring();
    bell.ring();
    assert!(readable(&bell, Duration::ZERO));
    let mut byte = [0; 2];
    assert_eq!(rustix::io::read(bell.fd().as_fd(), &mut byte).unwrap(), 1);
    bell.arm(Bed::Fd);
    bell.ring();
    bell.drain_fd();
    assert!(!readable(&bell, Duration::ZERO));
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn a_producer_finds_the_bell_of_each_consumer_that_comes() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let mut producer = ring.producer().unwrap();
    assert!(send(&mut producer, b"nobody is there to be woken"));
    for name in ["first", "second"] {
        let bell = Bell::create(&directory, name).unwrap();
        let mut consumer = ring.consumer(&bell).unwrap();
        while receive(&mut consumer).is_some() {}
        bell.arm(Bed::Fd);
        assert!(send(&mut producer, name.as_bytes()));
        assert!(readable(&bell, Duration::ZERO), "{name}");
        assert_eq!(receive(&mut consumer).unwrap(), name.as_bytes());
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri does not poll")]
fn a_producer_that_leaves_wakes_its_consumer() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let _consumer = ring.consumer(&bell).unwrap();
    let producer = ring.producer().unwrap();
    bell.arm(Bed::Fd);
    drop(producer);
    assert!(readable(&bell, Duration::ZERO));
}

#[test]
fn a_bell_has_one_owner_and_leaves_nothing_behind() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    assert_eq!(directory.entries().unwrap(), ["bell", "bell.fifo"]);
    let me = std::process::id();
    assert!(matches!(Bell::create(&directory, "bell"), Err(ShmError::Held { pid, .. }) if pid == me));
    drop(bell);
    assert!(directory.entries().unwrap().is_empty());
    Bell::create(&directory, "bell").unwrap();
}
