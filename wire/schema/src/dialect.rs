//! FIX as the venue speaks it: the standard's dictionaries, and what the model's messages have beyond them.
//!
//! Nothing is told twice. A field that a message of the model has and a version of the standard does not is added to
//! that version's message, with its name, type and values as the next version has them; so is a coded value, and a whole
//! message. Where the model says that a field must be there, or need not, the version's message says so too. What
//! the standard has and the model does not stays as it is: a dictionary made here takes all that the standard's takes.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use crate::{
    Sources,
    model::{self, MessageField, Presence, TypeKind},
    standard::{Dictionary, Field, Member, Message, Resolved, Version},
};

/// The tag of MsgType, whose values are the messages that there are.
const MSG_TYPE: u32 = 35;

/// The dictionary of `version` with the model's messages in it.
///
/// # Errors
/// Where the model and the standard contradict each other.
pub fn dictionary(sources: &Sources, version: Version) -> Result<Dictionary> {
    let standard = sources.standard.get(&version).context("all versions were read")?;
    let mut dialect = Dialect { sources, used: BTreeSet::new(), dictionary: standard.clone() };
    for message in sources.model.messages.iter().filter(|m| m.fix.is_some()) {
        dialect.message(message).with_context(|| format!("{}, message {}", version.name(), message.name))?;
    }
    dialect.values()?;
    Ok(dialect.dictionary)
}

/// Whether `version` is one whose dictionary has messages of this type: FIXT 1.1 has the session layer's and FIX 5.0 SP2 all
/// others, which older versions have both.
fn serves(sources: &Sources, version: Version, msg_type: &str) -> bool {
    let of_session = sources.standard.get(&Version::Fixt11).is_some_and(|d| d.message(msg_type).is_some());
    match version {
        Version::Fix42 | Version::Fix44 => true,
        Version::Fixt11 => of_session,
        Version::Fix50Sp2 => !of_session,
    }
}

struct Dialect<'a> {
    sources: &'a Sources,
    /// Names of the fields that the model's messages have in this version.
    used: BTreeSet<&'a str>,
    dictionary: Dictionary,
}

/// A member as the model wants it.
struct Wanted {
    name: String,
    required: bool,
    /// An entry's members, if it is a group.
    group: Option<Vec<Wanted>>,
}

impl<'a> Dialect<'a> {
    fn message(&mut self, message: &'a model::Message) -> Result<()> {
        let version = self.dictionary.version;
        let msg_type = message.fix.as_deref().context("only messages of FIX are asked for")?;
        if !serves(self.sources, version, msg_type) {
            return Ok(());
        }
        let mut wanted = self.fields(&message.fields)?;
        for group in message.all_groups().filter(|group| named(&group.versions, version)) {
            wanted.push(self.group(group)?);
        }
        let present = self.dictionary.messages.iter().position(|m| m.msg_type == msg_type);
        let mut members =
            present.map_or(Vec::new(), |at| std::mem::take(&mut self.dictionary.messages[at].members));
        for wanted in &wanted {
            self.place(&mut members, wanted)?;
        }
        self.nothing_missing(&self.dictionary.resolve(&members)?, &wanted)?;
        match present {
            Some(at) => self.dictionary.messages[at].members = members,
            None => {
                let (name, category) = self.newer_message(&message.name, msg_type)?;
                let msg_type = msg_type.to_owned();
                if let Some(types) = self.dictionary.fields.get_mut(&MSG_TYPE) {
                    types.values.push((msg_type.clone(), shouted(&name)));
                }
                self.dictionary.messages.push(Message { name, msg_type, category, members });
            }
        }
        Ok(())
    }

    /// Checks that the model has told whether each field must be there that the standard requires.
    fn nothing_missing(&self, members: &[Resolved], wanted: &[Wanted]) -> Result<()> {
        for member in members {
            let name = &self.dictionary.fields[&member.tag].name;
            match (wanted.iter().find(|wanted| wanted.name == *name), &member.group) {
                (None, _) => ensure!(
                    !member.required,
                    "the standard requires {name} ({}), which the model's message does not have",
                    member.tag
                ),
                (Some(wanted), Some(group)) => {
                    let wanted = wanted.group.as_deref().with_context(|| format!("{name} is a group"))?;
                    self.nothing_missing(group, wanted).with_context(|| format!("group {name}"))?;
                }
                (Some(_), None) => {}
            }
        }
        Ok(())
    }

    /// The standard's dictionaries from the next version on: what this one lacks is taken from the first that has it.
    fn newer(&self) -> impl Iterator<Item = &'a Dictionary> {
        let version = self.dictionary.version;
        self.sources.standard.values().filter(move |dictionary| dictionary.version > version)
    }

    /// Name and category of a message that this version does not have: those of the next version that has it. FIX has no types
    /// of three characters, so that such a one is the venue's own.
    fn newer_message(&self, name: &str, msg_type: &str) -> Result<(String, String)> {
        if msg_type.len() == 3 {
            return Ok((name.to_owned(), "app".to_owned()));
        }
        let found = self.newer().find_map(|dictionary| dictionary.message(msg_type));
        let found = found.with_context(|| format!("no version of FIX has messages of type {msg_type}"))?;
        Ok((found.name.clone(), found.category.clone()))
    }

    fn fields(&mut self, members: &'a [MessageField]) -> Result<Vec<Wanted>> {
        let mut wanted = Vec::new();
        for member in members {
            let here = named(&member.versions, self.dictionary.version);
            let field = self.sources.model.field(&member.name)?;
            if !here || member.only == Some(model::Protocol::Sbe) || field.tag.is_none() {
                continue;
            }
            let required = member.fix_presence() == Presence::Required;
            wanted.push(Wanted { name: self.name(field)?, required, group: None });
        }
        Ok(wanted)
    }

    fn group(&mut self, group: &'a model::Group) -> Result<Wanted> {
        let required = group.presence == Presence::Required;
        let name = self.name(self.sources.model.field(&group.name)?)?;
        let inner = Wanted { name, required, group: Some(self.fields(&group.fields)?) };
        let Some(outer) = &group.within else { return Ok(inner) };
        let mut members = self.fields(&outer.fields)?;
        members.push(Wanted { required: true, ..inner });
        let name = self.name(self.sources.model.field(&outer.name)?)?;
        Ok(Wanted { name, required, group: Some(members) })
    }

    /// The name of `field` in this version, to which it is added if it is not there.
    fn name(&mut self, field: &'a model::Field) -> Result<String> {
        let tag = field.tag.with_context(|| format!("{} has no tag", field.name))?;
        self.used.insert(&field.name);
        if let Some(present) = self.dictionary.fields.get(&tag) {
            return Ok(present.name.clone());
        }
        let newer = self.newer().find_map(|dictionary| dictionary.fields.get(&tag));
        let added = match (newer, &field.fix) {
            (Some(newer), _) => newer.clone(),
            (None, Some(fix_type)) => {
                Field { name: field.name.clone(), fix_type: fix_type.clone(), values: Vec::new() }
            }
            (None, None) => {
                bail!("no version of FIX from this one on has {} ({tag})", field.name)
            }
        };
        let taken = self.dictionary.fields.iter().find(|(_, f)| f.name == added.name);
        ensure!(taken.is_none(), "{} ({tag}) has the name of another field of the standard", added.name);
        let name = added.name.clone();
        self.dictionary.fields.insert(tag, added);
        Ok(name)
    }

    /// Makes `members` have `wanted`. A component that would have to be another one for it gives way to its contents, for
    /// other messages have it too.
    fn place(&self, members: &mut Vec<Member>, wanted: &Wanted) -> Result<()> {
        if !self.adjust(members, wanted)? {
            members.push(match &wanted.group {
                None => Member::Field { name: wanted.name.clone(), required: wanted.required },
                Some(inner) => {
                    let mut group = Vec::new();
                    for wanted in inner {
                        self.place(&mut group, wanted)?;
                    }
                    Member::Group { name: wanted.name.clone(), required: wanted.required, members: group }
                }
            });
        }
        Ok(())
    }

    /// Whether `members` had `wanted`, and has it now as it is wanted.
    fn adjust(&self, members: &mut Vec<Member>, wanted: &Wanted) -> Result<bool> {
        for at in 0..members.len() {
            match (&mut members[at], &wanted.group) {
                (Member::Field { name, required }, None) if *name == wanted.name => {
                    *required = wanted.required;
                    return Ok(true);
                }
                (Member::Group { name, required, members }, Some(inner)) if *name == wanted.name => {
                    *required = wanted.required;
                    for wanted in inner {
                        self.place(members, wanted)?;
                    }
                    return Ok(true);
                }
                (Member::Component { name, required }, _) => {
                    let mut present = self.dictionary.component(name)?.to_vec();
                    if !*required {
                        present.iter_mut().for_each(relax);
                    }
                    let mut contents = present.clone();
                    if self.adjust(&mut contents, wanted)? {
                        if contents != present {
                            members.splice(at..=at, contents);
                        }
                        return Ok(true);
                    }
                }
                _ => {}
            }
        }
        Ok(false)
    }

    /// Gives coded fields the values that the model has beyond the standard's. A field without any takes all values, and
    /// so it stays.
    fn values(&mut self) -> Result<()> {
        let version = self.dictionary.version;
        for name in &self.used {
            let field = self.sources.model.field(name)?;
            let tag = field.tag.context("only fields with tags are used")?;
            let known = self.dictionary.fields.get(&tag).context("used fields are there")?;
            if known.values.is_empty() && field.fix.is_none() {
                continue;
            }
            let mut values = known.values.clone();
            for value in self.sources.model.fix_values(field) {
                let here = named(&value.versions, version);
                let code = value.fix_code();
                if here && values.iter().all(|(known, _)| known != code) {
                    let newer = self.newer().filter_map(|dictionary| dictionary.fields.get(&tag));
                    let name = newer.flat_map(|field| &field.values).find(|(newer, _)| newer == code);
                    let name = name.map_or_else(|| shouted(&value.name), |(_, name)| name.clone());
                    values.push((code.to_owned(), name));
                }
            }
            self.dictionary.fields.get_mut(&tag).context("used fields are there")?.values = values;
        }
        Ok(())
    }
}

/// Whether `version` is one of `versions`, of which none means all.
fn named(versions: &[Version], version: Version) -> bool {
    versions.is_empty() || versions.contains(&version)
}

/// What stands in a component that need not be there need not be there either.
fn relax(member: &mut Member) {
    match member {
        Member::Field { required, .. }
        | Member::Component { required, .. }
        | Member::Group { required, .. } => {
            *required = false;
        }
    }
}

/// `CancelNewest` as the standard's dictionaries write the names of values.
fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && !before.is_uppercase() && before != '_' {
            shouted.push('_');
        }
        shouted.push(c.to_ascii_uppercase());
        before = c;
    }
    shouted
}

/// Checks what the model says of FIX's fields against the standard.
///
/// # Errors
/// A field that has another name or another kind of type there.
pub fn check(sources: &Sources) -> Result<()> {
    for field in &sources.model.fields {
        let Some(tag) = field.tag else {
            ensure!(field.aliases.is_empty(), "{} has aliases and no tag", field.name);
            continue;
        };
        let mut unused: BTreeSet<_> = field.aliases.iter().collect();
        let mut newest = None;
        for (version, dictionary) in sources.standard.iter().rev() {
            let Some(found) = dictionary.fields.get(&tag) else { continue };
            let older = newest.is_some();
            ensure!(
                field.name == found.name || older && field.aliases.contains(&found.name),
                "tag {tag} is {} in the model and {} in {}",
                field.name,
                found.name,
                version.name()
            );
            unused.remove(&found.name);
            newest.get_or_insert((version, found));
        }
        ensure!(unused.is_empty(), "no version calls {} ({tag}) by its alias {unused:?}", field.name);
        let Some((version, found)) = newest else {
            let namesake = |dictionary: &Dictionary| dictionary.fields.values().any(|f| f.name == field.name);
            ensure!(
                !sources.standard.values().any(namesake),
                "{} is not tag {tag} in the standard",
                field.name
            );
            ensure!(
                field.fix.is_some(),
                "no version of FIX has {} ({tag}), so the model must say its type",
                field.name
            );
            continue;
        };
        ensure!(
            field.fix.is_none(),
            "{} ({tag}) is {} in {}: the model need not say its type",
            field.name,
            found.fix_type,
            version.name()
        );
        kinds_agree(&sources.model, field, &found.fix_type)
            .with_context(|| format!("{} ({tag}) is {} in {}", field.name, found.fix_type, version.name()))?;
    }
    Ok(())
}

/// Whether what the binary protocol makes of `field` can hold what FIX makes of it.
fn kinds_agree(model: &model::Model, field: &model::Field, fix_type: &str) -> Result<()> {
    let Some(name) = &field.type_name else { return Ok(()) };
    if model.enums.iter().any(|e| &e.name == name) {
        let coded = matches!(fix_type, "CHAR" | "INT" | "STRING" | "BOOLEAN");
        ensure!(coded || fix_type.starts_with("MULTIPLE"), "the model's {name} is coded");
        return Ok(());
    }
    let Some(of_model) = model.types.iter().find(|t| &t.name == name) else { return Ok(()) };
    let (agree, kind) = match of_model.kind {
        TypeKind::Decimal { .. } => {
            let numbers = ["PRICE", "PRICEOFFSET", "QTY", "AMT", "FLOAT", "PERCENTAGE"];
            (numbers.contains(&fix_type), "a decimal")
        }
        TypeKind::Integer { .. } => {
            // Moments are nanoseconds, and the venue's numbers of things are names in FIX.
            let whole =
                ["INT", "LENGTH", "SEQNUM", "NUMINGROUP", "UTCTIMESTAMP", "STRING", "BOOLEAN", "CHAR"];
            (whole.contains(&fix_type), "a whole number")
        }
        TypeKind::Wide { .. } => (fix_type == "AMT", "a number of 128 bits"),
        TypeKind::Text { .. } => (["STRING", "CURRENCY", "EXCHANGE", "CHAR"].contains(&fix_type), "text"),
        TypeKind::Set { .. } => (fix_type.starts_with("MULTIPLE") || fix_type == "BOOLEAN", "a set"),
    };
    ensure!(agree, "the model's {name} is {kind}");
    Ok(())
}
