//! Between messages and what stands in the rings.

use proptest::sample::select;

use super::*;
use crate::{
    command::{self, Command, Display, Head, Kind, MassCancel as By, OrderRef, Scope, Target},
    decimal::Decimal,
    instrument::{Instrument, Step},
    limits::{COMMAND_MESSAGE_BYTES_MAX, LOTS_MAX},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SessionId, Side, Ticks,
        TimeInForce, TradingState,
    },
};
use messages::{
    CancelOrder, Deposit, Entitle, KillSwitch, ListCancelRequest, ListStatusRequest, MassCancel,
    NewOrderList, OrderMassStatusRequest, ReplaceOrder, RequestForPositions, ResetProtection, SetAccount,
    SetCredit, SetProtection, SetState, StatusRequest, Withdraw,
};

/// Ticks and lots that the protocol's 8 places can say, short ones and long ones.
const STEPS: [(i64, u8); 8] = [(1, 2), (25, 2), (5, 1), (1, 0), (100, 0), (1, 8), (125, 8), (3, 5)];

pub(super) fn instrument(tick: (i64, u8), lot: (i64, u8)) -> Instrument {
    let step = |(mantissa, scale)| Step::new(Decimal { mantissa, scale }).expect("above zero");
    Instrument {
        id: InstrumentId(3),
        symbol: "X".into(),
        base: "B".into(),
        quote: "Q".into(),
        tick: step(tick),
        lot: step(lot),
        quantity_min: Lots(1),
        quantity_max: Lots(LOTS_MAX),
        notional_min: 0,
        reference: Ticks(100),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

pub(super) fn head() -> Head {
    Head::new(Kind::New, SessionId(1), AccountId(2), InstrumentId(3), 4, Nanos(5))
}

/// A head with a deadline or without.
fn any_head() -> impl Strategy<Value = Head> {
    prop_oneof![
        Just(head()),
        (0..=Head::WITHIN_MAX).prop_map(|within| head().with_deadline(Nanos(head().rx.0 + within)))
    ]
}

pub(super) fn any_instrument() -> impl Strategy<Value = Instrument> {
    (select(&STEPS[..]), select(&STEPS[..])).prop_map(|(tick, lot)| instrument(tick, lot))
}

pub(super) fn any_name() -> impl Strategy<Value = ClOrdId> {
    proptest::collection::vec(b' '..=b'~', 1..=ClOrdId::MAX)
        .prop_map(|bytes| ClOrdId::new(&bytes).expect("a name"))
}

fn any_order() -> impl Strategy<Value = OrderRef> {
    prop_oneof![any_name().prop_map(Target::Client), (0..u64::MAX).prop_map(|id| Target::Venue(OrderId(id)))]
        .prop_map(OrderRef::new)
}

/// Prices and quantities that every one of [`STEPS`] can say.
pub(super) fn any_price() -> impl Strategy<Value = Ticks> {
    prop_oneof![Just(0), -1_000..1_000_i64, -900_000_000..900_000_000_i64].prop_map(Ticks)
}

pub(super) fn any_lots() -> impl Strategy<Value = Lots> {
    prop_oneof![Just(0), 0..1_000_u64, 0..900_000_000_u64].prop_map(Lots)
}

pub(super) fn any_side() -> impl Strategy<Value = Side> {
    select(Side::ALL)
}

/// `message` as it arrives, once it was sent.
pub(super) fn sent<B: Single + Copy>(message: &B) -> B {
    let mut buffer = [0; 512];
    let len = encode(message, &mut buffer).expect("there is room");
    decode(&buffer[..len]).expect("it is a message");
    let (_, block) = buffer[..len].split_at(HEADER_BYTES);
    B::try_read_from_bytes(block).map_err(|_| "no block").expect("it was just decoded")
}

proptest! {
    #[test]
    fn an_order_says_what_its_command_says(
        instrument in any_instrument(),
        (cl_ord_id, side, price, stop) in (any_name(), any_side(), any_price(), any_price()),
        (order_type, time_in_force) in (select(OrderType::ALL), select(TimeInForce::ALL)),
        (quantity, display) in (any_lots(), any_lots()),
        (post_only, minimum, mode) in (any::<bool>(), any::<bool>(), 0..=5_u8),
        (expire, due) in (any::<u32>(), any_head()),
    ) {
        let flags = u8::from(post_only) | if minimum { command::NewOrder::MINIMUM } else { 0 } | mode << 3;
        let command = command::NewOrder {
            head: due,
            cl_ord_id,
            side,
            order_type,
            time_in_force,
            flags,
            price: if order_type == OrderType::Market { Ticks(0) } else { price },
            quantity,
            stop,
            display,
            expire: Nanos(expire.into()),
        };
        let message = sent(&NewOrder::of(&command, &instrument).expect("it can be said"));
        prop_assert_eq!(message.command(&instrument, head()), Ok(command));
    }

    #[test]
    fn an_amount_to_spend_says_what_its_command_says(
        tick in select(&[(1, 2), (25, 2), (1, 0)][..]),
        lot in select(&[(1, 5), (1, 0), (5, 3)][..]),
        quantity in any_lots(),
    ) {
        let instrument = instrument(tick, lot);
        let command = command::NewOrder {
            head: head(),
            cl_ord_id: ClOrdId::new(b"1").expect("a name"),
            side: Side::Buy,
            order_type: OrderType::Market,
            time_in_force: TimeInForce::Ioc,
            flags: command::NewOrder::QUOTE_AMOUNT,
            price: Ticks(0),
            quantity,
            stop: Ticks(0),
            display: Lots(0),
            expire: Nanos(0),
        };
        let message = sent(&NewOrder::of(&command, &instrument).expect("it can be said"));
        prop_assert_eq!(message.order_qty.get(), None);
        prop_assert_eq!(message.command(&instrument, head()), Ok(command));
    }

    #[test]
    fn other_requests_about_orders_say_what_their_commands_say(
        instrument in any_instrument(),
        (cl_ord_id, order) in (any_name(), any_order()),
        (side, price, quantity, display) in (any_side(), any_price(), any_lots(), any_lots()),
        (named, due) in (any::<bool>(), any_head()),
        by in 0..32_u8,
    ) {
        let with = |kind| head().with_kind(kind);
        let cancel = command::Cancel { head: due.with_kind(Kind::Cancel), cl_ord_id, order };
        prop_assert_eq!(sent(&CancelOrder::of(&cancel)).command(head()), Ok(cancel));
        let display = Display::new(display);
        let replace = command::Replace {
            head: due.with_kind(Kind::Replace), cl_ord_id, order, price, quantity, side, display,
        };
        let message = ReplaceOrder::of(&replace, &instrument).expect("it can be said");
        prop_assert_eq!(sent(&message).command(&instrument, head()), Ok(replace));
        let request_id = if named { cl_ord_id } else { ClOrdId::NONE };
        let status = command::Status { head: with(Kind::Status), request_id, order, side, reserved: [0; 7] };
        prop_assert_eq!(sent(&StatusRequest::of(&status)).command(head()), Ok(status));
        let instrument = if by & By::INSTRUMENT == 0 { InstrumentId(0) } else { InstrumentId(3) };
        let side = if by & By::SIDE == 0 { Side::Buy } else { side };
        let mass = command::MassCancel {
            head: with(Kind::MassCancel).with_instrument(instrument),
            cl_ord_id: request_id,
            by,
            side,
            reserved: [0; 2],
        };
        let message = sent(&MassCancel::of(&mass));
        prop_assert_eq!(message.command(head(), true), Ok(mass));
        let alone = if by & By::SESSION == 0 { Err(Reject::NotEntitled) } else { Ok(mass) };
        prop_assert_eq!(message.command(head(), false), alone);
    }

    #[test]
    fn lists_say_what_their_commands_say(
        instrument in any_instrument(),
        names in (any_name(), any_name(), any_name()),
        orders in proptest::collection::vec((any_price(), any_lots(), any_price(), any_lots()), 2),
        (order_type, time_in_force, side) in
            (select(&OrderType::ALL[1..]), select(TimeInForce::ALL), any_side()),
        (post_only, mode, expire, due) in (any::<bool>(), 0..=5_u8, any::<u32>(), any_head()),
    ) {
        let order = |number: usize| {
            let (price, quantity, stop, display) = orders[number];
            command::NewOrder {
                head: due,
                cl_ord_id: [names.0, names.1][number],
                side,
                order_type,
                time_in_force,
                flags: u8::from(post_only) | mode << 3,
                price,
                quantity,
                stop,
                display,
                expire: Nanos(expire.into()),
            }
        };
        let list_id = names.2;
        let list = command::NewOrderList {
            head: due.with_kind(Kind::NewOrderList), list_id, reserved: 0, orders: [order(0), order(1)],
        };
        let (message, entries) = NewOrderList::of(&list, &instrument).expect("it can be said");
        let mut buffer = [0; 512];
        let len = encode_group(&message, entries.iter(), &mut buffer).expect("there is room");
        let Ok(Message::NewOrderList(block, entries)) = decode(&buffer[..len]) else { panic!("it is one") };
        prop_assert_eq!(block.command(entries, &instrument, head()), Ok(list));
        // What a list says of both orders must be so.
        let mut other = list;
        other.orders[1].side = if side == Side::Buy { Side::Sell } else { Side::Buy };
        prop_assert!(NewOrderList::of(&other, &instrument).is_err());
        let cancel = command::ListRequest { head: due.with_kind(Kind::CancelList), list_id, reserved: 0 };
        prop_assert_eq!(sent(&ListCancelRequest::of(&cancel)).command(head()), Ok(cancel));
        let status = command::ListRequest { head: head().with_kind(Kind::ListStatus), list_id, reserved: 0 };
        prop_assert_eq!(sent(&ListStatusRequest::of(&status)).command(head()), Ok(status));
    }

    #[test]
    fn questions_say_what_their_commands_say(
        (request_id, named, side) in (any_name(), any::<bool>(), any_side()),
        (by, asset) in (0..16_u8, any::<u32>()),
    ) {
        let by = by | By::SESSION;
        let request_id = if named { request_id } else { ClOrdId::NONE };
        let instrument = if by & By::INSTRUMENT == 0 { InstrumentId(0) } else { InstrumentId(3) };
        let mass = command::MassStatus {
            head: head().with_kind(Kind::MassStatus).with_instrument(instrument),
            request_id,
            by,
            side: if by & By::SIDE == 0 { Side::Buy } else { side },
            reserved: [0; 2],
        };
        prop_assert_eq!(sent(&OrderMassStatusRequest::of(&mass)).command(head()), Ok(mass));
        let balances = command::Balances {
            head: head().with_kind(Kind::Balances).with_instrument(InstrumentId(0)),
            request_id,
            asset: AssetId(asset),
        };
        prop_assert_eq!(sent(&RequestForPositions::of(&balances)).command(head()), Ok(balances));
    }

    #[test]
    fn mass_quotes_say_what_their_commands_say(
        (instrument, quote_id, reset) in (any_instrument(), any_name(), any::<bool>()),
        sides in proptest::collection::vec((any_price(), any_lots(), any_price(), any_lots()), 0..=32),
        (group, due) in (any::<u32>(), any_head()),
    ) {
        let entries = sides.iter().map(|&(bid, bid_quantity, offer, offer_quantity)| command::QuoteEntry {
            instrument: instrument.id, reserved: 0, bid, bid_quantity, offer, offer_quantity,
        });
        let mut bytes = due.with_kind(Kind::MassQuote).with_instrument(InstrumentId(0)).as_bytes().to_vec();
        bytes.extend(quote_id.padded());
        bytes.extend(u32::from(reset).to_le_bytes());
        entries.clone().for_each(|entry| bytes.extend(entry.as_bytes()));
        let words: Vec<u64> = bytes.chunks(8).map(|word| u64::from_ne_bytes(word.try_into().expect("8"))).collect();
        let Ok(Command::MassQuote(quote)) = Command::read(words.as_bytes()) else { panic!("it is a mass quote") };
        let entries: Vec<_> = entries
            .map(|entry| MassQuoteEntry::of(&entry, &instrument).expect("it can be said"))
            .collect();
        let mut buffer = [0; 2048];
        let len = encode_group(&MassQuote::of(&quote), entries.iter(), &mut buffer).expect("there is room");
        let Ok(Message::MassQuote(block, entries)) = decode(&buffer[..len]) else { panic!("it is one") };
        prop_assert_eq!(entries.len(), sides.len());
        let mut command = [0; COMMAND_MESSAGE_BYTES_MAX];
        let find = |id| Some(&instrument).filter(|instrument| instrument.id == id);
        let len = block.command(entries, head(), find, &mut command).expect("all is known");
        prop_assert_eq!(&command[..len], &bytes[..]);
        let none = block.command(entries, head(), |_| None, &mut command);
        prop_assert_eq!(none, if sides.is_empty() { Ok(72) } else { Err((Reject::UnknownInstrument, 1)) });
        let reset = command::ResetProtection {
            head: head().with_kind(Kind::ResetProtection).with_instrument(InstrumentId(0)), group, reserved: 0,
        };
        prop_assert_eq!(sent(&ResetProtection::of(&reset)).command(head()), reset);
    }

    #[test]
    fn operators_commands_say_what_is_in_the_ring(
        (target, state) in (any::<u32>(), select(TradingState::ALL)),
        scope in select(&[Scope::Session, Scope::Account, Scope::Venue][..]),
        (on, amount, name) in (0..=1_u8, any::<[u64; 2]>(), any::<[u8; 32]>()),
    ) {
        let with = |kind| head().with_kind(kind);
        let asset = AssetId(target);
        let kill = command::KillSwitch { head: with(Kind::KillSwitch), target, scope, on, reserved: [0; 2] };
        prop_assert_eq!(sent(&KillSwitch::of(&kill)).command(head()), kill);
        let set = command::SetState { head: with(Kind::SetState), state, reserved: [0; 7] };
        prop_assert_eq!(sent(&SetState::of(&set)).command(head()), set);
        let deposit = command::Funds { head: with(Kind::Deposit), asset, reserved: 0, amount };
        prop_assert_eq!(sent(&Deposit::of(&deposit)).command(head()), deposit);
        let withdraw = command::Funds { head: with(Kind::Withdraw), ..deposit };
        prop_assert_eq!(sent(&Withdraw::of(&withdraw)).command(head()), withdraw);
        let protection = command::SetProtection {
            head: with(Kind::SetProtection), group: target, fills: target, quantity: Lots(amount[0]), window_ns: amount[1],
        };
        prop_assert_eq!(sent(&SetProtection::of(&protection)).command(head()), protection);
        let account = command::SetAccount { head: with(Kind::SetAccount), name, credit: on, reserved: [0; 7] };
        prop_assert_eq!(sent(&SetAccount::of(&account)).command(head()), account);
        let credit = command::SetCredit { head: with(Kind::SetCredit), asset, reserved: 0, limit: amount };
        prop_assert_eq!(sent(&SetCredit::of(&credit)).command(head()), credit);
        let session = SessionId(target);
        let entitle = command::Entitle { head: with(Kind::Entitle), session, on, reserved: [0; 3] };
        prop_assert_eq!(sent(&Entitle::of(&entitle)).command(head()), entitle);
    }

        /// The same names are good as in FIX.
    #[test]
    fn a_padded_name_is_good_where_fix_takes_it(
        mut padded in any::<[u8; 36]>(),
        text in proptest::collection::vec(b' '..=b'~', 0..=36),
        one in 0..36_usize,
        keep in any::<bool>(),
    ) {
        if !keep {
            let wrong = padded[one];
            padded.fill(0);
            padded[..text.len()].copy_from_slice(&text);
            if padded[0] & 1 == 0 {
                padded[one] = wrong;
            }
        }
        let length = padded.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let fix = crate::fix::order::cl_ord_id(&padded[..length]);
        prop_assert_eq!(ClOrdId::from_padded(padded), fix);
    }

    /// A trader is told the same reason whichever protocol a price or quantity came by.
    #[test]
    fn decimals_mean_the_same_as_in_fix(instrument in any_instrument(), mantissa in prop_oneof![
        any::<i64>(), -1_000_000_000_000..1_000_000_000_000_i64, (0..1_000_000_i64).prop_map(|m| m * 100_000_000),
    ]) {
        let text = Decimal { mantissa, scale: 8 }.to_string();
        let fix = instrument.price(text.as_bytes()).expect("it is a decimal");
        prop_assert_eq!(units::ticks(instrument.tick, codes::Price::new(mantissa)), fix);
        if let Ok(mantissa) = u64::try_from(mantissa) {
            let fix = instrument.quantity(text.as_bytes()).expect("it is a decimal");
            prop_assert_eq!(units::lots(instrument.lot, codes::Quantity::new(mantissa)), fix);
        }
    }

}

fn plain_order() -> NewOrder {
    let command = command::NewOrder {
        head: head(),
        cl_ord_id: ClOrdId::new(b"A1").expect("a name"),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(100),
        quantity: Lots(7),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    };
    NewOrder::of(&command, &instrument((1, 2), (1, 5))).expect("it can be said")
}

#[test]
fn what_is_not_offered_is_left_to_the_matcher_to_refuse() {
    let instrument = instrument((1, 2), (1, 5));
    let flags = |order: NewOrder| order.command(&instrument, head()).expect("its name is good").flags;
    let order = plain_order();
    let inexpressible = command::NewOrder::INEXPRESSIBLE;
    assert_eq!(flags(order), 0);
    assert_eq!(
        flags(NewOrder { cash_order_qty: Some(codes::Amount::new(1)).into(), ..order }),
        inexpressible
    );
    assert_eq!(flags(NewOrder { order_flags: OrderFlags(OrderFlags::QUOTE), ..order }), inexpressible);
    assert_eq!(flags(NewOrder { display_qty: Some(codes::Quantity::new(0)).into(), ..order }), inexpressible);
    let both = Some(codes::Quantity::new(1_000)).into();
    let minimum = command::NewOrder::MINIMUM;
    assert_eq!(flags(NewOrder { display_qty: both, min_qty: both, ..order }), inexpressible | minimum);
    let nothing = NewOrder { order_qty: None.into(), ..order }.command(&instrument, head());
    assert_eq!(nothing.expect("its name is good").quantity, Lots(0));
    let market = NewOrder { ord_type: OrderType::Market, ..order }.command(&instrument, head());
    assert_eq!(market.expect("its name is good").price, Ticks(0), "a market order's price is passed over");
}

#[test]
fn a_name_is_printable_and_padded_with_zeros_alone() {
    let instrument = instrument((1, 2), (1, 5));
    for bad in [&b""[..], b"\x1f", b"A\x80", b"A\0B", b"\0A"] {
        let mut cl_ord_id = [0; 36];
        cl_ord_id[..bad.len()].copy_from_slice(bad);
        let order = NewOrder { cl_ord_id: cl_ord_id.into(), ..plain_order() };
        assert_eq!(order.command(&instrument, head()), Err(Reject::BadClOrdId), "{bad:?}");
    }
    let longest = NewOrder { cl_ord_id: [b'x'; 36].into(), ..plain_order() };
    assert!(longest.command(&instrument, head()).is_ok());
}

#[test]
fn a_request_that_names_no_order_is_about_an_unknown_one() {
    let name = ClOrdId::new(b"C1").expect("a name");
    let order = OrderRef::new(Target::Venue(OrderId(9)));
    let cancel = CancelOrder::of(&command::Cancel { head: head(), cl_ord_id: name, order });
    assert!(cancel.command(head()).is_ok());
    let nothing = CancelOrder { order_id: None.into(), ..cancel };
    assert_eq!(nothing.command(head()), Err(Reject::UnknownOrder));
    let mut unprintable = [0; 36];
    unprintable[0] = 7;
    let unprintable = CancelOrder { orig_cl_ord_id: unprintable.into(), ..cancel };
    assert_eq!(unprintable.command(head()), Err(Reject::UnknownOrder));
}

#[test]
fn what_eight_places_or_64_bits_cannot_say_is_not_said() {
    let order = |price, quantity| {
        let fine = instrument((1, 9), (1, 18));
        let command = plain_order().command(&instrument((1, 2), (1, 5)), head()).expect("its name is good");
        NewOrder::of(&command::NewOrder { price, quantity, ..command }, &fine)
    };
    let whole = Lots(10_000_000_000);
    assert_eq!(order(Ticks(10), whole).map(|o| o.price.get().map(codes::Price::mantissa)), Ok(Some(1)));
    assert_eq!(order(Ticks(1), whole), Err(NotExpressible("Price")));
    assert_eq!(order(Ticks::OFF_TICK, whole), Err(NotExpressible("Price")));
    assert_eq!(order(Ticks(10), Lots(1)), Err(NotExpressible("OrderQty")));
    assert_eq!(order(Ticks(10), Lots::OFF_LOT), Err(NotExpressible("OrderQty")));
    let coarse = instrument((100, 0), (100, 0));
    assert_eq!(units::price(coarse.tick, Ticks(1 << 56), "a price"), Err(NotExpressible("a price")));
    assert_eq!(units::quantity(coarse.lot, Lots(LOTS_MAX), "a size"), Err(NotExpressible("a size")));
}
