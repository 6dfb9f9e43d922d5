//! The operator's way to a worker: questions and answers through two short queues, so that neither waits for the other.
//!
//! The worker looks at its queue when it keeps house. Whoever asks rings its bell.

use std::{net::SocketAddr, sync::Arc};

use crossbeam_queue::ArrayQueue;
use wire::fix::throttle::LimitEntry;

use crate::throttle::{Limits, NewLimits};

/// Questions that may wait: one operator asks at a time.
const QUEUE: usize = 4;

/// What an operator asks of a worker. Sessions are named by their clients' CompIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// How all sessions are.
    List,
    /// To log a session out, with a text for its client.
    Disconnect(String, String),
    /// To begin a session's numbers anew, while it is not connected.
    Reset(String),
    /// To log a session out and let it in no more, until [`Ask::Enable`] or the gateway's end.
    Disable(String),
    /// To let it in again.
    Enable(String),
    /// To limit what a session may send, until the gateway's end.
    Throttle(String, NewLimits),
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// To [`Ask::List`].
    Sessions(Vec<SessionState>),
    /// It is done, as the sentence says.
    Done(String),
    /// There is no such session.
    Unknown(String),
    /// It cannot be done now: why, and what to do.
    Refused(String, &'static str),
}

impl Told {
    /// That session `name` has these limits now.
    pub(crate) fn throttled(name: &str, limits: Limits) -> Told {
        let Limits { messages, cancels, seconds } = limits;
        let number = |max: u32| if max == 0 { "any number of".to_owned() } else { max.to_string() };
        let (messages, cancels) = (number(messages), number(cancels));
        Told::Done(format!(
            "session {name} may send {messages} messages and {cancels} cancels in {seconds} s until the gateway restarts"
        ))
    }
}

/// How a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionState {
    /// The client's CompID.
    pub comp_id: String,
    /// The venue's, as the client names it.
    pub venue_comp_id: String,
    /// BeginString, or what is spoken over it.
    pub version: &'static str,
    /// Where it stands: `away`, `logging on`, `logged on`, `logging out`.
    pub state: &'static str,
    /// An operator has disabled it.
    pub disabled: bool,
    /// Where its connection comes from, or its last one came from.
    pub peer: Option<SocketAddr>,
    /// When it came or went last, in nanoseconds since 1970; 0: not since the gateway has started.
    pub since: u64,
    /// The number that the client's next message must have.
    pub next_in: u64,
    /// The number of the venue's next message.
    pub next_out: u64,
    /// Numbered messages received since the gateway has started, and sent.
    pub messages: [u64; 2],
    /// The same of the last whole second.
    pub rates: [u64; 2],
    /// Bytes that wait to be sent to it.
    pub queue_bytes: usize,
    /// Messages are being sent again to it.
    pub resending: bool,
    /// What it has used of its limits.
    pub limits: Vec<LimitEntry>,
    /// Messages refused for being too many.
    pub throttled: u64,
    /// Why its last connection ended.
    pub ended: Option<String>,
    /// Of the last loss of its connection that orders were cancelled for: how many, and nanoseconds from the loss to the last
    /// one, the grace time included.
    pub cancelled: Option<(u64, u64)>,
}

/// Both ends' queues.
#[derive(Debug)]
struct Queues {
    asks: ArrayQueue<Ask>,
    told: ArrayQueue<Told>,
}

/// The operator's end.
#[derive(Debug)]
pub struct Control(Arc<Queues>);

/// The worker's end.
#[derive(Debug)]
pub struct Desk(Arc<Queues>);

/// A way to a worker.
#[must_use]
pub fn control() -> (Control, Desk) {
    let queues = Arc::new(Queues { asks: ArrayQueue::new(QUEUE), told: ArrayQueue::new(QUEUE) });
    (Control(Arc::clone(&queues)), Desk(queues))
}

impl Control {
    /// Asks; `false` if too much waits already. The worker's bell should be rung after this.
    #[must_use]
    pub fn ask(&self, ask: Ask) -> bool {
        self.0.asks.push(ask).is_ok()
    }

    /// The next answer, in the order of the questions.
    #[must_use]
    pub fn told(&self) -> Option<Told> {
        self.0.told.pop()
    }
}

impl Desk {
    /// The next question, if its answer will find room.
    pub(crate) fn next(&self) -> Option<Ask> {
        if self.0.told.is_full() { None } else { self.0.asks.pop() }
    }

    pub(crate) fn tell(&self, told: Told) {
        // There is room: only the worker puts answers in, one for each question that it takes.
        let _full = self.0.told.push(told);
    }
}
