//! What the matcher says: every event and definition, told in full.

use std::collections::BTreeMap;

use proptest::sample::select;

use super::{
    bridge::{any_instrument, any_lots, any_name, any_price, any_side, head, sent},
    *,
};
use crate::{
    command::{self, InstrumentTerms, Kind, MassCancel as By},
    event::{Cause, Definition, Event, Kind as Happened, Liquidity},
    instrument::{Instrument, Step},
    limits::LOTS_MAX,
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo,
        SessionId, Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};
use field::Value;
use messages::SetInstrument;

proptest! {
    #[test]
    fn terms_of_an_instrument_come_back_as_they_were(
        instrument in any_instrument(),
        (minimum, least, reference) in (any::<u32>(), any_lots(), any_price()),
        (symbol, numbers, long) in (any::<[u8; 32]>(), any::<[u32; 8]>(), any::<[u64; 3]>()),
        unbounded in any::<bool>(),
        state in select(TradingState::ALL),
    ) {
        let [group, base, quote, maker_fee, taker_fee, band_basis_points, dynamic_band_basis_points, _] = numbers;
        let terms = InstrumentTerms {
            symbol,
            group,
            base: AssetId(base),
            quote: AssetId(quote),
            base_per_lot: long[0],
            quote_per_tick_lot: long[1],
            maker_fee,
            taker_fee,
            quantity_min: least,
            // Of a lot of 100 the venue's bound is more than a quantity can say.
            quantity_max: if unbounded && instrument.lot.mantissa() == 100 { Lots(LOTS_MAX) } else { least },
            notional_min: [minimum.into(), 0],
            reference,
            band_basis_points,
            dynamic_band_basis_points,
            volatility_call_ns: long[2],
            ..InstrumentTerms::of(&instrument)
        };
        let set = command::SetInstrument { head: head().with_kind(Kind::SetInstrument), terms };
        // A tick of 100 stays as it is; one of 125 × 10^-8 too: both are without zeros at the end of their decimals.
        let message = sent(&SetInstrument::of(&set).expect("it can be said"));
        prop_assert_eq!(message.command(head()), Ok(set));
        let definition = Definition {
            kind: Happened::Instrument,
            state,
            credit: 0,
            entitled: 0,
            instrument: instrument.id,
            account: AccountId(0),
            session: SessionId(u32::MAX),
            seq: SeqNo(long[0]),
            as_of: SeqNo(long[0]),
            name: [0; 32],
            terms,
            last: 0,
            reserved: [0; 6],
        };
        let mut buffer = [0; 512];
        let len = encode_definition(&definition, &mut buffer).expect("it can be said");
        let Ok(Message::InstrumentDefinition(told)) = decode(&buffer[..len]) else { panic!("it is one") };
        prop_assert_eq!(told.terms(), Some(terms));
        prop_assert_eq!((told.trading_state, told.seq_num.get()), (state, long[0]));
    }


    #[test]
    fn every_event_is_told_in_full(
        instrument in any_instrument(),
        (last_price, stop, notional) in (any_price(), any_price(), any::<u32>()),
        lots in proptest::collection::vec(any_lots(), 5),
        (flags, by, copy) in (any::<u8>(), 0..32_u8, any::<bool>()),
        (side, order_type, reject) in (any_side(), select(OrderType::ALL), select(Reject::ALL)),
        numbers in any::<[u64; 9]>(),
        names in (any_name(), any_name()),
    ) {
        let flags = flags & (command::NewOrder::POST_ONLY | command::NewOrder::QUOTE);
        let event = Event {
            kind: Happened::Accepted,
            side,
            order_type,
            time_in_force: TimeInForce::Gtc,
            status: OrderStatus::PartiallyFilled,
            cause: Cause::Interrupted,
            liquidity: Liquidity::Auction,
            flags,
            session: SessionId(1),
            account: AccountId(2),
            instrument: instrument.id,
            reject,
            state: TradingState::VolatilityAuction,
            by,
            seq: SeqNo(numbers[0]),
            event_id: numbers[1],
            appl_seq: numbers[2],
            msg_seq: numbers[3],
            time: Nanos(numbers[4]),
            rx: Nanos(numbers[5]),
            out: Nanos(numbers[5] >> 1),
            order_id: OrderId(numbers[6] >> 1 | 1),
            trade_id: TradeId(numbers[7]),
            price: Ticks(last_price.0 / 2),
            quantity: lots[0],
            leaves: lots[1],
            cum: lots[2],
            cum_notional: Event::halves(notional.into()),
            last_price,
            last_quantity: lots[3],
            stop,
            display: lots[4],
            expire: Nanos(numbers[4] >> 1),
            fee: numbers[8],
            cl_ord_id: names.0,
            orig_cl_ord_id: names.1,
        };
        let mut told = 0;
        let kinds = (0..=u8::MAX).filter_map(|code| Happened::try_read_from_bytes(&[code]).ok());
        let is_for_clients =
            |kind: &Happened| !matches!(kind, Happened::Instrument | Happened::Account | Happened::CutOff | Happened::Begun);
        for kind in kinds.filter(is_for_clients) {
            let listed = if kind == Happened::List { Event::LISTED | 2 } else { 0 };
            let event = Event { kind, by: by | listed, ..event };
            let mut buffer = [0; 512];
            let encode = if copy { encode_copy } else { encode_event };
            let len = encode(&event, &instrument, &mut buffer).expect("it can be said");
            let expected = expected(&event, &instrument, copy);
            decode(&buffer[..len]).expect("it is a message").visit(&mut |name, value| {
                let expected = expected.get(name).unwrap_or_else(|| panic!("{kind:?} tells of {name}"));
                assert_eq!(value, *expected, "{kind:?}.{name}");
                told += 1;
            });
        }
        prop_assert!(told > 18 * 6);
    }
}

/// What each field of a report says of `event`, worked out in 128 bits.
fn expected<'e>(event: &'e Event, instrument: &Instrument, copy: bool) -> BTreeMap<&'static str, Value<'e>> {
    let unit = |step: Step| i128::from(step.mantissa()) * 10_i128.pow(u32::from(8 - step.scale()));
    let price = |ticks: Ticks| Value::Number(i128::from(ticks.0) * unit(instrument.tick));
    let quantity = |lots: Lots| Value::Number(i128::from(lots.0) * unit(instrument.lot));
    let number = |number: u64| Value::Number(number.into());
    let code = |name: &'static str| Value::Code(name);
    let if_there = |there: bool, value| if there { value } else { Value::Null };
    let name = |name: &'e ClOrdId| Value::Text(name.bytes());
    let by = |bit| event.by & bit != 0;
    let requested = !matches!(event.kind, Happened::MassCanceled | Happened::NotDone);
    let notional = event.cum_notional() * (unit(instrument.tick) * unit(instrument.lot)).unsigned_abs();
    let flags = event.flags & 1 | event.flags >> 6 << 1;
    let indicative = event.kind == Happened::Indicative;
    BTreeMap::from([
        ("ApplSeqNum", number(event.appl_seq)),
        ("SeqNum", number(event.seq.0)),
        ("LastMsgSeqNumProcessed", number(event.msg_seq)),
        ("ExecID", number(event.event_id)),
        ("TransactTime", number(event.time.0)),
        ("GatewayInTime", number(event.rx.0)),
        ("MatcherOutTime", number(event.out.0)),
        ("SessionID", if_there(copy, number(event.session.0.into()))),
        ("InstrumentID", if_there(requested || by(By::INSTRUMENT), number(event.instrument.0.into()))),
        ("AccountID", if_there(requested || by(By::ACCOUNT), number(event.account.0.into()))),
        ("OrderID", number(event.order_id.0)),
        ("TradeID", number(event.trade_id.0)),
        ("OrderQty", quantity(event.quantity)),
        ("CashOrderQty", Value::Null),
        ("Price", if_there(event.order_type.has_price(), price(event.price))),
        ("StopPx", if_there(event.stop.0 != 0, price(event.stop))),
        ("DisplayQty", if_there(event.display.0 != 0, quantity(event.display))),
        ("ExpireTime", if_there(event.expire.0 != 0, number(event.expire.0))),
        ("LeavesQty", quantity(event.leaves)),
        ("CumQty", quantity(event.cum)),
        ("CumNotional", Value::Wide(notional)),
        ("LastPx", if_there(!indicative || event.last_quantity.0 != 0, price(event.last_price))),
        ("LastQty", quantity(event.last_quantity)),
        ("Fee", number(event.fee)),
        ("ClOrdID", name(&event.cl_ord_id)),
        ("QuoteID", name(&event.cl_ord_id)),
        ("OrigClOrdID", name(&event.orig_cl_ord_id)),
        ("OrdStatusReqID", name(&event.orig_cl_ord_id)),
        ("Side", code(if event.side == Side::Buy { "Buy" } else { "Sell" })),
        ("OrdType", code(["Market", "Limit", "Stop", "StopLimit", "TrailingStop"][place(event.order_type)])),
        ("TimeInForce", code("Gtc")),
        ("OrdStatus", code("PartiallyFilled")),
        ("LastLiquidityInd", code("Auction")),
        ("Cause", code("Interrupted")),
        ("TradingState", code("VolatilityAuction")),
        ("RejectCode", code(event.reject.name())),
        ("OrderFlags", Value::Bits(flags, &["PostOnly", "Quote"])),
        ("MassCancelScope", Value::Bits(event.by, &["Session", "Account", "Instrument", "Side", "Quotes"])),
        (
            "MissingShards",
            Value::Bits(
                event.missing(),
                &["Shard0", "Shard1", "Shard2", "Shard3", "Shard4", "Shard5", "Shard6", "Shard7"],
            ),
        ),
        ("TotalAffectedOrders", number(event.quantity.0)),
        ("QuoteCount", number(event.quantity.0)),
        ("LimitCount", event.limit().map_or(Value::Null, |(used, _)| number(used))),
        ("LimitMax", event.limit().map_or(Value::Null, |(_, max)| number(max))),
        ("QuoteEntry", number(event.last_quantity.0)),
        (
            "TotNumReports",
            if_there(by(Event::MASS) && event.last_quantity.0 > 0, number(event.last_quantity.0)),
        ),
        ("LastRptRequested", if_there(by(Event::MASS), code(if by(Event::LAST) { "Yes" } else { "No" }))),
        ("NoRpts", number((event.by & Event::PARTS).into())),
        ("RptSeq", number(event.last_quantity.0)),
        ("ListStatusType", code("Ack")),
        ("ListOrderStatus", code(if event.reject == Reject::None { "Executing" } else { "Reject" })),
        ("ListID", name(&event.orig_cl_ord_id)),
        ("PosReqID", name(&event.cl_ord_id)),
        ("TotalNumPosReports", number(event.quantity.0)),
        ("AssetID", number(event.balance().0.0.into())),
        ("Available", Value::Signed(event.balance().1)),
        ("Held", Value::Signed(event.balance().2)),
    ])
}

fn place(order_type: OrderType) -> usize {
    OrderType::ALL.iter().position(|&t| t == order_type).expect("it is one")
}

#[test]
fn an_account_and_what_changes_about_it_are_defined() {
    let definition = Definition {
        kind: Happened::Account,
        state: TradingState::Continuous,
        credit: 1,
        entitled: 1,
        instrument: InstrumentId(0),
        account: AccountId(8),
        session: SessionId(9),
        seq: SeqNo(0),
        as_of: SeqNo(0),
        name: command::padded("ALICE").expect("a name"),
        terms: zerocopy::FromZeros::new_zeroed(),
        last: 0,
        reserved: [0; 6],
    };
    let mut buffer = [0; 128];
    let mut fields = |definition| {
        let len = encode_definition(&definition, &mut buffer).expect("it can be said");
        let Ok(Message::AccountDefinition(account)) = decode(&buffer[..len]) else { panic!("it is one") };
        (account.account_id.get(), account.session_id.get(), account.credit as u8, account.entitled as u8)
    };
    assert_eq!(fields(definition), (8, Some(9), 1, 1));
    assert_eq!(
        fields(Definition { session: SessionId(u32::MAX), entitled: 0, ..definition }),
        (8, None, 1, 0)
    );
}
