//! The tables by which the FIX codec judges what it reads: a module of `wire/src/fix/dictionary` for each version.
//!
//! Only messages that the venue reads are there, and what stands in them. Tags and message types are all told, so that
//! what FIX does not have can be told apart from what is out of place.

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Context, Result, ensure};

use crate::{
    Artefact, Sources, dialect,
    standard::{Dictionary, Field, Resolved, Version},
};

/// MsgType (35) of the messages whose bodies the venue reads, those of the session layer first.
pub const READ: [&str; 25] = [
    "0", "1", "2", "3", "4", "5", "A", "AF", "AN", "BW", "D", "E", "F", "G", "H", "K", "M", "V", "XLQ", "Z",
    "e", "g", "i", "q", "x",
];

/// A module's name, what it is about, its session layer and its application layer.
const MODULES: [(&str, &str, Version, Version); 3] = [
    ("fix42", "FIX 4.2", Version::Fix42, Version::Fix42),
    ("fix44", "FIX 4.4", Version::Fix44, Version::Fix44),
    ("fix50sp2", "FIX 5.0 SP2 over FIXT 1.1", Version::Fixt11, Version::Fix50Sp2),
];

/// The modules.
///
/// # Errors
/// What the dictionaries have that the tables cannot hold.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let module = |&(name, about, session, application)| {
        let session = dialect::dictionary(sources, session)?;
        let application = dialect::dictionary(sources, application)?;
        let text = Tables::new(&session, &application).module(about).context(about)?;
        Artefact::rust(&sources.root, format!("wire/src/fix/dictionary/{name}.rs"), &text)
    };
    MODULES.iter().map(module).collect()
}

struct Tables<'a> {
    session: &'a Dictionary,
    application: &'a Dictionary,
    /// Fields that stand in what is read, and all data and their lengths, by tag.
    fields: BTreeMap<u32, &'a Field>,
    /// Groups, each once, whatever messages have it; those within others before them.
    groups: Vec<Group>,
    /// Coded values, each set once; the first is that of fields that have none.
    codes: Vec<Vec<String>>,
}

/// A group's entry, or the outermost fields of a message.
#[derive(PartialEq, Eq)]
struct Members {
    tags: Vec<u32>,
    required: Vec<u32>,
    /// Counters and the places of their groups.
    groups: Vec<(u32, usize)>,
}

#[derive(PartialEq, Eq)]
struct Group {
    first: u32,
    members: Members,
}

impl<'a> Tables<'a> {
    fn new(session: &'a Dictionary, application: &'a Dictionary) -> Tables<'a> {
        Tables { session, application, fields: BTreeMap::new(), groups: Vec::new(), codes: vec![Vec::new()] }
    }

    fn module(mut self, about: &str) -> Result<String> {
        let (session, application) = (self.session, self.application);
        let header = self.members(&session.resolve(&session.header)?)?;
        let trailer = self.members(&session.resolve(&session.trailer)?)?;
        let mut messages = Vec::new();
        for msg_type in READ {
            // A version's session layer goes first: FIX 5.0 SP2 has none of its own.
            let layers = [session, application];
            let found = layers.iter().find_map(|d| d.message(msg_type).map(|m| (d, m)));
            if let Some((dictionary, message)) = found {
                messages.push((msg_type, self.members(&dictionary.resolve(&message.members)?)?));
            }
        }
        // Wherever data stand, their bytes must not be taken for fields.
        for dictionary in [session, application] {
            let of_data = |field: &&Field| matches!(field.fix_type.as_str(), "LENGTH" | "DATA" | "XMLDATA");
            for (&tag, _) in dictionary.fields.iter().filter(|(_, field)| of_data(field)) {
                self.field(tag)?;
            }
        }
        let mut out = format!(
            "//! Generated from wire/schema/model and wire/schema/standard; change those, then: cargo run -p penstock-schema.\n//!\n\
             //! {about} as far as it is read here.\n\n\
             use super::{{Codes, Dictionary, Field, Format, Group, Members, Rules}};\n\n"
        );
        let mut put = |text: std::fmt::Arguments<'_>| out.write_fmt(text).expect("strings take all");
        put(format_args!(
            "/// All of it.\npub(super) static DICTIONARY: Dictionary = Dictionary {{ header: Rules::of_header({}), trailer: {}, messages: &MESSAGES, by_type: super::by_type(&MESSAGES), groups: &GROUPS, fields: &FIELDS, near: super::near(&FIELDS), codes: &CODES, chars: super::chars(&FIELDS, &CODES), known: &KNOWN, types: &TYPES }};\n\n",
            rust_members(&header),
            rust_members(&trailer)
        ));
        put(format_args!("static MESSAGES: [Rules; {}] = [\n", messages.len()));
        for (msg_type, members) in &messages {
            put(format_args!("Rules::of_message(b{msg_type:?}, {}),\n", rust_members(members)));
        }
        put(format_args!("];\n\nstatic GROUPS: [Group; {}] = [\n", self.groups.len()));
        for Group { first, members } in &self.groups {
            put(format_args!("Group {{ first: {first}, members: {} }},\n", rust_members(members)));
        }
        let partners = partners(&self.fields);
        put(format_args!("];\n\n#[rustfmt::skip]\nstatic FIELDS: [Field; {}] = [", self.fields.len()));
        let mut rows = Vec::new();
        for (&tag, field) in &self.fields {
            let values: Vec<_> = field.values.iter().map(|(code, _)| code.clone()).collect();
            let codes = self.codes.iter().position(|codes| *codes == sorted(&values));
            let codes = codes.context("all of them were gathered")?;
            let partner = partners.get(&tag).copied().unwrap_or(0);
            rows.push(format!("Field::new({tag}, Format::{}, {codes}, {partner}),", format_of(field)?));
        }
        put(format_args!("{}\n];\n\nstatic CODES: [Codes; {}] = [\n", filled(&rows), self.codes.len()));
        for codes in &self.codes {
            if codes.iter().all(|code| code.len() == 1) {
                put(format_args!("Codes::chars(b{:?}),\n", codes.concat()));
            } else {
                put(format_args!("Codes::Words(&{codes:?}),\n"));
            }
        }
        let known = [session, application].into_iter().flat_map(|d| d.fields.keys().copied());
        let known = ranges(known.collect());
        put(format_args!("];\n\n#[rustfmt::skip]\nstatic KNOWN: [(u16, u16); {}] = [", known.len()));
        put(format_args!("{}\n];\n\n", filled(&known)));
        let mut types: Vec<_> =
            [session, application].iter().flat_map(|d| d.messages.iter().map(|m| &m.msg_type)).collect();
        types.sort();
        types.dedup();
        put(format_args!("static TYPES: [&str; {}] = {types:?};\n", types.len()));
        Ok(out)
    }

    fn members(&mut self, resolved: &[Resolved]) -> Result<Members> {
        let mut members = Members { tags: Vec::new(), required: Vec::new(), groups: Vec::new() };
        for Resolved { tag, required, group } in resolved {
            self.field(*tag)?;
            members.tags.push(*tag);
            if *required {
                members.required.push(*tag);
            }
            if let Some(entry) = group {
                let first = entry.first().with_context(|| format!("the group {tag} is empty"))?.tag;
                let group = Group { first, members: self.members(entry)? };
                let known = self.groups.iter().position(|known| *known == group);
                let at = known.unwrap_or_else(|| {
                    self.groups.push(group);
                    self.groups.len() - 1
                });
                members.groups.push((*tag, at));
            }
        }
        members.tags.sort_unstable();
        members.required.sort_unstable();
        members.groups.sort_unstable();
        let before = members.tags.len();
        members.tags.dedup();
        ensure!(members.tags.len() == before, "a field stands twice among {:?}", members.tags);
        Ok(members)
    }

    fn field(&mut self, tag: u32) -> Result<()> {
        let layers = [self.application, self.session];
        let field = layers.iter().find_map(|d| d.fields.get(&tag));
        let field = field.with_context(|| format!("no field has the tag {tag}"))?;
        u16::try_from(tag).context("tags of FIX fit 16 bits")?;
        self.fields.insert(tag, field);
        let codes: Vec<_> = field.values.iter().map(|(code, _)| code.clone()).collect();
        let codes = sorted(&codes);
        if !self.codes.contains(&codes) {
            self.codes.push(codes);
        }
        Ok(())
    }
}

/// Lengths and the data they are of, by tags, both ways.
fn partners(fields: &BTreeMap<u32, &Field>) -> BTreeMap<u32, u32> {
    let of_type = |tag: u32, types: &[&str]| {
        fields.get(&tag).is_some_and(|field| types.contains(&field.fix_type.as_str()))
    };
    let names: BTreeMap<&str, u32> = fields.iter().map(|(&tag, field)| (field.name.as_str(), tag)).collect();
    let mut partners = BTreeMap::new();
    for (&tag, field) in fields.iter().filter(|(tag, _)| of_type(**tag, &["DATA", "XMLDATA"])) {
        let named =
            ["Len", "Length"].into_iter().find_map(|end| names.get(format!("{}{end}", field.name).as_str()));
        // QuickFIX pairs them by their numbers.
        let length = named.copied().unwrap_or(tag - 1);
        if of_type(length, &["LENGTH"]) {
            partners.insert(tag, length);
            partners.insert(length, tag);
        }
    }
    partners
}

fn format_of(field: &Field) -> Result<&'static str> {
    Ok(match field.fix_type.as_str() {
        "DATA" | "XMLDATA" => "Data",
        "CHAR" => "Char",
        "INT" => "Int",
        "LENGTH" | "SEQNUM" | "NUMINGROUP" | "TAGNUM" => "Unsigned",
        "PRICE" | "QTY" | "AMT" | "FLOAT" | "PRICEOFFSET" | "PERCENTAGE" => "Number",
        "BOOLEAN" => "Boolean",
        "UTCTIMESTAMP" | "TIME" => "Timestamp",
        "UTCTIMEONLY" | "LOCALMKTTIME" => "Time",
        "UTCDATE" | "UTCDATEONLY" | "LOCALMKTDATE" | "DATE" => "Date",
        "MONTHYEAR" => "MonthYear",
        "DAYOFMONTH" => "Day",
        "MULTIPLEVALUESTRING" | "MULTIPLESTRINGVALUE" | "MULTIPLECHARVALUE" => "Words",
        "STRING" | "CURRENCY" | "EXCHANGE" | "COUNTRY" | "LANGUAGE" | "XID" | "XIDREF" | "TZTIMEONLY"
        | "TZTIMESTAMP" => "Text",
        other => anyhow::bail!("{} is of type {other}, which has no format", field.name),
    })
}

fn sorted(codes: &[String]) -> Vec<String> {
    let mut codes = codes.to_vec();
    codes.sort();
    codes.dedup();
    codes
}

/// `tags` as ranges.
fn ranges(mut tags: Vec<u32>) -> Vec<String> {
    tags.sort_unstable();
    tags.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for tag in tags {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == tag => *last = tag,
            _ => ranges.push((tag, tag)),
        }
    }
    ranges.iter().map(|(first, last)| format!("({first}, {last}),")).collect()
}

fn rust_members(Members { tags, required, groups }: &Members) -> String {
    format!("Members {{ tags: &{tags:?}, required: &{required:?}, groups: &{groups:?} }}")
}

/// `items` on as few lines as hold them.
fn filled(items: &[String]) -> String {
    let mut out = String::new();
    let mut width = usize::MAX;
    for item in items {
        if width.saturating_add(item.len() + 1) > 110 {
            out.push_str("\n    ");
            width = 4;
        } else {
            out.push(' ');
            width += 1;
        }
        out.push_str(item);
        width += item.len();
    }
    out
}
