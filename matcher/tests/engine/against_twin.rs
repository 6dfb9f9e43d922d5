//! The engine and its slow twin do the same: event by event and state by state.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
};

use matcher::engine::{Balance, Engine};
use proptest::{
    prelude::*,
    test_runner::{TestError, TestRunner},
};
use wire::{
    event::{self, Cause, Kind},
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, Lots, Nanos, SeqNo, Side},
};

use crate::{
    common::{Events, Owned},
    flow::{FEATURES, Known, LEDGER, Step, config, endowment, step},
    twin::Twin,
};

/// Commands in one flow.
const FLOW: usize = 2_000;
/// Flows in the ordinary mode, 220,000 commands, and in the long one (`PENSTOCK_LONG`), 10,000,000.
const FLOWS: u32 = 110;
const FLOWS_LONG: u32 = 5_000;

/// How often each thing was seen.
#[derive(Default)]
struct Coverage {
    kinds: BTreeMap<Kind, u64>,
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

    /// All that the features which are on can give.
    fn check(&self) {
        for feature in FEATURES.iter().filter(|feature| feature.on) {
            all_seen(feature.name, feature.kinds, &self.kinds);
            all_seen(feature.name, feature.causes, &self.causes);
            all_seen(feature.name, feature.rejects, &self.rejects);
        }
    }
}

fn all_seen<T: Ord + Debug>(feature: &str, wanted: &[T], seen: &BTreeMap<T, u64>) {
    let missing: Vec<&T> = wanted.iter().filter(|&what| !seen.contains_key(what)).collect();
    assert!(missing.is_empty(), "never seen of {feature}: {missing:?}");
}

/// Engine and twin, side by side.
struct Pair {
    engine: Engine,
    twin: Twin,
    seq: u64,
    ledger: bool,
}

impl Pair {
    fn now(&self) -> Nanos {
        Nanos(1_000 + self.seq / 2)
    }

    fn apply(&mut self, owned: Owned) -> Result<Vec<event::Event>, TestCaseError> {
        let Pair { engine, twin, .. } = self;
        let command = owned.command();
        let (seq, time) = (SeqNo(self.seq + 1), Nanos(1_000 + self.seq / 2));
        let before = engine.orders_hash();
        let mut events = Events::default();
        engine.apply(seq, time, command, &mut events);
        let events = events.0;
        let expected = twin.apply(seq, time, command);
        prop_assert!(events == expected, "command {seq}: {owned:?}\n{}", difference(&events, &expected));
        engine.audit();
        twin.audit();
        prop_assert_eq!(engine.state_hash(), twin.state_hash(), "states differ after {}: {:?}", seq, owned);
        prop_assert_eq!(engine.open_orders(), twin.open_orders());
        prop_assert_eq!(engine.next_cancel(), twin.next_cancel());
        prop_assert_eq!(engine.next_due(), twin.next_expiry());
        for instrument in (0..3).map(InstrumentId) {
            for &side in Side::ALL {
                let depth: Vec<_> = engine.depth(instrument, side).collect();
                prop_assert_eq!(&depth, &twin.depth(instrument, side));
                let best = depth.first().map(|&(p, q)| (p, Lots(u64::try_from(q).unwrap_or(u64::MAX))));
                prop_assert_eq!(engine.best(instrument, side), best);
            }
        }
        if self.ledger {
            for (account, asset) in (0..3).flat_map(|account| (0..4).map(move |asset| (account, asset))) {
                let Balance { available, held } =
                    engine.balance(AccountId(account), AssetId(asset)).expect("it has funds");
                let purse = twin.balance(account, asset).expect("it has funds");
                prop_assert_eq!((available, held), (purse.available, purse.held), "{}, {}", account, asset);
                prop_assert_eq!(engine.fees(AssetId(asset)), Some(twin.fees(asset)));
            }
        }
        let refused = |event: &event::Event| event.reject != Reject::None || event.kind == Kind::Status;
        if !events.is_empty() && events.iter().all(refused) {
            prop_assert_eq!(engine.orders_hash(), before, "a refusal changed the state: {:?}", owned);
        }
        self.seq += 1;
        Ok(events)
    }
}

/// The first event that differs, and of it what differs.
fn difference(engine: &[event::Event], twin: &[event::Event]) -> String {
    let at = (0..).find(|&i| engine.get(i) != twin.get(i) || i == engine.len()).expect("there is an end");
    let (Some(ours), Some(theirs)) = (engine.get(at), twin.get(at)) else {
        let more = engine.get(at..).unwrap_or(&[]);
        let missing = twin.get(at..).unwrap_or(&[]);
        return format!("after {at} events the engine has also {more:?}, the twin {missing:?}");
    };
    let lines = |event| format!("{event:#?}").replace("(\n        ", "(").replace(",\n    )", ")");
    let (ours, theirs) = (lines(ours), lines(theirs));
    let differ = ours.lines().zip(theirs.lines()).filter(|(a, b)| a != b);
    let fields: Vec<String> = differ.map(|(a, b)| format!("engine {} twin {}", a.trim(), b.trim())).collect();
    format!("event {at}, {:?} of {:?}: {fields:#?}", engine[at].kind, engine[at].order_id)
}

/// Runs one flow through both.
fn compare(ledger: bool, steps: &[Step], coverage: &RefCell<Coverage>) -> Result<(), TestCaseError> {
    let (engine, twin) = (Engine::new(config(ledger)), Twin::new(config(ledger)));
    let mut pair = Pair { engine, twin, seq: 0, ledger };
    let mut known = Known::default();
    if ledger {
        for deposit in endowment() {
            pair.apply(deposit)?;
        }
    }
    for &step in steps {
        let owned = known.command(step, pair.now());
        let events = catch_unwind(AssertUnwindSafe(|| pair.apply(owned)))
            .map_err(|_| TestCaseError::fail(format!("a panic at {owned:?}")))??;
        let mut coverage = coverage.borrow_mut();
        coverage.commands += 1;
        for event in &events {
            known.see(event);
            coverage.see(event);
        }
    }
    Ok(())
}

/// All commands of a flow as they are sent.
fn sent(ledger: bool, steps: &[Step]) -> Vec<Owned> {
    let (engine, twin) = (Engine::new(config(ledger)), Twin::new(config(ledger)));
    let mut pair = Pair { engine, twin, seq: 0, ledger };
    let mut known = Known::default();
    let mut sent = if ledger { endowment() } else { Vec::new() };
    for &owned in &sent {
        let _ = pair.apply(owned);
    }
    for &step in steps {
        let owned = known.command(step, pair.now());
        sent.push(owned);
        match catch_unwind(AssertUnwindSafe(|| pair.apply(owned))) {
            Ok(Ok(events)) => events.iter().for_each(|event| known.see(event)),
            _ => break,
        }
    }
    sent
}

#[test]
fn over_random_flows_engine_and_twin_give_the_same_events_and_states() {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(FLOWS);
    let least = if std::env::var_os("PENSTOCK_LONG").is_some() { FLOWS_LONG } else { FLOWS };
    let config = ProptestConfig {
        cases: asked.max(least),
        failure_persistence: None,
        max_shrink_time: 60_000, // milliseconds
        ..Default::default()
    };
    let coverage = RefCell::new(Coverage::default());
    let flow = (prop::bool::ANY, prop::collection::vec(step(), FLOW));
    let with_ledger = |ledger: bool| ledger && FEATURES[LEDGER].on;
    match TestRunner::new(config)
        .run(&flow, |(ledger, steps)| compare(with_ledger(ledger), &steps, &coverage))
    {
        Ok(()) => {}
        Err(TestError::Fail(reason, (ledger, steps))) => {
            let sent: Vec<String> =
                sent(with_ledger(ledger), &steps).iter().map(|owned| format!("{owned:?}")).collect();
            panic!("{reason}\nafter:\n{}", sent.join("\n"))
        }
        Err(error) => panic!("{error}"),
    }

    let coverage = coverage.into_inner();
    println!(
        "{} commands\nkinds: {:?}\ncauses: {:?}\nrejects: {:?}",
        coverage.commands, coverage.kinds, coverage.causes, coverage.rejects
    );
    assert!(coverage.commands >= u64::from(least) * FLOW as u64);
    coverage.check();
}
