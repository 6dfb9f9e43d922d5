//! Balances over FIX, in each version: what configuration, orders, trades and operators make of them.

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

/// Asset, and all of it, what is available, and what is held.
type Balance<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A venue in which MM1 has 1000 AAPL, 50000 USD and more BTC units than 64 bits count, and MM2 may owe 600 USD.
fn venue(version: &str) -> Venue {
    Venue::start(&[
        &format!("session.MM1.version={version}"),
        "account.MM1.funds={ AAPL = \"1000\", USD = \"50000\", BTC = \"1000000000000\" }",
        "account.MM2.funds={}",
        "account.MM2.kind=credit",
        "account.MM2.credit={ USD = \"600\" }",
        "instrument.AAPL.taker_fee=10",
    ])
}

struct Asker {
    client: Client,
    dictionary: Dictionary,
    asked: u32,
}

impl Asker {
    fn new(venue: &Venue, comp_id: &str, (_, begin_string, files): (&str, &'static str, &[&str])) -> Asker {
        let mut client = Client::connect(venue.fix, comp_id);
        client.begin_string = begin_string;
        client.log_on(if begin_string == "FIXT.1.1" { &[(1137, "9")] } else { &[] });
        Asker { client, dictionary: Dictionary::published(files), asked: 0 }
    }

    #[track_caller]
    fn told(&mut self, kind: &str, fields: &[(u32, &str)]) -> Message {
        let report = self.client.report();
        report.assert(&[(35, kind)]).assert(fields);
        self.dictionary.assert(&report);
        report
    }

    /// A limit order, of which nothing is told but that it stands.
    #[track_caller]
    fn rests(&mut self, id: &str, side: &str, quantity: &str, price: &str) {
        let hand: &[(u32, &str)] = if self.client.begin_string == "FIX.4.2" { &[(21, "1")] } else { &[] };
        self.client.order(id, side, quantity, &[&[(40, "2"), (44, price)], hand].concat());
        self.told("8", &[(11, id), (39, "0")]);
    }

    fn ask(&mut self, more: &[(u32, &str)]) -> String {
        self.asked += 1;
        let id = format!("P{}", self.asked);
        let usual = [(710, id.as_str()), (724, "0")];
        let missing = usual.into_iter().filter(|(tag, _)| more.iter().all(|field| field.0 != *tag));
        self.client.send("AN", &missing.chain(more.iter().copied()).collect::<Vec<_>>());
        id
    }

    /// Asks with `more`, and finds that account `name` has `all`.
    #[track_caller]
    fn has(&mut self, name: &str, more: &[(u32, &str)], all: &[Balance<'_>]) {
        let id = self.ask(more);
        let count = all.len().to_string();
        let result = if all.is_empty() { "2" } else { "0" };
        let usual = [(710, id.as_str()), (727, &count), (1, name), (581, "1")];
        let answer = self.told("AO", &[&usual[..], &[(728, result), (729, "0")]].concat());
        answer.assert_absent(&[58]);
        let mut names = vec![answer.field(721).to_owned()];
        for &(asset, total, available, held) in all {
            let of_it = [&usual[..], &[(728, "0"), (15, asset), (753, "3")]].concat();
            let report = self.told("AP", &of_it);
            assert_eq!(report.field(715), &report.field(52)[..8], "{report}");
            let amounts = report.0.iter().filter(|(tag, _)| matches!(tag, 707 | 708));
            let amounts: Vec<_> = amounts.map(|(tag, value)| (*tag, value.as_str())).collect();
            let expected =
                [(707, "CASH"), (708, total), (707, "AVAIL"), (708, available), (707, "HELD"), (708, held)];
            assert_eq!(amounts, expected, "{report}");
            names.push(report.field(721).to_owned());
        }
        names.dedup();
        assert_eq!(names.len(), all.len() + 1, "each report has a name of its own");
    }

    /// Asks with `more`, and is refused for a reason that begins so.
    #[track_caller]
    fn is_refused(&mut self, more: &[(u32, &str)], result: &str, why: &str) {
        let id = self.ask(more);
        let id = more.iter().find(|(tag, _)| *tag == 710).map_or(id.as_str(), |field| field.1);
        let answer = self.told("AO", &[(710, id), (727, "0"), (728, result), (729, "2")]);
        assert!(answer.field(58).starts_with(why), "{answer}");
    }

    fn finish(mut self) {
        self.client.quiet();
        self.client.log_out();
    }
}

const MANY_BTC: Balance<'_> = ("BTC", "1000000000000.00000000", "1000000000000.00000000", "0.00000000");

#[test]
fn orders_hold_funds_and_trades_move_them() {
    for version in VERSIONS {
        let venue = venue(version.0);
        let mut a = Asker::new(&venue, "MM1", version);
        let mut b = Asker::new(&venue, "MM2", VERSIONS[1]);
        let usd = ("USD", "50000.0000", "50000.0000", "0.0000");
        a.has("MM1", &[], &[MANY_BTC, ("AAPL", "1000", "1000", "0"), usd]);
        b.has("MM2", &[], &[]);

        // 5 at 585 with a fee of 0.1 %, and 4 to be sold.
        a.rests("buy", BUY, "5", "585");
        a.rests("sell", SELL, "4", "586");
        let holds = ("USD", "50000.0000", "47072.0750", "2927.9250");
        a.has("MM1", &[(1, "MM1"), (263, "0")], &[MANY_BTC, ("AAPL", "1000", "996", "4"), holds]);
        a.has("MM1", &[(15, "AAPL")], &[("AAPL", "1000", "996", "4")]);
        a.has("MM1", &[(15, "ETH")], &[]);

        // MM2 has nothing, and owes what one costs.
        b.rests("b", BUY, "1", "586");
        b.told("8", &[(11, "b"), (39, "2"), (31, "586.00")]);
        a.told("8", &[(11, "sell"), (39, "1"), (31, "586.00")]);
        b.has("MM2", &[], &[("AAPL", "1", "1", "0"), ("USD", "-586.5860", "-586.5860", "0.0000")]);
        let holds = ("USD", "50586.0000", "47658.0750", "2927.9250");
        a.has("MM1", &[], &[MANY_BTC, ("AAPL", "999", "996", "3"), holds]);

        a.client.cancel("c", "buy", BUY);
        a.told("8", &[(11, "c"), (39, "4")]);
        venue.admin("withdraw MM1 USD 586");
        a.has("MM1", &[(15, "USD")], &[usd]);
        a.finish();
        b.finish();
        venue.stop().assert_no_panic();
    }
}

#[test]
fn what_cannot_be_told_is_refused_with_a_reason() {
    for version in VERSIONS {
        let venue = venue(version.0);
        let mut a = Asker::new(&venue, "MM1", version);
        a.is_refused(&[(1, "MM2")], "3", "the session may not trade for this account");
        a.is_refused(&[(1, "NOPE")], "3", "the session may not trade for this account");
        a.is_refused(&[(15, "XYZ")], "1", "there is no asset of this name");
        a.is_refused(&[(724, "1")], "4", "only positions are told, and once for each request");
        a.is_refused(&[(263, "1")], "4", "only positions are told, and once for each request");
        let long = "P".repeat(37);
        a.is_refused(&[(710, &long)], "1", "a ClOrdID has 1 to 36 printable characters");
        a.client.send("AN", &[(724, "0")]);
        a.told("3", &[(371, "710"), (372, "AN"), (373, "1")]);
        a.has("MM1", &[(15, "AAPL")], &[("AAPL", "1000", "1000", "0")]);
        a.finish();
        venue.stop().assert_no_panic();
    }
}

/// They are reports of the session's stream, and are sent again by their numbers in it.
#[test]
fn balances_are_sent_again() {
    let venue = venue("FIX.4.4");
    let mut a = Asker::new(&venue, "MM1", VERSIONS[1]);
    a.has("MM1", &[(15, "AAPL")], &[("AAPL", "1000", "1000", "0")]);
    let stream = [(1351, "1"), (1355, "MM1"), (1182, "1"), (1183, "0")];
    a.client.send("BW", &[&[(1346, "R"), (1347, "0")][..], &stream].concat());
    a.told("BX", &[(1348, "0"), (1349, "2")]);
    a.told("AO", &[(1181, "1"), (1352, "Y"), (727, "1")]);
    a.told("AP", &[(1181, "2"), (1352, "Y"), (15, "AAPL"), (708, "1000")]);
    a.told("BY", &[(1426, "3")]);
    a.finish();
    venue.stop().assert_no_panic();
}
