use super::*;

#[test]
fn demo_passwords_are_refused_off_loopback() {
    assert_fault(
        "[fix]\nlisten = \"0.0.0.0:9878\"",
        &["session.MM1.password=other"],
        "venue.toml:2:10",
        "0.0.0.0:9878 can be reached from other hosts, while everybody knows the demo password of: MM2, MM3, MM4, DROP1",
        "or listen on 127.0.0.1",
    );
    let others = ["1", "2", "3", "4"].map(|n| format!("session.MM{n}.password=own-{n}"));
    let mut set: Vec<_> = others.iter().map(String::as_str).collect();
    set.push("session.DROP1.password=own-5");
    set.push("fix.listen=0.0.0.0:9878");
    assert!(load("", &set).is_ok());
    for loopback in ["127.1.2.3:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(load("", &[&format!("fix.listen={loopback}")]).is_ok(), "{loopback}");
    }
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
