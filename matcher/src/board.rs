//! What a matcher lets others see of it while it runs: counted locally, published in housekeeping.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use shm::{Distribution, Histogram};
use wire::{
    command::InstrumentTerms,
    event::Event,
    types::{Lots, Side, Ticks},
};

use crate::engine::Engine;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// A matcher's figures. Each is true by itself; together they may be some microseconds apart.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Figures {
            $($(#[$doc])* pub $name: u64,)+
            /// By instrument, in the configuration's order.
            pub instruments: Vec<Ticker>,
            /// From when a command is taken up to when an event of it leaves; nothing where no clock is read within a round.
            pub latency: Distribution,
        }

        #[derive(Default)]
        struct Shared { $($name: AtomicU64),+ }

        impl Shared {
            fn store(&self, figures: &Totals) {
                $(self.$name.store(figures.$name, Relaxed);)+
            }

            fn load(&self, instruments: Vec<Ticker>, latency: Distribution) -> Figures {
                Figures { $($name: self.$name.load(Relaxed),)+ instruments, latency }
            }
        }

        /// The figures as they are published.
        pub(crate) struct Totals { $(pub(crate) $name: u64),+ }
    };
}

figures! {
    /// Commands applied: the last one's sequence number.
    commands,
    /// Events sent.
    events,
    /// Trades.
    trades,
    /// Events that found their ring full and had to wait.
    spilled,
    /// Events dropped because their gateway had been cut off for not reading.
    dropped,
    /// Times a gateway was cut off.
    cut_off,
    /// Messages that were no command of this version.
    not_commands,
    /// Orders open.
    open_orders,
    /// Gateways that are there.
    gateways,
    /// Ended orders and used names no longer remembered.
    forgotten,
}

/// One instrument as traders see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticker {
    /// Its terms as they were when it was first seen: symbol, tick and lot never change. `None` until housekeeping.
    pub terms: Option<InstrumentTerms>,
    /// Best bid and the quantity displayed there.
    pub bid: Option<(Ticks, Lots)>,
    /// Best ask and the quantity displayed there.
    pub ask: Option<(Ticks, Lots)>,
    /// Price of the last trade.
    pub last: Option<Ticks>,
    /// Trades so far.
    pub trades: u64,
    /// Lots traded so far.
    pub volume: Lots,
}

/// Where a matcher publishes its figures and others read them.
pub struct Board {
    shared: Shared,
    /// With room for those that are added.
    instruments: Box<[SharedTicker]>,
    /// How many there are.
    listed: AtomicUsize,
    latency: Arc<Histogram>,
}

/// A [`Ticker`]; prices are above zero, so zero stands for none.
#[derive(Default)]
struct SharedTicker {
    terms: OnceLock<InstrumentTerms>,
    bid: [AtomicU64; 2],
    ask: [AtomicU64; 2],
    last: AtomicU64,
    trades: AtomicU64,
    volume: AtomicU64,
}

impl Board {
    /// For so many instruments, with room for others.
    pub(crate) fn new(listed: usize, room: usize, latency: Arc<Histogram>) -> Board {
        let instruments = std::iter::repeat_with(SharedTicker::default).take(room).collect();
        Board { shared: Shared::default(), instruments, listed: AtomicUsize::new(listed), latency }
    }

    /// The figures as they were published last.
    #[must_use]
    pub fn read(&self) -> Figures {
        let price = |ticks: u64| i64::try_from(ticks).ok().filter(|&ticks| ticks > 0).map(Ticks);
        let touch =
            |[at, lots]: &[AtomicU64; 2]| price(at.load(Relaxed)).map(|at| (at, Lots(lots.load(Relaxed))));
        let ticker = |shared: &SharedTicker| Ticker {
            terms: shared.terms.get().copied(),
            bid: touch(&shared.bid),
            ask: touch(&shared.ask),
            last: price(shared.last.load(Relaxed)),
            trades: shared.trades.load(Relaxed),
            volume: Lots(shared.volume.load(Relaxed)),
        };
        let listed = self.instruments.iter().take(self.listed.load(Relaxed));
        self.shared.load(listed.map(ticker).collect(), self.latency.read())
    }

    pub(crate) fn publish(&self, totals: &Totals, tally: &Tally, engine: &Engine) {
        self.shared.store(totals);
        self.listed.store(engine.instruments(), Relaxed);
        let there = self.instruments.iter().take(engine.instruments());
        for ((shared, traded), id) in there.zip(&tally.instruments).zip(0u32..) {
            let id = wire::types::InstrumentId(id);
            if shared.terms.get().is_none()
                && let Some(terms) = engine.listed(id)
            {
                // Nobody else sets it.
                let _set = shared.terms.set(terms);
            }
            for (touch, side) in [(&shared.bid, Side::Buy), (&shared.ask, Side::Sell)] {
                let (price, lots) = engine.best(id, side).unwrap_or_default();
                touch[0].store(price.0.unsigned_abs(), Relaxed);
                touch[1].store(lots.0, Relaxed);
            }
            shared.last.store(traded.last.0.unsigned_abs(), Relaxed);
            shared.trades.store(traded.trades, Relaxed);
            shared.volume.store(traded.volume, Relaxed);
        }
    }
}

/// What is counted as events go by.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) events: u64,
    pub(crate) spilled: u64,
    /// From when a command is taken up to when an event of it leaves.
    pub(crate) latency: Arc<Histogram>,
    pub(crate) dropped: u64,
    pub(crate) cut_off: u64,
    instruments: Box<[Traded]>,
}

#[derive(Clone, Copy, Default)]
struct Traded {
    last: Ticks,
    trades: u64,
    volume: u64,
}

impl Tally {
    pub(crate) fn new(instruments: usize) -> Tally {
        Tally { instruments: vec![Traded::default(); instruments].into(), ..Tally::default() }
    }

    pub(crate) fn trade(&mut self, fill: &Event) {
        if let Some(traded) = self.instruments.get_mut(fill.instrument.0 as usize) {
            traded.last = fill.last_price;
            traded.trades += 1;
            traded.volume = traded.volume.saturating_add(fill.last_quantity.0);
        }
    }

    pub(crate) fn trades(&self) -> u64 {
        self.instruments.iter().map(|traded| traded.trades).sum()
    }
}
