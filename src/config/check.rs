//! What the keys mean: every table's values read, checked and checked against each other.

use std::{cell::RefCell, collections::HashMap, net::SocketAddr, path::PathBuf, time::Duration};

use tuning::plan::{CoreChoice, IdleChoice, Mode, Threads};
use wire::{
    decimal::Decimal,
    instrument::{Instrument, Step, StepError},
    limits::{
        ACCOUNTS_MAX, BAND_BASIS_POINTS_MAX, CANCEL_GRACE_MS_MAX, CONNECTIONS_MAX, FINISHED_ORDERS_MAX,
        HEARTBEAT_S_MAX, HEARTBEAT_S_MIN, INSTRUMENTS_MAX, LOGON_TIMEOUT_MS_MAX, LOGON_TIMEOUT_MS_MIN,
        LOTS_MAX, OPEN_ORDERS_MAX, OUTPUT_BYTES_MAX, OUTPUT_BYTES_MIN, PASSWORD_BYTES_MAX, RESEND_WINDOW_MAX,
        RESEND_WINDOW_MIN, RING_BYTES_MAX, RING_BYTES_MIN, SESSIONS_MAX, TICKS_MAX,
    },
    types::{AccountId, InstrumentId, Lots, SessionId, Ticks},
};

use super::{
    Account, Config, DEMO_PASSWORDS, Durability, Fix, Log, LogFormat, LogLevel, Matcher, Password, Rings,
    Session, Venue,
    problem::Problem,
    read::{
        Fault, Problems, Read, Section, boolean, choice, decimal, did_you_mean, fault, name, power_of_two,
        string, whole,
    },
    tree::{self, At, Entry, Node, Table, Value, some},
};

/// The key by which the entries of a list go.
pub(super) fn name_key(list: &str) -> Option<&'static str> {
    match list {
        "account" => Some("name"),
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
    let fix = section(root, "fix", problems, fix);
    let matcher = section(root, "matcher", problems, matcher);
    let log = section(root, "log", problems, log);

    let mut names = Names::default();
    let accounts =
        list(root, "account", ACCOUNTS_MAX, problems, |entry, place| account(entry, place, &mut names));
    // Where an account is faulty, a name that is missing may be its.
    let names = accounts.is_some().then_some(names);
    let mut comp_ids = Names::default();
    let sessions = list(root, "session", SESSIONS_MAX, problems, |entry, place| {
        session(entry, place, names.as_ref(), &mut comp_ids)
    });
    let mut symbols = Names::default();
    let instruments = list(root, "instrument", INSTRUMENTS_MAX, problems, |entry, place| {
        instrument(entry, place, &mut symbols)
    });
    unknown_tables(root, problems);
    if let (Some(fix), Some(sessions)) = (&fix, &sessions) {
        no_demo_password_in_public(root, fix, sessions, problems);
    }
    Some(Config {
        venue: venue?,
        threads: threads?,
        rings: rings?,
        fix: fix?,
        matcher: matcher?,
        log: log?,
        accounts: accounts?,
        sessions: sessions?,
        instruments: instruments?,
    })
}

/// Tables and lists of the top level.
const TABLES: [&str; 9] =
    ["venue", "threads", "rings", "fix", "matcher", "log", "account", "session", "instrument"];

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
    Some(Venue { comp_id: comp_id?.value, durability: durability?.value })
}

fn durability(node: &Node) -> Result<Durability, Fault> {
    match string(node)? {
        kind @ ("journal" | "standby" | "journal+standby") => fault(
            "not in this version",
            format!("this version keeps its state in memory only, so that it cannot promise \"{kind}\""),
            "write \"memory\", and mind that a restart begins with empty books",
        ),
        _ => choice(&[("memory", Durability::Memory)])(node),
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
    let prefault = table.required("prefault", "true", boolean);
    let lock = table.required("lock", "false", boolean);
    let huge_pages = table.required("huge_pages", "false", boolean);
    Some(Rings {
        directory: directory?.value,
        command_bytes: command_bytes?.value,
        event_bytes: event_bytes?.value,
        memory: shm::Memory { prefault: prefault?.value, lock: lock?.value, huge_pages: huge_pages?.value },
    })
}

fn fix(table: &mut Section<'_>) -> Option<Fix> {
    let listen = table.required("listen", "\"127.0.0.1:9878\"", address);
    let logon_timeout =
        table.required("logon_timeout_ms", "10000", whole(LOGON_TIMEOUT_MS_MIN..=LOGON_TIMEOUT_MS_MAX));
    let connections = table.required("connections_max", "1024", whole(1..=CONNECTIONS_MAX));
    let unauthenticated =
        table.required("connections_unauthenticated_max", "256", whole(1..=CONNECTIONS_MAX));
    let output = table.required("output_bytes_max", "8388608", whole(OUTPUT_BYTES_MIN..=OUTPUT_BYTES_MAX));
    let resend = table.required("resend_window", "16384", whole(RESEND_WINDOW_MIN..=RESEND_WINDOW_MAX));
    let least = table.required("heartbeat_s_min", "1", whole(HEARTBEAT_S_MIN..=HEARTBEAT_S_MAX));
    let largest = table.required("heartbeat_s_max", "300", whole(HEARTBEAT_S_MIN..=HEARTBEAT_S_MAX));
    if let (Some(least), Some(largest)) = (&least, &largest)
        && least.value > largest.value
    {
        // Shown where the later source says it: that is the one somebody has just changed.
        let at = (&least.at).max(&largest.at);
        let message =
            format!("fix.heartbeat_s_min is {}, fix.heartbeat_s_max {}", least.value, largest.value);
        table.fault(at, "an empty range", message, "set both, the smaller one as heartbeat_s_min");
    }
    Some(Fix {
        listen: listen?.value,
        logon_timeout: Duration::from_millis(logon_timeout?.value.into()),
        connections_max: connections.as_ref()?.value,
        connections_unauthenticated_max: unauthenticated?.value.min(connections?.value),
        output_bytes_max: output?.value,
        resend_window: resend?.value,
        heartbeat_s_min: least?.value,
        heartbeat_s_max: largest?.value,
    })
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
    Some(Matcher { open_orders_max: open?.value, finished_orders_max: finished?.value })
}

fn log(table: &mut Section<'_>) -> Option<Log> {
    let level = table.required("level", "\"info\"", choice(LogLevel::WORDS));
    let format =
        table.required("format", "\"text\"", choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]));
    Some(Log { level: level?.value, format: format?.value })
}

fn account(entry: &mut Section<'_>, place: u32, names: &mut Names) -> Option<Account> {
    let name = entry.required("name", "\"MM1\"", name)?;
    Some(Account { id: AccountId(place), name: names.take(entry, name, place)? })
}

fn session(
    entry: &mut Section<'_>,
    place: u32,
    accounts: Option<&Names>,
    comp_ids: &mut Names,
) -> Option<Session> {
    let comp_id =
        entry.required("comp_id", "\"MM1\"", name).and_then(|read| comp_ids.take(entry, read, place));
    let protocol = entry.optional("protocol", choice(&[("fix", ())]));
    let password = entry.required("password", "\"a secret\"", password);
    let accounts = session_accounts(entry, accounts);
    let cancel = entry.optional("cancel_on_disconnect", boolean);
    let grace = entry.optional("cancel_grace_ms", whole(0..=CANCEL_GRACE_MS_MAX));
    protocol?;
    let grace = Duration::from_millis(grace?.map_or(2_000, |read| read.value).into());
    Some(Session {
        id: SessionId(place),
        comp_id: comp_id?,
        password: password?.value,
        accounts: accounts?,
        cancel_on_disconnect: cancel?.is_some_and(|read| read.value).then_some(grace),
    })
}

fn password(node: &Node) -> Result<Password, Fault> {
    let password = string(node)?;
    let printable = password.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if printable && (1..=PASSWORD_BYTES_MAX).contains(&password.len()) {
        return Ok(Password(password.to_owned()));
    }
    fault(
        "not a password",
        format!("has 1 to {PASSWORD_BYTES_MAX} printable ASCII characters"),
        "FIX carries it in one field: choose another one",
    )
}

fn session_accounts(entry: &mut Section<'_>, accounts: Option<&Names>) -> Option<Vec<AccountId>> {
    let example = "[\"MM1\"]";
    let items = entry.required("accounts", example, |node| match &node.value {
        Value::Array(items) if !items.is_empty() => Ok(items.clone()),
        _ => fault(
            "not a list of names",
            "is a list of at least one account's name",
            format!("write it like this: {example}"),
        ),
    })?;
    let accounts = accounts?;
    let mut ids = Vec::with_capacity(items.value.len());
    let mut sound = true;
    for item in &items.value {
        let (label, message, help) = match string(item) {
            Err(fault) => (fault.label, format!("session.accounts: {}", fault.message), fault.help),
            Ok(name) => match accounts.0.get(name).map(|&id| AccountId(id)) {
                Some(id) if ids.contains(&id) => (
                    "named twice".into(),
                    format!("the session names account `{name}` twice"),
                    "name it once".into(),
                ),
                Some(id) => {
                    ids.push(id);
                    continue;
                }
                None => {
                    let mut names: Vec<String> = accounts.0.keys().cloned().collect();
                    names.sort_unstable();
                    let message = format!("there is no account `{name}`");
                    // The default's sessions beside a file's own accounts: what is missing is elsewhere.
                    let help = if item.at.source == tree::DEFAULT {
                        "[[account]] is given anew but [[session]] is not: give sessions for these accounts"
                            .into()
                    } else {
                        format!("add an [[account]] of this name, or choose one of: {}", some(&names))
                    };
                    ("no such account".into(), message, help)
                }
            },
        };
        entry.fault(&item.at, label, message, help);
        sound = false;
    }
    sound.then_some(ids)
}

fn instrument(entry: &mut Section<'_>, place: u32, symbols: &mut Names) -> Option<Instrument> {
    let symbol =
        entry.required("symbol", "\"BTCUSDT\"", name).and_then(|read| symbols.take(entry, read, place));
    let base = entry.required("base", "\"BTC\"", name);
    let quote = entry.required("quote", "\"USDT\"", name);
    if let (Some(base), Some(quote)) = (&base, &quote)
        && base.value == quote.value
    {
        let message = format!("instrument.quote: base and quote are both `{}`", quote.value);
        entry.fault(&quote.at, "the base too", message, "name what is paid with");
    }
    let tick = entry.required("tick", "\"0.01\"", step);
    let lot = entry.required("lot", "\"0.00001\"", step);
    let quantity_min = entry.optional("quantity_min", decimal);
    let quantity_max = entry.optional("quantity_max", decimal);
    let notional_min = entry.optional("notional_min", decimal);
    let reference = entry.required("reference", "\"50000\"", decimal);
    let band = entry.required("band_percent", "\"50\"", band);

    let terms = Terms { entry, tick: tick?.value, lot: lot?.value };
    let reference = terms.reference(&reference?);
    let quantity_min = match quantity_min? {
        Some(read) => terms.lots("quantity_min", &read),
        None => Some(1),
    };
    // The most lots whose decimal still fits a wire decimal's 64 bits.
    let most = LOTS_MAX.min(i64::MAX.unsigned_abs() / terms.lot.mantissa());
    let quantity_max = match quantity_max? {
        Some(read) => {
            let lots = terms.lots("quantity_max", &read)?;
            if lots > most || quantity_min.is_some_and(|min| lots < min) {
                let message = format!("instrument.quantity_max: {lots} lots");
                let help = format!("choose at least quantity_min, and at most {most} lots");
                terms.entry.fault(&read.at, "out of range", message, help);
                return None;
            }
            lots
        }
        None => most,
    };
    let mut instrument = Instrument {
        id: InstrumentId(place),
        symbol: symbol?,
        base: base?.value,
        quote: quote?.value,
        tick: terms.tick,
        lot: terms.lot,
        quantity_min: Lots(quantity_min?),
        quantity_max: Lots(quantity_max),
        notional_min: 0,
        reference: reference?,
        band_basis_points: band?.value,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
    };
    if let Some(read) = notional_min? {
        instrument.notional_min = terms.notional(&read, &instrument)?;
    }
    Some(instrument)
}

fn step(node: &Node) -> Result<Step, Fault> {
    let size = decimal(node)?;
    Step::new(size).map_or_else(
        || {
            fault(
                "not above zero",
                format!("is above zero, and {size} is not"),
                "write the smallest step: \"0.01\"",
            )
        },
        Ok,
    )
}

/// Percent with two decimal places, as hundredths of a percent.
fn band(node: &Node) -> Result<u32, Fault> {
    const HUNDREDTH: Decimal = Decimal { mantissa: 1, scale: 2 };
    let percent = decimal(node)?;
    Step::new(HUNDREDTH)
        .and_then(|hundredth| hundredth.count(percent).ok())
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| (1..=BAND_BASIS_POINTS_MAX).contains(count))
        .map_or_else(
            || {
                let most = BAND_BASIS_POINTS_MAX / 100;
                fault(
                    "not a band",
                    format!("is above 0 and up to {most}, with at most 2 decimal places"),
                    "write percent of the reference price: \"50\"",
                )
            },
            Ok,
        )
}

/// An instrument's steps, by which its other numbers are counted.
struct Terms<'a, 'b> {
    entry: &'a Section<'b>,
    tick: Step,
    lot: Step,
}

impl Terms<'_, '_> {
    /// The reference price in ticks.
    fn reference(&self, read: &Read<Decimal>) -> Option<Ticks> {
        let size = Decimal { mantissa: i64::try_from(self.tick.mantissa()).ok()?, scale: self.tick.scale() };
        match self.tick.count(read.value) {
            Ok(ticks) if (1..=TICKS_MAX).contains(&ticks) => return Some(Ticks(ticks)),
            Err(StepError::Between) => self.off("reference", read, "tick", size),
            Ok(_) | Err(StepError::OutOfRange) => {
                let message =
                    format!("instrument.reference: {} is not from one tick to 2^56 ticks", read.value);
                self.entry.fault(&read.at, "out of range", message, format!("the tick is {size}"));
            }
        }
        None
    }

    /// A quantity in lots.
    fn lots(&self, key: &str, read: &Read<Decimal>) -> Option<u64> {
        let size = Decimal { mantissa: i64::try_from(self.lot.mantissa()).ok()?, scale: self.lot.scale() };
        match self.lot.count(read.value).map(u64::try_from) {
            Ok(Ok(lots)) if (1..=LOTS_MAX).contains(&lots) => return Some(lots),
            Err(StepError::Between) => self.off(key, read, "lot", size),
            Ok(_) | Err(StepError::OutOfRange) => {
                let message = format!("instrument.{key}: {} is not from one lot to 2^56 lots", read.value);
                self.entry.fault(&read.at, "out of range", message, format!("the lot is {size}"));
            }
        }
        None
    }

    fn off(&self, key: &str, read: &Read<Decimal>, step: &str, size: Decimal) {
        let message = format!("instrument.{key}: {} is not a multiple of the {step}", read.value);
        let help = format!("round it to the {step}, {size}, or choose a finer {step}");
        self.entry.fault(&read.at, format!("off {step}"), message, help);
    }

    /// The minimum notional in ticks × lots: rounded up, which lets the same orders through, because an
    /// order's is a whole number.
    fn notional(&self, read: &Read<Decimal>, instrument: &Instrument) -> Option<u128> {
        let Decimal { mantissa, scale } = read.value;
        let unit = self.tick.mantissa() as u128 * self.lot.mantissa() as u128; // of 10^-places
        let places = u32::from(self.tick.scale() + self.lot.scale());
        let (up, down) = (places.saturating_sub(scale.into()), u32::from(scale).saturating_sub(places));
        let notional = u128::try_from(mantissa)
            .ok()
            .and_then(|digits| digits.checked_mul(10u128.checked_pow(up)?))
            .and_then(|digits| Some(digits.div_ceil(unit.checked_mul(10u128.checked_pow(down)?)?)));
        let (_, highest) = instrument.band(instrument.reference);
        let most = u128::from(highest.0.unsigned_abs()) * u128::from(instrument.quantity_max.0);
        if notional.is_some_and(|notional| notional <= most) {
            return notional;
        }
        let message =
            format!("instrument.notional_min: no order of {} could reach {}", instrument.symbol, read.value);
        let help = "choose one from \"0\" to quantity_max at the band's upper price, in the quote asset";
        self.entry.fault(&read.at, "out of range", message, help);
        None
    }
}

/// Passwords that stand in the embedded default are as good as none, and whoever can connect could use them.
fn no_demo_password_in_public(root: &Table, fix: &Fix, sessions: &[Session], problems: &Problems) {
    if fix.listen.ip().to_canonical().is_loopback() {
        return;
    }
    let open: Vec<String> = sessions
        .iter()
        .filter(|session| DEMO_PASSWORDS.contains(&session.password.expose()))
        .map(|session| session.comp_id.clone())
        .collect();
    if open.is_empty() {
        return;
    }
    let at = place(root, "fix", "listen");
    let message = format!(
        "{} can be reached from other hosts, while everybody knows the demo password of: {}",
        fix.listen,
        some(&open)
    );
    let help = "give these sessions passwords of their own (session.NAME.password), or listen on 127.0.0.1";
    problems.borrow_mut().push(Problem::new(at, "not on loopback", message).help(help));
}

/// Where the value of `table.key` stands, both of which are there.
fn place(root: &Table, table: &str, key: &str) -> At {
    match root.get(table).map(|entry| &entry.node.value) {
        Some(Value::Table(table)) => table.get(key).map(|entry| entry.node.at.clone()),
        _ => None,
    }
    .unwrap_or(At::new(0, 0..0))
}
