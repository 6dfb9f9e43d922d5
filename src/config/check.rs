//! What the keys mean: every table's values read, checked and checked against each other.

mod assets;
mod credentials;
mod gateways;
mod instruments;
mod parties;

use std::{
    cell::RefCell, collections::HashMap, net::SocketAddr, ops::RangeInclusive, path::PathBuf, time::Duration,
};

use gateway::{auth::Patience, throttle::AccountThrottle, transport::Kind};
use matcher::journal::keeper::PATH;
use tuning::plan::{CoreChoice, IdleChoice, Mode, Threads};
use wire::limits::{
    ACCOUNT_THROTTLE_BYTES_MAX, ACCOUNTS_MAX, ASSETS_MAX, CONNECTIONS_MAX, DRAIN_MS_MAX, FINISHED_ORDERS_MAX,
    HEARTBEAT_S_MAX, HEARTBEAT_S_MIN, INSTRUMENTS_MAX, JOURNAL_SEGMENT_BYTES_MAX, JOURNAL_SEGMENT_BYTES_MIN,
    LOCKOUT_S_MAX, LOGON_FAILURES_MAX, LOGON_TIMEOUT_MS_MAX, LOGON_TIMEOUT_MS_MIN, OPEN_ORDERS_MAX,
    OUTPUT_BYTES_MAX, OUTPUT_BYTES_MIN, PROTECTIONS_MAX, RESEND_BYTES_MAX, RESEND_BYTES_MIN,
    RESEND_WINDOW_MAX, RESEND_WINDOW_MIN, RING_BYTES_MAX, RING_BYTES_MIN, SEQUENCED_BYTES_MIN, SESSIONS_MAX,
    SHARDS_MAX,
};

use super::{
    Acceptor, Binary, Config, Durability, Fix, Journal, Listing, Log, LogFormat, LogLevel, Matcher, Metrics,
    Rings, Session, Venue,
    problem::Problem,
    read::{
        Fault, Problems, Read, Section, boolean, choice, did_you_mean, fault, name, power_of_two, string,
        whole,
    },
    tree::{At, Entry, Node, Table, Value, some},
};
use assets::Assets;
use gateways::Doors;
pub(crate) use instruments::hundredths;
pub(crate) use parties::hundred_millionths;

/// Sessions of clients: the last one that a venue may have is its operator's.
const CLIENTS_MAX: u32 = SESSIONS_MAX - 1;

/// The key by which the entries of a list go.
pub(super) fn name_key(list: &str) -> Option<&'static str> {
    match list {
        "asset" | "account" | "gateway" => Some("name"),
        "session" => Some("comp_id"),
        "instrument" => Some("symbol"),
        _ => None,
    }
}

/// The configuration in `root`; what is wrong with it goes to `problems`.
pub(super) fn config(root: &Table, problems: &mut Vec<Problem>) -> Option<Config> {
    let noted = RefCell::new(Vec::new());
    let config = read(root, &noted);
    problems.append(&mut noted.into_inner());
    config
}

fn read(root: &Table, problems: &Problems) -> Option<Config> {
    let venue = section(root, "venue", problems, venue);
    let threads = section(root, "threads", problems, threads);
    let rings = section(root, "rings", problems, rings);
    let journal = section(root, "journal", problems, journal);
    let fix = section(root, "fix", problems, fix);
    let binary = section(root, "binary", problems, binary);
    let matcher = section(root, "matcher", problems, matcher);
    let metrics = section(root, "metrics", problems, metrics);
    let log = section(root, "log", problems, log);

    // Where it is faulty itself, no shard is taken for one too many.
    let shards = venue.as_ref().map_or(SHARDS_MAX, |venue| venue.shards);
    let mut symbols = Names::default();
    let listed = list(root, "instrument", INSTRUMENTS_MAX, problems, |entry, place| {
        instruments::instrument(entry, place, &mut symbols, shards)
    });
    let mut names = Names::default();
    let assets =
        list(root, "asset", ASSETS_MAX, problems, |entry, place| assets::asset(entry, place, &mut names));
    let assets =
        assets.zip(listed.as_ref()).and_then(|(entries, listed)| Assets::of(entries, listed, problems));
    let known = assets.as_ref().map(|(assets, _)| assets);
    let mut names = Names::default();
    let accounts = list(root, "account", ACCOUNTS_MAX, problems, |entry, place| {
        parties::account(entry, place, &mut names, known, shards)
    });
    // Where an account is faulty, a name that is missing may be its.
    let names = accounts.is_some().then_some(names);
    let gateways = fix.as_ref().zip(binary.as_ref());
    let gateways = gateways.and_then(|(fix, binary)| gateways::gateways(root, fix, binary, problems));
    let (gateways, doors) = gateways.unzip();
    let mut comp_ids = Names::default();
    let sessions = list(root, "session", CLIENTS_MAX, problems, |entry, place| {
        let venue = venue.as_ref().map(|venue| venue.comp_id.as_str());
        parties::session(entry, place, venue, names.as_ref(), gateways.as_deref(), &mut comp_ids)
    });
    unknown_tables(root, problems);
    if let (Some(doors), Some(sessions)) = (&doors, &sessions) {
        no_open_door_in_public(doors, sessions, problems);
    }
    let (assets, pairs) = assets?;
    let listings = pairs.into_iter().zip(listed.as_ref()?);
    let listings = listings.map(|(pair, listed)| Listing { pair, state: listed.state }).collect();
    let config = Config {
        venue: venue?,
        threads: threads?,
        rings: rings?,
        journal: journal?,
        fix: fix?,
        binary: binary?,
        gateways: gateways?,
        matcher: matcher?,
        metrics: metrics?,
        log: log?,
        accounts: accounts?,
        sessions: sessions?,
        assets: assets.list,
        listings,
        instruments: listed?.into_iter().map(|listed| listed.instrument).collect(),
    };
    room(root, &config, problems);
    Some(config)
}

/// What the lists have must fit into the matcher's tables.
fn room(root: &Table, config: &Config, problems: &Problems) {
    for (key, max, there, what) in [
        ("instruments_max", config.matcher.instruments_max, config.instruments.len(), "instruments"),
        ("accounts_max", config.matcher.accounts_max, config.accounts.len(), "accounts"),
    ] {
        if there > max as usize {
            let message =
                format!("matcher.{key}: {max} is less than the {there} {what} of the configuration");
            let help = format!("raise it to at least {there}; the rest is room for those that operators add");
            problems
                .borrow_mut()
                .push(Problem::new(place(root, "matcher", key), "too few", message).help(help));
        }
    }
    for session in &config.sessions {
        let bytes = AccountThrottle::bytes(session.account_limits, config.matcher.accounts_max);
        if bytes > ACCOUNT_THROTTLE_BYTES_MAX {
            let message = format!(
                "matcher.accounts_max: the limits that session {} has for each account would take {} MiB for so many, and may take {} MiB",
                session.comp_id,
                bytes >> 20,
                ACCOUNT_THROTTLE_BYTES_MAX >> 20,
            );
            let help = "lower it, or the session's account_throttle_messages and account_throttle_cancels";
            let at = place(root, "matcher", "accounts_max");
            problems.borrow_mut().push(Problem::new(at, "too many", message).help(help.to_owned()));
        }
    }
}

/// Tables and lists of the top level.
const TABLES: [&str; 14] = [
    "venue",
    "threads",
    "rings",
    "journal",
    "fix",
    "binary",
    "matcher",
    "metrics",
    "log",
    "gateway",
    "asset",
    "account",
    "session",
    "instrument",
];

fn unknown_tables(root: &Table, problems: &Problems) {
    for (key, Entry { key: at, .. }) in root {
        if !TABLES.contains(&key.as_str()) {
            let help = did_you_mean(key, TABLES.into_iter())
                .unwrap_or_else(|| format!("there are: {}", TABLES.join(", ")));
            let message = format!("there is no table or list `{key}`");
            problems.borrow_mut().push(Problem::new(at.clone(), "unknown", message).help(help));
        }
    }
}

fn section<T>(
    root: &Table,
    name: &'static str,
    problems: &Problems,
    read: impl FnOnce(&mut Section<'_>) -> Option<T>,
) -> Option<T> {
    // The embedded default has every table, so that none is missing.
    let node = &root.get(name)?.node;
    let Value::Table(table) = &node.value else {
        let message = format!("`{name}` is a table, not {}", node.value.kind());
        let problem = Problem::new(node.at.clone(), "not a table", message);
        problems
            .borrow_mut()
            .push(problem.help(format!("write [{name}] on a line of its own, its keys below")));
        return None;
    };
    let mut section = Section::new(name, &node.at, table, problems);
    let value = read(&mut section);
    section.end();
    value
}

fn list<T>(
    root: &Table,
    name: &'static str,
    max: u32,
    problems: &Problems,
    mut read: impl FnMut(&mut Section<'_>, u32) -> Option<T>,
) -> Option<Vec<T>> {
    let node = &root.get(name)?.node;
    let note = |label: &str, message: String| {
        let help = format!("write [[{name}]] on a line of its own for each entry, its keys below");
        problems.borrow_mut().push(Problem::new(node.at.clone(), label, message).help(help));
    };
    let items = match &node.value {
        Value::Array(items) => items,
        other => {
            note("not a list", format!("`{name}` is a list of tables, not {}", other.kind()));
            return None;
        }
    };
    if items.is_empty() {
        note("empty", format!("there is no {name}"));
        return None;
    }
    let mut values = Vec::with_capacity(items.len());
    let mut sound = true;
    for (place, item) in (0..).zip(items) {
        if place == max {
            let message = format!("there are more than {max} entries of [[{name}]]");
            let help = "split the venue: its tables are reserved at start, and have a bound (docs/limits.md)";
            problems.borrow_mut().push(Problem::new(item.at.clone(), "one too many", message).help(help));
            return None;
        }
        let Value::Table(table) = &item.value else {
            note("not a table", format!("an entry of `{name}` is a table, not {}", item.value.kind()));
            return None;
        };
        let mut entry = Section::new(name, &item.at, table, problems);
        match read(&mut entry, place) {
            Some(value) => values.push(value),
            None => sound = false,
        }
        entry.end();
    }
    sound.then_some(values)
}

/// Names that must not come twice, with their places in their list.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    /// Takes `name`; `None`, and a fault, if it is there already.
    fn take(&mut self, entry: &Section<'_>, name: Read<String>, place: u32) -> Option<String> {
        if self.0.insert(name.value.clone(), place).is_some() {
            let message = format!("there are two {}s named `{}`", entry.name, name.value);
            entry.fault(&name.at, "the second one", message, "give each a name of its own, or take one out");
            return None;
        }
        Some(name.value)
    }
}

fn venue(table: &mut Section<'_>) -> Option<Venue> {
    let comp_id = table.required("comp_id", "\"PENSTOCK\"", name);
    let durability = table.required("durability", "\"memory\"", durability);
    let shards = table.required("shards", "1", shard(1..=SHARDS_MAX));
    Some(Venue { comp_id: comp_id?.value, durability: durability?.value, shards: shards?.value })
}

/// A number of shards, or a shard's number.
fn shard(range: RangeInclusive<u8>) -> impl Fn(&Node) -> Result<u8, Fault> {
    move |node| {
        let number = whole((*range.start()).into()..=(*range.end()).into())(node)?;
        // It lies in the range.
        Ok(u8::try_from(number).unwrap_or(u8::MAX))
    }
}

fn durability(node: &Node) -> Result<Durability, Fault> {
    match string(node)? {
        kind @ ("standby" | "journal+standby") => fault(
            "not in this version",
            format!("this version has no standby, so that it cannot promise \"{kind}\""),
            "write \"journal\", which keeps everything on this host's disk, or \"memory\", and mind that a restart then begins with \
             empty books",
        ),
        _ => choice(&[("memory", Durability::Memory), ("journal", Durability::Journal)])(node),
    }
}

fn threads(table: &mut Section<'_>) -> Option<Threads> {
    let mode = table.required("mode", "\"auto\"", choice(Mode::WORDS));
    let idle = table.required("idle", "\"auto\"", choice(IdleChoice::WORDS));
    let cores = table.required("cores", "\"auto\"", cores);
    Some(Threads { mode: mode?.value, idle: idle?.value, cores: cores?.value })
}

fn cores(node: &Node) -> Result<CoreChoice, Fault> {
    const HELP: &str = "write \"auto\", \"none\", or core numbers: [2, 3]";
    let Value::Array(items) = &node.value else {
        return match string(node) {
            Ok("auto") => Ok(CoreChoice::Auto),
            Ok("none") => Ok(CoreChoice::None),
            _ => fault("neither", "is \"auto\", \"none\", or a list of core numbers", HELP),
        };
    };
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        let Value::Integer(Some(core)) = item.value else {
            return fault("not a list of core numbers", "is a list of core numbers", HELP);
        };
        match usize::try_from(core) {
            Ok(core) if list.contains(&core) => {
                return fault("named twice", format!("names core {core} twice"), "name each core once");
            }
            Ok(core) => list.push(core),
            Err(_) => return fault("below zero", format!("there is no core {core}"), HELP),
        }
    }
    Ok(CoreChoice::List(list))
}

fn rings(table: &mut Section<'_>) -> Option<Rings> {
    let directory = table.required("directory", "\"/dev/shm\"", |node| match string(node)? {
        path if path.starts_with('/') => Ok(PathBuf::from(path)),
        _ => fault(
            "not absolute",
            "is an absolute path, because gateway and matcher may start in different directories",
            "write it from the root: \"/dev/shm\"",
        ),
    });
    let bytes = power_of_two(RING_BYTES_MIN..=RING_BYTES_MAX);
    let command_bytes = table.required("command_bytes", "4194304", &bytes);
    let event_bytes = table.required("event_bytes", "16777216", &bytes);
    let feed_bytes = table.required("feed_bytes", "16777216", &bytes);
    let sequenced_bytes =
        table.required("sequenced_bytes", "33554432", power_of_two(SEQUENCED_BYTES_MIN..=RING_BYTES_MAX));
    let prefault = table.required("prefault", "true", boolean);
    let lock = table.required("lock", "false", boolean);
    let huge_pages = table.required("huge_pages", "false", boolean);
    Some(Rings {
        directory: directory?.value,
        command_bytes: command_bytes?.value,
        event_bytes: event_bytes?.value,
        feed_bytes: feed_bytes?.value,
        sequenced_bytes: sequenced_bytes?.value,
        memory: shm::Memory { prefault: prefault?.value, lock: lock?.value, huge_pages: huge_pages?.value },
    })
}

/// More are never needed: the journal behind the oldest grows with each.
const SNAPSHOTS_KEPT_MAX: u32 = 100;

fn journal(table: &mut Section<'_>) -> Option<Journal> {
    let directory = table.required("directory", "\"journal\"", |node| match string(node)? {
        "" => fault("empty", "is a directory", "write a name below the data directory: \"journal\""),
        path => Ok(PathBuf::from(path)),
    });
    let range = JOURNAL_SEGMENT_BYTES_MIN..=JOURNAL_SEGMENT_BYTES_MAX;
    let segment_bytes = table.required("segment_bytes", "67108864", power_of_two(range));
    let reserve_bytes = table.required("reserve_bytes", "67108864", whole(0..=u32::MAX));
    let keep_segments = table.required("keep_segments", "4", whole(0..=u32::MAX));
    let archive = table.required("archive", "[]", archive);
    let snapshot_bytes = table.required("snapshot_bytes", "268435456", whole(0..=u32::MAX));
    let snapshots_kept = table.required("snapshots_kept", "2", whole(1..=SNAPSHOTS_KEPT_MAX));
    Some(Journal {
        directory: directory?.value,
        segment_bytes: segment_bytes?.value,
        reserve_bytes: reserve_bytes?.value,
        keep_segments: keep_segments?.value,
        archive: archive?.value,
        snapshot_bytes: snapshot_bytes?.value,
        snapshots_kept: snapshots_kept?.value,
    })
}

/// A program and its arguments, one of which has the file in it.
fn archive(node: &Node) -> Result<Vec<String>, Fault> {
    const LIKE: &str = "write it like this: archive = [\"cp\", \"{path}\", \"/archive/\"]";
    let Value::Array(items) = &node.value else {
        return fault("not a list", "is a program and its arguments", LIKE);
    };
    let parts = items.iter().map(|item| string(item).map(str::to_owned));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let [program, args @ ..] = &*parts else { return Ok(parts) };
    if program.is_empty() || !args.iter().any(|arg| arg.contains(PATH)) {
        return fault("no {path}", "names a program, and {path} in one of its arguments", LIKE);
    }
    Ok(parts)
}

/// The keys that `[fix]` and `[binary]` have alike; `port` is the usual one.
fn acceptor(table: &mut Section<'_>, port: u16) -> Option<Acceptor> {
    let listen = table.required("listen", &format!("\"127.0.0.1:{port}\""), address);
    let failures = table.required("logon_failures_max", "10", whole(1..=LOGON_FAILURES_MAX));
    let lockout = table.required("lockout_s_max", "300", whole(1..=LOCKOUT_S_MAX));
    let transport = table.required(
        "transport",
        "\"auto\"",
        choice(&[
            ("auto", None),
            ("epoll", Some(Kind::Epoll)),
            ("spin", Some(Kind::Spin)),
            ("io_uring", Some(Kind::IoUring)),
        ]),
    );
    let drain = table.required("drain_ms", "2000", whole(0..=DRAIN_MS_MAX));
    let logon_timeout =
        table.required("logon_timeout_ms", "10000", whole(LOGON_TIMEOUT_MS_MIN..=LOGON_TIMEOUT_MS_MAX));
    let connections = table.required("connections_max", "1024", whole(1..=CONNECTIONS_MAX));
    let unauthenticated =
        table.required("connections_unauthenticated_max", "256", whole(1..=CONNECTIONS_MAX));
    let output = table.required("output_bytes_max", "8388608", whole(OUTPUT_BYTES_MIN..=OUTPUT_BYTES_MAX));
    let store = table.required("store", "\"sessions\"", |node| match string(node)? {
        "" => fault("empty", "is a directory", "write a name below the data directory: \"sessions\""),
        path => Ok(PathBuf::from(path)),
    });
    let resend = table.required("resend_window", "16384", whole(RESEND_WINDOW_MIN..=RESEND_WINDOW_MAX));
    let resend_bytes =
        table.required("resend_bytes_max", "4194304", whole(RESEND_BYTES_MIN..=RESEND_BYTES_MAX));
    Some(Acceptor {
        listen: listen?.value,
        patience: Patience { failures_max: failures?.value, lockout_s_max: lockout?.value },
        transport: transport?.value,
        logon_timeout: Duration::from_millis(logon_timeout?.value.into()),
        drain: Duration::from_millis(drain?.value.into()),
        connections_max: connections.as_ref()?.value,
        connections_unauthenticated_max: unauthenticated?.value.min(connections?.value),
        output_bytes_max: output?.value,
        resend_window: resend?.value,
        resend_bytes_max: resend_bytes?.value,
        store: store?.value,
    })
}

fn fix(table: &mut Section<'_>) -> Option<Fix> {
    let acceptor = acceptor(table, 9878);
    let tls_listen = table.required("tls_listen", "\"127.0.0.1:9879\"", or_nothing(address));
    let certificate = table.required("tls_certificate", "\"\"", or_nothing(absolute));
    let key = table.required("tls_key", "\"\"", or_nothing(absolute));
    let client_ca = table.required("tls_client_ca", "\"\"", or_nothing(absolute));
    let tls_files = match (certificate, key) {
        (Some(certificate), Some(key)) => match (certificate.value, key.value) {
            (Some(certificate), Some(key)) => Some(Some((certificate, key))),
            (None, None) => Some(None),
            (one, _) => {
                let at = if one.is_some() { &key.at } else { &certificate.at };
                let message = "fix.tls_certificate and fix.tls_key belong together: one is \"\"".to_owned();
                table.fault(at, "this one is missing", message, "name both files, or neither");
                None
            }
        },
        _ => None,
    };
    let (least, largest) = spans(table, ("heartbeat_s_min", "1"), ("heartbeat_s_max", "300"), true);
    Some(Fix {
        acceptor: acceptor?,
        tls_listen: tls_listen?.value,
        tls_files: tls_files?,
        tls_client_ca: client_ca?.value,
        heartbeat_s_min: least?,
        heartbeat_s_max: largest?,
    })
}

fn binary(table: &mut Section<'_>) -> Option<Binary> {
    let acceptor = acceptor(table, 9880);
    let (heartbeat, silence) = spans(table, ("heartbeat_s", "1"), ("silence_s", "15"), false);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Some(Binary { acceptor: acceptor?, heartbeat: seconds(heartbeat?), silence: seconds(silence?) })
}

/// Two spans of seconds between heartbeats by their keys and examples, the second longer than the first, or `or_same`.
fn spans(
    table: &mut Section<'_>,
    (first, first_example): (&'static str, &str),
    (second, second_example): (&'static str, &str),
    or_same: bool,
) -> (Option<u32>, Option<u32>) {
    let least = table.required(first, first_example, whole(HEARTBEAT_S_MIN..=HEARTBEAT_S_MAX));
    let largest = table.required(second, second_example, whole(HEARTBEAT_S_MIN..=HEARTBEAT_S_MAX));
    if let (Some(least), Some(largest)) = (&least, &largest)
        && (least.value > largest.value || (least.value == largest.value && !or_same))
    {
        // Shown where the later source says it: that is the one somebody has just changed.
        let at = (&least.at).max(&largest.at);
        let name = table.name;
        let message = format!("{name}.{first} is {}, {name}.{second} {}", least.value, largest.value);
        table.fault(at, "an empty range", message, format!("set both, the smaller one as {first}"));
    }
    (least.map(|read| read.value), largest.map(|read| read.value))
}

/// What `read` takes, or "" for nothing.
fn or_nothing<T>(read: impl Fn(&Node) -> Result<T, Fault>) -> impl Fn(&Node) -> Result<Option<T>, Fault> {
    move |node| match string(node) {
        Ok("") => Ok(None),
        _ => read(node).map(Some),
    }
}

/// A file's path that is the same wherever a process starts.
fn absolute(node: &Node) -> Result<PathBuf, Fault> {
    match string(node)? {
        path if path.starts_with('/') => Ok(PathBuf::from(path)),
        _ => {
            fault("not absolute", "is an absolute path", "write it from the root: \"/etc/penstock/fix.pem\"")
        }
    }
}

fn address(node: &Node) -> Result<SocketAddr, Fault> {
    string(node)?.parse().or_else(|_| {
        fault(
            "not an address",
            "is an IP address and a port",
            "write it like this: \"127.0.0.1:9878\", \"0.0.0.0:9878\" or \"[::1]:9878\"; names are not looked up",
        )
    })
}

fn matcher(table: &mut Section<'_>) -> Option<Matcher> {
    let open = table.required("open_orders_max", "262144", whole(1..=OPEN_ORDERS_MAX));
    let finished = table.required("finished_orders_max", "1048576", whole(1..=FINISHED_ORDERS_MAX));
    let instruments = table.required("instruments_max", "256", whole(1..=INSTRUMENTS_MAX));
    let accounts = table.required("accounts_max", "4096", whole(1..=ACCOUNTS_MAX));
    let quotes = table.required("quotes_max", "4096", whole(0..=OPEN_ORDERS_MAX));
    let protections = table.required("protections_max", "256", whole(0..=PROTECTIONS_MAX));
    let prefault = table.required("prefault", "false", boolean);
    Some(Matcher {
        open_orders_max: open?.value,
        finished_orders_max: finished?.value,
        instruments_max: instruments?.value,
        accounts_max: accounts?.value,
        quotes_max: quotes?.value,
        protections_max: protections?.value,
        prefault: prefault?.value,
    })
}

fn metrics(table: &mut Section<'_>) -> Option<Metrics> {
    let listen = table.required("listen", "\"127.0.0.1:9900\"", or_nothing(address));
    let matcher = table.required("matcher_listen", "\"127.0.0.1:9901\"", or_nothing(address));
    Some(Metrics { listen: listen?.value, matcher_listen: matcher?.value })
}

fn log(table: &mut Section<'_>) -> Option<Log> {
    let level = table.required("level", "\"info\"", choice(LogLevel::WORDS));
    let format =
        table.required("format", "\"text\"", choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]));
    Some(Log { level: level?.value, format: format?.value })
}

/// Off loopback a password that stands in the configuration as it is (those of the embedded default are known to
/// everybody), and a session that asks for nothing, are doors that stand open.
fn no_open_door_in_public(doors: &Doors, sessions: &[Session], problems: &Problems) {
    let open = |is_open: fn(&Session) -> bool| -> Vec<String> {
        sessions.iter().filter(|session| is_open(session)).map(|session| session.comp_id.clone()).collect()
    };
    let plain = open(|session| session.password.is_some());
    let without = open(|session| !session.credentials.ask_for_something());
    for (address, at) in doors {
        if address.ip().to_canonical().is_loopback() {
            continue;
        }
        for (names, why, help) in [
            (
                &plain,
                "a password stands in the configuration as it is for",
                "give these sessions password_hash (made by `penstock password`) instead of password, or listen on 127.0.0.1",
            ),
            (
                &without,
                "no credentials are asked of",
                "give these sessions passwords (session.NAME.password_hash) instead of no_credentials, or listen on 127.0.0.1",
            ),
        ] {
            if !names.is_empty() {
                let message =
                    format!("{address} can be reached from other hosts, while {why}: {}", some(names));
                problems.borrow_mut().push(Problem::new(at.clone(), "not on loopback", message).help(help));
            }
        }
    }
}

/// Where the value of `table.key` stands, both of which are there.
fn place(root: &Table, table: &str, key: &str) -> At {
    match root.get(table).map(|entry| &entry.node.value) {
        Some(Value::Table(table)) => table.get(key).map(|entry| entry.node.at.clone()),
        _ => None,
    }
    .unwrap_or(At::new(0, 0..0))
}
