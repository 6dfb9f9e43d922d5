//! A hundred orders and their cancels over a connection that mio watches, reports read where they lie.
//!
//! With the demo venue running: `cargo run -p penstock-client --example polled`.

use mio::{Events, Poll, Token};
use penstock_client::{Cancel, Connection, Error, Event, NewOrder, OrderEvent, Settings, Side};

const ORDERS: usize = 100;

fn main() -> Result<(), Error> {
    let address = "127.0.0.1:9880".parse().expect("an address");
    let mut connection = Connection::new(Settings::new(address, "BM1", "bm1-demo"))?;
    let mut poll = Poll::new().map_err(Error::Wait)?;
    connection.register(poll.registry(), Token(0)).map_err(Error::Wait)?;

    let (quantity, price) = ("0.01".parse().expect("a number"), "30000".parse().expect("a number"));
    let order = NewOrder::limit("BTCUSDT", Side::Buy, quantity, price);
    let (mut sent, mut canceled, mut to_cancel) = (0, 0, Vec::new());
    let mut events = Events::with_capacity(8);
    while canceled < ORDERS {
        connection.poll(|event| match event {
            Event::Report(report) => match report.order() {
                Some(order) if order.event == OrderEvent::Accepted => to_cancel.push(order.cl_ord_id),
                Some(order) if order.event == OrderEvent::Canceled => canceled += 1,
                Some(order) => println!("{}: {}", order.cl_ord_id, order.event.name()),
                None => {}
            },
            Event::Disconnected { why, again_in } => println!("{why}; again in {again_in:?}"),
            Event::Lost(name) => println!("{name} never arrived"),
            other => println!("{other:?}"),
        })?;
        // As many as may be under way; the rest when answers have come.
        while sent < ORDERS && connection.is_ready() && connection.send(&order).is_ok() {
            sent += 1;
        }
        while let Some(name) = to_cancel.pop() {
            if connection.send(&Cancel::of("BTCUSDT", &name)).is_err() {
                to_cancel.push(name);
                break;
            }
        }
        connection.flush();
        poll.poll(&mut events, connection.timeout()).map_err(Error::Wait)?;
    }
    println!("{sent} orders, {canceled} cancelled; go on from {}", connection.position());
    connection.close();
    Ok(())
}
