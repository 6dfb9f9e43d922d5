//! What goes in comes out: once, in order, whole.

use std::collections::VecDeque;
use std::thread;

use proptest::prelude::*;
use shm::{Bell, Peer, RING_BYTES_MIN, Ring};

use crate::{CASES, STEPS, numbered, place, receive, send, times};

#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    Abandon(usize),
    Receive,
    Drain,
    ReserveAndSend(usize, usize),
    NewProducer,
    NewConsumer,
    NewMapping,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let len = prop_oneof![4 => 0usize..150, 1 => 0usize..=RING_BYTES_MIN / 2 - 8];
    let step = prop_oneof![
        8 => len.clone().prop_map(Step::Send),
        1 => len.clone().prop_map(Step::Abandon),
        6 => Just(Step::Receive),
        1 => Just(Step::Drain),
        2 => (1usize..5, 0usize..150).prop_map(|(count, len)| Step::ReserveAndSend(count, len)),
        1 => Just(Step::NewProducer),
        1 => Just(Step::NewConsumer),
        1 => Just(Step::NewMapping),
    ];
    prop::collection::vec(step, 1..STEPS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn a_ring_is_a_queue(steps in steps()) {
        let (_place, directory) = place();
        let bell = Bell::create(&directory, "bell").unwrap();
        let mut ring = Ring::create(&directory, "ring", RING_BYTES_MIN).unwrap();
        let mut producer = ring.producer().unwrap();
        let mut consumer = ring.consumer(&bell).unwrap();
        let mut queue = VecDeque::new();
        let (mut sent, mut received, mut given) = (0u64, 0u64, 0u64);
        let message = |sent: u64, len: usize| vec![sent.to_le_bytes()[0] ^ 0xA5; len];

        for step in steps {
            match step {
                Step::Send(len) => {
                    if send(&mut producer, &message(sent, len)) {
                        queue.push_back(message(sent, len));
                        sent += 1;
                    } else {
                        prop_assert!(!queue.is_empty() || consumer.front().is_none(), "an empty ring is not full");
                    }
                }
                Step::Abandon(len) => {
                    if let Some(mut claim) = producer.claim(len) {
                        claim.fill(0xEE);
                    }
                }
                Step::Receive => {
                    prop_assert_eq!(consumer.front(), queue.front().map(Vec::as_slice));
                    // As far ahead as it goes every fifth time: then a message comes once and in its turn.
                    let first = consumer.consumed();
                    given = given.max(first);
                    for _ in 0..if first.is_multiple_of(5) { queue.len() } else { 1 } {
                        if let Some(coming) = consumer.coming() {
                            let place = usize::try_from(given - first).unwrap();
                            prop_assert_eq!(Some(coming), queue.get(place).map(Vec::as_slice));
                            given += 1;
                        }
                    }
                    prop_assert_eq!(receive(&mut consumer), queue.pop_front());
                }
                Step::Drain => {
                    while let Some(got) = receive(&mut consumer) {
                        prop_assert_eq!(Some(got), queue.pop_front());
                    }
                    prop_assert!(queue.is_empty());
                    prop_assert!(producer.claim(producer.len_max()).is_some(), "the longest fits into an empty ring");
                    prop_assert_eq!(producer.depth(), 0);
                    prop_assert_eq!(consumer.depth(), 0);
                }
                Step::ReserveAndSend(count, len) => {
                    if producer.has_room(count, len) {
                        for _ in 0..count {
                            prop_assert!(send(&mut producer, &message(sent, len)), "room was promised");
                            queue.push_back(message(sent, len));
                            sent += 1;
                        }
                    }
                }
                Step::NewProducer => {
                    let generation = producer.generation();
                    drop(producer);
                    producer = ring.producer().unwrap();
                    prop_assert_eq!(producer.generation(), generation + 1);
                    prop_assert_eq!(consumer.peer_generation(), generation + 1);
                }
                Step::NewConsumer => {
                    given = 0;
                    drop(consumer);
                    consumer = ring.consumer(&bell).unwrap();
                }
                Step::NewMapping => {
                    given = 0;
                    drop((producer, consumer));
                    ring = Ring::create(&directory, "ring", RING_BYTES_MIN).unwrap();
                    (producer, consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
                }
            }
            received = received.max(consumer.consumed());
            prop_assert_eq!(producer.committed(), sent);
            prop_assert_eq!(consumer.consumed(), sent - queue.len() as u64);
            prop_assert_eq!(received, consumer.consumed(), "counts never go back");
        }
        prop_assert!(consumer.damage().is_none());
    }
}

#[test]
fn two_threads_pass_every_message_once_in_order_and_whole() {
    const MESSAGES: u64 = times(200_000, 200);
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let mut producer = ring.producer().unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let mut consumer = ring.consumer(&bell).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 1..=MESSAGES {
                while !send(&mut producer, &numbered(number)) {
                    thread::yield_now();
                }
            }
        });
        for number in 1..=MESSAGES {
            let message = loop {
                match receive(&mut consumer) {
                    Some(message) => break message,
                    None => thread::yield_now(),
                }
            };
            assert_eq!(message, numbered(number));
        }
    });
    assert_eq!(consumer.front(), None);
    assert_eq!(consumer.consumed(), MESSAGES);
}

#[test]
fn nothing_is_seen_of_a_claim_that_is_not_committed() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    producer.claim(100).unwrap().fill(1);
    assert_eq!(consumer.front(), None);
    assert!(send(&mut producer, b"after"));
    assert_eq!(consumer.front(), Some(&b"after"[..]));
}

/// The way ahead is cleared before claims, not by commits: what a longer claim left where a shorter message ends, or
/// where the messages after it end, once would have been taken for a header.
#[test]
fn what_a_claim_left_that_was_given_up_is_never_taken_for_a_message() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    for heir in [false, true] {
        // A header of ours, as a payload may have it: message, 8 bytes.
        let words = [0xC0DE_F00D_u32.to_le_bytes(), 8_u32.to_le_bytes()].concat();
        producer.claim(1000).unwrap().copy_from_slice(&words.repeat(125));
        if heir {
            drop(producer);
            producer = ring.producer().unwrap();
        }
        for number in 0..20 {
            assert!(send(&mut producer, &[number; 24]));
            assert_eq!(receive(&mut consumer), Some(vec![number; 24]));
            assert_eq!(consumer.front(), None);
        }
    }
}

#[test]
fn messages_are_aligned_to_eight() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    for len in 1..100 {
        let claim = producer.claim(len).unwrap();
        assert!(claim.as_ptr().addr().is_multiple_of(8));
        claim.commit();
        assert!(consumer.front().unwrap().as_ptr().addr().is_multiple_of(8));
        consumer.advance();
    }
}

#[test]
fn a_full_ring_takes_more_once_the_consumer_has_drained_it() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    for _ in 0..10 {
        let mut sent = 0;
        while send(&mut producer, &[7; 56]) {
            sent += 1;
        }
        assert_eq!(sent, 4096 / 64 - 1, "all but the word behind the last message is used");
        assert!(!producer.has_room(1, 56));
        while receive(&mut consumer).is_some() {
            sent -= 1;
        }
        assert_eq!(sent, 0);
        assert!(producer.has_room(1, 56));
    }
}

#[test]
fn a_full_ring_takes_more_before_the_consumer_has_drained_it() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    while send(&mut producer, &[7; 56]) {}
    for _ in 0..4096 / 64 / 8 {
        receive(&mut consumer).unwrap();
    }
    assert!(send(&mut producer, &[8; 56]), "an eighth of the ring is announced");
}

#[test]
fn what_is_coming_shows_once_as_soon_as_it_is_there() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    assert_eq!(consumer.coming(), None);
    assert!(send(&mut producer, b"one"));
    assert_eq!(consumer.coming(), Some(&b"one"[..]));
    assert_eq!(consumer.coming(), None);
    assert!(send(&mut producer, b"two"));
    assert!(send(&mut producer, b"three"));
    assert_eq!(consumer.coming(), Some(&b"two"[..]));
    assert_eq!(receive(&mut consumer).unwrap(), b"one");
    assert_eq!(consumer.front(), Some(&b"two"[..]));
    assert_eq!(receive(&mut consumer).unwrap(), b"two");
    assert_eq!(receive(&mut consumer).unwrap(), b"three");
    assert_eq!(consumer.coming(), None);
    assert!(send(&mut producer, b"four"));
    assert_eq!(receive(&mut consumer).unwrap(), b"four");
    assert!(send(&mut producer, b"five"));
    assert_eq!(consumer.coming(), Some(&b"five"[..]), "what was received is not coming");
}

#[test]
fn advancing_over_nothing_does_nothing() {
    let (_place, directory) = place();
    let ring = Ring::create(&directory, "ring", 4096).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    consumer.advance();
    assert!(send(&mut producer, b"one"));
    consumer.advance(); // not looked at yet
    assert_eq!(receive(&mut consumer).unwrap(), b"one");
    consumer.advance();
    assert_eq!(consumer.consumed(), 1);
}

#[test]
#[should_panic(expected = "a message longer than half a ring never fits")]
fn a_message_that_can_never_fit_is_the_callers_mistake() {
    let (_place, directory) = place();
    let mut producer = Ring::create(&directory, "ring", 4096).unwrap().producer().unwrap();
    let len = producer.len_max() + 1;
    let _ = producer.claim(len);
}

#[test]
fn what_a_ring_holds_waits_for_whoever_comes_later() {
    let (_place, directory) = place();
    let bell = Bell::create(&directory, "bell").unwrap();
    let made = {
        let ring = Ring::create(&directory, "ring", 5000).unwrap();
        assert_eq!(ring.capacity(), 8192);
        let mut producer = ring.producer().unwrap();
        assert_eq!(producer.peer(), Peer::Absent);
        assert!(send(&mut producer, b"kept"));
        ring.made()
    };
    let ring = Ring::create(&directory, "ring", 8000).unwrap();
    assert_eq!(ring.made(), made);
    let mut consumer = ring.consumer(&bell).unwrap();
    assert_eq!(consumer.peer(), Peer::Absent);
    assert_eq!(receive(&mut consumer).unwrap(), b"kept");

    let mut producer = ring.producer().unwrap();
    assert_eq!((producer.peer(), consumer.peer()), (Peer::Alive, Peer::Alive));
    assert_eq!((producer.committed(), consumer.consumed()), (1, 1));
    assert!(send(&mut producer, b"more"));
    assert_eq!(receive(&mut consumer).unwrap(), b"more");
}
