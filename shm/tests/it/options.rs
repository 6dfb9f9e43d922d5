//! What is asked of the pages under a ring, and what the kernel says it did.

use shm::{Bell, Directory, Memory, Ring};

use crate::{place, receive, send};

const RING: usize = 4 << 20;

/// Kilobytes of `field` for the mapping of `ring`, as proc_pid_smaps(5) has it.
fn smaps(ring: &Ring, field: &str) -> u64 {
    let path = ring.path().canonicalize().unwrap();
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut lines = smaps.lines().skip_while(|line| !line.ends_with(path.to_str().unwrap()));
    assert!(lines.next().is_some(), "no mapping of {}", path.display());
    let line = lines.find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// In memory proper, as rings are: a file system on a disk answers otherwise.
fn in_memory(memory: Memory) -> (tempfile::TempDir, Directory) {
    let place = tempfile::tempdir_in("/dev/shm").unwrap();
    let directory = Directory::open(&place.path().join("venue")).unwrap().mapped(memory);
    (place, directory)
}

const NOTHING: Memory = Memory { prefault: false, lock: false, huge_pages: false };

#[test]
#[cfg_attr(miri, ignore = "what the kernel says of a mapping")]
fn pages_are_brought_in_ahead_if_asked_for_and_only_then() {
    for (memory, least, most) in
        [(NOTHING, 0, 64), (Memory { prefault: true, ..NOTHING }, RING as u64 / 1024, u64::MAX)]
    {
        let (_place, directory) = in_memory(memory);
        Ring::create(&directory, "ring", RING).unwrap();
        // Mapped anew, as the other process would: that the file has its room says nothing about this mapping.
        let ring = Ring::join(&directory, "ring").unwrap();
        let resident = smaps(&ring, "Rss:");
        assert!((least..=most).contains(&resident), "{memory:?}: {resident} kB");
    }
}

#[test]
#[cfg_attr(miri, ignore = "what the kernel says of a mapping")]
fn memory_is_locked_where_the_limit_allows_it_and_works_where_it_does_not() {
    let (_place, directory) = in_memory(Memory { lock: true, ..NOTHING });
    let ring = Ring::create(&directory, "ring", 16 << 10).unwrap();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock).current;
    if rustix::process::geteuid().is_root() || limit.is_none_or(|limit| limit >= 64 << 10) {
        assert!(smaps(&ring, "Locked:") > 0);
    }
    works(&directory, &ring);
}

#[test]
#[cfg_attr(miri, ignore = "what the kernel says of a mapping")]
fn a_ring_works_with_huge_pages_or_without_them() {
    let (_place, directory) = in_memory(Memory { huge_pages: true, prefault: true, lock: false });
    let ring = Ring::create(&directory, "ring", RING).unwrap();
    let mode =
        std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/shmem_enabled").unwrap_or_default();
    if mode.contains("[never]") || mode.contains("[deny]") || mode.is_empty() {
        assert_eq!(smaps(&ring, "ShmemPmdMapped:"), 0, "nothing to be had here");
    }
    works(&directory, &ring);
}

#[test]
fn the_default_brings_pages_in_and_no_more() {
    assert_eq!(Memory::default(), Memory { prefault: true, ..NOTHING });
    let (_place, directory) = place();
    works(&directory, &Ring::create(&directory, "ring", RING).unwrap());
}

fn works(directory: &Directory, ring: &Ring) {
    let bell = Bell::create(directory, "bell").unwrap();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer(&bell).unwrap());
    assert!(send(&mut producer, b"through"));
    assert_eq!(receive(&mut consumer).unwrap(), b"through");
}
