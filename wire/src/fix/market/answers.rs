//! MarketDataSnapshotFullRefresh (W), MarketDataIncrementalRefresh (X), MarketDataRequestReject (Y), SecurityList (y),
//! SecurityStatus (f), TradingSessionStatus (h).

use crate::{
    feed::Level,
    fix::{encode::Body, report::NameField},
    instrument::Instrument,
    types::{Lots, Nanos, Ticks, TradeId, TradingState},
};

/// An instrument as messages name it.
#[derive(Clone, Copy, Debug)]
pub struct Stock<'a> {
    /// Its terms.
    pub instrument: &'a Instrument,
    /// Its Symbol (55).
    pub symbol: &'a NameField,
}

/// A book and the last trade, for a W.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// MDReqID (262).
    pub id: &'a [u8],
    /// The instrument.
    pub stock: Stock<'a>,
    /// RptSeq (83).
    pub rpt_seq: u64,
    /// LastUpdateTime (779).
    pub time: Nanos,
    /// Prices and what stands there, best first: bids, offers.
    pub sides: [&'a [(Ticks, Level)]; 2],
    /// The last trade.
    pub trade: Option<(Ticks, Lots)>,
}

impl Snapshot<'_> {
    /// Writes the message.
    pub fn encode(&self, body: &mut Body<'_>) {
        let Snapshot { stock, sides, trade, .. } = self;
        body.field(b"262=", self.id);
        body.ready(stock.symbol);
        body.int(b"83=", self.rpt_seq);
        body.time(b"779=", self.time);
        let entries = sides[0].len() + sides[1].len() + usize::from(trade.is_some());
        body.int(b"268=", entries as u64);
        for (kind, side) in [b'0', b'1'].into_iter().zip(sides) {
            for (position, &(price, level)) in (1..).zip(*side) {
                body.char(b"269=", kind);
                stock.price(body, price);
                stock.size(body, level.quantity);
                body.int(b"346=", level.orders);
                body.int(b"290=", position);
            }
        }
        if let &Some((price, quantity)) = trade {
            body.char(b"269=", b'2');
            stock.price(body, price);
            stock.size(body, quantity);
        }
    }
}

impl Stock<'_> {
    fn price(&self, body: &mut Body<'_>, price: Ticks) {
        body.steps(b"270=", price.0 < 0, price.0.unsigned_abs(), self.instrument.tick);
    }

    fn size(&self, body: &mut Body<'_>, quantity: Lots) {
        body.steps(b"271=", false, quantity.0, self.instrument.lot);
    }
}

/// MDUpdateAction (279).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was not there.
    New,
    /// Something else stands there.
    Change,
    /// Nothing stands there.
    Delete,
}

/// What an entry of an X is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A price of the book.
    Price {
        /// Of offers, not bids.
        offer: bool,
        /// What has become of it.
        action: Action,
        /// What stands there.
        level: Level,
        /// Its place; 0 if that is not told.
        position: u64,
    },
    /// A trade.
    Trade {
        /// Its name.
        id: TradeId,
        /// How much.
        quantity: Lots,
        /// When.
        time: Nanos,
    },
}

/// An entry of an X.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// At what price.
    pub price: Ticks,
    /// What has happened.
    pub what: What,
}

/// Writes `changes` (X) of an instrument; the first has RptSeq (83) `first`.
pub fn incremental(id: &[u8], stock: Stock<'_>, first: u64, changes: &[Change], body: &mut Body<'_>) {
    body.field(b"262=", id);
    body.int(b"268=", changes.len() as u64);
    for (rpt_seq, change) in (first..).zip(changes) {
        let (action, kind) = match change.what {
            What::Price { offer, action, .. } => (action, if offer { b'1' } else { b'0' }),
            What::Trade { .. } => (Action::New, b'2'),
        };
        body.char(b"279=", b'0' + action as u8);
        body.char(b"269=", kind);
        if let What::Trade { id, .. } = change.what {
            body.int(b"278=", id.0);
        }
        body.ready(stock.symbol);
        stock.price(body, change.price);
        match change.what {
            What::Price { action: Action::Delete, .. } => {}
            What::Price { level, position, .. } => {
                stock.size(body, level.quantity);
                body.int(b"346=", level.orders);
                if position > 0 {
                    body.int(b"290=", position);
                }
            }
            What::Trade { quantity, .. } => stock.size(body, quantity),
        }
        body.int(b"83=", rpt_seq);
        if let What::Trade { time, .. } = change.what {
            body.time(b"60=", time);
        }
    }
}

/// Writes the refusal (Y) of a request, with MDReqRejReason (281) `reason`.
pub fn request_reject(id: &[u8], reason: u8, text: &str, body: &mut Body<'_>) {
    body.field(b"262=", id);
    body.char(b"281=", reason);
    body.field(b"58=", text.as_bytes());
}

/// Writes part `part` (y) of the list of `total` instruments, with each its Symbol (55) and the name of its quote asset.
pub fn security_list<'a>(
    id: &[u8],
    (part, last): (u64, bool),
    total: u64,
    stocks: impl ExactSizeIterator<Item = Stock<'a>>,
    body: &mut Body<'_>,
) {
    body.field(b"320=", id);
    body.int(b"322=", part);
    body.char(b"560=", b'0');
    body.int(b"393=", total);
    body.char(b"893=", if last { b'Y' } else { b'N' });
    body.int(b"146=", stocks.len() as u64);
    for Stock { instrument, symbol } in stocks {
        body.ready(symbol);
        body.field(b"15=", instrument.quote.as_bytes());
        body.steps(b"561=", false, 1, instrument.lot);
        body.steps(b"969=", false, 1, instrument.tick);
        body.steps(b"562=", false, instrument.quantity_min.0, instrument.lot);
    }
}

/// Writes a list (y) without instruments, for the reason of SecurityRequestResult (560) `result`.
pub fn no_securities(id: &[u8], result: u8, body: &mut Body<'_>) {
    body.field(b"320=", id);
    body.int(b"322=", 1);
    body.char(b"560=", result);
    body.char(b"393=", b'0');
    body.char(b"893=", b'Y');
}

/// SecurityTradingStatus (326) of a market in `state`.
#[must_use]
pub const fn trading_status(state: TradingState) -> u64 {
    match state {
        TradingState::Continuous => 17,
        TradingState::PreOpen => 21,
        TradingState::OpeningAuction => 22,
        TradingState::VolatilityAuction | TradingState::ClosingAuction => 5,
        TradingState::Closed => 18,
        TradingState::Halted => 2,
    }
}

/// SecurityTradingStatus (326) where there is no such instrument.
const UNKNOWN: u64 = 20;

/// Writes the trading state (f) of an instrument that is called `symbol`, `Err` with why there is none.
pub fn security_status(
    id: &[u8],
    symbol: &[u8],
    unsolicited: bool,
    state: Result<TradingState, &str>,
    time: Nanos,
    body: &mut Body<'_>,
) {
    body.field(b"324=", id);
    body.field(b"55=", symbol);
    body.char(b"325=", if unsolicited { b'Y' } else { b'N' });
    body.int(b"326=", state.map_or(UNKNOWN, trading_status));
    body.time(b"60=", time);
    let text = match state {
        Ok(state) => name(state),
        Err(text) => text,
    };
    body.field(b"58=", text.as_bytes());
}

/// A state's name.
const fn name(state: TradingState) -> &'static str {
    match state {
        TradingState::Continuous => "Continuous",
        TradingState::PreOpen => "PreOpen",
        TradingState::OpeningAuction => "OpeningAuction",
        TradingState::VolatilityAuction => "VolatilityAuction",
        TradingState::ClosingAuction => "ClosingAuction",
        TradingState::Closed => "Closed",
        TradingState::Halted => "Halted",
    }
}

/// TradSesStatus (340) of a venue whose markets are in these states.
#[must_use]
pub fn venue_status(states: impl IntoIterator<Item = TradingState>) -> u8 {
    use TradingState::{
        Closed, ClosingAuction, Continuous, Halted, OpeningAuction, PreOpen, VolatilityAuction,
    };
    let has = states.into_iter().fold(0_u8, |has, state| has | 1 << state as u8);
    let any = |states: &[TradingState]| states.iter().any(|&state| has >> state as u8 & 1 == 1);
    if any(&[Continuous, VolatilityAuction]) {
        b'2'
    } else if any(&[PreOpen, OpeningAuction]) {
        b'4'
    } else if any(&[ClosingAuction]) {
        b'5'
    } else if any(&[Halted]) {
        b'1'
    } else {
        debug_assert!(has == 0 || any(&[Closed]));
        b'3'
    }
}

/// Writes how the venue as a whole stands (h), `Err` with why that is not told.
pub fn trading_session_status(id: &[u8], unsolicited: bool, status: Result<u8, &str>, body: &mut Body<'_>) {
    body.field(b"335=", id);
    body.char(b"336=", b'1');
    body.char(b"325=", if unsolicited { b'Y' } else { b'N' });
    body.char(b"340=", status.unwrap_or(b'6'));
    if let Err(text) = status {
        body.field(b"58=", text.as_bytes());
    }
}
