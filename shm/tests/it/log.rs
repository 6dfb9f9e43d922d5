//! A log: every reader gets every record, in order and whole, or learns that it cannot.

use std::collections::VecDeque;
use std::thread;

use proptest::prelude::*;
use shm::{
    Bed, Bell, Directory, LOG_BYTES_MIN, LOG_READERS_MAX, Log, LogReader, LogWriter, Peer, ReadError, Record,
    ShmError, Start,
};

use crate::{CASES, STEPS, numbered, place, times};

const RECORD_MAX: usize = 256;

fn log(directory: &Directory) -> Log {
    Log::create(directory, "log", LOG_BYTES_MIN, RECORD_MAX).unwrap()
}

/// The next record, by number and content.
fn read(reader: &mut LogReader) -> Result<Option<(u64, Vec<u8>)>, ReadError> {
    Ok(reader.read()?.map(|Record { number, bytes }| (number, bytes.to_vec())))
}

/// Writes the records after the last one, up to `last`, each of which can be checked.
fn write(writer: &mut LogWriter, last: u64) {
    while writer.last() < last {
        let record = numbered(writer.last() + 1);
        writer.append(&record);
    }
    writer.flush();
}

#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Pieces(Vec<usize>),
    Abandon(usize),
    Read(usize),
    Drain(usize),
    Seek(usize, Start),
    NewReader(usize),
    NewWriter,
    NewMapping,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let len = prop_oneof![4 => 0usize..120, 1 => 0..=RECORD_MAX];
    let start = prop_oneof![Just(Start::Oldest), Just(Start::End), (0u64..120).prop_map(Start::Record)];
    let step = prop_oneof![
        10 => len.clone().prop_map(Step::Append),
        2 => prop::collection::vec(0usize..30, 0..6).prop_map(Step::Pieces),
        1 => len.prop_map(Step::Abandon),
        8 => (0usize..3).prop_map(Step::Read),
        2 => (0usize..3).prop_map(Step::Drain),
        2 => (0usize..3, start).prop_map(|(reader, start)| Step::Seek(reader, start)),
        1 => (0usize..3).prop_map(Step::NewReader),
        1 => Just(Step::NewWriter),
        1 => Just(Step::NewMapping),
    ];
    prop::collection::vec(step, 1..STEPS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn readers_see_the_end_of_one_list_or_are_told(steps in steps()) {
        let (_place, directory) = place();
        let mut log = log(&directory);
        let mut writer = log.writer().unwrap();
        let mut readers: Vec<_> = (0..3).map(|_| log.reader()).collect();
        // What each has to read next, if that is known.
        let mut next = [Some(1u64); 3];
        let mut records: Vec<Vec<u8>> = Vec::new();
        let bytes_from = |records: &[Vec<u8>], number: u64| -> usize {
            records[usize::try_from(number - 1).unwrap()..].iter().map(|r| r.len().next_multiple_of(8) + 16).sum()
        };

        for step in steps {
            match step {
                Step::Append(len) => {
                    let record = vec![records.len().to_le_bytes()[0] ^ 0x3C; len];
                    prop_assert_eq!(writer.append(&record), records.len() as u64 + 1);
                    records.push(record);
                }
                Step::Pieces(pieces) => {
                    let pieces: Vec<Vec<u8>> = (1u8..).zip(pieces).map(|(fill, len)| vec![fill; len]).collect();
                    let record = pieces.concat();
                    let mut entry = writer.claim(record.len());
                    pieces.iter().for_each(|piece| entry.put(piece));
                    entry.commit();
                    records.push(record);
                }
                Step::Abandon(len) => writer.claim(len).put(&vec![0xEE; len / 2]),
                Step::Read(reader) => {
                    check(&mut readers[reader], &mut next[reader], &records)?;
                }
                Step::Drain(reader) => while check(&mut readers[reader], &mut next[reader], &records)? {},
                Step::Seek(reader, start) => {
                    let last = records.len() as u64;
                    let sought = readers[reader].seek(start);
                    match start {
                        Start::End => next[reader] = Some(last + 1),
                        Start::Oldest => {
                            // At least half of the log is still there, and the first record if all are.
                            next[reader] = None;
                            if bytes_from(&records, 1) <= LOG_BYTES_MIN / 2 {
                                next[reader] = Some(1);
                            }
                        }
                        Start::Record(number) => match sought {
                            Ok(()) => next[reader] = Some(number),
                            Err(ReadError::Ahead { .. }) => prop_assert!(number > last + 1),
                            Err(ReadError::Overrun { .. }) => prop_assert!(
                                number == 0 || bytes_from(&records, number) > LOG_BYTES_MIN / 2
                            ),
                            Err(error) => prop_assert!(false, "{error}"),
                        },
                    }
                }
                Step::NewReader(reader) => {
                    readers[reader] = log.reader();
                    next[reader] = Some(records.len() as u64 + 1);
                }
                Step::NewWriter => {
                    let generation = writer.generation();
                    drop(writer);
                    writer = log.writer().unwrap();
                    prop_assert_eq!(writer.generation(), generation + 1);
                }
                Step::NewMapping => {
                    drop(writer);
                    log = self::log(&directory);
                    writer = log.writer().unwrap();
                }
            }
            prop_assert_eq!(writer.last(), records.len() as u64);
        }
    }
}

/// Reads once; whether there was a record.
fn check(reader: &mut LogReader, next: &mut Option<u64>, records: &[Vec<u8>]) -> Result<bool, TestCaseError> {
    let last = records.len() as u64;
    match read(reader) {
        Ok(Some((number, bytes))) => {
            prop_assert!(next.is_none_or(|next| next == number), "{number} came instead of {next:?}");
            prop_assert_eq!(&bytes, &records[usize::try_from(number - 1).unwrap()]);
            *next = Some(number + 1);
            Ok(true)
        }
        Ok(None) => {
            prop_assert!(next.is_none_or(|next| next == last + 1), "of {last} records {next:?} is missing");
            Ok(false)
        }
        Err(ReadError::Overrun { number }) => {
            // Only one that is more than half a log behind may be overrun.
            let number = if number == 0 { next.unwrap_or(1) } else { number };
            let behind = &records[usize::try_from(number - 1).unwrap()..];
            let bytes: usize = behind.iter().map(|record| record.len().next_multiple_of(8) + 16).sum();
            prop_assert!(bytes > LOG_BYTES_MIN / 2, "overrun at {number} of {last}");
            Ok(false)
        }
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

#[test]
fn three_readers_beside_a_writer_that_never_waits_take_nothing_torn_for_good() {
    const RECORDS: u64 = times(200_000, 200);
    let (_place, directory) = place();
    let log = log(&directory);
    let mut writer = log.writer().unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut reader = log.reader();
            scope.spawn(move || {
                let (mut last, mut read_in_all) = (0, 0u64);
                while last < RECORDS {
                    match read(&mut reader) {
                        Ok(Some((number, bytes))) => {
                            assert!(number > last, "{number} came after {last}");
                            assert_eq!(bytes, numbered(number));
                            (last, read_in_all) = (number, read_in_all + 1);
                        }
                        Ok(None) => thread::yield_now(),
                        Err(ReadError::Overrun { number }) => {
                            assert!(number == 0 || number == last + 1 || last == 0);
                            reader.seek(Start::Oldest).unwrap();
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
                assert!(read_in_all > 0);
            });
        }
        scope.spawn(move || {
            while writer.last() < RECORDS {
                // In bursts, so that readers are now and then overtaken, and now and then not.
                let last = writer.last();
                write(&mut writer, (last + 1 + last % 97).min(RECORDS));
                thread::yield_now();
            }
        });
    });
}

#[test]
fn a_reader_that_was_overrun_stays_so_until_it_seeks() {
    let (_place, directory) = place();
    let log = log(&directory);
    let (mut writer, mut reader) = (log.writer().unwrap(), log.reader());
    write(&mut writer, 2);
    assert_eq!(read(&mut reader), Ok(Some((1, numbered(1)))));
    write(&mut writer, 500);
    for _ in 0..2 {
        assert_eq!(read(&mut reader), Err(ReadError::Overrun { number: 2 }));
    }
    assert_eq!(reader.seek(Start::Record(2)), Err(ReadError::Overrun { number: 2 }));
    assert_eq!(reader.seek(Start::Record(502)), Err(ReadError::Ahead { number: 502 }));
    reader.seek(Start::Record(501)).unwrap();
    assert_eq!(read(&mut reader), Ok(None));
    reader.seek(Start::Record(499)).unwrap();
    assert_eq!(read(&mut reader), Ok(Some((499, numbered(499)))));
    reader.seek(Start::Oldest).unwrap();
    let mut kept = VecDeque::new();
    while let Some(record) = read(&mut reader).unwrap() {
        kept.push_back(record);
    }
    assert_eq!(kept.back().unwrap().0, 500);
    let bytes: usize = kept.iter().map(|(_, bytes)| bytes.len().next_multiple_of(8) + 16).sum();
    assert!(bytes >= LOG_BYTES_MIN / 2, "{bytes} bytes are kept");
}

#[test]
fn a_registered_reader_that_sleeps_is_woken_and_its_position_is_seen() {
    const RECORDS: u64 = times(2_000, 40);
    let (_place, directory) = place();
    let log = log(&directory);
    let mut writer = log.writer().unwrap();
    let bell = Bell::create(&directory, "journal").unwrap();
    let mut reader = log.registered_reader(&bell).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut last = 0;
            while last < RECORDS {
                if let Some(record) = reader.read().unwrap() {
                    last = record.number;
                    continue;
                }
                bell.arm(Bed::Futex);
                if reader.lag() == 0 {
                    bell.sleep(std::time::Duration::from_secs(100)); // a wake-up that is lost fails the test
                }
                bell.disarm();
            }
        });
        for number in 1..=RECORDS {
            write(&mut writer, number);
            // Never further ahead than a reader may be behind.
            let mut other = log.reader();
            while other.seek(Start::Record(number.saturating_sub(4).max(1))).is_err() {}
            while number % 8 == 0 && directory.inspect().unwrap().iter().any(|report| report.depth() > 512) {
                thread::yield_now();
            }
        }
    });
}

#[test]
fn there_is_one_writer_and_a_bounded_number_of_registered_readers() {
    let (_place, directory) = place();
    let log = log(&directory);
    let again = Log::join(&directory, "log").unwrap();
    let writer = log.writer().unwrap();
    assert!(matches!(again.writer(), Err(ShmError::Held { .. })));
    let bell = Bell::create(&directory, "bell").unwrap();
    let mut readers: Vec<_> = (0..LOG_READERS_MAX).map(|_| again.registered_reader(&bell).unwrap()).collect();
    assert!(matches!(log.registered_reader(&bell), Err(ShmError::Held { .. })));
    readers.pop();
    log.registered_reader(&bell).unwrap();
    let reader = again.reader();
    assert_eq!(reader.peer(), Peer::Alive);
    drop(writer);
    assert_eq!(reader.peer(), Peer::Absent);
    assert_eq!(again.writer().unwrap().generation(), 2);
}

#[test]
fn what_cannot_be_a_log_is_refused() {
    let (_place, directory) = place();
    for (bytes, record_max) in [(LOG_BYTES_MIN - 1, 8), (LOG_BYTES_MIN, LOG_BYTES_MIN / 8), (1 << 31, 8)] {
        let refused = Log::create(&directory, "log", bytes, record_max);
        assert!(matches!(refused, Err(ShmError::Capacity { .. })), "{bytes} {record_max}");
    }
    let log = log(&directory);
    assert_eq!((log.capacity(), log.record_max()), (LOG_BYTES_MIN, RECORD_MAX));
    for (bytes, record_max) in [(2 * LOG_BYTES_MIN, RECORD_MAX), (LOG_BYTES_MIN, RECORD_MAX + 8)] {
        assert!(matches!(Log::create(&directory, "log", bytes, record_max), Err(ShmError::Size { .. })));
    }
    assert!(matches!(shm::Ring::join(&directory, "log"), Err(ShmError::Kind { .. })));
    shm::Ring::create(&directory, "ring", 4096).unwrap();
    assert!(matches!(Log::join(&directory, "ring"), Err(ShmError::Kind { .. })));
    assert!(Log::join(&directory, "none").err().unwrap().is_missing());
}

#[test]
#[should_panic(expected = "a record longer than the log was made for")]
fn a_record_that_is_too_long_is_the_callers_mistake() {
    let (_place, directory) = place();
    log(&directory).writer().unwrap().append(&[0; RECORD_MAX + 1]);
}

#[test]
#[should_panic(expected = "less than was claimed")]
fn a_record_that_is_not_filled_is_the_callers_mistake() {
    let (_place, directory) = place();
    let mut writer = log(&directory).writer().unwrap();
    let mut entry = writer.claim(9);
    entry.put(&[1; 8]);
    entry.commit();
}

#[test]
#[cfg_attr(miri, ignore = "the file is changed past its mapping")]
fn a_damaged_record_is_reported_and_not_followed() {
    use std::os::unix::fs::FileExt;
    let (_place, directory) = place();
    let log = log(&directory);
    let (mut writer, mut reader) = (log.writer().unwrap(), log.reader());
    write(&mut writer, 3);
    assert!(read(&mut reader).unwrap().is_some());
    let file = std::fs::File::options().write(true).open(log.path()).unwrap();
    let data = file.metadata().unwrap().len() - log.capacity() as u64;
    let second = data + (numbered(1).len().next_multiple_of(8) + 16) as u64;
    file.write_all_at(&7u64.to_le_bytes(), second + 8).unwrap(); // another number
    assert!(matches!(read(&mut reader), Err(ReadError::Damaged { .. })));
    file.write_all_at(&[0xFF; 8], second).unwrap(); // no frame
    let mut other = log.reader();
    other.seek(Start::Oldest).unwrap();
    assert!(read(&mut other).unwrap().is_some());
    assert!(matches!(read(&mut other), Err(ReadError::Damaged { .. })));
}
