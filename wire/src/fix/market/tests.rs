use super::*;
use crate::{
    decimal::Decimal,
    feed::Level,
    fix::{encode::Scratch, report::NameField, version::Version},
    instrument::{Instrument, Step},
    limits::{FIX_MESSAGE_BYTES_MAX, MARKET_DATA_CHANGES_MAX, MARKET_DATA_LEVELS_MAX, TICKS_MAX},
    types::{InstrumentId, Lots, Nanos, Ticks, TradeId, TradingState},
};

fn message(fields: &str) -> Vec<u8> {
    let body = format!("{}49=A|56=B|34=2|52=20261120-12:00:00|{}", &fields[..5], &fields[5..]);
    format!("8=FIX.4.4|9=1|{body}10=000|").replace('|', "\x01").into_bytes()
}

fn parse(fields: &str) -> Result<String, Refusal> {
    let bytes = message(fields);
    MarketDataRequest::parse(&Message::parse(&bytes)).map(|request| format!("{request:?}"))
}

const GROUPS: &str = "267=2|269=0|269=2|146=2|55=X|55=Y|";

#[test]
fn a_request_names_kinds_and_instruments() {
    let bytes = message(&format!("35=V|262=M|263=1|264=5|265=1|{GROUPS}"));
    let request = MarketDataRequest::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((request.id, request.subscribe, request.depth), (&b"M"[..], Subscribe::On, 5));
    assert_eq!((request.incremental, request.aggregated), (Some(true), true));
    assert_eq!((request.bids, request.offers, request.trades, request.others), (true, false, true, false));
    assert_eq!(request.symbols(), [b"X", b"Y"]);
}

#[test]
fn what_a_request_lacks_or_has_too_much_of_is_told() {
    let session = |reason, tag| Err(SessionReject::about(reason, tag).into());
    let of = |fields: &str| parse(&format!("35=V|{fields}{GROUPS}")).map(|_| ());
    assert_eq!(of("262=M|263=0|264=0|"), Ok(()));
    assert_eq!(of("263=0|264=0|"), session(Why::RequiredTagMissing, 262));
    assert_eq!(of("262=M|263=0|"), session(Why::RequiredTagMissing, 264));
    assert_eq!(of("262=M|263=7|264=0|"), session(Why::ValueIncorrect, 263));
    assert_eq!(of("262=M|263=1|264=0|"), Err(BusinessReject::conditional(265).into()));
    let long = "x".repeat(MARKET_DATA_REQUEST_ID_BYTES_MAX + 1);
    assert_eq!(of(&format!("262={long}|263=0|264=0|")), session(Why::ValueIncorrect, 262));
    let symbols = "55=X|".repeat(MARKET_DATA_SYMBOLS_MAX + 1);
    let many = format!("35=V|262=M|263=0|264=0|267=1|269=0|146=33|{symbols}");
    assert!(
        matches!(parse(&many), Err(Refusal::Session(reject)) if reject.reason == Why::IncorrectNumInGroup)
    );
}

#[test]
fn reference_data_are_asked_for_by_name() {
    let bytes = message("35=x|320=L|559=0|55=X|");
    let list = SecurityListRequest::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((list.id, list.kind, list.symbol), (&b"L"[..], 0, Some(&b"X"[..])));
    let bytes = message("35=x|320=L|559=0|");
    assert_eq!(
        SecurityListRequest::parse(&Message::parse(&bytes)),
        Err(BusinessReject::conditional(55).into())
    );
    let bytes = message("35=e|324=S|55=X|263=2|");
    let status = SecurityStatusRequest::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((status.id, status.symbol, status.subscribe), (&b"S"[..], &b"X"[..], Subscribe::Off));
    let bytes = message("35=g|335=T|263=0|");
    let status = TradingSessionStatusRequest::parse(&Message::parse(&bytes)).unwrap();
    assert_eq!((status.id, status.session, status.subscribe), (&b"T"[..], None, Subscribe::Once));
}

/// The longest of everything, in the longest version.
#[test]
fn messages_of_the_longest_entries_fit() {
    let name = "N".repeat(crate::limits::NAME_BYTES_MAX);
    let step = Step::new(Decimal::parse(b"0.000000000000000001").unwrap()).unwrap();
    let instrument = Instrument {
        id: InstrumentId(0),
        symbol: name.clone(),
        base: name.clone(),
        quote: name.clone(),
        tick: step,
        lot: step,
        quantity_min: Lots(u64::MAX),
        quantity_max: Lots(u64::MAX),
        notional_min: 0,
        reference: Ticks(1),
        band_basis_points: 1,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    };
    let symbol = NameField::field("55=", &name);
    let stock = Stock { instrument: &instrument, symbol: &symbol };
    let id = [b'x'; MARKET_DATA_REQUEST_ID_BYTES_MAX];
    let level = Level { quantity: Lots(u64::MAX), orders: crate::limits::OPEN_ORDERS_MAX.into() };
    // What stands before and behind the body, at most.
    let room = FIX_MESSAGE_BYTES_MAX - 250;

    let side = [(Ticks(TICKS_MAX), level); MARKET_DATA_LEVELS_MAX];
    let trade = Some((Ticks(TICKS_MAX), Lots(u64::MAX)));
    let snapshot =
        Snapshot { id: &id, stock, rpt_seq: u64::MAX, time: Nanos(0), sides: [&side, &side], trade };
    let mut scratch = Scratch::new(Version::Fix50Sp2);
    let mut body = scratch.body();
    snapshot.encode(&mut body);
    assert!(!body.is_full() && body.end() < room);

    let trade = What::Trade { id: TradeId(u64::MAX), quantity: Lots(u64::MAX), time: Nanos(0) };
    let price = What::Price { offer: true, action: Action::Change, level, position: 48 };
    for what in [trade, price] {
        let changes = [Change { price: Ticks(TICKS_MAX), what }; MARKET_DATA_CHANGES_MAX];
        let mut body = scratch.body();
        incremental(&id, stock, u64::MAX - 100, &changes, &mut body);
        assert!(!body.is_full() && body.end() < room);
    }
    let mut body = scratch.body();
    security_list(&id, (u64::MAX, false), 4096, std::iter::repeat_n(stock, 32), &mut body);
    assert!(!body.is_full() && body.end() < room);
}

#[test]
fn the_venue_is_as_open_as_its_most_open_market() {
    use TradingState::{Closed, ClosingAuction, Continuous, Halted, OpeningAuction, VolatilityAuction};
    for (states, status) in [
        (&[Closed, Halted, OpeningAuction, Continuous][..], b'2'),
        (&[Halted, VolatilityAuction], b'2'),
        (&[Halted, OpeningAuction, ClosingAuction], b'4'),
        (&[Halted, ClosingAuction], b'5'),
        (&[Halted, Closed], b'1'),
        (&[Closed], b'3'),
        (&[], b'3'),
    ] {
        assert_eq!(venue_status(states.iter().copied()), status, "{states:?}");
    }
}
