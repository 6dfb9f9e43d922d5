//! The gateway for the binary protocol, SBE messages over SoupBinTCP: its only loop, events to reports, then bytes to commands.
//!
//! ```text
//! ring of events -> store -> output          sockets -> soup -> entry -> ring of commands
//! ```
//!
//! Read in this order: [`Worker::poll`](shm::Agent::poll), `take_events`, `serve`, then `binary/entry.rs` for what a message
//! becomes. Numbered messages are reports of the matcher and nothing else, so that a client cannot push its own reports
//! out of its store by asking for refusals: what the gateway itself answers has no number.

mod admission;
mod answers;
mod books;
mod connections;
mod definitions;
mod entry;
mod members;
mod operator;
mod publish;
mod sequence;

use std::{collections::HashMap, io, mem, net::SocketAddr, sync::Arc, time::Duration};

use shm::{Agent, Bell, Directory, Log, ShmError, Sleeper};
use tracing::{error, info, warn};
use wire::{
    command::Kind,
    event::{self, Event, Record},
    fix::session::RESEND_OUTPUT_MAX,
    limits::{MESSAGES_PER_TURN, SOUP_MESSAGE_BYTES_MAX},
    reject::Reject,
    sbe::{self, codes::VenueState, messages::VenueStatus},
    soup::{
        CloseReason, Times,
        server::{Input, Served},
    },
    traffic::Class,
    types::Nanos,
};

use self::{
    answers::Answering,
    books::Books,
    definitions::Catalogue,
    entry::{Entry, Origin},
    members::{Member, Role},
    publish::LoggedIn,
};
use crate::{
    auth::{Authenticator, Protocol},
    board::{Board, Ended},
    config::{Binary, Elsewhere},
    control::Desk,
    entry::Copies,
    gathering::Gathering,
    link::{FEED, Matcher, of_shard},
    links::{Links, Shards},
    log_budget::LogBudget,
    parties::{Parties, Party},
    places::Places,
    session_store::{EventMark, StoreError, Stores},
    transport::{Bounds, Chosen, Notice, Transport},
    turns::Turns,
    worker::{Drain, StartError, remedy},
};

/// Events taken in one poll, so that a burst of them does not keep the sockets waiting.
const EVENTS_PER_POLL: usize = 256;
/// How often the matcher is looked after, and looked for.
const LINK_CHECK_NS: u64 = 100_000_000;
/// What a client is told of which reports are missing.
const MISSING: &str = "reports are missing: log in to the new session and ask for orders' status";
/// What a client is told that has sent too much.
const TOO_MANY: &str = "more than one and a half times the session's limit of messages";

/// A gateway worker for the binary protocol: an agent that owns a listener, its connections, and the sessions on them.
pub struct Worker {
    name: String,
    transport: Chosen,
    notices: Vec<Notice>,
    times: Times,
    /// Nobody is let in before the matchers have told of all there is: something could be missing for whoever is.
    links: Links,
    gathering: Gathering,
    link_check: u64,
    directory: Directory,
    bell: Arc<Bell>,
    entry: Entry,
    books: Books,
    copies: Copies,
    members: Vec<Member>,
    /// Members by their names; behind them those who are elsewhere.
    by_name: HashMap<Box<[u8]>, usize, foldhash::fast::FixedState>,
    /// Clients of other gateways.
    elsewhere: Vec<Elsewhere>,
    places: Places,
    authenticator: Authenticator,
    /// A login waits for its turn with the authenticator.
    crowded: bool,
    parties: Parties,
    /// Members with something to tell the matcher, or that have not been sent all there is.
    unfinished: Vec<usize>,
    /// Members with more input than one turn.
    turns: Turns,
    /// Where a report is written before it is kept and sent.
    report: Box<[u8; SOUP_MESSAGE_BYTES_MAX]>,
    /// The output of sessions without a connection: nothing.
    nowhere: Vec<u8>,
    log_budget: LogBudget,
    /// The same for members, so that strangers leave room for what is said of these.
    member_lines: LogBudget,
    drain: Drain,
    /// When it was asked for.
    drain_since: Option<u64>,
    drain_over: bool,
    /// How long clients have to cancel what they have open before their connections are ended.
    drain_ns: u64,
    desk: Desk,
    board: Arc<Board>,
    /// When members' figures are looked at next.
    figures_due: u64,
}

impl Worker {
    /// Listens; the matcher may come later, see [`Worker::attach`].
    ///
    /// # Errors
    /// [`StartError::Listen`], [`StartError::Store`], [`StartError::Thread`].
    pub fn listen(
        config: &Binary,
        directory: Directory,
        bell: Arc<Bell>,
        drain: Drain,
        desk: Desk,
    ) -> Result<Worker, StartError> {
        let bounds =
            Bounds { connections_max: config.connections_max, output_bytes_max: config.output_bytes_max };
        let address = config.listen;
        let transport = Chosen::listen(config.transport, address, bounds).map_err(|error| {
            StartError::Listen { address, remedy: remedy(&error, &format!("{}.listen", config.table)), error }
        })?;
        let stores = Stores::open(
            &config.store,
            config.store_memory,
            config.resend_window as usize,
            config.resend_bytes_max,
            config.shards.into(),
        )?;
        let now = Nanos(tuning::clock::now());
        let members =
            config.sessions.iter().map(|session| Member::new(session, config.accounts_max, &stores, now));
        let members = members.collect::<Result<Vec<Member>, StoreError>>()?;
        let shown = config.sessions.iter().map(|session| (session.name.clone(), session.credentials.clone()));
        // Who is elsewhere is known too, and told so when it has proved who it is.
        let elsewhere = config.elsewhere.iter();
        let shown =
            shown.chain(elsewhere.map(|other| (other.comp_ids[0].clone(), other.credentials.clone())));
        let authenticator = Authenticator::start(Protocol::Soup, shown.collect(), config.patience, &bell)
            .map_err(StartError::Thread)?;
        let name = format!("gateway-{}", config.number);
        let board = Board::new(&name, "binary", members.iter().map(|member| member.name.as_str()));
        board.listening.set(1);
        let watches = config.sessions.iter().map(|session| session.watch.as_ref());
        Ok(Worker {
            name,
            transport,
            notices: Vec::with_capacity(1024),
            times: config.times,
            links: Links::new(config.number, config.shards, &config.instruments),
            gathering: Gathering::new(config.shards, config.assets.len()),
            link_check: 0,
            directory,
            bell,
            books: Books::new(config.sessions.len(), config.output_bytes_max),
            entry: Entry { catalogue: Catalogue::new(config), draining: false },
            copies: Copies::new(watches, config.accounts),
            by_name: members
                .iter()
                .map(|member| &member.name)
                .chain(config.elsewhere.iter().map(|other| &other.comp_ids[0]))
                .zip(0..)
                .map(|(name, at)| (name.as_bytes().into(), at))
                .collect(),
            elsewhere: config.elsewhere.clone(),
            places: Places::new(config.sessions.iter().map(|session| session.id)),
            members,
            authenticator,
            crowded: false,
            parties: Parties::new(config.unauthenticated_max as usize, config.times.login_ns),
            unfinished: Vec::with_capacity(config.sessions.len()),
            turns: Turns::new(config.sessions.len()),
            report: Box::new([0; SOUP_MESSAGE_BYTES_MAX]),
            nowhere: Vec::new(),
            log_budget: LogBudget::default(),
            member_lines: LogBudget::default(),
            drain,
            drain_since: None,
            drain_over: false,
            drain_ns: config.drain_ns,
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
                member.sequence.resolve(self.links.commands());
            }
        }
        Ok(!joined.is_empty())
    }

    /// Joins the rings of those matchers that are there for the first time: which these are.
    fn join(&mut self) -> Result<Shards, ShmError> {
        let joined = self.links.join(&self.directory, &self.bell)?;
        for shard in joined.each() {
            let feed = of_shard(FEED, u8::try_from(shard).unwrap_or_default());
            self.books.attach(shard, Log::join(&self.directory, &feed)?);
        }
        for index in 0..self.members.len() {
            // Of what a former gateway may have left in the ring, a SessionUp would count as ours.
            let is_up = self.members[index].conn.is_some();
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
        if !self.links.turn(now).is_empty() {
            self.announce(now);
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
            if self.members[index].soup.as_ref().is_some_and(|soup| now >= soup.deadline().0) {
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
                    self.entry.catalogue.learn(definition);
                }
            });
        }
        let (mut taken, mut cut_off, mut has_begun_anew, mut jump) = (0, None, false, None);
        while taken < most {
            let (history, full) = (link.history(), !informed && link.is_full());
            let Some(event) = link.event() else { break };
            match event {
                Ok(Record::Event(event)) if event.kind == event::Kind::CutOff => {
                    cut_off = Some(event.quantity.0);
                    break;
                }
                Ok(Record::Event(event)) if event.kind == event::Kind::Begun => {
                    let [_, former] = event.histories();
                    has_begun_anew |= former != 0;
                }
                // Of what it does not serve a shard has nothing to say.
                Ok(Record::Event(event))
                    if event.kind.is_public() && serving.of(event.instrument) != shard => {}
                Ok(Record::Event(event)) if event.kind == event::Kind::State => {
                    let Some(instrument) = self.entry.catalogue.instruments.get(event.instrument.0 as usize)
                    else {
                        break; // its definition is still to come
                    };
                    self.books.learn(event.instrument, event.state);
                    for member in &mut self.members {
                        if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                            member.say_with(Nanos(now), Class::Notice, output, |buffer| {
                                let have = buffer.len();
                                sbe::encode_event(event, instrument, buffer)
                                    .map_err(|_| sbe::NoRoom { need: 0, have })
                            });
                        }
                    }
                }
                // Indicative prices are market data.
                Ok(Record::Event(event)) if event.kind.is_public() => {
                    let Some(instrument) = self.entry.catalogue.instruments.get(event.instrument.0 as usize)
                    else {
                        break; // its definition is still to come
                    };
                    let mut outlets = LoggedIn { members: &mut self.members, transport: &mut self.transport };
                    self.books.tell_indicative(Nanos(now), event, instrument, &mut outlets);
                }
                Ok(Record::Event(event)) => {
                    let Some(instrument) = self.entry.catalogue.instruments.get(event.instrument.0 as usize)
                    else {
                        if !informed && !full {
                            break; // the definitions are still to come
                        }
                        self.board.unreportable.add(1);
                        error!(
                            event = event.event_id,
                            order = event.order_id.0,
                            "an event of an instrument that this gateway has not been told of cannot be reported; ask for the order's status"
                        );
                        link.advance();
                        taken += 1;
                        continue;
                    };
                    let mark = EventMark { shard, history, event_id: event.event_id };
                    if event.is_part() {
                        let answers = self.gathering.take(shard, event);
                        let mut way = Answering {
                            instruments: &self.entry.catalogue.instruments,
                            places: &self.places,
                            members: &mut self.members,
                            transport: &mut self.transport,
                            nowhere: &mut self.nowhere,
                            report: &mut self.report,
                            board: &self.board,
                        };
                        way.tell_for(now, event.session, mark, answers);
                        link.advance();
                        taken += 1;
                        continue;
                    }
                    let own = self.places.of(event.session);
                    for index in std::iter::once(own).chain(self.copies.of(event)) {
                        let Some(member) = self.members.get_mut(index) else { continue };
                        if member.sequence.has_taken(mark) {
                            continue;
                        }
                        // What the matcher has let go since the time was read is not sent before that.
                        if event.out.0 >= now {
                            now = tuning::clock::now();
                        }
                        if index == own {
                            if member.sequence.jumps(mark, event.appl_seq) {
                                jump = Some((index, event.appl_seq));
                                break;
                            }
                            count(&self.board, member, event, now);
                            member.sequence.set_last_report(shard, event.appl_seq);
                        }
                        let written = match member.role {
                            Role::Copies { .. } => sbe::encode_copy(event, instrument, &mut self.report[..]),
                            _ => sbe::encode_event(event, instrument, &mut self.report[..]),
                        };
                        match written {
                            Ok(length) => {
                                let output = member.conn.and_then(|conn| self.transport.split(conn));
                                let output = output.map_or(&mut self.nowhere, |(_, output)| output);
                                member.report(Nanos(now), Some(mark), &self.report[..length], output);
                            }
                            Err(why) => {
                                member.sequence.pass_over(mark);
                                self.board.unreportable.add(1);
                                error!(session = member.name, event = event.event_id, %why, "a report cannot be said");
                            }
                        }
                    }
                }
                Ok(Record::Definition(definition)) => {
                    informed |= definition.last == 1;
                    let is_its_own = serving.learn(shard, definition);
                    if is_its_own {
                        self.entry.catalogue.learn(definition);
                    }
                    if is_its_own && definition.kind == event::Kind::Instrument {
                        self.books.learn(definition.instrument, definition.state);
                    }
                    if let Some(member) = self.members.get_mut(self.places.of(definition.session)) {
                        member.entitle(definition);
                    }
                    // What has stood so since before this gateway came, each client asks for itself.
                    if is_its_own && definition.seq.0 > 0 {
                        for member in self.members.iter_mut() {
                            if (definition.kind == event::Kind::Instrument || member.sees(definition.account))
                                && let Some((_, output)) =
                                    member.conn.and_then(|conn| self.transport.split(conn))
                            {
                                self.entry.catalogue.say_instrument(Nanos(now), definition, member, output);
                            }
                        }
                    }
                }
                Err(length) => {
                    self.board.not_events.add(1);
                    warn!(length, "{}", event::NotAnEvent);
                }
            }
            if jump.is_some() {
                break; // it is taken when the session has begun anew
            }
            // After the report is kept: killed in between, it is known by its mark when it comes again.
            link.advance();
            taken += 1;
        }
        self.links.set_informed(shard, informed);
        if has_begun_anew {
            self.begins_anew(now, shard);
        }
        if let Some((index, next)) = jump {
            self.misses_reports(now, shard, index, next);
            taken += 1;
        }
        if let Some(lost) = cut_off {
            self.was_cut_off(now, shard, lost);
            taken += 1;
        }
        self.board.events.add(taken as u64);
        taken
    }

    /// `shard` says nothing more of what it was asked for.
    fn miss_answers(&mut self, now: u64, shard: usize) {
        let mut way = Answering {
            instruments: &self.entry.catalogue.instruments,
            places: &self.places,
            members: &mut self.members,
            transport: &mut self.transport,
            nowhere: &mut self.nowhere,
            report: &mut self.report,
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
                        warn!(%peer, "turned away: as many connections as binary.connections_max allows");
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
        let Some((input, output)) = self.transport.split(conn) else { return };
        let (mut used, mut close) = (0, None);
        let mut left = MESSAGES_PER_TURN;
        while let Some(soup) = &mut member.soup {
            if left == 0 {
                self.turns.wait(index);
                break;
            }
            left -= 1;
            let (consumed, what) = soup.receive(Nanos(now), &input[used..]);
            used += consumed;
            let served = match what {
                Input::NeedMore => break,
                Input::Message(bytes) => {
                    let links = &mut self.links;
                    let books = (&mut self.books, &*self.bell, index);
                    let origin = Origin {
                        now: Nanos(now),
                        member,
                        links,
                        gathering: &mut self.gathering,
                        output,
                        board: &self.board,
                        cancels: false,
                        throttled: None,
                        books,
                    };
                    self.entry.take(bytes, origin)
                }
                Input::Handled | Input::Debug(_) => {
                    member.traffic.received[Class::Session as usize] += 1;
                    member.throttle.session_layer(now)
                }
                // The machine takes no second login.
                Input::Login(_) => true,
                Input::Close(reason) => {
                    close = Some((counted(reason), reason.to_string()));
                    break;
                }
            };
            if !served {
                member.explain(Nanos(now), TOO_MANY, output);
                close = Some((Ended::Throttled, TOO_MANY.to_owned()));
                break;
            }
        }
        let pending = member.tell.is_due() || member.telling.is_under_way();
        if pending && !mem::replace(&mut member.unfinished, true) {
            self.unfinished.push(index);
        }
        self.transport.consume(conn, used);
        if let Some((ended, why)) = close {
            self.end(now, index, ended, why);
        }
    }

    /// What could not be done at once: telling the matcher while its ring was full, and sending what a client missed or asked
    /// for.
    fn finish(&mut self, now: u64) -> usize {
        let mut work = 0;
        let mut at = 0;
        while at < self.unfinished.len() {
            let index = self.unfinished[at];
            let member = &mut self.members[index];
            // A client's messages are counted from 1 with every login.
            work += member.tell.poll(member.head.with_message(0, Nanos(now)), &mut self.links);
            let mut end = None;
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn))
                && output.len() < RESEND_OUTPUT_MAX
            {
                work += usize::from(self.entry.catalogue.tell(Nanos(now), member, output, RESEND_OUTPUT_MAX));
                if member.is_behind()
                    && let Some(soup) = &mut member.soup
                {
                    let before = soup.next();
                    if let Served::Close(reason) = soup.serve(Nanos(now), &member.sequence, output) {
                        soup.send_debug(Nanos(now), reason.to_string().as_bytes(), output);
                        end = Some(reason);
                    }
                    let sent = soup.next().unwrap_or_default().saturating_sub(before.unwrap_or_default());
                    member.traffic.sent_again += sent;
                    work += usize::from(sent > 0);
                }
            }
            let more = member.telling.is_under_way() || member.is_behind();
            if !member.tell.is_due() && !more {
                member.unfinished = false;
                self.unfinished.swap_remove(at);
            } else {
                at += 1;
            }
            if let Some(reason) = end {
                self.end(now, index, counted(reason), reason.to_string());
            }
        }
        work
    }
}

/// The matcher, looked after.
impl Worker {
    /// Before the report `next` of a session others are missing, and nothing is known of why: the session begins anew.
    #[cold]
    fn misses_reports(&mut self, now: u64, shard: usize, index: usize, next: u64) {
        let member = &mut self.members[index];
        error!(
            session = member.name,
            shard, next, "reports are missing before this one, and nothing is known of why"
        );
        member.sequence.set_last_report(shard, 0);
        self.begin_anew(now, index, MISSING);
    }

    /// The matcher has cut us off, for not reading its events, and dropped those that came then: no session has all its
    /// reports any more. Each one ends, and its client begins another.
    #[cold]
    fn was_cut_off(&mut self, now: u64, shard: usize, lost: u64) {
        error!(
            shard,
            lost, "the matcher has cut this gateway off for not reading its events: all sessions begin anew"
        );
        self.links.set_informed(shard, false);
        for index in 0..self.members.len() {
            self.members[index].sequence.set_last_report(shard, 0);
            self.begin_anew(now, index, MISSING);
        }
        self.miss_answers(now, shard);
        if let Some((link, _)) = self.links.rings(shard) {
            link.advance();
        }
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
                Matcher::Same if was_there => {}
                Matcher::Same => self.announce(now),
                Matcher::Away => {
                    if was_there {
                        warn!(shard, "the matcher is gone: requests are refused until another one comes");
                        self.miss_answers(now, shard);
                        self.announce(now);
                    }
                }
                Matcher::Another => {
                    self.miss_answers(now, shard);
                    info!(shard, "another matcher is there");
                    self.announce(now);
                }
            }
        }
    }

    /// The matcher does not know what the one before it knew.
    #[cold]
    fn begins_anew(&mut self, now: u64, shard: usize) {
        self.links.is_heard(shard);
        warn!(shard, "the matcher has begun another history, with empty books: all connections are ended");
        let text =
            "the matching engine was restarted and began with empty books: ask for the status of orders";
        self.end_everybody(now, text);
    }

    /// What the venue does with requests now.
    fn state(&self) -> VenueState {
        match self.links.there().is_empty() {
            true => VenueState::MatcherAway,
            false if self.links.have_failed() => VenueState::JournalFailed,
            false if self.entry.draining => VenueState::Draining,
            false if !self.links.busy().is_empty() => VenueState::Busy,
            false => VenueState::Open,
        }
    }

    /// Tells everybody who is there what the venue does with requests from now on.
    fn announce(&mut self, now: u64) {
        let status = status(now, self.state());
        for member in &mut self.members {
            if let Some((_, output)) = member.conn.and_then(|conn| self.transport.split(conn)) {
                member.say(Nanos(now), Class::Notice, &status, output);
            }
        }
    }
}

fn status(now: u64, state: VenueState) -> VenueStatus {
    VenueStatus { transact_time: now.into(), venue_state: state, padding1: [0; 7] }
}

/// Takes note of a report that goes to the session of the order.
#[inline]
fn count(board: &Board, member: &mut Member, event: &Event, now: u64) {
    board.report_latency.record(now.saturating_sub(event.rx.0));
    if event.reject != Reject::None {
        board.rejects.add(event.reject);
    }
    if event.is_cancelled_for_loss() {
        member.figures.cancelled(now);
    }
}

/// What an end that the session's machine has made counts as.
const fn counted(reason: CloseReason) -> Ended {
    match reason {
        CloseReason::Logout | CloseReason::EndOfSession => Ended::LoggedOut,
        CloseReason::LoginTimeout | CloseReason::Silent => Ended::Silent,
        CloseReason::Forgotten(_) => Ended::SlowConsumer,
        CloseReason::NotConnected
        | CloseReason::BeforeLogin(_)
        | CloseReason::SecondLogin
        | CloseReason::WrongSide(_)
        | CloseReason::Malformed(_)
        | CloseReason::Refused(_)
        | CloseReason::WrongSession
        | CloseReason::WrongNumber { .. }
        | CloseReason::TooLong(_) => Ended::Protocol,
    }
}
