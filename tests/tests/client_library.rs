//! The client library against the venue: many orders, and gateways that are killed under them.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, thread};

use penstock_client::{
    BackOff, CancelList, Client, Connection, Decimal, Error, Event, ListStatus, MassStatus, NewOrder,
    OneCancelsOther, OrderEvent, OrderStatus, Position, Reject, Settings, Side,
};
use penstock_tests::{
    PATIENCE, Penstock, Venue,
    venue::{arguments, data_dir, listener},
};

/// Small stores: they are made and brought in with each of many gateways.
const STORE: &str = "binary.resend_bytes_max=4194304";

fn gateway(data: &Path, listen: Option<SocketAddr>) -> (Penstock, SocketAddr) {
    let listen = listen.map_or_else(|| STORE.to_owned(), |address| format!("binary.listen={address}"));
    let process = Penstock::start(arguments("gateway", data, &[STORE, &listen]));
    let _ = process.line("ready");
    let address = listener(&process, "binary");
    (process, address)
}

fn settings(address: SocketAddr) -> Settings {
    let mut settings = Settings::new(address, "BM1", "bm1-demo").from(Position::FIRST);
    settings.in_flight_max = 64;
    settings.call_timeout = PATIENCE;
    settings.back_off = BackOff { give_up_after: PATIENCE, ..BackOff::default() };
    settings
}

fn order(name: &str) -> NewOrder {
    NewOrder::limit("AAPL", Side::Buy, Decimal::ONE, Decimal::from(500)).named(name.parse().unwrap())
}

/// What a client knows of its orders.
#[derive(Default)]
struct Known {
    accepted: BTreeMap<String, u32>,
    lost: Vec<String>,
    refused: Vec<String>,
    /// The number of the last report.
    last: u64,
    broken: u32,
}

impl Known {
    fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Report(report) => {
                assert!(report.number > self.last, "report {} again", report.number);
                self.last = report.number;
                let report = report.order().expect("only orders are sent");
                assert_eq!(report.event, OrderEvent::Accepted, "{report:?}");
                *self.accepted.entry(report.cl_ord_id).or_default() += 1;
            }
            Event::Lost(name) => self.lost.push(name.to_string()),
            Event::Refused(refusal) => self.refused.push(refusal.name.expect("it had one").to_string()),
            Event::Disconnected { .. } => self.broken += 1,
            Event::Ready | Event::Venue(_) | Event::Notice(_) => {}
            Event::Unreadable(..) => panic!("{event:?}"),
        }
    }
}

#[test]
fn gateways_that_are_killed_cost_no_report_and_no_order_comes_of_a_request_twice() {
    const KILLS: usize = 6;
    let data = data_dir();
    let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
    let (mut process, address) = gateway(data.path(), None);
    let mut connection = Connection::new(settings(address)).unwrap();
    let (mut known, mut sent) = (Known::default(), 0);
    for kill in 0..=KILLS {
        let until = sent + 400;
        while sent < until {
            connection.poll(|event| known.hear(&event)).unwrap();
            while sent < until {
                match connection.send(&order(&format!("o{sent}"))) {
                    Ok(_) => sent += 1,
                    Err(Error::InFlight { .. } | Error::NotReady) => break,
                    Err(error) => panic!("{error}"),
                }
            }
            thread::yield_now();
        }
        if kill < KILLS {
            // With requests under way.
            connection.flush();
            process.kill9();
            process = gateway(data.path(), Some(address)).0;
        }
    }
    while connection.in_flight() > 0 {
        connection.poll(|event| known.hear(&event)).unwrap();
        thread::yield_now();
    }
    assert!(known.accepted.values().all(|&count| count == 1), "each order is told of once");
    let told = known.accepted.len() + known.lost.len() + known.refused.len();
    assert_eq!(told, sent, "of each order something is known: {:?} {:?}", known.lost, known.refused);
    assert!(known.broken as usize >= KILLS);
    connection.close();

    // The venue has the orders that were told of, and no others.
    let mut client = Client::connect(settings(address).from(Position::NEWEST)).unwrap();
    let open = client.open_orders(&MassStatus::default()).unwrap();
    let names: Vec<_> = open.iter().map(|report| report.cl_ord_id.as_str()).collect();
    assert_eq!(names.len(), known.accepted.len());
    assert!(names.iter().all(|&name| known.accepted.contains_key(name)));
    // What was lost can be sent again.
    for name in &known.lost {
        client.place(&order(name)).unwrap();
    }
    client.close().unwrap();
    process.stop();
    matcher.stop();
}

/// The reason for which the venue has refused a call, and what is used of the limit that it names.
#[track_caller]
fn reason<T: std::fmt::Debug>(answer: Result<T, Error>) -> (Option<Reject>, Option<u64>, Option<u64>) {
    match answer {
        Err(Error::Refused(refusal)) => (refusal.reject, refusal.used, refusal.max),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_is_placed_asked_about_and_cancelled() {
    let venue = Venue::start(&[]);
    let mut client =
        Client::connect(settings(listener(&venue.process, "binary"))).expect("the venue is there");
    let stop = |name: &str| {
        NewOrder::market("AAPL", Side::Buy, Decimal::ONE)
            .stop_at(Decimal::from(700))
            .named(name.parse().unwrap())
    };
    let list = OneCancelsOther::new(order("one"), stop("other")).named("exit".parse().unwrap());
    let list = client.place_list(&list).expect("it is taken");
    let standing = client.list_status(&ListStatus::of(list)).expect("there is such a list");
    let told: Vec<_> = standing.iter().map(|order| (order.name.unwrap().to_string(), order.status)).collect();
    let new = Some(OrderStatus::New);
    assert_eq!(told, [("one".to_owned(), new), ("other".to_owned(), new)]);
    assert!(standing.iter().all(|order| order.leaves == Decimal::ONE && order.order_id.is_some()));
    let ended = client.cancel_list(&CancelList::of(list)).expect("it is open");
    let canceled = Some(OrderStatus::Canceled);
    assert!(ended.len() == 2 && ended.iter().all(|order| order.status == canceled), "{ended:?}");
    assert!(client.open_orders(&MassStatus::default()).expect("they are told").is_empty());
    let unknown = ListStatus::of("nope".parse().unwrap());
    assert_eq!(reason(client.list_status(&unknown)).0, Some(Reject::UnknownList));
    venue.stop().assert_no_panic();
}

#[test]
fn a_protection_is_reset_and_a_limit_says_how_much_of_it_is_used() {
    let protection = "account.BM1.protection=[{ group = 3, fills = 1, window_ms = 1000 }]";
    let settings_of = ["instrument.AAPL.group=3", protection, "session.BM1.open_orders_max=1"];
    let venue = Venue::start(&settings_of);
    let mut client =
        Client::connect(settings(listener(&venue.process, "binary"))).expect("the venue is there");
    client.reset_protection(None, 3).expect("there is one");
    client.reset_protection(Some("BM1"), 3).expect("there is one");
    assert_eq!(reason(client.reset_protection(None, 4)).0, Some(Reject::BadProtection));
    client.place(&order("a")).expect("it is taken");
    let full = (Some(Reject::TooManySessionOrders), Some(1), Some(1));
    assert_eq!(reason(client.place(&order("b"))), full);
    venue.stop().assert_no_panic();
}
