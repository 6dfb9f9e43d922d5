//! The gateway's only loop: events to reports, then bytes to commands.
//!
//! ```text
//! ring of events -> session.send -> output          sockets -> session.receive -> entry -> ring of commands
//! ```
//!
//! Read in this order: [`Worker::poll`](shm::Agent::poll), `take_events`, `serve`, then `entry.rs` for what a
//! message becomes. Everything else is connections coming and going.

use std::{
    collections::{HashMap, VecDeque},
    io, mem,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use shm::{Agent, Bell, Directory, ShmError, Sleeper};
use tracing::{debug, error, info, warn};
use wire::{
    command::{Head, Kind, SessionNotice},
    event::{Definition, Record},
    fix::session::{self, CloseReason, Inbox, Input, Logon, LogonPeek, Role},
    types::{AccountId, InstrumentId, Nanos},
};

use crate::{
    config::{Config, Secret},
    entry::{self, Entry, Session},
    link::{Link, Matcher},
    log_budget::LogBudget,
    session_store::{StoreError, Stores},
    transport::{Bounds, Chosen, Closed, ConnId, Notice, Transport},
};

/// Events taken in one poll, so that a burst of them does not keep the sockets waiting.
const EVENTS_PER_POLL: usize = 256;
/// Bytes of output beyond which a resend waits for the client to read: a client that asks for much and reads
/// slowly is not cut off for what it asked for.
const RESEND_OUTPUT_MAX: usize = 64 * 1024;
/// How often the matcher is looked after, and looked for.
const LINK_CHECK_NS: u64 = 100_000_000;
/// How long clients have to answer our Logout when the venue shuts down.
const DRAIN_NS: u64 = 2_000_000_000;

/// How far the shutting down of a gateway is; shared between who asks for it and the worker.
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<AtomicU8>);

impl Drain {
    const ASKED: u8 = 1;
    const DONE: u8 = 2;

    /// Asks the worker to log its clients out and to take nothing new. Its bell should be rung after this.
    pub fn ask(&self) {
        // Relaxed: nothing else is published by it. A finished drain stays finished.
        let _already = self.0.compare_exchange(0, Self::ASKED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the last client has gone, or the time for it is over.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::DONE
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::ASKED
    }

    fn done(&self) {
        self.0.store(Self::DONE, Ordering::Relaxed);
    }
}

/// A gateway worker: an agent that owns a listener, its connections, and the sessions on them.
pub struct Worker {
    name: String,
    transport: Chosen,
    notices: Vec<Notice>,
    inbox: Inbox,
    link: Option<Link>,
    matcher_there: bool,
    /// The matcher has told of all instruments and accounts; until then nobody is let in, for whom something could be
    /// missing.
    informed: bool,
    link_check: u64,
    directory: Directory,
    bell: Arc<Bell>,
    entry: Entry,
    members: Vec<Member>,
    admission: Admission,
    parties: Vec<Party>,
    /// Connections without a Logon, oldest first; some of them may have gone since.
    strangers: VecDeque<(ConnId, u64)>,
    strangers_count: usize,
    /// Members with something to tell the matcher, or with a resend under way.
    unfinished: Vec<usize>,
    /// Where reports of sessions without a connection are made: they are kept for resending all the same.
    nowhere: Vec<u8>,
    logon_timeout_ns: u64,
    strangers_max: usize,
    log_budget: LogBudget,
    drain: Drain,
    drain_until: Option<u64>,
}

/// A session of the configuration.
struct Member {
    comp_id: String,
    password: Secret,
    head: Head,
    accounts: Vec<AccountId>,
    session: Session,
    conn: Option<ConnId>,
    /// Where its connection, or its last one, came from.
    peer: SocketAddr,
    /// What the matcher does not know yet of the session's coming and going.
    tell: Option<Kind>,
    unfinished: bool,
}

/// Who may become a member, and when.
struct Admission {
    comp_id: String,
    by_comp_id: HashMap<Box<[u8]>, usize, foldhash::fast::FixedState>,
    heartbeat_s: RangeInclusive<u32>,
    draining: bool,
}

/// Whose a connection is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Nobody,
    Stranger,
    Member(usize),
}

/// Why a worker does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; {}", remedy(error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the kernel said.
        error: io::Error,
    },
    /// What outlives the gateway cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rings cannot be used.
    #[error(transparent)]
    Rings(#[from] ShmError),
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "stop the process that holds the port, or choose another with --set fix.listen=ADDRESS:PORT"
        }
        io::ErrorKind::AddrNotAvailable => "use an address of this machine, such as 127.0.0.1",
        io::ErrorKind::PermissionDenied => "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one",
        _ => "choose another with --set fix.listen=ADDRESS:PORT",
    }
}

impl Worker {
    /// Listens; the matcher may come later, see [`Worker::attach`].
    ///
    /// # Errors
    /// [`StartError::Listen`], [`StartError::Store`].
    pub fn listen(
        config: &Config,
        directory: Directory,
        bell: Arc<Bell>,
        drain: Drain,
    ) -> Result<Worker, StartError> {
        let bounds =
            Bounds { connections_max: config.connections_max, output_bytes_max: config.output_bytes_max };
        let transport = Chosen::listen(config.transport, config.listen, bounds)
            .map_err(|error| StartError::Listen { address: config.listen, error })?;
        let stores = Stores::open(
            &config.store,
            config.store_memory,
            config.resend_window as usize,
            config.resend_bytes_max,
        )?;
        let members = config.sessions.iter().map(|s| Member::new(s, config, &stores));
        let members = members.collect::<Result<Vec<Member>, StoreError>>()?;
        Ok(Worker {
            name: "gateway-0".to_owned(),
            transport,
            notices: Vec::with_capacity(1024),
            inbox: Inbox::default(),
            link: None,
            matcher_there: false,
            informed: false,
            link_check: 0,
            directory,
            bell,
            entry: Entry::new(config),
            admission: Admission::new(config, &members),
            members,
            parties: Vec::new(),
            strangers: VecDeque::new(),
            strangers_count: 0,
            unfinished: Vec::new(),
            nowhere: Vec::with_capacity(64 * 1024),
            logon_timeout_ns: config.logon_timeout_ns,
            strangers_max: config.unauthenticated_max as usize,
            log_budget: LogBudget::default(),
            drain,
            drain_until: None,
        })
    }

    /// Joins the matcher's rings; `false` while there is no matcher.
    ///
    /// # Errors
    /// [`StartError::Rings`] if the rings are there and cannot be used.
    pub fn attach(&mut self) -> Result<bool, StartError> {
        self.link = Link::join(&self.directory, 0, &self.bell)?;
        self.matcher_there = self.link.is_some();
        if let Some(link) = &self.link {
            for member in &mut self.members {
                member.session.store_mut().resolve(link.commands(0));
                member.session.resume();
            }
        }
        // Of what a former gateway may have left in the ring, a SessionUp would count as ours.
        for index in 0..self.members.len() {
            self.tell(index, Kind::SessionDown);
        }
        Ok(self.matcher_there)
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.transport.local_addr()
    }
}

impl Agent for Worker {
    fn name(&self) -> &str {
        &self.name
    }

    fn poll(&mut self, now: u64) -> usize {
        let informed = self.informed;
        let mut work = self.take_events(now);
        if self.informed && !informed {
            self.let_in(now);
        }
        self.transport.poll(now, &mut self.notices);
        work += self.look_at_notices(now);
        work += self.finish(now);
        if let Some(link) = &mut self.link {
            link.flush();
        }
        self.transport.flush(&mut self.notices);
        work + self.look_at_notices(now)
    }

    fn housekeep(&mut self, now: u64) {
        self.transport.housekeep(now);
        self.end_late_strangers(now);
        self.log_budget.tell(now);
        for index in 0..self.members.len() {
            if now >= self.members[index].session.deadline().0 {
                self.session_timeout(now, index);
            }
        }
        if now >= self.link_check {
            self.link_check = now.saturating_add(LINK_CHECK_NS);
            self.look_after_matcher(now);
        }
        self.look_after_drain(now);
        self.transport.flush(&mut self.notices);
        self.look_at_notices(now);
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Sleeper for Worker {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        self.transport.wait(bell.fd(), timeout);
    }
}

/// The path of an order, and back.
impl Worker {
    /// Events to reports.
    fn take_events(&mut self, now: u64) -> usize {
        let Some(link) = &mut self.link else { return 0 };
        if !self.informed {
            link.coming_definitions(|definition| self.entry.learn(definition));
        }
        let mut taken = 0;
        while taken < EVENTS_PER_POLL {
            let (mark, full) = (link.event_mark(), !self.informed && link.is_full());
            let Some(event) = link.event() else { break };
            match event {
                Ok(Record::Definition(definition)) => {
                    self.informed |= definition.last == 1;
                    self.entry.learn(definition);
                    if let Some(member) = self.members.get_mut(definition.session.0 as usize) {
                        member.entitle(definition);
                    }
                }
                // For who publishes market data.
                Ok(Record::Event(event)) if event.kind.is_public() => {}
                Ok(Record::Event(event)) => {
                    if !self.informed && !self.entry.knows(event) {
                        if !full {
                            break; // the definitions are still to come
                        }
                        // Nor can they come while there is no room for them.
                        error!(
                            event = event.event_id,
                            order = event.order_id.0,
                            "an event of an instrument or account that this gateway has not been told of cannot be reported; ask for the order's status"
                        );
                    } else if let Some(member) = self.members.get_mut(event.session.0 as usize)
                        && !member.session.store_mut().has_taken(mark)
                    {
                        let output = member.conn.and_then(|conn| self.transport.split(conn));
                        let output = output.map_or(&mut self.nowhere, |(_, output)| output);
                        self.entry.report(Nanos(now), event, &mut member.session, output);
                        self.nowhere.clear();
                    }
                }
                Err(length) => warn!(length, "{}", wire::event::NotAnEvent),
            }
            // After the report is kept: killed in between, it is known by its mark when it comes again.
            link.advance();
            taken += 1;
        }
        taken
    }

    fn look_at_notices(&mut self, now: u64) -> usize {
        let mut notices = mem::take(&mut self.notices);
        let work = notices.len();
        for notice in notices.drain(..) {
            match notice {
                Notice::Received(conn) => match self.party(conn) {
                    Party::Member(index) => self.serve(now, index),
                    Party::Stranger => self.admit(now, conn),
                    Party::Nobody => {}
                },
                Notice::Opened(conn, peer) => self.meet(now, conn, peer),
                Notice::Closed(conn, why) => self.gone(conn, &why),
                Notice::TurnedAway(peer) => {
                    if self.log_budget.takes(now) {
                        warn!(%peer, "turned away: as many connections as fix.connections_max allows");
                    }
                }
                Notice::AcceptFailed(error) => {
                    if self.log_budget.takes(now) {
                        warn!(%error, "no connection could be taken; raise the limit of open files (ulimit -n)");
                    }
                }
            }
        }
        self.notices = notices; // keeps its memory; nothing was added meanwhile but by flush, later
        work
    }

    /// A member's bytes to commands.
    fn serve(&mut self, now: u64, index: usize) {
        let member = &mut self.members[index];
        let Some(conn) = member.conn else { return };
        while let Some((input, output)) = self.transport.split(conn) {
            let (consumed, what) = member.session.receive(Nanos(now), input, &mut self.inbox, output);
            let mut close = None;
            let mut more = true;
            match what {
                Input::NeedMore => more = false,
                Input::Handled => {}
                Input::LoggedOn => {
                    info!(session = member.comp_id, peer = %member.peer, "logged on");
                    member.tell = Some(Kind::SessionUp);
                }
                Input::App(message) => {
                    let head = Head {
                        repeat: u8::from(message.poss_dup || message.poss_resend),
                        msg_seq: message.seq.unwrap_or_default(),
                        rx: Nanos(now),
                        ..member.head
                    };
                    let origin = entry::Origin {
                        head,
                        accounts: &member.accounts,
                        session: &mut member.session,
                        link: self.link.as_mut().filter(|_| self.matcher_there),
                        output,
                    };
                    self.entry.take(&message, origin);
                }
                Input::Rejected(reject) => {
                    let text = reject.find(58).unwrap_or_default().escape_ascii().to_string();
                    warn!(session = member.comp_id, text, "the client has rejected a message of ours");
                }
                Input::Close(reason) => close = Some(reason),
            }
            let pending = member.tell.is_some() || member.session.is_resending();
            if pending && !mem::replace(&mut member.unfinished, true) {
                self.unfinished.push(index);
            }
            self.transport.consume(conn, consumed);
            if let Some(reason) = close {
                return self.end(now, index, reason);
            }
            if !more {
                return;
            }
        }
    }

    /// What could not be done at once: telling the matcher while its ring was full, and long resends.
    fn finish(&mut self, now: u64) -> usize {
        let mut work = 0;
        let mut at = 0;
        while at < self.unfinished.len() {
            let member = &mut self.members[self.unfinished[at]];
            if let (Some(kind), Some(link)) = (member.tell, &mut self.link) {
                let notice = SessionNotice { head: Head { kind, rx: Nanos(now), ..member.head } };
                if link.send(&notice) {
                    member.tell = None;
                    work += 1;
                }
            }
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn))
                && output.len() < RESEND_OUTPUT_MAX
            {
                work += usize::from(member.session.poll_resend(Nanos(now), output));
            }
            let resending = member.conn.is_some() && member.session.is_resending();
            if member.tell.is_none() && !resending {
                member.unfinished = false;
                self.unfinished.swap_remove(at);
            } else {
                at += 1;
            }
        }
        work
    }
}

/// Connections coming and going.
impl Worker {
    fn party(&self, conn: ConnId) -> Party {
        self.parties.get(conn.slot()).copied().unwrap_or(Party::Nobody)
    }

    fn set_party(&mut self, conn: ConnId, party: Party) {
        if self.parties.len() <= conn.slot() {
            self.parties.resize(conn.slot() + 1, Party::Nobody);
        }
        let former = mem::replace(&mut self.parties[conn.slot()], party);
        self.strangers_count += usize::from(party == Party::Stranger);
        self.strangers_count -= usize::from(former == Party::Stranger);
    }

    fn meet(&mut self, now: u64, conn: ConnId, peer: SocketAddr) {
        debug!(%peer, "connected");
        self.set_party(conn, Party::Stranger);
        self.strangers.push_back((conn, now.saturating_add(self.logon_timeout_ns)));
        if self.strangers_count > self.strangers_max {
            self.end_oldest_stranger(now, "too many connections without a Logon; the oldest goes");
        }
    }

    fn end_late_strangers(&mut self, now: u64) {
        while self.strangers.front().is_some_and(|&(_, until)| now >= until) {
            self.end_oldest_stranger(now, "no Logon within fix.logon_timeout_ms");
        }
    }

    fn end_oldest_stranger(&mut self, now: u64, why: &str) {
        while let Some((conn, _)) = self.strangers.pop_front() {
            // Names of connections are never reused, so a member's or a former stranger's is skipped here.
            if self.party(conn) == Party::Stranger && self.transport.peer(conn).is_some() {
                return self.turn_out(now, conn, why);
            }
        }
    }

    /// Looks at those who have waited for the matcher to tell of what there is.
    fn let_in(&mut self, now: u64) {
        for at in 0..self.strangers.len() {
            let (conn, _) = self.strangers[at];
            if self.party(conn) == Party::Stranger {
                self.admit(now, conn);
            }
        }
    }

    /// A stranger's first message.
    fn admit(&mut self, now: u64, conn: ConnId) {
        if !self.informed {
            return; // it is looked at again when the matcher has told of everything
        }
        let Some(peer) = self.transport.peer(conn) else { return };
        let Some((input, output)) = self.transport.split(conn) else { return };
        let logon = match session::logon_of(input) {
            LogonPeek::NeedMore => return,
            LogonPeek::NotLogon(why) => return self.turn_out(now, conn, &why.to_string()),
            LogonPeek::Logon(logon) => logon,
        };
        match self.admission.member(&logon, &self.members) {
            Ok(index) => {
                let member = &mut self.members[index];
                (member.conn, member.peer) = (Some(conn), peer);
                member.session.connected(Nanos(now), output);
                self.set_party(conn, Party::Member(index));
                self.serve(now, index);
            }
            Err(why) => {
                logon.refuse(Nanos(now), &self.admission.comp_id, why, output);
                let why = format!("logon of {} refused: {why}", logon.sender.escape_ascii());
                self.turn_out(now, conn, &why);
            }
        }
    }

    /// Closes a connection that has not become a member's.
    fn turn_out(&mut self, now: u64, conn: ConnId, why: &str) {
        if self.log_budget.takes(now)
            && let Some(peer) = self.transport.peer(conn)
        {
            warn!(%peer, why, "connection closed");
        }
        self.transport.close(conn, now);
        self.set_party(conn, Party::Nobody);
    }

    /// Closes a member's connection.
    fn end(&mut self, now: u64, index: usize, reason: CloseReason) {
        let member = &mut self.members[index];
        let Some(conn) = member.conn else { return };
        info!(session = member.comp_id, peer = %member.peer, %reason, "disconnected");
        self.transport.close(conn, now);
        self.set_party(conn, Party::Nobody);
        self.left(index);
    }

    /// A connection is gone without our doing.
    fn gone(&mut self, conn: ConnId, why: &Closed) {
        match self.party(conn) {
            Party::Member(index) => {
                let Member { comp_id: session, peer, .. } = &self.members[index];
                match why {
                    Closed::ByPeer => info!(session, %peer, "disconnected by the client"),
                    Closed::Broken(error) => info!(session, %peer, %error, "connection lost"),
                    Closed::SlowConsumer { pending } => {
                        warn!(session, %peer, pending, "disconnected: it takes its reports too slowly");
                    }
                }
                self.left(index);
            }
            Party::Stranger => debug!(?why, "a connection without a Logon is gone"),
            Party::Nobody => {}
        }
        self.set_party(conn, Party::Nobody);
    }

    fn left(&mut self, index: usize) {
        let member = &mut self.members[index];
        member.conn = None;
        member.session.disconnected();
        self.tell(index, Kind::SessionDown);
    }

    /// The matcher is to hear of a session's coming or going as soon as its ring has room. Of two such notices the
    /// later one is what counts.
    fn tell(&mut self, index: usize, kind: Kind) {
        let member = &mut self.members[index];
        member.tell = Some(kind);
        if !mem::replace(&mut member.unfinished, true) {
            self.unfinished.push(index);
        }
    }

    fn session_timeout(&mut self, now: u64, index: usize) {
        let member = &mut self.members[index];
        let output = member.conn.and_then(|conn| self.transport.split(conn));
        let output = output.map_or(&mut self.nowhere, |(_, output)| output);
        let close = member.session.handle_timeout(Nanos(now), output);
        self.nowhere.clear();
        if let Some(reason) = close {
            self.end(now, index, reason);
        }
    }

    fn log_out_everybody(&mut self, now: u64, text: &str) {
        for member in &mut self.members {
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                member.session.logout(Nanos(now), text.as_bytes(), output);
            }
        }
    }

    fn look_after_matcher(&mut self, now: u64) {
        let Some(link) = &mut self.link else { return };
        let was_there = std::mem::replace(&mut self.matcher_there, true);
        match link.look() {
            Matcher::Same => {}
            Matcher::Away => {
                self.matcher_there = false;
                if was_there {
                    warn!("the matcher is gone: requests are refused until another one comes");
                }
            }
            Matcher::Another => {
                warn!("another matcher is there, with empty books: all sessions are logged out");
                let text = "the matching engine was restarted and began with empty books: ask for the status of orders";
                self.log_out_everybody(now, text);
            }
        }
    }

    fn look_after_drain(&mut self, now: u64) {
        if !self.drain.is_asked() {
            return;
        }
        let until = *self.drain_until.get_or_insert_with(|| {
            info!("draining: no new connections, clients are logged out");
            now.saturating_add(DRAIN_NS)
        });
        if self.entry.set_draining() {
            self.admission.draining = true;
            self.transport.stop_listening();
            self.log_out_everybody(now, "the venue is shutting down");
        }
        if now >= until || self.members.iter().all(|member| member.conn.is_none()) {
            self.drain.done();
        }
    }
}

impl Admission {
    fn new(config: &Config, members: &[Member]) -> Admission {
        let by_comp_id = members.iter().enumerate().map(|(i, m)| (m.comp_id.as_bytes().into(), i)).collect();
        let (comp_id, heartbeat_s) = (config.comp_id.clone(), config.heartbeat_s.clone());
        Admission { comp_id, by_comp_id, heartbeat_s, draining: false }
    }

    /// The member that `logon` is of, or why it is refused. One answer for an unknown name and a wrong password:
    /// neither tells which names there are.
    fn member(&self, logon: &Logon<'_>, members: &[Member]) -> Result<usize, &'static str> {
        const UNKNOWN: &str = "unknown CompID or wrong password";
        let index = self.by_comp_id.get(logon.sender).copied().ok_or(UNKNOWN)?;
        let member = &members[index];
        let named = logon.username.is_none_or(|name| name == member.comp_id.as_bytes());
        if !member.password.is(logon.password.unwrap_or_default())
            || !named
            || logon.target != self.comp_id.as_bytes()
        {
            return Err(UNKNOWN);
        }
        if logon.begin_string != member.session.config().version.begin_string().as_bytes() {
            return Err("BeginString (8) is not that of the session's version of FIX");
        }
        if member.conn.is_some() {
            return Err("this session is logged on already");
        }
        if self.draining {
            return Err("the venue is shutting down");
        }
        // Whatever else is wrong with a Logon the session itself says.
        if logon.heartbeat_s.is_some_and(|s| !u32::try_from(s).is_ok_and(|s| self.heartbeat_s.contains(&s))) {
            return Err("HeartBtInt (108) is outside the range that the venue allows");
        }
        Ok(index)
    }
}

impl Member {
    /// Takes in who may trade for an account.
    fn entitle(&mut self, definition: &Definition) {
        let account = definition.account;
        if definition.entitled == 0 {
            self.accounts.retain(|&other| other != account);
        } else if !self.accounts.contains(&account) {
            self.accounts.push(account);
        }
        // The first one is meant where a message names none. Without any the matcher refuses what comes.
        if let Some(&first) = self.accounts.first() {
            self.head.account = first;
        }
    }

    fn new(session: &crate::config::Session, config: &Config, stores: &Stores) -> Result<Member, StoreError> {
        let account = session.accounts.first().copied().unwrap_or_default();
        let store = stores.session(&config.comp_id, &session.comp_id)?;
        let settings = session::Config {
            version: session.version,
            ..session::Config::new(Role::Acceptor, &config.comp_id, &session.comp_id)
        };
        Ok(Member {
            comp_id: session.comp_id.clone(),
            password: session.password.clone(),
            head: Head::new(Kind::New, session.id, account, InstrumentId(0), 0, Nanos(0)),
            accounts: session.accounts.clone(),
            session: Session::over(settings, store),
            conn: None,
            peer: SocketAddr::from(([0; 4], 0)),
            tell: None,
            unfinished: false,
        })
    }
}
