//! Live participants, and what is shown of them.

use std::{
    num::NonZeroU64,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use matcher::Board;
use tuning::{clock, cpu};

use super::{
    Stop,
    screen::{Screen, View},
    traffic::{News, REQUESTS_PER_SECOND, Sample, Traffic},
};
use crate::{cli, config::Config, venue::Venue};

/// How long the venue's figures may lag behind what its clients know.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often signals and the clock are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Lets participants trade at `venue` until `stop` or the end of `args.seconds`.
///
/// # Errors
/// If a participant is lost, or orders are left open when all have gone.
pub(super) fn live(
    config: &Config,
    board: &Board,
    args: &cli::Demo,
    stop: &Stop,
    venue: &Venue,
) -> anyhow::Result<()> {
    let seed = args.seed.unwrap_or_else(|| clock::now() % 1_000_000);
    println!(
        "seed {seed}; {REQUESTS_PER_SECOND} requests a second; latency is from when a request was due to its first \
         report; Ctrl-C ends it"
    );
    let (sender, news) = mpsc::channel();
    let traffic = Traffic::log_on(config, venue, seed, sender)?;
    let participants = thread::Builder::new().name("participants".into()).spawn({
        let stop = stop.clone();
        move || {
            cpu::name_thread("participants");
            // The kernel may let timers be 50 µs late, which would be measured as the venue's. If it refuses, it is.
            let _refused = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
            let result = traffic.run(&stop);
            // Whatever ended it, the others end too.
            stop.ask();
            result
        }
    })?;

    let start = Instant::now();
    let until = args.seconds.and_then(|seconds| start.checked_add(Duration::from_secs(seconds)));
    let mut screen = Screen::new(&config.instruments);
    loop {
        match news.recv_timeout(LOOK) {
            Ok(News::Sample(sample)) => screen.show(&view(board, &sample, start)),
            Ok(News::Notice(text)) => screen.tell(&text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if until.is_some_and(|until| Instant::now() >= until) {
            stop.ask();
        }
        if let Some(thread) = venue.failed(Duration::ZERO) {
            stop.ask();
            bail!("the venue's thread {thread} panicked; its message stands above");
        }
    }
    let sample = participants.join().map_err(|_| anyhow!("the participants' thread panicked"))?;
    let sample = sample.context("a participant had to give up")?;
    nothing_left(board)?;
    screen.summary(view(board, &sample, start));
    Ok(())
}

fn view<'a>(board: &Board, sample: &'a Sample, start: Instant) -> View<'a> {
    View { elapsed: start.elapsed(), figures: board.read(), sample }
}

/// Waits until the venue's own figures, which it publishes now and then, know of no open order.
fn nothing_left(board: &Board) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        match board.read().open_orders {
            0 => return Ok(()),
            open if Instant::now() >= until => {
                bail!("every order was cancelled, and yet the venue has {open} open")
            }
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
}
