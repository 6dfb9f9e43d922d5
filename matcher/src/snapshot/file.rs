//! A snapshot's file: a header of 128 bytes, the configuration's text, the state's image.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crc_fast::{CrcAlgorithm, Digest};
use wire::types::{Nanos, SeqNo};
use zerocopy::{
    FromBytes, Immutable, IntoBytes, KnownLayout,
    little_endian::{U32, U64},
};

use super::SnapshotError;
use crate::{State, configuration::Configuration, journal::segment::Terms};

/// The format that is written, and the only one that is read.
pub const FORMAT: u32 = 1;

const MAGIC: [u8; 16] = *b"PENSTOCKSNAPSHOT";
/// How files of snapshots end, and those that are not whole yet.
const EXTENSION: &str = "snapshot";
const UNFINISHED: &str = "snapshot.new";

/// What a file begins with; numbers are little-endian.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Header {
    magic: [u8; 16],
    format: U32,
    shard: U32,
    history: U64,
    epoch: U64,
    seq: U64,
    time: U64,
    segment: U64,
    state_hash: U64,
    /// Bytes of the configuration's text, and of the state's image behind it.
    text_bytes: U64,
    image_bytes: U64,
    reserved: [U64; 4],
    /// CRC-32C of all before it and of all behind the header.
    crc: U32,
    zero: U32,
}

const HEADER_BYTES: usize = size_of::<Header>();
const _: () = assert!(HEADER_BYTES == 128);

impl Header {
    #[expect(clippy::cast_possible_truncation, reason = "a checksum of 32 bits")]
    fn crc(&self, body: [&[u8]; 2]) -> u32 {
        let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
        digest.update(&self.as_bytes()[..HEADER_BYTES - 8]);
        body.into_iter().for_each(|bytes| digest.update(bytes));
        digest.finalize() as u32
    }
}

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last command in it.
    pub seq: SeqNo,
    /// When that was.
    pub time: Nanos,
    /// Under which primary's reign it was made.
    pub epoch: u64,
    /// The journal's segment in which that command stands: what came later begins there, or in the next one.
    pub segment: u64,
    /// What the engine's state hashes to.
    pub state_hash: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// The file of the snapshot behind command `seq`.
pub(super) fn path(directory: &Path, seq: SeqNo) -> PathBuf {
    directory.join(format!("{:020}.{EXTENSION}", seq.0))
}

/// Behind which commands there are files of snapshots, oldest first.
pub(super) fn listed(directory: &Path) -> Result<Vec<SeqNo>, SnapshotError> {
    let cannot = || SnapshotError::io("cannot list the journal's directory", directory);
    let mut listed = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot())? {
        let file = entry.map_err(cannot())?.path();
        let seq = file.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).map(SeqNo);
        listed.extend(seq.filter(|&seq| path(directory, seq) == file));
    }
    listed.sort_unstable();
    Ok(listed)
}

impl Snapshot {
    /// Writes that of `state`, whose last command stands in `segment` of the journal with these `terms`: a file that is there wholly
    /// or not at all.
    ///
    /// # Errors
    /// [`SnapshotError::Io`].
    pub fn write(
        directory: &Path,
        terms: Terms,
        epoch: u64,
        segment: u64,
        state: &mut State,
    ) -> Result<Snapshot, SnapshotError> {
        let (seq, time) = state.engine().now();
        let path = path(directory, seq);
        let cannot = |what| SnapshotError::io(what, &path);
        let mut image = Vec::new();
        state.save(&mut image).map_err(cannot("cannot make"))?;
        let text = state.configuration().text();
        let state_hash = state.state_hash();
        let bytes = (HEADER_BYTES + text.len() + image.len()) as u64;
        let mut header = Header {
            magic: MAGIC,
            format: FORMAT.into(),
            shard: terms.shard.into(),
            history: terms.history.into(),
            epoch: epoch.into(),
            seq: seq.0.into(),
            time: time.0.into(),
            segment: segment.into(),
            state_hash: state_hash.into(),
            text_bytes: (text.len() as u64).into(),
            image_bytes: (image.len() as u64).into(),
            reserved: [U64::ZERO; 4],
            crc: U32::ZERO,
            zero: U32::ZERO,
        };
        header.crc = header.crc([text.as_bytes(), &image]).into();
        let unfinished = path.with_extension(UNFINISHED);
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&unfinished).map_err(cannot("cannot make the file of"))?;
        let parts = [header.as_bytes(), text.as_bytes(), &image];
        let written =
            parts.into_iter().try_for_each(|part| file.write_all(part)).and_then(|()| file.sync_all());
        written.map_err(cannot("cannot write"))?;
        fs::rename(&unfinished, &path).map_err(cannot("cannot name"))?;
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(cannot("cannot make durable the name of"))?;
        Ok(Snapshot { seq, time, epoch, segment, state_hash, bytes })
    }

    /// Makes `state` that of the file at `path`, which must be of the journal with these `terms`, and `suits`.
    ///
    /// # Errors
    /// Why it is passed over; `state` is as it was then.
    pub fn load(
        path: &Path,
        terms: Terms,
        state: &mut State,
        suits: impl FnOnce(&Snapshot) -> bool,
    ) -> Result<Snapshot, SnapshotError> {
        let damaged = |what: &str| SnapshotError::Damaged { path: path.to_owned(), what: what.to_owned() };
        let bytes = fs::read(path).map_err(SnapshotError::io("cannot read", path))?;
        let Ok((header, body)) = Header::ref_from_prefix(&bytes) else {
            return Err(damaged("it is shorter than a header"));
        };
        if header.magic != MAGIC {
            return Err(damaged("it does not begin as one does"));
        }
        if header.format.get() != FORMAT {
            return Err(SnapshotError::Version { path: path.to_owned(), found: header.format.get() });
        }
        let length = header.text_bytes.get().checked_add(header.image_bytes.get());
        if length != Some(body.len() as u64) {
            return Err(damaged("it has not the bytes that it says"));
        }
        let text_bytes = usize::try_from(header.text_bytes.get()).unwrap_or(usize::MAX);
        let (text, image) = body.split_at(text_bytes.min(body.len()));
        if header.crc([text, image]) != header.crc.get() {
            return Err(damaged("its checksum is wrong"));
        }
        if header.history.get() != terms.history || header.shard.get() != terms.shard {
            return Err(damaged("it is of another journal"));
        }
        let snapshot = Snapshot {
            seq: SeqNo(header.seq.get()),
            time: Nanos(header.time.get()),
            epoch: header.epoch.get(),
            segment: header.segment.get(),
            state_hash: header.state_hash.get(),
            bytes: bytes.len() as u64,
        };
        if !suits(&snapshot) {
            return Err(damaged("the journal's segments do not go on behind it"));
        }
        let Ok(text) = std::str::from_utf8(text) else { return Err(damaged("its text is none")) };
        let seed = state.configuration().engine.hash_seed;
        let configuration = Configuration::of_text(text, seed)
            .map_err(|error| SnapshotError::Text { path: path.to_owned(), error })?;
        let expected = (snapshot.seq, snapshot.time, snapshot.state_hash);
        let loaded = state.load(configuration, image, expected);
        match loaded.map_err(|error| SnapshotError::Image { path: path.to_owned(), error })? {
            Some(()) => Ok(snapshot),
            None => {
                Err(damaged("its state has another hash than it says: another version of penstock wrote it"))
            }
        }
    }
}

/// Removes all but the newest `keep` of the files of snapshots, and what a killed process has not finished. The last command
/// of the oldest that is left, if there are so many.
///
/// # Errors
/// [`SnapshotError::Io`].
pub(super) fn prune(directory: &Path, keep: usize) -> Result<Option<SeqNo>, SnapshotError> {
    let listed = listed(directory)?;
    let (old, kept) = listed.split_at(listed.len().saturating_sub(keep));
    for &seq in old {
        let path = path(directory, seq);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(SnapshotError::io("cannot remove the snapshot", path)(error));
            }
            _ => {}
        }
    }
    Ok(kept.first().copied().filter(|_| kept.len() >= keep))
}
