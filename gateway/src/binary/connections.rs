//! Connections of members coming and going, and what the matcher and the clients hear of it.

use std::mem;

use tracing::{debug, info, warn};
use wire::{
    command::Kind,
    soup::packet::{self, kind},
    types::Nanos,
};

use super::{Worker, counted};
use crate::{
    board::{Ended, Refused},
    links::Shards,
    parties::Party,
    transport::{Closed, ConnId, Transport},
};

impl Worker {
    /// Ends a member's connection, when its output has left.
    pub(super) fn end(&mut self, now: u64, index: usize, ended: Ended, why: String) {
        let member = &self.members[index];
        let Some(conn) = member.conn else { return };
        if self.member_lines.takes(now) {
            info!(session = member.name, peer = %member.peer, why, "disconnected");
        }
        self.transport.close(conn, now);
        self.parties.set(conn, Party::Nobody);
        self.left(now, index, ended, why);
    }

    /// A connection is gone without our doing.
    pub(super) fn gone(&mut self, now: u64, conn: ConnId, why: &Closed) {
        match self.parties.of(conn) {
            Party::Member(index) => {
                let (ended, words) = why.told();
                if self.member_lines.takes(now) {
                    let member = &self.members[index];
                    let (session, peer) = (&member.name, member.peer);
                    match ended {
                        Ended::SlowConsumer => warn!(session, %peer, why = words, "disconnected"),
                        _ => info!(session, %peer, why = words, "disconnected"),
                    }
                }
                self.left(now, index, ended, words);
            }
            Party::Stranger => {
                self.board.refused.add(Refused::Left);
                debug!(?why, "a connection without a login is gone");
            }
            Party::Nobody => {}
        }
        self.parties.set(conn, Party::Nobody);
    }

    fn left(&mut self, now: u64, index: usize, ended: Ended, why: String) {
        self.board.ended.add(ended);
        self.members[index].went(now, why);
        self.books.left(index);
        self.tell(index, Kind::SessionDown, self.links.joined());
    }

    /// The matchers of these shards are to hear of a session's coming or going as soon as their rings have room.
    pub(super) fn tell(&mut self, index: usize, kind: Kind, whom: Shards) {
        let member = &mut self.members[index];
        member.tell.set(kind, whom);
        if member.tell.is_due() && !mem::replace(&mut member.unfinished, true) {
            self.unfinished.push(index);
        }
    }

    pub(super) fn session_timeout(&mut self, now: u64, index: usize) {
        let member = &mut self.members[index];
        let (Some(soup), Some(conn)) = (&mut member.soup, member.conn) else { return };
        let Some((_, output)) = self.transport.split(conn) else { return };
        if let Some(reason) = soup.handle_timeout(Nanos(now), output) {
            self.end(now, index, counted(reason), reason.to_string());
        }
    }

    /// Ends a member's connection and says why.
    pub(super) fn end_with(&mut self, now: u64, index: usize, ended: Ended, text: &str) {
        let member = &mut self.members[index];
        if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
            member.explain(Nanos(now), text, output);
            self.end(now, index, ended, text.to_owned());
        }
    }

    pub(super) fn end_everybody(&mut self, now: u64, text: &str) {
        for index in 0..self.members.len() {
            self.end_with(now, index, Ended::LoggedOut, text);
        }
    }

    /// The session's messages are over: its next ones have numbers from 1 and are of another session in SoupBinTCP's sense.
    /// A client that is there is told so.
    pub(super) fn begin_anew(&mut self, now: u64, index: usize, text: &str) {
        let member = &mut self.members[index];
        member.sequence.reset(Nanos(now));
        if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
            member.explain(Nanos(now), text, output);
            packet::write(kind::END_OF_SESSION, &[], output);
            self.end(now, index, Ended::LoggedOut, text.to_owned());
        }
    }

    /// Drains as far as it is time to: clients hear of it and may cancel what they have open, then their connections end.
    pub(super) fn look_after_drain(&mut self, now: u64) {
        if !self.drain.is_asked() {
            return;
        }
        let since = *self.drain_since.get_or_insert(now);
        if !mem::replace(&mut self.entry.draining, true) {
            info!("draining: no new connections and no new orders");
            self.transport.stop_listening();
            if self.drain_ns > 0 {
                self.announce(now);
            }
        }
        if now >= since.saturating_add(self.drain_ns) && !mem::replace(&mut self.drain_over, true) {
            self.end_everybody(now, "the venue is shutting down");
        }
        if self.members.iter().all(|member| member.conn.is_none()) {
            self.drain.done();
        }
    }
}
