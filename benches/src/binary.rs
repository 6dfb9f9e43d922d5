//! The same orders and cancels through a session of binary order entry.
//!
//! What is measured is the venue: the client writes blocks of the schema and reads views, and keeps no book of what is
//! under way, as the client library would.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    mem,
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context, anyhow, bail};
use penstock::config::Config;
use tuning::clock;
use wire::{
    decimal::{Decimal, Number},
    sbe::{
        self,
        codes::{OrderFlags, Price, Quantity},
        messages::{CancelOrder, Message, NewOrder},
    },
    soup::{Client, client},
    types::{Nanos, OrderType, Side, TimeInForce},
};

use crate::{
    fix::{Name, terms},
    floor::Sizes,
    hops::Hops,
    load::{Entry, trading},
    timetable::Path,
};

const BUFFER: usize = 256 * 1024;

/// A session that sends orders and cancels them in the same order.
pub struct Orders {
    stream: TcpStream,
    soup: Client,
    input: Vec<u8>,
    filled: usize,
    received: u64,
    output: Vec<u8>,
    order: NewOrder,
    cancel: CancelOrder,
    placed: u64,
    canceled: u64,
    /// When it logged in: reports of what came before are none of ours.
    since: u64,
    /// When each order was sent that has no report yet.
    sent: VecDeque<u64>,
    hops: Hops,
}

impl Orders {
    fn put(&mut self, message: &impl sbe::Single) {
        let mut buffer = [0; 256];
        // The longest of the two is 128 bytes; before the login nothing is put.
        let length = sbe::encode(message, &mut buffer).unwrap_or_default();
        self.soup.send(Nanos(clock::now()), &buffer[..length], &mut self.output);
    }

    /// Takes what has come: how many requests were answered.
    fn receive(&mut self) -> anyhow::Result<usize> {
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => bail!("the venue has closed the connection"),
            Ok(count) => {
                self.filled += count;
                self.received += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        let now = Nanos(clock::now());
        if now >= self.soup.deadline()
            && let Some(reason) = self.soup.handle_timeout(now, &mut self.output)
        {
            bail!("{reason}");
        }
        let input = mem::take(&mut self.input);
        let (mut start, mut answers) = (0, Ok(0));
        while let Ok(count) = &mut answers {
            let (used, what) = self.soup.receive(now, &input[start..self.filled]);
            start += used;
            match what {
                client::Input::NeedMore => break,
                client::Input::Message { message, .. } | client::Input::Unsequenced(message) => {
                    match self.heard(message) {
                        Ok(is_answer) => *count += usize::from(is_answer),
                        Err(error) => answers = Err(error),
                    }
                }
                client::Input::Close(reason) => answers = Err(anyhow!("{reason}")),
                _ => {}
            }
        }
        self.input = input;
        self.input.copy_within(start..self.filled, 0);
        self.filled -= start;
        answers
    }

    fn heard(&mut self, message: &[u8]) -> anyhow::Result<bool> {
        match sbe::decode(message).map_err(|error| anyhow!("{error:?}"))? {
            Message::OrderAccepted(it) if it.gateway_in_time.get() >= self.since => {
                if let Some(sent) = self.sent.pop_front() {
                    let (gateway_in, matcher_in) = (it.gateway_in_time.get(), it.transact_time.get());
                    let stamps = [sent, gateway_in, matcher_in, it.matcher_out_time.get(), clock::now()];
                    self.hops.record(stamps);
                }
                Ok(true)
            }
            Message::OrderCanceled(it) => Ok(it.gateway_in_time.get() >= self.since),
            Message::OrderAccepted(_) | Message::VenueStatus(_) | Message::TradingStatus(_) => Ok(false),
            other => bail!("not the report of an order that rests or is cancelled: {other:?}"),
        }
    }
}

impl Entry for Orders {
    const NAME: &'static str = "binary";
    const GATEWAY: u32 = 1;

    fn log_on(config: &Config, address: SocketAddr, session: usize) -> anyhow::Result<Orders> {
        let session = trading(config, true).nth(session);
        let session = session.context("the configuration has not as many binary sessions")?;
        let instrument = config.instruments.first().context("the configuration has no instrument")?;
        let (price, quantity) = terms(instrument).context("the first instrument has no price to rest at")?;
        let mantissa = |number| {
            let Number::Exact(Decimal { mantissa, scale }) = number else { return None };
            mantissa.checked_mul(10_i64.checked_pow(8_u32.checked_sub(scale.into())?)?)
        };
        let price = mantissa(price).context("the price has more than 8 decimal places")?;
        let quantity = mantissa(quantity).and_then(|it| u64::try_from(it).ok());
        let quantity = quantity.context("the quantity has more than 8 decimal places")?;
        let password = session.password.as_ref().context("the session's password is not known")?;
        let terms = client::Config::new(&session.comp_id, password.expose())?;
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let account = session.accounts.first().map(|account| account.0);
        let mut orders = Orders {
            stream,
            soup: Client::new(terms, None, 0),
            input: vec![0; BUFFER],
            filled: 0,
            received: 0,
            output: Vec::with_capacity(BUFFER),
            order: NewOrder {
                cl_ord_id: Name::new(b'o', 0).padded().into(),
                instrument_id: instrument.id.0.into(),
                account_id: account.into(),
                side: Side::Buy,
                ord_type: OrderType::Limit,
                time_in_force: TimeInForce::Day,
                order_flags: OrderFlags(0),
                order_qty: Some(Quantity::new(quantity)).into(),
                price: Some(Price::new(price)).into(),
                stop_px: None.into(),
                display_qty: None.into(),
                min_qty: None.into(),
                cash_order_qty: None.into(),
                expire_time: None.into(),
                deadline: None.into(),
                self_match_prevention_instruction: None.into(),
                padding1: [0; 7],
            },
            cancel: CancelOrder {
                cl_ord_id: Name::new(b'c', 0).padded().into(),
                instrument_id: instrument.id.0.into(),
                orig_cl_ord_id: Name::new(b'o', 0).padded().into(),
                account_id: account.into(),
                order_id: None.into(),
                deadline: None.into(),
            },
            placed: 0,
            canceled: 0,
            since: clock::now(),
            sent: VecDeque::with_capacity(1 << 16),
            hops: Hops::new("binary order → report"),
        };
        let begun = clock::now();
        orders.soup.connected(Nanos(begun), &mut orders.output);
        orders.flush()?;
        while !orders.soup.is_logged_in() {
            orders.receive()?;
            std::hint::spin_loop();
        }
        Ok(orders)
    }

    fn put_order(&mut self) {
        self.order.cl_ord_id = Name::new(b'o', self.placed).padded().into();
        self.placed += 1;
        let order = self.order;
        self.put(&order);
    }

    fn put_cancel(&mut self) {
        self.cancel.cl_ord_id = Name::new(b'c', self.canceled).padded().into();
        self.cancel.orig_cl_ord_id = Name::new(b'o', self.canceled).padded().into();
        self.canceled += 1;
        let cancel = self.cancel;
        self.put(&cancel);
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let mut sent = 0;
        while sent < self.output.len() {
            match self.stream.write(&self.output[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.output.drain(..sent);
        Ok(())
    }

    fn sizes(&mut self) -> anyhow::Result<Sizes> {
        let mut exchange = |put: fn(&mut Orders)| {
            put(self);
            let (sent, before) = (self.output.len(), self.received);
            self.flush()?;
            while self.receive()? == 0 {
                std::hint::spin_loop();
            }
            anyhow::Ok([sent, usize::try_from(self.received - before)?])
        };
        let order = exchange(Orders::put_order)?;
        let cancel = exchange(Orders::put_cancel)?;
        Ok(Sizes { order, cancel })
    }

    fn hops(&mut self) -> Option<Hops> {
        self.sent.clear();
        Some(mem::replace(&mut self.hops, Hops::new("binary order → report")))
    }

    fn log_out(mut self) -> anyhow::Result<()> {
        self.soup.logout(Nanos(clock::now()), &mut self.output);
        self.flush()
    }
}

impl Path for Orders {
    fn order(&mut self) -> anyhow::Result<()> {
        self.sent.push_back(clock::now());
        self.put_order();
        self.flush()
    }

    fn cancel(&mut self) -> anyhow::Result<()> {
        self.put_cancel();
        self.flush()
    }

    fn poll(&mut self) -> anyhow::Result<usize> {
        self.receive()
    }
}
