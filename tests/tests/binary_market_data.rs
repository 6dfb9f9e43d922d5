//! Market data over the binary protocol: a session watches what others trade, and its books are held against the orders
//! that stand.

use std::collections::BTreeMap;

use penstock_tests::{
    Penstock,
    binary::{AAPL, Binary, End, cancel, decoded, id, limit, password, quantity},
    trade::{BUY, SELL},
    venue::{Venue, arguments, data_dir, listener},
};
use wire::{
    reject::Reject,
    sbe::{
        self,
        codes::Subscription,
        messages::{BookRequest, LimitQuery, Message},
    },
    types::{Side, TradingState},
};

/// Prices and what stands there: (offer, price) to (size, orders).
type Prices = BTreeMap<(bool, i64), (u64, u32)>;

const UNIT: i64 = 100_000_000;

/// Whole prices and sizes of AAPL.
fn prices(of: &[(bool, i64, u64, u32)]) -> Prices {
    of.iter()
        .map(|&(offer, at, size, orders)| ((offer, at * UNIT), (quantity(size).mantissa(), orders)))
        .collect()
}

/// A book as it is told.
#[derive(Default)]
struct Book {
    prices: Prices,
    state: TradingState,
    /// Price, size, and the side of the order that came.
    trades: Vec<(i64, u64, Option<Side>)>,
    snapshots: usize,
    is_whole: bool,
    last_seq: u64,
    auction: Option<(Option<i64>, u64)>,
}

#[derive(Default)]
struct Books(BTreeMap<u32, Book>);

impl Books {
    fn hear(&mut self, message: &Message<'_>) {
        match message {
            Message::SnapshotBegin(begin) => {
                let book = self.0.entry(begin.instrument_id.get()).or_default();
                book.prices.clear();
                book.snapshots += 1;
                (book.is_whole, book.state) = (false, begin.trading_state);
            }
            Message::SnapshotEnd(end) => {
                let book = self.of(end.instrument_id.get());
                assert_eq!(book.prices.len(), end.level_count.get() as usize, "as many prices as are said");
                assert!(end.snapshot_seq_num.get() >= book.last_seq, "books do not go back");
                (book.is_whole, book.last_seq) = (true, end.snapshot_seq_num.get());
            }
            Message::BookLevel(level) => {
                let book = self.of(level.instrument_id.get());
                let key = (level.side == Side::Sell, level.price.mantissa());
                let former = match level.order_count.get() {
                    0 => book.prices.remove(&key),
                    orders => book.prices.insert(key, (level.level_qty.mantissa(), orders)),
                };
                assert!(former.is_some() || level.order_count.get() > 0, "{level:?} is no news");
            }
            Message::Trade(trade) => {
                let told = (trade.last_px.mantissa(), trade.last_qty.mantissa(), trade.side.get());
                self.of(trade.instrument_id.get()).trades.push(told);
            }
            // Everybody is told of these, followers and others.
            Message::TradingStatus(status) => {
                let book = self.0.entry(status.instrument_id.get()).or_default();
                (book.state, book.auction) = (status.trading_state, None);
            }
            Message::IndicativeAuction(told) => {
                let price = told.last_px.get().map(sbe::codes::Price::mantissa);
                self.of(told.instrument_id.get()).auction = Some((price, told.last_qty.mantissa()));
            }
            other => panic!("{other:?} is no market data"),
        }
    }

    fn of(&mut self, instrument: u32) -> &mut Book {
        self.0.get_mut(&instrument).expect("nothing is told of a book that was not begun")
    }

    /// Takes what comes until `done`.
    #[track_caller]
    fn until(&mut self, client: &mut Binary, mut done: impl FnMut(&Books) -> bool) {
        while !done(self) {
            let message = client.answer();
            self.hear(&decoded(&message));
        }
    }

    #[track_caller]
    fn becomes(&mut self, client: &mut Binary, expected: &Prices) {
        self.until(client, |books| {
            books.0.get(&AAPL).is_some_and(|book| book.is_whole && book.prices == *expected)
        });
    }
}

fn request(client: &mut Binary, instrument: Option<u32>, wanted: Subscription) {
    let request =
        BookRequest { instrument_id: instrument.into(), subscription_request_type: wanted, padding1: [0; 3] };
    client.send(&request);
}

/// Nothing more has come by when the answer to a question does.
#[track_caller]
fn quiet(client: &mut Binary) {
    client.send(&LimitQuery { req_id: id("quiet"), padding1: [0; 4] });
    let answer = client.answer();
    assert!(matches!(decoded(&answer), Message::LimitResponse(..)), "{:?}", decoded(&answer));
}

/// A request of `client` is refused.
#[track_caller]
fn refused(client: &mut Binary) -> (u64, u16, Reject) {
    let answer = client.answer();
    let Message::RequestRefused(refused) = decoded(&answer) else { panic!("{:?}", decoded(&answer)) };
    let reject = refused.reject_code.reject().expect("of the catalogue");
    (refused.msg_seq_num.get(), refused.template_id.get(), reject)
}

/// Takes reports until as many orders were accepted, or ended, as `count`.
#[track_caller]
fn reports(client: &mut Binary, count: usize) {
    let mut seen = 0;
    while seen < count {
        let (_, report) = client.report();
        seen +=
            usize::from(matches!(decoded(&report), Message::OrderAccepted(_) | Message::OrderCanceled(_)));
    }
}

#[test]
fn a_book_is_told_and_then_what_changes() {
    let venue = Venue::start(&[]);
    let (mut a, mut b) = (Binary::client(venue.binary(), "BM1"), venue.client("MM2"));
    let mut watcher = Binary::client(venue.binary(), "BM2");
    a.send(&limit("a", Side::Sell, 5, 586));
    reports(&mut a, 1);
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    let mut books = Books::default();
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1)]));
    let book = books.of(AAPL);
    assert_eq!((book.snapshots, book.state), (1, TradingState::Continuous));
    assert!(book.last_seq > 0);
    a.send(&limit("b", Side::Buy, 3, 584));
    reports(&mut a, 1);
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1), (false, 584, 3, 1)]));
    // One of a session of FIX: the book is the venue's.
    b.limit("c", BUY, "2", "586");
    books.becomes(&mut watcher, &prices(&[(true, 586, 3, 1), (false, 584, 3, 1)]));
    books.until(&mut watcher, |books| !books.0[&AAPL].trades.is_empty());
    assert_eq!(books.of(AAPL).trades, [(586 * UNIT, quantity(2).mantissa(), Some(Side::Buy))]);
    b.limit("d", BUY, "4", "584");
    books.becomes(&mut watcher, &prices(&[(true, 586, 3, 1), (false, 584, 7, 2)]));
    a.send(&cancel("e", "a"));
    books.becomes(&mut watcher, &prices(&[(false, 584, 7, 2)]));
    assert_eq!(books.of(AAPL).snapshots, 1, "changes were enough");
    // Nothing more, and then all of it anew.
    request(&mut watcher, Some(AAPL), Subscription::Disable);
    quiet(&mut watcher);
    b.cancel("f", "d", BUY);
    b.limit("g", BUY, "1", "580");
    reports(&mut a, 1);
    quiet(&mut watcher);
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.becomes(&mut watcher, &prices(&[(false, 584, 3, 1), (false, 580, 1, 1)]));
    assert_eq!(books.of(AAPL).snapshots, 2);
    venue.stop().assert_no_panic();
}

#[test]
fn a_snapshot_alone_ends_with_the_book_and_of_all_instruments_each_has_its_own() {
    let venue = Venue::start(&[]);
    let mut a = Binary::client(venue.binary(), "BM1");
    let mut watcher = Binary::client(venue.binary(), "BM2");
    let mut books = Books::default();
    request(&mut watcher, None, Subscription::Snapshot);
    books.until(&mut watcher, |books| books.0.len() == 4 && books.0.values().all(|book| book.is_whole));
    assert!(books.0.values().all(|book| book.prices.is_empty()));
    a.send(&limit("a", Side::Sell, 5, 586));
    reports(&mut a, 1);
    quiet(&mut watcher);
    request(&mut watcher, Some(AAPL), Subscription::Snapshot);
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1)]));
    // A book that is followed is told whole again to who asks, and followed on.
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.until(&mut watcher, |books| books.0[&AAPL].snapshots == 3 && books.0[&AAPL].is_whole);
    request(&mut watcher, Some(AAPL), Subscription::Snapshot);
    books.until(&mut watcher, |books| books.0[&AAPL].snapshots == 4 && books.0[&AAPL].is_whole);
    a.send(&limit("b", Side::Sell, 1, 586));
    books.becomes(&mut watcher, &prices(&[(true, 586, 6, 2)]));
    venue.stop().assert_no_panic();
}

#[test]
fn states_and_auctions_are_told() {
    let venue = Venue::start(&[]);
    let (mut a, mut b) = (venue.client("MM1"), venue.client("MM2"));
    let mut watcher = Binary::client(venue.binary(), "BM2");
    let mut books = Books::default();
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.becomes(&mut watcher, &prices(&[]));
    venue.admin("instrument state AAPL opening-auction");
    books.until(&mut watcher, |books| books.0[&AAPL].state == TradingState::OpeningAuction);
    a.limit("a", SELL, "5", "586");
    b.limit("b", BUY, "3", "586");
    let indicative = Some((Some(586 * UNIT), quantity(3).mantissa()));
    books.until(&mut watcher, |books| books.0[&AAPL].auction == indicative);
    // Who comes now is told at once.
    let mut other = Binary::client(venue.binary(), "BM1");
    let mut others = Books::default();
    request(&mut other, Some(AAPL), Subscription::SnapshotAndUpdates);
    others.becomes(&mut other, &prices(&[(true, 586, 5, 1), (false, 586, 3, 1)]));
    assert_eq!((others.of(AAPL).state, others.of(AAPL).auction), (TradingState::OpeningAuction, indicative));
    venue.admin("instrument state AAPL continuous");
    books.becomes(&mut watcher, &prices(&[(true, 586, 2, 1)]));
    books.until(&mut watcher, |books| books.0[&AAPL].state == TradingState::Continuous);
    books.until(&mut watcher, |books| !books.0[&AAPL].trades.is_empty());
    assert_eq!(
        books.of(AAPL).trades,
        [(586 * UNIT, quantity(3).mantissa(), None)],
        "nobody came to an auction's book"
    );
    venue.stop().assert_no_panic();
}

#[test]
fn what_cannot_be_had_is_refused() {
    let venue = Venue::start(&["session.BM1.market_data=false"]);
    let mut without = Binary::client(venue.binary(), "BM1");
    request(&mut without, Some(AAPL), Subscription::SnapshotAndUpdates);
    assert_eq!(refused(&mut without), (1, 14, Reject::NotEntitled));
    let mut watcher = Binary::client(venue.binary(), "BM2");
    quiet(&mut watcher);
    for wanted in [Subscription::Snapshot, Subscription::SnapshotAndUpdates, Subscription::Disable] {
        request(&mut watcher, Some(99), wanted);
        assert_eq!(refused(&mut watcher).2, Reject::UnknownInstrument);
    }
    // What is not followed can be left.
    request(&mut watcher, None, Subscription::Disable);
    quiet(&mut watcher);
    venue.stop().assert_no_panic();
}

#[test]
fn who_comes_back_asks_again() {
    let venue = Venue::start(&[]);
    let mut a = Binary::client(venue.binary(), "BM1");
    let mut watcher = Binary::client(venue.binary(), "BM2");
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    Books::default().becomes(&mut watcher, &prices(&[]));
    drop(watcher);
    venue.process.logged(&["disconnected", "BM2"]);
    a.send(&limit("a", Side::Sell, 5, 586));
    reports(&mut a, 1);
    let mut watcher = Binary::client(venue.binary(), "BM2");
    quiet(&mut watcher);
    let mut books = Books::default();
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1)]));
    assert_eq!(watcher.next(), 1, "market data are not numbered");
    venue.stop().assert_no_panic();
}

/// A book with more prices than a turn tells, and than may wait for a client, while it changes.
#[test]
fn a_deep_book_is_told_in_pieces_while_it_changes() {
    const DEEP: i64 = 2_000;
    let venue = Venue::start(&[]);
    let mut a = Binary::client(venue.binary(), "BM1");
    let mut expected = Prices::new();
    let cent = UNIT / 100;
    let at = |number: i64| sbe::codes::Price::new(60_000 * cent + number * cent);
    for number in 0..DEEP {
        let order = limit(&format!("o{number}"), Side::Sell, 5, 600);
        a.send(&sbe::messages::NewOrder { price: Some(at(number)).into(), ..order });
        expected.insert((true, at(number).mantissa()), (quantity(5).mantissa(), 1));
    }
    reports(&mut a, usize::try_from(DEEP).expect("above zero"));
    let mut watcher = Binary::client(venue.binary(), "BM2");
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    for number in (0..DEEP).step_by(3) {
        a.send(&cancel(&format!("c{number}"), &format!("o{number}")));
        expected.remove(&(true, at(number).mantissa()));
    }
    let mut books = Books::default();
    books.becomes(&mut watcher, &expected);
    assert_eq!(books.of(AAPL).snapshots, 1);
    venue.stop().assert_no_panic();
}

#[test]
fn another_matcher_begins_with_empty_books() {
    let data = data_dir();
    let start = |role| Penstock::start(arguments(role, data.path(), &[]));
    let matcher = start("matcher");
    let gateway = start("gateway");
    let _ = gateway.line("ready");
    let address = listener(&gateway, "binary");
    let mut a = Binary::client(address, "BM1");
    let mut watcher = Binary::client(address, "BM2");
    a.send(&limit("a", Side::Sell, 5, 586));
    reports(&mut a, 1);
    let mut books = Books::default();
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1)]));
    matcher.kill9();
    let away = |message: &Message<'_>| matches!(message, Message::VenueStatus(_));
    while !away(&decoded(&watcher.answer())) {}
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    assert_eq!(refused(&mut watcher).2, Reject::MatcherAway);
    let matcher = start("matcher");
    assert_eq!(watcher.ended(), End::Closed);
    assert!(watcher.said.contains("empty books"), "{}", watcher.said);
    let mut a = Binary::log_in(address, ("BM1", password("BM1")), None, 0).expect("it may come again");
    let mut watcher = Binary::log_in(address, ("BM2", password("BM2")), None, 0).expect("it may come again");
    let mut books = Books::default();
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    books.becomes(&mut watcher, &prices(&[]));
    a.send(&limit("b", Side::Buy, 2, 580));
    books.becomes(&mut watcher, &prices(&[(false, 580, 2, 1)]));
    gateway.stop().assert_no_panic();
    matcher.stop().assert_no_panic();
}

/// As docs/binary.md says for those who read market data alone.
#[test]
fn readers_may_have_a_gateway_of_their_own() {
    let venue = Venue::start(&[
        "gateway=[{name=\"market\",protocol=\"binary\",listen=\"127.0.0.1:0\"}]",
        "session.BM2.gateway=market",
    ]);
    let mut a = Binary::client(venue.binary(), "BM1");
    let mut watcher = Binary::client(listener(&venue.process, "market"), "BM2");
    request(&mut watcher, Some(AAPL), Subscription::SnapshotAndUpdates);
    let mut books = Books::default();
    books.becomes(&mut watcher, &prices(&[]));
    a.send(&limit("a", Side::Sell, 5, 586));
    reports(&mut a, 1);
    books.becomes(&mut watcher, &prices(&[(true, 586, 5, 1)]));
    venue.stop().assert_no_panic();
}
