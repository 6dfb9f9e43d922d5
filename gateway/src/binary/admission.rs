//! From a connection to a member: strangers, their time, and who is let in.

use std::net::SocketAddr;

use tracing::{debug, info, warn};
use wire::{
    command::Kind,
    sbe::codes::VenueState,
    soup::{
        Login, RejectReason, Server,
        packet::{self, kind},
    },
    traffic::Class,
    types::Nanos,
};

use super::{Worker, status};
use crate::{
    auth::{Busy, Question, Verdict},
    board::Refused,
    parties::{Party, is_among},
    transport::{ConnId, Transport},
};

/// What a stranger's bytes begin with.
enum Peek<'b> {
    /// Not all of a packet.
    NeedMore,
    /// A login, and its packet's bytes.
    Login(Login<'b>, usize),
    /// Something else: why.
    NotLogin(String),
}

fn peek(input: &[u8]) -> Peek<'_> {
    match packet::next(input) {
        Ok(None) => Peek::NeedMore,
        Ok(Some(found)) if found.kind == kind::LOGIN_REQUEST => match packet::login(found.payload) {
            Ok(login) => Peek::Login(login, found.bytes()),
            Err(why) => Peek::NotLogin(why.to_string()),
        },
        Ok(Some(found)) => {
            Peek::NotLogin(format!("a packet of type '{}' before the login", char::from(found.kind)))
        }
        Err(why) => Peek::NotLogin(why.to_string()),
    }
}

/// Connections without a login.
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
                let why = "too many connections without a login; the oldest goes";
                self.turn_out(now, conn, Refused::Crowded, why);
            }
        }
    }

    /// Whether `conn` is there and has not logged in.
    fn is_stranger(&self, conn: ConnId) -> bool {
        self.parties.of(conn) == Party::Stranger && self.transport.peer(conn).is_some()
    }

    pub(super) fn end_late_strangers(&mut self, now: u64) {
        while let Some(conn) = self.parties.late(now) {
            if self.is_stranger(conn) {
                self.turn_out(now, conn, Refused::Late, "no login within binary.logon_timeout_ms");
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

    /// A stranger's first packet: whether it is who it says that it is, the authenticator finds out.
    pub(super) fn admit(&mut self, now: u64, conn: ConnId) {
        if !self.links.are_informed() || self.authenticator.is_asked(conn) {
            return; // it is looked at again when the matcher has told of everything, or the answer is there
        }
        let Some(peer) = self.transport.peer(conn) else { return };
        let may_be_at = |index: usize| match self.members.get(index) {
            Some(member) => member.may_be_at(peer.ip()),
            None => is_among(&self.elsewhere[index - self.members.len()].addresses, peer.ip()),
        };
        let Some((input, _)) = self.transport.split(conn) else { return };
        let (login, length) = match peek(input) {
            Peek::NeedMore => return,
            Peek::Login(login, length) => (login, length),
            Peek::NotLogin(why) => return self.turn_out(now, conn, Refused::NotALogon, &why),
        };
        let member = self.by_name.get(login.username).copied();
        let question = Question {
            conn,
            address: peer.ip(),
            member: member.filter(|&index| may_be_at(index)),
            frame: &input[..length],
            name: login.username,
            certificate: None,
        };
        match self.authenticator.ask(Nanos(now), &question) {
            Ok(()) => {}
            Err(Busy::Full) => self.crowded = true,
            Err(Busy::Locked(_)) => self.refuse(now, conn, Refused::LockedOut, None),
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

    /// One answer for an unknown user and a wrong password: neither tells which users there are.
    fn conclude(&mut self, now: u64, conn: ConnId, member: Option<usize>) {
        let Some(index) = member else { return self.refuse(now, conn, Refused::Credentials, None) };
        if let Some(other) = index.checked_sub(self.members.len()) {
            let at = self.elsewhere.get(other).map(|other| other.gateway.as_str()).unwrap_or_default();
            let why = format!("this session is served by another gateway: connect to {at}");
            return self.refuse(now, conn, Refused::Elsewhere, Some(&why));
        }
        let state = self.state();
        let member = &mut self.members[index];
        let not_now = if member.conn.is_some() {
            Some((Refused::AlreadyUp, "this session is logged in already"))
        } else if member.disabled {
            Some((Refused::Disabled, "this session is disabled by an operator"))
        } else if self.entry.draining {
            Some((Refused::Draining, "the venue is shutting down"))
        } else {
            None
        };
        if let Some((refused, why)) = not_now {
            return self.refuse(now, conn, refused, Some(why));
        }
        let Some(peer) = self.transport.peer(conn) else { return };
        let Some((input, output)) = self.transport.split(conn) else { return };
        // As it was when it was asked about: nothing of it was used up.
        let mut soup = Server::new(self.times, Nanos(now));
        let (used, _) = soup.receive(Nanos(now), input);
        match soup.accept(Nanos(now), &member.sequence, output) {
            Ok(next) => {
                if self.member_lines.takes(now) {
                    info!(session = member.name, %peer, next, "logged in");
                }
                member.came(now, conn, peer, soup);
                if state != VenueState::Open {
                    member.say(Nanos(now), Class::Notice, &status(now, state), output);
                }
                self.board.logons.add(1);
                self.transport.consume(conn, used);
                self.parties.set(conn, Party::Member(index));
                self.tell(index, Kind::SessionUp, self.links.joined());
                self.serve(now, index);
            }
            Err(why) => self.turn_out(now, conn, Refused::Unacceptable, &why.to_string()),
        }
    }

    /// Closes a connection whose login is not taken; who has proved to be somebody is told why in words.
    fn refuse(&mut self, now: u64, conn: ConnId, refused: Refused, words: Option<&str>) {
        let Some((input, output)) = self.transport.split(conn) else { return };
        let Peek::Login(login, _) = peek(input) else { return };
        let why = words.unwrap_or("unknown user or wrong password, or too many of them");
        let why = format!("login of {} refused: {why}", login.username.escape_ascii());
        if let Some(words) = words {
            packet::write(kind::DEBUG, words.as_bytes(), output);
        }
        packet::write_login_rejected(RejectReason::NotAuthorized, output);
        self.turn_out(now, conn, refused, &why);
    }

    /// Closes a connection that has not become a member's.
    fn turn_out(&mut self, now: u64, conn: ConnId, refused: Refused, why: &str) {
        self.board.refused.add(refused);
        if self.log_budget.takes(now)
            && let Some(peer) = self.transport.peer(conn)
        {
            warn!(%peer, why, "connection closed");
        }
        self.transport.close(conn, now);
        self.parties.set(conn, Party::Nobody);
    }
}
