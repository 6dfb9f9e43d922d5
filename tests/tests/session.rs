//! The FIX session layer, message by message, as volume 2 of FIX 4.4 has it. What QuickFIX never does, and so never
//! tests: a client that breaks the rules.

use penstock_tests::{
    Client, Message, PATIENCE, Venue,
    fix::frame_with,
    trade::{BUY, SELL},
};

/// A venue and a session of it, logged on with number 1 both ways.
fn one() -> (Venue, Client) {
    let venue = Venue::start(&[]);
    let client = venue.client("MM1");
    (venue, client)
}

/// Insists that the venue logs `client` out, with a text that holds `words`, and ends the connection.
#[track_caller]
fn assert_logged_out(mut client: Client, words: &[&str]) {
    let mut before = client.closed();
    let logout = before.pop().expect("a logout before the end");
    logout.assert(&[(35, "5")]);
    let text = logout.field(58).to_lowercase();
    assert!(words.iter().all(|w| text.contains(&w.to_lowercase())), "{words:?} in {logout}");
    assert_eq!(before, []);
}

/// The session again, on a new connection, numbers going on.
#[track_caller]
fn again(venue: &Venue, comp_id: &str, (next_out, next_in): (u64, u64)) -> Client {
    let mut client = Client::connect(venue.fix, comp_id);
    (client.next_out, client.next_in) = (next_out, next_in);
    client
}

mod sequence_numbers {
    use super::*;

    #[test]
    fn a_gap_is_asked_for_and_a_gap_fill_closes_it() {
        let (venue, mut client) = one();
        client.next_out = 5;
        client.send("1", &[(112, "beyond the gap")]);
        client.receive().assert(&[(35, "2"), (7, "2"), (16, "0")]);
        let fill =
            client.message("4", 2, &[(43, "Y"), (122, &penstock_tests::clock::now()), (123, "Y"), (36, "6")]);
        client.send_bytes(&fill).unwrap();
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn messages_resent_to_close_a_gap_are_taken_in_their_order() {
        let (venue, mut client) = one();
        let time = penstock_tests::clock::now();
        let order =
            |id| [(11, id), (55, "AAPL"), (54, BUY), (60, time.as_str()), (38, "1"), (40, "2"), (44, "500")];
        let late = client.message("D", 3, &order("third"));
        client.send_bytes(&late).unwrap();
        client.receive().assert(&[(35, "2"), (7, "2")]);
        for (seq, id) in [(2, "second"), (3, "third")] {
            let resent = [&[(43, "Y"), (122, time.as_str())][..], &order(id)].concat();
            let bytes = client.message("D", seq, &resent);
            client.send_bytes(&bytes).unwrap();
        }
        client.next_out = 4;
        client.execution(&[(11, "second"), (150, "0")]);
        client.execution(&[(11, "third"), (150, "0")]);
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_number_that_was_used_ends_the_session() {
        let (venue, mut client) = one();
        client.quiet();
        client.next_out = 2;
        client.send("1", &[(112, "again")]);
        assert_logged_out(client, &["MsgSeqNum", "3", "2"]);
        venue.stop();
    }

    #[test]
    fn a_number_that_was_used_is_passed_over_if_it_says_so() {
        let (venue, mut client) = one();
        client.limit("once", BUY, "1", "500");
        client.execution(&[(11, "once"), (150, "0")]);
        let time = penstock_tests::clock::now();
        let order = [(11, "twice"), (55, "AAPL"), (54, BUY), (60, &time), (38, "1"), (40, "2"), (44, "500")];
        let duplicate = client.message("D", 2, &[&[(43, "Y"), (122, time.as_str())][..], &order].concat());
        client.send_bytes(&duplicate).unwrap();
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_logon_below_the_expected_number_is_refused() {
        let (venue, client) = one();
        let (_, next_in) = client.log_out();
        let mut client = again(&venue, "MM1", (1, next_in));
        client.send_logon("mm1-demo", &[]);
        assert_logged_out(client, &["MsgSeqNum", "3", "1"]);
        venue.stop();
    }

    #[test]
    fn a_logon_can_begin_the_numbers_anew_and_the_orders_stay() {
        let (venue, mut client) = one();
        client.limit("stays", SELL, "1", "590");
        client.execution(&[(11, "stays"), (150, "0")]);
        client.log_out();
        let mut client = venue.client("MM1"); // with ResetSeqNumFlag
        client.cancel("x", "stays", SELL);
        client.execution(&[(11, "x"), (41, "stays"), (150, "4")]).assert(&[(34, "2")]);
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_sequence_reset_moves_the_expected_number_up_and_never_down() {
        let (venue, mut client) = one();
        client.send("4", &[(123, "N"), (36, "50")]);
        client.next_out = 50;
        client.quiet();
        client.send("4", &[(123, "N"), (36, "10")]);
        client.receive().assert(&[(35, "3"), (45, "51"), (373, "5")]);
        venue.stop();
    }
}

mod resend {
    use super::*;

    #[test]
    fn reports_come_again_as_they_were_and_the_rest_is_filled() {
        let (venue, mut client) = one();
        client.limit("a", BUY, "1", "500"); // answered by number 2
        let a = client.execution(&[(11, "a"), (34, "2")]);
        client.quiet(); // 3
        client.limit("b", BUY, "1", "500"); // 4
        let b = client.execution(&[(11, "b"), (34, "4")]);

        client.send("2", &[(7, "1"), (16, "0")]);
        let fill = client.receive();
        fill.assert(&[(35, "4"), (34, "1"), (123, "Y"), (36, "2"), (43, "Y")]);
        let again = client.receive();
        again.assert(&[
            (35, "8"),
            (34, "2"),
            (43, "Y"),
            (122, a.field(52)),
            (17, a.field(17)),
            (60, a.field(60)),
        ]);
        client.receive().assert(&[(35, "4"), (34, "3"), (123, "Y"), (36, "4"), (43, "Y")]);
        let again = client.receive();
        again.assert(&[(35, "8"), (34, "4"), (43, "Y"), (122, b.field(52)), (17, b.field(17))]);
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_range_is_answered_to_its_end_and_no_further() {
        let (venue, mut client) = one();
        for id in ["a", "b", "c"] {
            client.limit(id, BUY, "1", "500");
            client.execution(&[(11, id), (150, "0")]);
        }
        client.send("2", &[(7, "3"), (16, "3")]);
        client.receive().assert(&[(35, "8"), (11, "b"), (34, "3"), (43, "Y")]);
        client.quiet();
        client.log_out();
        venue.stop();
    }

    /// With cancel-on-disconnect off, an order outlives its connection, and the report of what happened to it waits.
    #[test]
    fn a_fill_while_away_is_found_by_the_gap() {
        let venue = Venue::start(&[]);
        let mut maker = venue.client("MM1");
        let mut taker = venue.client("MM2");
        maker.limit("offer", SELL, "5", "585");
        maker.execution(&[(150, "0")]);
        let numbers = maker.log_out();
        taker.limit("take", BUY, "5", "585");
        taker.execution(&[(150, "0")]);
        taker.execution(&[(150, "F"), (39, "2")]);

        let mut maker = again(&venue, "MM1", numbers);
        maker.send_logon("mm1-demo", &[]);
        let logon = maker.receive_ahead(PATIENCE).unwrap();
        logon.assert(&[(35, "A")]);
        assert_eq!(logon.seq(), numbers.1 + 1, "the fill has the number before: {logon}");
        maker.send("2", &[(7, &numbers.1.to_string()), (16, "0")]);
        maker.execution(&[(11, "offer"), (150, "F"), (39, "2"), (43, "Y")]);
        maker.receive().assert(&[(35, "4"), (123, "Y"), (36, &(numbers.1 + 2).to_string())]);
        maker.quiet();
        maker.log_out();
        venue.stop();
    }
}

mod rejects {
    use super::*;

    #[test]
    fn a_message_that_breaks_the_rules_is_rejected_with_field_and_reason() {
        let (venue, mut client) = one();
        let time = penstock_tests::clock::now();
        let order =
            [(11, "a"), (55, "AAPL"), (54, BUY), (60, time.as_str()), (38, "1"), (40, "2"), (44, "500")];
        let without = |tag: u32| -> Vec<_> { order.into_iter().filter(|f| f.0 != tag).collect() };
        let instead = |tag: u32, value| -> Vec<_> {
            order.into_iter().map(|f| if f.0 == tag { (tag, value) } else { f }).collect()
        };
        // SessionRejectReason: 1 required tag missing, 4 no value, 5 value incorrect, 6 format, 13 twice.
        let cases = [
            (without(11), 11, "1"),
            (without(54), 54, "1"),
            (without(40), 40, "1"),
            (instead(54, "Z"), 54, "5"),
            (instead(38, "ten"), 38, "6"),
            (instead(44, "1e3"), 44, "6"),
            ([&order[..], &[(44, "501")]].concat(), 44, "13"),
        ];
        for (fields, tag, reason) in &cases {
            let seq = client.next_out.to_string();
            client.send("D", fields);
            let reject = client.receive();
            reject.assert(&[(35, "3"), (45, &seq), (372, "D"), (371, &tag.to_string()), (373, reason)]);
            assert!(!reject.field(58).is_empty(), "{reject}");
        }
        // A frame that is whole may hold a field that is empty.
        let seq = client.next_out.to_string();
        client.send("D", &[&order[..], &[(58, "")]].concat());
        client.receive().assert(&[(35, "3"), (45, &seq), (371, "58"), (373, "4")]);
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_type_that_fix_does_not_have_is_rejected_and_one_that_we_do_not_serve_too() {
        let (venue, mut client) = one();
        client.send("ZZ", &[]);
        client.receive().assert(&[(35, "3"), (45, "2"), (372, "ZZ"), (373, "11")]);
        // A news message is FIX, but nothing that a venue takes.
        client.send("B", &[(148, "hello")]);
        client.receive().assert(&[(35, "j"), (45, "3"), (372, "B"), (380, "3")]);
        client.quiet();
        client.log_out();
        venue.stop();
    }

    #[test]
    fn a_message_in_another_s_name_ends_the_session() {
        let (venue, mut client) = one();
        let other = Client::connect(venue.fix, "MM2");
        let bytes = other.message("1", 2, &[(112, "who?")]);
        client.send_bytes(&bytes).unwrap();
        client.receive().assert(&[(35, "3"), (45, "2"), (373, "9")]);
        assert_logged_out(client, &[]);
        venue.stop();
    }

    #[test]
    fn a_message_of_another_fix_version_ends_the_session() {
        let (venue, mut client) = one();
        let text = String::from_utf8(client.message("1", 2, &[(112, "old")])).unwrap();
        let body = &text[text.find("35=").unwrap()..text.rfind("10=").unwrap()];
        client.send_bytes(&frame_with("FIX.4.2", body.len(), body, None)).unwrap();
        assert_logged_out(client, &["BeginString"]);
        venue.stop();
    }
}

mod heartbeats {
    use super::*;

    #[test]
    fn silence_is_asked_about_and_then_ends_the_session() {
        let venue = Venue::start(&[]);
        let mut client = Client::connect(venue.fix, "MM1");
        client.log_on(&[(141, "Y"), (108, "1")]).assert(&[(35, "A")]);
        let kinds: Vec<_> = client.closed().iter().map(|m| m.kind().to_owned()).collect();
        assert!(kinds.iter().any(|k| k == "1"), "{kinds:?}");
        assert!(kinds.iter().all(|k| matches!(k.as_str(), "0" | "1" | "5")), "{kinds:?}");
        venue.process.logged(&["MM1"]);
        venue.stop();
    }

    #[test]
    fn an_answer_to_the_question_keeps_the_session() {
        let venue = Venue::start(&[]);
        let mut client = Client::connect(venue.fix, "MM1");
        client.log_on(&[(141, "Y"), (108, "1")]).assert(&[(35, "A")]);
        let mut asked = 0;
        while asked < 3 {
            let message = client.receive();
            match message.kind() {
                "1" => {
                    asked += 1;
                    client.send("0", &[(112, message.field(112))]);
                }
                other => assert_eq!(other, "0", "{message}"),
            }
        }
        client.limit("alive", BUY, "1", "500");
        client.execution(&[(11, "alive"), (150, "0")]);
        client.log_out();
        venue.stop();
    }
}

mod cancel_on_disconnect {
    use super::*;

    /// Rests an order as MM4 and breaks its connection.
    fn left_behind(venue: &Venue) -> (u64, u64) {
        let mut client = venue.client("MM4");
        client.limit("left", SELL, "5", "585");
        client.execution(&[(11, "left"), (150, "0")]);
        client.cut()
    }

    #[test]
    fn an_order_of_a_session_that_asks_for_it_is_cancelled_and_the_session_told_when_it_is_back() {
        let venue = Venue::start(&["session.MM4.cancel_grace_ms=0"]);
        let numbers = left_behind(&venue);
        let report = cancelled_while_away(&venue, numbers);
        report.assert(&[(35, "8"), (11, "left"), (150, "4"), (39, "4"), (151, "0")]);
        assert!(!report.field(58).is_empty(), "the report says why: {report}");

        let mut taker = venue.client("MM2");
        taker.order("take", BUY, "5", &[(40, "2"), (44, "585"), (59, "3")]);
        taker.execution(&[(150, "0")]);
        taker.execution(&[(150, "4"), (14, "0")]);
        taker.log_out();
        venue.stop();
    }

    #[test]
    fn a_session_back_within_its_grace_time_keeps_its_orders() {
        let venue = Venue::start(&["session.MM4.cancel_grace_ms=3600000"]);
        let numbers = left_behind(&venue);
        let mut client = Client::connect(venue.fix, "MM4");
        (client.next_out, client.next_in) = numbers;
        client.log_on(&[]).assert(&[(35, "A")]);
        client.cancel("x", "left", SELL);
        client.execution(&[(11, "x"), (41, "left"), (150, "4"), (39, "4")]);
        client.log_out();
        venue.stop();
    }

    /// The report of the cancel. MM4 learns of it by the gap before its logon's answer; or, where it was back before
    /// the cancel, as it leaves again.
    fn cancelled_while_away(venue: &Venue, (mut next_out, mut next_in): (u64, u64)) -> Message {
        for _ in 0..1_000 {
            let mut client = again(venue, "MM4", (next_out, next_in));
            client.send_logon("mm4-demo", &[]);
            let logon = client.receive_ahead(PATIENCE).expect("an answer to the logon");
            logon.assert(&[(35, "A")]);
            if logon.seq() > next_in {
                client.send("2", &[(7, &next_in.to_string()), (16, "0")]);
                let report = client.report();
                client.receive().assert(&[(35, "4"), (123, "Y")]); // in place of the logon's answer
                client.log_out();
                return report;
            }
            client.next_in += 1;
            client.send("5", &[]);
            let before = client.closed();
            before.last().expect("an answer to the logout").assert(&[(35, "5")]);
            if let Some(report) = before.into_iter().find(|m| m.kind() == "8") {
                return report;
            }
            (next_out, next_in) = client.cut();
        }
        panic!("nothing happened while MM4 was away");
    }
}
