//! Where a number was measured: without it the number says nothing.

use std::{fmt, fs, process::Command, thread};

/// What a result depends on.
#[derive(Debug)]
pub struct Environment {
    cpu: String,
    cores: usize,
    isolated: String,
    governor: String,
    kernel: String,
    commit: String,
    profile: &'static str,
}

impl Environment {
    /// This host, this build.
    #[must_use]
    pub fn here() -> Environment {
        let read =
            |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
        let or = |text: String, absent: &str| if text.is_empty() { absent.to_owned() } else { text };
        let cpu = read("/proc/cpuinfo").lines().find_map(|line| {
            line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned())
        });
        let commit = Command::new("git").args(["describe", "--always", "--dirty"]).output();
        let commit = commit.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
        Environment {
            cpu: cpu.unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            isolated: or(read("/sys/devices/system/cpu/isolated"), "none"),
            governor: or(read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "not told"),
            kernel: read("/proc/sys/kernel/osrelease"),
            commit: or(commit, "unknown"),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" },
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {} cores (isolated: {}, governor: {}), kernel {}, {} build, commit {}",
            self.cpu, self.cores, self.isolated, self.governor, self.kernel, self.profile, self.commit
        )
    }
}
