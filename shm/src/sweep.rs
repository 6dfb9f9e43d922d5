//! Clearing up after the dead.

use crate::bell::{BELL, BellHeader, fifo_name};
use crate::dir::Directory;
use crate::error::ShmError;
use crate::file::{Mapped, half_made_by};
use crate::log::Log;
use crate::ring::Ring;

impl Directory {
    /// Removes what dead processes have left: files that were never finished, their bells, and those rings and logs that no
    /// live process holds and `anew` (given the name) says the caller is about to make anew. What one still holds
    /// goes with it; one that should be adopted is one for which `anew` says no. Returns the names removed.
    ///
    /// # Errors
    /// [`ShmError::Io`] or [`ShmError::Denied`] if the directory cannot be listed or a file not removed. Files that
    /// are not ours, or of another version, are left alone.
    pub fn sweep(&self, anew: impl Fn(&str) -> bool) -> Result<Vec<String>, ShmError> {
        let _changes = self.exclusively()?;
        let mut removed = Vec::new();
        for name in self.entries()? {
            let remove = if let Some(maker) = half_made_by(&name) {
                !maker.alive()
            } else if let Ok(bell) = Mapped::open(self, &name, &BELL) {
                !bell.view::<BellHeader>().owner().alive()
            } else if let Ok(ring) = Ring::join(self, &name) {
                !ring.in_use() && anew(&name)
            } else if let Ok(log) = Log::join(self, &name) {
                !log.in_use() && anew(&name)
            } else {
                false
            };
            if remove {
                self.remove(&name)?;
                self.remove(&fifo_name(&name))?; // a bell's; others have none
                removed.push(name);
            }
        }
        if !removed.is_empty() {
            tracing::info!(directory = %self.path().display(), ?removed, "removed what no process uses any more");
        }
        Ok(removed)
    }
}
