//! The session layer's own messages: Logon, Logout, TestRequest, Reject; and the header of all.

use std::ops::Range;

use super::{CloseReason, Config, Input, Numbers, Role, SECOND, Session, State, Store, Stored};
use crate::{
    fix::{
        encode::{Body, Ready, Scratch, decimal_digits},
        message::{Field, Message},
        refusal::{BusinessReject, BusinessRejectReason, SessionReject, SessionRejectReason as Why},
        throttle::Throttled,
        value,
        version::Version,
    },
    limits::{NAME_BYTES_MAX, TEXT_BYTES_MAX},
    traffic::Class,
    types::Nanos,
};

/// The longest HeartBtInt that makes sense, seconds: a day.
const HEARTBEAT_S_MAX: u64 = 86_400;
/// Bytes of the peer's MsgType that a reject repeats.
const TYPE_ECHO_BYTES_MAX: usize = 16;

/// The fields of FIXT 1.1 (FIX transport 1.1, volume 2), in order.
const FIXT_TAGS: [i32; 62] = [
    7, 8, 9, 10, 16, 34, 35, 36, 43, 45, 49, 50, 52, 56, 57, 58, 89, 90, 91, 93, 95, 96, 97, 98, 108, 112,
    115, 116, 122, 123, 128, 129, 141, 142, 143, 144, 145, 212, 213, 347, 354, 355, 369, 371, 372, 373, 383,
    384, 385, 464, 553, 554, 627, 628, 629, 630, 789, 1128, 1129, 1130, 1131, 1137,
];

/// `49=…|56=…|`, as it stands in every message of a session.
pub(super) type CompIds = Ready<{ 2 * (3 + NAME_BYTES_MAX + 1) }>;

pub(super) fn comp_ids(config: &Config) -> CompIds {
    CompIds::field("49=", &config.sender_comp_id).and("56=", &config.target_comp_id)
}

impl<S: Store> Session<S> {
    /// The first message of a connection.
    pub(super) fn first<'b>(&mut self, now: Nanos, message: &Message<'_>, out: &mut Vec<u8>) -> Input<'b> {
        let initiator = self.config.role == Role::Initiator;
        let same_version = message.begin_string == self.config.version.begin_string().as_bytes();
        if initiator && message.msg_type == b"5" && same_version {
            self.keep_text(message);
            self.count(message);
            return self.close(CloseReason::PeerLogout);
        }
        if message.msg_type != b"A" {
            return self.close(CloseReason::NotLogon);
        }
        // Not even a Logout for those who are not who they should be, or whose clock shows another hour.
        if !same_version || self.stranger(message).is_some() || self.untimely(now, message).is_some() {
            return self.close(CloseReason::BadLogon);
        }
        let version = self.config.version.default_appl_ver_id().map(str::as_bytes);
        let named = message.find(1137).filter(|_| version.is_some());
        if !initiator && self.config.reset_on_logon {
            self.reset();
        }
        if let Some(schedule) = &self.config.schedule {
            let Some(period) = schedule.period(now) else {
                self.count(message);
                return self.refuse_logon(now, b"the Logon is outside of the session's hours", out);
            };
            if self.store.begun() != period.start {
                self.reset();
                self.store.set_begun(period.start);
            }
            self.until = period.end;
        }
        if named != version {
            self.count(message);
            let text: &[u8] = match named {
                Some(_) => b"DefaultApplVerID (1137) must be 9, FIX 5.0 SP2",
                None if message.find(554).is_some() => {
                    b"DefaultApplVerID (1137) is missing: it must be 9, FIX 5.0 SP2"
                }
                // As QuickFIX, to those who show no password: it may be no Logon of FIXT at all.
                None => return self.close(CloseReason::BadLogon),
            };
            return self.refuse_logon(now, text, out);
        }
        let LogonFields { heartbeat, reset, next_expected } = match logon_fields(message) {
            Ok(fields) => fields,
            Err(reject) => {
                self.count(message);
                let text = match message.find(108) {
                    Some([b'-', ..]) => "HeartBtInt must not be negative",
                    _ => reject.reason.text(),
                };
                return self.refuse_logon(now, text.as_bytes(), out);
            }
        };
        let Some(seq) = message.seq else {
            return self.close(CloseReason::NoSeq);
        };
        let answers_reset = self.reset_asked;
        if reset && seq != 1 {
            return self.refuse_logon(
                now,
                b"a Logon with ResetSeqNumFlag (141) must have MsgSeqNum (34) 1",
                out,
            );
        }
        if reset && !answers_reset {
            self.reset();
        }
        if seq < self.next_in {
            let expected = self.next_in;
            self.send_admin(now, b"5", out, |body| too_low(expected, seq, body));
            return self.close(CloseReason::SeqTooLow);
        }
        // NextExpectedMsgSeqNum (FIX 4.4 volume 2, "Logon message NextExpectedMsgSeqNum processing"): each side
        // says which number it expects, and the other sends from there on without being asked. We answer it
        // where a peer uses it, and do not use it first.
        let next_expected = next_expected.filter(|_| !initiator);
        let answered_by = self.next_out;
        if let Some(expected) = next_expected.filter(|&expected| expected > answered_by) {
            let words = "Tag 789 (NextExpectedMsgSeqNum) is higher than expected. Expected ";
            self.send_admin(now, b"5", out, |body| {
                two_numbers([(words, answered_by), (", Received ", expected)], body);
            });
            return self.close(CloseReason::BadLogon);
        }
        if !initiator {
            self.heartbeat = heartbeat * SECOND;
        }
        self.state = State::LoggedOn;
        self.reset_asked = false;
        let missing = seq > self.next_in;
        if !initiator || (reset && !answers_reset) {
            let expect = if missing { self.next_in } else { seq + 1 };
            self.send_logon(now, reset, next_expected.map(|_| expect), out);
        }
        if missing {
            self.traffic.not_held += u64::from(!self.held.hold(seq, message.bytes()));
            match next_expected {
                None => self.ask_again(now, seq, out),
                Some(_) => self.has_asked(now, seq),
            }
        } else {
            self.next_in += 1;
        }
        if let Some(first) = next_expected.filter(|&expected| expected < answered_by) {
            self.resend_range(now, first, answered_by - 1, out);
        }
        Input::LoggedOn
    }

    /// A Logon while logged on may ask for a reset of both numbers, as sessions around the clock do once a day.
    pub(super) fn second_logon<'b>(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        seq: u64,
        out: &mut Vec<u8>,
    ) -> Input<'b> {
        let resets = message.find(141) == Some(b"Y") && seq == 1;
        match logon_fields(message) {
            Ok(LogonFields { heartbeat, .. }) if resets && self.state == State::LoggedOn => {
                self.reset();
                self.next_in = 2;
                self.heartbeat = heartbeat * SECOND;
                self.send_logon(now, true, None, out);
                Input::Handled
            }
            _ if seq < self.next_in && message.poss_dup => Input::Handled,
            _ => {
                self.count(message);
                self.send_logout(now, b"a Logon while logged on", out);
                self.close(CloseReason::SecondLogon)
            }
        }
    }

    pub(super) fn peer_logout<'b>(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) -> Input<'b> {
        self.keep_text(message);
        self.count(message);
        if self.state == State::AwaitingLogout {
            return self.close(CloseReason::LoggedOut);
        }
        self.send_logout(now, b"", out);
        self.close(CloseReason::PeerLogout)
    }

    pub(super) fn test_request(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), SessionReject> {
        message.check()?;
        let id = message.find(112).ok_or(SessionReject::about(Why::RequiredTagMissing, 112))?;
        self.send_admin(now, b"0", out, |body| body.field(b"112=", id));
        Ok(())
    }

    pub(super) fn send_logon(
        &mut self,
        now: Nanos,
        reset: bool,
        next_expected: Option<u64>,
        out: &mut Vec<u8>,
    ) {
        let seq = self.take_number();
        self.traffic.sent[Class::Session as usize] += 1;
        let heartbeat = self.heartbeat / SECOND;
        let Config { role, username, password, .. } = &self.config;
        let (username, password) = match role {
            Role::Initiator => (username.as_deref(), password.as_deref()),
            Role::Acceptor => (None, None),
        };
        let written = write(&self.config, &self.comp_ids, &mut self.scratch, now, b"A", seq, None, |body| {
            body.char(b"98=", b'0');
            body.int(b"108=", heartbeat);
            if reset {
                body.char(b"141=", b'Y');
            }
            if let Some(username) = username {
                body.field(b"553=", username.as_bytes());
            }
            if let Some(password) = password {
                body.field(b"554=", password.as_bytes());
            }
            if let Some(next_expected) = next_expected {
                body.int(b"789=", next_expected);
            }
            if let Some(id) = body.version().default_appl_ver_id() {
                body.field(b"1137=", id.as_bytes());
            }
        });
        self.post(now, &written, out);
    }

    pub(super) fn send_logout(&mut self, now: Nanos, text: &[u8], out: &mut Vec<u8>) {
        self.send_admin(now, b"5", out, |body| {
            if !text.is_empty() {
                body.field(b"58=", text);
            }
        });
    }

    pub(super) fn begin_logout(&mut self, now: Nanos, text: &[u8], out: &mut Vec<u8>) {
        if self.state == State::LoggedOn {
            self.send_logout(now, text, out);
            self.state = State::AwaitingLogout;
            self.since = now;
        }
    }

    pub(super) fn send_reject(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        reject: SessionReject,
        out: &mut Vec<u8>,
    ) {
        let reject = self.of_its_layer(message, reject);
        self.send_admin(now, b"3", out, |body| {
            reverse_route(message, body);
            body.int(b"45=", message.seq.unwrap_or(0));
            if let Some(tag) = reject.tag {
                body.decimal(b"371=", crate::decimal::Decimal { mantissa: tag.into(), scale: 0 });
            }
            echo_type(message, body);
            // FIX 4.2 has reasons up to this one; others it tells by Text alone, as QuickFIX does.
            if body.version() != Version::Fix42 || reject.reason.code() <= Why::InvalidMsgType.code() {
                body.int(b"373=", reject.reason.code().into());
            }
            body.field(b"58=", reject.reason.text().as_bytes());
        });
    }

    /// Messages of the session layer of FIXT are FIXT's, which does not know what FIX 5.0's applications have.
    fn of_its_layer(&self, message: &Message<'_>, reject: SessionReject) -> SessionReject {
        let foreign = self.config.version == Version::Fix50Sp2
            && reject.reason == Why::TagNotDefinedForMessage
            && message.is_of_session_layer()
            && reject.tag.is_some_and(|tag| FIXT_TAGS.binary_search(&tag).is_err());
        SessionReject { reason: if foreign { Why::InvalidTagNumber } else { reject.reason }, ..reject }
    }

    /// Sends a message that is not kept: administrative ones are never resent.
    pub(super) fn send_admin(
        &mut self,
        now: Nanos,
        msg_type: &[u8],
        out: &mut Vec<u8>,
        body: impl FnOnce(&mut Body<'_>),
    ) {
        let seq = self.take_number();
        let written = self.write(now, msg_type, seq, body);
        self.post(now, &written, out);
    }

    /// Sends the kept message `seq` once more.
    pub(super) fn send_again(&mut self, now: Nanos, seq: u64, out: &mut Vec<u8>) {
        let Some(kept) = self.store.from(seq) else { return };
        let (msg_type, first) = (kept.msg_type, Some(kept.time));
        let written =
            write(&self.config, &self.comp_ids, &mut self.scratch, now, msg_type, seq, first, |body| {
                kept_fields(&kept, body);
            });
        self.traffic.sent_again += 1;
        self.post(now, &written, out);
    }

    /// Sends the first report of `stream` that is kept of those from `appl_seq` on once more, as a new message: a possible resend
    /// (PossResend, 97) that says that it was asked for (ApplResendFlag, 1352). Gives its ApplSeqNum (1181).
    pub fn send_report_again(
        &mut self,
        now: Nanos,
        stream: usize,
        appl_seq: u64,
        out: &mut Vec<u8>,
    ) -> Option<u64> {
        let (found, kept) = self.store.report(stream, appl_seq)?;
        let kept = Stored { again: true, ..kept };
        let seq = self.next_out;
        self.next_out += 1;
        let written =
            write(&self.config, &self.comp_ids, &mut self.scratch, now, kept.msg_type, seq, None, |body| {
                kept_fields(&kept, body);
            });
        let numbers = Numbers { next_in: self.next_in, next_out: self.next_out };
        self.store.push_again(seq, now, stream, found, numbers);
        self.traffic.sent_again += 1;
        self.post(now, &written, out);
        Some(found)
    }

    /// Says that the numbers from `seq` up to but not including `next` hold nothing to be resent.
    pub(super) fn send_gap_fill(&mut self, now: Nanos, seq: u64, next: u64, out: &mut Vec<u8>) {
        let first = Some(now);
        let written = write(&self.config, &self.comp_ids, &mut self.scratch, now, b"4", seq, first, |body| {
            body.int(b"36=", next);
            body.char(b"123=", b'Y');
        });
        self.post(now, &written, out);
    }

    /// The number of a message that is not kept: from here on it is used up.
    pub(super) fn take_number(&mut self) -> u64 {
        let seq = self.next_out;
        self.next_out += 1;
        self.keep_numbers();
        seq
    }

    /// Puts a message together; gives where the fields behind the header are.
    pub(super) fn write(
        &mut self,
        now: Nanos,
        msg_type: &[u8],
        seq: u64,
        body: impl FnOnce(&mut Body<'_>),
    ) -> Range<usize> {
        self.traffic.sent[Class::of_fix_answer(msg_type) as usize] += 1;
        write(&self.config, &self.comp_ids, &mut self.scratch, now, msg_type, seq, None, body)
    }

    /// Hands the message just written to the peer.
    pub(super) fn post(&mut self, now: Nanos, written: &Range<usize>, out: &mut Vec<u8>) {
        out.extend_from_slice(self.scratch.seal(written.end));
        self.last_sent = now;
    }

    fn refuse_logon<'b>(&mut self, now: Nanos, text: &[u8], out: &mut Vec<u8>) -> Input<'b> {
        self.send_logout(now, text, out);
        self.close(CloseReason::BadLogon)
    }

    fn keep_text(&mut self, message: &Message<'_>) {
        let text = message.find(58).unwrap_or_default();
        self.peer_text.clear();
        self.peer_text.extend_from_slice(&text[..text.len().min(TEXT_BYTES_MAX)]);
    }
}

/// The fields of a message that was kept, behind those of its header. Of one that is sent again PossResend (97) is
/// there, and ApplResendFlag (1352) behind all, since what was kept may begin with fields of the header.
fn kept_fields(kept: &Stored<'_>, body: &mut Body<'_>) {
    if !kept.again {
        return body.raw(kept.fields);
    }
    body.char(b"97=", b'Y');
    body.raw(kept.fields);
    body.char(b"1352=", b'Y');
}

/// Text of a Logout for a number that was used before.
pub(super) fn too_low(expected: u64, received: u64, body: &mut Body<'_>) {
    two_numbers([("MsgSeqNum too low, expecting ", expected), (" but received ", received)], body);
}

/// A Text (58) of words and a number, twice.
fn two_numbers(parts: [(&str, u64); 2], body: &mut Body<'_>) {
    let mut text = [0; 128];
    let mut len = 0;
    let mut put = |bytes: &[u8]| {
        text[len..len + bytes.len()].copy_from_slice(bytes);
        len += bytes.len();
    };
    for (words, number) in parts {
        let mut digits = [0; 20];
        let at = decimal_digits(&mut digits, number);
        put(words.as_bytes());
        put(&digits[at..]);
    }
    body.field(b"58=", &text[..len]);
}

/// Fields of a BusinessMessageReject (j) of `message`.
pub(super) fn business_reject(message: &Message<'_>, reject: BusinessReject, body: &mut Body<'_>) {
    business_reject_for(message, reject.reason, body);
    let words = reject.reason.text().as_bytes();
    match reject.tag {
        None => body.field(b"58=", words),
        Some(tag) => {
            let mut text = [0; 80];
            let mut digits = [0; 20];
            let at = decimal_digits(&mut digits, tag.into());
            let mut len = 0;
            for part in [words, b" (", &digits[at..], b")"] {
                text[len..len + part.len()].copy_from_slice(part);
                len += part.len();
            }
            body.field(b"58=", &text[..len]);
        }
    }
}

/// The way back of `message`, if it came on behalf of somebody or was to be delivered to somebody (FIX 4.4 volume 2,
/// "Message routing"): who it was from is whom the answer is for, and the other way round. These are fields of the header;
/// they stand before the body's, with which they are kept.
fn reverse_route(message: &Message<'_>, body: &mut Body<'_>) {
    let mut fields = message.header();
    // A field without a value leads nowhere.
    while let Some(field) = fields.next_field().transpose() {
        let Ok(Field { tag, value }) = field else { continue };
        match tag {
            115 => body.field(b"128=", value),
            116 => body.field(b"129=", value),
            144 => body.field(b"145=", value),
            128 => body.field(b"115=", value),
            129 => body.field(b"116=", value),
            145 => body.field(b"144=", value),
            _ => {}
        }
    }
}

/// Fields of a BusinessMessageReject (j) of a message that was one too many.
pub(super) fn throttled(message: &Message<'_>, throttled: &Throttled, body: &mut Body<'_>) {
    business_reject_for(message, BusinessRejectReason::ThrottleLimitExceeded, body);
    body.field(b"58=", throttled.text().bytes());
    body.int(b"25005=", throttled.used.into());
    body.int(b"25006=", throttled.max.into());
    body.int(b"9804=", throttled.retry_ms.saturating_mul(1_000_000)); // RetryAfter, nanoseconds
}

/// What it is about, and its reason as far as the version has it.
fn business_reject_for(message: &Message<'_>, reason: BusinessRejectReason, body: &mut Body<'_>) {
    reverse_route(message, body);
    if let Some(seq) = message.seq {
        body.int(b"45=", seq);
    }
    echo_type(message, body);
    if let Some(id) = message.find(11) {
        body.field(b"379=", &id[..id.len().min(crate::fix::report::ECHO_BYTES_MAX)]);
    }
    let reason = match reason {
        BusinessRejectReason::NotAuthorized if body.version() == Version::Fix42 => {
            BusinessRejectReason::Other
        }
        BusinessRejectReason::ThrottleLimitExceeded if body.version() != Version::Fix50Sp2 => {
            BusinessRejectReason::Other
        }
        reason => reason,
    };
    body.int(b"380=", reason.code().into());
}

fn echo_type(message: &Message<'_>, body: &mut Body<'_>) {
    if !message.msg_type.is_empty() {
        body.field(b"372=", &message.msg_type[..message.msg_type.len().min(TYPE_ECHO_BYTES_MAX)]);
    }
}

/// What a Logon asks for.
struct LogonFields {
    /// HeartBtInt (108), seconds.
    heartbeat: u64,
    /// ResetSeqNumFlag (141).
    reset: bool,
    /// NextExpectedMsgSeqNum (789), above zero.
    next_expected: Option<u64>,
}

fn logon_fields(message: &Message<'_>) -> Result<LogonFields, SessionReject> {
    if let Some(fault) = message.fault {
        return Err(fault);
    }
    message.check()?;
    let required = |tag| message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag));
    if required(98)? != b"0" {
        return Err(SessionReject::about(Why::ValueIncorrect, 98));
    }
    let heartbeat = value::unsigned(required(108)?)
        .filter(|&seconds| seconds <= HEARTBEAT_S_MAX)
        .ok_or(SessionReject::about(Why::ValueIncorrect, 108))?;
    let reset = message.find(141).map_or(Some(false), value::boolean);
    let reset = reset.ok_or(SessionReject::about(Why::IncorrectDataFormat, 141))?;
    let next_expected = match message.find(789).map(value::unsigned) {
        None => None,
        Some(Some(number)) if number > 0 => Some(number),
        Some(Some(_)) => return Err(SessionReject::about(Why::ValueIncorrect, 789)),
        Some(None) => return Err(SessionReject::about(Why::IncorrectDataFormat, 789)),
    };
    Ok(LogonFields { heartbeat, reset, next_expected })
}

/// Header and body of a message in `scratch`; gives where the fields behind the header are.
#[expect(clippy::too_many_arguments, reason = "parts of a session, apart so that what is kept can be resent")]
#[inline]
fn write(
    config: &Config,
    comp_ids: &CompIds,
    scratch: &mut Scratch,
    now: Nanos,
    msg_type: &[u8],
    seq: u64,
    first_sent: Option<Nanos>,
    fill: impl FnOnce(&mut Body<'_>),
) -> Range<usize> {
    let mut body = scratch.body();
    match *msg_type {
        [kind] => body.char(b"35=", kind),
        _ => body.field(b"35=", msg_type),
    }
    body.ready(comp_ids);
    body.int(b"34=", seq);
    if first_sent.is_some() {
        body.char(b"43=", b'Y');
    }
    body.time_to(b"52=", now, config.time_places);
    if let Some(first_sent) = first_sent {
        body.time_to(b"122=", first_sent, config.time_places);
    }
    let start = body.end();
    fill(&mut body);
    start..body.end()
}
