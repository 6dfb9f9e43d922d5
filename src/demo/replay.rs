//! A recorded flow through two FIX sessions.

use std::{io::IsTerminal, path::Path, thread, time::Duration};

use anyhow::{bail, ensure};
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use matcher::Board;
use tuning::clock;
use wire::{instrument::Instrument, types::Lots};

use super::{
    Stop,
    desk::{Desk, Name, Refusals, Request, Terms, Told},
    figures::{self, Latency, grouped},
    flow::Flow,
};
use crate::{client, config::Config, venue::Venue};

/// Commands of a party that may wait for their answers.
const WINDOW: usize = 1_000;
/// How long the venue may leave everything unanswered, and how long its own figures may lag behind its reports.
const PATIENCE_NS: u64 = 30_000_000_000;
/// Between two updates of the progress shown: on a terminal, and elsewhere.
const PROGRESS_NS: [u64; 2] = [100_000_000, 2_000_000_000];
/// How long to look for answers before waiting for them: they are a round trip away, and being woken takes longer.
const LOOK_NS: u64 = 50_000;
/// The longest wait, after which signals are looked for.
const WAIT: Duration = Duration::from_millis(50);

/// What came of a replay, by the reports that the sessions got.
#[derive(Debug)]
pub(super) struct Outcome {
    sent: usize,
    trades: u64,
    traded: u64,
    open: u64,
    refusals: Refusals,
    elapsed: u64,
    latency: Latency,
}

struct Replay<'a> {
    flow: &'a Flow,
    instruments: &'a [Instrument],
    /// Makers', takers'.
    desks: [Desk; 2],
    waiting: [usize; 2],
    /// By command: when it was due, until its first report is there.
    due: Vec<Option<u64>>,
    /// By command: whether it waits for its answer.
    asked: Vec<bool>,
    tally: Tally,
}

/// What is counted of reports.
struct Tally {
    opened: u64,
    ended: u64,
    /// Fills and lots of makers' orders and of takers'.
    fills: [(u64, u64); 2],
    refusals: Refusals,
    latency: Histogram<u64>,
}

/// Replays `flow` at `speed` × recorded time, or as fast as it goes, through the first two sessions of `config`.
///
/// # Errors
/// If a session is lost, the venue does not answer, or its own figures are not those of its reports.
pub(super) fn replay(
    flow: &Flow,
    speed: Option<f64>,
    config: &Config,
    venue: &Venue,
    board: &Board,
    stop: &Stop,
) -> anyhow::Result<Outcome> {
    let mut traders = config.traders();
    let (Some(makers), Some(takers)) = (traders.next(), traders.next()) else {
        bail!("a replay needs two sessions that trade");
    };
    let mut replay = Replay {
        flow,
        instruments: &config.instruments,
        // Recorded orders of many parties go through one account each, and trade with each other there.
        desks: [
            Desk::log_on(makers, venue)?.trading_with_itself(),
            Desk::log_on(takers, venue)?.trading_with_itself(),
        ],
        waiting: [0; 2],
        due: vec![None; flow.commands.len()],
        asked: vec![false; flow.commands.len()],
        tally: Tally {
            opened: 0,
            ended: 0,
            fills: [(0, 0); 2],
            refusals: Refusals::default(),
            latency: figures::histogram(),
        },
    };
    let start = clock::now();
    let sent = replay.run(speed, start, stop)?;
    let elapsed = clock::now() - start;
    replay.settle()?;
    let outcome = replay.outcome(sent, elapsed);
    agree(&outcome, board, flow.instrument)?;
    for desk in replay.desks {
        desk.client.log_out()?;
    }
    Ok(outcome)
}

impl Replay<'_> {
    /// Sends everything and waits for every answer; says how many commands it has sent before it was stopped.
    fn run(&mut self, speed: Option<f64>, start: u64, stop: &Stop) -> anyhow::Result<usize> {
        let progress = Progress::new(self.flow.commands.len());
        let mut next_progress = start;
        let mut next = 0;
        let mut last_work = start;
        loop {
            let now = clock::now();
            let before = next;
            let mut wake = None;
            while let Some(command) = self.flow.commands.get(next) {
                let due = speed.map_or(now, |speed| start.saturating_add(paced(command.at, speed)));
                if due > now {
                    wake = Some(due - now);
                    break;
                }
                // Two connections have no mutual order, so that one party is answered before the other asks.
                let (own, other) = (command.party as usize, 1 - command.party as usize);
                if self.waiting[other] > 0 || self.waiting[own] >= WINDOW {
                    break;
                }
                self.desks[own].send(self.instruments, next as Name, &command.request);
                (self.due[next], self.asked[next]) = (Some(due), true);
                self.waiting[own] += 1;
                next += 1;
            }
            if self.work()? > 0 || next > before {
                last_work = clock::now();
            }
            if now >= next_progress {
                next_progress = now + progress.show(next, self.tally.fills[1].0);
            }
            if stop.is_asked() || (self.is_answered() && next == self.flow.commands.len()) {
                break;
            }
            let idle = now.saturating_sub(last_work);
            if !self.is_answered() && idle > PATIENCE_NS {
                let [maker, taker] = self.waiting;
                bail!("the venue has left {} commands without an answer for 30 s", maker + taker);
            }
            if idle > LOOK_NS || (self.is_answered() && wake.is_some()) {
                let wait = wake.map_or(WAIT, |nanos| WAIT.min(Duration::from_nanos(nanos)));
                client::wait(self.desks.iter().map(|desk| &desk.client), wait)?;
            }
        }
        progress.end(next, self.tally.fills[1].0);
        Ok(next)
    }

    fn is_answered(&self) -> bool {
        self.waiting == [0; 2]
    }

    /// Waits for what is still under way: answers after a stop, and the makers' fills, which come by another
    /// connection than the answers to those who hit them.
    fn settle(&mut self) -> anyhow::Result<()> {
        let until = clock::now() + PATIENCE_NS;
        while !self.is_answered() || self.tally.fills[0] != self.tally.fills[1] {
            if self.work()? == 0 {
                client::wait(self.desks.iter().map(|desk| &desk.client), WAIT)?;
            }
            ensure!(
                clock::now() < until,
                "fills (count, lots) of makers {:?} are not those of takers {:?}",
                self.tally.fills[0],
                self.tally.fills[1]
            );
        }
        Ok(())
    }

    fn work(&mut self) -> anyhow::Result<usize> {
        let Replay { flow, instruments, desks, waiting, due, asked, tally } = self;
        let mut answers = 0;
        for (desk, waiting) in desks.iter_mut().zip(waiting) {
            answers += desk.work(instruments, |told| {
                let Some(index) = usize::try_from(told.name()).ok().filter(|&index| index < due.len()) else {
                    return;
                };
                if let Some(due) = due[index].take() {
                    tally.latency.saturating_record(clock::now().saturating_sub(due));
                }
                let answered = tally.count(&told, &flow.commands[index].request);
                if answered && std::mem::take(&mut asked[index]) {
                    *waiting -= 1;
                }
            })?;
        }
        Ok(answers)
    }

    fn outcome(&self, sent: usize, elapsed: u64) -> Outcome {
        let Tally { opened, ended, fills: [_, (trades, traded)], ref refusals, ref latency } = self.tally;
        Outcome {
            sent,
            trades,
            traded,
            open: opened.saturating_sub(ended),
            refusals: refusals.clone(),
            elapsed,
            latency: Latency::of(latency),
        }
    }
}

impl Tally {
    /// Counts what was said of `request` or of its order; whether nothing more is to be awaited of the request.
    fn count(&mut self, told: &Told, request: &Request) -> bool {
        if let Some(why) = told.refusal() {
            self.refusals.count(why);
        }
        match *told {
            Told::Opened(_) => {
                self.opened += 1;
                matches!(request, Request::New { terms: Terms::Rest { .. }, .. })
            }
            Told::Traded { lots: Lots(lots), filled, taker, .. } => {
                let (fills, traded) = &mut self.fills[usize::from(taker)];
                *fills += 1;
                *traded += lots;
                self.ended += u64::from(filled);
                filled
            }
            Told::Canceled { .. } => {
                self.ended += 1;
                true
            }
            Told::Refused(..) | Told::Replaced { .. } | Told::ChangeRefused { .. } => true,
        }
    }
}

/// Recorded nanoseconds at `speed`.
fn paced(nanos: u64, speed: f64) -> u64 {
    let paced = Duration::try_from_secs_f64(Duration::from_nanos(nanos).as_secs_f64() / speed);
    // At a speed of next to nothing a command never comes due.
    paced.ok().and_then(|paced| u64::try_from(paced.as_nanos()).ok()).unwrap_or(u64::MAX)
}

/// Waits until the venue's own figures, which it publishes now and then, are those of `outcome`.
fn agree(outcome: &Outcome, board: &Board, instrument: usize) -> anyhow::Result<()> {
    let reported = (outcome.trades, outcome.traded, outcome.open);
    let until = clock::now() + PATIENCE_NS;
    loop {
        let figures = board.read();
        let traded = figures.instruments.get(instrument).map_or(0, |ticker| ticker.volume.0);
        let own = (figures.trades, traded, figures.open_orders);
        if own == reported {
            return Ok(());
        }
        if clock::now() > until {
            bail!(
                "reports tell of {reported:?} trades, lots traded and open orders, the venue itself of {own:?}"
            );
        }
        thread::sleep(Duration::from_millis(1));
    }
}

impl Outcome {
    /// The summary.
    pub(super) fn print(&self, flow: &Flow, file: &Path, instrument: &Instrument) {
        let all = flow.commands.len();
        let commands = self.sent as u64;
        println!("replayed: {} on {}", file.display(), instrument.symbol);
        println!(
            "rows: {} ({} not about the visible book, skipped)",
            grouped(flow.rows as u64),
            grouped(flow.skipped as u64)
        );
        println!(
            "commands: {} ({} put into the book first)",
            grouped(commands),
            grouped(flow.preloaded as u64)
        );
        if self.sent < all {
            println!("interrupted: {} commands of the file were not sent", grouped((all - self.sent) as u64));
        }
        println!("trades: {}", grouped(self.trades));
        println!("quantity: {}", figures::steps(self.traded, instrument.lot));
        println!("open: {}", grouped(self.open));
        println!("rejected: {}", self.refusals);
        println!(
            "elapsed: {}.{:03} s, {} commands/s",
            self.elapsed / 1_000_000_000,
            self.elapsed % 1_000_000_000 / 1_000_000,
            grouped(figures::rate(commands, self.elapsed))
        );
        println!("order to report: {}", self.latency);
    }
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: ProgressBar,
    lines: bool,
    all: usize,
}

impl Progress {
    fn new(all: usize) -> Progress {
        let lines = !std::io::stderr().is_terminal();
        let target = if lines { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(all as u64), target);
        let style = ProgressStyle::with_template(
            "{bar:40} {human_pos} of {human_len} commands, {per_sec}, {msg}, {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Progress { bar, lines, all }
    }

    /// Shows how far it is, and says in how many nanoseconds to show it again.
    fn show(&self, sent: usize, trades: u64) -> u64 {
        if self.lines {
            if sent > 0 {
                eprintln!(
                    "replayed {} of {} commands, {} trades",
                    grouped(sent as u64),
                    grouped(self.all as u64),
                    grouped(trades)
                );
            }
        } else {
            self.bar.set_message(format!("{} trades", grouped(trades)));
            self.bar.set_position(sent as u64);
        }
        PROGRESS_NS[usize::from(self.lines)]
    }

    fn end(&self, sent: usize, trades: u64) {
        self.show(sent, trades);
        self.bar.finish_and_clear();
    }
}
