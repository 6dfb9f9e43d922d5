use super::*;

#[test]
fn any_key_can_be_set_and_text_needs_no_quotes() {
    let config = taken(
        "[fix]\nlisten = \"127.0.0.1:1\"",
        &[
            "fix.listen=127.0.0.1:7001",
            "venue.comp_id=X=1",
            "log.format=json",
            "threads.cores=[1, 2]",
            "fix.resend_window = 0x20",
            "session.MM1.password=12345",
            "session.MM4.cancel_on_disconnect=false",
            "session.1.password=\"with space\"",
            "instrument.BTCUSDT.tick=0.5",
            "instrument.\"ETHUSDT\".lot=\"0.01\"",
            "account.0.name=DESK",
            "session.MM1.accounts=[\"DESK\", \"MM2\"]",
        ],
    );
    assert_eq!(config.fix.acceptor.listen, "127.0.0.1:7001".parse().unwrap());
    assert_eq!(config.venue.comp_id, "X=1");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.threads.cores, CoreChoice::List(vec![1, 2]));
    assert_eq!(config.fix.acceptor.resend_window, 32);
    let password = |place: usize| config.sessions[place].password.as_ref().unwrap().expose();
    assert_eq!(password(0), "12345");
    assert_eq!(password(1), "with space");
    assert_eq!(config.sessions[3].cancel_on_disconnect, None);
    assert_eq!(config.instruments[0].tick.value(1).unwrap().to_string(), "0.5");
    assert_eq!(config.instruments[1].lot.value(1).unwrap().to_string(), "0.01");
    assert_eq!(config.accounts[0].name, "DESK");
    assert_eq!(config.sessions[0].accounts, [AccountId(0), AccountId(1)]);
}

#[test]
fn the_later_one_holds_and_a_list_can_be_set_whole() {
    let config = taken(
        "",
        &[
            "log.level=warn",
            "log.level=debug",
            "account=[{name=\"MM1\"}]",
            "session=[{comp_id=\"A\",password=\"p\",accounts=[\"MM1\"]}]",
        ],
    );
    assert_eq!(config.log.level, LogLevel::Debug);
    assert_eq!((config.accounts.len(), config.sessions.len()), (1, 1));
}

#[test]
fn faults_name_the_set_as_their_source_with_a_caret_in_it() {
    assert_eq!(
        refused("", &["log.level=info", "fix.lissten=127.0.0.1:7001"]),
        r#"
  × [fix] has no key `lissten`
   ╭─[--set:1:5]
 1 │ fix.lissten=127.0.0.1:7001
   ·     ───┬───
   ·        ╰── unknown key
   ╰────
  help: did you mean `listen`?

1 error in the configuration (venue.toml)
"#[1..]
    );
    for (set, place, message, help) in [
        ("fix.listen", "--set:1:1", "not of the form KEY=VALUE", "--set TABLE.KEY=VALUE"),
        ("fix..listen=1", "--set:1:5", "the key has an empty part", "--set TABLE.KEY=VALUE"),
        ("=1", "--set:1:1", "the key has an empty part", "--set TABLE.KEY=VALUE"),
        ("fix=1", "--set:1:5", "`fix` is a table, not an integer", "[fix]"),
        ("foo=1", "--set:1:1", "there is no table or list `foo`", "there are: venue"),
        ("venue.comp_id=", "--set:1:14", "is a name", "shorten it"),
        ("fix.listen.a=1", "--set:1:5", "`listen` is a value and has no keys", "penstock config"),
        ("session.MM9.password=x", "--set:1:9", "no session is named `MM9`", "MM1, MM2, MM3, MM4"),
        ("session.99.password=x", "--set:1:9", "no session is named `99`", "MM1, MM2, MM3, MM4"),
        ("session.password=x", "--set:1:9", "its entries go by name or place", "session.NAME.password"),
        ("fix.resend_window=many", "--set:1:19", "wants a whole number, not a string", "16"),
        ("log.level=inof", "--set:1:11", "is one of \"error\", \"warn\"", "did you mean `info`?"),
    ] {
        assert_fault("", &[set], place, message, help);
    }
}
