//! Rules of this tree that no lint knows.

use std::{fs, path::Path};

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The value of a constant expression as limits.rs writes them: numbers with `<<` or `*` between.
fn value(expression: &str) -> u64 {
    let number =
        |text: &str| text.trim().replace('_', "").parse::<u64>().unwrap_or_else(|e| panic!("{text}: {e}"));
    match expression.split_once("<<") {
        Some((one, places)) => number(one) << number(places),
        None => expression.split('*').map(number).product(),
    }
}

#[test]
fn every_limit_stands_in_the_documentation_with_its_value_and_its_reason() {
    let documentation = text("docs/limits.md");
    let mut count = 0;
    for line in text("wire/src/limits.rs").lines() {
        let Some((name, rest)) = line.strip_prefix("pub const ").and_then(|rest| rest.split_once(':')) else {
            continue;
        };
        let expression = rest.split_once('=').expect("a value").1.trim().trim_end_matches(';');
        let row = documentation
            .lines()
            .find(|row| row.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("{name} is missing in docs/limits.md"));
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, _, documented, why, _] = cells.as_slice() else { panic!("not name, value, reason: {row}") };
        let documented: String =
            documented.chars().take_while(|c| *c != '(').filter(char::is_ascii_digit).collect();
        assert_eq!(documented, value(expression).to_string(), "{name} in docs/limits.md");
        assert!(why.len() > 20, "{name} has no reason in docs/limits.md");
        count += 1;
    }
    let rows = documentation.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, count, "docs/limits.md names limits that wire/src/limits.rs does not have");
    assert!(count > 10, "limits.rs was not understood");
}
