//! Full segments: archived before they go, and gone only when nothing needs them.

use super::*;
use crate::journal::{
    commit::Stamp,
    device::{HostDisk, Method},
    segment::{SEGMENT_BYTES_MIN, Terms},
    writer::Journal,
};
use wire::types::Nanos;

const TERMS: Terms = Terms { history: 5, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };

/// A journal of so many full segments and a begun one, one command of nearly a MiB each: segment `n` holds command `n`.
fn journal(path: &Path, full: u64) -> Journal {
    let (segments, numbers) = Segments::open(path, TERMS, 0).unwrap();
    let reader = Reader::of(segments, numbers).unwrap();
    let mut journal = Journal::after(reader, 1, Box::new(HostDisk::by(Method::Plain))).unwrap();
    for seq in 1..=full + 1 {
        let stamp = Stamp { epoch: 1, seq: SeqNo(seq), time: Nanos(seq) };
        assert!(journal.append(Kind::Command, stamp, [&[7; 1_046_000], &[]]));
        while journal.is_behind() {
            journal.poll(true).unwrap();
        }
    }
    journal
}

fn work(path: &Path, archive: &[&str], keep: u64) -> Work {
    let archive = archive.iter().map(|&part| part.to_owned()).collect();
    Work::new(path, Rules { archive, keep }, Arc::default()).unwrap()
}

fn turn(work: &mut Work) -> Kept {
    work.until = None; // it is later
    work.turn(&mut || {
        thread::yield_now();
        true
    });
    work.retention.kept()
}

/// The segments there are.
fn numbers(path: &Path) -> Vec<u64> {
    let names = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let segments = names.filter(|path| path.extension().is_some_and(|of| of == "journal"));
    let mut numbers: Vec<u64> =
        segments.map(|path| path.file_stem().unwrap().to_str().unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn segments_that_snapshots_stand_for_are_removed_but_for_those_to_be_kept() {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = place.path().join("journal");
    let mut journal = journal(&path, 5);
    let mut work = work(&path, &[], 1);
    assert_eq!(turn(&mut work), Kept { full: 5, ..Kept::default() });
    assert_eq!(numbers(&path)[..6], [1, 2, 3, 4, 5, 6], "nothing stands for them");
    work.retention.cover(SeqNo(3));
    assert_eq!(turn(&mut work), Kept { full: 2, removed: 3, ..Kept::default() });
    work.retention.cover(SeqNo(2));
    assert_eq!(turn(&mut work).removed, 3, "what was said once stands");
    work.retention.cover(SeqNo(1000));
    assert_eq!(turn(&mut work), Kept { full: 1, removed: 4, ..Kept::default() });
    assert_eq!(numbers(&path)[..2], [5, 6]);
    // It is gone on with from there.
    let stamp = Stamp { epoch: 1, seq: SeqNo(7), time: Nanos(7) };
    assert!(journal.append(Kind::Command, stamp, [&[7; 1_046_000], &[]]));
    while journal.is_behind() {
        journal.poll(true).unwrap();
    }
    drop(journal);
    let mut reader = Reader::open(&path).unwrap().unwrap();
    assert_eq!(reader.commit().unwrap().unwrap().iter().next().unwrap().seq, SeqNo(5));
    while reader.commit().unwrap().is_some() {}
    assert_eq!(turn(&mut work), Kept { full: 1, removed: 5, ..Kept::default() });
}

#[test]
fn what_is_not_archived_stays_and_an_archive_that_fails_is_told_of_and_called_again() {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let (path, archive) = (place.path().join("journal"), place.path().join("archive"));
    let _journal = journal(&path, 3);
    let script = format!("cp \"$0\" '{}/' && echo copied >&2", archive.display());
    let program = ["sh", "-c", &script, PATH];
    let mut first = work(&path, &program, 0);
    first.retention.cover(SeqNo(1000));
    let kept = turn(&mut first);
    // The archive's directory is not there.
    assert_eq!(kept, Kept { full: 3, unarchived: 3, failures: 1, failing: true, ..Kept::default() });
    assert!(first.until.is_some() && first.patience == 2 * RETRY[0]);
    first.turn(&mut || true);
    assert_eq!(first.retention.kept().failures, 1, "not before its time");
    assert_eq!(turn(&mut first).failures, 2);
    assert_eq!(numbers(&path)[..4], [1, 2, 3, 4]);
    fs::create_dir(&archive).unwrap();
    let expected = fs::read(path.join("0000000000000002.journal")).unwrap();
    let kept = turn(&mut first);
    assert_eq!(kept, Kept { archived: 3, failures: 2, removed: 3, ..Kept::default() });
    assert_eq!(numbers(&path)[0], 4);
    assert_eq!(numbers(&archive), [1, 2, 3]);
    assert_eq!(fs::read(archive.join("0000000000000002.journal")).unwrap(), expected);
    assert_eq!(first.patience, RETRY[0]);
    let marks = fs::read_dir(&path)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|of| of == "archived"));
    assert_eq!(marks.count(), 0, "of what is gone no mark is left");
}

#[test]
fn a_segment_is_archived_once_over_starts_and_a_program_that_hangs_is_ended() {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let (path, list) = (place.path().join("journal"), place.path().join("list"));
    let _journal = journal(&path, 2);
    let script = format!("echo \"$0\" >> '{}'", list.display());
    let program = ["sh", "-c", &script, PATH];
    let mut hanging = work(&path, &["sleep", "1000"], 0);
    let mut looks = 0;
    hanging.turn(&mut || {
        looks += 1;
        looks < 3
    });
    assert_eq!(hanging.retention.kept(), Kept { full: 2, unarchived: 2, ..Kept::default() });
    for start in 0..3 {
        let archived = if start == 0 { 2 } else { 0 };
        assert_eq!(turn(&mut work(&path, &program, 0)), Kept { full: 2, archived, ..Kept::default() });
    }
    let list = fs::read_to_string(list).unwrap();
    let names: Vec<&str> = list.lines().filter_map(|line| line.rsplit('/').next()).collect();
    assert_eq!(names, ["0000000000000001.journal", "0000000000000002.journal"]);
}

#[test]
fn the_thread_does_so_by_itself_and_ends_when_it_is_dropped() {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = place.path().join("journal");
    let _journal = journal(&path, 2);
    let keeper = Keeper::start(&path, Rules::default()).unwrap();
    let retention = keeper.retention();
    retention.cover(SeqNo(2));
    while retention.kept().removed < 2 {
        thread::yield_now();
    }
    drop(keeper);
    assert_eq!(numbers(&path)[0], 3);
    assert!(Keeper::start(&place.path().join("none"), Rules::default()).is_err());
}
