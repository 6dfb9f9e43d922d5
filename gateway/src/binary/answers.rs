//! Answers that were made of those of several shards, to the sessions that asked.

use tracing::error;
use wire::{
    event::Event,
    instrument::Instrument,
    limits::SOUP_MESSAGE_BYTES_MAX,
    reject::Reject,
    sbe,
    types::{Nanos, SessionId},
};

use super::members::Member;
use crate::{board::Board, places::Places, session_store::EventMark, transport::Transport};

/// What is needed to tell sessions something.
pub(super) struct Answering<'a, T> {
    pub(super) instruments: &'a [Instrument],
    pub(super) places: &'a Places,
    pub(super) members: &'a mut [Member],
    pub(super) transport: &'a mut T,
    pub(super) nowhere: &'a mut Vec<u8>,
    pub(super) report: &'a mut [u8; SOUP_MESSAGE_BYTES_MAX],
    pub(super) board: &'a Board,
}

impl<T: Transport> Answering<'_, T> {
    /// Tells `session` what there is to tell for the event `mark`, perhaps nothing. Killed before the last of it is kept, the
    /// gateway that takes over is given the event again.
    pub(super) fn tell_for(&mut self, now: u64, session: SessionId, mark: EventMark, answers: &[Event]) {
        let Some(member) = self.members.get_mut(self.places.of(session)) else { return };
        if member.sequence.has_taken(mark) {
            return;
        }
        match answers.split_last() {
            None => member.sequence.pass_over(mark),
            Some((last, others)) => {
                others.iter().for_each(|answer| self.tell(now, answer, None));
                self.tell(now, last, Some(mark));
            }
        }
    }

    /// Tells the session of `answer`, which is kept as what is told for `mark` if that is one.
    pub(super) fn tell(&mut self, now: u64, answer: &Event, mark: Option<EventMark>) {
        let Some(member) = self.members.get_mut(self.places.of(answer.session)) else { return };
        // Of an answer that is about no instrument it is not looked at.
        let Some(instrument) = self.instruments.get(answer.instrument.0 as usize) else { return };
        if answer.reject != Reject::None {
            self.board.rejects.add(answer.reject);
        }
        match sbe::encode_event(answer, instrument, &mut self.report[..]) {
            Ok(length) => {
                let output = member.conn.and_then(|conn| self.transport.split(conn));
                let output = output.map_or(&mut *self.nowhere, |(_, output)| output);
                member.report(Nanos(now), mark, &self.report[..length], output);
            }
            Err(why) => {
                if let Some(mark) = mark {
                    member.sequence.pass_over(mark);
                }
                self.board.unreportable.add(1);
                error!(session = member.name, event = answer.event_id, %why, "an answer cannot be said");
            }
        }
    }
}
