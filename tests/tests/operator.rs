//! What an operator can do while the venue runs, through `penstock admin`, and what clients see of it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    time::Duration,
};

use penstock_tests::{
    Client, PATIENCE, Penstock, Venue,
    dictionary::Dictionary,
    trade::{BUY, SELL},
    venue::{admin, arguments, data_dir, listener},
};

/// The next report must refuse an order for this reason.
#[track_caller]
fn refused(client: &mut Client, id: &str, sentence: &str) {
    let report = client.execution(&[(11, id), (150, "8"), (39, "8")]);
    assert!(report.field(58).starts_with(sentence), "{report}");
}

#[track_caller]
fn rest(client: &mut Client, id: &str, side: &str, quantity: &str, price: &str) {
    client.limit(id, side, quantity, price);
    client.execution(&[(11, id), (150, "0"), (39, "0"), (151, quantity)]);
}

mod states {
    use super::*;

    #[test]
    fn a_halted_instrument_takes_cancels_only_until_it_is_resumed() {
        let venue = Venue::start(&[]);
        let mut a = venue.client("MM1");
        rest(&mut a, "a", BUY, "1", "500");
        assert_eq!(venue.admin("halt AAPL"), "AAPL is in the state halted");
        a.limit("b", BUY, "1", "500");
        refused(&mut a, "b", "the instrument is halted");
        a.cancel("c", "a", BUY);
        a.execution(&[(11, "c"), (150, "4")]);
        let again = venue.admin_refuses("halt AAPL");
        assert!(again.starts_with("refused (34 BadTransition): AAPL: the trading state cannot"), "{again}");
        venue.admin("resume AAPL");
        rest(&mut a, "d", BUY, "1", "500");
        assert_eq!(venue.admin("halt --all").lines().count(), 4);
        assert!(venue.admin("status").contains("AAPL: halted"));
        assert_eq!(venue.admin("halt --all"), "there was nothing to do");
        assert_eq!(venue.admin("resume --all").lines().count(), 4);
        let unknown = venue.admin_refuses("halt NOPE");
        assert!(unknown.contains("(1 UnknownInstrument)"), "{unknown}");
        a.quiet();
    }

    #[test]
    fn an_opening_auction_collects_orders_and_uncrosses_into_continuous_trading() {
        let venue = Venue::start(&["instrument.AAPL.state=opening-auction"]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut a, "sell", SELL, "5", "584");
        rest(&mut b, "buy", BUY, "3", "586");
        b.order("at", BUY, "1", &[(40, "2"), (44, "586"), (59, "2")]);
        b.execution(&[(11, "at"), (150, "0"), (59, "2")]);
        b.order("ioc", BUY, "1", &[(40, "2"), (44, "586"), (59, "3")]);
        refused(&mut b, "ioc", "the instrument does not take this order");
        venue.admin("instrument state AAPL continuous");
        for _ in 0..2 {
            b.execution(&[(150, "F"), (39, "2"), (851, "4")]);
            a.execution(&[(11, "sell"), (150, "F"), (851, "4")]);
        }
        a.cancel("c", "sell", SELL);
        a.execution(&[(11, "c"), (150, "4"), (14, "4")]);
    }

    #[test]
    fn the_close_ends_day_orders_and_trades_those_at_the_close() {
        let venue = Venue::start(&[]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut a, "day", BUY, "1", "500");
        a.order("gtc", BUY, "1", &[(40, "2"), (44, "501"), (59, "1")]);
        a.execution(&[(11, "gtc"), (150, "0")]);
        b.order("moc", SELL, "1", &[(40, "1"), (59, "7")]);
        b.execution(&[(11, "moc"), (150, "0"), (40, "1"), (59, "7")]);
        venue.admin("instrument state AAPL closing-auction");
        venue.admin("instrument state AAPL closed");
        a.execution(&[(11, "gtc"), (150, "F"), (31, "501"), (39, "2")]);
        b.execution(&[(11, "moc"), (150, "F"), (31, "501"), (39, "2")]);
        a.execution(&[(11, "day"), (150, "C"), (39, "C")]);
        a.limit("late", BUY, "1", "500");
        refused(&mut a, "late", "the market is closed");
    }
}

mod funds {
    use super::*;

    /// A venue whose MM1 has these funds.
    fn with_funds(funds: &str, settings: &[&str]) -> Venue {
        let funds = format!("account.MM1.funds={funds}");
        Venue::start(&[&[funds.as_str()], settings].concat())
    }

    #[test]
    fn an_order_beyond_the_funds_is_refused_until_there_are_more() {
        let venue = with_funds("{ USD = \"1000\" }", &[]);
        let mut a = venue.client("MM1");
        rest(&mut a, "one", BUY, "1", "585");
        a.limit("two", BUY, "1", "585");
        refused(&mut a, "two", "the account's available funds do not cover");
        a.limit("short", SELL, "1", "600");
        refused(&mut a, "short", "the account's available funds do not cover");
        assert_eq!(venue.admin("deposit MM1 USD 170"), "170 USD paid into account MM1");
        rest(&mut a, "three", BUY, "1", "585");
        let held = venue.admin_refuses("withdraw MM1 USD 1");
        assert!(held.contains("(23 InsufficientFunds)"), "{held}");
        a.cancel("c", "three", BUY);
        a.execution(&[(11, "c"), (150, "4")]);
        venue.admin("withdraw MM1 USD 585");
        a.limit("four", BUY, "1", "585");
        refused(&mut a, "four", "the account's available funds do not cover");
        for (request, reason) in [
            ("deposit MM1 USD 0", "(25 BadFunds)"),
            ("deposit MM1 XYZ 1", "(25 BadFunds)"),
            ("deposit NOPE USD 1", "(24 UnknownAccount)"),
            ("deposit MM1 USD 0.00001", "(0 BadRequest)"),
            ("deposit MM1 USD -1", "(0 BadRequest)"),
            ("deposit MM1 USD much", "(0 BadRequest)"),
        ] {
            let said = venue.admin_refuses(request);
            assert!(said.contains(reason), "{request}: {said}");
        }
    }

    #[test]
    fn fees_are_taken_and_told() {
        let venue = with_funds(
            "{ USD = \"1000\" }",
            &["instrument.AAPL.taker_fee=2.5", "instrument.AAPL.maker_fee=1"],
        );
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut b, "offer", SELL, "1", "585");
        a.limit("take", BUY, "1", "585");
        a.execution(&[(11, "take"), (150, "0")]).assert_absent(&[136]);
        // 585 × 0.00025, rounded up to a hundredth of a cent
        a.execution(&[(11, "take"), (150, "F"), (136, "1"), (137, "0.1463"), (138, "USD"), (139, "4")]);
        b.execution(&[(11, "offer"), (150, "F"), (137, "0.0585"), (138, "USD")]);
        // 414.8537 are left
        let more = venue.admin_refuses("withdraw MM1 USD 414.8538");
        assert!(more.contains("(23 InsufficientFunds)"), "{more}");
        venue.admin("withdraw MM1 USD 414.8537");
    }

    #[test]
    fn an_account_with_credit_may_owe() {
        let venue = with_funds("{}", &["account.MM1.kind=credit", "account.MM1.credit={ USD = \"600\" }"]);
        let mut a = venue.client("MM1");
        rest(&mut a, "one", BUY, "1", "585");
        a.limit("two", BUY, "1", "585");
        refused(&mut a, "two", "the account's available funds do not cover");
    }
}

mod kill_switches {
    use super::*;

    #[test]
    fn a_session_is_stopped_and_let_go_on() {
        let venue = Venue::start(&[]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut a, "a", BUY, "1", "500");
        rest(&mut b, "b", BUY, "1", "500");
        assert_eq!(venue.admin("kill session MM1"), "session MM1 is stopped, 1 order cancelled");
        a.execution(&[(11, "a"), (150, "4"), (58, "a kill switch stops its session, account or venue")]);
        a.limit("a2", BUY, "1", "500");
        refused(&mut a, "a2", "a kill switch stops new orders");
        rest(&mut b, "b2", BUY, "1", "500");
        assert_eq!(venue.admin("kill session MM1 --lift"), "session MM1 may trade again");
        rest(&mut a, "a3", BUY, "1", "500");
        assert_eq!(venue.admin("kill account MM2"), "account MM2 is stopped, 2 orders cancelled");
        b.execution(&[(11, "b"), (150, "4")]);
        b.execution(&[(11, "b2"), (150, "4")]);
        assert_eq!(venue.admin("kill venue"), "the venue is stopped, 1 order cancelled");
        a.execution(&[(11, "a3"), (150, "4")]);
        venue.admin("kill venue --lift");
        rest(&mut a, "a4", BUY, "1", "500");
        assert!(venue.admin_refuses("kill session NOPE").contains("(42 UnknownSession)"));
    }

    #[test]
    fn a_mass_cancel_takes_what_it_selects() {
        let venue = Venue::start(&[]);
        let mut a = venue.client("MM1");
        rest(&mut a, "buy", BUY, "1", "500");
        rest(&mut a, "sell", SELL, "1", "600");
        assert_eq!(venue.admin("cancel --account MM1 --side sell"), "1 order cancelled");
        a.execution(&[(11, "sell"), (150, "4"), (58, "a mass cancel selected it")]);
        assert_eq!(venue.admin("cancel --symbol BTCUSDT"), "0 orders cancelled");
        assert_eq!(venue.admin("cancel --all"), "1 order cancelled");
        a.execution(&[(11, "buy"), (150, "4")]);
        assert!(venue.admin_refuses("cancel").contains("say --all"));
    }
}

mod limits {
    use super::*;

    #[test]
    fn an_operator_sees_and_changes_what_a_session_and_an_account_may_have_open() {
        let venue = Venue::start(&["session.MM1.open_orders_max=1"]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        rest(&mut a, "a", BUY, "1", "500");
        a.limit("b", BUY, "1", "500");
        let full = a.execution(&[(11, "b"), (150, "8"), (25005, "1"), (25006, "1")]);
        assert!(full.field(58).contains(": 1 of 1; "), "{full}");
        Dictionary::published(&["FIX44"]).assert(&full);
        let shown = "session MM1: 1 of 1 orders open; an order may be worth any amount";
        assert_eq!(venue.admin("limits session MM1"), shown);
        let more = "session MM1: 1 of 2 orders open; an order may be worth 600.5";
        assert_eq!(venue.admin("limits session MM1 --open-orders 2 --notional 600.5"), more);
        rest(&mut a, "c", BUY, "1", "500");
        a.cancel("d", "c", BUY);
        a.execution(&[(11, "d"), (150, "4")]);
        a.limit("e", BUY, "1", "600.51");
        a.execution(&[(11, "e"), (150, "8"), (25005, "60051000000"), (25006, "60050000000")]);
        // An account that had none: by whatever session.
        rest(&mut b, "a", BUY, "1", "500");
        let account = "account MM2: 1 of 1 orders open; an order may be worth any amount";
        assert_eq!(venue.admin("limits account MM2 --open-orders 1"), account);
        b.limit("b", BUY, "1", "500");
        b.execution(&[(11, "b"), (150, "8"), (25005, "1"), (25006, "1")]);
        venue.admin("limits account MM2 --open-orders 0");
        rest(&mut b, "c", BUY, "1", "500");
        assert!(venue.admin_refuses("limits session NOPE").contains("(42 UnknownSession)"));
        let wrong = venue.admin_refuses("limits session MM1 --notional 0.000000001");
        assert!(wrong.contains("at most 8 decimal places"), "{wrong}");
    }
}

mod changes {
    use super::*;

    const NEW: &str = "instrument add NEWUSD --base BTC --quote USD --tick 0.01 --lot 0.1 --reference 100 \
                       --band-percent 50 --taker-fee 10";

    #[test]
    fn an_instrument_added_while_the_venue_runs_is_traded_over_fix() {
        let venue = Venue::start(&[]);
        let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
        let new = |price| [(55, "NEWUSD"), (40, "2"), (44, price)];
        a.order("early", BUY, "1", &new("100"));
        refused(&mut a, "early", "the symbol is not traded here");
        assert_eq!(venue.admin(NEW), "instrument NEWUSD is there, in the state pre-open");
        a.order("a", BUY, "1", &new("100"));
        a.execution(&[(11, "a"), (150, "0"), (55, "NEWUSD")]);
        b.order("b", SELL, "0.5", &new("100"));
        b.execution(&[(11, "b"), (150, "0")]);
        venue.admin("instrument state NEWUSD opening-auction");
        venue.admin("instrument state NEWUSD continuous");
        a.execution(&[(11, "a"), (150, "F"), (32, "0.5"), (31, "100"), (851, "4")]);
        b.execution(&[(11, "b"), (150, "F"), (39, "2")]);
        b.order("c", SELL, "0.5", &new("100"));
        b.execution(&[(11, "c"), (150, "0")]);
        b.execution(&[(11, "c"), (150, "F"), (851, "2"), (137, "0.05"), (138, "USD")]);
        a.execution(&[(11, "a"), (150, "F"), (39, "2")]);
        assert!(venue.admin("status").contains("NEWUSD: continuous, "), "{}", venue.admin("status"));
        let again = venue.admin_refuses(NEW);
        assert!(again.contains("(39 BadTerms)"), "{again}");
        venue.admin("instrument change NEWUSD --quantity-min 2 --taker-fee 0");
        a.order("d", BUY, "1", &new("100"));
        refused(&mut a, "d", "the quantity is below the instrument's minimum (2)");
        a.order("e", BUY, "2", &new("100"));
        a.execution(&[(11, "e"), (150, "0")]);
        let open = venue.admin_refuses("instrument change NEWUSD --taker-fee 1");
        assert!(open.contains("(40 OrdersOpen)"), "{open}");
        for (request, reason) in [
            ("instrument change NEWUSD", "(0 BadRequest)"),
            ("instrument change NEWUSD --reference 0.001", "(0 BadRequest)"),
            ("instrument change NOPE --group 1", "(1 UnknownInstrument)"),
            (
                "instrument add OTHER --base XYZ --quote USD --tick 1 --lot 1 --reference 1 --band-percent 1",
                "(25 BadFunds)",
            ),
            (
                "instrument add OTHER --base BTC --quote USD --tick 0.00001 --lot 1 --reference 1 --band-percent 1",
                "(0 BadRequest)",
            ),
        ] {
            let said = venue.admin_refuses(request);
            assert!(said.contains(reason), "{request}: {said}");
        }
    }

    #[test]
    fn an_account_added_while_the_venue_runs_trades_when_a_session_is_entitled_to_it() {
        let venue = Venue::start(&[]);
        let mut a = venue.client("MM1");
        let order = |id, a: &mut Client| a.order(id, BUY, "1", &[(1, "DESK"), (40, "2"), (44, "500")]);
        order("a", &mut a);
        refused(&mut a, "a", "the session may not trade for this account");
        assert_eq!(venue.admin("account add DESK"), "account DESK is there, without funds");
        order("b", &mut a);
        refused(&mut a, "b", "the session may not trade for this account");
        venue.admin("account entitle DESK MM1");
        order("c", &mut a);
        refused(&mut a, "c", "the account's available funds do not cover");
        venue.admin("deposit DESK USD 500");
        order("d", &mut a);
        a.execution(&[(11, "d"), (150, "0"), (1, "DESK")]);
        venue.admin("account change DESK --credit true");
        venue.admin("account credit DESK USD 500");
        order("e", &mut a);
        a.execution(&[(11, "e"), (150, "0"), (1, "DESK")]);
        order("f", &mut a);
        refused(&mut a, "f", "the account's available funds do not cover");
        venue.admin("account entitle DESK MM1 --revoke");
        order("g", &mut a);
        refused(&mut a, "g", "the session may not trade for this account");
        for (request, reason) in [
            ("account add DESK", "(39 BadTerms)"),
            ("account credit MM1 USD 5", "(39 BadTerms)"),
            ("account entitle DESK NOPE", "(42 UnknownSession)"),
            ("account entitle NOPE MM1", "(24 UnknownAccount)"),
            ("protection set MM1 9 --fills 1", "(41 BadProtection)"),
        ] {
            let said = venue.admin_refuses(request);
            assert!(said.contains(reason), "{request}: {said}");
        }
    }

    #[test]
    fn a_gateway_that_comes_later_knows_what_was_added_before() {
        let data = data_dir();
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        matcher.said(&["waiting for the gateway"]);
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        assert_eq!(admin(data.path(), NEW).code, Some(0));
        gateway.kill9();
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        let mut a = Client::logged_on(listener(&gateway, "fix"), "MM1");
        a.order("a", BUY, "1", &[(55, "NEWUSD"), (40, "2"), (44, "100")]);
        a.execution(&[(11, "a"), (150, "0"), (55, "NEWUSD")]);
        gateway.stop();
        matcher.stop();
    }
}

mod the_socket {
    use super::*;

    fn connect(venue: &Venue) -> UnixStream {
        let stream = UnixStream::connect(venue.data.join("admin.sock")).expect("it is there");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn line(stream: &UnixStream) -> String {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("an answer");
        line
    }

    #[test]
    fn it_is_its_users_alone_and_goes_with_the_venue() {
        let venue = Venue::start(&[]);
        let path = venue.data.join("admin.sock");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let data = venue.data.clone();
        let parent = data.parent().unwrap().to_owned();
        assert!(parent.is_dir());
        venue.stop().assert_no_panic();
        assert!(!path.exists());
    }

    #[test]
    fn without_a_venue_the_exit_code_is_2_and_the_remedy_is_told() {
        let data = data_dir();
        let ended = admin(data.path(), "status");
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains("no venue answers on the data directory"), "{}", ended.stderr);
    }

    #[test]
    fn requests_are_lines_of_json_and_each_is_answered() {
        let venue = Venue::start(&[]);
        let mut stream = connect(&venue);
        let request = "{\"deposit\":{\"account\":\"MM1\",\"asset\":\"USD\",\"amount\":\"5\"}}\n";
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(line(&stream).trim_end(), "{\"done\":[\"5 USD paid into account MM1\"],\"refused\":[]}");
        stream.write_all(b"\"status\"\n").unwrap();
        assert!(line(&stream).contains("AAPL: continuous"));
        for bad in [
            "nonsense",
            "{}",
            "{\"deposit\":{}}",
            "{\"deposit\":{\"account\":\"A\",\"asset\":\"B\",\"amount\":\"1\",\"x\":1}}",
        ] {
            stream.write_all(format!("{bad}\n").as_bytes()).unwrap();
            let answer = line(&stream);
            assert!(answer.contains("\"name\":\"BadRequest\""), "{bad}: {answer}");
        }
    }

    #[test]
    fn a_request_that_never_ends_is_cut_off() {
        let venue = Venue::start(&[]);
        let mut stream = connect(&venue);
        let long = vec![b'x'; 65 * 1024];
        // The venue may close while we write.
        let _ = stream.write_all(&long);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.contains("more than 65536 bytes"), "{answer}");
        venue.admin("status");
    }

    #[test]
    fn operators_that_stall_and_too_many_of_them_hurt_nobody() {
        let venue = Venue::start(&[]);
        let mut stalled = Vec::new();
        for _ in 0..15 {
            let mut stream = connect(&venue);
            // Asks for more than it ever reads.
            stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
            for _ in 0..2_000 {
                if stream.write_all(b"\"status\"\n").is_err() {
                    break;
                }
            }
            stalled.push(stream);
        }
        let mut a = venue.client("MM1");
        rest(&mut a, "a", BUY, "1", "500");
        assert_eq!(venue.admin("halt AAPL"), "AAPL is in the state halted");
        let last = connect(&venue);
        let mut one_more = connect(&venue);
        let mut nothing = Vec::new();
        assert_eq!(one_more.read_to_end(&mut nothing).unwrap(), 0, "one too many is closed");
        drop((stalled, last));
        a.quiet();
    }

    #[test]
    fn the_matchers_process_serves_it_where_there_are_two() {
        let data = data_dir();
        let matcher = Penstock::start(arguments("matcher", data.path(), &[]));
        matcher.said(&["waiting for the gateway"]);
        let gateway = Penstock::start(arguments("gateway", data.path(), &[]));
        let _ = gateway.line("ready");
        let mut a = Client::logged_on(listener(&gateway, "fix"), "MM1");
        rest(&mut a, "a", BUY, "1", "500");
        assert_eq!(admin(data.path(), "cancel --all").stdout, "1 order cancelled");
        a.execution(&[(11, "a"), (150, "4")]);
        let _ = gateway.line("ready");
        gateway.stop();
        matcher.stop();
    }
}
