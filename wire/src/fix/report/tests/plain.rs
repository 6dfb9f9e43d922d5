//! Whole ExecutionReports against their slow twin: fields in a list, each formatted on its own, then length and sum.

use super::*;
use crate::fix::order::terms::self_trade_code;

fn decimal(count: u128, mantissa: u64, scale: u8) -> String {
    let scale = usize::from(scale);
    let mut text = format!("{:0>least$}", count * u128::from(mantissa), least = scale + 1);
    if scale > 0 {
        text.insert(text.len() - scale, '.');
    }
    text
}

fn steps(count: i64, step: Step) -> String {
    let sign = if count < 0 { "-" } else { "" };
    format!("{sign}{}", decimal(count.unsigned_abs().into(), step.mantissa(), step.scale()))
}

fn lots(count: Lots, step: Step) -> String {
    decimal(count.0.into(), step.mantissa(), step.scale())
}

/// To eight places more than the tick's, the last rounded half up, without zeros at the end.
fn average(event: &Event, tick: Step) -> String {
    let (notional, cum) = (event.cum_notional(), u128::from(event.cum.0));
    if cum == 0 {
        return "0".into();
    }
    let fine = u128::from(tick.mantissa()) * 100_000_000;
    let digits = notional / cum * fine + (notional % cum * fine * 2 + cum) / (cum * 2);
    let text = decimal(digits, 1, tick.scale() + 8);
    text.trim_end_matches('0').trim_end_matches('.').into()
}

fn timestamp(time: Nanos) -> String {
    let (mut days, second) = (time.0 / 86_400_000_000_000, time.0 / 1_000_000_000 % 86_400);
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut months = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter();
    let mut month = 1;
    while let Some(length) = months.next().filter(|&length| days >= length) {
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let nanos = time.0 % 1_000_000_000;
    format!("{year}{month:02}{:02}-{hour:02}:{minute:02}:{second:02}.{nanos:09}", days + 1)
}

/// The report of `event` as [`bytes_in`] writes it.
fn plain(version: Version, event: &Event, instrument: &Instrument) -> String {
    let (old, filled) = (version == Version::Fix42, event.kind == Kind::Fill);
    let (tick, lot) = (instrument.tick, instrument.lot);
    let name = |name: &ClOrdId| String::from_utf8(name.bytes().to_vec()).unwrap();
    let mut fields = Vec::new();
    let mut put = |tag: u32, value: String, is_there: bool| {
        if is_there {
            fields.push(format!("{tag}={value}\x01"));
        }
    };
    for (tag, value) in [(35, "8"), (49, "V"), (56, "C"), (34, "2"), (52, "19700101-00:00:00.000000000")] {
        put(tag, value.into(), true);
    }
    let order_id = event.order_id.0;
    put(37, if order_id == 0 { "NONE".into() } else { order_id.to_string() }, true);
    put(527, event.trade_id.0.to_string(), filled && !old);
    put(11, name(&event.cl_ord_id), !event.cl_ord_id.is_none());
    put(117, name(&event.cl_ord_id), event.flags & NewOrder::QUOTE != 0 && !old);
    let asked = event.kind == Kind::Status;
    put(if asked { 790 } else { 41 }, name(&event.orig_cl_ord_id), !event.orig_cl_ord_id.is_none());
    put(17, event.event_id.to_string(), true);
    put(20, if asked { "3" } else { "0" }.into(), old);
    let expired = event.kind == Kind::Canceled && event.cause == Cause::Expired;
    let status = char::from(if expired { b'C' } else { event.status.fix() });
    let exec_type = match event.kind {
        Kind::Fill if !old => 'F',
        Kind::Fill if event.status == OrderStatus::Filled => '2',
        Kind::Fill => '1',
        Kind::Accepted => '0',
        Kind::Canceled if expired => 'C',
        Kind::Canceled => '4',
        Kind::Replaced => '5',
        Kind::Rejected => '8',
        Kind::Triggered => 'L',
        Kind::Reduced => 'D',
        _ if old => status,
        _ => 'I',
    };
    put(150, exec_type.into(), true);
    put(39, status.into(), true);
    let refused = event.reject != Reject::None;
    put(103, ord_rej_reason(event.reject, version).to_string(), refused);
    put(378, if old { "4" } else { "8" }.into(), event.kind == Kind::Reduced);
    put(1, "MM1".into(), true);
    put(55, "BTCUSDT".into(), true);
    put(54, char::from(event.side.fix()).into(), true);
    let by_amount = event.flags & NewOrder::QUOTE_AMOUNT != 0;
    let told = event.quantity < Lots::OUT_OF_RANGE;
    if by_amount {
        put(38, lots(event.cum, lot), true);
        let unit = tick.mantissa() * lot.mantissa();
        put(152, decimal(event.quantity.0.into(), unit, tick.scale() + lot.scale()), told);
    } else {
        put(38, lots(event.quantity, lot), told && event.quantity.0 > 0);
    }
    put(40, char::from(event.order_type.fix()).into(), true);
    let has_price = event.order_type.has_price() && event.price > Ticks::OUT_OF_RANGE;
    put(44, steps(event.price.0, tick), has_price);
    put(59, char::from(event.time_in_force.fix()).into(), true);
    let (post_only, trails) =
        (event.flags & NewOrder::POST_ONLY != 0, event.order_type == OrderType::TrailingStop);
    put(
        18,
        ["6", "a", "6 a"][usize::from(trails) * (1 + usize::from(post_only))].into(),
        post_only || trails,
    );
    let plain_limit = event.order_type == OrderType::Limit
        && (event.display.0, event.expire.0) == (0, 0)
        && event.flags & !NewOrder::POST_ONLY == 0;
    let distance = trails && event.kind == Kind::Rejected;
    let has_stop = event.stop > Ticks::OUT_OF_RANGE && event.stop.0 != 0;
    put(if distance { 211 } else { 99 }, steps(event.stop.0, tick), has_stop && !plain_limit);
    let display = match version {
        _ if event.flags & NewOrder::MINIMUM != 0 => 110,
        Version::Fix50Sp2 => 1138,
        _ => 111,
    };
    let has_display = event.display.0 > 0 && event.display < Lots::OUT_OF_RANGE;
    put(display, lots(event.display, lot), has_display);
    put(126, timestamp(event.expire), event.expire.0 > 0);
    if let Some(mode) = NewOrder::named_self_trade(event.flags) {
        put(2964, char::from(self_trade_code(mode)).into(), true);
    }
    put(32, lots(event.last_quantity, lot), filled);
    put(31, steps(event.last_price.0, tick), filled);
    put(151, lots(if by_amount { Lots::ZERO } else { event.leaves }, lot), true);
    put(14, lots(event.cum, lot), true);
    put(6, average(event, tick), true);
    put(60, timestamp(event.time), true);
    let why = text::of_refusal(event, instrument);
    let words = if refused { Some(why.bytes()) } else { of_cause(event.cause) };
    put(58, String::from_utf8(words.unwrap_or_default().to_vec()).unwrap(), words.is_some());
    let limit = event.limit().filter(|_| refused);
    put(25005, limit.unwrap_or_default().0.to_string(), limit.is_some());
    put(25006, limit.unwrap_or_default().1.to_string(), limit.is_some());
    let liquidity = match event.liquidity {
        Liquidity::Maker => "1",
        Liquidity::Taker => "2",
        Liquidity::Auction => "4",
        Liquidity::None => "",
    };
    put(851, liquidity.into(), !old && event.liquidity != Liquidity::None);
    let fee = !old && event.fee > 0 && !refused;
    put(136, "1".into(), fee);
    put(137, decimal(event.fee.into(), 1, 8), fee);
    put(138, "USDT".into(), fee);
    put(139, "4".into(), fee);
    let body = fields.concat();
    let text = format!("8={}\x019={}\x01{body}", version.begin_string(), body.len());
    let sum = text.bytes().map(u32::from).sum::<u32>() % 256;
    format!("{text}10={sum:03}\x01")
}

prop_compose! {
    /// An event whose numbers have any count of digits.
    fn event_of_any_size()(
        event in event(),
        (flags, cause) in (prop_oneof![Just(0), any::<u8>()], prop::sample::select(&[
            Cause::None, Cause::Requested, Cause::Unfilled, Cause::Expired, Cause::Interrupted,
        ][..])),
        reject in prop_oneof![3 => Just(Reject::None), 1 => prop::sample::select(Reject::ALL)],
        cuts in prop::array::uniform10(0_u32..64),
        (is_plain, part, second) in (any::<bool>(), any::<u64>(), 0_u64..3_000_000_000),
    ) -> Event {
        let [event_id, order_id, trade_id, price, quantity, leaves, cum, last_price, last_quantity, fee] = cuts;
        let cum = Lots(event.cum.0 >> cum);
        let price = if event.price > Ticks::OUT_OF_RANGE { Ticks(event.price.0 >> price) } else { event.price };
        let last_price = Ticks(event.last_price.0 >> last_price);
        let notional = u128::from(cum.0) * u128::from(last_price.0.unsigned_abs());
        let event = Event {
            event_id: event.event_id >> event_id, order_id: OrderId(event.order_id.0 >> order_id),
            trade_id: TradeId(event.trade_id.0 >> trade_id), quantity: Lots(event.quantity.0 >> quantity),
            leaves: Lots(event.leaves.0 >> leaves), last_quantity: Lots(event.last_quantity.0 >> last_quantity),
            fee: event.fee >> fee, time: Nanos(event.time.0 + second), cum_notional: Event::halves(
                notional + u128::from(part.checked_rem(cum.0).unwrap_or(0)),
            ),
            flags, cause, reject, cum, price, last_price,
            ..event
        };
        if is_plain {
            return Event { order_type: OrderType::Limit, display: Lots(0), expire: Nanos(0), flags: flags & 1, ..event };
        }
        event
    }
}

proptest! {
    #[test]
    fn a_report_is_that_of_its_plain_twin(
        event in event_of_any_size(),
        tick in prop::sample::select(&["0.01", "0.25", "1", "10", "0.00000001", "0.1234567891"][..]),
        lot in prop::sample::select(&["0.001", "0.00001", "1", "100", "0.00000001", "0.0000000005"][..]),
    ) {
        prop_assume!(msg_type(&event) == Some(b"8"));
        let instrument = Instrument { tick: step(tick), lot: step(lot), ..instrument() };
        for version in Version::ALL {
            let written = bytes_in(version, |body| encode(&event, &about(&instrument), body));
            prop_assert_eq!(String::from_utf8(written).unwrap(), plain(version, &event, &instrument));
        }
    }
}
