//! What is wrong with a configuration, shown with its text; secrets in that text are masked.

use std::{fmt, sync::Arc};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use super::tree::At;

/// One fault: where, what, and what to do about it.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) at: At,
    label: String,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(at: At, label: impl Into<String>, message: String) -> Problem {
        Problem { at, label: label.into(), message, help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

/// A text that configuration comes from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    /// Whether the parsed tree covers the text, so that every secret's place in it is known.
    pub(super) covered: bool,
}

/// Everything that is wrong with a configuration: a sentence, and with [`ConfigErrors::render`] each fault with
/// its line, a caret and a remedy.
#[derive(Debug)]
pub struct ConfigErrors {
    name: String,
    faults: Vec<Fault>,
}

impl ConfigErrors {
    /// `problems` in order of their text. `secrets` are places whose text must not be shown.
    pub(super) fn new(
        name: &str,
        sources: Vec<Source>,
        secrets: &[At],
        mut problems: Vec<Problem>,
    ) -> ConfigErrors {
        problems.sort_by(|a, b| a.at.cmp(&b.at));
        let sources: Vec<_> = sources
            .into_iter()
            .enumerate()
            .map(|(index, source)| {
                let name = source.name.clone();
                Arc::new(NamedSource::new(
                    name,
                    masked(source, secrets.iter().filter(|at| at.source == index)),
                ))
            })
            .collect();
        let faults = problems
            .into_iter()
            .map(|problem| Fault { source: Arc::clone(&sources[problem.at.source]), problem })
            .collect();
        ConfigErrors { name: name.to_owned(), faults }
    }

    /// How many faults there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults.len()
    }

    /// Every fault with its text, a caret and a remedy, for lines of `width` characters; `colour` is for
    /// terminals.
    #[must_use]
    pub fn render(&self, colour: bool, width: usize) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width);
        let mut out = String::new();
        for fault in &self.faults {
            // Writing to a string does not fail.
            let _ = handler.render_report(&mut out, fault);
            out.push('\n');
        }
        out.push_str(&format!("{self}\n"));
        out
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.count() {
            1 => write!(f, "1 error in the configuration ({name})"),
            n => write!(f, "{n} errors in the configuration ({name})"),
        }
    }
}

impl std::error::Error for ConfigErrors {}

impl Diagnostic for ConfigErrors {
    fn related(&self) -> Option<Box<dyn Iterator<Item = &dyn Diagnostic> + '_>> {
        Some(Box::new(self.faults.iter().map(|fault| fault as &dyn Diagnostic)))
    }
}

/// A problem and its text.
#[derive(Debug)]
struct Fault {
    problem: Problem,
    source: Arc<NamedSource<String>>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Fault {}

impl Diagnostic for Fault {
    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.problem.label.is_empty()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Problem { at, label, .. } = &self.problem;
        if label.is_empty() {
            return None; // a fault without a text to point into
        }
        // A caret needs something to stand over: behind the end of the text it is the last character.
        let behind = at.start == self.source.inner().len();
        let start = if behind { at.start.saturating_sub(1) } else { at.start };
        Some(Box::new(std::iter::once(LabeledSpan::new(Some(label.clone()), start, at.end - start))))
    }
}

/// Whether a key by this name, or by a slip of it, holds a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    key.contains("pass") || key.contains("secret") || strsim::jaro_winkler(&key, "password") > 0.8
}

/// `source`'s text with the secrets in it replaced by asterisks, byte for byte, so that every place stays where
/// it was: the known `places`, and in a text that no tree covers whatever stands behind a secret's key.
fn masked<'a>(source: Source, places: impl Iterator<Item = &'a At>) -> String {
    let mut bytes = source.text.into_bytes();
    for at in places {
        mask(&mut bytes[at.start..at.end]);
    }
    if !source.covered {
        let mut start = 0;
        while start < bytes.len() {
            let end =
                bytes[start..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |line| start + line);
            if let Some(equals) = secret_value(&bytes[start..end]) {
                mask(&mut bytes[start + equals..end]);
            }
            start = end + 1;
        }
    }
    // Values begin and end between characters, so that a mask cuts none.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where in `line` the first value of a secret's key begins.
fn secret_value(line: &[u8]) -> Option<usize> {
    let mut equals = line.iter().enumerate().filter(|&(_, &b)| b == b'=').map(|(place, _)| place);
    let place = equals.find(|&place| {
        let before = String::from_utf8_lossy(&line[..place]);
        let key = before.rsplit(['=', ',', '{', '[']).next().unwrap_or_default();
        key.split('.').any(|part| is_secret(part.trim().trim_matches(['"', '\''])))
    })?;
    let blanks = line[place + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    Some(place + 1 + blanks)
}

/// Asterisks for everything but quotes at the ends and the line structure.
fn mask(secret: &mut [u8]) {
    let last = secret.len().saturating_sub(1);
    for (place, byte) in secret.iter_mut().enumerate() {
        let frame = (place == 0 || place == last) && matches!(*byte, b'"' | b'\'');
        if !frame && !matches!(*byte, b'\n' | b'\r') {
            *byte = b'*';
        }
    }
}
