//! A trader behind the QuickFIX C++ engine, set to be as strict as it can be about what the venue sends.

pub mod orders;
mod recorder;
mod version;

pub use version::{Version, in_every_version};

use std::net::SocketAddr;

use penstock_tests::{Message, Proxy, Venue, fix::VENUE, venue::data_dir};
use quickfix::{
    Application, ConnectionHandler, Dictionary, FileMessageStoreFactory, FixSocketServerKind, Initiator,
    LogFactory, SessionContainer, SessionId, SessionSettings, send_to_target,
};
use tempfile::TempDir;

use recorder::Recorder;

/// What makes one trader different from another.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The version of FIX it speaks.
    pub version: Version,
    /// Its Password (554).
    pub password: &'a str,
    /// Seconds between heartbeats.
    pub heartbeat_s: u16,
    /// Decimal places of the seconds in the timestamps it sends: 0, 3, 6 or 9.
    pub timestamp_places: u8,
    /// Whether it tells the number it expects next in its logon (789).
    pub tells_next_expected: bool,
}

/// One FIX session in QuickFIX, with a message store on disk, which connects and reconnects by itself.
pub struct Trader {
    // First, so that the engine is stopped before what it uses is gone.
    initiator: Initiator<'static, Recorder, Recorder, FileMessageStoreFactory>,
    id: SessionId,
    recorder: &'static Recorder,
    _store: TempDir,
}

impl Trader {
    /// A trader for session `comp_id` of the default configuration, connecting to `address`, logged on.
    ///
    /// # Panics
    /// If the venue does not let it in.
    #[must_use]
    pub fn logged_on(address: SocketAddr, comp_id: &str) -> Trader {
        Self::logged_on_in(Version::default(), address, comp_id)
    }

    /// As [`Trader::logged_on`], in `version`.
    ///
    /// # Panics
    /// If the venue does not let it in.
    #[must_use]
    pub fn logged_on_in(version: Version, address: SocketAddr, comp_id: &str) -> Trader {
        let password = penstock_tests::fix::password(comp_id);
        let options = Options { version, password: &password, ..Options::default() };
        let trader = Self::start(address, comp_id, options);
        trader.wait_logons(1);
        trader
    }

    /// A trader which tries to log on, not waiting for it.
    ///
    /// # Panics
    /// If QuickFIX does not take its settings.
    #[must_use]
    pub fn start(address: SocketAddr, comp_id: &str, options: Options<'_>) -> Trader {
        let store = data_dir();
        // QuickFIX keeps one table of sessions for the whole process; the qualifier, which is never sent, keeps
        // sessions of one name in tests that run side by side apart.
        let qualifier = store.path().file_name().and_then(|n| n.to_str()).expect("a plain name").to_owned();
        let id = SessionId::try_new(options.version.begin_string(), comp_id, VENUE, &qualifier);
        let id = id.expect("a session id");
        let settings = settings(&id, address, &store, options).expect("settings that QuickFIX knows");

        // The engine's C++ side keeps pointers to these, and calls them from a thread of its own.
        let recorder: &'static Recorder =
            Box::leak(Box::new(Recorder::new(comp_id, options.password.to_owned())));
        let application = Box::leak(Box::new(Application::try_new(recorder).expect("an application")));
        let log = Box::leak(Box::new(LogFactory::try_new(recorder).expect("a log")));
        let messages = FileMessageStoreFactory::try_new(&settings).expect("a store");
        let messages = Box::leak(Box::new(messages));
        let kind = FixSocketServerKind::MultiThreaded;
        let mut initiator =
            Initiator::try_new(&settings, application, messages, log, kind).expect("an initiator");
        initiator.start().expect("an engine that starts");
        Trader { initiator, id, recorder, _store: store }
    }

    /// Waits until the venue has answered this many logons in all.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn wait_logons(&self, count: usize) {
        self.recorder.wait("logon", |seen| (seen.logons >= count).then_some(()));
    }

    /// Waits until this many sessions have ended in all, by logout or otherwise, refused logons included.
    ///
    /// # Panics
    /// If they do not.
    #[track_caller]
    pub fn wait_ends(&self, count: usize) {
        self.recorder.wait("end of a session", |seen| (seen.ends >= count).then_some(()));
    }

    /// Cuts `wire`, and waits until this side has noticed.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn cut_off(&self, wire: &Proxy) {
        // Attempts to log on while the wire is cut end, too: only a count from before the cut tells.
        let before = self.recorder.read(|seen| seen.ends);
        wire.cut();
        self.wait_ends(before + 1);
    }

    /// Sends an application or test request message; the engine numbers and stores it. While there is no
    /// connection it goes out by the venue's resend request after the next logon.
    ///
    /// # Panics
    /// If the engine refuses it.
    pub fn send(&self, message: quickfix::Message) {
        send_to_target(message, &self.id).expect("the session exists");
    }

    /// The next application message or session-level Reject that the engine, having found nothing wrong with it, handed to
    /// its application.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    #[must_use]
    pub fn receive(&self) -> Message {
        self.recorder.wait("application message", |seen| {
            let message = seen.delivered.get(seen.taken).cloned()?;
            seen.taken += 1;
            Some(message)
        })
    }

    /// Waits for an execution report with `fields`, which must be the next application message.
    ///
    /// # Panics
    /// If something else comes.
    #[track_caller]
    pub fn execution(&self, fields: &[(u32, &str)]) -> Message {
        let report = self.receive();
        report.assert(&[(35, "8")]).assert(fields);
        penstock_tests::trade::assert_consistent(&report);
        report
    }

    /// Waits for a Reject (3) or BusinessMessageReject (j) with `fields`, which must be the next message handed to the
    /// application, and is what the test has asked for.
    ///
    /// # Panics
    /// If something else comes.
    #[track_caller]
    pub fn rejected(&self, fields: &[(u32, &str)]) -> Message {
        let reject = self.receive();
        assert!(matches!(reject.kind(), "3" | "j"), "{reject}");
        reject.assert(fields);
        assert!(!reject.field(58).is_empty(), "a reject has a sentence: {reject}");
        self.recorder.expected_reject();
        reject
    }

    /// Waits for a message on the wire, of any kind, that `wanted` picks.
    ///
    /// # Panics
    /// If none comes.
    #[track_caller]
    pub fn wait_incoming(&self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        self.recorder.wait(what, |seen| seen.incoming.iter().find(|m| wanted(m)).cloned())
    }

    /// As [`Trader::wait_incoming`], for what this side sends.
    ///
    /// # Panics
    /// If none goes out.
    #[track_caller]
    pub fn wait_outgoing(&self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        self.recorder.wait(what, |seen| seen.outgoing.iter().find(|m| wanted(m)).cloned())
    }

    /// Every message that has come in on the wire so far.
    #[must_use]
    pub fn incoming(&self) -> Vec<Message> {
        self.recorder.read(|seen| seen.incoming.clone())
    }

    /// Every message that has gone out so far.
    #[must_use]
    pub fn outgoing(&self) -> Vec<Message> {
        self.recorder.read(|seen| seen.outgoing.clone())
    }

    /// Insists that the venue has taken in everything sent so far and answered with nothing more: sends a test
    /// request, and no application message comes before its heartbeat.
    ///
    /// # Panics
    /// If one does.
    #[track_caller]
    pub fn quiet(&self) {
        let id = format!("quiet-{}", self.outgoing().len());
        self.send(orders::test_request(&id));
        self.wait_incoming("heartbeat", |m| m.kind() == "0" && m.field(112) == id);
        let more = self.recorder.read(|seen| seen.delivered[seen.taken..].to_vec());
        assert_eq!(more, [], "messages that nobody expected");
    }

    /// Logs out by the handshake: this side's logout, the venue's, the end of the connection.
    ///
    /// # Panics
    /// If the venue does otherwise.
    #[track_caller]
    pub fn log_out(&self) {
        let before = self.begin_logout();
        self.end_logout(before);
    }

    /// Asks the engine to log out, which it does by its clock, a tick a second. Gives how many sessions had ended before.
    fn begin_logout(&self) -> usize {
        let before = self.recorder.read(|seen| seen.ends);
        let mut session = self.initiator.session(self.id.clone()).expect("the session exists");
        session.logout().expect("a session can be logged out");
        before
    }

    #[track_caller]
    fn end_logout(&self, before: usize) {
        self.wait_ends(before + 1);
        self.recorder.wait("answer to the logout", |seen| {
            seen.events.iter().any(|e| e == "Received logout response").then_some(())
        });
    }

    /// Logs on again after [`Trader::log_out`].
    ///
    /// # Panics
    /// If the engine has lost the session.
    pub fn log_on_again(&self) {
        let mut session = self.initiator.session(self.id.clone()).expect("the session exists");
        session.logon().expect("a session can be enabled");
    }

    /// What the engine has found wrong with the venue so far, by its log and by rejects; and what the venue has by
    /// rejects of its own that no test has asked for.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.recorder.complaints()
    }

    /// Ends the engine, and insists that it found fault with nothing that the venue sent.
    ///
    /// # Panics
    /// If it did.
    #[track_caller]
    pub fn finish(mut self) {
        self.initiator.stop().expect("an engine that stops");
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{complaints:#?}. What happened:\n{}", self.recorder.story());
    }
}

/// Ends a test: nothing more is on its way, the logout is answered, and nobody has complained.
///
/// # Panics
/// If not.
#[track_caller]
pub fn finish(venue: Venue, traders: impl IntoIterator<Item = Trader>) {
    let traders: Vec<Trader> = traders.into_iter().inspect(Trader::quiet).collect();
    let before: Vec<usize> = traders.iter().map(Trader::begin_logout).collect();
    for (trader, before) in traders.into_iter().zip(before) {
        trader.end_logout(before);
        trader.finish();
    }
    venue.stop().assert_no_panic();
}

impl Default for Options<'_> {
    fn default() -> Self {
        let version = Version::default();
        Options { version, password: "", heartbeat_s: 30, timestamp_places: 3, tells_next_expected: false }
    }
}

fn settings(
    id: &SessionId,
    address: SocketAddr,
    store: &TempDir,
    options: Options<'_>,
) -> Result<SessionSettings, quickfix::QuickFixError> {
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let (heartbeat, places) = (options.heartbeat_s.to_string(), options.timestamp_places.to_string());
    let store = store.path().to_str().expect("a plain name");
    let next_expected = if options.tells_next_expected { "Y" } else { "N" };
    let mut settings = SessionSettings::new();
    settings.set(None, Dictionary::try_from_items(&[&("ConnectionType", "initiator")])?)?;
    let mut session = Dictionary::try_from_items(&[
        &("ConnectionType", "initiator"),
        &("SocketConnectHost", host.as_str()),
        &("SocketConnectPort", port.as_str()),
        &("SocketNodelay", "Y"),
        &("ReconnectInterval", "1"),
        &("HeartBtInt", heartbeat.as_str()),
        &("NonStopSession", "Y"),
        &("FileStorePath", store),
        &("TimestampPrecision", places.as_str()),
        &("SendNextExpectedMsgSeqNum", next_expected),
        &("UseDataDictionary", "Y"),
        &("ValidateLengthAndChecksum", "Y"),
        &("ValidateFieldsOutOfOrder", "Y"),
        &("ValidateFieldsHaveValues", "Y"),
        &("ValidateUserDefinedFields", "Y"),
        &("AllowUnknownMsgFields", "N"),
        &("CheckCompID", "Y"),
        &("CheckLatency", "Y"),
        &("ResetOnLogon", "N"),
        &("ResetOnLogout", "N"),
        &("ResetOnDisconnect", "N"),
    ])?;
    for (name, value) in options.version.dictionaries() {
        session.set(name, value.as_str())?;
    }
    settings.set(Some(id), session)?;
    Ok(settings)
}
