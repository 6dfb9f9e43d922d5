//! A venue put together: rings, agents, threads, and their end.

#[cfg(test)]
mod books;
mod gateways;
mod identity;
mod parts;
mod place;
mod recovery;

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use gateway::{
    link::{FEED, of_shard, ring_names},
    worker::Drain,
};
use matcher::{
    Board, Link, Matcher, State,
    journal::{keeper::Keeper, recorder::Recorder},
    snapshot::Maker,
};
use shm::{Agent, Bell, Directory, Duty, Log, Meter, Ring, Ringer, Stop};
use tuning::{
    cpu,
    plan::{self, Process},
};

use wire::limits::FEED_RECORD_BYTES;

use crate::{
    admin::{self, server::Server},
    config::{Config, Durability},
    metrics::{self, Served, Sources, server::Door},
};
use gateways::Gateway;
pub use gateways::{Listener, named, numbers};
pub(crate) use parts::configuration;
pub use parts::reserved;
use parts::{begin, routes};
use place::MeetingPlace;
pub(crate) use place::meeting_name;
use recovery::History;
pub(crate) use recovery::journal_directory;

/// How long a drained venue's threads may take to end, and a draining one to be drained: the gateway's own
/// limit is shorter, so only a hang reaches this.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the rings of the operator's agent: a request at a time goes one way; everything that is for everybody comes back.
const OPERATOR_COMMAND_BYTES: usize = 1 << 16;
const OPERATOR_EVENT_BYTES: usize = 1 << 20;
const OPERATOR_RING_BYTES: u64 = (OPERATOR_COMMAND_BYTES + OPERATOR_EVENT_BYTES) as u64;

/// A running venue, or the part of one that this process is.
pub struct Venue {
    listeners: Vec<Listener>,
    /// One for each matcher.
    admin: Vec<PathBuf>,
    sessions: Option<PathBuf>,
    threads: Vec<plan::Thread>,
    /// One for each gateway.
    drains: Vec<Drain>,
    /// How long clients have to cancel what they have open.
    drain_patience: Duration,
    boards: Vec<(u8, Arc<Board>)>,
    duties: Vec<Running>,
    ended: mpsc::Receiver<String>,
    metrics: Option<SocketAddr>,
    /// Serves until everything else has ended.
    _metrics: Option<metrics::server::Server>,
    _keepers: Vec<(u8, Keeper)>,
    /// Makes snapshots until the process ends, and reads the journal for them.
    _snapshots: Vec<Maker>,
    /// After the threads, which use what stands in it.
    _place: MeetingPlace,
}

/// A thread with agents on it.
struct Running {
    name: String,
    has_gateway: bool,
    stop: Stop,
    ringer: Ringer,
    meter: Arc<Meter>,
    thread: JoinHandle<()>,
}

impl Venue {
    /// Starts the part of the venue of `config` that `process` is on the data directory `data`, which is made if its parent exists.
    ///
    /// A gateway without a matcher waits for one: `waiting` is told so, with the directory of the rings, again
    /// and again until it answers `false`, which ends the attempt with `Ok(None)`.
    ///
    /// # Errors
    /// A sentence with cause and remedy: what is wrong with directory, lock, port or rings.
    pub fn start(
        config: &Config,
        data: &Path,
        process: &Process,
        mut waiting: impl FnMut(&Path) -> bool,
    ) -> anyhow::Result<Option<Venue>> {
        let data = data_directory(data)?;
        let place = MeetingPlace::enter(config, &data, process)?;
        let rings = &place.directory;
        let host = cpu::Host::survey()?;
        let workers = numbers(config);
        let (shards, journals) = (config.venue.shards, journals(config));
        let agents = plan::Agents { shards, journals: &journals, workers: &workers };
        let threads = plan::plan(&host, &config.threads, agents, process)?;

        let mut bells = Vec::new();
        for thread in &threads {
            bells.push(Arc::new(Bell::create(rings, &bell_name(thread))?));
        }
        let thread_of = |agent: plan::Agent| {
            let place = threads.iter().position(|thread| thread.agents.contains(&agent))?;
            Some((&threads[place], &bells[place]))
        };

        let mine: Vec<u32> = workers.iter().copied().filter(|&number| process.has(number)).collect();
        if !mine.is_empty() {
            check_open_files(config, mine.len());
        }
        // A port in use is the likeliest refusal, so it comes before anything is made.
        let mut gateways = Vec::new();
        for &number in &mine {
            if let Some((thread, bell)) = thread_of(plan::Agent::Gateway(number)) {
                gateways.push(Gateway::listen(config, number, &data, rings, thread.idle, bell)?);
            }
        }
        let door = metrics_door(config, process)?;
        let (mut matchers, mut recorders) = (Vec::new(), Vec::new());
        let (mut keepers, mut snapshots) = (Vec::new(), Vec::new());
        for shard in 0..shards {
            if let Some((_, bell)) = thread_of(plan::Agent::Matcher(shard)) {
                let journal = thread_of(plan::Agent::Journal(shard)).map(|(_, bell)| &**bell);
                let made = make_matcher(config, shard, &data, rings, bell, journal).map_err(|error| {
                    if shards == 1 { error } else { error.context(format!("shard {shard}")) }
                })?;
                matchers.push((shard, made.matcher));
                recorders.extend(made.recorder.map(|recorder| (shard, recorder)));
                keepers.extend(made.keeper.map(|keeper| (shard, keeper)));
                snapshots.extend(made.snapshots);
            }
        }
        let boards: Vec<_> = matchers.iter().map(|(shard, matcher)| (*shard, matcher.board())).collect();
        let journals = recorders.iter().map(|(shard, recorder)| (*shard, recorder.progress())).collect();
        let sources = Arc::new(Sources {
            workers: gateways.iter().map(Gateway::board).collect(),
            matchers: boards.clone(),
            journals,
            retentions: keepers.iter().map(|(shard, keeper)| (*shard, keeper.retention())).collect(),
            rings: rings.clone(),
            threads: OnceLock::new(),
            served: Served::default(),
            since: tuning::clock::now(),
        });
        let metrics = door.as_ref().map(Door::local_addr).transpose()?;
        // It tells of a process that waits for its matcher, too.
        let serving = door.map(|door| door.serve(Arc::clone(&sources))).transpose()?;
        let mut operators = Vec::new();
        for (shard, board) in &boards {
            operators.push(Operator::make(
                config,
                *shard,
                &data,
                rings,
                Arc::clone(board),
                Arc::clone(&sources),
            )?);
        }
        for gateway in &mut gateways {
            while !gateway.attach()? {
                if !waiting(rings.path()) {
                    return Ok(None);
                }
            }
        }
        let listeners: Vec<Listener> =
            gateways.iter().map(Gateway::listeners).collect::<io::Result<Vec<_>>>()?.concat();
        let (mut agents, desks): (Vec<_>, Vec<_>) = gateways.into_iter().map(Gateway::split).unzip();
        let drains = desks.iter().map(|desk| desk.drain.clone()).collect();

        let (ended_sender, ended) = mpsc::channel();
        let mut duties = Vec::new();
        for (thread, bell) in threads.iter().zip(&bells) {
            let agents = thread.agents.iter().filter_map(|agent| match *agent {
                plan::Agent::Matcher(shard) => {
                    Some(Box::new(taken(&mut matchers, shard)?) as Box<dyn Agent + Send>)
                }
                plan::Agent::Journal(shard) => {
                    Some(Box::new(taken(&mut recorders, shard)?) as Box<dyn Agent + Send>)
                }
                plan::Agent::Gateway(number) => taken(&mut agents, number),
            });
            let agents: Vec<_> = agents.collect();
            let name = thread.name();
            duties.push(Running::start(&name, thread.clone(), agents, bell.clone(), ended_sender.clone())?);
        }
        let admin = boards.iter().map(|(shard, _)| data.join(admin::socket_of(*shard))).collect();
        for Operator { name, server, bell } in operators {
            let server = Box::new(server);
            duties.push(Running::start(&name, for_operators(), vec![server], bell, ended_sender.clone())?);
        }
        let mut sessions = None;
        if !mine.is_empty() {
            let name = admin::gateway::socket_name(config, &workers, &mine);
            let bell = Arc::new(Bell::create(rings, name.trim_end_matches(".sock"))?);
            let server =
                Box::new(admin::gateway::Gateway::listen(&data, &name, desks, Arc::clone(&sources))?);
            duties.push(Running::start("gateway-admin", for_operators(), vec![server], bell, ended_sender)?);
            sessions = Some(data.join(name));
        }
        let meters = duties.iter().map(|duty| (duty.name.clone(), Arc::clone(&duty.meter)));
        // Nobody else sets it.
        let _set = sources.threads.set(meters.collect());
        Ok(Some(Venue {
            listeners,
            admin,
            sessions,
            threads,
            drains,
            drain_patience: config.fix.acceptor.drain.max(config.binary.acceptor.drain),
            boards,
            duties,
            ended,
            metrics,
            _metrics: serving,
            _keepers: keepers,
            _snapshots: snapshots,
            _place: place,
        }))
    }

    /// Where clients connect, if this process has gateways.
    #[must_use]
    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// Where clients of the gateway `number` connect without TLS, if this process has it.
    #[must_use]
    pub fn address(&self, number: u32) -> Option<SocketAddr> {
        let of_it = self.listeners.iter().find(|listener| listener.gateway == number);
        of_it.map(|listener| listener.address)
    }

    /// Where metrics are served, if they are.
    #[must_use]
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Where operators connect: a socket for each matcher that this process has.
    #[must_use]
    pub fn admin(&self) -> &[PathBuf] {
        &self.admin
    }

    /// Where operators of its sessions connect, if this process has the gateway.
    #[must_use]
    pub fn sessions(&self) -> Option<&Path> {
        self.sessions.as_deref()
    }

    /// Whether an operator has asked its gateways to drain: [`Venue::stop`] is to be called.
    #[must_use]
    pub fn is_to_drain(&self) -> bool {
        // Without clients it is done before anybody looks.
        self.drains.iter().any(|drain| drain.is_asked() || drain.is_done())
    }

    /// The threads and why they are arranged so.
    #[must_use]
    pub fn threads(&self) -> &[plan::Thread] {
        &self.threads
    }

    /// What the matchers of this process publish, with their shards.
    #[must_use]
    pub fn boards(&self) -> &[(u8, Arc<Board>)] {
        &self.boards
    }

    /// The name of a thread that has ended without being asked to, which only a panic does, if one does within
    /// `patience`.
    #[must_use]
    pub fn failed(&self, patience: Duration) -> Option<String> {
        self.ended.recv_timeout(patience).ok()
    }

    /// Takes nothing new, logs clients out when they have had the time to cancel, lets the matcher finish what it has, ends the threads.
    ///
    /// # Errors
    /// If a thread panicked or does not end.
    pub fn stop(self) -> anyhow::Result<()> {
        let until = Instant::now() + self.drain_patience + STOP_PATIENCE;
        self.drains.iter().for_each(Drain::ask);
        for duty in self.duties.iter().filter(|duty| duty.has_gateway) {
            duty.ringer.ring();
        }
        while !self.drains.iter().all(Drain::is_done) && Instant::now() < until {
            if let Some(thread) = self.failed(Duration::from_millis(2)) {
                bail!("thread {thread} panicked while the venue was draining; its message stands above");
            }
        }
        // Gateways first: the matcher takes what they have sent before it ends, and the journal what the matcher has taken: in the
        // order in which the threads were started.
        let (gateways, others): (Vec<_>, Vec<_>) = self.duties.into_iter().partition(|duty| duty.has_gateway);
        for duty in gateways.into_iter().chain(others) {
            duty.stop(until)?;
        }
        Ok(())
    }
}

impl Running {
    fn start(
        name: &str,
        plan: plan::Thread,
        agents: Vec<Box<dyn Agent + Send>>,
        bell: Arc<Bell>,
        ended: mpsc::Sender<String>,
    ) -> anyhow::Result<Running> {
        let name = name.to_owned();
        let stop = Stop::default();
        let ringer = bell.ringer();
        let has_gateway = plan.agents.iter().any(|agent| matches!(agent, plan::Agent::Gateway(_)));
        let idle = match plan.idle {
            plan::Idle::Spin => shm::Idle::Spin,
            plan::Idle::Yield => shm::Idle::Yield,
            plan::Idle::Park => shm::Idle::Park,
        };
        let duty = Duty::new(&name, agents, idle, bell, stop.clone(), tuning::clock::now);
        let meter = duty.meter();
        let body = {
            let name = name.clone();
            move || {
                let _tell = TellWhenOver { name: name.clone(), ended };
                cpu::name_thread(&name);
                if let Some(core) = plan.core
                    && let Err(error) = cpu::pin(core)
                {
                    tracing::warn!(thread = name, %error, "not pinned");
                }
                drop(duty.run());
            }
        };
        let thread = thread::Builder::new()
            .name(name.clone())
            .spawn(body)
            .with_context(|| format!("cannot start thread {name}"))?;
        Ok(Running { name, has_gateway, stop, ringer, meter, thread })
    }

    fn stop(self, until: Instant) -> anyhow::Result<()> {
        self.stop.set();
        self.ringer.ring();
        while !self.thread.is_finished() {
            if Instant::now() >= until {
                bail!("thread {} does not end; the process ends without it", self.name);
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.thread.join().map_err(|_| anyhow!("thread {} panicked; its message stands above", self.name))
    }
}

/// Takes out what has this number.
fn taken<N: PartialEq, T>(list: &mut Vec<(N, T)>, number: N) -> Option<T> {
    let place = list.iter().position(|(other, _)| *other == number)?;
    Some(list.swap_remove(place).1)
}

/// Where `process` serves its metrics; matchers that are processes of their own have addresses of their own, whose ports are as many
/// above the configured one as the shards that they begin with.
fn metrics_door(config: &Config, process: &Process) -> anyhow::Result<Option<Door>> {
    let (address, key) = match process {
        Process::Matchers(shards) => {
            let first = shards.iter().min().copied().unwrap_or_default();
            let own = |mut address: SocketAddr| {
                if address.port() != 0 {
                    address.set_port(address.port().saturating_add(first.into()));
                }
                address
            };
            (config.metrics.matcher_listen.map(own), "metrics.matcher_listen")
        }
        Process::Venue | Process::Gateways(_) => (config.metrics.listen, "metrics.listen"),
    };
    address.map(|address| Door::open(address, key)).transpose()
}

/// Tells that a thread is over, by panic or not.
struct TellWhenOver {
    name: String,
    ended: mpsc::Sender<String>,
}

impl Drop for TellWhenOver {
    fn drop(&mut self) {
        // Nobody listens any more when the venue is being dropped.
        let _unheard = self.ended.send(std::mem::take(&mut self.name));
    }
}

/// Open files beside clients' connections: rings, bells, epoll, locks, standard streams, and room for more.
const OTHER_FILES: u64 = 64;

/// For so many gateways in this process.
fn check_open_files(config: &Config, gateways: usize) {
    let most = config.fix.acceptor.connections_max.max(config.binary.acceptor.connections_max);
    let wanted = u64::from(most) * gateways as u64 + OTHER_FILES;
    let limit = tuning::files::raise_limit(wanted);
    if limit < wanted {
        tracing::warn!(
            limit,
            wanted,
            "fewer files may be open than fix.connections_max takes; raise the hard limit (ulimit -Hn) or lower the key"
        );
    }
}

/// The operator's agent, not yet running.
struct Operator {
    /// Of its thread.
    name: String,
    server: Server,
    bell: Arc<Bell>,
}

impl Operator {
    fn make(
        config: &Config,
        shard: u8,
        data: &Path,
        rings: &Directory,
        board: Arc<Board>,
        sources: Arc<Sources>,
    ) -> anyhow::Result<Operator> {
        let name = of_shard("admin", shard);
        let bell = Arc::new(Bell::create(rings, &name)?);
        let link = gateway::link::Link::join(rings, shard, operator_link(config), &bell)?;
        let link = link.context("the matcher's rings are gone; start it again")?;
        Ok(Operator { server: Server::listen(config, shard, data, link, board, sources)?, name, bell })
    }
}

/// The link of the operator's agent, behind those of the gateways.
fn operator_link(config: &Config) -> u32 {
    u32::try_from(config.gateways.len()).unwrap_or(u32::MAX)
}

/// The shards whose matchers make durable what they take.
#[must_use]
pub fn journals(config: &Config) -> Vec<u8> {
    match config.venue.durability {
        Durability::Memory => Vec::new(),
        Durability::Journal => (0..config.venue.shards).collect(),
    }
}

/// The shards of a matcher's process that was given these, or all if it was given none.
///
/// # Errors
/// A sentence for one that there is not.
pub fn shards(config: &Config, given: &[u8]) -> Result<Vec<u8>, String> {
    let there = config.venue.shards;
    if let Some(unknown) = given.iter().find(|&&shard| shard >= there) {
        return Err(format!(
            "there is no shard {unknown}; the venue has {there} (venue.shards), counted from 0"
        ));
    }
    Ok((0..there).filter(|shard| given.is_empty() || given.contains(shard)).collect())
}

/// How the thread of an operator's agent runs.
fn for_operators() -> plan::Thread {
    let reason = "waits for operators".to_owned();
    plan::Thread { agents: Vec::new(), idle: plan::Idle::Park, core: None, reason }
}

/// The name of a thread's bell: that of its first agent, which is on no other, and as far as there is room of others.
fn bell_name(thread: &plan::Thread) -> String {
    match thread.agents.as_slice() {
        [first, .., last] if thread.agents.len() > 2 => format!("{first}-to-{last}"),
        _ => thread.name().replace('+', "-"),
    }
}

/// A matcher, and what makes durable what it takes, where that is asked for.
struct Made {
    matcher: Matcher,
    recorder: Option<Recorder>,
    keeper: Option<Keeper>,
    snapshots: Option<Maker>,
}

/// The matcher, and the rings to it: it is the matcher that makes them. Rings that a live gateway holds are
/// taken up with what stands in them. Its bell, and that of the thread of its journal, if there is one.
fn make_matcher(
    config: &Config,
    shard: u8,
    data: &Path,
    rings: &Directory,
    bell: &Bell,
    journal: Option<&Bell>,
) -> anyhow::Result<Made> {
    let configuration = configuration(config, shard);
    configuration.engine.check()?;
    let mut state = State::new(configuration, &routes(config));
    // Before the rings: a gateway that finds those looks for the logs at once, and takes the matcher for ready.
    let feed =
        Log::create(rings, &of_shard(FEED, shard), config.rings.feed_bytes as usize, FEED_RECORD_BYTES)?;
    let history = match journal {
        Some(_) => recovery::recover(config, shard, data, rings, &feed, &mut state)?,
        None => {
            begin(config, shard, &mut state, |_, _| Ok(()))?;
            History::forget(config, shard, data, rings)?
        }
    };
    // Now, because what was recovered may stand in other memory than what was begun with.
    if config.matcher.prefault {
        state.prefault();
    }
    let link = |number, command_bytes, event_bytes| -> anyhow::Result<Link> {
        let (commands, events) = ring_names(shard, number);
        let commands = Ring::create(rings, &commands, command_bytes)?;
        let events = Ring::create(rings, &events, event_bytes)?;
        Ok(Link { commands: commands.consumer(bell)?, events: events.producer()? })
    };
    let mut links = Vec::new();
    for number in 0..operator_link(config) {
        links.push(link(number, config.rings.command_bytes as usize, config.rings.event_bytes as usize)?);
    }
    links.push(link(operator_link(config), OPERATOR_COMMAND_BYTES, OPERATOR_EVENT_BYTES)?);
    history.announce(&mut state);
    let mut matcher = Matcher::resume(state, links).with_clock(tuning::clock::now);
    matcher.publish_to(feed.writer()?);
    let mut made = history.begin(matcher, journal)?;
    if let Some(recorder) = &made.recorder {
        let retention = made.keeper.as_ref().map(Keeper::retention);
        made.snapshots = Some(recovery::snapshots(config, shard, data, recorder, retention)?);
    }
    Ok(made)
}

/// Makes the data directory, but not its parents: a path with a slip in it should be heard of.
fn data_directory(data: &Path) -> anyhow::Result<PathBuf> {
    match fs::DirBuilder::new().mode(0o700).create(data) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "the data directory {} cannot be made: {} does not exist; make it first, or choose another with --data",
            data.display(),
            data.parent().unwrap_or(data).display()
        ),
        Err(error) => {
            bail!("the data directory {} cannot be made: {error}; choose another with --data", data.display())
        }
    }
    if !data.is_dir() {
        bail!("{} is not a directory; choose another with --data", data.display());
    }
    data.canonicalize().with_context(|| format!("the data directory {} cannot be entered", data.display()))
}
