//! Drop-copy sessions.

use super::*;

const SESSION: &str = "[[session]]\ncomp_id = \"A\"\npassword = \"p\"\n";

#[test]
fn the_default_has_one_that_watches_all() {
    let config = taken("", &[]);
    let traders: Vec<_> = config.traders().map(|session| session.comp_id.as_str()).collect();
    assert_eq!(traders, ["MM1", "MM2", "MM3", "MM4"]);
    assert_eq!(config.sessions[4].comp_id, "DROP1");
    assert_eq!(config.sessions[4].watch, Some(Watch::All));
    assert_eq!(config.sessions[4].accounts, []);
}

#[test]
fn it_watches_accounts_by_name() {
    let config = taken(&format!("{SESSION}kind = \"drop-copy\"\nwatch = [\"MM3\", \"MM1\"]"), &[]);
    assert_eq!(config.sessions[0].watch, Some(Watch::Accounts(vec![AccountId(2), AccountId(0)])));
    let config = taken("", &["session.DROP1.watch=[\"MM2\"]"]);
    assert_eq!(config.sessions[4].watch, Some(Watch::Accounts(vec![AccountId(1)])));
    let config = taken(&format!("{SESSION}kind = \"trading\"\naccounts = [\"MM1\"]"), &[]);
    assert_eq!(config.sessions[0].watch, None);
}

#[test]
fn what_makes_no_sense_for_its_kind_is_refused() {
    for (lines, at, message, help) in [
        (
            "kind = \"copy\"",
            "4:8",
            "session.kind: is one of \"trading\", \"drop-copy\", \"trunk\"",
            "drop-copy",
        ),
        ("kind = \"drop-copy\"", "1:1", "[session] has no `watch`", "watch = \"*\", or [\"MM1\"]"),
        ("kind = \"drop-copy\"\nwatch = []", "5:9", "session.watch: is a list of at least one", "\"*\""),
        ("kind = \"drop-copy\"\nwatch = [\"XX\"]", "5:10", "there is no account `XX`", "MM1, MM2"),
        (
            "kind = \"drop-copy\"\nwatch = \"*\"\naccounts = [\"MM1\"]",
            "6:12",
            "session.accounts: a drop-copy session trades for nobody",
            "take it out",
        ),
        (
            "accounts = [\"MM1\"]\nwatch = \"*\"",
            "5:9",
            "session.watch: only drop-copy sessions watch accounts",
            "kind = \"drop-copy\"",
        ),
    ] {
        assert_fault(&format!("{SESSION}{lines}"), &[], &format!("venue.toml:{at}"), message, help);
    }
}
