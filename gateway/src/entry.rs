//! What a message becomes: a request a command, or at once its refusal; an event a report.

mod asked;
mod copies;
mod lists;
mod many;
mod positions;
mod replay;
mod streams;

use std::{collections::HashMap, ops::Range};

use wire::{
    command::{Cancel, Display, Head, Kind, NewOrder, OrderRef, Replace, Status, text},
    event::{self, Definition, Event},
    fix::{
        list::{ListRequest, NewOrderList},
        market::Stock,
        mass::{MassQuote, OrderMassCancelRequest, QuoteCancel},
        mass_status::OrderMassStatusRequest,
        message::Message,
        order::{self, NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest, OrderStatusRequest},
        positions::{RequestForPositions, position_report},
        refusal::{BusinessReject, BusinessRejectReason},
        replay::ApplicationMessageRequest,
        report::{self, About, NameField, Refused, Stream},
        session,
        throttle::LimitQuery,
    },
    instrument::Instrument,
    reject::Reject,
    types::{AccountId, ClOrdId, InstrumentId, Lots, Nanos, OrderType, Ticks, TimeInForce},
};
use zerocopy::{Immutable, IntoBytes};

use crate::{
    board::Board,
    config::{Asset, Config},
    definitions::{instrument_of, put},
    gathering::{Gathering, What},
    links::Links,
    session_store::SessionStore,
    throttle::Throttle,
};

pub(crate) use self::{
    copies::Copies,
    replay::{Replay, tell_anew},
    streams::Streams,
};

/// A session, with what outlives this process.
pub(crate) type Session = session::Session<SessionStore>;

/// What is needed to understand a request and to write a report.
pub(crate) struct Entry {
    instruments: Vec<Instrument>,
    /// Of each instrument, Symbol (55).
    symbols: Vec<NameField>,
    by_symbol: HashMap<Box<[u8]>, InstrumentId, foldhash::fast::FixedState>,
    /// Of each account, Account (1).
    accounts: Vec<NameField>,
    by_account: HashMap<Box<[u8]>, AccountId, foldhash::fast::FixedState>,
    assets: Vec<Asset>,
    /// Of each instrument, decimal places of its quote asset's smallest unit.
    quote_scales: Vec<u8>,
    draining: bool,
}

/// Where a request came from and where it may go.
pub(crate) struct Origin<'a> {
    /// The command's head: session, first account, inbound number and time of receipt.
    pub(crate) head: Head,
    /// The accounts it may be for.
    pub(crate) accounts: &'a [AccountId],
    /// Whether the session may trade: one that gets copies of others' reports may not.
    pub(crate) trades: bool,
    /// Whether its reports say when who had them.
    pub(crate) stamps: bool,
    /// Those of its reports.
    pub(crate) streams: &'a Streams,
    /// Those that it has asked for again.
    pub(crate) replay: &'a mut Replay,
    /// What it has sent lately.
    pub(crate) throttle: &'a Throttle,
    /// The session that hears of a refusal.
    pub(crate) session: &'a mut Session,
    /// The ways to the matchers.
    pub(crate) links: &'a mut Links,
    /// Requests to all of them.
    pub(crate) gathering: &'a mut Gathering,
    /// Where the session's output goes.
    pub(crate) output: &'a mut Vec<u8>,
    /// Whether it may have market data.
    pub(crate) market_data: bool,
    /// Where its refusals are counted.
    pub(crate) board: &'a Board,
}

impl Entry {
    pub(crate) fn new(config: &Config) -> Entry {
        let by_symbol = config.instruments.iter().map(|i| (i.symbol.as_bytes().into(), i.id)).collect();
        let by_account =
            (0..).map(AccountId).zip(&config.accounts).map(|(id, name)| (name.as_bytes().into(), id));
        Entry {
            instruments: config.instruments.clone(),
            symbols: config.instruments.iter().map(|i| NameField::field("55=", &i.symbol)).collect(),
            by_symbol,
            accounts: config.accounts.iter().map(|name| NameField::field("1=", name)).collect(),
            by_account: by_account.collect(),
            assets: config.assets.clone(),
            quote_scales: config.instruments.iter().map(|i| scale_of(&config.assets, &i.quote)).collect(),
            draining: false,
        }
    }

    /// Takes no new orders from now on; whether that is new.
    pub(crate) const fn set_draining(&mut self) -> bool {
        !std::mem::replace(&mut self.draining, true)
    }

    /// The name of an instrument.
    pub(crate) fn symbol(&self, instrument: InstrumentId) -> Option<&str> {
        self.instruments.get(instrument.0 as usize).map(|instrument| instrument.symbol.as_str())
    }

    /// Takes in what the matcher tells of an instrument or account: one there is, or the next one. Others have not
    /// been told of yet, which cannot be, and would be refused as unknown.
    pub(crate) fn learn(&mut self, definition: &Definition) {
        if definition.kind == event::Kind::Account {
            let name = text(&definition.name).unwrap_or_default();
            self.by_account.insert(name.as_bytes().into(), definition.account);
            put(&mut self.accounts, definition.account.0, NameField::field("1=", name));
        } else if let Some(instrument) = instrument_of(definition, &self.assets) {
            self.by_symbol.insert(instrument.symbol.as_bytes().into(), instrument.id);
            put(&mut self.symbols, instrument.id.0, NameField::field("55=", &instrument.symbol));
            put(&mut self.quote_scales, instrument.id.0, scale_of(&self.assets, &instrument.quote));
            put(&mut self.instruments, instrument.id.0, instrument);
        }
    }

    /// Whether enough is known to report `event`: a gateway that takes over finds events of instruments and accounts
    /// that its predecessor had been told of.
    pub(crate) fn knows(&self, event: &Event) -> bool {
        (event.instrument.0 as usize) < self.instruments.len()
            && (event.account.0 as usize) < self.accounts.len()
    }

    /// An event of a shard to the next report of `stream`, or, for a session that watches its account, to a copy of that report.
    pub(crate) fn report(
        &self,
        now: Nanos,
        (shard, event): (usize, &Event),
        stream: &Stream,
        stamps: bool,
        session: &mut Session,
        output: &mut Vec<u8>,
    ) {
        let at = event.instrument.0 as usize;
        let instrument = self.instruments.get(at).zip(self.symbols.get(at));
        let account = self.accounts.get(event.account.0 as usize);
        // Both are numbers that this gateway has put into a command.
        let (Some((instrument, symbol)), Some(account)) = (instrument, account) else { return };
        let quote_scale = self.quote_scales.get(at).copied().unwrap_or_default();
        let about = About { instrument, symbol, account, quote_scale, stamps };
        let Some(msg_type) = report::msg_type(event) else { return };
        let appl_seq = match stream.is_of_copies() {
            false => event.appl_seq,
            true => session.store().last_report(shard) + 1,
        };
        session.store_mut().number_next(appl_seq);
        session.send(now, msg_type, output, |body| {
            // The number is of the session whose report it is.
            if stamps && !stream.is_of_copies() {
                report::last_processed(event.msg_seq, body);
            }
            if !event.is_part() {
                stream.number(appl_seq, body);
            } else if event.kind == event::Kind::Balance {
                stream.name(body);
            }
            match self.asset_of(event) {
                None => report::encode(event, &about, body),
                Some(asset) => position_report(event, account, &asset.name, asset.scale, body),
            }
        });
    }

    /// A request to a command, or its refusal.
    pub(crate) fn take(&self, message: &Message<'_>, mut from: Origin<'_>) {
        let taken = match message.msg_type {
            b"D" | b"E" | b"F" | b"G" | b"H" | b"K" | b"M" | b"Z" | b"i" | b"q" | b"AF" | b"AN"
                if !from.trades =>
            {
                Err(BusinessReject { reason: BusinessRejectReason::NotAuthorized, tag: None }.into())
            }
            NewOrderSingle::MSG_TYPE => NewOrderSingle::parse(message).map(|r| self.new_order(&r, &mut from)),
            OrderCancelRequest::MSG_TYPE => {
                OrderCancelRequest::parse(message).map(|r| self.cancel(&r, &mut from))
            }
            OrderCancelReplaceRequest::MSG_TYPE => {
                OrderCancelReplaceRequest::parse(message).map(|r| self.replace(&r, &mut from))
            }
            OrderStatusRequest::MSG_TYPE => {
                OrderStatusRequest::parse(message).map(|r| self.status(&r, &mut from))
            }
            OrderMassCancelRequest::MSG_TYPE => {
                OrderMassCancelRequest::parse(message).map(|r| self.mass_cancel(&r, &mut from))
            }
            MassQuote::MSG_TYPE => MassQuote::parse(message).map(|r| self.mass_quote(&r, &mut from)),
            QuoteCancel::MSG_TYPE => QuoteCancel::parse(message).map(|r| self.quote_cancel(&r, &mut from)),
            ApplicationMessageRequest::MSG_TYPE => ApplicationMessageRequest::parse(message)
                .map(|r| from.replay.take(from.head.rx, &r, from.streams, from.session, from.output)),
            LimitQuery::MSG_TYPE => LimitQuery::parse(message).map(|query| limits(&query, &mut from)),
            NewOrderList::MSG_TYPE => NewOrderList::parse(message).map(|r| self.new_list(&r, &mut from)),
            OrderMassStatusRequest::MSG_TYPE => {
                OrderMassStatusRequest::parse(message).map(|r| self.mass_status(&r, &mut from))
            }
            RequestForPositions::MSG_TYPE => {
                RequestForPositions::parse(message).map(|r| self.positions(&r, &mut from))
            }
            ListRequest::CANCEL | ListRequest::STATUS => {
                ListRequest::parse(message).map(|r| self.list_request(&r, &mut from))
            }
            _ => {
                Err(BusinessReject { reason: BusinessRejectReason::UnsupportedMessageType, tag: None }.into())
            }
        };
        if let Err(refusal) = taken {
            from.session.refuse(from.head.rx, message, refusal, from.output);
        }
    }

    fn new_order(&self, request: &NewOrderSingle<'_>, from: &mut Origin<'_>) {
        let command = self.order_command(request, from);
        if let Err(reject) = command.and_then(|command| from.send(command.head.instrument(), &command)) {
            let refused = self.refused(reject, request.symbol, from);
            from.session.send(from.head.rx, b"8", from.output, |body| refused.order(request, body));
        }
    }

    /// The command that a new order is.
    #[inline]
    fn order_command(&self, request: &NewOrderSingle<'_>, from: &Origin<'_>) -> Result<NewOrder, Reject> {
        let (head, instrument, cl_ord_id) =
            self.named(request.symbol, request.account, request.cl_ord_id, from)?;
        if self.draining {
            return Err(Reject::Draining);
        }
        let terms = &request.terms;
        let time_in_force = terms.time_in_force.map_or(Some(TimeInForce::Day), |coded| coded.value);
        let coded = (request.side.value, terms.order_type.value, time_in_force);
        let (Some(side), Some(order_type), Some(time_in_force)) = coded else {
            return Err(Reject::UnsupportedOrder);
        };
        let (flag, part) = match terms.minimum {
            Some(minimum) => (NewOrder::MINIMUM, Some(minimum)),
            None => (0, terms.display),
        };
        let (kind, quantity) = match terms.amount {
            Some(amount) => (NewOrder::QUOTE_AMOUNT, instrument.amount(amount)),
            None => (0, instrument.lots(terms.quantity)),
        };
        let bit = |bit, set| if set { bit } else { 0 };
        Ok(NewOrder {
            head: head.with_kind(Kind::New),
            cl_ord_id,
            side,
            order_type,
            time_in_force,
            flags: flag
                | kind
                | bit(NewOrder::POST_ONLY, terms.post_only)
                | bit(NewOrder::INEXPRESSIBLE, terms.not_offered.is_some())
                | terms.self_trade.map_or(0, NewOrder::self_trade_flags),
            price: terms.price.map_or(Ticks(0), |price| instrument.ticks(price)),
            quantity,
            stop: terms.stop.map_or(Ticks(0), |stop| instrument.ticks(stop)),
            display: part.map_or(Lots(0), |part| instrument.lots(part)),
            expire: terms.expire.unwrap_or_default(),
        })
    }

    fn cancel(&self, request: &OrderCancelRequest<'_>, from: &mut Origin<'_>) {
        let named = self.named(request.symbol, request.account, request.cl_ord_id, from);
        let command = named.and_then(|(head, _, cl_ord_id)| {
            let order = OrderRef::new(request.target().ok_or(Reject::UnknownOrder)?);
            // No order here has another side than those that are offered.
            request.side.value.ok_or(Reject::OrderMismatch)?;
            Ok(Cancel { head: head.with_kind(Kind::Cancel), cl_ord_id, order })
        });
        if let Err(reject) = command.and_then(|command| from.send(command.head.instrument(), &command)) {
            let refused = self.refused(reject, request.symbol, from);
            from.session.send(from.head.rx, b"9", from.output, |body| refused.cancel(request, body));
        }
    }

    fn replace(&self, request: &OrderCancelReplaceRequest<'_>, from: &mut Origin<'_>) {
        let named = self.named(request.symbol, request.account, request.cl_ord_id, from);
        let command = named.and_then(|(head, instrument, cl_ord_id)| {
            if self.draining {
                return Err(Reject::Draining);
            }
            let order = OrderRef::new(request.target().ok_or(Reject::UnknownOrder)?);
            // No order here has another side than those that are offered.
            let side = request.side.value.ok_or(Reject::OrderMismatch)?;
            let terms = &request.terms;
            // What stands in the book or waits for its stop price is no market order.
            let standing = matches!(
                terms.order_type.value,
                Some(OrderType::Limit | OrderType::StopLimit | OrderType::Stop | OrderType::TrailingStop)
            );
            if !standing || terms.not_offered.is_some() {
                return Err(Reject::UnsupportedOrder);
            }
            Ok(Replace {
                head: head.with_kind(Kind::Replace),
                cl_ord_id,
                order,
                price: terms.price.map_or(Ticks(0), |price| instrument.ticks(price)),
                quantity: instrument.lots(terms.quantity),
                side,
                display: terms.display.map_or(Display::NONE, |part| Display::new(instrument.lots(part))),
            })
        });
        if let Err(reject) = command.and_then(|command| from.send(command.head.instrument(), &command)) {
            let refused = self.refused(reject, request.symbol, from);
            from.session.send(from.head.rx, b"9", from.output, |body| refused.replace(request, body));
        }
    }

    fn status(&self, request: &OrderStatusRequest<'_>, from: &mut Origin<'_>) {
        let name = request.request_id.unwrap_or(request.cl_ord_id);
        let named = self.named(request.symbol, request.account, name, from);
        let command = named.and_then(|(head, _, name)| {
            let order = OrderRef::new(request.target().ok_or(Reject::UnknownOrder)?);
            let request_id = if request.request_id.is_some() { name } else { ClOrdId::NONE };
            // No order here has another side than those that are offered.
            let side = request.side.value.ok_or(Reject::UnknownOrder)?;
            Ok(Status { head: head.with_kind(Kind::Status), request_id, order, side, reserved: [0; 7] })
        });
        if let Err(reject) = command.and_then(|command| from.send(command.head.instrument(), &command)) {
            let refused = self.refused(reject, request.symbol, from);
            from.session.send(from.head.rx, b"8", from.output, |body| refused.status(request, body));
        }
    }

    /// What every request names: instrument, account, itself.
    fn named(
        &self,
        symbol: &[u8],
        account: Option<&[u8]>,
        cl_ord_id: &[u8],
        from: &Origin<'_>,
    ) -> Result<(Head, &Instrument, ClOrdId), Reject> {
        let instrument = self.instrument(symbol).ok_or(Reject::UnknownInstrument)?;
        let cl_ord_id = order::cl_ord_id(cl_ord_id).ok_or(Reject::BadClOrdId)?;
        let account = self.entitled(account, from)?;
        Ok((from.head.with_account(account).with_instrument(instrument.id), instrument, cl_ord_id))
    }

    /// The account that a request names, or the session's first.
    fn entitled(&self, account: Option<&[u8]>, from: &Origin<'_>) -> Result<AccountId, Reject> {
        let Some(name) = account else { return Ok(from.head.account) };
        let account = self.by_account.get(name).filter(|account| from.accounts.contains(account));
        account.copied().ok_or(Reject::NotEntitled)
    }

    /// How many instruments there are.
    pub(crate) const fn stocks(&self) -> usize {
        self.instruments.len()
    }

    /// The instrument of this number.
    pub(crate) fn stock(&self, id: InstrumentId) -> Option<Stock<'_>> {
        let at = id.0 as usize;
        Some(Stock { instrument: self.instruments.get(at)?, symbol: self.symbols.get(at)? })
    }

    /// Instruments by their numbers, which must be there.
    pub(crate) fn stocks_from(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = Stock<'_>> {
        let both = self.instruments[range.clone()].iter().zip(&self.symbols[range]);
        both.map(|(instrument, symbol)| Stock { instrument, symbol })
    }

    /// The instrument of this name.
    pub(crate) fn stock_called(&self, symbol: &[u8]) -> Option<Stock<'_>> {
        self.by_symbol.get(symbol).and_then(|&id| self.stock(id))
    }

    fn instrument(&self, symbol: &[u8]) -> Option<&Instrument> {
        self.by_symbol.get(symbol).and_then(|id| self.instruments.get(id.0 as usize))
    }

    fn refused(&self, reject: Reject, symbol: &[u8], from: &Origin<'_>) -> Refused<'_> {
        from.board.rejects.add(reject);
        // Unlike all others: one request has one refusal, and its number goes up with the session's messages.
        let id = from.head.rx.0.saturating_add(from.head.msg_seq);
        let Head { rx: time, msg_seq, .. } = from.head;
        Refused { reject, instrument: self.instrument(symbol), id, time, msg_seq, stamps: from.stamps }
    }
}

fn scale_of(assets: &[Asset], name: &str) -> u8 {
    assets.iter().find(|asset| asset.name == name).map_or(0, |asset| asset.scale)
}

/// Tells what the session has used of its limits.
fn limits(query: &LimitQuery<'_>, from: &mut Origin<'_>) {
    let used = from.throttle.used(from.head.rx.0);
    from.session.send(from.head.rx, LimitQuery::ANSWER, from.output, |body| query.answer(used, body));
}

impl Origin<'_> {
    /// Sends a command about `instrument` to its matcher.
    #[inline]
    fn send<C>(&mut self, instrument: InstrumentId, command: &C) -> Result<(), Reject>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        self.send_first(self.links.serving().of(instrument), command, 1)
    }

    /// Sends all matchers a command, whose head is `head`: their answers are told as one.
    fn send_all<C>(&mut self, asked: (What, ClOrdId), head: &Head, command: &C) -> Result<(), Reject>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        let Origin { gathering, links, session, .. } = self;
        let next_in = session.next_in();
        let promise = |shard, commands| session.store_mut().promise(shard, next_in, commands);
        gathering.ask(asked, (head, command), links, promise)
    }

    /// Sends `shard` the first of `count` commands that are to come of the message.
    fn send_first<C>(&mut self, shard: usize, command: &C, count: u64) -> Result<(), Reject>
    where
        C: IntoBytes + Immutable + ?Sized,
    {
        let link = self.links.at(shard)?;
        // The message counts if all its commands are in the ring. Killed before the last of them is, it does not, and
        // the client is asked for it again: of quotes that are off already, taking them off does no more.
        let next_in = self.session.next_in();
        self.session.store_mut().promise(shard, next_in, link.commands(count));
        link.send(command).then_some(()).ok_or(Reject::Busy)
    }
}
