//! The matcher's only loop: commands in, numbered, applied; events out.
//!
//! in rings -> `wire::command` -> [`Sequencer`] -> [`Engine::apply`] -> [`Router`] -> out rings
//!
//! It never waits long for a reader (`outlet.rs`) and never allocates after start. While events wait for room in a gateway's
//! ring, no further command is taken from that gateway, which then answers that the venue is busy.

use std::sync::Arc;

use shm::{Agent, Consumer, LogWriter, Peer, Producer};
use wire::{
    command::{Command, Head, Kind, NotACommand, SessionNotice},
    durable::Durable,
    feed::Record,
    types::{AccountId, InstrumentId, SessionId},
};
use zerocopy::IntoBytes;

use crate::{
    board::{Board, Tally, Totals},
    engine::{Config, Engine},
    journal::sequenced::{Origin, Sequenced},
    publisher::Publisher,
    recovery::State,
    router::Router,
    routes::Routes,
    sequencer::Sequencer,
};

/// Commands taken from one link before it is the next one's turn.
const BATCH: usize = 64;
/// How often the links' other ends are looked at, in nanoseconds: it takes a system call each.
const PEERS_NS: u64 = 100_000_000;
/// Commands that are prepared for at once, the one that is applied next included.
const LOOKAHEAD: usize = 3;
/// Digests of each kind brought up to date in a round without work: less than a microsecond, since a command may
/// come meanwhile.
const IDLE_DIGESTS: usize = 4;
/// How soon to look again whether a full ring has room, in nanoseconds.
const RETRY_NS: u64 = 50_000;
/// The same where nobody reads, or who does was cut off.
const RETRY_LOST_NS: u64 = 10_000_000;

/// The two rings that a matcher shares with one worker of a gateway.
pub struct Link {
    /// From the worker.
    pub commands: Consumer,
    /// To the worker.
    pub events: Producer,
}

struct Inlet {
    number: u32,
    commands: Consumer,
    /// When the ring was made.
    made: u64,
    /// Commands that were prepared for and are not applied yet.
    ahead: usize,
    /// Messages that were no commands, and whether that was logged.
    not_commands: u64,
    told: bool,
}

impl Inlet {
    fn new(number: u32, commands: Consumer) -> Inlet {
        Inlet { number, made: commands.ring().made(), commands, ahead: 0, not_commands: 0, told: false }
    }

    /// Passes over messages up to the ring's `count`th.
    fn pass_over(&mut self, count: u64) {
        while self.commands.consumed() < count && self.commands.front().is_some() {
            self.commands.advance();
        }
    }
}

/// A matcher: an [`Engine`] at work between rings. The clock of the thread that runs it must give nanoseconds
/// since 1970: it becomes the venue's time.
pub struct Matcher {
    engine: Engine,
    sequencer: Sequencer,
    /// Where commands go before they are applied, if they are to become durable.
    sequenced: Option<Sequenced>,
    inlets: Vec<Inlet>,
    router: Router,
    board: Arc<Board>,
    /// Market data that a matcher before this one has left untold, if there was one and nothing is published yet.
    untold: Vec<Record>,
    /// The link whose turn is first, another one in each round.
    first: usize,
    now: u64,
    clock: Option<fn() -> u64>,
    peers_due: u64,
    gateways: u64,
}

impl Matcher {
    /// A matcher with empty books, with which all sessions are at home at link 0, and nobody watches an account by another link than
    /// its session's. It reserves all its memory here.
    ///
    /// # Panics
    /// If `config` does not pass [`Config::check`], or there is no link.
    #[must_use]
    pub fn new(config: Config, links: Vec<Link>) -> Matcher {
        Matcher::resume(State::new(config, &Routes::default()), links)
    }

    /// A matcher that goes on with `state`, at links with gateways as its routes say. What stands in a ring of commands and is in the
    /// state already is passed over; events that may not have been read are put before all that come.
    ///
    /// # Panics
    /// If there is no link, or the routes name one that there is none of.
    #[must_use]
    pub fn resume(state: State, links: Vec<Link>) -> Matcher {
        assert!(!links.is_empty(), "a matcher without a link hears nothing");
        let State { engine, mut presence, taken, begins, mut unsaid, routes, burst, instruments, .. } = state;
        let homes = routes.homes.iter().all(|&home| (home as usize) < links.len());
        assert!(homes && routes.watched.len() <= links.len(), "a link that there is none of");
        let inlet = |(link, number): (Link, u32)| {
            let mut inlet = Inlet::new(number, link.commands);
            let taken = taken.get(number as usize).copied().unwrap_or_default();
            if taken.made == inlet.made {
                inlet.pass_over(taken.count);
            } else {
                presence.strand(number);
            }
            (inlet, link.events)
        };
        let (inlets, outlets): (Vec<_>, Vec<_>) = links.into_iter().zip(0u32..).map(inlet).unzip();
        presence.settle(inlets.len(), &routes);
        let tally = Tally::new(instruments);
        let board = Board::new(engine.instruments(), instruments, Arc::clone(&tally.latency));
        let mut router = Router::new(outlets, burst, presence, tally);
        router.watchers = routes.watchers();
        if let Some([history, former]) = begins {
            router.begin_history(history, former);
            unsaid.records.insert(0, Record::begun(history));
        }
        for (link, kept) in unsaid.links.into_iter().enumerate().take(inlets.len()) {
            router.send_again(link, kept.events);
        }
        router.look();
        Matcher {
            sequencer: Sequencer::after(&engine),
            engine,
            sequenced: None,
            inlets,
            router,
            board: Arc::new(board),
            untold: unsaid.records,
            first: 0,
            now: 0,
            clock: None,
            peers_due: 0,
            gateways: 0,
        }
    }

    /// This matcher, reading `clock` within a round too: it must be that of its thread. Commands are then stamped with the
    /// time at which they were taken up and events with that at which they were let go, else both with the round's.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> u64) -> Matcher {
        (self.clock, self.router.clock) = (Some(clock), Some(clock));
        self
    }

    /// This matcher, writing what it takes into the sequenced log before it is applied, and taking nothing while that could overwrite
    /// what is not durable.
    #[must_use]
    pub fn with_log(mut self, log: Sequenced) -> Matcher {
        self.sequenced = Some(log);
        self
    }

    /// Publishes market data in `log`, before the first command: what a matcher before this one has left untold ([`State::keep_feed`]), and
    /// what comes.
    pub fn publish_to(&mut self, log: LogWriter) {
        self.router.feed = Some(Publisher::new(log, &std::mem::take(&mut self.untold)));
    }

    /// Where this matcher's figures can be read while it runs.
    #[must_use]
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// The engine as it stands.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes commands from each link in turn, as long as their events find room.
    fn take(&mut self, mut now: u64) -> usize {
        let mut taken = 0;
        let links = self.inlets.len();
        self.first = (self.first + 1) % links;
        for turn in 0..links {
            let number = (self.first + turn) % links;
            self.router.current = self.inlets[number].number;
            let generation = self.inlets[number].commands.peer_generation();
            if !self.is_open() {
                return taken;
            }
            for _ in 0..BATCH {
                if self.router.is_blocked() {
                    return taken;
                }
                if self.router.is_behind(self.router.current) || !self.take_one(number, generation, &mut now)
                {
                    break;
                }
                taken += 1;
            }
        }
        taken
    }

    /// Takes the next command of the inlet `number`, whose producer is the `generation`th; `false` if there is none.
    #[inline]
    fn take_one(&mut self, number: usize, generation: u32, now: &mut u64) -> bool {
        let inlet = &mut self.inlets[number];
        while inlet.ahead < LOOKAHEAD
            && let Some(coming) = inlet.commands.coming()
        {
            inlet.ahead += 1;
            if let Ok(coming) = Command::read(coming) {
                self.engine.prefetch(coming);
            }
        }
        let count = inlet.commands.consumed() + 1;
        let Some(bytes) = inlet.commands.front() else { return false };
        match Command::read(bytes) {
            Ok(Command::ShowBook(wish)) => self.router.want(wish.head.instrument()),
            Ok(Command::FindOrders(wish)) => self.router.find(&self.engine, wish),
            Ok(command) => {
                if self.router.presence.note(&command, inlet.number, generation) {
                    // What a gateway has read since the time was is not taken up before that.
                    if command.head().rx.0 >= *now
                        && let Some(clock) = self.clock
                    {
                        *now = clock();
                    }
                    let (seq, time) = self.sequencer.next(*now);
                    if let Some(log) = &mut self.sequenced {
                        // No borrow of the ring's message: the count is of those before it.
                        let origin = Origin { made: inlet.made, count, link: inlet.number, generation };
                        log.append(seq, time, origin, bytes);
                    }
                    self.router.begin(*now);
                    self.engine.apply(seq, time, command, &mut self.router);
                }
            }
            Err(_) => inlet.not_commands += 1,
        }
        inlet.commands.advance();
        inlet.ahead = inlet.ahead.saturating_sub(1);
        true
    }

    /// Cancels the orders of sessions whose grace time is over.
    fn cancel_disconnected(&mut self, now: u64) -> usize {
        let mut done = 0;
        while !self.router.is_blocked()
            && self.is_open()
            && let Some((at, session)) = self.engine.next_cancel()
            && at.0 <= now
        {
            self.apply_own(Kind::CancelSession, session, now);
            done += 1;
        }
        done
    }

    /// Lets the engine do what is due.
    fn due(&mut self, now: u64) -> usize {
        let due = self.engine.next_due().is_some_and(|at| at.0 <= now);
        if due && !self.router.is_blocked() && self.is_open() {
            self.apply_own(Kind::Due, SessionId(0), now);
            return 1;
        }
        0
    }

    /// Takes down the sessions of gateways that were cut off. What they had asked for before is done first: were it left until
    /// they read again, that could be at any time.
    #[cold]
    fn take_down_lost(&mut self, mut now: u64) {
        while self.is_open()
            && let Some(link) = self.router.lost()
        {
            self.router.tally.cut_off += 1;
            self.router.current = link;
            let number = link as usize;
            let generation = self.inlets[number].commands.peer_generation();
            while !self.router.is_blocked() && self.take_one(number, generation, &mut now) {}
            let sessions = self.take_down(link, None, now);
            tracing::error!(
                link,
                sessions,
                "a gateway does not read its events and is cut off: its sessions count as disconnected, and what else is \
                 for it is dropped until it has read what came before"
            );
        }
    }

    /// Takes down the sessions that are up by `link`, but by another generation of it than `alive`. How many that were.
    fn take_down(&mut self, link: u32, alive: Option<u32>, now: u64) -> usize {
        let mut count = 0;
        while self.is_open()
            && let Some(session) = self.router.presence.stranded(link, alive)
        {
            self.router.presence.down(session, link);
            self.apply_own(Kind::SessionDown, session, now);
            count += 1;
        }
        count
    }

    /// Takes down the sessions whose gateway has died, or has been replaced before that was seen.
    fn take_down_stranded(&mut self, now: u64) {
        self.gateways = 0;
        for number in 0..self.inlets.len() {
            let inlet = &mut self.inlets[number];
            let alive = inlet.commands.peer() == Peer::Alive;
            self.gateways += u64::from(alive);
            if inlet.commands.front().is_some() {
                continue; // what it said before it died comes first
            }
            let (link, generation) = (inlet.number, inlet.commands.peer_generation());
            let sessions = self.take_down(link, alive.then_some(generation), now);
            if sessions > 0 {
                tracing::warn!(link, sessions, "a gateway has gone; its sessions count as disconnected");
            }
        }
    }

    /// Whether anything may be taken: where it is to become durable, not while the journal is too far behind.
    #[inline]
    fn is_open(&mut self) -> bool {
        self.sequenced.as_mut().is_none_or(Sequenced::is_open)
    }

    /// Sequences a command of the matcher's own.
    fn apply_own(&mut self, kind: Kind, session: SessionId, now: u64) {
        let (seq, time) = self.sequencer.next(now);
        self.router.begin(now);
        let head = Head::new(kind, session, AccountId(0), InstrumentId(0), 0, time);
        let notice = SessionNotice { head };
        let command = match kind {
            Kind::SessionDown => Command::SessionDown(&notice),
            Kind::Due => Command::Due(&notice),
            _ => Command::CancelSession(&notice),
        };
        if let Some(log) = &mut self.sequenced {
            log.append(seq, time, Origin::OWN, notice.as_bytes());
        }
        self.engine.apply(seq, time, command, &mut self.router);
    }

    fn publish(&mut self) {
        if let Some(log) = &mut self.sequenced {
            log.publish();
        }
        let mut not_commands = 0;
        for inlet in &mut self.inlets {
            not_commands += inlet.not_commands;
            if inlet.not_commands > 0 && !inlet.told {
                inlet.told = true;
                let ring = inlet.commands.ring().path().display();
                tracing::error!(%ring, "{NotACommand}; such messages are skipped and counted");
            }
        }
        let totals = Totals {
            commands: self.engine.last_seq().0,
            events: self.router.tally.events,
            trades: self.router.tally.trades(),
            spilled: self.router.tally.spilled,
            dropped: self.router.tally.dropped,
            cut_off: self.router.tally.cut_off,
            not_commands,
            open_orders: self.engine.open_orders() as u64,
            gateways: self.gateways,
            forgotten: self.engine.forgotten(),
        };
        self.board.publish(&totals, &self.router.tally, &self.engine);
    }
}

impl Agent for Matcher {
    fn name(&self) -> &str {
        "matcher"
    }

    fn poll(&mut self, now: u64) -> usize {
        self.now = now;
        let mut work = 0;
        if self.router.is_spilling() {
            let durable = self.sequenced.as_ref().map_or(Durable::EVERYTHING, Sequenced::durable);
            work += self.router.drain(now, durable);
        }
        if self.router.has_lost() {
            self.take_down_lost(now);
        }
        work += self.cancel_disconnected(now);
        work += self.due(now);
        work += self.take(now);
        work += self.router.inform(&self.engine);
        work += self.router.tell_books(&self.engine);
        self.router.flush();
        if let Some(log) = &mut self.sequenced {
            log.flush();
        }
        if work == 0 {
            self.engine.refresh(IDLE_DIGESTS);
        }
        work
    }

    fn housekeep(&mut self, now: u64) {
        if now >= self.peers_due {
            self.peers_due = now.saturating_add(PEERS_NS);
            self.take_down_stranded(now);
            self.router.look();
        }
        self.publish();
    }

    fn deadline(&self) -> u64 {
        // Nobody rings when a full ring has room again.
        let retry = if self.router.is_awaited() || self.router.is_informing() {
            self.now.saturating_add(RETRY_NS)
        } else if self.router.is_spilling() {
            self.now.saturating_add(RETRY_LOST_NS)
        } else {
            u64::MAX
        };
        let cancel = self.engine.next_cancel().map_or(u64::MAX, |(at, _)| at.0);
        let due = self.engine.next_due().map_or(u64::MAX, |at| at.0);
        // What cannot be done for want of room is not due. Nobody rings when more has become durable either.
        match &self.sequenced {
            Some(log) if log.has_failed() => u64::MAX,
            Some(log) if log.was_closed() => retry.min(self.now.saturating_add(RETRY_NS)),
            _ if self.router.is_blocked() => retry,
            _ => retry.min(cancel).min(due),
        }
    }
}

impl Drop for Matcher {
    fn drop(&mut self) {
        let hash = self.engine.state_hash();
        let (seq, time) = self.engine.now();
        if let Some(log) = self.sequenced.as_mut().filter(|_| seq.0 > 0) {
            // Whoever replays the journal finds out whether it leads here.
            log.append(seq, time, Origin::CHECKPOINT, &hash.to_le_bytes());
            log.flush();
        }
        let state = format!("{hash:016x}");
        let orders = self.engine.open_orders();
        tracing::info!(seq = self.engine.last_seq().0, state, orders, "matcher stopped");
    }
}
