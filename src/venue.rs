//! A venue put together: rings, agents, threads, and their end.

#[cfg(test)]
mod books;
mod identity;
mod parts;

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use gateway::{
    control::control,
    link::{FEED, ring_names},
    worker::{Drain, Worker},
};
use matcher::{Board, Link, Matcher};
use shm::{Agent, Bell, Directory, Duty, Lock, Log, Ring, Ringer, ShmError, Stop};
use tuning::{
    cpu,
    plan::{self, Process},
};

use wire::limits::FEED_RECORD_BYTES;

use crate::{
    admin::{self, server::Server},
    config::{Config, GATEWAY_WORKERS},
};
pub use parts::reserved;
use parts::{begin, engine_config, gateway_config};

/// How long a drained venue's threads may take to end, and a draining one to be drained: the gateway's own
/// limit is shorter, so only a hang reaches this.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The link of the operator's agent, behind those of gateway workers.
const OPERATOR_LINK: u32 = GATEWAY_WORKERS;
/// Bytes of its rings: a request at a time goes one way; everything that is for everybody comes back.
const OPERATOR_COMMAND_BYTES: usize = 1 << 16;
const OPERATOR_EVENT_BYTES: usize = 1 << 20;
const OPERATOR_RING_BYTES: u64 = (OPERATOR_COMMAND_BYTES + OPERATOR_EVENT_BYTES) as u64;

/// A running venue, or the part of one that this process is.
pub struct Venue {
    address: Option<SocketAddr>,
    tls_address: Option<SocketAddr>,
    admin: Option<PathBuf>,
    sessions: Option<PathBuf>,
    threads: Vec<plan::Thread>,
    drain: Drain,
    /// How long clients have to cancel what they have open.
    drain_patience: Duration,
    board: Option<Arc<Board>>,
    duties: Vec<Running>,
    ended: mpsc::Receiver<String>,
    /// After the threads, which use what stands in it.
    _place: MeetingPlace,
}

/// A thread with agents on it.
struct Running {
    name: String,
    has_gateway: bool,
    stop: Stop,
    ringer: Ringer,
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
        process: Process,
        mut waiting: impl FnMut(&Path) -> bool,
    ) -> anyhow::Result<Option<Venue>> {
        let data = data_directory(data)?;
        let place = MeetingPlace::enter(config, &data, process)?;
        let rings = &place.directory;
        let host = cpu::Host::survey()?;
        let threads = plan::plan(&host, &config.threads, GATEWAY_WORKERS, process)?;

        let mut bells = Vec::new();
        for thread in &threads {
            bells.push(Arc::new(Bell::create(rings, &thread.name().replace('+', "-"))?));
        }
        let thread_of = |agent: plan::Agent| {
            let place = threads.iter().position(|thread| thread.agents.contains(&agent))?;
            Some((&threads[place], &bells[place]))
        };

        if process != Process::Matcher {
            check_open_files(config);
        }
        // A port in use is the likeliest refusal, so it comes before anything is made.
        let drain = Drain::default();
        let mut gateway_operator = None;
        let mut worker = match thread_of(plan::Agent::Gateway(0)) {
            Some((thread, bell)) => {
                let config = gateway_config(config, &data, thread.idle)?;
                let (control, desk) = control();
                gateway_operator = Some((control, bell.ringer()));
                Some(Worker::listen(&config, rings.clone(), bell.clone(), drain.clone(), desk)?)
            }
            None => None,
        };
        let address = worker.as_ref().map(Worker::local_addr).transpose()?;
        let tls_address = match &worker {
            Some(worker) if config.fix.tls_listen.is_some() => Some(worker.tls_addr()?),
            _ => None,
        };
        let mut matcher = match thread_of(plan::Agent::Matcher) {
            Some((_, bell)) => Some(make_matcher(config, rings, bell)?),
            None => None,
        };
        let board = matcher.as_ref().map(Matcher::board);
        let mut operator = match &board {
            Some(board) => Some(Operator::make(config, &data, rings, Arc::clone(board))?),
            None => None,
        };
        if let Some(worker) = &mut worker {
            while !worker.attach()? {
                if !waiting(rings.path()) {
                    return Ok(None);
                }
            }
        }

        let (ended_sender, ended) = mpsc::channel();
        let mut duties = Vec::new();
        for (thread, bell) in threads.iter().zip(&bells) {
            let agents = thread.agents.iter().filter_map(|agent| match agent {
                plan::Agent::Matcher => matcher.take().map(|m| Box::new(m) as Box<dyn Agent + Send>),
                plan::Agent::Gateway(_) => worker.take().map(|w| Box::new(w) as Box<dyn Agent + Send>),
            });
            let agents: Vec<_> = agents.collect();
            let name = thread.name();
            duties.push(Running::start(&name, thread.clone(), agents, bell.clone(), ended_sender.clone())?);
        }
        let admin = operator.as_ref().map(|_| data.join(admin::SOCKET));
        if let Some(Operator { server, bell }) = operator.take() {
            let plan = plan::Thread {
                agents: Vec::new(),
                idle: plan::Idle::Park,
                core: None,
                reason: "waits for operators".to_owned(),
            };
            duties.push(Running::start("admin", plan, vec![Box::new(server)], bell, ended_sender.clone())?);
        }
        let sessions = gateway_operator.as_ref().map(|_| data.join(admin::GATEWAY_SOCKET));
        if let Some((control, ringer)) = gateway_operator {
            let plan = plan::Thread {
                agents: Vec::new(),
                idle: plan::Idle::Park,
                core: None,
                reason: "waits for operators".to_owned(),
            };
            let bell = Arc::new(Bell::create(rings, "gateway-admin")?);
            let server = admin::gateway::Gateway::listen(&data, control, ringer, drain.clone())?;
            duties.push(Running::start("gateway-admin", plan, vec![Box::new(server)], bell, ended_sender)?);
        }
        Ok(Some(Venue {
            address,
            tls_address,
            admin,
            sessions,
            threads,
            drain,
            drain_patience: config.fix.acceptor.drain,
            board,
            duties,
            ended,
            _place: place,
        }))
    }

    /// Where FIX clients connect, if this process has the gateway.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where FIX clients connect that speak TLS, if this process has the gateway, and they may.
    #[must_use]
    pub const fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Where operators connect, if this process has the matcher.
    #[must_use]
    pub fn admin(&self) -> Option<&Path> {
        self.admin.as_deref()
    }

    /// Where operators of its sessions connect, if this process has the gateway.
    #[must_use]
    pub fn sessions(&self) -> Option<&Path> {
        self.sessions.as_deref()
    }

    /// Whether an operator has asked the gateway to drain: [`Venue::stop`] is to be called.
    #[must_use]
    pub fn is_to_drain(&self) -> bool {
        // Without clients it is done before anybody looks.
        self.drain.is_asked() || self.drain.is_done()
    }

    /// The threads and why they are arranged so.
    #[must_use]
    pub fn threads(&self) -> &[plan::Thread] {
        &self.threads
    }

    /// What the matcher publishes, if this process has it.
    #[must_use]
    pub const fn board(&self) -> Option<&Arc<Board>> {
        self.board.as_ref()
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
        self.drain.ask();
        let has_gateway = self.duties.iter().any(|duty| duty.has_gateway);
        for duty in self.duties.iter().filter(|duty| duty.has_gateway) {
            duty.ringer.ring();
        }
        while has_gateway && !self.drain.is_done() && Instant::now() < until {
            if let Some(thread) = self.failed(Duration::from_millis(2)) {
                bail!("thread {thread} panicked while the venue was draining; its message stands above");
            }
        }
        // Gateways first: the matcher takes what they have sent before it ends.
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
        Ok(Running { name, has_gateway, stop, ringer, thread })
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

fn check_open_files(config: &Config) {
    let wanted = u64::from(config.fix.acceptor.connections_max) + OTHER_FILES;
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
    server: Server,
    bell: Arc<Bell>,
}

impl Operator {
    fn make(config: &Config, data: &Path, rings: &Directory, board: Arc<Board>) -> anyhow::Result<Operator> {
        let bell = Arc::new(Bell::create(rings, "admin")?);
        let link = gateway::link::Link::join(rings, OPERATOR_LINK, &bell)?;
        let link = link.context("the matcher's rings are gone; start it again")?;
        Ok(Operator { server: Server::listen(config, data, link, board)?, bell })
    }
}

/// The matcher, and the rings to it: it is the matcher that makes them. Rings that a live gateway holds are
/// taken up with what stands in them.
fn make_matcher(config: &Config, rings: &Directory, bell: &Bell) -> anyhow::Result<Matcher> {
    let (commands, events) = ring_names(0);
    let commands = Ring::create(rings, &commands, config.rings.command_bytes as usize)?;
    let events = Ring::create(rings, &events, config.rings.event_bytes as usize)?;
    let gateway = Link { commands: commands.consumer(bell)?, events: events.producer()? };
    let (commands, events) = ring_names(OPERATOR_LINK);
    let commands = Ring::create(rings, &commands, OPERATOR_COMMAND_BYTES)?;
    let events = Ring::create(rings, &events, OPERATOR_EVENT_BYTES)?;
    let operator = Link { commands: commands.consumer(bell)?, events: events.producer()? };
    let engine = engine_config(config);
    engine.check()?;
    let mut matcher = Matcher::new(engine, vec![gateway, operator]).with_clock(tuning::clock::now);
    if config.matcher.prefault {
        matcher.prefault();
    }
    let feed = Log::create(rings, FEED, config.rings.feed_bytes as usize, FEED_RECORD_BYTES)?;
    matcher.publish_to(feed.writer()?);
    begin(config, &mut matcher)?;
    Ok(matcher)
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

/// Where the venue's processes meet, and the locks that say which parts of the venue this one is: they are what
/// refuses a second venue on the same data directory.
///
/// Rings are taken down by whoever finds itself alone, on coming or on going: while another part of the venue is
/// there, they are not ours alone. Processes come and go one at a time, so that each sees the others or not at all.
struct MeetingPlace {
    directory: Directory,
    data: PathBuf,
    locks: Vec<Lock>,
}

/// The parts of a venue that there is one of, each with a lock of this name in the data directory.
const PARTS: [&str; 2] = ["matcher", "gateway"];
/// How long another process may take to come or go: a hang, or a stopped process, is all that takes longer.
const TURN_PATIENCE: Duration = Duration::from_secs(5);

impl MeetingPlace {
    fn enter(config: &Config, data: &Path, process: Process) -> anyhow::Result<MeetingPlace> {
        let _turn = turn(data)?;
        let is_ours = |part: &str| match process {
            Process::Venue => true,
            Process::Gateway => part == "gateway",
            Process::Matcher => part == "matcher",
        };
        let lock = |part: &str| match Lock::take(&data.join(format!("{part}.lock"))) {
            Err(ShmError::Held { pid, .. }) => Err(anyhow!(
                "process {pid} runs a {part} on the data directory {} already; stop it, or choose another \
                 directory with --data",
                data.display()
            )),
            other => Ok(other?),
        };
        let locks =
            PARTS.into_iter().filter(|part| is_ours(part)).map(lock).collect::<anyhow::Result<_>>()?;
        let directory = Directory::at(&config.rings.directory, data, &meeting_name(data)?)?;
        let directory = directory.mapped(config.rings.memory);
        let place = MeetingPlace { directory, data: data.into(), locks };
        place.sweep()?;
        Ok(place)
    }

    /// Removes what nobody uses: rings only if no other part of the venue is there. Gives whether that is so.
    fn sweep(&self) -> anyhow::Result<bool> {
        let mut others = Vec::new();
        for part in PARTS {
            match Lock::take(&self.data.join(format!("{part}.lock"))) {
                Ok(lock) => others.push(lock),
                Err(ShmError::Held { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let alone = self.locks.len() + others.len() == PARTS.len();
        self.directory.sweep(|_| alone)?;
        Ok(alone)
    }

    fn leave(&self) -> anyhow::Result<()> {
        let _turn = turn(&self.data)?;
        if self.sweep()? {
            // Fails if something stands there that is not ours, and then should.
            let _not_empty = fs::remove_dir(self.directory.path());
        }
        Ok(())
    }
}

/// The name of the place where the processes of data directory `data` meet. The directory's device and inode make
/// it, so that processes which mean the same one by different paths meet, and others do not.
pub(crate) fn meeting_name(data: &Path) -> io::Result<String> {
    let identity = fs::metadata(data)?;
    Ok(format!("penstock-{:x}-{:x}", identity.dev(), identity.ino()))
}

impl Drop for MeetingPlace {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the rings stay behind");
        }
    }
}

/// Waits until no other process of the venue is coming or going.
fn turn(data: &Path) -> anyhow::Result<Lock> {
    let until = Instant::now() + TURN_PATIENCE;
    loop {
        match Lock::take(&data.join("turn.lock")) {
            Err(ShmError::Held { .. }) if Instant::now() < until => thread::sleep(Duration::from_millis(1)),
            other => return Ok(other?),
        }
    }
}
