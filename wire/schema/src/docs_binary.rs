//! The tables of docs/binary.md: every message with its fields, every coded value, every set, every type.

use std::fmt::Write;

use anyhow::Result;

use crate::{
    Artefact, Sources,
    layout::{self, Block, Kind, What},
    model::{From, Model, TypeKind},
};

const DOC: &str = "docs/binary.md";

/// The tables.
///
/// # Errors
/// A model that the protocol cannot express.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let model = &sources.model;
    let families = [
        ("orders", From::Client),
        ("operators", From::Operator),
        ("reports", From::Venue),
        ("feed", From::Feed),
    ];
    let mut artefacts = vec![
        Artefact::section(DOC, "types", types(model)?),
        Artefact::section(DOC, "codes", codes(model)?),
        Artefact::section(DOC, "sets", sets(model)?),
    ];
    for (name, from) in families {
        artefacts.push(Artefact::section(DOC, name, messages(model, from)?));
    }
    Ok(artefacts)
}

fn types(model: &Model) -> Result<String> {
    let mut out =
        String::from("| type | encoding | bytes | none | meaning |\n| --- | --- | --- | --- | --- |\n");
    for plain in &model.types {
        let (encoding, bytes, null) = match &plain.kind {
            TypeKind::Integer { primitive } => {
                (primitive.clone(), layout::size_of(primitive)?, layout::null(primitive)?.to_string())
            }
            TypeKind::Decimal { mantissa, exponent } => (
                format!("{mantissa} × 10^{exponent}"),
                layout::size_of(mantissa)?,
                layout::null(mantissa)?.to_string(),
            ),
            TypeKind::Wide { exponent, signed } => {
                let exponent = exponent.map_or(String::new(), |exponent| format!(" × 10^{exponent}"));
                let halves = if *signed { "uint64 and int64" } else { "two uint64" };
                (format!("{halves}, the low half first{exponent}"), 16, String::new())
            }
            TypeKind::Text { length } => {
                (format!("char[{length}]"), usize::from(*length), "zeros".to_owned())
            }
            TypeKind::Set { .. } => continue,
        };
        writeln!(out, "| {} | {encoding} | {bytes} | {null} | {} |", plain.name, plain.doc)?;
    }
    Ok(out)
}

fn codes(model: &Model) -> Result<String> {
    let mut out = String::new();
    for coded in &model.enums {
        // The catalogue has a page of its own.
        if coded.encoding == "uint16" {
            continue;
        }
        let none = layout::null(&coded.encoding)?;
        writeln!(out, "**{}**: {} ({}; none is {none}).\n", coded.name, coded.doc, coded.encoding)?;
        writeln!(out, "| code | name | meaning |\n| --- | --- | --- |")?;
        for value in &coded.values {
            let quote = if coded.encoding == "char" { "`" } else { "" };
            writeln!(out, "| {quote}{}{quote} | {} | {} |", value.code, value.name, value.doc)?;
        }
        writeln!(out)?;
    }
    Ok(out)
}

fn sets(model: &Model) -> Result<String> {
    let mut out = String::from("| set | bit | name | meaning |\n| --- | --- | --- | --- |\n");
    for plain in &model.types {
        let TypeKind::Set { choices, .. } = &plain.kind else { continue };
        for choice in choices {
            writeln!(out, "| {} | {} | {} | {} |", plain.name, choice.bit, choice.name, choice.doc)?;
        }
    }
    Ok(out)
}

fn messages(model: &Model, from: From) -> Result<String> {
    let mut out = String::new();
    let laid = layout::messages(model)?;
    for laid in layout::of(&laid, from) {
        let message = laid.message;
        writeln!(
            out,
            "### {} ({})\n\n{}. Block of {} bytes.\n",
            message.name,
            laid.template,
            capital(&message.doc),
            laid.block.bytes
        )?;
        block(&mut out, &laid.block)?;
        if let Some(group) = &laid.group {
            writeln!(
                out,
                "Then the group {}, with up to {} entries of {} bytes: {}.\n",
                group.group.name, group.group.max, group.entry.bytes, group.group.doc
            )?;
            block(&mut out, &group.entry)?;
        }
    }
    Ok(out)
}

fn block(out: &mut String, block: &Block<'_>) -> Result<()> {
    writeln!(
        out,
        "| offset | bytes | field | type | may be none | meaning |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for member in &block.members {
        let (offset, bytes) = (member.offset, member.bytes);
        match &member.what {
            What::Padding(_) => writeln!(out, "| {offset} | {bytes} | | padding | | zeros |")?,
            What::Field(placed) => {
                let optional = if placed.is_optional() { "yes" } else { "" };
                let name = &placed.field.name;
                let kind = match placed.kind {
                    Kind::Coded(coded) if coded.encoding == "uint16" => "[RejectCode](rejects.md)",
                    kind => kind.name(),
                };
                writeln!(
                    out,
                    "| {offset} | {bytes} | {name} | {kind} | {optional} | {} |",
                    placed.meaning()
                )?;
            }
        }
    }
    writeln!(out)?;
    Ok(())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
