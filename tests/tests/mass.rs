//! Many orders at once over FIX: mass cancels, mass quotes, market-maker protection.

use penstock_tests::{
    Client, Message, Venue, clock,
    trade::{BUY, SELL},
};

#[track_caller]
fn rest(client: &mut Client, id: &str, side: &str, quantity: &str, price: &str) {
    client.limit(id, side, quantity, price);
    client.execution(&[(11, id), (150, "0"), (39, "0"), (151, quantity)]);
}

mod mass_cancels {
    use super::*;

    /// Sends a mass cancel of these terms.
    fn ask(client: &mut Client, id: &str, terms: &[(u32, &str)]) {
        let time = clock::now();
        client.send("q", &[&[(11, id), (60, time.as_str())][..], terms].concat());
    }

    #[test]
    fn a_session_cancels_its_own_orders_of_a_symbol_a_side_or_all() {
        let venue = Venue::start(&[]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut a, "buy", BUY, "1", "500");
        rest(&mut a, "sell", SELL, "1", "600");
        a.order("btc", BUY, "0.1", &[(55, "BTCUSDT"), (40, "2"), (44, "49000")]);
        a.execution(&[(11, "btc"), (150, "0")]);
        rest(&mut b, "other", BUY, "1", "500");
        ask(&mut a, "m1", &[(530, "1"), (55, "AAPL"), (54, SELL)]);
        a.execution(&[(11, "sell"), (150, "4"), (58, "a mass cancel selected it")]);
        a.report().assert(&[(35, "r"), (11, "m1"), (530, "1"), (531, "1"), (533, "1"), (55, "AAPL")]);
        ask(&mut a, "m2", &[(530, "7"), (1, "MM1")]);
        a.execution(&[(11, "buy"), (150, "4")]);
        a.execution(&[(11, "btc"), (150, "4")]);
        a.report().assert(&[(35, "r"), (11, "m2"), (530, "7"), (531, "7"), (533, "2"), (37, "NONE")]);
        ask(&mut a, "m3", &[(530, "7")]);
        a.report().assert(&[(35, "r"), (11, "m3"), (531, "7"), (533, "0")]);
        a.quiet();
        b.quiet();
        b.cancel("c", "other", BUY);
        b.execution(&[(11, "c"), (150, "4")]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let venue = Venue::start(&[]);
        let mut a = venue.client("MM1");
        ask(&mut a, "m1", &[(530, "1"), (55, "NOPE")]);
        a.report().assert(&[(35, "r"), (11, "m1"), (531, "0"), (532, "1"), (55, "NOPE")]);
        ask(&mut a, "m2", &[(530, "7"), (1, "MM2")]);
        let refused = a.report();
        refused.assert(&[(35, "r"), (11, "m2"), (531, "0"), (532, "99")]);
        assert!(refused.field(58).starts_with("the session may not trade for this account"), "{refused}");
        ask(&mut a, "m3", &[(530, "3")]);
        a.report().assert(&[(35, "r"), (11, "m3"), (531, "0"), (532, "0")]);
        ask(&mut a, "m4", &[(530, "1")]);
        a.report().assert(&[(35, "j"), (372, "q"), (380, "5")]);
        a.quiet();
    }
}

mod mass_quotes {
    use super::*;

    /// Sends a mass quote of one set, `entries` being symbol, bid, its size, offer, its size.
    fn quote(client: &mut Client, id: &str, entries: &[[&str; 5]], more: &[(u32, &str)]) {
        let count = entries.len().to_string();
        let numbers: Vec<String> = (1..=entries.len()).map(|n| n.to_string()).collect();
        let mut fields = vec![(117, id), (296, "1"), (302, "1"), (304, &count), (295, &count)];
        for (number, [symbol, bid, bid_size, offer, offer_size]) in numbers.iter().zip(entries) {
            let entry = [
                (299, number.as_str()),
                (55, symbol),
                (132, bid),
                (133, offer),
                (134, bid_size),
                (135, offer_size),
            ];
            fields.extend(entry.into_iter().filter(|(_, value)| !value.is_empty()));
        }
        fields.extend(more);
        client.send("i", &fields);
    }

    /// Waits for the acknowledgement of mass quote `id`.
    #[track_caller]
    fn acknowledged(client: &mut Client, id: &str, status: &str) -> Message {
        let answer = client.report();
        answer.assert(&[(35, "b"), (117, id), (297, status)]);
        answer
    }

    #[test]
    fn both_sides_are_placed_replaced_traded_and_taken_off() {
        let venue = Venue::start(&[]);
        let (mut maker, mut taker) = (venue.client("MM1"), venue.client("MM2"));
        quote(&mut maker, "q1", &[["AAPL", "584", "10", "586", "20"]], &[]);
        acknowledged(&mut maker, "q1", "0").assert(&[(1, "MM1")]);
        maker.execution(&[(117, "q1"), (150, "0"), (54, BUY), (44, "584"), (38, "10")]);
        maker.execution(&[(117, "q1"), (150, "0"), (54, SELL), (44, "586"), (38, "20")]);
        taker.limit("t", BUY, "5", "586");
        taker.execution(&[(11, "t"), (150, "0")]);
        taker.execution(&[(11, "t"), (150, "F"), (31, "586")]).assert_absent(&[117]);
        maker.execution(&[(117, "q1"), (150, "F"), (32, "5"), (151, "15"), (851, "1")]);
        quote(&mut maker, "q2", &[["AAPL", "583", "10", "", ""]], &[]);
        acknowledged(&mut maker, "q2", "0");
        for side in [BUY, SELL] {
            maker.execution(&[(117, "q1"), (150, "4"), (54, side), (58, "a mass quote replaced it")]);
        }
        maker.execution(&[(117, "q2"), (150, "0"), (54, BUY), (44, "583")]);
        maker.send("Z", &[(117, "z1"), (298, "1"), (295, "1"), (55, "AAPL")]);
        maker.execution(&[(117, "q2"), (150, "4"), (58, "a mass cancel selected it")]);
        acknowledged(&mut maker, "z1", "1").assert(&[(58, "1 quotes cancelled")]);
        maker.send("Z", &[(117, "z2"), (298, "4")]);
        acknowledged(&mut maker, "z2", "4").assert(&[(58, "0 quotes cancelled")]);
        maker.quiet();
        taker.quiet();
    }

    #[test]
    fn a_message_with_a_fault_is_refused_whole_and_its_entry_named() {
        let venue = Venue::start(&[]);
        let mut maker = venue.client("MM1");
        let good = ["BTCUSDT", "49000", "1", "51000", "1"];
        quote(&mut maker, "q1", &[good, ["AAPL", "586", "10", "584", "20"]], &[]);
        acknowledged(&mut maker, "q1", "5").assert(&[(300, "7"), (299, "2"), (368, "7")]);
        quote(&mut maker, "q2", &[good, ["NOPE", "1", "1", "", ""]], &[]);
        acknowledged(&mut maker, "q2", "5").assert(&[(300, "1"), (299, "2"), (55, "NOPE"), (368, "1")]);
        quote(&mut maker, "q3", &[["AAPL", "584.001", "10", "", ""]], &[]);
        acknowledged(&mut maker, "q3", "5").assert(&[(300, "8"), (299, "1")]);
        quote(&mut maker, "q4", &[good], &[(1, "MM2")]);
        acknowledged(&mut maker, "q4", "5").assert(&[(300, "9")]).assert_absent(&[299]);
        maker.quiet();
    }

    #[test]
    fn protection_pulls_the_quotes_until_it_is_reset() {
        let limits = "account.MM1.protection=[{ group = 0, fills = 2, window_ms = 3600000 }]";
        let venue = Venue::start(&[limits]);
        let (mut maker, mut taker) = (venue.client("MM1"), venue.client("MM2"));
        let both = [["AAPL", "584", "10", "586", "20"]];
        quote(&mut maker, "q1", &both, &[]);
        acknowledged(&mut maker, "q1", "0");
        maker.execution(&[(117, "q1"), (150, "0")]);
        maker.execution(&[(117, "q1"), (150, "0")]);
        for id in ["t1", "t2"] {
            taker.limit(id, BUY, "1", "586");
            taker.execution(&[(11, id), (150, "0")]);
            taker.execution(&[(11, id), (150, "F")]);
            maker.execution(&[(117, "q1"), (150, "F")]);
        }
        for _ in 0..2 {
            maker.execution(&[(117, "q1"), (150, "4"), (58, "market-maker protection pulled it")]);
        }
        let told = maker.report();
        told.assert(&[(35, "b"), (297, "6"), (1, "MM1")]);
        assert!(told.field(58).starts_with("2 quotes pulled by market-maker protection"), "{told}");
        quote(&mut maker, "q2", &both, &[]);
        acknowledged(&mut maker, "q2", "5").assert(&[(300, "9")]);
        quote(&mut maker, "q3", &both, &[(9773, "Y")]);
        acknowledged(&mut maker, "q3", "0");
        maker.execution(&[(117, "q3"), (150, "0")]);
        maker.execution(&[(117, "q3"), (150, "0")]);
        venue.admin("protection set MM1 0 --fills 1 --window-ms 1000");
        taker.limit("t3", SELL, "1", "584");
        taker.execution(&[(11, "t3"), (150, "0")]);
        taker.execution(&[(11, "t3"), (150, "F")]);
        maker.execution(&[(117, "q3"), (150, "F")]);
        for _ in 0..2 {
            maker.execution(&[(117, "q3"), (150, "4")]);
        }
        maker.report().assert(&[(35, "b"), (297, "6")]);
        assert_eq!(venue.admin("protection reset MM1 0"), "account MM1 may quote again in group 0");
        quote(&mut maker, "q4", &both, &[]);
        acknowledged(&mut maker, "q4", "0");
    }
}
