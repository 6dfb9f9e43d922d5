//! The steps of random flows.

use proptest::prelude::*;
use wire::{
    command::{
        Balances, Entitle, Funds, Head, KillSwitch, Kind, MassCancel, MassQuoteBody, MassStatus, NewOrder,
        ResetProtection, Scope, SetCredit, SetLimits, SetProtection, SetState,
    },
    event::Event,
    limits::{LOTS_MAX, TICKS_MAX},
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SessionId, Side, Ticks,
        TimeInForce, TradingState,
    },
};

/// A price: mostly so many ticks from the instrument's reference.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Price {
    Near(i64),
    Is(Ticks),
}

fn price() -> impl Strategy<Value = Price> {
    prop_oneof![
        30 => (-7..=7i64).prop_map(Price::Near),
        5 => (-20..=20i64).prop_map(Price::Near),
        2 => prop::sample::select(vec![
            Ticks::OFF_TICK, Ticks::OUT_OF_RANGE, Ticks(0), Ticks(-1), Ticks(TICKS_MAX + 1), Ticks(i64::MAX), Ticks(1),
        ]).prop_map(Price::Is),
    ]
}

fn quantity() -> impl Strategy<Value = Lots> {
    prop_oneof![
        30 => (1..=21u64).prop_map(Lots),
        2 => (LOTS_MAX - 2..=LOTS_MAX).prop_map(Lots),
        1 => prop::sample::select(vec![
            Lots::OFF_LOT, Lots::OUT_OF_RANGE, Lots(0), Lots(LOTS_MAX + 1), Lots(u64::MAX - 2),
        ]),
    ]
}

/// A name: by number among all that a flow uses, 0 for none. Many are used again.
fn name() -> impl Strategy<Value = ClOrdId> {
    (0..400u32).prop_map(|n| match n {
        0 => ClOrdId::NONE,
        n => ClOrdId::new(format!("order-name-of-some-length-{n}").as_bytes()).unwrap(),
    })
}

fn head() -> impl Strategy<Value = Head> {
    let session = prop_oneof![60 => 0..3u32, 30 => 3..5u32, 1 => Just(5u32), 1 => Just(u32::MAX)];
    let account = prop_oneof![20 => Just(0u32), 8 => Just(1u32), 8 => Just(2u32), 1 => Just(7u32)];
    let instrument = prop_oneof![60 => 0..3u32, 4 => Just(3u32), 1 => Just(u32::MAX)];
    // Of those that there are, half are over in half of a flow.
    let deadline = prop_oneof![24 => Just(None), 1 => (0..12_000_000_000u64).prop_map(Some)];
    (session, account, instrument, 0..1_000u64, any::<u32>(), deadline).prop_map(
        |(session, account, instrument, msg, rx, deadline)| {
            // It trades for account 0 alone.
            let account = if session == 0 && rx % 8 > 0 { 0 } else { account };
            let head = Head::new(
                Kind::New,
                SessionId(session),
                AccountId(account),
                InstrumentId(instrument),
                msg,
                Nanos(rx.into()),
            );
            let head = head.with_repeat(rx % 7 == 0);
            deadline.map_or(head, |at| head.with_deadline(Nanos(at)))
        },
    )
}

fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(Side::ALL)
}

/// What a request points at: a name, an OrderID so far behind the last one, or the open order so far behind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    Name(ClOrdId),
    Back(u64),
    Open(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Its price, stop and expire time are filled in.
    New(NewOrder, Price, Price),
    Cancel(Head, ClOrdId, Aim),
    /// What fits the order is taken from it where the last field says so.
    Replace(Head, ClOrdId, Aim, Price, Lots, Side, Lots, bool),
    Status(Head, Aim),
    Notice(Kind, Head),
    MassCancel(MassCancel),
    KillSwitch(KillSwitch),
    /// All that is available where the last field says so.
    Funds(Funds, bool),
    State(SetState),
    /// With QuoteID and flags.
    MassQuote(Head, ClOrdId, u32, [Option<Entry>; 3]),
    SetProtection(SetProtection),
    ResetProtection(ResetProtection),
    Instrument(Head, Change),
    /// Under the name of this number.
    Account(Head, u32, bool),
    Credit(SetCredit),
    Entitle(Entitle),
    Limits(SetLimits),
    /// Two orders, their prices and stops filled in; and the list's name.
    List(ClOrdId, [(NewOrder, Price, Price); 2]),
    OfList(Kind, Head, ClOrdId),
    MassStatus(MassStatus),
    Balances(Balances),
}

/// An instrument, and of both sides price and quantity.
pub(crate) type Entry = (u32, [(Price, Lots); 2]);

/// How an instrument's terms are to be other than at first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Nothing,
    Reference(Price),
    Band(u32),
    Dynamic(u32, u64),
    Fees(u32, u32),
    Group(u32),
    Symbol(u8),
    Quote(u32),
    Tick(u64),
    Quantities(u64, u64),
}

/// A display or minimum quantity.
fn part() -> impl Strategy<Value = Lots> {
    prop_oneof![
        20 => Just(Lots(0)),
        10 => (1..=6u64).prop_map(Lots),
        2 => (1..=24u64).prop_map(Lots),
        1 => prop::sample::select(vec![Lots::OFF_LOT, Lots::OUT_OF_RANGE, Lots(LOTS_MAX)]),
    ]
}

/// Mostly a type, time in force and attributes that go together.
fn order() -> impl Strategy<Value = NewOrder> {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Fok, Gtc, Gtd, Ioc};
    let types = vec![Limit, Market, Market, Stop, Stop, StopLimit, TrailingStop];
    let times = vec![Day, Gtc, Ioc, Fok, Gtd, AtTheOpening, AtTheClose];
    let order_type = prop_oneof![6 => Just(OrderType::Limit), 2 => prop::sample::select(types)];
    let time = prop_oneof![4 => prop::sample::select(vec![Day, Gtc]), 3 => prop::sample::select(times)];
    let rare = vec![
        NewOrder::POST_ONLY | NewOrder::MINIMUM,
        NewOrder::QUOTE_AMOUNT,
        1 << 6,
        NewOrder::INEXPRESSIBLE,
        7 << 3,
        6 << 3,
        255,
    ];
    let flags = prop_oneof![
        30 => Just(0u8),
        6 => Just(NewOrder::POST_ONLY),
        2 => Just(NewOrder::MINIMUM),
        4 => Just(NewOrder::QUOTE_AMOUNT),
        1 => prop::sample::select(rare)
    ];
    (head(), name(), side(), order_type, time, flags, 0..=5u8, quantity(), part(), 0..60u64, 0..16u8)
        .prop_map(
            |(head, cl_ord_id, side, order_type, time_in_force, flags, mode, quantity, part, expire, odd)| {
                let ioc = time_in_force == Ioc;
                let hides = order_type.has_price() && time_in_force.rests();
                // One in sixteen may be any combination.
                let fits = odd > 0;
                let minimum = ioc && part.0 > 0 && !order_type.is_stop();
                let may_spend =
                    order_type == Market && side == Side::Buy && matches!(time_in_force, Day | Ioc);
                let flags = match flags {
                    NewOrder::QUOTE_AMOUNT if fits && !may_spend => 0,
                    NewOrder::QUOTE_AMOUNT => flags,
                    _ if minimum && fits => NewOrder::MINIMUM,
                    NewOrder::POST_ONLY
                        if fits && !(order_type == OrderType::Limit && time_in_force.rests()) =>
                    {
                        0
                    }
                    _ => flags,
                };
                let spends = flags == NewOrder::QUOTE_AMOUNT;
                // An amount is in ticks × lots.
                let quantity = if spends && quantity.0 < 100 { Lots(quantity.0 * 71) } else { quantity };
                let minimum = minimum && !(spends && fits);
                NewOrder {
                    head,
                    cl_ord_id,
                    side,
                    order_type,
                    time_in_force: if order_type.is_stop() && fits && !time_in_force.rests() {
                        Day
                    } else {
                        time_in_force
                    },
                    flags: flags | mode << 3,
                    price: Ticks(0),
                    quantity,
                    stop: Ticks(0),
                    display: if hides || minimum || !fits { sensible(part, quantity) } else { Lots(0) },
                    expire: Nanos(if time_in_force == Gtd || !fits { expire } else { 0 }),
                }
            },
        )
}

/// A slice of an enormous order is not small: so many trades of one command would last for ever.
pub(super) fn sensible(part: Lots, quantity: Lots) -> Lots {
    if part.0 > 0 && quantity.0 > 1_000 { part.max(Lots(quantity.0 / 3)) } else { part }
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let distance = prop_oneof![
        8 => (1..=9i64).prop_map(|ticks| Price::Is(Ticks(ticks))),
        1 => Just(Price::Is(Ticks(TICKS_MAX))),
        1 => price()
    ];
    let new = (order(), price(), price(), distance, 0..16u8, 0..4u8).prop_map(
        |(order, price, stop, distance, odd, odd_stop)| {
            let none = Price::Is(Ticks(0));
            let odd = odd == 0;
            let price = if order.order_type.has_price() || odd { price } else { none };
            let stop = match order.order_type {
                OrderType::TrailingStop => distance,
                OrderType::Stop | OrderType::StopLimit => match stop {
                    // Most wait for a while.
                    Price::Near(ticks) if odd_stop > 0 => {
                        Price::Near(if order.side == Side::Buy { ticks.abs() } else { -ticks.abs() })
                    }
                    stop => stop,
                },
                _ if odd => stop,
                _ => none,
            };
            Step::New(order, price, stop)
        },
    );
    let aim = || {
        prop_oneof![
            1 => name().prop_map(Aim::Name),
            1 => (0..24u64).prop_map(Aim::Back),
            4 => (0..12usize).prop_map(Aim::Open)
        ]
    };
    let kind = prop_oneof![
        3 => prop::sample::select(vec![Kind::SessionUp, Kind::SessionDown]),
        1 => Just(Kind::CancelSession),
        10 => Just(Kind::Due),
    ];
    let mass = (head(), name(), 0..32u8, side()).prop_map(|(mut head, cl_ord_id, by, side)| {
        head.kind = Kind::MassCancel;
        Step::MassCancel(MassCancel { head, cl_ord_id, by, side, reserved: [0; 2] })
    });
    let scope = prop::sample::select(vec![Scope::Session, Scope::Account, Scope::Venue]);
    let kill =
        (head(), 0..4u32, scope, prop::bool::weighted(0.15)).prop_map(|(mut head, target, scope, on)| {
            head.kind = Kind::KillSwitch;
            Step::KillSwitch(KillSwitch { head, target, scope, on: on.into(), reserved: [0; 2] })
        });
    let amount = prop_oneof![
        20 => 0..9_000u128,
        1 => prop::sample::select(vec![0, 1 << 100, 1 << 101, u128::MAX, 1 << 90]),
    ];
    let all = prop::bool::weighted(0.5);
    let asset = prop_oneof![2 => Just(1u32), 3 => 0..5u32];
    let funds =
        (any::<bool>(), head(), asset, amount, all).prop_map(|(into, mut head, asset, amount, all)| {
            head.kind = if into { Kind::Deposit } else { Kind::Withdraw };
            let funds = Funds { head, asset: AssetId(asset), reserved: 0, amount: Event::halves(amount) };
            Step::Funds(funds, all && !into)
        });
    // Where it stays in continuous trading most of the time.
    let states = prop_oneof![
        12 => Just(TradingState::Continuous),
        6 => prop::sample::select(TradingState::ALL),
    ];
    let state = (head(), states).prop_map(|(mut head, state)| {
        head.kind = Kind::SetState;
        Step::State(SetState { head, state, reserved: [0; 7] })
    });
    prop_oneof![
        60 => new,
        15 => (head(), name(), aim()).prop_map(|(head, name, aim)| Step::Cancel(head, name, aim)),
        25 => (head(), name(), aim(), price(), quantity(), side(), part(), prop::bool::weighted(0.8))
            .prop_map(|(h, n, a, p, q, s, d, fit)| Step::Replace(h, n, a, p, q, s, d, fit)),
        6 => (head(), aim()).prop_map(|(head, aim)| Step::Status(head, aim)),
        4 => (kind, head()).prop_map(|(kind, head)| Step::Notice(kind, head)),
        1 => mass,
        1 => kill,
        8 => funds,
        3 => state,
        10 => mass_quote(),
        3 => protection(),
        4 => terms(),
        8 => list(),
        2 => (head(), name(), 0..32u8, side()).prop_map(|(mut head, request_id, by, side)| {
            head.kind = Kind::MassStatus;
            Step::MassStatus(MassStatus { head, request_id, by, side, reserved: [0; 2] })
        }),
        2 => (head(), name(), 0..10u32).prop_map(|(mut head, request_id, asset)| {
            head.kind = Kind::Balances;
            // Four assets, one that is none, and often all.
            let asset = if asset < 5 { AssetId(asset) } else { Balances::ALL };
            Step::Balances(Balances { head, request_id, asset })
        }),
        2 => (prop::sample::select(vec![Kind::CancelList, Kind::ListStatus]), head(), list_name())
            .prop_map(|(kind, head, name)| Step::OfList(kind, head, name)),
    ]
}

/// Few names, so that many are in use.
fn list_name() -> impl Strategy<Value = ClOrdId> {
    (0..12u32).prop_map(|n| match n {
        0 => ClOrdId::NONE,
        n => ClOrdId::new(format!("list-{n}").as_bytes()).unwrap(),
    })
}

/// Mostly a limit order on the far side of the market or a stop, and a stop, of one side, account and instrument.
fn list() -> impl Strategy<Value = Step> {
    use OrderType::{Limit, Market, Stop, StopLimit, TrailingStop};
    let first =
        prop_oneof![8 => Just(Limit), 4 => prop::sample::select(vec![Stop, StopLimit]), 1 => Just(Market)];
    let second =
        prop_oneof![12 => prop::sample::select(vec![Stop, StopLimit, TrailingStop]), 1 => Just(Limit)];
    let time = || {
        use TimeInForce::{Day, Gtc, Gtd, Ioc};
        prop_oneof![20 => prop::sample::select(vec![Day, Gtc, Gtd]), 1 => Just(Ioc)]
    };
    let far = || prop_oneof![12 => 1..=6i64, 1 => -3..=0i64];
    let stop_or_far = || (far(), far());
    (
        order(),
        order(),
        (first, second),
        (time(), time()),
        (stop_or_far(), stop_or_far()),
        list_name(),
        0..24u8,
    )
        .prop_map(|(a, b, types, times, distances, list_id, odd)| {
            let fit = |own: NewOrder, order_type: OrderType, time_in_force, (stop, far): (i64, i64)| {
                let side = if odd == 1 { own.side } else { a.side };
                let sign = if side == Side::Buy { 1 } else { -1 };
                let head = match odd {
                    2 => a.head.with_account(own.head.account),
                    3 => a.head.with_instrument(own.head.instrument()),
                    _ => a.head,
                };
                let new = NewOrder {
                    head,
                    cl_ord_id: if odd == 4 { a.cl_ord_id } else { own.cl_ord_id },
                    side,
                    order_type,
                    time_in_force,
                    flags: own.flags
                        & (7 << 3 | NewOrder::POST_ONLY)
                        & if order_type == Limit { 255 } else { !NewOrder::POST_ONLY },
                    display: if order_type.has_price() { own.display } else { Lots(0) },
                    expire: Nanos(if time_in_force == TimeInForce::Gtd { 2 + own.expire.0 } else { 0 }),
                    ..own
                };
                let price = match order_type {
                    Limit => Price::Near(-sign * far),
                    StopLimit => Price::Near(sign * (stop + far - 3)),
                    _ => Price::Is(Ticks(0)),
                };
                let stop = match order_type {
                    TrailingStop => Price::Is(Ticks(stop)),
                    Stop | StopLimit => Price::Near(sign * stop),
                    _ => Price::Is(Ticks(0)),
                };
                (new, price, stop)
            };
            let orders = [fit(a, types.0, times.0, distances.0), fit(b, types.1, times.1, distances.1)];
            Step::List(list_id, orders)
        })
}

/// A quote of both sides, more often than not around the last price.
fn entry() -> impl Strategy<Value = Entry> {
    let near = |from: i64, to: i64| {
        prop_oneof![
            30 => (from..=to).prop_map(Price::Near),
            1 => price(),
        ]
    };
    let lots = || prop_oneof![30 => (1..=8u64).prop_map(Lots), 1 => quantity()];
    let both = (near(-4, 1), lots(), near(0, 5), lots());
    let instrument = prop_oneof![60 => 0..3u32, 2 => Just(3u32), 1 => Just(u32::MAX)];
    (instrument, both, 0..10u8).prop_map(|(instrument, (bid, bid_lots, offer, offer_lots), half)| {
        let none = (Price::Is(Ticks(0)), Lots(0));
        let sides = match half {
            0 => [none, (offer, offer_lots)],
            1 => [(bid, bid_lots), none],
            2 => [none, none],
            _ => [(bid, bid_lots), (offer, offer_lots)],
        };
        (instrument, sides)
    })
}

fn mass_quote() -> impl Strategy<Value = Step> {
    let flags = prop_oneof![10 => Just(0), 2 => Just(MassQuoteBody::RESET)];
    let more = || prop::option::weighted(0.4, entry());
    let entries = (prop::option::weighted(0.97, entry()), more(), more());
    (head(), name(), flags, entries).prop_map(|(mut head, quote_id, flags, (a, b, c))| {
        head.kind = Kind::MassQuote;
        Step::MassQuote(head, quote_id, flags, [a, b, c])
    })
}

fn protection() -> impl Strategy<Value = Step> {
    let group = || prop_oneof![6 => 0..2u32, 1 => Just(5u32)];
    let fills = prop_oneof![10 => 1..5u32, 2 => Just(0u32), 1 => Just(1025u32)];
    let lots = prop_oneof![2 => Just(Lots(0)), 2 => (5..25u64).prop_map(Lots)];
    let window = prop_oneof![8 => 1..1_000_000_000u64, 1 => Just(0u64), 1 => Just(u64::MAX)];
    let set =
        (head(), group(), fills, lots, window).prop_map(|(mut head, group, fills, quantity, window_ns)| {
            head.kind = Kind::SetProtection;
            Step::SetProtection(SetProtection { head, group, fills, quantity, window_ns })
        });
    let reset = (head(), group()).prop_map(|(mut head, group)| {
        head.kind = Kind::ResetProtection;
        Step::ResetProtection(ResetProtection { head, group, reserved: 0 })
    });
    prop_oneof![1 => set, 2 => reset]
}

/// What operators change.
fn terms() -> impl Strategy<Value = Step> {
    let change = prop_oneof![
        4 => Just(Change::Nothing),
        3 => price().prop_map(Change::Reference),
        2 => prop::sample::select(vec![1_000, 5_000, 0, 100_001]).prop_map(Change::Band),
        3 => (prop::sample::select(vec![0, 400, 900]), prop::sample::select(vec![0, 300_000_000, u64::MAX]))
            .prop_map(|(band, call)| Change::Dynamic(band, call)),
        3 => (0..50_000u32, prop::sample::select(vec![0, 2_500, 1_000_001]))
            .prop_map(|(maker, taker)| Change::Fees(maker, taker)),
        2 => (0..3u32).prop_map(Change::Group),
        1 => prop::sample::select(vec![0, b' ', b'I', b'Z']).prop_map(Change::Symbol),
        1 => (0..5u32).prop_map(Change::Quote),
        1 => (0..3u64).prop_map(Change::Tick),
        1 => (0..30u64, 0..30u64).prop_map(|(min, max)| Change::Quantities(min, max)),
    ];
    let number = prop_oneof![3 => 0..3u32, 2 => Just(3u32), 1 => 4..6u32];
    let instrument = (head(), number, change).prop_map(|(mut head, number, change)| {
        head = head.with_kind(Kind::SetInstrument).with_instrument(InstrumentId(number));
        Step::Instrument(head, change)
    });
    let names = prop_oneof![6 => Just(None), 1 => (0..8u32).prop_map(Some)];
    let account =
        (head(), 0..7u32, names, prop::bool::weighted(0.7)).prop_map(|(mut head, number, name, credit)| {
            (head.kind, head.account) = (Kind::SetAccount, AccountId(number));
            Step::Account(head, name.unwrap_or(number), credit)
        });
    let limit = prop_oneof![10 => 0..9_000u128, 1 => Just(u128::MAX)];
    let credit = (head(), 0..5u32, limit).prop_map(|(mut head, asset, limit)| {
        head.kind = Kind::SetCredit;
        Step::Credit(SetCredit { head, asset: AssetId(asset), reserved: 0, limit: Event::halves(limit) })
    });
    let session = prop_oneof![12 => 0..5u32, 1 => Just(5u32)];
    let entitle =
        (head(), 0..6u32, session, prop::bool::weighted(0.8)).prop_map(|(mut head, account, session, on)| {
            (head.kind, head.account) = (Kind::Entitle, AccountId(account));
            Step::Entitle(Entitle { head, session: SessionId(session), on: on.into(), reserved: [0; 3] })
        });
    let scope = prop_oneof![5 => Just(Scope::Session), 5 => Just(Scope::Account), 1 => Just(Scope::Venue)];
    let few = prop_oneof![1 => Just(0u32), 3 => 1..6u32];
    let worth = prop_oneof![1 => Just(0u64), 3 => 100_000_000..3_000_000_000u64];
    let limits = (head(), scope, 0..7u32, 0..4u8, few, worth).prop_map(
        |(head, scope, target, set, open_orders_max, notional_max)| {
            let head = head.with_kind(Kind::SetLimits);
            let (reserved, padding) = ([0; 2], 0);
            Step::Limits(SetLimits {
                head,
                target,
                scope,
                set,
                reserved,
                open_orders_max,
                padding,
                notional_max,
            })
        },
    );
    prop_oneof![2 => instrument, 1 => account, 1 => credit, 2 => entitle, 2 => limits]
}
