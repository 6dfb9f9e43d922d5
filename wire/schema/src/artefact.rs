//! Generated files, and generated parts of files that people write.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// Something generated.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// The file it is or stands in, from the root of the tree.
    pub path: PathBuf,
    /// Its place in the file.
    pub place: Place,
    /// What is to stand there.
    pub text: String,
}

/// How much of a file is generated.
#[derive(Clone, Debug)]
pub enum Place {
    /// All of it.
    File,
    /// What stands between the lines `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
    Section(String),
}

impl Artefact {
    /// A file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>, text: String) -> Artefact {
        Artefact { path: path.into(), place: Place::File, text }
    }

    /// A source file of Rust, laid out as the rest of the tree is.
    ///
    /// # Errors
    /// If rustfmt is not there or finds no Rust in `text`.
    pub fn rust(root: &Path, path: impl Into<PathBuf>, text: &str) -> Result<Artefact> {
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2024", "--config-path"])
            .arg(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start rustfmt: rustup component add rustfmt")?;
        let mut input = rustfmt.stdin.take().context("its input was asked for")?;
        let owned = text.to_owned();
        let writer = std::thread::spawn(move || input.write_all(owned.as_bytes()));
        let output = rustfmt.wait_with_output()?;
        writer.join().expect("writing does not panic")?;
        let path = path.into();
        ensure!(output.status.success(), "what is generated for {} is no Rust", path.display());
        Ok(Artefact::file(path, String::from_utf8(output.stdout)?))
    }

    /// Part of a page of documentation.
    #[must_use]
    pub fn section(path: impl Into<PathBuf>, name: impl Into<String>, text: String) -> Artefact {
        Artefact { path: path.into(), place: Place::Section(name.into()), text }
    }

    /// The whole file as it should be, given how it is.
    ///
    /// # Errors
    /// If a section's lines are not there.
    pub fn whole(&self, present: &str) -> Result<String> {
        let Place::Section(name) = &self.place else { return Ok(self.text.clone()) };
        let (begin, end) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end of {name} -->"));
        let missing = || format!("{} has no section {name}", self.path.display());
        let (before, rest) = present.split_once(&begin).with_context(missing)?;
        let (_, after) = rest.split_once(&end).with_context(missing)?;
        Ok(format!("{before}{begin}{}{end}{after}", self.text))
    }
}

/// Brings the tree at `root` up to date. Gives the files that have changed.
///
/// # Errors
/// If a file cannot be read or written.
pub fn write(root: &Path, artefacts: &[Artefact]) -> Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for artefact in artefacts {
        let path = root.join(&artefact.path);
        let present = fs::read_to_string(&path).unwrap_or_default();
        let wanted = artefact.whole(&present)?;
        if wanted != present {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, wanted).with_context(|| format!("cannot write {}", path.display()))?;
            changed.push(artefact.path.clone());
        }
    }
    changed.dedup();
    Ok(changed)
}

/// The files of the tree at `root` that are not as they should be.
///
/// # Errors
/// If a page has lost a section.
pub fn drifted(root: &Path, artefacts: &[Artefact]) -> Result<Vec<PathBuf>> {
    let mut drifted = Vec::new();
    for artefact in artefacts {
        let present = fs::read_to_string(root.join(&artefact.path)).unwrap_or_default();
        if artefact.whole(&present)? != present {
            drifted.push(artefact.path.clone());
        }
    }
    drifted.dedup();
    Ok(drifted)
}
