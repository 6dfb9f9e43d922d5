//! The binary protocol's messages read and written, beside a bare copy of the same bytes.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --bench sbe`

use std::hint::black_box;

use penstock_benches_peers::rounds::{MESSAGES, Work, table};
use wire::{
    command::{self, Head, Kind},
    decimal::Decimal,
    event::{self, Cause, Event, Liquidity},
    instrument::{Instrument, Step},
    reject::Reject,
    sbe::{
        HEADER_BYTES, decode, encode, encode_event,
        messages::{Message, NewOrder, OrderFilled},
    },
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo, SessionId,
        Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

const ORDER_BYTES: usize = HEADER_BYTES + size_of::<NewOrder>();
const REPORT_BYTES: usize = HEADER_BYTES + size_of::<OrderFilled>();
/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000_000_000_000;

fn main() {
    let instrument = instrument();
    let commands: Vec<_> = (0..MESSAGES as u64).map(command).collect();
    let orders: Vec<_> =
        commands.iter().map(|command| NewOrder::of(command, &instrument).expect("it can be said")).collect();
    let fills: Vec<_> = (0..MESSAGES as u64).map(fill).collect();
    let order_bytes: Vec<_> = orders.iter().map(written).collect();
    let report_bytes: Vec<_> = fills
        .iter()
        .map(|fill| {
            let mut bytes = [0; REPORT_BYTES];
            encode_event(fill, &instrument, &mut bytes).expect("there is room");
            bytes
        })
        .collect();
    let reports: Vec<_> = report_bytes.iter().map(|bytes| *filled(bytes)).collect();
    let head = commands[0].head;

    let mut copy = [0_u8; ORDER_BYTES];
    let mut works: [Work<'_>; 3] = [
        (
            "floor: a copy",
            Box::new(move |i| black_box(&mut copy).copy_from_slice(black_box(&order_bytes[i]))),
        ),
        ("ours, decoded and every field read", {
            let bytes: Vec<_> = orders.iter().map(written).collect();
            Box::new(move |i| read_order(order(black_box(&bytes[i]))))
        }),
        ("ours, decoded to a command in ticks and lots", {
            let bytes: Vec<_> = orders.iter().map(written).collect();
            let instrument = &instrument;
            Box::new(move |i| {
                let command = order(black_box(&bytes[i])).command(instrument, head);
                _ = black_box(command.expect("its name is good"));
            })
        }),
    ];
    table(&format!("reading a NewOrder of {ORDER_BYTES} bytes"), &mut works);

    let mut works: [Work<'_>; 2] = [
        ("floor: a copy", {
            let (bytes, mut copy) = (report_bytes.clone(), [0_u8; REPORT_BYTES]);
            Box::new(move |i| black_box(&mut copy).copy_from_slice(black_box(&bytes[i])))
        }),
        ("ours, decoded and every field read", {
            let bytes = report_bytes.clone();
            Box::new(move |i| read_fill(filled(black_box(&bytes[i]))))
        }),
    ];
    table(&format!("reading an OrderFilled of {REPORT_BYTES} bytes"), &mut works);

    let mut buffer = [0; 256];
    let mut works: [Work<'_>; 3] = [
        ("floor: a copy", {
            let (bytes, mut copy) = (orders.iter().map(written).collect::<Vec<_>>(), [0_u8; ORDER_BYTES]);
            Box::new(move |i| black_box(&mut copy).copy_from_slice(black_box(&bytes[i])))
        }),
        ("ours, encoded", {
            let orders = &orders;
            Box::new(move |i| {
                _ = encode(black_box(&orders[i]), black_box(&mut buffer)).expect("there is room")
            })
        }),
        ("ours, encoded from a command in ticks and lots", {
            let (commands, instrument) = (&commands, &instrument);
            Box::new(move |i| {
                let order = NewOrder::of(black_box(&commands[i]), instrument).expect("it can be said");
                _ = encode(&order, black_box(&mut buffer)).expect("there is room");
            })
        }),
    ];
    table(&format!("writing a NewOrder of {ORDER_BYTES} bytes"), &mut works);

    let mut works: [Work<'_>; 3] = [
        ("floor: a copy", {
            let (bytes, mut copy) = (report_bytes, [0_u8; REPORT_BYTES]);
            Box::new(move |i| black_box(&mut copy).copy_from_slice(black_box(&bytes[i])))
        }),
        ("ours, encoded", {
            Box::new(move |i| {
                _ = encode(black_box(&reports[i]), black_box(&mut buffer)).expect("there is room")
            })
        }),
        ("ours, encoded from an event in ticks and lots", {
            let (fills, instrument) = (&fills, &instrument);
            Box::new(move |i| {
                let told = encode_event(black_box(&fills[i]), instrument, black_box(&mut buffer));
                _ = told.expect("it can be said");
            })
        }),
    ];
    table(&format!("writing an OrderFilled of {REPORT_BYTES} bytes"), &mut works);
}

fn written(order: &NewOrder) -> [u8; ORDER_BYTES] {
    let mut bytes = [0; ORDER_BYTES];
    encode(order, &mut bytes).expect("there is room");
    bytes
}

fn order(bytes: &[u8; ORDER_BYTES]) -> &NewOrder {
    match decode(bytes) {
        Ok(Message::NewOrder(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn filled(bytes: &[u8; REPORT_BYTES]) -> &OrderFilled {
    match decode(bytes) {
        Ok(Message::OrderFilled(filled)) => filled,
        other => panic!("{other:?}"),
    }
}

fn read_order(order: &NewOrder) {
    black_box(&order.cl_ord_id);
    black_box((order.instrument_id.get(), order.account_id.get()));
    black_box((order.side, order.ord_type, order.time_in_force, order.order_flags));
    black_box((order.order_qty.get(), order.price.get(), order.stop_px.get(), order.display_qty.get()));
    black_box((
        order.min_qty.get(),
        order.cash_order_qty.get(),
        order.expire_time.get(),
        order.deadline.get(),
    ));
    black_box(order.self_match_prevention_instruction.get());
}

fn read_fill(fill: &OrderFilled) {
    black_box((fill.appl_seq_num.get(), fill.seq_num.get(), fill.last_msg_seq_num_processed.get()));
    black_box((fill.exec_id.get(), fill.transact_time.get(), fill.gateway_in_time.get()));
    black_box((fill.instrument_id.get(), fill.account_id.get(), fill.order_id.get(), fill.trade_id.get()));
    black_box((fill.last_px, fill.last_qty, fill.leaves_qty, fill.cum_qty, fill.fee.get()));
    black_box(&fill.cl_ord_id);
    black_box((fill.side, fill.ord_status, fill.last_liquidity_ind, fill.order_flags));
}

fn name(i: u64) -> ClOrdId {
    ClOrdId::new(format!("A-{:09}", 100_000_000 + i * 7919).as_bytes()).expect("a name")
}

fn command(i: u64) -> command::NewOrder {
    command::NewOrder {
        head: Head::new(Kind::New, SessionId(0), AccountId(0), InstrumentId(0), i, Nanos(NOON + i * 37_123)),
        cl_ord_id: name(i),
        side: if i % 2 == 0 { Side::Buy } else { Side::Sell },
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(4_900_000 + i as i64 * 773),
        quantity: Lots(50_000 + i * 13),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    }
}

fn fill(i: u64) -> Event {
    Event {
        kind: event::Kind::Fill,
        side: if i % 2 == 0 { Side::Buy } else { Side::Sell },
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        status: OrderStatus::PartiallyFilled,
        cause: Cause::None,
        liquidity: Liquidity::Maker,
        flags: 0,
        session: SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(i + 1),
        event_id: i + 1,
        appl_seq: i + 1,
        msg_seq: i + 1,
        time: Nanos(NOON + i * 37_123 + 900),
        rx: Nanos(NOON + i * 37_123),
        out: Nanos(NOON + i * 37_123 + 900),
        order_id: OrderId(i + 1),
        trade_id: TradeId(i + 1),
        price: Ticks(4_900_000 + i as i64 * 773),
        quantity: Lots(50_000),
        leaves: Lots(20_000),
        cum: Lots(30_000),
        cum_notional: Event::halves(30_000 * 4_900_000),
        last_price: Ticks(4_900_000 + i as i64 * 773),
        last_quantity: Lots(10_000 + i),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 490,
        cl_ord_id: name(i),
        orig_cl_ord_id: ClOrdId::NONE,
    }
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
