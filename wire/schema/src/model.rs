//! What the venue speaks: the files of `model/`, read and joined.
//!
//! A thing is written once and named everywhere else: a type by its fields, a field by its messages. What FIX's
//! own dictionaries ([`crate::standard`]) say already, names and types of standard tags, is not repeated here but
//! checked against them.

mod load;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::standard::Version;

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Model {
    /// The SBE schema's id, version and description.
    pub sbe: Sbe,
    /// Types by name, in order of the file.
    pub types: Vec<Type>,
    /// Coded fields' types, in order of the file.
    pub enums: Vec<Enum>,
    /// Fields, in order of the file.
    pub fields: Vec<Field>,
    /// Messages, in order of the file.
    pub messages: Vec<Message>,
    /// The reject catalogue, in order of its codes.
    pub rejects: Vec<Reject>,
}

/// What the SBE schema says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sbe {
    /// `package` of the schema.
    pub package: String,
    /// `id` of the schema.
    pub id: u16,
    /// `version` of the schema.
    pub version: u16,
    /// `description` of the schema.
    pub doc: String,
}

/// A type of the binary protocol.
#[derive(Clone, Debug, Deserialize)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// What it is made of.
    #[serde(flatten)]
    pub kind: TypeKind,
    /// What it means, with its unit.
    pub doc: String,
}

/// What a type is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum TypeKind {
    /// A whole number.
    Integer {
        /// `uint8` to `uint64`, `int8` to `int64`.
        primitive: String,
    },
    /// A mantissa whose exponent the schema fixes.
    Decimal {
        /// `int64` or `uint64`.
        mantissa: String,
        /// The power of ten.
        exponent: i8,
    },
    /// A whole number of 128 bits in two halves, the low one first.
    Wide {
        /// The power of ten that the schema fixes, if it is a mantissa.
        exponent: Option<i8>,
        /// Whether it may be below zero: then the high half is an `int64`.
        #[serde(default)]
        signed: bool,
    },
    /// Text of a fixed length, padded with zeros.
    Text {
        /// Its bytes.
        length: u16,
    },
    /// Bits, each with a name.
    Set {
        /// `uint8` to `uint64`.
        primitive: String,
        /// Their names and places.
        choices: Vec<Choice>,
    },
}

/// A bit of a set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Its place, from 0.
    pub bit: u8,
    /// What it says when it is set.
    pub doc: String,
}

/// A coded field's type. Codes of the binary protocol are those of FIX where FIX has one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// `char` or `uint8`, `uint16`.
    pub encoding: String,
    /// What it tells.
    pub doc: String,
    /// Its values, in order of their codes.
    pub values: Vec<EnumValue>,
}

/// One value of an [`Enum`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// Its name.
    pub name: String,
    /// Its code: one character with `char`, else a number.
    pub code: String,
    /// Its code in FIX where that is another, or where it is shared by several.
    pub fix: Option<String>,
    /// Which protocol alone has it.
    pub only: Option<Protocol>,
    /// The versions of FIX that have it here; all of them if none is named.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// What it means.
    pub doc: String,
}

impl EnumValue {
    /// Its code in FIX.
    #[must_use]
    pub fn fix_code(&self) -> &str {
        self.fix.as_ref().unwrap_or(&self.code)
    }
}

/// A field, of FIX or of the binary protocol or both.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, where FIX has it that of the newest version.
    pub name: String,
    /// Its names in older versions of FIX, where they differ.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its tag, if FIX can carry it.
    pub tag: Option<u32>,
    /// Its id in the binary protocol; that of a field with a tag is the tag.
    id: Option<u16>,
    /// Its type in FIX, for a tag of the venue's own, which no version of the standard has.
    pub fix: Option<String>,
    /// Its values in FIX, where they are not those of its type.
    #[serde(default)]
    pub values: Vec<EnumValue>,
    /// The name of its type or enum in the binary protocol, if that can carry it.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// What it means.
    pub doc: String,
}

impl Field {
    /// Its id in the binary protocol.
    ///
    /// # Errors
    /// If it has neither tag nor id, or both, or its tag is too large for an id.
    pub fn sbe_id(&self) -> Result<u16> {
        match (self.tag, self.id) {
            (Some(tag), None) => {
                u16::try_from(tag).with_context(|| format!("{}: tag {tag} is no id", self.name))
            }
            (None, Some(id)) => Ok(id),
            _ => bail!("{} has not one of tag and id", self.name),
        }
    }
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// A client, to the venue.
    Client,
    /// An operator, to the venue.
    Operator,
    /// The venue, to a session.
    Venue,
    /// The market data feed.
    Feed,
}

/// A message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its name in the binary protocol; where it has a FIX name that differs, [`Message::fix`] tells which it is.
    pub name: String,
    /// Who sends it.
    pub from: From,
    /// Its template id in the binary protocol, if it is one of its.
    pub template: Option<u16>,
    /// Its MsgType (35) in FIX, if it is one of its.
    pub fix: Option<String>,
    /// What it says, asks for, or does.
    pub doc: String,
    /// Its fields, in order of the binary layout.
    #[serde(default)]
    pub fields: Vec<MessageField>,
    /// Its repeating group, if it has one.
    pub group: Option<Group>,
    /// Repeating groups of a message that FIX alone has, where there may be more than one.
    #[serde(default)]
    pub groups: Vec<Group>,
}

impl Message {
    /// All of its repeating groups.
    pub fn all_groups(&self) -> impl Iterator<Item = &Group> {
        self.group.iter().chain(&self.groups)
    }
}

/// A field's place in a message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageField {
    /// The [`Field`]'s name.
    pub name: String,
    /// When it is there.
    #[serde(default)]
    pub presence: Presence,
    /// What [`Presence::Conditional`] depends on, in a few words.
    pub when: Option<String>,
    /// Which protocols have it in this message; both where its field has a tag and a type.
    pub only: Option<Protocol>,
    /// The versions of FIX that have it in this message; all of them if none is named.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// What is otherwise in FIX.
    #[serde(default)]
    fix: InFix,
    /// What to say of it in this message instead of [`Field::doc`].
    pub doc: Option<String>,
}

/// What of a [`MessageField`] is otherwise in FIX than in the binary protocol, where both have it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFix {
    presence: Option<Presence>,
    when: Option<String>,
    doc: Option<String>,
}

impl MessageField {
    /// When it is there in FIX.
    #[must_use]
    pub fn fix_presence(&self) -> Presence {
        self.fix.presence.unwrap_or(self.presence)
    }

    /// What [`Presence::Conditional`] depends on in FIX.
    #[must_use]
    pub fn fix_when(&self) -> Option<&str> {
        let when = self.fix.when.as_deref().or(self.when.as_deref());
        when.filter(|_| self.fix_presence() == Presence::Conditional)
    }

    /// What to say of it in FIX.
    #[must_use]
    pub fn fix_doc<'a>(&'a self, field: &'a Field) -> &'a str {
        self.fix.doc.as_ref().or(self.doc.as_ref()).unwrap_or(&field.doc)
    }
}

/// When a field is there.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Always.
    #[default]
    Required,
    /// It may be left out.
    Optional,
    /// It depends.
    Conditional,
}

/// One of the two order-entry protocols.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Tag=value.
    Fix,
    /// SBE.
    Sbe,
}

/// A repeating group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name, in FIX its counter's.
    pub name: String,
    /// Entries it has at most.
    pub max: u16,
    /// When it is there.
    #[serde(default)]
    pub presence: Presence,
    /// What [`Presence::Conditional`] depends on, in a few words.
    pub when: Option<String>,
    /// The versions of FIX that have it in this message; all of them if none is named.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// What an entry is.
    pub doc: String,
    /// An entry's fields, in order of the binary layout.
    pub fields: Vec<MessageField>,
    /// The group in whose entries FIX puts it; the binary protocol has no such level.
    pub within: Option<Outer>,
}

/// A group of FIX around another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outer {
    /// Its counter's name.
    pub name: String,
    /// What an entry is.
    pub doc: String,
    /// An entry's fields before the inner group.
    pub fields: Vec<MessageField>,
}

/// A reason for saying no.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// Its code on every protocol; never given to another reason.
    pub code: u16,
    /// Its name.
    pub name: String,
    /// What causes it, for engineers.
    pub cause: String,
    /// What was wrong, as a sentence for traders.
    pub sentence: String,
    /// What to do about it.
    pub remedy: String,
    /// OrdRejReason (103) of FIX.
    pub ord_rej_reason: u32,
    /// CxlRejReason (102) of FIX.
    pub cxl_rej_reason: u32,
    /// HTTP status of the web tier's answer.
    pub http_status: u16,
    /// The code in the body of the web tier's answer.
    pub http_code: i32,
}

impl Model {
    /// The field of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn field(&self, name: &str) -> Result<&Field> {
        self.fields.iter().find(|f| f.name == name).with_context(|| format!("no field named {name}"))
    }

    /// The values that `field` has in FIX: its own, or those of its type.
    pub fn fix_values<'a>(&'a self, field: &'a Field) -> impl Iterator<Item = &'a EnumValue> {
        let of_type = self.enums.iter().find(|e| field.type_name.as_ref() == Some(&e.name));
        let values = match of_type {
            Some(coded) if field.values.is_empty() => &coded.values,
            _ => &field.values,
        };
        values.iter().filter(|value| value.only != Some(Protocol::Sbe))
    }
}
