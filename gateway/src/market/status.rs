//! Trading states, of instruments (e, f) and of the venue as a whole (g, h): as they are, and as they change.

use wire::{
    fix::market::{self, SecurityStatusRequest, Subscribe, TradingSessionStatusRequest},
    limits::{FIX_MESSAGE_BYTES_MAX, MARKET_DATA_SUBSCRIPTIONS_MAX},
    types::{InstrumentId, Nanos, TradingState},
};

use super::{Market, Outlets, RequestId};
use crate::entry::{Entry, Origin};

/// What a member wants to hear the changes of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Instrument(InstrumentId),
    Venue,
}

struct Subscription {
    member: usize,
    id: RequestId,
    of: Of,
    /// It has changed since this one was told.
    is_due: bool,
}

/// All states, and who wants to hear of their changes.
#[derive(Default)]
pub(super) struct Statuses {
    /// Of each instrument, and since when; 0: since before this gateway came.
    states: Vec<(TradingState, Nanos)>,
    /// TradSesStatus (340).
    venue: u8,
    subscriptions: Vec<Subscription>,
    is_due: bool,
}

const UNKNOWN: &str = "unknown instrument; ask for the list of instruments with SecurityListRequest (x)";
const NOT_SUBSCRIBED: &str = "no subscription of this name; it may have ended";
const IN_USE: &str = "the request's name is in use; end what it asked for with 263=2, or choose another";
const TOO_MANY: &str = "more subscriptions than the 256 that a session may have; end others with 263=2";
const NO_SESSION: &str = "the venue has one trading session: leave TradingSessionID (336) out, or say 1";

impl Statuses {
    fn learn(&mut self, instrument: InstrumentId, state: TradingState, time: Nanos) {
        let place = instrument.0 as usize;
        if self.states.len() <= place {
            self.states.resize(place + 1, (TradingState::Closed, Nanos(0)));
        }
        let former = std::mem::replace(&mut self.states[place], (state, time));
        let venue = market::venue_status(self.states.iter().map(|(state, _)| *state));
        let of_venue = std::mem::replace(&mut self.venue, venue) != venue;
        for subscription in &mut self.subscriptions {
            let changed = match subscription.of {
                Of::Instrument(of) => of == instrument && former.0 != state,
                Of::Venue => of_venue,
            };
            subscription.is_due |= changed;
            self.is_due |= changed;
        }
    }

    /// Ends the subscription; whether there was one.
    fn end(&mut self, member: usize, id: RequestId, of_venue: bool) -> bool {
        let is_it = |other: &Subscription| {
            other.member == member && other.id == id && (other.of == Of::Venue) == of_venue
        };
        let before = self.subscriptions.len();
        self.subscriptions.retain(|other| !is_it(other));
        self.subscriptions.len() != before
    }

    /// The member has gone. How many subscriptions it had.
    pub(super) fn left(&mut self, member: usize) -> u32 {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|other| other.member != member);
        u32::try_from(before - self.subscriptions.len()).unwrap_or(u32::MAX)
    }

    fn state(&self, instrument: InstrumentId) -> (TradingState, Nanos) {
        self.states.get(instrument.0 as usize).copied().unwrap_or_default()
    }

    /// Tells of changes, as long as messages are `left`.
    pub(super) fn tell(
        &mut self,
        now: Nanos,
        entry: &Entry,
        output_max: usize,
        outlets: &mut impl Outlets,
        left: &mut usize,
    ) {
        if !self.is_due {
            return;
        }
        self.is_due = false;
        for at in 0..self.subscriptions.len() {
            if !self.subscriptions[at].is_due {
                continue;
            }
            let Subscription { member, id, of, .. } = self.subscriptions[at];
            let outlet = outlets.of(member);
            let outlet = outlet.filter(|(_, output)| output.len() + FIX_MESSAGE_BYTES_MAX <= output_max);
            let Some((session, output)) = outlet.filter(|_| *left > 0) else {
                self.is_due = true;
                continue;
            };
            *left -= 1;
            self.subscriptions[at].is_due = false;
            match of {
                Of::Venue => {
                    let status = Ok(self.venue);
                    session.send(now, b"h", output, |body| {
                        market::trading_session_status(id.bytes(), true, status, body);
                    });
                }
                Of::Instrument(instrument) => {
                    let Some(stock) = entry.stock(instrument) else { continue };
                    let (symbol, (state, time)) =
                        (stock.instrument.symbol.as_bytes(), self.state(instrument));
                    session.send(now, b"f", output, |body| {
                        market::security_status(id.bytes(), symbol, true, Ok(state), time, body);
                    });
                }
            }
        }
    }
}

impl Market {
    /// An instrument's trading state is this since `time`, 0 if that is not known.
    pub(crate) fn learn(&mut self, instrument: InstrumentId, state: TradingState, time: Nanos) {
        self.statuses.learn(instrument, state, time);
    }

    pub(super) fn status(
        &mut self,
        request: &SecurityStatusRequest<'_>,
        entry: &Entry,
        from: &mut Origin<'_>,
        member: usize,
    ) {
        let stock = entry.stock_called(request.symbol);
        let answer = match (request.subscribe, stock) {
            (Subscribe::Off, _) => match self.end_status(member, request.id, false) {
                true => return,
                false => Err(NOT_SUBSCRIBED),
            },
            (_, None) => Err(UNKNOWN),
            (subscribe, Some(stock)) => {
                let instrument = stock.instrument.id;
                let subscribed = match subscribe {
                    Subscribe::On => self.follow_status(member, request.id, Of::Instrument(instrument)),
                    _ => Ok(()),
                };
                subscribed.map(|()| self.statuses.state(instrument))
            }
        };
        let now = from.head.rx;
        let time = answer.ok().map(|(_, time)| time).filter(|time| time.0 > 0).unwrap_or(now);
        from.session.send(now, b"f", from.output, |body| {
            let state = answer.map(|(state, _)| state);
            market::security_status(request.id, request.symbol, false, state, time, body);
        });
    }

    pub(super) fn session_status(
        &mut self,
        request: &TradingSessionStatusRequest<'_>,
        from: &mut Origin<'_>,
        member: usize,
    ) {
        let answer = match request.subscribe {
            Subscribe::Off => match self.end_status(member, request.id, true) {
                true => return,
                false => Err(NOT_SUBSCRIBED),
            },
            _ if request.session.is_some_and(|session| session != b"1") => Err(NO_SESSION),
            Subscribe::On => self.follow_status(member, request.id, Of::Venue).map(|()| self.statuses.venue),
            Subscribe::Once => Ok(self.statuses.venue),
        };
        from.session.send(from.head.rx, b"h", from.output, |body| {
            market::trading_session_status(request.id, false, answer, body);
        });
    }

    fn follow_status(&mut self, member: usize, id: &[u8], of: Of) -> Result<(), &'static str> {
        let id = RequestId::new(id);
        let is_taken = |other: &Subscription| {
            other.member == member && other.id == id && (other.of == Of::Venue) == (of == Of::Venue)
        };
        if self.statuses.subscriptions.iter().any(is_taken) {
            return Err(IN_USE);
        }
        if self.counts[member] >= MARKET_DATA_SUBSCRIPTIONS_MAX {
            return Err(TOO_MANY);
        }
        self.counts[member] += 1;
        self.statuses.subscriptions.push(Subscription { member, id, of, is_due: false });
        Ok(())
    }

    fn end_status(&mut self, member: usize, id: &[u8], of_venue: bool) -> bool {
        let ended = self.statuses.end(member, RequestId::new(id), of_venue);
        self.counts[member] -= u32::from(ended);
        ended
    }
}
