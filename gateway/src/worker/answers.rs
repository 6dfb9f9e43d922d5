//! Answers that were made of those of several shards, to the sessions that asked.

use wire::{
    event::Event,
    reject::Reject,
    types::{Nanos, SessionId, shard_of},
};

use super::members::Member;
use crate::{board::Board, entry::Entry, places::Places, session_store::EventMark, transport::Transport};

/// What is needed to tell sessions something.
pub(super) struct Answering<'a, T> {
    pub(super) entry: &'a Entry,
    pub(super) places: &'a Places,
    pub(super) members: &'a mut [Member],
    pub(super) transport: &'a mut T,
    pub(super) nowhere: &'a mut Vec<u8>,
    pub(super) board: &'a Board,
}

impl<T: Transport> Answering<'_, T> {
    /// Tells `session` what there is to tell for the event `mark`, perhaps nothing. Killed before the last of it is kept, the
    /// gateway that takes over is given the event again.
    pub(super) fn tell_for(mut self, now: u64, session: SessionId, mark: EventMark, answers: &[Event]) {
        let Some(member) = self.members.get_mut(self.places.of(session)) else { return };
        if member.session.store().has_taken(mark) {
            return;
        }
        match answers.split_last() {
            None => member.session.store_mut().take(mark),
            Some((last, others)) => {
                others.iter().for_each(|answer| self.tell(now, answer, None));
                self.tell(now, last, Some(mark));
            }
        }
    }

    /// Tells the session of `answer`, which is kept as what is told for `mark` if that is one.
    pub(super) fn tell(&mut self, now: u64, answer: &Event, mark: Option<EventMark>) {
        let Some(member) = self.members.get_mut(self.places.of(answer.session)) else { return };
        let output = member.conn.and_then(|conn| self.transport.split(conn));
        let output = output.map_or(&mut *self.nowhere, |(_, output)| output);
        let store = member.session.store_mut();
        if let Some(mark) = mark {
            store.take(mark);
            store.answered(mark.shard, answer.msg_seq);
        }
        let shard = mark.map_or(0, |mark| mark.shard);
        if answer.reject != Reject::None {
            self.board.rejects.add(answer.reject);
        }
        // A balance is told under the name of the stream of the shard that has it, without a number.
        let stamps = member.stamps;
        let stream = member.streams.of(shard_of(answer.event_id).into());
        self.entry.report(Nanos(now), (shard, answer), stream, stamps, &mut member.session, output);
        self.nowhere.clear();
    }
}
