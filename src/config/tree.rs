//! TOML as a tree in which every key and value knows where it was written, so that the file, what it leaves
//! out and what the command line sets over it become one tree, and a fault still points at its own text.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::Problem;

/// Number of the source that is the embedded default.
pub(super) const DEFAULT: usize = 0;
/// Number of the source that is the user's file; those of the command line follow.
pub(super) const FILE: usize = 1;

/// A place in one of the sources, which come in order of their precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    /// Index of the source.
    pub(super) source: usize,
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
}

impl At {
    pub(super) const fn new(source: usize, span: Range<usize>) -> At {
        At { source, start: span.start, end: span.end }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
    /// The text of a value from the command line, which serves where a string is wanted: a shell takes quotes
    /// away, so that `tick="0.5"` arrives as a number.
    pub(super) raw: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    String(String),
    /// `None` if it does not fit.
    Integer(Option<i64>),
    Float,
    Boolean(bool),
    Datetime,
    Array(Vec<Node>),
    Table(Table),
}

/// Entries by key.
pub(super) type Table = BTreeMap<String, Entry>;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where the key stands.
    pub(super) key: At,
    pub(super) node: Node,
}

impl Value {
    /// The value's type, as a person calls it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Datetime => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

/// The tree of source number `source`, as far as it can be read, and what is wrong with its syntax.
pub(super) fn parse(source: usize, text: &str) -> (Table, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or(0..text.len());
            let start = span.start.min(text.len());
            let at = At::new(source, start..span.end.clamp(start, text.len()));
            match error.message() {
                "duplicate key" => Problem::new(at, "the second time", "this key was given before".into())
                    .help("keep one of the two"),
                other => Problem::new(at, "here", format!("not TOML: {other}"))
                    .help("TOML has [table], [[list entry]] and key = value; strings stand in double quotes"),
            }
        })
        .collect();
    (entries(source, 0, table.into_inner()), problems)
}

fn entries(source: usize, base: usize, table: DeTable<'_>) -> Table {
    let place = |span: Range<usize>| At::new(source, base + span.start..base + span.end);
    table
        .into_iter()
        .map(|(key, value)| {
            let key_at = place(key.span());
            let mut node = node(source, base, value);
            // An implicit table (`a` in `a.b = 1`) has no text of its own.
            if node.at.start == node.at.end {
                node.at = key_at.clone();
            }
            (key.into_inner().into_owned(), Entry { key: key_at, node })
        })
        .collect()
}

/// A parsed value as a node, `base` bytes into its source.
fn node(source: usize, base: usize, value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let at = At::new(source, base + span.start..base + span.end);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(Cow::into_owned(text)),
        DeValue::Integer(number) => Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(source, base, item)).collect())
        }
        DeValue::Table(table) => Value::Table(entries(source, base, table)),
    };
    Node { at, value, raw: None }
}

/// Lays `over` onto `under`: tables are merged, anything else takes the place of what was there.
pub(super) fn merge(under: &mut Table, over: Table) {
    for (key, entry) in over {
        match under.get_mut(&key) {
            Some(Entry { node: Node { value: Value::Table(below), at, .. }, key: key_at })
                if matches!(entry.node.value, Value::Table(_)) =>
            {
                *at = entry.node.at;
                *key_at = entry.key;
                if let Value::Table(above) = entry.node.value {
                    merge(below, above);
                }
            }
            _ => {
                under.insert(key, entry);
            }
        }
    }
}

/// Applies source number `source`, a `KEY=VALUE` of the command line. The entries of a list go by name (the
/// value of the key that `name_of` says) or by place from 0.
pub(super) fn set(
    root: &mut Table,
    source: usize,
    text: &str,
    name_of: impl Fn(&str) -> Option<&'static str>,
) -> Result<(), Problem> {
    let (path, value_at) = split(source, text)?;
    let raw = text[value_at..].trim();
    let value_at = text.len() - text[value_at..].trim_start().len();
    // What is no TOML value is taken as a string: 127.0.0.1:7001 needs no quotes.
    let value = DeValue::parse(raw).map_or_else(
        |_| Node {
            at: At::new(source, value_at..value_at + raw.len()),
            value: Value::String(raw.to_owned()),
            raw: Some(raw.to_owned()),
        },
        |value| Node { raw: Some(raw.to_owned()), ..node(source, value_at, value) },
    );
    let [parents @ .., (last, last_at)] = path.as_slice() else {
        unreachable!("split gives at least one part");
    };
    let mut table = root;
    let mut parents = parents.iter();
    while let Some((key, at)) = parents.next() {
        let entry = table.entry(key.clone()).or_insert_with(|| Entry {
            key: at.clone(),
            node: Node { at: at.clone(), value: Value::Table(Table::new()), raw: None },
        });
        table = match &mut entry.node.value {
            Value::Table(table) => table,
            Value::Array(items) => {
                let Some((which, which_at)) = parents.next() else {
                    return Err(Problem::new(
                        last_at.clone(),
                        "this is no entry's name",
                        format!("`{key}` is a list: its entries go by name or place"),
                    )
                    .help(format!("write --set {key}.NAME.{last}=VALUE, or --set {key}.0.{last}=VALUE")));
                };
                list_entry(key, items, which, which_at, name_of(key))?
            }
            _ => {
                return Err(Problem::new(
                    at.clone(),
                    "not a table",
                    format!("`{key}` is a value and has no keys"),
                )
                .help("`penstock config` shows every key and the table it is in"));
            }
        };
    }
    table.insert(last.clone(), Entry { key: last_at.clone(), node: value });
    Ok(())
}

/// The entry `which` of a list, by name first, then by place.
fn list_entry<'a>(
    list: &str,
    items: &'a mut [Node],
    which: &str,
    at: &At,
    name_key: Option<&str>,
) -> Result<&'a mut Table, Problem> {
    let names: Vec<String> = items
        .iter()
        .map(|item| match (&item.value, name_key) {
            (Value::Table(table), Some(key)) => match table.get(key).map(|entry| &entry.node.value) {
                Some(Value::String(name)) => name.clone(),
                _ => String::new(),
            },
            _ => String::new(),
        })
        .collect();
    let place = names
        .iter()
        .position(|name| name == which)
        .or_else(|| which.parse().ok().filter(|&place| place < items.len()));
    match place.map(|place| &mut items[place].value) {
        Some(Value::Table(table)) => Ok(table),
        _ => Err(Problem::new(at.clone(), "no such entry", format!("no {list} is named `{which}`"))
            .help(format!("there are: {}", some(&names)))),
    }
}

/// `names` for a sentence, not more of them than one reads.
pub(super) fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names.len() {
        0 => "none".into(),
        n if n > SHOWN => format!("{}, and {} more", names[..SHOWN].join(", "), n - SHOWN),
        _ => names.join(", "),
    }
}

/// The parts of `text`'s key with their places, and where its value begins. A part in double quotes may hold
/// points and equals signs.
fn split(source: usize, text: &str) -> Result<(Vec<(String, At)>, usize), Problem> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'.' | b'=' if !quoted => {
                let part = text[start..place].trim().trim_matches('"');
                let at = At::new(source, start..place);
                if part.is_empty() {
                    let at = At::new(source, start..place + 1);
                    return Err(Problem::new(
                        at,
                        "a name is missing here",
                        "the key has an empty part".into(),
                    )
                    .help("write --set TABLE.KEY=VALUE, such as --set fix.listen=127.0.0.1:7001"));
                }
                parts.push((part.to_owned(), at));
                start = place + 1;
                if byte == b'=' {
                    return Ok((parts, start));
                }
            }
            _ => {}
        }
    }
    Err(Problem::new(At::new(source, 0..text.len()), "no `=` in it", "not of the form KEY=VALUE".into())
        .help("write --set TABLE.KEY=VALUE, such as --set fix.listen=127.0.0.1:7001"))
}
