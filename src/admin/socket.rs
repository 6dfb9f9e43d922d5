//! An operator's socket: lines of JSON in and out, for a server that looks at it when it has time.
//!
//! A connection's next line is given when the answer to the one before has been taken: so what waits is bounded by the
//! connections, and a client that stalls holds up itself alone.

use std::{
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

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use shm::Bell;
use wire::limits::{ADMIN_CONNECTIONS_MAX, ADMIN_REQUEST_BYTES_MAX};

use super::{
    FIGURES,
    request::{Answer, Refusal},
};
use crate::metrics::Sources;

/// The listening socket, whose file goes with it, and its connections.
pub(super) struct Socket {
    /// What is told to who asks for figures.
    sources: Arc<Sources>,
    listener: UnixListener,
    path: PathBuf,
    connections: Vec<Connection>,
    last_id: u64,
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

impl Socket {
    /// Makes the socket `name` with mode 0600 before anybody can connect: in a directory of its own first, which only we
    /// may enter. Its path is short however long that of `data` is, as a socket's has to be.
    pub(super) fn make(data: &Path, name: &str, sources: Arc<Sources>) -> io::Result<Socket> {
        let directory = fs::File::open(data)?;
        let base = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
        let (cradle, path) = (base.join(format!(".{name}")), data.join(name));
        // What a killed venue left.
        let _left = fs::remove_dir_all(&cradle);
        fs::DirBuilder::new().mode(0o700).create(&cradle)?;
        let new = cradle.join(name);
        let listener = UnixListener::bind(&new)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        fs::rename(&new, &path)?;
        fs::remove_dir(&cradle)?;
        Ok(Socket {
            sources,
            listener,
            path,
            connections: Vec::with_capacity(ADMIN_CONNECTIONS_MAX),
            last_id: 0,
        })
    }

    /// Takes new connections, writes what waits and reads what has come. How much there was to do.
    pub(super) fn exchange(&mut self) -> usize {
        let mut work = self.accept();
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

    fn accept(&mut self) -> usize {
        let mut accepted = 0;
        while let Ok((stream, _)) = self.listener.accept() {
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

    /// The next line, of the connections in turn, and the number under which [`Socket::answer`] is to be told its answer.
    /// A request for figures, which every process answers alike, is answered here.
    pub(super) fn next_line(&mut self) -> Option<(u64, Vec<u8>)> {
        let place = self.connections.iter().position(|connection| {
            !connection.busy && connection.output.is_empty() && connection.input.contains(&b'\n')
        })?;
        // Behind the others the next time.
        let mut connection = self.connections.remove(place);
        let end = connection.input.iter().position(|&byte| byte == b'\n').unwrap_or_default();
        let line: Vec<u8> = connection.input.drain(..=end).collect();
        connection.busy = true;
        let id = connection.id;
        self.connections.push(connection);
        if line.trim_ascii() == FIGURES.as_bytes() {
            let samples = self.sources.samples();
            self.answer(id, &samples);
            return None;
        }
        Some((id, line))
    }

    /// Answers the line that came under `id`.
    pub(super) fn answer(&mut self, id: u64, answer: &impl Serialize) {
        if let Some(connection) = self.connections.iter_mut().find(|connection| connection.id == id) {
            connection.busy = false;
            connection.answer(answer);
        }
    }

    /// Waits until somebody rings `bell`, or something can be exchanged.
    pub(super) fn sleep(&self, bell: &Bell, timeout: Duration) {
        let bell = bell.fd();
        let listener = self.listener.as_fd();
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

impl Drop for Socket {
    fn drop(&mut self) {
        // The next venue replaces what could not be removed.
        let _left = fs::remove_file(&self.path);
    }
}

impl Connection {
    fn answer(&mut self, answer: &impl Serialize) {
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
            self.answer(&Answer { refused: vec![refusal], ..Answer::default() });
            work += 1;
        }
        work
    }

    /// Whether there is no whole request yet of those it may have waiting: one.
    fn wants_input(&self) -> bool {
        self.input.len() < ADMIN_REQUEST_BYTES_MAX && !self.input.contains(&b'\n')
    }
}
