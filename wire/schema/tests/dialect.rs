//! The venue's FIX: the standard's dictionaries with the model's messages in them.

use std::path::Path;

use schema::{
    Sources, dialect, quickfix,
    standard::{Dictionary, Resolved, Version},
};

fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Sources::read(&root).expect("the model makes sense")
}

/// The member of this tag, wherever in `members` it stands.
fn find(members: &[Resolved], tag: u32) -> Option<&Resolved> {
    members
        .iter()
        .find_map(|m| if m.tag == tag { Some(m) } else { m.group.as_ref().and_then(|g| find(g, tag)) })
}

/// A message's members as tags.
fn members(dictionary: &Dictionary, msg_type: &str) -> Vec<Resolved> {
    let message = dictionary.message(msg_type).expect("the message is there");
    dictionary.resolve(&message.members).expect("it is made of fields")
}

#[test]
fn a_dictionary_that_is_written_is_read_back() {
    for (version, dictionary) in sources().standard {
        let text = quickfix::xml(&dictionary);
        let read = Dictionary::parse(version, &text).expect("what is written can be read");
        assert!(read == dictionary, "{version:?}");
    }
}

#[test]
fn nothing_of_the_standard_is_lost() {
    let sources = sources();
    for version in Version::ALL {
        let standard = &sources.standard[&version];
        let dialect = dialect::dictionary(&sources, version).expect("model and standard agree");
        for (tag, field) in &standard.fields {
            let now = &dialect.fields[tag];
            assert_eq!((&now.name, &now.fix_type), (&field.name, &field.fix_type));
            assert!(now.values.starts_with(&field.values), "values of {}", field.name);
        }
        for message in &standard.messages {
            let before = standard.resolve(&message.members).expect("the standard is whole");
            let after = members(&dialect, &message.msg_type);
            for member in &before {
                let now = after.iter().find(|m| m.tag == member.tag).expect("the field is still there");
                assert_eq!(now.group.is_some(), member.group.is_some(), "{} {}", message.name, member.tag);
                for inner in member.group.iter().flatten() {
                    assert!(find(&after, inner.tag).is_some(), "{} {}", message.name, inner.tag);
                }
            }
        }
    }
}
