//! The reject catalogue: in Rust, and as the table of docs/rejects.md.

use std::fmt::Write;

use anyhow::{Result, ensure};

use crate::{Artefact, Sources, model::Reject};

/// Where the catalogue stands in Rust, and where its table.
const RUST: &str = "wire/src/reject/catalogue.rs";
const DOC: &str = "docs/rejects.md";

/// The catalogue in its two forms.
///
/// # Errors
/// If codes are not in order, or a reason is none on the web, or has a code in FIX that the model does not have.
pub fn artefacts(sources: &Sources) -> Result<Vec<Artefact>> {
    let rejects = &sources.model.rejects;
    for pair in rejects.windows(2) {
        ensure!(pair[0].code < pair[1].code, "{} stands before {}", pair[0].name, pair[1].name);
    }
    for reject in rejects {
        let refusal = (400..600).contains(&reject.http_status) && reject.http_code < 0;
        ensure!(refusal || reject.code == 0, "reject {} is no refusal on the web", reject.name);
        told_in_fix(sources, reject, "OrdRejReason", reject.ord_rej_reason)?;
        told_in_fix(sources, reject, "CxlRejReason", reject.cxl_rej_reason)?;
    }
    Ok(vec![
        Artefact::rust(&sources.root, RUST, &rust(rejects))?,
        Artefact::section(DOC, "rejects", table(rejects)),
    ])
}

fn told_in_fix(sources: &Sources, reject: &Reject, field: &str, code: u32) -> Result<()> {
    // No reason has code 0 as its own, which says that there is none.
    let mut values = sources.model.fix_values(sources.model.field(field)?);
    let known = reject.code == 0 || values.any(|value| value.fix_code() == code.to_string());
    ensure!(known, "reject {} is {code} in {field}, which is none of its values", reject.name);
    Ok(())
}

fn rust(rejects: &[Reject]) -> String {
    let mut out = String::from(
        "//! Generated from wire/schema/model/7-rejects.toml; change that, then: cargo run -p penstock-schema.\n\n\
         use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};\n\n\
         use super::Entry;\n\n\
         /// Why a request was refused. Codes are stable: a number is never given to another reason.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TryFromBytes, IntoBytes, Immutable, KnownLayout)]\n\
         #[repr(u16)]\npub enum Reject {\n",
    );
    let mut put = |text: std::fmt::Arguments<'_>| out.write_fmt(text).expect("strings take all");
    for Reject { code, name, cause, .. } in rejects {
        put(format_args!("/// {cause}\n{name} = {code},\n"));
    }
    put(format_args!(
        "}}\n\nimpl Reject {{\n/// Every reason, in order of its code.\npub const ALL: &'static [Reject] = &["
    ));
    for Reject { name, .. } in rejects {
        put(format_args!("Reject::{name},"));
    }
    put(format_args!("];\n\npub(super) const fn entry(self) -> &'static Entry {{ match self {{\n"));
    for reject in rejects {
        let Reject { name, sentence, remedy, ord_rej_reason, cxl_rej_reason, http_status, http_code, .. } =
            reject;
        put(format_args!(
            "Self::{name} => &Entry {{ name: {name:?}, sentence: {sentence:?}, remedy: {remedy:?}, \
             ord_rej_reason: {ord_rej_reason}, cxl_rej_reason: {cxl_rej_reason}, http_status: {http_status}, \
             http_code: {http_code} }},\n"
        ));
    }
    put(format_args!("}}}}}}\n"));
    out
}

fn table(rejects: &[Reject]) -> String {
    let mut out = String::from(
        "| code | name | cause | sentence | remedy | 103 | 102 | HTTP | body |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for reject in rejects.iter().filter(|reject| reject.code != 0) {
        let Reject { code, name, cause, sentence, remedy, .. } = reject;
        let Reject { ord_rej_reason, cxl_rej_reason, http_status, http_code, .. } = reject;
        let cause = cause.strip_suffix('.').unwrap_or(cause);
        writeln!(
            out,
            "| {code} | {name} | {cause} | {sentence} | {remedy} | {ord_rej_reason} | {cxl_rej_reason} | {http_status} | {http_code} |"
        )
        .expect("strings take all");
    }
    out
}
