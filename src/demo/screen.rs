//! What the terminal shows: a table that is drawn over itself, or, where there is no terminal, lines.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use matcher::{Figures, Ticker};
use wire::{
    instrument::Instrument,
    types::{Lots, Ticks},
};

use super::{
    figures::{grouped, rate, steps},
    traffic::Sample,
};

/// Rates are those of this time.
const RATE_WINDOW: Duration = Duration::from_secs(1);
/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// Columns of a terminal that does not tell.
const COLUMNS: u16 = 100;

/// What is there to be shown.
pub(super) struct View<'a> {
    pub(super) elapsed: Duration,
    pub(super) figures: Figures,
    pub(super) sample: &'a Sample,
}

/// Where it is shown.
pub(super) struct Screen<'a> {
    instruments: &'a [Instrument],
    terminal: bool,
    /// Lines of the table as it stands on the terminal.
    drawn: usize,
    next_line: Duration,
    /// As they were shown last.
    books: Vec<Ticker>,
    /// Elapsed time, requests and trades, over [`RATE_WINDOW`].
    past: VecDeque<(Duration, u64, u64)>,
}

impl<'a> Screen<'a> {
    pub(super) fn new(instruments: &'a [Instrument]) -> Screen<'a> {
        let terminal = io::stdout().is_terminal();
        let (books, past) = (Vec::new(), VecDeque::new());
        Screen { instruments, terminal, drawn: 0, next_line: LINE_EVERY, books, past }
    }

    /// Shows how it goes.
    pub(super) fn show(&mut self, view: &View<'_>) {
        let rates = self.rates(view);
        self.books.clone_from(&view.figures.instruments);
        if self.terminal {
            let table = format!("{}{}", self.table(&view.figures), self.totals(view, rates, true));
            self.draw(&table);
        } else if view.elapsed >= self.next_line {
            self.next_line = view.elapsed + LINE_EVERY;
            let mut line = format!(
                "{:>4} s  requests {}/s  trades {}/s  rejects {}  order to report {}",
                view.elapsed.as_secs(),
                grouped(rates.0),
                grouped(rates.1),
                grouped(view.sample.expected.total() + view.sample.unexpected.total()),
                view.sample.recent
            );
            for (instrument, ticker) in self.instruments.iter().zip(&view.figures.instruments) {
                let side = |touch: Option<(Ticks, Lots)>| {
                    touch.map_or("-".to_owned(), |(price, _)| steps(price.0.unsigned_abs(), instrument.tick))
                };
                let _infallible =
                    write!(line, "  {} {}/{}", instrument.symbol, side(ticker.bid), side(ticker.ask));
            }
            print(&format!("{line}\n"));
        }
    }

    /// Shows `text`, for good.
    pub(super) fn tell(&mut self, text: &str) {
        let lead = if self.terminal && self.drawn > 0 {
            format!("\x1b[{}A\x1b[J", std::mem::take(&mut self.drawn))
        } else {
            String::new()
        };
        print(&format!("{lead}{text}\n"));
    }

    /// Shows how it has been; of the books, which are empty now, what was shown last.
    pub(super) fn summary(&mut self, mut view: View<'_>) {
        for (ticker, last) in view.figures.instruments.iter_mut().zip(&self.books) {
            (ticker.bid, ticker.ask) = (last.bid, last.ask);
        }
        let whole = u64::try_from(view.elapsed.as_nanos()).unwrap_or(u64::MAX);
        let rates = (rate(view.sample.requests, whole), rate(view.figures.trades, whole));
        let table = self.table(&view.figures);
        self.tell(&format!("\n{table}{}", self.totals(&view, rates, false).trim_end()));
    }

    fn rates(&mut self, view: &View<'_>) -> (u64, u64) {
        let now = (view.elapsed, view.sample.requests, view.figures.trades);
        self.past.push_back(now);
        while self.past.len() > 2 && self.past.get(1).is_some_and(|past| now.0 - past.0 >= RATE_WINDOW) {
            self.past.pop_front();
        }
        let then = self.past.front().copied().filter(|then| then.0 < now.0).unwrap_or_default();
        let nanos = u64::try_from((now.0 - then.0).as_nanos()).unwrap_or(u64::MAX);
        (rate(now.1 - then.1, nanos), rate(now.2 - then.2, nanos))
    }

    /// A row for each instrument.
    fn table(&self, figures: &Figures) -> String {
        let mut text = format!(
            "{:<12}{:>14} @ {:<14}{:>12} @ {:<12}{:>13}{:>10}{:>16}\n",
            "", "bid qty", "price", "price", "ask qty", "last", "trades", "volume"
        );
        for (instrument, ticker) in self.instruments.iter().zip(&figures.instruments) {
            text.push_str(&row(instrument, ticker));
        }
        text
    }

    fn totals(&self, View { elapsed, figures, sample }: &View<'_>, rates: (u64, u64), live: bool) -> String {
        let mut text = format!(
            "\nelapsed: {}:{:02}\nrequests: {}, {}/s\ntrades: {}, {}/s\nopen: {}\n",
            elapsed.as_secs() / 60,
            elapsed.as_secs() % 60,
            grouped(sample.requests),
            grouped(rates.0),
            grouped(figures.trades),
            grouped(rates.1),
            grouped(figures.open_orders),
        );
        let _infallible = writeln!(text, "rejected: {}", sample.expected);
        let _infallible = writeln!(text, "rejected, not expected: {}", sample.unexpected);
        if live {
            let _infallible = writeln!(text, "order to report, now: {}", sample.recent);
        }
        let _infallible = writeln!(text, "order to report: {}", sample.whole);
        text
    }

    /// Draws `text` over what was drawn before.
    fn draw(&mut self, text: &str) {
        let columns = rustix::termios::tcgetwinsize(io::stdout()).map_or(COLUMNS, |size| size.ws_col);
        let mut out = String::new();
        if self.drawn > 0 {
            let _infallible = write!(out, "\x1b[{}A", self.drawn);
        }
        for line in text.lines() {
            // A line that wrapped would be two, and the next drawing begin too low.
            out.extend(line.chars().take(usize::from(columns.max(1)) - 1));
            out.push_str("\x1b[K\n");
        }
        self.drawn = text.lines().count();
        print(&out);
    }
}

fn row(instrument: &Instrument, ticker: &Ticker) -> String {
    let price = |price: Option<Ticks>| {
        price.map_or("-".to_owned(), |price| steps(price.0.unsigned_abs(), instrument.tick))
    };
    let lots = |touch: Option<(Ticks, Lots)>| {
        touch.map_or("-".to_owned(), |(_, lots)| steps(lots.0, instrument.lot))
    };
    format!(
        "{:<12}{:>14} @ {:<14}{:>12} @ {:<12}{:>13}{:>10}{:>16}\n",
        instrument.symbol,
        lots(ticker.bid),
        price(ticker.bid.map(|bid| bid.0)),
        price(ticker.ask.map(|ask| ask.0)),
        lots(ticker.ask),
        price(ticker.last),
        grouped(ticker.trades),
        steps(ticker.volume.0, instrument.lot)
    )
}

/// A reader that has gone is no reason to end: the summary it does not want is the only loss.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _unread = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
