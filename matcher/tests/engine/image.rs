//! An engine that was saved and loaded goes on as the one that was not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use matcher::engine::{Config, Engine, IMAGE_VERSION, ImageError};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use wire::types::{AccountId, AssetId, SeqNo};

use crate::{
    common::{Events, Owned},
    flow::{Known, config, endowment, step, time},
};

/// Commands in one flow, and flows in the ordinary mode and in the long one (`PENSTOCK_LONG`).
const FLOW: usize = 3_000;
const FLOWS: u64 = 12;
const FLOWS_LONG: u64 = 1_000;

fn image_of(engine: &Engine) -> Vec<u8> {
    let mut image = Vec::new();
    engine.save(&mut image).expect("memory takes all");
    image
}

fn load(config: &Config, image: &[u8]) -> Engine {
    Engine::load(config, image).unwrap_or_else(|error| panic!("{error}"))
}

/// A flow of commands, and with which configuration: both from `seed`.
struct Flow {
    config: Config,
    ledger: bool,
    runner: TestRunner,
    known: Known,
    seq: u64,
}

impl Flow {
    fn new(seed: u64) -> Flow {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        let ledger = seed.is_multiple_of(2);
        Flow { config: config(ledger), ledger, runner, known: Known::default(), seq: 0 }
    }

    fn below(&mut self, bound: usize) -> usize {
        (0..bound).new_tree(&mut self.runner).expect("a number").current()
    }

    /// The next command, which suits the state of `engine`.
    fn next(&mut self, engine: &Engine) -> Owned {
        let number = usize::try_from(self.seq).unwrap();
        if self.ledger && number < endowment().len() {
            return endowment()[number];
        }
        let step = step().new_tree(&mut self.runner).expect("a step").current();
        let available = |account: AccountId, asset: AssetId| {
            engine.balance(account, asset).map_or(0, |balance| balance.available.max(0))
        };
        self.known.command(step, time(self.seq), available)
    }

    fn apply(&mut self, engine: &mut Engine, owned: Owned) -> Events {
        let mut events = Events::default();
        engine.apply(SeqNo(self.seq + 1), time(self.seq), owned.command(), &mut events);
        events
    }

    fn see(&mut self, events: &Events) {
        events.0.iter().for_each(|event| self.known.see(event));
        self.seq += 1;
    }
}

fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The seeds of this run: `PENSTOCK_SEED` names one.
fn seeds() -> std::ops::Range<u64> {
    let flows = if std::env::var_os("PENSTOCK_LONG").is_some() { FLOWS_LONG } else { FLOWS };
    asked("PENSTOCK_SEED").map_or(0x5AFE..0x5AFE + flows, |seed| seed..seed + 1)
}

/// Whatever happens after `name` with seed `seed`, the seed is told.
fn with_seed(name: &str, seed: u64, run: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        println!("PENSTOCK_SEED={seed} cargo test -p penstock-matcher --test engine image::{name}");
        std::panic::resume_unwind(panic);
    }
}

/// One engine goes on; the other one is saved and loaded again and again, each time from what it became.
#[test]
fn an_engine_that_was_loaded_says_and_does_what_the_one_that_was_saved_does() {
    for seed in seeds() {
        with_seed("an_engine_that_was_loaded_says_and_does_what_the_one_that_was_saved_does", seed, || {
            let mut flow = Flow::new(seed);
            let mut engine = Engine::new(flow.config.clone());
            let mut other = load(&flow.config, &image_of(&engine));
            for number in 0..FLOW {
                let owned = flow.next(&engine);
                let events = flow.apply(&mut engine, owned);
                let others = flow.apply(&mut other, owned);
                assert_eq!(events.0, others.0, "events of command {number}: {owned:?}");
                assert_eq!(events.1, others.1, "definitions of command {number}: {owned:?}");
                assert_eq!(events.2, others.2, "market data of command {number}: {owned:?}");
                assert_eq!(engine.next_due(), other.next_due());
                assert_eq!(engine.next_cancel(), other.next_cancel());
                flow.see(&events);
                if flow.below(20) == 0 {
                    assert_eq!(
                        engine.state_hash(),
                        other.state_hash(),
                        "states after command {number}: {owned:?}"
                    );
                    // Between two commands it does not matter what was refreshed when.
                    let image = image_of(&engine);
                    assert_eq!(image, image_of(&other), "images after command {number}: {owned:?}");
                    let seeded = Config { hash_seed: seed ^ number as u64, ..flow.config.clone() };
                    other = load(&seeded, &image);
                    other.audit();
                    assert_eq!(
                        image,
                        image_of(&other),
                        "an image of what was loaded, after command {number}"
                    );
                    assert_eq!(
                        engine.state_hash(),
                        other.state_hash(),
                        "what was loaded after command {number}"
                    );
                    assert_eq!(engine.now(), other.now());
                    assert_eq!(engine.forgotten(), other.forgotten());
                }
            }
        });
    }
}

/// Larger tables change what is refused and forgotten later, and nothing of the state.
#[test]
fn tables_may_grow_and_shrink_to_what_is_in_them() {
    for seed in seeds().take(8) {
        with_seed("tables_may_grow_and_shrink_to_what_is_in_them", seed, || {
            let mut flow = Flow::new(seed);
            let mut engine = Engine::new(flow.config.clone());
            for number in 0..FLOW {
                let owned = flow.next(&engine);
                let events = flow.apply(&mut engine, owned);
                flow.see(&events);
                if number % 300 != 299 {
                    continue;
                }
                let was = flow.config.clone();
                let more = u32::try_from(number).unwrap() / 100;
                let config = Config {
                    open_orders_max: was.open_orders_max + more,
                    finished_orders_max: if number % 600 == 599 { 7 } else { 20 + more },
                    price_groups_max: was.price_groups_max + 10 * more,
                    accounts_max: was.accounts_max + 1,
                    quotes_max: was.quotes_max + 1,
                    protections_max: was.protections_max + 1,
                    ..was.clone()
                };
                let (hash, forgotten) = (engine.state_hash(), engine.forgotten());
                engine.reconfigure(&was, &config).unwrap_or_else(|error| panic!("{error}"));
                engine.audit();
                assert!(engine.forgotten() >= forgotten);
                if engine.forgotten() == forgotten {
                    assert_eq!(engine.state_hash(), hash);
                }
                flow.config = config;
            }
            engine.audit();
        });
    }
}

/// Bits that turn, bytes that go missing: an error, or an engine, which whoever knows the state hash tells from the right one.
#[test]
fn an_image_that_has_changed_is_refused_or_another_engine_and_never_a_panic() {
    for seed in seeds().take(3) {
        with_seed("an_image_that_has_changed_is_refused_or_another_engine_and_never_a_panic", seed, || {
            let mut flow = Flow::new(seed);
            let mut engine = Engine::new(flow.config.clone());
            for _ in 0..300 + flow.below(300) {
                let owned = flow.next(&engine);
                let events = flow.apply(&mut engine, owned);
                flow.see(&events);
            }
            let image = image_of(&engine);
            for length in 0..image.len() {
                assert!(Engine::load(&flow.config, &image[..length]).is_err(), "cut to {length} bytes");
            }
            let mut longer = image.clone();
            longer.push(0);
            assert_eq!(Engine::load(&flow.config, &longer).err(), Some(ImageError::Broken("length")));
            let mut passed = 0;
            for _ in 0..2_000 {
                let mut changed = image.clone();
                for _ in 0..1 + flow.below(2) {
                    let at = flow.below(image.len());
                    changed[at] = if flow.below(2) == 0 { changed[at] ^ 1 << flow.below(8) } else { u8::MAX };
                }
                passed += u32::from(Engine::load(&flow.config, &changed).is_ok_and(|mut other| {
                    other.state_hash();
                    image_of(&other);
                    true
                }));
            }
            println!("seed {seed}: {} bytes, {passed} of 2000 changed images could be engines", image.len());
        });
    }
}

#[test]
fn an_image_of_another_version_is_refused_with_what_to_do() {
    let flow = Flow::new(0);
    let mut image = image_of(&Engine::new(flow.config.clone()));
    assert_eq!(u16::from(image[0]), IMAGE_VERSION, "the version comes first");
    image[0] += 1;
    let error = Engine::load(&flow.config, &image).err();
    assert_eq!(error, Some(ImageError::Version { found: IMAGE_VERSION + 1 }));
    assert!(error.unwrap().to_string().contains("start the version that wrote it"));
}

/// What an image of so many orders as nobody's book has costs: `cargo test --release -p penstock-matcher --test engine -- --ignored
/// --nocapture million`.
#[test]
#[ignore = "measures, and takes a GiB of memory"]
fn a_million_open_orders_are_saved_and_loaded() {
    use std::time::Instant;

    use wire::types::{Lots, Side, Ticks};

    use crate::common::{self, instrument, limit};

    const ORDERS: u64 = 1_000_000;
    let config = Config {
        instruments: vec![instrument(0, 100_000, 9_999)],
        open_orders_max: 1 << 20,
        finished_orders_max: 1 << 20,
        price_groups_max: Config::price_groups_for(1 << 20, 1),
        ..common::config()
    };
    let mut engine = Engine::new(config.clone());
    let mut events = Events::default();
    let begun = Instant::now();
    for seq in 1..=ORDERS {
        let side = if seq.is_multiple_of(2) { Side::Buy } else { Side::Sell };
        let away = i64::try_from(seq * 0x9E37_79B9 % 40_000).unwrap() + 1;
        let price = if side == Side::Buy { 100_000 - away } else { 100_000 + away };
        let mut new =
            limit(u32::try_from(seq % 2).unwrap(), &format!("CL-{seq:012}"), side, 1 + seq % 100, price);
        (new.price, new.quantity) = (Ticks(price), Lots(1 + seq % 100));
        engine.apply(SeqNo(seq), time(seq), wire::command::Command::New(&new), &mut events);
        events.0.clear();
        events.2.clear();
    }
    assert_eq!(engine.open_orders() as u64, ORDERS);
    println!("entered in {:?}", begun.elapsed());
    let hash = engine.state_hash();
    for _ in 0..5 {
        let begun = Instant::now();
        let image = image_of(&engine);
        let saved = begun.elapsed();
        let begun = Instant::now();
        let mut other = load(&config, &image);
        let loaded = begun.elapsed();
        assert_eq!(other.state_hash(), hash);
        println!(
            "{} bytes, saved in {saved:?}, loaded in {loaded:?} with its hash in {:?}",
            image.len(),
            begun.elapsed()
        );
    }
}
