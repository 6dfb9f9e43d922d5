//! What everybody is told of the books: a reader who knows nothing else has them.

use std::collections::BTreeMap;

use matcher::engine::Engine;
use wire::{
    feed::{Kind, Level, Record},
    types::{InstrumentId, Lots, OrderId, Side, Ticks},
};

use crate::common::{Owned, Venue, by_name, cancel, config, head, instrument, limit, replace};
use wire::{
    command::{self, SetState},
    types::{SeqNo, TimeInForce, TradingState},
};

/// One order as it shows.
type Shown = (OrderId, Ticks, Lots);

/// Keeps every book twice: order by order, and level by level.
#[derive(Default)]
pub(crate) struct Reader {
    /// Orders of each side and instrument, in the order in which they came to their prices.
    orders: BTreeMap<(InstrumentId, Side), Vec<Shown>>,
    levels: BTreeMap<(InstrumentId, Side), BTreeMap<Ticks, Level>>,
}

impl Reader {
    pub(crate) fn see(&mut self, record: &Record) {
        let of = (record.instrument, record.side);
        let orders = self.orders.entry(of).or_default();
        let place = |orders: &[Shown]| orders.iter().position(|order| order.0 == record.order_id);
        let known = place(orders);
        let standing = (record.order_id, record.price, record.quantity);
        match record.kind {
            Kind::Added => {
                assert_eq!(known, None, "{record:?}");
                orders.push(standing);
            }
            Kind::Executed | Kind::Reduced => {
                let place = known.expect("it stands in the book");
                let (_, price, left) = &mut orders[place];
                assert_eq!(*price, record.price);
                left.0 -= record.quantity.0;
                if left.0 == 0 {
                    assert_eq!(record.kind, Kind::Executed, "what is reduced away is deleted");
                    orders.remove(place);
                }
            }
            Kind::Deleted => {
                let (_, price, _) = orders.remove(known.expect("it stands in the book"));
                assert_eq!(price, record.price);
            }
            Kind::Replaced => {
                let (_, price, _) = orders.remove(known.expect("it stands in the book"));
                assert_eq!(price, record.other_price);
                orders.push(standing);
            }
            _ => {}
        }
        if record.kind.has_level() {
            self.set(of, record.price, record.level);
        }
        if record.kind == Kind::Replaced {
            self.set(of, record.other_price, record.other_level);
        }
    }

    fn set(&mut self, of: (InstrumentId, Side), price: Ticks, level: Level) {
        assert_eq!(level.orders == 0, level.quantity.0 == 0);
        let levels = self.levels.entry(of).or_default();
        if level.orders == 0 {
            levels.remove(&price);
        } else {
            levels.insert(price, level);
        }
    }

    /// Whether the reader's book is the engine's, both ways.
    pub(crate) fn check(&self, engine: &Engine, instrument: InstrumentId, side: Side) {
        let better = |a: &Shown, b: &Shown| match side {
            Side::Buy => b.1.cmp(&a.1),
            Side::Sell => a.1.cmp(&b.1),
        };
        let mut orders = self.orders.get(&(instrument, side)).cloned().unwrap_or_default();
        orders.sort_by(better); // stable: at a price in the order in which they came there
        let expected: Vec<_> = engine.orders_shown(instrument, side).collect();
        assert_eq!(orders, expected, "{instrument} {side:?}");
        let levels = self.levels.get(&(instrument, side)).into_iter().flatten();
        let mut levels: Vec<_> = levels.map(|(&price, &level)| (price, level)).collect();
        if side == Side::Buy {
            levels.reverse();
        }
        let next = |last: &(Ticks, Level)| engine.level_beyond(instrument, side, Some(last.0));
        let first = engine.level_beyond(instrument, side, None);
        let expected: Vec<_> = std::iter::successors(first, next).collect();
        assert_eq!(levels, expected, "{instrument} {side:?}");
    }
}

fn kinds(records: &[Record]) -> Vec<Kind> {
    records.iter().map(|record| record.kind).collect()
}

fn only(records: &[Record]) -> Record {
    assert_eq!(records.len(), 1, "{records:?}");
    records[0]
}

#[test]
fn an_order_is_added_executed_and_deleted_with_what_stands_at_its_price() {
    let mut venue = Venue::new(config());
    let added = only(&venue.shown(Owned::New(limit(0, "a", Side::Sell, 10, 101))));
    let Record { kind, side, order_id, price, quantity, level, seq, .. } = added;
    assert_eq!((kind, side, order_id, seq), (Kind::Added, Side::Sell, OrderId(1), SeqNo(1)));
    assert_eq!((price, quantity, level), (Ticks(101), Lots(10), Level { quantity: Lots(10), orders: 1 }));
    venue.shown(Owned::New(limit(0, "b", Side::Sell, 5, 101)));

    let executed = only(&venue.shown(Owned::New(limit(1, "c", Side::Buy, 4, 101))));
    assert_eq!((executed.kind, executed.order_id, executed.side), (Kind::Executed, OrderId(1), Side::Sell));
    assert_eq!((executed.quantity, executed.other_price, executed.auction), (Lots(4), Ticks(101), 0));
    assert_eq!(executed.level, Level { quantity: Lots(11), orders: 2 });

    let deleted = only(&venue.shown(cancel(0, "x", by_name("a"))));
    assert_eq!((deleted.kind, deleted.level), (Kind::Deleted, Level { quantity: Lots(5), orders: 1 }));
    let deleted = only(&venue.shown(cancel(0, "y", by_name("b"))));
    assert_eq!((deleted.kind, deleted.level), (Kind::Deleted, Level::NOTHING));
}

#[test]
fn a_replace_reduces_moves_or_takes_out_what_trades_first() {
    let mut venue = Venue::new(config());
    venue.shown(Owned::New(limit(0, "a", Side::Buy, 10, 99)));
    let reduced = only(&venue.shown(replace(0, "b", by_name("a"), Side::Buy, 7, 99)));
    assert_eq!((reduced.kind, reduced.quantity), (Kind::Reduced, Lots(3)));
    assert_eq!(reduced.level, Level { quantity: Lots(7), orders: 1 });

    let moved = only(&venue.shown(replace(0, "c", by_name("b"), Side::Buy, 7, 100)));
    assert_eq!((moved.kind, moved.price, moved.other_price), (Kind::Replaced, Ticks(100), Ticks(99)));
    assert_eq!((moved.level, moved.other_level), (Level { quantity: Lots(7), orders: 1 }, Level::NOTHING));
    // To the back of its own price: both levels are the same one.
    let grown = only(&venue.shown(replace(0, "d", by_name("c"), Side::Buy, 9, 100)));
    assert_eq!((grown.kind, grown.price, grown.other_price), (Kind::Replaced, Ticks(100), Ticks(100)));
    assert_eq!((grown.level, grown.other_level), (grown.level, grown.level));

    venue.shown(Owned::New(limit(1, "m", Side::Sell, 4, 101)));
    let records = venue.shown(replace(0, "e", by_name("d"), Side::Buy, 9, 101));
    assert_eq!(kinds(&records), [Kind::Deleted, Kind::Executed, Kind::Added]);
    assert_eq!(records[2].level, Level { quantity: Lots(5), orders: 1 });
}

#[test]
fn an_iceberg_shows_a_slice_at_a_time() {
    let mut venue = Venue::new(config());
    let mut iceberg = limit(0, "a", Side::Sell, 10, 101);
    iceberg.display = Lots(4);
    let added = only(&venue.shown(Owned::New(iceberg)));
    assert_eq!((added.quantity, added.level), (Lots(4), Level { quantity: Lots(4), orders: 1 }));
    let records = venue.shown(Owned::New(limit(1, "b", Side::Buy, 5, 101)));
    assert_eq!(kinds(&records), [Kind::Executed, Kind::Added, Kind::Executed]);
    assert_eq!(records[0].level, Level::NOTHING);
    assert_eq!((records[1].order_id, records[1].quantity), (OrderId(1), Lots(4)));
    assert_eq!(records[2].level, Level { quantity: Lots(3), orders: 1 });
}

#[test]
fn an_auction_tells_each_trade_once_and_orders_for_it_alone_never_show() {
    let mut venue = Venue::new(config());
    let set =
        |state| Owned::SetState(SetState { head: head(command::Kind::SetState, 0), state, reserved: [0; 7] });
    let records = venue.shown(set(TradingState::OpeningAuction));
    assert_eq!(kinds(&records), [Kind::Status, Kind::Indicative]);
    assert_eq!(records[0].state, TradingState::OpeningAuction);
    venue.shown(Owned::New(limit(0, "a", Side::Sell, 10, 99)));
    let mut hidden = limit(1, "b", Side::Buy, 6, 101);
    hidden.time_in_force = TimeInForce::AtTheOpening;
    let records = venue.shown(Owned::New(hidden));
    assert!(!kinds(&records).contains(&Kind::Added), "{records:?}");
    let records = venue.shown(set(TradingState::Continuous));
    assert_eq!(kinds(&records), [Kind::Trade, Kind::Executed, Kind::Status]);
    let [trade, executed, _] = records[..] else { panic!("three records") };
    assert_eq!((trade.quantity, trade.auction, trade.other_price), (Lots(6), 1, executed.other_price));
    assert_eq!((executed.trade_id, executed.auction, executed.side), (trade.trade_id, 1, Side::Sell));
    assert_eq!((executed.price, executed.level), (Ticks(99), Level { quantity: Lots(4), orders: 1 }));
}

#[test]
fn more_than_64_bits_at_a_price_are_told_as_the_most_that_64_hold() {
    let mut config = config();
    config.instruments = vec![instrument(0, 100, 5_000)];
    let mut venue = Venue::new(config);
    let most = wire::limits::LOTS_MAX;
    let mut last = Level::NOTHING;
    for order in 0..257 {
        last = only(&venue.shown(Owned::New(limit(0, &format!("o{order}"), Side::Buy, most, 99)))).level;
    }
    assert_eq!(last, Level { quantity: Lots(u64::MAX), orders: 257 });
    let deleted = only(&venue.shown(cancel(0, "x", by_name("o0"))));
    assert_eq!(deleted.level, Level { quantity: Lots(u64::MAX), orders: 256 });
    let deleted = only(&venue.shown(cancel(0, "y", by_name("o1"))));
    assert_eq!(deleted.level, Level { quantity: Lots(most * 255), orders: 255 });
}
