//! The face that never waits: a connection that is polled.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Read, Write},
    mem,
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use mio::{Interest, Registry, Token, net::TcpStream};
use wire::{
    limits::SOUP_MESSAGE_BYTES_MAX,
    sbe::{
        self,
        codes::{DefinitionKinds, VenueState},
        messages::{DefinitionRequest, Message},
    },
    soup::{self, CloseReason, client::Input},
    types::Nanos,
};
use zeroize::Zeroizing;

use crate::{
    Definitions, Error, Name, Position, Refusal, Report, Request, Settings, names::Names, pending::Pending,
    report, request,
};

/// Bytes read at a time, and the room for a packet that is not whole yet.
const INPUT_BYTES: usize = 256 * 1024;
/// Reads of one poll: what others wait for while a flood comes is bounded.
const READS_PER_POLL: usize = 16;
/// Bytes of numbered messages that may come before the venue has told what its numbers stand for.
const HELD_BYTES_MAX: usize = 64 << 20;
/// How long after a refusal the question is asked again that tells what has arrived.
const FENCE_AGAIN_NS: u64 = 100_000_000;
/// What the venue is asked to define.
const KINDS: u8 = DefinitionKinds::INSTRUMENTS | DefinitionKinds::ASSETS | DefinitionKinds::ACCOUNTS;

/// What happens on a connection.
#[derive(Debug)]
pub enum Event<'a> {
    /// Logged in, and the venue has told what its numbers stand for: requests can be sent.
    Ready,
    /// A numbered message of the session. Each number comes once, in order, over all connections.
    Report(Report<'a>),
    /// A request was refused outside the order's own reports: by the gateway, or a request about several orders.
    Refused(Refusal),
    /// A request of a former connection never reached the venue.
    Lost(Name),
    /// What the venue does with requests from now on.
    Venue(VenueState),
    /// Anything else outside the sequence.
    Notice(Message<'a>),
    /// A message that this version cannot read; its number, if it has one. A later version of the library knows more.
    Unreadable(Option<u64>, sbe::Error),
    /// The connection is gone, and is made again after a while.
    Disconnected {
        /// Why.
        why: &'a Error,
        /// After how long.
        again_in: Duration,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not connected until then.
    Waiting(u64),
    /// The kernel is at it, since then.
    Connecting(u64),
    LoggingIn,
    /// Logged in; numbers are being defined.
    Defining,
    Ready,
    Closed,
}

/// A connection of one session that comes back when it breaks.
///
/// It does something only within [`poll`](Connection::poll) and [`flush`](Connection::flush), and waits for nothing.
/// Who uses mio registers it once with [`register`](Connection::register); anybody else looks at
/// [`fd`](Connection::fd) and [`wants_write`](Connection::wants_write) before each wait, since a new connection is
/// another descriptor. Either way [`timeout`](Connection::timeout) says when to poll at the latest.
pub struct Connection {
    settings: Settings,
    soup: soup::Client,
    stream: Option<TcpStream>,
    registration: Option<(Registry, Token)>,
    phase: Phase,
    epoch: Instant,
    input: Vec<u8>,
    filled: usize,
    /// The last poll has left something unread, and no edge tells of it again.
    more: bool,
    /// The login packet, which has the password in it.
    greeting: Zeroizing<Vec<u8>>,
    output: Vec<u8>,
    /// The venue's last words on this connection.
    said: String,
    definitions: Definitions,
    defined: bool,
    /// Numbered messages that came before the definitions: number and length of each, and their bytes.
    held: Vec<(u64, usize)>,
    held_bytes: Vec<u8>,
    pending: Pending,
    names: Names,
    /// Logins so far, and messages sent on this one.
    login: u64,
    sent: u64,
    /// Instruments whose fence the venue has refused, to be asked again then.
    fences_due: Option<u64>,
    /// When it was logged in last, or began; failures since.
    good_at: u64,
    failures: u32,
    scratch: Box<[u8; SOUP_MESSAGE_BYTES_MAX]>,
}

impl Connection {
    /// A connection that the first poll begins to make.
    ///
    /// # Errors
    /// [`Error::Credential`].
    pub fn new(settings: Settings) -> Result<Connection, Error> {
        let mut config = soup::client::Config::new(&settings.username, &settings.password)?;
        config.times = settings.times;
        let from = settings.from;
        Ok(Connection {
            soup: soup::Client::new(config, from.session, from.next),
            stream: None,
            registration: None,
            phase: Phase::Waiting(0),
            epoch: Instant::now(),
            input: vec![0; INPUT_BYTES],
            filled: 0,
            more: false,
            greeting: Zeroizing::default(),
            output: Vec::with_capacity(64 * 1024),
            said: String::new(),
            definitions: Definitions::default(),
            defined: false,
            held: Vec::new(),
            held_bytes: Vec::new(),
            pending: Pending::new(settings.in_flight_max),
            names: Names::new(),
            login: 0,
            sent: 0,
            fences_due: None,
            good_at: 0,
            failures: 0,
            scratch: Box::new([0; SOUP_MESSAGE_BYTES_MAX]),
            settings,
        })
    }

    /// What the venue's numbers stand for; whole once it is ready.
    #[must_use]
    pub const fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Whether requests can be sent.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// The place behind the last report handed out. Who keeps it together with what the reports have effected, and begins
    /// from there ([`Settings::from`]), misses none and gets none twice.
    #[must_use]
    pub fn position(&self) -> Position {
        let next = self.held.first().map_or(self.soup.next(), |&(number, _)| number);
        Position { session: self.soup.session(), next }
    }

    /// Requests without an answer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// A name that no other request has.
    pub fn new_name(&mut self) -> Name {
        self.names.next()
    }

    /// Puts `request` into the output, which the next [`flush`](Connection::flush) or [`poll`](Connection::poll) sends.
    /// Its name, by which the answer will be known.
    ///
    /// # Errors
    /// [`Error::NotReady`], [`Error::InFlight`], [`Error::Congested`], [`Error::NameInUse`], and what the request says of
    /// itself. Nothing is sent then.
    pub fn send(&mut self, request: &impl Request) -> Result<Name, Error> {
        match self.phase {
            Phase::Ready => {}
            Phase::Closed => return Err(Error::Closed),
            _ => return Err(Error::NotReady),
        }
        if self.pending.is_full() {
            return Err(Error::InFlight { max: self.settings.in_flight_max });
        }
        if self.output.len() > self.settings.output_bytes_max {
            return Err(Error::Congested { bytes: self.output.len() });
        }
        let name = request.name().unwrap_or_else(|| self.names.next());
        if self.pending.has(name) {
            return Err(Error::NameInUse(name));
        }
        let length = request.encode(&self.definitions, name, &mut self.scratch[..])?;
        let instrument = request.instrument(&self.definitions);
        self.put(length);
        self.pending.add(name, self.login, self.sent, instrument);
        Ok(name)
    }

    /// Puts `message`, which has no answer of its own, into the output: a request for market data or definitions.
    ///
    /// # Errors
    /// [`Error::NotReady`], [`Error::Congested`].
    ///
    /// # Panics
    /// If the message does not fit a packet, which no message of the schema does.
    pub fn send_message(&mut self, message: &Message<'_>) -> Result<(), Error> {
        if self.phase != Phase::Ready {
            return Err(Error::NotReady);
        }
        if self.output.len() > self.settings.output_bytes_max {
            return Err(Error::Congested { bytes: self.output.len() });
        }
        let length = message.encode(&mut self.scratch[..]).expect("it fits");
        self.put(length);
        Ok(())
    }

    /// Sends the first `length` bytes of the scratch.
    fn put(&mut self, length: usize) {
        let now = self.now();
        let is_sent = self.soup.send(now, &self.scratch[..length], &mut self.output);
        debug_assert!(is_sent, "logged in, and the scratch is as long as a message may be");
        self.sent += 1;
    }

    /// Bytes that wait for the kernel to take them.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        matches!(self.phase, Phase::Connecting(_)) || !self.greeting.is_empty() || !self.output.is_empty()
    }

    /// The connection's descriptor, if there is a connection.
    #[must_use]
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.stream.as_ref().map(AsFd::as_fd)
    }

    /// Registers the connection, and each that comes after it, with mio: poll whenever there is an event of `token`.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        if let Some(stream) = &mut self.stream {
            registry.register(stream, token, Interest::READABLE | Interest::WRITABLE)?;
        }
        self.registration = Some((registry.try_clone()?, token));
        Ok(())
    }

    /// After how long [`poll`](Connection::poll) is to be called at the latest; `None`: not before something comes.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        if self.more {
            return Some(Duration::ZERO);
        }
        let due = match self.phase {
            Phase::Waiting(until) => until,
            Phase::Connecting(since) => since.saturating_add(nanos(self.settings.connect_timeout)),
            Phase::LoggingIn | Phase::Defining | Phase::Ready => {
                self.soup.deadline().0.min(self.fences_due.unwrap_or(u64::MAX))
            }
            Phase::Closed => return None,
        };
        Some(Duration::from_nanos(due.saturating_sub(self.now().0)))
    }

    /// Does what there is to do without waiting, and hands what has happened to `on`; how many events that were.
    ///
    /// # Errors
    /// If the connection is over for good. Anything that heals is an event.
    pub fn poll(&mut self, mut on: impl FnMut(Event<'_>)) -> Result<usize, Error> {
        let mut events = 0;
        let mut on = |event: Event<'_>| {
            events += 1;
            on(event);
        };
        if self.phase == Phase::Closed {
            return Err(Error::Closed);
        }
        if let Err(error) = self.go_on(&mut on) {
            self.broke(error, &mut on)?;
        }
        Ok(events)
    }

    /// Sends what waits, as far as the kernel takes it. What is broken the next [`poll`](Connection::poll) tells.
    pub fn flush(&mut self) {
        let Some(stream) = &mut self.stream else { return };
        if matches!(self.phase, Phase::Connecting(_)) {
            return;
        }
        for output in [&mut *self.greeting, &mut self.output] {
            let mut sent = 0;
            while sent < output.len() {
                match stream.write(&output[sent..]) {
                    Ok(count) => sent += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Whatever else it is, reading finds it too.
                    Err(_) => break,
                }
            }
            if sent == output.len() {
                output.clear();
            } else {
                output.drain(..sent);
                return; // what waits goes in order
            }
        }
    }

    /// Logs out and closes the connection for good. What was not sent by then is not.
    pub fn close(&mut self) {
        let now = self.now();
        self.soup.logout(now, &mut self.output);
        self.flush();
        self.drop_stream();
        self.phase = Phase::Closed;
    }

    fn now(&self) -> Nanos {
        Nanos(nanos(self.epoch.elapsed()))
    }

    fn go_on(&mut self, on: &mut impl FnMut(Event<'_>)) -> Result<(), Error> {
        let now = self.now();
        if let Phase::Waiting(until) = self.phase {
            if now.0 < until {
                return Ok(());
            }
            self.connect(now)?;
        }
        if let Phase::Connecting(since) = self.phase
            && !self.connected(now, since)?
        {
            return Ok(());
        }
        self.read(on)?;
        if now >= self.soup.deadline()
            && let Some(reason) = self.soup.handle_timeout(now, &mut self.output)
        {
            return Err(self.ended(reason));
        }
        if self.phase == Phase::Ready && self.fences_due.is_some_and(|due| now.0 >= due) {
            self.fence_former();
        }
        self.flush();
        Ok(())
    }

    fn connect(&mut self, now: Nanos) -> Result<(), Error> {
        let address = self.settings.address;
        let refused = |error| Error::Connect { address, error };
        let mut stream = TcpStream::connect(address).map_err(refused)?;
        if let Some((registry, token)) = &self.registration {
            registry
                .register(&mut stream, *token, Interest::READABLE | Interest::WRITABLE)
                .map_err(Error::Wait)?;
        }
        self.stream = Some(stream);
        self.phase = Phase::Connecting(now.0);
        Ok(())
    }

    /// Whether the kernel has made the connection, over which the login then goes.
    fn connected(&mut self, now: Nanos, since: u64) -> Result<bool, Error> {
        let address = self.settings.address;
        let refused = |error| Error::Connect { address, error };
        let stream = self.stream.as_mut().ok_or(Error::Closed)?;
        if let Some(error) = stream.take_error().map_err(refused)? {
            return Err(refused(error));
        }
        match stream.peer_addr() {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                if now.0 >= since.saturating_add(nanos(self.settings.connect_timeout)) {
                    return Err(refused(io::ErrorKind::TimedOut.into()));
                }
                return Ok(false);
            }
            Err(error) => return Err(refused(error)),
        }
        stream.set_nodelay(true).map_err(refused)?;
        self.soup.connected(now, &mut self.greeting);
        self.phase = Phase::LoggingIn;
        self.flush();
        Ok(true)
    }

    fn read(&mut self, on: &mut impl FnMut(Event<'_>)) -> Result<(), Error> {
        self.more = false;
        for _ in 0..READS_PER_POLL {
            let Some(stream) = &mut self.stream else { return Ok(()) };
            match stream.read(&mut self.input[self.filled..]) {
                Ok(0) => return Err(Error::ClosedByVenue(mem::take(&mut self.said))),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::Broken(error)),
            }
            // Out of the way, so that a message in it can be handed on beside the rest of us.
            let mut input = mem::take(&mut self.input);
            let result = self.take(&input[..self.filled], on);
            if let Ok(used) = result {
                input.copy_within(used..self.filled, 0);
                self.filled -= used;
            }
            self.input = input;
            result?;
        }
        self.more = true;
        Ok(())
    }

    /// Takes the packets in `bytes`; how many bytes those were.
    fn take(&mut self, bytes: &[u8], on: &mut impl FnMut(Event<'_>)) -> Result<usize, Error> {
        let now = self.now();
        let mut used = 0;
        loop {
            let (count, input) = self.soup.receive(now, &bytes[used..]);
            used += count;
            match input {
                Input::NeedMore => return Ok(used),
                Input::Handled => {}
                Input::Debug(words) => self.said = words.escape_ascii().to_string(),
                Input::LoggedIn => self.logged_in(now),
                Input::Message { number, message } if !self.defined => self.hold(number, message)?,
                Input::Message { number, message } => self.numbered(number, message, on),
                Input::Unsequenced(message) => self.unnumbered(message, on)?,
                Input::Close(reason) => return Err(self.ended(reason)),
            }
        }
    }

    fn logged_in(&mut self, now: Nanos) {
        (self.login, self.sent) = (self.login + 1, 0);
        (self.good_at, self.failures) = (now.0, 0);
        self.phase = Phase::Defining;
        let kinds = DefinitionRequest { definition_kinds: DefinitionKinds(KINDS), padding1: [0; 7] };
        let length = sbe::encode(&kinds, &mut self.scratch[..]).expect("it fits");
        self.put(length);
    }

    /// Keeps a numbered message until its numbers mean something.
    fn hold(&mut self, number: u64, message: &[u8]) -> Result<(), Error> {
        if self.held_bytes.len() + message.len() > HELD_BYTES_MAX {
            return Err(Error::Session {
                reason: CloseReason::TooLong(number),
                said: mem::take(&mut self.said),
            });
        }
        self.held.push((number, message.len()));
        self.held_bytes.extend_from_slice(message);
        Ok(())
    }

    fn release(&mut self, on: &mut impl FnMut(Event<'_>)) {
        let (held, bytes) = (mem::take(&mut self.held), mem::take(&mut self.held_bytes));
        let mut at = 0;
        for (number, length) in held {
            self.numbered(number, &bytes[at..at + length], on);
            at += length;
        }
    }

    fn numbered(&mut self, number: u64, bytes: &[u8], on: &mut impl FnMut(Event<'_>)) {
        let message = match sbe::decode(bytes) {
            Ok(message) => message,
            Err(error) => return on(Event::Unreadable(Some(number), error)),
        };
        self.definitions.learn(&message);
        let answered = report::answers(&message);
        if let Some(fence) = answered[0].filter(|&name| self.names.is_fence(name)) {
            return self.fence_answered(fence, &message, on);
        }
        for name in answered.into_iter().flatten() {
            self.pending.settle(name);
        }
        match refusal_of_gateway(&message) {
            Some(refusal) => on(Event::Refused(refusal)),
            None => {
                let session = self.soup.session();
                on(Event::Report(Report { number, message, session, definitions: &self.definitions }));
            }
        }
    }

    fn unnumbered(&mut self, bytes: &[u8], on: &mut impl FnMut(Event<'_>)) -> Result<(), Error> {
        let message = match sbe::decode(bytes) {
            Ok(message) => message,
            Err(error) => {
                on(Event::Unreadable(None, error));
                return Ok(());
            }
        };
        if self.definitions.learn(&message) {
            return Ok(());
        }
        let answered = report::answers(&message);
        if let Some(fence) = answered[0].filter(|&name| self.names.is_fence(name)) {
            self.fence_answered(fence, &message, on);
            return Ok(());
        }
        for name in answered.into_iter().flatten() {
            self.pending.settle(name);
        }
        match message {
            Message::DefinitionsEnd(_) if self.phase == Phase::Defining => {
                (self.phase, self.defined) = (Phase::Ready, true);
                self.release(on);
                on(Event::Ready);
                self.fence_former();
            }
            Message::DefinitionsEnd(_) => {}
            Message::RequestRefused(it)
                if self.phase == Phase::Defining && it.template_id.get() == DEFINITIONS =>
            {
                // Nothing can be sent without them: from the beginning, after a while.
                let refusal = report::refusal(&message).map(|refusal| refusal.to_string());
                return Err(Error::ClosedByVenue(refusal.unwrap_or_default()));
            }
            Message::MessageRefused(it) => {
                let name = self.pending.settle_at(self.login, it.msg_seq_num.get());
                if let Some(refusal) = report::refusal(&message) {
                    on(Event::Refused(Refusal { name, ..refusal }));
                }
            }
            Message::RequestRefused(it) => {
                let name = self.pending.settle_at(self.login, it.msg_seq_num.get());
                if let Some(refusal) = report::refusal(&message) {
                    on(Event::Refused(Refusal { name: refusal.name.or(name), ..refusal }));
                }
            }
            Message::VenueStatus(it) => on(Event::Venue(it.venue_state)),
            other => on(Event::Notice(other)),
        }
        Ok(())
    }

    /// Asks, of each instrument that requests of former logins are about, what the venue can answer only behind them.
    fn fence_former(&mut self) {
        self.fences_due = None;
        self.pending.forget_fences();
        for instrument in self.pending.to_be_fenced(self.login) {
            let name = self.names.fence();
            // Whoever may act for several accounts has to name one.
            let account = self.definitions.first_account();
            let length = request::fence(name, instrument, account, &mut self.scratch[..]);
            self.put(length);
            self.pending.fence(name, self.login, instrument);
        }
    }

    fn fence_answered(&mut self, fence: Name, message: &Message<'_>, on: &mut impl FnMut(Event<'_>)) {
        if matches!(message, Message::RequestRefused(_)) {
            self.pending.refused(fence);
            self.fences_due = Some(self.now().0 + FENCE_AGAIN_NS);
            return;
        }
        for lost in self.pending.answered(fence) {
            on(Event::Lost(lost));
        }
    }

    fn ended(&mut self, reason: CloseReason) -> Error {
        Error::Session { reason, said: mem::take(&mut self.said) }
    }

    fn drop_stream(&mut self) {
        if let Some(mut stream) = self.stream.take()
            && let Some((registry, _)) = &self.registration
        {
            // Closing takes it out as well.
            let _gone = registry.deregister(&mut stream);
        }
        self.soup.disconnected();
        (self.filled, self.more) = (0, false);
        // The password may stand in it.
        self.greeting = Zeroizing::default();
        self.output.clear();
    }

    /// The connection is gone because of `error`: it is made again after a while, unless that is no use.
    fn broke(&mut self, error: Error, on: &mut impl FnMut(Event<'_>)) -> Result<(), Error> {
        let now = self.now().0;
        // A second login may come too early for the venue to have seen the first one's end.
        let is_back =
            self.login > 0 && matches!(&error, Error::Session { reason, .. } if is_refused(*reason));
        self.drop_stream();
        if self.login == 0 || !(error.heals() || is_back) {
            self.phase = Phase::Closed;
            return Err(error);
        }
        let waited = Duration::from_nanos(now.saturating_sub(self.good_at));
        if self.failures == 0 {
            self.good_at = now;
        } else if waited > self.settings.back_off.give_up_after {
            self.phase = Phase::Closed;
            return Err(Error::GaveUp { waited, why: Box::new(error) });
        }
        let again_in = wait(&self.settings, self.failures);
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Waiting(now.saturating_add(nanos(again_in)));
        on(Event::Disconnected { why: &error, again_in });
        Ok(())
    }
}

/// The template of the request for definitions.
const DEFINITIONS: u16 = <DefinitionRequest as sbe::Root>::TEMPLATE;

/// A refusal by the gateway, should it have a number.
fn refusal_of_gateway(message: &Message<'_>) -> Option<Refusal> {
    matches!(message, Message::RequestRefused(_) | Message::MessageRefused(_))
        .then(|| report::refusal(message))
        .flatten()
}

fn is_refused(reason: CloseReason) -> bool {
    reason == CloseReason::Refused(soup::RejectReason::NotAuthorized)
}

/// How long to wait after `failures` others: doubled each time, a quarter of it chance.
fn wait(settings: &Settings, failures: u32) -> Duration {
    let back_off = settings.back_off;
    let whole = back_off.first.saturating_mul(1 << failures.min(20)).min(back_off.max);
    let chance = RandomState::new().hash_one(failures) % 1_000;
    let quarter = nanos(whole) / 4;
    whole.saturating_sub(Duration::from_nanos(quarter / 1_000 * chance))
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("settings", &self.settings)
            .field("phase", &self.phase)
            .field("position", &self.position())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_differ_by_a_quarter_at_most() {
        let settings = Settings::new("127.0.0.1:1".parse().unwrap(), "BM1", "x");
        for failures in 0..40 {
            let whole =
                Duration::from_millis(50).saturating_mul(1 << failures.min(20)).min(settings.back_off.max);
            let waited = wait(&settings, failures);
            assert!(waited <= whole && waited >= whole * 3 / 4, "{waited:?} of {whole:?}");
        }
    }
}
