//! Where each field of the binary protocol stands.
//!
//! A message's block is its fields in the model's order, each at a multiple of its own size: where that leaves a gap,
//! and up to a whole number of 8 bytes at the end, there is padding, which the schema names like any other field. So a
//! message that begins at a multiple of 8 can be read as a struct of any language with C's rules of layout. Before a
//! group the block ends 4 bytes earlier, so that with the 4 bytes of the group's size its entries begin at a multiple
//! of 8 too.

use anyhow::{Context, Result, bail, ensure};

use crate::model::{
    Choice, Enum, Field, From, Group, Message, MessageField, Model, Presence, Protocol, Type, TypeKind,
};

/// Bytes of the header of every message.
pub const HEADER_BYTES: usize = 8;
/// Bytes that say how long and how many a group's entries are.
pub const GROUP_SIZE_BYTES: usize = 4;

/// A message of the binary protocol.
#[derive(Clone, Debug)]
pub struct Laid<'a> {
    /// The message.
    pub message: &'a Message,
    /// Its template id.
    pub template: u16,
    /// Its fields.
    pub block: Block<'a>,
    /// Its group, if it has one.
    pub group: Option<LaidGroup<'a>>,
}

/// A group of a message of the binary protocol.
#[derive(Clone, Debug)]
pub struct LaidGroup<'a> {
    /// The group.
    pub group: &'a Group,
    /// The field that counts its entries in FIX, whose tag is the group's id.
    pub counter: &'a Field,
    /// An entry's fields.
    pub entry: Block<'a>,
}

/// Fields one behind the other.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// The fields and what stands between them.
    pub members: Vec<Member<'a>>,
    /// Bytes of all of them.
    pub bytes: usize,
}

/// Something with a place in a block.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Where it begins, from the block's beginning.
    pub offset: usize,
    /// How long it is.
    pub bytes: usize,
    /// What it is.
    pub what: What<'a>,
}

/// What stands in a block.
#[derive(Clone, Debug)]
pub enum What<'a> {
    /// A field.
    Field(Placed<'a>),
    /// Zeros: which of the block's paddings it is, from 1.
    Padding(usize),
}

/// A field that has a place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The field.
    pub field: &'a Field,
    /// What the message says of it.
    pub member: &'a MessageField,
    /// Its type.
    pub kind: Kind<'a>,
}

impl Placed<'_> {
    /// Whether it may be null.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.member.presence != Presence::Required
    }

    /// What it means here, in one text.
    #[must_use]
    pub fn meaning(&self) -> String {
        let here = self.member.doc.iter().map(|doc| format!("; {doc}"));
        let null = self.member.when.iter().map(|when| format!("; null unless {when}"));
        here.chain(null).fold(self.field.doc.clone(), |meaning, more| meaning + &more)
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// A type.
    Plain(&'a Type),
    /// A coded value.
    Coded(&'a Enum),
}

impl<'a> Kind<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Kind::Plain(plain) => &plain.name,
            Kind::Coded(coded) => &coded.name,
        }
    }

    /// How long it is, and of what its place must be a multiple.
    fn size(&self) -> Result<(usize, usize)> {
        let number = |primitive: &str| size_of(primitive).map(|bytes| (bytes, bytes));
        match self {
            Kind::Coded(coded) => number(&coded.encoding),
            Kind::Plain(plain) => match &plain.kind {
                TypeKind::Integer { primitive } | TypeKind::Set { primitive, .. } => number(primitive),
                TypeKind::Decimal { mantissa, .. } => number(mantissa),
                TypeKind::Wide { .. } => Ok((16, 8)),
                TypeKind::Text { length } => Ok((usize::from(*length), 1)),
            },
        }
    }
}

/// Bytes of a number or character of SBE.
///
/// # Errors
/// If `primitive` is none.
pub fn size_of(primitive: &str) -> Result<usize> {
    Ok(match primitive {
        "char" | "int8" | "uint8" => 1,
        "int16" | "uint16" => 2,
        "int32" | "uint32" => 4,
        "int64" | "uint64" => 8,
        other => bail!("SBE has no primitive type {other} that is used here"),
    })
}

/// What stands for no value, as SBE has it where a schema says nothing else.
///
/// # Errors
/// If `primitive` is none of SBE.
pub fn null(primitive: &str) -> Result<i128> {
    let bits = 8 * size_of(primitive)?;
    Ok(match primitive.as_bytes()[0] {
        b'c' => 0,
        b'u' => (1 << bits) - 1,
        _ => -(1 << (bits - 1)),
    })
}

/// The messages of the binary protocol, in order of the model.
///
/// # Errors
/// A field that the protocol cannot carry, or one that stands in a message twice.
pub fn messages(model: &Model) -> Result<Vec<Laid<'_>>> {
    let of_binary = model.messages.iter().filter_map(|m| m.template.map(|template| (m, template)));
    of_binary
        .map(|(message, template)| lay(model, message, template).with_context(|| message.name.clone()))
        .collect()
}

/// The messages that `from` sends.
pub fn of<'b, 'a>(laid: &'b [Laid<'a>], from: From) -> impl Iterator<Item = &'b Laid<'a>> {
    laid.iter().filter(move |laid| laid.message.from == from)
}

/// The bits of a set, if `kind` is one.
#[must_use]
pub fn choices<'a>(kind: Kind<'a>) -> Option<&'a [Choice]> {
    match kind {
        Kind::Plain(Type { kind: TypeKind::Set { choices, .. }, .. }) => Some(choices),
        _ => None,
    }
}

fn lay<'a>(model: &'a Model, message: &'a Message, template: u16) -> Result<Laid<'a>> {
    let end = if message.group.is_some() { 8 - GROUP_SIZE_BYTES } else { 0 };
    let block = block(model, &message.fields, end)?;
    let group = message.group.as_ref().map(|group| -> Result<_> {
        let (counter, entry) = (model.field(&group.name)?, self::block(model, &group.fields, 0)?);
        Ok(LaidGroup { group, counter, entry })
    });
    Ok(Laid { message, template, block, group: group.transpose()? })
}

impl<'a> Laid<'a> {
    /// Its block and that of its group's entries.
    pub fn blocks(&self) -> impl Iterator<Item = &Block<'a>> {
        std::iter::once(&self.block).chain(self.group.as_ref().map(|group| &group.entry))
    }
}

/// `fields` one behind the other, so that what follows begins `end` bytes behind a multiple of 8.
fn block<'a>(model: &'a Model, fields: &'a [MessageField], end: usize) -> Result<Block<'a>> {
    let mut block = Block { members: Vec::new(), bytes: 0 };
    let mut ids = Vec::new();
    for member in fields.iter().filter(|f| f.only != Some(Protocol::Fix)) {
        let field = model.field(&member.name)?;
        let Some(name) = &field.type_name else { continue };
        let kind = kind(model, name)?;
        let (bytes, multiple) = kind.size()?;
        let id = field.sbe_id()?;
        ensure!(!ids.contains(&id), "{} is there twice", field.name);
        ids.push(id);
        block.pad(block.bytes.next_multiple_of(multiple));
        block.push(bytes, What::Field(Placed { field, member, kind }));
    }
    block.pad((block.bytes + 8 - end).next_multiple_of(8) - 8 + end);
    Ok(block)
}

fn kind<'a>(model: &'a Model, name: &str) -> Result<Kind<'a>> {
    let plain = model.types.iter().find(|t| t.name == name).map(Kind::Plain);
    let coded = || model.enums.iter().find(|e| e.name == name).map(Kind::Coded);
    plain.or_else(coded).with_context(|| format!("no type named {name}"))
}

impl<'a> Block<'a> {
    /// The fields without what stands between them.
    pub fn fields(&self) -> impl Iterator<Item = (&Member<'a>, Placed<'a>)> {
        self.members.iter().filter_map(|member| match member.what {
            What::Field(placed) => Some((member, placed)),
            What::Padding(_) => None,
        })
    }

    fn push(&mut self, bytes: usize, what: What<'a>) {
        self.members.push(Member { offset: self.bytes, bytes, what });
        self.bytes += bytes;
    }

    fn pad(&mut self, to: usize) {
        let number = self.members.iter().filter(|m| matches!(m.what, What::Padding(_))).count() + 1;
        if to > self.bytes {
            self.push(to - self.bytes, What::Padding(number));
        }
    }
}
