//! What drives the live participants: the timetable, their sessions, and what is measured of them.

use std::{collections::HashMap, iter, sync::mpsc, time::Duration};

use anyhow::ensure;
use hdrhistogram::Histogram;
use tuning::clock;
use wire::{instrument::Instrument, reject::Reject};

use super::{
    Stop,
    desk::{Desk, Name, Refusals, Request, Told},
    figures::{self, Latency},
    maker::Maker,
    random::{Fair, Random},
    taker::Taker,
};
use crate::{client, config::Config, venue::Venue};

/// Requests a second, of all participants together: enough to watch, little enough for a laptop's battery.
pub(super) const REQUESTS_PER_SECOND: u64 = 2_000;
const INTERVAL_NS: u64 = 1_000_000_000 / REQUESTS_PER_SECOND;
/// Of a hundred requests, those of makers.
const MAKERS_PERCENT: u64 = 70;
/// Requests from one step of a fair price to the next one's: each instrument's moves some ten times a second.
const STEP_EVERY: u64 = 50;
/// Requests that may wait for their answers; beyond that the participants wait too, and what they then send late
/// is measured from when it was due.
const WINDOW: usize = 1_000;
const SAMPLE_NS: u64 = 250_000_000;
const PATIENCE_NS: u64 = 10_000_000_000;
const WAIT: Duration = Duration::from_millis(50);

/// How it goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) requests: u64,
    /// Refusals that come of the speed of others: an order had traded before its cancel came, a post-only order
    /// would have traded.
    pub(super) expected: Refusals,
    pub(super) unexpected: Refusals,
    /// Since the last sample, and since the start.
    pub(super) recent: Latency,
    pub(super) whole: Latency,
}

/// What the participants have to say while they work.
#[derive(Debug)]
pub(super) enum News {
    Sample(Sample),
    /// Something that should not have happened.
    Notice(String),
}

enum Role {
    Maker(Maker),
    Taker(Taker),
}

impl Role {
    fn next(&mut self, fair: &[Fair], random: &mut Random, name: Name) -> Option<Request> {
        match self {
            Role::Maker(maker) => maker.next(fair, random, name),
            Role::Taker(taker) => taker.next(fair, random, name),
        }
    }

    fn clear(&mut self, name: Name) -> Option<Request> {
        match self {
            Role::Maker(maker) => maker.clear(name),
            Role::Taker(taker) => taker.clear(name),
        }
    }

    fn hear(&mut self, told: &Told) {
        match self {
            Role::Maker(maker) => maker.hear(told),
            Role::Taker(taker) => taker.hear(told),
        }
    }
}

struct Participant {
    desk: Desk,
    role: Role,
    next_name: Name,
    /// When a request was due, until it is answered.
    due: HashMap<Name, u64>,
}

/// The participants at work.
pub(super) struct Traffic {
    instruments: Vec<Instrument>,
    makers: Vec<Participant>,
    takers: Vec<Participant>,
    fair: Vec<Fair>,
    random: Random,
    measured: Measured,
    news: mpsc::Sender<News>,
}

struct Measured {
    requests: u64,
    expected: Refusals,
    unexpected: Refusals,
    recent: Histogram<u64>,
    whole: Histogram<u64>,
}

impl Traffic {
    /// Logs participants on: of the first four sessions of `config` the first half quotes, the rest hits.
    pub(super) fn log_on(
        config: &Config,
        venue: &Venue,
        seed: u64,
        news: mpsc::Sender<News>,
    ) -> anyhow::Result<Traffic> {
        let sessions: Vec<_> = config.traders().take(4).collect();
        let (quoting, hitting) = sessions.split_at(sessions.len().div_ceil(2));
        let participant = |session, role| -> anyhow::Result<Participant> {
            let desk = Desk::log_on(session, venue)?;
            Ok(Participant { desk, role, next_name: 0, due: HashMap::new() })
        };
        let maker =
            |(at, session)| participant(session, Role::Maker(Maker::new(config.instruments.len(), at == 0)));
        let taker = |session| participant(session, Role::Taker(Taker::default()));
        Ok(Traffic {
            instruments: config.instruments.clone(),
            makers: quoting.iter().copied().enumerate().map(maker).collect::<Result<_, _>>()?,
            takers: hitting.iter().copied().map(taker).collect::<Result<_, _>>()?,
            fair: config.instruments.iter().map(Fair::of).collect(),
            random: Random::new(seed),
            measured: Measured {
                requests: 0,
                expected: Refusals::default(),
                unexpected: Refusals::default(),
                recent: figures::histogram(),
                whole: figures::histogram(),
            },
            news,
        })
    }

    /// Trades until it is to stop, then takes all orders out and logs everybody out; says how it went.
    ///
    /// # Errors
    /// If a connection is lost or a request is not answered.
    pub(super) fn run(mut self, stop: &Stop) -> anyhow::Result<Sample> {
        let mut due = clock::now();
        let (mut turn, mut sample_at) = (0, due + SAMPLE_NS);
        while !stop.is_asked() {
            let now = clock::now();
            while due <= now && self.waiting() < WINDOW {
                self.act(turn, due);
                turn += 1;
                due += INTERVAL_NS;
            }
            self.work()?;
            if now >= sample_at {
                sample_at = now + SAMPLE_NS;
                let sample = self.measured.sample();
                // Whoever listens ends only after this thread.
                let _heard = self.news.send(News::Sample(sample));
            }
            let ahead = Duration::from_nanos(due.saturating_sub(clock::now()));
            if !ahead.is_zero() {
                self.wait(ahead.min(WAIT))?;
            }
        }
        self.leave()?;
        Ok(self.measured.sample())
    }

    /// Whatever is due at `due`; `turn` counts these occasions.
    fn act(&mut self, turn: u64, due: u64) {
        if turn.is_multiple_of(STEP_EVERY) {
            let moved = usize::try_from(turn / STEP_EVERY).unwrap_or(0) % self.fair.len();
            self.fair[moved].step(&mut self.random);
        }
        let group = if self.random.percent(MAKERS_PERCENT) { &mut self.makers } else { &mut self.takers };
        let count = group.len();
        let actor = &mut group[usize::try_from(turn).unwrap_or(0) % count];
        if let Some(request) = actor.role.next(&self.fair, &mut self.random, actor.next_name) {
            actor.send(&self.instruments, &request, due);
            self.measured.requests += 1;
        }
    }

    fn work(&mut self) -> anyhow::Result<()> {
        let Traffic { instruments, makers, takers, measured, news, .. } = self;
        for participant in makers.iter_mut().chain(takers) {
            participant.work(instruments, measured, news)?;
        }
        Ok(())
    }

    fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.makers.iter().chain(&self.takers)
    }

    fn waiting(&self) -> usize {
        self.participants().map(|participant| participant.due.len()).sum()
    }

    fn wait(&self, timeout: Duration) -> anyhow::Result<()> {
        Ok(client::wait(self.participants().map(|participant| &participant.desk.client), timeout)?)
    }

    /// Cancels every order, waits for the answers, logs out.
    fn leave(&mut self) -> anyhow::Result<()> {
        let until = clock::now() + PATIENCE_NS;
        loop {
            for participant in self.makers.iter_mut().chain(&mut self.takers) {
                while let Some(request) = participant.role.clear(participant.next_name) {
                    participant.send(&self.instruments, &request, clock::now());
                    self.measured.requests += 1;
                }
            }
            if self.waiting() == 0 {
                break;
            }
            self.work()?;
            self.wait(WAIT)?;
            ensure!(clock::now() < until, "{} requests were never answered", self.waiting());
        }
        for participant in iter::empty().chain(self.makers.drain(..)).chain(self.takers.drain(..)) {
            participant.desk.client.log_out()?;
        }
        Ok(())
    }
}

impl Participant {
    fn send(&mut self, instruments: &[Instrument], request: &Request, due: u64) {
        self.desk.send(instruments, self.next_name, request);
        self.due.insert(self.next_name, due);
        self.next_name += 1;
    }

    fn work(
        &mut self,
        instruments: &[Instrument],
        measured: &mut Measured,
        news: &mpsc::Sender<News>,
    ) -> anyhow::Result<()> {
        let Participant { desk, role, due, .. } = self;
        let mut notice = None;
        desk.work(instruments, |told| {
            if let Some(due) = due.remove(&told.name()) {
                measured.answered(clock::now().saturating_sub(due));
            }
            if let Some(why) = told.refusal()
                && !measured.refused(why)
            {
                notice = Some(told);
            }
            role.hear(&told);
        })?;
        if let Some(told) = notice {
            let _heard = news.send(News::Notice(format!("{}: not expected: {told:?}", desk.comp_id)));
        }
        Ok(())
    }
}

impl Measured {
    fn answered(&mut self, nanos: u64) {
        self.recent.saturating_record(nanos);
        self.whole.saturating_record(nanos);
    }

    /// Counts a refusal; whether it was to be expected.
    fn refused(&mut self, why: Option<Reject>) -> bool {
        let expected = matches!(why, Some(Reject::UnknownOrder | Reject::PostOnlyWouldTake));
        if expected { &mut self.expected } else { &mut self.unexpected }.count(why);
        expected
    }

    fn sample(&mut self) -> Sample {
        let sample = Sample {
            requests: self.requests,
            expected: self.expected.clone(),
            unexpected: self.unexpected.clone(),
            recent: Latency::of(&self.recent),
            whole: Latency::of(&self.whole),
        };
        self.recent.reset();
        sample
    }
}
