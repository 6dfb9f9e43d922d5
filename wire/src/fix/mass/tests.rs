use super::*;

fn bytes(kind: &str, body: &str) -> Vec<u8> {
    let head = format!("8=FIX.4.4|9=1|35={kind}|49=TW|56=ISLD|34=2|52=20261120-12:00:00|");
    format!("{head}{body}10=000|").replace('|', "\x01").into_bytes()
}

fn session(reason: Why, tag: u32) -> Refusal {
    Refusal::Session(SessionReject::about(reason, tag))
}

fn number(text: &str) -> Option<Number> {
    Number::parse(text.as_bytes())
}

mod mass_cancels {
    use super::*;

    fn refused(body: &str) -> Refusal {
        OrderMassCancelRequest::parse(&Message::parse(&bytes("q", body))).expect_err(body)
    }

    #[test]
    fn they_name_symbol_side_and_account() {
        let bytes = bytes("q", "11=ID|530=1|55=AAPL|54=2|1=MM1|60=20261120-12:00:00|");
        assert_eq!(
            OrderMassCancelRequest::parse(&Message::parse(&bytes)),
            Ok(OrderMassCancelRequest {
                cl_ord_id: b"ID",
                kind: b'1',
                symbol: Some(b"AAPL"),
                side: Some(Side::Sell.into()),
                account: Some(b"MM1"),
            })
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(refused("530=7|60=20261120-12:00:00|"), session(Why::RequiredTagMissing, 11));
        assert_eq!(refused("11=ID|60=20261120-12:00:00|"), session(Why::RequiredTagMissing, 530));
        assert_eq!(refused("11=ID|530=7|"), session(Why::RequiredTagMissing, 60));
        assert_eq!(refused("11=ID|530=9|60=20261120-12:00:00|"), session(Why::ValueIncorrect, 530));
        assert_eq!(
            refused("11=ID|530=7|44=5|60=20261120-12:00:00|"),
            session(Why::TagNotDefinedForMessage, 44)
        );
        assert_eq!(refused("11=ID|530=1|60=20261120-12:00:00|"), BusinessReject::conditional(55).into());
    }
}

mod mass_quotes {
    use super::*;

    const TWO: &str = "117=Q1|1=MM1|296=2|302=A|304=1|295=1|299=1|55=AAPL|132=584|133=586|134=10|135=20|\
                       302=B|304=1|295=1|299=2|55=BTCUSDT|134=0|9773=Y|";

    fn refused(body: &str) -> Refusal {
        MassQuote::parse(&Message::parse(&bytes("i", body))).expect_err(body)
    }

    #[test]
    fn entries_of_all_sets_are_read_in_a_row() {
        let bytes = bytes("i", TWO);
        let quote = MassQuote::parse(&Message::parse(&bytes)).unwrap();
        assert_eq!((quote.quote_id, quote.account, quote.reset), (&b"Q1"[..], Some(&b"MM1"[..]), true));
        let [first, second] = quote.entries() else { panic!("{quote:?}") };
        let prices = (first.bid, first.bid_size, first.offer, first.offer_size);
        assert_eq!(first.symbol, b"AAPL");
        assert_eq!(prices, (number("584"), number("10"), number("586"), number("20")));
        let nothing = Entry { symbol: b"BTCUSDT", bid_size: number("0"), ..Entry::default() };
        assert_eq!(*second, nothing);
    }

    #[test]
    fn a_reset_may_stand_alone() {
        let bytes = bytes("i", "117=Q1|296=0|9773=Y|");
        let quote = MassQuote::parse(&Message::parse(&bytes)).unwrap();
        assert!(quote.reset && quote.entries().is_empty());
    }

    #[test]
    fn groups_are_counted_and_in_order() {
        assert_eq!(refused(&TWO.replace("296=2", "296=1")), session(Why::IncorrectNumInGroup, 296));
        assert_eq!(refused(&TWO.replacen("295=1", "295=2", 1)), session(Why::IncorrectNumInGroup, 295));
        assert_eq!(
            refused("117=Q|296=1|302=A|304=1|295=1|55=AAPL|299=1|"),
            session(Why::GroupOutOfOrder, 55)
        );
        assert_eq!(refused(&TWO.replace("299=2", "299=7")), session(Why::ValueIncorrect, 299));
        assert_eq!(
            refused(&TWO.replace("299=2|55=BTCUSDT|", "299=2|")),
            session(Why::RequiredTagMissing, 55)
        );
        assert_eq!(refused(&TWO.replace("134=10|", "")), BusinessReject::conditional(134).into());
        assert_eq!(
            refused(&TWO.replace("132=584|", "132=584|132=583|")),
            session(Why::TagAppearsMoreThanOnce, 132)
        );
        assert_eq!(refused("296=0|"), session(Why::RequiredTagMissing, 117));
        assert_eq!(refused("117=Q|"), session(Why::RequiredTagMissing, 296));
        assert_eq!(refused("117=Q|296=33|"), session(Why::IncorrectNumInGroup, 296));
    }

    #[test]
    fn thirty_two_entries_are_taken_and_one_more_is_not() {
        let entries = |count: usize| {
            let entries: String = (1..=count).map(|n| format!("299={n}|55=S{n}|132=1|134=1|")).collect();
            format!("117=Q|296=1|302=A|304={count}|295={count}|{entries}")
        };
        let most = bytes("i", &entries(MASS_QUOTE_ENTRIES_MAX));
        assert_eq!(MassQuote::parse(&Message::parse(&most)).unwrap().entries().len(), MASS_QUOTE_ENTRIES_MAX);
        let more = entries(MASS_QUOTE_ENTRIES_MAX + 1);
        assert_eq!(refused(&more), session(Why::IncorrectNumInGroup, 295));
        let hidden = more.replace("295=33", "295=32");
        assert_eq!(refused(&hidden), session(Why::IncorrectNumInGroup, 295));
    }
}

#[test]
fn a_quote_cancel_names_its_symbols() {
    let parse = |body: &str| {
        let bytes = bytes("Z", body);
        QuoteCancel::parse(&Message::parse(&bytes))
            .map(|request| (request.kind, request.symbols().iter().map(|s| s.to_vec()).collect::<Vec<_>>()))
    };
    assert_eq!(parse("117=Q|298=1|295=2|55=A|55=B|"), Ok((b'1', vec![b"A".to_vec(), b"B".to_vec()])));
    assert_eq!(parse("117=Q|298=4|"), Ok((b'4', Vec::new())));
    assert_eq!(parse("117=Q|298=1|"), Err(BusinessReject::conditional(295).into()));
    assert_eq!(parse("117=Q|298=1|295=2|55=A|"), Err(session(Why::IncorrectNumInGroup, 295)));
    assert_eq!(parse("117=Q|298=5|"), Err(session(Why::ValueIncorrect, 298)));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_reading_panic(
        tail in "((1|11|54|55|60|117|132|133|134|135|295|296|298|299|302|304|530|9773)=[0-9A-Z.]{0,3}\x01){0,40}"
    ) {
        let head = "8=FIX.4.4\x019=1\x0135=i\x0149=A\x0156=B\x0134=2\x0152=20261120-12:00:00\x01";
        let bytes = format!("{head}{tail}10=000\x01").into_bytes();
        let message = Message::parse(&bytes);
        let _ = OrderMassCancelRequest::parse(&message);
        let _ = MassQuote::parse(&message);
        let _ = QuoteCancel::parse(&message);
    }
}
