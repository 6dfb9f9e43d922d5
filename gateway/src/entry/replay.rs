//! Reports again, by their numbers in their stream: out of the session's store, as new messages.

use wire::{
    fix::{
        replay::{Answer, ApplicationMessageRequest, Notice},
        session::{RESEND_CHUNK, RESEND_OUTPUT_MAX},
    },
    types::Nanos,
};

use super::{Session, Streams};
use crate::links::SHARDS;

const NONE_THERE: &str = "there are no such reports, or not any more; ask for the status of orders (H)";
const SOME_GONE: &str = "earlier reports are not kept any more; ask for the status of orders (H)";
const UNDER_WAY: &str = "another request's reports are still being sent; wait for its ApplicationMessageReport, or \
                         cancel it (ApplReqType 5)";
const ONE_STREAM: &str = "one stream at a time; ask for the next when its ApplicationMessageReport has come";
const NOT_OFFERED: &str = "this ApplReqType is not offered; reports come without a subscription";

/// What a session has been promised and not been sent yet. It is forgotten with the connection: the client knows how far it
/// got.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// Of which shard's stream, the next report, and the last.
    range: Option<(usize, u64, u64)>,
    /// ApplReqID of the request.
    id: Vec<u8>,
}

impl Replay {
    /// Whether there is more to be sent.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.range.is_some()
    }

    /// Sends nothing more.
    pub(crate) const fn stop(&mut self) {
        self.range = None;
    }

    /// Answers `request`, and begins what it asks for of one of the session's streams.
    pub(crate) fn take(
        &mut self,
        now: Nanos,
        request: &ApplicationMessageRequest<'_>,
        streams: &Streams,
        session: &mut Session,
        output: &mut Vec<u8>,
    ) {
        let named = request.stream.map(|name| streams.find(name));
        let shard = named.flatten().unwrap_or_default();
        let answer = match named {
            Some(None) => Answer::NoStream,
            _ => self.answer(request, shard, session),
        };
        if let Answer::Follows { first, last, .. } = answer {
            self.range = Some((shard, first, last));
            self.id.clear();
            self.id.extend_from_slice(request.id);
        }
        let all: [(&[u8], u64); SHARDS] =
            std::array::from_fn(|shard| (streams.name(shard), session.store().last_report(shard)));
        // Who names none is told of all.
        let about = if named.is_some() { shard..shard + 1 } else { 0..streams.len() };
        session.send(now, Answer::MSG_TYPE, output, |body| {
            answer.encode(now, request, &all[about], body);
        });
    }

    fn answer(
        &mut self,
        request: &ApplicationMessageRequest<'_>,
        shard: usize,
        session: &Session,
    ) -> Answer<'static> {
        if request.streams > 1 {
            return Answer::Refused(ONE_STREAM);
        }
        match request.kind {
            ApplicationMessageRequest::RETRANSMISSION if self.is_under_way() => Answer::Refused(UNDER_WAY),
            ApplicationMessageRequest::RETRANSMISSION => {
                let newest = session.store().last_report(shard);
                let last = if request.last == 0 { newest } else { request.last.min(newest) };
                match session.store().report_number(shard, request.first) {
                    Some(first) if first <= last => {
                        let missing = (first > request.first.max(1)).then_some(SOME_GONE);
                        Answer::Follows { first, last, missing }
                    }
                    _ => Answer::Refused(NONE_THERE),
                }
            }
            ApplicationMessageRequest::LAST_SEQ_NUM | ApplicationMessageRequest::APPLICATIONS => Answer::Done,
            ApplicationMessageRequest::CANCEL => {
                self.stop();
                Answer::Done
            }
            _ => Answer::Refused(NOT_OFFERED),
        }
    }

    /// Sends as much as is good at once; whether that was anything.
    pub(crate) fn poll(
        &mut self,
        now: Nanos,
        streams: &Streams,
        session: &mut Session,
        output: &mut Vec<u8>,
    ) -> bool {
        let Some((shard, mut next, last)) = self.range else { return false };
        let first = next;
        for _ in 0..RESEND_CHUNK {
            if output.len() >= RESEND_OUTPUT_MAX {
                break;
            }
            // The stream has begun anew, or what was left has had to go meanwhile: there is no more.
            let found = session.store().report_number(shard, next).filter(|&found| found <= last);
            if found.is_none() || session.send_report_again(now, shard, next, output).is_none() {
                let notice = Notice::Complete { id: &self.id, last: next - 1 };
                let stream = streams.name(shard);
                session.send(now, Notice::MSG_TYPE, output, |body| notice.encode(now, stream, body));
                self.stop();
                return true;
            }
            next = found.map_or(next, |found| found + 1);
        }
        self.range = Some((shard, next, last));
        next > first
    }
}

/// Tells a client that the numbers of its stream begin anew, at `appl_seq`: those of a matcher without a past do.
#[cold]
pub(crate) fn tell_anew(
    now: Nanos,
    appl_seq: u64,
    stream: &[u8],
    session: &mut Session,
    output: &mut Vec<u8>,
) {
    session.send(now, Notice::MSG_TYPE, output, |body| Notice::Anew(appl_seq).encode(now, stream, body));
}
