//! FIX's own dictionaries: the files of `standard/`, in QuickFIX's form.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};
use roxmltree::{Document, Node};
use serde::Deserialize;

/// A dictionary that we serve, or half of one.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// FIX 4.2.
    #[serde(rename = "FIX42")]
    Fix42,
    /// FIX 4.4.
    #[serde(rename = "FIX44")]
    Fix44,
    /// FIXT 1.1: the session layer of FIX 5.0 SP2.
    #[serde(rename = "FIXT11")]
    Fixt11,
    /// FIX 5.0 SP2: the application layer alone.
    #[serde(rename = "FIX50SP2")]
    Fix50Sp2,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Version; 4] = [Version::Fix42, Version::Fix44, Version::Fixt11, Version::Fix50Sp2];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX 4.2",
            Version::Fix44 => "FIX 4.4",
            Version::Fixt11 => "FIXT 1.1",
            Version::Fix50Sp2 => "FIX 5.0 SP2",
        }
    }

    /// The name of its dictionary's file.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX42.xml",
            Version::Fix44 => "FIX44.xml",
            Version::Fixt11 => "FIXT11.xml",
            Version::Fix50Sp2 => "FIX50SP2.xml",
        }
    }
}

/// One version's messages and fields, components not yet resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// Which version it is.
    pub version: Version,
    /// `major`, `minor`, `servicepack` and `type`, as the file has them.
    pub attributes: Vec<(String, String)>,
    /// The header's members; empty in an application layer's dictionary.
    pub header: Vec<Member>,
    /// The trailer's members; empty in an application layer's dictionary.
    pub trailer: Vec<Member>,
    /// Messages, in order of the file.
    pub messages: Vec<Message>,
    /// Components by name.
    pub components: BTreeMap<String, Vec<Member>>,
    /// Fields by tag.
    pub fields: BTreeMap<u32, Field>,
}

/// A message of the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub name: String,
    /// MsgType (35).
    pub msg_type: String,
    /// `admin` or `app`.
    pub category: String,
    /// Its members, in order.
    pub members: Vec<Member>,
}

/// What a message, component or group is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// A field.
    Field {
        /// Its name.
        name: String,
        /// Whether the message must have it.
        required: bool,
    },
    /// A component, to be found in [`Dictionary::components`].
    Component {
        /// Its name.
        name: String,
        /// Whether the message must have it.
        required: bool,
    },
    /// A repeating group.
    Group {
        /// The name of the field that counts its entries.
        name: String,
        /// Whether the message must have it.
        required: bool,
        /// An entry's members; the first one begins an entry.
        members: Vec<Member>,
    },
}

/// A field of the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its FIX type, `PRICE`.
    pub fix_type: String,
    /// Its values and their names, if it is a coded one.
    pub values: Vec<(String, String)>,
}

/// A member whose components are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its tag; a group's is that of its counter.
    pub tag: u32,
    /// Whether what it stands in must have it.
    pub required: bool,
    /// An entry's members, if it is a group.
    pub group: Option<Vec<Resolved>>,
}

impl Dictionary {
    /// The message of this MsgType (35).
    #[must_use]
    pub fn message(&self, msg_type: &str) -> Option<&Message> {
        self.messages.iter().find(|m| m.msg_type == msg_type)
    }

    /// `members` with the contents of components in their place, as tags. What a component holds is required where
    /// the component is, too.
    ///
    /// # Errors
    /// If a component or field is not there.
    pub fn resolve(&self, members: &[Member]) -> Result<Vec<Resolved>> {
        let tags = self.fields.iter().map(|(&tag, field)| (field.name.as_str(), tag)).collect();
        let mut resolved = Vec::new();
        self.resolve_into(members, true, &tags, &mut resolved)?;
        Ok(resolved)
    }

    fn resolve_into(
        &self,
        members: &[Member],
        all_required: bool,
        tags: &BTreeMap<&str, u32>,
        resolved: &mut Vec<Resolved>,
    ) -> Result<()> {
        let tag = |name: &str| {
            let tag = tags.get(name).copied();
            tag.with_context(|| format!("{} has no field {name}", self.version.name()))
        };
        for member in members {
            match member {
                Member::Field { name, required } => {
                    resolved.push(Resolved {
                        tag: tag(name)?,
                        required: *required && all_required,
                        group: None,
                    });
                }
                Member::Component { name, required } => {
                    let inner = self.component(name)?;
                    self.resolve_into(inner, *required && all_required, tags, resolved)?;
                }
                Member::Group { name, required, members } => {
                    let mut group = Vec::new();
                    self.resolve_into(members, true, tags, &mut group)?;
                    let required = *required && all_required;
                    resolved.push(Resolved { tag: tag(name)?, required, group: Some(group) });
                }
            }
        }
        Ok(())
    }

    /// The members of the component of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn component(&self, name: &str) -> Result<&[Member]> {
        let found = self.components.get(name).map(Vec::as_slice);
        found.with_context(|| format!("{} has no component {name}", self.version.name()))
    }

    /// The dictionary of `version` in `folder`.
    ///
    /// # Errors
    /// If it cannot be read, or is not of QuickFIX's form.
    pub fn read(folder: &Path, version: Version) -> Result<Dictionary> {
        let path = folder.join(version.file());
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(version, &text).with_context(|| path.display().to_string())
    }

    /// The dictionary that `text` is.
    ///
    /// # Errors
    /// If it is not of QuickFIX's form.
    pub fn parse(version: Version, text: &str) -> Result<Dictionary> {
        let document = Document::parse(text)?;
        let root = document.root_element();
        let part = |name: &str| root.children().find(|n| n.has_tag_name(name));
        let elements =
            |name: &str| part(name).into_iter().flat_map(|n| n.children().filter(Node::is_element));
        let messages = elements("messages")
            .map(|node| {
                Ok(Message {
                    name: attribute(node, "name")?,
                    msg_type: attribute(node, "msgtype")?,
                    category: attribute(node, "msgcat")?,
                    members: members(node)?,
                })
            })
            .collect::<Result<_>>()?;
        let components = elements("components")
            .map(|node| Ok((attribute(node, "name")?, members(node)?)))
            .collect::<Result<_>>()?;
        let fields = elements("fields")
            .map(|node| {
                let values = node
                    .children()
                    .filter(Node::is_element)
                    .map(|value| Ok((attribute(value, "enum")?, attribute(value, "description")?)))
                    .collect::<Result<_>>()?;
                let field =
                    Field { name: attribute(node, "name")?, fix_type: attribute(node, "type")?, values };
                Ok((attribute(node, "number")?.parse()?, field))
            })
            .collect::<Result<_>>()?;
        Ok(Dictionary {
            version,
            attributes: root.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect(),
            header: part("header").map_or(Ok(Vec::new()), members)?,
            trailer: part("trailer").map_or(Ok(Vec::new()), members)?,
            messages,
            components,
            fields,
        })
    }
}

fn attribute(node: Node<'_, '_>, name: &str) -> Result<String> {
    let value =
        node.attribute(name).with_context(|| format!("<{}> without {name}", node.tag_name().name()))?;
    Ok(value.to_owned())
}

fn members(node: Node<'_, '_>) -> Result<Vec<Member>> {
    node.children()
        .filter(Node::is_element)
        .map(|child| {
            let name = attribute(child, "name")?;
            let required = attribute(child, "required")? == "Y";
            Ok(match child.tag_name().name() {
                "field" => Member::Field { name, required },
                "component" => Member::Component { name, required },
                "group" => Member::Group { name, required, members: members(child)? },
                other => bail!("<{other}> is no member of a message"),
            })
        })
        .collect()
}
