mod plain;
mod positions;
mod versions;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{
    decimal::{Decimal, Number},
    fix::{
        encode::Scratch,
        message::Message,
        order::{Coded, Terms},
        version::Version,
    },
    instrument::Step,
    limits::{LOTS_MAX, TEXT_BYTES_MAX, TICKS_MAX},
    types::{
        AccountId, ClOrdId, InstrumentId, OrderId, OrderType, SelfTrade, SeqNo, SessionId, Side, TimeInForce,
        TradeId, TradingState,
    },
};

fn step(text: &str) -> Step {
    Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap()
}

fn instrument() -> Instrument {
    Instrument {
        id: InstrumentId(0),
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        tick: step("0.01"),
        lot: step("0.00001"),
        quantity_min: Lots(10),
        quantity_max: Lots(900_000_000),
        notional_min: 5 * 100 * 100_000,
        reference: Ticks(5_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

/// Three fills of a limit order's five; the last one was 0.1 at 50,000.10.
fn fill() -> Event {
    Event {
        kind: Kind::Fill,
        side: Side::Sell,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        status: OrderStatus::PartiallyFilled,
        cause: Cause::None,
        liquidity: Liquidity::Taker,
        flags: NewOrder::POST_ONLY,
        session: SessionId(1),
        account: AccountId(1),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(7),
        event_id: 4711,
        appl_seq: 12,
        msg_seq: 9,
        time: Nanos(1_795_176_000_123_456_789),
        rx: Nanos(1_795_176_000_123_000_000),
        out: Nanos(1_795_176_000_123_460_000),
        order_id: OrderId(17),
        trade_id: TradeId(99),
        price: Ticks(4_999_900),
        quantity: Lots(50_000),
        leaves: Lots(20_000),
        cum: Lots(30_000),
        cum_notional: Event::halves(10_000 * (5_000_010 + 5_000_000 + 5_000_000)),
        last_price: Ticks(5_000_010),
        last_quantity: Lots(10_000),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 0,
        cl_ord_id: ClOrdId::new(b"ID").unwrap(),
        orig_cl_ord_id: ClOrdId::NONE,
    }
}

/// A whole message of what `fields` writes.
fn bytes(fields: impl FnOnce(&mut Body<'_>)) -> Vec<u8> {
    bytes_in(Version::Fix44, fields)
}

/// The same in `version`.
fn bytes_in(version: Version, fields: impl FnOnce(&mut Body<'_>)) -> Vec<u8> {
    let mut scratch = Scratch::new(version);
    let mut body = scratch.body();
    for (tag, value) in [(b"35=", "8"), (b"49=", "V"), (b"56=", "C"), (b"34=", "2")] {
        body.field(tag, value.as_bytes());
    }
    body.time(b"52=", Nanos(0));
    fields(&mut body);
    assert!(!body.is_full());
    let end = body.end();
    scratch.seal(end).to_vec()
}

fn text(fields: impl FnOnce(&mut Body<'_>)) -> String {
    let text = String::from_utf8(bytes(fields)).unwrap().replace('\x01', "|");
    let start = text.find("|52=").unwrap() + 4 + 27 + 1;
    text[start..text.len() - 7].to_owned()
}

fn report(event: &Event) -> String {
    text(|body| encode(event, &about(&instrument()), body))
}

fn about(instrument: &Instrument) -> About<'_> {
    static NAMES: LazyLock<[NameField; 2]> =
        LazyLock::new(|| [NameField::field("55=", "BTCUSDT"), NameField::field("1=", "MM1")]);
    let [symbol, account] = &*NAMES;
    About { instrument, symbol, account, quote_scale: 8, stamps: false }
}

fn number(text: &str) -> Number {
    Number::parse(text.as_bytes()).unwrap()
}

mod execution_reports {
    use super::*;

    #[test]
    fn a_trade_has_every_field() {
        assert_eq!(
            report(&fill()),
            "37=17|527=99|11=ID|17=4711|150=F|39=1|1=MM1|55=BTCUSDT|54=2|38=0.50000|40=2|44=49999.00|59=1|18=6|\
             32=0.10000|31=50000.10|151=0.20000|14=0.30000|6=50000.0333333333|60=20261120-12:00:00.123456789|851=2|"
        );
    }

    #[test]
    fn a_stamped_one_says_who_had_it_when_and_which_message_was_processed_last() {
        let instrument = instrument();
        let stamped = |event: &Event| {
            text(|body| {
                last_processed(event.msg_seq, body);
                encode(event, &About { stamps: true, ..about(&instrument) }, body);
            })
        };
        let hops = "9801=20261120-12:00:00.123000000|9802=20261120-12:00:00.123456789|\
                    9803=20261120-12:00:00.123460000|";
        let plain = report(&fill());
        assert_eq!(stamped(&fill()), format!("369=9|{}{hops}851=2|", plain.trim_end_matches("851=2|")));
        let refused =
            Event { kind: Kind::CancelRejected, reject: Reject::UnknownOrder, msg_seq: 0, ..fill() };
        assert_eq!(stamped(&refused), format!("{}{hops}", report(&refused)));
    }

    #[test]
    fn a_replacement_names_both_names_and_a_market_order_no_price() {
        let event = Event {
            kind: Kind::Replaced,
            liquidity: Liquidity::None,
            order_type: OrderType::Market,
            price: Ticks(0),
            flags: 0,
            orig_cl_ord_id: ClOrdId::new(b"OLD").unwrap(),
            ..fill()
        };
        assert_eq!(
            report(&event),
            "37=17|11=ID|41=OLD|17=4711|150=5|39=1|1=MM1|55=BTCUSDT|54=2|38=0.50000|40=1|59=1|151=0.20000|\
             14=0.30000|6=50000.0333333333|60=20261120-12:00:00.123456789|"
        );
    }

    #[test]
    fn a_refused_order_says_why_and_what_to_do_and_leaves_out_what_cannot_be_said() {
        let event = Event {
            kind: Kind::Rejected,
            status: OrderStatus::Rejected,
            reject: Reject::PriceOffTick,
            liquidity: Liquidity::None,
            flags: 0,
            order_id: OrderId(0),
            price: Ticks::OFF_TICK,
            quantity: Lots::OFF_LOT,
            leaves: Lots(0),
            cum: Lots(0),
            cum_notional: [0; 2],
            ..fill()
        };
        assert_eq!(
            report(&event),
            "37=NONE|11=ID|17=4711|150=8|39=8|103=99|1=MM1|55=BTCUSDT|54=2|40=2|59=1|151=0.00000|14=0.00000|6=0|\
             60=20261120-12:00:00.123456789|58=the price is not a multiple of the tick (tick 0.01); round the price \
             to the instrument's tick|"
        );
    }

    #[test]
    fn an_order_that_ends_by_its_own_terms_says_so() {
        let event = Event { kind: Kind::Canceled, cause: Cause::Unfilled, ..fill() };
        assert!(report(&event).contains("|58=the rest found nothing more to trade with|"));
        let event = Event { cause: Cause::Requested, ..event };
        assert!(!report(&event).contains("|58="));
    }

    #[test]
    fn an_order_whose_time_is_over_has_expired() {
        let event = Event { kind: Kind::Canceled, cause: Cause::Expired, expire: Nanos(0), ..fill() };
        let event = Event { status: OrderStatus::Canceled, liquidity: Liquidity::None, ..event };
        let report = report(&event);
        assert!(report.contains("|150=C|39=C|"), "{report}");
        assert!(report.contains("|58=its time in force is over|"), "{report}");
    }

    #[test]
    fn a_stop_tells_its_stop_and_a_triggered_one_what_it_has_become() {
        let stop = Event {
            kind: Kind::Accepted,
            order_type: OrderType::StopLimit,
            liquidity: Liquidity::None,
            flags: 0,
            stop: Ticks(5_100_000),
            display: Lots(1_000),
            time_in_force: TimeInForce::Gtd,
            expire: Nanos(1_795_176_001_000_000_000),
            ..fill()
        };
        let waiting = report(&stop);
        let terms = "|40=4|44=49999.00|59=6|99=51000.00|111=0.01000|126=20261120-12:00:01.000000000|151=";
        assert!(waiting.contains(terms), "{waiting}");
        let triggered = report(&Event { kind: Kind::Triggered, order_type: OrderType::Limit, ..stop });
        assert!(triggered.contains("|150=L|39=1|") && triggered.contains("|40=2|"), "{triggered}");
        let trailing = report(&Event { order_type: OrderType::TrailingStop, price: Ticks(0), ..stop });
        assert!(trailing.contains("|40=P|59=6|18=a|99=51000.00|"), "{trailing}");
    }

    #[test]
    fn a_refused_order_repeats_what_it_asked_for() {
        let event = Event {
            kind: Kind::Rejected,
            order_type: OrderType::TrailingStop,
            reject: Reject::UnsupportedOrder,
            flags: NewOrder::MINIMUM | NewOrder::self_trade_flags(SelfTrade::Decrement),
            stop: Ticks(150),
            display: Lots(1_000),
            ..fill()
        };
        let report = report(&event);
        assert!(report.contains("|18=a|211=1.50|110=0.01000|2964=4|"), "{report}");
    }

    #[test]
    fn an_order_by_amount_tells_the_amount_and_what_it_has_bought() {
        let event = Event {
            kind: Kind::Fill,
            order_type: OrderType::Market,
            time_in_force: TimeInForce::Ioc,
            flags: NewOrder::QUOTE_AMOUNT,
            quantity: Lots(1_005_000_000),
            leaves: Lots(5_000),
            ..fill()
        };
        let report = report(&event);
        assert!(report.contains("|38=0.30000|152=100.5000000|40=1|59=3|32="), "{report}");
        assert!(report.contains("|151=0.00000|14=0.30000|"), "{report}");
    }

    #[test]
    fn what_self_trade_prevention_took_is_restated_and_a_fee_told_in_the_quote_asset() {
        let reduced = report(&Event { kind: Kind::Reduced, liquidity: Liquidity::None, ..fill() });
        assert!(reduced.contains("|150=D|39=1|378=8|"), "{reduced}");
        let fill = report(&Event { fee: 1_500_003_000, ..fill() });
        assert!(fill.ends_with("|851=2|136=1|137=15.00003000|138=USDT|139=4|"), "{fill}");
    }

    #[test]
    fn a_quotes_report_has_the_name_of_its_message() {
        let report = report(&Event { flags: NewOrder::QUOTE, ..fill() });
        assert!(report.starts_with("37=17|527=99|11=ID|117=ID|"), "{report}");
    }

    #[test]
    fn an_answer_about_an_unknown_order_is_rejected_with_the_requests_own_name() {
        let event = Event {
            kind: Kind::Status,
            status: OrderStatus::Rejected,
            reject: Reject::UnknownOrder,
            order_id: OrderId(0),
            orig_cl_ord_id: ClOrdId::new(b"Q1").unwrap(),
            ..fill()
        };
        let report = report(&event);
        assert!(report.starts_with("37=NONE|11=ID|790=Q1|17=4711|150=I|39=8|103=5|"), "{report}");
    }

    /// The fields that FIX 4.4 requires.
    #[test]
    fn what_the_standard_requires_is_always_there() {
        for kind in [Kind::Accepted, Kind::Rejected, Kind::Fill, Kind::Canceled, Kind::Replaced, Kind::Status]
        {
            let report = report(&Event { kind, ..fill() });
            for tag in [37, 17, 150, 39, 55, 54, 151, 14, 6] {
                assert!(format!("|{report}").contains(&format!("|{tag}=")), "{kind:?}: {tag}");
            }
            assert_eq!(msg_type(&Event { kind, ..fill() }), Some(&b"8"[..]));
        }
        for kind in [Kind::CancelRejected, Kind::ReplaceRejected] {
            let report = report(&Event { kind, ..fill() });
            for tag in [37, 11, 41, 39, 434] {
                assert!(format!("|{report}").contains(&format!("|{tag}=")), "{kind:?}: {tag}");
            }
            assert_eq!(msg_type(&Event { kind, ..fill() }), Some(&b"9"[..]));
        }
    }
}

mod cancel_rejects {
    use super::*;

    #[test]
    fn they_say_to_what_and_why() {
        let event = Event {
            kind: Kind::ReplaceRejected,
            reject: Reject::UnknownOrder,
            order_id: OrderId(0),
            status: OrderStatus::Rejected,
            ..fill()
        };
        assert_eq!(
            report(&event),
            "37=NONE|11=ID|41=NONE|39=8|1=MM1|60=20261120-12:00:00.123456789|434=2|102=1|58=no open order of this \
             name in this session; check the OrigClOrdID or OrderID; the order may have ended|"
        );
    }
}

mod texts {
    use super::*;

    #[test]
    fn each_reject_fits_and_names_the_instruments_own_number() {
        let instrument = instrument();
        for (reject, detail) in [
            (Reject::PriceOffTick, " (tick 0.01); "),
            (Reject::QuantityOffLot, " (lot 0.00001); "),
            (Reject::QuantityTooSmall, " (0.0001); "),
            (Reject::QuantityTooLarge, " (9000); "),
            (Reject::NotionalTooSmall, " (5); "),
            (Reject::PriceOutsideBand, " (within 50 % of it); "),
            (Reject::Busy, "request; "),
        ] {
            let text = text::of_reject(reject, Some(&instrument));
            let text = std::str::from_utf8(text.bytes()).unwrap();
            assert!(text.contains(detail), "{text}");
        }
        for &reject in Reject::ALL {
            let text = text::of_reject(reject, Some(&instrument));
            assert!(text.bytes().ends_with(reject.remedy().as_bytes()), "{reject:?} is cut");
            assert!(text.bytes().len() <= TEXT_BYTES_MAX);
        }
    }
}

mod refusals_at_the_gateway {
    use super::*;
    use crate::fix::order::{OrderCancelRequest, OrderStatusRequest};

    fn refused(reject: Reject) -> Refused<'static> {
        Refused {
            reject,
            instrument: None,
            id: 1_795_176_000_000_000_001,
            time: fill().time,
            msg_seq: 9,
            stamps: false,
        }
    }

    #[test]
    fn an_order_is_repeated_as_it_came() {
        let order = NewOrderSingle {
            cl_ord_id: b"a name longer than a ClOrdID of this venue may be",
            account: None,
            symbol: b"NOPE",
            side: Coded { code: b'5', value: None },
            transact_time: Nanos(0),
            terms: Terms {
                price: Some(number("1.5")),
                time_in_force: Some(TimeInForce::Day.into()),
                post_only: true,
                not_offered: Some(54),
                ..Terms::new(OrderType::Limit.into(), number("10"))
            },
        };
        assert_eq!(
            text(|body| refused(Reject::UnknownInstrument).order(&order, body)),
            "37=NONE|11=a name longer than a ClOrdID of this venue may be|17=R1795176000000000001|150=8|39=8|103=1|\
             55=NOPE|54=5|18=6|38=10|40=2|44=1.5|59=0|151=0|14=0|6=0|60=20261120-12:00:00.123456789|58=the symbol is \
             not traded here; use a symbol of the venue's configuration|"
        );
        let endless = [b'x'; 5000];
        let order = NewOrderSingle { cl_ord_id: &endless, symbol: &endless, ..order };
        let bytes = bytes(|body| refused(Reject::BadClOrdId).order(&order, body));
        let report = ExecutionReport::parse(&Message::parse(&bytes)).unwrap();
        assert_eq!(report.cl_ord_id, Some(&endless[..ECHO_BYTES_MAX]));
        assert_eq!(report.exec_type, ExecType::Rejected);
    }

    #[test]
    fn a_cancel_and_a_status_request_are_answered_in_their_kind() {
        let side = Side::Buy.into();
        let cancel = OrderCancelRequest {
            cl_ord_id: b"C",
            orig_cl_ord_id: Some(b"O"),
            order_id: None,
            account: Some(b"MM1"),
            symbol: b"X",
            side,
            transact_time: Nanos(0),
        };
        let bytes_of = bytes(|body| refused(Reject::Busy).cancel(&cancel, body));
        let reject = OrderCancelReject::parse(&Message::parse(&bytes_of)).unwrap();
        assert_eq!((reject.cl_ord_id, reject.orig_cl_ord_id), (&b"C"[..], &b"O"[..]));
        assert_eq!((reject.of_replace, reject.reject_reason), (false, Some(99)));
        let status = OrderStatusRequest {
            cl_ord_id: b"O",
            order_id: None,
            request_id: Some(b"Q"),
            account: None,
            symbol: b"X",
            side,
        };
        let bytes_of = bytes(|body| refused(Reject::UnknownInstrument).status(&status, body));
        let report = ExecutionReport::parse(&Message::parse(&bytes_of)).unwrap();
        assert_eq!((report.request_id, report.exec_type), (Some(&b"Q"[..]), ExecType::OrderStatus));
        assert_eq!(report.status, OrderStatus::Rejected);
    }
}

mod average_prices {
    use super::*;

    fn average(tick: &str, notional: u128, cum: u64) -> String {
        let event = Event { cum: Lots(cum), cum_notional: Event::halves(notional), ..fill() };
        text(|body| average::encode(&event, step(tick), body))
    }

    #[test]
    fn they_are_exact_or_rounded_half_up_eight_places_beyond_the_tick() {
        assert_eq!(average("0.01", 0, 0), "6=0|");
        assert_eq!(average("0.01", 5_000_010, 1), "6=50000.1|");
        assert_eq!(average("0.01", 300, 3), "6=1|");
        assert_eq!(average("1", 1, 3), "6=0.33333333|");
        assert_eq!(average("1", 2, 3), "6=0.66666667|");
        assert_eq!(average("0.25", 3, 2), "6=0.375|");
        assert_eq!(average("1", 1, 200_000_000), "6=0.00000001|", "half up");
        assert_eq!(average("1", 1, 200_000_001), "6=0|");
        assert_eq!(average("1", 199_999_999, 200_000_000), "6=1|", "carried into the whole");
        assert_eq!(average("1000", 7, 2), "6=3500|");
        let (most, lots) = (u128::from(TICKS_MAX.unsigned_abs()), LOTS_MAX);
        assert_eq!(average("0.000000000000000001", most * u128::from(lots), lots), "6=0.072057594037927936|");
    }

    proptest! {
        #[test]
        fn they_lie_half_a_place_from_the_true_one_at_most(
            fills in prop::collection::vec((1_u64..1 << 40, 1_u64..1 << 40), 1..20), tick in 1_i64..1000
        ) {
            let notional: u128 = fills.iter().map(|&(price, lots)| u128::from(price) * u128::from(lots)).sum();
            let cum: u64 = fills.iter().map(|&(_, lots)| lots).sum();
            let event = Event { cum: Lots(cum), cum_notional: Event::halves(notional), ..fill() };
            let step = Step::new(Decimal { mantissa: tick, scale: 2 }).unwrap();
            let text = text(|body| average::encode(&event, step, body));
            let text = &text[2..text.len() - 1];
            prop_assert!(text == "0" || !text.contains('.') || !text.ends_with('0'));
            // |digits × cum − notional × tick × 10^8| ≤ cum / 2, in units of 10^-10
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            let digits: u128 = format!("{whole}{part:0<10}").parse().unwrap();
            // Both sides divided by 2^20 would lose digits: compare remainders of the whole part instead.
            let scaled = notional / u128::from(cum) * u128::from(tick.unsigned_abs()) * 100_000_000;
            let rest = notional % u128::from(cum) * u128::from(tick.unsigned_abs()) * 100_000_000;
            let error = (digits - scaled).abs_diff(rest / u128::from(cum));
            prop_assert!(error <= 1, "{} against {} and {}/{}", digits, scaled, rest, cum);
            let exact = (digits - scaled) * u128::from(cum);
            prop_assert!(2 * exact.abs_diff(rest) <= u128::from(cum));
        }
    }
}

prop_compose! {
    fn event()(
        kind in prop::sample::select(&[
            Kind::Accepted, Kind::Rejected, Kind::Fill, Kind::Canceled, Kind::Replaced, Kind::CancelRejected,
            Kind::ReplaceRejected, Kind::Status, Kind::Triggered, Kind::Reduced,
        ][..]),
        (side, order_type) in (prop::sample::select(Side::ALL), prop::sample::select(OrderType::ALL)),
        (time_in_force, status) in
            (prop::sample::select(TimeInForce::ALL), prop::sample::select(OrderStatus::ALL)),
        reject in prop::sample::select(Reject::ALL),
        liquidity in prop::sample::select(&[Liquidity::None, Liquidity::Maker, Liquidity::Taker][..]),
        (flags, event_id, order_id, trade_id) in (0_u8..2, 1_u64.., any::<u64>(), any::<u64>()),
        time in 0..16_000_000_000_000_000_000_u64,
        price in prop_oneof![1..TICKS_MAX, Just(Ticks::OFF_TICK.0), Just(Ticks::OUT_OF_RANGE.0)],
        quantity in prop_oneof![1..LOTS_MAX, Just(u64::MAX), Just(u64::MAX - 1)],
        (leaves, cum, last_quantity) in (0..LOTS_MAX, 0..LOTS_MAX, 1..LOTS_MAX),
        last_price in 1..TICKS_MAX,
        (name, orig) in ("[ -~]{1,36}", "[ -~]{0,36}"),
        (stop, display, expire, fee) in
            (0..TICKS_MAX, 0..LOTS_MAX, 0..16_000_000_000_000_000_000_u64, any::<u64>()),
    ) -> Event {
        Event {
            kind, side, order_type, time_in_force, status, reject, liquidity, flags, event_id,
            order_id: OrderId(order_id), trade_id: TradeId(trade_id), time: Nanos(time), price: Ticks(price),
            quantity: Lots(quantity), leaves: Lots(leaves), cum: Lots(cum), last_price: Ticks(last_price),
            cum_notional: Event::halves(u128::from(cum) * u128::from(last_price.unsigned_abs())),
            last_quantity: Lots(last_quantity), cl_ord_id: ClOrdId::new(name.as_bytes()).unwrap(),
            orig_cl_ord_id: ClOrdId::new(orig.as_bytes()).unwrap_or(ClOrdId::NONE),
            stop: if order_type.is_stop() { Ticks(stop) } else { Ticks(0) },
            display: Lots(display), expire: Nanos(expire), fee,
            ..fill()
        }
    }
}

/// A refused trailing stop has a distance and no place yet.
fn kind_tells_stop(event: &Event) -> bool {
    event.kind != Kind::Rejected || event.order_type != OrderType::TrailingStop
}

proptest! {
    #[test]
    fn what_is_written_of_an_event_is_read_back(event in event()) {
        let instrument = instrument();
        let bytes = bytes(|body| encode(&event, &about(&instrument), body));
        let message = Message::parse(&bytes);
        let order_id = if event.order_id.0 == 0 { "NONE".into() } else { event.order_id.to_string() };
        let orig = (!event.orig_cl_ord_id.is_none()).then(|| event.orig_cl_ord_id.bytes());
        if msg_type(&event) == Some(b"9") {
            let reject = OrderCancelReject::parse(&message).unwrap();
            prop_assert_eq!(reject.order_id, order_id.as_bytes());
            prop_assert_eq!(reject.cl_ord_id, event.cl_ord_id.bytes());
            prop_assert_eq!(reject.orig_cl_ord_id, orig.unwrap_or(NONE));
            prop_assert_eq!(reject.status, event.status);
            prop_assert_eq!(reject.of_replace, event.kind == Kind::ReplaceRejected);
            prop_assert_eq!(reject.reject_reason, Some(event.reject.cxl_rej_reason().into()));
            prop_assert_eq!(reject.transact_time, Some(event.time));
            return Ok(());
        }
        let report = ExecutionReport::parse(&message).unwrap();
        let ticks = |number: Option<Number>| number.map(|number| instrument.ticks(number));
        let lots = |number: Option<Number>| number.map(|number| instrument.lots(number));
        let traded = event.kind == Kind::Fill;
        let exec_id = event.event_id.to_string();
        prop_assert_eq!(report.order_id, order_id.as_bytes());
        prop_assert_eq!(report.exec_id, exec_id.as_bytes());
        prop_assert_eq!(report.trade_id.is_some(), traded);
        prop_assert_eq!(report.cl_ord_id, Some(event.cl_ord_id.bytes()));
        let status = event.kind == Kind::Status;
        prop_assert_eq!(report.orig_cl_ord_id, orig.filter(|_| !status));
        prop_assert_eq!(report.request_id, orig.filter(|_| status));
        prop_assert_eq!(report.status, event.status);
        prop_assert_eq!(report.side, event.side.into());
        prop_assert_eq!(report.order_type, Some(event.order_type.into()));
        prop_assert_eq!(report.time_in_force, Some(event.time_in_force.into()));
        prop_assert_eq!(report.post_only, event.flags == 1);
        prop_assert_eq!(lots(report.quantity), Some(event.quantity).filter(|q| q.0 <= LOTS_MAX));
        let limit = event.order_type.has_price() && event.price.0 > 0;
        prop_assert_eq!(ticks(report.price), Some(event.price).filter(|_| limit));
        prop_assert_eq!(lots(report.last_quantity), Some(event.last_quantity).filter(|_| traded));
        prop_assert_eq!(ticks(report.last_price), Some(event.last_price).filter(|_| traded));
        prop_assert_eq!(lots(Some(report.leaves)), Some(event.leaves));
        prop_assert_eq!(lots(Some(report.cum)), Some(event.cum));
        let told = kind_tells_stop(&event);
        prop_assert_eq!(ticks(report.stop), Some(event.stop).filter(|stop| stop.0 > 0 && told));
        prop_assert_eq!(lots(report.display), Some(event.display).filter(|lots| lots.0 > 0));
        prop_assert_eq!(report.expire, Some(event.expire).filter(|time| time.0 > 0));
        prop_assert_eq!(report.fee.is_some(), event.fee > 0 && event.reject == Reject::None);
        let average = if event.cum.0 == 0 { Ticks(0) } else { event.last_price };
        prop_assert_eq!(ticks(Some(report.average_price)), Some(average));
        prop_assert_eq!(report.transact_time, Some(event.time));
        prop_assert_eq!(report.text.is_some(), event.reject != Reject::None);
    }
}
