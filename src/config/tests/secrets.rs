use super::*;

/// Of "hunter2", by `penstock password`.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$xvyNjgUB0ce4XtXQNQ29gQ$sSJ6MK3nqyna6qIdDMX0ZNxy0LjzY73dCoqhbZMchAI";

#[test]
fn passwords_as_they_are_are_refused_off_loopback() {
    assert_fault(
        "[fix]\nlisten = \"0.0.0.0:9878\"",
        &["session.MM1.password=other"],
        "venue.toml:2:10",
        "0.0.0.0:9878 can be reached from other hosts, while a password stands in the configuration as it is for: MM1, MM2, \
         MM3, MM4, DROP1",
        "or listen on 127.0.0.1",
    );
    let tls = refused("[fix]\ntls_listen = \"0.0.0.0:9879\"", &[]);
    assert!(tls.contains("0.0.0.0:9879 can be reached"), "{tls}");
    let session =
        |n| format!("[[session]]\ncomp_id = \"MM{n}\"\naccounts = [\"MM{n}\"]\npassword_hash = \"{HASH}\"\n");
    let sessions: String = (1..=2).map(session).collect();
    assert!(load(&sessions, &["fix.listen=0.0.0.0:9878", "fix.tls_listen=0.0.0.0:9879"]).is_ok());
    for loopback in ["127.1.2.3:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(load("", &[&format!("fix.listen={loopback}")]).is_ok(), "{loopback}");
    }
}

#[test]
fn a_hash_is_a_secret_too_and_stands_beside_no_password() {
    let shown = refused("", &[&format!("session.MM1.password_hash={HASH}")]);
    assert!(shown.contains("session.password: the session has a password_hash"), "{shown}");
    assert!(!shown.contains(&HASH[40..]), "{shown}");
    let shown = refused("", &["session.MM1.password_hash=hunter2"]);
    assert!(shown.contains("not a password's hash in the PHC string format"), "{shown}");
    assert!(shown.contains("penstock password"), "{shown}");
}

#[test]
fn a_password_is_never_shown() {
    let session = "[[session]]\ncomp_id = \"A\"\naccounts = [\"XX\"]\n";
    let long = "hunter2".repeat(PASSWORD_BYTES_MAX);
    for (text, set) in [
        (format!("{session}password = \"hunter2\""), None),
        (format!("{session}password = 'hunter2'\nx = 1"), None),
        (format!("{session}password = \"\"\"\nhunter2\nhunter2\"\"\""), None),
        (format!("{session}password = \"{long}\""), None),
        (format!("{session}password = \"hunter2\né = 1"), None),
        (format!("{session}password = \"hunter2"), None),
        (format!("{session}passwd = \"hunter2\""), None),
        (format!("{session}\"pasword\" = [\"hunter2\"]"), None),
        (format!("{session}password = hunter2"), None),
        ("session = [{comp_id = 1, password = \"hunter2\"}]".into(), None),
        ("session = [{comp_id = 1, password = \"hunter2\"}".into(), None),
        (String::new(), Some("session.MM1.passwort=hunter2")),
        (String::new(), Some("session.MM9.password=hunter2")),
        (String::new(), Some("session..password=hunter2")),
        (String::new(), Some("session.MM1.password.x=hunter2")),
        (String::new(), Some("session=[{comp_id=1, password=\"hunter2\"}]")),
    ] {
        let shown = refused(&text, &set.into_iter().collect::<Vec<_>>());
        assert!(!shown.contains("hunter2"), "{text} {set:?} shows\n{shown}");
    }
    let config = taken("", &["session.MM1.password=hunter2"]);
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn only_the_value_of_a_password_is_masked() {
    let text = "[[session]]\ncomp_id = \"A\"\npassword = \"hunter2\" # mine\naccounts = []\n";
    let shown = refused(text, &[]);
    assert!(shown.contains("password = \"*******\" # mine"), "{shown}");
    assert!(shown.contains("accounts = []"), "{shown}");
}
