//! Data dictionaries in QuickFIX's form, those that the venue publishes for its clients, and messages held against them.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
};

use roxmltree::{Document, Node};

use crate::{Message, workspace::root};

/// What every message may have, whatever its type.
const FRAME: [u32; 12] = [8, 9, 10, 34, 35, 43, 49, 52, 56, 97, 122, 369];

/// A version of FIX as the venue speaks it.
#[derive(Debug, Default)]
pub struct Dictionary {
    messages: HashMap<String, Members>,
    codes: HashMap<u32, BTreeSet<String>>,
}

/// The fields of a message, those of its groups included.
#[derive(Debug, Default)]
struct Members {
    tags: BTreeSet<u32>,
    required: BTreeSet<u32>,
}

impl Dictionary {
    /// The dictionaries of these names (`FIX42`), taken together.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn published(names: &[&str]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for name in names {
            let path = root().join("wire/schema/generated").join(format!("{name}.xml"));
            let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            dictionary.take(&Document::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
        }
        dictionary
    }

    fn take(&mut self, document: &Document<'_>) {
        let part = |name: &'static str| {
            document
                .root_element()
                .children()
                .filter(move |n| n.has_tag_name(name))
                .flat_map(|n| n.children())
        };
        let mut tags = HashMap::new();
        for field in part("fields").filter(|n| n.has_tag_name("field")) {
            let tag: u32 = attribute(field, "number").parse().expect("a tag");
            tags.insert(attribute(field, "name"), tag);
            let codes = field.children().filter_map(|value| value.attribute("enum")).map(str::to_owned);
            self.codes.entry(tag).or_default().extend(codes);
        }
        let components: HashMap<&str, Node<'_, '_>> = part("components")
            .filter(|n| n.has_tag_name("component"))
            .map(|n| (attribute(n, "name"), n))
            .collect();
        for message in part("messages").filter(|n| n.has_tag_name("message")) {
            let mut members = Members::default();
            members.take(message, true, &tags, &components);
            self.messages.insert(attribute(message, "msgtype").to_owned(), members);
        }
    }

    /// Insists that `message` has what messages of its type must have, nothing else, and no value that is not coded.
    ///
    /// # Panics
    /// If it is otherwise.
    #[track_caller]
    pub fn assert(&self, message: &Message) {
        let members = self.messages.get(message.kind()).unwrap_or_else(|| panic!("no such type: {message}"));
        for tag in &members.required {
            assert!(message.get(*tag).is_some(), "field {tag} is required in {message}");
        }
        for (tag, value) in message.0.iter().filter(|(tag, _)| !FRAME.contains(tag)) {
            assert!(members.tags.contains(tag), "field {tag} has no place in {message}");
            let codes = self.codes.get(tag).filter(|codes| !codes.is_empty());
            let known = codes.is_none_or(|codes| value.split(' ').all(|word| codes.contains(word)));
            assert!(known, "field {tag} has no value {value:?}: {message}");
        }
    }
}

impl Members {
    fn take(
        &mut self,
        node: Node<'_, '_>,
        required: bool,
        tags: &HashMap<&str, u32>,
        components: &HashMap<&str, Node<'_, '_>>,
    ) {
        for child in node.children().filter(Node::is_element) {
            let name = attribute(child, "name");
            let required = required && child.attribute("required") == Some("Y");
            if child.has_tag_name("component") {
                self.take(components[name], required, tags, components);
                continue;
            }
            self.tags.insert(tags[name]);
            if required {
                self.required.insert(tags[name]);
            }
            // What an entry must have is required only where there is one.
            self.take(child, false, tags, components);
        }
    }
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or_else(|| panic!("no {name} in {node:?}"))
}
