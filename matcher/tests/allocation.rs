//! Once an engine is built, no command makes it allocate.

use matcher::engine::{
    AccountKind, AccountTerms, Accounts, Config, Engine, LedgerTerms, Pair, SessionTerms, Sink,
};
use wire::{
    command::{
        Cancel, Command, Display, Entitle, Funds, Head, InstrumentTerms, KillSwitch, Kind, MassCancel,
        MassQuoteBody, Name, NewOrder, OrderRef, QuoteEntry, Replace, ResetProtection, Scope, SessionNotice,
        SetAccount, SetCredit, SetInstrument, SetLimits, SetProtection, SetState, Status, Target,
    },
    decimal::Decimal,
    event::{self, Definition, Event},
    instrument::{Instrument, Step},
    limits::COMMAND_MESSAGE_BYTES_MAX,
    reject::Reject,
    types::{
        AccountId, AssetId, ClOrdId, InstrumentId, Lots, Nanos, OrderId, OrderType, SelfTrade, SeqNo,
        SessionId, Side, Ticks, TimeInForce, TradingState,
    },
};
use zerocopy::IntoBytes;

/// What the coming commands need to know of the past ones, in memory taken beforehand.
struct Past {
    /// Events by kind.
    kinds: [u64; 21],
    /// Accounts that were to be added.
    accounts: u64,
    /// Orders for which there was no room.
    full: u64,
    /// By OrderID.
    orders: Vec<(SessionId, InstrumentId, Side)>,
}

impl Sink for Past {
    fn event(&mut self, event: Event) {
        self.kinds[event.kind as usize] += 1;
        self.full += u64::from(event.reject == Reject::TooManyOpenOrders);
        if event.kind == event::Kind::Accepted {
            self.orders.push((event.session, event.instrument, event.side));
        }
    }

    fn definition(&mut self, definition: &Definition) {
        self.kinds[definition.kind as usize] += 1;
    }
}

/// Marsaglia's xorshift: the same flow in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn config() -> Config {
    let step = |text: &str| Step::new(Decimal::parse(text.as_bytes()).unwrap()).unwrap();
    let instrument = |id| Instrument {
        id: InstrumentId(id),
        symbol: format!("X{id}"),
        base: "B".into(),
        quote: "Q".into(),
        tick: step("0.01"),
        lot: step("1"),
        quantity_min: Lots(1),
        quantity_max: Lots(1_000),
        notional_min: 1,
        reference: Ticks(1_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
        group: 0,
        shard: 0,
    };
    let session = SessionTerms { cancel_on_disconnect: Some(1_000), ..SessionTerms::new(Accounts::Any) };
    let pair = Pair {
        base: AssetId(0),
        quote: AssetId(1),
        base_per_lot: 1,
        quote_per_tick_lot: 1,
        maker_fee: 100,
        taker_fee: 250,
    };
    Config {
        instruments: (0..4).map(instrument).collect(),
        sessions: vec![session; 8],
        open_orders_max: 200,
        finished_orders_max: 5_000,
        price_groups_max: 20_000,
        ledger: LedgerTerms {
            assets: 2,
            accounts: ["a", "b"].map(|name| AccountTerms::new(name, AccountKind::Credit(Vec::new()))).into(),
            pairs: vec![pair; 4],
        },
        hash_seed: 1,
        shard: 0,
        instruments_max: 40,
        accounts_max: 500,
        quotes_max: 6,
        protections: Vec::new(),
        protections_max: 2,
    }
}

const COMMANDS: u64 = 200_000;

/// Applies the `i`th command of a mixed flow.
fn step(engine: &mut Engine, random: &mut Random, past: &mut Past, i: u64) {
    let pick = random.below(100);
    let back = usize::try_from(random.below(2_000)).unwrap();
    let target = past.orders.len().saturating_sub(back);
    let anybody = (SessionId(0), InstrumentId(0), Side::Buy);
    let (owner, instrument, side) = past.orders.get(target.wrapping_sub(1)).copied().unwrap_or(anybody);
    let order = OrderRef::new(Target::Venue(OrderId(target as u64)));
    let head = |kind| Head::new(kind, owner, AccountId(0), instrument, i, Nanos(i));
    let cl_ord_id = ClOrdId::new(&std::array::from_fn::<u8, 16, _>(|digit| {
        b'a' + u8::try_from(i >> (4 * digit) & 15).unwrap()
    }));
    let cl_ord_id = cl_ord_id.unwrap();
    // Mostly near the reference, sometimes anywhere in the band.
    let near = i64::try_from(random.below(200)).unwrap();
    let price = Ticks(if pick.is_multiple_of(10) { 600_000 + near * 4_000 } else { 999_900 + near });
    let quantity = Lots(random.below(50) + 1);
    let (seq, time) = (SeqNo(i), Nanos(i));
    match pick {
        0..60 => {
            let number = u32::try_from(random.below(32)).unwrap();
            let (session, instrument) = (SessionId(number / 4), InstrumentId(number % 4));
            let new = NewOrder {
                head: Head::new(Kind::New, session, AccountId(0), instrument, i, Nanos(i)),
                cl_ord_id,
                side: if random.below(2) == 0 { Side::Buy } else { Side::Sell },
                order_type: OrderType::Limit,
                time_in_force: if pick < 50 { TimeInForce::Day } else { TimeInForce::Ioc },
                flags: 0,
                price,
                quantity,
                stop: Ticks(0),
                display: Lots(0),
                expire: Nanos(0),
            };
            let new = if random.below(4) == 0 { with_attributes(new, random) } else { new };
            engine.apply(seq, time, Command::New(&new), past);
        }
        60..75 => {
            let cancel = Cancel { head: head(Kind::Cancel), cl_ord_id, order };
            engine.apply(seq, time, Command::Cancel(&cancel), past);
        }
        75..95 => {
            let head = head(Kind::Replace);
            let replace = Replace { head, cl_ord_id, order, price, quantity, side, display: Display::NONE };
            engine.apply(seq, time, Command::Replace(&replace), past);
        }
        95..99 => {
            let status = Status {
                head: head(Kind::Status),
                request_id: ClOrdId::NONE,
                order,
                side: Side::Buy,
                reserved: [0; 7],
            };
            engine.apply(seq, time, Command::Status(&status), past);
        }
        _ if i.is_multiple_of(8) => {
            let head = head(Kind::MassCancel);
            let by = MassCancel::ACCOUNT | MassCancel::SIDE | MassCancel::INSTRUMENT;
            let cancel = MassCancel { head, cl_ord_id, by, side, reserved: [0; 2] };
            engine.apply(seq, time, Command::MassCancel(&cancel), past);
        }
        _ if i.is_multiple_of(3) => {
            let on = u8::from(i.is_multiple_of(2));
            let head = head(Kind::KillSwitch);
            let switch = KillSwitch { head, target: 7, scope: Scope::Session, on, reserved: [0; 2] };
            engine.apply(seq, time, Command::KillSwitch(&switch), past);
        }
        _ if i.is_multiple_of(5) => {
            let head = head(Kind::Deposit);
            let funds = Funds { head, asset: AssetId(u32::from(pick > 98) * 9), reserved: 0, amount: [5, 0] };
            let funds = if i.is_multiple_of(2) { Funds { asset: AssetId(1), ..funds } } else { funds };
            engine.apply(seq, time, Command::Deposit(&funds), past);
            let notice = SessionNotice { head: funds.head.with_kind(Kind::Due) };
            engine.apply(seq, time, Command::Due(&notice), past);
        }
        _ if back < 20 => {
            let notice = SessionNotice { head: head(Kind::CancelSession) };
            engine.apply(seq, time, Command::CancelSession(&notice), past);
        }
        _ => {
            let notice = SessionNotice { head: head(Kind::SessionDown) };
            engine.apply(seq, time, Command::SessionDown(&notice), past);
        }
    }
}

/// The order with a mode of self-trade prevention, and with one of the attributes or as one of the stops.
fn with_attributes(new: NewOrder, random: &mut Random) -> NewOrder {
    let mode = SelfTrade::ALL[usize::try_from(random.below(5)).unwrap()];
    let flags = NewOrder::self_trade_flags(mode);
    let near = i64::try_from(random.below(400)).unwrap();
    let stop = NewOrder { time_in_force: TimeInForce::Gtc, stop: Ticks(999_800 + near), flags, ..new };
    match random.below(8) {
        0 => NewOrder { flags, ..new },
        1 | 2 => NewOrder { display: Lots(1), flags, time_in_force: TimeInForce::Day, ..new },
        3 => {
            let expire = Nanos(new.head.rx.0 + random.below(5_000));
            NewOrder { expire, flags, time_in_force: TimeInForce::Gtd, ..new }
        }
        4 => NewOrder {
            display: Lots(2),
            flags: flags | NewOrder::MINIMUM,
            time_in_force: TimeInForce::Ioc,
            ..new
        },
        5 => NewOrder { order_type: OrderType::Stop, price: Ticks(0), ..stop },
        6 => NewOrder { order_type: OrderType::StopLimit, display: Lots(1), ..stop },
        _ => {
            let stop = NewOrder { stop: Ticks(near + 1), price: Ticks(0), ..stop };
            NewOrder { order_type: OrderType::TrailingStop, ..stop }
        }
    }
}

/// Room for any command as it stands in a ring.
struct Ring([u64; COMMAND_MESSAGE_BYTES_MAX / 8]);

impl Ring {
    fn command(&mut self, parts: &[&[u8]]) -> Command<'_> {
        let bytes = self.0.as_mut_bytes();
        let mut len = 0;
        for part in parts {
            bytes[len..len + part.len()].copy_from_slice(part);
            len += part.len();
        }
        Command::read(&self.0.as_bytes()[..len]).expect("a command")
    }
}

/// A mass quote, and now and then one of those that operators send.
fn quote_or_operate(engine: &mut Engine, random: &mut Random, past: &mut Past, ring: &mut Ring, i: u64) {
    let number = |random: &mut Random, below| u32::try_from(random.below(below)).unwrap();
    let (session, account) = (SessionId(number(random, 8)), AccountId(number(random, 2)));
    let instrument = InstrumentId(number(random, 5));
    let head = |kind| Head::new(kind, session, account, instrument, i, Nanos(i));
    let on = random.below(2);
    let command = match random.below(100) {
        0 => {
            let next = engine.instruments().min(39);
            let mut head = head(Kind::SetInstrument);
            head = head.with_instrument(InstrumentId(u32::try_from(next).unwrap()));
            let terms = InstrumentTerms { symbol: name(next as u64), reference: Ticks(999_900), ..terms() };
            ring.command(&[SetInstrument { head, terms }.as_bytes()])
        }
        1 => {
            let mut head = head(Kind::SetAccount);
            head.account = AccountId(2 + u32::try_from(past.accounts.min(497)).unwrap());
            let set = SetAccount { head, name: name(past.accounts.min(497)), credit: 1, reserved: [0; 7] };
            past.accounts += 1;
            ring.command(&[set.as_bytes()])
        }
        2 => {
            let head = head(Kind::SetCredit);
            let limit = [u64::MAX, 1_000];
            ring.command(&[SetCredit { head, asset: AssetId(1), reserved: 0, limit }.as_bytes()])
        }
        3 => {
            let mut head = head(Kind::Entitle);
            head.account = AccountId(number(random, past.accounts + 3));
            let on = u8::from(head.account.0 < 2 || on == 1);
            ring.command(&[Entitle { head, session, on, reserved: [0; 3] }.as_bytes()])
        }
        4 => {
            let (head, scope) =
                (head(Kind::SetLimits), if on == 1 { Scope::Session } else { Scope::Account });
            let (target, set, open_orders_max) = (number(random, 8), SetLimits::OPEN_ORDERS, 10_000);
            let (reserved, padding, notional_max) = ([0; 2], 0, 0);
            let set =
                SetLimits { head, target, scope, set, reserved, open_orders_max, padding, notional_max };
            ring.command(&[set.as_bytes()])
        }
        5..8 => {
            let head = head(Kind::SetProtection);
            let fills = number(random, 6);
            let set = SetProtection { head, group: 0, fills, quantity: Lots(60 * on), window_ns: 2_000 };
            ring.command(&[set.as_bytes()])
        }
        8..17 => {
            let head = head(Kind::ResetProtection);
            ring.command(&[ResetProtection { head, group: number(random, 2), reserved: 0 }.as_bytes()])
        }
        17 => {
            let state = TradingState::ALL[usize::try_from(random.below(7)).unwrap()];
            ring.command(&[SetState { head: head(Kind::SetState), state, reserved: [0; 7] }.as_bytes()])
        }
        18..24 => {
            let state = TradingState::Continuous;
            ring.command(&[SetState { head: head(Kind::SetState), state, reserved: [0; 7] }.as_bytes()])
        }
        _ => {
            let mut entries = [QuoteEntry::default(); 32];
            let most = if random.below(20) == 0 { 33 } else { 3 };
            let count = random.below(most);
            for (entry, instrument) in entries.iter_mut().zip(0..).take(usize::try_from(count).unwrap()) {
                let bid = 999_900 + i64::try_from(random.below(150)).unwrap();
                let offer = bid + i64::try_from(random.below(40)).unwrap();
                let [bid_quantity, offer_quantity] = [0; 2].map(|_| random.below(30));
                *entry = QuoteEntry {
                    instrument: InstrumentId(instrument),
                    reserved: 0,
                    bid: Ticks(if bid_quantity > 0 { bid } else { 0 }),
                    bid_quantity: Lots(bid_quantity),
                    offer: Ticks(if offer_quantity > 0 { offer } else { 0 }),
                    offer_quantity: Lots(offer_quantity),
                };
            }
            let flags = u32::from(random.below(10) == 0) * MassQuoteBody::RESET;
            let head = head(Kind::MassQuote);
            let entries = &entries[..usize::try_from(count).unwrap()];
            let (id, flags) = (ClOrdId::new(b"quote").unwrap(), flags.to_le_bytes());
            ring.command(&[head.as_bytes(), id.as_bytes(), &flags, entries.as_bytes()])
        }
    };
    engine.apply(SeqNo(i), Nanos(i), command, past);
}

/// A name of its own for each number.
fn name(number: u64) -> Name {
    let mut name = Name::default();
    name[0] = b'N';
    for (digit, byte) in name[1..8].iter_mut().enumerate() {
        *byte = b'a' + u8::try_from(number >> (4 * digit) & 15).unwrap();
    }
    name
}

fn terms() -> InstrumentTerms {
    InstrumentTerms {
        symbol: Name::default(),
        tick_mantissa: 1,
        lot_mantissa: 1,
        tick_scale: 2,
        lot_scale: 0,
        shard: 0,
        reserved: 0,
        group: 0,
        base: AssetId(0),
        quote: AssetId(1),
        base_per_lot: 1,
        quote_per_tick_lot: 1,
        maker_fee: 100,
        taker_fee: 250,
        quantity_min: Lots(1),
        quantity_max: Lots(1_000),
        notional_min: [1, 0],
        reference: Ticks(1_000_000),
        band_basis_points: 5_000,
        dynamic_band_basis_points: 0,
        volatility_call_ns: 0,
    }
}

/// Every kind of command, from an empty engine through its bounds on open and remembered orders and back.
#[test]
fn no_command_allocates() {
    let mut engine = Engine::new(config());
    let mut random = Random(0x5EED);
    let mut past = Past {
        kinds: [0; 21],
        accounts: 0,
        full: 0,
        orders: Vec::with_capacity(usize::try_from(COMMANDS).unwrap()),
    };
    let mut ring = Ring([0; COMMAND_MESSAGE_BYTES_MAX / 8]);
    let memory = allocation_counter::measure(|| {
        engine.prefault();
        for i in 1..=COMMANDS {
            match random.below(4) {
                0 => quote_or_operate(&mut engine, &mut random, &mut past, &mut ring, i),
                _ => step(&mut engine, &mut random, &mut past, i),
            }
        }
    });
    assert_eq!(memory.count_total, 0, "requests for memory");
    assert!(past.kinds[1..].iter().all(|&count| count > 50), "every kind of event: {:?}", past.kinds);
    assert!(past.full > 1_000, "the bound on open orders was reached");
    assert!(engine.forgotten() > 10_000, "the bound on remembered orders was reached");
    engine.audit();
}
