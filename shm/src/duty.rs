//! The loop of a thread: polls its agents in turn, keeps house, idles.

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::agent::{Agent, Idle, Stop};
use crate::bell::Bell;
use crate::word::Bed;

/// How often agents keep house, in nanoseconds.
pub const HOUSEKEEPING_NS: u64 = 10_000_000;
/// The longest sleep: what nobody rings for, a stop signal or a dead peer, is noticed this late at worst.
pub const SLEEP_MAX: Duration = Duration::from_millis(100);
/// A round of all agents that takes longer is an overrun, in nanoseconds.
pub const ROUND_BUDGET_NS: u64 = 100_000;

/// How long a thread looks before it parks. To be woken by a futex costs 15 µs (median, 2-core VM, Zen 5): waiting
/// that long before paying it costs at most twice what knowing the future would, as in renting or buying skis.
const SPIN_NS: u64 = 15_000;
/// The same as a number of looks, for clocks that stand still and rounds that take long: a look takes 20 ns at least.
const SPIN_ROUNDS: u32 = 500;
/// Looks of [`Idle::Yield`] before each yield.
const YIELD_ROUNDS: u32 = 10;

/// A thread's agents and how it runs them.
pub struct Duty {
    name: String,
    agents: Vec<Box<dyn Agent + Send>>,
    /// The agent whose turn is first in a round.
    first: usize,
    sleeper: Option<usize>,
    idle: Idle,
    bell: Arc<Bell>,
    stop: Stop,
    clock: fn() -> u64,
    meter: Arc<Meter>,
    rounds: Rounds,
}

impl Duty {
    /// `name` is the thread's in logs; `bell` is named to the producers of all rings that `agents` consume; `clock`
    /// gives the time in nanoseconds and never goes back.
    ///
    /// # Panics
    /// If the thread parks and more than one agent has a [`sleeper`](Agent::sleeper): it can sleep in one place only.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        mut agents: Vec<Box<dyn Agent + Send>>,
        idle: Idle,
        bell: Arc<Bell>,
        stop: Stop,
        clock: fn() -> u64,
    ) -> Self {
        let mut sleepers = Vec::new();
        for (index, agent) in agents.iter_mut().enumerate() {
            if agent.sleeper().is_some() {
                sleepers.push(index);
            }
        }
        assert!(idle != Idle::Park || sleepers.len() <= 1, "a thread can sleep in one place only");
        let sleeper = sleepers.first().copied();
        let meter = Arc::new(Meter::default());
        let rounds = Rounds::default();
        Self { name: name.into(), agents, first: 0, sleeper, idle, bell, stop, clock, meter, rounds }
    }

    /// What the loop says of itself, for other threads to read while it runs.
    #[must_use]
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// Runs until the stop flag is set, and returns the agents.
    #[must_use]
    pub fn run(mut self) -> Vec<Box<dyn Agent + Send>> {
        tracing::debug!(thread = self.name, idle = %self.idle, agents = self.agents.len(), "running");
        let mut now = (self.clock)();
        let mut housekeeping_due = now;
        let mut idle_since = now;
        let mut idle_rounds = 0;
        while !self.stop.is_set() {
            let work = self.round(now);
            let mut after = (self.clock)();
            self.rounds.count(after.saturating_sub(now), work);

            if work > 0 {
                idle_rounds = 0;
            } else {
                if idle_rounds == 0 {
                    idle_since = now;
                }
                idle_rounds += 1;
                if self.idle(after, after.saturating_sub(idle_since), idle_rounds) {
                    after = (self.clock)();
                    housekeeping_due = after;
                    idle_rounds = 0;
                }
            }
            now = after;
            if now >= housekeeping_due {
                housekeeping_due = now.saturating_add(HOUSEKEEPING_NS);
                self.housekeep(now);
                now = (self.clock)();
            }
        }
        // In the order in which they were given: what the first ask the last for is done before all end.
        self.first = 0;
        let now = (self.clock)();
        self.round(now);
        self.housekeep(now);
        tracing::debug!(thread = self.name, "stopped");
        self.agents
    }

    /// Polls every agent once. The first to have its turn is the one that found work first in the last round with any: what it
    /// asked others for they have done since, and the answers wait. An order's report so leaves before another gateway of the
    /// thread looks at its sockets.
    #[inline]
    fn round(&mut self, now: u64) -> usize {
        let (mut work, mut found) = (0, None);
        let (later, sooner) = self.agents.split_at_mut(self.first);
        let sooner = (self.first..).zip(sooner);
        for (index, agent) in sooner.chain((0..).zip(later)) {
            let done = agent.poll(now);
            if done > 0 && found.is_none() {
                found = Some(index);
            }
            work += done;
        }
        self.first = found.unwrap_or(self.first);
        work
    }

    /// After a round without work. Says whether the thread slept.
    #[inline]
    fn idle(&mut self, now: u64, idle_ns: u64, idle_rounds: u32) -> bool {
        match self.idle {
            Idle::Yield if idle_rounds.is_multiple_of(YIELD_ROUNDS) => std::thread::yield_now(),
            Idle::Park if idle_ns >= SPIN_NS || idle_rounds >= SPIN_ROUNDS => return self.park(now),
            Idle::Spin | Idle::Yield | Idle::Park => core::hint::spin_loop(),
        }
        false
    }

    #[cold]
    fn park(&mut self, now: u64) -> bool {
        let bed = if self.sleeper.is_some() { Bed::Fd } else { Bed::Futex };
        self.bell.arm(bed);
        // Once more: what came before the arming rang no bell.
        let work = self.round(now);
        if work == 0 && !self.stop.is_set() {
            let deadline = self.agents.iter().map(|agent| agent.deadline()).min().unwrap_or(u64::MAX);
            let timeout = Duration::from_nanos(deadline.saturating_sub((self.clock)())).min(SLEEP_MAX);
            self.rounds.sleeps += 1;
            match self.sleeper.and_then(|index| self.agents[index].sleeper()) {
                Some(sleeper) => {
                    sleeper.sleep(&self.bell, timeout);
                    self.bell.drain_fd();
                }
                None => self.bell.sleep(timeout),
            }
        }
        self.bell.disarm();
        work == 0
    }

    #[cold]
    fn housekeep(&mut self, now: u64) {
        for agent in &mut self.agents {
            agent.housekeep(now);
        }
        self.meter.publish(now, &self.rounds);
    }
}

/// What a loop counts locally.
#[derive(Default)]
struct Rounds {
    rounds: u64,
    busy: u64,
    sleeps: u64,
    longest_ns: u64,
    overruns: u64,
}

impl Rounds {
    #[inline]
    fn count(&mut self, took_ns: u64, work: usize) {
        self.rounds += 1;
        self.busy += u64::from(work > 0);
        self.longest_ns = self.longest_ns.max(took_ns);
        self.overruns += u64::from(took_ns > ROUND_BUDGET_NS);
    }
}

/// How a thread's loop fares, as of its last housekeeping.
#[derive(Debug, Default)]
pub struct Meter {
    rounds: AtomicU64,
    busy: AtomicU64,
    sleeps: AtomicU64,
    longest_ns: AtomicU64,
    overruns: AtomicU64,
    seen: AtomicU64,
}

impl Meter {
    // All Relaxed: each number stands for itself, none says anything about other memory.
    fn publish(&self, now: u64, rounds: &Rounds) {
        self.seen.store(now, Ordering::Relaxed);
        self.rounds.store(rounds.rounds, Ordering::Relaxed);
        self.busy.store(rounds.busy, Ordering::Relaxed);
        self.sleeps.store(rounds.sleeps, Ordering::Relaxed);
        self.longest_ns.store(rounds.longest_ns, Ordering::Relaxed);
        self.overruns.store(rounds.overruns, Ordering::Relaxed);
    }

    /// When the loop kept house last, in its clock; 0: not yet. It does so every 10 ms, and sleeps 100 ms at most, so
    /// that one which is much older hangs, or gets no time to run.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Rounds of all agents.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Rounds in which there was work.
    #[must_use]
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Sleeps.
    #[must_use]
    pub fn sleeps(&self) -> u64 {
        self.sleeps.load(Ordering::Relaxed)
    }

    /// The longest round, in nanoseconds: how late a message may have been looked at.
    #[must_use]
    pub fn longest_ns(&self) -> u64 {
        self.longest_ns.load(Ordering::Relaxed)
    }

    /// Rounds longer than [`ROUND_BUDGET_NS`].
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }
}
