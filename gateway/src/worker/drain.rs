//! The shutting down of a gateway.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tracing::info;
use wire::{fix::news::News, types::Nanos};

use super::Worker;
use crate::transport::Transport;

/// How long clients have to answer our Logout when the venue shuts down.
const LOGOUT_NS: u64 = 2_000_000_000;

/// How far the shutting down of a gateway is; shared between who asks for it and the worker.
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<AtomicU8>);

impl Drain {
    const ASKED: u8 = 1;
    const DONE: u8 = 2;

    /// Asks the worker to take nothing new and to log its clients out, when they have had the time to cancel. Its bell should be rung after this.
    pub fn ask(&self) {
        // Relaxed: nothing else is published by it. A finished drain stays finished.
        let _already = self.0.compare_exchange(0, Self::ASKED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the last client has gone, or the time for it is over.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::DONE
    }

    /// Whether somebody has asked, and it is not done.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::ASKED
    }

    pub(crate) fn done(&self) {
        self.0.store(Self::DONE, Ordering::Relaxed);
    }
}

impl Worker {
    /// Drains as far as it is time to: clients hear of it and may cancel what they have open, then they are logged out.
    pub(super) fn look_after_drain(&mut self, now: u64) {
        if !self.drain.is_asked() {
            return;
        }
        let since = *self.drain_since.get_or_insert(now);
        if self.entry.set_draining() {
            info!("draining: no new connections and no new orders");
            self.admission.draining = true;
            self.transport.stop_listening();
            if self.drain_ns > 0 {
                self.announce(now, News::Draining);
            }
        }
        let logout = since.saturating_add(self.drain_ns);
        if now >= logout && !mem::replace(&mut self.drain_over, true) {
            self.log_out_everybody(now, "the venue is shutting down");
        }
        if now >= logout.saturating_add(LOGOUT_NS) || self.members.iter().all(|member| member.conn.is_none())
        {
            self.drain.done();
        }
    }

    /// Sends `news` to all who are logged on.
    pub(super) fn announce(&mut self, now: u64, news: News<'_>) {
        for member in self.members.iter_mut().filter(|member| member.session.is_logged_on()) {
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                member.session.send(Nanos(now), News::MSG_TYPE, output, |body| news.encode(body));
            }
        }
    }

    /// Tells everybody of instruments that were halted or go on.
    pub(super) fn announce_states(&mut self, now: u64) {
        while let Some((instrument, halted)) = self.changed_states.pop_front() {
            let Some(symbol) = self.entry.symbol(instrument).map(str::to_owned) else { continue };
            self.announce(now, if halted { News::Halted(&symbol) } else { News::Resumed(&symbol) });
        }
    }
}
