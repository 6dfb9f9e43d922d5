//! What a session has sent and been sent, and how it came and went.

use tracing::info;

use crate::board::SessionBoard;

/// A session's cancels after a loss count as all done when none has come for so long.
const CANCELLED_NS: u64 = 100_000_000;

/// What a session has sent and been sent, and how it came and went.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// When it came or went last.
    pub(crate) since: u64,
    /// Why its last connection ended.
    pub(crate) ended: Option<String>,
    /// Its numbers as they were looked at last.
    numbers: [u64; 2],
    /// Received and sent since the gateway has started.
    pub(crate) messages: [u64; 2],
    /// Of the last whole second.
    pub(crate) rates: [u64; 2],
    loss: Loss,
    /// Orders cancelled after all losses.
    all_cancelled: u64,
}

/// The last loss of a connection, and the cancels that came of it.
#[derive(Debug, Default)]
struct Loss {
    at: u64,
    cancelled: u64,
    last: u64,
    told: bool,
}

impl Figures {
    /// Beginning with these numbers.
    pub(crate) fn new(next_in: u64, next_out: u64) -> Figures {
        Figures { numbers: [next_in, next_out], ..Figures::default() }
    }

    pub(crate) fn came(&mut self, now: u64) {
        self.since = now;
    }

    pub(crate) fn went(&mut self, now: u64, why: String) {
        self.since = now;
        self.ended = Some(why);
        self.loss = Loss { at: now, ..Loss::default() };
    }

    /// An order of it was cancelled because its connection was lost.
    pub(crate) fn cancelled(&mut self, now: u64) {
        self.loss.cancelled += 1;
        self.all_cancelled += 1;
        self.loss.last = now;
        self.loss.told = false;
    }

    /// Counts by how much its numbers have grown. Where they have begun anew, by what they are since.
    pub(crate) fn count(&mut self, numbers: [u64; 2]) {
        for (place, number) in numbers.into_iter().enumerate() {
            let before = self.numbers[place];
            let grown = if number >= before { number - before } else { number.saturating_sub(1) };
            self.numbers[place] = number;
            self.messages[place] += grown;
            self.rates[place] = grown;
        }
    }
    /// Of the last loss that orders were cancelled for: how many, and nanoseconds from the loss to the last cancel.
    pub(crate) fn cancels(&self) -> Option<(u64, u64)> {
        let Loss { at, cancelled, last, .. } = self.loss;
        (cancelled > 0).then(|| (cancelled, last.saturating_sub(at)))
    }

    /// Logs the cancels after the last loss of session `name`, once, when they are all done.
    pub(crate) fn tell_of_cancels(&mut self, now: u64, name: &str) {
        let Some((orders, took_ns)) = self.cancels() else { return };
        if !self.loss.told && now >= self.loss.last.saturating_add(CANCELLED_NS) {
            self.loss.told = true;
            info!(
                session = name,
                orders, took_ns, "cancelled on disconnect; the time is from the loss to the last report"
            );
        }
    }

    /// Puts them on the session's board, with what else is to be seen there.
    pub(crate) fn publish(&self, board: &SessionBoard, connected: bool, waiting: u64, throttled: u64) {
        board.connected.set(connected.into());
        board.received.set(self.messages[0]);
        board.sent.set(self.messages[1]);
        board.output_waiting.set(waiting);
        board.throttled.set(throttled);
        board.cancelled.set(self.all_cancelled);
        if let Some((_, took_ns)) = self.cancels() {
            board.cancelled_ns.set(took_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_by_their_numbers_whether_these_begin_anew_or_not() {
        let mut figures = Figures::new(5, 8);
        figures.count([7, 8]);
        assert_eq!((figures.messages, figures.rates), ([2, 0], [2, 0]));
        figures.count([3, 2]);
        assert_eq!((figures.messages, figures.rates), ([4, 1], [2, 1]));
        figures.count([3, 2]);
        assert_eq!((figures.messages, figures.rates), ([4, 1], [0, 0]));
    }

    #[test]
    fn a_loss_takes_the_time_to_its_last_cancel() {
        let mut figures = Figures::default();
        figures.went(100, "lost".into());
        figures.cancelled(150);
        figures.cancelled(180);
        assert_eq!((figures.loss.cancelled, figures.loss.last - figures.loss.at), (2, 80));
        figures.came(200);
        assert_eq!(figures.loss.cancelled, 2, "it is told until the next loss");
        figures.went(300, "lost".into());
        assert_eq!((figures.since, figures.loss.cancelled), (300, 0));
    }
}
