//! The publisher.

use super::{
    publisher::{Config, TooLong},
    *,
};

fn publisher(kept: &Kept) -> Publisher {
    Publisher::new(Config::default(), kept.session, 1, NOON)
}

/// Everything to be sent at `now`.
fn packets(publisher: &mut Publisher, now: Nanos, kept: &Kept) -> Vec<(u64, u16)> {
    let (mut packets, mut packet) = (Vec::new(), Vec::new());
    while publisher.poll(now, kept, &mut packet).unwrap() {
        packets.push(range(&packet));
    }
    packets
}

#[test]
fn messages_are_packed_as_they_come() {
    let mut kept = Kept::counting(3);
    let mut publisher = publisher(&kept);
    assert_eq!(packets(&mut publisher, NOON, &kept), [(1, 3)]);
    kept.add();
    assert_eq!(packets(&mut publisher, NOON, &kept), [(4, 1)]);
    assert_eq!(packets(&mut publisher, NOON, &kept), []);
    assert_eq!(publisher.next(), 5);
}

#[test]
fn no_packet_is_longer_than_configured() {
    let kept = Kept::counting(200);
    let config = Config { packet_bytes_max: 100, ..Config::default() };
    let mut publisher = Publisher::new(config, kept.session, 1, NOON);
    let (mut packet, mut next) = (Vec::new(), 1);
    while publisher.poll(NOON, &kept, &mut packet).unwrap() {
        let (first, count) = range(&packet);
        assert!(packet.len() <= 100);
        assert_eq!(first, next);
        next += u64::from(count);
    }
    assert_eq!(next, 201);
}

#[test]
fn a_message_that_fits_no_packet_is_told_and_not_skipped() {
    let mut kept = Kept::counting(1);
    kept.messages.push(vec![0; MOLD_MESSAGE_BYTES_MAX]);
    kept.messages.push(vec![0; MOLD_MESSAGE_BYTES_MAX + 1]);
    let config = Config { packet_bytes_max: usize::MAX, ..Config::default() };
    let mut publisher = Publisher::new(config, kept.session, 1, NOON);
    let mut packet = Vec::new();
    assert_eq!(publisher.poll(NOON, &kept, &mut packet), Ok(true));
    assert_eq!(publisher.poll(NOON, &kept, &mut packet), Ok(true));
    assert_eq!(packet.len(), MOLD_PACKET_BYTES_MAX);
    let too_long = TooLong { number: 3, packet_bytes_max: MOLD_PACKET_BYTES_MAX };
    for _ in 0..2 {
        assert_eq!(publisher.poll(NOON, &kept, &mut packet), Err(too_long));
    }
}

#[test]
fn a_publisher_that_says_nothing_for_a_second_sends_a_heartbeat() {
    let kept = Kept::counting(1);
    let mut publisher = publisher(&kept);
    let later = NOON.after(SECOND / 2);
    assert_eq!(packets(&mut publisher, later, &kept), [(1, 1)]);
    assert_eq!(publisher.deadline(), later.after(SECOND));
    assert_eq!(packets(&mut publisher, later.after(SECOND - 1), &kept), []);
    assert_eq!(packets(&mut publisher, later.after(SECOND), &kept), [(2, 0)]);
    assert_eq!(publisher.deadline(), later.after(2 * SECOND));
}

#[test]
fn the_end_of_the_session_is_told_for_a_while_after_the_last_message() {
    let mut kept = Kept::counting(2);
    let mut publisher = publisher(&kept);
    kept.ended = true;
    assert_eq!(packets(&mut publisher, NOON, &kept), [(1, 2), (3, 0xffff)]);
    let mut ends = 1;
    while publisher.deadline() < Nanos(u64::MAX) {
        let now = publisher.deadline();
        assert_eq!(packets(&mut publisher, Nanos(now.0 - 1), &kept), []);
        assert_eq!(packets(&mut publisher, now, &kept), [(3, 0xffff)]);
        ends += 1;
    }
    assert_eq!(ends, Config::default().ends);
    assert_eq!(packets(&mut publisher, NOON.after(SECOND * 1_000), &kept), []);
}

#[test]
fn the_next_session_begins_with_its_first_message() {
    let mut kept = Kept { ended: true, ..Kept::counting(2) };
    let mut publisher = publisher(&kept);
    packets(&mut publisher, NOON, &kept);
    kept = Kept { session: name("S2"), ..Kept::counting(1) };
    assert_eq!(packets(&mut publisher, NOON, &kept), [(1, 1)]);
    kept.ended = true;
    assert_eq!(packets(&mut publisher, NOON, &kept), [(2, 0xffff)]);
}

#[test]
fn what_was_forgotten_before_it_was_published_is_counted() {
    let kept = Kept { first: 4, ..Kept::counting(5) };
    let mut publisher = publisher(&kept);
    assert_eq!(packets(&mut publisher, NOON, &kept), [(4, 2)]);
    assert_eq!(publisher.skipped(), 3);
}
