//! Brings everything that is generated from the model up to date.

use std::path::Path;

use anyhow::{Result, ensure};
use clap::Parser;
use schema::{Sources, artefact};

/// Writes the SBE schema, the FIX dictionaries, the dissector, the codecs' tables and the tables of the documentation
/// anew from wire/schema/model.
#[derive(Parser)]
struct Options {
    /// Write nothing; fail if anything is not as the model says.
    #[arg(long)]
    check: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let artefacts = Sources::read(&root)?.artefacts()?;
    if options.check {
        let drifted = artefact::drifted(&root, &artefacts)?;
        ensure!(drifted.is_empty(), "not as the model says: {drifted:?}; run `cargo run -p penstock-schema`");
        return Ok(());
    }
    for path in artefact::write(&root, &artefacts)? {
        println!("written: {}", path.display());
    }
    Ok(())
}
