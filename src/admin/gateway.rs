//! The agent that serves the operator's socket of a process with gateways: lines of JSON in, questions to their workers, one
//! answer of them all back.
//!
//! One request is carried out at a time. Workers look at questions when they keep house, so that no order waits for an
//! operator.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use gateway::{
    control::{Ask, Control, SessionState, Told},
    throttle::NewLimits,
    worker::Drain,
};
use shm::{Agent, Bell, Ringer, Sleeper};
use wire::{
    fix::throttle::LimitType,
    limits::{THROTTLE_MESSAGES_MAX, THROTTLE_S_MAX},
    reject::Reject,
};

use super::{
    GATEWAY_SOCKETS,
    request::Refusal,
    session::{Limit, Request, Response, Session, View},
    socket::Socket,
};
use crate::{config::Config, metrics::Sources};

/// How long an answer is waited for before it is looked for again: the worker rings nobody.
const LOOK_AGAIN_NS: u64 = 1_000_000;

/// The way to one gateway's worker.
pub struct Desk {
    /// Questions and answers.
    pub control: Control,
    /// Of the worker's thread.
    pub worker: Ringer,
    /// To have it drain.
    pub drain: Drain,
}

/// The operator's agent of a process with gateways.
pub struct Gateway {
    socket: Socket,
    desks: Vec<Desk>,
    waiting: Option<Waiting>,
    now: u64,
}

/// A request that workers have been asked for.
struct Waiting {
    id: u64,
    /// Of one session alone.
    only: Option<String>,
    /// Each worker's answer, once it is there.
    told: Vec<Option<Told>>,
}

/// The name of the socket of a process that has the gateways `mine` of `all`: one name if these are all there are, else that
/// of the first of them is in it.
#[must_use]
pub fn socket_name(config: &Config, all: &[u32], mine: &[u32]) -> String {
    match mine {
        [first, ..] if mine.len() < all.len() => {
            format!("{GATEWAY_SOCKETS}-{}.sock", config.gateways[*first as usize].name)
        }
        _ => format!("{GATEWAY_SOCKETS}.sock"),
    }
}

impl Gateway {
    /// Listens in the data directory `data`, by the socket `name`, for the workers behind `desks`.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn listen(
        data: &Path,
        name: &str,
        desks: Vec<Desk>,
        sources: Arc<Sources>,
    ) -> anyhow::Result<Gateway> {
        let socket = Socket::make(data, name, sources)
            .with_context(|| format!("the operator's socket cannot be made in {}", data.display()))?;
        Ok(Gateway { socket, desks, waiting: None, now: 0 })
    }

    /// Takes up the next request, if none is being carried out.
    fn begin(&mut self) -> usize {
        if self.waiting.is_some() {
            return 0;
        }
        let Some((id, line)) = self.socket.next_line() else { return 0 };
        let request = match serde_json::from_slice(&line) {
            Ok(Request::Session(request)) => request,
            Ok(Request::Drain) => {
                for desk in &self.desks {
                    desk.drain.ask();
                    desk.worker.ring();
                }
                self.socket.answer(id, &Response::done("the gateway drains"));
                return 1;
            }
            Err(error) => {
                let remedy = "docs/operating.md has every request with an example";
                let refusal = Refusal::bad(format!("not a request: {error}"), remedy);
                self.socket.answer(id, &Response::refusing(refusal));
                return 1;
            }
        };
        if let Some(refusal) = refusal(&request) {
            self.socket.answer(id, &Response::refusing(refusal));
            return 1;
        }
        let (ask, only) = match request {
            Session::List => (Ask::List, None),
            Session::Show { id } => (Ask::List, Some(id)),
            Session::Disconnect { id, text } => (Ask::Disconnect(id, text), None),
            Session::Reset { id } => (Ask::Reset(id), None),
            Session::Disable { id } => (Ask::Disable(id), None),
            Session::Enable { id } => (Ask::Enable(id), None),
            Session::Throttle { id, messages, cancels, seconds } => {
                (Ask::Throttle(id, NewLimits { messages, cancels, seconds }), None)
            }
        };
        let ask = |desk: &Desk| {
            // Each has room: there is one question at a time.
            let asked = desk.control.ask(ask.clone());
            desk.worker.ring();
            (!asked).then(|| Told::Refused("a gateway takes no question".to_owned(), "ask again"))
        };
        self.waiting = Some(Waiting { id, only, told: self.desks.iter().map(ask).collect() });
        1
    }

    /// Passes the workers' answers on when all are there.
    fn pass_on(&mut self) -> usize {
        let Some(waiting) = &mut self.waiting else { return 0 };
        for (told, desk) in waiting.told.iter_mut().zip(&self.desks) {
            if told.is_none() {
                *told = desk.control.told();
            }
        }
        if waiting.told.iter().any(Option::is_none) {
            return 0;
        }
        let Some(Waiting { id, only, told }) = self.waiting.take() else { return 0 };
        self.socket.answer(id, &response(told.into_iter().flatten(), only.as_ref()));
        1
    }
}

/// Why `request` cannot be carried out, whatever the session.
fn refusal(request: &Session) -> Option<Refusal> {
    let Session::Throttle { id, messages, cancels, seconds } = request else { return None };
    if messages.or(*cancels).or(*seconds).is_none() {
        let remedy = "name --messages, --cancels or --seconds; `show` tells the limits there are";
        return Some(Refusal::bad(format!("{id}: nothing is to be changed"), remedy));
    }
    let too_many = |max: &Option<u32>| max.is_some_and(|max| max > THROTTLE_MESSAGES_MAX);
    let sound = !too_many(messages) && !too_many(cancels);
    if sound && seconds.is_none_or(|seconds| (1..=THROTTLE_S_MAX).contains(&seconds)) {
        return None;
    }
    let remedy =
        format!("choose 0 to {THROTTLE_MESSAGES_MAX} messages and cancels in 1 to {THROTTLE_S_MAX} seconds");
    Some(Refusal::bad(format!("{id}: limits out of range"), remedy))
}

/// One answer out of those of all workers. What is asked of a session is unknown to all but its own.
fn response(told: impl Iterator<Item = Told>, only: Option<&String>) -> Response {
    let (mut sessions, mut unknown) = (Vec::new(), None);
    for told in told {
        match told {
            Told::Done(what) => return Response::done(what),
            Told::Refused(text, remedy) => return Response::refusing(Refusal::bad(text, remedy)),
            Told::Unknown(name) => unknown = Some(name),
            Told::Sessions(more) => sessions.extend(more),
        }
    }
    sessions.retain(|state| only.is_none_or(|name| *name == state.comp_id));
    match unknown.as_ref().or(only) {
        Some(name) if sessions.is_empty() => Response::refusing(Refusal::of(name, Reject::UnknownSession)),
        _ => Response { sessions: sessions.iter().map(view).collect(), ..Response::default() },
    }
}

fn view(state: &SessionState) -> View {
    let limit = |entry: &wire::fix::throttle::LimitEntry| Limit {
        what: match entry.limit {
            LimitType::Messages => "messages",
            LimitType::Cancels => "cancels",
        }
        .to_owned(),
        used: entry.used,
        max: entry.max,
        seconds: entry.seconds,
    };
    let (cancelled_orders, cancelled_ns) = state.cancelled.unwrap_or_default();
    View {
        comp_id: state.comp_id.clone(),
        venue_comp_id: state.venue_comp_id.clone(),
        version: state.version.to_owned(),
        state: state.state.to_owned(),
        disabled: state.disabled,
        peer: state.peer.map(|peer| peer.to_string()),
        since_ns: state.since,
        next_in: state.next_in,
        next_out: state.next_out,
        messages_in: state.messages[0],
        messages_out: state.messages[1],
        rate_in: state.rates[0],
        rate_out: state.rates[1],
        queue_bytes: state.queue_bytes,
        resending: state.resending,
        limits: state.limits.iter().map(limit).collect(),
        throttled: state.throttled,
        ended: state.ended.clone(),
        cancelled_orders,
        cancelled_ns,
    }
}

impl Agent for Gateway {
    fn name(&self) -> &str {
        "gateway-admin"
    }

    fn poll(&mut self, now: u64) -> usize {
        self.now = now;
        self.socket.exchange() + self.begin() + self.pass_on()
    }

    fn deadline(&self) -> u64 {
        if self.waiting.is_some() { self.now.saturating_add(LOOK_AGAIN_NS) } else { u64::MAX }
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Sleeper for Gateway {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        self.socket.sleep(bell, timeout);
    }
}
