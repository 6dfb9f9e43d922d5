use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::*;
use crate::{config::Config, refused::Refused};

const AAPL: usize = 3;

fn instruments() -> Vec<Instrument> {
    Config::embedded(&[]).expect("the default is sound").instruments
}

fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn flow(name: &str, content: &[u8]) -> Flow {
    let (_folder, path) = file(name, content);
    read(&path, &instruments()).unwrap_or_else(|error| panic!("{error:#}"))
}

fn fault(name: &str, content: &[u8]) -> String {
    let (_folder, path) = file(name, content);
    let error = read(&path, &instruments()).expect_err("was read");
    assert!(error.is::<Refused>(), "{error:#} is no refusal");
    let text = error.to_string();
    assert!(text.contains(name), "{text:?} does not name the file");
    text
}

fn rest(side: Side, cents: i64, lots: u64) -> Request {
    let terms = Terms::Rest { price: Ticks(cents), time_in_force: TimeInForce::Day, post_only: false };
    Request::New { instrument: AAPL, side, lots: Lots(lots), terms }
}

fn take(side: Side, cents: i64, lots: u64) -> Request {
    let terms = Terms::Take { price: Ticks(cents), time_in_force: TimeInForce::Ioc };
    Request::New { instrument: AAPL, side, lots: Lots(lots), terms }
}

const SMALL: &[u8] = b"34200.5,1,10,100,5853300,1\n\
    34200.6,2,10,30,5853300,1\n\
    34200.7,4,10,20,5853300,1\r\n\
    34201,5,0,10,5853350,-1\n\
    34201.000000001,3,10,50,5853300,1\n\
    34202,7,0,0,-1,-1\n";

mod a_good_file {
    use super::*;

    #[test]
    fn becomes_orders_reductions_executions_and_cancels() {
        let flow = flow("AAPL.csv", SMALL);
        let (maker, taker) = (Party::Maker, Party::Taker);
        let reduce = Request::Replace {
            order: 0,
            instrument: AAPL,
            side: Side::Buy,
            price: Ticks(58_533),
            total: Lots(70),
        };
        assert_eq!(
            flow.commands,
            [
                Command { at: 0, party: maker, request: rest(Side::Buy, 58_533, 100) },
                Command { at: 100_000_000, party: maker, request: reduce },
                Command { at: 200_000_000, party: taker, request: take(Side::Sell, 58_533, 20) },
                Command {
                    at: 500_000_001,
                    party: maker,
                    // The reduction has given the order its own name.
                    request: Request::Cancel { order: 1, instrument: AAPL, side: Side::Buy },
                },
            ]
        );
        assert_eq!((flow.instrument, flow.preloaded, flow.rows, flow.skipped), (AAPL, 0, 6, 2));
    }

    #[test]
    fn may_be_compressed_whatever_its_name_says() {
        let compressed = zstd::encode_all(SMALL, 3).unwrap();
        assert_eq!(flow("AAPL.csv", &compressed), flow("AAPL.csv.zst", SMALL));
    }

    #[test]
    fn begins_with_the_orders_that_it_only_changes_as_large_as_what_it_takes_from_them() {
        let text = b"1,3,7,5,5900000,-1\n2,2,8,10,5800000,1\n3,4,8,4,5800000,1\n4,2,8,6,5800000,1\n";
        let flow = flow("AAPL.csv", text);
        assert_eq!(flow.preloaded, 2);
        let requests: Vec<_> = flow.commands.iter().map(|command| command.request).collect();
        let (instrument, side, price) = (AAPL, Side::Buy, Ticks(58_000));
        assert_eq!(
            requests,
            [
                rest(Side::Sell, 59_000, 5),
                rest(Side::Buy, 58_000, 20),
                Request::Cancel { order: 0, instrument, side: Side::Sell },
                Request::Replace { order: 1, instrument, side, price, total: Lots(10) },
                take(Side::Sell, 58_000, 4),
                Request::Replace { order: 3, instrument, side, price, total: Lots(4) },
            ]
        );
    }

    #[test]
    fn ends_an_order_that_it_reduces_to_nothing() {
        let flow = flow("AAPL.csv", b"1,1,7,5,5900000,-1\n2,2,7,5,5900000,-1\n");
        let cancel = Request::Cancel { order: 0, instrument: AAPL, side: Side::Sell };
        assert_eq!(flow.commands[1].request, cancel);
    }

    #[test]
    fn is_for_the_instrument_in_its_name_else_for_the_first_that_suits() {
        let whole_dollars = b"1,1,7,5,5900000,-1\n";
        let mills = b"1,1,7,5,5900010,-1\n";
        let symbol = |flow: Flow| instruments()[flow.instrument].symbol.clone();
        assert_eq!(symbol(flow("lobster_AAPL_2012.csv", whole_dollars)), "AAPL");
        assert_eq!(symbol(flow("messages.csv", whole_dollars)), "BTCUSDT");
        assert_eq!(symbol(flow("messages.csv", mills)), "SOLUSDT", "the only one with a tick of 0.001");
    }
}

mod a_bad_file {
    use super::*;

    #[test]
    fn is_refused_with_its_line_and_what_is_wrong_there() {
        let (good, after) = ("34200.5,1,10,100,5853300,1\n", "34200.5,1,12,100,5853300,1\n");
        for (bad, why) in [
            ("", "six fields"),
            ("34200.5,1,11,100,5853300", "six fields"),
            ("34200.5,1,11,100,5853300,1,9", "six fields"),
            ("noon,1,11,100,5853300,1", "time"),
            ("-1,1,11,100,5853300,1", "time"),
            ("34200.5,new,11,100,5853300,1", "type"),
            ("34200.5,0,11,100,5853300,1", "type"),
            ("34200.5,1,-11,100,5853300,1", "order id"),
            ("34200.5,1,11,0,5853300,1", "size"),
            ("34200.5,1,11,1e2,5853300,1", "size"),
            ("34200.5,1,11,100,0,1", "price"),
            ("34200.5,1,11,100,5853300,2", "direction"),
            ("34200.5,1,11,100,5853350,1", "tick"),
            ("34200.5,1,11,99999999999999999,5853300,1", "lot"),
            ("34200.5,1,10,100,5853300,1", "before"),
            ("34200.5,2,10,101,5853300,1", "more is taken"),
        ] {
            let text = fault("AAPL.csv", format!("{good}{bad}\n{after}").as_bytes());
            assert!(text.contains("line 2") && text.contains(why), "{bad:?}: {text}");
        }
    }

    #[test]
    fn off_tick_for_every_instrument_says_what_to_do() {
        let text = fault("messages.csv", b"1,1,7,5,5900001,-1\n");
        assert!(text.contains("line 1") && text.contains("configure"), "{text}");
    }

    #[test]
    fn of_something_else_altogether_is_refused_at_once() {
        fault("AAPL.csv", &[b'x'; 100_000]);
        fault("AAPL.csv", b"");
        fault("AAPL.csv", b"1,5,7,5,5900001,-1\n");
        let mut torn = zstd::encode_all(SMALL, 3).unwrap();
        torn.truncate(torn.len() / 2);
        fault("AAPL.csv.zst", &torn);
    }

    #[test]
    fn that_does_not_exist_is_named() {
        let error = read(Path::new("/nowhere/AAPL.csv"), &instruments()).expect_err("there is none");
        assert!(error.is::<Refused>() && error.to_string().contains("/nowhere/AAPL.csv"), "{error:#}");
    }
}
