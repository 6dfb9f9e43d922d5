//! Binary order entry: SBE messages over SoupBinTCP.

use std::{
    io::{Read, Write},
    net::SocketAddr,
};

use penstock_tests::{
    PATIENCE,
    binary::{
        AAPL, ALICE, BM1, Binary, End, cancel, connect, decoded, id, limit, password, price, quantity,
        replace,
    },
    trade::{BUY, SELL},
    venue::Venue,
};
use wire::{
    reject::Reject,
    sbe::{
        codes::{Boolean, DefinitionKinds, Fault, MassCancelFlags, VenueState},
        messages::{
            DefinitionRequest, LimitQuery, MassCancel, Message, NewOrder, OrderMassStatusRequest,
            RequestForPositions, StatusRequest,
        },
    },
    sequenced::SessionName,
    soup::{CloseReason, RejectReason},
    types::{OrderStatus, OrderType, Side, TimeInForce},
};

fn refused(
    address: SocketAddr,
    user: (&str, &str),
    session: Option<SessionName>,
    next: u64,
) -> (End, String) {
    match Binary::log_in(address, user, session, next) {
        Ok(_) => panic!("{} was let in", user.0),
        Err(refused) => refused,
    }
}

mod login {
    use super::*;

    const NOT_AUTHORIZED: End = End::Soup(CloseReason::Refused(RejectReason::NotAuthorized));
    const NOT_AVAILABLE: End = End::Soup(CloseReason::Refused(RejectReason::SessionNotAvailable));

    #[test]
    fn who_shows_the_password_is_let_in_and_who_does_not_is_told_nothing() {
        let venue = Venue::start(&[]);
        let address = venue.binary();
        let client = Binary::client(address, "BM1");
        assert_eq!(client.next(), 1);
        assert_eq!(refused(address, ("BM2", "bm1-demo"), None, 1), (NOT_AUTHORIZED, String::new()));
        assert_eq!(refused(address, ("NOBODY", "bm1-demo"), None, 1), (NOT_AUTHORIZED, String::new()));
        // A session of FIX is none here.
        assert_eq!(refused(address, ("MM1", "mm1-demo"), None, 1), (NOT_AUTHORIZED, String::new()));
        // One connection a session: who has shown the password is told why.
        let (end, said) = refused(address, ("BM1", "bm1-demo"), None, 1);
        assert_eq!((end, said.as_str()), (NOT_AUTHORIZED, "this session is logged in already"));
        venue.stop().assert_no_panic();
    }

    #[test]
    fn another_session_or_a_number_beyond_the_next_is_not_available() {
        let venue = Venue::start(&[]);
        let address = venue.binary();
        let session = {
            let mut client = Binary::client(address, "BM1");
            client.log_out();
            assert_eq!(client.ended(), End::Closed);
            client.session()
        };
        venue.process.logged(&["logged out"]);
        let user = ("BM1", "bm1-demo");
        assert_eq!(refused(address, user, SessionName::new("OTHER"), 1).0, NOT_AVAILABLE);
        assert_eq!(refused(address, user, Some(session), 2).0, NOT_AVAILABLE);
        let client = Binary::log_in(address, user, Some(session), 1).expect("its own session");
        assert_eq!(client.session(), session);
        venue.stop().assert_no_panic();
    }

    #[test]
    fn addresses_are_looked_at_and_failures_locked_out() {
        let venue =
            Venue::start(&["session.BM1.addresses=[\"192.0.2.0/24\"]", "binary.logon_failures_max=2"]);
        let address = venue.binary();
        assert_eq!(refused(address, ("BM1", "bm1-demo"), None, 1), (NOT_AUTHORIZED, String::new()));
        for _ in 0..2 {
            assert_eq!(refused(address, ("BM2", "wrong"), None, 1).0, NOT_AUTHORIZED);
        }
        // Locked out now, whatever it shows.
        assert_eq!(refused(address, ("BM2", "bm2-demo"), None, 1).0, NOT_AUTHORIZED);
        let _others = Binary::client(address, "TRUNK1");
        venue.stop().assert_no_panic();
    }

    #[test]
    fn what_is_no_login_is_closed_and_so_is_who_says_nothing() {
        let venue = Venue::start(&["binary.logon_timeout_ms=300"]);
        let address = venue.binary();
        let ends = |bytes: &[u8]| {
            let mut stream = connect(address);
            stream.write_all(bytes).unwrap();
            let mut said = Vec::new();
            stream.read_to_end(&mut said).expect("closed, not left open");
            said
        };
        // Garbage, a message before the login, a packet that only servers send, half a login, nothing.
        for bytes in [&b"8=FIX.4.4\x019=5\x01"[..], b"\x00\x02Ux", b"\x00\x01H", b"\x00\x2fLBM1   bm1", b""] {
            assert_eq!(ends(bytes), b"", "{bytes:?}");
        }
        venue.stop().assert_no_panic();
    }
}

mod orders {
    use super::*;

    #[test]
    fn of_each_kind_are_reported_from_the_first_to_the_last() {
        let venue = Venue::start(&[]);
        let mut client = Binary::client(venue.binary(), "BM1");
        client.send(&limit("a", Side::Buy, 10, 500));
        let (number, bytes) = client.report();
        let Message::OrderAccepted(accepted) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!(
            (number, accepted.appl_seq_num.get(), accepted.last_msg_seq_num_processed.get()),
            (1, 1, 1)
        );
        assert_eq!((accepted.cl_ord_id, accepted.side, accepted.account_id.get()), (id("a"), Side::Buy, BM1));
        assert_eq!((accepted.price.get(), accepted.leaves_qty), (Some(price(500)), quantity(10)));
        // Each stamp is not before the one before it.
        let stamps = [accepted.gateway_in_time, accepted.transact_time, accepted.matcher_out_time]
            .map(|time| time.get());
        assert!(stamps.is_sorted() && stamps[0] > 0, "{stamps:?}");
        let order_id = accepted.order_id.get();

        client.send(&replace("b", "a", Side::Buy, 12, 501));
        let (number, bytes) = client.report();
        let Message::OrderReplaced(replaced) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((number, replaced.cl_ord_id, replaced.orig_cl_ord_id), (2, id("b"), id("a")));
        assert_eq!((replaced.order_id.get(), replaced.leaves_qty), (order_id, quantity(12)));

        let status = StatusRequest {
            cl_ord_id: id("b"),
            instrument_id: AAPL.into(),
            ord_status_req_id: id("how"),
            account_id: None.into(),
            order_id: None.into(),
            side: Side::Buy,
            padding1: [0; 7],
        };
        client.send(&status);
        let (_, bytes) = client.report();
        let Message::OrderStatusReport(told) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((told.ord_status, told.ord_status_req_id), (OrderStatus::New, id("how")));

        // Another participant, by FIX, trades with it.
        let mut fix = venue.client("MM1");
        fix.limit("f", SELL, "5", "501.00");
        fix.execution(&[(150, "0")]);
        fix.execution(&[(150, "F"), (31, "501.00"), (32, "5")]);
        let (number, bytes) = client.report();
        let Message::OrderFilled(filled) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((number, filled.last_px, filled.last_qty), (4, price(501), quantity(5)));
        assert_eq!((filled.leaves_qty, filled.ord_status), (quantity(7), OrderStatus::PartiallyFilled));

        client.send(&cancel("c", "b"));
        let (_, bytes) = client.report();
        let Message::OrderCanceled(canceled) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((canceled.cl_ord_id, canceled.orig_cl_ord_id), (id("c"), id("b")));

        client.send(&cancel("d", "b"));
        let (_, bytes) = client.report();
        let Message::CancelRejected(rejected) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!(rejected.cl_ord_id, id("d"));

        let immediate = NewOrder { time_in_force: TimeInForce::Ioc, ..limit("e", Side::Sell, 1, 400) };
        client.send(&immediate);
        for kind in [40, 43] {
            let (_, bytes) = client.report();
            assert_eq!(decoded(&bytes).template(), kind, "{:?}", decoded(&bytes));
        }
        let market =
            NewOrder { ord_type: OrderType::Market, price: None.into(), ..limit("m", Side::Buy, 1, 0) };
        client.send(&market);
        let (_, bytes) = client.report();
        assert!([40, 41].contains(&decoded(&bytes).template()), "{:?}", decoded(&bytes));
        venue.stop().assert_no_panic();
    }

    #[test]
    fn are_cancelled_listed_and_paid_for_in_the_mass() {
        let venue = Venue::start(&[]);
        let mut client = Binary::client(venue.binary(), "BM1");
        for name in ["a", "b", "c"] {
            client.send(&limit(name, Side::Buy, 1, 400));
            client.report();
        }
        let all = OrderMassStatusRequest {
            mass_status_req_id: id("all"),
            instrument_id: None.into(),
            account_id: None.into(),
            side: None.into(),
            padding1: [0; 3],
        };
        client.send(&all);
        for place in 1..=3 {
            let (_, bytes) = client.report();
            let Message::OrderStatusReport(told) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
            assert_eq!((told.ord_status_req_id, told.tot_num_reports.get()), (id("all"), Some(3)));
            let last = if place == 3 { Boolean::Yes } else { Boolean::No };
            assert_eq!(told.last_rpt_requested.get(), Some(last));
        }
        let balances = RequestForPositions {
            pos_req_id: id("have"),
            account_id: None.into(),
            asset_id: Some(5).into(),
            padding1: [0; 4],
        };
        client.send(&balances);
        let (_, bytes) = client.report();
        let Message::BalanceAck(ack) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!(ack.total_num_pos_reports.get(), 1);
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), Message::BalanceReport(_)));
        let mass = MassCancel {
            cl_ord_id: id("off"),
            instrument_id: None.into(),
            account_id: None.into(),
            side: None.into(),
            mass_cancel_flags: MassCancelFlags(0),
            padding1: [0; 2],
        };
        client.send(&mass);
        for _ in 0..3 {
            let (_, bytes) = client.report();
            assert!(matches!(decoded(&bytes), Message::OrderCanceled(_)));
        }
        let (_, bytes) = client.report();
        let Message::MassCanceled(done) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!(done.total_affected_orders.get(), 3);
        venue.stop().assert_no_panic();
    }

    #[test]
    fn of_a_trunk_are_for_the_accounts_that_they_name() {
        let venue = Venue::start(&[]);
        let mut trunk = Binary::client(venue.binary(), "TRUNK1");
        let order = |name: &str, account: Option<u32>| NewOrder {
            account_id: account.into(),
            ..limit(name, Side::Buy, 1, 400)
        };
        trunk.send(&order("a", Some(ALICE)));
        let (_, bytes) = trunk.report();
        let Message::OrderAccepted(accepted) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!(accepted.account_id.get(), ALICE);
        // None named, a market maker's, one that there is not.
        for (place, account) in [(2, None), (3, Some(0)), (4, Some(4000))] {
            trunk.send(&order("x", account));
            let bytes = trunk.answer();
            let Message::RequestRefused(refused) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
            assert_eq!(refused.reject_code, Reject::NotEntitled.into());
            assert_eq!((refused.msg_seq_num.get(), refused.cl_ord_id), (place, id("x")));
        }
        // An operator's leave is all that it takes.
        venue.admin("account entitle MM1 TRUNK1");
        loop {
            trunk.send(&order("m", Some(0)));
            match trunk.message() {
                (Some(_), bytes) => {
                    assert!(matches!(decoded(&bytes), Message::OrderAccepted(_)), "{:?}", decoded(&bytes));
                    break;
                }
                (None, bytes) => assert!(
                    matches!(decoded(&bytes), Message::RequestRefused(_) | Message::AccountDefinition(_)),
                    "{:?}",
                    decoded(&bytes)
                ),
            }
        }
        venue.stop().assert_no_panic();
    }
}

mod refusals {
    use super::*;

    #[test]
    fn bytes_that_are_no_message_are_answered_and_the_session_goes_on() {
        let venue = Venue::start(&[]);
        let mut client = Binary::client(venue.binary(), "BM1");
        let mut good = [0; 128];
        let length = wire::sbe::encode(&limit("a", Side::Buy, 1, 400), &mut good).unwrap();
        let with = |at: usize, byte: u8| {
            let mut bytes = good[..length].to_vec();
            bytes[at] = byte;
            bytes
        };
        for (bytes, fault, field) in [
            (vec![], Fault::Header, 0),
            (good[..7].to_vec(), Fault::Header, 0),
            (with(4, 9), Fault::Schema, 0),
            (with(6, 0), Fault::Version, 0),
            (with(2, 250), Fault::Template, 0),
            (with(0, 1), Fault::BlockLength, 0),
            (good[..length - 1].to_vec(), Fault::Length, 0),
            (with(8 + 44, b'9'), Fault::Code, 54),
        ] {
            client.send_bytes(&bytes);
            let answer = client.answer();
            let Message::MessageRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
            assert_eq!((refused.fault, refused.field_id.get()), (fault, field), "{bytes:02x?}");
            assert_eq!(refused.msg_seq_num.get(), client.sent);
        }
        // A report is no request.
        let status = wire::sbe::messages::VenueStatus {
            transact_time: 0.into(),
            venue_state: VenueState::Open,
            padding1: [0; 7],
        };
        client.send(&status);
        let answer = client.answer();
        let Message::MessageRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert_eq!(refused.fault, Fault::Unexpected);
        client.send(&limit("a", Side::Buy, 1, 400));
        let (number, bytes) = client.report();
        let Message::OrderAccepted(accepted) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((number, accepted.last_msg_seq_num_processed.get()), (1, client.sent));
        venue.stop().assert_no_panic();
    }

    #[test]
    fn requests_that_go_no_further_than_the_gateway_have_a_code_of_the_catalogue() {
        let venue = Venue::start(&[]);
        let mut client = Binary::client(venue.binary(), "BM1");
        for (order, reject) in [
            (
                NewOrder { instrument_id: 99.into(), ..limit("a", Side::Buy, 1, 400) },
                Reject::UnknownInstrument,
            ),
            (NewOrder { account_id: Some(0).into(), ..limit("b", Side::Buy, 1, 400) }, Reject::NotEntitled),
            (NewOrder { cl_ord_id: [0; 36].into(), ..limit("c", Side::Buy, 1, 400) }, Reject::BadClOrdId),
        ] {
            client.send(&order);
            let answer = client.answer();
            let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
            assert_eq!(refused.reject_code, reject.into());
            assert_eq!((refused.cl_ord_id, refused.template_id.get()), (order.cl_ord_id, 1));
            assert_eq!(refused.retry_after.get(), None);
        }
        venue.stop().assert_no_panic();
    }

    #[test]
    fn a_session_that_sends_too_much_is_refused_and_then_logged_out_but_may_cancel() {
        let venue = Venue::start(&["session.BM2.throttle_messages=4", "session.BM2.throttle_s=3600"]);
        let mut client = Binary::client(venue.binary(), "BM2");
        for name in ["a", "b", "c", "d"] {
            client.send(&limit(name, Side::Buy, 1, 400));
            client.report();
        }
        client.send(&limit("e", Side::Buy, 1, 400));
        let answer = client.answer();
        let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert_eq!((refused.reject_code, refused.cl_ord_id), (Reject::Throttled.into(), id("e")));
        assert_eq!((refused.limit_count.get(), refused.limit_max.get()), (Some(4), Some(4)));
        assert!(refused.retry_after.get().is_some_and(|wait| wait > 0));
        client.send(&cancel("f", "a"));
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), Message::OrderCanceled(_)));
        client.send(&limit("g", Side::Buy, 1, 400));
        client.answer();
        client.send(&limit("h", Side::Buy, 1, 400));
        assert_eq!(client.ended(), End::Closed);
        assert!(client.said.contains("one and a half times"), "{}", client.said);
        venue.stop().assert_no_panic();
    }

    #[test]
    fn a_session_asks_what_it_has_used_of_its_limits() {
        let venue = Venue::start(&[]);
        let mut client = Binary::client(venue.binary(), "BM2");
        client.send(&LimitQuery { req_id: id("q"), padding1: [0; 4] });
        let answer = client.answer();
        let Message::LimitResponse(response, limits) = decoded(&answer) else {
            panic!("{:?}", decoded(&answer))
        };
        assert_eq!(response.req_id, id("q"));
        let limits: Vec<_> =
            limits.iter().map(|limit| (limit.limit_count.get(), limit.limit_max.get())).collect();
        assert_eq!(limits, [(1, 100), (0, 100)]);
        let mut unlimited = Binary::client(venue.binary(), "BM1");
        unlimited.send(&LimitQuery { req_id: id("q"), padding1: [0; 4] });
        let answer = unlimited.answer();
        let Message::LimitResponse(_, limits) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert!(limits.is_empty());
        venue.stop().assert_no_panic();
    }
}

#[test]
fn definitions_tell_what_numbers_stand_for() {
    let venue = Venue::start(&[]);
    let mut client = Binary::client(venue.binary(), "TRUNK1");
    let kinds = DefinitionKinds(DefinitionKinds::KNOWN);
    client.send(&DefinitionRequest { definition_kinds: kinds, padding1: [0; 7] });
    let (mut instruments, mut assets, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let answer = client.answer();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        match decoded(&answer) {
            Message::InstrumentDefinition(it) => instruments.push(text(it.instrument_symbol.bytes())),
            Message::AssetDefinition(it) => assets.push(text(it.asset_name.bytes())),
            Message::AccountDefinition(it) => {
                accounts.push((it.account_id.get(), text(it.account_name.bytes())));
            }
            Message::DefinitionsEnd(end) => {
                assert_eq!(end.definition_kinds, kinds);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(instruments, ["BTCUSDT", "ETHUSDT", "SOLUSDT", "AAPL"]);
    assert_eq!(assets, ["BTC", "ETH", "SOL", "USDT", "AAPL", "USD"]);
    assert_eq!(accounts, [(6, "alice".to_owned()), (7, "bob".to_owned())]);
    // What is added later is told unasked.
    venue.admin("account add carol");
    venue.admin("account entitle carol TRUNK1");
    let answer = client.answer();
    let Message::AccountDefinition(added) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    assert_eq!((added.account_name.bytes(), added.entitled), (&b"carol"[..], Boolean::Yes));
    venue.stop().assert_no_panic();
}

#[test]
fn heartbeats_keep_a_connection_and_silence_ends_it() {
    let venue = Venue::start(&["binary.heartbeat_s=1", "binary.silence_s=2"]);
    let mut stream = connect(venue.binary());
    let mut login = Vec::new();
    let config = wire::soup::client::Config::new("BM1", password("BM1")).unwrap();
    wire::soup::Client::new(config, None, 1).connected(wire::types::Nanos(0), &mut login);
    stream.write_all(&login).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("the venue ends it");
    assert_eq!(heard[2], b'A');
    assert!(heard[33..].starts_with(b"\x00\x01H"), "{:?}", heard[33..].escape_ascii().to_string());
    venue.process.logged(&["the peer is silent"]);
    venue.stop().assert_no_panic();
}

#[test]
fn who_does_not_read_is_cut_off_and_others_feel_nothing_of_it() {
    let venue = Venue::start(&["binary.output_bytes_max=65536"]);
    let mut slow = Binary::client(venue.binary(), "BM1");
    let mut other = Binary::client(venue.binary(), "TRUNK1");
    let mut sent = 0_u64;
    // Until the kernel's buffers are full too, and then the bound is reached.
    while !venue.process.log().contains("too slowly") {
        for _ in 0..500 {
            sent += 1;
            slow.send(&limit(&format!("s{sent}"), Side::Buy, 1, 400));
        }
        other.send(&NewOrder {
            account_id: Some(ALICE).into(),
            ..limit(&format!("o{sent}"), Side::Buy, 1, 400)
        });
        other.report();
    }
    drop(slow);
    // It has missed nothing that is kept.
    let mut again = Binary::log_in(venue.binary(), ("BM1", "bm1-demo"), None, 0).expect("it comes back");
    let newest = again.report().0;
    assert!(newest > 100, "{newest}");
    venue.stop().assert_no_panic();
}

#[test]
fn orders_are_cancelled_on_disconnect_after_the_grace_time_only() {
    let venue = Venue::start(&["session.BM2.cancel_grace_ms=300"]);
    let address = venue.binary();
    let mut client = Binary::client(address, "BM2");
    client.send(&limit("a", Side::Buy, 1, 400));
    client.report();
    drop(client);
    venue.process.logged(&["cancelled on disconnect"]);
    let mut client = Binary::log_in(address, ("BM2", "bm2-demo"), None, 2).expect("it comes back");
    let (number, bytes) = client.report();
    let Message::OrderCanceled(canceled) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
    assert_eq!((number, canceled.cl_ord_id), (2, id("a")));
    assert_eq!(canceled.cause, wire::event::Cause::Disconnected);
    venue.stop().assert_no_panic();
}

mod copies {
    use super::*;

    const DROP: &str = "session=[\
        {comp_id=\"MM1\", password=\"mm1-demo\", accounts=[\"MM1\"]},\
        {comp_id=\"DROP1\", password=\"drop1-demo\", kind=\"drop-copy\", watch=[\"BM1\"]},\
        {comp_id=\"BM1\", protocol=\"binary\", password=\"bm1-demo\", accounts=[\"BM1\"]},\
        {comp_id=\"BDROP\", protocol=\"binary\", password=\"trunk-demo\", kind=\"drop-copy\", watch=[\"MM1\"]}]";

    #[test]
    fn of_fix_orders_come_by_the_binary_protocol_and_the_reverse() {
        let venue = Venue::start(&[DROP]);
        let mut copies = Binary::client(venue.binary(), "BDROP");
        let mut fix = venue.client("MM1");
        fix.limit("f", SELL, "5", "600.00");
        let report = fix.execution(&[(150, "0")]);
        let (number, bytes) = copies.report();
        let Message::OrderAccepted(copy) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((number, copy.cl_ord_id, copy.session_id.get()), (1, id("f"), Some(0)));
        assert_eq!(copy.exec_id.get().to_string(), report.field(17));

        let mut fix_copies = venue.client("DROP1");
        let mut client = Binary::client(venue.binary(), "BM1");
        client.send(&limit("b", Side::Buy, 5, 600));
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), Message::OrderAccepted(_)));
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), Message::OrderFilled(_)));
        let (_, bytes) = copies.report();
        let Message::OrderFilled(copy) = decoded(&bytes) else { panic!("{:?}", decoded(&bytes)) };
        assert_eq!((copy.cl_ord_id, copy.account_id.get()), (id("f"), 0));
        let copied = fix_copies.report();
        copied.assert(&[(150, "0"), (11, "b"), (797, "Y"), (54, BUY)]);
        fix_copies.report().assert(&[(150, "F"), (11, "b"), (32, "5")]);

        // It may not trade.
        copies.send(&limit("x", Side::Buy, 1, 400));
        let answer = copies.answer();
        let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert_eq!(refused.reject_code, Reject::NotEntitled.into());
        venue.stop().assert_no_panic();
    }
}

mod operators {
    use super::*;

    #[test]
    fn see_and_handle_binary_sessions_as_those_of_fix() {
        let venue = Venue::start(&[]);
        let address = venue.binary();
        let mut client = Binary::client(address, "BM1");
        client.send(&limit("a", Side::Buy, 1, 400));
        client.report();
        let shown = venue.shown("BM1");
        assert_eq!((shown["state"].as_str(), shown["next_in"].as_u64()), (Some("logged on"), Some(2)));
        assert_eq!(shown["next_out"].as_u64(), Some(2));
        let former = client.session();
        venue.session("reset BM1");
        assert_eq!(client.ended(), End::Soup(CloseReason::EndOfSession));
        let (end, _) = refused(address, ("BM1", "bm1-demo"), Some(former), 2);
        assert_eq!(end, End::Soup(CloseReason::Refused(RejectReason::SessionNotAvailable)));
        let mut client = Binary::client(address, "BM1");
        assert_ne!(client.session(), former);
        assert_eq!(client.next(), 1);
        venue.session("disconnect BM1 --text bye");
        assert_eq!((client.ended(), client.said.as_str()), (End::Closed, "bye"));
        venue.session("disable BM1");
        let (_, said) = refused(address, ("BM1", "bm1-demo"), None, 1);
        assert_eq!(said, "this session is disabled by an operator");
        venue.session("enable BM1");
        drop(Binary::client(address, "BM1"));
        venue.stop().assert_no_panic();
    }

    #[test]
    fn drain_the_gateway_and_clients_may_get_out() {
        let venue = Venue::start(&["binary.drain_ms=30000", "fix.drain_ms=30000"]);
        let mut client = Binary::client(venue.binary(), "BM1");
        client.send(&limit("a", Side::Buy, 1, 400));
        client.report();
        venue.process.signal(rustix::process::Signal::TERM);
        let answer = client.answer();
        let Message::VenueStatus(status) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert_eq!(status.venue_state, VenueState::Draining);
        client.send(&limit("b", Side::Buy, 1, 400));
        let answer = client.answer();
        let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
        assert_eq!(refused.reject_code, Reject::Draining.into());
        client.send(&cancel("c", "a"));
        let (_, bytes) = client.report();
        assert!(matches!(decoded(&bytes), Message::OrderCanceled(_)));
        client.log_out();
        let Venue { mut process, .. } = venue;
        let ended = process.end_within(PATIENCE);
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        ended.assert_no_panic();
    }
}
