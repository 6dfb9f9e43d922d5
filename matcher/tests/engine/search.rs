//! Operators' search for orders.

use wire::{
    command::{FindOrders, Kind as Asks, MassCancel, OrderRef, Target},
    event::Event,
    types::{ClOrdId, OrderId, Side::*},
};

use crate::common::*;

fn wish(by: u8, session: u32) -> FindOrders {
    FindOrders {
        head: head(Asks::FindOrders, session),
        from: 0,
        order_id: OrderId(0),
        cl_ord_id: ClOrdId::NONE,
        by,
        most: 64,
        reserved: [0; 2],
    }
}

/// What is told from `from` on, and where to go on.
fn piece(venue: &Venue, wish: &FindOrders) -> (Vec<u64>, u64) {
    let mut events = Vec::new();
    venue.engine.find_orders(wish, |event| events.push(event));
    let last = events.pop().expect("an end");
    assert_eq!((last.by, last.order_id), (Event::MASS | Event::LAST, OrderId(0)));
    assert!(events.iter().all(|event| event.by == Event::MASS));
    (events.iter().map(|event| event.order_id.0).collect(), last.quantity.0)
}

/// All of it, piece by piece.
fn all(venue: &Venue, mut wish: FindOrders) -> Vec<u64> {
    let mut found = Vec::new();
    loop {
        let (told, next) = piece(venue, &wish);
        assert!(told.len() <= wish.most.into());
        found.extend(told);
        if next == FindOrders::END {
            found.sort_unstable();
            return found;
        }
        assert!(next > wish.from, "it goes on");
        wish.from = next;
    }
}

/// Orders 1 to 6 of both sessions in turn, of which 1 to 4 are cancelled.
fn venue(finished_orders_max: u32) -> Venue {
    let mut venue = Venue::new(matcher::engine::Config { finished_orders_max, ..config() });
    for i in 0..6 {
        venue.apply(Owned::New(limit(i % 2, &format!("n{i}"), Buy, 1, 90)));
    }
    for i in 0..4 {
        let order = OrderRef::new(Target::Client(name(&format!("n{i}"))));
        venue.apply(cancel(i % 2, &format!("c{i}"), order));
    }
    venue
}

#[test]
fn open_and_remembered_orders_are_found_and_nothing_changes() {
    let mut venue = venue(1024);
    let hash = venue.engine.state_hash();
    assert_eq!(all(&venue, wish(0, 0)), [1, 2, 3, 4, 5, 6]);
    assert_eq!(all(&venue, wish(FindOrders::OPEN, 0)), [5, 6]);
    assert_eq!(all(&venue, wish(MassCancel::SESSION, 1)), [2, 4, 6]);
    assert_eq!(all(&venue, FindOrders { order_id: OrderId(3), ..wish(0, 0) }), [3]);
    assert_eq!(all(&venue, FindOrders { cl_ord_id: name("n1"), ..wish(0, 0) }), [2]);
    assert_eq!(all(&venue, FindOrders { cl_ord_id: name("n1"), ..wish(FindOrders::OPEN, 0) }), [0; 0]);
    assert_eq!(venue.engine.state_hash(), hash);
}

#[test]
fn what_is_forgotten_is_not_found_and_pieces_may_be_as_small_as_one() {
    let venue = venue(2);
    assert_eq!(all(&venue, wish(0, 0)), [3, 4, 5, 6]);
    assert_eq!(all(&venue, FindOrders { most: 1, ..wish(0, 0) }), [3, 4, 5, 6]);
    assert_eq!(all(&self::venue(0), wish(0, 0)), [5, 6]);
    // Whatever place it is to begin at.
    for from in [u64::from(u32::MAX), 1 << 32, (1 << 32) + 100, u64::MAX - 1, u64::MAX] {
        let (_, next) = piece(&venue, &FindOrders { from, ..wish(0, 0) });
        assert!(next == FindOrders::END || next > from);
    }
}
