//! The tools on a journal of a few commands, whose times and numbers are always the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Parser;
use matcher::{
    engine::Engine,
    journal::{
        commit::Stamp,
        device::{HostDisk, Method},
        reader::Reader,
        record::Kind,
        segment::{SEGMENT_BYTES_MIN, Segments, Terms},
        sequenced::Origin,
        writer::Journal as Writer,
    },
};
use tempfile::TempDir;
use wire::{
    command::{self, Cancel, Command, Display, Funds, Head, NewOrder, OrderRef, QuoteEntry, Replace, Target},
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, SeqNo, SessionId, Side, Ticks,
        TimeInForce,
    },
};
use zerocopy::{FromZeros, IntoBytes};

use super::{args::Journal, verify::Deaf};
use crate::config::Config;

const NOON: u64 = 1_795_176_000_000_000_000;
const TERMS: Terms = Terms { history: 0x0123_4567_89AB_CDEF, shard: 0, segment_bytes: SEGMENT_BYTES_MIN };
const MILLI: u64 = 1_000_000;

fn config() -> Config {
    Config::embedded(&[]).unwrap()
}

/// A data directory whose journal holds what was written.
struct Place {
    data: TempDir,
    writer: Option<Writer>,
    engine: Engine,
    seq: u64,
}

impl Place {
    fn new() -> Place {
        let data = tempfile::tempdir_in("/dev/shm").unwrap();
        let (segments, numbers) = Segments::open(&data.path().join("journal"), TERMS, 0).unwrap();
        let reader = Reader::of(segments, numbers).unwrap();
        let writer = Writer::after(reader, 1, Box::new(HostDisk::by(Method::Plain))).unwrap();
        let engine = Engine::new(crate::venue::configuration(&config(), 0).engine);
        Place { data, writer: Some(writer), engine, seq: 0 }
    }

    fn stamp(&self) -> Stamp {
        Stamp { epoch: 1, seq: SeqNo(self.seq), time: Nanos(NOON + self.seq * 37 * MILLI) }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.seq += 1;
        let stamp = self.stamp();
        let mut room = vec![0_u64; bytes.len().div_ceil(8)];
        let room = &mut room.as_mut_slice().as_mut_bytes()[..bytes.len()];
        room.copy_from_slice(bytes);
        self.engine.apply(stamp.seq, stamp.time, Command::read(room).unwrap(), &mut Deaf);
        let origin = Origin { made: 77, count: self.seq, ..Origin::new_zeroed() };
        assert!(self.writer.as_mut().unwrap().append(Kind::Command, stamp, [origin.as_bytes(), bytes]));
    }

    /// Says what the state hashes to, or something else.
    fn checkpoint(&mut self, is_right: bool) {
        let hash = self.engine.state_hash() ^ u64::from(!is_right);
        let (stamp, hash) = (self.stamp(), hash.to_le_bytes());
        assert!(self.writer.as_mut().unwrap().append(Kind::Checkpoint, stamp, [&hash, &[]]));
    }

    /// Waits until all of it is durable.
    fn commit(&mut self) {
        let writer = self.writer.as_mut().unwrap();
        while writer.is_behind() {
            writer.poll(true).unwrap();
        }
    }

    fn journal(&self) -> PathBuf {
        self.data.path().join("journal")
    }

    /// Runs `penstock journal` with `args`: its exit code, or the error, and what it wrote.
    fn run(&self, args: &str) -> (Result<u8, String>, String) {
        #[derive(Parser)]
        struct Cli {
            #[command(subcommand)]
            request: Journal,
        }
        let args = args.replace("DIR", self.journal().to_str().unwrap());
        let cli = Cli::try_parse_from(["journal"].into_iter().chain(args.split(' '))).unwrap();
        let mut out = Vec::new();
        let done = super::journal(&cli.request, &config(), self.data.path(), &mut out);
        // An exit code can be compared only by how it is shown.
        let codes = (0..3).find(|&code| match &done {
            Ok(found) => format!("{found:?}") == format!("{:?}", std::process::ExitCode::from(code)),
            Err(_) => false,
        });
        let said = String::from_utf8(out).unwrap().replace(self.data.path().to_str().unwrap(), "DATA");
        (done.map(|_| codes.unwrap()).map_err(|error| error.to_string()), said)
    }

    fn said(&self, args: &str) -> String {
        let (code, said) = self.run(args);
        assert_eq!(code, Ok(0), "{args}: {said}");
        said
    }
}

fn head(kind: command::Kind, session: u32, msg_seq: u64) -> Head {
    let rx = Nanos(NOON + msg_seq * 1_001);
    Head::new(kind, SessionId(session), AccountId(session), InstrumentId(0), msg_seq, rx)
}

fn name(text: &str) -> ClOrdId {
    ClOrdId::new(text.as_bytes()).unwrap()
}

fn order(session: u32, text: &str, side: Side, price: i64, quantity: u64) -> NewOrder {
    NewOrder {
        head: head(command::Kind::New, session, quantity),
        cl_ord_id: name(text),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        flags: 0,
        price: Ticks(price),
        quantity: Lots(quantity),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
    }
}

/// An order of MM1 that is changed, filled by two others, and another one that is cancelled; quotes of a third, two commits.
fn story() -> Place {
    let mut place = Place::new();
    let Config { assets, sessions, .. } = config();
    for (account, asset) in [(0, "BTC"), (1, "USDT"), (2, "BTC"), (2, "USDT")] {
        let operator = u32::try_from(sessions.len()).unwrap();
        let head = head(command::Kind::Deposit, operator, 0).with_account(AccountId(account));
        let asset = (0..).zip(&assets).find(|(_, known)| known.name == asset).unwrap().0;
        let deposit = Funds { head, asset: AssetId(asset), reserved: 0, amount: [1 << 60, 0] };
        place.put(deposit.as_bytes());
    }
    place.put(order(0, "A1", Side::Sell, 5_000_000, 30_000).as_bytes());
    place.put(order(0, "A2", Side::Sell, 5_100_000, 10_000).as_bytes());
    place.checkpoint(true);
    place.commit();
    place.put(order(1, "A1", Side::Buy, 5_000_000, 10_000).as_bytes());
    let replace = Replace {
        head: head(command::Kind::Replace, 0, 3),
        cl_ord_id: name("A3"),
        order: OrderRef::new(Target::Client(name("A1"))),
        price: Ticks(4_990_000),
        quantity: Lots(20_000),
        side: Side::Sell,
        display: Display::NONE,
    };
    place.put(replace.as_bytes());
    let cancel = Cancel {
        head: head(command::Kind::Cancel, 0, 4),
        cl_ord_id: name("A4"),
        order: OrderRef::new(Target::Client(name("A2"))),
    };
    place.put(cancel.as_bytes());
    place.put(order(1, "B 2", Side::Buy, 5_000_000, 50_000).as_bytes());
    let entry = QuoteEntry {
        instrument: InstrumentId(0),
        reserved: 0,
        bid: Ticks(4_900_000),
        bid_quantity: Lots(7_000),
        offer: Ticks(5_200_000),
        offer_quantity: Lots(8_000),
    };
    let (head, quote) = (head(command::Kind::MassQuote, 2, 9), name("Q1"));
    place.put(&[head.as_bytes(), quote.as_bytes(), 0_u32.as_bytes(), entry.as_bytes()].concat());
    place.checkpoint(true);
    place.commit();
    place
}

/// Compares with the file of that name beside this one; with UPDATE_GOLDEN set it is written instead.
#[track_caller]
fn golden(file: &str, said: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal/golden").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, said).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(said, expected, "{file} says otherwise; UPDATE_GOLDEN=1 takes this for right");
}

#[test]
fn a_dump_shows_every_command_as_text() {
    golden("dump.txt", &story().said("dump"));
}

#[test]
fn a_dump_with_events_shows_what_came_of_each_as_text_and_as_json() {
    let place = story();
    golden("events.txt", &place.said("dump --events"));
    let json = place.said("dump --events --json");
    golden("events.json", &json);
    for line in json.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["seq"].is_u64() && value["kind"].is_string(), "{line}");
    }
}

#[test]
fn one_order_is_followed_from_receipt_to_its_last_fill() {
    let place = story();
    let followed = place.said("dump --session MM1 --cl-ord-id A1 --events");
    golden("followed.txt", &followed);
    // By its number the same is found.
    assert_eq!(place.said("dump --order 1 --session MM1"), followed);
}

fn seqs(said: &str) -> Vec<u64> {
    said.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

#[test]
fn filters_take_what_fits_all_of_them() {
    let place = story();
    for (args, expected) in [
        ("dump --session MM2", &[7, 10][..]),
        ("dump --session #1", &[7, 10]),
        ("dump --cl-ord-id A1", &[5, 7, 8]),
        ("dump --session MM1 --cl-ord-id A1", &[5, 8]),
        ("dump --kind cancel --kind replace", &[8, 9]),
        ("dump --kind mass-quote", &[11]),
        ("dump --from-seq 3 --to-seq 4", &[3, 4]),
        ("dump --kind new --from 2026-11-20T12:00:00.222Z --to 2026-11-20T12:00:00.370Z", &[6, 7]),
        ("dump --account MM3", &[3, 4, 11]),
        ("dump --symbol BTCUSDT --from-seq 8", &[8, 9, 10]),
        ("dump --symbol ETHUSDT", &[]),
    ] {
        assert_eq!(seqs(&place.said(args)), expected, "{args}");
    }
}

#[test]
fn statistics_and_a_replay_are_told_as_text_and_as_json() {
    let mut place = story();
    golden("stats.txt", &place.said("stats"));
    let value: serde_json::Value = serde_json::from_str(&place.said("stats --json")).unwrap();
    assert_eq!(value["total"]["records_by_kind"]["new"], 4);
    assert_eq!(value["segments"][0]["commits"], 2);
    let replay = place.said("replay");
    let hash = format!("state hash   {:016x}\n", place.engine.state_hash());
    assert!(replay.starts_with(&hash), "{replay}{hash}");
    for line in
        ["trades       2", "open orders  3", "commands     11, the last one of 2026-11-20T12:00:00.407"]
    {
        assert!(replay.contains(line), "{replay}");
    }
    let value: serde_json::Value = serde_json::from_str(&place.said("replay --json --until 6")).unwrap();
    assert_eq!((&value["seq"], &value["trades"], &value["open_orders"]), (&6.into(), &0.into(), &2.into()));
}

#[test]
fn verify_says_where_a_whole_journal_ends_and_that_its_checkpoints_agree() {
    let place = story();
    golden("verify.txt", &place.said("verify"));
    let said = place.said("verify --no-replay");
    assert!(said.contains("replayed  no: it was not asked for\nwhole\n"), "{said}");
}

#[test]
fn a_checkpoint_that_does_not_agree_is_damage() {
    let mut place = story();
    place.checkpoint(false);
    place.commit();
    let (code, said) = place.run("verify");
    assert_eq!(code, Ok(1), "{said}");
    let line = said.lines().find(|line| line.starts_with("damaged")).unwrap();
    assert!(line.contains("behind command 11") && line.contains("the two have come apart"), "{line}");
    assert_eq!(place.run("verify --no-replay").0, Ok(0));
}

#[test]
fn a_write_cut_short_is_told_of_and_is_no_damage_and_a_changed_byte_is() {
    let place = story();
    let file = place.journal().join("0000000000000001.journal");
    let whole = fs::read(&file).unwrap();
    // The second commit: the header's block and the first commit's stand before it.
    let mut torn = whole.clone();
    torn[8192 + 700..].fill(0);
    fs::write(&file, &torn).unwrap();
    let said = place.said("verify");
    assert!(said.contains("ends      behind command 6 ") && said.contains("to byte 8192 of"), "{said}");
    assert!(said.contains("torn      an unfinished write stands there"), "{said}");
    assert_eq!(seqs(&place.said("dump")), [1, 2, 3, 4, 5, 6, 6]);
    let mut changed = whole;
    changed[4096 + 500] ^= 4;
    fs::write(&file, &changed).unwrap();
    let (code, said) = place.run("verify");
    assert_eq!(code, Ok(1), "{said}");
    assert!(
        said.contains("damaged   at its beginning: ") && said.contains("is corrupt at byte 4096"),
        "{said}"
    );
    for args in ["dump", "stats", "replay"] {
        assert_eq!(place.run(args).0, Ok(1), "{args}");
    }
}

#[test]
fn archived_segments_are_read_where_they_begin_and_end() {
    let mut place = story();
    // As many as fill a segment.
    let quote = order(1, "C1", Side::Buy, 1_000_000, 1);
    while place.said("verify --no-replay").matches("segment  ").count() < 3 {
        for _ in 0..4_000 {
            place.put(quote.as_bytes());
        }
        place.commit();
    }
    let whole = place.said("verify");
    assert!(whole.ends_with("2 checkpoints agree\nwhole\n"), "{whole}");
    let archive = place.data.path().join("archive");
    fs::create_dir(&archive).unwrap();
    let copy = |number: u64| {
        let file = format!("{number:016}.journal");
        fs::copy(place.journal().join(&file), archive.join(&file)).unwrap();
    };
    copy(1);
    let archive = archive.to_str().unwrap();
    let said = place.said(&format!("verify {archive}"));
    assert!(
        said.contains("excerpt   whether it goes on behind segment 1, these files do not tell\n"),
        "{said}"
    );
    copy(2);
    fs::remove_file(format!("{archive}/0000000000000001.journal")).unwrap();
    let said = place.said(&format!("verify {archive}"));
    assert!(said.contains("replayed  no: ") && said.contains("\nwhole\n"), "{said}");
    let first = seqs(&place.said(&format!("dump {archive}")))[0];
    assert!(first > 4_000, "{first}");
    // A range is found without reading what stands before it, and with it there.
    let range = format!("--from-seq {} --to-seq {}", first + 5, first + 6);
    assert_eq!(seqs(&place.said(&format!("dump {archive} {range}"))), [first + 5, first + 6]);
    assert_eq!(seqs(&place.said(&format!("dump {range}"))), [first + 5, first + 6]);
    let (error, _) = place.run(&format!("dump {archive} --events"));
    assert!(error.unwrap_err().contains("from the journal's beginning on"));
}

#[test]
fn without_a_journal_it_is_refused() {
    let place = Place::new();
    let error = place.run("verify /nonexistent").0.unwrap_err();
    assert!(error.contains("there is no journal in /nonexistent"), "{error}");
    assert_eq!(place.said("dump"), "");
    assert!(place.said("verify").ends_with("whole\n"));
}
