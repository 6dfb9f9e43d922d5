//! Both faces against a venue that fails as venues do: refusals, torn connections, lost requests, new sessions.

mod venue;

use std::{collections::BTreeMap, time::Duration};

use penstock_client::{
    BackOff, Balances, Cancel, Client, Connection, Decimal, Error, Event, MassCancel, MassStatus, Name,
    NewOrder, OrderEvent, OrderStatus, Position, Reject, Settings, Side, Status, Update, VenueState,
};
use venue::{Fault, PASSWORD, USER, Venue};

const PATIENCE: Duration = Duration::from_secs(30);

fn settings(venue: &Venue) -> Settings {
    let mut settings = Settings::new(venue.address, USER, PASSWORD).from(Position::FIRST);
    let soon = Duration::from_millis(1);
    settings.back_off = BackOff { first: soon, max: soon, give_up_after: PATIENCE };
    settings.call_timeout = PATIENCE;
    settings
}

fn bounded(venue: &Venue, in_flight_max: usize) -> Connection {
    let mut settings = settings(venue);
    settings.in_flight_max = in_flight_max;
    Connection::new(settings).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn order(name: &str) -> NewOrder {
    NewOrder::limit("BTCUSDT", Side::Buy, decimal("0.01"), decimal("49000")).named(name.parse().unwrap())
}

/// What has happened, without what tells of connections.
fn reports(client: &mut Client) -> Vec<Update> {
    let mut found = Vec::new();
    while let Some(update) = client.next(Duration::ZERO).unwrap() {
        if !matches!(update, Update::Ready | Update::Disconnected(_)) {
            found.push(update);
        }
    }
    found
}

#[test]
fn orders_are_placed_asked_about_and_cancelled_in_symbols_and_decimals() {
    let venue = Venue::start();
    let mut client = Client::connect(settings(&venue)).unwrap();
    assert_eq!(reports(&mut client), [Update::Venue(VenueState::Busy)]);
    let terms = client.definitions().instrument("BTCUSDT").unwrap();
    assert_eq!((terms.tick, terms.lot), (decimal("0.01"), decimal("0.00001")));
    assert_eq!(client.definitions().accounts().collect::<Vec<_>>(), ["BM1"]);

    let placed = client.place(&order("a")).unwrap();
    assert_eq!((placed.event, placed.number), (OrderEvent::Accepted, 1));
    assert_eq!(
        (placed.cl_ord_id.as_str(), placed.symbol.as_str(), placed.account.as_str()),
        ("a", "BTCUSDT", "BM1")
    );
    assert_eq!((placed.price, placed.leaves), (Some(decimal("49000")), Some(decimal("0.01"))));
    assert_eq!(placed.stamps.matcher_out, 30);
    let unnamed = client.place(&NewOrder::market("BTCUSDT", Side::Sell, decimal("1"))).unwrap();
    assert!(!unnamed.cl_ord_id.is_empty());

    assert_eq!(client.open_orders(&MassStatus::default()).unwrap().len(), 2);
    let status = client.status(&Status::of("BTCUSDT", "a")).unwrap();
    assert_eq!((status.status, status.order_id), (Some(OrderStatus::New), placed.order_id));
    let canceled = client.cancel(&Cancel::of("BTCUSDT", "a")).unwrap();
    assert_eq!((canceled.event, canceled.orig_cl_ord_id.as_deref()), (OrderEvent::Canceled, Some("a")));
    let unknown = client.status(&Status::of("BTCUSDT", "a")).unwrap();
    assert_eq!((unknown.order_id, unknown.reject), (None, Some(Reject::UnknownOrder)));
    assert_eq!(client.mass_cancel(&MassCancel::default().symbol("BTCUSDT")).unwrap().orders, 1);
    assert!(client.open_orders(&MassStatus::default()).unwrap().is_empty());

    let balances = client.balances(&Balances::default()).unwrap();
    assert_eq!((balances[0].asset.as_str(), balances[0].available), ("USDT", decimal("-1.5")));
    let limits = client.limits().unwrap();
    assert_eq!((limits[0].used, limits[0].max), (4, 100));
    assert!(reports(&mut client).is_empty(), "answers are returned and nothing else came");
    client.close().unwrap();
}

#[test]
fn what_cannot_be_meant_is_refused_before_it_is_sent_and_says_what_to_do() {
    let venue = Venue::start();
    let mut client = Client::connect(settings(&venue)).unwrap();
    let limit =
        |symbol, quantity, price| NewOrder::limit(symbol, Side::Buy, decimal(quantity), decimal(price));
    let refused = [
        (limit("BTCEUR", "1", "1"), "no instrument \"BTCEUR\""),
        (limit("BTCUSDT", "0.000000001", "1"), "quantity 0.000000001 cannot be said"),
        (limit("BTCUSDT", "1", "1").account("BM2"), "no account \"BM2\""),
    ];
    for (order, why) in refused {
        let error = client.place(&order).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let error = client.cancel(&Cancel::of("BTCUSDT", "none")).unwrap_err();
    let Error::Refused(refusal) = &error else { panic!("{error:?}") };
    assert_eq!(refusal.reject, Some(Reject::UnknownOrder));
    assert!(error.to_string().contains(Reject::UnknownOrder.remedy()), "{error}");
    venue.faults([Fault::Throttled]);
    let error = client.place(&order("fast")).unwrap_err();
    assert!(error.to_string().contains("101 of 100 used) (again in 250 ms)"), "{error}");
    assert!(venue.book().accepted.is_empty());
}

#[test]
fn a_wrong_password_is_said_at_once_and_not_tried_again() {
    let venue = Venue::start();
    let wrong = Settings::new(venue.address, USER, "hush-hush");
    let error = Client::connect(wrong).unwrap_err().to_string();
    for part in ["not auth", "unknown user or wrong password", "check user and password"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("hush"));
    assert_eq!(venue.book().logins, 0);
    let nobody = Settings::new("127.0.0.1:1".parse().unwrap(), USER, PASSWORD);
    assert!(matches!(Client::connect(nobody), Err(Error::Connect { .. })));
    let long = Settings::new(venue.address, "longer than six", PASSWORD);
    assert!(matches!(Client::connect(long), Err(Error::Credential(_))));
}

#[test]
fn a_call_that_its_connection_breaks_under_is_answered_by_the_next_one() {
    let venue = Venue::start();
    let mut client = Client::connect(settings(&venue)).unwrap();
    venue.faults([Fault::Untold, Fault::Torn]);
    for name in ["untold", "torn"] {
        let report = client.place(&order(name)).unwrap();
        assert_eq!((report.event, report.cl_ord_id.as_str()), (OrderEvent::Accepted, name));
        assert_eq!(venue.book().accepted[name], 1);
    }
    venue.faults([Fault::Unseen]);
    let error = client.place(&order("unseen")).unwrap_err();
    assert!(matches!(&error, Error::Lost(name) if name.as_str() == "unseen"), "{error:?}");
    // So that sending it again makes one order of it.
    client.place(&order("unseen")).unwrap();
    assert_eq!(venue.book().accepted["unseen"], 1);
    assert_eq!(venue.book().logins, 4);
    assert_eq!(reports(&mut client), vec![Update::Venue(VenueState::Busy); 4]);
}

#[test]
fn each_report_comes_once_and_in_order_whatever_breaks_and_what_never_arrived_is_told() {
    const ORDERS: usize = 600;
    let venue = Venue::start();
    // Every seventh order or so meets a fault, each kind of them at many places of a stream.
    let faults = [Fault::Untold, Fault::None, Fault::Torn, Fault::Unseen, Fault::None, Fault::Torn];
    venue.faults((0..ORDERS).map(|at| if at % 7 == 3 { faults[at / 7 % faults.len()] } else { Fault::None }));
    let mut connection = bounded(&venue, 16);
    let (mut names, mut told, mut next) = (Vec::new(), BTreeMap::<String, u32>::new(), 1);
    let mut lost = Vec::<Name>::new();
    let mut broken = 0;
    while names.len() < ORDERS || connection.in_flight() > 0 {
        while names.len() < ORDERS {
            let name = format!("o{}", names.len());
            match connection.send(&order(&name)) {
                Ok(sent) => names.push(sent),
                Err(Error::NotReady | Error::InFlight { max: 16 }) => break,
                Err(error) => panic!("{error}"),
            }
        }
        connection
            .poll(|event| match event {
                Event::Report(report) => {
                    assert!(report.number >= next, "{} again", report.number);
                    // What answers the library's own questions is not shown.
                    next = report.number + 1;
                    let order = report.order().unwrap();
                    assert_eq!(order.event, OrderEvent::Accepted);
                    *told.entry(order.cl_ord_id).or_default() += 1;
                }
                Event::Lost(name) => lost.push(name),
                Event::Disconnected { .. } => broken += 1,
                Event::Ready | Event::Venue(_) => {}
                other => panic!("{other:?}"),
            })
            .unwrap();
        std::thread::yield_now();
    }
    let book = venue.book();
    assert_eq!(told, book.accepted, "each accepted order was told of, and once");
    assert!(told.values().all(|&count| count == 1));
    assert_eq!(told.len() + lost.len(), ORDERS, "of each order something is known");
    assert!(lost.iter().all(|name| !told.contains_key(name.as_str())));
    assert!(broken > 20 && !lost.is_empty(), "{broken} connections broken, {} lost", lost.len());
    assert!(connection.position().next() >= next);
}

#[test]
fn who_keeps_the_position_misses_nothing_and_gets_nothing_twice() {
    let venue = Venue::start();
    let mut first = Client::connect(settings(&venue)).unwrap();
    for name in ["a", "b"] {
        first.place(&order(name)).unwrap();
    }
    let kept = first.position().to_string();
    assert_eq!(kept, "S1:3");
    first.place(&order("c")).unwrap();
    drop(first);
    let names = |client: &mut Client| -> Vec<String> {
        let orders = reports(client).into_iter().filter_map(|update| match update {
            Update::Order(order) if order.symbol == "BTCUSDT" => Some(order.cl_ord_id),
            _ => None,
        });
        orders.collect()
    };
    let mut again = Client::connect(settings(&venue).from(kept.parse().unwrap())).unwrap();
    assert_eq!(names(&mut again), ["c"], "with its symbol, though it came before the definitions");
    drop(again);
    let mut from_first = Client::connect(settings(&venue)).unwrap();
    assert_eq!(names(&mut from_first), ["a", "b", "c"]);
    drop(from_first);
    let mut newest = Client::connect(settings(&venue).from(Position::NEWEST)).unwrap();
    assert_eq!(names(&mut newest), ["c"]);
}

#[test]
fn a_session_whose_numbers_begin_anew_ends_the_connection_with_what_to_do() {
    let venue = Venue::start();
    let mut client = Client::connect(settings(&venue)).unwrap();
    client.place(&order("a")).unwrap();
    venue.begin_anew();
    venue.faults([Fault::Unseen]);
    let error = client.place(&order("b")).unwrap_err().to_string();
    assert!(error.contains("Position::FIRST"), "{error}");
    assert!(matches!(client.place(&order("c")), Err(Error::Closed | Error::NotReady)));
}

#[test]
fn an_answer_that_does_not_come_is_waited_for_no_longer_than_was_said() {
    let venue = Venue::start();
    let patience = Duration::from_millis(50);
    let mut client = Client::connect(settings(&venue)).unwrap();
    drop(client);
    let mut short = settings(&venue);
    short.call_timeout = patience;
    client = loop {
        // Under load a login may take longer than that.
        match Client::connect(short.clone()) {
            Ok(client) => break client,
            Err(Error::Timeout { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    };
    venue.faults([Fault::Silent]);
    let error = client.place(&order("late")).unwrap_err();
    assert!(
        matches!(&error, Error::Timeout { name, waited } if name.as_str() == "late" && *waited == patience)
    );
    assert!(error.to_string().contains("ask for the order's status"), "{error}");
    // It may still come, and it does, once; by itself, since nobody waits for it.
    let mut late = 0;
    for _ in 0..1_000 {
        let _slow = client.status(&Status::of("BTCUSDT", "late"));
        late += reports(&mut client)
            .iter()
            .filter(|update| matches!(update, Update::Order(order) if order.event == OrderEvent::Accepted))
            .count();
        if late > 0 {
            break;
        }
    }
    assert_eq!(late, 1);
}

#[test]
fn a_venue_that_stays_away_is_given_up() {
    let venue = Venue::start();
    let mut settings = settings(&venue);
    settings.back_off.give_up_after = Duration::ZERO;
    let mut client = Client::connect(settings).unwrap();
    drop(venue);
    let error = loop {
        match client.next(PATIENCE) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, Error::GaveUp { .. }), "{error:?}");
    assert!(error.to_string().contains("look whether the venue runs"), "{error}");
}

#[test]
fn no_more_requests_are_under_way_than_may_be_and_no_two_of_one_name() {
    let venue = Venue::start();
    let mut connection = bounded(&venue, 2);
    assert!(matches!(connection.send(&order("early")), Err(Error::NotReady)));
    while !connection.is_ready() {
        connection.poll(|_| {}).unwrap();
    }
    connection.send(&order("a")).unwrap();
    assert!(matches!(connection.send(&order("a")), Err(Error::NameInUse(_))));
    connection.send(&order("b")).unwrap();
    assert!(matches!(connection.send(&order("c")), Err(Error::InFlight { max: 2 })));
    while connection.in_flight() > 0 {
        connection.poll(|_| {}).unwrap();
    }
    connection.send(&order("c")).unwrap();
    assert!(connection.wants_write());
    assert!(connection.fd().is_some());
    connection.close();
    assert!(matches!(connection.poll(|_| {}), Err(Error::Closed)));
    assert!(!format!("{connection:?}").contains(PASSWORD));
}
