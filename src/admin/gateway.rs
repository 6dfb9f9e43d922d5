//! The agent that serves the operator's socket of a gateway: lines of JSON in, questions to its worker, its answers back.
//!
//! One request is carried out at a time. The worker looks at questions when it keeps house, so that no order waits for an
//! operator.

use std::{path::Path, time::Duration};

use anyhow::Context;
use gateway::{
    control::{Ask, Control, SessionState, Told},
    worker::Drain,
};
use shm::{Agent, Bell, Ringer, Sleeper};
use wire::{fix::throttle::LimitType, reject::Reject};

use super::{
    GATEWAY_SOCKET,
    request::Refusal,
    session::{Limit, Request, Response, Session, View},
    socket::Socket,
};

/// How long an answer is waited for before it is looked for again: the worker rings nobody.
const LOOK_AGAIN_NS: u64 = 1_000_000;

/// The gateway's operator's agent.
pub struct Gateway {
    socket: Socket,
    control: Control,
    /// Of the worker's thread.
    worker: Ringer,
    drain: Drain,
    /// Who waits for the worker's answer, and whether it is of one session alone that was asked.
    waiting: Option<(u64, Option<String>)>,
    now: u64,
}

impl Gateway {
    /// Listens in the data directory `data`.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn listen(data: &Path, control: Control, worker: Ringer, drain: Drain) -> anyhow::Result<Gateway> {
        let socket = Socket::make(data, GATEWAY_SOCKET)
            .with_context(|| format!("the operator's socket cannot be made in {}", data.display()))?;
        Ok(Gateway { socket, control, worker, drain, waiting: None, now: 0 })
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
                self.drain.ask();
                self.worker.ring();
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
        let (ask, only) = match request {
            Session::List => (Ask::List, None),
            Session::Show { id } => (Ask::List, Some(id)),
            Session::Disconnect { id, text } => (Ask::Disconnect(id, text), None),
            Session::Reset { id } => (Ask::Reset(id), None),
            Session::Disable { id } => (Ask::Disable(id), None),
            Session::Enable { id } => (Ask::Enable(id), None),
        };
        if self.control.ask(ask) {
            self.worker.ring();
            self.waiting = Some((id, only));
        } else {
            self.socket.answer(id, &Response::refusing(Refusal::of("the gateway", Reject::Busy)));
        }
        1
    }

    /// Passes the worker's answer on.
    fn pass_on(&mut self) -> usize {
        let Some(told) = self.control.told() else { return 0 };
        let Some((id, only)) = self.waiting.take() else { return 1 };
        let response = match told {
            Told::Done(what) => Response::done(what),
            Told::Unknown(name) => Response::refusing(Refusal::of(&name, Reject::UnknownSession)),
            Told::Refused(text, remedy) => Response::refusing(Refusal::bad(text, remedy)),
            Told::Sessions(sessions) => {
                let wanted = |state: &&SessionState| only.as_ref().is_none_or(|name| *name == state.comp_id);
                let sessions: Vec<View> = sessions.iter().filter(wanted).map(view).collect();
                match only {
                    Some(name) if sessions.is_empty() => {
                        Response::refusing(Refusal::of(&name, Reject::UnknownSession))
                    }
                    _ => Response { sessions, ..Response::default() },
                }
            }
        };
        self.socket.answer(id, &response);
        1
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
