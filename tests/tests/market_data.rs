//! Market data and reference data over FIX: two sessions trade, one watches. What the watcher is told is held against the
//! dictionary of its version, and its book against the orders that stand.

use std::{collections::BTreeMap, sync::LazyLock};

use penstock_tests::{
    Client, Message, Venue, clock,
    dictionary::Dictionary,
    trade::{BUY, SELL},
};

static FIX_4_2: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::published(&["FIX42"]));
static FIX_4_4: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::published(&["FIX44"]));
static FIX_5_0: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::published(&["FIXT11", "FIX50SP2"]));

const VERSIONS: [(&str, &str); 3] =
    [("FIX.4.2", "FIX.4.2"), ("FIX.4.4", "FIX.4.4"), ("FIX.5.0SP2", "FIXT.1.1")];

/// The next message, which its version's dictionary must have.
#[track_caller]
fn told(client: &mut Client) -> Message {
    let message = client.report();
    let dictionary = match client.begin_string {
        "FIX.4.2" => &FIX_4_2,
        "FIX.4.4" => &FIX_4_4,
        _ => &FIX_5_0,
    };
    dictionary.assert(&message);
    message
}

/// A venue with two sessions that trade, and MM3, which watches in `version`.
fn venue(version: (&str, &'static str), more: &[&str]) -> (Venue, [Client; 2], Client) {
    let version_of = format!("session.MM3.version={}", version.0);
    let venue = Venue::start(&[&[version_of.as_str()], more].concat());
    let traders = [venue.client("MM1"), venue.client("MM2")];
    let watcher = watch(&venue, version.1);
    (venue, traders, watcher)
}

fn watch(venue: &Venue, begin_string: &'static str) -> Client {
    let mut watcher = Client::connect(venue.fix, "MM3");
    watcher.begin_string = begin_string;
    let more: &[_] = if begin_string == "FIXT.1.1" { &[(141, "Y"), (1137, "9")] } else { &[(141, "Y")] };
    watcher.log_on(more).assert(&[(35, "A")]);
    watcher
}

/// Asks for bids, offers and trades of AAPL.
fn subscribe(client: &mut Client, id: &str, more: &[(u32, &str)]) {
    let usual = [(262, id), (263, "1"), (264, "0"), (265, "1")];
    let mut fields: Vec<_> = usual.into_iter().filter(|f| more.iter().all(|m| m.0 != f.0)).collect();
    fields.extend(more.iter().filter(|m| ![269, 55].contains(&m.0)));
    fields.extend([(267, "3"), (269, "0"), (269, "1"), (269, "2"), (146, "1"), (55, "AAPL")]);
    client.send("V", &fields);
}

fn finish(venue: Venue, clients: impl IntoIterator<Item = Client>) {
    for client in clients {
        client.log_out();
    }
    venue.stop().assert_no_panic();
}

/// Entries of a W or X, each with its fields.
fn entries(message: &Message) -> Vec<Message> {
    let first = if message.kind() == "X" { 279 } else { 269 };
    let begin = message.0.iter().position(|f| f.0 == 268).expect("NoMDEntries") + 1;
    let mut entries: Vec<Message> = Vec::new();
    for field in &message.0[begin..message.0.len() - 1] {
        if field.0 == first {
            entries.push(Message(Vec::new()));
        }
        entries.last_mut().expect("an entry begins with its first field").0.push(field.clone());
    }
    assert_eq!(entries.len().to_string(), message.field(268), "{message}");
    entries
}

/// Prices and what stands there: (offer, price) to (size, orders).
type Prices = BTreeMap<(bool, i128), (i128, u64)>;

/// A book as a subscription tells it, and the trades it has told.
#[derive(Default)]
struct Book {
    prices: Prices,
    trades: Vec<(i128, i128)>,
    rpt_seq: u64,
    snapshots: usize,
}

impl Book {
    #[track_caller]
    fn apply(&mut self, message: &Message) {
        match message.kind() {
            "W" => {
                self.prices.clear();
                self.snapshots += 1;
                assert_eq!(message.field(83), self.rpt_seq.to_string(), "{message}");
                for entry in entries(message) {
                    if entry.field(269) != "2" {
                        let former = self.prices.insert(key(&entry), stands(&entry));
                        assert_eq!(former, None, "{message}");
                    }
                }
            }
            "X" => {
                for entry in entries(message) {
                    self.rpt_seq += 1;
                    entry.assert(&[(83, &self.rpt_seq.to_string()), (55, "AAPL")]);
                    let known = self.prices.contains_key(&key(&entry));
                    match (entry.field(269), entry.field(279)) {
                        ("2", "0") => self.trades.push((entry.decimal(270), entry.decimal(271))),
                        (_, "0") if !known => drop(self.prices.insert(key(&entry), stands(&entry))),
                        (_, "1") if known => drop(self.prices.insert(key(&entry), stands(&entry))),
                        (_, "2") if known => drop(self.prices.remove(&key(&entry))),
                        _ => panic!("not what is known of {entry}: {:?}", self.prices),
                    }
                }
                // Places are those after all that has changed at once, of which more may follow a full message.
                let all = entries(message);
                for entry in all.iter().filter(|entry| entry.get(290).is_some() && all.len() < 40) {
                    assert_eq!(entry.field(290), self.place(key(entry)).to_string(), "{message}");
                }
            }
            kind => panic!("{kind} is no market data: {message}"),
        }
    }

    fn place(&self, (offer, price): (bool, i128)) -> usize {
        let better = |other: i128| if offer { other < price } else { other > price };
        1 + self.prices.keys().filter(|other| other.0 == offer && better(other.1)).count()
    }

    /// Takes what comes until the book is `expected`.
    #[track_caller]
    fn becomes(&mut self, client: &mut Client, expected: &Prices) {
        while self.prices != *expected {
            let message = told(client);
            self.apply(&message);
        }
    }
}

fn key(entry: &Message) -> (bool, i128) {
    (entry.field(269) == "1", entry.decimal(270))
}

fn stands(entry: &Message) -> (i128, u64) {
    (entry.decimal(271), entry.field(346).parse().expect("NumberOfOrders"))
}

const UNIT: i128 = 1_000_000_000;

fn prices(of: &[(bool, i128, i128, u64)]) -> Prices {
    of.iter().map(|&(offer, price, size, orders)| ((offer, price * UNIT), (size * UNIT, orders))).collect()
}

mod subscriptions {
    use super::*;

    #[test]
    fn a_book_is_told_and_then_what_changes_in_every_version() {
        for version in VERSIONS {
            let (venue, [mut a, mut b], mut watcher) = venue(version, &[]);
            a.limit("a", SELL, "5", "586");
            a.execution(&[(11, "a"), (150, "0")]);
            subscribe(&mut watcher, "M", &[]);
            let mut book = Book::default();
            let snapshot = told(&mut watcher);
            snapshot.assert(&[(35, "W"), (262, "M"), (55, "AAPL"), (83, "0"), (268, "1")]);
            book.apply(&snapshot);
            assert_eq!(book.prices, prices(&[(true, 586, 5, 1)]));

            a.limit("b", BUY, "3", "584");
            a.execution(&[(11, "b"), (150, "0")]);
            let new = told(&mut watcher);
            new.assert(&[
                (35, "X"),
                (262, "M"),
                (268, "1"),
                (279, "0"),
                (269, "0"),
                (270, "584"),
                (271, "3"),
            ]);
            book.apply(&new);

            b.limit("c", BUY, "2", "586");
            b.execution(&[(11, "c"), (150, "0")]);
            b.execution(&[(11, "c"), (150, "F")]);
            a.execution(&[(11, "a"), (150, "F")]);
            book.becomes(&mut watcher, &prices(&[(true, 586, 3, 1), (false, 584, 3, 1)]));
            assert_eq!(book.trades, [(586 * UNIT, 2 * UNIT)]);

            b.limit("d", BUY, "4", "584");
            b.execution(&[(11, "d"), (150, "0")]);
            book.becomes(&mut watcher, &prices(&[(true, 586, 3, 1), (false, 584, 7, 2)]));
            a.cancel("e", "a", SELL);
            a.execution(&[(11, "e"), (150, "4")]);
            book.becomes(&mut watcher, &prices(&[(false, 584, 7, 2)]));

            watcher.send(
                "V",
                &[(262, "M"), (263, "2"), (264, "0"), (267, "1"), (269, "0"), (146, "1"), (55, "AAPL")],
            );
            watcher.quiet();
            a.cancel("f", "b", BUY);
            a.execution(&[(11, "f"), (150, "4")]);
            watcher.quiet();
            finish(venue, [a, b, watcher]);
        }
    }

    #[test]
    fn a_snapshot_is_one_message_even_of_an_empty_book() {
        let (venue, [mut a, b], mut watcher) = venue(VERSIONS[1], &[]);
        subscribe(&mut watcher, "M", &[(263, "0")]);
        told(&mut watcher).assert(&[(35, "W"), (262, "M"), (268, "0")]);
        // Its name is free again.
        a.limit("a", SELL, "5", "586");
        a.execution(&[(11, "a"), (150, "0")]);
        subscribe(&mut watcher, "M", &[(263, "0")]);
        told(&mut watcher).assert(&[
            (35, "W"),
            (268, "1"),
            (269, "1"),
            (270, "586"),
            (271, "5"),
            (346, "1"),
            (290, "1"),
        ]);
        a.limit("b", SELL, "5", "587");
        a.execution(&[(11, "b"), (150, "0")]);
        watcher.quiet();
        finish(venue, [a, b, watcher]);
    }

    #[test]
    fn full_refreshes_tell_the_whole_of_what_was_asked_for() {
        let (venue, [mut a, b], mut watcher) = venue(VERSIONS[1], &[]);
        subscribe(&mut watcher, "M", &[(265, "0"), (264, "1")]);
        told(&mut watcher).assert(&[(35, "W"), (268, "0")]);
        a.limit("a", SELL, "5", "586");
        a.execution(&[(11, "a"), (150, "0")]);
        told(&mut watcher).assert(&[(35, "W"), (268, "1"), (270, "586"), (271, "5")]);
        // What is below the depth asked for is no news.
        a.limit("b", SELL, "5", "587");
        a.execution(&[(11, "b"), (150, "0")]);
        watcher.quiet();
        a.cancel("c", "a", SELL);
        a.execution(&[(11, "c"), (150, "4")]);
        told(&mut watcher).assert(&[(35, "W"), (268, "1"), (270, "587")]);
        finish(venue, [a, b, watcher]);
    }

    #[test]
    fn icebergs_show_a_slice_and_stops_nothing() {
        let (venue, [mut a, mut b], mut watcher) = venue(VERSIONS[1], &[]);
        subscribe(&mut watcher, "M", &[]);
        let mut book = Book::default();
        book.apply(&told(&mut watcher));
        a.order("i", SELL, "10", &[(40, "2"), (44, "586"), (111, "4")]);
        a.execution(&[(11, "i"), (150, "0")]);
        a.order("s", BUY, "1", &[(40, "3"), (99, "590")]);
        a.execution(&[(11, "s"), (150, "0")]);
        book.becomes(&mut watcher, &prices(&[(true, 586, 4, 1)]));
        b.limit("t", BUY, "5", "586");
        b.execution(&[(11, "t"), (150, "0")]);
        book.becomes(&mut watcher, &prices(&[(true, 586, 3, 1)]));
        assert_eq!(book.trades, [(586 * UNIT, 4 * UNIT), (586 * UNIT, UNIT)]);
        for client in [a, b] {
            let _ = client.cut();
        }
        finish(venue, [watcher]);
    }

    #[test]
    fn a_subscription_ends_with_its_connection_and_what_was_missed_is_a_gap_fill() {
        let (venue, [mut a, b], mut watcher) = venue(VERSIONS[1], &[]);
        subscribe(&mut watcher, "M", &[]);
        told(&mut watcher).assert(&[(35, "W")]);
        a.limit("a", SELL, "5", "586");
        a.execution(&[(11, "a"), (150, "0")]);
        let first = told(&mut watcher);
        first.assert(&[(35, "X"), (34, "3")]);
        let (next_out, next_in) = watcher.cut();
        assert_eq!(next_in, 4);
        // It comes back without having got the change.
        let mut watcher = Client::connect(venue.fix, "MM3");
        (watcher.next_out, watcher.next_in) = (next_out, next_in);
        watcher.log_on(&[]).assert(&[(35, "A")]);
        watcher.send("2", &[(7, "2"), (16, "0")]);
        let fill = watcher.receive_ahead(penstock_tests::PATIENCE).expect("an answer");
        fill.assert(&[(35, "4"), (123, "Y"), (34, "2"), (36, "5"), (43, "Y")]);
        a.limit("b", SELL, "5", "587");
        a.execution(&[(11, "b"), (150, "0")]);
        watcher.quiet();
        subscribe(&mut watcher, "M", &[]);
        told(&mut watcher).assert(&[(35, "W"), (83, "0"), (268, "2")]);
        finish(venue, [a, b, watcher]);
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_a_reason_and_a_sentence() {
        let (venue, [a, b], mut watcher) = venue(VERSIONS[1], &[]);
        let mut refused = |fields: &[(u32, &str)], reason: &str| {
            watcher.send("V", fields);
            let answer = told(&mut watcher);
            answer.assert(&[(35, "Y"), (262, "M"), (281, reason)]);
            assert!(answer.field(58).contains(';'), "a remedy: {answer}");
        };
        let request = |depth, kind, symbol| {
            [
                (262, "M"),
                (263, "1"),
                (264, depth),
                (265, "1"),
                (267, "1"),
                (269, kind),
                (146, "1"),
                (55, symbol),
            ]
        };
        refused(&request("0", "0", "NOPE"), "0");
        refused(&request("49", "0", "AAPL"), "5");
        refused(&request("0", "4", "AAPL"), "8");
        let by_order: Vec<_> =
            [&request("0", "0", "AAPL")[..4], &[(266, "N")], &request("0", "0", "AAPL")[4..]].concat();
        refused(&by_order, "7");
        refused(&[&[(262, "M"), (263, "2")], &request("0", "0", "AAPL")[2..]].concat(), "4");
        watcher.send("V", &request("48", "0", "AAPL"));
        told(&mut watcher).assert(&[(35, "W"), (262, "M")]);
        watcher.send("V", &request("1", "0", "ETHUSDT"));
        told(&mut watcher).assert(&[(35, "Y"), (262, "M"), (281, "1")]);
        // One is there already.
        for number in 1..256 {
            let id = number.to_string();
            subscribe(&mut watcher, &id, &[(264, "1")]);
            told(&mut watcher).assert(&[(35, "W"), (262, &id)]);
        }
        subscribe(&mut watcher, "256", &[]);
        told(&mut watcher).assert(&[(35, "Y"), (262, "256"), (281, "2")]);
        finish(venue, [a, b, watcher]);
    }

    #[test]
    fn requests_that_fix_forbids_are_session_rejects_and_one_without_an_update_type_a_business_reject() {
        let (venue, [a, b], mut watcher) = venue(VERSIONS[1], &[]);
        let rest = [(264, "0"), (267, "1"), (269, "0"), (146, "1"), (55, "AAPL")];
        watcher.send("V", &[&[(262, "M"), (263, "1")], &rest[..]].concat());
        watcher.report().assert(&[(35, "j"), (372, "V"), (380, "5")]);
        watcher.send("V", &[&[(262, "M"), (263, "3")], &rest[..]].concat());
        watcher.report().assert(&[(35, "3"), (372, "V"), (371, "263"), (373, "5")]);
        watcher.send("V", &[&[(263, "0")], &rest[..]].concat());
        watcher.report().assert(&[(35, "3"), (372, "V"), (371, "262"), (373, "1")]);
        let long = "x".repeat(65);
        watcher.send("V", &[&[(262, long.as_str()), (263, "0")], &rest[..]].concat());
        watcher.report().assert(&[(35, "3"), (372, "V"), (371, "262"), (373, "5")]);
        finish(venue, [a, b, watcher]);
    }

    #[test]
    fn a_session_to_which_market_data_are_refused_gets_none() {
        let (venue, [a, b], mut watcher) = venue(VERSIONS[1], &["session.MM3.market_data=false"]);
        subscribe(&mut watcher, "M", &[]);
        told(&mut watcher).assert(&[(35, "Y"), (262, "M"), (281, "3")]);
        watcher.send("e", &[(324, "S"), (55, "AAPL"), (263, "0")]);
        told(&mut watcher).assert(&[(35, "f"), (326, "17")]);
        finish(venue, [a, b, watcher]);
    }
}

mod books {
    use super::*;

    /// Numbers that look random (Knuth's MMIX generator).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }
    }

    /// Orders that stand, by what the reports said of them: name to side, price and what is left.
    #[derive(Default)]
    struct Standing(BTreeMap<String, (bool, i128, i128)>);

    impl Standing {
        /// Takes what comes until a report about `id` has come, which answers the last request.
        fn until(&mut self, client: &mut Client, id: &str) {
            loop {
                let report = client.report();
                if report.kind() == "8" {
                    let name = report.field(41).to_owned();
                    self.0.remove(&name);
                    let left = report.decimal(151);
                    let about = (report.field(54) == SELL, report.decimal(44), left);
                    match left {
                        0 => drop(self.0.remove(report.field(11))),
                        _ => drop(self.0.insert(report.field(11).to_owned(), about)),
                    }
                }
                if report.field(11) == id && report.field(150) != "F" {
                    return;
                }
            }
        }

        /// The best `depth` prices of each side, 0: all.
        fn prices(&self, depth: usize) -> Prices {
            let mut all = Prices::new();
            for &(offer, price, left) in self.0.values() {
                let (size, orders) = all.entry((offer, price)).or_default();
                *size += left;
                *orders += 1;
            }
            if depth == 0 {
                return all;
            }
            let offers = all.iter().filter(|level| level.0.0).take(depth);
            let bids = all.iter().rev().filter(|level| !level.0.0).take(depth);
            offers.chain(bids).map(|(&key, &level)| (key, level)).collect()
        }
    }

    /// Whenever nothing is under way, over orders, trades, replaces and cancels; also of more prices than a message has room
    /// for, and of a book that is asked for in the middle.
    #[test]
    fn books_at_every_depth_are_those_of_the_orders_that_stand() {
        let (venue, mut traders, mut watcher) = venue(VERSIONS[2], &[]);
        let depths = [1, 5, 48, 0];
        let mut books: BTreeMap<String, (usize, Book)> = BTreeMap::new();
        let mut standing = Standing::default();
        let mut random = Random(0x5EED);
        let (mut names, mut deepest) = (0, 0);
        for round in 0..150 {
            if round % 30 == 0 {
                let offers = standing.prices(0).keys().filter(|key| key.0).count();
                deepest = deepest.max(offers).max(standing.prices(0).len() - offers);
                for depth in depths {
                    let (id, text) = (format!("{depth}-{round}"), depth.to_string());
                    subscribe(&mut watcher, &id, &[(264, &text)]);
                    books.insert(id, (depth, Book::default()));
                }
            }
            for _ in 0..=random.below(6) {
                let client = &mut traders[usize::try_from(random.below(2)).unwrap()];
                names += 1;
                let id = format!("o{names}");
                let (side, away) = if random.below(2) == 0 { (BUY, -1) } else { (SELL, 1) };
                let away = away * (i64::try_from(random.below(160)).unwrap() - 12);
                let (price, quantity) = ((585 + away).to_string(), (1 + random.below(9)).to_string());
                client.limit(&id, side, &quantity, &price);
                standing.until(client, &id);
            }
            // What the other one was told of trades.
            for client in &mut traders {
                names += 1;
                let id = format!("h{names}");
                client.send("H", &[(11, &id), (55, "AAPL"), (54, BUY)]);
                standing.until(client, &id);
            }
            if random.below(50) == 0 {
                names += 1;
                let id = format!("q{names}");
                let client = &mut traders[usize::try_from(random.below(2)).unwrap()];
                client.send(
                    "q",
                    &[
                        (11, &id),
                        (530, "1"),
                        (55, "AAPL"),
                        (54, if random.below(2) == 0 { BUY } else { SELL }),
                        (60, &clock::now()),
                    ],
                );
                loop {
                    let report = client.report();
                    if report.kind() == "r" {
                        break;
                    }
                    standing.0.remove(report.field(11));
                }
            }
            loop {
                let is_there = |(depth, book): &(usize, Book)| {
                    book.snapshots > 0 && book.prices == standing.prices(*depth)
                };
                if books.values().all(is_there) {
                    break;
                }
                let message = told(&mut watcher);
                let (_, book) = books.get_mut(message.field(262)).expect("a subscription's");
                book.apply(&message);
            }
        }
        assert!(deepest > 48, "{deepest} prices of a side: one message was enough");
        assert!(books.values().all(|(_, book)| book.snapshots == 1));
        let trades = |id: &str| &books[id].1.trades;
        assert!(trades("0-0").len() > 20 && trades("0-0") == trades("1-0"));
        for client in traders {
            let _ = client.cut();
        }
        finish(venue, [watcher]);
    }

    /// A client that does not read is not cut off for its market data and holds up nobody. More is told than the system
    /// has room for between the two, so that it gets whole books in the place of changes when it reads again.
    #[test]
    fn a_client_that_reads_slowly_has_the_book_in_the_end() {
        const SUBSCRIPTIONS: usize = 200;
        const ORDERS: usize = 1_500;
        let (venue, [mut a, b], mut watcher) = venue(VERSIONS[1], &[]);
        let mut books: BTreeMap<String, Book> = BTreeMap::new();
        for number in 0..SUBSCRIPTIONS {
            let id = number.to_string();
            subscribe(&mut watcher, &id, &[]);
            books.entry(id).or_default().apply(&told(&mut watcher));
        }
        let mut expected = Prices::new();
        for number in 0..ORDERS {
            let (id, cents) = (format!("o{number}"), 60_000 + number);
            a.limit(&id, SELL, "5", &format!("{}.{:02}", cents / 100, cents % 100));
            a.execution(&[(11, &id), (150, "0")]);
            expected.insert((true, i128::try_from(cents).unwrap() * UNIT / 100), (5 * UNIT, 1));
        }
        while books.values().any(|book| book.prices != expected) {
            let message = watcher.report();
            books.get_mut(message.field(262)).expect("a subscription's").apply(&message);
        }
        assert!(books.values().any(|book| book.snapshots > 1), "it was never behind");
        watcher.quiet();
        for client in [a, b] {
            let _ = client.cut();
        }
        finish(venue, [watcher]);
    }
}

mod reference {
    use super::*;

    #[test]
    fn a_list_of_instruments_is_told_in_every_version() {
        for version in VERSIONS {
            let (venue, [a, b], mut watcher) = venue(version, &[]);
            watcher.send("x", &[(320, "L"), (559, "4")]);
            let list = told(&mut watcher);
            list.assert(&[(35, "y"), (320, "L"), (322, "1"), (560, "0"), (393, "4"), (893, "Y"), (146, "4")]);
            list.assert(&[(55, "BTCUSDT"), (15, "USDT"), (561, "0.00001"), (969, "0.01")]);
            assert_eq!(list.0.iter().filter(|f| f.0 == 55).count(), 4);
            watcher.send("x", &[(320, "L"), (559, "0"), (55, "AAPL")]);
            told(&mut watcher).assert(&[
                (35, "y"),
                (393, "1"),
                (146, "1"),
                (55, "AAPL"),
                (15, "USD"),
                (561, "1"),
            ]);
            watcher.send("x", &[(320, "L"), (559, "0"), (55, "NOPE")]);
            told(&mut watcher).assert(&[(35, "y"), (560, "2"), (393, "0"), (893, "Y")]).assert_absent(&[146]);
            watcher.send("x", &[(320, "L"), (559, "1")]);
            told(&mut watcher).assert(&[(35, "y"), (560, "1")]);
            finish(venue, [a, b, watcher]);
        }
    }

    #[test]
    fn trading_states_are_told_as_they_are_and_as_they_change_in_every_version() {
        for version in VERSIONS {
            let (venue, [a, b], mut watcher) = venue(version, &[]);
            watcher.send("e", &[(324, "S"), (55, "AAPL"), (263, "1")]);
            told(&mut watcher).assert(&[
                (35, "f"),
                (324, "S"),
                (55, "AAPL"),
                (325, "N"),
                (326, "17"),
                (58, "Continuous"),
            ]);
            watcher.send("g", &[(335, "T"), (263, "1")]);
            told(&mut watcher).assert(&[(35, "h"), (335, "T"), (336, "1"), (325, "N"), (340, "2")]);
            watcher.send("e", &[(324, "S"), (55, "AAPL"), (263, "1")]);
            told(&mut watcher).assert(&[(35, "f"), (324, "S"), (326, "20")]);
            watcher.send("e", &[(324, "U"), (55, "NOPE"), (263, "0")]);
            told(&mut watcher).assert(&[(35, "f"), (324, "U"), (55, "NOPE"), (326, "20")]);

            venue.admin("halt AAPL");
            told(&mut watcher).assert(&[(35, "f"), (324, "S"), (325, "Y"), (326, "2"), (58, "Halted")]);
            venue.admin("halt --all");
            let halted = told(&mut watcher);
            halted.assert(&[(35, "h"), (335, "T"), (325, "Y"), (340, "1")]);
            watcher.send("g", &[(335, "U"), (336, "1"), (263, "0")]);
            told(&mut watcher).assert(&[(35, "h"), (335, "U"), (325, "N"), (340, "1")]);

            watcher.send("e", &[(324, "S"), (55, "AAPL"), (263, "2")]);
            watcher.send("g", &[(335, "T"), (263, "2")]);
            watcher.quiet();
            venue.admin("resume --all");
            watcher.quiet();
            watcher.send("g", &[(335, "T"), (263, "2")]);
            told(&mut watcher).assert(&[(35, "h"), (335, "T"), (340, "6")]);
            finish(venue, [a, b, watcher]);
        }
    }
}
