//! The hot path does not allocate. In FIX: framing, session, typed order in; report out and kept for resending. In the
//! binary protocol: message in, command, report out.

use wire::{
    command::{self, Head, NewOrder},
    decimal::{Decimal, Number},
    event::{Cause, Event, Kind, Liquidity},
    fix::{
        order::{NewOrderSingle, Terms},
        report::{self, NameField},
        session::{Config, Inbox, Input, Role, Session},
        version::Version,
    },
    instrument::{Instrument, Step},
    reject::Reject,
    sbe::{self, messages::Message},
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo, SessionId,
        Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

const NOW: Nanos = Nanos(1_795_176_000_000_000_000);

#[test]
fn an_order_in_and_its_report_out_allocate_nothing() {
    Version::ALL.into_iter().for_each(nothing_is_allocated_in);
}

fn nothing_is_allocated_in(version: Version) {
    let config = |role, us: &str, peer: &str| Config { version, ..Config::new(role, us, peer) };
    let mut client = Session::new(config(Role::Initiator, "MM1", "PENSTOCK"));
    let mut venue = Session::new(config(Role::Acceptor, "PENSTOCK", "MM1"));
    let (mut to_venue, mut to_client) = (Vec::with_capacity(1 << 20), Vec::with_capacity(1 << 20));
    let mut inbox = Inbox::default();
    client.connected(NOW, &mut to_venue);
    venue.connected(NOW, &mut to_client);
    let (_, input) = venue.receive(NOW, &to_venue, &mut inbox, &mut to_client);
    assert!(matches!(input, Input::LoggedOn));
    to_venue.clear();
    let (_, input) = client.receive(NOW, &to_client, &mut inbox, &mut to_venue);
    assert!(matches!(input, Input::LoggedOn));
    to_client.clear();

    let (instrument, fill) = (instrument(), event());
    let kinds =
        [Kind::Accepted, Kind::Fill, Kind::Canceled, Kind::Status, Kind::CancelRejected, Kind::MassCanceled];
    let events = kinds.map(|kind| Event { kind, ..fill });
    let (symbol, account) = (NameField::field("55=", "BTCUSDT"), NameField::field("1=", "MM1"));
    let about = report::About {
        instrument: &instrument,
        symbol: &symbol,
        account: &account,
        quote_scale: 8,
        stamps: true,
    };
    let order = NewOrderSingle {
        cl_ord_id: b"ID-000000001",
        account: Some(b"MM1"),
        symbol: b"BTCUSDT",
        side: Side::Buy.into(),
        transact_time: NOW,
        terms: Terms {
            time_in_force: Some(TimeInForce::Day.into()),
            price: Some(Number::Exact(Decimal { mantissa: 5_000_000, scale: 2 })),
            ..Terms::new(OrderType::Limit.into(), Number::Exact(Decimal { mantissa: 5, scale: 1 }))
        },
    };
    let counted = allocation_counter::measure(|| {
        for _ in 0..1000 {
            client.send(NOW, NewOrderSingle::MSG_TYPE, &mut to_venue, |body| order.encode(body));
            let (used, input) = venue.receive(NOW, &to_venue, &mut inbox, &mut to_client);
            assert_eq!(used, to_venue.len());
            let Input::App(message) = input else { panic!("{input:?}") };
            let parsed = NewOrderSingle::parse(&message).expect("the order is sound");
            assert_eq!(parsed.cl_ord_id, order.cl_ord_id);
            to_venue.clear();
            for event in &events {
                let msg_type = report::msg_type(event).expect("a client is told");
                venue.send(NOW, msg_type, &mut to_client, |body| report::encode(event, &about, body));
                let (_, input) = client.receive(NOW, &to_client, &mut inbox, &mut to_venue);
                let Input::App(message) = input else { panic!("{input:?}") };
                if msg_type == b"8" {
                    let report = report::ExecutionReport::parse(&message).expect("the report is sound");
                    assert_eq!(report.cl_ord_id, Some(&b"ID"[..]));
                }
                to_client.clear();
            }
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_binary_order_in_and_its_report_out_allocate_nothing() {
    let (instrument, event) = (instrument(), event());
    let head = Head::new(command::Kind::New, SessionId(0), AccountId(0), InstrumentId(0), 1, NOW);
    let order = sbe::messages::NewOrder {
        cl_ord_id: ClOrdId::new(b"ID-000000001").expect("a name").into(),
        instrument_id: 0.into(),
        account_id: None.into(),
        side: Side::Buy,
        ord_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        order_flags: sbe::codes::OrderFlags(0),
        order_qty: Some(sbe::codes::Quantity::new(50_000_000)).into(),
        price: Some(sbe::codes::Price::new(5_000_000_000_000)).into(),
        stop_px: None.into(),
        display_qty: None.into(),
        min_qty: None.into(),
        cash_order_qty: None.into(),
        expire_time: None.into(),
        deadline: None.into(),
        self_match_prevention_instruction: None.into(),
        padding1: [0; 7],
    };
    let mut buffer = [0; 256];
    let counted = allocation_counter::measure(|| {
        for _ in 0..1000 {
            let len = sbe::encode(&order, &mut buffer).expect("there is room");
            let Ok(Message::NewOrder(read)) = sbe::decode(&buffer[..len]) else { panic!("it is an order") };
            let command = read.command(&instrument, head).expect("its name is good");
            assert_eq!((command.price, command.quantity), (Ticks(5_000_000), Lots(50_000)));
            let len = sbe::encode_event(&event, &instrument, &mut buffer).expect("it can be said");
            let Ok(Message::OrderFilled(told)) = sbe::decode(&buffer[..len]) else { panic!("it is a fill") };
            assert_eq!(told.last_px.mantissa(), 5_000_000_000_000);
            assert!(sbe::decode(&buffer[..len - 1]).is_err());
        }
    });
    assert_eq!(counted.count_total, 0);
}

fn instrument() -> Instrument {
    let step = |mantissa, scale| Step::new(Decimal { mantissa, scale }).expect("above zero");
    Instrument {
        id: InstrumentId(0),
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        tick: step(1, 2),
        lot: step(1, 5),
        quantity_min: Lots(1),
        quantity_max: Lots(1 << 40),
        notional_min: 0,
        reference: Ticks(5_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

fn event() -> Event {
    Event {
        kind: Kind::Fill,
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        status: OrderStatus::PartiallyFilled,
        cause: Cause::None,
        liquidity: Liquidity::Maker,
        flags: NewOrder::POST_ONLY,
        session: SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(1),
        event_id: 1,
        appl_seq: 1,
        msg_seq: 1,
        time: NOW,
        rx: NOW,
        out: NOW,
        order_id: OrderId(1),
        trade_id: TradeId(1),
        price: Ticks(5_000_000),
        quantity: Lots(50_000),
        leaves: Lots(20_000),
        cum: Lots(30_000),
        cum_notional: Event::halves(30_000 * 5_000_000),
        last_price: Ticks(5_000_000),
        last_quantity: Lots(10_000),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 0,
        cl_ord_id: ClOrdId::new(b"ID").expect("a name"),
        orig_cl_ord_id: ClOrdId::NONE,
    }
}
