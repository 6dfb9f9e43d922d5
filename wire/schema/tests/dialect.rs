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

mod what_the_venue_adds {
    use super::*;

    const APPLICATION: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fix50Sp2];

    fn dictionaries(versions: &[Version]) -> Vec<Dictionary> {
        let sources = sources();
        let one = |&version| dialect::dictionary(&sources, version).expect("model and standard agree");
        versions.iter().map(one).collect()
    }

    fn codes(dictionary: &Dictionary, tag: u32) -> Vec<&str> {
        dictionary.fields[&tag].values.iter().map(|(code, _)| code.as_str()).collect()
    }

    #[test]
    fn a_field_and_its_values_in_every_version_that_lacks_them() {
        for dictionary in dictionaries(&APPLICATION) {
            let order = members(&dictionary, "D");
            assert!(find(&order, 2964).is_some_and(|member| !member.required), "{:?}", dictionary.version);
            for code in ["0", "1", "2", "3", "4"] {
                assert!(codes(&dictionary, 2964).contains(&code), "{:?} {code}", dictionary.version);
            }
            assert!(codes(&dictionary, 150).contains(&"L"));
            assert!(codes(&dictionary, 59).contains(&"7"));
            assert!(codes(&dictionary, 18).contains(&"a"));
            assert!(find(&members(&dictionary, "i"), 9773).is_some());
            assert!(find(&members(&dictionary, "q"), 1).is_some());
        }
    }

    /// Reports in FIX 4.2 are what its standard has, so that clients with no other dictionary can trade.
    #[test]
    fn fields_and_values_go_to_the_versions_they_are_for() {
        let [old, new] = &dictionaries(&[Version::Fix42, Version::Fix44])[..] else { unreachable!() };
        for tag in [117, 136, 527, 851] {
            assert!(find(&members(old, "8"), tag).is_none(), "{tag}");
            assert!(find(&members(new, "8"), tag).is_some(), "{tag}");
        }
        assert!(!codes(old, 103).contains(&"99") && codes(new, 103).contains(&"99"));
        assert!(codes(old, 150).contains(&"2") && !codes(old, 150).contains(&"F"));
        assert!(codes(new, 150).contains(&"F") && !codes(new, 150).contains(&"2"));
    }

    /// A field that takes any value would take fewer if it were given some.
    #[test]
    fn a_field_without_values_is_given_none() {
        for dictionary in dictionaries(&[Version::Fix44, Version::Fix50Sp2]) {
            assert_eq!(codes(&dictionary, 368), [""; 0], "{:?}", dictionary.version);
        }
    }

    #[test]
    fn what_must_be_there_is_what_the_venue_wants_or_sends() {
        for dictionary in dictionaries(&APPLICATION) {
            let required = |msg_type: &str, tag: u32| {
                let members = members(&dictionary, msg_type);
                find(&members, tag).expect("the field is there").required
            };
            // OrderID may stand for the name that the order has.
            assert!(!required("F", 41) && !required("G", 41) && !required("F", 37));
            assert!(!required("D", 18) && !required("D", 38) && !required("G", 38));
            // Symbol stands in a component that other messages have, too.
            for msg_type in ["D", "F", "G", "H", "8"] {
                assert!(required(msg_type, 55), "{:?} {msg_type}", dictionary.version);
            }
            assert!(!required("q", 55) && !required("Z", 295) && required("i", 296));
        }
        let [old, new] = &dictionaries(&[Version::Fix42, Version::Fix44])[..] else { unreachable!() };
        assert!(!find(&members(old, "D"), 21).expect("HandlInst").required);
        assert!(find(&members(old, "8"), 20).expect("ExecTransType").required);
        assert!(find(&members(new, "8"), 20).is_none());
    }

    #[test]
    fn a_component_that_other_messages_have_stays_as_it_is() {
        let sources = sources();
        for version in Version::ALL {
            let dialect = dialect::dictionary(&sources, version).expect("model and standard agree");
            assert_eq!(dialect.components, sources.standard[&version].components);
        }
    }

    #[test]
    fn a_message_that_a_version_lacks_is_there_as_the_model_has_it() {
        let [old] = &dictionaries(&[Version::Fix42])[..] else { unreachable!() };
        assert!(sources().standard[&Version::Fix42].message("q").is_none());
        let cancel = members(old, "q");
        assert!(cancel.iter().any(|member| member.tag == 530 && member.required));
        assert_eq!(codes(old, 530)[..2], ["1", "2"]);
        assert_eq!(old.message("r").expect("its answer, too").name, "OrderMassCancelReport");
        // QuickFIX looks a message's type up among the values of MsgType, too.
        assert!(codes(old, 35).contains(&"q") && codes(old, 35).contains(&"r"));
    }

    #[test]
    fn the_two_halves_of_fix_5_0_stay_apart() {
        let [session, application] = &dictionaries(&[Version::Fixt11, Version::Fix50Sp2])[..] else {
            unreachable!()
        };
        assert!(session.message("A").is_some() && session.message("D").is_none());
        assert!(application.message("A").is_none() && application.message("D").is_some());
        assert!(find(&members(session, "A"), 1137).is_some_and(|member| member.required));
    }

    #[test]
    fn a_session_message_is_required_to_have_no_more_than_the_standard_says() {
        let sources = sources();
        for version in [Version::Fix42, Version::Fix44, Version::Fixt11] {
            let dialect = dialect::dictionary(&sources, version).expect("model and standard agree");
            for msg_type in ["0", "1", "2", "3", "4", "5", "A"] {
                let standard = members(&sources.standard[&version], msg_type);
                for member in members(&dialect, msg_type).iter().filter(|member| member.required) {
                    let theirs = standard.iter().find(|theirs| theirs.tag == member.tag);
                    assert!(theirs.is_some_and(|theirs| theirs.required), "{msg_type} {}", member.tag);
                }
            }
        }
    }
}
