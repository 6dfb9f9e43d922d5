//! Mass status over FIX, in each version: all open orders of a session, in pieces.

use penstock_tests::{
    Client, Message, Venue,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};

const VERSIONS: [(&str, &str, &[&str]); 3] = [
    ("FIX.4.2", "FIX.4.2", &["FIX42"]),
    ("FIX.4.4", "FIX.4.4", &["FIX44"]),
    ("FIX.5.0SP2", "FIXT.1.1", &["FIXT11", "FIX50SP2"]),
];

/// More than two pieces of them.
const ORDERS: usize = 150;

#[track_caller]
fn told(client: &mut Client, dictionary: &Dictionary, fields: &[(u32, &str)]) -> Message {
    let report = client.report();
    report.assert(&[(35, "8")]).assert(fields);
    dictionary.assert(&report);
    report
}

#[test]
fn every_open_order_is_told_once_in_order() {
    for (version, begin_string, files) in VERSIONS {
        let venue = Venue::start(&[&format!("session.MM1.version={version}")]);
        let dictionary = Dictionary::published(files);
        let mut client = Client::connect(venue.fix, "MM1");
        client.begin_string = begin_string;
        client.log_on(if begin_string == "FIXT.1.1" { &[(1137, "9")] } else { &[] });
        let hand: &[(u32, &str)] = if begin_string == "FIX.4.2" { &[(21, "1")] } else { &[] };
        for i in 0..ORDERS {
            let (side, price) = if i % 3 == 0 { (SELL, "590") } else { (BUY, "580") };
            let terms = [&[(40, "2"), (44, price)], hand].concat();
            client.order(&format!("o{i}"), side, "1", &terms);
            told(&mut client, &dictionary, &[(150, "0")]);
        }
        let status = if version == "FIX.4.2" { "0" } else { "I" };
        client.send("AF", &[(584, "all"), (585, "7")]);
        for i in 0..ORDERS {
            let name = format!("o{i}");
            let of_it =
                [(11, name.as_str()), (584, "all"), (911, "150"), (150, status), (39, "0"), (151, "1")];
            let report = told(&mut client, &dictionary, &of_it);
            assert_eq!(report.get(912), (i == ORDERS - 1).then_some("Y"), "{report}");
        }
        client.send("AF", &[(584, "sells"), (585, "1"), (55, "AAPL"), (54, SELL)]);
        for i in (0..ORDERS).step_by(3) {
            let name = format!("o{i}");
            let report = told(&mut client, &dictionary, &[(11, name.as_str()), (584, "sells"), (54, SELL)]);
            report.assert_absent(&[911]);
            assert_eq!(report.get(912), (i + 3 >= ORDERS).then_some("Y"), "{report}");
        }
        client.send("AF", &[(584, "none"), (585, "1"), (55, "BTCUSDT")]);
        let none = [(37, "NONE"), (584, "none"), (912, "Y"), (39, "8"), (55, "[N/A]")];
        let report = told(&mut client, &dictionary, &none);
        assert!(report.field(58).starts_with("there is no open order"), "{report}");
        client.send("AF", &[(584, "bad"), (585, "1"), (55, "NONE")]);
        let report = told(&mut client, &dictionary, &[(37, "NONE"), (584, "bad"), (912, "Y"), (39, "8")]);
        assert!(report.field(58).starts_with("the symbol is not traded here"), "{report}");
        client.quiet();
        client.log_out();
        venue.stop().assert_no_panic();
    }
}
