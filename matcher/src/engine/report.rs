//! Events: numbered, addressed, and complete.

use wire::{
    command::{Head, InstrumentTerms},
    event::{Cause, Definition, Event, Kind},
    limits::NAME_BYTES_MAX,
    types::{AccountId, InstrumentId, Lots, Nanos, OrderStatus, SeqNo, SessionId, Ticks, TradingState},
};

use zerocopy::FromZeros;

use super::{
    Sink,
    register::{Ended, Order, Terms, Traded},
};

/// What a session's events are counted by.
#[derive(Clone, Copy, Default)]
pub(super) struct Voice {
    /// Its last event's place among its own.
    pub(super) appl_seq: u64,
    /// Its last processed inbound message.
    pub(super) msg_seq: u64,
}

/// Numbers events on their way out.
pub(super) struct Reporter {
    pub(super) voices: Box<[Voice]>,
    pub(super) event_id: u64,
    /// Of the command being applied.
    pub(super) seq: SeqNo,
    pub(super) time: Nanos,
    pub(super) rx: Nanos,
}

impl Reporter {
    /// `event_id` is the number before the first event's.
    pub(super) fn new(sessions: usize, event_id: u64) -> Reporter {
        Reporter {
            voices: vec![Voice::default(); sessions].into_boxed_slice(),
            event_id,
            seq: SeqNo(0),
            time: Nanos(0),
            rx: Nanos(0),
        }
    }

    /// What an image has of it: of each session its counts, the last event's number, and the last command's with its time.
    pub(super) fn image(&self) -> (Vec<(u64, u64)>, [u64; 3]) {
        // When a command was received matters only until the next one.
        let Reporter { voices, event_id, seq, time, rx: _ } = self;
        let voices = voices.iter().map(|&Voice { appl_seq, msg_seq }| (appl_seq, msg_seq)).collect();
        (voices, [*event_id, seq.0, time.0])
    }

    /// Makes it what an image says.
    pub(super) fn restore(&mut self, voices: &[(u64, u64)], [event_id, seq, time]: [u64; 3]) {
        (self.event_id, self.seq, self.time) = (event_id, SeqNo(seq), Nanos(time));
        for (own, &(appl_seq, msg_seq)) in self.voices.iter_mut().zip(voices) {
            *own = Voice { appl_seq, msg_seq };
        }
    }

    /// The command that the coming events are caused by.
    pub(super) fn begin(&mut self, seq: SeqNo, time: Nanos, head: &Head) {
        (self.seq, self.time, self.rx) = (seq, time, head.rx);
        // The matcher's own commands have no message behind them.
        if head.msg_seq != 0
            && let Some(voice) = self.voices.get_mut(head.session().0 as usize)
        {
            voice.msg_seq = head.msg_seq;
        }
    }

    /// Numbers `event` and hands it to `sink`. Inlined, so that the event is built where the sink reads it.
    #[inline(always)]
    pub(super) fn send<S: Sink>(&mut self, mut event: Event, sink: &mut S) {
        self.event_id += 1;
        event.event_id = self.event_id;
        (event.seq, event.time, event.rx) = (self.seq, self.time, self.rx);
        // A session that is not in the configuration is answered, but has no count of its own.
        let is_numbered = event.appl_seq != Event::UNNUMBERED;
        event.appl_seq = 0;
        if let Some(voice) = self.voices.get_mut(event.session.0 as usize) {
            if is_numbered {
                voice.appl_seq += 1;
                event.appl_seq = voice.appl_seq;
            }
            event.msg_seq = voice.msg_seq;
        }
        sink.event(event);
    }
}

/// A definition that says nothing yet, but that it is so as of the command `as_of`.
pub(super) fn undefined(kind: Kind, as_of: SeqNo) -> Definition {
    Definition {
        kind,
        state: TradingState::Continuous,
        credit: 0,
        entitled: 0,
        instrument: InstrumentId(0),
        account: AccountId(0),
        session: SessionId(u32::MAX),
        seq: SeqNo(0),
        as_of,
        name: [0; NAME_BYTES_MAX],
        terms: InstrumentTerms::new_zeroed(),
        last: 0,
        reserved: [0; 6],
    }
}

/// How an open order stands.
#[inline(always)]
pub(super) fn of_open(
    kind: Kind,
    terms: Terms,
    (order, traded): (&Order, Traded),
    price: Ticks,
    leaves: Lots,
) -> Event {
    let Traded { notional, cum } = traded;
    Event {
        side: terms.side(),
        order_type: terms.order_type(),
        time_in_force: terms.time_in_force(),
        flags: terms.flags(),
        status: match (leaves, cum) {
            (Lots(0), _) => OrderStatus::Filled,
            (_, Lots(0)) => OrderStatus::New,
            _ => OrderStatus::PartiallyFilled,
        },
        account: order.account,
        instrument: terms.instrument(),
        order_id: order.id,
        price,
        quantity: Lots(leaves.0 + cum.0),
        leaves,
        cum,
        cum_notional: Event::halves(notional),
        cl_ord_id: order.name,
        ..Event::blank(kind, terms.session())
    }
}

/// `event` of an order that is cancelled.
pub(super) const fn canceled(event: Event, cause: Cause) -> Event {
    Event {
        status: OrderStatus::Canceled,
        cause,
        leaves: Lots(0),
        stop: Ticks(0),
        display: Lots(0),
        expire: Nanos(0),
        ..event
    }
}

/// How an ended order stood at its end.
pub(super) const fn of_ended(kind: Kind, ended: &Ended) -> Event {
    let terms = ended.terms;
    Event {
        side: terms.side(),
        order_type: terms.order_type(),
        time_in_force: terms.time_in_force(),
        flags: terms.flags(),
        status: if ended.cum.0 == ended.quantity.0 || terms.is_spent() {
            OrderStatus::Filled
        } else {
            OrderStatus::Canceled
        },
        account: ended.account,
        instrument: terms.instrument(),
        order_id: ended.id,
        price: ended.price,
        quantity: ended.quantity,
        cum: ended.cum,
        cum_notional: ended.notional,
        cl_ord_id: ended.name,
        ..Event::blank(kind, terms.session())
    }
}

/// An answer about an order that is not known.
pub(super) const fn of_unknown(kind: Kind, head: &Head) -> Event {
    let event =
        Event { account: head.account, instrument: head.instrument(), ..Event::blank(kind, head.session()) };
    answering(head, event)
}

/// `event` as part of the answer to the command with `head`.
pub(super) const fn answering(head: &Head, event: Event) -> Event {
    if head.is_part() { Event { appl_seq: Event::UNNUMBERED, ..event } } else { event }
}
