//! FIX, in each version: logon, orders, reports, a gap that is filled, a reject, logout. tshark's own dictionary names
//! every field as ours does.

use std::{collections::HashMap, fs};

use penstock_tests::workspace;
use wire::{
    command::NewOrder,
    decimal::{Decimal, Number},
    event::{Cause, Event, Kind, Liquidity},
    fix::{
        dictionary::USER_DEFINED_MIN,
        order::{NewOrderSingle, Terms},
        report::{self, NameField},
        session::{Config, Inbox, Input, Role, Session},
        version::Version,
    },
    instrument::{Instrument, Step},
    reject::Reject,
    types::*,
};

use super::*;

const PORT: u16 = 9878;

/// One side, and what is on its way to it.
struct End {
    session: Session,
    inbox: Inbox,
    wire: Vec<u8>,
}

impl End {
    fn new(version: Version, role: Role, us: &str, them: &str) -> End {
        let session = Session::new(Config { version, ..Config::new(role, us, them) });
        End { session, inbox: Inbox::default(), wire: Vec::new() }
    }

    /// Reads all that has come. Gives how many application messages that were.
    fn read(&mut self, to: &mut Vec<u8>) -> usize {
        let (mut at, mut messages) = (0, 0);
        loop {
            let (used, input) = self.session.receive(NOON, &self.wire[at..], &mut self.inbox, to);
            at += used;
            match input {
                Input::NeedMore | Input::Close(_) => break,
                Input::App(_) => messages += 1,
                Input::Handled | Input::LoggedOn | Input::Rejected(_) => {}
            }
        }
        self.wire.clear();
        messages
    }
}

/// Both sides, and the capture of what they say.
struct Talk {
    client: End,
    venue: End,
    capture: Capture,
    connection: penstock_tests::pcap::Connection,
    /// All that was said, in its order.
    said: Vec<u8>,
}

impl Talk {
    fn new(version: Version) -> Talk {
        let mut capture = Capture::new();
        let connection = capture.connect(PORT);
        Talk {
            client: End::new(version, Role::Initiator, "MM1", "PENSTOCK"),
            venue: End::new(version, Role::Acceptor, "PENSTOCK", "MM1"),
            capture,
            connection,
            said: Vec::new(),
        }
    }

    /// Lets the two read and answer until nothing more is said. Gives how many application messages arrived at
    /// client and venue.
    fn settle(&mut self) -> [usize; 2] {
        let mut messages = [0; 2];
        while !self.client.wire.is_empty() || !self.venue.wire.is_empty() {
            for (from, bytes) in [(From::Client, &self.venue.wire), (From::Server, &self.client.wire)] {
                self.capture.tcp(&mut self.connection, from, bytes);
                self.said.extend_from_slice(bytes);
            }
            let (mut to_client, mut to_venue) = (Vec::new(), Vec::new());
            messages[0] += self.client.read(&mut to_venue);
            messages[1] += self.venue.read(&mut to_client);
            while self.venue.session.poll_resend(NOON, &mut to_client) {}
            (self.client.wire, self.venue.wire) = (to_client, to_venue);
        }
        messages
    }

    /// The venue reports a fill; the connection may lose it.
    fn report(&mut self, lost: bool) {
        let (instrument, event) = (instrument(), event());
        let (symbol, account) = (NameField::field("55=", "BTCUSDT"), NameField::field("1=", "MM1"));
        let about = report::About {
            instrument: &instrument,
            symbol: &symbol,
            account: &account,
            quote_scale: 8,
            stamps: true,
        };
        let msg_type = report::msg_type(&event).expect("a fill is told");
        let mut nowhere = Vec::new();
        let to = if lost { &mut nowhere } else { &mut self.client.wire };
        self.venue.session.send(NOON, msg_type, to, |body| report::encode(&event, &about, body));
    }
}

/// What two of our machines say to each other in `version`, and the capture of it.
fn conversation(version: Version) -> (Vec<u8>, Capture) {
    let mut talk = Talk::new(version);
    talk.client.session.connected(NOON, &mut talk.venue.wire);
    talk.venue.session.connected(NOON, &mut talk.client.wire);
    talk.settle();
    assert!(talk.client.session.is_logged_on() && talk.venue.session.is_logged_on());
    let order = order();
    talk.client.session.send(NOON, NewOrderSingle::MSG_TYPE, &mut talk.venue.wire, |body| order.encode(body));
    talk.report(false);
    assert_eq!(talk.settle(), [1, 1]);
    // Reports that get lost are missed with the next one, asked for, and sent again: more than a segment of them.
    (0..20).for_each(|_| talk.report(true));
    talk.report(false);
    assert_eq!(talk.settle(), [21, 0]);
    // A type that FIX does not know is answered with a Reject.
    talk.client.session.send(NOON, b"none", &mut talk.venue.wire, |body| body.field(b"58=", b"what?"));
    talk.settle();
    talk.client.session.logout(NOON, b"goodbye", &mut talk.venue.wire);
    talk.settle();
    let Talk { mut capture, connection, said, .. } = talk;
    capture.close(connection);
    (said, capture)
}

/// A message's fields: name, value, bytes.
type Fields = Vec<(String, String, Vec<u8>)>;

/// The messages that tshark sees.
fn seen(packets: &[Packet]) -> Vec<Fields> {
    let mut messages: Vec<Fields> = Vec::new();
    for field in packets.iter().flat_map(|packet| &packet.0) {
        match field.name.as_str() {
            "fix" => messages.push(Vec::new()),
            "fix.checksum_good" => assert_eq!(field.show, "1", "the sum is right"),
            "fix.checksum_bad" | "fix.field.tag" | "fix.field.value" => {}
            // A tag that tshark does not know has no name; its label is `tag: value`.
            "" if field.label.is_empty() => {
                if let Some((tag, value)) = field.show.split_once(": ") {
                    let message = messages.last_mut().expect("a message has begun");
                    message.push((tag.to_owned(), value.to_owned(), field.bytes.clone()));
                }
            }
            name if name.starts_with("fix.") => {
                let message = messages.last_mut().expect("a message has begun");
                message.push((name["fix.".len()..].to_owned(), field.show.clone(), field.bytes.clone()));
            }
            _ => {}
        }
    }
    messages
}

/// The names of tags in our dictionaries, those of the newest version where a tag has several: tshark's are the same.
fn names() -> HashMap<String, String> {
    let mut names = HashMap::new();
    for file in ["FIX42", "FIXT11", "FIX50SP2"] {
        let path = workspace::root().join(format!("wire/schema/generated/{file}.xml"));
        let text = fs::read_to_string(path).expect("it is in the tree");
        let document = roxmltree::Document::parse(&text).expect("it is XML");
        for field in document.descendants().filter(|node| node.has_tag_name("field")) {
            if let (Some(number), Some(name)) = (field.attribute("number"), field.attribute("name")) {
                names.insert(number.to_owned(), name.to_owned());
            }
        }
    }
    names
}

/// The messages in `bytes`, as our dictionary names their fields.
fn said(bytes: &[u8], names: &HashMap<String, String>) -> Vec<Fields> {
    let mut messages: Vec<Fields> = Vec::new();
    for field in bytes.split_inclusive(|&byte| byte == 1) {
        let text = std::str::from_utf8(field).expect("our messages are ASCII");
        let (tag, value) = text.trim_end_matches('\u{1}').split_once('=').expect("a field");
        // What this venue adds to FIX, tshark cannot name.
        let ours = tag == "2964" || tag.parse().is_ok_and(|tag: u32| tag >= USER_DEFINED_MIN);
        let name = names.get(tag).filter(|_| !ours);
        let name = name.map_or_else(|| tag.to_owned(), String::clone);
        if tag == "8" {
            messages.push(Vec::new());
        }
        messages.last_mut().expect("BeginString comes first").push((name, value.to_owned(), field.to_vec()));
    }
    messages
}

#[test]
fn tshark_reads_fix_conversations() {
    for version in Version::ALL {
        let (bytes, capture) = conversation(version);
        let packets = tshark::packets(&capture, &["-d", "tcp.port==9878,fix"]);
        assert_sound(&packets);
        let said = said(&bytes, &names());
        let seen = seen(&packets);
        for (i, (seen, said)) in seen.iter().zip(&said).enumerate() {
            assert_eq!(seen, said, "{version:?}, message {i}");
        }
        assert_eq!(seen.len(), said.len());
        let types: Vec<&str> = said.iter().map(|message| message[2].1.as_str()).collect();
        let mut expected = vec!["A", "A", "D", "8", "8", "2"];
        expected.extend(["8"; 21]);
        expected.extend(["none", "3", "5", "5"]);
        assert_eq!(types, expected, "{version:?}");
    }
}

fn order() -> NewOrderSingle<'static> {
    NewOrderSingle {
        cl_ord_id: b"ID-000000001",
        account: Some(b"MM1"),
        symbol: b"BTCUSDT",
        side: Side::Buy.into(),
        transact_time: NOON,
        terms: Terms {
            time_in_force: Some(TimeInForce::Day.into()),
            price: Some(Number::Exact(Decimal { mantissa: 5_000_000, scale: 2 })),
            self_trade: Some(SelfTrade::CancelNewest),
            ..Terms::new(OrderType::Limit.into(), Number::Exact(Decimal { mantissa: 5, scale: 1 }))
        },
    }
}

fn instrument() -> Instrument {
    let step = |mantissa, scale| Step::new(Decimal { mantissa, scale }).expect("above zero");
    Instrument {
        id: InstrumentId(0),
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        tick: step(1, 2),
        lot: step(1, 5),
        quantity_min: Lots(1),
        quantity_max: Lots(1 << 40),
        notional_min: 0,
        reference: Ticks(5_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    }
}

fn event() -> Event {
    Event {
        kind: Kind::Fill,
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        status: OrderStatus::PartiallyFilled,
        cause: Cause::None,
        liquidity: Liquidity::Maker,
        flags: NewOrder::POST_ONLY,
        session: SessionId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        reject: Reject::None,
        state: TradingState::Continuous,
        by: 0,
        seq: SeqNo(1),
        event_id: 1,
        appl_seq: 1,
        msg_seq: 1,
        time: NOON,
        rx: NOON,
        out: NOON,
        order_id: OrderId(1),
        trade_id: TradeId(1),
        price: Ticks(5_000_000),
        quantity: Lots(50_000),
        leaves: Lots(20_000),
        cum: Lots(30_000),
        cum_notional: Event::halves(30_000 * 5_000_000),
        last_price: Ticks(5_000_000),
        last_quantity: Lots(10_000),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        fee: 0,
        cl_ord_id: ClOrdId::new(b"ID").expect("a name"),
        orig_cl_ord_id: ClOrdId::NONE,
    }
}
