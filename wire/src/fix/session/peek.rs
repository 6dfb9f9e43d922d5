//! Who is knocking: a connection's first message, before it is known which session it is for.

use super::CloseReason;
use crate::fix::{
    encode::Scratch,
    frame::{self, Frame},
    message::Message,
    value,
    version::Version,
};
use crate::types::Nanos;

/// What a connection's first bytes are.
#[derive(Clone, Copy, Debug)]
pub enum LogonPeek<'b> {
    /// The beginning of a message.
    NeedMore,
    /// No Logon: close, and say so in the log.
    NotLogon(CloseReason),
    /// A Logon. Nothing of it is used up: its session wants to receive it.
    Logon(Logon<'b>),
}

/// What a Logon says of who sends it.
#[derive(Clone, Copy, Debug)]
pub struct Logon<'b> {
    /// Its length in bytes.
    pub len: usize,
    /// BeginString (8).
    pub begin_string: &'b [u8],
    /// SenderCompID (49).
    pub sender: &'b [u8],
    /// TargetCompID (56).
    pub target: &'b [u8],
    /// Username (553).
    pub username: Option<&'b [u8]>,
    /// Password (554).
    pub password: Option<&'b [u8]>,
    /// HeartBtInt (108), seconds, if it is a number.
    pub heartbeat_s: Option<u64>,
    /// MsgSeqNum (34) as it was sent; nothing where it is not the number that the session will read.
    pub seq: &'b [u8],
    /// SendingTime (52) as it was sent; nothing where it is not the time that the session will read.
    pub sending_time: &'b [u8],
    /// SendingTime (52).
    pub sent: Option<Nanos>,
    /// RawData (96).
    pub raw_data: Option<&'b [u8]>,
}

/// What the beginning of a connection's bytes is.
#[must_use]
pub fn logon_of(bytes: &[u8]) -> LogonPeek<'_> {
    let len = match frame::next(bytes) {
        Frame::Incomplete => return LogonPeek::NeedMore,
        Frame::Garbled { .. } => return LogonPeek::NotLogon(CloseReason::NotLogon),
        Frame::TooLong => return LogonPeek::NotLogon(CloseReason::TooLong),
        Frame::Complete { len } => len,
    };
    let message = Message::parse(&bytes[..len]);
    if message.msg_type != b"A" {
        return LogonPeek::NotLogon(CloseReason::NotLogon);
    }
    let header = |tag: &[u8]| {
        let mut fields = bytes[..len].split(|&byte| byte == 0x01);
        fields.find_map(|field| field.strip_prefix(tag)).unwrap_or_default()
    };
    let (seq, sending_time) = (header(b"34="), header(b"52="));
    LogonPeek::Logon(Logon {
        len,
        begin_string: message.begin_string,
        sender: message.sender,
        target: message.target,
        username: message.find(553),
        password: message.find(554),
        heartbeat_s: message.find(108).and_then(value::unsigned),
        // A message may have a field twice, and is then refused: what was signed must be what counts all the same.
        seq: if value::unsigned(seq) == message.seq { seq } else { b"" },
        sending_time: if value::timestamp(sending_time) == message.sending_time { sending_time } else { b"" },
        sent: message.sending_time,
        raw_data: message.find(96),
    })
}

impl Logon<'_> {
    /// Refuses the Logon with a Logout (5) of `venue` that says why, outside of any session: its number is 1, and no
    /// session's number is used up. The connection is then to be closed.
    pub fn refuse(&self, now: Nanos, venue: &str, text: &str, out: &mut Vec<u8>) {
        let version = Version::from_begin_string(self.begin_string).unwrap_or_default();
        let mut scratch = Scratch::new(version);
        let mut body = scratch.body();
        body.char(b"35=", b'5');
        body.char(b"34=", b'1');
        body.field(b"49=", venue.as_bytes());
        body.field(b"56=", self.sender);
        body.time(b"52=", now);
        body.field(b"58=", text.as_bytes());
        let end = body.end();
        out.extend_from_slice(scratch.seal(end));
    }
}
