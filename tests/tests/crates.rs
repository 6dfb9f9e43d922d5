//! The rules of the source tree that no compiler checks: who may import whom, where `unsafe` may stand, and what
//! no source may hold.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use penstock_tests::workspace::{metadata, root};

/// Lines a source file may have that somebody wrote.
const LINES_MAX: usize = 900;
/// How a source file begins that nobody wrote.
const GENERATED: &str = "//! Generated from ";

/// The crates of ours that each crate of the product may import. The command wires all of them together. What is
/// generated from the model is checked in, so that nothing needs the model's crate to be built.
const MAY_IMPORT: [(&str, &[&str]); 8] = [
    ("penstock-schema", &[]),
    ("penstock-wire", &[]),
    ("penstock-shm", &[]),
    ("penstock-tuning", &[]),
    ("penstock-client", &["penstock-wire"]),
    ("penstock-matcher", &["penstock-wire", "penstock-shm", "penstock-tuning"]),
    ("penstock-gateway", &["penstock-wire", "penstock-shm", "penstock-tuning"]),
    (
        "penstock",
        &[
            "penstock-wire",
            "penstock-shm",
            "penstock-tuning",
            "penstock-matcher",
            "penstock-gateway",
            "penstock-client",
        ],
    ),
];

/// A crate of the workspace: its name, and every crate it names as a dependency, of any kind. Only a crate's tests may read
/// the model: that they do is no dependency of the crate.
fn members() -> Vec<(String, BTreeSet<String>)> {
    let name = |value: &serde_json::Value| value["name"].as_str().expect("everything has a name").to_owned();
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let ids: BTreeSet<_> = list(&metadata()["workspace_members"]).iter().map(ToString::to_string).collect();
    list(&metadata()["packages"])
        .iter()
        .filter(|package| ids.contains(&package["id"].to_string()))
        .map(|package| {
            let dependencies = list(&package["dependencies"]);
            let imported = dependencies.iter().filter(|d| d["kind"] != "dev" || name(d) != "penstock-schema");
            (name(package), imported.map(name).collect())
        })
        .collect()
}

/// Every file of the tree that is ours: what git would keep, found without git.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("folders of the workspace can be read") {
            let path = entry.expect("their entries too").path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if path.is_dir() && !path.is_symlink() {
                if !matches!(name, "target" | ".git" | "penstock-data") {
                    walk(&path, found);
                }
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root(), &mut found);
    found
}

fn with_extension(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let wanted = |path: &PathBuf| {
        let extension = path.extension().and_then(|e| e.to_str());
        extension.is_some_and(|e| extensions.contains(&e))
    };
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path.strip_prefix(root()).expect("it was found there").to_owned(), text)
    };
    files().into_iter().filter(wanted).map(read).collect()
}

fn sources() -> Vec<(PathBuf, String)> {
    let sources = with_extension(&["rs"]);
    assert!(sources.len() > 20, "the walk finds the sources");
    sources
}

/// The code of a line: without its comment. A `//` in a string cuts the line short, which no rule here minds.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether `word` stands in `text` as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// Fails with every line of `lines` that `wrong` says something about.
fn assert_no_line(files: &[(PathBuf, String)], wrong: impl Fn(&Path, &str) -> bool, rule: &str) {
    let mut found = String::new();
    for (path, text) in files {
        for (number, line) in (1..).zip(text.lines()) {
            if wrong(path, line) {
                found += &format!("\n  {}:{number}: {}", path.display(), line.trim());
            }
        }
    }
    assert!(found.is_empty(), "{rule}:{found}");
}

mod imports {
    use super::*;

    #[test]
    fn each_crate_of_the_product_imports_only_what_the_design_lets_it() {
        let members = members();
        let ours: BTreeSet<_> = members.iter().map(|m| m.0.as_str()).collect();
        for (name, allowed) in MAY_IMPORT {
            let (_, dependencies) =
                members.iter().find(|m| m.0 == name).unwrap_or_else(|| panic!("no crate {name}"));
            for dependency in dependencies.iter().filter(|d| ours.contains(d.as_str())) {
                assert!(allowed.contains(&dependency.as_str()), "{name} may not import {dependency}");
            }
        }
    }

    #[test]
    fn gateway_and_matcher_do_not_reach_each_other_on_any_way() {
        let members = members();
        let mut seen = BTreeSet::new();
        for (from, to) in [("penstock-gateway", "penstock-matcher"), ("penstock-matcher", "penstock-gateway")]
        {
            let mut open = vec![from.to_owned()];
            while let Some(name) = open.pop() {
                assert_ne!(name, to, "{from} reaches {to}");
                let Some((_, dependencies)) = members.iter().find(|m| m.0 == name) else { continue };
                seen.insert(name);
                open.extend(dependencies.iter().filter(|d| !seen.contains(*d)).cloned());
            }
            seen.clear();
        }
    }

    #[test]
    fn every_crate_has_the_lints_of_the_workspace() {
        for (path, text) in with_extension(&["toml"]) {
            // Peers of benchmarks are a workspace apart, which cannot inherit from ours.
            let apart = path.parent() != Some(Path::new("")) && text.contains("\n[workspace]\n");
            if path.ends_with("Cargo.toml") && text.contains("[package]") && !apart {
                let text: String = text.split_whitespace().collect();
                assert!(
                    text.contains("[lints]workspace=true") || text.contains("lints.workspace=true"),
                    "{} does not take over the lints of the workspace",
                    path.display()
                );
            }
        }
    }
}

mod sources {
    use super::*;

    #[test]
    fn unsafe_stands_in_shm_the_transports_and_the_journals_device_only() {
        let word = concat!("un", "safe");
        let opened = ["{", "fn", "impl", "extern", "trait"].map(|next| format!("{word} {next}"));
        let lifted = format!("allow({word}_code");
        assert_no_line(
            &sources(),
            |path, line| {
                !path.starts_with("shm")
                    && !path.starts_with("gateway/src/transport")
                    && path != Path::new("matcher/src/journal/device/uring.rs")
                    && (opened.iter().any(|o| code(line).contains(o.as_str()))
                        || code(line).contains(&lifted))
            },
            "code that the compiler cannot check belongs into shm, a transport, or the device of the journal",
        );
    }

    #[test]
    fn nothing_is_left_to_be_done() {
        let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
        let calls = [concat!("to", "do!"), concat!("unimple", "mented!")];
        assert_no_line(
            &with_extension(&["rs", "toml", "md", "sh", "yml"]),
            |_, line| words.iter().any(|w| has_word(line, w)) || calls.iter().any(|c| line.contains(c)),
            "a note to do something later is an issue, not a line",
        );
    }

    #[test]
    fn no_file_names_a_path_of_somebodys_machine() {
        let paths =
            [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
        let away = concat!("../", "shared");
        // A word before the slash makes it a part of a longer path or of a URL.
        let absolute = |line: &str, path: &str| {
            line.match_indices(path).any(|(at, _)| {
                !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "}._-".contains(c))
            })
        };
        assert_no_line(
            &with_extension(&["rs", "toml", "md", "sh", "yml"]),
            |_, line| line.contains(away) || paths.iter().any(|p| absolute(line, p)),
            "a path that exists on one machine only",
        );
    }

    #[test]
    fn files_stay_short_enough_to_be_read() {
        for (path, text) in sources().into_iter().filter(|(_, text)| !text.starts_with(GENERATED)) {
            let lines = text.lines().count();
            assert!(lines < LINES_MAX, "{} has {lines} lines: split it", path.display());
        }
    }

    #[test]
    fn every_exception_from_a_lint_gives_its_reason() {
        let attributes = ["[allow(", "[expect("];
        for (path, text) in sources() {
            let lines: Vec<_> = text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let opens = attributes
                    .iter()
                    .any(|a| code(line).trim_start().trim_start_matches(['#', '!']).starts_with(a));
                if !opens {
                    continue;
                }
                let end = (at..lines.len()).find(|&i| lines[i].contains(")]")).unwrap_or(at);
                let given = lines[at..=end].iter().any(|l| l.contains("reason") || l.contains("//"))
                    || at > 0 && lines[at - 1].trim_start().starts_with("//");
                assert!(given, "{}:{}: {} gives no reason", path.display(), at + 1, line.trim());
            }
        }
    }
}
