//! Every metric there is. docs/metrics.md is made of this table, and tests compare both with what is served.

use std::{fs, sync::atomic::Ordering::Relaxed};

use gateway::board::{Board, Counts, Label, SessionBoard};
use matcher::journal::{keeper::Retention, recorder::Progress};
use shm::{Histogram, LogReaderReport, LogReport, Meter, Report, RingReport};
use wire::command::text;

use super::{Family, Sources, Value, seconds};

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, and begins at 0 with the process or the ring.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often how much.
    Histogram,
}

/// A metric that is read of an `S`.
struct Metric<S: ?Sized> {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    /// What its values are told apart by, beside the labels of `S`.
    by: Option<&'static str>,
    read: fn(&S, &mut Points),
}

/// The values of a metric of one `S`, by the word that tells them apart.
#[derive(Default)]
struct Points(Vec<(Option<&'static str>, Value)>);

impl Points {
    #[expect(clippy::cast_precision_loss, reason = "what lies beyond 2^53 is off by one in 10^16")]
    fn put(&mut self, number: u64) {
        self.real(number as f64);
    }

    fn real(&mut self, number: f64) {
        self.0.push((None, Value::Number(number)));
    }

    fn times(&mut self, histogram: &Histogram) {
        self.distribution(histogram.read());
    }

    fn distribution(&mut self, read: shm::Distribution) {
        self.0.push((None, Value::Times { buckets: read.buckets, sum: read.sum }));
    }

    #[expect(clippy::cast_precision_loss, reason = "as in `put`")]
    fn each<L: Label>(&mut self, counts: &Counts<L>) {
        // Of refusals there are many that never happen.
        let counts = counts.read().filter(|&(_, count)| count > 0);
        self.0.extend(counts.map(|(label, count)| (Some(label.word()), Value::Number(count as f64))));
    }
}

impl<S: ?Sized> Metric<S> {
    const fn counter(name: &'static str, help: &'static str, read: fn(&S, &mut Points)) -> Metric<S> {
        Metric { name, kind: Kind::Counter, help, by: None, read }
    }

    const fn gauge(name: &'static str, help: &'static str, read: fn(&S, &mut Points)) -> Metric<S> {
        Metric { name, kind: Kind::Gauge, help, by: None, read }
    }

    const fn histogram(name: &'static str, help: &'static str, read: fn(&S, &mut Points)) -> Metric<S> {
        Metric { name, kind: Kind::Histogram, help, by: None, read }
    }

    const fn by(self, by: &'static str) -> Metric<S> {
        Metric { by: Some(by), ..self }
    }
}

static WORKER: &[Metric<Board>] = &[
    Metric::gauge("penstock_gateway_listening", "Whether the worker takes connections: 0 or 1.", |b, p| p.put(b.listening.get())),
    Metric::gauge("penstock_gateway_matcher_up", "Whether the worker sees a matcher that lives: 0 or 1.", |b, p| p.put(b.matcher.get())),
    Metric::gauge("penstock_gateway_informed", "Whether the matcher has told the worker of all instruments and accounts: 0 or 1. Before that nobody is let in.", |b, p| p.put(b.informed.get())),
    Metric::gauge("penstock_gateway_draining", "Whether the worker drains: 0 or 1.", |b, p| p.put(b.draining.get())),
    Metric::gauge("penstock_gateway_busy", "Whether the worker's ring of commands fills up, which its sessions are told before anything is refused for it: 0 or 1.", |b, p| p.put(b.busy.get())),
    Metric::counter("penstock_gateway_busy_times", "Times that it has come to that.", |b, p| p.put(b.busy_times.get())),
    Metric::gauge("penstock_gateway_events_held", "Events that wait for their commands to become durable.", |b, p| p.put(b.held.get())),
    Metric::gauge("penstock_gateway_events_held_seconds", "For how long the first of them has waited; 0 where none does.", |b, p| p.real(seconds(b.held_ns.get()))),
    Metric::gauge("penstock_gateway_journal_failed", "Whether the journal of a matcher has failed, so that nothing more leaves and requests are refused: 0 or 1.", |b, p| p.put(b.journal_failed.get())),
    Metric::counter("penstock_gateway_events_repeated", "Events that a matcher which was started again has sent once more, and that were passed over.", |b, p| p.put(b.repeated.get())),
    Metric::counter("penstock_gateway_events_lost", "Events that were not durable when their history ended, and were dropped: the matcher was started again without the journal that it had.", |b, p| p.put(b.lost.get())),
    Metric::gauge("penstock_gateway_connections", "Connections that are open, those being closed included.", |b, p| p.put(b.open.get())),
    Metric::gauge("penstock_gateway_connections_unauthenticated", "Those of them that have not logged on.", |b, p| p.put(b.unauthenticated.get())),
    Metric::counter("penstock_gateway_connections_opened", "Connections taken.", |b, p| p.put(b.opened.get())),
    Metric::counter("penstock_gateway_connections_turned_away", "Connections closed at once because there were as many as fix.connections_max allows.", |b, p| p.put(b.turned_away.get())),
    Metric::counter("penstock_gateway_accept_failures", "Connections that the kernel did not give, as without free descriptors.", |b, p| p.put(b.accept_failed.get())),
    Metric::counter("penstock_gateway_logons", "Sessions that came up.", |b, p| p.put(b.logons.get())),
    Metric::counter("penstock_gateway_logons_refused", "Connections that were not let in, by reason: not_a_logon, not_tls, left, late, crowded, credentials, locked_out, version, already_up, disabled, draining, unacceptable.", |b: &Board, p| p.each(&b.refused)).by("reason"),
    Metric::counter("penstock_gateway_sessions_ended", "Sessions' connections that ended, by reason: logged_out, closed, broken, silent, slow_consumer, throttled, protocol.", |b: &Board, p| p.each(&b.ended)).by("reason"),
    Metric::counter("penstock_gateway_messages_received", "Messages received, whatever became of them, by what they are for: session, order, cancel, replace, quote, query, market_data, other.", |b: &Board, p| p.each(&b.received)).by("class"),
    Metric::counter("penstock_gateway_messages_sent", "Messages sent under numbers of their own: session, report, refusal, answer, market_data, notice.", |b: &Board, p| p.each(&b.sent)).by("class"),
    Metric::counter("penstock_gateway_messages_sent_again", "Messages sent again because clients asked for them.", |b, p| p.put(b.sent_again.get())),
    Metric::counter("penstock_gateway_messages_garbled", "Pieces of input that were no message and were passed over.", |b, p| p.put(b.garbled.get())),
    Metric::counter("penstock_gateway_messages_not_held", "Messages that came before their turn and found no room to wait: they are asked for again.", |b, p| p.put(b.not_held.get())),
    Metric::counter("penstock_gateway_messages_forgotten", "Sent messages that can be sent again no more, because of fix.resend_window or fix.resend_bytes_max: a gap fill stands for them.", |b, p| p.put(b.forgotten.get())),
    Metric::counter("penstock_gateway_received_bytes", "Bytes received, of TLS as they came.", |b, p| p.put(b.bytes_received.get())),
    Metric::counter("penstock_gateway_sent_bytes", "Bytes that the kernel has taken.", |b, p| p.put(b.bytes_sent.get())),
    Metric::gauge("penstock_gateway_output_waiting_bytes", "Bytes that wait to be sent to sessions, all together.", |b, p| p.put(b.output_waiting.get())),
    Metric::gauge("penstock_gateway_output_waiting_max_bytes", "The most that wait for one session; beyond fix.output_bytes_max it is cut off.", |b, p| p.put(b.output_waiting_max.get())),
    Metric::counter("penstock_gateway_rejects", "Requests refused by the gateway or the matcher, by the code's name in docs/rejects.md. Busy is a full ring of commands.", |b: &Board, p| p.each(&b.rejects)).by("code"),
    Metric::counter("penstock_gateway_throttled", "Messages refused for being too many, those that ended a session included.", |b, p| p.put(b.throttled.get())),
    Metric::counter("penstock_gateway_events", "Events taken from the matcher.", |b, p| p.put(b.events.get())),
    Metric::counter("penstock_gateway_events_unreadable", "Events that were none of this version: gateway and matcher are not the same build.", |b, p| p.put(b.not_events.get())),
    Metric::counter("penstock_gateway_events_unreportable", "Events of instruments or accounts that the gateway was not told of.", |b, p| p.put(b.unreportable.get())),
    Metric::counter("penstock_gateway_feed_overruns", "Times that market data came faster than it was read, and the books were asked for again.", |b, p| p.put(b.feed_overruns.get())),
    Metric::counter("penstock_gateway_feed_unreadable", "Records of market data that were none of this version.", |b, p| p.put(b.not_records.get())),
    Metric::counter("penstock_gateway_feed_books_too_deep", "Books of market data given up because there were more prices than are kept.", |b, p| p.put(b.books_too_deep.get())),
    Metric::counter("penstock_gateway_log_lines_left_out", "Lines that clients would have caused beyond the log's bound of a second.", |b, p| p.put(b.lines_left_out.get())),
    Metric::histogram("penstock_gateway_report_latency_seconds", "From when a message was read that caused a report to when the report was written, before it is sent.", |b, p| p.times(&b.report_latency)),
];

static SESSION: &[Metric<SessionBoard>] = &[
    Metric::gauge("penstock_session_connected", "Whether the session has a connection: 0 or 1.", |s, p| {
        p.put(s.connected.get())
    }),
    Metric::counter("penstock_session_messages_received", "Numbered messages received.", |s, p| {
        p.put(s.received.get())
    }),
    Metric::counter("penstock_session_messages_sent", "Numbered messages sent.", |s, p| p.put(s.sent.get())),
    Metric::gauge("penstock_session_output_waiting_bytes", "Bytes that wait to be sent to it.", |s, p| {
        p.put(s.output_waiting.get())
    }),
    Metric::counter("penstock_session_throttled", "Messages refused for being too many.", |s, p| {
        p.put(s.throttled.get())
    }),
    Metric::counter(
        "penstock_session_disconnect_cancels",
        "Orders cancelled because its connection was lost (cancel_on_disconnect).",
        |s, p| p.put(s.cancelled.get()),
    ),
    Metric::gauge(
        "penstock_session_disconnect_cancel_seconds",
        "From the last loss for which orders were cancelled to the last of these cancels, the grace time included.",
        |s, p| p.real(seconds(s.cancelled_ns.get())),
    ),
];

static MATCHER: &[Metric<matcher::Figures>] = &[
    Metric::counter("penstock_matcher_commands", "Commands applied.", |f, p| p.put(f.commands)),
    Metric::counter(
        "penstock_matcher_commands_unreadable",
        "Messages that were no command of this version: gateway and matcher are not the same build.",
        |f, p| p.put(f.not_commands),
    ),
    Metric::counter("penstock_matcher_events", "Events sent.", |f, p| p.put(f.events)),
    Metric::counter(
        "penstock_matcher_events_held_back",
        "Events that found their ring full and had to wait, and with them all commands.",
        |f, p| p.put(f.spilled),
    ),
    Metric::counter(
        "penstock_matcher_events_dropped",
        "Events dropped because their gateway had been cut off for not reading.",
        |f, p| p.put(f.dropped),
    ),
    Metric::counter(
        "penstock_matcher_gateways_cut_off",
        "Times that a gateway's worker was cut off because it did not read.",
        |f, p| p.put(f.cut_off),
    ),
    Metric::counter("penstock_matcher_trades", "Trades of all instruments.", |f, p| p.put(f.trades)),
    Metric::gauge("penstock_matcher_open_orders", "Orders open.", |f, p| p.put(f.open_orders)),
    Metric::counter(
        "penstock_matcher_forgotten",
        "Ended orders and used names no longer remembered (matcher.finished_orders_max).",
        |f, p| p.put(f.forgotten),
    ),
    Metric::gauge(
        "penstock_matcher_links",
        "Links whose other end lives: those of gateways' workers and the operator's.",
        |f, p| p.put(f.gateways),
    ),
    Metric::histogram(
        "penstock_matcher_latency_seconds",
        "From when a command is taken up to when an event of it leaves.",
        |f, p| p.distribution(f.latency.clone()),
    ),
];

static JOURNAL: &[Metric<Progress>] = &[
    Metric::gauge(
        "penstock_journal_up",
        "Whether the journal takes what comes: 0 or 1. At 0 nothing is taken or told until the venue is started again.",
        |j, p| p.put(j.durable().is_some().into()),
    ),
    Metric::gauge("penstock_journal_durable", "The last command that is durable, by its number.", |j, p| {
        if let Some(seq) = j.durable() {
            p.put(seq.0);
        }
    }),
    Metric::counter("penstock_journal_commits", "Commits that are durable.", |j, p| {
        p.put(j.figures().commits)
    }),
    Metric::counter("penstock_journal_bytes", "Bytes of them.", |j, p| p.put(j.figures().bytes)),
    Metric::gauge(
        "penstock_journal_backlog_bytes",
        "Bytes of commands that are not durable yet. At half of rings.sequenced_bytes nothing more is taken.",
        |j, p| {
            p.put(j.backlog());
        },
    ),
    Metric::counter("penstock_journal_closed", "Times that nothing was taken because of that.", |j, p| {
        p.put(j.closed())
    }),
    Metric::counter(
        "penstock_journal_stalls",
        "Times that the next segment was not made yet when it was wanted.",
        |j, p| p.put(j.figures().stalls),
    ),
    Metric::gauge(
        "penstock_journal_room",
        "Room on its disk: 2; 1 if there is none for a further segment; 0 if what is to be written waits for it.",
        |j, p| p.put(2 - j.room() as u64),
    ),
];

static RETENTION: &[Metric<Retention>] = &[
    Metric::gauge("penstock_journal_segments_full", "Full segments there are.", |r, p| p.put(r.kept().full)),
    Metric::gauge(
        "penstock_journal_segments_unarchived",
        "Those of them that are still to be archived (journal.archive).",
        |r, p| p.put(r.kept().unarchived),
    ),
    Metric::counter("penstock_journal_segments_archived", "Segments archived.", |r, p| {
        p.put(r.kept().archived)
    }),
    Metric::counter(
        "penstock_journal_archive_failures",
        "Times that the archive's program has failed; it is run again.",
        |r, p| p.put(r.kept().failures),
    ),
    Metric::gauge(
        "penstock_journal_archive_failing",
        "Whether it failed when it was run last: 0 or 1. While it does, the disk fills.",
        |r, p| p.put(r.kept().failing.into()),
    ),
    Metric::counter(
        "penstock_journal_segments_removed",
        "Segments removed because snapshots stand for what was in them.",
        |r, p| p.put(r.kept().removed),
    ),
];

static INSTRUMENT: &[Metric<matcher::Ticker>] = &[
    Metric::counter("penstock_instrument_trades", "Trades of the instrument.", |t, p| p.put(t.trades)),
    Metric::counter("penstock_instrument_volume", "What was traded, in units of the base asset.", |t, p| {
        if let Some(terms) = &t.terms {
            p.real(decimal(t.volume.0, terms.lot_mantissa, terms.lot_scale));
        }
    }),
    Metric::gauge(
        "penstock_instrument_last_price",
        "Price of the last trade, in the quote asset; missing before the first.",
        |t, p| price(t, t.last, p),
    ),
    Metric::gauge("penstock_instrument_bid_price", "Best bid; missing while there is none.", |t, p| {
        price(t, t.bid.map(|(at, _)| at), p)
    }),
    Metric::gauge("penstock_instrument_ask_price", "Best ask, likewise.", |t, p| {
        price(t, t.ask.map(|(at, _)| at), p)
    }),
];

static RING: &[Metric<RingReport>] = &[
    Metric::gauge("penstock_ring_capacity_bytes", "Bytes that the ring has room for.", |r, p| {
        p.put(r.capacity)
    }),
    Metric::gauge("penstock_ring_depth_bytes", "Bytes that wait in it.", |r, p| p.put(r.depth)),
    Metric::gauge("penstock_ring_depth_max_bytes", "The most that were ever seen waiting.", |r, p| {
        p.put(r.high_water)
    }),
    Metric::counter("penstock_ring_messages", "Messages put in since it was made.", |r, p| p.put(r.messages)),
    Metric::counter("penstock_ring_bytes", "Bytes put in, headers and padding included.", |r, p| {
        p.put(r.bytes)
    }),
    Metric::counter(
        "penstock_ring_stalls",
        "Times that its producer found it full; attempts in a row count as one.",
        |r, p| p.put(r.stalls),
    ),
    Metric::gauge(
        "penstock_ring_up",
        "Whether both of its ends are held by processes that live: 0 or 1.",
        |r, p| {
            let alive = [&r.producer, &r.consumer].into_iter().all(|side| side.peer == shm::Peer::Alive);
            p.put(alive.into());
        },
    ),
];

static LOG: &[Metric<LogReport>] = &[
    Metric::gauge("penstock_log_capacity_bytes", "Bytes that the log has room for.", |l, p| {
        p.put(l.capacity)
    }),
    Metric::counter("penstock_log_records", "Records written since it was made.", |l, p| p.put(l.records)),
    Metric::counter("penstock_log_bytes", "Bytes written, headers and padding included.", |l, p| {
        p.put(l.bytes)
    }),
    Metric::gauge("penstock_log_readers", "Readers registered with it.", |l, p| {
        p.put(l.readers.len() as u64)
    }),
    Metric::gauge(
        "penstock_log_lag_max_bytes",
        "How far the reader lies behind that is furthest behind.",
        |l, p| p.put(most(l, |r| r.lag)),
    ),
    Metric::counter("penstock_log_overruns", "Times that its readers were overrun.", |l, p| {
        p.put(l.readers.iter().map(|r| r.overruns).sum())
    }),
];

static THREAD: &[Metric<Meter>] = &[
    Metric::counter("penstock_thread_rounds", "Rounds of all agents of the thread.", |m, p| {
        p.put(m.rounds())
    }),
    Metric::counter("penstock_thread_rounds_busy", "Rounds in which there was work.", |m, p| p.put(m.busy())),
    Metric::counter("penstock_thread_rounds_long", "Rounds that took more than 100 µs.", |m, p| {
        p.put(m.overruns())
    }),
    Metric::counter("penstock_thread_sleeps", "Times that it slept.", |m, p| p.put(m.sleeps())),
    Metric::gauge("penstock_thread_round_max_seconds", "The longest round so far.", |m, p| {
        p.real(seconds(m.longest_ns()))
    }),
    Metric::gauge(
        "penstock_thread_seen_timestamp_seconds",
        "When the thread kept house last, in seconds since 1970; /livez looks at it.",
        |m, p| p.real(seconds(m.seen())),
    ),
];

static PROCESS: &[Metric<Sources>] = &[
    Metric::gauge("penstock_build", "1, and the version that runs.", |_, p| {
        p.0.push((Some(env!("CARGO_PKG_VERSION")), Value::Number(1.0)))
    })
    .by("version"),
    Metric::counter("penstock_metrics_scrapes", "Times that these metrics were asked for.", |s, p| {
        p.put(s.served.scrapes.load(Relaxed))
    }),
    Metric::counter(
        "penstock_metrics_turned_away",
        "Connections to this endpoint closed at once because there were too many.",
        |s, p| p.put(s.served.turned_away.load(Relaxed)),
    ),
    Metric::counter("process_cpu_seconds", "Processor time that the process has used.", |_, p| {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let nanos = u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000
            + u64::try_from(time.tv_nsec).unwrap_or(0);
        p.real(seconds(nanos));
    }),
    Metric::gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", |s, p| {
        p.real(seconds(s.since))
    }),
    Metric::gauge(
        "process_resident_memory_bytes",
        "Memory that it has, pages of rings and stores that it has touched included.",
        |_, p| {
            let pages = fs::read_to_string("/proc/self/statm").ok();
            let pages = pages.and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
            p.put(pages.unwrap_or(0) * rustix::param::page_size() as u64);
        },
    ),
    Metric::gauge("process_open_fds", "Files that it has open.", |_, p| {
        // Less the one by which it looks.
        p.put(fs::read_dir("/proc/self/fd").map_or(0, |fds| fds.count() as u64).saturating_sub(1));
    }),
    Metric::gauge("process_max_fds", "Files that it may have open.", |_, p| {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        match limit {
            Some(limit) => p.put(limit),
            None => p.real(f64::INFINITY),
        }
    }),
];

fn most(log: &LogReport, of: fn(&LogReaderReport) -> u64) -> u64 {
    log.readers.iter().map(of).max().unwrap_or(0)
}

/// `count` steps of `mantissa` × 10^-`scale`.
#[expect(clippy::cast_precision_loss, reason = "to be looked at, not to be reckoned with")]
fn decimal(count: u64, mantissa: u64, scale: u8) -> f64 {
    count as f64 * mantissa as f64 / 10_f64.powi(scale.into())
}

fn price(ticker: &matcher::Ticker, ticks: Option<wire::types::Ticks>, points: &mut Points) {
    if let (Some(terms), Some(ticks)) = (&ticker.terms, ticks) {
        points.real(decimal(ticks.0.unsigned_abs(), terms.tick_mantissa, terms.tick_scale));
    }
}

/// Whatever metrics are read of: each with the values of its labels.
struct Of<'a, S: ?Sized> {
    labels: &'static [&'static str],
    all: Vec<(Vec<String>, &'a S)>,
}

impl<S: ?Sized> Of<'_, S> {
    fn read(&self, metrics: &'static [Metric<S>], into: &mut Vec<Family>) {
        for metric in metrics {
            let mut values = Vec::new();
            for (words, source) in &self.all {
                let mut points = Points::default();
                (metric.read)(source, &mut points);
                for (by, value) in points.0 {
                    let own = self.labels.iter().map(|&label| label.to_owned()).zip(words.iter().cloned());
                    let by = metric.by.zip(by).map(|(label, word)| (label.to_owned(), word.to_owned()));
                    values.push((own.chain(by).collect(), value));
                }
            }
            into.push(Family { name: metric.name, help: metric.help, kind: metric.kind, values });
        }
    }
}

const WORKER_LABELS: &[&str] = &["worker", "protocol"];
const SESSION_LABELS: &[&str] = &["worker", "session"];
const MATCHER_LABELS: &[&str] = &["shard"];
const INSTRUMENT_LABELS: &[&str] = &["symbol"];
const RING_LABELS: &[&str] = &["ring"];
const LOG_LABELS: &[&str] = &["log"];
const THREAD_LABELS: &[&str] = &["thread"];

/// Every metric of `sources` as it is now; of sessions, if `sessions` are wanted.
pub(super) fn read(sources: &Sources, sessions: bool) -> Vec<Family> {
    let mut families = Vec::new();
    let workers = sources.workers.iter().map(|b| (vec![b.worker.clone(), b.protocol.to_owned()], &**b));
    Of { labels: WORKER_LABELS, all: workers.collect() }.read(WORKER, &mut families);
    if sessions {
        let all = sources.workers.iter().flat_map(|worker| {
            worker.sessions.iter().map(|session| (vec![worker.worker.clone(), session.name.clone()], session))
        });
        Of { labels: SESSION_LABELS, all: all.collect() }.read(SESSION, &mut families);
    }
    let figures: Vec<_> = sources.matchers.iter().map(|(shard, board)| (*shard, board.read())).collect();
    let shards = figures.iter().map(|(shard, figures)| (vec![shard.to_string()], figures));
    Of { labels: MATCHER_LABELS, all: shards.collect() }.read(MATCHER, &mut families);
    let journals = sources.journals.iter();
    let journals = journals.map(|(shard, journal)| (vec![shard.to_string()], &**journal));
    Of { labels: MATCHER_LABELS, all: journals.collect() }.read(JOURNAL, &mut families);
    let retentions = sources.retentions.iter();
    let retentions = retentions.map(|(shard, retention)| (vec![shard.to_string()], &**retention));
    Of { labels: MATCHER_LABELS, all: retentions.collect() }.read(RETENTION, &mut families);
    let tickers =
        figures.iter().flat_map(|(shard, figures)| figures.instruments.iter().map(move |of| (*shard, of)));
    let tickers = tickers.filter_map(|(shard, ticker)| {
        // Each matcher has all instruments' terms and the figures of its own.
        let terms = ticker.terms.as_ref().filter(|terms| terms.shard == shard)?;
        Some((vec![text(&terms.symbol)?.to_owned()], ticker))
    });
    Of { labels: INSTRUMENT_LABELS, all: tickers.collect() }.read(INSTRUMENT, &mut families);
    let reports = sources.rings.inspect().unwrap_or_else(|error| {
        tracing::warn!(%error, "the rings cannot be looked at");
        Vec::new()
    });
    let rings = reports.iter().filter_map(|report| match report {
        Report::Ring(ring) => Some((vec![ring.name.clone()], ring)),
        Report::Log(_) | Report::Unreadable { .. } => None,
    });
    Of { labels: RING_LABELS, all: rings.collect() }.read(RING, &mut families);
    let logs = reports.iter().filter_map(|report| match report {
        Report::Log(log) => Some((vec![log.name.clone()], log)),
        Report::Ring(_) | Report::Unreadable { .. } => None,
    });
    Of { labels: LOG_LABELS, all: logs.collect() }.read(LOG, &mut families);
    let threads = sources.threads.get().map(Vec::as_slice).unwrap_or_default();
    let threads = threads.iter().map(|(name, meter)| (vec![name.clone()], &**meter));
    Of { labels: THREAD_LABELS, all: threads.collect() }.read(THREAD, &mut families);
    Of { labels: &[], all: vec![(Vec::new(), sources)] }.read(PROCESS, &mut families);
    families
}

/// The table of docs/metrics.md.
#[must_use]
pub fn documentation() -> String {
    let mut text = String::from("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n");
    fn rows<S: ?Sized>(labels: &[&str], metrics: &[Metric<S>], text: &mut String) {
        for metric in metrics {
            let (suffix, kind) = match metric.kind {
                Kind::Counter => ("_total", "counter"),
                Kind::Gauge => ("", "gauge"),
                Kind::Histogram => ("", "histogram"),
            };
            let labels: Vec<_> = labels.iter().copied().chain(metric.by).map(|l| format!("`{l}`")).collect();
            let row =
                [format!("`{}{suffix}`", metric.name), kind.into(), labels.join(", "), metric.help.into()];
            *text += &format!("| {} |\n", row.join(" | "));
        }
    }
    rows(WORKER_LABELS, WORKER, &mut text);
    rows(SESSION_LABELS, SESSION, &mut text);
    rows(MATCHER_LABELS, MATCHER, &mut text);
    rows(MATCHER_LABELS, JOURNAL, &mut text);
    rows(MATCHER_LABELS, RETENTION, &mut text);
    rows(INSTRUMENT_LABELS, INSTRUMENT, &mut text);
    rows(RING_LABELS, RING, &mut text);
    rows(LOG_LABELS, LOG, &mut text);
    rows(THREAD_LABELS, THREAD, &mut text);
    rows(&[], PROCESS, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_documentation_has_this_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
        let documented = fs::read_to_string(path).unwrap();
        let rows: Vec<_> = documented
            .lines()
            .filter(|line| {
                line.starts_with("| ") && line.contains("penstock_") || line.starts_with("| `process_")
            })
            .collect();
        let table = documentation();
        let made: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows, made, "docs/metrics.md is to have these rows:\n{table}");
    }

    #[test]
    fn names_are_those_of_prometheus_conventions() {
        let table = documentation();
        let mut names = Vec::new();
        for row in table.lines().skip(2) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let name = cells[1].trim_matches('`');
            assert!(name.starts_with("penstock_") || name.starts_with("process_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(name.ends_with("_total"), cells[2] == "counter", "{name}");
            // Base units only, and the unit last but for `_total`.
            for word in [
                "_ms", "_us", "_ns", "_micros", "_nanos", "_millis", "_kb", "_mb", "_kib", "_count", "_sum",
                "_bucket",
            ] {
                assert!(!name.trim_end_matches("_total").ends_with(word), "{name}");
            }
            assert!(cells[2] != "histogram" || name.ends_with("_seconds"), "{name}");
            assert!(cells[4].ends_with('.') && cells[4].len() > 10, "{name} has no help");
            assert!(!names.contains(&name), "{name} twice");
            names.push(name);
        }
        assert!(names.len() > 60);
    }
}
