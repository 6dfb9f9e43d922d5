//! Connections of members coming and going, and what the matcher and the clients hear of it.

use std::mem;

use tracing::{debug, info, warn};
use wire::{command::Kind, fix::session::CloseReason, types::Nanos};

use super::{Worker, members::Member};
use crate::{
    board::{Ended, Refused},
    links::Shards,
    parties::Party,
    transport::{Closed, ConnId, Transport},
};

impl Worker {
    pub(super) fn end(&mut self, now: u64, index: usize, reason: CloseReason) {
        let member = &mut self.members[index];
        let Some(conn) = member.conn else { return };
        if self.member_lines.takes(now) {
            info!(session = member.comp_id, peer = %member.peer, why = %reason, "disconnected");
        }
        self.transport.close(conn, now);
        self.parties.set(conn, Party::Nobody);
        self.left(now, index, counted(reason), reason.to_string());
    }

    /// A connection is gone without our doing.
    pub(super) fn gone(&mut self, now: u64, conn: ConnId, why: &Closed) {
        match self.parties.of(conn) {
            Party::Member(index) => {
                let (ended, why) = why.told();
                if self.member_lines.takes(now) {
                    let Member { comp_id: session, peer, .. } = &self.members[index];
                    match ended {
                        Ended::SlowConsumer => warn!(session, %peer, why, "disconnected"),
                        _ => info!(session, %peer, why, "disconnected"),
                    }
                }
                self.left(now, index, ended, why);
            }
            Party::Stranger => match why {
                Closed::NotTls { peer, error } => {
                    self.board.refused.add(Refused::NotTls);
                    if self.log_budget.takes(now) {
                        warn!(%peer, %error, "connection closed: no TLS, or none that is taken here");
                    }
                }
                _ => {
                    self.board.refused.add(Refused::Left);
                    debug!(?why, "a connection without a Logon is gone");
                }
            },
            Party::Nobody => {}
        }
        self.parties.set(conn, Party::Nobody);
    }

    fn left(&mut self, now: u64, index: usize, ended: Ended, why: String) {
        self.board.ended.add(ended);
        let member = &mut self.members[index];
        member.figures.went(now, why);
        member.conn = None;
        member.session.disconnected();
        member.replay.stop();
        self.market.left(index);
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
        let output = member.conn.and_then(|conn| self.transport.split(conn));
        let output = output.map_or(&mut self.nowhere, |(_, output)| output);
        let close = member.session.handle_timeout(Nanos(now), output);
        self.nowhere.clear();
        if let Some(reason) = close {
            self.end(now, index, reason);
        }
    }

    pub(super) fn log_out_everybody(&mut self, now: u64, text: &str) {
        for member in &mut self.members {
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                member.session.logout(Nanos(now), text.as_bytes(), output);
            }
        }
    }
}

/// What an end that our side has made counts as.
const fn counted(reason: CloseReason) -> Ended {
    match reason {
        CloseReason::PeerLogout | CloseReason::LoggedOut => Ended::LoggedOut,
        CloseReason::LogoutTimeout | CloseReason::Silent | CloseReason::LogonTimeout => Ended::Silent,
        CloseReason::Throttled => Ended::Throttled,
        CloseReason::NotConnected
        | CloseReason::NotLogon
        | CloseReason::BadLogon
        | CloseReason::SecondLogon
        | CloseReason::TooLong
        | CloseReason::NoSeq
        | CloseReason::SeqTooLow => Ended::Protocol,
    }
}
