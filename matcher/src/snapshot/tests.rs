//! Snapshots of a matcher whose journal is in a directory of its own, and the files of earlier versions.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use wire::{
    command::{Cancel, Head, Kind as Asks, NewOrder, OrderRef, Target},
    decimal::Decimal,
    instrument::{Instrument, Step},
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SeqNo, SessionId, Side, Ticks,
        TimeInForce,
    },
};
use zerocopy::IntoBytes;

use super::{file, *};
use crate::{
    Routes,
    configuration::{Configuration, parts},
    engine::{Accounts, Config, LedgerTerms, SessionTerms},
    journal::{
        commit::Stamp,
        device::{HostDisk, Method},
        reader::Reader,
        record::Kind,
        segment::{SEGMENT_BYTES_MIN, Segments},
        sequenced::Origin,
        writer::Journal,
    },
};

const TERMS: Terms = Terms { history: 0x5EED, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };
const EPOCH: u64 = 1;
/// Commands in the journal and in the snapshot of the golden files, and what the state hashes to behind them.
const GOLDEN: [u64; 2] = [60, 40];
const GOLDEN_HASHES: [u64; 2] = [0x56DE_DC39_423E_8EA3, 0x3A9F_0031_E939_86A5];
/// Bytes of the one link's ring of events: room for few, so that snapshots are short.
const RING_BYTES: usize = 600;

fn configuration() -> Configuration {
    let one = |scale| Step::new(Decimal { mantissa: 1, scale }).unwrap();
    let instrument = Instrument {
        id: InstrumentId(0),
        symbol: "BTC-USD".into(),
        base: "BTC".into(),
        quote: "USD".into(),
        tick: one(2),
        lot: one(8),
        quantity_min: Lots(1),
        quantity_max: Lots(1_000_000),
        notional_min: 0,
        reference: Ticks(1_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    };
    let engine = Config {
        shard: 0,
        instruments: vec![instrument],
        instruments_max: 2,
        sessions: vec![SessionTerms::new(Accounts::Any), SessionTerms::new(Accounts::Any)],
        open_orders_max: 200,
        finished_orders_max: 100,
        price_groups_max: 500,
        ledger: LedgerTerms::default(),
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
        hash_seed: 7,
    };
    let sessions = ["CLIENT", "the operator"].map(str::to_owned).into();
    Configuration { engine, sessions, assets: vec!["BTC".to_owned(), "USD".to_owned()] }
}

fn state() -> State {
    let mut state = State::new(configuration(), &Routes::default());
    state.keep_events([RING_BYTES]);
    state
}

/// Command `number`, from 1: mostly orders, some of which trade, and cancels of earlier ones.
fn command(number: u64) -> Vec<u8> {
    let head = |kind| Head::new(kind, SessionId(0), AccountId(0), InstrumentId(0), number, Nanos(number));
    let name = ClOrdId::new(format!("order {number}").as_bytes()).unwrap();
    if number.is_multiple_of(5) {
        let order = OrderRef::new(Target::Venue(OrderId(number / 2)));
        return Cancel { head: head(Asks::Cancel), cl_ord_id: name, order }.as_bytes().to_vec();
    }
    let side = if number.is_multiple_of(2) { Side::Buy } else { Side::Sell };
    let new = NewOrder {
        head: head(Asks::New),
        cl_ord_id: name,
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(1_000 + i64::try_from(number * 7 % 23).unwrap()),
        quantity: Lots(1 + number % 9),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    };
    new.as_bytes().to_vec()
}

fn origin(number: u64) -> Origin {
    Origin { made: 3, count: number, link: 0, generation: 1 }
}

fn time(number: u64) -> Nanos {
    Nanos(1_700_000_000_000_000_000 + number * 1_000)
}

/// A journal, and the state that its commands made.
struct Venue {
    directory: TempDir,
    journal: Journal,
    state: State,
}

impl Venue {
    fn new() -> Venue {
        let directory = tempfile::tempdir().unwrap();
        let (segments, numbers) = Segments::open(directory.path(), TERMS, 0).unwrap();
        let disk = Box::new(HostDisk::by(Method::Plain));
        let journal = Journal::after(Reader::of(segments, numbers).unwrap(), EPOCH, disk).unwrap();
        let mut venue = Venue { directory, journal, state: state() };
        venue.configure(configuration());
        venue
    }

    fn configure(&mut self, configuration: Configuration) {
        self.state.reconfigure(configuration).unwrap();
        let (seq, time) = self.state.engine().now();
        for (part, piece) in parts(&self.state.configuration().text()) {
            let stamp = Stamp { epoch: EPOCH, seq, time };
            assert!(self.journal.append(Kind::Configuration, stamp, [part.as_bytes(), piece]));
        }
        self.flush();
    }

    /// Sequences and keeps so many more commands; each few are a commit.
    fn take(&mut self, commands: u64) {
        for _ in 0..commands {
            let number = self.state.engine().last_seq().0 + 1;
            let (bytes, origin) = (command(number), origin(number));
            self.state.apply(SeqNo(number), time(number), &origin, &bytes).unwrap();
            let stamp = Stamp { epoch: EPOCH, seq: SeqNo(number), time: time(number) };
            assert!(self.journal.append(Kind::Command, stamp, [origin.as_bytes(), &bytes]));
            if number.is_multiple_of(7) {
                self.flush();
            }
        }
        self.flush();
    }

    fn check(&mut self) {
        let (seq, time) = self.state.engine().now();
        let hash = self.state.state_hash().to_le_bytes();
        assert!(self.journal.append(Kind::Checkpoint, Stamp { epoch: EPOCH, seq, time }, [&hash, &[]]));
        self.flush();
    }

    fn flush(&mut self) {
        while self.journal.is_behind() {
            self.journal.poll(true).unwrap();
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What a start makes of it: by which snapshot, and the state.
    fn recovered(&self) -> (Option<SeqNo>, State) {
        recovered(self.path())
    }

    fn make(&self, keep: usize) -> Snapshot {
        let rules = Rules { bytes: 1, keep, epoch: EPOCH, rings: vec![RING_BYTES] };
        let durable = self.state.engine().last_seq();
        maker::make(self.path(), &rules, &configuration(), &Routes::default(), durable).unwrap().0
    }
}

fn recovered(directory: &Path) -> (Option<SeqNo>, State) {
    let (segments, numbers) = Segments::look(directory).unwrap().unwrap();
    let mut state = State::new(configuration(), &Routes::default());
    let loaded = load_newest(directory, segments.terms(), numbers, &mut state).unwrap();
    state.keep_events([RING_BYTES]);
    let from = loaded.map_or(numbers[0], |snapshot| snapshot.segment);
    let mut reader = Reader::of(segments, [from, numbers[1]]).unwrap();
    while let Some(commit) = reader.commit().unwrap() {
        for record in commit.iter() {
            state.apply_record(&record).unwrap();
        }
    }
    (loaded.map(|snapshot| snapshot.seq), state)
}

fn image(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    state.save(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_start_from_a_snapshot_and_what_came_later_is_a_start_from_all_of_the_journal() {
    let mut venue = Venue::new();
    for _ in 0..4 {
        venue.take(30);
        venue.check();
        let (by, mut state) = venue.recovered();
        assert_eq!(state.state_hash(), venue.state.state_hash());
        // Links, sessions, and the events that were not read, all are as they were.
        assert_eq!(image(&state), image(&venue.state), "started by {by:?}");
        let snapshot = venue.make(2);
        assert_eq!(
            (snapshot.seq, snapshot.state_hash),
            (venue.state.engine().last_seq(), state.state_hash())
        );
        let (by, state) = venue.recovered();
        assert_eq!(by, Some(snapshot.seq));
        assert_eq!(image(&state), image(&venue.state));
    }
    assert_eq!(
        file::listed(venue.path()).unwrap().len(),
        4,
        "the thread removes the old ones, not the start"
    );
    assert_eq!(
        file::prune(venue.path(), 2).unwrap(),
        Some(SeqNo(90)),
        "what the older one of two stands for"
    );
    assert_eq!(file::listed(venue.path()).unwrap(), [SeqNo(90), SeqNo(120)]);
    assert_eq!(file::prune(venue.path(), 3).unwrap(), None, "fewer than are to be kept cover nothing");
}

#[test]
fn a_configuration_that_changed_is_in_snapshots_and_in_what_is_replayed() {
    let mut venue = Venue::new();
    venue.take(20);
    let mut more = configuration();
    more.engine.sessions.push(SessionTerms::new(Accounts::Any));
    more.sessions.insert(1, "NEW".to_owned());
    more.engine.open_orders_max += 50;
    venue.configure(more.clone());
    let (_, state) = venue.recovered();
    assert_eq!(state.configuration().text(), more.text());
    venue.make(2);
    let (by, state) = venue.recovered();
    assert_eq!((by, state.configuration().text()), (Some(SeqNo(20)), more.text()));
    assert!(state.is_configuration_kept());
    venue.take(20);
    let (_, state) = venue.recovered();
    assert_eq!(image(&state), image(&venue.state));
}

#[test]
fn a_checkpoint_that_does_not_agree_refuses_a_snapshot_and_a_start() {
    let mut venue = Venue::new();
    venue.take(20);
    let (seq, time) = venue.state.engine().now();
    let stamp = Stamp { epoch: EPOCH, seq, time };
    assert!(venue.journal.append(Kind::Checkpoint, stamp, [&7_u64.to_le_bytes(), &[]]));
    venue.flush();
    venue.take(1);
    let rules = Rules { bytes: 1, keep: 2, epoch: EPOCH, rings: vec![RING_BYTES] };
    let made = maker::make(venue.path(), &rules, &configuration(), &Routes::default(), SeqNo(21));
    let sentence = made.unwrap_err().to_string();
    assert!(
        sentence.contains("behind command 20 the matcher's state hashed to 0000000000000007"),
        "{sentence}"
    );
    assert_eq!(file::listed(venue.path()).unwrap(), []);
}

/// A file of which any byte is another one, or missing, is passed over for an older one; none is loaded by halves.
#[test]
fn a_damaged_snapshot_is_passed_over_for_an_older_one() {
    let mut venue = Venue::new();
    venue.take(10);
    let older = venue.make(2);
    venue.take(10);
    let newer = venue.make(2);
    let path = file::path(venue.path(), newer.seq);
    let whole = fs::read(&path).unwrap();
    let mut state = state();
    let refused = |bytes: &[u8], state: &mut State, what: &str| {
        fs::write(&path, bytes).unwrap();
        let loaded = Snapshot::load(&path, TERMS, state, |_| true);
        assert!(loaded.is_err(), "{what}");
        assert_eq!(state.engine().last_seq(), SeqNo(0), "{what}: nothing of it was taken");
    };
    for length in 0..whole.len() {
        refused(&whole[..length], &mut state, &format!("cut to {length} bytes"));
    }
    for at in 0..whole.len() {
        // What stands behind the checksum says nothing.
        if !(124..128).contains(&at) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            refused(&changed, &mut state, &format!("byte {at} changed"));
        }
    }
    let (by, recovered) = venue.recovered();
    assert_eq!(by, Some(older.seq));
    assert_eq!(image(&recovered), image(&venue.state), "the journal has the rest");
    fs::write(&path, &whole).unwrap();
    assert_eq!(venue.recovered().0, Some(newer.seq));
    // One of another journal, whole as it is.
    let other = Terms { history: 1, ..TERMS };
    let error = Snapshot::load(&path, other, &mut state, |_| true).unwrap_err();
    assert!(error.to_string().ends_with("it is of another journal"), "{error}");
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// What a venue of these commands leaves on the disk.
fn golden_venue() -> Venue {
    let [all, snapshot] = GOLDEN;
    let mut venue = Venue::new();
    venue.take(snapshot);
    venue.check();
    venue.make(2);
    venue.take(all - snapshot);
    venue.check();
    venue
}

/// `PENSTOCK_GOLDEN=write cargo test -p penstock-matcher golden` writes the files of a new version, beside those of the others.
#[test]
fn the_golden_files_of_every_version_are_read() {
    let [all, behind] = GOLDEN.map(SeqNo);
    if std::env::var("PENSTOCK_GOLDEN").is_ok_and(|what| what == "write") {
        let venue = golden_venue();
        let segment = fs::read(venue.path().join("0000000000000001.journal")).unwrap();
        fs::write(golden("1.journal.zst"), zstd::encode_all(&*segment, 19).unwrap()).unwrap();
        fs::copy(file::path(venue.path(), behind), golden("1.snapshot")).unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    // The segment behind it, which is always there, and is empty.
    Segments::open(directory.path(), TERMS, 0).unwrap();
    let segment = zstd::decode_all(fs::File::open(golden("1.journal.zst")).unwrap()).unwrap();
    fs::write(directory.path().join("0000000000000001.journal"), segment).unwrap();
    let (by, mut from_journal) = recovered(directory.path());
    assert_eq!((by, from_journal.engine().last_seq()), (None, all));
    fs::copy(golden("1.snapshot"), file::path(directory.path(), behind)).unwrap();
    let (by, mut from_snapshot) = recovered(directory.path());
    assert_eq!((by, from_snapshot.engine().last_seq()), (Some(behind), all));
    let mut only = state();
    let snapshot = Snapshot::load(&golden("1.snapshot"), TERMS, &mut only, |_| true).unwrap();
    let found = [from_journal.state_hash(), snapshot.state_hash];
    assert_eq!(found, GOLDEN_HASHES, "{found:#x?}");
    assert_eq!(from_snapshot.state_hash(), found[0]);
    assert_eq!(image(&from_snapshot), image(&from_journal));
    // And this version writes the same.
    let venue = golden_venue();
    assert_eq!(fs::read(file::path(venue.path(), behind)).unwrap(), fs::read(golden("1.snapshot")).unwrap());
}

#[test]
fn files_of_a_later_version_are_refused_with_what_to_do() {
    let mut venue = Venue::new();
    venue.take(10);
    let snapshot = venue.make(2);
    let path = file::path(venue.path(), snapshot.seq);
    let mut bytes = fs::read(&path).unwrap();
    bytes[16] = 2;
    fs::write(&path, bytes).unwrap();
    let error = Snapshot::load(&path, TERMS, &mut state(), |_| true).unwrap_err().to_string();
    assert!(
        error.contains("has the snapshots' format 2, of which this version of penstock knows 1 only"),
        "{error}"
    );
    assert!(error.contains("start the version that wrote it"), "{error}");
}
