//! Random flows of commands in which everything collides: few prices, few names, few orders.

use std::collections::{BTreeMap, BTreeSet};

use matcher::engine::{AccountKind, AccountTerms, Accounts, Config, LedgerTerms, Pair, SessionTerms};
use proptest::prelude::*;
use wire::{
    command::{
        Cancel, Display, Funds, Head, KillSwitch, Kind, MassCancel, NewOrder, OrderRef, Replace, Scope,
        SessionNotice, SetState, Status, Target,
    },
    event::{self, Cause, Event, Liquidity},
    limits::{LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SessionId,
        Side, Ticks, TimeInForce, TradingState,
    },
};

use crate::common::{Owned, instrument};

/// What the flows reach, feature by feature, and what must be seen of each.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    /// Whether the flows have it.
    pub(crate) on: bool,
    pub(crate) kinds: &'static [event::Kind],
    pub(crate) causes: &'static [Cause],
    pub(crate) liquidities: &'static [Liquidity],
    pub(crate) rejects: &'static [Reject],
}

pub(crate) const ATTRIBUTES: usize = 1;
pub(crate) const STOPS: usize = 2;
pub(crate) const LEDGER: usize = 3;
pub(crate) const MASS: usize = 4;

pub(crate) const STATES: usize = 5;

pub(crate) const FEATURES: [Feature; 6] = [
    Feature {
        name: "orders, cancels, replaces, sessions",
        on: true,
        kinds: &[
            event::Kind::Accepted,
            event::Kind::Rejected,
            event::Kind::Fill,
            event::Kind::Canceled,
            event::Kind::Replaced,
            event::Kind::CancelRejected,
            event::Kind::ReplaceRejected,
            event::Kind::Status,
        ],
        causes: &[
            Cause::Requested,
            Cause::Unfilled,
            Cause::NotFillable,
            Cause::Disconnected,
            Cause::ReplacedBelowFilled,
        ],
        liquidities: &[Liquidity::Maker, Liquidity::Taker],
        rejects: &[
            Reject::UnknownInstrument,
            Reject::UnsupportedOrder,
            Reject::PriceNotPositive,
            Reject::PriceOffTick,
            Reject::PriceOutOfRange,
            Reject::QuantityNotPositive,
            Reject::QuantityOffLot,
            Reject::QuantityOutOfRange,
            Reject::QuantityTooSmall,
            Reject::QuantityTooLarge,
            Reject::NotionalTooSmall,
            Reject::PriceOutsideBand,
            Reject::DuplicateClOrdId,
            Reject::NotEntitled,
            Reject::TooManyOpenOrders,
            Reject::PostOnlyWouldTake,
            Reject::UnknownOrder,
            Reject::OrderMismatch,
            Reject::BadClOrdId,
        ],
    },
    Feature {
        name: "iceberg, minimum quantity, GTD, self-trade prevention",
        on: true,
        kinds: &[event::Kind::Reduced],
        causes: &[Cause::SelfTrade, Cause::Expired, Cause::BelowMinimum],
        liquidities: &[],
        rejects: &[Reject::BadDisplay, Reject::BadMinimum, Reject::BadExpireTime],
    },
    Feature {
        name: "stops",
        on: true,
        kinds: &[event::Kind::Triggered],
        causes: &[],
        liquidities: &[],
        rejects: &[Reject::BadStop],
    },
    Feature {
        name: "ledger",
        on: true,
        kinds: &[event::Kind::Done, event::Kind::NotDone],
        causes: &[Cause::InsufficientFunds],
        liquidities: &[],
        rejects: &[Reject::InsufficientFunds, Reject::UnknownAccount, Reject::BadFunds],
    },
    Feature {
        name: "mass cancel, kill switch",
        on: true,
        kinds: &[event::Kind::MassCanceled, event::Kind::Done, event::Kind::NotDone],
        causes: &[Cause::MassCanceled, Cause::Killed],
        liquidities: &[],
        rejects: &[Reject::Killed],
    },
    Feature {
        name: "trading states, auctions",
        on: true,
        kinds: &[event::Kind::State, event::Kind::Indicative],
        causes: &[Cause::Expired],
        liquidities: &[Liquidity::Auction],
        rejects: &[Reject::WrongState, Reject::Halted, Reject::Closed, Reject::BadTransition],
    },
];

const fn on(feature: usize) -> bool {
    FEATURES[feature].on
}

/// Three instruments, the last one at the end of all prices, and three sessions; with or without a ledger.
pub(crate) fn config(ledger: bool) -> Config {
    let mut instruments =
        vec![instrument(0, 100, 1_000), instrument(1, 60, 5_000), instrument(2, TICKS_MAX - 3, 1)];
    instruments[0].quantity_min = Lots(2);
    instruments[0].quantity_max = Lots(20);
    instruments[0].notional_min = 270;
    let session = |accounts, cancel_on_disconnect, self_trade| SessionTerms {
        accounts,
        cancel_on_disconnect,
        self_trade,
    };
    let default = if on(ATTRIBUTES) { SelfTrade::CancelNewest } else { SelfTrade::None };
    Config {
        instruments,
        sessions: vec![
            session(Accounts::Only(vec![AccountId(0)]), Some(5), SelfTrade::None),
            session(Accounts::Only((0..3).map(AccountId).collect()), None, default),
            session(Accounts::Any, Some(0), SelfTrade::None),
        ],
        open_orders_max: 24,
        finished_orders_max: 20,
        // Room for every order at a price of its own that shares no step with another: the twin knows no such bound.
        price_groups_max: 512,
        ledger: if ledger { ledger_terms() } else { LedgerTerms::default() },
        hash_seed: 0x5EED,
        instruments_max: 0,
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
    }
}

/// Account 0 is prefunded, 1 has some credit, 2 has credit without limit of one asset.
fn ledger_terms() -> LedgerTerms {
    let account = |name: &str, kind| AccountTerms { name: name.into(), kind };
    let pair = |base, quote, base_per_lot, quote_per_tick_lot, maker_fee, taker_fee| Pair {
        base: AssetId(base),
        quote: AssetId(quote),
        base_per_lot,
        quote_per_tick_lot,
        maker_fee,
        taker_fee,
    };
    LedgerTerms {
        assets: 4,
        accounts: vec![
            account("prefunded", AccountKind::Prefunded),
            account(
                "some",
                AccountKind::Credit(vec![(AssetId(0), 200), (AssetId(1), 3_000), (AssetId(3), 0)]),
            ),
            account("much", AccountKind::Credit(vec![(AssetId(0), 0), (AssetId(1), 2_500)])),
        ],
        pairs: vec![
            pair(0, 1, 10, 2, 1_000, 2_500),
            pair(2, 1, 1, 1, 33_333, 0),
            pair(0, 3, 1, 1, 0, 1_000_000),
        ],
    }
}

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
    let session = prop_oneof![60 => 0..3u32, 1 => Just(3u32), 1 => Just(u32::MAX)];
    let account = prop_oneof![20 => Just(0u32), 8 => Just(1u32), 8 => Just(2u32), 1 => Just(7u32)];
    let instrument = prop_oneof![60 => 0..3u32, 1 => Just(3u32), 1 => Just(u32::MAX)];
    (session, account, instrument, 0..1_000u64, any::<u32>()).prop_map(
        |(session, account, instrument, msg, rx)| {
            Head::new(
                Kind::New,
                SessionId(session),
                AccountId(account),
                InstrumentId(instrument),
                msg,
                Nanos(rx.into()),
            )
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
}

/// A display or minimum quantity.
fn part() -> BoxedStrategy<Lots> {
    if !on(ATTRIBUTES) {
        return Just(Lots(0)).boxed();
    }
    prop_oneof![
        20 => Just(Lots(0)),
        10 => (1..=6u64).prop_map(Lots),
        2 => (1..=24u64).prop_map(Lots),
        1 => prop::sample::select(vec![Lots::OFF_LOT, Lots::OUT_OF_RANGE, Lots(LOTS_MAX)]),
    ]
    .boxed()
}

/// Mostly a type, time in force and attributes that go together.
fn order() -> impl Strategy<Value = NewOrder> {
    use TimeInForce::{AtTheClose, AtTheOpening, Day, Fok, Gtc, Gtd, Ioc};
    let types = if on(STOPS) {
        vec![
            OrderType::Limit,
            OrderType::Market,
            OrderType::Stop,
            OrderType::StopLimit,
            OrderType::TrailingStop,
        ]
    } else {
        vec![OrderType::Limit, OrderType::Market]
    };
    let times = vec![Day, Gtc, Ioc, Fok, Gtd, AtTheOpening, AtTheClose];
    let order_type = prop_oneof![6 => Just(OrderType::Limit), 2 => prop::sample::select(types)];
    let time = prop_oneof![4 => prop::sample::select(vec![Day, Gtc]), 3 => prop::sample::select(times)];
    let rare = vec![
        NewOrder::POST_ONLY | NewOrder::MINIMUM,
        1 << 6,
        NewOrder::INEXPRESSIBLE,
        7 << 3,
        6 << 3,
        255,
    ];
    let minimum = if on(ATTRIBUTES) { NewOrder::MINIMUM } else { 0 };
    let flags = prop_oneof![
        30 => Just(0u8),
        6 => Just(NewOrder::POST_ONLY),
        2 => Just(minimum),
        1 => prop::sample::select(rare)
    ];
    let modes = if on(ATTRIBUTES) { 0..=5u8 } else { 0..=0 };
    (head(), name(), side(), order_type, time, flags, modes, quantity(), part(), 0..60u64, 0..16u8).prop_map(
        |(head, cl_ord_id, side, order_type, time_in_force, flags, mode, quantity, part, expire, odd)| {
            let ioc = time_in_force == Ioc;
            let hides = order_type.has_price() && time_in_force.rests();
            // One in sixteen may be any combination.
            let fits = odd > 0;
            let minimum = ioc && part.0 > 0 && !order_type.is_stop();
            let flags = match flags {
                _ if minimum && fits => NewOrder::MINIMUM,
                NewOrder::POST_ONLY if fits && !(order_type == OrderType::Limit && time_in_force.rests()) => {
                    0
                }
                _ => flags,
            };
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
fn sensible(part: Lots, quantity: Lots) -> Lots {
    if part.0 > 0 && quantity.0 > 1_000 { part.max(Lots(quantity.0 / 3)) } else { part }
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let distance = prop_oneof![
        8 => (1..=9i64).prop_map(|ticks| Price::Is(Ticks(ticks))),
        1 => Just(Price::Is(Ticks(TICKS_MAX))),
        1 => price()
    ];
    let new =
        (order(), price(), price(), distance, 0..16u8).prop_map(|(order, price, stop, distance, odd)| {
            let none = Price::Is(Ticks(0));
            let odd = odd == 0;
            let price = if order.order_type.has_price() || odd { price } else { none };
            let stop = match order.order_type {
                OrderType::TrailingStop => distance,
                OrderType::Stop | OrderType::StopLimit => stop,
                _ if odd && on(STOPS) => stop,
                _ => none,
            };
            Step::New(order, price, stop)
        });
    let aim = || {
        prop_oneof![
            1 => name().prop_map(Aim::Name),
            1 => (0..24u64).prop_map(Aim::Back),
            4 => (0..12usize).prop_map(Aim::Open)
        ]
    };
    let due = if on(ATTRIBUTES) { Kind::Due } else { Kind::SessionUp };
    let kind = prop_oneof![
        3 => prop::sample::select(vec![Kind::SessionUp, Kind::SessionDown]),
        1 => Just(Kind::CancelSession),
        4 => Just(due),
    ];
    let mass = (head(), name(), 0..16u8, side()).prop_map(|(mut head, cl_ord_id, by, side)| {
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
        2 => (kind, head()).prop_map(|(kind, head)| Step::Notice(kind, head)),
        u32::from(on(MASS)) => mass,
        u32::from(on(MASS)) => kill,
        8 * u32::from(on(LEDGER)) => funds,
        3 * u32::from(on(STATES)) => state,
    ]
}

/// What of the flow so far a step may refer to: by OrderID, session, instrument and side.
#[derive(Default)]
pub(crate) struct Known {
    last: u64,
    orders: BTreeMap<u64, event::Event>,
    open: BTreeSet<u64>,
    states: BTreeMap<InstrumentId, TradingState>,
    traded: BTreeMap<InstrumentId, Ticks>,
}

impl Known {
    pub(crate) fn see(&mut self, event: &event::Event) {
        if event.kind == event::Kind::Accepted {
            self.last = event.order_id.0;
        }
        if event.order_id.0 > 0 {
            self.orders.insert(event.order_id.0, *event);
            if event.leaves.0 > 0 {
                self.open.insert(event.order_id.0);
            } else {
                self.open.remove(&event.order_id.0);
            }
        }
        if event.kind == event::Kind::State {
            self.states.insert(event.instrument, event.state);
        }
        if event.kind == event::Kind::Fill {
            self.traded.insert(event.instrument, event.last_price);
        }
    }

    fn price(&self, instrument: InstrumentId, price: Price) -> Ticks {
        let first = config(false).instruments.get(instrument.0 as usize).map_or(Ticks(9), |i| i.reference);
        match price {
            Price::Near(ticks) => Ticks(self.traded.get(&instrument).unwrap_or(&first).0 + ticks),
            Price::Is(price) => price,
        }
    }

    /// What `aim` points at, and the order as last heard of if the request is to fit it.
    fn order(&self, aim: Aim, head: &mut Head, fit: bool) -> (OrderRef, Option<&event::Event>) {
        match aim {
            Aim::Name(name) if name.is_none() => (OrderRef::new(Target::Venue(OrderId(0))), None),
            Aim::Name(name) => (OrderRef::new(Target::Client(name)), None),
            Aim::Back(_) | Aim::Open(_) => {
                let id = match aim {
                    Aim::Back(back) => self.last.saturating_sub(back),
                    Aim::Open(back) => self.open.iter().rev().cycle().nth(back).copied().unwrap_or(0),
                    Aim::Name(_) => 0,
                };
                let known = self.orders.get(&id).filter(|_| fit);
                if let Some(order) = known {
                    (head.session, head.instrument) = (order.session, order.instrument);
                }
                (OrderRef::new(Target::Venue(OrderId(id))), known)
            }
        }
    }

    /// The command of `step`; `can_withdraw` is what an account could take out of an asset.
    pub(crate) fn command(
        &self,
        step: Step,
        now: Nanos,
        can_withdraw: impl Fn(AccountId, AssetId) -> i128,
    ) -> Owned {
        match step {
            Step::New(new, price, stop) => Owned::New(NewOrder {
                price: self.price(new.head.instrument, price),
                stop: self.price(new.head.instrument, stop),
                expire: Nanos(if new.expire.0 == 0 { 0 } else { now.0 + new.expire.0 - 2 }),
                ..new
            }),
            Step::MassCancel(mass) => Owned::MassCancel(mass),
            Step::KillSwitch(kill) => Owned::KillSwitch(kill),
            Step::State(mut set) => {
                // From there no other state follows, and it would stay so for long.
                let closed = self.states.get(&set.head.instrument) == Some(&TradingState::Closed);
                if closed && set.state == TradingState::Continuous {
                    set.state = TradingState::OpeningAuction;
                }
                Owned::SetState(set)
            }
            Step::Funds(funds, _) if funds.head.kind == Kind::Deposit => Owned::Deposit(funds),
            Step::Funds(mut funds, all) => {
                if all {
                    let most = can_withdraw(funds.head.account, funds.asset).max(1);
                    funds.amount = Event::halves(most.unsigned_abs());
                }
                Owned::Withdraw(funds)
            }
            Step::Cancel(mut head, cl_ord_id, aim) => {
                head.kind = Kind::Cancel;
                // One in sixteen messages names whatever it likes.
                let fit = head.rx.0 % 16 != 0;
                let (order, _) = self.order(aim, &mut head, fit);
                Owned::Cancel(Cancel { head, cl_ord_id, order })
            }
            Step::Replace(mut head, cl_ord_id, aim, price, quantity, side, display, fit) => {
                head.kind = Kind::Replace;
                let (order, known) = self.order(aim, &mut head, fit);
                let side = known.map_or(side, |order| order.side);
                let mut price = self.price(head.instrument, price);
                let mut display = display;
                if let Some(order) = known {
                    if !order.order_type.has_price() {
                        price = Ticks(0);
                    } else if head.rx.0 % 3 == 0 {
                        (price, display) = (order.price, order.display);
                    }
                }
                let display = Display::new(sensible(display, quantity));
                Owned::Replace(Replace { head, cl_ord_id, order, price, quantity, side, display })
            }
            Step::Status(mut head, aim) => {
                head.kind = Kind::Status;
                let fit = head.rx.0 % 16 != 0;
                let (order, _) = self.order(aim, &mut head, fit);
                let side = if head.rx.0 % 2 == 0 { Side::Buy } else { Side::Sell };
                let request_id = ClOrdId::new(&head.rx.0.to_le_bytes()[..1]).unwrap_or_default();
                Owned::Status(Status { head, request_id, order, side, reserved: [0; 7] })
            }
            Step::Notice(kind, mut head) => {
                head.kind = kind;
                let notice = SessionNotice { head };
                match kind {
                    Kind::SessionUp => Owned::Up(notice),
                    Kind::SessionDown => Owned::Down(notice),
                    Kind::Due => Owned::Due(notice),
                    _ => Owned::CancelSession(notice),
                }
            }
        }
    }
}

/// What funds a flow with a ledger begins with.
pub(crate) fn endowment() -> Vec<Owned> {
    let deposits =
        [(0, 0, 2_000), (0, 1, 30_000), (0, 2, 200), (0, 3, 1 << 63), (1, 0, 1_000), (1, 1, 20_000)];
    deposits
        .into_iter()
        .map(|(account, asset, amount)| {
            let head =
                Head::new(Kind::Deposit, SessionId(2), AccountId(account), InstrumentId(0), 0, Nanos(0));
            Owned::Deposit(Funds { head, asset: AssetId(asset), reserved: 0, amount: Event::halves(amount) })
        })
        .collect()
}
