//! An order placed, looked at and cancelled, one call at a time.
//!
//! With the demo venue running: `cargo run -p penstock-client --example blocking`.

use std::time::Duration;

use penstock_client::{Cancel, Client, Error, NewOrder, Settings, Side, Status};

fn main() -> Result<(), Error> {
    let address = "127.0.0.1:9880".parse().expect("an address");
    let mut client = Client::connect(Settings::new(address, "BM1", "bm1-demo"))?;
    for terms in client.definitions().instruments() {
        println!("{}: tick {}, lot {}", terms.symbol, terms.tick, terms.lot);
    }

    let (quantity, price) = ("0.01".parse().expect("a number"), "30000".parse().expect("a number"));
    // An error says what to do: refused with its remedy, lost with its connection, or without an answer in time.
    let placed = client.place(&NewOrder::limit("BTCUSDT", Side::Buy, quantity, price))?;
    let stands = client.status(&Status::of("BTCUSDT", &placed.cl_ord_id))?;
    println!("{} is {:?}, {:?} left", placed.cl_ord_id, stands.status, stands.leaves);

    client.cancel(&Cancel::of("BTCUSDT", &placed.cl_ord_id))?;
    // Whatever else has happened to the session's orders, fills foremost.
    while let Some(update) = client.next(Duration::ZERO)? {
        println!("{update:?}");
    }
    println!("go on from {} the next time", client.position());
    client.close()
}
