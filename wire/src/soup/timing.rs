//! When to say something, and when to give up waiting: the same on both sides.

use super::packet;
use crate::types::Nanos;

const SECOND: u64 = 1_000_000_000;

/// How long things may take, in nanoseconds, each above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Having sent nothing for so long, a side sends a heartbeat.
    pub heartbeat_ns: u64,
    /// Having heard nothing for so long, a side takes the other for gone.
    pub silence_ns: u64,
    /// So long a login may take, from the connection to the answer.
    pub login_ns: u64,
}

impl Default for Times {
    /// As the specification suggests: heartbeats after a second, 15 seconds of silence, 30 seconds for the login.
    fn default() -> Times {
        Times { heartbeat_ns: SECOND, silence_ns: 15 * SECOND, login_ns: 30 * SECOND }
    }
}

/// What a connection has to wait for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    times: Times,
    began: Nanos,
    sent: Nanos,
    heard: Nanos,
}

impl Pulse {
    pub(super) const fn new(times: Times, now: Nanos) -> Pulse {
        Pulse { times, began: now, sent: now, heard: now }
    }

    pub(super) const fn has_sent(&mut self, now: Nanos) {
        self.sent = now;
    }

    pub(super) const fn has_heard(&mut self, now: Nanos) {
        self.heard = now;
    }

    pub(super) const fn login_deadline(&self) -> Nanos {
        self.began.after(self.times.login_ns)
    }

    pub(super) fn deadline(&self) -> Nanos {
        self.sent.after(self.times.heartbeat_ns).min(self.heard.after(self.times.silence_ns))
    }

    /// Does what time asks for once logged in: sends a heartbeat, a packet of `kind`. Gives whether the other side has been
    /// silent for too long instead.
    pub(super) fn beat(&mut self, now: Nanos, kind: u8, out: &mut Vec<u8>) -> bool {
        let silent = now >= self.heard.after(self.times.silence_ns);
        if !silent && now >= self.sent.after(self.times.heartbeat_ns) {
            packet::write(kind, &[], out);
            self.has_sent(now);
        }
        silent
    }
}
