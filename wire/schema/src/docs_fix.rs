//! The tables of docs/fix.md: what each message is made of, what coded values mean, and what our dictionaries have that the
//! standard's do not. The words around them are people's.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::{
    Artefact, Sources, dialect,
    model::{EnumValue, Field, From, Group, Message, MessageField, Presence, Protocol},
    standard::{Dictionary, Resolved, Version},
};

const PAGE: &str = "docs/fix.md";

/// Coded fields whose values have a table beside that of their message.
const TOLD_BESIDE: [&str; 7] = [
    "SessionRejectReason",
    "BusinessRejectReason",
    "QuoteStatus",
    "PosReqResult",
    "MDReqRejReason",
    "SecurityTradingStatus",
    "TradSesStatus",
];
/// Coded fields whose values have a table at the end of the page; those of others stand in the messages' tables.
const TOLD_BELOW: [&str; 8] = [
    "OrdType",
    "TimeInForce",
    "SelfMatchPreventionInstruction",
    "ExecType",
    "OrdStatus",
    "OrdRejReason",
    "CxlRejReason",
    "QuoteRejectReason",
];
/// So many values at most can be told in a message's table.
const VALUES_INLINE_MAX: usize = 3;

/// A table for each message of FIX, for the fields with much to say of their values, and of what is beyond the standard.
///
/// # Errors
/// Where the model and the standard contradict each other.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let dictionaries = Version::ALL.map(|version| dialect::dictionary(sources, version));
    let dictionaries = dictionaries.into_iter().collect::<Result<Vec<_>>>()?;
    let page = Page { sources, dictionaries };
    let mut sections = Vec::new();
    for message in &sources.model.messages {
        if let Some(msg_type) = &message.fix {
            let table =
                page.message(message, msg_type).with_context(|| format!("message {}", message.name))?;
            sections.push(Artefact::section(PAGE, format!("message {msg_type}"), table));
        }
    }
    for name in TOLD_BESIDE {
        let (tag, table) = page.values(name)?;
        sections.push(Artefact::section(PAGE, format!("values of {tag}"), table));
    }
    let mut below = String::new();
    for name in TOLD_BELOW {
        let (tag, table) = page.values(name)?;
        write!(below, "\n### {name} ({tag})\n\n{table}")?;
    }
    sections.push(Artefact::section(PAGE, "coded values", format!("{below}\n")));
    sections.push(Artefact::section(PAGE, "beyond the standard", page.beyond_the_standard()?));
    Ok(sections)
}

struct Page<'a> {
    sources: &'a Sources,
    /// As the venue speaks them, in order of [`Version::ALL`].
    dictionaries: Vec<Dictionary>,
}

/// One line of a message's table.
struct Row<'a> {
    field: &'a Field,
    depth: usize,
    presence: Presence,
    when: Option<&'a str>,
    versions: &'a [Version],
    doc: &'a str,
    /// Whether what is said is said of the field wherever it stands, and its values belong to it.
    of_field: bool,
}

impl<'a> Page<'a> {
    fn message(&self, message: &'a Message, msg_type: &str) -> Result<String> {
        let (always, head) = match message.from {
            From::Client => ("yes", "| tag | field | required | values |"),
            _ => ("always", "| tag | field | when | meaning |"),
        };
        let mut table = format!("{}\n\n{head}\n| --- | --- | --- | --- |\n", sentence(&message.doc));
        for one in self.rows(message, msg_type)? {
            let tag = one.field.tag.context("only fields with tags are shown")?;
            let arrows = "→ ".repeat(one.depth);
            let there = match (one.presence, one.when) {
                (Presence::Required, _) => always,
                (Presence::Optional, _) if message.from == From::Client => "no",
                (Presence::Optional, _) => "sometimes",
                (Presence::Conditional, when) => when.unwrap_or_default(),
            };
            let name = self.name(one.field, one.versions);
            let meaning = self.meaning(&one)?;
            row(&mut table, format_args!("{arrows}{tag} | {name} | {there} | {meaning}"));
        }
        Ok(table)
    }

    /// The message's fields in the order that the standard has them in; what it does not have stands at the end.
    fn rows(&self, message: &'a Message, msg_type: &str) -> Result<Vec<Row<'a>>> {
        let mut order = Vec::new();
        let versions = [Version::Fix44, Version::Fixt11, Version::Fix50Sp2];
        for dictionary in self.dictionaries.iter().filter(|d| versions.contains(&d.version)) {
            if let Some(standard) = dictionary.message(msg_type) {
                flatten(&dictionary.resolve(&standard.members)?, &mut order);
            }
        }
        let mut rows = Vec::new();
        self.fields(&message.fields, 0, &order, &mut rows)?;
        for group in message.all_groups() {
            self.group(group, &order, &mut rows)?;
        }
        Ok(rows)
    }

    fn fields(
        &self,
        members: &'a [MessageField],
        depth: usize,
        order: &[u32],
        rows: &mut Vec<Row<'a>>,
    ) -> Result<()> {
        let start = rows.len();
        for member in members.iter().filter(|member| member.only != Some(Protocol::Sbe)) {
            let field = self.sources.model.field(&member.name)?;
            if field.tag.is_some() {
                rows.push(Row {
                    field,
                    depth,
                    presence: member.fix_presence(),
                    when: member.fix_when(),
                    versions: &member.versions,
                    doc: member.fix_doc(field),
                    of_field: member.fix_doc(field) == field.doc,
                });
            }
        }
        let place =
            |row: &Row<'_>| order.iter().position(|tag| Some(*tag) == row.field.tag).unwrap_or(order.len());
        rows[start..].sort_by_key(place);
        Ok(())
    }

    fn group(&self, group: &'a Group, order: &[u32], rows: &mut Vec<Row<'a>>) -> Result<()> {
        let counter = |name: &str, doc: &'a str, depth, presence| -> Result<Row<'a>> {
            let when = group.when.as_deref().filter(|_| presence == Presence::Conditional);
            let field = self.sources.model.field(name)?;
            Ok(Row { field, depth, presence, when, versions: &group.versions, doc, of_field: false })
        };
        match &group.within {
            None => {
                rows.push(counter(&group.name, &group.doc, 0, group.presence)?);
                self.fields(&group.fields, 1, order, rows)
            }
            Some(outer) => {
                rows.push(counter(&outer.name, &outer.doc, 0, group.presence)?);
                self.fields(&outer.fields, 1, order, rows)?;
                rows.push(counter(&group.name, &group.doc, 1, Presence::Required)?);
                self.fields(&group.fields, 2, order, rows)
            }
        }
    }

    /// A field's name, with those of older versions, and the versions that it is left to in this message.
    fn name(&self, field: &Field, versions: &[Version]) -> String {
        let mut notes = Vec::new();
        for dictionary in &self.dictionaries {
            let known = field.tag.and_then(|tag| dictionary.fields.get(&tag));
            if let Some(older) = known.filter(|known| known.name != field.name) {
                notes.push(format!("{} in {}", older.name, number(dictionary.version)));
            }
        }
        if !versions.is_empty() {
            notes.push(only(versions));
        }
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        format!("{}{notes}", field.name)
    }

    fn meaning(&self, row: &Row<'_>) -> Result<String> {
        let (field, doc) = (row.field, row.doc);
        if TOLD_BESIDE.contains(&field.name.as_str()) {
            return Ok(format!("{doc} (values below)"));
        }
        if TOLD_BELOW.contains(&field.name.as_str()) {
            return Ok(format!("{doc} ([values](#coded-values))"));
        }
        let values: Vec<_> = self.sources.model.fix_values(field).map(told).collect();
        // `N` and `Y` need no telling.
        let truth = field.fix.as_deref() == Some("BOOLEAN");
        if !row.of_field || truth || values.is_empty() || values.len() > VALUES_INLINE_MAX {
            return Ok(doc.to_owned());
        }
        Ok(format!("{doc}: {}", values.join("; ")))
    }

    /// The tag of the coded field of this name, and the table of its values.
    fn values(&self, name: &str) -> Result<(u32, String)> {
        let field = self.sources.model.field(name)?;
        let tag = field.tag.with_context(|| format!("{name} has no tag"))?;
        let mut table = format!("| {tag} | name | meaning |\n| --- | --- | --- |\n");
        for value in self.sources.model.fix_values(field) {
            let versions = if value.versions.is_empty() {
                String::new()
            } else {
                format!(" ({})", only(&value.versions))
            };
            row(
                &mut table,
                format_args!("`{}` | {} | {}{versions}", value.fix_code(), value.name, value.doc),
            );
        }
        Ok((tag, table))
    }

    /// A line for each message and coded field that is otherwise in a dictionary of ours than in the standard's.
    fn beyond_the_standard(&self) -> Result<String> {
        let mut table = String::from("| what | 4.2 | 4.4 | 5.0 SP2 |\n| --- | --- | --- | --- |\n");
        let mut line = |what: String, cells: &[Vec<String>; 4]| {
            if cells.iter().any(|cell| !cell.is_empty()) {
                let [in_42, in_44, session, application] = cells.each_ref().map(|cell| cell.join(", "));
                // A message is in one of the two halves.
                row(&mut table, format_args!("{what} | {in_42} | {in_44} | {session}{application}"));
            }
        };
        for message in &self.sources.model.messages {
            let Some(msg_type) = &message.fix else { continue };
            let mut added: [Vec<String>; 4] = Default::default();
            let mut required: [Vec<String>; 4] = Default::default();
            let mut spared: [Vec<String>; 4] = Default::default();
            let mut name = None;
            for (at, dictionary) in self.dictionaries.iter().enumerate() {
                let standard = &self.sources.standard[&dictionary.version];
                let Some(ours) = dictionary.message(msg_type) else { continue };
                name = Some(&ours.name);
                let Some(theirs) = standard.message(msg_type) else {
                    added[at].push("all".to_owned());
                    continue;
                };
                let before = standard.resolve(&theirs.members)?;
                let after = dictionary.resolve(&ours.members)?;
                let mut tags = <[Vec<u32>; 3]>::default();
                differences(&before, &after, &mut tags);
                for (tags, cells) in tags.iter_mut().zip([&mut added, &mut required, &mut spared]) {
                    tags.sort_unstable();
                    cells[at].extend(tags.iter().map(u32::to_string));
                }
            }
            let name = name.with_context(|| format!("no version has message {}", message.name))?;
            line(format!("fields of {name} ({msg_type})"), &added);
            line(format!("required in {msg_type}"), &required);
            line(format!("not required in {msg_type}"), &spared);
        }
        for field in self.sources.model.fields.iter() {
            let Some(tag) = field.tag else { continue };
            let mut added: [Vec<String>; 4] = Default::default();
            for (at, dictionary) in self.dictionaries.iter().enumerate() {
                let standard = &self.sources.standard[&dictionary.version];
                let (Some(before), Some(after)) = (standard.fields.get(&tag), dictionary.fields.get(&tag))
                else {
                    continue;
                };
                let beyond = after.values.iter().filter(|value| !before.values.contains(value));
                added[at].extend(beyond.map(|(code, _)| format!("`{code}`")));
            }
            // Fields of both layers are in both halves: what one says is enough.
            if !added[3].is_empty() {
                added[2].clear();
            }
            line(format!("values of {} ({tag})", field.name), &added);
        }
        Ok(table)
    }
}

/// What `after` has beyond `before`: its tags that are more, that have become required, and that no longer are.
fn differences(before: &[Resolved], after: &[Resolved], tags: &mut [Vec<u32>; 3]) {
    let [added, required, spared] = tags;
    for now in after {
        match before.iter().find(|then| then.tag == now.tag) {
            None => added.push(now.tag),
            Some(then) if now.required && !then.required => required.push(now.tag),
            Some(then) if then.required && !now.required => spared.push(now.tag),
            Some(_) => {}
        }
    }
    for now in after {
        let then = before.iter().find(|then| then.tag == now.tag);
        if let (Some(then), Some(now)) = (then.and_then(|then| then.group.as_ref()), &now.group) {
            differences(then, now, tags);
        }
    }
}

fn flatten(members: &[Resolved], order: &mut Vec<u32>) {
    for member in members {
        order.push(member.tag);
        flatten(member.group.as_deref().unwrap_or_default(), order);
    }
}

/// A value and what it means.
fn told(value: &EnumValue) -> String {
    let versions =
        if value.versions.is_empty() { String::new() } else { format!(" ({})", only(&value.versions)) };
    format!("`{}` {}{versions}", value.fix_code(), value.doc)
}

fn only(versions: &[Version]) -> String {
    let numbers: Vec<_> = versions.iter().map(|&version| number(version)).collect();
    format!("only {}", numbers.join(", "))
}

const fn number(version: Version) -> &'static str {
    match version {
        Version::Fix42 => "4.2",
        Version::Fix44 => "4.4",
        Version::Fixt11 | Version::Fix50Sp2 => "5.0 SP2",
    }
}

/// `text` as a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

fn row(table: &mut String, cells: std::fmt::Arguments<'_>) {
    writeln!(table, "| {cells} |").expect("strings take all");
}
