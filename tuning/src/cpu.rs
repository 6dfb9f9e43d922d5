//! The cores this process may use.

use std::{ffi::CString, fs, thread};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity, set_name};

/// Where the kernel lists the cores that its scheduler leaves alone (boot parameter `isolcpus=`).
const ISOLATED: &str = "/sys/devices/system/cpu/isolated";
/// Where the kernel lists the cores that are on.
const ONLINE: &str = "/sys/devices/system/cpu/online";

/// What the host lets this process have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Every core that this process may run on, isolated ones included, in order of their numbers.
    pub cores: Vec<usize>,
    /// Those of them that nothing else is scheduled on.
    pub isolated: Vec<usize>,
    /// Cores' worth of time that the process may use: fewer than `cores` under a cgroup quota
    /// (a container's CPU limit).
    pub parallelism: usize,
}

impl Host {
    /// Looks at the host.
    ///
    /// # Errors
    /// [`TuningError::Affinity`] if the kernel does not tell which cores this process may run on.
    pub fn survey() -> Result<Host, TuningError> {
        let mask = sched_getaffinity(None).map_err(TuningError::Affinity)?;
        let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| mask.is_set(core)).collect();
        // A kernel without /sys, or without isolation, has no isolated cores.
        let list = |path| parse_list(&fs::read_to_string(path).unwrap_or_default());
        let isolated: Vec<usize> = reachable(&list(ONLINE), &list(ISOLATED), &allowed)
            .into_iter()
            .filter(|core| mask.is_set(*core) || may_pin(*core, &mask))
            .collect();
        let mut cores = allowed;
        cores.extend(&isolated);
        cores.sort_unstable();
        cores.dedup();
        // The cgroup's quota; the mask is taken account of too, which isolated cores may be outside of.
        let quota = thread::available_parallelism().map_or(cores.len(), usize::from);
        let limited = quota < sched_getaffinity(None).map_or(0, |mask| mask.count() as usize);
        let parallelism = if limited { quota } else { cores.len() };
        Ok(Host { cores, isolated, parallelism })
    }
}

/// Pins the current thread to `core`.
///
/// # Errors
/// [`TuningError::Pin`] if this process may not run there.
pub fn pin(core: usize) -> Result<(), TuningError> {
    if core >= CpuSet::MAX_CPU {
        return Err(TuningError::Pin { core, cause: rustix::io::Errno::INVAL });
    }
    sched_setaffinity(None, &only(core)).map_err(|cause| TuningError::Pin { core, cause })
}

/// Names the current thread, for `top -H` and debuggers: its first 15 bytes, which is what the kernel keeps.
pub fn name_thread(name: &str) {
    let short: Vec<u8> = name.bytes().filter(|&b| b != 0).take(15).collect();
    if let Ok(name) = CString::new(short) {
        // A name is a convenience: a kernel that refuses it takes nothing else away.
        let _ = set_name(&name);
    }
}

/// What the host refused.
#[derive(Debug, thiserror::Error)]
pub enum TuningError {
    /// The list of cores this process may use.
    #[error(
        "the kernel does not say which cores this process may use: {0}; \
         check that the container's seccomp profile allows sched_getaffinity"
    )]
    Affinity(#[source] rustix::io::Errno),
    /// Pinning to a core.
    #[error(
        "cannot pin a thread to core {core}: {cause}; choose one of those that `taskset -p $$` and the \
         container's cpuset allow, or set threads.cores = \"none\""
    )]
    Pin {
        /// The core.
        core: usize,
        /// What the kernel said.
        #[source]
        cause: rustix::io::Errno,
    },
}

/// The isolated cores that a process with affinity to `allowed` may reach for.
///
/// The kernel leaves isolated cores out of the mask that processes begin with, so that their absence there is
/// no refusal; but a mask narrower than that was narrowed by somebody (`taskset`), which is honoured.
fn reachable(online: &[usize], isolated: &[usize], allowed: &[usize]) -> Vec<usize> {
    let as_booted = online.iter().filter(|core| !isolated.contains(core)).all(|core| allowed.contains(core));
    isolated
        .iter()
        .copied()
        .filter(|core| online.contains(core))
        .filter(|core| as_booted || allowed.contains(core))
        .collect()
}

/// Whether the kernel lets this thread onto `core`: a container's cpuset is seen only by trying.
fn may_pin(core: usize, mask: &CpuSet) -> bool {
    let may = sched_setaffinity(None, &only(core)).is_ok();
    // The mask was ours a moment ago, so that it can be had again.
    let _ = sched_setaffinity(None, mask);
    may
}

fn only(core: usize) -> CpuSet {
    let mut set = CpuSet::new();
    set.set(core);
    set
}

/// The kernel's notation of a list of cores: `0-2,5`.
fn parse_list(text: &str) -> Vec<usize> {
    text.trim()
        .split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<usize>().ok()?..=last.parse::<usize>().ok()?)
        })
        .flatten()
        .filter(|&core| core < CpuSet::MAX_CPU)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lists_are_read() {
        assert_eq!(parse_list("0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(parse_list("7"), [7]);
        assert_eq!(parse_list("\n"), []);
        assert_eq!(parse_list("(null)\n"), []);
    }

    #[test]
    fn isolated_cores_outside_the_mask_are_reachable_unless_somebody_narrowed_it() {
        let online = [0, 1, 2, 3];
        assert_eq!(reachable(&online, &[2, 3], &[0, 1]), [2, 3], "the mask every process begins with");
        assert_eq!(reachable(&online, &[2, 3], &[0, 1, 3]), [2, 3]);
        assert_eq!(reachable(&online, &[2, 3], &[1]), [], "taskset -c 1");
        assert_eq!(reachable(&online, &[2, 3], &[1, 2]), [2], "taskset -c 1,2");
        assert_eq!(reachable(&[0, 1, 2], &[2, 3], &[0, 1]), [2], "core 3 is off");
    }

    #[test]
    fn this_host_has_a_core_to_run_on_and_every_core_it_names_can_be_pinned_to() {
        // On a thread of its own, because pinning stays.
        std::thread::spawn(|| {
            let host = Host::survey().unwrap();
            assert!(!host.cores.is_empty());
            assert!((1..=host.cores.len()).contains(&host.parallelism), "{host:?}");
            assert!(host.isolated.iter().all(|core| host.cores.contains(core)), "{host:?}");
            for &core in &host.cores {
                pin(core).unwrap();
                let mask = sched_getaffinity(None).unwrap();
                assert!(mask.is_set(core) && mask.count() == 1, "{mask:?}");
            }
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_core_that_is_not_there_is_refused_with_a_remedy() {
        for core in [CpuSet::MAX_CPU - 1, CpuSet::MAX_CPU, usize::MAX] {
            let error = pin(core).unwrap_err().to_string();
            assert!(error.contains(&format!("core {core}")), "{error}");
            assert!(error.contains("threads.cores"), "{error}");
        }
    }

    #[test]
    fn a_thread_carries_its_name_cut_to_what_the_kernel_keeps() {
        std::thread::spawn(|| {
            name_thread("gateway-0+matcher");
            assert_eq!(fs::read_to_string("/proc/thread-self/comm").unwrap(), "gateway-0+match\n");
        })
        .join()
        .unwrap();
    }
}
