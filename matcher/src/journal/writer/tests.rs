//! A disk that fills up, and has room again.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::*;
use crate::journal::{
    device::{HostDisk, Method},
    segment::{SEGMENT_BYTES_MIN, Terms},
};

const TERMS: Terms = Terms { history: 5, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };
/// Of the one test that fills the disk.
static FREE: AtomicU64 = AtomicU64::new(u64::MAX);

/// Puts in what makes a commit of nearly a MiB, and waits until it is durable or the journal stalls; whether it is.
fn commit(journal: &mut Journal, seq: u64) -> bool {
    let stamp = Stamp { epoch: 1, seq: SeqNo(seq), time: wire::types::Nanos(seq) };
    assert!(journal.append(Kind::Command, stamp, [&[7; 1_046_000], &[]]));
    while journal.is_behind() {
        journal.poll(true).unwrap();
        if !journal.is_in_flight() && journal.is_behind() && journal.room().0 == Room::None {
            return false;
        }
    }
    true
}

#[test]
fn a_full_disk_is_told_of_before_it_is_met_and_the_journal_goes_on_where_it_stood_when_there_is_room() {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = place.path().join("journal");
    let (mut segments, numbers) = Segments::open(&path, TERMS, SEGMENT_BYTES_MIN).unwrap();
    segments.free = |_| Ok(FREE.load(SeqCst));
    let reader = Reader::of(segments, numbers).unwrap();
    // Room for one segment beside what is to be kept free, but not for two.
    FREE.store(2 * SEGMENT_BYTES_MIN - 1, SeqCst);
    let mut journal = Journal::after(reader, 1, Box::new(HostDisk::by(Method::Plain))).unwrap();
    while journal.room().0 == Room::Enough {
        journal.look().unwrap();
        thread::yield_now();
    }
    let (room, why) = journal.room();
    let why = why.unwrap().to_string();
    assert!(room == Room::Low && why.contains("journal.reserve_bytes"), "{why}");
    // What is made takes a MiB, and then the disk is full.
    assert!(commit(&mut journal, 1));
    assert!(!commit(&mut journal, 2));
    assert_eq!((journal.durable(), journal.room().0), (SeqNo(1), Room::None));
    assert_eq!(journal.figures().stalls, 1);
    assert!(!journal.poll(false).unwrap() && !journal.is_in_flight(), "it waits");
    assert_eq!(journal.figures().stalls, 1, "once for each time");
    FREE.store(u64::MAX, SeqCst);
    while journal.is_behind() {
        journal.poll(true).unwrap();
        thread::yield_now();
    }
    journal.look().unwrap();
    assert_eq!(journal.durable(), SeqNo(2));
    assert!(commit(&mut journal, 3));
    drop(journal);
    let mut reader = Reader::open(&path).unwrap().unwrap();
    let mut seqs = Vec::new();
    while let Some(commit) = reader.commit().unwrap() {
        seqs.extend(commit.iter().map(|record| record.seq.0));
    }
    assert_eq!(seqs, [1, 2, 3]);
    let leftover =
        std::fs::read_dir(&path).unwrap().any(|entry| entry.unwrap().path().extension().unwrap() == "new");
    assert!(!leftover, "no half of a segment is left");
}
