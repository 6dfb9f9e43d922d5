//! The agent that serves the operator's socket: lines of JSON in, commands to the matcher, its answers back.
//!
//! It has a link of its own to the matcher and reads its events whatever its clients do. One request is carried out at
//! a time, a connection's next one is looked at when the answer to the one before has been taken: so that what waits
//! is bounded by the connections, and a client that stalls holds up itself alone.

use std::{
    collections::VecDeque,
    fs,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, AsRawFd},
        unix::{
            fs::{DirBuilderExt, PermissionsExt},
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use gateway::link::Link;
use matcher::Board;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use shm::{Agent, Bell, Sleeper};
use wire::{
    event::{Event, Kind, Record},
    limits::{ADMIN_CONNECTIONS_MAX, ADMIN_REQUEST_BYTES_MAX},
    types::{InstrumentId, TradingState},
};

use super::{
    SOCKET,
    registry::Registry,
    request::{Answer, Refusal, Request, state_word},
    translate::{self, Step},
};
use crate::config::Config;

/// Records taken from the matcher in one round.
const EVENTS_PER_POLL: usize = 256;

/// The operator's agent.
pub struct Server {
    socket: Socket,
    link: Link,
    board: Arc<Board>,
    registry: Registry,
    connections: Vec<Connection>,
    last_id: u64,
    /// The request that is being carried out.
    current: Option<Current>,
    clock: fn() -> u64,
}

/// The listening socket; its file goes with it.
struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

struct Connection {
    id: u64,
    stream: UnixStream,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Its request is being carried out.
    busy: bool,
    /// Nothing more comes from it; it goes when it has its answers.
    ended: bool,
}

struct Current {
    connection: u64,
    steps: VecDeque<Step>,
    /// The first of `steps`, and a fence it needs, have gone to the matcher.
    sent: (bool, bool),
    answer: Answer,
}

impl Server {
    /// Listens in the data directory `data`, which must be this process's alone.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn listen(config: &Config, data: &Path, link: Link, board: Arc<Board>) -> anyhow::Result<Server> {
        let socket = Socket::make(data)
            .with_context(|| format!("the operator's socket cannot be made in {}", data.display()))?;
        Ok(Server {
            socket,
            link,
            board,
            registry: Registry::new(config),
            connections: Vec::with_capacity(ADMIN_CONNECTIONS_MAX),
            last_id: 0,
            current: None,
            clock: tuning::clock::now,
        })
    }

    /// What the matcher says.
    fn take_events(&mut self) -> usize {
        let mut taken = 0;
        while taken < EVENTS_PER_POLL
            && let Some(record) = self.link.event()
        {
            match record {
                Ok(Record::Definition(definition)) => self.registry.learn(definition),
                Ok(Record::Event(event)) if event.kind == Kind::State => {
                    self.registry.set_state(event.instrument, event.state);
                }
                Ok(Record::Event(event)) if event.session == self.registry.operator => {
                    if let Some((instrument, state)) = self.current.as_mut().and_then(|c| c.hear(event)) {
                        self.registry.set_state(instrument, state);
                    }
                }
                Ok(Record::Event(_)) => {}
                Err(length) => tracing::warn!(length, "{}", wire::event::NotAnEvent),
            }
            self.link.advance();
            taken += 1;
        }
        taken
    }

    fn accept(&mut self) -> usize {
        let mut accepted = 0;
        while let Ok((stream, _)) = self.socket.listener.accept() {
            accepted += 1;
            // One too many is closed by being dropped.
            if self.connections.len() < ADMIN_CONNECTIONS_MAX && stream.set_nonblocking(true).is_ok() {
                self.last_id += 1;
                let (id, input, output) = (self.last_id, Vec::new(), Vec::new());
                self.connections.push(Connection { id, stream, input, output, busy: false, ended: false });
            }
        }
        accepted
    }

    /// Takes up the next request, of the connections in turn, if none is being carried out.
    fn begin(&mut self) -> usize {
        if self.current.is_some() {
            return 0;
        }
        let ready = self.connections.iter().position(|connection| {
            !connection.busy && connection.output.is_empty() && connection.input.contains(&b'\n')
        });
        let Some(place) = ready else { return 0 };
        // Behind the others the next time.
        let mut connection = self.connections.remove(place);
        let end = connection.input.iter().position(|&byte| byte == b'\n').unwrap_or_default();
        let line: Vec<u8> = connection.input.drain(..=end).collect();
        let request = serde_json::from_slice::<Request>(&line).map_err(|error| {
            Refusal::bad(
                format!("not a request: {error}"),
                "docs/operating.md has every request with an example",
            )
        });
        match request.and_then(|request| self.plan(&request)) {
            Ok((steps, done)) => {
                connection.busy = true;
                let answer = Answer { done, refused: Vec::new() };
                let steps = steps.into();
                self.current =
                    Some(Current { connection: connection.id, steps, sent: (false, false), answer });
            }
            Err(refusal) => connection.answer(&Answer { done: Vec::new(), refused: vec![refusal] }),
        }
        self.connections.push(connection);
        1
    }

    /// The commands that carry out `request`, and what can be said at once.
    fn plan(&self, request: &Request) -> Result<(Vec<Step>, Vec<String>), Refusal> {
        let steps = translate::steps(&self.registry, request, (self.clock)())?;
        let done = match request {
            Request::Status => self.status(),
            _ if steps.is_empty() => vec!["there was nothing to do".into()],
            _ => Vec::new(),
        };
        Ok((steps, done))
    }

    fn status(&self) -> Vec<String> {
        let figures = self.board.read();
        let totals = format!(
            "{} commands, {} events, {} trades, {} open orders",
            figures.commands, figures.events, figures.trades, figures.open_orders
        );
        let instruments = self.registry.instruments.iter().enumerate().map(|(place, known)| {
            let traded = figures.instruments.get(place).map_or(0, |ticker| ticker.trades);
            format!("{}: {}, {traded} trades", known.symbol, state_word(known.state))
        });
        std::iter::once(totals).chain(instruments).collect()
    }

    /// Sends the next step, or answers when there is none left.
    fn go_on(&mut self) -> usize {
        let Some(current) = &mut self.current else { return 0 };
        let (sent, fenced) = &mut current.sent;
        let before = (*sent, *fenced);
        match current.steps.front() {
            None => {
                let Some(Current { connection, answer, .. }) = self.current.take() else { return 0 };
                if let Some(connection) = self.connections.iter_mut().find(|c| c.id == connection) {
                    connection.busy = false;
                    connection.answer(&answer);
                }
                return 1;
            }
            // A full ring takes it later.
            Some(step) if !*sent => *sent = self.link.send(step.command.as_slice()),
            Some(_) => {}
        }
        if let Some(step) = current.steps.front()
            && *sent
            && step.state.is_some()
            && !*fenced
        {
            *fenced = self.link.send(translate::fence(&self.registry, (self.clock)()).as_slice());
        }
        usize::from((*sent, *fenced) != before)
    }

    fn exchange(&mut self) -> usize {
        let mut work = 0;
        for connection in &mut self.connections {
            work += connection.exchange();
        }
        self.connections.retain(|connection| {
            // A request that is being carried out is answered into the void.
            !(connection.ended && connection.output.is_empty() && !connection.input.contains(&b'\n'))
                || connection.busy
        });
        work
    }
}

impl Current {
    /// What the matcher says to the step that was sent last; the state that it has brought an instrument into.
    fn hear(&mut self, event: &Event) -> Option<(InstrumentId, TradingState)> {
        let step = self.steps.front()?;
        let mut state = None;
        match event.kind {
            Kind::NotDone => {
                self.answer.refused.push(Refusal::of(&step.about, event.reject));
                if step.state.is_some() {
                    return None; // its fence follows
                }
            }
            Kind::Done => self.answer.done.push(step.done.clone()),
            Kind::MassCanceled => {
                let orders = match event.quantity.0 {
                    1 => "1 order".to_owned(),
                    count => format!("{count} orders"),
                };
                self.answer.done.push(match step.done.as_str() {
                    "cancelled" => format!("{orders} cancelled"),
                    done => format!("{done}, {orders} cancelled"),
                });
            }
            // The fence. What was refused has been told.
            Kind::Status if step.state.is_some() => {
                let refused = self.answer.refused.last().is_some_and(|r| r.text.starts_with(&step.about));
                if !refused {
                    self.answer.done.push(step.done.clone());
                    state = step.state;
                }
            }
            _ => return None,
        }
        self.steps.pop_front();
        self.sent = (false, false);
        state
    }
}

impl Connection {
    fn answer(&mut self, answer: &Answer) {
        // Strings and numbers: there is nothing in it that JSON could not say.
        if let Ok(mut line) = serde_json::to_vec(answer) {
            line.push(b'\n');
            self.output.extend(line);
        }
    }

    /// Writes what waits and reads what has come, as far as the socket lets it.
    fn exchange(&mut self) -> usize {
        let mut work = 0;
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(count) if count > 0 => {
                    self.output.drain(..count);
                    work += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => {
                    (self.ended, self.output) = (true, Vec::new());
                    self.input.clear();
                }
            }
        }
        while !self.ended && self.wants_input() {
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.input.extend(&bytes[..count]);
                    work += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.ended = true,
            }
        }
        if self.input.len() >= ADMIN_REQUEST_BYTES_MAX && !self.input.contains(&b'\n') {
            self.input.clear();
            self.ended = true;
            let text = format!("a request of more than {ADMIN_REQUEST_BYTES_MAX} bytes");
            let refusal = Refusal::bad(text, "send shorter ones; the connection is closed");
            self.answer(&Answer { done: Vec::new(), refused: vec![refusal] });
            work += 1;
        }
        work
    }

    /// Whether there is no whole request yet of those it may have waiting: one.
    fn wants_input(&self) -> bool {
        self.input.len() < ADMIN_REQUEST_BYTES_MAX && !self.input.contains(&b'\n')
    }
}

impl Agent for Server {
    fn name(&self) -> &str {
        "admin"
    }

    fn poll(&mut self, _now: u64) -> usize {
        let mut work = self.take_events() + self.accept() + self.exchange();
        work += self.begin() + self.go_on();
        self.link.flush();
        work
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Sleeper for Server {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        let bell = bell.fd();
        let listener = self.socket.listener.as_fd();
        let mut fds = vec![
            PollFd::from_borrowed_fd(bell, PollFlags::IN),
            PollFd::from_borrowed_fd(listener, PollFlags::IN),
        ];
        for connection in &self.connections {
            let mut wanted = PollFlags::empty();
            wanted.set(PollFlags::IN, !connection.ended && connection.wants_input());
            wanted.set(PollFlags::OUT, !connection.output.is_empty());
            if !wanted.is_empty() {
                fds.push(PollFd::from_borrowed_fd(connection.stream.as_fd(), wanted));
            }
        }
        let timeout = Timespec::try_from(timeout).ok();
        // Whatever ends the wait, the next round looks at everything.
        let _woken = poll(&mut fds, timeout.as_ref());
    }
}

impl Socket {
    /// Makes the socket with mode 0600 before anybody can connect: in a directory of its own first, which only we
    /// may enter. Its path is short however long that of `data` is, as a socket's has to be.
    fn make(data: &Path) -> io::Result<Socket> {
        let directory = fs::File::open(data)?;
        let base = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
        let (cradle, path) = (base.join(".admin"), data.join(SOCKET));
        // What a killed venue left.
        let _left = fs::remove_dir_all(&cradle);
        fs::DirBuilder::new().mode(0o700).create(&cradle)?;
        let new = cradle.join(SOCKET);
        let listener = UnixListener::bind(&new)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        fs::rename(&new, &path)?;
        fs::remove_dir(&cradle)?;
        Ok(Socket { listener, path })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The next venue replaces what could not be removed.
        let _left = fs::remove_file(&self.path);
    }
}
