//! The session layer's machine, for both roles: bytes and time in, bytes and application messages out.
//!
//! A [`Session`] outlives its connections: sequence numbers and sent messages live in its [`Store`]. One connection
//! at a time is [`Session::connected`]; whatever the machine appends to `out` goes to the peer in that order. After
//! [`Input::Close`] the caller sends what `out` holds and closes.
//!
//! A number is in the store before the caller can send the message that took it, and an application message's
//! own number is, at the earliest, once the caller has dealt with it: with an answer to it, or by the next call. So
//! whatever moment a process dies at, what its store says is true.
//!
//! A session that has hours ([`Schedule`]) is logged out at their end, and its numbers begin anew with the first Logon of the next
//! ones.
//!
//! Rules are those of the FIX session layer (FIX 4.4 volume 2, "Session protocol"; FIX session layer test cases);
//! where they leave a choice, QuickFIX's.

mod admin;
mod config;
mod held;
mod peek;
mod resend;
mod schedule;

pub use config::{Config, Role};
pub use peek::{Logon, LogonPeek, logon_of};

pub use resend::{RESEND_CHUNK, RESEND_OUTPUT_MAX};
pub use schedule::{Period, Schedule};

use self::{held::Held, resend::Gap};
use super::{
    encode::{Body, Scratch},
    frame::{self, Frame},
    message::Message,
    places::Memory,
    refusal::{BusinessReject, Refusal, SessionReject, SessionRejectReason as Why},
    store::{Numbers, Sent, Store, Stored},
    throttle::Throttled,
    value,
};
use crate::{
    limits::{FIX_MESSAGE_BYTES_MAX, TEXT_BYTES_MAX},
    traffic::{Class, Traffic},
    types::Nanos,
};

const SECOND: u64 = super::value::NANOS_PER_SECOND;
/// TestReqID (112) of our TestRequests: QuickFIX's word. One is under way at a time, and whatever comes answers it.
const TEST_REQ_ID: &[u8] = b"TEST";
/// Messages that may wait for a gap to be filled.
const HELD_MESSAGES_MAX: usize = 256;

/// Why a connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// There is no connection to close.
    #[error("not connected")]
    NotConnected,
    /// No Logon came in time.
    #[error("no Logon in time")]
    LogonTimeout,
    /// The first message was something else, or no message.
    #[error("the first message is not a Logon")]
    NotLogon,
    /// The Logon cannot be accepted; what was sent says why if anything was.
    #[error("the Logon is not acceptable")]
    BadLogon,
    /// A second Logon that asks for no reset.
    #[error("a Logon while logged on")]
    SecondLogon,
    /// A message longer than [`FIX_MESSAGE_BYTES_MAX`].
    #[error("a message too long to be one")]
    TooLong,
    /// A message without a number.
    #[error("a message without MsgSeqNum (34)")]
    NoSeq,
    /// A number that was used before, without PossDupFlag.
    #[error("MsgSeqNum (34) is too low")]
    SeqTooLow,
    /// The peer said goodbye; [`Session::peer_text`] may say why.
    #[error("the peer logged out")]
    PeerLogout,
    /// The peer answered our goodbye.
    #[error("logged out")]
    LoggedOut,
    /// The peer did not answer our goodbye.
    #[error("no answer to the Logout in time")]
    LogoutTimeout,
    /// The peer has fallen silent and did not answer a TestRequest.
    #[error("the peer is silent")]
    Silent,
    /// The peer has sent far more than it may.
    #[error("it sends more than one and a half times its limit")]
    Throttled,
}

/// What [`Session::receive`] made of its bytes.
#[derive(Clone, Copy, Debug)]
pub enum Input<'b> {
    /// No whole message is there.
    NeedMore,
    /// One message, or bytes that are none, dealt with.
    Handled,
    /// The session is up.
    LoggedOn,
    /// An application message, in sequence. Its type is one of FIX's.
    App(Message<'b>),
    /// The peer's session-level Reject (3) of a message of ours.
    Rejected(Message<'b>),
    /// The connection is to be closed.
    Close(CloseReason),
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No connection.
    Disconnected,
    /// Connected, and a Logon has not been received.
    AwaitingLogon,
    /// Up.
    LoggedOn,
    /// We have said goodbye and wait for the answer.
    AwaitingLogout,
    /// The connection is to be closed.
    Closed(CloseReason),
}

/// Where a message that came before its turn is put when its turn has come, and what sessions' messages looked like. A
/// connection worker needs one, for all its sessions.
#[derive(Debug)]
pub struct Inbox {
    held: Vec<u8>,
    memory: Memory,
}

impl Default for Inbox {
    fn default() -> Self {
        Inbox { held: Vec::with_capacity(FIX_MESSAGE_BYTES_MAX), memory: Memory::default() }
    }
}

/// One session of one role. What must outlive it is in `S`: by default memory, which outlives connections only.
#[derive(Debug)]
pub struct Session<S = Sent> {
    config: Config,
    /// Names its messages among those of others.
    lane: usize,
    comp_ids: admin::CompIds,
    scratch: Scratch,
    store: S,
    held: Held,
    state: State,
    next_in: u64,
    next_out: u64,
    /// HeartBtInt in nanoseconds; zero for none.
    heartbeat: u64,
    /// The end of the window that the session is up in; `u64::MAX` if it has no end.
    until: Nanos,
    /// Since when the present state waits for something.
    since: Nanos,
    last_sent: Nanos,
    last_received: Nanos,
    /// When a TestRequest went out that nothing has come after.
    tested: Option<Nanos>,
    /// What we have asked to be resent.
    gap: Option<Gap>,
    /// What is still to be resent: the next number and the last.
    resend: Option<(u64, u64)>,
    /// Our Logon asked for a reset and has not been answered.
    reset_asked: bool,
    traffic: Traffic,
    peer_text: Vec<u8>,
}

impl Session {
    /// A session that has never been connected. All it will ever need is set aside here.
    #[must_use]
    pub fn new(config: Config) -> Session {
        let sent = Sent::new(config.resend_messages_max, config.resend_bytes_max);
        Session::over(config, sent)
    }
}

impl<S: Store> Session<S> {
    /// A session that goes on where `store` says that it was. All else it will ever need is set aside here.
    #[must_use]
    pub fn over(config: Config, store: S) -> Session<S> {
        let Numbers { next_in, next_out } = store.numbers();
        Session {
            lane: frame::checksum(config.target_comp_id.as_bytes()).into(),
            comp_ids: admin::comp_ids(&config),
            scratch: Scratch::new(config.version),
            store,
            held: Held::new(HELD_MESSAGES_MAX, config.held_bytes_max),
            state: State::Disconnected,
            next_in,
            next_out,
            heartbeat: u64::from(config.heartbeat_s) * SECOND,
            until: Nanos(u64::MAX),
            since: Nanos(0),
            last_sent: Nanos(0),
            last_received: Nanos(0),
            tested: None,
            gap: None,
            resend: None,
            reset_asked: false,
            traffic: Traffic::default(),
            peer_text: Vec::with_capacity(TEXT_BYTES_MAX),
            config,
        }
    }

    /// There is a connection. An initiator sends its Logon; an acceptor waits for one.
    pub fn connected(&mut self, now: Nanos, out: &mut Vec<u8>) {
        self.disconnected();
        self.state = State::AwaitingLogon;
        (self.since, self.last_sent, self.last_received) = (now, now, now);
        self.peer_text.clear();
        if self.config.role == Role::Initiator {
            if self.config.reset_on_logon {
                self.reset();
            }
            self.heartbeat = u64::from(self.config.heartbeat_s) * SECOND;
            self.reset_asked = self.config.reset_on_logon;
            self.send_logon(now, self.reset_asked, None, out);
        }
    }

    /// The connection is gone. Numbers and sent messages stay, unless the session is set up otherwise.
    pub fn disconnected(&mut self) {
        if self.config.reset_on_disconnect && self.state != State::Disconnected {
            self.reset();
        }
        self.keep_numbers();
        self.state = State::Disconnected;
        self.held.clear();
        (self.tested, self.gap, self.resend, self.reset_asked) = (None, None, None, false);
    }

    /// Takes at most one message from the beginning of `bytes`, and says how many bytes that used up and what
    /// came of it. Call again, with what is left, until it says [`Input::NeedMore`] or [`Input::Close`]: a
    /// message that waited for a gap to be filled uses no bytes. The call says that the message of the last one has
    /// been dealt with: its number then is in the store.
    pub fn receive<'b>(
        &mut self,
        now: Nanos,
        bytes: &'b [u8],
        inbox: &'b mut Inbox,
        out: &mut Vec<u8>,
    ) -> (usize, Input<'b>) {
        self.keep_numbers();
        let (used, input) = self.receive_one(now, bytes, inbox, out);
        if !matches!(input, Input::App(_)) {
            self.keep_numbers();
        }
        (used, input)
    }

    fn receive_one<'b>(
        &mut self,
        now: Nanos,
        bytes: &'b [u8],
        inbox: &'b mut Inbox,
        out: &mut Vec<u8>,
    ) -> (usize, Input<'b>) {
        match self.state {
            State::Disconnected => return (0, Input::Close(CloseReason::NotConnected)),
            State::Closed(reason) => return (0, Input::Close(reason)),
            State::AwaitingLogon | State::LoggedOn | State::AwaitingLogout => {}
        }
        let Inbox { held, memory } = inbox;
        if let Some(message) = self.held.take(self.next_in) {
            held.clear();
            held.extend_from_slice(message);
            return (0, self.handle(now, Message::parse(held), true, out));
        }
        match Message::next(bytes, memory.of(self.lane)) {
            Ok(message) => {
                self.last_received = now;
                self.tested = None;
                self.traffic.received[Class::of_fix_request(message.msg_type) as usize] += 1;
                (message.bytes().len(), self.handle(now, message, false, out))
            }
            // A whole message is none of these.
            Err(Frame::Incomplete | Frame::Complete { .. }) => (0, Input::NeedMore),
            Err(Frame::Garbled { skip, .. }) => {
                self.traffic.garbled += 1;
                if self.state == State::AwaitingLogon {
                    return (skip, self.close(CloseReason::NotLogon));
                }
                (skip, Input::Handled)
            }
            Err(Frame::TooLong) => {
                if self.state == State::LoggedOn {
                    self.send_logout(now, b"message too long", out);
                }
                (bytes.len(), self.close(CloseReason::TooLong))
            }
        }
    }

    /// Sends an application message: `body` writes the fields behind the header. It is numbered and kept, and
    /// appended to `out` if the session is up; if not, the peer's resend request will bring it. Gives its number.
    ///
    /// A field that would make the message longer than [`FIX_MESSAGE_BYTES_MAX`] is left out.
    pub fn send(
        &mut self,
        now: Nanos,
        msg_type: &[u8],
        out: &mut Vec<u8>,
        body: impl FnOnce(&mut Body<'_>),
    ) -> u64 {
        let seq = self.next_out;
        self.next_out += 1;
        let fields = self.write(now, msg_type, seq, body);
        let fields_written = self.scratch.written(&fields);
        let message = Stored { seq, msg_type, time: now, fields: fields_written, again: false };
        self.store.push(message, Numbers { next_in: self.next_in, next_out: self.next_out });
        if matches!(self.state, State::LoggedOn | State::AwaitingLogout) {
            self.post(now, &fields, out);
        }
        seq
    }

    /// Sends an application message that is worth nothing later, such as a price: it is numbered and not kept, so that a
    /// resend brings a gap fill in its place. Nothing is sent, nor a number used, while the session is not up.
    pub fn send_unkept(
        &mut self,
        now: Nanos,
        msg_type: &[u8],
        out: &mut Vec<u8>,
        body: impl FnOnce(&mut Body<'_>),
    ) {
        if matches!(self.state, State::LoggedOn | State::AwaitingLogout) {
            self.send_admin(now, msg_type, out, body);
        }
    }

    /// Answers an application message whose form is wrong with a session-level Reject (3).
    pub fn reject(&mut self, now: Nanos, message: &Message<'_>, reject: SessionReject, out: &mut Vec<u8>) {
        self.send_reject(now, message, reject, out);
    }

    /// Answers an application message that cannot be served with a BusinessMessageReject (j).
    pub fn business_reject(
        &mut self,
        now: Nanos,
        message: &Message<'_>,
        reject: BusinessReject,
        out: &mut Vec<u8>,
    ) {
        self.send(now, b"j", out, |body| admin::business_reject(message, reject, body));
    }

    /// Answers an application message that was one too many with a BusinessMessageReject (j).
    pub fn throttled(&mut self, now: Nanos, message: &Message<'_>, throttled: &Throttled, out: &mut Vec<u8>) {
        self.send(now, b"j", out, |body| admin::throttled(message, throttled, body));
    }

    /// Answers an application message as `refusal` says.
    pub fn refuse(&mut self, now: Nanos, message: &Message<'_>, refusal: Refusal, out: &mut Vec<u8>) {
        match refusal {
            Refusal::Session(reject) => self.reject(now, message, reject, out),
            Refusal::Business(reject) => self.business_reject(now, message, reject, out),
        }
    }

    /// Begins to log out; what comes until the peer's answer is still handled. A session that is not up is to
    /// be closed at once, as [`Session::state`] then says.
    pub fn logout(&mut self, now: Nanos, text: &[u8], out: &mut Vec<u8>) {
        match self.state {
            State::LoggedOn => self.begin_logout(now, text, out),
            State::AwaitingLogon => self.state = State::Closed(CloseReason::LoggedOut),
            State::AwaitingLogout | State::Disconnected | State::Closed(_) => {}
        }
    }

    /// When [`Session::handle_timeout`] wants to be called at the latest.
    #[must_use]
    pub const fn deadline(&self) -> Nanos {
        match self.state {
            State::Disconnected | State::Closed(_) => Nanos(u64::MAX),
            State::AwaitingLogon => self.since.after(self.config.logon_timeout_s as u64 * SECOND),
            State::AwaitingLogout => self.since.after(self.config.logout_timeout_s as u64 * SECOND),
            State::LoggedOn => {
                let alive = self.alive_deadline();
                if alive.0 < self.until.0 { alive } else { self.until }
            }
        }
    }

    /// When a session that is up has to say something, or to have heard something.
    const fn alive_deadline(&self) -> Nanos {
        if self.heartbeat == 0 {
            return Nanos(u64::MAX);
        }
        let send = self.last_sent.after(self.heartbeat);
        let hear = self.last_received.after(self.patience());
        match self.tested {
            Some(since) => since.after(self.patience()),
            None if send.0 < hear.0 => send,
            None => hear,
        }
    }

    /// Does what time asks for: heartbeats, test requests, giving up. A reason means that the connection is to
    /// be closed.
    pub fn handle_timeout(&mut self, now: Nanos, out: &mut Vec<u8>) -> Option<CloseReason> {
        if now < self.deadline() {
            return None;
        }
        match self.state {
            State::Disconnected | State::Closed(_) => return None,
            State::AwaitingLogon => return self.give_up(CloseReason::LogonTimeout),
            State::AwaitingLogout => return self.give_up(CloseReason::LogoutTimeout),
            State::LoggedOn if now >= self.until => {
                self.begin_logout(now, b"the session's hours are over", out);
                return None;
            }
            State::LoggedOn => {}
        }
        if self.heartbeat == 0 {
            return None;
        }
        match self.tested {
            Some(since) if now >= since.after(self.patience()) => return self.give_up(CloseReason::Silent),
            None if now >= self.last_received.after(self.patience()) => {
                self.send_admin(now, b"1", out, |body| body.field(b"112=", TEST_REQ_ID));
                self.tested = Some(now);
            }
            None if now >= self.last_sent.after(self.heartbeat) => {
                self.send_admin(now, b"0", out, |_| {});
            }
            // As QuickFIX: who is asked whether it is there gets no heartbeats until it answers.
            Some(_) | None => {}
        }
        None
    }

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether messages can flow.
    #[must_use]
    pub fn is_logged_on(&self) -> bool {
        self.state == State::LoggedOn
    }

    /// The number that the peer's next message must have.
    #[must_use]
    pub const fn next_in(&self) -> u64 {
        self.next_in
    }

    /// The number of our next message.
    #[must_use]
    pub const fn next_out(&self) -> u64 {
        self.next_out
    }

    /// Sets the numbers of a session that is taken over from elsewhere. What was sent before is not here to be
    /// resent.
    pub fn set_numbers(&mut self, next_in: u64, next_out: u64) {
        self.reset_to(Numbers { next_in: next_in.max(1), next_out: next_out.max(1) });
    }

    /// What outlives the session.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Takes the numbers from the store, where they have been set right since the session was made. For one that has no
    /// connection.
    pub fn resume(&mut self) {
        Numbers { next_in: self.next_in, next_out: self.next_out } = self.store.numbers();
    }

    /// The same, for what it keeps beside the session's own.
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// How the session was set up.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What it has received and sent, and what was dropped.
    #[must_use]
    pub const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Sent messages that a resend request would no longer bring.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.store.forgotten()
    }

    /// Text (58) of the peer's Logout on this connection, cut to [`TEXT_BYTES_MAX`].
    #[must_use]
    pub fn peer_text(&self) -> &[u8] {
        &self.peer_text
    }

    /// HeartBtInt and a reasonable transmission time, for which FIX suggests 20 %.
    const fn patience(&self) -> u64 {
        self.heartbeat + self.heartbeat / 5
    }

    fn reset(&mut self) {
        self.reset_to(Numbers::default());
    }

    fn reset_to(&mut self, numbers: Numbers) {
        (self.next_in, self.next_out) = (numbers.next_in, numbers.next_out);
        self.store.reset(numbers);
        self.held.clear();
        (self.gap, self.resend) = (None, None);
    }

    /// Puts the numbers as they are now into the store.
    fn keep_numbers(&mut self) {
        self.store.set_numbers(Numbers { next_in: self.next_in, next_out: self.next_out });
    }

    fn close<'b>(&mut self, reason: CloseReason) -> Input<'b> {
        if self.config.reset_on_logout && matches!(reason, CloseReason::PeerLogout | CloseReason::LoggedOut) {
            self.reset();
        }
        self.state = State::Closed(reason);
        Input::Close(reason)
    }

    fn give_up(&mut self, reason: CloseReason) -> Option<CloseReason> {
        self.state = State::Closed(reason);
        Some(reason)
    }

    /// Deals with one message. `held`: it came before its turn, and its turn is now.
    fn handle<'b>(
        &mut self,
        now: Nanos,
        mut message: Message<'b>,
        held: bool,
        out: &mut Vec<u8>,
    ) -> Input<'b> {
        message.strict = self.config.strict;
        if message.seq.is_none() {
            misplaced_number(&mut message);
        }
        if self.state == State::AwaitingLogon {
            return self.first(now, &message, out);
        }
        if message.begin_string != self.config.version.begin_string().as_bytes() {
            if message.msg_type == b"5" {
                return self.peer_logout(now, &message, out);
            }
            self.count(&message);
            self.begin_logout(now, b"Incorrect BeginString", out);
            return Input::Handled;
        }
        let Some(seq) = message.seq else {
            self.send_logout(now, b"Received message without MsgSeqNum", out);
            return self.close(CloseReason::NoSeq);
        };
        if let Some(reject) = self.stranger(&message) {
            self.count(&message);
            self.send_reject(now, &message, reject, out);
            self.begin_logout(now, b"", out);
            return Input::Handled;
        }
        if let Some(reject) = self.untimely(now, &message).filter(|_| !held) {
            self.count(&message);
            self.send_reject(now, &message, reject, out);
            self.begin_logout(now, b"", out);
            return Input::Handled;
        }
        match message.msg_type {
            b"5" => return self.peer_logout(now, &message, out),
            // Answered when they came; all that was left is to count them.
            b"2" | b"A" if held => {
                self.next_in += 1;
                self.fill_gap(now);
                return Input::Handled;
            }
            b"A" => return self.second_logon(now, &message, seq, out),
            b"4" if message.find(123).is_none_or(|flag| flag != b"Y") => {
                return self.sequence_reset(now, &message, out);
            }
            b"2" if seq > self.next_in => self.resend_request(now, &message, out),
            // Asking again does no harm, whatever the number: QuickFIX serves it, too, and FIX but recommends to end a
            // session for numbers that were used.
            b"2" if seq < self.next_in && !message.poss_dup => {
                self.resend_request(now, &message, out);
                return Input::Handled;
            }
            _ => {}
        }
        if seq > self.next_in {
            self.traffic.not_held += u64::from(!self.held.hold(seq, message.bytes()));
            self.ask_again(now, seq, out);
            return Input::Handled;
        }
        if seq < self.next_in {
            return self.too_low(now, &message, seq, out);
        }
        if message.poss_dup
            && message.msg_type != b"4"
            && let Err(reject) = original_time(&message)
        {
            self.next_in += 1;
            self.send_reject(now, &message, reject, out);
            return Input::Handled;
        }
        self.in_turn(now, message, out)
    }

    /// Deals with a message whose turn it is.
    fn in_turn<'b>(&mut self, now: Nanos, message: Message<'b>, out: &mut Vec<u8>) -> Input<'b> {
        if message.msg_type != b"4" {
            self.next_in += 1;
        }
        self.fill_gap(now);
        let fault = match message.msg_type {
            _ if message.fault.is_some() => message.fault,
            b"0" => message.check().err(),
            b"1" => self.test_request(now, &message, out).err(),
            b"2" => {
                self.resend_request(now, &message, out);
                None
            }
            b"3" => match message.check() {
                Ok(()) => return Input::Rejected(message),
                // A reject of a reject could go on for ever.
                Err(_) => None,
            },
            b"4" => self.gap_fill(now, &message).err(),
            _ if message.is_of_known_type() => return Input::App(message),
            _ => Some(SessionReject::plain(Why::InvalidMsgType)),
        };
        if let Some(reject) = fault {
            self.send_reject(now, &message, reject, out);
        }
        Input::Handled
    }

    fn too_low<'b>(&mut self, now: Nanos, message: &Message<'_>, seq: u64, out: &mut Vec<u8>) -> Input<'b> {
        if !message.poss_dup {
            let expected = self.next_in;
            self.send_admin(now, b"5", out, |body| admin::too_low(expected, seq, body));
            return self.close(CloseReason::SeqTooLow);
        }
        if message.msg_type != b"4"
            && let Err(reject) = original_time(message)
        {
            self.send_reject(now, message, reject, out);
            if reject.reason == Why::SendingTimeAccuracy {
                self.begin_logout(now, b"", out);
            }
        }
        Input::Handled
    }

    /// Counts a message that is refused before its number is looked at.
    fn count(&mut self, message: &Message<'_>) {
        if message.seq == Some(self.next_in) {
            self.next_in += 1;
        }
    }

    fn stranger(&self, message: &Message<'_>) -> Option<SessionReject> {
        let wrong = |given: &[u8], known: &str| !given.is_empty() && given != known.as_bytes();
        (wrong(message.sender, &self.config.target_comp_id)
            || wrong(message.target, &self.config.sender_comp_id))
        .then_some(SessionReject::plain(Why::CompIdProblem))
    }

    fn untimely(&self, now: Nanos, message: &Message<'_>) -> Option<SessionReject> {
        let tolerance = u64::from(self.config.latency_max_s?) * SECOND;
        let off = message.sending_time.map_or(0, |time| time.0.abs_diff(now.0));
        (off > tolerance).then_some(SessionReject::plain(Why::SendingTimeAccuracy))
    }
}

/// A number that stands behind the header is a fault that can be told, and counts.
#[cold]
fn misplaced_number(message: &mut Message<'_>) {
    message.seq = message.find(34).and_then(value::unsigned);
    if message.seq.is_some() {
        message.fault = Some(SessionReject::about(Why::TagOutOfOrder, 34));
    }
}

/// A possible duplicate must say when it was sent first, and that was not after it was sent again.
fn original_time(message: &Message<'_>) -> Result<(), SessionReject> {
    match (message.orig_sending_time, message.sending_time) {
        (None, _) => Err(SessionReject::about(Why::RequiredTagMissing, 122)),
        (Some(first), Some(again)) if first > again => Err(SessionReject::plain(Why::SendingTimeAccuracy)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
