//! docs/fix.md is the rules of engagement: each of its examples is what the dictionaries that clients load say, and no message
//! is without one.

use std::{collections::BTreeSet, fs};

use penstock_tests::{Message, dictionary::Dictionary, fix::frame_in, workspace::root};

/// A line of an example: `→` is a client's message, `←` the venue's.
struct Example {
    line: usize,
    from_client: bool,
    fields: Vec<(u32, String)>,
}

fn page() -> String {
    fs::read_to_string(root().join("docs/fix.md")).expect("the page is there")
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    for (text, line) in page.lines().zip(1..) {
        let (from_client, text) = match (text.strip_prefix("→ "), text.strip_prefix("← ")) {
            (Some(text), _) => (true, text),
            (_, Some(text)) => (false, text),
            _ => continue,
        };
        let fields = text.strip_suffix('|').unwrap_or_else(|| panic!("line {line} has no end: {text}"));
        let field = |field: &str| {
            let (tag, value) = field.split_once('=').unwrap_or_else(|| panic!("line {line}: {field:?}"));
            let tag = tag.parse().unwrap_or_else(|_| panic!("line {line}: {field:?}"));
            (tag, value.to_owned())
        };
        examples.push(Example { line, from_client, fields: fields.split('|').map(field).collect() });
    }
    examples
}

/// The whole message of an example: what examples leave out is put where it belongs.
fn whole(example: &Example) -> Vec<u8> {
    let (client, venue) = ("MM1", "PENSTOCK");
    let (sender, target) = if example.from_client { (client, venue) } else { (venue, client) };
    let usual = [(49, sender), (56, target), (52, "20261120-12:00:00")];
    let missing = usual.into_iter().filter(|(tag, _)| example.fields.iter().all(|field| field.0 != *tag));
    let (kind, rest) = example.fields.split_first().expect("a line has fields");
    assert_eq!(kind.0, 35, "line {} begins with its type", example.line);
    let fields: Vec<(u32, &str)> = [(35, kind.1.as_str())]
        .into_iter()
        .chain(missing)
        .chain(rest.iter().map(|(tag, value)| (*tag, value.as_str())))
        .collect();
    frame_in("FIX.4.4", &fields)
}

/// Binance's FIX has a dictionary of its own; its venue calls itself SPOT.
fn is_of_dialect(example: &Example) -> bool {
    example.fields.iter().any(|(tag, value)| matches!(tag, 49 | 56) && value == "SPOT")
}

#[test]
fn examples_are_what_the_dictionaries_say() {
    let dictionary = Dictionary::published(&["FIX44"]);
    let examples = examples(&page());
    assert!(examples.len() > 50, "{}", examples.len());
    for example in examples.iter().filter(|example| !is_of_dialect(example)) {
        let bytes = whole(example);
        let message = Message::parse(&bytes).unwrap_or_else(|why| panic!("line {}: {why}", example.line));
        println!("line {}: {message}", example.line); // what is at fault, if something is
        // One that shows a Reject has a fault, and no other one has.
        let next = examples.iter().find(|next| next.line == example.line + 1 && !next.from_client);
        let is_rejected = next.is_some_and(|next| next.fields[0].1 == "3");
        if !is_rejected {
            dictionary.assert(&message);
        }
        if example.from_client {
            let parsed = wire::fix::message::Message::parse(&bytes);
            let fault = parsed.fault.or(parsed.check().err());
            assert_eq!(fault.is_some(), is_rejected, "line {}: {fault:?}", example.line);
        }
    }
}

#[test]
fn every_message_has_an_example() {
    let page = page();
    let shown: BTreeSet<String> = examples(&page).into_iter().map(|mut e| e.fields.remove(0).1).collect();
    let mark = "<!-- generated: message ";
    let there = page.lines().filter_map(|line| line.strip_prefix(mark)?.strip_suffix(" -->"));
    let without: Vec<&str> = there.filter(|kind| !shown.contains(*kind)).collect();
    assert_eq!(without, [""; 0], "messages of docs/fix.md without an example");
}
