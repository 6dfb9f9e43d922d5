//! Who trades: accounts and sessions.

use std::time::Duration;

use gateway::{dialect::Dialect, throttle::Limits};
use matcher::engine::{AccountKind, OrderLimits};
use wire::{
    decimal::Decimal,
    fix::{session::Schedule, version::Version},
    limits::{
        ACCOUNT_THROTTLE_MESSAGES_MAX, CANCEL_GRACE_MS_MAX, LATENCY_S_MAX, OPEN_ORDERS_MAX,
        PROTECTION_FILLS_MAX, THROTTLE_MESSAGES_MAX, THROTTLE_S_MAX,
    },
    soup::packet::USERNAME_BYTES,
    types::{AccountId, AssetId, Lots, SelfTrade, SessionId},
};

use super::{
    super::{
        Account, FixTerms, Funds, Gateway, Kind, Layer, Protection, Protocol, Session, Speaks, Watch,
        read::{Fault, Read, Section, boolean, choice, decimal, fault, name, string, whole},
        tree::{self, Entry, Node, Value, some},
    },
    Names,
    assets::Assets,
    credentials::{addresses, credentials},
    gateways, or_nothing,
};

/// Milliseconds that a window of market-maker protection may have: an hour.
const PROTECTION_WINDOW_MS_MAX: u32 = 3_600_000;

const VERSIONS: &[(&str, Version)] =
    &[("FIX.4.2", Version::Fix42), ("FIX.4.4", Version::Fix44), ("FIX.5.0SP2", Version::Fix50Sp2)];

const SELF_TRADE: &[(&str, SelfTrade)] = &[
    ("cancel-newest", SelfTrade::CancelNewest),
    ("cancel-oldest", SelfTrade::CancelOldest),
    ("cancel-both", SelfTrade::CancelBoth),
    ("decrement", SelfTrade::Decrement),
    ("none", SelfTrade::None),
];

pub(super) fn account(
    entry: &mut Section<'_>,
    place: u32,
    names: &mut Names,
    assets: Option<&Assets>,
    shards: u8,
) -> Option<Account> {
    let name = entry.required("name", "\"MM1\"", name).and_then(|read| names.take(entry, read, place));
    let kind = entry.optional("kind", choice(&[("prefunded", false), ("credit", true)]));
    let funds = funds(entry, assets, shards);
    let credit_at = entry.node("credit").map(|node| node.at.clone());
    let credit = amounts(entry, "credit", assets);
    let protections = protections(entry);
    let limits = order_limits(entry);
    let has_credit = kind?.is_some_and(|read| read.value);
    let is_empty = credit.as_ref().is_none_or(Vec::is_empty);
    if let Some(at) = credit_at.filter(|_| !has_credit && !is_empty) {
        let message = "account.credit: the account is prefunded and has no credit".into();
        entry.fault(&at, "without effect", message, "add kind = \"credit\", or take the limits out");
        return None;
    }
    let kind = if has_credit { AccountKind::Credit(credit?) } else { AccountKind::Prefunded };
    Some(Account {
        id: AccountId(place),
        name: name?,
        kind,
        funds: funds?,
        protections: protections?,
        limits: limits?,
    })
}

/// What the orders of a session or an account may be.
fn order_limits(entry: &mut Section<'_>) -> Option<OrderLimits> {
    let open = entry.optional("open_orders_max", whole(0..=OPEN_ORDERS_MAX));
    let notional = entry.optional("order_notional_max", worth);
    Some(OrderLimits {
        open_orders_max: open?.map_or(0, |read| read.value),
        notional_max: notional?.map_or(0, |read| read.value),
    })
}

/// An amount of whatever asset, in 10^-8 of it.
fn worth(node: &Node) -> Result<u64, Fault> {
    hundred_millionths(decimal(node)?).map_or_else(
        || {
            fault(
                "out of range",
                "wants an amount of 0 to 92000000000 with at most 8 decimal places",
                "write it like this: \"100000\"; \"0\" is no limit",
            )
        },
        Ok,
    )
}

/// `amount` in 10^-8, if it is a whole number of these from 0.
pub(crate) fn hundred_millionths(amount: Decimal) -> Option<u64> {
    let places = 8u8.checked_sub(amount.scale)?;
    let units = amount.mantissa.checked_mul(10i64.pow(places.into()))?;
    u64::try_from(units).ok()
}

/// What is paid in: a table of amounts by asset for the first shard, or a list of such tables, one for each shard.
fn funds(entry: &mut Section<'_>, assets: Option<&Assets>, shards: u8) -> Option<Vec<Funds>> {
    let Some(node) = entry.node("funds") else { return Some(Vec::new()) };
    let tables = match &node.value {
        Value::Array(tables) => tables.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if let Some(beyond) = tables.get(usize::from(shards)) {
        let message = format!("account.funds: there are more tables than the {shards} of venue.shards");
        entry.fault(&beyond.at, "one too many", message, "write one for each shard, or raise venue.shards");
        return None;
    }
    let mut funds = Vec::new();
    for (shard, node) in (0..shards).zip(tables) {
        let amounts = amounts_in(entry, "funds", node, assets)?.into_iter();
        funds.extend(amounts.map(|(asset, amount)| Funds { shard, asset, amount }));
    }
    Some(funds)
}

/// A table of amounts by asset; empty where the key is left out.
fn amounts(
    entry: &mut Section<'_>,
    key: &'static str,
    assets: Option<&Assets>,
) -> Option<Vec<(AssetId, u128)>> {
    match entry.node(key) {
        Some(node) => amounts_in(entry, key, node, assets),
        None => Some(Vec::new()),
    }
}

fn amounts_in(
    entry: &Section<'_>,
    key: &'static str,
    node: &Node,
    assets: Option<&Assets>,
) -> Option<Vec<(AssetId, u128)>> {
    let Value::Table(table) = &node.value else {
        let message = format!("account.{key}: is a table of amounts by asset");
        let help = format!("write it like this: {key} = {{ USDT = \"1000\" }}");
        entry.fault(&node.at, "not a table", message, help);
        return None;
    };
    let assets = assets?;
    let mut amounts = Vec::with_capacity(table.len());
    let mut sound = true;
    for (name, Entry { key: at, node }) in table {
        let Some(id) = assets.id(name) else {
            let help = format!("use one of the instruments' or of [[asset]]: {}", some(&assets.names()));
            entry.fault(at, "no such asset", format!("account.{key}: there is no asset `{name}`"), help);
            sound = false;
            continue;
        };
        match decimal(node).and_then(|amount| assets.amount(id, amount)) {
            Ok(amount) => amounts.push((id, amount)),
            Err(Fault { label, message, help }) => {
                entry.fault(&node.at, label, format!("account.{key}.{name}: {message}"), help);
                sound = false;
            }
        }
    }
    sound.then_some(amounts)
}

/// The limits of market-maker protection, each a table in a list.
fn protections(entry: &mut Section<'_>) -> Option<Vec<Protection>> {
    let items = match entry.optional("protection", |node| match &node.value {
        Value::Array(items) => Ok(items.clone()),
        _ => fault(
            "not a list",
            "is a list of limits, one for each group of instruments",
            "write it like this: protection = [{ group = 1, fills = 20, window_ms = 1000 }]",
        ),
    })? {
        Some(read) => read.value,
        None => return Some(Vec::new()),
    };
    let mut protections: Vec<Protection> = Vec::new();
    for item in &items {
        let Value::Table(table) = &item.value else {
            let message = format!("account.protection: an entry is a table, not {}", item.value.kind());
            entry.fault(
                &item.at,
                "not a table",
                message,
                "write { group = 1, fills = 20, window_ms = 1000 }",
            );
            return None;
        };
        let mut limits = entry.inner("account.protection", &item.at, table);
        let group = limits.required("group", "1", whole(0..=u32::MAX));
        let fills = limits.required("fills", "20", whole(1..=PROTECTION_FILLS_MAX));
        let lots = limits.optional("quantity_lots", whole(0..=u32::MAX));
        let window = limits.required("window_ms", "1000", whole(1..=PROTECTION_WINDOW_MS_MAX));
        limits.end();
        let (group, lots) = (group?, lots?);
        if protections.iter().any(|other| other.group == group.value) {
            let message = format!("account.protection: group {} is there twice", group.value);
            entry.fault(&group.at, "the second one", message, "give each group one entry");
            return None;
        }
        protections.push(Protection {
            group: group.value,
            fills: fills?.value,
            quantity: Lots(lots.map_or(0, |read| read.value.into())),
            window: Duration::from_millis(window?.value.into()),
        });
    }
    Some(protections)
}

/// An entry of `[[session]]`; `venue` is the CompID of a venue that it names none for.
pub(super) fn session(
    entry: &mut Section<'_>,
    place: u32,
    venue: Option<&str>,
    accounts: Option<&Names>,
    gateways: Option<&[Gateway]>,
    comp_ids: &mut Names,
) -> Option<Session> {
    let comp_id =
        entry.required("comp_id", "\"MM1\"", name).and_then(|read| comp_ids.take(entry, read, place));
    let binary = entry.optional("protocol", choice(&[("fix", false), ("binary", true)]));
    let binary = binary.map(|read| read.is_some_and(|read| read.value));
    let protocol = match binary {
        Some(true) => not_of_fix(entry).then_some(Protocol::Binary),
        _ => fix_terms(entry, venue).map(Protocol::Fix),
    };
    if binary == Some(true) {
        user_name(entry);
    }
    let speaks = if binary == Some(true) { Speaks::Binary } else { Speaks::Fix };
    let gateway = gateways::of_session(entry, speaks, gateways);
    let shown = credentials(entry, binary.unwrap_or_default());
    let addresses = addresses(entry);
    let kind = entry.optional(
        "kind",
        choice(&[("trading", Kind::Trading), ("drop-copy", Kind::DropCopy), ("trunk", Kind::Trunk)]),
    );
    if let (Some(Some(kind)), Some(false)) = (&kind, binary)
        && kind.value == Kind::Trunk
    {
        let message = "session.kind: a trunk speaks the binary protocol".to_owned();
        entry.fault(&kind.at, "not by FIX", message, "add protocol = \"binary\"");
    }
    let kind = kind.map(|read| read.map_or(Kind::Trading, |read| read.value));
    let (accounts, watch) = match kind {
        Some(Kind::DropCopy) => (traded_for_by_none(entry), watched(entry, accounts).map(Some)),
        Some(Kind::Trading) => (accounts_named(entry, "accounts", accounts), watching_none(entry)),
        Some(Kind::Trunk) => (traded_for_by_trunk(entry, accounts), watching_none(entry)),
        None => {
            let _known = (entry.node("accounts"), entry.node("watch"));
            (None, None)
        }
    };
    let cancel = entry.optional("cancel_on_disconnect", boolean);
    let grace = entry.optional("cancel_grace_ms", whole(0..=CANCEL_GRACE_MS_MAX));
    let self_trade = entry.optional("self_trade", choice(SELF_TRADE));
    let stamps = entry.optional("stamps", boolean);
    let messages = entry.optional("throttle_messages", whole(0..=THROTTLE_MESSAGES_MAX));
    let cancels = entry.optional("throttle_cancels", whole(0..=THROTTLE_MESSAGES_MAX));
    let seconds = entry.optional("throttle_s", whole(1..=THROTTLE_S_MAX));
    let account_messages = of_trunk(entry, "account_throttle_messages", kind);
    let account_cancels = of_trunk(entry, "account_throttle_cancels", kind);
    let order_limits = order_limits(entry);
    let market_data = entry.optional("market_data", boolean);
    let grace = Duration::from_millis(grace?.map_or(2_000, |read| read.value).into());
    if let (Some(Some(cancel)), Some(Kind::Trunk)) = (&cancel, kind)
        && cancel.value
    {
        let message = "session.cancel_on_disconnect: a trunk's orders are those of many accounts".to_owned();
        entry.fault(&cancel.at, "of a trunk", message, "take it out: a trunk's orders stay");
        return None;
    }
    binary?;
    let seconds = seconds?.map_or(1, |read| read.value);
    let limits = |messages: u32, cancels: Option<u32>| Limits {
        messages,
        cancels: cancels.unwrap_or(messages),
        seconds,
    };
    Some(Session {
        id: SessionId(place),
        comp_id: comp_id?,
        protocol: protocol?,
        gateway: gateway?,
        password: shown.as_ref()?.plain.clone(),
        credentials: shown?.all,
        addresses: addresses?,
        kind: kind?,
        accounts: accounts?,
        watch: watch?,
        cancel_on_disconnect: cancel?.is_some_and(|read| read.value).then_some(grace),
        self_trade: self_trade?.map_or(SelfTrade::CancelNewest, |read| read.value),
        stamps: stamps?.is_none_or(|read| read.value),
        limits: limits(messages?.map_or(0, |read| read.value), cancels?.map(|read| read.value)),
        account_limits: limits(account_messages?.unwrap_or(0), account_cancels?),
        order_limits: order_limits?,
        market_data: market_data?.is_none_or(|read| read.value),
    })
}

/// A trunk's limit for each of its accounts; a session of another kind has none.
fn of_trunk(entry: &mut Section<'_>, key: &'static str, kind: Option<Kind>) -> Option<Option<u32>> {
    let max = entry.optional(key, whole(0..=ACCOUNT_THROTTLE_MESSAGES_MAX))?;
    let Some(max) = max else { return Some(None) };
    if kind.is_some_and(|kind| kind != Kind::Trunk) && max.value > 0 {
        let message = format!(
            "session.{key}: the session is no trunk, and what it sends is limited by throttle_messages"
        );
        entry.fault(&max.at, "without effect", message, "add kind = \"trunk\", or take it out");
        return None;
    }
    Some(Some(max.value))
}

/// What only a session of FIX has; `venue` is the CompID of a venue that it names none for.
fn fix_terms(entry: &mut Section<'_>, venue: Option<&str>) -> Option<FixTerms> {
    let venue_comp_id = entry.optional("venue_comp_id", or_nothing(name));
    let version = entry.optional("version", choice(VERSIONS));
    let dialect = entry.optional("dialect", choice(&[("fix", Dialect::Fix), ("binance", Dialect::Binance)]));
    if let (Some(Some(dialect)), Some(version)) = (&dialect, &version)
        && dialect.value == Dialect::Binance
        && version.as_ref().is_some_and(|version| version.value != Version::Fix44)
    {
        let message = "session.dialect: Binance's clients speak FIX.4.4".to_owned();
        entry.fault(
            &dialect.at,
            "not of this version",
            message,
            "write version = \"FIX.4.4\", or leave it out",
        );
    }
    let layer = layer(entry);
    Some(FixTerms {
        venue_comp_id: venue_comp_id?.and_then(|read| read.value).or_else(|| venue.map(str::to_owned))?,
        version: version?.map_or_else(Version::default, |read| read.value),
        dialect: dialect?.map_or(Dialect::Fix, |read| read.value),
        layer: layer?,
    })
}

/// Keys that say something to sessions of FIX only.
const OF_FIX: [&str; 19] = [
    "venue_comp_id",
    "version",
    "dialect",
    "username",
    "ed25519_key",
    "hmac_secret_file",
    "hmac_secret_env",
    "certificate_sha256",
    "reset_on_logon",
    "reset_on_logout",
    "reset_on_disconnect",
    "start_time",
    "end_time",
    "start_day",
    "end_day",
    "strict",
    "latency_max_s",
    "timestamp_places",
    "stamps",
];

/// Whether the entry of a binary session has none of the keys that only FIX has.
fn not_of_fix(entry: &mut Section<'_>) -> bool {
    let mut sound = true;
    for key in OF_FIX {
        let Some(at) = entry.node(key).map(|node| node.at.clone()) else { continue };
        let message = format!("session.{key}: only sessions of FIX have it");
        entry.fault(&at, "of a binary session", message, "take it out, or write protocol = \"fix\"");
        sound = false;
    }
    sound
}

/// A binary session's name is its user, for which SoupBinTCP has so much room.
fn user_name(entry: &mut Section<'_>) {
    if let Some(node) = entry.node("comp_id")
        && let Ok(name) = string(node)
        && name.len() > USERNAME_BYTES
    {
        let message =
            format!("session.comp_id: a binary session's name has at most {USERNAME_BYTES} characters");
        let help = "shorten it: SoupBinTCP's login has no more room";
        entry.fault(&node.at, "too long", message, help);
    }
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A session's hours: `Some(None)` where it has none.
#[expect(clippy::option_option, reason = "outside: is it sound; inside: are there any")]
fn hours(entry: &mut Section<'_>) -> Option<Option<Schedule>> {
    let [start, end] = ["start_time", "end_time"].map(|key| entry.optional(key, time_of_day));
    let [first, last] = ["start_day", "end_day"].map(|key| entry.optional(key, weekday));
    let (start, end, first, last) = (given(start?), given(end?), given(first?), given(last?));
    let schedule = match (&start, &end, &first, &last) {
        (None, None, None, None) => return Some(None),
        (Some(start), Some(end), None, None) => Schedule::daily(start.value, end.value),
        (Some(start), Some(end), Some(first), Some(last)) => {
            Schedule::weekly((first.value, start.value), (last.value, end.value))
        }
        _ => {
            let at = [&start, &end, &first, &last].into_iter().flatten().map(|read| &read.at).max();
            let message =
                "session: hours have a begin and an end, both times of day or both days and times".into();
            let help = "give start_time and end_time, and for a week's hours start_day and end_day, too";
            entry.fault(at.unwrap_or(entry.at), "without the others", message, help);
            return None;
        }
    };
    Some(Some(schedule))
}

/// A value that is not the empty string, which stands for none.
fn given<T>(read: Option<Read<Option<T>>>) -> Option<Read<T>> {
    read.and_then(|Read { value, at }| value.map(|value| Read { value, at }))
}

/// Seconds from midnight.
fn time_of_day(node: &Node) -> Result<Option<u32>, Fault> {
    let text = string(node)?;
    if text.is_empty() {
        return Ok(None);
    }
    let parts: Vec<Option<u32>> = text
        .split(':')
        .map(|part| part.parse().ok().filter(|_| part.len() == 2 && !part.starts_with('+')))
        .collect();
    match parts[..] {
        [Some(hour @ 0..24), Some(minute @ 0..60)] => Ok(Some(hour * 3_600 + minute * 60)),
        [Some(hour @ 0..24), Some(minute @ 0..60), Some(second @ 0..60)] => {
            Ok(Some(hour * 3_600 + minute * 60 + second))
        }
        _ => fault(
            "not a time of day",
            "is a time of day, in UTC",
            "write it like this: \"17:00\" or \"17:00:00\"",
        ),
    }
}

/// The day's number from Monday, which is 0.
fn weekday(node: &Node) -> Result<Option<u32>, Fault> {
    let days: Vec<(&str, Option<u32>)> =
        WEEKDAYS.into_iter().zip((0..).map(Some)).chain([("", None)]).collect();
    choice(&days)(node)
}

fn layer(entry: &mut Section<'_>) -> Option<Layer> {
    let [on_logon, on_logout, on_disconnect, strict] =
        ["reset_on_logon", "reset_on_logout", "reset_on_disconnect", "strict"]
            .map(|key| entry.optional(key, boolean));
    let latency = entry.optional("latency_max_s", whole(0..=LATENCY_S_MAX));
    let places = entry.optional("timestamp_places", |node| match whole(0..=9)(node)? {
        places @ (0 | 3 | 6 | 9) => Ok(u8::try_from(places).unwrap_or_default()),
        _ => fault(
            "not one of them",
            "is 0, 3, 6 or 9",
            "write 0 for seconds, 3 for milliseconds, 6 for microseconds, 9 for nanoseconds",
        ),
    });
    let schedule = hours(entry);
    let is = |read: Option<Read<bool>>| read.is_some_and(|read| read.value);
    Some(Layer {
        reset_on_logon: is(on_logon?),
        reset_on_logout: is(on_logout?),
        reset_on_disconnect: is(on_disconnect?),
        schedule: schedule?,
        strict: is(strict?),
        latency_max_s: Some(latency?.map_or(120, |read| read.value)).filter(|&seconds| seconds > 0),
        timestamp_places: places?.map_or(9, |read| read.value),
    })
}

/// A drop-copy session has no accounts.
fn traded_for_by_none(entry: &mut Section<'_>) -> Option<Vec<AccountId>> {
    let Some(at) = entry.node("accounts").map(|node| node.at.clone()) else { return Some(Vec::new()) };
    let message = "session.accounts: a drop-copy session trades for nobody".into();
    entry.fault(&at, "without effect", message, "take it out; whose reports it gets is what watch says");
    None
}

/// The accounts that a trunk trades for: those it names, or all of the configuration.
fn traded_for_by_trunk(entry: &mut Section<'_>, accounts: Option<&Names>) -> Option<Vec<AccountId>> {
    if !is_all(entry, "accounts") {
        return accounts_named(entry, "accounts", accounts);
    }
    let mut all: Vec<AccountId> = accounts?.0.values().map(|&id| AccountId(id)).collect();
    all.sort_unstable();
    Some(all)
}

/// Whether `key` is `"*"`.
fn is_all(entry: &mut Section<'_>, key: &'static str) -> bool {
    entry.node(key).is_some_and(|node| matches!(&node.value, Value::String(text) if text == "*"))
}

/// A trading session watches nobody.
#[expect(clippy::option_option, reason = "outside: is it sound; inside: is it there")]
fn watching_none(entry: &mut Section<'_>) -> Option<Option<Watch>> {
    let Some(at) = entry.node("watch").map(|node| node.at.clone()) else { return Some(None) };
    let message = "session.watch: only drop-copy sessions watch accounts".into();
    entry.fault(&at, "without effect", message, "add kind = \"drop-copy\", or take it out");
    None
}

/// The accounts that a drop-copy session watches.
fn watched(entry: &mut Section<'_>, accounts: Option<&Names>) -> Option<Watch> {
    if is_all(entry, "watch") {
        return Some(Watch::All);
    }
    accounts_named(entry, "watch", accounts).map(Watch::Accounts)
}

/// The accounts that a session names by `key`.
fn accounts_named(
    entry: &mut Section<'_>,
    key: &'static str,
    accounts: Option<&Names>,
) -> Option<Vec<AccountId>> {
    let example = if key == "watch" { "\"*\", or [\"MM1\"]" } else { "[\"MM1\"]" };
    let items = entry.required(key, example, |node| match &node.value {
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
            Err(fault) => (fault.label, format!("session.{key}: {}", fault.message), fault.help),
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
