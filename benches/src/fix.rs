//! Orders that rest far from the touch, and their cancels, through a FIX session.

use std::{io::Write, net::SocketAddr};

use anyhow::{Context, bail};
use penstock::{
    client::{Answer, Client},
    config::Config,
};
use tuning::clock;
use wire::{
    decimal::Number,
    fix::{
        order::{NewOrderSingle, OrderCancelRequest, Terms},
        report::ExecType,
    },
    instrument::Instrument,
    types::{ClOrdId, Nanos, OrderType, Side, TimeInForce},
};

use crate::{
    floor::Sizes,
    hops::Hops,
    load::{Entry, trading},
    timetable::Path,
};

/// A session that sends orders and cancels them in the same order.
pub struct Orders {
    client: Client,
    symbol: String,
    price: Number,
    quantity: Number,
    sent: u64,
    canceled: u64,
}

impl Orders {
    fn exchange(&mut self) -> anyhow::Result<[usize; 2]> {
        let (sent, before) = (self.client.pending(), self.client.received());
        self.flush()?;
        while self.poll()? == 0 {
            std::hint::spin_loop();
        }
        Ok([sent, usize::try_from(self.client.received() - before)?])
    }
}

impl Entry for Orders {
    const NAME: &'static str = "FIX";
    const GATEWAY: u32 = 0;

    fn log_on(config: &Config, address: SocketAddr, session: usize) -> anyhow::Result<Orders> {
        let session = trading(config, false).nth(session);
        let session = session.context("the configuration has not as many FIX sessions")?;
        let instrument = config.instruments.first().context("the configuration has no instrument")?;
        let client = Client::log_on(address, session)?;
        let (price, quantity) = terms(instrument).context("the first instrument has no price to rest at")?;
        Ok(Orders { client, symbol: instrument.symbol.clone(), price, quantity, sent: 0, canceled: 0 })
    }

    fn put_order(&mut self) {
        let name = Name::new(b'o', self.sent);
        self.sent += 1;
        self.client.order(&NewOrderSingle {
            cl_ord_id: name.bytes(),
            account: None,
            symbol: self.symbol.as_bytes(),
            side: Side::Buy.into(),
            transact_time: Nanos(clock::now()),
            terms: Terms {
                price: Some(self.price),
                time_in_force: Some(TimeInForce::Day.into()),
                ..Terms::new(OrderType::Limit.into(), self.quantity)
            },
        });
    }

    fn put_cancel(&mut self) {
        let (name, order) = (Name::new(b'c', self.canceled), Name::new(b'o', self.canceled));
        self.canceled += 1;
        self.client.cancel(&OrderCancelRequest {
            cl_ord_id: name.bytes(),
            orig_cl_ord_id: Some(order.bytes()),
            order_id: None,
            account: None,
            symbol: self.symbol.as_bytes(),
            side: Side::Buy.into(),
            transact_time: Nanos(clock::now()),
        });
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.client.flush()?)
    }

    fn sizes(&mut self) -> anyhow::Result<Sizes> {
        self.put_order();
        let order = self.exchange()?;
        self.put_cancel();
        let cancel = self.exchange()?;
        Ok(Sizes { order, cancel })
    }

    fn hops(&mut self) -> Option<Hops> {
        None
    }

    fn log_out(self) -> anyhow::Result<()> {
        self.client.log_out()
    }
}

impl Path for Orders {
    fn order(&mut self) -> anyhow::Result<()> {
        self.put_order();
        self.flush()
    }

    fn cancel(&mut self) -> anyhow::Result<()> {
        self.put_cancel();
        self.flush()
    }

    fn poll(&mut self) -> anyhow::Result<usize> {
        let mut strange = None;
        let answers = self.client.poll(|answer| match answer {
            Answer::Report(report) if matches!(report.exec_type, ExecType::New | ExecType::Canceled) => {}
            other => strange = Some(format!("{other:?}")),
        })?;
        match strange {
            None => Ok(answers),
            Some(answer) => bail!("not the report of an order that rests or is cancelled: {answer}"),
        }
    }
}

/// A price halfway down the band, and the smallest quantity that may be bought there.
pub(crate) fn terms(instrument: &Instrument) -> Option<(Number, Number)> {
    let reference = instrument.reference;
    let price = reference.0.midpoint(instrument.band(reference).0.0);
    let by_notional = instrument.notional_min.div_ceil(u128::from(price.unsigned_abs()).max(1));
    let lots = i64::try_from(by_notional.max(instrument.quantity_min.0.into())).ok()?;
    Some((instrument.tick.value(price)?.into(), instrument.lot.value(lots)?.into()))
}

/// A ClOrdID: a letter and ten digits, so that all messages of a kind have the same length.
pub(crate) struct Name([u8; 11]);

impl Name {
    pub(crate) fn new(kind: u8, number: u64) -> Name {
        let mut name = [kind; 11];
        let result = write!(&mut name[1..], "{number:010}");
        debug_assert!(result.is_ok(), "no run has more than ten billion orders");
        Name(name)
    }

    const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As blocks of the binary protocol have it.
    pub(crate) fn padded(&self) -> [u8; ClOrdId::MAX] {
        let mut padded = [0; ClOrdId::MAX];
        padded[..self.0.len()].copy_from_slice(&self.0);
        padded
    }
}
