//! Which agents share a thread, how each thread idles and where it is pinned: a pure function of the host and
//! of what the configuration asks for, each decision with its reason for the start-up log.

use std::{fmt, str::FromStr};

use crate::cpu::Host;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, by the word that stands for it in the configuration.
            pub const WORDS: &'static [(&'static str, $name)] = &[$(($word, $name::$variant)),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $word),+ })
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::WORDS.iter().find(|(w, _)| *w == word).map(|&(_, value)| value).ok_or(UnknownWord)
            }
        }
    };
}

/// Not a word of the configuration for the value wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the words that this key takes; `penstock config` lists them")]
pub struct UnknownWord;

words!(
    /// What the configuration says about sharing threads (`threads.mode`).
    Mode {
        /// Shared on up to three cores, else dedicated.
        #[default]
        Auto = "auto",
        /// All agents of a process in turn on one thread.
        Shared = "shared",
        /// Each agent on a thread of its own.
        Dedicated = "dedicated",
    }
);

words!(
    /// What the configuration says about threads without work (`threads.idle`).
    IdleChoice {
        /// Spin where the thread is pinned to an isolated core, else park.
        #[default]
        Auto = "auto",
        /// As [`Idle::Spin`], where that starves nobody.
        Spin = "spin",
        /// As [`Idle::Yield`].
        Yield = "yield",
        /// As [`Idle::Park`].
        Park = "park",
    }
);

words!(
    /// What a thread does when it has no work.
    Idle {
        /// Looks again at once, and never gives its core away.
        Spin = "spin",
        /// Offers its core to others, then looks again.
        Yield = "yield",
        /// Spins briefly, then sleeps until it is woken.
        #[default]
        Park = "park",
    }
);

/// What the configuration says about pinning (`threads.cores`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CoreChoice {
    /// To isolated cores; and with an explicit [`IdleChoice::Spin`] to any.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// To these, in order of the plan's threads.
    List(Vec<usize>),
}

/// What the configuration says about threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Threads {
    /// Who shares one.
    pub mode: Mode,
    /// What they do without work.
    pub idle: IdleChoice,
    /// Where they are pinned.
    pub cores: CoreChoice,
}

/// Something that is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// The matcher of a shard.
    Matcher(u8),
    /// A gateway's I/O worker, by number.
    Gateway(u32),
    /// What makes a matcher's commands durable, by the matcher's shard.
    Journal(u8),
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matcher(0) => f.write_str("matcher"),
            Self::Matcher(shard) => write!(f, "matcher-shard-{shard}"),
            Self::Gateway(worker) => write!(f, "gateway-{worker}"),
            Self::Journal(0) => f.write_str("journal"),
            Self::Journal(shard) => write!(f, "journal-shard-{shard}"),
        }
    }
}

/// Which part of a venue this process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Process {
    /// All of it.
    Venue,
    /// These gateways; matchers, and other gateways, are processes of their own on the same host.
    Gateways(Vec<u32>),
    /// The matchers of these shards; other matchers, and the gateways, are processes of their own on the same host.
    Matchers(Vec<u8>),
}

impl Process {
    /// Whether the process has this gateway.
    #[must_use]
    pub fn has(&self, gateway: u32) -> bool {
        match self {
            Self::Venue => true,
            Self::Gateways(gateways) => gateways.contains(&gateway),
            Self::Matchers(_) => false,
        }
    }

    /// Whether it has the matcher of `shard`.
    #[must_use]
    pub fn has_matcher(&self, shard: u8) -> bool {
        match self {
            Self::Venue => true,
            Self::Gateways(_) => false,
            Self::Matchers(shards) => shards.contains(&shard),
        }
    }

    fn runs(&self, agent: Agent) -> bool {
        match agent {
            Agent::Matcher(shard) | Agent::Journal(shard) => self.has_matcher(shard),
            Agent::Gateway(gateway) => self.has(gateway),
        }
    }
}

/// The agents of a venue.
#[derive(Clone, Copy, Debug)]
pub struct Agents<'a> {
    /// Its shards, each with a matcher.
    pub shards: u8,
    /// The shards whose matchers make what they take durable.
    pub journals: &'a [u8],
    /// The numbers of its gateway workers.
    pub workers: &'a [u32],
}

/// One thread to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// What it polls, in turn.
    pub agents: Vec<Agent>,
    /// What it does without work.
    pub idle: Idle,
    /// The core it is pinned to.
    pub core: Option<usize>,
    /// Why it is as it is.
    pub reason: String,
}

impl Thread {
    /// Its agents' names, joined with `+`.
    #[must_use]
    pub fn name(&self) -> String {
        let names: Vec<_> = self.agents.iter().map(Agent::to_string).collect();
        names.join("+")
    }
}

impl fmt::Display for Thread {
    /// One line for the log: `gateway-0+matcher: park, not pinned (2 cores: …)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, ", self.name(), self.idle)?;
        match self.core {
            Some(core) => write!(f, "core {core}")?,
            None => f.write_str("not pinned")?,
        }
        write!(f, " ({})", self.reason)
    }
}

/// What the configuration asks for and the host does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A core that this process may not run on.
    #[error(
        "threads.cores names core {0}, which this process may not use: `taskset` or a container's cpuset \
         may have taken it away, or the host has no such core"
    )]
    NoSuchCore(usize),
    /// A core that is named more than once.
    #[error("threads.cores names core {0} twice; two pinned threads would keep each other from running")]
    CoreTwice(usize),
}

/// The threads that `process` has to start, on `host`, for a venue of these agents. Processes of one venue on one host, given the
/// same, never pin to the same core.
///
/// # Errors
/// [`PlanError`] if `wanted` lists a core that is not to be had, or one twice.
pub fn plan(
    host: &Host,
    wanted: &Threads,
    agents: Agents<'_>,
    process: &Process,
) -> Result<Vec<Thread>, PlanError> {
    let cores = host.parallelism.min(host.cores.len());
    let Groups { groups, threads, why: why_mode } = grouped(agents, cores, wanted.mode, process);
    let pins = pins(host, wanted, cores)?;

    let starved = cores == 1 || threads > cores;
    let threads = groups.into_iter().map(|(place, agents)| {
        let core = pins.get(place).copied();
        let isolated = core.is_some_and(|core| host.isolated.contains(&core));
        let (idle, why_idle) = match wanted.idle {
            IdleChoice::Auto if isolated && !starved => (Idle::Spin, "it has an isolated core"),
            IdleChoice::Auto => (Idle::Park, "it has no isolated core"),
            IdleChoice::Spin if starved => (Idle::Park, "there are too few cores to spin on"),
            IdleChoice::Spin => (Idle::Spin, "as configured"),
            IdleChoice::Yield => (Idle::Yield, "as configured"),
            IdleChoice::Park => (Idle::Park, "as configured"),
        };
        Thread { agents, idle, core, reason: format!("{why_mode}; {idle}: {why_idle}") }
    });
    let threads = threads.filter(|thread| thread.agents.iter().any(|&agent| process.runs(agent)));
    let journals =
        agents.journals.iter().map(|&shard| Agent::Journal(shard)).filter(|&agent| process.runs(agent));
    Ok(threads.flat_map(with_one_place_to_sleep).chain(journals.map(waits_for_the_disk)).collect())
}

/// The disk takes its time: nobody shares a thread with what waits for it, and no core is kept from others for that.
fn waits_for_the_disk(agent: Agent) -> Thread {
    let reason = "park: it waits for the disk".to_owned();
    Thread { agents: vec![agent], idle: Idle::Park, core: None, reason }
}

/// A thread that parks sleeps where the sockets of one gateway wake it: others have threads of their own then.
fn with_one_place_to_sleep(mut thread: Thread) -> Vec<Thread> {
    let mut others = Vec::new();
    if thread.idle == Idle::Park {
        let is_gateway = |agent: &Agent| matches!(agent, Agent::Gateway(_));
        let mut gateways = thread.agents.iter().copied().filter(is_gateway);
        let first = gateways.next();
        others.extend(gateways);
        thread.agents.retain(|agent| !is_gateway(agent) || Some(*agent) == first);
    }
    let alone = |agent| Thread {
        agents: vec![agent],
        idle: Idle::Park,
        core: None,
        reason: "park: a thread that parks listens for one gateway".to_owned(),
    };
    let others: Vec<Thread> = others.into_iter().map(alone).collect();
    std::iter::once(thread).chain(others).collect()
}

/// Who shares threads.
struct Groups {
    /// The agents of each thread of the process, and others, with the thread's place among all of the venue.
    groups: Vec<(usize, Vec<Agent>)>,
    /// How many threads the venue has on this host, as far as the process knows.
    threads: usize,
    why: String,
}

fn grouped(agents: Agents<'_>, cores: usize, mode: Mode, process: &Process) -> Groups {
    let Agents { shards, workers, .. } = agents;
    let count = if cores == 1 { "1 core".into() } else { format!("{cores} cores") };
    let (shared, why) = match mode {
        // Each further shard wants a core of its own.
        Mode::Auto => (cores < 3 + usize::from(shards), count),
        Mode::Shared => (true, "as configured".into()),
        Mode::Dedicated => (false, "as configured".into()),
    };
    let gateways = workers.iter().copied().map(Agent::Gateway);
    let matchers = (0..shards).map(Agent::Matcher);
    if !shared {
        let groups: Vec<_> = matchers.chain(gateways).map(|agent| vec![agent]).enumerate().collect();
        return Groups { threads: groups.len(), groups, why: format!("a thread an agent: {why}") };
    }
    let why = match process {
        // Gateway workers first: what they have read is matched in the same turn.
        Process::Venue => {
            let agents = gateways.chain(matchers).collect();
            return Groups { groups: vec![(0, agents)], threads: 1, why: format!("one thread: {why}") };
        }
        Process::Gateways(_) | Process::Matchers(_) => format!("a thread a process: {why}"),
    };
    // The thread of a process with some of the matchers, or of the gateways, has the place of the first of them.
    let (matchers, first_matcher, matcher_threads) = part(matchers, |agent| process.runs(agent));
    let (gateways, first_gateway, gateway_threads) = part(gateways, |agent| process.runs(agent));
    Groups {
        groups: vec![(first_matcher, matchers), (usize::from(shards) + first_gateway, gateways)],
        threads: matcher_threads + gateway_threads,
        why,
    }
}

/// Those of `all` that a process runs, the place of the first of them, and how many threads all have: one, unless they are split
/// among processes.
fn part(
    all: impl ExactSizeIterator<Item = Agent> + Clone,
    is_mine: impl Fn(Agent) -> bool,
) -> (Vec<Agent>, usize, usize) {
    let first = all.clone().position(&is_mine).unwrap_or_default();
    let count = all.len();
    let mine: Vec<_> = all.filter(|&agent| is_mine(agent)).collect();
    let threads = if mine.is_empty() || mine.len() == count { 1 } else { count };
    (mine, first, threads)
}

/// The cores for the threads, in order; those beyond its end are not pinned.
fn pins(host: &Host, wanted: &Threads, cores: usize) -> Result<Vec<usize>, PlanError> {
    let mut pins = match &wanted.cores {
        CoreChoice::None => Vec::new(),
        CoreChoice::Auto => {
            let mut pins = host.isolated.clone();
            if wanted.idle == IdleChoice::Spin {
                // From the highest down: the kernel's interrupts gather on the lowest.
                pins.extend(host.cores.iter().rev().filter(|core| !host.isolated.contains(core)));
            }
            pins
        }
        CoreChoice::List(list) => {
            for (place, &core) in list.iter().enumerate() {
                if !host.cores.contains(&core) {
                    return Err(PlanError::NoSuchCore(core));
                }
                if list[..place].contains(&core) {
                    return Err(PlanError::CoreTwice(core));
                }
            }
            list.clone()
        }
    };
    // On one core a pin says nothing; with a quota of one core on a host of more, it would only take the
    // kernel's choice away.
    if cores == 1 {
        pins.clear();
    }
    Ok(pins)
}

#[cfg(test)]
mod tests;
