//! A FIX client over a socket: what the demo's participants and the harness are made of.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use wire::{
    fix::{
        encode::Body,
        message::Message,
        order::{NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest},
        report::{ExecutionReport, OrderCancelReject},
        session::{CloseReason, Config, Inbox, Input, Role, Session},
    },
    limits::FIX_MESSAGE_BYTES_MAX,
    types::Nanos,
};

use crate::config;

/// How long a logon may take: loopback needs far less, so only a fault reaches it.
const LOGON_PATIENCE: Duration = Duration::from_secs(10);

/// A FIX session, logged on, over a socket that never blocks.
pub struct Client {
    stream: TcpStream,
    session: Session,
    inbox: Inbox,
    input: Box<[u8]>,
    filled: usize,
    received: u64,
    output: Vec<u8>,
}

/// What the venue says to a client.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "handed over one at a time and never kept; a box would be an allocation each"
)]
pub enum Answer<'b> {
    /// An ExecutionReport (8).
    Report(ExecutionReport<'b>),
    /// An OrderCancelReject (9).
    CancelReject(OrderCancelReject<'b>),
    /// Anything else: a Reject (3), a BusinessMessageReject (j).
    Other(Message<'b>),
}

impl Client {
    /// Connects and logs on by the session `terms`, sequence numbers beginning at 1.
    ///
    /// # Errors
    /// If it is none of FIX, there is no connection, no answer, or a refusal: then with the venue's words.
    pub fn log_on(address: SocketAddr, terms: &config::Session) -> anyhow::Result<Client> {
        let comp_id = terms.comp_id.as_str();
        let fix = terms.fix().with_context(|| format!("{comp_id} does not speak FIX"))?;
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let config = Config {
            version: fix.version,
            username: Some(comp_id.to_owned()),
            password: terms.password.as_ref().map(|password| password.expose().to_owned()),
            reset_on_logon: true,
            ..Config::new(Role::Initiator, comp_id, &fix.venue_comp_id)
        };
        let mut client = Client {
            stream,
            session: Session::new(config),
            inbox: Inbox::default(),
            input: vec![0; 32 * FIX_MESSAGE_BYTES_MAX].into(),
            filled: 0,
            received: 0,
            output: Vec::with_capacity(64 * 1024),
        };
        client.session.connected(now(), &mut client.output);
        let until = Instant::now() + LOGON_PATIENCE;
        while !client.session.is_logged_on() {
            client.flush()?;
            client.poll(|_| {}).map_err(|error| anyhow!("logon of {comp_id} refused: {error:#}"))?;
            if Instant::now() > until {
                bail!("logon of {comp_id} not answered");
            }
            std::thread::yield_now();
        }
        Ok(client)
    }

    /// Puts an order into the output; [`Client::flush`] sends it.
    pub fn order(&mut self, order: &NewOrderSingle<'_>) {
        self.send(NewOrderSingle::MSG_TYPE, |body| order.encode(body));
    }

    /// Puts a cancel into the output.
    pub fn cancel(&mut self, request: &OrderCancelRequest<'_>) {
        self.send(OrderCancelRequest::MSG_TYPE, |body| request.encode(body));
    }

    /// Puts a replace into the output.
    pub fn replace(&mut self, request: &OrderCancelReplaceRequest<'_>) {
        self.send(OrderCancelReplaceRequest::MSG_TYPE, |body| request.encode(body));
    }

    fn send(&mut self, msg_type: &[u8], body: impl FnOnce(&mut Body<'_>)) {
        self.session.send(now(), msg_type, &mut self.output, body);
    }

    /// Bytes that wait to be sent.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.output.len()
    }

    /// Bytes that have come so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Sends what the kernel takes now.
    ///
    /// # Errors
    /// If the connection is broken.
    pub fn flush(&mut self) -> io::Result<()> {
        let mut sent = 0;
        let result = loop {
            if sent == self.output.len() {
                break Ok(());
            }
            match self.stream.write(&self.output[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.output.drain(..sent);
        result
    }

    /// Takes what has come, without waiting, and gives each answer to `on`; says how many there were.
    ///
    /// # Errors
    /// If the connection is broken or over.
    pub fn poll(&mut self, mut on: impl FnMut(Answer<'_>)) -> anyhow::Result<usize> {
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => bail!("the venue has closed the connection{}", self.last_words()),
            Ok(count) => {
                self.filled += count;
                self.received += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        let now = now();
        if now >= self.session.deadline()
            && let Some(reason) = self.session.handle_timeout(now, &mut self.output)
        {
            bail!("{reason}");
        }
        let (mut start, mut answers) = (0, 0);
        loop {
            let bytes = &self.input[start..self.filled];
            let (consumed, input) = self.session.receive(now, bytes, &mut self.inbox, &mut self.output);
            start += consumed;
            match input {
                Input::NeedMore => break,
                Input::Handled | Input::LoggedOn => {}
                // News, and that the reports' own numbers begin again with a venue that has no past: no answers.
                Input::App(Message { msg_type: b"B" | b"BY", .. }) => {}
                Input::App(message) => {
                    answers += 1;
                    on(answer(message));
                }
                Input::Rejected(message) => on(Answer::Other(message)),
                Input::Close(CloseReason::LoggedOut) => break,
                Input::Close(reason) => {
                    self.flush()?;
                    bail!("{reason}{}", self.last_words());
                }
            }
        }
        self.input.copy_within(start..self.filled, 0);
        self.filled -= start;
        Ok(answers)
    }

    /// Logs out and waits for the venue's answer.
    ///
    /// # Errors
    /// If the connection broke before it came.
    pub fn log_out(mut self) -> anyhow::Result<()> {
        self.session.logout(now(), b"", &mut self.output);
        let until = Instant::now() + LOGON_PATIENCE;
        while !matches!(self.session.state(), wire::fix::session::State::Closed(_)) {
            self.flush()?;
            self.poll(|_| {})?;
            if Instant::now() > until {
                bail!("logout not answered");
            }
            std::thread::yield_now();
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(self.session.peer_text());
        if text.is_empty() { String::new() } else { format!(": {text}") }
    }
}

/// Waits until one of `clients` has something to read, or `timeout` is over, or a signal comes.
///
/// # Errors
/// What the kernel says.
pub fn wait<'c>(clients: impl IntoIterator<Item = &'c Client>, timeout: Duration) -> io::Result<()> {
    let flags = |client: &Client| {
        // What the kernel did not take goes as soon as it does.
        if client.pending() > 0 { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN }
    };
    let mut sockets: Vec<_> =
        clients.into_iter().map(|client| PollFd::from_borrowed_fd(client.as_fd(), flags(client))).collect();
    let timeout = Timespec::try_from(timeout).map_err(|_| io::ErrorKind::InvalidInput)?;
    match poll(&mut sockets, Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn answer(message: Message<'_>) -> Answer<'_> {
    let report = (message.msg_type == b"8").then(|| ExecutionReport::parse(&message).ok()).flatten();
    if let Some(report) = report {
        return Answer::Report(report);
    }
    let reject = (message.msg_type == b"9").then(|| OrderCancelReject::parse(&message).ok()).flatten();
    reject.map_or(Answer::Other(message), Answer::CancelReject)
}

fn now() -> Nanos {
    Nanos(tuning::clock::now())
}
