//! The files of a journal: segments of one size, numbered from 1, filled with zeros before they are used, so that a commit
//! changes no file's length or layout and only its own bytes have to reach the disk.
//!
//! The segment behind the one that is written is always there: so a file that is missing is noticed, be it the last.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crc_fast::{CrcAlgorithm, checksum};
use rustix::fs::statvfs;
use wire::limits::JOURNAL_SEGMENT_BYTES_MIN;
use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout,
    little_endian::{U32, U64},
};

use super::{
    JournalError,
    commit::{BLOCK_BYTES, Blank, COMMIT_BYTES_MAX},
    record::Place,
};

/// The format of the files that is written, and the only one that is read.
pub const FORMAT: u32 = 1;
/// Bytes of the smallest segment: room for a commit of any length besides its header.
pub const SEGMENT_BYTES_MIN: u64 = JOURNAL_SEGMENT_BYTES_MIN as u64;
const _: () = assert!(SEGMENT_BYTES_MIN == 2 * COMMIT_BYTES_MAX as u64);
/// Where a segment's first commit stands: behind its header's block.
pub const FIRST_OFFSET: u64 = BLOCK_BYTES as u64;

const MAGIC: [u8; 16] = *b"PENSTOCK JOURNAL";
/// How files of segments end.
const EXTENSION: &str = "journal";

/// What a segment begins with; numbers are little-endian. The rest of its block is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Header {
    magic: [u8; 16],
    format: U32,
    shard: U32,
    /// As [`Terms::history`].
    history: U64,
    number: U64,
    /// Bytes of the file.
    bytes: U64,
    /// CRC-32C of all before it.
    crc: U32,
    reserved: U32,
}

impl Header {
    #[expect(clippy::cast_possible_truncation, reason = "a checksum of 32 bits")]
    fn crc(&self) -> u32 {
        checksum(CrcAlgorithm::Crc32Iscsi, &self.as_bytes()[..size_of::<Header>() - 8]) as u32
    }
}

/// What all segments of a journal share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The number that names the run of sequence numbers that this journal keeps ([`wire::durable::Durable::history`]).
    pub history: u64,
    /// Which of the venue's matchers it is of.
    pub shard: u32,
    /// Bytes of each file: a whole number of blocks, at least [`SEGMENT_BYTES_MIN`].
    pub segment_bytes: u64,
}

/// The directory of a journal.
#[derive(Clone, Debug)]
pub struct Segments {
    directory: PathBuf,
    terms: Terms,
    /// Bytes of the file system that are to be kept free.
    reserve: u64,
    /// How many are free in a directory: only tests have another answer than the system's.
    pub(super) free: fn(&Path) -> io::Result<u64>,
}

fn free_bytes(directory: &Path) -> io::Result<u64> {
    let system = statvfs(directory)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

impl Segments {
    /// The journal in `directory`, which is made if its parent is there, and the numbers of its segments, first and last. One
    /// that has none yet is begun with `terms`; of one that is there the terms are its own, which may have another size.
    ///
    /// # Errors
    /// What is wrong with the files: see [`JournalError`].
    pub fn open(directory: &Path, terms: Terms, reserve: u64) -> Result<(Segments, [u64; 2]), JournalError> {
        match fs::DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(JournalError::io("cannot make the journal's directory", directory)(error));
            }
            _ => {}
        }
        let mut segments = Segments { directory: directory.to_owned(), terms, reserve, free: free_bytes };
        let numbers = match segments.find()? {
            Some(numbers) => numbers,
            None => {
                segments.prepare(1)?;
                segments.prepare(2)?;
                [1, 2]
            }
        };
        Ok((segments, numbers))
    }

    /// The journal in `directory` as it is, and the numbers of its segments, first and last; `None` if there is none.
    ///
    /// # Errors
    /// As [`Segments::open`].
    pub fn look(directory: &Path) -> Result<Option<(Segments, [u64; 2])>, JournalError> {
        let terms = Terms { history: 0, shard: 0, segment_bytes: 0 };
        let mut segments = Segments { directory: directory.to_owned(), terms, reserve: 0, free: free_bytes };
        Ok(segments.find()?.map(|numbers| (segments, numbers)))
    }

    /// What all segments share.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// The file of segment `number`.
    #[must_use]
    pub fn path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{number:016}.{EXTENSION}"))
    }

    /// The file of segment `number`, to be read.
    pub(super) fn file(&self, number: u64) -> Result<File, JournalError> {
        let path = self.path(number);
        File::open(&path).map_err(JournalError::io("cannot open the segment", path))
    }

    /// Fills `bytes` with what stands at `place`, in its segment's `file`.
    pub(super) fn read(&self, file: &File, place: Place, bytes: &mut [u8]) -> Result<(), JournalError> {
        let read = file.read_exact_at(bytes, place.offset);
        read.map_err(|error| JournalError::io("cannot read the segment", self.path(place.segment))(error))
    }

    /// First and last number of the segments there are; takes over their terms. Removes what a killed process has not
    /// finished making.
    fn find(&mut self) -> Result<Option<[u64; 2]>, JournalError> {
        let cannot = |what| JournalError::io(what, &self.directory);
        let mut numbers = Vec::new();
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(cannot("cannot list the journal's directory"))?,
        };
        for entry in entries {
            let path = entry.map_err(cannot("cannot list the journal's directory"))?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok());
            match number {
                Some(number) if number > 0 && self.path(number) == path => numbers.push(number),
                _ => {
                    let what = "its name is no number of a segment".to_owned();
                    return Err(JournalError::Stranger { path, what });
                }
            }
        }
        numbers.sort_unstable();
        let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { return Ok(None) };
        for (&number, expected) in numbers.iter().zip(first..) {
            if number != expected {
                return Err(JournalError::Missing { path: self.path(expected) });
            }
            let terms = self.read_header(number)?;
            if number == first {
                self.terms = terms;
            } else if terms != self.terms {
                let path = self.path(number);
                let what =
                    "it is of another history or shard, or has another size than the segments before it"
                        .to_owned();
                return Err(JournalError::Stranger { path, what });
            }
        }
        Ok(Some([first, last]))
    }

    fn read_header(&self, number: u64) -> Result<Terms, JournalError> {
        let path = self.path(number);
        let cannot = |what| JournalError::io(what, &path);
        let mut file = File::open(&path).map_err(cannot("cannot open the segment"))?;
        let mut bytes = [0; size_of::<Header>()];
        let found = file.metadata().map_err(cannot("cannot look at the segment"))?.len();
        let stranger = |what: String| JournalError::Stranger { path: path.clone(), what };
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(stranger("it is shorter than a segment's header".to_owned()));
            }
            read => read.map_err(cannot("cannot read the segment"))?,
        }
        let Ok((header, _)) = Header::ref_from_prefix(&bytes) else { unreachable!() };
        if header.magic != MAGIC {
            return Err(stranger("it does not begin as one does".to_owned()));
        }
        if header.crc.get() != header.crc() {
            return Err(stranger("its header's checksum is wrong".to_owned()));
        }
        if header.format.get() != FORMAT {
            return Err(JournalError::Version { path, found: header.format.get(), known: FORMAT });
        }
        if header.number.get() != number {
            return Err(stranger(format!("its header says that it is number {}", header.number)));
        }
        if header.bytes.get() != found {
            return Err(stranger(format!("it has {found} bytes, and its header says {}", header.bytes)));
        }
        Ok(Terms { history: header.history.get(), shard: header.shard.get(), segment_bytes: found })
    }

    /// Makes the file of segment `number`, durably: header, then zeros. A file that is there already is left as it is.
    ///
    /// # Errors
    /// [`JournalError::NoSpace`], [`JournalError::Io`].
    pub fn prepare(&self, number: u64) -> Result<(), JournalError> {
        let path = self.path(number);
        let cannot = |what| JournalError::io(what, &path);
        if path.exists() {
            return Ok(());
        }
        let Terms { history, shard, segment_bytes } = self.terms;
        let free = (self.free)(&self.directory).map_err(cannot("cannot ask for free space"))?;
        if free < segment_bytes.saturating_add(self.reserve) {
            return Err(JournalError::NoSpace { path, free, reserve: self.reserve });
        }
        let mut header = Header {
            magic: MAGIC,
            format: FORMAT.into(),
            shard: shard.into(),
            history: history.into(),
            number: number.into(),
            bytes: segment_bytes.into(),
            crc: 0.into(),
            reserved: 0.into(),
        };
        header.crc = header.crc().into();
        // Under another name until it is whole: a process that is killed here leaves no half of a segment.
        let unfinished = self.directory.join(format!("{number:016}.new"));
        if let Err(error) = self.fill(&unfinished, &header).map_err(cannot("cannot make the segment")) {
            // What there was no room for must not take the last of it.
            let _unmade = fs::remove_file(&unfinished);
            return Err(error);
        }
        fs::rename(&unfinished, &path).map_err(cannot("cannot name the segment"))?;
        let directory = File::open(&self.directory).and_then(|directory| directory.sync_all());
        directory.map_err(cannot("cannot make the segment's name durable"))
    }

    /// Makes a segment's file, durably: `header`, then zeros.
    fn fill(&self, path: &Path, header: &Header) -> io::Result<()> {
        let segment_bytes = self.terms.segment_bytes;
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let first = Blank::default().begun_with(header.as_bytes());
        let blank = Blank::default();
        let mut left = segment_bytes;
        while left > 0 {
            let zeros = if left == segment_bytes { &first } else { &blank };
            let bytes = zeros.bytes(left);
            file.write_all(bytes)?;
            left -= bytes.len() as u64;
        }
        file.sync_all()
    }
}
