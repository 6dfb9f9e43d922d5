//! Requests by a timetable, and how long each took from when it was due.

use std::collections::VecDeque;

use anyhow::Context;
use hdrhistogram::Histogram;
use tuning::clock;

/// A way to a server that answers every request once, in order.
pub trait Path {
    /// Sends what is measured.
    ///
    /// # Errors
    /// If the connection is broken.
    fn order(&mut self) -> anyhow::Result<()>;

    /// Sends what undoes the oldest order not undone yet.
    ///
    /// # Errors
    /// If the connection is broken.
    fn cancel(&mut self) -> anyhow::Result<()>;

    /// Takes what has come, without waiting; how many answers that was.
    ///
    /// # Errors
    /// If the connection is broken, or an answer is not what it should be.
    fn poll(&mut self) -> anyhow::Result<usize>;
}

/// When requests are due.
#[derive(Clone, Copy, Debug)]
pub enum Timetable {
    /// Each as soon as the one before is undone: nothing ever queues.
    BackToBack,
    /// One every so many nanoseconds, whatever becomes of those before.
    Every(u64),
}

/// Sends `count` orders by `timetable`, spinning, and records the nanoseconds from when each was due to its answer.
/// Each is then undone, which is not measured but takes the server's time all the same.
///
/// # Errors
/// As those of `path`.
pub fn run(
    path: &mut impl Path,
    count: usize,
    timetable: Timetable,
    histogram: &mut Histogram<u64>,
) -> anyhow::Result<()> {
    // Of each request without an answer, when it was due if it is measured.
    let mut waiting: VecDeque<Option<u64>> = VecDeque::with_capacity(2 * count);
    let (mut sent, mut answered) = (0, 0);
    let mut next_due = clock::now();
    while answered < 2 * count {
        let now = clock::now();
        let due = match timetable {
            Timetable::BackToBack if waiting.is_empty() => now,
            Timetable::BackToBack => u64::MAX,
            Timetable::Every(_) => next_due,
        };
        if sent < count && due <= now {
            path.order()?;
            waiting.push_back(Some(due));
            sent += 1;
            if let Timetable::Every(nanos) = timetable {
                next_due += nanos;
            }
        }
        for _ in 0..path.poll()? {
            answered += 1;
            if let Some(due) = waiting.pop_front().context("an answer to nothing")? {
                histogram.saturating_record(clock::now() - due);
                path.cancel()?;
                waiting.push_back(None);
            }
        }
    }
    Ok(())
}
