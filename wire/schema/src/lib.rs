//! The one model of what Penstock speaks, and all that follows from it.
//!
//! `model/` says what the venue has of its own: types, coded values, fields, messages, rejects. `standard/` holds
//! FIX's dictionaries. From the two come, checked in and compared by a test: the SBE schema, a QuickFIX dictionary for
//! each version of FIX, the Wireshark dissector, the codecs' tables in Rust, and the tables of the documentation.
//!
//! * [`model`] and [`standard`] read the sources; [`dialect`] is FIX's dictionaries with the model's messages in them;
//! * each generator is a module of its own with one function from [`Sources`] to [`Artefact`]s;
//! * [`artefact`] writes them, or says which have drifted.

pub mod artefact;
pub mod dialect;
pub mod docs_binary;
pub mod docs_fix;
pub mod layout;
pub mod lua;
pub mod model;
pub mod quickfix;
pub mod rejects;
pub mod rust_fix;
pub mod rust_sbe;
pub mod sbe;
pub mod standard;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Result;

pub use artefact::Artefact;
use model::Model;
use standard::{Dictionary, Version};

/// All that generators read.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The root of the tree that they were read from.
    pub root: PathBuf,
    /// What the venue has of its own.
    pub model: Model,
    /// What FIX has.
    pub standard: BTreeMap<Version, Dictionary>,
}

impl Sources {
    /// Reads them from the tree whose root is `root`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(root: &Path) -> Result<Sources> {
        let folder = root.join("wire/schema");
        let standard = Version::ALL
            .into_iter()
            .map(|version| Ok((version, Dictionary::read(&folder.join("standard"), version)?)))
            .collect::<Result<_>>()?;
        let model = Model::parse(&Model::files(&folder.join("model"))?)?;
        Ok(Sources { root: root.to_owned(), model, standard })
    }

    /// Everything that is generated from them.
    ///
    /// # Errors
    /// Where the model contradicts the standard, and what a generator cannot make sense of.
    pub fn artefacts(&self) -> Result<Vec<Artefact>> {
        dialect::check(self)?;
        let artefacts = [
            quickfix::artefacts(self)?,
            rejects::artefacts(self)?,
            docs_fix::artefacts(self)?,
            sbe::artefacts(self)?,
            rust_fix::artefacts(self)?,
            rust_sbe::artefacts(self)?,
            docs_binary::artefacts(self)?,
            lua::artefacts(self)?,
        ];
        Ok(artefacts.concat())
    }
}
