//! The FIX codec and what it is held against: one NewOrderSingle (D) of 189 bytes read, one ExecutionReport (8) of 227
//! bytes written, 256 of each that differ in names, numbers and times, as a session's do.

use std::hint::black_box;

use crate::rounds::MESSAGES;
use quickfix::{DataDictionary, FieldMap as _};
use rustyfix::{Dictionary, SetField as _, tagvalue};
use wire::{
    decimal::{Decimal, Number},
    event::{Cause, Event, Kind, Liquidity},
    fix::{
        encode::{Ready, Scratch},
        frame::{self, Frame},
        message::Message,
        order::{NewOrderSingle, Terms},
        places::Memory,
        report::{self, About, NameField},
        session::{Config, Inbox, Input, Role, Session},
        version::Version,
    },
    instrument::{Instrument, Step},
    reject::Reject,
    types::{
        AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderStatus, OrderType, SeqNo, SessionId,
        Side, Ticks, TimeInForce, TradeId, TradingState,
    },
};

/// Bytes of an order.
pub const ORDER_BYTES: usize = 189;
/// Bytes of a report.
pub const REPORT_BYTES: usize = 227;
/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000_000_000_000;

/// When message `i` is sent: one every 37 microseconds.
const fn time(i: usize) -> Nanos {
    Nanos(NOON + i as u64 * 37_123)
}

/// The orders, written by a client's session.
#[must_use]
pub fn orders() -> Vec<Vec<u8>> {
    let (mut client, mut out) = (Session::new(config(Role::Initiator, "MM1", "PENSTOCK")), Vec::new());
    let mut venue = Session::new(config(Role::Acceptor, "PENSTOCK", "MM1"));
    log_on(&mut client, &mut venue);
    (0..MESSAGES)
        .map(|i| {
            out.clear();
            let name = format!("A-{:09}", 100_000_000 + i * 7919);
            let order = NewOrderSingle {
                cl_ord_id: name.as_bytes(),
                account: Some(b"MM1"),
                symbol: b"BTCUSDT",
                side: if i % 2 == 0 { Side::Buy } else { Side::Sell }.into(),
                transact_time: time(i),
                terms: Terms {
                    time_in_force: Some(TimeInForce::Gtc.into()),
                    price: Some(exact(4_900_000 + i as i64 * 773, 2)),
                    ..Terms::new(OrderType::Limit.into(), exact(10_000 + i as i64 * 311, 5))
                },
            };
            client.send(time(i), NewOrderSingle::MSG_TYPE, &mut out, |body| order.encode(body));
            assert_eq!(out.len(), ORDER_BYTES, "{}", out.escape_ascii());
            out.clone()
        })
        .collect()
}

fn exact(mantissa: i64, scale: u8) -> Number {
    Number::Exact(Decimal { mantissa, scale })
}

fn config(role: Role, sender: &str, target: &str) -> Config {
    Config { resend_messages_max: 4096, resend_bytes_max: 1 << 20, ..Config::new(role, sender, target) }
}

/// Brings both sides up, with numbers of six digits.
fn log_on(client: &mut Session, venue: &mut Session) {
    let (mut to_venue, mut to_client, mut inbox) = (Vec::new(), Vec::new(), Inbox::default());
    client.set_numbers(200_000, 200_000);
    venue.set_numbers(200_000, 200_000);
    client.connected(time(0), &mut to_venue);
    venue.connected(time(0), &mut to_client);
    let (_, input) = venue.receive(time(0), &to_venue, &mut inbox, &mut to_client);
    assert!(matches!(input, Input::LoggedOn));
    let (_, input) = client.receive(time(0), &to_client, &mut inbox, &mut to_venue);
    assert!(matches!(input, Input::LoggedOn));
}

/// What the reports are about.
struct Names {
    instrument: Instrument,
    symbol: NameField,
    account: NameField,
}

impl Default for Names {
    fn default() -> Self {
        let step = |scale| Step::new(Decimal { mantissa: 1, scale }).expect("above zero");
        let instrument = Instrument {
            id: InstrumentId(0),
            symbol: "BTCUSDT".into(),
            base: "BTC".into(),
            quote: "USDT".into(),
            tick: step(2),
            lot: step(3),
            quantity_min: Lots(1),
            quantity_max: Lots(1 << 40),
            notional_min: 0,
            reference: Ticks(5_000_000),
            band_basis_points: 5_000,
            dynamic_band_basis_points: 0,
            volatility_call_ns: 0,
            group: 0,
            shard: 0,
        };
        let (symbol, account) = (NameField::field("55=", "BTCUSDT"), NameField::field("1=", "MM1"));
        Names { instrument, symbol, account }
    }
}

impl Names {
    fn about(&self) -> About<'_> {
        let Names { instrument, symbol, account } = self;
        About { instrument, symbol, account, quote_scale: 8, stamps: false }
    }
}

/// What the reports tell: orders that rest.
#[must_use]
pub fn events() -> Vec<Event> {
    (0..MESSAGES)
        .map(|i| Event {
            kind: Kind::Accepted,
            side: if i % 2 == 0 { Side::Buy } else { Side::Sell },
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            status: OrderStatus::New,
            cause: Cause::None,
            liquidity: Liquidity::None,
            flags: 0,
            session: SessionId(1),
            account: AccountId(1),
            instrument: InstrumentId(0),
            reject: Reject::None,
            state: TradingState::Continuous,
            by: 0,
            seq: SeqNo(i as u64),
            event_id: 100 + i as u64,
            appl_seq: i as u64,
            msg_seq: i as u64,
            time: time(i),
            rx: time(i),
            out: time(i),
            order_id: OrderId(100 + i as u64),
            trade_id: TradeId(0),
            price: Ticks(4_900_000 + i as i64 * 773),
            quantity: Lots(1_000 + i as u64 * 31),
            leaves: Lots(1_000 + i as u64 * 31),
            cum: Lots(0),
            cum_notional: [0; 2],
            last_price: Ticks(0),
            last_quantity: Lots(0),
            stop: Ticks(0),
            display: Lots(0),
            expire: Nanos(0),
            fee: 0,
            cl_ord_id: ClOrdId::new(format!("{i:03}").as_bytes()).expect("three characters"),
            orig_cl_ord_id: ClOrdId::NONE,
        })
        .collect()
}

/// The reports, as the venue's session writes them.
#[must_use]
pub fn reports() -> Vec<Vec<u8>> {
    let mut venue = OurSession::default();
    let reports: Vec<Vec<u8>> = (0..MESSAGES).map(|i| venue.write(i).to_vec()).collect();
    for report in &reports {
        assert_eq!(report.len(), REPORT_BYTES, "{}", report.escape_ascii());
    }
    reports
}

/// Reads an order typed, as a session does: framing, length, sum, header, every field of the body. `memory` is what it
/// remembers of the orders before.
pub fn our_read(bytes: &[u8], memory: &mut Memory) {
    let Ok(message) = Message::next(bytes, memory.of(0)) else { panic!("a whole message") };
    typed(&message);
}

/// As [`our_read`], of an order that is like none before.
pub fn our_first_read(bytes: &[u8]) {
    let Frame::Complete { len } = frame::next(bytes) else { panic!("a whole message") };
    typed(&Message::parse(&bytes[..len]));
}

fn typed(message: &Message<'_>) {
    assert!(message.fault.is_none());
    let order = NewOrderSingle::parse(message);
    assert!(order.is_ok());
    black_box(&order);
}

/// Writes reports: header, body, length, sum.
pub struct OurBuild {
    names: Names,
    events: Vec<Event>,
    scratch: Scratch,
    comp_ids: Ready<80>,
}

impl Default for OurBuild {
    fn default() -> Self {
        OurBuild {
            names: Names::default(),
            events: events(),
            scratch: Scratch::new(Version::Fix44),
            comp_ids: Ready::field("49=", "PENSTOCK").and("56=", "MM1"),
        }
    }
}

impl OurBuild {
    /// The report of event `i`.
    #[inline]
    pub fn write(&mut self, i: usize) -> &[u8] {
        let event = &self.events[i % MESSAGES];
        let about = self.names.about();
        let mut body = self.scratch.body();
        body.char(b"35=", b'8');
        body.ready(&self.comp_ids);
        body.int(b"34=", 200_001 + (i % MESSAGES) as u64);
        body.time(b"52=", event.time);
        report::encode(event, &about, &mut body);
        let end = body.end();
        self.scratch.seal(end)
    }
}

/// Writes reports through a session, which numbers them, keeps them for resending, and appends them to what is to be
/// sent.
pub struct OurSession {
    names: Names,
    events: Vec<Event>,
    session: Session,
    out: Vec<u8>,
}

impl Default for OurSession {
    fn default() -> Self {
        let mut session = Session::new(config(Role::Acceptor, "PENSTOCK", "MM1"));
        log_on(&mut Session::new(config(Role::Initiator, "MM1", "PENSTOCK")), &mut session);
        OurSession { names: Names::default(), events: events(), session, out: Vec::with_capacity(1 << 16) }
    }
}

impl OurSession {
    /// The report of event `i`.
    #[inline]
    pub fn write(&mut self, i: usize) -> &[u8] {
        let event = &self.events[i % MESSAGES];
        let about = self.names.about();
        self.out.clear();
        let body = |body: &mut wire::fix::encode::Body<'_>| report::encode(event, &about, body);
        self.session.send(event.time, b"8", &mut self.out, body);
        &self.out
    }
}

/// Reads an order with nothing but a sum of all bytes and a walk from field to field.
pub fn floor_read(bytes: &[u8]) {
    let sum = bytes.iter().fold(0_u8, |sum, &b| sum.wrapping_add(b));
    let fields = memchr::memchr_iter(1, bytes).fold(0, |fields, at| fields ^ at);
    black_box((sum, fields));
}

/// Writes a report by copying one.
pub fn floor_build(out: &mut Vec<u8>, report: &[u8]) {
    out.clear();
    out.extend_from_slice(black_box(report));
    black_box(&out);
}

/// rustyfix 0.7: its decoder, which checks length and sum and makes a map of the fields; its encoder.
pub struct Rustyfix {
    decoder: tagvalue::Decoder,
    encoder: tagvalue::Encoder,
    out: Vec<u8>,
}

impl Default for Rustyfix {
    fn default() -> Self {
        let dictionary = Dictionary::fix44().expect("it comes with the crate");
        Rustyfix {
            decoder: tagvalue::Decoder::new(dictionary),
            encoder: tagvalue::Encoder::default(),
            out: Vec::new(),
        }
    }
}

impl Rustyfix {
    /// Reads an order.
    pub fn read(&mut self, bytes: &[u8]) {
        let message = self.decoder.decode(bytes);
        assert!(message.is_ok());
        black_box(&message);
    }

    /// Writes a report of these fields.
    pub fn write(&mut self, fields: &[(u32, String)]) {
        self.out.clear();
        let mut message = self.encoder.start_message(b"FIX.4.4", &mut self.out, b"8");
        for (tag, value) in fields {
            message.set(*tag, value.as_bytes());
        }
        black_box(message.done());
    }
}

/// QuickFIX's C++, as its crate offers it. Reading without a dictionary checks neither length nor sum, reading with one
/// checks both and finds groups by it; the dictionary's rules themselves are out of the crate's reach. Writing makes
/// the text twice, once for its length.
pub struct QuickFix {
    dictionary: DataDictionary,
}

impl Default for QuickFix {
    fn default() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wire/schema/standard/FIX44.xml");
        QuickFix { dictionary: DataDictionary::try_from_path(path).expect("FIX's own dictionary") }
    }
}

impl QuickFix {
    /// Reads an order.
    pub fn read(&self, text: &str) {
        black_box(quickfix::Message::try_from_text(text).expect("a sound order"));
    }

    /// Reads an order by the dictionary.
    pub fn read_by_dictionary(&self, text: &str) {
        black_box(self.dictionary.try_build_message(text).expect("a sound order"));
    }

    /// Writes a report of these fields.
    pub fn write(&self, fields: &[(u32, String)]) {
        let mut message = quickfix::Message::new();
        message
            .with_header_mut(|header| {
                header.set_field(8, "FIX.4.4")?;
                header.set_field(35, "8")?;
                fields[..HEADER]
                    .iter()
                    .try_for_each(|(tag, value)| header.set_field(*tag as i32, value.as_str()))
            })
            .expect("fields without a fault");
        for (tag, value) in &fields[HEADER..] {
            message.set_field(*tag as i32, value.as_str()).expect("a field without a fault");
        }
        black_box(message.to_fix_raw_bytes().expect("a message"));
    }
}

/// Fields of the header in [`fields_of`].
const HEADER: usize = 4;

/// What peers are told to write: a report's fields but those they put in themselves.
#[must_use]
pub fn fields_of(report: &[u8]) -> Vec<(u32, String)> {
    let text = std::str::from_utf8(report).expect("ASCII");
    let fields = text.split_terminator('\x01').map(|field| field.split_once('=').expect("tag and value"));
    fields
        .map(|(tag, value)| (tag.parse().expect("a number"), value.to_owned()))
        .filter(|(tag, _)| ![8, 9, 10, 35].contains(tag))
        .collect()
}
