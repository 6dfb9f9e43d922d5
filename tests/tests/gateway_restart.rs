//! Sessions outlive their gateway: it is killed or stopped, a new one takes up numbers, reports and what the former one
//! left undone.

use std::{
    collections::{BTreeMap, HashMap},
    env,
    net::SocketAddr,
    path::Path,
    time::Duration,
};

use penstock_tests::{
    Client, Message, PATIENCE, Penstock, clock,
    fix::{NoMessage, password},
    trade::BUY,
    venue::{Venue, admin, arguments, data_dir, listener},
};
use rustix::process::Signal;

/// Small stores: they are made and brought in with each of many gateways.
const STORE: &str = "fix.resend_bytes_max=1048576";

fn gateway(data: &Path) -> (Penstock, SocketAddr) {
    let process = Penstock::start(arguments("gateway", data, &[STORE]));
    let _ = process.line("ready");
    let address = listener(&process, "fix");
    (process, address)
}

/// Rounds after which the orders are counted and taken off: as many as one client takes the cancels of at once.
const ROUNDS: usize = 30;

/// What a client remembers from one connection to the next, as FIX wants it to.
struct Trader {
    /// MsgSeqNum of its next message, and of the venue's.
    next_out: u64,
    next_in: u64,
    /// Its orders by their numbers: ClOrdID and when it was sent first.
    orders: BTreeMap<u64, (String, String)>,
    /// Messages that came before their turn.
    early: BTreeMap<u64, Message>,
    /// Up to which number the venue has been asked for what is missing.
    asked: u64,
    /// Reports by ClOrdID: ExecID and ExecType of each.
    reports: HashMap<String, Vec<(String, String)>>,
    /// Reports that were lost with a gateway and came again.
    recovered: usize,
    /// Orders that the venue asked for again.
    asked_again: usize,
    connection: Option<Client>,
}

impl Trader {
    fn new() -> Trader {
        Trader {
            next_out: 1,
            next_in: 1,
            orders: BTreeMap::new(),
            early: BTreeMap::new(),
            asked: 0,
            reports: HashMap::new(),
            recovered: 0,
            asked_again: 0,
            connection: None,
        }
    }

    fn send(&mut self, kind: &str, seq: u64, fields: &[(u32, &str)]) {
        let client = self.connection.as_mut().expect("connected");
        let bytes = client.message(kind, seq, fields);
        let _gone = client.send_bytes(&bytes); // the venue may just have been killed
    }

    fn send_next(&mut self, kind: &str, fields: &[(u32, &str)]) {
        let seq = self.next_out;
        self.next_out += 1;
        self.send(kind, seq, fields);
    }

    /// So many orders in one piece.
    fn order(&mut self, count: u64) {
        let client = self.connection.as_mut().expect("connected");
        let mut bytes = Vec::new();
        for seq in self.next_out..self.next_out + count {
            let (id, time) = (format!("order-{seq}"), clock::now());
            bytes.extend(client.message("D", seq, &Self::fields(&id, &time)));
            self.orders.insert(seq, (id, time));
        }
        self.next_out += count;
        let _gone = client.send_bytes(&bytes);
    }

    fn fields<'a>(id: &'a str, time: &'a str) -> [(u32, &'a str); 7] {
        [(11, id), (55, "AAPL"), (54, BUY), (60, time), (38, "1"), (40, "2"), (44, "500")]
    }

    /// Connects and logs on with the numbers it has.
    fn connect(&mut self, address: SocketAddr) {
        self.connection = Some(Client::connect(address, "MM1"));
        self.asked = 0;
        self.early.clear();
        let password = password("MM1");
        self.send_next("A", &[(98, "0"), (108, "30"), (553, "MM1"), (554, &password)]);
        let logon = self.connection.as_mut().expect("connected").receive_ahead(PATIENCE).expect("an answer");
        logon.assert(&[(35, "A")]);
        if logon.seq() == self.next_in {
            self.next_in += 1;
        } else {
            self.ask(logon.seq());
        }
    }

    /// Takes messages in their order until one is what is waited for.
    fn until(&mut self, wanted: impl Fn(&Message) -> bool) {
        loop {
            match self.next(PATIENCE) {
                Ok(message) if wanted(&message) => return,
                Ok(_) => {}
                Err(why) => panic!(
                    "waited in vain ({why:?}); next is {}, early are {:?}",
                    self.next_in,
                    self.early.keys()
                ),
            }
        }
    }

    /// The next message in its turn, dealt with.
    fn next(&mut self, patience: Duration) -> Result<Message, NoMessage> {
        let message = loop {
            if let Some(message) = self.early.remove(&self.next_in) {
                break message;
            }
            let message = self.connection.as_mut().expect("connected").receive_ahead(patience)?;
            let seq = message.seq();
            if seq == self.next_in {
                break message;
            }
            if seq < self.next_in {
                assert!(message.is_possible_duplicate(), "{message} again, and {} is next", self.next_in);
                continue;
            }
            // Answered even so, or two sides that both miss something would wait for each other: what fills the gap does
            // not bring it again.
            if message.kind() == "2" {
                self.resend(message.field(7).parse().expect("a number"));
            } else {
                self.early.insert(seq, message);
            }
            self.ask(seq);
        };
        self.next_in += 1;
        match message.kind() {
            "8" if message.field(150) == "I" => {}
            "8" => {
                self.recovered += usize::from(message.is_possible_duplicate());
                let report = (message.field(17).to_owned(), message.field(150).to_owned());
                self.reports.entry(message.field(11).to_owned()).or_default().push(report);
            }
            "4" => {
                message.assert(&[(123, "Y")]);
                self.next_in = message.field(36).parse().expect("a number");
            }
            "2" => self.resend(message.field(7).parse().expect("a number")),
            "5" => panic!("logged out: {message}"),
            _ => {}
        }
        Ok(message)
    }

    /// Asks for what is missing before message `seq`, once.
    fn ask(&mut self, seq: u64) {
        if self.asked < self.next_in {
            self.asked = seq - 1;
            let from = self.next_in.to_string();
            self.send_next("2", &[(7, &from), (16, "0")]);
        }
    }

    /// Orders again, everything else by gap fills.
    fn resend(&mut self, from: u64) {
        let orders: Vec<_> = self.orders.range(from..).map(|(seq, order)| (*seq, order.clone())).collect();
        let mut next = from;
        for (seq, (id, time)) in orders {
            self.gap_fill(next, seq);
            self.asked_again += 1;
            let header = [(43, "Y"), (122, time.as_str())];
            self.send("D", seq, &[&header[..], &Self::fields(&id, &time)[..]].concat());
            next = seq + 1;
        }
        self.gap_fill(next, self.next_out);
    }

    fn gap_fill(&mut self, from: u64, to: u64) {
        if from < to {
            let (to, time) = (to.to_string(), clock::now());
            self.send("4", from, &[(43, "Y"), (122, &time), (36, &to), (123, "Y")]);
        }
    }

    /// Waits until the venue has dealt with all that was sent: what the matcher is asked last it answers last.
    fn settle(&mut self) {
        let id = format!("settle-{}", self.next_out);
        self.send_next("H", &[(11, &id), (55, "AAPL"), (54, BUY)]);
        self.until(|message| message.kind() == "8" && message.field(11) == id);
    }

    /// Takes what has come, and what still comes before the connection is found closed.
    fn lose(&mut self) {
        while !matches!(self.next(PATIENCE), Err(NoMessage::Closed)) {}
        self.connection = None;
    }

    /// Each order was accepted, and was told so once.
    fn assert_each_order_was_taken_once(&self) {
        for (id, _) in self.orders.values() {
            let reports = self.reports.get(id).unwrap_or_else(|| panic!("{id} was never reported"));
            assert!(reports.len() == 1 && reports[0].1 == "0", "{id}: {reports:?}");
        }
        assert_eq!(self.reports.len(), self.orders.len());
    }
}

/// splitmix64: any numbers serve, as long as one seed brings them back.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The story of a killed gateway, many times: orders go in as fast as they can, the gateway is killed after some of
/// them, or of their reports; the client comes back with its own numbers and both sides ask for what they miss.
#[test]
fn a_gateway_that_is_killed_under_load_loses_no_report_and_takes_no_order_twice() {
    let chapters = if env::var_os("PENSTOCK_LONG").is_some() { 34 } else { 2 };
    let mut random = Random(env::var("PENSTOCK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(17));
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let mut trader = Trader::new();
    for chapter in 0..chapters {
        for _ in 0..ROUNDS {
            let (gateway, address) = gateway(data.path());
            trader.connect(address);
            // The first few make sure that something is in flight; the others are what it is killed in the middle of.
            trader.order(1 + random.below(20));
            trader.order(100 + random.below(300));
            for _ in 0..random.below(80) {
                trader.until(|message| message.kind() == "8");
            }
            for _ in 0..random.below(2000) {
                std::hint::spin_loop();
            }
            gateway.kill9();
            trader.lose();
        }
        let (gateway, address) = gateway(data.path());
        trader.connect(address);
        trader.settle();
        trader.assert_each_order_was_taken_once();
        // No order stands in the book that was not reported, and none twice.
        trader.send_next("q", &[(11, &format!("all-{chapter}")), (530, "7"), (60, &clock::now())]);
        let count = trader.orders.len().to_string();
        trader
            .until(|message| message.kind() == "r" && message.assert(&[(533, count.as_str())]).kind() == "r");
        trader.orders.clear();
        trader.reports.clear();
        gateway.stop();
    }
    assert!(trader.recovered + trader.asked_again > 0, "no round was cut where it mattered");
    matcher.stop();
}

#[test]
fn a_gateway_that_is_stopped_leaves_the_numbers_to_the_next_one() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (mut first, address) = gateway(data.path());
    let mut client = Client::connect(address, "MM1");
    client.log_on(&[]).assert(&[(35, "A"), (34, "1")]);
    client.limit("a", BUY, "1", "500");
    let report = client.execution(&[(150, "0"), (34, "2")]);
    first.signal(Signal::TERM);
    let goodbye = client.receive();
    goodbye.assert(&[(35, "5"), (34, "3")]);
    client.send("5", &[]);
    assert_eq!(first.end().code, Some(0));

    let (second, address) = gateway(data.path());
    let mut again = Client::connect(address, "MM1");
    (again.next_out, again.next_in) = (client.next_out, 4);
    again.log_on(&[]).assert(&[(35, "A"), (34, "4")]);
    again.send("2", &[(7, "1"), (16, "0")]);
    let said: Vec<Message> =
        (0..3).map(|_| again.receive_ahead(PATIENCE).expect("what is asked for")).collect();
    said[0].assert(&[(35, "4"), (34, "1"), (43, "Y"), (123, "Y"), (36, "2")]);
    said[1].assert(&[(35, "8"), (34, "2"), (43, "Y"), (17, report.field(17)), (122, report.field(52))]);
    said[2].assert(&[(35, "4"), (34, "3"), (43, "Y"), (123, "Y"), (36, "5")]);
    again.limit("b", BUY, "1", "500");
    again.execution(&[(150, "0"), (34, "5"), (11, "b")]);
    second.stop();
    matcher.stop();
}

/// The matcher tells each gateway what operators have added, after what stands in the ring already.
#[test]
fn reports_of_an_instrument_that_the_former_gateway_alone_was_told_of_are_not_lost() {
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    // It is the operator's before it is ready, and a gateway is ready without it.
    let _ = matcher.line("listening admin");
    let (first, address) = gateway(data.path());
    let asked = |request: &str| assert_eq!(admin(data.path(), request).code, Some(0), "{request}");
    asked(
        "instrument add NEWUSD --base BTC --quote USD --tick 0.01 --lot 0.1 --reference 100 --band-percent 50",
    );
    let mut client = Client::connect(address, "MM1");
    client.log_on(&[]);
    for id in ["a", "b", "c"] {
        client.order(id, BUY, "1", &[(55, "NEWUSD"), (40, "2"), (44, "90")]);
        client.execution(&[(150, "0"), (11, id), (55, "NEWUSD")]);
    }
    first.kill9();
    asked("cancel --all"); // reports that wait in the ring
    let (second, address) = gateway(data.path());
    let mut again = Client::connect(address, "MM1");
    (again.next_out, again.next_in) = (client.next_out, client.next_in);
    again.send_logon(&password("MM1"), &[]);
    again.receive_ahead(PATIENCE).expect("an answer").assert(&[(35, "A"), (34, "8")]);
    again.send("2", &[(7, "5"), (16, "0")]);
    for id in ["a", "b", "c"] {
        again.report().assert(&[(35, "8"), (150, "4"), (55, "NEWUSD"), (43, "Y"), (11, id)]);
    }
    second.stop();
    matcher.stop();
}

/// The matcher keeps its books in memory: they begin empty, and the numbers go on.
#[test]
fn a_venue_that_is_killed_whole_resumes_its_sessions_with_empty_books() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &[STORE]);
    let mut client = Client::connect(venue.fix, "MM1");
    client.log_on(&[]).assert(&[(35, "A"), (34, "1")]);
    for id in ["a", "b"] {
        client.limit(id, BUY, "1", "500");
        client.execution(&[(150, "0"), (11, id)]);
    }
    venue.kill9();

    let venue = Venue::start_in(data.path(), &[STORE]);
    let mut again = Client::connect(venue.fix, "MM1");
    // One report was on its way, as far as the client knows.
    (again.next_out, again.next_in) = (client.next_out, 3);
    again.send_logon(&password("MM1"), &[]);
    let logon = again.receive_ahead(PATIENCE).expect("an answer");
    logon.assert(&[(35, "A"), (34, "4")]);
    again.send("2", &[(7, "3"), (16, "0")]);
    again.execution(&[(11, "b"), (34, "3"), (43, "Y")]);
    again.receive().assert(&[(35, "4"), (34, "4"), (36, "5")]);
    again.send("H", &[(11, "b"), (55, "AAPL"), (54, BUY)]);
    again.receive().assert(&[(35, "BY"), (1426, "0"), (1399, "1"), (34, "5")]);
    again.execution(&[(150, "I"), (39, "8"), (37, "NONE"), (34, "6")]);
    again.limit("c", BUY, "1", "500");
    again.execution(&[(150, "0"), (11, "c"), (34, "7")]);
    venue.stop();
}

#[test]
fn a_reset_outlives_the_gateway_too() {
    let data = data_dir();
    let venue = Venue::start_in(data.path(), &[STORE]);
    let mut client = Client::connect(venue.fix, "MM1");
    client.log_on(&[]);
    client.limit("a", BUY, "1", "500");
    client.execution(&[(150, "0")]);
    client.send("5", &[]);
    client.receive().assert(&[(35, "5")]);
    drop(venue.client("MM1")); // with ResetSeqNumFlag
    venue.kill9();
    let venue = Venue::start_in(data.path(), &[STORE]);
    let mut again = Client::connect(venue.fix, "MM1");
    (again.next_out, again.next_in) = (2, 2);
    again.log_on(&[]).assert(&[(35, "A"), (34, "2")]);
    venue.stop();
}

#[test]
fn a_second_gateway_on_one_store_and_a_store_of_another_size_are_refused() {
    let (data, other, store) = (data_dir(), data_dir(), data_dir());
    let place = format!("fix.store={}", store.path().join("sessions").display());
    let venue = Venue::start_in(data.path(), &[STORE, &place]);
    let refused = |settings: &[&str]| Penstock::start(arguments("run", other.path(), settings)).end();
    refused(&[STORE, &place]).assert_refusal(&["session store", "alive", "fix-MM1"]);
    venue.stop();
    refused(&["fix.resend_bytes_max=65536", &place]).assert_refusal(&["fix-MM1", "configure the old size"]);
}
