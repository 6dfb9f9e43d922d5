//! What operators ask of sessions, and the figures that they are told; all of it when the worker keeps house.

use tracing::{info, warn};
use wire::fix::session::State;

use super::{Worker, members::Member};
use crate::{
    board::Sums,
    control::{Ask, SessionState, Told},
    transport::Transport,
};

/// How long rates are counted.
const SECOND_NS: u64 = 1_000_000_000;
/// A session's cancels after a loss count as all done when none has come for so long.
const CANCELLED_NS: u64 = 100_000_000;

/// What a session has sent and been sent, and how it came and went.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// When it came or went last.
    pub(super) since: u64,
    /// Why its last connection ended.
    pub(super) ended: Option<String>,
    /// Its numbers as they were looked at last.
    numbers: [u64; 2],
    messages: [u64; 2],
    rates: [u64; 2],
    loss: Loss,
    /// Orders cancelled after all losses.
    all_cancelled: u64,
}

/// The last loss of a connection, and the cancels that came of it.
#[derive(Debug, Default)]
struct Loss {
    at: u64,
    cancelled: u64,
    last: u64,
    told: bool,
}

impl Figures {
    /// Beginning with these numbers.
    pub(super) fn new(next_in: u64, next_out: u64) -> Figures {
        Figures { numbers: [next_in, next_out], ..Figures::default() }
    }

    pub(super) fn came(&mut self, now: u64) {
        self.since = now;
    }

    pub(super) fn went(&mut self, now: u64, why: String) {
        self.since = now;
        self.ended = Some(why);
        self.loss = Loss { at: now, ..Loss::default() };
    }

    /// An order of it was cancelled because its connection was lost.
    pub(super) fn cancelled(&mut self, now: u64) {
        self.loss.cancelled += 1;
        self.all_cancelled += 1;
        self.loss.last = now;
        self.loss.told = false;
    }

    /// Counts by how much its numbers have grown. Where they have begun anew, by what they are since.
    fn count(&mut self, numbers: [u64; 2]) {
        for (place, number) in numbers.into_iter().enumerate() {
            let before = self.numbers[place];
            let grown = if number >= before { number - before } else { number.saturating_sub(1) };
            self.numbers[place] = number;
            self.messages[place] += grown;
            self.rates[place] = grown;
        }
    }
}

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
            let loss = &mut member.figures.loss;
            if loss.cancelled > 0 && !loss.told && now >= loss.last.saturating_add(CANCELLED_NS) {
                loss.told = true;
                let (orders, took_ns) = (loss.cancelled, loss.last.saturating_sub(loss.at));
                info!(
                    session = member.comp_id,
                    orders, took_ns, "cancelled on disconnect; the time is from the loss to the last report"
                );
            }
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
            let Figures { messages: [received, sent], ref loss, all_cancelled, .. } = member.figures;
            board.connected.set(member.conn.is_some().into());
            board.received.set(received);
            board.sent.set(sent);
            board.output_waiting.set(waiting);
            board.throttled.set(throttled);
            board.cancelled.set(all_cancelled);
            if loss.cancelled > 0 {
                board.cancelled_ns.set(loss.last.saturating_sub(loss.at));
            }
        }
        sums.publish(&self.board);
    }

    /// Puts on the board how things stand.
    pub(super) fn publish_state(&self) {
        let board = &self.board;
        board.matcher.set(self.matcher_there.into());
        board.informed.set(self.informed.into());
        board.draining.set(self.drain_since.is_some().into());
        board.listening.set(self.drain_since.is_none().into());
        board.open.set(self.transport.connections() as u64);
        board.unauthenticated.set(self.strangers_count as u64);
        let [received, sent] = self.transport.bytes();
        board.bytes_received.set(received);
        board.bytes_sent.set(sent);
        board.lines_left_out.set(self.log_budget.lost);
        let losses = self.market.losses();
        board.feed_overruns.set(losses.overruns);
        board.not_records.set(losses.not_records);
        board.books_too_deep.set(losses.too_deep);
    }

    fn answer(&mut self, now: u64, ask: Ask) -> Told {
        let name = match &ask {
            Ask::List => {
                return Told::Sessions((0..self.members.len()).map(|i| self.state(now, i)).collect());
            }
            Ask::Disconnect(name, _) | Ask::Reset(name) | Ask::Disable(name) | Ask::Enable(name) => name,
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
        let Figures { since, ref ended, messages, rates, ref loss, .. } = member.figures;
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
            since,
            next_in: member.session.next_in(),
            next_out: member.session.next_out(),
            messages,
            rates,
            queue_bytes,
            resending: member.session.is_resending(),
            limits: member.throttle.used(now).collect(),
            throttled: member.throttle.refused,
            ended: ended.clone(),
            cancelled: (loss.cancelled > 0).then(|| (loss.cancelled, loss.last.saturating_sub(loss.at))),
        }
    }
}

impl Member {
    fn count(&mut self) {
        self.figures.count([self.session.next_in(), self.session.next_out()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_by_their_numbers_whether_these_begin_anew_or_not() {
        let mut figures = Figures::new(5, 8);
        figures.count([7, 8]);
        assert_eq!((figures.messages, figures.rates), ([2, 0], [2, 0]));
        figures.count([3, 2]);
        assert_eq!((figures.messages, figures.rates), ([4, 1], [2, 1]));
        figures.count([3, 2]);
        assert_eq!((figures.messages, figures.rates), ([4, 1], [0, 0]));
    }

    #[test]
    fn a_loss_takes_the_time_to_its_last_cancel() {
        let mut figures = Figures::default();
        figures.went(100, "lost".into());
        figures.cancelled(150);
        figures.cancelled(180);
        assert_eq!((figures.loss.cancelled, figures.loss.last - figures.loss.at), (2, 80));
        figures.came(200);
        assert_eq!(figures.loss.cancelled, 2, "it is told until the next loss");
        figures.went(300, "lost".into());
        assert_eq!((figures.since, figures.loss.cancelled), (300, 0));
    }
}
