//! Typed values out of the tree. A faulty value is noted and reading goes on, so that one start shows all faults.

use std::{cell::RefCell, ops::RangeInclusive};

use wire::{
    decimal::{Decimal, DecimalError},
    instrument::is_name,
    limits::NAME_BYTES_MAX,
};

use super::{
    problem::Problem,
    tree::{At, Entry, Node, Table, Value},
};

/// Where faults are noted.
pub(super) type Problems = RefCell<Vec<Problem>>;

/// Why a value is refused: label beside the caret, sentence, remedy.
pub(super) struct Fault {
    pub(super) label: String,
    pub(super) message: String,
    pub(super) help: String,
}

/// A table being read: it knows which keys were asked for, so that the others are unknown ones.
pub(super) struct Section<'a> {
    /// Its name for sentences, such as `fix` or `session`.
    pub(super) name: &'static str,
    /// Where its header stands.
    pub(super) at: &'a At,
    table: &'a Table,
    known: Vec<&'static str>,
    problems: &'a Problems,
}

/// A value that was read and where it stands, for checks that need more than one.
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) at: At,
}

impl<'a> Section<'a> {
    pub(super) const fn new(
        name: &'static str,
        at: &'a At,
        table: &'a Table,
        problems: &'a Problems,
    ) -> Section<'a> {
        Section { name, at, table, known: Vec::new(), problems }
    }

    /// A table within this one, `name` for sentences.
    pub(super) fn inner<'t>(&self, name: &'static str, at: &'t At, table: &'t Table) -> Section<'t>
    where
        'a: 't,
    {
        Section::new(name, at, table, self.problems)
    }

    /// Notes a fault.
    pub(super) fn fault(&self, at: &At, label: impl Into<String>, message: String, help: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::new(at.clone(), label, message).help(help));
    }

    /// The node of `key`, if it is there.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.table.get(key).map(|entry| &entry.node)
    }

    /// The value of `key` as `read` takes it; `None` where it is missing or faulty, which is noted.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&Node) -> Result<T, Fault>,
    ) -> Option<Read<T>> {
        let Some(node) = self.node(key) else {
            self.fault(
                self.at,
                format!("`{key}` is missing here"),
                format!("[{}] has no `{key}`", self.name),
                format!("add a line such as: {key} = {example}"),
            );
            return None;
        };
        self.read(key, node, read)
    }

    /// The same for a key that may be left out: `Some(None)` then.
    #[expect(clippy::option_option, reason = "outside: is it sound; inside: is it there")]
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node) -> Result<T, Fault>,
    ) -> Option<Option<Read<T>>> {
        match self.node(key) {
            None => Some(None),
            Some(node) => self.read(key, node, read).map(Some),
        }
    }

    fn read<T>(
        &self,
        key: &str,
        node: &Node,
        read: impl FnOnce(&Node) -> Result<T, Fault>,
    ) -> Option<Read<T>> {
        match read(node) {
            Ok(value) => Some(Read { value, at: node.at.clone() }),
            Err(fault) => {
                let message = format!("{}.{key}: {}", self.name, fault.message);
                self.fault(&node.at, fault.label, message, fault.help);
                None
            }
        }
    }

    /// Notes every key that nobody asked for. To be called last.
    pub(super) fn end(self) {
        for (key, Entry { key: at, .. }) in self.table {
            if !self.known.contains(&key.as_str()) {
                let keys = self.known.iter().copied();
                let help = did_you_mean(key, keys.clone()).unwrap_or_else(|| {
                    format!("[{}] has: {}", self.name, keys.collect::<Vec<_>>().join(", "))
                });
                self.fault(at, "unknown key", format!("[{}] has no key `{key}`", self.name), help);
            }
        }
    }
}

/// "did you mean …?" where one of `names` is near to `given`.
pub(super) fn did_you_mean<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let near = |name: &str| strsim::jaro_winkler(&given.to_lowercase(), &name.to_lowercase());
    names
        .map(|name| (name, near(name)))
        .filter(|&(_, nearness)| nearness > 0.8)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| format!("did you mean `{name}`?"))
}

pub(super) fn fault<T>(
    label: impl Into<String>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, Fault> {
    Err(Fault { label: label.into(), message: message.into(), help: help.into() })
}

fn wrong_type<T>(node: &Node, wanted: &str, example: &str) -> Result<T, Fault> {
    let kind = node.value.kind();
    fault(kind, format!("wants {wanted}, not {kind}"), format!("write it like this: {example}"))
}

/// A whole number in `range`.
pub(super) fn whole(range: RangeInclusive<u32>) -> impl Fn(&Node) -> Result<u32, Fault> {
    move |node| {
        let (min, max) = (*range.start(), *range.end());
        match &node.value {
            Value::Integer(number) => number
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| range.contains(number))
                .map_or_else(
                    || {
                        fault(
                            "out of range",
                            format!("is from {min} to {max}"),
                            "choose one in that range; `penstock config` says what the key does",
                        )
                    },
                    Ok,
                ),
            _ => wrong_type(node, "a whole number", &min.to_string()),
        }
    }
}

/// A power of two in `range`.
pub(super) fn power_of_two(range: RangeInclusive<u32>) -> impl Fn(&Node) -> Result<u32, Fault> {
    move |node| {
        let number = whole(range.clone())(node)?;
        if number.is_power_of_two() {
            return Ok(number);
        }
        let above = number.checked_next_power_of_two().unwrap_or(*range.end()).min(*range.end());
        fault("not a power of two", "is a power of two", format!("the nearest are {} and {above}", above / 2))
    }
}

/// `true` or `false`.
pub(super) fn boolean(node: &Node) -> Result<bool, Fault> {
    match node.value {
        Value::Boolean(value) => Ok(value),
        _ => wrong_type(node, "true or false", "true"),
    }
}

/// A string.
pub(super) fn string(node: &Node) -> Result<&str, Fault> {
    match (&node.value, &node.raw) {
        (Value::String(text), _) => Ok(text),
        (Value::Array(_) | Value::Table(_), _) | (_, None) => wrong_type(node, "a string", "\"text\""),
        (_, Some(raw)) => Ok(raw),
    }
}

/// A name as the venue's protocols allow it.
pub(super) fn name(node: &Node) -> Result<String, Fault> {
    let name = string(node)?;
    if is_name(name) {
        return Ok(name.to_owned());
    }
    fault(
        "not a name",
        format!("is a name: 1 to {NAME_BYTES_MAX} printable ASCII characters without space"),
        "FIX carries the name in every message: shorten it, or leave other characters out",
    )
}

/// One of the words that `choices` lists.
pub(super) fn choice<T: Copy>(choices: &[(&str, T)]) -> impl Fn(&Node) -> Result<T, Fault> {
    move |node| {
        let given = string(node)?;
        if let Some(&(_, value)) = choices.iter().find(|(word, _)| *word == given) {
            return Ok(value);
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let words = words.join(", ");
        let help = did_you_mean(given, choices.iter().map(|&(word, _)| word))
            .unwrap_or_else(|| format!("write one of: {words}"));
        fault("not one of them", format!("is one of {words}"), help)
    }
}

/// An exact decimal number.
pub(super) fn decimal(node: &Node) -> Result<Decimal, Fault> {
    const HELP: &str = "write it as a string: \"0.01\"";
    let text = match (&node.value, &node.raw) {
        (Value::Float, None) => {
            return fault("a float", "wants an exact decimal, and a TOML float is binary", HELP);
        }
        // An integer is exact.
        (Value::Integer(Some(number)), _) => &number.to_string(),
        (Value::Float | Value::String(_), _) => string(node)?,
        _ => return wrong_type(node, "a decimal in a string", "\"0.01\""),
    };
    Decimal::parse(text.as_bytes()).or_else(|error| match error {
        DecimalError::Malformed => fault("not a decimal", "wants a decimal number", HELP),
        DecimalError::TooLong => fault(
            "too many digits",
            "has more digits than 64 bits and 18 decimal places hold",
            "round it, or choose a larger unit",
        ),
    })
}
