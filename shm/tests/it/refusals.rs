//! What is refused, with the cause and the remedy.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use shm::{Bell, Directory, Lock, Peer, Ring, ShmError};

use crate::{place, receive, send};

const NOBODY: u32 = 65_534;

/// The error, whose message must name the path and hold `words`.
fn refused<T>(result: Result<T, ShmError>, path: &Path, words: &[&str]) -> ShmError {
    let error = result.err().expect("refused");
    let message = error.to_string();
    for word in [path.to_str().unwrap()].iter().chain(words) {
        assert!(message.contains(word), "no `{word}` in: {message}");
    }
    error
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn scribble(path: &Path, at: u64, bytes: &[u8]) {
    File::options().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

mod directory {
    use super::*;

    #[test]
    fn it_is_made_for_this_user_alone_and_opened_again() {
        let (_place, directory) = place();
        let mode = fs::metadata(directory.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
        Directory::open(directory.path()).unwrap();
        assert!(directory.entries().unwrap().is_empty());
    }

    #[test]
    fn others_may_not_enter_it() {
        let (_place, directory) = place();
        set_mode(directory.path(), 0o750);
        let error = refused(Directory::open(directory.path()), directory.path(), &["0750", "chmod 0700"]);
        assert!(matches!(error, ShmError::Permissions { found: 0o750, wanted: 0o700, .. }));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri gives no file away")]
    fn another_users_is_refused() {
        let (_place, directory) = place();
        let me = rustix::process::geteuid();
        let path = if me.is_root() {
            chown(directory.path(), Some(NOBODY), None).unwrap();
            directory.path()
        } else {
            Path::new("/") // root's everywhere
        };
        let error = refused(Directory::open(path), path, &["belongs to user"]);
        assert!(matches!(error, ShmError::Owner { me: found, .. } if found == me.as_raw()));
    }

    #[test]
    fn a_file_or_a_link_in_its_place_is_refused() {
        let (place, directory) = place();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(
            refused(Directory::open(&file), &file, &["not a directory"]),
            ShmError::Kind { .. }
        ));
        let link = place.path().join("link");
        symlink(directory.path(), &link).unwrap();
        assert!(matches!(
            refused(Directory::open(&link), &link, &["not a directory"]),
            ShmError::Kind { .. }
        ));
    }

    #[test]
    fn a_missing_parent_and_a_forbidden_one_are_told_apart() {
        let (place, _) = place();
        let path = place.path().join("no/venue");
        assert!(refused(Directory::open(&path), &path, &["does not exist"]).is_missing());
        let path = Path::new("/sys/penstock"); // where not even root makes directories
        assert!(matches!(refused(Directory::open(path), path, &["no permission"]), ShmError::Denied { .. }));
    }

    #[test]
    fn the_fallback_is_taken_where_the_preferred_place_is_missing_or_no_directory() {
        let (place, _) = place();
        let (base, fallback) = (place.path().join("shm"), place.path().join("data"));
        fs::create_dir(&fallback).unwrap();
        for preferred in [&base, Path::new("/dev/null")] {
            let directory = Directory::at(preferred, &fallback, "rings").unwrap();
            assert_eq!(directory.path(), fallback.join("rings"), "instead of {}", preferred.display());
        }
        fs::create_dir(&base).unwrap();
        assert_eq!(Directory::at(&base, &fallback, "rings").unwrap().path(), base.join("rings"));
    }

    #[test]
    fn the_fallback_is_not_taken_where_the_preferred_directory_is_there_but_unfit() {
        let (place, directory) = place();
        set_mode(directory.path(), 0o777);
        let error = Directory::at(place.path(), place.path(), "venue").unwrap_err();
        assert!(matches!(error, ShmError::Permissions { .. }));
        // Nor where it is there and closed to us: the other process may be let in.
        let error = Directory::at(Path::new("/sys"), place.path(), "venue").unwrap_err();
        assert!(matches!(error, ShmError::Denied { .. }));
    }
}

mod lock {
    use super::*;

    #[test]
    fn it_is_held_once_and_says_by_whom() {
        let (place, _) = place();
        let path = place.path().join("lock");
        let lock = Lock::take(&path).unwrap();
        let me = std::process::id();
        let error = refused(Lock::take(&path), &path, &["the lock", &me.to_string()]);
        assert!(matches!(error, ShmError::Held { pid, .. } if pid == me));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        drop(lock);
        Lock::take(&path).unwrap();
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri starts no processes")]
    fn the_kernel_releases_it_when_its_holder_is_killed() {
        let (place, _) = place();
        let path = place.path().join("lock");
        drop(Lock::take(&path).unwrap());
        let mut child = Command::new("flock").arg(&path).args(["sleep", "1000"]).spawn().unwrap();
        while Lock::take(&path).is_ok() {
            std::thread::yield_now();
        }
        assert!(matches!(Lock::take(&path), Err(ShmError::Held { .. })));
        // `flock` runs `sleep`, which inherits the lock: both must go.
        let tasks = format!("/proc/{0}/task/{0}/children", child.id());
        for sleeper in fs::read_to_string(tasks).unwrap().split_whitespace() {
            let pid = rustix::process::Pid::from_raw(sleeper.parse().unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Err(error) = Lock::take(&path) {
            assert!(matches!(error, ShmError::Held { .. }), "{error}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_no_lock_file_of_ours_is_refused() {
        let (place, _) = place();
        let path = place.path().join("lock");
        drop(Lock::take(&path).unwrap());
        set_mode(&path, 0o644);
        assert!(matches!(refused(Lock::take(&path), &path, &["0644"]), ShmError::Permissions { .. }));
        let path = place.path().join("venue");
        assert!(Lock::take(&path).is_err(), "a directory");
    }
}

mod ring {
    use super::*;

    fn ring() -> (tempfile::TempDir, Directory, Ring) {
        let (place, directory) = place();
        let ring = Ring::create(&directory, "ring", 4096).unwrap();
        (place, directory, ring)
    }

    #[test]
    fn one_that_is_missing_is_waited_for() {
        let (_place, directory) = place();
        let path = directory.path().join("ring");
        assert!(refused(Ring::join(&directory, "ring"), &path, &["does not exist yet"]).is_missing());
    }

    #[test]
    fn its_name_is_a_plain_one() {
        let (_place, directory) = place();
        for name in ["", ".hidden", "a/b", "..", "a b", &"x".repeat(49)] {
            assert!(matches!(Ring::create(&directory, name, 4096), Err(ShmError::Name { .. })), "{name}");
            assert!(matches!(Ring::join(&directory, name), Err(ShmError::Name { .. })), "{name}");
            assert!(matches!(Bell::create(&directory, name), Err(ShmError::Name { .. })), "{name}");
        }
    }

    #[test]
    fn its_size_has_bounds() {
        let (_place, directory) = place();
        for bytes in [0, 1023, (1 << 30) + 1] {
            assert!(matches!(Ring::create(&directory, "ring", bytes), Err(ShmError::Capacity { .. })));
        }
    }

    #[test]
    fn another_size_than_asked_for_is_refused_and_not_remade() {
        let (_place, directory, ring) = ring();
        let error = refused(Ring::create(&directory, "ring", 8192), ring.path(), &["4096", "8192"]);
        assert!(matches!(error, ShmError::Size { found: 4096, expected: 8192, .. }));
        assert_eq!(Ring::join(&directory, "ring").unwrap().capacity(), 4096);
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn a_file_that_was_cut_or_grown_is_refused() {
        for len in [0, 23, 24, 4096, 8191, 8193, 16384] {
            let (_place, directory, ring) = ring();
            File::options().write(true).open(ring.path()).unwrap().set_len(len).unwrap();
            let error = refused(Ring::join(&directory, "ring"), ring.path(), &[]);
            let fits = if len < 24 {
                matches!(error, ShmError::Kind { .. })
            } else {
                matches!(error, ShmError::Size { .. })
            };
            assert!(fits, "{len}: {error}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn a_header_that_contradicts_the_file_is_refused() {
        let (_place, directory, ring) = ring();
        scribble(ring.path(), 24, &4095u64.to_le_bytes());
        assert!(matches!(refused(Ring::join(&directory, "ring"), ring.path(), &[]), ShmError::Size { .. }));
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn another_layout_version_is_refused() {
        let (_place, directory, ring) = ring();
        scribble(ring.path(), 8, &99u32.to_le_bytes());
        let error =
            refused(Ring::create(&directory, "ring", 4096), ring.path(), &["version 99", "delete the file"]);
        assert!(matches!(error, ShmError::Version { found: 99, .. }));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no FIFOs")]
    fn what_is_no_ring_is_refused() {
        let (_place, directory, ring) = ring();
        let kind = |path: &Path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            matches!(refused(Ring::join(&directory, name), path, &["not a ring"]), ShmError::Kind { .. })
        };
        let _bell = Bell::create(&directory, "bell").unwrap();
        assert!(kind(&directory.path().join("bell")));
        assert!(kind(&directory.path().join("bell.fifo")));
        symlink(ring.path(), directory.path().join("link")).unwrap();
        assert!(kind(&directory.path().join("link")));
        fs::create_dir(directory.path().join("folder")).unwrap();
        assert!(kind(&directory.path().join("folder")));
        scribble(ring.path(), 0, b"GARBAGE!");
        assert!(kind(ring.path()));
    }

    #[test]
    fn one_that_others_may_use_is_refused() {
        let (_place, directory, ring) = ring();
        set_mode(ring.path(), 0o620);
        let error = refused(Ring::join(&directory, "ring"), ring.path(), &["0620", "chmod 0600"]);
        assert!(matches!(error, ShmError::Permissions { .. }));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri gives no file away")]
    fn another_users_is_refused() {
        let (_place, directory, ring) = ring();
        if chown(ring.path(), Some(NOBODY), None).is_ok() {
            let error = refused(Ring::join(&directory, "ring"), ring.path(), &["belongs to user"]);
            assert!(matches!(error, ShmError::Owner { found: NOBODY, .. }));
        } else {
            assert!(!rustix::process::geteuid().is_root(), "root can give files away");
        }
    }

    #[test]
    fn each_side_is_held_once_even_within_a_process() {
        let (_place, directory, ring) = ring();
        let bell = Bell::create(&directory, "bell").unwrap();
        let (producer, consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
        let again = Ring::join(&directory, "ring").unwrap();
        for ring in [&ring, &again] {
            let me = std::process::id().to_string();
            let error = refused(ring.producer(), ring.path(), &["the producer's side", &me]);
            assert!(matches!(error, ShmError::Held { .. }));
            let error = refused(ring.consumer(&bell), ring.path(), &["the consumer's side", &me]);
            assert!(matches!(error, ShmError::Held { .. }));
        }
        drop((producer, consumer));
        assert_eq!(again.producer().unwrap().generation(), 2);
        assert_eq!(again.consumer(&bell).unwrap().generation(), 2);
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri starts no processes")]
    fn a_full_file_system_is_an_error_and_no_fault_in_the_middle_of_a_message() {
        let (_place, directory) = place();
        // A limit on the size of files stands for the file system: both are met when room is reserved. Its signal,
        // which would kill, is ignored, and the program below inherits that.
        let script = r#"trap '' XFSZ; ulimit -f 4; exec "$0" --exact refusals::ring::makes_a_ring_without_room --ignored"#;
        let status = Command::new("sh")
            .args(["-c", script])
            .arg(std::env::current_exe().unwrap())
            .env("SHM_DIRECTORY", directory.path())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        assert!(directory.entries().unwrap().is_empty(), "nothing half made is left");
    }

    #[test]
    #[ignore = "the other process of the test above, which starts it"]
    fn makes_a_ring_without_room() {
        let path = std::env::var("SHM_DIRECTORY").unwrap();
        let directory = Directory::open(Path::new(&path)).unwrap();
        let error =
            refused(Ring::create(&directory, "ring", 1 << 20), &directory.path().join("ring"), &["no room"]);
        assert!(matches!(error, ShmError::NoSpace { bytes: 1_052_672, .. }));
    }
}

/// Where a ring's file holds what, see docs/shared-memory.md.
mod damage {
    use super::*;

    const PRODUCER_PID: u64 = 128 + 8;
    const TAIL: u64 = 384;
    const HEAD: u64 = 512;
    const DATA: u64 = 4096;

    fn damaged<T>(result: Result<T, ShmError>, path: &Path) {
        assert!(matches!(
            refused(result, path, &["is damaged", "delete the file"]),
            ShmError::Damaged { .. }
        ));
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn positions_that_cannot_be_are_refused_by_both_sides() {
        for (tail, head) in [(8192u64, 0u64), (0, 8192), (4, 0), (1 << 63, 1 << 63), (0, 64)] {
            let (_place, directory) = place();
            let bell = Bell::create(&directory, "bell").unwrap();
            let ring = Ring::create(&directory, "ring", 4096).unwrap();
            scribble(ring.path(), TAIL, &tail.to_le_bytes());
            scribble(ring.path(), HEAD, &head.to_le_bytes());
            damaged(ring.producer(), ring.path());
            if tail.abs_diff(head) > 4096 || head >= 1 << 62 {
                damaged(ring.consumer(&bell), ring.path());
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn a_frame_that_cannot_be_is_never_followed() {
        let header = |tag: u32, len: u32| (u64::from(len) << 32 | u64::from(tag)).to_le_bytes();
        let (message, padding) = (0xC0DE_F00D, 0xC0DE_FADE);
        for bytes in [
            header(message, u32::MAX),
            header(message, 4089),  // one byte more than there is
            header(padding, 4088),  // padding where a message would fit: for ever round
            header(padding, 8),     // padding that does not reach the end
            header(message ^ 1, 8), // no tag
            [0xFF; 8],
        ] {
            let (_place, directory) = place();
            let bell = Bell::create(&directory, "bell").unwrap();
            let ring = Ring::create(&directory, "ring", 4096).unwrap();
            let mut consumer = ring.consumer(&bell).unwrap();
            assert!(consumer.damage().is_none());
            scribble(ring.path(), DATA, &bytes);
            assert_eq!(consumer.front(), None);
            damaged(consumer.damage().map_or(Ok(()), Err), ring.path());
            scribble(ring.path(), DATA, &header(message, 8));
            assert_eq!(consumer.front(), None, "what was damaged once is not believed again");
            scribble(ring.path(), DATA, &bytes);
            damaged(ring.producer(), ring.path());
        }
    }

    #[test]
    fn a_consumer_position_that_cannot_be_is_not_believed_by_the_producer() {
        let (_place, directory) = place();
        let ring = Ring::create(&directory, "ring", 4096).unwrap();
        let mut producer = ring.producer().unwrap();
        while send(&mut producer, &[1; 100]) {}
        scribble(ring.path(), HEAD, &(1u64 << 40).to_le_bytes());
        assert!(!send(&mut producer, &[2; 100]), "nothing is overwritten");
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn a_message_published_by_a_producer_that_died_before_it_moved_its_position_is_kept() {
        let (_place, directory) = place();
        let bell = Bell::create(&directory, "bell").unwrap();
        let ring = Ring::create(&directory, "ring", 4096).unwrap();
        let mut producer = ring.producer().unwrap();
        // Up to where the last message needs padding before it: two frames are published by one store.
        for _ in 0..3 {
            assert!(send(&mut producer, &[1; 1000]));
        }
        let mut consumer = ring.consumer(&bell).unwrap();
        while receive(&mut consumer).is_some() {}
        let mut cursor = [0; 24];
        let file = File::open(ring.path()).unwrap();
        file.read_exact_at(&mut cursor, TAIL).unwrap();
        assert!(send(&mut producer, &[2; 2000]));
        std::mem::forget(producer); // it leaves nothing in order, as one that is killed
        scribble(ring.path(), TAIL, &cursor);
        scribble(ring.path(), PRODUCER_PID, &[0; 4]);

        let mut heir = ring.producer().unwrap();
        assert_eq!(heir.committed(), 4);
        assert!(send(&mut heir, &[3; 10]));
        assert_eq!(receive(&mut consumer).unwrap(), [2; 2000]);
        assert_eq!(receive(&mut consumer).unwrap(), [3; 10]);
        assert_eq!(consumer.consumed(), 5);
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn what_was_not_released_comes_again_with_its_number() {
        const CONSUMER_PID: u64 = 256 + 8;
        let (_place, directory) = place();
        let bell = Bell::create(&directory, "bell").unwrap();
        let ring = Ring::create(&directory, "ring", 4096).unwrap();
        let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
        for number in 1..=3u8 {
            assert!(send(&mut producer, &[number]));
        }
        assert_eq!(receive(&mut consumer).unwrap(), [1]);
        consumer.release();
        assert_eq!(receive(&mut consumer).unwrap(), [2]);
        std::mem::forget(consumer);
        scribble(ring.path(), CONSUMER_PID, &[0; 4]);

        let mut heir = ring.consumer(&bell).unwrap();
        assert_eq!(heir.consumed(), 1);
        assert_eq!(receive(&mut heir).unwrap(), [2]);
        assert_eq!(receive(&mut heir).unwrap(), [3]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn a_side_whose_owner_died_is_dead_to_its_peer_and_free_to_be_taken() {
        let (_place, directory) = place();
        let bell = Bell::create(&directory, "bell").unwrap();
        let ring = Ring::create(&directory, "ring", 4096).unwrap();
        std::mem::forget(ring.producer().unwrap());
        let consumer = ring.consumer(&bell).unwrap();
        assert_eq!(consumer.peer(), Peer::Alive);
        scribble(ring.path(), 128, &1u64.to_le_bytes()); // another start time: the pid was used again
        assert_eq!(consumer.peer(), Peer::Dead);
        let heir = ring.producer().unwrap();
        assert_eq!(consumer.peer(), Peer::Alive);
        assert_eq!(heir.generation(), 2);
        drop(heir);
        assert_eq!(consumer.peer(), Peer::Absent);
    }
}

mod sweep {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "the file is changed past its mapping")]
    fn it_takes_what_the_dead_left_and_never_what_is_in_use() {
        let (_place, directory) = place();
        let bell = Bell::create(&directory, "bell").unwrap();
        let used = Ring::create(&directory, "used", 4096).unwrap();
        let _producer = used.producer().unwrap();
        Ring::create(&directory, "kept", 4096).unwrap();
        let stale = Ring::create(&directory, "stale", 4096).unwrap();
        fs::write(directory.path().join(".new-1-1-0"), "half").unwrap(); // pid 1 started at another time
        let mine = shm::Owner::me();
        let making = format!(".new-{}-{}-9", mine.pid, mine.started);
        fs::write(directory.path().join(&making), "half").unwrap();
        fs::write(directory.path().join("stranger"), "not ours to judge").unwrap();
        std::mem::forget(Bell::create(&directory, "dead").unwrap());
        scribble(&directory.path().join("dead"), 24, &1u64.to_le_bytes());

        assert_eq!(directory.sweep(|name| name != "kept").unwrap(), [".new-1-1-0", "dead", "stale"]);
        let left = ["bell", "bell.fifo", "kept", "stranger", "used"];
        assert_eq!(directory.entries().unwrap(), [&[making.as_str()], &left[..]].concat());
        assert!(stale.producer().err().unwrap().is_missing(), "nobody claims what nobody else will find");
        assert!(used.consumer(&bell).is_ok());
    }
}
