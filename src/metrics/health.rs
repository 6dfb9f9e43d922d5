//! Whether a process lives, and whether it can serve.

use super::Sources;

/// A thread whose loop has kept house no later than this ago turns: it does so every 10 ms, and after 100 ms of sleep. What
/// lies between is left to a host that gives it no time.
pub const HEARTBEAT_NS_MAX: u64 = 5_000_000_000;

/// What is wrong, a sentence each; nothing if all is well.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What is wrong.
    pub faults: Vec<String>,
}

impl Sources {
    /// Whether the process's threads turn at `now`.
    #[must_use]
    pub fn lives(&self, now: u64) -> Health {
        let threads = self.threads.get().map(Vec::as_slice).unwrap_or_default();
        let hung = threads.iter().filter_map(|(name, meter)| {
            // One that has not kept house yet has begun with the process.
            let silent = now.saturating_sub(meter.seen().max(self.since));
            (silent > HEARTBEAT_NS_MAX).then(|| {
                format!("thread {name} has not turned for {} s: restart the process", silent / 1_000_000_000)
            })
        });
        Health { faults: hung.collect() }
    }

    /// Whether it can serve at `now`: everything that its part of the venue needs is there.
    #[must_use]
    pub fn is_ready(&self, now: u64) -> Health {
        let mut faults = self.lives(now).faults;
        if self.threads.get().is_none() {
            faults.push("it is starting".to_owned());
        }
        for worker in &self.workers {
            let mut fault = |is: bool, what: &str| {
                if is {
                    faults.push(format!("{}: {what}", worker.worker));
                }
            };
            fault(worker.draining.get() > 0, "it drains and takes no new orders");
            fault(worker.draining.get() == 0 && worker.listening.get() == 0, "it does not listen");
            fault(
                worker.matcher.get() == 0,
                "no matcher is there: start `penstock matcher` on the same --data",
            );
            fault(
                worker.journal_failed.get() > 0,
                "the matcher's journal has failed, and requests are refused: mend its disk and start the matcher again",
            );
            let uninformed = worker.matcher.get() > 0 && worker.informed.get() == 0;
            fault(uninformed, "the matcher has not told it of all instruments and accounts yet");
        }
        if self.workers.is_empty() {
            for (shard, matcher) in &self.matchers {
                // The operator's agent, in this process, is one of those that the matcher sees.
                if matcher.read().gateways < 2 {
                    faults.push(format!(
                        "matcher {shard}: no gateway is there: start `penstock gateway` on the same --data"
                    ));
                }
            }
        }
        Health { faults }
    }
}

impl Health {
    /// What is told: `good`, or a line for each fault.
    #[must_use]
    pub fn text(&self, good: &str) -> String {
        if self.faults.is_empty() { format!("{good}\n") } else { self.faults.join("\n") + "\n" }
    }
}
