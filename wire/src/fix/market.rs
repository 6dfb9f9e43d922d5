//! Market data and reference data: MarketDataRequest (V), SecurityListRequest (x), SecurityStatusRequest (e) and
//! TradingSessionStatusRequest (g), read; and what answers them, written.

mod answers;

pub use answers::{
    Action, Change, Snapshot, Stock, What, incremental, no_securities, request_reject, security_list,
    security_status, trading_session_status, trading_status, venue_status,
};

use super::{
    message::Message,
    refusal::{BusinessReject, Refusal, SessionReject, SessionRejectReason as Why},
    value,
};
use crate::limits::{MARKET_DATA_REQUEST_ID_BYTES_MAX, MARKET_DATA_SYMBOLS_MAX};

/// What a request asks for over time: SubscriptionRequestType (263).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscribe {
    /// `0`: how it stands.
    Once,
    /// `1`: and what changes.
    On,
    /// `2`: no longer.
    Off,
}

/// MarketDataRequest (V).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketDataRequest<'b> {
    /// MDReqID (262).
    pub id: &'b [u8],
    /// SubscriptionRequestType (263).
    pub subscribe: Subscribe,
    /// MarketDepth (264): prices of a side, 0 is all.
    pub depth: u64,
    /// MDUpdateType (265) is incremental; `None` if it is not there.
    pub incremental: Option<bool>,
    /// AggregatedBook (266) is not N.
    pub aggregated: bool,
    /// Of the kinds of entries (MDEntryType, 269): bids.
    pub bids: bool,
    /// Offers.
    pub offers: bool,
    /// Trades.
    pub trades: bool,
    /// One that is not offered.
    pub others: bool,
    symbols: [&'b [u8]; MARKET_DATA_SYMBOLS_MAX],
    count: usize,
}

/// SecurityListRequest (x).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityListRequest<'b> {
    /// SecurityReqID (320).
    pub id: &'b [u8],
    /// SecurityListRequestType (559): `0` one symbol and `4` all are offered.
    pub kind: u64,
    /// Symbol (55); there is one where `kind` is 0.
    pub symbol: Option<&'b [u8]>,
}

/// SecurityStatusRequest (e).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityStatusRequest<'b> {
    /// SecurityStatusReqID (324).
    pub id: &'b [u8],
    /// Symbol (55).
    pub symbol: &'b [u8],
    /// SubscriptionRequestType (263).
    pub subscribe: Subscribe,
}

/// TradingSessionStatusRequest (g).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingSessionStatusRequest<'b> {
    /// TradSesReqID (335).
    pub id: &'b [u8],
    /// TradingSessionID (336).
    pub session: Option<&'b [u8]>,
    /// SubscriptionRequestType (263).
    pub subscribe: Subscribe,
}

impl<'b> MarketDataRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"V";

    /// The instruments named.
    #[must_use]
    pub fn symbols(&self) -> &[&'b [u8]] {
        &self.symbols[..self.count]
    }

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it, or names more instruments than [`MARKET_DATA_SYMBOLS_MAX`].
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        let mut symbols: [&[u8]; MARKET_DATA_SYMBOLS_MAX] = [&[]; MARKET_DATA_SYMBOLS_MAX];
        let mut count = 0;
        let [mut bids, mut offers, mut trades, mut others] = [false; 4];
        let mut walk = message.walk();
        message.walk_by(&mut walk, Self::MSG_TYPE, 0, &mut |field| {
            match (field.tag, field.value) {
                (269, b"0") => bids = true,
                (269, b"1") => offers = true,
                (269, b"2") => trades = true,
                (269, _) => others = true,
                (55, symbol) => {
                    *symbols.get_mut(count).ok_or(field.wrong(Why::IncorrectNumInGroup))? = symbol;
                    count += 1;
                }
                _ => {}
            }
            Ok(())
        })?;
        walk.verdict()?;
        let subscribe = subscribe(message)?;
        let incremental = message.find(265).map(|code| code == b"1");
        if subscribe == Subscribe::On && incremental.is_none() {
            return Err(BusinessReject::conditional(265).into());
        }
        Ok(MarketDataRequest {
            id: request_id(message, 262)?,
            subscribe,
            depth: message.find(264).and_then(value::unsigned).unwrap_or(u64::MAX),
            incremental,
            aggregated: message.find(266) != Some(b"N"),
            bids,
            offers,
            trades,
            others,
            symbols,
            count,
        })
    }
}

impl<'b> SecurityListRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"x";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let kind = message.find(559).and_then(value::unsigned).unwrap_or(u64::MAX);
        let symbol = message.find(55);
        if kind == 0 && symbol.is_none() {
            return Err(BusinessReject::conditional(55).into());
        }
        Ok(SecurityListRequest { id: request_id(message, 320)?, kind, symbol })
    }
}

impl<'b> SecurityStatusRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"e";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let symbol = message.find(55).ok_or(SessionReject::about(Why::RequiredTagMissing, 55))?;
        Ok(SecurityStatusRequest { id: request_id(message, 324)?, symbol, subscribe: subscribe(message)? })
    }
}

impl<'b> TradingSessionStatusRequest<'b> {
    /// MsgType (35).
    pub const MSG_TYPE: &'static [u8] = b"g";

    /// The request in `message`.
    ///
    /// # Errors
    /// What to answer if it is not as FIX wants it.
    pub fn parse(message: &Message<'b>) -> Result<Self, Refusal> {
        message.check()?;
        let (id, session) = (request_id(message, 335)?, message.find(336));
        Ok(TradingSessionStatusRequest { id, session, subscribe: subscribe(message)? })
    }
}

/// The request's name, which its answers repeat.
fn request_id<'b>(message: &Message<'b>, tag: u32) -> Result<&'b [u8], SessionReject> {
    let id = message.find(tag).ok_or(SessionReject::about(Why::RequiredTagMissing, tag))?;
    if id.len() > MARKET_DATA_REQUEST_ID_BYTES_MAX {
        return Err(SessionReject::about(Why::ValueIncorrect, tag));
    }
    Ok(id)
}

fn subscribe(message: &Message<'_>) -> Result<Subscribe, SessionReject> {
    match message.find(263) {
        Some(b"0") => Ok(Subscribe::Once),
        Some(b"1") => Ok(Subscribe::On),
        Some(b"2") => Ok(Subscribe::Off),
        Some(_) => Err(SessionReject::about(Why::ValueIncorrect, 263)),
        None => Err(SessionReject::about(Why::RequiredTagMissing, 263)),
    }
}

#[cfg(test)]
mod tests;
