//! The client library against the venue: many orders, and gateways that are killed under them.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, thread};

use penstock_client::{
    BackOff, Client, Connection, Decimal, Error, Event, MassStatus, NewOrder, OrderEvent, Position, Settings,
    Side,
};
use penstock_tests::{
    PATIENCE, Penstock,
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
