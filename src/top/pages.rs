//! What is shown: a summary, and a table for each page.

use super::{
    gather::Look,
    table::{Cell, Table},
};

type Labels = Vec<(String, String)>;

/// A page.
pub(super) struct Page {
    pub(super) title: &'static str,
    /// Of the look before, for rates, and this one.
    pub(super) table: fn(&Look, &Look) -> Table,
}

/// All pages, in order.
pub(super) static ALL: &[Page] = &[
    Page { title: "Sessions", table: sessions },
    Page { title: "Traffic", table: traffic },
    Page { title: "Rings", table: rings },
    Page { title: "Latency", table: latency },
    Page { title: "Instruments", table: instruments },
];

/// How much `name`, summed over labels, has grown a second.
fn rate(former: &Look, look: &Look, name: &str) -> f64 {
    (look.sum(name) - former.sum(name)).max(0.0) / look.seconds_since(former)
}

fn rate_of(former: &Look, look: &Look, name: &str, labels: &Labels) -> f64 {
    (look.of(name, labels) - former.of(name, labels)).max(0.0) / look.seconds_since(former)
}

fn values(labels: &Labels) -> Vec<Cell> {
    labels.iter().map(|(_, value)| Cell::word(value.clone())).collect()
}

/// The lines above every page.
pub(super) fn summary(former: &Look, look: &Look) -> Vec<String> {
    let clock = wire::fix::value::Clock::default().text(wire::types::Nanos(look.at));
    let time = String::from_utf8_lossy(&clock[.."20261120-12:00:00".len()]).into_owned();
    let up = look.sessions.iter().filter(|view| view.state == "logged on").count();
    let rates = ["penstock_matcher_commands", "penstock_matcher_events", "penstock_matcher_trades"];
    let [commands, events, trades] = rates.map(|name| rate(former, look, name));
    let lost: f64 = LOSSES.iter().map(|name| look.sum(name)).sum();
    let mut lines = vec![
        format!(
            "penstock {time} UTC   {commands:.0} commands/s   {events:.0} events/s   {trades:.0} trades/s   {:.0} open orders",
            look.sum("penstock_matcher_open_orders")
        ),
        format!(
            "{up} of {} sessions logged on   {:.0} connections   {:.0} rejects/s   {:.0} stalls of rings   {lost:.0} lost",
            look.sessions.len(),
            look.sum("penstock_gateway_connections"),
            rate(former, look, "penstock_gateway_rejects"),
            look.sum("penstock_ring_stalls"),
        ),
    ];
    for (name, what) in [
        ("penstock_gateway_matcher_up", "sees no matcher"),
        ("penstock_gateway_listening", "does not listen"),
    ] {
        for (labels, _) in look.all(name).filter(|(labels, _)| look.of(name, labels) == 0.0) {
            lines.push(format!("! {} {what}", labels[0].1));
        }
    }
    let failed = "penstock_gateway_journal_failed";
    for (labels, _) in look.all(failed).filter(|(labels, _)| look.of(failed, labels) > 0.0) {
        lines.push(format!("! {} refuses requests: the matcher's journal has failed", labels[0].1));
    }
    let held = look.sum("penstock_gateway_events_held");
    if held > 0.0 {
        let longest = look
            .all("penstock_gateway_events_held_seconds")
            .map(|(labels, _)| look.of("penstock_gateway_events_held_seconds", labels));
        let longest = longest.fold(0.0, f64::max);
        lines.push(format!("{held:.0} events wait to be durable, the first for {:.1} ms", longest * 1e3));
    }
    lines.extend(look.faults.iter().map(|fault| format!("! {fault}")));
    lines
}

/// Counters of what was lost; docs/metrics.md says what each is.
const LOSSES: [&str; 10] = [
    "penstock_gateway_connections_turned_away",
    "penstock_gateway_accept_failures",
    "penstock_gateway_messages_not_held",
    "penstock_gateway_events_unreadable",
    "penstock_gateway_events_unreportable",
    "penstock_gateway_events_lost",
    "penstock_gateway_feed_overruns",
    "penstock_gateway_log_lines_left_out",
    "penstock_matcher_events_dropped",
    "penstock_matcher_commands_unreadable",
];

fn sessions(_: &Look, look: &Look) -> Table {
    let mut table = Table::new(&[
        "session",
        "version",
        "state",
        "peer",
        "in",
        "out",
        "in/s",
        "out/s",
        "queue",
        "limit",
        "throttled",
    ]);
    #[expect(clippy::cast_precision_loss, reason = "to be looked at")]
    let count = |number: u64| Cell::count(number as f64);
    for view in &look.sessions {
        let mut state = view.state.clone();
        if view.disabled {
            state += ", disabled";
        }
        let limit = view.limits.first().map(|limit| format!("{}/{}", limit.used, limit.max));
        table.rows.push(vec![
            Cell::word(view.comp_id.clone()),
            Cell::word(view.version.clone()),
            Cell::word(state),
            Cell::word(view.peer.clone().unwrap_or("-".into())),
            count(view.messages_in),
            count(view.messages_out),
            count(view.rate_in),
            count(view.rate_out),
            count(view.queue_bytes as u64),
            Cell::word(limit.unwrap_or("-".into())),
            count(view.throttled),
        ]);
    }
    table
}

fn traffic(former: &Look, look: &Look) -> Table {
    let mut table = Table::new(&["worker", "protocol", "what", "which", "total", "per second"]);
    for (name, what) in [
        ("penstock_gateway_messages_received", "received"),
        ("penstock_gateway_messages_sent", "sent"),
        ("penstock_gateway_rejects", "rejected"),
        ("penstock_gateway_logons_refused", "logon refused"),
        ("penstock_gateway_sessions_ended", "session ended"),
    ] {
        for (labels, _) in look.all(name) {
            let mut row = values(labels);
            row.insert(2, Cell::word(what));
            // A metric without a value of its own label has nothing to be told apart by.
            row.truncate(4);
            row.resize(4, Cell::word(""));
            row.push(Cell::count(look.of(name, labels)));
            row.push(Cell::count(rate_of(former, look, name, labels)));
            table.rows.push(row);
        }
    }
    table
}

fn rings(former: &Look, look: &Look) -> Table {
    let mut table = Table::new(&[
        "ring",
        "up",
        "depth",
        "peak",
        "capacity",
        "peak of it",
        "messages/s",
        "bytes/s",
        "stalls",
    ]);
    for (labels, _) in look.all("penstock_ring_capacity_bytes") {
        let of = |name: &str| look.of(&format!("penstock_ring_{name}"), labels);
        let rate = |name: &str| rate_of(former, look, &format!("penstock_ring_{name}"), labels);
        let (capacity, peak) = (of("capacity_bytes"), of("depth_max_bytes"));
        let mut row = values(labels);
        row.extend([
            Cell::word(if of("up") > 0.0 { "yes" } else { "no" }),
            Cell::count(of("depth_bytes")),
            Cell::count(peak),
            Cell::count(capacity),
            Cell::share(peak / capacity.max(1.0)),
            Cell::count(rate("messages")),
            Cell::count(rate("bytes")),
            Cell::count(of("stalls")),
        ]);
        table.rows.push(row);
    }
    table
}

fn latency(former: &Look, look: &Look) -> Table {
    let mut table = Table::new(&[
        "what",
        "where",
        "per second",
        "p50",
        "p99",
        "p99.9",
        "p50 ever",
        "p99 ever",
        "p99.9 ever",
    ]);
    for (name, what) in [
        ("penstock_gateway_report_latency_seconds", "message in to report"),
        ("penstock_matcher_latency_seconds", "matcher in to out"),
    ] {
        for (labels, _) in look.all(name) {
            let ever = look.times(name, labels);
            let now = ever.since(&former.times(name, labels));
            #[expect(clippy::cast_precision_loss, reason = "to be looked at")]
            let count = now.count() as f64;
            let at = labels.first().map_or_else(String::new, |(label, value)| match label.as_str() {
                "worker" => value.clone(),
                _ => format!("{label} {value}"),
            });
            let mut row =
                vec![Cell::word(what), Cell::word(at), Cell::count(count / look.seconds_since(former))];
            for times in [&now, &ever] {
                row.extend([0.5, 0.99, 0.999].map(|share| Cell::time(times.quantile(share))));
            }
            table.rows.push(row);
        }
    }
    table
}

fn instruments(former: &Look, look: &Look) -> Table {
    let mut table = Table::new(&["symbol", "bid", "ask", "last", "trades", "trades/s", "volume"]);
    for (labels, _) in look.all("penstock_instrument_trades") {
        let price = |name: &str| {
            let name = format!("penstock_instrument_{name}_price");
            look.has(&name, labels).then(|| look.of(&name, labels))
        };
        let mut row = values(labels);
        row.extend([
            Cell::maybe(price("bid")),
            Cell::maybe(price("ask")),
            Cell::maybe(price("last")),
            Cell::count(look.of("penstock_instrument_trades", labels)),
            Cell::count(rate_of(former, look, "penstock_instrument_trades", labels)),
            Cell::number(look.of("penstock_instrument_volume", labels)),
        ]);
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Sample, Value};

    fn sample(name: &str, labels: &[(&str, &str)], value: f64) -> Sample {
        let labels = labels.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        Sample { name: name.into(), labels, value: Value::Number(value) }
    }

    #[test]
    fn rates_are_what_was_added_a_second() {
        let looks = [(0, 100.0), (2_000_000_000, 700.0)].map(|(at, commands)| {
            let shard = |of: &str, n| sample("penstock_matcher_commands", &[("shard", of)], n);
            Look::made(at, vec![shard("0", commands), shard("1", 50.0)], Vec::new())
        });
        assert!(summary(&looks[0], &looks[1])[0].contains(" 300 commands/s "));
        // A process that was restarted has fewer.
        assert!(summary(&looks[1], &looks[0])[0].contains(" 0 commands/s "));
    }

    #[test]
    fn what_is_wrong_stands_above_every_page() {
        let up = sample("penstock_gateway_matcher_up", &[("worker", "gateway-0"), ("protocol", "fix")], 0.0);
        let look = Look::made(1, vec![up], Vec::new());
        assert!(summary(&look, &look).contains(&"! gateway-0 sees no matcher".to_owned()));
        let of = |worker: &str, name: &str, value| {
            let labels = [("worker", worker), ("protocol", "fix")];
            sample(&format!("penstock_gateway_{name}"), &labels, value)
        };
        let samples = vec![
            of("gateway-0", "journal_failed", 1.0),
            of("gateway-1", "journal_failed", 0.0),
            of("gateway-0", "events_held", 3.0),
            of("gateway-1", "events_held", 1.0),
            of("gateway-0", "events_held_seconds", 0.002),
            of("gateway-1", "events_held_seconds", 0.001),
        ];
        let look = Look::made(1, samples, Vec::new());
        let said = &summary(&look, &look)[2..];
        assert_eq!(
            said,
            [
                "! gateway-0 refuses requests: the matcher's journal has failed",
                "4 events wait to be durable, the first for 2.0 ms",
            ]
        );
    }

    #[test]
    fn every_page_of_nothing_is_its_head() {
        let look = Look::made(1, Vec::new(), Vec::new());
        for page in ALL {
            assert_eq!((page.table)(&look, &look).lines().len(), 1, "{}", page.title);
        }
    }

    #[test]
    fn a_ring_is_shown_with_its_peak_as_a_share() {
        let of =
            |name: &str, value| sample(&format!("penstock_ring_{name}"), &[("ring", "commands-0")], value);
        let samples = vec![
            of("capacity_bytes", 4096.0),
            of("depth_max_bytes", 1024.0),
            of("up", 1.0),
            of("stalls", 3.0),
        ];
        let look = Look::made(1, samples, Vec::new());
        let lines = rings(&look, &look).lines();
        let words: Vec<_> = lines[1].split_whitespace().collect();
        assert_eq!(words, ["commands-0", "yes", "0", "1", "024", "4", "096", "25.0", "%", "0", "0", "3"]);
    }
}
