//! What operators ask of sessions, and the figures that they are told; all of it when the worker keeps house.

use tracing::{info, warn};
use wire::sequenced::Messages;

use super::Worker;
use crate::{
    board::{Ended, Standing, Sums},
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
            member.figures.tell_of_cancels(now, &member.name);
        }
    }

    /// Counts, and puts on the board what is summed over members.
    fn publish_figures(&mut self) {
        let mut sums = Sums::default();
        for (member, board) in self.members.iter_mut().zip(&self.board.sessions) {
            member.count();
            let waiting = member.conn.and_then(|conn| self.transport.split(conn));
            let waiting = waiting.map_or(0, |(_, output)| output.len() as u64);
            let throttled = member.throttled();
            sums.add(&member.traffic, throttled, member.sequence.forgotten(), waiting);
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
            losses: self.books.losses(),
        };
        standing.publish(&self.board);
    }

    fn answer(&mut self, now: u64, ask: Ask) -> Told {
        let name = match &ask {
            Ask::List => {
                return Told::Sessions((0..self.members.len()).map(|i| self.shown(now, i)).collect());
            }
            Ask::Disconnect(name, _)
            | Ask::Reset(name)
            | Ask::Disable(name)
            | Ask::Enable(name)
            | Ask::Throttle(name, _) => name,
        };
        let Some(index) = self.members.iter().position(|member| member.name == *name) else {
            return Told::Unknown(name.clone());
        };
        let member = &mut self.members[index];
        let connected = member.conn.is_some();
        match ask {
            Ask::Disconnect(name, _) if !connected => {
                Told::Refused(format!("session {name} is not connected"), "nothing is to be done")
            }
            Ask::Disconnect(name, text) => {
                self.end_with(now, index, Ended::LoggedOut, &text);
                Told::Done(format!("session {name} is logged out"))
            }
            Ask::Reset(name) if member.is_behind() => Told::Refused(
                format!("session {name} has not been sent all its messages"),
                "ask again when it has, or disconnect it first",
            ),
            Ask::Reset(name) => {
                warn!(session = name, "an operator has reset its numbers");
                self.begin_anew(
                    now,
                    index,
                    "an operator has ended this session: the next one's numbers begin at 1",
                );
                Told::Done(format!("the numbers of session {name} begin at 1"))
            }
            Ask::Disable(name) => {
                warn!(session = name, "an operator has disabled it");
                member.disabled = true;
                self.end_with(now, index, Ended::LoggedOut, "the session is disabled by an operator");
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

    fn shown(&mut self, now: u64, index: usize) -> SessionState {
        let member = &mut self.members[index];
        let output = member.conn.and_then(|conn| self.transport.split(conn));
        let queue_bytes = output.map_or(0, |(_, output)| output.len());
        SessionState {
            comp_id: member.name.clone(),
            venue_comp_id: String::new(),
            version: "SBE",
            state: if member.conn.is_some() { "logged on" } else { "away" },
            disabled: member.disabled,
            peer: (member.peer.port() != 0).then_some(member.peer),
            since: member.figures.since,
            next_in: member.received + 1,
            next_out: member.sequence.next(),
            messages: member.figures.messages,
            rates: member.figures.rates,
            queue_bytes,
            resending: member.is_behind(),
            limits: member.throttle.used(now).collect(),
            throttled: member.throttled(),
            ended: member.figures.ended.clone(),
            cancelled: member.figures.cancels(),
        }
    }
}
