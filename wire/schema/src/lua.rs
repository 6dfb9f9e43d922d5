//! Wireshark's dissector of the binary protocol: tables of messages and fields, and the fixed part that reads by them
//! (`dissector.lua` beside this file).

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Result, ensure};

use crate::{
    Artefact, Sources,
    layout::{self, Block, Kind, Placed},
    model::{Model, TypeKind},
};

const PATH: &str = "wire/schema/generated/penstock.lua";

/// The dissector.
///
/// # Errors
/// A model that the protocol cannot express.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    Ok(vec![Artefact::file(PATH, script(&sources.model)?)])
}

fn script(model: &Model) -> Result<String> {
    let laid = layout::messages(model)?;
    let mut out = String::from(
        "-- Generated from wire/schema/model; change that, then: cargo run -p penstock-schema.\n\
         -- Wireshark's dissector of the binary protocol: tshark -X lua_script:penstock.lua -d tcp.port==9880,soupbintcp\n\
         -- -d udp.port==9890,moldudp64 -d moldudp64.payload,penstock\n\n\
         local penstock = Proto(\"penstock\", \"Penstock SBE\")\n",
    );
    writeln!(out, "local schema = {}\n", model.sbe.id)?;
    out += "local malformed = ProtoExpert.new(\"penstock.malformed\", \"Malformed message\", \
            expert.group.MALFORMED, expert.severity.ERROR)\npenstock.experts = { malformed }\n\n\
            local header = {\n";
    for (name, title) in [
        ("block_length", "blockLength"),
        ("template", "templateId"),
        ("schema", "schemaId"),
        ("version", "version"),
        ("entry_length", "blockLength"),
        ("entries", "numInGroup"),
    ] {
        writeln!(out, "    {name} = ProtoField.uint16(\"penstock.{name}\", \"{title}\"),")?;
    }
    out += "}\n\n-- Coded values.\nlocal codes = {\n";
    for coded in &model.enums {
        write!(out, "    {} = {{", coded.name)?;
        for value in &coded.values {
            let code = match coded.encoding.as_str() {
                "char" => value.code.bytes().next().unwrap_or_default().to_string(),
                _ => value.code.clone(),
            };
            write!(out, " [{code}] = \"{}\",", value.name)?;
        }
        writeln!(out, " }},")?;
    }
    out += "}\n\nlocal f = {\n";
    let mut fields = BTreeMap::new();
    for (_, placed) in laid.iter().flat_map(layout::Laid::blocks).flat_map(Block::fields) {
        fields.insert(&placed.field.name, placed);
    }
    for (name, placed) in &fields {
        let (constructor, more) = proto_field(placed)?;
        let filter = format!("penstock.{}", name.to_lowercase());
        writeln!(out, "    {name} = ProtoField.{constructor}(\"{filter}\", \"{name}\"{more}),")?;
    }
    out += "}\n\npenstock.fields = {}\n\
            for _, list in ipairs({ header, f }) do\n    \
            for _, field in pairs(list) do penstock.fields[#penstock.fields + 1] = field end\nend\n\n\
            -- By template id: name, bytes of the block, and of each field its place, length and kind, the bytes of none,\n\
            -- decimal places, names of bits.\nlocal messages = {\n";
    for laid in &laid {
        writeln!(
            out,
            "    [{}] = {{\n        name = \"{}\", bytes = {}, fields = {{",
            laid.template, laid.message.name, laid.block.bytes
        )?;
        block(&mut out, &laid.block, "            ")?;
        writeln!(out, "        }},")?;
        if let Some(group) = &laid.group {
            writeln!(
                out,
                "        group = {{ name = \"{}\", bytes = {}, fields = {{",
                group.group.name, group.entry.bytes
            )?;
            block(&mut out, &group.entry, "            ")?;
            writeln!(out, "        }} }},")?;
        }
        writeln!(out, "    }},")?;
    }
    out += "}\n";
    Ok(out + include_str!("dissector.lua"))
}

/// How Wireshark's field is made, and what else that wants.
fn proto_field(placed: &Placed<'_>) -> Result<(String, String)> {
    Ok(match placed.kind {
        Kind::Coded(coded) if coded.encoding == "char" => {
            ("uint8".to_owned(), format!(", base.HEX, codes.{}", coded.name))
        }
        Kind::Coded(coded) => (coded.encoding.clone(), format!(", base.DEC, codes.{}", coded.name)),
        Kind::Plain(plain) => match &plain.kind {
            TypeKind::Integer { primitive } => (primitive.clone(), String::new()),
            TypeKind::Decimal { mantissa, .. } => (mantissa.clone(), String::new()),
            TypeKind::Wide { .. } => ("bytes".to_owned(), String::new()),
            TypeKind::Text { .. } => ("string".to_owned(), String::new()),
            TypeKind::Set { primitive, .. } => (primitive.clone(), ", base.HEX".to_owned()),
        },
    })
}

fn block(out: &mut String, block: &Block<'_>, indent: &str) -> Result<()> {
    for (member, placed) in block.fields() {
        let (kind, more) = reader(&placed)?;
        writeln!(
            out,
            "{indent}{{ f.{}, {}, {}, \"{kind}\"{more} }},",
            placed.field.name, member.offset, member.bytes
        )?;
    }
    Ok(())
}

/// Which of the script's readers a field wants, and what it has to know.
fn reader(placed: &Placed<'_>) -> Result<(&'static str, String)> {
    let null = |primitive: &str| -> Result<String> {
        if !placed.is_optional() {
            return Ok("nil".to_owned());
        }
        let bytes = layout::null(primitive)?.to_le_bytes();
        let hex = bytes.iter().take(layout::size_of(primitive)?).map(|byte| format!("{byte:02X}"));
        Ok(format!("\"{}\"", hex.collect::<String>()))
    };
    Ok(match placed.kind {
        Kind::Coded(coded) => ("code", format!(", {}", null(&coded.encoding)?)),
        Kind::Plain(plain) => match &plain.kind {
            TypeKind::Integer { primitive } if plain.name == "Timestamp" => {
                ("time", format!(", {}", null(primitive)?))
            }
            TypeKind::Integer { primitive } => ("number", format!(", {}", null(primitive)?)),
            TypeKind::Decimal { mantissa, exponent } => {
                ensure!(*exponent < 0, "{}: its point is behind its digits", plain.name);
                let kind = if mantissa.starts_with('u') { "unsigned" } else { "signed" };
                (kind, format!(", {}, {}", null(mantissa)?, -exponent))
            }
            TypeKind::Wide { .. } => ("wide", String::new()),
            TypeKind::Text { .. } => ("text", String::new()),
            TypeKind::Set { choices, .. } => {
                let names: Vec<_> = choices.iter().map(|choice| format!("\"{}\"", choice.name)).collect();
                ("set", format!(", nil, nil, {{ {} }}", names.join(", ")))
            }
        },
    })
}
