//! `[[session]]`: CompIDs, credentials, and the rules of the session layer.

use super::{assert_fault, refused, taken};
use crate::config::{Layer, Session};

fn session(lines: &str) -> String {
    format!("[[session]]\ncomp_id = \"A\"\naccounts = [\"MM1\"]\n{lines}\n")
}

fn one(lines: &str) -> Session {
    taken(&session(lines), &[]).sessions.swap_remove(0)
}

#[test]
fn the_venue_s_comp_id_is_the_session_s_own_or_the_venue_s() {
    assert_eq!(one("password = \"p\"").venue_comp_id, "PENSTOCK");
    assert_eq!(one("password = \"p\"\nvenue_comp_id = \"ISLD\"").venue_comp_id, "ISLD");
    let text = session("password = \"p\"\nvenue_comp_id = \"\"");
    assert_eq!(taken(&text, &["venue.comp_id=OTHER"]).sessions[0].venue_comp_id, "OTHER");
    let shown = refused(&session("password = \"p\"\nvenue_comp_id = \"IS LD\""), &[]);
    assert!(shown.contains("session.venue_comp_id: is a name"), "{shown}");
}

#[test]
fn that_nothing_is_asked_at_logon_has_to_be_said() {
    assert!(one("no_credentials = true").password.is_none());
    assert!(one("no_credentials = false\npassword = \"p\"").password.is_some());
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
    taken(&session("password = \"p\""), &["fix.listen=0.0.0.0:9878"]);
}

#[test]
fn the_layer_s_rules_are_the_usual_ones_where_nothing_is_said() {
    let usual = Layer {
        reset_on_logon: false,
        reset_on_logout: false,
        reset_on_disconnect: false,
        strict: false,
        latency_max_s: Some(120),
        timestamp_places: 9,
    };
    assert_eq!(one("password = \"p\"").layer, usual);
    let all = "password = \"p\"\nreset_on_logon = true\nreset_on_logout = true\nreset_on_disconnect = true\n\
               strict = true\nlatency_max_s = 5\ntimestamp_places = 3";
    let other = Layer {
        reset_on_logon: true,
        reset_on_logout: true,
        reset_on_disconnect: true,
        strict: true,
        latency_max_s: Some(5),
        timestamp_places: 3,
    };
    assert_eq!(one(all).layer, other);
    assert_eq!(one("password = \"p\"\nlatency_max_s = 0").layer.latency_max_s, None);
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
