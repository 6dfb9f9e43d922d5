//! `penstock admin orders`: orders of whatever session, open and ended, by what they are of, page by page.

use penstock_tests::{
    Venue,
    trade::{BUY, SELL},
};
use serde_json::{Value, json};

fn found(venue: &Venue, request: &str) -> Value {
    let said = venue.admin(&format!("orders {request} --json"));
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The ClOrdIDs found, sorted.
fn names(venue: &Venue, request: &str) -> Vec<String> {
    let found = found(venue, request);
    let orders = found["orders"].as_array().expect("orders");
    let mut names: Vec<_> =
        orders.iter().map(|order| order["cl_ord_id"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

#[test]
fn orders_are_found_by_account_session_name_number_and_instrument_whether_open_or_ended() {
    let venue = Venue::start(&[]);
    let mut maker = venue.client("MM1");
    let mut taker = venue.client("MM2");
    maker.limit("sell-1", SELL, "5", "585.25");
    let order_id = maker.execution(&[(11, "sell-1"), (150, "0")]).field(37).to_owned();
    taker.limit("buy-1", BUY, "2", "585.25");
    for kind in ["0", "F"] {
        taker.execution(&[(11, "buy-1"), (150, kind)]);
    }
    maker.execution(&[(11, "sell-1"), (150, "F")]);
    taker.order("bid", BUY, "0.001", &[(55, "BTCUSDT"), (40, "2"), (44, "49999.5")]);
    taker.execution(&[(11, "bid"), (150, "0")]);

    assert_eq!(names(&venue, ""), ["bid", "buy-1", "sell-1"]);
    assert_eq!(names(&venue, "--open"), ["bid", "sell-1"]);
    assert_eq!(names(&venue, "--account MM2"), ["bid", "buy-1"]);
    assert_eq!(names(&venue, "--session MM2 --symbol AAPL"), ["buy-1"]);
    assert_eq!(names(&venue, "--cl-ord-id buy-1"), ["buy-1"]);
    assert_eq!(names(&venue, &format!("--order-id {order_id}")), ["sell-1"]);
    assert_eq!(names(&venue, "--cl-ord-id nobody"), [""; 0]);

    let whole = found(&venue, "--cl-ord-id sell-1");
    let order = &whole["orders"][0];
    let expected = json!({
        "order_id": order_id.parse::<u64>().unwrap(), "cl_ord_id": "sell-1", "session": "MM1", "account": "MM1",
        "symbol": "AAPL", "side": "sell", "order_type": "limit", "time_in_force": "day",
        "status": "partially filled", "price": "585.25", "quantity": "5", "leaves": "3", "cum": "2",
    });
    assert_eq!((order, &whole["next"]), (&expected, &Value::Null));
    let bid = &found(&venue, "--cl-ord-id bid")["orders"][0];
    assert_eq!((&bid["price"], &bid["quantity"]), (&json!("49999.5"), &json!("0.001")));
    let text = venue.admin("orders --session MM2 --open");
    assert!(text.contains("\tbid\tMM2\tMM2\tBTCUSDT\tbuy\tlimit\tday\tnew\t49999.5\t"), "{text}");

    for (request, word) in [
        ("orders --account NOBODY", "UnknownAccount"),
        ("orders --symbol NONE", "UnknownInstrument"),
        ("orders --session XX", "UnknownSession"),
    ] {
        let refused = venue.admin_refuses(request);
        assert!(refused.contains(word), "{refused}");
    }
    maker.log_out();
    taker.log_out();
    venue.stop().assert_no_panic();
}

#[test]
fn pages_have_as_many_as_were_asked_for_and_say_where_to_go_on() {
    let venue = Venue::start(&[]);
    let mut client = venue.client("MM1");
    // More than one piece of the search tells of.
    for n in 0..200 {
        client.limit(&format!("o{n:03}"), BUY, "1", "500");
        client.execution(&[(150, "0")]);
    }
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let page = found(&venue, &format!("--limit 75 --from {from}"));
        let orders = page["orders"].as_array().unwrap();
        assert!(orders.len() <= 75);
        all.extend(orders.iter().map(|order| order["cl_ord_id"].as_str().unwrap().to_owned()));
        match page["next"].as_u64() {
            Some(next) => from = next,
            None => break,
        }
    }
    all.sort_unstable();
    assert_eq!(all, (0..200).map(|n| format!("o{n:03}")).collect::<Vec<_>>());
    client.log_out();
    venue.stop().assert_no_panic();
}
