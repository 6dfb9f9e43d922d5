//! Reports asked for by their numbers in their stream: ApplicationMessageRequest (BW) read, its answer
//! (BX, ApplicationMessageRequestAck) and ApplicationMessageReport (BY) written.
//!
//! A stream is what [`Stream`](super::report::Stream) numbers. None of this is on the path of an order.

use super::{
    encode::Body,
    message::Message,
    refusal::{BusinessReject, Refusal, SessionReject, SessionRejectReason as Why},
    report::ECHO_BYTES_MAX,
    value,
};
use crate::types::Nanos;

/// ApplicationMessageRequest (BW).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplicationMessageRequest<'b> {
    /// ApplReqID (1346).
    pub id: &'b [u8],
    /// ApplReqType (1347): one of those that FIX has.
    pub kind: u8,
    /// RefApplID (1355) of the first stream named, if there is one.
    pub stream: Option<&'b [u8]>,
    /// ApplBegSeqNum (1182); 0 if there is none.
    pub first: u64,
    /// ApplEndSeqNum (1183); 0 is all there are.
    pub last: u64,
    /// NoApplIDs (1351): how many streams it names. One is offered.
    pub streams: u64,
}

impl<'b> ApplicationMessageRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"BW";
    /// ApplReqType: reports again.
    pub const RETRANSMISSION: u8 = b'0';
    /// ApplReqType: how far the stream is.
    pub const LAST_SEQ_NUM: u8 = b'2';
    /// ApplReqType: which streams there are.
    pub const APPLICATIONS: u8 = b'3';
    /// ApplReqType: no more of a retransmission.
    pub const CANCEL: u8 = b'5';

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it, or asks for reports of no stream.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let required = |tag| message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag));
        let number = |tag| match message.find(tag).map(value::unsigned) {
            None => Ok(0),
            Some(Some(number)) => Ok(number),
            Some(None) => Err(SessionReject::about(Why::IncorrectDataFormat, tag)),
        };
        let request = ApplicationMessageRequest {
            id: required(1346)?,
            kind: required(1347)?.first().copied().unwrap_or_default(),
            stream: message.find(1355),
            first: number(1182)?,
            last: number(1183)?,
            streams: number(1351)?,
        };
        if request.kind == Self::RETRANSMISSION && request.stream.is_none() {
            return Err(BusinessReject::conditional(1355).into());
        }
        Ok(request)
    }
}

/// What an ApplicationMessageRequestAck (BX) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The reports of these numbers follow; `missing` says why not all that were asked for.
    Follows {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
        /// Text (58) where some are not there.
        missing: Option<&'a str>,
    },
    /// There is nothing to follow.
    Done,
    /// The session has no such stream.
    NoStream,
    /// It is not carried out; why, and what to do.
    Refused(&'a str),
}

impl Answer<'_> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"BX";

    /// Writes the answer to `request`, about these streams of the session and the number of the last report of each. Unless
    /// there is nothing to follow, it is one.
    pub fn encode(
        &self,
        now: Nanos,
        request: &ApplicationMessageRequest<'_>,
        streams: &[(&[u8], u64)],
        body: &mut Body<'_>,
    ) {
        body.int(b"1353=", now.0);
        body.field(b"1346=", cut(request.id));
        body.char(b"1347=", request.kind);
        let (response, error, text) = match *self {
            Answer::Follows { missing, .. } => (b'0', missing.map(|_| b'1'), missing),
            Answer::Done => (b'0', None, None),
            Answer::NoStream => {
                (b'1', Some(b'0'), Some("the session has no such stream; ask for its own ApplID"))
            }
            Answer::Refused(why) => (b'2', Some(b'1'), Some(why)),
        };
        body.char(b"1348=", response);
        if let Answer::Follows { first, last, .. } = *self {
            body.int(b"1349=", last - first + 1);
        }
        body.int(b"1351=", streams.len() as u64);
        for &(stream, newest) in streams {
            if *self == Answer::NoStream {
                body.field(b"1355=", cut(request.stream.unwrap_or(stream)));
                continue;
            }
            body.field(b"1355=", stream);
            if let Answer::Follows { first, last, .. } = *self {
                body.int(b"1182=", first);
                body.int(b"1183=", last);
            }
            body.int(b"1357=", newest);
        }
        if let Some(error) = error {
            body.char(b"1354=", error);
        }
        if let Some(text) = text {
            body.field(b"58=", text.as_bytes());
        }
    }
}

/// What an ApplicationMessageReport (BY) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice<'a> {
    /// All that the request `id` asked for was sent, up to report `last`.
    Complete {
        /// ApplReqID (1346).
        id: &'a [u8],
        /// RefApplLastSeqNum (1357).
        last: u64,
    },
    /// The stream's numbers begin anew: the next report has this one.
    Anew(u64),
}

impl Notice<'_> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"BY";

    /// Writes it, of the stream `stream`.
    pub fn encode(&self, now: Nanos, stream: &[u8], body: &mut Body<'_>) {
        body.int(b"1356=", now.0);
        if let Notice::Complete { id, .. } = self {
            body.field(b"1346=", cut(id));
        }
        body.char(b"1426=", if matches!(self, Notice::Anew(_)) { b'0' } else { b'3' });
        body.char(b"1351=", b'1');
        body.field(b"1355=", stream);
        match *self {
            Notice::Complete { last, .. } => body.int(b"1357=", last),
            Notice::Anew(next) => body.int(b"1399=", next),
        }
    }
}

/// As much of a client's text as is repeated.
fn cut(text: &[u8]) -> &[u8] {
    &text[..text.len().min(ECHO_BYTES_MAX)]
}
