//! Who holds a side of a ring, or a bell: a process, told from a later one that was given the same pid.

use crate::kernel;

/// A process: its pid, and when it started, since pids are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The process id. Both sides must see the same pids, that is, share a pid namespace.
    pub pid: u32,
    /// When it started, in clock ticks since boot: field 22 of `/proc/<pid>/stat`.
    pub started: u64,
}

/// What is known about the other side of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Nobody holds that side: it never came, or left cleanly.
    Absent,
    /// A live process holds it.
    Alive,
    /// The process that holds it died without leaving; the next to come takes over.
    Dead,
}

impl Owner {
    /// This process.
    #[must_use]
    pub fn me() -> Self {
        let pid = std::process::id();
        // Without /proc no start time can be known, for others no more than for us: 0 then stands for all.
        Self { pid, started: Stat::of(pid).map_or(0, |stat| stat.started) }
    }

    /// Whether this very process still runs. Reads `/proc`: for housekeeping, not for every message.
    #[must_use]
    pub fn alive(self) -> bool {
        match Stat::of(self.pid) {
            Some(stat) => stat.started == self.started && !stat.over,
            None => false,
        }
    }

    /// What `self` as the recorded holder of a side says about it.
    pub(crate) fn peer(recorded: Option<Self>) -> Peer {
        match recorded {
            None => Peer::Absent,
            Some(owner) if owner.alive() => Peer::Alive,
            Some(_) => Peer::Dead,
        }
    }
}

/// What we read of `/proc/<pid>/stat`, see proc_pid_stat(5).
struct Stat {
    started: u64,
    over: bool,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&kernel::process(pid)?)
    }

    fn parse(line: &str) -> Option<Self> {
        // Field 2, the command's name, may hold spaces and parentheses of its own: count from its last ')'.
        let (_, rest) = line.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?; // field 3
        let threads: u64 = fields.nth(16)?.parse().ok()?; // field 20
        let started = fields.nth(1)?.parse().ok()?; // field 22
        // A zombie is dead once its last thread is gone; until then one may still be running towards its kill
        // on another core, and still write.
        let over = matches!(state, "Z" | "X" | "x") && threads <= 1;
        Some(Self { started, over })
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn this_process_is_alive() {
        let me = Owner::me();
        assert_eq!(me.pid, std::process::id());
        assert!(me.started > 0);
        assert!(me.alive());
        assert_eq!(me, Owner::me());
    }

    #[test]
    fn a_process_that_was_given_the_same_pid_later_is_another() {
        assert!(!Owner { started: Owner::me().started + 1, ..Owner::me() }.alive());
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri starts no processes")]
    fn a_killed_process_is_dead_even_before_its_parent_has_asked() {
        let mut child = Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap();
        let owner = Owner { pid: child.id(), started: Stat::of(child.id()).unwrap().started };
        assert!(owner.alive());
        child.kill().unwrap();
        while owner.alive() {
            std::thread::yield_now(); // a zombie now, or soon: nobody has waited for it
        }
        assert_eq!(Owner::peer(Some(owner)), Peer::Dead);
        child.wait().unwrap();
        assert!(!owner.alive());
    }

    #[test]
    fn a_command_name_with_parentheses_and_spaces_is_read_past() {
        let line = "42 (a) R 1 (b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 3 18 777 20";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(stat.started, 777);
        assert!(!stat.over);
    }

    #[test]
    fn a_zombie_whose_threads_still_run_is_not_dead_yet() {
        let line =
            |threads: u32| format!("42 (x) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 {threads} 18 777 20");
        assert!(!Stat::parse(&line(2)).unwrap().over);
        assert!(Stat::parse(&line(1)).unwrap().over);
        assert!(Stat::parse("garbage").is_none());
    }
}
