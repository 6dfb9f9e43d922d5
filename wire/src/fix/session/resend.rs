//! Gaps: asking for what was missed, and giving again what the peer missed.

use super::{Session, State, Store};
use crate::{
    fix::{
        message::Message,
        refusal::{SessionReject, SessionRejectReason as Why},
        value,
    },
    limits::{FIX_MESSAGE_BYTES_MAX, OUTPUT_BYTES_MIN},
    types::Nanos,
};

/// Messages resent by one call; the rest waits for [`Session::poll_resend`].
pub const RESEND_CHUNK: usize = 32;
/// Bytes of output from which on a resend waits for the peer to read: one that asks for much and reads slowly is not to
/// be cut off for what it asked for, nor to make us set aside more than this for it. Half of what a session may always
/// have waiting, so that there is room for one more message and for new reports.
pub const RESEND_OUTPUT_MAX: usize = OUTPUT_BYTES_MIN as usize / 2;
const _: () = assert!(RESEND_OUTPUT_MAX + FIX_MESSAGE_BYTES_MAX < OUTPUT_BYTES_MIN as usize);
/// The highest number that a peer may move its own to. It would take us thousands of years to count there, and there is room
/// above it for whatever follows.
const NEW_SEQ_NO_MAX: u64 = 1 << 62;
/// How long the peer may take to begin to fill a gap before it is asked again, in nanoseconds.
const RETRY: u64 = 30 * super::SECOND;

/// What we have asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// The last number that was missing when we asked.
    last: u64,
    /// When we asked, or when the gap was last seen to shrink.
    moved: Nanos,
}

impl<S: Store> Session<S> {
    /// Goes on resending what the peer asked for: one bounded chunk, and none while `out` has much that the peer has
    /// not read. Gives whether there is more, for a later call. New messages may be sent in between: their numbers
    /// say where they belong, and the peer keeps them or asks for them.
    pub fn poll_resend(&mut self, now: Nanos, out: &mut Vec<u8>) -> bool {
        if !matches!(self.state, State::LoggedOn | State::AwaitingLogout) {
            return false;
        }
        for _ in 0..RESEND_CHUNK {
            if out.len() >= RESEND_OUTPUT_MAX {
                break;
            }
            let Some((next, last)) = self.resend else { break };
            let next = match self.store.from(next).map(|stored| stored.seq) {
                Some(seq) if seq == next => {
                    self.send_again(now, next, out);
                    next + 1
                }
                found => {
                    // Administrative messages are never resent, forgotten ones cannot be: one gap fill for all
                    // until the next that can.
                    let next_kept = found.map_or(last + 1, |seq| seq.min(last + 1));
                    self.send_gap_fill(now, next, next_kept, out);
                    next_kept
                }
            };
            self.resend = (next <= last).then_some((next, last));
        }
        self.resend.is_some()
    }

    /// Whether the peer has asked for more than it has been sent.
    #[must_use]
    pub const fn is_resending(&self) -> bool {
        self.resend.is_some()
    }

    /// Message `seq` came, and what is before it is missing: asks for it, once for each gap.
    pub(super) fn ask_again(&mut self, now: Nanos, seq: u64, out: &mut Vec<u8>) {
        if self.gap.is_some_and(|gap| now.since(gap.moved) < RETRY) {
            return;
        }
        self.has_asked(now, seq);
        let from = self.next_in;
        self.send_admin(now, b"2", out, |body| {
            body.int(b"7=", from);
            body.char(b"16=", b'0'); // all that there is
        });
    }

    /// The peer knows that what is before message `seq` is missing.
    pub(super) fn has_asked(&mut self, now: Nanos, seq: u64) {
        self.gap = Some(Gap { last: seq - 1, moved: now });
    }

    /// The next number expected has moved.
    pub(super) fn fill_gap(&mut self, now: Nanos) {
        let next_in = self.next_in;
        self.gap = self.gap.filter(|gap| next_in <= gap.last).map(|gap| Gap { moved: now, ..gap });
    }

    /// The peer asks for messages again.
    pub(super) fn resend_request(&mut self, now: Nanos, message: &Message<'_>, out: &mut Vec<u8>) {
        match self.asked_for(message) {
            Ok((first, last)) => self.resend_range(now, first, last, out),
            Err(reject) => self.send_reject(now, message, reject, out),
        }
    }

    /// The peer needs messages `first` to `last` again.
    pub(super) fn resend_range(&mut self, now: Nanos, first: u64, last: u64, out: &mut Vec<u8>) {
        // A request while another is being answered: both, as one range, and no chunk of its own. However many come in a
        // row, each costs no more than its reading.
        match self.resend {
            Some((next, end)) => self.resend = Some((next.min(first), end.max(last))),
            None => {
                self.resend = Some((first, last));
                self.poll_resend(now, out);
            }
        }
    }

    fn asked_for(&self, message: &Message<'_>) -> Result<(u64, u64), SessionReject> {
        message.check()?;
        let number = |tag| {
            let text = message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag))?;
            value::unsigned(text).ok_or(SessionReject::about(Why::IncorrectDataFormat, tag))
        };
        let (first, last) = (number(7)?, number(16)?);
        let newest = self.next_out - 1;
        // 0 is "to infinity"; up to FIX 4.2 that was 999999.
        let last = if last == 0 || last == 999_999 { newest } else { last.min(newest) };
        if first == 0 || first > last {
            return Err(SessionReject::about(Why::ValueIncorrect, 7));
        }
        Ok((first, last))
    }

    /// SequenceReset with GapFillFlag, in turn.
    pub(super) fn gap_fill(&mut self, now: Nanos, message: &Message<'_>) -> Result<(), SessionReject> {
        let new = new_seq_no(message)?;
        if new <= self.next_in {
            // Its number is not counted: what it says of the next one would then be too low.
            return Err(SessionReject::plain(Why::ValueIncorrect));
        }
        self.next_in = new;
        self.fill_gap(now);
        Ok(())
    }

    /// SequenceReset without GapFillFlag: its own number means nothing.
    pub(super) fn sequence_reset<'b>(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) -> super::Input<'b> {
        let fault = message.fault.map_or_else(|| new_seq_no(message), Err).and_then(|new| {
            if new < self.next_in {
                return Err(SessionReject::plain(Why::ValueIncorrect));
            }
            self.next_in = new;
            self.fill_gap(now);
            Ok(())
        });
        if let Err(reject) = fault {
            self.send_reject(now, message, reject, out);
        }
        super::Input::Handled
    }
}

fn new_seq_no(message: &Message<'_>) -> Result<u64, SessionReject> {
    message.check()?;
    let text = message.find(36).ok_or(SessionReject::about(Why::RequiredTagMissing, 36))?;
    let new = value::unsigned(text).ok_or(SessionReject::about(Why::IncorrectDataFormat, 36))?;
    if new > NEW_SEQ_NO_MAX { Err(SessionReject::about(Why::ValueIncorrect, 36)) } else { Ok(new) }
}
