//! `[[gateway]]`, and whose sessions belong where.

use super::*;

const TWO: &str = r#"
[[gateway]]
name = "fix-2"
listen = "127.0.0.1:9978"
tls_listen = "127.0.0.1:9979"

[[gateway]]
name = "binary_2"
protocol = "binary"
listen = "127.0.0.1:9980"
"#;

fn names(config: &Config) -> Vec<&str> {
    config.gateways.iter().map(|gateway| gateway.name.as_str()).collect()
}

#[test]
fn the_first_of_each_protocol_are_those_of_its_table_and_have_all_sessions() {
    let config = taken("", &["fix.listen=127.0.0.1:7001", "binary.listen=127.0.0.1:7002"]);
    assert_eq!(names(&config), ["fix", "binary"]);
    assert_eq!(config.gateways[0].listen, "127.0.0.1:7001".parse().unwrap());
    assert_eq!(config.gateways[0].tls_listen, Some("127.0.0.1:9879".parse().unwrap()));
    assert_eq!(config.gateways[1].listen, "127.0.0.1:7002".parse().unwrap());
    assert_eq!(config.gateways[1].speaks, Speaks::Binary);
    for session in &config.sessions {
        assert_eq!(session.gateway, u32::from(session.is_binary()), "{}", session.comp_id);
    }
}

#[test]
fn others_stand_behind_them_and_sessions_name_them() {
    let config =
        taken(TWO, &["session.MM2.gateway=fix-2", "session.BM1.gateway=binary_2", "session.MM1.gateway=fix"]);
    assert_eq!(names(&config), ["fix", "binary", "fix-2", "binary_2"]);
    assert_eq!(config.gateways[2].tls_listen, Some("127.0.0.1:9979".parse().unwrap()));
    assert_eq!((config.gateways[2].speaks, config.gateways[3].speaks), (Speaks::Fix, Speaks::Binary));
    let of = |name: &str| config.sessions.iter().find(|session| session.comp_id == name).unwrap().gateway;
    assert_eq!(["MM1", "MM2", "MM3", "BM1", "BM2"].map(of), [0, 2, 0, 3, 1]);
    // Ports that are taken as they are free are not the same.
    let one = "gateway=[{name=\"a\",listen=\"127.0.0.1:0\"},{name=\"b\",listen=\"127.0.0.1:0\"}]";
    assert_eq!(names(&taken("", &[one, "fix.listen=127.0.0.1:0"])), ["fix", "binary", "a", "b"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let first = |line: &str| TWO.replace("name = \"fix-2\"", line);
    for (text, at, message, help) in [
        (first("name = \"fix\""), "3:8", "`fix` is the gateway that [fix] describes", "another name"),
        (first("name = \"a/b\""), "3:8", "letters, digits, `-` and `_`", "\"fix-2\""),
        (first("name = \"binary_2\""), "8:8", "there are two gateways named `binary_2`", "a name of its own"),
        (first("protocol = \"fix\""), "2:1", "[gateway] has no `name`", "name = \"fix-2\""),
        (TWO.replace("9979", "9978"), "5:14", "two gateways listen on 127.0.0.1:9978", "a port of its own"),
        (TWO.replace("9978", "9880"), "4:10", "two gateways listen on 127.0.0.1:9880", "a port of its own"),
        (
            format!("{TWO}tls_listen = \"127.0.0.1:9981\""),
            "11:14",
            "gateway.tls_listen: TLS is for clients of FIX",
            "take it out",
        ),
        (
            format!("{TWO}qqqq = 1"),
            "11:1",
            "[gateway] has no key `qqqq`",
            "name, protocol, listen, tls_listen",
        ),
    ] {
        assert_fault(&text, &[], &format!("venue.toml:{at}"), message, help);
    }
    for (set, message, help) in [
        ("session.MM1.gateway=fix-3", "there is no gateway `fix-3` of the session's protocol", "fix, fix-2"),
        ("session.MM1.gateway=binary_2", "there is no gateway `binary_2` of the session's", "fix, fix-2"),
        ("session.BM1.gateway=fix-2", "there is no gateway `fix-2` of the session's", "binary, binary_2"),
    ] {
        assert_fault(TWO, &[set], "--set:1:21", message, help);
    }
    let shown = refused(&TWO.replace("127.0.0.1:9978", "0.0.0.0:9978"), &[]);
    assert!(shown.contains("0.0.0.0:9978 can be reached from other hosts"), "{shown}");
}

#[test]
fn there_are_no_more_than_the_matcher_has_links_for() {
    use wire::limits::GATEWAYS_MAX;
    let some = |count: u32| {
        let entries: Vec<_> =
            (0..count).map(|n| format!("{{name=\"g{n}\",listen=\"127.0.0.1:0\"}}")).collect();
        format!("gateway=[{}]", entries.join(","))
    };
    let most = GATEWAYS_MAX - 2;
    assert_eq!(taken("", &[&some(most)]).gateways.len(), GATEWAYS_MAX as usize);
    assert!(refused("", &[&some(most + 1)]).contains(&format!("more than {most} entries of [[gateway]]")));
    let line = DEFAULT.lines().find(|line| line.starts_with("# most 14.")).unwrap();
    assert!(line.contains(&most.to_string()));
}
