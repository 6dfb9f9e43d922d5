//! The binary protocol in Rust: a struct for each block, the coded values, and the choice among the messages.

use std::fmt::Write;

use anyhow::{Context, Result, bail, ensure};

use crate::{
    Artefact, Sources,
    layout::{self, Block, Kind, Laid, Placed, What},
    model::{Enum, From, Model, Type, TypeKind},
};

/// Where the codecs stand.
const FOLDER: &str = "wire/src/sbe";
const GENERATED: &str =
    "//! Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.\n";

/// Coded values that the venue has types for elsewhere, with the same codes.
const TWINS: [(&str, &str); 8] = [
    ("Side", "types"),
    ("OrderType", "types"),
    ("TimeInForce", "types"),
    ("OrderStatus", "types"),
    ("TradingState", "types"),
    ("Cause", "event"),
    ("Liquidity", "event"),
    ("Scope", "command"),
];

/// The codecs.
///
/// # Errors
/// A model that they cannot express.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let model = &sources.model;
    let laid = layout::messages(model)?;
    let file = |name: &str, text: &str| Artefact::rust(&sources.root, format!("{FOLDER}/{name}"), text);
    let mut artefacts =
        vec![file("codes.rs", &codes(model, &laid)?)?, file("messages/mod.rs", &messages(model, &laid)?)?];
    for (from, name, doc) in FAMILIES {
        artefacts.push(file(&format!("messages/{name}.rs"), &family(&laid, from, doc)?)?);
    }
    Ok(artefacts)
}

const FAMILIES: [(From, &str, &str); 4] = [
    (From::Client, "orders", "What clients send."),
    (From::Operator, "operators", "What operators send."),
    (From::Venue, "reports", "What the venue tells a session."),
    (From::Feed, "feed", "Market data, and what is public besides."),
];

const DERIVES: &str = "Clone, Copy, Debug, PartialEq, Eq, IntoBytes, Immutable, KnownLayout";

/// Types that blocks are made of.
fn codes(model: &Model, laid: &[Laid<'_>]) -> Result<String> {
    let mut out = String::from(GENERATED);
    out += "//!\n//! Decimals, sets and coded values.\n\n\
        use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes, little_endian::{I64, U16, U64}};\n\n\
        use super::field::{Field, Nullable, Value};\n";
    for (name, module) in TWINS {
        writeln!(out, "pub use crate::{module}::{name};")?;
    }
    out += "use crate::reject::Reject;\n";
    for plain in &model.types {
        match &plain.kind {
            TypeKind::Decimal { mantissa, exponent } => decimal(&mut out, plain, mantissa, *exponent)?,
            TypeKind::Wide { exponent, signed } => wide(&mut out, plain, *exponent, *signed)?,
            TypeKind::Set { primitive, choices } => {
                ensure!(primitive == "uint8", "{}: sets have 8 bits here", plain.name);
                let mut known = 0_u8;
                let mut names = Vec::new();
                writeln!(out, "\n/// {}.", sentence(&plain.doc))?;
                writeln!(
                    out,
                    "#[derive({DERIVES}, FromBytes, Default)]\n#[repr(transparent)]\npub struct {}(pub u8);",
                    plain.name
                )?;
                writeln!(out, "impl {} {{", plain.name)?;
                for (place, choice) in choices.iter().enumerate() {
                    ensure!(usize::from(choice.bit) == place, "{}: its bits are not in order", plain.name);
                    writeln!(
                        out,
                        "/// {}.\npub const {}: u8 = {};",
                        sentence(&choice.doc),
                        shouted(&choice.name),
                        1_u8 << choice.bit
                    )?;
                    known |= 1 << choice.bit;
                    names.push(choice.name.as_str());
                }
                writeln!(out, "/// All bits that have a meaning.\npub const KNOWN: u8 = {known};\n}}")?;
                writeln!(
                    out,
                    "impl Field for {} {{ fn value(&self) -> Value<'_> {{ Value::Bits(self.0, &{names:?}) }} }}",
                    plain.name
                )?;
            }
            TypeKind::Integer { .. } | TypeKind::Text { .. } => {}
        }
    }
    for coded in &model.enums {
        match coded.encoding.as_str() {
            "uint16" => open_code(&mut out, coded)?,
            "char" | "uint8" => closed_code(&mut out, coded, laid)?,
            other => bail!("{} is encoded as {other}", coded.name),
        }
    }
    Ok(out)
}

fn decimal(out: &mut String, plain: &Type, mantissa: &str, exponent: i8) -> Result<()> {
    let name = &plain.name;
    let (wire, inner, null) = match mantissa {
        "int64" => ("I64", "i64", "MIN"),
        "uint64" => ("U64", "u64", "MAX"),
        other => bail!("{name}: a mantissa of {other}"),
    };
    write!(
        out,
        "\n/// {}: its mantissa, × 10^{exponent}.\n\
         #[derive({DERIVES}, FromBytes, Default)]\n#[repr(transparent)]\npub struct {name}({wire});\n\
         impl {name} {{\n\
         /// The power of ten that the mantissa counts.\npub const EXPONENT: i8 = {exponent};\n\
         /// `mantissa` × 10^{exponent}.\n#[must_use]\npub const fn new(mantissa: {inner}) -> Self {{ Self({wire}::new(mantissa)) }}\n\
         /// What it counts in units of 10^{exponent}.\n#[must_use]\npub const fn mantissa(self) -> {inner} {{ self.0.get() }}\n}}\n\
         impl Field for {name} {{ fn value(&self) -> Value<'_> {{ Value::Number(self.mantissa().into()) }} }}\n\
         impl Nullable for {name} {{\n\
         const NULL: Self = Self::new({inner}::{null});\ntype Read = Self;\n\
         #[inline]\nfn read(self) -> Self {{ self }}\n#[inline]\nfn write(value: Self) -> Self {{ value }}\n}}\n",
        sentence(&plain.doc)
    )?;
    Ok(())
}

fn wide(out: &mut String, plain: &Type, exponent: Option<i8>, signed: bool) -> Result<()> {
    let name = &plain.name;
    let (inner, value) = if signed { ("i128", "Signed") } else { ("u128", "Wide") };
    let bits = if signed { "let number = number.cast_unsigned();" } else { "" };
    let joined = "(self.0[1].get() as u128) << 64 | self.0[0].get() as u128";
    let joined = if signed { format!("({joined}).cast_signed()") } else { joined.to_owned() };
    let exponent = exponent.map_or(String::new(), |e| format!(", × 10^{e}"));
    write!(
        out,
        "\n/// {}{exponent}: the low half first.\n\
         #[derive({DERIVES}, FromBytes, Default)]\n#[repr(transparent)]\npub struct {name}([U64; 2]);\n\
         impl {name} {{\n\
         /// The number in two halves.\n#[must_use]\n\
         #[expect(clippy::cast_possible_truncation, reason = \"the low half is what is wanted\")]\n\
         pub const fn new(number: {inner}) -> Self {{ {bits} Self([U64::new(number as u64), U64::new((number >> 64) as u64)]) }}\n\
         /// The number.\n#[must_use]\npub const fn get(self) -> {inner} {{ {joined} }}\n}}\n\
         impl Field for {name} {{ fn value(&self) -> Value<'_> {{ Value::{value}(self.get()) }} }}\n",
        sentence(&plain.doc)
    )?;
    Ok(())
}

/// A code of which later versions may have more values without a newer schema: reasons for a reject.
fn open_code(out: &mut String, coded: &Enum) -> Result<()> {
    ensure!(coded.name == "RejectCode", "{}: only reject codes have 16 bits", coded.name);
    write!(
        out,
        "\n/// {}.\n\
         #[derive({DERIVES}, FromBytes)]\n#[repr(transparent)]\npub struct RejectCode(U16);\n\
         impl RejectCode {{\n\
         /// The code.\n#[must_use]\npub const fn code(self) -> u16 {{ self.0.get() }}\n\
         /// The reason; `None` for one that a later version has added.\n#[must_use]\n\
         pub fn reject(self) -> Option<Reject> {{ Reject::ALL.iter().copied().find(|reject| *reject as u16 == self.code()) }}\n}}\n\
         impl From<Reject> for RejectCode {{\n#[inline]\nfn from(reject: Reject) -> Self {{ Self(U16::new(reject as u16)) }}\n}}\n\
         impl Field for RejectCode {{\nfn value(&self) -> Value<'_> {{\n\
         self.reject().map_or(Value::Number(self.code().into()), |reject| Value::Code(reject.name()))\n}}\n}}\n",
        sentence(&coded.doc)
    )?;
    Ok(())
}

fn closed_code(out: &mut String, coded: &Enum, laid: &[Laid<'_>]) -> Result<()> {
    let name = &coded.name;
    let mut arms = String::new();
    let mut checks = String::new();
    for value in &coded.values {
        writeln!(arms, "Self::{0} => {0:?},", value.name)?;
        writeln!(checks, "assert!({name}::{} as u8 == {});", value.name, code(coded, &value.code)?)?;
    }
    if TWINS.iter().any(|(twin, _)| twin == name) {
        writeln!(out, "\nconst _: () = {{ {checks} }};")?;
    } else {
        variants(out, name, coded, false)?;
    }
    // The match has no arm for a value that the model does not have: then this does not compile.
    writeln!(
        out,
        "impl Field for {name} {{ fn value(&self) -> Value<'_> {{ Value::Code(match self {{ {arms} }}) }} }}"
    )?;
    let is_optional = |placed: &Placed<'_>| placed.is_optional() && placed.kind.name() == name;
    if !laid.iter().flat_map(Laid::blocks).flat_map(Block::fields).any(|(_, placed)| is_optional(&placed)) {
        return Ok(());
    }
    let optional = format!("Optional{name}");
    variants(out, &optional, coded, true)?;
    let mut both = [String::new(), String::new()];
    for value in &coded.values {
        writeln!(both[0], "Self::{0} => {name}::{0},", value.name)?;
        writeln!(both[1], "{name}::{0} => Self::{0},", value.name)?;
    }
    let [to, from] = both;
    write!(
        out,
        "impl {optional} {{\n/// The value, if there is one.\n#[inline]\n#[must_use]\n\
         pub const fn get(self) -> Option<{name}> {{ Some(match self {{ Self::Null => return None, {to} }}) }}\n}}\n\
         impl From<Option<{name}>> for {optional} {{\n#[inline]\n\
         fn from(value: Option<{name}>) -> Self {{\n\
         let Some(value) = value else {{ return Self::Null }};\nmatch value {{ {from} }}\n}}\n}}\n\
         impl Field for {optional} {{\nfn value(&self) -> Value<'_> {{ match self {{ Self::Null => Value::Null, {arms} }} }}\n}}\n",
        arms = coded
            .values
            .iter()
            .fold(String::new(), |arms, v| arms + &format!("Self::{0} => Value::Code({0:?}),\n", v.name)),
    )?;
    Ok(())
}

fn variants(out: &mut String, name: &str, coded: &Enum, nullable: bool) -> Result<()> {
    let end = if nullable { ", or none" } else { "" };
    writeln!(
        out,
        "\n/// {}{end}.\n#[derive({DERIVES}, TryFromBytes)]\n#[repr(u8)]\npub enum {name} {{",
        sentence(&coded.doc)
    )?;
    let null = match coded.encoding.as_str() {
        "char" => "0",
        _ => "255",
    };
    if nullable {
        writeln!(out, "/// There is none.\nNull = {null},")?;
    }
    for value in &coded.values {
        let code = code(coded, &value.code)?;
        ensure!(code != null, "{name}: {} has the code that says there is none", value.name);
        writeln!(out, "/// {}.\n{} = {code},", sentence(&value.doc), value.name)?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

/// A code as Rust writes it.
fn code(coded: &Enum, code: &str) -> Result<String> {
    match (coded.encoding.as_str(), code.as_bytes()) {
        ("char", [character]) => Ok(format!("b'{}'", char::from(*character))),
        ("char", _) => bail!("{}: {code} is not one character", coded.name),
        _ => Ok(code.parse::<u8>().with_context(|| coded.name.clone())?.to_string()),
    }
}

/// The messages that one kind of peer sends.
fn family(laid: &[Laid<'_>], from: From, doc: &str) -> Result<String> {
    let mut out = format!("{GENERATED}//!\n//! {doc}\n");
    let family: Vec<_> = layout::of(laid, from).collect();
    let mut body = String::new();
    for laid in &family {
        let name = &laid.message.name;
        block(&mut body, name, name, &laid.message.doc, &laid.block)?;
        writeln!(body, "impl Root for {name} {{ const TEMPLATE: u16 = {}; }}", laid.template)?;
        match &laid.group {
            None => writeln!(body, "impl Single for {name} {{}}")?,
            Some(group) => {
                let entry = format!("{name}Entry");
                block(
                    &mut body,
                    &entry,
                    &format!("{name}.{}", group.group.name),
                    &group.group.doc,
                    &group.entry,
                )?;
                writeln!(
                    body,
                    "impl Grouped for {name} {{\ntype Entry = {entry};\nconst ENTRIES_MAX: usize = {};\n}}",
                    group.group.max
                )?;
            }
        }
    }
    // Only what is used may be imported.
    let imports = |path: &str, names: &[&str]| {
        let word = |name: &&&str| {
            let in_text = body.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == **name);
            // A trait is used by its method.
            in_text || (**name == "Field" && body.contains(".value()"))
        };
        let used: Vec<_> = names.iter().filter(word).copied().collect();
        if used.is_empty() { String::new() } else { format!("use {path}::{{{}}};\n", used.join(", ")) }
    };
    out += &imports("std::mem", &["offset_of"]);
    out += &imports("zerocopy", &["FromBytes", "Immutable", "IntoBytes", "KnownLayout", "TryFromBytes"]);
    out += &imports("zerocopy::little_endian", &["U16", "U32", "U64"]);
    out += &imports("super::super", &["Block", "Grouped", "Root", "Single"]);
    out += &imports("super::super::field", &["Coded", "Field", "Optional", "Text", "Value", "is_code"]);
    let types: Vec<_> = laid.iter().flat_map(Laid::blocks).flat_map(Block::fields).map(|(_, p)| p).collect();
    let mut names: Vec<String> = Vec::new();
    for placed in &types {
        let name = of_codes(placed);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names.sort();
    out += &imports("super::super::codes", &names.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(out + &body)
}

/// The name of a type that stands in `codes`.
fn of_codes(placed: &Placed<'_>) -> Option<String> {
    match placed.kind {
        Kind::Coded(coded) if placed.is_optional() => Some(format!("Optional{}", coded.name)),
        Kind::Coded(coded) => Some(coded.name.clone()),
        Kind::Plain(plain) => match plain.kind {
            TypeKind::Decimal { .. } | TypeKind::Wide { .. } | TypeKind::Set { .. } => {
                Some(plain.name.clone())
            }
            TypeKind::Integer { .. } | TypeKind::Text { .. } => None,
        },
    }
}

/// Fields of which not every byte is a value: name, id, place, and the test.
fn coded<'b>(block: &'b Block<'_>) -> impl Iterator<Item = Result<(String, u16, usize, String)>> + 'b {
    block.fields().filter_map(|(member, placed)| {
        let test = match placed.kind {
            Kind::Coded(coded) if coded.encoding == "uint16" => return None,
            Kind::Coded(_) => format!("is_code::<{}>", of_codes(&placed)?),
            kind => {
                // Where all bits have a meaning, every byte is a value.
                layout::choices(kind).filter(|choices| choices.len() < 8)?;
                format!("|bits| bits & !{}::KNOWN == 0", kind.name())
            }
        };
        Some(placed.field.sbe_id().map(|id| (placed.field.name.clone(), id, member.offset, test)))
    })
}

fn block(out: &mut String, name: &str, path: &str, doc: &str, block: &Block<'_>) -> Result<()> {
    let coded: Vec<_> = coded(block).collect::<Result<_>>()?;
    let from_bytes =
        if coded.iter().all(|(.., test)| test.starts_with('|')) { "FromBytes" } else { "TryFromBytes" };
    write!(out, "\n{}#[derive({DERIVES}, {from_bytes})]\n#[repr(C)]\npub struct {name} {{\n", comment(doc))?;
    let (mut places, mut values, mut bits) = (String::new(), String::new(), Vec::new());
    for member in &block.members {
        let field = match &member.what {
            What::Padding(number) => {
                let field = format!("padding{number}");
                writeln!(out, "/// Zeros.\npub {field}: [u8; {}],", member.bytes)?;
                field
            }
            What::Field(placed) => {
                let field = snake(&placed.field.name);
                write!(out, "{}", comment(&placed.meaning()))?;
                writeln!(out, "pub {field}: {},", rust_type(placed)?)?;
                writeln!(values, "see({:?}, self.{field}.value());", placed.field.name)?;
                if layout::choices(placed.kind).is_some_and(|choices| choices.len() < 8) {
                    bits.push(format!("self.{field}.0 & !{}::KNOWN != 0", placed.kind.name()));
                }
                field
            }
        };
        writeln!(places, "assert!(offset_of!({name}, {field}) == {});", member.offset)?;
    }
    let bits = if bits.is_empty() { "false".to_owned() } else { bits.join(" || ") };
    write!(
        out,
        "}}\n\nimpl {name} {{\n/// Hands each field's name and value to `see`, in order.\n\
         pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'static str, Value<'a>)) {{ {values} }}\n}}\n\
         impl Block for {name} {{\nconst NAME: &'static str = {path:?};\nconst CODED: &'static [Coded] = &["
    )?;
    for (field, id, offset, test) in &coded {
        write!(out, "Coded {{ field: {field:?}, id: {id}, offset: {offset}, is_known: {test} }},")?;
    }
    write!(
        out,
        "];\n#[inline]\nfn has_unknown_bits(&self) -> bool {{ {bits} }}\n}}\n\
         const _: () = {{ assert!(size_of::<{name}>() == {}); {places} }};\n",
        block.bytes
    )?;
    Ok(())
}

fn rust_type(placed: &Placed<'_>) -> Result<String> {
    if let Some(name) = of_codes(placed) {
        let plain = matches!(placed.kind, Kind::Plain(_));
        return Ok(if plain && placed.is_optional() { format!("Optional<{name}>") } else { name });
    }
    let Kind::Plain(plain) = placed.kind else { bail!("{} has no type", placed.field.name) };
    let name = match &plain.kind {
        TypeKind::Text { length } => return Ok(format!("Text<{length}>")),
        TypeKind::Integer { primitive } => match primitive.as_str() {
            "uint16" => "U16",
            "uint32" => "U32",
            "uint64" => "U64",
            other => bail!("{}: no field is of {other} here", placed.field.name),
        },
        _ => bail!("{} has no type", placed.field.name),
    };
    Ok(if placed.is_optional() { format!("Optional<{name}>") } else { name.to_owned() })
}

/// The choice among the messages.
fn messages(model: &Model, laid: &[Laid<'_>]) -> Result<String> {
    let mut out = String::from(GENERATED);
    out += "//!\n//! Every message, and the choice among them by template id.\n\n";
    for (_, name, _) in FAMILIES {
        writeln!(out, "mod {name};")?;
    }
    out += "\nuse super::{Block, Entries, Error, Grouped, Header, NoRoom, Root, encode, encode_group, field::{Coded, Value}, grouped, single};\n\n";
    for (_, name, _) in FAMILIES {
        writeln!(out, "pub use {name}::*;")?;
    }
    write!(
        out,
        "\n/// The id of the schema.\npub const SCHEMA_ID: u16 = {};\n/// The schema's version.\npub const VERSION: u16 = {};\n",
        model.sbe.id, model.sbe.version
    )?;
    let (mut variants, mut reads, mut writes, mut visits, mut templates, mut shapes) =
        (String::new(), String::new(), String::new(), String::new(), String::new(), String::new());
    for laid in laid {
        let name = &laid.message.name;
        let doc = comment(&laid.message.doc);
        if laid.group.is_some() {
            let entries = format!("Entries<'a, <{name} as Grouped>::Entry>");
            writeln!(variants, "{doc}{name}(&'a {name}, {entries}),")?;
            writeln!(
                reads,
                "{name}::TEMPLATE => {{ let (block, entries) = grouped(header, body)?; Self::{name}(block, entries) }}"
            )?;
            writeln!(
                writes,
                "Self::{name}(block, entries) => encode_group(*block, entries.iter(), buffer),"
            )?;
            writeln!(
                visits,
                "Self::{name}(block, entries) => {{ block.visit(see); for entry in entries.iter() {{ entry.visit(see); }} }}"
            )?;
            writeln!(templates, "Self::{name}(..) => {name}::TEMPLATE,")?;
            writeln!(
                shapes,
                "Shape {{ entry: Some(EntryShape::of::<{name}>()), ..Shape::of::<{name}>() }},"
            )?;
        } else {
            writeln!(variants, "{doc}{name}(&'a {name}),")?;
            writeln!(reads, "{name}::TEMPLATE => Self::{name}(single(header, body)?),")?;
            writeln!(writes, "Self::{name}(block) => encode(*block, buffer),")?;
            writeln!(visits, "Self::{name}(block) => block.visit(see),")?;
            writeln!(templates, "Self::{name}(_) => {name}::TEMPLATE,")?;
            writeln!(shapes, "Shape::of::<{name}>(),")?;
        }
    }
    write!(
        out,
        "\n/// A message, where it lies.\n#[derive(Clone, Copy, Debug)]\npub enum Message<'a> {{\n{variants}}}\n\n\
         impl<'a> Message<'a> {{\n\
         /// The message that `header` announces, in `body`.\n#[inline]\n\
         pub(super) fn read(header: &Header, body: &'a [u8]) -> Result<Self, Error> {{\n\
         Ok(match header.template_id.get() {{\n{reads}found => return Err(Error::Template {{ found }}),\n}})\n}}\n\n\
         /// Writes it to the beginning of `buffer`. Gives its length.\n///\n/// # Errors\n/// If it does not fit.\n\
         pub fn encode(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {{ match self {{ {writes} }} }}\n\n\
         /// Its template id.\n#[must_use]\npub const fn template(&self) -> u16 {{ match self {{ {templates} }} }}\n\n\
         /// Hands each field's name and value to `see`, in order, those of its entries last.\n\
         pub fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'a>)) {{ match self {{ {visits} }} }}\n}}\n\n\
         /// How a message is built.\n#[derive(Clone, Copy, Debug)]\npub struct Shape {{\n\
         /// Its name.\npub name: &'static str,\n/// Its template id.\npub template: u16,\n\
         /// Bytes of its block.\npub block: usize,\n/// The fields of its block that not every byte is a value of.\npub coded: &'static [Coded],\n\
         /// Its group, if it has one.\npub entry: Option<EntryShape>,\n}}\n\n\
         /// How a group is built.\n#[derive(Clone, Copy, Debug)]\npub struct EntryShape {{\n\
         /// Bytes of an entry.\npub bytes: usize,\n/// How many there may be.\npub max: usize,\n\
         /// The fields of an entry that not every byte is a value of.\npub coded: &'static [Coded],\n}}\n\n\
         impl EntryShape {{\nconst fn of<B: Grouped>() -> EntryShape {{\n\
         EntryShape {{ bytes: size_of::<B::Entry>(), max: B::ENTRIES_MAX, coded: B::Entry::CODED }}\n}}\n}}\n\n\
         impl Shape {{\n/// How every message is built.\npub const ALL: &'static [Shape] = &[{shapes}];\n\n\
         const fn of<B: Root>() -> Shape {{ Shape {{ name: B::NAME, template: B::TEMPLATE, block: size_of::<B>(), coded: B::CODED, entry: None }} }}\n}}\n"
    )?;
    Ok(out)
}

/// `ClOrdID` as Rust writes the name of a field.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).is_some_and(|c| c.is_uppercase());
        let after = letters.get(at + 1).is_some_and(|c| c.is_lowercase());
        if letter.is_uppercase() && at > 0 && (!before || after) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn shouted(name: &str) -> String {
    snake(name).to_uppercase()
}

/// A text of the model as the beginning of a sentence.
fn sentence(doc: &str) -> String {
    let mut letters = doc.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A text of the model as a comment of no more than the width of a line.
fn comment(doc: &str) -> String {
    let mut lines = vec![String::from("///")];
    for word in format!("{}.", sentence(doc)).split(' ') {
        let line = lines.last_mut().expect("there is one");
        if line.len() + word.len() < 104 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("/// {word}"));
        }
    }
    lines.join("\n") + "\n"
}
