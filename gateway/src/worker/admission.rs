//! From a connection to a member: strangers, their time, and who is let in.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

use tracing::{debug, warn};
use wire::{
    fix::{
        SOH,
        session::{self, Logon, LogonPeek},
    },
    types::Nanos,
};

use super::{Worker, members::Member};
use crate::{
    auth::{Busy, Question, Verdict},
    board::Refused,
    config::{Config, Elsewhere},
    parties::{Party, is_among},
    transport::{ConnId, Transport},
};

/// Who may become a member, and when.
pub(super) struct Admission {
    comp_id: String,
    /// Members by the CompIDs of both sides, as [`pair`] has them; behind them those who are elsewhere.
    by_comp_ids: HashMap<Box<[u8]>, usize, foldhash::fast::FixedState>,
    pub(super) heartbeat_s: RangeInclusive<u32>,
    pub(super) draining: bool,
    /// Clients of other gateways.
    elsewhere: Vec<Elsewhere>,
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
        let elsewhere = config.elsewhere.clone();
        let others = elsewhere
            .iter()
            .map(|Elsewhere { comp_ids: [client, venue], .. }| pair(client.as_bytes(), venue.as_bytes()));
        let by_comp_ids = members.iter().map(key).chain(others).zip(0..).collect();
        let (comp_id, heartbeat_s) = (config.comp_id.clone(), config.heartbeat_s.clone());
        Admission { comp_id, by_comp_ids, heartbeat_s, draining: false, elsewhere }
    }

    /// The venue's CompID that answers who has sent `target`: one that is the venue's, whatever was sent.
    fn answering<'m>(&'m self, target: &[u8], members: &'m [Member]) -> &'m str {
        let ours = members.iter().map(|member| member.session.config().sender_comp_id.as_str());
        ours.into_iter().find(|own| own.as_bytes() == target).unwrap_or(&self.comp_id)
    }

    /// The member, or who is elsewhere, that `logon` says that it is of.
    fn named(&self, logon: &Logon<'_>) -> Option<usize> {
        self.by_comp_ids.get(&pair(logon.sender, logon.target)).copied()
    }

    /// Whether the client of this number may be at `address`.
    fn may_be_at(&self, index: usize, members: &[Member], address: IpAddr) -> bool {
        match members.get(index) {
            Some(member) => member.may_be_at(address),
            None => self
                .elsewhere
                .get(index - members.len())
                .is_some_and(|other| is_among(&other.addresses, address)),
        }
    }

    /// Why `member`, of which `logon` has proved to be, is not let in now.
    fn now(&self, logon: &Logon<'_>, member: &Member) -> Result<(), (Refused, Refusal<'static>)> {
        if logon.begin_string != member.session.config().version.begin_string().as_bytes() {
            return Err((
                Refused::Version,
                Refusal::Anonymous("BeginString (8) is not that of the session's version of FIX"),
            ));
        }
        if member.conn.is_some() {
            return Err((Refused::AlreadyUp, Refusal::Anonymous("this session is logged on already")));
        }
        if member.disabled {
            return Err((Refused::Disabled, Refusal::Told("this session is disabled by an operator")));
        }
        if self.draining {
            return Err((Refused::Draining, Refusal::Told("the venue is shutting down")));
        }
        // Whatever else is wrong with a Logon the session itself says.
        if logon.heartbeat_s.is_some_and(|s| !u32::try_from(s).is_ok_and(|s| self.heartbeat_s.contains(&s))) {
            return Err((
                Refused::Unacceptable,
                Refusal::Told("HeartBtInt (108) is outside the range that the venue allows"),
            ));
        }
        Ok(())
    }
}

/// Why a Logon is not taken, and who is told.
#[derive(Clone, Copy)]
enum Refusal<'t> {
    /// Whoever has shown something to be known by. The connection of anybody else is closed without a word (FIX session
    /// layer test cases 1B, "disconnect without sending a message").
    Anonymous(&'t str),
    /// Everybody.
    Told(&'t str),
}

/// Connections without a Logon.
impl Worker {
    pub(super) fn meet(&mut self, now: u64, conn: ConnId, peer: SocketAddr) {
        debug!(%peer, "connected");
        self.board.opened.add(1);
        self.parties.meet(now, conn);
    }

    /// Keeps strangers to their bound.
    pub(super) fn end_strangers_beyond_bound(&mut self, now: u64) {
        while let Some(conn) = self.parties.beyond_bound() {
            if self.is_stranger(conn) {
                let why = "too many connections without a Logon; the oldest goes";
                self.turn_out(now, conn, Refused::Crowded, why);
            }
        }
    }

    /// Whether `conn` is there and has not logged on. Names of connections are never reused, so that a member's or a former
    /// stranger's is none.
    fn is_stranger(&self, conn: ConnId) -> bool {
        self.parties.of(conn) == Party::Stranger && self.transport.peer(conn).is_some()
    }

    pub(super) fn end_late_strangers(&mut self, now: u64) {
        while let Some(conn) = self.parties.late(now) {
            if !self.is_stranger(conn) {
                continue;
            }
            let input = self.transport.split(conn).map_or(&[][..], |(input, _)| input);
            if let LogonPeek::Logon(_) = session::logon_of(input) {
                let why = "the venue could not look at this Logon in time: try again";
                self.refuse(now, conn, (Refused::Late, Refusal::Told(why)));
            } else {
                self.turn_out(now, conn, Refused::Late, "no Logon within fix.logon_timeout_ms");
            }
        }
    }

    /// Looks at those who have waited for the matcher to tell of what there is, or for their turn to be looked at.
    pub(super) fn let_in(&mut self, now: u64) {
        let mut at = 0;
        while let Some(conn) = self.parties.nth(at) {
            if self.is_stranger(conn) {
                self.admit(now, conn);
            }
            at += 1;
        }
    }

    /// A stranger's first message: whether it is who it says that it is, the authenticator finds out.
    pub(super) fn admit(&mut self, now: u64, conn: ConnId) {
        if !self.links.are_informed() || self.authenticator.is_asked(conn) {
            return; // it is looked at again when the matcher has told of everything, or the answer is there
        }
        let certificate = self.transport.certificate(conn);
        let Some(peer) = self.transport.peer(conn) else { return };
        let Some((input, _)) = self.transport.split(conn) else { return };
        let logon = match session::logon_of(input) {
            LogonPeek::NeedMore => return,
            LogonPeek::NotLogon(why) => {
                return self.turn_out(now, conn, Refused::NotALogon, &why.to_string());
            }
            LogonPeek::Logon(logon) => logon,
        };
        let member = self.admission.named(&logon);
        let question = Question {
            conn,
            address: peer.ip(),
            member: member.filter(|&index| self.admission.may_be_at(index, &self.members, peer.ip())),
            frame: &input[..logon.len],
            name: logon.sender,
            certificate,
        };
        match self.authenticator.ask(Nanos(now), &question) {
            Ok(()) => {}
            Err(Busy::Full) => self.crowded = true,
            Err(Busy::Locked(nanos)) => {
                let seconds = nanos.div_ceil(1_000_000_000);
                let why = format!("too many failed Logons: try again in {seconds} s");
                self.refuse(now, conn, (Refused::LockedOut, Refusal::Anonymous(&why)));
            }
        }
    }

    /// Looks at what the authenticator has found out; how much that was.
    pub(super) fn take_verdicts(&mut self, now: u64) -> usize {
        let mut taken = 0;
        while let Some(Verdict { conn, member }) = self.authenticator.answer() {
            taken += 1;
            if self.is_stranger(conn) {
                self.conclude(now, conn, member);
            }
        }
        if taken > 0 && std::mem::take(&mut self.crowded) {
            self.let_in(now);
        }
        taken
    }

    /// One answer for an unknown name and a wrong password: neither tells which names there are.
    fn conclude(&mut self, now: u64, conn: ConnId, member: Option<usize>) {
        let Some(index) = member else {
            let why = Refusal::Anonymous("unknown CompID or wrong password");
            return self.refuse(now, conn, (Refused::Credentials, why));
        };
        if let Some(other) = index.checked_sub(self.members.len()) {
            let at = self.admission.elsewhere.get(other).map(|other| other.gateway.as_str());
            let why =
                format!("this session is served by another gateway: connect to {}", at.unwrap_or_default());
            return self.refuse(now, conn, (Refused::Elsewhere, Refusal::Told(&why)));
        }
        let Some(peer) = self.transport.peer(conn) else { return };
        let Some((input, output)) = self.transport.split(conn) else { return };
        // As it was when it was asked about: nothing of it was used up.
        let LogonPeek::Logon(logon) = session::logon_of(input) else { return };
        let member = &mut self.members[index];
        match self.admission.now(&logon, member) {
            Ok(()) => {
                (member.conn, member.peer) = (Some(conn), peer);
                member.session.connected(Nanos(now), output);
                self.parties.set(conn, Party::Member(index));
                self.serve(now, index);
            }
            Err(why) => self.refuse(now, conn, why),
        }
    }

    /// Closes a connection whose Logon is not taken, and says why.
    fn refuse(&mut self, now: u64, conn: ConnId, (counted, refusal): (Refused, Refusal<'_>)) {
        let Some((input, output)) = self.transport.split(conn) else { return };
        let LogonPeek::Logon(logon) = session::logon_of(input) else { return };
        let shows = logon.password.is_some() || logon.raw_data.is_some();
        let (why, told) = match refusal {
            Refusal::Anonymous(why) => (why, shows),
            Refusal::Told(why) => (why, true),
        };
        if told {
            let venue = self.admission.answering(logon.target, &self.members);
            logon.refuse(Nanos(now), venue, why, output);
        }
        let why = format!("logon of {} refused: {why}", logon.sender.escape_ascii());
        self.turn_out(now, conn, counted, &why);
    }

    /// Closes a connection that has not become a member's.
    pub(super) fn turn_out(&mut self, now: u64, conn: ConnId, counted: Refused, why: &str) {
        self.board.refused.add(counted);
        if self.log_budget.takes(now)
            && let Some(peer) = self.transport.peer(conn)
        {
            warn!(%peer, why, "connection closed");
        }
        self.transport.close(conn, now);
        self.parties.set(conn, Party::Nobody);
    }
}
