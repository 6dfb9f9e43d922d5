//! The engine and its slow twin do the same: event by event and state by state.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::{self, Debug, Display},
    panic::{AssertUnwindSafe, catch_unwind},
    time::{SystemTime, UNIX_EPOCH},
};

use matcher::engine::{Balance, Engine};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use wire::{
    event::{self, Cause, Definition, Kind, Liquidity},
    reject::Reject,
    types::{AccountId, AssetId, InstrumentId, Lots, Nanos, SeqNo, Side},
};

use zerocopy::TryFromBytes;

use crate::{
    common::{Events, Owned},
    flow::{Known, Step, config, endowment, step, time},
    market_data::Reader,
    twin::Twin,
};

/// Commands in one flow.
const FLOW: usize = 2_000;
/// Flows in the ordinary mode, 220,000 commands, and in the long one (`PENSTOCK_LONG`), 10,000,000.
const FLOWS: u64 = 110;
const FLOWS_LONG: u64 = 5_000;

/// How often each thing was seen.
#[derive(Default)]
struct Coverage {
    kinds: BTreeMap<Kind, u64>,
    causes: BTreeMap<Cause, u64>,
    liquidities: BTreeMap<Liquidity, u64>,
    rejects: BTreeMap<Reject, u64>,
    /// What a trunk is told that is not news of its own.
    answers: BTreeMap<Kind, u64>,
    commands: u64,
}

impl Coverage {
    fn see(&mut self, event: &event::Event) {
        *self.kinds.entry(event.kind).or_default() += 1;
        *self.causes.entry(event.cause).or_default() += 1;
        *self.liquidities.entry(event.liquidity).or_default() += 1;
        *self.rejects.entry(event.reject).or_default() += 1;
        let may_answer = matches!(event.kind, Kind::Status | Kind::Canceled | Kind::Replaced);
        if may_answer && event.by & event::Event::ANSWER != 0 {
            *self.answers.entry(event.kind).or_default() += 1;
        }
    }

    /// Whether everything that an engine can say was seen.
    fn check(&self) {
        // That events were lost is told by the matcher.
        let kinds: Vec<Kind> =
            coded::<Kind>().into_iter().filter(|kind| !matches!(kind, Kind::CutOff | Kind::Begun)).collect();
        all_seen(&kinds, &self.kinds);
        all_seen(&coded::<Cause>(), &self.causes);
        all_seen(&coded::<Liquidity>(), &self.liquidities);
        // What only gateways say.
        let gateways = [
            Reject::Busy,
            Reject::MatcherAway,
            Reject::Draining,
            Reject::Throttled,
            Reject::UnsupportedRequest,
            Reject::PartMissing,
            Reject::AcrossShards,
            Reject::JournalFailed,
        ];
        let engines: Vec<Reject> = Reject::ALL.iter().copied().filter(|r| !gateways.contains(r)).collect();
        all_seen(&engines, &self.rejects);
        all_seen(&[Kind::Status, Kind::Canceled, Kind::Replaced], &self.answers);
    }
}

/// Every value of a type of one byte.
fn coded<T: TryFromBytes>() -> Vec<T> {
    (0..=u8::MAX).filter_map(|code| T::try_read_from_bytes(&[code]).ok()).collect()
}

impl Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} commands, of which came", self.commands)?;
        table(f, &self.kinds)?;
        table(f, &self.causes)?;
        table(f, &self.liquidities)?;
        table(f, &self.rejects)?;
        table(f, &self.answers)
    }
}

fn table<T: Debug>(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<T, u64>) -> fmt::Result {
    writeln!(f, "{:-<32}", "")?;
    counts.iter().try_for_each(|(what, count)| writeln!(f, "{count:>10}  {what:?}"))
}

fn all_seen<T: Ord + Debug>(wanted: &[T], seen: &BTreeMap<T, u64>) {
    let missing: Vec<&T> = wanted.iter().filter(|&what| !seen.contains_key(what)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
}

/// Engine and twin, side by side.
struct Pair {
    engine: Engine,
    twin: Twin,
    reader: Reader,
    seq: u64,
    ledger: bool,
}

impl Pair {
    fn now(&self) -> Nanos {
        time(self.seq)
    }

    fn apply(&mut self, owned: Owned) -> Result<Happened, TestCaseError> {
        let time = self.now();
        let Pair { engine, twin, .. } = self;
        let command = owned.command();
        let seq = SeqNo(self.seq + 1);
        let before = engine.orders_hash();
        let mut events = Events::default();
        engine.apply(seq, time, command, &mut events);
        let Events(events, definitions, records) = events;
        records.iter().for_each(|record| self.reader.see(record));
        let expected = twin.apply(seq, time, command);
        prop_assert!(events == expected, "command {seq}: {owned:?}\n{}", difference(&events, &expected));
        prop_assert_eq!(&definitions, &twin.definitions(), "definitions differ after {}: {:?}", seq, owned);
        engine.audit();
        twin.audit();
        prop_assert_eq!(engine.state_hash(), twin.state_hash(), "states differ after {}: {:?}", seq, owned);
        prop_assert_eq!(engine.open_orders(), twin.open_orders());
        prop_assert_eq!(engine.next_cancel(), twin.next_cancel());
        prop_assert_eq!(engine.next_due(), twin.next_due());
        for instrument in (0..4).map(InstrumentId) {
            for &side in Side::ALL {
                let depth: Vec<_> = engine.depth(instrument, side).collect();
                prop_assert_eq!(&depth, &twin.depth(instrument, side));
                let best = depth.first().map(|&(p, q)| (p, Lots(u64::try_from(q).unwrap_or(u64::MAX))));
                prop_assert_eq!(engine.best(instrument, side), best);
                self.reader.check(engine, instrument, side);
            }
        }
        if self.ledger {
            for (account, asset) in (0..5).flat_map(|account| (0..4).map(move |asset| (account, asset))) {
                let purse = engine.balance(AccountId(account), AssetId(asset));
                let purse = purse.map(|Balance { available, held }| (available, held));
                let expected = twin.balance(account, asset).map(|purse| (purse.available, purse.held));
                prop_assert_eq!(purse, expected, "{}, {}", account, asset);
            }
            for asset in 0..4 {
                prop_assert_eq!(engine.fees(AssetId(asset)), Some(twin.fees(asset)));
            }
        }
        // What is told of many orders takes note of how far it has come.
        let refused = |event: &event::Event| {
            let asked = matches!(event.kind, Kind::Status | Kind::Balances | Kind::Balance);
            event.by & event::Event::MASS == 0 && (event.reject != Reject::None || asked)
        };
        if !events.is_empty() && events.iter().all(refused) {
            prop_assert_eq!(engine.orders_hash(), before, "a refusal changed the state: {:?}", owned);
        }
        if self.ledger {
            self.told_as_it_is(&events)?;
        }
        self.seq += 1;
        Ok(Happened { events, definitions })
    }
}

impl Pair {
    /// Checks that what is told of an account is all that it has by the ledger, no asset twice.
    fn told_as_it_is(&self, events: &[event::Event]) -> Result<(), TestCaseError> {
        let Some(answer) = events.first().filter(|event| event.kind == Kind::Balances) else { return Ok(()) };
        let told: BTreeMap<_, _> =
            events[1..].iter().map(event::Event::balance).map(|(asset, a, h)| (asset.0, (a, h))).collect();
        prop_assert_eq!(told.len() as u64, answer.quantity.0);
        prop_assert_eq!(told.len(), events.len() - 1);
        for (&asset, &(available, held)) in &told {
            let balance = self.engine.balance(answer.account, AssetId(asset));
            prop_assert_eq!(balance, Some(Balance { available, held }));
        }
        Ok(())
    }
}

/// What a command brought about.
struct Happened {
    events: Vec<event::Event>,
    definitions: Vec<Definition>,
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
    let mut pair = Pair { engine, twin, reader: Reader::default(), seq: 0, ledger };
    let mut known = Known::default();
    if ledger {
        for deposit in endowment() {
            pair.apply(deposit)?;
        }
    }
    for &step in steps {
        let owned = known.command(step, pair.now(), |account, asset| pair.twin.can_withdraw(account, asset));
        let happened = catch_unwind(AssertUnwindSafe(|| pair.apply(owned)))
            .map_err(|_| TestCaseError::fail(format!("a panic at {owned:?}")))??;
        let mut coverage = coverage.borrow_mut();
        coverage.commands += 1;
        for event in &happened.events {
            known.see(event);
            coverage.see(event);
        }
        for definition in &happened.definitions {
            *coverage.kinds.entry(definition.kind).or_default() += 1;
        }
    }
    Ok(())
}

/// The shortest flow found by leaving out steps of `steps` in which engine and twin still differ: first halves,
/// then quarters, and in the end single steps.
fn shrink(ledger: bool, mut steps: Vec<Step>) -> Vec<Step> {
    let ignored = RefCell::default();
    let mut chunk = steps.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..steps.len().min(at + chunk));
            match compare(ledger, &fewer, &ignored) {
                Err(_) => steps = fewer,
                Ok(()) => at += chunk,
            }
        }
        chunk /= 2;
    }
    steps
}

/// All commands of a flow as they are sent, up to the difference, and the difference.
fn story(ledger: bool, steps: &[Step]) -> String {
    let (engine, twin) = (Engine::new(config(ledger)), Twin::new(config(ledger)));
    let mut pair = Pair { engine, twin, reader: Reader::default(), seq: 0, ledger };
    let mut known = Known::default();
    let mut story = String::new();
    let funds = if ledger { endowment() } else { Vec::new() };
    for at in 0..funds.len() + steps.len() {
        let owned = match funds.get(at) {
            Some(&deposit) => deposit,
            None => known.command(steps[at - funds.len()], pair.now(), |account, asset| {
                pair.twin.can_withdraw(account, asset)
            }),
        };
        story += &format!("{owned:?}\n");
        match catch_unwind(AssertUnwindSafe(|| pair.apply(owned))) {
            Ok(Ok(happened)) => happened.events.iter().for_each(|event| known.see(event)),
            Ok(Err(difference)) => return story + &difference.to_string(),
            Err(_) => return story + "a panic",
        }
    }
    story + "no difference"
}

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The flow of `seed` through both.
fn run(seed: u64, coverage: &RefCell<Coverage>) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let flow = (prop::bool::ANY, prop::collection::vec(step(), FLOW));
    let (ledger, steps) = flow.new_tree(&mut runner).expect("no step is left out").current();
    if compare(ledger, &steps, coverage).is_err() {
        panic!(
            "engine and twin differ after these commands, the fewest found:\n{}\n\
             This brings it back: PENSTOCK_SEED={seed} PENSTOCK_FLOWS=1 \
             cargo test -p penstock-matcher --test engine against_twin",
            story(ledger, &shrink(ledger, steps))
        );
    }
}

/// Flow by flow, each of the seed after the last one's. The ordinary mode always has the same seeds, so that it
/// reaches the same things; the long one begins where the clock says.
#[test]
fn over_random_flows_engine_and_twin_give_the_same_events_and_states() {
    let long = std::env::var_os("PENSTOCK_LONG").is_some();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let first = asked("PENSTOCK_SEED").unwrap_or(if long { clock * 1_000_000 } else { 0x5EED });
    let flows = asked("PENSTOCK_FLOWS").unwrap_or(if long { FLOWS_LONG } else { FLOWS });
    let coverage = RefCell::new(Coverage::default());
    for seed in first..first + flows {
        run(seed, &coverage);
    }
    let coverage = coverage.into_inner();
    println!("{coverage}");
    assert!(coverage.commands >= flows * FLOW as u64);
    if flows >= FLOWS {
        coverage.check();
    }
}
