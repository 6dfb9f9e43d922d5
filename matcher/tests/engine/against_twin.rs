//! The engine and its slow twin do the same: event by event and state by state.

use std::{cell::RefCell, collections::BTreeMap};

use matcher::engine::{Accounts, Config, Engine, LedgerTerms, SessionTerms};
use proptest::{
    prelude::*,
    test_runner::{TestError, TestRunner},
};
use wire::{
    command::{Cancel, Display, Head, Kind, NewOrder, OrderRef, Replace, SessionNotice, Status, Target},
    event::{self, Cause},
    limits::{LOTS_MAX, TICKS_MAX},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SeqNo, SessionId, Side,
        Ticks, TimeInForce,
    },
};

use crate::{
    common::{Events, Owned, instrument},
    twin::Twin,
};

/// Commands in one flow.
const FLOW: usize = 2_000;
/// Flows in the ordinary mode: 220,000 commands. `PROPTEST_CASES` asks for more.
const FLOWS: u32 = 110;

/// Everything so narrow that it collides: few prices, few names, few orders.
fn config() -> Config {
    let mut instruments =
        vec![instrument(0, 100, 1_000), instrument(1, 60, 5_000), instrument(2, TICKS_MAX - 3, 1)];
    instruments[0].quantity_min = Lots(2);
    instruments[0].quantity_max = Lots(20);
    instruments[0].notional_min = 270;
    let cancel_on_disconnect = Some(5);
    Config {
        instruments,
        sessions: vec![
            SessionTerms {
                accounts: Accounts::Only(vec![AccountId(0)]),
                cancel_on_disconnect,
                self_trade: SelfTrade::None,
            },
            SessionTerms {
                accounts: Accounts::Only(vec![AccountId(0), AccountId(1)]),
                cancel_on_disconnect: None,
                self_trade: SelfTrade::None,
            },
            SessionTerms {
                accounts: Accounts::Any,
                cancel_on_disconnect: Some(0),
                self_trade: SelfTrade::None,
            },
        ],
        open_orders_max: 24,
        finished_orders_max: 20,
        // Room for every order at a price of its own that shares no step with another: the twin knows no such bound.
        price_groups_max: 512,
        ledger: LedgerTerms::default(),
        hash_seed: 0x5EED,
    }
}

/// A price: mostly so many ticks from the instrument's reference.
#[derive(Clone, Copy, Debug)]
enum Price {
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
    let account = prop_oneof![12 => Just(0u32), 4 => Just(1u32), 1 => Just(7u32)];
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

/// What a request points at: a name, or an OrderID so far behind the last one.
#[derive(Clone, Copy, Debug)]
enum Aim {
    Name(ClOrdId),
    Back(u64),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Its price is filled in.
    New(NewOrder, Price),
    Cancel(Head, ClOrdId, Aim),
    /// What fits the order is taken from it where the last field says so.
    Replace(Head, ClOrdId, Aim, Price, Lots, Side, bool),
    Status(Head, Aim),
    Notice(Kind, Head),
}

fn step() -> impl Strategy<Value = Step> {
    let order_type = prop_oneof![6 => Just(OrderType::Limit), 1 => Just(OrderType::Market)];
    let time_in_force = prop_oneof![
        12 => prop::sample::select(vec![TimeInForce::Day, TimeInForce::Gtc]),
        2 => prop::sample::select(vec![TimeInForce::Day, TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok]),
    ];
    let flags = prop_oneof![30 => Just(0u8), 6 => Just(NewOrder::POST_ONLY), 1 => prop::sample::select(vec![1 << 6, NewOrder::INEXPRESSIBLE, 7 << 3, 255])];
    let new = (head(), name(), side(), order_type, time_in_force, flags, price(), quantity(), any::<bool>())
        .prop_map(|(head, cl_ord_id, side, order_type, time_in_force, flags, price, quantity, priced)| {
            let wanted = if order_type == OrderType::Market && priced { Price::Is(Ticks(0)) } else { price };
            let price = Ticks(0);
            Step::New(
                NewOrder {
                    head,
                    cl_ord_id,
                    side,
                    order_type,
                    time_in_force,
                    flags,
                    price,
                    quantity,
                    stop: Ticks(0),
                    display: Lots(0),
                    expire: Nanos(0),
                },
                wanted,
            )
        });
    let aim = || prop_oneof![1 => name().prop_map(Aim::Name), 4 => (0..24u64).prop_map(Aim::Back)];
    let kind = prop_oneof![
        3 => prop::sample::select(vec![Kind::SessionUp, Kind::SessionDown]),
        1 => Just(Kind::CancelSession),
    ];
    prop_oneof![
        60 => new,
        15 => (head(), name(), aim()).prop_map(|(head, name, aim)| Step::Cancel(head, name, aim)),
        25 => (head(), name(), aim(), price(), quantity(), side(), prop::bool::weighted(0.8))
            .prop_map(|(h, n, a, p, q, s, fit)| Step::Replace(h, n, a, p, q, s, fit)),
        6 => (head(), aim()).prop_map(|(head, aim)| Step::Status(head, aim)),
        1 => (kind, head()).prop_map(|(kind, head)| Step::Notice(kind, head)),
    ]
}

/// What of the flow so far a step may refer to: by OrderID, session, instrument and side.
#[derive(Default)]
struct Known {
    last: u64,
    orders: BTreeMap<u64, (SessionId, InstrumentId, Side)>,
    traded: BTreeMap<InstrumentId, Ticks>,
}

impl Known {
    fn see(&mut self, event: &event::Event) {
        if event.kind == event::Kind::Accepted {
            self.last = event.order_id.0;
            self.orders.insert(self.last, (event.session, event.instrument, event.side));
        }
        if event.kind == event::Kind::Fill {
            self.traded.insert(event.instrument, event.last_price);
        }
    }

    fn price(&self, instrument: InstrumentId, price: Price) -> Ticks {
        let first = config().instruments.get(instrument.0 as usize).map_or(Ticks(9), |i| i.reference);
        match price {
            Price::Near(ticks) => Ticks(self.traded.get(&instrument).unwrap_or(&first).0 + ticks),
            Price::Is(price) => price,
        }
    }

    fn order(&self, aim: Aim, head: &mut Head, fit: bool) -> (OrderRef, Option<Side>) {
        match aim {
            Aim::Name(name) if name.is_none() => (OrderRef::new(Target::Venue(OrderId(0))), None),
            Aim::Name(name) => (OrderRef::new(Target::Client(name)), None),
            Aim::Back(back) => {
                let id = self.last.saturating_sub(back);
                let known = self.orders.get(&id).filter(|_| fit);
                if let Some(&(session, instrument, _)) = known {
                    (head.session, head.instrument) = (session, instrument);
                }
                (OrderRef::new(Target::Venue(OrderId(id))), known.map(|&(.., side)| side))
            }
        }
    }

    fn command(&self, step: Step) -> Owned {
        match step {
            Step::New(new, price) => {
                Owned::New(NewOrder { price: self.price(new.head.instrument, price), ..new })
            }
            Step::Cancel(mut head, cl_ord_id, aim) => {
                head.kind = Kind::Cancel;
                // One in sixteen messages names whatever it likes.
                let fit = head.rx.0 % 16 != 0;
                let (order, _) = self.order(aim, &mut head, fit);
                Owned::Cancel(Cancel { head, cl_ord_id, order })
            }
            Step::Replace(mut head, cl_ord_id, aim, price, quantity, side, fit) => {
                head.kind = Kind::Replace;
                let (order, own_side) = self.order(aim, &mut head, fit);
                let side = own_side.unwrap_or(side);
                let price = self.price(head.instrument, price);
                Owned::Replace(Replace {
                    head,
                    cl_ord_id,
                    order,
                    price,
                    quantity,
                    side,
                    display: Display::NONE,
                })
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
                    _ => Owned::CancelSession(notice),
                }
            }
        }
    }
}

#[derive(Default)]
struct Coverage {
    kinds: BTreeMap<event::Kind, u64>,
    causes: BTreeMap<Cause, u64>,
    rejects: BTreeMap<Reject, u64>,
    commands: u64,
}

impl Coverage {
    fn see(&mut self, event: &event::Event) {
        *self.kinds.entry(event.kind).or_default() += 1;
        *self.causes.entry(event.cause).or_default() += 1;
        *self.rejects.entry(event.reject).or_default() += 1;
    }
}

/// Runs one flow through both.
fn compare(steps: &[Step], coverage: &RefCell<Coverage>) -> Result<(), TestCaseError> {
    let mut engine = Engine::new(config());
    let mut twin = Twin::new(config());
    let mut known = Known::default();
    for (i, &step) in (0u64..).zip(steps) {
        let owned = known.command(step);
        let command = owned.command();
        let (seq, time) = (SeqNo(i + 1), Nanos(1_000 + i / 2));
        let before = engine.orders_hash();
        let mut events = Events::default();
        engine.apply(seq, time, command, &mut events);
        let expected = twin.apply(seq, time, command);
        prop_assert_eq!(&events.0, &expected, "first difference at command {}: {:?}", i, owned);
        engine.audit();
        prop_assert_eq!(engine.state_hash(), twin.state_hash(), "states differ after {}: {:?}", i, owned);
        prop_assert_eq!(engine.open_orders(), twin.open_orders());
        prop_assert_eq!(engine.next_cancel(), twin.next_cancel());
        for instrument in (0..3).map(InstrumentId) {
            for &side in Side::ALL {
                let depth: Vec<_> = engine.depth(instrument, side).collect();
                prop_assert_eq!(&depth, &twin.depth(instrument, side));
                let best = depth.first().map(|&(p, q)| (p, Lots(u64::try_from(q).unwrap_or(u64::MAX))));
                prop_assert_eq!(engine.best(instrument, side), best);
            }
        }
        if events.0.iter().all(|event| event.reject != Reject::None || event.kind == event::Kind::Status)
            && !events.0.is_empty()
        {
            prop_assert_eq!(engine.orders_hash(), before, "a refusal changed the state: {:?}", owned);
        }
        let mut coverage = coverage.borrow_mut();
        coverage.commands += 1;
        for event in &events.0 {
            known.see(event);
            coverage.see(event);
        }
    }
    Ok(())
}

#[test]
fn over_random_flows_engine_and_twin_give_the_same_events_and_states() {
    let flows = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(FLOWS);
    let config = ProptestConfig { cases: flows.max(FLOWS), failure_persistence: None, ..Default::default() };
    let coverage = RefCell::new(Coverage::default());
    let flow = prop::collection::vec(step(), FLOW);
    match TestRunner::new(config).run(&flow, |steps| compare(&steps, &coverage)) {
        Ok(()) => {}
        Err(TestError::Fail(reason, steps)) => panic!("{reason}\nafter {} steps: {steps:#?}", steps.len()),
        Err(error) => panic!("{error}"),
    }

    let Coverage { kinds, causes, rejects, commands } = coverage.into_inner();
    println!("{commands} commands\nkinds: {kinds:?}\ncauses: {causes:?}\nrejects: {rejects:?}");
    assert!(commands >= 200_000);
    for kind in 1..=8u8 {
        assert!(kinds.keys().any(|&k| k as u8 == kind), "no event of kind {kind}");
    }
    for cause in 0..=5u8 {
        assert!(causes.keys().any(|&c| c as u8 == cause), "no event of cause {cause}");
    }
    // The flows do not reach the later features yet.
    let not_ours = [Reject::Busy, Reject::MatcherAway, Reject::Draining];
    for reject in Reject::ALL.iter().filter(|r| **r <= Reject::BadClOrdId && !not_ours.contains(r)) {
        assert!(rejects.contains_key(reject), "no event with {reject:?}");
    }
}
