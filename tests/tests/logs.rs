//! The log for machines: each line is one flat JSON object, and says of whom it is in the same fields.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use penstock_tests::{Client, PATIENCE, Venue};
use serde_json::Value;

#[test]
fn each_line_is_an_object_with_time_level_and_message_and_names_session_and_peer() {
    let venue = Venue::start(&["log.format=json", "log.level=debug", "session.MM4.cancel_grace_ms=0"]);
    let mut client = venue.client("MM4");
    client.limit("a", "2", "1", "585");
    client.execution(&[(11, "a"), (150, "0")]);
    let _numbers = client.cut();
    venue.process.logged(&["cancelled on disconnect"]);
    let mut wrong = Client::connect(venue.fix, "MM3");
    wrong.send_logon("no", &[]);
    // What a peer sends stands escaped in a line of its own making, whatever it is.
    let mut strange = Client::connect(venue.fix, "M\"\\\nX");
    strange.send_logon("no", &[]);
    assert!(wrong.receive_within(PATIENCE).is_ok());
    drop((wrong, strange));
    let ended = venue.stop();
    ended.assert_no_panic();
    let lines: Vec<Value> = ended
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(lines.len() > 5, "{lines:#?}");
    for line in &lines {
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {line}");
        }
        assert!(line.as_object().unwrap().values().all(|value| !value.is_object()), "{line}");
    }
    let with = |message: &str| {
        let found =
            lines.iter().find(|line| line["message"].as_str().is_some_and(|text| text.contains(message)));
        found.unwrap_or_else(|| panic!("no {message} in {lines:#?}"))
    };
    let up = with("logged on");
    assert_eq!(up["session"], "MM4");
    assert!(up["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{up}");
    assert_eq!(
        (&with("cancelled on disconnect")["session"], &with("cancelled on disconnect")["orders"]),
        (&Value::from("MM4"), &Value::from(1))
    );
    let refused = with("connection closed");
    assert!(refused["peer"].is_string() && refused["why"].is_string(), "{refused}");
}

/// Rust files of the program below `directory`, tests aside.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("is there") {
        let path = entry.expect("can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("in UTF-8");
        match path.is_dir() {
            true if !matches!(name, "tests" | "examples" | "target" | "fuzz" | "benches") => {
                sources(&path, found)
            }
            false if name.ends_with(".rs") && name != "tests.rs" => found.push(path),
            _ => {}
        }
    }
}

/// The fields of the log lines in `text`: what stands between a macro's parenthesis and its message.
fn fields(text: &str, found: &mut BTreeSet<String>) {
    for level in ["trace!(", "debug!(", "info!(", "warn!(", "error!("] {
        for (at, _) in text.match_indices(level) {
            let (mut depth, mut shallow) = (0_u32, String::new());
            for c in text[at + level.len()..].chars() {
                match c {
                    '"' | ')' if depth == 0 => break,
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth -= 1,
                    c if depth == 0 => shallow.push(c),
                    _ => {}
                }
            }
            let names = shallow.split(',').filter_map(|field| field.split('=').next());
            let names = names.map(|name| name.trim().trim_start_matches(['%', '?']));
            found.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
}

#[test]
fn every_field_is_documented_and_nothing_else_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let mut files = Vec::new();
    for part in ["src", "gateway/src", "matcher/src", "shm/src", "wire/src", "tuning/src"] {
        sources(&root.join(part), &mut files);
    }
    let mut said = BTreeSet::new();
    files.iter().for_each(|file| fields(&fs::read_to_string(file).expect("text"), &mut said));
    assert!(said.contains("session") && said.contains("took_ns"), "{said:?}");
    let page = fs::read_to_string(root.join("docs/operating.md")).expect("is there");
    let (_, page) = page.split_once("\n## Log\n").expect("a chapter");
    let (page, _) = page.split_once("\n## ").expect("and the next");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let told: BTreeSet<String> =
        rows.flat_map(|(names, _)| names.split(", ").map(|name| name.trim_matches('`').to_owned())).collect();
    assert_eq!(said, told);
}
