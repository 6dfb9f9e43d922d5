//! The gateway's only loop: events to reports, then bytes to commands.
//!
//! ```text
//! ring of events -> session.send -> output          sockets -> session.receive -> entry -> ring of commands
//! ```
//!
//! Read in this order: [`Worker::poll`](shm::Agent::poll), `take_events`, `serve`, then `entry.rs` for what a
//! message becomes. Strangers and who is let in are in `admission.rs`, members' connections in `connections.rs`.

mod admission;
mod answers;
mod connections;
mod drain;
mod members;
mod operator;
mod publish;

use std::{collections::VecDeque, io, mem, net::SocketAddr, sync::Arc, time::Duration};

use shm::{Agent, Bell, Directory, Log, ShmError, Sleeper};
use tracing::{error, info, warn};
use wire::{
    command::Kind,
    event::{self, Record},
    fix::{
        news::News,
        session::{CloseReason, Inbox, Input, RESEND_OUTPUT_MAX},
    },
    limits::MESSAGES_PER_TURN,
    reject::Reject,
    types::{InstrumentId, Nanos, TradingState},
};

pub use self::drain::Drain;
use self::{admission::Admission, answers::Answering, members::Member};
use crate::{
    auth::{Authenticator, Protocol},
    board::Board,
    config::Config,
    control::Desk,
    dialect::{Binance, Dialect},
    entry::{self, Copies, Entry},
    gathering::Gathering,
    link::{FEED, Matcher, of_shard},
    links::{Links, Shards},
    log_budget::LogBudget,
    market::Market,
    parties::{Parties, Party},
    places::Places,
    session_store::{EventMark, StoreError, Stores},
    throttle::Verdict,
    transport::{Bounds, Chosen, Notice, Secured, Transport},
    turns::Turns,
};

/// Events taken in one poll, so that a burst of them does not keep the sockets waiting.
const EVENTS_PER_POLL: usize = 256;
/// The transport's door for those who speak TLS: behind the plain one.
const TLS_DOOR: usize = 1;
/// How often the matcher is looked after, and looked for.
const LINK_CHECK_NS: u64 = 100_000_000;
/// A gateway worker: an agent that owns a listener, its connections, and the sessions on them.
pub struct Worker {
    name: String,
    transport: Secured<Chosen>,
    notices: Vec<Notice>,
    inbox: Inbox,
    binance: Binance,
    /// Nobody is let in before the matchers have told of all there is: something could be missing for whoever is.
    links: Links,
    gathering: Gathering,
    link_check: u64,
    directory: Directory,
    bell: Arc<Bell>,
    entry: Entry,
    market: Market,
    copies: Copies,
    members: Vec<Member>,
    places: Places,
    admission: Admission,
    authenticator: Authenticator,
    /// A Logon waits for its turn with the authenticator.
    crowded: bool,
    parties: Parties,
    /// Members with something to tell the matcher, or with a resend under way.
    unfinished: Vec<usize>,
    /// Members with more input than one turn.
    turns: Turns,
    /// Where reports of sessions without a connection are made: they are kept for resending all the same.
    nowhere: Vec<u8>,
    log_budget: LogBudget,
    /// The same for members, so that strangers leave room for what is said of these.
    member_lines: LogBudget,
    drain: Drain,
    /// When it was asked for.
    drain_since: Option<u64>,
    drain_over: bool,
    /// How long clients have to cancel what they have open before they are logged out.
    drain_ns: u64,
    /// Which instruments are halted.
    halted: Vec<bool>,
    /// Of which that has changed, as nobody has been told yet.
    changed_states: VecDeque<(InstrumentId, bool)>,
    desk: Desk,
    board: Arc<Board>,
    /// When members' figures are looked at next.
    figures_due: u64,
}

/// Why a worker does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; {remedy}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What to do about it.
        remedy: String,
        /// What the kernel said.
        error: io::Error,
    },
    /// What outlives the gateway cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that looks at Logons cannot be started.
    #[error("no thread for Logons: {0}; raise the limit of threads (ulimit -u)")]
    Thread(io::Error),
    /// The rings cannot be used.
    #[error(transparent)]
    Rings(#[from] ShmError),
}

pub(crate) fn remedy(error: &io::Error, key: &str) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("stop the process that holds the port, or choose another with --set {key}=ADDRESS:PORT")
        }
        io::ErrorKind::AddrNotAvailable => "use an address of this machine, such as 127.0.0.1".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one".to_owned()
        }
        _ => format!("choose another with --set {key}=ADDRESS:PORT"),
    }
}

impl Worker {
    /// Listens; the matcher may come later, see [`Worker::attach`].
    ///
    /// # Errors
    /// [`StartError::Listen`], [`StartError::Store`], [`StartError::Thread`].
    pub fn listen(
        config: &Config,
        directory: Directory,
        bell: Arc<Bell>,
        drain: Drain,
        desk: Desk,
    ) -> Result<Worker, StartError> {
        let bounds =
            Bounds { connections_max: config.connections_max, output_bytes_max: config.output_bytes_max };
        let refused = |address, key: String| {
            move |error| StartError::Listen { address, remedy: remedy(&error, &key), error }
        };
        let mut transport = Chosen::listen(config.transport, config.listen, bounds)
            .map_err(refused(config.listen, format!("{}.listen", config.table)))?;
        let transport = match config.tls.clone() {
            None => Secured::none(transport),
            Some((address, identity)) => {
                transport
                    .also_listen(address)
                    .map_err(refused(address, format!("{}.tls_listen", config.table)))?;
                Secured::new(transport, TLS_DOOR, identity, config.output_bytes_max)
            }
        };
        let stores = Stores::open(
            &config.store,
            config.store_memory,
            config.resend_window as usize,
            config.resend_bytes_max,
            config.shards.into(),
        )?;
        let members = config.sessions.iter().map(|s| Member::new(s, &stores, config.shards));
        let members = members.collect::<Result<Vec<Member>, StoreError>>()?;
        let shown = |session: &crate::config::Session| {
            (session.layer.target_comp_id.clone(), session.credentials.clone())
        };
        // Who is elsewhere is known too, and told so when it has proved who it is.
        let elsewhere = config.elsewhere.iter();
        let elsewhere = elsewhere.map(|other| (other.comp_ids[0].clone(), other.credentials.clone()));
        let shown = config.sessions.iter().map(shown).chain(elsewhere).collect();
        let authenticator =
            Authenticator::start(Protocol::Fix, shown, config.patience, &bell).map_err(StartError::Thread)?;
        let name = format!("gateway-{}", config.number);
        let board = Board::new(&name, "fix", members.iter().map(|member| member.comp_id.as_str()));
        board.listening.set(1);
        Ok(Worker {
            name,
            transport,
            notices: Vec::with_capacity(1024),
            inbox: Inbox::default(),
            binance: Binance::default(),
            links: Links::new(config.number, config.shards, &config.instruments),
            gathering: Gathering::new(config.shards, config.assets.len()),
            link_check: 0,
            directory,
            bell,
            entry: Entry::new(config),
            market: Market::new(config.sessions.len(), config.output_bytes_max),
            copies: Copies::new(
                config.sessions.iter().map(|session| session.watch.as_ref()),
                config.accounts.len(),
            ),
            places: Places::new(config.sessions.iter().map(|session| session.id)),
            admission: Admission::new(config, &members),
            members,
            authenticator,
            crowded: false,
            parties: Parties::new(config.unauthenticated_max as usize, config.logon_timeout_ns),
            unfinished: Vec::new(),
            turns: Turns::new(config.sessions.len()),
            nowhere: Vec::with_capacity(64 * 1024),
            log_budget: LogBudget::default(),
            member_lines: LogBudget::default(),
            drain,
            drain_since: None,
            drain_over: false,
            drain_ns: config.drain_ns,
            halted: Vec::new(),
            changed_states: VecDeque::with_capacity(EVENTS_PER_POLL),
            desk,
            board: Arc::new(board),
            figures_due: 0,
        })
    }

    /// Joins the rings of matchers; `false` while there is none. Those that come later are joined then.
    ///
    /// # Errors
    /// [`StartError::Rings`] if rings are there and cannot be used.
    pub fn attach(&mut self) -> Result<bool, StartError> {
        let joined = self.join()?;
        if !joined.is_empty() {
            for member in &mut self.members {
                member.session.store_mut().resolve(self.links.commands());
                member.session.resume();
            }
        }
        Ok(!joined.is_empty())
    }

    /// Joins the rings of those matchers that are there for the first time: which these are.
    fn join(&mut self) -> Result<Shards, ShmError> {
        let joined = self.links.join(&self.directory, &self.bell)?;
        for shard in joined.each() {
            let feed = of_shard(FEED, u8::try_from(shard).unwrap_or_default());
            self.market.attach(shard, Log::join(&self.directory, &feed)?);
        }
        for index in 0..self.members.len() {
            // Of what a former gateway may have left in the ring, a SessionUp would count as ours.
            let is_up = self.members[index].session.is_logged_on();
            self.tell(index, if is_up { Kind::SessionUp } else { Kind::SessionDown }, joined);
        }
        Ok(joined)
    }

    /// Where its figures can be read while it runs.
    #[must_use]
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.transport.local_addr(0)
    }

    /// The address it listens on for those who speak TLS.
    ///
    /// # Errors
    /// If there is none, or the kernel does not tell.
    pub fn tls_addr(&self) -> io::Result<SocketAddr> {
        self.transport.local_addr(TLS_DOOR)
    }
}

/// Notes whether `instrument` is halted; whether that is new.
fn put(halted: &mut Vec<bool>, instrument: InstrumentId, is: bool) -> bool {
    let at = instrument.0 as usize;
    if halted.len() <= at {
        halted.resize(at + 1, false);
    }
    mem::replace(&mut halted[at], is) != is
}

impl Agent for Worker {
    fn name(&self) -> &str {
        &self.name
    }

    fn poll(&mut self, now: u64) -> usize {
        let mut work = 0;
        for shard in 0..self.links.len() {
            work += self.take_events(shard, now);
        }
        if self.links.become_informed() {
            self.let_in(now);
        }
        work += self.go_on(now);
        self.transport.poll(now, &mut self.notices);
        work += self.look_at_notices(now);
        work += self.take_verdicts(now);
        work += self.finish(now);
        work += self.publish(now);
        for shard in self.links.turn(now).each() {
            self.announce(now, if self.links.busy().has(shard) { News::Busy } else { News::Free });
        }
        self.transport.flush(&mut self.notices);
        work + self.look_at_notices(now)
    }

    fn housekeep(&mut self, now: u64) {
        self.transport.housekeep(now);
        self.end_late_strangers(now);
        self.log_budget.tell(now);
        self.member_lines.tell(now);
        for index in 0..self.members.len() {
            if now >= self.members[index].session.deadline().0 {
                self.session_timeout(now, index);
            }
        }
        if now >= self.link_check {
            self.link_check = now.saturating_add(LINK_CHECK_NS);
            self.look_after_matchers(now);
        }
        self.look_after_drain(now);
        self.attend_to_operator(now);
        self.publish_state(now);
        self.transport.flush(&mut self.notices);
        self.look_at_notices(now);
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Sleeper for Worker {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        let timeout = if self.turns.len() == 0 { timeout } else { Duration::ZERO };
        self.transport.wait(bell.fd(), timeout);
    }
}

/// The path of an order, and back.
impl Worker {
    /// Events of one shard to reports.
    fn take_events(&mut self, shard: usize, mut now: u64) -> usize {
        let most = EVENTS_PER_POLL / self.links.len();
        let mut informed = self.links.is_informed(shard);
        let Some((link, serving)) = self.links.rings(shard) else { return 0 };
        if !informed {
            link.coming_definitions(|definition| {
                if serving.learn(shard, definition) {
                    self.entry.learn(definition);
                }
            });
        }
        let (mut taken, mut lost, mut has_begun_anew) = (0, None, false);
        while taken < most {
            let (history, full) = (link.history(), !informed && link.is_full());
            let Some(event) = link.event() else { break };
            match event {
                Ok(Record::Definition(definition)) => {
                    informed |= definition.last == 1;
                    let is_its_own = serving.learn(shard, definition);
                    if is_its_own {
                        self.entry.learn(definition);
                    }
                    if is_its_own && definition.kind == event::Kind::Instrument {
                        put(
                            &mut self.halted,
                            definition.instrument,
                            definition.state == TradingState::Halted,
                        );
                        self.market.learn(definition.instrument, definition.state, Nanos(0));
                    }
                    if let Some(member) = self.members.get_mut(self.places.of(definition.session)) {
                        member.entitle(definition);
                    }
                }
                // Of what it does not serve a shard has nothing to say.
                Ok(Record::Event(event))
                    if event.kind.is_public() && serving.of(event.instrument) != shard => {}
                Ok(Record::Event(event)) if event.kind == event::Kind::State => {
                    let halted = event.state == TradingState::Halted;
                    if put(&mut self.halted, event.instrument, halted) {
                        self.changed_states.push_back((event.instrument, halted));
                    }
                    self.market.learn(event.instrument, event.state, event.time);
                }
                Ok(Record::Event(event)) if event.kind == event::Kind::CutOff => {
                    lost = Some(event.quantity.0);
                    break;
                }
                Ok(Record::Event(event)) if event.kind == event::Kind::Begun => {
                    let [_, former] = event.histories();
                    has_begun_anew |= former != 0;
                }
                // What an auction would do is no message of FIX here.
                Ok(Record::Event(event)) if event.kind.is_public() => {}
                Ok(Record::Event(event)) => {
                    let mark = EventMark { shard, history, event_id: event.event_id };
                    if !informed && !self.entry.knows(event) {
                        if !full {
                            break; // the definitions are still to come
                        }
                        // Nor can they come while there is no room for them.
                        self.board.unreportable.add(1);
                        error!(
                            event = event.event_id,
                            order = event.order_id.0,
                            "an event of an instrument or account that this gateway has not been told of cannot be reported; ask for the order's status"
                        );
                    } else if event.is_part() {
                        let answers = self.gathering.take(shard, event);
                        let way = Answering {
                            entry: &self.entry,
                            places: &self.places,
                            members: &mut self.members,
                            transport: &mut self.transport,
                            nowhere: &mut self.nowhere,
                            board: &self.board,
                        };
                        way.tell_for(now, event.session, mark, answers);
                    } else {
                        let whom = [self.places.of(event.session)];
                        for index in whom.into_iter().chain(self.copies.of(event)) {
                            let Some(member) = self.members.get_mut(index) else { continue };
                            if member.session.store().has_taken(mark) {
                                continue;
                            }
                            // What the matcher has let go since the time was read is not sent before that.
                            if event.out.0 >= now {
                                now = tuning::clock::now();
                            }
                            if index == whom[0] {
                                self.board.report_latency.record(now.saturating_sub(event.rx.0));
                                if event.reject != Reject::None {
                                    self.board.rejects.add(event.reject);
                                }
                                if event.is_cancelled_for_loss() {
                                    member.figures.cancelled(now);
                                }
                            }
                            let output = member.conn.and_then(|conn| self.transport.split(conn));
                            let output = output.map_or(&mut self.nowhere, |(_, output)| output);
                            let stream = member.streams.of(shard);
                            let (is_of_copies, stamps) = (stream.is_of_copies(), member.stamps);
                            let store = member.session.store();
                            if !is_of_copies && store.is_of_another_history(mark) {
                                let (session, name) = (&mut member.session, member.streams.name(shard));
                                entry::tell_anew(Nanos(now), event.appl_seq, name, session, output);
                            }
                            if !is_of_copies
                                && member.session.store().jumps(mark, event.appl_seq)
                                && !member.is_cut_off
                            {
                                error!(
                                    session = member.comp_id,
                                    shard,
                                    last = member.session.store().last_report(shard),
                                    next = event.appl_seq,
                                    "reports are missing between these two, and nothing is known of why: the client is told"
                                );
                                member.session.send(Nanos(now), News::MSG_TYPE, output, |body| {
                                    News::Lost.encode(body);
                                });
                            }
                            let store = member.session.store_mut();
                            store.take(mark);
                            if !is_of_copies {
                                store.answered(shard, event.msg_seq);
                                member.is_cut_off = false;
                            }
                            self.entry.report(
                                Nanos(now),
                                (shard, event),
                                stream,
                                stamps,
                                &mut member.session,
                                output,
                            );
                            self.nowhere.clear();
                        }
                    }
                }
                Err(length) => {
                    self.board.not_events.add(1);
                    warn!(length, "{}", wire::event::NotAnEvent);
                }
            }
            // After the report is kept: killed in between, it is known by its mark when it comes again.
            link.advance();
            taken += 1;
        }
        if informed && !self.links.is_informed(shard) {
            self.recall(now, shard);
        }
        self.links.set_informed(shard, informed);
        if has_begun_anew {
            self.begins_anew(now, shard);
        }
        if let Some(lost) = lost {
            self.was_cut_off(now, shard, lost);
            taken += 1;
        }
        if !self.changed_states.is_empty() {
            self.announce_states(now);
        }
        self.board.events.add(taken as u64);
        taken
    }

    /// `shard` says nothing more of what it was asked for.
    fn miss_answers(&mut self, now: u64, shard: usize) {
        let mut way = Answering {
            entry: &self.entry,
            places: &self.places,
            members: &mut self.members,
            transport: &mut self.transport,
            nowhere: &mut self.nowhere,
            board: &self.board,
        };
        for answer in self.gathering.miss(shard) {
            way.tell(now, answer, None);
        }
    }

    fn look_at_notices(&mut self, now: u64) -> usize {
        let mut notices = mem::take(&mut self.notices);
        let work = notices.len();
        for notice in notices.drain(..) {
            match notice {
                Notice::Received(conn) => match self.parties.of(conn) {
                    // What waits for its turn comes before.
                    Party::Member(index) if self.turns.has(index) => {}
                    Party::Member(index) => self.serve(now, index),
                    Party::Stranger => self.admit(now, conn),
                    Party::Nobody => {}
                },
                Notice::Opened(conn, peer) => self.meet(now, conn, peer),
                Notice::Closed(conn, why) => self.gone(now, conn, &why),
                Notice::TurnedAway(peer) => {
                    self.board.turned_away.add(1);
                    if self.log_budget.takes(now) {
                        warn!(%peer, "turned away: as many connections as fix.connections_max allows");
                    }
                }
                Notice::AcceptFailed(error) => {
                    self.board.accept_failed.add(1);
                    if self.log_budget.takes(now) {
                        warn!(%error, "no connection could be taken; raise the limit of open files (ulimit -n)");
                    }
                }
            }
        }
        self.end_strangers_beyond_bound(now);
        self.notices = notices; // keeps its memory; nothing was added meanwhile but by flush, later
        work
    }

    /// Serves those whose last turn was not enough.
    fn go_on(&mut self, now: u64) -> usize {
        let waiting = self.turns.len();
        for _ in 0..waiting {
            let Some(index) = self.turns.next() else { break };
            self.serve(now, index);
        }
        waiting
    }

    /// A turn of a member: its bytes to commands.
    fn serve(&mut self, now: u64, index: usize) {
        let member = &mut self.members[index];
        let Some(conn) = member.conn else { return };
        for _ in 0..MESSAGES_PER_TURN {
            let Some((input, output)) = self.transport.split(conn) else { return };
            let (consumed, what) = member.session.receive(Nanos(now), input, &mut self.inbox, output);
            let mut close = None;
            let mut more = true;
            match what {
                Input::NeedMore => more = false,
                Input::Handled if consumed > 0 && !member.throttle.session_layer(now) => {
                    close = Some(CloseReason::Throttled);
                }
                Input::Handled => {}
                Input::LoggedOn => {
                    if self.member_lines.takes(now) {
                        info!(session = member.comp_id, peer = %member.peer, "logged on");
                    }
                    member.tell.set(Kind::SessionUp, self.links.joined());
                    member.figures.came(now);
                    self.board.logons.add(1);
                }
                Input::App(message) => match member.throttle.application(message.msg_type, now) {
                    Verdict::Pass => {
                        let head = member.head.with_message(message.seq.unwrap_or_default(), Nanos(now));
                        let head = head.with_repeat(message.poss_dup || message.poss_resend);
                        let origin = entry::Origin {
                            head,
                            accounts: &member.accounts,
                            trades: !member.streams.are_of_copies(),
                            streams: &member.streams,
                            replay: &mut member.replay,
                            stamps: member.stamps,
                            throttle: &member.throttle,
                            market_data: member.market_data,
                            board: &self.board,
                            session: &mut member.session,
                            links: &mut self.links,
                            gathering: &mut self.gathering,
                            output,
                        };
                        let understood = match member.dialect {
                            Dialect::Fix => Ok(message),
                            Dialect::Binance => self.binance.translate(Nanos(now), &message),
                        };
                        match understood {
                            Err(reject) => origin.session.reject(Nanos(now), &message, reject, origin.output),
                            Ok(message) if Market::serves(message.msg_type) => {
                                self.market.take(&message, &self.entry, origin, index, &self.bell);
                            }
                            Ok(message) => self.entry.take(&message, origin),
                        }
                    }
                    Verdict::Refuse(throttled) => {
                        member.session.throttled(Nanos(now), &message, &throttled, output);
                    }
                    Verdict::LogOut => close = Some(CloseReason::Throttled),
                },
                Input::Rejected(reject) => {
                    if self.member_lines.takes(now) {
                        let text = reject.find(58).unwrap_or_default().escape_ascii().to_string();
                        warn!(session = member.comp_id, text, "the client has rejected a message of ours");
                    }
                }
                Input::Close(reason) => close = Some(reason),
            }
            let pending =
                member.tell.is_due() || member.session.is_resending() || member.replay.is_under_way();
            if pending && !mem::replace(&mut member.unfinished, true) {
                self.unfinished.push(index);
            }
            if close == Some(CloseReason::Throttled) {
                member.session.logout(
                    Nanos(now),
                    b"more than one and a half times the session's limit of messages",
                    output,
                );
            }
            self.transport.consume(conn, consumed);
            if let Some(reason) = close {
                return self.end(now, index, reason);
            }
            if !more {
                return;
            }
        }
        self.turns.wait(index);
    }

    /// What could not be done at once: telling the matcher while its ring was full, and long resends.
    fn finish(&mut self, now: u64) -> usize {
        let mut work = 0;
        let mut at = 0;
        while at < self.unfinished.len() {
            let member = &mut self.members[self.unfinished[at]];
            if let Some(kind) = member.tell.kind() {
                // Where the client has begun its numbers anew, what was processed last is of the old ones.
                let msg_seq = if kind == Kind::SessionUp { member.session.next_in() - 1 } else { 0 };
                work += member.tell.poll(member.head.with_message(msg_seq, Nanos(now)), &mut self.links);
            }
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn))
                && output.len() < RESEND_OUTPUT_MAX
            {
                work += usize::from(member.session.poll_resend(Nanos(now), output));
                let (session, streams) = (&mut member.session, &member.streams);
                work += usize::from(member.replay.poll(Nanos(now), streams, session, output));
            }
            let resending = member.session.is_resending() || member.replay.is_under_way();
            let resending = member.conn.is_some() && resending;
            if !member.tell.is_due() && !resending {
                member.unfinished = false;
                self.unfinished.swap_remove(at);
            } else {
                at += 1;
            }
        }
        work
    }
}

/// The matcher, looked after.
impl Worker {
    /// The matcher has cut us off, for not reading its events, and dropped those that came then: each session is told,
    /// by a message that is kept for those who are away, and has to come anew. What there is we are told again.
    #[cold]
    fn was_cut_off(&mut self, now: u64, shard: usize, lost: u64) {
        error!(
            shard,
            lost,
            "the matcher has cut this gateway off for not reading its events: all sessions are logged out"
        );
        self.links.set_informed(shard, false);
        for member in &mut self.members {
            let output = member.conn.and_then(|conn| self.transport.split(conn));
            let output = output.map_or(&mut self.nowhere, |(_, output)| output);
            member.session.send(Nanos(now), News::MSG_TYPE, output, |body| News::Lost.encode(body));
            member.is_cut_off = true;
            self.nowhere.clear();
        }
        self.miss_answers(now, shard);
        // After what is kept, as with any event.
        if let Some((link, _)) = self.links.rings(shard) {
            link.advance();
        }
        self.log_out_everybody(
            now,
            "reports may be missing: log on again and ask for the status of orders (AF)",
        );
    }

    fn look_after_matchers(&mut self, now: u64) {
        if let Err(error) = self.join()
            && self.log_budget.takes(now)
        {
            error!(%error, "the rings of a matcher cannot be used");
        }
        for shard in 0..self.links.len() {
            let Some((found, was_there)) = self.links.look(shard) else { continue };
            match found {
                Matcher::Same => {}
                Matcher::Away if was_there => {
                    warn!(shard, "the matcher is gone: requests are refused until another one comes");
                    self.miss_answers(now, shard);
                }
                Matcher::Away => {}
                Matcher::Another => {
                    self.miss_answers(now, shard);
                    info!(shard, "another matcher is there");
                }
            }
        }
    }

    /// The matcher of `shard` has told of all that happened to the sessions before this gateway came: messages that no matcher has
    /// taken are asked for again.
    #[cold]
    fn recall(&mut self, now: u64, shard: usize) {
        let Some((link, _)) = self.links.rings(shard) else { return };
        let made = link.commands_made();
        for member in &mut self.members {
            let Some(first) = member.session.store_mut().recall(shard, made) else { continue };
            warn!(
                session = member.comp_id,
                shard,
                first,
                "messages from here on were lost with their ring before they were durable: they are asked for again"
            );
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                // Others were taken since, so that these cannot be asked for by their numbers any more.
                let text =
                    "requests were lost with the host of their matching engine: ask for the status of orders";
                member.session.logout(Nanos(now), text.as_bytes(), output);
            } else {
                member.session.resume();
            }
        }
    }

    /// The matcher does not know what the one before it knew.
    #[cold]
    fn begins_anew(&mut self, now: u64, shard: usize) {
        self.links.is_heard(shard);
        warn!(shard, "the matcher has begun another history, with empty books: all sessions are logged out");
        let text =
            "the matching engine was restarted and began with empty books: ask for the status of orders";
        self.log_out_everybody(now, text);
    }
}
