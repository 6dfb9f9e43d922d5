//! The files that sessions' stores are in: by whose session it is, and why one cannot be used.

use std::path::Path;

use shm::{Directory, Form, Region, ShmError};
use wire::limits::NAME_BYTES_MAX;

use super::{NAME_WORDS, SessionStore};

/// A change of what is drawn in [`super`] is a new version.
const FORM: Form = Form { name: "session store", magic: *b"PENSFIXS", version: 3 };

/// Why a session's store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its directory.
    #[error(
        "{0} (it holds a session's sequence numbers: deleted, they begin at 1, and the client has to reset its own, \
         see docs/operating.md)"
    )]
    File(#[from] ShmError),
    /// The file is of another session.
    #[error(
        "{path} is the store of the session of {found}, not of {expected}: choose another directory with fix.store, \
         or move the file away"
    )]
    OtherSession {
        /// Where.
        path: String,
        /// Venue and client in it.
        found: String,
        /// Venue and client wanted.
        expected: String,
    },
    /// What the file says cannot be.
    #[error(
        "{path} is damaged ({what}): move it away and start again; the session's numbers then begin at 1, and the \
         client has to reset its own (ResetSeqNumFlag)"
    )]
    Damaged {
        /// Where.
        path: String,
        /// What contradicts what.
        what: &'static str,
    },
}

/// The stores of a gateway's sessions: a directory, mode 0700, with a file for each.
#[derive(Debug)]
pub(crate) struct Stores {
    directory: Directory,
    messages_max: usize,
    bytes: usize,
    shards: usize,
}

impl Stores {
    /// Opens the directory `path`, which is made if its parent exists. Each session keeps at most `messages_max` messages in
    /// at most `bytes_max` bytes, a multiple of 8, of a venue that has so many `shards`.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub(crate) fn open(
        path: &Path,
        memory: shm::Memory,
        messages_max: usize,
        bytes_max: usize,
        shards: usize,
    ) -> Result<Stores, StoreError> {
        let directory = Directory::open(path)?.mapped(memory);
        // Files that a gateway was killed in the middle of making; what stands there under its name is never swept.
        directory.sweep(|_| false)?;
        Ok(Stores { directory, messages_max, bytes: bytes_max.next_multiple_of(8), shards })
    }

    /// The store of the session of `protocol` of `client` with `venue`, as it was left.
    ///
    /// # Errors
    /// Why it cannot be used: held by another gateway, of another size or version, damaged.
    pub(crate) fn session(
        &self,
        protocol: &str,
        venue: &str,
        client: &str,
    ) -> Result<SessionStore, StoreError> {
        let region = Region::open(&self.directory, &file_name(protocol, client), FORM, self.bytes)?;
        let path = region.path().display().to_string();
        SessionStore::recover(region, self.messages_max, self.shards, &Names::new(venue, client), &path)
    }
}

/// Bytes of disk, and of memory, that a session's store of `bytes_max` bytes of messages takes.
#[must_use]
pub const fn bytes_of(bytes_max: u64) -> u64 {
    4096 + bytes_max.next_multiple_of(8)
}

/// The file of the session of `client`: named so that an operator finds it, whatever characters the name has.
fn file_name(protocol: &str, client: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if client.bytes().all(plain) {
        return format!("{protocol}-{client}");
    }
    let seen: String =
        client.bytes().map(|byte| if plain(byte) { char::from(byte) } else { '_' }).take(27).collect();
    // FNV-1a, 64 bits: tells apart the names that look alike. Two that still do not differ are refused by what is in
    // the file.
    let hash = client.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{protocol}-{seen}-{hash:016x}")
}

/// Whose session a file is of, as it stands there.
#[derive(PartialEq, Eq)]
pub(super) struct Names(pub(super) [u64; 2 * NAME_WORDS]);

impl Names {
    pub(super) fn new(venue: &str, client: &str) -> Names {
        let mut bytes = [0; 2 * NAME_BYTES_MAX];
        for (place, name) in bytes.chunks_exact_mut(NAME_BYTES_MAX).zip([venue, client]) {
            let len = name.len().min(NAME_BYTES_MAX);
            place[..len].copy_from_slice(&name.as_bytes()[..len]);
        }
        let mut words = [0; 2 * NAME_WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Names(words)
    }

    pub(super) fn text(&self) -> String {
        let name = |words: &[u64]| {
            let bytes = words.iter().flat_map(|word| word.to_le_bytes()).take_while(|&byte| byte != 0);
            bytes.flat_map(std::ascii::escape_default).map(char::from).collect::<String>()
        };
        let (venue, client) = self.0.split_at(NAME_WORDS);
        format!("{} with {}", name(client), name(venue))
    }
}
