//! How much a session may send, against the venue as it is shipped: MM4 has a limit of 100 messages a second, the others
//! have none.

use penstock_tests::{
    Client, Message, PATIENCE, Venue,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};

/// A venue in which MM4 may send four messages and two cancels in an hour: no test is that slow.
fn venue() -> (Venue, Client) {
    let venue = Venue::start(&[
        "session.MM4.throttle_messages=4",
        "session.MM4.throttle_cancels=2",
        "session.MM4.throttle_s=3600",
        "session.MM4.cancel_on_disconnect=false",
    ]);
    let client = venue.client("MM4");
    (venue, client)
}

fn order(client: &mut Client, id: &str) {
    client.limit(id, SELL, "1", "585");
}

/// Insists that the next message says that `id`, of number `seq`, was one too many.
#[track_caller]
fn assert_throttled(client: &mut Client, seq: &str, used: &str) -> Message {
    let refused = client.receive();
    refused.assert(&[(35, "j"), (45, seq), (380, "0")]);
    let text = refused.field(58);
    assert!(text.contains(used) && text.contains("retry after"), "{text}");
    // The same in fields: LimitCount, LimitMax, RetryAfter in nanoseconds.
    let told = format!("used {} of {} in 3600 s", refused.field(25005), refused.field(25006));
    assert_eq!(told, used);
    let wait: u64 = refused.field(9804).parse().expect("a number");
    assert!(wait <= 3_600_000_000_000 && wait.is_multiple_of(1_000_000), "{wait}");
    Dictionary::published(&["FIX44"]).assert(&refused);
    refused
}

#[test]
fn what_is_too_much_is_refused_once_and_cancels_still_go() {
    let (venue, mut client) = venue();
    for id in ["a", "b", "c", "d"] {
        order(&mut client, id);
        client.execution(&[(11, id), (150, "0")]);
    }
    order(&mut client, "e");
    assert_throttled(&mut client, "6", "used 4 of 4 in 3600 s").assert(&[(372, "D"), (379, "e")]);
    client.replace("f", "a", SELL, "2", "586");
    assert_throttled(&mut client, "7", "used 4 of 4 in 3600 s").assert(&[(372, "G"), (379, "f")]);
    // The way out.
    client.cancel("g", "a", SELL);
    client.execution(&[(11, "g"), (41, "a"), (150, "4")]);
    client.send("q", &[(11, "h"), (530, "7"), (60, &penstock_tests::clock::now())]);
    for id in ["b", "c", "d"] {
        client.execution(&[(11, id), (150, "4")]);
    }
    client.receive().assert(&[(35, "r"), (11, "h"), (533, "3")]);
    client.cancel("i", "a", SELL);
    assert_throttled(&mut client, "10", "used 2 of 2 in 3600 s").assert(&[(372, "F"), (379, "i")]);
    // Heartbeats are no orders.
    for _ in 0..5 {
        client.send("1", &[(112, "there?")]);
        client.receive().assert(&[(35, "0"), (112, "there?")]);
    }
    client.quiet();
    client.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn half_as_much_again_logs_the_session_out_and_others_feel_nothing() {
    let (venue, mut client) = venue();
    let mut other = venue.client("MM1");
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
        order(&mut client, id);
    }
    // What the matcher says of the first four may be too late for this connection; it is kept for the next.
    let before = client.closed();
    let logout = before.iter().find(|message| message.kind() == "5").expect("a logout before the end");
    assert!(logout.field(58).contains("limit"), "{logout}");
    let refused = before.iter().filter(|message| message.kind() == "j");
    let refused: Vec<_> = refused.map(|message| (message.kind(), message.field(379))).collect();
    assert_eq!(refused, [("j", "e"), ("j", "f")]);
    venue.process.logged(&["MM4", "disconnected", "one and a half times its limit"]);
    // Whoever has no limit sends as much as it likes.
    for i in 0..300 {
        other.limit(&format!("o{i}"), BUY, "1", "500");
    }
    for i in 0..300 {
        other.execution(&[(11, &format!("o{i}")), (150, "0")]);
    }
    other.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn so_much_of_the_session_layer_ends_the_session_too() {
    let (venue, mut client) = venue();
    for _ in 0..7 {
        client.send("0", &[]);
    }
    client.receive().assert(&[(35, "5")]);
    assert_eq!(client.closed(), []);
    venue.stop().assert_no_panic();
}

#[test]
fn the_default_gives_mm4_a_hundred_messages_a_second_and_tells_how_many_are_used() {
    let venue = Venue::start(&["session.MM4.cancel_on_disconnect=false"]);
    let mut client = venue.client("MM4");
    client.send("XLQ", &[(6136, "how much")]);
    let answer = client.receive_within(PATIENCE).expect("an answer");
    answer.assert(&[(35, "XLR"), (6136, "how much"), (25003, "2")]);
    let entries: Vec<_> = answer.0.iter().filter(|(tag, _)| (25004..=25008).contains(tag)).collect();
    let values: Vec<_> = entries.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["2", "1", "100", "1", "s", "9", "0", "100", "1", "s"]);
    // Faster than a hundred a second, but not by half: some are refused, each is answered, none twice.
    for i in 0..140 {
        order(&mut client, &format!("o{i}"));
    }
    let mut answered = Vec::new();
    let mut refused = 0;
    while answered.len() < 140 {
        let answer = client.receive();
        let tag = if answer.kind() == "j" { 379 } else { 11 };
        refused += usize::from(answer.kind() == "j");
        answered.push(answer.field(tag).to_owned());
    }
    answered.sort();
    answered.dedup();
    assert_eq!(answered.len(), 140);
    // With the query a hundred in the first second; on a slow machine more of them fall into the next.
    assert!(refused <= 41, "{refused}");
    let mut other = venue.client("MM1");
    other.send("XLQ", &[(6136, "1")]);
    other.receive().assert(&[(35, "XLR"), (6136, "1"), (25003, "0")]);
    other.send("XLQ", &[]);
    other.receive().assert(&[(35, "3"), (371, "6136"), (373, "1")]);
    for client in [client, other] {
        client.log_out();
    }
    venue.stop().assert_no_panic();
}

#[test]
fn fix_5_0_has_a_reason_of_its_own() {
    let venue = Venue::start(&[
        "session.MM1.version=FIX.5.0SP2",
        "session.MM1.throttle_messages=2",
        "session.MM1.throttle_s=3600",
    ]);
    let mut client = Client::connect(venue.fix, "MM1");
    client.begin_string = "FIXT.1.1";
    client.log_on(&[(141, "Y"), (1137, "9")]).assert(&[(35, "A")]);
    for id in ["a", "b"] {
        order(&mut client, id);
        client.execution(&[(11, id), (150, "0")]);
    }
    order(&mut client, "c");
    let refused = client.receive();
    refused.assert(&[(35, "j"), (379, "c"), (380, "8")]);
    Dictionary::published(&["FIXT11", "FIX50SP2"]).assert(&refused);
    client.log_out();
    venue.stop().assert_no_panic();
}
