//! The thread that looks at what Logons show.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{SystemTime, UNIX_EPOCH},
};

use crossbeam_queue::ArrayQueue;
use shm::Bell;
use wire::{
    fix::session::{Logon, LogonPeek, logon_of},
    soup::packet,
    types::Nanos,
};
use zeroize::Zeroizing;

use super::{
    credentials::{Credentials, Password, PasswordHash},
    lockout::{Lockout, Patience, source},
};
use crate::transport::{ConnId, tls::Fingerprint};

/// Logons that may wait for their turn. Each holds its connection's message, at most 8 KiB.
const WAITING_MAX: usize = 64;
/// Of them from one source, so that no single one keeps all others waiting.
const WAITING_PER_SOURCE_MAX: usize = 8;
/// How far SendingTime (52) of a signed Logon may be from our clock, as the session layer has it.
const SENDING_TIME_TOLERANCE_NS: u64 = 120_000_000_000;

/// What the worker wants to know.
pub(crate) struct Question<'a> {
    /// Whose Logon it is, for the answer.
    pub(crate) conn: ConnId,
    /// Where it came from.
    pub(crate) address: IpAddr,
    /// Its session, if it names one that may come from there.
    pub(crate) member: Option<usize>,
    /// The whole message.
    pub(crate) frame: &'a [u8],
    /// SenderCompID (49), or the user, in it.
    pub(crate) name: &'a [u8],
    /// The certificate that its connection has shown.
    pub(crate) certificate: Option<Fingerprint>,
}

/// Why a question is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Busy {
    /// There are as many as may wait.
    Full,
    /// Too many have failed under this name from there; nothing is taken for so many nanoseconds.
    Locked(u64),
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whose Logon it was.
    pub(crate) conn: ConnId,
    /// Its session, if it is who it says that it is.
    pub(crate) member: Option<usize>,
}

/// The worker's half: what is asked, and what is known of those who ask.
pub(crate) struct Authenticator {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    lockout: Lockout,
    /// Connections whose answer has not been taken, and where they came from under which name.
    asked: HashMap<ConnId, Asked>,
}

struct Asked {
    source: IpAddr,
    name: Box<[u8]>,
}

struct Shared {
    questions: ArrayQueue<Waiting>,
    /// Has room for an answer to each question there may be.
    answers: ArrayQueue<Verdict>,
    stop: AtomicBool,
}

/// A question on its way. The frame has the password in it.
struct Waiting {
    conn: ConnId,
    now: Nanos,
    member: Option<usize>,
    frame: Zeroizing<Vec<u8>>,
    certificate: Option<Fingerprint>,
}

impl Authenticator {
    /// Starts the thread for sessions' names and credentials, by their place; they log on by `protocol`. It rings `bell` with
    /// every answer.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        protocol: Protocol,
        sessions: Vec<(String, Credentials)>,
        patience: Patience,
        bell: &Bell,
    ) -> io::Result<Authenticator> {
        let shared = Arc::new(Shared {
            questions: ArrayQueue::new(WAITING_MAX),
            answers: ArrayQueue::new(WAITING_MAX),
            stop: AtomicBool::new(false),
        });
        let mut judge = Judge::new(protocol, sessions, wall_clock());
        let (theirs, ringer) = (Arc::clone(&shared), bell.ringer());
        let thread = thread::Builder::new().name("gateway-auth".to_owned()).spawn(move || {
            while !theirs.stop.load(Ordering::Relaxed) {
                match theirs.questions.pop() {
                    Some(waiting) => {
                        let verdict = judge.verdict(&waiting);
                        assert!(theirs.answers.push(verdict).is_ok(), "an answer for each question has room");
                        ringer.ring();
                    }
                    // A token given meanwhile (`unpark`) lets this return at once.
                    None => thread::park(),
                }
            }
        })?;
        Ok(Authenticator {
            shared,
            thread: Some(thread),
            lockout: Lockout::new(patience),
            asked: HashMap::with_capacity(WAITING_MAX),
        })
    }

    /// Whether an answer for `conn` is awaited.
    pub(crate) fn is_asked(&self, conn: ConnId) -> bool {
        self.asked.contains_key(&conn)
    }

    /// Asks. The answer comes by [`Authenticator::answer`].
    ///
    /// # Errors
    /// [`Busy`].
    pub(crate) fn ask(&mut self, now: Nanos, question: &Question<'_>) -> Result<(), Busy> {
        let Question { conn, address, member, frame, name, certificate } = *question;
        let source = source(address);
        let of_source = self.asked.values().filter(|asked| asked.source == source).count();
        if self.asked.len() == WAITING_MAX || of_source == WAITING_PER_SOURCE_MAX {
            return Err(Busy::Full);
        }
        self.lockout.begin(now.0, name, source).map_err(Busy::Locked)?;
        self.asked.insert(conn, Asked { source, name: name.into() });
        let waiting = Waiting { conn, now, member, frame: Zeroizing::new(frame.to_vec()), certificate };
        assert!(self.shared.questions.push(waiting).is_ok(), "no more are asked than there is room for");
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
        Ok(())
    }

    /// The next answer, if there is one. Costs nothing while nobody waits for one.
    pub(crate) fn answer(&mut self) -> Option<Verdict> {
        if self.asked.is_empty() {
            return None;
        }
        let verdict = self.shared.answers.pop()?;
        if let Some(asked) = self.asked.remove(&verdict.conn)
            && verdict.member.is_some()
        {
            self.lockout.passed(&asked.name, asked.source);
        }
        Some(verdict)
    }
}

fn wall_clock() -> Nanos {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

impl Drop for Authenticator {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // If it has panicked, its message stands in the log.
            let _panicked = thread.join();
        }
    }
}

/// How clients say who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// By a Logon (A).
    Fix,
    /// By a Login Request of SoupBinTCP, which has room for a password and nothing else.
    Soup,
}

/// What the thread knows.
struct Judge {
    protocol: Protocol,
    sessions: Vec<Session>,
    /// What is computed where a Logon is refused for something that was quick to see: a refusal takes as long whether
    /// there is such a name or not.
    dummy: Option<PasswordHash>,
}

struct Session {
    comp_id: String,
    credentials: Credentials,
    /// SendingTime of the last signed Logon that was taken; at first, when the gateway started. Only later ones are.
    signed_after: Nanos,
}

impl Judge {
    fn new(protocol: Protocol, sessions: Vec<(String, Credentials)>, now: Nanos) -> Judge {
        let hashes = sessions.iter().filter_map(|(_, credentials)| match &credentials.password {
            Some(Password::Hash(hash)) => Some(hash.clone()),
            Some(Password::Plain(_)) | None => None,
        });
        let dummy = hashes.max_by_key(PasswordHash::cost);
        let session = |(comp_id, credentials)| Session { comp_id, credentials, signed_after: now };
        Judge { protocol, sessions: sessions.into_iter().map(session).collect(), dummy }
    }

    fn verdict(&mut self, waiting: &Waiting) -> Verdict {
        let Waiting { conn, now, member, ref frame, certificate } = *waiting;
        let session = member.and_then(|index| self.sessions.get_mut(index));
        let hashed = session
            .as_ref()
            .is_some_and(|session| matches!(session.credentials.password, Some(Password::Hash(_))));
        let (password, passed) = match self.protocol {
            Protocol::Fix => {
                let LogonPeek::Logon(logon) = logon_of(frame) else { return Verdict { conn, member: None } };
                let passed = session.is_some_and(|session| session.passes(&logon, certificate, now));
                (logon.password.unwrap_or_default(), passed)
            }
            Protocol::Soup => {
                let login = packet::next(frame).ok().flatten().and_then(|it| packet::login(it.payload).ok());
                let Some(login) = login else { return Verdict { conn, member: None } };
                let passed = session.is_some_and(|session| session.credentials.has_password(login.password));
                (login.password, passed)
            }
        };
        if !passed
            && !hashed
            && let Some(dummy) = &self.dummy
        {
            let _whatever = dummy.is_of(password);
        }
        Verdict { conn, member: member.filter(|_| passed) }
    }
}

impl Session {
    fn passes(&mut self, logon: &Logon<'_>, certificate: Option<Fingerprint>, now: Nanos) -> bool {
        if !self.credentials.shown_by(logon, certificate, &self.comp_id) {
            return false;
        }
        if !self.credentials.are_signed() {
            return true;
        }
        // A signature holds for one moment: what was overheard is worth nothing afterwards.
        let Some(sent) = logon.sent else { return false };
        let timely = sent.0.abs_diff(now.0) <= SENDING_TIME_TOLERANCE_NS && sent > self.signed_after;
        if timely {
            self.signed_after = sent;
        }
        timely
    }
}

#[cfg(test)]
mod tests;
