//! A venue of one session in this process: enough of one to accept, cancel and answer, and to fail in the ways that a
//! client has to survive.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use wire::{
    event::Cause,
    reject::Reject,
    sbe::{
        self,
        codes::{
            Boolean, LimitType, MassCancelScope, Notional, OrderFlags, Price, Quantity, ShardSet,
            SignedAssetUnits, VenueState,
        },
        field::Text,
        messages::{self, Message},
    },
    sequenced::{Messages, SessionName},
    soup::{
        RejectReason, Server, Times,
        server::{Input, Served},
    },
    types::{Nanos, OrderStatus, OrderType, Side, TimeInForce, TradingState},
};

pub(crate) const USER: &str = "BM1";
pub(crate) const PASSWORD: &str = "bm1-demo";
pub(crate) const BTCUSDT: u32 = 7;
pub(crate) const ACCOUNT: u32 = 3;

/// What becomes of the next order, instead of what should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// None.
    None,
    /// The connection ends before it is looked at.
    Unseen,
    /// It is accepted, and the connection ends before the report leaves.
    Untold,
    /// It is accepted, and the connection ends in the middle of the report.
    Torn,
    /// It is accepted and nobody tells of it until the next message.
    Silent,
    /// The gateway refuses it.
    Throttled,
}

/// What outlives a connection.
pub(crate) struct Book {
    session: SessionName,
    messages: Vec<Vec<u8>>,
    /// Open orders, by name.
    pub(crate) open: BTreeMap<String, u64>,
    /// Orders ever accepted, by name, and how often.
    pub(crate) accepted: BTreeMap<String, u32>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) logins: u32,
}

impl Messages for Book {
    fn session(&self) -> SessionName {
        self.session
    }

    fn first(&self) -> u64 {
        1
    }

    fn next(&self) -> u64 {
        self.messages.len() as u64 + 1
    }

    fn get(&self, number: u64) -> Option<&[u8]> {
        self.messages.get(usize::try_from(number).ok()?.checked_sub(1)?).map(Vec::as_slice)
    }

    fn ended(&self) -> bool {
        false
    }
}

fn text<const N: usize>(name: &str) -> Text<N> {
    let mut padded = [0; N];
    padded[..name.len()].copy_from_slice(name.as_bytes());
    padded.into()
}

fn named(name: Text<36>) -> String {
    String::from_utf8(name.bytes().to_vec()).unwrap()
}

fn bytes(message: &impl sbe::Single) -> Vec<u8> {
    let mut buffer = [0; 1024];
    let length = sbe::encode(message, &mut buffer).unwrap();
    buffer[..length].to_vec()
}

impl Book {
    fn add(&mut self, message: &impl sbe::Single) {
        self.messages.push(bytes(message));
    }

    fn number(&self) -> zerocopy::little_endian::U64 {
        self.next().into()
    }

    fn accept(&mut self, it: &messages::NewOrder) {
        let (name, order_id) = (named(it.cl_ord_id), self.next());
        self.open.insert(name.clone(), order_id);
        *self.accepted.entry(name).or_default() += 1;
        self.add(&messages::OrderAccepted {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            instrument_id: it.instrument_id,
            account_id: ACCOUNT.into(),
            side: it.side,
            ord_type: it.ord_type,
            time_in_force: it.time_in_force,
            order_flags: OrderFlags(0),
            order_id: order_id.into(),
            order_qty: it.order_qty,
            cash_order_qty: None.into(),
            price: it.price,
            stop_px: None.into(),
            display_qty: None.into(),
            expire_time: None.into(),
            leaves_qty: it.order_qty.get().unwrap_or_default(),
            cl_ord_id: it.cl_ord_id,
            padding1: [0; 4],
        });
    }

    fn cancel(&mut self, it: &messages::CancelOrder) {
        let Some(order_id) = self.open.remove(&named(it.orig_cl_ord_id)) else {
            return self.add(&messages::CancelRejected {
                appl_seq_num: self.number(),
                seq_num: self.number(),
                last_msg_seq_num_processed: 1.into(),
                exec_id: self.number(),
                transact_time: 20.into(),
                gateway_in_time: 10.into(),
                matcher_out_time: 30.into(),
                session_id: None.into(),
                instrument_id: it.instrument_id,
                account_id: ACCOUNT.into(),
                reject_code: Reject::UnknownOrder.into(),
                ord_status: OrderStatus::Rejected,
                padding1: [0; 1],
                order_id: None.into(),
                cl_ord_id: it.cl_ord_id,
                orig_cl_ord_id: it.orig_cl_ord_id,
            });
        };
        self.add(&messages::OrderCanceled {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            instrument_id: it.instrument_id,
            account_id: ACCOUNT.into(),
            side: Side::Buy,
            cause: Cause::Requested,
            order_flags: OrderFlags(0),
            padding1: [0; 1],
            order_id: order_id.into(),
            cum_qty: Quantity::new(0),
            cum_notional: Notional::new(0),
            cl_ord_id: it.cl_ord_id,
            orig_cl_ord_id: it.orig_cl_ord_id,
        });
    }

    fn status(&mut self, name: Text<36>, request: Text<36>, last: Option<(u32, bool)>) {
        let order_id = self.open.get(&named(name)).copied();
        self.add(&messages::OrderStatusReport {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            instrument_id: Some(BTCUSDT).into(),
            account_id: Some(ACCOUNT).into(),
            side: Side::Buy,
            ord_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            ord_status: if order_id.is_some() { OrderStatus::New } else { OrderStatus::Rejected },
            order_id: order_id.into(),
            order_qty: None.into(),
            cash_order_qty: None.into(),
            price: None.into(),
            stop_px: None.into(),
            display_qty: None.into(),
            expire_time: None.into(),
            leaves_qty: Quantity::new(100_000_000),
            cum_qty: Quantity::new(0),
            cum_notional: Notional::new(0),
            cl_ord_id: name,
            ord_status_req_id: request,
            tot_num_reports: last.map(|(count, _)| count).into(),
            last_rpt_requested: last.map(|(_, is)| if is { Boolean::Yes } else { Boolean::No }).into(),
            order_flags: OrderFlags(0),
            missing_shards: ShardSet(0),
            padding1: [0; 7],
            reject_code: if order_id.is_some() { Reject::None } else { Reject::UnknownOrder }.into(),
        });
    }

    fn status_of_all(&mut self, it: &messages::OrderMassStatusRequest) {
        let names: Vec<String> = self.open.keys().cloned().collect();
        let count = u32::try_from(names.len()).unwrap();
        for (at, name) in names.iter().enumerate() {
            self.status(text(name), it.mass_status_req_id, Some((count, at + 1 == names.len())));
        }
        if names.is_empty() {
            self.status(Text::NONE, it.mass_status_req_id, Some((0, true)));
        }
    }

    fn balances(&mut self, it: &messages::RequestForPositions) {
        self.add(&messages::BalanceAck {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            account_id: ACCOUNT.into(),
            total_num_pos_reports: 1.into(),
            reject_code: Reject::None.into(),
            missing_shards: ShardSet(0),
            pos_req_id: it.pos_req_id,
            padding1: [0; 5],
        });
        self.add(&messages::BalanceReport {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            account_id: ACCOUNT.into(),
            asset_id: 1.into(),
            total_num_pos_reports: 1.into(),
            available: SignedAssetUnits::new(-1_500_000),
            held: SignedAssetUnits::new(2_000_000),
            pos_req_id: it.pos_req_id,
            padding1: [0; 4],
        });
    }

    fn cancel_all(&mut self, it: &messages::MassCancel) {
        let orders = u32::try_from(self.open.len()).unwrap();
        self.open.clear();
        self.add(&messages::MassCanceled {
            appl_seq_num: self.number(),
            seq_num: self.number(),
            last_msg_seq_num_processed: 1.into(),
            exec_id: self.number(),
            transact_time: 20.into(),
            gateway_in_time: 10.into(),
            matcher_out_time: 30.into(),
            session_id: None.into(),
            instrument_id: None.into(),
            account_id: None.into(),
            total_affected_orders: orders.into(),
            mass_cancel_scope: MassCancelScope(MassCancelScope::SESSION),
            missing_shards: ShardSet(0),
            cl_ord_id: it.cl_ord_id,
            padding1: [0; 2],
        });
    }
}

/// A venue on a thread, ended when it is dropped.
pub(crate) struct Venue {
    pub(crate) address: SocketAddr,
    book: Arc<Mutex<Book>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Venue {
    pub(crate) fn start() -> Venue {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Mutex::new(Book {
            session: SessionName::new("S1").unwrap(),
            messages: Vec::new(),
            open: BTreeMap::new(),
            accepted: BTreeMap::new(),
            faults: VecDeque::new(),
            logins: 0,
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (book, stop) = (Arc::clone(&book), Arc::clone(&stop));
            Some(thread::spawn(move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Acquire) {
                        return;
                    }
                    // A client that goes is none of ours.
                    let _gone = Connection::new(stream.unwrap()).serve(&book, &stop);
                }
            }))
        };
        Venue { address, book, stop, thread }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// What becomes of the next orders.
    pub(crate) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().faults.extend(faults);
    }

    /// The session's numbers begin anew under another name.
    pub(crate) fn begin_anew(&self) {
        let mut book = self.book();
        book.session = SessionName::new("S2").unwrap();
        book.messages.clear();
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _woken = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

struct Connection {
    stream: TcpStream,
    server: Server,
    epoch: Instant,
    output: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Connection {
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection {
            stream,
            server: Server::new(Times::default(), Nanos(0)),
            epoch: Instant::now(),
            output: Vec::new(),
        }
    }

    fn now(&self) -> Nanos {
        Nanos(u64::try_from(self.epoch.elapsed().as_nanos()).unwrap())
    }

    fn serve(mut self, book: &Mutex<Book>, stop: &AtomicBool) -> io::Result<()> {
        let mut input = Vec::new();
        let mut piece = [0; 4096];
        while !stop.load(Ordering::Acquire) {
            match self.stream.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => input.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let now = self.now();
            let mut book = book.lock().unwrap();
            let taken = std::mem::take(&mut input);
            let mut used = 0;
            loop {
                let (count, what) = self.server.receive(now, &taken[used..]);
                used += count;
                match what {
                    Input::NeedMore => break,
                    Input::Login(login) => {
                        let known =
                            login.username == USER.as_bytes() && login.password == PASSWORD.as_bytes();
                        if known {
                            book.logins += 1;
                            if self.server.accept(now, &*book, &mut self.output).is_err() {
                                return self.stream.write_all(&self.output);
                            }
                        } else {
                            self.server.send_debug(now, b"unknown user or wrong password", &mut self.output);
                            self.server.reject(now, RejectReason::NotAuthorized, &mut self.output);
                            return self.stream.write_all(&self.output);
                        }
                    }
                    Input::Message(message) if self.request(now, message, &mut book) => return Ok(()),
                    Input::Close(_) => return Ok(()),
                    _ => {}
                }
            }
            input = taken[used..].to_vec();
            let silent = book.faults.front() == Some(&Fault::Silent);
            while !silent && self.server.serve(now, &*book, &mut self.output) == Served::More {}
            let _beat = self.server.handle_timeout(now, &mut self.output);
            drop(book);
            self.stream.write_all(&std::mem::take(&mut self.output))?;
        }
        Ok(())
    }

    /// Carries a request out; whether the connection is to end.
    fn request(&mut self, now: Nanos, message: &[u8], book: &mut Book) -> bool {
        match sbe::decode(message).unwrap() {
            Message::DefinitionRequest(_) => self.define(now),
            Message::NewOrder(it) => match book.faults.pop_front().unwrap_or(Fault::None) {
                Fault::None => book.accept(it),
                Fault::Unseen => return true,
                Fault::Untold => {
                    book.accept(it);
                    return true;
                }
                Fault::Torn => {
                    book.accept(it);
                    while self.server.serve(now, book, &mut self.output) == Served::More {}
                    let half = self.output.len() - 60;
                    let _gone = self.stream.write_all(&self.output[..half]);
                    return true;
                }
                Fault::Silent => {
                    book.accept(it);
                    book.faults.push_front(Fault::Silent);
                }
                Fault::Throttled => self.refuse(now, it.cl_ord_id),
            },
            Message::CancelOrder(it) => book.cancel(it),
            Message::StatusRequest(it) => {
                book.faults.retain(|fault| *fault != Fault::Silent);
                book.status(it.cl_ord_id, it.ord_status_req_id, None);
            }
            Message::OrderMassStatusRequest(it) => book.status_of_all(it),
            Message::RequestForPositions(it) => book.balances(it),
            Message::MassCancel(it) => book.cancel_all(it),
            Message::LimitQuery(it) => {
                let entry = messages::LimitResponseEntry {
                    limit_type: LimitType::MessageLimit,
                    padding1: [0; 7],
                    limit_count: 4.into(),
                    limit_max: 100.into(),
                    limit_reset_interval: 1.into(),
                    padding2: [0; 4],
                };
                let mut buffer = [0; 256];
                let block = messages::LimitResponse { req_id: it.req_id };
                let length = sbe::encode_group(&block, [entry].iter(), &mut buffer).unwrap();
                assert!(self.server.send_unsequenced(now, &buffer[..length], &mut self.output));
            }
            other => panic!("{other:?}"),
        }
        false
    }

    fn refuse(&mut self, now: Nanos, name: Text<36>) {
        let refused = messages::RequestRefused {
            transact_time: 10.into(),
            msg_seq_num: 2.into(),
            limit_count: Some(101).into(),
            limit_max: Some(100).into(),
            retry_after: Some(250_000_000).into(),
            template_id: 1.into(),
            reject_code: Reject::Throttled.into(),
            quote_entry: 0.into(),
            cl_ord_id: name,
            padding1: [0; 4],
        };
        assert!(self.server.send_unsequenced(now, &bytes(&refused), &mut self.output));
    }

    fn define(&mut self, now: Nanos) {
        let instrument = messages::InstrumentDefinition {
            seq_num: 0.into(),
            instrument_id: BTCUSDT.into(),
            group_id: 0.into(),
            instrument_symbol: text("BTCUSDT"),
            tick: Price::new(1_000_000),
            lot: Quantity::new(1_000),
            base_id: 0.into(),
            quote_asset_id: 1.into(),
            base_per_lot: 1.into(),
            quote_per_tick_lot: 1.into(),
            maker_fee: 0.into(),
            taker_fee: 0.into(),
            quantity_min: Quantity::new(1_000),
            quantity_max: None.into(),
            notional_min: Notional::new(0),
            reference_price: Price::new(5_000_000_000_000),
            band: 5_000.into(),
            dynamic_band: 0.into(),
            volatility_call: 0.into(),
            trading_state: TradingState::Continuous,
            padding1: [0; 7],
        };
        let account = messages::AccountDefinition {
            seq_num: 0.into(),
            account_name: text("BM1"),
            account_id: ACCOUNT.into(),
            session_id: None.into(),
            credit: Boolean::No,
            entitled: Boolean::No,
            padding1: [0; 6],
        };
        let asset = messages::AssetDefinition {
            asset_name: text("USDT"),
            asset_id: 1.into(),
            asset_scale: 6.into(),
            padding1: [0; 2],
        };
        let status = messages::VenueStatus {
            transact_time: 10.into(),
            venue_state: VenueState::Busy,
            padding1: [0; 7],
        };
        let end =
            messages::DefinitionsEnd { definition_kinds: sbe::codes::DefinitionKinds(7), padding1: [0; 7] };
        let all = [bytes(&status), bytes(&instrument), bytes(&account), bytes(&asset), bytes(&end)];
        for message in all {
            assert!(self.server.send_unsequenced(now, &message, &mut self.output));
        }
    }
}
