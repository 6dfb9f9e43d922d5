//! The log for machines: each line is one flat JSON object, and says of whom it is in the same fields.

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
