//! From a connection to a member: strangers, their time, and who is let in.

use std::{collections::HashMap, net::SocketAddr, ops::RangeInclusive};

use tracing::{debug, warn};
use wire::{
    fix::{
        SOH,
        session::{self, Logon, LogonPeek},
    },
    types::Nanos,
};

use super::{Worker, connections::Party, members::Member};
use crate::{
    config::Config,
    transport::{ConnId, Transport},
};

/// Who may become a member, and when.
pub(super) struct Admission {
    comp_id: String,
    /// Members by the CompIDs of both sides, as [`pair`] has them.
    by_comp_ids: HashMap<Box<[u8]>, usize, foldhash::fast::FixedState>,
    pub(super) heartbeat_s: RangeInclusive<u32>,
    pub(super) draining: bool,
}

/// Why a Logon's sender does not become a member.
#[derive(Clone, Copy)]
pub(super) enum NotAdmitted {
    /// It is of no session, of another version, or of a session that is logged on already, and it shows no password:
    /// whoever that is, the connection is closed without a word (FIX session layer test cases 1B, "disconnect without
    /// sending a message").
    Stranger,
    /// What the Logout says.
    Refused(&'static str),
}

/// SenderCompID and TargetCompID of a client as one key. SOH is in neither.
fn pair(client: &[u8], venue: &[u8]) -> Box<[u8]> {
    [client, &[SOH], venue].concat().into()
}

impl Admission {
    pub(super) fn new(config: &Config, members: &[Member]) -> Admission {
        let key = |member: &Member| {
            let layer = member.session.config();
            pair(layer.target_comp_id.as_bytes(), layer.sender_comp_id.as_bytes())
        };
        let by_comp_ids = members.iter().enumerate().map(|(index, member)| (key(member), index)).collect();
        let (comp_id, heartbeat_s) = (config.comp_id.clone(), config.heartbeat_s.clone());
        Admission { comp_id, by_comp_ids, heartbeat_s, draining: false }
    }

    /// The venue's CompID that answers who has sent `target`: one that is the venue's, whatever was sent.
    fn answering<'m>(&'m self, target: &[u8], members: &'m [Member]) -> &'m str {
        let ours = members.iter().map(|member| member.session.config().sender_comp_id.as_str());
        ours.into_iter().find(|own| own.as_bytes() == target).unwrap_or(&self.comp_id)
    }

    /// The member that `logon` is of, or why it is refused. One answer for an unknown name and a wrong password:
    /// neither tells which names there are.
    pub(super) fn member(&self, logon: &Logon<'_>, members: &[Member]) -> Result<usize, NotAdmitted> {
        const UNKNOWN: NotAdmitted = NotAdmitted::Refused("unknown CompID or wrong password");
        let unknown = if logon.password.is_some() { UNKNOWN } else { NotAdmitted::Stranger };
        let key = pair(logon.sender, logon.target);
        let index = self.by_comp_ids.get(&key).copied().ok_or(unknown)?;
        let member = &members[index];
        let named = logon.username.is_none_or(|name| name == member.comp_id.as_bytes());
        let known = member.password.as_ref().is_none_or(|it| it.is(logon.password.unwrap_or_default()));
        if !named || !known {
            return Err(unknown);
        }
        let told =
            |why| if logon.password.is_some() { NotAdmitted::Refused(why) } else { NotAdmitted::Stranger };
        if logon.begin_string != member.session.config().version.begin_string().as_bytes() {
            return Err(told("BeginString (8) is not that of the session's version of FIX"));
        }
        if member.conn.is_some() {
            return Err(told("this session is logged on already"));
        }
        if self.draining {
            return Err(NotAdmitted::Refused("the venue is shutting down"));
        }
        // Whatever else is wrong with a Logon the session itself says.
        if logon.heartbeat_s.is_some_and(|s| !u32::try_from(s).is_ok_and(|s| self.heartbeat_s.contains(&s))) {
            let why = "HeartBtInt (108) is outside the range that the venue allows";
            return Err(NotAdmitted::Refused(why));
        }
        Ok(index)
    }
}

/// Connections without a Logon.
impl Worker {
    pub(super) fn meet(&mut self, now: u64, conn: ConnId, peer: SocketAddr) {
        debug!(%peer, "connected");
        self.set_party(conn, Party::Stranger);
        self.strangers.push_back((conn, now.saturating_add(self.logon_timeout_ns)));
        if self.strangers_count > self.strangers_max {
            self.end_oldest_stranger(now, "too many connections without a Logon; the oldest goes");
        }
    }

    pub(super) fn end_late_strangers(&mut self, now: u64) {
        while self.strangers.front().is_some_and(|&(_, until)| now >= until) {
            self.end_oldest_stranger(now, "no Logon within fix.logon_timeout_ms");
        }
    }

    pub(super) fn end_oldest_stranger(&mut self, now: u64, why: &str) {
        while let Some((conn, _)) = self.strangers.pop_front() {
            // Names of connections are never reused, so a member's or a former stranger's is skipped here.
            if self.party(conn) == Party::Stranger && self.transport.peer(conn).is_some() {
                return self.turn_out(now, conn, why);
            }
        }
    }

    /// Looks at those who have waited for the matcher to tell of what there is.
    pub(super) fn let_in(&mut self, now: u64) {
        for at in 0..self.strangers.len() {
            let (conn, _) = self.strangers[at];
            if self.party(conn) == Party::Stranger {
                self.admit(now, conn);
            }
        }
    }

    /// A stranger's first message.
    pub(super) fn admit(&mut self, now: u64, conn: ConnId) {
        if !self.informed {
            return; // it is looked at again when the matcher has told of everything
        }
        let Some(peer) = self.transport.peer(conn) else { return };
        let Some((input, output)) = self.transport.split(conn) else { return };
        let logon = match session::logon_of(input) {
            LogonPeek::NeedMore => return,
            LogonPeek::NotLogon(why) => return self.turn_out(now, conn, &why.to_string()),
            LogonPeek::Logon(logon) => logon,
        };
        match self.admission.member(&logon, &self.members) {
            Ok(index) => {
                let member = &mut self.members[index];
                (member.conn, member.peer) = (Some(conn), peer);
                member.session.connected(Nanos(now), output);
                self.set_party(conn, Party::Member(index));
                self.serve(now, index);
            }
            Err(why) => {
                let why = match why {
                    NotAdmitted::Stranger => {
                        "CompIDs unknown or in use, another version of FIX, or no credentials"
                    }
                    NotAdmitted::Refused(why) => {
                        let venue = self.admission.answering(logon.target, &self.members);
                        logon.refuse(Nanos(now), venue, why, output);
                        why
                    }
                };
                let why = format!("logon of {} refused: {why}", logon.sender.escape_ascii());
                self.turn_out(now, conn, &why);
            }
        }
    }

    /// Closes a connection that has not become a member's.
    pub(super) fn turn_out(&mut self, now: u64, conn: ConnId, why: &str) {
        if self.log_budget.takes(now)
            && let Some(peer) = self.transport.peer(conn)
        {
            warn!(%peer, why, "connection closed");
        }
        self.transport.close(conn, now);
        self.set_party(conn, Party::Nobody);
    }
}
