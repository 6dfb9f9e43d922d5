//! A shard that is not the venue's first: its ids, and what it does with what is another's.

use matcher::engine::{Config, ConfigError, Engine};
use wire::{
    command::{
        Head, InstrumentTerms, Kind as Asks, MassCancel, MassStatus, QuoteEntry, SetInstrument, SetState,
    },
    event::{Event, Kind},
    reject::Reject,
    types::{AccountId, InstrumentId, Lots, Nanos, SeqNo, SessionId, Side, Ticks, TradingState, shard_of},
};

use crate::{
    common::{Events, Owned, Venue, by_name, cancel, config, instrument, limit, name, only},
    twin::Twin,
};

const SHARD: u8 = 5;

/// Instrument 0 is this shard's, instrument 1 the first one's.
fn shard() -> Config {
    let mut own = instrument(0, 100, 5_000);
    own.shard = SHARD;
    Config {
        shard: SHARD,
        instruments: vec![own, instrument(1, 100, 5_000)],
        instruments_max: 3,
        quotes_max: 4,
        ..config()
    }
}

fn head(kind: Asks, instrument: u32) -> Head {
    Head::new(kind, SessionId(0), AccountId(0), InstrumentId(instrument), 0, Nanos(0))
}

#[test]
fn ids_of_orders_trades_and_events_carry_the_shard_and_begin_at_one() {
    let (mut engine, mut twin) = (Engine::new(shard()), Twin::new(shard()));
    let flow = [
        Owned::New(limit(0, "a", Side::Sell, 5, 100)),
        Owned::New(limit(1, "b", Side::Buy, 3, 100)),
        cancel(0, "c", by_name("a")),
    ];
    let mut all: Vec<Event> = Vec::new();
    for (seq, owned) in (1..).zip(flow) {
        let mut events = Events::default();
        engine.apply(SeqNo(seq), Nanos(seq), owned.command(), &mut events);
        assert_eq!(events.0, twin.apply(SeqNo(seq), Nanos(seq), owned.command()), "command {seq}");
        assert_eq!(engine.state_hash(), twin.state_hash(), "after command {seq}");
        all.extend(events.0);
    }
    let low = |id: u64| id & (u64::MAX >> 8);
    assert!(all.iter().all(|event| shard_of(event.event_id) == SHARD && shard_of(event.order_id.0) == SHARD));
    assert_eq!(
        all.iter().map(|event| low(event.event_id)).collect::<Vec<_>>(),
        (1..=all.len() as u64).collect::<Vec<_>>()
    );
    let fills: Vec<_> = all.iter().filter(|event| event.kind == Kind::Fill).collect();
    assert!(!fills.is_empty());
    assert!(fills.iter().all(|fill| (shard_of(fill.trade_id.0), low(fill.trade_id.0)) == (SHARD, 1)));
    engine.audit();
}

#[test]
fn whatever_is_about_anothers_instrument_is_refused() {
    let mut venue = Venue::new(shard());
    let mut order = limit(0, "a", Side::Buy, 5, 100);
    order.head = order.head.with_instrument(InstrumentId(1));
    let quote = QuoteEntry {
        instrument: InstrumentId(1),
        reserved: 0,
        bid: Ticks(90),
        bid_quantity: Lots(1),
        offer: Ticks(110),
        offer_quantity: Lots(1),
    };
    let by = MassCancel::INSTRUMENT | MassCancel::SESSION;
    let (side, reserved) = (Side::Buy, [0; 2]);
    let state = TradingState::Halted;
    for owned in [
        Owned::New(order),
        Owned::mass_quote(head(Asks::MassQuote, 0), name("q"), 0, &[quote]),
        Owned::MassCancel(MassCancel {
            head: head(Asks::MassCancel, 1),
            cl_ord_id: name("m"),
            by,
            side,
            reserved,
        }),
        Owned::message(&MassStatus {
            head: head(Asks::MassStatus, 1),
            request_id: name("s"),
            by,
            side,
            reserved,
        }),
        Owned::SetState(SetState { head: head(Asks::SetState, 1), state, reserved: [0; 7] }),
    ] {
        let events = venue.apply(owned);
        assert_eq!(only(&events).reject, Reject::UnknownInstrument, "{owned:?}");
    }
    // Its own it takes.
    assert_eq!(only(&venue.apply(Owned::New(limit(0, "b", Side::Buy, 5, 100)))).kind, Kind::Accepted);
}

#[test]
fn instruments_of_every_shard_are_listed_at_each_and_stay_where_they_are() {
    let mut venue = Venue::new(shard());
    let set = |id, terms| Owned::message(&SetInstrument { head: head(Asks::SetInstrument, id), terms });
    let listed = |shard, id| {
        let mut new = instrument(id, 100, 5_000);
        new.shard = shard;
        InstrumentTerms::of(&new)
    };
    let reject = |events: &[Event]| events.last().map(|event| event.reject);
    assert_eq!(reject(&venue.apply(set(2, listed(8, 2)))), Some(Reject::BadTerms));
    assert_eq!(reject(&venue.apply(set(2, listed(7, 2)))), Some(Reject::None));
    assert_eq!(venue.engine.listed(InstrumentId(2)).map(|terms| terms.shard), Some(7));
    assert_eq!(reject(&venue.apply(set(2, listed(SHARD, 2)))), Some(Reject::BadTerms), "it would move");
    assert_eq!(reject(&venue.apply(set(0, listed(SHARD, 0)))), Some(Reject::None));
}

#[test]
fn shards_beyond_the_venues_are_refused() {
    let beyond = Config { shard: 8, ..shard() };
    assert_eq!(beyond.check(), Err(ConfigError::Shard(8)));
    let mut beyond = shard();
    beyond.instruments[1].shard = 9;
    assert_eq!(beyond.check(), Err(ConfigError::Shard(9)));
}
