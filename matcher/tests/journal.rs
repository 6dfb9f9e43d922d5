//! The journal on a real file system: what was durable is there, what was cut short is not, and what has changed is noticed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use matcher::journal::{
    JournalError,
    commit::{BLOCK_BYTES, Commit, SECTOR_BYTES, Stamp},
    device::{Device, Disk, HostDisk, Method},
    reader::{End, Reader},
    record::{HEAD_BYTES, Kind, Place},
    segment::{FIRST_OFFSET, SEGMENT_BYTES_MIN, Segments, Terms},
    writer::Journal,
};
use proptest::prelude::*;
use tempfile::TempDir;
use wire::types::{Nanos, SeqNo};

const TERMS: Terms = Terms { history: 0x1234_5678_9ABC_DEF0, shard: 3, segment_bytes: SEGMENT_BYTES_MIN };
const EPOCH: u64 = 7;

fn directory() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// In memory: for tests that read a journal thousands of times.
fn fast_directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap()
}

fn disk(method: Method) -> Box<dyn Disk> {
    Box::new(HostDisk::by(method))
}

fn open(path: &Path, disk: Box<dyn Disk>) -> Result<Journal, JournalError> {
    let (segments, numbers) = Segments::open(path, TERMS, 0)?;
    Journal::after(Reader::of(segments, numbers)?, EPOCH, disk)
}

fn stamp(seq: u64) -> Stamp {
    Stamp { epoch: EPOCH, seq: SeqNo(seq), time: Nanos(1_000_000 * seq) }
}

/// What command `seq` is in these tests: its length differs, and no byte of it is zero.
fn command(seq: u64) -> Vec<u8> {
    let len = 24 + seq * 37 % 200;
    (0..len).map(|at| u8::try_from((seq * 31 + at * 7) % 251).unwrap() + 1).collect()
}

fn put(journal: &mut Journal, seqs: Range<u64>) {
    for seq in seqs {
        let bytes = command(seq);
        let (origin, rest) = bytes.split_at(24);
        assert!(journal.append(Kind::Command, stamp(seq), [origin, rest]));
    }
}

/// Waits until all of it is durable.
fn settle(journal: &mut Journal) {
    while journal.is_behind() {
        journal.poll(true).unwrap();
    }
}

/// A commit as a reader finds it: its place, its bytes on disk, and the commands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    place: Place,
    len: usize,
    seqs: Vec<u64>,
}

fn read(path: &Path) -> Result<(Vec<Found>, End), JournalError> {
    let mut reader = Reader::open(path)?.expect("a journal");
    let mut found = Vec::new();
    while let Some(commit) = reader.commit()? {
        let seqs = commit.iter().map(|record| {
            assert_eq!((record.kind, record.epoch), (Kind::Command, EPOCH));
            assert_eq!(record.payload, command(record.seq.0), "command {}", record.seq.0);
            assert_eq!(record.time, stamp(record.seq.0).time);
            record.seq.0
        });
        let seqs: Vec<u64> = seqs.collect();
        assert_eq!(seqs.len(), commit.records() as usize);
        found.push(Found { place: commit.place(), len: commit.len(), seqs });
    }
    Ok((found, reader.end().unwrap()))
}

fn seqs(found: &[Found]) -> Vec<u64> {
    found.iter().flat_map(|commit| commit.seqs.iter().copied()).collect()
}

/// A journal of commits with these many commands each, not sealed.
fn journal_of(path: &Path, commits: &[u64]) -> Vec<Found> {
    let mut journal = open(path, disk(Method::Plain)).unwrap();
    let mut next = 1;
    for &count in commits {
        put(&mut journal, next..next + count);
        next += count;
        settle(&mut journal);
    }
    drop(journal);
    let (found, end) = read(path).unwrap();
    assert_eq!(end.torn, None);
    assert_eq!(found.len(), commits.len());
    found
}

fn segment(path: &Path, number: u64) -> PathBuf {
    path.join(format!("{number:016}.journal"))
}

#[test]
fn what_was_durable_is_read_again_whichever_way_it_was_written() {
    for method in [Method::Direct, Method::Plain] {
        let directory = directory();
        let path = directory.path().join("journal");
        let mut next = 1;
        for round in 1..=4 {
            let mut journal = match open(&path, disk(method)) {
                // Not every file system has O_DIRECT.
                Err(JournalError::Io { error, .. }) if method == Method::Direct => {
                    eprintln!("NOT TESTED: io_uring with O_DIRECT: {error}");
                    return;
                }
                journal => journal.unwrap(),
            };
            assert_eq!(journal.durable(), SeqNo(next - 1));
            for count in [1, 2, 300, 1, 4000] {
                put(&mut journal, next..next + count);
                next += count;
                journal.poll(false).unwrap();
            }
            settle(&mut journal);
            assert_eq!(journal.durable(), SeqNo(next - 1));
            if round % 2 == 0 {
                assert!(journal.seal().unwrap());
                settle(&mut journal);
                while journal.poll(true).unwrap() {}
                assert!(!journal.seal().unwrap(), "it is sealed already");
            }
        }
        let (found, end) = read(&path).unwrap();
        assert_eq!(seqs(&found), (1..next).collect::<Vec<_>>());
        assert!(end.place.segment > 1, "it is to go over several segments");
        assert!(found.iter().all(|commit| commit.place.offset.is_multiple_of(BLOCK_BYTES as u64)));
        assert_eq!((end.torn, end.last.unwrap().seq), (None, SeqNo(next - 1)));
    }
}

#[test]
fn a_full_commit_takes_nothing_more_until_it_is_on_its_way() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let mut journal = open(&path, disk(Method::Plain)).unwrap();
    let mut seq = 1;
    while journal.append(Kind::Command, stamp(seq), [&command(seq), &[]]) {
        seq += 1;
    }
    assert!(seq > 4000);
    settle(&mut journal);
    assert_eq!(journal.durable(), SeqNo(seq - 1));
    put(&mut journal, seq..seq + 1);
    settle(&mut journal);
    assert_eq!(seqs(&read(&path).unwrap().0), (1..=seq).collect::<Vec<_>>());
}

/// Bytes of a file put in the place of others, and back when it is dropped.
struct Changed<'a> {
    file: &'a File,
    offset: u64,
    former: Vec<u8>,
}

impl<'a> Changed<'a> {
    fn to(file: &'a File, offset: u64, bytes: &[u8]) -> Changed<'a> {
        let mut former = vec![0; bytes.len()];
        file.read_exact_at(&mut former, offset).unwrap();
        file.write_all_at(bytes, offset).unwrap();
        Changed { file, offset, former }
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        self.file.write_all_at(&self.former, self.offset).unwrap();
    }
}

fn edit(path: &Path) -> File {
    File::options().read(true).write(true).open(path).unwrap()
}

#[test]
fn a_write_cut_short_at_any_byte_is_no_part_of_the_journal_and_is_told() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let commits = journal_of(&path, &[2, 1, 30]);
    let last = &commits[2];
    assert_eq!(last.len, 2 * BLOCK_BYTES);
    let file = edit(&segment(&path, 1));
    let mut whole = vec![0; last.len];
    file.read_exact_at(&mut whole, last.place.offset).unwrap();
    // Every byte where records begin and end; further on they are alike.
    for written in (0..BLOCK_BYTES).chain((BLOCK_BYTES..last.len).step_by(13)) {
        let mut torn = whole.clone();
        torn[written..].fill(0);
        let _changed = Changed::to(&file, last.place.offset, &torn);
        let (found, end) = read(&path).unwrap_or_else(|error| panic!("{written} bytes written: {error}"));
        assert_eq!(found, commits[..2], "{written} bytes written");
        assert_eq!((end.place, end.torn.is_some()), (last.place, written > 0), "{written} bytes written");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_write_of_which_any_sectors_are_missing_is_no_part_of_the_journal(
        written in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let directory = fast_directory();
        let path = directory.path().join("journal");
        let commits = journal_of(&path, &[2, 1, 30]);
        let last = &commits[2];
        let file = edit(&segment(&path, 1));
        let mut torn = vec![0; last.len];
        file.read_exact_at(&mut torn, last.place.offset).unwrap();
        for (sector, _) in torn.chunks_mut(SECTOR_BYTES).zip(&written).filter(|(_, written)| !**written) {
            sector.fill(0);
        }
        let all = written.iter().all(|&written| written);
        let _changed = Changed::to(&file, last.place.offset, &torn);
        let (found, end) = read(&path).unwrap();
        prop_assert_eq!(found.len(), 2 + usize::from(all));
        prop_assert_eq!(end.torn.is_some(), !all && written.contains(&true));
        // What is torn is overwritten before anything else is written there.
        drop(open(&path, disk(Method::Plain)).unwrap());
        let mut left = vec![0; last.len];
        file.read_exact_at(&mut left, last.place.offset).unwrap();
        prop_assert_eq!(left.iter().any(|&byte| byte != 0), all);
    }
}

#[test]
fn after_a_torn_end_the_journal_goes_on_as_if_that_commit_had_never_been() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let commits = journal_of(&path, &[2, 1, 60]);
    let last = &commits[2];
    let file = edit(&segment(&path, 1));
    // The middle of it never arrived, and its end did.
    file.write_all_at(&vec![0; BLOCK_BYTES], last.place.offset + BLOCK_BYTES as u64).unwrap();
    let mut journal = open(&path, disk(Method::Plain)).unwrap();
    assert_eq!(journal.durable(), SeqNo(3));
    put(&mut journal, 4..6);
    settle(&mut journal);
    drop(journal);
    let (found, end) = read(&path).unwrap();
    assert_eq!(seqs(&found), [1, 2, 3, 4, 5]);
    assert_eq!(end.torn, None);
}

#[test]
fn a_changed_bit_is_noticed_wherever_it_is() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let commits = journal_of(&path, &[2, 1, 3]);
    let mut kinds = BTreeMap::<&str, u32>::new();
    let file = edit(&segment(&path, 1));
    let end = commits[2].place.offset + commits[2].len as u64;
    let mut whole = vec![0; usize::try_from(end).unwrap()];
    file.read_exact_at(&mut whole, 0).unwrap();
    for (at, &byte) in whole.iter().enumerate() {
        let in_header = at < BLOCK_BYTES;
        let padding = !in_header && byte == 0xFF;
        // The header's block is not used behind the header, and every byte of padding is like the others.
        if in_header && at >= 56 || padding && at % 61 != 0 {
            continue;
        }
        for bit in 0..8 {
            let _changed = Changed::to(&file, at as u64, &[byte ^ 1 << bit]);
            let kind = match read(&path) {
                Err(JournalError::Corrupt { path: found, offset, .. }) => {
                    assert_eq!(found, segment(&path, 1));
                    let commit = commits.iter().rfind(|commit| commit.place.offset <= at as u64).unwrap();
                    assert_eq!(offset, commit.place.offset, "byte {at}, bit {bit}");
                    "corrupt"
                }
                Err(JournalError::Stranger { .. } | JournalError::Version { .. }) if in_header => "header",
                Err(JournalError::Missing { .. }) => "missing",
                // The header's last word says nothing yet.
                Ok(_) if (52..56).contains(&at) => "unused",
                other => panic!("byte {at}, bit {bit}: {:?}", other.map(|(found, end)| (seqs(&found), end))),
            };
            *kinds.entry(kind).or_default() += 1;
        }
    }
    eprintln!("{kinds:?}");
    assert!(kinds["corrupt"] > 5000 && kinds["header"] == 52 * 8);
}

#[test]
fn a_changed_bit_in_what_is_not_used_yet_loses_nothing() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let commits = journal_of(&path, &[2, 1, 3]);
    let file = edit(&segment(&path, 1));
    let end = commits[2].place.offset + commits[2].len as u64;
    for at in (0..2 * BLOCK_BYTES as u64).step_by(7) {
        let _changed = Changed::to(&file, end + at, &[1 << (at % 8)]);
        let (found, _) = read(&path).unwrap_or_else(|error| panic!("byte {at} behind the end: {error}"));
        assert_eq!(found, commits);
    }
}

#[test]
fn segments_that_are_missing_swapped_doubled_cut_or_strange_are_refused_by_name() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let mut journal = open(&path, disk(Method::Plain)).unwrap();
    let mut seq = 1;
    while !segment(&path, 5).exists() {
        put(&mut journal, seq..seq + 4000);
        seq += 4000;
        settle(&mut journal);
    }
    drop(journal);
    let whole = read(&path).unwrap();
    let last_used = whole.1.place.segment;
    assert!((3..=4).contains(&last_used));
    let hidden = directory.path().join("hidden");
    let refused = |what: &str, names: &Path| {
        let error = read(&path).expect_err(what).to_string();
        assert!(error.contains(names.to_str().unwrap()), "{what}: {error}");
        error
    };
    let all = fs::read_dir(&path).unwrap().count() as u64;
    // Without the first the rest stands by itself: what it begins with is for whoever has the snapshot to say.
    for number in 2..=all {
        fs::rename(segment(&path, number), &hidden).unwrap();
        if number > last_used + 1 {
            assert_eq!(read(&path).unwrap(), whole, "segment {number} is one too many");
        } else {
            refused("missing", &segment(&path, number));
        }
        fs::rename(&hidden, segment(&path, number)).unwrap();
    }
    let swap = || {
        fs::rename(segment(&path, 1), &hidden).unwrap();
        fs::rename(segment(&path, 2), segment(&path, 1)).unwrap();
        fs::rename(&hidden, segment(&path, 2)).unwrap();
    };
    swap();
    assert!(refused("swapped", &segment(&path, 1)).contains("number 2"));
    swap();
    let extra = segment(&path, all + 1);
    fs::copy(segment(&path, 1), &extra).unwrap();
    assert!(refused("doubled", &extra).contains("number 1"));
    fs::remove_file(&extra).unwrap();
    let stray = path.join("1.journal");
    fs::copy(segment(&path, 1), &stray).unwrap();
    refused("another name", &stray);
    fs::remove_file(&stray).unwrap();
    let file = edit(&segment(&path, 2));
    for bytes in [0, 10, SEGMENT_BYTES_MIN / 2] {
        fs::copy(segment(&path, 2), &hidden).unwrap();
        file.set_len(bytes).unwrap();
        refused("cut", &segment(&path, 2));
        fs::copy(&hidden, segment(&path, 2)).unwrap();
    }
    // Of the same number, but of another history.
    let other = directory.path().join("other");
    Segments::open(&other, Terms { history: 1, ..TERMS }, 0).unwrap();
    fs::copy(segment(&other, 2), segment(&path, 2)).unwrap();
    assert!(refused("of another history", &segment(&path, 2)).contains("another history"));
}

/// A segment whose commits were put there from elsewhere: every byte of it is as it was written, for another place.
#[test]
fn a_commit_that_was_written_for_another_place_does_not_pass() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let commits = journal_of(&path, &[1, 1, 1]);
    let file = edit(&segment(&path, 1));
    let mut first = vec![0; commits[0].len];
    file.read_exact_at(&mut first, commits[0].place.offset).unwrap();
    let _changed = Changed::to(&file, commits[1].place.offset, &first);
    let error = read(&path).unwrap_err();
    assert!(
        matches!(error, JournalError::Corrupt { offset, .. } if offset == commits[1].place.offset),
        "{error}"
    );
}

#[test]
fn a_journal_of_another_format_or_with_records_of_another_version_is_refused_with_a_remedy() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    journal_of(&path, &[1]);
    let file = edit(&segment(&path, 1));
    let mut header = [0; 56];
    file.read_exact_at(&mut header, 0).unwrap();
    header[16] = 2;
    let crc = crc_of(&header[..48]);
    header[48..52].copy_from_slice(&crc.to_le_bytes());
    let _changed = Changed::to(&file, 0, &header);
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("format 2") && error.contains("start the version that wrote it"), "{error}");
}

fn crc_of(bytes: &[u8]) -> u32 {
    // Bit by bit, as RFC 3720 defines it.
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 },
        )
    })
}

/// A disk on which the write that brings it to `left` fails, after some of its bytes.
struct Failing {
    left: u32,
    written: usize,
}

struct FailingFile {
    file: File,
    left: u32,
    written: usize,
    done: Option<(Commit, io::Result<()>)>,
}

impl Disk for Failing {
    fn open(&mut self, path: &Path) -> io::Result<Box<dyn Device>> {
        let Failing { left, written } = *self;
        Ok(Box::new(FailingFile { file: edit(path), left, written, done: None }))
    }
}

impl Device for FailingFile {
    fn begin(&mut self, commit: Commit, offset: u64) {
        let bytes = commit.bytes();
        let result = match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                self.file.write_all_at(bytes, offset)
            }
            None => {
                self.file.write_all_at(&bytes[..self.written.min(bytes.len())], offset).unwrap();
                Err(io::Error::from_raw_os_error(5))
            }
        };
        self.done = Some((commit, result));
    }

    fn done(&mut self, _: bool) -> Option<(Commit, io::Result<()>)> {
        self.done.take()
    }
}

#[test]
fn after_an_error_of_the_disk_nothing_more_is_taken_and_nothing_more_is_called_durable() {
    for written in [0, 1, HEAD_BYTES, 100, BLOCK_BYTES - 1, BLOCK_BYTES] {
        let directory = fast_directory();
        let path = directory.path().join("journal");
        let mut journal = open(&path, Box::new(Failing { left: 2, written })).unwrap();
        for seq in 1..=2 {
            put(&mut journal, seq..seq + 1);
            settle(&mut journal);
        }
        put(&mut journal, 3..4);
        journal.poll(false).unwrap();
        let error = journal.poll(true).unwrap_err().to_string();
        assert!(error.contains("0000000000000001.journal") && error.contains("os error 5"), "{error}");
        for _ in 0..3 {
            assert!(matches!(journal.poll(true), Err(JournalError::Failed)));
        }
        assert_eq!(journal.durable(), SeqNo(2));
        drop(journal);
        // Not acknowledged: wholly there, or not at all.
        let (found, _) = read(&path).unwrap();
        assert_eq!(seqs(&found).len(), if written == BLOCK_BYTES { 3 } else { 2 }, "{written}");
    }
}

#[test]
fn a_journal_without_commands_is_read_as_empty() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    assert!(Reader::open(&path).unwrap().is_none());
    let journal = open(&path, disk(Method::Plain)).unwrap();
    assert_eq!(journal.durable(), SeqNo(0));
    drop(journal);
    let (found, end) = read(&path).unwrap();
    assert_eq!((found.len(), end.place, end.torn), (0, Place { segment: 1, offset: FIRST_OFFSET }, None));
}

#[test]
fn a_segment_that_leaves_too_little_free_is_not_made() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let error = Segments::open(&path, TERMS, u64::MAX / 2).unwrap_err();
    assert!(matches!(error, JournalError::NoSpace { .. }));
    assert!(error.to_string().contains("journal.reserve_bytes"), "{error}");
}

#[test]
fn a_journal_is_read_while_it_is_written() {
    let directory = fast_directory();
    let path = directory.path().join("journal");
    let mut journal = open(&path, disk(Method::Plain)).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut rounds, mut seen) = (0, 0);
            while !done.load(std::sync::atomic::Ordering::Acquire) || rounds < 3 {
                let (found, _) = read(&path).unwrap();
                let seqs = seqs(&found);
                assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "a prefix of what was written");
                assert!(seqs.len() >= seen, "what was read once is read again");
                (rounds, seen) = (rounds + 1, seqs.len());
            }
            seen
        });
        let mut next = 1;
        // Over more segments than there were when the reader came.
        while next < 60_000 {
            put(&mut journal, next..next + 150);
            next += 150;
            journal.poll(true).unwrap();
        }
        settle(&mut journal);
        done.store(true, std::sync::atomic::Ordering::Release);
        assert_eq!(reader.join().unwrap() as u64, next - 1);
    });
}
