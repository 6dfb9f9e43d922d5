//! The server: messages, from the one asked for to the end of the session.

use super::{server::*, *};
use crate::limits::SOUP_MESSAGE_BYTES_MAX;

/// Numbers of the messages in `bytes`, which are nothing else.
fn numbers(mut bytes: &[u8]) -> Vec<u64> {
    let mut numbers = Vec::new();
    while let Some(packet) = packet::next(bytes).unwrap() {
        assert_eq!(packet.kind, packet::kind::SEQUENCED);
        numbers.push(said(packet.payload));
        bytes = &bytes[packet.bytes()..];
    }
    numbers
}

#[test]
fn old_messages_and_new_ones_come_in_one_sequence() {
    let mut kept = Kept::counting(5);
    let (mut server, mut out) = (logged_in(&kept, 3), Vec::new());
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::All);
    assert_eq!(numbers(&out), [3, 4, 5]);
    out.clear();
    kept.add();
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::All);
    assert_eq!(numbers(&out), [6]);
    assert_eq!(server.next(), Some(7));
}

#[test]
fn a_long_replay_is_cut_into_chunks_between_which_other_things_are_said() {
    let mut kept = Kept::counting(5_000);
    let (mut server, mut all) = (logged_in(&kept, 1), Vec::new());
    let mut chunks = 0;
    loop {
        let mut out = Vec::new();
        let served = server.serve(NOON, &kept, &mut out);
        assert!(out.len() <= CHUNK_BYTES_MAX);
        all.extend(numbers(&out));
        chunks += 1;
        if served == Served::All {
            break;
        }
        assert_eq!(served, Served::More);
        assert!(server.send_unsequenced(NOON, b"meanwhile", &mut out));
        kept.add();
    }
    assert_eq!(all, (1..=kept.messages.len() as u64).collect::<Vec<_>>());
    assert!(chunks > 5, "{chunks} chunks");
}

#[test]
fn the_longest_message_fits_and_a_longer_one_ends_the_connection() {
    let mut kept = Kept::new("S1");
    kept.messages.push(vec![0; SOUP_MESSAGE_BYTES_MAX]);
    let (mut server, mut out) = (logged_in(&kept, 1), Vec::new());
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::All);
    assert_eq!(out.len(), 3 + SOUP_MESSAGE_BYTES_MAX);
    assert!(server.send_unsequenced(NOON, &kept.messages[0], &mut out));
    assert!(!server.send_unsequenced(NOON, &[0; SOUP_MESSAGE_BYTES_MAX + 1], &mut out));
    kept.messages.push(vec![0; SOUP_MESSAGE_BYTES_MAX + 1]);
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::Close(CloseReason::TooLong(2)));
}

#[test]
fn a_message_forgotten_before_it_was_sent_ends_the_connection() {
    let mut kept = Kept::counting(5);
    let (mut server, mut out) = (logged_in(&kept, 2), Vec::new());
    kept.first = 4;
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::Close(CloseReason::Forgotten(2)));
    assert_eq!(out, b"");
}

#[test]
fn the_end_of_the_session_is_told_after_its_last_message() {
    let mut kept = Kept::counting(1_000);
    let (mut server, mut out) = (logged_in(&kept, 1), Vec::new());
    kept.ended = true;
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::More);
    let end = CloseReason::EndOfSession;
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::Close(end));
    assert_eq!(kinds(&out), "S".repeat(1_000) + "Z");
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::Close(end));
    assert_eq!(server.receive(NOON, b""), (0, Input::Close(end)));
}

/// Who comes late to a session that has ended gets all of it, and is told that it has.
#[test]
fn an_ended_session_can_still_be_read() {
    let kept = Kept { ended: true, ..Kept::counting(2) };
    let (mut server, mut out) = (logged_in(&kept, 1), Vec::new());
    assert_eq!(server.serve(NOON, &kept, &mut out), Served::Close(CloseReason::EndOfSession));
    assert_eq!(kinds(&out), "SSZ");
}

#[test]
fn a_session_that_was_left_for_another_is_over() {
    let (mut server, mut out) = (logged_in(&Kept::counting(2), 1), Vec::new());
    let other = Kept::new("S2");
    assert_eq!(server.serve(NOON, &other, &mut out), Served::Close(CloseReason::EndOfSession));
    assert_eq!(out, b"\0\x01Z");
}
