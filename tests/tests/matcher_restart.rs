//! A matcher is killed, and another one goes on from its journal: clients keep their connections, and each request of theirs has one
//! answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    net::SocketAddr,
    path::Path,
    thread,
};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock,
    binary::{self, Binary, decoded},
    clock,
    fix::password,
    trade::{BUY, SELL},
    venue::{arguments, data_dir, listener},
};
use wire::{
    reject::Reject,
    sbe::{
        codes::{MassCancelFlags, VenueState},
        field::Text,
        messages::{self, MassCancel},
    },
    types::Side,
};

/// Small files and stores: they are made and brought in with each start.
const SETTINGS: [&str; 4] = [
    "venue.durability=journal",
    "journal.segment_bytes=2097152",
    "fix.resend_bytes_max=1048576",
    "binary.resend_bytes_max=1048576",
];

fn matcher(data: &Path) -> Penstock {
    let process = Penstock::start(arguments("matcher", data, &SETTINGS));
    let _ = process.line("listening admin");
    process
}

fn gateways(data: &Path) -> (Penstock, [SocketAddr; 2]) {
    let process = Penstock::start(arguments("gateway", data, &SETTINGS));
    let _ = process.line("ready");
    let addresses = ["fix", "binary"].map(|protocol| listener(&process, protocol));
    (process, addresses)
}

fn order(client: &Client, seq: u64, id: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let time = clock::now();
    let fields = [(11, id), (55, "AAPL"), (54, BUY), (60, &time), (38, "1"), (40, "2"), (44, "500")];
    client.message("D", seq, &[more, &fields].concat())
}

/// Whether the venue has taken an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Taken,
    Refused,
}

/// A client of either protocol, and what became of each of its orders.
struct Trader<C> {
    client: C,
    sent: BTreeSet<String>,
    answers: BTreeMap<String, Answer>,
}

impl<C> Trader<C> {
    fn new(client: C) -> Trader<C> {
        Trader { client, sent: BTreeSet::new(), answers: BTreeMap::new() }
    }

    #[track_caller]
    fn answered(&mut self, id: String, answer: Answer) {
        assert!(self.sent.contains(&id), "{id} was never sent");
        let before = self.answers.insert(id.clone(), answer);
        assert_eq!(before, None, "{id} is answered twice, now {answer:?}");
    }

    fn is_owed(&self) -> bool {
        self.answers.len() < self.sent.len()
    }

    fn taken(&self) -> BTreeSet<&String> {
        self.answers.iter().filter(|(_, answer)| **answer == Answer::Taken).map(|(id, _)| id).collect()
    }
}

impl Trader<Client> {
    fn send(&mut self, round: u64, numbers: std::ops::Range<u64>) {
        let mut bytes = Vec::new();
        for number in numbers {
            let id = format!("{round}-{number}");
            bytes.extend(order(&self.client, self.client.next_out, &id, &[]));
            self.client.next_out += 1;
            self.sent.insert(id);
        }
        self.client.send_bytes(&bytes).expect("the venue keeps the connection");
    }

    /// Takes the next message.
    fn hear(&mut self) {
        let message = self.client.receive_ahead(PATIENCE).unwrap_or_else(|why| {
            panic!("{why:?}: {} of {} orders are answered", self.answers.len(), self.sent.len())
        });
        match (message.kind(), message.get(150)) {
            ("8", Some("0")) => self.answered(message.field(11).to_owned(), Answer::Taken),
            ("8", Some("8")) => self.answered(message.field(11).to_owned(), Answer::Refused),
            ("B" | "0" | "1", _) => {}
            _ => panic!("{message}"),
        }
    }

    /// All orders that it has open, each by its ClOrdID, once.
    fn open(&mut self) -> BTreeSet<String> {
        let mut id = clock::now();
        self.client.send("AF", &[(584, &id), (585, "7")]);
        let mut open = BTreeSet::new();
        loop {
            let report = self.client.receive_ahead(PATIENCE).expect("an answer");
            if report.kind() != "8" || report.get(584) != Some(&*id) {
                assert!(matches!(report.kind(), "B" | "0" | "1"), "{report}");
                continue;
            }
            if report.get(58).is_some_and(|text| text.contains("matching engine is not running")) {
                // The gateway has not seen yet that there is one.
                id = clock::now();
                self.client.send("AF", &[(584, &id), (585, "7")]);
                continue;
            }
            if report.field(37) != "NONE" {
                assert!(open.insert(report.field(11).to_owned()), "{report} once more");
            }
            if report.get(912) == Some("Y") {
                return open;
            }
        }
    }
}

impl Trader<Binary> {
    fn send(&mut self, round: u64, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let id = format!("{round}-{number}");
            self.client.send(&binary::limit(&id, Side::Buy, 1, 500));
            self.sent.insert(id);
        }
    }

    fn hear(&mut self) {
        let (_, bytes) = self.client.message();
        let text = |id: &Text<36>| String::from_utf8_lossy(id.bytes()).into_owned();
        match decoded(&bytes) {
            messages::Message::OrderAccepted(report) => {
                self.answered(text(&report.cl_ord_id), Answer::Taken);
            }
            messages::Message::RequestRefused(refused) => {
                self.answered(text(&refused.cl_ord_id), Answer::Refused);
            }
            messages::Message::VenueStatus(_) => {}
            other => panic!("{other:?}"),
        }
    }

    /// Cancels all that it has open, and says how many those were.
    fn cancel_all(&mut self) -> u64 {
        let all = MassCancel {
            cl_ord_id: binary::id("all"),
            instrument_id: None.into(),
            account_id: None.into(),
            side: None.into(),
            mass_cancel_flags: MassCancelFlags(0),
            padding1: [0; 2],
        };
        self.client.send(&all);
        loop {
            let (_, bytes) = self.client.message();
            match decoded(&bytes) {
                messages::Message::MassCanceled(done) => return done.total_affected_orders.get().into(),
                messages::Message::RequestRefused(refused) => {
                    assert_eq!(refused.reject_code, Reject::MatcherAway.into());
                    self.client.send(&all);
                }
                messages::Message::OrderCanceled(_) | messages::Message::VenueStatus(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Orders of both protocols go in as fast as they can, the matcher is killed in the middle of them, and more come while it is away. No
/// connection ends, each order has one answer, and what stands in the book at the end is what was said to.
#[test]
fn clients_keep_their_connections_and_each_order_has_one_answer() {
    let rounds = if env::var_os("PENSTOCK_LONG").is_some() { 200 } else { 6 };
    let data = data_dir();
    let mut process = matcher(data.path());
    let (gateways, [fix, soup]) = gateways(data.path());
    let mut one = Trader::new(Client::logged_on(fix, "MM1"));
    let mut other = Trader::new(Binary::client(soup, "BM1"));
    for round in 0..rounds {
        one.send(round, 0..100);
        other.send(round, 0..100);
        for _ in 0..(round * 37) % 90 {
            one.hear();
        }
        process.kill9();
        // Some of these still find room in the ring, where the next matcher finds them; the gateway refuses the others.
        one.send(round, 100..150);
        other.send(round, 100..150);
        process = matcher(data.path());
        one.send(round, 150..200);
        other.send(round, 150..200);
        while one.is_owed() {
            one.hear();
        }
        while other.is_owed() {
            other.hear();
        }
    }
    let open = one.open();
    assert_eq!(open.iter().collect::<BTreeSet<_>>(), one.taken());
    assert_eq!(other.cancel_all(), other.taken().len() as u64);
    for taken in [one.taken().len(), other.taken().len()] {
        assert!(taken > 10 * usize::try_from(rounds).unwrap(), "{taken} orders were taken");
    }
    gateways.stop().assert_no_panic();
    process.stop().assert_no_panic();
}

/// Market data goes on where it was: who has subscribed need not do so again.
#[test]
fn subscriptions_to_market_data_go_on() {
    let data = data_dir();
    let process = matcher(data.path());
    let (gateways, [fix, soup]) = gateways(data.path());
    let (mut watcher, mut trader) = (Client::logged_on(fix, "MM2"), Client::logged_on(fix, "MM1"));
    let entries = [(267, "2"), (269, "0"), (269, "1"), (146, "1"), (55, "AAPL")];
    watcher.send("V", &[&[(262, "book"), (263, "1"), (264, "0"), (265, "1")][..], &entries].concat());
    watcher.report().assert(&[(35, "W"), (262, "book")]);
    let mut binary = Binary::client(soup, "BM1");
    process.kill9();
    // The gateway has seen that it is gone, and says so.
    let answer = binary.answer();
    let messages::Message::VenueStatus(status) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    assert_eq!(status.venue_state, VenueState::MatcherAway);
    while gateways.log().matches("the matcher is gone").count() < 2 {
        thread::yield_now(); // each gateway sees it for itself
    }
    trader.limit("away", BUY, "1", "500");
    trader.execution(&[(150, "8"), (11, "away"), (103, "99")]);
    // A client that comes meanwhile is let in.
    let late = Client::logged_on(fix, "MM3");
    let process = matcher(data.path());
    let answer = binary.answer();
    let messages::Message::VenueStatus(status) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    assert_eq!(status.venue_state, VenueState::Open);
    // Each gateway sees for itself that it is back, and answers that it is not until then.
    for attempt in 0.. {
        let id = format!("back-{attempt}");
        trader.limit(&id, SELL, "1", "600");
        let answer = trader.report();
        answer.assert(&[(35, "8"), (11, &id)]);
        if answer.get(103) != Some("99") {
            answer.assert(&[(150, "0")]);
            break;
        }
    }
    watcher.report().assert(&[(35, "X"), (262, "book"), (269, "1"), (270, "600"), (271, "1")]);
    for client in [watcher, trader, late] {
        client.log_out();
    }
    gateways.stop().assert_no_panic();
    process.stop().assert_no_panic();
}

/// The whole host goes, with rings and all that stood in them: what no matcher has taken the venue expects once more.
#[test]
fn messages_that_went_with_the_rings_are_asked_for_again() {
    let data = data_dir();
    let process = matcher(data.path());
    let (gateways, [fix, _]) = self::gateways(data.path());
    let mut client = Client::logged_on(fix, "MM1");
    client.limit("told", BUY, "1", "500");
    client.execution(&[(150, "0"), (11, "told"), (34, "2")]);
    process.freeze();
    for id in ["first", "second"] {
        let bytes = order(&client, client.next_out, id, &[]);
        client.next_out += 1;
        client.send_bytes(&bytes).expect("the venue keeps the connection");
    }
    // The gateway has taken both: it answers what came behind them.
    client.send("1", &[(112, "here")]);
    client.receive_ahead(PATIENCE).expect("an answer").assert(&[(35, "0"), (112, "here"), (34, "3")]);
    let times = [3, 4].map(|_| clock::now());
    process.kill9();
    gateways.kill9();

    let process = matcher(data.path());
    let (gateways, [fix, _]) = self::gateways(data.path());
    let mut again = Client::connect(fix, "MM1");
    (again.next_out, again.next_in) = (client.next_out, client.next_in);
    again.send_logon(&password("MM1"), &[]);
    again.receive_ahead(PATIENCE).expect("an answer").assert(&[(35, "A"), (34, "4")]);
    again.receive_ahead(PATIENCE).expect("a request").assert(&[(35, "2"), (7, "3")]);
    for ((seq, id), time) in [(3, "first"), (4, "second")].into_iter().zip(&times) {
        let bytes = order(&again, seq, id, &[(43, "Y"), (122, time)]);
        again.send_bytes(&bytes).expect("the venue keeps the connection");
    }
    let (next, time) = (again.next_out.to_string(), clock::now());
    let fill = again.message("4", 5, &[(43, "Y"), (122, &time), (36, &next), (123, "Y")]);
    again.send_bytes(&fill).expect("the venue keeps the connection");
    for id in ["first", "second"] {
        let report: Message = again.receive_ahead(PATIENCE).expect("a report");
        report.assert(&[(35, "8"), (150, "0"), (11, id)]);
    }
    let mut trader = Trader::new(again);
    assert_eq!(trader.open(), ["first", "second", "told"].map(str::to_owned).into());
    gateways.stop().assert_no_panic();
    process.stop().assert_no_panic();
}
