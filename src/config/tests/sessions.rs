//! `[[session]]`: CompIDs, credentials, and the rules of the session layer.

use gateway::dialect::Dialect;

use super::{assert_fault, refused, taken};
use wire::fix::session::Schedule;

use crate::config::{FixTerms, Layer, Session};

fn session(lines: &str) -> String {
    format!("[[session]]\ncomp_id = \"A\"\naccounts = [\"MM1\"]\n{lines}\n")
}

fn one(lines: &str) -> Session {
    taken(&session(lines), &[]).sessions.swap_remove(0)
}

fn of_fix(lines: &str) -> FixTerms {
    one(lines).fix().expect("a session of FIX").clone()
}

#[test]
fn the_venue_s_comp_id_is_the_session_s_own_or_the_venue_s() {
    assert_eq!(of_fix("password = \"p\"").venue_comp_id, "PENSTOCK");
    assert_eq!(of_fix("password = \"p\"\nvenue_comp_id = \"ISLD\"").venue_comp_id, "ISLD");
    let text = session("password = \"p\"\nvenue_comp_id = \"\"");
    assert_eq!(taken(&text, &["venue.comp_id=OTHER"]).sessions[0].fix().unwrap().venue_comp_id, "OTHER");
    let shown = refused(&session("password = \"p\"\nvenue_comp_id = \"IS LD\""), &[]);
    assert!(shown.contains("session.venue_comp_id: is a name"), "{shown}");
}

#[test]
fn that_nothing_is_asked_at_logon_has_to_be_said() {
    assert!(!one("no_credentials = true").credentials.ask_for_something());
    assert!(one("no_credentials = false\npassword = \"p\"").credentials.ask_for_something());
    let missing = refused(&session("no_credentials = false"), &[]);
    assert!(missing.contains("[session] has no `password`"), "{missing}");
    assert_fault(
        &session("no_credentials = true\npassword = \"p\""),
        &[],
        "venue.toml:4:18",
        "session.no_credentials: the session has a password",
        "take one of the two out",
    );
}

#[test]
fn a_session_without_credentials_is_for_loopback_only() {
    let text = session("no_credentials = true");
    taken(&text, &["fix.listen=[::1]:0"]);
    let shown = refused(&text, &["fix.listen=0.0.0.0:9878"]);
    assert!(shown.contains("no credentials are asked of: A"), "{shown}");
    assert!(shown.contains("give these sessions passwords"), "{shown}");
}

#[test]
fn the_layer_s_rules_are_the_usual_ones_where_nothing_is_said() {
    let usual = Layer {
        reset_on_logon: false,
        reset_on_logout: false,
        reset_on_disconnect: false,
        schedule: None,
        strict: false,
        latency_max_s: Some(120),
        timestamp_places: 9,
    };
    assert_eq!(of_fix("password = \"p\"").layer, usual);
    let all = "password = \"p\"\nreset_on_logon = true\nreset_on_logout = true\nreset_on_disconnect = true\n\
               strict = true\nlatency_max_s = 5\ntimestamp_places = 3";
    let other = Layer {
        reset_on_logon: true,
        reset_on_logout: true,
        reset_on_disconnect: true,
        schedule: None,
        strict: true,
        latency_max_s: Some(5),
        timestamp_places: 3,
    };
    assert_eq!(of_fix(all).layer, other);
    assert_eq!(of_fix("password = \"p\"\nlatency_max_s = 0").layer.latency_max_s, None);
}

#[test]
fn timestamps_have_whole_groups_of_digits() {
    assert_fault(
        &session("password = \"p\"\ntimestamp_places = 4"),
        &[],
        "venue.toml:5:20",
        "session.timestamp_places: is 0, 3, 6 or 9",
        "write 0 for seconds",
    );
}

#[test]
fn hours_are_a_day_s_or_a_week_s() {
    let hours = |lines: &str| of_fix(&format!("password = \"p\"\n{lines}")).layer.schedule;
    assert_eq!(hours("start_time = \"\"\nend_time = \"\"\nstart_day = \"\"\nend_day = \"\""), None);
    let day = "start_time = \"08:00\"\nend_time = \"17:00:30\"";
    assert_eq!(hours(day), Some(Schedule::daily(8 * 3_600, 17 * 3_600 + 30)));
    let week = Schedule::weekly((0, 8 * 3_600), (4, 17 * 3_600 + 30));
    assert_eq!(hours(&format!("{day}\nstart_day = \"monday\"\nend_day = \"friday\"")), Some(week));
}

#[test]
fn hours_are_given_whole() {
    for lines in [
        "start_time = \"08:00\"",
        "end_time = \"08:00\"",
        "start_day = \"monday\"\nend_day = \"friday\"",
        "start_time = \"08:00\"\nend_time = \"17:00\"\nend_day = \"friday\"",
    ] {
        let shown = refused(&session(&format!("password = \"p\"\n{lines}")), &[]);
        assert!(shown.contains("give start_time and end_time"), "{shown}");
    }
    for time in ["8:00", "24:00", "08:60", "08", "08:00:60", "+8:00", "noon"] {
        let shown = refused(&session(&format!("password = \"p\"\nstart_time = \"{time}\"")), &[]);
        assert!(shown.contains("session.start_time: is a time of day, in UTC"), "{shown}");
    }
    let shown = refused(&session("password = \"p\"\nstart_day = \"mondays\""), &[]);
    assert!(shown.contains("did you mean `monday`?"), "{shown}");
}

#[test]
fn the_dialect_is_the_standard_s_or_binance_s_which_is_fix_4_4() {
    assert_eq!(of_fix("password = \"p\"").dialect, Dialect::Fix);
    assert_eq!(of_fix("password = \"p\"\ndialect = \"binance\"").dialect, Dialect::Binance);
    assert_fault(
        &session("password = \"p\"\nversion = \"FIX.4.2\"\ndialect = \"binance\""),
        &[],
        "venue.toml:6:11",
        "session.dialect: Binance's clients speak FIX.4.4",
        "write version",
    );
}

mod credentials {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const KEY: &str = "GUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=";
    const SECRET: &str = "CwsLCwsLCwsLCwsLCwsLCwsLCws=";

    #[test]
    fn a_key_a_secret_or_a_certificate_serves_instead_of_a_password() {
        let pem = format!(
            "ed25519_key = \"\"\"\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA{KEY}\n-----END PUBLIC KEY-----\n\"\"\""
        );
        let fingerprint = "AB:".repeat(32);
        for lines in [
            format!("ed25519_key = \"{KEY}\""),
            pem,
            format!("certificate_sha256 = \"{}\"", fingerprint.trim_end_matches(':')),
        ] {
            let session = one(&lines);
            assert!(session.credentials.ask_for_something(), "{lines}");
            assert!(session.password.is_none());
        }
        let lines = format!("ed25519_key = \"{KEY}\"\npassword = \"p\"\nusername = \"key-1\"");
        let both = one(&lines).credentials;
        assert!(both.password.is_some() && both.ed25519.is_some());
        assert_eq!(both.username.as_deref(), Some("key-1"));
        let shown = refused(&session(&format!("no_credentials = true\ned25519_key = \"{KEY}\"")), &[]);
        assert!(shown.contains("the session has credentials"), "{shown}");
    }

    #[test]
    fn what_is_no_key_or_fingerprint_is_told_so() {
        for (line, message) in [
            ("ed25519_key = \"-----BEGIN PRIVATE KEY-----\"", "which only the client may have"),
            ("ed25519_key = \"c2hvcnQ=\"", "this is no Ed25519 public key"),
            ("certificate_sha256 = \"12:34\"", "64 hexadecimal digits"),
            ("username = \"a b\"", "without space"),
            ("hmac_secret_file = \"secret\"", "is an absolute path"),
            ("hmac_secret_file = \"/nowhere/secret\"", "cannot read /nowhere/secret"),
            (
                "hmac_secret_env = \"PENSTOCK_NO_SUCH_VARIABLE\"",
                "there is no text in the environment variable",
            ),
        ] {
            let shown = refused(&session(&format!("{line}\npassword = \"p\"")), &[]);
            let flat = shown.replace("\n  │ ", " ").replace("\n        ", " ");
            assert!(flat.contains(message), "{line}\n{shown}");
        }
    }

    #[test]
    fn a_secret_is_read_from_a_file_that_others_may_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, format!("{SECRET}\n")).unwrap();
        let line = format!("hmac_secret_file = \"{}\"", file.display());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let shown = refused(&session(&line), &[]);
        assert!(shown.contains("chmod 600"), "{shown}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(one(&line).credentials.ask_for_something());
        fs::write(&file, "c2hvcnQ=").unwrap();
        let shown = refused(&session(&line), &[]);
        assert!(shown.contains("fewer than 16 bytes") && !shown.contains("c2hvcnQ"), "{shown}");
    }

    #[test]
    fn addresses_are_networks_without_bits_behind_their_prefix() {
        let line = "password = \"p\"\naddresses = [\"192.0.2.7\", \"10.1.0.0/16\", \"2001:db8::/32\"]";
        let shown: Vec<String> = one(line).addresses.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["192.0.2.7/32", "10.1.0.0/16", "2001:db8::/32"]);
        assert!(one("password = \"p\"").addresses.is_empty());
        for (address, message) in [
            ("10.1.2.3/16", "write 10.1.0.0/16"),
            ("venue.example", "neither an address nor a network"),
            ("10.0.0.0/33", "neither an address nor a network"),
        ] {
            let shown = refused(&session(&format!("password = \"p\"\naddresses = [\"{address}\"]")), &[]);
            assert!(shown.contains(message), "{address}\n{shown}");
        }
    }
}
