//! The shutting down of a gateway.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use tracing::info;

use super::Worker;
use crate::transport::Transport;

/// How long clients have to answer our Logout when the venue shuts down.
const DRAIN_NS: u64 = 2_000_000_000;

/// How far the shutting down of a gateway is; shared between who asks for it and the worker.
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<AtomicU8>);

impl Drain {
    const ASKED: u8 = 1;
    const DONE: u8 = 2;

    /// Asks the worker to log its clients out and to take nothing new. Its bell should be rung after this.
    pub fn ask(&self) {
        // Relaxed: nothing else is published by it. A finished drain stays finished.
        let _already = self.0.compare_exchange(0, Self::ASKED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the last client has gone, or the time for it is over.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::DONE
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::ASKED
    }

    fn done(&self) {
        self.0.store(Self::DONE, Ordering::Relaxed);
    }
}

impl Worker {
    pub(super) fn look_after_drain(&mut self, now: u64) {
        if !self.drain.is_asked() {
            return;
        }
        let until = *self.drain_until.get_or_insert_with(|| {
            info!("draining: no new connections, clients are logged out");
            now.saturating_add(DRAIN_NS)
        });
        if self.entry.set_draining() {
            self.admission.draining = true;
            self.transport.stop_listening();
            self.log_out_everybody(now, "the venue is shutting down");
        }
        if now >= until || self.members.iter().all(|member| member.conn.is_none()) {
            self.drain.done();
        }
    }
}
