//! What is reported of a directory, to somebody who must not disturb it.

use std::process::Command;

use shm::{Bell, Directory, Log, Owner, Peer, Report, Ring, RingReport};

use crate::{place, receive, send};

fn ring(directory: &Directory) -> RingReport {
    match directory.inspect().unwrap().remove(0) {
        Report::Ring(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_ring_tells_owners_depth_high_water_mark_messages_bytes_and_stalls() {
    let (_place, directory) = place();
    let made = Ring::create(&directory, "orders", 4096).unwrap();
    let new = ring(&directory);
    assert_eq!((new.name.as_str(), new.capacity, new.made), ("orders", 4096, made.made()));
    assert_eq!((new.depth, new.high_water, new.messages, new.bytes, new.stalls), (0, 0, 0, 0, 0));
    assert_eq!((new.producer.owner, new.producer.peer, new.producer.generation), (None, Peer::Absent, 0));

    let bell = Bell::create(&directory, "matcher").unwrap();
    let mut consumer = made.consumer(&bell).unwrap();
    let mut producer = made.producer().unwrap();
    for _ in 0..10 {
        assert!(send(&mut producer, &[1; 56]));
    }
    let busy = ring(&directory);
    assert_eq!((busy.depth, busy.messages, busy.bytes, busy.stalls), (640, 10, 640, 0));
    assert_eq!((busy.producer.owner, busy.producer.peer), (Some(Owner::me()), Peer::Alive));
    assert_eq!((busy.consumer.generation, busy.consumer.bell.as_str()), (1, "matcher"));
    assert!((640 - 256..=640).contains(&busy.high_water), "to a sixteenth of the ring: {}", busy.high_water);

    while send(&mut producer, &[1; 56]) {}
    assert!(!send(&mut producer, &[1; 56]), "and again, which is the same stall");
    let full = ring(&directory);
    assert_eq!((full.depth, full.high_water, full.messages, full.stalls), (63 * 64, 63 * 64, 63, 1));
    while receive(&mut consumer).is_some() {}
    while send(&mut producer, &[1; 56]) {}
    let again = ring(&directory);
    assert_eq!((again.messages, again.stalls, again.high_water), (126, 2, 63 * 64));
    drop((producer, consumer));
    let left = ring(&directory);
    assert_eq!((left.producer.peer, left.consumer.peer), (Peer::Absent, Peer::Absent));

    let mut heir = made.producer().unwrap();
    assert!(!send(&mut heir, &[1; 56]));
    assert_eq!(ring(&directory).stalls, 3, "what was counted before is kept");
}

#[test]
fn a_log_tells_of_its_writer_and_of_the_delay_of_each_registered_reader() {
    let (_place, directory) = place();
    let log = Log::create(&directory, "commands", 1 << 14, 100).unwrap();
    let mut writer = log.writer().unwrap();
    let bell = Bell::create(&directory, "journal").unwrap();
    let mut reader = log.registered_reader(&bell).unwrap();
    for _ in 0..3 {
        writer.append(&[7; 48]);
    }
    assert!(reader.read().unwrap().is_some());
    assert!(reader.read().unwrap().is_some());
    let reports = directory.inspect().unwrap();
    assert_eq!(reports.len(), 1, "a bell is neither: {reports:?}");
    let Report::Log(report) = &reports[0] else { panic!("{reports:?}") };
    assert_eq!(
        (report.name.as_str(), report.capacity, report.records, report.bytes),
        ("commands", 1 << 14, 3, 192)
    );
    assert_eq!(report.writer.owner, Some(Owner::me()));
    let [journal] = &report.readers[..] else { panic!("{report:?}") };
    assert_eq!((journal.done, journal.lag, journal.overruns), (1, 128, 0), "the second is still being read");
    assert_eq!(journal.side.bell, "journal");
    assert_eq!(reports[0].depth(), 128);
}

#[test]
fn whoever_looks_writes_nothing() {
    let (_place, directory) = place();
    let made = Ring::create(&directory, "orders", 4096).unwrap();
    let log = Log::create(&directory, "commands", 4096, 100).unwrap();
    let bell = Bell::create(&directory, "bell").unwrap();
    let (mut producer, _consumer) = (made.producer().unwrap(), made.consumer(&bell).unwrap());
    assert!(send(&mut producer, b"waits"));
    log.writer().unwrap().append(b"stays");
    let files = || ["orders", "commands"].map(|name| std::fs::read(directory.path().join(name)).unwrap());
    let before = files();
    let other = Directory::existing(directory.path()).unwrap();
    for _ in 0..10 {
        assert_eq!(other.inspect().unwrap().len(), 2);
    }
    assert_eq!(files(), before);
}

#[test]
#[cfg_attr(miri, ignore = "the file is changed past its mapping")]
fn what_cannot_be_read_is_reported_as_such_and_strangers_are_left_out() {
    use std::os::unix::fs::{FileExt, PermissionsExt};
    let (_place, directory) = place();
    let made = Ring::create(&directory, "orders", 4096).unwrap();
    let file = std::fs::File::options().write(true).open(made.path()).unwrap();
    file.write_all_at(&99u32.to_le_bytes(), 8).unwrap();
    let stranger = directory.path().join("stranger");
    std::fs::write(&stranger, "not ours").unwrap();
    std::fs::set_permissions(&stranger, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(Command::new("mkfifo").arg(directory.path().join("fifo")).status().unwrap().success());
    let reports = directory.inspect().unwrap();
    let [Report::Unreadable { name, error }] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!(name, "orders");
    assert!(error.to_string().contains("version 99"), "{error}");
}

#[test]
fn a_directory_that_is_not_there_is_not_made_by_looking() {
    let (place, _) = place();
    let path = place.path().join("nowhere");
    assert!(Directory::existing(&path).err().unwrap().is_missing());
    assert!(!path.exists());
}
