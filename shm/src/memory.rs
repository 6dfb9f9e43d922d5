//! What is asked of the pages under a mapping. None of it changes what a ring does, only how long its first and its
//! unlucky messages take: what the host does not grant is done without, and logged.

use std::fs;
use std::path::Path;

use crate::kernel::Pages;

/// How the files of a directory are mapped by this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All pages are brought in when a file is mapped, rather than by the first messages that come to them.
    pub prefault: bool,
    /// Pages are locked: never swapped out. Takes a limit on locked memory (RLIMIT_MEMLOCK) that allows it.
    pub lock: bool,
    /// Huge pages are asked for, where the file system has them for the asking: fewer entries of the processor's
    /// table of pages are needed, and fewer messages wait for one.
    pub huge_pages: bool,
}

impl Default for Memory {
    /// Pages brought in ahead, neither locked nor huge.
    fn default() -> Self {
        Self { prefault: true, lock: false, huge_pages: false }
    }
}

/// Smaller files gain nothing by a huge page, and could not be given one.
const HUGE_PAGE_BYTES: usize = 2 << 20;
/// What decides whether files in memory get huge pages; the word in force stands in brackets.
const SHMEM_ENABLED: &str = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";

impl Memory {
    /// Asks for it. Huge pages first: what is brought in before stays as small as it is.
    pub(crate) fn apply(self, path: &Path, pages: &Pages) {
        if self.huge_pages
            && pages.len() >= HUGE_PAGE_BYTES
            && let Err(why) = huge(pages)
        {
            tracing::warn!(file = %path.display(), %why, "no huge pages here: going on with ordinary ones");
        }
        if self.prefault
            && let Err(error) = pages.populate()
        {
            tracing::warn!(
                file = %path.display(), %error,
                "pages are not brought in ahead: going on without; it takes Linux 5.14 or newer",
            );
        }
        if self.lock
            && let Err(error) = pages.lock()
        {
            tracing::warn!(
                file = %path.display(), %error,
                "not locked in memory: going on without; raise the limit (ulimit -l, LimitMEMLOCK=) to the size of the rings",
            );
        }
    }
}

/// Asks for huge pages, and says why they will not come.
fn huge(pages: &Pages) -> Result<(), String> {
    pages.ask_for_huge().map_err(|error| error.to_string())?;
    // The advice is taken either way: whether anything comes of it stands elsewhere.
    let mode = fs::read_to_string(SHMEM_ENABLED).unwrap_or_default();
    if mode.is_empty() || mode.contains("[never]") || mode.contains("[deny]") {
        return Err(format!("{SHMEM_ENABLED} does not allow them: write `advise` into it"));
    }
    Ok(())
}
