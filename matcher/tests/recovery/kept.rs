//! What the tests have in common: commands, and a start from what was kept.

use std::path::Path;

use matcher::{
    Routes, State, Watched,
    engine::{Accounts, Config, LedgerTerms, SessionTerms},
    journal::{
        commit::Stamp,
        device::Disk,
        reader::Reader,
        record::Kind,
        recorder::Recorder,
        segment::{SEGMENT_BYTES_MIN, Segments, Terms},
        sequenced::{RECORD_BYTES_MAX, Sequenced, tail},
        writer::Journal,
    },
};
use shm::{Bell, Directory, Log, ReadError};
use wire::{
    command::{self, Cancel, Display, Head, NewOrder, OrderRef, Replace, SessionNotice, Target},
    decimal::Decimal,
    durable::Durable,
    instrument::{Instrument, Step},
    types::{AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SessionId, Side, Ticks, TimeInForce},
};
use zerocopy::IntoBytes;

/// What all clocks say.
pub(crate) const TIME: u64 = 1_000;
pub(crate) const TERMS: Terms = Terms { history: 77, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };
pub(crate) const SEQUENCED_BYTES: usize = 1 << 20;

/// Marsaglia's xorshift.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// One instrument, and two sessions whose orders go with their connections at once.
pub(crate) fn config() -> Config {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    let session = SessionTerms { cancel_on_disconnect: Some(0), ..SessionTerms::new(Accounts::Any) };
    Config {
        shard: 0,
        instruments: vec![Instrument {
            id: InstrumentId(0),
            shard: 0,
            symbol: "X".into(),
            base: "B".into(),
            quote: "Q".into(),
            tick: step("0.01"),
            lot: step("1"),
            quantity_min: Lots(1),
            quantity_max: Lots(1_000_000),
            notional_min: 0,
            reference: Ticks(100),
            band_basis_points: 5_000,
            dynamic_band_basis_points: 0,
            volatility_call_ns: 0,
            group: 0,
        }],
        sessions: vec![session.clone(), session],
        open_orders_max: 2_000,
        finished_orders_max: 5_000,
        price_groups_max: 100,
        ledger: LedgerTerms::default(),
        hash_seed: 1,
        instruments_max: 0,
        accounts_max: 0,
        quotes_max: 0,
        protections: Vec::new(),
        protections_max: 0,
    }
}

/// Both sessions are at home at link 0; link 1 gets copies of everything.
pub(crate) fn routes() -> Routes {
    Routes { homes: vec![0, 0], watched: vec![Watched::Accounts(Vec::new()), Watched::All] }
}

/// Commands of two sessions, by one link.
pub(crate) struct Flow {
    pub(crate) commands: Vec<Vec<u8>>,
}

impl Flow {
    pub(crate) fn new(seed: u64, count: usize) -> Flow {
        let mut random = Random(seed | 1);
        let mut commands = Vec::new();
        while commands.len() < count {
            let number = commands.len();
            let session = SessionId(u32::try_from(random.below(2)).unwrap());
            let head = |kind| {
                Head::new(kind, session, AccountId(session.0), InstrumentId(0), number as u64, Nanos(TIME))
            };
            if number < 2 {
                let session = SessionId(u32::try_from(number).unwrap());
                let head = Head::new(
                    command::Kind::SessionUp,
                    session,
                    AccountId(0),
                    InstrumentId(0),
                    1,
                    Nanos(TIME),
                );
                commands.push(SessionNotice { head }.as_bytes().to_vec());
                continue;
            }
            let name = |number: u64| ClOrdId::new(format!("o{number}").as_bytes()).unwrap();
            let earlier = name(random.below(number as u64));
            let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
            let price = Ticks(95 + i64::try_from(random.below(10)).unwrap());
            let quantity = Lots(1 + random.below(20));
            match random.below(10) {
                0..2 => commands.push(
                    Cancel {
                        head: head(command::Kind::Cancel),
                        cl_ord_id: name(number as u64),
                        order: OrderRef::new(Target::Client(earlier)),
                    }
                    .as_bytes()
                    .to_vec(),
                ),
                2..4 => {
                    let replace = Replace {
                        head: head(command::Kind::Replace),
                        cl_ord_id: name(number as u64),
                        order: OrderRef::new(Target::Client(earlier)),
                        price,
                        quantity,
                        side,
                        display: Display::NONE,
                    };
                    commands.push(replace.as_bytes().to_vec());
                }
                _ => commands.push(
                    NewOrder {
                        head: head(command::Kind::New),
                        cl_ord_id: name(number as u64),
                        side,
                        order_type: OrderType::Limit,
                        time_in_force: TimeInForce::Gtc,
                        flags: 0,
                        price,
                        quantity,
                        stop: Ticks(0),
                        display: Lots(0),
                        expire: Nanos(0),
                    }
                    .as_bytes()
                    .to_vec(),
                ),
            }
        }
        Flow { commands }
    }
}

/// What keeps a matcher's commands.
pub(crate) struct Kept {
    pub(crate) sequenced: Sequenced,
    pub(crate) recorder: Recorder,
}

impl Kept {
    /// Brings `state` to where what was kept in `place` ends; and the last command of it.
    pub(crate) fn recover(place: &Path, bell: &Bell, state: &mut State, disk: Box<dyn Disk>) -> (Kept, u64) {
        let rings = Directory::open(&place.join("rings")).unwrap();
        let log = Log::create(&rings, "sequenced", SEQUENCED_BYTES, RECORD_BYTES_MAX).unwrap();
        let durable = Log::create(&rings, "durable", 1 << 16, size_of::<Durable>()).unwrap();
        let (segments, numbers) = Segments::open(&place.join("journal"), TERMS, 0).unwrap();
        let mut reader = Reader::of(segments, numbers).unwrap();
        while let Some(commit) = reader.commit().unwrap() {
            for record in commit.iter() {
                state.apply_record(&record).unwrap();
            }
        }
        let mut journal = Journal::after(reader, 1, disk).unwrap();
        tail(&mut log.reader(), TERMS.history, state.engine().last_seq(), |entry, command| {
            state.apply(entry.seq, entry.time, &entry.origin, command).unwrap();
            let stamp = Stamp { epoch: 1, seq: entry.seq, time: entry.time };
            while !journal.append(Kind::Command, stamp, [entry.origin.as_bytes(), command]) {
                journal.poll(true).unwrap();
            }
            Ok::<(), ReadError>(())
        })
        .unwrap();
        while journal.is_behind() {
            journal.poll(true).unwrap();
        }
        let reader = log.registered_reader(bell).unwrap();
        let recorder = Recorder::new("journal", reader, journal, 1, durable.writer().unwrap());
        let sequenced = Sequenced::new(log.writer().unwrap(), TERMS.history, recorder.progress());
        (Kept { sequenced, recorder }, state.engine().last_seq().0)
    }
}
