//! The files of `model/`, read, joined and checked.

use std::{
    collections::BTreeSet,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{Enum, EnumValue, Field, Message, Model, Presence, Protocol, Reject, Sbe, Type};

/// One file of `model/`: any of the lists.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    sbe: Option<Sbe>,
    #[serde(default, rename = "type")]
    types: Vec<Type>,
    #[serde(default, rename = "enum")]
    enums: Vec<Enum>,
    #[serde(default, rename = "field")]
    fields: Vec<Field>,
    #[serde(default, rename = "message")]
    messages: Vec<Message>,
    #[serde(default, rename = "reject")]
    rejects: Vec<Reject>,
}

impl Model {
    /// The texts of the `.toml` files of `folder`, each with its path, in order of their names.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn files(folder: &Path) -> Result<Vec<(String, String)>> {
        let mut paths: Vec<_> = fs::read_dir(folder)
            .with_context(|| format!("cannot list {}", folder.display()))?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
        paths.sort();
        let read = |path: &PathBuf| {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((path.display().to_string(), text))
        };
        paths.iter().map(read).collect()
    }

    /// The model that `files` make together, each a path and a text.
    ///
    /// # Errors
    /// What is no model, a name that is missing or given twice, a code or tag given twice.
    pub fn parse(files: &[(String, String)]) -> Result<Model> {
        let mut all = File::default();
        for (path, text) in files {
            let file: File = toml::from_str(text).with_context(|| path.clone())?;
            all.sbe = file.sbe.or(all.sbe);
            all.types.extend(file.types);
            all.enums.extend(file.enums);
            all.fields.extend(file.fields);
            all.messages.extend(file.messages);
            all.rejects.extend(file.rejects);
        }
        let model = Model {
            sbe: all.sbe.context("no [sbe] in any file of the model")?,
            types: all.types,
            enums: all.enums.into_iter().chain([reject_codes(&all.rejects)]).collect(),
            fields: all.fields,
            messages: all.messages,
            rejects: all.rejects,
        };
        model.check()?;
        Ok(model)
    }

    fn check(&self) -> Result<()> {
        once("type", self.types.iter().map(|t| &t.name).chain(self.enums.iter().map(|e| &e.name)))?;
        once("field", self.fields.iter().map(|f| &f.name))?;
        once("tag", self.fields.iter().filter_map(|f| f.tag))?;
        once("message", self.messages.iter().map(|m| &m.name))?;
        once("template", self.messages.iter().filter_map(|m| m.template))?;
        once("reject", self.rejects.iter().map(|r| &r.name))?;
        once("reject code", self.rejects.iter().map(|r| r.code))?;
        once("MsgType", self.messages.iter().filter_map(|m| m.fix.as_ref()))?;
        for coded in &self.enums {
            coded.check().with_context(|| format!("enum {}", coded.name))?;
        }
        for field in &self.fields {
            if let Some(name) = &field.type_name {
                let known =
                    self.types.iter().any(|t| &t.name == name) || self.enums.iter().any(|e| &e.name == name);
                ensure!(known, "field {} is of type {name}, which there is not", field.name);
            }
            ensure!(
                field.tag.is_some() || field.type_name.is_some(),
                "no protocol can carry field {}",
                field.name
            );
            let of_field = || format!("field {}", field.name);
            once("value", field.values.iter().map(EnumValue::fix_code)).with_context(of_field)?;
        }
        let ids = self.fields.iter().map(Field::sbe_id).collect::<Result<Vec<_>>>()?;
        once("field id", ids.into_iter())?;
        for message in &self.messages {
            message.check(self).with_context(|| format!("message {}", message.name))?;
        }
        Ok(())
    }
}

impl Enum {
    fn check(&self) -> Result<()> {
        once("value", self.values.iter().map(|value| &value.name))?;
        once("code", self.values.iter().map(|value| &value.code))?;
        for EnumValue { name, code, .. } in &self.values {
            let fits = match self.encoding.as_str() {
                "char" => code.len() == 1 && code.is_ascii(),
                "uint8" => code.parse::<u8>().is_ok(),
                "uint16" => code.parse::<u16>().is_ok(),
                other => bail!("{other} is no encoding"),
            };
            ensure!(fits, "code {code} of {name} is no {}", self.encoding);
        }
        Ok(())
    }
}

impl Message {
    fn check(&self, model: &Model) -> Result<()> {
        ensure!(self.template.is_some() || self.fix.is_some(), "no protocol has it");
        let said = |name: &str, presence: Presence, when: Option<&str>| {
            model.field(name)?;
            let conditional = presence == Presence::Conditional;
            ensure!(conditional == when.is_some(), "{name}: `when` goes with presence = \"conditional\"");
            Ok(())
        };
        let group: Vec<_> = self.all_groups().collect();
        let group = group.iter().copied();
        ensure!(
            self.template.is_none() || self.groups.is_empty(),
            "the binary protocol has one group at most"
        );
        let outer = group.clone().filter_map(|group| group.within.as_ref());
        let inner = group.clone().flat_map(|group| &group.fields);
        for member in self.fields.iter().chain(inner).chain(outer.flat_map(|outer| &outer.fields)) {
            said(&member.name, member.presence, member.when.as_deref())?;
            said(&member.name, member.fix_presence(), member.fix_when())?;
        }
        for protocol in [Protocol::Fix, Protocol::Sbe] {
            let both = self.fields.iter().filter(|member| member.only.is_none_or(|only| only == protocol));
            once("field", both.map(|member| &member.name))?;
        }
        for group in group {
            said(&group.name, group.presence, group.when.as_deref())?;
        }
        Ok(())
    }
}

/// The coded value that says a reason for saying no.
fn reject_codes(rejects: &[Reject]) -> Enum {
    let values = rejects.iter().map(|reject| EnumValue {
        name: reject.name.clone(),
        code: reject.code.to_string(),
        fix: None,
        only: None,
        versions: Vec::new(),
        doc: reject.sentence.clone(),
    });
    Enum {
        name: "RejectCode".to_owned(),
        encoding: "uint16".to_owned(),
        doc: "why a request was refused: the catalogue of rejects".to_owned(),
        values: values.collect(),
    }
}

fn once<T: Ord + Display>(what: &str, names: impl Iterator<Item = T>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if let Some(name) = seen.replace(name) {
            bail!("{what} {name} is there twice");
        }
    }
    Ok(())
}
