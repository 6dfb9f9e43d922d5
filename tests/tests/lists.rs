//! Order lists over FIX, in each version: one order cancels the other. What the venue says is held against the
//! dictionary that it publishes for the version.

use penstock_tests::{
    Client, Message, Venue, clock,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};

/// A session in one version, and another one to trade with.
struct Desk {
    venue: Venue,
    client: Client,
    other: Client,
    dictionary: Dictionary,
}

const VERSIONS: [(&str, &str, &[&str]); 3] = [
    ("FIX.4.2", "FIX.4.2", &["FIX42"]),
    ("FIX.4.4", "FIX.4.4", &["FIX44"]),
    ("FIX.5.0SP2", "FIXT.1.1", &["FIXT11", "FIX50SP2"]),
];

impl Desk {
    fn new((version, begin_string, dictionary): (&str, &'static str, &[&str])) -> Desk {
        let venue = Venue::start(&[&format!("session.MM1.version={version}")]);
        let mut client = Client::connect(venue.fix, "MM1");
        client.begin_string = begin_string;
        let more: &[(u32, &str)] = if begin_string == "FIXT.1.1" { &[(1137, "9")] } else { &[] };
        client.log_on(more);
        let other = venue.client("MM2");
        Desk { venue, client, other, dictionary: Dictionary::published(dictionary) }
    }

    fn finish(self) {
        for mut client in [self.client, self.other] {
            client.quiet();
            client.log_out();
        }
        self.venue.stop().assert_no_panic();
    }

    #[track_caller]
    fn told(&mut self, kind: &str, fields: &[(u32, &str)]) -> Message {
        let report = self.client.report();
        report.assert(&[(35, kind)]).assert(fields);
        self.dictionary.assert(&report);
        report
    }

    /// Sell 5 AAPL at 590, or if it falls to 580.
    fn send_list(&mut self, id: &str, change: impl Fn(u32, &str, bool) -> String) {
        let names = [format!("{id}-limit"), format!("{id}-stop")];
        let hand = self.client.begin_string == "FIX.4.2";
        let head = [(66, id), (394, "3"), (1385, "1"), (68, "2"), (73, "2")];
        let limit =
            [(11, names[0].as_str()), (67, "1"), (55, "AAPL"), (54, SELL), (38, "5"), (40, "2"), (44, "590")];
        let stop =
            [(11, names[1].as_str()), (67, "2"), (55, "AAPL"), (54, SELL), (38, "5"), (40, "3"), (99, "580")];
        let mut fields: Vec<(u32, String)> = Vec::new();
        fields.extend(head.map(|(tag, value)| (tag, value.to_owned())));
        for (second, order) in [(false, limit), (true, stop)] {
            for (tag, value) in order {
                fields.push((tag, change(tag, value, second)));
                if tag == 67 && hand {
                    fields.push((21, "1".to_owned()));
                }
            }
        }
        let fields: Vec<(u32, &str)> = fields.iter().map(|(tag, value)| (*tag, value.as_str())).collect();
        self.client.send("E", &fields);
    }

    /// Both orders were accepted.
    #[track_caller]
    fn accepted(&mut self, id: &str) {
        let names = [format!("{id}-limit"), format!("{id}-stop")];
        for (name, price) in [(&names[0], (44, "590")), (&names[1], (99, "580"))] {
            self.told("8", &[(11, name), (66, id), (150, "0"), (39, "0"), price]);
        }
        for (name, part) in [(&names[0], "1"), (&names[1], "2")] {
            let report =
                self.told("N", &[(66, id), (429, "1"), (431, "3"), (82, "2"), (83, part), (68, "2")]);
            report.assert(&[(73, "1"), (11, name), (39, "0"), (14, "0"), (151, "5"), (84, "0"), (6, "0")]);
        }
    }
}

fn same(_tag: u32, value: &str, _second: bool) -> String {
    value.to_owned()
}

/// A buyer takes two of the five: the stop goes first, and what is left stays of the list until it is cancelled.
#[test]
fn an_order_that_trades_cancels_the_other_one() {
    for version in VERSIONS {
        let mut desk = Desk::new(version);
        desk.send_list("L", same);
        desk.accepted("L");
        desk.other.limit("t", BUY, "2", "590");
        desk.other.execution(&[(11, "t"), (150, "0")]);
        desk.other.execution(&[(11, "t"), (150, "F"), (39, "2")]);
        let text = "the other order of its list traded, was triggered or ended";
        desk.told("8", &[(11, "L-stop"), (66, "L"), (150, "4"), (39, "4"), (58, text)]);
        let trade = if version.0 == "FIX.4.2" { "1" } else { "F" };
        desk.told("8", &[(11, "L-limit"), (66, "L"), (150, trade), (39, "1"), (151, "3")]);
        desk.client.send("M", &[(66, "L")]);
        let part = |part: &'static str| [(66, "L"), (429, "2"), (431, "3"), (82, "2"), (83, part)];
        desk.told("N", &part("1")).assert(&[
            (11, "L-limit"),
            (39, "1"),
            (14, "2"),
            (151, "3"),
            (6, "590.00"),
        ]);
        desk.told("N", &part("2")).assert(&[(11, "L-stop"), (39, "4"), (151, "0"), (84, "5")]);
        let time = clock::now();
        desk.client.send("K", &[(66, "L"), (60, &time)]);
        desk.told("8", &[(11, "L-limit"), (66, "L"), (150, "4"), (39, "4"), (14, "2")]);
        let done = |part: &'static str| [(66, "L"), (429, "1"), (431, "6"), (82, "2"), (83, part)];
        desk.told("N", &done("1")).assert(&[(11, "L-limit"), (84, "3")]);
        desk.told("N", &done("2")).assert(&[(11, "L-stop"), (84, "5")]);
        desk.client.send("M", &[(66, "L")]);
        let unknown = desk.told("N", &[(66, "L"), (429, "2"), (431, "7"), (68, "0"), (73, "0")]);
        assert!(unknown.field(444).starts_with("the session has no list of this name"), "{unknown}");
        desk.finish();
    }
}

#[test]
fn a_list_is_refused_whole_with_the_reason_of_the_order_at_fault() {
    for version in VERSIONS {
        let mut desk = Desk::new(version);
        // The engine's word: the stop would be triggered at once.
        desk.send_list(
            "L",
            |tag, value, second| {
                if tag == 99 && second { "600".to_owned() } else { value.to_owned() }
            },
        );
        let other = "the other order of the list was refused";
        let acts = "an order of a list may not trade";
        for (name, text) in [("L-limit", other), ("L-stop", acts)] {
            let report = desk.told("8", &[(11, name), (66, "L"), (150, "8"), (39, "8")]);
            assert!(report.field(58).starts_with(text), "{report}");
        }
        for (name, text) in [("L-limit", other), ("L-stop", acts)] {
            let report = desk.told("N", &[(66, "L"), (429, "1"), (431, "7"), (11, name), (39, "8")]);
            assert!(report.field(58).starts_with(text), "{report}");
        }
        // The gateway's: the second order's symbol is none of the venue's.
        desk.send_list(
            "L",
            |tag, value, second| {
                if tag == 55 && second { "NONE".to_owned() } else { value.to_owned() }
            },
        );
        let report = desk.told("N", &[(66, "L"), (429, "1"), (431, "7"), (82, "1"), (68, "2"), (73, "2")]);
        assert!(report.field(444).starts_with("the symbol is not traded here"), "{report}");
        // Neither has taken a name.
        desk.send_list("L", same);
        desk.accepted("L");
        desk.client.cancel("c", "L-stop", SELL);
        desk.told("8", &[(11, "c"), (41, "L-stop"), (150, "4")]).assert_absent(&[66]);
        desk.told("8", &[(11, "L-limit"), (66, "L"), (150, "4")]);
        desk.finish();
    }
}
