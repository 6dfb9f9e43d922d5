//! Market data and reference data for FIX sessions: who has asked for what, and what is still to be told to whom.
//!
//! Read in this order: [`Market::take`] (requests), `rounds.rs` (what goes out, a bounded piece in each turn of the worker),
//! `subscription.rs` (what has changed for one subscription).

mod rounds;
mod status;
mod subscription;

use std::collections::VecDeque;

use shm::{Bell, Log};
use wire::{
    fix::{
        market::{
            self, Change, MarketDataRequest, SecurityListRequest, SecurityStatusRequest, Stock, Subscribe,
            TradingSessionStatusRequest,
        },
        message::Message,
        refusal::Refusal,
    },
    limits::{
        MARKET_DATA_LEVELS_MAX, MARKET_DATA_OUTPUT_BYTES_MAX, MARKET_DATA_REQUEST_ID_BYTES_MAX,
        MARKET_DATA_SUBSCRIPTIONS_MAX,
    },
    types::InstrumentId,
};

use self::{status::Statuses, subscription::Subscription};
use crate::{
    entry::{Entry, Origin, Session},
    feed::{Feed, Losses},
};

/// Room for the changes that the records of one turn usually make for a subscription.
const CHANGES: usize = 1024;

/// The way to a member's client, while it is logged on.
pub(crate) trait Outlets {
    /// Its session, and where its output goes.
    fn of(&mut self, member: usize) -> Option<(&mut Session, &mut Vec<u8>)>;
}

/// A client's name of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
struct RequestId {
    bytes: [u8; MARKET_DATA_REQUEST_ID_BYTES_MAX],
    len: u8,
}

impl RequestId {
    /// `id` as it was parsed, which has seen to its length.
    #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
    fn new(id: &[u8]) -> RequestId {
        let id = &id[..id.len().min(MARKET_DATA_REQUEST_ID_BYTES_MAX)];
        let mut bytes = [0; MARKET_DATA_REQUEST_ID_BYTES_MAX];
        bytes[..id.len()].copy_from_slice(id);
        RequestId { bytes, len: id.len() as u8 }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// What a request for market data meets with: MDReqRejReason (281), and in words.
type No = (u8, &'static str);

const UNKNOWN: No =
    (b'0', "unknown instrument; ask for the list of instruments with SecurityListRequest (x)");
const DUPLICATE: No =
    (b'1', "the MDReqID (262) is in use; end what it asked for with 263=2, or choose another");
const TOO_MANY: No = (b'2', "more subscriptions than the 256 that a session may have; end others with 263=2");
const TOO_DEEP: No = (b'2', "the book has more prices than a gateway keeps; ask again when it is less deep");
const NO_READER: No = (b'2', "too many readers of the venue's market data; ask again later");
const NOT_ALLOWED: No = (b'3', "this session may not have market data; ask the venue's operator");
const NOT_SUBSCRIBED: No = (b'4', "no subscription of this MDReqID (262); it may have ended");
const NO_SOURCE: No = (b'4', "the matching engine is away; ask again when it is back");
const DEPTH: No = (b'5', "at most 48 prices of a side; ask for so many, or for all of them with 264=0");
const NOT_AGGREGATED: No =
    (b'7', "prices are told with all that stands there; leave AggregatedBook (266) out");
const KINDS: No = (b'8', "there are bids (0), offers (1) and trades (2); ask for these");

/// All of it.
pub(crate) struct Market {
    feed: Feed,
    /// Of each instrument that is followed.
    subscriptions: Vec<Vec<Subscription>>,
    /// Of each member, how many it has, those to trading states included.
    counts: Vec<u32>,
    serial: u64,
    /// Subscriptions by instrument and serial that are to be told of the whole book, or of more of it.
    due: VecDeque<(InstrumentId, u64)>,
    /// Books whose changes are being told.
    telling: VecDeque<InstrumentId>,
    round: u64,
    statuses: Statuses,
    lists: VecDeque<List>,
    /// Bytes waiting for a client beyond which it gets no more.
    output_max: usize,
    changes: Vec<Change>,
}

/// A list of instruments that is being told.
struct List {
    member: usize,
    id: RequestId,
    next: usize,
    part: u64,
}

impl Market {
    /// For so many members, of whom none may have more than `output_bytes_max` waiting.
    pub(crate) fn new(members: usize, output_bytes_max: usize) -> Market {
        Market {
            feed: Feed::default(),
            subscriptions: Vec::new(),
            counts: vec![0; members],
            serial: 0,
            due: VecDeque::new(),
            telling: VecDeque::new(),
            round: 0,
            statuses: Statuses::default(),
            lists: VecDeque::new(),
            output_max: MARKET_DATA_OUTPUT_BYTES_MAX.min(output_bytes_max / 2),
            changes: Vec::with_capacity(CHANGES),
        }
    }

    /// The log of the matcher of `shard`.
    pub(crate) fn attach(&mut self, shard: usize, log: Log) {
        self.feed.attach(shard, log);
    }

    /// What was lost on the way from the matcher.
    pub(crate) const fn losses(&self) -> Losses {
        self.feed.losses
    }

    /// Whether `msg_type` is one of the requests here.
    pub(crate) fn serves(msg_type: &[u8]) -> bool {
        matches!(msg_type, b"V" | b"x" | b"e" | b"g")
    }

    /// A request of `member`, answered at once or in the next turns. `bell` is that of the worker's thread.
    pub(crate) fn take(
        &mut self,
        message: &Message<'_>,
        entry: &Entry,
        mut from: Origin<'_>,
        member: usize,
        bell: &Bell,
    ) {
        let taken: Result<(), Refusal> = match message.msg_type {
            MarketDataRequest::MSG_TYPE => MarketDataRequest::parse(message).map(|request| {
                if let Err((reason, text)) = self.subscribe(&request, entry, &mut from, member, bell) {
                    from.session.send(from.head.rx, b"Y", from.output, |body| {
                        market::request_reject(request.id, reason, text, body);
                    });
                }
            }),
            SecurityListRequest::MSG_TYPE => SecurityListRequest::parse(message)
                .map(|request| self.list(&request, entry, &mut from, member)),
            SecurityStatusRequest::MSG_TYPE => SecurityStatusRequest::parse(message)
                .map(|request| self.status(&request, entry, &mut from, member)),
            _ => TradingSessionStatusRequest::parse(message)
                .map(|request| self.session_status(&request, &mut from, member)),
        };
        if let Err(refusal) = taken {
            from.session.refuse(from.head.rx, message, refusal, from.output);
        }
    }

    fn subscribe(
        &mut self,
        request: &MarketDataRequest<'_>,
        entry: &Entry,
        from: &mut Origin<'_>,
        member: usize,
        bell: &Bell,
    ) -> Result<(), No> {
        let id = RequestId::new(request.id);
        if request.subscribe == Subscribe::Off {
            return if self.unsubscribe(member, Some(id)) { Ok(()) } else { Err(NOT_SUBSCRIBED) };
        }
        if !from.market_data {
            return Err(NOT_ALLOWED);
        }
        if self.subscriptions.iter().flatten().any(|other| other.member == member && other.id == id) {
            return Err(DUPLICATE);
        }
        if !request.aggregated {
            return Err(NOT_AGGREGATED);
        }
        if request.others || !(request.bids || request.offers || request.trades) {
            return Err(KINDS);
        }
        let depth = usize::try_from(request.depth).ok().filter(|&depth| depth <= MARKET_DATA_LEVELS_MAX);
        let depth = depth.ok_or(DEPTH)?;
        if self.counts[member] as usize + request.symbols().len() > MARKET_DATA_SUBSCRIPTIONS_MAX as usize {
            return Err(TOO_MANY);
        }
        for symbol in request.symbols() {
            let instrument = entry.stock_called(symbol).ok_or(UNKNOWN)?.instrument.id;
            let shard = from.links.serving().of(instrument);
            if from.links.at(shard).is_err() || !self.feed.is_attached(shard) {
                return Err(NO_SOURCE);
            }
        }
        for symbol in request.symbols() {
            let Some(Stock { instrument, .. }) = entry.stock_called(symbol) else { continue };
            let instrument = instrument.id;
            let place = instrument.0 as usize;
            if self.subscriptions.len() <= place {
                self.subscriptions.resize_with(place + 1, Vec::new);
            }
            let own = |other: &Subscription| other.member == member && other.id == id;
            if self.subscriptions[place].iter().any(own) {
                continue; // named twice
            }
            if let Err(error) = self.feed.follow(instrument, from.links.serving().of(instrument), bell) {
                tracing::error!(%error, "market data cannot be read");
                self.unsubscribe(member, Some(id));
                return Err(NO_READER);
            }
            self.serial += 1;
            self.subscriptions[place].push(Subscription::new(request, (self.serial, member, id), depth));
            self.counts[member] += 1;
            self.due.push_back((instrument, self.serial));
        }
        Ok(())
    }

    /// Ends what the request `id` of `member` asked for, or all that it did. Whether there was anything.
    fn unsubscribe(&mut self, member: usize, id: Option<RequestId>) -> bool {
        let before = self.counts[member];
        for (instrument, of) in (0u32..).map(InstrumentId).zip(&mut self.subscriptions) {
            let kept = of.len();
            of.retain(|other| other.member != member || id.is_some_and(|id| id != other.id));
            for _ in of.len()..kept {
                self.counts[member] -= 1;
                self.feed.leave(instrument);
            }
            if of.is_empty() && kept > 0 {
                self.telling.retain(|&telling| telling != instrument);
            }
        }
        self.counts[member] != before
    }

    /// The member's client has gone, and with it all that it asked for.
    pub(crate) fn left(&mut self, member: usize) {
        if self.counts[member] > 0 {
            self.unsubscribe(member, None);
            self.counts[member] -= self.statuses.left(member);
        }
        self.lists.retain(|list| list.member != member);
    }

    fn list(
        &mut self,
        request: &SecurityListRequest<'_>,
        entry: &Entry,
        from: &mut Origin<'_>,
        member: usize,
    ) {
        let stock = request.symbol.and_then(|symbol| entry.stock_called(symbol));
        let result = match (request.kind, stock) {
            (0, Some(stock)) => {
                from.session.send(from.head.rx, b"y", from.output, |body| {
                    market::security_list(request.id, (1, true), 1, std::iter::once(stock), body);
                });
                return;
            }
            (0, None) => b'2',
            (4, _) if self.lists.iter().any(|list| list.member == member) => b'1',
            (4, _) if entry.stocks() == 0 => b'2',
            (4, _) => {
                let id = RequestId::new(request.id);
                return self.lists.push_back(List { member, id, next: 0, part: 1 });
            }
            _ => b'1',
        };
        from.session.send(from.head.rx, b"y", from.output, |body| {
            market::no_securities(request.id, result, body);
        });
    }
}
