//! What operators ask of sessions, and the figures that they are told; all of it when the worker keeps house.

use tracing::{info, warn};
use wire::fix::session::State;

use super::{Worker, members::Member};
use crate::{
    board::{Standing, Sums},
    control::{Ask, SessionState, Told},
    transport::Transport,
};

/// How long rates are counted.
const SECOND_NS: u64 = 1_000_000_000;

impl Worker {
    pub(super) fn attend_to_operator(&mut self, now: u64) {
        while let Some(ask) = self.desk.next() {
            let told = self.answer(now, ask);
            self.desk.tell(told);
        }
        if now >= self.figures_due {
            self.figures_due = now.saturating_add(SECOND_NS);
            self.publish_figures();
        }
        for member in &mut self.members {
            member.figures.tell_of_cancels(now, &member.comp_id);
        }
    }

    /// Counts, and puts on the board what is summed over members.
    fn publish_figures(&mut self) {
        let mut sums = Sums::default();
        for (member, board) in self.members.iter_mut().zip(&self.board.sessions) {
            member.count();
            let waiting = member.conn.and_then(|conn| self.transport.split(conn));
            let waiting = waiting.map_or(0, |(_, output)| output.len() as u64);
            let (session, throttled) = (&member.session, member.throttle.refused);
            sums.add(session.traffic(), throttled, session.forgotten(), waiting);
            member.figures.publish(board, member.conn.is_some(), waiting, throttled);
        }
        sums.publish(&self.board);
    }

    /// Puts on the board how things stand.
    pub(super) fn publish_state(&mut self, now: u64) {
        let standing = Standing {
            matcher: !self.links.there().is_empty(),
            informed: self.links.are_informed(),
            draining: self.drain_since.is_some(),
            busy: !self.links.busy().is_empty(),
            busy_times: self.links.busy_times(),
            held: self.links.held(now),
            connections: self.transport.connections(),
            strangers: self.parties.strangers(),
            bytes: self.transport.bytes(),
            lines_left_out: self.log_budget.lost + self.member_lines.lost,
            losses: self.market.losses(),
        };
        standing.publish(&self.board);
    }

    fn answer(&mut self, now: u64, ask: Ask) -> Told {
        let name = match &ask {
            Ask::List => {
                return Told::Sessions((0..self.members.len()).map(|i| self.state(now, i)).collect());
            }
            Ask::Disconnect(name, _)
            | Ask::Reset(name)
            | Ask::Disable(name)
            | Ask::Enable(name)
            | Ask::Throttle(name, _) => name,
        };
        let Some(index) = self.members.iter().position(|member| member.comp_id == *name) else {
            return Told::Unknown(name.clone());
        };
        let member = &mut self.members[index];
        let connected = member.conn.is_some();
        match ask {
            Ask::Disconnect(name, _) if !connected => {
                Told::Refused(format!("session {name} is not connected"), "nothing is to be done")
            }
            Ask::Disconnect(name, text) => {
                self.log_out(now, index, &text);
                Told::Done(format!("session {name} is logged out"))
            }
            Ask::Reset(name) if connected => Told::Refused(
                format!("session {name} is connected"),
                "disconnect it first, or have its client log on with ResetSeqNumFlag (141)",
            ),
            Ask::Reset(name) => {
                warn!(session = name, "an operator has reset its numbers");
                member.session.set_numbers(1, 1);
                Told::Done(format!("the numbers of session {name} begin at 1"))
            }
            Ask::Disable(name) => {
                warn!(session = name, "an operator has disabled it");
                member.disabled = true;
                self.log_out(now, index, "the session is disabled by an operator");
                Told::Done(format!("session {name} is disabled until it is enabled or the gateway restarts"))
            }
            Ask::Enable(name) => {
                info!(session = name, "an operator has enabled it");
                member.disabled = false;
                Told::Done(format!("session {name} is enabled"))
            }
            Ask::Throttle(name, to) => {
                let limits = member.throttle.set(to);
                warn!(session = name, ?limits, "an operator has set what it may send");
                Told::throttled(&name, limits)
            }
            Ask::List => Told::Sessions(Vec::new()),
        }
    }

    fn log_out(&mut self, now: u64, index: usize, text: &str) {
        let member = &mut self.members[index];
        if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
            member.session.logout(wire::types::Nanos(now), text.as_bytes(), output);
        }
    }

    fn state(&mut self, now: u64, index: usize) -> SessionState {
        let member = &mut self.members[index];
        let output = member.conn.and_then(|conn| self.transport.split(conn));
        let queue_bytes = output.map_or(0, |(_, output)| output.len());
        let layer = member.session.config();
        let state = match member.session.state() {
            _ if member.conn.is_none() => "away",
            State::LoggedOn => "logged on",
            State::AwaitingLogout | State::Closed(_) => "logging out",
            State::Disconnected | State::AwaitingLogon => "logging on",
        };
        SessionState {
            comp_id: member.comp_id.clone(),
            venue_comp_id: layer.sender_comp_id.clone(),
            version: layer.version.name(),
            state,
            disabled: member.disabled,
            peer: (member.peer.port() != 0).then_some(member.peer),
            since: member.figures.since,
            next_in: member.session.next_in(),
            next_out: member.session.next_out(),
            messages: member.figures.messages,
            rates: member.figures.rates,
            queue_bytes,
            resending: member.session.is_resending(),
            limits: member.throttle.used(now).collect(),
            throttled: member.throttle.refused,
            ended: member.figures.ended.clone(),
            cancelled: member.figures.cancels(),
        }
    }
}

impl Member {
    fn count(&mut self) {
        self.figures.count([self.session.next_in(), self.session.next_out()]);
    }
}
