//! One model: what is changed there once changes in everything that is made of it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use schema::{Artefact, Sources, artefact::Place, model::Model};

/// A change of one word in a file of the model.
struct Change {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

/// A field of orders in both protocols gets another value, and another sentence.
const ORDER_FIELD: [Change; 2] = [
    Change {
        file: "1-types.toml",
        from: r#"{ name = "Sell", code = "2", doc = "sells the base asset" }"#,
        to: r#"{ name = "Sell", code = "z", doc = "parts with the base asset" }"#,
    },
    Change { file: "1-types.toml", from: r#"doc = "buy or sell""#, to: r#"doc = "which of the two""# },
];

/// A field of the session layer must be there.
const SESSION_FIELD: [Change; 1] = [Change {
    file: "6-fix.toml",
    from: r#"{ name = "Username", presence = "optional" }"#,
    to: r#"{ name = "Username" }"#,
}];

/// A reject has another name.
const REJECT: [Change; 1] =
    [Change { file: "7-rejects.toml", from: r#"name = "Halted""#, to: r#"name = "Stopped""# }];

/// Everything that is generated, by how its path begins, and which of the changes it must show: that of the field of
/// orders, of the field of sessions, of the reject.
const FOLLOWS: [(&str, [bool; 3]); 12] = [
    ("docs/binary.md", [true, false, false]),
    ("docs/fix.md", [true, true, false]),
    ("docs/rejects.md", [false, false, true]),
    ("wire/schema/generated/FIX42.xml", [true, true, false]),
    ("wire/schema/generated/FIX44.xml", [true, true, false]),
    ("wire/schema/generated/FIX50SP2.xml", [true, false, false]),
    ("wire/schema/generated/FIXT11.xml", [false, true, false]),
    ("wire/schema/generated/penstock-sbe.xml", [true, false, true]),
    ("wire/schema/generated/penstock.lua", [true, false, true]),
    ("wire/src/fix/dictionary/", [true, true, false]),
    ("wire/src/reject/catalogue.rs", [false, false, true]),
    ("wire/src/sbe/", [true, false, false]),
];

fn sources() -> Sources {
    Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).expect("the model makes sense")
}

fn place(artefact: &Artefact) -> (PathBuf, String) {
    let section = match &artefact.place {
        Place::File => String::new(),
        Place::Section(name) => name.clone(),
    };
    (artefact.path.clone(), section)
}

/// What is generated otherwise once the model's files have been changed.
fn changed(sources: &Sources, before: &[Artefact], changes: &[Change]) -> BTreeSet<PathBuf> {
    let mut files = Model::files(&sources.root.join("wire/schema/model")).expect("the model's files");
    for Change { file, from, to } in changes {
        let (_, text) = files.iter_mut().find(|(path, _)| path.ends_with(file)).expect("the file is there");
        assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
        *text = text.replace(from, to);
    }
    let model = Model::parse(&files).expect("it still makes sense");
    let after = Sources { model, ..sources.clone() }.artefacts().expect("it still agrees with the standard");
    let places: Vec<_> = before.iter().map(place).collect();
    assert_eq!(after.iter().map(place).collect::<Vec<_>>(), places, "the same things are generated");
    let pairs = before.iter().zip(&after);
    pairs.filter(|(before, after)| before.text != after.text).map(|(before, _)| before.path.clone()).collect()
}

#[test]
fn one_change_of_the_model_changes_everything_that_has_it() {
    let sources = sources();
    let before = sources.artefacts().expect("the model makes sense");
    for artefact in &before {
        let known = FOLLOWS.iter().any(|(path, _)| artefact.path.starts_with(path));
        assert!(known, "{}: say what it follows from", artefact.path.display());
    }
    let changes = [
        ("a field of orders", &ORDER_FIELD[..]),
        ("a field of sessions", &SESSION_FIELD),
        ("a reject", &REJECT),
    ];
    for (at, (what, changes)) in changes.into_iter().enumerate() {
        let changed = changed(&sources, &before, changes);
        println!("{what}:");
        changed.iter().for_each(|path| println!("  {}", path.display()));
        for (path, follows) in FOLLOWS {
            let follows_now = changed.iter().any(|changed| changed.starts_with(path));
            assert_eq!(follows_now, follows[at], "{what}, {path}");
        }
    }
}
