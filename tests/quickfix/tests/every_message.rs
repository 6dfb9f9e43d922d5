//! Every message that the venue sends, by docs/fix.md, passes QuickFIX's validation in every version of FIX.

use std::{collections::BTreeSet, fs};

use penstock_tests::{
    Venue, clock,
    trade::{BUY, SELL},
    workspace::root,
};
use penstock_tests_quickfix::{
    Trader, in_every_version,
    orders::{application_request, cancel, entries, limit, mass_cancel, message, order, quote_cancel},
};

/// MsgType (35) of the messages whose tables say when the venue puts each field, not whether a client must.
fn of_the_venue() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/fix.md")).expect("the page is there");
    let sections = page.split("<!-- generated: message ").skip(1);
    sections
        .filter_map(|section| section.split("<!-- end of message").next())
        .filter(|section| section.contains("| tag | field | when | meaning |"))
        .filter_map(|section| section.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_message_of_the_venue_is_read_in_every_version() {
    let kinds = of_the_venue();
    for kind in ["3", "8", "9", "BX", "BY", "b", "j", "r"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    in_every_version(|version| {
        let venue = Venue::start(&[&format!("session.MM1.version={}", version.name())]);
        let trader = Trader::logged_on_in(version, venue.fix, "MM1");
        let mut left = kinds.clone();
        trader.send(order("bad", "Z", "2", "1", &[(44, "500")]));
        left.remove(trader.rejected(&[(35, "3"), (371, "54")]).kind());
        trader.send(order("no price", BUY, "2", "1", &[]));
        left.remove(trader.rejected(&[(35, "j"), (380, "5")]).kind());

        let now = clock::now();
        let books = |id: &str, symbol: &str| {
            let fields = [(262, id), (263, "1"), (264, "1"), (265, "1")];
            let mut request = message("V", &fields);
            entries(&mut request, 267, &[269], &[&[(269, "0")], &[(269, "1")], &[(269, "2")]]);
            entries(&mut request, 146, &[55], &[&[(55, symbol)]]);
            request
        };
        // What comes and goes within a moment no book tells of, and no report is sent again before it was sent.
        let mut until = |kind: &str| {
            while left.contains(kind) {
                left.remove(trader.receive().kind());
            }
        };
        trader.send(books("M1", "AAPL"));
        until("W");
        trader.send(limit("a", BUY, "5", "500"));
        until("X");
        until("8");
        trader.send(application_request("all", "0", Some(("MM1", "1", "0"))));
        until("BY");
        trader.send(books("M2", "NOPE"));
        trader.send(cancel("c", "never", BUY));
        trader.send(mass_cancel("m"));
        trader.send(quote_cancel("z"));
        let mut list = message("E", &[(66, "OCO"), (394, "3"), (1385, "1"), (68, "2")]);
        let of_both = [(55, "AAPL"), (54, SELL), (38, "5"), (59, "1")];
        let high = [&[(11, "h"), (67, "1"), (40, "2"), (44, "600")][..], &of_both].concat();
        let low = [&[(11, "l"), (67, "2"), (40, "3"), (99, "400")][..], &of_both].concat();
        entries(&mut list, 73, &[11, 67, 55, 54, 38, 40, 44, 99, 59], &[&high, &low]);
        trader.send(list);
        trader.send(message("M", &[(66, "OCO")]));
        trader.send(message("K", &[(66, "OCO"), (60, &now)]));
        trader.send(message("XLQ", &[(6136, "how much")]));
        trader.send(message("x", &[(320, "L1"), (559, "4")]));
        trader.send(message("AN", &[(710, "P1"), (724, "0")]));
        trader.send(message("e", &[(324, "S1"), (55, "AAPL"), (263, "0")]));
        trader.send(message("g", &[(335, "T1"), (263, "0")]));
        venue.admin("halt AAPL");
        while !left.is_empty() {
            left.remove(trader.receive().kind());
        }
        trader.finish();
        venue.stop().assert_no_panic();
    });
}
