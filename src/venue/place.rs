//! Where the processes of a venue meet, and which parts of it this one is.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use gateway::link::of_shard;
use shm::{Directory, Lock, ShmError};
use tuning::plan::Process;
use wire::limits::SHARDS_MAX;

use crate::config::Config;

/// Where the venue's processes meet, and the locks that say which parts of the venue this one is: they are what
/// refuses a second venue on the same data directory.
///
/// Rings are taken down by whoever finds itself alone, on coming or on going: while another part of the venue is
/// there, they are not ours alone. Processes come and go one at a time, so that each sees the others or not at all.
pub(super) struct MeetingPlace {
    pub(super) directory: Directory,
    data: PathBuf,
    locks: Vec<Lock>,
}

/// The name of a matcher's lock, before [`of_shard`], and how those of gateways begin.
const MATCHER: &str = "matcher";
const GATEWAY: &str = "gateway-";
/// How long another process may take to come or go: a hang, or a stopped process, is all that takes longer.
const TURN_PATIENCE: Duration = Duration::from_secs(5);

impl MeetingPlace {
    pub(super) fn enter(config: &Config, data: &Path, process: &Process) -> anyhow::Result<MeetingPlace> {
        let _turn = turn(data)?;
        let mut ours = Vec::new();
        let shards = (0..config.venue.shards).filter(|&shard| process.has_matcher(shard));
        ours.extend(shards.map(|shard| of_shard(MATCHER, shard)));
        for (number, gateway) in (0..).zip(&config.gateways) {
            if process.has(number) {
                ours.push(format!("{GATEWAY}{}", gateway.name));
            }
        }
        let lock = |part: String| match Lock::take(&data.join(format!("{part}.lock"))) {
            Err(ShmError::Held { pid, .. }) => Err(anyhow!(
                "process {pid} runs the {} on the data directory {} already; stop it, or choose another directory with \
                 --data",
                part.replace('-', " "),
                data.display()
            )),
            other => Ok(other?),
        };
        let locks = ours.into_iter().map(lock).collect::<anyhow::Result<_>>()?;
        let directory = Directory::at(&config.rings.directory, data, &meeting_name(data)?)?;
        let directory = directory.mapped(config.rings.memory);
        let place = MeetingPlace { directory, data: data.into(), locks };
        place.sweep()?;
        Ok(place)
    }

    /// Removes what nobody uses: rings only if no other part of the venue is there. Gives whether that is so.
    fn sweep(&self) -> anyhow::Result<bool> {
        // By what stands in the directory: another process may have been started with another configuration.
        let mut held = 0;
        let mut others = Vec::new();
        for entry in fs::read_dir(&self.data)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let part = name.strip_suffix(".lock").unwrap_or_default();
            let is_matcher = (0..SHARDS_MAX).any(|shard| part == of_shard(MATCHER, shard));
            if is_matcher || part.starts_with(GATEWAY) {
                match Lock::take(&path) {
                    Ok(lock) => others.push(lock),
                    Err(ShmError::Held { .. }) => held += 1,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let alone = held == self.locks.len();
        self.directory.sweep(|_| alone)?;
        Ok(alone)
    }

    fn leave(&self) -> anyhow::Result<()> {
        let _turn = turn(&self.data)?;
        if self.sweep()? {
            // Fails if something stands there that is not ours, and then should.
            let _not_empty = fs::remove_dir(self.directory.path());
        }
        Ok(())
    }
}

/// The name of the place where the processes of data directory `data` meet. The directory's device and inode make
/// it, so that processes which mean the same one by different paths meet, and others do not.
pub(crate) fn meeting_name(data: &Path) -> io::Result<String> {
    let identity = fs::metadata(data)?;
    Ok(format!("penstock-{:x}-{:x}", identity.dev(), identity.ino()))
}

impl Drop for MeetingPlace {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the rings stay behind");
        }
    }
}

/// Waits until no other process of the venue is coming or going.
pub(super) fn turn(data: &Path) -> anyhow::Result<Lock> {
    let until = Instant::now() + TURN_PATIENCE;
    loop {
        match Lock::take(&data.join("turn.lock")) {
            Err(ShmError::Held { .. }) if Instant::now() < until => thread::sleep(Duration::from_millis(1)),
            other => return Ok(other?),
        }
    }
}
