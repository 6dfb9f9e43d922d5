//! `[binary]`, and the sessions that speak the binary protocol.

use super::*;

const SESSION: &str = "[[session]]\ncomp_id = \"BIN\"\nprotocol = \"binary\"\n";

fn one(lines: &str) -> Session {
    taken(&format!("{SESSION}{lines}"), &[]).sessions.swap_remove(0)
}

#[test]
fn its_sessions_trade_copy_or_are_trunks() {
    let trading = one("password = \"p\"\naccounts = [\"MM1\"]");
    assert!(trading.is_binary() && trading.fix().is_none());
    assert_eq!((trading.kind, &trading.accounts[..]), (Kind::Trading, &[AccountId(0)][..]));
    let copies = one("password = \"p\"\nkind = \"drop-copy\"\nwatch = \"*\"");
    assert_eq!((copies.kind, copies.watch), (Kind::DropCopy, Some(Watch::All)));
    let trunk = one("password = \"p\"\nkind = \"trunk\"\naccounts = [\"bob\"]");
    assert_eq!((trunk.kind, &trunk.accounts[..]), (Kind::Trunk, &[AccountId(7)][..]));
    let all = one("password = \"p\"\nkind = \"trunk\"\naccounts = \"*\"");
    assert_eq!(all.accounts, (0..8).map(AccountId).collect::<Vec<_>>());
    assert_eq!(all.cancel_on_disconnect, None);
}

#[test]
fn what_only_fix_has_is_refused() {
    for (line, key) in [
        ("version = \"FIX.4.4\"", "version"),
        ("venue_comp_id = \"V\"", "venue_comp_id"),
        ("dialect = \"fix\"", "dialect"),
        ("username = \"key\"", "username"),
        ("certificate_sha256 = \"\"", "certificate_sha256"),
        ("reset_on_logon = false", "reset_on_logon"),
        ("start_time = \"08:00\"", "start_time"),
        ("strict = true", "strict"),
        ("latency_max_s = 3", "latency_max_s"),
        ("timestamp_places = 9", "timestamp_places"),
    ] {
        let text = format!("{SESSION}password = \"p\"\naccounts = [\"MM1\"]\n{line}");
        let at = format!("venue.toml:6:{}", key.len() + 4);
        assert_fault(&text, &[], &at, &format!("session.{key}: only sessions of FIX have it"), "take it out");
    }
}

#[test]
fn user_and_password_fit_the_login() {
    let session = |lines: &str| format!("[[session]]\nprotocol = \"binary\"\naccounts = [\"MM1\"]\n{lines}");
    let taken_as = |lines: &str| taken(&session(lines), &[]).sessions.swap_remove(0).comp_id;
    assert_eq!(taken_as("comp_id = \"SIXSIX\"\npassword = \"tencharact\""), "SIXSIX");
    assert_fault(
        &session("comp_id = \"SEVEN77\"\npassword = \"p\""),
        &[],
        "venue.toml:4:11",
        "session.comp_id: a binary session's name has at most 6 characters",
        "shorten it",
    );
    for password in ["elevenchars", "space ", ""] {
        assert_fault(
            &session(&format!("comp_id = \"A\"\npassword = \"{password}\"")),
            &[],
            "venue.toml:5:12",
            "session.password: has 1 to 10 printable ASCII characters",
            "choose another one",
        );
    }
}

#[test]
fn a_trunk_is_binary_and_its_orders_stay() {
    assert_fault(
        "[[session]]\ncomp_id = \"A\"\npassword = \"p\"\nkind = \"trunk\"\naccounts = \"*\"",
        &[],
        "venue.toml:4:8",
        "session.kind: a trunk speaks the binary protocol",
        "protocol = \"binary\"",
    );
    assert_fault(
        &format!(
            "{SESSION}password = \"p\"\nkind = \"trunk\"\naccounts = \"*\"\ncancel_on_disconnect = true"
        ),
        &[],
        "venue.toml:7:24",
        "session.cancel_on_disconnect: a trunk's orders are those of many accounts",
        "take it out",
    );
    let shown = refused(&format!("{SESSION}password = \"p\"\naccounts = \"*\""), &[]);
    assert!(shown.contains("session.accounts: is a list of at least one"), "{shown}");
}

#[test]
fn an_account_s_limit_is_a_trunk_s_and_has_room() {
    assert_fault(
        &format!("{SESSION}password = \"p\"\naccounts = [\"BM1\"]\naccount_throttle_messages = 3"),
        &[],
        "venue.toml:6:29",
        "session.account_throttle_messages: the session is no trunk",
        "add kind = \"trunk\"",
    );
    let trunk = format!(
        "{SESSION}password = \"p\"\nkind = \"trunk\"\naccounts = \"*\"\naccount_throttle_messages = "
    );
    let limits = taken(&format!("{trunk}7"), &[]).sessions[0].account_limits;
    assert_eq!((limits.messages, limits.cancels, limits.seconds), (7, 7, 1));
    let shown = refused(&format!("{trunk}1000"), &["matcher.accounts_max=1048576"]);
    assert!(shown.contains("may take 1024 MiB"), "{shown}");
}

#[test]
fn the_client_may_be_silent_for_longer_than_the_venue() {
    let binary = taken("[binary]\nheartbeat_s = 2\nsilence_s = 3", &[]).binary;
    assert_eq!((binary.heartbeat, binary.silence), (Duration::from_secs(2), Duration::from_secs(3)));
    assert_fault(
        "[binary]\nheartbeat_s = 15",
        &[],
        "venue.toml:2:15",
        "binary.heartbeat_s is 15, binary.silence_s 15",
        "the smaller one as heartbeat_s",
    );
}

#[test]
fn demo_credentials_are_for_loopback_alone() {
    let shown = refused("", &["binary.listen=0.0.0.0:9880"]);
    let flat = shown.replace("\n  │ ", " ");
    assert!(flat.contains("0.0.0.0:9880 can be reached from other hosts"), "{shown}");
    // Those of the other protocol too: what is known to everybody is known for every door.
    assert!(flat.contains("MM1"), "{shown}");
    let shown = refused("", &["fix.listen=0.0.0.0:9878"]);
    assert!(shown.contains("0.0.0.0:9878 can be reached"), "{shown}");
}
