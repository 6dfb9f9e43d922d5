//! The dictionaries of `generated/` in QuickFIX's form: what a client loads to check all that the venue sends, and
//! nothing of the standard is missing.

use std::fmt::Write;

use anyhow::Result;

use crate::{
    Artefact, Sources, dialect,
    standard::{Dictionary, Member, Version},
};

/// A dictionary for each version.
///
/// # Errors
/// Where the model and the standard contradict each other.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let one = |version: Version| {
        let dictionary = dialect::dictionary(sources, version)?;
        let text = format!("{}{}", heading(version), xml(&dictionary));
        Ok(Artefact::file(format!("wire/schema/generated/{}", version.file()), text))
    };
    Version::ALL.into_iter().map(one).collect()
}

fn heading(version: Version) -> String {
    format!(
        "<!-- Generated from wire/schema/model and wire/schema/standard/{}; change those, then: cargo run -p penstock-schema.\n     \
         {} as Penstock speaks it: all of the standard, and what the venue adds (docs/fix.md). The standard's part is\n     \
         QuickFIX's: this product includes software developed by quickfixengine.org (http://www.quickfixengine.org/). -->\n",
        version.file(),
        version.name()
    )
}

/// `dictionary` as QuickFIX writes it.
#[must_use]
pub fn xml(dictionary: &Dictionary) -> String {
    let mut out = Xml(String::new());
    let attributes: String =
        dictionary.attributes.iter().map(|(name, value)| format!(" {name}='{}'", escaped(value))).collect();
    out.line(0, format_args!("<fix{attributes}>"));
    out.part("header", &dictionary.header);
    out.line(1, format_args!("<messages>"));
    for message in &dictionary.messages {
        let (name, msg_type, category) = (&message.name, &message.msg_type, &message.category);
        out.element(
            2,
            "message",
            format_args!("name='{name}' msgtype='{msg_type}' msgcat='{category}'"),
            &message.members,
        );
    }
    out.line(1, format_args!("</messages>"));
    out.part("trailer", &dictionary.trailer);
    out.line(1, format_args!("<components>"));
    for (name, members) in &dictionary.components {
        out.element(2, "component", format_args!("name='{name}'"), members);
    }
    out.line(1, format_args!("</components>"));
    out.line(1, format_args!("<fields>"));
    for (tag, field) in &dictionary.fields {
        let opening = format!("<field number='{tag}' name='{}' type='{}'", field.name, field.fix_type);
        if field.values.is_empty() {
            out.line(2, format_args!("{opening} />"));
            continue;
        }
        out.line(2, format_args!("{opening}>"));
        for (code, name) in &field.values {
            out.line(3, format_args!("<value enum='{}' description='{}' />", escaped(code), escaped(name)));
        }
        out.line(2, format_args!("</field>"));
    }
    out.line(1, format_args!("</fields>"));
    out.line(0, format_args!("</fix>"));
    out.0
}

struct Xml(String);

impl Xml {
    fn line(&mut self, depth: usize, text: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{:depth$}{text}", "").expect("strings take all");
    }

    fn part(&mut self, name: &str, members: &[Member]) {
        if members.is_empty() {
            return self.line(1, format_args!("<{name} />"));
        }
        self.line(1, format_args!("<{name}>"));
        self.members(2, members);
        self.line(1, format_args!("</{name}>"));
    }

    fn element(&mut self, depth: usize, tag: &str, attributes: std::fmt::Arguments<'_>, members: &[Member]) {
        if members.is_empty() {
            return self.line(depth, format_args!("<{tag} {attributes} />"));
        }
        self.line(depth, format_args!("<{tag} {attributes}>"));
        self.members(depth + 1, members);
        self.line(depth, format_args!("</{tag}>"));
    }

    fn members(&mut self, depth: usize, members: &[Member]) {
        let yes = |required: &bool| if *required { 'Y' } else { 'N' };
        for member in members {
            match member {
                Member::Field { name, required } => {
                    self.line(depth, format_args!("<field name='{name}' required='{}' />", yes(required)));
                }
                Member::Component { name, required } => {
                    self.line(
                        depth,
                        format_args!("<component name='{name}' required='{}' />", yes(required)),
                    );
                }
                Member::Group { name, required, members } => {
                    let attributes = format_args!("name='{name}' required='{}'", yes(required));
                    self.element(depth, "group", attributes, members);
                }
            }
        }
    }
}

/// `text` between apostrophes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}
