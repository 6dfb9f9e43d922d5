//! The agent that serves the operator's socket: lines of JSON in, commands to the matcher, its answers back.
//!
//! It has a link of its own to the matcher and reads its events whatever its clients do. One request is carried out at
//! a time.

use std::{collections::VecDeque, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use gateway::link::Link;
use matcher::Board;
use shm::{Agent, Bell, Sleeper};
use wire::{
    event::{Event, Kind, Record},
    reject::Reject,
    types::{InstrumentId, TradingState},
};

use super::{
    orders::{Found, Search, in_full},
    registry::Registry,
    request::{Answer, Refusal, Request, Shard, state_word},
    socket::Socket,
    socket_of,
    translate::{self, Step},
};
use crate::{config::Config, metrics::Sources};

/// Records taken from the matcher in one round.
const EVENTS_PER_POLL: usize = 256;

/// The operator's agent.
pub struct Server {
    socket: Socket,
    link: Link,
    board: Arc<Board>,
    registry: Registry,
    /// Whether the matcher has told of all that there is, what operators added before it was started included: requests wait for that.
    is_informed: bool,
    /// The request that is being carried out.
    current: Option<Current>,
    /// The search that is.
    search: Option<Search>,
    clock: fn() -> u64,
}

struct Current {
    connection: u64,
    steps: VecDeque<Step>,
    /// The first of `steps`, and a fence it needs, have gone to the matcher.
    sent: (bool, bool),
    answer: Answer,
    /// Balances that are still to come.
    to_come: u64,
}

impl Server {
    /// Listens in the data directory `data`, which must be this process's alone.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn listen(
        config: &Config,
        shard: u8,
        data: &Path,
        link: Link,
        board: Arc<Board>,
        sources: Arc<Sources>,
    ) -> anyhow::Result<Server> {
        let socket = Socket::make(data, &socket_of(shard), sources)
            .with_context(|| format!("the operator's socket cannot be made in {}", data.display()))?;
        Ok(Server {
            socket,
            link,
            board,
            registry: Registry::new(config, shard),
            is_informed: false,
            current: None,
            search: None,
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
                Ok(Record::Definition(definition)) => {
                    self.registry.learn(definition);
                    self.is_informed |= definition.last != 0;
                }
                Ok(Record::Event(event)) if event.kind == Kind::State => {
                    self.registry.set_state(event.instrument, event.state);
                }
                // Of whatever session: nobody else asks by this link.
                Ok(Record::Event(event)) if event.kind == Kind::Status && event.by & Event::MASS != 0 => {
                    if let Some(search) = &mut self.search {
                        search.hear(&self.registry, event);
                    }
                }
                Ok(Record::Event(event)) if event.session == self.registry.operator => {
                    let registry = &self.registry;
                    if let Some((instrument, state)) =
                        self.current.as_mut().and_then(|c| c.hear(registry, event))
                    {
                        self.registry.set_state(instrument, state);
                    }
                }
                Ok(Record::Event(event)) if event.kind == Kind::CutOff => {
                    // A search has only to be asked again.
                    self.search.iter_mut().for_each(Search::lost);
                    if let Some(current) = &mut self.current {
                        current.steps.clear();
                        current.answer.refused.push(Refusal::bad(
                            "the matcher's answer is lost: the operator's agent did not keep up with it",
                            "look what was done (penstock admin status)",
                        ));
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

    /// Takes up the next request, of the connections in turn, if none is being carried out.
    fn begin(&mut self) -> usize {
        if self.current.is_some() || self.search.is_some() || !self.is_informed {
            return 0;
        }
        let Some((connection, line)) = self.socket.next_line() else { return 0 };
        let request = serde_json::from_slice::<Request>(&line).map_err(|error| {
            Refusal::bad(
                format!("not a request: {error}"),
                "docs/operating.md has every request with an example",
            )
        });
        if let Ok(Request::Orders(find)) = &request {
            match Search::new(&self.registry, find, connection, (self.clock)()) {
                Ok(search) => self.search = Some(search),
                Err(refusal) => self.socket.answer(connection, &Found::refusing(refusal)),
            }
            return 1;
        }
        let elsewhere =
            request.as_ref().is_ok_and(|request| translate::is_elsewhere(&self.registry, request));
        let shard = self.shard(elsewhere);
        if elsewhere {
            self.socket.answer(connection, &Answer { shard, ..Answer::default() });
            return 1;
        }
        match request.and_then(|request| self.plan(&request)) {
            Ok((steps, done)) => {
                let answer = Answer { done, shard, ..Answer::default() };
                let steps = steps.into();
                self.current = Some(Current { connection, steps, sent: (false, false), answer, to_come: 0 });
            }
            Err(refusal) => {
                let answer = Answer { refused: vec![refusal], shard, ..Answer::default() };
                self.socket.answer(connection, &answer);
            }
        }
        1
    }

    /// What is said of this shard where it is one of several.
    fn shard(&self, elsewhere: bool) -> Option<Shard> {
        let Registry { shard, shards, instruments, accounts, .. } = &self.registry;
        let last_symbol = instruments.last().map(|known| known.symbol.clone()).unwrap_or_default();
        (*shards > 1).then(|| Shard {
            number: *shard,
            of: *shards,
            elsewhere,
            instruments: (instruments.len(), last_symbol),
            accounts: (accounts.len(), accounts.last().cloned().unwrap_or_default()),
        })
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
        let here = self.registry.shard;
        let served = self.registry.instruments.iter().enumerate();
        let served = served.filter(|(_, known)| known.terms.shard == here);
        let instruments = served.map(|(place, known)| {
            let traded = figures.instruments.get(place).map_or(0, |ticker| ticker.trades);
            format!("{}: {}, {traded} trades", known.symbol, state_word(known.state))
        });
        std::iter::once(totals).chain(instruments).collect()
    }

    /// Asks for the next piece of a search, or answers when it has found enough.
    fn search(&mut self) -> usize {
        let Some(search) = &mut self.search else { return 0 };
        if search.is_done() {
            self.socket.answer(search.connection, &search.found);
            self.search = None;
            return 1;
        }
        usize::from(search.ask(&mut self.link))
    }

    /// Sends the next step, or answers when there is none left.
    fn go_on(&mut self) -> usize {
        let Some(current) = &mut self.current else { return 0 };
        let (sent, fenced) = &mut current.sent;
        let before = (*sent, *fenced);
        match current.steps.front() {
            None => {
                let Some(Current { connection, answer, .. }) = self.current.take() else { return 0 };
                self.socket.answer(connection, &answer);
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
}

impl Current {
    /// What the matcher says to the step that was sent last; the state that it has brought an instrument into.
    fn hear(&mut self, registry: &Registry, event: &Event) -> Option<(InstrumentId, TradingState)> {
        let step = self.steps.front()?;
        let mut state = None;
        match event.kind {
            Kind::NotDone => {
                self.answer.refused.push(Refusal::of(&step.about, event.reject));
                if step.state.is_some() {
                    return None; // its fence follows
                }
            }
            Kind::Done if step.limits => self.answer.done.push(limits(&step.done, event)),
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
            Kind::Balances if event.reject != Reject::None => {
                self.answer.refused.push(Refusal::of(&step.about, event.reject));
            }
            Kind::Balances => {
                self.to_come = event.quantity.0;
                if self.to_come > 0 {
                    return None;
                }
            }
            Kind::Balance => {
                self.answer.balances.extend(translate::holding(registry, event));
                self.to_come = self.to_come.saturating_sub(1);
                if self.to_come > 0 {
                    return None;
                }
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

/// What `of` may have open and what one order may be worth, as the matcher's answer has it.
fn limits(of: &str, event: &Event) -> String {
    let (open, most, worth) = event.order_limits();
    let orders = match most {
        0 => format!("{open} orders open, any number may be"),
        _ => format!("{open} of {most} orders open"),
    };
    match worth {
        0 => format!("{of}: {orders}; an order may be worth any amount"),
        _ => format!("{of}: {orders}; an order may be worth {}", in_full(worth, 1, 8)),
    }
}

impl Agent for Server {
    fn name(&self) -> &str {
        "admin"
    }

    fn poll(&mut self, _now: u64) -> usize {
        let mut work = self.take_events() + self.socket.exchange();
        work += self.begin() + self.go_on() + self.search();
        self.link.flush();
        work
    }

    fn sleeper(&mut self) -> Option<&mut dyn Sleeper> {
        Some(self)
    }
}

impl Sleeper for Server {
    fn sleep(&mut self, bell: &Bell, timeout: Duration) {
        self.socket.sleep(bell, timeout);
    }
}
