//! Everything that happens in a QuickFIX session, written down.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use penstock_tests::{Message, PATIENCE};
use quickfix::{
    ApplicationCallback, FieldMap, LogCallback, MsgFromAdminError, MsgFromAppError, MsgToAppError, SessionId,
};

/// What QuickFIX says in the course of sessions without fault. Whatever else it says is a complaint: about a
/// message's form, sum, field, order, number, or about a peer that does not answer.
const ORDINARY: [&str; 24] = [
    "Created session",
    "Connecting to ",
    "Connection succeeded",
    "Connection failed",
    "Initiated logon request",
    "Received logon response",
    "Initiated logout request",
    "Received logout request",
    "Received logout response",
    "Sending logout response",
    "Disconnecting",
    "Sent test request TEST",
    // A gap and its repair.
    "MsgSeqNum too high, expecting ",
    "Sent ResendRequest FROM: ",
    "Already sent ResendRequest FROM: ",
    "ResendRequest for messages FROM: ",
    "Expecting retransmits FROM: ",
    "Sending retransmits due to received NextExpectedMsgSeqNum",
    "Received ResendRequest FROM: ",
    "Resending Message: ",
    "Sent SequenceReset TO: ",
    "Received SequenceReset FROM: ",
    "Processing QUEUED message: ",
    // What the system says of a connection that the proxy cut, or that the venue ended.
    "Socket Error: ",
];

const MSG_TYPE: i32 = 35;
const USERNAME: i32 = 553;
const PASSWORD: i32 = 554;

/// What has happened so far.
#[derive(Default)]
pub(crate) struct Seen {
    /// Messages on the wire, from the venue.
    pub(crate) incoming: Vec<Message>,
    /// Messages on the wire, to the venue.
    pub(crate) outgoing: Vec<Message>,
    /// Application messages, and session-level Rejects, that passed all of the engine's checks.
    pub(crate) delivered: Vec<Message>,
    /// How many of them the test has had.
    pub(crate) taken: usize,
    /// The engine's own log.
    pub(crate) events: Vec<String>,
    /// Logons answered.
    pub(crate) logons: usize,
    /// Rejects from the venue that the test asked for.
    expected_rejects: usize,
    /// Sessions ended.
    pub(crate) ends: usize,
    /// Frames that our own reader cannot read.
    unreadable: Vec<String>,
}

/// The engine's application and log in one.
pub(crate) struct Recorder {
    name: String,
    password: String,
    seen: Mutex<Seen>,
    changed: Condvar,
}

impl Recorder {
    pub(crate) fn new(name: &str, password: String) -> Recorder {
        let (seen, changed) = Default::default();
        Recorder { name: name.to_owned(), password, seen, changed }
    }

    /// Waits until `found` finds something in what has happened.
    #[track_caller]
    pub(crate) fn wait<T>(&self, what: &str, mut found: impl FnMut(&mut Seen) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.lock();
        loop {
            if let Some(value) = found(&mut seen) {
                return value;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let story = story(&seen);
                drop(seen);
                panic!("{}: no {what}. What happened:\n{story}", self.name);
            }
            seen = self.changed.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.lock())
    }

    /// The venue's next Reject is no complaint.
    pub(crate) fn expected_reject(&self) {
        self.lock().expected_rejects += 1;
    }

    /// What the engine complained about: in its log, or by a reject or a reasoned logout to the venue; and the venue by a
    /// reject to it that nobody had asked for.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let seen = self.lock();
        let rejects = |m: &&Message| matches!(m.kind(), "3" | "j");
        let reasoned = |m: &&Message| rejects(m) || m.kind() == "5" && m.get(58).is_some();
        let unusual = |event: &&String| !ORDINARY.iter().any(|start| event.starts_with(start));
        let mut complaints: Vec<_> = seen.events.iter().filter(unusual).cloned().collect();
        complaints.extend(seen.unreadable.iter().map(|m| format!("unreadable: {m}")));
        complaints.extend(seen.outgoing.iter().filter(reasoned).map(|m| format!("QuickFIX says: {m}")));
        let refused = seen.incoming.iter().filter(rejects).skip(seen.expected_rejects);
        complaints.extend(refused.map(|m| format!("the venue rejects: {m}")));
        complaints
    }

    /// Everything that happened, for the report of a failure.
    pub(crate) fn story(&self) -> String {
        story(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, message: &quickfix::Message) {
        let read = message.to_fix_string().map_err(|e| e.to_string());
        self.note(|seen| match read.and_then(|text| Message::parse(text.as_bytes())) {
            Ok(message) => seen.delivered.push(message),
            Err(error) => seen.unreadable.push(format!("{error} in a delivered message")),
        });
    }

    fn note(&self, write: impl FnOnce(&mut Seen)) {
        write(&mut self.lock());
        self.changed.notify_all();
    }
}

fn story(seen: &Seen) -> String {
    let lines = |head: &str, messages: &[Message]| -> String {
        messages.iter().map(|m| format!("  {head} {m}\n")).collect()
    };
    let events: String = seen.events.iter().map(|e| format!("  -- {e}\n")).collect();
    lines("in ", &seen.incoming) + &lines("out", &seen.outgoing) + &events
}

impl ApplicationCallback for Recorder {
    fn on_logon(&self, _: &SessionId) {
        self.note(|seen| seen.logons += 1);
    }

    fn on_logout(&self, _: &SessionId) {
        self.note(|seen| seen.ends += 1);
    }

    fn on_msg_to_admin(&self, message: &mut quickfix::Message, session: &SessionId) {
        if message.with_header(|h| h.get_field(MSG_TYPE)).as_deref() == Some("A") {
            let name = session.get_sender_comp_id().unwrap_or_default();
            let set = message
                .set_field(USERNAME, name)
                .and_then(|()| message.set_field(PASSWORD, self.password.as_str()));
            // A panic would be swallowed on the way to C++: the refused logon shows it.
            if let Err(error) = set {
                self.note(|seen| seen.events.push(format!("credentials: {error}")));
            }
        }
    }

    fn on_msg_to_app(&self, _: &mut quickfix::Message, _: &SessionId) -> Result<(), MsgToAppError> {
        Ok(())
    }

    fn on_msg_from_admin(&self, message: &quickfix::Message, _: &SessionId) -> Result<(), MsgFromAdminError> {
        if message.with_header(|h| h.get_field(MSG_TYPE)).as_deref() == Some("3") {
            self.deliver(message);
        }
        Ok(())
    }

    fn on_msg_from_app(&self, message: &quickfix::Message, _: &SessionId) -> Result<(), MsgFromAppError> {
        self.deliver(message);
        Ok(())
    }
}

impl LogCallback for Recorder {
    fn on_incoming(&self, _: Option<&SessionId>, text: &str) {
        self.note(|seen| match Message::parse(text.as_bytes()) {
            Ok(message) => seen.incoming.push(message),
            Err(error) => seen.unreadable.push(format!("{error} in {}", text.replace('\u{1}', "|"))),
        });
    }

    fn on_outgoing(&self, _: Option<&SessionId>, text: &str) {
        self.note(|seen| seen.outgoing.extend(Message::parse(text.as_bytes())));
    }

    fn on_event(&self, _: Option<&SessionId>, text: &str) {
        self.note(|seen| seen.events.push(text.to_owned()));
    }
}
