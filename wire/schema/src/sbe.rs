//! The SBE schema: what a stranger needs to read and write the binary protocol (FIX Simple Binary Encoding 1.0).
//!
//! Written for the tools there are: every field has a named type, padding is a field, no field says its offset, and a
//! type that may be null says its null value, though it is the standard's own.

use std::{
    collections::BTreeSet,
    fmt::{Display, Write},
};

use anyhow::{Context, Result, ensure};

use crate::{
    Artefact, Sources,
    layout::{self, Block, Kind, Laid, Placed, What},
    model::{Enum, Model, Type, TypeKind},
};

/// Where the schema stands.
pub const PATH: &str = "wire/schema/generated/penstock-sbe.xml";
/// The id of a block's first padding; the ids of fields stay below.
const PADDING_ID: usize = 65_001;

/// The schema.
///
/// # Errors
/// A model that the protocol cannot express.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    Ok(vec![Artefact::file(PATH, xml(&sources.model).context("the SBE schema")?)])
}

fn xml(model: &Model) -> Result<String> {
    let laid = layout::messages(model)?;
    let mut out = Xml::default();
    out.text += "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    out.text +=
        "<!-- Generated from wire/schema/model; change that, then: cargo run -p penstock-schema. -->\n";
    let sbe = &model.sbe;
    let schema = Tag::new("sbe:messageSchema")
        .with("xmlns:sbe", "http://fixprotocol.io/2016/sbe")
        .with("package", &sbe.package)
        .with("id", sbe.id)
        .with("version", sbe.version)
        .with("semanticVersion", "FIX5SP2")
        .with("byteOrder", "littleEndian");
    out.open(schema.with("description", &sbe.doc));
    types(&mut out, model, &Used::of(&laid))?;
    for laid in &laid {
        message(&mut out, laid)?;
    }
    out.close("sbe:messageSchema");
    Ok(out.text)
}

/// What the messages are made of.
#[derive(Default)]
struct Used<'a> {
    required: BTreeSet<&'a str>,
    optional: BTreeSet<&'a str>,
    encodings: BTreeSet<&'a str>,
    paddings: BTreeSet<usize>,
}

impl<'a> Used<'a> {
    fn of(laid: &[Laid<'a>]) -> Used<'a> {
        let mut used = Used::default();
        let members = laid.iter().flat_map(Laid::blocks).flat_map(|block| &block.members);
        for member in members {
            match &member.what {
                What::Padding(_) => {
                    used.paddings.insert(member.bytes);
                }
                What::Field(placed) => {
                    if let Kind::Coded(coded) = placed.kind {
                        used.encodings.insert(&coded.encoding);
                    }
                    let names = if is_nullable(placed) { &mut used.optional } else { &mut used.required };
                    names.insert(placed.kind.name());
                }
            }
        }
        used
    }
}

/// Whether a field's type is the one that may be null. A coded value's type always may, by its encoding.
fn is_nullable(placed: &Placed<'_>) -> bool {
    placed.is_optional() && matches!(placed.kind, Kind::Plain(_))
}

fn types(out: &mut Xml, model: &Model, used: &Used<'_>) -> Result<()> {
    out.open(Tag::new("types"));
    for (name, doc, members) in [
        (
            "messageHeader",
            "what every message begins with",
            &["blockLength", "templateId", "schemaId", "version"][..],
        ),
        (
            "groupSizeEncoding",
            "how long and how many the entries of a group are",
            &["blockLength", "numInGroup"],
        ),
    ] {
        out.open(Tag::new("composite").with("name", name).with("description", doc));
        for member in members {
            out.empty(Tag::new("type").with("name", member).with("primitiveType", "uint16"));
        }
        out.close("composite");
    }
    for bytes in &used.paddings {
        let padding = Tag::new("type").with("name", format_args!("Padding{bytes}"));
        out.empty(padding.with("primitiveType", "char").with("length", bytes).with("description", "zeros"));
    }
    for primitive in &used.encodings {
        let code = Tag::new("type").with("name", encoding(primitive)).with("primitiveType", primitive);
        out.empty(code.with("presence", "optional").with("nullValue", layout::null(primitive)?));
    }
    for plain in &model.types {
        for (names, optional) in [(&used.required, false), (&used.optional, true)] {
            if names.contains(plain.name.as_str()) {
                plain_type(out, plain, optional).with_context(|| plain.name.clone())?;
            }
        }
    }
    for coded in model.enums.iter().filter(|e| used.required.contains(e.name.as_str())) {
        coded_type(out, coded);
    }
    out.close("types");
    Ok(())
}

fn plain_type(out: &mut Xml, plain: &Type, optional: bool) -> Result<()> {
    let titled =
        |tag| Tag::new(tag).with("name", type_name(&plain.name, optional)).with("description", &plain.doc);
    let number = |tag: Tag, primitive: &str| -> Result<Tag> {
        let tag = tag.with("primitiveType", primitive);
        if !optional {
            return Ok(tag);
        }
        Ok(tag.with("presence", "optional").with("nullValue", layout::null(primitive)?))
    };
    match &plain.kind {
        TypeKind::Integer { primitive } => out.empty(number(titled("type"), primitive)?),
        TypeKind::Text { length } => {
            let text = titled("type").with("primitiveType", "char").with("length", length);
            let text = if optional { text.with("presence", "optional") } else { text };
            out.empty(text.with("characterEncoding", "ASCII"));
        }
        TypeKind::Decimal { mantissa, exponent } => {
            out.open(titled("composite"));
            out.empty(number(Tag::new("type").with("name", "mantissa"), mantissa)?);
            constant(out, *exponent);
            out.close("composite");
        }
        TypeKind::Wide { exponent, signed } => {
            ensure!(!optional, "SBE has no null for it");
            out.open(titled("composite"));
            let high = if *signed { "int64" } else { "uint64" };
            for (half, primitive) in [("low", "uint64"), ("high", high)] {
                out.empty(Tag::new("type").with("name", half).with("primitiveType", primitive));
            }
            exponent.iter().for_each(|&exponent| constant(out, exponent));
            out.close("composite");
        }
        TypeKind::Set { primitive, choices } => {
            ensure!(!optional, "SBE has no null for it");
            out.open(titled("set").with("encodingType", primitive));
            for choice in choices {
                let tag = Tag::new("choice").with("name", &choice.name).with("description", &choice.doc);
                out.leaf(tag, choice.bit);
            }
            out.close("set");
        }
    }
    Ok(())
}

fn constant(out: &mut Xml, exponent: i8) {
    let tag = Tag::new("type").with("name", "exponent").with("primitiveType", "int8");
    out.leaf(tag.with("presence", "constant"), exponent);
}

fn coded_type(out: &mut Xml, coded: &Enum) {
    let tag = Tag::new("enum").with("name", &coded.name).with("encodingType", encoding(&coded.encoding));
    out.open(tag.with("description", &coded.doc));
    for value in &coded.values {
        let tag = Tag::new("validValue").with("name", &value.name).with("description", &value.doc);
        out.leaf(tag, &value.code);
    }
    out.close("enum");
}

fn message(out: &mut Xml, laid: &Laid<'_>) -> Result<()> {
    let tag = Tag::new("sbe:message").with("name", &laid.message.name).with("id", laid.template);
    out.open(tag.with("blockLength", laid.block.bytes).with("description", &laid.message.doc));
    fields(out, &laid.block)?;
    if let Some(group) = &laid.group {
        let tag = Tag::new("group").with("name", &group.group.name).with("id", group.counter.sbe_id()?);
        let tag = tag.with("dimensionType", "groupSizeEncoding").with("blockLength", group.entry.bytes);
        out.open(tag.with("description", &group.group.doc));
        fields(out, &group.entry)?;
        out.close("group");
    }
    out.close("sbe:message");
    Ok(())
}

fn fields(out: &mut Xml, block: &Block<'_>) -> Result<()> {
    for member in &block.members {
        match &member.what {
            What::Padding(number) => {
                let tag = Tag::new("field").with("name", format_args!("Padding{number}"));
                let tag = tag.with("id", PADDING_ID + number - 1);
                out.empty(
                    tag.with("type", format_args!("Padding{}", member.bytes)).with("description", "zeros"),
                );
            }
            What::Field(placed) => {
                let id = placed.field.sbe_id()?;
                ensure!(usize::from(id) < PADDING_ID, "the id of {} is one of padding", placed.field.name);
                let tag = Tag::new("field").with("name", &placed.field.name).with("id", id);
                let tag = tag.with("type", type_name(placed.kind.name(), is_nullable(placed)));
                let tag = if placed.is_optional() { tag.with("presence", "optional") } else { tag };
                out.empty(tag.with("description", placed.meaning()));
            }
        }
    }
    Ok(())
}

/// The name of a type that may be null or may not: which of the two a field wants stands in its type, because tools
/// look for the null value there.
fn type_name(name: &str, optional: bool) -> String {
    format!("{name}{}", if optional { "Optional" } else { "" })
}

/// The name of the type that coded values of `primitive` are encoded by.
fn encoding(primitive: &str) -> String {
    format!("Code{}{}", primitive[..1].to_uppercase(), &primitive[1..])
}

/// The inside of a tag.
struct Tag(String);

impl Tag {
    fn new(name: &str) -> Tag {
        Tag(name.to_owned())
    }

    fn with(mut self, attribute: &str, value: impl Display) -> Tag {
        let value = value.to_string();
        let value =
            value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        write!(self.0, " {attribute}=\"{value}\"").expect("a String takes all");
        self
    }
}

#[derive(Default)]
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{:1$}{line}", "", 2 * self.depth).expect("a String takes all");
    }

    fn open(&mut self, tag: Tag) {
        self.line(&format!("<{}>", tag.0));
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    fn empty(&mut self, tag: Tag) {
        self.line(&format!("<{}/>", tag.0));
    }

    fn leaf(&mut self, tag: Tag, text: impl Display) {
        let name = tag.0.split(' ').next().unwrap_or_default();
        self.line(&format!("<{}>{text}</{name}>", tag.0));
    }
}
